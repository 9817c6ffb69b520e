//! Second derivatives: `f::hvp`, and below it `f::hessian` and the two sweeps with tangents for callers.

mod callers;
mod hessian;

use super::body::Emitter;
use super::cotangent_types::is_slice;
use super::facts::Facts;
use super::forms::Form;
use super::items::{Cx, Functions};
use super::signature::{Kind, Param, Passing};
use super::tangent::tangent_ty;
use super::workers::STUB;
use super::{Tokens, site};
use crate::transform::{ParamCotangent, Reversed, Second, Width};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};

impl<'a> Cx<'a> {
    pub(super) fn cotangents_of(
        &self,
        cotangents: &'a [ParamCotangent],
        emitter: &Emitter<'_>,
        width: Width,
    ) -> Tokens {
        let returned: Vec<Tokens> = self
            .returned()
            .iter()
            .map(|(k, _)| emitter.returned_tangent(cotangents.get(*k), width))
            .collect();
        quote_spanned!(site()=> (#(#returned,)*))
    }

    /// All that `#[grad(second)]` adds.
    pub(super) fn second(&self, one: [&'a Second; 2], lanes: [&'a Second; 2]) -> Functions {
        let is_scalar = self.sig.has_gradient();
        let mut out = Functions::default();
        if is_scalar {
            out.public.extend(self.hvp(Width::One));
            out.public.extend(self.hvp(Width::Lanes));
            out.public.extend(self.hessian());
        }
        for ([joint, split], width) in [(one, Width::One), (lanes, Width::Lanes)] {
            if is_scalar {
                out.hidden.extend(self.second_joint(joint, width));
            }
            out.hidden.extend(self.second_forward(split, width));
        }
        out
    }

    /// Both sweeps of the gradient in one function, with tangents: value, the numbers of the gradient, the numbers of its
    /// tangent. All else of both goes into buffers.
    pub(super) fn second_joint(&self, second: &'a Second, width: Width) -> Tokens {
        let s = site();
        let Second { reversed, params: dots, cotangents: bar_dots, .. } = second;
        let Reversed { func, reverse, cotangents, .. } = reversed;
        let facts = Facts::of(
            func,
            reverse,
            |_| {},
            |end| {
                end.value(&func.result);
                for cotangent in cotangents.iter().chain(bar_dots) {
                    if let ParamCotangent::Value(operand) = cotangent {
                        end.operand(operand);
                    }
                }
            },
        );
        let mut emitter = self.emitter(reversed, facts);
        emitter.lanes = (width == Width::Lanes).then(|| self.lanes.clone());
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let (pattern, ty) = (emitter.param(param.var, true), of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        for (dot, of) in dots.iter().zip(&self.sig.params).filter(|(_, of)| of.is_differentiable()) {
            let pattern = dot.map_or_else(|| quote_spanned!(s=> _), |dot| emitter.param(dot, true));
            let ty = self.tangent_of(of.ty, width);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        for (slots, width) in [(cotangents, Width::One), (bar_dots, width)] {
            for (cotangent, of) in slots.iter().zip(&self.sig.params).filter(|(_, of)| has_slot(of)) {
                let pattern = match cotangent {
                    ParamCotangent::Slot(var) => {
                        emitter.slots.insert(*var, None);
                        emitter.param(*var, true)
                    }
                    ParamCotangent::Constant | ParamCotangent::Value(_) => quote_spanned!(s=> _),
                };
                let ty = self.buffer_of(of.ty, width);
                params.push(quote_spanned!(s=> #pattern: &mut #ty));
            }
        }
        let body = emitter.block(&func.body);
        let reverse = emitter.block(reverse);
        let result = emitter.value(&func.result);
        let bars = self.cotangents_of(cotangents, &emitter, Width::One);
        let dots = self.cotangents_of(bar_dots, &emitter, width);
        let (generics, where_clause, use_primal) =
            (self.generics_of(width), self.where_clause_of(width), self.use_primal());
        let ty = self.sig.result_ty();
        let (tys, dot_tys) = (self.returned_tys(Width::One), self.returned_tys(width));
        let (vis, name) = (self.vis(), Form::Products(width).method());
        let answer_ty = self.sig.answer_ty(&quote_spanned!(s=> (#ty, #tys, #dot_tys)));
        let answer = self.sig.answer(&quote_spanned!(s=> (#result, #bars, #dots)));
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*) -> #answer_ty #where_clause {
                #use_primal
                #body
                #reverse
                #answer
            }
        }
    }

    pub(super) fn returned_tys(&self, width: Width) -> Tokens {
        let tys = self.returned().into_iter().map(|(_, param)| self.owned_tangent(param.ty, width));
        quote_spanned!(site()=> (#(#tys,)*))
    }

    /// `f::hvp`, `f::hvp_n`
    fn hvp(&self, width: Width) -> Tokens {
        let s = site();
        let names = self.names();
        let krate = self.krate();
        let dots = names.dots.clone();
        let mut directions = Vec::new();
        let mut prelude = Tokens::new();
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        let params = || self.sig.params.iter().enumerate();
        for (k, param) in params().filter(|(_, param)| param.is_differentiable()) {
            let (name, dot, ty) = (&names.params[k], &dots[k], self.tangent_of(param.ty, width));
            if param.wrt.is_some() {
                directions.push(quote_spanned!(s=> #dot: #ty));
                if is_slice(param.ty) {
                    let message = format!("the direction of `{}` has another length", param.hint);
                    prelude
                        .extend(quote_spanned!(s=> ::core::assert_eq!(#dot.len(), #name.len(), #message);));
                }
                args.push(dot.to_token_stream());
            } else {
                let zeros_like = zeros_function(width);
                prelude.extend(quote_spanned!(s=> let mut #dot = #krate::__private::#zeros_like(&*#name);));
                args.push(quote_spanned!(s=> &mut #dot));
            }
        }
        let bar_dot = |k: usize| names.products[k].clone();
        for tangent in [false, true] {
            for (k, param) in params().filter(|(_, param)| has_slot(param)) {
                let name = &names.params[k];
                let bar = if tangent { bar_dot(k) } else { names.bars[k].clone() };
                let x = match param.kind {
                    Kind::Aggregate(Passing::Shared) => quote_spanned!(s=> #name),
                    Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &*#name),
                    _ => quote_spanned!(s=> &#name),
                };
                let zeros_like = zeros_function(if tangent { width } else { Width::One });
                prelude.extend(quote_spanned!(s=> let mut #bar = #krate::__private::#zeros_like(#x);));
                args.push(quote_spanned!(s=> &mut #bar));
            }
        }
        let returned = self.returned();
        let pattern = |tangent: bool| {
            let parts =
                returned.iter().map(|(k, _)| if tangent { bar_dot(*k) } else { names.bars[*k].clone() });
            quote_spanned!(s=> (#(#parts,)*))
        };
        let (bars, bar_dots) = (pattern(false), pattern(true));
        let mut wrt: Vec<_> = params().filter(|(_, param)| param.wrt.is_some()).collect();
        wrt.sort_by_key(|(_, param)| param.wrt);
        let gradient: Vec<Tokens> = wrt.iter().map(|(k, _)| names.bars[*k].to_token_stream()).collect();
        let product: Vec<Tokens> = wrt.iter().map(|(k, _)| bar_dot(*k).to_token_stream()).collect();
        let (gradient, product) = (Self::tuple(&gradient), Self::tuple(&product));
        let (turbofish, sweeps) = (self.turbofish_of(width), self.own(Form::Products(width)));
        let (question, answer) =
            (self.sig.question(), self.sig.answer(&quote_spanned!(s=> (#gradient, #product))));
        let body = quote_spanned! {s=>
            #prelude
            let (_, #bars, #bar_dots) = #sweeps #turbofish (#(#args),*)#question;
            #answer
        };
        self.hvp_function(&directions, &body, width)
    }

    pub(super) fn hvp_function(&self, directions: &[Tokens], body: &Tokens, width: Width) -> Tokens {
        let s = site();
        let primal = self.params(&self.names().params);
        let mut wrt: Vec<_> = self.sig.params.iter().filter(|param| param.wrt.is_some()).collect();
        wrt.sort_by_key(|param| param.wrt);
        let product =
            Self::tuple(&wrt.iter().map(|param| self.owned_tangent(param.ty, width)).collect::<Vec<_>>());
        let (gradient, name) = (self.gradient_ty(), self.link());
        // A rule may run once for each lane.
        let where_clause =
            if self.args.has_rule() { self.where_copy_of(width) } else { self.where_clause_of(width) };
        let docs = [
            format!(" Gradient of {name} with respect to {}, and the product of its", self.wrt_list()),
            match width {
                Width::One => " Hessian with a direction, from one run of both sweeps.".to_owned(),
                Width::Lanes => {
                    " Hessian with several directions, lane by lane, from one run of both sweeps.".to_owned()
                }
            },
        ];
        let answer = self.sig.answer_ty(&quote_spanned!(s=> (#gradient, #product)));
        self.function(
            &docs,
            if width == Width::One { "hvp" } else { "hvp_n" },
            &self.generics_of(width),
            &quote_spanned!(s=> (#primal, #(#directions),*) -> #answer #where_clause { #body }),
        )
    }

    /// In the place of `f::hvp` and `f::hessian`, of a function without second derivatives: what to write.
    pub(super) fn no_products(&self) -> Tokens {
        let s = site();
        let krate = self.krate();
        let generics = {
            let own = self.generic_params(false);
            quote_spanned!(s=> <#(#own,)* __GradNone>)
        };
        // The `for` makes rustc wait for a call.
        let missing = self.where_with(vec![quote_spanned! {s=>
            for<'__grad> &'__grad Self: #krate::__private::HasDerivative<2>
        }]);
        let tys = || self.sig.params.iter().map(|param| param.ty.to_token_stream());
        let dots = self.sig.params.iter().filter(|param| param.wrt.is_some());
        let products = tys().chain(dots.map(|param| tangent_ty(param.ty)));
        [("hessian", tys().collect::<Vec<_>>()), ("hvp", products.collect())]
            .map(|(name, tys)| {
                let docs = [" Needs `#[grad(second)]`.".to_owned()];
                self.function(
                    &docs,
                    name,
                    &generics,
                    &quote_spanned!(s=> (#(_: #tys),*) -> __GradNone #missing { loop {} }),
                )
            })
            .into_iter()
            .collect()
    }

    /// What users call, of a function that has errors.
    pub(super) fn hvp_stubs(&self) -> Tokens {
        let s = site();
        let stub = |width: Width| {
            let directions: Vec<Tokens> = self
                .sig
                .params
                .iter()
                .filter(|param| param.wrt.is_some())
                .map(|param| self.tangent_of(param.ty, width))
                .map(|ty| quote_spanned!(s=> _: #ty))
                .collect();
            let body = quote_spanned!(s=> ::core::option::Option::None.expect(#STUB));
            self.hvp_function(&directions, &body, width)
        };
        let (hvp, hvp_n, hessian) = (stub(Width::One), stub(Width::Lanes), self.hessian());
        quote_spanned!(s=> #hvp #hvp_n #hessian)
    }
}

/// Its cotangent goes into a buffer.
fn has_slot(param: &Param<'_>) -> bool {
    param.is_differentiable() && !param.kind.is_returned()
}

fn zeros_function(width: Width) -> Ident {
    Ident::new(if width == Width::One { "zeros_like" } else { "lanes_like" }, site())
}
