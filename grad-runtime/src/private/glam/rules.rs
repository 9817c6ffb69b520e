//! The rows: the operands, the formula of coordinates, and the value, bit for bit that of the library.

use crate::__private::matrix::coordinates::of_coordinates;
use crate::__private::matrix::formulas::{Conjugate, Exp, Product, Spatial};
use crate::__private::matrix::vectors::{
    About, AboutX, AboutY, AboutZ, CrossProduct, Determinant, Distance, DistanceSquared, Inner, Inverses,
    Inverted, Length, LengthSquared, Less, Lowered, LoweredFrom, MapMap, MapPoint, MapVector, MatrixMatrix,
    MatrixVector, Negated, Normalized, Over, Plus, Point, Rotation, Scaled, ScaledBy, Shifted, ShiftedBy,
    Shrunk, Times, Total, Transposed, Turned, Vector,
};
use glam::{DAffine3, DMat2, DMat3, DMat4, DQuat, DVec2, DVec3, DVec4};

/// Vectors.
macro_rules! vectors {
    ($($v:ident)*) => {$(
        of_coordinates! {
            two Add [] $v, $v => $v, Plus: |a, b| *a + *b;
            two Sub [] $v, $v => $v, Less: |a, b| *a - *b;
            two Mul [] $v, $v => $v, Times: |a, b| *a * *b;
            two Div [] $v, $v => $v, Over: |a, b| *a / *b;
            with_number Add [] $v, f64 => $v, Shifted: |a, k| *a + *k;
            with_number Sub [] $v, f64 => $v, Lowered: |a, k| *a - *k;
            with_number Mul [] $v, f64 => $v, Scaled: |a, k| *a * *k;
            with_number Div [] $v, f64 => $v, Shrunk: |a, k| *a / *k;
            number_first Add [] f64, $v => $v, ShiftedBy: |k, a| *k + *a;
            number_first Sub [] f64, $v => $v, LoweredFrom: |k, a| *k - *a;
            number_first Mul [] f64, $v => $v, ScaledBy: |k, a| *k * *a;
            number_first Div [] f64, $v => $v, Inverses: |k, a| *k / *a;
            one Neg [] $v, () => $v, Negated: |a, ()| -*a;
            two Dot [] $v, $v => f64, Inner: |a, b| a.dot(*b);
            one Norm [] $v, () => f64, Length: |a, ()| a.length();
            one NormSquared [] $v, () => f64, LengthSquared: |a, ()| a.length_squared();
            one Normalize [] $v, () => $v, Normalized: |a, ()| a.normalize();
            two Distance [] $v, $v => f64, Distance: |a, b| a.distance(*b);
            two DistanceSquared [] $v, $v => f64, DistanceSquared: |a, b| a.distance_squared(*b);
            one Sum [] $v, () => f64, Total: |a, ()| a.element_sum();
        }
    )*};
}

vectors! { DVec2 DVec3 DVec4 }

/// Square matrices, and the vectors that they are multiplied by.
macro_rules! matrices {
    ($($m:ident $v:ident;)*) => {$(
        of_coordinates! {
            two Add [] $m, $m => $m, Plus: |a, b| *a + *b;
            two Sub [] $m, $m => $m, Less: |a, b| *a - *b;
            two Mul [] $m, $v => $v, MatrixVector: |a, b| *a * *b;
            two Mul [] $m, $m => $m, MatrixMatrix: |a, b| *a * *b;
            with_number Mul [] $m, f64 => $m, Scaled: |a, k| *a * *k;
            with_number Div [] $m, f64 => $m, Shrunk: |a, k| *a / *k;
            number_first Mul [] f64, $m => $m, ScaledBy: |k, a| *k * *a;
            one Neg [] $m, () => $m, Negated: |a, ()| -*a;
            one Transpose [] $m, () => $m, Transposed: |a, ()| a.transpose();
            one Determinant [] $m, () => f64, Determinant: |a, ()| a.determinant();
            one Inverse [] $m, () => $m, Inverted: |a, ()| a.inverse();
        }
    )*};
}

matrices! {
    DMat2 DVec2;
    DMat3 DVec3;
    DMat4 DVec4;
}

of_coordinates! {
    two Cross [] DVec3, DVec3 => DVec3, CrossProduct: |a, b| a.cross(*b);

    two Mul [] DQuat, DVec3 => DVec3, Turned: |q, v| *q * *v;
    two Mul [] DQuat, DQuat => DQuat, Product<Spatial>: |a, b| *a * *b;
    two Add [] DQuat, DQuat => DQuat, Plus: |a, b| *a + *b;
    two Sub [] DQuat, DQuat => DQuat, Less: |a, b| *a - *b;
    with_number Mul [] DQuat, f64 => DQuat, Scaled: |a, k| *a * *k;
    with_number Div [] DQuat, f64 => DQuat, Shrunk: |a, k| *a / *k;
    one Neg [] DQuat, () => DQuat, Negated: |a, ()| -*a;
    one Conjugate [] DQuat, () => DQuat, Conjugate<Spatial>: |q, ()| q.conjugate();
    one Inverse [] DQuat, () => DQuat, Conjugate<Spatial>: |q, ()| q.inverse();
    two Dot [] DQuat, DQuat => f64, Inner: |a, b| a.dot(*b);
    one Norm [] DQuat, () => f64, Length: |q, ()| q.length();
    one NormSquared [] DQuat, () => f64, LengthSquared: |q, ()| q.length_squared();
    one Normalize [] DQuat, () => DQuat, Normalized: |q, ()| q.normalize();

    with_number QuatFromAxisAngle [] DVec3, f64 => DQuat, About: |axis, angle| DQuat::from_axis_angle(*axis, *angle);
    one QuatFromScaledAxis [] DVec3, () => DQuat, Exp: |v, ()| DQuat::from_scaled_axis(*v);
    of_number QuatFromRotationX [] f64, () => DQuat, AboutX: |angle, ()| DQuat::from_rotation_x(*angle);
    of_number QuatFromRotationY [] f64, () => DQuat, AboutY: |angle, ()| DQuat::from_rotation_y(*angle);
    of_number QuatFromRotationZ [] f64, () => DQuat, AboutZ: |angle, ()| DQuat::from_rotation_z(*angle);
    one Mat3FromQuat [] DQuat, () => DMat3, Rotation: |q, ()| DMat3::from_quat(*q);

    two TransformPoint [] DMat4, DVec3 => DVec3, Point: |m, p| m.transform_point3(*p);
    two TransformVector [] DMat4, DVec3 => DVec3, Vector: |m, p| m.transform_vector3(*p);
    two TransformPoint [] DAffine3, DVec3 => DVec3, MapPoint: |m, p| m.transform_point3(*p);
    two TransformVector [] DAffine3, DVec3 => DVec3, MapVector: |m, p| m.transform_vector3(*p);
    two Mul [] DAffine3, DAffine3 => DAffine3, MapMap: |a, b| *a * *b;
}
