//! Factorisations, and what is done with them, against differences and the other modes.
#![deny(warnings)]
#![allow(unreachable_pub)]
#![allow(clippy::pedantic, clippy::op_ref, clippy::type_complexity)]

use grad::{Differentiable, grad};
use grad_matrix_tests::weighed;
use nalgebra::{Cholesky, DMatrix, DVector, Matrix2, Matrix3, SymmetricEigen, Vector2, Vector3, dvector};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;

fn regular(n: usize) -> DMatrix<f64> {
    DMatrix::from_fn(n, n, |i, j| if i == j { 2.5 } else { (1.3 * i as f64 - 0.7 * j as f64).sin() * 0.8 })
}

#[derive(Clone, Debug, Differentiable)]
pub struct System {
    m: DMatrix<f64>,
    b: DMatrix<f64>,
}

fn systems() -> Vec<System> {
    [(1, 1), (3, 1), (2, 4), (5, 2)]
        .map(|(n, k)| System {
            m: regular(n),
            b: DMatrix::from_fn(n, k, |i, j| (i as f64 + 2.1 * j as f64).cos()),
        })
        .to_vec()
}

macro_rules! of_systems {
    ($($name:ident |$m:ident, $b:ident| $body:expr;)*) => {$(
        #[grad(wrt(system), second)]
        fn $name(system: &System) -> f64 {
            let $m: DMatrix<f64> = system.m.clone();
            let $b: DMatrix<f64> = system.b.clone();
            $body
        }
    )*};
}

of_systems! {
    by_lu |m, b| weighed(&m.lu().solve(&b).unwrap());
    by_full_pivoting |m, b| weighed(&m.full_piv_lu().solve(&b).unwrap());
    by_cholesky |m, b| weighed(&m.cholesky().unwrap().solve(&b));
    by_lower |m, b| weighed(&m.solve_lower_triangular(&b).unwrap());
    by_upper |m, b| weighed(&m.solve_upper_triangular(&b).unwrap());
    by_lower_transposed |m, b| weighed(&m.tr_solve_lower_triangular(&b).unwrap());
    by_upper_transposed |m, b| weighed(&m.tr_solve_upper_triangular(&b).unwrap());
}

#[test]
fn systems_of_equations() {
    for system in systems() {
        check!(by_lu, ref system.clone());
        check!(by_full_pivoting, ref system.clone());
        check!(by_cholesky, ref system.clone());
        check!(by_lower, ref system.clone());
        check!(by_upper, ref system.clone());
        check!(by_lower_transposed, ref system.clone());
        check!(by_upper_transposed, ref system.clone());
    }
}

macro_rules! of_one {
    ($($name:ident |$m:ident| $body:expr;)*) => {$(
        #[grad(second)]
        fn $name(of: &DMatrix<f64>) -> f64 {
            let $m = of.clone();
            $body
        }
    )*};
}

of_one! {
    lower |m| weighed(&m.cholesky().unwrap().l());
    unpacked |m| weighed(&m.cholesky().unwrap().unpack());
    inverse |m| weighed(&m.cholesky().unwrap().inverse());
    determinant |m| m.cholesky().unwrap().determinant();
    ln_determinant |m| { let d = m.cholesky().unwrap().ln_determinant(); d * d };
    determinant_by_lu |m| m.lu().determinant();
    determinant_by_full_pivoting |m| m.full_piv_lu().determinant();
    inverse_by_lu |m| weighed(&m.lu().try_inverse().unwrap());
    eigenvalues |m| weighed(&DMatrix::from_diagonal(&m.symmetric_eigenvalues()));
    eigen |m| {
        let eigen = m.symmetric_eigen();
        let vectors = eigen.eigenvectors;
        // Of which sign an eigenvector is, the library says.
        weighed(&vectors.component_mul(&vectors)) + weighed(&DMatrix::from_diagonal(&eigen.eigenvalues)) * vectors[0]
    };
    spectrum |m| m.symmetric_eigenvalues().map(|x| (0.3 * x).sin()).sum();
    of_spectrum |m| {
        let eigen = m.symmetric_eigen();
        let q = eigen.eigenvectors;
        weighed(&(&q * DMatrix::from_diagonal(&eigen.eigenvalues.map(f64::ln)) * q.transpose()))
    };
    inverse_by_full_pivoting |m| weighed(&m.full_piv_lu().try_inverse().unwrap());
}

#[test]
fn of_one_matrix() {
    for n in 1..5 {
        check!(lower, ref regular(n));
        check!(unpacked, ref regular(n));
        check!(inverse, ref regular(n));
        check!(determinant, ref regular(n));
        check!(ln_determinant, ref regular(n));
        check!(determinant_by_lu, ref regular(n));
        check!(determinant_by_full_pivoting, ref regular(n));
        check!(inverse_by_lu, ref regular(n));
        check!(inverse_by_full_pivoting, ref regular(n));
    }
    for n in 1..7 {
        let distinct = DMatrix::from_diagonal(&DVector::from_fn(n, |i, _| 1.5 * i as f64));
        let m = regular(n) + distinct;
        // The order of the library jumps where a difference is taken; what is symmetric in all of them does not.
        check!(spectrum, ref m.clone());
        check!(of_spectrum, ref m.clone());
        if n < 5 {
            check!(eigenvalues, ref m.clone());
            check!(eigen, ref m.clone());
        }
        // Both ways have them in one order.
        assert_eq!(m.symmetric_eigenvalues(), m.symmetric_eigen().eigenvalues);
    }
    // Singular: the second row is a multiple of the first.
    let mut singular = regular(3);
    let multiple = singular.row(0) * 2.0;
    singular.set_row(1, &multiple);
    check!(determinant_by_lu, ref singular.clone());
    check!(determinant_by_full_pivoting, ref singular);
}

/// Eigenvectors that are not looked at in every arm.
#[grad]
fn in_one_arm(m: &Matrix2<f64>, is_wanted: bool) -> f64 {
    let eigen = m.symmetric_eigen();
    let first = eigen.eigenvectors.column(0);
    if is_wanted { first[0] } else { eigen.eigenvalues.sum() }
}

#[test]
fn equal_eigenvalues_have_no_eigenvectors_to_change() {
    let m = Matrix2::identity() * 2.0;
    assert_eq!(in_one_arm::grad(&m, false), Matrix2::identity());
    assert!(in_one_arm::grad(&m, true).iter().any(|x| !x.is_finite()));
    let lower = in_one_arm::grad(&Matrix2::new(2.0, 0.0, 0.0, 1.0), true);
    assert!(lower.iter().all(|x| x.is_finite()) && lower.m12 == 0.0);
}

/// The log-likelihood of a Gaussian process with a kernel of two parameters.
#[grad(wrt(p), second)]
fn log_likelihood(p: &Vector2<f64>, x: &[f64], y: &DVector<f64>) -> f64 {
    let n = x.len();
    let mut k = DMatrix::zeros(n, n);
    for i in 0..n {
        for j in 0..n {
            let d = (x[i] - x[j]) / p.x;
            k[(i, j)] = (-0.5 * d * d).exp();
        }
        k[(i, i)] += p.y * p.y;
    }
    let chol = k.cholesky().expect("a kernel is positive");
    let alpha = chol.solve(y);
    let l = chol.l();
    -0.5 * y.dot(&alpha) - l.diagonal().map(f64::ln).sum()
}

/// The same by the triangular factor alone.
#[grad(wrt(k))]
fn by_factor(k: &DMatrix<f64>, y: &DVector<f64>) -> Option<f64> {
    let l = k.clone().cholesky()?.l();
    let z = l.solve_lower_triangular(y)?;
    Some(-0.5 * z.norm_squared() - l.determinant().ln())
}

#[grad(wrt(k))]
fn by_solution(k: &DMatrix<f64>, y: &DVector<f64>) -> Option<f64> {
    let chol = k.clone().cholesky()?;
    Some(-0.5 * y.dot(&chol.solve(y)) - 0.5 * chol.ln_determinant())
}

/// Of so many columns that they are taken in blocks, a number that is no multiple: against the closed form ½ (α αᵀ − k⁻¹).
#[test]
fn a_gaussian_process_of_many_points() {
    let n = 75;
    let k = DMatrix::from_fn(n, n, |i, j| {
        (-(i as f64 - j as f64).powi(2) / 9.0).exp() + f64::from(u8::from(i == j))
    });
    let y = DVector::from_fn(n, |i, _| (0.3 * i as f64).sin());
    let alpha = k.clone().lu().solve(&y).unwrap();
    let wanted = (&alpha * alpha.transpose() - k.clone().try_inverse().unwrap()) * 0.5;
    for found in [by_factor::grad(&k, &y).unwrap(), by_solution::grad(&k, &y).unwrap()] {
        // To the lower half comes what both halves get.
        assert!(((&found + found.transpose()) * 0.5 - &wanted).norm() < 1e-11, "{found}");
    }
}

#[test]
fn gaussian_processes() {
    let (x, y) = ([0.0, 0.4, 1.1, 1.5], dvector![0.1, 0.5, 0.9, 0.8]);
    check!(log_likelihood, ref Vector2::new(0.8, 0.3), &x, &y);
    let k = regular(4) + DMatrix::identity(4, 4);
    let (one, other) =
        (by_factor::value_and_grad(&k, &y).unwrap(), by_solution::value_and_grad(&k, &y).unwrap());
    assert!((one.0 - other.0).abs() < 1e-12);
    assert!((&one.1 - &other.1).norm() < 1e-12, "{} {}", one.1, other.1);
    // The upper half is not read.
    assert_eq!(one.1.upper_triangle(), DMatrix::from_diagonal(&one.1.diagonal()));
    assert!(by_factor::grad(&-k, &y).is_none());
}

/// Of fixed dimensions, in loops and arms, where the factors outlive the matrix that they are of.
#[grad(second)]
fn in_a_loop(k: Matrix2<f64>) -> f64 {
    let mut x = Vector2::new(1.0, k.m11);
    let mut m = k;
    let mut energy = 0.0;
    for i in 0..3 {
        let factors = m.lu();
        m += Matrix2::identity() * x.x;
        let Some(y) = factors.solve(&x) else { return 0.0 };
        x = y;
        if i != 1 {
            let square = k * k.transpose();
            match square.cholesky() {
                Some(factors) => energy += factors.ln_determinant() + factors.solve(&x).norm(),
                None => return energy,
            }
        }
        energy += x.norm_squared() * factors.determinant();
    }
    energy
}

/// Factorisations by their other names, of which one fails.
#[grad(second)]
fn by_new(k: &DMatrix<f64>) -> Option<f64> {
    let square = k * k.transpose();
    let lu = nalgebra::LU::new(k.clone());
    let eigen = SymmetricEigen::new(square.clone());
    let largest = eigen.eigenvalues.max();
    let b = DVector::from_element(k.nrows(), largest);
    let factors = Cholesky::new(square)?;
    Some(
        factors.solve(&b).norm() * lu.determinant()
            + Cholesky::new(k.clone()).map_or(0.0, |c| c.ln_determinant()),
    )
}

#[grad(second)]
fn by_new_or_zero(k: &DMatrix<f64>) -> f64 {
    by_new(k).unwrap_or(0.0)
}

#[grad(second)]
fn helper(k: &Matrix3<f64>, v: &Vector3<f64>) -> Vector3<f64> {
    let lu = k.lu();
    let first = lu.solve(v).unwrap_or(Vector3::zeros());
    lu.solve(&first).unwrap()
}

#[grad(second)]
fn by_a_helper(k: Matrix3<f64>) -> f64 {
    let v = Vector3::new(k.m12, 1.0, k.m33);
    helper(&k, &v).norm_squared() + helper(&k.transpose(), &v).dot(&v)
}

#[test]
fn in_loops_arms_and_helpers() {
    check!(in_a_loop, val Matrix2::new(1.0, 0.3, 0.2, 2.0));
    check!(by_new_or_zero, ref regular(3));
    assert!(by_new::grad(&DMatrix::zeros(2, 2)).is_none());
    check!(by_a_helper, val Matrix3::new(1.2, 0.3, -0.5, 0.1, 0.9, 0.2, -0.4, 0.6, 1.5));
}

#[test]
fn singular_systems_have_no_solution() {
    let system = System { m: DMatrix::zeros(2, 2), b: DMatrix::zeros(2, 1) };
    assert!(std::panic::catch_unwind(|| by_lu(&system)).is_err());
    assert!(std::panic::catch_unwind(|| by_lu::grad(&system)).is_err());
    assert_eq!(in_a_loop::grad(Matrix2::zeros()), Matrix2::zeros());
}
