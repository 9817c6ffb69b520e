//! Saving a descent, and going on with it.

use std::path::Path;

use super::stall::Progress;
use super::{Walk, check_start};
use crate::Objective;
use crate::Scalar;
use crate::descent::checkpoint::{MAXIMIZE, index};
use crate::descent::stopping::LastStep;
use crate::descent::{
    Checkpoint, CheckpointError, DescentError, Evaluator, FirstOrder, Method, Point, RuleState, Stopping,
    UpdateRule,
};
use crate::norms::all_finite;

impl<O: Objective, R: UpdateRule<O::Scalar>> Walk<O, FirstOrder<R>> {
    /// Goes on with a descent by a first-order rule, see [`go_on`](Self::go_on).
    pub fn resume(
        objective: O,
        rule: R,
        stopping: Stopping,
        checkpoint: &Checkpoint,
    ) -> Result<Self, DescentError> {
        Walk::go_on(objective, FirstOrder::new(rule), stopping, checkpoint)
    }
}

impl<O: Objective, M: Method<O>> Walk<O, M> {
    /// The descent as it stands. An error if the method cannot be saved: those of first order, L-BFGS, BFGS, conjugate
    /// gradients, steepest descent and Newton-CG can.
    ///
    /// ```
    /// use grad_runtime::descent::Lbfgs;
    /// use grad_runtime::from_fn;
    ///
    /// let valley = || {
    ///     from_fn(|x: &[f64]| {
    ///         let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
    ///         (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
    ///     })
    /// };
    /// let mut walk = Lbfgs::default().walk(valley(), vec![-1.2, 1.0])?;
    /// for _ in 0..10 {
    ///     let _ = walk.step();
    /// }
    /// let checkpoint = walk.checkpoint()?;
    /// let resumed = Lbfgs::default().resume(valley(), &checkpoint)?.run();
    /// assert_eq!(resumed.x, walk.run().x);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn checkpoint(&mut self) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::save(|state| self.state(state))
    }

    /// Writes [`checkpoint`](Self::checkpoint) to a file, see [`Checkpoint::write`].
    pub fn save(&mut self, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
        self.checkpoint()?.write(path)
    }

    /// Goes on with a descent, or an ascent, from a checkpoint, bit for bit as if it had not been interrupted; the objective
    /// and the method have to be those of the one that was saved, in their first state. Of the tests that end it, that of the
    /// time begins anew.
    pub fn go_on(
        objective: O,
        mut method: M,
        stopping: Stopping,
        checkpoint: &Checkpoint,
    ) -> Result<Self, DescentError> {
        stopping.check()?;
        let dim = checkpoint.dim();
        let nowhere = || vec![O::Scalar::default(); dim];
        check_start(objective.dim(), &nowhere())?;
        let mut evaluator = Evaluator::new(objective, checkpoint.is_ascent());
        method.start(&mut evaluator, &mut nowhere())?;
        evaluator.limit(stopping.max_evaluations, stopping.max_time);
        let mut walk = Walk {
            evaluator,
            method,
            stopping,
            current: Point::new(nowhere()),
            next: Point::new(nowhere()),
            step_size: 0.0,
            last: None,
            start_value: 0.0,
            start_gradient_norm: 0.0,
            best: None,
            best_x: nowhere(),
            mark: 0.0,
            stale: 0,
            progress: Progress::default(),
            iterations: 0,
            ended: None,
        };
        checkpoint.restore(|state| walk.state(state))?;
        let finite = all_finite(&walk.current.x) && all_finite(&walk.best_x) && walk.current.is_finite();
        if finite { Ok(walk) } else { Err(CheckpointError::Damaged.into()) }
    }

    /// All that the next step and the report depend on, in a fixed order, for saving and for restoring.
    fn state(&mut self, state: &mut dyn RuleState<O::Scalar>) {
        // First, because `Checkpoint::dim` looks there.
        state.vector("x", &mut self.current.x);
        state.setting(MAXIMIZE, f64::from(u8::from(self.evaluator.is_ascent())));
        self.method.state(state);

        let current = &mut self.current;
        state.vector("gradient", &mut current.gradient);
        number(state, "value", &mut current.value);
        state.number("gradient norm", &mut current.gradient_norm);
        let evaluations = self.evaluator.count();
        for (name, count) in [
            ("iterations", &mut self.iterations),
            ("evaluations", &mut evaluations.values),
            ("evaluations of the gradient", &mut evaluations.gradients),
            ("products of the Hessian", &mut evaluations.hessian_products),
            ("failures", &mut evaluations.failures),
            ("iterations without improvement", &mut self.stale),
        ] {
            index(state, name, count);
        }
        for (name, value) in [
            ("value at the start", &mut self.start_value),
            ("gradient norm at the start", &mut self.start_gradient_norm),
            ("step size", &mut self.step_size),
            ("value to improve on", &mut self.mark),
        ] {
            state.number(name, value);
        }

        let mut last = self.last.unwrap_or(LastStep {
            value_before: 0.0,
            step_norm: 0.0,
            x_norm: 0.0,
            iterations_without_improvement: 0,
        });
        state.number("value before", &mut last.value_before);
        state.number("length of the step", &mut last.step_norm);
        state.number("size of x", &mut last.x_norm);
        last.iterations_without_improvement = self.stale;
        // There is a last step if there was one.
        self.last = (self.iterations > 0).then_some(last);

        if self.method.descends() {
            self.progress.state(state);
            // The point before, which a line search knows again.
            let next = &mut self.next;
            state.vector("x before", &mut next.x);
            state.vector("gradient before", &mut next.gradient);
            number(state, "value at x before", &mut next.value);
            state.number("gradient norm before", &mut next.gradient_norm);
        }

        let (mut value, mut norm) = self.best.unwrap_or_default();
        let mut elsewhere = u64::from(self.best.is_some());
        state.count("whether another point is better", &mut elsewhere);
        number(state, "best value", &mut value);
        state.number("its gradient norm", &mut norm);
        state.vector("best x", &mut self.best_x);
        self.best = (elsewhere == 1).then_some((value, norm));
    }
}

/// A scalar, which is exact as `f64`.
fn number<S: Scalar>(state: &mut dyn RuleState<S>, name: &'static str, scalar: &mut S) {
    let mut value = scalar.to_f64();
    state.number(name, &mut value);
    *scalar = S::from_f64(value);
}
