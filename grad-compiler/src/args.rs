//! The attribute's own grammar.
//!
//! ```text
//! #[grad]   #[grad(wrt(a, b), name = ident, crate = path, recursive, order = 2, second, third, checkpoint, vjp = path,
//!         jvp = path, hvp = path, jacobian = forward | reverse, scalar(T))]
//! ```

use crate::diag::{Code, Errors};
use crate::function::FunctionParam;
use crate::neighbours::Neighbours;
use crate::operator::Operator;
use crate::sibling::Sibling;
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::collections::BTreeMap;
use std::rc::Rc;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};

/// What the attribute says.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "what it says, word by word, and what follows for the function"
)]
pub struct Args {
    /// The parameters to differentiate with respect to, in the user's order; `None`: all that hold floats.
    pub wrt: Option<Vec<Ident>>,
    /// The same with the fields of `self` that are named in place of all of it, in the user's order; empty where there are none.
    pub chosen: Vec<Chosen>,
    /// The name of the type that bears the derivatives; `None`: the function's own.
    pub name: Option<Ident>,
    /// Path to the facade crate.
    pub krate: TokenStream,
    /// The function calls itself through another function: its pullback is boxed.
    pub recursive: bool,
    /// Up to which order derivatives are wanted.
    pub order: usize,
    /// Long loops run again in the reverse sweep, block by block, in place of a record of all their passes: the word.
    pub checkpoint: Option<Ident>,
    /// The user's own rule for reverse mode, a function of the shape of `f::vjp`.
    pub vjp: Option<syn::Path>,
    /// The user's own rule for forward mode, a function of the shape of `f::jvp`.
    pub jvp: Option<syn::Path>,
    /// The user's own rule for second derivatives, a function of the shape of `f::hvp`.
    pub hvp: Option<syn::Path>,
    /// How `f::jacobian` is computed; `None`: as is cheaper.
    pub jacobian: Option<JacobianMode>,
    /// Type parameters that stand for floats, where no bound says so.
    pub scalar: Vec<Ident>,
    /// All type parameters of the function that stand for floats: [`Args::of_function`].
    pub scalars: Vec<Ident>,
    /// The parameters that are functions, where the signature has been rewritten for them.
    pub functions: Vec<FunctionParam>,
    /// Type parameters have names that the function itself has not: it has `impl Trait` there.
    pub has_unnamed_types: bool,
    /// Types of the user's that are returned beside floats are followed: the function says so, by what it returns in them.
    pub follows_results: bool,
    /// A method of an annotated block that gets no derivatives: the word.
    pub skip: Option<Ident>,
    /// A trait whose objects have derivatives, too: the word `dyn`.
    pub objects: Option<Ident>,
    /// Each operation is a statement of its own, for those who follow what is computed. No word of the attribute.
    pub step_by_step: bool,
    /// What the function was made of, if that is a method or another function of a type.
    pub method: Option<Method>,
    /// The parameters that stand for what a closure captures, whose derivative is written in its place.
    pub captured: Vec<Ident>,
}

/// The parameter that stands for `self` where a method is a function.
pub const RECEIVER: &str = "__self";

/// The same where a method with a body in a trait is a function that is generic over the trait.
pub const OF_TRAIT: &str = "__self_of_trait";

/// The parameter that stands for the second operand of an operator, where that has no name.
pub const OPERAND: &str = "__operand";

/// A parameter's name as the user knows it.
pub fn spoken(name: &str) -> &str {
    if name == RECEIVER || name == OF_TRAIT { "self" } else { name }
}

/// The method, or another function of a type, that a function was made of.
#[derive(Clone, Debug)]
pub struct Method {
    /// The function itself: `<S>::energy`.
    pub primal: TokenStream,
    /// Of which type: what stands behind `impl`, with the generics of the block and its where clause.
    pub of: Box<syn::Type>,
    pub generics: syn::Generics,
    /// The trait, if it is a block of one.
    pub of_trait: Option<syn::Path>,
    /// How the type is taken; `None` of a function without `self`.
    pub receiver: Option<Taken>,
    /// The method, if it takes `self` by value: derivatives take it by reference, and `primal` is a function that does.
    pub by_value: Option<TokenStream>,
    /// It is an operator's, and this its second operand, if there is one.
    pub operator: Option<(&'static Operator, Option<Box<syn::Type>>)>,
    /// The functions of the block, by their names.
    pub siblings: Rc<BTreeMap<String, Sibling>>,
    /// What they tell of types of the user's.
    pub neighbours: Rc<Neighbours>,
}

/// How derivatives of a method take `self`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Shared,
    Exclusive,
}

/// What is differentiated with respect to: a parameter, or a field of one.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub param: Ident,
    /// `k` of `self.k`, `layer`, `w` of `self.layer.w`.
    pub path: Vec<Ident>,
}

impl Chosen {
    /// Takes the fields off a list of names: the list of the parameters, and that of all, if there are fields.
    fn fields(errors: &mut Errors, rest: TokenStream) -> (TokenStream, Vec<Chosen>) {
        let mut trees = rest.clone().into_iter();
        let (Some(TokenTree::Group(group)), None) = (trees.next(), trees.next()) else {
            return (rest, Vec::new());
        };
        let (mut params, mut chosen) = (Vec::<TokenStream>::new(), Vec::new());
        let mut seen = false;
        for entry in split_at_commas(group.stream()) {
            let path = |input: ParseStream<'_>| {
                let param = input.call(Ident::parse_any)?;
                let mut path = Vec::new();
                while input.peek(syn::Token![.]) {
                    input.parse::<syn::Token![.]>()?;
                    path.push(input.parse::<Ident>()?);
                }
                Ok(Chosen { param, path })
            };
            // What is none, is said of the list.
            let Ok(found) = path.parse2(entry.clone()) else {
                params.push(entry);
                continue;
            };
            let is_whole = found.path.is_empty();
            if !is_whole && found.param != "self" {
                errors.push_at(
                    Code::AttributeSyntax,
                    &entry,
                    "a field of a parameter that is not `self`",
                    format!("name the parameter, `wrt({})`: its cotangent has the field", found.param),
                );
            }
            let of_self = |other: &Chosen| other.param == found.param;
            if chosen
                .iter()
                .any(|other: &Chosen| of_self(other) && (is_whole || overlaps(&other.path, &found.path)))
                && (seen || !is_whole)
            {
                errors.push_at(
                    Code::RepeatedArgument,
                    &entry,
                    format!(
                        "`{}` is named twice, as a whole or in part",
                        quote!(#entry).to_string().replace(' ', "")
                    ),
                    "name `self`, or some of its fields, each once",
                );
                continue;
            }
            seen |= !is_whole;
            if is_whole || !chosen.iter().any(of_self) {
                let param = &found.param;
                params.push(quote!(#param));
            }
            chosen.push(found);
        }
        let chosen = if seen { chosen } else { Vec::new() };
        let mut list = proc_macro2::Group::new(group.delimiter(), quote!(#(#params),*));
        list.set_span(group.span());
        (TokenTree::Group(list).into(), chosen)
    }
}

/// Whether one of two paths leads to a part of where the other does.
fn overlaps(a: &[Ident], b: &[Ident]) -> bool {
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// By columns or by rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JacobianMode {
    Forward,
    Reverse,
}

impl Default for Args {
    fn default() -> Args {
        Args {
            wrt: None,
            chosen: Vec::new(),
            name: None,
            krate: quote!(::grad),
            recursive: false,
            order: 1,
            checkpoint: None,
            vjp: None,
            jvp: None,
            hvp: None,
            jacobian: None,
            scalar: Vec::new(),
            scalars: Vec::new(),
            functions: Vec::new(),
            has_unnamed_types: false,
            step_by_step: false,
            captured: Vec::new(),
            follows_results: false,
            skip: None,
            objects: None,
            method: None,
        }
    }
}

/// The highest order of derivatives: what is generated triples with each.
const HIGHEST: usize = 8;

const HELP: &str = "the attribute takes `wrt(a, b)`, `name = other`, `crate = path`, `recursive`, `order = 2`, `second`, `third`, `checkpoint`, `vjp = rule`, `jvp = rule`, `hvp = rule`, `jacobian = forward` and `scalar(T)`";

impl Args {
    /// The derivatives come from the user; the body is not looked into.
    pub fn has_rule(&self) -> bool {
        self.vjp.is_some() || self.jvp.is_some() || self.hvp.is_some()
    }

    /// The same for a function: which of its type parameters stand for floats is known.
    #[must_use]
    pub fn of_function(&self, signature: &syn::Signature) -> Args {
        Args { scalars: crate::generic::scalars(&signature.generics, &self.scalar), ..self.clone() }
    }

    /// Whether a parameter is followed, of whatever type: it is named, or a function.
    pub(crate) fn follows(&self, name: &str) -> bool {
        self.wrt.iter().flatten().any(|wanted| wanted == name) || self.is_function(name)
    }

    /// Whether a parameter is a function.
    pub(crate) fn is_function(&self, name: &str) -> bool {
        self.functions.iter().any(|function| function.name == name)
    }

    /// Reads the arguments. What cannot be read is reported and skipped.
    pub fn parse(errors: &mut Errors, tokens: TokenStream) -> Args {
        Args::default().read(errors, tokens)
    }

    /// The same, beside what is known already.
    #[must_use]
    pub fn read(self, errors: &mut Errors, tokens: TokenStream) -> Args {
        let mut args = self;
        let mut seen = Vec::<Ident>::new();
        for argument in split_at_commas(tokens) {
            let whole = argument.clone();
            let Ok(name) = Ident::parse_any.parse2(argument.clone().into_iter().take(1).collect()) else {
                errors.push_at(Code::AttributeSyntax, &whole, "expected the name of an argument", HELP);
                continue;
            };
            if seen.contains(&name) {
                errors.push_at(
                    Code::RepeatedArgument,
                    &whole,
                    format!("`{name}` is given twice"),
                    format!("keep one `{name}`"),
                );
                continue;
            }
            seen.push(name.clone());
            let rest: TokenStream = argument.into_iter().skip(1).collect();
            args.parse_one(errors, &name, rest, &whole);
        }
        args
    }

    fn parse_one(&mut self, errors: &mut Errors, name: &Ident, rest: TokenStream, whole: &TokenStream) {
        match name.to_string().as_str() {
            "wrt" => {
                let names = Names {
                    word: "wrt",
                    of: "parameter",
                    example: "`wrt(x, y)`",
                    without: "to differentiate with respect to all",
                };
                let (rest, fields) = Chosen::fields(errors, rest);
                self.wrt = Some(names.parse(errors, rest, whole));
                self.chosen = fields;
            }
            "scalar" => {
                let names = Names {
                    word: "scalar",
                    of: "type parameter",
                    example: "`scalar(T)`",
                    without: "where a bound says that it is a float",
                };
                self.scalar = names.parse(errors, rest, whole);
            }
            "name" => match value::<Ident>.parse2(rest) {
                Ok(name) => self.name = Some(name),
                Err(_) => errors.push_at(
                    Code::AttributeSyntax,
                    whole,
                    "`name` takes an identifier",
                    "write `name = other`: the derivatives are then `other::grad`, `other::vjp`, …",
                ),
            },
            "crate" => match parse_path(rest) {
                Ok(path) => self.krate = path.into_token_stream(),
                Err(_) => errors.push_at(
                    Code::AttributeSyntax,
                    whole,
                    "`crate` takes a path",
                    "write `crate = ::path::to::grad`, the path of this crate as it is seen from the function",
                ),
            },
            "vjp" => self.vjp = rule(errors, name, rest, whole),
            "jvp" => self.jvp = rule(errors, name, rest, whole),
            "hvp" => self.hvp = rule(errors, name, rest, whole),
            "recursive" if rest.is_empty() => self.recursive = true,
            "recursive" => {
                errors.push_at(Code::AttributeSyntax, whole, "`recursive` stands alone", "write `recursive`");
            }
            "jacobian" => match value::<Ident>.parse2(rest).ok().and_then(|mode| jacobian_mode(&mode)) {
                Some(mode) => self.jacobian = Some(mode),
                None => errors.push_at(
                    Code::AttributeSyntax,
                    whole,
                    "`jacobian` takes `forward` or `reverse`",
                    "write `jacobian = forward` (column by column), `jacobian = reverse` (row by row), or leave it out: \
                     the numbers of rows and columns then decide",
                ),
            },
            "second" if rest.is_empty() => self.order = self.order.max(2),
            "second" => errors.push_at(Code::AttributeSyntax, whole, "`second` stands alone", "write `second`"),
            "order" => match value::<syn::LitInt>.parse2(rest).ok().and_then(|order| order.base10_parse().ok()) {
                Some(order @ 1..=HIGHEST) => self.order = self.order.max(order),
                _ => {
                    errors.push_at(
                        Code::AttributeSyntax,
                        whole,
                        format!("`order` takes a number from 1 to {HIGHEST}"),
                        "write `order = 2` for second derivatives, which is `second`, `order = 3` for third ones, which \
                         is `third`; the generated code triples with each order",
                    );
                    // Whoever calls one of the first has no error of their own.
                    self.order = self.order.max(3);
                }
            },
            "third" if rest.is_empty() => self.order = self.order.max(3),
            "third" => errors.push_at(Code::AttributeSyntax, whole, "`third` stands alone", "write `third`"),
            "checkpoint" if rest.is_empty() => self.checkpoint = Some(name.clone()),
            "checkpoint" => {
                errors.push_at(Code::AttributeSyntax, whole, "`checkpoint` stands alone", "write `checkpoint`");
            }
            "dyn" if rest.is_empty() => self.objects = Some(name.clone()),
            "dyn" => errors.push_at(Code::AttributeSyntax, whole, "`dyn` stands alone", "write `dyn`"),
            "skip" if rest.is_empty() => self.skip = Some(name.clone()),
            "skip" => errors.push_at(Code::AttributeSyntax, whole, "`skip` stands alone", "write `skip`"),
            text => errors.push_at(Code::UnknownArgument, whole, format!("unknown argument `{text}`"), HELP),
        }
    }
}

/// `= path` of a rule.
fn rule(errors: &mut Errors, name: &Ident, rest: TokenStream, whole: &TokenStream) -> Option<syn::Path> {
    let path = |input: ParseStream<'_>| {
        input.parse::<syn::Token![=]>()?;
        input.call(syn::Path::parse_mod_style)
    };
    let path = path.parse2(rest).ok();
    if path.is_none() {
        errors.push_at(
            Code::AttributeSyntax,
            whole,
            format!("`{name}` takes the path of a function"),
            format!("write `{name} = my_rule`, where `my_rule` is a function of the shape of `f::{name}`"),
        );
    }
    path
}

fn jacobian_mode(name: &Ident) -> Option<JacobianMode> {
    match name.to_string().as_str() {
        "forward" => Some(JacobianMode::Forward),
        "reverse" => Some(JacobianMode::Reverse),
        _ => None,
    }
}

/// A list of names in parentheses: what is said where it is none.
struct Names {
    word: &'static str,
    of: &'static str,
    example: &'static str,
    without: &'static str,
}

impl Names {
    /// `(a, b)`
    fn parse(&self, errors: &mut Errors, rest: TokenStream, whole: &TokenStream) -> Vec<Ident> {
        let Names { word, of, example, without } = self;
        let help = format!("write the {of}s in parentheses: {example}");
        let mut trees = rest.into_iter();
        let list = match (trees.next(), trees.next()) {
            (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Parenthesis => {
                group.stream()
            }
            _ => {
                errors.push_at(Code::AttributeSyntax, whole, format!("`{word}` takes a list of {of}s"), help);
                return Vec::new();
            }
        };
        if list.is_empty() {
            errors.push_at(
                Code::AttributeSyntax,
                whole,
                format!("`{word}()` names no {of}"),
                format!("name at least one, or leave `{word}` out {without}"),
            );
        }
        let mut names = Vec::new();
        for entry in split_at_commas(list) {
            match Ident::parse_any.parse2(entry.clone()) {
                Ok(name) if names.contains(&name) => errors.push_at(
                    Code::RepeatedArgument,
                    &entry,
                    format!("`{name}` is named twice"),
                    format!("name each {of} once"),
                ),
                Ok(name) => names.push(name),
                Err(_) => errors.push_at(
                    Code::AttributeSyntax,
                    &entry,
                    format!("expected the name of a {of}"),
                    help.clone(),
                ),
            }
        }
        names
    }
}

/// `= value`
fn value<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<syn::Token![=]>()?;
    input.parse()
}

/// `= path`, also as a string, as some macros have it.
fn parse_path(rest: TokenStream) -> syn::Result<syn::Path> {
    let path = |input: ParseStream<'_>| {
        input.parse::<syn::Token![=]>()?;
        if input.peek(syn::LitStr) {
            input.parse::<syn::LitStr>()?.parse_with(syn::Path::parse_mod_style)
        } else {
            input.call(syn::Path::parse_mod_style)
        }
    };
    path.parse2(rest)
}

/// The stretches between commas; a comma at the end is allowed.
pub(crate) fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part = Vec::<TokenTree>::new();
    for tree in tokens {
        match &tree {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if part.is_empty() {
                    // Two commas in a row: report at the second.
                    part.push(tree);
                }
                parts.push(std::mem::take(&mut part).into_iter().collect());
            }
            _ => part.push(tree),
        }
    }
    if !part.is_empty() {
        parts.push(part.into_iter().collect());
    }
    parts
}
