//! No gradient longer than a bound.

use crate::Scalar;
use crate::descent::{RuleState, UpdateRule};
use crate::norms::max_norm;

/// Clips the length and keeps the direction: `d = g · min(1, c / ‖g‖₂)`.
///
/// Pascanu, Mikolov and Bengio, *On the difficulty of training recurrent neural networks*, 2013, §3.2.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipNorm {
    bound: f64,
}

impl ClipNorm {
    /// The rule for a bound c > 0.
    pub fn new(bound: f64) -> Self {
        ClipNorm { bound }
    }
}

impl<S: Scalar> UpdateRule<S> for ClipNorm {
    fn start(&mut self, _: usize) {}

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        let norm = norm(gradient);
        if norm <= self.bound {
            step.copy_from_slice(gradient);
            return;
        }
        for (step, gradient) in step.iter_mut().zip(gradient) {
            *step = S::from_f64(gradient.to_f64() / norm * self.bound);
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("clip_norm", self.bound);
    }
}

/// ‖g‖₂, also where the squares overflow.
fn norm<S: Scalar>(gradient: &[S]) -> f64 {
    let sum_of_squares =
        |scale: f64| gradient.iter().map(|g| g.to_f64() / scale).fold(0.0, |sum, g| sum + g * g);
    let sum = sum_of_squares(1.0);
    if sum.is_finite() {
        return sum.sqrt();
    }
    let scale = max_norm(gradient);
    scale * sum_of_squares(scale).sqrt()
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::{assert_walk, chain_of};
    use super::*;

    #[test]
    fn the_walk_is_optaxs() {
        // optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.02))
        let walk = [
            [0.996730403817942, -0.48038242290765193, 0.2478880317634842],
            [0.9932901922334648, -0.46080420386592796, 0.2456838803602665],
            [0.9896656827453668, -0.4412708051708287, 0.24337969582143693],
            [0.985841581893345, -0.421788672520807, 0.2409666562277862],
            [0.9818007475749811, -0.40236545337044294, 0.23843481582040202],
        ];
        assert_walk(chain_of(ClipNorm::new(1.0), 0.02), &walk);
    }

    #[test]
    fn huge_gradients_keep_their_direction() {
        let mut step = [0.0_f64; 2];
        ClipNorm::new(10.0).step_into(&[0.0; 2], &[3e200, 4e200], &mut step);
        assert!((step[0] - 6.0).abs() < 1e-14 && (step[1] - 8.0).abs() < 1e-14, "{step:?}");
    }
}
