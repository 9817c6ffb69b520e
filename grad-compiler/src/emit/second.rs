//! Second derivatives: `f::hvp`, `f::hessian`, and the two sweeps with tangents for callers.

use super::body::Emitter;
use super::cotangent_types::{is_float, is_slice, owned, ungrouped, vec_element, without_lifetimes, zero};
use super::facts::Facts;
use super::items::{Cx, Names};
use super::jacobian::lanes_for;
use super::signature::{Kind, Param, Passing};
use super::tangent::second_function_name;
use super::workers::{STUB, slot};
use super::{Tokens, site};
use crate::transform::{ParamCotangent, Reversed, Second, Width};
use proc_macro2::{Ident, Literal};
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// The rows of a Hessian that one parameter has.
enum Rows<'a> {
    /// A number: one row.
    One,
    /// `[f64; N]`: N rows.
    Array(&'a syn::Expr),
    /// A slice or a `Vec`: as many rows as it is long.
    Slice,
}

/// The parts of a forward sweep with tangents that differ.
struct SecondFunction<'a> {
    params: &'a [(Tokens, Tokens)],
    /// The type of the pullback.
    pullback: Tokens,
    body: Tokens,
    where_clause: Tokens,
}

impl<'a> Cx<'a> {
    fn cotangents_of(&self, cotangents: &'a [ParamCotangent], emitter: &Emitter<'_>, width: Width) -> Tokens {
        let returned: Vec<Tokens> = self
            .returned()
            .iter()
            .map(|(k, _)| emitter.returned_tangent(cotangents.get(*k), width))
            .collect();
        quote_spanned!(site()=> (#(#returned,)*))
    }

    /// All that `#[grad(second)]` adds.
    pub(super) fn second(&self, one: [&'a Second; 2], lanes: [&'a Second; 2]) -> Tokens {
        let is_scalar =
            self.sig.has_float_result() && self.sig.params.iter().any(|param| param.wrt.is_some());
        let mut out = Tokens::new();
        if is_scalar {
            out.extend(self.hvp(Width::One));
            out.extend(self.hvp(Width::Lanes));
            out.extend(self.hessian());
        }
        for ([joint, split], width) in [(one, Width::One), (lanes, Width::Lanes)] {
            if is_scalar {
                out.extend(self.second_joint(joint, width));
            }
            out.extend(self.second_forward(split, width));
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
            (self.generics_of(width), self.where_clause(), self.use_primal());
        let ty = self.sig.result_ty();
        let (tys, dot_tys) = (self.returned_tys(Width::One), self.returned_tys(width));
        let name = Ident::new(product_function(width), s);
        quote_spanned! {s=>
            #[inline]
            fn #name #generics (#(#params),*) -> (#ty, #tys, #dot_tys) #where_clause {
                #use_primal
                #body
                #reverse
                (#result, #bars, #dots)
            }
        }
    }

    fn returned_tys(&self, width: Width) -> Tokens {
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
        let (turbofish, sweeps) = (self.turbofish_of(width), Ident::new(product_function(width), s));
        let body = quote_spanned! {s=>
            #prelude
            let (_, #bars, #bar_dots) = Self::#sweeps #turbofish (#(#args),*);
            (#gradient, #product)
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
        let (gradient, name) = (self.gradient_ty(), self.sig.name());
        // A rule may run once for each lane.
        let where_clause = if self.args.has_rule() { self.where_copy() } else { self.where_clause() };
        let docs = [
            format!(
                " Gradient of [`{name}`](fn@{name}) with respect to {}, and the product of its",
                self.wrt_list()
            ),
            match width {
                Width::One => " Hessian with a direction, from one run of both sweeps.".to_owned(),
                Width::Lanes => {
                    " Hessian with several directions, lane by lane, from one run of both sweeps.".to_owned()
                }
            },
        ];
        self.function(
            &docs,
            if width == Width::One { "hvp" } else { "hvp_n" },
            &self.generics_of(width),
            &quote_spanned!(s=> (#primal, #(#directions),*) -> (#gradient, #product) #where_clause { #body }),
        )
    }

    /// `f::hessian`: one product for each coordinate, several of them at once.
    pub(super) fn hessian(&self) -> Option<Tokens> {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let mut wrt: Vec<(usize, &Param<'_>)> =
            self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some()).collect();
        wrt.sort_by_key(|(_, param)| param.wrt);
        let rows: Vec<Rows<'_>> = wrt.iter().map(|(_, param)| rows(param.ty)).collect::<Option<_>>()?;
        let dots = names.dots.clone();
        let mut namer = names.namer(&dots);
        let count = wrt.len();
        let [at, lane] = ["at", "lane"].map(|name| namer.fresh(name, s));
        let mut each = |name: &str| -> Vec<Ident> {
            (0..count).map(|i| namer.fresh(&format!("{name}_{i}"), s)).collect()
        };
        let (counts, row_names) = (each("count"), each("row"));
        let blocks: Vec<Vec<Ident>> = (0..count)
            .map(|i| (0..count).map(|j| namer.fresh(&format!("block_{i}_{j}"), s)).collect())
            .collect();
        let width = Literal::usize_unsuffixed(lanes_for(self.wrt_columns()));

        let mut before = Tokens::new();
        for (i, (k, of)) in wrt.iter().enumerate() {
            let (x, dot, count) = (&names.params[*k], &dots[*k], &counts[i]);
            let x_ref = match of.kind {
                Kind::Aggregate(Passing::Shared) | Kind::ScalarRef => x.to_token_stream(),
                _ => quote_spanned!(s=> &#x),
            };
            let rows_of_x = match rows[i] {
                Rows::One => quote_spanned!(s=> 1),
                Rows::Array(_) | Rows::Slice => quote_spanned!(s=> #x.len()),
            };
            before.extend(quote_spanned! {s=>
                let #count = #rows_of_x;
                let mut #dot = #krate::__private::lanes_like::<_, #width>(#x_ref);
            });
            for (j, (_, by)) in wrt.iter().enumerate() {
                let (block, zero) = (&blocks[i][j], zero(by.ty));
                let zeros = match rows[i] {
                    Rows::One => zero,
                    Rows::Array(len) => {
                        quote_spanned!(s=> ::core::array::from_fn::<_, { #len }, _>(|_| #zero))
                    }
                    Rows::Slice => quote_spanned!(s=> ::std::vec::Vec::with_capacity(#count)),
                };
                before.extend(quote_spanned!(s=> let mut #block = #zeros;));
            }
        }
        // Which coordinate of which parameter a row is.
        let set = |to: f64| -> Tokens {
            let to = Literal::f64_unsuffixed(to);
            let mut before = Tokens::new();
            let entry = |(i, (k, _)): (usize, &(usize, &Param<'_>))| {
                let (dot, count) = (&dots[*k], &counts[i]);
                let entry = quote_spanned!(s=> (#at + #lane)#before);
                before.extend(quote_spanned!(s=> .wrapping_sub(#count)));
                quote_spanned!(s=> #krate::__private::EachLane::set_entry(&mut #dot, #entry, #lane, #to);)
            };
            wrt.iter().enumerate().map(entry).collect()
        };
        let (set, clear) = (set(1.0), set(0.0));
        let store = (0..count).rev().fold(Tokens::new(), |otherwise, i| {
            let store: Tokens = (0..count)
                .map(|j| {
                    let (block, row) = (&blocks[i][j], &row_names[j]);
                    match rows[i] {
                        Rows::One => quote_spanned!(s=> #block = #row;),
                        Rows::Array(_) => quote_spanned!(s=> #block[#at] = #row;),
                        Rows::Slice => quote_spanned!(s=> #block.push(#row);),
                    }
                })
                .collect();
            if otherwise.is_empty() {
                return store;
            }
            let count = &counts[i];
            quote_spanned!(s=> if #at < #count { #store } else { let #at = #at - #count; #otherwise })
        });
        let products = Self::tuple_of(&row_names);
        let call = self.products_along(&names, &dots, &width);
        let all = quote_spanned!(s=> #(#counts)+*);
        let result = Self::tuple(&blocks.iter().map(|blocks| Self::tuple_of(blocks)).collect::<Vec<_>>());
        let row_ty = |i: usize| {
            let of = |(_, by): &(usize, &Param<'_>)| -> Tokens {
                let row = owned(by.ty);
                match rows[i] {
                    Rows::One => row,
                    Rows::Array(len) => quote_spanned!(s=> [#row; #len]),
                    Rows::Slice => quote_spanned!(s=> ::std::vec::Vec<#row>),
                }
            };
            Self::tuple(&wrt.iter().map(of).collect::<Vec<_>>())
        };
        let ty = Self::tuple(&(0..count).map(row_ty).collect::<Vec<_>>());
        let (primal, where_clause) = (self.params(&names.params), self.where_copy());
        let name = self.sig.name();
        let docs = [
            format!(
                " Hessian of [`{name}`](fn@{name}) with respect to {}: one product for each",
                self.wrt_list()
            ),
            " coordinate. Row by row; of several parameters, a tuple of the blocks of each.".to_owned(),
        ];
        let body = quote_spanned! {s=>
            #before
            for #at in ::core::iter::Iterator::step_by(0..#all, #width) {
                for #lane in 0..#width {
                    #set
                }
                let (_, #products) = #call;
                for #lane in 0..#width {
                    #clear
                }
                for #lane in 0..::core::cmp::Ord::min(#width, #all - #at) {
                    #(let #row_names = #krate::__private::EachLane::lane(&#row_names, #lane);)*
                    let #at = #at + #lane;
                    #store
                }
            }
            #result
        };
        Some(self.function(
            &docs,
            "hessian",
            &self.generics(false),
            &quote_spanned!(s=> (#primal) -> #ty #where_clause { #body }),
        ))
    }

    /// `Self::hvp_n::<4>(x, y, &x_dot, y_dot)`
    fn products_along(&self, names: &Names, dots: &[Ident], width: &Literal) -> Tokens {
        let s = site();
        let own = self.generic_names();
        let mut args: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .zip(&names.params)
            .map(|(param, name)| match param.kind {
                Kind::Constant(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#name)),
                Kind::Constant(Passing::Exclusive) => quote_spanned!(s=> &mut *#name),
                _ => Self::argument_again(param, name),
            })
            .collect();
        for (param, dot) in self.sig.params.iter().zip(dots).filter(|(param, _)| param.wrt.is_some()) {
            args.push(match (ungrouped(param.ty), param.kind) {
                (Type::Reference(_), _) => quote_spanned!(s=> &#dot),
                (_, Kind::Scalar) => dot.to_token_stream(),
                _ => quote_spanned!(s=> ::core::clone::Clone::clone(&#dot)),
            });
        }
        quote_spanned!(s=> Self::hvp_n::<#(#own,)* #width>(#(#args),*))
    }

    /// The forward sweep with tangents, which returns the reverse sweep with tangents.
    pub(super) fn second_forward(&self, second: &'a Second, width: Width) -> Tokens {
        let s = site();
        let Second { reversed, params: dots, result: result_dot, seed: seed_dot, cotangents: bar_dots } =
            second;
        let Reversed { func, reverse, seed, cotangents, .. } = reversed;
        let facts = Facts::of(
            func,
            reverse,
            |turn| {
                turn.value(&func.result);
                turn.value(result_dot);
            },
            |end| {
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
        let mut prelude = Tokens::new();
        let read_ahead = |emitter: &Emitter<'_>, var: crate::ir::Var, of: &Param<'_>| {
            emitter.facts.read_in_forward[var.index()]
                || (emitter.facts.read_in_reverse[var.index()] && !of.kind.is_passed_again())
        };
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let read = read_ahead(&emitter, param.var, of);
            // The shape of an absent tangent is that of its argument.
            let pattern = emitter.param(param.var, read || of.is_differentiable());
            let ty = of.ty;
            params.push((pattern, quote_spanned!(s=> #ty)));
        }
        let names: Vec<Ident> = func.params.iter().map(|param| emitter.name(param.var).clone()).collect();
        for (k, (dot, of)) in dots.iter().zip(&self.sig.params).enumerate() {
            let ty = self.optional_ty(of, width);
            let Some(dot) = dot.filter(|dot| read_ahead(&emitter, *dot, of)) else {
                if let Some(dot) = dot {
                    emitter.define(*dot);
                }
                params.push((quote_spanned!(s=> _), ty));
                continue;
            };
            let name = emitter.define(dot);
            params.push((name.to_token_stream(), ty));
            prelude.extend(self.present_in(of, &names[k], &name, width));
            if emitter.mutability(dot).is_some() {
                prelude.extend(quote_spanned!(s=> let mut #name = #name;));
            }
        }
        let mut marker_names = Vec::new();
        for (k, (cotangent, of)) in cotangents.iter().zip(&self.sig.params).enumerate() {
            let ParamCotangent::Slot(var) = cotangent else {
                marker_names.push(None);
                continue;
            };
            emitter.slots.insert(*var, Some(self.markers[k].clone()));
            if let ParamCotangent::Slot(dot) = &bar_dots[k] {
                emitter.slots.insert(*dot, Some(self.markers[k].clone()));
            }
            let name =
                emitter.namer.fresh(&format!("{}_activity", of.hint.trim_start_matches("r#")), of.span);
            emitter.markers.insert(func.params[k].var, name.clone());
            marker_names.push(Some(name));
        }
        let body = emitter.block(&func.body);
        let (result, dot) = (emitter.value(&func.result), emitter.value(result_dot));
        for (name, marker) in marker_names.iter().zip(&self.markers) {
            let used = name.as_ref().filter(|name| emitter.used_markers.borrow().contains(&name.to_string()));
            let pattern = used.map_or_else(|| quote_spanned!(s=> _), ToTokens::to_token_stream);
            params.push((pattern, marker.to_token_stream()));
        }

        emitter.namer.enter();
        let mut inputs = Vec::new();
        let mut opening = Tokens::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let read = of.kind.is_passed_again()
                && (emitter.facts.read_in_reverse[param.var.index()] || of.is_differentiable());
            let name = emitter.name(param.var);
            inputs.push(if read { name.to_token_stream() } else { quote_spanned!(s=> _) });
        }
        for (k, (dot, of)) in dots.iter().zip(&self.sig.params).enumerate() {
            match dot.filter(|dot| of.kind.is_passed_again() && emitter.facts.read_in_reverse[dot.index()]) {
                Some(dot) => {
                    let name = emitter.name(dot).clone();
                    inputs.push(name.to_token_stream());
                    opening.extend(self.present_in(of, &names[k], &name, width));
                }
                None => inputs.push(quote_spanned!(s=> _)),
            }
        }
        for seed in [seed, seed_dot] {
            inputs.push(match (seed, self.sig.result) {
                (Some(seed), Some(_)) => emitter.seed_pattern(seed),
                _ => quote_spanned!(s=> _),
            });
        }
        for (slots, width) in [(cotangents, Width::One), (bar_dots, width)] {
            for (cotangent, of) in slots.iter().zip(&self.sig.params) {
                let (pattern, unwrapped) = slot(&mut emitter, cotangent, of, width);
                inputs.push(pattern);
                opening.extend(unwrapped);
            }
        }
        let reverse = emitter.block(reverse);
        let returned = [(cotangents, Width::One), (bar_dots, width)].map(|(cotangents, width)| {
            let returned = cotangents.iter().zip(&self.sig.params).map(|(cotangent, of)| {
                if of.kind.is_returned() {
                    emitter.returned_tangent(Some(cotangent), width)
                } else {
                    quote_spanned!(s=> ())
                }
            });
            quote_spanned!(s=> (#(#returned,)*))
        });
        emitter.namer.leave();
        let tys = self.second_inputs(width);
        let is_boxed = self.is_recursive(&func.body);
        let [bars, bar_dots] = returned;
        let pullback = quote_spanned! {s=>
            move |#(#inputs: #tys),*| {
                #opening
                #reverse
                (#bars, #bar_dots)
            }
        };
        let pullback =
            if is_boxed { self.boxed(&pullback, &self.second_bound(width), width) } else { pullback };
        let body = quote_spanned!(s=> #prelude #body (#result, #dot, #pullback));
        self.second_function(&params, body, self.where_clause(), width)
    }

    /// For callers of a function that has no second derivatives: they are told so, once.
    pub(super) fn second_stubs(&self) -> Tokens {
        let stub = |width: Width| {
            let s = site();
            let tys = self
                .sig
                .params
                .iter()
                .map(|param| param.ty.to_token_stream())
                .chain(self.sig.params.iter().map(|param| self.optional_ty(param, width)))
                .chain(self.markers.iter().map(ToTokens::to_token_stream));
            let params: Vec<(Tokens, Tokens)> = tys.map(|ty| (quote_spanned!(s=> _), ty)).collect();
            let (inputs, outputs) = (self.second_inputs(width), self.second_outputs(width));
            let function = SecondFunction {
                params: &params,
                pullback: quote_spanned!(s=> fn(#(#inputs),*) -> #outputs),
                body: quote_spanned!(s=> ::core::option::Option::None.expect(#STUB)),
                where_clause: match width {
                    Width::One => self.nested_where(false),
                    Width::Lanes => self.where_clause(),
                },
            };
            self.second_function_of(function, width)
        };
        [Width::One, Width::Lanes].map(stub).into_iter().collect()
    }

    pub(super) fn second_function(
        &self,
        params: &[(Tokens, Tokens)],
        body: Tokens,
        where_clause: Tokens,
        width: Width,
    ) -> Tokens {
        let bound = self.second_bound(width);
        let lanes = (width == Width::Lanes).then_some(&self.lanes);
        let captured = self.generic_names().into_iter().chain(&self.markers).chain(lanes);
        let pullback = quote_spanned!(site()=> impl #bound + ::core::clone::Clone + use<#(#captured),*>);
        self.second_function_of(SecondFunction { params, pullback, body, where_clause }, width)
    }

    fn second_function_of(&self, function: SecondFunction<'_>, width: Width) -> Tokens {
        let s = site();
        let SecondFunction { params, pullback, body, where_clause } = function;
        let vis = self.vis();
        let generics = match width {
            Width::One => self.generics(true),
            Width::Lanes => {
                let own: Vec<Tokens> = self.generic_params(true);
                let lanes = &self.lanes;
                quote_spanned!(s=> <#(#own,)* const #lanes: ::core::primitive::usize>)
            }
        };
        let name = Ident::new(second_function_name(width), s);
        let result = self.sig.result_ty();
        let dot = self.sig.result.map_or_else(|| quote_spanned!(s=> ()), |ty| self.owned_tangent(ty, width));
        let use_primal = self.use_primal();
        let params = params.iter().map(|(pattern, ty)| quote_spanned!(s=> #pattern: #ty));
        quote_spanned! {s=>
            #[doc(hidden)]
            #[inline]
            #vis fn #name #generics (#(#params),*) -> (#result, #dot, #pullback) #where_clause {
                #use_primal
                #body
            }
        }
    }

    /// `FnOnce(…) -> (…)`
    fn second_bound(&self, width: Width) -> Tokens {
        let (inputs, outputs) = (self.second_inputs(width), self.second_outputs(width));
        quote_spanned!(site()=> ::core::ops::FnOnce(#(#inputs),*) -> #outputs)
    }

    /// The cotangents that a pullback of tangents returns, and their tangents.
    fn second_outputs(&self, width: Width) -> Tokens {
        let s = site();
        let [bars, dots] = [Width::One, width].map(|width| {
            let returned = self.sig.params.iter().map(|param| {
                if param.kind.is_returned() {
                    self.owned_tangent(param.ty, width)
                } else {
                    quote_spanned!(s=> ())
                }
            });
            quote_spanned!(s=> (#(#returned,)*))
        });
        quote_spanned!(s=> (#bars, #dots))
    }

    /// What a pullback of tangents takes: the arguments again, their tangents, the seed and its tangent, the slots for
    /// cotangents and those for their tangents.
    pub(super) fn second_inputs(&self, width: Width) -> Vec<Tokens> {
        let s = site();
        let mut tys = self.pullback_inputs();
        let count = self.sig.params.len();
        let slots: Vec<Tokens> = tys.drain(count + 1..).collect();
        let seed = tys.pop();
        let krate = self.krate();
        tys.extend(self.sig.params.iter().map(|param| {
            if !param.is_differentiable() {
                quote_spanned!(s=> ::core::option::Option<#krate::__private::Constant>)
            } else if param.kind.is_gone() {
                quote_spanned!(s=> ::core::option::Option<#krate::__private::Gone>)
            } else {
                let ty = without_lifetimes(self.tangent_of(param.ty, width));
                quote_spanned!(s=> ::core::option::Option<#ty>)
            }
        }));
        let seed_dot = self.sig.result.map(|ty| self.owned_tangent(ty, width));
        tys.extend(seed.iter().cloned());
        tys.push(seed_dot.unwrap_or_else(|| quote_spanned!(s=> ())));
        tys.extend(slots);
        tys.extend(self.pullback_slots(width));
        tys
    }

    /// `Option` of a tangent.
    pub(super) fn optional_ty(&self, param: &Param<'_>, width: Width) -> Tokens {
        let s = site();
        let krate = self.krate();
        if param.is_differentiable() {
            let ty = self.tangent_of(param.ty, width);
            quote_spanned!(s=> ::core::option::Option<#ty>)
        } else {
            quote_spanned!(s=> ::core::option::Option<#krate::__private::Constant>)
        }
    }
}

/// Its cotangent goes into a buffer.
fn has_slot(param: &Param<'_>) -> bool {
    param.is_differentiable() && !param.kind.is_returned()
}

/// Numbers in a row, or one number.
fn rows(ty: &Type) -> Option<Rows<'_>> {
    match ungrouped(ty) {
        Type::Reference(reference) => rows(&reference.elem),
        Type::Array(array) => is_float(&array.elem).then_some(Rows::Array(&array.len)),
        Type::Slice(slice) => is_float(&slice.elem).then_some(Rows::Slice),
        ty if is_float(ty) => Some(Rows::One),
        ty => vec_element(ty).is_some_and(is_float).then_some(Rows::Slice),
    }
}

/// The joint form of `f::hvp`.
fn product_function(width: Width) -> &'static str {
    match width {
        Width::One => "__grad_hvp",
        Width::Lanes => "__grad_hvp_n",
    }
}

fn zeros_function(width: Width) -> Ident {
    Ident::new(if width == Width::One { "zeros_like" } else { "lanes_like" }, site())
}
