//! Derivatives of methods of other libraries' types: found by the name of the method, and the types of the operands.
//!
//! A method of the user's leads to its derivatives by a method of its own, `norm_with_grad`. So does one of a library, through a
//! trait that generated code brings into scope where a method has a row's name: a method of the type itself goes before.

#[cfg(any(feature = "glam", feature = "nalgebra", feature = "ndarray"))]
use super::operators;
use super::{MethodOf, Operator};
use core::fmt::Debug;
use core::marker::PhantomData;

/// A method with a row: which of them, the types of the operands say.
pub struct Method<Op>(PhantomData<Op>);

impl<Op> Debug for Method<Op> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Method")
    }
}

impl<Op> Method<Op> {
    /// What bears the derivatives.
    #[inline]
    pub fn on_operands<Left: HasRow<Op, Right>, Right>(self, _: &Left, _: &Right) -> Left::Bearer {
        Left::BEARER
    }
}

/// That a method of these operands has derivatives, as its operation has: so that rustc speaks of a method.
#[diagnostic::on_unimplemented(
    message = "GRAD0023: this method of a `{Self}` has no derivative rule",
    label = "methods of this name have rules for other types",
    note = "write it with elements, `m[(i, j)]`, in a loop, or as a function with a rule of your own, `#[grad(vjp = …)]`"
)]
pub trait HasRow<Op, Right> {
    /// The type that bears the derivatives.
    type Bearer;
    /// Its value.
    const BEARER: Self::Bearer;
}

#[diagnostic::do_not_recommend]
impl<Op, Left: Operator<Op, Right>, Right> HasRow<Op, Right> for Left {
    type Bearer = Left::Bearer;
    const BEARER: Self::Bearer = Left::BEARER;
}

/// The same of a method of the user's, which is not asked what its operands are.
pub trait OnOperands: Sized {
    /// What bears the derivatives: itself.
    #[inline]
    fn on_operands<Of: ?Sized, Right, How>(self, _: &Of, _: &Right) -> Self
    where
        Self: MethodOf<Of, How>,
    {
        self
    }
}

impl<T> OnOperands for T {}

macro_rules! methods {
    ($($way:ident $op:ident;)*) => {
        /// The methods that have rows, under the names that lead to derivatives: without a library none, so that messages of rustc
        /// speak of none.
        #[allow(clippy::wrong_self_convention, reason = "a method is found, and not called")]
        pub trait MatrixMethods {
            $(
                /// The method of that name.
                #[cfg(any(feature = "glam", feature = "nalgebra", feature = "ndarray"))]
                #[inline]
                fn $way(&self) -> Method<operators::$op> {
                    Method(PhantomData)
                }
            )*
        }
    };
}

methods! {
    abs_with_grad Abs;
    add_scalar_with_grad AddScalar;
    amax_with_grad Amax;
    amin_with_grad Amin;
    angle_with_grad Angle;
    cholesky_with_grad Cholesky;
    column_with_grad Column;
    column_mean_with_grad ColumnMean;
    column_sum_with_grad ColumnSum;
    component_div_with_grad ComponentDiv;
    component_mul_with_grad ComponentMul;
    conjugate_with_grad Conjugate;
    cross_with_grad Cross;
    cross_matrix_with_grad CrossMatrix;
    determinant_with_grad Determinant;
    diag_with_grad Diag;
    distance_with_grad Distance;
    distance_squared_with_grad DistanceSquared;
    dot_with_grad Dot;
    element_sum_with_grad Sum;
    full_piv_lu_with_grad FullPivLu;
    insert_axis_with_grad InsertAxis;
    into_inner_with_grad Coords;
    inverse_with_grad Inverse;
    inverse_transform_point_with_grad InverseTransformPoint;
    inverse_transform_vector_with_grad InverseTransformVector;
    kronecker_with_grad Kronecker;
    l_with_grad Lower;
    length_with_grad Norm;
    length_squared_with_grad NormSquared;
    ln_determinant_with_grad LnDeterminant;
    lower_triangle_with_grad LowerTriangle;
    lu_with_grad Lu;
    magnitude_with_grad Norm;
    magnitude_squared_with_grad NormSquared;
    max_with_grad Max;
    mean_with_grad Mean;
    mean_axis_with_grad MeanAxis;
    min_with_grad Min;
    mul_mat2_with_grad Mul;
    mul_mat3_with_grad Mul;
    mul_mat4_with_grad Mul;
    mul_quat_with_grad Mul;
    mul_vec2_with_grad Mul;
    mul_vec3_with_grad Mul;
    mul_vec4_with_grad Mul;
    norm_with_grad Norm;
    norm_squared_with_grad NormSquared;
    normalize_with_grad Normalize;
    row_with_grad Row;
    row_mean_with_grad RowMean;
    row_sum_with_grad RowSum;
    scale_with_grad Scale;
    scaled_axis_with_grad ScaledAxis;
    slice_with_grad Slice;
    solve_with_grad Solve;
    solve_lower_triangular_with_grad SolveLowerTriangular;
    solve_upper_triangular_with_grad SolveUpperTriangular;
    std_with_grad Std;
    std_axis_with_grad StdAxis;
    sum_with_grad Sum;
    sum_axis_with_grad SumAxis;
    symmetric_eigen_with_grad SymmetricEigen;
    symmetric_eigenvalues_with_grad SymmetricEigenvalues;
    t_with_grad Transpose;
    to_rotation_matrix_with_grad ToRotationMatrix;
    tr_mul_with_grad TrMul;
    tr_solve_lower_triangular_with_grad TrSolveLowerTriangular;
    tr_solve_upper_triangular_with_grad TrSolveUpperTriangular;
    trace_with_grad Trace;
    transform_point_with_grad TransformPoint;
    transform_point3_with_grad TransformPoint;
    transform_vector_with_grad TransformVector;
    transform_vector3_with_grad TransformVector;
    transpose_with_grad Transpose;
    try_inverse_with_grad TryInverse;
    unpack_with_grad Lower;
    unscale_with_grad Unscale;
    upper_triangle_with_grad UpperTriangle;
    var_with_grad Var;
    var_axis_with_grad VarAxis;
    variance_with_grad Variance;
    xy_with_grad Xy;
    xyz_with_grad Xyz;
}
