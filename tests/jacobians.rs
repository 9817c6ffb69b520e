//! `f::jacobian` and its kin: by rows against by columns and differences, values bit for bit, zeros exactly 0.

#![deny(warnings)]
#![allow(unreachable_pub, clippy::pedantic, clippy::style, clippy::complexity, clippy::perf)]

use grad::grad;

/// Central differences of a function of numbers in a row, row by row.
fn differences(f: impl Fn(&[f64]) -> Vec<f64>, at: &[f64]) -> Vec<Vec<f64>> {
    let h = 1e-5;
    let columns: Vec<Vec<f64>> = (0..at.len())
        .map(|j| {
            let moved = |by: f64| {
                let mut x = at.to_vec();
                x[j] += by;
                f(&x)
            };
            let (up, down) = (moved(h), moved(-h));
            up.iter().zip(&down).map(|(up, down)| (up - down) / (2.0 * h)).collect()
        })
        .collect();
    let rows = f(at).len();
    (0..rows).map(|i| columns.iter().map(|column| column[i]).collect()).collect()
}

#[track_caller]
fn near(got: &[impl AsRef<[f64]>], want: &[impl AsRef<[f64]>], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "number of rows");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let (got, want) = (got.as_ref(), want.as_ref());
        assert_eq!(got.len(), want.len(), "length of row {i}");
        let scale = want.iter().fold(1.0, |scale: f64, x| scale.max(x.abs()));
        for (j, (g, w)) in got.iter().zip(want).enumerate() {
            assert!((g - w).abs() <= tolerance * scale, "row {i}, column {j}: {g} where {w} is expected");
        }
    }
}

/// The same function, its Jacobian by rows, by columns, and as is cheaper.
macro_rules! in_both_modes {
    ($rows:ident $columns:ident fn $name:ident ($($arg:ident: $ty:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        #[grad]
        fn $name($($arg: $ty),*) $(-> $result)? $body

        #[grad(jacobian = reverse)]
        fn $rows($($arg: $ty),*) $(-> $result)? $body

        #[grad(jacobian = forward)]
        fn $columns($($arg: $ty),*) $(-> $result)? $body
    };
}

in_both_modes! {
    polar_rows polar_columns
    fn polar(p: [f64; 2]) -> [f64; 3] {
        let (r, t) = (p[0], p[1]);
        [r * t.cos(), r * t.sin(), r]
    }
}

#[test]
fn array_by_array() {
    let p = [1.3, 0.4];
    let (value, jacobian): ([f64; 3], [[f64; 2]; 3]) = polar::value_and_jacobian(p);
    assert_eq!(value, polar(p));
    assert_eq!(jacobian, polar::jacobian(p));
    let want = [[p[1].cos(), -p[0] * p[1].sin()], [p[1].sin(), p[0] * p[1].cos()], [1.0, 0.0]];
    near(&jacobian, &want, 1e-15);
    near(&polar_rows::jacobian(p), &want, 1e-15);
    near(&polar_columns::jacobian(p), &want, 1e-15);
    assert_eq!(polar_columns::value_and_jacobian(p).0, polar(p));
    // A zero of the structure is a zero.
    for jacobian in [jacobian, polar_rows::jacobian(p), polar_columns::jacobian(p)] {
        assert_eq!(jacobian[2], [1.0, 0.0]);
    }
}

in_both_modes! {
    smooth_rows smooth_columns
    fn smooth(x: &[f64], k: f64) -> Vec<f64> {
        let mut y = Vec::new();
        for i in 1..x.len() {
            let d = x[i] - x[i - 1];
            y.push(if d > 0.0 { k * d * d } else { (k * d).sin() });
        }
        y
    }
}

#[test]
fn vec_by_slice_and_number() {
    let (x, k) = (vec![0.3, 0.9, 0.2, 1.7], 0.8);
    let (value, (by_x, by_k)): (Vec<f64>, (Vec<Vec<f64>>, Vec<f64>)) = smooth::value_and_jacobian(&x, k);
    assert_eq!(value, smooth(&x, k));
    let want = differences(|x| smooth(x, k), &x);
    near(&by_x, &want, 1e-9);
    near(&smooth_rows::jacobian(&x, k).0, &by_x, 1e-14);
    near(&smooth_columns::jacobian(&x, k).0, &by_x, 1e-14);
    let want: Vec<f64> = differences(|k| smooth(&x, k[0]), &[k]).into_iter().map(|row| row[0]).collect();
    near(&[&by_k], &[&want], 1e-9);
    near(&[smooth_rows::jacobian(&x, k).1], &[&by_k], 1e-14);
    near(&[smooth_columns::jacobian(&x, k).1], &[&by_k], 1e-14);
    for jacobian in [by_x, smooth_rows::jacobian(&x, k).0, smooth_columns::jacobian(&x, k).0] {
        for (i, row) in jacobian.iter().enumerate() {
            for (j, entry) in row.iter().enumerate() {
                assert_eq!(*entry != 0.0, j == i || j == i + 1, "entry {i}, {j}");
            }
        }
    }
}

#[test]
fn nothing_in_nothing_out() {
    assert_eq!(smooth::value_and_jacobian(&[], 0.5), (vec![], (vec![], vec![])));
    assert_eq!(smooth_columns::value_and_jacobian(&[], 0.5), (vec![], (vec![], vec![])));
    assert_eq!(scaled_columns::value_and_jacobian(vec![], 3), (vec![], vec![]));
    assert_eq!(scaled_rows::value_and_jacobian(vec![], 3), (vec![], vec![]));
    assert_eq!(filled_columns::jacobian(&[], &mut []), Vec::<Vec<f64>>::new());
}

in_both_modes! {
    scaled_rows scaled_columns
    fn scaled(x: Vec<f64>, power: i32) -> Vec<f64> {
        x.iter().map(|x| x.powi(power)).collect()
    }
}

#[test]
fn moved_arguments() {
    let x = vec![0.5, -1.5, 2.0];
    let want = [[0.75, 0.0, 0.0], [0.0, 6.75, 0.0], [0.0, 0.0, 12.0]];
    near(&scaled::jacobian(x.clone(), 3), &want, 1e-15);
    near(&scaled_rows::jacobian(x.clone(), 3), &want, 1e-15);
    near(&scaled_columns::jacobian(x.clone(), 3), &want, 1e-15);
    assert_eq!(scaled_columns::value_and_jacobian(x.clone(), 3).0, scaled(x, 3));
}

in_both_modes! {
    filled_rows filled_columns
    fn filled(x: &[f64], out: &mut [f64]) {
        for i in 0..out.len() {
            out[i] = x[i] * x[0];
        }
    }
}

in_both_modes! {
    added_rows added_columns
    fn added(a: f64, x: [f64; 2], out: &mut [f64; 2]) {
        out[0] += a * x[1];
        out[1] = out[0] * x[0];
    }
}

#[test]
fn outputs() {
    let x = [0.5, 1.5, -0.25];
    let want = [[1.0, 0.0, 0.0], [1.5, 0.5, 0.0], [-0.25, 0.0, 0.5]];
    let by: [fn(&[f64], &mut [f64]) -> Vec<Vec<f64>>; 3] =
        [filled::jacobian, filled_rows::jacobian, filled_columns::jacobian];
    for jacobian in by {
        let mut out = [7.0; 3];
        near(&jacobian(&x, &mut out), &want, 1e-15);
        assert_eq!(out, [0.25, 0.75, -0.125]);
    }
    let (a, x) = (0.7, [1.5, -0.4]);
    let by: [fn(f64, [f64; 2], &mut [f64; 2]) -> ([f64; 2], [[f64; 2]; 2]); 3] =
        [added::jacobian, added_rows::jacobian, added_columns::jacobian];
    for jacobian in by {
        let (mut out, mut value) = ([2.0, 3.0], [2.0, 3.0]);
        let (by_a, by_x) = jacobian(a, x, &mut out);
        added(a, x, &mut value);
        assert_eq!(out, value);
        near(&[by_a], &[[-0.4, -0.6]], 1e-15);
        near(&by_x, &[[0.0, 0.7], [2.0 + a * x[1], a * 1.5]], 1e-15);
    }
}

in_both_modes! {
    grown_rows grown_columns
    fn grown(out: &mut Vec<f64>, x: &[f64]) {
        for k in 0..x.len() {
            out.push(out[0] * x[k] * x[0]);
        }
    }
}

in_both_modes! {
    replaced_rows replaced_columns
    fn replaced(out: &mut Vec<f64>, x: &[f64]) {
        let first = out[0] * x[1];
        *out = vec![first * first];
    }
}

in_both_modes! {
    jagged_rows jagged_columns
    fn jagged(out: &mut Vec<Vec<f64>>, x: &[f64]) {
        out[0].push(x[0] * x[1]);
        out[1] = vec![];
        out.push(vec![x[1] * 3.0; 2]);
    }
}

/// A row for every float of what is left, whatever was there.
#[test]
fn outputs_that_change_their_length() {
    let x = [3.0, 0.5];
    let by: [fn(&mut Vec<f64>, &[f64]) -> Vec<Vec<f64>>; 3] =
        [grown::jacobian, grown_rows::jacobian, grown_columns::jacobian];
    for jacobian in by {
        let mut out = vec![2.0];
        near(&jacobian(&mut out, &x), &[[0.0, 0.0], [12.0, 0.0], [1.0, 6.0]], 1e-15);
        assert_eq!(out, [2.0, 18.0, 3.0]);
        assert_eq!(jacobian(&mut vec![1.0], &[]), [[0.0; 0]]);
    }
    let by: [fn(&mut Vec<f64>, &[f64]) -> Vec<Vec<f64>>; 3] =
        [replaced::jacobian, replaced_rows::jacobian, replaced_columns::jacobian];
    for jacobian in by {
        let mut out = vec![2.0, 1.0, 1.0];
        near(&jacobian(&mut out, &x), &[[0.0, 4.0]], 1e-15);
        assert_eq!(out, [1.0]);
    }
    let by: [fn(&mut Vec<Vec<f64>>, &[f64]) -> Vec<Vec<Vec<f64>>>; 3] =
        [jagged::jacobian, jagged_rows::jacobian, jagged_columns::jacobian];
    for jacobian in by {
        let mut out = vec![vec![1.0], vec![2.0, 3.0]];
        let rows = jacobian(&mut out, &x);
        assert_eq!(out, [vec![1.0, 1.5], vec![], vec![1.5, 1.5]]);
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [2, 0, 2]);
        near(&rows.concat(), &[[0.0, 0.0], [0.5, 3.0], [0.0, 3.0], [0.0, 3.0]], 1e-15);
    }
    let seeds = [vec![0.0, 1.0, 2.0], vec![1.0, 0.0, 0.0]];
    near(&grown::jacobian_rows(&mut vec![2.0], &x, &seeds), &[[14.0, 12.0], [0.0, 0.0]], 1e-15);
    let columns = grown::jacobian_columns(&mut vec![2.0], &x, &[vec![1.0, 0.0], vec![0.0, 1.0]]);
    near(&columns, &[[0.0, 12.0, 1.0], [0.0, 0.0, 6.0]], 1e-15);
}

in_both_modes! {
    shaped_rows shaped_columns
    fn shaped(m: &[[f64; 2]; 2], s: (f64, f64)) -> (f64, usize, Vec<[f64; 2]>) {
        let mut rows = Vec::new();
        for i in 0..2 {
            rows.push([m[i][0] * s.0, m[i][1] * s.1]);
        }
        (m[0][0] * m[1][1] - m[0][1] * m[1][0], 5, rows)
    }
}

#[test]
fn nested_shapes() {
    type ByMatrix = (/* determinant */ [[f64; 2]; 2], (), Vec<[[[f64; 2]; 2]; 2]>);
    type ByScale = ((f64, f64), (), Vec<[(f64, f64); 2]>);
    let m = [[1.0, 2.0], [3.0, 5.0]];
    let s = (0.5, -2.0);
    let want: (ByMatrix, ByScale) = (
        (
            [[5.0, -3.0], [-2.0, 1.0]],
            (),
            vec![
                [[[0.5, 0.0], [0.0, 0.0]], [[0.0, -2.0], [0.0, 0.0]]],
                [[[0.0, 0.0], [0.5, 0.0]], [[0.0, 0.0], [0.0, -2.0]]],
            ],
        ),
        ((0.0, 0.0), (), vec![[(1.0, 0.0), (0.0, 2.0)], [(3.0, 0.0), (0.0, 5.0)]]),
    );
    assert_eq!(shaped::jacobian(&m, s), want);
    assert_eq!(shaped_rows::jacobian(&m, s), want);
    assert_eq!(shaped_columns::jacobian(&m, s), want);
}

in_both_modes! {
    single_rows single_columns
    fn single(x: [f32; 2], y: &f32) -> (f32, f32) {
        let p = x[0] * *y;
        (p.exp(), p + x[1])
    }
}

#[test]
fn single_precision() {
    let (x, y) = ([0.5_f32, 2.0], 0.25_f32);
    let e = (0.125_f32).exp();
    let want = (([0.25 * e, 0.0], [0.25, 1.0]), (0.5 * e, 0.5));
    assert_eq!(single::jacobian(x, &y), want);
    assert_eq!(single_rows::jacobian(x, &y), want);
    assert_eq!(single_columns::jacobian(x, &y), want);
}

#[grad]
fn rotated(x: [f64; 2], angle: f64) -> [f64; 2] {
    let (s, c) = angle.sin_cos();
    [c * x[0] - s * x[1], s * x[0] + c * x[1]]
}

in_both_modes! {
    walked_rows walked_columns
    fn walked(start: [f64; 2], angle: f64, steps: usize) -> [f64; 2] {
        let mut x = start;
        for _ in 0..steps {
            let turned = rotated(x, angle);
            x[0] = turned[0] * 1.1;
            x[1] = turned[1].tanh();
        }
        while x[0] * x[0] > 0.5 {
            x[0] *= 0.5 * angle;
        }
        x
    }
}

#[grad]
fn power(x: f64, n: usize) -> f64 {
    if n == 0 {
        return 1.0;
    }
    let half = power(x, n / 2);
    if n % 2 == 0 { half * half } else { half * half * x }
}

in_both_modes! {
    powers_rows powers_columns
    fn powers(x: [f64; 2], n: usize) -> [f64; 3] {
        let a = power(x[0], n);
        [a, a * power(x[1], n + 1), power(x[0], 2 * n) + x[1]]
    }
}

#[test]
fn calls_loops_and_recursion() {
    let (start, angle) = ([1.4, -0.6], 0.3);
    let value = walked(start, angle, 5);
    let want = differences(|x| walked([x[0], x[1]], x[2], 5).to_vec(), &[start[0], start[1], angle]);
    let results = [
        walked::value_and_jacobian(start, angle, 5),
        walked_rows::value_and_jacobian(start, angle, 5),
        walked_columns::value_and_jacobian(start, angle, 5),
    ];
    for (same, (by_start, by_angle)) in results {
        assert_eq!(same, value);
        for i in 0..2 {
            near(&[[by_start[i][0], by_start[i][1], by_angle[i]]], &[&want[i]], 1e-8);
        }
    }
    let x = [1.1, 0.9];
    let want = differences(|x| powers([x[0], x[1]], 5).to_vec(), &x);
    for jacobian in [powers::jacobian(x, 5), powers_rows::jacobian(x, 5), powers_columns::jacobian(x, 5)] {
        near(&jacobian, &want, 1e-8);
    }
}

#[grad]
fn recursive_result(x: &[f64], n: usize) -> Vec<f64> {
    if n == 0 {
        return x.to_vec();
    }
    let inner = recursive_result(x, n - 1);
    let mut out = Vec::new();
    for i in 0..inner.len() {
        out.push(inner[i] * inner[(i + 1) % inner.len()] + x[i]);
    }
    out
}

#[test]
fn a_recursive_function_of_its_own() {
    let x = [0.4, -0.7, 0.9];
    let want = differences(|x| recursive_result(x, 3), &x);
    near(&recursive_result::jacobian(&x, 3), &want, 1e-8);
}

#[grad]
fn generic<const N: usize>(x: &[f64; N]) -> [f64; N] {
    let mut y = [0.0; N];
    for i in 0..N {
        y[i] = x[i] * x[N - 1 - i];
    }
    y
}

#[test]
fn const_generics() {
    let x = [0.5, 2.0, -1.0];
    assert_eq!(generic::jacobian(&x), [[-1.0, 0.0, 0.5], [0.0, 4.0, 0.0], [-1.0, 0.0, 0.5]]);
}

#[grad(wrt(b, a))]
fn named(a: f64, x: &[f64], b: [f64; 2]) -> Vec<f64> {
    x.iter().map(|x| a * x + b[0] * b[1]).collect()
}

#[test]
fn blocks_are_in_the_order_of_wrt() {
    let (by_b, by_a) = named::jacobian(2.0, &[3.0, 4.0], [5.0, 7.0]);
    assert_eq!(by_b, [[7.0, 5.0], [7.0, 5.0]]);
    assert_eq!(by_a, [3.0, 4.0]);
}

// --- rows and columns apart ---

/// Second differences: a tridiagonal Jacobian.
#[grad]
fn tridiagonal(x: &[f64], out: &mut [f64]) {
    let n = x.len();
    for i in 0..n {
        let left = if i > 0 { x[i - 1] } else { 0.0 };
        let right = if i + 1 < n { x[i + 1] } else { 0.0 };
        out[i] = left * x[i] - 2.0 * x[i] * x[i] + right;
    }
}

#[test]
fn a_banded_jacobian_from_three_seeds() {
    let x: Vec<f64> = (0..10).map(|i| 0.3 + 0.1 * i as f64).collect();
    let n = x.len();
    let whole = tridiagonal::jacobian(&x, &mut vec![0.0; n]);
    // Rows i and i + 3 share no column, so that one seed serves for every third row.
    let seeds: Vec<Vec<f64>> =
        (0..3).map(|k| (0..n).map(|i| if i % 3 == k { 1.0 } else { 0.0 }).collect()).collect();
    let mut out = vec![0.0; n];
    let rows = tridiagonal::jacobian_rows(&x, &mut out, &seeds);
    let columns = tridiagonal::jacobian_columns(&x, &mut out, &seeds);
    let mut value = vec![0.0; n];
    tridiagonal(&x, &mut value);
    assert_eq!(out, value);
    for i in 0..n {
        for j in 0..n {
            let entry = if i.abs_diff(j) <= 1 { rows[i % 3][j] } else { 0.0 };
            assert_eq!(entry, whole[i][j], "rows: {i}, {j}");
            let entry = if i.abs_diff(j) <= 1 { columns[j % 3][i] } else { 0.0 };
            assert!((entry - whole[i][j]).abs() < 1e-15, "columns: {i}, {j}");
        }
    }
}

#[test]
fn given_rows_and_columns() {
    let (x, k) = (vec![0.3, 0.9, 0.2, 1.7], 0.8);
    let (by_x, by_k) = smooth::jacobian(&x, k);
    let (value, rows) = smooth::jacobian_rows(&x, k, &[vec![0.0, 0.0, 1.0], vec![1.0, 0.0, 2.0]]);
    assert_eq!(value, smooth(&x, k));
    assert_eq!(rows[0], (by_x[2].clone(), by_k[2]));
    let sum: Vec<f64> = by_x[0].iter().zip(&by_x[2]).map(|(a, b)| a + 2.0 * b).collect();
    near(&[&rows[1].0], &[&sum], 1e-15);
    let (value, columns) =
        smooth::jacobian_columns(&x, k, &[(vec![0.0, 1.0, 0.0, 0.0], 0.0), (vec![0.0; 4], 1.0)]);
    assert_eq!(value, smooth(&x, k));
    near(&columns, &[by_x.iter().map(|row| row[1]).collect(), by_k], 1e-15);
    assert_eq!(smooth::jacobian_rows(&x, k, &[]), (smooth(&x, k), vec![]));
    assert_eq!(smooth::jacobian_columns(&x, k, &[]), (smooth(&x, k), vec![]));
}

// --- names ---

#[grad]
fn shadowing(x: f64, zeros: f64, x_rows: f64, value: f64, seed: f64, at: f64) -> [f64; 2] {
    [x * zeros * at, x_rows * value * seed]
}

#[test]
fn parameters_called_like_locals() {
    let (by_x, by_zeros, by_x_rows, by_value, by_seed, by_at) =
        shadowing::jacobian(2.0, 3.0, 5.0, 7.0, 11.0, 13.0);
    assert_eq!(by_x, [39.0, 0.0]);
    assert_eq!(by_zeros, [26.0, 0.0]);
    assert_eq!(by_at, [6.0, 0.0]);
    assert_eq!(by_x_rows, [0.0, 77.0]);
    assert_eq!(by_value, [0.0, 55.0]);
    assert_eq!(by_seed, [0.0, 35.0]);
}

// --- effects ---

#[grad(wrt(x))]
fn counting(x: [f64; 3], calls: &mut Vec<usize>) -> [f64; 3] {
    calls.push(1);
    [x[0] * x[1], x[1], x[2] * x[0]]
}

#[test]
fn what_is_changed_beside_the_result_changes_once() {
    let mut calls = Vec::new();
    let jacobian = counting::jacobian([2.0, 3.0, 5.0], &mut calls);
    assert_eq!(jacobian, [[3.0, 2.0, 0.0], [0.0, 1.0, 0.0], [5.0, 0.0, 2.0]]);
    assert_eq!(calls, [1]);
}

// --- what a pullback holds ---

/// Can be neither copied nor cloned.
struct Options {
    power: i32,
    is_odd: bool,
    shift: f64,
}

#[grad]
fn with_options(x: [f64; 2], n: i32) -> [f64; 2] {
    let options = Options { power: n, is_odd: n % 2 == 1, shift: 0.5 };
    let a = if options.is_odd { x[0].powi(options.power) } else { x[1] * options.shift };
    let b = match options.power {
        3 => a * x[1],
        _ => (a + options.shift).sin(),
    };
    [a, b * options.shift]
}

#[grad]
fn calls_with_options(x: [f64; 2]) -> [f64; 2] {
    let first: [f64; 2] = with_options(x, 3);
    let second: [f64; 2] = with_options(first, 2);
    [second[0], first[1] * second[1]]
}

#[test]
fn values_that_cannot_be_cloned() {
    let x = [0.8, 1.3];
    for n in [2, 3] {
        let want = differences(|x| with_options([x[0], x[1]], n).to_vec(), &x);
        near(&with_options::jacobian(x, n), &want, 1e-9);
    }
    let want = differences(|x| calls_with_options([x[0], x[1]]).to_vec(), &x);
    near(&calls_with_options::jacobian(x), &want, 1e-9);
}
