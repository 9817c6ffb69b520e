//! The table of methods of matrices: which of them have derivatives, and what they return.

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

/// A method with derivatives: the runtime has its mathematics.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub method: &'static str,
    /// How many arguments it has beside the receiver.
    pub arguments: usize,
    pub returns: Returns,
    /// What is added to the cotangents, for the book.
    pub cotangents: &'static str,
}

pub(super) const fn row(
    method: &'static str,
    arguments: usize,
    returns: Returns,
    cotangents: &'static str,
) -> Row {
    Row { method, arguments, returns, cotangents }
}

/// In the order of the alphabet.
pub const METHODS: &[Row] = &[
    row("abs", 0, Returns::Matrix, "ā += sign a ∘ ȳ, 0 at zero"),
    row("add_scalar", 1, Returns::Matrix, "ā += ȳ, k̄ += Σ ȳ"),
    row("angle", 0, Returns::Number, "of a rotation, in its coordinates"),
    row("cholesky", 0, Returns::Attempt, "ā += ȳ, of the half that is read"),
    row("column_mean", 0, Returns::Matrix, "ā += ȳ / n, in every column"),
    row("column_sum", 0, Returns::Matrix, "ā += ȳ, in every column"),
    row("component_div", 1, Returns::Matrix, "ā += ȳ ⊘ b, b̄ −= ȳ ∘ a ⊘ b²"),
    row("component_mul", 1, Returns::Matrix, "ā += ȳ ∘ b, b̄ += ȳ ∘ a"),
    row("conjugate", 0, Returns::Matrix, "of a rotation: ā += the conjugate of ȳ"),
    row("cross", 1, Returns::Matrix, "ā += b × ȳ, b̄ += ȳ × a"),
    row("determinant", 0, Returns::Number, "ā += ȳ y a⁻ᵀ; of a singular matrix, ȳ times the cofactors"),
    row("dot", 1, Returns::Number, "ā += ȳ b, b̄ += ȳ a"),
    row("full_piv_lu", 0, Returns::Matrix, "ā += ȳ"),
    row("into_inner", 0, Returns::Matrix, "of a rotation: ā += ȳ"),
    row("inverse", 0, Returns::Matrix, "ā −= yᵀ ȳ yᵀ"),
    row("inverse_transform_point", 1, Returns::Matrix, "of a rotation or an isometry, in their coordinates"),
    row("inverse_transform_vector", 1, Returns::Matrix, "of a rotation or an isometry, in their coordinates"),
    row("kronecker", 1, Returns::Matrix, "of every product: ā += ȳ b, b̄ += ȳ a"),
    row("l", 0, Returns::Matrix, "ā += y⁻ᵀ Φ(yᵀ ȳ) y⁻¹, Φ the lower half with half of the diagonal"),
    row("ln_determinant", 0, Returns::Number, "ā += ȳ a⁻¹"),
    row("lower_triangle", 0, Returns::Matrix, "ā += ȳ, in this half"),
    row("lu", 0, Returns::Matrix, "ā += ȳ"),
    row("magnitude", 0, Returns::Number, "ā += ȳ a / y"),
    row("magnitude_squared", 0, Returns::Number, "ā += 2 ȳ a"),
    row("max", 0, Returns::Number, "ā += ȳ, at the first of the largest"),
    row("mean", 0, Returns::Number, "ā += ȳ / n, everywhere"),
    row("min", 0, Returns::Number, "ā += ȳ, at the first of the smallest"),
    row("norm", 0, Returns::Number, "ā += ȳ a / y"),
    row("norm_squared", 0, Returns::Number, "ā += 2 ȳ a"),
    row("normalize", 0, Returns::Matrix, "ā += (ȳ − ⟨y, ȳ⟩ y) / ‖a‖"),
    row("row_mean", 0, Returns::Matrix, "ā += ȳ / n, in every row"),
    row("row_sum", 0, Returns::Matrix, "ā += ȳ, in every row"),
    row("scale", 1, Returns::Matrix, "ā += k ȳ, k̄ += ⟨a, ȳ⟩"),
    row("scaled_axis", 0, Returns::Matrix, "of a rotation in space, in its coordinates"),
    row("solve", 1, Returns::Attempt, "b̄ += w, ā −= w yᵀ, where w = a⁻ᵀ ȳ"),
    row("solve_lower_triangular", 1, Returns::Attempt, "the same, of the half that is read"),
    row("solve_upper_triangular", 1, Returns::Attempt, "the same, of the half that is read"),
    row("sum", 0, Returns::Number, "ā += ȳ, everywhere"),
    row("symmetric_eigen", 0, Returns::Matrix, "ā += ȳ, of the half that is read"),
    row(
        "symmetric_eigenvalues",
        0,
        Returns::Matrix,
        "ā += Q diag(ȳ) Qᵀ, of the half that is read; Q are the eigenvectors",
    ),
    row("to_rotation_matrix", 0, Returns::Matrix, "of a rotation, in its coordinates"),
    row("tr_mul", 1, Returns::Matrix, "ā += b ȳᵀ, b̄ += a ȳ"),
    row(
        "tr_solve_lower_triangular",
        1,
        Returns::Attempt,
        "the same, of the transpose of the half that is read",
    ),
    row(
        "tr_solve_upper_triangular",
        1,
        Returns::Attempt,
        "the same, of the transpose of the half that is read",
    ),
    row("trace", 0, Returns::Number, "ā += ȳ, on the diagonal"),
    row("transform_point", 1, Returns::Matrix, "of a rotation or an isometry, as their product"),
    row("transform_vector", 1, Returns::Matrix, "of a rotation or an isometry, as their product"),
    row("transpose", 0, Returns::Matrix, "ā += ȳᵀ"),
    row("try_inverse", 0, Returns::Attempt, "ā −= yᵀ ȳ yᵀ"),
    row("unpack", 0, Returns::Matrix, "as `l`"),
    row("unscale", 1, Returns::Matrix, "ā += ȳ / k, k̄ −= ⟨y, ȳ⟩ / k"),
    row("upper_triangle", 0, Returns::Matrix, "ā += ȳ, in this half"),
];

/// The operators, as they are written, with what is added to the cotangents.
pub const OPERATORS: &[(&str, &str)] = &[
    ("a + b", "ā += ȳ, b̄ += ȳ"),
    ("a - b", "ā += ȳ, b̄ −= ȳ"),
    ("a * b", "ā += ȳ bᵀ, b̄ += aᵀ ȳ"),
    ("a * k, k * a", "ā += k ȳ, k̄ += ⟨a, ȳ⟩"),
    ("a / k", "ā += ȳ / k, k̄ −= ⟨y, ȳ⟩ / k"),
    ("-a", "ā −= ȳ"),
    ("a += b, a -= b, a *= b, a *= k, a /= k", "those of the operator, and a store"),
];

/// The row of a method with so many arguments.
pub fn method(name: &str, arguments: usize) -> Option<&'static Row> {
    METHODS.iter().find(|row| row.method == name && row.arguments == arguments)
}

/// Methods that ask for the shape: constants.
pub fn is_of_shape(name: &str) -> bool {
    matches!(name, "len" | "nrows" | "ncols" | "shape" | "is_empty" | "is_square")
}

/// The method with a row whose name is nearest to one that has none, if it is near at all.
pub fn near(name: &str) -> Option<&'static str> {
    let rows = METHODS.iter().chain(super::array::METHODS);
    let near = rows.map(|row| (distance(name, row.method), row.method)).min()?;
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
