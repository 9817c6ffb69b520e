//! `cargo bench -p grad-matrix-tests --features nalgebra`: what gradients of functions of matrices cost.
//!
//! For each function a line: its time, that of value and gradient as a multiple of it, and, for the networks, that of the
//! gradient by hand. All take turns in one process; a ratio is the median over the turns. The networks are those of
//! `network.py` beside this file, which runs them with JAX.

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

mod turns;

use grad::{Differentiable, grad};
use nalgebra::{DMatrix, DVector};
use turns::{compare, keep};

/// ‖A x − b‖²
#[grad(wrt(x))]
fn squares(a: &DMatrix<f64>, x: &DVector<f64>, b: &DVector<f64>) -> f64 {
    (a * x - b).norm_squared()
}

/// The sum of the outputs of a layer, a sample in each row, so that the cotangent of each is 1.
#[grad(wrt(weights, bias))]
fn layer(inputs: &DMatrix<f64>, weights: &DMatrix<f64>, bias: &DVector<f64>) -> f64 {
    let mut outputs = inputs * weights;
    for k in 0..outputs.ncols() {
        for i in 0..outputs.nrows() {
            outputs[(i, k)] = (outputs[(i, k)] + bias[k]).max(0.0);
        }
    }
    outputs.sum()
}

/// The log-likelihood of a Gaussian process.
#[grad(wrt(k))]
fn log_likelihood(k: &DMatrix<f64>, y: &DVector<f64>) -> Option<f64> {
    let chol = k.clone().cholesky()?;
    let alpha = chol.solve(y);
    Some(-0.5 * y.dot(&alpha) - 0.5 * chol.ln_determinant())
}

/// A row of weights for each output.
#[derive(Clone, Differentiable)]
struct Dense {
    weights: DMatrix<f64>,
    bias: DVector<f64>,
}

#[derive(Clone, Differentiable)]
struct Network {
    first: Dense,
    second: Dense,
}

/// The mean cross entropy over a batch, an image in each column.
#[grad(wrt(network))]
fn loss(network: &Network, images: &DMatrix<f64>, labels: &[usize]) -> f64 {
    let mut hidden = &network.first.weights * images;
    for k in 0..hidden.ncols() {
        for i in 0..hidden.nrows() {
            hidden[(i, k)] = 1.0 / (1.0 + (-(hidden[(i, k)] + network.first.bias[i])).exp());
        }
    }
    let scores = &network.second.weights * &hidden;
    let mut total = 0.0;
    for k in 0..labels.len() {
        let mut top = f64::NEG_INFINITY;
        for c in 0..10 {
            top = top.max(scores[(c, k)] + network.second.bias[c]);
        }
        let mut sum = 0.0;
        for c in 0..10 {
            sum += (scores[(c, k)] + network.second.bias[c] - top).exp();
        }
        total += sum.ln() + top - (scores[(labels[k], k)] + network.second.bias[labels[k]]);
    }
    total / labels.len() as f64
}

fn loss_by_hand(network: &Network, images: &DMatrix<f64>, labels: &[usize]) -> (f64, NetworkTangent) {
    let mut hidden = &network.first.weights * images;
    for mut column in hidden.column_iter_mut() {
        for (unit, bias) in column.iter_mut().zip(&network.first.bias) {
            *unit = 1.0 / (1.0 + (-(*unit + bias)).exp());
        }
    }
    let mut scores = &network.second.weights * &hidden;
    let share = 1.0 / labels.len() as f64;
    let mut total = 0.0;
    let mut second_bias = DVector::zeros(scores.nrows());
    for (mut column, label) in scores.column_iter_mut().zip(labels) {
        column += &network.second.bias;
        let top = column.max();
        let chosen = column[*label];
        column.apply(|score| *score = (*score - top).exp());
        let sum = column.sum();
        total += sum.ln() + top - chosen;
        column *= share / sum;
        column[*label] -= share;
        second_bias += &column;
    }
    let second = DenseTangent { weights: &scores * hidden.transpose(), bias: second_bias };
    let mut slopes = network.second.weights.tr_mul(&scores);
    let mut first_bias = DVector::zeros(hidden.nrows());
    for (mut column, units) in slopes.column_iter_mut().zip(hidden.column_iter()) {
        for (slope, unit) in column.iter_mut().zip(&units) {
            *slope *= unit * (1.0 - unit);
        }
        first_bias += &column;
    }
    let first = DenseTangent { weights: &slopes * images.transpose(), bias: first_bias };
    (total * share, NetworkTangent { first, second })
}

fn matrix(rows: usize, columns: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| ((i * 31 + j * 17) % 23) as f64 / 100.0 - 0.1)
}

fn main() {
    let (a, x, b) = (matrix(500, 500), DVector::from_element(500, 0.3), DVector::from_element(500, 1.0));
    compare(
        "‖A x − b‖², 500 × 500",
        &mut || keep(squares(&a, &x, &b)),
        &mut [("gradient", &mut || keep(squares::value_and_grad(&a, &x, &b)))],
    );

    let (inputs, weights, bias) = (matrix(64, 784), matrix(784, 512), DVector::from_element(512, 0.1));
    compare(
        "a layer, 64 × 784 by 784 × 512",
        &mut || keep(layer(&inputs, &weights, &bias)),
        &mut [("gradient", &mut || keep(layer::value_and_grad(&inputs, &weights, &bias)))],
    );

    let kernel = |i: usize, j: usize| {
        let apart = (i as f64 - j as f64) / 20.0;
        (-apart * apart).exp() + if i == j { 0.1 } else { 0.0 }
    };
    let (k, y) = (DMatrix::from_fn(200, 200, kernel), DVector::from_fn(200, |i, _| (0.1 * i as f64).sin()));
    compare(
        "a Gaussian process of 200 points",
        &mut || keep(log_likelihood(&k, &y)),
        &mut [("gradient", &mut || keep(log_likelihood::value_and_grad(&k, &y)))],
    );

    for units in [32, 512] {
        let dense = |outputs, inputs| Dense {
            weights: matrix(outputs, inputs),
            bias: DVector::from_element(outputs, 0.01),
        };
        let network = Network { first: dense(units, 64), second: dense(10, units) };
        let images = DMatrix::from_fn(64, 1257, |i, j| ((i * 7 + j * 13) % 17) as f64 / 16.0);
        let labels: Vec<usize> = (0..1257).map(|k| k % 10).collect();
        let (gradient, by_hand) =
            (loss::grad(&network, &images, &labels), loss_by_hand(&network, &images, &labels).1);
        assert!((gradient.first.weights - by_hand.first.weights).norm() < 1e-12, "gradients differ");
        assert!((gradient.second.bias - by_hand.second.bias).norm() < 1e-12, "gradients differ");
        compare(
            &format!("network 64-{units}-10, 1257 images"),
            &mut || keep(loss(&network, &images, &labels)),
            &mut [
                ("by hand", &mut || keep(loss_by_hand(&network, &images, &labels))),
                ("gradient", &mut || keep(loss::value_and_grad(&network, &images, &labels))),
            ],
        );
    }
}
