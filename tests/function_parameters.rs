//! Functions as parameters: quadrature, integrators and root finders over `impl Fn`, with closures that capture what is
//! differentiated. Every derivative against differences, and those that users call against each other.

#![deny(warnings)]
#![allow(
    clippy::needless_borrows_for_generic_args,
    clippy::needless_range_loop,
    clippy::pedantic,
    clippy::type_complexity
)]

use grad::{Differentiable, Real, grad};
use points::{Derivatives, direction, of_point};

#[path = "support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "support/points.rs"]
mod points;

/// Simpson's rule.
#[grad(second)]
fn simpson<F: Fn(f64) -> f64>(f: F, a: f64, b: f64, n: usize) -> f64 {
    let h = (b - a) / n as f64;
    let mut sum = 0.0;
    for i in 0..n {
        let x = a + h * i as f64;
        sum += (f(x) + 4.0 * f(x + 0.5 * h) + f(x + h)) * h / 6.0;
    }
    sum
}

/// Behind a reference, with a where clause, and recursive.
#[grad(second)]
fn adaptive<F>(f: &F, a: f64, b: f64, depth: usize) -> f64
where
    F: Fn(f64) -> f64,
{
    let m = 0.5 * (a + b);
    if depth == 0 {
        (b - a) / 6.0 * (f(a) + 4.0 * f(m) + f(b))
    } else {
        adaptive(f, a, m, depth - 1) + adaptive(f, m, b, depth - 1)
    }
}

/// Newton's method with differences.
#[grad(second)]
fn root(f: impl Fn(f64) -> f64 + Copy, start: f64) -> f64 {
    let mut x = start;
    for _ in 0..4 {
        let slope = (f(x + 1e-3) - f(x - 1e-3)) / 2e-3;
        x -= f(x) / slope;
    }
    x
}

/// Bisection: what decides has no derivative.
#[grad(second)]
fn bisection(f: impl Fn(f64) -> f64, lo: f64, hi: f64) -> f64 {
    if f(lo) > 0.0 {
        return lo;
    }
    let (mut a, mut b) = (lo, hi);
    for _ in 0..5 {
        let m = 0.5 * (a + b);
        if f(m) < 0.0 {
            a = m;
        } else {
            b = m;
        }
    }
    a - f(a) * (b - a) / (f(b) - f(a))
}

#[grad(second)]
fn rk4<F>(f: F, y0: [f64; 2], end: f64, steps: usize) -> [f64; 2]
where
    F: Fn(f64, [f64; 2]) -> [f64; 2],
{
    let h = end / steps as f64;
    let mut y = y0;
    let mut t = 0.0;
    for _ in 0..steps {
        let k1 = f(t, y);
        let k2 = f(t + h / 2.0, [y[0] + h / 2.0 * k1[0], y[1] + h / 2.0 * k1[1]]);
        let k3 = f(t + h / 2.0, [y[0] + h / 2.0 * k2[0], y[1] + h / 2.0 * k2[1]]);
        let k4 = f(t + h, [y[0] + h * k3[0], y[1] + h * k3[1]]);
        for i in 0..2 {
            y[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
        }
        t += h;
    }
    y
}

/// Over slices, in a `while`.
#[grad(second)]
fn euler(f: impl Fn(f64, &[f64]) -> Vec<f64>, y0: &[f64], h: f64, end: f64) -> Vec<f64> {
    let mut y = y0.to_vec();
    let mut t = 0.0;
    while t < end {
        let dy = f(t, &y);
        for (y, d) in y.iter_mut().zip(&dy) {
            *y += h * d;
        }
        t += h;
    }
    y
}

/// The parameter is handed on, by value and by reference.
#[grad(second)]
fn halves(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    simpson(&f, 0.0, x, 2) * adaptive(&f, 0.0, x, 1) + simpson(f, x, 2.0 * x, 1)
}

#[grad(second)]
fn square(x: f64) -> f64 {
    x * x
}

#[grad(second)]
fn of_numbers(p: &[f64]) -> f64 {
    let k = p[0];
    let shift = p[1] * k;
    simpson(|x| (k * x).sin() + square(x - shift), p[2], 1.5, 3)
}

#[grad(second)]
fn of_memory(p: &[f64], n: usize) -> f64 {
    let twice: Vec<f64> = p.iter().map(|x| 2.0 * x).collect();
    let pair = [p[0] * p[1], p[2]];
    let area = adaptive(
        &|x| {
            let mut sum = pair[0] * x;
            for i in 0..n {
                sum += (twice[i] * x).cos() * p[i];
            }
            for t in &twice {
                sum += t * x * x;
            }
            sum * pair[1]
        },
        0.0,
        p[2],
        2,
    );
    area * twice[0]
}

#[grad(second, wrt(p))]
fn of_constants(p: &[f64], data: &[f64], scale: f64, order: i32, flags: &[bool], name: &str) -> f64 {
    let factor = |x: f64| if flags[0] && !name.is_empty() { x.powi(order) * scale * data[1] } else { x };
    simpson(|x| p[0] * x.powi(order) + data.iter().sum::<f64>() * p[1] * scale, 0.0, 1.0, 2) * factor(p[2])
        + simpson(|x| if flags[0] && !name.is_empty() { x * p[2] } else { x }, 0.0, 1.0, 2)
}

#[grad(second)]
fn of_roots(p: &[f64]) -> f64 {
    let target = p[1] + 2.0;
    root(|x| x * x * p[0] - target, 1.0) * bisection(move |x| x * x * x - target * p[2], 0.1, 3.0)
}

#[grad(second)]
fn bound_before(p: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut k = p[0];
    for i in 0..3 {
        let i: i32 = i;
        let g = move |x: f64| k * x.powi(i) + p[1];
        sum += simpson(g, 0.0, p[2], 2);
        if i > 0 {
            sum *= halves(g, 0.5 + p[0]);
        }
        k *= 1.1;
    }
    sum * k
}

#[grad(second)]
fn in_arms(p: &[f64], n: usize) -> f64 {
    match n {
        0 => bisection(|x| x - p[0], -1.0, p[1] + 3.0),
        1 => {
            let b = p[2];
            halves(|x| b * x + 1.0, p[0])
        }
        _ => rk4(|_, y: [f64; 2]| [y[1], -p[0] * y[0]], [p[1], p[2]], 1.0, 4)[1],
    }
}

#[grad(second)]
fn of_slices(p: &[f64]) -> f64 {
    let y = euler(|t, y: &[f64]| vec![y[1] * p[0], t - p[1] * y[0]], &p[1..], 0.2, 1.0);
    y[0] * y[1]
}

/// A slice of a type of one's own is captured.
#[grad(second, wrt(all))]
fn of_own_slices(all: &[Oscillator], n: usize) -> f64 {
    let mut s = all[0].k;
    for i in 0..n {
        s = simpson(|x| all.iter().map(|one| one.k * x * one.force[i] * s).sum(), 0.1, s, 2);
    }
    s * all[1].damping
}

/// Names that the closure binds itself, some of which mean something outside of it, too.
#[grad(second)]
fn of_shadows(p: &[f64]) -> f64 {
    let k = p[0] * p[0];
    let scale = |x: f64| x * p[1];
    let first = simpson(
        |x| {
            let scale = k + x;
            let k = scale * x;
            let pair = Some(k).filter(|k| *k > 0.0);
            let mut sum = 0.0;
            for p in [1.0, 2.0] {
                sum += p * x;
            }
            if let Some(k) = pair { k + sum } else { x }
        },
        0.1,
        p[2],
        2,
    );
    let k = scale(first) * k;
    halves(move |x| k * x, p[0]) + k
}

/// Closures that are called in what is passed, and call each other; names that mean something else around them.
#[grad(second)]
fn of_called_closures(p: &[f64], n: i32) -> f64 {
    let x = p[0] * p[1];
    let v = [p[2], x];
    let inner = |t: f64| t.powi(n) * x + v[0];
    let middle = |t: f64| inner(t) * v[1] + p[1];
    let mut sum = simpson(|x| middle(x) + inner(x * x), p[0], 1.0, 2);
    for i in 0..2 {
        let w = p[0] + i as f64;
        let bent = move |y: f64| if y > 0.23 { inner(y) * w } else { y };
        sum *= halves(|p| bent(p) + w, w);
    }
    sum
}

/// What changes between two closures that capture it.
#[grad(second)]
fn of_changes(p: &[f64]) -> f64 {
    let mut v = vec![p[0], p[1]];
    let a = halves(|x| v[0] * x, p[2]);
    v[0] = a;
    v.push(a);
    let b = halves(|x| v[2] * x + v[0], 0.3);
    v[1] *= b;
    v[1] + v[2]
}

/// Closures that return early, in a chain, of what may fail.
#[grad(second)]
fn of_exits(p: &[f64]) -> f64 {
    let early = simpson(
        |x| {
            if x > p[0] {
                return x * p[1];
            }
            for i in 0..3 {
                if x > 0.2 * i as f64 {
                    return x * x * p[2];
                }
            }
            p[1]
        },
        -0.3,
        1.0,
        2,
    );
    let chained: f64 = p.iter().map(|t| simpson(|x| x * t * p[0], 0.0, *t, 1)).sum();
    early * chained + simpson(|x| root_of(x, p[1]).unwrap_or(3.0 * x), -0.5, 0.5, 2)
}

#[grad(second)]
fn root_of(x: f64, k: f64) -> Option<f64> {
    if x < 0.0 { None } else { Some((x + k).sqrt()) }
}

/// A function that is generic over its floats takes one, and a method does.
#[grad(second)]
fn generic<T: Real, F: Fn(T) -> T>(f: F, a: T, b: T) -> T {
    let h = (b - a) * T::from_f64(0.5);
    let mut sum = T::zero();
    for i in 0..2 {
        let x = a + h * T::from_f64(i as f64);
        sum += f(x) * h + f(x + h) * h;
    }
    sum
}

#[derive(Clone, Debug, Differentiable)]
pub struct Steps {
    pub h: f64,
    #[grad(constant)]
    pub count: usize,
}

#[grad(second, wrt(self, x))]
impl Steps {
    pub fn walk(&self, f: impl Fn(f64) -> f64, x: f64) -> f64 {
        let mut x = x;
        for _ in 0..self.count {
            x += self.h * f(x);
        }
        x
    }

    pub fn twice<F: Fn(f64) -> f64>(&self, f: &F, x: f64) -> f64 {
        let y = self.walk(f, x);
        self.walk(|t: f64| t * self.h + x, y)
    }
}

#[grad(second, wrt(steps))]
fn of_walks(steps: &Steps, k: f64) -> f64 {
    let x = steps.h * k;
    steps.twice(&|x| k * x - x * x * steps.h, x) * generic(|t: f64| (t * x).sin(), 0.5, k)
}

/// A double integral.
#[grad(second)]
fn nested(p: &[f64]) -> f64 {
    simpson(
        |x| {
            let c = p[0] * x;
            simpson(|y| (c * y).exp() * p[1], 0.0, x, 2)
        },
        0.0,
        p[2],
        2,
    )
}

#[derive(Clone, Debug, Differentiable)]
pub struct Oscillator {
    pub k: f64,
    pub damping: f64,
    pub force: Vec<f64>,
    pub name: String,
}

#[grad(second, wrt(self, start, y))]
impl Oscillator {
    pub fn acceleration(&self, y: [f64; 2]) -> f64 {
        -self.k * y[0] - self.damping * y[1]
    }

    /// `self` is captured, and its methods are called.
    pub fn end(&self, start: [f64; 2], force: usize) -> f64 {
        let system = |t: f64, y: [f64; 2]| [y[1], self.acceleration(y) + self.force[force] * t];
        let y = rk4(system, start, 2.0, 6);
        y[0] * rk4(&system, y, 1.0, 3)[1]
    }
}

#[grad(second, wrt(o))]
fn of_methods(o: &Oscillator) -> f64 {
    o.end([o.k, 0.3], 0)
}

/// Named like one of the runtime's kinds of inputs: what is in a type's name says nothing.
#[derive(Clone, Debug, Differentiable)]
pub struct KnownState {
    pub x: f64,
    pub v: Vec<f64>,
}

#[grad(second, wrt(state))]
fn flow(f: impl Fn(&KnownState, f64) -> KnownState, state: KnownState, n: usize) -> KnownState {
    let mut state = state;
    for i in 0..n {
        let d = f(&state, i as f64);
        state.x += 0.1 * d.x;
        for (v, d) in state.v.iter_mut().zip(&d.v) {
            *v += 0.1 * d;
        }
    }
    state
}

#[grad(second, wrt(state))]
fn of_states(state: &KnownState, k: f64) -> f64 {
    let end = flow(
        |s: &KnownState, t: f64| -> KnownState { KnownState { x: s.v[0] * state.x, v: vec![t - k * s.x] } },
        state.clone(),
        3,
    );
    end.x + end.v[0] * state.x
}

/// Inputs by value, behind references, tuples, integers, arrays of any length.
#[grad(second)]
fn odd(f: impl Fn(Vec<f64>, (f64, f64), &f64, usize) -> (f64, f64), v: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..v.len() {
        let (a, b) = f(v.to_vec(), (v[0], 1.0), &v[i], i);
        sum += a * b;
    }
    sum
}

#[grad(second)]
fn of_odd(p: &[f64]) -> f64 {
    odd(|w: Vec<f64>, t: (f64, f64), x: &f64, i: usize| (w.iter().sum::<f64>() * t.0 * x, p[i] * t.1 + x), p)
}

#[grad(second)]
fn lengths<const N: usize>(f: impl Fn(&[f64; N]) -> f64, x: [f64; N]) -> f64 {
    f(&x) * x[0]
}

#[grad(second)]
fn with_lengths<const N: usize>(x: [f64; N], k: f64) -> f64 {
    lengths(
        |y: &[f64; 3]| {
            let mut sum = 0.0;
            for i in 0..N {
                sum += y[i] * x[i];
            }
            sum * k
        },
        [k, 1.0, x[0]],
    )
}

#[grad(second)]
fn of_lengths(p: &[f64]) -> f64 {
    with_lengths([p[0], p[1]], p[2])
}

/// What it returns is not used everywhere.
#[grad(second)]
fn hardly(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let _ = f(x);
    if f(0.5) > 0.0 { x } else { -x * f(2.0) }
}

#[grad(second)]
fn of_hardly(p: &[f64]) -> f64 {
    hardly(|y| p[0] * y, p[1]) + hardly(|y| -p[0] * y, p[2])
}

/// Items of the function that passes the closure.
#[grad(second)]
fn of_items(p: &[f64]) -> f64 {
    use std::f64::consts::FRAC_PI_8 as ANGLE;
    const HALF: f64 = 0.5;
    const QUARTER: f64 = HALF * HALF;
    fn doubled(n: usize) -> usize {
        2 * n
    }
    let by = p[1];
    simpson(|x| (x * QUARTER + by).sin() * x.powi(doubled(1) as i32) + ANGLE, 0.0, p[0], doubled(3)) * HALF
}

/// The pullback runs it again, and with it a call from which nothing follows.
#[grad(wrt(p))]
#[allow(unused_assignments, reason = "that is what is tested")]
fn of_unused(p: &[Vec<f64>], k: f64) -> f64 {
    if p[0][0] < p[1][0] {
        let mut x = halves(square, p[0][1]);
        x += x * grad::functions::xlogy(x, x * x + 1.0);
    }
    let mut sorted = p[0].clone();
    sorted.extend(p[1].iter().map(|z| z * z));
    sorted.sort_by(f64::total_cmp);
    sorted[1] * p[0][0] * k
}

#[test]
fn what_closures_capture_is_differentiated() {
    let p = vec![0.4, 0.7, 1.2];
    check!(of_numbers, ref p.clone());
    check!(of_memory, ref p.clone(), 2);
    check!(of_constants, ref p.clone(), &[1.0, 0.5], 1.5, 2, &[true], "a");
    check!(bound_before, ref p.clone());
    check!(nested, ref p.clone());
    check!(of_shadows, ref p.clone());
    check!(of_changes, ref p.clone());
    check!(of_called_closures, ref p.clone(), 3);
    check!(of_exits, ref p.clone());
    check!(of_items, ref p.clone());
    check!(of_unused, ref vec![p.clone(), vec![0.9, 0.1]], 0.8; first_only);
}

/// One that has second derivatives is passed a closure of a function that has none.
#[grad]
fn once(k: f64, b: f64) -> f64 {
    simpson(|x| (k * x).sin() * x, 0.0, b, 2)
}

#[test]
fn hessians_are_the_products_with_each_coordinate() {
    let p = vec![0.4, 0.7, 1.2];
    let of_odd = (of_odd::hessian(&p), &of_odd::hvp as &dyn Fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>));
    let of_roots = (of_roots::hessian(&p), &of_roots::hvp as _);
    for (hessian, hvp) in [of_odd, of_roots, (bound_before::hessian(&p), &bound_before::hvp as _)] {
        for (k, row) in hessian.iter().enumerate() {
            let mut direction = vec![0.0; 3];
            direction[k] = 1.0;
            let column = hvp(&p, &direction).1;
            for (found, wanted) in row.iter().zip(&column) {
                assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0), "{hessian:?} {column:?}");
            }
        }
    }
    let (k, b, h) = (0.8, 1.1, 1e-6);
    let slope = (once(k, b + h) - once(k, b - h)) / (2.0 * h);
    assert!((once::grad(k, b).1 - slope).abs() < 1e-9);
}

#[test]
fn root_finders_and_integrators() {
    let p = vec![0.4, 0.7, 1.2];
    check!(of_roots, ref p.clone());
    check!(of_slices, ref p.clone());
    for n in 0..3 {
        check!(in_arms, ref p.clone(), n);
    }
}

#[test]
fn types_of_ones_own() {
    let oscillator = Oscillator { k: 1.3, damping: 0.2, force: vec![0.7], name: String::new() };
    check!(of_methods, ref oscillator.clone());
    let other = Oscillator { k: 0.6, force: vec![0.3], ..oscillator.clone() };
    check!(of_own_slices, ref vec![oscillator, other], 1);
    check!(of_walks, ref Steps { h: 0.1, count: 3 }, 0.7);
    check!(of_states, ref KnownState { x: 0.3, v: vec![0.8] }, 1.5);
}

#[test]
fn every_kind_of_input() {
    let p = vec![0.4, 0.7, 1.2];
    check!(of_odd, ref p.clone());
    check!(of_lengths, ref p.clone());
    check!(of_hardly, ref p.clone());
}

/// ∫ₐᵇ k x dx
#[grad]
fn linear(k: f64, a: f64, b: f64) -> f64 {
    simpson(|x| k * x, a, b, 1)
}

#[test]
fn the_derivative_of_an_integral_is_known() {
    let (k, a, b) = (3.0, 0.5, 2.0);
    let (dk, da, db) = linear::grad(k, a, b);
    for (found, wanted) in [(dk, 0.5 * (b * b - a * a)), (da, -k * a), (db, k * b)] {
        assert!((found - wanted).abs() < 1e-14, "{found} instead of {wanted}");
    }
}

/// Under conditions, and made by a macro whose names are not those of its caller.
#[grad]
fn conditional(k: f64, x: f64) -> f64 {
    #[cfg(test)]
    let k = k * 2.0;
    #[cfg(not(test))]
    let k = k * 3.0;
    simpson(|t| t * k, 0.0, x, 1)
}

macro_rules! of_a_macro {
    ($name:ident, $k:ident, $slope:expr) => {
        #[grad]
        fn $name($k: f64, x: f64) -> f64 {
            let offset = $k * 2.0;
            simpson(|t| t * $slope + offset, 0.0, x, 1)
        }
    };
}
of_a_macro!(made, k, k * k);

#[test]
fn conditions_and_macros() {
    let (k, x) = (1.5, 2.0);
    for (found, wanted) in [
        (conditional::grad(k, x), (x * x, 2.0 * k * x)),
        (made::grad(k, x), (k * x * x + 2.0 * x, k * k * x + 2.0 * k)),
    ] {
        assert!(
            (found.0 - wanted.0).abs() + (found.1 - wanted.1).abs() < 1e-13,
            "{found:?} instead of {wanted:?}"
        );
    }
}

#[grad]
fn single(f: impl Fn(f32) -> f32, x: f32) -> f32 {
    f(x) * f(2.0 * x)
}

/// 2 k² x²
#[grad]
fn of_single(x: f32, k: f32) -> f32 {
    single(|x| x * k, x)
}

#[test]
fn numbers_are_those_of_the_function() {
    assert_eq!(of_single::grad(1.5, 2.0), (24.0, 18.0));
}

#[grad]
fn turned(k: f64, y0: [f64; 2]) -> [f64; 2] {
    rk4(|_, y: [f64; 2]| [y[1], -k * y[0]], y0, 1.0, 8)
}

#[test]
fn jacobians_by_rows_and_by_columns() {
    let (k, y0) = (1.5, [0.2, 0.3]);
    let (by_k, by_y) = turned::jacobian(k, y0);
    let (_, columns) = turned::jacobian_columns(k, y0, &[(1.0, [0.0; 2]), (0.0, [1.0, 0.0])]);
    let (_, rows) = turned::jacobian_rows(k, y0, &[[1.0, 0.0], [0.0, 1.0]]);
    for i in 0..2 {
        assert!((columns[0][i] - by_k[i]).abs() < 1e-14 && (columns[1][i] - by_y[i][0]).abs() < 1e-14);
        assert!((rows[i].0 - by_k[i]).abs() < 1e-14 && (rows[i].1[1] - by_y[i][1]).abs() < 1e-14);
    }
}

/// Both ways to take a function, where what it returns is not differentiated: compared with, dropped, in a loop's condition.
#[grad]
fn undifferentiated(x: f64, v: &[f64]) -> f64 {
    let by_reference = shared(&|v: &[f64], z: f64| [v[0] * x, z], x);
    let handed_on = chosen(|z| v[0] * z, x);
    let mut s = 0.0;
    while s < 3.0 && shared(&|v: &[f64], z: f64| [v[0] * x, z], s) < 4.0 {
        s += 1.0 + x;
    }
    let _dropped = single_in_double(|z| z * x, x);
    if by_reference > 1.0 { x * handed_on + s } else { x * x * handed_on + s }
}

#[grad]
fn shared(f: &impl Fn(&[f64], f64) -> [f64; 2], x: f64) -> f64 {
    let r = f(&[x, 2.0], x);
    r[0] * r[1]
}

#[grad]
fn single_in_double<F: Fn(f64) -> f64>(f: F, x: f64) -> f64 {
    f(x) * x
}

#[grad]
fn chosen<F: Fn(f64) -> f64>(f: F, x: f64) -> f64 {
    let y = single_in_double(&f, x);
    if y > 1.0 { x * f(x) } else { f(x) }
}

#[test]
fn functions_are_passed_where_nothing_is_differentiated() {
    // s is 3 + 3 x after three passes, or 2 + 2 x after two; handed on is v₀ x.
    let value = |x: f64, v: f64| undifferentiated(x, &[v]);
    for (x, v) in [(0.5, 1.5), (1.3, 0.7)] {
        let (dx, dv) = undifferentiated::grad(x, &[v]);
        let h = 1e-6;
        assert!((dx - (value(x + h, v) - value(x - h, v)) / (2.0 * h)).abs() < 1e-8);
        assert!((dv[0] - (value(x, v + h) - value(x, v - h)) / (2.0 * h)).abs() < 1e-8);
    }
}

/// What is captured as a reference is one in the closure, too; an array is passed on by value.
#[grad]
fn captured_references(x: f64, v: &[f64], a: [f64; 2]) -> f64 {
    let mut s = 0.0;
    for (p, q) in v.iter().zip(&a) {
        s += single_in_double(|z| z * (*p) + *q * x - p + product(a), x);
    }
    let t = &x;
    let pair = (x, 2.0 * x);
    s + single_in_double(|z| z * *t + t + pair.0 * product([pair.1, z]), x)
}

#[grad]
fn product(a: [f64; 2]) -> f64 {
    a[0] * a[1]
}

#[test]
fn references_are_captured_as_they_are() {
    let (x, v, a) = (0.7, [1.5, 0.3], [0.4, -0.6]);
    let (dx, dv, da) = captured_references::grad(x, &v, a);
    let h = 1e-6;
    let slope = |f: &dyn Fn(f64) -> f64| (f(h) - f(-h)) / (2.0 * h);
    assert!((dx - slope(&|h| captured_references(x + h, &v, a))).abs() < 1e-8);
    assert!((dv[1] - slope(&|h| captured_references(x, &[v[0], v[1] + h], a))).abs() < 1e-8);
    assert!((da[0] - slope(&|h| captured_references(x, &v, [a[0] + h, a[1]]))).abs() < 1e-8);
    let dots = captured_references::jvp(x, &v, a, 1.0, &[0.0; 2], [0.0; 2]).1;
    assert!((dots - dx).abs() < 1e-13);
}

/// Functions by their paths.
mod library {
    #[grad::grad]
    pub(super) fn cubic(x: f64) -> f64 {
        x * x * x - 0.5 * x
    }

    #[grad::grad]
    pub(super) fn swing(t: f64, y: [f64; 2]) -> [f64; 2] {
        [y[1] * (1.0 + t), -y[0].sin()]
    }

    #[grad::grad]
    pub(super) fn decay(t: f64, y: &[f64]) -> Vec<f64> {
        y.iter().map(|y| -y * y * (1.0 + t)).collect()
    }

    #[grad::grad]
    pub(super) fn power(x: f64, n: usize) -> f64 {
        (0..n).fold(1.0, |product, _| product * x)
    }
}

#[grad]
fn twice_at(f: &impl Fn(f64, usize) -> f64, x: f64, n: usize) -> f64 {
    f(x, n) * f(0.5 * x, n + 1)
}

#[grad]
fn by_path(p: &[f64]) -> f64 {
    let f = square;
    let y = rk4(library::swing, [p[0], p[1]], 0.8, 3);
    let z = euler(library::decay, &[p[1], p[2]], 0.1, 0.45);
    let mut sum = simpson(f, p[0], p[1], 2) + adaptive(&library::cubic, 0.0, p[2], 1) + y[0] * y[1] * z[1];
    for n in 0..3 {
        sum += twice_at(&library::power, p[0], n) * halves(square, p[2]);
    }
    sum + root(library::cubic, p[0] + 1.0)
}

#[grad]
fn rows_by_path(p: &[f64]) -> [f64; 2] {
    [simpson(square, 0.0, p[0], 2), by_path(p)]
}

/// One that stays a constant is a pointer.
#[grad(wrt(x))]
fn scaled(x: f64, by: fn(f64) -> f64, k: f64) -> f64 {
    x * by(k)
}

#[grad]
fn of_a_constant(x: f64) -> f64 {
    fn double(k: f64) -> f64 {
        2.0 * k
    }
    scaled(x, double, 2.0) * scaled(x, f64::sqrt, 4.0) * scaled(x, square as fn(f64) -> f64, 3.0)
}

#[test]
fn functions_are_passed_by_their_paths() {
    check!(by_path, ref vec![0.3, 1.1, 0.7]; first_only);
    check!(by_path, ref vec![1.5, -0.4, 1.2]; first_only);
    let p = [0.3, 1.1, 0.7];
    let rows = rows_by_path::jacobian(&p);
    let gradient = by_path::grad(&p);
    assert!((rows[0][0] - 0.09).abs() < 1e-15);
    let (_, columns) =
        rows_by_path::jacobian_columns(&p, &[vec![1.0, 0.0, 0.0], vec![0.0, 1.0, 0.0], vec![0.0, 0.0, 1.0]]);
    for at in 0..3 {
        for found in [rows[1][at], columns[at][1]] {
            assert!((found - gradient[at]).abs() < 1e-12 * gradient[at].abs().max(1.0));
        }
    }
    assert_eq!(of_a_constant::grad(1.5), 3.0 * 1.5 * 1.5 * 4.0 * 2.0 * 9.0);
}

/// From ordinary code, with what stands for a function.
mod from_ordinary_code {
    use super::{Differentiable, grad};
    use grad::Objective;

    #[grad]
    fn midpoints(f: impl Fn(f64) -> f64, a: f64, b: f64, n: usize) -> f64 {
        let h = (b - a) / n as f64;
        (0..n).map(|i| h * f(a + h * (i as f64 + 0.5))).sum()
    }

    #[grad]
    fn weighted(f: &impl Fn(&[f64]) -> f64, w: &[f64], k: f64) -> f64 {
        f(w) * k + f(&[k, w[0]])
    }

    #[grad]
    fn each<F: Fn(f64) -> f64, G>(f: F, x: &[f64], g: G) -> Vec<f64>
    where
        G: Fn(f64, f64) -> f64,
    {
        x.iter().map(|x| f(*x) * g(*x, 2.0)).collect()
    }

    #[grad]
    fn squared(x: f64) -> f64 {
        x * x
    }

    #[grad]
    fn bent(x: f64, y: f64) -> f64 {
        x * x.sin() * y
    }

    #[grad]
    fn squares(x: &[f64]) -> f64 {
        x.iter().map(|x| x * x).sum()
    }

    mod library {
        #[grad::grad]
        pub(super) fn cube(x: f64) -> f64 {
            x * x * x
        }
    }

    #[derive(Clone, Differentiable)]
    struct Rule {
        weight: f64,
    }

    #[grad(wrt(self, b))]
    impl Rule {
        fn apply(&self, f: impl Fn(f64) -> f64, b: f64) -> f64 {
            self.weight * f(b)
        }
    }

    #[test]
    fn functions_that_take_functions_have_gradients() {
        let cube = grad::function!(library::cube);
        let (value, (a, b)) = midpoints::value_and_grad(&cube, 0.5, 2.0, 7);
        assert_eq!(value, midpoints(library::cube, 0.5, 2.0, 7));
        let h = 1e-5;
        let by = |da: f64, db: f64| midpoints(library::cube, 0.5 + da, 2.0 + db, 7);
        assert!((a - (by(h, 0.0) - by(-h, 0.0)) / (2.0 * h)).abs() < 1e-8);
        assert!((b - (by(0.0, h) - by(0.0, -h)) / (2.0 * h)).abs() < 1e-8);
        let (_, along) = midpoints::jvp(&cube, 0.5, 2.0, 7, 0.25, -1.0);
        assert!((along - (0.25 * a - b)).abs() < 1e-12);
        let (_, pullback) = midpoints::vjp(&cube, 0.5, 2.0, 7);
        let twice = pullback(2.0);
        assert!((twice.0 - 2.0 * a).abs() < 1e-14 && (twice.1 - 2.0 * b).abs() < 1e-14);

        let of_squares = grad::function!(squares);
        let (mut w, mut k) = ([7.0; 2], 7.0);
        let value = weighted::grad_into(&of_squares, &[1.0, 2.0], 3.0, &mut w, &mut k);
        // 3 (w₀² + w₁²) + k² + w₀²
        assert_eq!((value, w, k), (25.0, [8.0, 12.0], 11.0));
        assert_eq!(weighted::vjp_add(&of_squares, &[1.0, 2.0], 3.0, 2.0, &mut w, &mut k), 25.0);
        assert_eq!((w, k), ([24.0, 36.0], 33.0));

        let (f, g) = (grad::function!(squared), grad::function!(bent));
        let (value, pullback) = each::vjp(&f, &[1.0, 2.0], &g);
        assert_eq!(value, each(squared, &[1.0, 2.0], bent));
        let reverse = pullback(vec![1.0, 2.0]);
        for (at, x) in [1.0_f64, 2.0].into_iter().enumerate() {
            // 2 x³ sin x
            let wanted = 6.0 * x * x * x.sin() + 2.0 * x.powi(3) * x.cos();
            let mut along = [0.0; 2];
            along[at] = 1.0;
            let (_, forward) = each::jvp(&f, &[1.0, 2.0], &g, &along);
            assert!((forward[at] - wanted).abs() < 1e-12);
            assert!((reverse[at] - (at + 1) as f64 * wanted).abs() < 1e-12);
        }

        let (rule, b) = Rule { weight: 2.0 }.apply_grad(&f, 3.0);
        assert_eq!((rule.weight, b), (9.0, 12.0));
    }
    /// Taken by value, copied, generic over a length, and failing.
    #[grad(wrt(w))]
    fn residuals<const N: usize>(
        f: impl Fn(f64) -> f64 + Copy + Send,
        w: &[f64; N],
        xs: &[f64],
        names: Vec<String>,
    ) -> Result<Vec<f64>, String> {
        if w[0] > 9.0 {
            return Err(format!("far: {}", names.len()));
        }
        let at = |x: f64| w[0] * f(x) + w[N - 1] * f(0.5 * x);
        Ok(xs.iter().map(|x| at(*x) - 3.0 * x * x).collect())
    }

    #[grad(second, wrt(x))]
    fn far(f: impl Fn(f64) -> f64 + Copy, x: &[f64], k: f64) -> f64 {
        let mut sum = 0.0;
        for x in x {
            if *x < -5.0 {
                continue;
            }
            sum += f(*x - k) + 0.5 * x;
        }
        sum
    }

    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
        offset: f64,
    }

    #[grad(wrt(line))]
    fn misfit(f: impl Fn(f64, f64) -> f64, line: &Line, xs: &[f64]) -> f64 {
        xs.iter().map(|x| f(line.slope * x + line.offset - 2.0 * x, 1.0).powi(2)).sum()
    }

    #[grad]
    fn distance(x: f64, k: f64) -> f64 {
        x * k
    }

    #[test]
    fn functions_that_take_functions_have_jacobians() {
        let (f, g) = (grad::function!(squared), grad::function!(bent));
        // 2 x³ sin x
        let slope = |x: f64| 6.0 * x * x * x.sin() + 2.0 * x.powi(3) * x.cos();
        for count in [0, 1, 3, 40] {
            let x: Vec<f64> = (0..count).map(|i| 0.1 + 0.2 * f64::from(i)).collect();
            let (value, rows) = each::value_and_jacobian(&f, &x, &g);
            assert_eq!(value, each(squared, &x, bent));
            assert_eq!(rows, each::jacobian(&f, &x, &g));
            for (i, row) in rows.iter().enumerate() {
                for (j, found) in row.iter().enumerate() {
                    let wanted = if i == j { slope(x[i]) } else { 0.0 };
                    assert!((found - wanted).abs() < 1e-10, "{i} {j}: {found} {wanted}");
                }
            }
        }
        let (_, rows) = each::jacobian_rows(&f, &[1.0, 2.0], &g, &[vec![1.0, 1.0]]);
        assert!((rows[0][1] - slope(2.0)).abs() < 1e-12);
        let (_, columns) = each::jacobian_columns(&f, &[1.0, 2.0], &g, &[vec![1.0, 1.0]]);
        assert!((columns[0][1] - slope(2.0)).abs() < 1e-12);
        let xs = [1.0, 2.0, 3.0];
        let (_, rows) = residuals::value_and_jacobian(&f, &[1.0, 2.0], &xs, vec![String::new()]).unwrap();
        assert_eq!(rows[1], [4.0, 1.0]);
        assert_eq!(residuals::jacobian(&f, &[10.0, 2.0], &xs, Vec::new()).unwrap_err(), "far: 0");
    }

    #[test]
    fn functions_that_take_functions_are_minimised() {
        use grad::descent::{Lbfgs, LevenbergMarquardt};
        let f = grad::function!(squared);
        let mut objective = far::objective(&f, 3.0);
        let mut gradient = [0.0; 2];
        let value = objective.value_and_grad_into(&[1.0, -7.0], &mut gradient);
        assert_eq!((value, gradient), (4.5, [-3.5, 0.0]));
        assert_eq!(objective.value(&[1.0, -7.0]), far(squared, &[1.0, -7.0], 3.0));
        let best = Lbfgs::default().minimize(&mut objective, vec![1.0, 1.0]).unwrap();
        assert!((best.x[0] - 2.75).abs() < 1e-6);
        let g = grad::function!(distance);
        let best = Lbfgs::default()
            .minimize(&mut misfit::objective(&g, &[1.0, 2.0, 3.0]), Line { slope: 0.0, offset: 0.5 })
            .unwrap();
        assert!((best.x.slope - 2.0).abs() < 1e-4 && best.x.offset.abs() < 1e-4);
        let g = grad::function!(squared);
        let mut of_squares = residuals::residuals(&g, &[1.0, 2.0], Vec::new());
        let best = LevenbergMarquardt::default().minimize(&mut of_squares, [1.0, 0.5]).unwrap();
        assert!((best.x[0] + 0.25 * best.x[1] - 3.0).abs() < 1e-9);
        let error = LevenbergMarquardt::default().minimize(&mut of_squares, [10.0, 0.5]).unwrap_err();
        assert!(error.to_string().contains("far: 0"), "{error}");
        let k: f64 = 1.0;
        let of_closure = grad::function!(|line: &Line| -> f64 {
            let k: f64 = k;
            misfit(|x, y| x * y * k, line, &[1.0, 2.0])
        });
        assert_eq!(of_closure.grad(&Line { slope: 2.0, offset: 0.0 }).slope, 0.0);
    }
}
