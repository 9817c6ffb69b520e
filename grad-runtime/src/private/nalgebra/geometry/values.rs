//! Points, rotations, translations and isometries: their coordinates, and their tangents, which are those of the coordinates.

use super::isometry::IsometryTangent;
use crate::__private::matrix::coordinates::Coordinates;
use crate::__private::methods::MatrixMethods;
use crate::__private::nalgebra::Float;
use crate::__private::{Unread, ZerosLike};
use crate::{Differentiable, Scalar};
use nalgebra::{
    Complex, Isometry, Isometry2, Isometry3, Point, Quaternion, Rotation, SMatrix, SVector, Translation,
    Unit, UnitComplex, UnitQuaternion, Vector2, Vector3, Vector4,
};

values! {
    [T: Float, const D: usize] Point<T, D> => SVector<T, D>, [], |p| p.coords.__grad_zeros_like();
    [T: Float, const D: usize] Translation<T, D> => SVector<T, D>, [], |t| t.vector.__grad_zeros_like();
    [T: Float, const D: usize] Rotation<T, D> => SMatrix<T, D, D>, [], |r| r.matrix().__grad_zeros_like();
    [T: Float] UnitQuaternion<T> => Vector4<T>, [], |_q| Vector4::zeros();
    [T: Float] UnitComplex<T> => Vector2<T>, [], |_q| Vector2::zeros();
    [T: Float] Unit<Vector3<T>> => Vector3<T>, [], |_u| Vector3::zeros();
    [T: Float] Isometry3<T> => IsometryTangent<Vector4<T>, Vector3<T>>, [],
        |_pose| IsometryTangent::new(Vector4::zeros(), Vector3::zeros());
    [T: Float] Isometry2<T> => IsometryTangent<Vector2<T>, Vector2<T>>, [],
        |_pose| IsometryTangent::new(Vector2::zeros(), Vector2::zeros());
}

macro_rules! coordinates {
    ($([$($of:tt)*] $value:ty: $n:expr, |$this:ident| $get:expr, |$to:ident| $set:expr;)*) => {$(
        impl<$($of)*> Coordinates<T, { $n }> for $value {
            #[inline]
            fn coordinates(&self) -> [T; $n] {
                let $this = self;
                $get
            }
            #[inline]
            fn set_coordinates(&mut self, $to: [T; $n]) {
                *self = $set;
            }
        }
    )*};
}

coordinates! {
    [T: Float] UnitQuaternion<T>: 4, |q| q.as_ref().coords.into(),
        |to| Unit::new_unchecked(Quaternion::from_vector(Vector4::from(to)));
    [T: Float] UnitComplex<T>: 2, |q| [q.re, q.im], |to| Unit::new_unchecked(Complex::new(to[0], to[1]));
    [T: Float] Unit<Vector3<T>>: 3, |u| u.into_inner().into(), |to| Unit::new_unchecked(Vector3::from(to));
    [T: Float] Isometry3<T>: 7, |pose| {
            let ([i, j, k, w], [x, y, z]) =
                (pose.rotation.coordinates(), <[T; 3]>::from(pose.translation.vector));
            [i, j, k, w, x, y, z]
        }, |to| {
            let mut rotation = UnitQuaternion::identity();
            rotation.set_coordinates([to[0], to[1], to[2], to[3]]);
            Isometry::from_parts(Translation::from([to[4], to[5], to[6]]), rotation)
        };
    [T: Float] Isometry2<T>: 4, |pose| {
            let ([re, im], [x, y]) = (pose.rotation.coordinates(), <[T; 2]>::from(pose.translation.vector));
            [re, im, x, y]
        }, |to| {
            let mut rotation = UnitComplex::identity();
            rotation.set_coordinates([to[0], to[1]]);
            Isometry::from_parts(Translation::from([to[2], to[3]]), rotation)
        };
    [T: Float] IsometryTangent<Vector4<T>, Vector3<T>>: 7, |dot| {
            let ([i, j, k, w], [x, y, z]) = (<[T; 4]>::from(dot.rotation), <[T; 3]>::from(dot.translation));
            [i, j, k, w, x, y, z]
        }, |to| IsometryTangent::new(
            Vector4::new(to[0], to[1], to[2], to[3]),
            Vector3::new(to[4], to[5], to[6]),
        );
    [T: Float] IsometryTangent<Vector2<T>, Vector2<T>>: 4, |dot| {
            let ([re, im], [x, y]) = (<[T; 2]>::from(dot.rotation), <[T; 2]>::from(dot.translation));
            [re, im, x, y]
        }, |to| IsometryTangent::new(Vector2::new(to[0], to[1]), Vector2::new(to[2], to[3]));
    [T: Float, const D: usize] Point<T, D>: D, |p| p.coords.into(), |to| Point::from(to);
    [T: Float, const D: usize] Translation<T, D>: D, |t| t.vector.into(), |to| Translation::from(to);
}

impl<T: Float, const R: usize, const C: usize, const N: usize> Coordinates<T, N> for SMatrix<T, R, C> {
    #[inline]
    fn coordinates(&self) -> [T; N] {
        core::array::from_fn(|k| self.as_slice()[k])
    }
    #[inline]
    fn set_coordinates(&mut self, to: [T; N]) {
        self.as_mut_slice().copy_from_slice(&to);
    }
}

impl<T: Float, const D: usize, const N: usize> Coordinates<T, N> for Rotation<T, D> {
    #[inline]
    fn coordinates(&self) -> [T; N] {
        self.matrix().coordinates()
    }
    #[inline]
    fn set_coordinates(&mut self, to: [T; N]) {
        let mut m = *self.matrix();
        m.set_coordinates(to);
        *self = Rotation::from_matrix_unchecked(m);
    }
}

/// Where a point of a descent is: its coordinates. What they must be, a unit quaternion say, whoever moves it sees to.
macro_rules! differentiable {
    ($([$($of:tt)*] $value:ty: $n:expr, $tangent:ty, $other:expr;)*) => {$(
        impl<$($of)*> Differentiable for $value {
            type Tangent = $tangent;

            #[inline]
            fn zero_tangent(&self) -> $tangent {
                self.__grad_zeros_like()
            }

            #[inline]
            fn add_scaled(&mut self, scale: f64, tangent: &$tangent) {
                let (by, mut to) = (<T as Scalar>::from_f64(scale), Coordinates::<T, { $n }>::coordinates(self));
                let tangent: [T; $n] = tangent.coordinates();
                to.iter_mut().zip(tangent).for_each(|(to, tangent)| *to += by * tangent);
                self.set_coordinates(to);
            }

            #[inline]
            fn inner(a: &$tangent, b: &$tangent) -> f64 {
                <$tangent as Differentiable>::inner(a, b)
            }

            #[inline]
            fn dim(&self) -> usize {
                $n
            }

            #[inline]
            fn flatten_into<X: Scalar>(&self, flat: &mut [X]) -> usize {
                let at: [T; $n] = self.coordinates();
                at.iter().fold(0, |done, x| done + x.flatten_into(&mut flat[done..]))
            }

            #[inline]
            fn unflatten_from<X: Scalar>(&mut self, flat: &[X]) -> usize {
                let mut to: [T; $n] = self.coordinates();
                let done = to.iter_mut().fold(0, |done, x| done + x.unflatten_from(&flat[done..]));
                self.set_coordinates(to);
                done
            }
        }

        impl<$($of)*> Unread for $value {
            #[inline]
            fn __grad_unread() -> Self {
                $other
            }
        }

        impl<$($of)*> MatrixMethods for $value {}
    )*};
}

differentiable! {
    [T: Float, const D: usize] Point<T, D>: D, SVector<T, D>, Point::from([T::zero(); D]);
    [T: Float, const D: usize] Translation<T, D>: D, SVector<T, D>, Translation::from([T::zero(); D]);
    [T: Float] Rotation<T, 2>: 4, SMatrix<T, 2, 2>, Rotation::identity();
    [T: Float] Rotation<T, 3>: 9, SMatrix<T, 3, 3>, Rotation::identity();
    [T: Float] UnitQuaternion<T>: 4, Vector4<T>, UnitQuaternion::identity();
    [T: Float] UnitComplex<T>: 2, Vector2<T>, UnitComplex::identity();
    [T: Float] Isometry3<T>: 7, IsometryTangent<Vector4<T>, Vector3<T>>, Isometry3::identity();
    [T: Float] Isometry2<T>: 4, IsometryTangent<Vector2<T>, Vector2<T>>, Isometry2::identity();
}
