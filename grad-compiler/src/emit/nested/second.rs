//! Second derivatives of derivatives: what a call of `f::grad`, `f::value_and_grad` or `f::jvp` needs inside of a function
//! with `#[grad(second)]`.
//!
//! All of it is made of `third`, which gives the gradient g and the product H v along a direction v, and their
//! tangents g′ and (H v)′. With seeds ȳ of the value, w of the gradient and ẏ̄ of the tangent of the value:
//!
//! | of | x̄ | v̄ |
//! | --- | --- | --- |
//! | `grad` | H w | |
//! | `value_and_grad` | ȳ g + H w | |
//! | `jvp` along v | ȳ g + ẏ̄ H v | ẏ̄ g |
//!
//! and the tangents of these by the product rule.

use crate::emit::cotangent_types::{owned, ungrouped, without_lifetimes, zero};
use crate::emit::forms::{Form, NESTED};
use crate::emit::items::Cx;
use crate::emit::signature::{Kind, Param, Passing};
use crate::emit::tangent::tangent_ty;
use crate::emit::third::ThirdNames;
use crate::emit::{Tokens, site};
use crate::transform::Width;
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// Which of the derivatives is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Grad,
    ValueAndGrad,
    Jvp,
}

impl Of {
    fn name(self) -> &'static str {
        match self {
            Of::Grad => NESTED[0],
            Of::ValueAndGrad => NESTED[1],
            Of::Jvp => NESTED[2],
        }
    }
}

/// What the derivative takes: an argument of the function, or a direction of one.
struct Input<'c, 'a> {
    k: usize,
    param: &'c Param<'a>,
    is_direction: bool,
    name: Ident,
    dot: Ident,
    slot: Ident,
    dot_slot: Ident,
    bar: Ident,
    bar_dot: Ident,
}

impl Input<'_, '_> {
    fn ty(&self) -> Tokens {
        if self.is_direction { tangent_ty(self.param.ty) } else { self.param.ty.to_token_stream() }
    }

    fn is_differentiable(&self) -> bool {
        self.param.wrt.is_some()
    }

    fn is_slot(&self) -> bool {
        self.is_differentiable() && !self.param.kind.is_returned()
    }

    /// The input as an argument, to be used once more afterwards.
    fn used_again(&self) -> Tokens {
        let name = &self.name;
        match self.param.kind {
            Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) => {
                quote_spanned!(site()=> ::core::clone::Clone::clone(&#name))
            }
            _ => name.to_token_stream(),
        }
    }
}

/// The names in one of these functions.
struct SecondNames<'c, 'a> {
    inputs: Vec<Input<'c, 'a>>,
    /// Of the value, of its tangent; and their tangents.
    value_bar: Ident,
    tangent_bar: Ident,
    value_bar_dot: Ident,
    tangent_bar_dot: Ident,
    /// The seed of the gradient, by parameter, and its tangent.
    seeds: Vec<Ident>,
    seed_dots: Vec<Ident>,
    third: ThirdNames,
    lane: Ident,
    value: Ident,
    value_dot: Ident,
}

impl SecondNames<'_, '_> {
    /// The cotangent of an input and its tangent, as the sums in the head of this file.
    fn terms(&self, of: Of, input: &Input<'_, '_>) -> (Vec<Term<'_>>, Vec<Term<'_>>) {
        let SecondNames { value_bar, tangent_bar, value_bar_dot, tangent_bar_dot, third, .. } = self;
        let (g, p) = (&third.bars[input.k], &third.products[input.k]);
        let (g_dot, p_dot) = (&third.bar_dots[input.k], &third.product_dots[input.k]);
        match (of, input.is_direction) {
            (Of::Grad, _) => (vec![(None, p)], vec![(None, p_dot)]),
            (Of::ValueAndGrad, _) => (
                vec![(Some(value_bar), g), (None, p)],
                vec![(Some(value_bar_dot), g), (Some(value_bar), g_dot), (None, p_dot)],
            ),
            (Of::Jvp, false) => (
                vec![(Some(value_bar), g), (Some(tangent_bar), p)],
                vec![
                    (Some(value_bar_dot), g),
                    (Some(value_bar), g_dot),
                    (Some(tangent_bar_dot), p),
                    (Some(tangent_bar), p_dot),
                ],
            ),
            (Of::Jvp, true) => {
                (vec![(Some(tangent_bar), g)], vec![(Some(tangent_bar_dot), g), (Some(tangent_bar), g_dot)])
            }
        }
    }
}

/// A term of a sum: a factor, if it is not 1, and a name.
type Term<'t> = (Option<&'t Ident>, &'t Ident);

impl<'a> Cx<'a> {
    /// The second derivatives of all three.
    pub(in crate::emit) fn nested_second(&self) -> Tokens {
        let has_outputs = self.sig.params.iter().any(|param| param.kind.is_output());
        let is_scalar = self.sig.has_gradient();
        if has_outputs || !is_scalar {
            return Tokens::new();
        }
        let each = |of| [Width::One, Width::Lanes].map(|width| self.nested_second_of(of, width));
        [Of::Grad, Of::ValueAndGrad, Of::Jvp].into_iter().flat_map(each).collect()
    }

    fn second_names(&self, of: Of) -> SecondNames<'_, 'a> {
        let s = site();
        let names = self.names();
        let mut namer = names.namer(&[]);
        let mut inputs = Vec::new();
        for is_direction in [false, true] {
            for (k, param) in self.sig.params.iter().enumerate() {
                if is_direction && (of != Of::Jvp || param.wrt.is_none()) {
                    continue;
                }
                let (name, what) = if is_direction {
                    (names.dots[k].clone(), format!("turn_{k}"))
                } else {
                    (names.params[k].clone(), format!("{k}"))
                };
                let mut fresh = |prefix: &str| namer.fresh(&format!("{prefix}_{what}"), s);
                let (dot, slot, dot_slot) = (fresh("moves"), fresh("slot"), fresh("slot_dot"));
                let (bar, bar_dot) = (fresh("bar"), fresh("bar_dot"));
                inputs.push(Input { k, param, is_direction, name, dot, slot, dot_slot, bar, bar_dot });
            }
        }
        let mut each = |what: &str| -> Vec<Ident> {
            (0..self.sig.params.len()).map(|k| namer.fresh(&format!("{what}_{k}"), s)).collect()
        };
        let (seeds, seed_dots) = (each("seed"), each("seed_dot"));
        let third = self.third_names(&mut |name| namer.fresh(name, s));
        let [value_bar, tangent_bar, value_bar_dot, tangent_bar_dot, lane, value_dot] =
            ["value_bar", "tangent_bar", "value_bar_dot", "tangent_bar_dot", "lane", "value_dot"]
                .map(|name| namer.fresh(name, s));
        SecondNames {
            inputs,
            value_bar,
            tangent_bar,
            value_bar_dot,
            tangent_bar_dot,
            seeds,
            seed_dots,
            third,
            lane,
            value: names.value,
            value_dot,
        }
    }

    fn nested_second_of(&self, of: Of, width: Width) -> Tokens {
        let s = site();
        let names = self.second_names(of);
        let (value_ty, dot_ty) = (self.nested_result_of(of, Width::One), self.nested_result_of(of, width));
        let turns: Vec<Ident> = names
            .inputs
            .iter()
            .filter(|input| input.is_direction)
            .map(|input| Ident::new(&format!("__GradTurn{}", input.k), s))
            .collect();
        let krate = self.krate();
        let mut generics: Vec<Tokens> = self.generic_params(true);
        generics.extend(turns.iter().map(|turn| quote_spanned!(s=> #turn: #krate::__private::Activity)));
        let lanes = &self.lanes;
        if width == Width::Lanes {
            generics.push(quote_spanned!(s=> const #lanes: ::core::primitive::usize));
        }
        let mut params = Vec::new();
        for input in &names.inputs {
            let (name, ty) = (&input.name, input.ty());
            params.push(quote_spanned!(s=> #name: #ty));
        }
        for input in &names.inputs {
            let (dot, ty) = (&input.dot, self.optional_ty(input.param, width));
            params.push(if input.is_differentiable() {
                quote_spanned!(s=> #dot: #ty)
            } else {
                quote_spanned!(s=> _: #ty)
            });
        }
        let markers: Vec<&Ident> = self.markers.iter().chain(&turns).collect();
        params.extend(markers.iter().map(|marker| quote_spanned!(s=> _: #marker)));

        let tys = self.nested_second_inputs(&names, &value_ty, &dot_ty, width);
        let [bars, bar_dots] = [Width::One, width].map(|width| {
            let returned = names.inputs.iter().map(|input| {
                if input.param.kind.is_returned() {
                    self.owned_tangent(input.param.ty, width)
                } else {
                    quote_spanned!(s=> ())
                }
            });
            quote_spanned!(s=> (#(#returned,)*))
        });
        let captured = self.generic_names().into_iter().chain(markers);
        let captured = captured.chain((width == Width::Lanes).then_some(lanes));
        let bound = quote_spanned!(s=> ::core::ops::FnOnce(#(#tys),*) -> (#bars, #bar_dots));
        let pullback = quote_spanned!(s=> impl #bound + ::core::clone::Clone + use<#(#captured),*>);
        let (body, where_clause) =
            (self.nested_second_body(of, width, &names, &tys), self.where_copy_of(width));
        let vis = self.vis();
        let name = Form::Second(width).method_of(of.name());
        quote_spanned! {s=>
            #[inline]
            #vis fn #name <#(#generics),*> (self, #(#params),*) -> (#value_ty, #dot_ty, #pullback) #where_clause {
                #body
            }
        }
    }

    /// The result of the derivative, or its tangents.
    fn nested_result_of(&self, of: Of, width: Width) -> Tokens {
        let result = self.sig.result.map_or_else(Tokens::new, |ty| self.owned_tangent(ty, width));
        let gradient: Vec<Tokens> =
            self.sig.wrt().iter().map(|param| self.owned_tangent(param.ty, width)).collect();
        let gradient = Self::tuple(&gradient);
        match of {
            Of::Grad => gradient,
            Of::ValueAndGrad => quote_spanned!(site()=> (#result, #gradient)),
            Of::Jvp => quote_spanned!(site()=> (#result, #result)),
        }
    }

    /// What the pullback takes.
    fn nested_second_inputs(
        &self,
        names: &SecondNames<'_, '_>,
        seed: &Tokens,
        seed_dot: &Tokens,
        width: Width,
    ) -> Vec<Tokens> {
        let s = site();
        let krate = self.krate();
        let gone = quote_spanned!(s=> #krate::__private::Gone);
        let mut tys = Vec::new();
        for input in &names.inputs {
            tys.push(match (input.param.kind.is_gone(), input.is_direction) {
                (true, _) => gone.clone(),
                (false, true) => without_lifetimes(tangent_ty(input.param.ty)),
                (false, false) => without_lifetimes(input.param.ty),
            });
        }
        for input in &names.inputs {
            let ty = match (input.is_differentiable(), input.param.kind.is_gone()) {
                (false, _) => quote_spanned!(s=> #krate::__private::Constant),
                (true, true) => gone.clone(),
                (true, false) => without_lifetimes(self.tangent_of(input.param.ty, width)),
            };
            tys.push(quote_spanned!(s=> ::core::option::Option<#ty>));
        }
        tys.extend([seed.clone(), seed_dot.clone()]);
        for width in [Width::One, width] {
            let slots = self.pullback_slots(width);
            tys.extend(names.inputs.iter().map(|input| slots[input.k].clone()));
        }
        tys
    }

    /// Both sweeps.
    fn nested_second_body(
        &self,
        of: Of,
        width: Width,
        names: &SecondNames<'_, '_>,
        tys: &[Tokens],
    ) -> Tokens {
        let s = site();
        let krate = self.krate();
        let SecondNames { inputs, lane, value, value_dot, .. } = names;
        let (mut prelude, mut opening, mut patterns) = (Tokens::new(), Tokens::new(), Vec::new());
        for input in inputs {
            let gone = input.param.kind.is_gone();
            patterns.push(if gone { quote_spanned!(s=> _) } else { input.name.to_token_stream() });
        }
        for input in inputs {
            let gone = input.param.kind.is_gone() || !input.is_differentiable();
            patterns.push(if gone { quote_spanned!(s=> _) } else { input.dot.to_token_stream() });
            if !input.is_differentiable() {
                continue;
            }
            let present = self.present_in(input.param, &input.name, &input.dot, width);
            if !gone {
                opening.extend(present.clone());
            }
            prelude.extend(present);
        }
        // The forward sweep is forward mode of the derivative, which there is.
        let tangent = self.own_of(Form::Tangent(Width::One), of.name());
        let turbofish = self.turbofish(false);
        let args = inputs.iter().map(Input::used_again);
        let dots = inputs.iter().map(|input| match (input.is_differentiable(), width) {
            (false, _) => quote_spanned!(s=> ::core::option::Option::None),
            (true, _) => {
                let dot = self.one_of(input, width, lane);
                quote_spanned!(s=> ::core::option::Option::Some(#dot))
            }
        });
        let call = quote_spanned!(s=> #tangent #turbofish (#(#args,)* #(#dots),*));
        let lanes = &self.lanes;
        let forward = match width {
            Width::One => call,
            Width::Lanes => {
                quote_spanned!(s=> #krate::__private::lane_by_lane::<_, _, #lanes>(|#lane| #call))
            }
        };

        let tuple = |names: &[Ident]| Self::tuple_of(&self.in_order(names));
        let (seed, seed_dot) = match of {
            Of::Grad => (tuple(&names.seeds), tuple(&names.seed_dots)),
            Of::ValueAndGrad => {
                let (seeds, seed_dots) = (tuple(&names.seeds), tuple(&names.seed_dots));
                let (value_bar, value_bar_dot) = (&names.value_bar, &names.value_bar_dot);
                (quote_spanned!(s=> (#value_bar, #seeds)), quote_spanned!(s=> (#value_bar_dot, #seed_dots)))
            }
            Of::Jvp => {
                let SecondNames { value_bar, tangent_bar, value_bar_dot, tangent_bar_dot, .. } = names;
                (
                    quote_spanned!(s=> (#value_bar, #tangent_bar)),
                    quote_spanned!(s=> (#value_bar_dot, #tangent_bar_dot)),
                )
            }
        };
        patterns.extend([seed, seed_dot]);
        for dots in [false, true] {
            patterns.extend(inputs.iter().map(|input| {
                let slot = if dots { &input.dot_slot } else { &input.slot };
                if input.is_slot() { quote_spanned!(s=> mut #slot) } else { quote_spanned!(s=> _) }
            }));
        }
        let reverse = self.nested_second_reverse(of, width, names);
        let returned = |dots: bool| {
            let returned = inputs.iter().map(|input| {
                match (
                    input.param.kind.is_returned(),
                    input.is_differentiable(),
                    dots && width == Width::Lanes,
                ) {
                    (false, ..) => quote_spanned!(s=> ()),
                    (true, true, _) => (if dots { &input.bar_dot } else { &input.bar }).to_token_stream(),
                    (true, false, false) => zero(input.param.ty),
                    (true, false, true) => quote_spanned!(s=> ::core::default::Default::default()),
                }
            });
            quote_spanned!(s=> (#(#returned,)*))
        };
        let (bars, bar_dots) = (returned(false), returned(true));
        quote_spanned! {s=>
            #prelude
            let (#value, #value_dot) = #forward;
            (#value, #value_dot, move |#(#patterns: #tys),*| {
                #opening
                #reverse
                (#bars, #bar_dots)
            })
        }
    }

    /// The tangent of an input, in the form of its parameter: that in a lane, if there are lanes.
    fn one_of(&self, input: &Input<'_, '_>, width: Width, lane: &Ident) -> Tokens {
        let s = site();
        let krate = self.krate();
        let dot = &input.dot;
        let is_reference = matches!(ungrouped(input.param.ty.ty), Type::Reference(_));
        match (width, is_reference, input.param.kind) {
            (Width::One, _, Kind::Aggregate(Passing::Moved)) => {
                quote_spanned!(s=> ::core::clone::Clone::clone(&#dot))
            }
            (Width::One, ..) => dot.to_token_stream(),
            (Width::Lanes, true, _) => quote_spanned!(s=> &#krate::__private::EachLane::lane(#dot, #lane)),
            (Width::Lanes, false, _) => quote_spanned!(s=> #krate::__private::EachLane::lane(&#dot, #lane)),
        }
    }

    /// The reverse sweep: once for each lane.
    fn nested_second_reverse(&self, of: Of, width: Width, names: &SecondNames<'_, '_>) -> Tokens {
        let s = site();
        let krate = self.krate();
        let SecondNames { inputs, lane, third, .. } = names;
        let turbofish = self.turbofish(false);
        let args = inputs.iter().filter(|input| !input.is_direction).map(Input::used_again);
        let moves = inputs.iter().filter(|input| !input.is_direction && input.is_differentiable());
        let moves: Vec<Tokens> = moves.map(|input| self.one_of(input, width, lane)).collect();
        let active: Vec<&Input<'_, '_>> =
            inputs.iter().filter(|input| !input.is_direction && input.is_differentiable()).collect();
        let by_reference = |param: &Param<'_>, value: Tokens| match ungrouped(param.ty.ty) {
            Type::Reference(_) => quote_spanned!(s=> &#value),
            _ => value,
        };
        let (directions, turns): (Vec<Tokens>, Vec<Tokens>) = if of == Of::Jvp {
            inputs
                .iter()
                .filter(|input| input.is_direction)
                .map(|input| (input.used_again(), self.one_of(input, width, lane)))
                .unzip()
        } else {
            let both = active.iter().map(|input| {
                let (seed, seed_dot) = (&names.seeds[input.k], &names.seed_dots[input.k]);
                let seed_dot = match width {
                    Width::One => quote_spanned!(s=> ::core::clone::Clone::clone(&#seed_dot)),
                    Width::Lanes => quote_spanned!(s=> #krate::__private::EachLane::lane(&#seed_dot, #lane)),
                };
                let seed = quote_spanned!(s=> ::core::clone::Clone::clone(&#seed));
                (by_reference(input.param, seed), by_reference(input.param, seed_dot))
            });
            both.unzip()
        };
        let pattern = match of {
            Of::Grad => {
                let (products, product_dots) = (
                    Self::tuple_of(&self.in_order(&third.products)),
                    Self::tuple_of(&self.in_order(&third.product_dots)),
                );
                quote_spanned!(s=> ((_, #products), (_, #product_dots)))
            }
            Of::ValueAndGrad | Of::Jvp => self.third_pattern(third),
        };
        let products = self.own(Form::Third);
        let call = quote_spanned! {s=>
            let #pattern = #products #turbofish (#(#args,)* #(#directions,)* #(#moves,)* #(#turns),*);
        };
        // The tangents of the seeds in this lane.
        let mut lane_seeds = Tokens::new();
        if width == Width::Lanes {
            let scalars: &[&Ident] = match of {
                Of::Grad => &[],
                Of::ValueAndGrad => &[&names.value_bar_dot],
                Of::Jvp => &[&names.value_bar_dot, &names.tangent_bar_dot],
            };
            for seed in scalars {
                lane_seeds.extend(
                    quote_spanned!(s=> let #seed = #krate::__private::EachLane::lane(&#seed, #lane);),
                );
            }
        }
        let added: Tokens = inputs
            .iter()
            .filter(|input| input.is_differentiable())
            .map(|input| {
                let (bar, bar_dot) = names.terms(of, input);
                self.add(input, &bar, &bar_dot, width, lane)
            })
            .collect();
        if width == Width::One {
            return quote_spanned!(s=> #call #added);
        }
        let lanes = &self.lanes;
        let zeros: Tokens = inputs
            .iter()
            .filter(|input| input.is_differentiable() && input.param.kind.is_returned())
            .map(|input| {
                let (bar, bar_dot, ty) = (&input.bar, &input.bar_dot, owned(input.param.ty));
                let zero = zero(input.param.ty);
                quote_spanned! {s=>
                    let mut #bar = #zero;
                    let mut #bar_dot = #krate::__private::Lanes::<#ty, #lanes>::none();
                }
            })
            .collect();
        quote_spanned! {s=>
            #zeros
            for #lane in 0..#lanes {
                #lane_seeds
                #call
                #added
            }
        }
    }

    /// Puts the cotangent of an input and its tangent where they belong.
    fn add(
        &self,
        input: &Input<'_, '_>,
        bar: &[Term<'_>],
        bar_dot: &[Term<'_>],
        width: Width,
        lane: &Ident,
    ) -> Tokens {
        let s = site();
        let krate = self.krate();
        let sum = |terms: &[Term<'_>]| {
            if let [(None, name)] = terms {
                return name.to_token_stream();
            }
            let terms = terms.iter().map(|(by, name)| {
                let by = by.map_or_else(|| quote_spanned!(s=> 1.0), ToTokens::to_token_stream);
                quote_spanned!(s=> (#by, &#name))
            });
            quote_spanned!(s=> #krate::__private::combination([#(#terms),*]))
        };
        let (bar_sum, dot_sum) = (sum(bar), sum(bar_dot));
        let Input { slot, dot_slot, bar, bar_dot, .. } = input;
        match (width, input.param.kind.is_returned()) {
            (Width::One, true) => quote_spanned!(s=> let (#bar, #bar_dot) = (#bar_sum, #dot_sum);),
            (Width::One, false) => quote_spanned! {s=>
                if let ::core::option::Option::Some(#slot) = &mut #slot {
                    #krate::__private::accumulate(&mut **#slot, &#bar_sum);
                }
                if let ::core::option::Option::Some(#dot_slot) = &mut #dot_slot {
                    #krate::__private::accumulate(&mut **#dot_slot, &#dot_sum);
                }
            },
            (Width::Lanes, true) => quote_spanned! {s=>
                #bar = #bar_sum;
                #krate::__private::EachLane::set_lane(&mut #bar_dot, #lane, &#dot_sum);
            },
            (Width::Lanes, false) => quote_spanned! {s=>
                if let (::core::option::Option::Some(#slot), 0) = (&mut #slot, #lane) {
                    #krate::__private::accumulate(&mut **#slot, &#bar_sum);
                }
                if let ::core::option::Option::Some(#dot_slot) = &mut #dot_slot {
                    let mut #bar_dot = #krate::__private::EachLane::lane(&**#dot_slot, #lane);
                    #krate::__private::accumulate(&mut #bar_dot, &#dot_sum);
                    #krate::__private::EachLane::set_lane(&mut **#dot_slot, #lane, &#bar_dot);
                }
            },
        }
    }
}
