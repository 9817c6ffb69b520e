//! Memory that changes its length, or goes elsewhere: a cotangent has the shape that its primal had at that point.

use crate::support::{check, check_into};
use grad::grad;

// --- rows that are replaced ---

/// y₁² + ½
#[grad(second)]
fn grown_row_replaced_by_a_shorter_one(y: &[f64]) -> f64 {
    let mut r = Vec::new();
    for k in 0..3 {
        r.push(y[k] * y[k]);
    }
    let mut g = vec![r];
    let t = g[0][1];
    g[0] = vec![0.5; 2];
    t + g[0][0]
}

#[grad(second)]
fn row_grown_in_place_and_replaced(y: &[f64]) -> f64 {
    let mut g: Vec<Vec<f64>> = vec![vec![]];
    g[0].push(y[0]);
    g[0].push(y[1] * y[1]);
    g[0].push(y[2]);
    let t = g[0][1];
    g[0] = vec![1.0, 2.0];
    t
}

#[grad(second)]
fn row_replaced_by_one_of_another_length(y: &[f64]) -> f64 {
    let mut g = vec![y.to_vec()];
    let t = g[0][2] * g[0][1];
    g[0] = vec![y[0] * 2.0];
    t + g[0][0]
}

#[grad(second)]
fn row_of_an_array_replaced(y: &[f64]) -> f64 {
    let mut g = [y.to_vec(), vec![y[0]; 2]];
    let t = g[0][2] * g[1][1];
    g[1] = y.iter().map(|v| v * v).collect();
    g[0] = vec![];
    t * g[1][2] + g[1][0]
}

#[grad(second)]
fn field_replaced(y: &[f64]) -> f64 {
    let mut g = (y.to_vec(), 1.0);
    let t = g.0[2] * y[0];
    g.0 = vec![t, y[1]];
    g.0.push(t * y[2]);
    g.1 = g.0[2];
    g.1 * g.0[0]
}

#[grad(second)]
fn row_replaced_through_a_reference(y: &[f64], deep: bool) -> f64 {
    let mut g = vec![y.to_vec(), vec![y[0] * y[1]]];
    let mut t = 1.0;
    for row in g.iter_mut() {
        t *= row[0];
        if deep {
            *row = vec![t; 4];
        } else {
            row.push(t);
        }
        t += row[row.len() - 1];
    }
    t * g[0][1]
}

#[grad(second)]
fn rows_replaced_in_a_loop(y: &[f64]) -> f64 {
    let mut g = vec![vec![1.0], vec![]];
    for k in 0..4 {
        let t = g[0][0];
        g[k % 2] = y[..(k % 3) + 1].iter().map(|v| v * t + 0.1).collect();
        if k == 2 {
            g[1] = vec![];
            g[1].push(t * y[0]);
        }
    }
    g[0].iter().sum::<f64>() * g[1][0]
}

#[grad(second)]
fn rows_of_rows_replaced(y: &[f64]) -> f64 {
    let mut g = vec![vec![y.to_vec(), vec![y[0]]], vec![]];
    let t = g[0][0][2] * g[0][1][0];
    g[0][1] = vec![t, t * y[1]];
    g[1] = vec![vec![y[2] * t]];
    let s = g[0][1][1] * g[1][0][0];
    g[0] = vec![vec![s], vec![], vec![s, y[0]]];
    g[0][0][0] * g[0][2][1]
}

/// The whole is replaced, by rows that are moved there.
#[grad(second)]
fn whole_replaced(y: &[f64]) -> f64 {
    let mut g = vec![y.to_vec()];
    let mut t = g[0][1] * y[2];
    for k in 0..3 {
        let old = g[0][0];
        let row = vec![t * old; k + 1];
        g = vec![row, vec![old]];
        t = g[0][k] + g[1][0];
    }
    t
}

#[test]
fn rows_that_are_replaced() {
    check_into!(grown_row_replaced_by_a_shorter_one(&[1.5, 2.5, 0.5]) => [0.0, 5.0, 0.0]);
    check_into!(row_grown_in_place_and_replaced(&[1.5, 2.5, 0.5]) => [0.0, 5.0, 0.0]);
    check_into!(row_replaced_by_one_of_another_length(&[1.5, 2.5, 0.5]) => [2.0, 0.5, 2.5]);
    check_into!(row_of_an_array_replaced(&[1.5, 2.5, 0.5]));
    check_into!(field_replaced(&[1.5, 2.5, 0.5]));
    check_into!(row_replaced_through_a_reference(&[0.5, 0.7, 0.9], =true));
    check_into!(row_replaced_through_a_reference(&[0.5, 0.7, 0.9], =false));
    check_into!(rows_replaced_in_a_loop(&[0.5, 0.7, 0.9]));
    check_into!(rows_of_rows_replaced(&[0.5, 0.7, 0.9]));
    check_into!(whole_replaced(&[0.5, 0.7, 0.9]));
}

// --- moved to where no derivative comes back from ---

#[grad(second)]
fn first_two(v: Vec<f64>) -> f64 {
    v[0] * v[1]
}

#[grad(second)]
fn renamed(y: &[f64]) -> f64 {
    let p = y.to_vec();
    let t = p[0] * p[1];
    let u = p;
    let _ = u.len();
    t
}

#[grad(second)]
fn kept_in_a_list(y: &[f64]) -> f64 {
    let p = y.to_vec();
    let t = p[0] * p[1];
    let mut q = Vec::new();
    q.push(p);
    t + q.len() as f64
}

#[grad(second)]
fn given_away(y: &[f64]) -> f64 {
    let p = y.to_vec();
    let t = p[0] * p[1];
    let z = first_two(p);
    if z > 1e9 { 0.0 } else { t }
}

#[grad(second)]
fn looked_at(y: &[f64]) -> f64 {
    let p = y.to_vec();
    let t = p[0] * p[1];
    let u = p;
    assert!(u[0] > 0.0);
    t
}

#[grad(second)]
fn own_parameter_renamed(v: Vec<f64>, rows: Vec<Vec<f64>>) -> f64 {
    let t = v[0] * v[1] * rows[1][0];
    let u = v;
    let kept = (rows, u.len());
    t * kept.1 as f64
}

#[grad(second)]
fn rows_renamed(y: &[f64]) -> f64 {
    let mut p = vec![y.to_vec(), vec![y[0]]];
    p[1].push(y[2]);
    let t = p[0][0] * p[1][1];
    let u = (p, 1);
    t * u.0.len() as f64
}

#[grad(second)]
fn assigned_away(y: &[f64]) -> f64 {
    let mut p = y.to_vec();
    p.push(y[0] * y[1]);
    let t = p[3] * p[1];
    let mut u = vec![1.0];
    let n = u.len();
    u = p;
    t * n as f64 + u.len() as f64
}

#[grad(second)]
fn in_every_pass(y: &[f64]) -> f64 {
    let mut kept = Vec::new();
    let mut t = 1.0;
    for k in 0..3 {
        let mut p = y[..=k].to_vec();
        p.push(t * y[k]);
        t += p[0] * p[k + 1];
        let rows = vec![p];
        kept.push(rows);
    }
    t + kept.len() as f64
}

/// Moved in one arm only.
#[grad(second)]
fn in_one_arm(y: &[f64], go: bool) -> f64 {
    let mut p = y.to_vec();
    p.push(y[0] * y[1]);
    let t = p[3] * p[1];
    let mut kept = Vec::new();
    let mut s = 1.0;
    if go {
        p.push(t * y[0]);
        s = p[4] * p[0];
        kept.push(p);
    } else {
        p.push(t);
        p.push(t * t);
        s += p[5];
    }
    t * s + kept.len() as f64
}

/// Moved in one arm, and the derivative comes back.
#[grad(second)]
fn in_one_arm_and_back(y: &[f64], go: bool) -> f64 {
    let mut p = y.to_vec();
    p.push(y[0] * y[1]);
    let t = p[3] * p[1];
    let u = if go {
        p.push(t);
        p
    } else {
        vec![p[0] * p[1], t]
    };
    t * u[1] + u[u.len() - 1]
}

/// A row is filled, moved to the table, and filled again.
#[grad(second)]
fn moved_and_made_again(y: &[f64]) -> f64 {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut t = 0.5;
    for k in 0..4 {
        row.push(y[k % 3] * t);
        t += row[row.len() - 1];
        if k % 2 == 1 {
            rows.push(row);
            row = Vec::new();
        }
    }
    rows[0][1] * rows[1][0] + t
}

#[grad(second)]
fn taken(y: &[f64]) -> f64 {
    let mut rows = Vec::new();
    let mut row = vec![y[0]];
    let mut t = 0.5;
    for k in 0..3 {
        row.push(y[k] * t);
        t += row[row.len() - 1];
        rows.push(std::mem::take(&mut row));
    }
    let last = std::mem::replace(&mut rows[1], vec![t]);
    rows[0][1] * rows[1][0] + t * last[0]
}

#[grad(second)]
fn taken_and_lost(y: &[f64]) -> f64 {
    let mut kept = Vec::new();
    let mut row = vec![y[0]];
    let mut t = 0.5;
    for k in 0..3 {
        row.push(y[k] * t);
        t += row[row.len() - 1];
        kept.push(std::mem::take(&mut row));
    }
    t * kept.len() as f64
}

#[grad(second)]
fn moved_before_a_break(y: &[f64], stop: usize) -> f64 {
    let mut p = y.to_vec();
    let mut kept = Vec::new();
    let mut t = 1.0;
    for k in 0..5 {
        p.push(p[k] * y[0]);
        t += p[k + 1];
        if k == stop {
            kept.push(p);
            break;
        }
    }
    t + kept.len() as f64
}

#[grad(second)]
fn moved_by_parts(y: &[f64]) -> f64 {
    let p = (y.to_vec(), vec![y[0] * y[1]]);
    let t = p.0[1] * p.1[0];
    let (a, b) = p;
    let n = a.len() + b.len();
    t * n as f64
}

#[grad(second)]
fn moved_by_parts_and_back(y: &[f64]) -> f64 {
    let p = (y.to_vec(), vec![y[0] * y[1]]);
    let t = p.0[1] * p.1[0];
    let (mut a, b) = p;
    a.push(t * b[0]);
    t * a[3] * b[0]
}

#[grad(second)]
fn rows_one_by_one(y: &[f64]) -> f64 {
    let rows = vec![y.to_vec(), vec![y[0] * y[1]]];
    let t = rows[0][2] * rows[1][0];
    let mut s = t;
    let mut kept = Vec::new();
    for row in rows {
        s *= row[0];
        kept.push(row);
    }
    s + kept.len() as f64
}

#[grad(second)]
fn a_match_and_a_closure(y: &[f64], k: usize) -> f64 {
    let p = y.to_vec();
    let t = p[0] * p[1];
    let keep = |v: Vec<f64>| v.len();
    let n = match k {
        0 => keep(p),
        1 => {
            let u = p;
            u.len() + 1
        }
        _ => 4,
    };
    t * n as f64
}

#[test]
fn what_is_moved_after_it_was_read() {
    check!(renamed(&[1.5, 2.5, 0.5]) => [2.5, 1.5, 0.0]);
    check!(kept_in_a_list(&[1.5, 2.5, 0.5]) => [2.5, 1.5, 0.0]);
    check!(given_away(&[1.5, 2.5, 0.5]) => [2.5, 1.5, 0.0]);
    check!(looked_at(&[1.5, 2.5, 0.5]) => [2.5, 1.5, 0.0]);
    check!(own_parameter_renamed(vec![1.5, 2.5, 0.5], vec![vec![0.3], vec![0.4, 0.6]]));
    check!(rows_renamed(&[1.5, 2.5, 0.5]));
    check!(assigned_away(&[1.5, 2.5, 0.5]));
    check!(in_every_pass(&[1.5, 2.5, 0.5]));
    check!(in_one_arm(&[1.5, 2.5, 0.5], =true));
    check!(in_one_arm(&[1.5, 2.5, 0.5], =false));
    check!(in_one_arm_and_back(&[1.5, 2.5, 0.5], =true));
    check!(in_one_arm_and_back(&[1.5, 2.5, 0.5], =false));
    check!(moved_and_made_again(&[1.5, 2.5, 0.5]));
    check!(taken(&[1.5, 2.5, 0.5]));
    check!(taken_and_lost(&[1.5, 2.5, 0.5]));
    check!(moved_before_a_break(&[1.5, 2.5, 0.5], =2));
    check!(moved_before_a_break(&[1.5, 2.5, 0.5], =9));
    check!(moved_by_parts(&[1.5, 2.5, 0.5]));
    check!(moved_by_parts_and_back(&[1.5, 2.5, 0.5]));
    check!(rows_one_by_one(&[1.5, 2.5, 0.5]));
    check!(a_match_and_a_closure(&[1.5, 2.5, 0.5], =0));
    check!(a_match_and_a_closure(&[1.5, 2.5, 0.5], =1));
    check!(a_match_and_a_closure(&[1.5, 2.5, 0.5], =2));
}

// --- arguments and results of calls ---

#[grad(second)]
fn grow(v: &mut Vec<f64>, w: &mut Vec<f64>, x: f64) -> f64 {
    let last = v[v.len() - 1] * w[0];
    v.push(last * x);
    *w = vec![last, x, x * last];
    last
}

#[grad(second)]
fn two_parts_grow(y: &[f64]) -> f64 {
    let mut t = (y.to_vec(), vec![y[0]]);
    for k in 0..2 {
        let x = t.0[k] + t.1[0];
        grow(&mut t.0, &mut t.1, x);
    }
    t.0[4] * t.1[2] + t.1[0]
}

/// What it returns is changed, and not looked at.
#[grad(second)]
fn scaled(v: &mut Vec<f64>, x: f64) -> Vec<f64> {
    v.push(v[0] * x);
    v.iter().map(|y| y * x).collect()
}

#[grad(second)]
fn result_that_is_lost(y: &[f64]) -> f64 {
    let mut v = y.to_vec();
    let mut r = scaled(&mut v, y[1]);
    r.push(1.0);
    let kept = vec![r];
    v[3] * v[0] * kept.len() as f64
}

#[test]
fn lengths_across_calls() {
    check!(two_parts_grow(&[1.5, 0.5, 0.7]));
    check!(result_that_is_lost(&[1.5, 0.5, 0.7]));
}

// --- rows of rows in a pullback ---

#[grad(second)]
fn rows_of_rows(y: &[f64]) -> f64 {
    let g: Vec<Vec<f64>> = (0..3).map(|_| y.iter().map(|z| z * y[2]).collect::<Vec<f64>>()).collect();
    let k = 2;
    let mut s = 0.0;
    for i in 0..3 {
        s += g[k][i] * g[i][k];
    }
    s
}

#[test]
fn rows_of_rows_in_a_pullback() {
    check_into!(rows_of_rows(&[1.5, 2.5, 0.5]) => [0.125, 0.125, 3.5]);
}
