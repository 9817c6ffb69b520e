//! Low enough, and flat enough.

use super::{Probe, Ray, check_between};
use crate::Objective;
use crate::descent::checks::at_least_one;
use crate::descent::{DescentError, Termination};

/// The strong Wolfe conditions
///
/// ```text
/// φ(α) ≤ φ(0) + c₁·α·φ′(0)    and    |φ′(α)| ≤ c₂·|φ′(0)|
/// ```
///
/// by the algorithm of Moré and Thuente, *Line search algorithms with guaranteed sufficient decrease*, ACM TOMS
/// 20(3), 1994: an interval that holds an acceptable step shrinks around cubic and quadratic interpolants of value
/// and slope. c₁ = 10⁻⁴ and c₂ = 0.9 are the choice of Nocedal and Wright, *Numerical Optimization*, 2006, section
/// 3.1, for quasi-Newton directions.
///
/// Close to a minimum the values differ by rounding alone, and the first condition becomes a matter of luck. Where
/// |φ(α) − φ(0)| is at most `rounding` · |φ(0)|, the slopes decide: (2c₁ − 1)·φ′(0) ≥ φ′(α) together with the second
/// condition is accepted as well, which for a parabola is the same. Hager and Zhang, *A new conjugate gradient
/// method with guaranteed descent and an efficient line search*, SIAM J. Optim. 16(1), 2005, (2.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrongWolfe {
    /// c₁, between 0 and c₂. Default 10⁻⁴.
    pub sufficient_decrease: f64,
    /// c₂, between c₁ and 1. Default 0.9.
    pub curvature: f64,
    /// Relative to the value, in units of the machine's epsilon; 0 never lets the slopes alone decide. Default 10.
    pub rounding: f64,
    /// How many finite trials. Default 40.
    pub max_trials: usize,
    /// Whether a step along which the function is nearly a parabola is moved to its minimum, with one trial more. Default no,
    /// and yes for conjugate gradients.
    pub exact_on_parabolas: bool,
}

/// How far from a parabola a value may be, in units of the first-order effect of the step.
const NEARLY: f64 = 1e-5;

/// How flat it is at the minimum, in units of φ′(0).
const FLAT: f64 = 1e-4;

impl Default for StrongWolfe {
    fn default() -> Self {
        StrongWolfe {
            sufficient_decrease: 1e-4,
            curvature: 0.9,
            rounding: 10.0,
            max_trials: 40,
            exact_on_parabolas: false,
        }
    }
}

/// The interval of uncertainty: `x` is its better end. Until it is `bracketed`, it is open to the right.
struct Interval {
    x: Probe,
    y: Probe,
    bracketed: bool,
}

impl StrongWolfe {
    pub(super) fn check(&self) -> Result<(), DescentError> {
        at_least_one("max_trials", self.max_trials as u64)?;
        check_between("curvature", self.curvature, 0.0, 1.0)?;
        check_between("sufficient_decrease", self.sufficient_decrease, 0.0, self.curvature)?;
        if self.rounding >= 0.0 && self.rounding.is_finite() {
            return Ok(());
        }
        let expected = "finite and not negative";
        Err(DescentError::InvalidSetting { name: "rounding", value: self.rounding, expected })
    }

    /// `trial.value` is relative to the start's.
    fn accepts(&self, start: &Probe, trial: &Probe, blind: bool) -> bool {
        let c1 = self.sufficient_decrease;
        trial.slope.abs() <= self.curvature * -start.slope
            && (trial.value <= c1 * trial.step * start.slope
                || (blind && trial.slope <= (2.0 * c1 - 1.0) * start.slope))
    }

    /// The minimum of the parabola through the start and an acceptable trial, if the function is nearly one and the trial is
    /// not there yet.
    fn exact_step(&self, start: &Probe, trial: &Probe) -> Option<f64> {
        // Of the trapezoid: none for a parabola.
        let error = trial.value - trial.step * f64::midpoint(start.slope, trial.slope);
        let parabola = error.abs() <= NEARLY * trial.step * -start.slope;
        let there = trial.slope.abs() <= FLAT * -start.slope;
        let exact = trial.step * (start.slope / (start.slope - trial.slope));
        (self.exact_on_parabolas && parabola && !there && trial.value < 0.0 && exact.is_finite())
            .then_some(exact)
    }

    /// The trial at the exact step if it is acceptable, the better one otherwise.
    fn refine<O: Objective>(
        &self,
        ray: &mut Ray<'_, O>,
        exact: f64,
        found: Probe,
    ) -> Result<Option<Probe>, Termination> {
        let start = Probe { value: 0.0, ..ray.start() };
        if let Some(better) = ray.probe(exact)? {
            let trial = Probe { value: better.value - ray.start().value, ..better };
            let blind = trial.value.abs() <= self.rounding * ray.rounding();
            if trial.slope.abs() < found.slope.abs() && self.accepts(&start, &trial, blind) {
                return Ok(Some(better));
            }
        }
        Ok(ray.settle_for_best())
    }

    pub(super) fn search<O: Objective>(
        &self,
        ray: &mut Ray<'_, O>,
        first: f64,
    ) -> Result<Option<Probe>, Termination> {
        // Values are relative to that of the start.
        let start_value = ray.start().value;
        let start = Probe { value: 0.0, ..ray.start() };
        let rounding = self.rounding * ray.rounding();
        let least_slope = self.sufficient_decrease * start.slope;
        let mut interval = Interval { x: start, y: start, bracketed: false };
        // Of the interval, one and two trials ago.
        let (mut width, mut width_before) = (f64::INFINITY, f64::INFINITY);
        // The first stage looks for a point where φ(α) − c₁·α·φ′(0) is not positive and has a slope that is not
        // negative; from there on φ itself is minimised.
        let mut first_stage = true;
        // The nearest step known to be not finite.
        let mut barrier = f64::INFINITY;
        let mut step = first.min(ray.longest());
        let mut trials = 0;
        while trials < self.max_trials {
            let Some(found) = ray.probe(step)? else {
                return Ok(None);
            };
            if !found.is_finite() {
                barrier = step;
                step = interval.x.step + 0.25 * (step - interval.x.step);
                continue;
            }
            trials += 1;
            let mut trial = Probe { value: found.value - start_value, ..found };
            let blind = trial.value.abs() <= rounding;
            if self.accepts(&start, &trial, blind) {
                return match self.exact_step(&start, &trial) {
                    Some(exact) => self.refine(ray, exact, found),
                    None => Ok(Some(found)),
                };
            }
            if step >= ray.longest() && trial.value <= step * least_slope && trial.slope <= least_slope {
                // Still downhill at the bound.
                return Ok(Some(found));
            }
            if blind {
                // The value of a parabola with these slopes.
                let x = &interval.x;
                trial.value = x.value + f64::midpoint(x.slope, trial.slope) * (step - x.step);
            }

            let low_enough = trial.value <= step * least_slope;
            first_stage &= !(low_enough && trial.slope >= 0.0);
            let bounds = if interval.bracketed {
                (interval.x.step.min(interval.y.step), interval.x.step.max(interval.y.step))
            } else {
                let ahead = step - interval.x.step;
                let least = if interval.x.step == 0.0 { 0.0 } else { 1.1 * ahead };
                (step + least, step + 4.0 * ahead)
            };
            // The paper's auxiliary function ψ, for as long as it tells more.
            let tilt =
                if first_stage && trial.value <= interval.x.value && !low_enough { least_slope } else { 0.0 };
            step = interval.refine(&trial, bounds, tilt);

            if interval.bracketed {
                let now = (interval.y.step - interval.x.step).abs();
                if now >= 0.66 * width_before {
                    step = interval.x.step + 0.5 * (interval.y.step - interval.x.step);
                }
                (width_before, width) = (width, now);
                let (low, high) =
                    (interval.x.step.min(interval.y.step), interval.x.step.max(interval.y.step));
                if step <= low || step >= high || high - low <= f64::EPSILON * high {
                    return Ok(None);
                }
            }
            let ahead = barrier - interval.x.step;
            if (step - interval.x.step) / ahead >= 1.0 {
                step = interval.x.step + 0.5 * ahead;
            }
            if !step.is_finite() {
                return Ok(None);
            }
            step = step.min(ray.longest());
        }
        Ok(None)
    }
}

impl Interval {
    /// Takes a trial into the interval and proposes the next step: section 4 of the paper. `tilt` is subtracted
    /// from all slopes, and its multiple of the step from all values.
    fn refine(&mut self, trial: &Probe, (low, high): (f64, f64), tilt: f64) -> f64 {
        let tilted =
            |p: &Probe| Probe { step: p.step, value: p.value - p.step * tilt, slope: p.slope - tilt };
        let (x, y, t) = (tilted(&self.x), tilted(&self.y), tilted(trial));
        let opposite = t.slope * x.slope.signum() < 0.0;

        let step = if t.value > x.value {
            // Higher: the minimum is between.
            self.bracketed = true;
            let (cubic, parabola) = (cubic_minimum(&x, &t), x.step + half_way(&x, &t));
            if (cubic - x.step).abs() < (parabola - x.step).abs() {
                cubic
            } else {
                f64::midpoint(cubic, parabola)
            }
        } else if opposite {
            // Lower, and past the minimum.
            self.bracketed = true;
            let (cubic, secant) = (cubic_minimum(&t, &x), secant(&t, &x));
            if (cubic - t.step).abs() >= (secant - t.step).abs() { cubic } else { secant }
        } else if t.slope.abs() < x.slope.abs() {
            // Lower, and the slope flattens in the same direction: the cubic may have no minimum ahead.
            let (cubic, secant) = (cubic_ahead(&x, &t, low, high), secant(&t, &x));
            let cubic_is_nearer = (t.step - cubic).abs() < (t.step - secant).abs();
            if self.bracketed {
                let step = if cubic_is_nearer { cubic } else { secant };
                let limit = t.step + 0.66 * (y.step - t.step);
                if t.step > x.step { step.min(limit) } else { step.max(limit) }
            } else {
                let step = if cubic_is_nearer { secant } else { cubic };
                step.clamp(low.min(high), low.max(high))
            }
        } else if self.bracketed {
            // Lower, and no flatter.
            cubic_minimum(&t, &y)
        } else if t.step > x.step {
            high
        } else {
            low
        };

        if t.value > x.value {
            self.y = *trial;
        } else {
            if opposite {
                self.y = self.x;
            }
            self.x = *trial;
        }
        step
    }
}

/// The minimum of the cubic through values and slopes of both, seen from `a`.
fn cubic_minimum(a: &Probe, b: &Probe) -> f64 {
    let (theta, scale) = theta(a, b);
    let root = scale * ((theta / scale).powi(2) - (a.slope / scale) * (b.slope / scale)).max(0.0).sqrt();
    let gamma = if b.step < a.step { -root } else { root };
    let (p, q) = ((gamma - a.slope) + theta, ((gamma - a.slope) + gamma) + b.slope);
    a.step + p / q * (b.step - a.step)
}

/// The minimum of the cubic if it lies ahead of `t`, seen from `x`; else the bound there.
fn cubic_ahead(x: &Probe, t: &Probe, low: f64, high: f64) -> f64 {
    let (theta, scale) = theta(x, t);
    let root = scale * ((theta / scale).powi(2) - (x.slope / scale) * (t.slope / scale)).max(0.0).sqrt();
    let gamma = if t.step > x.step { -root } else { root };
    let (p, q) = ((gamma - t.slope) + theta, (gamma + (x.slope - t.slope)) + gamma);
    let r = p / q;
    if r < 0.0 && gamma != 0.0 {
        t.step + r * (x.step - t.step)
    } else if t.step > x.step {
        high
    } else {
        low
    }
}

fn theta(a: &Probe, b: &Probe) -> (f64, f64) {
    let theta = 3.0 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope;
    (theta, theta.abs().max(a.slope.abs()).max(b.slope.abs()))
}

/// From `x` to the minimum of the parabola through both values and the slope of `x`.
fn half_way(x: &Probe, t: &Probe) -> f64 {
    let width = t.step - x.step;
    x.slope / ((x.value - t.value) / width + x.slope) / 2.0 * width
}

/// Where the line through both slopes is zero.
fn secant(t: &Probe, x: &Probe) -> f64 {
    t.step + t.slope / (t.slope - x.slope) * (x.step - t.step)
}
