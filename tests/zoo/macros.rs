//! Macro calls in a body: copied into the forward sweep, once.

use crate::support::{check, check_into};
use grad::grad;
use std::cell::Cell;

#[grad(second)]
fn assertions(x: f64, v: &[f64], n: usize) -> f64 {
    assert!(n < v.len());
    assert!(x > -10.0, "x is {x}, {} is allowed", -10.0);
    assert_eq!(v.len() % 1, 0, "length {}", v.len());
    assert_ne!(x, 77.0);
    debug_assert!(x.is_finite());
    debug_assert_eq!(n, n);
    debug_assert_ne!(v.len(), 0, "empty");
    let y = x * v[n];
    assert!(y < 1e9, "y = {y:?}");
    y * y
}

#[test]
fn assertions_are_copied() {
    check!(assertions(0.5, &[1.0, 3.0], =1) => [9.0, 0.0, 1.5]);
}

#[grad(second)]
fn printing(x: f64, v: &[f64]) -> f64 {
    let mut y = x;
    for (i, e) in v.iter().enumerate() {
        y *= e;
        if i == 100 {
            println!("{i}: {y:.3} {e}");
            eprintln!("{}", y);
            print!("{y}");
            eprint!("{:?}", v);
        }
    }
    y
}

#[test]
fn printing_is_copied() {
    check_into!(printing(0.5, &[1.0, 3.0]) => [3.0, 1.5, 0.5]);
}

thread_local! {
    static LOGGED: Cell<usize> = const { Cell::new(0) };
}

fn log(message: &str) {
    assert!(message.contains("value"));
    LOGGED.set(LOGGED.get() + 1);
}

/// What the `log` crate calls its macros.
macro_rules! info {
    ($($message:tt)*) => {
        log(&format!($($message)*))
    };
}

macro_rules! debug {
    ($($message:tt)*) => {
        log(&format!($($message)*))
    };
}

#[grad(second)]
fn logging(x: f64, v: &[f64]) -> f64 {
    info!("a value of {x}");
    let mut y = x;
    for e in v {
        y = y * y + e;
        debug!("value {} of {:?}", y, e);
    }
    y
}

#[test]
fn a_side_effect_happens_once() {
    for (way, run) in [
        ("grad", (|| drop(logging::grad(0.5, &[0.1, 0.2, 0.3]))) as fn()),
        ("value_and_grad", || drop(logging::value_and_grad(0.5, &[0.1, 0.2, 0.3]))),
        ("vjp", || {
            let v = [0.1, 0.2, 0.3];
            let (_, pullback) = logging::vjp(0.5, &v);
            assert_eq!(LOGGED.get(), 4, "before the pullback");
            pullback(1.0);
        }),
        ("vjp_add", || {
            logging::vjp_add(0.5, &[0.1, 0.2, 0.3], 1.0, &mut 0.0, &mut [0.0; 3]);
        }),
        ("grad_into", || {
            logging::grad_into(0.5, &[0.1, 0.2, 0.3], &mut 0.0, &mut [0.0; 3]);
        }),
    ] {
        LOGGED.set(0);
        run();
        assert_eq!(LOGGED.get(), 4, "{way}");
    }
    check_into!(logging(0.5, &[0.1, 0.2, 0.3]));
}

fn tick() {
    LOGGED.set(LOGGED.get() + 1);
}

#[grad(second)]
fn helper_with_effect(x: f64) -> f64 {
    tick();
    x * x
}

#[grad(second)]
fn calls_helper_with_effect(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        y = helper_with_effect(y) + 0.1;
    }
    let f = |t: f64| {
        tick();
        t * 2.0
    };
    f(y)
}

#[test]
fn a_side_effect_of_a_callee_happens_once() {
    LOGGED.set(0);
    calls_helper_with_effect::value_and_grad(0.5, 3);
    assert_eq!(LOGGED.get(), 4);
    check!(calls_helper_with_effect(0.5, =3));
}

#[grad(second)]
fn panics(x: f64, n: i32) -> f64 {
    let y = match n {
        0 => x,
        1 => x * x,
        2 => panic!("two is not {}", "supported"),
        3 => unreachable!("three"),
        4 => unimplemented!(),
        _ => todo!(),
    };
    if y > 1e9 {
        panic!();
    }
    y
}

#[test]
fn panicking_macros() {
    check!(panics(0.5, =1) => [1.0]);
}

#[grad(second)]
fn building(x: f64, n: usize) -> f64 {
    let v = vec![x; n];
    let w = vec![x, x * x, 1.0];
    let e: Vec<f64> = vec![];
    v[0] * w[1] + e.len() as f64 + vec![1.0, 2.0][1] * x
}

#[test]
fn vec_is_understood() {
    check!(building(0.5, =2) => [3.0 * 0.25 + 2.0]);
}

#[grad(second)]
fn conditions(x: f64, mode: Option<u8>) -> f64 {
    if matches!(mode, Some(1..=3)) && !matches!(mode, Some(2)) {
        return x * x;
    }
    let text = format!("{mode:?}");
    let wide = cfg!(target_pointer_width = "64") || cfg!(not(target_pointer_width = "64"));
    x * text.len() as f64 * f64::from(u8::from(wide))
}

#[test]
fn macros_without_floats_are_constant() {
    check!(conditions(0.5, =Some(3)) => [1.0]);
    check!(conditions(0.5, =Some(2)) => [7.0]);
    check!(conditions(0.5, =None) => [4.0]);
}
