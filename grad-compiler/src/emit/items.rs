//! The type that bears the derivatives, and its functions.

use super::compiles::{Made, Takes};
use super::cotangent_types::with_lifetime;
use super::forms::Provided;
use super::jacobian::lanes_for;
use super::lints::Written;
use super::namer::{Namer, Words};
use super::own_types::FollowedFields;
use super::signature::{Kind, Param, Passing, Signature};
use super::{Derivatives, Tokens, failing, misspelt, site};
use crate::args::Args;
use crate::function::stands_for_function;
use crate::hash::HashMap;
use crate::ir::Var;
use crate::transform::{ParamCotangent, Width};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use std::rc::Rc;
use syn::visit::Visit;
use syn::{GenericParam, Lifetime};

/// The functions of a derivative.
#[derive(Clone, Debug, Default)]
pub(super) struct Functions {
    /// What users call.
    pub(super) public: Tokens,
    /// What generated code calls.
    pub(super) hidden: Tokens,
}

impl Functions {
    pub(super) fn public(public: Tokens) -> Functions {
        Functions { public, hidden: Tokens::new() }
    }

    pub(super) fn hidden(hidden: Tokens) -> Functions {
        Functions { public: Tokens::new(), hidden }
    }

    pub(super) fn extend(&mut self, other: Functions) {
        self.public.extend(other.public);
        self.hidden.extend(other.hidden);
    }

    pub(super) fn and(mut self, other: Functions) -> Functions {
        self.extend(other);
        self
    }
}

/// The functions that do the work, and which buffers the joint one takes.
#[derive(Default)]
pub(super) struct Workers {
    pub(super) functions: Functions,
    /// For each parameter: the joint form takes a buffer for its cotangent.
    pub(super) slots: Vec<bool>,
    /// The function may fail when something has been added to the buffers.
    pub(super) leaves_sums: bool,
}

pub(super) fn emit_items(sig: &Signature<'_>, args: &Args, derivatives: &Derivatives) -> TokenStream {
    let Derivatives { joint, trusting, overwritten, split, given, seeded, tangents, lanes, higher } =
        *derivatives;
    let mut cx = Cx { overwritten, ..Cx::new(sig, args) };
    cx.agree_with_callees(&split.func, &split.reverse);
    cx.ask_fields(&joint.func, joint);
    cx.in_front.extend(misspelt::inner_variables_again(sig.item, &joint.func));
    let slots: Vec<bool> =
        joint.cotangents.iter().map(|cotangent| matches!(cotangent, ParamCotangent::Slot(_))).collect();
    let rows = cx.seeded(seeded);
    cx.has_seeded.set(rows.is_some());
    let mut functions = Functions {
        public: [cx.jvp(tangents, Width::One), cx.jvp(lanes, Width::Lanes)].into_iter().collect(),
        hidden: [cx.joint(joint, trusting), cx.at_once(&slots), cx.forward_of(split, given)]
            .into_iter()
            .chain(rows)
            .collect(),
    };
    functions.hidden.extend([Width::One, Width::Lanes].map(|width| cx.tangent(width)));
    let mut provided = vec![Provided::order(1)];
    if higher.is_empty() && cx.has_nested() {
        functions.public.extend(cx.no_products());
    }
    for derivative in higher {
        functions.extend(cx.higher(derivative));
        provided.push(Provided::order(derivative.order));
        if !cx.has_nested() {
            continue;
        }
        let missing = cx.without_nested();
        if missing.is_none() {
            functions.hidden.extend(cx.nested(derivative.order));
        }
        provided.push(Provided { missing, ..Provided::nested(derivative.order) });
    }
    let items = joint.func.items.iter().cloned().collect();
    cx.all_items(Workers { functions, slots, leaves_sums: failing::leaves_sums(joint) }, &provided, &items)
}

impl Cx<'_> {
    /// Why there are no derivatives of `f::grad` and its kin, although the function has a gradient.
    fn without_nested(&self) -> Option<&'static str> {
        if self.sig.failing.is_some() {
            return Some("Infallible");
        }
        (!self.may_run_again()).then_some("Repeatable")
    }
}

pub(super) fn has_jacobian(sig: &Signature<'_>, args: &Args) -> [bool; 2] {
    let cx = Cx::new(sig, args);
    [cx.has_jacobian(), cx.has_jacobian() && cx.may_run_again()]
}

/// All that callers may ask for, whatever the attribute says: what is wrong with the function is said once.
pub(super) fn emit_stubs(sig: &Signature<'_>, args: &Args, in_front: Tokens) -> TokenStream {
    let cx = Cx { is_stub: true, in_front, ..Cx::new(sig, args) };
    let slots: Vec<bool> =
        sig.params.iter().map(|param| param.is_differentiable() && !param.kind.is_returned()).collect();
    let widths = [Width::One, Width::Lanes];
    let mut functions = Functions {
        public: widths.map(|width| cx.jvp_stub(width)).into_iter().collect(),
        hidden: [cx.joint_stub(&slots), cx.at_once_stub(&Tokens::new())].into_iter().collect(),
    };
    functions.hidden.extend(widths.map(|width| cx.tangent(width)));
    functions.hidden.extend(cx.protocol(1, Width::One).stub());
    let mut provided = vec![Provided::order(1)];
    if cx.has_nested() {
        functions.public.extend(cx.hvp_stubs());
    }
    let has_outputs = sig.has_outputs();
    let is_undecided = sig.wrt().is_empty() && !cx.undecided().is_empty();
    if is_undecided || !sig.result_holds_floats() && !has_outputs && !sig.wrt().is_empty() {
        functions.public.extend(cx.gradient_stubs());
    }
    // Whoever calls it may ask for as much as this.
    for order in 2..=args.order.max(3) {
        functions.hidden.extend(widths.map(|width| cx.protocol(order, width).stub()));
        provided.push(Provided::order(order));
        if cx.has_nested() && cx.without_nested().is_none() {
            functions.hidden.extend(cx.nested_stubs(order));
            provided.push(Provided::nested(order));
        }
    }
    cx.all_items(Workers { functions, slots, leaves_sums: false }, &provided, &Tokens::new())
}

pub(super) struct Cx<'a> {
    pub(super) sig: &'a Signature<'a>,
    pub(super) args: &'a Args,
    /// What the user calls its variables, and everything else it names.
    pub(super) words: Rc<Words>,
    /// The names in its public functions.
    names: Rc<Names>,
    /// Marker types, one per parameter.
    pub(super) markers: Vec<Ident>,
    /// The number of tangents that go side by side.
    pub(super) lanes: Ident,
    pub(super) written: Rc<Written>,
    /// What stands in front of each derivative: for what rustc says of names that are not there.
    pub(super) in_front: Tokens,
    /// The Jacobian by rows is a function of its own.
    pub(super) has_seeded: std::cell::Cell<bool>,
    /// What the function and those it calls must agree upon.
    pub(super) contracts: Tokens,
    /// The same of methods, by the place of their names: they are asked where they are called.
    pub(super) contracts_of_methods: HashMap<String, Takes>,
    /// What is said to callees of what stands for functions, by where that is.
    pub(super) passed: HashMap<Var, Tokens>,
    /// What the function makes of types of the user's.
    pub(super) made: Made,
    /// Asks the fields out of which differentiated values come whether they have cotangents.
    pub(super) followed_fields: FollowedFields,
    /// What stands beside the forms.
    pub(super) beside: std::cell::RefCell<Tokens>,
    /// For each parameter: the one that says how much of it the function overwrites before it reads it.
    pub(super) overwritten: &'a [Option<usize>],
    /// The function has errors, perhaps in its signature.
    pub(super) is_stub: bool,
    /// What users call are methods of what holds a closure.
    pub(super) in_place: bool,
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
    fn of(sig: &Signature<'_>) -> Names {
        let mut namer = Namer::default();
        // A parameter may have the name of its function, which is called beside it.
        namer.fresh(&sig.name().to_string(), site());
        let params: Vec<Ident> =
            sig.params.iter().map(|param| namer.fresh(&param.hint, param.span)).collect();
        let bars = sig
            .params
            .iter()
            .map(|param| namer.fresh(&format!("{}_bar", param.stem()), param.span))
            .collect();
        let mut each = |what: &str| -> Vec<Ident> {
            let name = |param: &Param<'_>| format!("{}_{what}", param.stem());
            sig.params.iter().map(|param| namer.fresh(&name(param), param.span)).collect()
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

    /// For further names beside these.
    pub(super) fn namer(&self, others: &[Ident]) -> Namer {
        let mut namer = Namer::default();
        let own = [&self.seed, &self.value, &self.pullback];
        let all = [&self.params, &self.bars, &self.dots, &self.products].into_iter().flatten();
        for name in all.chain(own).chain(others) {
            namer.fresh(&name.to_string(), site());
        }
        namer
    }
}

/// A name of the user's that nobody wrote here, for lints.
pub(super) fn at_site(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(name.span().resolved_at(site()));
    name
}

impl<'a> Cx<'a> {
    pub(super) fn new(sig: &'a Signature<'a>, args: &'a Args) -> Cx<'a> {
        let mut bindings = Bindings(Vec::new());
        bindings.visit_item_fn(sig.item);
        let mut cx = Cx {
            in_front: misspelt::variables_again(sig.item, &bindings.0),
            sig,
            args,
            words: Rc::new(Words::of(sig.item.to_token_stream(), bindings.0)),
            names: Rc::new(Names::of(sig)),
            markers: Vec::new(),
            lanes: Ident::new("LANES", site()),
            written: Rc::default(),
            has_seeded: std::cell::Cell::default(),
            overwritten: &[],
            contracts: Tokens::new(),
            contracts_of_methods: HashMap::default(),
            passed: HashMap::default(),
            made: Made::default(),
            followed_fields: FollowedFields::default(),
            beside: std::cell::RefCell::default(),
            is_stub: false,
            in_place: false,
        };
        let mut namer = cx.namer();
        cx.lanes = namer.fresh("LANES", site());
        cx.markers = (0..sig.params.len()).map(|k| namer.fresh(&format!("A{k}"), site())).collect();
        cx
    }

    pub(super) fn namer(&self) -> Namer {
        Namer::beside(&self.words)
    }

    pub(super) fn names(&self) -> Rc<Names> {
        Rc::clone(&self.names)
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
        let mut params: Vec<Tokens> =
            self.sig.item.sig.generics.params.iter().map(ToTokens::to_token_stream).collect();
        if markers {
            params.extend(self.marker_params());
        }
        params
    }

    /// `A0: …`: what a caller may say of each argument.
    pub(super) fn marker_params(&self) -> Vec<Tokens> {
        let s = site();
        let krate = self.krate();
        let params = self.sig.params.iter().zip(&self.markers);
        params
            .map(|(param, marker)| {
                let bound = match (param.is_differentiable(), param.kind.is_output()) {
                    (true, false) => "Activity",
                    (_, true) => "FollowedArgument",
                    (false, false) => "ConstantArgument",
                };
                let bound = Ident::new(bound, s);
                quote_spanned!(s=> #marker: #krate::__private::#bound)
            })
            .collect()
    }

    /// The user's, and the number of lanes.
    pub(super) fn generics_of(&self, width: Width) -> Tokens {
        let s = site();
        let own = self.sig.item.sig.generics.params.iter();
        let lanes = &self.lanes;
        match width {
            _ if self.in_place => Tokens::new(),
            Width::One => self.generics(false),
            Width::Lanes => quote_spanned!(s=> <#(#own,)* const #lanes: ::core::primitive::usize>),
        }
    }

    /// `::<N, LANES>`
    pub(super) fn turbofish_of(&self, width: Width) -> Tokens {
        let s = site();
        let (names, lanes) = (self.generic_names(), &self.lanes);
        match width {
            _ if self.in_place => Tokens::new(),
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

    /// The function's lifetimes that are named in what stands there.
    pub(super) fn lifetimes_in(&self, tokens: &Tokens) -> Vec<Tokens> {
        let lifetimes = self.sig.item.sig.generics.lifetimes();
        lifetimes
            .filter(|param| names_lifetime(tokens.clone(), &param.lifetime))
            .map(|param| param.lifetime.to_token_stream())
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
        self.where_with(Vec::new())
    }

    /// The same of a function with so many lanes.
    pub(super) fn where_clause_of(&self, width: Width) -> Tokens {
        self.where_with(self.bounds_of(width))
    }

    /// The where clause of a function that uses its arguments twice.
    pub(super) fn where_copy(&self) -> Tokens {
        self.where_with(self.copies())
    }

    /// The same of a function with so many lanes.
    pub(super) fn where_copy_of(&self, width: Width) -> Tokens {
        self.where_with([self.copies(), self.bounds_of(width)].concat())
    }

    /// The where clause of a function that calls others with its arguments, more than once.
    pub(super) fn where_repeated_of(&self, width: Width) -> Tokens {
        self.where_with([self.copies(), self.clones(), self.bounds_of(width)].concat())
    }

    /// The user's where clause, and what derivatives ask of type parameters, with more behind it.
    pub(super) fn where_with(&self, more: Vec<Tokens>) -> Tokens {
        let s = site();
        let krate = self.krate();
        let clause = &self.sig.item.sig.generics.where_clause;
        let floats = self.args.scalars.iter().map(|scalar| {
            let (name, bound) = (at_site(scalar), self.float_bound(scalar));
            quote_spanned!(s=> #name: #bound)
        });
        let between = self.args.scalars.iter().flat_map(|by| {
            let by = at_site(by);
            self.for_scalars(&quote_spanned!(s=> #krate::__private::Scale<#by>))
        });
        // One is multiplied by itself.
        let between = between.filter(|_| self.args.scalars.len() > 1);
        let all: Vec<Tokens> = floats.chain(between).chain(more).collect();
        if all.is_empty() {
            return clause.to_token_stream();
        }
        let predicates = clause.iter().flat_map(|clause| &clause.predicates);
        quote_spanned!(s=> where #(#predicates,)* #(#all),*)
    }

    /// `T: bound`, of the type parameters that stand for floats.
    fn for_scalars(&self, bound: &Tokens) -> Vec<Tokens> {
        let s = site();
        let bounds = self.args.scalars.iter().map(|scalar| {
            let scalar = at_site(scalar);
            quote_spanned!(s=> #scalar: #bound)
        });
        bounds.collect()
    }

    pub(super) fn bounds_of(&self, width: Width) -> Vec<Tokens> {
        match width {
            Width::One => Vec::new(),
            Width::Lanes => self.bounds_of_lanes(&self.lanes),
        }
    }

    /// That a generic float has tangents side by side, so many.
    pub(super) fn bounds_of_lanes(&self, lanes: &dyn ToTokens) -> Vec<Tokens> {
        let s = site();
        let krate = self.krate();
        let bounds = self.args.scalars.iter().map(|scalar| {
            let scalar = at_site(scalar);
            quote_spanned! {s=>
                #scalar: #krate::__private::LanesLike<#lanes, Lanes = #krate::__private::Lanes<#scalar, #lanes>>
            }
        });
        let with_matrices = self.args.scalars.iter().filter(|scalar| {
            let libraries = self.libraries_of(scalar);
            libraries.matrices || libraries.arrays
        });
        let spaces = with_matrices.map(|scalar| {
            let scalar = at_site(scalar);
            quote_spanned! {s=>
                #scalar: #krate::__private::matrix::Space<Lanes<#lanes> = #krate::__private::Lanes<#scalar, #lanes>>
            }
        });
        let bounds = bounds.chain(spaces);
        let s = site();
        let functions = self.sig.item.sig.generics.type_params().filter(|param| stands_for_function(param));
        let functions = functions.flat_map(|param| {
            let (name, krate) = (at_site(&param.ident), self.krate());
            let tangent = quote_spanned!(s=> <#name as #krate::Differentiable>::Tangent);
            [
                quote_spanned!(s=> #tangent: #krate::__private::LanesLike<#lanes>),
                quote_spanned! {s=>
                    #name: #krate::__private::LanesLike<
                        #lanes,
                        Lanes = <#tangent as #krate::__private::LanesLike<#lanes>>::Lanes,
                    >
                },
            ]
        });
        bounds.chain(functions).collect()
    }

    /// That a generic float is an entry of a Jacobian, with each of these in its place.
    pub(super) fn bounds_of_entries(&self, of: &[Tokens]) -> Vec<Tokens> {
        let s = site();
        let krate = self.krate();
        let bounds = of.iter().map(|of| quote_spanned!(s=> #krate::__private::Entries<Rows<#of> = #of>));
        bounds.flat_map(|bound| self.for_scalars(&bound)).collect()
    }

    /// That a generic float is what descent computes with, by gradients or by Jacobians.
    pub(super) fn bounds_of_descent(&self) -> Vec<Tokens> {
        let krate = self.krate();
        let scalars = self.for_scalars(&quote_spanned!(site()=> #krate::Scalar));
        [self.entries(lanes_for(self.wrt_columns())), scalars].concat()
    }

    /// That what a pullback is passed again can be copied.
    pub(super) fn copies(&self) -> Vec<Tokens> {
        let bound = quote_spanned!(site()=> ::core::marker::Copy);
        self.constants_are(&bound, |param| param.kind == Kind::Constant(Passing::Opaque))
    }

    /// That constants that are gone after a call can be passed to several.
    pub(super) fn clones(&self) -> Vec<Tokens> {
        let bound = quote_spanned!(site()=> ::core::clone::Clone);
        self.constants_are(&bound, |param| {
            param.kind == Kind::Constant(Passing::Moved) && !param.ty.is_cloned()
        })
    }

    /// Of a type that is not what is asked for, the function exists and cannot be called; the `for` makes rustc wait.
    fn constants_are(&self, bound: &Tokens, which: impl Fn(&Param<'_>) -> bool) -> Vec<Tokens> {
        let s = site();
        let constants = self.sig.params.iter().filter(|param| which(param));
        constants
            .map(|param| {
                let ty = with_lifetime(param.ty, &syn::Lifetime::new("'__grad", s));
                quote_spanned!(s=> for<'__grad> #ty: #bound)
            })
            .collect()
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
        if self.args.method.is_some() {
            let name = self.sig.name().to_string();
            return Ident::new(&format!("__grad_{}", name.trim_start_matches("r#")), site());
        }
        local_name(self.args.name.as_ref().unwrap_or(self.sig.name()))
    }

    fn all_items(&self, workers: Workers, provided: &[Provided], items: &Tokens) -> TokenStream {
        let public = self.public_functions(&workers);
        let functions = Functions { public, hidden: workers.functions.hidden };
        self.placed(&functions, provided, items)
    }

    /// What users call.
    fn public_functions(&self, workers: &Workers) -> Tokens {
        if !self.args.functions.is_empty() {
            return self.public_with_functions(workers);
        }
        let mut public = self.gradients(workers);
        if self.sig.result_holds_floats() {
            public.push(self.vjp());
        }
        public.push(self.vjp_add(workers));
        public.extend(self.jacobians());
        public.extend(self.objective());
        public.extend(self.residuals());
        public.push(workers.functions.public.clone());
        public.into_iter().collect()
    }

    /// What users call of a function that takes functions: what these capture is constant there.
    fn public_with_functions(&self, workers: &Workers) -> Tokens {
        let hidden = workers.functions.public.clone();
        if self.is_stub || !self.args.chosen.is_empty() {
            return hidden;
        }
        let constant = Signature::new(self.sig.item, self.args).with_constant_functions(self.args);
        let cx = Cx::new(&constant, self.args);
        let mut public = cx.gradients(workers);
        if cx.sig.result_holds_floats() && !cx.sig.wrt().is_empty() {
            public.push(cx.vjp());
        }
        public.push(cx.vjp_add(workers));
        public.extend([Width::One, Width::Lanes].map(|width| cx.jvp_with_functions(width)));
        if cx.sig.result_holds_floats() {
            public.extend(cx.jacobians());
        }
        public.extend(cx.objective());
        public.extend(cx.residuals());
        public.push(hidden);
        public.into_iter().collect()
    }

    /// `f::grad` and its kin, of a scalar function.
    pub(super) fn gradients(&self, workers: &Workers) -> Vec<Tokens> {
        let mut public = Vec::new();
        if self.sig.has_gradient() {
            public.push(self.grad());
            public.push(self.value_and_grad(workers));
            if self.sig.wrt().iter().any(|param| !param.kind.is_returned()) {
                public.push(self.grad_into(workers));
            }
        }
        public
    }

    /// The type that bears the functions that users call.
    pub(super) fn bearing(&self, functions: &Tokens) -> TokenStream {
        let s = site();
        let (vis, bear) = (self.vis(), self.bear());
        let cfgs = self.attrs("cfg");
        let allow = self.allowed();
        let functions = self.led_to_the_function(functions);
        let declared = if self.args.method.is_some() {
            quote_spanned!(s=> #[doc(hidden)] #vis struct #bear;)
        } else {
            let doc = format!("Derivatives of {}. Generated by `#[grad]`.", self.link());
            quote_spanned!(s=> #[doc = #doc] #vis enum #bear {})
        };
        quote_spanned! {s=>
            #(#cfgs)*
            #declared

            #(#cfgs)*
            #[automatically_derived]
            #allow
            impl #bear {
                #functions
            }
        }
    }

    /// The names of generated functions, where the user's function begins: an editor that is asked for the definition of
    /// `f::grad` goes there. Not to its name: what is asked of that would be answered for all of them.
    fn led_to_the_function(&self, functions: &Tokens) -> TokenStream {
        let span = self.sig.item.sig.fn_token.span.resolved_at(site());
        let mut is_name = false;
        let led = functions.to_token_stream().into_iter().map(|mut tree| {
            if let TokenTree::Ident(ident) = &mut tree {
                if is_name {
                    ident.set_span(span);
                }
                is_name = ident == "fn";
            } else {
                is_name = false;
            }
            tree
        });
        led.collect()
    }
}

/// A name of the user's as one of ours: in the edition of this crate, where more words are keywords.
pub(super) fn local_name(name: &Ident) -> Ident {
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

fn names_lifetime(tokens: Tokens, lifetime: &Lifetime) -> bool {
    let mut is_behind_tick = false;
    tokens.into_iter().any(|tree| {
        let was_behind_tick = std::mem::replace(
            &mut is_behind_tick,
            matches!(&tree, TokenTree::Punct(tick) if tick.as_char() == '\''),
        );
        match tree {
            TokenTree::Ident(ident) => was_behind_tick && ident == lifetime.ident,
            TokenTree::Group(group) => names_lifetime(group.stream(), lifetime),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        }
    })
}
