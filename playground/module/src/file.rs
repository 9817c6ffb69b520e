//! A file of Rust, read: its functions, and the one that the page is about.

use crate::place::{Range, Source};
use crate::{json, place, show};
use grad_compiler::args::Args;
use grad_compiler::diag::{Errors, Message};
use grad_compiler::expand::{self, Passes};
use grad_compiler::lower;
use proc_macro2::TokenStream;
use syn::{Item, ItemFn};

pub(crate) struct File<'t> {
    pub(crate) source: Source<'t>,
    pub(crate) functions: Vec<ItemFn>,
    /// Which of them the page is about.
    chosen: usize,
}

impl<'t> File<'t> {
    /// What cannot be read is a list of errors, as JSON. Without a name the file is about the last function that is
    /// annotated, or the last one.
    pub(crate) fn read(text: &'t str, name: &str) -> Result<File<'t>, Vec<String>> {
        let tokens = match text.parse::<TokenStream>() {
            Ok(tokens) => tokens,
            Err(error) => {
                let source = Source::new(text, &TokenStream::new());
                let at = source.offset(error.span().start()).map(|from| Range { from, to: from + 1 });
                let what = "this cannot be read: a bracket or a quote is missing";
                return Err(vec![unreadable(at.unwrap_or(source.whole()), what)]);
            }
        };
        let source = Source::new(text, &tokens);
        let mut errors = Errors::new();
        if !lower::size::prescan(&mut errors, &tokens) {
            return Err(messages(&source, errors));
        }
        let items = match syn::parse2::<syn::File>(tokens) {
            Ok(file) => file.items,
            Err(error) => {
                let at = source.of(error.span()).unwrap_or(source.whole());
                return Err(vec![unreadable(at, &error.to_string())]);
            }
        };
        let functions = functions(items);
        let named = functions.iter().rposition(|function| function.sig.ident == name);
        let annotated = || functions.iter().rposition(|function| show::annotation(function).is_some());
        match named.or_else(annotated).or(functions.len().checked_sub(1)) {
            Some(chosen) => Ok(File { source, functions, chosen }),
            None => {
                let what = "there is no function here: write one, such as `fn f(x: f64) -> f64 { x * x }`";
                Err(vec![unreadable(source.whole(), what)])
            }
        }
    }

    pub(crate) fn function(&self) -> &ItemFn {
        &self.functions[self.chosen]
    }
}

fn functions(items: Vec<Item>) -> Vec<ItemFn> {
    let mut all = Vec::new();
    for item in items {
        match item {
            Item::Fn(function) => all.push(function),
            Item::Mod(module) => {
                all.extend(module.content.into_iter().flat_map(|(_, items)| functions(items)))
            }
            _ => {}
        }
    }
    all
}

/// The function without its attribute, what the attribute says, and what the passes make of it.
pub(crate) fn derived(function: &ItemFn, second: bool) -> Result<(ItemFn, Args, Passes), Errors> {
    let mut errors = Errors::new();
    let mut args = Args::parse(&mut errors, show::annotation(function).unwrap_or_default());
    let bare = show::bare(function);
    if second && !args.has_rule() {
        args.order = args.order.max(2);
    }
    if errors.is_empty()
        && let Some(passes) = expand::passes(&mut errors, &bare, &args)
        && errors.is_empty()
    {
        return Ok((bare, args, passes));
    }
    Err(errors)
}

pub(crate) fn messages(source: &Source, errors: Errors) -> Vec<String> {
    errors.into_messages().iter().map(|message| error(source, message)).collect()
}

fn error(source: &Source, message: &Message) -> String {
    let (start, end) = message.place();
    let at = source.between(start, end).unwrap_or(source.whole());
    json::object([
        ("code", json::string(&message.code.to_string())),
        ("title", json::string(message.code.title())),
        ("what", json::string(&message.what)),
        ("help", json::string(&message.help)),
        ("at", place::all([at])),
    ])
}

/// What rustc would say, which has no number of ours.
fn unreadable(at: Range, what: &str) -> String {
    json::object([
        ("code", json::string("")),
        ("title", json::string("not Rust")),
        ("what", json::string(what)),
        ("help", json::string("")),
        ("at", place::all([at])),
    ])
}
