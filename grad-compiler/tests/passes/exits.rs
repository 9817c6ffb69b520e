//! What lowering makes of branches, loops and early exits.

use super::lower::check;
use expect_test::expect;

#[test]
fn an_early_return_takes_the_rest_into_the_other_arm() {
    check(
        r#"fn f(x: f64) -> f64 { if x > 0.0 { return x; } if x < -1.0 { return -x; } x * x }"#,
        expect![[r#"
            fn f(wrt x: f64) -> f64 {
                let cond = `x > 0.0`
                let result_3 = if cond {
                    yield x
                } else {
                    let cond_1 = `x < (- 1.0)`
                    let result_2 = if cond_1 {
                        let result = neg(x)
                        yield result
                    } else {
                        let result_1 = mul(x, x)
                        yield result_1
                    }
                    yield result_2
                }
                return result_3
            }
        "#]],
    );
}

#[test]
fn an_early_return_from_nested_loops_leaves_both() {
    check(
        r#"fn f(x: &[f64], n: usize) -> f64 { let mut s = 0.0; for i in 0..n { for j in 0..i { if x[j] > s { return x[i]; } s += x[j]; } s *= 2.0; } s }"#,
        expect![[r#"
            fn f(wrt x: &[f64], n: int) -> f64 {
                let result_5, returned_4, s_7 = for i in 0..n with result_4 = 0.0, returned_3 = false, s = 0.0 {
                    let result_3, returned_2, s_4 = for j in 0..i with result_2 = 0.0, returned_1 = false, s_1 = s {
                        let x_j = load x[j]
                        let cond = `x_j > s_1`
                        let result_1, returned, s_3 = if cond {
                            let result = load x[i]
                            yield result, true, 0.0
                        } else {
                            let x_j_1 = load x[j]
                            let s_2 = add(s_1, x_j_1)
                            yield 0.0, false, s_2
                        }
                        until returned
                        next result_1, returned, s_3
                    }
                    let s_6 = if returned_2 {
                        yield 0.0
                    } else {
                        let s_5 = mul(s_4, 2.0)
                        yield s_5
                    }
                    until returned_2
                    next result_3, returned_2, s_6
                }
                let result_6 = if returned_4 {
                    yield result_5
                } else {
                    yield s_7
                }
                return result_6
            }
        "#]],
    );
}

#[test]
fn a_labelled_continue_skips_the_rest_of_both_bodies() {
    check(
        r#"fn f(x: &[f64]) -> f64 { let mut s = 0.0; 'o: for i in 0..x.len() { for j in 0..i { if x[j] > 1.0 { continue 'o; } if x[j] < -1.0 { break 'o; } s += x[i] * x[j]; } s += 1.0; } s }"#,
        expect![[r#"
            fn f(wrt x: &[f64]) -> f64 {
                let x_len = len x
                let s_8 = for i in 0..x_len with s = 0.0 {
                    let s_5, left_4, skipped_2 = for j in 0..i with s_1 = s, left_3 = false, skipped_1 = false {
                        let x_j = load x[j]
                        let cond = `x_j > 1.0`
                        let s_4, left_1, skipped = if cond {
                            yield s_1, false, true
                        } else {
                            let x_j_1 = load x[j]
                            let cond_1 = `x_j_1 < (- 1.0)`
                            let s_3, left = if cond_1 {
                                yield s_1, true
                            } else {
                                let x_i = load x[i]
                                let x_j_2 = load x[j]
                                let mul_x_i = mul(x_i, x_j_2)
                                let s_2 = add(s_1, mul_x_i)
                                yield s_2, false
                            }
                            yield s_3, left, false
                        }
                        let left_2 = `left_1 || skipped`
                        until left_2
                        next s_4, left_1, skipped
                    }
                    let left_5 = `left_4 || skipped_2`
                    let s_7 = if left_5 {
                        yield s_5
                    } else {
                        let s_6 = add(s_5, 1.0)
                        yield s_6
                    }
                    until left_4
                    next s_7
                }
                return s_8
            }
        "#]],
    );
}

#[test]
fn a_loop_has_the_value_of_its_breaks() {
    check(
        r#"fn f(x: f64, a: f64) -> f64 { let mut y = x; let r = loop { let next = 0.5 * (y + a / y); if (next - y).abs() < 1e-12 { break next; } y = next; }; r * r }"#,
        expect![[r#"
            fn f(wrt x: f64, wrt a: f64) -> f64 {
                let y_2, result_2 = loop with y = x, result_1 = 0.0 {
                    while true
                    let div_a = div(a, y)
                    let add_y = add(y, div_a)
                    let next = mul(0.5, add_y)
                    let sub_next = sub(next, y)
                    let abs_sub_next = abs(sub_next)
                    let cond = `abs_sub_next < 1e-12`
                    let y_1, result, left = if cond {
                        yield y, next, true
                    } else {
                        yield next, 0.0, false
                    }
                    until left
                    next y_1, result
                }
                let result_3 = mul(result_2, result_2)
                return result_3
            }
        "#]],
    );
}

#[test]
fn a_while_loop_carries_what_it_assigns() {
    check(
        r#"fn f(x: f64, a: f64) -> f64 { let mut y = x; while (y * y - a).abs() > 1e-12 * a { y = 0.5 * (y + a / y); } y }"#,
        expect![[r#"
            fn f(wrt x: f64, wrt a: f64) -> f64 {
                let y_2 = loop with y = x {
                    let mul_y = mul(y, y)
                    let sub_mul_y = sub(mul_y, a)
                    let abs_sub_mul_y = abs(sub_mul_y)
                    let mul = mul(1e-12, a)
                    let cond = `abs_sub_mul_y > mul`
                    while cond
                    let div_a = div(a, y)
                    let add_y = add(y, div_a)
                    let y_1 = mul(0.5, add_y)
                    next y_1
                }
                return y_2
            }
        "#]],
    );
}

#[test]
fn a_variable_may_be_declared_before_it_is_assigned() {
    check(
        r#"fn f(c: bool, x: f64) -> f64 { let y; let n; if c { y = x; n = 2; } else { y = x * x; n = 3; } y.powi(n) }"#,
        expect![[r#"
            fn f(c: bool, wrt x: f64) -> f64 {
                let y_1, n_2 = if c {
                    let n = 2
                    yield x, n
                } else {
                    let y = mul(x, x)
                    let n_1 = 3
                    yield y, n_1
                }
                let result = powi(y_1, n_2)
                return result
            }
        "#]],
    );
}

#[test]
fn a_match_of_constants_keeps_the_patterns() {
    check(
        r#"fn f(x: f64, n: i32, m: Mode) -> f64 { let y = match n { 0 => 1.0, 1 | 2 => x, k if k < 0 => x.powi(k), _ => x * x }; if let Mode::Scaled(by) = m { y * by } else { y } }"#,
        expect![[r#"
            GRAD0045: it is not said whether `m` is differentiated: this type may hold floats
              = help: name what is: `#[grad(wrt(m, …))]` with it, or `#[grad(wrt(…))]` without it for a constant
        "#]],
    );
}

#[test]
fn a_match_of_floats_tests_one_pattern_after_the_other() {
    check(
        r#"fn f(x: f64, k: usize, m: f64) -> f64 { match (x, k) { (v, 0) => v, (v, n) if v > 1.0 => v * n as f64, (_, 1..=3) => m, _ => x * m } }"#,
        expect![[r#"
            fn f(wrt x: f64, k: int, wrt m: f64) -> f64 {
                let matches = `:: core :: matches ! (k , 0)`
                let result_4 = if matches {
                    yield x
                } else {
                    let cond = `x > 1.0`
                    let result_3 = if cond {
                        let value = `k as f64`
                        let result = mul(x, value)
                        yield result
                    } else {
                        let matches_1 = `:: core :: matches ! (k , 1 ..= 3)`
                        let result_2 = if matches_1 {
                            yield m
                        } else {
                            let result_1 = mul(x, m)
                            yield result_1
                        }
                        yield result_2
                    }
                    yield result_3
                }
                return result_4
            }
        "#]],
    );
}

#[test]
fn a_short_circuit_loads_only_where_it_must() {
    check(
        r#"fn f(x: &[f64], i: usize) -> f64 { if i < x.len() && x[i] > 0.0 || i == 7 { 1.0 } else { x[0] } }"#,
        expect![[r#"
            fn f(wrt x: &[f64], i: int) -> f64 {
                let x_len = len x
                let cond = `i < x_len`
                let value = if cond {
                    let x_i = load x[i]
                    let cond_1 = `x_i > 0.0`
                    yield cond_1
                } else {
                    yield false
                }
                let cond_2 = `value || i == 7`
                let result_1 = if cond_2 {
                    yield 1.0
                } else {
                    let result = load x[0]
                    yield result
                }
                return result_1
            }
        "#]],
    );
}

#[test]
fn messages_and_checks_are_kept() {
    check(
        r#"fn f(x: f64, n: usize) -> f64 { assert!(n > 0, "n is {n}"); println!("{x:>8.3} {{n}} {}", n + 1); if x < 0.0 { panic!("negative {x}"); } x.sqrt() }"#,
        expect![[r#"
            fn f(wrt x: f64, n: int) -> f64 {
                effect `assert ! (n > 0 , "n is {n}" , n = n) ;`
                effect `println ! ("{x:>8.3} {{n}} {}" , n + 1 , x = x) ;`
                let cond = `x < 0.0`
                if cond {
                    effect `panic ! ("negative {x}" , x = x) ;`
                } else {
                }
                let result = sqrt(x)
                return result
            }
        "#]],
    );
}

#[test]
fn a_vector_returned_from_a_loop_is_made_before_it() {
    check(
        r#"fn f(x: &[f64], n: usize) -> Vec<f64> { for i in 0..n { if x[i] > 0.0 { let mut v = x.to_vec(); v[i] = 0.0; return v; } } vec![0.0; n] }"#,
        expect![[r#"
            fn f(wrt x: &[f64], n: int) -> Vec<f64> {
                alloc result: Vec<f64> = vec![]
                let returned_2 = for i in 0..n with returned_1 = false {
                    let x_i = load x[i]
                    let cond = `x_i > 0.0`
                    let returned = if cond {
                        alloc v: Vec<f64> = to_vec x
                        v[i] = 0.0
                        result = move v
                        yield true
                    } else {
                        yield false
                    }
                    until returned
                    next returned
                }
                if returned_2 {
                } else {
                    alloc values: Vec<f64> = vec![0.0; n]
                    result = move values
                }
                return move result
            }
        "#]],
    );
}
