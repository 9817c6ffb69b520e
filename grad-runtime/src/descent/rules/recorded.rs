//! Walks that were recorded with other libraries, in double precision.
//!
//! `PyTorch` 1.12.1:
//!
//! ```python
//! def grad(x): return torch.stack([2*x[0] + x[1], x[0] + 20*x[1], torch.cos(x[2])])
//! x = torch.tensor([1.0, -0.5, 0.25], requires_grad=True)
//! optimizer = …                                              # stands at each test
//! for _ in range(5): x.grad = grad(x.detach()); optimizer.step(); print(x.tolist())
//! ```
//!
//! (`NAdam` and `RAdam`: the functions `_single_tensor_nadam` and `_single_tensor_radam` of the sources of `PyTorch` 2.4.0,
//! run on arrays of `NumPy`.)
//!
//! Optax 0.2.8 on JAX 0.10.2:
//!
//! ```python
//! x = jnp.array([1.0, -0.5, 0.25]); state = optimizer.init(x)
//! for _ in range(5): update, state = optimizer.update(grad(x), state, x); x = optax.apply_updates(x, update); print(x)
//! ```

use super::{Chain, StepSize};
use crate::Scalar;
use crate::descent::UpdateRule;

/// A rule followed by a constant step size.
pub(super) fn chain_of<S: Scalar>(rule: impl UpdateRule<S> + Send + 'static, step_size: f64) -> Chain<S> {
    Chain::new().then(rule).then(StepSize::new(step_size))
}

/// Walks with a rule from the recorded start, twice, and compares every point.
#[track_caller]
pub(super) fn assert_walk(rule: Chain<f64>, recorded: &[[f64; 3]]) {
    assert_walk_within(2e-15, rule, recorded);
}

/// The same, for rules in whose factors digits cancel.
#[track_caller]
pub(super) fn assert_walk_within(tolerance: f64, mut rule: Chain<f64>, recorded: &[[f64; 3]]) {
    for _ in 0..2 {
        rule.start(3);
        let mut x: [f64; 3] = [1.0, -0.5, 0.25];
        for (k, recorded) in recorded.iter().enumerate() {
            let gradient = [2.0 * x[0] + x[1], x[0] + 20.0 * x[1], x[2].cos()];
            let mut step = [0.0; 3];
            rule.step_into(&x, &gradient, &mut step);
            for ((x, step), recorded) in x.iter_mut().zip(step).zip(recorded) {
                *x += step;
                assert!((*x - recorded).abs() < tolerance, "step {}: {x}, not {recorded}", k + 1);
            }
        }
    }
}
