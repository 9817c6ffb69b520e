//! Calls of annotated functions: near and far, with all kinds of arguments and results.

use crate::support::{check, check_into, check_outputs, check_outputs_and_result, check_vjp, exactly};
use grad::grad;

#[grad(second)]
fn square(x: f64) -> f64 {
    x * x
}

#[grad(second)]
fn weighted(x: f64, w: f64, n: usize) -> f64 {
    x * w * n as f64 + w.sin()
}

/// A function may be called above its definition, several times, in an operand.
#[grad(second)]
fn caller(x: f64, y: f64) -> f64 {
    let a = square(x) + square(y) * square(x + y);
    a * weighted(x, y, 3) - later(y)
}

#[grad(second)]
fn later(x: f64) -> f64 {
    x.exp()
}

#[test]
fn scalars_in_scalars_out() {
    check!(caller(0.4, 0.9));
}

#[test]
fn a_call_of_a_call() {
    check!(nested(0.7) => [4.0 * 0.7_f64.powi(3) + 2.0 * 0.7]);
}

#[grad(second)]
#[allow(unused_braces)]
fn nested(x: f64) -> f64 {
    square(square(x)) + { square({ x }) }
}

pub mod elsewhere {
    use grad::grad;

    #[grad(second)]
    pub fn cube(x: f64) -> f64 {
        x * x * x
    }

    #[grad(second)]
    pub(crate) fn scaled(x: f64, k: f64) -> f64 {
        inner::doubled(x) * k * self::cube(k) + super::square(x)
    }

    pub mod inner {
        use grad::grad;

        #[grad(second)]
        pub(in crate::zoo::calls) fn doubled(x: f64) -> f64 {
            2.0 * x
        }

        #[grad(second)]
        pub(super) fn negated(x: f64) -> f64 {
            -x
        }
    }

    #[grad(second)]
    pub fn flipped(x: f64) -> f64 {
        inner::negated(x) * crate::zoo::calls::square(x)
    }
}

use elsewhere::cube as third_power;
use elsewhere::inner::{self, doubled};

#[grad(second)]
fn paths(x: f64, y: f64) -> f64 {
    use elsewhere::scaled;
    let a = elsewhere::cube(x) + third_power(y);
    let b = doubled(a) + inner::doubled(x) + self::square(y);
    let c = crate::zoo::calls::elsewhere::flipped(x);
    b * scaled(x, y) + c
}

#[test]
fn functions_of_other_modules() {
    check!(paths(0.6, 1.1));
    check!(elsewhere::flipped(0.6) => [-3.0 * 0.36]);
    check!(third_power(0.6) => [3.0 * 0.36]);
}

/// Functions inside of functions.
#[grad(second)]
fn with_local_functions(x: f64) -> f64 {
    #[grad(second)]
    fn local(x: f64) -> f64 {
        #[grad(second)]
        fn innermost(x: f64) -> f64 {
            x.cos()
        }
        innermost(x) * x
    }

    local(x) + local(2.0 * x)
}

/// Items beside functions that are differentiated, which these use, and functions of constants with documentation.
#[grad(second)]
fn with_local_items(x: f64, n: usize) -> f64 {
    const FACTOR: f64 = 1.5;
    struct Scale(f64);
    impl Scale {
        fn of(n: usize) -> Scale {
            Scale(as_float(n) * FACTOR)
        }
    }
    #[grad(second)]
    fn scaled(x: f64, n: usize) -> f64 {
        square(x) * x * weight(n) * Scale::of(n).0
    }
    /// Of a constant.
    fn weight(n: usize) -> f64 {
        as_float(n + 1)
    }
    fn as_float(n: usize) -> f64 {
        n as f64
    }
    scaled(x, n) * weight(n)
}

/// Both at once, of what a call gives.
#[grad(second)]
fn sine_and_cosine_of_a_call(x: f64) -> f64 {
    let (p, q) = square(x).sin_cos();
    p * q * x
}

#[test]
fn functions_nested_in_functions() {
    check!(sine_and_cosine_of_a_call(0.45));
    check!(with_local_functions(0.45));
    check!(with_local_items(0.45, =2) => [3.0 * 0.45 * 0.45 * 27.0]);
}

// Recursion.

#[grad(second)]
fn power(x: f64, n: u32) -> f64 {
    if n == 0 {
        return 1.0;
    }
    if n.is_multiple_of(2) { power(x * x, n / 2) } else { x * power(x, n - 1) }
}

#[grad(second)]
fn early_recursion(x: f64, depth: i32) -> f64 {
    let y = x.sin() + 1.0;
    if depth <= 0 || y > 1.95 {
        return y;
    }
    let a = early_recursion(y * 0.5, depth - 1);
    let b = early_recursion(y * 0.25, depth - 2);
    a * b + x
}

#[grad(second)]
fn recursive_sum(v: &[f64], k: f64) -> f64 {
    if v.is_empty() {
        return 0.0;
    }
    if v.len() == 1 {
        return v[0] * k;
    }
    let half = v.len() / 2;
    recursive_sum(&v[..half], k) * 1.5 + recursive_sum(&v[half..], k * k)
}

#[test]
fn functions_that_call_themselves() {
    check!(power(0.9, =0) => [0.0]);
    check!(power(0.9, =1) => [1.0]);
    check!(power(0.9, =11) => [11.0 * 0.9_f64.powi(10)]);
    check!(early_recursion(0.3, =5));
    check_into!(recursive_sum(&[0.5, 1.5, -0.5, 2.0, 1.0], 1.2));
}

#[grad(recursive, second)]
fn is_up(x: f64, n: usize) -> f64 {
    if n == 0 { x } else { is_down(x * 1.1, n - 1) + x }
}

#[grad(second)]
fn is_down(x: f64, n: usize) -> f64 {
    if n == 0 { -x } else { is_up(x * x, n - 1) * x }
}

#[test]
fn functions_that_call_each_other() {
    check!(is_up(0.8, =0) => [1.0]);
    check!(is_up(0.8, =1) => [-0.1]);
    check!(is_up(0.8, =5));
    check!(is_down(0.8, =4));
}

// Aggregates.

#[grad(second)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i] * b[i];
    }
    s
}

#[grad(second)]
fn slices(m: &[f64], x: &[f64], rows: &[Vec<f64>]) -> f64 {
    let n = x.len();
    let mut s = 0.0;
    for i in 0..n {
        s += dot(&m[i * n..(i + 1) * n], x) * x[i];
    }
    s + dot(x, x) + dot(&rows[0], &x[1..]) + dot(rows[1].as_slice(), &[s, 2.0])
}

#[test]
fn slices_are_passed_with_their_offset() {
    check_into!(slices(&[1.0, 2.0, 3.0, 4.0], &[0.5, 0.25], &[vec![0.7], vec![1.1, 1.3]]));
}

#[grad(second)]
fn norm(v: [f64; 2]) -> f64 {
    (v[0] * v[0] + v[1] * v[1]).sqrt()
}

#[grad(second)]
fn norm_of_reference(v: &[f64; 2]) -> f64 {
    norm(*v)
}

#[grad(second)]
fn of_pair(p: (f64, f64), q: &(f64, [f64; 2])) -> f64 {
    p.0 * q.0 + p.1 * q.1[1]
}

#[grad(second)]
fn of_owned(v: Vec<f64>) -> f64 {
    v[0] * v[v.len() - 1]
}

#[grad(second)]
fn of_vec(v: &Vec<f64>) -> f64 {
    v[0] + v[1] * v[1]
}

#[grad(second)]
fn of_reference(x: &f64, k: &f64) -> f64 {
    *x * *k
}

#[grad(second)]
fn aggregates(x: f64, y: f64, table: &[[f64; 2]]) -> f64 {
    let a = [x, y];
    let mut s = norm(a) + norm([x * y, 1.0]) + norm_of_reference(&a) + norm_of_reference(&[y, x]);
    s += norm_of_reference(&table[1]) + norm(table[0]);
    let p = (s, x);
    s += of_pair(p, &(y, a)) + of_pair((x, table[0][1]), &(1.0, [s, s]));
    let v = vec![s, x, y];
    s += of_vec(&v) + of_owned(v.clone()) + of_reference(&x, &s) + of_reference(&v[1], &table[1][0]);
    s + of_owned(vec![x, s]) + of_owned(v)
}

#[test]
fn arrays_tuples_vecs_and_references_as_arguments() {
    check!(aggregates(0.6, 0.8, &[[1.2, 0.4], [0.3, 0.9]]));
}

#[grad(second)]
fn polar(x: f64, y: f64) -> (f64, f64) {
    (x.hypot(y), y.atan2(x))
}

#[grad(second)]
fn rotated(v: [f64; 2], angle: f64) -> [f64; 2] {
    let (s, c) = angle.sin_cos();
    [c * v[0] - s * v[1], s * v[0] + c * v[1]]
}

#[grad(second)]
fn softmax(x: &[f64]) -> Vec<f64> {
    let mut e = vec![0.0; x.len()];
    let mut sum = 0.0;
    for i in 0..x.len() {
        e[i] = x[i].exp();
        sum += e[i];
    }
    for i in 0..x.len() {
        e[i] /= sum;
    }
    e
}

#[grad(second)]
fn matrix(x: f64) -> [[f64; 2]; 2] {
    [[x.cos(), -x.sin()], [x.sin(), x.cos()]]
}

#[grad(second)]
fn mixed(x: f64, v: &[f64]) -> (f64, Vec<f64>, [f64; 2]) {
    (x * v[0], vec![x, v[1]], [v[0], v[1] * x])
}

#[grad(second)]
fn results(x: f64, y: f64) -> f64 {
    let (r, phi) = polar(x, y);
    let v = rotated([r, y], phi * 0.5);
    let [v0, v1] = rotated(v, x);
    let p = softmax(&[x, y, v0]);
    let m = matrix(p[0]);
    let (a, b, c) = mixed(r, &p);
    let whole = mixed(v1, &b);
    let t = polar(a, c[1]);
    m[0][1] * v1
        + p[2] * a
        + b[0] * c[0]
        + t.0 * t.1
        + polar(x, 1.0).0
        + softmax(&b)[1]
        + whole.1[0] * whole.2[1]
}

#[test]
fn tuples_arrays_and_vecs_as_results() {
    check!(results(0.6, 0.8));
    check_vjp!(mixed(0.6, &[0.8, 0.3]));
    check_vjp!(softmax(&[0.1, 0.2, -0.4]));
}

// Helpers that write.

#[grad(second)]
fn scale(v: &mut [f64], k: f64) {
    for x in v.iter_mut() {
        *x *= k;
    }
}

#[grad(second)]
fn add_into(out: &mut [f64], a: &[f64], b: &[f64]) {
    for i in 0..out.len() {
        out[i] = a[i] + b[i] * out[i];
    }
}

#[grad(second)]
fn bump(x: &mut f64, by: f64) -> f64 {
    let old = *x;
    *x = old * by;
    old + by
}

#[grad(second)]
fn rotate(v: &mut [f64; 2], pair: &mut (f64, f64)) {
    let [a, b] = *v;
    v[0] = a * pair.0 - b * pair.1;
    v[1] = a * pair.1 + b * pair.0;
    pair.0 = a;
}

#[grad(second)]
fn grow(v: &mut Vec<f64>, x: f64) {
    v.push(x * v[0]);
    v[0] += x;
}

#[grad(second)]
fn writers(x: &[f64], k: f64) -> f64 {
    let mut v = x.to_vec();
    scale(&mut v, k);
    scale(&mut v[1..], k * k);
    let mut w = vec![k; x.len()];
    add_into(&mut w, x, &v);
    add_into(&mut w, &v, x);
    let mut s = w[0];
    let old = bump(&mut s, w[1]);
    let mut a = [s, old];
    let mut p = (k, s);
    rotate(&mut a, &mut p);
    rotate(&mut a, &mut p);
    bump(&mut a[1], 2.0);
    bump(&mut v[0], a[1]);
    v[0] * w[1] + a[0] * p.0 + p.1 * s
}

#[grad(second)]
fn grows(x: f64, n: usize) -> f64 {
    let mut v = vec![1.0];
    for i in 0..n {
        grow(&mut v, x + i as f64);
    }
    v[0] * v[n]
}

#[test]
fn helpers_write_through_mutable_references() {
    check_into!(writers(&[0.5, 1.5, -0.7], 0.9));
}

#[test]
fn helpers_grow_a_vec() {
    check!(grows(0.7, =0) => [0.0]);
    check!(grows(0.7, =1));
    check!(grows(0.7, =4));
}

#[grad(second)]
pub(super) fn outputs_of_outputs(x: &[f64], out: &mut [f64], total: &mut f64) {
    scale(out, x[0]);
    add_into(out, x, x);
    *total += bump(&mut out[0], 3.0);
}

#[test]
fn outputs_are_passed_on() {
    check_outputs!(outputs_of_outputs(&[0.5, 1.5], mut [0.3, 0.4], mut 0.7));
}

/// Reborrows and views as mutable arguments, two of them at once.
#[grad(second)]
fn split_arguments(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let (left, right) = v.split_at_mut(2);
    scale(left, right[0]);
    add_into(right, left, &x[..2]);
    let part = &mut left[..1];
    scale(part, 3.0);
    scale(&mut *part, 0.5);
    left[0] * right[1] + v[1] * v[2]
}

#[test]
fn views_are_passed_on() {
    check_into!(split_arguments(&[0.5, 1.5, -0.7, 0.3]));
}

/// Changes both, and reads what it has changed.
#[grad(second)]
fn mix(a: &mut [f64], b: &mut [f64], w: &[f64]) -> f64 {
    for i in 0..a.len() {
        a[i] = (a[i] * w[i]).sin() + b[i % b.len()];
    }
    for v in b.iter_mut() {
        *v *= a[0] * w[0];
    }
    a[0] * b[0]
}

/// One of three parts of `x` is read, two are changed; the parts of `w` meet.
#[grad(second)]
fn in_thirds(x: &mut [f64], w: &[f64], k: usize) -> f64 {
    let (front, rest) = x.split_at_mut(k);
    let (middle, back) = rest.split_at_mut(k);
    let s = mix(middle, back, &w[..k]) + mix(back, front, middle);
    s * dot(&w[..k], &w[..k]) + dot(&w[..k], &w[k..])
}

/// In loops and arms, of an array and of rows; `w` is a constant to the callee the second time.
#[grad(second)]
fn in_halves(x: &[f64], w: &[f64], n: usize) -> f64 {
    let mut a = [x[0], x[1], x[2], 0.5 * x[0], x[1] * x[1], 0.25];
    let mut rows = vec![x.to_vec(), w.to_vec()];
    let mut s = 0.0;
    for i in 0..n {
        let (left, right) = rows[i % 2].split_at_mut(1 + i % 2);
        s += mix(left, right, &w[1..]);
        if s > 0.0 {
            let (left, right) = a.split_at_mut(3);
            s *= mix(right, left, w);
        }
    }
    s + in_thirds(&mut a, &[0.5, 0.75, 0.25, 0.125], 2)
}

#[test]
fn halves_are_lent_side_by_side() {
    check_outputs_and_result!(in_thirds(mut [0.5, 1.5, -0.7, 0.3, 0.9, -0.4], &[0.8, 0.6, 1.1, 0.7], =2));
    check!(in_halves(&[0.5, 1.5, -0.7], &[0.9, 0.4, 1.2], =0));
    check!(in_halves(&[0.5, 1.5, -0.7], &[0.9, 0.4, 1.2], =5));
}

/// Records in each pass, in one arm or the other, and as often as it takes.
#[grad(second)]
fn smooth(v: &mut [f64], w: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 1..v.len() {
        if v[i] > v[i - 1] {
            v[i] = (v[i] * v[i - 1]).sin() * w[0];
        } else {
            v[i] += (v[i - 1] * w[w.len() - 1]).exp() * 0.1;
        }
        s += v[i] * v[i];
    }
    let mut left = 3;
    while s > 0.25 && left > 0 {
        s = (s * 0.7).sin() * 0.9;
        left -= 1;
    }
    s
}

#[grad(second)]
fn smooth_twice(v: &mut [f64], w: &[f64], both: bool) -> f64 {
    let once = smooth(v, w);
    if !both {
        return once;
    }
    once * smooth(&mut v[1..], w)
}

/// Callees record on memory that is lent: at other lengths, in arms, in loops of their own, and where not all are chosen.
#[grad(second)]
fn again_and_again(x: &[f64], w: &[f64], n: usize) -> f64 {
    let mut v = x.to_vec();
    let (mut s, mut best) = (0.0, f64::NEG_INFINITY);
    for i in 0..n {
        s = (s + smooth_twice(&mut v[..2 + i % 2], w, i % 3 != 1)).sin();
        if s > 0.2 {
            s += smooth(&mut v, &x[1..]);
        }
        best = best.max(smooth_twice(&mut v.clone(), w, i == 0) * 0.3);
        for _ in 0..i {
            v[0] += smooth(&mut v[1..], w) * 0.1;
            if v[0] > 1.5 {
                break;
            }
        }
    }
    s + best
}

#[test]
fn callees_record_on_memory_that_is_lent() {
    for n in 1..5 {
        check!(again_and_again(&[0.5, 1.5, 0.7, 0.9], &[0.9, 0.4], =n));
    }
}

/// Rows of `y` one behind the other, and rows that meet.
#[grad(second)]
fn rows_of_powers(x: &[f64], d: usize, stride: usize) -> f64 {
    let (mut y, mut z) = (vec![0.0; 6], vec![0.0; 6]);
    for j in 0..2 {
        for i in 0..d {
            y[j * d + i] = (x[j * d + i] * x[i]).exp();
            z[j * stride + i] = (x[j * d + i] * 0.5).exp();
        }
    }
    y.iter().zip(&z).map(|(y, z)| y * z + z * z).sum()
}

#[test]
fn what_was_stored_is_read_back_where_nothing_else_was() {
    for stride in 0..4 {
        check!(rows_of_powers(&[0.5, 1.5, 0.7, 0.9, -0.3, 0.2], =3, =stride));
    }
}

// In control flow.

#[grad(second)]
fn in_loops(v: &[f64], k: f64, n: usize) -> f64 {
    let mut s = k;
    let mut w = v.to_vec();
    for i in 0..n {
        s = weighted(s, w[i % v.len()], 1) + square(s) * 0.1;
        if s > 0.3 {
            s -= dot(&w, v) * 0.1;
            scale(&mut w, 0.9);
        } else if square(s) > 0.01 {
            let (r, phi) = polar(s, k);
            s += r * phi;
        }
        let mut t = s;
        while t.abs() > 0.5 {
            t = square(t) * 0.4;
        }
        w[0] = t;
    }
    s + dot(&w, &w)
}

#[test]
fn calls_in_loops_and_branches() {
    check_into!(in_loops(&[0.4, 0.8, -0.3], 0.6, =0));
    check_into!(in_loops(&[0.4, 0.8, -0.3], 0.6, =1));
    check_into!(in_loops(&[0.4, 0.8, -0.3], 0.6, =7));
}

#[grad(wrt(x), second)]
fn early(x: f64, stop: f64) -> f64 {
    let a = square(x);
    if a > stop {
        return later(x);
    }
    let b = weighted(a, x, 2);
    for i in 0..5 {
        if square(b) * f64::from(i) > stop {
            return square(b + a);
        }
    }
    b
}

#[test]
fn calls_around_early_returns() {
    check!(early(2.0, =1.0) => [2.0_f64.exp()]);
    check!(early(0.8, =1.0));
    check!(early(0.1, =1.0));
}

// Constants.

/// Not annotated, and need not be: no derivative goes in.
fn table(n: usize) -> f64 {
    [0.5, 1.5, 2.5][n]
}

fn name() -> &'static str {
    "anything"
}

#[grad(second)]
fn constant_arguments(x: f64, n: usize, config: &[f64], text: &str) -> f64 {
    let a = table(n) + table(text.len() % 3);
    let b = square(3.0) + later(config[0]);
    let c = (name().len() as f64).max(2.0);
    x * a + b * x * x + c
}

#[test]
fn calls_with_constants_only_are_left_alone() {
    #[grad(wrt(x), second)]
    fn with_constants(x: f64, n: usize, config: &[f64], text: &str) -> f64 {
        let a = table(n) + table(text.len() % 3) + config.iter().copied().fold(0.0, f64::max);
        x * a + square(config[0]) * x
    }
    check!(with_constants(0.7, =1, =&[0.5, 2.0], ="ab") => [1.5 + 2.5 + 2.0 + 0.25]);
    check!(constant_arguments(0.7, =1, &[0.5, 2.0], ="ab"));
}

/// `w` is a constant of the helper: a constant may go in, the derivative with respect to `x` comes back.
#[grad(wrt(x), second)]
fn partly(x: f64, w: f64, v: &[f64]) -> f64 {
    x * x * w + v[0] * x
}

#[grad(wrt(x), second)]
fn calls_partly(x: f64, w: f64, v: &[f64]) -> f64 {
    partly(x, w, v) + partly(x * x, 2.0, &[1.0]) + partly(1.5, w, v)
}

#[test]
fn constants_go_into_constant_parameters() {
    // 2xw + v₀ + (4x³·2 + 2x)
    check!(calls_partly(0.7, =0.4, =&[1.3]) => [0.56 + 1.3 + 8.0 * 0.343 + 1.4]);
}

/// A constant argument in an active parameter.
#[grad(second)]
fn mixed_activity(x: f64, v: &[f64]) -> f64 {
    let c = [1.0, 2.0];
    let k = 3.0;
    weighted(k, x, 2) + weighted(x, k, 2) + dot(&c, v) + dot(v, &[0.5, 0.25]) + weighted(k, 1.0, 1)
}

#[test]
fn constants_go_into_active_parameters() {
    check_into!(mixed_activity(0.7, &[0.4, 0.9]));
}

/// A result nobody reads, and a call for its effect only.
#[grad(second)]
fn results_unused(x: f64) -> f64 {
    let _ = later(x);
    let (r, _) = polar(x, 1.0);
    square(x);
    let mut v = [x, 2.0];
    bump(&mut v[0], x);
    r * v[0]
}

#[test]
fn unused_results_cost_nothing() {
    check!(results_unused(0.7));
    exactly!(unused_at_a_pole(0.0) => [1.0]);
}

#[grad(second)]
fn pole(x: f64) -> f64 {
    x.ln()
}

#[grad(second)]
fn unused_at_a_pole(x: f64) -> f64 {
    let _y = pole(x);
    x
}

/// The same function under another name for the derivatives, next to a type of its own name.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy)]
pub struct energy(pub f64);

#[grad(name = energy_of, second)]
fn total(x: f64) -> f64 {
    let k: f64 = energy(2.0).0;
    k * x * x
}

#[test]
fn derivatives_may_have_another_name() {
    assert_eq!(energy_of::grad(3.0), 12.0);
    assert_eq!(energy_of::value_and_grad(3.0), (18.0, 12.0));
}

#[grad(wrt(c, a), second)]
fn order(a: f64, b: f64, c: f64) -> f64 {
    a * b * c
}

#[test]
fn wrt_names_the_parameters_in_the_order_of_the_result() {
    assert_eq!(order::grad(2.0, 3.0, 5.0), (6.0, 15.0));
}

/// Function values.
#[grad(second)]
fn function_values(x: f64) -> f64 {
    let v = [x, x * x, -x];
    let largest = v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest * v.iter().map(|&e| square(e)).sum::<f64>()
}

#[test]
fn helpers_in_closures() {
    check!(function_values(0.7) => [5.0 * 0.7_f64.powi(4) + 6.0 * 0.49]);
}

#[grad(second)]
fn mapped(v: &[f64]) -> f64 {
    v.iter().copied().map(square).sum::<f64>() + v.iter().copied().map(f64::exp).sum::<f64>()
}

#[test]
fn a_function_value_counts_as_a_call() {
    check_into!(mapped(&[0.5, -0.3]) => [1.0 + 0.5_f64.exp(), -0.6 + (-0.3_f64).exp()]);
}

#[grad(second)]
fn in_parts(x: f64, v: &[f64]) -> (f64, Vec<f64>, [f64; 2]) {
    (x * v[0], v.iter().map(|z| z * x).collect(), [x, v[0] * v[1]])
}

#[grad(second)]
fn of_parts(v: Vec<f64>, a: [f64; 2], x: f64) -> f64 {
    v.iter().sum::<f64>() * a[0] + a[1] * x
}

#[grad(second)]
fn times(a: f64, b: f64) -> f64 {
    a * b
}

/// Results whose type is not written, passed on in loops and branches, and twice in one call.
#[grad(second)]
fn results_passed_on(x: f64, n: usize) -> f64 {
    let mut p = times(x, x);
    for i in 0..n {
        if p > 50.0 {
            return times(p, 2.0);
        }
        p = times(times(p, x), p) + times(3.0, x) + times(2.0, 5.0);
        if i == 7 {
            break;
        }
    }
    let x = times(p, x);
    times(x, x)
}

#[test]
fn results_of_calls_are_arguments_of_calls() {
    for (x, n) in [(0.7, 0), (0.7, 1), (0.2, 2), (1.3, 9), (0.1, 9)] {
        check!(results_passed_on(x, =n));
    }
}

/// Parts of a result, of types that are not written here, by value: numbers are passed again, the rest is gone.
#[grad(second)]
fn parts_passed_on(x: f64, v: &[f64]) -> f64 {
    let t = in_parts(x, v);
    let (a, b, c) = in_parts(t.0, &t.1);
    let r = of_parts(t.1, t.2, a);
    let mut s = of_parts(b.clone(), c, r);
    s += of_parts(b, c, square(a));
    s * t.2[0] + square(a)
}

/// A part of a result is moved out, and the rest is still read.
#[grad(second)]
fn part_moved_out(x: f64, v: &[f64]) -> f64 {
    let mut w = v.to_vec();
    let mut s = 0.0;
    for _ in 0..3 {
        let (p, q, [first, _]) = in_parts(x, &w);
        w = q;
        s += p * first + w[1];
    }
    s
}

#[test]
fn parts_of_results_by_value() {
    check!(parts_passed_on(0.4, &[0.3, 0.5]));
    check!(part_moved_out(0.4, &[0.3, 0.5]));
}

#[grad(second)]
fn two_numbers(x: f64) -> [f64; 2] {
    [x * x, x + 1.0]
}

#[grad(second)]
fn behind_reference(x: &f64) -> f64 {
    x * x
}

/// A number of a type that is not written here, lent to a parameter `&f64`: its cotangent is returned.
#[grad(second)]
fn unknown_numbers_lent(x: f64, n: usize) -> f64 {
    let r = square(x);
    let t = square(r);
    let p = two_numbers(t);
    let rows = [p, two_numbers(x * 0.5)];
    let mut s = behind_reference(&r) * behind_reference(&p[1]) + behind_reference(&t);
    for i in 0..n {
        let u = two_numbers(s + x);
        s += behind_reference(&p[i % 2]) * behind_reference(&rows[1][0]) + behind_reference(&u[1]) * 0.1;
        let w = square(s);
        s += behind_reference(&w) * 0.01;
    }
    s
}

#[test]
fn cotangents_of_lent_numbers() {
    check!(unknown_numbers_lent(0.6, =3));
}

#[grad(second)]
fn eaten(v: Vec<f64>, k: f64) -> f64 {
    v.iter().sum::<f64>() * k
}

/// Moved on some paths only.
#[grad(second)]
fn moved_in_arms(v: &[f64], c: bool) -> f64 {
    let (a, b, d) = (v.to_vec(), v.to_vec(), vec![v[1]; 2]);
    let e: Vec<f64> = v.iter().map(|x| x * v[0]).collect();
    let mut rows = Vec::new();
    let s = if c {
        rows.push(a);
        eaten(b, v[0])
    } else {
        rows.push(b);
        1.0
    };
    let mut current = vec![1.0, 2.0];
    for i in 0..3 {
        let next: Vec<f64> = current.iter().map(|x| x * v[0] + s).collect();
        if i == 1 {
            current = e;
            break;
        }
        current = next;
    }
    if !c {
        rows.push(current.clone());
        current = d;
    }
    rows.iter().flatten().map(|x| x * x).sum::<f64>() + current[0] * current[1] * s
}

/// A `Vec` that an early return leaves behind.
#[grad(second)]
pub(super) fn empty_on_return(v: &[f64], t: f64) -> (f64, Vec<f64>) {
    let kept: Vec<f64> = v.iter().map(|x| x * t).collect();
    if t > 3.0 {
        return (t, vec![]);
    }
    (kept[0], kept)
}

#[test]
fn vecs_moved_on_some_paths() {
    check!(moved_in_arms(&[0.3, 0.4], =true));
    check!(moved_in_arms(&[0.3, 0.4], =false));
    check_vjp!(empty_on_return(&[0.3, 0.4], 0.5));
    check_vjp!(empty_on_return(&[0.3, 0.4], 3.5));
}

#[grad(second)]
fn raise(x: &mut f64, by: f64) {
    *x += by.sin() * *x;
}

/// Nothing but what is behind `&mut` comes out of these calls.
#[grad(second)]
fn raised_in_an_arm(x: &[f64], by: f64) -> f64 {
    let mut sum = x[0];
    if x[1] > 0.0 {
        sum *= by;
    } else {
        raise(&mut sum, by);
    }
    match (x[0] * 10.0) as i32 {
        3 => raise(&mut sum, x[1]),
        _ => sum += bump(&mut sum.clone(), by),
    }
    sum
}

#[test]
fn outputs_of_calls_in_arms() {
    check!(raised_in_an_arm(&[0.3, 0.7], 0.8));
    check!(raised_in_an_arm(&[0.3, -0.7], 0.8));
    check!(raised_in_an_arm(&[0.6, -0.7], 0.8));
}
