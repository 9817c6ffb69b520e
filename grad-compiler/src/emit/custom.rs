//! A function with rules of the user's own: the same functions as of any other, made of the rules.
//!
//! A rule for reverse mode runs once, in the forward sweep; its pullback is kept until the reverse sweep. So it owns what
//! it needs, as every pullback does that callers keep.
//!
//! What has no rule is there, and cannot be called: for users, a bound says so that does not hold. A caller has
//! derivatives in both modes whether they are used or not, so for callers it is a constant that is not evaluated before
//! somebody calls the caller's derivative in this mode.

mod second;

use super::cotangent_types::{buffer, without_lifetimes, zero};
use super::expr::respan;
use super::forms::{Form, Provided};
use super::items::{Cx, Functions, Names, Workers};
use super::signature::{Kind, Passing, Signature};
use super::tangent::tangent_ty;
use super::{Tokens, site};
use crate::args::Args;
use crate::transform::Width;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{ItemFn, Path};

/// One of the two modes.
#[derive(Clone, Copy)]
enum Mode {
    Forward,
    Reverse,
}

#[expect(clippy::redundant_closure_for_method_calls, reason = "the methods are those of one lifetime")]
pub(super) fn emit_items(item: &ItemFn, args: &Args) -> TokenStream {
    let sig = Signature::new(item, args);
    let cx = Cx::new(&sig, args);
    let mut functions = match &args.vjp {
        Some(rule) => cx.by_vjp(rule),
        None => without(item, args, Mode::Reverse, |cx| cx.vjp_stubs())
            .and(Functions::hidden(cx.missing_forward())),
    };
    functions.extend(match &args.jvp {
        Some(rule) => {
            let jvp = Functions::public(cx.by_jvp(rule));
            if cx.may_run_again() {
                let tangents = [Width::One, Width::Lanes].map(|width| cx.tangent(width));
                jvp.and(Functions { public: cx.by_lanes(), hidden: tangents.into_iter().collect() })
            } else {
                let tangents = [cx.tangent(Width::One), cx.missing_lanes()];
                jvp.and(Functions::hidden(tangents.into_iter().collect()))
            }
        }
        None => without(item, args, Mode::Forward, |cx| Functions::public(cx.jvp_stubs()))
            .and(Functions::hidden(cx.missing_tangents())),
    });
    let mut provided = vec![Provided::order(1)];
    if let Some(rule) = &args.hvp {
        functions.public.extend(cx.products_for_users(rule));
        functions.hidden.extend([cx.second_by_rule(), cx.nested(2)]);
        provided.extend([Provided::order(2), Provided::nested(2)]);
    } else {
        // There are no derivatives of these derivatives; whoever calls them is told so.
        let missing = Some("SecondRule");
        provided.extend([Provided::order(2), Provided::nested(2)].map(|of| Provided { missing, ..of }));
    }
    cx.placed(&functions, &provided, &cx.use_rules())
}

/// A call of a rule: an error about it is shown at its name.
fn call(rule: &Path, args: &[Ident]) -> Tokens {
    let at = span(rule);
    let rule = respan(rule.to_token_stream(), at);
    quote_spanned!(at=> #rule(#(#args),*))
}

fn span(rule: &Path) -> Span {
    syn::spanned::Spanned::span(rule).resolved_at(site())
}

/// What cannot be called: the function with a bound that does not hold. The `for` makes rustc wait for a call.
fn without(item: &ItemFn, args: &Args, mode: Mode, emit: impl FnOnce(&Cx<'_>) -> Functions) -> Functions {
    let krate = &args.krate;
    let mut item = item.clone();
    let bound = match mode {
        Mode::Forward => quote_spanned!(site()=> for<'__grad> &'__grad (): #krate::__private::ForwardRule),
        Mode::Reverse => quote_spanned!(site()=> for<'__grad> &'__grad (): #krate::__private::ReverseRule),
    };
    item.sig.generics.make_where_clause().predicates.push(syn::parse_quote!(#bound));
    let sig = Signature::new(&item, args);
    emit(&Cx::new(&sig, args))
}

impl Cx<'_> {
    /// Some code that uses the rules, so that they are not dead if their mode is not used.
    fn use_rules(&self) -> Tokens {
        let s = site();
        let cfgs = self.attrs("cfg");
        let rules: Vec<Tokens> = [&self.args.vjp, &self.args.jvp, &self.args.hvp]
            .into_iter()
            .flatten()
            .map(|rule| respan(rule.to_token_stream(), span(rule)))
            .collect();
        let lengths: Vec<Tokens> = self
            .sig
            .item
            .sig
            .generics
            .const_params()
            .map(|param| match param.ty.to_token_stream().to_string().as_str() {
                "bool" => quote_spanned!(s=> false),
                "char" => quote_spanned!(s=> '0'),
                _ => quote_spanned!(s=> 0),
            })
            .collect();
        if lengths.is_empty() {
            return quote_spanned!(s=> #(#cfgs)* const _: () = { #(let _ = #rules;)* };);
        }
        // A generic function is named with its parameters, and those of the rule are not known.
        let names = self.names();
        let (generics, where_clause) = (self.generics(false), self.where_clause());
        let params = self.params(&names.params);
        let mut used = Tokens::new();
        if let Some(rule) = &self.args.vjp {
            let call = call(rule, &names.params);
            used.extend(quote_spanned! {s=>
                fn __grad_used #generics (#params) #where_clause {
                    let _ = #call;
                }
                let _ = __grad_used::<#(#lengths),*>;
            });
        }
        for (rule, user) in [(&self.args.jvp, "__grad_used_forward"), (&self.args.hvp, "__grad_used_second")]
        {
            let Some(rule) = rule else { continue };
            let user = Ident::new(user, s);
            let (dots, dot_params) = self.tangent_params(&names);
            let args: Vec<Ident> = names.params.iter().chain(&dots).cloned().collect();
            let call = call(rule, &args);
            used.extend(quote_spanned! {s=>
                fn #user #generics (#params, #(#dot_params),*) #where_clause {
                    let _ = #call;
                }
                let _ = #user::<#(#lengths),*>;
            });
        }
        quote_spanned!(s=> #(#cfgs)* const _: () = { #used };)
    }

    /// The names of the tangents, and the same with their types.
    fn tangent_params(&self, names: &Names) -> (Vec<Ident>, Vec<Tokens>) {
        self.with_tangents()
            .map(|(k, param)| {
                let (dot, ty) = (names.dots[k].clone(), tangent_ty(param.ty));
                let input = quote_spanned!(site()=> #dot: #ty);
                (dot, input)
            })
            .unzip()
    }

    fn slots_by_rule(&self) -> Vec<bool> {
        self.sig.params.iter().map(|param| param.is_differentiable() && !param.kind.is_returned()).collect()
    }

    /// All of reverse mode.
    fn by_vjp(&self, rule: &Path) -> Functions {
        let workers = Workers { slots: self.slots_by_rule(), ..Workers::default() };
        let mut public = self.gradients(&workers);
        public.push(self.vjp_by_rule(rule));
        public.push(self.vjp_add(&workers));
        public.extend(self.objective());
        Functions {
            public: public.into_iter().collect(),
            hidden: [self.joint_by_rule(rule), self.at_once(&workers.slots), self.forward_by_rule(rule)]
                .into_iter()
                .collect(),
        }
    }

    /// The rule is `f::vjp`.
    fn vjp_by_rule(&self, rule: &Path) -> Tokens {
        let s = site();
        let names = self.names();
        let (params, where_clause) = (self.params(&names.params), self.where_clause());
        let (result, seed, gradient) = (self.sig.result_ty(), self.seed_ty(), self.gradient_ty());
        let call = call(rule, &names.params);
        let (name, wrt) = (self.link(), self.wrt_list());
        let docs = [
            format!(" Value of {name} and its pullback, which maps the cotangent of the result to those of"),
            format!(" {wrt}."),
        ];
        self.function(
            &docs,
            "vjp",
            &self.generics(false),
            &quote_spanned! {s=>
                (#params) -> (#result, impl ::core::ops::FnOnce(#seed) -> #gradient) #where_clause {
                    #call
                }
            },
        )
    }

    /// Value and cotangents at once.
    fn joint_by_rule(&self, rule: &Path) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let slots: Vec<Ident> =
            names.bars.iter().map(|bar| Ident::new(&format!("{bar}_slot"), bar.span())).collect();
        let (value, seed, pullback) = (&names.value, &names.seed, &names.pullback);
        let mut params: Vec<Tokens> = names
            .params
            .iter()
            .zip(&self.sig.params)
            .map(|(name, param)| {
                let ty = param.ty;
                quote_spanned!(s=> #name: #ty)
            })
            .collect();
        let seed_ty = self.seed_ty();
        params.push(quote_spanned!(s=> #seed: #seed_ty));
        let mut added = Tokens::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            if param.is_differentiable() && !param.kind.is_returned() {
                let (bar, slot, ty) = (&names.bars[k], &slots[k], buffer(param.ty));
                params.push(quote_spanned!(s=> #slot: &mut #ty));
                added.extend(quote_spanned!(s=> #krate::__private::accumulate(#slot, &#bar);));
            }
        }
        let returned: Vec<Tokens> =
            self.returned().iter().map(|(k, _)| names.bars[*k].to_token_stream()).collect();
        let tail = if returned.is_empty() {
            value.to_token_stream()
        } else {
            let returned = Self::tuple(&returned);
            quote_spanned!(s=> (#value, #returned))
        };
        let (bars, gradient, call, result) = (
            Self::tuple_of(&self.in_order(&names.bars)),
            self.gradient_ty(),
            call(rule, &names.params),
            self.sig.result_ty(),
        );
        self.joint_function(
            Form::JOINT,
            &params,
            &quote_spanned! {s=>
                let (#value, #pullback): (#result, _) = #call;
                let #bars: #gradient = #pullback(#seed);
                #added
                #tail
            },
        )
    }

    /// The rule for callers: cotangents go into slots, where there are any.
    fn forward_by_rule(&self, rule: &Path) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let (value, seed, pullback) = (&names.value, &names.seed, &names.pullback);
        let protocol = self.protocol(1, Width::One);
        let mut params: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        params.extend(self.markers.iter().map(|_| quote_spanned!(s=> _)));
        let slots: Vec<Ident> =
            names.bars.iter().map(|bar| Ident::new(&format!("{bar}_slot"), bar.span())).collect();
        // The arguments again, for a copy of the pullback: it runs the rule once more.
        let mut namer = names.namer(&slots);
        let mut copies = Tokens::new();
        let mut again = Vec::new();
        let mut is_repeatable = true;
        let mut patterns: Vec<Tokens> = Vec::new();
        for (param, name) in self.sig.params.iter().zip(&names.params) {
            if !param.kind.is_gone() {
                patterns.push(name.to_token_stream());
                again.push(name.clone());
                continue;
            }
            patterns.push(quote_spanned!(s=> _));
            is_repeatable &= param.kind != Kind::Constant(Passing::Exclusive);
            let copy = namer.fresh(&format!("kept_{}", name.to_string().trim_start_matches("r#")), s);
            if param.kind != Kind::Constant(Passing::Exclusive) {
                copies.extend(quote_spanned!(s=> let #copy = ::core::clone::Clone::clone(&#name);));
            }
            again.push(copy);
        }
        patterns.push(seed.to_token_stream());
        let (mut added, mut returned) = (Tokens::new(), Vec::new());
        for (k, param) in self.sig.params.iter().enumerate() {
            let (bar, slot) = (&names.bars[k], &slots[k]);
            let is_slot = param.is_differentiable() && !param.kind.is_returned();
            patterns.push(if is_slot { slot.to_token_stream() } else { quote_spanned!(s=> _) });
            if is_slot {
                added.extend(quote_spanned! {s=>
                    if let ::core::option::Option::Some(#slot) = #slot {
                        #krate::__private::accumulate(#slot, &#bar);
                    }
                });
            }
            returned.push(match (param.kind.is_returned(), param.wrt) {
                (true, Some(_)) => bar.to_token_stream(),
                (true, None) => zero(param.ty),
                (false, _) => quote_spanned!(s=> ()),
            });
        }
        let (bars, gradient, call, result) = (
            Self::tuple_of(&self.in_order(&names.bars)),
            self.gradient_ty(),
            call(rule, &names.params),
            self.sig.result_ty(),
        );
        let inputs = protocol.pullback_inputs();
        // Named once, so that a mistake in the rule is reported once.
        let run = namer.fresh("rule", s);
        let repeated = if is_repeatable {
            quote_spanned!(s=> #run(#(#again),*).1)
        } else {
            const ONCE: &str = "a rule that changes a constant has one pullback for each call";
            quote_spanned!(s=> ::core::panic!(#ONCE))
        };
        let closure = quote_spanned! {s=>
            move |#(#patterns: #inputs),*| {
                let #pullback = match #pullback.into_inner() {
                    ::core::option::Option::Some(#pullback) => #pullback,
                    ::core::option::Option::None => #repeated,
                };
                let #bars: #gradient = #pullback(#seed);
                #added
                (#(#returned,)*)
            }
        };
        let at = span(rule);
        let kept = quote_spanned!(at=> #krate::__private::owning(#call));
        let (args, tys) = (&names.params, self.sig.params.iter().map(|param| without_lifetimes(param.ty)));
        let declared = quote_spanned!(s=> let #run = |#(#args: #tys),*| #kept;);
        let body = quote_spanned! {s=>
            #copies
            #declared
            let (#value, #pullback): (#result, _) = #run(#(#args),*);
            let #pullback = #krate::__private::Once::new(#pullback);
            (#value, #closure)
        };
        protocol.function(&params, &body, &self.where_clause_of(protocol.last))
    }

    /// The rule is `f::jvp`.
    fn by_jvp(&self, rule: &Path) -> Tokens {
        let s = site();
        let names = self.names();
        let mut params = Vec::new();
        for (name, param) in names.params.iter().zip(&self.sig.params) {
            let ty = param.ty;
            params.push(quote_spanned!(s=> #name: #ty));
        }
        let (dots, dot_params) = self.tangent_params(&names);
        params.extend(dot_params);
        let args: Vec<Ident> = names.params.iter().chain(&dots).cloned().collect();
        let call = call(rule, &args);
        let end = self.sig.result.is_none().then(|| quote_spanned!(s=> ;));
        self.jvp_function(&params, &quote_spanned!(s=> #call #end), Width::One)
    }

    /// `f::jvp_n`: the rule once for each lane, from the old content of what it changes.
    fn by_lanes(&self) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let mut params = Vec::new();
        for (name, param) in names.params.iter().zip(&self.sig.params) {
            let ty = param.ty;
            params.push(quote_spanned!(s=> #name: #ty));
        }
        let mut namer = names.namer(&[]);
        let lane = namer.fresh("lane", s);
        let (mut keep, mut restore, mut dots, mut after) =
            (Tokens::new(), Tokens::new(), Vec::new(), Tokens::new());
        for (k, param) in self.sig.params.iter().enumerate() {
            let (name, dot) = (&names.params[k], &names.dots[k]);
            if matches!(param.kind, Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive)) {
                let old = namer.fresh("old", s);
                keep.extend(
                    quote_spanned!(s=> let #old = #krate::__private::borrow::ToOwned::to_owned(&*#name);),
                );
                restore.extend(quote_spanned!(s=> #krate::__private::restore(#name, &#old);));
            }
            if !param.is_differentiable() {
                continue;
            }
            let ty = self.tangent_of(param.ty, Width::Lanes);
            params.push(quote_spanned!(s=> #dot: #ty));
            let one = match param.kind {
                Kind::Scalar | Kind::Aggregate(Passing::Moved) => {
                    quote_spanned!(s=> #krate::__private::EachLane::lane(&#dot, #lane))
                }
                Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => {
                    let one = &names.products[k];
                    restore.extend(
                        quote_spanned!(s=> let mut #one = #krate::__private::EachLane::lane(&*#dot, #lane);),
                    );
                    after.extend(
                        quote_spanned!(s=> #krate::__private::EachLane::set_lane(&mut *#dot, #lane, &#one);),
                    );
                    quote_spanned!(s=> &mut #one)
                }
                _ => quote_spanned!(s=> &#krate::__private::EachLane::lane(#dot, #lane)),
            };
            dots.push(one);
        }
        let args: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .zip(&names.params)
            .map(|(param, name)| Self::argument_again(param, name))
            .collect();
        let turbofish = self.turbofish(false);
        let lanes = &self.lanes;
        let jvp = self.public("jvp");
        let call = quote_spanned!(s=> #jvp #turbofish (#(#args,)* #(#dots),*));
        let body = if self.sig.result.is_some() {
            let result = &names.value;
            quote_spanned! {s=>
                #keep
                #krate::__private::lane_by_lane::<_, _, #lanes>(|#lane| {
                    #restore
                    let #result = #call;
                    #after
                    #result
                })
            }
        } else {
            quote_spanned!(s=> #keep for #lane in 0..#lanes { #restore #call; #after })
        };
        self.jvp_function(&params, &body, Width::Lanes)
    }

    /// Reverse mode without a rule, for users.
    fn vjp_stubs(&self) -> Functions {
        let workers = Workers { slots: self.slots_by_rule(), ..Workers::default() };
        let mut public = self.gradients(&workers);
        if self.sig.result_holds_floats() {
            public.push(self.vjp());
        }
        public.push(self.vjp_add(&workers));
        Functions { public: public.into_iter().collect(), hidden: self.joint_stub(&workers.slots) }
    }

    /// Fails to compile where it is needed, and not before.
    fn missing(&self, mode: Mode) -> Tokens {
        let name = self.sig.name();
        let (has, lacks, given, wanted) = match mode {
            Mode::Forward => ("reverse", "forward", "vjp", "jvp"),
            Mode::Reverse => ("forward", "reverse", "jvp", "vjp"),
        };
        let text = format!(
            "`{name}` has a rule for {has} mode only (`{given} = …`), and is differentiated in {lacks} mode: give it \
             `{wanted} = …`, too"
        );
        self.fails(&text)
    }

    /// A rule that changes a constant runs once.
    fn missing_lanes(&self) -> Tokens {
        let name = self.sig.name();
        let text = format!(
            "`{name}` has a rule of your own and changes a constant behind `&mut`: it cannot run once for each of \
             several directions; call `jvp`, or return what is changed"
        );
        self.without_tangent(Width::Lanes, &self.fails(&text))
    }

    fn fails(&self, text: &str) -> Tokens {
        let rule = [&self.args.vjp, &self.args.jvp].into_iter().flatten().next();
        let at = rule.map_or_else(site, span);
        let panic = quote_spanned!(at=> ::core::panic!(#text));
        quote_spanned! {site()=>
            fn missing<Rule>() {
                const { #panic }
            }
            missing::<()>();
        }
    }

    fn missing_forward(&self) -> Tokens {
        let missing = self.missing(Mode::Reverse);
        let mut functions = self.at_once_stub(&missing);
        functions.extend(self.protocol(1, Width::One).without(&missing));
        functions
    }

    fn jvp_stubs(&self) -> Tokens {
        [Width::One, Width::Lanes].map(|width| self.jvp_stub(width)).into_iter().collect()
    }

    fn missing_tangents(&self) -> Tokens {
        [Width::One, Width::Lanes].map(|width| self.missing_tangent(width)).into_iter().collect()
    }

    fn missing_tangent(&self, width: Width) -> Tokens {
        self.without_tangent(width, &self.missing(Mode::Forward))
    }

    fn without_tangent(&self, width: Width, missing: &Tokens) -> Tokens {
        let s = site();
        let krate = self.krate();
        let (vis, generics, where_clause) =
            (self.vis(), self.generics_of(width), self.where_clause_of(width));
        let name = Form::Tangent(width).method();
        let mut tys: Vec<Tokens> = self.sig.params.iter().map(|param| param.ty.to_token_stream()).collect();
        tys.extend(self.sig.params.iter().map(|param| {
            let ty = if param.is_differentiable() {
                self.tangent_of(param.ty, width)
            } else {
                quote_spanned!(s=> #krate::__private::Constant)
            };
            quote_spanned!(s=> ::core::option::Option<#ty>)
        }));
        let (result, tangent) = match self.sig.result {
            Some(ty) => (ty.to_token_stream(), self.owned_tangent(ty, width)),
            None => (quote_spanned!(s=> ()), quote_spanned!(s=> ())),
        };
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(_: #tys),*) -> (#result, #tangent) #where_clause {
                #missing
                ::core::unreachable!()
            }
        }
    }
}
