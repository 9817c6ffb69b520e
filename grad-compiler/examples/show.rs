//! Prints the gradient that `#[grad]` generates for a function in a file.
//!
//! ```text
//! cargo run -p grad-compiler --example show -- FILE.rs FUNCTION [--jvp | --all | --ir | --plan]
//! ```
//!
//! By default: one function that computes value and gradient, with short paths. `--jvp`: forward mode. `--all`:
//! everything that the macro writes, as it writes it. `--ir`: what the passes make of the function on the way. `--plan`: what
//! reverse mode records and what it runs at once, and why.

use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::expand::{self, Passes};
use grad_compiler::ir::print;
use grad_compiler::{emit, transform};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use std::process::ExitCode;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ImplItem, Item, ItemFn, parse_quote};

const USAGE: &str =
    "usage: cargo run -p grad-compiler --example show -- FILE.rs FUNCTION [--jvp | --all | --ir | --plan]

  FILE.rs    a file of Rust
  FUNCTION   the name of a function in it, with or without `#[grad]`
  --jvp      forward mode: value and derivative along a direction
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
    let ([file, name], true) = (
        &words[..],
        options.iter().all(|option| matches!(option.as_str(), "--jvp" | "--all" | "--ir" | "--plan")),
    ) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let has = |option: &str| options.iter().any(|other| other == option);
    let what = match () {
        () if has("--all") => What::All,
        () if has("--ir") => What::Ir,
        () if has("--plan") => What::Plan,
        () if has("--jvp") => What::Jvp,
        () => What::Vjp,
    };
    match show(file, name, what) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// What to show of a function.
#[derive(Clone, Copy)]
pub(crate) enum What {
    Vjp,
    Jvp,
    All,
    Ir,
    Plan,
}

pub(crate) fn show(file: &str, name: &str, what: What) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let items = syn::parse_file(&text).map_err(|error| format!("{file}: {error}"))?.items;
    let (mut function, args) =
        find(&items, name).ok_or_else(|| format!("{file} has no function `{name}`"))?;
    function.attrs.retain(|attr| !is_grad(attr));
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, args);
    let passes = if errors.is_empty() { expand::passes(&mut errors, &function, &args) } else { None };
    let Some(passes) = passes else {
        let messages: Vec<String> = errors.messages().iter().map(ToString::to_string).collect();
        return Err(messages.join("\nerror: "));
    };
    if matches!(what, What::Ir) {
        return Ok(dump(&passes));
    }
    if matches!(what, What::Plan) {
        let trusting = match &passes.trusting {
            Some(trusting) => format!("// joint, if callees overwrite\n{}\n", trusting.plan),
            None => String::new(),
        };
        return Ok(format!("{trusting}// joint\n{}\n// split\n{}", passes.joint.plan, passes.split.plan));
    }
    let derivatives = emit::emit(&function, &args, &passes.derivatives());
    let file: syn::File = syn::parse2(derivatives).map_err(|error| format!("the generated code: {error}"))?;
    match what {
        What::All => Ok(prettyplease::unparse(&file)),
        What::Jvp => worker(file, "jvp", &format!("{name}_jvp")),
        What::Vjp | What::Ir | What::Plan => {
            let of = if passes.trusting.is_some() { "joint_trusting" } else { "joint" };
            worker(file, of, &format!("{name}_vjp"))
        }
    }
}

/// The function of this name, and the arguments of its attribute.
fn find(items: &[Item], name: &str) -> Option<(ItemFn, TokenStream)> {
    items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == name => {
            let attr = function.attrs.iter().find(|attr| is_grad(attr));
            let args = attr.and_then(|attr| attr.meta.require_list().ok()).map(|list| list.tokens.clone());
            Some((function.clone(), args.unwrap_or_default()))
        }
        Item::Mod(module) => find(&module.content.as_ref()?.1, name),
        _ => None,
    })
}

fn is_grad(attr: &syn::Attribute) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == "grad")
}

fn dump(passes: &Passes) -> String {
    let derivative = |title: &str, reversed: &transform::Reversed| {
        format!(
            "// {title}: forward sweep\n{}\n// {title}: reverse sweep\n{}",
            print::print(&reversed.func),
            print::print_block(&reversed.func, &reversed.reverse)
        )
    };
    format!(
        "// primal\n{}\n{}\n{}",
        print::print(&passes.primal),
        derivative("joint", &passes.joint),
        derivative("split", &passes.split)
    )
}

/// One of the generated functions, made easy to read.
fn worker(file: syn::File, of: &str, name: &str) -> Result<String, String> {
    let worker = file.items.into_iter().find_map(|item| method(item, of));
    let mut worker = worker.ok_or_else(|| format!("the generated code has no `{of}`"))?;
    worker.attrs.clear();
    if worker.sig.receiver().is_some() {
        worker.sig.inputs = worker.sig.inputs.into_iter().skip(1).collect();
    }
    // It begins with a mention of the user's function, for the sake of a lint.
    worker.block.stmts.remove(0);
    worker.sig.ident = Ident::new(name, Span::call_site());
    Shorten.visit_impl_item_fn_mut(&mut worker);
    let function: ItemFn = syn::parse2(worker.into_token_stream()).map_err(|error| error.to_string())?;
    let file: syn::File = parse_quote!(#function);
    Ok(prettyplease::unparse(&file))
}

/// The method of this name, also of the type that callers use, which lies in a block.
fn method(item: Item, name: &str) -> Option<syn::ImplItemFn> {
    match item {
        Item::Impl(block) => block.items.into_iter().find_map(|item| match item {
            ImplItem::Fn(function) if function.sig.ident == name => Some(function),
            _ => None,
        }),
        Item::Const(item) => match *item.expr {
            Expr::Block(block) => block.block.stmts.into_iter().find_map(|stmt| match stmt {
                syn::Stmt::Item(item) => method(item, name),
                _ => None,
            }),
            _ => None,
        },
        _ => None,
    }
}

/// Writes paths and calls as a person would.
struct Shorten;

impl VisitMut for Shorten {
    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        // A callee is named by way of a type that is the callee if its caller compiles.
        while let syn::Type::Path(path) = &*ty
            && path.path.segments.iter().any(|segment| segment.ident == "Callee")
            && let Some(of) = &path.qself
        {
            *ty = syn::Type::clone(&of.ty);
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.is_some() {
            let keep = match path.segments.iter().rev().nth(1) {
                // `f64::INFINITY`, `Real::sign`, `mem::take`
                Some(before)
                    if !matches!(
                        before.ident.to_string().as_str(),
                        "primitive" | "vec" | "__private" | "option" | "boxed" | "ops"
                    ) =>
                {
                    2
                }
                _ => 1,
            };
            let skip = path.segments.len() - keep.min(path.segments.len());
            path.segments = path.segments.iter().skip(skip).cloned().collect();
            path.leading_colon = None;
        }
        if path.segments.len() == 2 && path.segments[0].ident == "Option"
            || path.segments.len() == 2
                && matches!(path.segments[0].ident.to_string().as_str(), "std" | "core")
        {
            path.segments = path.segments.iter().skip(1).cloned().collect();
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        // `<f as FirstDerivative>::FORMS.forward(…)`
        if let Expr::MethodCall(call) = &*expr
            && let Expr::Path(receiver) = &*call.receiver
            && let Some(of) = &receiver.qself
        {
            let (of, method, turbofish, args) = (&of.ty, &call.method, &call.turbofish, &call.args);
            *expr = parse_quote!(#of::#method #turbofish (#args));
        }
        let Expr::Call(call) = &*expr else { return };
        let Expr::Path(function) = &*call.func else { return };
        let name = function.path.to_token_stream().to_string().replace(' ', "");
        let Some(first) = call.args.first() else { return };
        let rest: Vec<&Expr> = call.args.iter().skip(1).collect();
        match name.as_str() {
            "Iterator::rev" => *expr = parse_quote!((#first).rev()),
            "Clone::clone" => {
                let receiver = match first {
                    Expr::Reference(reference) => &*reference.expr,
                    first => first,
                };
                *expr = parse_quote!(#receiver.clone());
            }
            name => {
                if let Some(method) = name.strip_prefix("Real::") {
                    let method = Ident::new(method, Span::call_site());
                    *expr = parse_quote!(#first.#method(#(#rest),*));
                }
            }
        }
    }
}
