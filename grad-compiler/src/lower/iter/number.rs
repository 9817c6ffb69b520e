//! Arithmetic of indices and lengths, done at once where both numbers are written in the source.

use crate::ir::Operand;
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
    let val = cx.int_code(tokens);
    cx.as_int(val)
}

/// The receiver of a method of integers: a bare literal has no type to look the method up in.
fn receiver(cx: &Lower<'_>, operand: &Operand) -> TokenStream {
    match known(operand) {
        Some(value) => {
            let literal = proc_macro2::Literal::usize_suffixed(value);
            quote!(#literal)
        }
        None => cx.operand_tokens(operand),
    }
}

pub(super) fn add(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
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

pub(super) fn div_ceil(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    if known(b) == Some(1) {
        return a.clone();
    }
    let fold = |a: usize, b: usize| if b == 0 { None } else { Some(a.div_ceil(b)) };
    let of = receiver(cx, a);
    compute(cx, (a, b), fold, |_, b| quote!(#of.div_ceil(#b)))
}

pub(super) fn saturating_sub(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    if known(b) == Some(0) {
        return a.clone();
    }
    let of = receiver(cx, a);
    compute(cx, (a, b), |a, b| Some(a.saturating_sub(b)), |_, b| quote!(#of.saturating_sub(#b)))
}

pub(super) fn min(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    if a == b {
        return a.clone();
    }
    // A variable has a type; a literal takes it over.
    let (a, b) = if known(a).is_some() { (b, a) } else { (a, b) };
    let of = receiver(cx, a);
    compute(cx, (a, b), |a, b| Some(a.min(b)), |_, b| quote!(#of.min(#b)))
}

/// How many windows of a size there are.
pub(super) fn windows(cx: &mut Lower<'_>, len: &Operand, size: &Operand) -> Operand {
    if let Some(before) = known(size).and_then(|size| size.checked_sub(1)) {
        return saturating_sub(cx, len, &Operand::int(before));
    }
    let (len, size) = (cx.operand_tokens(len), cx.operand_tokens(size));
    let val = cx.int_code(quote!((#len + 1).saturating_sub(#size)));
    cx.as_int(val)
}

/// The index of an item counted from the end: `len - 1 - at`.
pub(super) fn mirrored(cx: &mut Lower<'_>, len: &Operand, at: &Operand) -> Operand {
    match (known(len), known(at)) {
        (Some(len), Some(at)) if at < len => Operand::int(len - 1 - at),
        (Some(len), _) if len > 0 => sub(cx, &Operand::int(len - 1), at),
        _ => {
            let (len, at) = (cx.operand_tokens(len), cx.operand_tokens(at));
            let val = cx.int_code(quote!(#len - 1 - #at));
            cx.as_int(val)
        }
    }
}

/// How many numbers are in a range.
pub(super) fn trips(cx: &mut Lower<'_>, from: &Operand, to: &Operand, inclusive: bool) -> Operand {
    match (known(from), inclusive) {
        (Some(0), false) => return to.clone(),
        (Some(0), true) => return add(cx, to, &Operand::int(1)),
        // As many as in the range that begins and ends one earlier.
        (Some(from), true) => return trips(cx, &Operand::int(from - 1), to, false),
        (_, false) => {}
        (None, true) => {
            let to = add(cx, to, &Operand::int(1));
            return trips(cx, from, &to, false);
        }
    }
    // The length of the range itself: of any type of integer.
    compute(cx, (from, to), |from, to| Some(to.saturating_sub(from)), |from, to| quote!((#from..#to).len()))
}

/// How many numbers every `step` numbers of a range are: of any type of integer.
pub(super) fn steps(
    cx: &mut Lower<'_>,
    from: &Operand,
    to: &Operand,
    inclusive: bool,
    step: &Operand,
) -> Operand {
    if let (Some(from), Some(to), Some(step)) = (known(from), known(to), known(step))
        && step > 0
    {
        let to = if inclusive { to + 1 } else { to };
        return Operand::int(to.saturating_sub(from).div_ceil(step));
    }
    let start = known(from) == Some(0);
    let (from, to, step) = (cx.operand_tokens(from), cx.operand_tokens(to), cx.operand_tokens(step));
    let tokens = match (inclusive, start) {
        (false, true) => quote!(if #to > 0 { (#to - 1) / #step + 1 } else { 0 }),
        (false, false) => quote!(if #to > #from { (#to - #from - 1) / #step + 1 } else { 0 }),
        (true, true) => quote!(#to / #step + 1),
        (true, false) => quote!(if #to >= #from { (#to - #from) / #step + 1 } else { 0 }),
    };
    let val = cx.int_code(tokens);
    cx.as_int(val)
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

/// The end of a range that has none.
pub(super) fn endless(cx: &mut Lower<'_>) -> Operand {
    let val = cx.int_code(quote!(::core::primitive::usize::MAX));
    cx.as_int(val)
}

/// A count from zero, of the type of lengths.
pub(super) fn zero() -> Operand {
    Operand::Lit(crate::ir::Lit { text: "0_usize".to_string(), value: 0.0 })
}

/// Whether nothing but its use tells the type of a number.
pub(super) fn untyped(operand: &Operand) -> bool {
    matches!(operand, Operand::Lit(lit) if lit.text.chars().all(|c| c.is_ascii_digit() || c == '_'))
}

/// Number `at` of those from `from` on. A range of literals has the type that its use tells, which need not be
/// that of lengths.
pub(super) fn offset(cx: &mut Lower<'_>, from: &Operand, at: &Operand, untyped: bool) -> Operand {
    if !untyped || known(at).is_some() {
        return add(cx, from, at);
    }
    let (from, at) = (cx.operand_tokens(from), cx.operand_tokens(at));
    let val = cx.int_code(quote!(__grad_runtime::index(#from, #from, #at)));
    cx.as_int(val)
}

/// Number `at` of those of a range, backwards.
pub(super) fn back(
    cx: &mut Lower<'_>,
    (from, to): (&Operand, &Operand),
    inclusive: bool,
    at: &Operand,
    untyped: bool,
) -> Operand {
    if untyped && known(at).is_none() {
        let (from, to, at) = (cx.operand_tokens(from), cx.operand_tokens(to), cx.operand_tokens(at));
        let tokens = if inclusive {
            quote!(__grad_runtime::index_reversed_inclusive(#from, #to, #at))
        } else {
            quote!(__grad_runtime::index_reversed(#from, #to, #at))
        };
        let val = cx.int_code(tokens);
        return cx.as_int(val);
    }
    if inclusive {
        return sub(cx, to, at);
    }
    mirrored(cx, to, at)
}

/// Whether an operand is this number.
pub(super) fn is(operand: &Operand, value: usize) -> bool {
    known(operand) == Some(value)
}
