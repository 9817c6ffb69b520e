//! A gradient inside of a function: its pullback is that of the value and the gradient, of which the value is not asked for.

use super::cotangent_types::zero;
use super::forms::Form;
use super::items::Cx;
use super::nested::Nested;
use super::{Tokens, site};
use crate::transform::Width;
use proc_macro2::Ident;
use quote::{ToTokens, format_ident, quote_spanned};

impl Cx<'_> {
    /// A gradient and its pullback, from those of the value and the gradient.
    pub(super) fn gradient_forward(&self) -> Tokens {
        let s = site();
        let protocol = self.protocol_of(Some(Nested::Grad), 1, Width::One);
        let tys = protocol.pullback_inputs();
        let all: Vec<Ident> = (0..tys.len()).map(|k| format_ident!("given_{k}", span = s)).collect();
        let (inputs, rest) = all.split_at(protocol.inputs.len());
        let (Some((seed, slots)), Some(ty)) = (rest.split_first(), &self.sig.result) else {
            unreachable!("there is a gradient, of a result")
        };
        let zero = zero(*ty);
        let markers: Vec<Ident> =
            (0..protocol.markers.len()).map(|k| format_ident!("marker_{k}", span = s)).collect();
        let given: Vec<Ident> = (0..inputs.len()).map(|k| format_ident!("input_{k}", span = s)).collect();
        let mut patterns: Vec<Tokens> = given.iter().map(ToTokens::to_token_stream).collect();
        patterns.extend(markers.iter().map(ToTokens::to_token_stream));
        let forward = Form::FORWARD.method_of(Nested::ValueAndGrad);
        let turbofish = self.turbofish(true);
        let body = quote_spanned! {s=>
            let ((_, gradient), pullback) = self.#forward #turbofish (#(#given,)* #(#markers),*);
            (gradient, move |#(#all: #tys),*| pullback(#(#inputs,)* (#zero, #seed), #(#slots),*))
        };
        protocol.function(&patterns, &body, &self.where_copy_of(protocol.last))
    }
}
