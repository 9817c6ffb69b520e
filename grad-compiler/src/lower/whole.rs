//! Whole numbers and answers in code that is left as it is: `set.insert((x * 2.0) as i32)`.
//!
//! What is no float any more carries no derivative. So it is computed in a line of its own, as if it had been bound with `let`, where
//! nothing in the code around it can come before it: it is evaluated once, whatever happens, and reads nothing that the code changes.

use super::types::Type;
use super::value::Val;
use super::{Lower, closure, constant, expr};
use crate::ir::{Code, Operand};
use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr};

/// Computes what is whole in an expression, and puts its name in its place in the copy of the expression.
pub(super) fn taken_out(cx: &mut Lower<'_>, written: &Expr, copy: &mut Expr) {
    let mut find = Find { wholes: Vec::new() };
    find.visit_expr(written);
    if find.wholes.is_empty() {
        return;
    }
    let names = find.wholes.into_iter().map(|whole| {
        is_free(cx, whole).then(|| {
            let val = expr::lower(cx, whole);
            let val = cx.settle(val);
            cx.at(whole, |cx| cx.as_code(val).tokens)
        })
    });
    let names: Vec<Option<TokenStream>> = names.collect();
    Replace { names: names.into_iter() }.visit_expr_mut(copy);
}

/// A whole number or an answer has a line of its own, where it is made of what is followed.
pub(super) fn settled(cx: &mut Lower<'_>, val: Val) -> Val {
    let is_made_of_floats = match &val {
        Val::Code(code) if matches!(cx.types.resolve(&code.ty), Type::Int | Type::Bool) => {
            let reads = Code::new(code.tokens.clone(), true).reads;
            reads.iter().any(|var| !cx.is_inactive(*var))
        }
        _ => false,
    };
    if is_made_of_floats { cx.settle(val) } else { val }
}

/// A conversion to an integer, or a comparison by size.
pub(super) fn is_whole(expr: &Expr) -> bool {
    match expr {
        Expr::Cast(cast) => match &*cast.ty {
            syn::Type::Path(path) => {
                path.path.get_ident().is_some_and(|name| super::types::is_int_name(&name.to_string()))
            }
            _ => false,
        },
        Expr::Binary(binary) => {
            matches!(binary.op, BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_))
        }
        _ => false,
    }
}

/// Whether it may be evaluated before the code around it, and has to be: it is made of what is followed.
fn is_free(cx: &Lower<'_>, whole: &Expr) -> bool {
    let vals = constant::mentioned(cx, whole);
    let is_changeable = |val: &Val| match val.clone().peeled() {
        Val::Cell(..) => true,
        Val::Scalar(Operand::Var(var), ty) => {
            cx.types.is_opaque(&ty) && (cx.vars[var.index()].mutable || cx.vars[var.index()].exclusive)
        }
        Val::Scalar(Operand::Lit(_), _) | Val::Memory(_) => false,
        _ => true,
    };
    vals.iter().any(|val| !constant::stays_constant(cx, val))
        && !vals.iter().any(is_changeable)
        && !constant::may_change(cx, whole)
        && !closure::returns(whole)
}

/// Whether what is inside of an expression may be evaluated never, or more than once, or has names of its own.
fn is_apart(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Async(_)
            | Expr::Block(_)
            | Expr::Closure(_)
            | Expr::Const(_)
            | Expr::ForLoop(_)
            | Expr::If(_)
            | Expr::Let(_)
            | Expr::Loop(_)
            | Expr::Macro(_)
            | Expr::Match(_)
            | Expr::Try(_)
            | Expr::TryBlock(_)
            | Expr::Unsafe(_)
            | Expr::While(_)
    ) || matches!(expr, Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)))
}

struct Find<'a> {
    wholes: Vec<&'a Expr>,
}

impl<'a> Visit<'a> for Find<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if is_whole(expr) {
            self.wholes.push(expr);
        } else if !is_apart(expr) {
            visit::visit_expr(self, expr);
        }
    }
}

struct Replace {
    names: std::vec::IntoIter<Option<TokenStream>>,
}

impl VisitMut for Replace {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if is_whole(expr) {
            if let Some(name) = self.names.next().flatten() {
                *expr = Expr::Verbatim(name);
            }
        } else if !is_apart(expr) {
            visit_mut::visit_expr_mut(self, expr);
        }
    }
}
