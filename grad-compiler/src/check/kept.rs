//! Has everything in a derivative above the first the tangents that it should have?

use crate::diag::Errors;
use crate::ir::{Func, Var};

/// Tangents that forward mode over a derivative should have and does not: rather no derivative than a wrong one.
pub fn kept(errors: &mut Errors, whole: &Func, missing: &[Var]) {
    if let Some(var) = missing.first() {
        super::loss::Loss::of_var(whole, *var, "a higher derivative would be lost, that of").report(errors);
    }
}
