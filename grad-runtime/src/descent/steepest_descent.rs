//! Steepest descent with a line search.

use super::line_search::{Backtracking, LineSearch, Searcher};
use super::settings::descent_settings;
use super::vector::{negate, norm};
use super::{DescentError, Evaluator, Method, Point, RuleState, Stopping, Termination};
use crate::{Objective, Scalar};

/// Steepest descent with a line search: the step size finds itself.
///
/// ```text
/// x₊ = x − α·∇f(x)
/// ```
///
/// The first trial is α = 1/‖∇f(x)‖₂ at the start, and sᵀs / sᵀy afterwards, with s = x₊ − x and
/// y = ∇f(x₊) − ∇f(x) of the last step (twice the last α where sᵀy ≤ 0): the inverse of the curvature along it, Barzilai
/// and Borwein, *Two-point step size gradient methods*, IMA J. Numer. Anal. 8, 1988. Any trial is backtracked to a
/// sufficient decrease. It is to be understood, and to compare with; of the methods here, it is the slowest.
///
/// Cauchy, *Méthode générale pour la résolution des systèmes d'équations simultanées*, 1847. Default: backtracking.
#[derive(Clone, Debug, PartialEq)]
pub struct SteepestDescent {
    line_search: LineSearch,
    stopping: Stopping,
}

impl Default for SteepestDescent {
    fn default() -> Self {
        SteepestDescent { line_search: Backtracking::default().into(), stopping: Stopping::default() }
    }
}

impl SteepestDescent {
    /// The line search.
    #[must_use]
    pub fn line_search(self, line_search: impl Into<LineSearch>) -> Self {
        SteepestDescent { line_search: line_search.into(), ..self }
    }

    fn method<S: Scalar>(&self) -> Result<SteepestDescentState<S>, DescentError> {
        self.line_search.check()?;
        let searcher = Searcher::new(self.line_search);
        Ok(SteepestDescentState { searcher, direction: Vec::new(), first: None })
    }
}

descent_settings!(SteepestDescent, SteepestDescentState<O::Scalar>, Objective);
descent_settings!(@resume SteepestDescent, SteepestDescentState<O::Scalar>, Objective);

/// [`SteepestDescent`] under way.
#[derive(Clone, Debug)]
pub struct SteepestDescentState<S> {
    searcher: Searcher<S>,
    direction: Vec<S>,
    /// The next first trial.
    first: Option<f64>,
}

impl<O: Objective> Method<O> for SteepestDescentState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        self.searcher.start(start.len());
        self.direction = vec![O::Scalar::default(); start.len()];
        self.first = None;
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<O::Scalar>,
        next: &mut Point<O::Scalar>,
    ) -> Result<f64, Termination> {
        negate(&mut self.direction, &current.gradient);
        let first = self.first.unwrap_or_else(|| 1.0 / norm(&current.gradient));
        let step = self
            .searcher
            .search(evaluator, current, &self.direction, first, next)?
            .ok_or(Termination::NoProgress)?;
        self.first = Some(two_point_step(current, next).unwrap_or(2.0 * step));
        Ok(step)
    }

    fn state(&mut self, state: &mut dyn RuleState<O::Scalar>) {
        self.searcher.state(state);
        // No first trial is 0.
        let mut first = self.first.unwrap_or(0.0);
        state.number("first trial", &mut first);
        self.first = (first != 0.0).then_some(first);
    }
}

/// sᵀs / sᵀy, where that is a step size.
pub(super) fn two_point_step<S: Scalar>(current: &Point<S>, next: &Point<S>) -> Option<f64> {
    let (mut ss, mut sy) = (0.0, 0.0);
    for i in 0..current.x.len() {
        let s = next.x[i].to_f64() - current.x[i].to_f64();
        ss += s * s;
        sy += s * (next.gradient[i].to_f64() - current.gradient[i].to_f64());
    }
    let step = ss / sy;
    (step > 0.0 && step.is_finite()).then_some(step)
}
