//! Statements and blocks, and how what follows an early exit is lowered.
//!
//! Of `if c { return a; } rest`, the rest goes into the other arm. Where several arms go on, the rest
//! stands under the condition that no exit was taken (see `exits`).

use super::ended::Ended;
use super::env::LocalId;
use super::value::Val;
use super::{
    Kind, Lower, call, code, constant, ended, expr, flow, iter, macros, matching, outcome, pattern, ring,
};
use crate::ir::Stmt as IrStmt;
use crate::shape::Shape;
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::{Expr, Stmt};

/// What happens with the value at the end of a block.
#[derive(Clone, Copy)]
pub(crate) enum Dest<'a> {
    /// It is the value of the block.
    Value,
    /// It is an `Option`, and the value of the block is the condition and the item (see `iter::given`).
    Option,
    /// It is assigned: to the function's result, to that of a labelled block.
    Return(LocalId),
    /// It is bound by `let` (or dropped), and these statements follow.
    Then { bind: Option<&'a syn::Local>, rest: &'a [Stmt], dest: &'a Dest<'a>, scopes: usize },
}

pub(crate) fn lower_block(cx: &mut Lower<'_>, block: &syn::Block) -> Val {
    lower_block_to(cx, block, Dest::Value)
}

pub(crate) fn lower_block_to(cx: &mut Lower<'_>, block: &syn::Block, dest: Dest<'_>) -> Val {
    cx.scoped(|cx| {
        for stmt in &block.stmts {
            if let Stmt::Item(item) = stmt {
                lower_item(cx, item);
            }
        }
        lower_stmts(cx, &block.stmts, dest)
    })
}

/// The value goes where it should.
pub(crate) fn finish(cx: &mut Lower<'_>, val: Val, dest: Dest<'_>) -> Val {
    if cx.dead.is_some() {
        return Val::Never;
    }
    match dest {
        Dest::Value | Dest::Option => val,
        Dest::Return(id) => {
            let mut val = val;
            if cx.result_local == Some(id) {
                let result = cx.result_ty.clone();
                let ty = cx.type_of(&val);
                cx.types.unify(&result, &ty);
                val = constant::returned(cx, val, &result);
            }
            cx.rest(|cx| {
                // Arms agree in their form.
                let val = if cx.is_in_branch() { cx.settle_shape(val) } else { val };
                cx.write(id, val);
                Val::Unit
            })
        }
        Dest::Then { bind, rest, dest, scopes } => {
            // What follows does not see the names of the arm.
            let val = cx.settle(val);
            let inner = cx.scopes.split_off(scopes);
            let val = cx.rest(|cx| {
                if let Some(local) = bind {
                    pattern::bind(cx, &local.pat, val);
                }
                lower_stmts(cx, rest, *dest)
            });
            cx.scopes.truncate(scopes);
            cx.scopes.extend(inner);
            val
        }
    }
}

pub(crate) fn lower_stmts(cx: &mut Lower<'_>, stmts: &[Stmt], dest: Dest<'_>) -> Val {
    for (at, stmt) in stmts.iter().enumerate() {
        if cx.dead.is_some() {
            return Val::Never;
        }
        let rest = &stmts[at + 1..];
        match stmt {
            Stmt::Expr(tail, None) if rest.is_empty() => return lower_tail(cx, tail, dest),
            Stmt::Macro(tail) if rest.is_empty() && tail.semi_token.is_none() => {
                let val = cx.at(tail, |cx| macros::lower(cx, &tail.mac, tail, true));
                return finish(cx, val, dest);
            }
            Stmt::Expr(branch, _) if takes_rest(cx, branch) => {
                let then = Dest::Then { bind: None, rest, dest: &dest, scopes: cx.scopes.len() };
                return nested(cx, branch, |cx| lower_tail(cx, branch, then));
            }
            Stmt::Local(local) => {
                if let Some(init) = &local.init {
                    if let Some((_, otherwise)) = &init.diverge {
                        return nested(cx, &init.expr, |cx| {
                            matching::lower_let_else(cx, local, &init.expr, otherwise, rest, dest)
                        });
                    }
                    if takes_rest(cx, &init.expr) {
                        let then =
                            Dest::Then { bind: Some(local), rest, dest: &dest, scopes: cx.scopes.len() };
                        return nested(cx, &init.expr, |cx| lower_tail(cx, &init.expr, then));
                    }
                }
            }
            _ => {}
        }
        let taken = cx.taken();
        cx.at(stmt, |cx| lower_stmt(cx, stmt, rest, dest));
        // Only a variable keeps an iterator for later.
        if !matches!(stmt, Stmt::Local(_)) {
            cx.end_taken(taken);
        }
        if cx.is_left() {
            return nested(cx, stmt, |cx| cx.rest(|cx| lower_stmts(cx, rest, dest)));
        }
    }
    finish(cx, Val::Unit, dest)
}

/// What follows goes one level deeper.
fn nested(cx: &mut Lower<'_>, at: &dyn ToTokens, body: impl FnOnce(&mut Lower<'_>) -> Val) -> Val {
    if !cx.enter(at) {
        return Val::Never;
    }
    let val = body(cx);
    cx.leave();
    val
}

/// An expression at the end of a block.
pub(crate) fn lower_tail(cx: &mut Lower<'_>, tail: &Expr, dest: Dest<'_>) -> Val {
    if matches!(dest, Dest::Value) {
        return expr::lower(cx, tail);
    }
    match tail {
        Expr::If(branch) => cx.at(tail, |cx| flow::lower_if(cx, branch, dest)),
        Expr::Match(branch) => cx.at(tail, |cx| matching::lower_match(cx, branch, dest)),
        Expr::Block(block) if block.label.is_none() => lower_block_to(cx, &block.block, dest),
        Expr::Paren(paren) => lower_tail(cx, &paren.expr, dest),
        Expr::Group(group) => lower_tail(cx, &group.expr, dest),
        Expr::Return(_) => {
            expr::lower(cx, tail);
            Val::Never
        }
        tail if iter::given::is_option(cx, dest) => {
            let val = cx.at(tail, |cx| iter::given::end(cx, tail));
            finish(cx, val, dest)
        }
        tail if outcome::leaving(cx, dest).is_some() => {
            let Some(leaving) = outcome::leaving(cx, dest) else { unreachable!("just seen") };
            let val = cx.at(tail, |cx| outcome::payload(cx, tail, leaving));
            finish(cx, val, dest)
        }
        // A function that returns nothing may end in a call of another.
        Expr::Call(call) => {
            let val = cx.at(tail, |cx| call::lower(cx, call, true));
            let val = match cx.rvalue(val) {
                val @ Val::Code(_) if matches!(cx.types.resolve(&cx.result_ty), super::types::Type::Unit) => {
                    cx.discard(val);
                    Val::Unit
                }
                val => val,
            };
            finish(cx, val, dest)
        }
        tail => {
            let val = expr::lower(cx, tail);
            finish(cx, val, dest)
        }
    }
}

fn lower_stmt(cx: &mut Lower<'_>, stmt: &Stmt, rest: &[Stmt], dest: Dest<'_>) {
    match stmt {
        Stmt::Local(local) => lower_local(cx, local, rest, dest),
        // Lowered when the block began.
        Stmt::Item(_) => {}
        Stmt::Expr(expr, _) => lower_expr_stmt(cx, expr),
        Stmt::Macro(call) => {
            macros::lower(cx, &call.mac, call, false);
        }
    }
}

/// An expression for its effect.
pub(crate) fn lower_expr_stmt(cx: &mut Lower<'_>, expr: &Expr) {
    match expr {
        Expr::Call(call) => {
            let val = cx.at(expr, |cx| call::lower(cx, call, false));
            cx.discard(val);
        }
        Expr::Macro(call) => {
            cx.at(expr, |cx| macros::lower(cx, &call.mac, call, false));
        }
        expr => {
            cx.dropped = dropped(expr);
            let val = expr::lower_place(cx, expr);
            if matches!(val, Val::Memory(_)) {
                // A value that is dropped: `v;`
                return;
            }
            cx.discard(val);
        }
    }
}

/// A method call, by its address.
fn dropped(expr: &Expr) -> Option<usize> {
    match super::flow::bare(expr) {
        Expr::MethodCall(call) => Some(std::ptr::from_ref(call).addr()),
        _ => None,
    }
}

fn lower_local(cx: &mut Lower<'_>, local: &syn::Local, rest: &[Stmt], dest: Dest<'_>) {
    let Some(init) = &local.init else {
        pattern::declare_uninit(cx, &local.pat);
        return;
    };
    // `let _ = place;` reads nothing.
    if matches!(local.pat, syn::Pat::Wild(_)) {
        cx.dropped = dropped(&init.expr);
        let val = expr::lower_place(cx, &init.expr);
        pattern::bind(cx, &local.pat, val);
        return;
    }
    if let Some(name) = declared(&local.pat).filter(|_| constant::is_of_own_type(&init.expr)) {
        cx.own_types.insert(std::ptr::from_ref(name).addr());
    }
    if ring::declare(cx, local) {
        return;
    }
    let typed = iter::with_type(cx, &local.pat, &init.expr);
    let expr = typed.as_ref().map_or(&*init.expr, |typed| &typed[0]);
    let val = match collected_constants(cx, local, expr) {
        Some(val) => val,
        None if pattern::lends(&local.pat) => expr::lower_lent(cx, expr),
        None => match ended::lower(cx, local, rest, dest) {
            Some(Ended::Held) => return,
            Some(Ended::Value(val)) => val,
            None => expr::lower(cx, expr),
        },
    };
    if cx.dead.is_some() {
        return;
    }
    // What rustc collects, with the type that is written beside it.
    if let (syn::Pat::Type(typed), Expr::MethodCall(call), Val::Code(_)) =
        (&local.pat, super::flow::bare(&init.expr), &val)
        && constant::is_left_as_it_is(cx, call)
    {
        let val = code::with_type(cx, val, &typed.ty);
        pattern::bind(cx, &typed.pat, val);
        return;
    }
    if typed.is_none() {
        check_collected(cx, local, expr, &val);
    }
    if !cx.is_left() {
        pattern::bind(cx, &local.pat, val);
        return;
    }
    // An exit inside the value: where it was taken, the names are bound to nothing that is used.
    let val = cx.settle(val);
    pattern::bind(cx, &local.pat, val);
}

fn declared(pat: &syn::Pat) -> Option<&syn::PatIdent> {
    match pat {
        syn::Pat::Ident(ident) => Some(ident),
        syn::Pat::Type(typed) => declared(&typed.pat),
        syn::Pat::Paren(paren) => declared(&paren.pat),
        _ => None,
    }
}

/// `let order: Vec<&Table> = tables.iter().collect();`: of constants it is left as it is.
fn collected_constants(cx: &mut Lower<'_>, local: &syn::Local, init: &Expr) -> Option<Val> {
    let syn::Pat::Type(typed) = &local.pat else { return None };
    let Expr::MethodCall(call) = super::flow::bare(init) else { return None };
    let ty = super::types::lower_type(&cx.types, &typed.ty);
    let is_it = call.method == "collect" && cx.types.is_opaque(&ty) && iter::only_constants(cx, call);
    is_it.then(|| code::opaque(cx, init))
}

/// `let set: HashSet<u64> = ….collect();`: what is followed is collected into a `Vec`, which is something else.
fn check_collected(cx: &mut Lower<'_>, local: &syn::Local, init: &Expr, val: &Val) {
    let syn::Pat::Type(typed) = &local.pat else { return };
    let Expr::MethodCall(call) = super::flow::bare(init) else { return };
    let ty = super::types::lower_type(&cx.types, &typed.ty);
    let is_vec = matches!(Shape::of(&typed.ty), Shape::Vec(_));
    if call.method == "collect" && matches!(val, Val::Memory(_)) && cx.types.is_opaque(&ty) && !is_vec {
        cx.reject(
            super::Kind::Iterator,
            &typed.ty,
            "items are collected into something that is not known to be a `Vec`",
            "collect into a `Vec`, and write the type out where it hides behind an alias",
        );
    }
}

/// An item inside the body stays in front of everything that uses it.
fn lower_item(cx: &mut Lower<'_>, item: &syn::Item) {
    match item {
        syn::Item::Const(constant) => {
            let ty = super::types::lower_type(&cx.types, &constant.ty);
            cx.declare_constant(&constant.ident, ty);
        }
        syn::Item::Fn(function) => {
            // Under a condition or not: what it is about, the attribute says itself.
            let is_grad = |attr: &syn::Attribute| mentions_grad(attr.meta.to_token_stream());
            if !function.attrs.iter().any(is_grad) {
                cx.plain_functions.insert(function.sig.ident.to_string());
            }
        }
        syn::Item::Use(import) => cx.imports.extend(super::imports::paths(import)),
        syn::Item::Struct(_)
        | syn::Item::Enum(_)
        | syn::Item::Type(_)
        | syn::Item::Trait(_)
        | syn::Item::Impl(_) => {}
        _ => {
            cx.reject(
                Kind::Statement,
                item,
                "this item is not supported inside a function with a gradient",
                "move the item out of the function",
            );
            return;
        }
    }
    let tokens = match item {
        // What a derivative does not read of it is nothing to be warned of.
        syn::Item::Use(_) | syn::Item::Const(_) => generated(item.to_token_stream()),
        item => {
            let allow = quote::quote_spanned!(Span::mixed_site()=> #[allow(dead_code)]);
            quote::quote!(#allow #item)
        }
    };
    if !cx.items.iter().any(|known| known.to_string() == tokens.to_string()) {
        cx.items.push(tokens);
    }
}

/// Whether an attribute is ours, or brings ours along.
fn mentions_grad(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == "grad",
        TokenTree::Group(group) => mentions_grad(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The same tokens, which nobody wrote: names of items mean what they mean to the user.
fn generated(tokens: TokenStream) -> TokenStream {
    let here = |span: Span| span.resolved_at(Span::mixed_site());
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), generated(group.stream()));
                inner.set_span(here(group.span()));
                TokenTree::Group(inner)
            }
            mut tree => {
                tree.set_span(here(tree.span()));
                tree
            }
        })
        .collect()
}

impl Lower<'_> {
    /// The items of the body, to stand in front of it.
    pub(crate) fn item_stmts(&mut self) -> Vec<IrStmt> {
        let items = std::mem::take(&mut self.items);
        items
            .into_iter()
            .map(|item| IrStmt::Effect {
                code: crate::ir::Code::new(quote!(#item), false),
                writes: Vec::new(),
            })
            .collect()
    }
}

/// Whether what follows `expr` goes on in exactly one of its arms, and others leave.
fn takes_rest(cx: &Lower<'_>, expr: &Expr) -> bool {
    let mut count = Count { falling: 0, leaving: 0, fails: outcome::may_fail(cx) };
    match expr {
        Expr::If(branch) => {
            let mut at = branch;
            loop {
                count.block(&at.then_branch);
                match &at.else_branch {
                    None => {
                        count.falling += 1;
                        break;
                    }
                    Some((_, otherwise)) => match &**otherwise {
                        Expr::If(next) => at = next,
                        otherwise => {
                            count.expr(otherwise);
                            break;
                        }
                    },
                }
            }
        }
        Expr::Match(branch) => {
            for arm in &branch.arms {
                count.expr(&arm.body);
            }
        }
        _ => return false,
    }
    count.falling == 1 && count.leaving > 0
}

/// Arms that go on, and arms that leave for somewhere in this function.
struct Count {
    falling: usize,
    leaving: usize,
    /// `return None` is no exit: nothing of the function is done behind it.
    fails: bool,
}

impl Count {
    fn expr(&mut self, expr: &Expr) {
        if !always_leaves(expr) {
            self.falling += 1;
        } else if exits(expr, self.fails) {
            self.leaving += 1;
        }
    }

    fn block(&mut self, block: &syn::Block) {
        let exits = |stmt| {
            let mut find = FindExit { found: false, fails: self.fails };
            find.visit_stmt(stmt);
            find.found
        };
        if !block_leaves(block) {
            self.falling += 1;
        } else if block.stmts.iter().any(exits) {
            self.leaving += 1;
        }
    }
}

/// Whether control never comes to the end of `expr`, as far as its form tells.
fn always_leaves(expr: &Expr) -> bool {
    match expr {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Macro(call) => code::is_panic(&call.mac),
        Expr::Block(block) => block.label.is_none() && block_leaves(&block.block),
        Expr::Paren(paren) => always_leaves(&paren.expr),
        Expr::Group(group) => always_leaves(&group.expr),
        Expr::If(branch) => {
            block_leaves(&branch.then_branch)
                && branch.else_branch.as_ref().is_some_and(|(_, otherwise)| always_leaves(otherwise))
        }
        Expr::Match(branch) => {
            !branch.arms.is_empty() && branch.arms.iter().all(|arm| always_leaves(&arm.body))
        }
        _ => false,
    }
}

fn block_leaves(block: &syn::Block) -> bool {
    block.stmts.iter().any(|stmt| match stmt {
        Stmt::Expr(expr, _) => always_leaves(expr),
        Stmt::Macro(call) => code::is_panic(&call.mac),
        Stmt::Local(_) | Stmt::Item(_) => false,
    })
}

/// Whether there is a `return`, `break` or `continue` in `expr`. `fails`: but for those that the function fails with.
fn exits(expr: &Expr, fails: bool) -> bool {
    let mut find = FindExit { found: false, fails };
    find.visit_expr(expr);
    find.found
}

struct FindExit {
    found: bool,
    fails: bool,
}

impl<'a> Visit<'a> for FindExit {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Return(exit) if self.fails && exit.expr.as_deref().is_some_and(outcome::is_failure) => {}
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => self.found = true,
            Expr::Closure(_) => {}
            expr => syn::visit::visit_expr(self, expr),
        }
    }

    fn visit_item(&mut self, _: &'a syn::Item) {}
}
