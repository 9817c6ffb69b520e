//! `match`, `if let`, `while let` and `let … else`.
//!
//! What is matched is a constant mostly: then the user's own patterns stay. A value that holds floats is
//! tested part by part.

use super::build::Arms;
use super::expr;
use super::pattern;
use super::stmt::{Dest, finish, lower_block_to, lower_stmts, lower_tail};
use super::types::Type;
use super::value::Val;
use super::{Kind, Lower, called, code, ended, flow, iter, option, outcome, own_type, place, unknown};
use crate::ir::{Code, Op, Operand, Selector};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::rc::Rc;
use syn::{Expr, Pat};

/// What an arm does, once its names are bound.
type Body<'b, 'e> = Rc<dyn Fn(&mut Lower<'e>) -> Val + 'b>;

#[derive(Clone)]
struct Case<'b, 'e> {
    pat: &'b Pat,
    guard: Option<&'b Expr>,
    body: Body<'b, 'e>,
}

/// Pattern and guard of an arm.
fn split(pat: &Pat) -> (&Pat, Option<&Expr>) {
    match pat {
        Pat::Guard(guarded) => (&guarded.pat, Some(&guarded.guard)),
        pat => (pat, None),
    }
}

pub(crate) fn lower_match(cx: &mut Lower<'_>, branch: &syn::ExprMatch, dest: Dest<'_>) -> Val {
    let cases = branch
        .arms
        .iter()
        .map(|arm| {
            let (pat, guard) = split(&arm.pat);
            Case {
                pat,
                guard,
                body: Rc::new(move |cx: &mut Lower<'_>| lower_tail(cx, &arm.body, dest)) as Body<'_, '_>,
            }
        })
        .collect();
    lower_scrutinee(cx, &branch.expr, cases)
}

/// What is matched, and the arms.
fn lower_scrutinee<'e>(cx: &mut Lower<'e>, scrutinee: &Expr, cases: Vec<Case<'_, 'e>>) -> Val {
    let asks_for_error = cases.iter().any(|case| asks_for_error(case.pat));
    let val = if !asks_for_error && cases.iter().any(|case| is_side(case.pat)) && is_chain(cx, scrutinee) {
        let pair = iter::given::end(cx, scrutinee);
        iter::of_pair(pair)
    } else if cases.iter().any(|case| Side::of(case.pat).is_some()) {
        match called::begin(cx, scrutinee, &TokenStream::new()) {
            called::Begun::Call(called) => return lower_called(cx, *called, cases),
            begun => begun.into_val(cx),
        }
    } else {
        expr::lower_place(cx, scrutinee)
    };
    cx.then(val, scrutinee, |cx, val| lower_cases(cx, val, cases))
}

/// `f(x).map(g)`
fn is_chain(cx: &Lower<'_>, expr: &Expr) -> bool {
    matches!(flow::bare(expr), Expr::MethodCall(call) if call.method == "map" && ended::is_of_call(cx, call))
}

/// A side of a `Result` or an `Option`, by a pattern.
#[derive(Clone, Copy)]
enum Side<'a> {
    /// `Ok(inner)`, `Some(inner)`
    Success(&'a syn::Path, &'a Pat),
    /// `Err(inner)`
    Error(&'a Pat),
    /// `None`
    Nothing,
}

impl Side<'_> {
    fn of(pat: &Pat) -> Option<Side<'_>> {
        match pat {
            Pat::Paren(paren) => Side::of(&paren.pat),
            Pat::TupleStruct(of) if of.elems.len() == 1 && is_of_prelude(&of.path) => {
                match of.path.segments.last()?.ident.to_string().as_str() {
                    "Ok" | "Some" => Some(Side::Success(&of.path, &of.elems[0])),
                    "Err" => Some(Side::Error(&of.elems[0])),
                    _ => None,
                }
            }
            pat => is_none(pat).then_some(Side::Nothing),
        }
    }
}

/// Whether a pattern is of a `Result` or an `Option`.
pub(super) fn is_side(pat: &Pat) -> bool {
    Side::of(pat).is_some()
}

/// Whether a pattern asks for an error.
pub(super) fn asks_for_error(pat: &Pat) -> bool {
    matches!(Side::of(pat), Some(Side::Error(inner)) if !matches!(inner, Pat::Wild(_) | Pat::Rest(_)))
}

/// The arms of a call that may fail.
fn lower_called<'e>(cx: &mut Lower<'e>, called: called::Called, cases: Vec<Case<'_, 'e>>) -> Val {
    let mut path = quote!(Some);
    let mut success = Vec::new();
    let mut failure = Vec::new();
    for case in cases {
        match (Side::of(case.pat), case.pat) {
            (Some(Side::Success(of, inner)), _) => {
                path = of.to_token_stream();
                success.push(Case { pat: inner, ..case });
            }
            (Some(Side::Error(_)), _) => {
                path = if success.is_empty() { quote!(Ok) } else { path };
                failure.push(case);
            }
            (Some(Side::Nothing), _) => failure.push(case),
            (None, Pat::Wild(_)) => {
                success.push(case.clone());
                failure.push(case);
            }
            (None, pat) => return reject_option(cx, pat),
        }
    }
    called::select(
        cx,
        called,
        &path,
        |cx, val| lower_tests(cx, val, success.into()),
        |cx, arms| failure.into_iter().for_each(|case| constant_arm(cx, arms, case, None)),
    )
}

pub(crate) fn lower_if_let(
    cx: &mut Lower<'_>,
    branch: &syn::ExprIf,
    cond: &syn::ExprLet,
    dest: Dest<'_>,
) -> Val {
    let wild: Pat = wildcard();
    let cases = vec![
        Case {
            pat: &cond.pat,
            guard: None,
            body: Rc::new(|cx| lower_block_to(cx, &branch.then_branch, dest)),
        },
        Case { pat: &wild, guard: None, body: Rc::new(|cx| flow::lower_else(cx, branch, dest)) },
    ];
    lower_scrutinee(cx, &cond.expr, cases)
}

/// `if let pat = … { body }`, as a part of a condition.
pub(crate) fn lower_let<'e>(
    cx: &mut Lower<'e>,
    cond: &syn::ExprLet,
    body: &dyn Fn(&mut Lower<'e>) -> Val,
) -> Val {
    let wild: Pat = wildcard();
    let cases = vec![
        Case { pat: &cond.pat, guard: None, body: Rc::new(body) },
        Case { pat: &wild, guard: None, body: Rc::new(|_: &mut Lower<'e>| Val::Unit) },
    ];
    lower_scrutinee(cx, &cond.expr, cases)
}

pub(crate) fn lower_while_let(cx: &mut Lower<'_>, cond: &syn::ExprLet, body: &syn::Block) {
    let wild: Pat = wildcard();
    let cases = vec![
        Case { pat: &cond.pat, guard: None, body: Rc::new(|cx| lower_block_to(cx, body, Dest::Value)) },
        Case { pat: &wild, guard: None, body: Rc::new(|cx| cx.exit_break(None, Val::Unit)) },
    ];
    lower_scrutinee(cx, &cond.expr, cases);
}

pub(crate) fn lower_let_else(
    cx: &mut Lower<'_>,
    local: &syn::Local,
    init: &Expr,
    otherwise: &Expr,
    rest: &[syn::Stmt],
    dest: Dest<'_>,
) -> Val {
    let wild: Pat = wildcard();
    let cases = vec![
        Case { pat: &local.pat, guard: None, body: Rc::new(|cx| lower_stmts(cx, rest, dest)) },
        Case {
            pat: &wild,
            guard: None,
            body: Rc::new(|cx| {
                let val = lower_tail(cx, otherwise, Dest::Value);
                finish(cx, val, Dest::Value)
            }),
        },
    ];
    lower_scrutinee(cx, init, cases)
}

fn wildcard() -> Pat {
    Pat::Wild(syn::PatWild {
        attrs: Vec::new(),
        underscore_token: syn::Token![_](proc_macro2::Span::call_site()),
    })
}

fn lower_cases<'e>(cx: &mut Lower<'e>, val: Val, cases: Vec<Case<'_, 'e>>) -> Val {
    let lent = cases.iter().any(|case| pattern::lends(case.pat));
    let val = match val {
        Val::Code(code) if !code.cheap => Val::Code(code),
        // `ref mut`
        Val::Local(path) if lent && matches!(cx.component(&path), Val::Tuple(_) | Val::Scalar(..)) => {
            return lower_tests(cx, Val::Local(path), cases.into());
        }
        val => cx.rvalue(val),
    };
    if matches!(val, Val::Never) {
        for case in cases {
            cx.scoped(|cx| {
                pattern::bind_to_nothing(cx, case.pat);
                cx.begin_arm();
                let mut arms = cx.arms();
                let val = (case.body)(cx);
                cx.end_arm(&mut arms, None, val);
            });
        }
        return Val::Never;
    }
    let pats: Vec<&Pat> = cases.iter().map(|case| case.pat).collect();
    if pats.iter().any(|pat| is_of_integers(pat)) {
        let ty = cx.variable_type(&val);
        let ty = cx.types.peel(&ty);
        cx.types.unify(&ty, &Type::Int);
    }
    let val = with_options(cx, val, &pats);
    if let Some(optional) = iter::optional(&val) {
        return lower_optional(cx, &optional, cases);
    }
    if matches!(val, Val::Scalar(..)) && !cx.types.is_float(&cx.type_of(&val))
        || cx.is_constant(&val) && !is_float(cx, &val)
    {
        lower_constant(cx, val, cases)
    } else {
        let val = cx.settle(val);
        lower_tests(cx, val, cases.into())
    }
}

/// Whether only an integer can be tried by a pattern: `0`, `1..=3`.
fn is_of_integers(pat: &Pat) -> bool {
    let is_integer = |lit: &syn::Lit| matches!(lit, syn::Lit::Int(int) if !int.suffix().starts_with('f'));
    let is_end =
        |end: &Option<Box<Expr>>| matches!(end.as_deref(), Some(Expr::Lit(lit)) if is_integer(&lit.lit));
    match pat {
        Pat::Lit(lit) => is_integer(&lit.lit),
        Pat::Range(range) => is_end(&range.start) || is_end(&range.end),
        Pat::Or(or) => or.cases.iter().any(is_of_integers),
        Pat::Paren(paren) => is_of_integers(&paren.pat),
        Pat::Ident(ident) => ident.subpat.as_ref().is_some_and(|(_, pat)| is_of_integers(pat)),
        _ => false,
    }
}

/// `Option`s in memory, where patterns ask what is in them, as items that may be missing.
fn with_options(cx: &mut Lower<'_>, val: Val, pats: &[&Pat]) -> Val {
    let asks = |pat: &&&Pat| matches!(Side::of(pat), Some(Side::Success(..) | Side::Nothing));
    if let Some(pat) = pats.iter().find(asks) {
        return with_option(cx, pat, val);
    }
    let Val::Tuple(of) = val else { return val };
    let parts = of.into_iter().enumerate().map(|(at, val)| {
        let pats: Vec<&Pat> = pats
            .iter()
            .filter_map(|pat| match pat {
                Pat::Tuple(tuple) => tuple.elems.iter().nth(at),
                _ => None,
            })
            .collect();
        let val = cx.rvalue(val);
        with_options(cx, val, &pats)
    });
    Val::Tuple(parts.collect())
}

/// The same for one pattern.
fn with_option(cx: &mut Lower<'_>, pat: &Pat, val: Val) -> Val {
    if !matches!(Side::of(pat), Some(Side::Success(..) | Side::Nothing)) || cx.is_constant(&val) {
        return val;
    }
    option::used(cx, &val).map_or(val, iter::wrap)
}

/// What may be missing: in the one arm the patterns inside of `Some(…)` are tested, in the other those that match `None`.
fn lower_optional<'e>(cx: &mut Lower<'e>, optional: &iter::Optional, cases: Vec<Case<'_, 'e>>) -> Val {
    let wild = wildcard();
    let mut some = Vec::new();
    let mut none = Vec::new();
    for case in &cases {
        match (Side::of(case.pat), case.pat) {
            (Some(Side::Success(_, inner)), _) => some.push(Case { pat: inner, ..case.clone() }),
            (Some(Side::Nothing), _) => none.push(Case { pat: &wild, ..case.clone() }),
            // A `Result` whose error nobody asks for is an `Option` here.
            (Some(Side::Error(Pat::Wild(_) | Pat::Rest(_))), _) => {
                none.push(Case { pat: &wild, ..case.clone() });
            }
            (None, Pat::Wild(_)) => {
                some.push(case.clone());
                none.push(case.clone());
            }
            (_, pat) => return reject_option(cx, pat),
        }
    }
    optional.lower(
        cx,
        |cx, item| cx.scoped(|cx| lower_tests(cx, item, some.into())),
        |cx| cx.scoped(|cx| lower_tests(cx, Val::Unit, none.into())),
    )
}

fn is_none(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => ident.ident == "None" && ident.subpat.is_none(),
        Pat::Path(path) => {
            is_of_prelude(&path.path) && path.path.segments.last().is_some_and(|last| last.ident == "None")
        }
        _ => false,
    }
}

/// `Some`, `Option::Some`: a variant of an enum of the user's may have such a name, too.
fn is_of_prelude(path: &syn::Path) -> bool {
    let of = path.segments.iter().rev().nth(1);
    of.is_none_or(|of| of.ident == "Option" || of.ident == "Result")
}

fn reject_option(cx: &mut Lower<'_>, pat: &Pat) -> Val {
    if asks_for_error(pat) {
        return outcome::asked_elsewhere(cx, pat);
    }
    cx.reject(
        Kind::Pattern,
        pat,
        "this pattern of an `Option` is not followed",
        "match `Some(name)` and `None`, and test the item inside",
    )
}

fn is_float(cx: &Lower<'_>, val: &Val) -> bool {
    let ty = cx.type_of(val);
    cx.types.is_float(&cx.types.peel(&ty))
}

/// A constant is matched with the user's own patterns.
fn lower_constant<'e>(cx: &mut Lower<'e>, val: Val, cases: Vec<Case<'_, 'e>>) -> Val {
    let whole = cx.type_of(&val);
    let stays = pattern::stays_constant(cx, &val);
    let cheap = match &val {
        Val::Code(code) => code.cheap,
        _ => true,
    };
    let scrutinee = Code::new(expr::without_parens(cx.as_code(val).tokens), cheap);
    let mut arms = cx.arms();
    for case in cases {
        constant_arm(cx, &mut arms, case, Some((&whole, stays)));
    }
    cx.end_branch(Selector::Match(scrutinee), arms)
}

/// An arm with the user's own pattern. `whole`: the type of what is matched, and whether it is surely a constant.
fn constant_arm<'e>(cx: &mut Lower<'e>, arms: &mut Arms, case: Case<'_, 'e>, whole: Option<(&Type, bool)>) {
    cx.begin_arm();
    cx.push_scope();
    let (mut pattern, bound) = pattern::opaque_pattern(cx, case.pat, whole.map(|(ty, _)| ty));
    if whole.is_some_and(|(_, stays)| stays) {
        cx.inactive.extend(bound.iter().map(|(_, var, _)| *var));
    }
    for (ident, var, ty) in &bound {
        cx.declare(ident, Val::Scalar(Operand::Var(*var), ty.clone()), false);
    }
    if let Some(guard) = case.guard {
        let guard = code::substitute(cx, guard);
        pattern.guard = Some(Code::new(guard.tokens, false));
        if !guard.writes.is_empty() {
            // Says what the guard changed; there is nothing left to do.
            cx.push_effect(proc_macro2::TokenStream::new(), guard.writes);
        }
    }
    pattern::declare_numbers(cx, case.pat, &bound);
    let val = (case.body)(cx);
    cx.pop_scope();
    cx.end_arm(arms, Some(pattern), val);
}

/// A value that holds floats is tested pattern by pattern.
fn lower_tests<'e>(cx: &mut Lower<'e>, val: Val, mut cases: std::collections::VecDeque<Case<'_, 'e>>) -> Val {
    let Some(case) = cases.pop_front() else {
        // No pattern matched: rustc has seen that this does not happen.
        return Val::Never;
    };
    if let Pat::Or(or) = case.pat
        && !code::bound_idents(case.pat).is_empty()
    {
        // An arm for each: the names are in other places.
        or.cases.iter().rev().for_each(|pat| cases.push_front(Case { pat, ..case.clone() }));
        return lower_tests(cx, val, cases);
    }
    cx.push_scope();
    if cases.is_empty() && case.guard.is_none() {
        // Patterns are exhaustive: the last matches if no other does.
        bind_tested(cx, case.pat, val);
        let val = (case.body)(cx);
        cx.pop_scope();
        return val;
    }
    let test = test(cx, case.pat, &val);
    let mut is_bound = case.guard.is_some();
    let cond = match (test, case.guard) {
        (None, None) => {
            if own_type::may_be_variant(case.pat) {
                cx.reject(
                    Kind::Pattern,
                    case.pat,
                    "whether this is a variant of an enum is not seen",
                    "write it with the name of its type: `Shape::Circle { … }`",
                );
            }
            bind_tested(cx, case.pat, val);
            let val = (case.body)(cx);
            cx.pop_scope();
            return val;
        }
        (test, Some(guard)) => {
            cx.refuse_exits([guard]);
            let pat = case.pat;
            let asked = |cx: &mut Lower<'e>| {
                bind_tested(cx, pat, val.clone());
                let guard = expr::lower(cx, guard);
                cx.as_bool(guard)
            };
            match test {
                None => asked(cx),
                // What the pattern binds is there where it matches.
                Some(test) => {
                    let asked = |cx: &mut Lower<'e>| {
                        let matches = cx.scoped(asked);
                        Val::Scalar(matches, Type::Bool)
                    };
                    let matches = cx.branch(test, asked, |_| Val::bool(false));
                    is_bound = false;
                    cx.as_bool(matches)
                }
            }
        }
        (Some(test), None) => test,
    };
    let mut arms = cx.arms();
    cx.begin_arm();
    if !is_bound {
        bind_tested(cx, case.pat, val.clone());
    }
    let result = (case.body)(cx);
    cx.end_arm(&mut arms, None, result);
    cx.begin_arm();
    cx.pop_scope();
    if cx.enter(case.pat) {
        let result = lower_tests(cx, val, cases);
        cx.leave();
        cx.end_arm(&mut arms, None, result);
    } else {
        cx.end_arm(&mut arms, None, Val::Never);
    }
    cx.end_branch(Selector::If(cond), arms)
}

/// Binds the names of a pattern that was tested.
fn bind_tested(cx: &mut Lower<'_>, pat: &Pat, val: Val) {
    let val = with_option(cx, pat, val);
    match pat {
        // Bind nothing.
        Pat::Lit(_) | Pat::Range(_) | Pat::Path(_) | Pat::Wild(_) => {}
        Pat::Or(_) if code::bound_idents(pat).is_empty() => {}
        Pat::Ident(ident) if !code::is_binding(ident) => {}
        Pat::Ident(ident) if ident.subpat.is_some() => {
            let plain = Pat::Ident(syn::PatIdent { subpat: None, ..ident.clone() });
            pattern::bind(cx, &plain, val);
        }
        Pat::Tuple(tuple) => {
            let (val, by_ref) = pattern::through_references(cx, val);
            for (at, pat) in tuple.elems.iter().enumerate() {
                let part = part(cx, &val, at);
                let part = pattern::borrowed_part(cx, pat, part, by_ref);
                bind_tested(cx, pat, part);
            }
        }
        Pat::Paren(paren) => bind_tested(cx, &paren.pat, val),
        pat if Side::of(pat).is_some() && iter::optional(&val).is_some() => {
            if let (Some(Side::Success(_, inner)), Some(optional)) = (Side::of(pat), iter::optional(&val)) {
                let item = optional.lower_present(cx);
                bind_tested(cx, inner, item);
            }
        }
        Pat::Reference(reference) => {
            let val = val.peeled();
            let val = cx.rvalue(val);
            bind_tested(cx, &reference.pat, val);
        }
        Pat::TupleStruct(_) | Pat::Struct(_) if code::bound_idents(pat).is_empty() => {}
        Pat::TupleStruct(_) | Pat::Struct(_) => match pattern::through_references(cx, val.clone()) {
            (Val::Memory(memory), by_ref) => own_type::bind(cx, pat, &memory, by_ref, &bind_tested),
            _ => pattern::bind(cx, pat, val),
        },
        pat => pattern::bind(cx, pat, val),
    }
}

fn part(cx: &mut Lower<'_>, val: &Val, at: usize) -> Val {
    match val.clone().peeled() {
        Val::Tuple(mut of) if at < of.len() => of.swap_remove(at),
        Val::Local(path) => place::component(cx, &path, at),
        Val::Memory(memory) => {
            let ty = cx.types.field(&memory.ty, at).unwrap_or_else(|| cx.unknown_constant());
            let place = cx.project(&memory.place, crate::ir::Proj::Field(at));
            cx.part(place, ty)
        }
        val @ (Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) => unknown::constant_part(cx, val, at),
        _ => Val::Never,
    }
}

/// Whether the pattern matches; `None`: always.
fn test(cx: &mut Lower<'_>, pat: &Pat, val: &Val) -> Option<Operand> {
    let val = &with_option(cx, pat, val.clone());
    match pat {
        Pat::Wild(_) | Pat::Rest(_) => None,
        pat if Side::of(pat).is_some() && iter::optional(val).is_some() => test_optional(cx, pat, val),
        Pat::Ident(ident) if code::is_binding(ident) => match &ident.subpat {
            Some((_, pat)) => test(cx, pat, val),
            None => None,
        },
        Pat::TupleStruct(_) | Pat::Struct(_)
            if Side::of(pat).is_none() && matches!(val.clone().peeled(), Val::Memory(_)) =>
        {
            let Val::Memory(memory) = val.clone().peeled() else { return None };
            own_type::test(cx, pat, &memory, &test)
        }
        Pat::TupleStruct(_) | Pat::Struct(_)
            if !cx.is_constant(val) || !code::bound_idents(pat).is_empty() =>
        {
            cx.reject(
                Kind::Pattern,
                pat,
                "this pattern takes apart a value that is followed",
                "use tuples, numbers and names in patterns of differentiated values",
            );
            None
        }
        Pat::Lit(_)
        | Pat::Range(_)
        | Pat::Path(_)
        | Pat::Or(_)
        | Pat::Ident(_)
        | Pat::TupleStruct(_)
        | Pat::Struct(_) => {
            if !code::bound_idents(pat).is_empty() {
                cx.reject(
                    Kind::Pattern,
                    pat,
                    "alternatives that bind names are not supported here",
                    "write an arm for each",
                );
                return None;
            }
            let val = val.clone().peeled();
            if !matches!(val, Val::Scalar(..) | Val::Memory(_) | Val::Local(_) | Val::Code(_) | Val::Cell(..))
            {
                cx.reject(Kind::Pattern, pat, "this pattern is not supported here", "use `if` conditions");
                return None;
            }
            let of = cx.as_code(val).tokens;
            let tokens = quote!(::core::matches!(#of, #pat));
            Some(cx.push_let("matches", Type::Bool, Op::Code(Code::new(tokens, true))))
        }
        Pat::Paren(paren) => test(cx, &paren.pat, val),
        Pat::Reference(reference) => {
            let val = val.clone().peeled();
            test(cx, &reference.pat, &val)
        }
        Pat::Tuple(tuple) => {
            let mut tests = Vec::new();
            for (at, pat) in tuple.elems.iter().enumerate() {
                let part = part(cx, val, at);
                tests.extend(test(cx, pat, &part));
            }
            all(cx, tests)
        }
        Pat::Slice(slice) => {
            let rest = slice.elems.iter().position(|pat| matches!(pat, Pat::Rest(_)) || matches!(pat, Pat::Ident(ident) if matches!(&ident.subpat, Some((_, pat)) if matches!(**pat, Pat::Rest(_)))));
            let Val::Memory(memory) = val.clone().peeled() else { return None };
            if matches!(cx.types.peel(&memory.ty), Type::Array(..)) {
                return None;
            }
            let len = cx.push_let("len", Type::Int, Op::Len(memory.place));
            let len = cx.operand_tokens(&len);
            let least =
                proc_macro2::Literal::usize_unsuffixed(slice.elems.len() - usize::from(rest.is_some()));
            let tokens = if rest.is_some() { quote!(#len >= #least) } else { quote!(#len == #least) };
            Some(cx.push_let("matches", Type::Bool, Op::Code(Code::new(tokens, true))))
        }
        pat => {
            cx.reject(
                Kind::Pattern,
                pat,
                "this pattern takes apart a value that is followed",
                "use tuples, numbers and names in patterns of differentiated values",
            );
            None
        }
    }
}

/// Whether there is an item, or none: a pattern inside of a tuple.
fn test_optional(cx: &mut Lower<'_>, pat: &Pat, val: &Val) -> Option<Operand> {
    let optional = iter::optional(val)?;
    let present = optional.present().clone();
    match Side::of(pat)? {
        Side::Nothing => Some(absent(cx, &present)),
        Side::Error(Pat::Wild(_) | Pat::Rest(_)) => Some(absent(cx, &present)),
        Side::Success(_, Pat::Wild(_)) => Some(present),
        Side::Success(_, Pat::Ident(ident)) if code::is_binding(ident) && ident.subpat.is_none() => {
            Some(present)
        }
        Side::Success(_, inner) => {
            let inside = |cx: &mut Lower<'_>, item: Val| {
                let test = test(cx, inner, &item).unwrap_or(Operand::bool(true));
                Val::Scalar(test, Type::Bool)
            };
            let matches = optional.lower(cx, inside, |_| Val::bool(false));
            Some(cx.as_bool(matches))
        }
        Side::Error(_) => {
            reject_option(cx, pat);
            None
        }
    }
}

fn absent(cx: &mut Lower<'_>, present: &Operand) -> Operand {
    let present = cx.operand_tokens(present);
    cx.push_let("absent", Type::Bool, Op::Code(Code::new(quote!(!#present), true)))
}

fn all(cx: &mut Lower<'_>, tests: Vec<Operand>) -> Option<Operand> {
    match tests.len() {
        0 => None,
        1 => tests.into_iter().next(),
        _ => {
            let tests = tests.iter().map(|test| cx.operand_tokens(test));
            let tokens = quote!(#(#tests)&&*);
            Some(cx.push_let("matches", Type::Bool, Op::Code(Code::new(tokens, true))))
        }
    }
}
