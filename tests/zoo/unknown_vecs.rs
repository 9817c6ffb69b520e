//! A `Vec` whose elements are of a type that only its use by helpers tells.

use crate::support::{check, check_vjp};
use grad::grad;

#[grad(second)]
fn squares_of(out: &mut Vec<f64>, v: &[f64]) {
    for x in v {
        out.push(x * x);
    }
}

#[grad(second)]
fn sum_of_squares(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

#[grad(second)]
fn doubled(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x * 2.0).collect()
}

#[grad(second)]
fn first_two(x: &[f64]) -> [f64; 2] {
    [x[0], x[1] * x[0]]
}

#[grad(second)]
fn f(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    squares_of(&mut a, v);
    sum_of_squares(&a)
}

#[grad(second)]
fn cap(v: &[f64]) -> f64 {
    let mut a = Vec::with_capacity(v.len());
    squares_of(&mut a, v);
    sum_of_squares(&a)
}

#[grad(second)]
fn macro_vec(v: &[f64]) -> f64 {
    let mut a = vec![];
    squares_of(&mut a, v);
    sum_of_squares(&a)
}

#[grad(second)]
fn inferred(v: &[f64]) -> f64 {
    let mut a: Vec<_> = Vec::new();
    squares_of(&mut a, v);
    sum_of_squares(&a)
}

#[grad(second)]
fn in_loop(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    let mut s = 0.0;
    for _ in 0..2 {
        squares_of(&mut a, v);
        s += sum_of_squares(&a);
    }
    s
}

#[grad(second)]
fn inside_loop(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..2 {
        let mut a = Vec::new();
        squares_of(&mut a, &v[i..]);
        s += sum_of_squares(&a);
    }
    s
}

#[grad(second)]
fn in_branch(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    if v[0] > 0.0 {
        squares_of(&mut a, v);
    }
    sum_of_squares(&a) + v[1]
}

#[grad(second)]
fn by_name(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    let r = &mut a;
    squares_of(r, v);
    squares_of(r, v);
    sum_of_squares(&a)
}

#[grad(second)]
fn rows(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    a.push(Vec::new());
    a.push(Vec::new());
    squares_of(&mut a[0], v);
    squares_of(&mut a[1], &v[1..]);
    sum_of_squares(&a[0]) * sum_of_squares(&a[1])
}

#[grad(second)]
fn of_arrays(v: &[f64]) -> f64 {
    let mut a = [Vec::new(), Vec::new()];
    squares_of(&mut a[0], v);
    squares_of(&mut a[1], &v[1..]);
    sum_of_squares(&a[0]) * sum_of_squares(&a[1])
}

#[grad(second)]
fn tuple(v: &[f64]) -> f64 {
    let mut a = (Vec::new(), 1.5);
    squares_of(&mut a.0, v);
    sum_of_squares(&a.0) * a.1
}

#[grad(second)]
fn in_closure(v: &[f64]) -> f64 {
    let g = |k: f64| {
        let mut a = Vec::new();
        squares_of(&mut a, v);
        k * sum_of_squares(&a)
    };
    g(1.0) + g(2.0)
}

#[grad(second)]
fn chained(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    squares_of(&mut a, v);
    let b = doubled(&a);
    let c = first_two(&b);
    c[0] * c[1]
}

#[grad(second)]
fn via_two(v: &[f64]) -> [f64; 2] {
    let mut a = Vec::new();
    squares_of(&mut a, v);
    first_two(&a)
}

#[grad(second)]
fn via_vec(v: &[f64]) -> Vec<f64> {
    let mut a = Vec::new();
    squares_of(&mut a, v);
    a
}

#[grad(second)]
fn names(v: &[f64]) -> f64 {
    let mut names = Vec::new();
    names.push("b");
    names.push("a");
    names.sort();
    let mut idx = Vec::new();
    idx.push(1);
    idx.push(0);
    idx.sort();
    v[idx[0]] * v[idx[1]] * names.len() as f64
}

#[grad(second)]
fn pushed_then_read(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    squares_of(&mut a, v);
    a.push(v[0]);
    sum_of_squares(&a) * a[0] * a.len() as f64
}

#[grad]
fn swapped(v: &[f64]) -> f64 {
    let mut a = Vec::new();
    let mut b = Vec::new();
    squares_of(&mut a, v);
    std::mem::swap(&mut a, &mut b);
    squares_of(&mut a, &b);
    sum_of_squares(&a) + sum_of_squares(&b)
}

#[grad(second)]
fn in_result(v: &[f64]) -> f64 {
    let a = {
        let mut a = Vec::new();
        squares_of(&mut a, v);
        a
    };
    sum_of_squares(&a)
}

#[test]
fn a_vec_is_filled_by_helpers() {
    let v = [2.0, 3.0];
    check!(f(&v) => [32.0, 108.0]);
    check!(cap(&v) => [32.0, 108.0]);
    check!(macro_vec(&v) => [32.0, 108.0]);
    check!(inferred(&v) => [32.0, 108.0]);
    check!(in_loop(&v));
    check!(inside_loop(&v));
    check!(in_branch(&v));
    check!(by_name(&v));
    check!(rows(&v));
    check!(of_arrays(&v));
    check!(tuple(&v));
    check!(in_closure(&v));
    check!(chained(&v));
    check_vjp!(via_two(&v));
    check_vjp!(via_vec(&v));
    check!(names(&v));
    check!(pushed_then_read(&v));
    check!(swapped(&v), first_only);
    check!(in_result(&v));
}
