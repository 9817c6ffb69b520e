//! `f::jacobian` and its kin: one row for every float of the result.
//!
//! By rows: one forward sweep, and its reverse sweep once for each row, from a copy of what the forward sweep recorded.
//! By columns: `f::jvp_n`, a lane for each float of the parameters. The numbers of both decide.

mod columns;
mod rows;

pub(super) use columns::lanes_for;

use super::cotangent_types::{owned, zero};
use super::items::{Cx, Names};
use super::namer::Namer;
use super::signature::{Kind, Passing};
use super::workers::STUB;
use super::{Tokens, site};
use crate::args::JacobianMode;
use crate::matrix;
use crate::shape::{Shape, Typed, Wrapper};
use proc_macro2::{Ident, Literal, TokenTree};
use quote::quote_spanned;
use syn::{Expr, Lit};

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
    /// For each parameter: how many columns it has.
    counts: Vec<Ident>,
    zeros: Ident,
    at: Ident,
    row: Ident,
    lane: Ident,
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
            (Some(ty), []) if self.sig.result_holds_floats() && has_rows(ty) => Some(Of::Result),
            (None, [output]) if !self.sig.params[*output].ty.names_users() => Some(Of::Output(*output)),
            _ => None,
        }
    }

    pub(in crate::emit) fn has_jacobian(&self) -> bool {
        self.rows_of().is_some()
    }

    pub(in crate::emit) fn jacobians(&self) -> Vec<Tokens> {
        let Some(of) = self.rows_of() else { return Vec::new() };
        let mut functions = vec![self.jacobian(of)];
        if matches!(of, Of::Result) {
            functions.push(self.value_and_jacobian());
        }
        if self.in_place {
            return functions;
        }
        functions.push(self.jacobian_rows(of));
        if self.may_run_again() {
            functions.push(self.jacobian_columns(of));
        }
        // Of what is wrong with a function, its result may be it.
        if self.is_stub { functions.into_iter().map(without_body).collect() } else { functions }
    }

    fn shape(&self, of: Of) -> Typed<'a> {
        match of {
            Of::Result => self.sig.result.expect("a function with rows for its result has one"),
            Of::Output(k) => self.sig.params[k].ty,
        }
    }

    /// A function that changes what is not differentiated may run once only.
    pub(in crate::emit) fn may_run_again(&self) -> bool {
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
        let mut namer = Namer::default();
        for name in names.params.iter().chain(&names.bars).chain([&names.value, &names.seed, &names.pullback])
        {
            namer.fresh(&name.to_string(), site());
        }
        let mut all = |what: &str| -> Vec<Ident> {
            let hints = self.sig.params.iter().map(crate::emit::signature::Param::stem);
            hints.map(|hint| namer.fresh(&format!("{hint}_{what}"), site())).collect()
        };
        let (blocks, dots, counts) = (all("rows"), all("dot"), all("count"));
        let mut fresh = |hint: &str| namer.fresh(hint, site());
        Locals {
            blocks,
            dots,
            counts,
            zeros: fresh("zeros"),
            at: fresh("at"),
            row: fresh("row"),
            lane: fresh("lane"),
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
        let name = self.link();
        let what = match of {
            Of::Result => "its result".to_owned(),
            Of::Output(k) => format!("what it writes to `{}`", self.sig.params[k].hint),
        };
        [
            format!(" Jacobian of {name}: the derivatives of {what} with respect to {}.", self.wrt_list()),
            String::new(),
            " A block has the shape of the result, with a gradient in the place of every float: row by row. Several".to_owned(),
            " parameters give a tuple of blocks.".to_owned(),
        ]
    }

    // --- the functions ---

    /// The where clause of a function that takes results and parameters entry by entry, and so many tangents at once.
    pub(in crate::emit) fn where_entries(&self, width: usize) -> Tokens {
        self.where_with(self.entries(width))
    }

    /// What it says beside what the user's says.
    pub(in crate::emit) fn entries(&self, width: usize) -> Vec<Tokens> {
        let gradients: Vec<Tokens> = self.sig.wrt().iter().map(|param| owned(param.ty)).collect();
        let width = Literal::usize_unsuffixed(width);
        [self.copies(), self.clones(), self.bounds_of_lanes(&width), self.bounds_of_entries(&gradients)]
            .concat()
    }

    fn jacobian(&self, of: Of) -> Tokens {
        let s = site();
        let names = self.names();
        let params = self.public_params(&names.params);
        let ty = self.jacobian_ty(of);
        let where_clause = self.where_entries(columns::lanes_for(self.wrt_columns()));
        let body = match of {
            Of::Result => {
                let (args, question) = (&names.params, self.sig.question());
                let both = self.beside("value_and_jacobian", &self.turbofish(false));
                quote_spanned!(s=> #both(#(#args),*)#question.1)
            }
            Of::Output(_) => self.chosen(of, &names),
        };
        let (ty, body) = (self.sig.answer_ty(&ty), self.answered(body));
        self.direct(
            &self.jacobian_docs(of),
            "jacobian",
            &self.generics(false),
            &quote_spanned!(s=> (#params) -> #ty #where_clause { #body }),
        )
    }

    fn value_and_jacobian(&self) -> Tokens {
        let s = site();
        let names = self.names();
        let params = self.public_params(&names.params);
        let ty = self.with_value(&self.jacobian_ty(Of::Result));
        let where_clause = self.where_entries(columns::lanes_for(self.wrt_columns()));
        let body = self.chosen(Of::Result, &names);
        let (ty, body) = (self.sig.answer_ty(&ty), self.answered(body));
        let name = self.link();
        let docs = [format!(" Value of {name} and its Jacobian with respect to {}.", self.wrt_list())];
        self.direct(
            &docs,
            "value_and_jacobian",
            &self.generics(false),
            &quote_spanned!(s=> (#params) -> #ty #where_clause { #body }),
        )
    }

    /// The answer of a Jacobian that a block of code gives.
    fn answered(&self, body: Tokens) -> Tokens {
        match self.sig.failing {
            None => body,
            Some(_) => self.sig.answer(&quote_spanned!(site()=> { #body })),
        }
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
                let zero = zero(self.sig.params[k].ty);
                quote_spanned!(s=> { let zero: #ty = #zero; zero })
            }
            Kind::Aggregate(Passing::Shared) => quote_spanned!(s=> #krate::__private::zeros_like(#name)),
            Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => {
                quote_spanned!(s=> #krate::__private::zeros_like(&*#name))
            }
            _ => quote_spanned!(s=> #krate::__private::zeros_like(&#name)),
        }
    }
}

/// The same function, for callers of one that has errors.
fn without_body(function: Tokens) -> Tokens {
    let s = site();
    let mut trees: Vec<TokenTree> = function.into_iter().collect();
    trees.pop();
    quote_spanned! {s=>
        #[allow(unused_variables)]
        #(#trees)* {
            ::core::option::Option::None.expect(#STUB)
        }
    }
}

/// Whether it is written as rows, one for every float: of one float there is a gradient, and in a type of the user's nothing can
/// stand in the place of the floats. Those of a matrix are in the order of its library.
fn has_rows(ty: Typed<'_>) -> bool {
    !ty.shape().is_float() && !ty.names_users()
}

/// The shape of a result, with `gradient` in the place of every float.
fn rows_ty(ty: Typed<'_>, gradient: &Tokens) -> Tokens {
    let s = site();
    match ty.shape() {
        Shape::Ref { to, .. } => rows_ty(ty.at(to), gradient),
        Shape::Array(of, len) => {
            let element = rows_ty(ty.at(of), gradient);
            quote_spanned!(s=> [#element; #len])
        }
        Shape::Slice(of) | Shape::Vec(of) => {
            let element = rows_ty(ty.at(of), gradient);
            let vec = ty.vec();
            quote_spanned!(s=> #vec<#element>)
        }
        Shape::Wrapped(Wrapper::Option, of) if ty.is_optional() => {
            let of = rows_ty(ty.at(of), gradient);
            quote_spanned!(s=> ::core::option::Option<#of>)
        }
        Shape::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(|of| rows_ty(ty.at(of), gradient));
            quote_spanned!(s=> (#(#elements,)*))
        }
        Shape::F32 | Shape::F64 | Shape::Scalar(_) => gradient.clone(),
        Shape::Matrix(..) => {
            let (krate, matrix) = (ty.krate, owned(ty));
            quote_spanned!(s=> <#matrix as #krate::__private::Entries>::Rows<#gradient>)
        }
        Shape::Int
        | Shape::Bool
        | Shape::Unit
        | Shape::Named(_)
        | Shape::Wrapped(..)
        | Shape::WithoutFloats
        | Shape::Infer
        | Shape::Other => quote_spanned!(s=> ()),
    }
}

/// Whether a function may leave a content of another length in an output of this type.
fn may_grow(ty: Typed<'_>) -> bool {
    ty.parts().into_iter().any(|part| matches!(part.shape(), Shape::Vec(_)))
}

/// As the function of that name in the runtime, for shapes that the types tell.
fn is_cheaper_by_columns(rows: usize, columns: usize) -> bool {
    columns <= 2 * rows
}

/// The number of floats in a type, where it can be read there.
pub(super) fn count(ty: Typed<'_>) -> Option<usize> {
    match ty.shape() {
        Shape::Ref { to, .. } => count(ty.at(to)),
        Shape::Array(of, Expr::Lit(literal)) => match &literal.lit {
            Lit::Int(len) => Some(len.base10_parse::<usize>().ok()? * count(ty.at(of))?),
            _ => None,
        },
        Shape::Array(..) => None,
        Shape::Tuple(tuple) => tuple.elems.iter().map(|of| count(ty.at(of))).sum(),
        Shape::Slice(_) => None,
        Shape::Vec(of) => (!ty.at(of).holds_floats()).then_some(0),
        Shape::Wrapped(..) => (!ty.is_optional()).then_some(0),
        Shape::F32 | Shape::F64 | Shape::Scalar(_) => Some(1),
        Shape::Matrix(path, _) => matrix::count(path),
        Shape::Named(_) => (!ty.own).then_some(0),
        Shape::Int | Shape::Bool | Shape::Unit | Shape::WithoutFloats | Shape::Infer | Shape::Other => {
            Some(0)
        }
    }
}
