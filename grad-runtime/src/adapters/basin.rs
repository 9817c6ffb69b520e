//! For basin.

use std::convert::Infallible;

use basin::{
    BoxBounds, ConstraintDescription, ConstraintSet, Constraints, CostFunction, Gradient, NoConstraints,
};

use super::cache::Cache;
use crate::{HessianProduct, Objective};

/// An objective as a problem of [`basin`](https://docs.rs/basin) without constraints: `CostFunction`, `Gradient` and, where
/// there is one, `HessianProduct` over `Vec`s.
///
/// ```
/// use basin::{Executor, FirstOrderState, Lbfgs};
/// use grad_runtime::adapters::BasinProblem;
/// use grad_runtime::from_fn;
///
/// let bowl = from_fn(|x: &[f64]| (x[0] * x[0] + x[1] * x[1], [2.0 * x[0], 2.0 * x[1]]));
/// let start = FirstOrderState::new(vec![3.0, -1.0]);
/// let result = Executor::new(BasinProblem::new(bowl), Lbfgs::new().unbounded(), start).max_iter(50).run()?;
/// assert!(result.cost() < 1e-12);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Debug)]
pub struct BasinProblem<O: Objective> {
    cache: Cache<O>,
}

/// The same with bounds l ≤ x ≤ u, for L-BFGS-B and basin's other methods with bounds.
///
/// ```
/// use basin::{Executor, FirstOrderState, Lbfgsb};
/// use grad_runtime::adapters::BasinBounded;
/// use grad_runtime::from_fn;
///
/// let bowl = from_fn(|x: &[f64]| (x[0] * x[0] + x[1] * x[1], [2.0 * x[0], 2.0 * x[1]]));
/// let problem = BasinBounded::new(bowl, vec![1.0, f64::NEG_INFINITY], vec![2.0, f64::INFINITY]);
/// let start = FirstOrderState::new(vec![2.0, -1.0]);
/// let result = Executor::new(problem, Lbfgsb::new(), start).max_iter(50).run().expect("the bounds are in order");
/// assert_eq!(result.param()[0], 1.0);
/// assert!(result.param()[1].abs() < 1e-6);
/// ```
#[derive(Debug)]
pub struct BasinBounded<O: Objective> {
    problem: BasinProblem<O>,
    lower: Vec<O::Scalar>,
    upper: Vec<O::Scalar>,
}

impl<O: Objective> BasinProblem<O> {
    /// The problem of an objective, to be minimised.
    pub fn new(objective: O) -> Self {
        BasinProblem { cache: Cache::new(objective) }
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

impl<O: Objective> BasinBounded<O> {
    /// The problem of an objective within bounds, infinite where there is none. Basin checks them when it starts.
    pub fn new(objective: O, lower: Vec<O::Scalar>, upper: Vec<O::Scalar>) -> Self {
        BasinBounded { problem: BasinProblem::new(objective), lower, upper }
    }

    /// How often the objective was evaluated.
    pub fn evaluations(&self) -> usize {
        self.problem.evaluations()
    }

    /// The objective back.
    pub fn into_objective(self) -> O {
        self.problem.into_objective()
    }
}

impl<O: Objective> CostFunction for BasinProblem<O> {
    type Param = Vec<O::Scalar>;
    type Output = O::Scalar;
    type Error = Infallible;

    fn cost(&self, x: &Self::Param) -> Result<O::Scalar, Infallible> {
        Ok(self.cache.value(x))
    }
}

impl<O: Objective> Gradient for BasinProblem<O> {
    type Gradient = Vec<O::Scalar>;

    fn gradient(&self, x: &Self::Param) -> Result<Self::Gradient, Infallible> {
        Ok(self.cache.gradient(x))
    }

    fn cost_and_gradient_into(
        &self,
        x: &Self::Param,
        gradient: &mut Self::Gradient,
    ) -> Result<O::Scalar, Infallible> {
        Ok(self.cache.value_and_grad_into(x, gradient))
    }
}

impl<O: HessianProduct> basin::HessianProduct for BasinProblem<O> {
    fn hessian_product(&self, x: &Self::Param, v: &Self::Param) -> Result<Self::Gradient, Infallible> {
        let mut product = v.clone();
        self.cache.ask(|objective| objective.hessian_product_into(x, v, &mut product));
        Ok(product)
    }
}

impl<O: Objective> Constraints for BasinProblem<O> {
    type Set = NoConstraints;

    fn constraints(&self) -> <Self::Set as ConstraintDescription>::Borrowed<'_> {
        ConstraintSet::new()
    }
}

impl<O: Objective> CostFunction for BasinBounded<O> {
    type Param = Vec<O::Scalar>;
    type Output = O::Scalar;
    type Error = Infallible;

    fn cost(&self, x: &Self::Param) -> Result<O::Scalar, Infallible> {
        self.problem.cost(x)
    }
}

impl<O: Objective> Gradient for BasinBounded<O> {
    type Gradient = Vec<O::Scalar>;

    fn gradient(&self, x: &Self::Param) -> Result<Self::Gradient, Infallible> {
        self.problem.gradient(x)
    }

    fn cost_and_gradient_into(
        &self,
        x: &Self::Param,
        gradient: &mut Self::Gradient,
    ) -> Result<O::Scalar, Infallible> {
        self.problem.cost_and_gradient_into(x, gradient)
    }
}

impl<O: Objective> Constraints for BasinBounded<O> {
    type Set = ConstraintSet<BoxBounds<Vec<O::Scalar>>>;

    fn constraints(&self) -> <Self::Set as ConstraintDescription>::Borrowed<'_> {
        ConstraintSet::new().with_bounds(BoxBounds::new(Some(&self.lower), Some(&self.upper)))
    }
}
