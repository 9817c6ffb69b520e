//! `particle` and `saddle` with all derivatives written out.

use crate::descend::descend;

const TIME_STEP: f64 = 0.1;

/// The gradient of the potential of a charge at distance (x, y), and how it changes along (dx, dy).
fn force(x: f64, y: f64, dx: f64, dy: f64) -> ([f64; 2], [f64; 2]) {
    let inverse = 1.0 / (x * x + y * y).sqrt();
    let cube = inverse * inverse * inverse;
    let along = 3.0 * (x * dx + y * dy) * inverse * inverse;
    ([-x * cube, -y * cube], [(along * x - dx) * cube, (along * y - dy) * cube])
}

/// Where the particle crosses the axis, squared, and its derivative: the motion of the particle, and of its derivative by w.
fn landing(w: f64) -> (f64, f64) {
    let (mut x, mut v) = ([0.0, 8.0], [0.75, 0.0]);
    let (mut x_dot, mut v_dot) = ([0.0; 2], [0.0; 2]);
    loop {
        // The first charge is at (10, 10 − w): it moves by −1.
        let (first, first_dot) = force(x[0] - 10.0, x[1] - (10.0 - w), x_dot[0], x_dot[1] + 1.0);
        let (second, second_dot) = force(x[0] - 10.0, x[1], x_dot[0], x_dot[1]);
        let next = [x[0] + TIME_STEP * v[0], x[1] + TIME_STEP * v[1]];
        if next[1] <= 0.0 {
            let rest = -x[1] / v[1];
            let rest_dot = -(x_dot[1] + rest * v_dot[1]) / v[1];
            let landing = x[0] + rest * v[0];
            let landing_dot = x_dot[0] + rest_dot * v[0] + rest * v_dot[0];
            return (landing * landing, 2.0 * landing * landing_dot);
        }
        for i in 0..2 {
            x_dot[i] += TIME_STEP * v_dot[i];
            v[i] -= TIME_STEP * (first[i] + second[i]);
            v_dot[i] -= TIME_STEP * (first_dot[i] + second_dot[i]);
        }
        x = next;
    }
}

/// Where the first charge shall be.
pub fn particle(w: f64) -> f64 {
    let [w] = descend(|[w]| landing(*w).0, |[w]| [landing(*w).1], [w]);
    w
}

/// The saddle point, from `start` in both descents. The maximum over b depends on a by the first square alone.
pub fn saddle(start: [f64; 2]) -> [f64; 4] {
    let summit = |a: &[f64; 2]| {
        let value = |b: &[f64; 2]| (b[0] * b[0] + b[1] * b[1]) - (a[0] * a[0] + a[1] * a[1]);
        descend(value, |b| [2.0 * b[0], 2.0 * b[1]], start)
    };
    let highest = |a: &[f64; 2]| {
        let b = summit(a);
        (a[0] * a[0] + a[1] * a[1]) - (b[0] * b[0] + b[1] * b[1])
    };
    let a = descend(highest, |a| [2.0 * a[0], 2.0 * a[1]], start);
    let b = summit(&a);
    [a[0], a[1], b[0], b[1]]
}
