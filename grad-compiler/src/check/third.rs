//! What can have derivatives above the first?

use crate::diag::{Code, Errors};
use crate::ir::{Func, Ty, Var};
use syn::ItemFn;

/// Third derivatives are those of one number, and run again.
pub fn third(errors: &mut Errors, function: &ItemFn, primal: &Func) {
    if !matches!(primal.result_ty, Ty::Float(_)) {
        errors.push_at(
            Code::Third,
            &function.sig.ident,
            "`third` on a function that does not return one number",
            "leave `third` out, or return one number",
        );
    }
    let changed =
        primal.params.iter().filter(|param| matches!(primal.ty(param.var), Ty::Ref { mutable: true, .. }));
    for input in changed.filter_map(|param| function.sig.inputs.iter().nth(param.position)) {
        errors.push_at(
            Code::Third,
            input,
            "`third` on a function that changes what is behind this `&mut`",
            "leave `third` out, or return what is changed",
        );
    }
}

/// Tangents that forward mode over a derivative should have and does not: rather no derivative than a wrong one.
pub fn kept(errors: &mut Errors, whole: &Func, missing: &[Var]) {
    if let Some(var) = missing.first() {
        super::loss::Loss::of_var(whole, *var, "a higher derivative would be lost, that of").report(errors);
    }
}
