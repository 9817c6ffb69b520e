//! The rules of points, rotations and isometries: those of matrices, where they are some inside, and formulas of coordinates.

use crate::__private::matrix::coordinates::{of_coordinates, operands};
use crate::__private::matrix::formulas::{
    AfterRotation, AfterTranslation, Angle, AxisAngle, AxisAngleMatrix, Compose, Conjugate, Euler,
    EulerMatrix, Exp, ExpMatrix, Invert, Join, Log, MatrixAngle, MatrixLog, Move, MoveBack, Placed, Planar,
    PlanarAngle, PlanarExp, PlanarMatrix, PlanarMatrixAngle, PlanarPlaced, PlanarPose, PlanarToMatrix, Pose,
    Product, Rotate, RotateBack, Rotated, Rotating, Same, Spatial, ToMatrix, Translating, Turn as Turned,
    TurnBack, TurnedTranslation,
};
use crate::__private::matrix::{Always, Rule, Turn, Value};
use crate::__private::nalgebra::Float;
use crate::__private::operators;
use nalgebra::{
    Isometry2, Isometry3, Point, Rotation, SMatrix, SVector, Translation, Unit, UnitComplex, UnitQuaternion,
    Vector2, Vector3, Vector4,
};

/// A matrix inside of something.
pub trait Inside {
    /// The matrix.
    type M;
    /// The matrix.
    fn inside(&self) -> &Self::M;
}

macro_rules! inside {
    ($([$($of:tt)*] $value:ty => $m:ty, |$this:ident| $inside:expr;)*) => {$(
        impl<$($of)*> Inside for $value {
            type M = $m;
            #[inline]
            fn inside(&self) -> &$m {
                let $this = self;
                $inside
            }
        }
    )*};
}

inside! {
    [T: Float, const D: usize] Point<T, D> => SVector<T, D>, |p| &p.coords;
    [T: Float, const D: usize] Translation<T, D> => SVector<T, D>, |t| &t.vector;
    [T: Float, const D: usize] Rotation<T, D> => SMatrix<T, D, D>, |r| r.matrix();
    [T: Float, const R: usize, const C: usize] SMatrix<T, R, C> => SMatrix<T, R, C>, |m| m;
    [] () => (), |nothing| nothing;
    [T: Float] T => T, |x| x;
}

type M<V> = <V as Inside>::M;

/// What the matrices inside are computed with.
macro_rules! of_matrices {
    ($($way:ident $op:ident as $inner:ident: [$($of:tt)*] $a:ty, $b:ty => $y:ty, |$x:pat_param, $z:pat_param| $value:expr;)*) => {$(
        impl<$($of)*> Rule<$a, $b> for operators::$op {
            type Y = $y;
            type Outcome = Always;
            type Memo = <operators::$inner as Rule<M<$a>, M<$b>>>::Memo;

            #[inline]
            fn value($x: &$a, $z: &$b) -> $y {
                $value
            }
            #[inline]
            fn memo(a: &$a, b: &$b, y: &$y) -> Self::Memo {
                <operators::$inner as Rule<M<$a>, M<$b>>>::memo(a.inside(), b.inside(), y.inside())
            }
            #[inline]
            fn push_left(
                a: &$a,
                b: &$b,
                memo: &Self::Memo,
                dot: &<$a as Value>::Tangent,
            ) -> <$y as Value>::Tangent {
                <operators::$inner as Rule<M<$a>, M<$b>>>::push_left(a.inside(), b.inside(), memo, dot)
            }
            #[inline]
            fn push_right(
                a: &$a,
                b: &$b,
                memo: &Self::Memo,
                dot: &<$b as Value>::Tangent,
            ) -> <$y as Value>::Tangent {
                <operators::$inner as Rule<M<$a>, M<$b>>>::push_right(a.inside(), b.inside(), memo, dot)
            }
            #[inline]
            fn pull_left(
                a: &$a,
                b: &$b,
                memo: &Self::Memo,
                seed: &<$y as Value>::Tangent,
                to: &mut <$a as Value>::Tangent,
            ) {
                <operators::$inner as Rule<M<$a>, M<$b>>>::pull_left(a.inside(), b.inside(), memo, seed, to);
            }
            #[inline]
            fn pull_right(
                a: &$a,
                b: &$b,
                memo: &Self::Memo,
                seed: &<$y as Value>::Tangent,
                to: &mut <$b as Value>::Tangent,
            ) {
                <operators::$inner as Rule<M<$a>, M<$b>>>::pull_right(a.inside(), b.inside(), memo, seed, to);
            }
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, $a, $b>, to: &mut <$a as Value>::Tangent) {
                <operators::$inner as Rule<M<$a>, M<$b>>>::turn_left(&of_matrices!(@ turn), to);
            }
            #[inline]
            fn turn_right(turn: &Turn<'_, Self, $a, $b>, to: &mut <$b as Value>::Tangent) {
                <operators::$inner as Rule<M<$a>, M<$b>>>::turn_right(&of_matrices!(@ turn), to);
            }
        }

        operands! { $way $op [$($of)*] $a, $b }
    )*};
    (@ $turn:ident) => {
        Turn {
            a: $turn.a.inside(),
            b: $turn.b.inside(),
            memo: $turn.memo,
            a_dot: $turn.a_dot,
            b_dot: $turn.b_dot,
            seed: $turn.seed,
            seed_dot: $turn.seed_dot,
        }
    };
}

of_matrices! {
    two Mul as Mul: [T: Float, const D: usize, const C: usize] Rotation<T, D>, SMatrix<T, D, C> => SMatrix<T, D, C>, |a, b| a * b;
    two Mul as Mul: [T: Float, const D: usize, const R: usize] SMatrix<T, R, D>, Rotation<T, D> => SMatrix<T, R, D>, |a, b| a * b;
    two Mul as Mul: [T: Float, const D: usize] Rotation<T, D>, Point<T, D> => Point<T, D>, |a, b| a * b;
    two Mul as Mul: [T: Float, const D: usize] Rotation<T, D>, Rotation<T, D> => Rotation<T, D>, |a, b| a * b;
    two TransformVector as Mul: [T: Float, const D: usize] Rotation<T, D>, SVector<T, D> => SVector<T, D>,
        |a, b| a.transform_vector(b);
    two TransformPoint as Mul: [T: Float, const D: usize] Rotation<T, D>, Point<T, D> => Point<T, D>,
        |a, b| a.transform_point(b);
    two InverseTransformVector as TrMul: [T: Float, const D: usize] Rotation<T, D>, SVector<T, D> => SVector<T, D>,
        |a, b| a.inverse_transform_vector(b);
    two InverseTransformPoint as TrMul: [T: Float, const D: usize] Rotation<T, D>, Point<T, D> => Point<T, D>,
        |a, b| a.inverse_transform_point(b);
    one Inverse as Transpose: [T: Float, const D: usize] Rotation<T, D>, () => Rotation<T, D>, |a, ()| a.inverse();
    one Transpose as Transpose: [T: Float, const D: usize] Rotation<T, D>, () => Rotation<T, D>,
        |a, ()| a.transpose();
    one Coords as Coords: [T: Float, const D: usize] Rotation<T, D>, () => SMatrix<T, D, D>, |a, ()| *a.matrix();

    two Add as Add: [T: Float, const D: usize] Point<T, D>, SVector<T, D> => Point<T, D>, |a, b| a + b;
    two Sub as Sub: [T: Float, const D: usize] Point<T, D>, SVector<T, D> => Point<T, D>, |a, b| a - b;
    two Sub as Sub: [T: Float, const D: usize] Point<T, D>, Point<T, D> => SVector<T, D>, |a, b| a - b;
    with_number Mul as Mul: [T: Float, const D: usize] Point<T, D>, T => Point<T, D>, |a, b| a * *b;
    with_number Div as Div: [T: Float, const D: usize] Point<T, D>, T => Point<T, D>, |a, b| a / *b;
    one Neg as Neg: [T: Float, const D: usize] Point<T, D>, () => Point<T, D>, |a, ()| -a;
    one Coords as Coords: [T: Float, const D: usize] Point<T, D>, () => SVector<T, D>, |a, ()| a.coords;
    one PointFrom as Coords: [T: Float, const D: usize] SVector<T, D>, () => Point<T, D>, |a, ()| Point::from(*a);

    two Mul as Add: [T: Float, const D: usize] Translation<T, D>, Point<T, D> => Point<T, D>, |a, b| a * b;
    two Mul as Add: [T: Float, const D: usize] Translation<T, D>, Translation<T, D> => Translation<T, D>, |a, b| a * b;
    two TransformPoint as Add: [T: Float, const D: usize] Translation<T, D>, Point<T, D> => Point<T, D>,
        |a, b| a.transform_point(b);
    one Inverse as Neg: [T: Float, const D: usize] Translation<T, D>, () => Translation<T, D>, |a, ()| a.inverse();
    one Coords as Coords: [T: Float, const D: usize] Translation<T, D>, () => SVector<T, D>, |a, ()| a.vector;
    one TranslationFrom as Coords: [T: Float, const D: usize] SVector<T, D>, () => Translation<T, D>,
        |a, ()| Translation::from(*a);
}

/// Rotations and isometries, in the plane and in space.
macro_rules! in_each_space {
    ($($rotor:ident: $q:ident $iso:ident $d:literal;)*) => {$(
        of_coordinates! {
            two Mul [T: Float] $q<T>, SVector<T, $d> => SVector<T, $d>, Rotate<$rotor>: |q, v| q * v;
            two Mul [T: Float] $q<T>, Point<T, $d> => Point<T, $d>, Rotate<$rotor>: |q, p| q * p;
            two Mul [T: Float] $q<T>, $q<T> => $q<T>, Product<$rotor>: |p, q| p * q;
            two TransformVector [T: Float] $q<T>, SVector<T, $d> => SVector<T, $d>, Rotate<$rotor>:
                |q, v| q.transform_vector(v);
            two TransformPoint [T: Float] $q<T>, Point<T, $d> => Point<T, $d>, Rotate<$rotor>:
                |q, p| q.transform_point(p);
            two InverseTransformVector [T: Float] $q<T>, SVector<T, $d> => SVector<T, $d>, RotateBack<$rotor>:
                |q, v| q.inverse_transform_vector(v);
            two InverseTransformPoint [T: Float] $q<T>, Point<T, $d> => Point<T, $d>, RotateBack<$rotor>:
                |q, p| q.inverse_transform_point(p);
            one Inverse [T: Float] $q<T>, () => $q<T>, Conjugate<$rotor>: |q, ()| q.inverse();
            one Conjugate [T: Float] $q<T>, () => $q<T>, Conjugate<$rotor>: |q, ()| q.conjugate();

            two Mul [T: Float] $iso<T>, SVector<T, $d> => SVector<T, $d>, Turned<$rotor>: |pose, v| pose * v;
            two Mul [T: Float] $iso<T>, Point<T, $d> => Point<T, $d>, Move<$rotor>: |pose, p| pose * p;
            two Mul [T: Float] $iso<T>, $iso<T> => $iso<T>, Compose<$rotor>: |a, b| a * b;
            two Mul [T: Float] $iso<T>, $q<T> => $iso<T>, AfterRotation<$rotor>: |a, q| a * q;
            two Mul [T: Float] $q<T>, $iso<T> => $iso<T>, Rotating<$rotor>: |q, b| q * b;
            two Mul [T: Float] $iso<T>, Translation<T, $d> => $iso<T>, AfterTranslation<$rotor>: |a, t| a * t;
            two Mul [T: Float] Translation<T, $d>, $iso<T> => $iso<T>, Translating<$rotor>: |t, b| t * b;
            two Mul [T: Float] Translation<T, $d>, $q<T> => $iso<T>, Join<$rotor>: |t, q| t * q;
            two Mul [T: Float] $q<T>, Translation<T, $d> => $iso<T>, TurnedTranslation<$rotor>: |q, t| q * t;
            two TransformVector [T: Float] $iso<T>, SVector<T, $d> => SVector<T, $d>, Turned<$rotor>:
                |pose, v| pose.transform_vector(v);
            two TransformPoint [T: Float] $iso<T>, Point<T, $d> => Point<T, $d>, Move<$rotor>:
                |pose, p| pose.transform_point(p);
            two InverseTransformVector [T: Float] $iso<T>, SVector<T, $d> => SVector<T, $d>, TurnBack<$rotor>:
                |pose, v| pose.inverse_transform_vector(v);
            two InverseTransformPoint [T: Float] $iso<T>, Point<T, $d> => Point<T, $d>, MoveBack<$rotor>:
                |pose, p| pose.inverse_transform_point(p);
            one Inverse [T: Float] $iso<T>, () => $iso<T>, Invert<$rotor>: |pose, ()| pose.inverse();
            two IsometryFromParts [T: Float] Translation<T, $d>, $q<T> => $iso<T>, Join<$rotor>:
                |t, q| $iso::from_parts(*t, *q);
        }
    )*};
}

in_each_space! {
    Spatial: UnitQuaternion Isometry3 3;
    Planar: UnitComplex Isometry2 2;
}

of_coordinates! {
    one ScaledAxis [T: Float] UnitQuaternion<T>, () => Vector3<T>, Log: |q, ()| q.scaled_axis();
    one Angle [T: Float] UnitQuaternion<T>, () => T, Angle: |q, ()| q.angle();
    one Angle [T: Float] UnitComplex<T>, () => T, PlanarAngle: |q, ()| q.angle();
    one ScaledAxis [T: Float] Rotation<T, 3>, () => Vector3<T>, MatrixLog: |r, ()| r.scaled_axis();
    one Angle [T: Float] Rotation<T, 3>, () => T, MatrixAngle: |r, ()| r.angle();
    one Angle [T: Float] Rotation<T, 2>, () => T, PlanarMatrixAngle: |r, ()| r.angle();
    one ToRotationMatrix [T: Float] UnitQuaternion<T>, () => Rotation<T, 3>, ToMatrix:
        |q, ()| q.to_rotation_matrix();
    one ToRotationMatrix [T: Float] UnitComplex<T>, () => Rotation<T, 2>, PlanarToMatrix:
        |q, ()| q.to_rotation_matrix();
    one Coords [T: Float] UnitQuaternion<T>, () => Vector4<T>, Same: |q, ()| q.as_ref().coords;

    one UnitQuaternionFromScaledAxis [T: Float] Vector3<T>, () => UnitQuaternion<T>, Exp:
        |v, ()| UnitQuaternion::from_scaled_axis(*v);
    one UnitQuaternionFromEulerAngles [T: Float] Vector3<T>, () => UnitQuaternion<T>, Euler:
        |v, ()| UnitQuaternion::from_euler_angles(v.x, v.y, v.z);
    with_number UnitQuaternionFromAxisAngle [T: Float] Unit<Vector3<T>>, T => UnitQuaternion<T>, AxisAngle:
        |axis, angle| UnitQuaternion::from_axis_angle(axis, *angle);
    one Rotation3FromScaledAxis [T: Float] Vector3<T>, () => Rotation<T, 3>, ExpMatrix:
        |v, ()| Rotation::<T, 3>::from_scaled_axis(*v);
    one Rotation3FromEulerAngles [T: Float] Vector3<T>, () => Rotation<T, 3>, EulerMatrix:
        |v, ()| Rotation::<T, 3>::from_euler_angles(v.x, v.y, v.z);
    with_number Rotation3FromAxisAngle [T: Float] Unit<Vector3<T>>, T => Rotation<T, 3>, AxisAngleMatrix:
        |axis, angle| Rotation::<T, 3>::from_axis_angle(axis, *angle);
    of_number Rotation2New [] f32, () => Rotation<f32, 2>, PlanarMatrix: |angle, ()| Rotation::<f32, 2>::new(*angle);
    of_number Rotation2New [] f64, () => Rotation<f64, 2>, PlanarMatrix: |angle, ()| Rotation::<f64, 2>::new(*angle);
    of_number UnitComplexNew [] f32, () => UnitComplex<f32>, PlanarExp: |angle, ()| UnitComplex::new(*angle);
    of_number UnitComplexNew [] f64, () => UnitComplex<f64>, PlanarExp: |angle, ()| UnitComplex::new(*angle);

    two Isometry3New [T: Float] Vector3<T>, Vector3<T> => Isometry3<T>, Pose: |t, v| Isometry3::new(*t, *v);
    with_number Isometry2New [T: Float] Vector2<T>, T => Isometry2<T>, PlanarPose: |t, angle| Isometry2::new(*t, *angle);
    one IsometryTranslation [T: Float] Vector3<T>, () => Isometry3<T>, Placed:
        |t, ()| Isometry3::translation(t.x, t.y, t.z);
    one IsometryTranslation [T: Float] Vector2<T>, () => Isometry2<T>, PlanarPlaced: |t, ()| Isometry2::translation(t.x, t.y);
    one IsometryRotation [T: Float] Vector3<T>, () => Isometry3<T>, Rotated: |v, ()| Isometry3::rotation(*v);
}
