//! Which items does an iterator give?
//!
//! A [`Pipe`] is an iterator that was written and not yet run: a source, and what is done to its items.
//! Where every item can be told by its index alone, `zip`, `rev`, `skip` and their kin are arithmetic of
//! indices; this file knows that arithmetic. Where not, the stages are run one inside the other (`drive`).

use super::number;
use super::part::{element, piece};
use crate::ir::{Code, Init, Op, Operand, Ty};
use crate::lower::closure::{Effects, Fun};
use crate::lower::env::LocalId;
use crate::lower::types::Type;
use crate::lower::value::{CodeVal, Memory, Val};
use crate::lower::{Lower, unknown};
use quote::quote;

#[derive(Clone, Debug)]
pub(crate) enum Pipe {
    // Sources.
    /// `from..to`
    Range {
        from: Operand,
        to: Option<Operand>,
        inclusive: bool,
    },
    /// `from`, `from + step`, …
    Steps {
        from: Operand,
        /// The end of the range.
        to: Operand,
        step: Operand,
        count: Operand,
    },
    /// `to`, `to - step`, … or one less each, where the end is not included.
    StepsBack {
        from: Operand,
        to: Operand,
        inclusive: bool,
        step: Operand,
        count: Operand,
    },
    /// The elements of a sequence in memory. `order`: the number of the element that comes then.
    Elements {
        of: Memory,
        by: By,
        len: Operand,
        order: Option<Operand>,
    },
    /// Overlapping or adjacent parts of a slice.
    Pieces {
        of: Memory,
        cut: Cut,
        size: Operand,
        len: Operand,
    },
    /// A `Vec` with the items of an iterator over constants: references or not, of a type that their use may tell.
    Constants {
        items: Operand,
        len: Operand,
        by_ref: bool,
        /// They may be more than references, and need not be `Copy`: who asks for one gets a copy.
        owned: bool,
        ty: Type,
    },
    Repeat(Box<Val>),
    Once(Box<Val>),
    Empty,
    // Adaptors.
    Map(Box<Pipe>, Fun),
    Inspect(Box<Pipe>, Fun),
    Copied(Box<Pipe>),
    Enumerate(Box<Pipe>),
    Zip(Box<Pipe>, Box<Pipe>),
    /// The length, where it is known.
    Rev(Box<Pipe>, Option<Operand>),
    Skip(Box<Pipe>, Operand),
    Take(Box<Pipe>, Operand),
    StepBy(Box<Pipe>, Operand),
    /// From the beginning again, after so many.
    Cycle(Box<Pipe>, Operand),
    /// The length of the first part, where it is known.
    Chain(Box<Pipe>, Box<Pipe>, Option<Operand>),
    Filter(Box<Pipe>, Fun),
    FilterMap(Box<Pipe>, Fun),
    /// With the type of the inner items, which their use may tell.
    FlatMap(Box<Pipe>, Fun, Type),
    TakeWhile(Box<Pipe>, Fun),
    SkipWhile(Box<Pipe>, Fun),
    /// The variable says whether nothing was missing.
    MapWhile(Box<Pipe>, Fun, Option<LocalId>),
    Scan(Box<Pipe>, Box<Val>, Fun),
}

/// How elements are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Value,
    Ref,
    Mut,
}

/// How a slice is cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Windows,
    Chunks,
    ChunksExact,
    ChunksMut,
    ChunksExactMut,
}

/// Which items are asked for.
#[derive(Clone, Copy)]
enum Asked {
    /// Any, in any order, any number of times.
    Any,
    /// All of them, in their order, once.
    All,
}

/// How many items there are.
#[derive(Clone, Debug)]
pub(super) enum Length {
    Known(Operand),
    Endless,
    /// Only running it tells.
    Unknown,
}

/// The index of an item.
#[derive(Clone, Debug)]
pub(super) struct Index {
    pub(super) at: Operand,
    /// Counted as the loop over [`Pipe::span`] counts: a range's own number, in the order of the loop. If
    /// not, counted from 0 in the order of the items.
    pub(super) of_span: bool,
}

/// The range of the loop that visits every item.
pub(super) struct Span {
    pub(super) from: Operand,
    pub(super) to: Operand,
    pub(super) inclusive: bool,
    pub(super) reversed: bool,
}

impl Pipe {
    /// Constants of a type that nothing tells, in whatever order: which one is looked for, its index says.
    pub(super) fn is_of_unknown(&self, cx: &Lower<'_>) -> bool {
        match self {
            Pipe::Constants { ty, .. } => cx.types.is_unresolved(ty),
            Pipe::Rev(of, _)
            | Pipe::Skip(of, _)
            | Pipe::Take(of, _)
            | Pipe::StepBy(of, _)
            | Pipe::Copied(of) => of.is_of_unknown(cx),
            _ => false,
        }
    }

    /// Whether the items are references, or numbers that do not change: not read or computed before they are asked for.
    pub(super) fn lends(&self) -> bool {
        match self {
            Pipe::Range { .. }
            | Pipe::Steps { .. }
            | Pipe::StepsBack { .. }
            | Pipe::Elements { .. }
            | Pipe::Pieces { .. }
            | Pipe::Constants { .. }
            | Pipe::Empty => true,
            Pipe::Enumerate(of)
            | Pipe::Rev(of, _)
            | Pipe::Skip(of, _)
            | Pipe::Take(of, _)
            | Pipe::StepBy(of, _)
            | Pipe::Cycle(of, _) => of.lends(),
            Pipe::Zip(a, b) | Pipe::Chain(a, b, _) => a.lends() && b.lends(),
            Pipe::Repeat(_)
            | Pipe::Once(_)
            | Pipe::Map(..)
            | Pipe::Inspect(..)
            | Pipe::Copied(_)
            | Pipe::Filter(..)
            | Pipe::FilterMap(..)
            | Pipe::FlatMap(..)
            | Pipe::TakeWhile(..)
            | Pipe::SkipWhile(..)
            | Pipe::MapWhile(..)
            | Pipe::Scan(..) => false,
        }
    }

    /// Whether every item can be told by its index, with nothing noticing which items are asked for.
    pub(super) fn indexable(&self) -> bool {
        self.is_told_by_index(Asked::Any)
    }

    /// The same where all of its items are asked for, one after the other.
    pub(super) fn is_told_in_step(&self) -> bool {
        self.is_told_by_index(Asked::All)
    }

    fn is_told_by_index(&self, asked: Asked) -> bool {
        let may = |effects: Effects| match asked {
            Asked::Any => effects == Effects::None,
            Asked::All => effects != Effects::Changes,
        };
        match self {
            Pipe::Range { .. }
            | Pipe::Steps { .. }
            | Pipe::StepsBack { .. }
            | Pipe::Elements { .. }
            | Pipe::Pieces { .. }
            | Pipe::Constants { .. }
            | Pipe::Repeat(_)
            | Pipe::Once(_)
            | Pipe::Empty => true,
            Pipe::Map(of, fun) => may(fun.effects_of(of.lends_to_change())) && of.is_told_by_index(asked),
            Pipe::Inspect(of, fun) => may(fun.effects()) && of.is_told_by_index(asked),
            Pipe::Copied(of) | Pipe::Enumerate(of) | Pipe::Take(of, _) => of.is_told_by_index(asked),
            // These leave items out, or ask for them again or in another order.
            Pipe::Skip(of, _) | Pipe::StepBy(of, _) | Pipe::Cycle(of, _) => of.indexable(),
            Pipe::Rev(of, len) => len.is_some() && of.indexable(),
            Pipe::Zip(a, b) => a.is_told_by_index(asked) && b.is_told_by_index(asked),
            Pipe::Chain(a, b, len) => len.is_some() && a.is_told_by_index(asked) && b.is_told_by_index(asked),
            Pipe::Filter(..)
            | Pipe::FilterMap(..)
            | Pipe::FlatMap(..)
            | Pipe::TakeWhile(..)
            | Pipe::SkipWhile(..)
            | Pipe::MapWhile(..)
            | Pipe::Scan(..) => false,
        }
    }

    /// Whether running it changes something outside.
    pub(super) fn changes(&self) -> bool {
        match self {
            Pipe::Range { .. }
            | Pipe::Steps { .. }
            | Pipe::StepsBack { .. }
            | Pipe::Elements { .. }
            | Pipe::Pieces { .. }
            | Pipe::Constants { .. }
            | Pipe::Repeat(_)
            | Pipe::Once(_)
            | Pipe::Empty => false,
            Pipe::Copied(of)
            | Pipe::Enumerate(of)
            | Pipe::Rev(of, _)
            | Pipe::Skip(of, _)
            | Pipe::Take(of, _)
            | Pipe::StepBy(of, _)
            | Pipe::Cycle(of, _) => of.changes(),
            Pipe::Zip(a, b) | Pipe::Chain(a, b, _) => a.changes() || b.changes(),
            Pipe::Map(of, fun)
            | Pipe::FilterMap(of, fun)
            | Pipe::FlatMap(of, fun, _)
            | Pipe::MapWhile(of, fun, _) => {
                fun.effects_of(of.lends_to_change()) == Effects::Changes || of.changes()
            }
            // These lend their items: nothing is changed through `& &mut`.
            Pipe::Inspect(of, fun)
            | Pipe::Filter(of, fun)
            | Pipe::TakeWhile(of, fun)
            | Pipe::SkipWhile(of, fun) => fun.effects() == Effects::Changes || of.changes(),
            Pipe::Scan(of, _, fun) => {
                fun.effects_beside_state(of.lends_to_change()) == Effects::Changes || of.changes()
            }
        }
    }

    /// Whether a stage of it may leave the loop before the source is at its end.
    pub(super) fn ends_early(&self) -> bool {
        match self {
            Pipe::TakeWhile(..) | Pipe::MapWhile(..) | Pipe::Scan(..) => true,
            Pipe::Take(..) | Pipe::Zip(..) => !self.indexable() || self.nested(),
            Pipe::Range { .. }
            | Pipe::Steps { .. }
            | Pipe::StepsBack { .. }
            | Pipe::Elements { .. }
            | Pipe::Pieces { .. }
            | Pipe::Constants { .. }
            | Pipe::Repeat(_)
            | Pipe::Once(_)
            | Pipe::Empty
            // Their parts end by themselves.
            | Pipe::Chain(..) => false,
            Pipe::Map(of, _)
            | Pipe::Inspect(of, _)
            | Pipe::Copied(of)
            | Pipe::Enumerate(of)
            | Pipe::Rev(of, _)
            | Pipe::Skip(of, _)
            | Pipe::StepBy(of, _)
            | Pipe::Cycle(of, _)
            | Pipe::Filter(of, _)
            | Pipe::FilterMap(of, _)
            | Pipe::FlatMap(of, ..)
            | Pipe::SkipWhile(of, _) => of.ends_early(),
        }
    }

    /// Whether running it takes something other than exactly one loop.
    pub(super) fn nested(&self) -> bool {
        match self {
            Pipe::Chain(..) | Pipe::FlatMap(..) | Pipe::Once(_) | Pipe::Empty => true,
            Pipe::Range { .. }
            | Pipe::Steps { .. }
            | Pipe::StepsBack { .. }
            | Pipe::Elements { .. }
            | Pipe::Pieces { .. }
            | Pipe::Constants { .. }
            | Pipe::Repeat(_) => false,
            Pipe::Zip(a, b) => !self.indexable() && if b.indexable() { a.nested() } else { b.nested() },
            Pipe::Map(of, _)
            | Pipe::Inspect(of, _)
            | Pipe::Copied(of)
            | Pipe::Enumerate(of)
            | Pipe::Rev(of, _)
            | Pipe::Skip(of, _)
            | Pipe::Take(of, _)
            | Pipe::StepBy(of, _)
            | Pipe::Cycle(of, _)
            | Pipe::Filter(of, _)
            | Pipe::FilterMap(of, _)
            | Pipe::TakeWhile(of, _)
            | Pipe::SkipWhile(of, _)
            | Pipe::MapWhile(of, _, _)
            | Pipe::Scan(of, _, _) => of.nested(),
        }
    }

    /// Whether something is left to be done after an item was consumed.
    pub(super) fn works_after_items(&self) -> bool {
        match self {
            Pipe::Take(of, _) => !of.indexable() || of.works_after_items(),
            Pipe::Range { .. }
            | Pipe::Steps { .. }
            | Pipe::StepsBack { .. }
            | Pipe::Elements { .. }
            | Pipe::Pieces { .. }
            | Pipe::Constants { .. }
            | Pipe::Repeat(_)
            | Pipe::Once(_)
            | Pipe::Empty => false,
            Pipe::Zip(a, b) | Pipe::Chain(a, b, _) => a.works_after_items() || b.works_after_items(),
            Pipe::Map(of, _)
            | Pipe::Inspect(of, _)
            | Pipe::Copied(of)
            | Pipe::Enumerate(of)
            | Pipe::Rev(of, _)
            | Pipe::Skip(of, _)
            | Pipe::StepBy(of, _)
            | Pipe::Cycle(of, _)
            | Pipe::Filter(of, _)
            | Pipe::FilterMap(of, _)
            | Pipe::FlatMap(of, ..)
            | Pipe::TakeWhile(of, _)
            | Pipe::SkipWhile(of, _)
            | Pipe::MapWhile(of, _, _)
            | Pipe::Scan(of, _, _) => of.works_after_items(),
        }
    }

    /// How many items there are. Exact also where running the closures has effects.
    pub(super) fn length(&self, cx: &mut Lower<'_>) -> Length {
        match self {
            Pipe::Range { to: None, .. } | Pipe::Repeat(_) => Length::Endless,
            Pipe::Range { from, to: Some(to), inclusive } => {
                Length::Known(number::trips(cx, from, to, *inclusive))
            }
            Pipe::Steps { count, .. } | Pipe::StepsBack { count, .. } => Length::Known(count.clone()),
            Pipe::Elements { len, .. } | Pipe::Constants { len, .. } => Length::Known(len.clone()),
            Pipe::Pieces { cut, size, len, .. } => Length::Known(match cut {
                Cut::Windows => number::windows(cx, len, size),
                Cut::Chunks | Cut::ChunksMut => number::div_ceil(cx, len, size),
                Cut::ChunksExact | Cut::ChunksExactMut => number::div(cx, len, size),
            }),
            Pipe::Once(_) => Length::Known(Operand::int(1)),
            Pipe::Empty => Length::Known(Operand::int(0)),
            Pipe::Map(of, _) | Pipe::Inspect(of, _) | Pipe::Copied(of) | Pipe::Enumerate(of) => of.length(cx),
            Pipe::Rev(of, len) => match len {
                Some(len) => Length::Known(len.clone()),
                None => of.length(cx),
            },
            Pipe::Zip(a, b) => match (a.length(cx), b.length(cx)) {
                (Length::Known(a), Length::Known(b)) => Length::Known(number::min(cx, &a, &b)),
                (Length::Known(len), Length::Endless) | (Length::Endless, Length::Known(len)) => {
                    Length::Known(len)
                }
                (Length::Endless, Length::Endless) => Length::Endless,
                _ => Length::Unknown,
            },
            Pipe::Skip(of, by) => match of.length(cx) {
                Length::Known(len) => Length::Known(number::saturating_sub(cx, &len, by)),
                other => other,
            },
            Pipe::Take(of, count) => match of.length(cx) {
                Length::Known(len) => Length::Known(number::min(cx, &len, count)),
                Length::Endless => Length::Known(count.clone()),
                Length::Unknown => Length::Unknown,
            },
            Pipe::StepBy(of, step) => match of.length(cx) {
                Length::Known(len) => Length::Known(number::div_ceil(cx, &len, step)),
                other => other,
            },
            Pipe::Cycle(_, len) => number::cycled(cx, len).map_or(Length::Endless, Length::Known),
            Pipe::Chain(a, b, _) => match (a.length(cx), b.length(cx)) {
                (Length::Known(a), Length::Known(b)) => Length::Known(number::add(cx, &a, &b)),
                (Length::Endless, _) | (_, Length::Endless) => Length::Endless,
                _ => Length::Unknown,
            },
            Pipe::Filter(..)
            | Pipe::FilterMap(..)
            | Pipe::FlatMap(..)
            | Pipe::TakeWhile(..)
            | Pipe::SkipWhile(..)
            | Pipe::MapWhile(..)
            | Pipe::Scan(..) => Length::Unknown,
        }
    }

    /// The range of one loop that visits every item of an indexable pipe.
    pub(super) fn span(&self, cx: &mut Lower<'_>) -> Span {
        match self {
            Pipe::Map(of, _) | Pipe::Inspect(of, _) | Pipe::Copied(of) => of.span(cx),
            Pipe::Rev(of, _) => {
                let span = of.span(cx);
                Span { reversed: !span.reversed, ..span }
            }
            Pipe::Range { from, to: Some(to), inclusive } => {
                Span { from: from.clone(), to: to.clone(), inclusive: *inclusive, reversed: false }
            }
            Pipe::Range { from, to: None, .. } => {
                let (to, inclusive) = number::open_end(cx, from);
                Span { from: from.clone(), to, inclusive, reversed: false }
            }
            _ => {
                let to = match self.length(cx) {
                    Length::Known(len) => len,
                    Length::Endless | Length::Unknown => number::endless(cx),
                };
                // What steps through a written range is of the type that its use tells.
                let to = match self {
                    Pipe::Steps { from, to: end, .. } | Pipe::StepsBack { from, to: end, .. }
                        if number::is_written_out(from, end) =>
                    {
                        to
                    }
                    _ => number::bound(to),
                };
                Span { from: Operand::int(0), to, inclusive: false, reversed: false }
            }
        }
    }

    /// The item at an index.
    pub(super) fn item(&self, cx: &mut Lower<'_>, index: &Index) -> Val {
        let at = &index.at;
        let plain = |at: Operand| Index { at, of_span: false };
        match self {
            Pipe::Map(of, fun) => {
                let item = of.item(cx, index);
                fun.call(cx, vec![item])
            }
            Pipe::Inspect(of, fun) => {
                let item = of.item(cx, index);
                inspect(cx, fun, item)
            }
            Pipe::Copied(of) => {
                let item = of.item(cx, index);
                by_value(cx, item)
            }
            Pipe::Rev(of, _) if index.of_span => of.item(cx, index),
            Pipe::Rev(of, len) => {
                let len = len.clone().unwrap_or_else(|| Operand::int(0));
                let mirrored = number::mirrored(cx, &len, at);
                of.item(cx, &plain(mirrored))
            }
            Pipe::Range { .. } if index.of_span => Val::Scalar(at.clone(), Type::Int),
            Pipe::Range { from, to, .. } => Val::Scalar(number::offset(cx, from, to.as_ref(), at), Type::Int),
            Pipe::Steps { from, to, step, .. } => {
                let offset = number::mul(cx, at, step);
                let item = if index.of_span && number::is_written_out(from, to) {
                    number::add(cx, from, &offset)
                } else {
                    number::offset(cx, from, Some(to), &offset)
                };
                Val::Scalar(item, Type::Int)
            }
            Pipe::StepsBack { from, to, inclusive, step, .. } => {
                let offset = number::mul(cx, at, step);
                let item = match index.of_span && number::is_written_out(from, to) {
                    true if *inclusive => number::sub(cx, to, &offset),
                    true => number::mirrored(cx, to, &offset),
                    false => number::back(cx, (from, to), *inclusive, &offset),
                };
                Val::Scalar(item, Type::Int)
            }
            Pipe::Elements { of, by, order: None, .. } => element(cx, of, *by, at),
            Pipe::Elements { of, by, order: Some(order), .. } => {
                cx.mark_usize(at);
                let [order, at] = [order, at].map(|of| cx.operand_tokens(of));
                let at = Code::new(quote!(#order.at(#at)), true).stopping();
                let at = cx.push_let("at", Type::Opaque, Op::Code(at));
                element(cx, of, *by, &at)
            }
            Pipe::Pieces { of, cut, size, len } => piece(cx, of, *cut, size, len, at),
            Pipe::Constants { items, by_ref, owned, ty, .. } => {
                let (items, at) = (cx.operand_tokens(items), cx.operand_tokens(at));
                let item = |tokens| Val::Code(CodeVal { tokens, ty: ty.clone(), cheap: true, typed: true });
                if let Some(number) = unknown::number_behind(cx, ty, &quote!(#items[#at])) {
                    let number = item(number);
                    if *by_ref { Val::reference(false, number) } else { number }
                } else if *by_ref && cx.types.is_scalar(ty) {
                    // A number, as an earlier run has learnt: arithmetic looks through the reference.
                    Val::reference(false, item(quote!(*#items[#at])))
                } else if *owned && matches!(cx.types.to_ir(ty), Ty::Opaque | Ty::Unknown) {
                    item(quote!({
                        use __grad_runtime::{CopyOfItem as _, LentItem as _};
                        (&&__grad_runtime::ItemOf::new(&#items[#at])).item()
                    }))
                } else {
                    item(quote!(#items[#at]))
                }
            }
            Pipe::Repeat(item) | Pipe::Once(item) => (**item).clone(),
            Pipe::Zip(a, b) => {
                let left = a.item(cx, &plain(at.clone()));
                // Loaded before the other item is asked for.
                let left = cx.rvalue(left);
                let right = b.item(cx, &plain(at.clone()));
                Val::Tuple(vec![left, right])
            }
            Pipe::Enumerate(of) => {
                let item = of.item(cx, &plain(at.clone()));
                Val::Tuple(vec![Val::Scalar(at.clone(), Type::Int), item])
            }
            Pipe::Skip(of, by) => {
                let at = number::add(cx, at, by);
                of.item(cx, &plain(at))
            }
            Pipe::Take(of, _) => of.item(cx, &plain(at.clone())),
            Pipe::StepBy(of, step) => {
                let at = number::mul(cx, at, step);
                of.item(cx, &plain(at))
            }
            Pipe::Cycle(of, len) => {
                let at = number::rem(cx, at, len);
                of.item(cx, &plain(at))
            }
            Pipe::Chain(a, b, len) => {
                let len = len.clone().unwrap_or_else(|| Operand::int(0));
                let first = number::less(cx, at, &len);
                cx.branch(
                    first,
                    |cx| {
                        let item = a.item(cx, &plain(at.clone()));
                        settled(cx, item)
                    },
                    |cx| {
                        let at = number::sub(cx, at, &len);
                        let item = b.item(cx, &plain(at));
                        settled(cx, item)
                    },
                )
            }
            // Nothing but running it tells its items: asked for by nobody.
            Pipe::Empty
            | Pipe::Filter(..)
            | Pipe::FilterMap(..)
            | Pipe::FlatMap(..)
            | Pipe::TakeWhile(..)
            | Pipe::SkipWhile(..)
            | Pipe::MapWhile(..)
            | Pipe::Scan(..) => Val::Never,
        }
    }

    /// A name for the index of the loop, from the pattern that takes the items.
    pub(super) fn index_name(&self, pat: Option<&syn::Pat>) -> Option<String> {
        let inner = |pat: Option<&syn::Pat>, at: usize| match pat.map(unwrapped) {
            Some(syn::Pat::Tuple(tuple)) => tuple.elems.get(at).cloned(),
            _ => None,
        };
        match self {
            Pipe::Range { .. } => match pat.map(unwrapped) {
                Some(syn::Pat::Ident(ident)) => Some(ident.ident.to_string()),
                _ => None,
            },
            Pipe::Enumerate(of) => match inner(pat, 0).as_ref().map(unwrapped) {
                Some(syn::Pat::Ident(ident)) => Some(ident.ident.to_string()),
                _ => of.index_name(inner(pat, 1).as_ref()),
            },
            Pipe::Map(of, fun)
            | Pipe::FilterMap(of, fun)
            | Pipe::FlatMap(of, fun, _)
            | Pipe::MapWhile(of, fun, _) => of.index_name(fun.parameter(0)),
            Pipe::Scan(of, _, fun) => of.index_name(fun.parameter(1)),
            Pipe::Filter(of, fun)
            | Pipe::TakeWhile(of, fun)
            | Pipe::SkipWhile(of, fun)
            | Pipe::Inspect(of, fun) => of.index_name(pat).or_else(|| of.index_name(fun.parameter(0))),
            Pipe::Zip(a, b) => {
                a.index_name(inner(pat, 0).as_ref()).or_else(|| b.index_name(inner(pat, 1).as_ref()))
            }
            Pipe::Copied(of) | Pipe::Rev(of, _) | Pipe::Take(of, _) => of.index_name(pat),
            Pipe::Skip(..)
            | Pipe::StepBy(..)
            | Pipe::Cycle(..)
            | Pipe::Chain(..)
            | Pipe::Steps { .. }
            | Pipe::StepsBack { .. }
            | Pipe::Elements { .. }
            | Pipe::Pieces { .. }
            | Pipe::Constants { .. }
            | Pipe::Repeat(_)
            | Pipe::Once(_)
            | Pipe::Empty => None,
        }
    }
}

/// A pattern without references and types around it.
fn unwrapped(pat: &syn::Pat) -> &syn::Pat {
    match pat {
        syn::Pat::Reference(reference) => unwrapped(&reference.pat),
        syn::Pat::Type(typed) => unwrapped(&typed.pat),
        syn::Pat::Paren(paren) => unwrapped(&paren.pat),
        pat => pat,
    }
}

/// The item, after a closure has looked at it.
pub(super) fn inspect(cx: &mut Lower<'_>, fun: &Fun, item: Val) -> Val {
    let item = settled(cx, item);
    fun.call(cx, vec![Val::reference(false, item.clone())]);
    item
}

/// What is behind a reference; copied where it is a number.
pub(crate) fn by_value(cx: &mut Lower<'_>, item: Val) -> Val {
    match item {
        Val::Ref { to, .. } => match cx.rvalue(*to) {
            Val::Memory(memory) if !cx.types.is_copy(&memory.ty) => {
                cx.push_alloc("item", memory.ty, Init::Clone(memory.place))
            }
            item => item,
        },
        Val::Local(path) => {
            let item = cx.read_component(&path);
            by_value(cx, item)
        }
        // A constant that is a reference, as only rustc knows.
        item @ (Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) => {
            let ty = cx.type_of(&item);
            if cx.types.is_scalar(&ty) {
                return item;
            }
            let CodeVal { tokens, cheap, .. } = cx.as_code(item);
            Val::Code(CodeVal { tokens: quote!(*#tokens), ty: cx.unknown_constant(), cheap, typed: true })
        }
        item => item,
    }
}

/// An item that is used more than once.
pub(super) fn settled(cx: &mut Lower<'_>, item: Val) -> Val {
    cx.settle(item)
}
