//! Code that is generic over annotated traits: integrators over systems, kernels that are made of kernels, losses of any model.

use crate::support::{at, check, flat};
use grad::{Differentiable, grad};

mod dynamics {
    use grad::grad;

    /// A system of differential equations.
    #[grad(wrt(y))]
    pub(crate) trait System {
        fn rhs(&self, t: f64, y: &[f64; 2]) -> [f64; 2];

        fn name(&self) -> &'static str {
            "system"
        }
    }

    /// A pair potential, with data beside what is differentiated: numbers, slices, integers.
    #[grad]
    pub(crate) trait Potential {
        #[grad]
        fn energy(&self, x: &[f64]) -> f64;
        #[grad]
        fn forces(&self, x: &[f64], scale: f64) -> Vec<f64>;
        #[grad(wrt(x))]
        fn weighted(&self, x: &[f64], weights: &[f64], scale: f64, n: usize) -> f64;
        fn cutoff(&self) -> f64;
        fn is_within(&self, r: f64) -> bool {
            r < self.cutoff()
        }
    }
}

use dynamics::System;

struct Pendulum<'a> {
    omega: &'a f64,
}

#[grad(wrt(y))]
impl System for Pendulum<'_> {
    fn rhs(&self, t: f64, y: &[f64; 2]) -> [f64; 2] {
        [y[1], -*self.omega * y[0].sin() + 0.1 * t]
    }
}

#[grad(wrt(y0))]
fn midpoint<S: System>(system: &S, y0: [f64; 2], end: f64, steps: usize) -> [f64; 2] {
    let h = end / steps as f64;
    let mut y = y0;
    for i in 0..steps {
        let t = h * i as f64;
        let k1 = system.rhs(t, &y);
        let middle = [y[0] + 0.5 * h * k1[0], y[1] + 0.5 * h * k1[1]];
        let k2 = system.rhs(t + 0.5 * h, &middle);
        for j in 0..2 {
            y[j] += h * k2[j];
        }
    }
    y
}

/// Whoever calls it passes the system on.
#[grad(wrt(y0))]
fn miss(system: &impl System, y0: [f64; 2], target: f64) -> f64 {
    let end = midpoint(system, y0, 1.0, 10);
    (end[0] - target).powi(2) + if end[1] > 0.0 { system.rhs(0.0, &end)[1] } else { 0.0 }
}

struct Lotka {
    rates: [f64; 4],
}

#[grad(wrt(y))]
impl System for Lotka {
    fn rhs(&self, _: f64, y: &[f64; 2]) -> [f64; 2] {
        let [a, b, c, d] = self.rates;
        [a * y[0] - b * y[0] * y[1], c * y[0] * y[1] - d * y[1]]
    }

    fn name(&self) -> &'static str {
        "Lotka and Volterra"
    }
}

/// A system that is known.
#[grad(wrt(y0))]
fn miss_of_lotka(lotka: &Lotka, y0: [f64; 2]) -> f64 {
    miss(lotka, y0, 0.2) * midpoint(lotka, y0, 0.5, 3)[1]
}

#[test]
fn an_integrator_takes_any_system() {
    let pendulum = Pendulum { omega: &1.3 };
    let y0 = [0.4, 0.7];
    assert_eq!(pendulum.name(), "system");
    let of = |y: &[f64]| miss(&pendulum, [y[0], y[1]], 0.2);
    check("miss", of, &miss::grad(&pendulum, y0, 0.2), &y0);
    let lotka = Lotka { rates: [0.6, 1.2, 0.9, 0.4] };
    let of = |y: &[f64]| miss_of_lotka(&lotka, [y[0], y[1]]);
    check("miss_of_lotka", of, &miss_of_lotka::grad(&lotka, y0), &y0);
    let rows = midpoint::jacobian(&pendulum, y0, 1.0, 7);
    for (row, gradient) in rows.iter().enumerate() {
        check("midpoint", |y| midpoint(&pendulum, [y[0], y[1]], 1.0, 7)[row], gradient, &y0);
    }
    let (value, tangent) = midpoint::jvp(&pendulum, y0, 1.0, 7, [0.5, -2.0]);
    assert_eq!(value, midpoint(&pendulum, y0, 1.0, 7));
    for (row, tangent) in rows.iter().zip(tangent) {
        assert!((row[0] * 0.5 - row[1] * 2.0 - tangent).abs() < 1e-12);
    }
}

use dynamics::Potential;

#[derive(Clone, Copy)]
struct Harmonic(f64);

#[grad]
impl Potential for Harmonic {
    #[grad]
    fn energy(&self, x: &[f64]) -> f64 {
        x.iter().map(|x| 0.5 * self.0 * x * x).sum()
    }

    #[grad]
    fn forces(&self, x: &[f64], scale: f64) -> Vec<f64> {
        x.iter().map(|x| -self.0 * x * scale).collect()
    }

    #[grad(wrt(x))]
    fn weighted(&self, x: &[f64], weights: &[f64], scale: f64, n: usize) -> f64 {
        (0..n).map(|i| scale * weights[i] * x[i].powi(4)).sum()
    }

    fn cutoff(&self) -> f64 {
        self.0
    }
}

/// One that is made of two others.
struct Both<A, B>(A, B);

#[grad]
impl<A: Potential, B: Potential> Potential for Both<A, B> {
    #[grad]
    fn energy(&self, x: &[f64]) -> f64 {
        self.0.energy(x) * self.1.energy(x)
    }

    #[grad]
    fn forces(&self, x: &[f64], scale: f64) -> Vec<f64> {
        let mut forces = self.0.forces(x, scale);
        for (force, other) in forces.iter_mut().zip(self.1.forces(x, 2.0 * scale)) {
            *force += other;
        }
        forces
    }

    #[grad(wrt(x))]
    fn weighted(&self, x: &[f64], weights: &[f64], scale: f64, n: usize) -> f64 {
        self.0.weighted(x, weights, scale, n) * self.1.weighted(x, weights, 2.0, n - 1)
    }

    fn cutoff(&self) -> f64 {
        self.0.cutoff().max(self.1.cutoff())
    }
}

struct Simulation<P> {
    potential: P,
    dt: f64,
}

#[grad(wrt(x))]
impl<P: Potential> Simulation<P> {
    fn step(&self, x: &[f64], weights: &[f64]) -> f64 {
        let forces = self.potential.forces(x, self.dt);
        let mut y = x.to_vec();
        for (y, force) in y.iter_mut().zip(&forces) {
            *y += self.dt * force;
        }
        self.potential.energy(&y)
            + self.potential.weighted(&y, weights, 0.5, x.len()) * self.potential.cutoff()
    }
}

/// By value, in the arms of a loop.
#[grad(wrt(x))]
fn signed<P>(potential: P, x: &[f64]) -> f64
where
    P: Potential + Copy,
{
    let mut sum = 0.0;
    for x in x {
        if *x > 0.0 {
            sum += potential.energy(&[*x, 1.0]);
        } else {
            sum -= potential.forces(&[*x], 0.5)[0].powi(3);
        }
    }
    sum
}

#[test]
fn potentials_are_made_of_potentials() {
    let x = [0.4, -0.2, 0.9];
    let potential = || Both(Harmonic(1.5), Both(Harmonic(0.7), Harmonic(2.0)));
    let simulation = Simulation { potential: potential(), dt: 0.1 };
    let weights = [1.0, 2.0, 0.5];
    check("step", |x| simulation.step(x, &weights), &simulation.step_grad(&x, &weights), &x);
    check("signed", |x| signed(Harmonic(0.7), x), &signed::grad(Harmonic(0.7), &x), &x);
    let direction = [1.0, -0.5, 2.0];
    let (_, tangent) = simulation.step_jvp(&x, &weights, &direction);
    let gradient = simulation.step_grad(&x, &weights);
    let along: f64 = gradient.iter().zip(direction).map(|(g, d)| g * d).sum();
    assert!((tangent - along).abs() < 1e-12);
    // A trait in which `self` is a constant can still be behind `dyn`.
    let boxed: Box<dyn Potential> = Box::new(potential());
    assert_eq!(boxed.energy(&x), potential().energy(&x));
}

/// A model, differentiated with respect to what is in it.
#[grad(wrt(self, x))]
trait Model {
    fn eval(&self, x: &[f64]) -> f64;
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Neuron {
    weights: Vec<f64>,
    bias: f64,
}

#[grad(wrt(self, x))]
impl Model for Neuron {
    fn eval(&self, x: &[f64]) -> f64 {
        (self.weights.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + self.bias).tanh()
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Bump {
    width: f64,
}

#[grad(wrt(self, x))]
impl Model for Bump {
    fn eval(&self, x: &[f64]) -> f64 {
        (-x.iter().map(|x| x * x).sum::<f64>() / (self.width * self.width)).exp()
    }
}

#[grad(wrt(model))]
fn loss<M: Model>(model: &M, xs: &[[f64; 2]], ys: &[f64]) -> f64 {
    xs.iter().zip(ys).map(|(x, y)| (model.eval(x) - y).powi(2)).sum()
}

/// The model is a constant here.
#[grad(wrt(x))]
fn sensitivity<M: Model>(model: &M, x: &[f64]) -> f64 {
    model.eval(x) * model.eval(&[2.0 * x[0], x[1]])
}

#[grad(wrt(first, second, x))]
fn product<A: Model, B: Model>(first: &A, second: &B, x: &[f64]) -> f64 {
    first.eval(x) * second.eval(x)
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Scaled<M> {
    model: M,
    scale: f64,
}

#[grad(wrt(self, x))]
impl<M: Model + Clone> Scaled<M> {
    fn predict(&self, x: &[f64]) -> f64 {
        self.scale * self.model.eval(x)
    }
}

#[test]
fn a_loss_takes_any_model() {
    let neuron = Neuron { weights: vec![0.1, 0.2], bias: 0.3 };
    let bump = Bump { width: 1.2 };
    let (xs, ys, x) = ([[1.0, 2.0], [0.5, -1.0]], [0.3, 0.2], [0.3, 0.8]);
    let point = flat(&neuron);
    let gradient = loss::grad(&neuron, &xs, &ys);
    check("loss", |w| loss(&at(&neuron, w), &xs, &ys), &flat(&gradient), &point);
    check("loss", |w| loss(&at(&bump, w), &xs, &ys), &flat(&loss::grad(&bump, &xs, &ys)), &flat(&bump));
    check("sensitivity", |x| sensitivity(&neuron, x), &sensitivity::grad(&neuron, &x), &x);
    let (first, second, dx) = product::grad(&neuron, &bump, &x);
    check("product", |w| product(&at(&neuron, w), &bump, &x), &flat(&first), &point);
    check("product", |w| product(&neuron, &at(&bump, w), &x), &flat(&second), &flat(&bump));
    check("product", |x| product(&neuron, &bump, x), &dx, &x);
    let scaled = Scaled { model: neuron, scale: 2.0 };
    let (of_self, dx) = scaled.predict_grad(&x);
    check("predict", |w| at(&scaled, w).predict(&x), &flat(&of_self), &flat(&scaled));
    check("predict", |x| scaled.predict(x), &dx, &x);
    let (_, tangent) = loss::jvp(&bump, &xs, &ys, &BumpTangent { width: 2.0 });
    assert!((tangent - 2.0 * loss::grad(&bump, &xs, &ys).width).abs() < 1e-12);
    let (_, lanes) = sensitivity::jvp_n(&bump, &x, &[[1.0, 0.0].into(), [0.0, 1.0].into()]);
    for (lane, wanted) in sensitivity::grad(&bump, &x).into_iter().enumerate() {
        assert!((lanes[lane] - wanted).abs() < 1e-12);
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Twice(f64);

/// A trait of the same name as another, with the same method, and without the attribute.
mod others {
    use super::{Twice, grad};

    pub(crate) trait Model {
        fn eval(&self, x: &[f64]) -> f64;
    }

    #[grad(wrt(self, x))]
    impl Model for Twice {
        fn eval(&self, x: &[f64]) -> f64 {
            self.0 * x[0]
        }
    }
}

impl Model for Twice {
    fn eval(&self, x: &[f64]) -> f64 {
        self.0 * x[0] * x[0]
    }
}

#[test]
fn derivatives_of_another_trait_of_the_name_are_not_taken() {
    let failed = std::panic::catch_unwind(|| sensitivity::grad(&Twice(2.0), &[1.0, 2.0]));
    let message = failed.unwrap_err().downcast::<String>().unwrap();
    assert!(message.starts_with("GRAD0047"), "{message}");
}

/// The trait is about inputs; an `impl` has derivatives with respect to its own parameters, too.
#[grad(wrt(r))]
trait Profile {
    fn height(&self, r: f64, at: &[f64]) -> f64;
    fn power(&self, n: i32, r: f64) -> f64;
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Hump {
    width: f64,
}

#[grad(wrt(self, r))]
impl Profile for Hump {
    fn height(&self, r: f64, at: &[f64]) -> f64 {
        (-(r - at[0]).powi(2) / self.width).exp()
    }

    fn power(&self, n: i32, r: f64) -> f64 {
        self.width * r.powi(n)
    }
}

struct Stretched<P>(f64, P);

#[grad(wrt(r))]
impl<P: Profile> Profile for Stretched<P> {
    fn height(&self, r: f64, at: &[f64]) -> f64 {
        self.0 * self.1.height(r, at)
    }

    fn power(&self, n: i32, r: f64) -> f64 {
        self.1.power(n, self.0 * r)
    }
}

#[grad(wrt(r))]
fn combined(profile: &impl Profile, r: f64) -> f64 {
    let mut sum = 0.0;
    for n in 0..3 {
        if n == 1 {
            continue;
        }
        sum = sum * profile.height(r, &[0.5, n as f64]) + profile.power(n, r);
    }
    sum
}

#[grad(wrt(bump))]
fn fitted(bump: &Hump) -> f64 {
    bump.height(0.7, &[0.2]) * bump.power(2, bump.width)
}

#[test]
fn an_impl_may_name_self_where_its_trait_does_not() {
    let bump = Hump { width: 0.8 };
    check("one", |r| combined(&bump, r[0]), &[combined::grad(&bump, 1.1)], &[1.1]);
    let scaled = Stretched(2.0, Stretched(0.7, bump.clone()));
    check("nested", |r| combined(&scaled, r[0]), &[combined::grad(&scaled, 1.1)], &[1.1]);
    let (_, dot) = combined::jvp(&scaled, 1.1, 1.0);
    assert!((dot - combined::grad(&scaled, 1.1)).abs() < 1e-13);
    let (_, lanes) = combined::jvp_n(&scaled, 1.1, grad::Lanes([1.0, 2.0]));
    assert_eq!(lanes.0, [dot, 2.0 * dot]);
    check("own", |w| fitted(&Hump { width: w[0] }), &[fitted::grad(&bump).width], &[0.8]);
}

/// What has second derivatives: inputs of all kinds, a model that is differentiated, and one that is a constant.
#[grad(second, wrt(self, x, v))]
trait Surface {
    fn value(&self) -> f64;
    fn height(&self, x: &[f64], n: usize) -> f64;
    fn bent(&self, v: [f64; 2], x: f64, by: &[f64]) -> Vec<f64>;
    #[grad(skip)]
    fn name(&self, _x: f64) -> f64 {
        0.0
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Saddle {
    k: f64,
    tilt: Vec<f64>,
}

#[grad(second, wrt(self, x, v))]
impl Surface for Saddle {
    fn value(&self) -> f64 {
        self.k * self.tilt[0] * self.tilt[1]
    }

    fn height(&self, x: &[f64], n: usize) -> f64 {
        let mut sum = self.k * x[0] * x[1];
        for i in 0..n {
            sum += self.tilt[i] * (x[i] * self.k).sin();
        }
        sum
    }

    fn bent(&self, v: [f64; 2], x: f64, by: &[f64]) -> Vec<f64> {
        by.iter().map(|b| v[0] * x.powi(2) * b + v[1] * self.k * x).collect()
    }
}

/// Where `self` is a constant, the `impl` may still differentiate with respect to it, and be generic.
#[grad(second, wrt(x))]
trait Cost {
    fn cost(&self, x: f64, scale: &f64) -> f64;
}

#[grad(second, wrt(self, x))]
impl Cost for Saddle {
    fn cost(&self, x: f64, scale: &f64) -> f64 {
        (x * scale * self.k).exp() * self.tilt[0]
    }
}

struct Sum<A, B>(A, B);

#[grad(second, wrt(x))]
impl<A: Cost, B: Cost> Cost for Sum<A, B> {
    fn cost(&self, x: f64, scale: &f64) -> f64 {
        self.0.cost(x, scale) * self.1.cost(x * x, &2.0)
    }
}

#[grad(second, wrt(surface, x))]
fn energy_of<S: Surface + Clone>(surface: &S, x: &[f64], n: usize) -> f64 {
    let mut y = x.to_vec();
    for i in 0..n {
        if i == 1 {
            continue;
        }
        let bent = surface.bent([y[0], y[1] * surface.value()], x[i], &[1.0, 0.5]);
        y[i] = bent[0] * bent[1] + surface.height(&y, n);
    }
    surface.height(&y, 2) * y[0]
}

#[grad(second, wrt(x))]
fn constant_surface(surface: &impl Surface, cost: &impl Cost, x: &[f64]) -> f64 {
    let bent = surface.bent([x[0], x[1]], x[0] * x[1], &[0.5]);
    surface.height(x, 2) * bent[0] * cost.cost(x[1], &0.5) + surface.value()
}

/// From a function that knows the type, which has the parameters as numbers.
#[grad(second)]
fn saddle_energy(p: &[f64], n: usize) -> f64 {
    let saddle = Saddle { k: p[0], tilt: vec![p[1], p[2]] };
    energy_of(&saddle, &p[3..], n) * saddle.cost(p[1], &0.3)
}

#[test]
fn second_derivatives_go_through_annotated_traits() {
    let products = |hvp: &dyn Fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>), hessian: &[Vec<f64>], p: &[f64]| {
        for (k, row) in hessian.iter().enumerate() {
            let unit: Vec<f64> = (0..p.len()).map(|i| f64::from(u8::from(i == k))).collect();
            check("hessian", |p| hvp(p, &unit).0[k], row, p);
            for (found, wanted) in row.iter().zip(hvp(p, &unit).1) {
                assert!((found - wanted).abs() <= 1e-12 * (1.0 + wanted.abs()));
            }
        }
    };
    let p = [0.7, 0.3, -0.4, 0.5, 0.9];
    for n in 0..3 {
        check("energy", |p| saddle_energy(p, n), &saddle_energy::grad(&p, n), &p);
        products(&|p, v| saddle_energy::hvp(p, n, v), &saddle_energy::hessian(&p, n), &p);
    }
    let (saddle, x) = (Saddle { k: 0.7, tilt: vec![0.3, -0.4] }, [0.5, 0.9]);
    let costs = Sum(saddle.clone(), Sum(saddle.clone(), saddle.clone()));
    let of = |x: &[f64], v: &[f64]| constant_surface::hvp(&saddle, &costs, x, v);
    products(&of, &constant_surface::hessian(&saddle, &costs, &x), &x);
    // Both parameters of a generic function at once.
    let (by_saddle, by_x) = energy_of::grad(&saddle, &x, 2);
    let direction = SaddleTangent { k: 0.3, tilt: vec![1.0, -0.5] };
    let ((again, _), (along, along_x)) = energy_of::hvp(&saddle, &x, 2, &direction, &[0.2, 0.4]);
    assert_eq!((again, by_x.len()), (by_saddle, along_x.len()));
    let moved = |t: f64| {
        let mut moved = saddle.clone();
        moved.add_scaled(t, &direction);
        energy_of::grad(&moved, &[x[0] + 0.2 * t, x[1] + 0.4 * t], 2)
    };
    let h = 1e-6;
    let (up, down) = (moved(h), moved(-h));
    let differences = |up: &[f64], down: &[f64]| -> Vec<f64> {
        up.iter().zip(down).map(|(up, down)| (up - down) / (2.0 * h)).collect()
    };
    for (found, wanted) in flat(&along).iter().zip(differences(&flat(&up.0), &flat(&down.0))) {
        assert!((found - wanted).abs() < 1e-7 * (1.0 + wanted.abs()), "{found} instead of {wanted}");
    }
    for (found, wanted) in along_x.iter().zip(differences(&up.1, &down.1)) {
        assert!((found - wanted).abs() < 1e-7 * (1.0 + wanted.abs()), "{found} instead of {wanted}");
    }
}

/// A trait with a type parameter: data that is a constant, of different types for different models.
#[grad(second, wrt(self, x))]
trait Field<P: ?Sized, const N: usize> {
    fn at(&self, x: [f64; N], place: &P, scale: f64) -> f64;
}

#[grad(second, wrt(self, x))]
impl Field<str, 2> for Saddle {
    fn at(&self, x: [f64; 2], place: &str, scale: f64) -> f64 {
        if place.is_empty() {
            return 0.0;
        }
        self.k * x[0] * x[1] * place.len() as f64 * scale
    }
}

#[grad(second, wrt(self, x))]
impl Field<Vec<[f64; 2]>, 1> for Hump {
    fn at(&self, x: [f64; 1], place: &Vec<[f64; 2]>, scale: f64) -> f64 {
        place.iter().map(|p| (-(x[0] - p[0]).powi(2) * self.width).exp() * p[1]).sum::<f64>() * scale
    }
}

#[grad(second, wrt(field, x))]
fn squared<P: ?Sized + 'static, F: Field<P, 1>>(field: &F, x: f64, place: &P) -> f64 {
    field.at([x * x], place, 2.0) * field.at([x], place, 0.5)
}

#[grad(second)]
fn of_fields(p: &[f64]) -> f64 {
    let saddle = Saddle { k: p[0], tilt: vec![p[1]] };
    let hump = Hump { width: p[1] };
    let mut sum = 0.0;
    for place in ["", "a", "bc"] {
        sum += saddle.at([p[0], p[1]], place, 1.5);
    }
    sum * squared(&hump, p[0], &vec![[0.3, 1.0], [0.5, -2.0]])
}

#[test]
fn traits_with_type_parameters() {
    let p = [0.7, 0.4];
    check("fields", of_fields, &of_fields::grad(&p), &p);
    for (k, row) in of_fields::hessian(&p).iter().enumerate() {
        check("fields", |p| of_fields::grad(p)[k], row, &p);
    }
    let (_, dot) = of_fields::jvp(&p, &[0.3, -1.0]);
    let gradient = of_fields::grad(&p);
    assert!((dot - 0.3 * gradient[0] + gradient[1]).abs() < 1e-13);
}

/// The sum of several calls of a generic model, in a function that may fail: it is put aside until it is known that none has.
#[grad(wrt(model))]
fn fails_or_sums<M: Model>(model: &M, xs: &[[f64; 2]]) -> Option<f64> {
    let first = xs.first()?;
    let sum: f64 = xs.iter().map(|x| model.eval(x)).sum();
    Some(sum * model.eval(first))
}

#[test]
fn generic_models_in_functions_that_fail() {
    let bump = Bump { width: 1.2 };
    let xs = [[0.3, 0.2], [0.1, -0.4]];
    let gradient = fails_or_sums::grad(&bump, &xs).unwrap();
    let value = |w: &[f64]| fails_or_sums(&Bump { width: w[0] }, &xs).unwrap();
    check("sums", value, &[gradient.width], &[1.2]);
    assert_eq!(fails_or_sums::grad(&bump, &[]), None);
}

/// Methods with bodies, of which conditions choose one.
#[grad(wrt(self, x))]
#[cfg(not(any()))]
trait Well {
    fn depth(&self, x: f64) -> f64;

    #[cfg(any())]
    fn twice(&self, x: f64) -> f64 {
        2.0 * self.depth(x)
    }

    #[cfg(not(any()))]
    fn twice(&self, x: f64) -> f64 {
        3.0 * self.depth(x) * x
    }

    #[cfg(any())]
    fn never(&self, x: f64) -> f64 {
        self.missing(x)
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Bowl {
    depth: f64,
}

#[grad(wrt(self, x))]
impl Well for Bowl {
    fn depth(&self, x: f64) -> f64 {
        self.depth * x * x
    }
}

#[grad(wrt(well, x))]
fn bottom<W: Well>(well: &W, x: f64) -> f64 {
    well.twice(x) - well.depth(x)
}

#[grad(wrt(bowl, x))]
fn bottom_of_a_bowl(bowl: &Bowl, x: f64) -> f64 {
    bottom(bowl, x) + bowl.twice(x)
}

#[test]
fn conditions_choose_methods_with_bodies() {
    let bowl = Bowl { depth: 2.0 };
    let of = |at: &[f64]| bottom_of_a_bowl(&Bowl { depth: at[1] }, at[0]);
    let (of_bowl, of_x) = bottom_of_a_bowl::grad(&bowl, 1.5);
    check("bottom", of, &[of_x, of_bowl.depth], &[1.5, 2.0]);
    let (value, along) = bottom_of_a_bowl::jvp(&bowl, 1.5, &BowlTangent { depth: 1.0 }, 0.5);
    assert_eq!(value, bottom_of_a_bowl(&bowl, 1.5));
    assert!((along - (of_bowl.depth + 0.5 * of_x)).abs() < 1e-12);
}
