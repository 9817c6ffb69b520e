//! Types and names of generated code.

use grad_compiler::emit::inside::{
    buffer, distance, holds_floats, keywords, owned, variables_again, with_lifetime, without_lifetimes,
};
use grad_compiler::generic::scalars;
use proc_macro2::{Ident, TokenStream};
use syn::{ItemFn, Type};

fn spelt(of: impl Fn(&Type) -> TokenStream, ty: &str) -> String {
    let ty: Type = syn::parse_str(ty).unwrap();
    of(&ty)
        .to_string()
        .replace(":: grad :: __private :: vec :: ", "")
        .replace(' ', "")
        .replace(",)", ")")
        .replace(',', ", ")
}

#[test]
fn cotangents_are_owned_and_buffers_borrowed() {
    for (ty, cotangent, slot) in [
        ("f64", "f64", "f64"),
        ("&f32", "f32", "f32"),
        ("[f64; 3]", "[f64;3]", "[f64;3]"),
        ("&'a [f64; N]", "[f64;N]", "[f64;N]"),
        ("&[f64]", "Vec<f64>", "[f64]"),
        ("&Vec<f64>", "Vec<f64>", "[f64]"),
        ("Vec<f64>", "Vec<f64>", "[f64]"),
        ("&mut Vec<f64>", "Vec<f64>", "Vec<f64>"),
        ("&[Vec<f64>]", "Vec<Vec<f64>>", "[Vec<f64>]"),
        ("&[[f64; 3]]", "Vec<[f64;3]>", "[[f64;3]]"),
        ("&[&[f64]]", "Vec<Vec<f64>>", "[Vec<f64>]"),
        ("(f64, &[f64], usize)", "(f64, Vec<f64>, ())", "(f64, Vec<f64>, ())"),
        ("(core::primitive::f64)", "core::primitive::f64", "core::primitive::f64"),
    ] {
        assert_eq!(spelt(owned, ty), cotangent, "owned form of {ty}");
        assert_eq!(spelt(buffer, ty), slot, "buffer of {ty}");
    }
}

#[test]
fn only_floats_are_found() {
    for (ty, expected) in [
        ("&[(usize, f64)]", true),
        ("&[usize]", false),
        ("Config", false),
        ("Vec<Vec<f32>>", true),
        ("my::f64", false),
        ("fn(f64) -> f64", false),
    ] {
        let found = holds_floats(&syn::parse_str(ty).unwrap());
        assert_eq!(found, expected, "{ty}");
    }
}

#[test]
fn lifetimes_that_were_left_out_get_a_name() {
    let name = syn::Lifetime::new("'g", proc_macro2::Span::call_site());
    for (ty, expected) in [
        ("Option<&[f64]>", "Option<&'g[f64]>"),
        ("Option<(&'a [f64], &Row<'_>)>", "Option<(&'a[f64], &'gRow<'g>)>"),
    ] {
        assert_eq!(spelt(|ty| with_lifetime(ty, &name), ty), expected);
    }
}

#[test]
fn lifetimes_lose_their_names() {
    assert_eq!(spelt(without_lifetimes, "&'a [Row<'b, f64>]"), "&[Row<'_, f64>]");
    assert_eq!(spelt(without_lifetimes, "&'static str"), "&'staticstr");
}

#[test]
fn names_are_as_far_apart_as_letters_differ() {
    assert_eq!(distance("stifness", "stiffness"), 1);
    assert_eq!(distance("", "ab"), 2);
    assert_eq!(distance("kitten", "sitting"), 3);
    assert_eq!(distance("same", "same"), 0);
}

#[test]
fn a_variable_is_there_again_only_for_a_name_that_is_like_it() {
    let again = |text: &str| {
        let item: ItemFn = syn::parse_str(text).unwrap();
        variables_again(&item, &["stiffness".to_owned(), "x".to_owned()]).to_string()
    };
    assert_eq!(
        again("fn f(stiffness: f64, x: f64) -> f64 { stifness * x }"),
        "let stiffness = 0 ; let _ = stiffness ;"
    );
    assert_eq!(again("fn f(stiffness: f64, x: f64) -> f64 { helper(x) * stiffness * gravity }"), "");
}

#[test]
fn keywords_are_no_identifiers() {
    for word in keywords() {
        assert!(word == "gen" || syn::parse_str::<Ident>(word).is_err(), "{word}");
    }
}

fn found(item: &str, declared: &[&str]) -> Vec<String> {
    let item: syn::ItemFn = syn::parse_str(item).unwrap();
    let declared: Vec<Ident> = declared.iter().map(|name| syn::parse_str(name).unwrap()).collect();
    scalars(&item.sig.generics, &declared).iter().map(ToString::to_string).collect()
}

#[test]
fn bounds_and_the_attribute_tell() {
    assert_eq!(found("fn f<T: Float>(x: T) -> T { x }", &[]), ["T"]);
    assert_eq!(found("fn f<T: num_traits::Float + Sum, U>(x: T) -> T { x }", &[]), ["T"]);
    assert_eq!(found("fn f<T, U>(x: T) -> T where T: Copy + na::RealField { x }", &[]), ["T"]);
    assert_eq!(found("fn f<T: Mine, U: Mine>(x: T) -> T { x }", &["U"]), ["U"]);
    assert_eq!(found("fn f<T: Fn(f64) -> f64>(x: T) -> f64 { x(1.0) }", &[]), [""; 0]);
}
