//! The completeness check: it is silent where the derivative is right, and speaks where a part of it is missing.

use super::generate::generate;
use crate::analysis;
use crate::args::Args;
use crate::check::{Check, Loss};
use crate::diag::Errors;
use crate::expand;
use crate::ir::Func;
use crate::ir::print::{print, print_block};
use crate::transform::{self, Mode};
use std::path::Path;
use syn::{Item, ItemFn};

/// The functions with `#[grad]` of the files of a folder, with the arguments of the attribute.
pub(super) fn annotated(folder: &str) -> Vec<(String, ItemFn, Args)> {
    let mut found = Vec::new();
    let mut dirs = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)];
    while let Some(dir) = dirs.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else {
            let file = dir;
            let text = std::fs::read_to_string(&file).unwrap();
            if let Ok(file_) = syn::parse_file(&text) {
                collect(&file_.items, &file.file_name().unwrap().to_string_lossy(), &mut found);
            }
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.ends_with("ui") || path.ends_with("compiler") {
                continue;
            }
            if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
                dirs.push(path);
            }
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
                    let nested: Vec<Item> = function
                        .block
                        .stmts
                        .iter()
                        .filter_map(|stmt| match stmt {
                            syn::Stmt::Item(item) => Some(item.clone()),
                            _ => None,
                        })
                        .collect();
                    collect(&nested, file, found);
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

pub(super) fn losses(func: &Func, run: impl FnOnce(&mut Check)) -> Vec<Loss> {
    let mut check = Check::new(func);
    run(&mut check);
    check.losses().to_vec()
}

#[test]
fn random_programs_are_complete() {
    let mut failures = Vec::new();
    for size in [3, 6, 12, 25] {
        for seed in 0..300 {
            let generated = generate(seed * 64 + size as u64, size, true);
            let func = &generated.func;
            let facts = analysis::analyse(func);
            for mode in [Mode::Joint, Mode::Split] {
                let reversed = transform::reverse(func, &facts, mode);
                let losses = losses(func, |check| check.reverse(&reversed));
                if !losses.is_empty() {
                    failures.push(format!(
                        "seed {seed}, size {size}, {mode:?}: {}\n{}\n{}\n{}",
                        losses.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
                        print(func),
                        print(&reversed.func),
                        print_block(&reversed.func, &reversed.reverse)
                    ));
                }
            }
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} fail; {}", failures.len(), failures[0]);
}

#[test]
fn functions_of_the_zoo_are_complete() {
    let mut failures = Vec::new();
    let mut n = 0;
    for folder in ["tests", "examples", "src", "benches"] {
        for (name, function, args) in annotated(folder) {
            let mut errors = Errors::new();
            n += 1;
            if expand::passes(&mut errors, &function, &args).is_none() {
                failures.push(format!(
                    "{name}: {}",
                    errors.messages().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
                ));
            }
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} fail of {n}; {}", failures.len(), failures.join("\n=====\n"));
}
