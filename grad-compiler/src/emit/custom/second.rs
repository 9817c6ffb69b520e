//! Second derivatives of a function with a rule for them: `hvp = …`, of the shape of `f::hvp`.
//!
//! With y = f(x), ẏ = ∇f·ẋ, seed ȳ and its tangent ȳ̇: x̄ = ȳ ∇f, and x̄̇ = ȳ̇ ∇f + ȳ H ẋ. The rule gives both ∇f and H ẋ.

use super::call;
use crate::emit::cotangent_types::{owned, ungrouped, zero};
use crate::emit::items::Cx;
use crate::emit::signature::{Kind, Param, Passing};
use crate::emit::{Tokens, site};
use crate::transform::Width;
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::{Path, Type};

impl Cx<'_> {
    /// What users call of second derivatives.
    pub(super) fn products_for_users(&self, rule: &Path) -> Tokens {
        let (hvp, hvp_n, hessian) = (self.products_by_rule(rule), self.products_by_lanes(), self.hessian());
        quote_spanned!(site()=> #hvp #hvp_n #hessian)
    }

    /// What callers call.
    pub(super) fn second_by_rule(&self) -> Tokens {
        [Width::One, Width::Lanes].map(|width| self.second_by_products(width)).into_iter().collect()
    }

    /// The rule is `f::hvp`.
    fn products_by_rule(&self, rule: &Path) -> Tokens {
        let names = self.names();
        let (dots, dot_params) = self.tangent_params(&names);
        let args: Vec<Ident> = names.params.iter().chain(&dots).cloned().collect();
        self.hvp_function(&dot_params, &call(rule, &args), Width::One)
    }

    /// `f::hvp_n`: the rule once for each lane.
    fn products_by_lanes(&self) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let lane = names.namer(&[]).fresh("lane", s);
        let (mut directions, mut dots) = (Vec::new(), Vec::new());
        for (k, param) in self.with_tangents() {
            let (dot, ty) = (&names.dots[k], self.tangent_of(param.ty, Width::Lanes));
            directions.push(quote_spanned!(s=> #dot: #ty));
            dots.push(match ungrouped(param.ty.ty) {
                Type::Reference(_) => quote_spanned!(s=> &#krate::__private::EachLane::lane(#dot, #lane)),
                _ => quote_spanned!(s=> #krate::__private::EachLane::lane(&#dot, #lane)),
            });
        }
        let (args, turbofish, lanes) = (self.args_twice(&names), self.turbofish(false), &self.lanes);
        let body = quote_spanned! {s=>
            #krate::__private::lane_by_lane::<_, _, #lanes>(|#lane| {
                Self::hvp #turbofish (#(#args,)* #(#dots),*)
            })
        };
        self.hvp_function(&directions, &body, Width::Lanes)
    }

    /// The two sweeps with tangents, for callers.
    fn second_by_products(&self, width: Width) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let mut namer = names.namer(&[]);
        let [value_dot, seed_dot] = ["value_dot", "seed_dot"].map(|name| namer.fresh(name, s));
        let mut each = |what: &str| -> Vec<Ident> {
            (0..names.params.len()).map(|k| namer.fresh(&format!("{what}_{k}"), s)).collect()
        };
        let (slots, dot_slots) = (each("slot"), each("slot_dot"));
        let (value, seed) = (&names.value, &names.seed);

        let protocol = self.protocol(2, width);
        let mut params: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        // What a pullback does not take again it has kept.
        let again = |param: &Param<'_>, name: &Ident| {
            if param.kind.is_gone() { quote_spanned!(s=> _) } else { name.to_token_stream() }
        };
        let mut inputs: Vec<Tokens> =
            self.sig.params.iter().zip(&names.params).map(|(param, name)| again(param, name)).collect();
        let (mut prelude, mut opening, mut dots_twice, mut dots) =
            (Tokens::new(), Tokens::new(), Vec::new(), Vec::new());
        for (k, param) in self.sig.params.iter().enumerate() {
            let dot = &names.dots[k];
            if !param.is_differentiable() {
                params.push(quote_spanned!(s=> _));
                inputs.push(quote_spanned!(s=> _));
                continue;
            }
            params.push(dot.to_token_stream());
            inputs.push(again(param, dot));
            let present = self.present_in(param, &names.params[k], dot, width);
            if !param.kind.is_gone() {
                opening.extend(present.clone());
            }
            prelude.extend(present);
            dots_twice.push(match param.kind {
                Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#dot)),
                _ => dot.to_token_stream(),
            });
            dots.push(dot);
        }
        params.extend(self.markers.iter().map(|_| quote_spanned!(s=> _)));
        inputs.extend([seed.to_token_stream(), seed_dot.to_token_stream()]);

        let is_slot = |param: &Param<'_>| param.wrt.is_some() && !param.kind.is_returned();
        for slots in [&slots, &dot_slots] {
            inputs.extend(self.sig.params.iter().zip(slots).map(|(param, slot)| {
                if is_slot(param) { slot.to_token_stream() } else { quote_spanned!(s=> _) }
            }));
        }
        let (mut added, mut bars, mut bar_dots) = (Tokens::new(), Vec::new(), Vec::new());
        for (k, param) in self.sig.params.iter().enumerate() {
            let (bar, product) = (&names.bars[k], &names.products[k]);
            if param.kind.is_returned() {
                bars.push(match param.wrt {
                    Some(_) => {
                        let by = self.by_seed(seed, param);
                        quote_spanned!(s=> #by * #bar)
                    }
                    None => zero(param.ty),
                });
                bar_dots.push(match param.wrt {
                    Some(_) => self.tangent_of_number(param, [seed, &seed_dot], [bar, product], width),
                    None if width == Width::One => zero(param.ty),
                    None => quote_spanned!(s=> ::core::default::Default::default()),
                });
                continue;
            }
            bars.push(quote_spanned!(s=> ()));
            bar_dots.push(quote_spanned!(s=> ()));
            if !is_slot(param) {
                continue;
            }
            let (slot, dot_slot) = (&slots[k], &dot_slots[k]);
            let first = match width {
                Width::One => quote_spanned! {s=>
                    #krate::__private::accumulate_scaled(&mut *#dot_slot, #seed_dot, ::core::clone::Clone::clone(&#bar));
                },
                Width::Lanes => quote_spanned! {s=>
                    #krate::__private::accumulate_outer(&mut *#dot_slot, #seed_dot, &#bar);
                },
            };
            added.extend(quote_spanned! {s=>
                if let ::core::option::Option::Some(#dot_slot) = #dot_slot {
                    #first
                    #krate::__private::accumulate_scaled(&mut *#dot_slot, #seed, #product);
                }
                if let ::core::option::Option::Some(#slot) = #slot {
                    #krate::__private::accumulate_scaled(&mut *#slot, #seed, #bar);
                }
            });
        }
        let tys = protocol.pullback_inputs();
        let gradient = Self::tuple_of(&self.in_order(&names.bars));
        let product = Self::tuple_of(&self.in_order(&names.products));
        let args = &names.params;
        let args_twice = self.args_twice(&names);
        let turbofish = self.turbofish_of(width);
        let [jvp, hvp] = match width {
            Width::One => ["jvp", "hvp"],
            Width::Lanes => ["jvp_n", "hvp_n"],
        }
        .map(|name| self.public(name));
        let body = quote_spanned! {s=>
            #prelude
            let (#value, #value_dot) = #jvp #turbofish (#(#args_twice,)* #(#dots_twice),*);
            (#value, #value_dot, move |#(#inputs: #tys),*| {
                #opening
                let (#gradient, #product) = #hvp #turbofish (#(#args,)* #(#dots),*);
                #added
                ((#(#bars,)*), (#(#bar_dots,)*))
            })
        };
        protocol.function(&params, &body, &self.where_copy_of(protocol.last))
    }

    /// The tangent of the cotangent of a number.
    fn tangent_of_number(
        &self,
        param: &Param<'_>,
        [seed, seed_dot]: [&Ident; 2],
        [bar, product]: [&Ident; 2],
        width: Width,
    ) -> Tokens {
        let s = site();
        let by_seed = self.by_seed(seed, param);
        if width == Width::One {
            let by_dot = self.by_seed(seed_dot, param);
            return quote_spanned!(s=> #by_dot * #bar + #by_seed * #product);
        }
        let ty = owned(param.ty);
        let cast =
            (ty.to_string() != self.sig.result_ty().to_string()).then(|| quote_spanned!(s=> .cast::<#ty>()));
        // Lanes are multiplied by a type parameter, and no type parameter by lanes.
        let [first, second] = match self.args.scalars[..] {
            [] => [by_seed, product.to_token_stream()],
            [..] => [product.to_token_stream(), by_seed],
        };
        quote_spanned!(s=> #seed_dot #cast * #bar + #first * #second)
    }
}
