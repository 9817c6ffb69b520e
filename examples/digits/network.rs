//! The network: 64 pixels, 32 hidden units, 10 scores. Ordinary functions of slices; `#[grad]` differentiates them.

use grad::descent::Random;
use grad::grad;

use crate::data::{CLASSES, PIXELS};

pub const HIDDEN: usize = 32;

/// Weights of the first layer, biases included; those of the second follow.
const FIRST: usize = (PIXELS + 1) * HIDDEN;
pub const WEIGHTS: usize = FIRST + (HIDDEN + 1) * CLASSES;

/// The mean loss over the images of the batch: what is minimised.
#[grad(wrt(weights))]
pub fn loss(weights: &[f64], images: &[[f64; PIXELS]], labels: &[usize], batch: &[usize]) -> f64 {
    let mut total = 0.0;
    for &k in batch {
        let s = scores(weights, &images[k]);
        total += cross_entropy(&s, labels[k]);
    }
    total / batch.len() as f64
}

/// One score per class; the largest is the network's answer.
#[grad(wrt(weights))]
pub fn scores(weights: &[f64], image: &[f64; PIXELS]) -> [f64; CLASSES] {
    let mut hidden = [0.0; HIDDEN];
    layer(&weights[..FIRST], image, &mut hidden);
    for unit in &mut hidden {
        *unit = sigmoid(*unit);
    }
    let mut scores = [0.0; CLASSES];
    layer(&weights[FIRST..], &hidden, &mut scores);
    scores
}

/// A row of weights for each input, and a row of biases.
#[grad]
fn layer(weights: &[f64], inputs: &[f64], outputs: &mut [f64]) {
    let n = outputs.len();
    outputs.copy_from_slice(&weights[inputs.len() * n..]);
    for (i, input) in inputs.iter().enumerate() {
        let row = &weights[i * n..(i + 1) * n];
        for (output, weight) in outputs.iter_mut().zip(row) {
            *output += input * weight;
        }
    }
}

#[grad]
fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// −ln of the probability that softmax gives to the label; shifted by the largest score, so that nothing overflows.
#[grad]
fn cross_entropy(scores: &[f64], label: usize) -> f64 {
    let mut top = scores[0];
    for &score in scores {
        top = top.max(score);
    }
    let mut sum = 0.0;
    for &score in scores {
        sum += (score - top).exp();
    }
    sum.ln() + top - scores[label]
}

/// The class of the largest score.
pub fn predict(weights: &[f64], image: &[f64; PIXELS]) -> usize {
    let scores = scores(weights, image);
    (0..CLASSES).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).expect("there are classes")
}

/// Uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio, 2010), biases 0.
pub fn random_weights(random: &mut Random) -> Vec<f64> {
    let mut weights = Vec::with_capacity(WEIGHTS);
    for (inputs, outputs) in [(PIXELS, HIDDEN), (HIDDEN, CLASSES)] {
        let bound = (6.0 / (inputs + outputs) as f64).sqrt();
        weights.extend((0..inputs * outputs).map(|_| bound * (2.0 * random.uniform() - 1.0)));
        weights.extend((0..outputs).map(|_| 0.0));
    }
    weights
}
