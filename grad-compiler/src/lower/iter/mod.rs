//! Iterators and `for` loops.
//!
//! A call of a method such as `iter`, `map` or `zip` gives a [`Pipe`], a value that says what is to be done;
//! a consumer such as `sum`, or the body of a `for`, runs it. There is no list of chains: what can be built
//! from the parts can be lowered.

mod array;
mod compare;
mod constants;
mod consume;
mod cursor;
mod drive;
mod ends;
mod failing;
mod folded;
mod free;
pub(crate) mod given;
mod lent;
mod matrix;
mod number;
mod optional;
mod own_sum;
mod pair;
mod part;
mod pipe;
mod source;
mod within;

pub(crate) use array::of_slice;
pub(crate) use constants::only_constants;
pub(crate) use consume::accumulated;
pub(crate) use cursor::{Cursor, in_variable, of_range, takes};
pub(crate) use failing::{lower_taken, with_type};
pub(crate) use matrix::{fold_elements, fold_in_order};
pub(crate) use number::{add, bound};
pub(crate) use optional::{
    Optional, absent, as_option, has_method as is_method_of_option, is_none, kept,
    lower_method as lower_optional_method, optional, wrap,
};
pub(crate) use pair::{
    as_pair, assign_pair, for_variable, is_carried, of_constant, of_pair, paired, pairs_of_arms,
};
pub(crate) use pipe::{Pipe, by_value};

use super::closure::{self, Closure, Fun};
use super::flow::bare;
use super::types::{Origin, Type};
use super::value::{Memory, Val};
use super::{
    Kind, Lower, code, constant, exits, expr, method, option, own_method, own_type, pattern, place,
    rearrange, ring, stmt,
};
use crate::ir::{Operand, Var};
use drive::{Exit, Visit};
use free::{free_function, iter_function};
use number::is;
use pipe::{By, Length};
use quote::quote;
use std::rc::Rc;
use syn::{Expr, ExprMethodCall};

/// Methods of sequences that give an iterator.
const SOURCES: [&str; 12] = [
    "iter",
    "iter_mut",
    "into_iter",
    "windows",
    "chunks",
    "chunks_exact",
    "chunks_mut",
    "chunks_exact_mut",
    "row_iter",
    "row_iter_mut",
    "column_iter",
    "column_iter_mut",
];

/// Methods of iterators that give another one.
const ADAPTORS: [&str; 25] = [
    "map",
    "inspect",
    "filter",
    "filter_map",
    "flat_map",
    "flatten",
    "take_while",
    "skip_while",
    "map_while",
    "scan",
    "zip",
    "chain",
    "enumerate",
    "rev",
    "skip",
    "take",
    "step_by",
    "cycle",
    "copied",
    "cloned",
    "fuse",
    "into_iter",
    "clone",
    "by_ref",
    "peekable",
];

/// Lowers a method call that is part of an iterator chain, with its receiver.
pub(crate) fn lower_method(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Option<Val> {
    if own_method::sibling(cx, call).is_some() {
        return None;
    }
    // A range is an index, too.
    if call.method == "clone" && has_range(cx, &call.receiver) {
        return None;
    }
    let val = lower_part(cx, call)?;
    match &val {
        Val::Closure(closure) => match &**closure {
            Closure::Iterator(pipe, None) if only_constants(cx, call) => {
                let written = cx.keep(call, &Expr::MethodCall(call.clone()));
                Some(Val::Closure(Rc::new(Closure::Iterator(pipe.clone(), Some(written)))))
            }
            _ => Some(val),
        },
        _ => Some(val),
    }
}

/// An iterator over constants, as the user's own: what takes its items one by one changes it.
pub(crate) fn as_constant(cx: &mut Lower<'_>, val: Val) -> Val {
    let written = match &val {
        Val::Closure(closure) => match &**closure {
            Closure::Iterator(_, Some(written)) => Rc::clone(written),
            _ => return val,
        },
        _ => return val,
    };
    code::opaque(cx, &written[0])
}

fn lower_part(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Option<Val> {
    let name = call.method.to_string();
    let receiver = bare(&call.receiver);
    if let Some(val) = ring::lower_method(cx, call) {
        return Some(val);
    }
    if name == "contains"
        && let Some(item) = call.args.first()
        && (is_range(receiver) || has_range(cx, receiver))
    {
        return Some(within::lower(cx, call, item));
    }
    if is_iterator(cx, receiver) {
        if let Some(val) = cursor::lower_method(cx, call, &name) {
            return Some(val);
        }
        if consume::gives_scalar(&name) && !is_range(receiver) && only_constants(cx, call) {
            return Some(code::opaque_method(cx, call));
        }
        if consume::is_left(cx, call, &name) {
            return Some(code::left(cx, &Expr::MethodCall(call.clone())));
        }
        if constants::is_searched(cx, call) {
            return Some(code::opaque_method(cx, call));
        }
        if cursor::takes_all(&name)
            && let Some(pipe) = cursor::lent_part(cx, receiver)
        {
            let is_refused = cx.refuse_exits(call.args.iter());
            return Some(if is_refused { Val::Never } else { consume::lower(cx, &pipe, call, &name) });
        }
        let val = expr::lower(cx, receiver);
        if matches!(val, Val::Never) {
            return Some(Val::Never);
        }
        let pipe = cx.pipe(val);
        if ADAPTORS.contains(&name.as_str()) {
            if cx.refuse_exits(call.args.iter()) {
                return Some(Val::Never);
            }
            return Some(adapt(cx, pipe, call, &name).map_or(Val::Never, iterator));
        }
        if cx.refuse_exits(call.args.iter()) {
            return Some(Val::Never);
        }
        return Some(consume::lower(cx, &pipe, call, &name));
    }
    if let Some(lines) = matrix::lines(cx, call) {
        return Some(matrix::each_line(cx, call, lines));
    }
    if SOURCES.contains(&name.as_str()) {
        return Some(source::lower(cx, call, &name));
    }
    if ends::NAMES.contains(&name.as_str())
        && method::may_be_of_sequences(call)
        && !crate::lower::map::is_looked_up(cx, call)
        && is_sequence(cx, receiver)
    {
        return Some(ends::end_of_slice(cx, call, &name));
    }
    if name == "map"
        && !is_optional(cx, receiver)
        && let Some(val) = array::map(cx, call)
    {
        return Some(val);
    }
    if name == "concat"
        && let Expr::Array(parts) = receiver
        && own_type::is_followed(cx, receiver)
    {
        return Some(rearrange::concat(cx, parts));
    }
    if name == "extend" && is_sequence(cx, receiver) {
        return Some(extend(cx, call));
    }
    if optional::has_method(&name) && is_optional(cx, receiver) {
        let val = expr::lower(cx, receiver);
        let Val::Closure(closure) = val else { return Some(Val::Never) };
        let Closure::Optional(of) = &*closure else { return Some(Val::Never) };
        if cx.refuse_exits(call.args.iter()) {
            return Some(Val::Never);
        }
        return Some(optional::lower_method(cx, of.clone(), call));
    }
    None
}

/// Lowers a call of a function of the standard library that makes an iterator, or an array from a closure.
pub(crate) fn lower_call(cx: &mut Lower<'_>, call: &syn::ExprCall) -> Option<Val> {
    if iter_function(call).is_some() {
        return Some(free_function(cx, call).map_or(Val::Never, iterator));
    }
    array::from_fn(cx, call)
}

/// `for pat in head { body }`
pub(crate) fn lower_for(cx: &mut Lower<'_>, for_loop: &syn::ExprForLoop) -> Val {
    let head = bare(&for_loop.expr);
    if let Some(cursor) = cursor::lent(cx, head) {
        let rest = cursor.rest(cx);
        return for_each(cx, for_loop, &rest, Some(&cursor));
    }
    if !exits::leaves_loop(&for_loop.body)
        && let Some(pipe) = cursor::lent_part(cx, head)
    {
        return for_each(cx, for_loop, &pipe, None);
    }
    if exits::leaves_loop(&for_loop.body) && cursor::lends(cx, head) {
        return cx.reject(
            Kind::Iterator,
            head,
            "the loop may leave items in an iterator that is not followed",
            "take them by `while let Some(item) = it.next()`, or `collect` the items first",
        );
    }
    let val = expr::lower(cx, head);
    if exits::leaves_loop(&for_loop.body) {
        cursor::ask_for_a_collection(cx, head, &val);
    }
    if has_float_ends(cx, &val) {
        return cx.reject_after_rustc(
            Kind::Iterator,
            head,
            "a loop over a range of floats",
            "count in integers: `for i in 0..n { let t = i as f64; … }`",
        );
    }
    cx.then(val, head, |cx, val| lower_for_of(cx, for_loop, val))
}

/// A range that only asks whether a number is in it.
fn has_float_ends(cx: &Lower<'_>, val: &Val) -> bool {
    let Val::Range(range) = val else { return false };
    range.from.iter().chain(&range.to).any(|end| cx.types.is_float(&cx.type_of(end)))
}

fn lower_for_of(cx: &mut Lower<'_>, for_loop: &syn::ExprForLoop, head: Val) -> Val {
    let pipe = cx.at(bare(&for_loop.expr), |cx| cx.pipe_at(head, &for_loop.for_token));
    for_each(cx, for_loop, &pipe, None)
}

/// The body of a loop for each item; `of` is the iterator in a variable that they are taken from.
fn for_each(cx: &mut Lower<'_>, for_loop: &syn::ExprForLoop, pipe: &Pipe, of: Option<&Cursor>) -> Val {
    let label = for_loop.label.as_ref().map(|label| &label.name);
    let body = |cx: &mut Lower<'_>, item: Val| {
        if let Some(cursor) = of {
            cursor.step(cx);
        }
        cx.scoped(|cx| {
            pattern::bind(cx, &for_loop.pat, item);
            stmt::lower_block(cx, &for_loop.body);
        });
    };
    if pipe.nested() || pipe.works_after_items() {
        let region = cx.own_label();
        let visit = Visit { exit: Exit::Block(region.clone()), label: None, name: None };
        cx.region(&region, |cx| {
            drive::drive(cx, pipe, false, &visit, &mut |cx, item| {
                cx.pass(&region, label, |cx| body(cx, item));
            });
        });
    } else {
        let name = pipe.index_name(Some(&for_loop.pat));
        let visit = Visit { exit: Exit::Loop, label: label.cloned(), name };
        drive::drive(cx, pipe, false, &visit, &mut |cx, item| body(cx, item));
    }
    Val::Unit
}

fn iterator(pipe: Pipe) -> Val {
    Val::Closure(Rc::new(Closure::Iterator(pipe, None)))
}

/// Asks that an iterator in a variable be a constant in the next run; `false` if it cannot be.
fn keep_as_constant(cx: &mut Lower<'_>, receiver: &Expr, val: &Val) -> bool {
    let Expr::Path(path) = receiver else { return false };
    let Some(id) = path.path.get_ident().and_then(|name| cx.lookup(name)) else { return false };
    let Val::Closure(closure) = val else { return false };
    matches!(**closure, Closure::Iterator(_, Some(_))) && cx.want_cell(id)
}

/// Whether an expression is an iterator, by its form and the names that it mentions.
fn is_iterator(cx: &Lower<'_>, expr: &Expr) -> bool {
    match bare(expr) {
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            SOURCES.contains(&name.as_str())
                || matrix::lines(cx, call).is_some()
                || name == "drain" && is_sequence_of_floats(cx, &call.receiver)
                || ADAPTORS.contains(&name.as_str()) && is_iterator(cx, &call.receiver)
        }
        Expr::Range(range) => range.start.is_some(),
        Expr::Call(call) => iter_function(call).is_some(),
        Expr::Path(path) => match path.path.get_ident().and_then(|name| cx.lookup(name)) {
            Some(id) => match &cx.local(id).val {
                Val::Closure(closure) => matches!(**closure, Closure::Iterator(..) | Closure::Cursor(_)),
                Val::Range(_) => true,
                _ => false,
            },
            None => false,
        },
        _ => false,
    }
}

/// Whether an expression is a variable that has a range.
fn has_range(cx: &Lower<'_>, expr: &Expr) -> bool {
    let Expr::Path(path) = bare(expr) else { return false };
    let id = path.path.get_ident().and_then(|name| cx.lookup(name));
    id.is_some_and(|id| matches!(cx.local(id).val, Val::Range(_)))
}

fn is_range(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Range(_))
}

/// A value that is there if `present`.
pub(crate) fn maybe(present: Operand, val: Val) -> Val {
    optional::wrap(Optional { present, item: optional::Item::Value(Box::new(val)) })
}

/// Whether an expression is an item that may be missing.
fn is_optional(cx: &Lower<'_>, expr: &Expr) -> bool {
    match bare(expr) {
        Expr::MethodCall(call) if own_method::sibling(cx, call).is_some() => false,
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            if is_iterator(cx, &call.receiver) {
                return consume::gives_optional(&name) && !constants::is_searched(cx, call);
            }
            (optional::keeps(&name) && is_optional(cx, &call.receiver))
                || (ends::NAMES.contains(&name.as_str())
                    && method::may_be_of_sequences(call)
                    && !crate::lower::map::is_looked_up(cx, call)
                    && is_sequence(cx, &call.receiver))
                || (name == "pop" && is_sequence_of_floats(cx, &call.receiver))
                || ring::is_optional(cx, call)
        }
        Expr::Path(path) => match path.path.get_ident().and_then(|name| cx.lookup(name)) {
            Some(id) => {
                matches!(&cx.local(id).val, Val::Closure(closure) if matches!(**closure, Closure::Optional(_)))
            }
            None => false,
        },
        _ => false,
    }
}

/// Whether an expression is a variable in memory, or a part of one.
fn is_sequence(cx: &Lower<'_>, expr: &Expr) -> bool {
    closure::root(expr)
        .and_then(|name| cx.lookup(name))
        .is_some_and(|id| matches!(cx.local(id).val.clone().peeled(), Val::Memory(_)))
}

/// Whether an expression is a part of memory, and no iterator or item.
pub(crate) fn is_place(cx: &Lower<'_>, expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Field(_) | Expr::Index(_) | Expr::Path(_)) && is_sequence(cx, expr)
}

/// Whether it may be differentiated, too.
fn is_sequence_of_floats(cx: &Lower<'_>, expr: &Expr) -> bool {
    closure::root(expr).and_then(|name| cx.lookup(name)).is_some_and(|id| {
        let val = cx.local(id).val.clone().peeled();
        matches!(val, Val::Memory(_)) && cx.holds_floats(&val)
    })
}

/// `vec.extend(items)`
fn extend(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Val {
    let to = expr::lower_place(cx, &call.receiver);
    let Val::Memory(to) = place::peel_place(cx, to) else { return Val::Never };
    let Some(from) = call.args.first() else { return Val::Never };
    let from = expr::lower(cx, from);
    let from = cx.pipe_at(from, &call.dot_token);
    consume::extend(cx, &to, &from, call);
    Val::Unit
}

/// The items of an iterator, or of what one is made of, at the end of a `Vec`.
pub(crate) fn extend_by(cx: &mut Lower<'_>, to: &Memory, from: Val, call: &ExprMethodCall) {
    let from = cx.pipe_at(from, &call.dot_token);
    consume::extend(cx, to, &from, call);
}

/// Whether the items of an iterator over constants are `&mut` references: `&mut v`, `v.iter_mut()`, `v.chunks_mut(2)`.
fn gives_exclusive(tokens: &proc_macro2::TokenStream) -> bool {
    let tokens = expr::without_parens(tokens.clone());
    let words: Vec<String> = tokens
        .into_iter()
        .filter_map(|tree| match tree {
            proc_macro2::TokenTree::Ident(ident) => Some(ident.to_string()),
            _ => None,
        })
        .collect();
    words.first().is_some_and(|first| first == "mut")
        || words.last().is_some_and(|last| last.ends_with("_mut"))
}

/// The panic of the standard library, in its words.
fn not_zero(cx: &mut Lower<'_>, number: &Operand, message: &str) {
    if matches!(number, Operand::Lit(_)) && !is(number, 0) {
        return;
    }
    let number = cx.operand_tokens(number);
    cx.push_effect(quote!(::core::assert!(#number != 0, #message);), Vec::new());
}

/// An adaptor on an iterator.
fn adapt(cx: &mut Lower<'_>, of: Pipe, call: &ExprMethodCall, name: &str) -> Option<Pipe> {
    let args: Vec<&Expr> = call.args.iter().collect();
    let number = |cx: &mut Lower<'_>, expr: &Expr| {
        let val = expr::lower(cx, expr);
        cx.as_int(val)
    };
    let with = |cx: &mut Lower<'_>, expr: &Expr, stage: fn(Box<Pipe>, Fun) -> Pipe, of: Pipe| {
        Some(stage(Box::new(of), closure::fun(cx, expr)?))
    };
    match (name, args.as_slice()) {
        ("map", [f]) => with(cx, f, Pipe::Map, of),
        ("inspect", [f]) => with(cx, f, Pipe::Inspect, of),
        ("filter", [f]) => with(cx, f, Pipe::Filter, of),
        ("filter_map", [f]) => with(cx, f, Pipe::FilterMap, of),
        ("flat_map", [f]) => {
            let ty = cx.type_at(call, Origin::Constant);
            Some(Pipe::FlatMap(Box::new(of), closure::fun(cx, f)?, ty))
        }
        ("take_while", [f]) => with(cx, f, Pipe::TakeWhile, of),
        ("skip_while", [f]) => with(cx, f, Pipe::SkipWhile, of),
        ("map_while", [f]) => with(cx, f, |of, fun| Pipe::MapWhile(of, fun, None), of),
        ("flatten", []) => {
            let ty = cx.type_at(call, Origin::Constant);
            Some(Pipe::FlatMap(Box::new(of), Fun::Identity, ty))
        }
        ("scan", [init, f]) => {
            let init = expr::lower(cx, init);
            let init = place::own(cx, init, "state", call.method.span(), true);
            Some(Pipe::Scan(Box::new(of), Box::new(init), closure::fun(cx, f)?))
        }
        ("zip", [other]) => {
            let other = expr::lower(cx, other);
            Some(Pipe::Zip(Box::new(of), Box::new(cx.pipe_at(other, &call.dot_token))))
        }
        ("chain", [other]) => {
            let other = expr::lower(cx, other);
            let other = cx.pipe_at(other, &call.dot_token);
            let len = match of.length(cx) {
                Length::Known(len) => Some(len),
                Length::Endless | Length::Unknown => None,
            };
            Some(Pipe::Chain(Box::new(of), Box::new(other), len))
        }
        ("enumerate", []) => Some(Pipe::Enumerate(Box::new(of))),
        ("rev", []) => {
            let len = match of.length(cx) {
                Length::Known(len) => Some(len),
                Length::Endless | Length::Unknown => None,
            };
            Some(Pipe::Rev(Box::new(of), len))
        }
        ("skip", [n]) => {
            let n = number(cx, n);
            Some(match of {
                // Of numbers of another type, the sum may not be one.
                Pipe::Range { from, to, inclusive }
                    if cx.is_usize(&from)
                        || to.as_ref().is_some_and(|to| {
                            cx.is_usize(to)
                                || number::is_written_out(&from, to) && number::is_written_out(&n, to)
                        }) =>
                {
                    Pipe::Range { from: number::add(cx, &from, &n), to, inclusive }
                }
                of => Pipe::Skip(Box::new(of), n),
            })
        }
        ("take", [n]) => Some(Pipe::Take(Box::new(of), number(cx, n))),
        ("step_by", [n]) => {
            let step = number(cx, n);
            not_zero(cx, &step, "assertion failed: step != 0");
            Some(match of {
                Pipe::Range { from, to: Some(to), inclusive } => {
                    let count = number::steps(cx, &from, &to, inclusive, &step);
                    Pipe::Steps { from, to, step, count }
                }
                Pipe::Rev(of, len) => match *of {
                    Pipe::Range { from, to: Some(to), inclusive } => {
                        let count = number::steps(cx, &from, &to, inclusive, &step);
                        Pipe::StepsBack { from, to, inclusive, step, count }
                    }
                    of => Pipe::StepBy(Box::new(Pipe::Rev(Box::new(of), len)), step),
                },
                of => Pipe::StepBy(Box::new(of), step),
            })
        }
        ("cycle", []) => match of.length(cx) {
            Length::Known(len) if of.indexable() => Some(Pipe::Cycle(Box::new(of), len)),
            // It never comes to its end.
            Length::Endless => Some(of),
            Length::Known(_) | Length::Unknown => {
                cx.reject(
                    Kind::Iterator,
                    &call.method,
                    "`cycle` of items that only running the iterator tells",
                    "`collect()` them into a `Vec` first, and let that cycle",
                );
                None
            }
        },
        ("copied" | "cloned", []) => Some(Pipe::Copied(Box::new(of))),
        ("fuse" | "into_iter" | "clone" | "peekable", []) => Some(of),
        (name, _) => {
            cx.reject(
                Kind::Iterator,
                call,
                &format!("`{name}` of an iterator is not followed"),
                "use `map`, `zip`, `filter`, … and a consumer such as `sum` or `fold`, or write a loop",
            );
            None
        }
    }
}

/// An element or the result of a call: nothing is moved out of a variable, as rustc has seen.
fn is_no_variable(code: &proc_macro2::TokenStream) -> bool {
    matches!(code.clone().into_iter().last(), Some(proc_macro2::TokenTree::Group(_)))
}

impl Lower<'_> {
    /// A value where an iterator is wanted.
    fn pipe(&mut self, val: Val) -> Pipe {
        let item = self.unknown_constant();
        self.pipe_of(val, item)
    }

    /// The same, at a node that tells what later runs should know.
    fn pipe_at<T>(&mut self, val: Val, node: &T) -> Pipe {
        let item = self.type_at(node, Origin::Constant);
        let val = self.take(val, node);
        self.pipe_of(val, item)
    }

    /// The same, with a type for items that the compiler cannot look into.
    fn pipe_of(&mut self, val: Val, item: Type) -> Pipe {
        if let Some(of) = optional(&val).or_else(|| option::in_memory(self, &val)) {
            return Pipe::FilterMap(Box::new(Pipe::Once(Box::new(wrap(of)))), Fun::Identity);
        }
        match val {
            Val::Range(range) => {
                let Some(from) = range.from else { return self.no_iterator() };
                let from = self.as_int(from);
                let to = range.to.map(|to| self.as_int(to));
                Pipe::Range { from, to, inclusive: range.inclusive }
            }
            Val::Closure(closure) => match &*closure {
                Closure::Iterator(pipe, _) => pipe.clone(),
                Closure::Cursor(cursor) => cursor.rest(self),
                Closure::Function(_) | Closure::Optional(_) | Closure::Window(_) => self.no_iterator(),
            },
            Val::Memory(memory) => self.elements(memory, By::Value),
            Val::Ref { to, mutable } => match place::peel_place(self, *to) {
                Val::Memory(memory) => self.elements(memory, if mutable { By::Mut } else { By::Ref }),
                val @ (Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) => {
                    constant::is_sequence(self, &val);
                    let val = source::outliving(self, val);
                    let cheap = !mutable && self.as_code(val.clone()).cheap;
                    let tokens = self.as_code(Val::reference(mutable, val)).tokens;
                    self.constants(&tokens, cheap, true, item)
                }
                Val::Never => Pipe::Empty,
                _ => self.no_iterator(),
            },
            Val::Local(path) => {
                let val = self.read_component(&path);
                self.pipe_of(val, item)
            }
            val @ (Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) => {
                let cheap = self.is_iterated_again(&val);
                let by_name = match &val {
                    Val::Scalar(Operand::Var(var), _) if self.shared.contains(var) => By::Ref,
                    Val::Scalar(Operand::Var(var), _) if self.vars[var.index()].exclusive => By::Mut,
                    _ => By::Value,
                };
                let tokens = self.as_code(val).tokens;
                let mut pipe = self.constants(&tokens, cheap, false, item);
                if let Pipe::Constants { items, owned, .. } = &mut pipe {
                    match (by_name, items.var()) {
                        (By::Mut, Some(items)) => self.lends_exclusively(items),
                        (by_name, _) => *owned = by_name == By::Value && !gives_exclusive(&tokens),
                    }
                }
                pipe
            }
            Val::Never | Val::Uninit => Pipe::Empty,
            Val::Unit | Val::Tuple(_) | Val::Function(_) => self.no_iterator(),
        }
    }

    /// Whether a constant that is an iterator itself, or is taken by one, may be evaluated again: a parameter that is a
    /// reference, an element, what an accessor gives, a constant of the user's by its name.
    fn is_iterated_again(&self, val: &Val) -> bool {
        match val {
            Val::Scalar(Operand::Var(var), _) => {
                let made = self.blocks.iter().rev().flatten().rev().find_map(|stmt| match stmt {
                    crate::ir::Stmt::Let { var: made, op: crate::ir::Op::Code(code) } if made == var => {
                        Some(code)
                    }
                    _ => None,
                });
                self.shared.contains(var)
                    || made.is_some_and(|code| code.cheap && is_no_variable(&code.tokens))
            }
            Val::Code(code) if code.cheap => {
                is_no_variable(&code.tokens)
                    || crate::ir::Code::new(code.tokens.clone(), true).reads.is_empty()
            }
            _ => false,
        }
    }

    fn elements(&mut self, of: Memory, by: By) -> Pipe {
        let len = method::len(self, Val::Memory(of.clone()));
        Pipe::Elements { of, by, len, order: None }
    }

    /// The items of an iterator over constants, in a `Vec`: so that each can be told by its index. `cheap`: what is iterated
    /// over may be evaluated again.
    fn constants(&mut self, tokens: &proc_macro2::TokenStream, cheap: bool, by_ref: bool, ty: Type) -> Pipe {
        let vec = crate::shape::vec(&self.types.krate);
        let code = quote!(::core::iter::Iterator::collect::<#vec<_>>(::core::iter::IntoIterator::into_iter(#tokens)));
        let op = crate::ir::Op::Code(crate::ir::Code::new(code, cheap));
        let items = self.push_let("items", Type::Opaque, op);
        if let Some(var) = items.var().filter(|_| gives_exclusive(tokens)) {
            self.lends_exclusively(var);
        }
        let tokens = self.operand_tokens(&items);
        let len = self.int_code(quote!(#tokens.len()));
        let len = self.as_int(len);
        self.mark_usize(&len);
        Pipe::Constants { items, len, by_ref, owned: false, ty }
    }

    /// What is in it are references to what they change.
    fn lends_exclusively(&mut self, items: Var) {
        let info = &mut self.vars[items.index()];
        (info.exclusive, info.mutable) = (true, true);
    }

    fn no_iterator(&mut self) -> Pipe {
        let span = self.span;
        self.reject_at(
            Kind::Iterator,
            span,
            "this is not an iterator that is followed",
            "iterate over a range, a slice, an array or a `Vec`",
        );
        Pipe::Empty
    }
}
