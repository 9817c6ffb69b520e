//! `f::hessian`: one product for each coordinate, several of them at once.

use crate::emit::cotangent_types::{owned, ungrouped, zero};
use crate::emit::items::{Cx, Names};
use crate::emit::jacobian::lanes_for;
use crate::emit::signature::{Kind, Param, Passing};
use crate::emit::{Tokens, site};
use crate::shape::{Shape, Typed};
use proc_macro2::{Ident, Literal};
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// The rows of a Hessian that one parameter has.
enum Rows<'a> {
    /// A number: one row.
    One,
    /// `[f64; N]`: N rows.
    Array(&'a syn::Expr),
    /// A slice or a `Vec`: as many rows as it is long.
    Slice,
}

impl Cx<'_> {
    /// `f::hessian`: one product for each coordinate, several of them at once.
    pub(in crate::emit) fn hessian(&self) -> Option<Tokens> {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let mut wrt: Vec<(usize, &Param<'_>)> =
            self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some()).collect();
        wrt.sort_by_key(|(_, param)| param.wrt);
        let rows: Vec<Rows<'_>> = wrt.iter().map(|(_, param)| rows(param.ty)).collect::<Option<_>>()?;
        let dots = names.dots.clone();
        let mut namer = names.namer(&dots);
        let count = wrt.len();
        let [at, lane] = ["at", "lane"].map(|name| namer.fresh(name, s));
        let mut each = |name: &str| -> Vec<Ident> {
            (0..count).map(|i| namer.fresh(&format!("{name}_{i}"), s)).collect()
        };
        let (counts, row_names) = (each("count"), each("row"));
        let blocks: Vec<Vec<Ident>> = (0..count)
            .map(|i| (0..count).map(|j| namer.fresh(&format!("block_{i}_{j}"), s)).collect())
            .collect();
        let width = Literal::usize_unsuffixed(lanes_for(self.wrt_columns()));

        let mut before = Tokens::new();
        for (i, (k, of)) in wrt.iter().enumerate() {
            let (x, dot, count) = (&names.params[*k], &dots[*k], &counts[i]);
            let x_ref = match of.kind {
                Kind::Aggregate(Passing::Shared) | Kind::ScalarRef => x.to_token_stream(),
                _ => quote_spanned!(s=> &#x),
            };
            let rows_of_x = match rows[i] {
                Rows::One => quote_spanned!(s=> 1),
                Rows::Array(_) | Rows::Slice => quote_spanned!(s=> #x.len()),
            };
            before.extend(quote_spanned! {s=>
                let #count = #rows_of_x;
                let mut #dot = #krate::__private::lanes_like::<_, #width>(#x_ref);
            });
            for (j, (_, by)) in wrt.iter().enumerate() {
                let (block, zero) = (&blocks[i][j], zero(by.ty));
                let zeros = match rows[i] {
                    Rows::One => zero,
                    Rows::Array(len) => {
                        quote_spanned!(s=> ::core::array::from_fn::<_, { #len }, _>(|_| #zero))
                    }
                    Rows::Slice => {
                        let vec = by.ty.vec();
                        quote_spanned!(s=> #vec::with_capacity(#count))
                    }
                };
                before.extend(quote_spanned!(s=> let mut #block = #zeros;));
            }
        }
        // Which coordinate of which parameter a row is.
        let set = |to: f64| -> Tokens {
            let to = Literal::f64_unsuffixed(to);
            let mut before = Tokens::new();
            let entry = |(i, (k, _)): (usize, &(usize, &Param<'_>))| {
                let (dot, count) = (&dots[*k], &counts[i]);
                let first = quote_spanned!(s=> #at #before);
                before.extend(quote_spanned!(s=> .wrapping_sub(#count)));
                quote_spanned!(s=> #krate::__private::set_directions(&mut #dot, #first, #width, #to);)
            };
            wrt.iter().enumerate().map(entry).collect()
        };
        let (set, clear) = (set(1.0), set(0.0));
        let store = (0..count).rev().fold(Tokens::new(), |otherwise, i| {
            let store: Tokens = (0..count)
                .map(|j| {
                    let (block, row) = (&blocks[i][j], &row_names[j]);
                    match rows[i] {
                        Rows::One => quote_spanned!(s=> #block = #row;),
                        Rows::Array(_) => quote_spanned!(s=> #block[#at] = #row;),
                        Rows::Slice => quote_spanned!(s=> #block.push(#row);),
                    }
                })
                .collect();
            if otherwise.is_empty() {
                return store;
            }
            let count = &counts[i];
            quote_spanned!(s=> if #at < #count { #store } else { let #at = #at - #count; #otherwise })
        });
        let products = Self::tuple_of(&row_names);
        let call = self.products_along(&names, &dots, &width);
        let all = quote_spanned!(s=> #(#counts)+*);
        let result = Self::tuple(&blocks.iter().map(|blocks| Self::tuple_of(blocks)).collect::<Vec<_>>());
        let row_ty = |i: usize| {
            let of = |(_, by): &(usize, &Param<'_>)| -> Tokens {
                let row = owned(by.ty);
                match rows[i] {
                    Rows::One => row,
                    Rows::Array(len) => quote_spanned!(s=> [#row; #len]),
                    Rows::Slice => {
                        let vec = by.ty.vec();
                        quote_spanned!(s=> #vec<#row>)
                    }
                }
            };
            Self::tuple(&wrt.iter().map(of).collect::<Vec<_>>())
        };
        let ty = Self::tuple(&(0..count).map(row_ty).collect::<Vec<_>>());
        let (primal, where_clause) =
            (self.public_params(&names.params), self.where_entries(lanes_for(self.wrt_columns())));
        let name = self.link();
        let docs = [
            format!(" Hessian of {name} with respect to {}: one product for each", self.wrt_list()),
            " coordinate. Row by row; of several parameters, a tuple of the blocks of each.".to_owned(),
        ];
        let (question, answer) = (self.sig.question(), self.sig.answer(&result));
        // Without coordinates there is nothing to run, but it may fail.
        if self.sig.failing.is_some() {
            let primal = self.primal();
            let args = self.sig.params.iter().zip(&names.params);
            let args = args.map(|(param, name)| match param.kind {
                Kind::Constant(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#name)),
                Kind::Constant(Passing::Exclusive) => quote_spanned!(s=> &mut *#name),
                _ => Self::argument_again(param, name),
            });
            let args = self.as_written(&args.collect::<Vec<_>>());
            before.extend(quote_spanned!(s=> if #all == 0 { #primal(#(#args),*)?; }));
        }
        let body = quote_spanned! {s=>
            #before
            for #at in ::core::iter::Iterator::step_by(0..#all, #width) {
                #set
                let (_, #products) = #call #question;
                #clear
                for #lane in 0..::core::cmp::Ord::min(#width, #all - #at) {
                    #(let #row_names = #krate::__private::EachLane::lane(&#row_names, #lane);)*
                    let #at = #at + #lane;
                    #store
                }
            }
            #answer
        };
        let ty = self.sig.answer_ty(&ty);
        Some(self.direct(
            &docs,
            "hessian",
            &self.generics(false),
            &quote_spanned!(s=> (#primal) -> #ty #where_clause { #body }),
        ))
    }

    /// `Self::hvp_n::<4>(x, y, &x_dot, y_dot)`
    fn products_along(&self, names: &Names, dots: &[Ident], width: &Literal) -> Tokens {
        let s = site();
        let own = self.generic_names();
        let mut args: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .zip(&names.params)
            .map(|(param, name)| match param.kind {
                Kind::Constant(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#name)),
                Kind::Constant(Passing::Exclusive) => quote_spanned!(s=> &mut *#name),
                _ => Self::argument_again(param, name),
            })
            .collect();
        for (param, dot) in self.sig.params.iter().zip(dots).filter(|(param, _)| param.wrt.is_some()) {
            args.push(match (ungrouped(param.ty.ty), param.kind) {
                (Type::Reference(_), _) => quote_spanned!(s=> &#dot),
                (_, Kind::Scalar) => dot.to_token_stream(),
                _ => quote_spanned!(s=> ::core::clone::Clone::clone(&#dot)),
            });
        }
        let products = self.beside("hvp_n", &quote_spanned!(s=> ::<#(#own,)* #width>));
        quote_spanned!(s=> #products(#(#args),*))
    }
}

/// Numbers in a row, or one number.
fn rows(ty: Typed<'_>) -> Option<Rows<'_>> {
    let is_float = |of| ty.at(of).shape().is_float();
    match ty.shape() {
        Shape::Ref { to, .. } => rows(ty.at(to)),
        Shape::Array(of, len) => is_float(of).then_some(Rows::Array(len)),
        Shape::Slice(of) | Shape::Vec(of) => is_float(of).then_some(Rows::Slice),
        shape => shape.is_float().then_some(Rows::One),
    }
}
