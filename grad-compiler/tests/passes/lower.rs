//! What lowering makes of small functions.

use expect_test::{Expect, expect};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::ir::print::print;
use grad_compiler::ir::verify::verify_primal;
use grad_compiler::lower::{lower, size};
use std::str::FromStr;

/// Lowers the only function of `source`; what it gives, or the errors.
pub(super) fn lowered(source: &str) -> String {
    let tokens = proc_macro2::TokenStream::from_str(source).expect("the source has tokens");
    let mut errors = Errors::new();
    if !size::prescan(&mut errors, &tokens) {
        return render(&errors);
    }
    let item: syn::ItemFn = syn::parse2(tokens).expect("the source is a function");
    let func = lower(&mut errors, &item, &Args::default());
    if !errors.is_empty() {
        return render(&errors);
    }
    if let Err(problems) = verify_primal(&func) {
        return format!("{}\nnot well formed:\n{}", print(&func), problems.join("\n"));
    }
    print(&func)
}

/// The errors alone.
fn errors_of(source: &str) -> String {
    let tokens = proc_macro2::TokenStream::from_str(source).expect("the source has tokens");
    let mut errors = Errors::new();
    if size::prescan(&mut errors, &tokens) {
        let item: syn::ItemFn = syn::parse2(tokens).expect("the source is a function");
        lower(&mut errors, &item, &Args::default());
    }
    render(&errors)
}

fn render(errors: &Errors) -> String {
    errors.messages().iter().map(|message| format!("{message}\n")).collect()
}

#[track_caller]
pub(super) fn check(source: &str, expected: Expect) {
    expected.assert_eq(&lowered(source));
}

#[test]
fn straight_line_code_is_one_operation_a_line() {
    check(
        r#"fn f(x: f64, y: f64) -> f64 { let a = 1.0 - x; let b = y - x * x; a * a + 100.0 * b * b }"#,
        expect![[r#"
            fn f(wrt x: f64, wrt y: f64) -> f64 {
                let a = sub(1.0, x)
                let mul_x = mul(x, x)
                let b = sub(y, mul_x)
                let mul_a = mul(a, a)
                let mul = mul(100.0, b)
                let mul_mul = mul(mul, b)
                let result = add(mul_a, mul_mul)
                return result
            }
        "#]],
    );
}

#[test]
fn shadowed_names_are_different_variables() {
    check(
        r#"fn f(x: f64) -> f64 { let x = x * x; let x = { let x = x.sin(); x + 1.0 }; x }"#,
        expect![[r#"
            fn f(wrt x: f64) -> f64 {
                let x_1 = mul(x, x)
                let x_2 = sin(x_1)
                let x_3 = add(x_2, 1.0)
                return x_3
            }
        "#]],
    );
}

#[test]
fn swaps_of_scalars_are_only_names() {
    check(
        r#"fn f(a: f64, b: f64) -> f64 { let mut a = a; let mut b = b; (a, b) = (b, a); std::mem::swap(&mut a, &mut b); a = b; a - b * 2.0 }"#,
        expect![[r#"
            fn f(wrt a: f64, wrt b: f64) -> f64 {
                let mul_b = mul(b, 2.0)
                let result = sub(b, mul_b)
                return result
            }
        "#]],
    );
}

#[test]
fn a_compound_assignment_reads_its_place_after_the_right_side() {
    check(
        r#"fn f(x: &mut [Vec<f64>], i: usize) { x[i][i + 1] += x[0][i] * 2.0; }"#,
        expect![[r#"
            fn f(wrt x: &mut [Vec<f64>], i: int) -> () {
                let x_0_i = load x[0][i]
                let mul_x_0_i = mul(x_0_i, 2.0)
                let index = `i + 1`
                let x_i_index = load x[i][index]
                let add_x_i_index = add(x_i_index, mul_x_0_i)
                x[i][index] = add_x_i_index
            }
        "#]],
    );
}

#[test]
fn a_mutable_slice_is_another_name_for_its_place() {
    check(
        r#"fn f(x: &mut [Vec<f64>], i: usize) { let row = &mut x[i]; row[0] = 1.0; let (l, r) = row.split_at_mut(2); l[0] += r[0]; }"#,
        expect![[r#"
            fn f(wrt x: &mut [Vec<f64>], i: int) -> () {
                view row = &mut x[i]
                row[0] = 1.0
                effect `let _ = row . split_at (2) ;`
                view l = &mut row[..2]
                view r = &mut row[2..]
                let r_0 = load r[0]
                let l_0 = load l[0]
                let add_l_0 = add(l_0, r_0)
                l[0] = add_l_0
            }
        "#]],
    );
}

#[test]
fn a_mutable_reference_to_a_scalar_is_the_scalar() {
    check(
        r#"fn f(x: f64) -> f64 { let mut s = x; let r = &mut s; *r *= 2.0; *r += x; s }"#,
        expect![[r#"
            fn f(wrt x: f64) -> f64 {
                let s = mul(x, 2.0)
                let s_1 = add(s, x)
                return s_1
            }
        "#]],
    );
}

#[test]
fn a_tuple_is_taken_apart() {
    check(
        r#"fn f(x: f64) -> f64 { let mut t = (x, 2.0, [x, x]); t.0 *= t.1; t.2[1] = t.0; let (a, _, [b, c]) = t; a + b * c }"#,
        expect![[r#"
            fn f(wrt x: f64) -> f64 {
                alloc t_2: [f64; 2] = [x, x]
                let a = mul(x, 2.0)
                t_2[1] = a
                let b = load t_2[0]
                let c = load t_2[1]
                let mul_b = mul(b, c)
                let result = add(a, mul_b)
                return result
            }
        "#]],
    );
}

#[test]
fn arguments_say_how_they_are_passed() {
    check(
        r#"fn f(x: &[f64], out: &mut [f64], k: usize) -> f64 { let mut s = 1.0; helper(x, &mut out[1..], k + 1, &s, &mut s); let v = make(&x[..k], (s, 2.0)); v[0] + total(v) }"#,
        expect![[r#"
            fn f(wrt x: &[f64], wrt out: &mut [f64], k: int) -> f64 {
                let index = `k + 1`
                call helper(&x, &mut out[1..], index, &1.0, &mut 1.0 -> s)
                alloc pair: (float, float) = (s, 2.0)
                let v = call make(&x[..k], move pair)
                let v_0 = load v[0]
                let total = call total(move v)
                let result = add(v_0, total)
                return result
            }
        "#]],
    );
}

#[test]
fn what_a_call_gives_is_told_by_its_use() {
    check(
        r#"fn f(x: f64, n: usize) -> f64 { let mut acc = g(x); for i in 0..n { if i % 2 == 0 { acc = h(acc); } else { acc += x; } } let (a, b) = pair(acc); a * b[0] }"#,
        expect![[r#"
            fn f(wrt x: f64, n: int) -> f64 {
                let acc = call g(x)
                let acc_5 = for i in 0..n with acc_1 = acc {
                    let cond = `i % 2 == 0`
                    let acc_4 = if cond {
                        let acc_2 = call h(acc_1)
                        yield acc_2
                    } else {
                        let acc_3 = add(acc_1, x)
                        yield acc_3
                    }
                    next acc_4
                }
                let pair = call pair(acc_5)
                let a = load pair.0
                let pair_1_0 = load pair.1[0]
                let result = mul(a, pair_1_0)
                return result
            }
        "#]],
    );
}

#[test]
fn integer_arithmetic_stays_the_users_tokens() {
    check(
        r#"fn f(x: &[f64], i: usize, j: usize, d: usize) -> f64 { let at = (i * d + j).min(x.len() - 1); x[at] * x[i * d + j] * at as f64 }"#,
        expect![[r#"
            fn f(wrt x: &[f64], i: int, j: int, d: int) -> f64 {
                let x_len = len x
                let at = `(i * d + j) . min (x_len - 1)`
                let x_at = load x[at]
                let index = `i * d + j`
                let x_index = load x[index]
                let mul_x_at = mul(x_at, x_index)
                let value = `at as f64`
                let result = mul(mul_x_at, value)
                return result
            }
        "#]],
    );
}

#[test]
fn constants_are_not_looked_into() {
    check(
        r#"fn f(x: f64, cfg: &Config, mut seed: u64) -> f64 { let r = cfg.rate * 2.0; let noise = lcg(&mut seed); let t: f64 = cfg.name.parse().unwrap(); x * r + noise * t + x.powi(cfg.n) }"#,
        expect![[r#"
            GRAD0045: it is not said whether `cfg` is differentiated: this type may hold floats
              = help: name what is: `#[grad(wrt(cfg, …))]` with it, or `#[grad(wrt(…))]` without it for a constant
        "#]],
    );
}

#[test]
fn a_closure_is_lowered_where_it_is_called() {
    check(
        r#"fn f(x: f64) -> f64 { let mut count = 0; let mut g = |t: f64| { count += 1; t * x }; let a = g(1.0); g(a) * count as f64 }"#,
        expect![[r#"
            fn f(wrt x: f64) -> f64 {
                let count = 0
                let t = 1.0
                let count_1 = `count + 1`
                let a = mul(t, x)
                let count_2 = `count_1 + 1`
                let mul_a = mul(a, x)
                let value = `count_2 as f64`
                let result = mul(mul_a, value)
                return result
            }
        "#]],
    );
}

#[test]
fn items_of_the_body_stand_in_front_of_it() {
    check(
        r#"fn f(x: f64) -> f64 { const K: f64 = 2.0; use std::f64::consts::PI; K * x * PI }"#,
        expect![[r#"
            fn f(wrt x: f64) -> f64 {
                effect `const K : f64 = 2.0 ;`
                effect `use std :: f64 :: consts :: PI ;`
                let k = `K`
                let mul_k = mul(k, x)
                let pi = `PI`
                let result = mul(mul_k, pi)
                return result
            }
        "#]],
    );
}

#[test]
fn annotations_of_constants_are_not_lost() {
    check(
        r#"fn f(x: f64) -> f64 { let a: u8 = 200; let b: [u8; 2] = [a, 3]; let c: u16 = if a > 3 { 1 } else { 2 }; let d: i64 = source(); x * (b[0] + 3) as f64 * c as f64 * d as f64 }"#,
        expect![[r#"
            fn f(wrt x: f64) -> f64 {
                let a = 200_u8
                alloc b: [int; 2] = [a, 3]
                let cond = `a > 3`
                let value = if cond {
                    yield 1
                } else {
                    yield 2
                }
                let c = `:: core :: convert :: identity :: < u16 > (value)`
                let d = `:: core :: convert :: identity :: < i64 > (source ())`
                let b_0 = load b[0]
                let value_1 = `(b_0 + 3) as f64`
                let mul_x = mul(x, value_1)
                let value_2 = `c as f64`
                let mul_mul_x = mul(mul_x, value_2)
                let value_3 = `d as f64`
                let result = mul(mul_mul_x, value_3)
                return result
            }
        "#]],
    );
}

#[test]
fn a_reference_chosen_at_run_time_is_an_error() {
    check(
        r#"fn f(x: f64, a: &[f64], b: &[f64], c: bool) -> f64 { let r = if c { a } else { b }; r[0] * x }"#,
        expect![[r#"
            GRAD0029: which value this refers to is decided at run time
              = help: choose an index, or the numbers themselves: `if c { a[i] } else { b[i] }`
        "#]],
    );
}

#[test]
fn all_errors_of_a_function_are_found() {
    check(
        r#"fn f(x: f64, y: &[f64], v: Vec<f64>) -> f64 { let a = unsafe { x }; let b = x.to_string(); square!(x); let c = y.binary_search(&3.0)?; let p = &raw const x; static S: f64 = 1.0; x + a }"#,
        expect![[r#"
            GRAD0020: this item is not supported inside a function with a gradient
              = help: move the item out of the function
            GRAD0019: unsafe code is not followed
              = help: write it with safe operations, or move constant parts into a function of their own
            GRAD0023: the method `to_string` has no derivative rule
              = help: compute it with methods that have one; or, if no derivative goes through it, from a constant: `grad::constant(x)`
            GRAD0022: the macro `square!` is not known, and is given variables that are differentiated
              = help: write the code out, or turn the macro into a function with `#[grad]`
            GRAD0031: `?` in a closure, or in a function that returns neither a `Result` nor an `Option`
              = help: leave the function by it, not a closure: write a loop, or take the value out with `match` or `unwrap_or`; in `map(…).collect::<Result<Vec<_>, E>>()?`, E is to be the function's error
            GRAD0029: raw pointers are not followed
              = help: use a reference: `&x`, `&mut x`
        "#]],
    );
}

#[test]
fn a_signature_that_has_no_derivative_is_an_error() {
    check(
        r#"async unsafe fn f<T: Copy>(&self, n: usize, t: impl Into<f64>, x: &[&mut f64]) -> &[f64] { todo!() }"#,
        expect![[r#"
            GRAD0011: an `async` function has no derivative
              = help: move the numerical part into a plain function and put the attribute there
            GRAD0011: an `unsafe` function has no derivative
              = help: move the numerical part into a plain function and put the attribute there
            GRAD0010: the attribute is on a method of a block that does not have it
              = help: put `#[grad]` on the `impl` block, too
            GRAD0012: an `impl Trait` parameter that is no function
              = help: if it is a constant, or a reference to a type with tangents, name what is differentiated: `#[grad(wrt(…))]`; otherwise write the function for `f64`, or for a type parameter that is a float
            GRAD0014: floats in this form cannot be differentiated
              = help: pass the floats as a scalar, an array, a slice, a `Vec`, or a tuple of these
            GRAD0013: a result of this type cannot be differentiated
              = help: return floats, arrays, `Vec`s and tuples of them, or nothing
        "#]],
    );
}

#[test]
fn an_assigned_constant_is_a_number_if_its_use_says_so() {
    check(
        r#"fn f(x: f64, cfg: &Config) -> f64 { let mut t = cfg.dt; let mut state = cfg.start; for _ in 0..2 { t = t * x; state = step(state); } t * state.rate }"#,
        expect![[r#"
            GRAD0045: it is not said whether `cfg` is differentiated: this type may hold floats
              = help: name what is: `#[grad(wrt(cfg, …))]` with it, or `#[grad(wrt(…))]` without it for a constant
        "#]],
    );
}

/// What is too large gives a numbered error; what is large is lowered, in the stack that a compiler has.
#[test]
fn no_size_overflows_the_stack() {
    let body = || {
        let wrap = |body: String| format!("fn f(x: f64) -> f64 {{ {body} }}");
        let cases: Vec<(&str, &str, String)> = vec![
            ("parentheses", "GRAD0015", wrap("(".repeat(200) + "x" + &")".repeat(200))),
            ("fewer parentheses", "", wrap("(".repeat(120) + "x" + &")".repeat(120))),
            ("ifs", "", wrap("if x > 0.0 { ".repeat(120) + "x" + &" } else { 1.0 }".repeat(120))),
            (
                "loops",
                "",
                wrap(
                    "let mut s = x; ".to_string()
                        + &"for i in 0..2 { ".repeat(60)
                        + "s += x; "
                        + &"}".repeat(60)
                        + " s",
                ),
            ),
            ("calls", "", wrap("f(".repeat(120) + "x" + &")".repeat(120))),
            ("a sum", "", wrap("x".to_string() + &" + x".repeat(950))),
            ("a longer sum", "GRAD0016", wrap("x".to_string() + &" + x".repeat(1100))),
            (
                "a condition",
                "",
                wrap("if x > 0.0".to_string() + &" && x > 0.0".repeat(90) + " { x } else { 1.0 }"),
            ),
            ("a chain of methods", "", wrap("x".to_string() + &".sin()".repeat(490))),
            (
                "else ifs",
                "",
                wrap(
                    (0..195).map(|i| format!("if x > {i}.0 {{ {i}.0 }} else ")).collect::<String>() + "{ x }",
                ),
            ),
            (
                "more else ifs",
                "GRAD0015",
                wrap(
                    (0..400).map(|i| format!("if x > {i}.0 {{ {i}.0 }} else ")).collect::<String>() + "{ x }",
                ),
            ),
            (
                "returns",
                "",
                wrap(
                    (0..195).map(|i| format!("if x > {i}.0 {{ return {i}.0; }} ")).collect::<String>() + "x",
                ),
            ),
            (
                "more returns",
                "GRAD0015",
                wrap(
                    (0..400).map(|i| format!("if x > {i}.0 {{ return {i}.0; }} ")).collect::<String>() + "x",
                ),
            ),
            ("signs", "", wrap("-".repeat(30) + "x")),
            ("more signs", "GRAD0015", wrap("-".repeat(3000) + "x")),
            ("casts", "", wrap("x".to_string() + &" as f64".repeat(180))),
            ("more casts", "GRAD0015", wrap("x".to_string() + &" as f64".repeat(1000))),
            ("blocks", "", wrap("{".repeat(120) + "x" + &"}".repeat(120))),
            (
                "statements",
                "",
                wrap((0..3000).map(|i| format!("let y{i} = x * {i}.0; ")).collect::<String>() + "y1"),
            ),
            (
                "branches",
                "",
                wrap(
                    "let mut s = x; ".to_string() + &"s = s * x; if s > 1.0 { s = 2.0; } ".repeat(1000) + "s",
                ),
            ),
        ];
        for (name, expected, source) in cases {
            let errors = errors_of(&source);
            assert!(
                errors.starts_with(expected) && errors.is_empty() == expected.is_empty(),
                "{name}: expected {expected:?}, got {errors}"
            );
        }
    };
    std::thread::Builder::new().stack_size(7 << 20).spawn(body).expect("a thread").join().expect("no panic");
}
