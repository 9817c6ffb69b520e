//! BFGS: curvature from all steps, in a dense matrix.

use super::checks::room;
use super::line_search::{LineSearch, Searcher, StrongWolfe};
use super::preconditioner::Preconditioning;
use super::quasi_newton::{self, InverseHessian};
use super::settings::descent_settings;
use super::vector::{difference, dot, negate};
use super::{DescentError, Evaluator, Method, Point, Preconditioner, RuleState, Stopping, Termination};
use crate::{Objective, Scalar};

/// BFGS: fewer evaluations than [`Lbfgs`](super::Lbfgs) for functions of up to a few hundred variables; it keeps a
/// matrix of n² numbers and needs some 5n² operations an iteration.
///
/// ```text
/// x₊ = x − α·H·∇f(x)
/// H₊ = (I − ρ·s·yᵀ)·H·(I − ρ·y·sᵀ) + ρ·s·sᵀ        s = x₊ − x,  y = ∇f(x₊) − ∇f(x),  ρ = 1 / sᵀy
/// ```
///
/// H = I at the start, with the first trial α = 1/‖∇f(x)‖₂, and (sᵀy / yᵀy)·I before the first update; afterwards
/// α = 1 is tried first. Updates without positive curvature, sᵀy ≤ ε·yᵀy with the machine's ε, are skipped. Where
/// the search along −H·∇f(x) finds nothing, H is forgotten and −∇f(x) is searched.
///
/// Broyden, Fletcher, Goldfarb and Shanno, 1970; Nocedal and Wright, *Numerical Optimization*, 2006, algorithm 6.1
/// and (6.20). Default: strong Wolfe search.
#[derive(Clone, Debug, PartialEq)]
pub struct Bfgs {
    initial: Option<Preconditioner>,
    line_search: LineSearch,
    stopping: Stopping,
}

impl Default for Bfgs {
    fn default() -> Self {
        Bfgs { initial: None, line_search: StrongWolfe::default().into(), stopping: Stopping::default() }
    }
}

impl Bfgs {
    /// The line search.
    #[must_use]
    pub fn line_search(self, line_search: impl Into<LineSearch>) -> Self {
        Bfgs { line_search: line_search.into(), ..self }
    }

    /// What is known of the inverse Hessian: the first H, whose direction is tried with α = 1. Default: nothing.
    ///
    /// ```
    /// use grad_runtime::descent::{Bfgs, Preconditioner};
    /// use grad_runtime::from_fn;
    ///
    /// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0] + 5000.0 * x[1] * x[1], [2.0 * x[0], 1e4 * x[1]]));
    /// let known = Preconditioner::diagonal(vec![0.5, 1e-4]);
    /// let report = Bfgs::default().initial_inverse_hessian(known).minimize(&mut bowl, vec![3.0, 1.0])?;
    /// assert_eq!(report.iterations, 1);
    /// # Ok::<(), grad_runtime::descent::DescentError>(())
    /// ```
    #[must_use]
    pub fn initial_inverse_hessian(self, matrix: Preconditioner) -> Self {
        Bfgs { initial: Some(matrix), ..self }
    }

    fn method<S: Scalar>(&self) -> Result<BfgsState<S>, DescentError> {
        self.line_search.check()?;
        Ok(BfgsState {
            matrix: Matrix::new(Preconditioning::new(self.initial.as_ref())?),
            searcher: Searcher::new(self.line_search),
            direction: Vec::new(),
        })
    }
}

descent_settings!(Bfgs, BfgsState<O::Scalar>, Objective);
descent_settings!(@resume Bfgs, BfgsState<O::Scalar>, Objective);

/// [`Bfgs`] under way.
#[derive(Clone, Debug)]
pub struct BfgsState<S> {
    matrix: Matrix<S>,
    searcher: Searcher<S>,
    direction: Vec<S>,
}

impl<O: Objective> Method<O> for BfgsState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        let dim = start.len();
        self.matrix.start(dim)?;
        self.searcher.start(dim);
        self.direction = vec![O::Scalar::default(); dim];
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<O::Scalar>,
        next: &mut Point<O::Scalar>,
    ) -> Result<f64, Termination> {
        let BfgsState { matrix, searcher, direction } = self;
        quasi_newton::advance(evaluator, matrix, searcher, direction, current, next)
    }

    fn state(&mut self, state: &mut dyn RuleState<O::Scalar>) {
        self.searcher.state(state);
        self.matrix.state(state);
    }
}

/// H, symmetric to the last bit, row by row; while it is empty, it stands for the initial one, or the identity.
#[derive(Clone, Debug)]
struct Matrix<S> {
    h: Vec<S>,
    s: Vec<S>,
    y: Vec<S>,
    hy: Vec<S>,
    empty: bool,
    initial: Preconditioning,
}

impl<S: Scalar> Matrix<S> {
    fn new(initial: Preconditioning) -> Self {
        let [h, s, y, hy] = [const { Vec::new() }; 4];
        Matrix { h, s, y, hy, empty: true, initial }
    }

    fn start(&mut self, dim: usize) -> Result<(), DescentError> {
        self.initial.start(dim)?;
        self.h = room(dim.checked_mul(dim))?;
        for work in [&mut self.s, &mut self.y, &mut self.hy] {
            *work = vec![S::default(); dim];
        }
        self.empty = true;
        Ok(())
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        self.initial.settings(state);
        state.vector("inverse Hessian", &mut self.h);
        let mut learnt = u64::from(!self.empty);
        state.count("whether it has learnt", &mut learnt);
        self.empty = learnt != 1;
    }

    /// H = M, column by column; whether there is an M.
    fn begin_with_initial(&mut self, x: &[S]) -> bool {
        let dim = x.len();
        if !self.initial.is_some() {
            return false;
        }
        for j in 0..dim {
            self.s.fill(S::default());
            self.s[j] = S::from_f64(1.0);
            self.initial.apply(x, &self.s, &mut self.hy);
            // The upper half and its mirror image: a closure's may differ in the last bits.
            for i in 0..=j {
                self.h[i * dim + j] = self.hy[i];
                self.h[j * dim + i] = self.hy[i];
            }
        }
        true
    }
}

impl<S: Scalar> InverseHessian<S> for Matrix<S> {
    fn is_empty(&self) -> bool {
        self.empty
    }

    fn reset(&mut self) {
        self.empty = true;
    }

    fn direction_into(&mut self, at: &Point<S>, direction: &mut [S]) {
        for (p, row) in direction.iter_mut().zip(self.h.chunks_exact(at.gradient.len())) {
            *p = S::from_f64(-dot(row, &at.gradient));
        }
    }

    fn initial_direction_into(&mut self, at: &Point<S>, direction: &mut [S]) -> bool {
        let there = self.initial.apply(&at.x, &at.gradient, &mut self.hy);
        if there {
            negate(direction, &self.hy);
        }
        there
    }

    fn update(&mut self, current: &Point<S>, next: &Point<S>) {
        if self.empty && self.begin_with_initial(&current.x) {
            self.empty = false;
        }
        let Matrix { h, s, y, hy, empty, .. } = self;
        let dim = s.len();
        difference(s, &next.x, &current.x);
        difference(y, &next.gradient, &current.gradient);
        let (sy, yy) = (dot(s, y), dot(y, y));
        // False for NaN, and where yᵀy overflows.
        if !(sy > S::EPSILON * yy && sy.is_normal() && yy.is_normal()) {
            return;
        }
        if *empty {
            h.fill(S::default());
            h.iter_mut().step_by(dim + 1).for_each(|h| *h = S::from_f64(sy / yy));
            *empty = false;
        }
        for (hy, row) in hy.iter_mut().zip(h.chunks_exact(dim)) {
            *hy = S::from_f64(dot(row, y));
        }
        // The product multiplied out: H + ρ·(1 + ρ·yᵀHy)·s·sᵀ − ρ·(s·(Hy)ᵀ + Hy·sᵀ)
        let rho = 1.0 / sy;
        let (outer, mixed) = (S::from_f64(rho * (1.0 + rho * dot(y, hy))), S::from_f64(rho));
        for ((row, &s_i), &hy_i) in h.chunks_exact_mut(dim).zip(&*s).zip(&*hy) {
            for ((h, &s_j), &hy_j) in row.iter_mut().zip(&*s).zip(&*hy) {
                *h += outer * (s_i * s_j) - mixed * (s_i * hy_j + hy_i * s_j);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_meets_the_secant_equation_and_stays_symmetric() {
        let mut matrix = Matrix::new(Preconditioning::default());
        matrix.start(3).unwrap();
        let at =
            |x: [f64; 3], gradient: [f64; 3]| Point { gradient: gradient.to_vec(), ..Point::new(x.to_vec()) };
        let points = [
            at([0.0, 0.0, 0.0], [1.0, -2.0, 0.5]),
            at([1.0, 0.5, -0.25], [2.5, -1.0, 0.25]),
            at([1.5, 2.0, -1.0], [3.0, 1.5, -2.0]),
        ];
        for pair in points.windows(2) {
            matrix.update(&pair[0], &pair[1]);
            // H₊·y = s
            let y: Vec<f64> = pair[1].gradient.iter().zip(&pair[0].gradient).map(|(a, b)| a - b).collect();
            let mut product = vec![0.0; 3];
            matrix.direction_into(&Point { gradient: y, ..Point::new(vec![0.0; 3]) }, &mut product);
            for (k, p) in product.iter().enumerate() {
                assert!((p + pair[1].x[k] - pair[0].x[k]).abs() < 1e-14);
            }
            for i in 0..3 {
                for j in 0..3 {
                    assert_eq!(matrix.h[3 * i + j], matrix.h[3 * j + i]);
                }
            }
        }
        // Without positive curvature nothing is learnt.
        let before = matrix.h.clone();
        matrix.update(&points[1], &points[0].clone());
        matrix.update(&at([0.0; 3], [0.0; 3]), &at([1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]));
        assert_ne!(matrix.h, before, "a step back has the same curvature");
        let before = matrix.h.clone();
        matrix.update(&at([0.0; 3], [0.0; 3]), &at([1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]));
        assert_eq!(matrix.h, before);
    }
}
