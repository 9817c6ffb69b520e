//! How is a closure called that ends with `Some(…)` in some places and with `None` in others? As one that gives a condition and an
//! item.

use super::optional::{is_path, then};
use crate::lower::Lower;
use crate::lower::closure::{Fun, Function};
use crate::lower::value::Val;
use proc_macro2::{Ident, Span};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Stmt, parse_quote};

/// The name that stands for `None` in a rewritten closure.
const ABSENT: &str = "__grad_absent";

/// The same closure, with `(true, item)` for `Some(item)` and `(false, …)` for `None`.
pub(super) fn flagged(cx: &mut Lower<'_>, function: &Function) -> Fun {
    let mut closure = function.syntax().clone();
    flag(&mut closure.body);
    FlagReturns.visit_expr_mut(&mut closure.body);
    let absent = Val::Tuple(vec![Val::bool(false), Val::Uninit]);
    let name = Ident::new(ABSENT, Span::call_site());
    let function = function.rewritten(cx, closure);
    Fun::Closure(function.with_name(cx, &name, absent))
}

/// Rewrites the ends of an expression.
fn flag(expr: &mut Expr) {
    match expr {
        Expr::Block(block) => flag_block(&mut block.block),
        Expr::If(branch) => {
            flag_block(&mut branch.then_branch);
            if let Some((_, otherwise)) = &mut branch.else_branch {
                flag(otherwise);
            }
        }
        Expr::Match(branch) => {
            for arm in &mut branch.arms {
                flag(&mut arm.body);
            }
        }
        Expr::Paren(paren) => flag(&mut paren.expr),
        Expr::Group(group) => flag(&mut group.expr),
        Expr::Call(call) if is_path(&call.func, "Some") && call.args.len() == 1 => {
            let item = &call.args[0];
            *expr = parse_quote!((true, #item));
        }
        Expr::Path(_) if is_path(expr, "None") => {
            let name = Ident::new(ABSENT, Span::call_site());
            *expr = parse_quote!(#name);
        }
        Expr::MethodCall(call) => {
            if let Some(item) = then(call) {
                let cond = &call.receiver;
                let name = Ident::new(ABSENT, Span::call_site());
                *expr = parse_quote!(if #cond { (true, #item) } else { #name });
            }
        }
        _ => {}
    }
}

fn flag_block(block: &mut syn::Block) {
    if let Some(Stmt::Expr(expr, None)) = block.stmts.last_mut() {
        flag(expr);
    }
}

/// Rewrites what the body returns early.
struct FlagReturns;

impl VisitMut for FlagReturns {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Closure(_) => {}
            Expr::Return(exit) => {
                if let Some(val) = &mut exit.expr {
                    flag(val);
                }
            }
            expr => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
