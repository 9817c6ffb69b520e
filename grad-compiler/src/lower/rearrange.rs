//! Methods that put the elements of a sequence elsewhere, or make a `Vec` shorter.
//!
//! The IR has statements for what swaps two elements, appends one, and replaces a whole `Vec`. All of these are made of
//! them: a reversal swaps from both ends, and a `Vec` that gets shorter is replaced by a copy of what stays. (It costs
//! a copy where the user's own method costs nothing.)

use super::build::Counted;
use super::expr::elem;
use super::method::{len, to_vec};
use super::types::Type;
use super::value::{Memory, Val};
use super::{Kind, Lower, expr, iter, method, place};
use crate::ir::{Init, Operand, Place, Proj, Stmt};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// `None` if the method is another one.
pub(super) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Option<Val> {
    let args: Vec<&Expr> = call.args.iter().collect();
    let val = match (call.method.to_string().as_str(), &args[..]) {
        ("reverse", []) => {
            let n = length(cx, memory);
            reverse(cx, memory, None, &n);
            Val::Unit
        }
        ("rotate_left", [by]) => {
            let at = integer(cx, by);
            rotate(cx, memory, at);
            Val::Unit
        }
        ("rotate_right", [by]) => {
            let by = integer(cx, by);
            let n = length(cx, memory);
            let by = cx.operand_tokens(&by);
            check(cx, memory, &n, |whole, n| quote!(#whole.split_at(#n - #by)));
            let n = cx.operand_tokens(&n);
            let at = computed(cx, quote!(#n - #by));
            rotate(cx, memory, at);
            Val::Unit
        }
        ("clear", []) => {
            shorten(cx, call, memory, &Operand::int(0));
            Val::Unit
        }
        ("concat", []) => {
            let of = cx.types.element(&memory.ty)?;
            let all = empty(cx, &of)?;
            let n = length(cx, memory);
            cx.counted_loop(Counted::up_to(n, "i"), None, |cx, i| {
                let i = cx.as_int(i);
                if let Val::Memory(part) = cx.element(memory, i).peeled() {
                    push_all(cx, &all, &part);
                }
            });
            Val::Memory(all)
        }
        ("append", [from]) => {
            let from = expr::lower_place(cx, from);
            let Val::Memory(from) = super::place::peel_place(cx, from) else { return None };
            push_all(cx, memory, &from);
            shorten(cx, call, &from, &Operand::int(0));
            Val::Unit
        }
        ("drain", [Expr::Range(range)]) => drain(cx, call, memory, range),
        ("truncate", [to]) => {
            let to = integer(cx, to);
            let n = length(cx, memory);
            let to = least(cx, &n, &to);
            shorten(cx, call, memory, &to);
            Val::Unit
        }
        ("resize", [to, value]) => {
            let to = integer(cx, to);
            let value = expr::lower(cx, value);
            let value = cx.settle(value);
            let n = length(cx, memory);
            let kept = least(cx, &n, &to);
            shorten(cx, call, memory, &kept);
            let more = Counted { lo: n, hi: to, inclusive: false, reversed: false, name: "i".to_owned() };
            cx.counted_loop(more, None, |cx, _| push(cx, memory, value.clone()));
            Val::Unit
        }
        ("insert", [at, value]) => {
            let at = integer(cx, at);
            let value = expr::lower(cx, value);
            let value = cx.settle(value);
            check(cx, memory, &at, |whole, at| quote!(#whole.split_at(#at)));
            let n = length(cx, memory);
            push(cx, memory, value);
            move_down(cx, memory, at, n);
            Val::Unit
        }
        ("pop", []) => {
            let n = length(cx, memory);
            let item = pop(cx, call, memory, &n);
            let n = cx.operand_tokens(&n);
            let present = cx.bool_code(quote!(#n != 0));
            let present = cx.as_bool(present);
            iter::maybe(present, item)
        }
        ("remove" | "swap_remove", [at]) => {
            let at = integer(cx, at);
            check(cx, memory, &at, |whole, at| quote!(&#whole[#at]));
            let n = length(cx, memory);
            let last = before(cx, &n);
            if call.method == "remove" {
                let on = Counted {
                    lo: at,
                    hi: last.clone(),
                    inclusive: false,
                    reversed: false,
                    name: "i".to_owned(),
                };
                cx.counted_loop(on, None, |cx, i| swap_with_next(cx, memory, i));
            } else {
                swap(cx, memory, at, last.clone());
            }
            take_last(cx, call, memory, &last)
        }
        ("split_off", [at]) => {
            let at = integer(cx, at);
            check(cx, memory, &at, |whole, at| quote!(#whole.split_at(#at)));
            let rest = Proj::Slice { from: Some(at.clone()), to: None, inclusive: false };
            let rest = copy(cx, call, memory, rest);
            shorten(cx, call, memory, &at);
            rest
        }
        _ => return None,
    };
    Some(val)
}

/// The last of `n` elements, taken away; what it is if there is none, nobody asks.
pub(super) fn pop(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, n: &Operand) -> Val {
    let kept = before(cx, n);
    take_last(cx, call, memory, &kept)
}

/// The last element, number `n`, comes to `at`, and the others move up.
pub(super) fn move_down(cx: &mut Lower<'_>, memory: &Memory, at: Operand, n: Operand) {
    let back = Counted { lo: at, hi: n, inclusive: false, reversed: true, name: "i".to_owned() };
    cx.counted_loop(back, None, |cx, i| swap_with_next(cx, memory, i));
}

/// `[a, b].concat()` of parts that may be references.
pub(super) fn concat(cx: &mut Lower<'_>, parts: &syn::ExprArray) -> Val {
    let mut all = None;
    for part in &parts.elems {
        let val = expr::lower_place(cx, part);
        let Val::Memory(part) = super::place::peel_place(cx, val) else {
            return cx.reject(
                Kind::UnknownMethod,
                part,
                "this part of what `concat` joins is not followed",
                "join arrays, slices and `Vec`s that are variables, with `extend_from_slice`",
            );
        };
        if all.is_none() {
            all = empty(cx, &part.ty);
        }
        if let Some(all) = &all {
            push_all(cx, all, &part);
        }
    }
    all.map_or(Val::Never, Val::Memory)
}

/// A new `Vec` for the elements of something of this type.
fn empty(cx: &mut Lower<'_>, ty: &Type) -> Option<Memory> {
    let of = cx.types.element(ty)?;
    let Val::Memory(new) = cx.push_alloc("joined", Type::vec(of), Init::Empty { capacity: None }) else {
        return None;
    };
    cx.vars[new.place.root.index()].mutable = true;
    Some(new)
}

fn push_all(cx: &mut Lower<'_>, to: &Memory, from: &Memory) {
    cx.types.unify(&to.ty, &from.ty);
    let n = length(cx, from);
    cx.counted_loop(Counted::up_to(n, "i"), None, |cx, i| {
        let i = cx.as_int(i);
        let val = cx.element(from, i);
        let val = match cx.rvalue(val) {
            Val::Memory(part) => cx.push_alloc("moved", part.ty, Init::Clone(part.place)),
            val => val,
        };
        push(cx, to, val);
    });
}

/// `vec.drain(a..b)`: what is taken out. The others move up.
fn drain(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, range: &syn::ExprRange) -> Val {
    let inclusive = matches!(range.limits, syn::RangeLimits::Closed(_));
    let from = range.start.as_ref().map(|from| integer(cx, from));
    let to = range.end.as_ref().map(|to| integer(cx, to));
    let part = Proj::Slice { from: from.clone(), to: to.clone(), inclusive };
    let taken = copy(cx, call, memory, part);
    let Some(to) = to else {
        shorten(cx, call, memory, &from.unwrap_or(Operand::int(0)));
        return taken;
    };
    let to = if inclusive {
        let to = cx.operand_tokens(&to);
        computed(cx, quote!(#to + 1))
    } else {
        to
    };
    let rest = copy(cx, call, memory, Proj::Slice { from: Some(to), to: None, inclusive: false });
    shorten(cx, call, memory, &from.unwrap_or(Operand::int(0)));
    if let Val::Memory(rest) = rest {
        push_all(cx, memory, &rest);
    }
    taken
}

/// Named: the length changes.
fn length(cx: &mut Lower<'_>, memory: &Memory) -> Operand {
    len(cx, Val::Memory(memory.clone()))
}

fn integer(cx: &mut Lower<'_>, expr: &Expr) -> Operand {
    let val = expr::lower(cx, expr);
    cx.as_int(val)
}

fn computed(cx: &mut Lower<'_>, tokens: TokenStream) -> Operand {
    let val = cx.int_code(tokens);
    let operand = cx.as_int(val);
    cx.mark_usize(&operand);
    operand
}

fn least(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    let (a, b) = (cx.operand_tokens(a), cx.operand_tokens(b));
    computed(cx, quote!(::core::cmp::Ord::min(#a, #b)))
}

/// The index of the last element, and 0 if there is none.
pub(super) fn before(cx: &mut Lower<'_>, n: &Operand) -> Operand {
    let n = cx.operand_tokens(n);
    computed(cx, quote!(#n.saturating_sub(1)))
}

/// The panic of the user's method where an index is out of bounds, before anything is changed.
fn check(
    cx: &mut Lower<'_>,
    memory: &Memory,
    at: &Operand,
    access: impl FnOnce(TokenStream, TokenStream) -> TokenStream,
) {
    let (whole, at) = (cx.place_tokens(&memory.place), cx.operand_tokens(at));
    let access = access(whole, at);
    cx.push_effect(quote!(let _ = #access;), Vec::new());
}

fn at(cx: &Lower<'_>, memory: &Memory, index: Operand) -> Place {
    cx.project(&memory.place, Proj::Index(index))
}

fn swap(cx: &mut Lower<'_>, memory: &Memory, i: Operand, j: Operand) {
    let (a, b) = (at(cx, memory, i), at(cx, memory, j));
    cx.push(Stmt::Swap { a, b });
}

fn swap_with_next(cx: &mut Lower<'_>, memory: &Memory, i: Val) {
    let i = cx.as_int(i);
    let tokens = cx.operand_tokens(&i);
    let next = computed(cx, quote!(#tokens + 1));
    swap(cx, memory, i, next);
}

pub(super) fn push(cx: &mut Lower<'_>, memory: &Memory, value: Val) {
    let ty = cx.variable_type(&value);
    if let Some(of) = cx.types.element(&memory.ty) {
        cx.types.unify(&of, &ty);
    }
    let value = elem(cx, value);
    cx.push(Stmt::Push { vec: memory.place.clone(), value });
}

/// Reverses the elements from `from`, or the first, to before `to`.
fn reverse(cx: &mut Lower<'_>, memory: &Memory, from: Option<&Operand>, to: &Operand) {
    let from = from.map(|from| cx.operand_tokens(from));
    let to = cx.operand_tokens(to);
    let half = match &from {
        Some(from) => quote!((#to - #from) / 2),
        None => quote!(#to / 2),
    };
    let half = computed(cx, half);
    cx.counted_loop(Counted::up_to(half, "i"), None, |cx, i| {
        let first = cx.as_int(i);
        let i = cx.operand_tokens(&first);
        let a = match &from {
            Some(from) => computed(cx, quote!(#from + #i)),
            None => first,
        };
        let b = computed(cx, quote!(#to - 1 - #i));
        swap(cx, memory, a, b);
    });
}

/// The element at `at` becomes the first: both parts are reversed, then the whole.
fn rotate(cx: &mut Lower<'_>, memory: &Memory, at: Operand) {
    check(cx, memory, &at, |whole, at| quote!(#whole.split_at(#at)));
    let n = length(cx, memory);
    // A number of the user's has a name, too: `(1 - 1) / 2` reads as a mistake.
    let at = match at {
        Operand::Lit(_) => {
            let at = cx.operand_tokens(&at);
            computed(cx, at)
        }
        Operand::Var(_) => at,
    };
    reverse(cx, memory, None, &at);
    reverse(cx, memory, Some(&at), &n);
    reverse(cx, memory, None, &n);
}

/// A part of the elements as a `Vec` of its own.
pub(super) fn copy(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, part: Proj) -> Val {
    let part = Memory { place: cx.project(&memory.place, part), ..memory.clone() };
    to_vec(cx, Val::Memory(part), call)
}

/// Only the first `kept` elements stay.
fn shorten(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, kept: &Operand) {
    let first = Proj::Slice { from: None, to: Some(kept.clone()), inclusive: false };
    if let Val::Memory(copy) = copy(cx, call, memory, first) {
        cx.types.unify(&memory.ty, &copy.ty);
        cx.push(Stmt::Assign { place: memory.place.clone(), init: Init::Move(copy.place) });
    }
}

/// Only the first `kept` elements stay; the one behind them, in the `Vec` that was there.
fn take_last(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, kept: &Operand) -> Val {
    let first = Proj::Slice { from: None, to: Some(kept.clone()), inclusive: false };
    let Val::Memory(copy) = copy(cx, call, memory, first) else { return Val::Never };
    cx.types.unify(&memory.ty, &copy.ty);
    cx.push(Stmt::Swap { a: copy.place.clone(), b: memory.place.clone() });
    cx.element(&copy, kept.clone())
}

/// `x.split_at(k)`: two views, and the user's own panic.
pub(super) fn split_at(cx: &mut Lower<'_>, memory: &Memory, at: &Expr, mutable: bool) -> Val {
    let at = expr::lower(cx, at);
    let at = cx.as_int(at);
    let of = cx.types.element(&memory.ty).unwrap_or_else(|| cx.unknown_constant());
    let whole = cx.place_tokens(&memory.place);
    let k = cx.operand_tokens(&at);
    cx.push_effect(quote!(let _ = #whole.split_at(#k);), Vec::new());
    let part = |cx: &Lower<'_>, from: Option<Operand>, to: Option<Operand>| {
        let proj = Proj::Slice { from, to, inclusive: false };
        Val::reference(mutable, Val::memory(cx.project(&memory.place, proj), Type::slice(of.clone())))
    };
    Val::Tuple(vec![part(cx, None, Some(at.clone())), part(cx, Some(at), None)])
}

/// `v.extend_from_slice(from)`
pub(super) fn extend(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, from: &Expr) -> Val {
    let val = expr::lower_place(cx, from);
    let from = match place::peel_place(cx, val.clone()) {
        Val::Memory(from) => from,
        Val::Never => return Val::Never,
        _ => {
            // A part of a constant has no size, and a temporary gets a name.
            let is_part =
                matches!(super::flow::bare(from), Expr::Reference(of) if matches!(*of.expr, Expr::Index(_)));
            let constant = match val {
                val @ Val::Ref { .. } if !is_part => val,
                val => Val::Code(cx.as_code(val)),
            };
            iter::extend_by(cx, memory, constant, call);
            return Val::Unit;
        }
    };
    cx.types.unify(&memory.ty, &from.ty);
    let hi = method::len(cx, Val::Memory(from.clone()));
    cx.counted_loop(super::build::Counted::up_to(hi, "i"), None, |cx, index| {
        let index = cx.as_int(index);
        let val = cx.element(&from, index);
        let val = cx.rvalue(val);
        let value = expr::elem(cx, val);
        cx.push(Stmt::Push { vec: memory.place.clone(), value });
    });
    Val::Unit
}
