//! The functions with `#[grad]`, and what each has.

use crate::options::Options;
use crate::package::{self, Function};
use crate::style::Style;
use crate::{allocations, report, show};
use grad_compiler::args::{Args, spoken};
use grad_compiler::diag::{Errors, Message};
use grad_compiler::{expand, function, lower};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, ImplItem, Item, ItemFn, Meta, Stmt, Token};

pub(crate) fn list(options: &Options, filter: Option<&str>, style: Style) -> Result<String, String> {
    let functions = package::functions(options, None)?;
    let is_wanted = |function: &Function| {
        filter.is_none_or(|text| function.path.contains(text) || function.file.contains(text))
    };
    let mut out = String::new();
    for function in functions.all.iter().filter(|function| is_wanted(function)) {
        if let Some(annotation) = &function.annotation {
            if !out.is_empty() {
                out.push('\n');
            }
            out += &entry(function, annotation.clone(), style);
        }
    }
    if out.is_empty() {
        return Err(
            "error: no function has `#[grad]`\n  = help: put it in front of one; `-p` takes another package"
                .to_owned(),
        );
    }
    Ok(out)
}

fn entry(function: &Function, annotation: TokenStream, style: Style) -> String {
    let place = style.faint(&function.place());
    let mut out = format!("{}  {place}\n", style.bold(&function.path));
    let mut row = |title: &str, text: &str| out += &format!("    {title:<18} {text}\n");
    if let Some(condition) = condition(&function.item) {
        row("only with", &condition);
    }
    let mut errors = Errors::new();
    let args = match &function.method {
        Some(args) => args.clone(),
        None => Args::parse(&mut errors, annotation),
    };
    match facts(&show::bare(&function.item), &args, errors) {
        Ok(Facts { wrt, rules, public, allocates, calls }) => {
            let wrt: Vec<&str> = wrt.iter().map(|name| spoken(name)).collect();
            row("differentiated by", &wrt.join(", "));
            if !rules.is_empty() {
                row("by the rules", &rules.join(", "));
            }
            row("has", &public.join(", "));
            if let Some(allocates) = allocates {
                row(
                    "allocates",
                    &if allocates.is_empty() { "nothing".to_owned() } else { allocates.join(", ") },
                );
            }
            if !calls.is_empty() {
                row("calls", &calls.join(", "));
            }
        }
        Err(messages) => {
            for message in messages {
                row(
                    "refused",
                    &format!(
                        "{}: {} (line {})",
                        message.code,
                        message.what,
                        report::line(&message, function)
                    ),
                );
            }
        }
    }
    out
}

/// The condition of a `cfg_attr` around the attribute.
fn condition(function: &ItemFn) -> Option<String> {
    let of_grad = function.attrs.iter().find(|attr| {
        attr.path().is_ident("cfg_attr")
            && show::conditional(attr)
                .iter()
                .any(|meta| meta.path().segments.last().is_some_and(|it| it.ident == "grad"))
    })?;
    let list = of_grad.meta.require_list().ok()?;
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    parts.first().map(|condition| condition.to_token_stream().to_string())
}

struct Facts {
    wrt: Vec<String>,
    rules: Vec<String>,
    /// The functions beside it.
    public: Vec<String>,
    /// `None` where rules decide.
    allocates: Option<Vec<String>>,
    calls: Vec<String>,
}

fn facts(function: &ItemFn, args: &Args, mut errors: Errors) -> Result<Facts, Vec<Message>> {
    let derivatives = expand::derivatives(&mut errors, function, args);
    if !errors.is_empty() {
        return Err(errors.into_messages());
    }
    let (mut public, returns_memory) = public(derivatives, args.method.is_some());
    if args.method.is_some() {
        // Beside these, those of the type that bears them.
        let name = args.name.as_ref().unwrap_or(&function.sig.ident);
        public.retain(|of| of.starts_with(&format!("{name}_")));
    }
    let rules = [("vjp", &args.vjp), ("jvp", &args.jvp), ("hvp", &args.hvp)];
    let rules = rules.into_iter().filter_map(|(name, rule)| {
        let path = rule.as_ref()?.to_token_stream().to_string().replace(' ', "");
        Some(format!("{name} = {path}"))
    });
    let mut facts =
        Facts { wrt: Vec::new(), rules: rules.collect(), public, allocates: None, calls: Vec::new() };
    // Of a function with conditions inside, what is the case under one of the combinations.
    let (function, args) = function::with_functions(&mut errors, function, args);
    for variant in expand::variants(&mut errors, &function) {
        let primal = if args.has_rule() {
            lower::lower(
                &mut errors,
                &ItemFn { block: syn::parse_quote!({ ::core::panic!() }), ..variant },
                &args,
            )
        } else {
            let Some(passes) = expand::passes(&mut errors, &variant, &args) else { continue };
            let found = allocations::of(&passes);
            let allocates = facts.allocates.get_or_insert_default();
            let gradient = returns_memory.then(|| "the gradient it returns".to_owned());
            extend(allocates, found.names.into_iter().map(|name| format!("`{name}`")).chain(gradient));
            extend(&mut facts.calls, found.callees);
            passes.primal
        };
        let wrt = primal.params.iter().filter(|param| param.wrt);
        extend(&mut facts.wrt, wrt.map(|param| primal.vars[param.var.index()].name.clone()));
    }
    Ok(facts)
}

/// What is not there yet, in order.
fn extend(list: &mut Vec<String>, more: impl IntoIterator<Item = String>) {
    for text in more {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}

/// The functions that users call, and whether the gradient is memory of its own.
fn public(derivatives: TokenStream, is_method: bool) -> (Vec<String>, bool) {
    let (mut names, mut returns_memory) = (Vec::new(), false);
    let mut items = syn::parse2::<syn::File>(derivatives).map(|file| file.items).unwrap_or_default();
    // Those of methods are in a block.
    while is_method && let Some(at) = items.iter().position(|item| matches!(item, Item::Const(_))) {
        let Item::Const(item) = items.remove(at) else { continue };
        if let Expr::Block(block) = *item.expr {
            items.extend(block.block.stmts.into_iter().filter_map(|stmt| match stmt {
                Stmt::Item(item) => Some(item),
                _ => None,
            }));
        }
    }
    for item in items {
        let Item::Impl(block) = item else { continue };
        for item in block.items {
            let ImplItem::Fn(function) = item else { continue };
            if block.trait_.is_some() || is_hidden(&function.attrs) {
                continue;
            }
            // Under this condition, which does not hold, it only says what is missing.
            let clause = function.sig.generics.where_clause.to_token_stream();
            if mentions(clause, "HasDerivative") {
                continue;
            }
            let name = function.sig.ident.to_string();
            if name == "grad" {
                returns_memory |= mentions(function.sig.output.to_token_stream(), "Vec");
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    (names, returns_memory)
}

fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn is_hidden(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("doc") && mentions(attr.meta.to_token_stream(), "hidden"))
}
