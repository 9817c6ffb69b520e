//! The program, run as cargo runs it, in the package `tests/package`.

use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &str, arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-grad"));
    command.arg("grad").args(arguments).current_dir(folder).env_remove("NO_COLOR");
    command.output().expect("it can be run")
}

/// What it prints.
#[track_caller]
fn prints(folder: &str, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("it is text")
}

/// What is wrong.
#[track_caller]
fn fails(folder: &str, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).expect("it is text")
}

const PACKAGE: &str = "tests/package";

#[test]
fn a_function_of_the_package_is_shown_as_code() {
    let text = prints(PACKAGE, &["show", "square"]);
    assert_eq!(
        text,
        "// some_models::square, src/lib.rs:12
pub fn square_vjp(x: f64, seed: f64) -> (f64, f64) {
    let result = x * x;
    let x_bar = 2.0 * seed * x;
    (result, x_bar)
}
"
    );
    // From a folder below, and by its manifest.
    assert_eq!(
        prints("tests/package/src/model", &["show", "square"]).lines().skip(1).collect::<Vec<_>>(),
        text.lines().skip(1).collect::<Vec<_>>()
    );
    let manifest = prints("tests", &["--manifest-path", "package/Cargo.toml", "show", "square"]);
    assert!(manifest.contains("fn square_vjp"), "{manifest}");
}

#[test]
fn every_form_is_shown() {
    let show = |option: &str| prints(PACKAGE, &["show", "model::energy", option]);
    assert!(show("--jvp").contains("fn energy_jvp("));
    assert!(show("--second").contains("fn energy_hvp("));
    assert!(show("--ir").contains("// joint: reverse sweep"));
    assert!(show("--plan").contains("y: recorded on a tape"), "{}", show("--plan"));
    let all = show("--all");
    for function in ["pub fn value_and_grad", "pub fn hessian", "pub fn objective"] {
        assert!(all.contains(function), "{function}: {all}");
    }
    // One of these is used, by what the callee does; who reads does not know which.
    let text = prints(PACKAGE, &["show", "with_scratch"]);
    let ways =
        text.split("// otherwise").map(|way| way.matches("fn with_scratch_vjp(").count()).collect::<Vec<_>>();
    assert_eq!(ways, [1, 1], "{text}");
    assert!(text.contains("// if callees overwrite before they read: argument 2 of `fill`"), "{text}");
    // Nobody asked for second derivatives of this one, but one may look.
    assert!(prints(PACKAGE, &["show", "square", "--second"]).contains("fn square_hvp"));
    let message = fails(PACKAGE, &["show", "somewhere", "--second"]);
    assert_eq!(message, "error: `somewhere` does not return one number, so that it has no Hessian\n");
}

#[test]
fn functions_are_found_wherever_they_are() {
    for (wanted, place) in [
        ("deep", "inline::below::deep, src/inline/below.rs:2"),
        ("below::deep", "inline::below::deep, src/inline/below.rs:2"),
        ("deeper", "inline::below::deep::deeper, src/inline/below.rs:3"),
        ("tension", "model::spring::tension, src/model/spring.rs:2"),
        ("somewhere", "elsewhere::somewhere, "),
        ("cube", "cube, src/lib.rs:17"),
        ("of_the_example", "run::of_the_example, examples/run.rs:4"),
    ] {
        let text = prints(PACKAGE, &["show", wanted]);
        assert!(text.lines().next().unwrap().contains(place), "{wanted}: {text}");
    }
    let text = prints(PACKAGE, &["show", "src/model/spring.rs", "tension"]);
    assert!(text.starts_with("// tension, src/model/spring.rs:2\npub fn tension_vjp"), "{text}");
}

#[test]
fn methods_are_shown_with_their_type() {
    let text = prints(PACKAGE, &["show", "Spring::stretched"]);
    assert_eq!(
        text,
        "// some_models::model::spring::Spring::stretched, src/model/spring.rs:18
pub fn stretched_vjp(
    this: &Spring,
    x: f64,
    seed: f64,
    this_bar: &mut SpringTangent,
) -> (f64, f64) {
    let this_k = this.k;
    let (bent_1, pullback) = this.bent_with_grad().forward(this, x, Active, Active);
    let result = this_k * bent_1;
    let bent_bar = seed * this_k;
    let (_, x_bar) = pullback(this, x, bent_bar, Some(&mut *this_bar), None);
    this_bar.k += seed * bent_1;
    (result, x_bar)
}
"
    );
    assert_eq!(
        prints(PACKAGE, &["show", "src/model/spring.rs", "stretched"]).lines().nth(1),
        text.lines().nth(1)
    );
    assert!(prints(PACKAGE, &["show", "bent", "--jvp"]).contains("fn bent_jvp("));
}

#[test]
fn conditions_inside_of_a_function_give_several_gradients() {
    let text = prints(PACKAGE, &["show", "in_one_of_two_ways"]);
    let conditions: Vec<&str> = text.lines().filter(|line| line.starts_with("// #[cfg")).collect();
    assert_eq!(
        conditions,
        [r#"// #[cfg(all(not(feature = "grad")))]"#, r#"// #[cfg(all(feature = "grad"))]"#]
    );
    assert!(text.contains(".sin()") && text.contains(".cos()"), "{text}");
}

#[test]
fn a_name_that_is_not_clear_is_asked_about() {
    let message = fails(PACKAGE, &["show", "energy"]);
    assert_eq!(
        message,
        "error: 2 functions are called `energy`
  = help: put modules in front of the name, or the file:
            some_models::model::energy  src/model/mod.rs:5
            some_models::inline::energy  src/lib.rs:43
"
    );
    let message = fails(PACKAGE, &["show", "tensoin"]);
    assert!(message.contains("no function `tensoin` in package `some-models`"), "{message}");
    assert!(message.contains("some_models::model::spring::tension  src/model/spring.rs:2"), "{message}");
    assert!(fails(PACKAGE, &["-p", "other", "show", "f"]).contains("there is some-models"));
}

#[test]
fn what_is_refused_is_shown_with_its_line() {
    let message = fails(PACKAGE, &["show", "refused"]);
    assert!(message.starts_with("error: GRAD"), "{message}");
    let rest = message.split_once('\n').expect("several lines").1;
    assert!(
        rest.starts_with(
            " --> src/model/spring.rs:8:13
  |
8 |     let s = unsafe { w.sin() };
  |             ^^^^^^"
        ),
        "{message}"
    );
    assert!(message.contains("\n  = help: "), "{message}");
    let message = fails(PACKAGE, &["show", "with_a_rule"]);
    assert!(message.contains("the rules that its attribute names, `vjp = rule`"), "{message}");
    assert!(prints(PACKAGE, &["show", "with_a_rule", "--all"]).contains("rule("));
}

#[test]
fn all_annotated_functions_are_listed() {
    let text = prints(PACKAGE, &["list"]);
    let entry = |path: &str| {
        let rest =
            text.split(&format!("some_models::{path}  ")).nth(1).unwrap_or_else(|| panic!("{path}: {text}"));
        rest.split("\n\n").next().unwrap().to_owned()
    };
    assert_eq!(
        entry("square"),
        "src/lib.rs:12
    differentiated by  x
    has                grad, value_and_grad, vjp, vjp_add, objective, jvp, jvp_n
    allocates          nothing"
    );
    let energy = entry("model::energy");
    for line in [
        "    only with          feature = \"grad\"\n",
        "    differentiated by  w\n",
        ", hvp, hvp_n, hessian",
        "    allocates          `y_tape`",
        ", the gradient it returns\n",
        "    calls              spring::tension",
    ] {
        assert!(energy.contains(line), "{line}: {energy}");
    }
    assert!(entry("inline::with_a_rule").contains("by the rules       vjp = rule\n"), "{text}");
    assert!(!entry("inline::with_a_rule").contains("allocates"), "{text}");
    assert!(entry("elsewhere::somewhere").contains("jacobian"), "{text}");
    let refused = entry("model::spring::refused");
    assert!(refused.contains("refused            GRAD") && refused.contains("(line 8)"), "{refused}");
    assert!(!text.contains("cube"), "{text}");
    let method = entry("model::spring::Spring::stretched");
    for line in [
        "src/model/spring.rs:18\n",
        "    differentiated by  self, x\n",
        "    has                stretched_grad, stretched_value_and_grad, stretched_grad_into, stretched_vjp, stretched_vjp_add, ",
        "    allocates          nothing\n",
        "    calls              bent",
    ] {
        assert!(method.contains(line), "{line}: {method}");
    }
    // Part of them.
    let part = prints(PACKAGE, &["list", "spring"]);
    assert!(part.contains("tension") && !part.contains("square"), "{part}");
}

#[test]
fn errors_are_explained() {
    let page = prints(PACKAGE, &["explain", "GRAD0025"]);
    assert!(page.starts_with("GRAD0025: a differentiated value disappears"), "{page}");
    assert!(page.contains("\n    fn f(x: f64) -> f64 {\n") && page.contains("\nInstead: "), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 96), "{page}");
    for number in ["25", "grad25", "0025"] {
        assert_eq!(prints(PACKAGE, &["explain", number]), page);
    }
    let two = prints(PACKAGE, &["explain", "GRAD0001", "GRAD0025"]);
    assert!(two.starts_with("GRAD0001") && two.ends_with(&page), "{two}");
    let index = prints(PACKAGE, &["explain"]);
    assert!(index.starts_with("GRAD0001  the attribute cannot be read\nGRAD0002  "), "{index}");
    assert!(index.contains("\nE0573     expected type, found function `helper`\n"), "{index}");
    let by_rustc = prints(PACKAGE, &["explain", "E0573"]);
    assert!(by_rustc.starts_with("E0573: expected type, found function `helper`\n"), "{by_rustc}");
    assert!(fails(PACKAGE, &["explain", "9999"]).starts_with("error: there is no error `9999`\n"));
    assert!(fails(PACKAGE, &["explain", "E0433"]).contains("`rustc --explain E0433`"));
}

#[test]
fn pipes_get_no_colours_unless_they_want_some() {
    assert!(!prints(PACKAGE, &["show", "square"]).contains('\x1b'));
    let coloured = prints(PACKAGE, &["show", "square", "--color", "always"]);
    assert!(coloured.contains("\x1b[35mlet\x1b[0m result"), "{coloured:?}");
    assert!(prints(PACKAGE, &["explain", "1", "--color=always"]).starts_with("\x1b[1mGRAD0001"));
}

#[test]
fn what_it_does_not_know_it_says() {
    for (arguments, words) in [
        (&["shwo", "f"][..], "there is no command `shwo`"),
        (&["show"], "`show` takes the name of a function"),
        (&["show", "f", "--fast"], "--fast"),
        (&["show", "square", "--jvp", "--ir"], "one of `--jvp`"),
        (&["list", "--all"], "belong to `show`"),
        (&["list", "--color", "green"], "always, never and auto"),
        (&["show", "absent.rs", "f"], "absent.rs: "),
        (&["-p", "some-models", "show", "Cargo.toml", "f"], "Cargo.toml:"),
    ] {
        let message = fails(PACKAGE, arguments);
        assert!(message.starts_with("error: ") && message.contains(words), "{arguments:?}: {message}");
    }
    let outside = std::env::temp_dir();
    let message = fails(outside.to_str().expect("a plain path"), &["show", "f"]);
    assert!(message.contains("could not find `Cargo.toml`") && message.contains("name a file"), "{message}");
    for help in [&["--help"][..], &[], &["show", "-h"]] {
        assert!(prints(PACKAGE, help).contains("usage: cargo grad show [FILE] FUNCTION"));
    }
    assert_eq!(prints(PACKAGE, &["-V"]), format!("cargo-grad {}\n", env!("CARGO_PKG_VERSION")));
}
