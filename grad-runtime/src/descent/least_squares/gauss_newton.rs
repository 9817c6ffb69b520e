//! Gauss–Newton: the residuals are taken to be linear.

use super::pivoted_qr::PivotedQr;
use super::{LeastSquares, NEGLIGIBLE, stopping};
use crate::descent::line_search::{Backtracking, Searcher};
use crate::descent::settings::descent_settings;
use crate::descent::vector::norm;
use crate::descent::{DescentError, Evaluator, Method, Observer, Point, Report, Stopping, Termination, Walk};
use crate::{OfResiduals, Residuals, Scalar, StartsAt};

/// Gauss–Newton with backtracking, for sums of squares whose residuals are nearly linear: minimises f(x) = ½·‖r(x)‖².
///
/// ```text
/// x₊ = x + α·p        p minimises ‖J·p + r‖²
/// ```
///
/// by QR with column pivoting; where J is singular, the variables its rank does not reach stay. α = 1 is tried first,
/// then shorter: [`Backtracking`]. Converged as Levenberg–Marquardt is. Where the steps are too long for that, use
/// [`LevenbergMarquardt`](super::LevenbergMarquardt).
///
/// Nocedal and Wright, *Numerical Optimization*, 2006, section 10.3.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussNewton {
    line_search: Backtracking,
    stopping: Stopping,
}

impl Default for GaussNewton {
    fn default() -> Self {
        GaussNewton { line_search: Backtracking::default(), stopping: stopping() }
    }
}

impl GaussNewton {
    descent_settings!(@stopping);

    /// The line search.
    #[must_use]
    pub fn line_search(self, line_search: Backtracking) -> Self {
        GaussNewton { line_search, ..self }
    }

    /// Minimises ½·‖r(x)‖². Never panics, unless the residuals do. The start is a flat `Vec` of floats, or the parameters of
    /// residuals over parameters of a shape, and the report's point is in the same form.
    pub fn minimize<R, X, How>(
        &self,
        residuals: &mut R,
        start: X,
    ) -> Result<Report<R::Scalar, X>, DescentError>
    where
        R: Residuals + StartsAt<R::Scalar, X, OfResiduals<How>>,
    {
        let start = R::flat_start(residuals, start);
        let report = self.walk(&mut *residuals, start)?.run();
        Ok(report.map(|x| R::point(residuals, x)))
    }

    /// The same, watched by an [`Observer`], which may be a closure and may end it.
    pub fn minimize_with<R, X, How>(
        &self,
        residuals: &mut R,
        start: X,
        mut observer: impl Observer<R::Scalar>,
    ) -> Result<Report<R::Scalar, X>, DescentError>
    where
        R: Residuals + StartsAt<R::Scalar, X, OfResiduals<How>>,
    {
        let start = R::flat_start(residuals, start);
        let report = self.walk(&mut *residuals, start)?.run_with(&mut observer);
        Ok(report.map(|x| R::point(residuals, x)))
    }

    /// The descent, for those who want to own the loop. Its points are flat.
    pub fn walk<R: Residuals>(
        &self,
        residuals: R,
        start: Vec<R::Scalar>,
    ) -> Result<Walk<LeastSquares<R>, GaussNewtonState<R::Scalar>>, DescentError> {
        let line_search = self.line_search.into();
        let state = GaussNewtonState::new(line_search)?;
        Walk::down(LeastSquares::new(residuals), state, self.stopping.clone(), start)
    }
}

/// [`GaussNewton`] under way.
#[derive(Clone, Debug)]
pub struct GaussNewtonState<S> {
    qr: PivotedQr,
    searcher: Searcher<S>,
    solution: Vec<f64>,
    direction: Vec<S>,
    /// ‖r‖ at the start.
    start_size: Option<f64>,
}

impl<S: Scalar> GaussNewtonState<S> {
    fn new(line_search: crate::descent::LineSearch) -> Result<Self, DescentError> {
        line_search.check()?;
        Ok(GaussNewtonState {
            qr: PivotedQr::default(),
            searcher: Searcher::new(line_search),
            solution: Vec::new(),
            direction: Vec::new(),
            start_size: None,
        })
    }
}

impl<R: Residuals> Method<LeastSquares<R>> for GaussNewtonState<R::Scalar> {
    fn start(
        &mut self,
        evaluator: &mut Evaluator<LeastSquares<R>>,
        start: &mut [R::Scalar],
    ) -> Result<(), DescentError> {
        let dim = start.len();
        self.qr.start(evaluator.objective().count_at(start), dim);
        self.searcher.start(dim);
        self.start_size = None;
        self.solution = vec![0.0; dim];
        self.direction = vec![R::Scalar::default(); dim];
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<LeastSquares<R>>,
        current: &Point<R::Scalar>,
        next: &mut Point<R::Scalar>,
    ) -> Result<f64, Termination> {
        let problem = evaluator.objective();
        let size = norm(&problem.residuals);
        let start_size = *self.start_size.get_or_insert(size);
        if size <= NEGLIGIBLE * start_size {
            return Err(Termination::SmallResiduals);
        }
        self.qr.factor(&problem.jacobian, &problem.residuals);
        self.qr.solve_into(&mut self.solution);
        for (p, &solution) in self.direction.iter_mut().zip(&self.solution) {
            *p = R::Scalar::from_f64(-solution);
        }
        let step = self
            .searcher
            .search(evaluator, current, &self.direction, 1.0, next)?
            .ok_or(Termination::NoProgress)?;
        if evaluator.objective().at != next.x {
            // The search has settled for an earlier trial than its last.
            evaluator.evaluate_again(next);
        }
        Ok(step)
    }

    fn measures_without_scale(&self) -> bool {
        true
    }

    /// The cosine.
    fn gradient_norm(&self, problem: &LeastSquares<R>, point: &Point<R::Scalar>) -> f64 {
        problem.measure(point)
    }
}
