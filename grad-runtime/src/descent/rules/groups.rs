//! A rule for each part of the point.

use std::fmt;
use std::ops::Range;

use super::Chain;
use crate::Scalar;
use crate::descent::{DescentError, RuleState, UpdateRule};

/// Coordinates in groups, each with a rule, and so a step size, a schedule, a weight decay of its own. Those in no group stay
/// where they are.
///
/// ```text
/// x₊[group] = x[group] + step of the group's rule, which sees x and ∇f(x) of the group alone
/// ```
///
/// A group is a range of the coordinates of the flat point; where the parameters are a tuple, an array or a struct with
/// `Differentiable`, its parts lie one after the other, each [`dim`](crate::Differentiable::dim) long. As the parameter
/// groups of `PyTorch`'s optimizers, and Optax's `multi_transform` (version 0.2.8), whose `set_to_zero` is for those in no
/// group.
///
/// ```
/// use grad_runtime::descent::rules::Groups;
/// use grad_runtime::descent::{Adam, GradientDescent, Stopping, Walk};
/// use grad_runtime::from_fn;
///
/// // Two weights by Adam, one bias by plain steps; the last coordinate is not trained.
/// let rule = Groups::new().with(0..2, Adam::new(0.1).rule()?).with(2..3, GradientDescent::new(0.25).rule()?);
/// let bowl = from_fn(|x: &[f64]| {
///     (x.iter().map(|x| x * x).sum(), x.iter().map(|x| 2.0 * x).collect::<Vec<_>>())
/// });
/// let mut walk = Walk::new(bowl, rule, Stopping::default(), vec![1.0, 2.0, 3.0, 4.0])?;
/// let _ = walk.step();
/// assert_eq!((walk.x()[2], walk.x()[3]), (1.5, 4.0));
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
pub struct Groups<S> {
    groups: Vec<(Range<usize>, Chain<S>)>,
}

impl<S: Scalar> Groups<S> {
    /// No group yet.
    pub fn new() -> Self {
        Groups { groups: Vec::new() }
    }

    /// With one group more. Ranges that overlap, or go beyond the point, are an error when the walk starts:
    /// [`DescentError::WrongGroup`].
    #[must_use]
    pub fn with(mut self, range: Range<usize>, rule: Chain<S>) -> Self {
        self.groups.push((range, rule));
        self
    }
}

impl<S: Scalar> Default for Groups<S> {
    fn default() -> Self {
        Groups::new()
    }
}

impl<S> fmt::Debug for Groups<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.groups.iter().map(|(range, _)| range)).finish()
    }
}

impl<S: Scalar> UpdateRule<S> for Groups<S> {
    fn start(&mut self, _: usize) {
        self.groups.iter_mut().for_each(|(range, rule)| rule.start(range.len()));
    }

    fn check(&self, dim: usize) -> Result<(), DescentError> {
        for (k, (range, rule)) in self.groups.iter().enumerate() {
            let overlaps = |other: &Range<usize>| range.start.max(other.start) < range.end.min(other.end);
            let sound = range.start <= range.end && range.end <= dim;
            if !sound || self.groups[..k].iter().any(|(other, _)| overlaps(other)) {
                return Err(DescentError::WrongGroup { start: range.start, end: range.end, dim });
            }
            rule.check(range.len())?;
        }
        Ok(())
    }

    fn step_into(&mut self, x: &[S], gradient: &[S], step: &mut [S]) {
        step.fill(S::default());
        for (range, rule) in &mut self.groups {
            let of = || range.clone();
            rule.step_into(&x[of()], &gradient[of()], &mut step[of()]);
        }
    }

    /// That of the first group.
    fn step_size(&self) -> f64 {
        self.groups.first().map_or(1.0, |(_, rule)| rule.step_size())
    }

    fn observe(&mut self, value: f64) {
        self.groups.iter_mut().for_each(|(_, rule)| rule.observe(value));
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        for (range, rule) in &mut self.groups {
            state.setting("group_start", range.start as f64);
            state.setting("group_end", range.end as f64);
            rule.state(state);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use super::*;
    use crate::descent::{Adam, GradientDescent};

    #[test]
    fn the_walk_is_optaxs() {
        // optax.multi_transform({'a': optax.adam(0.1), 'b': optax.sgd(0.01, momentum=0.9), 'c': optax.set_to_zero()},
        //     {'p': 'a', 'q': 'b', 'r': 'c'}), on a dictionary of the three coordinates
        let walk = [
            [0.9000000006666666, -0.41000000000000003, 0.25],
            [0.8002706462840801, -0.2560000000066667, 0.25],
            [0.700756556748011, -0.07420270647417412, 0.25],
            [0.6013905500186095, 0.09724783343242388, 0.25],
            [0.5022050774305986, 0.22608984716169123, 0.25],
        ];
        let (adam, heavy) = (Adam::new(0.1), GradientDescent::new(0.01).momentum(0.9));
        let groups = Groups::new().with(1..2, heavy.rule().unwrap()).with(0..1, adam.rule().unwrap());
        assert_walk(Chain::new().then(groups), &walk);
    }

    #[test]
    fn groups_that_do_not_fit_are_errors() {
        let rule = || GradientDescent::new(0.1).rule::<f64>().unwrap();
        let fits = |groups: Groups<f64>| groups.check(4);
        assert_eq!(fits(Groups::new().with(0..4, rule()).with(4..4, rule())), Ok(()));
        assert_eq!(fits(Groups::new().with(2..4, rule()).with(0..2, rule())), Ok(()));
        for (groups, start, end) in [
            (Groups::new().with(0..5, rule()), 0, 5),
            (Groups::new().with(0..2, rule()).with(1..3, rule()), 1, 3),
            #[expect(clippy::reversed_empty_ranges, reason = "that is the mistake")]
            (Groups::new().with(3..2, rule()), 3, 2),
        ] {
            let error = fits(groups).unwrap_err();
            assert_eq!(error, DescentError::WrongGroup { start, end, dim: 4 });
            assert!(error.to_string().contains(&format!("{start}..{end}")), "{error}");
        }
    }
}
