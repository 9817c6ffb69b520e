//! What passes write that make statements of their own: numbers calculated by code, and variables like others.

use crate::ir::{Code, Func, Op, Operand, Stmt, Ty, Var, placeholder};
use proc_macro2::Span;

/// A variable with the integer that the code calculates.
pub(in crate::simplify) fn calculated(
    func: &mut Func,
    out: &mut Vec<Stmt>,
    name: &str,
    text: &str,
) -> Operand {
    let var = func.new_var(name, Ty::Int, Span::call_site());
    out.push(Stmt::Let { var, op: Op::Code(code(text)) });
    var.into()
}

/// A variable that is like one that there is.
pub(in crate::simplify) fn another(func: &mut Func, var: Var) -> Var {
    let info = func.vars[var.index()].clone();
    let named = func.new_var(info.name.clone(), info.ty.clone(), info.span);
    func.vars[named.index()] = info;
    named
}

/// Code that is cheap and the same at any time.
pub(in crate::simplify) fn code(text: &str) -> Code {
    Code::new(text.parse().expect("written here, and valid"), true)
}

/// An operand as it stands in code.
pub(in crate::simplify) fn text(operand: &Operand) -> String {
    match operand {
        Operand::Var(var) => placeholder(*var, Span::call_site()).to_string(),
        Operand::Lit(lit) => lit.text.clone(),
    }
}
