//! The generated code as text: names, loops, branches, slots.

// As expect-test writes them.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::{emit, expand};
use syn::{ImplItem, Item};

/// One of the generated functions, printed.
#[track_caller]
fn check(source: &str, function: &str, expected: &Expect) {
    let item: syn::ItemFn = syn::parse_str(source).unwrap();
    let mut errors = Errors::new();
    let args = Args::default();
    let passes = expand::passes(&mut errors, &item, &args);
    let passes = passes.unwrap_or_else(|| panic!("{:?}", errors.messages()));
    let tokens = emit::emit(&item, &args, &passes.derivatives());
    let file: syn::File = syn::parse2(tokens).unwrap();
    let mut found = file.items.into_iter().find_map(|item| method(item, function)).unwrap();
    found.attrs.clear();
    let file: syn::File = syn::parse_quote!(#found);
    expected.assert_eq(&prettyplease::unparse(&file));
}

/// A method of one of the types, also of the one that lies in a block.
fn method(item: Item, name: &str) -> Option<syn::ImplItemFn> {
    match item {
        Item::Impl(block) => block.items.into_iter().find_map(|item| match item {
            ImplItem::Fn(found) if found.sig.ident == name => Some(found),
            _ => None,
        }),
        Item::Const(item) => {
            let syn::Expr::Block(block) = *item.expr else { return None };
            block.block.stmts.into_iter().find_map(|stmt| match stmt {
                syn::Stmt::Item(item) => method(item, name),
                _ => None,
            })
        }
        _ => None,
    }
}

#[test]
fn the_users_names_stay_and_ours_give_way() {
    check(
        "fn f(x: f64) -> f64 {
            let x_bar = x * 2.0;
            let tape = x_bar.sin();
            let t1 = tape * x;
            let seed = t1 + x_bar;
            let f_grad = seed * tape;
            f_grad
        }",
        "joint",
        &expect![[r#"
            fn joint(self, x: f64, seed: f64) -> (f64, f64) {
                let _ = f;
                let x_bar = x * 2.0;
                let tape = x_bar.sin();
                let t1 = tape * x;
                let seed_1 = t1 + x_bar;
                let f_grad = seed_1 * tape;
                let seed_bar = seed * tape;
                let tape_bar = seed * seed_1;
                let x_bar_1 = seed_bar * tape;
                let tape_bar_1 = tape_bar + seed_bar * x;
                let x_bar_bar = seed_bar + tape_bar_1 * x_bar.cos();
                let x_bar_2 = x_bar_1 + x_bar_bar * 2.0;
                (f_grad, x_bar_2)
            }
        "#]],
    );
}

#[test]
fn raw_and_unicode_identifiers_are_names_like_others() {
    check(
        "fn r#fn(r#type: f64, données: f64) -> f64 { r#type.sin() * données }",
        "joint",
        &expect![[r#"
            fn joint(self, r#type: f64, données: f64, seed: f64) -> (f64, (f64, f64)) {
                let _ = r#fn;
                let sin_type = r#type.sin();
                let result = sin_type * données;
                let sin_type_bar = seed * données;
                let données_bar = seed * sin_type;
                let type_bar = sin_type_bar * r#type.cos();
                (result, (type_bar, données_bar))
            }
        "#]],
    );
}

#[test]
fn patterns_of_parameters_get_a_name() {
    check(
        "fn f((a, b): (f64, f64), _: usize) -> f64 { a * b }",
        "joint",
        &expect![[r#"
            fn joint(self, arg0: (f64, f64), _: usize, seed: f64, arg0_bar: &mut (f64, f64)) -> f64 {
                let _ = f;
                let a = arg0.0;
                let b = arg0.1;
                let result = a * b;
                arg0_bar.1 += seed * a;
                arg0_bar.0 += seed * b;
                result
            }
        "#]],
    );
}

#[test]
fn a_carried_value_is_one_mutable_variable() {
    check(
        "fn f(x: &[f64], n: usize) -> f64 {
            let mut s = 0.0;
            for i in 0..n {
                for j in 0..i {
                    s += x[i] * x[j];
                }
            }
            s
        }",
        "joint",
        &expect![[r#"
            fn joint(self, x: &[f64], n: usize, seed: f64, x_bar: &mut [f64]) -> f64 {
                let _ = f;
                let mut s = 0.0;
                for i in 0..n {
                    let mut x_bar_1 = 0.0;
                    for j in 0..i {
                        let x_i = x[i];
                        let x_j = x[j];
                        s += x_i * x_j;
                        x_bar[j] += seed * x_i;
                        x_bar_1 += seed * x_j;
                    }
                    if 0 < i {
                        x_bar[i] += x_bar_1;
                    }
                }
                s
            }
        "#]],
    );
}

#[test]
fn values_that_change_places_are_assigned_at_once() {
    check(
        "fn f(x: f64, n: usize) -> f64 {
            let (mut a, mut b) = (x, 1.0);
            for _ in 0..n {
                let t = a;
                a = b;
                b = t;
            }
            a - b
        }",
        "joint",
        &expect![[r#"
            fn joint(self, x: f64, n: usize, seed: f64) -> (f64, f64) {
                let _ = f;
                let mut a = x;
                let mut b = 1.0;
                for _ in 0..n {
                    (a, b) = (b, a);
                }
                let result = a - b;
                let mut b_bar = -seed;
                let mut a_bar = seed;
                for _ in ::core::iter::Iterator::rev(0..n) {
                    (a_bar, b_bar) = (b_bar, a_bar);
                }
                (result, a_bar)
            }
        "#]],
    );
}

#[test]
fn chains_of_branches_stay_chains() {
    check(
        "fn f(x: f64, k: i32) -> f64 {
            if k > 2 { x.sin() } else if k > 1 { x * x } else { x }
        }",
        "joint",
        &expect![[r#"
            fn joint(self, x: f64, k: i32, seed: f64) -> (f64, f64) {
                let _ = f;
                let cond = k > 2;
                let result = if cond { x.sin() } else if k > 1 { x * x } else { x };
                let x_bar = if cond {
                    let cos_x = x.cos();
                    seed * cos_x
                } else if k > 1 {
                    let t = 2.0 * seed;
                    t * x
                } else {
                    seed
                };
                (result, x_bar)
            }
        "#]],
    );
}

#[test]
fn an_absent_slot_is_not_touched() {
    check(
        "fn f(a: &[f64; 2], out: &mut [f64]) {
            out[0] = a[0] * a[1];
        }",
        "forward",
        &expect![[r#"
            fn forward<A0: ::grad::__private::Activity, A1: ::grad::__private::FollowedArgument>(
                self,
                a: &[f64; 2],
                out: &mut [f64],
                _: A0,
                _: A1,
            ) -> (
                (),
                impl ::core::ops::FnOnce(
                    &[f64; 2],
                    ::grad::__private::Gone,
                    (),
                    ::core::option::Option<&mut [f64; 2]>,
                    ::core::option::Option<&mut [f64]>,
                ) -> ((), ()) + ::core::clone::Clone + use<A0, A1>,
            ) {
                let _ = f;
                let a_0 = a[0];
                let a_1 = a[1];
                out[0] = a_0 * a_1;
                (
                    (),
                    move |
                        _: &[f64; 2],
                        _: ::grad::__private::Gone,
                        _: (),
                        a_bar: ::core::option::Option<&mut [f64; 2]>,
                        out_bar: ::core::option::Option<&mut [f64]>|
                    {
                        let mut absent = [0.0; 2];
                        let a_bar = a_bar.unwrap_or(&mut absent);
                        let out_bar = out_bar.unwrap_or_default();
                        let mul_a_0_bar = if A1::ACTIVE { out_bar[0] } else { 0.0_f64 };
                        if A1::ACTIVE {
                            out_bar[0] = 0.0;
                        }
                        if A0::ACTIVE {
                            a_bar[1] += mul_a_0_bar * a_0;
                            a_bar[0] += mul_a_0_bar * a_1;
                        }
                        ((), ())
                    },
                )
            }
        "#]],
    );
}

#[test]
fn what_is_read_from_memory_is_read_before_it_is_overwritten() {
    check(
        "fn f(v: &mut [f64], z: f64) {
            v[0] = v[0] * 2.0 + { v[0] = 3.0 * z; v[0] };
            v[1] = z * v[1];
            v[2] += (z - v[1]).clamp(0.0, 1.0) - -z;
        }",
        "joint",
        &expect![[r#"
            fn joint(self, v: &mut [f64], z: f64, v_bar: &mut [f64]) -> ((), f64) {
                let _ = f;
                let mul_v_0 = v[0] * 2.0;
                v[0] = 3.0 * z;
                let v_0 = v[0];
                v[0] = mul_v_0 + v_0;
                let v_1 = v[1];
                v[1] = z * v_1;
                let clamp_sub_z = (z - v[1]).clamp(0.0, 1.0);
                v[2] += clamp_sub_z - (-z);
                let add_v_2_bar = v_bar[2];
                let neg_z_bar = -add_v_2_bar;
                let z_bar = -neg_z_bar;
                let sub_z_bar = add_v_2_bar
                    * ::grad::__private::Real::clamp_x(clamp_sub_z, 0.0, 1.0);
                let z_bar_1 = z_bar + sub_z_bar;
                v_bar[1] -= sub_z_bar;
                let mul_z_bar = v_bar[1];
                let z_bar_2 = z_bar_1 + mul_z_bar * v_1;
                v_bar[1] = mul_z_bar * z;
                let add_mul_v_0_bar = v_bar[0];
                let mul_bar = v_bar[0];
                let z_bar_3 = z_bar_2 + mul_bar * 3.0;
                v_bar[0] = add_mul_v_0_bar * 2.0;
                ((), z_bar_3)
            }
        "#]],
    );
}

#[test]
fn literals_have_a_type_where_a_method_is_called_on_them() {
    check(
        "fn f(x: f64) -> f64 { let a = 2.0; x * f64::sqrt(a) + (-1.5_f64).abs() * x }",
        "joint",
        &expect![[r#"
            fn joint(self, x: f64, seed: f64) -> (f64, f64) {
                let _ = f;
                let a = 2.0_f64;
                let sqrt_a = a.sqrt();
                let abs_1 = (-1.5_f64).abs();
                let result = x * sqrt_a + abs_1 * x;
                let x_bar = seed * abs_1;
                let x_bar_1 = x_bar + seed * sqrt_a;
                (result, x_bar_1)
            }
        "#]],
    );
}

#[test]
fn expansion_is_deterministic() {
    let item: proc_macro2::TokenStream =
        "fn f(x: &[f64], y: f64) -> f64 { let mut s = y; for v in x { s = s.sin() * v; } s }"
            .parse()
            .unwrap();
    let expand = || expand::expand(proc_macro2::TokenStream::new(), item.clone()).to_string();
    assert_eq!(expand(), expand());
}

/// Tokens of what a body of `n` statements expands to.
fn size(n: usize) -> usize {
    fn count(tokens: proc_macro2::TokenStream) -> usize {
        tokens
            .into_iter()
            .map(|tree| match tree {
                proc_macro2::TokenTree::Group(group) => 2 + count(group.stream()),
                _ => 1,
            })
            .sum()
    }
    let body = "x = x.sin() * y + x; if x > y { x = x * y; } ".repeat(n);
    let source = format!("fn f(mut x: f64, y: f64) -> f64 {{ {body} x }}");
    count(expand::expand(proc_macro2::TokenStream::new(), source.parse().unwrap()))
}

#[test]
fn the_size_of_the_output_is_linear() {
    let (small, large) = (size(20), size(80));
    assert!(large < 5 * small, "{small} tokens for 20 statements, {large} for 80");
}
