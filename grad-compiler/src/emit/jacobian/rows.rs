//! By rows: one forward sweep, and a reverse sweep for each row.

use super::super::cotangent_types::{buffer, is_slice, owned, ungrouped, zero};
use super::super::facts::Facts;
use super::super::forms::Form;
use super::super::items::{Cx, Names};
use super::super::signature::{Kind, Passing};
use super::super::workers::has_slot;
use super::super::{Tokens, site};
use super::{Locals, Of, count, is_cheaper_by_columns};
use crate::args::JacobianMode;
use crate::shape::Typed;
use crate::transform::{ParamCotangent, Seeded, Width};
use quote::{ToTokens, quote_spanned};
use syn::Type;

impl<'a> Cx<'a> {
    /// `let (value, pullback) = …;`
    pub(super) fn swept_forward(&self, names: &Names) -> Tokens {
        let s = site();
        let krate = self.krate();
        let markers = self.sig.params.iter().map(|param| {
            if param.is_differentiable() {
                quote_spanned!(s=> #krate::__private::Active)
            } else {
                quote_spanned!(s=> #krate::__private::Constant)
            }
        });
        let args = self.sig.params.iter().zip(&names.params).map(|(param, name)| {
            if param.kind.is_output() || param.kind == Kind::Constant(Passing::Exclusive) {
                quote_spanned!(s=> &mut *#name)
            } else {
                name.to_token_stream()
            }
        });
        let (value, pullback) = (&names.value, &names.pullback);
        let value = if self.sig.result.is_some() { value.to_token_stream() } else { quote_spanned!(s=> ()) };
        let (forward, turbofish) = (self.own(Form::FORWARD), self.turbofish(true));
        let question = self.sig.question();
        quote_spanned!(s=> let (#value, #pullback) = #forward #turbofish (#(#args,)* #(#markers),*)#question;)
    }

    /// Runs the reverse sweep once. `slot` is where the cotangent of an aggregate is added; the numbers that are returned
    /// get the names of `bars`.
    pub(super) fn swept_back(
        &self,
        of: Of,
        names: &Names,
        pullback: &Tokens,
        seed: &Tokens,
        slot: impl Fn(usize) -> Tokens,
    ) -> Tokens {
        let s = site();
        let krate = self.krate();
        let again = self.sig.params.iter().zip(&names.params).map(|(param, name)| {
            if param.kind.is_gone() {
                quote_spanned!(s=> #krate::__private::Gone)
            } else {
                name.to_token_stream()
            }
        });
        let out_bar = &names.seed;
        let (before, seed) = match of {
            Of::Result => (Tokens::new(), seed.clone()),
            Of::Output(_) => (quote_spanned!(s=> let mut #out_bar = #seed;), quote_spanned!(s=> ())),
        };
        let slots = self.sig.params.iter().enumerate().map(|(k, param)| {
            if matches!(of, Of::Output(output) if output == k) {
                quote_spanned!(s=> ::core::option::Option::Some(&mut #out_bar))
            } else if param.wrt.is_some() && !param.kind.is_returned() {
                let slot = slot(k);
                quote_spanned!(s=> ::core::option::Option::Some(#slot))
            } else {
                quote_spanned!(s=> ::core::option::Option::None)
            }
        });
        let call = quote_spanned!(s=> #pullback(#(#again,)* #seed, #(#slots),*));
        let patterns: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .zip(&names.bars)
            .map(|(param, bar)| {
                if param.wrt.is_some() && param.kind.is_returned() {
                    bar.to_token_stream()
                } else {
                    quote_spanned!(s=> _)
                }
            })
            .collect();
        if patterns.iter().all(|pattern| pattern.to_string() == "_") {
            quote_spanned!(s=> #before #call;)
        } else {
            quote_spanned!(s=> #before let (#(#patterns,)*) = #call;)
        }
    }

    /// Zeros in the shape of the result.
    pub(super) fn zeros_of_rows(&self, of: Of, names: &Names, locals: &Locals) -> Tokens {
        let s = site();
        let (zeros, ty) = (&locals.zeros, owned(self.shape(of)));
        let value = match of {
            Of::Result => names.value.to_token_stream(),
            Of::Output(k) => {
                let out = &names.params[k];
                quote_spanned!(s=> (*#out))
            }
        };
        let value = self.zeros_in_shape(self.shape(of), &value);
        quote_spanned!(s=> let #zeros: #ty = #value;)
    }

    /// What holds no floats has nothing in the place of its cotangent, whatever it is.
    fn zeros_in_shape(&self, ty: Typed<'_>, of: &Tokens) -> Tokens {
        let s = site();
        match ungrouped(ty.ty) {
            Type::Tuple(tuple) => {
                let parts = tuple.elems.iter().enumerate().map(|(at, of_part)| {
                    let at = syn::Index { index: u32::try_from(at).expect("few parts"), span: s };
                    self.zeros_in_shape(ty.at(of_part), &quote_spanned!(s=> #of.#at))
                });
                quote_spanned!(s=> (#(#parts,)*))
            }
            Type::Path(_) if !ty.holds_floats() => quote_spanned!(s=> ()),
            _ => {
                let krate = self.krate();
                quote_spanned!(s=> #krate::__private::zeros_like(&#of))
            }
        }
    }

    pub(super) fn by_rows(&self, of: Of, names: &Names, locals: &Locals) -> Tokens {
        let s = site();
        if self.has_seeded.get() {
            let (args, rows, turbofish) = (&names.params, self.own(Form::Rows), self.turbofish(false));
            let question = self.sig.question();
            return quote_spanned!(s=> #rows #turbofish (#(#args),*)#question);
        }
        let krate = self.krate();
        let wrt = self.wrt_positions();
        let Locals { blocks, zeros, at, .. } = locals;
        let result_ty = owned(self.shape(of));
        let mut before = Tokens::new();
        let mut declared = Tokens::new();
        for &k in &wrt {
            let (bar, block) = (&names.bars[k], &blocks[k]);
            let zero = self.zeros_of(k, &names.params[k]);
            let ty = owned(self.sig.params[k].ty);
            before.extend(quote_spanned!(s=> let #bar: #ty = #zero;));
            declared.extend(quote_spanned! {s=>
                let mut #block = #krate::__private::Entries::rows(&#zeros, &mut || ::core::clone::Clone::clone(&#bar));
            });
        }
        let row = |k: usize| {
            let (block, ty) = (&blocks[k], owned(self.sig.params[k].ty));
            quote_spanned!(s=> <#result_ty as #krate::__private::Entries>::row::<#ty>(&mut #block, #at))
        };
        let zeros_of_rows = self.zeros_of_rows(of, names, locals);
        let seed = quote_spanned!(s=> #krate::__private::Entries::unit(&#zeros, #at));
        let (forward, back) = if self.in_place {
            self.run_for_each_row(names, &seed, row)
        } else {
            let pullback = &names.pullback;
            let pullback = quote_spanned!(s=> (::core::clone::Clone::clone(&#pullback)));
            (self.swept_forward(names), self.swept_back(of, names, &pullback, &seed, row))
        };
        let numbers = wrt.iter().filter(|k| self.sig.params[**k].kind.is_returned()).map(|&k| {
            let (bar, row) = (&names.bars[k], row(k));
            quote_spanned!(s=> *#row = #bar;)
        });
        let result =
            self.finished(names, &wrt.iter().map(|k| blocks[*k].to_token_stream()).collect::<Vec<_>>());
        quote_spanned! {s=>
            #before
            #forward
            #zeros_of_rows
            #declared
            for #at in 0..#krate::__private::Entries::count(&#zeros) {
                #back
                #(#numbers)*
            }
            #result
        }
    }

    /// The value, and a run of both sweeps: of a closure there is no forward sweep to come back to.
    fn run_for_each_row(
        &self,
        names: &Names,
        seed: &Tokens,
        slot: impl Fn(usize) -> Tokens,
    ) -> (Tokens, Tokens) {
        let s = site();
        let params = || self.sig.params.iter().zip(&names.params);
        let args: Vec<Tokens> = params().map(|(param, name)| Self::argument_again(param, name)).collect();
        let slots = (0..self.sig.params.len()).filter(|k| has_slot(&self.sig.params[*k])).map(slot);
        let (value, primal, question) = (&names.value, self.primal(), self.sig.question());
        let joint = self.own(Form::JOINT);
        let pattern = self.joint_pattern(&quote_spanned!(s=> _), |k| names.bars[k].to_token_stream());
        (
            quote_spanned!(s=> let #value = #primal(#(#args),*)#question;),
            quote_spanned!(s=> let #pattern = #joint(#(#args,)* #seed, #(#slots),*)#question;),
        )
    }

    pub(super) fn finished(&self, names: &Names, parts: &[Tokens]) -> Tokens {
        let s = site();
        let parts = Self::tuple(parts);
        let value = &names.value;
        if self.sig.result.is_some() { quote_spanned!(s=> (#value, #parts)) } else { parts }
    }

    /// `f::jacobian_rows`: the pullback of many cotangents.
    pub(super) fn jacobian_rows(&self, of: Of) -> Tokens {
        let s = site();
        let names = self.names();
        let params = self.public_params(&names.params);
        let (where_clause, gradient) = (self.where_copy(), self.gradient_ty());
        let seed_ty = owned(self.shape(of));
        let Locals { seeds, one, .. } = &self.locals(&names);
        let vec = self.shape(of).vec();
        let ty = self.with_value(&quote_spanned!(s=> #vec<#gradient>));
        let wrt = self.wrt_positions();
        let mut before = Tokens::new();
        let mut fresh = Tokens::new();
        for &k in wrt.iter().filter(|k| !self.sig.params[**k].kind.is_returned()) {
            let bar = &names.bars[k];
            let zero = self.zeros_of(k, &names.params[k]);
            before.extend(quote_spanned!(s=> let #bar = #zero;));
            fresh.extend(quote_spanned!(s=> let mut #bar = ::core::clone::Clone::clone(&#bar);));
        }
        let forward = self.swept_forward(&names);
        let (value, pullback) = (&names.value, &names.pullback);
        let back = self.swept_back(
            of,
            &names,
            &quote_spanned!(s=> (::core::clone::Clone::clone(&#pullback))),
            &quote_spanned!(s=> ::core::clone::Clone::clone(#one)),
            |k| {
                let bar = &names.bars[k];
                quote_spanned!(s=> &mut #bar)
            },
        );
        let bars: Vec<Tokens> = wrt.iter().map(|k| names.bars[*k].to_token_stream()).collect();
        let row = Self::tuple(&bars);
        let rows = quote_spanned! {s=>
            ::core::iter::Iterator::collect(::core::iter::Iterator::map(#seeds.iter(), |#one| {
                #fresh
                #back
                #row
            }))
        };
        let tail = if self.sig.result.is_some() { quote_spanned!(s=> (#value, #rows)) } else { rows };
        let (ty, tail) = (self.sig.answer_ty(&ty), self.sig.answer(&tail));
        let name = self.link();
        let docs = [
            format!(
                " Some rows of the Jacobian of {name}, or sums of rows: for each seed, a cotangent of the"
            ),
            format!(
                " result, the gradient of their inner product with respect to {}. One forward sweep for all.",
                self.wrt_list()
            ),
        ];
        self.direct(
            &docs,
            "jacobian_rows",
            &self.generics(false),
            &quote_spanned! {s=>
                (#params, #seeds: &[#seed_ty]) -> #ty #where_clause {
                    #before
                    #forward
                    #tail
                }
            },
        )
    }

    /// The same with a sweep written out for each row.
    pub(in crate::emit) fn seeded(&self, seeded: Option<&'a Seeded>) -> Option<Tokens> {
        let s = site();
        let Of::Result = self.rows_of()? else { return None };
        let by_columns = count(self.shape(Of::Result))
            .zip(self.wrt_columns())
            .is_some_and(|(rows, columns)| is_cheaper_by_columns(rows, columns));
        if self.args.jacobian == Some(JacobianMode::Forward) || (self.args.jacobian.is_none() && by_columns) {
            return None;
        }
        let Seeded { func, reverse, rows, names: _ } = seeded?;
        let mut facts = Facts::of(
            func,
            reverse,
            |_| {},
            |end| {
                end.value(&func.result);
                for cotangent in rows.iter().flatten() {
                    if let ParamCotangent::Value(operand) = cotangent {
                        end.operand(operand);
                    }
                }
            },
        );
        // Of what has no length in its type, the rows get it from the parameter, whether the function reads it or not. What a
        // type of the user's has in it is not seen.
        let of_its_length = |k: usize| {
            let ty = self.sig.params[k].ty;
            count(ty).is_none() && is_slice(ty) || ty.own && ty.holds_floats()
        };
        for row in rows {
            for (k, param) in func.params.iter().enumerate() {
                if matches!(&row[k], ParamCotangent::Slot(_)) && of_its_length(k) {
                    facts.read[param.var.index()] = true;
                }
            }
        }
        let mut emitter = self.emitter_of(func, facts);
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let (pattern, ty) = (emitter.param(param.var, true), of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        let wrt = self.wrt_positions();
        let mut before = Tokens::new();
        let mut blocks: Vec<Vec<Tokens>> = vec![Vec::new(); wrt.len()];
        for row in rows {
            for (block, &k) in blocks.iter_mut().zip(&wrt) {
                let of = &self.sig.params[k];
                let ParamCotangent::Slot(var) = &row[k] else { continue };
                let ty = owned(of.ty);
                let hint = of.stem();
                let name = emitter.namer.fresh(&format!("{hint}_row"), of.span);
                block.push(name.to_token_stream());
                emitter.slots.insert(*var, None);
                let (pattern, buffer) = (emitter.param(*var, true), buffer(of.ty));
                let zero = if of_its_length(k) {
                    let names = func.params[k].var;
                    let x = emitter.names[emitter.class(names).index()].clone()?;
                    self.zeros_of(k, &x)
                } else {
                    zero(of.ty)
                };
                before.extend(quote_spanned! {s=>
                    let mut #name: #ty = #zero;
                    let #pattern: &mut #buffer = &mut #name;
                });
            }
        }
        let body = emitter.block(&func.body);
        let reverse = emitter.block(reverse);
        let value = emitter.value(&func.result);
        for row in rows {
            for (block, &k) in blocks.iter_mut().zip(&wrt) {
                if let ParamCotangent::Value(_) | ParamCotangent::Constant = &row[k] {
                    block.push(emitter.returned(Some(&row[k]), Width::One));
                }
            }
        }
        let is_tuple = matches!(ungrouped(self.shape(Of::Result).ty), Type::Tuple(_));
        let blocks: Vec<Tokens> =
            blocks
                .iter()
                .map(|rows| {
                    if is_tuple { quote_spanned!(s=> (#(#rows,)*)) } else { quote_spanned!(s=> [#(#rows),*]) }
                })
                .collect();
        let blocks = Self::tuple(&blocks);
        let (generics, where_clause) = (self.generics(false), self.where_copy());
        let (result, use_primal) = (self.with_value(&self.jacobian_ty(Of::Result)), self.use_primal());
        let (vis, name) = (self.vis(), Form::Rows.method());
        let (result, answer) =
            (self.sig.answer_ty(&result), self.sig.answer(&quote_spanned!(s=> (#value, #blocks))));
        Some(quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*) -> #result #where_clause {
                #use_primal
                #before
                #body
                #reverse
                #answer
            }
        })
    }

    /// The number of columns, where the types tell.
    pub(in crate::emit) fn wrt_columns(&self) -> Option<usize> {
        self.sig.wrt().iter().map(|param| count(param.ty)).sum()
    }
}
