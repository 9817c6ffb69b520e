//! The types that derivatives have.

use grad::grad;

#[grad]
#[allow(clippy::too_many_arguments)]
fn everything(
    scalar: f64,
    reference: &f64,
    array: [f64; 2],
    array_reference: &[f64; 2],
    slice: &[f64],
    rows: &[[f64; 3]],
    ragged: &[Vec<f64>],
    owned: Vec<f64>,
    vec_reference: &Vec<f64>,
    pair: (f64, [f32; 2]),
    n: usize,
    name: &str,
    single: f32,
) -> f64 {
    let _ = (array, array_reference, rows, ragged, owned, vec_reference, pair, n, name, single);
    scalar * *reference * slice[0]
}

type Gradient = (
    f64,
    f64,
    [f64; 2],
    [f64; 2],
    Vec<f64>,
    Vec<[f64; 3]>,
    Vec<Vec<f64>>,
    Vec<f64>,
    Vec<f64>,
    (f64, [f32; 2]),
    f32,
);

#[grad]
fn one(v: &[f64], n: usize) -> f64 {
    v[n]
}

#[grad]
fn results(x: f64) -> (f64, [f64; 2], Vec<f64>) {
    (x, [x, x], vec![x])
}

#[grad]
fn output(x: &[f64], n: u8, out: &mut [f64], total: &mut f64) {
    out[0] = x[0];
    *total += f64::from(n);
}

pub(super) fn main() {
    let owned = vec![1.0];
    let gradient: Gradient = everything::grad(
        1.0,
        &2.0,
        [1.0, 2.0],
        &[1.0, 2.0],
        &[3.0],
        &[[1.0, 2.0, 3.0]],
        &[vec![1.0], vec![]],
        owned.clone(),
        &owned,
        (1.0, [2.0, 3.0]),
        3,
        "name",
        1.0,
    );
    assert_eq!((gradient.0, gradient.1), (6.0, 3.0));
    assert_eq!(gradient.5, vec![[0.0; 3]]);
    assert_eq!(gradient.6, vec![vec![0.0], vec![]]);

    let only: Vec<f64> = one::grad(&[1.0, 2.0], 1);
    assert_eq!(only, [0.0, 1.0]);
    let mut buffer = [9.0, 9.0];
    let value: f64 = one::grad_into(&[1.0, 2.0], 1, &mut buffer);
    assert_eq!((value, buffer), (2.0, [0.0, 1.0]));

    let ((a, b, c), pullback) = results::vjp(2.0);
    assert_eq!((a, b, c), (2.0, [2.0, 2.0], vec![2.0]));
    let x_bar: f64 = pullback((1.0, [10.0, 100.0], vec![1000.0]));
    assert_eq!(x_bar, 1111.0);

    let (mut out, mut total) = ([5.0, 6.0], 1.0);
    let (mut x_bar, mut out_bar, mut total_bar) = (vec![0.5], vec![2.0, 3.0], 4.0);
    let () = output::vjp_add(&[7.0], 3, &mut out, &mut total, &mut x_bar, &mut out_bar, &mut total_bar);
    assert_eq!((out, total), ([7.0, 6.0], 4.0));
    assert_eq!((x_bar, out_bar, total_bar), (vec![2.5], vec![0.0, 3.0], 4.0));
}
