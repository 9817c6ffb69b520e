//! Flat enough, judged by slopes where values are blind.

use super::{Probe, Ray, check_between};
use crate::Objective;
use crate::descent::checks::at_least_one;
use crate::descent::{DescentError, Termination};

/// The line search of `CG_DESCENT`: the Wolfe conditions
///
/// ```text
/// φ(α) ≤ φ(0) + δ·α·φ′(0)    and    φ′(α) ≥ σ·φ′(0)
/// ```
///
/// or the approximate ones, which need no difference of values and so can be met to the last digit:
///
/// ```text
/// (2δ − 1)·φ′(0) ≥ φ′(α) ≥ σ·φ′(0)    and    φ(α) ≤ φ(0) + ε·|φ(0)|
/// ```
///
/// An interval [a, b] with φ(a) ≤ φ(0) + ε·|φ(0)|, φ′(a) < 0 and φ′(b) ≥ 0 is shrunk by two secant steps at a time,
/// and by bisection where these are slow.
///
/// Hager and Zhang, *Algorithm 851: `CG_DESCENT`*, ACM TOMS 32(1), 2006, with its defaults: δ = 0.1, σ = 0.9,
/// ε = 10⁻⁶, θ = 0.5, γ = 0.66, ρ = 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HagerZhang {
    /// δ, between 0 and σ and below ½. Default 0.1.
    pub sufficient_decrease: f64,
    /// σ, between δ and 1. Default 0.9.
    pub curvature: f64,
    /// ε: how much higher than the start, relative to |φ(0)|, a value may be. Default 10⁻⁶.
    pub value_error: f64,
    /// How many finite trials. Default 50.
    pub max_trials: usize,
}

impl Default for HagerZhang {
    fn default() -> Self {
        HagerZhang { sufficient_decrease: 0.1, curvature: 0.9, value_error: 1e-6, max_trials: 50 }
    }
}

/// Where to bisect, how much an interval must shrink in a round, how fast the bracket grows.
const THETA: f64 = 0.5;
const GAMMA: f64 = 0.66;
const RHO: f64 = 5.0;

/// Of the interval: a secant step shorter than this is not believed.
const LEAST: f64 = 1e-6;

/// Why a search is over: a step is accepted, or nothing more can be tried.
enum Over {
    Accepted(Probe),
    Exhausted,
    Budget(Termination),
}

struct Search<'r, 'a, O: Objective> {
    settings: HagerZhang,
    ray: &'r mut Ray<'a, O>,
    start: Probe,
    /// φ(0) + ε·|φ(0)|
    ceiling: f64,
    trials_left: usize,
}

impl HagerZhang {
    pub(super) fn check(&self) -> Result<(), DescentError> {
        at_least_one("max_trials", self.max_trials as u64)?;
        check_between("curvature", self.curvature, 0.0, 1.0)?;
        check_between("sufficient_decrease", self.sufficient_decrease, 0.0, self.curvature.min(0.5))?;
        if self.value_error >= 0.0 && self.value_error.is_finite() {
            return Ok(());
        }
        let expected = "finite and not negative";
        Err(DescentError::InvalidSetting { name: "value_error", value: self.value_error, expected })
    }

    pub(super) fn search<O: Objective>(
        &self,
        ray: &mut Ray<'_, O>,
        first: f64,
    ) -> Result<Option<Probe>, Termination> {
        let start = ray.start();
        let ceiling = start.value + self.value_error * start.value.abs();
        let mut search = Search { settings: *self, ray, start, ceiling, trials_left: self.max_trials };
        match search.run(first) {
            Over::Accepted(probe) => Ok(Some(probe)),
            Over::Exhausted => Ok(None),
            Over::Budget(termination) => Err(termination),
        }
    }
}

impl<O: Objective> Search<'_, '_, O> {
    fn run(&mut self, first: f64) -> Over {
        match self.rounds(first) {
            Ok(never) => match never {},
            Err(over) => over,
        }
    }

    /// L0 to L3 of the paper. Ends through `probe` only, at the latest when there are no trials left.
    fn rounds(&mut self, first: f64) -> Result<std::convert::Infallible, Over> {
        let (mut a, mut b) = self.bracket(first)?;
        loop {
            let width = b.step - a.step;
            let (mut low, mut high) = self.secant2(a, b)?;
            if high.step - low.step > GAMMA * width {
                let middle = self.probe(f64::midpoint(low.step, high.step))?;
                (low, high) = self.update(low, high, middle)?;
            }
            (a, b) = (low, high);
        }
    }

    /// Evaluates, and ends the search if the step is acceptable or not a new one.
    fn probe(&mut self, step: f64) -> Result<Probe, Over> {
        if self.trials_left == 0 || !step.is_finite() {
            return Err(Over::Exhausted);
        }
        self.trials_left -= 1;
        let probe = self.ray.probe(step).map_err(Over::Budget)?.ok_or(Over::Exhausted)?;
        if !probe.is_finite() {
            self.trials_left += 1;
            return Ok(probe);
        }
        let (HagerZhang { sufficient_decrease: delta, curvature: sigma, .. }, start) =
            (self.settings, self.start);
        let flat = probe.slope >= sigma * start.slope;
        let wolfe = probe.value <= start.value + delta * step * start.slope;
        let approximate = probe.value <= self.ceiling && probe.slope <= (2.0 * delta - 1.0) * start.slope;
        if flat && (wolfe || approximate) { Err(Over::Accepted(probe)) } else { Ok(probe) }
    }

    /// Between `low`, where everything is finite, and `bad`, where it is not, a step where it is.
    fn retreat(&mut self, low: f64, bad: f64) -> Result<Probe, Over> {
        let mut step = bad;
        loop {
            step = low + 0.25 * (step - low);
            let probe = self.probe(step)?;
            if probe.is_finite() {
                return Ok(probe);
            }
        }
    }

    /// An interval with the three properties, from a first step: procedure *bracket*.
    fn bracket(&mut self, first: f64) -> Result<(Probe, Probe), Over> {
        let mut low = self.start;
        let mut bad = f64::INFINITY;
        let mut trial = self.probe(first)?;
        loop {
            if !trial.is_finite() {
                bad = trial.step;
                trial = self.retreat(low.step, bad)?;
            }
            if trial.slope >= 0.0 {
                return Ok((low, trial));
            }
            if trial.value > self.ceiling {
                return self.between(self.start, trial);
            }
            low = trial;
            let step = if RHO * low.step < bad { RHO * low.step } else { f64::midpoint(low.step, bad) };
            trial = self.probe(step)?;
        }
    }

    /// φ(high) is above the ceiling with φ′(high) < 0: a minimum is between. Step U3 of procedure *update*.
    fn between(&mut self, mut low: Probe, mut high: Probe) -> Result<(Probe, Probe), Over> {
        loop {
            let mut trial = self.probe((1.0 - THETA) * low.step + THETA * high.step)?;
            if !trial.is_finite() {
                trial = self.retreat(low.step, trial.step)?;
            }
            if trial.slope >= 0.0 {
                return Ok((low, trial));
            }
            if trial.value <= self.ceiling {
                low = trial;
            } else {
                high = trial;
            }
        }
    }

    /// The interval with `c` taken in: procedure *update*.
    fn update(&mut self, a: Probe, b: Probe, c: Probe) -> Result<(Probe, Probe), Over> {
        if !c.is_finite() {
            let c = self.retreat(a.step, c.step)?;
            return self.update(a, b, c);
        }
        if c.step <= a.step || c.step >= b.step {
            Ok((a, b))
        } else if c.slope >= 0.0 {
            Ok((a, c))
        } else if c.value <= self.ceiling {
            Ok((c, b))
        } else {
            self.between(a, c)
        }
    }

    /// Two secant steps: procedure *secant²*.
    fn secant2(&mut self, a: Probe, b: Probe) -> Result<(Probe, Probe), Over> {
        let step = secant(&a, &b);
        if !(step > a.step && step < b.step) {
            // Not inside, or NaN: the interval is at its end, or the slopes are not to be trusted.
            let middle = self.probe(f64::midpoint(a.step, b.step))?;
            return self.update(a, b, middle);
        }
        if step - a.step < LEAST * (b.step - a.step) {
            // The slope at b is of another order of magnitude: a line does not reach that far.
            let near = self.probe(a.step + 0.1 * (b.step - a.step))?;
            return self.update(a, b, near);
        }
        let c = self.probe(step)?;
        let (low, high) = self.update(a, b, c)?;
        let step = if c.step == high.step {
            secant(&b, &high)
        } else if c.step == low.step {
            secant(&a, &low)
        } else {
            return Ok((low, high));
        };
        if step > low.step && step < high.step {
            let c = self.probe(step)?;
            self.update(low, high, c)
        } else {
            Ok((low, high))
        }
    }
}

/// Where the line through both slopes is zero.
fn secant(a: &Probe, b: &Probe) -> f64 {
    (a.step * b.slope - b.step * a.slope) / (b.slope - a.slope)
}
