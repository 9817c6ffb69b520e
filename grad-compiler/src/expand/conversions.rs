//! Conversions of floats whose type nothing tells.

use crate::analysis::Activity;
use crate::diag::{Code, Errors};
use crate::ir::{Float, Func, Op, Operand, Stmt, Ty};
use std::collections::BTreeSet;

/// Refuses `x as f32` of a differentiated float that only rustc knows the type of: the cotangent is converted back to that type,
/// which it has to name. Functions over their floats ask a trait instead, and the pullback of a call says what it takes.
pub(super) fn refuse(errors: &mut Errors, func: &Func, activity: &Activity) {
    if func.is_generic() {
        return;
    }
    let mut results = BTreeSet::new();
    func.body.for_each_stmt(&mut |stmt| match stmt {
        Stmt::Call(call) => results.extend(call.result),
        Stmt::Let { var, op: Op::Cast(Operand::Var(from), _) }
            if *func.ty(*from) == Ty::Float(Float::Inferred)
                && activity.is_active(*var)
                && !results.contains(from) =>
        {
            errors.push(
                Code::UnknownType,
                func.vars[var.index()].span,
                "a differentiated float is converted, and nothing here says which float it is",
                "bind it with its type before: `let x: f64 = …;`",
            );
        }
        _ => {}
    });
}
