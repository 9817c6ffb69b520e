//! What may fail at the ends of branches and of closures that are kept: `let r = if c { f(x) } else { h(x) };`,
//! `let g = |y| f(y * x);`.

use super::super::called::{self, Begun};
use super::super::closure::{self, Closure, Fun, Function};
use super::super::flow::bare;
use super::super::iter;
use super::super::outcome::{self, Closures, Leaving};
use super::super::stmt::{self, Dest};
use super::super::value::Val;
use super::super::{Lower, expr, option, own_method};
use crate::shape::Failure;
use proc_macro2::{Ident, TokenStream};
use syn::visit::Visit;
use syn::{Expr, Stmt};

/// A call of a closure that gives what a function returned, which may have failed.
pub(crate) struct OfClosure<'a> {
    function: Function,
    args: Vec<&'a Expr>,
}

impl<'a> OfClosure<'a> {
    pub(crate) fn of(cx: &Lower<'_>, expr: &'a Expr) -> Option<OfClosure<'a>> {
        let Expr::Call(call) = bare(expr) else { return None };
        let function = named(cx, &call.func, |name| cx.lookup(name))?;
        ends_in_call(cx, &function).then(|| OfClosure { function, args: call.args.iter().collect() })
    }

    /// Whether there is nothing in it but a call.
    pub(crate) fn is_call(&self, cx: &Lower<'_>) -> bool {
        sole_call(cx, &self.function).is_some()
    }

    /// Whether a `return` leaves it.
    pub(crate) fn returns(&self) -> bool {
        closure::returns(&self.function.syntax().body)
    }

    /// The call that is all that there is in it, not yet made.
    pub(crate) fn begin(self, cx: &mut Lower<'_>, behind: &TokenStream) -> Begun {
        let mut begun = None;
        let args = self.args.clone();
        let val = cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
            closure::enter(cx, &self.function, vals, &self.function.syntax().body, |cx, _| {
                begun = sole_call(cx, &self.function).map(|call| called::begin(cx, call, behind));
                Val::Unit
            })
        });
        begun.unwrap_or(Begun::Other(val))
    }

    /// Calls it: its item, if there is one.
    pub(crate) fn lower(self, cx: &mut Lower<'_>) -> Val {
        let OfClosure { function, args } = self;
        cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
            iter::of_pair(closure::call_for_option(cx, &function, vals))
        })
    }

    /// Calls it: what it gives is taken out, or the function is left.
    pub(crate) fn taken(self, cx: &mut Lower<'_>, leaving: Leaving) -> Val {
        let OfClosure { function, args } = self;
        cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
            // Of an `Option`, or where what it gives is what the function gives, a `?` in it means the same.
            let alike = Closures::alike(leaving == Leaving::Whole || cx.failure == Some(Failure::Nothing));
            let outer = std::mem::replace(&mut cx.closures_fail, alike);
            let val = outcome::taken(cx, &Fun::Closure(function), vals, leaving);
            cx.closures_fail = outer;
            val
        })
    }
}

/// The closure that a name stands for.
fn named(
    cx: &Lower<'_>,
    name: &Expr,
    meaning: impl Fn(&Ident) -> Option<super::super::env::LocalId>,
) -> Option<Function> {
    let Expr::Path(path) = bare(name) else { return None };
    let id = meaning(path.path.get_ident()?)?;
    match &cx.local(id).val {
        Val::Closure(closure) => match &**closure {
            Closure::Function(function) => Some(function.clone()),
            Closure::Iterator(..) | Closure::Cursor(_) | Closure::Optional(_) | Closure::Window(_) => None,
        },
        _ => None,
    }
}

/// The call that is all that there is in a closure.
fn sole_call<'f>(cx: &Lower<'_>, function: &'f Function) -> Option<&'f Expr> {
    let mut body = bare(&function.syntax().body);
    while let Expr::Block(of) = body {
        let [Stmt::Expr(last, None)] = &of.block.stmts[..] else { return None };
        body = bare(last);
    }
    let Expr::Call(call) = called::take_off(body).0 else { return None };
    let is_call = match named(cx, &call.func, |name| function.meaning(name)) {
        Some(inner) => sole_call(cx, &inner).is_some(),
        None => called::is_function(&call.func),
    };
    (is_call && !closure::asks(body)).then_some(body)
}

/// Whether what a closure gives is at an end what a function returned, or another such closure gave.
fn ends_in_call(cx: &Lower<'_>, function: &Function) -> bool {
    let body = &function.syntax().body;
    let mut ends = Ends::default();
    ends.of(body);
    ends.visit_expr(body);
    closure::asks(body)
        || ends.found.iter().any(|end| match called::take_off(end).0 {
            Expr::Call(call) => match named(cx, &call.func, |name| function.meaning(name)) {
                Some(inner) => ends_in_call(cx, &inner),
                None => called::is_function(&call.func),
            },
            Expr::MethodCall(call) if iter::is_method_of_option(&call.method.to_string()) => {
                super::is_of_call(cx, call)
            }
            Expr::MethodCall(call) => !own_method::is_of_library(&call.method.to_string()),
            _ => false,
        })
}

/// What is there in the place of a branch or a block, or of a body that is left.
#[derive(Default)]
struct Ends<'a> {
    found: Vec<&'a Expr>,
}

impl<'a> Ends<'a> {
    fn of(&mut self, expr: &'a Expr) {
        match bare(expr) {
            Expr::If(branch) => {
                self.block(&branch.then_branch);
                if let Some((_, otherwise)) = &branch.else_branch {
                    self.of(otherwise);
                }
            }
            Expr::Match(branch) => branch.arms.iter().for_each(|arm| self.of(&arm.body)),
            Expr::Block(of) => self.block(&of.block),
            end => self.found.push(end),
        }
    }

    fn block(&mut self, block: &'a syn::Block) {
        if let Some(Stmt::Expr(last, None)) = block.stmts.last() {
            self.of(last);
        }
    }
}

impl<'a> Visit<'a> for Ends<'a> {
    fn visit_expr_return(&mut self, exit: &'a syn::ExprReturn) {
        if let Some(val) = &exit.expr {
            self.of(val);
        }
    }

    fn visit_expr_closure(&mut self, _: &'a syn::ExprClosure) {}

    fn visit_item(&mut self, _: &'a syn::Item) {}
}

/// Whether an expression is a branch or a block that gives what a call gave, or a `Result`.
pub(super) fn is_branch_of_calls(cx: &Lower<'_>, expr: &Expr) -> bool {
    let is_branch =
        matches!(bare(expr), Expr::If(_) | Expr::Match(_) | Expr::Block(syn::ExprBlock { label: None, .. }));
    let mut ends = Ends::default();
    ends.of(expr);
    is_branch && ends.found.iter().any(|end| super::may_be_call(cx, end) || outcome::is_of_result(end))
}

/// What such a branch gives, as an `Option` in memory.
pub(super) fn lower_branch(cx: &mut Lower<'_>, branch: &Expr) -> Val {
    let pair = stmt::lower_tail(cx, branch, Dest::Option);
    cx.then(pair, branch, |cx, pair| {
        let val = iter::of_pair(pair);
        option::stored(cx, val)
    })
}
