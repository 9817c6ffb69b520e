//! Functions as parameters: `f: impl Fn(f64) -> f64`, `F: Fn(&[f64]) -> f64`.
//!
//! What is passed there, only the caller sees. So the derivatives take a value that stands for it: of a type that has a trait of
//! the runtime, with the tangents of what a closure captures. Here the signature is rewritten to say so, `f: &F` with `F: Function1<…>`,
//! and to the passes behind, `f` is a parameter of a type of the user's.

use crate::args::Args;
use crate::diag::{Code, Errors};
use crate::object;
use crate::shape::{Failing, Shape, Typed, ungrouped};
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    FnArg, GenericParam, Generics, ItemFn, ParenthesizedGenericArguments, Pat, PathArguments, ReturnType,
    Signature, Type, TypeParamBound, WherePredicate,
};

/// How many inputs a function that is a parameter may have.
pub(crate) const INPUTS: usize = 4;

/// The method by which what stands for a function is called.
pub(crate) const VALUE: &str = "__grad_value";

/// What the names of types begin with that stand for closures.
pub(crate) const CLOSURE: &str = "__ClosureOf_";

/// The type of what a closure captures whose derivative is written in its place: one of which nothing is known.
pub(crate) const CAPTURED: &str = "__GradCaptured";

/// What stands for a function that is passed by its path, by the names of the runtime.
pub(crate) fn by_path(path: &TokenStream) -> TokenStream {
    let named = Ident::new("__GradNamed", Span::mixed_site());
    let forms = quote!(<<#named as __grad_runtime::NamedForms>::Forms>);
    // Where the function has derivatives, the second import has a type; that of the first is there where it has none.
    quote! {{
        #[allow(unused_imports)]
        use __grad_runtime::without_attribute::*;
        #[allow(unused_imports)]
        use #path as #named;
        __grad_runtime::by_path::<#named, _, _, _>(#path, #forms::forward, #forms::tangent)
    }}
}

/// The same in code that is emitted as it is: the runtime by the path of the facade.
pub(crate) fn with_runtime(tokens: TokenStream, krate: &TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|tree| match tree {
            TokenTree::Ident(word) if word == "__grad_runtime" => quote!(#krate::__private),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), with_runtime(group.stream(), krate));
                inside.set_span(group.span());
                TokenTree::Group(inside).into()
            }
            tree => tree.into(),
        })
        .collect()
}

/// A parameter that is a function.
#[derive(Clone, Debug)]
pub struct FunctionParam {
    pub name: Ident,
    /// What it returns.
    pub output: Type,
    /// The type of a function that could be passed: `fn(f64) -> f64`.
    pub pointer: TokenStream,
    /// The type parameter that what stands for it is of.
    pub of: Ident,
    /// The trait of the runtime that what stands for it has.
    pub interface: TokenStream,
    /// The same where it is differentiated twice.
    pub twice: TokenStream,
    /// How many inputs it has.
    pub inputs: usize,
    /// No type parameter is in that.
    pub is_plain: bool,
    /// Which parameter it is.
    pub position: usize,
}

/// The bound of a parameter that is a function.
struct Bound<'a> {
    arguments: &'a ParenthesizedGenericArguments,
    at: &'a TypeParamBound,
}

/// The function as its derivatives see it, and the arguments with the parameters that are functions.
pub fn with_functions(errors: &mut Errors, function: &ItemFn, args: &Args) -> (ItemFn, Args) {
    let mut args = args.of_function(&function.sig);
    let mut rewritten = function.clone();
    crate::aliased::rewrite(&mut rewritten, &args);
    if args.functions.is_empty() && !args.has_rule() {
        args.functions = rewrite(errors, &mut rewritten.sig, &args);
        object::rewrite(&mut rewritten.sig, &mut args);
        if let (Some(first), 3..) = (args.functions.first(), args.order) {
            errors.push_at(
                Code::FunctionParameter,
                &first.name,
                "a function that takes functions has no derivatives above the second order",
                "write `second` in place of `third` or `order = …`",
            );
        }
    }
    args.follows_results = !args.has_rule() && crate::lower::follows_results(&rewritten, &args);
    (rewritten, args)
}

fn rewrite(errors: &mut Errors, signature: &mut Signature, args: &Args) -> Vec<FunctionParam> {
    let original = signature.clone();
    let mut functions = Vec::new();
    let mut taken: Vec<Ident> = Vec::new();
    for (position, input) in original.inputs.iter().enumerate() {
        let FnArg::Typed(typed) = input else { continue };
        let (inner, is_mutable) = behind_reference(&typed.ty);
        let (found, parameter) = match inner {
            Type::ImplTrait(of) => (function_bound(of.bounds.iter()), None),
            Type::Path(path) => match path.path.get_ident() {
                Some(ident) if original.generics.type_params().any(|param| param.ident == *ident) => {
                    (function_bound(bounds_of(&original.generics, ident)), Some(ident.clone()))
                }
                _ => continue,
            },
            _ => continue,
        };
        let Some(bound) = found else { continue };
        let s = bound.at.span().resolved_at(Span::mixed_site());
        let Pat::Ident(pat) = &*typed.pat else { continue };
        if is_mutable {
            errors.push_at(
                Code::FunctionParameter,
                &typed.ty,
                "a function behind `&mut` may change what it captures",
                "take it as `impl Fn(…)` or `&impl Fn(…)`",
            );
        }
        let ([interface, twice], output, pointer) = interface(errors, &bound, args).unwrap_or_else(|| {
            // Reported: something of which nothing more is said.
            let krate = &args.krate;
            let of = quote_spanned!(s=> #krate::__private::FunctionObject);
            ([of.clone(), of], syn::parse_quote!(f64), quote_spanned!(s=> ()))
        });
        let name = match parameter {
            Some(name) => name,
            None => {
                let name = Ident::new(&format!("__GradFunction{position}"), s);
                signature.generics.params.push(syn::parse_quote_spanned!(s=> #name));
                name
            }
        };
        if !taken.contains(&name) {
            bind(&mut signature.generics, &name, &interface);
            taken.push(name.clone());
        }
        let krate = &args.krate;
        let reference = matches!(ungrouped(&typed.ty), Type::Reference(_)).then(|| quote_spanned!(s=> &));
        let mut rewritten = typed.clone();
        *rewritten.ty = syn::parse_quote_spanned!(s=> &#krate::__private::Itself<#name>);
        let ident = &pat.ident;
        *rewritten.pat = syn::parse_quote!(#ident);
        signature.inputs[position] = FnArg::Typed(rewritten);
        functions.push(FunctionParam {
            name: pat.ident.clone(),
            output,
            pointer: quote_spanned!(s=> #reference #pointer),
            is_plain: original.generics.params.iter().all(|param| !matches!(param, GenericParam::Const(_)))
                && args.scalars.is_empty(),
            of: name,
            interface,
            twice,
            inputs: bound.arguments.inputs.len(),
            position,
        });
    }
    functions
}

/// What a type is behind `&`; whether it was `&mut`.
fn behind_reference(ty: &Type) -> (&Type, bool) {
    match ungrouped(ty) {
        Type::Reference(reference) => (ungrouped(&reference.elem), reference.mutability.is_some()),
        ty => (ty, false),
    }
}

/// All bounds on a type parameter.
fn bounds_of<'a>(generics: &'a Generics, name: &'a Ident) -> impl Iterator<Item = &'a TypeParamBound> {
    let inline =
        generics.type_params().filter(move |param| param.ident == *name).flat_map(|param| &param.bounds);
    let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let elsewhere = clauses.filter_map(move |predicate| match predicate {
        WherePredicate::Type(predicate) if is_named(&predicate.bounded_ty, name) => Some(&predicate.bounds),
        _ => None,
    });
    inline.chain(elsewhere.flatten())
}

fn is_named(ty: &Type, name: &Ident) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if path.qself.is_none() && path.path.is_ident(name))
}

/// The one that says that it is a function.
fn function_bound<'a>(bounds: impl Iterator<Item = &'a TypeParamBound>) -> Option<Bound<'a>> {
    for at in bounds {
        if let TypeParamBound::Trait(bound) = at
            && let Some(last) = bound.path.segments.last()
            && ["Fn", "FnMut", "FnOnce"].iter().any(|name| last.ident == name)
            && let PathArguments::Parenthesized(arguments) = &last.arguments
            && bound.maybe.is_none()
        {
            return Some(Bound { arguments, at });
        }
    }
    None
}

/// Whether a type parameter of a rewritten signature stands for a function.
pub(crate) fn stands_for_function(param: &syn::TypeParam) -> bool {
    param.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.iter().any(|segment| segment.ident == "__private")
        }
        _ => false,
    })
}

/// The traits of the runtime, what the function returns, and the type of a pointer to such a function.
fn interface(
    errors: &mut Errors,
    bound: &Bound<'_>,
    args: &Args,
) -> Option<([TokenStream; 2], Type, TokenStream)> {
    let s = bound.at.span().resolved_at(Span::mixed_site());
    let krate = &args.krate;
    let given: Vec<&Type> = bound.arguments.inputs.iter().map(|input| &input.ty).collect();
    let inputs: Option<Vec<TokenStream>> = given.iter().map(|ty| input(errors, ty, args)).collect();
    let inputs = inputs?;
    if inputs.is_empty() || inputs.len() > INPUTS {
        errors.push_at(
            Code::FunctionParameter,
            bound.at.to_token_stream(),
            format!("a function that is a parameter has from 1 to {INPUTS} inputs"),
            "pass several numbers as one array or slice",
        );
        return None;
    }
    let output = match &bound.arguments.output {
        ReturnType::Type(_, ty) if is_output(ty, args) => (**ty).clone(),
        ReturnType::Type(_, ty) => {
            errors.push_at(
                Code::FunctionParameter,
                ty,
                "what this function returns cannot be differentiated",
                "let it return floats, arrays, `Vec`s or tuples of them, or a type of your own",
            );
            return None;
        }
        ReturnType::Default => {
            errors.push_at(
                Code::FunctionParameter,
                bound.at.to_token_stream(),
                "this function returns nothing",
                "let it return what it computes: `Fn(&[f64]) -> Vec<f64>`",
            );
            return None;
        }
    };
    let interfaces = ["Function", "FunctionTwice"].map(|stem| {
        let name = format_ident!("{stem}{}", inputs.len(), span = s);
        quote_spanned!(s=> #krate::__private::#name<#(#inputs,)* #output>)
    });
    let given = given.into_iter().map(|ty| match ungrouped(ty) {
        Type::Reference(reference) => {
            Type::Reference(syn::TypeReference { lifetime: None, ..reference.clone() })
        }
        ty => ty.clone(),
    });
    let pointer = quote_spanned!(s=> fn(#(#given),*) -> #output);
    Some((interfaces, output, pointer))
}

/// An input of a function that is a parameter.
pub(crate) struct Input {
    /// How the runtime calls it.
    pub(crate) tokens: TokenStream,
    /// It has no derivative: an integer, a `bool`.
    pub(crate) is_constant: bool,
}

pub(crate) fn input_of(ty: &Type, args: &Args) -> Option<Input> {
    let s = Span::mixed_site();
    let krate = &args.krate;
    let typed = Typed { own: true, matrices: true, ..Typed::plain(ty, args) };
    let has_reference =
        |ty: &Type| typed.at(ty).parts().into_iter().any(|part| matches!(part.shape(), Shape::Ref { .. }));
    let named = |name: &str, of: &Type| {
        let name = Ident::new(name, s);
        let tokens = quote_spanned!(s=> #krate::__private::#name<#of>);
        Some(Input { tokens, is_constant: matches!(typed.shape(), Shape::Int | Shape::Bool) })
    };
    match typed.shape() {
        Shape::F32 | Shape::F64 | Shape::Scalar(_) => named("NumberInput", ungrouped(ty)),
        Shape::Int | Shape::Bool => named("Known", ungrouped(ty)),
        Shape::Ref { mutable: false, to } if !has_reference(to) && typed.at(to).holds_floats() => {
            match typed.at(to).shape() {
                shape if shape.is_float() => named("SharedNumber", ungrouped(to)),
                Shape::Slice(of) => named("SharedSlice", of),
                Shape::Vec(of) => named("SharedVec", of),
                _ => named("Shared", to),
            }
        }
        Shape::Vec(of) if !has_reference(of) && typed.holds_floats() => named("MovedVec", of),
        Shape::Array(..) | Shape::Tuple(_) | Shape::Named(_) | Shape::Matrix(..)
            if !has_reference(ty) && typed.holds_floats() =>
        {
            named("Moved", ty)
        }
        _ => None,
    }
}

fn input(errors: &mut Errors, ty: &Type, args: &Args) -> Option<TokenStream> {
    let input = input_of(ty, args).map(|input| input.tokens);
    if input.is_none() {
        errors.push_at(
            Code::FunctionParameter,
            ty,
            "a function that is a parameter cannot take this",
            "let it take floats, arrays, `Vec`s, tuples of them, types of your own, or shared references to these; and return what it computes",
        );
    }
    input
}

/// Whether a function that is a parameter may return it.
pub(crate) fn is_output(ty: &Type, args: &Args) -> bool {
    let typed = Typed::of_result(ty, args);
    let has_reference = typed.parts().into_iter().any(|part| matches!(part.shape(), Shape::Ref { .. }));
    Failing::of(ty).is_none() && !has_reference && typed.holds_floats()
}

/// The type parameter has this bound, and no other.
fn bind(generics: &mut Generics, name: &Ident, interface: &TokenStream) {
    let s = Span::mixed_site();
    for param in &mut generics.params {
        if let GenericParam::Type(param) = param
            && param.ident == *name
        {
            param.bounds =
                std::iter::once::<TypeParamBound>(syn::parse_quote_spanned!(s=> #interface)).collect();
            param.colon_token = Some(syn::Token![:](s));
        }
    }
    if let Some(clause) = &mut generics.where_clause {
        let predicates = std::mem::take(&mut clause.predicates);
        clause.predicates = predicates
            .into_iter()
            .filter(
                |predicate| !matches!(predicate, WherePredicate::Type(of) if is_named(&of.bounded_ty, name)),
            )
            .collect();
        if clause.predicates.is_empty() {
            generics.where_clause = None;
        }
    }
}
