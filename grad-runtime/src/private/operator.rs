//! Derivatives of operators of the user's types: found by the types of the operands, as the operators themselves are.

use super::ZerosLike;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// The operators, as types.
pub mod operators {
    macro_rules! operators {
        ($($name:ident)*) => {$(
            /// The operator of the trait of that name, or the method.
            #[derive(Debug)]
            pub struct $name;
        )*};
    }

    operators! { Add Sub Mul Div Rem Neg AddAssign SubAssign MulAssign DivAssign RemAssign Index IndexMut SumOfItems SumOfReferences }

    // Methods of matrices.
    operators! {
        Abs AddScalar Amax Amin Angle Assigned Cholesky Column ColumnMean ColumnSum ComponentDiv ComponentMul Conjugate Coords
        Cross CrossMatrix Determinant Diag Distance DistanceSquared Dot Eigenvalues Eigenvectors Flat FullPivLu IndexAxis InsertAxis IntoShape Inverse
        InverseTransformPoint InverseTransformVector Isometry2New Isometry3New IsometryFromParts
        Mat3FromQuat QuatFromAxisAngle QuatFromRotationX QuatFromRotationY QuatFromRotationZ QuatFromScaledAxis
        IsometryRotation IsometryTranslation Kronecker LnDeterminant Lower LowerTriangle Lu Max Mean MeanAxis
        Min Norm Normalize NormSquared OfFlat Part PointFrom Rotation2New Rotation3FromAxisAngle Rotation3FromEulerAngles
        Rotation3FromScaledAxis Row RowMean RowSum Scale ScaledAxis Slice Solve SolveLowerTriangular
        SolveUpperTriangular Std StdAxis Sum SumAxis SymmetricEigen SymmetricEigenvalues ToRotationMatrix Trace
        TransformPoint TransformVector TranslationFrom Transpose TrMul TrSolveLowerTriangular
        TrSolveUpperTriangular TryInverse UnitComplexNew UnitQuaternionFromAxisAngle
        UnitQuaternionFromEulerAngles
        UnitQuaternionFromScaledAxis Unscale UpperTriangle Var VarAxis Variance Xy Xyz
    }
}

/// That an operator of these operands has derivatives: implemented where `#[grad]` is on the `impl` of the operator, for the
/// same types; for `&mut V` where the operator changes its first operand. `Right` of an operator with one operand is `()`.
#[diagnostic::on_unimplemented(
    message = "GRAD0023: the operator of a `{Self}` has no derivatives",
    label = "differentiated values go through this operator, whose `impl` has no `#[grad]`",
    note = "put `#[grad]` on the `impl` of the operator for these types; if that is another crate's, write a function with `#[grad]`; where this is a number, say so: `let x: f64 = …`"
)]
pub trait Operator<Op, Right = ()> {
    /// The type that bears the derivatives.
    type Bearer;
    /// Its value.
    const BEARER: Self::Bearer;
    /// That it is a library's, whose pullback knows what is [fresh](crate::__private::ZerosLike::__grad_fresh).
    const KNOWS_FRESH: bool = false;
}

/// An operator, by its operands, whether they have derivatives or not.
#[derive(Debug)]
pub struct OfOperands<Op, Left, Right>(PhantomData<(Op, Left, Right)>);

/// See [`OfOperands`].
#[inline]
pub fn of_operands<Op, Left, Right>(_: &Left, _: &Right) -> OfOperands<Op, Left, Right> {
    OfOperands(PhantomData)
}

/// What its pullback, which is the first to add to it, puts its part in the place of.
pub trait FreshOfKnown {
    /// See [`ZerosLike::__grad_fresh`].
    fn fresh<X: ZerosLike + ?Sized>(&self, x: &X) -> X::Zeros;
}

impl<Op, Left: Operator<Op, Right>, Right> FreshOfKnown for OfOperands<Op, Left, Right> {
    #[inline]
    fn fresh<X: ZerosLike + ?Sized>(&self, x: &X) -> X::Zeros {
        if Left::KNOWS_FRESH { x.__grad_fresh() } else { x.__grad_zeros_like() }
    }
}

/// The same where there are no derivatives, which is said elsewhere.
pub trait FreshOfAny {
    /// See [`ZerosLike::__grad_zeros_like`].
    fn fresh<X: ZerosLike + ?Sized>(&self, x: &X) -> X::Zeros;
}

impl<Op, Left, Right> FreshOfAny for &OfOperands<Op, Left, Right> {
    #[inline]
    fn fresh<X: ZerosLike + ?Sized>(&self, x: &X) -> X::Zeros {
        x.__grad_zeros_like()
    }
}

/// A copy of an element.
#[inline]
pub fn element<M: core::ops::Index<I, Output: Clone + Sized>, I>(of: &M, at: I) -> M::Output {
    of[at].clone()
}

/// Another element in the place of one.
#[inline]
pub fn set_element<M: core::ops::IndexMut<I, Output: Sized>, I>(of: &mut M, at: I, value: M::Output) {
    of[at] = value;
}

/// What bears the derivatives of an operator, from its operands.
#[inline]
pub fn of_operator<Op, Left, Right>(_: &Left, _: &Right) -> Left::Bearer
where
    Left: Operator<Op, Right>,
{
    Left::BEARER
}

/// The sum of items, by their own `Sum`.
#[inline]
pub fn sum_of_items<T: core::iter::Sum<T>>(items: Vec<T>) -> T {
    items.into_iter().sum()
}

/// The same of references to them.
#[inline]
pub fn sum_of_references<T: for<'a> core::iter::Sum<&'a T>>(items: Vec<T>) -> T {
    items.iter().sum()
}

/// What bears the derivatives of a sum, from its items.
#[inline]
pub fn of_sum<Op, T>(_: &Vec<T>) -> T::Bearer
where
    T: Operator<Op, Vec<T>>,
{
    T::BEARER
}
