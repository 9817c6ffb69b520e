//! Third derivatives: the tangent of `f::hvp`, from the tangents of its arguments and of its direction.
//!
//! Of x and v, moved along ẋ and v̇: the gradient g and the product H v, and their tangents H ẋ and T[ẋ] v + H v̇, where
//! T is the derivative of the Hessian.

use super::cotangent_types::ungrouped;
use super::facts::Facts;
use super::forms::Form;
use super::items::Cx;
use super::tangent::tangent_ty;
use super::workers::STUB;
use super::{Tokens, site};
use crate::ir::Block;
use crate::transform::{ParamCotangent, Third, Width};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// The names of what `third` returns: by parameter.
pub(super) struct ThirdNames {
    pub(super) bars: Vec<Ident>,
    pub(super) products: Vec<Ident>,
    pub(super) bar_dots: Vec<Ident>,
    pub(super) product_dots: Vec<Ident>,
}

impl<'a> Cx<'a> {
    /// All that `#[grad(third)]` adds.
    pub(super) fn third(&self, third: &'a Third) -> Tokens {
        let (sweeps, products) = (self.third_sweeps(third), self.third_products());
        quote_spanned!(site()=> #sweeps #products)
    }

    /// The sweeps with tangents of tangents: numbers are returned, all else goes into buffers.
    fn third_sweeps(&self, third: &'a Third) -> Tokens {
        let s = site();
        let Third { func, directions, moves, turns, bars, bar_dots, missing: _ } = third;
        let nothing = Block::default();
        let facts = Facts::of(
            func,
            &nothing,
            |_| {},
            |end| {
                for cotangent in bars.iter().chain(bar_dots).flatten() {
                    if let ParamCotangent::Value(operand) = cotangent {
                        end.operand(operand);
                    }
                }
            },
        );
        let mut emitter = self.emitter_of(func, facts);
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let (pattern, ty) = (emitter.param(param.var, true), of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        for dots in [directions, moves, turns] {
            for (dot, of) in dots.iter().zip(&self.sig.params).filter(|(_, of)| of.wrt.is_some()) {
                let pattern = dot.map_or_else(|| quote_spanned!(s=> _), |dot| emitter.param(dot, true));
                let ty = tangent_ty(of.ty);
                params.push(quote_spanned!(s=> #pattern: #ty));
            }
        }
        for slots in bars.iter().chain(bar_dots) {
            for (cotangent, of) in slots.iter().zip(&self.sig.params) {
                if of.wrt.is_none() || of.kind.is_returned() {
                    continue;
                }
                let pattern = match cotangent {
                    ParamCotangent::Slot(var) => {
                        emitter.slots.insert(*var, None);
                        emitter.param(*var, true)
                    }
                    ParamCotangent::Constant | ParamCotangent::Value(_) => quote_spanned!(s=> _),
                };
                let ty = self.buffer_of(of.ty, Width::One);
                params.push(quote_spanned!(s=> #pattern: &mut #ty));
            }
        }
        let body = emitter.block(&func.body);
        let returned = bars
            .iter()
            .chain(bar_dots)
            .map(|cotangents| self.cotangents_of(cotangents, &emitter, Width::One));
        let returned = quote_spanned!(s=> (#(#returned),*));
        let ty = self.returned_tys(Width::One);
        let (generics, where_clause, use_primal) =
            (self.generics(false), self.where_clause(), self.use_primal());
        let (vis, name) = (self.vis(), Form::ThirdSweeps.method());
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*) -> (#ty, #ty, #ty, #ty) #where_clause {
                #use_primal
                #body
                #returned
            }
        }
    }

    pub(super) fn third_names(&self, fresh: &mut dyn FnMut(&str) -> Ident) -> ThirdNames {
        let mut each = |what: &str| -> Vec<Ident> {
            (0..self.sig.params.len()).map(|k| fresh(&format!("{what}_{k}"))).collect()
        };
        ThirdNames {
            bars: each("gradient"),
            products: each("product"),
            bar_dots: each("gradient_dot"),
            product_dots: each("product_dot"),
        }
    }

    /// The pattern of what `third` returns.
    pub(super) fn third_pattern(&self, names: &ThirdNames) -> Tokens {
        let of = |names: &[Ident]| Self::tuple_of(&self.in_order(names));
        let [a, b, c, d] =
            [&names.bars, &names.products, &names.bar_dots, &names.product_dots].map(|k| of(k));
        quote_spanned!(site()=> ((#a, #b), (#c, #d)))
    }

    /// The same in the form of the gradient.
    fn third_products(&self) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let mut namer = names.namer(&[]);
        let third = self.third_names(&mut |name| namer.fresh(name, s));
        let mut params = vec![self.params(&names.params)];
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        for what in ["direction", "moves", "turns"] {
            for (k, param) in self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some()) {
                let (dot, ty) = (namer.fresh(&format!("{what}_{k}"), s), tangent_ty(param.ty));
                params.push(quote_spanned!(s=> #dot: #ty));
                args.push(dot.to_token_stream());
            }
        }
        let all = [&third.bars, &third.products, &third.bar_dots, &third.product_dots];
        let mut prelude = Tokens::new();
        for bars in all {
            for (k, param) in self.sig.params.iter().enumerate() {
                if param.wrt.is_none() || param.kind.is_returned() {
                    continue;
                }
                let (bar, name) = (&bars[k], &names.params[k]);
                let x = match ungrouped(param.ty.ty) {
                    Type::Reference(_) => quote_spanned!(s=> #name),
                    _ => quote_spanned!(s=> &#name),
                };
                prelude.extend(quote_spanned!(s=> let mut #bar = #krate::__private::zeros_like(#x);));
                args.push(quote_spanned!(s=> &mut #bar));
            }
        }
        let returned = all.map(|bars| {
            let parts = self.returned().into_iter().map(|(k, _)| bars[k].clone());
            quote_spanned!(s=> (#(#parts,)*))
        });
        let result = self.third_pattern(&third);
        let (turbofish, sweeps) = (self.turbofish(false), self.own(Form::ThirdSweeps));
        let body = quote_spanned! {s=>
            #prelude
            let (#(#returned),*) = #sweeps #turbofish (#(#args),*);
            #result
        };
        self.third_function(&params, &body)
    }

    fn third_function(&self, params: &[Tokens], body: &Tokens) -> Tokens {
        let (vis, name, gradient) = (self.vis(), Form::Third.method(), self.gradient_ty());
        let (generics, where_clause) = (self.generics(false), self.where_clause());
        quote_spanned! {site()=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*)
                -> ((#gradient, #gradient), (#gradient, #gradient)) #where_clause
            {
                #body
            }
        }
    }

    /// The same of a function that has errors.
    pub(super) fn third_stub(&self) -> Tokens {
        let s = site();
        let active = || self.sig.params.iter().filter(|param| param.wrt.is_some());
        let dots = (0..3).flat_map(|_| active().map(|param| tangent_ty(param.ty)));
        let tys = self.sig.params.iter().map(|param| param.ty.to_token_stream()).chain(dots);
        let params: Vec<Tokens> = tys.map(|ty| quote_spanned!(s=> _: #ty)).collect();
        self.third_function(&params, &quote_spanned!(s=> ::core::panic!(#STUB)))
    }
}
