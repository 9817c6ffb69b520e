//! Nonlinear conjugate gradients: the last direction is all the memory.

use super::line_search::{LineSearch, Searcher, StrongWolfe};
use super::preconditioner::Preconditioning;
use super::settings::descent_settings;
use super::vector::{difference, dot, negate, norm};
use super::{DescentError, Evaluator, Method, Point, Preconditioner, RuleState, Stopping, Termination};
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
    preconditioner: Option<Preconditioner>,
    line_search: LineSearch,
    stopping: Stopping,
}

/// η
const TRUNCATION: f64 = 0.01;

impl Default for ConjugateGradient {
    fn default() -> Self {
        let line_search = StrongWolfe { curvature: 0.4, exact_on_parabolas: true, ..StrongWolfe::default() };
        ConjugateGradient {
            preconditioner: None,
            line_search: line_search.into(),
            stopping: Stopping::default(),
        }
    }
}

impl ConjugateGradient {
    /// The line search.
    #[must_use]
    pub fn line_search(self, line_search: impl Into<LineSearch>) -> Self {
        ConjugateGradient { line_search: line_search.into(), ..self }
    }

    /// What is known of the inverse Hessian. The method is then the one above in the variables in which M is the identity:
    /// p₊ = −M·g₊ + max(β, ..)·p with β = (y − 2·p·yᵀMy / pᵀy)ᵀM·g₊ / pᵀy, norms ‖p‖ of M⁻¹ and ‖g‖ of M, and the first trial
    /// α = 1. Default: nothing.
    ///
    /// Hager and Zhang, *The limited memory conjugate gradient method*, SIAM J. Optim. 23(4), 2013, (4.1) to (4.3), with their
    /// factor 2 of 2005.
    ///
    /// ```
    /// use grad_runtime::descent::{ConjugateGradient, Preconditioner};
    /// use grad_runtime::from_fn;
    ///
    /// let mut bowl = from_fn(|x: &[f64]| {
    ///     let a = |k: usize| 10.0_f64.powi(k as i32);
    ///     let terms = || x.iter().enumerate();
    ///     (terms().map(|(k, x)| a(k) * x * x).sum(), terms().map(|(k, x)| 2.0 * a(k) * x).collect::<Vec<_>>())
    /// });
    /// let known = Preconditioner::diagonal((0..7).map(|k| 0.5 * 10.0_f64.powi(-k)).collect());
    /// let method = ConjugateGradient::default().preconditioner(known);
    /// assert!(method.minimize(&mut bowl, vec![1.0; 7])?.iterations <= 2);
    /// # Ok::<(), grad_runtime::descent::DescentError>(())
    /// ```
    #[must_use]
    pub fn preconditioner(self, preconditioner: Preconditioner) -> Self {
        ConjugateGradient { preconditioner: Some(preconditioner), ..self }
    }

    fn method<S: Scalar>(&self) -> Result<ConjugateGradientState<S>, DescentError> {
        self.line_search.check()?;
        Ok(ConjugateGradientState {
            searcher: Searcher::new(self.line_search),
            direction: Vec::new(),
            last: None,
            preconditioning: Preconditioning::new(self.preconditioner.as_ref())?,
            change: Vec::new(),
            products: [const { Vec::new() }; 2],
            dual: Vec::new(),
        })
    }
}

descent_settings!(ConjugateGradient, ConjugateGradientState<O::Scalar>, Objective);
descent_settings!(@resume ConjugateGradient, ConjugateGradientState<O::Scalar>, Objective);

/// [`ConjugateGradient`] under way.
#[derive(Clone, Debug)]
pub struct ConjugateGradientState<S> {
    searcher: Searcher<S>,
    /// The next direction, if there was a last step.
    direction: Vec<S>,
    /// α and pᵀg of the last step.
    last: Option<(f64, f64)>,
    preconditioning: Preconditioning,
    /// y; M·y and M·g₊; M⁻¹·p, which the recurrence of p gives as well. Only with a preconditioner.
    change: Vec<S>,
    products: [Vec<S>; 2],
    dual: Vec<S>,
}

impl<O: Objective> Method<O> for ConjugateGradientState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        self.searcher.start(start.len());
        self.direction = vec![O::Scalar::default(); start.len()];
        self.last = None;
        self.preconditioning.start(start.len())?;
        let room = if self.preconditioning.is_some() { start.len() } else { 0 };
        let [my, mg] = &mut self.products;
        for work in [&mut self.change, my, mg, &mut self.dual] {
            *work = vec![O::Scalar::default(); room];
        }
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
        if self.preconditioning.apply(&current.x, &current.gradient, &mut self.products[1]) {
            negate(&mut self.direction, &self.products[1]);
            negate(&mut self.dual, &current.gradient);
            let slope = dot(&current.gradient, &self.direction);
            if let Some(step) = self.searcher.search(evaluator, current, &self.direction, 1.0, next)? {
                self.turn(step, slope, current, next);
                return Ok(step);
            }
            negate(&mut self.dual, &current.gradient);
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

    fn state(&mut self, state: &mut dyn RuleState<O::Scalar>) {
        self.searcher.state(state);
        self.preconditioning.settings(state);
        state.vector("direction", &mut self.direction);
        state.vector("M⁻¹·direction", &mut self.dual);
        // No step is 0.
        let (mut step, mut slope) = self.last.unwrap_or_default();
        state.number("last step", &mut step);
        state.number("last slope", &mut slope);
        self.last = (step != 0.0).then_some((step, slope));
    }
}

impl<S: Scalar> ConjugateGradientState<S> {
    /// p ← p₊
    fn turn(&mut self, step: f64, slope: f64, current: &Point<S>, next: &Point<S>) {
        if self.preconditioning.is_some() {
            self.turn_preconditioned(step, slope, current, next);
            return;
        }
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
    fn turn_preconditioned(&mut self, step: f64, slope: f64, current: &Point<S>, next: &Point<S>) {
        let ConjugateGradientState { direction: p, preconditioning, change: y, products, dual, .. } = self;
        let [my, mg] = products;
        // ‖g‖ of M, at the point that is left.
        preconditioning.apply(&current.x, &current.gradient, mg);
        let size = dot(&current.gradient, mg).sqrt();
        difference(y, &next.gradient, &current.gradient);
        preconditioning.apply(&next.x, y, my);
        preconditioning.apply(&next.x, &next.gradient, mg);
        let (py, pg) = (dot(p, y), dot(p, &next.gradient));
        let beta = (dot(y, mg) - 2.0 * dot(y, my) * pg / py) / py;
        let beta = beta.max(-1.0 / (dot(p, dual).sqrt() * size.min(TRUNCATION)));
        if !(py > 0.0 && beta.is_finite()) {
            self.last = None;
            return;
        }
        let beta = S::from_f64(beta);
        for (p, &mg) in p.iter_mut().zip(&*mg) {
            *p = beta * *p - mg;
        }
        for (q, &g) in dual.iter_mut().zip(&next.gradient) {
            *q = beta * *q - g;
        }
        self.last = Some((step, slope));
    }
}
