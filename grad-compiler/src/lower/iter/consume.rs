//! What does a consumer make of the items?

use super::compare;
use super::drive::{advance, visit};
use super::optional::{self, Item, Optional, wrap};
use super::own_sum;
use super::pipe::{Length, Pipe, settled};
use super::{failing, folded, number};
use crate::ir::{Elem, Init, Lit, Operand, Proj, Stmt};
use crate::lower::closure::{self, Fun};
use crate::lower::env::LocalId;
use crate::lower::types::{Origin, Type, lower_followed, lower_type};
use crate::lower::value::{Memory, Val};
use crate::lower::{Kind, Lower, constant, expr, ops, option, place, unknown};
use crate::shape::{Failing, Shape};
use syn::{BinOp, Expr, ExprMethodCall, parse_quote};

/// Whether a consumer gives a number or boolean: of constants it is left as it is.
pub(super) fn gives_scalar(name: &str) -> bool {
    matches!(name, "sum" | "product" | "count" | "any" | "all" | "fold")
}

/// Whether a consumer gives an item that may be missing.
pub(super) fn gives_optional(name: &str) -> bool {
    matches!(
        name,
        "last"
            | "nth"
            | "next"
            | "peek"
            | "position"
            | "rposition"
            | "try_fold"
            | "find"
            | "find_map"
            | "reduce"
            | "max_by"
            | "min_by"
            | "max"
            | "min"
            | "max_by_key"
            | "min_by_key"
    )
}

/// Runs an iterator.
pub(super) fn lower(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall, name: &str) -> Val {
    let args: Vec<&Expr> = call.args.iter().collect();
    match (name, args.as_slice()) {
        ("sum", []) => own_sum::lower(cx, pipe, call)
            .unwrap_or_else(|| accumulate(cx, pipe, call, "sum", "-0.0", 0, &parse_quote!(+))),
        ("product", []) => accumulate(cx, pipe, call, "product", "1.0", 1, &parse_quote!(*)),
        ("fold", [init, f]) => fold(cx, pipe, init, f),
        ("for_each", [f]) => {
            if let Some(fun) = closure::fun(cx, f) {
                visit(cx, pipe, fun.parameter(0), |cx, _, item| {
                    let val = fun.call(cx, vec![item]);
                    cx.discard(val);
                });
            }
            Val::Unit
        }
        ("collect", []) => collect(cx, pipe, call),
        ("unzip", []) => unzip(cx, pipe, call),
        ("partition", [f]) => partition(cx, pipe, call, f),
        ("count", []) => count(cx, pipe),
        ("any", [f]) => quantify(cx, pipe, f, true),
        ("all", [f]) => quantify(cx, pipe, f, false),
        ("last", []) => last(cx, pipe, call),
        ("nth", [n]) => {
            let n = expr::lower(cx, n);
            let n = cx.as_int(n);
            nth(cx, pipe, call, n)
        }
        ("next", []) => nth(cx, pipe, call, Operand::int(0)),
        ("position", [f]) => position(cx, pipe, f),
        ("rposition", [f]) => last_position(cx, pipe, call, f),
        ("try_fold", [init, f]) => folded::while_there(cx, pipe, init, f),
        ("find", [f]) => match closure::fun(cx, f) {
            Some(fun) if pipe.indexable() && (pipe.is_of_unknown(cx) || !is_of_numbers(cx, call)) => {
                let (present, at) = first_that(cx, pipe, &fun, true, true);
                wrap(Optional { present, item: Item::At(pipe.clone(), at) })
            }
            Some(fun) => nth(cx, &Pipe::Filter(Box::new(pipe.clone()), fun), call, Operand::int(0)),
            None => Val::Never,
        },
        ("find_map", [f]) => match closure::fun(cx, f) {
            Some(fun) => nth(cx, &Pipe::FilterMap(Box::new(pipe.clone()), fun), call, Operand::int(0)),
            None => Val::Never,
        },
        ("reduce", [f]) => reduce(cx, pipe, call, f),
        ("max_by", [f]) => compare::extreme(cx, pipe, call, compare::By::Closure(f), true),
        ("min_by", [f]) => compare::extreme(cx, pipe, call, compare::By::Closure(f), false),
        ("max", []) => compare::extreme(cx, pipe, call, compare::By::Order, true),
        ("min", []) => compare::extreme(cx, pipe, call, compare::By::Order, false),
        ("max_by_key", [f]) => compare::extreme(cx, pipe, call, compare::By::Key(f), true),
        ("min_by_key", [f]) => compare::extreme(cx, pipe, call, compare::By::Key(f), false),
        ("len", []) => match pipe.length(cx) {
            Length::Known(len) => Val::Scalar(number::bound(len), Type::Int),
            Length::Endless | Length::Unknown => Val::Never,
        },
        (name, _) => cx.reject(
            Kind::Iterator,
            call,
            &format!("`{name}` of an iterator is not followed"),
            "use `sum`, `fold`, `for_each`, `collect` or another consumer from the page of supported Rust, or write a loop",
        ),
    }
}

/// The type in `sum::<f64>()` or `collect::<Vec<f64>>()`.
fn turbofish(cx: &Lower<'_>, call: &ExprMethodCall) -> Option<Type> {
    match call.turbofish.as_ref()?.args.first()? {
        syn::GenericArgument::Type(ty) => Some(lower_type(&cx.types, ty)),
        _ => None,
    }
}

/// `S` of `collect::<Vec<S>>()`
fn item_of_vec(call: &ExprMethodCall) -> Option<&syn::Type> {
    match call.turbofish.as_ref()?.args.first()? {
        syn::GenericArgument::Type(ty) => match Shape::of(ty) {
            Shape::Vec(of) => Some(of),
            _ => None,
        },
        _ => None,
    }
}

/// A running sum or product, from the left, from where the standard library starts: the sum of floats at -0.0.
fn accumulate(
    cx: &mut Lower<'_>,
    pipe: &Pipe,
    call: &ExprMethodCall,
    name: &str,
    float: &str,
    int: usize,
    op: &BinOp,
) -> Val {
    if is_of_what_may_fail(call) {
        return failing::as_option(cx, pipe, call, name).unwrap_or_else(|| may_be_missing(cx, call, name));
    }
    let ty = cx.type_at(call, Origin::Constant);
    if let Some(written) = turbofish(cx, call) {
        cx.types.unify(&ty, &written);
    }
    let start = if cx.types.is_int(&ty) {
        Operand::int(int)
    } else {
        Operand::Lit(Lit { text: float.to_string(), value: float.parse().unwrap_or(0.0) })
    };
    let total = cx.pseudo(name, Val::Scalar(start, ty.clone()));
    let mut is_missing = false;
    visit(cx, pipe, None, |cx, _, item| {
        let item = item.peeled();
        if is_missing || optional::optional(&item).or_else(|| option::in_memory(cx, &item)).is_some() {
            is_missing = true;
            return;
        }
        let item_ty = cx.type_of(&item);
        cx.types.unify(&ty, &item_ty);
        let so_far = cx.read(total);
        let next = ops::binary(cx, op, so_far, item, call);
        cx.write(total, next);
    });
    if is_missing {
        return may_be_missing(cx, call, name);
    }
    nameless(cx, total)
}

/// `sum::<Option<f64>>()`, `product::<Result<f64, E>>()`
fn is_of_what_may_fail(call: &ExprMethodCall) -> bool {
    let written = call.turbofish.as_ref().and_then(|turbofish| turbofish.args.first());
    matches!(written, Some(syn::GenericArgument::Type(ty)) if Failing::of(ty).is_some())
}

fn may_be_missing(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Val {
    cx.reject(
        Kind::Iterator,
        call,
        &format!(
            "`{name}` of items that may be missing is followed right behind the `map(…)` that makes them"
        ),
        "move what stands in between in front of the `map(…)`; or write a loop",
    )
}

/// What a variable of a consumer's holds in the end: a `let` around the chain names it.
fn nameless(cx: &mut Lower<'_>, local: LocalId) -> Val {
    let val = cx.read(local);
    cx.forget_name(&val);
    val
}

fn fold(cx: &mut Lower<'_>, pipe: &Pipe, init: &Expr, f: &Expr) -> Val {
    let init = expr::lower(cx, init);
    let Some(fun) = closure::fun(cx, f) else { return Val::Never };
    accumulated(cx, init, (&fun, f), |cx, step| {
        visit(cx, pipe, fun.parameter(1), |cx, _, item| step(cx, vec![item]));
    })
}

/// What a function makes of a value and items, one after the other: `each` calls it with them.
pub(crate) fn accumulated(
    cx: &mut Lower<'_>,
    init: Val,
    (fun, f): (&closure::Fun, &Expr),
    each: impl FnOnce(&mut Lower<'_>, &mut dyn FnMut(&mut Lower<'_>, Vec<Val>)),
) -> Val {
    let name = match fun.parameter(0) {
        Some(syn::Pat::Ident(ident)) => ident.ident.to_string(),
        _ => "folded".to_string(),
    };
    let init = accumulator(cx, init, &name, f);
    let acc = cx.pseudo(&name, init);
    each(cx, &mut |cx, items| {
        let mut args = vec![handed_on(cx, acc)];
        args.extend(items);
        let new = fun.call(cx, args);
        keep(cx, acc, new, f);
    });
    let val = handed_on(cx, acc);
    cx.forget_name(&val);
    val
}

/// What is handed on from item to item, and changed on the way: a `Vec`, or one in a tuple.
pub(super) fn accumulator(cx: &mut Lower<'_>, init: Val, name: &str, f: &Expr) -> Val {
    match init {
        Val::Memory(_) => place::own(cx, init, name, f_span(f), true),
        Val::Tuple(of) => Val::Tuple(of.into_iter().map(|val| accumulator(cx, val, name, f)).collect()),
        init => init,
    }
}

fn f_span(f: &Expr) -> proc_macro2::Span {
    syn::spanned::Spanned::span(f)
}

/// What an accumulator holds, given away.
pub(super) fn handed_on(cx: &mut Lower<'_>, acc: LocalId) -> Val {
    match cx.read(acc) {
        Val::Memory(memory) => Val::Memory(Memory { fresh: memory.place.path.is_empty(), ..memory }),
        val => val,
    }
}

/// The new value of an accumulator. One in memory stays where it is.
pub(super) fn keep(cx: &mut Lower<'_>, acc: LocalId, new: Val, at: &Expr) {
    let old = cx.read(acc);
    match (&old, &new) {
        (Val::Memory(_), Val::Never) => {}
        (Val::Memory(to), Val::Memory(from)) if to.place == from.place => {}
        (Val::Memory(_), _) => place::assign(cx, old, new, at),
        _ => {
            let (old_ty, new_ty) = (cx.variable_type(&old), cx.variable_type(&new));
            cx.types.unify(&old_ty, &new_ty);
            cx.write(acc, new);
        }
    }
}

fn collect(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall) -> Val {
    if is_of_what_may_fail(call) {
        return failing::as_option(cx, pipe, call, "collect")
            .unwrap_or_else(|| may_be_missing(cx, call, "collect"));
    }
    let of = cx.type_at(call, Origin::Call);
    if let Some(written) = turbofish(cx, call) {
        match cx.types.resolve(&written) {
            Type::Vec(written) => cx.types.unify(&of, &written),
            Type::Var(_) => {}
            written => {
                // Of types of the user's.
                let Some(item) = item_of_vec(call).filter(|_| written == Type::Opaque) else {
                    return cx.reject(
                        Kind::Iterator,
                        call,
                        "items are collected into something that is not a `Vec`",
                        "collect into a `Vec`",
                    );
                };
                if cx.types.has_records() {
                    cx.types.unify(&of, &lower_followed(&cx.types, item));
                }
            }
        }
    }
    note_constants(cx, call, &of);
    let ty = Type::vec(of.clone());
    let length = pipe.length(cx);
    let Length::Known(len) = &length else {
        let vec = cx.push_alloc("collected", ty, Init::Empty { capacity: None });
        visit(cx, pipe, None, |cx, _, item| push(cx, &vec, &of, item, call));
        return vec;
    };
    // Numbers, as many as are known before: they are written into their places.
    if pipe.indexable()
        && cx.types.is_scalar(&of)
        && let Some(zero) = cx.dummy(&of)
    {
        let init = Init::VecRepeat { value: Elem::Scalar(zero), len: len.clone() };
        let vec = cx.push_alloc("collected", ty, init);
        let Val::Memory(memory) = &vec else { return vec };
        visit(cx, &Pipe::Enumerate(Box::new(pipe.clone())), None, |cx, _, item| {
            let Val::Tuple(mut pair) = item else { return };
            let item = pair.pop().unwrap_or(Val::Never);
            let at = cx.as_int(pair.pop().unwrap_or(Val::Never));
            let item = owned(cx, item, call);
            let item_ty = cx.type_of(&item);
            cx.types.unify(&of, &item_ty);
            let (value, _) = cx.as_scalar(item);
            let place = cx.project(&memory.place, Proj::Index(at));
            cx.push(Stmt::Store { place, value });
        });
        mark_mutable(cx, memory);
        return vec;
    }
    let vec = cx.push_alloc("collected", ty, Init::Empty { capacity: Some(len.clone()) });
    visit(cx, pipe, None, |cx, _, item| push(cx, &vec, &of, item, call));
    vec
}

/// Whether the items are constants of a type that uses do not tell in full, as an earlier run has found: rustc collects them.
pub(super) fn is_left(cx: &Lower<'_>, call: &ExprMethodCall, name: &str) -> bool {
    matches!(name, "collect" | "unzip" | "partition")
        && constant::is_left_as_it_is(cx, call)
        && super::only_constants(cx, call)
}

/// What is learnt of the type of items that are constants, the next run knows.
fn note_constants(cx: &mut Lower<'_>, call: &ExprMethodCall, of: &Type) {
    if super::only_constants(cx, call) {
        cx.collected_constants.push((std::ptr::from_ref(call).addr(), of.clone()));
    }
}

fn mark_mutable(cx: &mut Lower<'_>, memory: &Memory) {
    cx.vars[memory.place.root.index()].mutable = true;
}

pub(super) fn push(cx: &mut Lower<'_>, vec: &Val, of: &Type, item: Val, call: &ExprMethodCall) {
    let Val::Memory(memory) = vec else { return };
    let item = owned(cx, item, call);
    let item_ty = cx.variable_type(&item);
    cx.types.unify(of, &item_ty);
    let value = expr::elem(cx, item);
    mark_mutable(cx, memory);
    cx.push(Stmt::Push { vec: memory.place.clone(), value });
}

/// Pushes every item, as a value.
pub(super) fn extend(cx: &mut Lower<'_>, to: &Memory, pipe: &Pipe, call: &ExprMethodCall) {
    let of = cx.types.element(&to.ty).unwrap_or_else(|| cx.unknown_constant());
    let vec = Val::Memory(to.clone());
    visit(cx, pipe, None, |cx, _, item| {
        // Numbers may be taken from references.
        let item = match settled(cx, item) {
            Val::Ref { to, mutable: false } if matches!(*to, Val::Scalar(..)) => *to,
            item => item,
        };
        push(cx, &vec, &of, item, call);
    });
}

/// An item that is kept: references cannot be.
fn owned(cx: &mut Lower<'_>, item: Val, call: &ExprMethodCall) -> Val {
    let item = settled(cx, item);
    match item {
        Val::Ref { to, .. } if !cx.is_constant(&to) => cx.reject(
            Kind::Iterator,
            call,
            "references are collected",
            "collect the values: put `.copied()`, `.cloned()` or `.map(|part| part.to_vec())` in front",
        ),
        item => item,
    }
}

fn unzip(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall) -> Val {
    let ty = cx.type_at(call, Origin::Call);
    let Some(types) = cx.types.tuple(&ty, 2) else { return Val::Never };
    note_constants(cx, call, &Type::Tuple(types.clone()));
    let capacity = match pipe.length(cx) {
        Length::Known(len) => Some(len),
        Length::Endless | Length::Unknown => None,
    };
    let vecs: Vec<Val> = types
        .iter()
        .map(|of| {
            let init = Init::Empty { capacity: capacity.clone() };
            cx.push_alloc("collected", Type::vec(of.clone()), init)
        })
        .collect();
    visit(cx, pipe, None, |cx, _, item| {
        let item = settled(cx, item);
        let parts = unknown::parts(cx, item, vecs.len(), &call.method);
        for ((vec, of), part) in vecs.iter().zip(&types).zip(parts) {
            push(cx, vec, of, part, call);
        }
    });
    Val::Tuple(vecs)
}

/// `items.partition(f)`: those for which `f` holds, and the others.
fn partition(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall, f: &Expr) -> Val {
    let ty = cx.type_at(call, Origin::Call);
    let Some(fun) = closure::fun(cx, f) else { return Val::Never };
    let Some(types) = cx.types.tuple(&ty, 2) else { return Val::Never };
    let of = cx.types.fresh(Origin::Call);
    note_constants(cx, call, &of);
    let vecs: Vec<Val> = types
        .iter()
        .map(|ty| {
            cx.types.unify(ty, &Type::vec(of.clone()));
            cx.push_alloc("collected", Type::vec(of.clone()), Init::Empty { capacity: None })
        })
        .collect();
    visit(cx, pipe, None, |cx, _, item| {
        // A `Vec` takes numbers for references to them.
        let item = super::pipe::by_value(cx, item);
        let item = settled(cx, item);
        let holds = fun.call(cx, vec![Val::reference(false, Val::reference(false, item.clone()))]);
        let holds = cx.as_bool(holds);
        let into = |vec: &Val| {
            let (vec, item, of) = (vec.clone(), item.clone(), of.clone());
            move |cx: &mut Lower<'_>| {
                push(cx, &vec, &of, item, call);
                Val::Unit
            }
        };
        cx.branch(holds, into(&vecs[0]), into(&vecs[1]));
    });
    Val::Tuple(vecs)
}

fn count(cx: &mut Lower<'_>, pipe: &Pipe) -> Val {
    if pipe.indexable()
        && let Length::Known(len) = pipe.length(cx)
    {
        return Val::Scalar(number::bound(len), Type::Int);
    }
    let count = cx.pseudo("count", Val::Scalar(number::zero(), Type::Int));
    visit(cx, pipe, None, |cx, _, _| {
        let at = cx.read(count);
        let at = cx.as_int(at);
        advance(cx, count, &at);
    });
    nameless(cx, count)
}

/// `any` and `all`: stops at the first item that decides.
fn quantify(cx: &mut Lower<'_>, pipe: &Pipe, f: &Expr, any: bool) -> Val {
    let Some(fun) = closure::fun(cx, f) else { return Val::Never };
    let answer = cx.pseudo(if any { "any" } else { "all" }, Val::bool(!any));
    visit(cx, pipe, fun.parameter(0), |cx, exit, item| {
        let holds = fun.call(cx, vec![item]);
        let holds = cx.as_bool(holds);
        let decide = |cx: &mut Lower<'_>| {
            cx.write(answer, Val::bool(any));
            exit.leave(cx)
        };
        if any {
            cx.branch(holds, decide, |_| Val::Unit);
        } else {
            cx.branch(holds, |_| Val::Unit, decide);
        }
    });
    nameless(cx, answer)
}

/// A variable for an item that comes later, of a type that an earlier run has learnt. It holds the numbers;
/// references to numbers are made again when it is read.
pub(super) struct Slot {
    local: LocalId,
    ty: Type,
}

impl Slot {
    /// `None` for an item that is not made of numbers.
    pub(super) fn try_new(cx: &mut Lower<'_>, name: &str, ty: &Type) -> Option<Slot> {
        let start = placeholder(cx, ty)?;
        Some(Slot { local: cx.pseudo(name, start), ty: ty.clone() })
    }

    fn new(cx: &mut Lower<'_>, name: &str, call: &ExprMethodCall) -> Slot {
        let ty = cx.type_at(call, Origin::Constant);
        Slot::try_new(cx, name, &ty).unwrap_or_else(|| {
            cx.reject(
                Kind::Iterator,
                call,
                "this item is told by running the iterator, and is not a number",
                "find its index first, then use the item: `x[k]`",
            );
            Slot { local: cx.pseudo(name, Val::Never), ty }
        })
    }

    pub(super) fn write(&self, cx: &mut Lower<'_>, item: Val) {
        let item_ty = cx.variable_type(&item);
        cx.types.unify(&self.ty, &item_ty);
        cx.write(self.local, numbers(item));
    }

    pub(super) fn read(&self, cx: &mut Lower<'_>) -> Val {
        let val = cx.read(self.local);
        shaped(cx, val, &self.ty)
    }
}

/// The value that a variable has before it is assigned: never read.
fn placeholder(cx: &Lower<'_>, ty: &Type) -> Option<Val> {
    match cx.types.resolve(ty) {
        Type::Tuple(of) | Type::Fields(of) => {
            Some(Val::Tuple(of.iter().map(|ty| placeholder(cx, ty)).collect::<Option<_>>()?))
        }
        Type::Ref { to, mutable: false } => placeholder(cx, &to),
        ty => Some(Val::Scalar(cx.dummy(&ty)?, ty)),
    }
}

fn numbers(item: Val) -> Val {
    match item {
        Val::Ref { to, mutable: false } => numbers(*to),
        Val::Tuple(of) => Val::Tuple(of.into_iter().map(numbers).collect()),
        item => item,
    }
}

fn shaped(cx: &Lower<'_>, val: Val, ty: &Type) -> Val {
    match (cx.types.resolve(ty), val) {
        (Type::Ref { to, mutable: false }, val) => Val::reference(false, shaped(cx, val, &to)),
        (Type::Tuple(types) | Type::Fields(types), Val::Tuple(of)) => {
            Val::Tuple(of.into_iter().zip(&types).map(|(val, ty)| shaped(cx, val, ty)).collect())
        }
        (_, val) => val,
    }
}

pub(super) fn last(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall) -> Val {
    if pipe.indexable()
        && let Length::Known(len) = pipe.length(cx)
    {
        let present = number::less(cx, &Operand::int(0), &len);
        // Of nothing, the last is not asked for.
        let at = number::saturating_sub(cx, &len, &Operand::int(1));
        return wrap(Optional { present, item: Item::At(pipe.clone(), at) });
    }
    let found = cx.pseudo("found", Val::bool(false));
    let last = Slot::new(cx, "last", call);
    visit(cx, pipe, None, |cx, _, item| {
        let item = settled(cx, item);
        last.write(cx, item);
        cx.write(found, Val::bool(true));
    });
    finish(cx, found, &last)
}

fn finish(cx: &mut Lower<'_>, found: LocalId, item: &Slot) -> Val {
    let present = cx.read(found);
    let present = cx.as_bool(present);
    let item = item.read(cx);
    wrap(Optional { present, item: Item::Value(Box::new(item)) })
}

fn nth(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall, n: Operand) -> Val {
    if pipe.indexable() {
        match pipe.length(cx) {
            Length::Known(len) => {
                let present = number::less(cx, &n, &len);
                return wrap(Optional { present, item: Item::At(pipe.clone(), n) });
            }
            Length::Endless => {
                return wrap(Optional { present: Operand::bool(true), item: Item::At(pipe.clone(), n) });
            }
            Length::Unknown => {}
        }
    }
    let pipe = match n {
        n if number::is(&n, 0) => pipe.clone(),
        n => Pipe::Skip(Box::new(pipe.clone()), n),
    };
    let found = cx.pseudo("found", Val::bool(false));
    let first = Slot::new(cx, "item", call);
    visit(cx, &pipe, None, |cx, exit, item| {
        let item = settled(cx, item);
        first.write(cx, item);
        cx.write(found, Val::bool(true));
        exit.leave(cx);
    });
    finish(cx, found, &first)
}

fn position(cx: &mut Lower<'_>, pipe: &Pipe, f: &Expr) -> Val {
    let Some(fun) = closure::fun(cx, f) else { return Val::Never };
    let (present, at) = first_that(cx, pipe, &fun, false, true);
    wrap(Optional { present, item: Item::Value(Box::new(Val::Scalar(at, Type::Int))) })
}

/// `rposition`: the first position from the back, counted from the front.
fn last_position(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall, f: &Expr) -> Val {
    let Some(fun) = closure::fun(cx, f) else { return Val::Never };
    let Length::Known(len) = pipe.length(cx) else {
        return cx.reject(
            Kind::Iterator,
            call,
            "`rposition` of items of which only running the iterator tells how many there are",
            "`collect` them into a `Vec` first",
        );
    };
    let back = Pipe::Rev(Box::new(pipe.clone()), Some(len.clone()));
    let (present, at) = first_that(cx, &back, &fun, false, true);
    // Where there is none, it is not asked for.
    let at = number::add(cx, &at, &Operand::int(1));
    let at = number::saturating_sub(cx, &len, &at);
    wrap(Optional { present, item: Item::Value(Box::new(Val::Scalar(at, Type::Int))) })
}

/// Whether what a call gives can be kept in variables, as far as an earlier run has learnt.
fn is_of_numbers(cx: &mut Lower<'_>, call: &ExprMethodCall) -> bool {
    let ty = cx.type_at(call, Origin::Constant);
    placeholder(cx, &ty).is_some()
}

/// Whether there is an item for which a closure gives the answer, and the index of the first. `lent`: the closure gets a reference.
pub(super) fn first_that(
    cx: &mut Lower<'_>,
    pipe: &Pipe,
    fun: &Fun,
    lent: bool,
    answer: bool,
) -> (Operand, Operand) {
    let found = cx.pseudo("found", Val::bool(false));
    let position = cx.pseudo("position", Val::Scalar(number::zero(), Type::Int));
    visit(cx, &Pipe::Enumerate(Box::new(pipe.clone())), None, |cx, exit, item| {
        let Val::Tuple(mut pair) = item else { return };
        let item = pair.pop().unwrap_or(Val::Never);
        let at = pair.pop().unwrap_or(Val::Never);
        let item = if lent { Val::reference(false, item) } else { item };
        let here = fun.call(cx, vec![item]);
        let here = cx.as_bool(here);
        let stop = |cx: &mut Lower<'_>| {
            cx.write(found, Val::bool(true));
            cx.write(position, at);
            exit.leave(cx)
        };
        if answer {
            cx.branch(here, stop, |_| Val::Unit);
        } else {
            cx.branch(here, |_| Val::Unit, stop);
        }
    });
    let (found, position) = (cx.read(found), cx.read(position));
    (cx.as_bool(found), cx.as_int(position))
}

fn reduce(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall, f: &Expr) -> Val {
    let Some(fun) = closure::fun(cx, f) else { return Val::Never };
    if pipe.indexable()
        && let Length::Known(len) = pipe.length(cx)
    {
        let present = number::less(cx, &Operand::int(0), &len);
        return wrap(Optional { present, item: Item::Reduce(pipe.clone(), fun) });
    }
    let found = cx.pseudo("found", Val::bool(false));
    let acc = Slot::new(cx, "reduced", call);
    visit(cx, pipe, fun.parameter(1), |cx, _, item| {
        let item = settled(cx, item);
        let had = cx.read(found);
        let had = cx.as_bool(had);
        let old = acc.read(cx);
        let new = cx.branch(
            had,
            |cx| {
                let new = fun.call(cx, vec![old, item.clone()]);
                settled(cx, new)
            },
            |_| item.clone(),
        );
        acc.write(cx, new);
        cx.write(found, Val::bool(true));
    });
    finish(cx, found, &acc)
}
