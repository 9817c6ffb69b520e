//! The forward sweep for callers, where there are two: that with all cotangents, and that where one argument is a constant.
//! Which of them is called, the marker of that argument says: rustc drops the other.

use super::forms::Form;
use super::items::Cx;
use super::{Tokens, site};
use crate::transform::{Given, Reversed, Width};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};

impl<'a> Cx<'a> {
    pub(super) fn forward_of(&self, split: &'a Reversed, given: Option<&'a Given>) -> Tokens {
        let is_boxed = self.is_recursive([&split.func.body, &split.reverse]);
        // A pullback in a box has a type of its own, and a function that fails has no pullback then.
        let given = given.filter(|_| !is_boxed && self.sig.failing.is_none());
        let Some(given) = given else { return self.forward(split.lists()) };
        let of_all = self.forward_as(split.lists(), Some(Form::OfAll));
        let of_given = self.forward_as(given.split.lists(), Some(Form::Given));
        [self.forward_by_marker(given.param), of_all, of_given].into_iter().collect()
    }

    fn forward_by_marker(&self, param: usize) -> Tokens {
        let s = site();
        let (krate, names) = (self.krate(), self.names());
        let mut namer = names.namer(&[]);
        let activities: Vec<Ident> = self.markers.iter().map(|_| namer.fresh("activity", s)).collect();
        let args: Vec<Tokens> =
            names.params.iter().chain(&activities).map(ToTokens::to_token_stream).collect();
        let protocol = self.protocol(1, Width::One);
        let tys = protocol.pullback_inputs();
        let inputs: Vec<Ident> = tys.iter().map(|_| namer.fresh("x", s)).collect();
        let (value, pullback, marker) = (&names.value, &names.pullback, &self.markers[param]);
        let turbofish = self.turbofish(true);
        let [all, given] = [Form::OfAll, Form::Given].map(Form::method);
        let body = quote_spanned! {s=>
            let (#value, #pullback) = if #marker::ACTIVE {
                let (#value, #pullback) = self.#all #turbofish (#(#args),*);
                (#value, #krate::__private::Either::First(#pullback))
            } else {
                let (#value, #pullback) = self.#given #turbofish (#(#args),*);
                (#value, #krate::__private::Either::Second(#pullback))
            };
            (#value, move |#(#inputs: #tys),*| match #pullback {
                #krate::__private::Either::First(#pullback) => #pullback(#(#inputs),*),
                #krate::__private::Either::Second(#pullback) => #pullback(#(#inputs),*),
            })
        };
        protocol.function(&args, &body, &self.where_clause())
    }
}
