//! The formulas of rotations and of what is made with them, in coordinates: quaternions are (i, j, k, w), matrices column by column.

use super::numbers::{Dual, Num};

/// A function of coordinates, and how cotangents go through it. Tangents, and the tangents of cotangents, are those of the same
/// code with numbers that have tangents.
pub(crate) trait Formula<const A: usize, const B: usize, const Y: usize> {
    /// The value.
    fn value<N: Num>(a: [N; A], b: [N; B]) -> [N; Y];

    /// The cotangents of both operands. Of few coordinates, by one tangent for each.
    #[inline]
    fn pull<N: Num>(a: [N; A], b: [N; B], seed: [N; Y]) -> ([N; A], [N; B]) {
        let zero = N::constant(0.0);
        let along = |at: usize| {
            let unit = |k: usize| N::constant(if k == at { 1.0 } else { 0.0 });
            let a = core::array::from_fn(|k| Dual::new(a[k], unit(k)));
            let b = core::array::from_fn(|k| Dual::new(b[k], unit(A + k)));
            let y = Self::value(a, b);
            // Where no derivative flows, none is asked for.
            let flowing = y.iter().zip(seed).filter(|(_, seed)| !seed.is_nothing());
            flowing.fold(zero, |sum, (y, seed)| sum + y.dot * seed)
        };
        (core::array::from_fn(along), core::array::from_fn(|k| along(A + k)))
    }
}

/// The product of vectors that is perpendicular to both.
#[inline]
fn cross<N: Num>(a: [N; 3], b: [N; 3]) -> [N; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[inline]
fn dot<N: Num>(a: [N; 3], b: [N; 3]) -> N {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[inline]
fn sum<N: Num, const D: usize>(a: [N; D], b: [N; D]) -> [N; D] {
    core::array::from_fn(|k| a[k] + b[k])
}

#[inline]
fn times<N: Num, const D: usize>(a: [N; D], by: N) -> [N; D] {
    a.map(|a| a * by)
}

#[inline]
fn minus<N: Num, const D: usize>(a: [N; D]) -> [N; D] {
    a.map(|a| -a)
}

#[inline]
fn vector<N: Num>(q: [N; 4]) -> [N; 3] {
    [q[0], q[1], q[2]]
}

#[inline]
fn quaternion<N: Num>(v: [N; 3], w: N) -> [N; 4] {
    [v[0], v[1], v[2], w]
}

/// Rotations by so many coordinates, in so many dimensions.
pub(crate) trait Rotor<const Q: usize, const D: usize> {
    /// A vector, rotated.
    fn rotate<N: Num>(q: [N; Q], v: [N; D]) -> [N; D];
    /// The cotangents of both.
    fn rotate_pull<N: Num>(q: [N; Q], v: [N; D], s: [N; D]) -> ([N; Q], [N; D]);
    /// One rotation after the other.
    fn product<N: Num>(a: [N; Q], b: [N; Q]) -> [N; Q];
    /// The cotangents of both.
    fn product_pull<N: Num>(a: [N; Q], b: [N; Q], s: [N; Q]) -> ([N; Q], [N; Q]);
    /// The inverse, which is linear.
    fn conjugate<N: Num>(q: [N; Q]) -> [N; Q];
}

/// Unit quaternions.
#[derive(Debug)]
pub(crate) struct Spatial;

impl Rotor<4, 3> for Spatial {
    #[inline]
    fn rotate<N: Num>(q: [N; 4], v: [N; 3]) -> [N; 3] {
        let u = vector(q);
        let t = times(cross(u, v), N::constant(2.0));
        sum(v, sum(times(t, q[3]), cross(u, t)))
    }
    #[inline]
    fn rotate_pull<N: Num>(q: [N; 4], v: [N; 3], s: [N; 3]) -> ([N; 4], [N; 3]) {
        let (u, w, two) = (vector(q), q[3], N::constant(2.0));
        let t = times(cross(u, v), two);
        let twice = times(sum(times(s, w), cross(s, u)), two);
        (quaternion(sum(cross(t, s), cross(v, twice)), dot(s, t)), sum(s, cross(twice, u)))
    }
    #[inline]
    fn product<N: Num>(a: [N; 4], b: [N; 4]) -> [N; 4] {
        let (u, v) = (vector(a), vector(b));
        quaternion(sum(sum(times(v, a[3]), times(u, b[3])), cross(u, v)), a[3] * b[3] - dot(u, v))
    }
    #[inline]
    fn product_pull<N: Num>(a: [N; 4], b: [N; 4], s: [N; 4]) -> ([N; 4], [N; 4]) {
        let (u, v, sv, sw) = (vector(a), vector(b), vector(s), s[3]);
        let of_a = sum(sum(times(v, -sw), times(sv, b[3])), cross(v, sv));
        let of_b = sum(sum(times(u, -sw), times(sv, a[3])), cross(sv, u));
        (quaternion(of_a, sw * b[3] + dot(sv, v)), quaternion(of_b, sw * a[3] + dot(sv, u)))
    }
    #[inline]
    fn conjugate<N: Num>(q: [N; 4]) -> [N; 4] {
        [-q[0], -q[1], -q[2], q[3]]
    }
}

/// Unit complex numbers.
#[derive(Debug)]
pub(crate) struct Planar;

impl Rotor<2, 2> for Planar {
    #[inline]
    fn rotate<N: Num>(q: [N; 2], v: [N; 2]) -> [N; 2] {
        [q[0] * v[0] - q[1] * v[1], q[1] * v[0] + q[0] * v[1]]
    }
    #[inline]
    fn rotate_pull<N: Num>(q: [N; 2], v: [N; 2], s: [N; 2]) -> ([N; 2], [N; 2]) {
        (Self::rotate(Self::conjugate(v), s), Self::rotate(Self::conjugate(q), s))
    }
    #[inline]
    fn product<N: Num>(a: [N; 2], b: [N; 2]) -> [N; 2] {
        Self::rotate(a, b)
    }
    #[inline]
    fn product_pull<N: Num>(a: [N; 2], b: [N; 2], s: [N; 2]) -> ([N; 2], [N; 2]) {
        Self::rotate_pull(a, b, s)
    }
    #[inline]
    fn conjugate<N: Num>(q: [N; 2]) -> [N; 2] {
        [q[0], -q[1]]
    }
}

/// The rotation and the translation of an isometry.
#[inline]
fn split<N: Num, const I: usize, const Q: usize, const D: usize>(pose: [N; I]) -> ([N; Q], [N; D]) {
    (core::array::from_fn(|k| pose[k]), core::array::from_fn(|k| pose[Q + k]))
}

#[inline]
fn join<N: Num, const I: usize, const Q: usize, const D: usize>(q: [N; Q], t: [N; D]) -> [N; I] {
    core::array::from_fn(|k| if k < Q { q[k] } else { t[k - Q] })
}

/// What a formula of rotations is of: the kind of them.
macro_rules! of_rotors {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name<R>(core::marker::PhantomData<R>);
    )*};
}

of_rotors! {
    /// `q v`
    Rotate;
    /// `q⁻¹ v`
    RotateBack;
    /// `q p`, of two rotations.
    Product;
    /// `q⁻¹`
    Conjugate;
    /// `q v + t`
    Move;
    /// `q v` of an isometry.
    Turn;
    /// `q⁻¹ (v − t)`
    MoveBack;
    /// `q⁻¹ v` of an isometry.
    TurnBack;
    /// One isometry after the other.
    Compose;
    /// An isometry after a rotation.
    AfterRotation;
    /// A rotation after an isometry.
    Rotating;
    /// An isometry after a translation.
    AfterTranslation;
    /// A translation after an isometry.
    Translating;
    /// A rotation after a translation.
    TurnedTranslation;
    /// The inverse of an isometry.
    Invert;
    /// An isometry of a translation and a rotation.
    Join;
}

macro_rules! formulas {
    ($($rotor:ident: $q:literal $d:literal $i:literal;)*) => {$(
        impl Formula<$q, $d, $d> for Rotate<$rotor> {
            #[inline]
            fn value<N: Num>(q: [N; $q], v: [N; $d]) -> [N; $d] {
                $rotor::rotate(q, v)
            }
            #[inline]
            fn pull<N: Num>(q: [N; $q], v: [N; $d], seed: [N; $d]) -> ([N; $q], [N; $d]) {
                $rotor::rotate_pull(q, v, seed)
            }
        }

        impl Formula<$q, $d, $d> for RotateBack<$rotor> {
            #[inline]
            fn value<N: Num>(q: [N; $q], v: [N; $d]) -> [N; $d] {
                $rotor::rotate($rotor::conjugate(q), v)
            }
            #[inline]
            fn pull<N: Num>(q: [N; $q], v: [N; $d], seed: [N; $d]) -> ([N; $q], [N; $d]) {
                let (q_bar, v_bar) = $rotor::rotate_pull($rotor::conjugate(q), v, seed);
                ($rotor::conjugate(q_bar), v_bar)
            }
        }

        impl Formula<$q, $q, $q> for Product<$rotor> {
            #[inline]
            fn value<N: Num>(a: [N; $q], b: [N; $q]) -> [N; $q] {
                $rotor::product(a, b)
            }
            #[inline]
            fn pull<N: Num>(a: [N; $q], b: [N; $q], seed: [N; $q]) -> ([N; $q], [N; $q]) {
                $rotor::product_pull(a, b, seed)
            }
        }

        impl Formula<$q, 0, $q> for Conjugate<$rotor> {
            #[inline]
            fn value<N: Num>(q: [N; $q], _: [N; 0]) -> [N; $q] {
                $rotor::conjugate(q)
            }
            #[inline]
            fn pull<N: Num>(_: [N; $q], b: [N; 0], seed: [N; $q]) -> ([N; $q], [N; 0]) {
                ($rotor::conjugate(seed), b)
            }
        }

        impl Formula<$i, $d, $d> for Move<$rotor> {
            #[inline]
            fn value<N: Num>(pose: [N; $i], v: [N; $d]) -> [N; $d] {
                let (q, t) = split(pose);
                sum($rotor::rotate(q, v), t)
            }
            #[inline]
            fn pull<N: Num>(pose: [N; $i], v: [N; $d], seed: [N; $d]) -> ([N; $i], [N; $d]) {
                let (q, _) = split::<N, $i, $q, $d>(pose);
                let (q_bar, v_bar) = $rotor::rotate_pull(q, v, seed);
                (join(q_bar, seed), v_bar)
            }
        }

        impl Formula<$i, $d, $d> for Turn<$rotor> {
            #[inline]
            fn value<N: Num>(pose: [N; $i], v: [N; $d]) -> [N; $d] {
                $rotor::rotate(split::<N, $i, $q, $d>(pose).0, v)
            }
            #[inline]
            fn pull<N: Num>(pose: [N; $i], v: [N; $d], seed: [N; $d]) -> ([N; $i], [N; $d]) {
                let (q_bar, v_bar) = $rotor::rotate_pull(split::<N, $i, $q, $d>(pose).0, v, seed);
                (join(q_bar, [N::constant(0.0); $d]), v_bar)
            }
        }

        impl Formula<$i, $d, $d> for MoveBack<$rotor> {
            #[inline]
            fn value<N: Num>(pose: [N; $i], v: [N; $d]) -> [N; $d] {
                let (q, t) = split::<N, $i, $q, $d>(pose);
                RotateBack::<$rotor>::value(q, sum(v, minus(t)))
            }
            #[inline]
            fn pull<N: Num>(pose: [N; $i], v: [N; $d], seed: [N; $d]) -> ([N; $i], [N; $d]) {
                let (q, t) = split::<N, $i, $q, $d>(pose);
                let (q_bar, v_bar) = RotateBack::<$rotor>::pull(q, sum(v, minus(t)), seed);
                (join(q_bar, minus(v_bar)), v_bar)
            }
        }

        impl Formula<$i, $d, $d> for TurnBack<$rotor> {
            #[inline]
            fn value<N: Num>(pose: [N; $i], v: [N; $d]) -> [N; $d] {
                RotateBack::<$rotor>::value(split::<N, $i, $q, $d>(pose).0, v)
            }
            #[inline]
            fn pull<N: Num>(pose: [N; $i], v: [N; $d], seed: [N; $d]) -> ([N; $i], [N; $d]) {
                let (q_bar, v_bar) = RotateBack::<$rotor>::pull(split::<N, $i, $q, $d>(pose).0, v, seed);
                (join(q_bar, [N::constant(0.0); $d]), v_bar)
            }
        }

        impl Formula<$i, $i, $i> for Compose<$rotor> {
            #[inline]
            fn value<N: Num>(a: [N; $i], b: [N; $i]) -> [N; $i] {
                let ((p, s), (q, t)) = (split::<N, $i, $q, $d>(a), split::<N, $i, $q, $d>(b));
                join($rotor::product(p, q), sum($rotor::rotate(p, t), s))
            }
            #[inline]
            fn pull<N: Num>(a: [N; $i], b: [N; $i], seed: [N; $i]) -> ([N; $i], [N; $i]) {
                let ((p, _), (q, t)) = (split::<N, $i, $q, $d>(a), split::<N, $i, $q, $d>(b));
                let (of_rotation, of_translation) = split::<N, $i, $q, $d>(seed);
                let (p_bar, q_bar) = $rotor::product_pull(p, q, of_rotation);
                let (p_more, t_bar) = $rotor::rotate_pull(p, t, of_translation);
                (join(sum(p_bar, p_more), of_translation), join(q_bar, t_bar))
            }
        }

        impl Formula<$i, $q, $i> for AfterRotation<$rotor> {
            #[inline]
            fn value<N: Num>(a: [N; $i], q: [N; $q]) -> [N; $i] {
                let (p, s) = split::<N, $i, $q, $d>(a);
                join($rotor::product(p, q), s)
            }
            #[inline]
            fn pull<N: Num>(a: [N; $i], q: [N; $q], seed: [N; $i]) -> ([N; $i], [N; $q]) {
                let (of_rotation, of_translation) = split::<N, $i, $q, $d>(seed);
                let (p_bar, q_bar) = $rotor::product_pull(split::<N, $i, $q, $d>(a).0, q, of_rotation);
                (join(p_bar, of_translation), q_bar)
            }
        }

        impl Formula<$q, $i, $i> for Rotating<$rotor> {
            #[inline]
            fn value<N: Num>(q: [N; $q], b: [N; $i]) -> [N; $i] {
                let (p, t) = split::<N, $i, $q, $d>(b);
                join($rotor::product(q, p), $rotor::rotate(q, t))
            }
            #[inline]
            fn pull<N: Num>(q: [N; $q], b: [N; $i], seed: [N; $i]) -> ([N; $q], [N; $i]) {
                let (p, t) = split::<N, $i, $q, $d>(b);
                let (of_rotation, of_translation) = split::<N, $i, $q, $d>(seed);
                let (q_bar, p_bar) = $rotor::product_pull(q, p, of_rotation);
                let (q_more, t_bar) = $rotor::rotate_pull(q, t, of_translation);
                (sum(q_bar, q_more), join(p_bar, t_bar))
            }
        }

        impl Formula<$i, $d, $i> for AfterTranslation<$rotor> {
            #[inline]
            fn value<N: Num>(a: [N; $i], t: [N; $d]) -> [N; $i] {
                let (p, s) = split::<N, $i, $q, $d>(a);
                join(p, sum($rotor::rotate(p, t), s))
            }
            #[inline]
            fn pull<N: Num>(a: [N; $i], t: [N; $d], seed: [N; $i]) -> ([N; $i], [N; $d]) {
                let (of_rotation, of_translation) = split::<N, $i, $q, $d>(seed);
                let (p_bar, t_bar) = $rotor::rotate_pull(split::<N, $i, $q, $d>(a).0, t, of_translation);
                (join(sum(of_rotation, p_bar), of_translation), t_bar)
            }
        }

        impl Formula<$d, $i, $i> for Translating<$rotor> {
            #[inline]
            fn value<N: Num>(t: [N; $d], b: [N; $i]) -> [N; $i] {
                let (q, s) = split::<N, $i, $q, $d>(b);
                join(q, sum(t, s))
            }
            #[inline]
            fn pull<N: Num>(_: [N; $d], _: [N; $i], seed: [N; $i]) -> ([N; $d], [N; $i]) {
                (split::<N, $i, $q, $d>(seed).1, seed)
            }
        }

        impl Formula<$q, $d, $i> for TurnedTranslation<$rotor> {
            #[inline]
            fn value<N: Num>(q: [N; $q], t: [N; $d]) -> [N; $i] {
                join(q, $rotor::rotate(q, t))
            }
            #[inline]
            fn pull<N: Num>(q: [N; $q], t: [N; $d], seed: [N; $i]) -> ([N; $q], [N; $d]) {
                let (of_rotation, of_translation) = split::<N, $i, $q, $d>(seed);
                let (q_bar, t_bar) = $rotor::rotate_pull(q, t, of_translation);
                (sum(of_rotation, q_bar), t_bar)
            }
        }

        impl Formula<$i, 0, $i> for Invert<$rotor> {
            #[inline]
            fn value<N: Num>(pose: [N; $i], _: [N; 0]) -> [N; $i] {
                let (q, t) = split::<N, $i, $q, $d>(pose);
                let back = $rotor::conjugate(q);
                join(back, $rotor::rotate(back, minus(t)))
            }
            #[inline]
            fn pull<N: Num>(pose: [N; $i], b: [N; 0], seed: [N; $i]) -> ([N; $i], [N; 0]) {
                let (q, t) = split::<N, $i, $q, $d>(pose);
                let (of_rotation, of_translation) = split::<N, $i, $q, $d>(seed);
                let (back_bar, t_bar) = $rotor::rotate_pull($rotor::conjugate(q), minus(t), of_translation);
                (join($rotor::conjugate(sum(of_rotation, back_bar)), minus(t_bar)), b)
            }
        }

        impl Formula<$d, $q, $i> for Join<$rotor> {
            #[inline]
            fn value<N: Num>(t: [N; $d], q: [N; $q]) -> [N; $i] {
                join(q, t)
            }
            #[inline]
            fn pull<N: Num>(_: [N; $d], _: [N; $q], seed: [N; $i]) -> ([N; $d], [N; $q]) {
                let (q_bar, t_bar) = split(seed);
                (t_bar, q_bar)
            }
        }
    )*};
}

formulas! {
    Spatial: 4 3 7;
    Planar: 2 2 4;
}

/// `sin(√x / 2) / √x` of a square x, which has all derivatives at zero, too.
fn half_sine<N: Num>(x: N) -> N {
    if x.primal() >= 1.0 {
        let root = x.root();
        let (sin, _) = (root * N::constant(0.5)).sine_cosine();
        return sin / root;
    }
    // ½ Σ (−x/4)ᵏ / (2k + 1)!
    let (mut term, mut all) = (N::constant(0.5), N::constant(0.5));
    for k in 1..=9 {
        let k = f64::from(k);
        term = term * x * N::constant(-0.25 / (2.0 * k * (2.0 * k + 1.0)));
        all = all + term;
    }
    all
}

/// `cos(√x / 2)` of a square x.
fn half_cosine<N: Num>(x: N) -> N {
    if x.primal() >= 1.0 {
        return (x.root() * N::constant(0.5)).sine_cosine().1;
    }
    let (mut term, mut all) = (N::constant(1.0), N::constant(1.0));
    for k in 1..=9 {
        let k = f64::from(k);
        term = term * x * N::constant(-0.25 / (2.0 * k * (2.0 * k - 1.0)));
        all = all + term;
    }
    all
}

#[inline]
fn of_scaled_axis<N: Num>(v: [N; 3]) -> [N; 4] {
    let square = dot(v, v);
    quaternion(times(v, half_sine(square)), half_cosine(square))
}

#[inline]
fn matrix_of<N: Num>(q: [N; 4]) -> [N; 9] {
    let ([i, j, k, w], two) = (q, N::constant(2.0));
    let (ww, ii, jj, kk) = (w * w, i * i, j * j, k * k);
    let (ij, wk, wj) = (i * j * two, w * k * two, w * j * two);
    let (ik, jk, wi) = (i * k * two, j * k * two, w * i * two);
    [
        ww + ii - jj - kk,
        wk + ij,
        ik - wj,
        ij - wk,
        ww - ii + jj - kk,
        wi + jk,
        wj + ik,
        jk - wi,
        ww - ii - jj + kk,
    ]
}

#[inline]
fn of_euler_angles<N: Num>([roll, pitch, yaw]: [N; 3]) -> [N; 4] {
    let half = |angle: N| (angle * N::constant(0.5)).sine_cosine();
    let ((sr, cr), (sp, cp), (sy, cy)) = (half(roll), half(pitch), half(yaw));
    [
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
        cr * cp * cy + sr * sp * sy,
    ]
}

/// The angle of the point (`w`, √`square`), divided by √`square`: what makes a scaled axis of an axis. At zero, too.
#[inline]
fn angle_by_sine<N: Num>(square: N, w: N) -> N {
    let ratio = square / (w * w);
    if w.primal() > 0.0 && ratio.primal() < 0.01 {
        let (mut power, mut all) = (N::constant(1.0), N::constant(1.0));
        for k in 1..=9 {
            power = -power * ratio;
            all = all + power * N::constant(1.0 / f64::from(2 * k + 1));
        }
        all / w
    } else {
        let root = square.root();
        root.angle_above(w) / root
    }
}

/// Of the matrix of a rotation, the axis times twice the sine of the angle, and twice the cosine. Of rotations, the angle is that of
/// both together as well as that of the cosine alone, by which the library computes it; and this has derivatives near none, too.
#[inline]
fn sine_and_cosine<N: Num>(m: [N; 9]) -> ([N; 3], N) {
    let axis = [m[5] - m[7], m[6] - m[2], m[1] - m[3]];
    (axis, m[0] + m[4] + m[8] - N::constant(1.0))
}

/// Formulas without a pull of their own.
macro_rules! made {
    ($($(#[$doc:meta])* $name:ident [$a:literal $b:literal $y:literal] |$x:pat_param, $z:pat_param| $value:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl Formula<$a, $b, $y> for $name {
            #[inline]
            fn value<N: Num>($x: [N; $a], $z: [N; $b]) -> [N; $y] {
                $value
            }
        }
    )*};
}

made! {
    /// The quaternion of a scaled axis.
    Exp [3 0 4] |v, _| of_scaled_axis(v);
    /// The matrix of a scaled axis.
    ExpMatrix [3 0 9] |v, _| matrix_of(of_scaled_axis(v));
    /// The scaled axis of a quaternion.
    Log [4 0 3] |q, _| {
        let (u, w) = (vector(q), q[3]);
        // Of q and −q, the one with the shorter way.
        let sign = N::constant(if w.primal() < 0.0 { -1.0 } else { 1.0 });
        times(u, N::constant(2.0) * sign * angle_by_sine(dot(u, u), sign * w))
    };
    /// The scaled axis of a matrix.
    MatrixLog [9 0 3] |m, _| {
        let (axis, cosine) = sine_and_cosine(m);
        times(axis, angle_by_sine(dot(axis, axis), cosine))
    };
    /// The angle of a matrix.
    MatrixAngle [9 0 1] |m, _| {
        let (axis, cosine) = sine_and_cosine(m);
        [dot(axis, axis).root().angle_above(cosine)]
    };
    /// The angle of a matrix in the plane.
    PlanarMatrixAngle [4 0 1] |m, _| [m[1].angle_above(m[0])];
    /// The angle of a quaternion.
    Angle [4 0 1] |q, _| {
        let u = vector(q);
        let w = if q[3].primal() < 0.0 { -q[3] } else { q[3] };
        [N::constant(2.0) * dot(u, u).root().angle_above(w)]
    };
    /// The angle of a complex number.
    PlanarAngle [2 0 1] |q, _| [q[1].angle_above(q[0])];
    /// The matrix of a quaternion.
    ToMatrix [4 0 9] |q, _| matrix_of(q);
    /// The quaternion of an axis and an angle.
    AxisAngle [3 1 4] |axis, [angle]| {
        let (sin, cos) = (angle * N::constant(0.5)).sine_cosine();
        quaternion(times(axis, sin), cos)
    };
    /// The quaternion of roll, pitch and yaw.
    Euler [3 0 4] |angles, _| of_euler_angles(angles);
    /// The matrix of roll, pitch and yaw.
    EulerMatrix [3 0 9] |angles, _| matrix_of(of_euler_angles(angles));
    /// The complex number of an angle.
    PlanarExp [1 0 2] |[angle], _| {
        let (sin, cos) = angle.sine_cosine();
        [cos, sin]
    };
    /// The matrix of an angle.
    PlanarMatrix [1 0 4] |[angle], _| {
        let (sin, cos) = angle.sine_cosine();
        [cos, sin, -sin, cos]
    };
    /// An isometry of a translation and a scaled axis.
    Pose [3 3 7] |t, v| join(of_scaled_axis(v), t);
    /// An isometry of a translation and an angle.
    PlanarPose [2 1 4] |t, [angle]| {
        let (sin, cos) = angle.sine_cosine();
        join([cos, sin], t)
    };
    /// The matrix of a complex number.
    PlanarToMatrix [2 0 4] |[re, im], _| [re, im, -im, re];
    /// The matrix of an axis and an angle.
    AxisAngleMatrix [3 1 9] |axis, [angle]| {
        let (sin, cos) = (angle * N::constant(0.5)).sine_cosine();
        matrix_of(quaternion(times(axis, sin), cos))
    };
    /// An isometry of a translation alone.
    Placed [3 0 7] |t, _| join([N::constant(0.0), N::constant(0.0), N::constant(0.0), N::constant(1.0)], t);
    /// The same in the plane.
    PlanarPlaced [2 0 4] |t, _| join([N::constant(1.0), N::constant(0.0)], t);
    /// An isometry of a scaled axis alone.
    Rotated [3 0 7] |v, _| join(of_scaled_axis(v), [N::constant(0.0); 3]);
    /// The coordinates of a quaternion.
    Same [4 0 4] |q, _| q;
}
