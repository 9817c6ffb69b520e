//! Loops of every kind, with every way out of them.

use crate::support::{check, check_into, exactly};
use grad::grad;

/// xⁿ == d n xⁿ⁻¹
#[grad(second)]
fn power(x: f64, n: usize) -> f64 {
    let mut y = 1.0;
    for _ in 0..n {
        y *= x;
    }
    y
}

#[test]
fn zero_one_and_many_passes() {
    exactly!(power(3.0, =0) => [0.0]);
    check!(power(3.0, =1) => [1.0]);
    check!(power(0.9, =12) => [12.0 * 0.9_f64.powi(11)]);
    exactly!(power(0.0, =0) => [0.0]);
    exactly!(power(0.0, =1) => [1.0]);
    exactly!(power(0.0, =2) => [0.0]);
}

#[grad(second)]
fn sum_of_squares(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        s += v[i] * v[i];
    }
    s
}

#[test]
fn a_reduction() {
    check_into!(sum_of_squares(&[1.0, -2.0, 0.5]) => [2.0, -4.0, 1.0]);
    assert_eq!(sum_of_squares::grad(&[]), Vec::<f64>::new());
}

/// Σ w (x - y)²
#[grad(second)]
fn weighted(x: &[f64], y: &[f64], w: &[f64]) -> f64 {
    let mut acc = 0.0;
    for i in 0..x.len() {
        let d = x[i] - y[i];
        acc += w[i] * d * d;
    }
    acc
}

/// The reduction's cotangent is not known before the loop ran.
#[grad(second)]
fn norm(v: &[f64], scale: f64) -> f64 {
    let mut s = 1e-3;
    for i in 0..v.len() {
        let e = (scale * v[i]).exp();
        s += e;
    }
    s.sqrt() * scale
}

#[test]
fn reductions_with_linear_and_nonlinear_ends() {
    check_into!(weighted(&[1.0, 2.0], &[0.5, 0.25], &[3.0, 0.1]) => [3.0, 0.35, -3.0, -0.35, 0.25, 3.0625]);
    check_into!(norm(&[0.3, -0.2, 0.9], 1.1));
    check_into!(norm(&[0.3], 1.1));
}

/// The logistic map: state carried from pass to pass, not linearly.
#[grad(second)]
fn logistic_map(x: f64, c: &[f64; 5]) -> f64 {
    let mut s = x;
    for i in 0..5 {
        s = c[i] * s * (1.0 - s);
    }
    s
}

#[grad(second)]
fn logistic_map_n(x: f64, c: &[f64]) -> f64 {
    let mut s = x;
    for i in 0..c.len() {
        s = c[i] * s * (1.0 - s);
    }
    s
}

#[test]
fn carried_state_is_restored() {
    check!(logistic_map(0.3, &[2.1, 3.0, 1.5, 2.7, 3.3]));
    check_into!(logistic_map_n(0.3, &[2.1, 3.0, 1.5, 2.7, 3.3]));
    check_into!(logistic_map_n(0.3, &[2.1]) => [2.1 * 0.4, 0.21]);
}

/// Two states that feed each other, and one that is only read.
#[grad(second)]
fn oscillator(x0: f64, v0: f64, k: f64, steps: usize) -> f64 {
    let (mut x, mut v) = (x0, v0);
    let dt = 0.1;
    for step in 0..steps {
        let a = -k * x;
        v += dt * a;
        x += dt * v * (1.0 + 0.01 * step as f64);
    }
    x * x + v * v
}

#[test]
fn coupled_states() {
    check!(oscillator(0.7, -0.2, 1.3, =0) => [1.4, -0.4, 0.0]);
    check!(oscillator(0.7, -0.2, 1.3, =1));
    check!(oscillator(0.7, -0.2, 1.3, =20));
}

#[grad(second)]
fn ranges(v: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    for i in (0..n).rev() {
        s = s * 0.5 + v[i];
    }
    for i in 1..=n {
        s += s * v[i - 1] * i as f64 * 0.1;
    }
    for i in (0..n).step_by(2) {
        s *= 1.0 + v[i] * 0.1;
    }
    for i in (1..n).rev().step_by(2) {
        s -= v[i] * s * 0.2;
    }
    for i in (0..=n.saturating_sub(1)).rev() {
        s += v[i] * v[i] * s * 0.05;
    }
    s
}

#[test]
fn ranges_of_all_kinds() {
    check_into!(ranges(&[0.3, -0.4, 0.8, 0.2, 0.6], =5));
    check_into!(ranges(&[0.3, -0.4, 0.8, 0.2, 0.6], =4));
    check_into!(ranges(&[0.3, -0.4, 0.8, 0.2, 0.6], =1));
    // n = 0: the last range still runs once, at 0.
    check_into!(ranges(&[0.3, -0.4], =0));
}

#[grad(second)]
fn integer_types(x: f64, n: i32, m: u8) -> f64 {
    let mut y = x;
    for i in -2..n {
        y = y * x + f64::from(i);
    }
    for j in 0..m {
        y += x * f64::from(j);
    }
    for k in (-3..=3_i64).step_by(3) {
        y += x * x * k as f64;
    }
    for _ in 5..2 {
        y *= 100.0;
    }
    y
}

#[test]
fn ranges_of_any_integer_type() {
    check!(integer_types(0.6, =2, =4));
    check!(integer_types(0.6, =-2, =0) => [1.0]);
    check!(integer_types(0.6, =-7, =0) => [1.0]);
}

/// The inner bound depends on the outer index, and a running index on both.
#[grad(second)]
fn triangle(l: &[f64], x: &[f64]) -> f64 {
    let n = x.len();
    let mut s = 0.0;
    let mut p = 0;
    for i in 0..n {
        let mut row = x[i];
        for j in i + 1..n {
            row += l[p] * x[j] * row;
            p += 1;
        }
        s += row * row;
    }
    s
}

#[test]
fn nested_loops_with_a_running_index() {
    check_into!(triangle(&[0.1, 0.2, -0.3, 0.4, 0.5, 0.6], &[1.0, 0.5, -0.7, 0.2]));
    check_into!(triangle(&[], &[1.5]) => [3.0]);
}

/// The bound changes in the body, which does not change the number of passes.
#[grad(second)]
fn bound_changes(x: f64, n: usize) -> f64 {
    let mut n = n;
    let mut y = 1.0;
    for i in 0..n {
        n += 1;
        y = y * x + n as f64 * 0.1 + i as f64;
    }
    y * n as f64
}

#[test]
fn the_range_is_evaluated_once() {
    check!(bound_changes(0.7, =3));
    exactly!(bound_changes(0.7, =0) => [0.0]);
}

/// Three loops deep, a branch and a temporary array in the middle.
#[grad(second)]
fn matrix_power(a: &[[f64; 2]; 2], n: usize) -> f64 {
    let mut p = [[1.0, 0.0], [0.0, 1.0]];
    for _ in 0..n {
        let mut q = [[0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    q[i][j] += p[i][k] * a[k][j];
                }
            }
        }
        p = q;
    }
    p[0][0] + p[1][1]
}

#[test]
fn matrix_powers() {
    // tr A² = a² + 2bc + d²
    let (a, b, c, d) = (0.4, 1.2, -0.3, 0.8);
    check!(matrix_power(&[[0.4, 1.2], [-0.3, 0.8]], =2) => [2.0 * a, 2.0 * c, 2.0 * b, 2.0 * d]);
    check!(matrix_power(&[[0.4, 1.2], [-0.3, 0.8]], =5));
    exactly!(matrix_power(&[[0.4, 1.2], [-0.3, 0.8]], =0) => [0.0, 0.0, 0.0, 0.0]);
}

/// √a by Newton == d 1 / (2√a), up to convergence
#[grad(second)]
fn newton(a: f64) -> f64 {
    let mut x = a;
    while (x * x - a).abs() > 1e-12 * a {
        x = 0.5 * (x + a / x);
    }
    x
}

#[test]
fn while_on_an_active_condition() {
    for a in [0.3_f64, 2.0, 9.0, 1e4] {
        let d = newton::grad(a);
        let exact = 0.5 / a.sqrt();
        assert!((d - exact).abs() < 1e-9 * exact, "{d} instead of {exact}");
        assert_eq!(newton::value_and_grad(a).0.to_bits(), newton(a).to_bits());
    }
    // Converged before the first pass: the identity.
    exactly!(newton(1.0) => [1.0]);
}

#[grad(second)]
fn countdown(x: f64, n: usize) -> f64 {
    let mut k = n;
    let mut y = x;
    while k > 0 {
        y = y.sin() + x * k as f64;
        k -= 1;
    }
    y
}

#[grad(second)]
fn while_with_two_counters(v: &[f64]) -> f64 {
    let (mut i, mut j) = (0, v.len());
    let mut s = 0.0;
    while i < j {
        j -= 1;
        s = s * 0.7 + v[i] * v[j];
        i += 1;
    }
    s
}

#[test]
fn while_on_constant_conditions() {
    check!(countdown(0.7, =0) => [1.0]);
    check!(countdown(0.7, =1) => [0.7_f64.cos() + 1.0]);
    check!(countdown(0.7, =6));
    check_into!(while_with_two_counters(&[1.0, 2.0, 3.0, 4.0, 5.0]));
    check_into!(while_with_two_counters(&[1.0, 2.0]) => [2.0, 1.0]);
}

#[grad(second)]
fn while_let(x: f64, stack: &[usize]) -> f64 {
    let mut rest = stack.iter();
    let mut y = x;
    while let Some(&n) = rest.next() {
        y = y * x + n as f64;
    }
    y
}

#[test]
fn while_let_on_constants() {
    check!(while_let(0.5, =&[]) => [1.0]);
    // ((x² + 3)x + 4) == d 3x² + 3
    check!(while_let(0.5, =&[3, 4]) => [3.75]);
}

#[grad(second)]
fn endless(x: f64, limit: f64) -> f64 {
    let mut y = x;
    let mut n = 0;
    loop {
        y = y * y + x;
        n += 1;
        if y > limit {
            break;
        }
        if n == 4 {
            y *= 3.0;
            break;
        }
    }
    y
}

#[test]
fn loop_with_breaks() {
    check!(endless(0.5, 10.0));
    check!(endless(0.9, 10.0));
    check!(endless(2.0, 1.0) => [5.0, 0.0]);
}

#[grad(second)]
fn loop_value(x: f64) -> f64 {
    let mut y = x;
    let z = loop {
        y *= 1.5;
        if y > 4.0 {
            break y * x;
        }
        if y < -4.0 {
            break -1.0;
        }
    };
    z + y
}

#[test]
fn break_with_a_value() {
    // 1 → 1.5 → 2.25 → 3.375 → 5.0625: 5.0625 x (x + 1)
    check!(loop_value(1.0) => [5.0625 * 3.0]);
    check!(loop_value(-1.0) => [5.0625]);
}

#[grad(second)]
fn skipping(v: &[f64]) -> f64 {
    let mut p = 1.0;
    for i in 0..v.len() {
        if v[i] < 0.0 {
            continue;
        }
        p *= 1.0 + v[i];
        if i == 2 {
            continue;
        }
        p += v[i] * v[i];
    }
    p
}

#[grad(second)]
fn stopping(v: &[f64]) -> f64 {
    let mut p = 1.0;
    for i in 0..v.len() {
        if v[i] < 0.0 {
            return p * v[i];
        }
        p *= 1.0 + v[i];
        if p > 50.0 {
            break;
        }
    }
    p.ln()
}

#[test]
fn continue_break_and_return() {
    check_into!(skipping(&[0.5, -1.0, 2.0, 0.3]));
    check_into!(skipping(&[-0.5, -1.0]) => [0.0, 0.0]);
    // return
    check_into!(stopping(&[0.5, 0.2, -2.0, 4.0]) => [-2.4, -3.0, 1.8, 0.0]);
    check_into!(stopping(&[-2.0]) => [1.0]);
    // break
    check_into!(stopping(&[9.0, 9.0, 9.0]) => [0.1, 0.1, 0.0]);
    // to the end
    check_into!(stopping(&[1.0, 3.0]) => [0.5, 0.25]);
}

#[grad(wrt(m), second)]
fn labelled(m: &[[f64; 3]], limit: f64) -> f64 {
    let mut s = 0.1;
    let mut found = 0.0;
    'rows: for i in 0..m.len() {
        for j in 0..3 {
            let e = m[i][j];
            if e < 0.0 {
                continue 'rows;
            }
            s += e * s;
            if s > limit {
                found = e * e;
                break 'rows;
            }
        }
        s *= 0.9;
    }
    s + found
}

#[test]
fn labels_leave_outer_loops() {
    check_into!(labelled(&[[0.5, 0.2, 0.3], [0.1, -1.0, 3.0], [0.7, 0.8, 0.9]], =100.0));
    check_into!(labelled(&[[0.5, 0.2, 0.3], [0.1, -1.0, 3.0], [0.7, 0.8, 0.9]], =0.3));
    check_into!(labelled(&[[-0.5, 0.2, 0.3], [0.1, 9.0, 3.0], [0.7, 0.8, 0.9]], =0.5));
    check_into!(labelled(&[[-0.5, 0.2, 0.3]], =0.5) => [0.0, 0.0, 0.0]);
}

#[grad(second)]
fn labelled_value(x: f64, n: usize) -> f64 {
    let mut y = x;
    let z = 'outer: loop {
        for i in 0..n {
            y = y * 1.2 + 0.1 * i as f64;
            if y > 3.0 {
                break 'outer y * y;
            }
        }
        if n == 0 {
            break x;
        }
    };
    z - y
}

#[grad(second)]
fn labelled_block(x: f64) -> f64 {
    let y = 'found: {
        if x > 1.0 {
            break 'found x * x;
        }
        let z = x + 2.0;
        if z > 2.5 {
            break 'found z * z * z;
        }
        1.0
    };
    y * x
}

#[test]
fn labels_with_values() {
    check!(labelled_value(0.8, =3));
    check!(labelled_value(0.8, =0) => [0.0]);
    check!(labelled_block(2.0) => [12.0]);
    check!(labelled_block(0.7) => [2.7_f64.powi(3) + 0.7 * 3.0 * 2.7 * 2.7]);
    check!(labelled_block(0.1) => [1.0]);
}

#[grad(second)]
fn search(m: &[Vec<f64>], target: f64) -> f64 {
    let mut best = 0.0;
    for i in 0..m.len() {
        for j in 0..m[i].len() {
            let d = m[i][j] - target;
            if d * d < 1e-2 {
                return d * best;
            }
            best += d.abs();
            while best > 5.0 {
                best *= 0.5;
                if best < 1.0 {
                    return best + target;
                }
            }
        }
    }
    best
}

#[test]
fn return_from_nested_loops() {
    check_into!(search(&[vec![1.0, 2.0], vec![], vec![3.05, 4.0]], 3.0));
    check_into!(search(&[vec![1.0, 9.0], vec![4.2, 4.1]], 3.0));
    check_into!(search(&[vec![1.0], vec![300.0]], 2.9));
    check_into!(search(&[], 3.0) => [0.0]);
}

/// Loops over data themselves, by reference, by value, mutably.
#[grad(second)]
fn over_data(v: &[f64], a: [f64; 3], w: Vec<f64>) -> f64 {
    let mut s = 0.0;
    for x in v {
        s += x * x;
    }
    for &x in v {
        s *= 1.0 + x;
    }
    for x in a {
        s = s * 0.5 + x * x * s;
    }
    for x in &a {
        s += *x;
    }
    for (i, x) in w.iter().enumerate() {
        s += x * i as f64 * s;
    }
    for x in w {
        s -= x;
    }
    s
}

#[grad(second)]
fn over_data_mutably(v: &[f64], c: f64) -> f64 {
    let mut w = v.to_vec();
    for x in &mut w {
        *x *= c;
    }
    for x in w.iter_mut() {
        *x = *x * *x + 1.0;
    }
    for (x, y) in w.iter_mut().zip(v) {
        *x += y * c;
    }
    let mut s = 0.0;
    for (x, &y) in w.iter().zip(v.iter()) {
        s += x * y;
    }
    s
}

#[grad(second)]
fn over_pieces(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for pair in v.windows(2) {
        s += (pair[1] - pair[0]).powi(2);
    }
    for three in v.chunks(3) {
        let mut p = 1.0;
        for x in three {
            p *= x;
        }
        s += p * three[0];
    }
    s
}

#[test]
fn loops_over_data() {
    check_into!(over_data(&[0.3, 0.4], [0.1, -0.2, 0.9], vec![0.7, -0.6]));
    check_into!(over_data_mutably(&[0.3, 0.4, -0.8], 1.3));
    check_into!(over_pieces(&[0.3, 0.4, -0.8, 1.1, 0.6]));
}

/// A constant trip count, a recurrence in it, and the loop variable as a number.
#[grad(second)]
fn series(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..=10 {
        term *= x / k as f64;
        sum += term;
    }
    sum
}

#[test]
fn a_power_series() {
    // Σ_{k ≤ 9} xᵏ/k! is the derivative.
    let x: f64 = 0.8;
    let mut d = 1.0;
    let mut term = 1.0;
    for k in 1..=9 {
        term *= x / f64::from(k);
        d += term;
    }
    check!(series(0.8) => [d]);
}

/// A float that is assigned in a loop but not carried, and one declared outside.
#[grad(second)]
fn scratch(v: &[f64]) -> f64 {
    let mut t;
    let mut s = 0.0;
    let mut last = 0.0;
    for i in 0..v.len() {
        t = v[i].sin();
        t *= t;
        s += t * v[i];
        last = t;
    }
    s + last * 2.0
}

#[test]
fn a_variable_of_the_body_lives_outside() {
    check_into!(scratch(&[0.4, 0.9, -0.3]));
}

/// A loop whose body runs different code from pass to pass.
#[grad(second)]
fn branches_in_loops(v: &[f64], up: &[bool]) -> f64 {
    let mut s = 1.0;
    let mut c = 0.0;
    for i in 0..v.len() {
        if up[i] {
            s *= v[i];
        } else if v[i] > s {
            c += v[i] * s;
        } else {
            match i % 3 {
                0 => s += c,
                1 => {
                    c = s * v[i];
                    s -= c;
                }
                _ => {}
            }
        }
    }
    s + c * c
}

#[test]
fn branches_inside_loops() {
    check_into!(branches_in_loops(&[0.9, 1.4, 0.2, 0.3, 0.1, 1.7], =&[true, false, false, false, false, true]));
    check_into!(branches_in_loops(&[0.9, 0.4, 0.2, 0.3, 0.5, 1.7], =&[false; 6]));
}

/// Recorded values of an inner loop of changing length.
#[grad(second)]
fn inner_while(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        let mut x = v[i];
        while x < 3.0 {
            x = x * x + 0.5;
        }
        s += x * x * v[i];
    }
    s
}

#[test]
fn an_inner_loop_of_changing_length() {
    check_into!(inner_while(&[0.9, 5.0, 1.2, -2.0, 0.8]));
}

/// An owned parameter that was changed, summed up by loops that are reversed while they run; a parameter behind a
/// reference, used in nested loops.
#[grad(second)]
fn changed_parameters(x: f64, mut v: Vec<f64>, mut a: [f64; 2], y: &f64) -> f64 {
    v.push(x);
    a[0] *= x;
    let s = v.iter().sum::<f64>();
    let q = v.iter().map(|z| z * z).sum::<f64>();
    let mut r = s * q * x + a.iter().sum::<f64>();
    for _ in 0..3 {
        r = r * y + v[0];
        for z in &v {
            r += z * y;
        }
    }
    r
}

#[test]
fn loops_over_changed_parameters() {
    check!(changed_parameters(0.3, vec![0.4, 0.5], [0.2, 0.9], &0.7));
}

/// An element that an inner loop reads, and the outer one behind it.
#[grad(second)]
fn element_read_again(a: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        for j in 0..2 {
            s += a[0] * (i + j) as f64;
        }
        s += a[0] * a[1];
    }
    s
}

#[test]
fn an_element_is_read_in_two_loops() {
    check_into!(element_read_again(&[1.5, -0.5], =3) => [9.0 - 1.5, 4.5]);
}
