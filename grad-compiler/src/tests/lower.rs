//! What lowering makes of small functions.

use crate::args::Args;
use crate::diag::Errors;
use crate::ir::print::print;
use crate::ir::verify::verify_primal;
use crate::lower::lower;
use expect_test::{Expect, expect};

/// Lowers the only function of `source`; what it gives, or the errors.
fn lowered(source: &str) -> String {
    let item: syn::ItemFn = syn::parse_str(source).expect("the source is a function");
    let mut errors = Errors::new();
    let func = lower(&mut errors, &item, &Args::default());
    if !errors.is_empty() {
        return errors.messages().iter().map(|message| format!("{message}\n")).collect();
    }
    if let Err(problems) = verify_primal(&func) {
        return format!("{}\nnot well formed:\n{}", print(&func), problems.join("\n"));
    }
    print(&func)
}

#[track_caller]
fn check(source: &str, expected: Expect) {
    expected.assert_eq(&lowered(source));
}

/// Lowers without caring for the result.
fn sized(source: &str) -> String {
    use std::str::FromStr;
    let tokens = proc_macro2::TokenStream::from_str(source).expect("the source has tokens");
    let mut errors = Errors::new();
    if crate::lower::size::prescan(&mut errors, &tokens) {
        let item: syn::ItemFn = syn::parse2(tokens).expect("the source is a function");
        lower(&mut errors, &item, &Args::default());
    }
    errors.messages().iter().map(|message| format!("{}\n", message.code)).collect()
}

#[test]
fn stress() {
    let wrap = |body: String| format!("fn f(x: f64) -> f64 {{ {body} }}");
    let cases: Vec<(&str, String)> = vec![
        ("parens", wrap("(".repeat(200) + "x" + &")".repeat(200))),
        ("parens 120", wrap("(".repeat(120) + "x" + &")".repeat(120))),
        ("ifs", wrap("if x > 0.0 { ".repeat(100) + "x" + &" } else { 1.0 }".repeat(100))),
        ("ifs 126", wrap("if x > 0.0 { ".repeat(126) + "x" + &" } else { 1.0 }".repeat(126))),
        ("loops", wrap("let mut s = x; ".to_string() + &"for i in 0..2 { ".repeat(60) + "s += x; " + &"}".repeat(60) + " s")),
        ("calls", wrap("f(".repeat(120) + "x" + &")".repeat(120))),
        ("sum", wrap("x".to_string() + &" + x".repeat(1900))),
        ("ands", wrap("if x > 0.0".to_string() + &" && x > 0.0".repeat(600) + " { x } else { 1.0 }")),
        ("sins", wrap("x".to_string() + &".sin()".repeat(900))),
        ("elses", wrap((0..195).map(|i| format!("if x > {i}.0 {{ {i}.0 }} else ")).collect::<String>() + "{ x }")),
        ("returns", wrap((0..195).map(|i| format!("if x > {i}.0 {{ return {i}.0; }} ")).collect::<String>() + "x")),
        ("guards", wrap("let mut s = x; for i in 0..3 { ".to_string() + &(0..80).map(|i| format!("if s > {i}.0 {{ s += 1.0; }} else if s < -1.0 {{ break; }} ")).collect::<String>() + "} s")),
        ("negs", wrap("-".repeat(30) + "x")),
        ("refs", wrap("*".repeat(15) + &"&".repeat(15) + "x")),
        ("casts", wrap("x".to_string() + &" as f64".repeat(180))),
        ("index", wrap("x".to_string() + &"[0]".repeat(180))),
        ("closures", wrap("|y| ".repeat(100) + "x")),
        ("blocks", wrap("{".repeat(120) + "x" + &"}".repeat(120))),
        ("long", wrap((0..3000).map(|i| format!("let y{i} = x * {i}.0; ")).collect::<String>() + "y1")),
        ("muts", wrap("let mut s = x; ".to_string() + &"s = s * x; if s > 1.0 { s = 2.0; } ".repeat(1000) + "s")),
    ];
    for (name, source) in cases {
        let start = std::time::Instant::now();
        let errors = sized(&source);
        println!("{name}: {:?} {}", start.elapsed(), errors.replace('\n', " "));
    }
}

#[test]
fn show() {
    for file in std::fs::read_to_string("/tmp/lower-show.rs").unwrap_or_default().split("//---") {
        if file.trim().is_empty() { continue; }
        println!("{}\n=>\n{}\n", file.trim(), lowered(file));
    }
    check("fn f(x: f64) -> f64 { x }", expect![""]);
}
