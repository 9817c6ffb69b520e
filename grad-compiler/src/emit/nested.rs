//! Derivatives of derivatives: what a call of `f::grad` and its kin in an annotated function needs.
//!
//! A pullback of a derivative is the derivative of the next order. With f(x) = y, let `s` be a seed of y that moves by `s'`
//! while x moves along u. Then the cotangent of x is s ∇f(x), and its tangent along u is s' ∇f(x) + s H u. So the reverse
//! sweep of the next order, given the right direction and seeds, gives all of it at once:
//!
//! | of | seeds of its result | u | s, s' | x̄ | v̄ |
//! | --- | --- | --- | --- | --- | --- |
//! | `grad` | w of ∇f | w | 1, 0 | H w | |
//! | `value_and_grad` | ȳ of y, w of ∇f | w | 1, ȳ | ȳ ∇f + H w | |
//! | `jvp` along v | ȳ of y, ẏ̄ of ∇f·v | v | ẏ̄, ȳ | ȳ ∇f + ẏ̄ H v | ẏ̄ ∇f |
//!
//! where x̄ is the tangent, and v̄ the cotangent itself. For `hvp` along v, with seeds w of ∇f and z of H v, there is one
//! direction more: v, then z, and w where these meet, which give T[v] z + H w for x and H z for v. Tangents of all of it,
//! of whatever order, are further directions: list j of a derivative is list `j << 1` (or `j << 2`) of the function.

use super::cotangent_types::{is_slice, owned, ungrouped, without_lifetimes, zero};
use super::forms::Form;
use super::items::{Cx, Names};
use super::protocol::{Input, Protocol};
use super::signature::{Kind, Param, Passing};
use super::workers::has_slot;
use super::{Tokens, site};
use crate::transform::Width;
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// Which of the derivatives is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nested {
    Grad,
    ValueAndGrad,
    Jvp,
    Hvp,
}

impl Nested {
    const ALL: [Nested; 4] = [Nested::Grad, Nested::ValueAndGrad, Nested::Jvp, Nested::Hvp];

    pub(super) fn name(self) -> &'static str {
        match self {
            Nested::Grad => "grad",
            Nested::ValueAndGrad => "value_and_grad",
            Nested::Jvp => "jvp",
            Nested::Hvp => "hvp",
        }
    }

    /// The one that a call names.
    pub(super) fn named(name: &Ident) -> Option<Nested> {
        Nested::ALL.into_iter().find(|nested| name == nested.name())
    }

    /// It takes a direction behind the arguments.
    pub(super) fn has_direction(self) -> bool {
        match self {
            Nested::Grad | Nested::ValueAndGrad => false,
            Nested::Jvp | Nested::Hvp => true,
        }
    }

    /// How many directions of the function its pullback needs.
    pub(super) fn directions(self) -> usize {
        match self {
            Nested::Grad | Nested::ValueAndGrad | Nested::Jvp => 1,
            Nested::Hvp => 2,
        }
    }

    /// Among the lists that the function's directions give, that of the cotangent of its arguments, and of the direction.
    fn list_of(self, direction: bool) -> usize {
        match (self, direction) {
            (_, false) => (1 << self.directions()) - 1,
            (Nested::Hvp, true) => 2,
            (Nested::Grad | Nested::ValueAndGrad | Nested::Jvp, true) => 0,
        }
    }

    /// Those that a function has whose derivatives end with this order, with the order of theirs.
    fn within(order: usize) -> Vec<(Nested, usize)> {
        Nested::ALL
            .into_iter()
            .filter(|of| order > of.directions())
            .map(|of| (of, order - of.directions()))
            .collect()
    }
}

/// The names in the forward sweep of a derivative and in its pullback.
struct NestedNames {
    /// Of each input, and of its tangents and slots list by list.
    inputs: Vec<Ident>,
    tangents: Vec<Vec<Ident>>,
    slots: Vec<Vec<Ident>>,
    /// What a pullback is not passed again.
    kept: Vec<Ident>,
    kept_tangents: Vec<Vec<Ident>>,
    /// The seeds list by list: of the value, of the tangent of the value, and by parameter those of gradient and product.
    value_bars: Vec<Ident>,
    dot_bars: Vec<Ident>,
    seeds: Vec<Vec<Ident>>,
    product_seeds: Vec<Vec<Ident>>,
    values: Vec<Ident>,
    pullback: Ident,
}

impl<'a> Cx<'a> {
    /// Whether there are derivatives of `f::grad` and its kin.
    pub(super) fn has_nested(&self) -> bool {
        self.sig.has_gradient() && !self.sig.has_outputs() && self.args.functions.is_empty()
    }

    /// What the derivatives of `f::grad` and its kin gain by an order of the function.
    pub(super) fn nested(&self, order: usize) -> Tokens {
        if !self.has_nested() {
            return Tokens::new();
        }
        let mut out = Tokens::new();
        for (of, order) in Nested::within(order) {
            if order == 1 {
                // That of the gradient is that of the value and the gradient.
                if of != Nested::Grad {
                    out.extend(self.nested_tangent(of));
                    out.extend(self.nested_forward(of, 1, Width::One));
                }
            } else {
                out.extend([Width::One, Width::Lanes].map(|width| self.nested_forward(of, order, width)));
            }
        }
        out
    }

    /// The same of a function that has errors.
    pub(super) fn nested_stubs(&self, order: usize) -> Tokens {
        let stubs = Nested::within(order).into_iter().flat_map(|(of, order)| {
            let forward = |width| self.protocol_of(Some(of), order, width).stub();
            match (of, order) {
                (Nested::Grad, 1) => [Tokens::new(), Tokens::new()],
                (_, 1) => [self.nested_tangent_stub(of), forward(Width::One)],
                _ => [forward(Width::One), forward(Width::Lanes)],
            }
        });
        stubs.collect()
    }

    /// The names of the wrt parameters' tangents and gradients, in the order of the gradient.
    pub(super) fn in_order(&self, names: &[Ident]) -> Vec<Ident> {
        let mut wrt: Vec<_> =
            self.sig.params.iter().zip(names).filter(|(param, _)| param.wrt.is_some()).collect();
        wrt.sort_by_key(|(param, _)| param.wrt);
        wrt.into_iter().map(|(_, name)| name.clone()).collect()
    }

    pub(super) fn tuple_of(names: &[Ident]) -> Tokens {
        Self::tuple(&names.iter().map(ToTokens::to_token_stream).collect::<Vec<_>>())
    }

    /// A cotangent of the result, as a factor of the derivative with respect to a number.
    pub(super) fn by_seed(&self, seed: &Ident, param: &Param<'_>) -> Tokens {
        let (ty, result) = (owned(param.ty), self.sig.result_ty());
        if ty.to_string() == result.to_string() {
            seed.to_token_stream()
        } else {
            self.cast(&seed.to_token_stream(), &ty)
        }
    }

    /// The arguments, to be used once more afterwards.
    pub(super) fn args_twice(&self, names: &Names) -> Vec<Tokens> {
        let s = site();
        let args = self.sig.params.iter().zip(&names.params).map(|(param, name)| match param.kind {
            Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) => {
                quote_spanned!(s=> ::core::clone::Clone::clone(&#name))
            }
            Kind::Constant(Passing::Exclusive) => quote_spanned!(s=> &mut *#name),
            _ => name.to_token_stream(),
        });
        args.collect()
    }

    /// Tangents or directions, to be used once more afterwards.
    pub(super) fn wrt_twice(&self, names: &[Ident]) -> Vec<Tokens> {
        let wrt = self.sig.params.iter().zip(names).filter(|(param, _)| param.wrt.is_some());
        wrt.map(|(param, name)| match param.kind {
            Kind::Aggregate(Passing::Moved) => quote_spanned!(site()=> ::core::clone::Clone::clone(&#name)),
            _ => name.to_token_stream(),
        })
        .collect()
    }

    fn nested_names(&self, protocol: &Protocol<'_, 'a>) -> NestedNames {
        let s = site();
        let names = self.names();
        let mut namer = names.namer(&[]);
        let count = protocol.widths().len();
        let inputs: Vec<Ident> = protocol
            .inputs
            .iter()
            .map(|input| if input.is_direction { &names.dots[input.k] } else { &names.params[input.k] })
            .cloned()
            .collect();
        let mut fresh = |name: &str| namer.fresh(name, s);
        let mut by_input = |what: &str, from: usize| -> Vec<Vec<Ident>> {
            (from..count)
                .map(|list| (0..inputs.len()).map(|i| fresh(&format!("{what}_{list}_{i}"))).collect())
                .collect()
        };
        let (tangents, slots) = (by_input("tangent", 1), by_input("slot", 0));
        let (kept, kept_tangents) = (by_input("kept", 0).swap_remove(0), by_input("kept", 1));
        let (seeds, product_seeds) = (by_input("seed", 0), by_input("product_seed", 0));
        let mut by_list =
            |what: &str| -> Vec<Ident> { (0..count).map(|list| fresh(&format!("{what}_{list}"))).collect() };
        let (value_bars, dot_bars, values) = (by_list("value_bar"), by_list("dot_bar"), by_list("value"));
        let pullback = names.pullback.clone();
        NestedNames {
            inputs,
            tangents,
            slots,
            kept,
            kept_tangents,
            value_bars,
            dot_bars,
            seeds,
            product_seeds,
            values,
            pullback,
        }
    }

    /// A derivative, its tangents, and the pullback of all of them.
    fn nested_forward(&self, of: Nested, order: usize, last: Width) -> Tokens {
        let s = site();
        let protocol = self.protocol_of(Some(of), order, last);
        let names = self.nested_names(&protocol);
        let mut patterns: Vec<Tokens> = names.inputs.iter().map(ToTokens::to_token_stream).collect();
        let mut kept = Tokens::new();
        let keep = |kept: &mut Tokens, copy: &Ident, name: &Ident| {
            kept.extend(quote_spanned!(s=> let #copy = ::core::clone::Clone::clone(&#name);));
        };
        for (input, (copy, name)) in protocol.inputs.iter().zip(names.kept.iter().zip(&names.inputs)) {
            if input.param.kind.is_gone() {
                keep(&mut kept, copy, name);
            }
        }
        for (tangents, copies) in names.tangents.iter().zip(&names.kept_tangents) {
            for (input, (name, copy)) in protocol.inputs.iter().zip(tangents.iter().zip(copies)) {
                if !input.param.is_differentiable() {
                    patterns.push(quote_spanned!(s=> _));
                    continue;
                }
                patterns.push(name.to_token_stream());
                if input.param.kind.is_gone() {
                    keep(&mut kept, copy, name);
                }
            }
        }
        patterns.extend(protocol.markers.iter().map(|_| quote_spanned!(s=> _)));
        let values = self.nested_values(of, &protocol, &names);
        let results = &names.values;
        let pullback = self.nested_pullback(of, &protocol, &names);
        let body = quote_spanned! {s=>
            #kept
            let (#(#results,)*) = { #values };
            (#(#results,)* #pullback)
        };
        protocol.function(&patterns, &body, &self.where_repeated_of(protocol.last))
    }

    /// The lists of the results of a derivative, as a tuple.
    fn nested_values(&self, of: Nested, protocol: &Protocol<'_, 'a>, names: &NestedNames) -> Tokens {
        let s = site();
        let inputs = &names.inputs;
        if protocol.order == 1 {
            let (derivative, turbofish) = (self.public(of.name()), self.turbofish(false));
            return quote_spanned!(s=> (#derivative #turbofish (#(#inputs),*),));
        }
        if of == Nested::Jvp {
            // The lists of the next order, of which every other one is that of the tangent.
            let results = names.values.iter().zip(&names.dot_bars);
            let pairs = results.clone().map(|(value, dot)| quote_spanned!(s=> (#value, #dot)));
            let patterns = results.flat_map(|(value, dot)| [value, dot]);
            let (forward, args) = self.swept(of, protocol, names, true);
            return quote_spanned! {s=>
                let (#(#patterns,)* _) = #forward(#(#args),*);
                (#(#pairs,)*)
            };
        }
        let own = self.names();
        // What the pullback needs begins with its directions; of them, the value needs one less.
        let order = protocol.order + of.directions() - 1;
        let lists = self.list_names(order, &own);
        let mut prelude = Tokens::new();
        let widths = protocol.widths();
        let mut args = self.args_twice(&own);
        for (tangents, width) in names.tangents.iter().zip(&widths[1..]) {
            for (input, dot) in protocol.inputs.iter().zip(tangents) {
                if input.param.is_differentiable() {
                    prelude.extend(self.present_in(input.param, &inputs[input.k], dot, *width));
                }
            }
        }
        if of == Nested::Hvp {
            args.extend(self.wrt_twice(&own.dots));
        }
        for tangents in &names.tangents {
            let wrt = protocol.inputs.iter().zip(tangents).filter(|(input, _)| input.param.wrt.is_some());
            args.extend(wrt.map(|(input, dot)| match input.param.kind {
                Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#dot)),
                _ => dot.to_token_stream(),
            }));
        }
        let gradients: Vec<Tokens> =
            lists.bars.iter().map(|bars| Self::tuple_of(&self.in_order(bars))).collect();
        let values = &names.values;
        let turbofish = self.turbofish_of(protocol.last);
        let all = if order > 2 {
            let form = self.own(Form::Gradients(order, protocol.last));
            let results = match of {
                Nested::ValueAndGrad => quote_spanned!(s=> (#(#values),*)),
                Nested::Grad | Nested::Jvp | Nested::Hvp => quote_spanned!(s=> _),
            };
            quote_spanned!(s=> let (#results, (#(#gradients),*)) = #form #turbofish (#(#args),*);)
        } else {
            // Of the second order there is what users call.
            let [jvp, hvp] = match protocol.last {
                Width::One => ["jvp", "hvp"],
                Width::Lanes => ["jvp_n", "hvp_n"],
            }
            .map(|name| self.public(name));
            let beside = (of == Nested::ValueAndGrad)
                .then(|| quote_spanned!(s=> let (#(#values),*) = #jvp #turbofish (#(#args),*);));
            quote_spanned!(s=> #beside let (#(#gradients),*) = #hvp #turbofish (#(#args),*);)
        };
        let results = match of {
            Nested::Grad | Nested::Jvp => quote_spanned!(s=> (#(#gradients,)*)),
            Nested::ValueAndGrad => quote_spanned!(s=> (#((#values, #gradients),)*)),
            Nested::Hvp => {
                let pairs = gradients.chunks(2).map(|pair| quote_spanned!(s=> (#(#pair),*)));
                quote_spanned!(s=> (#(#pairs,)*))
            }
        };
        quote_spanned!(s=> #prelude #all #results)
    }

    /// The pullback of a derivative: the forward sweep of the function's next order, and its reverse sweep.
    fn nested_pullback(&self, of: Nested, protocol: &Protocol<'_, 'a>, names: &NestedNames) -> Tokens {
        let s = site();
        let krate = self.krate();
        let none = || quote_spanned!(s=> ::core::option::Option::None);
        let (tys, widths) = (protocol.pullback_inputs(), protocol.widths());
        // What it takes.
        let again = |input: &Input<'_, '_>, name: &Ident| {
            if input.param.kind.is_gone() { quote_spanned!(s=> _) } else { name.to_token_stream() }
        };
        let mut patterns: Vec<Tokens> =
            protocol.inputs.iter().zip(&names.inputs).map(|(input, name)| again(input, name)).collect();
        for tangents in &names.tangents {
            patterns.extend(protocol.inputs.iter().zip(tangents).map(|(input, name)| {
                if input.param.is_differentiable() { again(input, name) } else { quote_spanned!(s=> _) }
            }));
        }
        for list in 0..widths.len() {
            let seeds = || Self::tuple_of(&self.in_order(&names.seeds[list]));
            let (value, dot) = (&names.value_bars[list], &names.dot_bars[list]);
            patterns.push(match of {
                Nested::Grad => seeds(),
                Nested::ValueAndGrad => {
                    let seeds = seeds();
                    quote_spanned!(s=> (#value, #seeds))
                }
                Nested::Jvp => quote_spanned!(s=> (#value, #dot)),
                Nested::Hvp => {
                    let (seeds, products) =
                        (seeds(), Self::tuple_of(&self.in_order(&names.product_seeds[list])));
                    quote_spanned!(s=> (#seeds, #products))
                }
            });
        }
        for slots in &names.slots {
            patterns.extend(protocol.inputs.iter().zip(slots).map(|(input, slot)| {
                if input.has_slot() { slot.to_token_stream() } else { quote_spanned!(s=> _) }
            }));
        }
        // The lists of the function: for each of those here as many as its directions give.
        let each = 1 << of.directions();
        let (forward, args) = self.swept(of, protocol, names, false);
        let inner = self.protocol(protocol.order + of.directions(), protocol.last);
        let inner_widths = inner.widths();
        let mut opening = Tokens::new();
        let mut back: Vec<Tokens> = Vec::new();
        for (param, name) in self.sig.params.iter().zip(&names.inputs) {
            back.push(if param.kind.is_gone() {
                quote_spanned!(s=> #krate::__private::Gone)
            } else {
                name.to_token_stream()
            });
        }
        for list in 1..inner_widths.len() {
            for k in 0..self.sig.params.len() {
                back.push(if self.sig.params[k].kind.is_gone() {
                    none()
                } else {
                    self.direction(of, protocol, names, (list / each, list % each), k, false)
                });
            }
        }
        for (list, width) in inner_widths.iter().enumerate() {
            let (list, low) = (list / each, list % each);
            let number = |number: Tokens| match width {
                Width::One => number,
                Width::Lanes => quote_spanned!(s=> ::core::default::Default::default()),
            };
            back.push(match (of, list, low) {
                (Nested::ValueAndGrad | Nested::Jvp, _, 1) => names.value_bars[list].to_token_stream(),
                (Nested::Jvp, _, _) => names.dot_bars[list].to_token_stream(),
                (Nested::Grad | Nested::ValueAndGrad | Nested::Hvp, 0, 0) => self.one(),
                (Nested::Grad | Nested::ValueAndGrad | Nested::Hvp, _, _) => {
                    number(self.sig.result.map(zero).unwrap_or_default())
                }
            });
        }
        let mut returned = Vec::new();
        let mut numbers: Vec<Vec<Tokens>> = widths.iter().map(|_| Vec::new()).collect();
        for (i, input) in protocol.inputs.iter().enumerate() {
            for (list, slots) in names.slots.iter().enumerate() {
                numbers[list].push(if input.param.kind.is_returned() {
                    slots[i].to_token_stream()
                } else {
                    quote_spanned!(s=> ())
                });
            }
        }
        for (list, width) in inner_widths.iter().enumerate() {
            let mut bars = Vec::new();
            for (k, param) in self.sig.params.iter().enumerate() {
                // Whose cotangent it is.
                let input = protocol
                    .inputs
                    .iter()
                    .position(|input| input.k == k && list % each == of.list_of(input.is_direction));
                let slot = input.map(|input| &names.slots[list / each][input]);
                bars.push(match slot.filter(|_| param.kind.is_returned()) {
                    Some(slot) => slot.to_token_stream(),
                    None => quote_spanned!(s=> _),
                });
                if !has_slot(param) {
                    back.push(none());
                    continue;
                }
                let x = if param.kind.is_gone() { &names.kept[k] } else { &names.inputs[k] };
                let zeros = Self::zeros_like_of(krate, param, x, *width);
                let scratch = Ident::new(&format!("__grad_scratch_{list}_{k}"), s);
                let whole = if is_slice(param.ty) { quote_spanned!(s=> [..]) } else { Tokens::new() };
                match slot {
                    None => {
                        opening.extend(quote_spanned!(s=> let mut #scratch = #zeros;));
                        back.push(quote_spanned!(s=> ::core::option::Option::Some(&mut #scratch #whole)));
                    }
                    Some(slot) => {
                        opening.extend(quote_spanned! {s=>
                            let mut #scratch;
                            let #slot = match #slot {
                                ::core::option::Option::Some(#slot) => #slot,
                                ::core::option::Option::None => {
                                    #scratch = #zeros;
                                    &mut #scratch #whole
                                }
                            };
                        });
                        back.push(quote_spanned!(s=> ::core::option::Option::Some(#slot)));
                    }
                }
            }
            returned.push(quote_spanned!(s=> (#(#bars,)*)));
        }
        let lists = protocol.listed(numbers.iter().map(|list| quote_spanned!(s=> (#(#list,)*))).collect());
        let (pullback, ignored) = (&names.pullback, vec![quote_spanned!(s=> _); inner_widths.len()]);
        quote_spanned! {s=>
            move |#(#patterns: #tys),*| {
                #opening
                let (#(#ignored,)* #pullback) = #forward(#(#args),*);
                let (#(#returned),*) = #pullback(#(#back),*);
                #lists
            }
        }
    }

    /// The forward sweep of the function that has all directions, and its arguments.
    fn swept(
        &self,
        of: Nested,
        protocol: &Protocol<'_, 'a>,
        names: &NestedNames,
        is_first: bool,
    ) -> (Tokens, Vec<Tokens>) {
        let s = site();
        let krate = self.krate();
        let inner = self.protocol(protocol.order + of.directions(), protocol.last);
        let each = 1 << of.directions();
        let params = || self.sig.params.iter().enumerate();
        let mut args: Vec<Tokens> = params()
            .map(|(k, param)| match (param.kind.is_gone(), is_first) {
                (true, true) => {
                    let name = &names.inputs[k];
                    quote_spanned!(s=> ::core::clone::Clone::clone(&#name))
                }
                (true, false) => names.kept[k].to_token_stream(),
                (false, _) => names.inputs[k].to_token_stream(),
            })
            .collect();
        for list in 1..inner.widths().len() {
            args.extend(
                params().map(|(k, _)| {
                    self.direction(of, protocol, names, (list / each, list % each), k, is_first)
                }),
            );
        }
        args.extend(params().map(|(_, param)| {
            if param.is_differentiable() {
                quote_spanned!(s=> #krate::__private::Active)
            } else {
                quote_spanned!(s=> #krate::__private::Constant)
            }
        }));
        let own = self.generic_names();
        let lanes = (protocol.last == Width::Lanes).then_some(&self.lanes);
        let turbofish = if own.is_empty() && lanes.is_none() {
            Tokens::new()
        } else {
            let markers = params().map(|_| quote_spanned!(s=> _));
            quote_spanned!(s=> ::<#(#own,)* #(#markers,)* #lanes>)
        };
        let forward = self.own(inner.form());
        (quote_spanned!(s=> #forward #turbofish), args)
    }

    /// The tangent of parameter `k` in a list of the function: list `low` of those that belong to list `list` here.
    fn direction(
        &self,
        of: Nested,
        protocol: &Protocol<'_, 'a>,
        names: &NestedNames,
        (list, low): (usize, usize),
        k: usize,
        is_first: bool,
    ) -> Tokens {
        let s = site();
        let param = &self.sig.params[k];
        if param.wrt.is_none() {
            return quote_spanned!(s=> ::core::option::Option::None);
        }
        let is_moved = param.kind.is_gone();
        let width = protocol.widths()[list];
        // An argument's tangent, or the direction's, as it was given; what was moved has been kept.
        let given = |is_direction: bool| {
            let at = protocol
                .inputs
                .iter()
                .position(|input| input.k == k && input.is_direction == is_direction)
                .expect("it is an input");
            let (name, copy) = match list.checked_sub(1) {
                None => (&names.inputs[at], &names.kept[at]),
                Some(list) => (&names.tangents[list][at], &names.kept_tangents[list][at]),
            };
            let value = match (is_moved, is_first) {
                (true, true) => quote_spanned!(s=> ::core::clone::Clone::clone(&#name)),
                (true, false) => copy.to_token_stream(),
                (false, _) => name.to_token_stream(),
            };
            if list == 0 { quote_spanned!(s=> ::core::option::Option::Some(#value)) } else { value }
        };
        let seed = |seeds: &[Vec<Ident>]| {
            let seed = &seeds[list][k];
            let ty = without_lifetimes(self.tangent_of(param.ty, width));
            let value = match ungrouped(param.ty.ty) {
                Type::Reference(_) => quote_spanned!(s=> &#seed),
                _ if is_moved => quote_spanned!(s=> ::core::clone::Clone::clone(&#seed)),
                _ => seed.to_token_stream(),
            };
            quote_spanned!(s=> ::core::option::Option::<#ty>::Some(#value))
        };
        match (of, low) {
            (_, 0) => given(false),
            (Nested::Grad | Nested::ValueAndGrad, _) => seed(&names.seeds),
            (Nested::Jvp, _) | (Nested::Hvp, 1) => given(true),
            (Nested::Hvp, 2) => seed(&names.product_seeds),
            (Nested::Hvp, _) => seed(&names.seeds),
        }
    }
}
