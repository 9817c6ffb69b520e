//! Memory that a caller lends to what its callees record.
//!
//! A callee that records has memory of its own for each call, which its pullback owns. Where it is called again and again, and
//! the pullbacks run in the reverse order, what all calls record can lie on the same tapes, one behind the other. The types
//! of what is recorded only the callee knows: so the caller lends memory for anything, and the callee puts its tapes there.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::{OnceCell, RefCell};

/// More bytes are not made room for at once: a number of calls is a guess.
const MOST: usize = 1 << 24;

/// Where a derivative's tapes are between its two sweeps.
pub trait Lender: Clone + 'static {
    /// What a pullback has of a tape.
    type Kept<R: Clone + 'static>: Clone;

    /// A tape with room for `room` more things, to put them behind what is there.
    fn tape<R: Clone + 'static>(&self, at: usize, room: usize) -> Vec<R>;

    /// The tape is full, for now.
    fn kept<R: Clone + 'static>(&self, at: usize, tape: Vec<R>) -> Self::Kept<R>;

    /// The tape as it was then.
    fn again<R: Clone + 'static>(&self, at: usize, kept: Self::Kept<R>) -> Vec<R>;

    /// The tape without what its pullback has read.
    fn give_back<R: Clone + 'static>(&self, at: usize, tape: Vec<R>);

    /// What a callee gets, which is called about `times` times each time.
    #[must_use]
    fn lend(&self, at: usize, times: usize) -> Self;
}

/// Nobody lends memory: pullbacks own their tapes.
#[derive(Clone, Copy, Debug)]
pub struct Own;

impl Lender for Own {
    type Kept<R: Clone + 'static> = Vec<R>;

    #[inline]
    fn tape<R: Clone + 'static>(&self, _: usize, room: usize) -> Vec<R> {
        Vec::with_capacity(room)
    }

    #[inline]
    fn kept<R: Clone + 'static>(&self, _: usize, tape: Vec<R>) -> Vec<R> {
        tape
    }

    #[inline]
    fn again<R: Clone + 'static>(&self, _: usize, kept: Vec<R>) -> Vec<R> {
        kept
    }

    #[inline]
    fn give_back<R: Clone + 'static>(&self, _: usize, _: Vec<R>) {}

    #[inline]
    fn lend(&self, _: usize, _: usize) -> Own {
        Own
    }
}

/// Memory of a caller, for the calls in one place.
#[derive(Clone, Debug)]
pub struct Lent {
    places: Rc<RefCell<Places>>,
    /// About how often it is called.
    times: usize,
}

/// Few functions have more tapes and calls than those in the array.
#[derive(Debug, Default)]
struct Places {
    few: [Place; 6],
    many: Vec<Place>,
}

#[derive(Debug, Default)]
enum Place {
    #[default]
    Empty,
    Tape(Recorded),
    ToCallee(Lent),
}

#[derive(Debug)]
struct Recorded {
    /// A `Vec`, of what the callee says.
    tape: Box<dyn Any>,
    /// There is room for what all calls record, if they record as much as the first.
    has_room: bool,
}

impl Lent {
    fn new(times: usize) -> Lent {
        Lent { places: Rc::default(), times }
    }

    fn with<T>(&self, at: usize, f: impl FnOnce(&mut Place) -> T) -> T {
        let mut places = self.places.borrow_mut();
        let Places { few, many } = &mut *places;
        let place = match at.checked_sub(few.len()) {
            None => &mut few[at],
            Some(at) => {
                if many.len() <= at {
                    many.resize_with(at + 1, Place::default);
                }
                &mut many[at]
            }
        };
        f(place)
    }

    fn take<R: 'static>(&self, at: usize) -> Option<(Vec<R>, bool)> {
        self.with(at, |place| match place {
            Place::Tape(Recorded { tape, has_room }) => {
                let tape = core::mem::take(tape.downcast_mut::<Vec<R>>()?);
                Some((tape, core::mem::replace(has_room, true)))
            }
            Place::Empty | Place::ToCallee(_) => None,
        })
    }

    fn put<R: 'static>(&self, at: usize, new: Vec<R>) {
        self.with(at, |place| {
            if let Place::Tape(Recorded { tape, .. }) = place
                && let Some(tape) = tape.downcast_mut()
            {
                *tape = new;
                return;
            }
            *place = Place::Tape(Recorded { tape: Box::new(new), has_room: false });
        });
    }
}

impl Lender for Lent {
    /// How long the tape is.
    type Kept<R: Clone + 'static> = usize;

    #[inline]
    fn tape<R: Clone + 'static>(&self, at: usize, room: usize) -> Vec<R> {
        let most = MOST.checked_div(size_of::<R>()).unwrap_or(0);
        let of_all = |of_one: usize| of_one.saturating_mul(self.times).min(most).max(room);
        let Some((mut tape, has_room)) = self.take(at) else {
            return Vec::with_capacity(of_all(room));
        };
        if !has_room {
            tape.reserve_exact(of_all(tape.len()).saturating_sub(tape.len()));
        }
        tape.reserve(room);
        tape
    }

    #[inline]
    fn kept<R: Clone + 'static>(&self, at: usize, tape: Vec<R>) -> usize {
        let end = tape.len();
        self.put(at, tape);
        end
    }

    #[inline]
    fn again<R: Clone + 'static>(&self, at: usize, end: usize) -> Vec<R> {
        let (mut tape, _) = self.take(at).unwrap_or_default();
        // What is behind it was recorded for a pullback that nobody has run.
        tape.truncate(end);
        tape
    }

    #[inline]
    fn give_back<R: Clone + 'static>(&self, at: usize, tape: Vec<R>) {
        self.put(at, tape);
    }

    fn lend(&self, at: usize, times: usize) -> Lent {
        self.with(at, |place| {
            if let Place::ToCallee(lent) = place {
                return lent.clone();
            }
            let lent = Lent::new(self.times.saturating_mul(times));
            *place = Place::ToCallee(lent.clone());
            lent
        })
    }
}

/// The memory of the function in which both sweeps are, for the calls in one place: made when a callee asks for it.
#[derive(Debug, Default)]
pub struct Lending(OnceCell<Lent>);

impl Lending {
    /// What a callee gets, which is called about `times` times.
    #[must_use]
    pub fn lend(&self, times: usize) -> Lent {
        self.0.get_or_init(|| Lent::new(times)).clone()
    }
}

/// A tape between the two sweeps.
#[derive(Clone, Debug)]
pub struct KeptTape<L: Lender, R: Clone + 'static>(L::Kept<R>);

/// See [`Lender::kept`].
#[inline]
pub fn kept<L: Lender, R: Clone + 'static>(lender: &L, at: usize, tape: Vec<R>) -> KeptTape<L, R> {
    KeptTape(lender.kept(at, tape))
}

/// See [`Lender::again`].
#[inline]
pub fn kept_again<L: Lender, R: Clone + 'static>(lender: &L, at: usize, kept: KeptTape<L, R>) -> Vec<R> {
    lender.again(at, kept.0)
}

/// Forms of a derivative that take memory from their callers have a method of this name; all others do without.
pub trait OnLent: Sized {
    /// The forms, on memory of the caller's.
    #[inline]
    #[must_use]
    fn __grad_on<L>(self, _: impl FnOnce() -> L) -> Self {
        self
    }
}

impl<T> OnLent for T {}

/// Where a copy of numbers is on a tape.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    from: usize,
    to: usize,
}

/// What must be kept of numbers behind a `&mut` reference that are overwritten after the call: a copy on a tape, if the
/// parameter is `&`; nothing, if it is `&mut`.
pub trait KeptOnTape<'a, T> {
    /// Where it is.
    type At: Clone + 'static;

    /// See [`lend_kept_on`].
    fn lend_from(at: &Self::At, tape: &'a [T]) -> Self;
}

impl<'a, T> KeptOnTape<'a, T> for &'a [T] {
    type At = Span;

    #[inline]
    fn lend_from(at: &Span, tape: &'a [T]) -> &'a [T] {
        &tape[at.from..at.to]
    }
}

impl<T> KeptOnTape<'_, T> for super::Gone {
    type At = super::Gone;

    #[inline]
    fn lend_from(_: &super::Gone, _: &[T]) -> super::Gone {
        super::Gone
    }
}

/// Can be made of what is to be kept.
pub trait KeepOnTape<T> {
    /// See [`keep_on`].
    fn keep_on(x: &[T], tape: &mut Vec<T>) -> Self;
}

impl<T: Clone> KeepOnTape<T> for Span {
    #[inline]
    fn keep_on(x: &[T], tape: &mut Vec<T>) -> Span {
        let from = tape.len();
        tape.extend_from_slice(x);
        Span { from, to: tape.len() }
    }
}

impl<T> KeepOnTape<T> for super::Gone {
    #[inline]
    fn keep_on(_: &[T], _: &mut Vec<T>) -> super::Gone {
        super::Gone
    }
}

/// A copy on a tape, or [`Gone`](super::Gone): the pullback that will take it decides.
#[inline]
pub fn keep_on<T, At: KeepOnTape<T>>(x: &[T], tape: &mut Vec<T>) -> At {
    At::keep_on(x, tape)
}

/// What was kept as the callee's parameter.
#[inline]
pub fn lend_kept_on<'a, T, Parameter: KeptOnTape<'a, T>>(at: &Parameter::At, tape: &'a [T]) -> Parameter {
    Parameter::lend_from(at, tape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn tapes_lie_behind_each_other_and_end_where_they_ended() {
        let lent = Lending::default().lend(3);
        let ends: Vec<KeptTape<Lent, f64>> = (0..4)
            .map(|call| {
                let mut tape = lent.tape(0, 2);
                tape.extend([f64::from(call), 0.5]);
                kept(&lent, 0, tape)
            })
            .collect();
        let room = lent.take::<f64>(0).map(|(tape, _)| {
            let room = tape.capacity();
            lent.put(0, tape);
            room
        });
        assert!(room.is_some_and(|room| room >= 8), "{room:?}");
        let mut found = vec![];
        // The pullback of the third call does not run.
        for (call, kept) in ends.into_iter().enumerate().rev().filter(|(call, _)| *call != 2) {
            let mut tape = kept_again(&lent, 0, kept);
            tape.pop();
            found.push((call, tape.pop().unwrap_or_default()));
            lent.give_back(0, tape);
        }
        assert_eq!(found, [(3, 3.0), (1, 1.0), (0, 0.0)]);
    }

    #[test]
    fn a_callee_has_tapes_of_its_own_in_each_place() {
        let lending = Lending::default();
        let (one, other) = (lending.lend(1), lending.lend(9).lend(7, 2));
        let ends = [&one, &other].map(|lent| lent.kept(1, vec![1_u8; lent.times]));
        assert_eq!((ends, one.again::<u8>(1, 9).len(), other.again::<u8>(1, 9).len()), ([1, 2], 1, 2));
    }
}
