//! Limited-memory BFGS: curvature from the last few steps.

use super::checks::{at_least_one, room};
use super::line_search::{LineSearch, Searcher, StrongWolfe};
use super::preconditioner::Preconditioning;
use super::quasi_newton::{self, InverseHessian};
use super::settings::descent_settings;
use super::vector::{add_scaled, difference, dot, negate, scale};
use super::{DescentError, Evaluator, Method, Point, Preconditioner, RuleState, Stopping, Termination};
use crate::{Objective, Scalar};

/// L-BFGS: the method for smooth functions of many variables.
///
/// ```text
/// x₊ = x − α·H·∇f(x)
/// ```
///
/// where H is the BFGS matrix of the last m steps sᵢ = x₊ − x and changes of the gradient yᵢ = ∇f(x₊) − ∇f(x), from
/// H₀ = (sᵀy / yᵀy)·I of the newest pair; the product is formed by the two-loop recursion with 4mn operations. The
/// line search tries α = 1 first and, in the first iteration, 1/‖∇f(x)‖₂. A pair without positive curvature,
/// sᵀy ≤ ε·yᵀy with the machine's ε, is skipped. Where the search along −H·∇f(x) finds nothing, the pairs are
/// forgotten and −∇f(x) is searched.
///
/// Nocedal, *Updating quasi-Newton matrices with limited storage*, Math. Comp. 35, 1980; Nocedal and Wright,
/// *Numerical Optimization*, 2006, algorithms 7.4 and 7.5. Default m = 10, as in `scipy`; strong Wolfe search.
///
/// ```
/// use grad_runtime::descent::Lbfgs;
/// use grad_runtime::from_fn;
///
/// let mut valley = from_fn(|x: &[f64]| {
///     let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
///     (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
/// });
/// let report = Lbfgs::default().minimize(&mut valley, vec![-1.2, 1.0])?;
/// assert!(report.termination.converged());
/// assert!((report.x[0] - 1.0).abs() < 1e-5);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lbfgs {
    memory: usize,
    initial: Option<Preconditioner>,
    line_search: LineSearch,
    stopping: Stopping,
}

impl Default for Lbfgs {
    fn default() -> Self {
        let line_search = StrongWolfe::default().into();
        Lbfgs { memory: 10, initial: None, line_search, stopping: Stopping::default() }
    }
}

impl Lbfgs {
    /// How many steps m are remembered; at least 1.
    #[must_use]
    pub fn memory(self, memory: usize) -> Self {
        Lbfgs { memory, ..self }
    }

    /// The line search.
    #[must_use]
    pub fn line_search(self, line_search: impl Into<LineSearch>) -> Self {
        Lbfgs { line_search: line_search.into(), ..self }
    }

    /// What is known of the inverse Hessian: M in place of I in H₀ = (sᵀy / yᵀ·M·y)·M; the first direction is −M·∇f(x), tried with
    /// α = 1. Default: nothing.
    ///
    /// ```
    /// use grad_runtime::descent::{Lbfgs, Preconditioner};
    /// use grad_runtime::from_fn;
    ///
    /// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0] + 5000.0 * x[1] * x[1], [2.0 * x[0], 1e4 * x[1]]));
    /// let known = Preconditioner::diagonal(vec![0.5, 1e-4]);
    /// let report = Lbfgs::default().initial_inverse_hessian(known).minimize(&mut bowl, vec![3.0, 1.0])?;
    /// assert_eq!(report.iterations, 1);
    /// # Ok::<(), grad_runtime::descent::DescentError>(())
    /// ```
    #[must_use]
    pub fn initial_inverse_hessian(self, matrix: Preconditioner) -> Self {
        Lbfgs { initial: Some(matrix), ..self }
    }

    fn method<S: Scalar>(&self) -> Result<LbfgsState<S>, DescentError> {
        self.line_search.check()?;
        at_least_one("memory", self.memory as u64)?;
        Ok(LbfgsState {
            pairs: Pairs::new(self.memory, Preconditioning::new(self.initial.as_ref())?),
            searcher: Searcher::new(self.line_search),
            direction: Vec::new(),
        })
    }
}

descent_settings!(Lbfgs, LbfgsState<O::Scalar>, Objective);
descent_settings!(@resume Lbfgs, LbfgsState<O::Scalar>, Objective);

/// [`Lbfgs`] under way.
#[derive(Clone, Debug)]
pub struct LbfgsState<S> {
    pairs: Pairs<S>,
    searcher: Searcher<S>,
    direction: Vec<S>,
}

impl<O: Objective> Method<O> for LbfgsState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        let dim = start.len();
        self.pairs.start(dim)?;
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
        let LbfgsState { pairs, searcher, direction } = self;
        quasi_newton::advance(evaluator, pairs, searcher, direction, current, next)
    }

    fn state(&mut self, state: &mut dyn RuleState<O::Scalar>) {
        self.searcher.state(state);
        self.pairs.state(state);
    }
}

/// The last steps and changes of the gradient, in a ring.
#[derive(Clone, Debug)]
struct Pairs<S> {
    dim: usize,
    /// How many are remembered.
    memory: usize,
    /// sᵢ and yᵢ, one after the other.
    steps: Vec<S>,
    changes: Vec<S>,
    /// 1 / sᵢᵀyᵢ
    rho: Vec<f64>,
    /// Of the two loops.
    alpha: Vec<f64>,
    /// sᵀy / yᵀy of the newest pair, or sᵀy / yᵀMy.
    scale: f64,
    initial: Preconditioning,
    /// M·y, or M·q.
    product: Vec<S>,
    /// Where the next pair goes: never a pair that is in use, so that one that is skipped does no harm.
    next: usize,
    len: usize,
}

impl<S: Scalar> Pairs<S> {
    fn new(memory: usize, initial: Preconditioning) -> Self {
        Pairs {
            dim: 0,
            steps: Vec::new(),
            changes: Vec::new(),
            memory,
            rho: Vec::new(),
            alpha: Vec::new(),
            scale: 1.0,
            initial,
            product: Vec::new(),
            next: 0,
            len: 0,
        }
    }

    fn start(&mut self, dim: usize) -> Result<(), DescentError> {
        let slots = self.memory.checked_add(1);
        let numbers = slots.and_then(|slots| slots.checked_mul(dim));
        self.dim = dim;
        (self.steps, self.changes) = (room(numbers)?, room(numbers)?);
        (self.rho, self.alpha) = (room(slots)?, room(slots)?);
        self.initial.start(dim)?;
        self.product = vec![S::default(); if self.initial.is_some() { dim } else { 0 }];
        self.reset();
        Ok(())
    }

    /// All that the next direction depends on: the pairs, those not in use as well.
    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("memory", self.memory as f64);
        self.initial.settings(state);
        state.vector("steps", &mut self.steps);
        state.vector("changes of the gradient", &mut self.changes);
        for rho in &mut self.rho {
            state.number("1 / sᵀy", rho);
        }
        state.number("sᵀy / yᵀy", &mut self.scale);
        for (name, number) in [("next pair", &mut self.next), ("pairs", &mut self.len)] {
            let mut count = *number as u64;
            state.count(name, &mut count);
            // What was damaged is no place in the ring.
            *number = usize::try_from(count).unwrap_or_default().min(self.memory);
        }
    }

    fn pair(&self, k: usize) -> (&[S], &[S]) {
        let range = k * self.dim..(k + 1) * self.dim;
        (&self.steps[range.clone()], &self.changes[range])
    }
}

impl<S: Scalar> InverseHessian<S> for Pairs<S> {
    fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn reset(&mut self) {
        (self.len, self.next) = (0, 0);
    }

    /// The two-loop recursion: newest to oldest, then back.
    fn direction_into(&mut self, at: &Point<S>, direction: &mut [S]) {
        let slots = self.rho.len();
        negate(direction, &at.gradient);
        for age in 1..=self.len {
            let k = (self.next + slots - age) % slots;
            let (s, y) = self.pair(k);
            let alpha = self.rho[k] * dot(s, direction);
            add_scaled(direction, -alpha, y);
            self.alpha[k] = alpha;
        }
        if self.initial.apply(&at.x, direction, &mut self.product) {
            direction.copy_from_slice(&self.product);
        }
        scale(direction, self.scale);
        for age in (1..=self.len).rev() {
            let k = (self.next + slots - age) % slots;
            let (s, y) = self.pair(k);
            let beta = self.rho[k] * dot(y, direction);
            add_scaled(direction, self.alpha[k] - beta, s);
        }
    }

    fn initial_direction_into(&mut self, at: &Point<S>, direction: &mut [S]) -> bool {
        let there = self.initial.apply(&at.x, &at.gradient, &mut self.product);
        if there {
            negate(direction, &self.product);
        }
        there
    }

    fn update(&mut self, current: &Point<S>, next: &Point<S>) {
        let range = self.next * self.dim..(self.next + 1) * self.dim;
        let (s, y) = (&mut self.steps[range.clone()], &mut self.changes[range]);
        difference(s, &next.x, &current.x);
        difference(y, &next.gradient, &current.gradient);
        let (sy, yy) = (dot(s, y), dot(y, y));
        // False for NaN, and where yᵀy overflows.
        if !(sy > S::EPSILON * yy && sy.is_normal() && yy.is_normal()) {
            return;
        }
        let slots = self.rho.len();
        self.rho[self.next] = 1.0 / sy;
        self.scale = sy / yy;
        if self.initial.apply(&next.x, y, &mut self.product) {
            let ymy = dot(y, &self.product);
            self.scale = if ymy > 0.0 && ymy.is_normal() { sy / ymy } else { 1.0 };
        }
        self.next = (self.next + 1) % slots;
        self.len = (self.len + 1).min(slots - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H from the formula, as a matrix: H₊ = (I − ρ·s·yᵀ)·H·(I − ρ·y·sᵀ) + ρ·s·sᵀ.
    fn dense(pairs: &[([f64; 3], [f64; 3])]) -> [[f64; 3]; 3] {
        let inner = |a: &[f64; 3], b: &[f64; 3]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (s, y) = pairs.last().expect("there is a pair");
        let mut h = [[0.0; 3]; 3];
        for (i, row) in h.iter_mut().enumerate() {
            row[i] = inner(s, y) / inner(y, y);
        }
        for (s, y) in pairs {
            let rho = 1.0 / inner(s, y);
            let e = |i: usize, j: usize| f64::from(u8::from(i == j));
            let left = |i: usize, j: usize| e(i, j) - rho * s[i] * y[j];
            let times = |i: usize, l: usize| (0..3).map(|k| left(i, k) * h[k][l]).sum::<f64>();
            let mut next = [[0.0; 3]; 3];
            for (i, row) in next.iter_mut().enumerate() {
                for (j, element) in row.iter_mut().enumerate() {
                    *element = rho * s[i] * s[j] + (0..3).map(|l| times(i, l) * left(j, l)).sum::<f64>();
                }
            }
            h = next;
        }
        h
    }

    #[test]
    fn the_two_loops_multiply_by_the_matrix_of_the_last_pairs() {
        let all = [
            ([1.0, 0.5, -0.25], [1.5, 1.0, -0.25]),
            ([0.5, 1.5, -0.75], [0.5, 2.5, -2.25]),
            ([-1.0, 0.25, 2.0], [-3.0, 0.5, 1.0]),
            ([0.1, -0.2, 0.3], [0.4, -0.1, 0.9]),
        ];
        let mut pairs = Pairs::new(3, Preconditioning::default());
        pairs.start(3).unwrap();
        let g = [0.3, -1.2, 0.7];
        for k in 0..all.len() {
            let (s, y) = all[k];
            let origin = Point::new(vec![0.0; 3]);
            pairs.update(&origin, &Point { gradient: y.to_vec(), ..Point::new(s.to_vec()) });
            // Flat along the step: skipped.
            pairs.update(&origin, &Point::new(s.to_vec()));
            let h = dense(&all[(k + 1).saturating_sub(3)..=k]);
            let mut direction = [0.0; 3];
            pairs.direction_into(&Point { gradient: g.to_vec(), ..Point::new(vec![0.0; 3]) }, &mut direction);
            for i in 0..3 {
                let expected: f64 = -h[i].iter().zip(&g).map(|(h, g)| h * g).sum::<f64>();
                assert!((direction[i] - expected).abs() < 1e-13, "{k}: {direction:?} {expected}");
            }
        }
    }
}
