//! Parameters that a function does not read: their gradients have a shape.

#![allow(unused_variables)]

use crate::support::{check, check_outputs, check_vjp};
use grad::grad;

#[grad]
fn slice(x: f64, y: &[f64]) -> [f64; 2] {
    [x; 2]
}
#[grad]
fn underscore(x: f64, _y: &[f64]) -> (f64, f64) {
    (x, x * x)
}
#[grad]
fn shadowed(x: f64, y: &[f64]) -> (f64, f64) {
    let y = x * x;
    (x, x * y)
}
#[grad]
fn vec(x: f64, y: Vec<f64>) -> [f64; 2] {
    [x * x, x]
}
#[grad]
fn vec_ref(x: f64, y: &Vec<f64>, _z: &[[f64; 2]], _w: &Vec<Vec<f64>>, _u: &[Vec<f64>]) -> [f64; 2] {
    [x * x, x]
}
#[grad]
fn mutable(x: f64, mut y: Vec<f64>, _z: [f64; 2]) -> [f64; 2] {
    y.push(x);
    y = vec![x];
    [x * y[0], x]
}
#[grad]
fn wild(x: f64, _: &[f64], _: Vec<f64>, (a, _): (f64, f64)) -> [f64; 2] {
    [x * x, x * a]
}
#[grad]
fn vec_result(x: f64, _y: &[f64], _: Vec<f64>) -> Vec<f64> {
    vec![x * x, x]
}
#[grad(second)]
fn scalar(x: f64, _y: &[f64], z: &[f64], _: Vec<f64>) -> f64 {
    x * x * x
}
#[grad(second)]
fn output(x: f64, _y: &[f64], z: &[f64], out: &mut [f64], _out: &mut [f64], _: &mut Vec<f64>) {
    out[0] = x * x * x;
}
#[grad]
fn only_unused(_y: &[f64], z: &[f64]) -> (f64, [f64; 2]) {
    (2.0, [1.0, 3.0])
}
#[grad]
fn tuples(_y: &(f64, Vec<f64>), z: (Vec<f64>, f64), x: f64) -> (f64, [f64; 2]) {
    (2.0, [x, 3.0])
}
#[grad]
fn recursive_unused(x: f64, _y: &[f64], n: usize) -> [f64; 2] {
    if n == 0 {
        return [x, x * x];
    }
    let a = recursive_unused(x * x, _y, n - 1);
    [a[0], a[1] * x]
}

#[test]
fn are_of_the_shape_of_the_parameter() {
    check_vjp!(slice(1.5, &[1.0, 2.0]));
    check_vjp!(underscore(1.5, &[1.0, 2.0]));
    check_vjp!(shadowed(1.5, &[1.0, 2.0]));
    check_vjp!(vec(1.5, vec![1.0, 2.0]));
    check_vjp!(vec_ref(1.5, &vec![1.0, 2.0], &[[1.0, 2.0]], &vec![vec![2.0]], &[vec![2.0]]));
    check_vjp!(mutable(1.5, vec![1.0, 2.0], [1.0, 2.0]));
    check_vjp!(wild(1.5, &[1.0, 2.0], vec![3.0], (2.0, 3.0)));
    check_vjp!(vec_result(1.5, &[1.0, 2.0], vec![3.0]));
    check!(scalar(1.5, &[1.0, 2.0], &[1.0], vec![3.0]));
    check_outputs!(output(1.5, &[1.0, 2.0], &[1.0], mut [1.0], mut [1.0], mut vec![2.0]));
    check_vjp!(only_unused(&[1.0, 2.0], &[1.0]));
    check_vjp!(tuples(&(1.0, vec![2.0]), (vec![1.0], 2.0), 1.5));
    check_vjp!(recursive_unused(1.5, &[1.0], =2));
    let _ = slice::jacobian(1.0, &[2.0]);
    assert_eq!(underscore::jacobian(3.0, &[2.0]), ((1.0, 6.0), (vec![0.0], vec![0.0])));
    assert_eq!(underscore::jacobian_rows(3.0, &[2.0], &[(1.0, 2.0)]).1, [(13.0, vec![0.0])]);
}
