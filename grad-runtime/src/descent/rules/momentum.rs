//! The heavy ball, and Nesterov's.

use crate::Scalar;
use crate::descent::{RuleState, UpdateRule};

/// The heavy ball:
///
/// ```text
/// v₊ = μ v + g        v = 0 at the start
/// d  = v₊
/// ```
///
/// with the momentum μ ∈ [0, 1). Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964,
/// in the form of `PyTorch`'s `SGD` (the step size outside of the velocity).
#[derive(Clone, Debug, PartialEq)]
pub struct Momentum<S> {
    mu: f64,
    velocity: Vec<S>,
}

impl<S: Scalar> Momentum<S> {
    /// The rule for a momentum μ.
    pub fn new(momentum: f64) -> Self {
        Momentum { mu: momentum, velocity: Vec::new() }
    }
}

impl<S: Scalar> UpdateRule<S> for Momentum<S> {
    fn start(&mut self, dim: usize) {
        self.velocity.clear();
        self.velocity.resize(dim, S::default());
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        let mu = S::from_f64(self.mu);
        for ((step, velocity), &gradient) in step.iter_mut().zip(&mut self.velocity).zip(gradient) {
            *velocity = mu * *velocity + gradient;
            *step = *velocity;
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("momentum", self.mu);
        state.vector("velocity", &mut self.velocity);
    }
}

/// Nesterov's accelerated gradient:
///
/// ```text
/// v₊ = μ v + g        v = 0 at the start
/// d  = g + μ v₊
/// ```
///
/// Nesterov, *A method of solving a convex programming problem with convergence rate O(1/k²)*, 1983, in the form of
/// Sutskever et al., *On the importance of initialization and momentum in deep learning*, 2013, with the variables
/// at the point where the gradient is taken, as in `PyTorch`'s `SGD(nesterov=True)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Nesterov<S> {
    mu: f64,
    velocity: Vec<S>,
}

impl<S: Scalar> Nesterov<S> {
    /// The rule for a momentum μ.
    pub fn new(momentum: f64) -> Self {
        Nesterov { mu: momentum, velocity: Vec::new() }
    }
}

impl<S: Scalar> UpdateRule<S> for Nesterov<S> {
    fn start(&mut self, dim: usize) {
        self.velocity.clear();
        self.velocity.resize(dim, S::default());
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        let mu = S::from_f64(self.mu);
        for ((step, velocity), &gradient) in step.iter_mut().zip(&mut self.velocity).zip(gradient) {
            *velocity = mu * *velocity + gradient;
            *step = gradient + mu * *velocity;
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("nesterov", self.mu);
        state.vector("velocity", &mut self.velocity);
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use crate::descent::GradientDescent;

    #[test]
    fn the_walks_are_pytorchs() {
        // torch.optim.SGD([x], lr=0.02)
        let walk = [
            [0.97, -0.32, 0.2306217515657871],
            [0.9376, -0.2114, 0.21115126233709222],
            [0.904324, -0.145592, 0.1915954568450476],
            [0.87106288, -0.10544168, 0.17196142346122142],
            [0.8383291984, -0.08068626559999999, 0.15225640280057595],
        ];
        assert_walk(GradientDescent::new(0.02).rule().unwrap(), &walk);
        // torch.optim.SGD([x], lr=0.02, momentum=0.9)
        let walk = [
            [0.97, -0.32, 0.2306217515657871],
            [0.9106, -0.04939999999999998, 0.19371083874630063],
            [0.821704, 0.19568800000000003, 0.1408650841973617],
            [0.7049156799999999, 0.32155792000000005, 0.073502006920115],
            [0.5651784063999999, 0.2921193664, -0.007070761497725019],
        ];
        assert_walk(GradientDescent::new(0.02).momentum(0.9).rule().unwrap(), &walk);
        // torch.optim.SGD([x], lr=0.02, momentum=0.9, nesterov=True)
        let walk = [
            [0.943, -0.15799999999999997, 0.2131813279749955],
            [0.8530359999999999, 0.072046, 0.16034516082645406],
            [0.7356039159999999, 0.152011072, 0.0928725956655996],
            [0.6002388460479998, 0.12178948127200001, 0.012080150537292854],
            [0.4573820707752158, 0.04718582410825602, -0.08070784953137254],
        ];
        assert_walk(GradientDescent::new(0.02).nesterov(0.9).rule().unwrap(), &walk);
    }

    #[test]
    fn weight_decay_is_pytorchs() {
        // torch.optim.SGD([x], lr=0.02, momentum=0.9, weight_decay=0.1)
        let walk = [
            [0.968, -0.319, 0.2301217515657871],
            [0.904924, -0.04722199999999995, 0.19229831184849502],
            [0.8110932319999999, 0.19826296400000007, 0.13824126777373918],
            [0.6886143657759999, 0.32327585543200005, 0.06950424789848524],
            [0.5429960657031678, 0.29205827652161603, -0.012449789524666058],
        ];
        assert_walk(GradientDescent::new(0.02).momentum(0.9).weight_decay(0.1).rule().unwrap(), &walk);
    }
}
