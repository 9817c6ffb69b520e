//! L-BFGS within bounds.

mod compact;

use super::bounds::Bounds;
use super::checks::at_least_one;
use super::line_search::{LineSearch, Searcher, StrongWolfe};
use super::settings::descent_settings;
use super::vector::{dot, norm};
use super::{DescentError, Evaluator, Method, Point, Stopping, Termination};
use crate::{Objective, Scalar};

use compact::{Compact, Factors};

/// L-BFGS-B: the method for smooth functions of many variables with bounds l ≤ x ≤ u.
///
/// Each iteration minimises the model m(x̄) = gᵀ(x̄ − x) + ½·(x̄ − x)ᵀB(x̄ − x), with the L-BFGS matrix B of the last m pairs, in
/// two stages: first to the first minimum along the path P(x − t·g), the generalised Cauchy point, which tells which
/// variables stay at a bound; then over the others, by the inverse of B there, brought back between the bounds by
/// projection or, where that is no direction of descent, by shortening. The step to it is searched for α between 0 and the
/// bounds, from α = 1, and at the start, if there is a variable without two bounds, from 1/‖p‖₂ if that is less.
///
/// It has converged where ‖P(x − ∇f(x)) − x‖∞ is small, which is the gradient norm of its report. A start out of bounds is
/// projected first; no point out of bounds is evaluated. A pair without positive curvature, sᵀy ≤ ε·yᵀy, is skipped; where
/// nothing better is found, the pairs are forgotten.
///
/// Byrd, Lu, Nocedal and Zhu, *A limited memory algorithm for bound constrained optimization*, SIAM J. Sci. Comput. 16,
/// 1995, algorithms CP (section 4) and the direct primal method (section 5.1); the projection is that of Morales and
/// Nocedal, *Remark on Algorithm 778*, ACM TOMS 38(1), 2011. Default m = 10, as in `scipy`; strong Wolfe search with
/// c₁ = 10⁻³ and c₂ = 0.9, theirs.
///
/// ```
/// use grad_runtime::descent::LbfgsB;
/// use grad_runtime::from_fn;
///
/// let mut valley = from_fn(|x: &[f64]| {
///     let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
///     (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
/// });
/// let within = LbfgsB::new(vec![-2.0, -1.0], vec![0.5, f64::INFINITY]);
/// let report = within.minimize(&mut valley, vec![-1.2, 1.0])?;
/// assert!(report.termination.converged());
/// assert_eq!(report.x[0], 0.5);
/// assert!((report.x[1] - 0.25).abs() < 1e-6);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LbfgsB {
    lower: Vec<f64>,
    upper: Vec<f64>,
    memory: usize,
    line_search: StrongWolfe,
    stopping: Stopping,
}

impl LbfgsB {
    /// One lower and one upper bound for each coordinate; infinite where there is none.
    pub fn new(lower: Vec<f64>, upper: Vec<f64>) -> Self {
        let line_search = StrongWolfe { sufficient_decrease: 1e-3, ..StrongWolfe::default() };
        LbfgsB { lower, upper, memory: 10, line_search, stopping: Stopping::default() }
    }

    /// How many steps m are remembered; at least 1.
    #[must_use]
    pub fn memory(self, memory: usize) -> Self {
        LbfgsB { memory, ..self }
    }

    /// The line search.
    #[must_use]
    pub fn line_search(self, line_search: StrongWolfe) -> Self {
        LbfgsB { line_search, ..self }
    }

    fn method<S: Scalar>(&self) -> Result<LbfgsBState<S>, DescentError> {
        let line_search = LineSearch::from(self.line_search);
        line_search.check()?;
        at_least_one("memory", self.memory as u64)?;
        let bounds = Bounds::new(&self.lower, &self.upper)?;
        Ok(LbfgsBState {
            searcher: Searcher::new(line_search).within(bounds.clone()),
            bounds,
            compact: Compact::new(self.memory),
            direction: Vec::new(),
            cauchy: Cauchy::default(),
            first: true,
        })
    }
}

descent_settings!(LbfgsB, LbfgsBState<O::Scalar>, Objective);

/// [`LbfgsB`] under way.
#[derive(Clone, Debug)]
pub struct LbfgsBState<S> {
    bounds: Bounds<S>,
    searcher: Searcher<S>,
    compact: Compact<S>,
    direction: Vec<S>,
    cauchy: Cauchy,
    first: bool,
}

/// The generalised Cauchy point, and room for what leads there and on.
#[derive(Clone, Debug, Default)]
struct Cauchy {
    /// The t at which each coordinate of P(x − t·g) comes to its bound.
    breaks: Vec<f64>,
    /// Coordinates in the order of their breaks.
    order: Vec<usize>,
    /// The direction of the piece of the path.
    d: Vec<f64>,
    /// The point, relative to x.
    step: Vec<f64>,
    /// Coordinates strictly between their bounds at the point.
    free: Vec<usize>,
    /// ∇m there.
    residual: Vec<f64>,
    /// Of the columns of W.
    p: Vec<f64>,
    c: Vec<f64>,
    row: Vec<f64>,
    work: Vec<f64>,
    factors: Factors,
    square: Vec<f64>,
}

impl<O: Objective> Method<O> for LbfgsBState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        let dim = start.len();
        self.bounds.start(start)?;
        self.compact.start(dim)?;
        self.searcher.start(dim);
        self.direction = vec![O::Scalar::default(); dim];
        self.cauchy.start(dim, self.compact.memory_columns())?;
        self.first = true;
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<O::Scalar>,
        next: &mut Point<O::Scalar>,
    ) -> Result<f64, Termination> {
        loop {
            let LbfgsBState { bounds, searcher, compact, direction, cauchy, first } = self;
            let regular = compact.factor() && {
                cauchy.find(compact, bounds, current);
                cauchy.minimise_over_free(compact, bounds, current, direction)
            };
            if regular && dot(direction, &current.gradient) < 0.0 {
                // Between bounds on all sides, the Cauchy point is a fair guess even without curvature.
                let guess = *first && !bounds.are_on_all_sides();
                let trial = if guess { (1.0 / norm(direction)).min(1.0) } else { 1.0 };
                if let Some(step) = searcher.search(evaluator, current, direction, trial, next)? {
                    *first = false;
                    compact.update(current, next);
                    return Ok(step);
                }
            }
            if compact.is_empty() {
                return Err(Termination::NoProgress);
            }
            compact.reset();
            *first = true;
        }
    }

    /// ‖P(x − ∇f(x)) − x‖∞
    fn gradient_norm(&self, _: &O, point: &Point<O::Scalar>) -> f64 {
        self.bounds.projected_gradient_norm(point)
    }

    fn evaluates_anywhere(&self) -> bool {
        false
    }
}

impl Cauchy {
    fn start(&mut self, dim: usize, columns: usize) -> Result<(), DescentError> {
        let of_points = || vec![0.0; dim];
        let of_columns = || vec![0.0; columns];
        (self.breaks, self.d, self.step, self.residual) =
            (of_points(), of_points(), of_points(), of_points());
        (self.order, self.free) = (Vec::with_capacity(dim), Vec::with_capacity(dim));
        (self.p, self.c, self.row, self.work) = (of_columns(), of_columns(), of_columns(), of_columns());
        let square = columns.checked_mul(columns);
        self.factors = Factors::with_room(square)?;
        self.square = super::checks::room(square)?;
        Ok(())
    }

    /// Algorithm CP.
    fn find<S: Scalar>(&mut self, compact: &Compact<S>, bounds: &Bounds<S>, at: &Point<S>) {
        let Cauchy { breaks, order, d, step, p, c, row, work, .. } = self;
        let columns = compact.columns();
        let (p, c) = (&mut p[..columns], &mut c[..columns]);
        let (row, work) = (&mut row[..columns], &mut work[..columns]);
        order.clear();
        for (i, (&x, &g)) in at.x.iter().zip(&at.gradient).enumerate() {
            let g = g.to_f64();
            let bound = if g < 0.0 { bounds.upper[i] } else { bounds.lower[i] };
            breaks[i] = if g == 0.0 { f64::INFINITY } else { (x.to_f64() - bound.to_f64()) / g };
            d[i] = if breaks[i] > 0.0 { -g } else { 0.0 };
            step[i] = 0.0;
            if breaks[i] > 0.0 && breaks[i] < f64::INFINITY {
                order.push(i);
            }
        }
        order.sort_unstable_by(|&i, &j| breaks[i].total_cmp(&breaks[j]).then(i.cmp(&j)));
        compact.transposed_into(d, p);
        c.fill(0.0);
        let times_middle = |v: &[f64], work: &mut [f64]| {
            work.copy_from_slice(v);
            compact.multiply_middle(work);
        };
        let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let theta = compact.theta;
        // m′ and m″ along the path.
        let mut slope = -inner(d, d);
        times_middle(p, work);
        let first_curvature = -theta * slope - inner(p, work);
        let mut curvature = first_curvature;
        let mut t = 0.0;
        for &b in &*order {
            let ahead = breaks[b] - t;
            // Also ends where the curvature is not positive, which is rounding.
            if -slope / curvature < ahead || slope >= 0.0 {
                break;
            }
            // To the bound, and on without this coordinate.
            t = breaks[b];
            let g = -d[b];
            let bound = if g < 0.0 { bounds.upper[b] } else { bounds.lower[b] };
            step[b] = bound.to_f64() - at.x[b].to_f64();
            c.iter_mut().zip(&*p).for_each(|(c, p)| *c += ahead * p);
            compact.row(b, row);
            times_middle(c, work);
            slope += ahead * curvature + g * g + theta * g * step[b] - g * inner(row, work);
            times_middle(p, work);
            curvature -= theta * g * g + 2.0 * g * inner(row, work);
            times_middle(row, work);
            curvature -= g * g * inner(row, work);
            // Positive in exact arithmetic.
            curvature = curvature.max(f64::EPSILON * first_curvature);
            p.iter_mut().zip(&*row).for_each(|(p, w)| *p += g * w);
            d[b] = 0.0;
        }
        let ahead = if curvature > 0.0 && slope < 0.0 { -slope / curvature } else { 0.0 };
        t += ahead;
        for (step, &d) in step.iter_mut().zip(&*d) {
            if d != 0.0 {
                *step = t * d;
            }
        }
        c.iter_mut().zip(&*p).for_each(|(c, p)| *c += ahead * p);
    }

    /// The direct primal method, and the direction to what it finds; whether there is one.
    fn minimise_over_free<S: Scalar>(
        &mut self,
        compact: &Compact<S>,
        bounds: &Bounds<S>,
        at: &Point<S>,
        direction: &mut [S],
    ) -> bool {
        let Cauchy { step, free, residual, p, c, row, work, factors, square, .. } = self;
        let columns = compact.columns();
        let (v, c) = (&mut p[..columns], &c[..columns]);
        let (row, work) = (&mut row[..columns], &mut work[..columns]);
        free.clear();
        for (i, &x) in at.x.iter().enumerate() {
            let point = x.to_f64() + step[i];
            if point > bounds.lower[i].to_f64() && point < bounds.upper[i].to_f64() {
                free.push(i);
            }
        }
        // ∇m at the Cauchy point: g + θ·(x̄ − x) − W·M·c.
        work.copy_from_slice(c);
        compact.multiply_middle(work);
        for &i in &*free {
            compact.row(i, row);
            let product: f64 = row.iter().zip(&*work).map(|(w, m)| w * m).sum();
            residual[i] = at.gradient[i].to_f64() + compact.theta * step[i] - product;
        }
        if compact.is_empty() {
            v.fill(0.0);
        } else if !compact.subspace(free, residual, v, row, factors, square) {
            return false;
        }
        let within = |i: usize, step: f64| {
            let x = at.x[i].to_f64();
            (x + step).clamp(bounds.lower[i].to_f64(), bounds.upper[i].to_f64()) - x
        };
        let theta = compact.theta;
        // The way to the minimum over the free coordinates, in place of the residual.
        let mut shortest: f64 = 1.0;
        for &i in &*free {
            compact.row(i, row);
            let product: f64 = row.iter().zip(&*v).map(|(w, v)| w * v).sum();
            let way = -(residual[i] + product / theta) / theta;
            residual[i] = way;
            let x = at.x[i].to_f64() + step[i];
            let room = if way < 0.0 { bounds.lower[i].to_f64() - x } else { bounds.upper[i].to_f64() - x };
            if way != 0.0 {
                shortest = shortest.min(room / way);
            }
        }
        for (i, direction) in direction.iter_mut().enumerate() {
            *direction = S::from_f64(step[i]);
        }
        for &i in &*free {
            direction[i] = S::from_f64(within(i, step[i] + residual[i]));
        }
        if dot(direction, &at.gradient) >= 0.0 {
            for &i in &*free {
                direction[i] = S::from_f64(step[i] + shortest * residual[i]);
            }
        }
        true
    }
}
