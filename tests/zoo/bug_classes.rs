//! What breaks tools like this one, by the numbers of the project's list; rows 1 to 7 are in `overwrites.rs`.

use crate::support::{check, check_into, exactly};
use grad::grad;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

// 8: the trip count depends on active values.

#[grad(second)]
fn halvings(x: f64, tolerance: f64) -> f64 {
    let mut y = x;
    let mut n = 0.0;
    while y > tolerance {
        y = y * 0.5 + 0.01 * x * y;
        n += 1.0;
    }
    y * n
}

#[test]
fn row_8_while_with_an_active_condition() {
    check!(halvings(3.0, 0.3));
    exactly!(halvings(0.2, 0.3) => [0.0, 0.0]);
}

// 9: every way out.

#[grad(second)]
fn exits(v: &[f64], limit: f64) -> f64 {
    let mut s = 1.0;
    let r = 'outer: loop {
        let mut i = 0;
        while i < v.len() {
            let x = v[i];
            i += 1;
            if x < 0.0 {
                continue;
            }
            s = s * x + 0.5;
            if s > limit {
                return s * s;
            }
            if x > 2.0 {
                break 'outer s * x;
            }
        }
        if s < 1.0 {
            break s;
        }
        s *= 0.5;
    };
    r + s
}

#[test]
fn row_9_every_way_out_of_a_loop() {
    check_into!(exits(&[0.7, -1.0, 0.5], 10.0));
    check_into!(exits(&[0.7, 2.5, 1.6], 10.0));
    check_into!(exits(&[0.7, 2.5, 1.6], 2.0));
}

// 10: branches.

#[grad(second)]
fn guarded(x: f64, n: usize) -> f64 {
    let mut hits = 0;
    let y = match n {
        0..=2
            if x > 1.0 && {
                hits += 1;
                x < 9.0
            } =>
        {
            x * x
        }
        2 | 5 => x.sin(),
        _ => -x,
    };
    y * f64::from(hits + 1)
}

#[test]
fn row_10_guards_with_effects() {
    check!(guarded(1.5, =2) => [6.0]);
    check!(guarded(0.5, =2) => [0.5_f64.cos()]);
    check!(guarded(1.5, =7) => [-1.0]);
}

// 12 and 13: inactive code, parameters that do not matter.

#[grad(second)]
fn random_shift(x: f64, seed: u64, unused: f64) -> f64 {
    let mut state = seed;
    let mut shift = 0.0;
    for _ in 0..3 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        shift += (state >> 40) as f64 / (1_u64 << 24) as f64;
    }
    x * shift + (x as i64 as f64) + (unused as i32 as f64) * 0.0
}

#[test]
fn row_12_constants_computed_on_the_way() {
    let shift = random_shift(1.5, 42, 0.0) / 1.5 - 1.0 / 1.5;
    let (dx, unused) = random_shift::grad(1.5, 42, 0.0);
    assert!((dx - shift).abs() < 1e-12, "{dx} instead of {shift}");
    assert_eq!(unused.to_bits(), 0.0_f64.to_bits());
}

#[grad(second)]
fn one_of_many(a: f64, b: &[f64], c: (f64, f64), _d: [f64; 2]) -> f64 {
    let _ = (a, c.0);
    b[1]
}

#[test]
fn row_13_a_result_equal_to_a_parameter() {
    exactly!(one_of_many(1.0, &[2.0, 3.0], (4.0, 5.0), [6.0, 7.0]) => [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
}

// 14: the primal runs once.

thread_local! {
    static RUNS: Cell<usize> = const { Cell::new(0) };
}

fn count() -> f64 {
    RUNS.set(RUNS.get() + 1);
    2.0
}

#[grad(second)]
fn counted(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        let k = count();
        s += v[i] * v[i] * k;
    }
    s.sqrt() * count()
}

#[test]
fn row_14_the_primal_runs_once() {
    RUNS.set(0);
    let (value, gradient) = counted::value_and_grad(&[1.0, 1.0]);
    assert_eq!(RUNS.get(), 3);
    assert_eq!((value, gradient), (4.0, vec![2.0, 2.0]));
    RUNS.set(0);
    let v = [1.0, 1.0];
    let (_, pullback) = counted::vjp(&v);
    assert_eq!(RUNS.get(), 3);
    pullback(1.0);
    assert_eq!(RUNS.get(), 3);
}

// 15: panics.

#[grad(second)]
fn fragile(v: &[f64], at: usize, limit: f64) -> f64 {
    let mut s = 0.0;
    let mut w = Vec::new();
    for i in 0..v.len() {
        s += v[i] * v[i];
        w.push(s);
        assert!(s < limit, "{s} is not below {limit}");
    }
    w[at] * v[at - 1]
}

/// What `run` panics with, if it does.
fn panic_of(run: impl FnOnce()) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(run)).err()?;
    let text = payload.downcast_ref::<String>().cloned();
    Some(
        text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string))
            .expect("a panic with a message"),
    )
}

#[test]
fn row_15_a_panic_is_that_of_the_primal_and_leaves_nothing_behind() {
    let v = [1.0, 2.0, 3.0];
    let right = fragile::grad(&v, 2, 100.0);
    for (at, limit, part) in [(7, 100.0, "index out of bounds"), (2, 3.0, "5 is not below 3"), (0, 100.0, "")]
    {
        let wanted = panic_of(|| _ = fragile(&v, at, limit)).expect("the primal panics");
        assert!(wanted.contains(part), "{wanted}");
        assert_eq!(panic_of(|| drop(fragile::grad(&v, at, limit))).as_ref(), Some(&wanted));
        assert_eq!(panic_of(|| drop(fragile::value_and_grad(&v, at, limit))).as_ref(), Some(&wanted));
        assert_eq!(panic_of(|| drop(fragile::vjp(&v, at, limit))).as_ref(), Some(&wanted));
        let mut buffers = (vec![0.5; 3], 0.5);
        let run = || _ = fragile::vjp_add(&v, at, limit, 1.0, &mut buffers.0, &mut buffers.1);
        assert_eq!(panic_of(run).as_ref(), Some(&wanted));
        assert_eq!(fragile::grad(&v, 2, 100.0), right);
    }
}

#[grad(second)]
fn panicking_callee(x: f64, n: usize) -> f64 {
    if n == 0 {
        panic!("n must not be zero");
    }
    x * x
}

#[grad(second)]
fn panicking_caller(x: f64, ns: &[usize]) -> f64 {
    let mut y = x;
    for &n in ns {
        y += panicking_callee(y, n);
    }
    y
}

#[test]
fn row_15_a_panic_of_a_callee() {
    let wanted = Some("n must not be zero".to_owned());
    assert_eq!(panic_of(|| _ = panicking_caller(0.5, &[1, 2, 0])), wanted);
    assert_eq!(panic_of(|| _ = panicking_caller::grad(0.5, &[1, 2, 0])), wanted);
    check!(panicking_caller(0.5, =&[1, 2]));
}

// 16: integer overflow.

#[grad(second)]
fn previous(v: &[f64], i: usize) -> f64 {
    let j = i - 1;
    v[j] * v[i]
}

#[test]
fn row_16_overflow_of_an_index_is_that_of_the_primal() {
    let wanted = panic_of(|| _ = previous(&[1.0, 2.0], 0));
    assert!(wanted.is_some());
    assert_eq!(panic_of(|| drop(previous::grad(&[1.0, 2.0], 0))), wanted);
    check_into!(previous(&[1.0, 2.0], =1) => [2.0, 1.0]);
}

// 17: reuse.

#[grad(second)]
fn reused(v: &[f64], n: usize) -> f64 {
    let mut s = 0.1;
    for i in 0..n {
        s = (s * v[i % v.len()]).sin() + v[0];
    }
    s
}

#[test]
fn row_17_the_same_from_every_thread() {
    let v = [0.3, 0.9, -1.4];
    let wanted = reused::grad(&v, 50);
    let all = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| (0..50).map(|_| reused::grad(&v, 50)).collect())).collect();
        threads.into_iter().flat_map(|t| -> Vec<Vec<f64>> { t.join().expect("no panic") }).collect::<Vec<_>>()
    });
    for gradient in all {
        assert!(gradient.iter().zip(&wanted).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
    // A longer call leaves nothing for a shorter one.
    let short = reused::grad(&v, 2);
    reused::grad(&v, 1000);
    assert_eq!(reused::grad(&v, 2), short);
}

#[test]
fn row_17_a_pullback_may_wait() {
    let v = [0.3, 0.9, -1.4];
    let (_, first) = reused::vjp(&v, 10);
    let (_, second) = reused::vjp(&v, 20);
    let (b, a) = (second(1.0), first(1.0));
    assert_eq!((a, b), (reused::grad(&v, 10), reused::grad(&v, 20)));
}

// 18: inputs and outputs.

#[grad(second)]
fn consumes(mut v: Vec<f64>, mut a: [f64; 2], out: &mut [f64]) -> f64 {
    v[0] *= 2.0;
    a[1] += v[0];
    out[0] = v[0] * a[1];
    v.push(out[0]);
    out[0] + v[1]
}

#[test]
fn row_18_inputs_stay_and_outputs_are_left_as_the_primal_leaves_them() {
    let (v, a) = (vec![1.5, 2.0], [0.5, 1.0]);
    let mut wanted = [9.0, 8.0];
    let value = consumes(v.clone(), a, &mut wanted);
    let mut out = [9.0, 8.0];
    let (mut v_bar, mut a_bar, mut out_bar) = (vec![0.0; 2], [0.0; 2], [0.0, 5.0]);
    let found = consumes::vjp_add(v.clone(), a, &mut out, 1.0, &mut v_bar, &mut a_bar, &mut out_bar);
    assert_eq!((found, out), (value, wanted));
    // 2v₀ (a₁ + 2v₀) + v₁
    assert_eq!((v_bar, a_bar, out_bar), (vec![2.0 * 1.0 + 8.0 * 1.5, 1.0], [0.0, 3.0], [0.0, 5.0]));
    assert_eq!((v, a), (vec![1.5, 2.0], [0.5, 1.0]));
}

// 19: calls, see `calls.rs`.

// 24 and 25: see `f32.rs`, and literals in generated code.

#[grad(second)]
fn bare_literals(x: f64) -> f64 {
    let a: f64 = 2.0;
    let b = -a;
    let c = if x > 0.0 { 1.0 } else { 2.0 };
    let mut d: f64 = 0.0;
    for _ in 0..2 {
        d += 1.0;
    }
    let e = [0.0, 1.0];
    (a * b).max(c) * x.powf(a) + d.sqrt() * x + e[1] * x
}

#[test]
fn row_25_literals_without_suffix() {
    check!(bare_literals(0.75) => [1.5 + 2.0_f64.sqrt() + 1.0]);
}

// 26: NaN is not covered up.

#[grad(second)]
fn normalised(v: &[f64; 2]) -> f64 {
    let n = (v[0] * v[0] + v[1] * v[1]).sqrt();
    v[0] / n
}

#[test]
fn row_26_a_value_that_is_nan_has_no_finite_gradient() {
    assert!(normalised(&[0.0, 0.0]).is_nan());
    let [dx, dy] = normalised::grad(&[0.0, 0.0]);
    assert!(dx.is_nan() && dy.is_nan(), "{dx} {dy}");
}

// 27: zero times infinity.

#[grad(second)]
fn picks(x: f64, which: usize) -> f64 {
    let v = [x, x.ln(), 1.0 / x, x.sqrt()];
    v[which]
}

#[grad(second)]
fn selects(x: f64) -> f64 {
    let safe = if x > 0.0 { x } else { 1.0 };
    let y = safe.ln();
    if x > 0.0 { y } else { x }
}

#[grad(second)]
fn stops(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in 0..4 {
        if i == n {
            return y * 3.0;
        }
        y = if i < n { y + 1.0 } else { (y - y).ln() };
    }
    y
}

#[test]
fn row_27_what_is_not_executed_contributes_exactly_nothing() {
    exactly!(selects(0.0) => [1.0]);
    exactly!(selects(-1.0) => [1.0]);
    exactly!(stops(0.5, =2) => [3.0]);
    exactly!(stops(0.5, =0) => [3.0]);
}

#[test]
fn row_27_without_infinities_a_selection_is_exact() {
    exactly!(picks(2.0, =0) => [1.0]);
    exactly!(picks(2.0, =1) => [0.5]);
    exactly!(picks(2.0, =2) => [-0.25]);
}

// From the bug lists of others.

/// Early exit leaves later passes without a record (Enzyme #1391).
#[grad(second)]
fn leaves_early(v: &[f64], stop: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..v.len() {
        for j in 0..=i {
            p = p * v[i] + v[j];
            if i * 10 + j == stop {
                break;
            }
        }
        if i * 10 >= stop {
            break;
        }
        p = p.sin();
    }
    p
}

/// A vector that grows in a loop and is read in the next (realloc in a loop).
#[grad(second)]
fn reallocates(x: f64, n: usize) -> f64 {
    let mut v = vec![x];
    for i in 0..n {
        let last = v[i];
        let first = v[0];
        v.push(last * first + x);
        v[0] = last * 0.5;
    }
    let mut w: Vec<f64> = Vec::with_capacity(1);
    for i in (0..v.len()).rev() {
        w.push(v[i] * v[0]);
    }
    w[n] * w[0]
}

/// The state of one loop is the start of the next one (header rematerialisation).
#[grad(second)]
fn loop_after_loop(v: &[f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..v.len() {
        s = s * v[i] + 0.3;
        let mut t = s;
        for j in 0..i {
            t = t * t * 0.5 + v[j];
        }
        for j in (0..i).rev() {
            t += s * v[j];
        }
        s += t * 0.1;
    }
    for i in 0..v.len() {
        s = (s * v[i]).cos();
    }
    s
}

/// Many kinks in a row.
#[grad(second)]
fn many_maxima(v: &[f64]) -> f64 {
    let mut m = v[0];
    let mut total = 0.0;
    for i in 1..v.len() {
        m = m.max(v[i] * 1.01).min(3.0);
        total += m / v[i].abs().max(0.1);
    }
    total
}

/// The argument of a callee is overwritten between its forward and reverse sweep.
#[grad(second)]
fn norm_squared(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in v {
        s += x * x;
    }
    s
}

#[grad(second)]
fn overwrites_arguments(x: &[f64], n: usize) -> f64 {
    let mut v = x.to_vec();
    let mut total = 0.0;
    for k in 0..n {
        let s = norm_squared(&v);
        for i in 0..v.len() {
            v[i] = v[i] / s + 0.1 * k as f64;
        }
        total += s * norm_squared(&v[1..]);
    }
    v[0] = 0.0;
    total * v[1]
}

#[test]
fn bugs_of_others() {
    check_into!(leaves_early(&[0.4, 0.9, -0.3, 0.8], =21));
    check_into!(leaves_early(&[0.4, 0.9, -0.3, 0.8], =0));
    check_into!(leaves_early(&[0.4, 0.9, -0.3, 0.8], =99));
    check!(reallocates(0.7, =0) => [4.0 * 0.7_f64.powi(3)]);
    check!(reallocates(0.7, =4));
    check_into!(loop_after_loop(&[0.4, 0.9, -0.3, 0.8]));
    check_into!(many_maxima(&[0.4, 0.9, -0.3, 0.8, 5.0]));
    check_into!(overwrites_arguments(&[0.4, 0.9, -0.3], =3));
}
