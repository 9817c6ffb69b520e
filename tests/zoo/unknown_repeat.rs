//! Results of calls as elements: repeated, written out, pushed, collected.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn h(x: f64) -> f64 {
    x * x
}

#[grad(second)]
fn two(x: f64) -> (f64, f64) {
    (x * x, 3.0 * x)
}

#[grad(second)]
fn row(x: f64) -> [f64; 2] {
    [x * x, 3.0 * x]
}

#[grad(second)]
fn list(x: f64) -> Vec<f64> {
    vec![x * x, 3.0 * x]
}

#[grad(second)]
fn s3(a: &[f64]) -> f64 {
    a[0] + a[1] * a[2]
}

#[grad(second)]
fn sum_rows(a: &[[f64; 2]]) -> f64 {
    a[0][0] * a[1][1] + a[2][0]
}

#[grad(second)]
fn sum_lists(a: &[Vec<f64>]) -> f64 {
    a[0][0] * a[1][1] + a[2][0]
}

#[grad(second)]
fn sum_pairs(a: &[(f64, f64)]) -> f64 {
    a[0].0 * a[1].1 + a[2].0
}

#[grad(second)]
fn moved(a: [f64; 3]) -> f64 {
    a[0] + a[1] * a[2]
}

#[grad(second)]
fn lent(v: f64) -> f64 {
    s3(&[h(v); 3])
}

#[grad(second)]
fn named(v: f64) -> f64 {
    let y = h(v);
    s3(&[y; 3])
}

#[grad(second)]
fn array_named(v: f64) -> f64 {
    let a = [h(v); 3];
    s3(&a) * a[0]
}

#[grad(second)]
fn by_value(v: f64) -> f64 {
    moved([h(v); 3])
}

#[grad(second)]
fn as_vec(v: f64) -> f64 {
    s3(&vec![h(v); 3])
}

#[grad(second)]
fn vec_named(v: f64, n: usize) -> f64 {
    let a = vec![h(v); n];
    s3(&a) * s3(&a)
}

#[grad(second)]
fn written_out(v: f64) -> f64 {
    s3(&[h(v), h(2.0 * v), v])
}

#[grad(second)]
fn written_out_vec(v: f64) -> f64 {
    let y = h(v);
    s3(&vec![y, h(2.0 * v), y])
}

#[grad(second)]
fn of_rows(v: f64) -> f64 {
    sum_rows(&[row(v); 3])
}

#[grad(second)]
fn of_pairs(v: f64) -> f64 {
    sum_pairs(&[two(v); 3])
}

#[grad(second)]
fn of_rows_vec(v: f64) -> f64 {
    sum_rows(&vec![row(v); 3])
}

#[grad(second)]
fn of_lists(v: f64) -> f64 {
    sum_lists(&vec![list(v); 3])
}

#[grad(second)]
fn of_lists_written(v: f64) -> f64 {
    sum_lists(&[list(v), list(2.0 * v), list(v)])
}

#[grad(second)]
fn of_pairs_written(v: f64) -> f64 {
    sum_pairs(&[two(v), two(2.0 * v), (v, 1.0)])
}

#[grad(second)]
fn in_loop(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in v {
        s += s3(&[h(*x); 3]);
    }
    s
}

#[grad(second)]
fn changed(v: f64) -> f64 {
    let mut a = [h(v); 3];
    a[1] = v;
    a[2] *= 2.0;
    s3(&a)
}

#[grad(second)]
fn in_tuple(v: f64) -> f64 {
    let t = (h(v), [h(v); 3]);
    t.0 * s3(&t.1)
}

#[grad(second)]
fn pushed(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    for x in v {
        a.push(h(*x));
    }
    a.push(h(v[0]));
    s3(&a)
}

#[grad(second)]
fn collected(v: &[f64]) -> f64 {
    let a: Vec<_> = v.iter().map(|x| h(*x)).chain(v.iter().copied()).collect();
    s3(&a)
}

#[grad(second)]
fn unused_part(v: f64) -> f64 {
    let t = (h(v), two(v));
    h(t.1.0)
}

#[test]
fn results_of_calls_are_elements() {
    let v = [0.5, 1.5];
    check!(lent(2.0) => [36.0]);
    check!(named(2.0) => [36.0]);
    check!(array_named(1.2));
    check!(by_value(1.2));
    check!(as_vec(1.2));
    check!(vec_named(1.2, =3));
    check!(written_out(1.2));
    check!(written_out_vec(1.2));
    check!(of_rows(1.2));
    check!(of_pairs(1.2));
    check!(of_rows_vec(1.2));
    check!(of_lists(1.2));
    check!(of_lists_written(1.2));
    check!(of_pairs_written(1.2));
    check!(in_loop(&v));
    check!(changed(1.2));
    check!(in_tuple(1.2));
    check!(pushed(&v));
    check!(collected(&v));
    check!(unused_part(1.2));
}
