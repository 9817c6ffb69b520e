//! What callers of a forward sweep pass and get, whatever is called and of whatever order the derivative is.
//!
//! ```text
//! forward(args…, tangents…, markers…)            -> (result, its tangents…, pullback)
//! pullback(args again…, tangents again…, seeds…, slots…) -> cotangents that are numbers
//! ```
//!
//! Of order k there are 2ᵏ⁻¹ lists, each with one entry per input: the first is of the arguments, the seed, the slots and
//! the cotangents themselves, the others of their tangents. A caller does not see the signature: so all have as many
//! entries as there are inputs, a tangent may be absent, and so may be a slot.

use super::cotangent_types::{owned, without_lifetimes};
use super::forms::Form;
use super::items::Cx;
use super::nested::Nested;
use super::signature::Param;
use super::tangent::tangent_ty;
use super::workers::STUB;
use super::{Tokens, site};
use crate::transform::{Width, widths};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};

/// What is called.
pub(super) struct Protocol<'c, 'a> {
    pub(super) cx: &'c Cx<'a>,
    /// The user's function, or one of its derivatives.
    pub(super) of: Option<Nested>,
    pub(super) inputs: Vec<Input<'c, 'a>>,
    /// Which inputs' cotangents are wanted: a type for each.
    pub(super) markers: Vec<Ident>,
    pub(super) order: usize,
    /// Of the tangents along the last direction.
    pub(super) last: Width,
    /// A form that is not called by its order.
    pub(super) special: Option<Form>,
}

/// An argument: one of the user's function, or a direction that a derivative takes behind these.
#[derive(Clone, Copy)]
pub(super) struct Input<'c, 'a> {
    pub(super) k: usize,
    pub(super) param: &'c Param<'a>,
    pub(super) is_direction: bool,
}

impl Input<'_, '_> {
    pub(super) fn ty(&self) -> Tokens {
        if self.is_direction { tangent_ty(self.param.ty) } else { self.param.ty.to_token_stream() }
    }

    /// Its cotangent goes into a slot, and is not a number that is returned.
    pub(super) fn has_slot(&self) -> bool {
        self.param.is_differentiable() && !self.param.kind.is_returned()
    }
}

impl<'a> Cx<'a> {
    /// Of the user's function.
    pub(super) fn protocol(&self, order: usize, last: Width) -> Protocol<'_, 'a> {
        self.protocol_of(None, order, last)
    }

    pub(super) fn protocol_of(&self, of: Option<Nested>, order: usize, last: Width) -> Protocol<'_, 'a> {
        let params = || self.sig.params.iter().enumerate();
        let mut inputs: Vec<Input<'_, 'a>> =
            params().map(|(k, param)| Input { k, param, is_direction: false }).collect();
        let mut markers = self.markers.clone();
        if of.is_some_and(Nested::has_direction) {
            for (k, param) in params().filter(|(_, param)| param.wrt.is_some()) {
                inputs.push(Input { k, param, is_direction: true });
                markers.push(Ident::new(&format!("__GradTurn{k}"), site()));
            }
        }
        Protocol { cx: self, of, inputs, markers, order, last, special: None }
    }
}

impl Protocol<'_, '_> {
    /// How many tangents go side by side in each list.
    pub(super) fn widths(&self) -> Vec<Width> {
        widths(self.order, self.last)
    }

    pub(super) fn form(&self) -> Form {
        self.special.unwrap_or(Form::Forward(self.order, self.last))
    }

    /// The type of an absent or present tangent, as an argument.
    pub(super) fn tangent_ty(&self, input: &Input<'_, '_>, width: Width) -> Tokens {
        let s = site();
        let krate = self.cx.krate();
        if input.param.is_differentiable() {
            let ty = self.cx.tangent_of(input.param.ty, width);
            quote_spanned!(s=> ::core::option::Option<#ty>)
        } else {
            quote_spanned!(s=> ::core::option::Option<#krate::__private::Constant>)
        }
    }

    /// What a pullback takes. Always as many, for the caller does not see the signature.
    pub(super) fn pullback_inputs(&self) -> Vec<Tokens> {
        let s = site();
        let krate = self.cx.krate();
        let gone = quote_spanned!(s=> #krate::__private::Gone);
        let again = |input: &Input<'_, '_>| {
            if input.param.kind.is_gone() { gone.clone() } else { without_lifetimes(input.ty()) }
        };
        let mut tys: Vec<Tokens> = self.inputs.iter().map(again).collect();
        let widths = self.widths();
        for width in &widths[1..] {
            tys.extend(self.inputs.iter().map(|input| {
                if input.param.kind.is_gone() && input.param.is_differentiable() {
                    quote_spanned!(s=> ::core::option::Option<#gone>)
                } else {
                    without_lifetimes(self.tangent_ty(input, *width))
                }
            }));
        }
        tys.extend(widths.iter().map(|width| self.cx.seed_ty_of(self.of, *width)));
        for width in &widths {
            tys.extend(self.inputs.iter().map(|input| self.slot_ty(input, *width)));
        }
        tys
    }

    /// Where a pullback puts what it does not return.
    fn slot_ty(&self, input: &Input<'_, '_>, width: Width) -> Tokens {
        let s = site();
        let krate = self.cx.krate();
        if input.has_slot() {
            let ty = self.cx.buffer_of(input.param.ty, width);
            quote_spanned!(s=> ::core::option::Option<&mut #ty>)
        } else if input.param.kind.is_returned() {
            // Returned instead; but a caller that does not know the type offers a place.
            let ty = self.cx.owned_tangent(input.param.ty, width);
            quote_spanned!(s=> ::core::option::Option<&mut #ty>)
        } else {
            quote_spanned!(s=> ::core::option::Option<&mut #krate::__private::Constant>)
        }
    }

    pub(super) fn slot_tys(&self) -> Vec<Tokens> {
        self.inputs.iter().map(|input| self.slot_ty(input, Width::One)).collect()
    }

    /// The type of what a pullback returns.
    fn outputs(&self) -> Tokens {
        let s = site();
        let lists = self.widths().into_iter().map(|width| {
            let tys = self.inputs.iter().map(|input| {
                if input.param.kind.is_returned() {
                    self.cx.owned_tangent(input.param.ty, width)
                } else {
                    quote_spanned!(s=> ())
                }
            });
            quote_spanned!(s=> (#(#tys,)*))
        });
        self.listed(lists.collect())
    }

    /// What a pullback returns, of its lists.
    pub(super) fn listed(&self, lists: Vec<Tokens>) -> Tokens {
        if self.order == 1 { lists.into_iter().collect() } else { quote_spanned!(site()=> (#(#lists),*)) }
    }

    /// `FnOnce(&[f64], f64, …) -> (…)`
    pub(super) fn bound(&self) -> Tokens {
        let (inputs, outputs) = (self.pullback_inputs(), self.outputs());
        quote_spanned!(site()=> ::core::ops::FnOnce(#(#inputs),*) -> #outputs)
    }

    /// The types of all arguments of the forward sweep, in their order.
    pub(super) fn arg_tys(&self) -> Vec<Tokens> {
        let args = self.inputs.iter().map(Input::ty);
        let widths = self.widths();
        let tangents = widths[1..]
            .iter()
            .flat_map(|width| self.inputs.iter().map(|input| self.tangent_ty(input, *width)));
        args.chain(tangents).chain(self.markers.iter().map(ToTokens::to_token_stream)).collect()
    }

    /// The forward sweep, from the patterns of its arguments.
    pub(super) fn function(&self, patterns: &[Tokens], body: &Tokens, where_clause: &Tokens) -> Tokens {
        let bound = self.bound();
        let lanes = self.lanes();
        // It owns what it needs, so that nothing stays borrowed but what its types say; copies of it give the rows of a
        // Jacobian.
        let lifetimes = self.cx.lifetimes_in(&bound);
        let captured = self.cx.generic_names().into_iter().chain(&self.markers).chain(lanes);
        let pullback = quote_spanned! {site()=>
            impl #bound + ::core::clone::Clone + use<#(#lifetimes,)* #(#captured),*>
        };
        self.function_of(patterns, body, where_clause, &pullback)
    }

    /// The same of a type with a type of what holds memory.
    pub(super) fn function_held(
        &self,
        patterns: &[Tokens],
        body: &Tokens,
        where_clause: &Tokens,
        holder: &Ident,
    ) -> Tokens {
        let (bound, markers) = (self.bound(), &self.markers);
        let pullback =
            quote_spanned!(site()=> impl #bound + ::core::clone::Clone + use<#holder, #(#markers),*>);
        self.function_of(patterns, body, where_clause, &pullback)
    }

    /// The same of a function that has errors.
    pub(super) fn stub(&self) -> Tokens {
        self.without(&Tokens::new())
    }

    /// The same of a function without these derivatives, which `missing` says.
    pub(super) fn without(&self, missing: &Tokens) -> Tokens {
        let s = site();
        let patterns: Vec<Tokens> = self.arg_tys().iter().map(|_| quote_spanned!(s=> _)).collect();
        let (inputs, outputs) = (self.pullback_inputs(), self.outputs());
        let pullback = quote_spanned!(s=> fn(#(#inputs),*) -> #outputs);
        let body = quote_spanned!(s=> #missing ::core::option::Option::None.expect(#STUB));
        self.function_of(&patterns, &body, &self.cx.where_clause_of(self.last), &pullback)
    }

    fn lanes(&self) -> Option<&Ident> {
        (self.last == Width::Lanes).then_some(&self.cx.lanes)
    }

    fn function_of(
        &self,
        patterns: &[Tokens],
        body: &Tokens,
        where_clause: &Tokens,
        pullback: &Tokens,
    ) -> Tokens {
        let s = site();
        let cx = self.cx;
        let vis = cx.vis();
        let name = match self.of {
            None => self.form().method(),
            Some(of) => self.form().method_of(of),
        };
        let krate = cx.krate();
        let turns = self.markers[cx.markers.len()..].iter();
        let turns = turns.map(|marker| quote_spanned!(s=> #marker: #krate::__private::Activity));
        let lanes = self.lanes().map(|lanes| quote_spanned!(s=> const #lanes: ::core::primitive::usize));
        let generics: Vec<Tokens> = cx.generic_params(true).into_iter().chain(turns).chain(lanes).collect();
        let generics = if generics.is_empty() { Tokens::new() } else { quote_spanned!(s=> <#(#generics),*>) };
        let results = self.widths().into_iter().enumerate().map(|(list, width)| {
            if list == 0 { cx.result_of(self.of) } else { cx.tangent_of_result(self.of, width) }
        });
        let answer = quote_spanned!(s=> (#(#results,)* #pullback));
        let answer = if self.of.is_none() { cx.sig.answer_ty(&answer) } else { answer };
        let use_primal = self.of.is_none().then(|| cx.use_primal());
        let tys = self.arg_tys();
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#patterns: #tys),*) -> #answer #where_clause {
                #use_primal
                #body
            }
        }
    }
}

impl Cx<'_> {
    /// What the function returns, or one of its derivatives.
    pub(super) fn result_of(&self, of: Option<Nested>) -> Tokens {
        let (s, result) = (site(), self.sig.result_ty());
        match of {
            None => result,
            Some(Nested::Grad) => self.gradient_ty(),
            Some(Nested::ValueAndGrad) => {
                let gradient = self.gradient_ty();
                quote_spanned!(s=> (#result, #gradient))
            }
            Some(Nested::Jvp) => quote_spanned!(s=> (#result, #result)),
            Some(Nested::Hvp) => {
                let gradient = self.gradient_ty();
                quote_spanned!(s=> (#gradient, #gradient))
            }
        }
    }

    /// The type of the tangent of what it returns, and of its cotangent.
    pub(super) fn tangent_of_result(&self, of: Option<Nested>, width: Width) -> Tokens {
        let s = site();
        let result =
            self.sig.result.map_or_else(|| quote_spanned!(s=> ()), |ty| self.owned_tangent(ty, width));
        let gradient = || {
            let tys: Vec<Tokens> =
                self.sig.wrt().iter().map(|param| self.owned_tangent(param.ty, width)).collect();
            Self::tuple(&tys)
        };
        match of {
            None => result,
            Some(Nested::Grad) => gradient(),
            Some(Nested::ValueAndGrad) => {
                let gradient = gradient();
                quote_spanned!(s=> (#result, #gradient))
            }
            Some(Nested::Jvp) => quote_spanned!(s=> (#result, #result)),
            Some(Nested::Hvp) => {
                let gradient = gradient();
                quote_spanned!(s=> (#gradient, #gradient))
            }
        }
    }

    /// The type of a seed: `()` where there is no result.
    fn seed_ty_of(&self, of: Option<Nested>, width: Width) -> Tokens {
        self.tangent_of_result(of, width)
    }

    pub(super) fn seed_ty(&self) -> Option<Tokens> {
        self.sig.result.map(owned)
    }
}
