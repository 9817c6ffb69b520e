//! Can a whole function run again, with the arguments that its pullback is given, and do what it did?
//!
//! A constant is what it was: a function that reads a clock, or draws at random from a source of its own, has no derivative
//! to speak of. What is seen from outside must not happen twice.

use crate::ir::visit::Item;
use crate::ir::{Func, Stmt, Ty, Var};

/// Whether nothing speaks against it.
pub fn may_run_again(func: &Func) -> bool {
    let is_param = |var: &Var| func.params.iter().any(|param| param.var == *var);
    let is_given_again = |var: Var| {
        !func.vars[var.index()].mutable
            && !matches!(func.ty(var), Ty::Ref { mutable: true, .. } | Ty::Vec(_) | Ty::Unknown)
    };
    if !func.params.iter().all(|param| is_given_again(param.var)) {
        return false;
    }
    let mut may = true;
    func.for_each_stmt(&mut |stmt| {
        if let Stmt::Effect { code, writes } = stmt {
            // An assignment to what the function owns.
            let is_own = !writes.is_empty() && !writes.iter().any(is_param);
            may &= is_own || !code.acts;
        }
        stmt.walk(&mut |item| match item {
            Item::Code(code) => may &= code.steady && (!code.leaves || code.staying().is_some()),
            Item::Pattern(pattern) => may &= pattern.guard.as_ref().is_none_or(|guard| guard.steady),
            _ => {}
        });
    });
    may
}
