//! `grad::function!`: from a closure to one with a gradient.
//!
//! The closure becomes a function to the passes, with a parameter for each variable that it captures, of a type of which nothing is
//! known: constants. What they make of it is written where the closure stands.

use super::block::renamed::Renamed;
use crate::args::{Args, RECEIVER, split_at_commas};
use crate::diag::{Code, Errors};
use crate::emit::in_place::{OWN, Written, emit};
use crate::function::{CAPTURED, by_path, with_runtime};
use crate::lower;
use crate::matrix::array;
use crate::shape::{Failing, Shape, Typed};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, ExprClosure, FnArg, ItemFn, Meta, Pat, ReturnType, Type};

/// The function that the passes see.
const NAME: &str = "__GradInPlace";

/// What `grad::function!(input)` expands to. Never panics.
pub fn function(input: TokenStream) -> TokenStream {
    super::border::guarded_expression(&input, || expansion(input.clone()))
}

fn expansion(input: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    if !lower::size::prescan(&mut errors, &input) {
        return failed(errors);
    }
    let closure = match syn::parse2::<Expr>(input.clone()) {
        Ok(Expr::Closure(closure)) => closure,
        // What stands for a function where one is passed.
        Ok(Expr::Path(path)) if path.qself.is_none() => {
            let args = said(&mut errors, &path.attrs);
            if !errors.is_empty() {
                return failed(errors);
            }
            let path = path.path;
            let it = by_path(&path.to_token_stream());
            let s = syn::spanned::Spanned::span(&path).resolved_at(Span::mixed_site());
            let annotated = quote_spanned!(s=> __grad_runtime::annotated);
            return with_runtime(quote!(#annotated(#it)), &args.krate);
        }
        Ok(other) => {
            errors.push_at(
                Code::InPlace,
                &other,
                "this is no closure",
                "write one, with the types of its parameters: `|w: &[f64]| -> f64 { … }`; or the path of a function with `#[grad]`, to be passed to another",
            );
            return failed(errors);
        }
        Err(error) => {
            errors.push(
                Code::Expression,
                error.span(),
                format!("syntax that is not known here: {error}"),
                "write a closure: `|w: &[f64]| -> f64 { … }`",
            );
            return failed(errors);
        }
    };
    let args = arguments(&mut errors, &closure);
    let Some((function, args)) = as_function(&mut errors, &closure, args) else { return failed(errors) };
    changes(&mut errors, &closure, &args.captured);
    conditions(&mut errors, &function);
    super::jacobian_mode(&mut errors, &function, &args);
    let is_readable = errors.is_empty();
    let passes = is_readable
        .then(|| super::passes(&mut errors, &function, &args).map(|passes| (function.clone(), passes)));
    let body = body_of(&closure);
    let mut written = Written {
        capture: closure.capture.as_ref(),
        patterns: patterns(&closure),
        body: &body,
        errors: None,
    };
    match passes.flatten() {
        Some((function, passes)) if errors.is_empty() => {
            emit(&function, &args, &written, Some(&passes.derivatives()))
        }
        _ => {
            written.errors = errors.finish();
            emit(&function, &args, &written, None)
        }
    }
}

/// What stands in one place is one closure.
fn conditions(errors: &mut Errors, function: &ItemFn) {
    let variants = super::variants::of(errors, function);
    if let [first, _, ..] = &variants[..] {
        errors.push_at(
            Code::TooManyCfgs,
            first.attrs.last(),
            "a condition inside of a closure that is differentiated in its place",
            "put the conditional code into a function with `#[grad]`",
        );
    }
}

/// Errors, as an expression of any type.
fn failed(errors: Errors) -> TokenStream {
    let errors = errors.finish();
    quote!({ #errors })
}

/// What `#[grad(..)]` in front of it says.
fn said(errors: &mut Errors, attrs: &[Attribute]) -> Args {
    let mut args = Args::default();
    for attr in attrs {
        let of_grad = match &attr.meta {
            Meta::List(list) if list.path.is_ident("grad") => Some(&list.tokens),
            _ => None,
        };
        let is_known = |tokens: &&TokenStream| {
            split_at_commas((*tokens).clone()).into_iter().all(|argument| {
                let word = argument.into_iter().next();
                matches!(word, Some(TokenTree::Ident(word)) if ["wrt", "second", "jacobian", "crate"].iter().any(|known| word == known))
            })
        };
        match of_grad.filter(is_known) {
            Some(tokens) => args = Args::parse(errors, tokens.clone()),
            _ => errors.push_at(
                Code::InPlace,
                attr,
                "this is said of a closure that is differentiated in its place",
                "there are `#[grad(wrt(..))]`, `#[grad(second)]`, `#[grad(jacobian = ..)]` and `#[grad(crate = path)]`; write a function \
                 with `#[grad]` for all else",
            ),
        }
    }
    args
}

/// What is said of a closure, which is no more than a function.
fn arguments(errors: &mut Errors, closure: &ExprClosure) -> Args {
    let args = said(errors, &closure.attrs);
    let words = [
        closure.lifetimes.as_ref().map(ToTokens::to_token_stream),
        closure.constness.as_ref().map(ToTokens::to_token_stream),
        closure.asyncness.as_ref().map(ToTokens::to_token_stream),
    ];
    for word in words.into_iter().flatten() {
        errors.push_at(
            Code::InPlace,
            word,
            "a closure that is more than a function of its parameters",
            "remove the word: `move |w: &[f64]| -> f64 { … }` is all that it may be",
        );
    }
    args
}

fn body_of(closure: &ExprClosure) -> Block {
    match &*closure.body {
        Expr::Block(block) if block.label.is_none() && block.attrs.is_empty() => block.block.clone(),
        expr => syn::parse_quote!({ #expr }),
    }
}

fn patterns(closure: &ExprClosure) -> Vec<&Pat> {
    closure
        .inputs
        .iter()
        .map(|input| match input {
            Pat::Type(typed) => &*typed.pat,
            pat => pat,
        })
        .collect()
}

/// The closure as a function, and what is said of it.
fn as_function(errors: &mut Errors, closure: &ExprClosure, args: Args) -> Option<(ItemFn, Args)> {
    let s = Span::mixed_site();
    let mut args = args;
    let before = errors.messages().len();
    let mut params: Vec<FnArg> = Vec::new();
    let mut names: Vec<Ident> = Vec::new();
    let mut lets = Vec::new();
    for (k, input) in closure.inputs.iter().enumerate() {
        let Pat::Type(typed) = input else {
            errors.push_at(
                Code::InPlace,
                input,
                "the type of this parameter is not written",
                "write it, `|w: &[f64], b: f64|`: a macro does not see what rustc infers",
            );
            continue;
        };
        let (pat, ty) = (&*typed.pat, &*typed.ty);
        parameter_type(errors, ty, &args);
        let name = match pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                let (mutability, ident) = (pat.mutability, &pat.ident);
                params.push(syn::parse_quote!(#mutability #ident: #ty));
                ident.clone()
            }
            pat => {
                let name = Ident::new(&format!("arg{k}"), syn::spanned::Spanned::span(pat).resolved_at(s));
                params.push(syn::parse_quote!(#name: #ty));
                lets.push(quote!(let #pat = #name;));
                name
            }
        };
        let of = Typed { own: true, matrices: true, ..Typed::plain(ty, &args) };
        if of.holds_floats() {
            names.push(name);
        }
    }
    let float: Type = if closure.inputs.to_token_stream().to_string().contains("f32") {
        syn::parse_quote!(f32)
    } else {
        syn::parse_quote!(f64)
    };
    let output = match &closure.output {
        ReturnType::Default => float,
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let of = Failing::of(&output).map_or(&output, |failing| failing.of);
    let mut mentions = Mentions::default();
    mentions.visit_type(&output);
    if mentions.reference {
        let help = "return what it refers to: an array, a `Vec`, a number";
        errors.push_at(Code::InPlace, &output, "this closure returns a reference", help);
    } else if !Typed::of_result(of, &args).holds_floats() {
        let help = "return a float, which has a gradient, or an array, a tuple or a `Vec` of floats, which has a Jacobian; or a `Result` or \
                    `Option` of one of these";
        errors.push_at(Code::InPlace, &output, "this closure returns no float", help);
    }
    if names.is_empty() && errors.messages().len() == before {
        errors.push_at(
            Code::InPlace,
            closure,
            "this closure has no parameter to differentiate with respect to",
            "let it take floats: `|w: &[f64]| -> f64 { … }`",
        );
    }
    if errors.messages().len() != before {
        return None;
    }
    let captured: Vec<Ident> = lower::variables(closure)
        .into_iter()
        .map(|name| if name == "self" { Ident::new(RECEIVER, name.span()) } else { name })
        .collect();
    let type_of_captured = Ident::new(CAPTURED, s);
    params.extend(captured.iter().map(|name| -> FnArg { syn::parse_quote!(#name: #type_of_captured) }));
    let mut body = body_of(closure);
    let own = Ident::new(OWN, s);
    Renamed { of: &syn::parse_quote!(#own), of_trait: None, items: &[] }.body(&mut body);
    let stmts = body.stmts;
    let name = Ident::new(NAME, syn::spanned::Spanned::span(&closure.output).resolved_at(s));
    let function: ItemFn =
        syn::parse_quote_spanned!(s=> fn #name(#(#params),*) -> #output { #(#lets)* #(#stmts)* });
    args.wrt.get_or_insert(names);
    args.captured = captured;
    Some((function, args))
}

fn parameter_type(errors: &mut Errors, ty: &Type, args: &Args) {
    let mut mentions = Mentions::default();
    mentions.visit_type(ty);
    let mentions_self = crate::check::mentions(&ty.to_token_stream(), "Self");
    let what = if mentions.exclusive {
        "this parameter is changed by the closure"
    } else if mentions.view {
        "a view as a parameter of a closure"
    } else if mentions_self {
        "`Self` in the type of a parameter, which is written into a type beside the closure"
    } else if matches!(Typed::plain(ty, args).shape(), Shape::Infer) {
        "the type of this parameter is not written"
    } else {
        return;
    };
    let help = "take floats, `&[f64]`, arrays, `Vec`s, matrices, or types of your own by their names, and return what is computed";
    errors.push_at(Code::InPlace, ty, what, help);
}

#[derive(Default)]
struct Mentions {
    reference: bool,
    exclusive: bool,
    view: bool,
}

impl<'ast> Visit<'ast> for Mentions {
    fn visit_type_reference(&mut self, of: &'ast syn::TypeReference) {
        self.reference = true;
        self.exclusive |= of.mutability.is_some();
        visit::visit_type_reference(self, of);
    }

    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        self.view |= array::is_view(path);
        visit::visit_type_path(self, path);
    }
}

/// What is captured is not changed.
fn changes(errors: &mut Errors, closure: &ExprClosure, captured: &[Ident]) {
    let captured = captured.iter().map(ToString::to_string).collect();
    let mut changes = Changes { captured, errors };
    changes.visit_expr(&closure.body);
}

struct Changes<'e> {
    captured: BTreeSet<String>,
    errors: &'e mut Errors,
}

impl Changes<'_> {
    fn changed(&mut self, place: &Expr) {
        let mut base = place;
        loop {
            base = match base {
                Expr::Field(field) => &field.base,
                Expr::Index(index) => &index.expr,
                Expr::Paren(paren) => &paren.expr,
                Expr::Group(group) => &group.expr,
                Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => &unary.expr,
                _ => break,
            };
        }
        if let Expr::Path(path) = base
            && let Some(name) = path.path.get_ident()
            && self.captured.contains(&name.to_string().replace("self", RECEIVER))
        {
            let what = format!("`{name}` is captured, and changed here");
            let help = "bind it inside of the closure, or let the closure return what it computes";
            self.errors.push_at(Code::InPlace, place, what, help);
        }
    }
}

impl<'ast> Visit<'ast> for Changes<'_> {
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.changed(&assign.left);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        use syn::BinOp::{
            AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign, ShlAssign,
            ShrAssign, SubAssign,
        };
        if let AddAssign(_) | SubAssign(_) | MulAssign(_) | DivAssign(_) | RemAssign(_) | BitXorAssign(_)
        | BitAndAssign(_) | BitOrAssign(_) | ShlAssign(_) | ShrAssign(_) = binary.op
        {
            self.changed(&binary.left);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() {
            self.changed(&reference.expr);
        }
        visit::visit_expr_reference(self, reference);
    }
}
