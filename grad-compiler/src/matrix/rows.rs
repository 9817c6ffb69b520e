//! The one table of operations of matrices that have derivatives: what is added to the cotangents, once, with how each library writes it.
//!
//! The book's table is made of it, calls are looked up in it, and tests hold it against the runtime's rules.

use Returns::{Attempt, Matrix, Number, NumberAttempt};

/// What a method returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    Number,
    Matrix,
    /// A matrix, or `None`.
    Attempt,
    /// A number, or `None`.
    NumberAttempt,
}

/// A library that has matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    Nalgebra,
    Ndarray,
    Glam,
}

impl Library {
    /// In the order of the book's columns.
    pub const ALL: [Library; 3] = [Library::Nalgebra, Library::Ndarray, Library::Glam];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Library::Nalgebra => "nalgebra",
            Library::Ndarray => "ndarray",
            Library::Glam => "glam",
        }
    }
}

/// An operation: the runtime has its mathematics, of each library that has it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is added to the cotangents, for the book.
    pub cotangents: &'static str,
    pub written: &'static [Written],
}

/// How a library writes it.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    pub library: Library,
    pub way: Way,
}

/// An operator, or a method.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Operator(&'static str),
    Method(Method),
}

/// A method with derivatives.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    pub name: &'static str,
    /// What it is given beside the receiver, as the book has it; empty if there is nothing.
    pub argument: &'static str,
    pub returns: Returns,
}

impl Method {
    /// How many arguments it has beside the receiver.
    fn arguments(&self) -> usize {
        self.argument.split(", ").filter(|argument| !argument.is_empty()).count()
    }
}

impl Written {
    /// As the book has it.
    pub fn shown(&self) -> String {
        match self.way {
            Way::Operator(written) => written.to_string(),
            Way::Method(method) => format!("a.{}({})", method.name, method.argument),
        }
    }
}

const fn row(cotangents: &'static str, written: &'static [Written]) -> Row {
    Row { cotangents, written }
}

const fn nalgebra(name: &'static str, argument: &'static str, returns: Returns) -> Written {
    Written { library: Library::Nalgebra, way: Way::Method(Method { name, argument, returns }) }
}

const fn nalgebra_op(written: &'static str) -> Written {
    Written { library: Library::Nalgebra, way: Way::Operator(written) }
}

const fn ndarray(name: &'static str, argument: &'static str, returns: Returns) -> Written {
    Written { library: Library::Ndarray, way: Way::Method(Method { name, argument, returns }) }
}

const fn ndarray_op(written: &'static str) -> Written {
    Written { library: Library::Ndarray, way: Way::Operator(written) }
}

const fn glam(name: &'static str, argument: &'static str, returns: Returns) -> Written {
    Written { library: Library::Glam, way: Way::Method(Method { name, argument, returns }) }
}

const fn glam_op(written: &'static str) -> Written {
    Written { library: Library::Glam, way: Way::Operator(written) }
}

/// Operators first, then methods in the order of the alphabet.
pub const ROWS: &[Row] = &[
    row("ā += ȳ, b̄ += ȳ", &[nalgebra_op("a + b"), ndarray_op("a + b"), glam_op("a + b")]),
    row("ā += ȳ, b̄ −= ȳ", &[nalgebra_op("a - b"), ndarray_op("a - b"), glam_op("a - b")]),
    row(
        "ā += ȳ bᵀ, b̄ += aᵀ ȳ",
        &[
            nalgebra_op("a * b"),
            ndarray("dot", "&b", Matrix),
            glam_op("m * v"),
            glam_op("m * n"),
            glam("mul_mat2", "n", Matrix),
            glam("mul_mat3", "n", Matrix),
            glam("mul_mat4", "n", Matrix),
            glam("mul_vec2", "v", Matrix),
            glam("mul_vec4", "v", Matrix),
        ],
    ),
    row(
        "ā += ȳ ∘ b, b̄ += ȳ ∘ a",
        &[nalgebra("component_mul", "&b", Matrix), ndarray_op("a * b"), glam_op("a * b")],
    ),
    row(
        "ā += ȳ ⊘ b, b̄ −= ȳ ∘ y ⊘ b",
        &[nalgebra("component_div", "&b", Matrix), ndarray_op("a / b"), glam_op("a / b")],
    ),
    row(
        "ā += k ȳ, k̄ += ⟨a, ȳ⟩",
        &[
            nalgebra_op("a * k"),
            nalgebra_op("k * a"),
            nalgebra("scale", "k", Matrix),
            ndarray_op("a * k"),
            ndarray_op("k * a"),
            glam_op("a * k"),
            glam_op("k * a"),
        ],
    ),
    row(
        "ā += ȳ / k, k̄ −= ⟨y, ȳ⟩ / k",
        &[nalgebra_op("a / k"), nalgebra("unscale", "k", Matrix), ndarray_op("a / k"), glam_op("a / k")],
    ),
    row(
        "ā += ȳ, k̄ += Σ ȳ",
        &[
            nalgebra("add_scalar", "k", Matrix),
            ndarray_op("a + k"),
            ndarray_op("k + a"),
            glam_op("a + k"),
            glam_op("k + a"),
        ],
    ),
    row(
        "ā += ȳ, k̄ −= Σ ȳ; of the other sign where k is first",
        &[ndarray_op("a - k"), ndarray_op("k - a"), glam_op("a - k"), glam_op("k - a")],
    ),
    row("k̄ += Σ ȳ ⊘ a, ā −= ȳ ∘ y ⊘ a", &[ndarray_op("k / a"), glam_op("k / a")]),
    row("ā −= ȳ", &[nalgebra_op("-a"), ndarray_op("-a"), glam_op("-a")]),
    row(
        "those of the operator, and a store",
        &[
            nalgebra_op("a += b"),
            nalgebra_op("a -= b"),
            nalgebra_op("a *= b"),
            nalgebra_op("a *= k"),
            nalgebra_op("a /= k"),
            ndarray_op("a += b"),
            ndarray_op("a -= b"),
            ndarray_op("a *= b"),
            ndarray_op("a /= b"),
            ndarray_op("a += k"),
            ndarray_op("a -= k"),
            ndarray_op("a *= k"),
            ndarray_op("a /= k"),
            glam_op("a += b"),
            glam_op("a -= b"),
            glam_op("a *= b"),
            glam_op("a /= b"),
            glam_op("a += k"),
            glam_op("a -= k"),
            glam_op("a *= k"),
            glam_op("a /= k"),
        ],
    ),
    row("ā += sign a ∘ ȳ, 0 at zero", &[nalgebra("abs", "", Matrix)]),
    row("ā += ȳ sign a, at the first of the largest", &[nalgebra("amax", "", Number)]),
    row("ā += ȳ sign a, at the first of the smallest", &[nalgebra("amin", "", Number)]),
    row("of a rotation, in its coordinates", &[nalgebra("angle", "", Number)]),
    row("ā += ȳ, of the half that is read", &[nalgebra("cholesky", "", Attempt)]),
    row("ā[.., i] += ȳ", &[ndarray("column", "i", Matrix)]),
    row("ā += ȳ / n, in every column", &[nalgebra("column_mean", "", Matrix)]),
    row("ā += ȳ, in every column", &[nalgebra("column_sum", "", Matrix)]),
    row(
        "of a rotation: ā += the conjugate of ȳ",
        &[nalgebra("conjugate", "", Matrix), glam("conjugate", "", Matrix)],
    ),
    row("ā += b × ȳ, b̄ += ȳ × a", &[nalgebra("cross", "&b", Matrix), glam("cross", "b", Matrix)]),
    row("ā += what is in its places, with the signs", &[nalgebra("cross_matrix", "", Matrix)]),
    row(
        "ā += ȳ y a⁻ᵀ; of a singular matrix, ȳ times the cofactors",
        &[nalgebra("determinant", "", Number), glam("determinant", "", Number)],
    ),
    row("ā += ȳ, on the diagonal", &[ndarray("diag", "", Matrix)]),
    row("ā += ȳ (a − b) / y, b̄ −= ȳ (a − b) / y", &[glam("distance", "b", Number)]),
    row("ā += 2 ȳ (a − b), b̄ −= 2 ȳ (a − b)", &[glam("distance_squared", "b", Number)]),
    row("ā += ȳ b, b̄ += ȳ a", &[nalgebra("dot", "&b", Number), glam("dot", "b", Number)]),
    row("ā += ȳ", &[nalgebra("full_piv_lu", "", Matrix)]),
    row("ā += ȳ", &[ndarray("insert_axis", "Axis(i)", Matrix)]),
    row("of a rotation: ā += ȳ", &[nalgebra("into_inner", "", Matrix)]),
    row("ā −= yᵀ ȳ yᵀ", &[nalgebra("inverse", "", Matrix), glam("inverse", "", Matrix)]),
    row(
        "of a rotation or an isometry, in their coordinates",
        &[nalgebra("inverse_transform_point", "&b", Matrix)],
    ),
    row(
        "of a rotation or an isometry, in their coordinates",
        &[nalgebra("inverse_transform_vector", "&b", Matrix)],
    ),
    row("of every product: ā += ȳ b, b̄ += ȳ a", &[nalgebra("kronecker", "&b", Matrix)]),
    row(
        "ā += y⁻ᵀ Φ(yᵀ ȳ) y⁻¹, Φ the lower half with half of the diagonal",
        &[nalgebra("l", "", Matrix), nalgebra("unpack", "", Matrix)],
    ),
    row("ā += ȳ a⁻¹", &[nalgebra("ln_determinant", "", Number)]),
    row("ā += ȳ, in this half", &[nalgebra("lower_triangle", "", Matrix)]),
    row("ā += ȳ", &[nalgebra("lu", "", Matrix)]),
    row("ā += ȳ, at the first of the largest", &[nalgebra("max", "", Number)]),
    row("ā += ȳ / n, everywhere", &[nalgebra("mean", "", Number), ndarray("mean", "", NumberAttempt)]),
    row("ā += ȳ / n, along the axis", &[ndarray("mean_axis", "Axis(i)", Attempt)]),
    row("ā += ȳ, at the first of the smallest", &[nalgebra("min", "", Number)]),
    row(
        "ā += ȳ a / y",
        &[nalgebra("norm", "", Number), nalgebra("magnitude", "", Number), glam("length", "", Number)],
    ),
    row(
        "ā += 2 ȳ a",
        &[
            nalgebra("norm_squared", "", Number),
            nalgebra("magnitude_squared", "", Number),
            glam("length_squared", "", Number),
        ],
    ),
    row("ā += (ȳ − ⟨y, ȳ⟩ y) / ‖a‖", &[nalgebra("normalize", "", Matrix), glam("normalize", "", Matrix)]),
    row("ā[i, ..] += ȳ", &[ndarray("row", "i", Matrix)]),
    row("ā += ȳ / n, in every row", &[nalgebra("row_mean", "", Matrix)]),
    row("ā += ȳ, in every row", &[nalgebra("row_sum", "", Matrix)]),
    row("of a rotation in space, in its coordinates", &[nalgebra("scaled_axis", "", Matrix)]),
    row("ā[..] += ȳ, of the part", &[ndarray("slice", "s![…]", Matrix)]),
    row("b̄ += w, ā −= w yᵀ, where w = a⁻ᵀ ȳ", &[nalgebra("solve", "&b", Attempt)]),
    row("the same, of the half that is read", &[nalgebra("solve_lower_triangular", "&b", Attempt)]),
    row("the same, of the half that is read", &[nalgebra("solve_upper_triangular", "&b", Attempt)]),
    row("ā += ȳ (a − mean) / (y (n − k)), k̄ += ȳ y / (2 (n − k))", &[ndarray("std", "k", Number)]),
    row("ā += ȳ (a − mean) / (y (n − k)), along the axis", &[ndarray("std_axis", "Axis(i), k", Matrix)]),
    row(
        "ā += ȳ, everywhere",
        &[nalgebra("sum", "", Number), ndarray("sum", "", Number), glam("element_sum", "", Number)],
    ),
    row("ā += ȳ, along the axis", &[ndarray("sum_axis", "Axis(i)", Matrix)]),
    row("ā += ȳ, of the half that is read", &[nalgebra("symmetric_eigen", "", Matrix)]),
    row(
        "ā += Q diag(ȳ) Qᵀ, of the half that is read; Q are the eigenvectors",
        &[nalgebra("symmetric_eigenvalues", "", Matrix)],
    ),
    row("of a rotation, in its coordinates", &[nalgebra("to_rotation_matrix", "", Matrix)]),
    row("ā += b ȳᵀ, b̄ += a ȳ", &[nalgebra("tr_mul", "&b", Matrix)]),
    row(
        "the same, of the transpose of the half that is read",
        &[nalgebra("tr_solve_lower_triangular", "&b", Attempt)],
    ),
    row(
        "the same, of the transpose of the half that is read",
        &[nalgebra("tr_solve_upper_triangular", "&b", Attempt)],
    ),
    row("ā += ȳ, on the diagonal", &[nalgebra("trace", "", Number)]),
    row(
        "of a rotation or an isometry, as their product",
        &[nalgebra("transform_point", "&b", Matrix), glam("transform_point3", "p", Matrix)],
    ),
    row(
        "of a rotation or an isometry, as their product",
        &[
            nalgebra("transform_vector", "&b", Matrix),
            glam("transform_vector3", "v", Matrix),
            glam("mul_quat", "q", Matrix),
            glam("mul_vec3", "v", Matrix),
        ],
    ),
    row(
        "ā += ȳᵀ",
        &[nalgebra("transpose", "", Matrix), ndarray("t", "", Matrix), glam("transpose", "", Matrix)],
    ),
    row("ā −= yᵀ ȳ yᵀ", &[nalgebra("try_inverse", "", Attempt)]),
    row("ā += ȳ, in this half", &[nalgebra("upper_triangle", "", Matrix)]),
    row("ā += 2 ȳ (a − mean) / (n − k), k̄ += ȳ y / (n − k)", &[ndarray("var", "k", Number)]),
    row("ā += 2 ȳ (a − mean) / (n − k), along the axis", &[ndarray("var_axis", "Axis(i), k", Matrix)]),
    row("ā += 2 ȳ (a − mean) / n", &[nalgebra("variance", "", Number)]),
    row("ā[..2] += ȳ", &[nalgebra("xy", "", Matrix)]),
    row("ā[..3] += ȳ", &[nalgebra("xyz", "", Matrix)]),
];

/// All methods of a library that have rows.
pub fn methods(library: Library) -> impl Iterator<Item = &'static Method> {
    let written = ROWS.iter().flat_map(|row| row.written).filter(move |written| written.library == library);
    written.filter_map(|written| match &written.way {
        Way::Method(method) => Some(method),
        Way::Operator(_) => None,
    })
}

/// The method of that name with so many arguments, in a library.
pub fn method(library: Library, name: &str, arguments: usize) -> Option<&'static Method> {
    methods(library).find(|method| method.name == name && method.arguments() == arguments)
}

/// Whether a library has such a method.
pub fn is_method(name: &str, arguments: usize) -> bool {
    Library::ALL.into_iter().any(|library| method(library, name, arguments).is_some())
}

/// The method that does what `Cholesky::new` does.
pub fn factorisation(path: &syn::Path) -> Option<&'static str> {
    let [.., of, function] = &path.segments.iter().collect::<Vec<_>>()[..] else { return None };
    if function.ident != "new" {
        return None;
    }
    match of.ident.to_string().as_str() {
        "Cholesky" => Some("cholesky"),
        "FullPivLU" => Some("full_piv_lu"),
        "LU" => Some("lu"),
        "SymmetricEigen" => Some("symmetric_eigen"),
        _ => None,
    }
}

/// Methods that ask for the shape: constants.
pub fn is_of_shape(name: &str) -> bool {
    matches!(name, "len" | "nrows" | "ncols" | "shape" | "is_empty" | "is_square")
}

/// The method with a row whose name is nearest to one that has none, if it is near at all.
pub fn near(name: &str) -> Option<&'static str> {
    let methods = Library::ALL.into_iter().flat_map(methods);
    let near = methods.map(|method| (distance(name, method.name), method.name)).min()?;
    (near.0 <= (name.len() / 3).max(1)).then_some(near.1)
}

/// How many letters differ.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != *y);
            let least = change.min(row[j] + 1).min(row[j + 1] + 1);
            before = std::mem::replace(&mut row[j + 1], least);
        }
    }
    row[b.len()]
}

/// A part of a matrix, which is copied out of it, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `m.row(i)`
    Row,
    /// `m.column(j)`
    Column,
    /// `m.rows(i, n)`
    Rows,
    /// `m.columns(j, n)`
    Columns,
    /// `m.fixed_rows::<N>(i)`
    FixedRows,
    /// `m.fixed_columns::<N>(j)`
    FixedColumns,
    /// `m.view((i, j), (r, c))`
    View,
    /// `m.fixed_view::<R, C>(i, j)`
    FixedView,
    /// `m.diagonal()`
    Diagonal,
}

impl Part {
    /// By the name of its method, with so many arguments.
    pub fn of(name: &str, arguments: usize) -> Option<Part> {
        Some(match (name, arguments) {
            ("row", 1) => Part::Row,
            ("column", 1) => Part::Column,
            ("rows", 2) => Part::Rows,
            ("columns", 2) => Part::Columns,
            ("fixed_rows", 1) => Part::FixedRows,
            ("fixed_columns", 1) => Part::FixedColumns,
            ("view", 2) => Part::View,
            ("fixed_view", 2) => Part::FixedView,
            ("diagonal", 0) => Part::Diagonal,
            _ => return None,
        })
    }
}
