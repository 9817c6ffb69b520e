//! The table of errors: its page, and that every example gives its error.

use expect_test::expect_file;
use grad_compiler::args::{Args, JacobianMode};
use grad_compiler::diag::{self, Code, Errors};
use grad_compiler::{derive, expand};
use proc_macro2::TokenStream;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn the_page_of_errors_is_the_table() {
    expect_file!["../../../docs/errors.md"].assert_eq(&diag::render());
}

/// The numbers of the errors that a source with annotated functions gives.
fn numbers(source: &str) -> Vec<String> {
    if let Some(item) = source.strip_prefix("#[derive(grad::Differentiable)]") {
        return numbers_in(&derive::derive(item.parse().unwrap()).to_string());
    }
    if let Some((_, input)) = source.split_once("grad::function!(") {
        let (input, _) = input.rsplit_once(");").unwrap();
        return numbers_in(&expand::in_place::function(input.parse().unwrap()).to_string());
    }
    let items = source.split("#[grad").skip(1);
    let mut found = Vec::new();
    for item in items {
        let (args, item) = item.split_once(']').unwrap();
        let args = args.strip_prefix('(').and_then(|args| args.strip_suffix(')')).unwrap_or(args);
        let text = expand::expand(
            args.parse().unwrap(),
            item.parse().unwrap_or_else(|error| panic!("{error}: {item}")),
        )
        .to_string();
        found.extend(numbers_in(&text));
    }
    found
}

fn numbers_in(text: &str) -> Vec<String> {
    text.match_indices("GRAD").map(|(at, _)| text[at..at + 8].to_owned()).collect()
}

#[test]
fn every_wrong_example_gives_its_error() {
    let mut failures = String::new();
    for &code in Code::ALL {
        let example = code.wrong_example();
        // Tests plant mistakes that give the one; a panic is caught in a test of its own.
        if matches!(code, Code::Incomplete | Code::Internal) {
            continue;
        }
        let source = if code == Code::TooLong {
            example.replace("// … and so on, 2000 times", &"+ x".repeat(2500))
        } else {
            example.to_owned()
        };
        let found = numbers(&source);
        if !found.contains(&code.to_string()) {
            let _ = write!(failures, "{code}: {found:?}\n{example}\n\n");
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn every_error_has_a_fixture() {
    let mut texts = String::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui");
    for topic in std::fs::read_dir(folder).unwrap() {
        let Ok(files) = std::fs::read_dir(topic.unwrap().path()) else { continue };
        for file in files {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "stderr") {
                texts += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    let missing: Vec<String> = Code::ALL
        .iter()
        // No function of a user's gives them.
        .filter(|code| !matches!(code, Code::Incomplete | Code::Internal))
        .map(ToString::to_string)
        .filter(|code| !texts.contains(&format!("error: {code}:")))
        .collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}

#[test]
fn numbers_ascend() {
    let numbers: Vec<String> = Code::ALL.iter().map(ToString::to_string).collect();
    assert!(numbers.is_sorted());
    let mut unique = numbers.clone();
    unique.dedup();
    assert_eq!(numbers, unique);
}

fn args(text: &str) -> (Args, Vec<String>) {
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, text.parse().unwrap());
    (args, errors.messages().iter().map(|message| message.what.clone()).collect())
}

#[test]
fn all_arguments_are_read() {
    let (args, errors) =
        args("wrt(w, r#type), name = other, crate = some::where_else, recursive, jacobian = forward,");
    assert_eq!(errors, [""; 0]);
    let names: Vec<String> = args.wrt.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["w", "r#type"]);
    assert_eq!(args.name.unwrap().to_string(), "other");
    assert_eq!(args.krate.to_string(), "some :: where_else");
    assert!(args.recursive);
    assert_eq!(args.jacobian, Some(JacobianMode::Forward));
}

#[test]
fn the_path_of_the_crate_may_be_a_string() {
    assert_eq!(args("crate = \"::a::b\"").0.krate.to_string(), ":: a :: b");
}

#[test]
fn mistakes_in_the_attribute_are_all_reported() {
    let mistakes = [
        ("wrt", "`wrt` takes a list of parameters"),
        ("wrt()", "`wrt()` names no parameter"),
        ("wrt(a, a)", "`a` is named twice"),
        ("wrt(self.k.)", "expected the name of a parameter"),
        ("wrt(p.k)", "a field of a parameter that is not `self`"),
        ("wrt(self.k, self.k.x)", "`self.k.x` is named twice, as a whole or in part"),
        ("name = a::b", "`name` takes an identifier"),
        ("crate", "`crate` takes a path"),
        ("recursive = true", "`recursive` stands alone"),
        ("recursive, recursive", "`recursive` is given twice"),
        ("checkpoint(8)", "`checkpoint` stands alone"),
        ("skip = true", "`skip` stands alone"),
        ("jacobian", "`jacobian` takes `forward` or `reverse`"),
        ("jacobian = backward", "`jacobian` takes `forward` or `reverse`"),
        ("jacobian(forward)", "`jacobian` takes `forward` or `reverse`"),
        ("wrong", "unknown argument `wrong`"),
        (",", "expected the name of an argument"),
        ("1", "expected the name of an argument"),
    ];
    for (text, expected) in mistakes {
        assert_eq!(args(text).1, [expected], "{text}");
    }
    assert_eq!(args("wrong, skip(), wrt").1.len(), 3);
}

#[test]
fn an_item_with_errors_stays_as_it_is_and_gets_stubs() {
    let item = "#[inline] pub fn f(x: f64, y: &mut [f64]) -> f64 { unsafe { x * y[0] } }";
    let text = expand::expand(TokenStream::new(), item.parse().unwrap()).to_string();
    assert!(text.starts_with(&item.parse::<TokenStream>().unwrap().to_string()), "{text}");
    for stub in
        ["compile_error", "fn grad", "fn value_and_grad", "fn vjp", "fn vjp_add", "FirstDerivative for f"]
    {
        assert!(text.contains(stub), "{stub}: {text}");
    }
}

/// The names of the functions that the user can call beside the item, in the form `fn name`.
fn public_functions(args: &str, item: &str) -> BTreeSet<String> {
    let text = expand::expand(args.parse().unwrap(), item.parse().unwrap()).to_string();
    // Behind them are those that other derivatives call.
    let public = text.split("const _ :").next().unwrap();
    let words: Vec<&str> = public.split_whitespace().collect();
    let functions = words.windows(3).filter(|words| words[0] == "pub" && words[1] == "fn");
    functions.map(|words| words[2].to_owned()).collect()
}

#[test]
fn after_an_error_every_public_name_stands_in() {
    let signatures = [
        ("", "(x: f64)", "f64", "x"),
        ("second", "(x: f64, y: &[f64])", "f64", "x * y[0]"),
        ("second, third", "(x: f64, y: [f64; 2])", "f64", "x * y[0] * y[1]"),
        ("recursive", "(x: f64, y: Vec<f64>, n: usize)", "f64", "x * y[n]"),
        ("checkpoint", "(x: f64)", "f64", "{ let mut s = x; for _ in 0..3 { s = s.sin(); } s }"),
        ("", "(x: &[f64])", "Vec<f64>", "x.to_vec()"),
        ("jacobian = forward", "(x: f64)", "[f64; 2]", "[x, x * x]"),
        ("jacobian = reverse", "(x: f64, k: &mut usize)", "[f64; 2]", "{ *k += 1; [x, x * x] }"),
        ("second", "(x: f64, _y: &[f64])", "(f64, [f64; 2])", "(x, [x, x * x])"),
        ("wrt(x)", "(x: f32, c: Option<usize>)", "[f32; 1]", "[x * x]"),
        ("second", "(x: f64, out: &mut [f64])", "()", "out[0] = x"),
        ("", "(x: f64, total: &mut f64)", "f64", "{ *total += x; x * x }"),
    ];
    for (args, params, result, body) in signatures {
        let right = format!("pub fn f{params} -> {result} {{ {body} }}");
        let wrong = format!("pub fn f{params} -> {result} {{ let r = {body}; unsafe {{ r }} }}");
        let (right, wrong) = (public_functions(args, &right), public_functions(args, &wrong));
        assert!(right.len() > 2, "{args} {params}: {right:?}");
        let missing: Vec<&String> = right.difference(&wrong).collect();
        assert!(missing.is_empty(), "{args} {params} -> {result}: {missing:?}");
    }
}

#[test]
fn a_panic_is_an_error_at_the_name_and_nothing_else() {
    let item: TokenStream = "#[inline] pub fn f(x: f64, y: &[f64]) -> f64 { x * y[0] }".parse().unwrap();
    let expand = |work: fn() -> TokenStream| {
        let text = expand::border::guarded(&"second".parse().unwrap(), &item, work).to_string();
        assert!(text.starts_with(&item.to_string()), "{text}");
        text
    };
    let text = expand(|| panic!("{} parts of one", 2));
    assert_eq!(text.matches("compile_error").count(), 1, "{text}");
    assert!(text.contains("GRAD0051: the compiler of `#[grad]` panicked: 2 parts of one"), "{text}");
    assert!(text.contains("please report"), "{text}");
    for stub in ["fn grad", "fn hvp", "fn jvp_n", "fn forward"] {
        assert!(text.contains(stub), "{stub}: {text}");
    }
    assert!(expand(|| std::panic::panic_any(7)).contains("panicked: without words"));
}

#[test]
fn conditions_inside_a_function_give_a_derivative_each() {
    let item = "fn f(x: f64, #[cfg(a)] y: f64) -> f64 { #[cfg(a)] let x = x * y; #[cfg(not(a))] let x = x + 1.0; x }";
    let text = expand::expand(TokenStream::new(), item.parse().unwrap()).to_string();
    assert!(!text.contains("GRAD"), "{text}");
    assert_eq!(text.matches("enum f").count(), 2);
    assert!(text.contains("cfg (all (a))") && text.contains("cfg (all (not (a)))"), "{text}");
}
