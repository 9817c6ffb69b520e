//! Items that are taken apart and are not written as tuples.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn squares(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum()
}

#[grad(second)]
fn split(x: f64) -> (f64, f64) {
    (x * x, x.sin())
}

#[grad(second)]
fn copied(p: &[(f64, f64)]) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = p.iter().copied().unzip();
    squares(&a) * squares(&b)
}

#[grad(second)]
fn cloned(p: &[(f64, f64)]) -> f64 {
    let (a, b): (Vec<_>, Vec<_>) = p.iter().cloned().unzip();
    squares(&a) * squares(&b)
}

#[grad(second)]
fn derefed(p: &[(f64, f64)]) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = p.iter().map(|p| *p).unzip();
    squares(&a) * squares(&b)
}

#[grad(second)]
fn of_results(v: &[f64]) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = v.iter().map(|x| split(*x)).unzip();
    squares(&a) * squares(&b)
}

#[grad(second)]
fn of_results_inferred(v: &[f64]) -> f64 {
    let (a, b): (Vec<_>, Vec<_>) = v.iter().map(|x| split(*x)).unzip();
    squares(&a) * squares(&b)
}

#[grad(second)]
fn by_path(v: &[f64]) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = v.iter().copied().map(split).unzip();
    a[0] * squares(&b) + a.len() as f64 * a[1]
}

#[grad(second)]
fn into_iter(v: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> = v.iter().map(|x| split(*x)).collect();
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    a[0] * squares(&b)
}

#[grad(second)]
fn filtered(v: &[f64]) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = v.iter().map(|x| split(*x)).filter(|p| p.0 > 1.0).unzip();
    squares(&a) * squares(&b)
}

#[grad(second)]
fn turbo(v: &[f64]) -> f64 {
    let (a, b) = v.iter().map(|x| split(*x)).unzip::<f64, f64, Vec<f64>, Vec<f64>>();
    squares(&a) * squares(&b)
}

#[grad(second)]
fn nested(v: &[((f64, f64), f64)]) -> f64 {
    let (a, b): (Vec<(f64, f64)>, Vec<f64>) = v.iter().copied().unzip();
    a[0].0 * a[1].1 * squares(&b)
}

const PAIRS: [(f64, f64); 2] = [(1.0, 2.0), (3.0, 4.0)];
#[grad(second)]
fn constants(v: &[f64]) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = PAIRS.iter().copied().unzip();
    v.iter().zip(&a).zip(&b).map(|((x, a), b)| x * x * a + b * x).sum()
}

#[grad(second)]
fn enumerated(v: &[f64]) -> f64 {
    let (i, x): (Vec<usize>, Vec<f64>) = v.iter().copied().enumerate().unzip();
    x[i[0]] * x[1] * i.len() as f64
}

#[grad(second)]
fn with_rows(v: &[f64]) -> f64 {
    let rows: Vec<(Vec<f64>, f64)> = v.iter().map(|x| (vec![*x, 2.0 * x], x * x)).collect();
    let (a, b): (Vec<Vec<f64>>, Vec<f64>) = rows.iter().cloned().unzip();
    let (c, d): (Vec<Vec<f64>>, Vec<f64>) = rows.into_iter().unzip();
    squares(&a[0]) * b[1] + squares(&c[1]) * d[0]
}

#[grad(second)]
fn in_loop(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..2 {
        let (a, b): (Vec<f64>, Vec<f64>) = v[i..].iter().map(|x| split(*x)).unzip();
        s += squares(&a) * squares(&b);
    }
    s
}

#[grad(second)]
fn in_arm(v: &[f64]) -> f64 {
    if v[0] > 1.0 {
        let (a, b): (Vec<f64>, Vec<f64>) = v.iter().map(|x| split(*x)).unzip();
        squares(&a) * squares(&b)
    } else {
        v[0]
    }
}

#[test]
fn items_of_any_form_are_unzipped() {
    let p = [(2.0, 3.0), (5.0, 7.0)];
    let v = [2.0, 3.0];
    check!(copied(&p) => [232.0, 174.0, 580.0, 406.0]);
    check!(cloned(&p));
    check!(derefed(&p));
    check!(of_results(&v));
    check!(of_results_inferred(&v));
    check!(by_path(&v));
    check!(into_iter(&v));
    check!(filtered(&v));
    check!(turbo(&v));
    check!(nested(&[((1.0, 2.0), 3.0), ((0.5, 1.5), 2.5)]));
    check!(constants(&v));
    check!(enumerated(&v));
    check!(with_rows(&v));
    check!(in_loop(&v));
    check!(in_arm(&v));
    check!(in_arm(&[0.5, 1.0]));
}
