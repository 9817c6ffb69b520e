//! What do the statements behind `let r = f(x);` ask of `r`?

use super::super::flow::bare;
use super::super::outcome;
use super::super::stmt::Dest;
use super::super::{Lower, matching, pattern};
use crate::outcomes::is_of_failures;
use crate::shape::Failure;
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, Pat};

/// What is asked of an error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Error {
    Nothing,
    /// The error itself.
    Itself,
    /// What is behind a reference to it.
    Lent,
}

/// What is done with a variable, as far as its name is its own.
pub(super) struct Uses<'a> {
    name: &'a Ident,
    /// A failure of the function is an error.
    fails_with_error: bool,
    /// `return` leaves the function, and that may fail.
    leaves: bool,
    /// What there is in it is a `Result` or an `Option`.
    pub(super) tell: bool,
    pub(super) error: Error,
    /// How often it is read.
    pub(super) mentions: usize,
}

impl<'a> Uses<'a> {
    pub(super) fn of(cx: &Lower<'_>, name: &'a Ident, rest: &[syn::Stmt], dest: Dest<'_>) -> Uses<'a> {
        let fails_with_error = cx.failure.is_some_and(|failure| failure != Failure::Nothing);
        let leaves = outcome::may_fail(cx);
        let mut uses =
            Uses { name, fails_with_error, leaves, tell: false, error: Error::Nothing, mentions: 0 };
        let is_there = uses.look_at(rest);
        if let Some(syn::Stmt::Expr(tail, None)) = rest.last().filter(|_| is_there)
            && outcome::leaving(cx, dest).is_some()
            && uses.is_of_name(tail)
        {
            uses.left_with();
        }
        uses
    }

    /// Looks at the statements of a block as far as the name is that of the variable: whether it is at the end.
    fn look_at(&mut self, stmts: &[syn::Stmt]) -> bool {
        for stmt in stmts {
            self.visit_stmt(stmt);
            if let syn::Stmt::Local(local) = stmt
                && self.is_bound(&local.pat)
            {
                return false;
            }
        }
        true
    }

    /// Whether a pattern gives the name to something else.
    fn is_bound(&self, pat: &Pat) -> bool {
        pattern::binding_nodes(pat).iter().any(|node| node.ident == *self.name)
    }

    fn is_name(&self, expr: &Expr) -> bool {
        matches!(bare(expr), Expr::Path(path) if path.path.is_ident(self.name))
    }

    /// Whether it is the variable, with methods behind it that hand on how the call ended.
    fn is_of_name(&self, expr: &Expr) -> bool {
        match bare(expr) {
            Expr::MethodCall(call)
                if is_of_failures(call)
                    || ["map", "and_then", "filter", "or", "or_else", "xor", "zip"]
                        .iter()
                        .any(|name| call.method == name) =>
            {
                self.is_of_name(&call.receiver)
            }
            expr => self.is_name(expr),
        }
    }

    fn asks(&mut self, error: Error) {
        self.error = self.error.max(error);
    }

    /// The function is left with its failure.
    fn left_with(&mut self) {
        self.tell = true;
        if self.fails_with_error {
            self.asks(Error::Itself);
        }
    }

    fn pattern(&mut self, scrutinee: &Expr, pat: &Pat) {
        match (bare(scrutinee), pat) {
            (_, Pat::Guard(guarded)) => self.pattern(scrutinee, &guarded.pat),
            (_, Pat::Paren(paren)) => self.pattern(scrutinee, &paren.pat),
            (_, Pat::Or(or)) => or.cases.iter().for_each(|pat| self.pattern(scrutinee, pat)),
            (Expr::Tuple(of), Pat::Tuple(pat)) => {
                of.elems.iter().zip(&pat.elems).for_each(|(of, pat)| self.pattern(of, pat));
            }
            (Expr::Reference(of), _) if self.is_name(&of.expr) => self.side(pat, Error::Lent),
            (of, _) if self.is_name(of) => self.side(pat, Error::Itself),
            _ => {}
        }
    }

    fn side(&mut self, pat: &Pat, error: Error) {
        self.tell |= matching::is_side(pat);
        if matching::asks_for_error(pat) {
            self.asks(error);
        }
    }

    fn method(&mut self, call: &ExprMethodCall) {
        let takes_error = || match call.args.first() {
            Some(Expr::Closure(of)) => of.inputs.iter().any(|input| !matches!(input, Pat::Wild(_))),
            _ => false,
        };
        let asks = match (call.method.to_string().as_str(), call.args.len()) {
            ("is_ok" | "is_err" | "is_some" | "is_none" | "unwrap" | "unwrap_or_default", 0)
            | ("unwrap_or" | "ok_or" | "ok_or_else" | "expect", 1)
            | ("map_or", 2) => false,
            ("filter" | "is_some_and" | "is_none_or" | "or" | "xor", 1) => false,
            ("unwrap_or_else" | "or_else", 1) | ("map_or_else", 2) => takes_error(),
            ("map_err", 1) | ("err", 0) => true,
            _ => return,
        };
        self.tell = true;
        if asks {
            self.asks(Error::Itself);
        }
    }

    /// A condition, as far as the name is that of the variable: whether it is behind it.
    fn condition(&mut self, cond: &Expr) -> bool {
        match cond {
            Expr::Binary(binary) if matches!(binary.op, syn::BinOp::And(_)) => {
                self.condition(&binary.left) && self.condition(&binary.right)
            }
            Expr::Let(of) => {
                self.visit_expr(cond);
                !self.is_bound(&of.pat)
            }
            cond => {
                self.visit_expr(cond);
                true
            }
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Try(question) if self.is_of_name(&question.expr) => self.left_with(),
            Expr::Return(exit)
                if self.leaves && exit.expr.as_ref().is_some_and(|val| self.is_of_name(val)) =>
            {
                self.left_with();
            }
            Expr::Match(of) => of.arms.iter().for_each(|arm| self.pattern(&of.expr, &arm.pat)),
            Expr::Let(of) => self.pattern(&of.expr, &of.pat),
            Expr::MethodCall(call) if self.is_of_name(&call.receiver) => self.method(call),
            expr if self.is_name(expr) => self.mentions += 1,
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        if self.condition(&branch.cond) {
            self.visit_block(&branch.then_branch);
        }
        if let Some((_, otherwise)) = &branch.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, of: &'ast syn::ExprWhile) {
        if self.condition(&of.cond) {
            self.visit_block(&of.body);
        }
    }

    fn visit_expr_for_loop(&mut self, of: &'ast syn::ExprForLoop) {
        self.visit_expr(&of.expr);
        if !self.is_bound(&of.pat) {
            self.visit_block(&of.body);
        }
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        if !closure.inputs.iter().any(|input| self.is_bound(input)) {
            let leaves = std::mem::replace(&mut self.leaves, false);
            self.visit_expr(&closure.body);
            self.leaves = leaves;
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.look_at(&block.stmts);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.pattern(&init.expr, &local.pat);
        }
        visit::visit_local(self, local);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if !self.is_bound(&arm.pat) {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_macro(&mut self, made: &'ast syn::Macro) {
        self.mentions += count(self.name, made.tokens.clone());
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// How often a name is in the tokens of a macro.
fn count(name: &Ident, tokens: TokenStream) -> usize {
    let in_tree = |tree| match tree {
        TokenTree::Ident(ident) => usize::from(ident == *name),
        TokenTree::Group(group) => count(name, group.stream()),
        // A text may have it, `"{name}"`.
        TokenTree::Literal(text) => usize::from(text.to_string().contains(&name.to_string())),
        TokenTree::Punct(_) => 0,
    };
    tokens.into_iter().map(in_tree).sum()
}
