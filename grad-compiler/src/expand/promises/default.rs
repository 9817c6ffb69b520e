//! A method with a body in an annotated trait: its derivatives are those of a function that is generic over the trait, with the same
//! body. An `impl` that has another body for it is asked by a constant, so that nobody takes the one for the other.

use super::{Asked, conditions};
use crate::args::{Args, OF_TRAIT, RECEIVER};
use crate::expand::block::names;
use crate::expand::block::renamed::Renamed;
use crate::shape::Typed;
use crate::trait_method::{Promised, number_of};
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, ItemTrait, Pat, ReturnType, TraitItemFn};

/// The hidden method that leads to the derivatives, and the function that has them with what bears them for a type.
pub(super) fn derived(
    item: &ItemTrait,
    method: &TraitItemFn,
    args: &Args,
    promised: &Promised,
    asked: &Asked,
) -> (TokenStream, TokenStream) {
    let s = method.sig.ident.span().resolved_at(Span::mixed_site());
    let (krate, of_trait) = (&args.krate, &item.ident);
    let name = method.sig.ident.to_string();
    let name = name.trim_start_matches("r#");
    let stem = format!("{}_{name}", of_trait.to_string().trim_start_matches("r#"));
    let [function, of_type] =
        ["__Default_", "__DefaultOf_"].map(|prefix| format_ident!("{prefix}{stem}", span = s));
    let leads = format_ident!("{name}_with_grad", span = s);
    let number = number_of(name);
    let Asked { interface, bearer, method: first } = asked;
    let cfgs = conditions(&method.attrs);
    let leads = quote_spanned! {s=>
        #(#cfgs)*
        #[doc(hidden)]
        #[inline]
        fn #leads(&self) -> #of_type<Self>
        where
            Self: ::core::marker::Sized,
        {
            const { #krate::__private::has_the_body_of_its_trait::<<Self as #interface>::Block>(#number) };
            let _ = <#bearer>::of_method(<Self as #of_trait>::#first);
            #of_type(::core::marker::PhantomData)
        }
    };
    let as_function = as_function(item, method, args, &function);
    let bears = bears(item, method, args, promised, [&function, &of_type]);
    (leads, quote!(#as_function #bears))
}

/// The method as a function that is generic over its trait.
fn as_function(item: &ItemTrait, method: &TraitItemFn, args: &Args, function: &Ident) -> TokenStream {
    let s = method.sig.ident.span().resolved_at(Span::mixed_site());
    let (krate, of_trait, vis) = (&args.krate, &item.ident, &item.vis);
    let of = Ident::new("GradSelf__", s);
    let this = method.sig.receiver().map_or(s, |receiver| receiver.self_token.span);
    let this = Ident::new(OF_TRAIT, this);
    let mut wrt: Vec<Ident> = Vec::new();
    match &args.wrt {
        Some(named) => {
            wrt.extend(named.iter().map(|name| if name == "self" { this.clone() } else { name.clone() }))
        }
        None => wrt.extend(method.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) if Typed::of_param(&typed.ty, false, args).holds_floats() => {
                match &*typed.pat {
                    Pat::Ident(pat) => Some(pat.ident.clone()),
                    _ => None,
                }
            }
            _ => None,
        })),
    }
    let mut signature = method.sig.clone();
    signature.ident = function.clone();
    signature.generics.params.push(syn::parse_quote!(#of: #of_trait));
    let of_type = syn::parse_quote!(#of);
    let path = of_trait.clone().into();
    let renamed = Renamed { of: &of_type, of_trait: Some(&path), items: &[] };
    renamed.signature(&mut signature);
    signature.inputs[0] = FnArg::Typed(syn::parse_quote!(#this: &#of));
    let mut body = method.default.clone();
    if let Some(body) = &mut body {
        renamed.body(body);
    }
    let body = of_trait_receiver(body.to_token_stream());
    let cfgs = conditions(&item.attrs).chain(conditions(&method.attrs));
    quote_spanned! {s=>
        #(#cfgs)*
        #[doc(hidden)]
        #[#krate::grad(wrt(#(#wrt),*), crate = #krate)]
        #[allow(unused, non_snake_case, unreachable_pub, clippy::all, clippy::pedantic)]
        #vis #signature #body
    }
}

/// What bears the derivatives where the type is known that the trait is implemented for, as that of a method of the runtime's.
fn bears(
    item: &ItemTrait,
    method: &TraitItemFn,
    args: &Args,
    promised: &Promised,
    [function, of_type]: [&Ident; 2],
) -> TokenStream {
    let s = method.sig.ident.span().resolved_at(Span::mixed_site());
    let (krate, of_trait, vis) = (&args.krate, &item.ident, &item.vis);
    let self_is_active = names(args, "self");
    let ReturnType::Type(_, output) = &method.sig.output else { return TokenStream::new() };
    let private = quote_spanned!(s=> #krate::__private);
    let (receiver, inputs) = (&promised.receiver, &promised.inputs);
    let count = inputs.len();
    let each =
        |stem: &str| -> Vec<Ident> { (0..count).map(|at| format_ident!("{stem}{at}", span = s)).collect() };
    let (xs, agains, dots, ones, markers, marks, slots) =
        (each("x"), each("again"), each("dot"), each("one"), each("__M"), each("marker"), each("slot"));
    let of_each = |what: &str| -> Vec<TokenStream> {
        let what = Ident::new(what, s);
        inputs.iter().map(|input| quote_spanned!(s=> <#input as #private::Input>::#what<'_>)).collect()
    };
    let (givens, again_types, dot_types) = (of_each("Given"), of_each("Again"), of_each("Dot"));
    let lane_types: Vec<_> = inputs
        .iter()
        .map(|input| quote_spanned!(s=> ::core::option::Option<<#input as #private::InputLanes<LANES>>::Dots<'_>>))
        .collect();
    let slot_types: Vec<_> = inputs
        .iter()
        .map(|input| quote_spanned!(s=> ::core::option::Option<&mut <#input as #private::Input>::Slot>))
        .collect();
    let returned: Vec<_> =
        inputs.iter().map(|input| quote_spanned!(s=> <#input as #private::Input>::Returned)).collect();
    let said: Vec<TokenStream> = promised
        .active
        .iter()
        .zip(&marks)
        .map(
            |(active, mark)| {
                if *active { mark.to_token_stream() } else { quote_spanned!(s=> #private::Constant) }
            },
        )
        .collect();
    let none = quote_spanned!(s=> ::core::option::Option::None);
    let [said_of_self, dot_of_self] = if self_is_active {
        [quote_spanned!(s=> marker), quote_spanned!(s=> dot)]
    } else {
        [quote_spanned!(s=> #private::Constant), none.clone()]
    };
    let slot_of_self = quote_spanned!(s=> <#receiver as #private::Receiver<S>>::Slot);
    let cotangent = quote_spanned!(s=> <#output as #krate::Differentiable>::Tangent);
    let lanes = quote_spanned!(s=> <#cotangent as #private::LanesLike<LANES>>::Lanes);
    let forms = quote_spanned!(s=> <#function as #private::FirstDerivative>::FORMS);
    let [side, beside] = ["SideBySide", "Beside"].map(|stem| format_ident!("{stem}{count}", span = s));
    let bounds =
        quote_spanned! {s=> M: #private::MarkerOf<#receiver>, #(#markers: #private::MarkerOf<#inputs>),* };
    let pullback = quote_spanned! {s=>
        impl ::core::ops::FnOnce(
            &S,
            #(#again_types,)*
            #cotangent,
            ::core::option::Option<&mut #slot_of_self>,
            #(#slot_types),*
        ) -> ((), #(#returned),*) + ::core::clone::Clone + use<S, M, #(#markers),*>
    };
    let side_bounds = self_is_active.then(|| {
        quote_spanned! {s=>
            where
                S::Tangent: #private::LanesLike<LANES>,
                S: #private::LanesLike<LANES, Lanes = <S::Tangent as #private::LanesLike<LANES>>::Lanes>,
        }
    });
    let cfgs: Vec<_> = conditions(&item.attrs).chain(conditions(&method.attrs)).collect();
    quote_spanned! {s=>
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, unreachable_pub)]
        #vis struct #of_type<S>(::core::marker::PhantomData<fn() -> S>);

        #(#cfgs)*
        #[automatically_derived]
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            impl<S> ::core::clone::Clone for #of_type<S> {
                fn clone(&self) -> Self {
                    *self
                }
            }

            impl<S> ::core::marker::Copy for #of_type<S> {}

            impl<S> #private::MethodOf<S> for #of_type<S> {}

            impl<S> #private::FirstDerivative for #of_type<S> {
                type Forms = Self;
                const FORMS: Self = #of_type(::core::marker::PhantomData);
            }

            impl<S: #of_trait> #of_type<S> {
                #[inline]
                pub fn takes<#bounds>(self, _: M, #(_: #markers),*) {}

                #[inline]
                pub fn forward<#bounds>(
                    self,
                    this: &S,
                    #(#xs: #givens,)*
                    marker: M,
                    #(#marks: #markers),*
                ) -> (#output, #pullback) {
                    #forms.forward(this, #(#xs,)* #said_of_self, #(#said),*)
                }

                #[inline]
                pub fn at_once<#bounds>(
                    self,
                    this: &S,
                    #(#xs: #givens,)*
                    marker: M,
                    #(#marks: #markers,)*
                    seed: #cotangent,
                    bar: ::core::option::Option<&mut #slot_of_self>,
                    #(#slots: #slot_types),*
                ) -> (#output, ((), #(#returned),*)) {
                    #(let (#xs, #agains) = <#inputs as #private::Input>::both(#xs);)*
                    let (value, pullback) = self.forward(this, #(#xs,)* marker, #(#marks),*);
                    (value, pullback(this, #(#agains,)* seed, bar, #(#slots),*))
                }

                #[inline]
                pub fn tangent(
                    self,
                    this: &S,
                    #(#xs: #givens,)*
                    dot: ::core::option::Option<&#slot_of_self>,
                    #(#dots: ::core::option::Option<#dot_types>),*
                ) -> (#output, #cotangent) {
                    #forms.tangent(this, #(#xs,)* #dot_of_self, #(#dots),*)
                }
            }

            impl<const LANES: ::core::primitive::usize, S: #of_trait> #private::side_by_side::#side<LANES, S, #receiver, #(#inputs),*>
                for #of_type<S>
            #side_bounds
            {
                type Output = #output;

                #[inline]
                fn tangent_n(
                    self,
                    this: &S,
                    #(#xs: #givens,)*
                    dot: ::core::option::Option<&<#receiver as #private::ReceiverLanes<S, LANES>>::Lanes>,
                    #(#dots: #lane_types),*
                ) -> (#output, #lanes) {
                    #forms.tangent_n(this, #(#xs,)* #dot_of_self, #(#dots),*)
                }
            }

            impl<const LANES: ::core::primitive::usize, S: #of_trait> #private::side_by_side::#beside<LANES, S, #(#inputs),*>
                for &#of_type<S>
            {
                type Output = #output;

                #[inline]
                fn tangent_n(
                    self,
                    this: &S,
                    #(#xs: #givens,)*
                    _: ::core::option::Option<&#private::Constant>,
                    #(#dots: #lane_types),*
                ) -> (#output, #lanes) {
                    #private::lane_by_lane(|lane| {
                        #(let #ones = #dots.as_ref().map(|dots| <#inputs as #private::InputLanes<LANES>>::one(dots, lane));)*
                        #forms.tangent(
                            this,
                            #(<#inputs as #private::InputLanes<LANES>>::given(&#xs),)*
                            #none,
                            #(#ones.as_ref().map(<#inputs as #private::InputLanes<LANES>>::dot)),*
                        )
                    })
                }
            }
        };
    }
}

/// The receiver by the name that it has in a function that is generic over the trait.
fn of_trait_receiver(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(word) if word == RECEIVER => Ident::new(OF_TRAIT, word.span()).into(),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), of_trait_receiver(group.stream()));
                inside.set_span(group.span());
                inside.into()
            }
            tree => tree,
        })
        .collect()
}
