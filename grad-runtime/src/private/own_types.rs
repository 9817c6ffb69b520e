//! What `#[derive(Differentiable)]` asks of the runtime, beside the traits that all shapes have.

/// Where a tangent meets a value of an enum, or an `Option`, that is of another variant.
#[cold]
#[track_caller]
pub fn other_variant() -> ! {
    panic!("a tangent of one variant does not fit a value of another")
}

/// Where an entry is asked for that a tangent does not have; `beyond` is how many entries too far.
#[cold]
#[track_caller]
pub fn no_entry(beyond: usize) -> ! {
    panic!("the derivative has another shape than its result: there is no entry {beyond} after its last one")
}

/// The sum, where all are known.
#[inline]
pub const fn add_counts(counts: &[Option<usize>]) -> Option<usize> {
    super::jacobian::add(counts)
}

/// Is the type `T`. Where something may be asked of `T` that it lacks, it is asked of a type that is `T`, so that the
/// implementation stands and whoever needs it is told.
pub trait Is<T> {
    /// Itself.
    fn itself(self) -> T;
}

impl<T> Is<T> for T {
    #[inline]
    fn itself(self) -> T {
        self
    }
}

/// Has a zero without lengths: `Vec`s are empty, an `Option` is `None`.
pub trait Blank {
    /// The zero.
    fn blank() -> Self;
}

macro_rules! blank_by_default {
    ($($ty:ty)*) => {$(
        impl Blank for $ty {
            fn blank() -> $ty {
                <$ty>::default()
            }
        }
    )*};
}

blank_by_default! { () f32 f64 }

impl<T> Blank for Vec<T> {
    fn blank() -> Self {
        Vec::new()
    }
}

impl<T> Blank for Option<T> {
    fn blank() -> Self {
        None
    }
}

impl<T: Blank> Blank for Box<T> {
    fn blank() -> Self {
        Box::new(T::blank())
    }
}

// For every length: `Default` ends at 32.
impl<T: Blank, const N: usize> Blank for [T; N] {
    fn blank() -> Self {
        std::array::from_fn(|_| T::blank())
    }
}

macro_rules! tuples {
    ($($($T:ident)*;)*) => {$(
        impl<$($T: Blank),*> Blank for ($($T,)*) {
            fn blank() -> Self {
                ($($T::blank(),)*)
            }
        }
    )*};
}

tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }
