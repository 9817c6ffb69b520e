//! The type that bears the derivatives, and its functions.

use super::cotangent_types::{ungrouped, vec_element};
use super::namer::Namer;
use super::signature::{Kind, Param, Passing, Signature};
use super::{Derivatives, Tokens, site};
use crate::args::Args;
use crate::transform::{ParamCotangent, Width};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::visit::Visit;
use syn::{GenericParam, Type};

/// The functions that do the work, and which buffers the joint one takes.
pub(super) struct Workers {
    pub(super) joint: Tokens,
    pub(super) forward: Tokens,
    /// `f::jvp` and `f::jvp_n`.
    pub(super) jvp: Tokens,
    /// The Jacobian by rows that are written out, if there are few.
    pub(super) rows: Option<Tokens>,
    /// Second derivatives.
    pub(super) second: Option<Tokens>,
    /// Third derivatives.
    pub(super) third: Option<Tokens>,
    /// For each parameter: the joint form takes a buffer for its cotangent.
    pub(super) slots: Vec<bool>,
}

pub(super) fn emit_items(sig: &Signature<'_>, args: &Args, derivatives: &Derivatives) -> TokenStream {
    let Derivatives { joint, split, seeded, tangents, lanes, second, second_lanes, third } = *derivatives;
    let cx = Cx::new(sig, args);
    let slots =
        joint.cotangents.iter().map(|cotangent| matches!(cotangent, ParamCotangent::Slot(_))).collect();
    let rows = cx.seeded(seeded);
    cx.has_seeded.set(rows.is_some());
    let workers = Workers {
        joint: cx.joint(joint),
        forward: cx.forward(split),
        jvp: [cx.jvp(tangents, Width::One), cx.jvp(lanes, Width::Lanes)].into_iter().collect(),
        rows,
        second: second.zip(second_lanes).map(|(one, lanes)| cx.second(one, lanes)),
        third: third.map(|third| cx.third(third)),
        slots,
    };
    cx.items(&workers)
}

pub(super) fn has_jacobian(sig: &Signature<'_>, args: &Args) -> [bool; 2] {
    let cx = Cx::new(sig, args);
    [cx.has_jacobian(), cx.has_jacobian() && cx.may_run_again()]
}

pub(super) fn emit_stubs(sig: &Signature<'_>, args: &Args) -> TokenStream {
    let cx = Cx { is_stub: true, ..Cx::new(sig, args) };
    let slots: Vec<bool> =
        sig.params.iter().map(|param| param.is_differentiable() && !param.kind.is_returned()).collect();
    let workers = Workers {
        joint: cx.joint_stub(&slots),
        forward: cx.forward_stub(),
        jvp: [Width::One, Width::Lanes].map(|width| cx.jvp_stub(width)).into_iter().collect(),
        rows: None,
        second: None,
        third: None,
        slots,
    };
    cx.items(&workers)
}

pub(super) struct Cx<'a> {
    pub(super) sig: &'a Signature<'a>,
    pub(super) args: &'a Args,
    /// What the user calls its variables, and everything else it names.
    pub(super) bindings: Vec<String>,
    pub(super) item: TokenStream,
    /// Marker types, one per parameter.
    pub(super) markers: Vec<Ident>,
    /// The number of tangents that go side by side.
    pub(super) lanes: Ident,
    /// The Jacobian by rows is a function of its own.
    pub(super) has_seeded: std::cell::Cell<bool>,
    /// The function has errors, perhaps in its signature.
    pub(super) is_stub: bool,
}

/// The names in a public function.
pub(super) struct Names {
    pub(super) params: Vec<Ident>,
    /// Cotangents and their buffers.
    pub(super) bars: Vec<Ident>,
    /// Tangents.
    pub(super) dots: Vec<Ident>,
    /// Tangents of cotangents: products with the Hessian.
    pub(super) products: Vec<Ident>,
    pub(super) seed: Ident,
    pub(super) value: Ident,
    pub(super) pullback: Ident,
}

impl Names {
    /// For further names beside these.
    pub(super) fn namer(&self, others: &[Ident]) -> Namer {
        let mut namer = Namer::new(TokenStream::new(), []);
        let own = [&self.seed, &self.value, &self.pullback];
        let all = [&self.params, &self.bars, &self.dots, &self.products].into_iter().flatten();
        for name in all.chain(own).chain(others) {
            namer.fresh(&name.to_string(), site());
        }
        namer
    }
}

impl<'a> Cx<'a> {
    pub(super) fn new(sig: &'a Signature<'a>, args: &'a Args) -> Cx<'a> {
        let mut bindings = Bindings(Vec::new());
        bindings.visit_item_fn(sig.item);
        let mut cx = Cx {
            sig,
            args,
            bindings: bindings.0,
            item: sig.item.to_token_stream(),
            markers: Vec::new(),
            lanes: Ident::new("LANES", site()),
            has_seeded: std::cell::Cell::default(),
            is_stub: false,
        };
        let mut namer = cx.namer();
        cx.lanes = namer.fresh("LANES", site());
        cx.markers = (0..sig.params.len()).map(|k| namer.fresh(&format!("A{k}"), site())).collect();
        cx
    }

    pub(super) fn namer(&self) -> Namer {
        Namer::new(self.item.clone(), self.bindings.iter().cloned())
    }

    pub(super) fn names(&self) -> Names {
        let mut namer = Namer::new(TokenStream::new(), []);
        let params: Vec<Ident> =
            self.sig.params.iter().map(|param| namer.fresh(&param.hint, param.span)).collect();
        let bars = self
            .sig
            .params
            .iter()
            .map(|param| namer.fresh(&format!("{}_bar", param.hint.trim_start_matches("r#")), param.span))
            .collect();
        let mut each = |what: &str| -> Vec<Ident> {
            let name = |param: &Param<'_>| format!("{}_{what}", param.hint.trim_start_matches("r#"));
            self.sig.params.iter().map(|param| namer.fresh(&name(param), param.span)).collect()
        };
        let (dots, products) = (each("dot"), each("bar_dot"));
        Names {
            params,
            bars,
            dots,
            products,
            seed: namer.fresh("seed", site()),
            value: namer.fresh("value", site()),
            pullback: namer.fresh("pullback", site()),
        }
    }

    // --- the signature's parts ---

    pub(super) fn krate(&self) -> &TokenStream {
        &self.args.krate
    }

    /// `<'a, const N: usize, A0: …>`, without what the user leaves out.
    pub(super) fn generics(&self, markers: bool) -> Tokens {
        let params = self.generic_params(markers);
        if params.is_empty() { Tokens::new() } else { quote_spanned!(site()=> <#(#params),*>) }
    }

    pub(super) fn generic_params(&self, markers: bool) -> Vec<Tokens> {
        let s = site();
        let krate = self.krate();
        let mut params: Vec<Tokens> =
            self.sig.item.sig.generics.params.iter().map(ToTokens::to_token_stream).collect();
        if markers {
            params.extend(self.sig.params.iter().zip(&self.markers).map(|(param, marker)| {
                if param.is_differentiable() {
                    quote_spanned!(s=> #marker: #krate::__private::Activity)
                } else {
                    quote_spanned!(s=> #marker: #krate::__private::ConstantArgument)
                }
            }));
        }
        params
    }

    /// The user's, and the number of lanes.
    pub(super) fn generics_of(&self, width: Width) -> Tokens {
        let s = site();
        let own = self.sig.item.sig.generics.params.iter();
        let lanes = &self.lanes;
        match width {
            Width::One => self.generics(false),
            Width::Lanes => quote_spanned!(s=> <#(#own,)* const #lanes: ::core::primitive::usize>),
        }
    }

    /// `::<N, LANES>`
    pub(super) fn turbofish_of(&self, width: Width) -> Tokens {
        let s = site();
        let (names, lanes) = (self.generic_names(), &self.lanes);
        match width {
            Width::One => self.turbofish(false),
            Width::Lanes => quote_spanned!(s=> ::<#(#names,)* #lanes>),
        }
    }

    /// The names of the constants and types the function is generic over.
    pub(super) fn generic_names(&self) -> Vec<&Ident> {
        let generics = self.sig.item.sig.generics.params.iter();
        generics
            .filter_map(|param| match param {
                GenericParam::Const(param) => Some(&param.ident),
                GenericParam::Type(param) => Some(&param.ident),
                GenericParam::Lifetime(_) => None,
            })
            .collect()
    }

    /// `::<N>`, with `_` for the markers.
    pub(super) fn turbofish(&self, markers: bool) -> Tokens {
        let s = site();
        let names = self.generic_names();
        if names.is_empty() {
            return Tokens::new();
        }
        let markers = self.sig.params.iter().filter(|_| markers).map(|_| quote_spanned!(s=> _));
        quote_spanned!(s=> ::<#(#names,)* #(#markers),*>)
    }

    pub(super) fn where_clause(&self) -> Tokens {
        self.sig.item.sig.generics.where_clause.to_token_stream()
    }

    /// The where clause of a function that uses its arguments twice.
    pub(super) fn where_copy(&self) -> Tokens {
        let s = site();
        let opaque: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .filter(|param| param.kind == Kind::Constant(Passing::Opaque))
            // Of a type that is not `Copy`, the function exists and cannot be called; the `for` makes rustc wait.
            .map(|param| {
                let ty = param.ty;
                quote_spanned!(s=> for<'__grad> #ty: ::core::marker::Copy)
            })
            .collect();
        if opaque.is_empty() {
            return self.where_clause();
        }
        let predicates = self.sig.item.sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        quote_spanned!(s=> where #(#predicates,)* #(#opaque),*)
    }

    /// `x: &[f64], n: usize`
    pub(super) fn params(&self, names: &[Ident]) -> Tokens {
        let s = site();
        let tys = self.sig.params.iter().map(|param| param.ty);
        quote_spanned!(s=> #(#names: #tys),*)
    }

    /// The user's visibility. The span of an item begins with it, and must be seen to come from here: lints look there.
    pub(super) fn vis(&self) -> Tokens {
        let respanned = |mut tree: TokenTree| {
            tree.set_span(tree.span().resolved_at(site()));
            tree
        };
        let vis = self.sig.item.vis.to_token_stream();
        let ungrouped = vis.into_iter().flat_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => group.stream(),
            tree => tree.into(),
        });
        ungrouped.map(respanned).collect()
    }

    /// The user's attributes that derivatives share.
    pub(super) fn attrs(&self, name: &str) -> Vec<Tokens> {
        let attrs = self.sig.item.attrs.iter();
        attrs.filter(|attr| attr.path().is_ident(name)).map(ToTokens::to_token_stream).collect()
    }

    pub(super) fn bear(&self) -> Ident {
        local_name(self.args.name.as_ref().unwrap_or(self.sig.name()))
    }

    /// The user's function, by its name.
    pub(super) fn primal(&self) -> Ident {
        local_name(self.sig.name())
    }

    /// Some code that uses the user's function, so that it is not dead if only its gradient is used.
    pub(super) fn use_primal(&self) -> Tokens {
        let (name, turbofish) = (self.primal(), self.turbofish(false));
        quote_spanned!(site()=> let _ = #name #turbofish;)
    }

    pub(super) fn items(&self, workers: &Workers) -> TokenStream {
        let s = site();
        let Workers { joint, forward, jvp, rows, second, third, .. } = workers;
        let tangent: Tokens =
            [Width::One, Width::Lanes].map(|width| self.tangent(width)).into_iter().collect();
        let nested = self.nested(second.is_some());
        // Whoever calls derivatives of a plain function is told already that they have no derivative.
        let has_second = second.is_some() || self.is_stub && self.args.second;
        let nested_second = has_second.then(|| self.nested_second(third.is_some()));
        let second = second.clone().unwrap_or_else(|| {
            let public = if self.is_stub { self.hvp_stubs() } else { Tokens::new() };
            let hidden = self.second_stubs();
            quote_spanned!(s=> #public #hidden)
        });
        let mut public = self.gradients(workers);
        if self.sig.result_holds_floats() {
            public.push(self.vjp());
        }
        public.push(self.vjp_add(workers));
        public.extend(self.jacobians());
        public.extend(self.objective());
        self.bearing(&quote_spanned!(s=> #(#public)* #jvp #joint #forward #rows #tangent #second #third #nested #nested_second))
    }

    /// `f::grad` and its kin, of a scalar function.
    pub(super) fn gradients(&self, workers: &Workers) -> Vec<Tokens> {
        let mut public = Vec::new();
        if self.sig.has_gradient() {
            public.push(self.grad(workers));
            public.push(self.value_and_grad(workers));
            if self.sig.wrt().iter().any(|param| !param.kind.is_returned()) {
                public.push(self.grad_into(workers));
            }
        }
        public
    }

    /// The type that bears these functions.
    pub(super) fn bearing(&self, functions: &Tokens) -> TokenStream {
        let s = site();
        let (vis, bear, name) = (self.vis(), self.bear(), self.sig.name());
        let cfgs = self.attrs("cfg");
        // The derivatives of a deprecated function use it, and each other.
        let is_deprecated = !self.attrs("deprecated").is_empty();
        let mut allow = Tokens::new();
        if is_deprecated {
            allow.extend(quote_spanned!(s=> #[allow(deprecated)]));
        }
        // Of each parameter an argument, a direction, and two more tangents or markers: the most that a function takes. With
        // second derivatives, two markers more; with third ones, the tangents of all.
        let most = match (self.args.second || self.args.has_rule(), self.args.third) {
            (_, true) => 8,
            (true, false) => 6,
            (false, false) => 4,
        };
        if most * self.sig.params.len() > 7 {
            allow.extend(quote_spanned!(s=> #[allow(clippy::too_many_arguments)]));
        }
        let is_vec_behind_reference =
            |ty: &Type| matches!(ungrouped(ty), Type::Reference(to) if vec_element(&to.elem).is_some());
        if self.sig.params.iter().any(|param| is_vec_behind_reference(param.ty)) {
            allow.extend(quote_spanned!(s=> #[allow(clippy::ptr_arg)]));
        }
        if has_known_constant(functions.clone()) {
            allow.extend(quote_spanned!(s=> #[allow(clippy::approx_constant)]));
        }
        // What the user allows of the function is allowed of what is made of it.
        allow.extend(self.attrs("allow"));
        let doc = format!("Derivatives of [`{name}`](fn@{name}). Generated by `#[grad]`.");
        quote_spanned! {s=>
            #(#cfgs)*
            #[doc = #doc]
            #vis enum #bear {}

            #(#cfgs)*
            #[automatically_derived]
            #allow
            impl #bear {
                #functions
            }
        }
    }
}

/// Whether there is a literal that clippy would have spelt by a name, which depends on the type.
fn has_known_constant(tokens: Tokens) -> bool {
    use std::f64::consts::{LN_2, LN_10, LOG2_E, LOG10_E};
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => has_known_constant(group.stream()),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let digits = text.trim_end_matches("_f64").trim_end_matches("_f32");
            digits.parse::<f64>().is_ok_and(|value| [LN_2, LN_10, LOG2_E, LOG10_E].contains(&value))
        }
        TokenTree::Ident(_) | TokenTree::Punct(_) => false,
    })
}

/// A name of the user's as one of ours: in the edition of this crate, where more words are keywords.
fn local_name(name: &Ident) -> Ident {
    let span = name.span().resolved_at(site());
    match name.to_string().as_str() {
        word @ ("async" | "await" | "dyn" | "gen" | "try") => Ident::new_raw(word, span),
        _ => {
            let mut name = name.clone();
            name.set_span(span);
            name
        }
    }
}

/// What the user calls its variables.
struct Bindings(Vec<String>);

impl<'ast> Visit<'ast> for Bindings {
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        let name = pat.ident.to_string();
        self.0.push(name.strip_prefix("r#").unwrap_or(&name).to_owned());
        syn::visit::visit_pat_ident(self, pat);
    }
}
