//! Does a setting make sense?

use super::DescentError;
use crate::Scalar;

fn check(sound: bool, name: &'static str, value: f64, expected: &'static str) -> Result<(), DescentError> {
    if sound { Ok(()) } else { Err(DescentError::InvalidSetting { name, value, expected }) }
}

pub(crate) fn positive(name: &'static str, value: f64) -> Result<(), DescentError> {
    check(value > 0.0 && value.is_finite(), name, value, "finite and above 0")
}

pub(crate) fn not_negative(name: &'static str, value: f64) -> Result<(), DescentError> {
    check(value >= 0.0 && value.is_finite(), name, value, "finite and not negative")
}

/// Room for so many numbers, if there is as much.
pub(crate) fn room<S: Scalar>(numbers: Option<usize>) -> Result<Vec<S>, DescentError> {
    let too_many = DescentError::OutOfMemory { numbers: numbers.map_or(f64::INFINITY, |n| n as f64) };
    // Asks only: what is zero need not be touched, and so is there at once, however much it is.
    match numbers {
        Some(numbers) if Vec::<S>::new().try_reserve_exact(numbers).is_ok() => {
            Ok(vec![S::default(); numbers])
        }
        _ => Err(too_many),
    }
}

/// At least 0 and below 1: a factor of decay.
pub(crate) fn fraction(name: &'static str, value: f64) -> Result<(), DescentError> {
    check((0.0..1.0).contains(&value), name, value, "at least 0 and below 1")
}

pub(crate) fn at_least_one(name: &'static str, value: u64) -> Result<(), DescentError> {
    check(value > 0, name, value as f64, "at least 1")
}
