//! The 35 test problems of Moré, Garbow and Hillstrom, *Testing unconstrained optimization software*, ACM TOMS 7(1),
//! 1981, doi 10.1145/355934.355936: sums of squares of residuals, written as one would write them down.
//!
//! Each problem is a module with a function `residuals`; `problem!` adds the sum of their squares, and both are
//! differentiated by `#[grad(second)]`. Starts and sizes are the paper's, known minima are given to ten digits or so.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::needless_range_loop,
    reason = "loops over indices, as in the paper, are what is to be differentiated"
)]

mod fitting;
mod fixed;
mod fooling;
mod large;
mod scalable;

/// Point and residuals to the rows of the Jacobian.
type Jacobian = fn(&[f64], &mut [f64]) -> Vec<Vec<f64>>;

/// Point and direction to gradient and product of the Hessian with the direction.
type HessianProduct = fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>);

/// A problem: minimise f(x), which for the 35 is Σ rᵢ(x)².
pub struct Problem {
    pub number: usize,
    pub name: &'static str,
    pub start: Vec<f64>,
    /// The global minimum first, then known local ones, and limits at infinity.
    pub minima: &'static [f64],
    /// What is known of a sum of squares besides.
    pub squares: Option<SumOfSquares>,
    value: fn(&[f64]) -> f64,
    value_and_grad_into: fn(&[f64], &mut [f64]) -> f64,
}

/// The residuals, and second derivatives.
pub struct SumOfSquares {
    /// How many residuals.
    pub residuals: usize,
    residuals_into: fn(&[f64], &mut [f64]),
    jacobian: Jacobian,
    hessian_product: HessianProduct,
}

impl Problem {
    pub fn scaled_start(&self, scale: f64) -> Vec<f64> {
        self.start.iter().map(|x| scale * x).collect()
    }

    pub fn value(&self, x: &[f64]) -> f64 {
        (self.value)(x)
    }

    pub fn value_and_grad_into(&self, x: &[f64], gradient: &mut [f64]) -> f64 {
        (self.value_and_grad_into)(x, gradient)
    }

    /// # Panics
    /// Here and below, if it is none of the 35.
    pub fn residuals(&self) -> usize {
        self.squares().residuals
    }

    fn squares(&self) -> &SumOfSquares {
        self.squares.as_ref().expect("a sum of squares")
    }

    pub fn residuals_into(&self, x: &[f64], residuals: &mut [f64]) {
        (self.squares().residuals_into)(x, residuals);
    }

    /// The Jacobian, row by row: row i is the gradient of residual i.
    pub fn jacobian_into(&self, x: &[f64], jacobian: &mut [f64]) {
        let mut residuals = vec![0.0; self.residuals()];
        let rows = (self.squares().jacobian)(x, &mut residuals);
        for (to, row) in jacobian.chunks_exact_mut(x.len()).zip(rows) {
            to.copy_from_slice(&row);
        }
    }

    /// ∇²f(x)·v
    pub fn hessian_product_into(&self, x: &[f64], v: &[f64], product: &mut [f64]) {
        product.copy_from_slice(&(self.squares().hessian_product)(x, v).1);
    }

    /// Whether a value is that of a known minimum: f − f* ≤ 10⁻⁸ + 10⁻⁶·|f*|.
    pub fn is_minimum(&self, value: f64) -> bool {
        self.minima.iter().any(|f| (value - f).abs() <= 1e-8 + 1e-6 * f.abs())
    }

    /// Whether a value is that of the lowest minimum.
    pub fn is_global(&self, value: f64) -> bool {
        value - self.minima[0] <= 1e-8 + 1e-6 * self.minima[0].abs()
    }
}

/// The sum of squares of the module's `residuals`, and the problem.
macro_rules! problem {
    ($number:literal, $name:literal, m = $m:expr, start = $start:expr, minima = $minima:expr) => {
        #[grad::grad(second)]
        fn sum_of_squares(x: &[f64]) -> f64 {
            let mut r = vec![0.0; $m];
            residuals(x, &mut r);
            r.iter().map(|r| r * r).sum()
        }

        pub fn problem() -> crate::problems::Problem {
            crate::problems::Problem {
                number: $number,
                name: $name,
                start: ($start).to_vec(),
                minima: $minima,
                squares: Some(crate::problems::SumOfSquares {
                    residuals: $m,
                    residuals_into: |x, r| residuals(x, r),
                    jacobian: |x, r| residuals::jacobian(x, r),
                    hessian_product: |x, v| sum_of_squares::hvp(x, v),
                }),
                value: |x| sum_of_squares(x),
                value_and_grad_into: |x, gradient| sum_of_squares::grad_into(x, gradient),
            }
        }
    };
}
pub(crate) use problem;

pub use fooling::all as fooling;
pub use large::all as large;

/// All 35, in the paper's order.
pub fn all() -> Vec<Problem> {
    let mut all: Vec<_> = [fixed::all(), fitting::all(), scalable::all()].into_iter().flatten().collect();
    all.sort_by_key(|problem| problem.number);
    all
}
