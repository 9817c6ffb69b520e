//! Memory in front of a loop that each pass overwrites: by itself, or by a callee, all of it or a part.

use crate::support::*;
use grad::grad;

/// out = a · v, as far as `v` goes.
#[grad(second)]
fn scale(v: &[f64], a: f64, out: &mut [f64]) {
    for i in 0..v.len() {
        out[i] = a * v[i];
    }
}

/// The same with sums of neighbours, which it writes twice.
#[grad(second)]
fn smooth(v: &[f64], a: f64, out: &mut [f64]) {
    let n = v.len();
    for i in 0..n {
        out[i] = (a * v[i]).sin();
    }
    for i in 1..n {
        out[i] += v[i - 1] * v[i];
    }
}

/// Reads what it finds.
#[grad(second)]
fn decay(v: &[f64], a: f64, out: &mut [f64]) {
    for i in 0..v.len() {
        out[i] = 0.5 * out[i] + a * v[i].sin();
    }
}

/// Overwrites one element less.
#[grad(second)]
fn scale_all_but_one(v: &[f64], a: f64, out: &mut [f64]) {
    for i in 1..v.len() {
        out[i] = a * v[i] * v[i];
    }
}

/// Overwrites nothing where there is nothing to do.
#[grad(second)]
fn scale_if_positive(v: &[f64], a: f64, out: &mut [f64]) {
    if a <= 0.0 {
        return;
    }
    for i in 0..v.len() {
        out[i] = a * v[i].cos();
    }
}

#[grad(second)]
fn product_of(v: &[f64]) -> f64 {
    let mut product = 1.0;
    for x in v {
        product *= x;
    }
    product
}

macro_rules! summed {
    ($name:ident, $callee:ident) => {
        #[grad(second)]
        fn $name(x: &[f64], w: &[f64]) -> f64 {
            let mut scratch = vec![w[0]; x.len()];
            let mut sum = 0.0;
            for &a in w {
                $callee(x, a, &mut scratch);
                sum += product_of(&scratch);
            }
            sum
        }
    };
}

summed!(scaled, scale);
summed!(smoothed, smooth);
summed!(decayed, decay);
summed!(scaled_all_but_one, scale_all_but_one);
summed!(scaled_if_positive, scale_if_positive);

#[test]
fn callees_that_overwrite_and_that_do_not() {
    let (x, w) = ([0.8, -1.2, 1.4], [0.7, -0.4, 1.1]);
    check!(scaled(&x, &w));
    check!(smoothed(&x, &w));
    check!(decayed(&x, &w));
    check!(scaled_all_but_one(&x, &w));
    check!(scaled_if_positive(&x, &w));
}

/// The callee is given less in each pass: what is behind that is left of the passes before.
#[grad(second)]
fn shorter_and_shorter(x: &[f64], w: &[f64]) -> f64 {
    let mut scratch = vec![1.5; x.len()];
    let mut sum = 0.0;
    for k in 0..w.len() {
        scale(&x[k..], w[k], &mut scratch);
        sum += product_of(&scratch);
    }
    sum
}

/// A part, the same each time, and what is behind it.
#[grad(second)]
fn always_a_part(x: &[f64], w: &[f64]) -> f64 {
    let mut scratch = x.to_vec();
    let mut sum = 0.0;
    for k in 0..w.len() {
        scale(&x[1..3], w[k], &mut scratch);
        sum += product_of(&scratch);
    }
    sum
}

/// A part, and then something of the rest.
#[grad(second)]
fn a_part_and_more(x: &[f64], w: &[f64]) -> f64 {
    let mut scratch = x.to_vec();
    let mut sum = 0.0;
    for k in 0..w.len() {
        scale(&x[1..3], w[k], &mut scratch);
        sum += product_of(&scratch);
        scratch[2] += w[k];
    }
    sum
}

/// What the last pass leaves is read.
#[grad(second)]
fn read_behind(x: &[f64], w: &[f64]) -> f64 {
    let mut scratch = vec![0.0; x.len()];
    let mut sum = 0.0;
    for &a in w {
        scale(x, a, &mut scratch);
        sum += product_of(&scratch);
    }
    sum + scratch[1].sin()
}

#[test]
fn parts_of_scratch() {
    let (x, w) = ([0.8, -1.2, 1.4], [0.7, -0.4, 1.1]);
    check!(shorter_and_shorter(&x, &w));
    check!(always_a_part(&x, &w));
    check!(a_part_and_more(&x, &w));
    check!(read_behind(&x, &w));
    check!(read_behind(&x, &[]));
}

/// Loops, `fill` and `copy_from_slice` of the function's own; a loop in a loop.
#[grad(second)]
fn by_itself(x: &[f64], w: &[f64]) -> f64 {
    let (n, m) = (x.len(), w.len());
    let mut differences = vec![0.0; n];
    let mut copied = vec![0.0; n];
    let mut terms = vec![0.0; m];
    let mut flags = [0.0; 3];
    let mut sum = 0.0;
    for i in 0..n {
        copied.copy_from_slice(x);
        flags.fill(x[i]);
        flags[1] = 2.0;
        for j in 0..m {
            for c in 0..n {
                differences[c] = copied[c] - w[j] * x[i];
            }
            terms[j] = product_of(&differences) + flags[0] * flags[1] * flags[2];
        }
        sum += product_of(&terms);
    }
    sum
}

/// Rows, and an element that only some passes overwrite.
#[grad(second)]
fn rows_and_arms(x: &[f64], w: &[f64]) -> f64 {
    let mut rows = vec![vec![0.5; x.len()]; 2];
    let mut last = [w[0]];
    let mut sum = 0.0;
    for &a in w {
        for i in 0..2 {
            for j in 0..x.len() {
                rows[i][j] = a * x[j] + i as f64;
            }
        }
        if a > 0.0 {
            last[0] = a * a;
        }
        sum += product_of(&rows[0]) * last[0] + rows[1][1].exp();
    }
    sum
}

/// All of it happens in an arm, where nothing else looks.
#[grad(second)]
fn in_an_arm(x: &[f64], w: &[f64]) -> f64 {
    let mut scratch = vec![0.0; x.len()];
    let mut sum = 0.0;
    for &a in w {
        if a > 0.0 {
            scale(x, a, &mut scratch);
            sum += product_of(&scratch);
        } else {
            sum += a * x[0];
        }
    }
    sum
}

#[test]
fn scratch_that_the_function_overwrites_itself() {
    let (x, w) = ([0.8, -1.2, 1.4], [0.7, -0.4, 1.1]);
    check!(by_itself(&x, &w));
    check!(rows_and_arms(&x, &w));
    check!(in_an_arm(&x, &w));
    check!(in_an_arm(&x, &[-1.0]));
}

mod elsewhere {
    use grad::grad;

    #[grad(second)]
    pub fn fill_with<const N: usize>(v: &[f64; N], a: f64, out: &mut [f64; N]) {
        for i in 0..N {
            out[i] = v[i] * a.exp();
        }
    }

    #[grad(second)]
    pub fn fill_three(v: &[f64], a: f64, out: &mut [f64; 3]) {
        for i in 0..3 {
            out[i] = v[i] * a * a;
        }
    }
}

/// Callees with paths and constants, two of them in one loop.
#[grad(second)]
fn through_paths<const N: usize>(x: &[f64; N], w: &[f64]) -> f64 {
    let mut scratch = [0.0; N];
    let mut three = [0.0; 3];
    let mut sum = 0.0;
    for &a in w {
        elsewhere::fill_with::<N>(x, a, &mut scratch);
        elsewhere::fill_three(x, a, &mut three);
        sum += product_of(&scratch) + product_of(&three);
    }
    sum
}

/// A callee that calls itself says nothing of what it overwrites.
#[grad(second)]
fn halves(x: &[f64], depth: usize, out: &mut [f64]) {
    if depth == 0 {
        for i in 0..x.len() {
            out[i] = x[i] * x[i];
        }
        return;
    }
    halves(x, depth - 1, out);
    for i in 0..x.len() {
        out[i] = 0.5 * out[i] + x[i];
    }
}

#[grad(second)]
fn of_a_recursion(x: &[f64], n: usize) -> f64 {
    let mut scratch = vec![0.0; x.len()];
    let mut sum = 0.0;
    for depth in 0..n {
        halves(x, depth, &mut scratch);
        sum += product_of(&scratch);
    }
    sum
}

#[test]
fn scratch_through_callees_of_all_kinds() {
    let x = [0.8, -1.2, 1.4];
    check!(through_paths(&x, &[0.3, -0.2]));
    check!(of_a_recursion(&x, =3));
}

/// What is made of the scratch is used by two sums, of which one is a term of another loop's.
#[grad(second)]
fn scratch_of_two_loops(x: &[f64], w: &[f64]) -> f64 {
    let mut weights = vec![0.0; x.len()];
    for i in 0..x.len() {
        weights[i] = x[i].exp();
    }
    let mut scratch = vec![0.0; x.len()];
    let mut sum = 0.0;
    for &a in w {
        scale(&weights, a, &mut scratch);
        sum += product_of(&scratch);
    }
    sum - 2.0 * product_of(&weights)
}

#[test]
fn cotangents_in_front_of_two_statements() {
    check!(scratch_of_two_loops(&[0.8, -1.2, 1.4], &[0.7, -0.4, 1.1]));
}

/// Leaves with an error, before it has overwritten anything.
#[grad]
fn scale_if_it_may(v: &[f64], a: f64, out: &mut [f64]) -> Result<f64, ()> {
    if a <= 0.0 {
        return Err(());
    }
    for i in 0..v.len() {
        out[i] = a * v[i].cos();
    }
    Ok(a * a)
}

#[grad]
fn with_failures(x: &[f64], w: &[f64]) -> Result<f64, ()> {
    let mut scratch = vec![w[0]; x.len()];
    let mut sum = 0.0;
    for &a in w {
        sum += scale_if_it_may(x, a, &mut scratch)? + product_of(&scratch);
    }
    Ok(sum)
}

#[test]
fn scratch_of_a_callee_that_may_fail() {
    let x = [0.8, -1.2, 1.4];
    let value = |x: &[f64]| with_failures(x, &[0.7, 1.1]).unwrap();
    let (found, (by_x, _)) = with_failures::value_and_grad(&x, &[0.7, 1.1]).unwrap();
    assert_eq!(found, value(&x));
    for k in 0..x.len() {
        let moved = |h: f64| {
            let mut x = x;
            x[k] += h;
            value(&x)
        };
        let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((by_x[k] - slope).abs() < 1e-8, "{} is not {slope}", by_x[k]);
    }
    assert!(with_failures::grad(&x, &[0.7, -1.0]).is_err());
}
