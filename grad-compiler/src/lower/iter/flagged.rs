//! Closures that give an `Option`, rewritten so that they give a condition and an item.

use super::optional::{is_path, then};
use crate::ir::{Code, Operand};
use crate::lower::Lower;
use crate::lower::closure::{self, Fun, Function};
use crate::lower::location::Located;
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
    let function = function.rewritten(cx, closure);
    Fun::Closure(with_absent(cx, function))
}

/// A constant `Option` that only rustc knows, as `match found { Some(item) => Some(item), None => None }`; other values as they are.
pub(super) fn found(cx: &mut Lower<'_>, val: Val, node: &Expr) -> Val {
    let is_inactive = match &val {
        Val::Code(code) => Code::new(code.tokens.clone(), false)
            .reads
            .iter()
            .all(|var| cx.is_inactive(*var) || !cx.types.to_ir(&cx.var_types[var.index()]).holds_floats()),
        Val::Scalar(Operand::Var(var), _) | Val::Cell(var, _) => cx.is_inactive(*var),
        _ => false,
    };
    if !is_inactive {
        return val;
    }
    let s = Span::mixed_site().located_at(node.location());
    let (found, absent) = (Ident::new("found", s), Ident::new(ABSENT, Span::call_site()));
    let taken_apart =
        syn::parse_quote_spanned!(s=> || match #found { Some(item) => (true, item), None => #absent });
    let function = closure::kept(cx, node, taken_apart).with_name(cx, &found, val);
    Fun::Closure(with_absent(cx, function)).call(cx, Vec::new())
}

fn with_absent(cx: &mut Lower<'_>, function: Function) -> Function {
    let absent = Val::Tuple(vec![Val::bool(false), Val::Uninit]);
    function.with_name(cx, &Ident::new(ABSENT, Span::call_site()), absent)
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
