//! `f::jacobian` and its kin: one row for every float of the result.
//!
//! By rows: one forward sweep, and its reverse sweep once for each row, from a copy of what the forward sweep recorded.
//! By columns: `f::jvp` once for each float of the parameters. The numbers of both decide.

use super::cotangent_types::{buffer, is_float, is_slice, owned, ungrouped, zero};
use super::facts::Facts;
use super::items::{Cx, Names};
use super::namer::Namer;
use super::signature::{Kind, Param, Passing};
use super::{Tokens, site};
use crate::args::JacobianMode;
use crate::transform::{ParamCotangent, Seeded};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::{Expr, Lit, Type};

/// What the rows stand for.
#[derive(Clone, Copy)]
enum Of {
    Result,
    /// The one `&mut` parameter of a function that returns nothing.
    Output(usize),
}

/// The names in a Jacobian that no other function has.
struct Locals {
    /// For each parameter: its block.
    blocks: Vec<Ident>,
    /// For each parameter: its tangent.
    dots: Vec<Ident>,
    zeros: Ident,
    at: Ident,
    row: Ident,
    column: Ident,
    entry: Ident,
    answer: Ident,
    /// What an output held.
    old: Ident,
    one: Ident,
    seeds: Ident,
    directions: Ident,
    columns: Ident,
}

impl<'a> Cx<'a> {
    /// What a Jacobian has rows for; `None` where there is none: the result is one float, or there are several results.
    fn rows_of(&self) -> Option<Of> {
        let outputs: Vec<usize> =
            (0..self.sig.params.len()).filter(|k| self.sig.params[*k].kind.is_output()).collect();
        if !self.sig.params.iter().any(|param| param.wrt.is_some()) {
            return None;
        }
        match (self.sig.result, &outputs[..]) {
            (Some(ty), []) if self.sig.result_holds_floats() && !is_float(ty) => Some(Of::Result),
            (None, [output]) => Some(Of::Output(*output)),
            _ => None,
        }
    }

    pub(super) fn has_jacobian(&self) -> bool {
        self.rows_of().is_some()
    }

    pub(super) fn jacobians(&self) -> Vec<Tokens> {
        let Some(of) = self.rows_of() else { return Vec::new() };
        let mut functions = vec![self.jacobian(of)];
        if matches!(of, Of::Result) {
            functions.push(self.value_and_jacobian());
        }
        functions.push(self.jacobian_rows(of));
        if self.may_run_again() {
            functions.push(self.jacobian_columns(of));
        }
        functions
    }

    fn shape(&self, of: Of) -> &'a Type {
        match of {
            Of::Result => self.sig.result.expect("a function with rows for its result has one"),
            Of::Output(k) => self.sig.params[k].ty,
        }
    }

    /// A function that changes what is not differentiated may run once only.
    pub(super) fn may_run_again(&self) -> bool {
        self.sig.params.iter().all(|param| param.kind != Kind::Constant(Passing::Exclusive))
    }

    /// For each parameter with a block, in the order of the blocks: its position.
    fn wrt_positions(&self) -> Vec<usize> {
        let mut wrt: Vec<usize> =
            (0..self.sig.params.len()).filter(|k| self.sig.params[*k].wrt.is_some()).collect();
        wrt.sort_by_key(|k| self.sig.params[*k].wrt);
        wrt
    }

    fn jacobian_ty(&self, of: Of) -> Tokens {
        let shape = self.shape(of);
        let blocks: Vec<Tokens> =
            self.sig.wrt().iter().map(|param| rows_ty(shape, &owned(param.ty))).collect();
        Self::tuple(&blocks)
    }

    /// `(R, X)`, or `X` where the function returns nothing.
    fn with_value(&self, x: &Tokens) -> Tokens {
        let s = site();
        self.sig.result.map_or_else(|| x.clone(), |ty| quote_spanned!(s=> (#ty, #x)))
    }

    fn locals(&self, names: &Names) -> Locals {
        let mut namer = Namer::new(Tokens::new(), []);
        for name in names.params.iter().chain(&names.bars).chain([&names.value, &names.seed, &names.pullback])
        {
            namer.fresh(&name.to_string(), site());
        }
        let mut all = |what: &str| -> Vec<Ident> {
            let hints = self.sig.params.iter().map(|param| param.hint.trim_start_matches("r#"));
            hints.map(|hint| namer.fresh(&format!("{hint}_{what}"), site())).collect()
        };
        let (blocks, dots) = (all("rows"), all("dot"));
        let mut fresh = |hint: &str| namer.fresh(hint, site());
        Locals {
            blocks,
            dots,
            zeros: fresh("zeros"),
            at: fresh("at"),
            row: fresh("row"),
            column: fresh("column"),
            entry: fresh("entry"),
            answer: fresh("answer"),
            old: fresh("old"),
            one: fresh("one"),
            seeds: fresh("seeds"),
            directions: fresh("directions"),
            columns: fresh("columns"),
        }
    }

    fn jacobian_docs(&self, of: Of) -> [String; 4] {
        let name = self.sig.name();
        let what = match of {
            Of::Result => "its result".to_owned(),
            Of::Output(k) => format!("what it writes to `{}`", self.sig.params[k].hint),
        };
        [
            format!(" Jacobian of [`{name}`](fn@{name}): the derivatives of {what} with respect to {}.", self.wrt_list()),
            String::new(),
            " A block has the shape of the result, with a gradient in the place of every float: row by row. Several".to_owned(),
            " parameters give a tuple of blocks.".to_owned(),
        ]
    }

    // --- the functions ---

    fn jacobian(&self, of: Of) -> Tokens {
        let s = site();
        let names = self.names();
        let params = self.params(&names.params);
        let ty = self.jacobian_ty(of);
        let where_clause = self.where_copy();
        let body = match of {
            Of::Result => {
                let (args, turbofish) = (&names.params, self.turbofish(false));
                quote_spanned!(s=> Self::value_and_jacobian #turbofish (#(#args),*).1)
            }
            Of::Output(_) => self.chosen(of, &names),
        };
        self.function(
            &self.jacobian_docs(of),
            "jacobian",
            &self.generics(false),
            &quote_spanned!(s=> (#params) -> #ty #where_clause { #body }),
        )
    }

    fn value_and_jacobian(&self) -> Tokens {
        let s = site();
        let names = self.names();
        let params = self.params(&names.params);
        let ty = self.with_value(&self.jacobian_ty(Of::Result));
        let (where_clause, body) = (self.where_copy(), self.chosen(Of::Result, &names));
        let name = self.sig.name();
        let docs = [format!(
            " Value of [`{name}`](fn@{name}) and its Jacobian with respect to {}.",
            self.wrt_list()
        )];
        self.function(
            &docs,
            "value_and_jacobian",
            &self.generics(false),
            &quote_spanned!(s=> (#params) -> #ty #where_clause { #body }),
        )
    }

    /// By rows or by columns.
    fn chosen(&self, of: Of, names: &Names) -> Tokens {
        let s = site();
        let krate = self.krate();
        let locals = self.locals(names);
        match self.args.jacobian {
            _ if !self.may_run_again() => return self.by_rows(of, names, &locals),
            Some(JacobianMode::Reverse) => return self.by_rows(of, names, &locals),
            Some(JacobianMode::Forward) => return self.by_columns(of, names, &locals),
            None => {}
        }
        let rows = owned(self.shape(of));
        if let (Some(columns), Some(rows)) = (self.wrt_columns(), count(self.shape(of))) {
            return if is_cheaper_by_columns(rows, columns) {
                self.by_columns(of, names, &locals)
            } else {
                self.by_rows(of, names, &locals)
            };
        }
        // Lengths of slices are known now, those of the result where its type tells.
        let rows = match of {
            Of::Output(k) => {
                let out = &names.params[k];
                quote_spanned! {s=> ::core::option::Option::Some(
                    #krate::__private::Entries::count(&#krate::__private::zeros_like(&*#out))
                )}
            }
            Of::Result => quote_spanned!(s=> <#rows as #krate::__private::Entries>::COUNT),
        };
        let columns = self.wrt_positions().into_iter().map(|k| {
            let ty = owned(self.sig.params[k].ty);
            let zeros = self.zeros_of(k, &names.params[k]);
            quote_spanned! {s=>
                match <#ty as #krate::__private::Entries>::COUNT {
                    ::core::option::Option::Some(count) => count,
                    ::core::option::Option::None => #krate::__private::Entries::count(&#zeros),
                }
            }
        });
        let (by_rows, by_columns) = (self.by_rows(of, names, &locals), self.by_columns(of, names, &locals));
        quote_spanned! {s=>
            if #krate::__private::is_cheaper_by_columns(#rows, #(#columns)+*) {
                #by_columns
            } else {
                #by_rows
            }
        }
    }

    /// Zero in the shape of a parameter.
    fn zeros_of(&self, k: usize, name: &Ident) -> Tokens {
        let s = site();
        let krate = self.krate();
        match self.sig.params[k].kind {
            Kind::Scalar | Kind::ScalarRef => {
                let ty = owned(self.sig.params[k].ty);
                quote_spanned!(s=> { let zero: #ty = 0.0; zero })
            }
            Kind::Aggregate(Passing::Shared) => quote_spanned!(s=> #krate::__private::zeros_like(#name)),
            Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => {
                quote_spanned!(s=> #krate::__private::zeros_like(&*#name))
            }
            _ => quote_spanned!(s=> #krate::__private::zeros_like(&#name)),
        }
    }

    // --- by rows ---

    /// `let (value, pullback) = …;`
    fn swept_forward(&self, names: &Names) -> Tokens {
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
        let turbofish = self.turbofish(true);
        quote_spanned!(s=> let (#value, #pullback) = Self::__grad_forward #turbofish (#(#args,)* #(#markers),*);)
    }

    /// Runs the reverse sweep once. `slot` is where the cotangent of an aggregate is added; the numbers that are returned
    /// get the names of `bars`.
    fn swept_back(
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
    fn zeros_of_rows(&self, of: Of, names: &Names, locals: &Locals) -> Tokens {
        let s = site();
        let krate = self.krate();
        let (zeros, ty) = (&locals.zeros, owned(self.shape(of)));
        let value = match of {
            Of::Result => {
                let value = &names.value;
                quote_spanned!(s=> &#value)
            }
            Of::Output(k) => {
                let out = &names.params[k];
                quote_spanned!(s=> &*#out)
            }
        };
        quote_spanned!(s=> let #zeros: #ty = #krate::__private::zeros_like(#value);)
    }

    fn by_rows(&self, of: Of, names: &Names, locals: &Locals) -> Tokens {
        let s = site();
        if self.has_seeded.get() {
            let (args, turbofish) = (&names.params, self.turbofish(false));
            return quote_spanned!(s=> Self::__grad_rows #turbofish (#(#args),*));
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
        let forward = self.swept_forward(names);
        let zeros_of_rows = self.zeros_of_rows(of, names, locals);
        let pullback = &names.pullback;
        let pullback = quote_spanned!(s=> (::core::clone::Clone::clone(&#pullback)));
        let seed = quote_spanned!(s=> #krate::__private::Entries::unit(&#zeros, #at));
        let back = self.swept_back(of, names, &pullback, &seed, row);
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

    fn finished(&self, names: &Names, parts: &[Tokens]) -> Tokens {
        let s = site();
        let parts = Self::tuple(parts);
        let value = &names.value;
        if self.sig.result.is_some() { quote_spanned!(s=> (#value, #parts)) } else { parts }
    }

    /// `f::jacobian_rows`: the pullback of many cotangents.
    fn jacobian_rows(&self, of: Of) -> Tokens {
        let s = site();
        let names = self.names();
        let params = self.params(&names.params);
        let (where_clause, gradient) = (self.where_copy(), self.gradient_ty());
        let seed_ty = owned(self.shape(of));
        let Locals { seeds, one, .. } = &self.locals(&names);
        let ty = self.with_value(&quote_spanned!(s=> ::std::vec::Vec<#gradient>));
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
        let name = self.sig.name();
        let docs = [
            format!(
                " Some rows of the Jacobian of [`{name}`](fn@{name}), or sums of rows: for each seed, a cotangent of the"
            ),
            format!(
                " result, the gradient of their inner product with respect to {}. One forward sweep for all.",
                self.wrt_list()
            ),
        ];
        self.function(
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
    pub(super) fn seeded(&self, seeded: Option<&'a Seeded>) -> Option<Tokens> {
        let s = site();
        let Of::Result = self.rows_of()? else { return None };
        let by_columns = count(self.shape(Of::Result))
            .zip(self.wrt_columns())
            .is_some_and(|(rows, columns)| is_cheaper_by_columns(rows, columns));
        if self.args.jacobian == Some(JacobianMode::Forward) || (self.args.jacobian.is_none() && by_columns) {
            return None;
        }
        let Seeded { func, reverse, rows } = seeded?;
        let facts = Facts::of(
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
                let hint = of.hint.trim_start_matches("r#");
                let name = emitter.namer.fresh(&format!("{hint}_row"), of.span);
                block.push(name.to_token_stream());
                emitter.slots.insert(*var, None);
                let (pattern, buffer) = (emitter.param(*var, true), buffer(of.ty));
                let zero = if count(of.ty).is_some() || !is_slice(of.ty) {
                    zero(of.ty)
                } else {
                    let names = func.params[k].var;
                    let x = emitter.names[emitter.class(names).index()].clone()?;
                    self.zeros_of(k, &x)
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
                    block.push(emitter.returned(Some(&row[k])));
                }
            }
        }
        let is_tuple = matches!(ungrouped(self.shape(Of::Result)), Type::Tuple(_));
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
        Some(quote_spanned! {s=>
            #[inline]
            fn __grad_rows #generics (#(#params),*) -> #result #where_clause {
                #use_primal
                #before
                #body
                #reverse
                (#value, #blocks)
            }
        })
    }

    /// The number of columns, where the types tell.
    fn wrt_columns(&self) -> Option<usize> {
        self.sig.wrt().iter().map(|param| count(param.ty)).sum()
    }

    // --- by columns ---

    /// The argument of one of several calls.
    fn argument_again(&self, param: &Param<'_>, name: &Ident) -> Tokens {
        let s = site();
        match param.kind {
            Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) => {
                quote_spanned!(s=> ::core::clone::Clone::clone(&#name))
            }
            Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &mut *#name),
            _ => name.to_token_stream(),
        }
    }

    /// `let (value, result_dot) = Self::jvp(…);`, from tangents that are variables of the owned form.
    fn column(&self, of: Of, names: &Names, dots: &[Ident]) -> Tokens {
        let s = site();
        let turbofish = self.turbofish(false);
        let args =
            self.sig.params.iter().zip(&names.params).map(|(param, name)| self.argument_again(param, name));
        let dots = self.sig.params.iter().zip(dots).filter(|(param, _)| param.is_differentiable()).map(
            |(param, dot)| match param.kind {
                Kind::Scalar => dot.to_token_stream(),
                Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &mut #dot),
                Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#dot)),
                _ => quote_spanned!(s=> &#dot),
            },
        );
        let (value, seed) = (&names.value, &names.seed);
        let call = quote_spanned!(s=> Self::jvp #turbofish (#(#args,)* #(#dots),*));
        match of {
            Of::Result => quote_spanned!(s=> let (#value, #seed) = #call;),
            Of::Output(_) => quote_spanned!(s=> #call;),
        }
    }

    /// The output is given its old content before each column, and a tangent of zero.
    fn output_again(&self, of: Of, names: &Names, locals: &Locals) -> (Tokens, Tokens) {
        let s = site();
        let Of::Output(k) = of else { return (Tokens::new(), Tokens::new()) };
        let (out, dot, Locals { zeros, old, .. }) = (&names.params[k], &locals.dots[k], locals);
        let is_slice = matches!(
            ungrouped(self.sig.params[k].ty),
            Type::Reference(reference) if matches!(ungrouped(&reference.elem), Type::Slice(_))
        );
        let restore = if is_slice {
            quote_spanned!(s=> #out.clone_from_slice(&#old);)
        } else {
            quote_spanned!(s=> ::core::clone::Clone::clone_from(#out, &#old);)
        };
        let keep = if is_slice {
            quote_spanned!(s=> let #old = #out.to_vec();)
        } else {
            quote_spanned!(s=> let #old = ::core::clone::Clone::clone(&*#out);)
        };
        (keep, quote_spanned!(s=> #restore let mut #dot = ::core::clone::Clone::clone(&#zeros);))
    }

    fn by_columns(&self, of: Of, names: &Names, locals: &Locals) -> Tokens {
        let s = site();
        let krate = self.krate();
        let wrt = self.wrt_positions();
        let Locals { blocks, dots, zeros, at, row, answer, column, entry, .. } = locals;
        let (value, seed) = (&names.value, &names.seed);
        let result_ty = owned(self.shape(of));
        let mut before = Tokens::new();
        for &k in &wrt {
            let (bar, dot) = (&names.bars[k], &dots[k]);
            let zero = self.zeros_of(k, &names.params[k]);
            let ty = owned(self.sig.params[k].ty);
            before.extend(quote_spanned!(s=>
                let #bar: #ty = #zero;
                let mut #dot = ::core::clone::Clone::clone(&#bar);
            ));
        }
        let made: Vec<Tokens> = wrt
            .iter()
            .map(|k| {
                let bar = &names.bars[*k];
                quote_spanned! {s=>
                    #krate::__private::Entries::rows(&#zeros, &mut || ::core::clone::Clone::clone(&#bar))
                }
            })
            .collect();
        let made = Self::tuple(&made);
        let (keep, restore) = self.output_again(of, names, locals);
        let call = self.column(of, names, dots);
        let result_dot = match of {
            Of::Result => seed,
            Of::Output(k) => &dots[k],
        };
        let zeros_of_rows = self.zeros_of_rows(of, names, locals);
        let fill = |k: usize| {
            let (block, ty) = (&blocks[k], owned(self.sig.params[k].ty));
            quote_spanned! {s=>
                for #row in 0..#krate::__private::Entries::count(&#result_dot) {
                    let #entry = #krate::__private::Entries::entry(&#result_dot, #row);
                    let #row = <#result_ty as #krate::__private::Entries>::row::<#ty>(#block, #row);
                    #krate::__private::Entries::set_entry(#row, #at, #entry);
                }
            }
        };
        let refs = |k: usize| {
            // The blocks of the others are not named.
            let parts: Vec<Tokens> = wrt
                .iter()
                .map(|other| if *other == k { blocks[k].to_token_stream() } else { quote_spanned!(s=> _) })
                .collect();
            Self::tuple(&parts)
        };
        let columns = wrt
            .iter()
            .map(|&k| {
                let (dot, fill, refs) = (&dots[k], fill(k), refs(k));
                let (first, place) = match of {
                    Of::Result => (
                        quote_spanned!(s=> { #zeros_of_rows (#value, #made) }),
                        quote_spanned!(s=> let (_, #refs) = #column;),
                    ),
                    Of::Output(_) => (made.clone(), quote_spanned!(s=> let #refs = #column;)),
                };
                // With one parameter there is no tuple to take apart.
                quote_spanned! {s=>
                    for #at in 0..#krate::__private::Entries::count(&#dot) {
                        #restore
                        #krate::__private::Entries::set_entry(&mut #dot, #at, 1.0);
                        #call
                        #krate::__private::Entries::set_entry(&mut #dot, #at, 0.0);
                        let #column = #answer.get_or_insert_with(|| #first);
                        #place
                        #fill
                    }
                }
            })
            .collect::<Vec<_>>();
        // Without columns there is still a value.
        let (primal, turbofish) = (self.primal(), self.turbofish(false));
        let args = self.sig.params.iter().zip(&names.params).map(|(param, name)| {
            if param.kind.is_output() { quote_spanned!(s=> &mut *#name) } else { name.to_token_stream() }
        });
        let (shape_first, none) = match of {
            Of::Result => (
                Tokens::new(),
                quote_spanned!(s=> let #value = #primal #turbofish (#(#args),*); #zeros_of_rows (#value, #made)),
            ),
            Of::Output(_) => {
                (zeros_of_rows.clone(), quote_spanned!(s=> #primal #turbofish (#(#args),*); #made))
            }
        };
        quote_spanned! {s=>
            #before
            #shape_first
            #keep
            let mut #answer = ::core::option::Option::None;
            #(#columns)*
            #answer.unwrap_or_else(|| { #none })
        }
    }

    /// `f::jacobian_columns`: many tangents.
    fn jacobian_columns(&self, of: Of) -> Tokens {
        let s = site();
        let names = self.names();
        let locals = self.locals(&names);
        let params = self.params(&names.params);
        let where_clause = self.where_copy();
        let wrt = self.wrt_positions();
        let Locals { directions, columns, answer, .. } = &locals;
        let (direction_ty, result_ty) = (self.gradient_ty(), owned(self.shape(of)));
        let ty = self.with_value(&quote_spanned!(s=> ::std::vec::Vec<#result_ty>));
        let (value, seed) = (&names.value, &names.seed);
        let pattern = Self::tuple(&wrt.iter().map(|k| locals.dots[*k].to_token_stream()).collect::<Vec<_>>());
        // Those behind `&` are borrowed where they are.
        let dots = self
            .sig
            .params
            .iter()
            .zip(&locals.dots)
            .enumerate()
            .filter(|(_, (param, _))| param.is_differentiable())
            .map(|(_, (param, dot))| match param.kind {
                Kind::Scalar => quote_spanned!(s=> *#dot),
                Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &mut #dot),
                Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(#dot)),
                _ => dot.to_token_stream(),
            });
        let turbofish = self.turbofish(false);
        let args =
            self.sig.params.iter().zip(&names.params).map(|(param, name)| self.argument_again(param, name));
        let call = quote_spanned!(s=> Self::jvp #turbofish (#(#args,)* #(#dots),*));
        let (keep, restore) = self.output_again(of, &names, &locals);
        let primal = self.primal();
        let last = self.sig.params.iter().zip(&names.params).map(|(param, name)| {
            if param.kind.is_output() { quote_spanned!(s=> &mut *#name) } else { name.to_token_stream() }
        });
        let none = quote_spanned!(s=> #primal #turbofish (#(#last),*));
        let body = match of {
            Of::Result => quote_spanned! {s=>
                let mut #answer = ::core::option::Option::None;
                let mut #columns = ::std::vec::Vec::with_capacity(#directions.len());
                for #pattern in #directions {
                    let (#value, #seed) = #call;
                    #answer = ::core::option::Option::Some(#value);
                    #columns.push(#seed);
                }
                (#answer.unwrap_or_else(|| #none), #columns)
            },
            Of::Output(k) => {
                let zeros = self.zeros_of_rows(of, &names, &locals);
                let dot = &locals.dots[k];
                quote_spanned! {s=>
                    #zeros
                    #keep
                    let mut #columns = ::std::vec::Vec::with_capacity(#directions.len());
                    for #pattern in #directions {
                        #restore
                        #call;
                        #columns.push(#dot);
                    }
                    if #directions.is_empty() {
                        #none;
                    }
                    #columns
                }
            }
        };
        let name = self.sig.name();
        let docs = [
            format!(
                " Some columns of the Jacobian of [`{name}`](fn@{name}), or sums of columns: for each direction, a tangent of"
            ),
            format!(" {}, the derivative of the result along it.", self.wrt_list()),
        ];
        self.function(
            &docs,
            "jacobian_columns",
            &self.generics(false),
            &quote_spanned!(s=> (#params, #directions: &[#direction_ty]) -> #ty #where_clause { #body }),
        )
    }
}

/// The shape of a result, with `gradient` in the place of every float.
fn rows_ty(ty: &Type, gradient: &Tokens) -> Tokens {
    let s = site();
    match ungrouped(ty) {
        Type::Reference(reference) => rows_ty(&reference.elem, gradient),
        Type::Array(array) => {
            let (element, len) = (rows_ty(&array.elem, gradient), &array.len);
            quote_spanned!(s=> [#element; #len])
        }
        Type::Slice(slice) => {
            let element = rows_ty(&slice.elem, gradient);
            quote_spanned!(s=> ::std::vec::Vec<#element>)
        }
        Type::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(|ty| rows_ty(ty, gradient));
            quote_spanned!(s=> (#(#elements,)*))
        }
        ty if is_float(ty) => gradient.clone(),
        ty => match super::cotangent_types::vec_element(ty) {
            Some(element) => {
                let element = rows_ty(element, gradient);
                quote_spanned!(s=> ::std::vec::Vec<#element>)
            }
            None => quote_spanned!(s=> ()),
        },
    }
}

/// As the function of that name in the runtime, for shapes that the types tell.
fn is_cheaper_by_columns(rows: usize, columns: usize) -> bool {
    4 * columns < 2 + 3 * rows
}

/// The number of floats in a type, where it can be read there.
pub(super) fn count(ty: &Type) -> Option<usize> {
    match ungrouped(ty) {
        Type::Reference(reference) => count(&reference.elem),
        Type::Array(array) => match &array.len {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(len) => Some(len.base10_parse::<usize>().ok()? * count(&array.elem)?),
                _ => None,
            },
            _ => None,
        },
        Type::Tuple(tuple) => tuple.elems.iter().map(count).sum(),
        Type::Slice(_) => None,
        ty if is_float(ty) => Some(1),
        ty if super::cotangent_types::holds_floats(ty) => None,
        _ => Some(0),
    }
}
