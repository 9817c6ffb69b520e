//! The table of matrices: the book, the runtime and the tests have the same rows; what has none is refused by its name.

use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::expand;
use grad_compiler::matrix::glam::{self, Made};
use grad_compiler::matrix::rows::{self, Library, ROWS, Way};
use grad_compiler::matrix::{self, Dimensions, Form, geometry};
use std::collections::BTreeSet;
use std::fmt::Write;
use syn::ItemFn;

fn text(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What the macro says to a function.
fn errors(function: &str) -> Vec<String> {
    let function: ItemFn = syn::parse_str(function).unwrap();
    let args = Args::default();
    let mut errors = Errors::new();
    expand::passes(&mut errors, &function, &args);
    errors.messages().iter().map(ToString::to_string).collect()
}

#[test]
fn rows_are_sorted_and_the_runtime_has_each() {
    let runtime = text("grad-runtime/src/private/methods.rs");
    let first = |row: &rows::Row| match row.written[0].way {
        Way::Operator(_) => None,
        Way::Method(method) => Some(method.name),
    };
    let behind_operators =
        ROWS.iter().skip_while(|row| row.written.iter().any(|of| matches!(of.way, Way::Operator(_))));
    assert!(behind_operators.map(first).is_sorted());
    let names: BTreeSet<&str> =
        Library::ALL.into_iter().flat_map(rows::methods).map(|method| method.name).collect();
    for name in &names {
        assert!(runtime.contains(&format!(" {name}_with_grad ")), "{name} has no derivatives in the runtime");
    }
    assert_eq!(runtime.matches("_with_grad ").count(), names.len(), "a method of the runtime is in no row");
}

#[test]
fn every_row_is_compared_with_differences() {
    let tests = ["rows", "factors", "made", "geometry"]
        .map(|name| text(&format!("tests/matrices/tests/{name}.rs")))
        .concat();
    for method in rows::methods(Library::Nalgebra) {
        assert!(tests.contains(&format!(".{}(", method.name)), "{} has no test", method.name);
    }
    // Parts by `s![…]` are tested in the book: the macro has `unsafe` in it, which no test here may have.
    let tests = text("tests/matrices/tests/arrays.rs") + &text("docs/matrices.md");
    for method in rows::methods(Library::Ndarray) {
        assert!(tests.contains(&format!(".{}(", method.name)), "{} has no test", method.name);
    }
    let tests = text("tests/matrices/tests/glam.rs");
    for method in rows::methods(Library::Glam) {
        assert!(tests.contains(&format!(".{}(", method.name)), "{} has no test", method.name);
    }
}

#[test]
fn the_page_of_matrices_has_the_table() {
    let names = Library::ALL.map(Library::name).join(" | ");
    let lines = Library::ALL.map(|_| "---").join(" | ");
    let mut table = format!("| {names} | added to the cotangents |\n| {lines} | --- |\n");
    for row in ROWS {
        let cells = Library::ALL.map(|library| {
            let written = row.written.iter().filter(|written| written.library == library);
            let written: Vec<String> = written.map(|written| format!("`{}`", written.shown())).collect();
            written.join(", ")
        });
        writeln!(table, "| {} | {} |", cells.join(" | "), row.cotangents).unwrap();
    }
    let page = text("docs/matrices.md");
    assert!(page.contains(&table), "docs/matrices.md has another table than\n{table}");
}

#[test]
fn the_page_and_the_runtime_have_every_constructor() {
    let (page, runtime) = (text("docs/matrices.md"), text("grad-runtime/src/private/operator.rs"));
    let tests = text("tests/matrices/tests/geometry.rs");
    assert!(geometry::CONSTRUCTORS.is_sorted_by_key(|made| (made.ty, made.function)));
    for made in geometry::CONSTRUCTORS {
        let written = format!("{}::{}", made.ty, made.function);
        assert!(page.contains(&format!("`{written}`")), "{written} is not in docs/matrices.md");
        assert!(tests.contains(&format!("{written}(")), "{written} has no test");
        assert!(geometry::count(made.ty).is_some(), "{} has so many coordinates", made.ty);
        let is_there = runtime.split_whitespace().any(|name| name == made.operation);
        assert!(is_there, "{} is not in the runtime", made.operation);
    }
}

#[test]
fn the_page_and_the_runtime_have_what_makes_a_type_of_glam() {
    let (page, runtime) = (text("docs/matrices.md"), text("grad-runtime/src/private/operator.rs"));
    let (tests, types) =
        (text("tests/matrices/tests/glam.rs"), text("grad-runtime/src/private/glam/types.rs"));
    assert!(glam::TYPES.is_sorted_by_key(|known| known.name));
    assert!(glam::CONSTRUCTORS.is_sorted_by_key(|made| (made.0, made.1)));
    for known in glam::TYPES {
        assert!(page.contains(&format!("`{}`", known.name)), "{} is not in docs/matrices.md", known.name);
        let count = format!(", {} [", known.count);
        let declared = types
            .lines()
            .any(|line| line.trim().starts_with(&format!("{}, Side", known.name)) && line.contains(&count));
        assert!(declared, "the runtime has no {} of {} numbers", known.name, known.count);
    }
    for (ty, function, arguments, made) in glam::CONSTRUCTORS {
        let written = format!("{ty}::{function}");
        assert!(page.contains(&format!("`{written}`")), "{written} is not in docs/matrices.md");
        assert!(tests.contains(&format!("{written}(")) || *function == "splat", "{written} has no test");
        match made {
            Made::Fields => assert_eq!(Some(*arguments), glam::named(ty).map(|known| known.fields.len())),
            Made::Everywhere => assert_eq!(*arguments, 1),
            Made::Operation(operation) => {
                assert!(runtime.split_whitespace().any(|name| name == *operation), "{operation}");
            }
        }
    }
}

#[test]
fn types_are_known_by_their_names() {
    let is_matrix = |ty: &str| match syn::parse_str(ty).unwrap() {
        syn::Type::Path(path) => matrix::element(&path).is_some(),
        _ => false,
    };
    for ty in [
        "Vector3<f64>",
        "na::Matrix2x3<f32>",
        "nalgebra::DMatrix<f64>",
        "SMatrix<f64, 2, N>",
        "OVector<f64, U3>",
        "RowVector4<f64>",
        "RowDVector<f64>",
        "Isometry3<f64>",
        "na::Point2<f32>",
        "Array2<f64>",
        "nd::Array1<f32>",
        "ndarray::ArrayD<f64>",
        "ArrayView2<'a, f64>",
        "ArrayView1<f64>",
        "DVec3",
        "glam::DMat3",
    ] {
        assert!(is_matrix(ty), "{ty}");
    }
    for ty in [
        "Vector3",
        "Matrix<f64>",
        "Vector9<f64>",
        "other::Vector3<f64>",
        "Vector3<i32>",
        "DMatrix<f64, 3>",
        "Vec<f64>",
        "Array2<usize>",
        "Array<f64>",
        "ArrayViewMut2<f64>",
        "DVec5",
        "DVec3<f64>",
        "other::DVec3",
    ] {
        assert!(!is_matrix(ty), "{ty}");
    }
    let form = |ty: &str| match syn::parse_str(ty).unwrap() {
        syn::Type::Path(path) => Form::of(&path),
        _ => Form::Unknown,
    };
    assert_eq!(form("ArrayView2<f64>"), Form::Array(Some(2)));
    assert_eq!(form("ArrayD<f64>"), Form::Array(None));
    assert_eq!(form("DMatrix<f64>"), Form::Nalgebra);
    assert_eq!(Dimensions::of("RowVector2"), Some(Dimensions::Fixed { rows: 1, columns: 2 }));
    assert_eq!(Dimensions::of("Matrix3x"), None);
}

#[test]
fn what_has_no_row_is_refused_once_by_its_name() {
    for (body, expected) in [
        ("m.exp().sum()", "the method `exp` of matrices has no derivative rule"),
        (
            "let n = m.svd(true, true); n.singular_values[0]",
            "the method `svd` of matrices has no derivative rule",
        ),
        (
            "let mut n = m.clone(); let mut r = n.view_with_steps_mut((0, 0), (1, 1), (1, 1)); r *= 2.0; n.sum()",
            "what `view_with_steps_mut` gives of a matrix is not followed",
        ),
        ("m.norms()", "the near one that has is `norm`"),
        (
            "DMatrix::from_partial_diagonal(2, 2, m.as_slice()).sum()",
            "the constructor `from_partial_diagonal` of matrices has no derivative rule",
        ),
    ] {
        let found = errors(&format!("fn f(m: &DMatrix<f64>) -> f64 {{ {body} }}"));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert!(found[0].contains(expected), "{body}: {found:?}");
    }
}

#[test]
fn methods_of_arrays_without_rows_are_refused_once_by_their_names() {
    for (body, expected) in [
        ("m.product()", "the method `product` of matrices has no derivative rule"),
        (
            "let v = m.var_axis(Axis(0), 1.0); v.sum()",
            "the method `var_axis` of matrices has no derivative rule",
        ),
        ("m.sum_axes(Axis(0)).sum()", "the near one that has is `sum_axis`"),
        (
            "let mut n = m.clone(); n.slice_mut(s![..;2, 0]).fill(1.0); n.sum()",
            "what is changed here is a slice with a step",
        ),
        (
            "let mut n = m.clone(); n.index_axis_mut(axis, 0).fill(1.0); n.sum()",
            "which axis this is must be known where the function is compiled",
        ),
        (
            "let mut n = m.clone(); Zip::from(&mut n).and(m).par_for_each(|n, m| *n = *m); n.sum()",
            "`par_for_each` of a `Zip` is not followed",
        ),
        (
            "let mut n = m.clone(); Zip::from(n.slice_mut(s![1.., ..])).and(m).fold(0.0, |s, n, m| s + *n * m)",
            "the order of the elements of parts of arrays is not known",
        ),
        (
            "let mut s = 0.0; Zip::from(m).for_each(|m| s += *m); s",
            "the order in which this closure sees the elements is not known",
        ),
        (
            "let mut n = m.clone(); for x in n.view_mut().iter_mut() { *x *= 2.0; } n.sum()",
            "a closure or iterator is used where `#[grad]` cannot follow it",
        ),
        ("stack(Axis(0), &[m.view(); 2][..]).unwrap().sum()", "which arrays are joined must be written here"),
        (
            "Array2::from_diag(&m.row(0)).sum()",
            "the constructor `from_diag` of arrays has no derivative rule",
        ),
    ] {
        let found = errors(&format!("fn f(m: &Array2<f64>) -> f64 {{ {body} }}"));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert!(found[0].contains(expected), "{body}: {found:?}");
    }
}

#[test]
fn the_order_in_which_an_array_is_mapped_is_not_relied_on() {
    for map in ["map(|x| { s += *x; s })", "mapv(|x| { s += x; s })"] {
        let found = errors(&format!(
            "fn f(m: &Array2<f64>) -> f64 {{ let mut s = 0.0; let n = m.{map}; s + n.sum() }}"
        ));
        assert!(matches!(&found[..], [one] if one.contains("changes what it captures")), "{map}: {found:?}");
    }
    let found = errors("fn f(m: &Array2<f64>, k: f64) -> f64 { m.mapv(|x| k * x).sum() }");
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn copies_of_coordinates_are_not_changed() {
    for body in [
        "let mut q = p; q.coords = p.coords * 2.0; q.x",
        "let mut q = p; q.coords += p.coords; q.x",
        "let mut q = p; q.coords.x = p.x; q.x",
        "let mut q = p; q.coords[0] *= p.x; q.x",
        "let mut q = p; q.coords.fill(p.x); q.x",
        "let mut q = p; q.coords.row_mut(0).fill(p.x); q.x",
        "let mut q = p; for x in q.coords.iter_mut() { *x *= p.x; } q.x",
        "let mut q = p; g(&mut q.coords, p); q.x",
    ] {
        let found = errors(&format!("fn f(p: Point3<f64>) -> f64 {{ {body} }}"));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert!(found[0].contains("`coords` is read as a copy, and cannot be changed"), "{body}: {found:?}");
    }
}

#[test]
fn of_constants_any_method_is_fine() {
    let found = errors(
        "fn f(x: f64) -> f64 { let m = DMatrix::<f64>::identity(3, 3).exp(); let n = DMatrix::<f64>::zeros(2, 2); x * m[(0, 0)] * n.exp().max() }",
    );
    assert!(found.is_empty(), "{found:?}");
}
