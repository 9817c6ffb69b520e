//! How does the step size change?

use std::f64::consts::PI;

use crate::descent::DescentError;
use crate::descent::checks::{at_least_one, not_negative, positive};

/// A step size α(t) for each step t = 0, 1, …; a number is a constant one.
///
/// ```
/// use grad_runtime::descent::{Adam, Schedule};
///
/// let adam = Adam::new(Schedule::cosine(1e-3, 10_000).warm_up(500));
/// assert_eq!(Schedule::step(0.1, 10, 0.5).at(25), 0.025);
/// # let _ = adam;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    step_size: f64,
    course: Course,
    warm_up: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum Course {
    Constant,
    Step { every: u64, factor: f64 },
    Exponential { factor: f64 },
    Cosine { steps: u64, lowest: f64 },
    OneCycle { steps: u64 },
    InverseTime { decay: f64 },
}

/// The share of a one-cycle schedule in which the step size rises.
const RISE: f64 = 0.3;
/// The highest step size of a one-cycle schedule, divided by the first.
const FIRST: f64 = 25.0;
/// The first step size of a one-cycle schedule, divided by the last.
const LAST: f64 = 1e4;

impl Schedule {
    /// α(t) = α.
    pub fn constant(step_size: f64) -> Self {
        Schedule { step_size, course: Course::Constant, warm_up: 0 }
    }

    /// α(t) = α · γ^⌊t / k⌋: multiplied by the factor γ every k steps. As `PyTorch`'s `StepLR`.
    pub fn step(step_size: f64, every: u64, factor: f64) -> Self {
        Schedule { course: Course::Step { every, factor }, ..Schedule::constant(step_size) }
    }

    /// α(t) = α · γᵗ: multiplied by the factor γ each step.
    pub fn exponential(step_size: f64, factor: f64) -> Self {
        Schedule { course: Course::Exponential { factor }, ..Schedule::constant(step_size) }
    }

    /// α(t) = α · (1 + cos(π t / T)) / 2 until t = T, then 0: half a wave over T steps, and no step after them (a
    /// descent ends there, with [`Termination::StepUnderflow`](crate::descent::Termination)). Loshchilov and Hutter,
    /// *SGDR: stochastic gradient descent with warm restarts*, 2017, eq. 5, without restarts.
    pub fn cosine(step_size: f64, steps: u64) -> Self {
        Schedule::cosine_to(step_size, 0.0, steps)
    }

    /// The same, down to β in place of 0: α(t) = β + (α − β) · (1 + cos(π t / T)) / 2.
    pub fn cosine_to(step_size: f64, lowest: f64, steps: u64) -> Self {
        Schedule { course: Course::Cosine { steps, lowest }, ..Schedule::constant(step_size) }
    }

    /// One cycle over T steps, from α/25 up to α in the first 30 %, then down to α/250 000, each half a wave of a
    /// cosine. Smith and Topin, *Super-convergence*, 2019, in the form and with the defaults of `PyTorch`'s
    /// `OneCycleLR`, with the peak at ⌊0.3 T⌋.
    pub fn one_cycle(highest: f64, steps: u64) -> Self {
        Schedule { course: Course::OneCycle { steps }, ..Schedule::constant(highest) }
    }

    /// α(t) = α / (1 + δ t): steps whose sum is infinite and whose squares' is not, as Robbins and Monro, *A
    /// stochastic approximation method*, 1951, require.
    pub fn inverse_time(step_size: f64, decay: f64) -> Self {
        Schedule { course: Course::InverseTime { decay }, ..Schedule::constant(step_size) }
    }

    /// Rises to the first step size over w steps, α(t) = α(0) · (t + 1) / (w + 1), and begins then. Goyal et al.,
    /// *Accurate, large minibatch SGD*, 2017, §2.2.
    #[must_use]
    pub fn warm_up(self, steps: u64) -> Self {
        Schedule { warm_up: steps, ..self }
    }

    /// α(t).
    pub fn at(&self, t: u64) -> f64 {
        match t.checked_sub(self.warm_up) {
            Some(t) => self.course_at(t),
            None => self.course_at(0) * (t as f64 + 1.0) / (self.warm_up as f64 + 1.0),
        }
    }

    fn course_at(&self, t: u64) -> f64 {
        let alpha = self.step_size;
        match self.course {
            Course::Constant => alpha,
            Course::Step { every, factor } => alpha * power(factor, t / every),
            Course::Exponential { factor } => alpha * power(factor, t),
            Course::Cosine { steps, lowest } => half_wave(alpha, lowest, t as f64 / steps as f64),
            Course::OneCycle { steps } => {
                let (t, steps) = (t as f64, steps as f64);
                let peak = (RISE * steps).floor();
                if t < peak {
                    half_wave(alpha / FIRST, alpha, t / peak)
                } else {
                    half_wave(alpha, alpha / FIRST / LAST, (t - peak) / (steps - peak))
                }
            }
            Course::InverseTime { decay } => alpha / (1.0 + decay * t as f64),
        }
    }

    pub(crate) fn check(&self) -> Result<(), DescentError> {
        positive("step_size", self.step_size)?;
        match self.course {
            Course::Constant => Ok(()),
            Course::Step { every, factor } => {
                at_least_one("every", every)?;
                positive("factor", factor)
            }
            Course::Exponential { factor } => positive("factor", factor),
            Course::Cosine { steps, lowest } => {
                at_least_one("steps", steps)?;
                not_negative("lowest", lowest)
            }
            Course::OneCycle { steps } => at_least_one("steps", steps),
            Course::InverseTime { decay } => not_negative("decay", decay),
        }
    }

    /// All that it is made of, with names, for a checkpoint to compare.
    pub(crate) fn settings(&self, setting: &mut dyn FnMut(&'static str, f64)) {
        setting("step_size", self.step_size);
        setting("warm_up", self.warm_up as f64);
        match self.course {
            Course::Constant => {}
            Course::Step { every, factor } => {
                setting("step_every", every as f64);
                setting("step_factor", factor);
            }
            Course::Exponential { factor } => setting("exponential_factor", factor),
            Course::Cosine { steps, lowest } => {
                setting("cosine_steps", steps as f64);
                setting("cosine_lowest", lowest);
            }
            Course::OneCycle { steps } => setting("one_cycle_steps", steps as f64),
            Course::InverseTime { decay } => setting("inverse_time_decay", decay),
        }
    }
}

impl From<f64> for Schedule {
    fn from(step_size: f64) -> Self {
        Schedule::constant(step_size)
    }
}

/// From one level at 0 to another at 1 and after.
fn half_wave(from: f64, to: f64, t: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + (PI * t.min(1.0)).cos())
}

/// xⁿ by squaring: `powi` does not promise the same bits everywhere.
pub(crate) fn power(mut x: f64, mut n: u64) -> f64 {
    let mut power = 1.0;
    while n > 0 {
        if n % 2 == 1 {
            power *= x;
        }
        x *= x;
        n /= 2;
    }
    power
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::*;

    const TIMES: [u64; 14] = [0, 1, 2, 5, 9, 10, 11, 29, 30, 31, 60, 99, 100, 120];

    /// Recorded with Optax 0.2.8 on JAX 0.10.2 in double precision, `[float(schedule(t)) for t in TIMES]`.
    #[track_caller]
    fn assert_schedule(schedule: Schedule, recorded: [f64; 14]) {
        schedule.check().unwrap();
        for (t, recorded) in TIMES.into_iter().zip(recorded) {
            let found = schedule.at(t);
            assert!((found - recorded).abs() <= 1e-15 + 1e-12 * recorded, "at {t}: {found}, not {recorded}");
        }
    }

    #[test]
    fn the_step_sizes_are_optaxs() {
        // optax.exponential_decay(0.1, 10, 0.5, staircase=True)
        assert_schedule(
            Schedule::step(0.1, 10, 0.5),
            [
                0.1,
                0.1,
                0.1,
                0.1,
                0.1,
                0.05,
                0.05,
                0.025,
                0.0125,
                0.0125,
                0.0015625,
                0.0001953125,
                9.765625e-05,
                2.44140625e-05,
            ],
        );
        // optax.exponential_decay(0.1, 1, 0.9)
        assert_schedule(
            Schedule::exponential(0.1, 0.9),
            [
                0.1,
                0.09000000000000001,
                0.08100000000000002,
                0.05904900000000001,
                0.03874204890000001,
                0.03486784401000001,
                0.031381059609000006,
                0.004710128697246249,
                0.004239115827521624,
                0.0038152042447694616,
                0.0001797010299914434,
                2.951266543065283e-06,
                2.6561398887587545e-06,
                3.229246017998564e-07,
            ],
        );
        // optax.cosine_decay_schedule(0.1, 100)
        assert_schedule(
            Schedule::cosine(0.1, 100),
            [
                0.1,
                0.09997532801828658,
                0.09990133642141358,
                0.0993844170297569,
                0.09801468428384716,
                0.09755282581475769,
                0.09704403844771128,
                0.08064535268264883,
                0.07938926261462367,
                0.07810416889260655,
                0.03454915028125265,
                2.467198171342e-05,
                0.0,
                0.0,
            ],
        );
        // optax.cosine_decay_schedule(0.1, 100, alpha=0.1)
        assert_schedule(
            Schedule::cosine_to(0.1, 0.01, 100),
            [
                0.1,
                0.09997779521645793,
                0.09991120277927223,
                0.0994459753267812,
                0.09821321585546244,
                0.09779754323328192,
                0.09733963460294015,
                0.08258081741438394,
                0.0814503363531613,
                0.08029375200334589,
                0.04109423525312738,
                0.010022204783542078,
                0.010000000000000002,
                0.010000000000000002,
            ],
        );
        // optax.cosine_onecycle_schedule(100, 0.1)
        assert_schedule(
            Schedule::one_cycle(0.1, 100),
            [
                0.0040000000000000036,
                0.004262949022322882,
                0.005048915164777332,
                0.010430780618346944,
                0.023786307889961292,
                0.027999999999999997,
                0.03247664113236158,
                0.09973705097767713,
                0.1,
                0.09994965352845243,
                0.06112620219362893,
                5.07464715475788e-05,
                4e-07,
                4e-07,
            ],
        );
        // optax.join_schedules([optax.linear_schedule(0.1/11, 0.1, 10), optax.cosine_decay_schedule(0.1, 100)], [10])
        assert_schedule(
            Schedule::cosine(0.1, 100).warm_up(10),
            [
                0.009090909090909094,
                0.018181818181818188,
                0.027272727272727268,
                0.05454545454545455,
                0.09090909090909091,
                0.1,
                0.09997532801828658,
                0.0913540287137281,
                0.09045084971874738,
                0.08950775061878452,
                0.05,
                0.0029559615522887273,
                0.0024471741852423235,
                0.0,
            ],
        );
    }

    #[test]
    fn a_constant_stays_and_one_over_t_falls() {
        assert_eq!(Schedule::from(0.3).at(1_000_000), 0.3);
        let schedule = Schedule::inverse_time(0.5, 0.1);
        assert_eq!((schedule.at(0), schedule.at(10), schedule.at(90)), (0.5, 0.25, 0.05));
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        for schedule in [
            Schedule::step(0.1, 1, 0.5),
            Schedule::exponential(0.1, 0.999),
            Schedule::cosine(0.1, 1),
            Schedule::one_cycle(0.1, 1),
            Schedule::inverse_time(0.1, 1.0),
            Schedule::constant(0.1).warm_up(u64::MAX),
        ] {
            for t in [0, 1, 2, u64::MAX - 1, u64::MAX] {
                let alpha = schedule.at(t);
                assert!((0.0..=0.1).contains(&alpha), "{schedule:?} at {t}: {alpha}");
            }
        }
    }

    #[test]
    fn settings_that_make_no_sense_are_errors() {
        for (name, schedule) in [
            ("step_size", Schedule::constant(0.0)),
            ("step_size", Schedule::constant(f64::INFINITY)),
            ("every", Schedule::step(0.1, 0, 0.5)),
            ("factor", Schedule::step(0.1, 1, 0.0)),
            ("factor", Schedule::exponential(0.1, f64::NAN)),
            ("steps", Schedule::cosine(0.1, 0)),
            ("lowest", Schedule::cosine_to(0.1, -1.0, 5)),
            ("steps", Schedule::one_cycle(0.1, 0)),
            ("decay", Schedule::inverse_time(0.1, -0.5)),
        ] {
            let error = schedule.check().unwrap_err();
            assert!(matches!(error, DescentError::InvalidSetting { name: n, .. } if n == name), "{error}");
        }
    }
}
