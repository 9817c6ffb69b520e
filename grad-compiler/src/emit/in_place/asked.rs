//! What a closure is asked for beside its gradient, and the forms that ask: from there on, what users call is what it is of a
//! function, with the closure in the place of its type.

use super::Parts;
use crate::emit::cotangent_types::{buffer, owned, zero, zero_with};
use crate::emit::forms::Form;
use crate::emit::items::{Cx, Names, Workers};
use crate::emit::signature::Param;
use crate::emit::tangent::SweptAlong;
use crate::emit::workers::{Swept, has_slot};
use crate::emit::{Derivatives, Tokens, failing, site};
use crate::transform::{HigherOrder, Tangents, Width};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};

/// What there is beside the value.
#[derive(Clone, Copy, Debug)]
pub(in crate::emit) enum Wants {
    Gradient,
    /// Products with the Hessian, and perhaps all of it.
    Second {
        hessian: bool,
    },
    /// Of a result that is no number: tangents and cotangents, and perhaps a Jacobian.
    Parts {
        jacobian: bool,
    },
}

impl Wants {
    pub(super) fn tangents(self) -> bool {
        matches!(self, Wants::Parts { .. })
    }

    pub(super) fn jacobian(self) -> bool {
        matches!(self, Wants::Parts { jacobian: true })
    }

    pub(super) fn products(self) -> bool {
        matches!(self, Wants::Second { .. })
    }

    pub(super) fn hessian(self) -> bool {
        matches!(self, Wants::Second { hessian: true })
    }

    /// Several directions side by side.
    pub(super) fn lanes(self) -> bool {
        self.jacobian() || self.hessian()
    }
}

impl<'a> Cx<'a> {
    pub(super) fn wants(&self) -> Wants {
        if !self.sig.has_float_result() {
            Wants::Parts { jacobian: self.has_jacobian() }
        } else if self.args.order > 1 && self.sig.has_gradient() {
            Wants::Second { hessian: self.hessian().is_some() }
        } else {
            Wants::Gradient
        }
    }

    /// `Asked<(f64, (&mut [f64],))>`
    pub(super) fn asked_ty(&self, parts: &Parts, wants: Wants) -> Tokens {
        let s = site();
        let krate = self.krate();
        let buffers = |width| {
            let tys = parts.wrt.iter().map(|k| self.buffer_of(self.sig.params[*k].ty, width));
            quote_spanned!(s=> (#(&mut #tys,)*))
        };
        let dots = |width| {
            let tys = parts.wrt.iter().map(|k| self.tangent_of(self.sig.params[*k].ty, width));
            quote_spanned!(s=> (#(#tys,)*))
        };
        let (gradient, seed) = (buffers(Width::One), self.seed_ty());
        let along = |width| {
            let (dots, result) = (dots(width), self.sig.result.map(|ty| self.owned_tangent(ty, width)));
            quote_spanned!(s=> (#dots, &mut ::core::option::Option<#result>))
        };
        let twice = |width| {
            let (dots, products) = (dots(width), buffers(width));
            quote_spanned!(s=> (#dots, #gradient, #products))
        };
        let or_never = |is_there: bool, ty: &dyn Fn() -> Tokens| {
            if is_there { ty() } else { quote_spanned!(s=> ::core::convert::Infallible) }
        };
        let all = [
            or_never(wants.tangents(), &|| along(Width::One)),
            or_never(wants.jacobian(), &|| along(Width::Lanes)),
            or_never(wants.products(), &|| twice(Width::One)),
            or_never(wants.hessian(), &|| twice(Width::Lanes)),
        ];
        quote_spanned!(s=> #krate::__private::Asked<(#seed, #gradient), #(#all),*>)
    }

    /// A request.
    pub(super) fn request(&self, name: &str) -> Tokens {
        let (s, krate) = (site(), self.krate());
        let name = Ident::new(name, s);
        quote_spanned!(s=> #krate::__private::Asked::#name)
    }

    // --- where the closure stands ---

    /// The arms that answer requests for more than the gradient.
    pub(super) fn arms_in_place(
        &self,
        parts: &Parts,
        wants: Wants,
        derivatives: &Derivatives<'a>,
    ) -> Vec<Tokens> {
        let mut arms = Vec::new();
        if wants.tangents() {
            arms.push(self.tangent_in_place(parts, derivatives.tangents, Width::One));
        }
        if wants.jacobian() {
            arms.push(self.tangent_in_place(parts, derivatives.lanes, Width::Lanes));
        }
        let higher = derivatives.higher.first().and_then(|higher| higher.joint.as_ref());
        if let Some((one, lanes)) = higher {
            arms.extend(wants.products().then(|| self.product_in_place(parts, one)));
            arms.extend(
                lanes.as_ref().filter(|_| wants.hessian()).map(|of| self.product_in_place(parts, of)),
            );
        }
        arms
    }

    /// Tangents of the result.
    fn tangent_in_place(&self, parts: &Parts, tangents: &'a Tangents, width: Width) -> Tokens {
        let s = site();
        let SweptAlong { params, along, methods, body } = self.swept_along(tangents, width);
        let names = &parts.names;
        let patterns = params.iter().chain(&along);
        let dots: Vec<&Ident> = parts.wrt.iter().map(|k| &names.dots[*k]).collect();
        let given = parts.own.iter().map(|k| &names.params[*k]).chain(dots.iter().copied());
        let result = self.returns_tangent(width);
        let body = self.run_in_place(
            &result,
            &quote_spanned! {s=>
                let (#(#patterns,)*) = (#(#given,)*);
                #methods
                #body
            },
        );
        let request = self.request(if width == Width::One { "Tangent" } else { "Tangents" });
        let out = names.namer(&[]).fresh("out", s);
        let (value, dot) = (&names.value, &names.seed);
        let answer = self.sig.answer(&value.to_token_stream());
        quote_spanned! {s=>
            #request(((#(#dots,)*), #out)) => {
                let (#value, #dot) = #body;
                *#out = ::core::option::Option::Some(#dot);
                #answer
            }
        }
    }

    /// The gradient and its derivative along a direction: what is a number is written, all else added.
    fn product_in_place(&self, parts: &Parts, derivative: &'a HigherOrder) -> Tokens {
        let s = site();
        let lists = derivative.lists();
        let Swept { params, body } = self.both_sweeps(lists);
        let names = &parts.names;
        let patterns = params.iter().map(|(pattern, _)| pattern);
        let [dots, bars, products] = [&names.dots, &names.bars, &names.products]
            .map(|of| -> Vec<&Ident> { parts.wrt.iter().map(|k| &of[*k]).collect() });
        let slots = [&names.bars, &names.products]
            .into_iter()
            .flat_map(|list| parts.wrt.iter().filter(|k| has_slot(&self.sig.params[**k])).map(|k| &list[*k]));
        let given = parts.own.iter().map(|k| &names.params[*k]).chain(dots.iter().copied()).chain(slots);
        let result = self.higher_result(lists);
        let body = self.run_in_place(
            &quote_spanned!(s=> -> #result),
            &quote_spanned! {s=>
                let (#(#patterns,)*) = (#(#given,)*);
                #body
            },
        );
        let (mut namer, mut written) = (names.namer(&[]), Tokens::new());
        let numbers = [&names.bars, &names.products].map(|list| -> Tokens {
            let numbers = self.returned().into_iter().map(|(k, param)| {
                let (number, to) = (namer.fresh(&format!("d_{}", param.stem()), param.span), &list[k]);
                written.extend(quote_spanned!(s=> *#to = #number;));
                number
            });
            let numbers: Vec<Ident> = numbers.collect();
            quote_spanned!(s=> (#(#numbers,)*))
        });
        let request = self.request(if lists.width == Width::One { "Product" } else { "Products" });
        let value = &names.value;
        let answer = self.sig.answer(&value.to_token_stream());
        quote_spanned! {s=>
            #request(((#(#dots,)*), (#(#bars,)*), (#(#products,)*))) => {
                let ((#value, _), (#(#numbers),*)) = #body;
                #written
                #answer
            }
        }
    }

    /// A body that may fail where the closure fails, with another result.
    fn run_in_place(&self, result: &Tokens, body: &Tokens) -> Tokens {
        let s = site();
        match self.sig.failing {
            None => quote_spanned!(s=> { #body }),
            Some(_) => quote_spanned!(s=> (|| #result { #body })()?),
        }
    }

    // --- what asks it ---

    /// The functions beside `call` and the gradient: those of users, and the names of all.
    pub(super) fn more_in_place(
        &self,
        parts: &Parts,
        wants: Wants,
        derivatives: Option<&Derivatives<'_>>,
    ) -> (Vec<Tokens>, Vec<&'static str>) {
        let (mut functions, mut names) = (Vec::new(), Vec::new());
        if wants.tangents() {
            let workers = Workers {
                slots: self.sig.params.iter().map(has_slot).collect(),
                leaves_sums: derivatives.is_some_and(|of| failing::leaves_sums(of.joint)),
                ..Workers::default()
            };
            functions.extend([
                self.joint_in_place(parts),
                self.vjp_add(&workers),
                self.jvp_in_place(parts, Width::One),
            ]);
            names.extend(["vjp_add", "jvp"]);
        }
        if wants.jacobian() {
            functions.push(self.jvp_in_place(parts, Width::Lanes));
            functions.extend(self.jacobians());
            names.extend(["jvp_n", "jacobian", "value_and_jacobian"]);
        }
        if wants.products() {
            functions.extend([self.joint_twice_in_place(parts, Width::One), self.hvp(Width::One)]);
            names.push("hvp");
        }
        if wants.hessian() {
            functions.extend([self.joint_twice_in_place(parts, Width::Lanes), self.hvp(Width::Lanes)]);
            functions.extend(self.hessian());
            names.extend(["hvp_n", "hessian"]);
        }
        (functions, names)
    }

    /// Cotangents: those that are numbers are returned.
    fn joint_in_place(&self, parts: &Parts) -> Tokens {
        let s = site();
        let names = &parts.names;
        let (seed, seed_ty) = (&names.seed, self.seed_ty());
        let slots = parts.wrt.iter().filter(|k| has_slot(&self.sig.params[**k])).map(|k| {
            let (bar, ty) = (&names.bars[*k], buffer(self.sig.params[*k].ty));
            quote_spanned!(s=> #bar: &mut #ty)
        });
        let (lets, bars) = self.rooms(parts, &names.bars, Width::One);
        let request = self.request("Gradient");
        let call = Self::asked_in_place(parts, &quote_spanned!(s=> #request((#seed, (#(#bars,)*)))));
        let value = &names.value;
        let answer = self
            .sig
            .answer(&self.joint_pattern(&value.to_token_stream(), |k| names.bars[k].to_token_stream()));
        let (params, result, question) = (&parts.params, self.joint_result(), self.sig.question());
        let name = Form::JOINT.method();
        quote_spanned! {s=>
            #[inline]
            fn #name(&self, #(#params,)* #seed: #seed_ty, #(#slots),*) #result {
                #lets
                let #value = #call #question;
                #answer
            }
        }
    }

    /// The gradient and its derivative along a direction: numbers are returned.
    fn joint_twice_in_place(&self, parts: &Parts, width: Width) -> Tokens {
        let s = site();
        let names = &parts.names;
        let dots: Vec<&Ident> = parts.wrt.iter().map(|k| &names.dots[*k]).collect();
        let directions = self.directions(parts, names, width);
        let slots =
            [(&names.bars, Width::One), (&names.products, width)].into_iter().flat_map(|(list, width)| {
                let wrt = parts.wrt.iter().filter(|k| has_slot(&self.sig.params[**k]));
                wrt.map(move |k| {
                    let (bar, ty) = (&list[*k], self.buffer_of(self.sig.params[*k].ty, width));
                    quote_spanned!(s=> #bar: &mut #ty)
                })
            });
        let (lets, bars) = self.rooms(parts, &names.bars, Width::One);
        let (more_lets, products) = self.rooms(parts, &names.products, width);
        let request = self.request(if width == Width::One { "Product" } else { "Products" });
        let request = quote_spanned!(s=> #request(((#(#dots,)*), (#(#bars,)*), (#(#products,)*))));
        let call = Self::asked_in_place(parts, &request);
        let lists = [&names.bars, &names.products].map(|list| {
            let numbers = self.returned().into_iter().map(|(k, _)| list[k].clone()).collect::<Vec<_>>();
            quote_spanned!(s=> (#(#numbers,)*))
        });
        let tys = [Width::One, width].map(|width| self.returned_tys(width));
        let answer_ty = self.sig.answer_ty(&quote_spanned!(s=> ((), (#(#tys),*))));
        let answer = self.sig.answer(&quote_spanned!(s=> ((), (#(#lists),*))));
        let (params, name, question) = (&parts.params, Form::Joint(2, width).method(), self.sig.question());
        quote_spanned! {s=>
            #[inline]
            fn #name(&self, #(#params,)* #(#directions,)* #(#slots),*) -> #answer_ty {
                #lets
                #more_lets
                let _ = #call #question;
                #answer
            }
        }
    }

    fn jvp_in_place(&self, parts: &Parts, width: Width) -> Tokens {
        let s = site();
        let names = &parts.names;
        let dots: Vec<&Ident> = parts.wrt.iter().map(|k| &names.dots[*k]).collect();
        let directions = self.directions(parts, names, width);
        let (value, dot) = (&names.value, &names.seed);
        let request = self.request(if width == Width::One { "Tangent" } else { "Tangents" });
        let call = Self::asked_in_place(parts, &quote_spanned!(s=> #request(((#(#dots,)*), &mut #dot))));
        let answer = self.sig.answer(&quote_spanned! {s=>
            (#value, #dot.expect("a tangent that is asked for is there"))
        });
        let (params, result, question) = (&parts.params, self.returns_tangent(width), self.sig.question());
        self.function(
            &self.jvp_docs(width),
            self.jvp_name(width),
            &Tokens::new(),
            &quote_spanned! {s=>
                (#(#params,)* #(#directions),*) #result {
                    let mut #dot = ::core::option::Option::None;
                    let #value = #call #question;
                    #answer
                }
            },
        )
    }

    fn directions(&self, parts: &Parts, names: &Names, width: Width) -> Vec<Tokens> {
        let direction = |k: &usize| {
            let (dot, ty) = (&names.dots[*k], self.tangent_of(self.sig.params[*k].ty, width));
            quote_spanned!(site()=> #dot: #ty)
        };
        parts.wrt.iter().map(direction).collect()
    }

    /// Room for the numbers among cotangents, and where all of them go.
    fn rooms(&self, parts: &Parts, list: &[Ident], width: Width) -> (Tokens, Vec<Tokens>) {
        let s = site();
        let (mut lets, mut places) = (Tokens::new(), Vec::new());
        for k in &parts.wrt {
            let (param, bar): (&Param<'_>, _) = (&self.sig.params[*k], &list[*k]);
            if has_slot(param) {
                places.push(bar.to_token_stream());
                continue;
            }
            let (zero, ty) = match width {
                Width::One => (zero(param.ty), owned(param.ty)),
                Width::Lanes => (
                    zero_with(param.ty, &quote_spanned!(s=> ::core::default::Default::default())),
                    self.owned_tangent(param.ty, width),
                ),
            };
            lets.extend(quote_spanned!(s=> let mut #bar: #ty = #zero;));
            places.push(quote_spanned!(s=> &mut #bar));
        }
        (lets, places)
    }

    /// The call of the closure with a request.
    fn asked_in_place(parts: &Parts, request: &Tokens) -> Tokens {
        let args = Self::args_of(parts);
        quote_spanned!(site()=> (self.function)(#(#args,)* #request))
    }
}
