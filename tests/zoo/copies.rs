//! Memory that a callee reads and that is overwritten afterwards, pass by pass: what the callee saw is kept.

use crate::support::check;
use grad::grad;

#[grad(second)]
#[allow(clippy::ptr_arg)]
fn of_vec(v: &Vec<f64>) -> f64 {
    let mut s = 0.0;
    for x in v {
        s = (s + x * x).sin();
    }
    s
}

#[grad(second)]
fn of_slice(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in v {
        s = (s * x + 1.0).cos();
    }
    s
}

/// A `Vec` and a slice, of one that gets longer, and of a part.
#[grad(second)]
fn growing(x: &[f64], n: usize) -> f64 {
    let mut v = x.to_vec();
    let mut s = 1.0;
    for i in 0..n {
        s *= of_vec(&v);
        v[i % 2] = s + x[i % x.len()];
        s += of_slice(&v[1..]) * of_slice(&v);
        if i % 2 == 0 {
            v.push(s * 0.5);
        } else {
            v[0] *= 0.7;
        }
        if s > 0.5 {
            s -= 0.3 * of_vec(&v);
            v[1] = s;
        }
    }
    s
}

/// Of one length, in a loop that runs once, in one that runs again and again, in a `while`, and in an arm.
#[grad(second)]
fn steady(x: &[f64], n: usize) -> f64 {
    let mut v = vec![0.4; x.len()];
    let mut s = 1.0;
    for i in 0..n {
        s *= of_slice(&v);
        v[i % x.len()] = s * x[i % x.len()];
    }
    for i in 0..2 {
        for j in 0..n {
            if (i + j) % 2 == 0 {
                s += of_slice(&v) * of_vec(&v);
            }
            v[j % 2] = s.tanh() * x[1];
        }
    }
    let mut k = 0;
    while k < n {
        s += 0.1 * of_vec(&v) * s;
        v[0] += s * x[0];
        k += 1;
    }
    s
}

/// Numbers that are recorded beside pullbacks, and constants of other types with them.
#[grad(second)]
fn beside_pullbacks(x: &[f64], y: &[f64], labels: &[usize]) -> f64 {
    let mut state = y.to_vec();
    let mut s = 0.0;
    for i in 0..x.len() {
        let a = logistic(state[i] * x[i]);
        let b = (a + s).exp() * 0.1;
        let label = labels[i] + usize::from(b > 0.15);
        s += logistic(b * s) * state[label % y.len()];
        state[i] = a * b * s;
    }
    s
}

#[grad(second)]
fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The partial of the one is the other, where it was computed, and only there.
#[grad(second)]
fn waves(x: f64, n: usize) -> f64 {
    let cos = x.cos();
    let mut s = x.sin();
    for i in 0..n {
        s += if s > 0.9 { (s * cos).sin() } else { (s * cos).cos() * x.sin() };
        if i > 1 {
            s *= s.sinh() / s.cosh();
        }
    }
    s
}

/// Elements one before that of the pass, and from the other end.
#[grad(second)]
fn shifted(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len();
    let mut y = y.to_vec();
    for i in 1..n {
        y[i - 1] = y[i - 1] * x[i] + x[i - 1].sin();
    }
    for i in 0..n {
        y[n - 1 - i] *= x[i] * y[n - 1 - i];
    }
    for i in 0..n {
        y[i / 2] = y[i / 2] * x[i] + 0.1;
    }
    y[0] * y[1]
}

#[test]
fn what_a_callee_saw_is_there_for_its_pullback() {
    check!(growing(&[0.3, 0.7, -0.4], =5));
    check!(growing(&[0.3, 0.7, -0.4], =0));
    check!(steady(&[0.5, -0.8, 0.6], =4));
}

#[test]
fn what_a_pass_records_comes_back_together() {
    check!(beside_pullbacks(&[0.3, 0.7, -0.4], &[0.9, 0.2, 0.5], =&[2, 0, 1]));
}

#[test]
fn partials_that_are_there() {
    check!(waves(0.4, =3));
    check!(waves(1.3, =5));
}

#[test]
fn shifted_elements() {
    check!(shifted(&[0.3, 0.7, -0.4, 1.1], &[0.9, 0.2, 0.5, -0.3]));
}

/// What is behind one reference goes behind another.
#[grad(second)]
fn from_behind_to_behind(x: &[f64; 2], rows: &[[f64; 2]; 2], by: f64) -> f64 {
    let mut total = [by, by * by];
    let mut list = vec![total; 2];
    assigned(x, &mut total);
    exchanged(&mut total, &mut list[1]);
    last_row(rows, &mut total);
    marked(x, &mut list);
    total[0] * list[0][1] + total[1] * list[1][0] * by
}

#[grad(second)]
fn assigned(from: &[f64; 2], to: &mut [f64; 2]) {
    to[1] *= from[0];
    let product = to[1];
    *to = *from;
    to[0] += product;
}

#[grad(second)]
fn exchanged(a: &mut [f64; 2], b: &mut [f64; 2]) {
    let kept = *a;
    *a = *b;
    *b = kept;
    b[0] *= a[1];
}

#[grad(second)]
fn last_row(rows: &[[f64; 2]], to: &mut [f64; 2]) {
    for row in rows {
        let before = to[0];
        *to = *row;
        to[0] *= before + row[1];
    }
}

#[grad(second)]
fn marked(mark: &[f64; 2], rows: &mut [[f64; 2]]) {
    for row in rows.iter_mut() {
        let [a, b] = *row;
        *row = [b, a * b];
        if a > 0.5 {
            *row = *mark;
        }
    }
}

/// Neither of the two is asked about, but what is in the second one is used.
#[grad(second, wrt(x))]
fn constant_behind_to_behind(from: &[f64; 2], to: &mut [f64; 2], x: f64) -> f64 {
    *to = *from;
    to[0].sin() * x * to[1]
}

#[test]
fn what_is_behind_references_is_assigned() {
    check!(from_behind_to_behind(&[0.3, 0.7], &[[0.4, -0.2], [0.9, 0.6]], 0.8));
    check!(from_behind_to_behind(&[0.3, 0.7], &[[0.4, -0.2], [0.9, 0.6]], 0.2));
    let to = &mut [0.0; 2];
    let (value, slope) = constant_behind_to_behind::value_and_grad(&[0.3, 0.7], to, 0.8);
    assert_eq!((value, slope), (0.3_f64.sin() * 0.8 * 0.7, 0.3_f64.sin() * 0.7));
}
