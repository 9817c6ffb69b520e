//! `if`, `match`, `if let`, `let else`, short-circuit logic: the derivative of the branch taken.

use crate::support::{check, check_into, exactly};
use grad::grad;
use std::cell::Cell;

/// x³ or -2x
#[grad(second)]
fn either(x: f64) -> f64 {
    if x > 0.0 { x * x * x } else { -2.0 * x }
}

#[test]
fn the_branch_taken_counts() {
    check!(either(1.5) => [6.75]);
    check!(either(-1.5) => [-2.0]);
    exactly!(either(0.0) => [-2.0]);
}

#[grad(second)]
fn chain(x: f64, y: f64) -> f64 {
    if x < -1.0 {
        y
    } else if x < 0.0 {
        x * y
    } else if x * y > 2.0 {
        let z = x * x;
        z * y
    } else {
        x.exp() - y
    }
}

#[test]
fn a_chain_of_conditions() {
    check!(chain(-2.0, 0.5) => [0.0, 1.0]);
    check!(chain(-0.5, 0.7) => [0.7, -0.5]);
    check!(chain(2.0, 1.5) => [6.0, 4.0]);
    check!(chain(0.4, 0.3) => [0.4_f64.exp(), -1.0]);
}

#[grad(second)]
fn without_else(x: f64, up: bool) -> f64 {
    let mut y = x;
    if up {
        y *= x;
    }
    if y > 10.0 {
        y = 10.0 + (y - 10.0) * 0.1;
    }
    if x < 0.0 {}
    y
}

#[test]
fn a_condition_without_else_changes_variables() {
    check!(without_else(2.0, =true) => [4.0]);
    check!(without_else(2.0, =false) => [1.0]);
    check!(without_else(4.0, =true) => [0.8]);
}

#[grad(second)]
fn several_variables(x: f64, y: f64) -> f64 {
    let mut a = x;
    let mut b = y;
    let c = x * y;
    if c > 0.0 {
        a = b * c;
        b += a;
    } else {
        let d = a;
        a = b;
        b = d * c;
    }
    a * b + c
}

#[test]
fn branches_assign_several_variables() {
    check!(several_variables(0.7, 1.2));
    check!(several_variables(-0.7, 1.2));
}

#[grad(second)]
fn nested(x: f64, y: f64) -> f64 {
    let mut s = 0.0;
    if x > 0.0 {
        if y > 0.0 {
            s += x * y;
        } else {
            s -= x / (y - 1.0);
            if x > 1.0 {
                s *= s;
            }
        }
        s += x;
    } else if y > 0.0 {
        s = y.ln();
    }
    s * 2.0
}

#[test]
fn branches_in_branches() {
    check!(nested(0.5, 0.6));
    check!(nested(0.5, -0.6));
    check!(nested(1.5, -0.6));
    check!(nested(-0.5, 0.6));
    check!(nested(-0.5, -0.6) => [0.0, 0.0]);
}

#[grad(second)]
fn early_returns(x: f64, y: f64) -> f64 {
    if x < 0.0 {
        return 0.0;
    }
    let z = x.sqrt();
    if y > 1.0 {
        let w = z * y;
        if w > 3.0 {
            return w * w;
        }
        return w;
    }
    z + y
}

#[test]
fn early_returns_end_the_function() {
    exactly!(early_returns(-1.0, 1.0) => [0.0, 0.0]);
    check!(early_returns(4.0, 2.0) => [4.0, 16.0]);
    check!(early_returns(1.0, 2.0) => [1.0, 1.0]);
    check!(early_returns(4.0, 0.5) => [0.25, 1.0]);
}

#[grad(second)]
fn guard_first(v: &[f64]) -> f64 {
    if v.is_empty() {
        return f64::INFINITY;
    }
    if v[0].is_nan() || v[0] < -100.0 {
        return f64::MAX;
    }
    v[0] * v[0]
}

#[test]
fn a_guard_returns_a_constant() {
    exactly!(guard_first(&[-200.0]) => [0.0]);
    exactly!(guard_first(&[f64::NAN]) => [0.0]);
    check_into!(guard_first(&[3.0, 1.0]) => [6.0, 0.0]);
    assert_eq!(guard_first::grad(&[]), Vec::<f64>::new());
}

#[grad(second)]
fn tuple_of_branch(x: f64, up: bool) -> f64 {
    let (a, b) = if up { (x, x * x) } else { (x.sin(), 1.0) };
    let [c, d] = if !up { [a, b] } else { [b, a * 2.0] };
    a * c + b * d
}

#[test]
fn a_branch_yields_a_tuple_or_an_array() {
    // x · x² + x² · 2x = 3x³
    check!(tuple_of_branch(0.6, =true) => [9.0 * 0.36]);
    check!(tuple_of_branch(0.6, =false));
}

#[grad(second)]
fn in_an_expression(x: f64, y: f64) -> f64 {
    2.0 * (if x > y { x } else { y }) + (if x < y { 1.0 } else { x * y }).sin() * if x == y { 3.0 } else { x }
}

#[test]
fn a_branch_is_an_operand() {
    check!(in_an_expression(0.8, 0.5));
    check!(in_an_expression(0.5, 0.8));
}

#[grad(second)]
fn on_integers(x: f64, n: i32) -> f64 {
    match n {
        0 => 1.0,
        1 => x,
        2 | 3 => x * x,
        4..=6 => x.exp(),
        i32::MIN..=-1 => -x,
        _ => {
            let y = x * f64::from(n);
            y * y
        }
    }
}

#[test]
fn a_match_on_integers_and_ranges() {
    exactly!(on_integers(1.5, =0) => [0.0]);
    check!(on_integers(1.5, =1) => [1.0]);
    check!(on_integers(1.5, =3) => [3.0]);
    check!(on_integers(1.5, =6) => [1.5_f64.exp()]);
    check!(on_integers(1.5, =-4) => [-1.0]);
    check!(on_integers(1.5, =7) => [147.0]);
}

#[grad(second)]
fn with_guards(x: f64, n: usize) -> f64 {
    match n {
        k if k > 10 && x > 1.0 => x * k as f64,
        k @ 5..=20 => x / k as f64,
        k if x < 0.0 => -x * k as f64,
        _ if n == 3 => x.cos(),
        _ => x * x,
    }
}

#[test]
fn guards_and_bindings() {
    check!(with_guards(1.5, =12) => [12.0]);
    check!(with_guards(0.5, =12) => [1.0 / 12.0]);
    check!(with_guards(-0.5, =4) => [-4.0]);
    check!(with_guards(0.5, =3) => [-(0.5_f64.sin())]);
    check!(with_guards(0.5, =2) => [1.0]);
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    Linear,
    Square,
    Gauss,
}

#[grad(second)]
fn on_an_enum(x: f64, kernel: Kernel) -> f64 {
    let y = match kernel {
        Kernel::Linear => x,
        Kernel::Square => x * x,
        Kernel::Gauss => (-x * x).exp(),
    };
    match kernel {
        Kernel::Gauss | Kernel::Square => y * 2.0,
        Kernel::Linear => y * y,
    }
}

#[grad(second)]
fn enum_by_use(x: f64, kernel: &Kernel) -> f64 {
    use Kernel::{Gauss, Linear, Square};
    let scale = match *kernel {
        Linear => 1.0,
        Square | Gauss => x,
    };
    if *kernel == Square {
        return x * scale;
    }
    if matches!(kernel, Linear) { x.sin() } else { scale.cos() }
}

#[test]
fn a_match_on_an_enum() {
    check!(on_an_enum(0.7, =Kernel::Linear) => [1.4]);
    check!(on_an_enum(0.7, =Kernel::Square) => [2.8]);
    check!(on_an_enum(0.7, =Kernel::Gauss) => [-2.8 * (-0.49_f64).exp()]);
    check!(enum_by_use(0.7, =&Kernel::Linear) => [0.7_f64.cos()]);
    check!(enum_by_use(0.7, =&Kernel::Square) => [1.4]);
    check!(enum_by_use(0.7, =&Kernel::Gauss) => [-(0.7_f64.sin())]);
}

#[grad(second)]
fn on_tuples(x: f64, a: bool, n: u32) -> f64 {
    match (a, n) {
        (true, 0) => x,
        (true, k) => x * f64::from(k),
        (false, 1..=3) => x * x,
        (false, _) => 1.0 / x,
    }
}

#[grad(second)]
fn on_conditions(x: f64, y: f64) -> f64 {
    match (x > 0.0, y > 0.0) {
        (true, true) => x * y,
        (true, false) => x - y,
        (false, true) => y / (x - 1.0),
        (false, false) => x,
    }
}

#[grad(second)]
fn on_bools(x: f64, up: bool) -> f64 {
    let s = match up {
        true => 1.0,
        false => -1.0,
    };
    match x > 1.0 {
        true => s * x,
        false => s * x * x,
    }
}

#[test]
fn a_match_on_tuples_and_bools() {
    check!(on_tuples(0.8, =true, =0) => [1.0]);
    check!(on_tuples(0.8, =true, =5) => [5.0]);
    check!(on_tuples(0.8, =false, =2) => [1.6]);
    check!(on_tuples(0.8, =false, =9) => [-1.0 / 0.64]);
    check!(on_conditions(0.5, 0.7) => [0.7, 0.5]);
    check!(on_conditions(0.5, -0.7) => [1.0, -1.0]);
    check!(on_conditions(-0.5, 0.7) => [-0.7 / 2.25, -1.0 / 1.5]);
    check!(on_conditions(-0.5, -0.7) => [1.0, 0.0]);
    check!(on_bools(2.0, =true) => [1.0]);
    check!(on_bools(0.5, =false) => [-1.0]);
}

#[grad(second)]
fn match_as_statement(x: f64, mode: char) -> f64 {
    let mut y = x;
    match mode {
        's' => y = y.sin(),
        'a'..='f' => {
            y *= y;
            y += 1.0;
        }
        'r' => return -x,
        _ => {}
    }
    y * x
}

#[grad(second)]
fn on_text(x: f64, name: &str) -> f64 {
    match name {
        "square" => x * x,
        "cube" => x * x * x,
        _ => x,
    }
}

#[test]
fn a_match_on_chars_and_text() {
    check!(match_as_statement(0.6, ='s') => [0.6_f64.sin() + 0.6 * 0.6_f64.cos()]);
    check!(match_as_statement(0.6, ='c') => [3.0 * 0.36 + 1.0]);
    check!(match_as_statement(0.6, ='r') => [-1.0]);
    check!(match_as_statement(0.6, ='z') => [1.2]);
    check!(on_text(0.5, ="square") => [1.0]);
    check!(on_text(0.5, ="cube") => [0.75]);
    check!(on_text(0.5, ="") => [1.0]);
}

#[grad(wrt(x), second)]
fn if_let(x: f64, scale: Option<f64>, pair: Result<usize, bool>) -> f64 {
    let mut y = x;
    if let Some(s) = scale {
        y *= s;
    } else {
        y = y.sin();
    }
    if let Ok(n @ 1..=5) = pair {
        y * n as f64
    } else if let Err(true) = pair {
        y + x
    } else {
        y * y
    }
}

#[test]
fn if_let_on_constants() {
    check!(if_let(0.6, =Some(3.0), =Ok(2)) => [6.0]);
    check!(if_let(0.6, =None, =Err(true)) => [0.6_f64.cos() + 1.0]);
    check!(if_let(0.6, =Some(3.0), =Ok(9)) => [2.0 * 9.0 * 0.6]);
}

#[grad(wrt(x), second)]
fn let_else(x: f64, scale: Option<f64>, limits: &[usize]) -> f64 {
    let Some(s) = scale else {
        return x;
    };
    let &[low, high] = limits else { return x * s };
    x * x * s * (high - low) as f64
}

#[test]
fn let_else_on_constants() {
    check!(let_else(0.6, =None, =&[]) => [1.0]);
    check!(let_else(0.6, =Some(3.0), =&[1]) => [3.0]);
    check!(let_else(0.6, =Some(3.0), =&[1, 5]) => [14.4]);
}

#[grad(wrt(x), second)]
fn match_on_option(x: f64, weight: Option<f64>) -> f64 {
    match weight {
        Some(w) if w > 10.0 => x,
        Some(w) => w * x * x,
        None => 0.0,
    }
}

#[test]
fn a_match_binds_constants() {
    check!(match_on_option(1.5, =Some(2.0)) => [6.0]);
    check!(match_on_option(1.5, =Some(20.0)) => [1.0]);
    exactly!(match_on_option(1.5, =None) => [0.0]);
}

pub enum Shape {
    Circle(f64),
    Square { side: f64 },
}

#[grad(wrt(x), second)]
fn match_on_fields(x: f64, shape: &Shape) -> f64 {
    match shape {
        Shape::Circle(r) if *r > 10.0 => x.max(*r),
        Shape::Circle(r) => r * x * x,
        Shape::Square { side } => {
            let side: f64 = *side;
            side * side.powi(2) * x
        }
    }
}

#[grad(wrt(x), second)]
fn if_let_behind_a_reference(x: f64, weights: &[Option<f64>]) -> f64 {
    let mut sum = 0.0;
    for weight in weights {
        if let Some(w) = weight {
            sum += w * x * x;
        }
    }
    sum
}

#[test]
fn a_match_binds_references_to_constants() {
    check!(match_on_fields(1.5, =&Shape::Circle(2.0)) => [6.0]);
    check!(match_on_fields(15.0, =&Shape::Circle(12.0)) => [1.0]);
    check!(match_on_fields(1.5, =&Shape::Square { side: 2.0 }) => [8.0]);
    check!(if_let_behind_a_reference(1.5, =&[Some(2.0), None, Some(3.0)]) => [15.0]);
}

thread_local! {
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

fn ask(answer: bool) -> bool {
    ASKED.with(|asked| asked.set(asked.get() + 1));
    answer
}

/// The right side is evaluated only where the left one does not decide, and once.
#[grad(second)]
fn short_circuit(x: f64, a: bool, b: bool) -> f64 {
    if ask(a) && ask(b) || x > 5.0 && ask(true) { x * x } else { x }
}

#[test]
fn conditions_are_evaluated_once_and_only_as_far_as_needed() {
    for (a, b, times, slope) in [(true, true, 2, 3.0), (true, false, 2, 1.0), (false, true, 1, 1.0)] {
        ASKED.set(0);
        let (_, dx) = short_circuit::value_and_grad(1.5, a, b);
        assert_eq!((ASKED.get(), dx), (times, slope), "{a} {b}");
    }
    ASKED.set(0);
    assert_eq!(short_circuit::grad(6.0, false, true), 12.0);
    assert_eq!(ASKED.get(), 2);
}

#[grad(second)]
fn comparisons(x: f64, y: f64) -> f64 {
    let a = x < y;
    let b = x >= 2.0 * y || !(y != 0.5);
    let c = a ^ b;
    let d = (x as usize).is_multiple_of(2) & c;
    if a == b {
        x * y
    } else if d | (x <= 0.0) {
        x - y
    } else {
        y
    }
}

#[test]
fn bools_are_values() {
    check!(comparisons(0.3, 0.7) => [1.0, -1.0]);
    check!(comparisons(1.3, 2.7) => [0.0, 1.0]);
    check!(comparisons(0.9, 0.7) => [0.7, 0.9]);
}

/// A branch at a cutoff: beyond it the derivative is exactly zero, and what is not executed cannot produce NaN.
#[grad(second)]
fn cutoff(r: f64, rc: f64) -> f64 {
    if r < rc { (rc - r).sqrt() * r.ln() } else { 0.0 }
}

#[test]
fn beyond_a_cutoff_there_is_exactly_nothing() {
    exactly!(cutoff(2.0, 2.0) => [0.0, 0.0]);
    exactly!(cutoff(3.0, 2.0) => [0.0, 0.0]);
    check!(cutoff(1.0, 2.0) => [1.0, 0.0]);
}

/// Arrays written in one arm only.
#[grad(second)]
fn memory_in_a_branch(x: f64, up: bool) -> f64 {
    let mut v = [x, 2.0, x * x];
    if up {
        v[1] = v[0] * v[2];
        v[0] = 1.0;
    } else {
        v = [v[2], v[1], v[0]];
    }
    v[0] * v[1] + v[2]
}

#[grad(second)]
fn whole_arrays_of_branches(x: f64, y: f64) -> f64 {
    let v = if x > y { [x, y] } else { [y * y, x] };
    let w = match v[0] > 1.0 {
        true => vec![v[0], v[1]],
        false => vec![v[1]],
    };
    w[0] * v[1]
}

#[test]
fn branches_write_to_memory() {
    check!(memory_in_a_branch(0.7, =true) => [5.0 * 0.49 * 0.0 + 3.0 * 0.49 + 1.4]);
    check!(memory_in_a_branch(0.7, =false) => [2.8 + 1.0]);
    check!(whole_arrays_of_branches(2.0, 0.5) => [0.5, 2.0]);
    check!(whole_arrays_of_branches(0.4, 0.5) => [0.8, 0.0]);
}

#[grad(second)]
fn never_arm(x: f64, n: usize) -> f64 {
    match n {
        0 => x,
        1 => x * x,
        _ => unreachable!("only 0 and 1"),
    }
}

#[grad(second)]
fn panicking_arm(x: f64, n: usize) -> f64 {
    let y = if n == 0 { x * x } else { panic!("n is {n}") };
    y + x
}

#[test]
fn an_arm_may_diverge() {
    check!(never_arm(0.5, =1) => [1.0]);
    check!(panicking_arm(0.5, =0) => [2.0]);
}
