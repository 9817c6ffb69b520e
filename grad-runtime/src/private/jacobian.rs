//! Jacobians: unit seeds, and blocks with one row for every entry of a result.

use alloc::vec::Vec;

/// The owned form of a result or of a parameter, as a row of entries: its floats, in the order in which they are written.
///
/// A block of a Jacobian has the shape of the result, with the cotangent of a parameter in the place of every float:
/// [`Entries::Rows`].
pub trait Entries: Clone {
    /// The same shape with a `G` in the place of every float.
    type Rows<G>;
    /// The number of entries, where the type tells.
    const COUNT: Option<usize>;
    /// The number of entries.
    fn count(&self) -> usize;
    /// An entry, in order.
    fn entry(&self, at: usize) -> f64;
    /// Sets an entry.
    fn set_entry(&mut self, at: usize, value: f64);
    /// One `G` for every entry.
    fn rows<G>(&self, row: &mut impl FnMut() -> G) -> Self::Rows<G>;
    /// The number of rows.
    fn count_rows<G>(rows: &Self::Rows<G>) -> usize;
    /// The row of an entry.
    fn row<G>(rows: &mut Self::Rows<G>, at: usize) -> &mut G;

    /// One at an entry of zeros.
    #[inline]
    fn unit(&self, at: usize) -> Self {
        let mut unit = self.clone();
        unit.set_entry(at, 1.0);
        unit
    }
}

#[cold]
#[track_caller]
fn no_entry() -> ! {
    panic!("the derivative has another shape than its result: there is no such entry")
}

macro_rules! floats {
    ($($float:ident)*) => {$(
        impl Entries for $float {
            type Rows<G> = G;
            const COUNT: Option<usize> = Some(1);
            #[inline]
            fn count(&self) -> usize { 1 }
            #[inline]
            fn entry(&self, _: usize) -> f64 { f64::from(*self) }
            #[inline]
            #[allow(clippy::cast_possible_truncation, reason = "a derivative has the precision of its shape")]
            fn set_entry(&mut self, _: usize, value: f64) { *self = value as $float; }
            #[inline]
            fn rows<G>(&self, row: &mut impl FnMut() -> G) -> G { row() }
            #[inline]
            fn count_rows<G>(_: &G) -> usize { 1 }
            #[inline]
            fn row<G>(rows: &mut G, _: usize) -> &mut G { rows }
        }
    )*};
}

floats! { f32 f64 }

impl Entries for () {
    type Rows<G> = ();
    const COUNT: Option<usize> = Some(0);
    #[inline]
    fn count(&self) -> usize {
        0
    }
    fn entry(&self, _: usize) -> f64 {
        no_entry()
    }
    fn set_entry(&mut self, _: usize, _: f64) {
        no_entry()
    }
    #[inline]
    fn rows<G>(&self, _: &mut impl FnMut() -> G) {}
    #[inline]
    fn count_rows<G>((): &()) -> usize {
        0
    }
    fn row<G>((): &mut (), _: usize) -> &mut G {
        no_entry()
    }
}

/// Which element of a sequence an entry is in, and which of its entries it is.
#[inline]
fn find<T>(elements: &[T], at: usize, each: Option<usize>, count: impl Fn(&T) -> usize) -> (usize, usize) {
    if let Some(each) = each {
        return at.checked_div(each).map_or_else(|| no_entry(), |k| (k, at % each));
    }
    let mut rest = at;
    for (k, element) in elements.iter().enumerate() {
        let count = count(element);
        if rest < count {
            return (k, rest);
        }
        rest -= count;
    }
    no_entry()
}

#[inline]
fn count_all<T>(elements: &[T], each: Option<usize>, count: impl Fn(&T) -> usize) -> usize {
    match each {
        Some(each) => each * elements.len(),
        None => elements.iter().map(count).sum(),
    }
}

impl<T: Entries, const N: usize> Entries for [T; N] {
    type Rows<G> = [T::Rows<G>; N];
    const COUNT: Option<usize> = match T::COUNT {
        Some(count) => Some(count * N),
        None => None,
    };
    #[inline]
    fn count(&self) -> usize {
        count_all(self, T::COUNT, T::count)
    }
    #[inline]
    fn entry(&self, at: usize) -> f64 {
        let (k, at) = find(self, at, T::COUNT, T::count);
        self[k].entry(at)
    }
    #[inline]
    fn set_entry(&mut self, at: usize, value: f64) {
        let (k, at) = find(self, at, T::COUNT, T::count);
        self[k].set_entry(at, value);
    }
    #[inline]
    fn rows<G>(&self, row: &mut impl FnMut() -> G) -> [T::Rows<G>; N] {
        core::array::from_fn(|k| self[k].rows(row))
    }
    #[inline]
    fn count_rows<G>(rows: &[T::Rows<G>; N]) -> usize {
        count_all(rows, T::COUNT, T::count_rows::<G>)
    }
    #[inline]
    fn row<G>(rows: &mut [T::Rows<G>; N], at: usize) -> &mut G {
        let (k, at) = find(rows, at, T::COUNT, T::count_rows::<G>);
        T::row(&mut rows[k], at)
    }
}

impl<T: Entries> Entries for Vec<T> {
    type Rows<G> = Vec<T::Rows<G>>;
    const COUNT: Option<usize> = None;
    #[inline]
    fn count(&self) -> usize {
        count_all(self, T::COUNT, T::count)
    }
    #[inline]
    fn entry(&self, at: usize) -> f64 {
        let (k, at) = find(self, at, T::COUNT, T::count);
        self[k].entry(at)
    }
    #[inline]
    fn set_entry(&mut self, at: usize, value: f64) {
        let (k, at) = find(self, at, T::COUNT, T::count);
        self[k].set_entry(at, value);
    }
    #[inline]
    fn rows<G>(&self, row: &mut impl FnMut() -> G) -> Vec<T::Rows<G>> {
        self.iter().map(|element| element.rows(row)).collect()
    }
    #[inline]
    fn count_rows<G>(rows: &Vec<T::Rows<G>>) -> usize {
        count_all(rows, T::COUNT, T::count_rows::<G>)
    }
    #[inline]
    fn row<G>(rows: &mut Vec<T::Rows<G>>, at: usize) -> &mut G {
        let (k, at) = find(rows, at, T::COUNT, T::count_rows::<G>);
        T::row(&mut rows[k], at)
    }
}

/// The sum, where all are known.
pub(super) const fn add(counts: &[Option<usize>]) -> Option<usize> {
    let (mut sum, mut k) = (0, 0);
    while k < counts.len() {
        match counts[k] {
            Some(count) => sum += count,
            None => return None,
        }
        k += 1;
    }
    Some(sum)
}

macro_rules! tuples {
    ($($($T:ident $k:tt)*;)*) => {$(
        impl<$($T: Entries),*> Entries for ($($T,)*) {
            type Rows<G> = ($($T::Rows<G>,)*);
            const COUNT: Option<usize> = add(&[$($T::COUNT),*]);
            #[inline]
            fn count(&self) -> usize {
                0 $(+ self.$k.count())*
            }
            #[inline]
            fn entry(&self, at: usize) -> f64 {
                let mut rest = at;
                $(
                    let count = self.$k.count();
                    if rest < count {
                        return self.$k.entry(rest);
                    }
                    rest -= count;
                )*
                let _ = rest;
                no_entry()
            }
            #[inline]
            fn set_entry(&mut self, at: usize, value: f64) {
                let mut rest = at;
                $(
                    let count = self.$k.count();
                    if rest < count {
                        return self.$k.set_entry(rest, value);
                    }
                    rest -= count;
                )*
                let _ = rest;
                no_entry()
            }
            #[inline]
            fn rows<G>(&self, row: &mut impl FnMut() -> G) -> Self::Rows<G> {
                ($(self.$k.rows(row),)*)
            }
            #[inline]
            fn count_rows<G>(rows: &Self::Rows<G>) -> usize {
                0 $(+ $T::count_rows::<G>(&rows.$k))*
            }
            #[inline]
            fn row<G>(rows: &mut Self::Rows<G>, at: usize) -> &mut G {
                let mut rest = at;
                $(
                    let count = $T::count_rows::<G>(&rows.$k);
                    if rest < count {
                        return $T::row(&mut rows.$k, rest);
                    }
                    rest -= count;
                )*
                let _ = rest;
                no_entry()
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 H 6;
    A 0 B 1 C 2 D 3 E 4 F 5 H 6 I 7;
}

/// Whether a Jacobian is cheaper by columns, in forward mode, than by rows, in reverse mode.
///
/// Up to 16 columns go through one run of the function, and each costs about two fifths of a primal; a row costs one
/// primal or more.
#[inline]
pub const fn is_cheaper_by_columns(rows: Option<usize>, columns: usize) -> bool {
    match rows {
        Some(rows) => columns <= 2 * rows,
        // Not known before the function has run: a long result is what a `Vec` is for.
        None => columns <= 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_in_the_order_in_which_they_are_written() {
        let mut shape = (0.0_f64, vec![[0.0_f64; 2]; 2], ((), 0.0_f32));
        assert_eq!(shape.count(), 6);
        for at in 0..6 {
            shape.set_entry(at, at as f64);
        }
        assert_eq!(shape, (0.0, vec![[1.0, 2.0], [3.0, 4.0]], ((), 5.0)));
        assert_eq!((0..6).map(|at| shape.entry(at)).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let zeros = (0.0, vec![[0.0; 2]; 2], ((), 0.0_f32));
        assert_eq!(zeros.unit(3), (0.0, vec![[0.0, 0.0], [1.0, 0.0]], ((), 0.0)));
    }

    #[test]
    fn a_block_has_one_row_for_every_entry() {
        type Shape = (f64, Vec<Vec<f64>>, usize);
        let _: Option<Shape> = None;
        let zeros = (0.0, vec![vec![0.0], vec![], vec![0.0, 0.0]], ());
        let mut next = 0;
        let mut rows = zeros.rows(&mut || {
            next += 1;
            next
        });
        assert_eq!(rows, (1, vec![vec![2], vec![], vec![3, 4]], ()));
        for at in 0..4 {
            *<(f64, Vec<Vec<f64>>, ()) as Entries>::row(&mut rows, at) *= 10;
        }
        assert_eq!(rows, (10, vec![vec![20], vec![], vec![30, 40]], ()));
    }

    #[test]
    fn counts_are_constants_where_the_type_tells() {
        assert_eq!(<[(f64, [f32; 3]); 2]>::COUNT, Some(8));
        assert_eq!(<(f64, Vec<f64>)>::COUNT, None);
    }
}
