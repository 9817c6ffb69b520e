//! Constants that become active: from the statement on that puts something differentiated into them, they have a
//! derivative.

use crate::support::{check, check_outputs};
use grad::grad;

const START: [f64; 2] = [1.0, 1.5];

fn ones(n: usize) -> Vec<f64> {
    vec![1.0; n]
}

fn table(n: usize) -> Vec<[f64; 2]> {
    (0..n).map(|k| [1.0 + k as f64, 0.5]).collect()
}

fn rows(n: usize) -> Vec<Vec<f64>> {
    (0..n).map(|k| ones(k + 2)).collect()
}

fn pair() -> (f64, [f64; 2]) {
    (1.5, [2.0, 0.5])
}

#[grad(second)]
fn bump(x: &mut f64, by: f64) {
    *x = *x * by + by * by;
}

#[grad(second)]
fn add(out: &mut [f64], v: &[f64]) {
    for (o, x) in out.iter_mut().zip(v) {
        *o += x * x;
    }
}

#[grad(second)]
fn cube(x: f64) -> f64 {
    x * x * x
}

// By-value parameters that are not differentiated with respect to.

#[grad(second, wrt(i))]
fn array_parameter(i: f64, mut a: [f64; 2]) -> f64 {
    a[0] = i * a[1];
    a[1] += i.sin();
    a[0] * a[1]
}

#[grad(second, wrt(m))]
fn pushed_parameter(mut v: Vec<f64>, m: f64) -> f64 {
    v.push(m * m);
    v[0] *= m;
    v.iter().sum::<f64>() * v[0]
}

#[grad(second, wrt(x))]
fn tuple_parameter(mut t: (f64, [f64; 2]), x: f64) -> f64 {
    t.0 *= x;
    t.1[1] = t.0 * x;
    bump(&mut t.0, x);
    t.0 * t.1[0] + t.1[1]
}

#[grad(second, wrt(x))]
fn number_parameter(mut k: f64, x: f64) -> f64 {
    bump(&mut k, x);
    k *= x;
    k
}

#[grad(second, wrt(x))]
fn lent_parameter(mut a: Vec<f64>, x: &[f64], mut b: [f64; 2]) -> f64 {
    add(&mut a, x);
    for k in 0..2 {
        bump(&mut b[k], x[k]);
        if x[k] > 0.5 {
            b.swap(0, 1);
        }
    }
    a[0] * a[1] + cube(b[0]) * b[1]
}

#[grad(second, wrt(x))]
fn parameter_that_is_only_read(mut a: Vec<f64>, x: f64) -> f64 {
    a[0] = 2.0;
    a.push(1.0);
    a.iter().map(|a| a * x * x).sum()
}

#[test]
fn parameters_by_value() {
    check!(array_parameter(0.7, =[0.4, 0.9]));
    check!(pushed_parameter(=vec![2.0, 0.5], 0.7));
    check!(tuple_parameter(=(2.0, [0.5, 0.6]), 0.7));
    check!(number_parameter(=2.0, 0.7));
    check!(lent_parameter(=vec![1.0, 0.5], &[0.4, 0.9], =[0.7, 0.6]));
    check!(parameter_that_is_only_read(=vec![3.0], 0.7));
}

// What a call of constants or a `const` gives, with its type written out.

#[grad(second)]
fn helped(v: &[f64]) -> f64 {
    let mut a: Vec<f64> = ones(2);
    add(&mut a, v);
    a[0] * a[1]
}

#[grad(second)]
fn pushed(x: f64) -> f64 {
    let mut a: Vec<f64> = ones(1);
    a.push(x * x);
    a[0] + a[1] * a[1]
}

#[grad(second)]
fn assigned(x: f64) -> f64 {
    let mut a: Vec<f64> = ones(2);
    a[1] = x * x;
    bump(&mut a[0], x);
    a[0] + a[1]
}

#[grad(second)]
fn parts_lent(x: f64, v: &[f64]) -> f64 {
    let mut a: Vec<f64> = ones(4);
    add(&mut a[1..], v);
    let (left, right) = a.split_at_mut(2);
    bump(&mut left[0], x);
    add(right, v);
    let first = &mut a[1];
    bump(first, x);
    *first *= x;
    for a in a.iter_mut() {
        *a *= x;
    }
    a.iter().map(|a| a * a).sum()
}

#[grad(second)]
fn annotated_constant(x: f64) -> f64 {
    let mut a: [f64; 2] = START;
    a[1] *= x;
    bump(&mut a[0], x);
    let mut t: (f64, [f64; 2]) = pair();
    t.0 += x * x;
    t.1[0] *= t.0;
    bump(&mut t.1[1], x);
    a[0] * a[1] + t.0 * t.1[0] * t.1[1]
}

#[grad(second)]
fn rows_of_a_call(x: f64, v: &[f64]) -> f64 {
    let mut m: Vec<Vec<f64>> = rows(3);
    add(&mut m[1], v);
    m[2][1] = x * x;
    m[0].push(x);
    bump(&mut m[1][2], x);
    let mut s = 0.0;
    for row in &m {
        for y in row {
            s += y * y;
        }
    }
    s
}

#[grad(second)]
fn in_a_loop(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for k in 0..v.len() {
        let mut a: Vec<f64> = ones(k + 1);
        a[k] = v[k] * v[k];
        if v[k] > 0.5 {
            a.push(v[k]);
        } else {
            add(&mut a, v);
        }
        s += a.iter().sum::<f64>() * a[0];
    }
    s
}

#[grad(second)]
fn replaced(x: f64, n: usize) -> f64 {
    let mut a: Vec<f64> = ones(n);
    for _ in 0..2 {
        a[0] *= x;
        let y = a[0] + a[n - 1] * x;
        a = ones(n);
        a[n - 1] = y;
    }
    a.iter().map(|a| a * a).sum()
}

#[test]
fn calls_of_constants_with_a_type() {
    check!(helped(&[0.4, 0.9]));
    check!(pushed(0.7));
    check!(assigned(0.7));
    check!(parts_lent(0.7, &[0.4, 0.9, 0.3]));
    check!(annotated_constant(0.7));
    check!(rows_of_a_call(0.7, &[0.4, 0.9, 0.3]));
    check!(in_a_loop(&[0.4, 0.9, 0.3]));
    check!(replaced(0.7, =3));
}

// The same without a type: an element that something differentiated is assigned to tells.

#[grad(second)]
fn from_a_call(x: f64) -> f64 {
    let mut a = ones(3);
    a[1] = x * x;
    a[0] + a[1] * a[1]
}

#[grad(second)]
fn from_a_constant(x: f64) -> f64 {
    let mut a = START;
    a[1] *= x * x;
    a[0] + a[1] * a[1]
}

#[grad(second)]
fn elements_of_elements(x: f64) -> f64 {
    let mut m = table(2);
    m[0][1] = x * x;
    m[1][0] *= x.sin();
    m[0][0] * m[0][1] + m[1][0] * m[1][1]
}

#[grad(second)]
fn assigned_in_a_loop(v: &[f64]) -> f64 {
    let mut a = ones(v.len());
    for (k, x) in v.iter().enumerate() {
        a[k] += x * x;
        if *x > 0.5 {
            a[0] *= x;
        }
    }
    let mut s = 0.0;
    for k in 0..v.len() {
        s += a[k] * a[k];
    }
    s
}

#[grad(second)]
fn then_lent(x: f64, v: &[f64]) -> f64 {
    let mut a = ones(2);
    a[0] = x;
    add(&mut a, v);
    bump(&mut a[1], x);
    a[0] * cube(a[1])
}

#[grad(second)]
fn constants_stay_constants(x: f64) -> f64 {
    let mut a = ones(3);
    a[0] = 2.0;
    a.push(4.0);
    let k: f64 = 3.0;
    a[1] = k * 2.0;
    x * x * a[0] * a[1] * a[3]
}

#[test]
fn calls_of_constants_without_a_type() {
    check!(from_a_call(0.7));
    check!(from_a_constant(0.7));
    check!(elements_of_elements(0.7));
    check!(assigned_in_a_loop(&[0.4, 0.9, 0.3]));
    check!(then_lent(0.7, &[0.4, 0.9]));
    check!(constants_stay_constants(0.7));
}

// What is lent to be changed and holds no floats is a constant for both sides.

#[grad(second)]
fn square_and_mark(a: f64, k: &mut [usize], seen: &mut Vec<bool>) -> f64 {
    k[0] = 1;
    seen.push(a > 0.5);
    a * a
}

#[grad(second)]
fn count_and_scale(a: f64, n: &mut usize, m: &mut [usize; 2]) -> f64 {
    *n += 1;
    m[*n % 2] += 1;
    a * m[0] as f64
}

#[grad(second)]
fn integers_lent(x: f64, y: f64) -> f64 {
    let mut k = [0usize; 2];
    let mut seen = vec![false; 2];
    let a = square_and_mark(x, &mut k, &mut seen);
    let b = square_and_mark(y, &mut k[1..], &mut seen);
    let mut n = 0;
    let c = count_and_scale(x * y, &mut n, &mut k);
    let mut stack = vec![3usize];
    let mut s = 0.0;
    for _ in 0..2 {
        s += count_and_scale(y, &mut stack[0], &mut k);
    }
    if seen.len() > k[0] { a * b + c * s + stack[0] as f64 * x } else { n as f64 * x }
}

struct Dice {
    state: u64,
}

impl Dice {
    fn roll(&mut self) -> f64 {
        self.state = self.state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.state >> 40) as f64 / 16777216.0
    }
}

#[grad(wrt(x), second)]
fn noisy(dice: &mut Dice, x: f64) -> f64 {
    let k = dice.roll();
    x * x * (1.0 + k)
}

#[grad(second)]
fn passed_on(dice: &mut Dice, x: f64) -> f64 {
    noisy(dice, x) + noisy(dice, x * x)
}

#[grad(second)]
fn with_dice(v: &[f64], seed: u64) -> f64 {
    let mut dice = Dice { state: seed };
    let mut other: Dice = Dice { state: seed + 1 };
    let mut s = noisy(&mut other, v[0]);
    for x in v {
        s += noisy(&mut dice, *x) * s;
    }
    s * passed_on(&mut dice, s) + dice.roll() * v[0] + noisy(&mut other, v[1])
}

#[test]
fn constants_lent_to_be_changed() {
    check!(integers_lent(0.7, 0.9));
    check!(with_dice(&[0.4, 0.9, 0.3], =7));
}

// Outputs through their names.

#[grad(second)]
fn third(a: &[f64]) -> f64 {
    a[0] + a[1] * a[2]
}

#[grad]
fn of_an_output(x: f64, out: &mut [f64]) {
    out[0] = x * third(&out);
    out[1] = third(&*out) * third(out);
}

#[grad]
fn of_a_vec(x: f64, out: &mut Vec<f64>) {
    out[0] = x * third(&out);
    out[1] = third(out) * x;
}

#[grad]
fn through_a_view(out: &mut Vec<f64>, x: f64) {
    let s = &out[1..];
    out[0] = {
        let mut q = x;
        if x > 0.25 {
            q = s[s.len() - 1] * x;
        }
        q
    };
}

#[grad]
fn through_views_in_a_loop(out: &mut [f64], x: f64) {
    for k in 1..out.len() {
        let before = &out[..k];
        let last = &out[k..];
        out[k] = if before[k - 1] > 0.5 { before[before.len() - 1] * x } else { last[0] * before[0].sin() };
    }
}

#[grad(second)]
fn of_a_local_through_a_view(v: &[f64]) -> f64 {
    let mut out = v.to_vec();
    let mut s = 0.0;
    for k in 0..2 {
        let rest = &out[k + 1..];
        let next = rest.iter().map(|x| x * x).sum::<f64>() * rest[rest.len() - 1];
        let whole = third(&out);
        out[k] *= next;
        s += out[k] * out[2] * whole;
    }
    s
}

#[test]
fn references_of_outputs() {
    check_outputs!(through_a_view(mut vec![0.4, 0.9], 0.7));
    check_outputs!(through_a_view(mut vec![0.4, 0.9], 0.1));
    check_outputs!(through_views_in_a_loop(mut [0.4, 0.9, 0.3, 1.2], 0.7));
    check!(of_a_local_through_a_view(&[0.4, 0.9, 0.3]));
    check_outputs!(of_an_output(0.7, mut [0.4, 0.9, 0.3]));
    check_outputs!(of_a_vec(0.7, mut vec![0.4, 0.9, 0.3]));
}

#[grad(second)]
fn first_times_sine_of_second(pair: &(f64, f64)) -> f64 {
    pair.0 * pair.1.sin()
}

/// What `P` is, only rustc knows.
#[grad(second)]
fn named_by_a_use_in_the_body(x: f64) -> f64 {
    use std::f64::consts::PI as P;
    let kept = (x, P);
    first_times_sine_of_second(&(P, x)) + first_times_sine_of_second(&kept) * x
}

#[test]
fn constants_that_a_use_in_the_body_names() {
    check!(named_by_a_use_in_the_body(0.7));
}
