//! Is it said of every parameter whether it is differentiated? Of a type of the user's, or an alias, the macro cannot see
//! whether it holds floats: where a function looks into one and the attribute names no parameters, it is asked about, so that
//! nothing is a constant in silence.

use super::{Kind, Lower};
use crate::args::{Args, RECEIVER};
use crate::matrix;
use crate::shape::{Shape, Typed};
use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Expr, FnArg, ItemFn, Pat, Type};

/// Asks about the parameters that are looked into, at their types.
pub(super) fn check(cx: &mut Lower<'_>, item: &ItemFn, args: &Args) {
    // Of a method whose block was not read, that is all there is to say.
    let is_of_another_block = item.sig.receiver().is_some();
    if args.wrt.is_some() || is_of_another_block {
        return;
    }
    let generics: Vec<_> = item.sig.generics.type_params().map(|param| param.ident.clone()).collect();
    for input in &item.sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let Pat::Ident(pat) = &*typed.pat else { continue };
        let name = pat.ident.to_string();
        // `self` usually holds the data.
        if name == RECEIVER {
            continue;
        }
        let is_generic = |ty: &Type| matches!(ty, Type::Path(path) if generics.iter().any(|generic| path.path.is_ident(generic)));
        if !looks_into(item, &name) {
            continue;
        }
        if wraps_floats(&typed.ty, args) {
            cx.reject(
                Kind::Undecided,
                &typed.ty,
                &format!(
                    "it is not said that `{name}` is a constant: floats in a `Box`, or behind a reference in an `Option`, are not differentiated yet"
                ),
                "name the others: `#[grad(wrt(…))]`; or pass the floats themselves",
            );
        } else if let Some(what) = matrix::unfollowed(&typed.ty) {
            cx.reject(
                Kind::Undecided,
                &typed.ty,
                &format!("`{name}` is {what}, which is not differentiated"),
                "name the others for a constant: `#[grad(wrt(…))]`; or take the numbers themselves, in matrices or `Vec`s of floats",
            );
        } else if may_hide_floats(&typed.ty, args, &is_generic) {
            cx.reject(
                Kind::Undecided,
                &typed.ty,
                &format!("it is not said whether `{name}` is differentiated: this type may hold floats"),
                &format!(
                    "name what is: `#[grad(wrt({name}, …))]` with it, or `#[grad(wrt(…))]` without it for a constant"
                ),
            );
        }
    }
}

/// Whether there are floats inside of a `Box`, or behind a reference in an `Option`: there for everybody to see, and not followed.
fn wraps_floats(ty: &Type, args: &Args) -> bool {
    Typed::plain(ty, args).parts().into_iter().any(|part| match part.shape() {
        Shape::Wrapped(_, of) => {
            !part.is_optional() && (Typed::plain(of, args).holds_floats() || wraps_floats(of, args))
        }
        _ => false,
    })
}

/// Whether a type of which rustc alone knows what it holds is in it.
fn may_hide_floats(ty: &Type, args: &Args, is_generic: &dyn Fn(&Type) -> bool) -> bool {
    let hides = |part: Typed<'_>| {
        matches!(part.shape(), Shape::Named(_)) && !is_generic(crate::shape::ungrouped(part.ty))
    };
    Typed::plain(ty, args).parts().into_iter().any(hides)
}

/// Whether a field, an element, a part by a pattern or the result of a method is read of a variable.
fn looks_into(item: &ItemFn, name: &str) -> bool {
    struct Find<'n> {
        name: &'n str,
        found: bool,
    }
    impl Find<'_> {
        fn is_it(&self, expr: &Expr) -> bool {
            match expr {
                Expr::Path(path) => path.path.is_ident(self.name),
                Expr::Paren(paren) => self.is_it(&paren.expr),
                Expr::Group(group) => self.is_it(&group.expr),
                Expr::Reference(reference) => self.is_it(&reference.expr),
                Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && self.is_it(&unary.expr),
                _ => false,
            }
        }
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            self.found |= match expr {
                Expr::Field(field) => self.is_it(&field.base),
                Expr::Index(index) => self.is_it(&index.expr),
                Expr::MethodCall(call) => self.is_it(&call.receiver),
                Expr::ForLoop(stmt) => self.is_it(&stmt.expr),
                Expr::Let(test) => self.is_it(&test.expr) && takes_apart(&test.pat),
                Expr::Match(choice) => {
                    self.is_it(&choice.expr) && choice.arms.iter().any(|arm| takes_apart(&arm.pat))
                }
                _ => false,
            };
            syn::visit::visit_expr(self, expr);
        }
        fn visit_local(&mut self, local: &'ast syn::Local) {
            let init = local.init.as_ref().is_some_and(|init| self.is_it(&init.expr));
            self.found |= init && takes_apart(&local.pat);
            syn::visit::visit_local(self, local);
        }
        fn visit_macro(&mut self, call: &'ast syn::Macro) {
            self.found |= looks_into_tokens(call.tokens.clone(), self.name);
        }
        // Items of the body have no variables of the function.
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find { name, found: false };
    find.visit_block(&item.block);
    find.found
}

/// Whether a pattern gives names to parts.
fn takes_apart(pat: &Pat) -> bool {
    match pat {
        Pat::Struct(pat) => !pat.fields.is_empty(),
        Pat::TupleStruct(pat) => pat.elems.iter().any(|pat| !matches!(pat, Pat::Wild(_) | Pat::Rest(_))),
        Pat::Tuple(_) | Pat::Slice(_) => true,
        Pat::Reference(pat) => takes_apart(&pat.pat),
        Pat::Paren(pat) => takes_apart(&pat.pat),
        Pat::Or(pat) => pat.cases.iter().any(takes_apart),
        _ => false,
    }
}

/// The same of the arguments of a macro: the name with `.` or `[` behind it.
fn looks_into_tokens(tokens: TokenStream, name: &str) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Ident(ident) if ident == name => {
            let is_field = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '.');
            let is_own = at.checked_sub(1).and_then(|at| trees.get(at)).is_none_or(|before| !is_field(before));
            let behind = trees.get(at + 1).is_some_and(|behind| {
                is_field(behind)
                    || matches!(behind, TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Bracket)
            });
            is_own && behind
        }
        TokenTree::Group(group) => looks_into_tokens(group.stream(), name),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
