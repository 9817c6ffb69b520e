//! By columns: `f::jvp` for each direction.

use super::super::cotangent_types::{owned, ungrouped};
use super::super::items::{Cx, Names};
use super::super::signature::{Kind, Param, Passing};
use super::super::{Tokens, site};
use super::{Locals, Of, may_grow};
use proc_macro2::{Ident, Literal};
use quote::{ToTokens, quote_spanned};
use syn::Type;

impl Cx<'_> {
    /// The argument of one of several calls.
    pub(in crate::emit) fn argument_again(param: &Param<'_>, name: &Ident) -> Tokens {
        let s = site();
        match param.kind {
            Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) => {
                quote_spanned!(s=> ::core::clone::Clone::clone(&#name))
            }
            Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &mut *#name),
            _ => name.to_token_stream(),
        }
    }

    /// `let (value, result_dot) = Self::jvp_n::<4>(…);`, from tangents that are variables of the owned form.
    fn columns_at_once(&self, of: Of, names: &Names, dots: &[Ident], width: usize) -> Tokens {
        let s = site();
        let (own, width) = (self.generic_names(), Literal::usize_unsuffixed(width));
        let args =
            self.sig.params.iter().zip(&names.params).map(|(param, name)| Self::argument_again(param, name));
        let dots = self.sig.params.iter().zip(dots).filter(|(param, _)| param.is_differentiable()).map(
            |(param, dot)| match param.kind {
                Kind::Scalar => dot.to_token_stream(),
                Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &mut #dot),
                Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#dot)),
                _ => quote_spanned!(s=> &#dot),
            },
        );
        let (value, seed) = (&names.value, &names.seed);
        let tangents = self.beside("jvp_n", &quote_spanned!(s=> ::<#(#own,)* #width>));
        let call = quote_spanned!(s=> #tangents(#(#args,)* #(#dots),*));
        let question = self.sig.question();
        match of {
            Of::Result => quote_spanned!(s=> let (#value, #seed) = #call #question;),
            Of::Output(_) => quote_spanned!(s=> #call #question;),
        }
    }

    /// The output is given its old content before each column, and a tangent of zero.
    fn output_again(&self, of: Of, names: &Names, locals: &Locals, zeros: &Tokens) -> (Tokens, Tokens) {
        let s = site();
        let Of::Output(k) = of else { return (Tokens::new(), Tokens::new()) };
        let (out, dot, old) = (&names.params[k], &locals.dots[k], &locals.old);
        let is_slice = matches!(
            ungrouped(self.sig.params[k].ty.ty),
            Type::Reference(reference) if matches!(ungrouped(&reference.elem), Type::Slice(_))
        );
        let is_view = crate::matrix::array::is_lent_mut(self.sig.params[k].ty.ty);
        let restore = if is_slice {
            quote_spanned!(s=> #out.clone_from_slice(&#old);)
        } else if is_view {
            quote_spanned!(s=> #out.assign(&#old);)
        } else {
            quote_spanned!(s=> ::core::clone::Clone::clone_from(#out, &#old);)
        };
        let keep = if is_slice {
            quote_spanned!(s=> let #old = #out.to_vec();)
        } else if is_view {
            quote_spanned!(s=> let #old = #out.to_owned();)
        } else {
            quote_spanned!(s=> let #old = ::core::clone::Clone::clone(&*#out);)
        };
        (keep, quote_spanned!(s=> #restore let mut #dot = #zeros;))
    }

    /// Several columns at once, each in a lane of `f::jvp_n`.
    pub(super) fn by_columns(&self, of: Of, names: &Names, locals: &Locals) -> Tokens {
        let s = site();
        let krate = self.krate();
        let wrt = self.wrt_positions();
        let Locals { blocks, dots, counts, zeros, at, row, lane, answer, column, entry, .. } = locals;
        let (value, seed) = (&names.value, &names.seed);
        let result_ty = owned(self.shape(of));
        let width = lanes_for(self.wrt_columns());
        let lanes = Literal::usize_unsuffixed(width);
        let mut before = Tokens::new();
        for &k in &wrt {
            let (bar, dot, count) = (&names.bars[k], &dots[k], &counts[k]);
            let zero = self.zeros_of(k, &names.params[k]);
            let ty = owned(self.sig.params[k].ty);
            before.extend(quote_spanned!(s=>
                let #bar: #ty = #zero;
                let #count = #krate::__private::Entries::count(&#bar);
                let mut #dot = #krate::__private::lanes_like::<_, #lanes>(&#bar);
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
        let no_lanes = quote_spanned!(s=> #krate::__private::lanes_like::<_, #lanes>(&#zeros));
        let (keep, restore) = self.output_again(of, names, locals, &no_lanes);
        let call = self.columns_at_once(of, names, dots, width);
        let result_dot = match of {
            Of::Result => seed,
            Of::Output(k) => &dots[k],
        };
        let zeros_of_rows = self.zeros_of_rows(of, names, locals);
        // Which entry of which parameter a column is.
        let set = |to: f64| -> Tokens {
            let to = Literal::f64_unsuffixed(to);
            let mut before = Tokens::new();
            wrt.iter()
                .map(|k| {
                    let (dot, count) = (&dots[*k], &counts[*k]);
                    let first = quote_spanned!(s=> #at #before);
                    before.extend(quote_spanned!(s=> .wrapping_sub(#count)));
                    quote_spanned!(s=> #krate::__private::set_directions(&mut #dot, #first, #lanes, #to);)
                })
                .collect()
        };
        let (set, clear) = (set(1.0), set(0.0));
        let fill = wrt.iter().rev().fold(Tokens::new(), |otherwise, &k| {
            let (block, count, ty) = (&blocks[k], &counts[k], owned(self.sig.params[k].ty));
            let fill = quote_spanned! {s=>
                for #row in 0..#krate::__private::Entries::count(&#result_dot) {
                    let #entry = #krate::__private::Entries::entry(&#result_dot, #row);
                    let #row = <#result_ty as #krate::__private::Entries>::row::<#ty>(#block, #row);
                    #krate::__private::Entries::set_entry(#row, #at, #entry);
                }
            };
            if otherwise.is_empty() {
                return fill;
            }
            quote_spanned! {s=>
                if #at < #count {
                    #fill
                } else {
                    let #at = #at - #count;
                    #otherwise
                }
            }
        });
        let refs = Self::tuple(&wrt.iter().map(|k| blocks[*k].to_token_stream()).collect::<Vec<_>>());
        // There is a row for every float of what the function left.
        let grows = may_grow(self.shape(of));
        let shape_after = if grows { zeros_of_rows.clone() } else { Tokens::new() };
        let made_after = if grows { quote_spanned!(s=> { #shape_after #made }) } else { made.clone() };
        let (first, place) = match of {
            Of::Result => (
                quote_spanned!(s=> { #zeros_of_rows (#value, #made) }),
                quote_spanned!(s=> let (_, #refs) = #column;),
            ),
            Of::Output(_) => (made_after, quote_spanned!(s=> let #refs = #column;)),
        };
        let counts: Vec<&Ident> = wrt.iter().map(|k| &counts[*k]).collect();
        let all = quote_spanned!(s=> #(#counts)+*);
        let columns = quote_spanned! {s=>
            for #at in ::core::iter::Iterator::step_by(0..#all, #lanes) {
                #restore
                #set
                #call
                #clear
                let #column = #answer.get_or_insert_with(|| #first);
                #place
                for #lane in 0..::core::cmp::Ord::min(#lanes, #all - #at) {
                    let #result_dot = #krate::__private::EachLane::lane(&#result_dot, #lane);
                    let #at = #at + #lane;
                    #fill
                }
            }
        };
        // Without columns there is still a value.
        let args = self.sig.params.iter().zip(&names.params).map(|(param, name)| {
            if param.kind.is_output() { quote_spanned!(s=> &mut *#name) } else { name.to_token_stream() }
        });
        let last = self.value_again(&args.collect::<Vec<_>>());
        let (shape_first, none) = match of {
            Of::Result => {
                (Tokens::new(), quote_spanned!(s=> let #value = #last; #zeros_of_rows (#value, #made)))
            }
            Of::Output(_) => (zeros_of_rows.clone(), quote_spanned!(s=> #last; #shape_after #made)),
        };
        let all_columns = self.or_else(answer, &none);
        quote_spanned! {s=>
            #before
            #shape_first
            #keep
            let mut #answer = ::core::option::Option::None;
            #columns
            #all_columns
        }
    }

    /// `answer.unwrap_or_else(|| none)`: a function that may fail is left from the outside of a closure.
    fn or_else(&self, answer: &Ident, none: &Tokens) -> Tokens {
        let s = site();
        match self.sig.failing {
            None => quote_spanned!(s=> #answer.unwrap_or_else(|| { #none })),
            Some(_) => quote_spanned! {s=>
                match #answer {
                    ::core::option::Option::Some(#answer) => #answer,
                    ::core::option::Option::None => { #none }
                }
            },
        }
    }

    /// `f::jacobian_columns`: many tangents.
    pub(super) fn jacobian_columns(&self, of: Of) -> Tokens {
        let s = site();
        let names = self.names();
        let locals = self.locals(&names);
        let params = self.public_params(&names.params);
        let where_clause = self.where_entries(SOME);
        let wrt = self.wrt_positions();
        let Locals { directions, columns, answer, at, lane, .. } = &locals;
        let (direction_ty, result_ty) = (self.gradient_ty(), owned(self.shape(of)));
        let vec = self.shape(of).vec();
        let ty = self.with_value(&quote_spanned!(s=> #vec<#result_ty>));
        let (value, seed) = (&names.value, &names.seed);
        let pattern = Self::tuple(&wrt.iter().map(|k| locals.dots[*k].to_token_stream()).collect::<Vec<_>>());
        // In lanes: the parameters' tangents, and that of an output.
        let wide: Vec<Ident> = self
            .sig
            .params
            .iter()
            .enumerate()
            .map(|(k, param)| if param.wrt.is_some() { &names.bars[k] } else { &locals.dots[k] }.clone())
            .collect();
        let krate = self.krate();
        let lanes = Literal::usize_unsuffixed(SOME);
        let (mut declared, mut set) = (Tokens::new(), Tokens::new());
        for &k in &wrt {
            let (wide, dot, zero) = (&wide[k], &locals.dots[k], self.zeros_of(k, &names.params[k]));
            declared.extend(quote_spanned! {s=>
                let mut #wide = #krate::__private::lanes_like::<_, #lanes>(&#zero);
            });
            set.extend(quote_spanned!(s=> #krate::__private::EachLane::set_lane(&mut #wide, #lane, #dot);));
        }
        let zeros = &locals.zeros;
        let zeros = quote_spanned!(s=> #krate::__private::lanes_like::<_, #lanes>(&#zeros));
        let (keep, restore) = self.output_again(of, &names, &locals, &zeros);
        let call = self.columns_at_once(of, &names, &wide, SOME);
        let last = self.sig.params.iter().zip(&names.params).map(|(param, name)| {
            if param.kind.is_output() { quote_spanned!(s=> &mut *#name) } else { name.to_token_stream() }
        });
        let none = self.value_again(&last.collect::<Vec<_>>());
        let value_of = match self.sig.failing {
            Some(_) => self.or_else(answer, &none),
            None => quote_spanned!(s=> #answer.unwrap_or_else(|| #none)),
        };
        let (before, result_dot, after, end) = match of {
            Of::Result => (
                quote_spanned!(s=> let mut #answer = ::core::option::Option::None;),
                seed,
                quote_spanned!(s=> #answer = ::core::option::Option::Some(#value);),
                self.sig.answer(&quote_spanned!(s=> (#value_of, #columns))),
            ),
            Of::Output(k) => (self.zeros_of_rows(of, &names, &locals), &locals.dots[k], Tokens::new(), {
                let answer = self.sig.answer(&columns.to_token_stream());
                quote_spanned!(s=> if #directions.is_empty() { #none; } #answer)
            }),
        };
        let ty = self.sig.answer_ty(&ty);
        let body = quote_spanned! {s=>
            #before
            #keep
            #declared
            let mut #columns = #vec::with_capacity(#directions.len());
            for #at in #directions.chunks(#lanes) {
                for (#lane, #pattern) in ::core::iter::Iterator::enumerate(#at.iter()) {
                    #set
                }
                #restore
                #call
                for #lane in 0..#at.len() {
                    #columns.push(#krate::__private::EachLane::lane(&#result_dot, #lane));
                }
                #after
            }
            #end
        };
        let name = self.link();
        let docs = [
            format!(
                " Some columns of the Jacobian of {name}, or sums of columns: for each direction, a tangent of"
            ),
            format!(" {}, the derivative of the result along it.", self.wrt_list()),
        ];
        self.direct(
            &docs,
            "jacobian_columns",
            &self.generics(false),
            &quote_spanned!(s=> (#params, #directions: &[#direction_ty]) -> #ty #where_clause { #body }),
        )
    }
}

/// As many of a few directions go side by side: those of a sparse Jacobian.
const SOME: usize = 4;

/// How many columns go side by side: as few runs of the function as 16 lanes allow, all of one width.
pub(in crate::emit) fn lanes_for(columns: Option<usize>) -> usize {
    const MOST: usize = 16;
    match columns {
        Some(columns) => columns.div_ceil(columns.div_ceil(MOST).max(1)).max(1),
        // Many, or a few: half of the most wastes neither.
        None => 8,
    }
}
