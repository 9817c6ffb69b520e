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
use core::fmt::Debug;
use core::marker::PhantomData;
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
    pub fn lend(&self, times: usize) -> Lender<'_, Lent> {
        Lender { of: Memory::Of(self, times), holder: PhantomData }
    }
}

/// What a pullback has of memory that is lent: [`Lent`], or [`Nobody`] where none is. A type, so that a pullback with tapes of its
/// own can go to another thread.
pub trait Holder: Clone + Debug + 'static {
    /// The memory, to be held.
    fn of(lent: Lent) -> Option<Self>;

    /// The memory that is held.
    fn lent(&self) -> &Lent;
}

/// There is none.
#[derive(Clone, Debug)]
pub enum Nobody {}

impl Holder for Nobody {
    #[inline]
    fn of(_: Lent) -> Option<Self> {
        None
    }

    #[inline]
    fn lent(&self) -> &Lent {
        match *self {}
    }
}

impl Holder for Lent {
    #[inline]
    fn of(lent: Lent) -> Option<Self> {
        Some(lent)
    }

    #[inline]
    fn lent(&self) -> &Lent {
        self
    }
}

/// What a callee gets.
#[derive(Debug)]
pub struct Lender<'a, H> {
    of: Memory<'a>,
    holder: PhantomData<H>,
}

#[derive(Clone, Copy, Debug)]
enum Memory<'a> {
    /// None: its pullback owns its tapes.
    Own,
    /// That of the function in which both sweeps are, for so many calls.
    Of(&'a Lending, usize),
    /// In one place of what its caller got, for so many calls each time.
    To(&'a Memory<'a>, usize, usize),
}

impl Memory<'_> {
    fn lent(&self) -> Option<Lent> {
        match *self {
            Memory::Own => None,
            Memory::Of(Lending(memory), times) => Some(memory.get_or_init(|| Lent::new(times)).clone()),
            Memory::To(memory, at, times) => memory.lent().map(|lent| lent.lend(at, times)),
        }
    }
}

impl Lender<'static, Nobody> {
    /// Nothing is lent.
    #[inline]
    #[must_use]
    pub fn own() -> Self {
        Lender { of: Memory::Own, holder: PhantomData }
    }
}

impl<H: Holder> Lender<'_, H> {
    /// For a callee in one place, which is called about `times` times each time.
    #[inline]
    #[must_use]
    pub fn to(&self, at: usize, times: usize) -> Lender<'_, H> {
        Lender { of: Memory::To(&self.of, at, times), holder: PhantomData }
    }

    /// The memory, for what takes any.
    #[inline]
    fn held_for<R>(&self) -> Option<H> {
        if size_of::<R>() == 0 || size_of::<H>() == 0 { None } else { H::of(self.of.lent()?) }
    }

    /// A tape with room for `room` more things, to put them behind what is there.
    #[inline]
    #[must_use]
    pub fn tape<R: 'static>(&self, at: usize, room: usize) -> Vec<R> {
        match self.held_for::<R>() {
            None => Vec::with_capacity(room),
            Some(held) => held.lent().tape(at, room),
        }
    }

    /// The tape is full, for now.
    #[inline]
    pub fn kept<R: 'static>(&self, at: usize, tape: Vec<R>) -> KeptTape<R, H> {
        match self.held_for::<R>() {
            None => KeptTape::Own(tape),
            Some(held) => {
                let end = tape.len();
                held.lent().put(at, tape);
                KeptTape::Lent { held, at, end }
            }
        }
    }
}

/// A tape between the two sweeps.
#[derive(Clone, Debug)]
pub enum KeptTape<R, H> {
    /// A tape of the pullback's.
    Own(Vec<R>),
    /// A part of one that is lent, up to an end.
    #[allow(missing_docs)]
    Lent { held: H, at: usize, end: usize },
}

impl<R: 'static, H: Holder> KeptTape<R, H> {
    /// The tape as it was then.
    #[inline]
    pub fn again(self) -> TapeAgain<R, H> {
        match self {
            KeptTape::Own(tape) => TapeAgain { tape, of: None },
            KeptTape::Lent { held, at, end } => {
                let (mut tape, _) = held.lent().take(at).unwrap_or_default();
                // What is behind it was recorded for a pullback that nobody has run.
                tape.truncate(end);
                TapeAgain { tape, of: Some((held, at)) }
            }
        }
    }
}

/// A tape in the reverse sweep. What its pullback leaves goes back to where it came from.
#[derive(Debug)]
pub struct TapeAgain<R: 'static, H: Holder> {
    tape: Vec<R>,
    of: Option<(H, usize)>,
}

impl<R, H: Holder> Deref for TapeAgain<R, H> {
    type Target = Vec<R>;

    #[inline]
    fn deref(&self) -> &Vec<R> {
        &self.tape
    }
}

impl<R, H: Holder> DerefMut for TapeAgain<R, H> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<R> {
        &mut self.tape
    }
}

impl<R, H: Holder> Drop for TapeAgain<R, H> {
    #[inline]
    fn drop(&mut self) {
        if let Some((held, at)) = self.of.take() {
            held.lent().put(at, core::mem::take(&mut self.tape));
        }
    }
}

/// Forms of a derivative that take memory from their callers have a method of this name; all others do without.
pub trait OnLent: Sized {
    /// The forms, on memory of the caller's.
    #[inline]
    #[must_use]
    fn __grad_on<H>(self, _: Lender<'_, H>) -> Self {
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
        let kept: Vec<KeptTape<f64, Lent>> = (0..4)
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
        let lending = Lending::default();
        let one = lending.lend(1);
        let other = one.to(7, 2);
        let kept = [&one, &other].map(|lender| {
            let mut tape = lender.tape(1, 0);
            tape.extend(lender.of.lent().map(|lent| lent.times));
            lender.kept(1, tape)
        });
        assert_eq!(kept.map(|kept| kept.again().to_vec()), [vec![1], vec![2]]);
    }

    #[test]
    fn a_tape_of_a_pullback_may_go_to_another_thread() {
        fn sent<T: Send>(x: T) -> T {
            x
        }
        let lender = Lender::own();
        let kept = sent(lender.to(7, 2).kept(0, vec![0.5]));
        assert_eq!(kept.again().pop(), Some(0.5));
    }

    #[test]
    fn what_has_no_size_takes_no_memory() {
        let lending = Lending::default();
        let kept = lending.lend(1).kept(0, vec![(); 3]);
        assert!(lending.0.get().is_none() && matches!(kept, KeptTape::Own(_)));
    }
}
