//! For argmin.

use argmin::core::{CostFunction, Error, Gradient};

use super::cache::Cache;
use crate::Objective;
use core::fmt::{self, Debug};
use core::marker::PhantomData;

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
///
/// Solvers over vectors of a library, whatever its version, have the problem [over](ArgminProblem::over) these.
pub struct ArgminProblem<O: Objective, P = Vec<<O as Objective>::Scalar>> {
    cache: Cache<O>,
    param: PhantomData<fn() -> P>,
}

impl<O: Objective + Debug, P> Debug for ArgminProblem<O, P>
where
    O::Scalar: Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArgminProblem").field("cache", &self.cache).finish_non_exhaustive()
    }
}

impl<O: Objective> ArgminProblem<O> {
    /// The problem of an objective, to be minimised.
    pub fn new(objective: O) -> Self {
        ArgminProblem { cache: Cache::new(objective), param: PhantomData }
    }
}

impl<O: Objective, P> ArgminProblem<O, P> {
    /// The same over another type of vectors: what is made of a `Vec`, and gives its numbers in their order, as `DVector` of
    /// nalgebra and `Array1` of ndarray do, of any version.
    ///
    /// ```
    /// use argmin::core::{CostFunction, Gradient};
    /// use grad_runtime::adapters::ArgminProblem;
    /// use grad_runtime::from_fn;
    /// use std::collections::VecDeque;
    ///
    /// let bowl = from_fn(|x: &[f64]| (x[0] * x[0] + x[1], [2.0 * x[0], 1.0]));
    /// let problem = ArgminProblem::new(bowl).over::<VecDeque<f64>>();
    /// let x = VecDeque::from(vec![3.0, 1.0]);
    /// assert_eq!(problem.cost(&x)?, 10.0);
    /// assert_eq!(problem.gradient(&x)?, [6.0, 1.0]);
    /// assert_eq!(problem.evaluations(), 1);
    /// # Ok::<(), argmin::core::Error>(())
    /// ```
    pub fn over<Q>(self) -> ArgminProblem<O, Q>
    where
        Q: From<Vec<O::Scalar>>,
        for<'a> &'a Q: IntoIterator<Item = &'a O::Scalar>,
    {
        ArgminProblem { cache: self.cache, param: PhantomData }
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

/// The numbers, one behind the other.
fn flat<S: Copy, P>(x: &P) -> Vec<S>
where
    for<'a> &'a P: IntoIterator<Item = &'a S>,
{
    x.into_iter().copied().collect()
}

impl<O: Objective, P> CostFunction for ArgminProblem<O, P>
where
    for<'a> &'a P: IntoIterator<Item = &'a O::Scalar>,
{
    type Param = P;
    type Output = O::Scalar;

    fn cost(&self, x: &P) -> Result<O::Scalar, Error> {
        Ok(self.cache.value(&flat(x)))
    }
}

impl<O: Objective, P> Gradient for ArgminProblem<O, P>
where
    P: From<Vec<O::Scalar>>,
    for<'a> &'a P: IntoIterator<Item = &'a O::Scalar>,
{
    type Param = P;
    type Gradient = P;

    fn gradient(&self, x: &P) -> Result<P, Error> {
        Ok(self.cache.gradient(&flat(x)).into())
    }
}
