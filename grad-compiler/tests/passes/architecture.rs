//! The rules of the architecture, each held by a test.

use grad_compiler::rules;
use proc_macro2::{TokenStream, TokenTree};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The passes: none imports another. `rules` is a table that all may read.
const PASSES: [&str; 6] = ["lower", "analysis", "transform", "simplify", "check", "emit"];

fn crate_dir(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// Every source file of a crate below `src`, with its path from there.
fn sources(name: &str) -> Vec<(String, String)> {
    let src = crate_dir(name).join("src");
    let mut files = Vec::new();
    let mut dirs = vec![src.clone()];
    while let Some(dir) = dirs.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/"), text));
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "{name} has sources");
    files
}

fn compiler_sources() -> Vec<(String, String)> {
    sources("grad-compiler")
}

/// The folder or file of a source: the name of its pass.
fn pass_of(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The words of a source in order: identifiers, and string literals with their quotes. Comments are none.
fn words(path: &str, text: &str) -> Vec<String> {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut words = Vec::new();
    collect(tokens, &mut words);
    words
}

fn collect(tokens: TokenStream, words: &mut Vec<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Literal(literal) => words.push(literal.to_string()),
            TokenTree::Punct(punct) => words.push(punct.as_char().to_string()),
            TokenTree::Group(group) if group.stream().to_string().starts_with("doc =") => {}
            TokenTree::Group(group) => collect(group.stream(), words),
        }
    }
}

/// Fails with every line of `violations`.
#[track_caller]
fn none(violations: &str) {
    assert!(violations.is_empty(), "\n{violations}");
}

/// The modules of this crate that a source names: `grad_compiler::name`.
fn imports(words: &[String]) -> Vec<&str> {
    let paths = words.windows(4).filter(|path| path[0] == "crate" && path[1] == ":" && path[2] == ":");
    paths.map(|path| path[3].as_str()).collect()
}

#[test]
fn no_pass_imports_another() {
    let mut violations = String::new();
    for (path, text) in compiler_sources() {
        let pass = pass_of(&path);
        let words = words(&path, &text);
        for import in imports(&words) {
            let allowed = match pass {
                // A way to keep things, which knows nothing of a compiler.
                _ if import == "hash" => true,
                "ir" => import == "ir",
                "rules" => matches!(import, "rules" | "ir"),
                "diag" => import == "diag",
                // Who changes the IR looks at facts about it; who writes it out is told what a derivative is made of.
                "transform" | "simplify" => {
                    import == pass || matches!(import, "analysis" | "ir" | "rules" | "fault")
                }
                // Who checks believes nobody's facts.
                "check" => {
                    import == pass || matches!(import, "diag" | "ir" | "matrix" | "rules" | "transform")
                }
                "emit" if import == "transform" => true,
                pass if PASSES.contains(&pass) => {
                    import == pass || !PASSES.contains(&import) && import != "expand"
                }
                _ => true,
            };
            if !allowed {
                writeln!(violations, "{path} names grad_compiler::{import}").unwrap();
            }
        }
        if pass == "transform" && words.iter().any(|word| word == "analyse") {
            writeln!(violations, "{path} runs an analysis").unwrap();
        }
        if pass == "check"
            && words.iter().any(|word| matches!(word.as_str(), "analysis" | "simplify" | "lower"))
        {
            writeln!(violations, "{path} knows facts that are not its own").unwrap();
        }
    }
    none(&violations);
}

#[test]
fn tokens_are_read_and_written_at_the_edges() {
    let mut violations = String::new();
    for (path, text) in compiler_sources() {
        let pass = pass_of(&path);
        let words = words(&path, &text);
        let quotes = words.iter().any(|word| matches!(word.as_str(), "quote" | "quote_spanned"));
        if quotes
            && !matches!(
                pass,
                "aliased"
                    | "kept"
                    | "lower"
                    | "emit"
                    | "check"
                    | "diag"
                    | "args"
                    | "derive"
                    | "expand"
                    | "function"
                    | "interp"
                    | "lib"
                    | "local_items"
                    | "neighbours"
                    | "object"
                    | "operator"
                    | "shape"
                    | "trait_method"
            )
        {
            writeln!(violations, "{path} writes tokens with `quote`").unwrap();
        }
        let syntax = words.iter().any(|word| word == "syn");
        if syntax && matches!(pass, "transform" | "analysis" | "simplify" | "ir" | "rules") {
            writeln!(violations, "{path} knows `syn`").unwrap();
        }
    }
    none(&violations);
}

#[test]
fn primitives_have_names_in_the_table_only() {
    let mut violations = String::new();
    for (path, text) in compiler_sources() {
        if !matches!(pass_of(&path), "transform" | "analysis" | "simplify" | "check") {
            continue;
        }
        for word in words(&path, &text) {
            if rules::rows().iter().any(|row| word == format!("\"{}\"", row.name)) {
                writeln!(violations, "{path} names the primitive {word}").unwrap();
            }
        }
    }
    none(&violations);
}

/// A new statement, operation or kind of argument breaks the build there: nobody forgets to say what follows it.
#[test]
fn activity_names_every_way_of_a_float() {
    let mut violations = String::new();
    for (path, text) in compiler_sources() {
        if matches!(path.as_str(), "analysis/activity.rs" | "analysis/lost.rs") {
            for line in text.lines().filter(|line| line.trim_start().starts_with("_ ")) {
                writeln!(violations, "{path} has an arm for all others: {line}").unwrap();
            }
        }
    }
    none(&violations);
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let workspace = std::fs::read_to_string(crate_dir(".").join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""), "the workspace forbids unsafe code");
    for name in ["grad-compiler", "grad-macro", "grad-runtime"] {
        let manifest = std::fs::read_to_string(crate_dir(name).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} has the lints of the workspace");
    }
}

#[test]
fn files_answer_one_question() {
    let mut violations = String::new();
    for name in ["grad-compiler", "grad-macro", "grad-runtime"] {
        for (path, text) in sources(name) {
            let lines = text.lines().count();
            if lines >= 700 {
                writeln!(violations, "{name}/src/{path} has {lines} lines").unwrap();
            }
            let file = path.rsplit('/').next().unwrap();
            if matches!(file, "utils.rs" | "util.rs" | "helpers.rs" | "common.rs" | "misc.rs") {
                writeln!(violations, "{name}/src/{path} answers no question").unwrap();
            }
        }
    }
    none(&violations);
}

#[test]
fn the_macro_brings_three_dependencies() {
    for (name, expected) in [
        ("grad-compiler", vec!["proc-macro2", "quote", "syn", "unicode-ident"]),
        ("grad-macro", vec!["grad-compiler", "proc-macro2", "quote", "syn", "unicode-ident"]),
        ("grad-runtime", vec![]),
    ] {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let output = Command::new(cargo)
            .args(["tree", "--offline", "--edges", "normal,build", "--prefix", "none", "--package", name])
            .current_dir(crate_dir(name))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
        let mut found: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
        found.retain(|dependency| *dependency != name && !dependency.is_empty());
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, expected, "dependencies of {name}");
    }
}
