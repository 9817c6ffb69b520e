//! Logistic regression: the probability that a tumour is benign is sigmoid(w·x + b).

use grad::grad;

use crate::data::{FEATURES, Tumours};

/// A weight for each measurement, and the bias b.
pub const WEIGHTS: usize = FEATURES + 1;

/// The mean of −ln p(label), and λ/2 · ‖w‖², which keeps the weights small and makes the minimum unique. The bias is
/// not held back.
#[grad(wrt(weights))]
pub fn loss(weights: &[f64; WEIGHTS], rows: &[[f64; FEATURES]], labels: &[f64], lambda: f64) -> f64 {
    let mut total = 0.0;
    for (row, label) in rows.iter().zip(labels) {
        let z = score(weights, row);
        total += softplus(z) - label * z;
    }
    let mut squares = 0.0;
    for weight in &weights[..FEATURES] {
        squares += weight * weight;
    }
    total / rows.len() as f64 + 0.5 * lambda * squares
}

/// w·x + b.
#[grad(wrt(weights))]
pub fn score(weights: &[f64; WEIGHTS], row: &[f64; FEATURES]) -> f64 {
    let mut z = weights[FEATURES];
    for (weight, x) in weights.iter().zip(row) {
        z += weight * x;
    }
    z
}

/// ln(1 + eᶻ), in the form that does not overflow. −ln sigmoid(z) is softplus(−z) = softplus(z) − z.
#[grad]
fn softplus(z: f64) -> f64 {
    if z > 0.0 { z + (-z).exp().ln_1p() } else { z.exp().ln_1p() }
}

/// How often the model is right: benign where the probability is above one half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub right: usize,
    /// Malignant, but called benign.
    pub missed: usize,
    /// Benign, but called malignant.
    pub alarms: usize,
}

impl Counts {
    pub fn of(weights: &[f64; WEIGHTS], tumours: &Tumours) -> Counts {
        let mut counts = Counts { right: 0, missed: 0, alarms: 0 };
        for (row, &label) in tumours.rows.iter().zip(&tumours.labels) {
            match (score(weights, row) > 0.0, label == 1.0) {
                (true, false) => counts.missed += 1,
                (false, true) => counts.alarms += 1,
                _ => counts.right += 1,
            }
        }
        counts
    }

    pub fn accuracy(self) -> f64 {
        self.right as f64 / (self.right + self.missed + self.alarms) as f64
    }
}
