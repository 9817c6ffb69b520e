//! Layers of arrays: a sample in each row, as ndarray has it.

use grad::descent::Random;
use grad::{Differentiable, grad};
use ndarray::{Array1, Array2, ArrayView2};

/// A column of weights for each output.
#[derive(Clone, Debug, Differentiable)]
pub struct Dense {
    pub weights: Array2<f64>,
    pub bias: Array1<f64>,
}

/// A layer of units that are silent below zero, and one of scores.
#[derive(Clone, Debug, Differentiable)]
pub struct Network {
    pub hidden: Dense,
    pub output: Dense,
}

/// The mean cross-entropy, and λ/2 · ‖W‖², which makes the minimum unique. The bias is not held back.
#[grad(wrt(layer))]
pub fn softmax_loss(layer: &Dense, images: ArrayView2<f64>, labels: &[usize], lambda: f64) -> f64 {
    let scores = images.dot(&layer.weights) + &layer.bias;
    let squares = (&layer.weights * &layer.weights).sum();
    cross_entropy(&scores, labels) + 0.5 * lambda * squares
}

/// The same of a network.
#[grad(wrt(network))]
pub fn network_loss(network: &Network, images: ArrayView2<f64>, labels: &[usize], lambda: f64) -> f64 {
    let mut hidden: Array2<f64> = images.dot(&network.hidden.weights) + &network.hidden.bias;
    hidden.mapv_inplace(|x| x.max(0.0));
    let scores = hidden.dot(&network.output.weights) + &network.output.bias;
    let first = (&network.hidden.weights * &network.hidden.weights).sum();
    let second = (&network.output.weights * &network.output.weights).sum();
    cross_entropy(&scores, labels) + 0.5 * lambda * (first + second)
}

/// The mean of −ln of the probability that softmax gives to the label; shifted by the largest score, so that nothing overflows.
#[grad]
fn cross_entropy(scores: &Array2<f64>, labels: &[usize]) -> f64 {
    let mut total = 0.0;
    for (row, &label) in scores.outer_iter().zip(labels) {
        let top = row.fold(f64::NEG_INFINITY, |top, &x| top.max(x));
        total += row.mapv(|x| (x - top).exp()).sum().ln() + top - row[label];
    }
    total / labels.len() as f64
}

impl Dense {
    pub fn zeros(inputs: usize, outputs: usize) -> Dense {
        Dense { weights: Array2::zeros((inputs, outputs)), bias: Array1::zeros(outputs) }
    }

    pub fn scores(&self, inputs: &Array2<f64>) -> Array2<f64> {
        inputs.dot(&self.weights) + &self.bias
    }
}

impl Network {
    /// With weights at random, as wide as they should be for units that are silent half of the time.
    pub fn new([inputs, units, outputs]: [usize; 3], random: &mut Random) -> Network {
        let mut layer = |inputs: usize, outputs: usize| {
            let width = (6.0 / inputs as f64).sqrt();
            let weights =
                Array2::from_shape_fn((inputs, outputs), |_| width * (2.0 * random.uniform() - 1.0));
            Dense { weights, bias: Array1::zeros(outputs) }
        };
        Network { hidden: layer(inputs, units), output: layer(units, outputs) }
    }

    pub fn scores(&self, inputs: &Array2<f64>) -> Array2<f64> {
        self.output.scores(&self.hidden.scores(inputs).mapv_into(|x| x.max(0.0)))
    }
}

/// In how many rows the label has the largest score.
pub fn right(scores: &Array2<f64>, labels: &[usize]) -> usize {
    let largest =
        |row: ndarray::ArrayView1<'_, f64>| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]));
    scores.outer_iter().zip(labels).filter(|(row, label)| largest(row.view()) == Some(**label)).count()
}
