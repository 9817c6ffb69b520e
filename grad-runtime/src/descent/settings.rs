//! What all methods' settings have in common.

/// Gives the settings of a method their stopping tests and their loops. The settings need a field `stopping` and
/// `fn method<S: Scalar>(&self) -> Result<$method<S>, DescentError>`, which checks them.
macro_rules! descent_settings {
    ($settings:ident, $method:ty, $objective:path) => {
        impl $settings {
            $crate::descent::settings::descent_settings!(@stopping);

            /// Walks downhill from the start: a flat `Vec` of floats, or the parameters of an objective over parameters of a
            /// shape, and the report's point is in the same form. Never panics, unless the objective does.
            pub fn minimize<O, X, How>(
                &self,
                objective: &mut O,
                start: X,
            ) -> Result<$crate::descent::Report<O::Scalar, X>, $crate::descent::DescentError>
            where
                O: $objective + $crate::StartsAt<O::Scalar, X, $crate::OfObjective<How>>,
            {
                let start = O::flat_start(objective, start);
                let report = self.walk(&mut *objective, start)?.run();
                Ok(report.map(|x| O::point(objective, x)))
            }

            /// The same, watched by an [`Observer`](crate::descent::Observer), which may be a closure and may end
            /// it.
            pub fn minimize_with<O, X, How>(
                &self,
                objective: &mut O,
                start: X,
                mut observer: impl $crate::descent::Observer<O::Scalar>,
            ) -> Result<$crate::descent::Report<O::Scalar, X>, $crate::descent::DescentError>
            where
                O: $objective + $crate::StartsAt<O::Scalar, X, $crate::OfObjective<How>>,
            {
                let start = O::flat_start(objective, start);
                let report = self.walk(&mut *objective, start)?.run_with(&mut observer);
                Ok(report.map(|x| O::point(objective, x)))
            }

            /// Walks uphill: the iterates are, bit for bit, those of the descent on −f.
            pub fn maximize<O, X, How>(
                &self,
                objective: &mut O,
                start: X,
            ) -> Result<$crate::descent::Report<O::Scalar, X>, $crate::descent::DescentError>
            where
                O: $objective + $crate::StartsAt<O::Scalar, X, $crate::OfObjective<How>>,
            {
                let start = O::flat_start(objective, start);
                let report = self.walk_up(&mut *objective, start)?.run();
                Ok(report.map(|x| O::point(objective, x)))
            }

            /// Walks uphill, watched.
            pub fn maximize_with<O, X, How>(
                &self,
                objective: &mut O,
                start: X,
                mut observer: impl $crate::descent::Observer<O::Scalar>,
            ) -> Result<$crate::descent::Report<O::Scalar, X>, $crate::descent::DescentError>
            where
                O: $objective + $crate::StartsAt<O::Scalar, X, $crate::OfObjective<How>>,
            {
                let start = O::flat_start(objective, start);
                let report = self.walk_up(&mut *objective, start)?.run_with(&mut observer);
                Ok(report.map(|x| O::point(objective, x)))
            }

            /// The descent, for those who want to own the loop. Its points are flat.
            pub fn walk<O: $objective>(
                &self,
                objective: O,
                start: Vec<O::Scalar>,
            ) -> Result<$crate::descent::Walk<O, $method>, $crate::descent::DescentError> {
                $crate::descent::Walk::down(objective, self.method()?, self.stopping.clone(), start)
            }

            /// The ascent, for those who want to own the loop.
            pub fn walk_up<O: $objective>(
                &self,
                objective: O,
                start: Vec<O::Scalar>,
            ) -> Result<$crate::descent::Walk<O, $method>, $crate::descent::DescentError> {
                $crate::descent::Walk::up(objective, self.method()?, self.stopping.clone(), start)
            }
        }
    };
    // Of methods that can be saved.
    (@resume $settings:ident, $method:ty, $objective:path) => {
        #[cfg(feature = "serde")]
        impl $settings {
            /// Goes on with a descent (or an ascent) from a checkpoint, see
            /// [`Walk::go_on`](crate::descent::Walk::go_on).
            pub fn resume<O: $objective>(
                &self,
                objective: O,
                checkpoint: &$crate::descent::Checkpoint,
            ) -> Result<$crate::descent::Walk<O, $method>, $crate::descent::DescentError> {
                $crate::descent::Walk::go_on(objective, self.method()?, self.stopping.clone(), checkpoint)
            }
        }
    };
    (@stopping) => {
        /// All tests that end the descent.
        #[must_use]
        pub fn stopping(self, stopping: $crate::descent::Stopping) -> Self {
            Self { stopping, ..self }
        }

        /// See [`Stopping::gradient_tolerance`](crate::descent::Stopping::gradient_tolerance).
        #[must_use]
        pub fn gradient_tolerance(mut self, gradient_tolerance: f64) -> Self {
            self.stopping.gradient_tolerance = gradient_tolerance;
            self
        }

        /// See [`Stopping::relative_gradient_tolerance`](crate::descent::Stopping::relative_gradient_tolerance).
        #[must_use]
        pub fn relative_gradient_tolerance(mut self, relative_gradient_tolerance: f64) -> Self {
            self.stopping.relative_gradient_tolerance = relative_gradient_tolerance;
            self
        }

        /// See [`Stopping::value_tolerance`](crate::descent::Stopping::value_tolerance).
        #[must_use]
        pub fn value_tolerance(mut self, value_tolerance: f64) -> Self {
            self.stopping.value_tolerance = Some(value_tolerance);
            self
        }

        /// See [`Stopping::step_tolerance`](crate::descent::Stopping::step_tolerance).
        #[must_use]
        pub fn step_tolerance(mut self, step_tolerance: f64) -> Self {
            self.stopping.step_tolerance = Some(step_tolerance);
            self
        }

        /// See [`Stopping::target`](crate::descent::Stopping::target).
        #[must_use]
        pub fn target(mut self, target: f64) -> Self {
            self.stopping.target = Some(target);
            self
        }

        /// See [`Stopping::plateau`](crate::descent::Stopping::plateau).
        #[must_use]
        pub fn plateau(mut self, iterations: usize, improvement: f64) -> Self {
            self.stopping.plateau = Some($crate::descent::Plateau { iterations, improvement });
            self
        }

        /// See [`Stopping::max_iterations`](crate::descent::Stopping::max_iterations).
        #[must_use]
        pub fn max_iterations(mut self, max_iterations: usize) -> Self {
            self.stopping.max_iterations = max_iterations;
            self
        }

        /// See [`Stopping::max_evaluations`](crate::descent::Stopping::max_evaluations).
        #[must_use]
        pub fn max_evaluations(mut self, max_evaluations: usize) -> Self {
            self.stopping.max_evaluations = Some(max_evaluations);
            self
        }

        /// See [`Stopping::max_time`](crate::descent::Stopping::max_time).
        #[must_use]
        pub fn max_time(mut self, max_time: std::time::Duration) -> Self {
            self.stopping.max_time = Some(max_time);
            self
        }
    };
}

pub(crate) use descent_settings;
