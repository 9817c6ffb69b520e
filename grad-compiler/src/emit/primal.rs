//! The user's function where its derivatives name it.

use super::cotangent_types::without_lifetimes;
use super::items::{Cx, local_name};
use super::{Tokens, site};
use crate::function::FunctionParam;
use crate::object::has_objects;
use quote::{ToTokens, quote_spanned};

impl Cx<'_> {
    /// The user's function, by its name, with its generic arguments.
    pub(super) fn primal(&self) -> Tokens {
        let s = site();
        match &self.args.method {
            None if self.in_place => quote_spanned!(s=> self.call),
            None => {
                let name = local_name(self.sig.name());
                let turbofish = (!self.args.has_unnamed_types).then(|| self.turbofish(false));
                quote_spanned!(s=> #name #turbofish)
            }
            Some(method) => {
                // Those of the block are in the type that the path begins with.
                let turbofish = match method.by_value {
                    Some(_) => Some(self.turbofish(false)),
                    None if self.args.has_unnamed_types => None,
                    None => self.own_turbofish(method),
                };
                let path = &method.primal;
                quote_spanned!(s=> #path #turbofish)
            }
        }
    }

    /// Some code that uses the user's function, so that it is not dead if only its gradient is used.
    pub(super) fn use_primal(&self) -> Tokens {
        let s = site();
        let (parts, in_front) = (self.parts(), &self.in_front);
        let methods = self.methods_of_traits();
        let methods = quote_spanned!(s=> #parts #methods);
        if !self.args.functions.is_empty() || self.args.has_unnamed_types {
            let with_functions = self.use_with_functions();
            return quote_spanned!(s=> #methods #with_functions);
        }
        // Nobody misses a use of what a trait asks for.
        if self.args.method.as_ref().is_some_and(|method| method.of_trait.is_some()) {
            return quote_spanned!(s=> #methods #in_front);
        }
        let primal = self.primal();
        quote_spanned!(s=> #methods let _ = #primal; #in_front)
    }

    /// What finds the tangents of methods of annotated traits, where the function is generic over a type.
    fn methods_of_traits(&self) -> Tokens {
        if !has_objects(&self.sig.item.sig, self.args) {
            return Tokens::new();
        }
        self.methods_with_bodies()
    }

    /// The same of methods that have a body in their trait, wherever they are called.
    pub(super) fn methods_with_bodies(&self) -> Tokens {
        let (s, krate) = (site(), self.krate());
        quote_spanned! {s=>
            #[allow(unused_imports)]
            use #krate::__private::side_by_side::*;
        }
    }

    /// The same of a function that takes functions: with pointers in their place.
    fn use_with_functions(&self) -> Tokens {
        if self.is_stub {
            return Tokens::new();
        }
        let s = site();
        let names = &self.names().params;
        let params = self.sig.params.iter().zip(names).enumerate().map(|(at, (param, name))| {
            match self.args.functions.iter().find(|function| function.position == at) {
                Some(FunctionParam { pointer, .. }) => quote_spanned!(s=> #name: #pointer),
                None => {
                    let ty = without_lifetimes(param.ty);
                    quote_spanned!(s=> #name: #ty)
                }
            }
        });
        let primal = match &self.args.method {
            None => local_name(self.sig.name()).to_token_stream(),
            Some(method) => method.primal.clone(),
        };
        let names: Vec<Tokens> = names.iter().map(ToTokens::to_token_stream).collect();
        let names = self.as_written(&names);
        quote_spanned!(s=> let _ = |#(#params),*| #primal(#(#names),*);)
    }
}
