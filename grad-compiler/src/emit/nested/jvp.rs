//! What a call of `f::jvp` in an annotated function needs: derivatives with respect to the point and to the direction.
//!
//! With y = f(x) and ẏ = ∇f(x)·v, seeds ȳ and ẏ̄: x̄ = ȳ ∇f + ẏ̄ H v and v̄ = ẏ̄ ∇f, of which one product with the Hessian
//! gives both.

use crate::emit::cotangent_types::{buffer, owned, without_lifetimes, zero};
use crate::emit::forms::Form;
use crate::emit::items::{Cx, Names};
use crate::emit::signature::{Kind, Param, Passing};
use crate::emit::tangent::tangent_ty;
use crate::emit::{Tokens, site};
use crate::transform::Width;
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};

/// The names in the derivatives of `f::jvp`.
struct JvpNames {
    names: Names,
    /// Directions, by parameter.
    dots: Vec<Ident>,
    /// Products with the Hessian.
    products: Vec<Ident>,
    /// Tangents of the arguments and of the directions.
    arg_dots: Vec<Ident>,
    dir_dots: Vec<Ident>,
    /// Slots of the arguments and of the directions.
    arg_slots: Vec<Ident>,
    dir_slots: Vec<Ident>,
    value_bar: Ident,
    value_dot: Ident,
    dot_bar: Ident,
}

impl<'a> Cx<'a> {
    fn jvp_names(&self) -> JvpNames {
        let s = site();
        let names = self.names();
        let (dots, products) = (names.dots.clone(), names.products.clone());
        let mut namer = names.namer(&dots);
        let mut each = |what: &str| -> Vec<Ident> {
            (0..dots.len()).map(|k| namer.fresh(&format!("{what}_{k}"), s)).collect()
        };
        let (arg_dots, dir_dots) = (each("moves"), each("turns"));
        let (arg_slots, dir_slots) = (each("slot"), each("turn_slot"));
        let [value_bar, value_dot, dot_bar] =
            ["value_bar", "value_dot", "value_dot_bar"].map(|name| namer.fresh(name, s));
        JvpNames {
            names,
            dots,
            products,
            arg_dots,
            dir_dots,
            arg_slots,
            dir_slots,
            value_bar,
            value_dot,
            dot_bar,
        }
    }

    /// The wrt parameters, in the order of the signature.
    fn active(&self) -> Vec<(usize, &Param<'a>)> {
        self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some()).collect()
    }

    /// `x_dot: &[f64]`
    fn directions(&self, names: &JvpNames) -> Vec<Tokens> {
        let direction = |(k, param): (usize, &Param<'_>)| {
            let (dot, ty) = (&names.dots[k], tangent_ty(param.ty));
            quote_spanned!(site()=> #dot: #ty)
        };
        self.active().into_iter().map(direction).collect()
    }

    /// The directions as arguments, to be used once more afterwards.
    fn directions_twice(&self, dots: &[Ident]) -> Vec<Tokens> {
        let twice = |(k, param): (usize, &Param<'_>)| {
            let dot = &dots[k];
            match param.kind {
                Kind::Aggregate(Passing::Moved) => {
                    quote_spanned!(site()=> ::core::clone::Clone::clone(&#dot))
                }
                _ => dot.to_token_stream(),
            }
        };
        self.active().into_iter().map(twice).collect()
    }

    /// The pattern of what `f::hvp` returns.
    fn product_pattern(&self, names: &JvpNames) -> Tokens {
        let gradient = Self::tuple_of(&self.in_order(&names.names.bars));
        let product = Self::tuple_of(&self.in_order(&names.products));
        quote_spanned!(site()=> (#gradient, #product))
    }

    /// The tangent of `f::jvp`.
    pub(in crate::emit) fn nested_jvp_tangent(&self) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.jvp_names();
        let JvpNames { dots, products, arg_dots, dir_dots, value_dot, .. } = &names;
        let (vis, generics, where_clause) = (self.vis(), self.generics(false), self.where_copy());
        let primal = self.params(&names.names.params);
        let directions = self.directions(&names);
        let mut inputs = Vec::new();
        let mut prelude = Tokens::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            if param.wrt.is_none() {
                inputs.push(quote_spanned!(s=> _: ::core::option::Option<#krate::__private::Constant>));
                continue;
            }
            let (dot, ty) = (&arg_dots[k], tangent_ty(param.ty));
            inputs.push(quote_spanned!(s=> #dot: ::core::option::Option<#ty>));
            prelude.extend(self.present(param, &names.names.params[k], dot));
        }
        for (k, param) in self.active() {
            let (dot, ty) = (&dir_dots[k], tangent_ty(param.ty));
            inputs.push(quote_spanned!(s=> #dot: ::core::option::Option<#ty>));
            prelude.extend(self.present(param, &names.names.params[k], dot));
        }
        let result = self.sig.result_ty();
        let value = &names.names.value;
        let (args, directions_again, moves) =
            (self.args_twice(&names.names), self.directions_twice(dots), self.directions_twice(arg_dots));
        let turbofish = self.turbofish(false);
        let pattern = self.product_pattern(&names);
        let sum = |terms: Vec<Tokens>| {
            let sum = quote_spanned!(s=> #(#terms)+*);
            match result.to_string().as_str() {
                "f64" => sum,
                _ if self.args.scalars.is_empty() => quote_spanned!(s=> (#sum) as #result),
                _ => self.cast(&sum, &result),
            }
        };
        let inner = |a: &Ident, b: &Ident| quote_spanned!(s=> #krate::__private::inner(&#a, &#b));
        let of_value =
            sum(self.active().iter().map(|(k, _)| inner(&names.names.bars[*k], &arg_dots[*k])).collect());
        let of_dot = sum(self
            .active()
            .iter()
            .flat_map(|(k, _)| [inner(&names.names.bars[*k], &dir_dots[*k]), inner(&products[*k], &dots[*k])])
            .collect());
        let [jvp, hvp] = ["jvp", "hvp"].map(|name| self.public(name));
        let name = Form::Tangent(Width::One).method_of("jvp");
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #primal, #(#directions,)* #(#inputs),*)
                -> ((#result, #result), (#result, #result)) #where_clause
            {
                #prelude
                let (#value, #value_dot) = #jvp #turbofish (#(#args,)* #(#directions_again),*);
                let #pattern = #hvp #turbofish (#(#args,)* #(#moves),*);
                ((#value, #value_dot), (#of_value, #of_dot))
            }
        }
    }

    /// `f::jvp`, and its pullback.
    pub(in crate::emit) fn nested_jvp_forward(&self) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.jvp_names();
        let JvpNames { dots, products, value_bar, dot_bar, .. } = &names;
        let active = self.active();
        let result = self.sig.result_ty();
        let (vis, where_clause) = (self.vis(), self.where_copy());
        // One marker more for each direction.
        let turn_markers: Vec<Ident> =
            active.iter().map(|(k, _)| Ident::new(&format!("__GradTurn{k}"), s)).collect();
        let markers = &self.markers;
        let generics = {
            let own = self.sig.item.sig.generics.params.iter().map(ToTokens::to_token_stream);
            let bounds = self.marker_params();
            let turns =
                turn_markers.iter().map(|marker| quote_spanned!(s=> #marker: #krate::__private::Activity));
            let all = own.chain(bounds).chain(turns);
            quote_spanned!(s=> <#(#all),*>)
        };
        let primal = self.params(&names.names.params);
        let directions = self.directions(&names);

        let mut tys = self.pullback_inputs();
        let count = self.sig.params.len();
        let slots: Vec<Tokens> = tys.drain(count + 1..).collect();
        tys.truncate(count);
        tys.extend(active.iter().map(|(_, param)| {
            if param.kind.is_gone() {
                quote_spanned!(s=> #krate::__private::Gone)
            } else {
                without_lifetimes(tangent_ty(param.ty))
            }
        }));
        tys.push(quote_spanned!(s=> (#result, #result)));
        tys.extend(slots);
        tys.extend(active.iter().map(|(_, param)| {
            let ty = if param.kind.is_returned() { owned(param.ty) } else { buffer(param.ty) };
            quote_spanned!(s=> ::core::option::Option<&mut #ty>)
        }));
        let returned_ty = |param: &Param<'_>| {
            if param.kind.is_returned() { owned(param.ty) } else { quote_spanned!(s=> ()) }
        };
        let returned =
            self.sig.params.iter().map(returned_ty).chain(active.iter().map(|(_, param)| returned_ty(param)));
        let returned = quote_spanned!(s=> (#(#returned,)*));
        let captured: Vec<&Ident> =
            self.generic_names().into_iter().chain(markers).chain(&turn_markers).collect();
        let pullback = quote_spanned!(s=> impl ::core::ops::FnOnce(#(#tys),*) -> #returned + ::core::clone::Clone + use<#(#captured),*>);

        // What is moved away is kept for the pullback.
        let mut kept = Tokens::new();
        let mut patterns = Vec::new();
        let mut keep = |gone: bool, name: &Ident| {
            if gone {
                kept.extend(quote_spanned!(s=> let #name = ::core::clone::Clone::clone(&#name);));
                patterns.push(quote_spanned!(s=> _));
            } else {
                patterns.push(name.to_token_stream());
            }
        };
        for (param, name) in self.sig.params.iter().zip(&names.names.params) {
            keep(param.kind.is_gone(), name);
        }
        for (k, param) in &active {
            keep(param.kind.is_gone(), &dots[*k]);
        }
        patterns.push(quote_spanned!(s=> (#value_bar, #dot_bar)));
        let mut results = Vec::new();
        let mut added = Tokens::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            let (bar, product, slot) = (&names.names.bars[k], &products[k], &names.arg_slots[k]);
            let is_slot = param.wrt.is_some() && !param.kind.is_returned();
            patterns.push(if is_slot { slot.to_token_stream() } else { quote_spanned!(s=> _) });
            results.push(match (param.wrt, param.kind.is_returned()) {
                (Some(_), true) => {
                    let (by_value, by_dot) = (self.by_seed(value_bar, param), self.by_seed(dot_bar, param));
                    quote_spanned!(s=> #by_value * #bar + #by_dot * #product)
                }
                (None, true) => zero(param.ty),
                (_, false) => quote_spanned!(s=> ()),
            });
            if is_slot {
                added.extend(quote_spanned! {s=>
                    if let ::core::option::Option::Some(#slot) = #slot {
                        #krate::__private::accumulate_scaled(&mut *#slot, #value_bar, ::core::clone::Clone::clone(&#bar));
                        #krate::__private::accumulate_scaled(&mut *#slot, #dot_bar, #product);
                    }
                });
            }
        }
        for (k, param) in &active {
            let (bar, slot) = (&names.names.bars[*k], &names.dir_slots[*k]);
            if param.kind.is_returned() {
                patterns.push(quote_spanned!(s=> _));
                let by_dot = self.by_seed(dot_bar, param);
                results.push(quote_spanned!(s=> #by_dot * #bar));
            } else {
                patterns.push(slot.to_token_stream());
                results.push(quote_spanned!(s=> ()));
                added.extend(quote_spanned! {s=>
                    if let ::core::option::Option::Some(#slot) = #slot {
                        #krate::__private::accumulate_scaled(&mut *#slot, #dot_bar, #bar);
                    }
                });
            }
        }
        let pattern = self.product_pattern(&names);
        let turbofish = self.turbofish(false);
        let params = &names.names.params;
        let (args, directions_again) = (self.args_twice(&names.names), self.directions_twice(dots));
        let dots_in_order: Vec<Ident> = active.iter().map(|(k, _)| dots[*k].clone()).collect();
        let [jvp, hvp] = ["jvp", "hvp"].map(|name| self.public(name));
        let closure = quote_spanned! {s=>
            move |#(#patterns: #tys),*| {
                let #pattern = #hvp #turbofish (#(#params,)* #(#dots_in_order),*);
                #added
                (#(#results,)*)
            }
        };
        let (name, value) = (Form::Forward.method_of("jvp"), &names.names.value);
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (
                self, #primal, #(#directions,)* #(_: #markers,)* #(_: #turn_markers),*
            ) -> ((#result, #result), #pullback) #where_clause {
                let #value = #jvp #turbofish (#(#args,)* #(#directions_again),*);
                #kept
                (#value, #closure)
            }
        }
    }
}
