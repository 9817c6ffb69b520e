//! Faults that are put into programs on purpose: each is noticed, and what is left of the program is what shows it.

use grad_fuzz::batch::{Outcome, Workshop};
use grad_fuzz::minimise::minimise;
use grad_fuzz::program::{Arg, Program};
use grad_fuzz::types::{By, Data, Ty};
use std::collections::BTreeSet;

/// A program of one number and two rows.
fn program(source: &str) -> Program {
    let arg = |by: By, data: Data| Arg { by, active: true, data };
    Program {
        source: source.to_owned(),
        root: "root".to_owned(),
        args: vec![arg(By::Value, Data::F64), arg(By::Ref, Data::Vec(vec![Data::F64, Data::F64]))],
        result: Ty::F64,
        start: vec![0.5, -0.75, 1.25],
        second: false,
        checkpoint: false,
        structs: false,
        single: false,
        inner: Vec::new(),
        constructs: BTreeSet::new(),
    }
}

const WRONG_RULE: &str = "
#[grad(vjp = cube_vjp_rule, jvp = cube_jvp_rule)]
fn cube(x: f64) -> f64 { x * x * x }
fn cube_vjp_rule(x: f64) -> (f64, impl FnOnce(f64) -> f64) { (x * x * x, move |bar| 2.0 * x * x * bar) }
fn cube_jvp_rule(x: f64, dot: f64) -> (f64, f64) { (x * x * x, 3.0 * x * x * dot) }
#[grad]
pub fn root(x: f64, v: &[f64]) -> f64 {
    let mut s = v[0].sin();
    for z in v { s *= z; }
    s + cube(x)
}
";

#[test]
fn faults_are_noticed_and_made_smaller() {
    let workshop = Workshop::beside_the_test().unwrap();
    let wrong = program(WRONG_RULE);
    let right = WRONG_RULE.replace("2.0 * x * x * bar", "3.0 * x * x * bar");
    let programs = [
        wrong.clone(),
        program(&right),
        program(&WRONG_RULE.replace("2.0 * x * x * bar", "panic!(\"{bar}\")")),
        program(&right.replace("(x * x * x, 3.0", "(x * x * x + 1e-9, 3.0")),
        program("fn f(x: f64) -> f64 { x } #[grad] pub fn root(x: f64, v: &[f64]) -> f64 { f(x) * v[0] }"),
        program(&right.replace("let mut s = v[0].sin()", "let mut s = unknown")),
        program(&right.replace("s + cube(x)", "s + unsafe { cube(x) }")),
        program("#[grad] pub fn root(x: f64, v: &[f64]) -> f64 { x * v[v.len()] }"),
    ];
    let outcomes = workshop.outcomes(&programs).unwrap();
    // The number of rustc's error is rustc's affair.
    let kind = |outcome: &Outcome| outcome.kind().split(':').next().unwrap_or_default().to_owned();
    let kinds: Vec<String> = outcomes.iter().map(kind).collect();
    let wanted = [
        "wrong",
        "right",
        "the derivative panics",
        "wrong",
        "does not compile",
        "invalid",
        "refused",
        "invalid",
    ];
    assert_eq!(kinds, wanted, "{outcomes:#?}");
    assert_eq!(outcomes[6], Outcome::Refused(vec!["GRAD0019".to_owned()]));
    let Outcome::Wrong(what) = &outcomes[3] else { panic!("{:?}", outcomes[3]) };
    assert!(what.contains("value"), "{what}");

    let (smaller, outcome) = minimise(&workshop, &wrong, &outcomes[0]).unwrap();
    assert_eq!(outcome.kind(), "wrong");
    assert!(smaller.source.contains("cube(x)"), "{}", smaller.source);
    for gone in ["for ", "sin"] {
        assert!(!smaller.source.contains(gone), "{gone:?} is still in\n{}", smaller.source);
    }
}
