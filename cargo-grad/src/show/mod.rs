//! The derivatives of a function, as a person would write them.

mod shorten;

use grad_compiler::analysis::Overwrites;
use grad_compiler::args::Args;
use grad_compiler::diag::{Errors, Message};
use grad_compiler::expand::{self, Passes};
use grad_compiler::ir::print;
use grad_compiler::{emit, function, transform};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use std::fmt;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Expr, ImplItem, Item, ItemFn, ItemImpl, Meta, Token, parse_quote};

/// What to show of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Value and gradient in one function.
    Vjp,
    /// Value and derivative along a direction.
    Jvp,
    /// The gradient, and the Hessian times a direction.
    Second,
    /// All that the macro writes, as it writes it.
    All,
    /// What the passes make of the function on the way.
    Ir,
    /// What reverse mode records and what it runs at once, and why.
    Plan,
}

/// Why there is nothing to show.
#[derive(Debug)]
pub(crate) enum Obstacle {
    /// The function is refused.
    Errors(Vec<Message>),
    Text(String),
}

impl From<String> for Obstacle {
    fn from(text: String) -> Obstacle {
        Obstacle::Text(text)
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Text(text) => f.write_str(text),
            Obstacle::Errors(messages) => {
                let messages: Vec<String> = messages.iter().map(ToString::to_string).collect();
                f.write_str(&messages.join("\nerror: "))
            }
        }
    }
}

impl From<Errors> for Obstacle {
    fn from(errors: Errors) -> Obstacle {
        Obstacle::Errors(errors.into_messages())
    }
}

/// The arguments of the attribute `#[grad]`, if the function has it, under a condition or not.
pub(crate) fn annotation(function: &ItemFn) -> Option<TokenStream> {
    function.attrs.iter().flat_map(conditional).find_map(|meta| arguments(&meta))
}

/// An attribute, or those that stand behind a condition.
pub(crate) fn conditional(attr: &Attribute) -> Vec<Meta> {
    fn unwrapped(meta: &Meta) -> Vec<Meta> {
        let Meta::List(list) = meta else { return vec![meta.clone()] };
        if !list.path.is_ident("cfg_attr") {
            return vec![meta.clone()];
        }
        let parts = list.parse_args_with(syn::punctuated::Punctuated::<Meta, Token![,]>::parse_terminated);
        parts.iter().flatten().skip(1).flat_map(unwrapped).collect()
    }
    unwrapped(&attr.meta)
}

/// Whether it is `#[grad]`.
#[allow(dead_code, reason = "who looks at blocks asks")]
pub(crate) fn is_grad(attr: &Attribute) -> bool {
    arguments(&attr.meta).is_some()
}

fn arguments(meta: &Meta) -> Option<TokenStream> {
    let is_grad = meta.path().segments.last().is_some_and(|segment| segment.ident == "grad");
    is_grad.then(|| meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default())
}

/// The function without its attribute.
pub(crate) fn bare(function: &ItemFn) -> ItemFn {
    let mut function = function.clone();
    function.attrs.retain(|attr| conditional(attr).iter().all(|meta| arguments(meta).is_none()));
    function
}

/// The last name in the type that a block is of.
#[allow(dead_code, reason = "who looks at blocks asks")]
pub(crate) fn type_name(block: &ItemImpl) -> Option<String> {
    match &*block.self_ty {
        syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
}

/// Of a function that is annotated, or could be.
pub(crate) fn show(function: &ItemFn, what: What) -> Result<String, Obstacle> {
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, annotation(function).unwrap_or_default());
    if !errors.is_empty() {
        return Err(errors.into());
    }
    show_with(function, args, what)
}

/// The methods of a block with `#[grad]` that have derivatives, as functions, with what the attribute says of each.
#[allow(dead_code, reason = "who looks at blocks asks")]
pub(crate) fn methods(block: &ItemImpl) -> Result<Vec<(ItemFn, Args)>, Obstacle> {
    let Some(arguments) = block.attrs.iter().flat_map(conditional).find_map(|meta| arguments(&meta)) else {
        return Ok(Vec::new());
    };
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, arguments);
    let methods = expand::methods(&mut errors, &args, block.clone());
    if errors.is_empty() { Ok(methods) } else { Err(errors.into()) }
}

/// One of them.
#[allow(dead_code, reason = "who looks at blocks asks")]
pub(crate) fn method(block: &ItemImpl, name: &str) -> Result<Option<(ItemFn, Args)>, Obstacle> {
    Ok(methods(block)?.into_iter().find(|(function, _)| function.sig.ident == name))
}

/// Of a function with these arguments of its attribute.
pub(crate) fn show_with(function: &ItemFn, mut args: Args, what: What) -> Result<String, Obstacle> {
    let arguments = annotation(function).unwrap_or_default();
    let function = bare(function);
    let mut errors = Errors::new();
    if what == What::Second {
        args.order = args.order.max(2);
    }
    if args.has_rule() && what != What::All {
        let name = &function.sig.ident;
        return Err(Obstacle::Text(format!(
            "the derivatives of `{name}` are the rules that its attribute names, `{arguments}`: there is nothing that is derived\n  \
             = help: `--all` shows the functions that call the rules"
        )));
    }
    if what == What::All {
        let derivatives = expand::derivatives(&mut errors, &function, &args);
        return if errors.is_empty() {
            Ok(prettyplease::unparse(&parsed(derivatives)?))
        } else {
            Err(errors.into())
        };
    }
    let (function, args) = function::with_functions(&mut errors, &function, &args);
    let variants = expand::variants(&mut errors, &function);
    let several = variants.len() > 1;
    let mut texts = Vec::new();
    for mut variant in variants {
        let condition = if several { variant.attrs.pop() } else { None };
        let Some(passes) = expand::passes(&mut errors, &variant, &args) else { break };
        let text = one(&variant, &args, &passes, what)?;
        texts.push(match condition {
            Some(condition) => {
                let item = prettyplease::unparse(&parse_quote!(#condition struct S;));
                format!("// {}\n{text}", item.lines().next().unwrap_or_default())
            }
            None => text,
        });
    }
    if errors.is_empty() { Ok(texts.join("\n")) } else { Err(errors.into()) }
}

fn parsed(tokens: TokenStream) -> Result<syn::File, String> {
    syn::parse2(tokens).map_err(|error| format!("the generated code: {error}"))
}

fn one(function: &ItemFn, args: &Args, passes: &Passes, what: What) -> Result<String, String> {
    let derivatives = || parsed(emit::emit(function, args, &passes.derivatives()));
    let name = &function.sig.ident;
    match what {
        What::Ir => Ok(dump(passes)),
        What::Plan => {
            let trusting = match &passes.trusting {
                Some(trusting) => format!("// joint, if callees overwrite\n{}\n", trusting.plan),
                None => String::new(),
            };
            let given = passes.given.as_ref().map(|given| {
                let (func, param) = (&passes.primal, &passes.primal.params[given.param]);
                let name = &func.vars[param.var.index()].name;
                format!("\n// split, for callers to whom `{name}` is a constant\n{}", given.split.plan)
            });
            let (joint, split) = (&passes.joint.plan, &passes.split.plan);
            Ok(format!("{trusting}// joint\n{joint}\n// split\n{split}{}", given.unwrap_or_default()))
        }
        What::Jvp => worker(derivatives()?, "jvp", &format!("{name}_jvp")),
        What::Vjp | What::All => {
            let vjp = |of| worker(derivatives()?, of, &format!("{name}_vjp"));
            let Some(trusting) = &passes.trusting else { return vjp("joint") };
            let (assumed, plain) = (vjp("joint_trusting")?, vjp("joint_plain")?);
            let assumptions: Vec<String> = trusting.assumes.iter().map(assumption).collect();
            let assumptions = assumptions.join(", ");
            Ok(format!(
                "// if callees overwrite before they read: {assumptions}\n{assumed}\n// otherwise\n{plain}"
            ))
        }
        What::Second => worker(derivatives()?, "joint_2", &format!("{name}_hvp"))
            .map_err(|_| format!("`{name}` does not return one number, so that it has no Hessian")),
    }
}

/// What a callee is trusted to overwrite.
fn assumption(Overwrites { callee, argument, .. }: &Overwrites) -> String {
    format!("argument {} of `{}`", argument + 1, callee.to_string().replace(' ', ""))
}

pub(crate) fn dump(passes: &Passes) -> String {
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
    let function = readable(file, of, name)?;
    Ok(prettyplease::unparse(&parse_quote!(#function)))
}

/// The same, with the places of the user's code that its tokens stand for.
pub(crate) fn readable(file: syn::File, of: &str, name: &str) -> Result<ItemFn, String> {
    let worker = file.items.into_iter().find_map(|item| worker_in(item, of));
    let mut worker = worker.ok_or_else(|| format!("the generated code has no `{of}`"))?;
    worker.attrs.clear();
    if worker.sig.receiver().is_some() {
        worker.sig.inputs = worker.sig.inputs.into_iter().skip(1).collect();
    }
    // It begins with a mention of the user's function, for the sake of a lint.
    let is_let = |stmt: &syn::Stmt| matches!(stmt, syn::Stmt::Local(_));
    if let Some(mention) = worker.block.stmts.iter().position(is_let) {
        worker.block.stmts.remove(mention);
    }
    worker.sig.ident = Ident::new(name, Span::call_site());
    shorten::Shorten.visit_impl_item_fn_mut(&mut worker);
    syn::parse2(worker.into_token_stream()).map_err(|error| error.to_string())
}

/// The method of this name, also of the type that callers use, which lies in a block.
fn worker_in(item: Item, name: &str) -> Option<syn::ImplItemFn> {
    match item {
        Item::Impl(block) => block.items.into_iter().find_map(|item| match item {
            ImplItem::Fn(function) if function.sig.ident == name => Some(function),
            _ => None,
        }),
        Item::Const(item) => match *item.expr {
            Expr::Block(block) => block.block.stmts.into_iter().find_map(|stmt| match stmt {
                syn::Stmt::Item(item) => worker_in(item, name),
                _ => None,
            }),
            _ => None,
        },
        _ => None,
    }
}
