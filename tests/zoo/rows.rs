//! Loops whose cotangents run along rows: from anywhere to anywhere, and the rows of a triangle.

use grad::grad;

/// Σ wⱼ lᵢⱼ vᵢ over i < j, where l has the columns of a triangle from element `p` on.
#[grad(wrt(l, v))]
fn triangle(l: &[f64], v: &[f64], w: &[f64], mut p: usize) -> f64 {
    let mut out = vec![0.0; v.len()];
    for i in 0..v.len() {
        for j in i + 1..v.len() {
            out[j] += l[p] * v[i];
            p += 1;
        }
    }
    let mut sum = 0.0;
    for j in 0..v.len() {
        sum += w[j] * out[j];
    }
    sum
}

/// The last row of a triangle has no element, nor has one of nothing; long ones are summed up four at a time.
#[test]
fn rows_of_a_triangle() {
    for d in [0, 1, 2, 5, 17, 24] {
        let number = |i: usize| 0.25 * (i * 7 % 13) as f64 - 1.0;
        let l: Vec<f64> = (0..d * d / 2 + 3).map(number).collect();
        let (v, w): (Vec<f64>, Vec<f64>) = (0..d).map(|i| (number(i + 3), number(i + 5))).unzip();
        let (mut l_bar, mut v_bar) = (vec![0.0; l.len()], vec![0.0; d]);
        let mut p = 2;
        for i in 0..d {
            for j in i + 1..d {
                l_bar[p] = w[j] * v[i];
                v_bar[i] += w[j] * l[p];
                p += 1;
            }
        }
        assert_eq!(triangle::grad(&l, &v, &w, 2), (l_bar, v_bar), "{d}");
    }
}

/// Each from `lo` to `hi` times x, and all of them squared.
#[grad]
fn between(x: &[f64], y: &[f64], lo: usize, hi: usize) -> f64 {
    let mut y = y.to_vec();
    for i in lo..hi {
        y[i] *= x[i];
    }
    y.iter().map(|y| y * y).sum()
}

/// Without a pass, nothing need be there where it would have begun.
#[test]
fn loops_from_somewhere() {
    let (x, y) = ([2.0, 3.0, 5.0, 7.0], [1.0, 2.0, 3.0, 4.0]);
    for (lo, hi) in [(0, 0), (0, 4), (1, 3), (2, 4), (4, 4), (3, 1), (9, 9), (9, 2)] {
        let (mut x_bar, mut y_bar) = ([0.0; 4], [0.0; 4]);
        for i in 0..4 {
            let inside = lo <= i && i < hi;
            x_bar[i] = if inside { 2.0 * y[i] * y[i] * x[i] } else { 0.0 };
            y_bar[i] = 2.0 * y[i] * if inside { x[i] * x[i] } else { 1.0 };
        }
        assert_eq!(between::grad(&x, &y, lo, hi), (x_bar.to_vec(), y_bar.to_vec()), "{lo}..{hi}");
    }
}
