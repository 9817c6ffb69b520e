//! Parts of matrices: copied out of them and written into them element by element, so that their derivatives are those of loads and
//! stores.

use super::build::Counted;
use super::types::Type;
use super::value::{Memory, Val};
use super::{Kind, Lower, expr, matrix, matrix_geometry, method, place, window};
use crate::ir::{Code, Init, Op, Operand, Proj, Stmt};
use crate::matrix::Form;
use crate::matrix::rows::Part;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ExprMethodCall};

/// Where the elements of a part are in the matrix.
struct Region {
    part: Part,
    /// Where it begins.
    i: TokenStream,
    j: TokenStream,
    /// What else says its shape.
    shape: Vec<TokenStream>,
}

impl Region {
    fn of(cx: &mut Lower<'_>, part: Part, vals: Vec<Val>) -> Region {
        let mut numbers = Vec::new();
        for val in vals {
            match val {
                Val::Tuple(of) => {
                    for val in of {
                        numbers.push(number(cx, val));
                    }
                }
                val => numbers.push(number(cx, val)),
            }
        }
        let zero = quote!(0);
        let n = |at: usize| numbers.get(at).unwrap_or(&zero).clone();
        let (i, j, shape) = match part {
            Part::Row | Part::FixedRows => (n(0), zero.clone(), Vec::new()),
            Part::Column | Part::FixedColumns => (zero.clone(), n(0), Vec::new()),
            Part::Rows => (n(0), zero.clone(), vec![n(1)]),
            Part::Columns => (zero.clone(), n(0), vec![n(1)]),
            Part::View => (n(0), n(1), vec![n(2), n(3)]),
            Part::FixedView => (n(0), n(1), Vec::new()),
            Part::Diagonal => (zero.clone(), zero.clone(), Vec::new()),
        };
        Region { part, i, j, shape }
    }

    /// Of element `k` of the part, which has so many rows.
    fn at(&self, k: &TokenStream, rows: &TokenStream) -> TokenStream {
        let (i, j) = (&self.i, &self.j);
        match self.part {
            Part::Diagonal => quote!((#k, #k)),
            Part::Row
            | Part::Column
            | Part::Rows
            | Part::Columns
            | Part::FixedRows
            | Part::FixedColumns
            | Part::View
            | Part::FixedView => quote!((#i + #k % #rows, #j + #k / #rows)),
        }
    }
}

/// `m.row(i)`
pub(super) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, part: Part) -> Val {
    let args: Vec<&Expr> = call.args.iter().collect();
    cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
        let region = Region::of(cx, part, vals);
        copy(cx, call, memory, &region).map_or(Val::Never, |(to, _)| Val::Memory(to))
    })
}

/// A copy of a part, and how many rows it has.
fn copy(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    memory: &Memory,
    region: &Region,
) -> Option<(Memory, TokenStream)> {
    let name = call.method.to_string();
    let name = syn::Ident::new(name.trim_end_matches("_mut"), call.method.span());
    let (turbofish, shape, of) = (&call.turbofish, &region.shape, cx.place_tokens(&memory.place));
    let zeros = quote!(__grad_runtime::zeros::of(&#of).#name #turbofish (#(#shape),*));
    // Its shape alone is read of the matrix.
    let zeros = Code::new(zeros, false).stopping();
    let Val::Memory(to) = cx.push_alloc("part", memory.ty.clone(), Init::Point(zeros)) else {
        return None;
    };
    cx.vars[to.place.root.index()].mutable = true;
    let rows = length(cx, &to, "nrows");
    each(cx, &to, |cx, k| {
        let k_tokens = cx.operand_tokens(&k);
        let from = element(cx, memory, region.at(&k_tokens, &rows));
        let at = matrix::number(cx, &to, k);
        let place = cx.project(&to.place, Proj::Index(at));
        (place, from)
    });
    Some((to, rows))
}

/// `m.row_mut(i).fill(x)`, `m.fixed_view_mut::<3, 3>(0, 0).copy_from(&r)`: a copy of the part is changed, and written back. `None` of
/// other methods.
pub(super) fn change(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    receiver: &Val,
    behind: Option<&&ExprMethodCall>,
    outer: &[&ExprMethodCall],
) -> Option<Val> {
    let name = call.method.to_string();
    let part = Part::of(name.strip_suffix("_mut")?, call.args.len())?;
    let receiver = place::peel_place(cx, receiver.clone());
    let (Val::Memory(memory), Some(next)) = (receiver, behind) else { return None };
    matrix::element(cx, &memory.ty)?;
    if matches!(matrix::form(cx, &memory.ty), Form::Array(_)) {
        return None;
    }
    if matrix_geometry::refuse_copy(cx, &call.receiver) {
        return Some(Val::Never);
    }
    let args: Vec<&Expr> = call.args.iter().collect();
    Some(cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
        let region = Region::of(cx, part, vals);
        let Some((changed, rows)) = copy(cx, call, &memory, &region) else { return Val::Never };
        let val = cx.at(*next, |cx| method::lower_one(cx, next, Val::Memory(changed.clone()), outer));
        each(cx, &changed, |cx, k| {
            let from = cx.element(&changed, k.clone());
            let from = cx.rvalue(from);
            let k = cx.operand_tokens(&k);
            (place_at(cx, &memory, region.at(&k, &rows)), from)
        });
        val
    }))
}

/// `let mut r = m.row_mut(i)`: a part that is changed under a name of its own; `None` of other methods.
pub(super) fn kept(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Option<Val> {
    let name = call.method.to_string();
    let part = Part::of(name.strip_suffix("_mut")?, call.args.len())?;
    if matrix::form(cx, &memory.ty) != Form::Nalgebra {
        return None;
    }
    let fixed: Vec<TokenStream> = match &call.turbofish {
        Some(fixed) => fixed.args.iter().map(ToTokens::to_token_stream).collect(),
        None => Vec::new(),
    };
    let dims = match part {
        Part::FixedRows | Part::FixedColumns => 1,
        Part::FixedView => 2,
        Part::Diagonal => return None,
        Part::Row | Part::Column | Part::Rows | Part::Columns | Part::View => 0,
    };
    if fixed.len() != dims {
        return None;
    }
    let method = syn::Ident::new(name.trim_end_matches("_mut"), call.method.span());
    let args: Vec<&Expr> = call.args.iter().collect();
    Some(cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
        let mut numbers = Vec::new();
        for val in vals {
            match val {
                Val::Tuple(of) => numbers.extend(of.into_iter().map(|val| cx.as_int(val))),
                val => numbers.push(cx.as_int(val)),
            }
        }
        for fixed in fixed {
            numbers.push(cx.push_let("len", Type::Int, Op::Code(Code::new(fixed, true))));
        }
        let n = |at: usize| numbers.get(at).cloned();
        let (starts, lens) = match part {
            Part::Row => ([n(0), None], [None, None]),
            Part::Column | Part::Diagonal => ([None, n(0)], [None, None]),
            Part::Rows | Part::FixedRows => ([n(0), None], [n(1), None]),
            Part::Columns | Part::FixedColumns => ([None, n(0)], [None, n(1)]),
            Part::View | Part::FixedView => ([n(0), n(1)], [n(2), n(3)]),
        };
        let shape: Vec<TokenStream> = match part {
            Part::Rows | Part::Columns | Part::View => {
                lens.iter().flatten().map(|len| cx.operand_tokens(len)).collect()
            }
            _ => Vec::new(),
        };
        let (turbofish, of) = (&call.turbofish, cx.place_tokens(&memory.place));
        let zeros = quote!(__grad_runtime::zeros::of(&#of).#method #turbofish (#(#shape),*));
        window::of_part(cx, memory, starts, lens, zeros)
    }))
}

/// `m.set_row(i, &v)`, `m.set_column(j, &v)`, `m.copy_from(&n)`; `None` for other methods.
pub(super) fn write(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Option<Val> {
    let name = call.method.to_string();
    let args: Vec<&Expr> = call.args.iter().collect();
    if !matches!((name.as_str(), args.len()), ("set_row" | "set_column", 2) | ("copy_from", 1)) {
        return None;
    }
    Some(cx.operands(&args, &|cx, arg| expr::lower_place(cx, arg), |cx, mut vals| {
        let from = vals.pop().unwrap_or(Val::Never);
        let from = place::peel_place(cx, from);
        let from = cx.settle(from);
        let Val::Memory(from) = from else {
            return matrix::without_row(cx, call, memory);
        };
        let at = vals.pop().map(|val| number(cx, val));
        each(cx, &from, |cx, k| {
            let value = cx.element(&from, k.clone());
            let value = cx.rvalue(value);
            let k_tokens = cx.operand_tokens(&k);
            let place = match (name.as_str(), &at) {
                ("set_row", Some(i)) => place_at(cx, memory, quote!((#i, #k_tokens))),
                (_, Some(j)) => place_at(cx, memory, quote!((#k_tokens, #j))),
                (_, None) => {
                    let at = matrix::number(cx, memory, k);
                    cx.project(&memory.place, Proj::Index(at))
                }
            };
            (place, value)
        });
        Val::Unit
    }))
}

/// What is no matrix, as far as is known.
pub(super) fn refuse_unknown(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Val {
    cx.reject(
        Kind::UnknownMethod,
        &call.args,
        "what this matrix is changed by is not known to be a matrix",
        "give it a name and a type, `let x: DVector<f64> = …`",
    )
}

/// Stores into each place the value for it, one for every element of a matrix.
fn each(
    cx: &mut Lower<'_>,
    of: &Memory,
    pair: impl FnOnce(&mut Lower<'_>, Operand) -> (crate::ir::Place, Val),
) {
    let count = method::len(cx, Val::Memory(of.clone()));
    cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
        let k = cx.as_int(k);
        let (place, value) = pair(cx, k);
        let (value, _) = cx.as_float(value);
        cx.push(Stmt::Store { place, value });
    });
}

fn number(cx: &mut Lower<'_>, val: Val) -> TokenStream {
    let number = cx.as_int(val);
    cx.operand_tokens(&number)
}

pub(super) fn length(cx: &mut Lower<'_>, of: &Memory, name: &str) -> TokenStream {
    let place = cx.place_tokens(&of.place);
    let method = syn::Ident::new(name, cx.span);
    let length = cx.push_let(name, Type::Int, Op::Code(Code::new(quote!(#place.#method()), true)));
    cx.operand_tokens(&length)
}

fn place_at(cx: &mut Lower<'_>, memory: &Memory, at: TokenStream) -> crate::ir::Place {
    let at = cx.push_let("at", Type::Opaque, Op::Code(Code::new(at, true)));
    cx.project(&memory.place, Proj::Index(at))
}

fn element(cx: &mut Lower<'_>, memory: &Memory, at: TokenStream) -> Val {
    let at = cx.push_let("at", Type::Opaque, Op::Code(Code::new(at, true)));
    let element = cx.element_at(memory, at);
    cx.rvalue(element)
}
