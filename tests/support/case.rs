//! The checks themselves, on rows of numbers: what [`super::check`] and its siblings make of a call.

use std::cell::RefCell;
use std::collections::HashMap;

use super::differences::{Estimate, derivative, derivative_near};
use super::flat::{Flat, Observed, observe};
use super::lanes::{check_lanes, observed_lanes};
use grad::__private::EachLane;

/// A function with one float as its result.
pub(crate) struct Scalar<'a> {
    pub(crate) name: &'static str,
    pub(crate) start: Vec<f64>,
    pub(crate) single: bool,
    /// The hand-written gradient at `start`.
    pub(crate) wanted: Option<Vec<f64>>,
    /// The function and its derivatives: which of them, where, and the tangents or the buffers that it takes. One closure for
    /// all of them is less to compile than one for each.
    pub(crate) call: &'a dyn Fn(Way<'_>, &[f64], &[f64]) -> Answer,
    /// `grad_into` is asked for.
    pub(crate) into: bool,
    /// `hvp` and `hvp_n` are asked for.
    pub(crate) second: bool,
}

/// What is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way<'a> {
    Primal,
    Grad,
    ValueAndGrad,
    /// With a seed.
    Vjp(f64),
    VjpAdd(f64),
    GradInto,
    Jvp,
    JvpN,
    Hvp,
    /// Along three directions at once.
    HvpN(&'a [Vec<f64>; 3]),
}

/// What a call returned: a value, or a gradient; what is beside it; and what is beside it in lanes.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) first: Observed,
    pub(crate) beside: Observed,
    pub(crate) lanes: [Observed; 3],
}

impl Answer {
    pub(crate) fn of(first: &impl Flat) -> Answer {
        Answer { first: observe(first), ..Answer::default() }
    }

    pub(crate) fn with((first, beside): &(impl Flat, impl Flat)) -> Answer {
        Answer { beside: observe(beside), ..Answer::of(first) }
    }

    pub(crate) fn in_lanes<L: EachLane>((first, lanes): &(impl Flat, L)) -> Answer
    where
        L::One: Flat,
    {
        Answer { lanes: observed_lanes(lanes), ..Answer::of(first) }
    }
}

/// A function with any result, or with outputs among its arguments.
pub(crate) struct Products<'a> {
    pub(crate) name: &'static str,
    pub(crate) start: Vec<f64>,
    /// Which of the inputs are the old content of an output.
    pub(crate) is_output: Vec<bool>,
    pub(crate) single: bool,
    /// All results, outputs last.
    pub(crate) primal: &'a dyn Fn(&[f64]) -> Observed,
    pub(crate) vjp: Option<&'a dyn Fn(&[f64], &[f64]) -> (Observed, Observed)>,
    pub(crate) vjp_add: &'a dyn Fn(&[f64], &[f64], &[f64]) -> (Observed, Observed),
    /// All results and their tangents, for the tangents of all inputs.
    pub(crate) jvp: &'a dyn Fn(&[f64], &[f64]) -> (Observed, Observed),
}

impl Scalar<'_> {
    fn primal(&self, at: &[f64]) -> Observed {
        (self.call)(Way::Primal, at, &[]).first
    }

    fn grad(&self, at: &[f64]) -> Observed {
        (self.call)(Way::Grad, at, &[]).first
    }

    /// What is returned beside a value, or a gradient.
    fn both(&self, way: Way<'_>, at: &[f64], beside: &[f64]) -> (Observed, Observed) {
        let answer = (self.call)(way, at, beside);
        (answer.first, answer.beside)
    }

    #[track_caller]
    pub(crate) fn check(&self) {
        let precision = Precision::of(self.single);
        let (mut tally, mut second_tally) = (Tally::default(), Tally::default());
        for (k, at) in points(&self.start).iter().enumerate() {
            let cx = format!("{} at {at:?}", self.name);
            let wanted = self.wanted.as_ref().filter(|_| k == 0);
            let estimates = differences(&|x| self.primal(x).floats[0], at, precision);
            let trusted = tally.count(&cx, &estimates, precision);
            if let Some(wanted) = wanted {
                same_length(&cx, "hand-written gradient", wanted, at);
                agree_with_differences(
                    &cx,
                    "the hand-written gradient",
                    wanted,
                    &estimates,
                    &trusted,
                    precision,
                );
            }
            let gradient = self.every_way(&cx, at, precision);
            same_length(&cx, "gradient", &gradient, at);
            if let Some(wanted) = wanted {
                close(&cx, "grad", &gradient, "the hand-written gradient", wanted, precision.by_hand);
            }
            agree_with_differences(&cx, "grad", &gradient, &estimates, &trusted, precision);
            if self.second {
                let directions = directions(at);
                let products = self.products(&cx, at, &directions, &gradient, precision);
                symmetric(&cx, &directions, &products, precision);
                self.products_and_differences(&cx, at, &directions, &products, &mut second_tally);
            }
        }
        tally.finish(self.name, self.wanted.is_some());
        second_tally.finish_second(self.name);
    }

    /// What differences of the gradient along each direction say about the products.
    #[track_caller]
    fn products_and_differences(
        &self,
        cx: &str,
        at: &[f64],
        directions: &[Vec<f64>; 3],
        products: &[Vec<f64>; 3],
        tally: &mut Tally,
    ) {
        let precision = Precision::of(self.single);
        for (direction, product) in directions.iter().zip(products) {
            let cx = format!("{cx} along {direction:?}");
            let estimates = differences_along(&|x| self.grad(x).floats, at, direction, precision);
            let trusted = tally.count(&cx, &estimates, precision);
            agree_with_differences(&cx, "the product of hvp", product, &estimates, &trusted, precision);
        }
    }

    #[track_caller]
    pub(crate) fn check_exactly(&self) {
        let cx = format!("{} at {:?}", self.name, self.start);
        let precision = Precision::of(self.single);
        let gradient = self.every_way(&cx, &self.start, precision);
        let wanted = self.wanted.as_deref().expect("`exactly!` states a gradient");
        assert!(identical(&gradient, wanted), "{cx}: the gradient is {gradient:?} instead of {wanted:?}");
        if self.second {
            self.products(&cx, &self.start, &directions(&self.start), &gradient, precision);
        }
    }

    /// The gradient, which is the same by every way to get it, as is the value.
    #[track_caller]
    fn every_way(&self, cx: &str, at: &[f64], precision: Precision) -> Vec<f64> {
        let value = self.primal(at);
        let gradient = self.grad(at);
        assert_eq!(self.grad(at).bits, gradient.bits, "{cx}: grad, called twice");
        let gradient = gradient.floats;

        let (found, and_gradient) = self.both(Way::ValueAndGrad, at, &[]);
        assert_eq!(found.bits, value.bits, "{cx}: value of value_and_grad {found:?} instead of {value:?}");
        close(cx, "value_and_grad", &and_gradient.floats, "grad", &gradient, precision.same);

        let (found, pulled) = self.both(Way::Vjp(1.0), at, &[]);
        assert_eq!(found.bits, value.bits, "{cx}: value of vjp {found:?} instead of {value:?}");
        close(cx, "vjp for a seed of 1", &pulled.floats, "grad", &gradient, precision.same);
        let (_, pulled) = self.both(Way::Vjp(-2.5), at, &[]);
        let scaled: Vec<f64> = gradient.iter().map(|g| -2.5 * g).collect();
        close(cx, "vjp for a seed of -2.5", &pulled.floats, "-2.5 grad", &scaled, precision.same);

        let preloaded = preload(at.len());
        let (found, buffers) = self.both(Way::VjpAdd(1.0), at, &preloaded);
        assert_eq!(found.bits, value.bits, "{cx}: value of vjp_add {found:?} instead of {value:?}");
        let added: Vec<f64> = gradient.iter().zip(&preloaded).map(|(g, old)| old + g).collect();
        close(cx, "vjp_add", &buffers.floats, "what was there + grad", &added, precision.same);

        if self.into {
            let (found, buffers) = self.both(Way::GradInto, at, &preloaded);
            assert_eq!(found.bits, value.bits, "{cx}: value of grad_into {found:?} instead of {value:?}");
            close(cx, "grad_into", &buffers.floats, "grad", &gradient, precision.same);
        }
        for k in 0..at.len() + 2 {
            // Along each axis, where the other tangents are exactly 0, and in two other directions.
            let along =
                |i: usize| if k < at.len() { f64::from(u8::from(i == k)) } else { pseudo_random(i + 77 * k) };
            let tangents: Vec<f64> = (0..at.len()).map(along).collect();
            let one = self.both(Way::Jvp, at, &tangents);
            let wide = (self.call)(Way::JvpN, at, &tangents);
            check_lanes(self.name, &wide.first, &wide.lanes, &one);
            let (found, tangent) = one;
            assert_eq!(found.bits, value.bits, "{cx}: value of jvp {found:?} instead of {value:?}");
            adjoint(cx, &gradient, &tangents, &[1.0], &tangent.floats[..1], precision);
        }
        gradient
    }

    /// The products with some directions, which are the same one at a time and side by side.
    #[track_caller]
    fn products(
        &self,
        cx: &str,
        at: &[f64],
        directions: &[Vec<f64>; 3],
        gradient: &[f64],
        precision: Precision,
    ) -> [Vec<f64>; 3] {
        let products = directions.each_ref().map(|direction| {
            let (found, product) = self.both(Way::Hvp, at, direction);
            close(cx, "the gradient of hvp", &found.floats, "grad", gradient, precision.same);
            same_length(cx, "product of hvp", &product.floats, at);
            product.floats
        });
        let wide = (self.call)(Way::HvpN(directions), at, &[]);
        let lanes = wide.lanes;
        close(cx, "the gradient of hvp_n", &wide.first.floats, "grad", gradient, precision.same);
        for (lane, product) in lanes.iter().zip(&products) {
            close(cx, "a lane of hvp_n", &lane.floats, "the product of hvp", product, precision.same);
        }
        products
    }
}

/// ⟨u, H v⟩ = ⟨v, H u⟩
#[track_caller]
fn symmetric(cx: &str, directions: &[Vec<f64>; 3], products: &[Vec<f64>; 3], precision: Precision) {
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        let (u, v, hu, hv) = (&directions[i], &directions[j], &products[i], &products[j]);
        let terms = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<f64>>();
        let (uhv, vhu) = (terms(u, hv), terms(v, hu));
        let scale: f64 = uhv.iter().chain(&vhu).map(|term| term.abs()).sum();
        let (uhv, vhu): (f64, f64) = (uhv.iter().sum(), vhu.iter().sum());
        assert!(
            (uhv - vhu).abs() <= precision.by_hand * scale,
            "{cx}: the Hessian times {u:?} is {hu:?}, times {v:?} it is {hv:?}: {uhv:?} is not {vhu:?}"
        );
    }
}

/// ⟨x̄, ẋ⟩ = ⟨ȳ, ẏ⟩, where what is exactly 0 does not count, whatever it meets.
#[track_caller]
fn adjoint(cx: &str, x_bar: &[f64], x_dot: &[f64], y_bar: &[f64], y_dot: &[f64], precision: Precision) {
    let product = |a: &[f64], b: &[f64]| -> (f64, f64) {
        assert_eq!(a.len(), b.len(), "{cx}: {a:?} and {b:?}");
        let terms = a.iter().zip(b).filter(|(a, b)| **a != 0.0 && **b != 0.0).map(|(a, b)| a * b);
        terms.fold((0.0, 0.0), |(sum, size), term: f64| (sum + term, size + term.abs()))
    };
    let ((reverse, size), (forward, other)) = (product(x_bar, x_dot), product(y_bar, y_dot));
    // Both come out of numbers as large as the largest cotangent.
    let largest = x_bar.iter().map(|x| x.abs()).filter(|x| x.is_finite()).fold(size.max(other), f64::max);
    assert!(
        (reverse - forward).abs() <= precision.same * largest || identical(&[forward], &[reverse]),
        "{cx}: along {x_dot:?} the tangent is {y_dot:?}, but the cotangent is {x_bar:?}: {forward:?} is not {reverse:?}"
    );
}

impl Products<'_> {
    #[track_caller]
    pub(crate) fn check(&self) {
        let precision = Precision::of(self.single);
        let mut tally = Tally::default();
        for (k, at) in points(&self.start).iter().enumerate() {
            let cx = format!("{} at {at:?}", self.name);
            let value = (self.primal)(at);
            // Seeds of the results and of the outputs, in the order of `primal`.
            let seeds: Vec<f64> = (0..value.floats.len()).map(|i| pseudo_random(i + 100 * k + 7)).collect();
            let outputs = self.is_output.iter().filter(|&&is| is).count();
            let (seed, output_seeds) = seeds.split_at(seeds.len() - outputs);

            let weighted = |x: &[f64]| {
                let floats = (self.primal)(x).floats;
                assert_eq!(floats.len(), seeds.len(), "{cx}: as many results at every point");
                floats.iter().zip(&seeds).map(|(value, seed)| value * seed).sum()
            };
            let estimates = differences(&weighted, at, precision);
            let trusted = tally.count(&cx, &estimates, precision);

            let mut buffers = preload(at.len());
            let mut preloaded = buffers.clone();
            let mut output_seeds = output_seeds.iter();
            for (i, _) in self.is_output.iter().enumerate().filter(|(_, is)| **is) {
                buffers[i] = *output_seeds.next().expect("one seed an output");
                // Replaced, not added to.
                preloaded[i] = 0.0;
            }
            let (found, after) = (self.vjp_add)(at, seed, &buffers);
            assert_eq!(found.bits, value.bits, "{cx}: value of vjp_add {found:?} instead of {value:?}");
            let (_, again) = (self.vjp_add)(at, seed, &buffers);
            assert_eq!(again.bits, after.bits, "{cx}: vjp_add, called twice");
            let gradient: Vec<f64> =
                after.floats.iter().zip(&preloaded).map(|(new, old)| new - old).collect();
            agree_with_differences(&cx, "vjp_add", &gradient, &estimates, &trusted, precision);

            for k in 0..at.len() + 2 {
                let along = |i: usize| {
                    if k < at.len() { f64::from(u8::from(i == k)) } else { pseudo_random(i + 77 * k) }
                };
                let tangents: Vec<f64> = (0..at.len()).map(along).collect();
                let (found, tangent) = (self.jvp)(at, &tangents);
                assert_eq!(found.bits, value.bits, "{cx}: value of jvp {found:?} instead of {value:?}");
                adjoint(&cx, &gradient, &tangents, &seeds, &tangent.floats, precision);
            }

            if let Some(vjp) = self.vjp {
                let (found, pulled) = vjp(at, seed);
                assert_eq!(found.bits, value.bits, "{cx}: value of vjp {found:?} instead of {value:?}");
                same_length(&cx, "pullback", &pulled.floats, at);
                let added: Vec<f64> = pulled.floats.iter().zip(&preloaded).map(|(g, old)| old + g).collect();
                close(&cx, "vjp_add", &after.floats, "what was there + vjp", &added, precision.same);
                agree_with_differences(&cx, "vjp", &pulled.floats, &estimates, &trusted, precision);
            }
        }
        tally.finish(self.name, false);
    }
}

/// How close is close.
#[derive(Clone, Copy)]
struct Precision {
    /// Rounding of one evaluation.
    epsilon: f64,
    /// Between two ways to the same gradient.
    same: f64,
    /// Between the gradient and a formula that rounds differently.
    by_hand: f64,
    /// A relative error of differences above this one is no estimate...
    unusable: f64,
    /// ... derivatives smaller than this counting as this large.
    smallest: f64,
    /// Between the gradient and differences, beside their own error.
    floor: f64,
}

impl Precision {
    fn of(single: bool) -> Precision {
        if single {
            Precision { epsilon: 6e-8, same: 1e-5, by_hand: 2e-5, unusable: 5e-2, smallest: 0.1, floor: 2e-3 }
        } else {
            Precision {
                epsilon: f64::EPSILON,
                same: 1e-13,
                by_hand: 1e-12,
                unusable: 1e-6,
                smallest: 1e-3,
                floor: 1e-9,
            }
        }
    }
}

/// Two directions that change every number by about as much as it is large, and one that changes every other number.
fn directions(at: &[f64]) -> [Vec<f64>; 3] {
    std::array::from_fn(|k| {
        let size = |x: f64| if x.is_finite() { x.abs().max(0.1) } else { 1.0 };
        let moves = |i: usize| k < 2 || i.is_multiple_of(2);
        let along = |(i, x): (usize, &f64)| {
            if moves(i) { size(*x) * pseudo_random(i + 53 * k + 5) } else { 0.0 }
        };
        at.iter().enumerate().map(along).collect()
    })
}

/// The given point and two near by, so that not all numbers are round.
fn points(start: &[f64]) -> Vec<Vec<f64>> {
    (0..3)
        .map(|k| {
            let shift = |i: usize| if k == 0 { 0.0 } else { 2e-3 * pseudo_random(i + 31 * k) };
            start.iter().enumerate().map(|(i, x)| x + shift(i) * x.abs().max(0.1)).collect()
        })
        .collect()
}

/// In [-1, 1] and never 0: a few bits of a multiplicative hash.
#[expect(clippy::cast_precision_loss, reason = "eleven bits")]
fn pseudo_random(i: usize) -> f64 {
    let hash = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 53;
    (hash as f64 - 1023.5) / 1023.5
}

fn preload(len: usize) -> Vec<f64> {
    (0..len).map(|i| 0.25 + pseudo_random(i + 1000)).collect()
}

fn differences(f: &dyn Fn(&[f64]) -> f64, at: &[f64], precision: Precision) -> Vec<Estimate> {
    (0..at.len())
        .map(|i| {
            let along = |x: f64| {
                let mut moved = at.to_vec();
                moved[i] = x;
                f(&moved)
            };
            let mut estimate = derivative(along, at[i], precision.epsilon);
            // What rounding of the value alone may do to a derivative that is much smaller than the value.
            estimate.error += 100.0 * precision.epsilon * f(at).abs();
            estimate
        })
        .collect()
}

/// The derivative of each component of the gradient along a direction.
fn differences_along(
    gradient: &dyn Fn(&[f64]) -> Vec<f64>,
    at: &[f64],
    direction: &[f64],
    precision: Precision,
) -> Vec<Estimate> {
    // All components are differentiated with the same steps.
    let known = RefCell::new(HashMap::new());
    let component = |t: f64, i: usize| {
        let compute = || {
            let moved: Vec<f64> = at.iter().zip(direction).map(|(x, v)| x + (t - 1.0) * v).collect();
            gradient(&moved)
        };
        known.borrow_mut().entry(t.to_bits()).or_insert_with(compute)[i]
    };
    let largest = gradient(at).iter().map(|g| g.abs()).fold(0.0, f64::max);
    (0..at.len())
        .map(|i| {
            // Steps are relative to 1, and the direction is as large as the point.
            let mut estimate = derivative(|t| component(t, i), 1.0, precision.epsilon);
            let near = derivative_near(|t| component(t, i), 1.0, precision.epsilon);
            if (estimate.value - near.value).abs() > 20.0 * (estimate.error + near.error) {
                // Large steps lead to another piece of the function.
                estimate = near;
            }
            estimate.error += 100.0 * precision.epsilon * largest;
            estimate
        })
        .collect()
}

/// How many partial derivatives were compared with differences, and how many could not be.
#[derive(Default)]
struct Tally {
    compared: usize,
    skipped: usize,
}

impl Tally {
    /// Which of the estimates are good enough to judge a gradient by.
    fn count(&mut self, cx: &str, estimates: &[Estimate], precision: Precision) -> Vec<bool> {
        let largest = estimates.iter().map(|e| e.value.abs()).filter(|v| v.is_finite()).fold(0.0, f64::max);
        let usable = |(i, e): (usize, &Estimate)| {
            let is =
                e.error <= precision.unusable * e.value.abs().max(1e-2 * largest).max(precision.smallest);
            if is {
                self.compared += 1;
            } else {
                self.skipped += 1;
                println!("skipped: {cx}: differences along number {i} are {:e} ± {:e}", e.value, e.error);
            }
            is
        };
        estimates.iter().enumerate().map(usable).collect()
    }

    /// As [`Tally::finish`], for the products with the Hessian, whose symmetry is a witness, too.
    #[track_caller]
    fn finish_second(&self, name: &str) {
        assert!(
            self.compared >= self.skipped,
            "{name}: differences of the gradient are too bad for {} of {} numbers",
            self.skipped,
            self.compared + self.skipped,
        );
    }

    #[track_caller]
    fn finish(&self, name: &str, by_hand: bool) {
        let all = self.compared + self.skipped;
        // Another witness may stand in for half of the points, never for all of them.
        let limit = if by_hand { all / 2 } else { all / 4 };
        assert!(
            self.skipped <= limit && (all == 0 || self.compared > 0),
            "{name}: differences are too bad for {} of {all} partial derivatives",
            self.skipped,
        );
    }
}

#[track_caller]
fn same_length(cx: &str, what: &str, numbers: &[f64], at: &[f64]) {
    assert_eq!(numbers.len(), at.len(), "{cx}: the {what} has {} numbers: {numbers:?}", numbers.len());
}

#[track_caller]
fn close(cx: &str, what: &str, found: &[f64], than: &str, wanted: &[f64], tolerance: f64) {
    assert_eq!(found.len(), wanted.len(), "{cx}: {what} is {found:?}, but {than} is {wanted:?}");
    let largest = wanted.iter().map(|w| w.abs()).filter(|w| w.is_finite()).fold(0.0, f64::max);
    for (f, w) in found.iter().zip(wanted) {
        assert!(
            (f - w).abs() <= tolerance * largest || identical(&[*f], &[*w]),
            "{cx}: {what} is {found:?}, but {than} is {wanted:?}"
        );
    }
}

#[track_caller]
fn agree_with_differences(
    cx: &str,
    what: &str,
    gradient: &[f64],
    estimates: &[Estimate],
    trusted: &[bool],
    precision: Precision,
) {
    assert_eq!(gradient.len(), estimates.len(), "{cx}: {what} is {gradient:?}");
    for (i, estimate) in estimates.iter().enumerate().filter(|(i, _)| trusted[*i]) {
        let scale = estimate.value.abs().max(gradient[i].abs());
        assert!(
            (gradient[i] - estimate.value).abs() <= precision.floor * scale + 20.0 * estimate.error,
            "{cx}: {what} is {gradient:?}, but differences along number {i} are {:?} ± {:e}",
            estimate.value,
            estimate.error,
        );
    }
}

fn identical(found: &[f64], wanted: &[f64]) -> bool {
    let same = |(f, w): (&f64, &f64)| f == w || (f.is_nan() && w.is_nan());
    found.len() == wanted.len() && found.iter().zip(wanted).all(same)
}
