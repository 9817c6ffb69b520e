//! What a function overwrites before it reads it: a constant beside its derivative, which callers ask. They do not see the
//! function, and have two joint forms; of these, rustc keeps the one that is right.

use super::compiles;
use super::forms::generics_of;
use super::items::Cx;
use super::{Tokens, site};
use crate::transform::Overwrites;
use proc_macro2::Literal;
use quote::quote_spanned;

impl Cx<'_> {
    /// The function's answers, beside its forms: nothing where it overwrites nothing.
    pub(super) fn overwrites(&self) -> Tokens {
        let s = site();
        let number = Literal::usize_unsuffixed;
        let pairs: Vec<Tokens> = self
            .overwritten
            .iter()
            .enumerate()
            .filter_map(|(k, by)| {
                let (k, by) = (number(k), number((*by)?));
                Some(quote_spanned!(s=> (#k, #by)))
            })
            .collect();
        if pairs.is_empty() {
            return Tokens::new();
        }
        let size = quote_spanned!(s=> ::core::primitive::usize);
        quote_spanned!(s=> const OVERWRITES: &'static [(#size, #size)] = &[#(#pairs),*];)
    }

    /// Whether callees do what is assumed of them.
    pub(super) fn overwritten_by_all(&self, assumes: &[Overwrites]) -> Tokens {
        let mut all: Vec<Tokens> = Vec::new();
        for Overwrites { callee, argument, as_far_as, span } in assumes {
            let s = span.resolved_at(site());
            let krate = self.krate();
            let (path, _) = generics_of(callee);
            let by_way = compiles::compiles_here(krate, &self.written, s);
            let callee = compiles::by_way_of(&by_way, &path.into_iter().collect(), krate, s);
            let argument = Literal::usize_unsuffixed(*argument);
            let by = as_far_as.iter().map(|k| Literal::usize_unsuffixed(*k));
            let one = quote_spanned! {s=>
                ::core::matches!(
                    #krate::__private::overwritten_by(
                        <#callee as #krate::__private::FirstDerivative>::OVERWRITES,
                        #argument
                    ),
                    #(#by)|*
                )
            };
            if all.iter().all(|other| other.to_string() != one.to_string()) {
                all.push(one);
            }
        }
        quote_spanned!(site()=> #(#all)&&*)
    }
}
