//! Maps over the elements of arrays, which become loops over slices: of arrays in every layout, with cotangents in every layout.

use super::matrix;
use super::points::{Derivatives, direction, of_point};
use grad::{Differentiable, grad};
use ndarray::{Array1, Array2, Array3, ArrayD, Axis, NdFloat, Slice};
use std::panic::catch_unwind;

/// Another element than that of the pass.
#[grad(second)]
fn other_elements(x: &Array2<f64>) -> f64 {
    let y = x.mapv(|v| v / x[[0, 0]] + x[[1, 0]] * v * v);
    y.mapv(|v| v * y[[0, 1]]).sum()
}

#[grad(second)]
fn in_place(p: &(Array2<f64>, f64)) -> f64 {
    let (mut m, k) = (p.0.clone(), p.1);
    for i in 0..3 {
        m.mapv_inplace(|v| v * v * k * 0.1 + i as f64);
        m.mapv_inplace(|v| if v > 1.2 { v.sqrt() } else { v * k });
        m[[0, 0]] += m[[1, 1]];
    }
    m.mapv_into(|v| v.exp()).sum()
}

#[grad(second)]
fn helper(x: f64, k: f64) -> f64 {
    (x * k).sin() + k
}

#[grad(second)]
fn calls(p: &(Array2<f64>, f64)) -> f64 {
    let k = p.1;
    p.0.mapv(|v| helper(v, k) * helper(k, v)).mapv(|v| v.powi(2)).sum()
}

#[derive(Clone, Debug, Differentiable)]
pub struct Fields {
    a: Array2<f64>,
    b: Array1<f64>,
    c: Array3<f64>,
    d: ArrayD<f64>,
}

#[grad(wrt(self), second)]
impl Fields {
    fn act(&self, k: f64) -> Array2<f64> {
        self.a.mapv(|x| (x * k).tanh()) + self.b.mapv(|b| b * b)
    }

    fn all(&self) -> f64 {
        let cubes = self.c.mapv(|x| x * x * x).mapv_into(|x| x.sin()).sum();
        self.act(1.3).mapv(|x| x * x).sum() + self.d.mapv(|x| x.ln()).sum() + cubes
    }
}

#[grad(wrt(of), second)]
fn of_fields(of: &Fields) -> f64 {
    of.all() + of.act(0.3)[[0, 1]]
}

#[grad(second)]
fn in_loops(x: &Array2<f64>) -> f64 {
    let (mut total, mut w) = (0.0, x.clone());
    for i in 0..x.nrows() {
        let row = x.row(i).mapv(|v| v.ln());
        if row[0] > 0.3 {
            continue;
        }
        w = w.mapv(|v| v * 0.5 + row[0]);
        total += row.mapv(f64::exp).sum();
        if total > 100.0 {
            break;
        }
    }
    total + w.mapv(|v| v * v).sum()
}

#[grad]
fn result(x: &Array2<f64>, k: f64) -> Array2<f64> {
    x.mapv(|v| v * v * k)
}

#[grad]
fn of_any_float<T: NdFloat>(x: &Array2<T>, k: T) -> T {
    x.mapv(|v| v * v * k).mapv_into(|v| v.sin()).sum()
}

/// Column by column, and with gaps between the elements.
fn layouts(m: &Array2<f64>) -> [Array2<f64>; 3] {
    let by_columns = m.t().as_standard_layout().into_owned().reversed_axes();
    let mut gaps = Array2::zeros((m.nrows(), 2 * m.ncols()));
    gaps.slice_axis_inplace(Axis(1), Slice::new(0, None, 2));
    gaps.assign(m);
    [m.clone(), by_columns, gaps]
}

#[test]
fn in_every_layout() {
    for x in layouts(&matrix(3, 2, 0.4)).into_iter().chain([matrix(2, 4, 1.0)]) {
        check!(other_elements, ref x.clone());
        check!(in_place, ref (x.clone(), 0.9));
        check!(calls, ref (x.clone(), 0.9));
        check!(in_loops, ref x.clone());
        let (b, c) = (Array1::from_elem(x.ncols(), 0.7), x.clone().insert_axis(Axis(1)));
        check!(of_fields, ref Fields { a: x.clone(), b, c, d: x.clone().into_dyn() });
        let seed = x.mapv(|v| v + 0.3);
        let wanted = &x * &seed * 3.0;
        for (seed, mut bar) in layouts(&seed).into_iter().zip(layouts(&Array2::zeros(x.raw_dim()))) {
            let (x_bar, k_bar) = result::vjp(&x, 1.5).1(seed.clone());
            assert!((&x_bar - &wanted).mapv(f64::abs).sum() < 1e-12);
            assert!((k_bar - (&x * &x * &seed).sum()).abs() < 1e-12);
            result::vjp_add(&x, 1.5, seed, &mut bar, &mut 0.0);
            assert!((&bar - &wanted).mapv(f64::abs).sum() < 1e-12);
        }
        let (x_bar, _) = of_any_float::grad(&x, 0.7);
        assert!((x_bar - x.mapv(|v| (v * v * 0.7).cos() * 1.4 * v)).mapv(f64::abs).sum() < 1e-12);
    }
}

/// Of another shape, whatever that is.
#[test]
fn cotangents_of_another_shape_are_panics() {
    let x = matrix(3, 2, 0.4);
    for (m, n) in [(0, 0), (1, 2), (2, 1), (2, 3), (3, 3), (6, 1)] {
        let other = || Array2::<f64>::zeros((m, n));
        assert!(catch_unwind(|| result::vjp(&x, 1.5).1(other())).is_err(), "{m} {n}");
        assert!(
            catch_unwind(|| result::vjp_add(&x, 1.5, x.clone(), &mut other(), &mut 0.0)).is_err(),
            "{m} {n}"
        );
    }
    let nothing = Array2::zeros((0, 3));
    assert_eq!(result::vjp(&nothing, 1.5).1(nothing.clone()).0, nothing);
}
