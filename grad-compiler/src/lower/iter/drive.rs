//! How are the items of an iterator visited?
//!
//! Each stage calls the next one with an item, inside the loop of the source: `filter` calls it in an arm
//! of a branch, `flat_map` in a loop of its own, `chain` in two loops one after the other. What a stage has
//! to remember from item to item is a variable.

use super::number;
use super::optional;
use super::pipe::{Index, Length, Pipe, by_value, inspect, settled};
use crate::ir::Operand;
use crate::lower::build::Counted;
use crate::lower::closure::Fun;
use crate::lower::types::Type;
use crate::lower::value::{LocalPath, Val};
use crate::lower::{Kind, Lower};
use quote::quote;

/// How a stage or consumer ends the visit.
#[derive(Clone, Debug)]
pub(super) enum Exit {
    /// It is one loop, which is left.
    Loop,
    /// It is a block of several loops.
    Block(syn::Lifetime),
}

/// How a visit goes.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) exit: Exit,
    /// The user's label, where the visit is one loop.
    pub(super) label: Option<syn::Lifetime>,
    /// A name for the index of that loop.
    pub(super) name: Option<String>,
}

/// What is done with an item.
pub(super) type Next<'n> = &'n mut dyn FnMut(&mut Lower<'_>, Val);

impl Exit {
    pub(super) fn leave(&self, cx: &mut Lower<'_>) -> Val {
        match self {
            Exit::Loop => cx.exit_break(None, Val::Unit),
            Exit::Block(label) => cx.exit_break(Some(label), Val::Unit),
        }
    }
}

/// Visits every item, until `next` leaves. No exit of the user's may be inside. `pat` takes the items.
pub(super) fn visit(
    cx: &mut Lower<'_>,
    pipe: &Pipe,
    pat: Option<&syn::Pat>,
    mut next: impl FnMut(&mut Lower<'_>, &Exit, Val),
) {
    let exits = cx.exits;
    if pipe.nested() {
        let label = cx.own_label();
        let visit = Visit { exit: Exit::Block(label.clone()), label: None, name: None };
        cx.region(&label, |cx| {
            drive(cx, pipe, false, &visit, &mut |cx, item| next(cx, &visit.exit, item));
        });
    } else {
        let visit = Visit { exit: Exit::Loop, label: None, name: pipe.index_name(pat) };
        drive(cx, pipe, false, &visit, &mut |cx, item| next(cx, &visit.exit, item));
    }
    cx.exits = exits;
}

/// The one loop of an indexable pipe.
fn counted(cx: &mut Lower<'_>, pipe: &Pipe, reversed: bool, visit: &Visit, next: Next<'_>) {
    let span = pipe.span(cx);
    let name = visit.name.clone().or_else(|| pipe.index_name(None)).unwrap_or_else(|| cx.index_name());
    let range = Counted {
        lo: span.from,
        hi: span.to,
        inclusive: span.inclusive,
        reversed: span.reversed != reversed,
        name,
    };
    cx.counted_loop(range, visit.label.as_ref(), |cx, index| {
        let at = cx.as_int(index);
        if let Operand::Var(var) = at {
            // It keeps its name, whatever is made of it.
            cx.named[var.index()] = true;
        }
        let item = pipe.item(cx, &Index { at, of_span: true });
        next(cx, item);
    });
}

/// Visits the items in order, or from the back.
pub(super) fn drive(cx: &mut Lower<'_>, pipe: &Pipe, reversed: bool, visit: &Visit, next: Next<'_>) {
    if pipe.indexable() && !pipe.nested() {
        counted(cx, pipe, reversed, visit, next);
        return;
    }
    match pipe {
        Pipe::Range { .. }
        | Pipe::Steps { .. }
        | Pipe::StepsBack { .. }
        | Pipe::Elements { .. }
        | Pipe::Pieces { .. }
        | Pipe::Constants { .. }
        | Pipe::Cycle(..)
        | Pipe::Repeat(_) => counted(cx, pipe, reversed, visit, next),
        Pipe::Once(item) => next(cx, (**item).clone()),
        Pipe::Empty => {}
        Pipe::Map(of, fun) => drive(cx, of, reversed, visit, &mut |cx, item| {
            let item = fun.call(cx, vec![item]);
            next(cx, item);
        }),
        Pipe::Inspect(of, fun) => drive(cx, of, reversed, visit, &mut |cx, item| {
            let item = inspect(cx, fun, item);
            next(cx, item);
        }),
        Pipe::Copied(of) => drive(cx, of, reversed, visit, &mut |cx, item| {
            let item = by_value(cx, item);
            next(cx, item);
        }),
        Pipe::Rev(of, _) => drive(cx, of, !reversed, visit, next),
        Pipe::Filter(of, fun) => drive(cx, of, reversed, visit, &mut |cx, item| {
            let (item, keep) = test(cx, fun, item);
            when(cx, keep, |cx| next(cx, item));
        }),
        Pipe::FilterMap(of, fun) => drive(cx, of, reversed, visit, &mut |cx, item| {
            optional::each(cx, fun, vec![item], next, &mut |_| {});
        }),
        Pipe::FlatMap(of, fun, ty) => drive(cx, of, reversed, visit, &mut |cx, item| {
            let inner = fun.call(cx, vec![item]);
            let inner = cx.pipe_of(inner, ty.clone());
            part(cx, &inner, reversed, visit, next);
        }),
        Pipe::TakeWhile(of, fun) => {
            in_order(cx, reversed);
            drive(cx, of, false, visit, &mut |cx, item| {
                let (item, keep) = test(cx, fun, item);
                cx.branch(
                    keep,
                    |cx| {
                        next(cx, item);
                        Val::Unit
                    },
                    |cx| visit.exit.leave(cx),
                );
            });
        }
        Pipe::SkipWhile(of, fun) => {
            in_order(cx, reversed);
            let skipping = cx.pseudo("skipping", Val::bool(true));
            drive(cx, of, false, visit, &mut |cx, item| {
                let item = settled(cx, item);
                let val = cx.read(skipping);
                let still = cx.as_bool(val);
                let skip = cx.branch(
                    still,
                    |cx| {
                        let val = fun.call(cx, vec![Val::reference(false, item.clone())]);
                        let val = cx.as_bool(val);
                        Val::Scalar(val, Type::Bool)
                    },
                    |_| Val::bool(false),
                );
                cx.write(skipping, skip.clone());
                let skip = cx.as_bool(skip);
                cx.branch(
                    skip,
                    |_| Val::Unit,
                    |cx| {
                        next(cx, item);
                        Val::Unit
                    },
                );
            });
        }
        Pipe::MapWhile(of, fun, there) => {
            in_order(cx, reversed);
            drive(cx, of, false, visit, &mut |cx, item| {
                optional::each(cx, fun, vec![item], next, &mut |cx| {
                    if let Some(there) = there {
                        cx.write(*there, Val::bool(false));
                    }
                    visit.exit.leave(cx);
                });
            });
        }
        Pipe::Scan(of, init, fun) => {
            in_order(cx, reversed);
            let state = cx.pseudo("state", (**init).clone());
            let path = LocalPath { local: state, path: Vec::new() };
            drive(cx, of, false, visit, &mut |cx, item| {
                // A state in memory is changed in place.
                let place = match cx.read(state) {
                    val @ Val::Memory(_) => val,
                    _ => Val::Local(path.clone()),
                };
                let args = vec![Val::reference(true, place), item];
                optional::each(cx, fun, args, next, &mut |cx| {
                    visit.exit.leave(cx);
                });
            });
        }
        Pipe::Enumerate(of) => {
            let count = if reversed {
                let len = known_length(cx, of);
                cx.pseudo("remaining", Val::Scalar(len, Type::Int))
            } else {
                cx.pseudo("count", Val::Scalar(number::zero(), Type::Int))
            };
            drive(cx, of, reversed, visit, &mut |cx, item| {
                let at = cx.read(count);
                let at = cx.as_int(at);
                let index = if reversed {
                    let at = number::sub(cx, &at, &Operand::int(1));
                    cx.write(count, Val::Scalar(at.clone(), Type::Int));
                    at
                } else {
                    advance(cx, count, &at);
                    at
                };
                next(cx, Val::Tuple(vec![Val::Scalar(index, Type::Int), item]));
            });
        }
        Pipe::Zip(a, b) => zip(cx, a, b, reversed, visit, next),
        Pipe::Skip(of, by) => {
            in_order(cx, reversed);
            let skipped = cx.pseudo("skipped", Val::Scalar(number::zero(), Type::Int));
            drive(cx, of, false, visit, &mut |cx, item| {
                let val = cx.read(skipped);
                let at = cx.as_int(val);
                let skip = number::less(cx, &at, by);
                cx.branch(
                    skip,
                    |cx| {
                        advance(cx, skipped, &at);
                        Val::Unit
                    },
                    |cx| {
                        next(cx, item);
                        Val::Unit
                    },
                );
            });
        }
        Pipe::Take(of, count) => {
            in_order(cx, reversed);
            let some = number::less(cx, &Operand::int(0), count);
            when(cx, some, |cx| {
                let taken = cx.pseudo("taken", Val::Scalar(number::zero(), Type::Int));
                drive(cx, of, false, visit, &mut |cx, item| {
                    let val = cx.read(taken);
                    let at = cx.as_int(val);
                    let now = advance(cx, taken, &at);
                    next(cx, item);
                    // Not one item more is asked for.
                    cx.rest(|cx| {
                        let more = number::less(cx, &now, count);
                        cx.branch(more, |_| Val::Unit, |cx| visit.exit.leave(cx))
                    });
                });
            });
        }
        Pipe::StepBy(of, step) => {
            in_order(cx, reversed);
            let wait = cx.pseudo("wait", Val::Scalar(number::zero(), Type::Int));
            drive(cx, of, false, visit, &mut |cx, item| {
                let val = cx.read(wait);
                let left = cx.as_int(val);
                let skip = number::less(cx, &Operand::int(0), &left);
                cx.branch(
                    skip,
                    |cx| {
                        let left = number::sub(cx, &left, &Operand::int(1));
                        cx.write(wait, Val::Scalar(left, Type::Int));
                        Val::Unit
                    },
                    |cx| {
                        let left = number::sub(cx, step, &Operand::int(1));
                        cx.write(wait, Val::Scalar(left, Type::Int));
                        next(cx, item);
                        Val::Unit
                    },
                );
            });
        }
        Pipe::Chain(a, b, _) => {
            let (first, second) = if reversed { (b, a) } else { (a, b) };
            part(cx, first, reversed, visit, next);
            cx.rest(|cx| {
                part(cx, second, reversed, visit, next);
                Val::Unit
            });
        }
    }
}

/// One iterator of several that are visited one after the other: where it ends by itself, the others do not.
fn part(cx: &mut Lower<'_>, pipe: &Pipe, reversed: bool, visit: &Visit, next: Next<'_>) {
    if !pipe.ends_early() {
        drive(cx, pipe, reversed, visit, next);
        return;
    }
    let label = cx.own_label();
    let visit = Visit { exit: Exit::Block(label.clone()), label: None, name: visit.name.clone() };
    cx.region(&label, |cx| drive(cx, pipe, reversed, &visit, next));
}

/// Two iterators side by side, of which one has to be run.
fn zip(cx: &mut Lower<'_>, a: &Pipe, b: &Pipe, reversed: bool, visit: &Visit, next: Next<'_>) {
    in_order(cx, reversed);
    let (run, other, run_is_first) = if b.indexable() {
        (a, b, true)
    } else if a.indexable() {
        (b, a, false)
    } else if b.is_told_in_step() {
        (a, b, true)
    } else if a.is_told_in_step() {
        (b, a, false)
    } else {
        let span = cx.span;
        cx.reject_at(
            Kind::Iterator,
            span,
            "both sides of this `zip` can only be told by running them",
            "`collect()` one of them into a `Vec` first",
        );
        return;
    };
    // What the standard library does with the side that ends later is its own affair.
    if run.changes() && (!run_is_first || !matches!(run.length(cx), Length::Unknown)) {
        let span = cx.span;
        cx.reject_at(
            Kind::Iterator,
            span,
            "a closure in front of this `zip` changes variables, and how often it is called is not specified",
            "write a loop, or `collect()` into a `Vec` first",
        );
    }
    let len = other.length(cx);
    let count = cx.pseudo("count", Val::Scalar(number::zero(), Type::Int));
    drive(cx, run, false, visit, &mut |cx, item| {
        let val = cx.read(count);
        let at = cx.as_int(val);
        let index = Index { at: at.clone(), of_span: false };
        let mut pair = |cx: &mut Lower<'_>| {
            advance(cx, count, &at);
            let other = other.item(cx, &index);
            let pair = if run_is_first { vec![item.clone(), other] } else { vec![other, item.clone()] };
            next(cx, Val::Tuple(pair));
        };
        match &len {
            Length::Known(len) => {
                let more = number::less(cx, &at, len);
                cx.branch(
                    more,
                    |cx| {
                        pair(cx);
                        Val::Unit
                    },
                    |cx| visit.exit.leave(cx),
                );
            }
            Length::Endless | Length::Unknown => pair(cx),
        }
    });
}

/// Some iterators have no back, as rustc says; of some we do not follow it.
fn in_order(cx: &mut Lower<'_>, reversed: bool) {
    if reversed {
        let span = cx.span;
        cx.reject_at(
            Kind::Iterator,
            span,
            "this iterator is not followed from its back",
            "put `rev()` nearer to the source, or `collect()` into a `Vec` first",
        );
    }
}

fn known_length(cx: &mut Lower<'_>, pipe: &Pipe) -> Operand {
    match pipe.length(cx) {
        Length::Known(len) => len,
        Length::Endless | Length::Unknown => {
            in_order(cx, true);
            Operand::int(0)
        }
    }
}

/// Asks a closure about an item.
fn test(cx: &mut Lower<'_>, fun: &Fun, item: Val) -> (Val, Operand) {
    let item = settled(cx, item);
    let keep = fun.call(cx, vec![Val::reference(false, item.clone())]);
    (item, cx.as_bool(keep))
}

/// `if cond { then }`
pub(super) fn when(cx: &mut Lower<'_>, cond: Operand, then: impl FnOnce(&mut Lower<'_>)) {
    if cond == Operand::bool(true) {
        then(cx);
        return;
    }
    cx.branch(
        cond,
        |cx| {
            then(cx);
            Val::Unit
        },
        |_| Val::Unit,
    );
}

/// One more: the new count.
pub(super) fn advance(cx: &mut Lower<'_>, count: crate::lower::env::LocalId, at: &Operand) -> Operand {
    let tokens = cx.operand_tokens(at);
    let val = cx.int_code(quote!(#tokens + 1));
    let next = cx.as_int(val);
    cx.write(count, Val::Scalar(next.clone(), Type::Int));
    next
}

impl Lower<'_> {
    /// A label that nobody else writes.
    pub(crate) fn own_label(&self) -> syn::Lifetime {
        syn::Lifetime::new(&format!("'__grad_visit{}", self.targets.len()), self.span)
    }

    /// Numbers that the next `let` may name.
    pub(super) fn forget_name(&mut self, val: &Val) {
        match val {
            Val::Scalar(Operand::Var(var), _) => self.named[var.index()] = false,
            Val::Tuple(of) => of.iter().for_each(|val| self.forget_name(val)),
            _ => {}
        }
    }

    /// A name for an index that the user did not name.
    fn index_name(&self) -> String {
        let free = |name: &&str| self.lookup(&proc_macro2::Ident::new(name, self.span)).is_none();
        ["i", "j", "k", "l"].into_iter().skip(self.frames.len()).find(free).unwrap_or("index").to_string()
    }
}
