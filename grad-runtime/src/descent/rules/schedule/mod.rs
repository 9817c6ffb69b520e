//! How does the step size change?

mod on_plateau;

use std::f64::consts::PI;
use std::fmt;
use std::sync::Arc;

use crate::descent::DescentError;
use crate::descent::checks::{at_least_one, not_negative, positive};

pub use on_plateau::OnPlateau;
pub(super) use on_plateau::Watch;

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
    WarmRestarts { lowest: f64, steps: u64, factor: u64 },
    OneCycle { steps: u64 },
    InverseTime { decay: f64 },
    OnPlateau(OnPlateau),
    Function(Function),
}

/// α(t) by a closure.
#[derive(Clone)]
struct Function(Arc<dyn Fn(u64) -> f64 + Send + Sync>);

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}

/// The same closure: what it does cannot be compared.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
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

    /// The same over and over: half a wave from α down to β over T steps, then again from α over k·T steps, k²·T, and so on.
    /// Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts*, 2017, eq. 5; as `PyTorch`'s
    /// `CosineAnnealingWarmRestarts`.
    pub fn warm_restarts(step_size: f64, lowest: f64, steps: u64, factor: u64) -> Self {
        let course = Course::WarmRestarts { lowest, steps, factor };
        Schedule { course, ..Schedule::constant(step_size) }
    }

    /// One cycle over T steps, from α/25 up to α at t = 0.3·T − 1, then down to α/250 000 at t = T − 1, each half a wave of
    /// a cosine; afterwards it stays there. Smith and Topin, *Super-convergence*, 2019, in the form and with the defaults
    /// of `PyTorch`'s `OneCycleLR`, step by step. (Optax's `cosine_onecycle_schedule` has its peak at ⌊0.3·T⌋ and its end
    /// at T.)
    pub fn one_cycle(highest: f64, steps: u64) -> Self {
        Schedule { course: Course::OneCycle { steps }, ..Schedule::constant(highest) }
    }

    /// α(t) = α / (1 + δ t): steps whose sum is infinite and whose squares' is not, as Robbins and Monro, *A
    /// stochastic approximation method*, 1951, require.
    pub fn inverse_time(step_size: f64, decay: f64) -> Self {
        Schedule { course: Course::InverseTime { decay }, ..Schedule::constant(step_size) }
    }

    /// α(t) by a closure, as `PyTorch`'s `LambdaLR` and Optax's schedules: for each step t = 0, 1, … a number that is finite
    /// and not negative, and above 0 for t = 0, where it is checked; a training ends at a step that is not finite. A checkpoint
    /// knows that there was a closure, not which.
    ///
    /// ```
    /// use grad_runtime::descent::{GradientDescent, Schedule};
    ///
    /// // Noam: up, then down with the square root of time.
    /// let noam = Schedule::by(|t| 0.1 * ((t as f64 + 1.0) / 400.0).min((400.0 / (t as f64 + 1.0)).sqrt()));
    /// assert_eq!((noam.at(99), noam.at(399), noam.at(1599)), (0.025, 0.1, 0.05));
    /// let descent = GradientDescent::new(noam);
    /// # let _ = descent;
    /// ```
    pub fn by(step_size: impl Fn(u64) -> f64 + Send + Sync + 'static) -> Self {
        let first = step_size(0);
        Schedule { course: Course::Function(Function(Arc::new(step_size))), ..Schedule::constant(first) }
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
        match &self.course {
            Course::Constant | Course::OnPlateau(_) => alpha,
            Course::Function(function) => (function.0)(t),
            Course::Step { every, factor } => alpha * power(*factor, t / every),
            Course::Exponential { factor } => alpha * power(*factor, t),
            Course::Cosine { steps, lowest } => half_wave(alpha, *lowest, t as f64 / *steps as f64),
            Course::WarmRestarts { lowest, steps, factor } => {
                let (mut t, mut steps) = (t, *steps);
                if *factor == 1 {
                    t %= steps;
                }
                while t >= steps {
                    t -= steps;
                    steps = steps.saturating_mul(*factor);
                }
                half_wave(alpha, *lowest, t as f64 / steps as f64)
            }
            Course::OneCycle { steps } => {
                let (t, last) = (t as f64, *steps as f64 - 1.0);
                let peak = RISE * *steps as f64 - 1.0;
                if t <= peak {
                    half_wave(alpha / FIRST, alpha, t / peak)
                } else {
                    half_wave(alpha, alpha / FIRST / LAST, (t - peak) / (last - peak))
                }
            }
            Course::InverseTime { decay } => alpha / (1.0 + decay * t as f64),
        }
    }

    pub(crate) fn check(&self) -> Result<(), DescentError> {
        positive("step_size", self.step_size)?;
        match self.course {
            Course::Constant | Course::Function(_) => Ok(()),
            Course::OnPlateau(on_plateau) => on_plateau.check(),
            Course::Step { every, factor } => {
                at_least_one("every", every)?;
                positive("factor", factor)
            }
            Course::Exponential { factor } => positive("factor", factor),
            Course::Cosine { steps, lowest } => {
                at_least_one("steps", steps)?;
                not_negative("lowest", lowest)
            }
            Course::WarmRestarts { lowest, steps, factor } => {
                at_least_one("steps", steps)?;
                at_least_one("factor", factor)?;
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
            Course::OnPlateau(on_plateau) => on_plateau.settings(setting),
            Course::Function(_) => setting("closure", 1.0),
            Course::Step { every, factor } => {
                setting("step_every", every as f64);
                setting("step_factor", factor);
            }
            Course::Exponential { factor } => setting("exponential_factor", factor),
            Course::Cosine { steps, lowest } => {
                setting("cosine_steps", steps as f64);
                setting("cosine_lowest", lowest);
            }
            Course::WarmRestarts { lowest, steps, factor } => {
                setting("restarts_lowest", lowest);
                setting("restarts_steps", steps as f64);
                setting("restarts_factor", factor as f64);
            }
            Course::OneCycle { steps } => setting("one_cycle_steps", steps as f64),
            Course::InverseTime { decay } => setting("inverse_time_decay", decay),
        }
    }
}

impl Schedule {
    /// That of a constant, or of what falls from a highest step size.
    pub(super) fn highest(&self) -> f64 {
        self.step_size
    }

    pub(super) fn on_plateau(&self) -> Option<OnPlateau> {
        match self.course {
            Course::OnPlateau(on_plateau) => Some(on_plateau),
            Course::Constant
            | Course::Step { .. }
            | Course::Exponential { .. }
            | Course::Cosine { .. }
            | Course::WarmRestarts { .. }
            | Course::OneCycle { .. }
            | Course::InverseTime { .. }
            | Course::Function(_) => None,
        }
    }
}

impl From<OnPlateau> for Schedule {
    /// Where nothing is evaluated, its step size is that of the start.
    fn from(on_plateau: OnPlateau) -> Self {
        Schedule { course: Course::OnPlateau(on_plateau), ..Schedule::constant(on_plateau.step_size) }
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
mod tests {
    use super::*;

    #[test]
    fn the_step_sizes_are_those_of_pytorch_and_optax() {
        let mut compared = 0;
        for line in include_str!("recorded.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let schedule = match words.next().expect("a name") {
                "step" => Schedule::step(0.1, 10, 0.5),
                "exponential" => Schedule::exponential(0.1, 0.9),
                "cosine" => Schedule::cosine(0.1, 99),
                "cosine_to" => Schedule::cosine_to(0.1, 0.01, 99),
                "one_cycle" => Schedule::one_cycle(0.1, 100),
                "one_cycle_7" => Schedule::one_cycle(0.1, 7),
                "warm_restarts" => Schedule::warm_restarts(0.1, 0.01, 10, 2),
                "inverse_time" => Schedule::inverse_time(0.1, 0.1),
                "warm_up" => Schedule::cosine(0.1, 100).warm_up(10),
                // In its own file.
                "on_plateau" => continue,
                other => panic!("{other}"),
            };
            schedule.check().unwrap();
            for (t, recorded) in words.map(|word| word.parse::<f64>().unwrap()).enumerate() {
                let found = schedule.at(t as u64);
                let error = (found - recorded).abs();
                assert!(error <= 1e-15 + 1e-11 * recorded, "{schedule:?} at {t}: {found}, not {recorded}");
                compared += 1;
            }
        }
        assert_eq!(compared, 807);
    }

    #[test]
    fn a_constant_stays_and_one_over_t_falls() {
        assert_eq!(Schedule::from(0.3).at(1_000_000), 0.3);
        let schedule = Schedule::inverse_time(0.5, 0.1);
        assert_eq!((schedule.at(0), schedule.at(10), schedule.at(90)), (0.5, 0.25, 0.05));
    }

    #[test]
    fn a_closure_is_what_lambda_lr_is() {
        let line = include_str!("recorded.txt").lines().find_map(|line| line.strip_prefix("inverse_time "));
        let schedule = Schedule::by(|t| 0.1 * (1.0 / (1.0 + 0.1 * t as f64)));
        for (t, recorded) in line.expect("it is recorded").split(' ').enumerate() {
            assert_eq!(schedule.at(t as u64), recorded.parse::<f64>().unwrap(), "{t}");
        }
        let warm = schedule.clone().warm_up(4);
        assert_eq!((warm.at(0), warm.at(3), warm.at(4), warm.at(14)), (0.02, 0.08, 0.1, 0.05));
        assert!(schedule == schedule.clone() && schedule != Schedule::by(|_| 0.1));
        assert!(Schedule::by(|t| t as f64).check().is_err(), "0 at the start");
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        for schedule in [
            Schedule::step(0.1, 1, 0.5),
            Schedule::exponential(0.1, 0.999),
            Schedule::cosine(0.1, 1),
            Schedule::one_cycle(0.1, 1),
            Schedule::one_cycle(0.1, 3),
            Schedule::warm_restarts(0.1, 0.0, 1, 1),
            Schedule::warm_restarts(0.1, 0.0, 3, 2),
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
            ("steps", Schedule::warm_restarts(0.1, 0.0, 0, 1)),
            ("factor", Schedule::warm_restarts(0.1, 0.0, 1, 0)),
            ("lowest", Schedule::warm_restarts(0.1, -1.0, 1, 1)),
            ("decay", Schedule::inverse_time(0.1, -0.5)),
        ] {
            let error = schedule.check().unwrap_err();
            assert!(matches!(error, DescentError::InvalidSetting { name: n, .. } if n == name), "{error}");
        }
    }
}
