//! What iterator chain is written here? A reading of method calls, without a meaning yet.
//!
//! An expression is a chain if its innermost receiver becomes an iterator: by a method (`.iter()`,
//! `.windows(k)`), because it is a range, or because a place demands an iterator (the head of a
//! `for`, the argument of `zip`). Everything else is not a chain, and is none of our business.

use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, ExprMethodCall, ExprRange};

/// A source and what is done to its items.
pub(in crate::lower) struct Chain<'a> {
    pub source: Source<'a>,
    pub stages: Vec<Stage<'a>>,
}

pub(in crate::lower) struct Source<'a> {
    pub kind: SourceKind<'a>,
    /// The whole source, for messages.
    pub expr: &'a Expr,
}

pub(in crate::lower) enum SourceKind<'a> {
    /// `a..b`, `a..=b`, `a..`
    Range(&'a ExprRange),
    /// `e.iter()`
    Iter(&'a Expr),
    /// `e.iter_mut()`
    IterMut(&'a Expr),
    /// `e` or `e.into_iter()`: by reference or by value, as the type of `e` says.
    Into(&'a Expr),
    /// `e.windows(k)`, `e.chunks_exact_mut(k)` and their kin
    Pieces { of: &'a Expr, kind: Pieces, size: &'a Expr },
    /// `iter::repeat(e)`
    Repeat(&'a Expr),
    /// `iter::repeat_n(e, n)`
    RepeatN(&'a Expr, &'a Expr),
    /// `iter::once(e)`
    Once(&'a Expr),
    /// `iter::empty()`
    Empty,
    /// `iter::zip(a, b)`
    Zip(&'a Expr, &'a Expr),
    /// `iter::repeat_with(f)`
    RepeatWith(Fun<'a>),
    /// `iter::successors(Some(first), f)`
    Successors(&'a Expr, Fun<'a>),
}

/// How a slice is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::lower) enum Pieces {
    Windows,
    Chunks,
    ChunksExact,
    ChunksMut,
    ChunksExactMut,
}

/// An adaptor, with the expressions of its arguments.
pub(in crate::lower) struct Stage<'a> {
    pub kind: StageKind<'a>,
    pub call: &'a ExprMethodCall,
}

pub(in crate::lower) enum StageKind<'a> {
    Map(Fun<'a>),
    Inspect(Fun<'a>),
    Filter(Fun<'a>),
    FilterMap(Fun<'a>),
    FlatMap(Fun<'a>),
    Flatten,
    TakeWhile(Fun<'a>),
    SkipWhile(Fun<'a>),
    MapWhile(Fun<'a>),
    Scan(&'a Expr, Fun<'a>),
    Zip(&'a Expr),
    Chain(&'a Expr),
    Enumerate,
    Rev,
    Skip(&'a Expr),
    Take(&'a Expr),
    StepBy(&'a Expr),
    /// `copied`, `cloned`: the item by value
    Copied,
    /// `by_ref`, `fuse`, `peekable`, `into_iter`, `iter` of an iterator: no change
    Same,
}

/// A function argument: a closure, or a path or any other expression that is called.
#[derive(Clone, Copy)]
pub(in crate::lower) enum Fun<'a> {
    Closure(&'a ExprClosure),
    Value(&'a Expr),
}

/// The expression without parentheses, invisible groups and empty blocks around it.
pub(in crate::lower) fn bare(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Paren(paren) => &paren.expr,
            Expr::Group(group) => &group.expr,
            _ => return expr,
        };
    }
}

pub(in crate::lower) fn fun(expr: &Expr) -> Fun<'_> {
    match bare(expr) {
        Expr::Closure(closure) => Fun::Closure(closure),
        // `.map(&f)` calls `f`.
        Expr::Reference(reference) => fun(&reference.expr),
        other => Fun::Value(other),
    }
}

impl Fun<'_> {
    pub(in crate::lower) fn span(&self) -> proc_macro2::Span {
        match self {
            Fun::Closure(closure) => closure.span(),
            Fun::Value(expr) => expr.span(),
        }
    }
}

/// Reads an expression that is an iterator by its own form.
pub(in crate::lower) fn read(expr: &Expr) -> Option<Chain<'_>> {
    let (innermost, calls) = method_calls(expr);
    // The first calls may belong to the receiver (`self.rows().iter()`): the source is the first
    // call that makes an iterator, or the innermost receiver itself.
    let (source, rest) = match own_source(innermost) {
        Some(kind) => (Source { kind, expr: innermost }, &calls[..]),
        None => calls.iter().enumerate().find_map(|(at, call)| {
            let kind = source_call(call)?;
            Some((Source { kind, expr: call.expr }, &calls[at + 1..]))
        })?,
    };
    let stages = rest.iter().map(|call| stage(call.call)).collect::<Option<Vec<_>>>()?;
    Some(Chain { source, stages })
}

/// Reads an expression where an iterator is demanded.
pub(in crate::lower) fn read_into(expr: &Expr) -> Chain<'_> {
    read(expr).unwrap_or_else(|| {
        let source = bare(expr);
        Chain { source: Source { kind: SourceKind::Into(source), expr: source }, stages: Vec::new() }
    })
}

/// A method call together with the expression that it is.
#[derive(Clone, Copy)]
struct Link<'a> {
    expr: &'a Expr,
    call: &'a ExprMethodCall,
}

/// The innermost receiver, and the method calls on it, innermost first.
fn method_calls(expr: &Expr) -> (&Expr, Vec<Link<'_>>) {
    let mut calls = Vec::new();
    let mut at = bare(expr);
    while let Expr::MethodCall(call) = at {
        calls.push(Link { expr: at, call });
        at = bare(&call.receiver);
    }
    calls.reverse();
    (at, calls)
}

/// An innermost receiver that is an iterator without a method call.
fn own_source(expr: &Expr) -> Option<SourceKind<'_>> {
    match expr {
        Expr::Range(range) if range.start.is_some() => Some(SourceKind::Range(range)),
        Expr::Call(call) => {
            let Expr::Path(path) = bare(&call.func) else { return None };
            let name = path.path.segments.last()?.ident.to_string();
            let of_iter = path.path.segments.iter().rev().nth(1).is_some_and(|module| module.ident == "iter");
            let args: Vec<&Expr> = call.args.iter().collect();
            match (name.as_str(), args.as_slice()) {
                ("repeat", [value]) if of_iter => Some(SourceKind::Repeat(value)),
                ("repeat_n", [value, count]) if of_iter => Some(SourceKind::RepeatN(value, count)),
                ("once", [value]) if of_iter => Some(SourceKind::Once(value)),
                ("empty", []) if of_iter => Some(SourceKind::Empty),
                ("zip", [left, right]) if of_iter => Some(SourceKind::Zip(left, right)),
                ("repeat_with", [function]) if of_iter => Some(SourceKind::RepeatWith(fun(function))),
                ("successors", [first, function]) if of_iter => {
                    Some(SourceKind::Successors(first, fun(function)))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn source_call<'a>(link: &Link<'a>) -> Option<SourceKind<'a>> {
    let call = link.call;
    let of = &*call.receiver;
    let args: Vec<&Expr> = call.args.iter().collect();
    let pieces = |kind, size| Some(SourceKind::Pieces { of, kind, size });
    match (call.method.to_string().as_str(), args.as_slice()) {
        ("iter", []) => Some(SourceKind::Iter(of)),
        ("iter_mut", []) => Some(SourceKind::IterMut(of)),
        ("into_iter", []) => Some(SourceKind::Into(of)),
        ("windows", &[size]) => pieces(Pieces::Windows, size),
        ("chunks", &[size]) => pieces(Pieces::Chunks, size),
        ("chunks_exact", &[size]) => pieces(Pieces::ChunksExact, size),
        ("chunks_mut", &[size]) => pieces(Pieces::ChunksMut, size),
        ("chunks_exact_mut", &[size]) => pieces(Pieces::ChunksExactMut, size),
        _ => None,
    }
}

/// Reads a method call on an iterator that gives an iterator.
fn stage(call: &ExprMethodCall) -> Option<Stage<'_>> {
    let args: Vec<&Expr> = call.args.iter().collect();
    let kind = match (call.method.to_string().as_str(), args.as_slice()) {
        ("map", [f]) => StageKind::Map(fun(f)),
        ("inspect", [f]) => StageKind::Inspect(fun(f)),
        ("filter", [f]) => StageKind::Filter(fun(f)),
        ("filter_map", [f]) => StageKind::FilterMap(fun(f)),
        ("flat_map", [f]) => StageKind::FlatMap(fun(f)),
        ("flatten", []) => StageKind::Flatten,
        ("take_while", [f]) => StageKind::TakeWhile(fun(f)),
        ("skip_while", [f]) => StageKind::SkipWhile(fun(f)),
        ("map_while", [f]) => StageKind::MapWhile(fun(f)),
        ("scan", [init, f]) => StageKind::Scan(init, fun(f)),
        ("zip", [other]) => StageKind::Zip(other),
        ("chain", [other]) => StageKind::Chain(other),
        ("enumerate", []) => StageKind::Enumerate,
        ("rev", []) => StageKind::Rev,
        ("skip", [n]) => StageKind::Skip(n),
        ("take", [n]) => StageKind::Take(n),
        ("step_by", [n]) => StageKind::StepBy(n),
        ("copied" | "cloned", []) => StageKind::Copied,
        ("by_ref" | "fuse" | "into_iter" | "peekable", []) => StageKind::Same,
        _ => return None,
    };
    Some(Stage { kind, call })
}
