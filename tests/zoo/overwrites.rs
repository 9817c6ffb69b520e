//! Variables and elements that change: the first seven rows of the list of bug classes, by number.

use crate::support::{check, check_into, exactly};
use grad::grad;

// 1: contributions accumulate.

#[grad(second)]
fn used_thrice(x: f64) -> f64 {
    let y = x * x;
    y * x + y - y
}

#[test]
fn row_1_uses_accumulate() {
    check!(used_thrice(1.7) => [3.0 * 1.7 * 1.7]);
}

// 2: values are saved before they are overwritten.

/// x⁴
#[grad(second)]
fn squared_twice(x: f64) -> f64 {
    let mut a = x;
    a = a * a;
    a = a * a;
    a
}

#[grad(second)]
fn elements_squared_twice(x: &[f64]) -> f64 {
    let mut v = [x[0], x[1]];
    v[0] = v[0] * v[1];
    v[0] = v[0] * v[0];
    v[1] = v[0].sin();
    v[0] = v[1] * v[0];
    v[0]
}

#[test]
fn row_2_an_overwritten_value_is_restored() {
    check!(squared_twice(0.8) => [4.0 * 0.8_f64.powi(3)]);
    check_into!(elements_squared_twice(&[0.8, 1.2]));
}

// 3: the old target's cotangent is cleared after it was used.

#[grad(second)]
#[allow(dead_code, clippy::self_assignment)]
fn self_assigned(x: f64) -> f64 {
    let mut a = x * x;
    a = a;
    a *= 3.0;
    let mut v = [a, x];
    v[0] = v[0];
    v[0] * v[1]
}

#[grad(second)]
#[allow(unused_assignments, clippy::almost_swapped)]
fn assigned_round(x: f64, y: f64) -> f64 {
    let mut a = x;
    let mut b = y;
    a = b;
    b = a * x;
    a * b
}

#[grad(second)]
#[allow(clippy::manual_swap)]
fn swapped_by_temporary(x: f64, y: f64) -> f64 {
    let (mut a, mut b) = (x, y);
    let t = a;
    a = b;
    b = t;
    a * a * b
}

#[grad(second)]
fn swapped_by_tuple(x: f64, y: f64) -> f64 {
    let (mut a, mut b) = (x, y);
    (a, b) = (b, a * b);
    (a, b) = (b + 1.0, a);
    a * a * b
}

#[grad(second)]
fn swapped_elements(x: &[f64]) -> f64 {
    let mut v = [x[0], x[1], x[0] * x[1]];
    (v[0], v[1]) = (v[1], v[0]);
    [v[1], v[2]] = [v[2], v[1]];
    v[0] * v[0] * v[1] + v[2]
}

#[grad(second)]
fn swapped_by_function(x: f64, y: f64) -> f64 {
    let mut a = x;
    let mut b = y;
    std::mem::swap(&mut a, &mut b);
    let mut u = [a, 1.0];
    let mut v = [b, a * b];
    std::mem::swap(&mut u, &mut v);
    a * a * b + u[0] * v[0] * v[0] + u[1] * v[1]
}

#[test]
fn row_3_assignments_in_a_circle() {
    check!(self_assigned(0.9) => [9.0 * 0.81]);
    check!(assigned_round(0.9, 1.3) => [1.3 * 1.3, 2.0 * 1.3 * 0.9]);
    check!(swapped_by_temporary(0.9, 1.3) => [1.3 * 1.3, 2.0 * 1.3 * 0.9]);
    // a = xy + 1, b = y
    check!(swapped_by_tuple(0.9, 1.3) => [2.0 * 2.17 * 1.3 * 1.3, 2.17 * 2.17 + 2.0 * 2.17 * 0.9 * 1.3]);
    // [y, xy, x]
    check_into!(swapped_elements(&[0.9, 1.3]) => [1.3_f64.powi(3) + 1.0, 3.0 * 1.69 * 0.9]);
    check!(swapped_by_function(0.9, 1.3));
}

// 4: compound assignment with itself.

#[grad(second)]
#[allow(clippy::misrefactored_assign_op)]
fn doubled(x: f64) -> f64 {
    let mut a = x;
    a += a;
    a
}

#[grad(second)]
fn squared(x: f64) -> f64 {
    let mut a = x;
    a *= a;
    a
}

#[grad(second)]
#[allow(clippy::eq_op)]
fn cancelled(x: f64) -> f64 {
    let mut a = x;
    a -= a;
    a
}

#[grad(second)]
#[allow(clippy::eq_op)]
fn divided(x: f64) -> f64 {
    let mut a = x;
    a /= a;
    a
}

#[grad(second)]
fn elements_with_themselves(x: f64, i: usize, j: usize) -> f64 {
    let mut v = [x, 2.0 * x];
    v[i] += v[j];
    v[i] *= v[j];
    v[j] -= v[i] * v[j];
    v[i] /= v[j];
    v[0] + 3.0 * v[1]
}

#[test]
fn row_4_compound_assignment_with_itself() {
    check!(doubled(0.7) => [2.0]);
    check!(squared(0.7) => [1.4]);
    check!(cancelled(0.7) => [0.0]);
    check!(divided(0.7) => [0.0]);
    check!(elements_with_themselves(0.3, =0, =1));
    check!(elements_with_themselves(0.3, =0, =0));
}

// 5: shadowing.

#[grad(second)]
fn shadowed(x: f64) -> f64 {
    let x = x * x;
    let x = x.sin();
    let y = {
        let x = x + 2.0;
        x * 3.0
    };
    for _ in 0..2 {
        let x = y;
        let _ = x * x;
    }
    x * y
}

#[test]
fn row_5_shadowing() {
    let (s, c) = 0.49_f64.sin_cos();
    check!(shadowed(0.7) => [(6.0 * s + 6.0) * c * 1.4]);
}

// 6: arrays.

#[grad(second)]
fn product_in_place(x: &[f64], i: usize, j: usize) -> f64 {
    let mut v = x.to_vec();
    v[i] = v[i] * v[j];
    v[j] = v[i] + v[j] * v[j];
    v[0] * v[1]
}

#[grad(second)]
fn chain_in_place(x: &[f64], c: f64) -> f64 {
    let mut v = x.to_vec();
    for i in 0..v.len() - 1 {
        v[i + 1] = v[i] * c + v[i + 1] * v[i];
    }
    v[v.len() - 1]
}

#[grad(second)]
fn swap_in_a_loop(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let n = v.len();
    for i in 0..n / 2 {
        v.swap(i, n - 1 - i);
        v[i] *= 2.0 + i as f64;
    }
    let mut s = 1.0;
    for i in 0..n {
        s = s * v[i] + v[0];
    }
    s
}

#[grad(second)]
fn index_changes(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let mut i = 0;
    v[i] *= v[1];
    i += 1;
    v[i] = v[i] * v[0];
    i = (v[i] * 10.0) as usize % 3;
    v[i] *= 5.0;
    i = 2 - i;
    v[i] += v[0] * v[1];
    v[0] + 2.0 * v[1] + 3.0 * v[2]
}

#[test]
fn row_6_elements_and_their_indices() {
    check_into!(product_in_place(&[0.7, 1.3], =0, =0));
    check_into!(product_in_place(&[0.7, 1.3], =0, =1));
    check_into!(product_in_place(&[0.7, 1.3], =1, =0));
    check_into!(chain_in_place(&[0.7, 1.3, -0.4, 0.9], 1.1));
    check_into!(swap_in_a_loop(&[0.7, 1.3, -0.4, 0.9, 0.2]));
    check_into!(index_changes(&[0.33, 1.7, 2.0]));
}

// 7: loops.

#[grad(second)]
fn passes(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in (0..n).rev() {
        for j in 0..i {
            y = y * 1.1 + x * j as f64;
        }
        for _ in (i..n).step_by(2) {
            y = y.sin() + 0.5 * y;
        }
    }
    y
}

#[test]
fn row_7_passes_of_nested_loops() {
    exactly!(passes(0.7, =0) => [1.0]);
    check!(passes(0.7, =1) => [0.5 + 0.7_f64.cos()]);
    check!(passes(0.7, =5));
}

// Overwrites in places where they are easily missed.

/// The condition's operands change in the branch.
#[grad(second)]
fn condition_overwritten(x: f64) -> f64 {
    let mut a = x;
    let mut b = 1.0;
    for _ in 0..4 {
        if a > b {
            a *= 0.4;
            b += a;
        } else {
            b *= 0.5;
            a = a * a + b;
        }
    }
    a * b
}

#[test]
fn a_condition_holds_as_it_was_evaluated() {
    check!(condition_overwritten(1.9));
    check!(condition_overwritten(0.6));
}

/// An integer read by the reverse sweep changes afterwards.
#[grad(second)]
fn integers_change(v: &[f64], n: usize) -> f64 {
    let mut k = 0;
    let mut s = 1.0;
    let mut idx = vec![0_usize; n];
    for i in 0..n {
        idx[i] = (i * 2) % v.len();
        s = s * v[idx[i]] + k as f64;
        k += idx[i];
        idx[i] = 0;
    }
    k = 1;
    s * v[k]
}

#[test]
fn integers_are_restored_too() {
    check_into!(integers_change(&[0.7, 1.3, -0.4], =5));
    check_into!(integers_change(&[0.7, 1.3, -0.4], =0) => [0.0, 1.0, 0.0]);
}

/// The parameter itself is overwritten after it was used.
#[grad(second)]
fn parameter_overwritten(mut x: f64, mut v: Vec<f64>) -> f64 {
    let a = x * v[0];
    x = a.exp();
    v[0] = x * v[1];
    v[1] = a;
    x * v[0] + v[1]
}

#[test]
fn an_overwritten_parameter_has_the_gradient_of_its_first_value() {
    check!(parameter_overwritten(0.4, vec![0.9, 1.2]));
}

/// A whole array is replaced.
#[grad(second)]
fn replaced_arrays(x: f64, y: f64) -> f64 {
    let mut v = [x, y];
    let a = v[0] * v[1];
    v = [a, x];
    let b = v[0] * v[1];
    v = [b; 2];
    let mut w = vec![x; 2];
    w = vec![w[0] * v[0], w[1], y];
    let mut t = (x, [y, x]);
    t.1 = [t.0 * 2.0, t.1[0]];
    t = (t.1[1], t.1);
    v[0] * w[0] + w[2] * v[1] + t.0 * t.1[0]
}

#[test]
fn replaced_arrays_start_anew() {
    check!(replaced_arrays(0.7, 1.2));
}

/// Overwritten in one arm and read behind.
#[grad(second)]
fn overwritten_in_one_arm(x: f64, up: bool) -> f64 {
    let mut a = x * x;
    let b = a.sin();
    if up {
        a = 2.0 * x;
    }
    let mut v = [a, b];
    if !up {
        v[0] = v[0] * v[1];
    }
    v[0] * b
}

#[test]
fn a_value_overwritten_in_one_arm() {
    check!(overwritten_in_one_arm(0.8, =true));
    check!(overwritten_in_one_arm(0.8, =false));
}

/// A remainder has the slope of what is divided, and stays where that was.
#[grad(second)]
fn remainders_in_place(x: &[f64; 3], period: f64) -> f64 {
    let mut angle = *x;
    angle[0] = angle[0] % period;
    angle[1] = angle[1].rem_euclid(period * period + 0.1);
    for a in angle.iter_mut() {
        *a %= period + 1.0;
    }
    angle[2] = if period > 0.0 { angle[2] + period } else { angle[2] };
    angle[0] * angle[1] * angle[2]
}

#[test]
fn remainders() {
    check!(remainders_in_place(&[2.3, -0.7, 5.4], 0.9));
    check!(remainders_in_place(&[-2.3, 0.7, 5.4], 1.7));
}

/// What patterns lend, by `ref mut` and through references: variables, parts of tuples, and what is inside of an `Option`.
#[grad(second)]
#[allow(clippy::toplevel_ref_arg, reason = "a form that is tested")]
fn lent_by_patterns(x: f64, y: f64) -> f64 {
    let (mut n, mut s, mut t) = (1, x, (x, (y, [x, y], 2_usize)));
    let ref mut r = s;
    *r *= y;
    for i in 0..3 {
        match t {
            (ref mut a, (ref b, ref mut c, 2)) if i != 1 => {
                *a *= *b;
                c[i % 2] += *a;
            }
            (ref mut a, (ref mut b, _, k)) => {
                *b += x * k as f64;
                *a += *b;
            }
        }
    }
    match n {
        ref mut k if x > 0.1 => *k += 3,
        _ => {}
    }
    let mut q = Some((x, [y, x]));
    if let Some((_, b)) = &mut q {
        b[0] = x * x;
    }
    if let Some((a, b)) = q.as_mut() {
        *a *= b[0];
        b[1] += *a;
    }
    let (ref mut m, _) = (t.0 * y, 1);
    *m *= s;
    s += *m + f64::from(n);
    s * t.0 * t.1.0 + t.1.1[0] * t.1.1[1] + q.map_or(x, |p| p.0 * p.1[0] * p.1[1])
}

#[test]
fn what_patterns_lend_is_written() {
    check!(lent_by_patterns(0.7, 0.4));
}
