//! Literals and patterns of types of the user's, where floats that are followed go into them or come out.

use super::expr::{self, elem};
use super::types::Type;
use super::value::{CodeVal, Memory, Val};
use super::{Kind, Lower, code, constant, pattern, place};
use crate::ir::{Code, Init, Op, Operand, Proj};
use quote::{ToTokens, quote};
use syn::{Expr, Member, Pat};

/// `S { k, rest: v, ..base }`
pub(crate) fn lower_literal(cx: &mut Lower<'_>, literal: &syn::ExprStruct, whole: &Expr) -> Val {
    if !is_followed(cx, whole) {
        let val = code::opaque(cx, whole);
        return match val {
            // A constant beside others of types of the user's: its operators are theirs.
            Val::Code(code) if cx.types.has_records() && literal.qself.is_none() => {
                Val::Code(CodeVal { ty: of_path(cx, &literal.path), ..code })
            }
            val => val,
        };
    }
    if literal.qself.is_some() {
        return cx.reject(
            Kind::Expression,
            &literal.path,
            "the type of this literal is not written by its name",
            "write `S { … }`, or `Shape::Circle { … }`",
        );
    }
    let mut operands: Vec<&Expr> = literal.fields.iter().map(|field| &field.expr).collect();
    operands.extend(literal.rest.as_deref());
    let members: Vec<Proj> =
        literal.fields.iter().map(|field| member(&literal.path, &field.member)).collect();
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

/// `S(x, y)`, `Shape::Square(x)`: the constructor of a tuple struct, or of a variant of an enum.
pub(crate) fn construct(cx: &mut Lower<'_>, path: &syn::Path, vals: Vec<Val>) -> Val {
    let members = (0..vals.len()).map(|at| member(path, &Member::from(at))).collect();
    make(cx, path, members, vals)
}

/// Whether the constructor of that name is one of a type of the user's, as far as names tell.
pub(crate) fn is_constructor(path: &syn::ExprPath) -> bool {
    path.qself.is_none() && !is_prelude(&path.path)
}

fn is_prelude(path: &syn::Path) -> bool {
    let only = path.segments.first().filter(|_| path.segments.len() == 1);
    only.is_some_and(|only| ["Some", "Ok", "Err"].iter().any(|name| only.ident == name))
}

/// The type of the user's that a literal or a pattern of that path is of: that of the enum, where it names a variant.
fn of_path(cx: &Lower<'_>, path: &syn::Path) -> Type {
    if !is_variant(path) {
        return cx.types.record(path);
    }
    let mut of = path.clone();
    of.segments.pop();
    of.segments.pop_punct();
    cx.types.record(&of)
}

pub(crate) fn settled(cx: &mut Lower<'_>, operand: &Expr) -> Val {
    let val = expr::lower(cx, operand);
    cx.settle(val)
}

fn make(cx: &mut Lower<'_>, path: &syn::Path, members: Vec<Proj>, vals: Vec<Val>) -> Val {
    let ty = of_path(cx, path);
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
    let ty = of_path(cx, path);
    let base_ty = cx.variable_type(&base);
    cx.types.unify(&ty, &base_ty);
    let init = match base {
        Val::Memory(Memory { place, .. }) => Init::Clone(place),
        base if cx.is_constant(&base) => Init::Code(Code::new(cx.as_code(base).tokens, false)),
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
        Proj::Named(name) | Proj::Variant(name) => name.clone(),
        Proj::Field(at) => at.to_string(),
        Proj::Some | Proj::Boxed | Proj::Index(_) | Proj::Slice { .. } | Proj::Deref => String::new(),
    }
}

fn member(path: &syn::Path, member: &Member) -> Proj {
    match member {
        member if is_variant(path) => {
            let variant = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            Proj::Variant(format!("{variant}.{}", member.to_token_stream()))
        }
        Member::Named(name) => Proj::Named(name.to_string()),
        Member::Unnamed(at) => Proj::Field(at.index as usize),
    }
}

/// `let S { k, rest: v, .. } = s;`, `let S(x, y) = s;` of memory that is followed.
pub(crate) fn bind(
    cx: &mut Lower<'_>,
    pat: &Pat,
    memory: &Memory,
    by_ref: Option<bool>,
    inner: &dyn Fn(&mut Lower<'_>, &Pat, Val),
) {
    let Some((path, parts)) = parts(cx, pat) else { return pattern::bind_to_nothing(cx, pat) };
    for (part, pat) in places(cx, path, parts, memory) {
        let part = pattern::borrowed_part(cx, pat, part, by_ref);
        inner(cx, pat, part);
    }
}

/// Whether a pattern that is not the only one matches; `None`: always.
pub(crate) fn test(
    cx: &mut Lower<'_>,
    pat: &Pat,
    memory: &Memory,
    inner: &dyn Fn(&mut Lower<'_>, &Pat, &Val) -> Option<Operand>,
) -> Option<Operand> {
    let (path, parts) = parts(cx, pat)?;
    let tested = |cx: &mut Lower<'_>| {
        let mut all = None;
        for (part, pat) in places(cx, path, parts, memory) {
            all = match (all, inner(cx, pat, &part)) {
                (None, test) | (test, None) => test,
                (Some(one), Some(other)) => {
                    let (one, other) = (cx.operand_tokens(&one), cx.operand_tokens(&other));
                    let both = Code::new(quote!(#one && #other), true);
                    Some(cx.push_let("matches", Type::Bool, Op::Code(both)))
                }
            };
        }
        all
    };
    if !is_variant(path) {
        return tested(cx);
    }
    let whole = cx.place_tokens(&memory.place);
    let is_it = Code::new(quote!(::core::matches!(#whole, #path { .. })), true);
    let is_it = cx.push_let("matches", Type::Bool, Op::Code(is_it));
    // What is in it is asked where it is there.
    let (stmts, test) = cx.block(tested);
    let Some(test) = test else { return Some(is_it) };
    let inside = |cx: &mut Lower<'_>| {
        cx.splice(stmts);
        Val::Scalar(test, Type::Bool)
    };
    let matches = cx.branch(is_it, inside, |_| Val::bool(false));
    Some(cx.as_bool(matches))
}

/// The parts of a value that a pattern takes apart, with the pattern of each.
fn places<'p>(
    cx: &mut Lower<'_>,
    path: &syn::Path,
    parts: Vec<(Proj, &'p Pat)>,
    memory: &Memory,
) -> Vec<(Val, &'p Pat)> {
    let ty = of_path(cx, path);
    cx.types.unify(&memory.ty, &ty);
    let mut places = Vec::new();
    for (member, pat) in parts {
        let Some(of) = cx.types.named_field(&ty, &name(&member)) else { continue };
        let part = match cx.part(cx.project(&memory.place, member), of) {
            Val::Memory(part) => Val::Memory(Memory { fresh: memory.fresh, ..part }),
            part => part,
        };
        places.push((part, pat));
    }
    places
}

/// The path of a pattern, and what it says of which field. `None`, and reported: nobody can tell.
fn parts<'p>(cx: &mut Lower<'_>, pat: &'p Pat) -> Option<(&'p syn::Path, Vec<(Proj, &'p Pat)>)> {
    match pat {
        Pat::Struct(pat) => {
            let path = &pat.path;
            let parts = pat.fields.iter().map(|field| (member(path, &field.member), &*field.pat));
            Some((path, parts.collect()))
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
                return None;
            }
            let path = &pat.path;
            let fields = pat.elems.iter().take(before).enumerate();
            Some((path, fields.map(|(at, pat)| (member(path, &Member::from(at)), pat)).collect()))
        }
        _ => None,
    }
}

/// Whether a pattern, which is not the last, is one of a variant that was brought in by its name.
pub(crate) fn may_be_variant(pat: &Pat) -> bool {
    match pat {
        Pat::Struct(pat) => !is_variant(&pat.path),
        Pat::TupleStruct(pat) => !is_variant(&pat.path) && !is_prelude(&pat.path),
        Pat::Paren(pat) => may_be_variant(&pat.pat),
        Pat::Reference(pat) => may_be_variant(&pat.pat),
        _ => false,
    }
}

/// `Shape::Circle`: of an enum, as far as names tell.
fn is_variant(path: &syn::Path) -> bool {
    let of = path.segments.len().checked_sub(2).and_then(|at| path.segments.get(at));
    of.is_some_and(|of| of.ident.to_string().starts_with(char::is_uppercase))
}

/// Whether an expression reads a variable that may carry a derivative.
pub(crate) fn is_followed(cx: &Lower<'_>, expr: &Expr) -> bool {
    constant::handed_on(cx, expr).iter().any(|val| !constant::stays_constant(cx, val))
}
