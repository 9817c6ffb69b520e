//! Can a whole function run again in its pullback, and do what it did?
//!
//! A constant is what it was: a function that reads a clock, or draws at random from a source of its own, has no derivative
//! to speak of. What is seen from outside must not happen twice.

use super::checkpoint::is_copied;
use crate::ir::visit::Item;
use crate::ir::{Func, Param, Stmt, Ty, Var};

/// Whether nothing speaks against it.
pub fn may_run_again(func: &Func) -> bool {
    let is_there = |param: &Param| {
        let var = &func.vars[param.var.index()];
        let is_number = matches!(var.ty, Ty::Float(_) | Ty::Int | Ty::Bool);
        let is_left = is_number || !(var.mutable || var.exclusive || holds_unknown(&var.ty));
        is_left || is_kept_for_again(&var.ty)
    };
    if !func.params.iter().all(is_there) {
        return false;
    }
    let is_param = |var: &Var| func.params.iter().any(|param| param.var == *var);
    let mut may = true;
    func.for_each_stmt(&mut |stmt| {
        if let Stmt::Effect { code, writes } = stmt {
            if happens_once(stmt) {
                return;
            }
            // What the function owns is assigned to, or changed by a method.
            let is_own = |var: Var| func.vars[var.index()].mutable && !is_param(&var);
            let assigned = !writes.is_empty() && !writes.iter().any(is_param);
            may &= assigned || code.receiver().is_some_and(is_own) || !code.acts;
        }
        stmt.walk(&mut |item| match item {
            Item::Code(code) => may &= code.steady && (!code.leaves || code.staying().is_some()),
            Item::Pattern(pattern) => may &= pattern.guard.as_ref().is_none_or(|guard| guard.steady),
            _ => {}
        });
    });
    may
}

/// Whether a pullback is not given the argument again as it was, so that it needs a copy: it was moved away, or changed.
pub fn is_kept_for_again(ty: &Ty) -> bool {
    match ty {
        Ty::Ref { mutable: true, to } => is_copied(to),
        Ty::Ref { .. } => false,
        ty => owns_vec(ty) && is_copied(ty),
    }
}

fn owns_vec(ty: &Ty) -> bool {
    match ty {
        Ty::Vec(_) => true,
        Ty::Array(of, _) | Ty::Slice(of) => owns_vec(of),
        Ty::Tuple(of) => of.iter().any(owns_vec),
        _ => false,
    }
}

/// Whether an argument of this type may be moved, or changed, for all that is known.
fn holds_unknown(ty: &Ty) -> bool {
    match ty {
        Ty::Unknown | Ty::Ref { mutable: true, .. } => true,
        ty => owns_vec(ty),
    }
}

/// What is kept of a macro, a message or an assertion: nothing depends on it, and once is enough.
pub fn happens_once(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Effect { code, writes } if writes.is_empty() && !code.acts && !code.leaves)
}
