//! What a call that may fail returns, kept in a variable that the next statement takes apart, and nobody else: `let r = g(x);
//! match r { … }` is `match g(x) { … }`.

use crate::operator::Operator;
use crate::outcomes::is_taking;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Ident, Pat, Stmt};

/// Leaves such variables out.
pub(crate) fn rewrite(block: &mut Block) {
    LeaveOut.visit_block_mut(block);
}

struct LeaveOut;

impl VisitMut for LeaveOut {
    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        let mut at = 0;
        while let [first, next, rest @ ..] = &block.stmts[at..] {
            match without(first, next, rest) {
                Some(whole) => {
                    block.stmts[at + 1] = whole;
                    block.stmts.remove(at);
                }
                None => at += 1,
            }
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// The next statement without the variable that the first declares.
fn without(first: &Stmt, next: &Stmt, rest: &[Stmt]) -> Option<Stmt> {
    let Stmt::Local(local) = first else { return None };
    let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init) else { return None };
    let is_plain = name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none();
    let is_call = matches!(&*init.expr, Expr::MethodCall(_))
        || matches!(&*init.expr, Expr::Call(call) if is_function(&call.func));
    if !is_plain || !is_call || init.diverge.is_some() || !local.attrs.is_empty() {
        return None;
    }
    let name = name.ident.to_string();
    let mut whole = next.clone();
    let place = taken_apart(&mut whole, &name)?;
    let shadowed = matches!(next, Stmt::Local(local) if mentions(local.pat.to_token_stream(), &name) > 0);
    let later: usize = rest.iter().map(|stmt| mentions(stmt.to_token_stream(), &name)).sum();
    let uses = uses(next, &name) + if shadowed { 0 } else { later };
    if uses != 1 {
        return None;
    }
    *place = (*init.expr).clone();
    Some(whole)
}

/// Whether it is the path of a function, no constructor's.
fn is_function(expr: &Expr) -> bool {
    let Expr::Path(path) = expr else { return false };
    path.path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_lowercase))
}

/// Where a statement takes the variable apart before it does anything else.
fn taken_apart<'s>(stmt: &'s mut Stmt, name: &str) -> Option<&'s mut Expr> {
    match stmt {
        Stmt::Expr(expr, _) => head(expr, name),
        Stmt::Local(local) => {
            let init = local.init.as_mut()?;
            if init.diverge.is_some() {
                return variable(&mut init.expr, name).filter(|_| says(&local.pat));
            }
            head(&mut init.expr, name)
        }
        Stmt::Item(_) | Stmt::Macro(_) => None,
    }
}

fn head<'s>(expr: &'s mut Expr, name: &str) -> Option<&'s mut Expr> {
    match expr {
        Expr::Paren(paren) => head(&mut paren.expr, name),
        Expr::Return(exit) => head(exit.expr.as_mut()?, name),
        Expr::Match(choice) if choice.arms.iter().any(|arm| says(&arm.pat)) => {
            variable(&mut choice.expr, name)
        }
        Expr::If(choice) => match &mut *choice.cond {
            Expr::Let(cond) if says(&cond.pat) => variable(&mut cond.expr, name),
            _ => None,
        },
        Expr::Binary(binary) if !Operator::of(&binary.op).is_some_and(|of| of.assigns) => {
            head(&mut binary.left, name)
        }
        Expr::Try(question) => match &*question.expr {
            Expr::Path(_) => variable(&mut question.expr, name),
            _ => head(&mut question.expr, name),
        },
        Expr::MethodCall(call) => match &*call.receiver {
            Expr::Path(_) if is_taking(call) => variable(&mut call.receiver, name),
            Expr::Path(_) => None,
            _ => head(&mut call.receiver, name),
        },
        _ => None,
    }
}

fn variable<'s>(expr: &'s mut Expr, name: &str) -> Option<&'s mut Expr> {
    let is_it = matches!(&*expr, Expr::Path(path) if path.path.is_ident(name));
    is_it.then_some(expr)
}

/// Whether a pattern is one of a `Result` or an `Option`.
fn says(pat: &Pat) -> bool {
    let is_one = |name: &Ident| ["Ok", "Err", "Some", "None"].iter().any(|of| name == of);
    match pat {
        Pat::TupleStruct(pat) => pat.path.get_ident().is_some_and(is_one),
        Pat::Path(path) => path.path.get_ident().is_some_and(is_one),
        Pat::Ident(pat) => is_one(&pat.ident),
        Pat::Paren(pat) => says(&pat.pat),
        _ => false,
    }
}

/// How often a statement uses the variable: where a pattern has its name, that is another one.
fn uses(stmt: &Stmt, name: &str) -> usize {
    let count = |tokens: TokenStream| mentions(tokens, name);
    match stmt {
        Stmt::Local(syn::Local { init: Some(init), .. }) => {
            let otherwise =
                init.diverge.as_ref().map_or(0, |(_, otherwise)| count(otherwise.to_token_stream()));
            of_expr(&init.expr, name) + otherwise
        }
        Stmt::Expr(expr, _) => of_expr(expr, name),
        stmt => count(stmt.to_token_stream()),
    }
}

fn of_expr(expr: &Expr, name: &str) -> usize {
    let count = |tokens: TokenStream| mentions(tokens, name);
    match expr {
        Expr::Match(choice) => {
            let arms = choice.arms.iter().filter(|arm| count(arm.pat.to_token_stream()) == 0);
            count(choice.expr.to_token_stream()) + arms.map(|arm| count(arm.to_token_stream())).sum::<usize>()
        }
        Expr::If(choice) => {
            let otherwise =
                choice.else_branch.as_ref().map_or(0, |(_, other)| count(other.to_token_stream()));
            let then = match &*choice.cond {
                Expr::Let(cond) if count(cond.pat.to_token_stream()) > 0 => {
                    count(cond.expr.to_token_stream())
                }
                cond => count(cond.to_token_stream()) + count(choice.then_branch.to_token_stream()),
            };
            then + otherwise
        }
        expr => count(expr.to_token_stream()),
    }
}

/// How often a name is mentioned; in a text, as in `"{name}"`, more than once.
fn mentions(tokens: TokenStream, name: &str) -> usize {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(ident) => usize::from(ident == name),
            TokenTree::Group(group) => mentions(group.stream(), name),
            TokenTree::Literal(text) if text.to_string().contains(name) => 2,
            TokenTree::Literal(_) | TokenTree::Punct(_) => 0,
        })
        .sum()
}
