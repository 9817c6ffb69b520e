//! Arrays of any float, what is changed through views, and the order of a `Zip`.

use super::{differences, matrix, vector};
use grad::grad;
use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1, ArrayViewMut2, Axis, NdFloat, Zip};

/// For any float, of a view that is copied.
#[grad(second)]
fn of_any_float<T: NdFloat>(a: &Array2<T>, v: ArrayView1<'_, T>, k: T) -> T {
    let mut w = v.to_owned();
    w[0] *= k;
    let s = a.dot(&w) * k - k;
    let t = &s / k + k;
    t.mapv(|x| x * x * k).sum() + a.sum_axis(Axis(0)).dot(&v)
}

#[test]
fn of_type_parameters() {
    let (a, v, k) = (matrix(3, 2, 0.4), vector(2, 0.9), 1.3);
    let (da, dv, dk) = (matrix(3, 2, 1.4), vector(2, 2.9), 0.7);
    let at = |t: f64| (&a + &(&da * t), &v + &(&dv * t), k + dk * t);
    let inner = |g: &(Array2<f64>, Array1<f64>, f64)| (&g.0 * &da).sum() + g.1.dot(&dv) + g.2 * dk;
    let value = |t: f64| {
        let (a, v, k) = at(t);
        of_any_float(&a, v.view(), k)
    };
    let gradient = |t: f64| {
        let (a, v, k) = at(t);
        of_any_float::grad(&a, v.view(), k)
    };
    let found = inner(&gradient(0.0));
    let wanted = differences::derivative(value, 0.0, f64::EPSILON).value;
    assert!((found - wanted).abs() < 1e-8 * (1.0 + wanted.abs()));
    let (_, forward) = of_any_float::jvp(&a, v.view(), k, &da, &dv, dk);
    assert!((found - forward).abs() < 1e-12 * (1.0 + found.abs()));
    let (_, product) = of_any_float::hvp(&a, v.view(), k, &da, &dv, dk);
    let wanted = differences::derivative(|t| inner(&gradient(t)), 0.0, f64::EPSILON).value;
    assert!((inner(&product) - wanted).abs() < 1e-7 * (1.0 + wanted.abs()));
    let single = of_any_float::grad(&a.mapv(|x| x as f32), v.mapv(|x| x as f32).view(), 1.3_f32);
    assert!((f64::from(single.2) - gradient(0.0).2).abs() < 1e-3);
}

/// What is done to an array: once to one that is owned, once through a view.
macro_rules! changes {
    ($($name:ident($m:ident: $($of:tt)*) all($($all:tt)*);)*) => {$(
        #[grad(second)]
        fn $name($($of)*, r: &Array1<f64>, k: f64) -> f64 {
            $m[[0, 0]] *= k;
            $m.row_mut(1).assign(r);
            $($all)* *= k;
            $($all)* += r;
            let whole = $m.sum();
            for mut row in $m.rows_mut() {
                let sum = row.dot(&row);
                row /= sum + k;
            }
            let before = $m.to_owned();
            $m.mapv_inplace(|x| x.sin());
            $m.assign(&(&before * k + 1.0));
            $m.column_mut(0).fill(k * whole);
            $m[[1, 1]] * before[[0, 1]]
        }
    )*};
}

changes! {
    to_an_array(m: m: &mut Array2<f64>) all(*m);
    to_a_view(m: mut m: ArrayViewMut2<'_, f64>) all(m);
}

#[grad(second)]
fn through_a_view(a: &Array2<f64>, r: &Array1<f64>, k: f64) -> f64 {
    let mut b = a.clone();
    let mut part = b.clone();
    let x = to_a_view(part.view_mut(), r, k);
    x * part.sum() + to_a_view(b.view_mut(), r, x) + grown(b.row_mut(1), k) * b.sum()
}

#[grad(second)]
fn grown(mut v: ArrayViewMut1<'_, f64>, k: f64) -> f64 {
    let sum = v.sum();
    v *= k;
    sum
}

#[grad(second)]
fn through_an_array(a: &Array2<f64>, r: &Array1<f64>, k: f64) -> f64 {
    let mut b = a.clone();
    let mut part = b.clone();
    let x = to_an_array(&mut part, r, k);
    let y = x * part.sum() + to_an_array(&mut b, r, x);
    let sum = b.row(1).sum();
    b.row_mut(1).mapv_inplace(|x| x * k);
    y + sum * b.sum()
}

#[test]
fn what_a_view_changes_is_changed() {
    let (m, r, k) = (matrix(2, 2, 0.4), vector(2, 0.9), 1.3);
    let seed = matrix(2, 2, 3.3);
    let (mut a, mut a_bar, mut of_a) = (m.clone(), seed.clone(), (Array1::zeros(2), 0.0));
    let x = to_an_array::vjp_add(&mut a, &r, k, 0.7, &mut a_bar, &mut of_a.0, &mut of_a.1);
    // Of a larger array, two rows with a gap between them.
    let (mut b, mut b_bar, mut of_b) = (Array2::zeros((4, 2)), seed, (Array1::zeros(2), 0.0));
    let mut parts = b.exact_chunks_mut((4, 2)).into_iter().next().unwrap();
    parts.invert_axis(Axis(0));
    parts.view_mut().split_at(Axis(0), 2).0.assign(&m);
    let mut part = parts.split_at(Axis(0), 2).0;
    let y = to_a_view::vjp_add(&mut part, &r, k, 0.7, &mut b_bar, &mut of_b.0, &mut of_b.1);
    assert_eq!(part, a);
    assert_eq!((x, a_bar, of_a), (y, b_bar, of_b));
    assert_eq!(b.row(0).sum(), 0.0);
    let (m, d) = (matrix(3, 2, 0.4), matrix(3, 2, 1.4));
    assert_eq!(through_a_view(&m, &r, k), through_an_array(&m, &r, k));
    let (one, other) = (through_a_view::grad(&m, &r, k), through_an_array::grad(&m, &r, k));
    assert!((&one.0 - &other.0).mapv(f64::abs).sum() < 1e-12 && (one.2 - other.2).abs() < 1e-12);
    let along = |t: f64| through_a_view(&(&m + &(&d * t)), &(&r + t), k + t);
    let wanted = differences::derivative(along, 0.0, f64::EPSILON).value;
    let found = (&one.0 * &d).sum() + one.1.sum() + one.2;
    assert!((found - wanted).abs() < 1e-8 * (1.0 + wanted.abs()));
    let (_, forward) = through_a_view::jvp(&m, &r, k, &d, &Array1::ones(2), 1.0);
    assert!((found - forward).abs() < 1e-12 * (1.0 + found.abs()));
    let products =
        [through_a_view::hvp, through_an_array::hvp].map(|hvp| hvp(&m, &r, k, &d, &Array1::ones(2), 1.0).1.0);
    assert!((&products[0] - &products[1]).mapv(f64::abs).sum() < 1e-9);
}

/// In the order of the library, which is that of memory where it is one for all.
#[grad(second)]
fn zip_folded(a: &Array2<f64>, b: &Array2<f64>, k: f64) -> f64 {
    let mut c = b * k;
    let s = Zip::from(a).and(&mut c).fold(k, |s, a, c| {
        *c += s;
        0.7 * s + a * *c
    });
    let t = Zip::indexed(a).fold(s, |t, (i, j), x| t * 0.5 + x * (i + 2 * j) as f64);
    t + Zip::from(a.rows()).and(b.rows()).fold(0.0, |s, a, b| s * k + a.dot(&b)) + c.sum()
}

#[test]
fn zips_fold_in_their_order() {
    let (a, b) = (matrix(3, 2, 0.4), matrix(3, 2, 1.9));
    let by_columns = |m: &Array2<f64>| m.t().as_standard_layout().into_owned().reversed_axes();
    for (a, b) in [
        (a.clone(), b.clone()),
        (by_columns(&a), by_columns(&b)),
        (a.clone(), by_columns(&b)),
        (by_columns(&a), b.clone()),
    ] {
        let (da, db) = (matrix(3, 2, 2.4), matrix(3, 2, 3.9));
        let (value, (a_bar, b_bar, k_bar)) = zip_folded::value_and_grad(&a, &b, 1.2);
        assert_eq!(value.to_bits(), zip_folded(&a, &b, 1.2).to_bits());
        let found = (&a_bar * &da).sum() + (&b_bar * &db).sum() + k_bar;
        let along = |t: f64| zip_folded(&(&a + &(&da * t)), &(&b + &(&db * t)), 1.2 + t);
        // Sums are laid out as their first operand: the order stays, where that of both is one.
        if a.is_standard_layout() == b.is_standard_layout() && a.is_standard_layout() {
            let wanted = differences::derivative(along, 0.0, f64::EPSILON).value;
            assert!((found - wanted).abs() < 1e-8 * (1.0 + wanted.abs()), "{found} {wanted}");
        }
        let (_, forward) = zip_folded::jvp(&a, &b, 1.2, &da, &db, 1.0);
        assert!((found - forward).abs() < 1e-12 * (1.0 + found.abs()));
        let (_, product) = zip_folded::hvp(&a, &b, 1.2, &da, &db, 1.0);
        assert!(product.2.is_finite());
    }
}

/// Centres and data that is a constant: what a pullback keeps of that must not borrow from it.
#[grad(wrt(c))]
fn to_centres(c: &Array2<f64>, x: &Array2<f64>, from: usize) -> f64 {
    let mut cost = 0.0;
    for p in x.rows() {
        let mut best = f64::INFINITY;
        for q in c.outer_iter() {
            best = best.min((&p - &q).mapv(|d| d * d).sum());
        }
        let part = c.row(from);
        cost += best + (&part * &p).sum().tanh();
    }
    let across = x.row(1).view().insert_axis(Axis(1)).dot(&c.row(1).insert_axis(Axis(0)));
    cost + across.mapv(f64::sin).sum()
}

#[grad]
fn of_centres(c: &Array2<f64>) -> f64 {
    let x: Array2<f64> = grad::constant(matrix(4, 3, 2.0));
    to_centres(c, &x, 1)
}

#[test]
fn of_parts_of_constants() {
    let (c, d) = (matrix(2, 3, 0.4), matrix(2, 3, 3.0));
    let x = matrix(4, 3, 2.0);
    let (value, pullback) = to_centres::vjp(&c, &x, 1);
    let gradient = to_centres::grad(&c, &x, 1);
    assert_eq!(value.to_bits(), to_centres(&c, &x, 1).to_bits());
    assert!((pullback(1.0) - &gradient).mapv(f64::abs).sum() < 1e-12);
    assert!((of_centres::grad(&c) - &gradient).mapv(f64::abs).sum() < 1e-12);
    let found = (&gradient * &d).sum();
    let wanted = differences::derivative(|t| to_centres(&(&c + &(&d * t)), &x, 1), 0.0, f64::EPSILON).value;
    assert!((found - wanted).abs() < 1e-8 * (1.0 + wanted.abs()), "{found} instead of {wanted}");
}

/// A function is lent a row in a chain that leaves items out: the row changes as often.
#[grad]
fn grown_in_a_chain(a: &Array2<f64>, k: f64) -> f64 {
    let mut b = a.clone();
    let sums: f64 = (1..4).map(|i| grown(b.row_mut(1), k) * f64::from(i)).skip(1).sum();
    let rows: f64 = b.rows_mut().into_iter().map(|row| grown(row, k)).skip(1).sum();
    (sums + rows) * b.sum()
}

#[test]
fn what_is_left_out_is_changed() {
    let (a, d, k) = (matrix(2, 2, 0.4), matrix(2, 2, 1.4), 1.3);
    let (value, (gradient, of_k)) = grown_in_a_chain::value_and_grad(&a, k);
    assert_eq!(value.to_bits(), grown_in_a_chain(&a, k).to_bits());
    let along = |t: f64| grown_in_a_chain(&(&a + &(&d * t)), k + t);
    let wanted = differences::derivative(along, 0.0, f64::EPSILON).value;
    let found = (&gradient * &d).sum() + of_k;
    assert!((found - wanted).abs() < 1e-8 * (1.0 + wanted.abs()), "{found} instead of {wanted}");
    assert!((grown_in_a_chain::jvp(&a, k, &d, 1.0).1 - found).abs() < 1e-12 * (1.0 + found.abs()));
}
