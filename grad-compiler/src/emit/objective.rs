//! `f::objective` and `f::residuals`: the function as what a descent minimises.
//!
//! The parameters it is differentiated with respect to are the point: one is the point itself, a slice of floats without a
//! copy; several are a tuple in their order. All others are constants, which the returned closure captures.

use super::cotangent_types::{borrowing_nothing, is_slice, owned, ungrouped, vec_element, zero};
use super::items::{Cx, Names};
use super::public::flat;
use super::signature::{Kind, Param, Passing};
use super::{Tokens, site};
use crate::matrix::{Element, array};
use crate::shape::{Shape, Typed, Wrapper};
use proc_macro2::{Ident, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// Tuples have tangents up to this length.
const LONGEST_TUPLE: usize = 8;

/// The point of a descent.
pub(super) struct Point {
    /// Its parts, in their order: the positions of the parameters.
    pub(super) positions: Vec<usize>,
    /// One slice of floats.
    pub(super) is_flat: bool,
    /// The types of the point and of its cotangent.
    pub(super) ty: Tokens,
    pub(super) cotangent: Tokens,
    /// What the closure calls the point, and what it is asked to write.
    pub(super) x: Ident,
    pub(super) gradient: Ident,
    pub(super) direction: Ident,
    pub(super) product: Ident,
}

/// What residuals answer.
pub(super) struct Answering<'a> {
    pub(super) scalar: Typed<'a>,
    pub(super) point: Point,
    pub(super) answer_ty: Tokens,
    /// What is wanted.
    pub(super) wanted: Ident,
    /// Answers that.
    pub(super) body: Tokens,
}

impl<'a> Cx<'a> {
    /// `None` where no descent can go along the parameters: not all floats of theirs are of the one type.
    pub(super) fn point(&self, names: &Names, scalar: Typed<'a>) -> Option<Point> {
        let wrt = self.sig.wrt();
        if wrt.is_empty() || wrt.len() > LONGEST_TUPLE {
            return None;
        }
        if !wrt.iter().all(|param| is_made_of(param.ty, scalar.ty, true)) {
            return None;
        }
        let mut positions: Vec<usize> =
            (0..self.sig.params.len()).filter(|k| self.sig.params[*k].wrt.is_some()).collect();
        positions.sort_by_key(|k| self.sig.params[*k].wrt);
        let is_flat = matches!(&wrt[..], [param] if is_slice(param.ty) && flat(param.ty).is_some());
        let [ty, cotangent] = if is_flat {
            [quote_spanned!(site()=> [#scalar]), quote_spanned!(site()=> [#scalar])]
        } else {
            let of = |ty: fn(Typed<'_>) -> Tokens| {
                Self::tuple(&wrt.iter().map(|param| ty(param.ty)).collect::<Vec<_>>())
            };
            [of(borrowing_nothing), of(owned)]
        };
        let [x, gradient, direction, product] = match &positions[..] {
            [k] => {
                [&names.params[*k], &names.bars[*k], &names.dots[*k], &names.products[*k]].map(Ident::clone)
            }
            _ => {
                let mut namer = names.namer(&[]);
                ["point", "gradient", "direction", "product"].map(|hint| namer.fresh(hint, site()))
            }
        };
        Some(Point { positions, is_flat, ty, cotangent, x, gradient, direction, product })
    }

    /// What the function is called with, at a point.
    fn args_at(&self, names: &Names, point: &Point) -> Vec<Tokens> {
        let s = site();
        let params = self.sig.params.iter().zip(&names.params).enumerate();
        params
            .map(|(k, (param, name))| match param.kind {
                _ if param.wrt.is_some() => point.part(&point.x, k, param),
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
            .collect()
    }

    /// `xs: &[f64], n: usize`: all that is not part of the point.
    fn constants(&self, names: &Names) -> Tokens {
        let s = site();
        let constants = self.sig.params.iter().zip(&names.params).filter(|(param, _)| param.wrt.is_none());
        let constants = constants.map(|(param, name)| {
            let ty = param.ty;
            quote_spanned!(s=> #name: #ty)
        });
        quote_spanned!(s=> #(#constants),*)
    }

    /// The shape of the point, as far as the types tell it, as an argument.
    pub(super) fn start(&self, point: &Point) -> Option<Tokens> {
        let s = site();
        if point.is_flat {
            return None;
        }
        let wrt = self.sig.wrt();
        // What is in a type of the user's, nobody knows but the start.
        if wrt.iter().any(|param| param.ty.names_own()) {
            return Some(quote_spanned!(s=> ::core::option::Option::None,));
        }
        let zeros = Self::tuple(&wrt.iter().map(|param| zero(param.ty)).collect::<Vec<_>>());
        Some(quote_spanned!(s=> ::core::option::Option::Some(#zeros),))
    }

    /// The where clause of what takes a failure for one of a descent, and copies what is passed by value.
    fn where_repeated(&self, answer: &Tokens, of: &Tokens) -> Tokens {
        let s = site();
        let more = self.repeated(answer, of);
        let where_clause = self.where_with(self.bounds_of_descent());
        if more.is_empty() {
            return where_clause;
        }
        let before = if where_clause.is_empty() {
            quote_spanned!(s=> where)
        } else {
            // Whether it ends with a comma is the user's affair.
            let mut trees: Vec<_> = where_clause.into_iter().collect();
            if matches!(trees.last(), Some(TokenTree::Punct(last)) if last.as_char() == ',') {
                trees.pop();
            }
            quote_spanned!(s=> #(#trees)*,)
        };
        // Where it does not hold, the function exists and cannot be called; the `for` makes rustc wait.
        quote_spanned!(s=> #before #(for<'__grad> #more),*)
    }

    pub(super) fn repeated(&self, answer: &Tokens, of: &Tokens) -> Vec<Tokens> {
        let s = site();
        let krate = self.krate();
        let mut more = Vec::new();
        if self.sig.failing.is_some() {
            more.push(quote_spanned!(s=> #answer: #krate::Fallible<#of>));
        }
        for param in self.sig.wrt() {
            if param.kind == Kind::Aggregate(Passing::Moved) && param.ty.names_own() {
                let ty = param.ty;
                more.push(quote_spanned!(s=> #ty: ::core::clone::Clone));
            }
        }
        more
    }

    /// Whether there is an `f::hvp`.
    fn has_products(&self) -> bool {
        if self.args.has_rule() {
            self.args.hvp.is_some()
        } else if !self.args.functions.is_empty() {
            false
        } else {
            self.args.order > 1 && (!self.is_stub || self.has_nested())
        }
    }

    /// Only of a scalar function.
    pub(super) fn objective(&self) -> Option<Tokens> {
        let s = site();
        let krate = self.krate();
        let scalar = self.sig.result.filter(|_| self.sig.has_float_result())?;
        let names = self.names();
        let point = self.point(&names, scalar)?;
        let (x, x_bar, x_ty, x_bar_ty) = (&point.x, &point.gradient, &point.ty, &point.cotangent);
        let args = self.args_at(&names, &point);
        let turbofish = self.turbofish(false);
        let question = self.sig.question();
        let value = if self.is_stub {
            self.sig.answer(&quote_spanned!(s=> Self::value_and_grad #turbofish (#(#args),*)#question.0))
        } else {
            self.answer_again(&args)
        };
        let with_gradient = if self.sig.wrt().iter().all(|param| param.kind.is_returned()) {
            let value = &names.value;
            let written = names.namer(&[x.clone(), x_bar.clone()]).fresh("written", site());
            let answer = self.sig.answer(&value.to_token_stream());
            quote_spanned! {s=> {
                let (#value, #written) = Self::value_and_grad #turbofish (#(#args),*)#question;
                *#x_bar = #written;
                #answer
            }}
        } else {
            let buffers = point.positions.iter().map(|k| point.buffer(*k));
            quote_spanned!(s=> Self::grad_into #turbofish (#(#args,)* #(#buffers),*))
        };
        let ask = quote_spanned!(s=> #krate::__private::Ask);
        let asked = names.namer(&[x.clone(), x_bar.clone()]).fresh("ask", s);
        let (asks, products) = if self.has_products() {
            let (x_dot, x_bar_dot) = (&point.direction, &point.product);
            // Directions come in the order of the parameters, gradients in that of `wrt`.
            let mut in_order = point.positions.clone();
            in_order.sort_unstable();
            let directions = in_order.into_iter().map(|k| point.part(x_dot, k, &self.sig.params[k]));
            let product = quote_spanned!(s=> Self::hvp #turbofish (#(#args,)* #(#directions),*)#question.1);
            let write = if point.is_flat {
                quote_spanned!(s=> #x_bar_dot.copy_from_slice(&#product))
            } else {
                quote_spanned!(s=> *#x_bar_dot = #product)
            };
            // What is returned as the value, nobody looks at.
            let answer = self.sig.answer(&self.sig.result.map(zero).unwrap_or_default());
            let of_product = quote_spanned! {s=>
                #ask::Product(#x_dot, #x_bar_dot, ()) => {
                    #write;
                    #answer
                }
            };
            (quote_spanned!(s=> ()), of_product)
        } else {
            // There is no such request.
            (quote_spanned!(s=> #krate::__private::NoProducts), Tokens::new())
        };
        let answer_ty = self.sig.answer_ty(&scalar.to_token_stream());
        let where_clause = self.where_repeated(&answer_ty, &scalar.to_token_stream());
        let (constructor, returned) = if point.is_flat {
            let of = Ident::new(if self.has_products() { "HessianProduct" } else { "Objective" }, s);
            (quote_spanned!(s=> objective), quote_spanned!(s=> impl #krate::#of<Scalar = #scalar>))
        } else {
            // Its shape can be set.
            let returned = quote_spanned! {s=>
                #krate::Shaped<
                    #scalar,
                    #x_ty,
                    impl ::core::ops::FnMut(&#x_ty, #ask<'_, #x_bar_ty, #asks>) -> #answer_ty,
                    #asks,
                >
            };
            (quote_spanned!(s=> objective_of), returned)
        };
        let closure = quote_spanned! {s=>
            match #asked {
                #ask::Value => #value,
                #ask::Gradient(#x_bar) => #with_gradient,
                #products
            }
        };
        // Of a `?` inside, rustc does not know what it returns.
        let closure = match self.sig.failing {
            Some(_) => quote_spanned!(s=> -> #answer_ty { #closure }),
            None => closure,
        };
        let (constants, start) = (self.constants(&names), self.start(&point));
        let doc = format!(" {} as an objective over {}, for descent.", self.link(), self.wrt_list());
        Some(self.function(
            &[doc],
            "objective",
            &self.generics(false),
            &quote_spanned! {s=>
                (#constants) -> #returned #where_clause {
                    #krate::__private::#constructor(
                        #start
                        move |#x: &#x_ty, #asked: #ask<'_, #x_bar_ty, #asks>| #closure,
                    )
                }
            },
        ))
    }

    /// What residuals answer to what is wanted of them; only of a function with a Jacobian, whose result is floats of one type.
    pub(super) fn answering(&self) -> Option<Answering<'a>> {
        let s = site();
        let krate = self.krate();
        let result = self.sig.result.filter(|_| self.has_jacobian())?;
        let scalar = result.parts().into_iter().find_map(|part| match part.shape() {
            Shape::Matrix(_, Element::Written(of)) => Some(part.at(of)),
            shape => shape.is_float().then_some(part),
        })?;
        if !is_made_of(result, scalar.ty, false) {
            return None;
        }
        let names = self.names();
        let point = self.point(&names, scalar)?;
        let x = &point.x;
        let args = self.args_at(&names, &point);
        let (turbofish, question) = (self.turbofish(false), self.sig.question());
        let both = self.beside("value_and_jacobian", &turbofish);
        let of_rows = self.beside("jacobian", &turbofish);
        let returned = if self.is_stub {
            quote_spanned!(s=> #both(#(#args),*)#question.0)
        } else {
            self.value_again(&args)
        };
        let wanted = quote_spanned!(s=> #krate::__private::Wanted);
        let mut namer = names.namer(std::slice::from_ref(x));
        let [into, jacobian, width, column, ask] =
            ["into", "jacobian", "width", "column", "wanted"].map(|hint| namer.fresh(hint, site()));
        let rows = owned(result);
        let blocks = point.positions.iter().enumerate().map(|(at, k)| {
            let of = owned(self.sig.params[*k].ty);
            let block = match &point.positions[..] {
                [_] => jacobian.to_token_stream(),
                _ => {
                    let at = syn::Index::from(at);
                    quote_spanned!(s=> #jacobian.#at)
                }
            };
            quote_spanned! {s=>
                #column = #krate::__private::write_rows::<#rows, #of, #scalar>(#block, #into, #width, #column);
            }
        });
        let answer_ty = self.sig.answer_ty(&quote_spanned!(s=> ()));
        let answer = self.sig.answer(&Tokens::new());
        let body = quote_spanned! {s=>
            match #ask {
                #wanted::Residuals(#into) => #krate::__private::write_residuals(&#returned, #into),
                #wanted::Jacobian(#into) => {
                    let #jacobian = #of_rows(#(#args),*)#question;
                    let #width = #krate::Differentiable::dim(#x);
                    let mut #column = 0;
                    #(#blocks)*
                    let _ = #column;
                }
            }
            #answer
        };
        Some(Answering { scalar, point, answer_ty, wanted: ask, body })
    }

    /// Of a function whose result is floats.
    pub(super) fn residuals(&self) -> Option<Tokens> {
        let s = site();
        let krate = self.krate();
        let Answering { scalar, point, answer_ty, wanted: ask, body } = self.answering()?;
        let (names, x, x_ty) = (self.names(), &point.x, &point.ty);
        let wanted = quote_spanned!(s=> #krate::__private::Wanted);
        let where_clause = self.where_repeated(&answer_ty, &quote_spanned!(s=> ()));
        let closure = quote_spanned!(s=> -> #answer_ty { #body });
        let (constructor, returned) = if point.is_flat {
            (quote_spanned!(s=> residuals), quote_spanned!(s=> impl #krate::Residuals<Scalar = #scalar>))
        } else {
            let returned = quote_spanned! {s=>
                #krate::ShapedResiduals<
                    #scalar,
                    #x_ty,
                    impl ::core::ops::FnMut(&#x_ty, #wanted<'_, #scalar>) -> #answer_ty,
                >
            };
            (quote_spanned!(s=> residuals_of), returned)
        };
        let (constants, start) = (self.constants(&names), self.start(&point));
        let doc = format!(
            " The result of {} as residuals over {}, for least squares.",
            self.link(),
            self.wrt_list()
        );
        Some(self.function(
            &[doc],
            "residuals",
            &self.generics(false),
            &quote_spanned! {s=>
                (#constants) -> #returned #where_clause {
                    #krate::__private::#constructor(
                        #start
                        move |#x: &#x_ty, #ask: #wanted<'_, #scalar>| #closure,
                    )
                }
            },
        ))
    }
}

impl Point {
    /// The parameter in its own form, from a point or a direction, behind a reference.
    pub(super) fn part(&self, of: &Ident, k: usize, param: &Param<'_>) -> Tokens {
        let s = site();
        let is_vec_ref = matches!(ungrouped(param.ty.ty), Type::Reference(reference) if vec_element(&reference.elem).is_some());
        if self.positions.len() == 1 {
            return match param.kind {
                Kind::Scalar => quote_spanned!(s=> *#of),
                _ if self.is_flat && is_vec_ref => quote_spanned!(s=> &#of.to_vec()),
                Kind::Aggregate(Passing::Moved) if self.is_flat => quote_spanned!(s=> #of.to_vec()),
                Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(#of)),
                _ => of.to_token_stream(),
            };
        }
        let at = self.place(of, k);
        match param.kind {
            Kind::Scalar => at,
            Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#at)),
            _ => quote_spanned!(s=> &#at),
        }
    }

    /// The buffer of a parameter's cotangent.
    pub(super) fn buffer(&self, k: usize) -> Tokens {
        let gradient = &self.gradient;
        if self.positions.len() == 1 {
            return gradient.to_token_stream();
        }
        let at = self.place(gradient, k);
        quote_spanned!(site()=> &mut #at)
    }

    fn place(&self, of: &Ident, k: usize) -> Tokens {
        let at = self.positions.iter().position(|other| *other == k).expect("a part has a place");
        let at = syn::Index::from(at);
        quote_spanned!(site()=> #of.#at)
    }
}

/// Made of nothing but the one float type and types of the user's, and references only on the outside.
fn is_made_of(ty: Typed<'_>, scalar: &Type, outside: bool) -> bool {
    match ty.shape() {
        Shape::Ref { to, .. } => outside && is_made_of(ty.at(to), scalar, false),
        Shape::Array(of, _) | Shape::Slice(of) | Shape::Vec(of) | Shape::Wrapped(Wrapper::Option, of) => {
            is_made_of(ty.at(of), scalar, false)
        }
        Shape::Tuple(tuple) => tuple.elems.iter().all(|of| is_made_of(ty.at(of), scalar, false)),
        Shape::F32 | Shape::F64 => is_same_float(ungrouped(ty.ty), ungrouped(scalar)),
        Shape::Scalar(_) => ungrouped(ty.ty) == ungrouped(scalar),
        // What is minimised moves, and a view cannot.
        Shape::Matrix(path, Element::Written(of)) => {
            !array::is_view(path) && is_same_float(of, ungrouped(scalar))
        }
        Shape::Matrix(_, Element::F64) => matches!(Shape::of(scalar), Shape::F64),
        Shape::Named(_) => ty.own,
        Shape::Int
        | Shape::Bool
        | Shape::Unit
        | Shape::Wrapped(Wrapper::Box, _)
        | Shape::WithoutFloats
        | Shape::Infer
        | Shape::Other => false,
    }
}

fn is_same_float(a: &Type, b: &Type) -> bool {
    let is_f32 = |ty| matches!(Shape::of(ty), Shape::F32);
    let is_float = |ty| Shape::of(ty).is_float();
    is_float(a) && is_float(b) && is_f32(a) == is_f32(b)
}
