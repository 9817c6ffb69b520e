//! The types: each is its own tangent, and tangents side by side have the same fields.

use crate::__private::matrix::coordinates::Coordinates;
use crate::__private::matrix::{Space, Value};
use crate::__private::methods::MatrixMethods;
use crate::__private::{
    Accumulate, Again, Blank, Checked, Clear, EachLane, Entries, Followed, Gone, Inner, Keep, LanesLike,
    MadeOfFields, Merge, NoSeed, Restore, Scale, Unread, ZerosLike,
};
use crate::{Differentiable, Scalar};
use core::ops::{Index, IndexMut};
use glam::{DAffine3, DMat2, DMat3, DMat4, DQuat, DVec2, DVec3, DVec4};

/// What both a tangent and tangents side by side are asked.
macro_rules! sums {
    ([$($of:tt)*] $name:ty { $($field:ident: $field_ty:ty),* }) => {
        impl<$($of)*> Accumulate<$name> for $name {
            #[inline]
            fn __grad_accumulate(&mut self, from: &$name) {
                $(self.$field.__grad_accumulate(&from.$field);)*
            }
        }

        impl<$($of)*> Merge<$name> for $name {
            #[inline]
            fn __grad_merge(&mut self, cotangent: $name) {
                self.__grad_accumulate(&cotangent);
            }
        }

        impl<$($of)*> Clear for $name {
            #[inline]
            fn __grad_clear(&mut self) {
                $(self.$field.__grad_clear();)*
            }
        }

        impl<By: Copy, $($of)*> Scale<By> for $name
        where
            $($field_ty: Scale<By>),*
        {
            #[inline]
            fn __grad_scale(&mut self, by: By) {
                $(self.$field.__grad_scale(by);)*
            }
        }

        impl<$($of)*> Again for $name {
            type Again = Gone;
            #[inline]
            fn __grad_again(&self) -> Gone {
                Gone
            }
        }

        impl<$($of)*> Keep<$name> for $name {
            #[inline]
            fn __grad_keep(x: &Self) -> Self {
                x.clone()
            }
        }

        impl<$($of)*> Restore for $name {
            #[inline]
            fn restore(&mut self, old: &Self) {
                self.clone_from(old);
            }
        }
    };
}

macro_rules! types {
    ($($name:ident, $side:ident = $zero:expr, $count:literal [$get:ident $set:ident] { $($field:ident: $of:ty),* })*) => {$(
        #[doc = concat!("Tangents of a [`", stringify!($name), "`], side by side.")]
        #[derive(Clone, Debug)]
        #[allow(clippy::struct_field_names, reason = "those of the type")]
        pub struct $side<const N: usize> {
            $(
                #[doc = concat!("For `", stringify!($field), "`.")]
                pub $field: <$of as Space>::Lanes<N>,
            )*
        }

        sums! { [] $name { $($field: $of),* } }
        sums! { [const N: usize] $side<N> { $($field: <$of as Space>::Lanes<N>),* } }

        impl ZerosLike for $name {
            type Zeros = $name;
            #[inline]
            fn __grad_zeros_like(&self) -> $name {
                $zero
            }
        }

        impl<const N: usize> ZerosLike for $side<N> {
            type Zeros = $side<N>;
            #[inline]
            fn __grad_zeros_like(&self) -> $side<N> {
                $zero.lanes()
            }
        }

        impl<const N: usize> LanesLike<N> for $name {
            type Lanes = $side<N>;
            #[inline]
            fn __grad_lanes_like(&self) -> $side<N> {
                self.lanes()
            }
        }

        impl<const N: usize> LanesLike<N> for $side<N> {
            type Lanes = $side<N>;
            #[inline]
            fn __grad_lanes_like(&self) -> $side<N> {
                $zero.lanes()
            }
        }

        impl Value for $name {
            type Tangent = $name;
            type Own = $name;
            #[inline]
            fn lanes<const N: usize>(&self) -> $side<N> {
                $side { $($field: Value::lanes(&self.$field)),* }
            }
        }

        impl Space for $name {
            type Lanes<const N: usize> = $side<N>;
        }

        impl<const N: usize> EachLane for $side<N> {
            type One = $name;
            const COUNT: Option<usize> = Some($count);
            #[inline]
            fn lane(&self, lane: usize) -> $name {
                $name { $($field: self.$field.lane(lane)),* }
            }
            #[inline]
            fn set_lane(&mut self, lane: usize, one: &$name) {
                $(self.$field.set_lane(lane, &one.$field);)*
            }
            #[inline]
            fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
                let mut before = 0;
                $(before += self.$field.set_entry(at.wrapping_sub(before), lane, value);)*
                before
            }
        }

        impl Inner<$name> for $name {
            #[inline]
            fn __grad_inner(&self, other: &$name) -> f64 {
                0.0 $(+ self.$field.__grad_inner(&other.$field))*
            }
        }

        impl Blank for $name {
            #[inline]
            fn __grad_blank() -> Self {
                $zero
            }
        }

        impl<const N: usize> Blank for $side<N> {
            #[inline]
            fn __grad_blank() -> Self {
                $zero.lanes()
            }
        }

        impl Unread for $name {
            #[inline]
            fn __grad_unread() -> Self {
                $zero
            }
        }

        impl<const N: usize> Unread for $side<N> {
            #[inline]
            fn __grad_unread() -> Self {
                $zero.lanes()
            }
        }

        impl NoSeed for $name {
            #[inline]
            fn no_seed() -> Self {
                $zero
            }
        }

        impl Checked for $name {
            type It = Self;
            #[inline]
            fn checked(self) -> Self {
                self
            }
        }

        impl Followed for $name {}

        impl MadeOfFields for $name {
            const NOTHING: Self = $zero;
        }

        impl MatrixMethods for $name {}

        impl Coordinates<f64, $count> for $name {
            #[inline]
            fn coordinates(&self) -> [f64; $count] {
                self.$get()
            }
            #[inline]
            fn set_coordinates(&mut self, to: [f64; $count]) {
                *self = $name::$set(&to);
            }
        }

        impl Entries for $name {
            /// Column by column.
            type Rows<G> = [G; $count];
            const COUNT: Option<usize> = Some($count);
            #[inline]
            fn count(&self) -> usize {
                $count
            }
            #[inline]
            fn entry(&self, at: usize) -> f64 {
                self.coordinates()[at]
            }
            #[inline]
            fn set_entry(&mut self, at: usize, value: f64) {
                let mut coordinates = self.coordinates();
                coordinates[at] = value;
                self.set_coordinates(coordinates);
            }
            #[inline]
            fn rows<G>(&self, row: &mut impl FnMut() -> G) -> [G; $count] {
                core::array::from_fn(|_| row())
            }
            #[inline]
            fn count_rows<G>(_: &[G; $count]) -> usize {
                $count
            }
            #[inline]
            fn row<G>(rows: &mut [G; $count], at: usize) -> &mut G {
                &mut rows[at]
            }
        }

        impl Differentiable for $name {
            type Tangent = $name;

            #[inline]
            fn zero_tangent(&self) -> $name {
                $zero
            }

            #[inline]
            fn add_scaled(&mut self, scale: f64, tangent: &$name) {
                let tangent = tangent.coordinates().map(|tangent| scale * tangent);
                self.add_coordinates(tangent);
            }

            #[inline]
            fn inner(a: &$name, b: &$name) -> f64 {
                a.coordinates().into_iter().zip(b.coordinates()).fold(0.0, |sum, (a, b)| sum + a * b)
            }

            #[inline]
            fn dim(&self) -> usize {
                $count
            }

            #[inline]
            fn flatten_into<X: Scalar>(&self, flat: &mut [X]) -> usize {
                self.coordinates().flatten_into(flat)
            }

            #[inline]
            fn unflatten_from<X: Scalar>(&mut self, flat: &[X]) -> usize {
                let mut coordinates = self.coordinates();
                let done = coordinates.unflatten_from(flat);
                self.set_coordinates(coordinates);
                done
            }
        }
    )*};
}

/// A vector's coordinates are given by value.
trait OfCoordinates<const N: usize> {
    fn of_coordinates(from: &[f64; N]) -> Self;
}

macro_rules! of_coordinates {
    ($($name:ident $count:literal)*) => {$(
        impl OfCoordinates<$count> for $name {
            #[inline]
            fn of_coordinates(from: &[f64; $count]) -> Self {
                $name::from_array(*from)
            }
        }
    )*};
}

of_coordinates! { DVec2 2 DVec3 3 DVec4 4 DQuat 4 }

const NOTHING: DQuat = DQuat::from_xyzw(0.0, 0.0, 0.0, 0.0);
const NOWHERE: DAffine3 = DAffine3 { matrix3: DMat3::ZERO, translation: DVec3::ZERO };

types! {
    DVec2, SideVec2 = DVec2::ZERO, 2 [to_array of_coordinates] { x: f64, y: f64 }
    DVec3, SideVec3 = DVec3::ZERO, 3 [to_array of_coordinates] { x: f64, y: f64, z: f64 }
    DVec4, SideVec4 = DVec4::ZERO, 4 [to_array of_coordinates] { x: f64, y: f64, z: f64, w: f64 }
    DQuat, SideQuat = NOTHING, 4 [to_array of_coordinates] { x: f64, y: f64, z: f64, w: f64 }
    DMat2, SideMat2 = DMat2::ZERO, 4 [to_cols_array from_cols_array] { x_axis: DVec2, y_axis: DVec2 }
    DMat3, SideMat3 = DMat3::ZERO, 9 [to_cols_array from_cols_array] { x_axis: DVec3, y_axis: DVec3, z_axis: DVec3 }
    DMat4, SideMat4 = DMat4::ZERO, 16 [to_cols_array from_cols_array] { x_axis: DVec4, y_axis: DVec4, z_axis: DVec4, w_axis: DVec4 }
    DAffine3, SideAffine3 = NOWHERE, 12 [to_cols_array from_cols_array] { matrix3: DMat3, translation: DVec3 }
}

/// By the number of the coordinate.
macro_rules! indices {
    ($($side:ident { $($at:literal $field:ident),* })*) => {$(
        impl<const N: usize> Index<usize> for $side<N> {
            type Output = crate::Lanes<f64, N>;
            #[inline]
            fn index(&self, at: usize) -> &Self::Output {
                match at {
                    $($at => &self.$field,)*
                    _ => panic!("index out of bounds"),
                }
            }
        }

        impl<const N: usize> IndexMut<usize> for $side<N> {
            #[inline]
            fn index_mut(&mut self, at: usize) -> &mut Self::Output {
                match at {
                    $($at => &mut self.$field,)*
                    _ => panic!("index out of bounds"),
                }
            }
        }
    )*};
}

indices! {
    SideVec2 { 0 x, 1 y }
    SideVec3 { 0 x, 1 y, 2 z }
    SideVec4 { 0 x, 1 y, 2 z, 3 w }
}
