//! A network with the types of its programmer: a struct of layers with methods, trained by descents whose point it is.
//!
//! The task is to tell two spirals that wind around each other. Adam finds the valley, L-BFGS its bottom.

#[path = "pages/only_help.rs"]
mod only_help;

use grad::descent::{Adam, Lbfgs, Random};
use grad::{Differentiable, grad};
use std::error::Error;

#[derive(Clone, Differentiable)]
struct Layer {
    weights: Vec<Vec<f64>>,
    biases: Vec<f64>,
    #[grad(constant)]
    activation: Activation,
}

#[derive(Clone, Copy)]
enum Activation {
    Tanh,
    None,
}

#[grad(wrt(self, x))]
impl Layer {
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let mut out = Vec::with_capacity(self.biases.len());
        for (row, bias) in self.weights.iter().zip(&self.biases) {
            let sum = bias + row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
            out.push(match self.activation {
                Activation::Tanh => sum.tanh(),
                Activation::None => sum,
            });
        }
        out
    }
}

#[derive(Clone, Differentiable)]
struct Mlp {
    layers: Vec<Layer>,
}

/// A point, and which spiral it is of: 1 or −1.
type Sample = ([f64; 2], f64);

#[grad(wrt(self))]
impl Mlp {
    /// Above 0 for the one spiral, below for the other.
    fn score(&self, x: &[f64; 2]) -> f64 {
        let mut a = x.to_vec();
        for layer in &self.layers {
            a = layer.forward(&a);
        }
        a[0]
    }

    /// The mean logistic loss, and a little of the squares of the weights.
    fn loss(&self, samples: &[Sample], decay: f64) -> f64 {
        let mut loss = 0.0;
        for (x, sign) in samples {
            loss += (-sign * self.score(x)).exp().ln_1p();
        }
        let mut squares = 0.0;
        for layer in &self.layers {
            for row in &layer.weights {
                squares += row.iter().map(|w| w * w).sum::<f64>();
            }
        }
        loss / samples.len() as f64 + decay * squares
    }
}

impl Mlp {
    /// With weights at random, as wide as they should be for `tanh`.
    fn new(widths: &[usize], random: &mut Random) -> Mlp {
        let last = widths.len() - 2;
        let layers = widths.windows(2).enumerate().map(|(k, width)| {
            let scale = (6.0 / (width[0] + width[1]) as f64).sqrt();
            let mut row = || (0..width[0]).map(|_| scale * (2.0 * random.uniform() - 1.0)).collect();
            Layer {
                weights: (0..width[1]).map(|_| row()).collect(),
                biases: vec![0.0; width[1]],
                activation: if k == last { Activation::None } else { Activation::Tanh },
            }
        });
        Mlp { layers: layers.collect() }
    }

    fn accuracy(&self, samples: &[Sample]) -> f64 {
        let right = samples.iter().filter(|(x, sign)| self.score(x) * sign > 0.0).count();
        right as f64 / samples.len() as f64
    }
}

/// Two spirals of so many points each; `shift` moves the points along them.
fn spirals(count: usize, shift: f64) -> Vec<Sample> {
    (0..count)
        .flat_map(|k| {
            let t = 0.5 + 5.5 * (k as f64 + shift) / count as f64;
            let (x, y) = (t * t.cos() / 4.0, t * t.sin() / 4.0);
            [([x, y], 1.0), ([-x, -y], -1.0)]
        })
        .collect()
}

const HELP: &str = "\
A network as a struct of layers with methods, trained to tell two spirals apart: by Adam, then by L-BFGS.

Usage: cargo run --release --example mlp";

fn main() -> Result<(), Box<dyn Error>> {
    if only_help::only_help(HELP)? {
        return Ok(());
    }
    let (samples, unseen) = (spirals(60, 0.0), spirals(60, 0.5));
    let start = Mlp::new(&[2, 12, 12, 1], &mut Random::new(3));
    println!("a network of {} parameters, {:.0} % right", start.dim(), 100.0 * start.accuracy(&unseen));

    let mut objective = Mlp::loss_objective(&samples, 1e-5);
    let report = Adam::new(0.02).max_iterations(500).minimize(&mut objective, start)?;
    println!("\nAdam: {report}\n{:.0} % right", 100.0 * report.x.accuracy(&unseen));

    let report = Lbfgs::default().max_iterations(300).minimize(&mut objective, report.x)?;
    let accuracy = report.x.accuracy(&unseen);
    println!("\nL-BFGS: {report}\n{:.0} % right", 100.0 * accuracy);
    assert!(accuracy > 0.95, "the network has not learnt the spirals");
    Ok(())
}
