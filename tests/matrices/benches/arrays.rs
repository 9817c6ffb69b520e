//! `cargo bench -p grad-matrix-tests --features ndarray --bench arrays`: what gradients of functions of arrays cost, as `costs.rs`
//! of matrices.

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

mod turns;

use grad::{Differentiable, grad};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use turns::{compare, keep};

/// ‖A x − b‖²
#[grad(wrt(x))]
fn squares(a: &Array2<f64>, x: &Array1<f64>, b: &Array1<f64>) -> f64 {
    let r = a.dot(x) - b;
    r.dot(&r)
}

/// The sum of the outputs of a layer, a sample in each row.
#[grad]
fn layer(inputs: ArrayView2<f64>, weights: &Array2<f64>, bias: &Array1<f64>) -> f64 {
    let outputs = inputs.dot(weights) + bias;
    outputs.mapv_into(|x| x.max(0.0)).sum()
}

/// The same, of constant inputs.
#[grad(wrt(weights, bias))]
fn first_layer(inputs: ArrayView2<f64>, weights: &Array2<f64>, bias: &Array1<f64>) -> f64 {
    let outputs = inputs.dot(weights) + bias;
    outputs.mapv_into(|x| x.max(0.0)).sum()
}

fn first_layer_by_hand(
    inputs: ArrayView2<f64>,
    weights: &Array2<f64>,
    bias: &Array1<f64>,
) -> (f64, Array2<f64>, Array1<f64>) {
    let mut outputs = inputs.dot(weights) + bias;
    outputs.mapv_inplace(|x| x.max(0.0));
    let sum = outputs.sum();
    outputs.mapv_inplace(|x| if x > 0.0 { 1.0 } else { 0.0 });
    (sum, inputs.t().dot(&outputs), outputs.sum_axis(Axis(0)))
}

#[derive(Clone, Differentiable)]
struct Dense {
    weights: Array2<f64>,
    bias: Array1<f64>,
}

#[derive(Clone, Differentiable)]
struct Network {
    first: Dense,
    second: Dense,
}

/// The mean cross entropy over a batch, an image in each row.
#[grad(wrt(network))]
fn loss(network: &Network, images: ArrayView2<f64>, labels: &[usize]) -> f64 {
    let hidden = images.dot(&network.first.weights) + &network.first.bias;
    let hidden: Array2<f64> = hidden.mapv_into(|x| x.max(0.0));
    let scores: Array2<f64> = hidden.dot(&network.second.weights) + &network.second.bias;
    let mut total = 0.0;
    for (row, &label) in scores.outer_iter().zip(labels) {
        let top = row.fold(f64::NEG_INFINITY, |top, &x| top.max(x));
        total += row.mapv(|x| (x - top).exp()).sum().ln() + top - row[label];
    }
    total / labels.len() as f64
}

fn loss_by_hand(network: &Network, images: ArrayView2<f64>, labels: &[usize]) -> (f64, NetworkTangent) {
    let mut hidden = images.dot(&network.first.weights) + &network.first.bias;
    hidden.mapv_inplace(|x| x.max(0.0));
    let mut scores = hidden.dot(&network.second.weights) + &network.second.bias;
    let share = 1.0 / labels.len() as f64;
    let mut total = 0.0;
    for (mut row, &label) in scores.outer_iter_mut().zip(labels) {
        let top = row.fold(f64::NEG_INFINITY, |top, &x| top.max(x));
        let chosen = row[label];
        row.mapv_inplace(|x| (x - top).exp());
        let sum = row.sum();
        total += sum.ln() + top - chosen;
        row *= share / sum;
        row[label] -= share;
    }
    let second = DenseTangent { weights: hidden.t().dot(&scores), bias: scores.sum_axis(Axis(0)) };
    let mut slopes = scores.dot(&network.second.weights.t());
    slopes.zip_mut_with(&hidden, |slope, &unit| {
        if unit <= 0.0 {
            *slope = 0.0;
        }
    });
    let first = DenseTangent { weights: images.t().dot(&slopes), bias: slopes.sum_axis(Axis(0)) };
    (total * share, NetworkTangent { first, second })
}

fn matrix(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 31 + j * 17) % 23) as f64 / 100.0 - 0.1)
}

pub fn main() {
    let (a, x, b) = (matrix(500, 500), Array1::from_elem(500, 0.3), Array1::from_elem(500, 1.0));
    compare(
        "‖A x − b‖², 500 × 500",
        &mut || keep(squares(&a, &x, &b)),
        &mut [("gradient", &mut || keep(squares::value_and_grad(&a, &x, &b)))],
    );

    let (inputs, weights, bias) = (matrix(64, 784), matrix(784, 512), Array1::from_elem(512, 0.1));
    compare(
        "a layer, 64 × 784 by 784 × 512",
        &mut || keep(layer(inputs.view(), &weights, &bias)),
        &mut [
            ("by hand", &mut || keep(first_layer_by_hand(inputs.view(), &weights, &bias))),
            ("by weights and bias", &mut || {
                keep(first_layer::value_and_grad(inputs.view(), &weights, &bias))
            }),
            ("by inputs, too", &mut || keep(layer::value_and_grad(inputs.view(), &weights, &bias))),
        ],
    );

    for units in [32, 512] {
        let dense = |inputs, outputs| Dense {
            weights: matrix(inputs, outputs),
            bias: Array1::from_elem(outputs, 0.01),
        };
        let network = Network { first: dense(64, units), second: dense(units, 10) };
        let images = Array2::from_shape_fn((1257, 64), |(j, i)| ((i * 7 + j * 13) % 17) as f64 / 16.0);
        let labels: Vec<usize> = (0..1257).map(|k| k % 10).collect();
        let (gradient, by_hand) =
            (loss::grad(&network, images.view(), &labels), loss_by_hand(&network, images.view(), &labels).1);
        let apart =
            |a: &Array2<f64>, b: &Array2<f64>| (a - b).iter().fold(0.0_f64, |far, x| far.max(x.abs()));
        assert!(apart(&gradient.first.weights, &by_hand.first.weights) < 1e-12, "gradients differ");
        assert!(apart(&gradient.second.weights, &by_hand.second.weights) < 1e-12, "gradients differ");
        compare(
            &format!("network 64-{units}-10, 1257 images"),
            &mut || keep(loss(&network, images.view(), &labels)),
            &mut [
                ("by hand", &mut || keep(loss_by_hand(&network, images.view(), &labels))),
                ("gradient", &mut || keep(loss::value_and_grad(&network, images.view(), &labels))),
            ],
        );
    }
}
