//! Which lints can generated functions not help?

use super::cotangent_types::vec_element;
use super::items::Cx;
use super::{Tokens, site};
use crate::ir::{Float, Ty};
use crate::shape::ungrouped;
use quote::quote_spanned;
use std::cell::Cell;
use syn::Type;

impl Cx<'_> {
    /// The lints that generated functions cannot help.
    pub(super) fn allowed(&self) -> Tokens {
        let s = site();
        // The derivatives of a deprecated function use it, and each other.
        let is_deprecated = !self.attrs("deprecated").is_empty();
        let mut allow = Tokens::new();
        if is_deprecated {
            allow.extend(quote_spanned!(s=> #[allow(deprecated)]));
        }
        // A function may always fail.
        if self.sig.failing.is_some() {
            allow.extend(quote_spanned!(s=> #[allow(unreachable_code)]));
        }
        // Of each parameter an argument, a direction, and two more tangents or markers: the most that a function takes. With
        // each order, the tangents of all.
        let order = if self.args.has_rule() { 2 } else { self.args.order };
        let most = 2 + (1 << order);
        if most * self.sig.params.len() > 7 {
            allow.extend(quote_spanned!(s=> #[allow(clippy::too_many_arguments)]));
        }
        let is_vec_behind_reference =
            |ty: &Type| matches!(ungrouped(ty), Type::Reference(to) if vec_element(&to.elem).is_some());
        if self.sig.params.iter().any(|param| is_vec_behind_reference(param.ty.ty)) {
            allow.extend(quote_spanned!(s=> #[allow(clippy::ptr_arg)]));
        }
        if self.written.known_constant.get() {
            allow.extend(quote_spanned!(s=> #[allow(clippy::approx_constant)]));
        }
        // Of each constant there are the digits of an `f64`.
        if self.written.single.get() && self.written.many_digits.get() {
            allow.extend(quote_spanned!(s=> #[allow(clippy::excessive_precision)]));
        }
        // The user's bounds stand where the user has put them, and ours behind all.
        if self.sig.item.sig.generics.type_params().next().is_some() {
            allow.extend(quote_spanned!(s=> #[allow(clippy::multiple_bound_locations)]));
        }
        // What the user allows of the function is allowed of what is made of it.
        allow.extend(self.attrs("allow"));
        allow
    }
}

/// What has been written so far, as far as it decides what else is: nobody looks through all tokens for it.
#[derive(Debug, Default)]
pub(super) struct Written {
    known_constant: Cell<bool>,
    single: Cell<bool>,
    many_digits: Cell<bool>,
    callees: Cell<bool>,
    parts: Cell<bool>,
}

impl Written {
    /// A variable of the type.
    pub(super) fn variable(&self, ty: &Ty) {
        if matches!(ty, Ty::Float(Float::F32) | Ty::Lanes(Float::F32)) {
            self.single.set(true);
        }
    }

    /// A literal, in the words of the IR.
    pub(super) fn literal(&self, text: &str) {
        use std::f64::consts::{LN_2, LN_10, LOG2_E, LOG10_E};
        let digits = text.trim_start_matches('-');
        // The constants of the rules are long, and most literals are not.
        if digits.len() <= SHORT {
            return;
        }
        if let Ok(value) = digits.parse::<f64>() {
            self.many_digits.set(true);
            // What clippy would have spelt by a name, which depends on the type.
            if [LN_2, LN_10, LOG2_E, LOG10_E].contains(&value) {
                self.known_constant.set(true);
            }
        }
    }

    /// A callee, by way of the constant that says whether the caller compiles.
    pub(super) fn callee(&self) {
        self.callees.set(true);
    }

    pub(super) fn names_callees(&self) -> bool {
        self.callees.get()
    }

    /// A part of a tangent that may be that of a constant.
    pub(super) fn part(&self) {
        self.parts.set(true);
    }

    pub(super) fn has_parts(&self) -> bool {
        self.parts.get()
    }
}

/// So many characters has a number at most of which `f32` loses no digit.
const SHORT: usize = 8;
