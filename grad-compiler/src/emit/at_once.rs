//! The joint form for callers: it takes as many arguments as a call and its pullback together, whatever the signature is,
//! for a caller does not see that.

use super::cotangent_types::{is_slice, owned, vec_element, zero};
use super::forms::Form;
use super::items::Cx;
use super::signature::{Kind, Passing};
use super::workers::STUB;
use super::{Tokens, site};
use crate::transform::Width;
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

impl Cx<'_> {
    /// Whether a caller may ask for both sweeps at once: the result may be a number, and nothing else comes out.
    fn may_be_called_at_once(&self) -> bool {
        let is_number = self
            .sig
            .result
            .is_some_and(|ty| matches!(ty.ty, Type::Path(_)) && !ty.own && vec_element(ty.ty).is_none());
        is_number
            && self.sig.params.iter().all(|param| match param.kind {
                Kind::Scalar | Kind::ScalarRef => true,
                Kind::ScalarMut => false,
                Kind::Aggregate(passing) => passing == Passing::Shared,
                Kind::Constant(passing) => passing != Passing::Exclusive,
            })
    }

    /// `slots` says which buffers the joint form takes.
    pub(super) fn at_once(&self, slots: &[bool]) -> Tokens {
        let s = site();
        let names = self.names();
        let (krate, value, seed) = (self.krate(), &names.value, &names.seed);
        let mut absent = names.namer(&[]);
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        args.push(seed.to_token_stream());
        let mut before = Tokens::new();
        for (k, ((param, bar), slot)) in self.sig.params.iter().zip(&names.bars).zip(slots).enumerate() {
            if !slot {
                continue;
            }
            args.push(bar.to_token_stream());
            let (name, absent) = (&names.params[k], absent.fresh("absent", param.span));
            let place = if is_slice(param.ty) {
                quote_spanned!(s=> &mut #absent[..])
            } else {
                quote_spanned!(s=> &mut #absent)
            };
            before.extend(quote_spanned! {s=>
                let mut #absent;
                let #bar = match #bar {
                    ::core::option::Option::Some(#bar) => #bar,
                    ::core::option::Option::None => {
                        #absent = #krate::__private::zeros_like(#name);
                        #place
                    }
                };
            });
        }
        let returned = self.returned();
        let numbers: Vec<Tokens> = returned.iter().map(|(k, _)| names.bars[*k].to_token_stream()).collect();
        let pattern = match &numbers[..] {
            [] => value.to_token_stream(),
            [number] => quote_spanned!(s=> (#value, #number)),
            numbers => quote_spanned!(s=> (#value, (#(#numbers),*))),
        };
        let all = self.sig.params.iter().zip(&names.bars).map(|(param, bar)| {
            match (param.kind.is_returned(), param.wrt) {
                (true, Some(_)) => bar.to_token_stream(),
                (true, None) => zero(param.ty),
                (false, _) => quote_spanned!(s=> ()),
            }
        });
        let (joint, turbofish) = (Form::JOINT.method(), self.turbofish(false));
        let (question, answer) =
            (self.sig.question(), self.sig.answer(&quote_spanned!(s=> (#value, (#(#all,)*)))));
        let body = quote_spanned! {s=>
            #before
            let #pattern = self.#joint #turbofish (#(#args),*)#question;
            #answer
        };
        self.at_once_function(Some(slots), &body)
    }

    /// It is asked for in vain.
    pub(super) fn at_once_stub(&self, body: &Tokens) -> Tokens {
        self.at_once_function(None, &quote_spanned!(site()=> #body ::core::panic!(#STUB)))
    }

    /// `slots`: which buffers the body reads; `None` where it reads nothing.
    fn at_once_function(&self, slots: Option<&[bool]>, body: &Tokens) -> Tokens {
        if !self.may_be_called_at_once() {
            return Tokens::new();
        }
        let s = site();
        let names = self.names();
        let mut inputs = Vec::new();
        let mut input = |name: &Ident, read: bool, ty: Tokens| {
            inputs.push(if read { quote_spanned!(s=> #name: #ty) } else { quote_spanned!(s=> _: #ty) });
        };
        for (param, name) in self.sig.params.iter().zip(&names.params) {
            input(name, slots.is_some(), param.ty.to_token_stream());
        }
        for marker in &self.markers {
            input(marker, false, marker.to_token_stream());
        }
        if let Some(ty) = self.seed_ty() {
            input(&names.seed, slots.is_some(), ty);
        }
        for (k, (bar, ty)) in names.bars.iter().zip(self.protocol(1, Width::One).slot_tys()).enumerate() {
            input(bar, slots.is_some_and(|slots| slots[k]), ty);
        }
        let returned = self
            .sig
            .params
            .iter()
            .map(|param| if param.kind.is_returned() { owned(param.ty) } else { quote_spanned!(s=> ()) });
        let (vis, generics, where_clause) = (self.vis(), self.generics(true), self.where_clause());
        let (name, result) = (Form::AtOnce.method(), self.sig.result_ty());
        let answer = self.sig.answer_ty(&quote_spanned!(s=> (#result, (#(#returned,)*))));
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#inputs),*) -> #answer #where_clause {
                #body
            }
        }
    }
}
