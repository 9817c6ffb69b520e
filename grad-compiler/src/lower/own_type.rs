//! Literals and patterns of types of the user's, where floats that are followed go into them or come out.

use super::expr::{self, elem};
use super::types::Type;
use super::value::{CodeVal, Memory, Val};
use super::{Kind, Lower, code, constant, pattern, place};
use crate::ir::{Init, Proj};
use quote::{ToTokens, quote};
use syn::{Expr, Member, Pat};

/// `S { k, rest: v, ..base }`
pub(crate) fn lower_literal(cx: &mut Lower<'_>, literal: &syn::ExprStruct, whole: &Expr) -> Val {
    if !is_followed(cx, whole) {
        let val = code::opaque(cx, whole);
        return match val {
            // A constant beside others of types of the user's: its operators are theirs.
            Val::Code(code)
                if cx.types.has_records() && literal.qself.is_none() && !is_variant(&literal.path) =>
            {
                Val::Code(CodeVal { ty: cx.types.record(&literal.path), ..code })
            }
            val => val,
        };
    }
    if literal.qself.is_some() || is_variant(&literal.path) {
        return reject_variant(cx, &literal.path);
    }
    let mut operands: Vec<&Expr> = literal.fields.iter().map(|field| &field.expr).collect();
    operands.extend(literal.rest.as_deref());
    let members: Vec<Proj> = literal.fields.iter().map(|field| member(&field.member)).collect();
    let has_base = literal.rest.is_some();
    // The type of a constant base is that of the literal: `..Default::default()`.
    let lower = |cx: &mut Lower<'_>, operand: &Expr| match &literal.rest {
        Some(base) if std::ptr::addr_eq(std::ptr::from_ref(&**base), std::ptr::from_ref(operand)) => {
            match expr::lower_place(cx, operand) {
                Val::Code(code) => {
                    let (path, base) = (&literal.path, expr::without_parens(code.tokens));
                    Val::Code(CodeVal {
                        tokens: quote!(#path { ..#base }),
                        cheap: false,
                        typed: true,
                        ..code
                    })
                }
                val => {
                    let val = cx.rvalue(val);
                    cx.settle(val)
                }
            }
        }
        _ => settled(cx, operand),
    };
    cx.operands(&operands, &lower, |cx, mut vals| {
        let base = if has_base { vals.pop() } else { None };
        match base {
            None => make(cx, &literal.path, members, vals),
            Some(base) => with_base(cx, &literal.path, &members, vals, base),
        }
    })
}

/// `S(x, y)`: the constructor of a tuple struct.
pub(crate) fn construct(cx: &mut Lower<'_>, path: &syn::Path, vals: Vec<Val>) -> Val {
    let members = (0..vals.len()).map(Proj::Field).collect();
    make(cx, path, members, vals)
}

/// Whether the constructor of that name is a tuple struct's, not a variant of an enum, as far as names tell.
pub(crate) fn is_struct(path: &syn::ExprPath) -> bool {
    let only = path.path.segments.first().filter(|_| path.path.segments.len() == 1);
    let is_prelude = only.is_some_and(|only| ["Some", "Ok", "Err"].iter().any(|name| only.ident == name));
    path.qself.is_none() && !is_variant(&path.path) && !is_prelude
}

pub(crate) fn settled(cx: &mut Lower<'_>, operand: &Expr) -> Val {
    let val = expr::lower(cx, operand);
    cx.settle(val)
}

fn make(cx: &mut Lower<'_>, path: &syn::Path, members: Vec<Proj>, vals: Vec<Val>) -> Val {
    let ty = cx.types.record(path);
    let mut elems = Vec::new();
    for (member, val) in members.iter().zip(vals) {
        learn(cx, &ty, member, &val);
        elems.push(elem(cx, val));
    }
    let hint = path.segments.last().map(|last| last.ident.to_string().to_lowercase()).unwrap_or_default();
    cx.push_alloc(&hint, ty, Init::Record { path: path.to_token_stream(), members, elems })
}

/// A copy of the base, with other fields in it.
fn with_base(cx: &mut Lower<'_>, path: &syn::Path, members: &[Proj], vals: Vec<Val>, base: Val) -> Val {
    let ty = cx.types.record(path);
    let base_ty = cx.variable_type(&base);
    cx.types.unify(&ty, &base_ty);
    let init = match base {
        Val::Memory(Memory { place, .. }) => Init::Clone(place),
        base if cx.is_constant(&base) => Init::Code(crate::ir::Code::new(cx.as_code(base).tokens, false)),
        _ => {
            return cx.reject(
                Kind::Expression,
                path,
                "this base is no value of a type of yours that is followed",
                "write all fields",
            );
        }
    };
    let Val::Memory(whole) = cx.push_alloc("with", ty.clone(), init) else { return Val::Never };
    cx.vars[whole.place.root.index()].mutable = true;
    for (member, val) in members.iter().zip(vals) {
        let Some(of) = learn(cx, &ty, member, &val) else { continue };
        let part = Val::memory(cx.project(&whole.place, member.clone()), of);
        place::assign(
            cx,
            part,
            val,
            &Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path: path.clone() }),
        );
    }
    Val::Memory(whole)
}

/// A field has the type of what is put into it.
fn learn(cx: &mut Lower<'_>, ty: &Type, member: &Proj, val: &Val) -> Option<Type> {
    let of = cx.types.named_field(ty, &name(member))?;
    let val_ty = cx.variable_type(val);
    cx.types.unify(&of, &val_ty);
    Some(of)
}

fn name(member: &Proj) -> String {
    match member {
        Proj::Named(name) => name.clone(),
        Proj::Field(at) => at.to_string(),
        Proj::Some | Proj::Index(_) | Proj::Slice { .. } | Proj::Deref => String::new(),
    }
}

fn member(member: &Member) -> Proj {
    match member {
        Member::Named(name) => Proj::Named(name.to_string()),
        Member::Unnamed(at) => Proj::Field(at.index as usize),
    }
}

/// `let S { k, rest: v, .. } = s;`, `let S(x, y) = s;` of memory that is followed.
pub(crate) fn bind(cx: &mut Lower<'_>, pat: &Pat, memory: &Memory, by_ref: Option<bool>) {
    let (path, parts): (&syn::Path, Vec<(Proj, &Pat)>) = match pat {
        Pat::Struct(pat) => {
            (&pat.path, pat.fields.iter().map(|field| (member(&field.member), &*field.pat)).collect())
        }
        Pat::TupleStruct(pat) => {
            let is_rest = |pat: &Pat| matches!(pat, Pat::Rest(_));
            let before = pat.elems.iter().position(is_rest).unwrap_or(pat.elems.len());
            if before + 1 < pat.elems.len() {
                cx.reject(
                    Kind::Pattern,
                    pat,
                    "how many fields `..` stands for is not known here",
                    "write `_` for each of them, or `..` last",
                );
                return pattern::bind_to_nothing(cx, &Pat::TupleStruct(pat.clone()));
            }
            let fields = pat.elems.iter().take(before).enumerate();
            (&pat.path, fields.map(|(at, pat)| (Proj::Field(at), pat)).collect())
        }
        _ => return,
    };
    if is_variant(path) {
        reject_variant(cx, path);
        return pattern::bind_to_nothing(cx, pat);
    }
    let ty = cx.types.record(path);
    cx.types.unify(&memory.ty, &ty);
    for (member, pat) in parts {
        let Some(of) = cx.types.named_field(&ty, &name(&member)) else { continue };
        let part = match cx.part(cx.project(&memory.place, member), of) {
            Val::Memory(part) => Val::Memory(Memory { fresh: memory.fresh, ..part }),
            part => part,
        };
        pattern::bind_part(cx, pat, part, by_ref);
    }
}

/// `Shape::Circle`: of an enum, as far as names tell.
fn is_variant(path: &syn::Path) -> bool {
    let of = path.segments.len().checked_sub(2).and_then(|at| path.segments.get(at));
    of.is_some_and(|of| of.ident.to_string().starts_with(char::is_uppercase))
}

fn reject_variant(cx: &mut Lower<'_>, path: &syn::Path) -> Val {
    cx.reject(
        Kind::OpaqueActive,
        path,
        "differentiated values go into, or come out of, a variant of an enum, which is not followed",
        "use a struct; or stop differentiation with `grad::constant(…)`",
    )
}

/// Whether an expression reads a variable that may carry a derivative.
pub(crate) fn is_followed(cx: &Lower<'_>, expr: &Expr) -> bool {
    constant::mentioned(cx, expr).iter().any(|val| !constant::stays_constant(cx, val))
}
