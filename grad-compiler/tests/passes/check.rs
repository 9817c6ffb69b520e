//! The completeness check is silent where the derivative is right, and speaks where a part of it would be lost.

use super::generate::generate;
use grad_compiler::analysis;
use grad_compiler::args::Args;
use grad_compiler::check::{Check, Loss};
use grad_compiler::diag::Errors;
use grad_compiler::expand;
use grad_compiler::ir::Func;
use grad_compiler::ir::print::{print, print_block};
use grad_compiler::transform::{self, Mode, Width};
use std::path::Path;
use syn::{Item, ItemFn};

/// The functions with `#[grad]` of a file, or of the files of a folder, with the arguments of the attribute.
pub(super) fn annotated(path: &str) -> Vec<(String, ItemFn, Args)> {
    let mut found = Vec::new();
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
            collect(&file.items, &path.file_name().unwrap().to_string_lossy(), &mut found);
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn collect(items: &[Item], file: &str, found: &mut Vec<(String, ItemFn, Args)>) {
    for item in items {
        match item {
            Item::Fn(function) => {
                let is_grad = |attr: &syn::Attribute| {
                    attr.path().segments.last().is_some_and(|segment| segment.ident == "grad")
                };
                let Some(attr) = function.attrs.iter().find(|attr| is_grad(attr)) else {
                    let inner = function.block.stmts.iter().filter_map(|stmt| match stmt {
                        syn::Stmt::Item(item) => Some(item.clone()),
                        _ => None,
                    });
                    collect(&inner.collect::<Vec<_>>(), file, found);
                    continue;
                };
                let tokens = attr.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
                let mut errors = Errors::new();
                let args = Args::parse(&mut errors, tokens);
                let mut function = function.clone();
                function.attrs.retain(|attr| !is_grad(attr));
                if errors.is_empty() && !args.has_rule() {
                    found.push((format!("{file}::{}", function.sig.ident), function, args));
                }
            }
            Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    collect(items, file, found);
                }
            }
            _ => {}
        }
    }
}

/// What the check finds in some of the derivatives of a function.
pub(super) fn losses(func: &Func, run: impl FnOnce(&mut Check)) -> Vec<Loss> {
    let mut check = Check::new(func);
    run(&mut check);
    check.losses().to_vec()
}

fn texts(losses: &[Loss]) -> String {
    losses.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn derivatives_of_random_programs_are_complete() {
    let mut failures = Vec::new();
    for (size, seed) in [3, 6, 12, 25].into_iter().flat_map(|size| (0..300).map(move |seed| (size, seed))) {
        let generated = generate(seed * 64 + size as u64, size, true);
        let func = &generated.func;
        let mut facts = analysis::analyse(func);
        for again in [false, true] {
            if again && let Ok(loops) = analysis::checkpoints(func, &facts.layout, &facts.activity) {
                facts.checkpoints = loops;
            }
            for mode in [Mode::Joint, Mode::Split] {
                let reversed = transform::reverse(func, &facts, mode);
                let losses = losses(func, |check| check.reverse(&reversed));
                if !losses.is_empty() {
                    failures.push(format!(
                        "seed {seed}, size {size}, {mode:?}: {}\n{}\n{}\n{}",
                        texts(&losses),
                        print(func),
                        print(&reversed.func),
                        print_block(&reversed.func, &reversed.reverse)
                    ));
                }
            }
        }
        for width in [Width::One, Width::Lanes] {
            let tangents = transform::forward(func, &facts, width);
            let losses = losses(func, |check| check.forward(&tangents));
            if !losses.is_empty() {
                failures.push(format!(
                    "seed {seed}, size {size}, {width:?}: {}\n{}\n{}",
                    texts(&losses),
                    print(func),
                    print(&tangents.func)
                ));
            }
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} fail; {}", failures.len(), failures[0]);
}

/// What a whole expansion says of a function.
fn messages(source: &str) -> Vec<String> {
    let mut function: ItemFn = syn::parse_str(source).unwrap();
    let mut errors = Errors::new();
    let args = function.attrs.pop().map_or_else(proc_macro2::TokenStream::new, |attr| {
        attr.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default()
    });
    let args = Args::parse(&mut errors, args);
    assert!(expand::passes(&mut errors, &function, &args).is_none(), "{source}");
    errors.messages().iter().map(|message| format!("{}: {}", message.code, message.what)).collect()
}

/// Parts of constants are refused where they are lent; a whole constant is one by the callee's types, or does not compile.
#[test]
fn what_a_callee_writes_into_a_constant_is_refused_once() {
    for place in ["m.k", "m.parts[1]"] {
        let source = format!(
            "fn f(x: f64) -> f64 {{ let mut m = State {{ k: 1.0 }}; let r = &mut {place}; bump(r, x); cube({place}) }}"
        );
        let messages = messages(&source);
        assert_eq!(messages.len(), 1, "{source}: {messages:?}");
        assert!(messages[0].starts_with("GRAD0025"), "{source}: {messages:?}");
    }
}

#[test]
fn constants_that_a_callee_reads_stay_constants() {
    for source in [
        "fn f(x: f64, mode: Mode) -> f64 { helper(x, mode) + helper(x * x, mode) }",
        "fn f(x: f64, model: &Model) -> f64 { helper(x, model) + other(x, &model.parts) }",
        "fn f(x: f64) -> f64 { let model = Model::new(3); helper(x, &model) * helper(x, &model) }",
        "fn f(x: f64) -> f64 { let mut model = Model::new(3); model.set(2); helper(x, &model) * helper(x, &model) }",
        "fn f(x: f64, names: &mut Vec<String>) -> f64 { names.push(String::new()); helper(x, names.len()) }",
    ] {
        let function: ItemFn = syn::parse_str(source).unwrap();
        let mut errors = Errors::new();
        let args = Args::parse(&mut errors, "wrt(x)".parse().unwrap());
        assert!(expand::passes(&mut errors, &function, &args).is_some(), "{source}: {:?}", errors.messages());
    }
}

#[test]
fn an_increment_is_complete_whatever_happens_beside_it_in_between() {
    for between in [
        "let mut s = vec![]; for z in a.iter() { s.push(n); }",
        "if y > 0.5 { *k += 1; }",
        "match (y >= 0.5, n) { _ => {} }",
        "let found = g(y == b, 0.5); let [p, q] = &found;",
    ] {
        let source = format!(
            "fn f(a: &mut [f64], b: f64, n: usize, k: &mut usize) {{ let y = a[0]; {between} a[0] = y - 0.5; }}"
        );
        let passes = expand::passes(&mut Errors::new(), &syn::parse_str(&source).unwrap(), &Args::default());
        assert!(passes.is_some(), "{between}");
    }
}
