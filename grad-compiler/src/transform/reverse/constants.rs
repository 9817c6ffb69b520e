//! How does the reverse sweep get at a constant of a type that only rustc knows?
//!
//! It may be a reference into an argument, which a pullback is given again and must not keep; and nothing stands for it
//! where it was not reached. So it is read again where the arguments lead to it: an element, a field, what a pattern bound.

use super::{Cx, Mode};
use crate::analysis::Def;
use crate::ir::{Branch, Code, Pattern, Selector, Ty, Var, replace};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

impl<'a> Cx<'a> {
    /// Whether code that makes `var` may run again in the reverse sweep.
    pub(super) fn is_repeatable(&self, code: &Code, var: Var, depth: usize) -> bool {
        let lenient = self.ty(var) == Ty::Opaque;
        code.cheap && code.reads.iter().all(|read| self.is_readable(*read, lenient, depth))
    }

    /// Whether code may read the variable again in the reverse sweep. A number can be recorded, so that nothing is kept
    /// for it; a constant of unknown type may be reached through another, which is kept (`lenient`).
    fn is_readable(&self, var: Var, lenient: bool, depth: usize) -> bool {
        match (self.primal.ty(var), self.def(var)) {
            (Ty::Float(_) | Ty::Int | Ty::Bool, _) => self.is_free(&var.into(), depth),
            // A parameter that is a constant is passed again.
            (ty, Def::Param) => {
                let is_shared = self.primal.params.iter().any(|param| param.var == var && param.shared);
                let steady = is_shared || self.layout.is_steady(self.primal, var);
                !matches!(ty, Ty::Ref { mutable: true, .. }) && !self.activity.is_active(var) && steady
            }
            (Ty::Opaque, _) if self.primal.vars[var.index()].mutable => false,
            (Ty::Opaque, _) if self.is_recomputable(var, depth + 1) => true,
            (Ty::Opaque, Def::Let(_)) => {
                let frame = self.frames.iter().find(|frame| frame.region == self.home(var));
                lenient && frame.is_some_and(|frame| frame.direct) && self.layout.is_left(var)
            }
            _ => false,
        }
    }

    /// Whether a variable of a direct region can be named in the reverse sweep. A pullback cannot keep what borrows from
    /// the arguments: a shared view, a constant that may be a reference.
    pub(super) fn is_nameable(&self, var: Var) -> bool {
        if self.mode == Mode::Joint {
            return true;
        }
        let is_view = matches!(self.def(var), Def::View(_, crate::ir::ViewKind::Shared));
        let is_constant = self.ty(var) == Ty::Opaque && !self.out.vars[var.index()].mutable;
        !is_view && !(is_constant && self.is_recomputable(var, 0))
    }

    /// Whether what a pattern bound can be had by matching again.
    pub(super) fn is_matched_again(&self, var: Var, branch: &Branch, depth: usize) -> bool {
        let Selector::Match(scrutinee) = &branch.on else { return false };
        *self.primal.ty(var) == Ty::Opaque && self.is_repeatable(scrutinee, var, depth)
    }

    /// `match scrutinee { pattern => name, _ => unreachable!() }`, in an arm that was taken.
    pub(super) fn match_again(&mut self, var: Var, branch: &'a Branch, arm: usize) -> Code {
        let (Selector::Match(scrutinee), Some(pattern)) = (&branch.on, &branch.arms[arm].pattern) else {
            unreachable!("only patterns bind names")
        };
        let scrutinee = self.need_code(scrutinee).tokens;
        let bound = Ident::new("__grad_bound", Span::call_site());
        let tokens = replace(pattern.tokens.clone(), &mut |ident, of| {
            if of == var { bound.clone() } else { Ident::new(&format!("_{}", of.0), ident.span()) }
        });
        // The last pattern may match all that is left.
        let others = if branch.arms.len() == 1 || is_name(pattern) {
            TokenStream::new()
        } else {
            quote!(_ => ::core::unreachable!(),)
        };
        Code::new(quote!(match #scrutinee { #tokens => #bound, #others }), true)
    }
}

/// A pattern that is a name, which matches everything.
fn is_name(pattern: &Pattern) -> bool {
    let mut trees = pattern.tokens.clone().into_iter();
    matches!((trees.next(), trees.next()), (Some(TokenTree::Ident(_)), None)) && !pattern.binds.is_empty()
}
