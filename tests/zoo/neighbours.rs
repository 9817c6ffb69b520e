//! Loops next to each other that touch the same memory: their mirror images are one loop only where the passes of one do
//! not change what those of the other find.

use crate::support::{check, check_into, check_vjp};
use grad::grad;

/// v₀ v₀²
#[grad(second)]
fn two_loops_push(v: &[f64]) -> f64 {
    let mut u = Vec::new();
    for x in v {
        u.push(*x);
    }
    for x in v {
        u.push(x * x);
    }
    u[0] * u[3]
}

#[grad]
fn all_of_two_loops(v: &[f64]) -> Vec<f64> {
    let mut u = Vec::new();
    for x in v {
        u.push(*x);
    }
    for x in v {
        u.push(x * x);
    }
    u
}

#[grad(second)]
fn three_loops_extend(v: &[f64]) -> f64 {
    let mut u: Vec<f64> = v.iter().map(|x| x.sin()).collect();
    u.extend(v.iter().map(|x| x * x));
    u.extend_from_slice(v);
    u.extend(v.iter().map(|x| x * u.len() as f64).collect::<Vec<f64>>());
    u[0] * u[4] * u[8] + u[1] * u[9]
}

fn more() -> Vec<f64> {
    vec![0.5; 2]
}

const NUMBERS: [f64; 3] = [2.0, 3.0, -4.0];

#[grad(second)]
fn constants_extend(v: &[f64]) -> f64 {
    let mut u = v.to_vec();
    u.extend_from_slice(&NUMBERS[1..]);
    u.extend_from_slice(&more());
    u.iter().enumerate().map(|(k, x)| k as f64 * x * v[k % v.len()]).sum()
}

#[test]
fn loops_that_push_to_one_vec() {
    check_into!(constants_extend(&[0.5, 1.5, -0.7]));
    check_into!(two_loops_push(&[2.0, 5.0, 7.0]) => [12.0, 0.0, 0.0]);
    check_vjp!(all_of_two_loops(&[2.0, 5.0, 7.0]));
    check_into!(three_loops_extend(&[0.5, 1.5, -0.7]));
    assert_eq!(
        all_of_two_loops::jacobian_rows(&[2.0, 5.0, 7.0], &[vec![0.0, 0.0, 0.0, 1.0, 0.0, 0.0]]).1,
        [[4.0, 0.0, 0.0]]
    );
}

/// p₀.0 p₁.1 p₂.0
#[grad(second)]
fn chained_pairs(p: &[(f64, f64)]) -> f64 {
    let u: Vec<(f64, f64)> = p.iter().copied().chain(p.iter().copied()).collect();
    u[0].0 * u[4].1 * u[5].0
}

#[grad(second)]
fn chained_arrays(p: &[[f64; 2]]) -> f64 {
    let u: Vec<[f64; 2]> = p.iter().copied().chain(p.iter().map(|[a, b]| [b * b, a * b])).collect();
    u[0][0] * u[4][1] * u[5][0]
}

#[grad(second)]
fn chained_numbers(v: &[f64]) -> f64 {
    let u: Vec<f64> =
        v.iter().copied().chain(v.iter().map(|x| x * x)).chain(v.iter().map(|x| x.sin())).collect();
    u[0] * u[4] * u[7]
}

#[grad(second)]
fn filtered_chain(x: &[f64]) -> f64 {
    let u: Vec<f64> = x.iter().filter(|v| **v > 0.0).copied().chain(x.iter().map(|v| v * v)).collect();
    u[0] * u[3]
}

#[grad(second)]
fn flat_map_before_a_chain(x: &[f64]) -> f64 {
    let u: Vec<f64> = x.iter().flat_map(|v| [*v, v * v]).chain(x.iter().map(|v| v.sin())).collect();
    u[0] * u[3] * u[6]
}

#[grad(second)]
fn flat_map_after_a_chain(x: &[f64]) -> f64 {
    let u: Vec<f64> = x.iter().copied().chain(x.iter().map(|v| v * v)).flat_map(|v| [v, v.cos()]).collect();
    u[0] * u[3] * u[7]
}

#[test]
fn chains_that_are_collected() {
    check!(chained_pairs(&[(2.0, 3.0), (5.0, 7.0), (11.0, 13.0)]) => [77.0, 0.0, 0.0, 22.0, 14.0, 0.0]);
    check!(chained_arrays(&[[2.0, 3.0], [0.5, 0.7], [1.1, 1.3]]));
    check_into!(chained_numbers(&[0.5, 1.5, 0.7]));
    check_into!(filtered_chain(&[2.0, 5.0, 7.0]) => [12.0, 0.0, 0.0]);
    check_into!(flat_map_before_a_chain(&[0.5, 1.5, 0.7]));
    check_into!(flat_map_after_a_chain(&[0.5, 1.5, 0.7]));
}

#[grad(second)]
fn nest_then_loop(x: &[f64]) -> f64 {
    let mut u = Vec::new();
    for v in x {
        for _ in 0..2 {
            u.push(*v);
        }
    }
    for v in x {
        u.push(v * v);
    }
    u[0] * u[4]
}

#[grad(second)]
fn in_arms_and_loops(x: &[f64], deep: bool) -> f64 {
    let mut u = Vec::new();
    let mut s = 0.0;
    for k in 0..2 {
        if deep {
            for v in x {
                u.push(v.sin());
            }
            for v in x {
                u.push(v * v + s);
            }
        } else {
            for v in x {
                if *v > 0.0 {
                    u.push(v.cos());
                }
            }
            for v in x {
                u.push(v * v * v);
            }
        }
        s += u[0] * u[2 + k];
    }
    s * u[u.len() - 1]
}

#[grad(second)]
fn rows_of_one_table(x: &[f64]) -> f64 {
    let mut rows = [Vec::new(), Vec::new()];
    for v in x {
        rows[0].push(*v);
    }
    for v in x {
        rows[1].push(v * v);
        rows[0].push(v.sin());
    }
    for v in x {
        rows[1].push(v * rows[0][0]);
    }
    rows[0][0] * rows[0][4] + rows[1][1] * rows[1][3] * rows[0][3]
}

#[grad(second)]
fn closures_push(x: &[f64]) -> f64 {
    let mut u = Vec::new();
    x.iter().for_each(|v| u.push(*v));
    x.iter().for_each(|v| u.push(v * v));
    let mut k = 0;
    while k < 2 {
        u.push(x[k] * u[k]);
        k += 1;
    }
    u[0] * u[3] + u[6] * u[1]
}

#[test]
fn pushes_in_nests_arms_rows_and_closures() {
    check_into!(nest_then_loop(&[2.0, 5.0]) => [12.0, 0.0]);
    check!(in_arms_and_loops(&[0.4, 1.1, 0.7], =true));
    check!(in_arms_and_loops(&[0.4, 1.1, 0.7], =false));
    check_into!(rows_of_one_table(&[0.4, 1.1, 0.7]));
    check_into!(closures_push(&[0.4, 1.1, 0.7]));
}

/// t₀ + t₁ t₂ with tᵢ = vᵢ₊₁² vᵢ
#[grad(second)]
fn pushed_then_read_elsewhere(v: &[f64]) -> f64 {
    let n = v.len();
    let mut squares = Vec::new();
    for i in 0..n {
        squares.push(v[i] * v[i]);
    }
    let mut t = vec![0.0; n];
    for i in 0..n {
        t[i] = squares[(i + 1) % n] * v[i];
    }
    t[0] + t[1] * t[2]
}

#[grad(second)]
fn pushed_then_changed(v: &[f64]) -> f64 {
    let n = v.len();
    let mut u = Vec::new();
    for x in v {
        u.push(x * x);
    }
    for i in 0..n {
        u[i] = u[i] * u[0] + u[n - 1];
    }
    u[1] * u[2]
}

#[grad(second)]
fn written_then_read_elsewhere(v: &[f64]) -> f64 {
    let n = v.len();
    let mut u = vec![0.0; n];
    for i in 0..n {
        u[i] = v[i] * v[i];
    }
    for i in 0..n {
        u[n - 1 - i] *= v[i];
    }
    for i in 0..n {
        u[i] = u[n - 1] * u[i];
    }
    for i in 0..n {
        u.swap(i, (i + 1) % n);
    }
    u[0] + u[1] * u[2]
}

/// The same rows, through views.
#[grad(second)]
fn views_of_one_row(v: &[f64]) -> f64 {
    let mut rows = vec![vec![0.0; 3]; 2];
    let (a, b) = rows.split_at_mut(1);
    for i in 0..3 {
        a[0][i] = v[i] * v[i];
    }
    for i in 0..3 {
        b[0][i] = a[0][2 - i] * v[i];
    }
    for i in 0..3 {
        a[0][i] *= b[0][(i + 1) % 3];
    }
    rows[0][0] * rows[1][1] + rows[0][2]
}

/// A row is read while rows are pushed.
#[grad(second)]
fn rows_pushed_beside_a_row(v: &[f64]) -> f64 {
    let mut rows = vec![v.to_vec()];
    let mut s = 1.0;
    for i in 0..3 {
        s += rows[0][i] * rows[0][0];
        rows.push(vec![s; i + 1]);
    }
    for i in 0..3 {
        s *= rows[0][2 - i] + rows[1][0];
        rows[0].push(s);
    }
    s + rows[3][2] * rows[0][5]
}

#[test]
fn loops_that_read_elsewhere() {
    check_into!(rows_pushed_beside_a_row(&[0.6, 0.2, 0.7]));
    check_into!(pushed_then_read_elsewhere(&[1.0, 2.0, 3.0]));
    check_into!(pushed_then_changed(&[1.0, 2.0, 3.0]));
    check_into!(written_then_read_elsewhere(&[0.6, 1.2, 0.7]));
    check_into!(views_of_one_row(&[0.6, 1.2, 0.7]));
}
