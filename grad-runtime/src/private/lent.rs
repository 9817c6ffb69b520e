//! Memory that a caller lends to what its callees record.
//!
//! A callee that records has memory of its own for each call, which its pullback owns. Where it is called again and again, and
//! the pullbacks run in the reverse order, what all calls record can lie on the same tapes, one behind the other. The types
//! of what is recorded only the callee knows: so the caller lends memory for anything, and the callee puts its tapes there.

use super::buffer::MOST;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::{OnceCell, RefCell};
use core::ops::{Deref, DerefMut};

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

    fn tape<R: 'static>(&self, at: usize, room: usize) -> Vec<R> {
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

/// The memory of the function in which both sweeps are, for the calls in one place: made when a callee asks for it.
#[derive(Debug, Default)]
pub struct Lending(OnceCell<Lent>);

impl Lending {
    /// For a callee, which is called about `times` times.
    #[must_use]
    pub fn lend(&self, times: usize) -> Lender<'_> {
        Lender::Of(self, times)
    }
}

/// What a callee gets.
#[derive(Clone, Copy, Debug)]
pub enum Lender<'a> {
    /// Nothing: its pullback owns its tapes.
    Own,
    /// Memory of the function in which both sweeps are.
    Of(&'a Lending, usize),
    /// Memory in one place of what its caller got.
    To(&'a Lender<'a>, usize, usize),
}

impl Lender<'_> {
    /// For a callee in one place, which is called about `times` times each time.
    #[must_use]
    pub fn to(&self, at: usize, times: usize) -> Lender<'_> {
        match self {
            Lender::Own => Lender::Own,
            Lender::Of(..) | Lender::To(..) => Lender::To(self, at, times),
        }
    }

    fn lent(&self) -> Option<Lent> {
        match *self {
            Lender::Own => None,
            Lender::Of(Lending(memory), times) => Some(memory.get_or_init(|| Lent::new(times)).clone()),
            Lender::To(lender, at, times) => lender.lent().map(|lent| lent.lend(at, times)),
        }
    }

    /// The memory, for what takes any.
    fn lent_for<R>(&self) -> Option<Lent> {
        if size_of::<R>() == 0 { None } else { self.lent() }
    }

    /// A tape with room for `room` more things, to put them behind what is there.
    #[inline]
    #[must_use]
    pub fn tape<R: 'static>(&self, at: usize, room: usize) -> Vec<R> {
        match self.lent_for::<R>() {
            None => Vec::with_capacity(room),
            Some(lent) => lent.tape(at, room),
        }
    }

    /// The tape is full, for now.
    #[inline]
    pub fn kept<R: 'static>(&self, at: usize, tape: Vec<R>) -> KeptTape<R> {
        match self.lent_for::<R>() {
            None => KeptTape::Own(tape),
            Some(lent) => {
                let end = tape.len();
                lent.put(at, tape);
                KeptTape::Lent { lent, at, end }
            }
        }
    }
}

/// A tape between the two sweeps.
#[derive(Clone, Debug)]
pub enum KeptTape<R> {
    /// A tape of the pullback's.
    Own(Vec<R>),
    /// A part of one that is lent, up to an end.
    #[allow(missing_docs)]
    Lent { lent: Lent, at: usize, end: usize },
}

impl<R: 'static> KeptTape<R> {
    /// The tape as it was then.
    #[inline]
    pub fn again(self) -> TapeAgain<R> {
        match self {
            KeptTape::Own(tape) => TapeAgain { tape, of: None },
            KeptTape::Lent { lent, at, end } => {
                let (mut tape, _) = lent.take(at).unwrap_or_default();
                // What is behind it was recorded for a pullback that nobody has run.
                tape.truncate(end);
                TapeAgain { tape, of: Some((lent, at)) }
            }
        }
    }
}

/// A tape in the reverse sweep. What its pullback leaves goes back to where it came from.
#[derive(Debug)]
pub struct TapeAgain<R: 'static> {
    tape: Vec<R>,
    of: Option<(Lent, usize)>,
}

impl<R> Deref for TapeAgain<R> {
    type Target = Vec<R>;

    #[inline]
    fn deref(&self) -> &Vec<R> {
        &self.tape
    }
}

impl<R> DerefMut for TapeAgain<R> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<R> {
        &mut self.tape
    }
}

impl<R> Drop for TapeAgain<R> {
    #[inline]
    fn drop(&mut self) {
        if let Some((lent, at)) = self.of.take() {
            lent.put(at, core::mem::take(&mut self.tape));
        }
    }
}

/// Forms of a derivative that take memory from their callers have a method of this name; all others do without.
pub trait OnLent: Sized {
    /// The forms, on memory of the caller's.
    #[inline]
    #[must_use]
    fn __grad_on(self, _: Lender<'_>) -> Self {
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
        let lending = Lending::default();
        let lender = lending.lend(3);
        let kept: Vec<KeptTape<f64>> = (0..4)
            .map(|call| {
                let mut tape = lender.tape(0, 2);
                tape.extend([f64::from(call), 0.5]);
                lender.kept(0, tape)
            })
            .collect();
        let mut found = vec![];
        // The pullback of the third call does not run.
        for (call, kept) in kept.into_iter().enumerate().rev().filter(|(call, _)| *call != 2) {
            let mut tape = kept.again();
            assert!(tape.capacity() >= 8);
            tape.pop();
            found.push((call, tape.pop().unwrap_or_default()));
        }
        assert_eq!(found, [(3, 3.0), (1, 1.0), (0, 0.0)]);
    }

    #[test]
    fn a_callee_has_tapes_of_its_own_in_each_place() {
        let (lending, nothing) = (Lending::default(), Lender::Own);
        let one = lending.lend(1);
        let other = one.to(7, 2);
        let kept = [one, other, nothing.to(7, 2)].map(|lender| {
            let mut tape = lender.tape(1, 0);
            tape.push(lender.lent().map_or(9, |lent| lent.times));
            lender.kept(1, tape)
        });
        assert_eq!(kept.map(|kept| kept.again().to_vec()), [vec![1], vec![2], vec![9]]);
    }

    #[test]
    fn what_has_no_size_takes_no_memory() {
        let lending = Lending::default();
        let kept = lending.lend(1).kept(0, vec![(); 3]);
        assert!(lending.0.get().is_none() && matches!(kept, KeptTape::Own(_)));
    }
}
