//! Minimises under constraints, which grad's own methods do not know: by the SLSQP of the crate basin, which gets the
//! objective through the adapter, and the constraints with the Jacobian that `#[grad]` makes.
//!
//! `cargo run --release -p constrained`

#[path = "../../pages/only_help.rs"]
mod only_help;

use std::convert::Infallible;
use std::error::Error;

use basin::{
    BoxBounds, ConstraintDescription, ConstraintJacobian, ConstraintSet, ConstraintSolveError, Constraints,
    CostFunction, DenseMatrix, Executor, Gradient, NoLinearConstraints, NonlinearBlock, NonlinearBlocks,
    NonlinearEqualityValues, NonlinearInequalityValues, SelectedFirstOrderState, Slsqp, State,
};
use grad::adapters::BasinProblem;
use grad::{Objective, grad};

/// Hock and Schittkowski's problem 71: minimise this …
#[grad]
fn cost(x: &[f64]) -> f64 {
    x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2]
}

/// … where the first is 0, the second at most 0, and 1 ≤ xᵢ ≤ 5.
#[grad]
fn constraints(x: &[f64]) -> [f64; 2] {
    let (mut squares, mut product) = (0.0, 1.0);
    for x in x {
        squares += x * x;
        product *= x;
    }
    [squares - 40.0, 25.0 - product]
}

/// The minimum, of the collection: *Test Examples for Nonlinear Programming Codes*, 1981.
const MINIMUM: ([f64; 4], f64) = ([1.0, 4.742_999_4, 3.821_150_3, 1.379_408_2], 17.014_017_3);

/// An objective of grad as a problem of basin, with what basin calls the constraints.
struct Problem<O: Objective> {
    cost: BasinProblem<O>,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl<O: Objective<Scalar = f64>> Constraints for Problem<O> {
    type Set = ConstraintSet<
        BoxBounds<Vec<f64>>,
        NoLinearConstraints,
        NonlinearBlocks<NonlinearBlock, NonlinearBlock>,
    >;

    fn constraints(&self) -> <Self::Set as ConstraintDescription>::Borrowed<'_> {
        ConstraintSet::new()
            .with_bounds(BoxBounds::new(Some(&self.lower), Some(&self.upper)))
            .with_nonlinear_equalities(1)
            .with_nonlinear_inequalities(1)
    }
}

impl<O: Objective<Scalar = f64>> CostFunction for Problem<O> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Infallible;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, Infallible> {
        self.cost.cost(x)
    }
}

impl<O: Objective<Scalar = f64>> Gradient for Problem<O> {
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Infallible> {
        self.cost.gradient(x)
    }
}

impl<O: Objective<Scalar = f64>> NonlinearEqualityValues for Problem<O> {
    type Param = Vec<f64>;
    type Values = Vec<f64>;
    type Error = Infallible;

    fn nonlinear_equalities(&self, x: &Vec<f64>) -> Result<Vec<f64>, ConstraintSolveError<Infallible>> {
        Ok(vec![constraints(x)[0]])
    }
}

impl<O: Objective<Scalar = f64>> NonlinearInequalityValues for Problem<O> {
    type Param = Vec<f64>;
    type Values = Vec<f64>;
    type Error = Infallible;

    fn nonlinear_inequalities(&self, x: &Vec<f64>) -> Result<Vec<f64>, ConstraintSolveError<Infallible>> {
        Ok(vec![constraints(x)[1]])
    }
}

impl<O: Objective<Scalar = f64>> ConstraintJacobian for Problem<O> {
    type Param = Vec<f64>;
    type Jacobian = DenseMatrix;
    type Error = Infallible;

    /// Equalities first, as in `constraints`.
    fn constraint_jacobian(&self, x: &Vec<f64>) -> Result<DenseMatrix, ConstraintSolveError<Infallible>> {
        let rows = constraints::jacobian(x);
        Ok(DenseMatrix::from_row_slice(2, x.len(), &rows.concat()))
    }
}

const HELP: &str = "\
Hock and Schittkowski's problem 71, with one equality and one inequality, by the SLSQP of the crate basin.

Usage: cargo run --release -p constrained";

fn main() -> Result<(), Box<dyn Error>> {
    if only_help::only_help(HELP)? {
        return Ok(());
    }
    let (x, value) = solve()?;
    let [equality, inequality] = constraints(&x);
    println!("the minimum within the constraints: value {value:.7} at x = {x:.7?}");
    println!("what is left of the equality: Σxᵢ² − 40 = {equality:.1e}");
    println!("the inequality, at most 0:    25 − Πxᵢ = {inequality:.1e}");
    Ok(())
}

fn solve() -> Result<(Vec<f64>, f64), Box<dyn Error>> {
    let (lower, upper) = (vec![1.0; 4], vec![5.0; 4]);
    let problem = Problem { cost: BasinProblem::new(cost::objective()), lower, upper };
    let solver = Slsqp::new().with_absolute_accuracy_tolerance(1e-10);
    let start = SelectedFirstOrderState::new(vec![1.0, 5.0, 5.0, 1.0]);
    let result = Executor::new(problem, solver, start).max_iter(100).run()?;
    let (x, value) = (result.state.param().clone(), result.state.cost());
    // What came out is judged from outside.
    let [equality, inequality] = constraints(&x);
    let close = x.iter().zip(MINIMUM.0).all(|(x, known)| (x - known).abs() < 1e-6);
    if equality.abs() > 1e-8 || inequality > 1e-8 || !close || (value - MINIMUM.1).abs() > 1e-6 {
        return Err(
            format!("{x:?} is not the minimum: value {value}, constraints {equality}, {inequality}").into()
        );
    }
    Ok((x, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constrained_minimum_is_the_known_one() {
        let (_, value) = solve().unwrap();
        assert!((value - MINIMUM.1).abs() < 1e-6);
    }

    #[test]
    fn the_jacobian_of_the_constraints_agrees_with_differences() {
        let x = [1.3, 4.2, 3.1, 1.7];
        let rows = constraints::jacobian(&x);
        for j in 0..4 {
            let at = |h: f64| {
                let mut x = x;
                x[j] += h;
                constraints(&x)
            };
            let (low, high) = (at(-1e-6), at(1e-6));
            for i in 0..2 {
                assert!(((high[i] - low[i]) / 2e-6 - rows[i][j]).abs() < 1e-7);
            }
        }
    }
}
