//! Errors: collected while the passes run, reported together.
//!
//! Needs: a span inside the user's code for each error. Guarantees: every error has a number of the
//! table (`table.rs`), says what is wrong and what to do instead, and is reported at its span; the
//! same error at the same place is reported once.

mod table;

pub use table::{BY_RUSTC, ByRustc, Code, render};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use std::fmt;

/// The errors of one expansion.
#[derive(Debug, Default)]
pub struct Errors {
    messages: Vec<Message>,
}

/// One error.
#[derive(Debug)]
pub struct Message {
    pub code: Code,
    /// What is wrong: lower case, no full stop, code in backticks.
    pub what: String,
    /// What to do instead, in the same form.
    pub help: String,
    /// Rustc most likely says it, too, of the function itself, and better: then one error is enough.
    after_rustc: bool,
    start: Span,
    end: Span,
}

impl Message {
    /// Its first and its last token.
    pub fn place(&self) -> (Span, Span) {
        (self.start, self.end)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  = help: {}", self.code, self.what, self.help)
    }
}

impl Errors {
    pub fn new() -> Errors {
        Errors::default()
    }

    /// Records an error at one span.
    pub fn push(&mut self, code: Code, span: Span, what: impl Into<String>, help: impl Into<String>) {
        self.push_between(code, (span, span), what, help);
    }

    /// Records an error that covers all of `tokens`: an expression, a type, an item.
    pub fn push_at(
        &mut self,
        code: Code,
        tokens: impl ToTokens,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push_between(code, Self::place_of(tokens), what, help);
    }

    /// The same for what rustc does not take in the function itself: if it has an error of its own, this is not said.
    pub fn push_after_rustc(
        &mut self,
        code: Code,
        tokens: impl ToTokens,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        let known = self.messages.len();
        self.push_at(code, tokens, what, help);
        self.messages.iter_mut().skip(known).for_each(|message| message.after_rustc = true);
    }

    fn place_of(tokens: impl ToTokens) -> (Span, Span) {
        let tokens = tokens.into_token_stream();
        let whole = || {
            let mut trees = tokens.clone().into_iter();
            let start = trees.next().map_or_else(Span::call_site, |tree| first_span(&tree));
            (start, trees.last().map_or(start, |tree| last_span(&tree)))
        };
        // What a pass put between the user's tokens stands at the attribute.
        let mut written = None;
        ends(tokens.clone(), &format!("{:?}", Span::call_site()), &mut written);
        written.unwrap_or_else(whole)
    }

    fn push_between(
        &mut self,
        code: Code,
        (start, end): (Span, Span),
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        let message = Message { code, what: what.into(), help: help.into(), after_rustc: false, start, end };
        let place = |message: &Message| format!("{:?} {:?}", message.start, message.end);
        let known = self.messages.iter().any(|other| {
            other.code == message.code && other.what == message.what && place(other) == place(&message)
        });
        if !known {
            self.messages.push(message);
        }
    }

    /// Takes over the errors of a pass that collected its own.
    pub fn append(&mut self, other: Errors) {
        self.messages.extend(other.messages);
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The errors so far, in the order in which they were found.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The same, where nobody compiles.
    pub fn into_messages(self) -> Vec<Message> {
        self.messages
    }

    /// `compile_error!` for each error, or nothing if there are none. The last one says where there is more to read, for
    /// all of them.
    pub fn finish(self) -> Option<TokenStream> {
        self.finish_beside(None)
    }

    /// The same beside a function whose body, once more, is `body`: a statement of which rustc has the errors that it has
    /// of the function.
    pub fn finish_beside(self, body: Option<&TokenStream>) -> Option<TokenStream> {
        let (last, others) = self.messages.split_last()?;
        let mut codes: Vec<Code> = self.messages.iter().map(|message| message.code).collect();
        codes.sort_unstable();
        codes.dedup();
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let more = format!("\n  = note: `cargo grad explain {}` says more", codes.join(" "));
        let others = others.iter().map(|message| (message, ""));
        let written = others.chain([(last, &*more)]).map(|(message, more)| match body {
            // A constant that does not compile is not evaluated.
            Some(body) if message.after_rustc => {
                let panic = invocation(message, "panic", more);
                quote::quote!(const _: () = { #body #panic };)
            }
            _ => invocation(message, "compile_error", more),
        });
        Some(written.collect())
    }
}

/// `::core::compile_error! { "…" }`, which rustc reports from the span of its first token to that of
/// its last.
fn invocation(message: &Message, name: &str, more: &str) -> TokenStream {
    let mut text = format!("{message}{more}");
    if name == "panic" {
        text = text.replace('{', "{{").replace('}', "}}");
    }
    let name = Ident::new(name, message.start);
    let path = quote_spanned!(message.start=> ::core::#name!);
    let mut group =
        proc_macro2::Group::new(proc_macro2::Delimiter::Brace, quote::quote_spanned!(message.end=> #text));
    group.set_span(message.end);
    path.into_iter().chain([TokenTree::Group(group)]).collect()
}

/// The first and the last token that is not at `call_site`.
fn ends(tokens: TokenStream, call_site: &str, found: &mut Option<(Span, Span)>) {
    for tree in tokens {
        let (open, close) = match &tree {
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::None => {
                ends(group.stream(), call_site, found);
                continue;
            }
            TokenTree::Group(group) => (group.span_open(), group.span_close()),
            tree => (tree.span(), tree.span()),
        };
        let is_written = format!("{open:?}") != call_site;
        if is_written {
            found.get_or_insert((open, open));
        }
        if let TokenTree::Group(group) = &tree {
            // Only where the brackets are not the user's is what is inside an end.
            if !is_written {
                ends(group.stream(), call_site, found);
            }
        }
        if is_written && let Some((_, end)) = found {
            *end = close;
        }
    }
}

fn first_span(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) if group.delimiter() != proc_macro2::Delimiter::None => group.span_open(),
        TokenTree::Group(group) => {
            group.stream().into_iter().next().map_or(group.span(), |tree| first_span(&tree))
        }
        tree => tree.span(),
    }
}

fn last_span(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) if group.delimiter() != proc_macro2::Delimiter::None => group.span_close(),
        TokenTree::Group(group) => {
            group.stream().into_iter().last().map_or(group.span(), |tree| last_span(&tree))
        }
        tree => tree.span(),
    }
}

/// `` `name` ``, for messages.
pub fn quoted(ident: &Ident) -> String {
    format!("`{ident}`")
}
