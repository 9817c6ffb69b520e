//! How far along the direction?
//!
//! A line search looks for a step size α > 0 at which φ(α) = f(x + α·p) is enough below φ(0), where p is a
//! direction of descent, φ′(0) < 0. Every trial is one evaluation of value and gradient. A trial that is not
//! finite shortens the step; it neither ends the search nor is accepted, and is not counted among the trials that are
//! allowed.

mod backtracking;
mod hager_zhang;
mod ray;
mod strong_wolfe;

use super::bounds::Bounds;
use super::{DescentError, Evaluator, Point, RuleState, Termination};
use crate::{Objective, Scalar};

pub use backtracking::Backtracking;
pub use hager_zhang::HagerZhang;
pub use strong_wolfe::StrongWolfe;

use ray::{Probe, Ray};

/// A line search and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LineSearch {
    /// See [`Backtracking`].
    Backtracking(Backtracking),
    /// See [`StrongWolfe`].
    StrongWolfe(StrongWolfe),
    /// See [`HagerZhang`].
    HagerZhang(HagerZhang),
}

impl From<Backtracking> for LineSearch {
    fn from(search: Backtracking) -> Self {
        LineSearch::Backtracking(search)
    }
}

impl From<StrongWolfe> for LineSearch {
    fn from(search: StrongWolfe) -> Self {
        LineSearch::StrongWolfe(search)
    }
}

impl From<HagerZhang> for LineSearch {
    fn from(search: HagerZhang) -> Self {
        LineSearch::HagerZhang(search)
    }
}

impl LineSearch {
    pub(crate) fn check(&self) -> Result<(), DescentError> {
        match self {
            LineSearch::Backtracking(search) => search.check(),
            LineSearch::StrongWolfe(search) => search.check(),
            LineSearch::HagerZhang(search) => search.check(),
        }
    }
}

impl LineSearch {
    /// All that it is made of, with names, for a checkpoint to compare.
    fn settings(&self, setting: &mut dyn FnMut(&'static str, f64)) {
        match *self {
            LineSearch::Backtracking(Backtracking { sufficient_decrease, max_trials }) => {
                setting("backtracking.sufficient_decrease", sufficient_decrease);
                setting("backtracking.max_trials", max_trials as f64);
            }
            LineSearch::StrongWolfe(StrongWolfe {
                sufficient_decrease,
                curvature,
                rounding,
                max_trials,
                exact_on_parabolas,
            }) => {
                setting("strong_wolfe.sufficient_decrease", sufficient_decrease);
                setting("strong_wolfe.curvature", curvature);
                setting("strong_wolfe.rounding", rounding);
                setting("strong_wolfe.max_trials", max_trials as f64);
                setting("strong_wolfe.exact_on_parabolas", f64::from(u8::from(exact_on_parabolas)));
            }
            LineSearch::HagerZhang(HagerZhang {
                sufficient_decrease,
                curvature,
                value_error,
                max_trials,
            }) => {
                setting("hager_zhang.sufficient_decrease", sufficient_decrease);
                setting("hager_zhang.curvature", curvature);
                setting("hager_zhang.value_error", value_error);
                setting("hager_zhang.max_trials", max_trials as f64);
            }
        }
    }
}

/// A line search with its work space.
#[derive(Clone, Debug)]
pub(crate) struct Searcher<S> {
    search: LineSearch,
    /// The best of the earlier trials.
    kept: Point<S>,
    /// How many searches in a row have found nothing acceptable.
    in_vain: usize,
    /// No point out of these is evaluated.
    bounds: Option<Bounds<S>>,
}

/// So many, and it is no progress to settle for the best trial: the function is not smooth, its gradient is wrong, or all is
/// rounding. On smooth functions a search in vain is rare.
const IN_VAIN: usize = 10;

impl<S: Scalar> Searcher<S> {
    pub(crate) fn new(search: LineSearch) -> Self {
        Searcher { search, kept: Point::new(Vec::new()), in_vain: 0, bounds: None }
    }

    /// With rays that end at bounds.
    pub(crate) fn within(self, bounds: Bounds<S>) -> Self {
        Searcher { bounds: Some(bounds), ..self }
    }

    pub(crate) fn start(&mut self, dim: usize) {
        self.kept = Point::new(vec![S::default(); dim]);
        self.in_vain = 0;
    }

    /// For a checkpoint.
    pub(crate) fn state(&mut self, state: &mut dyn RuleState<S>) {
        self.search.settings(&mut |name, value| state.setting(name, value));
        let mut in_vain = self.in_vain as u64;
        state.count("searches in vain", &mut in_vain);
        self.in_vain = usize::try_from(in_vain).unwrap_or(usize::MAX - 1);
    }

    /// Writes the point found to `next` and returns its step size; `None` if no trial was better than `current`
    /// or the direction does not descend. `first` is the first trial. An error if there is no budget left, or nothing
    /// acceptable has been found for too long.
    pub(crate) fn search<O: Objective<Scalar = S>>(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<S>,
        direction: &[S],
        first: f64,
        next: &mut Point<S>,
    ) -> Result<Option<f64>, Termination> {
        let mut ray = Ray::new(evaluator, current, direction, next, &mut self.kept, self.bounds.as_ref());
        // Also false for NaN.
        if !(ray.start().slope < 0.0 && ray.start().slope.is_finite() && first > 0.0 && first.is_finite()) {
            return Ok(None);
        }
        let found = match &self.search {
            LineSearch::Backtracking(search) => search.search(&mut ray, first)?,
            LineSearch::StrongWolfe(search) => search.search(&mut ray, first)?,
            LineSearch::HagerZhang(search) => search.search(&mut ray, first)?,
        };
        let found = if found.is_some() {
            self.in_vain = 0;
            found
        } else {
            self.in_vain += 1;
            ray.settle_for_best()
        };
        if self.in_vain > IN_VAIN { Err(Termination::NoProgress) } else { Ok(found.map(|probe| probe.step)) }
    }
}

fn check_between(name: &'static str, value: f64, low: f64, high: f64) -> Result<(), DescentError> {
    if value > low && value < high {
        Ok(())
    } else {
        let expected = "between 0 and 1, and in the right order";
        Err(DescentError::InvalidSetting { name, value, expected })
    }
}

#[cfg(test)]
mod tests;
