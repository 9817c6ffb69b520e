//! Forward mode: `f::jvp`, and the same for callers that do not know which arguments are constant.

use super::body::Emitter;
use super::call::lent_place;
use super::compiles::for_each_stmt;
use super::cotangent_types::{Leaf, buffer_with, owned_with, ungrouped, zero};
use super::facts::Facts;
use super::forms::{Form, is_nested};
use super::items::Cx;
use super::place::Access;
use super::signature::{Kind, Param, Passing};
use super::workers::STUB;
use super::{Tokens, site};
use crate::args::spoken;
use crate::ir::{Arg, ArgKind, Block, Call, CallTangents, Callee, Passed, Stmt, TangentCall};
use crate::shape::{Shape, Typed};

use crate::transform::{Tangents, Width};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// A tangent has the form of its argument: by value, behind `&`, behind `&mut`; with `()` for what holds no floats.
pub(super) fn tangent_ty(ty: Typed<'_>) -> Tokens {
    tangent_ty_with(ty, Leaf::Float)
}

fn tangent_ty_with(ty: Typed<'_>, leaf: Leaf<'_>) -> Tokens {
    let s = site();
    let Type::Reference(reference) = ungrouped(ty.ty) else { return owned_with(ty, leaf) };
    let mutability = reference.mutability;
    let to = match ungrouped(&reference.elem) {
        Type::Slice(slice) => {
            let element = owned_with(ty.at(&slice.elem), leaf);
            quote_spanned!(s=> [#element])
        }
        of => owned_with(ty.at(of), leaf),
    };
    quote_spanned!(s=> &#mutability #to)
}

/// A function with its tangents in it.
pub(super) struct SweptAlong {
    /// The pattern of each parameter.
    pub(super) params: Vec<Tokens>,
    /// That of each tangent.
    pub(super) along: Vec<Tokens>,
    /// What finds the methods that it calls.
    pub(super) methods: Tokens,
    pub(super) body: Tokens,
}

impl Cx<'_> {
    fn leaf(&self, width: Width) -> Leaf<'_> {
        match width {
            Width::One => Leaf::Float,
            Width::Lanes => Leaf::Lanes(self.krate(), &self.lanes),
        }
    }

    /// The owned form of a tangent.
    pub(super) fn owned_tangent(&self, ty: Typed<'_>, width: Width) -> Tokens {
        owned_with(ty, self.leaf(width))
    }

    /// A tangent in the form of its argument.
    pub(super) fn tangent_of(&self, ty: Typed<'_>, width: Width) -> Tokens {
        tangent_ty_with(ty, self.leaf(width))
    }

    /// What a buffer for the tangent of a cotangent is a `&mut` of.
    pub(super) fn buffer_of(&self, ty: Typed<'_>, width: Width) -> Tokens {
        buffer_with(ty, self.leaf(width))
    }

    /// The parameters that have a tangent, in the order of the signature.
    pub(super) fn with_tangents(&self) -> impl Iterator<Item = (usize, &Param<'_>)> {
        self.sig.params.iter().enumerate().filter(|(_, param)| param.is_differentiable())
    }

    /// `-> (R, Ṙ)`, left out for `()`.
    pub(super) fn returns_tangent(&self, width: Width) -> Tokens {
        let s = site();
        self.sig.returns(self.sig.result.map(|ty| {
            let tangent = self.owned_tangent(ty, width);
            quote_spanned!(s=> (#ty, #tangent))
        }))
    }

    /// A function with its tangents in it.
    pub(super) fn swept_along(&self, tangents: &Tangents, width: Width) -> SweptAlong {
        let Tangents { func, params: dots, result: result_dot, trace: _ } = tangents;
        let nothing = Block::default();
        let facts = Facts::of(
            func,
            &nothing,
            |_| {},
            |end| {
                end.value(&func.result);
                end.value(result_dot);
            },
        );
        let mut emitter = self.emitter_of(func, facts);
        emitter.lanes = (width == Width::Lanes).then(|| self.lanes.clone());
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            if self.args.captured.iter().any(|name| *name == of.hint) {
                emitter.call_as_written(param.var, &of.hint);
                continue;
            }
            params.push(emitter.param(param.var, true));
        }
        let along = self.with_tangents().map(|(k, _)| match dots[k] {
            Some(dot) => emitter.param(dot, true),
            None => quote_spanned!(site()=> _),
        });
        let along = along.collect();
        // Two parameters of one name are an error of the user's that rustc reports.
        for (dot, of) in dots.iter().zip(&self.sig.params) {
            if let (Some(dot), false) = (dot, of.is_differentiable()) {
                emitter.define(*dot);
            }
        }
        let body = emitter.block(&func.body);
        let tail = self.sig.result.map(|_| {
            let (result, dot) = (emitter.value(&func.result), emitter.value(result_dot));
            quote_spanned!(site()=> (#result, #dot))
        });
        let tail = self.sig.answer(&tail.unwrap_or_default());
        let methods =
            (width == Width::Lanes && calls_methods(&func.body)).then(|| self.methods_with_bodies());
        SweptAlong {
            params,
            along,
            methods: methods.unwrap_or_default(),
            body: quote_spanned!(site()=> #body #tail),
        }
    }

    /// `f::jvp`, `f::jvp_n`: value and tangents side by side.
    pub(super) fn jvp(&self, tangents: &Tangents, width: Width) -> Tokens {
        let s = site();
        let SweptAlong { params: patterns, along, methods, body } = self.swept_along(tangents, width);
        let (mut params, mut views) = (Vec::new(), Tokens::new());
        for (pattern, of) in patterns.iter().zip(&self.sig.params) {
            let ty = Self::public_ty(of.ty);
            views.extend(Self::lent_view(pattern, of.ty));
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        for (pattern, (_, of)) in along.iter().zip(self.with_tangents()) {
            let ty = self.tangent_of(of.ty, width);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        self.jvp_function(&params, &quote_spanned!(s=> #methods #views #body), width)
    }

    pub(super) fn jvp_stub(&self, width: Width) -> Tokens {
        let s = site();
        let mut tys: Vec<Tokens> = self.sig.params.iter().map(|param| param.ty.to_token_stream()).collect();
        tys.extend(self.with_tangents().map(|(_, param)| self.tangent_of(param.ty, width)));
        let params: Vec<Tokens> = tys.iter().map(|ty| quote_spanned!(s=> _: #ty)).collect();
        let body = self.sig.result.map(|_| quote_spanned!(s=> ::core::option::Option::None.expect(#STUB)));
        self.jvp_function(&params, &self.sig.answer(&body.unwrap_or_default()), width)
    }

    pub(super) fn jvp_function(&self, params: &[Tokens], body: &Tokens, width: Width) -> Tokens {
        let s = site();
        let (where_clause, use_primal) = (self.where_clause_of(width), self.use_primal());
        let result = self.returns_tangent(width);
        let mut docs = self.jvp_docs(width);
        if self.sig.has_outputs() {
            let behind =
                " The tangent behind a `&mut` goes in with the old content and comes out with the new.";
            docs.push(behind.to_owned());
        }
        let jvp = self.function(
            &docs,
            self.jvp_name(width),
            &self.generics_of(width),
            &quote_spanned!(s=> (#(#params),*) #result #where_clause { #use_primal #body }),
        );
        let hidden = (!self.args.functions.is_empty()).then(|| quote_spanned!(s=> #[doc(hidden)]));
        quote_spanned!(s=> #hidden #jvp)
    }

    pub(super) fn jvp_docs(&self, width: Width) -> Vec<String> {
        let name = self.link();
        let of = self
            .with_tangents()
            .map(|(_, param)| format!("`{}`", spoken(&param.hint)))
            .collect::<Vec<_>>()
            .join(", ");
        vec![match width {
            Width::One => format!(
                " Value of {name} and its tangent, from the tangents of {of}: the derivative along a direction."
            ),
            Width::Lanes => format!(
                " Value of {name} and its derivatives along several directions: lane by lane, from the tangents of {of}."
            ),
        }]
    }

    /// What it is called: with tangents of functions, which users do not know, by another name.
    pub(super) fn jvp_name(&self, width: Width) -> &'static str {
        match (width, self.args.functions.is_empty()) {
            (Width::One, true) => "jvp",
            (Width::Lanes, true) => "jvp_n",
            (Width::One, false) => "__grad_jvp",
            (Width::Lanes, false) => "__grad_jvp_n",
        }
    }

    /// `f::jvp` of a function that takes functions: these are constant.
    pub(super) fn jvp_with_functions(&self, width: Width) -> Tokens {
        let s = site();
        let (krate, names) = (self.krate(), self.names());
        let params = self.public_params(&names.params);
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        let mut given = Vec::new();
        let zeros = Ident::new(if width == Width::One { "zeros_like" } else { "lanes_like" }, s);
        for (k, param) in self.sig.params.iter().enumerate() {
            let (name, dot) = (&names.params[k], &names.dots[k]);
            if param.is_differentiable() {
                let ty = self.tangent_of(param.ty, width);
                given.push(quote_spanned!(s=> #dot: #ty));
                args.push(dot.to_token_stream());
            } else if self.args.is_function(&param.hint) {
                args.push(quote_spanned!(s=> &#krate::__private::#zeros(#name)));
            }
        }
        let (docs, result, where_clause) =
            (self.jvp_docs(width), self.returns_tangent(width), self.where_clause_of(width));
        let (name, turbofish) = (Ident::new(self.jvp_name(width), s), self.turbofish_of(width));
        self.function(
            &docs,
            if width == Width::One { "jvp" } else { "jvp_n" },
            &self.generics_of(width),
            &quote_spanned! {s=>
                (#params, #(#given),*) #result #where_clause { Self::#name #turbofish (#(#args),*) }
            },
        )
    }

    /// The same for callers: a tangent may be absent.
    pub(super) fn tangent(&self, width: Width) -> Tokens {
        let s = site();
        let names = self.names();
        let krate = self.krate();
        let (vis, generics, where_clause) =
            (self.vis(), self.generics_of(width), self.where_clause_of(width));
        let primal = self.params(&names.params);
        let mut dots = Vec::new();
        let mut prelude = Tokens::new();
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        for (k, param) in self.sig.params.iter().enumerate() {
            if !param.is_differentiable() {
                dots.push(quote_spanned!(s=> _: ::core::option::Option<#krate::__private::Constant>));
                continue;
            }
            let (name, dot, ty) = (&names.params[k], &names.dots[k], self.tangent_of(param.ty, width));
            dots.push(quote_spanned!(s=> #dot: ::core::option::Option<#ty>));
            prelude.extend(self.present_in(param, name, dot, width));
            args.push(dot.to_token_stream());
        }
        let (result, tangent) = match self.sig.result {
            Some(ty) => (ty.to_token_stream(), self.owned_tangent(ty, width)),
            None => (quote_spanned!(s=> ()), quote_spanned!(s=> ())),
        };
        let (turbofish, name) = (self.turbofish_of(width), Form::Tangent(width).method());
        let jvp = self.public(self.jvp_name(width));
        let call = quote_spanned!(s=> #jvp #turbofish (#(#args),*));
        let call = if self.sig.result.is_some() {
            call
        } else {
            let (question, answer) = (self.sig.question(), self.sig.answer(&quote_spanned!(s=> ((), ()))));
            quote_spanned!(s=> #call #question; #answer)
        };
        let answer = self.sig.answer_ty(&quote_spanned!(s=> (#result, #tangent)));
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #primal, #(#dots),*) -> #answer #where_clause {
                #prelude
                #call
            }
        }
    }

    /// `let x_dot = x_dot.unwrap_or(zeros);`
    pub(super) fn present(&self, param: &Param<'_>, name: &Ident, dot: &Ident) -> Tokens {
        self.present_in(param, name, dot, Width::One)
    }

    pub(super) fn present_in(&self, param: &Param<'_>, name: &Ident, dot: &Ident, width: Width) -> Tokens {
        let s = site();
        let krate = self.krate();
        let absent = Ident::new("__grad_absent", s);
        let (zero, functions) = match width {
            Width::One => (zero(param.ty), ["zeros_like", "present"]),
            Width::Lanes => {
                (quote_spanned!(s=> ::core::default::Default::default()), ["lanes_like", "present_n"])
            }
        };
        let [zeros_like, present] = functions.map(|name| Ident::new(name, s));
        let is_lent_slice = matches!(
            param.ty.shape(),
            Shape::Ref { to, .. } if matches!(param.ty.at(to).shape(), Shape::Slice(_))
        );
        // A closure would be more to compile for whoever is given this.
        let otherwise = |before: &Tokens, zeros: &Tokens| {
            quote_spanned! {s=>
                #before
                let #dot = match #dot {
                    ::core::option::Option::Some(#dot) => #dot,
                    ::core::option::Option::None => #zeros,
                };
            }
        };
        match param.kind {
            Kind::Scalar => quote_spanned!(s=> let #dot = #dot.unwrap_or(#zero);),
            Kind::ScalarRef => quote_spanned! {s=>
                let #absent = #zero;
                let #dot = #dot.unwrap_or(&#absent);
            },
            Kind::ScalarMut => quote_spanned! {s=>
                let mut #absent = #zero;
                let #dot = #dot.unwrap_or(&mut #absent);
            },
            Kind::Aggregate(Passing::Shared) if is_lent_slice => {
                let vec = param.ty.vec();
                quote_spanned! {s=>
                    let mut #absent = #vec::new();
                    let #dot = #krate::__private::#present(#dot, #name, &mut #absent);
                }
            }
            Kind::Aggregate(Passing::Shared) => otherwise(
                &quote_spanned!(s=> let #absent;),
                &quote_spanned!(s=> { #absent = #krate::__private::#zeros_like(#name); &#absent }),
            ),
            Kind::Aggregate(Passing::Exclusive) => otherwise(
                &quote_spanned!(s=> let mut #absent;),
                &quote_spanned!(s=> { #absent = #krate::__private::#zeros_like(&*#name); &mut #absent }),
            ),
            Kind::Aggregate(_) | Kind::Constant(_) => {
                otherwise(&Tokens::new(), &quote_spanned!(s=> #krate::__private::#zeros_like(&#name)))
            }
        }
    }
}

/// The order of the derivative that a call asks for.
pub(super) fn order_of(tangents: &[CallTangents]) -> usize {
    (tangents.len() + 1).ilog2() as usize + 1
}

impl Emitter<'_> {
    /// What is said of each argument where no cotangent is wanted.
    fn no_markers(&self, call: &Call) -> Vec<Tokens> {
        let krate = self.krate;
        call.args.iter().map(|_| quote_spanned!(site()=> #krate::__private::Constant)).collect()
    }

    /// A derivative of another function, once for each lane.
    fn lane_by_lane(&mut self, call: &Call, tangents: &[Option<Arg>], lanes: &Ident) -> Tokens {
        let s = call.span.resolved_at(site());
        let krate = self.krate;
        let mut before = Tokens::new();
        let args: Vec<Tokens> = call
            .args
            .iter()
            .map(|arg| {
                let args = self.args(std::slice::from_ref(arg), &mut before);
                match &arg.kind {
                    ArgKind::Memory { passed: Passed::Moved, .. } => {
                        quote_spanned!(s=> ::core::clone::Clone::clone(&#(#args)*))
                    }
                    _ => quote_spanned!(s=> #(#args)*),
                }
            })
            .collect();
        let lane = Ident::new("lane", s);
        let of_lane =
            |reference: Tokens| quote_spanned!(s=> #krate::__private::EachLane::lane(#reference, #lane));
        let dots = tangents.iter().map(|arg| {
            let Some(arg) = arg else { return quote_spanned!(s=> ::core::option::Option::None) };
            let dot = match &arg.kind {
                ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => {
                    let operand = self.operand(operand);
                    of_lane(quote_spanned!(s=> &#operand))
                }
                ArgKind::Memory { place, .. } => of_lane(self.reference(place, Access::Shared)),
                ArgKind::ScalarMut { .. } | ArgKind::Kept(_) | ArgKind::Code { .. } => {
                    unreachable!("a derivative of a function takes numbers and memory, and changes neither")
                }
            };
            match arg.kind {
                ArgKind::Scalar(_) | ArgKind::Memory { passed: Passed::Moved, .. } => {
                    quote_spanned!(s=> ::core::option::Option::Some(#dot))
                }
                _ => quote_spanned!(s=> ::core::option::Option::Some(&#dot)),
            }
        });
        let callee = self.form_of(call, &args, Form::Tangent(Width::One), 0, s);
        let value = quote_spanned!(s=> #callee(#(#args,)* #(#dots),*));
        quote_spanned! {s=> {
            #before
            #krate::__private::lane_by_lane::<_, _, #lanes>(|#lane| #value)
        }}
    }

    /// `Some(x_dot)`, `None`
    pub(super) fn tangent_args(&mut self, tangents: &[Option<Arg>], before: &mut Tokens) -> Vec<Tokens> {
        let mut dots = Vec::new();
        let mut halves = self.halves(tangents.iter().map(|arg| arg.as_ref().and_then(lent_place)), before);
        for (at, arg) in tangents.iter().enumerate() {
            let Some(arg) = arg else {
                dots.push(quote_spanned!(site()=> ::core::option::Option::None));
                continue;
            };
            let s = arg.span.resolved_at(site());
            let half = halves.remove(&at);
            if let (ArgKind::Memory { place, passed }, None) = (&arg.kind, &half)
                && let Some(dot) = self.dot_of_part(place, *passed)
            {
                dots.push(dot);
                continue;
            }
            let dot = match &arg.kind {
                ArgKind::Memory { .. } if half.is_some() => quote_spanned!(s=> #half),
                ArgKind::Memory { place, passed } if passed.writes() => self.reborrow(place),
                ArgKind::Memory { place, passed: Passed::Shared } => self.lent(place),
                ArgKind::Scalar(_)
                | ArgKind::ScalarRef(_)
                | ArgKind::ScalarMut { .. }
                | ArgKind::Memory { .. }
                | ArgKind::Kept(_)
                | ArgKind::Code { .. } => {
                    let dot = self.args(std::slice::from_ref(arg), before);
                    quote_spanned!(s=> #(#dot)*)
                }
            };
            dots.push(quote_spanned!(s=> ::core::option::Option::Some(#dot)));
        }
        dots
    }

    pub(super) fn tangent_call(&mut self, tangent: &TangentCall) -> Tokens {
        let s = tangent.call.span.resolved_at(site());
        let mut out = Tokens::new();
        let value = self.call_of_tangent(tangent, &mut out);
        let pattern = self.tangent_pattern(tangent);
        out.extend(quote_spanned!(s=> let #pattern = #value;));
        out
    }

    pub(super) fn call_of_tangent(&mut self, tangent: &TangentCall, out: &mut Tokens) -> Tokens {
        let TangentCall { call, tangents } = tangent;
        let s = call.span.resolved_at(site());
        let value = match (self.lanes.clone(), &tangents[..]) {
            (Some(lanes), [tangents]) if is_nested(&call.callee) => {
                self.lane_by_lane(call, &tangents.args, &lanes)
            }
            (lanes, tangents) => {
                let args = self.args_of(call, out);
                let dots: Vec<Tokens> =
                    tangents.iter().flat_map(|tangents| self.tangent_args(&tangents.args, out)).collect();
                let width = if lanes.is_some() { Width::Lanes } else { Width::One };
                let lanes = usize::from(lanes.is_some());
                // Of higher orders there is the forward sweep alone, whose pullback nobody calls.
                let (form, markers) = match tangents {
                    [_] => (Form::Tangent(width), Vec::new()),
                    tangents => (Form::Forward(order_of(tangents), width), self.no_markers(call)),
                };
                let callee = self.form_of(call, &args, form, markers.len() + lanes, s);
                quote_spanned!(s=> #callee(#(#args,)* #(#dots,)* #(#markers),*))
            }
        };
        let suffix = self.suffix(call);
        quote_spanned!(s=> #value #suffix)
    }

    /// Value and tangent.
    pub(super) fn tangent_pattern(&mut self, tangent: &TangentCall) -> Tokens {
        let s = tangent.call.span.resolved_at(site());
        let mut pattern = |var: Option<crate::ir::Var>| match var {
            Some(var) => self.define_or_ignore(var),
            None => quote_spanned!(s=> _),
        };
        let value = pattern(tangent.call.result);
        let dots: Vec<Tokens> = tangent.tangents.iter().map(|tangents| pattern(tangents.result)).collect();
        if let [dot] = &dots[..]
            && tangent.call.callee.is_gradient()
        {
            return quote_spanned!(s=> ((_, #value), (_, #dot)));
        }
        let pullback = (dots.len() > 1).then(|| quote_spanned!(s=> , _));
        quote_spanned!(s=> (#value, #(#dots),* #pullback))
    }
}

/// Whether the tangents of a method are asked for.
fn calls_methods(block: &Block) -> bool {
    let mut found = false;
    for_each_stmt(block, &mut |stmt| {
        found |=
            matches!(stmt, Stmt::TangentCall(tangent) if matches!(tangent.call.callee, Callee::Method(_)));
    });
    found
}
