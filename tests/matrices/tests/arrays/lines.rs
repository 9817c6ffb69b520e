//! Rows and columns of which elements are read, and folds: in every order that memory may have.

use super::points::{Derivatives, direction, of_point};
use super::{matrix, vector};
use grad::{Differentiable, grad};
use ndarray::{
    Array1, Array2, Array3, ArrayView, ArrayView1, ArrayView2, ArrayView3, Axis, Dimension, NdFloat, Slice,
};

#[grad(wrt(a), second)]
fn folded(a: ArrayView2<f64>) -> f64 {
    a.fold(0.3, |y, &x| y * 0.5 + x * x)
}

#[grad(wrt(a))]
fn folded_3(a: ArrayView3<f64>) -> f64 {
    a.fold(0.3, |y, &x| y * 0.5 + x * x)
}

#[grad(wrt(a))]
fn folded_row(a: ArrayView1<f64>) -> f64 {
    a.fold(0.3, |y, &x| y * 0.5 + x * x)
}

/// From there on, to there, by such steps, along each axis.
fn sliced<D: Dimension, const N: usize>(
    mut of: ArrayView<'_, f64, D>,
    parts: [(isize, Option<isize>, isize); N],
) -> ArrayView<'_, f64, D> {
    for (axis, (start, end, step)) in parts.into_iter().enumerate() {
        of.slice_axis_inplace(Axis(axis), Slice::new(start, end, step));
    }
    of
}

/// The elements in the order of a fold.
fn order<D: Dimension>(of: &ArrayView<'_, f64, D>) -> Vec<f64> {
    of.fold(Vec::new(), |mut order, x| {
        order.push(*x);
        order
    })
}

/// What the derivative of such a fold is, by the order that the library has: elements are told apart by what they are.
fn partial(order: &[f64], x: f64) -> f64 {
    let at = order.iter().position(|y| *y == x).unwrap();
    0.5_f64.powi(i32::try_from(order.len() - 1 - at).unwrap()) * 2.0 * x
}

/// With gaps, by columns, backwards, and of each the other way round.
#[test]
fn folds_in_the_order_of_the_library() {
    let a = Array2::from_shape_fn((5, 6), |(i, j)| ((i * 6 + j) as f64).sin() + 1.3);
    let mut views = vec![
        a.view(),
        sliced(a.view(), [(0, None, 1), (0, None, 2)]),
        sliced(a.view(), [(1, None, 1), (2, Some(5), 1)]),
        sliced(a.view(), [(0, None, -1), (0, None, 1)]),
    ];
    views.extend([
        sliced(a.view(), [(0, None, -2), (1, None, -1)]),
        sliced(a.view(), [(2, Some(3), 1), (0, None, 1)]),
        sliced(a.view(), [(0, None, 1), (2, Some(3), 1)]),
        sliced(a.view(), [(0, None, 4), (0, None, 3)]),
    ]);
    views.extend([
        sliced(a.view(), [(2, Some(2), 1), (0, None, 1)]),
        sliced(a.view(), [(1, Some(3), 1), (0, None, -3)]),
    ]);
    for view in views.iter().flat_map(|view| [*view, view.reversed_axes()]) {
        let (value, a_bar) = folded::value_and_grad(view);
        assert_eq!(value, folded(view));
        let order = order(&view);
        for (x, x_bar) in view.iter().zip(&a_bar) {
            assert!((x_bar - partial(&order, *x)).abs() < 1e-12);
        }
        // Its second derivative along all ones, and the derivative itself.
        let ones = Array2::ones(view.raw_dim());
        assert!((folded::jvp(view, &ones).1 - a_bar.sum()).abs() < 1e-12);
        for (x, twice) in view.iter().zip(&folded::hvp(view, &ones).1) {
            assert!((twice - partial(&order, *x) / x).abs() < 1e-12);
        }
    }
    // One element that is everywhere.
    let row = sliced(a.view(), [(0, Some(1), 1), (0, Some(1), 1)]);
    let wide = row.broadcast((3, 4)).unwrap();
    assert_eq!(folded::value_and_grad(wide).0, folded(wide));

    let b = Array3::from_shape_fn((3, 4, 5), |(i, j, k)| ((i * 20 + j * 5 + k) as f64).sin() + 1.3);
    let parts = [
        b.view(),
        sliced(b.view(), [(0, None, 1), (1, Some(3), 1), (0, None, 1)]),
        sliced(b.view(), [(0, None, -1), (0, None, 1), (0, None, 2)]),
        sliced(b.view(), [(1, Some(2), 1), (0, None, 1), (1, None, 1)]),
    ];
    let axes = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for view in parts.iter().flat_map(|part| axes.map(|axes| part.permuted_axes(axes))) {
        let (value, b_bar) = folded_3::value_and_grad(view);
        assert_eq!(value, folded_3(view));
        let order = order(&view);
        for (x, x_bar) in view.iter().zip(&b_bar) {
            assert!((x_bar - partial(&order, *x)).abs() < 1e-12);
        }
    }
    let backwards = sliced(a.view(), [(0, None, -2), (0, None, -1)]);
    for row in [a.row(1), a.column(2), backwards.row(1), backwards.column(2)] {
        let (value, row_bar) = folded_row::value_and_grad(row);
        assert_eq!(value, folded_row(row));
        let order = order(&row);
        for (x, x_bar) in row.iter().zip(&row_bar) {
            assert!((x_bar - partial(&order, *x)).abs() < 1e-12);
        }
    }
}

/// By elements, by their order, by maps and by what is constant.
#[grad(second)]
fn by_elements(x: &Array2<f64>) -> f64 {
    let mut total = 0.0;
    for (i, row) in x.outer_iter().enumerate() {
        let top = row.fold(f64::NEG_INFINITY, |top, &x| top.max(x));
        total += row.mapv(|x| (x - top).exp()).sum().ln() + top * row[0];
        if row[row.len() - 1] < 0.5 {
            continue;
        }
        for (j, v) in row.iter().enumerate() {
            total += v * v * (i + 2 * j) as f64;
        }
    }
    for column in x.columns() {
        total += column.iter().map(|v| v.sin()).sum::<f64>() * column[0];
        total += column.iter().zip(column.iter().skip(1)).map(|(a, b)| a * b).sum::<f64>();
    }
    total
}

/// The array changes, before and behind: each row is what it was.
#[grad(second)]
fn of_what_changes(x: &Array2<f64>) -> f64 {
    let mut m = x.clone();
    let mut total = 0.0;
    for i in 0..m.nrows() {
        let row = m.row(i);
        let first = row[0] * row[1];
        let kept = m.row(i).to_owned();
        m[[i, 0]] = first * 0.5;
        m.mapv_inplace(|v| v * 0.9 + first);
        total += kept[0] * m[[i, 0]] + kept.iter().sum::<f64>() + m.row(i)[1] * m.column(0)[i];
        let last = m.column(1);
        total += last.fold(0.2, |y, &x| y * 0.5 + x * x);
        m = m * 0.5;
    }
    total + m.row(0)[0]
}

/// Rows of a field, of a view, of what a branch chooses, and rows that are handed on.
#[grad(second)]
fn of_parts(p: &(Array2<f64>, f64)) -> f64 {
    let (m, k) = (&p.0, p.1);
    let at = if k > 0.0 { 1 } else { 0 };
    let row = m.row(at);
    let scaled = m.mapv(|v| v * k);
    let (one, other) = (scaled.row(0), scaled.row(at));
    let chosen = scaled.row(if k > 0.5 { 0 } else { at });
    let both = |i: usize| one[i] * other[i];
    let mut longest = scaled.row(0).to_owned();
    for r in scaled.outer_iter() {
        if r[0] > longest[0] {
            longest = r.to_owned();
        }
    }
    row.iter().map(|v| v * v).sum::<f64>() + row.dot(&row) + chosen[1] * both(0) + both(1) + longest[1]
}

#[grad]
fn of_any_float<T: NdFloat>(x: &Array2<T>) -> T {
    let mut total = T::zero();
    for row in x.outer_iter() {
        total = total + row[0] * row.mapv(|v| v.sin()).sum() + row.fold(T::one(), |y, &x| y * x);
    }
    total
}

#[test]
fn rows_and_columns_by_their_elements() {
    let a = matrix(3, 2, 0.4);
    let by_columns = a.t().as_standard_layout().into_owned().reversed_axes();
    let mut backwards = a.clone();
    backwards.invert_axis(Axis(0));
    backwards.invert_axis(Axis(1));
    for x in [a, by_columns, backwards, matrix(2, 3, 1.0)] {
        check!(by_elements, ref x.clone());
        check!(of_what_changes, ref x.clone());
        check!(of_parts, ref (x.clone(), 0.9));
        check!(of_parts, ref (x.clone(), -0.9));
        let wanted = Array2::from_shape_fn(x.raw_dim(), |(i, j)| {
            let row = x.row(i);
            let others: f64 = row.iter().enumerate().filter(|(k, _)| *k != j).map(|(_, v)| v).product();
            others + row[0] * row[j].cos() + if j == 0 { row.mapv(f64::sin).sum() } else { 0.0 }
        });
        assert!((of_any_float::grad(&x) - wanted).mapv(f64::abs).sum() < 1e-12);
    }
}

/// Copies of constants, and of parts of them, that become differentiated.
#[grad(second, wrt(x))]
fn of_constants(x: &Array1<f64>, k: &Array2<f64>) -> f64 {
    let x = x[0] * x[1];
    let mut m = k.to_owned();
    m[[0, 0]] = x * x;
    m += k;
    let mut total = (&m * &m).sum() + m.row(0).sum();
    for i in 0..3 {
        let mut r = k.row(0).to_owned();
        r[1] *= x + i as f64;
        if i == 1 {
            continue;
        }
        total += r.mapv(|v| v * v).sum() * r[1];
    }
    let n = m.t().to_owned();
    total + n.dot(&m).sum()
}

#[test]
fn copies_of_constants() {
    for k in [matrix(3, 2, 0.4), matrix(2, 3, 0.7).reversed_axes()] {
        check!(of_constants, ref vector(2, 0.4), &k);
    }
}
