//! Second derivatives: `f::hvp`, `f::hessian`, and the two sweeps with tangents for callers.

use super::body::Emitter;
use super::cotangent_types::{
    buffer, is_float, is_slice, owned, ungrouped, vec_element, without_lifetimes, zero,
};
use super::facts::Facts;
use super::items::{Cx, Names};
use super::signature::{Kind, Param, Passing};
use super::tangent::tangent_ty;
use super::workers::slot;
use super::{Tokens, site};
use crate::transform::{ParamCotangent, Reversed, Second};
use proc_macro2::Ident;
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

impl<'a> Cx<'a> {
    fn cotangents_of(&self, cotangents: &'a [ParamCotangent], emitter: &Emitter<'_>) -> Tokens {
        let returned: Vec<Tokens> =
            self.returned().iter().map(|(k, _)| emitter.returned(cotangents.get(*k))).collect();
        quote_spanned!(site()=> (#(#returned,)*))
    }

    /// All that `#[grad(second)]` adds.
    pub(super) fn second(&self, [joint, split]: [&'a Second; 2]) -> Tokens {
        let is_scalar =
            self.sig.has_float_result() && self.sig.params.iter().any(|param| param.wrt.is_some());
        let mut out = Tokens::new();
        if is_scalar {
            out.extend(self.hvp());
            out.extend(self.hessian());
            out.extend(self.second_joint(joint));
        }
        out.extend(self.second_forward(split));
        out
    }

    /// Both sweeps of the gradient in one function, with tangents: value, the numbers of the gradient, the numbers of its
    /// tangent. All else of both goes into buffers.
    pub(super) fn second_joint(&self, second: &'a Second) -> Tokens {
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
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let (pattern, ty) = (emitter.param(param.var, true), of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        for (dot, of) in dots.iter().zip(&self.sig.params).filter(|(_, of)| of.is_differentiable()) {
            let pattern = dot.map_or_else(|| quote_spanned!(s=> _), |dot| emitter.param(dot, true));
            let ty = tangent_ty(of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        for slots in [cotangents, bar_dots] {
            for (cotangent, of) in slots.iter().zip(&self.sig.params).filter(|(_, of)| has_slot(of)) {
                let pattern = match cotangent {
                    ParamCotangent::Slot(var) => {
                        emitter.slots.insert(*var, None);
                        emitter.param(*var, true)
                    }
                    ParamCotangent::Constant | ParamCotangent::Value(_) => quote_spanned!(s=> _),
                };
                let ty = buffer(of.ty);
                params.push(quote_spanned!(s=> #pattern: &mut #ty));
            }
        }
        let body = emitter.block(&func.body);
        let reverse = emitter.block(reverse);
        let result = emitter.value(&func.result);
        let bars = self.cotangents_of(cotangents, &emitter);
        let dots = self.cotangents_of(bar_dots, &emitter);
        let (generics, where_clause, use_primal) =
            (self.generics(false), self.where_clause(), self.use_primal());
        let ty = self.sig.result_ty();
        let tys = self.returned_tys();
        quote_spanned! {s=>
            #[inline]
            fn __grad_hvp #generics (#(#params),*) -> (#ty, #tys, #tys) #where_clause {
                #use_primal
                #body
                #reverse
                (#result, #bars, #dots)
            }
        }
    }

    fn returned_tys(&self) -> Tokens {
        let tys = self.returned().into_iter().map(|(_, param)| owned(param.ty));
        quote_spanned!(site()=> (#(#tys,)*))
    }

    /// `f::hvp`
    pub(super) fn hvp(&self) -> Tokens {
        let s = site();
        let names = self.names();
        let krate = self.krate();
        let dots = names.dots.clone();
        let primal = self.params(&names.params);
        let mut directions = Vec::new();
        let mut prelude = Tokens::new();
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        let params = || self.sig.params.iter().enumerate();
        for (k, param) in params().filter(|(_, param)| param.is_differentiable()) {
            let (name, dot, ty) = (&names.params[k], &dots[k], tangent_ty(param.ty));
            if param.wrt.is_some() {
                directions.push(quote_spanned!(s=> #dot: #ty));
                if is_slice(param.ty) {
                    let message = format!("the direction of `{}` has another length", param.hint);
                    prelude
                        .extend(quote_spanned!(s=> ::core::assert_eq!(#dot.len(), #name.len(), #message);));
                }
                args.push(dot.to_token_stream());
            } else {
                prelude.extend(quote_spanned!(s=> let mut #dot = #krate::__private::zeros_like(&*#name);));
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
                prelude.extend(quote_spanned!(s=> let mut #bar = #krate::__private::zeros_like(#x);));
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
        let (ty, where_clause, turbofish) = (self.gradient_ty(), self.where_clause(), self.turbofish(false));
        let name = self.sig.name();
        let docs = [
            format!(
                " Gradient of [`{name}`](fn@{name}) with respect to {}, and the product of its",
                self.wrt_list()
            ),
            " Hessian with a direction, from one run of both sweeps.".to_owned(),
        ];
        self.function(
            &docs,
            "hvp",
            &self.generics(false),
            &quote_spanned! {s=>
                (#primal, #(#directions),*) -> (#ty, #ty) #where_clause {
                    #prelude
                    let (_, #bars, #bar_dots) = Self::__grad_hvp #turbofish (#(#args),*);
                    (#gradient, #product)
                }
            },
        )
    }

    /// `f::hessian`: one product for each coordinate.
    pub(super) fn hessian(&self) -> Option<Tokens> {
        let s = site();
        let names = self.names();
        let mut wrt: Vec<(usize, &Param<'_>)> =
            self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some()).collect();
        wrt.sort_by_key(|(_, param)| param.wrt);
        let rows: Vec<Rows<'_>> = wrt.iter().map(|(_, param)| rows(param.ty)).collect::<Option<_>>()?;
        let dots = names.dots.clone();
        let mut namer = names.namer(&dots);
        let count = wrt.len();
        let k = namer.fresh("k", s);
        let blocks: Vec<Vec<Ident>> = (0..count)
            .map(|i| (0..count).map(|j| namer.fresh(&format!("block_{i}_{j}"), s)).collect())
            .collect();
        let row_names: Vec<Ident> = (0..count).map(|j| namer.fresh(&format!("row_{j}"), s)).collect();
        let block = |i: usize, j: usize| blocks[i][j].clone();
        let row_ty = |i: usize| {
            let of = |j: usize| -> Tokens {
                let row = owned(wrt[j].1.ty);
                match rows[i] {
                    Rows::One => row,
                    Rows::Array(len) => quote_spanned!(s=> [#row; #len]),
                    Rows::Slice => quote_spanned!(s=> ::std::vec::Vec<#row>),
                }
            };
            Self::tuple(&(0..wrt.len()).map(of).collect::<Vec<_>>())
        };
        let ty = Self::tuple(&(0..wrt.len()).map(row_ty).collect::<Vec<_>>());
        let mut body = Tokens::new();
        for (i, (_, of)) in wrt.iter().enumerate() {
            let product = Self::tuple(&row_names.iter().map(ToTokens::to_token_stream).collect::<Vec<_>>());
            let call = self.product_along(&names, &dots, &wrt, i);
            let each = |store: &dyn Fn(usize, &Ident) -> Tokens| -> Tokens {
                row_names.iter().enumerate().map(|(j, row)| store(j, row)).collect()
            };
            let (x, dot) = (&names.params[wrt[i].0], &dots[wrt[i].0]);
            body.extend(match rows[i] {
                Rows::One => {
                    let store = each(&|j, row| {
                        let block = block(i, j);
                        quote_spanned!(s=> let #block = #row;)
                    });
                    quote_spanned!(s=> let #dot = 1.0; let (_, #product) = #call; #store)
                }
                Rows::Array(len) => {
                    let zero_row = |j: usize| {
                        let zero = zero(wrt[j].1.ty);
                        quote_spanned!(s=> ::core::array::from_fn::<_, { #len }, _>(|_| #zero))
                    };
                    let declare: Tokens = (0..wrt.len())
                        .map(|j| {
                            let (block, zeros) = (block(i, j), zero_row(j));
                            quote_spanned!(s=> let mut #block = #zeros;)
                        })
                        .collect();
                    let store = each(&|j, row| {
                        let block = block(i, j);
                        quote_spanned!(s=> #block[#k] = #row;)
                    });
                    let zero = zero(of.ty);
                    quote_spanned! {s=>
                        #declare
                        for #k in 0..#x.len() {
                            let mut #dot = #zero;
                            #dot[#k] = 1.0;
                            let (_, #product) = #call;
                            #store
                        }
                    }
                }
                Rows::Slice => {
                    let declare: Tokens = (0..wrt.len())
                        .map(|j| {
                            let block = block(i, j);
                            quote_spanned!(s=> let mut #block = ::std::vec::Vec::with_capacity(#x.len());)
                        })
                        .collect();
                    let store = each(&|j, row| {
                        let block = block(i, j);
                        quote_spanned!(s=> #block.push(#row);)
                    });
                    quote_spanned! {s=>
                        #declare
                        for #k in 0..#x.len() {
                            let mut #dot = ::std::vec![0.0; #x.len()];
                            #dot[#k] = 1.0;
                            let (_, #product) = #call;
                            #store
                        }
                    }
                }
            });
        }
        let result = Self::tuple(
            &(0..wrt.len())
                .map(|i| {
                    Self::tuple(&(0..wrt.len()).map(|j| block(i, j).to_token_stream()).collect::<Vec<_>>())
                })
                .collect::<Vec<_>>(),
        );
        let (primal, where_clause) = (self.params(&names.params), self.where_copy());
        let name = self.sig.name();
        let docs = [
            format!(
                " Hessian of [`{name}`](fn@{name}) with respect to {}: one product for each",
                self.wrt_list()
            ),
            " coordinate. Row by row; of several parameters, a tuple of the blocks of each.".to_owned(),
        ];
        Some(self.function(
            &docs,
            "hessian",
            &self.generics(false),
            &quote_spanned!(s=> (#primal) -> #ty #where_clause { #body #result }),
        ))
    }

    /// `Self::hvp(x, y, x_dot, zeros)`: along the i-th of the wrt parameters.
    fn product_along(&self, names: &Names, dots: &[Ident], wrt: &[(usize, &Param<'_>)], i: usize) -> Tokens {
        let s = site();
        let krate = self.krate();
        let mut args: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .zip(&names.params)
            .map(|(param, name)| match param.kind {
                Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) => {
                    quote_spanned!(s=> ::core::clone::Clone::clone(&#name))
                }
                Kind::ScalarMut
                | Kind::Aggregate(Passing::Exclusive)
                | Kind::Constant(Passing::Exclusive) => {
                    quote_spanned!(s=> &mut *#name)
                }
                _ => name.to_token_stream(),
            })
            .collect();
        for (k, param) in self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some()) {
            let name = &names.params[k];
            let dot = if wrt[i].0 == k {
                dots[k].to_token_stream()
            } else {
                match param.kind {
                    Kind::Scalar | Kind::ScalarRef => quote_spanned!(s=> 0.0),
                    Kind::Aggregate(Passing::Shared) => {
                        quote_spanned!(s=> #krate::__private::zeros_like(#name))
                    }
                    _ => quote_spanned!(s=> #krate::__private::zeros_like(&#name)),
                }
            };
            let is_reference = matches!(ungrouped(param.ty), Type::Reference(_));
            args.push(if is_reference { quote_spanned!(s=> &#dot) } else { dot });
        }
        let turbofish = self.turbofish(false);
        quote_spanned!(s=> Self::hvp #turbofish (#(#args),*))
    }

    /// The forward sweep with tangents, which returns the reverse sweep with tangents.
    pub(super) fn second_forward(&self, second: &'a Second) -> Tokens {
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
            let ty = self.optional_ty(of);
            let Some(dot) = dot.filter(|dot| read_ahead(&emitter, *dot, of)) else {
                if let Some(dot) = dot {
                    emitter.define(*dot);
                }
                params.push((quote_spanned!(s=> _), ty));
                continue;
            };
            let name = emitter.define(dot);
            params.push((name.to_token_stream(), ty));
            prelude.extend(self.present(of, &names[k], &name));
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
                    opening.extend(self.present(of, &names[k], &name));
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
        for slots in [cotangents, bar_dots] {
            for (cotangent, of) in slots.iter().zip(&self.sig.params) {
                let (pattern, unwrapped) = slot(&mut emitter, cotangent, of);
                inputs.push(pattern);
                opening.extend(unwrapped);
            }
        }
        let reverse = emitter.block(reverse);
        let returned = [cotangents, bar_dots].map(|cotangents| {
            let returned = cotangents.iter().zip(&self.sig.params).map(|(cotangent, of)| {
                if of.kind.is_returned() { emitter.returned(Some(cotangent)) } else { quote_spanned!(s=> ()) }
            });
            quote_spanned!(s=> (#(#returned,)*))
        });
        emitter.namer.leave();
        let tys = self.second_inputs();
        let is_boxed = self.is_recursive(&func.body);
        let [bars, bar_dots] = returned;
        let pullback = quote_spanned! {s=>
            move |#(#inputs: #tys),*| {
                #opening
                #reverse
                (#bars, #bar_dots)
            }
        };
        let pullback = if is_boxed { self.boxed(&pullback, &self.second_bound()) } else { pullback };
        let body = quote_spanned!(s=> #prelude #body (#result, #dot, #pullback));
        self.second_function(&params, &body)
    }

    fn second_function(&self, params: &[(Tokens, Tokens)], body: &Tokens) -> Tokens {
        let s = site();
        let (vis, generics, where_clause) = (self.vis(), self.generics(true), self.where_clause());
        let result = self.sig.result_ty();
        let dot = self.seed_ty().unwrap_or_else(|| quote_spanned!(s=> ()));
        let use_primal = self.use_primal();
        let pullback = self.second_bound();
        let captured = self.generic_names().into_iter().chain(&self.markers);
        let pullback = quote_spanned!(s=> impl #pullback + ::core::clone::Clone + use<#(#captured),*>);
        let params = params.iter().map(|(pattern, ty)| quote_spanned!(s=> #pattern: #ty));
        quote_spanned! {s=>
            #[doc(hidden)]
            #[inline]
            #vis fn __grad_second #generics (#(#params),*) -> (#result, #dot, #pullback) #where_clause {
                #use_primal
                #body
            }
        }
    }

    /// `FnOnce(…) -> (…)`
    fn second_bound(&self) -> Tokens {
        let s = site();
        let inputs = self.second_inputs();
        let returned = self
            .sig
            .params
            .iter()
            .map(|param| if param.kind.is_returned() { owned(param.ty) } else { quote_spanned!(s=> ()) });
        let returned = quote_spanned!(s=> (#(#returned,)*));
        quote_spanned!(s=> ::core::ops::FnOnce(#(#inputs),*) -> (#returned, #returned))
    }

    /// What a pullback of tangents takes: the arguments again, their tangents, the seed and its tangent, the slots for
    /// cotangents and those for their tangents.
    fn second_inputs(&self) -> Vec<Tokens> {
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
                let ty = without_lifetimes(tangent_ty(param.ty));
                quote_spanned!(s=> ::core::option::Option<#ty>)
            }
        }));
        tys.extend(seed.iter().chain(&seed).cloned());
        tys.extend(slots.iter().chain(&slots).cloned());
        tys
    }

    /// `Option` of a tangent.
    fn optional_ty(&self, param: &Param<'_>) -> Tokens {
        let s = site();
        let krate = self.krate();
        if param.is_differentiable() {
            let ty = tangent_ty(param.ty);
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
