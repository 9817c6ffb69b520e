//! What lowering makes of iterator chains.

// `UPDATE_EXPECT` writes them with hashes.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::ir::print::print;
use grad_compiler::ir::verify::verify_primal;
use grad_compiler::lower::lower;

/// Lowers the only function of `source`; what it gives, or the errors.
fn lowered(source: &str) -> Result<String, String> {
    let item: syn::ItemFn = syn::parse_str(source).expect("the source is a function");
    let mut errors = Errors::new();
    let func = lower(&mut errors, &item, &Args::default());
    if !errors.is_empty() {
        let messages: Vec<String> = errors.messages().iter().map(ToString::to_string).collect();
        return Err(messages.join("\n") + "\n");
    }
    match verify_primal(&func) {
        Ok(()) => Ok(print(&func)),
        Err(problems) => Err(format!("{}\nnot well formed:\n{}", print(&func), problems.join("\n"))),
    }
}

#[track_caller]
fn check(source: &str, expected: Expect) {
    expected.assert_eq(&lowered(source).unwrap_or_else(|errors| errors));
}

#[track_caller]
fn check_body(body: &str, expected: Expect) {
    let source = format!("fn f(x: &[f64]) -> f64 {{ {body} }}");
    expected.assert_eq(&lowered(&source).unwrap_or_else(|errors| errors));
}

#[test]
fn a_sum_starts_at_minus_zero() {
    check_body(
        "x.iter().sum()",
        expect![[r#"
        fn f(wrt x: &[f64]) -> f64 {
            let x_len = len x
            let result = for i in 0..x_len with sum = -0.0 {
                let x_i = load x[i]
                let sum_1 = add(sum, x_i)
                next sum_1
            }
            return result
        }
    "#]],
    );
}

#[test]
fn zip_runs_to_the_shorter_end() {
    check(
        "fn f(x: &[f64], y: &[f64]) -> f64 { x.iter().zip(y).map(|(a, &b)| a * b).sum::<f64>() }",
        expect![[r#"
            fn f(wrt x: &[f64], wrt y: &[f64]) -> f64 {
                let x_len = len x
                let y_len = len y
                let index = `x_len . min (y_len)`
                let result = for i in 0..index with sum = -0.0 {
                    let a = load x[i]
                    let b = load y[i]
                    let mul_a = mul(a, b)
                    let sum_1 = add(sum, mul_a)
                    next sum_1
                }
                return result
            }
        "#]],
    );
}

#[test]
fn stages_without_a_choice_are_arithmetic_of_indices() {
    check_body(
        "x.iter().skip(1).rev().step_by(2).enumerate().map(|(k, v)| v * k as f64).fold(0.0, |s, v| s + v)",
        expect![[r#"
            fn f(wrt x: &[f64]) -> f64 {
                let x_len = len x
                let index = `x_len . saturating_sub (1)`
                let index_1 = `index . div_ceil (2)`
                let result = for k in 0..index_1 with s = 0.0 {
                    let index_2 = `k * 2`
                    let index_3 = `index - 1 - index_2`
                    let index_4 = `index_3 + 1`
                    let v = load x[index_4]
                    let value = `k as f64`
                    let v_1 = mul(v, value)
                    let s_1 = add(s, v_1)
                    next s_1
                }
                return result
            }
        "#]],
    );
}

#[test]
fn a_range_is_its_own_index() {
    check(
        "fn f(x: &[f64], n: usize) -> f64 { (1..=n).rev().map(|i| x[i - 1]).sum() }",
        expect![[r#"
        fn f(wrt x: &[f64], n: int) -> f64 {
            let result = for i in reversed 1..=n with sum = -0.0 {
                let index = `i - 1`
                let x_index = load x[index]
                let sum_1 = add(sum, x_index)
                next sum_1
            }
            return result
        }
    "#]],
    );
}

#[test]
fn a_filter_is_a_branch() {
    check_body(
        "x.iter().filter(|v| **v > 0.0).map(|v| v.ln()).sum()",
        expect![[r#"
        fn f(wrt x: &[f64]) -> f64 {
            let x_len = len x
            let result = for i in 0..x_len with sum = -0.0 {
                let v = load x[i]
                let cond = `v > 0.0`
                let sum_2 = if cond {
                    let ln_v = ln(v)
                    let sum_1 = add(sum, ln_v)
                    yield sum_1
                } else {
                    yield sum
                }
                next sum_2
            }
            return result
        }
    "#]],
    );
}

#[test]
fn chained_iterators_are_two_loops() {
    check(
        "fn f(x: &[f64], y: &[f64]) -> f64 { x.iter().chain(y).map(|v| v * v).sum() }",
        expect![[r#"
        fn f(wrt x: &[f64], wrt y: &[f64]) -> f64 {
            let x_len = len x
            let y_len = len y
            let sum_2 = for i in 0..x_len with sum = -0.0 {
                let v = load x[i]
                let mul_v = mul(v, v)
                let sum_1 = add(sum, mul_v)
                next sum_1
            }
            let result = for i_1 in 0..y_len with sum_3 = sum_2 {
                let v_1 = load y[i_1]
                let mul_v_1 = mul(v_1, v_1)
                let sum_4 = add(sum_3, mul_v_1)
                next sum_4
            }
            return result
        }
    "#]],
    );
}

#[test]
fn a_flat_map_is_a_loop_in_a_loop() {
    check_body(
        "(0..x.len()).flat_map(|i| (0..i).map(move |j| x[i] * x[j])).sum()",
        expect![[r#"
        fn f(wrt x: &[f64]) -> f64 {
            let x_len = len x
            let result = for i in 0..x_len with sum = -0.0 {
                let sum_3 = for j in 0..i with sum_1 = sum {
                    let x_i = load x[i]
                    let x_j = load x[j]
                    let mul_x_i = mul(x_i, x_j)
                    let sum_2 = add(sum_1, mul_x_i)
                    next sum_2
                }
                next sum_3
            }
            return result
        }
    "#]],
    );
}

#[test]
fn an_iterator_that_stops_leaves_the_loop() {
    check_body(
        "x.iter().take_while(|v| **v > 0.0).take(3).sum()",
        expect![[r#"
        fn f(wrt x: &[f64]) -> f64 {
            let x_len = len x
            let result, taken_3 = for i in 0..x_len with sum = -0.0, taken = 0_usize {
                let x_i = load x[i]
                let cond = `x_i > 0.0`
                let sum_2, taken_2, left_1 = if cond {
                    let taken_1 = `taken + 1`
                    let sum_1 = add(sum, x_i)
                    let cond_1 = `taken_1 < 3`
                    let left = if cond_1 {
                        yield false
                    } else {
                        yield true
                    }
                    yield sum_1, taken_1, left
                } else {
                    yield sum, taken, true
                }
                until left_1
                next sum_2, taken_2
            }
            return result
        }
    "#]],
    );
}

#[test]
fn a_known_number_of_items_is_written_in_place() {
    check_body(
        "let e: Vec<f64> = x.iter().map(|v| v.exp()).collect(); e[0]",
        expect![[r#"
        fn f(wrt x: &[f64]) -> f64 {
            let x_len = len x
            alloc e: Vec<f64> = vec![0.0; x_len]
            for i in 0..x_len {
                let v = load x[i]
                let exp_v = exp(v)
                e[i] = exp_v
            }
            let result = load e[0]
            return result
        }
    "#]],
    );
}

#[test]
fn an_unknown_number_of_items_is_pushed() {
    check_body(
        "let e: Vec<f64> = x.iter().copied().filter(|v| *v > 0.0).collect(); e[0]",
        expect![[r#"
        fn f(wrt x: &[f64]) -> f64 {
            let x_len = len x
            alloc e: Vec<f64> = vec![]
            for i in 0..x_len {
                let v = load x[i]
                let cond = `v > 0.0`
                if cond {
                    push e, v
                } else {
                }
            }
            let result = load e[0]
            return result
        }
    "#]],
    );
}

#[test]
fn the_largest_item_is_found_by_its_index() {
    check_body(
        "x.iter().map(|v| v.sin()).max_by(|a, b| a.total_cmp(b)).unwrap()",
        expect![[r#"
        fn f(wrt x: &[f64]) -> f64 {
            let x_len = len x
            let largest_2, argmax_2 = for i in 0..x_len with largest = 0.0, argmax = 0_usize {
                let v = load x[i]
                let b = sin(v)
                let cond = `0 < i`
                let value = if cond {
                    let cond_1 = `largest . total_cmp (& b) . is_le ()`
                    yield cond_1
                } else {
                    yield true
                }
                let largest_1, argmax_1 = if value {
                    yield b, i
                } else {
                    yield largest, argmax
                }
                next largest_1, argmax_1
            }
            let cond_2 = `0 < x_len`
            effect `:: core :: assert ! (cond_2 , "called `Option::unwrap()` on a `None` value") ;`
            let v_1 = load x[argmax_2]
            let result = sin(v_1)
            return result
        }
    "#]],
    );
}

#[test]
fn mutable_items_are_places() {
    check(
        "fn f(x: &[f64], out: &mut [f64]) { for (o, v) in out.iter_mut().zip(x) { *o += v * v; } }",
        expect![[r#"
            fn f(wrt x: &[f64], wrt out: &mut [f64]) -> () {
                let out_len = len out
                let x_len = len x
                let index = `out_len . min (x_len)`
                for i in 0..index {
                    let v = load x[i]
                    let mul_v = mul(v, v)
                    let out_i = load out[i]
                    let add_out_i = add(out_i, mul_v)
                    out[i] = add_out_i
                }
            }
        "#]],
    );
}

#[test]
fn a_closure_is_lowered_where_it_is_called() {
    check_body(
        "let mut n = 0.0; let mut add = |v: f64| { if v < 0.0 { return 0.0; } n += v; n }; add(x[0]) + add(x[1])",
        expect![[r#"
            fn f(wrt x: &[f64]) -> f64 {
                let v = load x[0]
                let cond = `v < 0.0`
                let n_1, result, returned, result_1 = if cond {
                    yield 0.0, 0.0, true, 0.0
                } else {
                    let n = add(0.0, v)
                    yield n, 0.0, false, n
                }
                let result_2 = if returned {
                    yield result
                } else {
                    yield result_1
                }
                let v_1 = load x[1]
                let cond_1 = `v_1 < 0.0`
                let result_3, returned_1, result_4 = if cond_1 {
                    yield 0.0, true, 0.0
                } else {
                    let n_2 = add(n_1, v_1)
                    yield 0.0, false, n_2
                }
                let result_5 = if returned_1 {
                    yield result_3
                } else {
                    yield result_4
                }
                let result_6 = add(result_2, result_5)
                return result_6
            }
        "#]],
    );
}

#[test]
fn a_scan_carries_its_state() {
    check_body(
        "x.iter().scan(0.0, |s, v| { *s += v; Some(*s * *s) }).sum()",
        expect![[r#"
        fn f(wrt x: &[f64]) -> f64 {
            let x_len = len x
            let result, state_2 = for i in 0..x_len with sum = -0.0, state = 0.0 {
                let v = load x[i]
                let state_1 = add(state, v)
                let mul_state = mul(state_1, state_1)
                let sum_1 = add(sum, mul_state)
                next sum_1, state_1
            }
            return result
        }
    "#]],
    );
}

/// Chains, most of them from programs that were found in the wild.
const CHAINS: &[&str] = &[
    "x.iter().sum()",
    "x.iter().sum::<f64>()",
    "x.iter().copied().sum::<f64>() / x.len() as f64",
    "x.iter().cloned().product()",
    "x.iter().map(|&v| v.powi(2)).sum::<f64>().sqrt()",
    "x.iter().zip(y.iter()).map(|(a, b)| a * b).sum()",
    "x.iter().zip(y).map(|(&a, &b)| (a - b).abs()).sum()",
    "x.iter().zip(y.iter()).zip(x.iter()).map(|((a, b), c)| a * b * c).sum()",
    "x.iter().zip(y).zip(x.iter().zip(y)).map(|((a, b), (c, d))| a * b * c * d).sum()",
    "std::iter::zip(x, y).map(|(a, b)| a * b).sum()",
    "x.iter().enumerate().map(|(i, v)| (i as f64) * v).sum()",
    "x.iter().enumerate().fold(0.0, |acc, (i, &v)| acc + v * i as f64)",
    "x.iter().rev().fold(0.0, |acc, &c| acc * y[0] + c)",
    "x.iter().fold(0.0, |acc: f64, v| acc.max(v.abs()))",
    "x.iter().copied().fold(f64::NEG_INFINITY, f64::max)",
    "x.iter().cloned().fold(f64::INFINITY, f64::min)",
    "x.iter().fold(f64::NAN, |m, &v| v.max(m))",
    "{ let (a, b) = x.iter().fold((0.0, 0.0), |(a, b), &v| (a + v, b + v * v)); b - a * a }",
    "(0..n).map(|i| x[i]).sum()",
    "(0..n).map(|i| (0..n).map(|j| x[i] * y[j]).sum::<f64>()).sum()",
    "(1..n).map(|i| (x[i] - x[i - 1]).powi(2)).sum()",
    "(1..=n).map(|k| x[0].powi(k as i32) / k as f64).sum()",
    "(0..n - 1).map(|i| 100.0 * (x[i + 1] - x[i].powi(2)).powi(2) + (1.0 - x[i]).powi(2)).sum()",
    "(0..n).rev().map(|i| x[i]).sum()",
    "(0..n).step_by(2).map(|i| x[i] * x[i + 1]).sum()",
    "(0..n).rev().step_by(3).map(|i| x[i]).product()",
    "(0..n).zip(x).map(|(i, v)| v * i as f64).sum()",
    "(0..n).filter(|&i| i != 2).map(|i| x[i]).sum()",
    "(0..n).filter(|i| i % 2 == 0).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| x[i] * y[j]).sum()",
    "(0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).map(|(i, j)| (x[i] - x[j]).powi(2)).sum()",
    "(0..n).take_while(|&i| x[i] > 0.0).map(|i| x[i]).sum()",
    "x.windows(2).map(|w| (w[1] - w[0]).abs()).sum()",
    "x.windows(3).map(|w| w[0] - 2.0 * w[1] + w[2]).map(|d| d * d).sum()",
    "x.windows(2).zip(y.windows(2)).map(|(a, b)| (a[1] - a[0]) * (b[0] + b[1]) / 2.0).sum()",
    "x.chunks(n).map(|c| c.iter().sum::<f64>().powi(2)).sum()",
    "x.chunks_exact(2).map(|c| c[0] * c[1]).sum()",
    "x.chunks(2).zip(y.chunks(2)).map(|(a, b)| a.iter().zip(b).map(|(p, q)| p * q).sum::<f64>()).sum()",
    "x.iter().skip(1).zip(x.iter()).map(|(b, a)| b - a).sum()",
    "x.iter().take(n).sum()",
    "x.iter().skip(1).step_by(2).sum()",
    "x[1..].iter().sum()",
    "x[..n].iter().zip(&y[n..]).map(|(a, b)| a * b).sum()",
    "x.iter().chain(y.iter()).sum()",
    "x.iter().chain(std::iter::once(&1.0)).zip(y).map(|(a, b)| a * b).sum()",
    "std::iter::once(1.0).chain(x.iter().copied()).zip(y).map(|(a, b)| a * b).sum()",
    "std::iter::repeat(x[0]).take(3).zip(y).map(|(a, b)| a * b).sum()",
    "x.iter().filter(|v| **v > 0.0).sum()",
    "x.iter().filter(|&&v| v > 0.0).map(|v| v.ln()).sum()",
    "x.iter().copied().filter(|&v| v.is_finite()).sum()",
    "x.iter().filter_map(|&v| if v > 0.0 { Some(v.ln()) } else { None }).sum()",
    "x.iter().filter_map(|v| (*v > 0.0).then(|| v.ln())).sum()",
    "x.iter().map_while(|v| (*v > 0.0).then_some(*v)).sum()",
    "x.iter().scan(0.0, |s, &v| { *s += v; Some(*s) }).map(|s| s.max(0.0)).sum()",
    "x.iter().inspect(|v| println!(\"{v}\")).sum()",
    "rows.iter().map(|r| r.iter().sum::<f64>()).product()",
    "rows.iter().map(|r| r.iter().zip(x).map(|(a, b)| a * b).sum::<f64>()).map(|z| z.tanh()).sum()",
    "rows.iter().zip(y).map(|(r, t)| { let p: f64 = r.iter().zip(x).map(|(a, b)| a * b).sum(); (p - t).powi(2) }).sum()",
    "rows.iter().flatten().sum()",
    "rows.iter().flat_map(|r| r.iter()).map(|v| v * v).sum()",
    "rows.iter().flat_map(|r| r.iter().map(|v| v * v)).sum()",
    "rows.iter().map(|r| r[0]).zip(x).map(|(a, b)| a * b).sum()",
    "rows.iter().enumerate().map(|(i, r)| r.iter().enumerate().filter(|(j, _)| i != *j).map(|(_, v)| v.abs()).sum::<f64>()).sum()",
    "rows.iter().map(|r| r.iter().copied().fold(f64::NEG_INFINITY, f64::max)).sum()",
    "*x.iter().max_by(|a, b| a.total_cmp(b)).unwrap()",
    "x.iter().copied().min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap()",
    "x.iter().copied().max_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal)).unwrap_or(0.0)",
    "x.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(i, v)| v * i as f64).unwrap()",
    "rows.iter().map(|r| r[0] * x[0]).min_by(|a, b| a.total_cmp(b)).expect(\"not empty\")",
    "rows.iter().max_by(|a, b| a[0].total_cmp(&b[0])).unwrap()[1]",
    "x.iter().copied().reduce(f64::max).unwrap()",
    "x.iter().copied().reduce(|a, b| a * b + 1.0).unwrap_or(1.0)",
    "*x.iter().last().unwrap()",
    "x.iter().map(|v| v * v).last().unwrap()",
    "x.last().copied().unwrap_or(0.0) - x.first().unwrap()",
    "x.iter().position(|v| *v > 1.0).map_or(0.0, |i| x[i])",
    "if x.iter().any(|v| *v < 0.0) { f64::INFINITY } else { x.iter().product() }",
    "if x.iter().all(|v| v.is_finite()) { x[0] } else { 0.0 }",
    "x[0] / x.iter().filter(|v| **v > 0.0).count() as f64",
    "{ let e: Vec<f64> = x.iter().map(|v| v.exp()).collect(); let s: f64 = e.iter().sum(); e[n] / s }",
    "{ let e = x.iter().map(|v| v.exp()).collect::<Vec<_>>(); e.iter().map(|v| v / e[0]).sum() }",
    "{ let m: Vec<Vec<f64>> = (0..n).map(|i| x.iter().map(|v| v * i as f64).collect()).collect(); m[1][2] }",
    "{ let d: Vec<(f64, f64)> = x.iter().zip(y).map(|(a, b)| (a - b, a + b)).collect(); d[0].0 * d[1].1 }",
    "{ let mut s = 0.0; x.iter().for_each(|v| s += v * v); s }",
    "{ let mut s = 0.0; for (i, &v) in x.iter().enumerate().skip(1) { s += v * x[i - 1]; } s }",
    "{ let mut s = 0.0; for (a, b) in x.iter().zip(y) { if a > b { continue; } s += a * b; } s }",
    "{ let mut s = 0.0; for i in (0..n).rev() { s = s * y[0] + x[i]; if s > 1e9 { break; } } s }",
    "{ let mut s = 0.0; for v in x.iter().chain(y) { if *v < 0.0 { return *v; } s += v; } s }",
    "{ for (o, v) in out.iter_mut().zip(x) { *o = v.sin(); } out[0] }",
    "{ out.iter_mut().enumerate().for_each(|(i, o)| *o += x[i]); out[n] }",
    "{ for c in out.chunks_mut(2) { c[0] *= x[0]; } out.iter().sum() }",
    "{ for o in out.iter_mut().rev().skip(1).step_by(2) { *o *= 2.0; } out[n] }",
    "{ let f = |a: f64, b: f64| a * b; x.iter().zip(y).map(|(&a, &b)| f(a, b)).sum() }",
    "{ let f = |v: &f64| v.sin(); x.iter().map(f).sum() }",
    "x.iter().copied().map(f64::sqrt).sum()",
    "x.iter().map(|v| helper(*v)).sum()",
    "x.iter().copied().map(helper).sum()",
];

#[test]
fn chains_are_lowered() {
    let mut failed = String::new();
    for chain in CHAINS {
        let source = format!(
            "fn f(x: &[f64], y: &[f64], rows: &[Vec<f64>], n: usize, out: &mut [f64]) -> f64 {{ {chain} }}"
        );
        if let Err(errors) = lowered(&source) {
            failed += &format!("{chain}\n{errors}\n");
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn what_is_not_followed_is_rejected() {
    let mut errors = String::new();
    for body in [
        "{ let mut it = x.iter().filter(|v| **v > 0.0); it.next().unwrap() * 2.0 }",
        "x.iter().by_ref().sum()",
        "x.chunks(2).collect::<Vec<_>>()[0][0]",
        "x.iter().collect::<Vec<&f64>>().len() as f64 * x[0]",
        "x.iter().copied().collect::<std::collections::VecDeque<f64>>()[0]",
        "x.iter().filter(|v| **v > 0.0).zip(x.iter().filter(|v| **v < 0.0)).map(|(a, b)| a * b).sum()",
        "x.iter().max_by(|a, b| compare(a, b)).unwrap() * 2.0",
        "x.iter().try_rfold(0.0, |s, v| Some(s + v)).unwrap()",
        "{ let mut k = 0.0; x.iter().map(|v| { k += v; k }).zip(x).map(|(a, b)| a * b).sum() }",
    ] {
        let source = format!("fn f(x: &[f64]) -> f64 {{ {body} }}");
        let found = lowered(&source).expect_err(body);
        errors += &format!("{body}\n{found}\n");
    }
    expect![[r#"
        { let mut it = x.iter().filter(|v| **v > 0.0); it.next().unwrap() * 2.0 }
        GRAD0028: `next` takes items from an iterator in a variable, which is not followed here
          = help: take them where the iterator is made, `collect` the items first, or count in a variable of your own

        x.iter().by_ref().sum()
        GRAD0028: `by_ref` of an iterator is not followed
          = help: use `map`, `zip`, `filter`, … and a consumer such as `sum` or `fold`, or write a loop

        x.chunks(2).collect::<Vec<_>>()[0][0]
        GRAD0028: references are collected
          = help: collect the values: put `.copied()`, `.cloned()` or `.map(|part| part.to_vec())` in front

        x.iter().collect::<Vec<&f64>>().len() as f64 * x[0]
        GRAD0028: references are collected
          = help: collect the values: put `.copied()`, `.cloned()` or `.map(|part| part.to_vec())` in front

        x.iter().copied().collect::<std::collections::VecDeque<f64>>()[0]
        GRAD0028: items are collected into something that is not a `Vec`
          = help: collect into a `Vec`

        x.iter().filter(|v| **v > 0.0).zip(x.iter().filter(|v| **v < 0.0)).map(|(a, b)| a * b).sum()
        GRAD0028: both sides of this `zip` can only be told by running them
          = help: `collect()` one of them into a `Vec` first

        x.iter().max_by(|a, b| compare(a, b)).unwrap() * 2.0
        GRAD0028: this comparison of items is not followed
          = help: compare numbers: `|a, b| a.total_cmp(b)` or `|a, b| a.partial_cmp(b).unwrap()`

        x.iter().try_rfold(0.0, |s, v| Some(s + v)).unwrap()
        GRAD0028: `try_rfold` of an iterator is not followed
          = help: use `sum`, `fold`, `for_each`, `collect` or another consumer from the page of supported Rust, or write a loop

        { let mut k = 0.0; x.iter().map(|v| { k += v; k }).zip(x).map(|(a, b)| a * b).sum() }
        GRAD0028: a closure in front of this `zip` changes variables, and how often it is called is not specified
          = help: write a loop, or `collect()` into a `Vec` first

    "#]].assert_eq(&errors);
}
