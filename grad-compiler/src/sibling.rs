//! What functions of a block know of each other: whether one has derivatives, and why not.

use crate::args::{Args, RECEIVER};
use crate::diag::{Code, Errors};
use crate::ir::{Func, placeholder_index};
use proc_macro2::{Ident, TokenStream};
use syn::Expr;

/// What other functions of the block know of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sibling {
    /// Takes `&mut self`.
    pub exclusive: bool,
    pub has_derivatives: bool,
    /// Why it has none, if it has none.
    pub left_out: LeftOut,
    /// What it returns holds no floats, and it changes nothing that it is given: all that it says of numbers is constant.
    pub answers: bool,
}

impl Sibling {
    /// Says that a differentiated value goes through it, and that it has no derivatives.
    pub(crate) fn refuse(self, errors: &mut Errors, function: &Ident) {
        let help = match self.left_out {
            LeftOut::Skipped => {
                format!(
                    "remove `#[grad(skip)]` from `fn {function}`; or stop differentiation with `grad::constant(…)`"
                )
            }
            LeftOut::NotChosen => format!(
                "put `#[grad]` on `fn {function}`, too: where functions of a block have attributes of their own, the others have no derivatives"
            ),
            LeftOut::WithoutFloats => format!(
                "put `#[grad(wrt(…))]` on `fn {function}`, with what it is differentiated with respect to"
            ),
        };
        errors.push_at(
            Code::UnknownMethod,
            function,
            format!(
                "a differentiated value goes through `{function}`, a function of this block without derivatives"
            ),
            help,
        );
    }
}

/// Why a function of a block has no derivatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It says so: `#[grad(skip)]`.
    Skipped,
    /// Others have attributes of their own.
    NotChosen,
    /// No floats are seen in what it takes or returns.
    WithoutFloats,
}

impl Args {
    /// Whether the code, through which a differentiated value goes, calls a method of the same block that has no derivatives; if
    /// so, that is said.
    pub(crate) fn says_underived(&self, errors: &mut Errors, primal: &Func, code: &TokenStream) -> bool {
        let called = self.underived(primal, code);
        if let Some((method, sibling)) = &called {
            sibling.refuse(errors, method);
        }
        called.is_some()
    }

    fn underived(&self, primal: &Func, code: &TokenStream) -> Option<(Ident, Sibling)> {
        let siblings = &self.method.as_ref()?.siblings;
        let Ok(Expr::MethodCall(call)) = syn::parse2(code.clone()) else { return None };
        let mut receiver = &*call.receiver;
        loop {
            receiver = match receiver {
                Expr::Paren(paren) => &paren.expr,
                Expr::Group(group) => &group.expr,
                Expr::Reference(reference) => &reference.expr,
                Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => &unary.expr,
                _ => break,
            };
        }
        let Expr::Path(receiver) = receiver else { return None };
        let var = placeholder_index(receiver.path.get_ident()?)?;
        let is_self = primal.vars.get(var.index())?.name == RECEIVER;
        let sibling = siblings.get(&call.method.to_string()).filter(|sibling| !sibling.has_derivatives)?;
        is_self.then(|| (call.method.clone(), *sibling))
    }
}
