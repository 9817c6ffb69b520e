//! The functions that users call: thin wrappers of the workers.

use super::cotangent_types::{buffer, is_slice, owned, zero};
use super::forms::Form;
use super::items::{Cx, Names, Workers};
use super::namer::Namer;
use super::signature::{Kind, Passing};
use super::workers::STUB;
use super::{Tokens, site};
use crate::args::spoken;
use crate::shape::{Shape, Typed, ungrouped};
use crate::transform::Width;
use proc_macro2::{Ident, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Type;

impl Cx<'_> {
    /// `-> R`, left out for `()`.
    fn returns_value(&self) -> Tokens {
        self.sig.returns(self.sig.result.map(|ty| ty.to_token_stream()))
    }

    /// `x`, `y`
    pub(super) fn wrt_list(&self) -> String {
        let names: Vec<String> =
            self.sig.wrt().iter().map(|param| format!("`{}`", spoken(&param.hint))).collect();
        names.join(", ")
    }

    /// The user's function, as documentation names it.
    pub(super) fn link(&self) -> String {
        let name = self.sig.name();
        if self.in_place {
            "this closure".to_owned()
        } else if self.args.method.is_some() {
            format!("[`{name}`](Self::{name})")
        } else {
            format!("[`{name}`](fn@{name})")
        }
    }

    pub(super) fn tuple(parts: &[Tokens]) -> Tokens {
        match parts {
            [part] => part.clone(),
            parts => quote_spanned!(site()=> (#(#parts),*)),
        }
    }

    pub(super) fn gradient_ty(&self) -> Tokens {
        let tys: Vec<Tokens> = self.sig.wrt().iter().map(|param| owned(param.ty)).collect();
        Self::tuple(&tys)
    }

    pub(super) fn bars_of_wrt(&self, names: &Names) -> Vec<Ident> {
        let mut wrt: Vec<_> =
            self.sig.params.iter().zip(&names.bars).filter(|(param, _)| param.wrt.is_some()).collect();
        wrt.sort_by_key(|(param, _)| param.wrt);
        wrt.into_iter().map(|(_, bar)| bar.clone()).collect()
    }

    /// `let mut x_bar = zeros_like(x);` for every cotangent that is not a number.
    pub(super) fn zeros(&self, names: &Names, is_mutable: impl Fn(usize) -> bool) -> Tokens {
        let s = site();
        let krate = self.krate();
        let mut out = Tokens::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            if !param.is_differentiable() || param.kind.is_returned() {
                continue;
            }
            if param.wrt.is_none() && !is_mutable(k) {
                continue;
            }
            let (name, bar) = (&names.params[k], &names.bars[k]);
            let x = match param.kind {
                Kind::Aggregate(Passing::Shared) => quote_spanned!(s=> #name),
                Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &*#name),
                _ => quote_spanned!(s=> &#name),
            };
            let mutability = is_mutable(k).then(|| quote_spanned!(s=> mut));
            out.extend(quote_spanned!(s=> let #mutability #bar = #krate::__private::zeros_like(#x);));
        }
        out
    }

    /// `joint(x, y, seed, &mut x_bar)`
    pub(super) fn call_joint(
        &self,
        names: &Names,
        workers: &Workers,
        seed: Option<&Tokens>,
        slot: impl Fn(usize) -> Tokens,
    ) -> Tokens {
        let s = site();
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        args.extend(seed.cloned());
        args.extend((0..self.sig.params.len()).filter(|k| workers.slots[*k]).map(|k| {
            if self.is_constant_function(k) { self.nobody_asked(&names.params[k]) } else { slot(k) }
        }));
        let (joint, turbofish) = (self.own(Form::JOINT), self.turbofish(false));
        quote_spanned!(s=> #joint #turbofish (#(#args),*))
    }

    /// A parameter that is a function, of which users know no cotangent.
    fn is_constant_function(&self, k: usize) -> bool {
        let param = &self.sig.params[k];
        param.wrt.is_none() && self.args.is_function(&param.hint)
    }

    /// The buffer of a cotangent that nobody asked for.
    fn nobody_asked(&self, name: &Ident) -> Tokens {
        let (s, krate) = (site(), self.krate());
        quote_spanned!(s=> &mut #krate::__private::zeros_like(#name))
    }

    /// The pattern of what the joint form returns.
    pub(super) fn joint_pattern(&self, value: &Tokens, bar: impl Fn(usize) -> Tokens) -> Tokens {
        let returned: Vec<Tokens> = self.returned().iter().map(|(k, _)| bar(*k)).collect();
        if returned.is_empty() {
            return value.clone();
        }
        let cotangents = Self::tuple(&returned);
        quote_spanned!(site()=> (#value, #cotangents))
    }

    pub(super) fn function(&self, docs: &[String], name: &str, generics: &Tokens, rest: &Tokens) -> Tokens {
        let s = site();
        // Who may not see the function does not see the type that bears these: one error of that is enough.
        let vis = if self.args.method.is_some() { self.vis() } else { quote_spanned!(s=> pub) };
        let deprecated = self.attrs("deprecated");
        let name = Ident::new(name, s);
        let rest = if self.in_place { with_receiver(rest) } else { rest.clone() };
        quote_spanned! {s=>
            #(#[doc = #docs])*
            #(#deprecated)*
            #[inline]
            #vis fn #name #generics #rest
        }
    }

    /// The seed of a gradient.
    pub(super) fn one(&self) -> Tokens {
        let s = site();
        match self.sig.result.map(|ty| (ty.shape(), ty.ty)) {
            Some((Shape::Scalar(_), ty)) => {
                let krate = self.krate();
                quote_spanned!(s=> #krate::__private::float::<#ty>(1.0))
            }
            _ => quote_spanned!(s=> 1.0),
        }
    }

    pub(super) fn grad(&self) -> Tokens {
        let s = site();
        let names = self.names();
        let (params, args, turbofish) =
            (self.public_params(&names.params), &names.params, self.turbofish(false));
        let (ty, where_clause) = (self.gradient_ty(), self.where_clause());
        let name = self.link();
        let doc = format!(" Gradient of {name} with respect to {}.", self.wrt_list());
        let (ty, question) = (self.sig.answer_ty(&ty), self.sig.question());
        let answer =
            self.sig.answer(&quote_spanned!(s=> Self::value_and_grad #turbofish (#(#args),*)#question.1));
        self.direct(
            &[doc],
            "grad",
            &self.generics(false),
            &quote_spanned! {s=>
                (#params) -> #ty #where_clause { #answer }
            },
        )
    }

    /// `grad` and its kin of a function that returns no float, which is its error: where they are called there is nothing more
    /// to say.
    pub(super) fn gradient_stubs(&self) -> Tokens {
        let s = site();
        let (generics, where_clause) = (self.generics(false), self.where_clause());
        let undecided = self.undecided();
        let gradient = if self.sig.wrt().is_empty() { Self::tuple(&undecided) } else { self.gradient_ty() };
        let value = self.sig.result_ty();
        let params: Vec<Tokens> = self.sig.params.iter().map(|param| param.ty.to_token_stream()).collect();
        let buffers = self.sig.wrt().into_iter().map(|param| buffer(param.ty));
        let buffers: Vec<Tokens> = buffers.map(|ty| quote_spanned!(s=> &mut #ty)).collect();
        let forms = [
            ("grad", &[][..], gradient.clone()),
            ("value_and_grad", &[], quote_spanned!(s=> (#value, #gradient))),
            ("grad_into", &buffers, value),
        ];
        let stub = |(name, buffers, result): (&str, &[Tokens], Tokens)| {
            let tys = params.iter().chain(buffers);
            let rest = quote_spanned! {s=>
                (#(_: #tys),*) -> #result #where_clause { ::core::option::Option::None.expect(#STUB) }
            };
            self.function(&[], name, &generics, &rest)
        };
        forms.into_iter().map(stub).chain(self.undecided_products(&undecided)).collect()
    }

    /// `hvp` and its kin where it is not said what is differentiated: with a direction, whatever its type, for all that may be.
    fn undecided_products(&self, undecided: &[Tokens]) -> Vec<Tokens> {
        let s = site();
        if self.args.order < 2 || undecided.is_empty() || !self.sig.wrt().is_empty() {
            return Vec::new();
        }
        let (gradient, where_clause) = (Self::tuple(undecided), self.where_clause());
        let params = self.sig.params.iter().map(|param| param.ty.to_token_stream());
        let params = quote_spanned!(s=> #(_: #params),*);
        let directions = undecided.iter().map(|_| quote_spanned!(s=> _: impl ::core::marker::Sized));
        let directions = quote_spanned!(s=> #(, #directions)*);
        let both = quote_spanned!(s=> (#gradient, #gradient));
        let forms = [
            ("hvp", self.generics(false), &directions, both.clone()),
            ("hvp_n", self.generics_of(Width::Lanes), &directions, both),
            ("hessian", self.generics(false), &Tokens::new(), gradient),
        ];
        let stub = |(name, generics, directions, result): (&str, Tokens, &Tokens, Tokens)| {
            let rest = quote_spanned! {s=>
                (#params #directions) -> #result #where_clause { ::core::option::Option::None.expect(#STUB) }
            };
            self.function(&[], name, &generics, &rest)
        };
        forms.into_iter().map(stub).collect()
    }

    /// The types of parameters of which it is not said whether they are differentiated: a tangent has fields of the same names.
    pub(super) fn undecided(&self) -> Vec<Tokens> {
        let params = self.sig.params.iter().filter(|param| param.wrt.is_none() && param.ty.hides());
        let behind = params.map(|param| match ungrouped(param.ty.ty) {
            Type::Reference(reference) => param.ty.at(&reference.elem),
            ty => param.ty.at(ty),
        });
        let owned = |ty: Typed<'_>| match ty.shape() {
            Shape::Slice(of) => {
                let vec = ty.vec();
                quote_spanned!(site()=> #vec<#of>)
            }
            _ => ty.ty.to_token_stream(),
        };
        behind.filter(|ty| ty.borrows_nothing()).map(owned).collect()
    }

    pub(super) fn value_and_grad(&self, workers: &Workers) -> Tokens {
        let s = site();
        let names = self.names();
        let params = self.public_params(&names.params);
        let (ty, where_clause) = (self.gradient_ty(), self.where_clause());
        let result = self.sig.result_ty();
        let zeros = self.zeros(&names, |k| workers.slots[k]);
        let joint = self.call_joint(&names, workers, Some(&self.one()), |k| {
            let bar = &names.bars[k];
            quote_spanned!(s=> &mut #bar)
        });
        let value = names.value.to_token_stream();
        let pattern = self.joint_pattern(&value, |k| names.bars[k].to_token_stream());
        let bars: Vec<Tokens> = self.bars_of_wrt(&names).iter().map(ToTokens::to_token_stream).collect();
        let bars = Self::tuple(&bars);
        let name = self.link();
        let doc = format!(" Value of {name} and its gradient with respect to {}.", self.wrt_list());
        let all_returned =
            self.sig.params.iter().all(|param| !param.is_differentiable() || param.kind.is_returned());
        let (answer, question) = (self.sig.answer(&quote_spanned!(s=> (#value, #bars))), self.sig.question());
        let body = if all_returned {
            joint
        } else {
            quote_spanned!(s=> #zeros let #pattern = #joint #question; #answer)
        };
        let ty = self.sig.answer_ty(&quote_spanned!(s=> (#result, #ty)));
        self.direct(
            &[doc],
            "value_and_grad",
            &self.generics(false),
            &quote_spanned!(s=> (#params) -> #ty #where_clause { #body }),
        )
    }

    /// Panics where the buffer of a slice has another length.
    pub(super) fn check_length(&self, names: &Names, k: usize) -> Tokens {
        let s = site();
        let param = &self.sig.params[k];
        if !is_slice(param.ty) {
            return Tokens::new();
        }
        let (name, bar) = (&names.params[k], &names.bars[k]);
        let message = format!("the buffer of `{}` has another length", param.hint);
        quote_spanned!(s=> ::core::assert_eq!(#bar.len(), #name.len(), #message);)
    }

    pub(super) fn grad_into(&self, workers: &Workers) -> Tokens {
        let s = site();
        let names = self.names();
        let krate = self.krate();
        let params = self.public_params(&names.params);
        let where_clause = self.where_clause();
        let result = self.returns_value();
        let bars = self.bars_of_wrt(&names);
        let tys = self.sig.wrt().into_iter().map(|param| buffer(param.ty)).collect::<Vec<_>>();
        let mut before = Tokens::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            if param.wrt.is_some() && !param.kind.is_returned() {
                let bar = &names.bars[k];
                before.extend(self.check_length(&names, k));
                before.extend(if let Some(of) = flat(param.ty) {
                    let zero = zero(of);
                    quote_spanned!(s=> #bar.fill(#zero);)
                } else {
                    quote_spanned!(s=> #krate::__private::clear(#bar);)
                });
            }
        }
        // Outputs have a cotangent of their own, which nobody asked for.
        let outputs = self.zeros_of_outputs(&names, workers);
        let joint = self.call_joint(&names, workers, Some(&self.one()), |k| {
            let bar = &names.bars[k];
            if self.sig.params[k].wrt.is_some() {
                bar.to_token_stream()
            } else {
                quote_spanned!(s=> &mut #bar)
            }
        });
        let value = names.value.to_token_stream();
        let body = self.with_returned(
            &names,
            &value,
            &joint,
            |bar, cotangent| quote_spanned!(s=> *#bar = #cotangent;),
        );
        let name = self.link();
        let docs = [
            format!(
                " Value of {name}; its gradient with respect to {} is written, not added, to the",
                self.wrt_list()
            ),
            " buffers.".to_owned(),
        ];
        self.direct(
            &docs,
            "grad_into",
            &self.generics(false),
            &quote_spanned! {s=>
                (#params, #(#bars: &mut #tys),*) #result #where_clause {
                    #before
                    #outputs
                    #body
                }
            },
        )
    }

    pub(super) fn zeros_of_outputs(&self, names: &Names, workers: &Workers) -> Tokens {
        let s = site();
        let krate = self.krate();
        let mut out = Tokens::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            if param.kind.is_output() && param.wrt.is_none() && workers.slots[k] {
                let (name, bar) = (&names.params[k], &names.bars[k]);
                out.extend(quote_spanned!(s=> let mut #bar = #krate::__private::zeros_like(&*#name);));
            }
        }
        out
    }

    /// Calls the joint form and does something with the numbers it returns; ends with the value.
    pub(super) fn with_returned(
        &self,
        names: &Names,
        value: &Tokens,
        joint: &Tokens,
        with: impl Fn(&Ident, &Ident) -> Tokens,
    ) -> Tokens {
        let s = site();
        let returned = self.returned();
        if returned.is_empty() {
            return joint.clone();
        }
        let mut namer = Namer::default();
        for name in names.params.iter().chain(&names.bars).chain([&names.value, &names.seed]) {
            namer.fresh(&name.to_string(), site());
        }
        let cotangents: Vec<Ident> = returned
            .iter()
            .map(|(_, param)| namer.fresh(&format!("d_{}", param.stem()), param.span))
            .collect();
        let pattern = self.joint_pattern(value, |k| {
            let at = returned.iter().position(|(position, _)| *position == k);
            at.map(|at| cotangents[at].to_token_stream()).unwrap_or_default()
        });
        let updates =
            returned.iter().zip(&cotangents).map(|((k, _), cotangent)| with(&names.bars[*k], cotangent));
        let (question, answer) = (self.sig.question(), self.sig.answer(value));
        quote_spanned!(s=> let #pattern = #joint #question; #(#updates)* #answer)
    }

    pub(super) fn vjp_add(&self, workers: &Workers) -> Tokens {
        let s = site();
        let names = self.names();
        let where_clause = self.where_clause();
        let result = self.returns_value();
        let seed = self.seed_ty().map(|ty| {
            let seed = &names.seed;
            quote_spanned!(s=> #seed: #ty)
        });
        let mut inputs: Vec<Tokens> = names
            .params
            .iter()
            .zip(&self.sig.params)
            .map(|(name, param)| {
                let ty = Self::public_ty(param.ty);
                quote_spanned!(s=> #name: #ty)
            })
            .collect();
        inputs.extend(seed);
        let mut before = Tokens::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            if param.is_differentiable() {
                let (bar, ty) = (&names.bars[k], buffer(param.ty));
                let unused = !param.kind.is_returned() && !workers.slots[k] && !is_slice(param.ty);
                inputs.push(if unused {
                    quote_spanned!(s=> _: &mut #ty)
                } else {
                    quote_spanned!(s=> #bar: &mut #ty)
                });
                before.extend(self.check_length(&names, k));
            }
        }
        let seed = self.sig.result.map(|_| names.seed.to_token_stream());
        let value = names.value.to_token_stream();
        let body = if workers.leaves_sums {
            let (own, added, sums) = self.kept_apart(&names, workers);
            before.extend(own);
            let joint = self.call_joint(&names, workers, seed.as_ref(), |k| {
                let sum = &sums[k];
                quote_spanned!(s=> &mut #sum)
            });
            let pattern = self.joint_pattern(&value, |k| sums[k].to_token_stream());
            let numbers: Tokens = self
                .returned()
                .iter()
                .map(|(k, _)| {
                    let (bar, number) = (&names.bars[*k], &sums[*k]);
                    quote_spanned!(s=> *#bar += #number;)
                })
                .collect();
            let (question, answer) = (self.sig.question(), self.sig.answer(&value));
            quote_spanned!(s=> let #pattern = #joint #question; #numbers #added #answer)
        } else {
            let joint = self.call_joint(&names, workers, seed.as_ref(), |k| names.bars[k].to_token_stream());
            self.with_returned(
                &names,
                &value,
                &joint,
                |bar, cotangent| quote_spanned!(s=> *#bar += #cotangent;),
            )
        };
        let name = self.link();
        let mut docs =
            vec![format!(" Value of {name}; the cotangents of its parameters are added to the buffers.")];
        if self.sig.has_outputs() {
            docs.push(
                " That of a `&mut` parameter goes in with respect to its new content and comes out with respect to its old."
                    .to_owned(),
            );
        }
        self.direct(
            &docs,
            "vjp_add",
            &self.generics(false),
            &quote_spanned! {s=>
                (#(#inputs),*) #result #where_clause {
                    #before
                    #body
                }
            },
        )
    }

    /// The value, where a function that users call asks for it alone; inside of a function that fails where that does.
    pub(super) fn value_again(&self, args: &[Tokens]) -> Tokens {
        let (s, question) = (site(), self.sig.question());
        if self.args.functions.is_empty() {
            let answer = self.answer_again(args);
            return quote_spanned!(s=> #answer #question);
        }
        // What is asked of functions that are passed, their bounds say; of what stands for them here, others hold.
        let turbofish = self.turbofish(false);
        quote_spanned!(s=> Self::vjp #turbofish (#(#args),*)#question.0)
    }

    /// The same, or why there is none.
    pub(super) fn answer_again(&self, args: &[Tokens]) -> Tokens {
        if !self.args.functions.is_empty() {
            return self.sig.answer(&self.value_again(args));
        }
        let (primal, args) = (self.primal(), self.as_written(args));
        quote_spanned!(site()=> #primal (#(#args),*))
    }

    pub(super) fn vjp(&self) -> Tokens {
        let s = site();
        let names = self.names();
        let krate = self.krate();
        let params = self.params(&names.params);
        let where_clause = self.where_copy();
        let result = self.sig.result_ty();
        let (seed, value, pullback) = (&names.seed, &names.value, &names.pullback);
        let seed_ty = self.seed_ty();
        let gradient = self.gradient_ty();
        let zeros = self.zeros(&names, |_| true);
        let markers = self.sig.params.iter().map(|param| {
            if param.is_differentiable() {
                quote_spanned!(s=> #krate::__private::Active)
            } else {
                quote_spanned!(s=> #krate::__private::Constant)
            }
        });
        let args = &names.params;
        let (forward, turbofish) = (self.own(Form::FORWARD), self.turbofish(true));
        let forward = quote_spanned!(s=> #forward #turbofish (#(#args,)* #(#markers),*));
        let again = self.sig.params.iter().zip(args).map(|(param, name)| {
            if param.kind.is_gone() {
                quote_spanned!(s=> #krate::__private::Gone)
            } else {
                name.to_token_stream()
            }
        });
        let slots = self.sig.params.iter().zip(&names.bars).map(|(param, bar)| {
            if param.is_differentiable() && !param.kind.is_returned() {
                quote_spanned!(s=> ::core::option::Option::Some(&mut #bar))
            } else {
                quote_spanned!(s=> ::core::option::Option::None)
            }
        });
        let patterns: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .zip(&names.bars)
            .map(|(param, bar)| {
                let is_number = param.wrt.is_some() && param.kind.is_returned();
                if is_number { bar.to_token_stream() } else { quote_spanned!(s=> _) }
            })
            .collect();
        let call = quote_spanned!(s=> #pullback(#(#again,)* #seed, #(#slots),*));
        let call = if patterns.iter().all(|pattern| pattern.to_string() == "_") {
            quote_spanned!(s=> #call;)
        } else {
            quote_spanned!(s=> let (#(#patterns,)*) = #call;)
        };
        let bars: Vec<Tokens> = self.bars_of_wrt(&names).iter().map(ToTokens::to_token_stream).collect();
        let name = self.link();
        let docs = if bars.is_empty() {
            [
                format!(
                    " Value of {name} and its pullback, which has no cotangents to give: those of what is behind"
                ),
                " `&mut` are `vjp_add`'s.".to_owned(),
            ]
        } else {
            [
                format!(
                    " Value of {name} and its pullback, which maps the cotangent of the result to those of"
                ),
                format!(" {}.", self.wrt_list()),
            ]
        };
        let bars = if bars.is_empty() { Tokens::new() } else { Self::tuple(&bars) };
        let pullback_ty = quote_spanned!(s=> impl ::core::ops::FnOnce(#seed_ty) -> #gradient);
        let ty = self.sig.answer_ty(&quote_spanned!(s=> (#result, #pullback_ty)));
        let question = self.sig.question();
        let answer = self.sig.answer(&quote_spanned! {s=>
            (#value, move |#seed: #seed_ty| {
                #call
                #bars
            })
        });
        self.function(
            &docs,
            "vjp",
            &self.generics(false),
            &quote_spanned! {s=>
                (#params) -> #ty #where_clause {
                    #zeros
                    let (#value, #pullback) = #forward #question;
                    #answer
                }
            },
        )
    }
}

/// Floats in a row: `.fill(0.0)` clears its buffer.
pub(super) fn flat(ty: Typed<'_>) -> Option<Typed<'_>> {
    match ty.shape() {
        Shape::Ref { to, .. } => flat(ty.at(to)),
        Shape::Slice(of) | Shape::Array(of, _) | Shape::Vec(of) => {
            Some(ty.at(of)).filter(|of| of.shape().is_float())
        }
        _ => None,
    }
}

/// The parameters and what follows them, of a method.
fn with_receiver(rest: &Tokens) -> Tokens {
    let s = site();
    let mut trees = rest.clone().into_iter();
    match trees.next() {
        Some(TokenTree::Group(params)) => {
            let params = params.stream();
            quote_spanned!(s=> (&self, #params) #(#trees)*)
        }
        first => first.into_iter().chain(trees).collect(),
    }
}
