//! Softmax regression: one linear score for each digit; softmax turns the scores into probabilities.

use grad::grad;

use crate::data::{CLASSES, Digits, PIXELS};

/// A row of weights for each pixel, and a row of biases.
pub const WEIGHTS: usize = (PIXELS + 1) * CLASSES;
const BIASES: usize = PIXELS * CLASSES;

/// The mean cross-entropy, and λ/2 · ‖W‖², which makes the minimum unique. The biases are not held back.
#[grad(wrt(weights))]
pub fn loss(weights: &[f64], images: &[[f64; PIXELS]], labels: &[usize], lambda: f64) -> f64 {
    let mut total = 0.0;
    for (image, &label) in images.iter().zip(labels) {
        total += cross_entropy(&scores(weights, image), label);
    }
    let mut squares = 0.0;
    for weight in &weights[..BIASES] {
        squares += weight * weight;
    }
    total / images.len() as f64 + 0.5 * lambda * squares
}

/// One score per class; the largest is the answer.
#[grad(wrt(weights))]
pub fn scores(weights: &[f64], image: &[f64; PIXELS]) -> [f64; CLASSES] {
    let mut scores = [0.0; CLASSES];
    scores.copy_from_slice(&weights[BIASES..]);
    for (i, ink) in image.iter().enumerate() {
        let row = &weights[i * CLASSES..(i + 1) * CLASSES];
        for (score, weight) in scores.iter_mut().zip(row) {
            *score += ink * weight;
        }
    }
    scores
}

/// −ln of the probability that softmax gives to the label; shifted by the largest score, so that nothing overflows.
#[grad]
fn cross_entropy(scores: &[f64; CLASSES], label: usize) -> f64 {
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

/// How many digits are read right.
pub fn right(weights: &[f64], digits: &Digits) -> usize {
    let pairs = digits.images.iter().zip(&digits.labels);
    pairs.filter(|&(image, &label)| predict(weights, image) == label).count()
}

/// ‖W‖, without the biases.
pub fn norm(weights: &[f64]) -> f64 {
    weights[..BIASES].iter().map(|w| w * w).sum::<f64>().sqrt()
}
