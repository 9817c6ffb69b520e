//! Derivatives with respect to fields of `self`, `wrt(self.k)`: those with respect to all of it, of which the fields are taken.
//!
//! The type that bears a method's derivatives has them with respect to all of `self`, as callers need them. What users call goes
//! through another type, with the same functions of fewer numbers. A field's tangent has a type that only rustc knows: it is
//! found by the field's name.

use super::cotangent_types::{buffer, owned};
use super::expr::respan;
use super::items::{Cx, Names};
use super::signature::Param;
use super::{Tokens, site};
use crate::transform::Width;
use proc_macro2::{Ident, Literal};
use quote::{ToTokens, quote_spanned};

/// What is differentiated with respect to.
struct Entry<'c, 'a> {
    /// Which parameter it is, or a field of.
    k: usize,
    param: &'c Param<'a>,
    /// The names of the fields.
    path: &'c [Ident],
    /// What its tangent and its buffer are called.
    name: Ident,
}

/// What users call.
pub(super) struct OfFields {
    /// The type that bears it.
    pub(super) bear: Ident,
    /// The same with its functions.
    pub(super) borne: Tokens,
    pub(super) functions: Tokens,
}

impl Cx<'_> {
    /// The type that bears what users call, and its functions, where fields are named.
    pub(super) fn of_fields(&self) -> Option<OfFields> {
        let has_fields = self.args.chosen.iter().any(|chosen| !chosen.path.is_empty());
        if !has_fields || self.args.method.is_none() || !self.args.functions.is_empty() {
            return None;
        }
        let bear = Ident::new("__GradOfFields", site());
        let names = self.names();
        let entries = self.named_entries(&names);
        let mut functions = Tokens::new();
        if self.sig.has_gradient() {
            functions.extend(self.gradient_of_fields(&names, &entries, "grad"));
            functions.extend(self.gradient_of_fields(&names, &entries, "value_and_grad"));
            functions.extend(self.grad_into_of_fields(&names, &entries));
        }
        if self.sig.result_holds_floats() {
            functions.extend(self.vjp_of_fields(&names, &entries));
        }
        functions.extend(self.vjp_add_of_fields(&names, &entries));
        functions.extend([Width::One, Width::Lanes].map(|width| self.jvp_of_fields(&names, &entries, width)));
        if self.args.order > 1 && self.sig.has_gradient() {
            functions
                .extend([Width::One, Width::Lanes].map(|width| self.hvp_of_fields(&names, &entries, width)));
        }
        let s = site();
        let (vis, allow, types) = (self.vis(), self.allowed(), self.fields_are_there(&bear));
        let borne = quote_spanned! {s=>
            #types
            #vis struct #bear;
            #allow
            impl #bear {
                #functions
            }
        };
        Some(OfFields { bear, borne, functions })
    }

    fn named_entries(&self, names: &Names) -> Vec<Entry<'_, '_>> {
        let mut namer = names.namer(&[]);
        let found = self.args.chosen.iter().filter_map(|chosen| {
            let k = self.sig.params.iter().position(|param| chosen.param == param.hint)?;
            let path = &chosen.path[..];
            let stem = path.last().map_or_else(|| self.sig.params[k].stem().to_owned(), unraw);
            Some(Entry {
                k,
                param: &self.sig.params[k],
                path,
                name: namer.fresh(&format!("d_{stem}"), site()),
            })
        });
        found.collect()
    }

    /// The type of a field of a tangent.
    fn field_ty(&self, whole: Tokens, path: &[Ident]) -> Tokens {
        path.iter().fold(whole, |of, name| {
            let s = name.span().resolved_at(site());
            let (krate, name) = (respan(self.krate().clone(), s), self.number(name));
            quote_spanned!(s=> <#of as #krate::__private::FieldOf<#name>>::Of)
        })
    }

    /// What is 0 if the types in the signature can be differentiated, and the fields are there.
    fn fields_are_there(&self, bear: &Ident) -> Tokens {
        let (s, krate, whole) = (site(), self.krate(), self.bear());
        let Some(method) = self.args.method.as_ref().filter(|_| self.names_types()) else {
            return Tokens::new();
        };
        let of = &method.of;
        let mut asked = Tokens::new();
        for chosen in &self.args.chosen {
            for (at, name) in chosen.path.iter().enumerate() {
                // What is said of a type is said where it begins.
                let s = name.span().resolved_at(site());
                let krate = respan(krate.clone(), s);
                let of = respan(of.to_token_stream(), s);
                let tangent = quote_spanned!(s=> <#of as #krate::Differentiable>::Tangent);
                let tangent = self.field_ty(tangent, &chosen.path[..at]);
                let name = self.number(name);
                asked.extend(quote_spanned!(s=> + #krate::__private::has_field::<#name, #tangent>()));
            }
        }
        quote_spanned! {s=>
            impl #krate::__private::Types for #bear {
                const TYPES: ::core::primitive::usize = <#whole as #krate::__private::Types>::TYPES #asked;
            }
        }
    }

    /// A reference to a field, of a reference to the whole.
    fn field_in(&self, whole: Tokens, path: &[Ident], exclusive: bool) -> Tokens {
        let step = if exclusive { "field_mut" } else { "field" };
        path.iter().fold(whole, |of, name| {
            let s = name.span().resolved_at(site());
            let (krate, step, name) =
                (respan(self.krate().clone(), s), Ident::new(step, s), self.number(name));
            let there = if self.names_types() {
                quote_spanned!(s=> { <Self as #krate::__private::Types>::TYPES })
            } else {
                quote_spanned!(s=> 0)
            };
            quote_spanned!(s=> #krate::__private::#step::<#name, #there, _>(#of))
        })
    }

    /// The number of a field's name.
    fn number(&self, name: &Ident) -> Tokens {
        let s = name.span().resolved_at(site());
        let (krate, mut name) = (respan(self.krate().clone(), s), Literal::string(&unraw(name)));
        name.set_span(s);
        quote_spanned!(s=> { #krate::__private::in_variant(#name) })
    }

    /// The types of the gradient, in the order of the attribute.
    fn gradient_of_entries(&self, entries: &[Entry<'_, '_>], width: Width) -> Tokens {
        let tys =
            entries.iter().map(|entry| self.field_ty(self.owned_tangent(entry.param.ty, width), entry.path));
        Self::tuple(&tys.collect::<Vec<_>>())
    }

    /// What is taken of a gradient with respect to all.
    fn taken(&self, whole: &Tokens, names: &Names, entries: &[Entry<'_, '_>]) -> Tokens {
        let s = site();
        let bars: Vec<Tokens> = self.bars_of_wrt(names).iter().map(ToTokens::to_token_stream).collect();
        let pattern = Self::tuple(&bars);
        let parts = entries.iter().map(|entry| {
            let bar = &names.bars[entry.k];
            if entry.path.is_empty() {
                return bar.to_token_stream();
            }
            let field = self.field_in(quote_spanned!(s=> &#bar), entry.path, false);
            quote_spanned!(s=> ::core::clone::Clone::clone(#field))
        });
        let parts = Self::tuple(&parts.collect::<Vec<_>>());
        quote_spanned!(s=> { let #pattern = #whole; #parts })
    }

    /// A function of the other type.
    fn whole(&self, name: &str) -> Tokens {
        let (bear, name) = (self.bear(), Ident::new(name, site()));
        quote_spanned!(site()=> #bear::#name)
    }

    fn gradient_of_fields(&self, names: &Names, entries: &[Entry<'_, '_>], name: &str) -> Tokens {
        let s = site();
        let (params, args, turbofish) =
            (self.public_params(&names.params), &names.params, self.turbofish(false));
        let (whole, question, where_clause) = (self.whole(name), self.sig.question(), self.where_clause());
        let gradient = self.gradient_of_entries(entries, Width::One);
        let has_value = name == "value_and_grad";
        let (ty, body) = if has_value {
            let (result, value) = (self.sig.result_ty(), &names.value);
            let taken = self.taken(&names.pullback.to_token_stream(), names, entries);
            let (pullback, answer) =
                (&names.pullback, self.sig.answer(&quote_spanned!(s=> (#value, #taken))));
            (
                quote_spanned!(s=> (#result, #gradient)),
                quote_spanned!(s=> let (#value, #pullback) = #whole #turbofish (#(#args),*)#question; #answer),
            )
        } else {
            let call = quote_spanned!(s=> #whole #turbofish (#(#args),*)#question);
            (gradient, self.sig.answer(&self.taken(&call, names, entries)))
        };
        let ty = self.sig.answer_ty(&ty);
        self.function(
            &[self.doc_of_fields("Gradient", entries)],
            name,
            &self.generics(false),
            &quote_spanned!(s=> (#params) -> #ty #where_clause { #body }),
        )
    }

    fn doc_of_fields(&self, what: &str, entries: &[Entry<'_, '_>]) -> String {
        let of = entries.iter().map(|entry| {
            let path: String = entry.path.iter().map(|name| format!(".{name}")).collect();
            format!("`{}{path}`", crate::args::spoken(&entry.param.hint))
        });
        format!(" {what} of {}, with respect to {}.", self.link(), of.collect::<Vec<_>>().join(", "))
    }

    /// `-> R`, left out for `()`.
    fn value_ty(&self) -> Tokens {
        self.sig.returns(self.sig.result.map(|ty| ty.to_token_stream()))
    }

    fn grad_into_of_fields(&self, names: &Names, entries: &[Entry<'_, '_>]) -> Tokens {
        let s = site();
        let (params, args, turbofish) =
            (self.public_params(&names.params), &names.params, self.turbofish(false));
        let (whole, question, where_clause) =
            (self.whole("value_and_grad"), self.sig.question(), self.where_clause());
        let buffers = entries.iter().map(|entry| self.buffer_of_entry(entry));
        let krate = self.krate();
        let writes = entries.iter().map(|entry| {
            let (name, bar) = (&entry.name, &names.bars[entry.k]);
            let field = self.field_in(quote_spanned!(s=> &#bar), entry.path, false);
            if !entry.path.is_empty() {
                return quote_spanned!(s=> *#name = ::core::clone::Clone::clone(#field););
            }
            // A buffer may be a slice.
            quote_spanned! {s=>
                #krate::__private::clear(#name);
                #krate::__private::accumulate(#name, #field);
            }
        });
        let bars: Vec<Tokens> = self.bars_of_wrt(names).iter().map(ToTokens::to_token_stream).collect();
        let (bars, value, result) = (Self::tuple(&bars), &names.value, self.value_ty());
        let answer = self.sig.answer(&value.to_token_stream());
        self.function(
            &[self.doc_of_fields("Value, and into the buffers the gradient,", entries)],
            "grad_into",
            &self.generics(false),
            &quote_spanned! {s=>
                (#params, #(#buffers),*) #result #where_clause {
                    let (#value, #bars) = #whole #turbofish (#(#args),*)#question;
                    #(#writes)*
                    #answer
                }
            },
        )
    }

    /// `d_k: &mut …`
    fn buffer_of_entry(&self, entry: &Entry<'_, '_>) -> Tokens {
        let (name, s) = (&entry.name, site());
        let ty = if entry.path.is_empty() {
            buffer(entry.param.ty)
        } else {
            self.field_ty(owned(entry.param.ty), entry.path)
        };
        quote_spanned!(s=> #name: &mut #ty)
    }

    fn vjp_of_fields(&self, names: &Names, entries: &[Entry<'_, '_>]) -> Tokens {
        let s = site();
        let (params, args, turbofish) = (self.params(&names.params), &names.params, self.turbofish(false));
        let (whole, question, where_clause) = (self.whole("vjp"), self.sig.question(), self.where_copy());
        let (seed, value, pullback, seed_ty) = (&names.seed, &names.value, &names.pullback, self.seed_ty());
        let gradient = self.gradient_of_entries(entries, Width::One);
        let taken = self.taken(&quote_spanned!(s=> #pullback(#seed)), names, entries);
        let answer = self.sig.answer(&quote_spanned!(s=> (#value, move |#seed: #seed_ty| #taken)));
        let result = self.sig.result_ty();
        let ty = self
            .sig
            .answer_ty(&quote_spanned!(s=> (#result, impl ::core::ops::FnOnce(#seed_ty) -> #gradient)));
        self.function(
            &[self.doc_of_fields("Value and pullback", entries)],
            "vjp",
            &self.generics(false),
            &quote_spanned! {s=>
                (#params) -> #ty #where_clause {
                    let (#value, #pullback) = #whole #turbofish (#(#args),*)#question;
                    #answer
                }
            },
        )
    }

    /// Those of one parameter, in the order of the signature; of an output that is not named, nothing.
    fn of_param<'e, 'c, 'a>(
        entries: &'e [Entry<'c, 'a>],
        k: usize,
    ) -> impl Iterator<Item = &'e Entry<'c, 'a>> {
        entries.iter().filter(move |entry| entry.k == k)
    }

    fn vjp_add_of_fields(&self, names: &Names, entries: &[Entry<'_, '_>]) -> Tokens {
        let s = site();
        let krate = self.krate();
        let (args, turbofish) = (&names.params, self.turbofish(false));
        let (whole, question, where_clause) =
            (self.whole("vjp_add"), self.sig.question(), self.where_clause());
        let params = self.public_params(&names.params);
        let seed = &names.seed;
        let seed_param = self.seed_ty().map(|ty| quote_spanned!(s=> , #seed: #ty));
        let seed = self.sig.result.map(|_| quote_spanned!(s=> , #seed));
        let (mut buffers, mut passed) = (Vec::new(), Vec::new());
        let (mut before, mut after) = (Tokens::new(), Tokens::new());
        for (k, param) in self.with_tangents() {
            let bar = &names.bars[k];
            let own: Vec<_> = Self::of_param(entries, k).collect();
            match &own[..] {
                [] => {
                    let ty = buffer(param.ty);
                    buffers.push(quote_spanned!(s=> #bar: &mut #ty));
                    passed.push(bar.to_token_stream());
                }
                [entry] if entry.path.is_empty() => {
                    buffers.push(self.buffer_of_entry(entry));
                    passed.push(entry.name.to_token_stream());
                }
                fields => {
                    let zeros = Self::zeros_like_of(krate, param, &names.params[k], Width::One);
                    before.extend(quote_spanned!(s=> let mut #bar = #zeros;));
                    passed.push(quote_spanned!(s=> &mut #bar));
                    for entry in fields {
                        buffers.push(self.buffer_of_entry(entry));
                        let field = self.field_in(quote_spanned!(s=> &#bar), entry.path, false);
                        let name = &entry.name;
                        after.extend(quote_spanned!(s=> #krate::__private::accumulate(#name, #field);));
                    }
                }
            }
        }
        let (value, result) = (&names.value, self.value_ty());
        let has_value = self.sig.result.is_some();
        let answer = if has_value { value.to_token_stream() } else { Tokens::new() };
        let answer = self.sig.answer(&answer);
        let bound = has_value.then(|| quote_spanned!(s=> let #value =));
        self.function(
            &[self.doc_of_fields("Value, and added to the buffers the cotangents,", entries)],
            "vjp_add",
            &self.generics(false),
            &quote_spanned! {s=>
                (#params #seed_param, #(#buffers),*) #result #where_clause {
                    #before
                    #bound #whole #turbofish (#(#args),* #seed, #(#passed),*)#question;
                    #after
                    #answer
                }
            },
        )
    }

    /// The directions of the parameters as they are given, the statements that make those of all of them, and these.
    fn directions_of(
        &self,
        names: &Names,
        entries: &[Entry<'_, '_>],
        width: Width,
    ) -> (Vec<Tokens>, Tokens, Vec<Tokens>) {
        let s = site();
        let krate = self.krate();
        let (mut given, mut before, mut passed) = (Vec::new(), Tokens::new(), Vec::new());
        for (k, param) in self.with_tangents() {
            let dot = &names.dots[k];
            let fields: Vec<_> = Self::of_param(entries, k).filter(|entry| !entry.path.is_empty()).collect();
            if fields.is_empty() {
                let ty = self.tangent_of(param.ty, width);
                given.push(quote_spanned!(s=> #dot: #ty));
                passed.push(dot.to_token_stream());
                continue;
            }
            let zeros = Self::zeros_like_of(krate, param, &names.params[k], width);
            before.extend(quote_spanned!(s=> let mut #dot = #zeros;));
            for entry in fields {
                let (name, ty) =
                    (&entry.name, self.field_ty(self.owned_tangent(param.ty, width), entry.path));
                given.push(quote_spanned!(s=> #name: #ty));
                let field = self.field_in(quote_spanned!(s=> &mut #dot), entry.path, true);
                before.extend(quote_spanned!(s=> *#field = #name;));
            }
            passed.push(quote_spanned!(s=> &#dot));
        }
        (given, before, passed)
    }

    fn jvp_of_fields(&self, names: &Names, entries: &[Entry<'_, '_>], width: Width) -> Tokens {
        let s = site();
        let name = if width == Width::One { "jvp" } else { "jvp_n" };
        let (whole, args, turbofish) = (self.whole(name), &names.params, self.turbofish_of(width));
        let params = self.public_params(&names.params);
        let (given, before, passed) = self.directions_of(names, entries, width);
        let result = self.sig.returns(self.sig.result.map(|ty| {
            let tangent = self.owned_tangent(ty, width);
            quote_spanned!(s=> (#ty, #tangent))
        }));
        let where_clause = self.where_clause_of(width);
        self.function(
            &[self.doc_of_fields("Value and its derivative along a direction,", entries)],
            name,
            &self.generics_of(width),
            &quote_spanned! {s=>
                (#params, #(#given),*) #result #where_clause {
                    #before
                    #whole #turbofish (#(#args,)* #(#passed),*)
                }
            },
        )
    }

    fn hvp_of_fields(&self, names: &Names, entries: &[Entry<'_, '_>], width: Width) -> Tokens {
        let s = site();
        let name = if width == Width::One { "hvp" } else { "hvp_n" };
        let (whole, args, turbofish) = (self.whole(name), &names.params, self.turbofish_of(width));
        let params = self.public_params(&names.params);
        let (given, before, passed) = self.directions_of(names, entries, width);
        let [gradient, product] = [Width::One, width].map(|width| self.gradient_of_entries(entries, width));
        let ty = self.sig.answer_ty(&quote_spanned!(s=> (#gradient, #product)));
        let (value, pullback) = (&names.value, &names.pullback);
        let taken = [value, pullback].map(|list| self.taken(&list.to_token_stream(), names, entries));
        let answer = self.sig.answer(&quote_spanned!(s=> (#(#taken),*)));
        let (question, where_clause) = (self.sig.question(), self.where_clause_of(width));
        self.function(
            &[self.doc_of_fields("Gradient, and its derivative along a direction,", entries)],
            name,
            &self.generics_of(width),
            &quote_spanned! {s=>
                (#params, #(#given),*) -> #ty #where_clause {
                    #before
                    let (#value, #pullback) = #whole #turbofish (#(#args,)* #(#passed),*)#question;
                    #answer
                }
            },
        )
    }
}

fn unraw(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}
