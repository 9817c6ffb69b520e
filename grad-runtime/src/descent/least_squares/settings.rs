//! What the settings of the methods with a trust region have in common.

use super::trust_region::{Path, TrustRegionState};
use super::{Loss, stopping};
use crate::Scalar;
use crate::descent::bounds::Bounds;
use crate::descent::checks::positive;
use crate::descent::{DescentError, Stopping};

/// The settings of both methods.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TrustRegion {
    path: Path,
    pub(super) first_radius: f64,
    pub(super) loss: Loss,
    pub(super) bounds: Option<(Vec<f64>, Vec<f64>)>,
    pub(super) stopping: Stopping,
}

impl TrustRegion {
    pub(super) fn new(path: Path) -> Self {
        TrustRegion { path, first_radius: 0.1, loss: Loss::Square, bounds: None, stopping: stopping() }
    }

    /// Checked.
    pub(super) fn state(&self) -> Result<TrustRegionState, DescentError> {
        positive("first_radius", self.first_radius)?;
        self.loss.check()?;
        Ok(TrustRegionState::new(self.path, self.first_radius))
    }

    pub(super) fn checked_bounds<S: Scalar>(&self) -> Result<Option<Bounds<S>>, DescentError> {
        self.bounds.as_ref().map(|(lower, upper)| Bounds::new(lower, upper)).transpose()
    }
}

/// Gives the settings their setters and their loops. They need the field `common`.
macro_rules! trust_region_settings {
    ($settings:ident) => {
        impl $settings {
            /// The radius at the start, in units of ‖D·x‖; above 0. Default 0.1.
            #[must_use]
            pub fn first_radius(mut self, first_radius: f64) -> Self {
                self.common.first_radius = first_radius;
                self
            }

            /// The loss, where there are outliers. Default: every residual counts as its square.
            #[must_use]
            pub fn loss(mut self, loss: $crate::descent::Loss) -> Self {
                self.common.loss = loss;
                self
            }

            /// Bounds l ≤ x ≤ u: one lower and one upper for each variable, in its units; infinite where there is none.
            /// Bounds that cross, or whose number is not that of the variables, are errors when the walk starts. Default: none.
            #[must_use]
            pub fn bounds(mut self, lower: Vec<f64>, upper: Vec<f64>) -> Self {
                self.common.bounds = Some((lower, upper));
                self
            }

            /// All tests that end the descent. Their gradient tolerance is one of the cosine.
            #[must_use]
            pub fn stopping(mut self, stopping: $crate::descent::Stopping) -> Self {
                self.common.stopping = stopping;
                self
            }

            /// See [`Stopping::gradient_tolerance`](crate::descent::Stopping::gradient_tolerance); of the cosine.
            #[must_use]
            pub fn gradient_tolerance(mut self, gradient_tolerance: f64) -> Self {
                self.common.stopping.gradient_tolerance = gradient_tolerance;
                self
            }

            /// See [`Stopping::value_tolerance`](crate::descent::Stopping::value_tolerance).
            #[must_use]
            pub fn value_tolerance(mut self, value_tolerance: f64) -> Self {
                self.common.stopping.value_tolerance = Some(value_tolerance);
                self
            }

            /// See [`Stopping::step_tolerance`](crate::descent::Stopping::step_tolerance).
            #[must_use]
            pub fn step_tolerance(mut self, step_tolerance: f64) -> Self {
                self.common.stopping.step_tolerance = Some(step_tolerance);
                self
            }

            /// See [`Stopping::target`](crate::descent::Stopping::target).
            #[must_use]
            pub fn target(mut self, target: f64) -> Self {
                self.common.stopping.target = Some(target);
                self
            }

            /// See [`Stopping::max_iterations`](crate::descent::Stopping::max_iterations).
            #[must_use]
            pub fn max_iterations(mut self, max_iterations: usize) -> Self {
                self.common.stopping.max_iterations = max_iterations;
                self
            }

            /// See [`Stopping::max_evaluations`](crate::descent::Stopping::max_evaluations).
            #[must_use]
            pub fn max_evaluations(mut self, max_evaluations: usize) -> Self {
                self.common.stopping.max_evaluations = Some(max_evaluations);
                self
            }

            /// See [`Stopping::max_time`](crate::descent::Stopping::max_time).
            #[must_use]
            pub fn max_time(mut self, max_time: std::time::Duration) -> Self {
                self.common.stopping.max_time = Some(max_time);
                self
            }

            /// The same as [`minimize`](Self::minimize), with statistics of the residuals and the standard errors of the
            /// variables; those of a variable at a bound are as if there were none.
            ///
            /// ```
            #[doc = concat!("use grad_runtime::descent::", stringify!($settings), ";")]
            /// use grad_runtime::from_residuals;
            ///
            /// let y = [1.1, 2.9, 5.2, 6.8, 9.1];
            /// let mut line = from_residuals(
            ///     5,
            ///     |x: &[f64], r: &mut [f64]| (0..5).for_each(|i| r[i] = x[0] + x[1] * i as f64 - y[i]),
            ///     |_: &[f64], j: &mut [f64]| (0..5).for_each(|i| j[2 * i..2 * i + 2].copy_from_slice(&[1.0, i as f64])),
            /// );
            #[doc = concat!("let fit = ", stringify!($settings), "::default().fit(&mut line, vec![0.0, 0.0])?;")]
            /// println!("{fit}");
            /// // s/√Σ(t − t̄)²
            /// let slope_error = fit.standard_deviation / 10.0_f64.sqrt();
            /// assert!((fit.standard_errors.unwrap()[1] - slope_error).abs() < 1e-12);
            /// # Ok::<(), grad_runtime::descent::DescentError>(())
            /// ```
            pub fn fit<R, X, How>(
                &self,
                residuals: &mut R,
                start: X,
            ) -> Result<$crate::descent::Fit<R::Scalar, X>, $crate::descent::DescentError>
            where
                R: $crate::Residuals + $crate::StartsAt<R::Scalar, X, $crate::OfResiduals<How>>,
            {
                let start = R::flat_start(residuals, start);
                let report = self.walk(&mut *residuals, start)?.run();
                let fit = $crate::descent::LeastSquares::new(&mut *residuals).loss(self.common.loss).fit(report);
                Ok(fit.map(|x| R::point(residuals, x)))
            }

            /// Minimises ½·‖r(x)‖². Never panics, unless the residuals do. The start is a flat `Vec` of floats, or the
            /// parameters of residuals over parameters of a shape, and the report's point is in the same form.
            pub fn minimize<R, X, How>(
                &self,
                residuals: &mut R,
                start: X,
            ) -> Result<$crate::descent::Report<R::Scalar, X>, $crate::descent::DescentError>
            where
                R: $crate::Residuals + $crate::StartsAt<R::Scalar, X, $crate::OfResiduals<How>>,
            {
                let start = R::flat_start(residuals, start);
                let report = self.walk(&mut *residuals, start)?.run();
                Ok(report.map(|x| R::point(residuals, x)))
            }

            /// The same, watched by an [`Observer`](crate::descent::Observer), which may be a closure and may end it.
            pub fn minimize_with<R, X, How>(
                &self,
                residuals: &mut R,
                start: X,
                mut observer: impl $crate::descent::Observer<R::Scalar>,
            ) -> Result<$crate::descent::Report<R::Scalar, X>, $crate::descent::DescentError>
            where
                R: $crate::Residuals + $crate::StartsAt<R::Scalar, X, $crate::OfResiduals<How>>,
            {
                let start = R::flat_start(residuals, start);
                let report = self.walk(&mut *residuals, start)?.run_with(&mut observer);
                Ok(report.map(|x| R::point(residuals, x)))
            }

            /// The descent, for those who want to own the loop. Its points are flat.
            pub fn walk<R: $crate::Residuals>(
                &self,
                residuals: R,
                start: Vec<R::Scalar>,
            ) -> Result<
                $crate::descent::Walk<
                    $crate::descent::LeastSquares<R>,
                    $crate::descent::TrustRegionState,
                >,
                $crate::descent::DescentError,
            > {
                let state = self.common.state()?;
                let problem = $crate::descent::LeastSquares::new(residuals)
                    .loss(self.common.loss)
                    .within(self.common.checked_bounds()?);
                $crate::descent::Walk::down(problem, state, self.common.stopping.clone(), start)
            }
        }
    };
}

pub(super) use trust_region_settings;
