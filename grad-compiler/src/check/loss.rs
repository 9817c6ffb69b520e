//! Where a derivative gets lost, and what is said about it.

use super::carriers::Read;
use super::uses::Way;
use crate::diag::{Code, Errors};
use crate::ir::{Func, Op, Stmt, Var};
use proc_macro2::Span;
use std::fmt;

/// A derivative that would be lost.
#[derive(Clone, Debug)]
pub struct Loss {
    /// What it is the derivative of.
    pub name: String,
    pub span: Span,
    /// Of which nothing before was lost.
    pub is_first: bool,
    text: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text)
    }
}

impl Loss {
    /// The error at the user's token.
    pub(super) fn report(&self, errors: &mut Errors) {
        let help = "this is a mistake of the compiler's, which would have made a derivative wrong: please report it, with the function";
        errors.push(Code::Incomplete, self.span, self.to_string(), help);
    }

    /// A use of a variable that the derivative knows nothing of.
    pub(super) fn of(func: &Func, read: &Read, to: Var, is_first: bool) -> Loss {
        let (from, into) = (&func.vars[read.from.index()], &func.vars[to.index()]);
        let is_written = |span: &Span| format!("{span:?}") != format!("{:?}", Span::call_site());
        let mut spans = Vec::new();
        if let Way::Argument(_, arg) = read.way {
            spans.push(arg.span);
        }
        if let Stmt::Call(call) = read.stmt {
            spans.push(call.span);
        }
        spans.extend([into.span, from.span]);
        let span = spans.iter().find(|span| is_written(span)).copied().unwrap_or_else(Span::call_site);
        let text = format!("the derivative of `{}` by way of `{}` would be lost", from.name, into.name);
        let how = match read.stmt {
            Stmt::Let { op: Op::Prim(prim, _), .. } => format!(" ({})", prim.0),
            _ => String::new(),
        };
        Loss { name: from.name.clone(), span, is_first, text: text + &how }
    }

    /// A constant that a callee might write to.
    pub(super) fn of_argument(span: Span) -> Loss {
        let text = "a derivative might be lost behind this argument".to_owned();
        Loss { name: String::new(), span, is_first: true, text }
    }

    /// A result that no seed gets to.
    pub(super) fn of_result(func: &Func, var: Var) -> Loss {
        Loss::of_var(func, var, "the derivative of the result would be lost, which is")
    }

    /// A sum with a term that is not in it.
    pub(super) fn of_sum(func: &Func, var: Var) -> Loss {
        Loss::of_var(func, var, "a part would be missing in the derivative of")
    }

    /// Memory that is overwritten where its derivative is not.
    pub(super) fn of_write(func: &Func, var: Var) -> Loss {
        Loss::of_var(func, var, "what is overwritten would keep its derivative, in")
    }

    pub(super) fn of_var(func: &Func, var: Var, what: &str) -> Loss {
        let info = &func.vars[var.index()];
        let text = format!("{what} `{}`", info.name);
        Loss { name: info.name.clone(), span: info.span, is_first: true, text }
    }
}
