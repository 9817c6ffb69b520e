//! The formulas of vectors and of square matrices of few dimensions, whose coordinates are column by column.

use super::formulas::Formula;
use super::numbers::Num;

/// Formulas whose cotangents are found by tangents.
macro_rules! formulas {
    ($($(#[$doc:meta])* $name:ident<$($dim:ident),*>($a:ident: $n:tt, $b:ident: $m:tt) -> $y:tt = $value:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl<$(const $dim: usize),*> Formula<$n, $m, $y> for $name {
            #[inline]
            fn value<N: Num>($a: [N; $n], $b: [N; $m]) -> [N; $y] {
                $value
            }
        }
    )*};
}

formulas! {
    /// a ∘ b
    Times<D>(a: D, b: D) -> D = core::array::from_fn(|k| a[k] * b[k]);
    /// a ⊘ b
    Over<D>(a: D, b: D) -> D = core::array::from_fn(|k| a[k] / b[k]);
    /// −a
    Negated<D>(a: D, _b: 0) -> D = a.map(|a| -a);
    /// a / k
    Shrunk<D>(a: D, k: 1) -> D = a.map(|a| a / k[0]);
    /// k / a
    Inverses<D>(k: 1, a: D) -> D = a.map(|a| k[0] / a);
    /// a + k, everywhere
    Shifted<D>(a: D, k: 1) -> D = a.map(|a| a + k[0]);
    /// k + a, everywhere
    ShiftedBy<D>(k: 1, a: D) -> D = a.map(|a| k[0] + a);
    /// a − k, everywhere
    Lowered<D>(a: D, k: 1) -> D = a.map(|a| a - k[0]);
    /// k − a, everywhere
    LoweredFrom<D>(k: 1, a: D) -> D = a.map(|a| k[0] - a);
    /// ‖a‖
    Length<D>(a: D, _b: 0) -> 1 = [inner(a, a).root()];
    /// ‖a‖²
    LengthSquared<D>(a: D, _b: 0) -> 1 = [inner(a, a)];
    /// a / ‖a‖
    Normalized<D>(a: D, _b: 0) -> D = {
        let length = inner(a, a).root();
        a.map(|a| a / length)
    };
    /// ‖a − b‖
    Distance<D>(a: D, b: D) -> 1 = {
        let d = core::array::from_fn(|k| a[k] - b[k]);
        [inner::<N, D>(d, d).root()]
    };
    /// ‖a − b‖²
    DistanceSquared<D>(a: D, b: D) -> 1 = {
        let d = core::array::from_fn(|k| a[k] - b[k]);
        [inner::<N, D>(d, d)]
    };
    /// Of all.
    Total<D>(a: D, _b: 0) -> 1 = [a.into_iter().fold(N::constant(0.0), |sum, a| sum + a)];
    /// a × b
    CrossProduct<>(a: 3, b: 3) -> 3 = {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    };
    /// A vector, turned by a quaternion of any length: q v q*.
    Turned<>(q: 4, v: 3) -> 3 = {
        let (u, w, two) = ([q[0], q[1], q[2]], q[3], N::constant(2.0));
        let (along, across) = (inner(u, v) * two, CrossProduct::value(u, v));
        let by = w * w - inner(u, u);
        core::array::from_fn(|k| v[k] * by + u[k] * along + across[k] * w * two)
    };
    /// The rotation of a quaternion, as a matrix.
    Rotation<>(q: 4, _b: 0) -> 9 = {
        let [x, y, z, w] = q;
        let (one, two) = (N::constant(1.0), N::constant(2.0));
        [
            one - (y * y + z * z) * two, (x * y + w * z) * two, (x * z - w * y) * two,
            (x * y - w * z) * two, one - (x * x + z * z) * two, (y * z + w * x) * two,
            (x * z + w * y) * two, (y * z - w * x) * two, one - (x * x + y * y) * two,
        ]
    };
    /// The quaternion that turns about an axis.
    About<>(axis: 3, angle: 1) -> 4 = {
        let (sin, cos) = (angle[0] * N::constant(0.5)).sine_cosine();
        [axis[0] * sin, axis[1] * sin, axis[2] * sin, cos]
    };
    /// About the first axis.
    AboutX<>(angle: 1, _b: 0) -> 4 = about(angle[0], 0);
    /// About the second axis.
    AboutY<>(angle: 1, _b: 0) -> 4 = about(angle[0], 1);
    /// About the third axis.
    AboutZ<>(angle: 1, _b: 0) -> 4 = about(angle[0], 2);
    /// A point, by an affine map of space.
    MapPoint<>(m: 12, p: 3) -> 3 = core::array::from_fn(|i| m[i] * p[0] + m[3 + i] * p[1] + m[6 + i] * p[2] + m[9 + i]);
    /// A vector, by an affine map of space.
    MapVector<>(m: 12, p: 3) -> 3 = core::array::from_fn(|i| m[i] * p[0] + m[3 + i] * p[1] + m[6 + i] * p[2]);
    /// One affine map of space after the other.
    MapMap<>(a: 12, b: 12) -> 12 = core::array::from_fn(|at| {
        let (i, j) = (at % 3, at / 3);
        let linear = a[i] * b[3 * j] + a[3 + i] * b[3 * j + 1] + a[6 + i] * b[3 * j + 2];
        if j == 3 { linear + a[9 + i] } else { linear }
    });
    /// A point, by a matrix of four dimensions whose last row is that of an affine map.
    Point<>(m: 16, p: 3) -> 3 = core::array::from_fn(|i| m[i] * p[0] + m[4 + i] * p[1] + m[8 + i] * p[2] + m[12 + i]);
    /// A vector, in the same way.
    Vector<>(m: 16, p: 3) -> 3 = core::array::from_fn(|i| m[i] * p[0] + m[4 + i] * p[1] + m[8 + i] * p[2]);
}

fn about<N: Num>(angle: N, axis: usize) -> [N; 4] {
    let (sin, cos) = (angle * N::constant(0.5)).sine_cosine();
    let mut q = [N::constant(0.0); 4];
    (q[axis], q[3]) = (sin, cos);
    q
}

/// ⟨a, b⟩
#[inline]
fn inner<N: Num, const D: usize>(a: [N; D], b: [N; D]) -> N {
    a.into_iter().zip(b).fold(N::constant(0.0), |sum, (a, b)| sum + a * b)
}

/// Formulas with cotangents of their own.
macro_rules! linear {
    ($($(#[$doc:meta])* $name:ident<$dim:ident>($a:ident: $n:tt, $b:ident: $m:tt) -> $y:tt = $value:expr, |$s:ident| $pull:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl<const $dim: usize> Formula<$n, $m, $y> for $name {
            #[inline]
            fn value<N: Num>($a: [N; $n], $b: [N; $m]) -> [N; $y] {
                $value
            }
            #[inline]
            #[allow(unused_variables, reason = "of what is linear")]
            fn pull<N: Num>($a: [N; $n], $b: [N; $m], $s: [N; $y]) -> ([N; $n], [N; $m]) {
                $pull
            }
        }
    )*};
}

linear! {
    /// a + b
    Plus<D>(a: D, b: D) -> D = core::array::from_fn(|k| a[k] + b[k]), |s| (s, s);
    /// a − b
    Less<D>(a: D, b: D) -> D = core::array::from_fn(|k| a[k] - b[k]), |s| (s, s.map(|s| -s));
    /// k a
    Scaled<D>(a: D, k: 1) -> D = a.map(|a| a * k[0]), |s| (s.map(|s| s * k[0]), [inner(a, s)]);
    /// k a, the number first
    ScaledBy<D>(k: 1, a: D) -> D = a.map(|a| a * k[0]), |s| ([inner(a, s)], s.map(|s| s * k[0]));
    /// ⟨a, b⟩
    Inner<D>(a: D, b: D) -> 1 = [inner(a, b)], |s| (b.map(|b| b * s[0]), a.map(|a| a * s[0]));
}

/// The determinant of the rows and columns that are left, as bits.
fn determinant<N: Num>(m: &impl Fn(usize, usize) -> N, rows: u8, columns: u8) -> N {
    if rows == 0 {
        return N::constant(1.0);
    }
    let row = rows.trailing_zeros() as usize;
    let mut sum = N::constant(0.0);
    let mut is_added = true;
    for column in (0..4).filter(|column| columns & (1 << column) != 0) {
        let term = m(row, column) * determinant(m, rows & !(1 << row), columns & !(1 << column));
        sum = if is_added { sum + term } else { sum - term };
        is_added = !is_added;
    }
    sum
}

/// What an element is multiplied by in the determinant.
fn cofactor<N: Num>(m: &impl Fn(usize, usize) -> N, (i, j): (usize, usize), all: u8) -> N {
    let minor = determinant(m, all & !(1 << i), all & !(1 << j));
    if (i + j) % 2 == 0 { minor } else { -minor }
}

/// The product of a matrix and a vector.
#[derive(Debug)]
pub(crate) struct MatrixVector;

/// The product of matrices.
#[derive(Debug)]
pub(crate) struct MatrixMatrix;

/// The transpose.
#[derive(Debug)]
pub(crate) struct Transposed;

/// The determinant.
#[derive(Debug)]
pub(crate) struct Determinant;

/// The inverse.
#[derive(Debug)]
pub(crate) struct Inverted;

macro_rules! square {
    ($($d:literal $n:literal;)*) => {$(
        impl Formula<$n, $d, $d> for MatrixVector {
            #[inline]
            fn value<N: Num>(m: [N; $n], v: [N; $d]) -> [N; $d] {
                core::array::from_fn(|i| (0..$d).fold(N::constant(0.0), |sum, j| sum + m[j * $d + i] * v[j]))
            }
            #[inline]
            fn pull<N: Num>(m: [N; $n], v: [N; $d], s: [N; $d]) -> ([N; $n], [N; $d]) {
                let of_v = |j: usize| (0..$d).fold(N::constant(0.0), |sum, i| sum + m[j * $d + i] * s[i]);
                (core::array::from_fn(|at| s[at % $d] * v[at / $d]), core::array::from_fn(of_v))
            }
        }

        impl Formula<$n, $n, $n> for MatrixMatrix {
            #[inline]
            fn value<N: Num>(a: [N; $n], b: [N; $n]) -> [N; $n] {
                let of = |i: usize, j: usize| {
                    (0..$d).fold(N::constant(0.0), |sum, k| sum + a[k * $d + i] * b[j * $d + k])
                };
                core::array::from_fn(|at| of(at % $d, at / $d))
            }
            #[inline]
            fn pull<N: Num>(a: [N; $n], b: [N; $n], s: [N; $n]) -> ([N; $n], [N; $n]) {
                let t = |m: [N; $n]| Transposed::value(m, []);
                (Self::value(s, t(b)), Self::value(t(a), s))
            }
        }

        impl Formula<$n, 0, $n> for Transposed {
            #[inline]
            fn value<N: Num>(m: [N; $n], _: [N; 0]) -> [N; $n] {
                core::array::from_fn(|at| m[(at % $d) * $d + at / $d])
            }
            #[inline]
            fn pull<N: Num>(_: [N; $n], _: [N; 0], s: [N; $n]) -> ([N; $n], [N; 0]) {
                (Self::value(s, []), [])
            }
        }

        impl Formula<$n, 0, 1> for Determinant {
            #[inline]
            fn value<N: Num>(m: [N; $n], _: [N; 0]) -> [N; 1] {
                [determinant(&|i, j| m[j * $d + i], (1 << $d) - 1, (1 << $d) - 1)]
            }
            #[inline]
            fn pull<N: Num>(m: [N; $n], _: [N; 0], s: [N; 1]) -> ([N; $n], [N; 0]) {
                let of = |at: usize| cofactor(&|i, j| m[j * $d + i], (at % $d, at / $d), (1 << $d) - 1) * s[0];
                (core::array::from_fn(of), [])
            }
        }

        impl Formula<$n, 0, $n> for Inverted {
            #[inline]
            fn value<N: Num>(m: [N; $n], _: [N; 0]) -> [N; $n] {
                let [det] = Determinant::value(m, []);
                let of = |at: usize| cofactor(&|i, j| m[j * $d + i], (at / $d, at % $d), (1 << $d) - 1) / det;
                core::array::from_fn(of)
            }
            #[inline]
            fn pull<N: Num>(m: [N; $n], _: [N; 0], s: [N; $n]) -> ([N; $n], [N; 0]) {
                let y = Transposed::value(Self::value(m, []), []);
                (MatrixMatrix::value(MatrixMatrix::value(y, s), y).map(|bar| -bar), [])
            }
        }
    )*};
}

square! {
    2 4;
    3 9;
    4 16;
}
