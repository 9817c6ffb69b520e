//! Nonlinear conjugate gradients: the last direction is all the memory.

use super::line_search::{LineSearch, Searcher, StrongWolfe};
use super::settings::descent_settings;
use super::vector::{dot, negate, norm};
use super::{DescentError, Evaluator, Method, Point, Stopping, Termination};
use crate::{Objective, Scalar};

/// The conjugate gradient method of Hager and Zhang, for smooth functions of so many variables that the pairs of
/// [`Lbfgs`](super::Lbfgs) have no room: three vectors are all it keeps.
///
/// ```text
/// x₊ = x + α·p
/// p₊ = −g₊ + max(β, −1 / (‖p‖·min(η, ‖g‖)))·p        β = (y − 2·p·yᵀy / pᵀy)ᵀ·g₊ / pᵀy,  y = g₊ − g
/// ```
///
/// with g = ∇f(x), p = −g at the start, and η = 0.01: every p is a direction of descent. The first trial is
/// α = 1/‖g‖₂, and later the α that has the same first-order effect as the last step, α·pᵀg. Where the search along p
/// finds nothing, or pᵀy ≤ 0, p = −g again.
///
/// Hager and Zhang, *A new conjugate gradient method with guaranteed descent and an efficient line search*, SIAM J.
/// Optim. 16(1), 2005, (1.3) and (1.6). Default: strong Wolfe search with c₂ = 0.4 that is
/// [exact on parabolas](StrongWolfe::exact_on_parabolas): directions stay conjugate only as far as the steps are exact, and
/// where the function is quadratic along the ray that costs one evaluation more; Hager and Zhang's `QuadStep` is for the
/// same. Both were counted on problems of 50 to 10,000 variables and on those of Moré, Garbow and Hillstrom. The authors'
/// own search is [`HagerZhang`](super::HagerZhang).
#[derive(Clone, Debug, PartialEq)]
pub struct ConjugateGradient {
    line_search: LineSearch,
    stopping: Stopping,
}

/// η
const TRUNCATION: f64 = 0.01;

impl Default for ConjugateGradient {
    fn default() -> Self {
        let line_search = StrongWolfe { curvature: 0.4, exact_on_parabolas: true, ..StrongWolfe::default() };
        ConjugateGradient { line_search: line_search.into(), stopping: Stopping::default() }
    }
}

impl ConjugateGradient {
    /// The line search.
    #[must_use]
    pub fn line_search(self, line_search: impl Into<LineSearch>) -> Self {
        ConjugateGradient { line_search: line_search.into(), ..self }
    }

    fn method<S: Scalar>(&self) -> Result<ConjugateGradientState<S>, DescentError> {
        self.line_search.check()?;
        Ok(ConjugateGradientState {
            searcher: Searcher::new(self.line_search),
            direction: Vec::new(),
            last: None,
        })
    }
}

descent_settings!(ConjugateGradient, ConjugateGradientState<O::Scalar>, Objective);

/// [`ConjugateGradient`] under way.
#[derive(Clone, Debug)]
pub struct ConjugateGradientState<S> {
    searcher: Searcher<S>,
    /// The next direction, if there was a last step.
    direction: Vec<S>,
    /// α and pᵀg of the last step.
    last: Option<(f64, f64)>,
}

impl<O: Objective> Method<O> for ConjugateGradientState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        self.searcher.start(start.len());
        self.direction = vec![O::Scalar::default(); start.len()];
        self.last = None;
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<O::Scalar>,
        next: &mut Point<O::Scalar>,
    ) -> Result<f64, Termination> {
        if let Some((last_step, last_slope)) = self.last {
            let slope = dot(&current.gradient, &self.direction);
            let first = last_step * last_slope / slope;
            if let Some(step) = self.searcher.search(evaluator, current, &self.direction, first, next)? {
                self.turn(step, slope, current, next);
                return Ok(step);
            }
        }
        negate(&mut self.direction, &current.gradient);
        let first = 1.0 / norm(&current.gradient);
        let step = self
            .searcher
            .search(evaluator, current, &self.direction, first, next)?
            .ok_or(Termination::NoProgress)?;
        self.turn(step, -dot(&current.gradient, &current.gradient), current, next);
        Ok(step)
    }
}

impl<S: Scalar> ConjugateGradientState<S> {
    /// p ← p₊
    fn turn(&mut self, step: f64, slope: f64, current: &Point<S>, next: &Point<S>) {
        let p = &mut self.direction;
        // Sums over y = g₊ − g in one pass; the differences are small, so they are formed before they are summed.
        let (mut py, mut yy, mut yg) = (0.0, 0.0, 0.0);
        for ((&p, &new), &old) in p.iter().zip(&next.gradient).zip(&current.gradient) {
            let y = new.to_f64() - old.to_f64();
            py += p.to_f64() * y;
            yy += y * y;
            yg += y * new.to_f64();
        }
        let pg = dot(p, &next.gradient);
        let beta = (yg - 2.0 * yy * pg / py) / py;
        let beta = beta.max(-1.0 / (norm(p) * norm(&current.gradient).min(TRUNCATION)));
        if !(py > 0.0 && beta.is_finite()) {
            self.last = None;
            return;
        }
        let beta = S::from_f64(beta);
        for (p, &g) in p.iter_mut().zip(&next.gradient) {
            *p = beta * *p - g;
        }
        self.last = Some((step, slope));
    }
}
