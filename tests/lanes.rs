//! Several directions side by side: `f::jvp_n`, `f::hvp_n`, and what is made of them. That each lane is what forward mode
//! gives, `gradients.rs` tests with every function it has.

#![deny(warnings)]
#![allow(unreachable_pub, clippy::pedantic, clippy::style, clippy::complexity, clippy::perf)]

use grad::{Lanes, grad};

#[grad(second)]
pub fn rosenbrock(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        let a = 1.0 - x[i - 1];
        let b = x[i] - x[i - 1] * x[i - 1];
        sum += a * a + 100.0 * b * b;
    }
    sum
}

#[grad(second)]
fn potential(q: [f64; 2], strength: f64, charges: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (i, c) in charges.iter().enumerate() {
        let d = (q[0] - i as f64).hypot(q[1]);
        sum += strength * c * c / d;
    }
    sum
}

#[test]
fn all_coordinates_in_one_run() {
    let x = [0.5, -1.0, 2.0];
    let dots: Vec<Lanes<f64, 3>> = (0..3).map(Lanes::<f64, 3>::unit).collect();
    let (value, gradient) = rosenbrock::jvp_n(&x, &dots);
    assert_eq!(value.to_bits(), rosenbrock(&x).to_bits());
    let wanted = rosenbrock::grad(&x);
    for k in 0..3 {
        assert!((gradient[k] - wanted[k]).abs() <= 1e-13 * wanted[k].abs());
    }
}

#[test]
fn no_lane_and_one_lane() {
    let (value, none) = rosenbrock::jvp_n::<0>(&[1.0, 2.0], &[Lanes([]); 2]);
    assert_eq!((value, none), (100.0, Lanes([])));
    let (_, one) = rosenbrock::jvp_n(&[1.0, 2.0], &[Lanes([1.0]), Lanes([0.5])]);
    assert_eq!(one[0], rosenbrock::jvp(&[1.0, 2.0], &[1.0, 0.5]).1);
}

#[test]
fn products_with_the_hessian_lane_by_lane() {
    let (q, c) = ([0.3, 0.7], [1.0, -0.5, 2.0]);
    let directions = [([1.0, 0.0], 0.0, [0.0; 3]), ([0.5, -0.25], 2.0, [0.1, 0.2, 0.3])];
    let q_dot = [0, 1].map(|i| Lanes(directions.map(|d| d.0[i])));
    let c_dot = [0, 1, 2].map(|i| Lanes(directions.map(|d| d.2[i])));
    let (gradient, (q_bar, s_bar, c_bar)) =
        potential::hvp_n(q, 1.5, &c, q_dot, Lanes(directions.map(|d| d.1)), &c_dot);
    for (lane, (dq, ds, dc)) in directions.into_iter().enumerate() {
        let (wanted_gradient, (wq, ws, wc)) = potential::hvp(q, 1.5, &c, dq, ds, &dc);
        assert_eq!(gradient, wanted_gradient);
        assert_eq!(q_bar.map(|l| l[lane]), wq);
        assert_eq!(s_bar[lane], ws);
        assert_eq!(c_bar.iter().map(|l| l[lane]).collect::<Vec<_>>(), wc);
    }
}

/// Fewer coordinates than lanes, as many, more, and none.
#[test]
fn hessians_of_any_size() {
    for n in [0_usize, 1, 2, 7, 8, 9, 16, 17, 25] {
        let x: Vec<f64> = (0..n).map(|i| 0.3 + 0.1 * i as f64).collect();
        let hessian = rosenbrock::hessian(&x);
        assert_eq!(hessian.len(), n);
        for (i, row) in hessian.iter().enumerate() {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            assert_eq!(*row, rosenbrock::hvp(&x, &unit).1, "row {i} of {n}");
        }
    }
}

#[test]
fn hessians_of_several_parameters() {
    let (q, s, c) = ([0.3, 0.7], 1.5, [1.0, -0.5, 2.0]);
    let (by_q, by_s, by_c) = potential::hessian(q, s, &c);
    for i in 0..2 {
        let mut unit = [0.0; 2];
        unit[i] = 1.0;
        let (_, (qq, qs, qc)) = potential::hvp(q, s, &c, unit, 0.0, &[0.0; 3]);
        assert_eq!((by_q.0[i], by_q.1[i], &by_q.2[i]), (qq, qs, &qc));
    }
    assert_eq!(by_s, potential::hvp(q, s, &c, [0.0; 2], 1.0, &[0.0; 3]).1);
    for i in 0..3 {
        let mut unit = [0.0; 3];
        unit[i] = 1.0;
        let (_, (cq, cs, cc)) = potential::hvp(q, s, &c, [0.0; 2], 0.0, &unit);
        assert_eq!((by_c.0[i], by_c.1[i], &by_c.2[i]), (cq, cs, &cc));
        for j in 0..2 {
            assert!((by_c.0[i][j] - by_q.2[j][i]).abs() <= 1e-15);
        }
    }
}

#[grad(jacobian = forward)]
fn mixed(a: f64, v: &[f64], m: [[f64; 3]; 2]) -> Vec<f64> {
    let mut out = vec![a * a; v.len() + 1];
    for i in 0..v.len() {
        out[i] += v[i] * m[i % 2][i % 3] + (v[i] * a).sin();
    }
    out
}

#[grad(jacobian = reverse)]
fn mixed_by_rows(a: f64, v: &[f64], m: [[f64; 3]; 2]) -> Vec<f64> {
    let mut out = vec![a * a; v.len() + 1];
    for i in 0..v.len() {
        out[i] += v[i] * m[i % 2][i % 3] + (v[i] * a).sin();
    }
    out
}

#[test]
fn columns_of_several_parameters_in_chunks() {
    let m = [[0.5, -1.0, 2.0], [0.1, 0.2, 0.3]];
    for n in [0, 1, 2, 9, 20] {
        let v: Vec<f64> = (0..n).map(|i| 1.0 - 0.2 * i as f64).collect();
        let (value, (a, by_v, by_m)) = mixed::value_and_jacobian(0.7, &v, m);
        let (wanted, (wa, wv, wm)) = mixed_by_rows::value_and_jacobian(0.7, &v, m);
        assert_eq!(value, wanted);
        let near = |x: f64, y: f64| assert!((x - y).abs() <= 1e-14, "{x} and {y}");
        a.iter().zip(&wa).for_each(|(x, y)| near(*x, *y));
        by_v.iter().flatten().zip(wv.iter().flatten()).for_each(|(x, y)| near(*x, *y));
        by_m.iter().flatten().flatten().zip(wm.iter().flatten().flatten()).for_each(|(x, y)| near(*x, *y));
    }
}

#[grad(second)]
fn cubic(x: f64, v: &[f64]) -> f64 {
    x * x * x * v[0] + v[1] * v[1]
}

/// A derivative in the body, with lanes from outside.
#[grad]
fn slope(x: f64, v: Vec<f64>) -> f64 {
    let (by_x, by_v) = cubic::grad(x, &v);
    let (value, _) = cubic::value_and_grad(by_x, &by_v);
    let (_, along) = cubic::jvp(x, &v, x, &by_v);
    value * along + by_v[1]
}

#[test]
fn derivatives_inside_have_lanes_too() {
    let v = vec![0.5, -0.75];
    let x_dot = Lanes([1.0, 0.0, 0.5]);
    let v_dot = vec![Lanes([0.0, 1.0, -0.25]), Lanes([0.0, 0.0, 1.0])];
    let (_, dots) = slope::jvp_n(1.25, v.clone(), x_dot, v_dot.clone());
    for lane in 0..3 {
        let one = v_dot.iter().map(|dot| dot[lane]).collect();
        assert_eq!(dots[lane], slope::jvp(1.25, v.clone(), x_dot[lane], one).1);
    }
}

#[grad(jvp = decay_jvp)]
fn decay(state: &mut [f64], count: &mut f64, rate: f64) {
    state.iter_mut().for_each(|x| *x *= rate);
    *count += rate;
}

fn decay_jvp(
    state: &mut [f64],
    count: &mut f64,
    rate: f64,
    state_dot: &mut [f64],
    count_dot: &mut f64,
    rate_dot: f64,
) {
    state_dot.iter_mut().zip(&*state).for_each(|(dot, x)| *dot = *dot * rate + x * rate_dot);
    *count_dot += rate_dot;
    decay(state, count, rate);
}

#[grad]
fn decayed(state: &mut [f64; 2], rate: f64) -> f64 {
    let mut count = rate;
    decay(&mut state[..], &mut count, rate);
    decay(&mut state[..1], &mut count, rate * rate);
    state[0] * state[1] + count
}

/// A rule of the user's own runs once for each lane, each time from the old content.
#[test]
fn rules_that_write() {
    let mut wide = [2.0, 3.0];
    let mut wide_dot = [Lanes([1.0, 0.0]), Lanes([0.0, 0.5])];
    let (value, dots) = decayed::jvp_n(&mut wide, 0.5, &mut wide_dot, Lanes([0.25, 1.0]));
    for (lane, (mut dot, rate_dot)) in [([1.0, 0.0], 0.25), ([0.0, 0.5], 1.0)].into_iter().enumerate() {
        let mut state = [2.0, 3.0];
        let (one_value, one) = decayed::jvp(&mut state, 0.5, &mut dot, rate_dot);
        assert_eq!((value, dots[lane]), (one_value, one));
        assert_eq!((wide, wide_dot.map(|dot| dot[lane])), (state, dot));
    }
}

#[grad]
fn steep(x: f64, y: f64, n: usize) -> f64 {
    let z = if n == 0 { x } else { 0.0 };
    z.sqrt() + y
}

/// Where no derivative flows, an infinite partial is not met, in each lane for itself.
#[test]
fn absent_tangents_meet_no_infinity() {
    let (_, dot) = steep::jvp_n(0.0, 1.0, 1, Lanes([1.0, 0.0]), Lanes([1.0, 2.0]));
    assert_eq!(dot, Lanes([1.0, 2.0]));
    let (_, dot) = steep::jvp_n(0.0, 1.0, 0, Lanes([1.0, 0.0]), Lanes([1.0, 2.0]));
    assert_eq!(dot, Lanes([f64::INFINITY, 2.0]));
}
