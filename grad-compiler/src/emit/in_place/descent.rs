//! A closure as what a descent minimises: the traits of the type that holds it.

use super::Parts;
use crate::emit::cotangent_types::zero;
use crate::emit::items::Cx;
use crate::emit::objective::{Answering, Point};
use crate::emit::{Tokens, site};
use crate::shape::Typed;
use quote::{ToTokens, quote_spanned};

/// What the type keeps, of which type, and its traits.
pub(super) struct Descent {
    pub(super) kept_ty: Tokens,
    pub(super) kept: Tokens,
    pub(super) traits: Tokens,
}

impl<'a> Cx<'a> {
    /// A closure with its gradient as an objective: what it keeps, of which type, and the traits. Only where all of its parameters
    /// are a point.
    pub(super) fn objective_in_place(&self, parts: &Parts, has_products: bool) -> Option<Descent> {
        let s = site();
        let krate = self.krate();
        let scalar = self.sig.result.filter(|_| self.sig.has_float_result())?;
        let names = &parts.names;
        let point = self.point(names, scalar).filter(|_| parts.own.len() == parts.wrt.len())?;
        let (x, x_bar, x_ty, x_bar_ty) = (&point.x, &point.gradient, &point.ty, &point.cotangent);
        let args: Vec<Tokens> = parts.own.iter().map(|k| point.part(x, *k, &self.sig.params[*k])).collect();
        let [lets, bars] = [true, false].map(|is_let| -> Vec<Tokens> {
            let of = |k: &usize| {
                let (buffer, bar) = (point.buffer(*k), &names.bars[*k]);
                match is_let {
                    // What is one parameter has its name.
                    true if parts.wrt.len() == 1 => Tokens::new(),
                    true => quote_spanned!(s=> let #bar = #buffer;),
                    false => bar.to_token_stream(),
                }
            };
            parts.wrt.iter().map(of).collect()
        });
        let mut namer = names.namer(&[x.clone(), x_bar.clone()]);
        let [function, kept_in, answer] = ["function", "kept", "answer"].map(|name| namer.fresh(name, s));
        let cleared = parts.wrt.iter().map(|k| self.cleared(names, *k));
        let asked = self.asked_for_gradient(&function.to_token_stream(), &args, &bars);
        let with_gradient = quote_spanned!(s=> { #(#lets)* #(#cleared)* #asked });
        let nothing = self.request("Nothing");
        let value = quote_spanned!(s=> #function(#(#args,)* #nothing));
        let bound = &parts.bound;
        let answer_ty = self.sig.answer_ty(&scalar.to_token_stream());
        let more = self.repeated(&answer_ty, &scalar.to_token_stream());
        let where_clause = quote_spanned!(s=> where F: #bound, #(for<'__grad> #more),*);
        let private = quote_spanned!(s=> #krate::__private);
        let products = has_products.then(|| self.products_in_place(&point, scalar, &args, &where_clause));
        let (kept_ty, kept, [dim, value, with_gradient], starts) = if point.is_flat {
            let answers = [
                quote_spanned!(s=> ::core::option::Option::None),
                quote_spanned!(s=> let #x = x; let #answer = #value; #kept_in.value(#answer)),
                quote_spanned! {s=>
                    let (#x, #x_bar) = (x, gradient);
                    let #answer = #with_gradient;
                    #kept_in.value(#answer)
                },
            ];
            let kept = quote_spanned!(s=> #private::KeptFailure);
            (kept.clone(), quote_spanned!(s=> #kept::default()), answers, Tokens::new())
        } else {
            let start = self.start(&point);
            let answers = [
                quote_spanned!(s=> self.kept.dim()),
                quote_spanned!(s=> #kept_in.value(x, |#x: &#x_ty| #value)),
                quote_spanned! {s=>
                    #kept_in.value_and_grad_into(x, gradient, |#x: &#x_ty, #x_bar: &mut #x_bar_ty| #with_gradient)
                },
            ];
            let starts = quote_spanned! {s=>
                #[automatically_derived]
                impl<F> #krate::StartsAt<#scalar, #x_ty, #krate::OfObjective<#krate::InShape>> for __GradFunction<F>
                #where_clause
                {
                    fn flat_start(&mut self, start: #x_ty) -> #private::vec::Vec<#scalar> {
                        self.kept.flat_start(start)
                    }

                    fn point(&self, x: #private::vec::Vec<#scalar>) -> #x_ty {
                        self.kept.unflatten(&x)
                    }
                }
            };
            let kept = quote_spanned!(s=> #private::KeptShape);
            (
                quote_spanned!(s=> #kept<#x_ty, #x_bar_ty>),
                quote_spanned!(s=> #kept::new(#start)),
                answers,
                starts,
            )
        };
        // Each for itself: a closure may take all of `self`.
        let parts = quote_spanned!(s=> let (#function, #kept_in) = (&self.function, &mut self.kept););
        let implemented = quote_spanned! {s=>
            #[automatically_derived]
            impl<F> #krate::Objective for __GradFunction<F> #where_clause {
                type Scalar = #scalar;

                fn dim(&self) -> ::core::option::Option<::core::primitive::usize> {
                    #dim
                }

                fn value(&mut self, x: &[#scalar]) -> #scalar {
                    #parts
                    #value
                }

                fn value_and_grad_into(&mut self, x: &[#scalar], gradient: &mut [#scalar]) -> #scalar {
                    #parts
                    #with_gradient
                }

                fn failure(&mut self) -> ::core::option::Option<#krate::Failure> {
                    self.kept.failure()
                }
            }
            #starts
            #products
        };
        Some(Descent { kept_ty, kept, traits: implemented })
    }

    /// An objective with products of its Hessian.
    fn products_in_place(
        &self,
        point: &Point,
        scalar: Typed<'_>,
        args: &[Tokens],
        where_clause: &Tokens,
    ) -> Tokens {
        let s = site();
        let krate = self.krate();
        let (x, dot, product) = (&point.x, &point.direction, &point.product);
        // Directions come in the order of the parameters, gradients in that of `wrt`.
        let mut in_order = point.positions.clone();
        in_order.sort_unstable();
        let directions = in_order.into_iter().map(|k| point.part(dot, k, &self.sig.params[k]));
        let hvp = self.beside("hvp", &Tokens::new());
        let call = quote_spanned!(s=> #hvp(#(#args,)* #(#directions),*));
        let body = if point.is_flat {
            let there = self.sig.answer(&quote_spanned!(s=> (_, of_direction)));
            let otherwise = self.sig.failing.map(|_| {
                quote_spanned!(s=> _ => #product.fill(#krate::__private::float::<#scalar>(::core::primitive::f64::NAN)),)
            });
            quote_spanned! {s=>
                let (#x, #dot, #product) = (x, v, product);
                match #call {
                    #there => #product.copy_from_slice(&of_direction),
                    #otherwise
                }
            }
        } else {
            let (x_ty, x_bar_ty, question) = (&point.ty, &point.cotangent, self.sig.question());
            let kept = quote_spanned!(s=> #krate::__private::KeptShape);
            let answer_ty = self.sig.answer_ty(&scalar.to_token_stream());
            let answer = self.sig.answer(&self.sig.result.map(zero).unwrap_or_default());
            quote_spanned! {s=>
                // The function is asked while there is room for a point.
                let mut kept = ::core::mem::replace(&mut self.kept, #kept::new(::core::option::Option::None));
                kept.product_into(x, v, product, |#x: &#x_ty, #dot: &#x_bar_ty, #product: &mut #x_bar_ty| -> #answer_ty {
                    *#product = #call #question.1;
                    #answer
                });
                self.kept = kept;
            }
        };
        quote_spanned! {s=>
            #[automatically_derived]
            impl<F> #krate::HessianProduct for __GradFunction<F> #where_clause {
                fn hessian_product_into(&mut self, x: &[#scalar], v: &[#scalar], product: &mut [#scalar]) {
                    #body
                }
            }
        }
    }

    /// A closure whose result is floats as residuals.
    pub(super) fn residuals_in_place(&self, parts: &Parts) -> Option<Descent> {
        let s = site();
        let krate = self.krate();
        let Answering { scalar, point, answer_ty, wanted: ask, body } =
            self.answering().filter(|_| parts.own.len() == parts.wrt.len())?;
        let (x, x_ty, bound) = (&point.x, &point.ty, &parts.bound);
        let more = self.repeated(&answer_ty, &quote_spanned!(s=> ()));
        let where_clause = quote_spanned!(s=> where F: #bound, #(for<'__grad> #more),*);
        let private = quote_spanned!(s=> #krate::__private);
        let (kept, new) = if point.is_flat {
            (quote_spanned!(s=> #private::KeptResiduals<#scalar>), quote_spanned!(s=> default()))
        } else {
            (
                quote_spanned!(s=> #private::KeptShapedResiduals<#scalar, #x_ty>),
                quote_spanned!(s=> new(::core::option::Option::None)),
            )
        };
        let start = self.start(&point);
        let first = match &start {
            None => quote_spanned!(s=> <#kept as ::core::default::Default>::default()),
            Some(start) => quote_spanned!(s=> <#kept>::new(#start)),
        };
        // The function is asked while what is kept is written.
        let keeping = quote_spanned!(s=> let mut kept = ::core::mem::replace(&mut self.kept, <#kept>::#new););
        let dim = if point.is_flat {
            quote_spanned!(s=> ::core::option::Option::None)
        } else {
            quote_spanned!(s=> self.kept.dim())
        };
        let wanted = quote_spanned!(s=> wanted: #private::Wanted<'_, #scalar>);
        let (asking, at) = if point.is_flat {
            (quote_spanned!(s=> |#wanted| self.__grad_wanted(x, wanted)), Tokens::new())
        } else {
            let point = quote_spanned!(s=> point: &#x_ty);
            (quote_spanned!(s=> |#point, #wanted| self.__grad_wanted(point, wanted)), quote_spanned!(s=> x,))
        };
        let starts = (!point.is_flat).then(|| {
            quote_spanned! {s=>
                #[automatically_derived]
                impl<F> #krate::StartsAt<#scalar, #x_ty, #krate::OfResiduals<#krate::InShape>> for __GradFunction<F>
                #where_clause
                {
                    fn flat_start(&mut self, start: #x_ty) -> #private::vec::Vec<#scalar> {
                        self.kept.flat_start(start)
                    }

                    fn point(&self, x: #private::vec::Vec<#scalar>) -> #x_ty {
                        self.kept.point(&x)
                    }
                }
            }
        });
        let implemented = quote_spanned! {s=>
            impl<F> __GradFunction<F> #where_clause {
                fn __grad_wanted(&self, #x: &#x_ty, #ask: #private::Wanted<'_, #scalar>) -> #answer_ty {
                    #body
                }
            }
            #[automatically_derived]
            impl<F> #krate::Residuals for __GradFunction<F> #where_clause {
                type Scalar = #scalar;

                fn dim(&self) -> ::core::option::Option<::core::primitive::usize> {
                    #dim
                }

                fn count(&self) -> ::core::primitive::usize {
                    self.kept.count()
                }

                fn start(&mut self, x: &[#scalar]) {
                    #keeping
                    kept.start(x, #asking);
                    self.kept = kept;
                }

                fn residuals_into(&mut self, x: &[#scalar], residuals: &mut [#scalar]) {
                    #keeping
                    kept.residuals_into(x, residuals, #asking);
                    self.kept = kept;
                }

                fn jacobian_into(&mut self, x: &[#scalar], jacobian: &mut [#scalar]) {
                    #keeping
                    kept.jacobian_into(#at jacobian, #asking);
                    self.kept = kept;
                }

                fn failure(&mut self) -> ::core::option::Option<#krate::Failure> {
                    self.kept.failure()
                }
            }
            #starts
        };
        Some(Descent { kept_ty: kept, kept: first, traits: implemented })
    }
}
