//! Which part of memory, or of a local, is meant? Indices, fields, references, and assignments to them.

use super::expr::{self, elem};
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{CodeVal, LocalPath, Memory, Val};
use super::{
    Kind, Lower, boxed, code, constant, iter, matrix, matrix_geometry, ops, option, own_index, own_operator,
    unknown, walk, window,
};
use crate::ir::{Init, Op, Operand, Proj, Stmt, ViewKind};
use crate::operator::Operator;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Expr;
use syn::spanned::Spanned;

/// `base[at]`
pub(crate) fn index(cx: &mut Lower<'_>, base: Val, at: Val, whole: &Expr) -> Val {
    let base = peel_place(cx, base);
    if let Some(window) = window::of(&base) {
        return window::index(cx, window, at);
    }
    match (base, at) {
        (Val::Memory(memory), Val::Range(range)) => {
            let range = *range;
            let from = range.from.map(|end| cx.as_int(end));
            let to = range.to.map(|end| cx.as_int(end));
            let of = cx.types.element(&memory.ty).unwrap_or_else(|| cx.unknown_constant());
            let proj = Proj::Slice { from, to, inclusive: range.inclusive };
            Val::memory(cx.project(&memory.place, proj), Type::slice(of))
        }
        (Val::Memory(memory), at @ Val::Tuple(_)) if matrix::element(cx, &memory.ty).is_some() => {
            matrix::index(cx, &memory, at)
        }
        // `m[[i, j]]`
        (Val::Memory(memory), at @ Val::Code(CodeVal { ty: Type::Opaque, .. }))
            if matrix::element(cx, &memory.ty).is_some() =>
        {
            matrix::index(cx, &memory, at)
        }
        (Val::Memory(memory), at) if own_index::is_one(cx, &memory, &at) => {
            own_index::read(cx, memory, at, whole)
        }
        (Val::Memory(memory), at) => {
            let at = cx.as_int(at);
            cx.element(&memory, at)
        }
        (base @ (Val::Code(_) | Val::Scalar(..) | Val::Cell(..)), at) => {
            constant::is_sequence(cx, &base);
            let base = cx.as_code(base);
            let at = cx.as_code(at);
            let (b, i) = (&base.tokens, expr::without_parens(at.tokens));
            let ty = cx.type_at(whole, Origin::Constant);
            Val::Code(CodeVal { tokens: quote!(#b[#i]), ty, cheap: base.cheap && at.cheap, typed: true })
        }
        (Val::Never | Val::Uninit, _) => Val::Never,
        (
            Val::Tuple(_)
            | Val::Unit
            | Val::Local(_)
            | Val::Range(_)
            | Val::Closure(_)
            | Val::Function(_)
            | Val::Ref { .. },
            _,
        ) => cx.reject(
            Kind::Expression,
            whole,
            "this is not an array, slice or `Vec`",
            "index an array, slice or `Vec`",
        ),
    }
}

/// What a place refers to, as a place: references are looked through.
pub(crate) fn peel_place(cx: &mut Lower<'_>, val: Val) -> Val {
    match val {
        Val::Ref { to, .. } => peel_place(cx, *to),
        Val::Local(path) => match cx.read_component(&path) {
            Val::Ref { to, .. } => peel_place(cx, *to),
            val @ (Val::Memory(_) | Val::Cell(..) | Val::Code(_) | Val::Never | Val::Closure(_)) => val,
            val @ Val::Scalar(..) if !cx.types.is_scalar(&cx.type_of(&val)) => val,
            _ => Val::Local(path),
        },
        val => val,
    }
}

/// `base.k`
pub(crate) fn field(cx: &mut Lower<'_>, base: Val, at: usize, whole: &Expr) -> Val {
    match peel_place(cx, base) {
        Val::Local(path) => match cx.component(&path) {
            Val::Tuple(of) if at < of.len() => component(cx, &path, at),
            Val::Scalar(..) => {
                let val = cx.component(&path);
                opaque_field(cx, val, &syn::Index::from(at), whole)
            }
            Val::Tuple(_) => unknown::too_short(cx, whole),
            _ => Val::Never,
        },
        Val::Tuple(mut of) if at < of.len() => of.swap_remove(at),
        Val::Memory(memory) => {
            let ty = cx.types.field(&memory.ty, at).unwrap_or_else(|| cx.unknown_constant());
            let place = cx.project(&memory.place, Proj::Field(at));
            cx.part(place, ty)
        }
        base @ (Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) => {
            // A tuple whose place was kept before anything was known of it: the next run knows its fields.
            if let Val::Scalar(_, ty) = &base
                && !cx.is_constant(&base)
            {
                cx.types.field(ty, at);
            }
            opaque_field(cx, base, &syn::Index::from(at), whole)
        }
        Val::Tuple(_) => unknown::too_short(cx, whole),
        _ => Val::Never,
    }
}

/// A component of a local that is a tuple, as a place.
pub(super) fn component(cx: &Lower<'_>, path: &LocalPath, at: usize) -> Val {
    let path = path.part(at);
    match cx.component(&path) {
        // Where the component is a place of its own, that is what is meant.
        val @ (Val::Memory(_) | Val::Ref { .. } | Val::Cell(..)) => val,
        _ => Val::Local(path),
    }
}

/// `base.name`
pub(crate) fn named_field(cx: &mut Lower<'_>, base: Val, name: &Ident, whole: &Expr) -> Val {
    match peel_place(cx, base) {
        Val::Never => Val::Never,
        base @ (Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) => opaque_field(cx, base, name, whole),
        Val::Local(path) => {
            let val = cx.component(&path);
            opaque_field(cx, val, name, whole)
        }
        Val::Memory(memory) if matrix_geometry::is_read(cx, &memory, name) => {
            matrix_geometry::read(cx, &memory, name, whole)
        }
        Val::Memory(memory) => match cx.types.named_field(&memory.ty, &name.to_string()) {
            Some(ty) => {
                let place = cx.project(&memory.place, Proj::Named(name.to_string()));
                cx.part(place, ty)
            }
            None => opaque_field(cx, Val::Memory(memory), name, whole),
        },
        _ => cx.reject(
            Kind::Expression,
            whole,
            "this has no named fields that are followed",
            "use a tuple or an array",
        ),
    }
}

fn opaque_field(cx: &mut Lower<'_>, base: Val, name: &dyn ToTokens, whole: &Expr) -> Val {
    let cheap = !matches!(base, Val::Memory(_));
    let base = cx.at(whole, |cx| cx.as_code(base));
    let name: TokenStream = name
        .to_token_stream()
        .into_iter()
        .map(|mut tree| {
            // `.0` has been a number meanwhile.
            if let (TokenTree::Literal(number), Expr::Field(field)) = (&mut tree, whole) {
                number.set_span(field.member.span());
            }
            tree
        })
        .collect();
    let b = &base.tokens;
    let ty = cx.type_at(whole, Origin::Constant);
    Val::Code(CodeVal { tokens: quote!(#b.#name), ty, cheap, typed: true })
}

/// `*val`
pub(crate) fn deref(cx: &mut Lower<'_>, val: Val, whole: &syn::ExprUnary) -> Val {
    match val {
        Val::Ref { to, .. } => *to,
        Val::Local(path) => match cx.read_component(&path) {
            Val::Ref { to, .. } => *to,
            val => deref(cx, val, whole),
        },
        Val::Memory(memory) if boxed::is_one(cx, &memory) => boxed::deref(cx, &memory, whole),
        Val::Memory(memory) if cx.types.is_unresolved(&memory.ty) => {
            // What a function with a gradient returns is no reference.
            cx.reject(
                Kind::Reference,
                whole,
                "what this refers to is not known",
                "use the value itself, not a `Box` or a reference that a function returns; results may be written through a `&mut` parameter",
            )
        }
        // A number bound by a pattern: what is behind the reference, or the number itself.
        val @ (Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) => {
            let known = cx.type_of(&val);
            // An integer that was read from an array is there by itself, by however many references it was reached.
            let is_read =
                matches!(val, Val::Scalar(..)) && matches!(cx.types.peel(&known), Type::Int | Type::Bool);
            if is_read || cx.types.is_float(&known) {
                return val;
            }
            let code = cx.as_code(val);
            let tokens = &code.tokens;
            let ty = cx.type_at(whole, Origin::Constant);
            Val::Code(CodeVal { tokens: quote!(*#tokens), ty, cheap: code.cheap, typed: true })
        }
        val => val,
    }
}

/// `&val`, `&mut val`
pub(crate) fn borrow<T>(cx: &mut Lower<'_>, place: Val, mutable: bool, at: &T) -> Val {
    // What reads a part that is changed reads a copy.
    if let Some(window) = window::of(&place)
        && !mutable
    {
        let copy = window::copy(cx, window, at);
        return Val::reference(false, copy);
    }
    match place {
        Val::Local(path) if mutable => Val::reference(true, Val::Local(path)),
        Val::Local(path) => {
            let val = cx.read_component(&path);
            if window::of(&val).is_some() {
                return borrow(cx, val, false, at);
            }
            // A reference to a view is one to what the view refers to.
            if matches!(val, Val::Ref { mutable: false, .. }) && matrix::is_array(cx, &val) {
                return val;
            }
            Val::reference(false, val)
        }
        val @ Val::Ref { mutable: false, .. } if !mutable && matrix::is_array(cx, &val) => val,
        Val::Memory(memory) if !mutable && cx.types.is_scalar(&memory.ty) => {
            let val = cx.rvalue(Val::Memory(memory));
            Val::reference(false, val)
        }
        Val::Memory(memory) => {
            // A temporary lives as long as the reference.
            if memory.fresh && mutable && memory.place.path.is_empty() {
                cx.vars[memory.place.root.index()].mutable = true;
            }
            Val::reference(mutable, Val::Memory(memory))
        }
        Val::Never => Val::Never,
        Val::Scalar(operand @ Operand::Var(_), ty) if mutable && cx.types.is_scalar(&ty) => {
            // `&mut` of a temporary.
            let id = cx.pseudo("value", Val::Scalar(operand, ty));
            Val::reference(true, Val::Local(LocalPath { local: id, path: Vec::new() }))
        }
        val => Val::reference(mutable, val),
    }
}

/// What `let name = val` makes of a value: memory is moved or copied, a part of memory behind a reference gets a name.
pub(crate) fn own(cx: &mut Lower<'_>, val: Val, name: &str, span: Span, mutable: bool) -> Val {
    if matches!(val, Val::Cell(..)) {
        return val;
    }
    // A reference to a part of a constant, through which the part may be changed.
    let is_lent = matches!(&val, Val::Ref { to, mutable: true } if matches!(**to, Val::Code(_)));
    if is_lent || constant::is_lent_item(cx, &val) {
        return constant::name_lent(cx, val, is_lent, name, span);
    }
    // What changes may get another, which is in memory.
    let val = if mutable { option::stored(cx, val) } else { val };
    let val = cx.settle(val);
    match val {
        Val::Scalar(Operand::Lit(lit), ty) => {
            if mutable && cx.types.is_float(&ty) {
                return Val::Scalar(Operand::Lit(lit), ty);
            }
            let var = cx.new_named_var(name, ty.clone(), span);
            if cx.is_usize(&Operand::Lit(lit.clone())) {
                cx.mark_usize(&Operand::Var(var));
            }
            cx.push(Stmt::Let { var, op: Op::Copy(Operand::Lit(lit)) });
            Val::Scalar(Operand::Var(var), ty)
        }
        Val::Scalar(..) => {
            cx.rename(&val, name, span);
            val
        }
        Val::Memory(memory) if memory.fresh => {
            cx.rename(&Val::Memory(memory.clone()), name, span);
            cx.vars[memory.place.root.index()].mutable |= mutable;
            Val::Memory(Memory { fresh: false, ..memory })
        }
        // A component of a call's result: moved once more if it turns out to be memory that changes.
        Val::Memory(memory)
            if cx.types.is_unresolved(&memory.ty)
                && !memory.place.path.is_empty()
                && !memory.place.path.iter().any(|proj| {
                    matches!(proj, Proj::Named(_) | Proj::Some | Proj::Variant(..) | Proj::Boxed)
                }) =>
        {
            Val::Memory(memory)
        }
        // What can be copied from behind `&` stays what it is: a field that is a constant of its type is known by its name.
        Val::Memory(memory) if !mutable && stays(cx, &memory) => Val::Memory(memory),
        Val::Memory(memory) => {
            let var = cx.new_named_var(name, memory.ty.clone(), span);
            cx.vars[var.index()].mutable = mutable;
            cx.push(Stmt::Alloc { var, init: Init::Move(memory.place) });
            Val::memory(var, memory.ty)
        }
        Val::Tuple(of) => {
            let parts = of
                .into_iter()
                .enumerate()
                .map(|(at, val)| own(cx, val, &format!("{name}_{at}"), span, mutable));
            Val::Tuple(parts.collect())
        }
        Val::Ref { to, mutable: exclusive } => {
            let to = match *to {
                Val::Memory(memory) => own_view(cx, memory, name, span, exclusive),
                to => {
                    cx.rename(&to, name, span);
                    to
                }
            };
            Val::reference(exclusive, to)
        }
        val => val,
    }
}

/// Whether a value of unknown type is a field of what a parameter refers to, which nobody changes.
fn stays(cx: &Lower<'_>, memory: &Memory) -> bool {
    let place = cx.viewed(&memory.place);
    cx.types.is_unresolved(&memory.ty)
        && cx.shared.contains(&place.root)
        && place.path.iter().any(Proj::is_field)
        && place.path.iter().all(|proj| matches!(proj, Proj::Named(_) | Proj::Index(_) | Proj::Field(_)))
}

fn own_view(cx: &mut Lower<'_>, memory: Memory, name: &str, span: Span, exclusive: bool) -> Val {
    if memory.fresh && memory.place.path.is_empty() {
        cx.rename(&Val::Memory(memory.clone()), name, span);
        return Val::Memory(Memory { fresh: false, ..memory });
    }
    let computed = memory.place.path.iter().any(|proj| matches!(proj, Proj::Index(_) | Proj::Slice { .. }));
    if !computed || cx.types.is_scalar(&memory.ty) {
        return Val::Memory(memory);
    }
    let var = cx.new_named_var(name, Type::reference(exclusive, memory.ty.clone()), span);
    let kind = if exclusive { ViewKind::Exclusive } else { ViewKind::Shared };
    let whole = cx.viewed(&memory.place);
    cx.views.insert(var, whole);
    cx.push(Stmt::View { var, place: memory.place, kind });
    Val::memory(var, memory.ty)
}

/// `left = right`
pub(crate) fn lower_assign(cx: &mut Lower<'_>, assign: &syn::ExprAssign) -> Val {
    let val = expr::lower(cx, &assign.right);
    if cx.dead.is_some() {
        return Val::Never;
    }
    let val = iter::for_variable(cx, &assign.left, val);
    let val = cx.settle(val);
    cx.rest(|cx| {
        assign_to(cx, &assign.left, val);
        Val::Unit
    });
    Val::Unit
}

/// Assigns a value to what an expression denotes: also to tuples and arrays of places.
fn assign_to(cx: &mut Lower<'_>, left: &Expr, val: Val) {
    match left {
        Expr::Paren(paren) => assign_to(cx, &paren.expr, val),
        Expr::Group(group) => assign_to(cx, &group.expr, val),
        Expr::Infer(_) => {}
        Expr::Tuple(tuple) => {
            // All of it before the first is assigned: `(a, b) = (b, a);`
            let val = super::pattern::taken(cx, val, "value", cx.span, true);
            let parts = tuple.elems.iter().enumerate().map(|(at, left)| {
                let part = field(cx, val.clone(), at, left);
                cx.rvalue(part)
            });
            let parts = parts.collect();
            assign_parts(cx, &tuple.elems, parts);
        }
        Expr::Array(array) => {
            let parts = array.elems.iter().enumerate().map(|(at, left)| {
                let part = index(cx, val.clone(), Val::int(at), left);
                cx.rvalue(part)
            });
            let parts = parts.collect();
            assign_parts(cx, &array.elems, parts);
        }
        Expr::Path(path) if path.path.get_ident().is_some_and(|ident| cx.lookup(ident).is_some()) => {
            if let Some(id) = path.path.get_ident().and_then(|ident| cx.lookup(ident)) {
                assign_local(cx, id, val);
            }
        }
        left => {
            if let Some(element) = own_index::written(cx, left) {
                return own_index::write(cx, element, val, left);
            }
            let place = matrix_geometry::written(cx, left);
            assign(cx, place, val, left);
        }
    }
}

/// Assigns one value after the other, each as it was before the first was assigned.
fn assign_parts<'a>(cx: &mut Lower<'_>, places: impl IntoIterator<Item = &'a Expr> + Clone, parts: Vec<Val>) {
    let since = cx.taken();
    let parts: Vec<Val> =
        parts.into_iter().zip(places.clone()).map(|(part, place)| cx.take(part, place)).collect();
    for (place, part) in places.into_iter().zip(parts) {
        cx.use_taken(place);
        assign_to(cx, place, part);
    }
    cx.end_taken(since);
}

const STORED: &str = "a closure, an iterator or a reference is stored";

/// Assigns to a variable as a whole.
fn assign_local(cx: &mut Lower<'_>, id: super::env::LocalId, val: Val) {
    let val = code::annotated(cx, val, id);
    let old = cx.read(id);
    if iter::assign_pair(cx, id, &old, &val) {
        return;
    }
    let (name, span, mutable) = (cx.local(id).name.clone(), cx.local(id).span, cx.local(id).mutable);
    let val = if let Val::Memory(_) | Val::Cell(..) = old { option::stored(cx, val) } else { val };
    let old_ty = cx.variable_type(&old);
    let new_ty = cx.variable_type(&val);
    cx.types.unify(&old_ty, &new_ty);
    // Something opaque that is assigned again stays one variable, changed by the user's own tokens.
    if let Val::Scalar(..) = old
        && !cx.types.is_scalar(&old_ty)
    {
        if cx.is_constant(&val) {
            cx.want_cell_if_opaque(id, &old_ty);
        } else {
            cx.types.lend(&old_ty);
        }
    }
    let val = match (&old, val) {
        (Val::Memory(_) | Val::Cell(..), Val::Closure(_)) => {
            cx.reject_at(Kind::Closure, span, STORED, "store the values themselves");
            return;
        }
        // The memory stays, its content changes.
        (Val::Memory(_), val @ (Val::Memory(_) | Val::Scalar(..) | Val::Code(_) | Val::Cell(..))) => val,
        (Val::Memory(old), val) => return assign_memory(cx, &old.clone(), val),
        (Val::Cell(..), Val::Never) => return,
        (Val::Cell(..), val) => Val::Code(cx.as_code(val)),
        (Val::Scalar(..), val) => cx.settle(val),
        (_, val) => {
            let val = super::pattern::taken(cx, val, &name, span, mutable);
            let val = own(cx, val, &name, span, mutable);
            walk::assigned(cx, id, val)
        }
    };
    match (&old, &val) {
        (Val::Memory(old), Val::Scalar(..) | Val::Code(_)) => assign_memory(cx, &old.clone(), val),
        _ => cx.write(id, val),
    }
}

/// Assigns to a place.
pub(crate) fn assign(cx: &mut Lower<'_>, place: Val, val: Val, at: &Expr) {
    let val = option::stored(cx, val);
    match place {
        Val::Local(path) => {
            let val = cx.settle(val);
            let since = cx.taken();
            // Its parts may be those of what is assigned to: `*r = (r.1, r.0);`
            let val = if matches!(val, Val::Tuple(_)) { cx.take(val, at) } else { val };
            let (old, new) = (cx.component(&path), val.clone());
            let (old, new) = (cx.type_of(&old), cx.type_of(&new));
            cx.types.unify(&old, &new);
            cx.write_component(&path, val);
            cx.end_taken(since);
        }
        Val::Memory(_) if matches!(val, Val::Closure(_)) => {
            cx.reject(Kind::Closure, at, STORED, "store the values themselves");
        }
        Val::Memory(memory) => assign_memory(cx, &memory, val),
        Val::Cell(var, _) => {
            let from = cx.as_code(val).tokens;
            let to = cx.operand_tokens(&Operand::Var(var));
            cx.push_effect(quote!(#to = #from;), vec![var]);
        }
        Val::Code(to) => {
            constant::changed(cx, &Val::Code(to.clone()), [&val]);
            let from = cx.as_code(val).tokens;
            let to = to.tokens;
            let code = crate::ir::Code::new(quote!(#to = #from;), false).acting();
            let writes = code::base_var(&code).into_iter().collect();
            cx.push(Stmt::Effect { code, writes });
        }
        Val::Tuple(parts) => {
            let since = cx.taken();
            let from = (0..parts.len()).map(|field_at| {
                let from = field(cx, val.clone(), field_at, at);
                let from = cx.rvalue(from);
                cx.take(from, at)
            });
            let from: Vec<Val> = from.collect();
            for (part, from) in parts.into_iter().zip(from) {
                assign(cx, part, from, at);
            }
            cx.end_taken(since);
        }
        Val::Never | Val::Uninit => {}
        // A variable without `mut`, or no place at all.
        Val::Unit | Val::Scalar(..) => {
            cx.reject_after_rustc(Kind::Assignment, at, NOT_ASSIGNED, ASSIGNED);
        }
        Val::Ref { .. } | Val::Range(_) | Val::Closure(_) | Val::Function(_) => {
            cx.reject(Kind::Assignment, at, NOT_ASSIGNED, ASSIGNED);
        }
    }
}

fn assign_memory(cx: &mut Lower<'_>, to: &Memory, val: Val) {
    let new_ty = cx.variable_type(&val);
    cx.types.unify(&to.ty, &new_ty);
    if cx.types.is_scalar(&to.ty) {
        let (value, _) = cx.as_scalar(val);
        cx.push(Stmt::Store { place: to.place.clone(), value });
        return;
    }
    let val = cx.settle_memory(val);
    if to.place.path.is_empty() && cx.lent_views.contains(&to.place.root) {
        window::write_all(cx, to, val);
        return;
    }
    let init = match constant::in_memory(cx, val, &to.ty) {
        // Of what is not looked into, what a reference refers to, and not the reference.
        Val::Memory(from) if cx.is_unseen_part(&from) => Init::Move(cx.viewed(&from.place)),
        // What a reference leads to is a copy, of a type of which tangents are none.
        Val::Memory(from) if is_lent_whole(cx, &from) => Init::Clone(from.place),
        Val::Memory(from) => Init::Move(from.place),
        Val::Tuple(of) => Init::Tuple(of.into_iter().map(|val| elem(cx, val)).collect()),
        Val::Code(code) => Init::Code(crate::ir::Code::new(code.tokens, code.cheap)),
        Val::Scalar(value, _) => {
            cx.push(Stmt::Store { place: to.place.clone(), value });
            return;
        }
        Val::Never | Val::Unit | Val::Uninit => return,
        _ => {
            let span = cx.span;
            cx.reject_at(Kind::Closure, span, STORED, "store the values themselves");
            return;
        }
    };
    cx.push(Stmt::Assign { place: to.place.clone(), init });
}

/// `*r`, of a type of the user's.
fn is_lent_whole(cx: &Lower<'_>, memory: &Memory) -> bool {
    let place = &memory.place;
    let is_reference = matches!(cx.types.resolve(&cx.var_types[place.root.index()]), Type::Ref { .. });
    place.path.is_empty()
        && (is_reference || cx.viewed(place).root != place.root)
        && matches!(cx.types.resolve(&memory.ty), Type::Record(_) | Type::Var(_))
}

/// `left op= right`
pub(crate) fn lower_compound(cx: &mut Lower<'_>, binary: &syn::ExprBinary) -> Val {
    let right = expr::lower(cx, &binary.right);
    if cx.dead.is_some() {
        return Val::Never;
    }
    let right = cx.settle(right);
    cx.rest(|cx| {
        compound(cx, binary, right);
        Val::Unit
    });
    Val::Unit
}

const NOT_ASSIGNED: &str = "this cannot be assigned to";
const ASSIGNED: &str = "assign to a variable with `mut`, to `x[i]`, `t.0` or `*r`";

fn compound(cx: &mut Lower<'_>, binary: &syn::ExprBinary, right: Val) {
    if let Some((memory, at)) = own_index::written(cx, &binary.left) {
        let old = own_index::read(cx, memory.clone(), at.clone(), &binary.left);
        let old = cx.rvalue(old);
        let new = match Operator::of(&binary.op).and_then(Operator::without_assignment) {
            Some(plain) => {
                let operands = [(&old, binary.left.location()), (&right, binary.right.location())];
                let is_lent = ops::is_lent(&binary.right);
                own_operator::lower(cx, plain, &operands, binary, binary.op.span(), is_lent)
            }
            None => None,
        };
        let new = new.unwrap_or_else(|| ops::binary(cx, &binary.op, old, right, binary));
        return own_index::write(cx, (memory, at), new, &binary.left);
    }
    let place = matrix_geometry::written(cx, &binary.left);
    let op = &binary.op;
    if let Some(of) = Operator::of(op) {
        let peeled = peel_place(cx, place.clone());
        if let (Some(window), Some(plain)) = (window::of(&peeled), of.without_assignment()) {
            window::compound(cx, window, plain, binary, &right);
            return;
        }
        let is_lent = ops::is_lent(&binary.right);
        let place = match peeled {
            // What a view of the caller's array looks at.
            Val::Memory(memory) if cx.lent_views.contains(&memory.place.root) => Val::Memory(memory),
            _ => place.clone(),
        };
        // `m += n` is `m = &m + n`.
        for val in [&place, &right] {
            let ty = cx.variable_type(val);
            cx.types.computed_with(&ty);
        }
        let types = [cx.type_of(&place), cx.type_of(&right)];
        if types.iter().any(|ty| matrix::element(cx, ty).is_some())
            && !cx.is_constant(&place)
            && let Some(plain) = of.without_assignment()
        {
            // An array stays laid out as it is, as one that is given away does.
            let left = match peel_place(cx, place.clone()) {
                Val::Memory(of) if matrix::is_array(cx, &place) => {
                    cx.push_alloc("old", of.ty, Init::Clone(of.place))
                }
                _ => Val::reference(false, place.clone()),
            };
            let operands = [(&left, binary.left.location()), (&right, binary.right.location())];
            if let Some(val) = own_operator::lower(cx, plain, &operands, binary, op.span(), is_lent) {
                assign(cx, place, val, &binary.left);
                return;
            }
        }
        let operands = [(&place, binary.left.location()), (&right, binary.right.location())];
        if own_operator::lower(cx, of, &operands, binary, op.span(), is_lent).is_some() {
            return;
        }
    }
    match &place {
        Val::Cell(var, _) => {
            let from = cx.as_code(right).tokens;
            let to = cx.operand_tokens(&Operand::Var(*var));
            cx.push_effect(quote!(#to #op #from;), vec![*var]);
        }
        Val::Code(to) => {
            constant::changed(cx, &Val::Code(to.clone()), [&right]);
            let from = cx.as_code(right).tokens;
            let to = &to.tokens;
            let code = crate::ir::Code::new(quote!(#to #op #from;), false).acting();
            let writes = code::base_var(&code).into_iter().collect();
            cx.push(Stmt::Effect { code, writes });
        }
        Val::Memory(memory) => {
            // `*x += 1.0` of an element whose type only this tells.
            let right_ty = cx.type_of(&right);
            let right_ty = cx.types.peel(&right_ty);
            if cx.types.is_unresolved(&memory.ty) {
                if cx.types.is_scalar(&right_ty) {
                    cx.types.unify(&memory.ty, &right_ty);
                } else {
                    cx.types.want_float(&memory.ty);
                }
            }
            let old = cx.rvalue(place.clone());
            let new = ops::binary(cx, op, old, right, binary);
            assign(cx, place, new, &binary.left);
        }
        Val::Local(_) => {
            let old = cx.rvalue(place.clone());
            let new = ops::binary(cx, op, old, right, binary);
            assign(cx, place, new, &binary.left);
        }
        // What was reported.
        Val::Never => {}
        Val::Unit | Val::Scalar(..) => {
            cx.reject_after_rustc(Kind::Assignment, &binary.left, NOT_ASSIGNED, ASSIGNED);
        }
        _ => {
            cx.reject(Kind::Assignment, &binary.left, NOT_ASSIGNED, ASSIGNED);
        }
    }
}

impl Lower<'_> {
    /// Like [`settle`](Self::settle), but code that makes an aggregate stays code.
    fn settle_memory(&mut self, val: Val) -> Val {
        match val {
            Val::Code(code) => Val::Code(code),
            val => self.settle(val),
        }
    }
}
