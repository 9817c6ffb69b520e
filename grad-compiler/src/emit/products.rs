//! What users call of higher derivatives: `f::hvp`, `f::derivative_along`; and what both are made of, the gradient and its
//! derivatives along directions.

use super::cotangent_types::{is_slice, ungrouped};
use super::forms::Form;
use super::items::{Cx, Functions, Names};
use super::nested::Nested;
use super::signature::{Kind, Param, Passing};
use super::tangent::tangent_ty;
use super::workers::{STUB, has_slot};
use super::{Tokens, site};
use crate::transform::{Higher, Width, widths};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// Names in the lists of a derivative, each by parameter.
pub(super) struct ListNames {
    /// From list 1 on: tangents of the arguments.
    pub(super) dots: Vec<Vec<Ident>>,
    /// From list 0 on: cotangents.
    pub(super) bars: Vec<Vec<Ident>>,
}

impl<'a> Cx<'a> {
    /// All that an order above the first adds for users, and for callers.
    pub(super) fn higher(&self, higher: &'a Higher) -> Functions {
        let Higher { order, joint, split } = higher;
        let mut out = Functions::default();
        if let Some((one, lanes)) =
            joint.as_ref().filter(|_| self.sig.has_gradient() && self.args.functions.is_empty())
        {
            for derivative in std::iter::once(one).chain(lanes) {
                let lists = derivative.lists();
                out.hidden.extend(self.in_one(lists, Form::Joint(*order, lists.width)));
            }
            out.extend(if *order == 2 {
                let products = [Width::One, Width::Lanes].map(|width| self.hvp(width));
                Functions::public(products.into_iter().chain(self.hessian()).collect())
            } else {
                let is_last = *order == self.args.order;
                let public = if is_last { self.derivative_along(*order) } else { Tokens::new() };
                let widths = std::iter::once(Width::One).chain(lanes.is_some().then_some(Width::Lanes));
                Functions {
                    public,
                    hidden: widths.map(|width| self.gradients_of_order(*order, width)).collect(),
                }
            });
        }
        for derivative in std::iter::once(&split.0).chain(&split.1) {
            out.hidden.extend(self.forward(derivative.lists()));
        }
        out
    }

    /// The names of the lists of a derivative of this order.
    pub(super) fn list_names(&self, order: usize, names: &Names) -> ListNames {
        if order == 2 {
            let bars = vec![names.bars.clone(), names.products.clone()];
            return ListNames { dots: vec![names.dots.clone()], bars };
        }
        let mut namer = names.namer(&[]);
        let count = 1 << (order - 1);
        let mut lists = |what: &str, from: usize| -> Vec<Vec<Ident>> {
            let mut list = |list| {
                let params = 0..self.sig.params.len();
                params.map(|k| namer.fresh(&format!("{what}_{list}_{k}"), site())).collect()
            };
            (from..count).map(&mut list).collect()
        };
        ListNames { dots: lists("direction", 1), bars: lists("gradient", 0) }
    }

    /// The lists of the results and of the cotangents, by the joint form; numbers and buffers have the names of `lists`.
    pub(super) fn all_lists(
        &self,
        order: usize,
        last: Width,
        names: &Names,
        lists: &ListNames,
        results: &Tokens,
    ) -> Tokens {
        let s = site();
        let krate = self.krate();
        let widths = widths(order, last);
        let mut prelude = Tokens::new();
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        let params = || self.sig.params.iter().enumerate();
        for (dots, width) in lists.dots.iter().zip(&widths[1..]) {
            for (k, param) in params().filter(|(_, param)| param.is_differentiable()) {
                let (name, dot) = (&names.params[k], &dots[k]);
                if param.wrt.is_some() {
                    if is_slice(param.ty) {
                        let message = format!("the direction of `{}` has another length", param.hint);
                        prelude.extend(
                            quote_spanned!(s=> ::core::assert_eq!(#dot.len(), #name.len(), #message);),
                        );
                    }
                    args.push(dot.to_token_stream());
                } else {
                    let zeros_like = zeros_function(*width);
                    prelude
                        .extend(quote_spanned!(s=> let mut #dot = #krate::__private::#zeros_like(&*#name);));
                    args.push(quote_spanned!(s=> &mut #dot));
                }
            }
        }
        for (bars, width) in lists.bars.iter().zip(&widths) {
            for (k, param) in params().filter(|(_, param)| has_slot(param)) {
                let (bar, zeros) = (&bars[k], Self::zeros_like_of(krate, param, &names.params[k], *width));
                prelude.extend(quote_spanned!(s=> let mut #bar = #zeros;));
                args.push(quote_spanned!(s=> &mut #bar));
            }
        }
        let returned = lists.bars.iter().map(|bars| {
            let parts = self.returned().into_iter().map(|(k, _)| bars[k].clone());
            quote_spanned!(s=> (#(#parts,)*))
        });
        let (turbofish, sweeps) = (self.turbofish_of(last), self.own(Form::Joint(order, last)));
        let question = self.sig.question();
        quote_spanned! {s=>
            #prelude
            let (#results, (#(#returned),*)) = #sweeps #turbofish (#(#args),*)#question;
        }
    }

    /// `zeros_like(x)`
    pub(super) fn zeros_like_of(krate: &Tokens, param: &Param<'_>, name: &Ident, width: Width) -> Tokens {
        let s = site();
        let x = match param.kind {
            Kind::Aggregate(Passing::Shared) => quote_spanned!(s=> #name),
            Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &*#name),
            _ => quote_spanned!(s=> &#name),
        };
        let zeros_like = zeros_function(width);
        quote_spanned!(s=> #krate::__private::#zeros_like(#x))
    }

    /// `f::hvp`, `f::hvp_n`
    pub(super) fn hvp(&self, width: Width) -> Tokens {
        let s = site();
        let names = self.names();
        let lists = self.list_names(2, &names);
        let wrt = self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some());
        let directions: Vec<Tokens> = wrt
            .map(|(k, param)| {
                let (dot, ty) = (&names.dots[k], self.tangent_of(param.ty, width));
                quote_spanned!(s=> #dot: #ty)
            })
            .collect();
        let sweeps = self.all_lists(2, width, &names, &lists, &quote_spanned!(s=> _));
        let [gradient, product] =
            [&names.bars, &names.products].map(|list| Self::tuple_of(&self.in_order(list)));
        let answer = self.sig.answer(&quote_spanned!(s=> (#gradient, #product)));
        self.hvp_function(&directions, &quote_spanned!(s=> #sweeps #answer), width)
    }

    pub(super) fn hvp_function(&self, directions: &[Tokens], body: &Tokens, width: Width) -> Tokens {
        let s = site();
        let primal = self.public_params(&self.names().params);
        let mut wrt: Vec<_> = self.sig.params.iter().filter(|param| param.wrt.is_some()).collect();
        wrt.sort_by_key(|param| param.wrt);
        let product =
            Self::tuple(&wrt.iter().map(|param| self.owned_tangent(param.ty, width)).collect::<Vec<_>>());
        let (gradient, name) = (self.gradient_ty(), self.link());
        // A rule may run once for each lane.
        let where_clause = if self.args.has_rule() {
            self.where_copy_of(width)
        } else {
            self.where_clause_of_order(2, width)
        };
        let docs = [
            format!(" Gradient of {name} with respect to {}, and the product of its", self.wrt_list()),
            match width {
                Width::One => " Hessian with a direction, from one run of both sweeps.".to_owned(),
                Width::Lanes => {
                    " Hessian with several directions, lane by lane, from one run of both sweeps.".to_owned()
                }
            },
        ];
        let answer = self.sig.answer_ty(&quote_spanned!(s=> (#gradient, #product)));
        self.direct(
            &docs,
            if width == Width::One { "hvp" } else { "hvp_n" },
            &self.generics_of(width),
            &quote_spanned!(s=> (#primal, #(#directions),*) -> #answer #where_clause { #body }),
        )
    }

    /// The arguments and the lists of their tangents, as parameters.
    fn with_directions(&self, names: &Names, lists: &[Vec<Ident>], widths: &[Width]) -> Tokens {
        let s = site();
        let primal = self.public_params(&names.params);
        let directions = lists.iter().zip(widths).flat_map(|(dots, width)| {
            let wrt = self.sig.params.iter().zip(dots).filter(|(param, _)| param.wrt.is_some());
            wrt.map(|(param, dot)| {
                let ty = self.tangent_of(param.ty, *width);
                quote_spanned!(s=> #dot: #ty)
            })
        });
        quote_spanned!(s=> #primal, #(#directions),*)
    }

    /// The lists of the results and those of the gradient, each in the form of a gradient.
    fn gradients_of_order(&self, order: usize, last: Width) -> Tokens {
        let s = site();
        let names = self.names();
        let (lists, widths) = (self.list_names(order, &names), widths(order, last));
        let mut namer = names.namer(&[]);
        let results: Vec<Ident> =
            (0..widths.len()).map(|list| namer.fresh(&format!("value_{list}"), s)).collect();
        let params = self.with_directions(&names, &lists.dots, &widths[1..]);
        let sweeps = self.all_lists(order, last, &names, &lists, &quote_spanned!(s=> (#(#results),*)));
        let gradients = lists.bars.iter().map(|bars| Self::tuple_of(&self.in_order(bars)));
        let answer = self.sig.answer(&quote_spanned!(s=> ((#(#results),*), (#(#gradients),*))));
        let tys = widths.iter().enumerate().map(|(list, width)| {
            if list == 0 { self.result_of(None) } else { self.tangent_of_result(None, *width) }
        });
        let gradient_tys = widths.iter().map(|width| self.tangent_of_result(Some(Nested::Grad), *width));
        let answer_ty = self.sig.answer_ty(&quote_spanned!(s=> ((#(#tys),*), (#(#gradient_tys),*))));
        let (vis, name) = (self.vis(), Form::Gradients(order, last).method());
        let (generics, where_clause) = (self.generics_of(last), self.where_clause_of_order(order, last));
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #params) -> #answer_ty #where_clause {
                #sweeps
                #answer
            }
        }
    }

    /// `f::derivative_along`: of the third order and above, a number.
    fn derivative_along(&self, order: usize) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        // Along the directions one by one: a list that holds the tangent of a direction is 0.
        let lists = self.list_names(order + 1, &names);
        let given = |list: usize| list.is_power_of_two();
        let directions: Vec<Vec<Ident>> =
            (0..order).map(|direction| lists.dots[(1 << direction) - 1].clone()).collect();
        let params = self.with_directions(&names, &directions, &vec![Width::One; order]);
        let mut zeros = Tokens::new();
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        for (list, dots) in lists.dots.iter().enumerate().take((1 << (order - 1)) - 1) {
            for (k, param) in self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some()) {
                let dot = &dots[k];
                if given(list + 1) {
                    args.push(dot.to_token_stream());
                    continue;
                }
                let zero = Self::zeros_like_of(krate, param, &names.params[k], Width::One);
                zeros.extend(quote_spanned!(s=> let #dot = #zero;));
                let is_reference = matches!(ungrouped(param.ty.ty), Type::Reference(_));
                args.push(if is_reference { quote_spanned!(s=> &#dot) } else { dot.to_token_stream() });
            }
        }
        let gradients = &lists.bars[..1 << (order - 1)];
        let last = Self::tuple_of(&self.in_order(&gradients[gradients.len() - 1]));
        let ignored = vec![quote_spanned!(s=> _); gradients.len() - 1];
        let along = &directions[order - 1];
        let bars = &gradients[gradients.len() - 1];
        let terms =
            self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some()).map(|(k, _)| {
                let (bar, dot) = (&bars[k], &along[k]);
                quote_spanned!(s=> #krate::__private::inner(&#bar, &#dot))
            });
        let sum = self.as_result(&terms.collect::<Vec<_>>());
        let sum = self.sig.answer(&sum);
        let (turbofish, form) = (self.turbofish(false), self.own(Form::Gradients(order, Width::One)));
        let question = self.sig.question();
        let checks =
            self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some() && is_slice(param.ty));
        let checks = checks.map(|(k, param)| {
            let (dot, name) = (&along[k], &names.params[k]);
            let message = format!("the direction of `{}` has another length", param.hint);
            quote_spanned!(s=> ::core::assert_eq!(#dot.len(), #name.len(), #message);)
        });
        let body = quote_spanned! {s=>
            #(#checks)*
            #zeros
            let (_, (#(#ignored,)* #last)) = #form #turbofish (#(#args),*)#question;
            #sum
        };
        self.derivative_along_function(order, &params, &body)
    }

    fn derivative_along_function(&self, order: usize, params: &Tokens, body: &Tokens) -> Tokens {
        let name = self.link();
        let docs = [
            format!(" Derivative of {name} of order {order}, along as many directions, one after the other:"),
            format!(" each is given with respect to {}.", self.wrt_list()),
        ];
        let (generics, where_clause) = (self.generics(false), self.where_clause());
        let answer = self.sig.answer_ty(&self.sig.result_ty());
        self.direct(
            &docs,
            "derivative_along",
            &generics,
            &quote_spanned!(site()=> (#params) -> #answer #where_clause { #body }),
        )
    }

    /// In the place of `f::hvp` and `f::hessian`, of a function without second derivatives: what to write.
    pub(super) fn no_products(&self) -> Tokens {
        let s = site();
        let krate = self.krate();
        let generics = self.generics(false);
        let itself =
            if self.in_place { quote_spanned!(s=> __GradFunction<F>) } else { quote_spanned!(s=> Self) };
        // The `for` makes rustc wait for a call. What never returns has a type that fits everywhere, and is the last that an editor
        // proposes.
        let missing = self.where_with(vec![quote_spanned! {s=>
            for<'__grad> &'__grad #itself: #krate::__private::HasDerivative<2>
        }]);
        let tys = || self.sig.params.iter().map(|param| param.ty.to_token_stream());
        let dots = self.sig.params.iter().filter(|param| param.wrt.is_some());
        let products = tys().chain(dots.map(|param| tangent_ty(param.ty)));
        [("hessian", tys().collect::<Vec<_>>()), ("hvp", products.collect())]
            .map(|(name, tys)| {
                let docs = [" Needs `#[grad(second)]`.".to_owned()];
                self.function(
                    &docs,
                    name,
                    &generics,
                    &quote_spanned!(s=> (#(_: #tys),*) -> ! #missing { loop {} }),
                )
            })
            .into_iter()
            .collect()
    }

    /// What users call, of a function that has errors.
    pub(super) fn hvp_stubs(&self) -> Tokens {
        let s = site();
        let stub = |width: Width| {
            let directions: Vec<Tokens> = self
                .sig
                .params
                .iter()
                .filter(|param| param.wrt.is_some())
                .map(|param| self.tangent_of(param.ty, width))
                .map(|ty| quote_spanned!(s=> _: #ty))
                .collect();
            let body = quote_spanned!(s=> ::core::option::Option::None.expect(#STUB));
            self.hvp_function(&directions, &body, width)
        };
        let (hvp, hvp_n, hessian) = (stub(Width::One), stub(Width::Lanes), self.hessian());
        let along = (self.args.order > 2).then(|| {
            let args = self.sig.params.iter().map(|param| param.ty.to_token_stream());
            let directions =
                (0..self.args.order).flat_map(|_| self.sig.wrt()).map(|param| tangent_ty(param.ty));
            let params = args.chain(directions).map(|ty| quote_spanned!(s=> _: #ty));
            let body = quote_spanned!(s=> ::core::option::Option::None.expect(#STUB));
            self.derivative_along_function(self.args.order, &quote_spanned!(s=> #(#params),*), &body)
        });
        quote_spanned!(s=> #hvp #hvp_n #hessian #along)
    }
}

fn zeros_function(width: Width) -> Ident {
    Ident::new(if width == Width::One { "zeros_like" } else { "lanes_like" }, site())
}
