//! Functions with outputs, or with results that are not one float, have no Hessian of their own. Their second derivatives
//! are those of the scalar functions here, which call them.

use super::{arrays, calls, chains, f32 as single, iterators, outputs, straight};
use crate::support::{check, check_into};
use grad::grad;

#[grad(second)]
fn squares(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum()
}

#[grad(second)]
fn slices(x: &[f64], old: &[f64]) -> f64 {
    let mut out = old.to_vec();
    outputs::added(x, &mut out);
    let mut s = squares(&out);
    arrays::cumulative(x, &mut out);
    s += out[1] * out[2];
    let mut last = old.to_vec();
    outputs::overwritten(&out, &mut last);
    s + squares(&last)
}

#[grad(second)]
fn exchanged(x: f64, old: [f64; 4], n: usize) -> f64 {
    let mut out = old;
    outputs::mixed_up(x, &mut out, n);
    squares(&out)
}

#[grad(second)]
fn numbers(x: f64, total: f64, last: f64) -> f64 {
    let (mut total, mut last) = (total, last);
    for _ in 0..2 {
        outputs::scalar_output(x, &mut total, &mut last);
    }
    let (old, twice) = outputs::tuple_result(x, &mut total);
    total * total + last * last + old * twice
}

#[grad(second)]
fn aggregates(x: [f64; 2], old: [f64; 3], pair: (f64, f64)) -> f64 {
    let (mut out, mut pair) = (old, pair);
    outputs::fixed_output(x, &mut out, &mut pair);
    outputs::fixed_output([out[0], x[1]], &mut out, &mut pair);
    squares(&out) + pair.0 * pair.1
}

#[grad(second)]
fn matrices(a: &[[f64; 2]; 2], old: [[f64; 2]; 2], rows: Vec<Vec<f64>>) -> f64 {
    let (mut out, mut rows) = (old, rows);
    outputs::matrix_output(a, &mut out, &mut rows);
    outputs::matrix_output(a, &mut out, &mut rows);
    let mut total = 0.5;
    chains::rows_in_place(&out[0], &mut rows, &mut total);
    squares(&out[0]) + squares(&out[1]) + rows[0][0] * rows[1][1] + total * total
}

#[grad(second)]
fn scratch(x: &[f64]) -> f64 {
    let mut memory = vec![7.0; x.len()];
    let s = outputs::with_result(x, &mut memory);
    s * s + squares(&memory)
}

#[grad(second)]
fn early_returns(x: f64, old: &[f64]) -> f64 {
    let mut s = 0.0;
    for k in 0..3 {
        let mut v = old.to_vec();
        outputs::no_result(x - k as f64, &mut v);
        s += squares(&v) * x;
    }
    s
}

#[grad(second)]
fn views(x: &[f64], old: &[f64]) -> f64 {
    let mut out = old.to_vec();
    outputs::written_elsewhere(x, &mut out);
    outputs::never_written(x[0], &mut out);
    squares(&out)
}

#[grad(second)]
fn growing(x: f64, n: usize) -> f64 {
    let mut out = vec![x * x];
    for _ in 0..n {
        outputs::grown(x + out[0], &mut out);
    }
    squares(&out) + arrays::replaced_output(&mut out) * out[1]
}

#[grad(second)]
fn iterated(x: &[f64], old: &[f64], rows: Vec<Vec<f64>>) -> f64 {
    let (mut out, mut rows) = (old.to_vec(), rows);
    iterators::writes(x, &mut out, &mut rows);
    let mut total = 0.3;
    calls::outputs_of_outputs(x, &mut out, &mut total);
    let unit = iterators::normalised(&out);
    squares(&iterators::mat_vec(&rows, &unit)) + total * unit[0]
}

#[grad(second)]
fn results(x: &[f64], k: f64) -> f64 {
    let built = arrays::built_result(x, k);
    let jagged = arrays::jagged_result(&built);
    let (v, s, [first, _]) = arrays::tuple_of_vecs(&jagged[2]);
    let (v, pair) = arrays::passed_through(v, [s, first]);
    let ((a, [b, _]), c) = straight::nested_result(pair[0], pair[1]);
    let (p, q) = straight::pair(a * b, 0.1 * c);
    squares(&v) + p * q + straight::array_result(c)[1]
}

#[grad(second)]
fn results_of_fixed_size(x: &[f64; 3], m: [[f64; 2]; 2], k: f64) -> f64 {
    let y: [f64; 3] = chains::arrays_from_closures(x, m, k);
    let t = arrays::array_of_arrays(m);
    let z = chains::matrix_times_vector(&y, [*x, y, [t[0][1], t[1][0], k]]);
    squares(&z) + squares(&arrays::const_generic_rows(&t))
}

#[grad(second)]
fn left_early(v: &[f64], t: f64) -> f64 {
    let (a, b) = calls::empty_on_return(v, t);
    a * a + squares(&b)
}

#[grad(second)]
fn of_single_precision(a: [f32; 2], b: [f32; 2], c: (f32, f32)) -> f32 {
    let mut out = single::arrays(a, &[b, a], c);
    single::output(c.0, &mut out);
    out[0] * out[1]
}

#[test]
fn through_slices() {
    check_into!(slices(&[0.5, 1.5, -1.0], &[3.0, 4.0, 2.0]));
    check!(exchanged(0.7, [0.5, 1.5, -0.3, 2.0], =0));
    check!(exchanged(0.7, [0.5, 1.5, -0.3, 2.0], =3));
    check_into!(scratch(&[0.5, 1.5]));
    check!(early_returns(1.5, &[1.0, 2.0]));
    check!(early_returns(1.5, &[1.0, 9.0, 3.0]));
    check_into!(views(&[0.5, 1.5], &[1.0, 2.0, 3.0, 4.0]));
}

#[test]
fn through_numbers_and_aggregates() {
    check!(numbers(0.7, 0.2, 0.4));
    check!(numbers(0.7, 2.2, 0.4));
    check!(aggregates([0.4, 1.1], [0.3, -0.8, 2.0], (0.9, 1.7)));
    check!(matrices(
        &[[0.5, 1.5], [-0.3, 2.0]],
        [[1.0, 2.0], [3.0, 4.0]],
        vec![vec![0.1, 0.2], vec![0.3, 0.4]]
    ));
}

#[test]
fn through_vecs() {
    check!(growing(0.7, =1));
    check!(growing(0.7, =3));
    check!(iterated(&[0.3, 0.9], &[0.1, 0.2], vec![vec![0.5, 0.6], vec![0.7, 0.2]]));
    check!(left_early(&[0.3, 0.4], 0.5));
    check!(left_early(&[0.3, 0.4], 3.5));
}

#[test]
fn through_results() {
    check!(results(&[0.3, 1.2, -0.7], 1.1));
    check!(results_of_fixed_size(&[0.3, 0.9, 0.2], [[1.0, 2.0], [0.5, 0.1]], 0.7));
    check!(of_single_precision([0.5_f32, 1.5], [0.1_f32, 0.2], (0.7_f32, -0.7_f32)));
}
