//! Arithmetic of indices and lengths, done at once where both numbers are written in the source.
//!
//! What is counted is of the type `usize`, the numbers of a range need not be: their type may be known to rustc only.

use crate::ir::{Lit, Operand};
use crate::lower::Lower;
use proc_macro2::TokenStream;
use quote::quote;

/// The number an operand is, if it is written out.
fn known(operand: &Operand) -> Option<usize> {
    match operand {
        Operand::Lit(lit) => {
            let digits = lit.text.strip_suffix("usize").unwrap_or(&lit.text).trim_end_matches('_');
            digits.parse().ok()
        }
        Operand::Var(_) => None,
    }
}

/// Something computed from `a` and `b`.
fn compute(
    cx: &mut Lower<'_>,
    (a, b): (&Operand, &Operand),
    fold: impl FnOnce(usize, usize) -> Option<usize>,
    write: impl FnOnce(TokenStream, TokenStream) -> TokenStream,
) -> Operand {
    if let (Some(x), Some(y)) = (known(a), known(b))
        && let Some(result) = fold(x, y)
    {
        return Operand::int(result);
    }
    let tokens = write(cx.operand_tokens(a), cx.operand_tokens(b));
    let is_usize = cx.is_usize(a) || cx.is_usize(b);
    let val = cx.int_code(tokens);
    let result = cx.as_int(val);
    if is_usize {
        cx.mark_usize(&result);
    }
    result
}

/// A count that tokens compute.
fn count(cx: &mut Lower<'_>, tokens: TokenStream) -> Operand {
    let val = cx.int_code(tokens);
    let count = cx.as_int(val);
    cx.mark_usize(&count);
    count
}

/// A method of `usize`. A number that has its type from its use only has no methods yet.
fn method(cx: &Lower<'_>, name: &str, of: &Operand, arg: &Operand) -> TokenStream {
    let method = proc_macro2::Ident::new(name, cx.span);
    let arg = cx.operand_tokens(arg);
    match (known(of), cx.is_usize(of)) {
        (Some(value), _) => {
            let literal = proc_macro2::Literal::usize_suffixed(value);
            quote!(#literal.#method(#arg))
        }
        (None, true) => {
            let of = cx.operand_tokens(of);
            quote!(#of.#method(#arg))
        }
        (None, false) => {
            let of = cx.operand_tokens(of);
            quote!(::core::primitive::usize::#method(#of, #arg))
        }
    }
}

pub(crate) fn add(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    match (known(a), known(b)) {
        (Some(0), _) => b.clone(),
        (_, Some(0)) => a.clone(),
        _ => compute(cx, (a, b), usize::checked_add, |a, b| quote!(#a + #b)),
    }
}

/// `a - b`, where `b <= a`.
pub(super) fn sub(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    if known(b) == Some(0) {
        return a.clone();
    }
    compute(cx, (a, b), usize::checked_sub, |a, b| quote!(#a - #b))
}

pub(super) fn mul(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    match (known(a), known(b)) {
        (Some(1), _) => b.clone(),
        (_, Some(1)) => a.clone(),
        _ => compute(cx, (a, b), usize::checked_mul, |a, b| quote!(#a * #b)),
    }
}

pub(super) fn div(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    if known(b) == Some(1) {
        return a.clone();
    }
    compute(cx, (a, b), usize::checked_div, |a, b| quote!(#a / #b))
}

pub(super) fn rem(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    compute(cx, (a, b), usize::checked_rem, |a, b| quote!(#a % #b))
}

/// How many items there are of so many that come again and again; `None` if that never ends. Without a first one, there is none.
pub(super) fn cycled(cx: &mut Lower<'_>, len: &Operand) -> Option<Operand> {
    if known(len).is_some_and(|len| len > 0) {
        return None;
    }
    let len = cx.operand_tokens(len);
    Some(count(cx, quote!(__grad_runtime::cycled(#len))))
}

pub(super) fn div_ceil(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    if known(b) == Some(1) {
        return a.clone();
    }
    if let (Some(a), Some(b)) = (known(a), known(b))
        && b > 0
    {
        return Operand::int(a.div_ceil(b));
    }
    let tokens = method(cx, "div_ceil", a, b);
    count(cx, tokens)
}

pub(super) fn saturating_sub(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    match (known(a), known(b)) {
        (_, Some(0)) => a.clone(),
        (Some(a), Some(b)) => Operand::int(a.saturating_sub(b)),
        _ => {
            let tokens = method(cx, "saturating_sub", a, b);
            count(cx, tokens)
        }
    }
}

pub(super) fn min(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    if a == b {
        return a.clone();
    }
    if let (Some(a), Some(b)) = (known(a), known(b)) {
        return Operand::int(a.min(b));
    }
    // A variable has a type; a literal takes it over.
    let (a, b) = if known(a).is_some() { (b, a) } else { (a, b) };
    let tokens = method(cx, "min", a, b);
    count(cx, tokens)
}

/// How many windows of a size there are.
pub(super) fn windows(cx: &mut Lower<'_>, len: &Operand, size: &Operand) -> Operand {
    if let Some(before) = known(size).and_then(|size| size.checked_sub(1)) {
        return saturating_sub(cx, len, &Operand::int(before));
    }
    let ends = add(cx, len, &Operand::int(1));
    saturating_sub(cx, &ends, size)
}

/// The index of an item counted from the end: `len - 1 - at`.
pub(super) fn mirrored(cx: &mut Lower<'_>, len: &Operand, at: &Operand) -> Operand {
    match (known(len), known(at)) {
        (Some(len), Some(at)) if at < len => Operand::int(len - 1 - at),
        (Some(len), _) if len > 0 => sub(cx, &Operand::int(len - 1), at),
        _ => {
            let (len, at) = (cx.operand_tokens(len), cx.operand_tokens(at));
            count(cx, quote!(#len - 1 - #at))
        }
    }
}

/// How many numbers are in a range.
pub(super) fn trips(cx: &mut Lower<'_>, from: &Operand, to: &Operand, inclusive: bool) -> Operand {
    if let (Some(from), Some(to)) = (known(from), known(to)) {
        return Operand::int((to + usize::from(inclusive)).saturating_sub(from));
    }
    if !(cx.is_usize(from) || cx.is_usize(to)) {
        let (from, to) = (cx.operand_tokens(from), cx.operand_tokens(to));
        return if inclusive {
            count(cx, quote!(__grad_runtime::trips_inclusive(#from, #to)))
        } else {
            count(cx, quote!(__grad_runtime::trips(#from, #to)))
        };
    }
    match (known(from), inclusive) {
        (Some(0), false) => to.clone(),
        (Some(0), true) => add(cx, to, &Operand::int(1)),
        // As many as in the range that begins and ends one earlier.
        (Some(from), true) => trips(cx, &Operand::int(from - 1), to, false),
        (None, true) => {
            let to = add(cx, to, &Operand::int(1));
            trips(cx, from, &to, false)
        }
        (_, false) => {
            let (from, to) = (cx.operand_tokens(from), cx.operand_tokens(to));
            count(cx, quote!((#from..#to).len()))
        }
    }
}

/// How many numbers every `step` numbers of a range are.
pub(super) fn steps(
    cx: &mut Lower<'_>,
    from: &Operand,
    to: &Operand,
    inclusive: bool,
    step: &Operand,
) -> Operand {
    let all = trips(cx, from, to, inclusive);
    div_ceil(cx, &all, step)
}

pub(super) fn less(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    if let (Some(a), Some(b)) = (known(a), known(b)) {
        return Operand::bool(a < b);
    }
    if known(b) == Some(0) {
        return Operand::bool(false);
    }
    let (a, b) = (cx.operand_tokens(a), cx.operand_tokens(b));
    let val = cx.bool_code(quote!(#a < #b));
    cx.as_bool(val)
}

/// The end of `from..`, of whatever type it is, and whether that is one of its numbers.
pub(super) fn open_end(cx: &mut Lower<'_>, from: &Operand) -> (Operand, bool) {
    if cx.is_usize(from) {
        return (endless(cx), false);
    }
    let from = cx.operand_tokens(from);
    let val = cx.int_code(quote!(__grad_runtime::greatest(#from)));
    (cx.as_int(val), true)
}

/// The end of an iterator that has none.
pub(super) fn endless(cx: &mut Lower<'_>) -> Operand {
    count(cx, quote!(::core::primitive::usize::MAX))
}

/// A length that bounds a loop: with its type, so that what is computed from the loop's index has one, too.
pub(crate) fn bound(len: Operand) -> Operand {
    match known(&len) {
        Some(value) => usize_literal(value),
        None => len,
    }
}

/// A literal of the type `usize`.
fn usize_literal(value: usize) -> Operand {
    Operand::Lit(Lit { text: format!("{value}_usize"), value: value as f64 })
}

/// A count from zero, of the type of lengths.
pub(super) fn zero() -> Operand {
    usize_literal(0)
}

/// Number `at` of those of a range, whose type may not be that of counts.
pub(super) fn offset(cx: &mut Lower<'_>, from: &Operand, to: Option<&Operand>, at: &Operand) -> Operand {
    let like = to.unwrap_or(from);
    if known(at).is_some() || cx.is_usize(from) || cx.is_usize(like) {
        return add(cx, from, at);
    }
    let (from, like, at) = (cx.operand_tokens(from), cx.operand_tokens(like), cx.operand_tokens(at));
    let val = cx.int_code(quote!(__grad_runtime::index(#from, #like, #at)));
    cx.as_int(val)
}

/// Number `at` of those of a range, backwards.
pub(super) fn back(
    cx: &mut Lower<'_>,
    (from, to): (&Operand, &Operand),
    inclusive: bool,
    at: &Operand,
) -> Operand {
    if known(at).is_some() || cx.is_usize(from) || cx.is_usize(to) {
        return if inclusive { sub(cx, to, at) } else { mirrored(cx, to, at) };
    }
    let (from, to, at) = (cx.operand_tokens(from), cx.operand_tokens(to), cx.operand_tokens(at));
    let tokens = if inclusive {
        quote!(__grad_runtime::index_reversed_inclusive(#from, #to, #at))
    } else {
        quote!(__grad_runtime::index_reversed(#from, #to, #at))
    };
    let val = cx.int_code(tokens);
    cx.as_int(val)
}

/// Whether a number is written out, without a type.
fn untyped(operand: &Operand) -> bool {
    matches!(operand, Operand::Lit(lit) if lit.text.chars().all(|c| c.is_ascii_digit() || c == '_'))
}

/// Whether all that is known of a range's type is its use.
pub(super) fn is_written_out(from: &Operand, to: &Operand) -> bool {
    untyped(from) && untyped(to)
}

/// Whether an operand is this number.
pub(super) fn is(operand: &Operand, value: usize) -> bool {
    known(operand) == Some(value)
}
