//! Which names does a pattern bind, and to what?

use super::types::{Origin, Type, lower_followed, lower_type};
use super::value::{Memory, Val};
use super::{Kind, Lower, code, constant, iter, own_type, place, unknown, walk};
use crate::ir::{Code, Init, Op, Operand, Proj, Stmt, Var};
use crate::shape::{Shape, Wrapper};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Pat;
use syn::visit::{self, Visit};

/// Binds a pattern that always matches.
pub(crate) fn bind(cx: &mut Lower<'_>, pat: &Pat, val: Val) {
    if matches!(val, Val::Never) {
        bind_to_nothing(cx, pat);
        return;
    }
    match pat {
        Pat::Ident(ident) if ident.subpat.is_none() => bind_ident(cx, ident, val, None),
        Pat::Ident(ident) => {
            if let Some((_, inner)) = &ident.subpat {
                bind(cx, inner, val.clone());
            }
            bind_ident(cx, ident, val, None);
        }
        Pat::Type(typed) => bind_typed(cx, typed, val),
        Pat::Paren(paren) => bind(cx, &paren.pat, val),
        Pat::Wild(_) => {
            // Evaluated, and dropped.
            if let Val::Code(code) = &val
                && !code.cheap
            {
                let tokens = &code.tokens;
                cx.push_act(quote!(let _ = #tokens;), tokens);
            }
        }
        Pat::Rest(_) => {}
        Pat::Reference(reference) => {
            let inner = match val {
                Val::Ref { to, .. } => *to,
                // Of a constant only rustc knows that it is a reference; the pattern says so.
                val => match cx.rvalue(val) {
                    Val::Ref { to, .. } => *to,
                    val => iter::by_value(cx, val),
                },
            };
            let inner = cx.rvalue(inner);
            bind(cx, &reference.pat, inner);
        }
        Pat::Tuple(tuple) => {
            let pats: Vec<&Pat> = tuple.elems.iter().collect();
            bind_tuple(cx, &pats, val, pat);
        }
        Pat::Slice(slice) => {
            let pats: Vec<&Pat> = slice.elems.iter().collect();
            bind_slice(cx, &pats, val, pat);
        }
        Pat::TupleStruct(_) | Pat::Struct(_) => match through_references(cx, val) {
            (Val::Memory(memory), by_ref) => own_type::bind(cx, pat, &memory, by_ref, &bind),
            (val, Some(mutable)) => bind_opaque(cx, pat, Val::reference(mutable, val)),
            (val, None) => bind_opaque(cx, pat, val),
        },
        Pat::Path(_) => bind_opaque(cx, pat, val),
        _ => {
            cx.reject(
                Kind::Pattern,
                pat,
                "this pattern is not supported here",
                "bind the whole with a name and take it apart with indices or fields",
            );
            bind_to_nothing(cx, pat);
        }
    }
}

/// Whether a part of what is matched is borrowed by `ref mut`: then it is matched where it is.
pub(super) fn lends(pat: &Pat) -> bool {
    struct Lends(bool);
    impl<'ast> Visit<'ast> for Lends {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            self.0 |= pat.by_ref.is_some() && pat.mutability.is_some();
            visit::visit_pat_ident(self, pat);
        }
    }
    let mut lends = Lends(false);
    lends.visit_pat(pat);
    lends.0
}

/// So that what follows gives no further errors.
pub(crate) fn bind_to_nothing(cx: &mut Lower<'_>, pat: &Pat) {
    for ident in code::bound_idents(pat) {
        cx.declare(&ident, Val::Never, false);
    }
}

fn bind_typed(cx: &mut Lower<'_>, typed: &syn::PatType, val: Val) {
    if let Pat::Ident(ident) = &*typed.pat
        && cx.hints.optionals.contains_key(&std::ptr::from_ref(ident).addr())
    {
        bind_ident(cx, ident, val, Some(&typed.ty));
        return;
    }
    let ty = lower_type(&cx.types, &typed.ty);
    let val_ty = cx.type_of(&val);
    if !matches!(ty, Type::Opaque) {
        cx.types.unify(&val_ty, &ty);
    } else if cx.types.is_unresolved(&val_ty) && cx.is_constant(&val) {
        // `let mut best: Option<Hit> = None;` may have one later.
        if !(is_mutable(&typed.pat) && is_optional(&typed.ty)) {
            cx.types.unify(&val_ty, &Type::Opaque);
        }
    } else if cx.types.has_records()
        && (!cx.is_constant(&val) || matches!(Shape::of(&typed.ty), Shape::Named(_)))
    {
        cx.types.unify(&val_ty, &lower_followed(&cx.types, &typed.ty));
    }
    // What was a call's result of unknown type is a number now, or an inactive aggregate memory.
    let val = match val {
        val @ Val::Code(_) if constant::is_aggregate(cx, &ty) => {
            let val = code::with_type(cx, val, &typed.ty);
            match val {
                Val::Code(code) => {
                    let init = Init::Code(crate::ir::Code::new(code.tokens, code.cheap));
                    let memory = cx.push_alloc("value", ty.clone(), init);
                    as_declared(cx, memory, &ty)
                }
                val => val,
            }
        }
        val => {
            code::suffix_elements(cx, &val, &typed.ty);
            let val = code::with_type(cx, val, &typed.ty);
            if is_mutable(&typed.pat) { constant::owned(cx, val, &ty) } else { val }
        }
    };
    match &*typed.pat {
        Pat::Ident(ident) if ident.subpat.is_none() => bind_ident(cx, ident, val, Some(&typed.ty)),
        pat => bind(cx, pat, val),
    }
}

/// An `Option` of a type of the user's, as far as its tokens tell.
fn is_optional(ty: &syn::Type) -> bool {
    matches!(Shape::of(ty), Shape::Wrapped(Wrapper::Option, of) if matches!(Shape::of(of), Shape::Named(_)))
}

fn is_mutable(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => ident.mutability.is_some(),
        Pat::Paren(paren) => is_mutable(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(is_mutable),
        Pat::Slice(slice) => slice.elems.iter().any(is_mutable),
        _ => false,
    }
}

/// Memory that is declared as a reference.
fn as_declared(cx: &Lower<'_>, memory: Val, ty: &Type) -> Val {
    match (cx.types.resolve(ty), memory) {
        (Type::Ref { mutable, to }, Val::Memory(memory)) => {
            Val::reference(mutable, Val::Memory(Memory { ty: cx.types.peel(&to), ..memory }))
        }
        (_, memory) => memory,
    }
}

fn bind_ident(cx: &mut Lower<'_>, pat: &syn::PatIdent, val: Val, annotation: Option<&syn::Type>) {
    let name = pat.ident.to_string();
    let span = pat.ident.span();
    let mutable = pat.mutability.is_some();
    let node = std::ptr::from_ref(pat).addr();
    if pat.by_ref.is_some() {
        let val = place::borrow(cx, val, mutable, pat);
        let val = place::own(cx, val, &name, span, false);
        cx.declare(&pat.ident, val, false);
        return;
    }
    let val = cx.rvalue(val);
    let val = iter::kept(cx, val);
    let val = taken(cx, val, &name, span, mutable);
    let val = match cx.hints.optionals.get(&node) {
        Some(known) => {
            let ty = cx.types.recall(known.as_ref(), Origin::Call);
            iter::paired(cx, val, Some(&ty))
        }
        None => val,
    };
    let val = if cx.hints.ranges.contains(&node) { iter::of_range(cx, val) } else { val };
    let val = if cx.hints.memories.contains(&node) {
        constant::of_unknown_type(cx, val, cx.hints.points.contains(&node))
    } else if cx.hints.cells.contains(&node) && !cx.types.is_float(&cx.type_of(&val)) {
        make_cell(cx, val, &name, span)
    } else if cx.hints.numbers.contains(&node) && annotation.is_none() {
        unknown::as_number(cx, val, span)
    } else {
        val
    };
    let val = place::own(cx, val, &name, span, mutable);
    let val = if mutable { iter::in_variable(cx, val) } else { val };
    let val = walk::declared(cx, val, node, annotation);
    if mutable {
        may_be_changed(cx, &val);
    }
    let id = cx.declare(&pat.ident, val, mutable);
    cx.locals[id.0].annotation = annotation.cloned();
    cx.locals[id.0].node = Some(node);
}

/// The user's tokens may change constants in a variable, or in a part of one.
fn may_be_changed(cx: &mut Lower<'_>, val: &Val) {
    match val {
        Val::Scalar(Operand::Var(var), ty) if !cx.types.is_scalar(ty) => cx.vars[var.index()].mutable = true,
        Val::Tuple(of) => of.iter().for_each(|val| may_be_changed(cx, val)),
        _ => {}
    }
}

/// What changes, one of the two, is moved or copied where it gets another name: `let old = mode;`
pub(crate) fn taken(cx: &mut Lower<'_>, val: Val, name: &str, span: proc_macro2::Span, mutable: bool) -> Val {
    let (var, ty) = match val {
        // A `&mut` reference is lent on, not moved.
        Val::Cell(var, _) | Val::Scalar(Operand::Var(var), _) if cx.vars[var.index()].exclusive => {
            return val;
        }
        Val::Cell(var, ty) => (var, ty),
        Val::Scalar(Operand::Var(var), ty)
            if !cx.types.is_scalar(&ty)
                && cx.locals.iter().any(|local| (mutable || local.mutable) && holds(&local.val, var)) =>
        {
            (var, ty)
        }
        Val::Tuple(of) => {
            return Val::Tuple(of.into_iter().map(|val| taken(cx, val, name, span, mutable)).collect());
        }
        val => return val,
    };
    let code = Code::new(cx.operand_tokens(&Operand::Var(var)), false);
    let stays = cx.is_inactive(var);
    let var = cx.new_named_var(name, ty.clone(), span);
    if stays {
        cx.inactive.insert(var);
    }
    cx.push(Stmt::Let { var, op: Op::Code(code) });
    Val::Scalar(Operand::Var(var), ty)
}

fn holds(val: &Val, var: Var) -> bool {
    match val {
        Val::Scalar(Operand::Var(of), _) => *of == var,
        Val::Tuple(of) => of.iter().any(|val| holds(val, var)),
        _ => false,
    }
}

/// A variable that the user's own tokens change.
fn make_cell(cx: &mut Lower<'_>, val: Val, name: &str, span: proc_macro2::Span) -> Val {
    let val = iter::as_constant(cx, val);
    let (operand, ty) = match cx.settle(val) {
        Val::Scalar(operand, ty) => (operand, ty),
        val => return val,
    };
    let var = cx.new_named_var(name, ty.clone(), span);
    cx.vars[var.index()].mutable = true;
    if operand.var().is_none_or(|of| cx.is_inactive(of)) {
        cx.inactive.insert(var);
    }
    cx.push(Stmt::Let { var, op: Op::Copy(operand) });
    Val::Cell(var, ty)
}

/// A name that is declared and assigned later: `let x;`
pub(crate) fn declare_uninit(cx: &mut Lower<'_>, pat: &Pat) {
    match pat {
        Pat::Type(typed) => {
            declare_uninit(cx, &typed.pat);
            if let Pat::Ident(ident) = &*typed.pat
                && let Some(id) = cx.lookup(&ident.ident)
            {
                cx.locals[id.0].annotation = Some((*typed.ty).clone());
            }
        }
        Pat::Ident(ident) => {
            let node = std::ptr::from_ref(ident).addr();
            let mut val = Val::Uninit;
            if let Some(known) = cx.hints.preallocated.get(&node) {
                let ty = cx.types.recall(known.as_ref(), Origin::Call);
                val = cx.default_memory(&ty);
                let (name, span) = (ident.ident.to_string(), ident.ident.span());
                cx.rename(&val, &name, span);
            }
            // It is assigned after its declaration, whether it is `mut` or not.
            let id = cx.declare(&ident.ident, val, true);
            cx.locals[id.0].node = Some(node);
        }
        Pat::Tuple(tuple) => {
            for pat in &tuple.elems {
                declare_uninit(cx, pat);
            }
        }
        Pat::Paren(paren) => declare_uninit(cx, &paren.pat),
        Pat::Wild(_) => {}
        pat => {
            cx.reject(Kind::Pattern, pat, "this pattern needs a value", "declare the variables one by one");
        }
    }
}

/// The pattern's position counted from the end, where `..` stands before it.
fn rest_position(pats: &[&Pat]) -> Option<usize> {
    pats.iter().position(|pat| match pat {
        Pat::Rest(_) => true,
        Pat::Ident(ident) => matches!(&ident.subpat, Some((_, pat)) if matches!(**pat, Pat::Rest(_))),
        _ => false,
    })
}

fn bind_tuple(cx: &mut Lower<'_>, pats: &[&Pat], val: Val, whole: &Pat) {
    // Through a reference, names are bound to references.
    let (val, by_ref) = through_references(cx, val);
    let rest = rest_position(pats);
    let arity = match &val {
        Val::Tuple(of) => of.len(),
        Val::Memory(memory) => match cx.types.peel(&memory.ty) {
            Type::Tuple(of) => of.len(),
            _ if rest.is_none() => pats.len(),
            _ => 0,
        },
        Val::Unit => 0,
        Val::Local(path) => match cx.component(path) {
            Val::Tuple(of) => of.len(),
            _ => pats.len(),
        },
        Val::Code(_) | Val::Scalar(..) | Val::Cell(..) => {
            if let Val::Scalar(_, ty) = &val
                && !cx.is_constant(&val)
                && rest.is_none()
            {
                cx.types.tuple(ty, pats.len());
            }
            let val = match by_ref {
                Some(mutable) if constant::stays_constant(cx, &val) => Val::reference(mutable, val),
                _ => val,
            };
            bind_opaque(cx, whole, val);
            return;
        }
        _ => {
            cx.reject(
                Kind::Pattern,
                whole,
                "this pattern takes apart what is no tuple",
                "bind the whole with a name",
            );
            bind_to_nothing(cx, whole);
            return;
        }
    };
    if let Val::Memory(memory) = &val {
        cx.types.tuple(&memory.ty, arity);
    }
    if arity < pats.len() && rest.is_none() {
        unknown::too_short(cx, whole);
    }
    for (at, pat) in pats.iter().enumerate() {
        let field = match rest {
            Some(rest) if at == rest => continue,
            Some(rest) if at > rest => (arity + at).checked_sub(pats.len()),
            _ => Some(at),
        };
        let Some(field) = field else { continue };
        let part = match &val {
            Val::Tuple(of) => of.get(field).cloned().unwrap_or(Val::Never),
            Val::Memory(memory) => {
                let ty = cx.types.field(&memory.ty, field).unwrap_or_else(|| cx.unknown_constant());
                match cx.part(cx.project(&memory.place, Proj::Field(field)), ty) {
                    // A part of a temporary: nothing else names it.
                    Val::Memory(part) => Val::Memory(Memory { fresh: memory.fresh, ..part }),
                    part => part,
                }
            }
            Val::Local(path) => {
                let mut path = path.clone();
                path.path.push(field);
                Val::Local(path)
            }
            _ => Val::Never,
        };
        bind_part(cx, pat, part, by_ref);
    }
}

pub(crate) fn through_references(cx: &mut Lower<'_>, val: Val) -> (Val, Option<bool>) {
    let mut by_ref = None;
    let mut val = val;
    loop {
        val = match val {
            Val::Ref { to, mutable } => {
                by_ref = Some(by_ref.unwrap_or(true) && mutable);
                *to
            }
            Val::Local(path) if matches!(cx.component(&path), Val::Ref { .. }) => cx.read_component(&path),
            val => return (val, by_ref),
        };
    }
}

fn bind_part(cx: &mut Lower<'_>, pat: &Pat, part: Val, by_ref: Option<bool>) {
    let part = borrowed_part(cx, pat, part, by_ref);
    bind(cx, pat, part);
}

/// A part, or a reference to it, if the whole was reached by one.
pub(crate) fn borrowed_part(cx: &mut Lower<'_>, pat: &Pat, part: Val, by_ref: Option<bool>) -> Val {
    match (by_ref, part) {
        (None, part) | (Some(_), part @ Val::Ref { .. }) => part,
        (Some(mutable), part) => place::borrow(cx, part, mutable, pat),
    }
}

fn bind_slice(cx: &mut Lower<'_>, pats: &[&Pat], val: Val, whole: &Pat) {
    let (val, by_ref) = through_references(cx, val);
    let Val::Memory(memory) = &val else {
        if matches!(val, Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) {
            bind_opaque(cx, whole, val);
        } else {
            cx.reject(
                Kind::Pattern,
                whole,
                "this pattern takes apart what is no array",
                "bind the whole with a name",
            );
            bind_to_nothing(cx, whole);
        }
        return;
    };
    let rest = rest_position(pats);
    let len = match (cx.types.peel(&memory.ty), rest) {
        (_, None) => None,
        (Type::Array(_, len), Some(_)) => match len.parse::<usize>() {
            Ok(len) => Some(Operand::int(len)),
            Err(_) => Some(cx.push_let("len", Type::Int, Op::Len(memory.place.clone()))),
        },
        _ => Some(cx.push_let("len", Type::Int, Op::Len(memory.place.clone()))),
    };
    for (at, pat) in pats.iter().enumerate() {
        let from_end = pats.len() - at;
        let after_rest = rest.is_some_and(|rest| at > rest);
        if rest == Some(at) {
            if let Pat::Ident(ident) = pat {
                let to = len.clone().map(|len| back_from(cx, &len, from_end - 1));
                let of = cx.types.element(&memory.ty).unwrap_or_else(|| cx.unknown_constant());
                let proj = Proj::Slice { from: Some(Operand::int(at)), to, inclusive: false };
                let part = Val::memory(cx.project(&memory.place, proj), Type::slice(of));
                let part = Val::reference(by_ref.unwrap_or(false), part);
                if by_ref.is_none() {
                    cx.reject(
                        Kind::Pattern,
                        pat,
                        "the rest of an array by value is not supported",
                        "take the array apart by reference, or with indices",
                    );
                }
                bind_ident(cx, &syn::PatIdent { subpat: None, ..ident.clone() }, part, None);
            }
            continue;
        }
        let index = match (&len, after_rest) {
            (Some(len), true) => back_from(cx, len, from_end),
            _ => Operand::int(at),
        };
        let part = cx.element(memory, index);
        bind_part(cx, pat, part, by_ref);
    }
}

fn back_from(cx: &mut Lower<'_>, len: &Operand, back: usize) -> Operand {
    match len {
        Operand::Lit(lit) => Operand::int(lit.text.parse::<usize>().unwrap_or(back).saturating_sub(back)),
        Operand::Var(_) if back == 0 => len.clone(),
        Operand::Var(_) => {
            let tokens = cx.operand_tokens(len);
            let back = proc_macro2::Literal::usize_unsuffixed(back);
            let code = cx.int_code(quote!(#tokens - #back));
            cx.as_int(code)
        }
    }
}

/// Whether what patterns bind of a value is surely made of constants.
pub(super) fn stays_constant(cx: &Lower<'_>, val: &Val) -> bool {
    match val {
        Val::Code(code) => {
            let reads = crate::ir::Code::new(code.tokens.clone(), true).reads;
            reads.iter().all(|var| cx.is_inactive(*var))
        }
        val => constant::stays_constant(cx, val),
    }
}

/// Takes a constant apart with the user's own pattern.
fn bind_opaque(cx: &mut Lower<'_>, pat: &Pat, val: Val) {
    if !cx.is_constant(&val) && !matches!(val, Val::Scalar(..) | Val::Cell(..)) {
        // A test of the same pattern may have reported it.
        if cx.errors.messages().iter().all(|message| message.code != Kind::Pattern) {
            cx.reject(
                Kind::Pattern,
                pat,
                "this pattern is not supported here",
                "use tuples, arrays and names",
            );
        }
        bind_to_nothing(cx, pat);
        return;
    }
    let stays = stays_constant(cx, &val);
    let super::value::CodeVal { tokens: scrutinee, cheap, .. } = cx.as_code(val);
    let mut arms = cx.arms();
    cx.begin_arm();
    let (pattern, names) = opaque_pattern(cx, pat, None);
    if stays {
        cx.inactive.extend(names.iter().map(|(_, var, _)| *var));
    }
    let vals = names.iter().map(|(_, var, ty)| Val::Scalar(Operand::Var(*var), ty.clone())).collect();
    cx.end_arm(&mut arms, Some(pattern), Val::Tuple(vals));
    let code = crate::ir::Code::new(scrutinee, cheap);
    // With one arm the results are the names themselves: nothing to join.
    let val = cx.end_branch(crate::ir::Selector::Match(code), arms);
    if let Val::Tuple(of) = val {
        let nodes = binding_nodes(pat);
        for ((k, (ident, ..)), val) in names.into_iter().enumerate().zip(of) {
            cx.rename(&val, &ident.to_string(), ident.span());
            let val = number(cx, &ident, val, nodes.get(k).copied());
            cx.declare(&ident, val, false);
        }
    }
}

/// The names that a pattern binds, each once, as nodes of the user's tree.
pub(super) fn binding_nodes(pat: &Pat) -> Vec<&syn::PatIdent> {
    struct Find<'a>(Vec<&'a syn::PatIdent>);
    impl<'a> syn::visit::Visit<'a> for Find<'a> {
        fn visit_pat_ident(&mut self, pat: &'a syn::PatIdent) {
            if let Some((_, inner)) = &pat.subpat {
                self.visit_pat(inner);
            }
            let name = super::env::Name::of(&pat.ident);
            if code::is_binding(pat) && self.0.iter().all(|known| super::env::Name::of(&known.ident) != name)
            {
                self.0.push(pat);
            }
        }
        fn visit_expr(&mut self, _: &'a syn::Expr) {}
    }
    let mut find = Find(Vec::new());
    syn::visit::Visit::visit_pat(&mut find, pat);
    find.0
}

/// A name that a pattern of constants bound. `match &shape { Circle(r) => … }` binds a reference, and a number is meant
/// wherever it is used as one.
fn number(cx: &mut Lower<'_>, ident: &proc_macro2::Ident, val: Val, node: Option<&syn::PatIdent>) -> Val {
    let (Val::Scalar(operand, ty), Some(node)) = (&val, node) else { return val };
    let known = cx.type_at(node, Origin::Constant);
    cx.types.unify(ty, &known);
    let tokens = cx.operand_tokens(operand);
    let Some(tokens) = unknown::number_behind(cx, ty, &tokens) else { return val };
    let ty = ty.clone();
    let number = cx.push_let(&ident.to_string(), ty.clone(), Op::Code(crate::ir::Code::new(tokens, false)));
    Val::Scalar(number, ty)
}

/// The same of what a closure takes, `|r| r * x`.
pub(crate) fn taken_number(cx: &mut Lower<'_>, pat: Option<&Pat>, val: Val) -> Val {
    match pat {
        Some(Pat::Ident(node)) => number(cx, &node.ident, val, Some(node)),
        _ => val,
    }
}

/// Declares the names of a pattern of constants as what they are used as.
pub(crate) fn declare_numbers(cx: &mut Lower<'_>, pat: &Pat, bound: &[Bound]) {
    for ((ident, var, ty), node) in bound.iter().zip(binding_nodes(pat)) {
        let val = number(cx, ident, Val::Scalar(Operand::Var(*var), ty.clone()), Some(node));
        cx.declare(ident, val, false);
    }
}

/// A name that a pattern binds, and the variable it stands for.
pub(crate) type Bound = (proc_macro2::Ident, crate::ir::Var, Type);

/// A pattern of constants as tokens, with new variables in place of the names it binds.
pub(crate) fn opaque_pattern(
    cx: &mut Lower<'_>,
    pat: &Pat,
    whole: Option<&Type>,
) -> (crate::ir::Pattern, Vec<Bound>) {
    let mut bound: Vec<Bound> = Vec::new();
    let mut rename = RenameBindings { cx, bound: &mut bound, whole: whole.cloned(), depth: 0 };
    let mut pat = pat.clone();
    syn::visit_mut::VisitMut::visit_pat_mut(&mut rename, &mut pat);
    let tokens: TokenStream = pat.to_token_stream();
    let binds = bound.iter().map(|(_, var, _)| *var).collect();
    (crate::ir::Pattern { tokens, guard: None, binds }, bound)
}

struct RenameBindings<'a, 'e> {
    cx: &'a mut Lower<'e>,
    bound: &'a mut Vec<Bound>,
    /// The type of the value, for a name that binds all of it.
    whole: Option<Type>,
    depth: usize,
}

impl syn::visit_mut::VisitMut for RenameBindings<'_, '_> {
    fn visit_pat_mut(&mut self, pat: &mut Pat) {
        let transparent = matches!(pat, Pat::Paren(_) | Pat::Or(_) | Pat::Ident(_));
        self.depth += usize::from(!transparent);
        syn::visit_mut::visit_pat_mut(self, pat);
        self.depth -= usize::from(!transparent);
    }

    fn visit_field_pat_mut(&mut self, field: &mut syn::FieldPat) {
        if field.colon_token.is_none() {
            field.colon_token = Some(syn::Token![:](proc_macro2::Span::call_site()));
            // `x` becomes `x: x`, of which the second is renamed.
        }
        syn::visit_mut::visit_field_pat_mut(self, field);
    }

    fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
        if let Some((_, inner)) = &mut pat.subpat {
            self.visit_pat_mut(inner);
        }
        if !code::is_binding(pat) {
            return;
        }
        let known = self
            .bound
            .iter()
            .find(|(ident, ..)| super::env::Name::of(ident) == super::env::Name::of(&pat.ident));
        let var = if let Some((_, var, _)) = known {
            *var
        } else {
            let ty = match &self.whole {
                Some(ty) if self.depth == 0 => ty.clone(),
                _ => self.cx.types.fresh(Origin::Constant),
            };
            let var = self.cx.new_named_var(&pat.ident.to_string(), ty.clone(), pat.ident.span());
            self.bound.push((pat.ident.clone(), var, ty));
            var
        };
        pat.ident = crate::ir::placeholder(var, pat.ident.span());
        // A binding that is never assigned needs no `mut`.
        if pat.by_ref.is_none() {
            pat.mutability = None;
        }
    }
}
