//! Arrays of ndarray: every row against differences and the other modes, at a tall, a wide and a single-rowed shape, and arrays in
//! every place of a function.
#![deny(warnings)]
#![allow(unreachable_pub, unused_braces)]
#![allow(clippy::assign_op_pattern, clippy::pedantic, clippy::op_ref, clippy::type_complexity)]

use grad::descent::Lbfgs;
use grad::{Differentiable, grad};
use ndarray::{
    Array1, Array2, Array3, ArrayD, ArrayView1, ArrayView2, Axis, Zip, arr1, arr2, array, concatenate, stack,
};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;
#[path = "arrays/elements.rs"]
mod elements;
#[path = "arrays/fresh.rs"]
mod fresh;
#[path = "arrays/layouts.rs"]
mod layouts;
#[path = "arrays/lines.rs"]
mod lines;
#[path = "arrays/moved.rs"]
mod moved;
#[path = "arrays/spread.rs"]
mod spread;
#[path = "arrays/views.rs"]
mod views;

/// A matrix, one that it can be multiplied with, one of its shape, a row and a column of it, and a number.
#[derive(Clone, Debug, Differentiable)]
pub struct Point {
    a: Array2<f64>,
    b: Array2<f64>,
    c: Array2<f64>,
    row: Array1<f64>,
    column: Array1<f64>,
    k: f64,
}

/// Numbers that are not each other's.
fn number(at: usize, seed: f64) -> f64 {
    (seed + 1.3 * at as f64).sin() + 1.4
}

fn matrix(rows: usize, columns: usize, seed: f64) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| number(i * columns + j, seed))
}

fn vector(count: usize, seed: f64) -> Array1<f64> {
    Array1::from_shape_fn(count, |i| number(i, seed))
}

fn points() -> Vec<Point> {
    [(3, 1), (3, 2), (1, 3), (2, 3), (1, 1)]
        .into_iter()
        .map(|(m, n)| Point {
            a: matrix(m, n, 0.5),
            b: matrix(n, m + 1, 2.0),
            c: matrix(m, n, 3.0),
            row: vector(n, 0.1),
            column: vector(m, 1.1),
            k: 1.7,
        })
        .collect()
}

/// All elements, each by a weight of its own, and squared: a product of the Hessian sees every second derivative.
#[grad(second)]
fn weighed(m: &Array2<f64>) -> f64 {
    let mut sum = 0.0;
    for i in 0..m.nrows() {
        for j in 0..m.ncols() {
            let x = m[[i, j]];
            sum += x * (1.0 + 0.3 * (i * 7 + j) as f64) + x * x;
        }
    }
    sum
}

/// The same of a vector, by its elements.
#[grad(second)]
fn weighed_vector(v: &Array1<f64>) -> f64 {
    v.iter().enumerate().map(|(k, x)| x * (1.0 + 0.3 * k as f64) + x * x).sum()
}

macro_rules! rows {
    ($($name:ident($p:ident, $a:ident) $body:block)*) => {
        $(
            #[grad(wrt($p), second)]
            fn $name($p: &Point) -> f64 {
                let $a: &Array2<f64> = &$p.a;
                $body
            }
        )*

        #[test]
        fn rows_of_arrays() {
            for point in points() {
                $(check!($name, ref point.clone());)*
            }
        }
    };
}

rows! {
    add(p, a) { weighed(&(a + &p.c)) }
    sub(p, a) { weighed(&(a - &p.c)) }
    mul(p, a) { weighed(&(a * &p.c)) }
    div(p, a) { weighed(&(a / &p.c)) }
    add_row(p, a) { weighed(&(a + &p.row)) }
    sub_row(p, a) { weighed(&(a - &p.row)) }
    mul_row(p, a) { weighed(&(a * &p.row)) }
    div_row(p, a) { weighed(&(a / &p.row)) }
    row_mul(p, a) { let row: &Array1<f64> = &p.row; weighed(&(row * a)) }
    mul_column(p, a) { let c: Array1<f64> = p.column.clone(); weighed(&(a * &c.insert_axis(Axis(1)))) }
    add_number(p, a) { weighed(&(a + p.k)) }
    sub_number(p, a) { weighed(&(a - p.k)) }
    mul_number(p, a) { weighed(&(a * p.k)) }
    div_number(p, a) { weighed(&(a / p.k)) }
    number_add(p, a) { weighed(&(p.k + a)) }
    number_sub(p, a) { weighed(&(p.k - a)) }
    number_mul(p, a) { weighed(&(p.k * a)) }
    number_div(p, a) { weighed(&(p.k / a)) }
    neg(p, a) { weighed(&-a) }
    compound(p, a) {
        let mut m = a.clone();
        m += &p.c;
        m *= p.k;
        m -= &p.row;
        m /= 3.0;
        m *= a;
        weighed(&m)
    }
    dot(p, a) { let b: &Array2<f64> = &p.b; weighed(&a.dot(b)) }
    dot_vector(p, a) { let row: &Array1<f64> = &p.row; weighed_vector(&a.dot(row)) }
    vector_dot(p, a) { let column: &Array1<f64> = &p.column; weighed_vector(&column.dot(a)) }
    vectors_dot(p, a) { let (r, c): (&Array1<f64>, &Array1<f64>) = (&p.row, &p.column); let d = r.dot(r); d * c.dot(c) + a.sum() }
    transposed_dot(p, a) { let c: &Array2<f64> = &p.c; weighed(&a.t().dot(c)) }
    dot_transposed(p, a) { let c: &Array2<f64> = &p.c; weighed(&a.dot(&c.t())) }
    t(p, a) { weighed(&a.t().to_owned()) * p.k }
    sum(p, a) { let s = a.sum(); s * s * p.k }
    mean(p, a) { let m = a.mean().unwrap(); m * m * p.k }
    sum_axis(p, a) { weighed_vector(&a.sum_axis(Axis(0))) + weighed_vector(&a.sum_axis(Axis(1))) * p.k }
    mean_axis(p, a) {
        weighed_vector(&a.mean_axis(Axis(0)).unwrap()) + weighed_vector(&a.mean_axis(Axis(1)).unwrap()) * p.k
    }
    row(p, a) { weighed_vector(&(&a.row(0) * p.k)) }
    column(p, a) { weighed_vector(&(&a.column(a.ncols() - 1) * p.k)) }
    diag(p, a) { weighed_vector(&(&a.diag() * p.k)) }
    mapv(p, a) { weighed(&a.mapv(|x| x * p.k + x.sin())) }
    map(p, a) { weighed(&a.map(|x| *x * p.k + x.ln())) }
    mapv_into(p, a) { weighed(&a.clone().mapv_into(f64::tanh)) * p.k }
    mapv_inplace(p, a) { let mut m = a.clone(); m.mapv_inplace(|x| x * x * p.k); weighed(&m) }
    fold(p, a) { a.fold(p.k, |sum, &x| sum * 0.5 + x * x) }
    floats(p, a) { weighed(&(a.exp() + a.ln() + a.sqrt() + a.powi(3) + a.powf(p.k) + a.tanh() + a.abs())) }
    written(p, a) {
        let mut m = Array2::zeros((a.nrows(), a.ncols()));
        for i in 0..a.nrows() {
            for j in 0..a.ncols() {
                m[[i, j]] = a[[i, j]] * p.k;
                m[(i, j)] += a[(0, j)];
            }
        }
        m.fill(p.k);
        m += a;
        weighed(&m)
    }
    index_axis(p, a) { weighed_vector(&(&a.index_axis(Axis(0), 0) * p.k)) * a.index_axis(Axis(1), a.ncols() - 1).sum() }
    assign(p, a) {
        let (mut m, mut n) = (p.c.clone(), a * p.k);
        let row: &Array1<f64> = &p.row;
        let m: &mut Array2<f64> = &mut m;
        m.assign(a);
        n.assign(row);
        m.zip_mut_with(row, |x, y| *x *= y * y);
        n.scaled_add(p.k, a);
        m.map_inplace(|x| *x += 1.0 / *x);
        weighed(m) * weighed(&n)
    }
    parts_changed(p, a) {
        let (mut m, row): (_, &Array1<f64>) = (a * p.k, &p.row);
        m.row_mut(0).assign(row);
        let mut last = m.column_mut(a.ncols() - 1);
        last *= p.k;
        last[0] += last.sum();
        last.mapv_inplace(|x| x * x);
        for mut line in m.rows_mut() {
            line += row;
            let sum = line.sum();
            line /= sum;
        }
        for mut line in m.axis_iter_mut(Axis(1)) {
            let total = line.dot(&line);
            line.fill(total);
            line[0] = p.k;
        }
        m.index_axis_mut(Axis(0), a.nrows() - 1).scaled_add(2.0, row);
        let mut all = m.view_mut();
        all += 1.0;
        for (x, y) in m.row_mut(0).iter_mut().zip(row) {
            *x *= y;
        }
        let mut first = m.column_mut(0);
        first.iter_mut().for_each(|x| *x += p.k);
        let total = first.iter().map(|x| x * x).sum::<f64>();
        weighed(&m) + total
    }
    sums_of_rows(p, a) {
        let mut sums: Array1<f64> = Array1::zeros(a.ncols());
        for row in a.axis_iter(Axis(0)) {
            sums.scaled_add(p.k, &row);
        }
        sums.sum() + a.index_axis(Axis(1), 0).dot(&a.column(0))
    }
    zip(p, a) {
        let (c, row): (&Array2<f64>, &Array1<f64>) = (&p.c, &p.row);
        let mut m = Array2::zeros(a.dim());
        Zip::from(&mut m).and(a).and(c).for_each(|m, &a, c| *m = a * c * p.k);
        let mut sums = Array1::zeros(a.nrows());
        Zip::from(&mut sums).and(m.rows()).for_each(|sum, line| *sum = line.dot(row));
        Zip::from(m.rows_mut()).and(&sums).for_each(|mut line, sum| line += *sum);
        Zip::indexed(m.view_mut()).and(a).for_each(|(i, j), m, a| *m *= a * (1 + i + 2 * j) as f64);
        let norms = Zip::from(m.outer_iter()).map_collect(|line| line.dot(&line).sqrt());
        weighed(&m) + weighed(&Zip::from(a).and(c).map_collect(|a, c| a.sin() * c)) + weighed_vector(&norms)
    }
    joined(p, a) {
        let (c, row): (&Array2<f64>, &Array1<f64>) = (&p.c, &p.row);
        let below = concatenate(Axis(0), &[a.view(), c.view()]).unwrap();
        let beside = concatenate![Axis(1), *a, *c];
        let rows = stack(Axis(0), &[row.view(), a.row(0), (row * p.k).view()]).unwrap();
        let columns: Array2<f64> = stack![Axis(1), *row, a.row(0)];
        weighed(&below) * weighed(&beside) + weighed(&rows) * weighed(&columns) + stack![Axis(2), *a, *c].sum()
    }
    reshaped(p, a) {
        let c: &Array2<f64> = &p.c;
        let flat = a.clone().into_shape_with_order(a.len()).unwrap();
        let turned = c.view().into_shape_with_order((c.ncols(), c.nrows())).unwrap();
        let numbers: Vec<f64> = a.iter().map(|x| x * p.k).collect();
        let again = Array2::from_shape_vec(a.dim(), numbers).unwrap();
        let (v, m) = (arr1(&[p.k, a[[0, 0]]]), arr2(&[[p.k, c[[0, 0]]], [2.0, p.k * p.k]]));
        weighed_vector(&flat) * weighed(&turned.to_owned()) + weighed(&again) + weighed_vector(&m.dot(&v))
    }
    indexed_iter(p, a) {
        let (mut m, row): (Array2<f64>, &Array1<f64>) = (p.c.clone(), &p.row);
        for ((i, j), x) in m.indexed_iter_mut() {
            *x *= a[[i, j]] * (1 + i + j) as f64;
        }
        let mut sum = row.indexed_iter().map(|(i, x)| x * x * i as f64).sum::<f64>();
        for ((i, j), &x) in a.indexed_iter() {
            sum += x * x * (i + 3 * j) as f64;
        }
        sum * weighed(&m)
    }
    three_axes(p, a) {
        let (mut t, row): (Array3<f64>, &Array1<f64>) = (Array3::zeros((2, a.nrows(), a.ncols())), &p.row);
        t.index_axis_mut(Axis(0), 0).assign(a);
        t.index_axis_mut(Axis(0), 1).assign(&(a * p.k));
        for mut m in t.axis_iter_mut(Axis(0)) {
            m *= row;
        }
        let mut sum = t[[0, 0, 0]] * t[[1, 0, 0]];
        for m in t.outer_iter() {
            sum += weighed(&m.to_owned());
        }
        for ((i, j, k), x) in t.indexed_iter() {
            sum += x * x * (i + 2 * j + 3 * k) as f64;
        }
        sum * weighed(&t.index_axis(Axis(1), 0).to_owned())
    }
    made(p, a) {
        let m = Array2::from_shape_fn((2, 3), |(i, j)| p.k * i as f64 + a[[0, 0]].powi(j as i32));
        let v = Array1::from_vec(vec![p.k, a[[0, 0]], 2.0]);
        let w = array![[v[0], v[1]], [1.0, v[0] * v[1]]];
        let u = Array1::from_elem(3, p.k) + Array1::from_iter((0..3).map(|k| p.k * k as f64));
        let o: Array1<f64> = Array1::from_shape_fn(3, |k| v[k] * 2.0);
        weighed(&m) + weighed_vector(&m.dot(&v)) + weighed(&w) + u.dot(&v) + o.sum()
    }
}

/// Every method with a row is in a test by its name, as are those that are followed.
#[grad(second)]
fn in_loops_and_branches(w: &Array2<f64>, x: &Array1<f64>) -> f64 {
    let mut h = x.clone();
    let mut total = 0.0;
    for step in 0..3 {
        let next = w.dot(&h).mapv(f64::tanh);
        if next.sum() > 0.2 {
            total += next.dot(&h);
        } else {
            total -= next[0] * step as f64;
        }
        h = next + x;
        while total > 40.0 {
            total *= 0.5;
        }
    }
    total + h.iter().zip(x.iter()).map(|(a, b)| a * b).sum::<f64>()
}

#[grad]
fn scaled(x: ArrayView1<f64>, by: f64) -> Array1<f64> {
    &x * by
}

#[grad]
fn through_views(w: &Array2<f64>, x: ArrayView2<f64>, b: ArrayView1<f64>) -> f64 {
    let h = x.dot(w) + &b;
    let mut sum = scaled(b, h[[0, 0]]).sum() + scaled(b.view(), 2.0).sum();
    for row in h.rows() {
        sum += row.dot(&row) + row.sum();
    }
    for column in h.columns() {
        sum += column[0];
    }
    for row in x.outer_iter() {
        sum += row[0] * row[0];
    }
    for row in h.axis_iter(Axis(0)) {
        sum += row.mapv(f64::sin).sum();
    }
    sum
}

/// The derivative of a function of flat numbers, element by element.
fn differences_of(flat: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let along = |k: usize, step: f64| {
        let mut flat = flat.to_vec();
        flat[k] = step;
        f(&flat)
    };
    (0..flat.len())
        .map(|k| differences::derivative(|step| along(k, step), flat[k], f64::EPSILON).value)
        .collect()
}

fn assert_close(found: impl IntoIterator<Item = f64>, wanted: Vec<f64>) {
    let found: Vec<f64> = found.into_iter().collect();
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(&wanted) {
        assert!((found - wanted).abs() < 1e-6 * (1.0 + wanted.abs()), "{found} instead of {wanted}");
    }
}

fn of_flat(flat: &[f64], like: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_vec(like.raw_dim(), flat.to_vec()).unwrap()
}

#[test]
fn loops_branches_and_views() {
    let (w, x) = (matrix(3, 3, 0.3) - 1.2, vector(3, 0.7));
    let (w_bar, x_bar) = in_loops_and_branches::grad(&w, &x);
    let flat: Vec<f64> = w.iter().copied().collect();
    assert_close(w_bar, differences_of(&flat, |flat| in_loops_and_branches(&of_flat(flat, &w), &x)));
    let of_x = |flat: &[f64]| in_loops_and_branches(&w, &Array1::from_vec(flat.to_vec()));
    assert_close(x_bar, differences_of(x.as_slice().unwrap(), of_x));

    for (m, n) in [(4, 2), (1, 3), (2, 1)] {
        let (w, x, b) = (matrix(n, 2, 0.3), matrix(m, n, 0.7), vector(2, 0.1));
        let (value, (w_bar, x_bar, b_bar)) = through_views::value_and_grad(&w, x.view(), b.view());
        assert_eq!(value, through_views(&w, x.view(), b.view()));
        let flat: Vec<f64> = w.iter().copied().collect();
        assert_close(
            w_bar,
            differences_of(&flat, |flat| through_views(&of_flat(flat, &w), x.view(), b.view())),
        );
        let flat: Vec<f64> = x.iter().copied().collect();
        assert_close(
            x_bar,
            differences_of(&flat, |flat| through_views(&w, of_flat(flat, &x).view(), b.view())),
        );
        let of_b = |flat: &[f64]| through_views(&w, x.view(), ArrayView1::from(flat));
        assert_close(b_bar, differences_of(b.as_slice().unwrap(), of_b));
        // The other mode, and what keeps its arguments, which has views lent.
        let (_, dot) = through_views::jvp(&w, x.view(), b.view(), &w, &(&x * 0.0), &(&b * 0.0));
        let (again, pullback) = through_views::vjp(&w, &x, &b);
        assert_eq!(again, value);
        let (w_bar, _, _) = pullback(1.0);
        assert!((dot - (&w_bar * &w).sum()).abs() < 1e-9 * (1.0 + dot.abs()));
    }
}

#[grad]
fn norm(v: ArrayView1<f64>) -> f64 {
    v.dot(&v).sqrt()
}

/// Parts that are passed as views.
#[grad]
fn norms(a: &Array2<f64>) -> f64 {
    let mut total = 0.0;
    for i in 0..a.nrows() {
        total += norm(a.row(i));
    }
    for column in a.columns() {
        total *= norm(column);
    }
    let diagonal = a.diag();
    total + norm(diagonal) + norm(a.t().column(0)) + norm(a.row(0).view())
}

/// Taken by value, and overwritten, with another shape, too.
#[grad]
fn overwritten(mut a: Array2<f64>, b: Array1<f64>) -> f64 {
    a = a * &b;
    a += 1.0;
    let rows = a.nrows();
    a = a.t().dot(&a);
    a -= &b;
    a.sum() / rows as f64
}

#[grad]
fn layers(ws: &[Array2<f64>], x: Array1<f64>) -> f64 {
    let mut h = x;
    for w in ws {
        h = w.dot(&h).mapv(f64::tanh);
    }
    h.sum()
}

#[test]
fn parts_and_what_is_overwritten() {
    for (m, n) in [(3, 2), (1, 3), (2, 1)] {
        let (a, b) = (matrix(m, n, 0.4), vector(n, 0.9));
        let flat: Vec<f64> = a.iter().copied().collect();
        assert_eq!(norms::value_and_grad(&a).0, norms(&a));
        assert_close(norms::grad(&a), differences_of(&flat, |flat| norms(&of_flat(flat, &a))));
        let (value, (a_bar, b_bar)) = overwritten::value_and_grad(a.clone(), b.clone());
        assert_eq!(value, overwritten(a.clone(), b.clone()));
        assert_close(a_bar, differences_of(&flat, |flat| overwritten(of_flat(flat, &a), b.clone())));
        let of_b = |flat: &[f64]| overwritten(a.clone(), Array1::from_vec(flat.to_vec()));
        assert_close(b_bar, differences_of(b.as_slice().unwrap(), of_b));
    }
    let (ws, x) = ([matrix(2, 3, 0.2) - 1.3, matrix(1, 2, 0.6) - 1.0], vector(3, 0.3));
    let (ws_bar, x_bar) = layers::grad(&ws, x.clone());
    let of_x = |flat: &[f64]| layers(&ws, Array1::from_vec(flat.to_vec()));
    assert_close(x_bar, differences_of(x.as_slice().unwrap(), of_x));
    let flat: Vec<f64> = ws[0].iter().copied().collect();
    let of_first = |flat: &[f64]| layers(&[of_flat(flat, &ws[0]), ws[1].clone()], x.clone());
    assert_close(ws_bar[0].iter().copied(), differences_of(&flat, of_first));
}

/// The library goes over the elements as they are in memory.
#[grad(wrt(a))]
fn folded(a: ArrayView2<f64>, k: f64) -> f64 {
    a.fold(k, |sum, &x| sum * 0.5 + x * x)
}

/// Laid out by columns, or backwards: the value tells in which order, and the tangent that derivatives know it.
#[test]
fn a_fold_in_the_order_of_memory() {
    let a = matrix(2, 3, 0.4);
    let mut backwards = a.clone();
    backwards.invert_axis(Axis(0));
    backwards.invert_axis(Axis(1));
    for view in [a.view(), a.t(), backwards.view(), backwards.t()] {
        let (value, a_bar) = folded::value_and_grad(view, 0.3);
        assert_eq!(value, folded(view, 0.3));
        let moved = view.to_owned();
        assert_eq!(moved.strides(), view.strides());
        for (i, j) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let x = moved[[i, j]];
            let along = |step: f64| {
                let mut moved = moved.clone();
                moved[[i, j]] = step;
                folded(moved.view(), 0.3)
            };
            assert_close([a_bar[[i, j]]], vec![differences::derivative(along, x, f64::EPSILON).value]);
        }
    }
}

/// Softmax regression, as it is written.
#[grad(wrt(w))]
fn loss(w: &Array2<f64>, x: ArrayView2<f64>, y: &[usize]) -> f64 {
    let scores = x.dot(w);
    let mut total = 0.0;
    for (row, &label) in scores.outer_iter().zip(y) {
        let max = row.fold(f64::NEG_INFINITY, |max, &x| max.max(x));
        total += row.mapv(|x| (x - max).exp()).sum().ln() + max - row[label];
    }
    total / y.len() as f64
}

#[test]
fn constants_that_are_views() {
    let (w, x, y) = (matrix(3, 4, 0.3), matrix(5, 3, 0.7), [0, 3, 1, 1, 2]);
    // With gaps, and the other way round, too.
    let (mut gaps, mut turned, tall) = (matrix(5, 6, 0.7), matrix(5, 3, 0.2), matrix(3, 5, 0.4));
    gaps.slice_axis_inplace(Axis(1), ndarray::Slice::new(0, None, 2));
    turned.invert_axis(Axis(0));
    for x in [x.view(), gaps.view(), turned.view(), tall.t()] {
        let flat: Vec<f64> = w.iter().copied().collect();
        let (value, w_bar) = loss::value_and_grad(&w, x, &y);
        assert_eq!(value, loss(&w, x, &y));
        assert_close(w_bar, differences_of(&flat, |flat| loss(&of_flat(flat, &w), x, &y)));
    }
    let x = x.view();
    let report = Lbfgs::default().minimize(&mut loss::objective(&x, &y), w.clone()).unwrap();
    assert!(loss(&report.x, x, &y) < loss(&w, x, &y));
}

/// A network, of which the fields' uses tell what they are.
#[derive(Clone, Differentiable)]
struct Network {
    w1: Array2<f64>,
    b1: Array1<f64>,
    w2: Array2<f64>,
    b2: Array1<f64>,
}

#[grad(wrt(net))]
fn misfit(net: &Network, x: &Array2<f64>, y: &Array2<f64>) -> f64 {
    let h = (x.dot(&net.w1) + &net.b1).mapv(f64::tanh);
    let o = h.dot(&net.w2) + &net.b2;
    let d = &o - y;
    (&d * &d).sum() / x.nrows() as f64
}

#[test]
fn a_network() {
    let net = Network {
        w1: matrix(3, 2, 0.2) - 1.4,
        b1: array![0.1, -0.2],
        w2: matrix(2, 1, 0.3),
        b2: array![0.3],
    };
    let (x, y) = (matrix(4, 3, 0.9), matrix(4, 1, 0.5));
    let flat: Vec<f64> = net.flatten();
    let at = |flat: &[f64]| {
        let mut net = net.clone();
        net.unflatten_from(flat);
        net
    };
    let (value, net_bar) = misfit::value_and_grad(&net, &x, &y);
    assert_eq!(value, misfit(&net, &x, &y));
    assert_close(net_bar.flatten::<f64>(), differences_of(&flat, |flat| misfit(&at(flat), &x, &y)));
}

#[derive(Clone, Differentiable)]
struct Layer {
    weights: Array2<f64>,
    bias: Array1<f64>,
}

#[grad(wrt(self, x))]
impl Layer {
    fn forward(&self, x: &Array2<f64>) -> Array2<f64> {
        let y: Array2<f64> = x.dot(&self.weights) + &self.bias;
        y.mapv_into(|y| y.max(0.0))
    }

    fn energy(&self, x: &Array2<f64>) -> f64 {
        let y: Array2<f64> = self.forward(x);
        (&y * &y).sum()
    }
}

#[test]
fn arrays_in_types_of_ones_own() {
    let layer = Layer { weights: matrix(3, 2, 0.2) - 1.4, bias: array![0.1, -0.2] };
    let x = matrix(4, 3, 0.9);
    let (layer_bar, x_bar) = layer.energy_grad(&x);
    let flat: Vec<f64> = layer.flatten();
    let at = |flat: &[f64]| {
        let mut layer = layer.clone();
        layer.unflatten_from(flat);
        layer
    };
    assert_close(layer_bar.flatten::<f64>(), differences_of(&flat, |flat| at(flat).energy(&x)));
    let flat: Vec<f64> = x.iter().copied().collect();
    assert_close(x_bar, differences_of(&flat, |flat| layer.energy(&of_flat(flat, &x))));
}

#[grad]
fn linear(m: &Array2<f64>, x: &Array1<f64>) -> Array1<f64> {
    m.dot(x)
}

#[grad]
fn mean_or_none(x: &Array1<f64>) -> Option<f64> {
    let mean = x.mean()?;
    Some(mean * mean)
}

#[grad]
fn cubes(x: Array3<f64>) -> f64 {
    let y = &x * &x * &x;
    y.sum() + y.sum_axis(Axis(2)).sum_axis(Axis(0))[0]
}

#[grad]
fn squares(x: &Array1<f64>, y: &mut Array1<f64>) {
    for i in 0..x.len() {
        y[i] = x[i] * x[i];
    }
}

#[test]
fn results_outputs_and_arrays_of_nothing() {
    let (m, x) = (array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], array![1.0, -1.0, 2.0]);
    let (y, pullback) = linear::vjp(&m, &x);
    assert_eq!(y, m.dot(&x));
    assert_eq!(pullback(array![1.0, 10.0]).1, m.t().dot(&array![1.0, 10.0]));
    let (_, of_x) = linear::jacobian(&m, &x);
    assert_eq!(of_x, [array![1.0, 2.0, 3.0], array![4.0, 5.0, 6.0]]);
    assert_eq!(mean_or_none::grad(&array![1.0, 3.0]), Some(array![2.0, 2.0]));
    assert_eq!(mean_or_none::grad(&array![]), None);
    let x = Array3::from_shape_fn((2, 3, 2), |(i, j, k)| (i + 2 * j + 3 * k) as f64);
    let at_first = |j: usize| if j == 0 { 2.0 } else { 1.0 };
    let wanted =
        Array3::from_shape_fn((2, 3, 2), |(i, j, k)| 3.0 * x[[i, j, k]] * x[[i, j, k]] * at_first(j));
    assert_eq!(cubes::grad(x), wanted);
    let mut y = array![0.0, 0.0];
    assert_eq!(squares::jacobian(&array![2.0, 3.0], &mut y), [array![4.0, 0.0], array![0.0, 6.0]]);
    let (w_bar, x_bar) = in_nothing::grad(&Array2::zeros((0, 3)), &array![1.0, 2.0, 3.0]);
    assert_eq!((w_bar.dim(), x_bar), ((0, 3), array![0.0, 0.0, 0.0]));
}

#[grad]
fn in_nothing(w: &Array2<f64>, x: &Array1<f64>) -> f64 {
    let y = w.dot(x) * 2.0 + 1.0;
    (w * x).mapv(f64::exp).sum() + y.dot(&y)
}

/// Of any number of axes.
#[grad(second)]
fn of_any_shape(a: &ArrayD<f64>, b: &ArrayD<f64>) -> f64 {
    let c = a * b + a;
    let mut e = c.mapv(|x| x * x);
    e += b;
    e.scaled_add(2.0, b);
    e.zip_mut_with(a, |x, y| *x *= y);
    e.mapv_inplace(f64::sin);
    let mut g = c.exp();
    g.fill(2.0);
    g.assign(&b.index_axis(Axis(0), 0));
    g.map_inplace(|x| *x *= 3.0);
    let squares: f64 = g.iter().map(|x| x * x).sum();
    e.sum() * squares + c.sum_axis(Axis(0)).mean().unwrap()
}

#[test]
fn arrays_of_any_shape() {
    for (m, n) in [(3, 2), (1, 3), (2, 1)] {
        let (a, b) = (matrix(m, n, 0.4), matrix(m, n, 0.9));
        // Laid out by rows, and by columns.
        for (a, b) in [(a.clone(), b.clone()), (a.t().to_owned(), b.t().to_owned())] {
            let (a, b) = (a.into_dyn(), b.into_dyn());
            let (value, (a_bar, b_bar)) = of_any_shape::value_and_grad(&a, &b);
            assert_eq!(value, of_any_shape(&a, &b));
            let at = |flat: &[f64], like: &ArrayD<f64>| {
                let mut moved = like.clone();
                moved.iter_mut().zip(flat).for_each(|(to, from)| *to = *from);
                moved
            };
            let flat: Vec<f64> = a.iter().copied().collect();
            assert_close(
                a_bar.iter().copied(),
                differences_of(&flat, |flat| of_any_shape(&at(flat, &a), &b)),
            );
            let flat: Vec<f64> = b.iter().copied().collect();
            assert_close(
                b_bar.iter().copied(),
                differences_of(&flat, |flat| of_any_shape(&a, &at(flat, &b))),
            );
            let (_, dot) = of_any_shape::jvp(&a, &b, &b, &a);
            let wanted = (&a_bar * &b).sum() + (&b_bar * &a).sum();
            assert!((dot - wanted).abs() < 1e-9 * (1.0 + wanted.abs()));
            let (_, (a_turn, _)) = of_any_shape::hvp(&a, &b, &b, &a);
            let along = |t: f64| of_any_shape::grad(&(&a + &(&b * t)), &(&b + &(&a * t))).0.sum();
            let wanted = differences::derivative(along, 0.0, f64::EPSILON).value;
            assert!((a_turn.sum() - wanted).abs() < 1e-5 * (1.0 + wanted.abs()), "{} {wanted}", a_turn.sum());
        }
    }
}

/// In single precision, where derivatives are exact in few digits.
#[grad]
fn single(v: &Array1<f32>) -> f32 {
    let w = v * 2.0 + v;
    w.dot(v)
}

#[test]
fn of_single_precision() {
    assert_eq!(single::grad(&array![1.0, 2.0, -1.0]), array![6.0, 12.0, -6.0]);
}
