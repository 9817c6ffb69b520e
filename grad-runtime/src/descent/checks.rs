//! Does a setting make sense?

use super::DescentError;

fn check(sound: bool, name: &'static str, value: f64, expected: &'static str) -> Result<(), DescentError> {
    if sound { Ok(()) } else { Err(DescentError::InvalidSetting { name, value, expected }) }
}

pub(crate) fn positive(name: &'static str, value: f64) -> Result<(), DescentError> {
    check(value > 0.0 && value.is_finite(), name, value, "finite and above 0")
}

pub(crate) fn not_negative(name: &'static str, value: f64) -> Result<(), DescentError> {
    check(value >= 0.0 && value.is_finite(), name, value, "finite and not negative")
}

/// At least 0 and below 1: a factor of decay.
pub(crate) fn fraction(name: &'static str, value: f64) -> Result<(), DescentError> {
    check((0.0..1.0).contains(&value), name, value, "at least 0 and below 1")
}

pub(crate) fn at_least_one(name: &'static str, value: u64) -> Result<(), DescentError> {
    check(value > 0, name, value as f64, "at least 1")
}
