//! `#[grad]` on a trait: it promises derivatives of its methods, and functions that are generic over it can differentiate
//! through them. What an `impl` has to give for that is a supertrait for each method, and a hidden method leads to it.

mod default;

use super::block::{has_parameter, names, own_args, parameter_name, taken};
use crate::args::{Args, Taken as How};
use crate::diag::{Code, Errors};
use crate::shape::{Failing, Shape, Typed};
use crate::trait_method::{Promised, Taken};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, FnArg, GenericParam, ItemTrait, ReturnType, TraitItem, TraitItemFn, Type};

/// What an annotated trait expands to.
pub(super) fn expand(mut errors: Errors, args: &Args, mut item: ItemTrait) -> TokenStream {
    let own: Vec<Option<Args>> = item
        .items
        .iter_mut()
        .map(|item| match item {
            TraitItem::Fn(function) => own_args(&mut errors, args, &mut function.attrs),
            _ => None,
        })
        .collect();
    let plain = item.to_token_stream();
    check(&mut errors, args, std::iter::once(args).chain(own.iter().flatten()), &item);
    if !errors.is_empty() {
        return super::with_errors(&plain, errors, None);
    }
    let is_chosen = |own: &Option<Args>| own.as_ref().is_some_and(|own| own.skip.is_none());
    let exclusive = own.iter().any(is_chosen);
    let mut supertraits: Vec<TokenStream> = Vec::new();
    let (mut hidden, mut defaults, mut functions) = (Vec::new(), Vec::new(), Vec::new());
    let mut asked = None;
    for (function, own) in item.items.iter().zip(&own) {
        let TraitItem::Fn(function) = function else { continue };
        if own.as_ref().map_or(exclusive, |own| own.skip.is_some()) {
            continue;
        }
        let args = args_of(args, own.as_ref(), function);
        let Some(promise) = promise(&mut errors, &item, function, &args) else { continue };
        match promise {
            Promise::OfImpls { interfaces, leads, asked: asks } => {
                supertraits.extend(interfaces);
                hidden.push(leads);
                // One that is there whatever the conditions are.
                if conditions(&function.attrs).next().is_none() {
                    asked.get_or_insert(asks);
                }
            }
            Promise::OfBody(promised) => defaults.push((function, args, promised)),
        }
    }
    for (function, args, promised) in defaults {
        match &asked {
            Some(asked) if is_function(&item, function, &args) => {
                let (leads, derived) = default::derived(&item, function, &args, &promised, asked);
                hidden.push(leads);
                functions.push(derived);
            }
            _ => errors.push_at(
                Code::AnnotatedTrait,
                &function.sig.ident,
                "derivatives of a method with a body cannot be promised in this trait",
                "write it as a function with `#[grad]` that is generic over the trait; or put `#[grad(skip)]` on it",
            ),
        }
    }
    unknown_names(&mut errors, args, &item);
    if hidden.is_empty() && errors.is_empty() {
        errors.push_at(
            Code::NothingToDifferentiate,
            &item.ident,
            "no method of this trait returns floats that depend on parameters of floats",
            "name what to differentiate with respect to: `#[grad(wrt(self))]`",
        );
    }
    if !errors.is_empty() {
        return super::with_errors(&plain, errors, None);
    }
    if names(args, "self") || own.iter().flatten().any(|own| names(own, "self")) {
        let krate = &args.krate;
        supertraits.push(quote!(#krate::__private::HasTangents));
    }
    // What is behind a reference, the runtime has by its type.
    let params: Vec<_> = item.generics.type_params().map(|param| param.ident.clone()).collect();
    for param in params {
        item.generics.make_where_clause().predicates.push(syn::parse_quote!(#param: 'static));
    }
    for interface in supertraits {
        item.colon_token.get_or_insert_default();
        item.supertraits.push(syn::parse_quote!(#interface));
    }
    item.items.extend(hidden.into_iter().map(|leads| -> TraitItem { syn::parse_quote!(#leads) }));
    quote!(#item #(#functions)*)
}

/// Whether a method with a body can be a function that is generic over its trait.
fn is_function(item: &ItemTrait, function: &TraitItemFn, args: &Args) -> bool {
    let signature = &function.sig;
    let is_shared = signature.receiver().and_then(taken) == Some((How::Shared, false));
    let is_plain = signature.generics.params.is_empty() && item.generics.params.is_empty();
    is_shared && is_plain && args.objects.is_none() && args.order == 1
}

/// `#[cfg(…)]`
fn conditions(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
}

/// A trait without what only this macro reads; anything else as it is.
pub(super) fn without_attributes(item: &TokenStream) -> TokenStream {
    let Ok(mut of_trait) = syn::parse2::<ItemTrait>(item.clone()) else { return item.clone() };
    for item in &mut of_trait.items {
        if let TraitItem::Fn(function) = item {
            own_args(&mut Errors::new(), &Args::default(), &mut function.attrs);
        }
    }
    of_trait.into_token_stream()
}

/// What such a trait cannot have.
fn check<'a>(
    errors: &mut Errors,
    args: &Args,
    all: impl Iterator<Item = &'a Args> + Clone,
    item: &ItemTrait,
) {
    if let (Some(word), Some(param)) = (&args.objects, item.generics.params.first()) {
        errors.push_at(
            Code::AnnotatedTrait,
            word,
            format!("objects of a trait with `{}` have no derivatives", param.to_token_stream()),
            "remove `dyn` from the attribute, or the parameter from the trait",
        );
    }
    if let Some(word) = args.objects.as_ref().filter(|_| all.clone().any(|args| names(args, "self"))) {
        errors.push_at(
            Code::AnnotatedTrait,
            word,
            "of an object nobody knows the tangents, so that `self` is a constant there",
            "leave `self` out of `wrt`, or `dyn`: a function that is generic over the trait differentiates with respect to it",
        );
    }
    if let (Some(word), 2..) = (&args.objects, all.clone().map(|args| args.order).max().unwrap_or(1)) {
        errors.push_at(
            Code::AnnotatedTrait,
            word,
            "objects of a trait have no second derivatives",
            "leave out `dyn`, or `second`",
        );
    }
    let is_plain = all.clone().all(|args| args.order <= 2)
        && !args.has_rule()
        && args.name.is_none()
        && args.checkpoint.is_none();
    if !is_plain
        || args.jacobian.is_some()
        || args.recursive
        || !args.scalar.is_empty()
        || args.skip.is_some()
    {
        errors.push_at(
            Code::AnnotatedTrait,
            &item.ident,
            "on a trait, the attribute takes `wrt(…)`, `second`, `dyn` and `crate = path`",
            "a trait promises first derivatives, or second ones, too; say the rest on its `impl`s",
        );
    }
}

/// The arguments for a method: its own, or those of the trait that concern it.
fn args_of(args: &Args, own: Option<&Args>, function: &TraitItemFn) -> Args {
    let mut args = Args { objects: args.objects.clone(), ..own.unwrap_or(args).clone() };
    if own.is_none()
        && let Some(wrt) = &mut args.wrt
    {
        wrt.retain(|name| has_parameter(&function.sig, name));
    }
    args
}

/// The names in `wrt` of the trait that no method has.
fn unknown_names(errors: &mut Errors, args: &Args, item: &ItemTrait) {
    if let Some(chosen) = args.chosen.iter().find(|chosen| !chosen.path.is_empty()) {
        errors.push_at(
            Code::NotYetArgument,
            &chosen.param,
            "a trait knows nothing of fields",
            "name `self`; an `impl` of the trait may name its fields",
        );
    }
    for name in args.wrt.iter().flatten() {
        let is_there = item
            .items
            .iter()
            .any(|item| matches!(item, TraitItem::Fn(function) if has_parameter(&function.sig, name)));
        if !is_there {
            errors.push_at(
                Code::UnknownParameter,
                name,
                format!("no method of this trait has a parameter `{name}`"),
                "name a parameter of a method",
            );
        }
    }
}

/// What is promised of a method.
enum Promise {
    /// Each `impl` has its own: supertraits, the hidden method that leads to the derivatives, and how an `impl` is asked which methods
    /// it has.
    OfImpls { interfaces: Vec<TokenStream>, leads: TokenStream, asked: Asked },
    /// It has a body in the trait.
    OfBody(Promised),
}

/// A promised method without a body: the trait of the runtime, and what bears its derivatives.
pub(super) struct Asked {
    pub(super) interface: TokenStream,
    pub(super) bearer: TokenStream,
    pub(super) method: Ident,
}

fn promise(errors: &mut Errors, item: &ItemTrait, function: &TraitItemFn, args: &Args) -> Option<Promise> {
    let signature = &function.sig;
    let self_is_active = signature.receiver().is_some() && names(args, "self");
    let mut inputs = Vec::new();
    let mut writes = false;
    for input in &signature.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let is_named = parameter_name(typed).is_some_and(|name| names(args, &name.to_string()));
        let holds = Typed::of_param(&typed.ty, is_named, args).holds_floats();
        writes |= holds && matches!(Shape::of(&typed.ty), Shape::Ref { mutable: true, .. });
        inputs.push(Taken { ty: &typed.ty, is_active: holds && (is_named || args.wrt.is_none()) });
    }
    let output = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty).filter(|ty| returns_floats(ty, args)),
    };
    let is_active = self_is_active || inputs.iter().any(|input| input.is_active);
    if !is_active || (output.is_none() && !writes) {
        return None;
    }
    let mut differentiated =
        inputs.iter().filter(|input| input.is_active).map(|input| input.ty).chain(output);
    if let Some(ty) =
        differentiated.find(|ty| item.generics.type_params().any(|param| mentions(ty, &param.ident)))
    {
        errors.push_at(
            Code::AnnotatedTrait,
            ty,
            "whether there are floats in a type parameter of a trait, nobody sees",
            "let the trait's parameters be constants of its methods, behind `&`, and write `f64` for what is differentiated; or put `#[grad(skip)]` on the method",
        );
        return None;
    }
    let is_shared = signature.receiver().and_then(taken) == Some((How::Shared, false));
    let is_generic =
        signature.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_)));
    let promised = output.filter(|_| is_shared && !is_generic && !writes).and_then(|output| {
        let names = [&item.ident, &signature.ident];
        Some((Promised::new(names, self_is_active, &inputs, output, args)?, output))
    });
    let Some((promised, output)) = promised else {
        errors.push_at(
            Code::AnnotatedTrait,
            &signature.ident,
            "derivatives of a method of this form cannot be promised",
            "let it take `&self` and up to four floats, arrays, slices, `Vec`s, tuples of them or types of your own, by value or by `&`, and return what it computes; or put `#[grad(skip)]` on it",
        );
        return None;
    };
    if function.default.is_some() {
        return Some(Promise::OfBody(promised));
    }
    // Nobody wrote it: lints look there.
    let s = signature.ident.span().resolved_at(Span::mixed_site());
    let krate = &args.krate;
    let name = signature.ident.to_string();
    let leads = format_ident!("{}_with_grad", name.trim_start_matches("r#"), span = s);
    let bearer = promised.bearer(krate);
    let (of_trait, method, (_, generics, _)) =
        (&item.ident, &signature.ident, item.generics.split_for_impl());
    let cfgs: Vec<_> = conditions(&function.attrs).collect();
    if args.objects.is_some() {
        let [interface, bearer] = promised.of_objects(output, krate);
        let leads = quote_spanned! {s=>
            #(#cfgs)*
            #[doc(hidden)]
            fn #leads(&self) -> #bearer {
                <#bearer>::of_object(self, <Self as #of_trait>::#method)
            }
        };
        let asked =
            Asked { interface: interface.clone(), bearer: bearer.clone(), method: signature.ident.clone() };
        return Some(Promise::OfImpls { interfaces: vec![interface], leads, asked });
    }
    let leads = quote_spanned! {s=>
        #(#cfgs)*
        #[doc(hidden)]
        #[inline]
        fn #leads(&self) -> #bearer
        where
            Self: ::core::marker::Sized,
        {
            <#bearer>::of_method(<Self as #of_trait #generics>::#method)
        }
    };
    let twice = (args.order > 1).then(|| promised.twice(krate));
    let asked = Asked { interface: promised.interface(krate), bearer, method: signature.ident.clone() };
    let interfaces = std::iter::once(promised.interface_returning(output, krate)).chain(twice).collect();
    Some(Promise::OfImpls { interfaces, leads, asked })
}

/// Whether a type parameter is in a type.
fn mentions(ty: &Type, param: &Ident) -> bool {
    fn is_among(tokens: TokenStream, param: &Ident) -> bool {
        tokens.into_iter().any(|tree| match tree {
            TokenTree::Group(group) => is_among(group.stream(), param),
            tree => matches!(tree, TokenTree::Ident(word) if word == *param),
        })
    }
    is_among(ty.to_token_stream(), param)
}

/// Whether a method returns floats, as far as the tokens tell: of a type of the user's, the arguments do.
fn returns_floats(ty: &Type, args: &Args) -> bool {
    let ty = Failing::of(ty).map_or(ty, |failing| failing.of);
    Typed::plain(ty, args).holds_floats() || args.wrt.is_some() && Typed::of_result(ty, args).holds_floats()
}
