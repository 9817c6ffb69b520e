//! Gradient descent's update, with momentum.

use super::UpdateRule;
use crate::Scalar;

/// The heavy-ball update
///
/// ```text
/// v₊ = μ v + ∇f(x)        v = 0 at the start
/// x₊ = x − α v₊
/// ```
///
/// with the step size α and the momentum μ ∈ [0, 1); μ = 0 is plain gradient descent.
///
/// Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964, in the form used by
/// `PyTorch`'s `SGD` (the step size outside of the velocity).
#[derive(Clone, Debug, PartialEq)]
pub struct Momentum<S> {
    alpha: S,
    mu: S,
    velocity: Vec<S>,
}

impl<S: Scalar> Momentum<S> {
    /// The rule for a step size α and a momentum μ.
    pub fn new(step_size: f64, momentum: f64) -> Self {
        Momentum { alpha: S::from_f64(step_size), mu: S::from_f64(momentum), velocity: Vec::new() }
    }
}

impl<S: Scalar> UpdateRule<S> for Momentum<S> {
    fn start(&mut self, dim: usize) {
        self.velocity.clear();
        self.velocity.resize(dim, S::default());
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        for ((step, velocity), &gradient) in step.iter_mut().zip(&mut self.velocity).zip(gradient) {
            *velocity = self.mu * *velocity + gradient;
            *step = -(self.alpha * *velocity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_those_of_the_formula() {
        let mut rule = Momentum::new(0.5, 0.25);
        let mut step = [0.0; 2];
        rule.start(2);
        rule.step_into(&[0.0; 2], &[1.0, -2.0], &mut step);
        assert_eq!(step, [-0.5, 1.0]);
        rule.step_into(&[0.0; 2], &[1.0, 0.0], &mut step);
        assert_eq!(step, [-0.625, 0.25]);
        rule.start(2);
        rule.step_into(&[0.0; 2], &[1.0, 0.0], &mut step);
        assert_eq!(step, [-0.5, 0.0]);
    }
}
