//! What reverse mode decides, and the reasons it gives: one function for each.

// As expect-test writes them.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::expand;

/// The plan of the joint form, on assumptions if there are any.
#[track_caller]
fn check(source: &str, expected: &Expect) {
    let item: syn::ItemFn = syn::parse_str(source).unwrap();
    let mut errors = Errors::new();
    let passes = expand::passes(&mut errors, &item, &Args::default());
    let passes = passes.unwrap_or_else(|| panic!("{:?}", errors.messages()));
    expected.assert_eq(&passes.trusting.unwrap_or(passes.joint).plan.to_string());
}

#[test]
fn sums_of_calls_are_reversed_where_they_run() {
    check(
        "fn f(x: &[f64], w: f64) -> f64 {
            if x.is_empty() {
                return 0.0;
            }
            let mut sum = 0.0;
            for i in 0..x.len() {
                if x[i] > 0.0 {
                    sum += w * g(x, i);
                }
            }
            sum
        }",
        &expect![[r#"
            branch: reversed where it runs
                loop over `i`: reversed where it runs
                    branch: reversed where it runs
                        call of `g`: reversed where it runs
        "#]],
    );
}

#[test]
fn a_square_of_a_call_is_not_linear_in_it() {
    check(
        "fn f(x: &[f64]) -> f64 {
            let mut sum = 0.0;
            for i in 0..x.len() {
                let error = g(x, i);
                sum += error * error;
            }
            sum
        }",
        &expect![[r#"
            loop over `i`: reversed where it runs
                call of `g`: reversed later; the cotangent of `error` is not known in front of it
        "#]],
    );
}

#[test]
fn scratch_that_each_pass_overwrites_is_its_own() {
    check(
        "fn f(x: &[f64]) -> f64 {
            let mut scratch = vec![0.0; x.len()];
            let mut sum = 0.0;
            for i in 0..x.len() {
                for j in 0..x.len() {
                    scratch[j] = x[i] * x[j];
                }
                sum += scratch[i].sin();
            }
            sum
        }",
        &expect![[r#"
            loop over `i`: reversed where it runs
                scratch: overwritten before it is read, each time
                loop over `j`: reversed later; it writes memory from outside, or reads what is written behind it
                    x_i: computed again
                    x_j: computed again
        "#]],
    );
}

#[test]
fn scratch_that_a_callee_overwrites_is_assumed_to_be() {
    check(
        "fn f(x: &[f64], n: usize) -> f64 {
            let mut scratch = vec![0.0; x.len()];
            let mut sum = 0.0;
            for i in 0..n {
                g(x, i, &mut scratch);
                sum += h(&scratch);
            }
            sum
        }",
        &expect![[r#"
            loop over `i`: reversed where it runs
                scratch: overwritten before it is read, each time, if `g` does so
                call of `g`: reversed later; it moves or lends memory
                call of `h`: reversed where it runs
        "#]],
    );
}

#[test]
fn scratch_of_which_each_pass_overwrites_another_part_is_written_from_inside() {
    check(
        "fn f(x: &[f64]) -> f64 {
            let mut scratch = vec![0.0; x.len()];
            let mut sum = 0.0;
            for i in 0..x.len() {
                scratch[i] = x[i] * x[i];
                sum += scratch[i].sin();
            }
            sum
        }",
        &expect![[r#"
            loop over `i`: reversed later; it writes memory from outside, or reads what is written behind it
                x_i: computed again
                scratch_i: recorded in a buffer of one allocation
        "#]],
    );
}

#[test]
fn a_minimum_is_reversed_in_the_pass_that_decides() {
    check(
        "fn f(x: &[f64], n: usize) -> f64 {
            let mut total = 0.0;
            for i in 0..n {
                let mut nearest = f64::INFINITY;
                for j in 0..x.len() {
                    nearest = nearest.min(g(x, i, j));
                }
                total += nearest;
            }
            total
        }",
        &expect![[r#"
            loop over `i`: reversed where it runs
                loop over `j`: reversed later, in the pass that decides, which runs again
                    call of `g`: reversed later; the cotangent of `g` is not known in front of it
        "#]],
    );
}

#[test]
fn a_counter_goes_back_through_a_nest() {
    check(
        "fn f(l: &[f64], v: &[f64], out: &mut [f64]) {
            let mut p = 0;
            for i in 0..v.len() {
                for j in i + 1..v.len() {
                    out[j] += l[p] * v[i];
                    p += 1;
                }
            }
        }",
        &expect![[r#"
            loop over `i`: reversed later; it writes memory from outside, or reads what is written behind it
                index: computed again
                loop over `j`: reversed later; so is what is around it
                    p: counted back
                    l_p: computed again
                    v_i: computed again
                p: counted back
        "#]],
    );
}

#[test]
fn what_leaves_arms_has_slots_and_arrays() {
    check(
        "fn f(x: &[f64; 3]) -> [f64; 3] {
            let mut out = [0.0; 3];
            if x[0] != 0.0 {
                let axis = [x[0].exp(), x[1].exp(), x[2].exp()];
                let turned = g(&axis);
                for i in 0..3 {
                    out[i] = axis[i].sin() * turned[i].exp();
                }
            }
            out
        }",
        &expect![[r#"
            branch: reversed later; it writes memory from outside, or reads what is written behind it
                exp_x_0: a further result of the branch
                exp_x_1: a further result of the branch
                exp_x_2: a further result of the branch
                    axis: recorded in a slot
                call of `g`: reversed later; so is what is around it
                pullback: recorded in a slot
                loop over `i`: reversed later; so is what is around it
                    axis_i: read from an array that is kept
                    sin_axis_i: recorded in an array on the stack
                    turned_bar: recorded in a slot
                    exp_turned_i: recorded in an array on the stack
        "#]],
    );
}

#[test]
fn a_while_records_on_tapes() {
    check(
        "fn f(a: f64) -> f64 {
            let mut x = a;
            while x > 1.0 {
                x = x.sqrt() * a;
            }
            x
        }",
        &expect![[r#"
            loop with a condition: reversed later; how often it runs is known when it has
                sqrt_x: recorded on a tape
        "#]],
    );
}
