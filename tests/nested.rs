//! The two nested benchmarks of Pearlmutter and Siskind ("Reverse-Mode AD in a Functional Framework", 2008), in all four
//! combinations of the outer mode and the inner one: a particle in a field whose force is a gradient, and the saddle point
//! of a function, whose maximum is found by a descent that is differentiated through.

#![deny(warnings)]

mod support;

use grad::grad;

/// Two charges, one of which the parameter moves.
#[grad(second)]
fn potential(x: &[f64; 2], w: f64) -> f64 {
    let distance = |a: f64, b: f64| ((x[0] - a) * (x[0] - a) + (x[1] - b) * (x[1] - b)).sqrt();
    1.0 / distance(10.0, 10.0 - w) + 1.0 / distance(10.0, 0.0)
}

/// Where the particle crosses the axis, squared; its force by reverse mode.
#[grad]
fn landing_by_reverse(w: f64) -> f64 {
    let mut x = [0.0, 8.0];
    let mut v = [0.75, 0.0];
    loop {
        let (force, _) = potential::grad(&x, w);
        let next = [x[0] + 0.1 * v[0], x[1] + 0.1 * v[1]];
        if next[1] <= 0.0 {
            let rest = -x[1] / v[1];
            let landing = x[0] + rest * v[0];
            return landing * landing;
        }
        for i in 0..2 {
            v[i] -= 0.1 * force[i];
        }
        x = next;
    }
}

/// The same, by forward mode.
#[grad]
fn landing_by_forward(w: f64) -> f64 {
    let mut x = [0.0, 8.0];
    let mut v = [0.75, 0.0];
    loop {
        let (_, fx) = potential::jvp(&x, w, &[1.0, 0.0], 0.0);
        let (_, fy) = potential::jvp(&x, w, &[0.0, 1.0], 0.0);
        let next = [x[0] + 0.1 * v[0], x[1] + 0.1 * v[1]];
        if next[1] <= 0.0 {
            let rest = -x[1] / v[1];
            let landing = x[0] + rest * v[0];
            return landing * landing;
        }
        v[0] -= 0.1 * fx;
        v[1] -= 0.1 * fy;
        x = next;
    }
}

/// Their descent: the step size doubles after ten good steps and is halved after a bad one.
fn descend<const N: usize>(
    value: impl Fn(&[f64; N]) -> f64,
    gradient: impl Fn(&[f64; N]) -> [f64; N],
    start: [f64; N],
) -> [f64; N] {
    let norm = |v: &[f64; N]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let (mut x, mut fx, mut gx) = (start, value(&start), gradient(&start));
    let (mut eta, mut good) = (1e-5, 0);
    loop {
        if norm(&gx) <= 1e-5 {
            return x;
        }
        if good == 10 {
            (eta, good) = (2.0 * eta, 0);
            continue;
        }
        let next: [f64; N] = std::array::from_fn(|i| x[i] - eta * gx[i]);
        if norm(&std::array::from_fn(|i| next[i] - x[i])) <= 1e-5 {
            return x;
        }
        let f_next = value(&next);
        if f_next < fx {
            (x, fx, gx, good) = (next, f_next, gradient(&next), good + 1);
        } else {
            (eta, good) = (0.5 * eta, 0);
        }
    }
}

#[test]
fn the_particle_lands_where_it_should_in_every_combination_of_modes() {
    let by_reverse = |w: &[f64; 1]| landing_by_reverse(w[0]);
    let by_forward = |w: &[f64; 1]| landing_by_forward(w[0]);
    let found = [
        descend(by_reverse, |w| [landing_by_reverse::grad(w[0])], [0.0]),
        descend(by_reverse, |w| [landing_by_reverse::jvp(w[0], 1.0).1], [0.0]),
        descend(by_forward, |w| [landing_by_forward::grad(w[0])], [0.0]),
        descend(by_forward, |w| [landing_by_forward::jvp(w[0], 1.0).1], [0.0]),
    ];
    for [w] in found {
        assert!((w - 0.207_191_87).abs() < 5e-9, "{found:?}");
    }
}

#[grad(second)]
fn saddle(a: &[f64; 2], b: &[f64; 2]) -> f64 {
    (a[0] * a[0] + a[1] * a[1]) - (b[0] * b[0] + b[1] * b[1])
}

/// The maximum over `b` of `saddle(a, b)`, and where it is, by ascent; the inner gradient by reverse mode.
#[grad]
fn summit_by_reverse(a: &[f64; 2]) -> (f64, [f64; 2]) {
    let mut b = [1.0, 1.0];
    let mut value = saddle(a, &b);
    let (_, mut g) = saddle::grad(a, &b);
    let mut eta = 1e-5;
    let mut good = 0;
    while (g[0] * g[0] + g[1] * g[1]).sqrt() > 1e-5 {
        if good == 10 {
            eta *= 2.0;
            good = 0;
            continue;
        }
        let next = [b[0] + eta * g[0], b[1] + eta * g[1]];
        if ((next[0] - b[0]).powi(2) + (next[1] - b[1]).powi(2)).sqrt() <= 1e-5 {
            break;
        }
        let f_next = saddle(a, &next);
        if f_next > value {
            b = next;
            value = f_next;
            g = saddle::grad(a, &b).1;
            good += 1;
        } else {
            eta *= 0.5;
            good = 0;
        }
    }
    (value, b)
}

/// The same, by forward mode.
#[grad]
fn summit_by_forward(a: &[f64; 2]) -> (f64, [f64; 2]) {
    let mut b = [1.0, 1.0];
    let mut value = saddle(a, &b);
    let mut g = [saddle::jvp(a, &b, &[0.0; 2], &[1.0, 0.0]).1, saddle::jvp(a, &b, &[0.0; 2], &[0.0, 1.0]).1];
    let mut eta = 1e-5;
    let mut good = 0;
    while (g[0] * g[0] + g[1] * g[1]).sqrt() > 1e-5 {
        if good == 10 {
            eta *= 2.0;
            good = 0;
            continue;
        }
        let next = [b[0] + eta * g[0], b[1] + eta * g[1]];
        if ((next[0] - b[0]).powi(2) + (next[1] - b[1]).powi(2)).sqrt() <= 1e-5 {
            break;
        }
        let f_next = saddle(a, &next);
        if f_next > value {
            b = next;
            value = f_next;
            g[0] = saddle::jvp(a, &b, &[0.0; 2], &[1.0, 0.0]).1;
            g[1] = saddle::jvp(a, &b, &[0.0; 2], &[0.0, 1.0]).1;
            good += 1;
        } else {
            eta *= 0.5;
            good = 0;
        }
    }
    (value, b)
}

#[test]
fn the_saddle_point_is_found_in_every_combination_of_modes() {
    type Point = [f64; 2];
    let by_reverse = |a: &Point| summit_by_reverse(a).0;
    let by_forward = |a: &Point| summit_by_forward(a).0;
    let units = [[1.0, 0.0], [0.0, 1.0]];
    let rr = |a: &Point| summit_by_reverse::vjp(a).1((1.0, [0.0; 2]));
    let rf = |a: &Point| summit_by_forward::vjp(a).1((1.0, [0.0; 2]));
    let fr = |a: &Point| units.map(|e| summit_by_reverse::jvp(a, &e).1.0);
    let ff = |a: &Point| units.map(|e| summit_by_forward::jvp(a, &e).1.0);
    let start = [1.0, 1.0];
    let points = [
        (descend(by_reverse, rr, start), true),
        (descend(by_reverse, fr, start), true),
        (descend(by_forward, rf, start), false),
        (descend(by_forward, ff, start), false),
    ];
    for (a, inner_reverse) in points {
        let (_, b) = if inner_reverse { summit_by_reverse(&a) } else { summit_by_forward(&a) };
        for x in [a[0], a[1], b[0], b[1]] {
            assert!((x - 8.2463e-6).abs() < 5e-10, "{a:?} {b:?}");
        }
    }
}
