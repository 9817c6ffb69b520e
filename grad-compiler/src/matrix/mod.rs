//! Matrices of other libraries: which types are some, and which operations of them have rows.
//!
//! A macro sees names. What it reads as a matrix by its name, the derivative calls as one: where the name is that of another type,
//! a trait of the runtime says so, once. What has no row here is refused by its name.

pub mod array;
pub mod geometry;
pub mod glam;
pub mod rows;

use crate::shape::Shape;
use syn::{GenericArgument, Path, PathArguments, Type, TypePath};

/// What is known of a matrix beside its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Only rustc knows what it is.
    Unknown,
    Nalgebra,
    Glam,
    /// An array of ndarray, with so many axes, if that is known.
    Array(Option<usize>),
}

impl Form {
    /// Of a type that is one.
    pub fn of(ty: &TypePath) -> Form {
        let name = ty.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if glam::named(&name).is_some() {
            return Form::Glam;
        }
        array::named(&name).map_or(Form::Nalgebra, |array| Form::Array(array.axes))
    }

    /// What both say of one matrix.
    pub fn and(self, other: Form) -> Form {
        match (self, other) {
            (Form::Unknown, form) | (form, Form::Unknown) => form,
            (Form::Array(None), Form::Array(axes)) => Form::Array(axes),
            (form, Form::Nalgebra | Form::Glam | Form::Array(_)) => form,
        }
    }
}

/// Whether a type is a matrix of a library: one of its names, bare or behind the library's, with a float in it.
pub fn element(ty: &TypePath) -> Option<Element<'_>> {
    element_where(ty, is_float)
}

/// The same, where `is_float` says which types are some: type parameters among them.
pub fn element_where(ty: &TypePath, is_float: impl Fn(&Type) -> bool) -> Option<Element<'_>> {
    if ty.qself.is_some() || !is_library(&ty.path) {
        return None;
    }
    let last = ty.path.segments.last()?;
    if last.arguments.is_none() && glam::named(&last.ident.to_string()).is_some() {
        return Some(Element::F64);
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    if array::named(&last.ident.to_string()).is_some() {
        return array::element(arguments, is_float).map(Element::Written);
    }
    let named = arguments.args.len();
    let is_matrix = match Dimensions::of(&last.ident.to_string())? {
        Dimensions::Fixed { .. } | Dimensions::Rows | Dimensions::Both | Dimensions::Geometry => named == 1,
        Dimensions::Given(count) => named == count,
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(element)) if is_matrix => {
            is_float(element).then_some(Element::Written(element))
        }
        _ => None,
    }
}

/// The floats of a matrix.
#[derive(Clone, Copy, Debug)]
pub enum Element<'a> {
    /// As the type has them.
    Written(&'a Type),
    /// The name of the type says it.
    F64,
}

fn is_float(ty: &Type) -> bool {
    matches!(Shape::of(ty), Shape::F32 | Shape::F64)
}

/// Of what a type is a matrix that is not followed, by its name: of complex numbers, or with its zeros left out.
pub fn unfollowed(ty: &Type) -> Option<&'static str> {
    let path = match ty {
        Type::Reference(reference) => return unfollowed(&reference.elem),
        Type::Path(path) if path.qself.is_none() => &path.path,
        _ => return None,
    };
    let last = path.segments.last()?;
    let name = last.ident.to_string();
    if matches!(
        name.as_str(),
        "CooMatrix" | "CscMatrix" | "CsrMatrix" | "CsMat" | "CsMatI" | "CsMatrix" | "TriMat"
    ) {
        return Some("a sparse matrix");
    }
    if array::named(&name).is_none() && Dimensions::of(&name).is_none() {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let is_complex = |argument: &GenericArgument| {
        matches!(argument, GenericArgument::Type(Type::Path(element)) if element.path.segments.last().is_some_and(|last| {
            matches!(last.ident.to_string().as_str(), "Complex" | "Complex32" | "Complex64" | "c32" | "c64")
        }))
    };
    arguments.args.iter().any(is_complex).then_some("a matrix of complex numbers")
}

/// A path to something in a library, as far as names tell: `Vector3`, `na::Vector3`, `nalgebra::base::Vector3`, `ndarray::Array1`.
fn is_library(path: &Path) -> bool {
    const NAMES: [&str; 5] = ["glam", "nalgebra", "na", "ndarray", "nd"];
    path.segments.len() == 1
        || path.segments.iter().any(|segment| segment.ident == "__private")
        || path.segments.first().is_some_and(|first| NAMES.iter().any(|name| first.ident == name))
}

/// What the name of a type tells of the numbers of its rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimensions {
    Fixed {
        rows: usize,
        columns: usize,
    },
    /// One of them is known when the program runs: `DVector`, `RowDVector`.
    Rows,
    /// Both are: `DMatrix`.
    Both,
    /// No matrix, but points, rotations and isometries, which have some inside.
    Geometry,
    /// By so many generic arguments.
    Given(usize),
}

impl Dimensions {
    /// Of one row or of one column: the order of its numbers is the same by rows and by columns.
    pub fn is_vector(self) -> bool {
        match self {
            Dimensions::Fixed { rows, columns } => rows == 1 || columns == 1,
            Dimensions::Rows | Dimensions::Given(2) => true,
            Dimensions::Both | Dimensions::Geometry | Dimensions::Given(_) => false,
        }
    }

    /// Of a type of that name.
    pub fn of(name: &str) -> Option<Dimensions> {
        Some(match name {
            "DVector" | "RowDVector" => Dimensions::Rows,
            "DMatrix" => Dimensions::Both,
            "SVector" | "RowSVector" | "OVector" => Dimensions::Given(2),
            "SMatrix" | "OMatrix" => Dimensions::Given(3),
            name if geometry::is_type(name) => Dimensions::Geometry,
            name => {
                let digit = |text: &str| {
                    text.parse::<usize>().ok().filter(|n| text.len() == 1 && (1..=6).contains(n))
                };
                let (rows, columns) = if let Some(rows) = name.strip_prefix("Vector") {
                    (digit(rows)?, 1)
                } else if let Some(columns) = name.strip_prefix("RowVector") {
                    (1, digit(columns)?)
                } else {
                    let dims = name.strip_prefix("Matrix")?;
                    match dims.split_once('x') {
                        Some((rows, columns)) => (digit(rows)?, digit(columns)?),
                        None => (digit(dims)?, digit(dims)?),
                    }
                };
                Dimensions::Fixed { rows, columns }
            }
        })
    }
}

/// How many numbers are in a matrix of this type, where its name tells.
pub fn count(ty: &TypePath) -> Option<usize> {
    let name = ty.path.segments.last()?.ident.to_string();
    if let Some(known) = glam::named(&name) {
        return Some(known.count);
    }
    match Dimensions::of(&name)? {
        Dimensions::Fixed { rows, columns } => Some(rows * columns),
        Dimensions::Geometry => geometry::count(&name),
        Dimensions::Rows | Dimensions::Both | Dimensions::Given(_) => None,
    }
}

/// The name of a matrix type in whose place a path is, `Vector3::new`, and that of the function.
pub fn associated(path: &Path) -> Option<(Dimensions, String)> {
    let count = path.segments.len();
    let (of, function) = (count.checked_sub(2)?, path.segments.last()?);
    let mut ty = path.clone();
    ty.segments.pop();
    // `a::b::` has a separator behind it.
    ty.segments.pop_punct();
    let dimensions = Dimensions::of(&path.segments[of].ident.to_string())?;
    is_library(&ty).then(|| (dimensions, function.ident.to_string()))
}
