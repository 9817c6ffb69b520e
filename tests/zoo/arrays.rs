//! Arrays, slices, `Vec`s and tuples in memory, to any depth.

use crate::support::{check, check_into, check_outputs, check_outputs_and_result, check_vjp, exactly};
use grad::grad;

#[grad(second)]
fn elements(x: &[f64], i: usize, y: [f64; 3]) -> f64 {
    x[0] * x[i] + y[i + 1] * x[x.len() - 1] - y[2 * i - 2]
}

#[test]
fn elements_by_computed_index() {
    check!(elements(&[1.0, 2.0, 3.0], =1, [4.0, 5.0, 6.0]) => [2.0, 1.0, 6.0, -1.0, 0.0, 3.0]);
}

/// Index from floats: the index is saved, the float it came from gets nothing.
#[grad(second)]
fn index_from_float(x: f64, table: &[f64]) -> f64 {
    let i = x.floor() as usize;
    let t = x - i as f64;
    table[i] * (1.0 - t) + table[i + 1] * t
}

#[test]
fn an_index_computed_from_a_float() {
    check!(index_from_float(1.25, &[1.0, 2.0, 4.0, 8.0]) => [2.0, 0.0, 0.75, 0.25, 0.0]);
}

#[grad(second)]
fn nested_arrays(a: &[[f64; 2]; 2], b: [[f64; 2]; 2], c: &[Vec<f64>], d: &[[f64; 3]]) -> f64 {
    a[0][1] * b[1][0] + c[1][0] * d[0][2] + c[c.len() - 1].len() as f64 * a[1][1]
}

#[test]
fn arrays_in_arrays() {
    check_into!(nested_arrays(
        &[[1.0, 2.0], [3.0, 4.0]],
        [[5.0, 6.0], [7.0, 8.0]],
        &[vec![9.0], vec![10.0, 11.0]],
        &[[12.0, 13.0, 14.0]]
    ) => [0.0, 7.0, 0.0, 2.0, 0.0, 0.0, 2.0, 0.0, 0.0, 14.0, 0.0, 0.0, 0.0, 10.0]);
}

#[grad(second)]
fn three_deep(t: &Vec<Vec<[f64; 2]>>) -> f64 {
    let mut s = 0.0;
    for i in 0..t.len() {
        for j in 0..t[i].len() {
            let [a, b] = t[i][j];
            s += a * b * (i + 1) as f64;
            s += t[i][j][0];
        }
    }
    s
}

#[test]
fn three_levels() {
    check_into!(three_deep(&vec![vec![[1.0, 2.0]], vec![[3.0, 4.0], [5.0, 6.0]]]) => [3.0, 1.0, 9.0, 6.0, 13.0, 10.0]);
}

/// Tuples inside of slices, partly constant.
#[grad(second)]
fn tuples_in_slices(points: &[(f64, f64)], k: f64) -> f64 {
    let mut s = 0.0;
    for p in points {
        s += p.0 * p.1 * k;
    }
    for &(a, b) in points {
        s += a - b * b;
    }
    s * points[0].1
}

#[grad(second)]
fn tuple_parameter(p: (f64, [f64; 2]), q: &(f64, f64)) -> f64 {
    let (a, v) = p;
    a * v[0] + q.0 * v[1] + p.1[0] * q.1
}

#[test]
fn tuples_in_memory() {
    check_into!(tuples_in_slices(&[(1.0, 2.0), (3.0, 0.5)], 1.5));
    check!(tuple_parameter((0.5, [1.5, 2.5]), &(3.5, 4.5)) => [1.5, 5.0, 3.5, 2.5, 1.5]);
}

#[grad(second)]
fn constant_fields(points: &[(f64, usize)]) -> f64 {
    let mut s = 0.0;
    for (x, n) in points {
        s += x * *n as f64;
    }
    for &(x, n) in points {
        s += x * x * n as f64;
    }
    s
}

#[test]
fn integers_beside_floats_are_nothing_in_the_cotangent() {
    let points = [(0.5, 2_usize), (1.5, 3)];
    let gradient: Vec<(f64, ())> = constant_fields::grad(&points);
    assert_eq!(gradient, vec![(4.0, ()), (12.0, ())]);
    let mut buffer = [(1.0, ()), (1.0, ())];
    constant_fields::vjp_add(&points, 2.0, &mut buffer);
    assert_eq!(buffer, [(9.0, ()), (25.0, ())]);
}

#[grad(second)]
fn literals(x: f64, y: f64) -> f64 {
    let a = [x, y, 2.0, x * y];
    let b = [x; 3];
    let c = vec![y, x, 1.0];
    let d = vec![x * 2.0; 2];
    let e = [[x, y], [y, 1.0]];
    let f = vec![[0.0; 2]; 3];
    let g = (a[3], [y; 2]);
    a[0] * b[2] + c[1] * d[1] + e[1][0] * a[3] + f[2][1] + g.0 * g.1[1] + c[0] * c[2]
}

#[test]
fn array_expressions() {
    let (x, y) = (0.7, 1.3);
    // x² + 2x² + 2xy² + y
    check!(literals(0.7, 1.3) => [6.0 * x + 2.0 * y * y, 4.0 * x * y + 1.0]);
}

#[grad(second)]
fn built_by_push(v: &[f64], x: f64) -> f64 {
    let mut w = Vec::with_capacity(v.len());
    for i in 0..v.len() {
        w.push(v[i] * x);
        if i % 2 == 0 {
            w.push(x);
        }
    }
    let mut u: Vec<f64> = Vec::new();
    u.push(w[0]);
    u.push(u[0] * w[w.len() - 1]);
    let mut s = 0.0;
    for i in 0..w.len() {
        s += w[i] * w[i] * u[i % 2];
    }
    s
}

#[test]
fn vecs_grow() {
    check_into!(built_by_push(&[0.4, -0.7, 1.2], 0.9));
    check_into!(built_by_push(&[0.4], 0.9));
}

#[grad(second)]
fn rows_by_push(m: &[Vec<f64>], scale: f64) -> f64 {
    let mut out: Vec<Vec<f64>> = Vec::with_capacity(m.len());
    for row in m {
        let mut r = Vec::new();
        for x in row {
            r.push(x * scale);
        }
        out.push(r);
    }
    let mut s = 0.0;
    for i in 0..out.len() {
        for j in 0..out[i].len() {
            s += out[i][j] * out[i][0];
        }
    }
    s
}

#[test]
fn vecs_of_vecs_grow() {
    check_into!(rows_by_push(&[vec![0.4, 1.0], vec![-0.7], vec![]], 1.5));
}

#[grad(second)]
fn zeros_then_filled(n: usize, x: f64) -> f64 {
    let mut v = vec![0.0; n + 1];
    v[0] = x;
    for i in 0..n {
        v[i + 1] = v[i] * x + 0.1 * i as f64;
    }
    v[n]
}

#[test]
fn a_vec_of_zeros_is_filled() {
    check!(zeros_then_filled(=0, 0.7) => [1.0]);
    check!(zeros_then_filled(=5, 0.7));
}

/// Sub-slices keep their offset, also through another sub-slice.
#[grad(second)]
fn sub_slices(x: &[f64], n: usize) -> f64 {
    let head = &x[..n];
    let tail = &x[n..];
    let middle = &tail[1..=2];
    let all = &x[..];
    let two = &x[1..3];
    head[0] * tail[0] + middle[1] * all[1] + middle.len() as f64 * two[1] + tail[tail.len() - 1]
}

#[test]
fn sub_slices_keep_their_offset() {
    check_into!(sub_slices(&[1.0, 2.0, 3.0, 4.0, 5.0], =2) => [3.0, 5.0, 3.0, 0.0, 3.0]);
}

#[grad(second)]
fn mutable_sub_slices(x: &[f64], k: f64) -> f64 {
    let mut v = x.to_vec();
    {
        let part = &mut v[1..3];
        part[0] *= k;
        part[1] += part[0];
        let inner = &mut part[1..];
        inner[0] *= inner[0];
    }
    let rest = &mut v[2..];
    for e in rest.iter_mut() {
        *e = *e * k;
    }
    rest[0] += 1.0;
    v[1] * v[2] + v[3] * v[0]
}

#[test]
fn mutable_sub_slices_write_through() {
    check_into!(mutable_sub_slices(&[1.0, 2.0, 3.0, 4.0], 0.7));
}

#[grad(second)]
fn rows_of_a_flat_matrix(a: &[f64], x: &[f64]) -> f64 {
    let n = x.len();
    let mut s = 0.0;
    for i in 0..n {
        let row = &a[i * n..(i + 1) * n];
        let mut r = 0.0;
        for j in 0..n {
            r += row[j] * x[j];
        }
        s += r * x[i];
    }
    s
}

#[test]
fn rows_of_a_flat_matrix_are_slices() {
    check_into!(rows_of_a_flat_matrix(&[1.0, 2.0, 3.0, 4.0], &[0.5, 0.25]) => [
        0.25, 0.125, 0.125, 0.0625, // xᵢ xⱼ
        2.0 * 0.5 + 5.0 * 0.25, 5.0 * 0.5 + 8.0 * 0.25 // (A + Aᵀ) x
    ]);
}

#[grad(second)]
fn split(x: &[f64], n: usize) -> f64 {
    let (a, b) = x.split_at(n);
    let (c, d) = b.split_at(1);
    a[0] * b[0] + c[0] * d[1]
}

#[grad(second)]
fn split_mutably(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let (a, b) = v.split_at_mut(2);
    a[0] *= b[0];
    b[1] += a[0] * a[1];
    b[0] = a[1];
    for i in 0..2 {
        a[i] += b[i];
    }
    v[0] * v[1] + v[2] * v[3]
}

#[test]
fn slices_are_split() {
    check_into!(split(&[1.0, 2.0, 3.0, 4.0, 5.0], =2) => [3.0, 0.0, 1.0 + 5.0, 0.0, 3.0]);
    check_into!(split_mutably(&[1.0, 2.0, 3.0, 4.0]));
}

#[grad(second)]
fn swaps(x: &[f64], i: usize, j: usize) -> f64 {
    let mut v = x.to_vec();
    v.swap(i, j);
    v[0] *= v[1];
    v.swap(0, 1);
    let mut a = v[0];
    let mut b = v[1] * 2.0;
    std::mem::swap(&mut a, &mut b);
    a * a * v[0] + b
}

#[test]
fn swapping() {
    check_into!(swaps(&[1.0, 2.0, 3.0], =0, =2));
    check_into!(swaps(&[1.0, 2.0, 3.0], =1, =1));
    check_into!(swaps(&[1.0, 2.0, 3.0], =1, =0));
}

#[grad(second)]
fn buffers_swapped(x: &[f64], steps: usize) -> f64 {
    let mut now = x.to_vec();
    let mut next = vec![0.0; x.len()];
    for _ in 0..steps {
        for i in 0..x.len() {
            let left = if i > 0 { now[i - 1] } else { now[x.len() - 1] };
            next[i] = 0.5 * now[i] + 0.25 * left * now[i];
        }
        std::mem::swap(&mut now, &mut next);
    }
    now[0] * now[1] + next[0]
}

#[test]
fn buffers_change_places() {
    check_into!(buffers_swapped(&[1.0, 2.0, 0.5], =0) => [2.0, 1.0, 0.0]);
    check_into!(buffers_swapped(&[1.0, 2.0, 0.5], =1));
    check_into!(buffers_swapped(&[1.0, 2.0, 0.5], =4));
}

#[grad(second)]
fn fills(x: f64, y: f64) -> f64 {
    let mut v = vec![x; 4];
    v[1] = x * y;
    let before = v[1] * v[2];
    v.fill(y);
    v[0] *= v[3];
    v[1..3].fill(x * x);
    before + v[0] * v[1] + v[2] * v[3]
}

#[test]
fn filling() {
    // x²y + 2·y²x²... v = [y², x², x², y]: y²x² + x²y
    let (x, y) = (0.8, 1.4);
    check!(fills(0.8, 1.4) => [2.0 * x * y + 2.0 * x * y * y + 2.0 * x * y, x * x + 2.0 * y * x * x + x * x]);
}

#[grad(second)]
fn copies(x: &[f64], c: f64) -> f64 {
    let mut v = [1.0; 4];
    v.copy_from_slice(x);
    v[0] *= c;
    let mut w = vec![0.0; 2];
    w.copy_from_slice(&v[..2]);
    v[2..].copy_from_slice(&w);
    let u = w.clone();
    let t = v.to_vec();
    let z = v;
    w[0] = w[1] * u[0];
    v[1] = c * w[0];
    u[0] * v[2] + t[3] * w[0] + z[1] * v[1] + x[3]
}

#[test]
fn copies_are_independent() {
    check_into!(copies(&[0.3, 0.7, -1.1, 0.2], 1.9));
}

#[grad(second)]
fn moved_arrays(x: f64) -> f64 {
    let a = [x, x * x];
    let mut b = a;
    b[0] = b[1] * a[0];
    let c = vec![x, 2.0];
    let mut d = c;
    d[1] *= d[0];
    let e = [a, b];
    let mut f = e;
    f[0][1] = 5.0 * x;
    f[1] = f[0];
    b[0] * a[0] + d[1] + f[1][1] * e[1][0] * a[1]
}

#[test]
fn moves_and_copies_of_whole_arrays() {
    // x⁴ + 2x + 5x·x³·x²
    let x = 0.9_f64;
    check!(moved_arrays(0.9) => [4.0 * x.powi(3) + 2.0 + 30.0 * x.powi(5)]);
}

#[grad(second)]
fn array_patterns(v: [f64; 4], w: &[f64; 2], p: &[(f64, f64); 2]) -> f64 {
    let [a, b, ..] = v;
    let [.., c, d] = v;
    let &[e, f] = w;
    let [(g, _), (_, h)] = p;
    let [first, _, third, _] = v;
    a * e + b * f * c - d * g * h + first * third
}

#[test]
fn array_patterns_bind_elements() {
    check!(array_patterns([1.0, 2.0, 3.0, 4.0], &[5.0, 6.0], &[(7.0, 8.0), (9.0, 10.0)]));
}

#[grad(second)]
pub(super) fn built_result(x: &[f64], k: f64) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    for i in 0..x.len() {
        out[i] = x[i] * k;
        if i > 0 {
            out[i] += out[i - 1] * x[i];
        }
    }
    out
}

#[grad(second)]
pub(super) fn jagged_result(x: &[f64]) -> Vec<Vec<f64>> {
    let mut out = Vec::new();
    for i in 0..x.len() {
        let mut row = vec![x[i]; i];
        row.push(x[i] * x[0]);
        out.push(row);
    }
    out
}

#[grad(second)]
pub(super) fn array_of_arrays(a: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let mut t = [[0.0; 2]; 2];
    for i in 0..2 {
        for j in 0..2 {
            t[j][i] = a[i][j] * a[i][j];
        }
    }
    t
}

#[grad(second)]
pub(super) fn tuple_of_vecs(x: &[f64]) -> (Vec<f64>, f64, [f64; 2]) {
    let mut v = x.to_vec();
    v[0] = x[1] * x[1];
    let s = v[0] * v[1];
    (v, s, [x[0], s])
}

#[grad(second)]
pub(super) fn passed_through(v: Vec<f64>, a: [f64; 2]) -> (Vec<f64>, [f64; 2]) {
    (v, a)
}

#[test]
fn aggregates_are_returned() {
    check_vjp!(built_result(&[0.3, 1.2, -0.7], 1.1));
    check_vjp!(jagged_result(&[0.3, 1.2, -0.7]));
    check_vjp!(array_of_arrays([[1.0, 2.0], [3.0, 4.0]]));
    check_vjp!(tuple_of_vecs(&[0.3, 1.2, -0.7]));
    check_vjp!(passed_through(vec![1.0, 2.0], [3.0, 4.0]));
}

#[grad(second)]
fn const_generic<const N: usize>(a: &[f64; N], b: [f64; N]) -> f64 {
    let mut c = [0.0; N];
    for i in 0..N {
        c[i] = a[i] * b[N - 1 - i];
    }
    let mut s = 1.0;
    for i in 0..N {
        s *= 1.0 + c[i];
    }
    s
}

#[grad(second)]
pub(super) fn const_generic_rows<const R: usize, const C: usize>(m: &[[f64; C]; R]) -> [f64; R] {
    let mut out = [0.0; R];
    for r in 0..R {
        for c in 0..C {
            out[r] += m[r][c] * m[r][0];
        }
    }
    out
}

#[grad(second)]
fn lifetimes<'a>(x: &'a [f64], y: &'a [f64]) -> f64 {
    x[0] * y[1]
}

#[test]
fn generic_over_lengths_and_lifetimes() {
    check!(const_generic(&[0.5, 1.5, 2.0], [0.1, 0.2, 0.3]));
    check!(const_generic(&[0.5], [0.1]) => [0.1, 0.5]);
    check_vjp!(const_generic_rows(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]));
    check_into!(lifetimes(&[2.0], &[3.0, 5.0]) => [5.0, 0.0, 2.0]);
}

#[grad(second)]
fn reference_bound(x: &[f64], y: &[f64], i: usize) -> f64 {
    let a = y;
    let b = &x[0];
    let c = &a[i];
    let d = &c;
    *b * **d + b * 2.0
}

#[test]
fn references_to_elements() {
    check_into!(reference_bound(&[1.0, 2.0], &[3.0, 4.0], =1) => [6.0, 0.0, 0.0, 1.0]);
    check_into!(reference_bound(&[1.0, 2.0], &[3.0, 4.0], =0) => [5.0, 0.0, 1.0, 0.0]);
}

#[grad(second)]
fn reference_to_element(x: &[f64], i: usize) -> f64 {
    let mut v = x.to_vec();
    let e = &mut v[i];
    *e *= *e;
    *e += 1.0;
    let f = &v[i];
    let g = &v[0];
    f * g
}

#[test]
fn mutable_references_to_elements() {
    check_into!(reference_to_element(&[1.5, 2.0], =1) => [5.0, 6.0]);
    check_into!(reference_to_element(&[1.5, 2.0], =0) => [4.0 * 1.5 * 3.25, 0.0]);
}

/// A loop that writes to an array of the loop body and one that outlives it.
#[grad(second)]
fn arrays_in_loops(x: &[f64]) -> f64 {
    let n = x.len();
    let mut acc = vec![0.0; n];
    let mut s = 0.0;
    for i in 0..n {
        let mut t = [0.0; 3];
        t[0] = x[i];
        t[1] = t[0] * t[0];
        t[2] = t[1] * acc[i];
        for j in 0..n {
            acc[j] += t[j % 3] * 0.5;
        }
        s += t[2] + acc[0] * t[1];
    }
    s + acc[n - 1]
}

#[test]
fn scratch_arrays_of_a_loop_body() {
    check_into!(arrays_in_loops(&[0.4, 0.9, -0.3, 0.8]));
}

/// Gauss elimination with pivoting: everything at once.
#[grad(second)]
fn determinant(a: &[[f64; 3]; 3]) -> f64 {
    let mut m = *a;
    let mut det = 1.0;
    for k in 0..3 {
        let mut pivot = k;
        for i in k + 1..3 {
            if m[i][k].abs() > m[pivot][k].abs() {
                pivot = i;
            }
        }
        if pivot != k {
            m.swap(pivot, k);
            det = -det;
        }
        det *= m[k][k];
        for i in k + 1..3 {
            let f = m[i][k] / m[k][k];
            for j in k..3 {
                m[i][j] -= f * m[k][j];
            }
        }
    }
    det
}

#[test]
fn a_determinant_has_the_cofactors_as_its_gradient() {
    let [[a, b, c], [d, e, f], [g, h, i]] = [[0.5, 2.0, 1.0], [3.0, -1.0, 0.7], [1.0, 4.0, -2.0]];
    let cofactors = [
        e * i - f * h,
        f * g - d * i,
        d * h - e * g,
        c * h - b * i,
        a * i - c * g,
        b * g - a * h,
        b * f - c * e,
        c * d - a * f,
        a * e - b * d,
    ];
    let gradient = determinant::grad(&[[0.5, 2.0, 1.0], [3.0, -1.0, 0.7], [1.0, 4.0, -2.0]]);
    for (found, wanted) in gradient.iter().flatten().zip(cofactors) {
        assert!((found - wanted).abs() < 1e-12 * 20.0, "{gradient:?} instead of {cofactors:?}");
    }
    check!(determinant(&[[0.5, 2.0, 1.0], [3.0, -1.0, 0.7], [1.0, 4.0, -2.0]]));
}

#[grad(second)]
fn bubble_sorted(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    for i in 0..v.len() {
        for j in 0..v.len() - 1 - i {
            if v[j] > v[j + 1] {
                v.swap(j, j + 1);
            }
        }
    }
    let mut s = 0.0;
    for i in 0..v.len() {
        s += v[i] * (i + 1) as f64;
    }
    s
}

#[grad(second)]
fn insertion_sorted(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    for i in 1..v.len() {
        let key = v[i];
        let mut j = i;
        while j > 0 && v[j - 1] > key {
            v[j] = v[j - 1];
            j -= 1;
        }
        v[j] = key;
    }
    v[0] * v[1] + v[v.len() - 1]
}

#[test]
fn sorting_moves_the_cotangents_back() {
    check_into!(bubble_sorted(&[3.0, 1.0, 2.0, 0.5]) => [4.0, 2.0, 3.0, 1.0]);
    check_into!(insertion_sorted(&[3.0, 1.0, 2.0, 0.5]) => [1.0, 0.5, 0.0, 1.0]);
}

#[grad(second)]
fn lengths(x: &[f64], m: &[Vec<f64>]) -> f64 {
    let n = x.len() as f64;
    let rows = m.len();
    let last = m[rows - 1].len();
    if x.is_empty() { 0.0 } else { x[0] * n / (rows * last) as f64 }
}

#[test]
fn lengths_are_constant() {
    check_into!(lengths(&[1.0, 2.0, 3.0], &[vec![1.0], vec![1.0, 2.0]]) => [0.75, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

#[grad(second)]
pub(super) fn cumulative(x: &[f64], out: &mut [f64]) {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * x[i];
        out[i] = s;
    }
}

#[test]
fn an_output_slice() {
    check_outputs!(cumulative(&[0.5, 1.5, -1.0], mut [7.0, 8.0, 9.0]));
}

#[grad(second)]
fn empty_slices(x: &[f64], y: &[f64; 0], z: Vec<f64>) -> f64 {
    let mut s = 1.0;
    for v in x {
        s *= v;
    }
    s + y.len() as f64 + z.len() as f64
}

#[test]
fn nothing_to_differentiate() {
    let (x, y, z): (Vec<f64>, [f64; 0], Vec<f64>) = empty_slices::grad(&[], &[], vec![]);
    assert!(x.is_empty() && y.is_empty() && z.is_empty());
    exactly!(empty_slices(&[2.0], &[0.0; 0], vec![1.0]) => [1.0, 0.0]);
}

/// Rows that are copies of one row, of which the row gets the sum.
#[grad(second)]
fn repeated_rows(v: &[f64], k: f64, n: usize) -> f64 {
    let mut s = k;
    for i in 0..n {
        let row: Vec<f64> = v.iter().map(|x| x * s).collect();
        let mut m = vec![row; 1 + i];
        m[i][0] *= s;
        m[0][1] += m[i][0] * m[0][1];
        s += m.iter().flatten().sum::<f64>() * 0.1;
    }
    let cube = vec![vec![vec![k * s, k]; 2]; n];
    let none = vec![vec![k; 2]; 0];
    let pairs = vec![(v.to_vec(), k); n];
    for ((row, w), plane) in pairs.iter().zip(&cube) {
        s += row[0] * w * plane[1][0];
    }
    s + none.len() as f64
}

#[test]
fn a_row_repeated() {
    check!(repeated_rows(&[0.3, 0.5], 0.6, =3));
    check!(repeated_rows(&[0.3, 0.5], 0.6, =0));
}

#[grad(second)]
fn taken(x: f64, n: usize) -> f64 {
    let mut v = vec![x, x * x, 2.0];
    let mut s = 0.0;
    for _ in 0..n {
        let old = std::mem::take(&mut v);
        for o in &old {
            s += o * o;
        }
        v = old.iter().map(|o| o * 1.5).collect();
    }
    s + v[0]
}

#[grad(second)]
fn replaced(x: f64) -> f64 {
    let mut v = vec![x, x * x];
    let old = std::mem::replace(&mut v, vec![x * 3.0]);
    old[1] + v[0] * old[0]
}

#[grad(second)]
fn replaced_by_a_constant(x: f64) -> f64 {
    let mut v = vec![x, x * x];
    let old = std::mem::replace(&mut v, vec![2.0, 3.0]);
    v[0] *= x;
    old[1] * v[0] + v[1]
}

#[grad(second)]
fn replaced_rows(x: &[f64]) -> f64 {
    let mut rows = vec![x.to_vec(), vec![x[0] * x[1]; 2]];
    let old = std::mem::replace(&mut rows[0], vec![x[1]; 3]);
    let gone = std::mem::replace(&mut rows[1], old);
    rows[0][2] * rows[1][1] + gone[0] * gone[1]
}

#[grad(second)]
fn replaced_array(x: f64) -> f64 {
    let mut a = [x, 2.0 * x];
    let old = std::mem::replace(&mut a, [x.sin(), 1.0]);
    a[0] * old[1] + a[1]
}

#[grad(second)]
fn replaced_each_pass(x: &[f64], n: usize) -> f64 {
    let mut current = x.to_vec();
    let mut s = 0.0;
    for i in 0..n {
        let next: Vec<f64> = current.iter().map(|c| c * x[i % x.len()]).collect();
        let previous = std::mem::replace(&mut current, next);
        if i % 2 == 0 {
            s += previous[0] * current[1];
        }
    }
    s + current[0]
}

#[grad(second)]
pub(super) fn replaced_output(x: &mut Vec<f64>) -> f64 {
    let old = std::mem::replace(x, vec![1.0, 2.0]);
    old[0] * old[1] * x[1]
}

#[test]
fn replacing_whole_vectors() {
    check!(taken(1.5, =0));
    check!(taken(1.5, =2));
    check!(replaced(1.5) => [2.0 * 1.5 + 6.0 * 1.5]);
    check!(replaced_by_a_constant(1.5) => [3.0 * 2.0 * 1.5 * 1.5]);
    check!(replaced_rows(&[2.0, 3.0]));
    check!(replaced_array(0.75));
    check!(replaced_each_pass(&[0.5, 1.5, -0.75], =0));
    check!(replaced_each_pass(&[0.5, 1.5, -0.75], =4));
    check_outputs_and_result!(replaced_output(mut vec![3.0, 4.0]));
}

#[grad(second)]
fn copied(x: &[f64; 2]) -> [f64; 2] {
    *x
}

#[grad(second)]
fn copied_in_parts(x: &[f64; 2]) -> ([f64; 2], f64) {
    (*x, x[0] * x[1])
}

/// What is behind a reference, as an element beside what is not.
#[grad(second)]
fn copied_elements(x: &[f64; 2], rows: &[[f64; 2]]) -> f64 {
    let own = [x[0] * x[1], x[1]];
    let m = [*x, own];
    let pair = (*x, own);
    let mut all = vec![own];
    all.push(*x);
    let same = vec![*x; 3];
    let (p, q) = copied_in_parts(x);
    let chosen = if x[0] > 0.0 { *x } else { own };
    let mut s = m[1][0] * pair.0[1] + same[2][1] * all[1][0] * q + p[1] * copied(&own)[0];
    for row in rows {
        let both = [*row, *x];
        all.push(*row);
        s += both[0][1] * both[1][0] * chosen[1];
    }
    s + all.iter().flatten().map(|v| v * v).sum::<f64>()
}

#[test]
fn copies_of_what_is_behind_references() {
    check_vjp!(copied(&[0.3, 0.5]));
    check_vjp!(copied_in_parts(&[0.3, 0.5]));
    check!(copied_elements(&[0.3, 0.5], &[[1.5, 2.0], [-0.5, 0.7]]));
}

/// What is pushed to a row of rows is popped from the row's cotangent.
#[grad(second)]
fn rows_that_grow(x: &[f64], n: usize) -> f64 {
    let mut rows = vec![vec![x[0], x[1]], vec![x[2]]];
    for k in 0..n {
        let last = rows[1][k];
        rows[1].push(last * x[k % 3]);
        rows[k % 2].push(x[0]);
        rows[0][0] += rows[1][k + 1];
        let row = &mut rows[0];
        row.push(x[1] * last);
    }
    rows.push(vec![x[0] * x[2]]);
    let first = rows[0][0];
    rows[2].push(first);
    rows[0][0] * rows[1][n] + rows[2][1] * rows[2][0] + rows[0][rows[0].len() - 1]
}

#[test]
fn pushes_to_rows() {
    for n in 0..4 {
        check_into!(rows_that_grow(&[0.7, 1.2, -0.4], =n));
    }
}

/// Arrays of slices, of `Vec`s that are moved and of rows, changed afterwards, in a loop and in arms.
#[grad(second)]
fn converted(x: &[f64], n: usize) -> f64 {
    let mut head: [f64; 2] = x[..2].try_into().unwrap();
    head[0] *= x[2];
    let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
    let whole: [f64; 3] = squares.try_into().expect("three");
    let mut sum = 0.0;
    for i in 0..n {
        let pair: [f64; 2] = x[i..i + 2].try_into().unwrap();
        sum +=
            if i == 0 { product_of(pair) } else { pair[0].midpoint(whole[2]) * f64::midpoint(head[0], 3.0) };
    }
    let rows = [[x[0], x[1]], [x[1], x[2]], head];
    let last: [[f64; 2]; 2] = rows[1..].try_into().unwrap();
    sum * head[0] * whole[0] + head[1] * last[1][0] + last[0][1]
}

#[grad(second)]
fn product_of(pair: [f64; 2]) -> f64 {
    pair[0] * pair[1]
}

/// Of constants, of which only the type of the variable says what they become.
#[grad(second)]
fn converted_constants(x: f64, n: usize) -> f64 {
    let mut rates = vec![1.5; n];
    let pair: [f64; 2] = rates[..2].try_into().unwrap();
    rates[1] = x;
    let next: [f64; 2] = rates[1..].try_into().unwrap();
    let whole: [f64; 3] = vec![0.5; n].try_into().expect("three");
    pair[0] * pair[1] * x + next[0] * whole[2] * x
}

#[test]
fn slices_that_become_arrays() {
    check!(converted_constants(0.7, =3));
    for n in 0..3 {
        check_into!(converted(&[0.7, 1.2, -0.4], =n));
    }
}

#[test]
#[should_panic]
fn a_slice_of_another_length_is_no_array() {
    #[grad]
    fn two(x: &[f64]) -> f64 {
        let pair: [f64; 2] = x.try_into().unwrap();
        pair[0] * pair[1]
    }
    two::grad(&[1.0, 2.0, 3.0]);
}
