//! `grad::function!`: a closure, and its gradient in the same closure.
//!
//! What a closure captures has no type that a macro sees. So the derivative is no function, which would have to name these types,
//! but stands where the closure stands, as an arm of it: one closure that captures what both need, once, as the user's would.
//! A type that is declared beside it holds the closure, and has the functions that users call.

mod asked;
mod descent;

use super::cotangent_types::{buffer, is_slice, owned, zero};
use super::items::{Cx, Names};
use super::jacobian::lanes_for;
use super::public::flat;
use super::workers::{STUB, Swept};
use super::{Derivatives, Tokens, site};
use crate::args::{Args, RECEIVER};
use crate::transform::{ParamCotangent, Reversed};
use asked::Wants;
use descent::Descent;
use proc_macro2::{Group, Ident, Literal, Span, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{ItemFn, Pat};

/// What `Self` is called where a derivative is made.
pub(crate) const OWN: &str = "GradSelf__";

/// A closure as the user wrote it, beside the function that its derivative is made of.
pub struct Written<'a> {
    /// `move`
    pub capture: Option<&'a syn::Token![move]>,
    /// What the parameters are bound to.
    pub patterns: Vec<&'a Pat>,
    pub body: &'a syn::Block,
    /// What is wrong with it.
    pub errors: Option<Tokens>,
}

/// The closure with its gradient; of one that has errors, `joint` is not there, and the gradient panics.
pub fn emit(
    item: &ItemFn,
    args: &Args,
    written: &Written<'_>,
    derivatives: Option<&Derivatives<'_>>,
) -> Tokens {
    let args = &args.of_function(&item.sig);
    // To users, what is captured is no parameter.
    let mut of_users = item.clone();
    let inputs = item.sig.inputs.iter().take(item.sig.inputs.len() - args.captured.len());
    of_users.sig.inputs = inputs.cloned().collect();
    let args_of_users = &Args { captured: Vec::new(), ..args.clone() }.of_function(&of_users.sig);
    let mut signatures = [super::Signature::new(item, args), super::Signature::new(&of_users, args_of_users)];
    if derivatives.is_none() {
        signatures.iter_mut().for_each(|signature| signature.keep_floats(args.wrt.is_some()));
    }
    let mut cx = Cx::new(&signatures[0], args);
    if let Some(Derivatives { joint, .. }) = derivatives {
        cx.agree_with_callees(&joint.func, &joint.reverse);
        cx.ask_fields(&joint.func, joint);
    }
    let mut of_users = Cx::new(&signatures[1], args_of_users);
    (of_users.in_place, of_users.lanes) = (true, cx.lanes.clone());
    cx.in_place(written, &of_users, derivatives)
}

/// The parts of the type that holds the closure.
pub(super) struct Parts {
    /// `Fn(&[f64], Option<(f64, (&mut [f64],))>) -> f64`
    pub(super) bound: Tokens,
    /// `w: &[f64]`
    pub(super) params: Vec<Tokens>,
    /// What the closure is asked for, beside its arguments: the seed, and where cotangents go.
    pub(super) names: std::rc::Rc<Names>,
    /// The positions of the closure's own parameters, and of those that are differentiated.
    pub(super) own: Vec<usize>,
    pub(super) wrt: Vec<usize>,
}

impl<'a> Cx<'a> {
    fn in_place(
        &self,
        written: &Written<'_>,
        of_users: &Cx<'_>,
        derivatives: Option<&Derivatives<'a>>,
    ) -> Tokens {
        let s = site();
        let wants = of_users.wants();
        let parts = self.parts_in_place(wants);
        let bound = &parts.bound;
        let gradient = derivatives.map_or_else(
            || vec![quote_spanned!(s=> _ => ::core::panic!(#STUB))],
            |derivatives| {
                let more = self.arms_in_place(&parts, wants, derivatives);
                [vec![self.gradient_in_place(&parts, derivatives.joint)], more].concat()
            },
        );
        let value = self.value_in_place(&parts, written);
        let answer = self.sig.answer_ty(&self.sig.result_ty());
        let args = parts.own.iter().map(|k| {
            let (name, ty) = (&parts.names.params[*k], self.sig.params[*k].ty.ty);
            quote_spanned!(s=> #name: #ty)
        });
        let capture = written.capture;
        let types = self.types_of_bear();
        let compiles = self.compiles_in_place();
        let asking = of_users.parts_in_place(wants);
        let descent = of_users
            .objective_in_place(&asking, wants.products())
            .or_else(|| of_users.residuals_in_place(&asking).filter(|_| wants.jacobian()));
        let mut public = vec![of_users.call_of(&asking)];
        let mut names = vec!["call"];
        if self.sig.has_gradient() {
            public.extend([of_users.value_and_grad_of(&asking), of_users.grad_into_of(&asking)]);
            names.extend(["grad", "value_and_grad"]);
            names.extend(self.has_buffers(&parts).then_some("grad_into"));
        }
        let (more, more_names) = of_users.more_in_place(&asking, wants, derivatives);
        public.extend(more);
        names.extend(more_names);
        let names = names.into_iter().map(|name| Ident::new(name, s));
        let allow = of_users.allowed();
        let missing = (self.sig.has_gradient() && !wants.products()).then(|| {
            let functions = of_users.no_products();
            quote_spanned!(s=> impl<F> __GradFunction<F> where F: #bound { #functions })
        });
        let lanes = wants.lanes().then(|| {
            let (name, count) = (&self.lanes, Literal::usize_unsuffixed(lanes_for(of_users.wrt_columns())));
            quote_spanned!(s=> const #name: ::core::primitive::usize = #count;)
        });
        let bear = self.bear();
        // Of a type that nothing asks, there would be a warning; and of functions that nobody calls.
        let declared = (!types.is_empty() || !compiles.is_empty()).then(|| quote_spanned!(s=> enum #bear {}));
        let (kept_field, kept, traits) = descent.map_or_else(Default::default, |of| {
            let Descent { kept_ty, kept, traits } = of;
            (quote_spanned!(s=> kept: #kept_ty,), quote_spanned!(s=> kept: #kept,), traits)
        });
        let nothing = self.request("Nothing");
        let imports = self.parts();
        let errors = &written.errors;
        // What stands for closures that are passed on.
        let items = derivatives.map(|of| &of.joint.func.items[..]).unwrap_or_default();
        let made = quote_spanned! {s=>
            #declared
            #types
            #compiles
            #lanes
            #[derive(::core::clone::Clone)]
            struct __GradFunction<F> {
                function: F,
                #kept_field
            }
            #allow
            impl<F> __GradFunction<F>
            where
                F: #bound,
            {
                #(#public)*
            }
            #missing
            #traits
            fn __grad_function<F>(function: F) -> __GradFunction<F>
            where
                F: #bound,
            {
                #(let _ = __GradFunction::<F>::#names;)*
                __GradFunction { function, #kept }
            }
            __grad_function(#capture |#(#args,)* asked| -> #answer {
                #imports
                match asked {
                    #nothing => #value
                    #(#gradient)*
                }
            })
        };
        let made = as_written(made, &bear);
        quote_spanned!(s=> { #errors #(#items)* #made })
    }

    fn parts_in_place(&self, wants: Wants) -> Parts {
        let s = site();
        let names = self.names();
        let is_captured = |k: usize| self.args.captured.iter().any(|name| *name == self.sig.params[k].hint);
        let own: Vec<usize> = (0..self.sig.params.len()).filter(|k| !is_captured(*k)).collect();
        let wrt: Vec<usize> = own.iter().copied().filter(|k| self.sig.params[*k].wrt.is_some()).collect();
        let answer = self.sig.answer_ty(&self.sig.result_ty());
        let params = own
            .iter()
            .map(|k| {
                let (name, ty) = (&names.params[*k], self.sig.params[*k].ty.ty);
                quote_spanned!(s=> #name: #ty)
            })
            .collect();
        let mut parts = Parts { bound: Tokens::new(), params, names, own, wrt };
        let asked = self.asked_ty(&parts, wants);
        let tys = parts.own.iter().map(|k| self.sig.params[*k].ty.ty);
        parts.bound = quote_spanned!(s=> ::core::ops::Fn(#(#tys,)* #asked) -> #answer);
        parts
    }

    /// The user's closure.
    fn value_in_place(&self, parts: &Parts, written: &Written<'_>) -> Tokens {
        let s = site();
        let lets = parts.own.iter().zip(&written.patterns).map(|(k, pattern)| {
            let (name, ty) = (&parts.names.params[*k], self.sig.params[*k].ty.ty);
            quote_spanned!(s=> let #pattern: #ty = #name;)
        });
        let stmts = &written.body.stmts;
        let body = keeping_own(quote_spanned!(s=> #(#stmts)*));
        quote_spanned!(s=> { #(#lets)* #body })
    }

    /// The arm that adds the cotangents to buffers, and writes those that are numbers.
    fn gradient_in_place(&self, parts: &Parts, joint: &'a Reversed) -> Tokens {
        let s = site();
        let Swept { params, body } = self.both_sweeps(joint.lists());
        let names = &parts.names;
        let mut patterns = params.into_iter().map(|(pattern, _)| pattern);
        let mut lets = Vec::new();
        for k in &parts.own {
            let (pattern, name) = (patterns.next(), &names.params[*k]);
            lets.push(quote_spanned!(s=> let #pattern = #name;));
        }
        let seed = patterns.next();
        let bars: Vec<Tokens> = parts
            .wrt
            .iter()
            .map(|k| {
                if let ParamCotangent::Slot(_) = joint.cotangents[*k] {
                    patterns.next().unwrap_or_default()
                } else if self.sig.params[*k].kind.is_returned() {
                    names.bars[*k].to_token_stream()
                } else {
                    quote_spanned!(s=> _)
                }
            })
            .collect();
        let returned: Vec<Ident> = self
            .returned()
            .iter()
            .map(|(_, param)| names.namer(&[]).fresh(&format!("d_{}", param.stem()), param.span))
            .collect();
        let value = &names.value;
        let body = if returned.is_empty() && self.sig.failing.is_none() {
            quote_spanned!(s=> #body)
        } else {
            let positions: Vec<usize> = self.returned().iter().map(|(k, _)| *k).collect();
            let pattern = self.joint_pattern(&value.to_token_stream(), |k| {
                let at = positions.iter().position(|position| *position == k);
                at.map(|at| returned[at].to_token_stream()).unwrap_or_default()
            });
            let written = positions.iter().zip(&returned).map(|(k, cotangent)| {
                let bar = &names.bars[*k];
                quote_spanned!(s=> *#bar = #cotangent;)
            });
            let (result, question) = (self.joint_result(), self.sig.question());
            let answer = self.sig.answer(&value.to_token_stream());
            quote_spanned! {s=>
                let #pattern = (|| #result { #body })() #question;
                #(#written)*
                #answer
            }
        };
        let request = self.request("Gradient");
        quote_spanned! {s=>
            #request((#seed, (#(#bars,)*))) => {
                #(#lets)*
                #body
            }
        }
    }

    /// Where the closure's buffers are, what they are cleared by.
    pub(super) fn cleared(&self, names: &Names, k: usize) -> Tokens {
        let s = site();
        let (param, bar, krate) = (&self.sig.params[k], &names.bars[k], self.krate());
        if param.kind.is_returned() {
            return Tokens::new();
        }
        if let Some(of) = flat(param.ty) {
            let zero = zero(of);
            quote_spanned!(s=> #bar.fill(#zero);)
        } else {
            quote_spanned!(s=> #krate::__private::clear(#bar);)
        }
    }

    /// The call of the closure that asks for the gradient.
    pub(super) fn asked_for_gradient(&self, function: &Tokens, args: &[Tokens], bars: &[Tokens]) -> Tokens {
        let s = site();
        let (one, request) = (self.one(), self.request("Gradient"));
        quote_spanned!(s=> #function(#(#args,)* #request((#one, (#(#bars,)*)))))
    }

    fn args_of(parts: &Parts) -> Vec<Tokens> {
        parts.own.iter().map(|k| parts.names.params[*k].to_token_stream()).collect()
    }

    fn call_of(&self, parts: &Parts) -> Tokens {
        let s = site();
        let (params, args) = (&parts.params, Self::args_of(parts));
        let answer = self.sig.answer_ty(&self.sig.result_ty());
        let nothing = self.request("Nothing");
        quote_spanned! {s=>
            /// Its value.
            #[inline]
            pub fn call(&self, #(#params),*) -> #answer {
                (self.function)(#(#args,)* #nothing)
            }
        }
    }

    fn value_and_grad_of(&self, parts: &Parts) -> Tokens {
        let s = site();
        let krate = self.krate();
        let (params, args, names) = (&parts.params, Self::args_of(parts), &parts.names);
        let zeros = parts.wrt.iter().map(|k| {
            let (param, name, bar) = (&self.sig.params[*k], &names.params[*k], &names.bars[*k]);
            if param.kind.is_returned() {
                let zero = zero(param.ty);
                quote_spanned!(s=> let mut #bar = #zero;)
            } else if param.kind.is_behind_reference() {
                quote_spanned!(s=> let mut #bar = #krate::__private::zeros_like(#name);)
            } else {
                quote_spanned!(s=> let mut #bar = #krate::__private::zeros_like(&#name);)
            }
        });
        let buffers: Vec<Tokens> = parts
            .wrt
            .iter()
            .map(|k| {
                let bar = &names.bars[*k];
                quote_spanned!(s=> &mut #bar)
            })
            .collect();
        let call = self.asked_for_gradient(&quote_spanned!(s=> (self.function)), &args, &buffers);
        let bars: Vec<Tokens> = self.bars_of_wrt(names).iter().map(ToTokens::to_token_stream).collect();
        let (value, bars, question) = (&names.value, Self::tuple(&bars), self.sig.question());
        let answer = self.sig.answer(&quote_spanned!(s=> (#value, #bars)));
        let tys: Vec<Tokens> = self.sig.wrt().iter().map(|param| owned(param.ty)).collect();
        let (gradient, result) = (Self::tuple(&tys), self.sig.result_ty());
        let both = self.sig.answer_ty(&quote_spanned!(s=> (#result, #gradient)));
        let only = self.sig.answer_ty(&gradient);
        let of_both = self.sig.answer(&quote_spanned!(s=> self.value_and_grad(#(#args),*)#question.1));
        quote_spanned! {s=>
            /// Its gradient.
            #[inline]
            pub fn grad(&self, #(#params),*) -> #only {
                #of_both
            }

            /// Its value and its gradient.
            #[inline]
            pub fn value_and_grad(&self, #(#params),*) -> #both {
                #(#zeros)*
                let #value = #call #question;
                #answer
            }
        }
    }

    /// Not all cotangents are numbers.
    fn has_buffers(&self, parts: &Parts) -> bool {
        parts.wrt.iter().any(|k| !self.sig.params[*k].kind.is_returned())
    }

    fn grad_into_of(&self, parts: &Parts) -> Tokens {
        let s = site();
        let (params, args, names) = (&parts.params, Self::args_of(parts), &parts.names);
        if !self.has_buffers(parts) {
            return Tokens::new();
        }
        let in_order = self.bars_of_wrt(names);
        let tys = self.sig.wrt().into_iter().map(|param| buffer(param.ty)).collect::<Vec<_>>();
        let lengths = parts.wrt.iter().filter(|k| is_slice(self.sig.params[**k].ty));
        let lengths = lengths.map(|k| self.check_length(names, *k));
        let cleared = parts.wrt.iter().map(|k| self.cleared(names, *k));
        let bars: Vec<Tokens> = parts.wrt.iter().map(|k| names.bars[*k].to_token_stream()).collect();
        let call = self.asked_for_gradient(&quote_spanned!(s=> (self.function)), &args, &bars);
        let answer = self.sig.answer_ty(&self.sig.result_ty());
        quote_spanned! {s=>
            /// Its value; its gradient is written into buffers.
            #[inline]
            pub fn grad_into(&self, #(#params,)* #(#in_order: &mut #tys),*) -> #answer {
                #(#lengths)*
                #(#cleared)*
                #call
            }
        }
    }
}

/// `self` and `Self` as the user wrote them; what generated code calls so is the type beside the closure.
fn as_written(tokens: Tokens, bear: &Ident) -> Tokens {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(ident) if ident == RECEIVER => keyword("self", ident.span()),
            TokenTree::Ident(ident) if ident == OWN => keyword("Self", ident.span()),
            TokenTree::Ident(ident) if ident == "Self" => bear.clone().into(),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), as_written(group.stream(), bear));
                inside.set_span(group.span());
                inside.into()
            }
            tree => tree,
        })
        .collect()
}

/// The user's `Self`, under the name that it has where a derivative is made.
fn keeping_own(tokens: Tokens) -> Tokens {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(ident) if ident == "Self" => Ident::new(OWN, ident.span()).into(),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), keeping_own(group.stream()));
                inside.set_span(group.span());
                inside.into()
            }
            tree => tree,
        })
        .collect()
}

fn keyword(word: &str, span: Span) -> TokenTree {
    Ident::new(word, span).into()
}
