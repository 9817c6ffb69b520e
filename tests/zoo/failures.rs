//! Functions that return a `Result` or an `Option`, and fail early, anywhere; and calls of them.
//!
//! Where they do not fail, they are what a function is that takes their result out: that one is checked as every other, and
//! their own answers are compared with its.

use crate::support::flat::{Flat, observe};
use crate::support::{check, check_into, check_outputs, check_vjp};
use grad::{Objective, grad};

#[derive(Clone, Debug, PartialEq)]
enum Bad {
    Empty,
    Negative(f64),
    Other(String),
}

impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Bad {}

impl From<std::num::ParseFloatError> for Bad {
    fn from(error: std::num::ParseFloatError) -> Bad {
        Bad::Other(error.to_string())
    }
}

/// The same numbers, but for the order in which they were added.
fn assert_close(a: &impl Flat, b: &impl Flat) {
    let (a, b) = (observe(a).floats, observe(b).floats);
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{a} and {b}");
    }
}

/// The answers of a function that may fail are those of one that takes its result out.
macro_rules! agree {
    ($f:ident, $plain:ident, ($($x:expr),*), ($($dot:expr),*)) => {{
        assert_eq!($f($($x),*).unwrap(), $plain($($x),*));
        assert_close(&$f::grad($($x),*).unwrap(), &$plain::grad($($x),*));
        assert_close(&$f::value_and_grad($($x),*).unwrap(), &$plain::value_and_grad($($x),*));
        assert_close(&$f::jvp($($x,)* $($dot),*).unwrap(), &$plain::jvp($($x,)* $($dot),*));
        let ((value, back), (same, plain_back)) = ($f::vjp($($x),*).unwrap(), $plain::vjp($($x),*));
        assert_eq!(value, same);
        assert_close(&back(1.25), &plain_back(1.25));
        assert_close(&$f::hvp($($x,)* $($dot),*).unwrap(), &$plain::hvp($($x,)* $($dot),*));
        assert_close(&$f::hessian($($x),*).unwrap(), &$plain::hessian($($x),*));
    }};
}

/// No answer where it fails, and the same failure.
macro_rules! fails {
    ($f:ident, ($($x:expr),*), ($($dot:expr),*)) => {{
        let failure = $f($($x),*).map(drop);
        assert_ne!(failure, Success::success());
        assert_eq!($f::grad($($x),*).map(drop), failure);
        assert_eq!($f::value_and_grad($($x),*).map(drop), failure);
        assert_eq!($f::jvp($($x,)* $($dot),*).map(drop), failure);
        assert_eq!($f::vjp($($x),*).map(drop), failure);
        assert_eq!($f::hvp($($x,)* $($dot),*).map(drop), failure);
        assert_eq!($f::hessian($($x),*).map(drop), failure);
    }};
}

/// What is not a failure.
trait Success {
    fn success() -> Self;
}

impl Success for Option<()> {
    fn success() -> Self {
        Some(())
    }
}

impl<E> Success for Result<(), E> {
    fn success() -> Self {
        Ok(())
    }
}

#[grad(second)]
fn guarded(x: &[f64]) -> Result<f64, Bad> {
    if x.is_empty() {
        return Err(Bad::Empty);
    }
    let mut sum = 0.0;
    for &v in x {
        if v < 0.0 {
            return Err(Bad::Negative(v));
        }
        sum += v.sqrt() * v;
    }
    Ok(sum)
}

#[grad(second)]
fn guarded_plain(x: &[f64]) -> f64 {
    guarded(x).unwrap()
}

#[test]
fn a_guard_and_a_failure_inside_of_a_loop() {
    check_into!(guarded_plain(&[1.0, 4.0, 0.25]) => [1.5, 3.0, 0.75]);
    agree!(guarded, guarded_plain, (&[1.0, 4.0]), (&[0.5, -2.0]));
    fails!(guarded, (&[]), (&[]));
    fails!(guarded, (&[1.0, -2.0, 3.0]), (&[1.0, 1.0, 1.0]));
    let mut buffer = vec![1.0, 2.0, 3.0];
    // The loop is reversed where it runs: two passes were through.
    assert_eq!(guarded::vjp_add(&[1.0, 4.0, -1.0], 1.0, &mut buffer), Err(Bad::Negative(-1.0)));
    assert_eq!(buffer, [1.0, 2.0, 3.0]);
    assert_eq!(guarded::vjp_add(&[1.0, 4.0, 0.25], 2.0, &mut buffer), Ok(9.125));
    assert_eq!(buffer, [4.0, 8.0, 4.5]);
    assert_eq!(guarded::grad_into(&[1.0, 4.0, 0.25], &mut buffer), Ok(9.125));
    assert_eq!(buffer, [1.5, 3.0, 0.75]);
    assert_eq!(guarded::jvp_n(&[-1.0], &[[1.0, 2.0].into()]).map(drop), Err(Bad::Negative(-1.0)));
}

#[grad(second)]
fn logarithms(x: f64, y: f64) -> Option<f64> {
    if x <= 0.0 {
        return None;
    }
    let a = x.ln() * y;
    if a > 100.0 { None } else { Some(a * a) }
}

#[grad(second)]
fn logarithms_plain(x: f64, y: f64) -> f64 {
    logarithms(x, y).expect("positive numbers")
}

#[test]
fn none_at_the_end_of_an_arm() {
    check!(logarithms_plain(2.0, 3.0));
    agree!(logarithms, logarithms_plain, (2.0, 3.0), (0.5, -1.0));
    fails!(logarithms, (-1.0, 3.0), (0.5, -1.0));
    fails!(logarithms, (3.0, 1e3), (0.5, -1.0));
    let (mut x, mut y) = (1.0, 2.0);
    assert_eq!(logarithms::vjp_add(-1.0, 3.0, 1.0, &mut x, &mut y), None);
    assert_eq!((x, y), (1.0, 2.0));
}

/// Leaves early with a result, with a failure, from nested arms, by `continue`, or not at all.
#[grad(second)]
fn ways_out(x: f64, y: f64, n: usize) -> Option<f64> {
    let mut z = x;
    'outer: for k in 0..n {
        if k == 1 {
            continue;
        }
        match k % 3 {
            0 => z += (x * y).sin(),
            1 => {
                if z > 4.0 {
                    if y > 2.0 {
                        return None;
                    }
                    return Some(z * y);
                }
                let z2 = z * z;
                let z = z2 + y;
                if z > 1e6 {
                    break 'outer;
                }
            }
            _ => {
                let mut j = 0;
                while j < k {
                    z *= 1.0 + 0.1 * y;
                    if z > 50.0 {
                        return None;
                    }
                    if z < -50.0 {
                        continue 'outer;
                    }
                    j += 1;
                }
            }
        }
    }
    if n == 7 {
        return Some(x * z);
    }
    Some(z)
}

#[grad(second)]
fn ways_out_plain(x: f64, y: f64, n: usize) -> f64 {
    ways_out(x, y, n).unwrap()
}

#[test]
fn early_results_and_failures_side_by_side() {
    for n in 0..9 {
        for (x, y) in [(0.5, 0.75), (3.0, 1.5), (3.0, 2.5), (9.0, 4.0), (-2.0, 0.3)] {
            if ways_out(x, y, n).is_some() {
                check!(ways_out_plain(x, y, = n));
                agree!(ways_out, ways_out_plain, (x, y, n), (1.0, -0.5));
            } else {
                fails!(ways_out, (x, y, n), (1.0, -0.5));
            }
        }
    }
}

/// What may fail is a constant: the standard library's, and one of ours.
fn setting(name: &str) -> Result<f64, Bad> {
    match name {
        "half" => Ok(0.5),
        name => Ok(name.parse()?),
    }
}

#[grad(second)]
fn constants(x: f64, name: &str, ks: &[usize], at: usize) -> Result<f64, Box<dyn std::error::Error>> {
    let a = setting(name)?;
    let k = *ks.get(at).ok_or("no exponent")?;
    let m = k.checked_sub(1).ok_or_else(|| format!("the exponent is {k}"))?;
    let r = i32::try_from(m)?;
    let Some(first) = ks.first() else {
        return Err("nothing at all".into());
    };
    let factor = match ks.last() {
        Some(last) if *last == 0 => return Err(Box::new(Bad::Empty)),
        Some(last) => (first + last) as f64,
        None => 1.0,
    };
    Ok(a * x.powi(r) * factor)
}

#[grad(second)]
fn constants_plain(x: f64, name: &str, ks: &[usize], at: usize) -> f64 {
    constants(x, name, ks, at).unwrap()
}

#[test]
fn constants_that_may_fail() {
    check!(constants_plain(1.5, = "half", = &[1, 3, 4], = 1));
    agree!(constants, constants_plain, (2.0, "3.5", &[1, 3], 1), (1.0));
    let failure = |name, ks: &[usize], at| constants::grad(2.0, name, ks, at).unwrap_err().to_string();
    assert_eq!(failure("x", &[1, 3], 1), "Other(\"invalid float literal\")");
    assert_eq!(failure("1", &[1, 3], 2), "no exponent");
    assert_eq!(failure("1", &[0, 3], 0), "the exponent is 0");
    assert_eq!(failure("1", &[3, 0], 0), "Empty");
    let second = |ks: &[usize]| constants::hvp(2.0, "1", ks, 0, 1.0).unwrap_err().to_string();
    assert_eq!(second(&[0, 3]), "the exponent is 0");
}

#[grad(second)]
fn calls(x: f64, y: f64) -> Option<f64> {
    let a = logarithms(x, y)?;
    let b = logarithms(y, x).expect("this one is positive");
    let c = guarded(&[x, y * a]).ok()?;
    let mut d = 1.0;
    for k in 0..3 {
        d *= logarithms(x + k as f64, d)?;
    }
    if b > 1.0 { Some(a * b.sin() + c * d) } else { logarithms(a, b + d) }
}

#[grad(second)]
fn calls_plain(x: f64, y: f64) -> f64 {
    calls(x, y).unwrap()
}

#[grad(second)]
fn calls_of_calls(x: &[f64]) -> Result<f64, Box<dyn std::error::Error>> {
    let a = guarded(x)?;
    let b = calls(a, 2.0).ok_or("no logarithm")?;
    let c = guarded(&x[1..]).map_err(|error| format!("without the first: {error}"))?;
    Ok(a * b + c)
}

#[grad(second)]
fn calls_of_calls_plain(x: &[f64]) -> f64 {
    calls_of_calls(x).unwrap()
}

#[grad(second)]
fn at_the_end(x: &[f64]) -> Result<f64, Bad> {
    guarded(&x[1..])
}

#[grad(second)]
fn at_the_end_plain(x: &[f64]) -> f64 {
    at_the_end(x).unwrap()
}

#[test]
fn calls_of_functions_that_may_fail() {
    check!(calls_plain(1.5, 2.7));
    check!(calls_plain(1.2, 1.1));
    agree!(calls, calls_plain, (1.5, 2.7), (1.0, 0.5));
    fails!(calls, (-1.5, 2.7), (1.0, 0.5));
    check!(calls_of_calls_plain(&[1.2, 1.7]));
    agree!(calls_of_calls, calls_of_calls_plain, (&[1.2, 1.7]), (&[1.0, 0.5]));
    let failure = |x: &[f64]| calls_of_calls::grad(x).unwrap_err().to_string();
    assert_eq!(failure(&[]), "Empty");
    assert_eq!(failure(&[1.5]), "without the first: Empty");
    assert_eq!(failure(&[0.0]), "no logarithm");
    check!(at_the_end_plain(&[1.2, 1.7]));
    agree!(at_the_end, at_the_end_plain, (&[1.2, 1.7]), (&[1.0, 0.5]));
    fails!(at_the_end, (&[1.2]), (&[1.0]));
}

/// The callee is reversed where it runs, and fails behind a sum of its own.
#[grad(second)]
fn sum_of_guarded(rows: &[Vec<f64>]) -> Result<f64, Bad> {
    let mut sum = 0.0;
    for row in rows {
        sum += guarded(row)?;
    }
    Ok(sum)
}

#[grad(second)]
fn sum_of_guarded_plain(rows: &[Vec<f64>]) -> f64 {
    sum_of_guarded(rows).unwrap()
}

#[test]
fn a_failure_of_a_call_leaves_buffers_alone() {
    check!(sum_of_guarded_plain(&vec![vec![1.0, 2.0], vec![0.5]]));
    let mut buffer = vec![vec![7.0, 7.0], vec![7.0, 7.0]];
    let rows = [vec![1.0, 2.0], vec![3.0, -1.0]];
    assert_eq!(sum_of_guarded::vjp_add(&rows, 1.0, &mut buffer), Err(Bad::Negative(-1.0)));
    assert_eq!(buffer, [[7.0, 7.0], [7.0, 7.0]]);
    let rows = [vec![1.0, 4.0], vec![4.0, 1.0]];
    assert_eq!(sum_of_guarded::vjp_add(&rows, 2.0, &mut buffer), Ok(18.0));
    assert_eq!(buffer, [[10.0, 13.0], [13.0, 10.0]]);
}

/// Every kind of branch around a result, in the place of a value and at the end.
#[grad(second)]
fn branches(x: f64, y: f64, k: usize) -> Result<f64, String> {
    let a = match k {
        0 => return Err("zero".to_owned()),
        1 => x * y,
        2 if y < 0.0 => return Err(format!("negative: {y}")),
        2 => return Ok(y.sin()),
        _ => (if x > 3.0 { Err("too large") } else { Ok(x + y) })?,
    };
    let b = {
        let a = a * a;
        if a.is_nan() {
            return Err(String::from("not a number"));
        }
        a + x
    };
    match k {
        1 => Ok(a * b),
        4 => {
            if b > 10.0 {
                Err(format!("{b:.1} is large"))
            } else {
                Ok(b * y)
            }
        }
        _ => Ok(b),
    }
}

#[grad(second)]
fn branches_plain(x: f64, y: f64, k: usize) -> f64 {
    branches(x, y, k).unwrap()
}

#[test]
fn results_in_branches() {
    for k in 0..6 {
        for (x, y) in [(0.7, 1.3), (2.5, -1.5), (4.0, 1.0), (f64::NAN, 1.0), (2.5, 2.0)] {
            if branches(x, y, k).is_err() {
                fails!(branches, (x, y, k), (1.0, -0.5));
            } else if !x.is_nan() {
                check!(branches_plain(x, y, = k));
                agree!(branches, branches_plain, (x, y, k), (1.0, -0.5));
            }
        }
    }
}

/// `max_by`, `reduce` and the like give an `Option` of what is followed.
#[grad(second)]
fn of_iterators(x: &[f64], limit: f64) -> Option<f64> {
    let most = x.iter().copied().reduce(f64::max)?;
    let least = x.iter().map(|v| v * v).min_by(|a, b| a.total_cmp(b))?;
    let large = x.iter().find(|v| **v > limit)?;
    x.iter().map(|v| v * most - least * large).reduce(|a, b| a * 0.5 + b)
}

#[grad(second)]
fn of_iterators_plain(x: &[f64], limit: f64) -> f64 {
    of_iterators(x, limit).unwrap()
}

#[grad(second)]
fn of_iterators_or(x: &[f64]) -> Result<f64, Bad> {
    let last = x.iter().last().ok_or(Bad::Empty)?;
    x.iter().map(|v| v * last).reduce(f64::min).ok_or_else(|| Bad::Other("nothing".into()))
}

#[grad(second)]
fn of_iterators_or_plain(x: &[f64]) -> f64 {
    of_iterators_or(x).unwrap()
}

#[test]
fn items_that_may_be_missing() {
    check!(of_iterators_plain(&[0.5, 2.0, 1.2], 0.75));
    agree!(of_iterators, of_iterators_plain, (&[0.5, 2.0, 1.2], 0.75), (&[1.0, 0.5, -1.0], 1.0));
    fails!(of_iterators, (&[], 0.75), (&[], 1.0));
    fails!(of_iterators, (&[0.5, 1.0], 1.75), (&[1.0, 1.0], 1.0));
    check!(of_iterators_or_plain(&[0.5, 2.0, 1.2]));
    agree!(of_iterators_or, of_iterators_or_plain, (&[0.5, 2.0, 1.2]), (&[1.0, 0.5, -1.0]));
    fails!(of_iterators_or, (&[]), (&[]));
}

// --- results of other shapes ---

#[grad(second)]
fn residuals(x: &[f64], k: f64) -> Option<Vec<f64>> {
    let mut out = Vec::new();
    for &v in x {
        if v == 7.0 {
            return None;
        }
        out.push(v * v * k);
    }
    Some(out)
}

#[grad(second)]
fn residuals_plain(x: &[f64], k: f64) -> Vec<f64> {
    residuals(x, k).unwrap()
}

#[grad(second)]
fn pair(x: f64, y: f64) -> Result<(f64, [f64; 2]), String> {
    if !x.is_finite() { Err(format!("x is {x}")) } else { Ok((x * y, [x.sin(), y.exp()])) }
}

#[grad(second)]
fn pair_plain(x: f64, y: f64) -> (f64, [f64; 2]) {
    pair(x, y).unwrap()
}

#[grad(jacobian = forward)]
fn by_columns(x: &[f64; 2]) -> Result<[f64; 3], Bad> {
    if x[0] < 0.0 {
        return Err(Bad::Negative(x[0]));
    }
    Ok([x[0] * x[1], x[1].sin(), x[0].sqrt()])
}

#[grad(jacobian = reverse)]
fn by_rows(x: &[f64; 2]) -> Result<[f64; 3], Bad> {
    by_columns(x)
}

#[test]
fn results_of_every_shape() {
    check_vjp!(residuals_plain(&[1.0, 2.0], 0.5));
    check_vjp!(pair_plain(0.5, 1.0));
    let blocks = residuals::jacobian(&[1.0, 5.0], 2.0);
    assert_eq!(blocks, Some((vec![vec![4.0, 0.0], vec![0.0, 20.0]], vec![1.0, 25.0])));
    assert_eq!(residuals::jacobian(&[1.0, 7.0], 2.0), None);
    assert_eq!(residuals::value_and_jacobian(&[1.0, 7.0], 2.0), None);
    assert_eq!(residuals::jacobian_rows(&[1.0, 7.0], 2.0, &[]), None);
    assert_eq!(residuals::jacobian_columns(&[1.0, 7.0], 2.0, &[]), None);
    assert_eq!(pair::jacobian(0.5, 1.0), Ok(pair_plain::jacobian(0.5, 1.0)));
    assert_eq!(pair::jacobian(f64::INFINITY, 1.0), Err("x is inf".to_owned()));
    let want = [[3.0, 0.25], [0.0, 3.0_f64.cos()], [1.0, 0.0]];
    assert_eq!(by_columns::jacobian(&[0.25, 3.0]), Ok(want));
    assert_eq!(by_rows::jacobian(&[0.25, 3.0]), Ok(want));
    assert_eq!(by_columns::jacobian(&[-0.25, 3.0]), Err(Bad::Negative(-0.25)));
    assert_eq!(by_rows::jacobian(&[-0.25, 3.0]), Err(Bad::Negative(-0.25)));
    let columns = by_columns::jacobian_columns(&[0.25, 3.0], &[[1.0, 0.0]]);
    assert_eq!(columns, Ok(([0.75, 3.0_f64.sin(), 0.5], vec![[3.0, 0.0, 1.0]])));
    let rows = by_columns::jacobian_rows(&[0.25, 3.0], &[[1.0, 0.0, 2.0]]);
    assert_eq!(rows, Ok(([0.75, 3.0_f64.sin(), 0.5], vec![[5.0, 0.25]])));
}

// --- outputs ---

#[grad]
fn squares(x: &[f64], out: &mut [f64]) -> Result<(), Bad> {
    for i in 0..x.len() {
        out[i] = x[i] * x[i] + 0.5 * out[i];
        if x[i] < 0.0 {
            return Err(Bad::Negative(x[i]));
        }
    }
    Ok(())
}

#[grad]
fn squares_plain(x: &[f64], out: &mut [f64]) {
    squares(x, out).unwrap();
}

#[grad]
fn through_outputs(x: &[f64], out: &mut [f64]) -> Result<f64, Bad> {
    squares(x, out)?;
    squares(x, out)?;
    Ok(out[0] * x[1])
}

#[test]
fn a_failure_behind_writes_to_an_output() {
    check_outputs!(squares_plain(&[1.0, 2.0], mut [3.0, 4.0]));
    let mut out = [1.0, 1.0];
    let (mut x_bar, mut out_bar) = (vec![1.0, 2.0], vec![3.0, 4.0]);
    assert_eq!(squares::vjp_add(&[2.0, -3.0], &mut out, &mut x_bar, &mut out_bar), Err(Bad::Negative(-3.0)));
    // The function's own effect, half done; nothing of the gradient.
    assert_eq!((out, &x_bar[..], &out_bar[..]), ([4.5, 9.5], &[1.0, 2.0][..], &[3.0, 4.0][..]));
    out = [1.0, 1.0];
    assert_eq!(squares::vjp_add(&[2.0, 3.0], &mut out, &mut x_bar, &mut out_bar), Ok(()));
    assert_eq!((out, &x_bar[..], &out_bar[..]), ([4.5, 9.5], &[13.0, 26.0][..], &[1.5, 2.0][..]));
    out = [1.0, 1.0];
    assert_eq!(through_outputs::grad(&[2.0, 3.0], &mut out), Ok(vec![18.0, 6.25]));
    assert_eq!(squares::jacobian(&[2.0, 3.0], &mut out), Ok(vec![vec![4.0, 0.0], vec![0.0, 6.0]]));
    let (mut dot, x_dot) = ([0.0, 0.0], [1.0, 1.0]);
    assert_eq!(squares::jvp(&[2.0, -3.0], &mut out, &x_dot, &mut dot), Err(Bad::Negative(-3.0)));
}

// --- as people write them ---

/// Newton's method for the volatility at which an option has a price.
#[grad(wrt(price, spot))]
fn implied_volatility(price: f64, spot: f64, strike: f64, years: f64) -> Result<f64, String> {
    if price <= 0.0 || years <= 0.0 {
        return Err(format!("no volatility for a price of {price}"));
    }
    let mut sigma = (2.0 * std::f64::consts::PI / years).sqrt() * price / spot;
    for _ in 0..50 {
        // The smooth part of the normal distribution, near enough.
        let n = |d: f64| 1.0 / (1.0 + (-1.702 * d).exp());
        let root = years.sqrt();
        let p = n(0.5 * sigma * root);
        let vega = spot * root * 1.702 * p * (1.0 - p);
        if vega.abs() < 1e-12 {
            return Err("the price does not depend on the volatility".into());
        }
        let step = (spot * p - strike * n(-0.5 * sigma * root) - price) / vega;
        sigma -= step;
        if !sigma.is_finite() {
            return Err("diverged".into());
        }
        if step.abs() < 1e-13 {
            return Ok(sigma);
        }
    }
    Err("no convergence".into())
}

#[grad(wrt(price, spot))]
fn implied_volatility_plain(price: f64, spot: f64, strike: f64, years: f64) -> f64 {
    implied_volatility(price, spot, strike, years).unwrap()
}

#[grad(wrt(theta), second)]
fn likelihood(theta: &[f64], counts: &[u32]) -> Option<f64> {
    let (rate, shape) = (theta[0], theta[1]);
    if rate <= 0.0 || counts.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    for &count in counts {
        let p = rate * f64::from(count) + shape;
        if p <= 0.0 {
            return None;
        }
        sum += p.ln() - rate;
    }
    Some(sum / counts.len() as f64)
}

#[grad(wrt(theta), second)]
fn likelihood_plain(theta: &[f64], counts: &[u32]) -> f64 {
    likelihood(theta, counts).unwrap()
}

#[grad]
fn single(x: f32) -> Option<f32> {
    if x < 0.0 { None } else { Some(x.sqrt() * x) }
}

#[test]
fn as_people_write_them() {
    check!(implied_volatility_plain(7.5, 100.0, = 100.0, = 0.75), first_only);
    assert!(implied_volatility::grad(-1.0, 100.0, 101.0, 0.75).is_err());
    check!(likelihood_plain(&[0.5, 0.25], = &[1, 2, 5]));
    agree!(likelihood, likelihood_plain, (&[0.5, 0.25], &[1, 2, 5]), (&[1.0, 0.5]));
    fails!(likelihood, (&[0.5, -0.75], &[5, 1]), (&[1.0, 0.5]));
    assert_eq!(single::value_and_grad(4.0), Some((8.0, 3.0)));
    assert_eq!(single::grad(-4.0), None);
}

#[test]
fn objectives_that_fail() {
    let mut objective = likelihood::objective(&[1, 2, 5]);
    let mut gradient = [0.0; 2];
    let value = objective.value_and_grad_into(&[0.5, 0.25], &mut gradient);
    assert_eq!(objective.failure(), None);
    assert_eq!(Some(value), likelihood(&[0.5, 0.25], &[1, 2, 5]));
    assert_close(&gradient, &likelihood_plain::grad(&[0.5, 0.25], &[1, 2, 5]));
    objective.value(&[-0.5, 0.25]);
    assert_eq!(objective.failure().unwrap().to_string(), "the objective returned `None`");
    let mut objective = guarded::objective();
    objective.value_and_grad_into(&[-1.0, 2.0], &mut gradient);
    let failure = objective.failure().unwrap();
    assert_eq!(failure.downcast_ref::<Bad>(), Some(&Bad::Negative(-1.0)));
    let mut objective = single::objective();
    assert!(objective.value(&[4.0]) == 8.0 && objective.failure().is_none());
    objective.value_and_grad_into(&[-4.0], &mut [0.0]);
    assert!(objective.failure().is_some());
}

// --- failures that are handled ---

#[grad(second)]
fn handled_by_match(x: f64, y: f64, k: usize) -> f64 {
    let a = match logarithms(x, y) {
        Some(a) if a > 3.0 => a * 0.5,
        Some(a) => a + x,
        None => y * y,
    };
    let b = match guarded(&[x, y * 0.5]) {
        Ok(b) => b * a,
        Err(Bad::Negative(v)) if v < -2.0 => x * y,
        Err(_) => x - y,
    };
    let c = if let Some(c) = logarithms(a, b) { c } else { 1.0 };
    let mut sum = a + b;
    for i in 0..k {
        match logarithms(x - i as f64, sum) {
            Some(v) if v > 40.0 => break,
            Some(v) => sum += v.sin(),
            None => {
                sum *= y;
                continue;
            }
        }
        sum += c * 0.1;
    }
    sum
}

#[grad(second)]
fn handled_by_methods(x: f64, y: f64) -> f64 {
    let a = logarithms(x, y).unwrap_or(x * y);
    let b = guarded(&[x, a]).unwrap_or_else(|error| if error == Bad::Empty { 0.0 } else { x.exp() });
    let c = logarithms(y, x).map(|c| c * a).unwrap_or(b);
    let d = guarded(&[b, c]).map_or(1.0, |d| d.sqrt() * x);
    let e = logarithms(x, y).ok_or("none").map(|v| v + 1.0).unwrap_or_default();
    let f = logarithms(x - 0.75, y).map_or_else(|| x * x, |v| v * y);
    a + b * 0.1 + c + d + e + f
}

#[grad(second)]
fn handled_by_let_else(x: f64, y: f64) -> Option<f64> {
    let Some(a) = logarithms(x, y) else {
        return None;
    };
    let Ok(b) = guarded(&[a, x]) else { return Some(x * y) };
    if let Err(error) = guarded(&[b, y]) {
        assert!(error != Bad::Empty);
        return Some(b);
    }
    let Some(c) = logarithms(y, x) else { panic!("y is positive here") };
    Some(a * b + c)
}

#[grad(second)]
fn handled_by_let_else_plain(x: f64, y: f64) -> f64 {
    handled_by_let_else(x, y).unwrap()
}

#[grad(second)]
fn asked(x: f64, y: f64) -> f64 {
    let a = if logarithms(x, y).is_some() { x * y } else { y };
    if guarded(&[x, a]).is_err() || logarithms(y, a).is_none() {
        return a * a;
    }
    a * if guarded(&[a]).is_ok() { x } else { 2.0 }
}

/// The other side of a recursion: no more calls than the function makes.
#[grad(second)]
fn descends(x: f64, n: usize) -> Option<f64> {
    if n > 12 || x > 1e3 {
        return None;
    }
    match descends(x * 1.5, n + 1) {
        Some(y) => Some(y * 0.9),
        None => Some((x + n as f64).sin()),
    }
}

#[grad(second)]
fn descends_plain(x: f64, n: usize) -> f64 {
    descends(x, n).unwrap()
}

#[grad(second)]
fn mapped(x: f64, y: f64) -> Option<f64> {
    let a = logarithms(x, y).map(|a| a * y)?;
    let b = logarithms(a, x).and_then(|b| if b > 50.0 { None } else { Some(b * x) })?;
    let c = "2.5".parse::<f64>().ok().map(|k| k * x)?;
    logarithms(x + 1.0, c).and_then(|v| logarithms(v, b)).map(|v| v + a)
}

#[grad(second)]
fn mapped_plain(x: f64, y: f64) -> f64 {
    mapped(x, y).unwrap()
}

#[grad(second)]
fn patterns_inside_of_some(v: &[f64], ks: &[usize]) -> f64 {
    let a = match ks.first() {
        Some(0) => v[0],
        Some(&k) if k > 5 => v[1] * v[1],
        Some(_) => v[0] * v[1],
        None => 1.0,
    };
    let b = match v.iter().copied().reduce(f64::max) {
        Some(most) if most > 2.0 => most * a,
        Some(most) => most,
        _ => a,
    };
    a * b
}

#[test]
fn failures_that_are_handled() {
    for (x, y) in [(2.0, 1.5), (-2.5, 1.5), (0.5, -3.0), (3.0, 4.0), (1.1, 0.3)] {
        for k in [0, 1, 4] {
            check!(handled_by_match(x, y, = k));
        }
        check!(handled_by_methods(x, y));
        check!(asked(x, y));
        if handled_by_let_else(x, y).is_some() {
            check!(handled_by_let_else_plain(x, y));
            agree!(handled_by_let_else, handled_by_let_else_plain, (x, y), (1.0, 0.5));
        } else {
            fails!(handled_by_let_else, (x, y), (1.0, 0.5));
        }
    }
    for n in 0..13 {
        check!(descends_plain(1.25, = n));
        agree!(descends, descends_plain, (1.25, n), (1.0));
    }
    check!(mapped_plain(1.5, 2.0));
    agree!(mapped, mapped_plain, (1.5, 2.0), (1.0, -0.5));
    fails!(mapped, (-1.5, 2.0), (1.0, -0.5));
    for ks in [&[][..], &[0], &[3], &[9]] {
        check!(patterns_inside_of_some(&[1.5, 2.5], = ks));
        check!(patterns_inside_of_some(&[1.5, 1.25], = ks));
    }
}

/// How often a function runs in which a failure is handled.
#[grad(wrt(x))]
fn counted(x: f64, calls: &std::cell::Cell<usize>) -> Option<f64> {
    calls.set(calls.get() + 1);
    if x < 0.0 { None } else { Some(x * x) }
}

#[grad(wrt(x))]
fn counts(x: f64, calls: &std::cell::Cell<usize>) -> f64 {
    let a = match counted(x, calls) {
        Some(a) => a,
        None => 1.0,
    };
    a * counted(-x, calls).unwrap_or(x)
}

#[test]
fn what_may_fail_runs_once() {
    let calls = std::cell::Cell::new(0);
    assert_eq!(counts::grad(2.0, &calls), 12.0);
    assert_eq!(calls.get(), 2);
    assert_eq!(counts::jvp(2.0, &calls, 1.0), (8.0, 12.0));
    assert_eq!(calls.get(), 4);
}

// --- parts of conditions, and options in variables ---

#[grad(second)]
fn scaled(x: &[f64], k: f64) -> Result<Vec<f64>, String> {
    if k < 0.0 {
        return Err("k".into());
    }
    Ok(x.iter().map(|v| v * k).collect())
}

#[grad(second)]
fn first_two(x: &[f64], k: f64) -> Result<[f64; 2], String> {
    let r = scaled(x, k)?;
    if r.len() < 2 {
        return Err(format!("{}", r.len()));
    }
    Ok([r[0], r[1] * r[0]])
}

#[grad(second)]
fn vectors_or(x: &[f64], k: f64) -> f64 {
    let r = match scaled(x, k) {
        Ok(r) => r,
        Err(_) => vec![k; 3],
    };
    let a = first_two(x, k).unwrap_or([k, x[0]]);
    let mut s = 0.0;
    for v in &r {
        s += v * v * a[0];
    }
    s + a[1]
}

#[grad(second)]
fn ends_in_match(x: f64, y: f64) -> Result<f64, String> {
    match logarithms(x, y) {
        Some(v) if v > 1.0 => Ok(v * 2.0),
        Some(v) => Ok(v * x),
        None => Err(format!("{x}")),
    }
}

#[grad(second)]
fn ends_in_match_plain(x: f64, y: f64) -> f64 {
    ends_in_match(x, y).unwrap()
}

#[grad(second)]
fn while_there_is(x: f64) -> f64 {
    let mut z = x;
    let mut n = 0;
    while let Some(y) = logarithms(z, 1.0) {
        z = y * 0.7;
        n += 1;
        if n > 4 {
            break;
        }
    }
    z * x
}

#[grad(second)]
fn conditions(x: f64, y: f64, ks: &[usize]) -> f64 {
    let mut s = x;
    if let Some(a) = logarithms(x, y)
        && a > 0.1
        && let Some(k) = ks.first()
        && *k < 3
    {
        s += a * *k as f64;
    }
    let t = if let Some(a) = logarithms(x, s)
        && a < 5.0
    {
        a * y
    } else if y > 1.0
        && let Ok(v) = first_two(&[x, y], y)
    {
        v[1]
    } else {
        x * y
    };
    for k in 0..3 {
        if s > 2.0
            && let Some(b) = logarithms(x + k as f64, y)
        {
            s = s * 0.5 + b.sin();
            if k == 1 {
                continue;
            }
        } else {
            s *= y;
        }
        s += 1.0;
    }
    s * t
}

#[grad(second)]
fn both_there(v: &[f64], w: &[f64]) -> f64 {
    let p = if let (Some(a), Some(b)) = (v.first(), w.last()) { a * b } else { 1.5 * v.iter().sum::<f64>() };
    p + match (v.iter().copied().reduce(f64::max), w.iter().copied().reduce(f64::min)) {
        (Some(a), Some(b)) => a / b,
        (Some(a), None) => a * a,
        (None, Some(b)) => b * b * b,
        (None, None) => 0.5,
    }
}

#[grad(second)]
fn kept_largest(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let m = v.iter().copied().reduce(f64::max);
    v[0] = 100.0 * x[1];
    m.unwrap() + v[0]
}

#[grad(second)]
fn kept_computed(x: f64) -> f64 {
    let mut z = x * 2.0;
    let m = [z, x].iter().copied().reduce(f64::max).map(|m| m * z);
    z *= 5.0;
    m.unwrap_or(0.0) + z
}

#[test]
fn conditions_of_several_parts() {
    for (x, y) in [(2.1, 1.4), (1.05, 0.55), (-1.1, 1.5), (-1.1, 0.5), (4.0, 2.9)] {
        for ks in [&[][..], &[1], &[7]] {
            check!(conditions(x, y, = ks));
        }
    }
    check!(both_there(&[1.0, 2.0], &[3.0, 0.7]));
    check!(both_there(&[1.0, 2.0], &[0.0; 0]));
    check!(both_there(&[0.0; 0], &[3.0, 0.7]));
}

#[test]
fn vectors_that_may_be_missing() {
    for k in [0.5, -0.5] {
        check!(vectors_or(&[1.0, 2.0], k));
        check!(vectors_or(&[1.0], k));
    }
    check!(while_there_is(2.0));
    check!(while_there_is(0.5));
    check!(ends_in_match_plain(2.0, 1.5));
    check!(ends_in_match_plain(1.2, 0.5));
    agree!(ends_in_match, ends_in_match_plain, (1.2, 0.5), (1.0, 0.5));
    fails!(ends_in_match, (-1.2, 0.5), (1.0, 0.5));
}

/// What an option in a variable holds is what there was when it was made.
#[test]
fn options_in_variables() {
    check!(kept_largest(&[1.0, 2.0]));
    check!(kept_computed(1.5));
}
