//! What `analysis` says of whole functions and loops, which callers and shapes of the reverse sweep rely on.

use grad_compiler::analysis::{self, Obstacle, Rewrites};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::ir::Func;
use grad_compiler::{lower, simplify};

/// A function, differentiated with respect to some of its parameters.
fn func(wrt: &str, source: &str) -> Func {
    let item: syn::ItemFn = syn::parse_str(source).unwrap();
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, wrt.parse().unwrap());
    let func = lower::lower(&mut errors, &item, &args);
    assert!(errors.is_empty(), "{source}: {:?}", errors.messages());
    simplify::primal(&func, Rewrites::default())
}

#[test]
fn functions_run_again_where_nobody_notices() {
    for (params, body, expected) in [
        ("x: f64", "x.sin()", true),
        ("x: f64, v: Vec<f64>", "v[0] * x", true),
        ("x: f64, v: &mut Vec<f64>", "v.push(x); v[0]", true),
        ("x: f64, c: &mut Table", "c.count(); x", false),
        ("x: f64, c: Table", "x * c.scale()", false),
        ("x: f64, mut k: usize", "k += 1; x * k as f64", true),
        ("x: f64", "println!(\"{x}\"); x", true),
        ("x: f64", "if x < 0.0 { panic!(); } x", true),
        ("x: f64, c: &Table", "c.count(); x", false),
        ("x: f64, c: &Table", "let mut log = Vec::new(); log.push(1); x", true),
        ("x: f64", "x * clock()", false),
        ("x: f64, c: &Table", "match c.k { Some(k) if k > 1 => x, _ => x * x }", false),
    ] {
        let found = analysis::may_run_again(&func("wrt(x)", &format!("fn f({params}) -> f64 {{ {body} }}")));
        assert_eq!(found, expected, "{params}: {body}");
    }
}

#[test]
fn loops_run_again_where_a_derivative_comes_through_and_nothing_is_in_the_way() {
    use Obstacle::{Effect, Exit, Unknown};
    for (body, expected) in [
        ("let mut p = x; for _ in 0..n { p = p.sin(); } p", Ok(1)),
        ("for i in 0..n { v[i] = v[i] * x; } v[0]", Ok(1)),
        ("let mut k = 0; for i in 0..n { k += i; } x * k as f64", Err(None)),
        ("v[0] = x; let mut k = 0; for i in 0..n { k += i; } v[1] = x; v[0] * k as f64", Err(None)),
        ("let mut k = 0; for i in 0..n { if v[i] > 0.0 { k += 1; } } v[k] * x", Err(None)),
        ("let mut p = x; while p > 1.0 { p = p.sin(); } p", Err(None)),
        ("let mut p = x; for _ in 0..n { if p > 1.0 { break; } p = p.sin(); } p", Err(Some(Exit))),
        ("let mut p = x; for _ in 0..n { if p > 1.0 { return 0.0; } p = p.sin(); } p", Err(Some(Exit))),
        ("let mut p = x; for _ in 0..n { if p > 1.0 { panic!(); } p = p.sin(); } p", Ok(1)),
        ("let mut p = x; for _ in 0..n { c.tick(); p = p.sin(); } p", Err(Some(Effect))),
        ("let mut p = x; for _ in 0..n { p = p * c.next(); } p", Err(Some(Unknown))),
        ("let mut p = x; for _ in 0..n { p = g(p, c); } p", Err(Some(Effect))),
        ("for _ in 0..n { x = x.sin(); } for i in 0..n { v[i] = x; } v[0]", Ok(2)),
    ] {
        let func = func(
            "wrt(x, v)",
            &format!("fn f(mut x: f64, v: &mut [f64], c: &mut Table, n: usize) -> f64 {{ {body} }}"),
        );
        let facts = analysis::analyse(&func);
        let found = analysis::checkpoints(&func, &facts.layout, &facts.activity).map(|loops| loops.len());
        assert_eq!(found, expected, "{body}");
    }
    // It is the function that ends there.
    let leaves = func(
        "",
        "fn f(x: f64, n: usize) -> Option<f64> {
            let mut p = x;
            for _ in 0..n { if n > 9 { return None; } p = p.sin(); }
            Some(p)
        }",
    );
    let facts = analysis::analyse(&leaves);
    assert_eq!(analysis::checkpoints(&leaves, &facts.layout, &facts.activity), Err(Some(Exit)));
}

#[test]
fn what_is_overwritten_before_it_is_read_is_known_to_callers() {
    for (body, expected) in [
        ("out.fill(x);", Some(0)),
        ("out.copy_from_slice(v);", Some(0)),
        ("for i in 0..out.len() { out[i] = v[i]; }", Some(0)),
        ("for i in 0..v.len() { out[i] = v[i]; }", Some(1)),
        ("for i in 0..n { out[i] = v[i]; }", Some(2)),
        ("for i in 0..n { out[i] = v[i]; out[i] *= x; }", Some(2)),
        ("for i in 0..n { out[i] = v[i]; } for i in 0..n { out[i] += x; }", Some(2)),
        ("for i in 0..n { out[i] = v[i]; } out[n + 1] = x;", None),
        ("for i in 0..n { out[i] = out[i] * x; }", None),
        ("let y = out[0]; for i in 0..n { out[i] = y; }", None),
        ("for i in 0..n { out[i] = v[i]; let _ = out[i + 1] * x; out[0] = out[i + 1]; }", None),
        ("let mut s = 0.0; for i in 0..n { out[i] = v[i]; s += out[i]; } let x = x * s;", Some(2)),
        ("let mut s = 0.0; for i in 0..n { out[i] = v[i]; s += out[i + 1]; } let x = x * s;", None),
        ("for i in 1..n { out[i] = v[i]; }", None),
        ("for i in 0..=n { out[i] = v[i]; }", None),
        ("for i in 0..n { out[2 * i] = v[i]; }", None),
        ("for i in 0..n { if v[i] > 0.0 { out[i] = v[i]; } }", None),
        ("out.fill(x); out[0] += v[0];", Some(0)),
        ("if x > 0.0 { out.fill(x); }", None),
        ("if x > 0.0 { return x; } out.fill(x);", None),
    ] {
        let func =
            func("", &format!("fn f(out: &mut [f64], v: &[f64], n: usize, x: f64) -> f64 {{ {body} x }}"));
        let found = analysis::overwritten(&func, &analysis::layout(&func));
        assert_eq!(found, [expected, None, None, None], "{body}");
    }
}
