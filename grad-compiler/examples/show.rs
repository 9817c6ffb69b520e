//! Prints the gradient that `#[grad]` generates for a function in a file.
//!
//! ```text
//! cargo run -p grad-compiler --example show -- FILE.rs FUNCTION [--jvp | --second | --all | --ir | --plan]
//! ```
//!
//! `cargo grad show`, in the package `cargo-grad`, is the same for users: it finds the function by itself. This one is built
//! with nothing but the compiler.

/// What both print.
#[allow(dead_code)]
#[path = "../../cargo-grad/src/show/mod.rs"]
mod shown;

use grad_compiler::args::Args;
use shown::Obstacle;
pub(crate) use shown::What;
use std::process::ExitCode;
use syn::{Item, ItemFn};

const USAGE: &str = "usage: cargo run -p grad-compiler --example show -- FILE.rs FUNCTION [--jvp | --second | --all | --ir | --plan]

  FILE.rs    a file of Rust
  FUNCTION   the name of a function in it, with or without `#[grad]`; or of a method of a block with it, `Type::method`
  --jvp      forward mode: value and derivative along a direction
  --second   the gradient, and the Hessian times a direction
  --all      all that the macro writes, as it writes it
  --ir       the function in the language of the compiler, and its derivatives
  --plan     when loops, branches and calls are reversed, and how the reverse sweep has values again";

fn main() -> ExitCode {
    let (options, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg.starts_with('-'));
    if options.iter().any(|option| matches!(option.as_str(), "-h" | "--help")) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let what = match options.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Some(What::Vjp),
        ["--jvp"] => Some(What::Jvp),
        ["--second"] => Some(What::Second),
        ["--all"] => Some(What::All),
        ["--ir"] => Some(What::Ir),
        ["--plan"] => Some(What::Plan),
        _ => None,
    };
    let ([file, name], Some(what)) = (&words[..], what) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    match in_file(file, name, what) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(obstacle) => {
            eprintln!("error: {obstacle}");
            ExitCode::FAILURE
        }
    }
}

/// Of a function in a file.
pub(crate) fn in_file(file: &str, name: &str, what: What) -> Result<String, Obstacle> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let items = syn::parse_file(&text).map_err(|error| format!("{file}: {error}"))?.items;
    if let Some(function) = find(&items, name) {
        return shown::show(function, what);
    }
    match find_method(&items, name)? {
        Some((function, args)) => shown::show_with(&function, args, what),
        None => Err(format!("{file} has no function `{name}`").into()),
    }
}

/// `Type::method`, or the first method of that name.
fn find_method(items: &[Item], name: &str) -> Result<Option<(ItemFn, Args)>, Obstacle> {
    let (of, name) = name.rsplit_once("::").map_or((None, name), |(of, name)| (Some(of), name));
    for item in items {
        let found = match item {
            Item::Impl(block) if of.is_none_or(|of| shown::type_name(block).is_some_and(|it| it == of)) => {
                shown::method(block, name)?
            }
            Item::Mod(module) => match &module.content {
                Some((_, items)) => find_method(items, name)?,
                None => None,
            },
            _ => None,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn find<'a>(items: &'a [Item], name: &str) -> Option<&'a ItemFn> {
    items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == name => Some(function),
        Item::Mod(module) => find(&module.content.as_ref()?.1, name),
        _ => None,
    })
}
