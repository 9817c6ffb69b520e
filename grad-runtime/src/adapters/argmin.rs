//! For argmin.

use argmin::core::{CostFunction, Error, Gradient};

use super::cache::Cache;
use crate::Objective;

/// An objective as a problem of [`argmin`](https://docs.rs/argmin): `CostFunction` and `Gradient` over `Vec`s, with one
/// evaluation for both at one point.
///
/// ```
/// use argmin::core::{Executor, State};
/// use argmin::solver::linesearch::MoreThuenteLineSearch;
/// use argmin::solver::quasinewton::LBFGS;
/// use grad_runtime::adapters::ArgminProblem;
/// use grad_runtime::from_fn;
///
/// let bowl = from_fn(|x: &[f64]| (x[0] * x[0] + x[1] * x[1], [2.0 * x[0], 2.0 * x[1]]));
/// let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7);
/// let result = Executor::new(ArgminProblem::new(bowl), solver)
///     .configure(|state| state.param(vec![3.0, -1.0]).max_iters(50))
///     .run()?;
/// assert!(result.state().get_best_cost() < 1e-12);
/// # Ok::<(), argmin::core::Error>(())
/// ```
#[derive(Debug)]
pub struct ArgminProblem<O: Objective> {
    cache: Cache<O>,
}

impl<O: Objective> ArgminProblem<O> {
    /// The problem of an objective, to be minimised.
    pub fn new(objective: O) -> Self {
        ArgminProblem { cache: Cache::new(objective) }
    }

    /// How often the objective was evaluated.
    pub fn evaluations(&self) -> usize {
        self.cache.evaluations()
    }

    /// The objective back.
    pub fn into_objective(self) -> O {
        self.cache.into_objective()
    }
}

impl<O: Objective> CostFunction for ArgminProblem<O> {
    type Param = Vec<O::Scalar>;
    type Output = O::Scalar;

    fn cost(&self, x: &Self::Param) -> Result<O::Scalar, Error> {
        Ok(self.cache.value(x))
    }
}

impl<O: Objective> Gradient for ArgminProblem<O> {
    type Param = Vec<O::Scalar>;
    type Gradient = Vec<O::Scalar>;

    fn gradient(&self, x: &Self::Param) -> Result<Self::Gradient, Error> {
        Ok(self.cache.gradient(x))
    }
}
