//! How does a constant come into memory, where something that is not constant is put into it?
//!
//! What a call of constants or a `const` gives stays the user's tokens, of whatever type it is. Where it is declared to be
//! changed, with its type; where it is moved into memory; and where an element is assigned what may be differentiated, it is
//! memory like any other from its declaration on.

use super::callee::{is_associated, is_constructor};
use super::env::Local;
use super::expr::List;
use super::types::{Origin, Type};
use super::value::{CodeVal, Val};
use super::{Lower, closure};
use crate::ir::{Code, Func, Init, Op, Operand, Stmt, Var};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Expr;
use syn::visit::{self, Visit};

pub(super) fn is_aggregate(cx: &Lower<'_>, ty: &Type) -> bool {
    match cx.types.resolve(ty) {
        Type::Array(..) | Type::Vec(_) | Type::Slice(_) | Type::Option(_) | Type::Tuple(_) => true,
        Type::Ref { to, .. } => is_aggregate(cx, &to),
        _ => false,
    }
}

/// `let mut v: Vec<f64> = …;`
pub(super) fn owned(cx: &mut Lower<'_>, val: Val, ty: &Type) -> Val {
    let is_owned = !matches!(cx.types.resolve(ty), Type::Ref { .. });
    if is_owned && is_aggregate(cx, ty) { in_memory(cx, val, ty) } else { val }
}

/// Memory of a type that rustc knows.
pub(super) fn of_unknown_type(cx: &mut Lower<'_>, val: Val, is_point: bool) -> Val {
    let ty = if is_point { cx.types.point() } else { cx.types.fresh(Origin::Call) };
    let known = cx.type_of(&val);
    cx.types.unify(&known, &ty);
    in_memory(cx, val, &ty)
}

/// What constants make, and is no number, as memory of type `ty`.
pub(super) fn in_memory(cx: &mut Lower<'_>, val: Val, ty: &Type) -> Val {
    let var = match val {
        Val::Code(code) => {
            let init = of_type(cx, Code::new(code.tokens, code.cheap), ty);
            return cx.push_alloc("value", ty.clone(), init);
        }
        Val::Scalar(Operand::Var(var), _) if !cx.types.is_scalar(&cx.type_of(&val)) => var,
        val => return val,
    };
    let code = match cx.last_stmt() {
        Some(Stmt::Let { var: last, op: Op::Code(code) }) if *last == var => code.clone(),
        _ => return val,
    };
    let init = of_type(cx, code, ty);
    if let Some(made) = cx.last_stmt() {
        *made = Stmt::Alloc { var, init };
    }
    cx.inactive.remove(&var);
    Val::fresh(var, ty.clone())
}

/// A constant that a pattern has bound, `Fixed(m) => return m`, where other ends of the function return floats that are followed.
pub(super) fn returned(cx: &mut Lower<'_>, val: Val, result: &Type) -> Val {
    let Val::Scalar(operand @ Operand::Var(_), ty) = &val else { return val };
    let holds_parts =
        matches!(cx.types.resolve(result), Type::Array(..) | Type::Vec(_) | Type::Tuple(_) | Type::Option(_));
    if !holds_parts || cx.types.is_scalar(ty) {
        return val;
    }
    let tokens = cx.operand_tokens(operand);
    let init = of_type(cx, Code::new(tokens, true), result);
    cx.push_alloc("value", result.clone(), init)
}

/// A constant into which floats that are followed will come.
pub(super) fn of_type(cx: &Lower<'_>, code: Code, ty: &Type) -> Init {
    if matches!(cx.types.resolve(ty), Type::Record(_) | Type::Matrix(..)) {
        Init::Point(code)
    } else {
        Init::Code(code)
    }
}

/// Something is put into a constant, or a part of it, beside the values `by`: assigned, pushed, written by a callee that
/// gets them. If one of them may be differentiated, the next run makes the constant memory.
pub(super) fn changed<'v>(cx: &mut Lower<'_>, constant: &Val, by: impl IntoIterator<Item = &'v Val>) {
    let field = match constant {
        Val::Code(code) => field_of(&code.tokens),
        _ => None,
    };
    let base = match constant {
        Val::Code(code) => part_of(&code.tokens).or(field),
        Val::Scalar(Operand::Var(var), _) | Val::Cell(var, _) => Some(*var),
        _ => None,
    };
    let Some(base) = base else { return };
    if by.into_iter().all(|val| stays_constant(cx, val)) {
        return;
    }
    // A field with a name says what the whole is: a type of the user's.
    if field.is_some() {
        let node = declaration(cx, base);
        cx.memories.extend(node);
        cx.points.extend(node);
        return;
    }
    let Some(node) = declaration(cx, base).filter(|node| !cx.own_types.contains(node)) else { return };
    // Of something that is lent as a whole its other uses must say that it is a sequence.
    let is_whole = !matches!(constant, Val::Code(_));
    if !is_whole || cx.hints.sequences.contains(&node) {
        cx.memories.insert(node);
    }
}

/// A method is called of a constant that may be changed, beside the values `by`: if one of them may be differentiated, the
/// next run makes the constant memory of a type of the user's. A method that changes nothing finds it there, too.
pub(super) fn changed_by_method(cx: &mut Lower<'_>, constant: &Val, by: &[Val]) {
    let (Val::Scalar(Operand::Var(var), _) | Val::Cell(var, _)) = constant else { return };
    if by.iter().all(|val| stays_constant(cx, val)) {
        return;
    }
    let node = declaration(cx, *var);
    cx.memories.extend(node);
    cx.points.extend(node);
}

/// The constant is used as an array, a slice or a `Vec`, which the next run knows.
pub(super) fn is_sequence(cx: &mut Lower<'_>, constant: &Val) {
    if let Val::Scalar(Operand::Var(var), _) | Val::Cell(var, _) = constant
        && let Some(node) = declaration(cx, *var)
    {
        cx.sequences.insert(node);
    }
}

/// Where the local is declared that is to be changed and holds `var`, of a type that only rustc knows.
fn declaration(cx: &Lower<'_>, var: Var) -> Option<usize> {
    let holds = |local: &&Local| match &local.val {
        Val::Scalar(Operand::Var(held), ty) | Val::Cell(held, ty) => {
            *held == var && local.mutable && cx.types.is_unresolved(ty)
        }
        _ => false,
    };
    cx.locals.iter().find(holds).and_then(|local| local.node)
}

/// The variables that an expression reads.
pub(super) fn mentioned(cx: &Lower<'_>, expr: &syn::Expr) -> Vec<Val> {
    mentions(cx, expr, false)
}

/// Those of which floats may come into what it gives: of a comparison, or as an integer, none does.
pub(super) fn handed_on(cx: &Lower<'_>, expr: &syn::Expr) -> Vec<Val> {
    mentions(cx, expr, true)
}

fn mentions(cx: &Lower<'_>, expr: &syn::Expr, handed_on: bool) -> Vec<Val> {
    struct Find<'c, 'e> {
        cx: &'c Lower<'e>,
        handed_on: bool,
        vals: Vec<Val>,
    }
    impl<'ast> Visit<'ast> for Find<'_, '_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            if !(self.handed_on && super::whole::is_whole(expr)) {
                visit::visit_expr(self, expr);
            }
        }
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            let local = path.path.get_ident().and_then(|name| self.cx.lookup(name));
            self.vals.extend(local.map(|id| self.cx.local(id).val.clone()));
        }
        fn visit_macro(&mut self, call: &'ast syn::Macro) {
            self.tokens(call.tokens.clone());
        }
    }
    impl Find<'_, '_> {
        /// The names in the arguments of a macro.
        fn tokens(&mut self, tokens: TokenStream) {
            for tree in tokens {
                match tree {
                    TokenTree::Ident(name) => {
                        let local = self.cx.lookup(&name);
                        self.vals.extend(local.map(|id| self.cx.local(id).val.clone()));
                    }
                    TokenTree::Group(group) => self.tokens(group.stream()),
                    TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                }
            }
        }
    }
    let mut find = Find { cx, handed_on, vals: Vec::new() };
    find.visit_expr(expr);
    find.vals
}

pub(super) fn stays_constant(cx: &Lower<'_>, val: &Val) -> bool {
    match val {
        Val::Scalar(Operand::Var(var), _) => cx.is_inactive(*var) || cx.is_constant(val),
        Val::Ref { to, .. } => stays_constant(cx, to),
        Val::Tuple(of) => of.iter().all(|val| stays_constant(cx, val)),
        val => cx.is_constant(val),
    }
}

/// The variable of which the tokens are an element or a field: `x[i]`, `x[i][j]`, `x.0[i]`.
pub(super) fn part_of(tokens: &TokenStream) -> Option<Var> {
    let mut trees = tokens.clone().into_iter();
    let Some(TokenTree::Ident(ident)) = trees.next() else { return None };
    let is_step = |tree: TokenTree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Bracket,
        TokenTree::Punct(punct) => punct.as_char() == '.',
        TokenTree::Literal(_) => true,
        TokenTree::Ident(_) => false,
    };
    trees.all(is_step).then(|| crate::ir::placeholder_index(&ident)).flatten()
}

/// The variable of which the tokens are a field with a name, or a part of one: `s.k`, `s.rest[i]`, `s[i].k`.
fn field_of(tokens: &TokenStream) -> Option<Var> {
    let mut trees = tokens.clone().into_iter();
    let Some(TokenTree::Ident(ident)) = trees.next() else { return None };
    let mut is_named = false;
    let is_step = |tree: TokenTree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Bracket,
        TokenTree::Punct(punct) => punct.as_char() == '.',
        TokenTree::Literal(_) => true,
        TokenTree::Ident(_) => {
            is_named = true;
            true
        }
    };
    let all_steps = trees.all(is_step);
    (all_steps && is_named).then(|| crate::ir::placeholder_index(&ident)).flatten()
}

/// Whether it is what a loop over `iter_mut` of a constant gives.
pub(super) fn is_lent_item(cx: &Lower<'_>, val: &Val) -> bool {
    matches!(val, Val::Code(code) if part_of(&code.tokens).is_some_and(|var| cx.vars[var.index()].exclusive))
}

/// A name for `&mut` of a part of a constant (`is_borrow`), or for an item that is such a reference.
pub(super) fn name_lent(cx: &mut Lower<'_>, val: Val, is_borrow: bool, name: &str, span: Span) -> Val {
    let ty = cx.type_of(&val);
    let tokens = cx.as_code(val).tokens;
    let tokens = if is_borrow { super::expr::without_parens(tokens) } else { quote!(&mut *#tokens) };
    // `&mut *c`: another name for what `c` refers to.
    let is_whole = is_borrow && syn::parse2(tokens.clone()).is_ok_and(|expr| is_reborrow(&expr));
    let operand = cx.push_let(name, Type::Opaque, Op::Code(Code::new(tokens, false)));
    if let Operand::Var(var) = operand {
        cx.vars[var.index()].exclusive = true;
        // Of an item, as of a whole, the callee's parameter says whether it holds numbers.
        if is_borrow && !is_whole && !is_without_floats(cx, &ty) {
            cx.lent_parts.insert(var);
        }
    }
    let val = Val::Scalar(operand, Type::Opaque);
    cx.rename(&val, name, span);
    val
}

fn is_reborrow(expr: &Expr) -> bool {
    match expr {
        Expr::Reference(syn::ExprReference { expr, .. })
        | Expr::Unary(syn::ExprUnary { op: syn::UnOp::Deref(_), expr, .. })
        | Expr::Paren(syn::ExprParen { expr, .. }) => is_reborrow(expr),
        Expr::Path(_) => true,
        _ => false,
    }
}

/// Whether it is known that nothing in a type is differentiated.
pub(super) fn is_without_floats(cx: &Lower<'_>, ty: &Type) -> bool {
    let ty = cx.types.peel(ty);
    !matches!(ty, Type::Var(_) | Type::Opaque) && !cx.types.to_ir(&ty).holds_floats()
}

/// Whether `node` makes a sequence of constants of a type that only rustc knows, as an earlier run has found: it is left as it is.
pub(super) fn is_left_as_it_is<T>(cx: &Lower<'_>, node: &T) -> bool {
    cx.hints.left.contains(&std::ptr::from_ref(node).addr())
}

/// `node` makes a sequence of constants; the next run knows what was learnt of the type `of` of its elements.
pub(super) fn makes_sequence<T>(cx: &mut Lower<'_>, node: &T, of: &Type, made: Val) -> Val {
    if let Val::Memory(memory) = &made {
        cx.sequences_of_constants.push((std::ptr::from_ref(node).addr(), of.clone(), memory.place.root));
    }
    made
}

/// The sequences of constants of this run that the next one leaves as they are.
pub(super) fn left(cx: &Lower<'_>, func: &Func) -> Vec<usize> {
    // A field was read of it, which is all that is known; and nothing is stored in it.
    let is_read = |of: &Type, root: Var| {
        let of = cx.types.resolve(of);
        matches!(of, Type::Record(_)) && !cx.types.is_named(&of) && !func.vars[root.index()].mutable
    };
    let sequences = cx.sequences_of_constants.iter();
    let sequences = sequences.filter(|(_, of, root)| is_left(cx, of) || is_read(of, *root));
    let collected = cx.collected_constants.iter().filter(|(_, of)| !cx.types.is_known(of));
    sequences.map(|(node, ..)| *node).chain(collected.map(|(node, _)| *node)).collect()
}

/// A sequence of constants, as rustc sees it.
pub(super) fn listed(cx: &mut Lower<'_>, vals: Vec<Val>, list: List) -> Val {
    let elems: Vec<TokenStream> =
        vals.into_iter().map(|val| super::expr::without_parens(cx.as_code(val).tokens)).collect();
    let vec = crate::shape::vec(&cx.types.krate);
    made(
        cx,
        match list {
            List::Array => quote!([#(#elems),*]),
            List::Vec => quote!(#vec::from([#(#elems),*])),
        },
    )
}

/// What is made of constants, of a type that only rustc knows.
pub(super) fn made(cx: &Lower<'_>, tokens: TokenStream) -> Val {
    let ty = cx.unknown_constant();
    Val::Code(CodeVal { tokens, ty, cheap: false, typed: false })
}

/// Whether constants of this type are rustc's business, whole or in part: no use told what it is.
fn is_left(cx: &Lower<'_>, ty: &Type) -> bool {
    match cx.types.resolve(ty) {
        Type::Opaque => true,
        Type::Var(_) => cx.types.to_ir(ty) == crate::ir::Ty::Opaque,
        Type::Ref { to: of, .. }
        | Type::Array(of, _)
        | Type::Slice(of)
        | Type::Vec(of)
        | Type::Seq(of)
        | Type::Option(of) => is_left(cx, &of),
        Type::Tuple(of) => of.iter().any(|ty| is_left(cx, ty)),
        _ => false,
    }
}

/// Whether an expression surely makes a value of a type of the user's: nothing differentiated can be put into that.
pub(super) fn is_of_own_type(made: &syn::Expr) -> bool {
    match super::flow::bare(made) {
        syn::Expr::Struct(_) => true,
        syn::Expr::Call(call) => match super::flow::bare(&call.func) {
            syn::Expr::Path(path) => is_constructor(path) || is_associated(path),
            _ => false,
        },
        _ => false,
    }
}

/// Whether evaluating an expression may change a constant: there is an assignment in it, something is lent to be changed, a method
/// of what may change is called, or a closure.
pub(crate) fn may_change(cx: &Lower<'_>, expr: &Expr) -> bool {
    struct Look<'c, 'e> {
        cx: &'c Lower<'e>,
        found: bool,
    }
    impl<'ast> Visit<'ast> for Look<'_, '_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            let local = |expr: &Expr| closure::root(expr).and_then(|name| self.cx.lookup(name));
            self.found |= match expr {
                Expr::Assign(_) | Expr::Macro(_) => true,
                Expr::Binary(binary) => closure::is_assignment(&binary.op),
                Expr::Reference(reference) => reference.mutability.is_some(),
                Expr::MethodCall(call) => local(&call.receiver).is_some_and(|id| {
                    let of = self.cx.local(id);
                    of.mutable && !self.cx.types.is_float(&self.cx.type_of(&of.val))
                }),
                Expr::Call(call) => local(&call.func).is_some(),
                _ => false,
            };
            visit::visit_expr(self, expr);
        }
    }
    let mut look = Look { cx, found: false };
    look.visit_expr(expr);
    look.found
}
