//! What does this expression compute? One match names every kind of expression there is.

use super::location::Located;
use super::outcome::Leaving;
use super::types::{Origin, Type, is_int_name};
use super::value::{CodeVal, RangeVal, Val};
use super::{
    Kind, Lower, array, call, closure, code, constant, flow, iter, macros, matching, matrix_geometry, method,
    ops, option, outcome, own_type, place, stmt,
};
use crate::ir::{Elem, Float, Init, Lit, Operand};
use crate::matrix;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Expr;

/// The value of an expression. Numbers are read from memory here, in the order of evaluation.
pub(crate) fn lower(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    let val = lower_place(cx, expr);
    evaluated(cx, expr, val)
}

/// The same; what is no more than a local, or a part of one, stays where it is.
pub(super) fn lower_lent(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    match lower_place(cx, expr) {
        Val::Local(path) if matches!(cx.component(&path), Val::Tuple(_) | Val::Scalar(..)) => {
            Val::Local(path)
        }
        val => evaluated(cx, expr, val),
    }
}

fn evaluated(cx: &mut Lower<'_>, expr: &Expr, val: Val) -> Val {
    match cx.rvalue(val) {
        // What may do something is done now.
        val @ Val::Code(CodeVal { cheap: false, .. }) => cx.at(expr, |cx| cx.settle(val)),
        val => val,
    }
}

/// The value of an expression, or the place that it denotes.
pub(crate) fn lower_place(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    if !cx.enter(expr) {
        return Val::Never;
    }
    let val = cx.at(expr, |cx| lower_any(cx, expr));
    cx.leave();
    // Without an error, and with code behind it, that there is no value means that something was left out.
    if matches!(val, Val::Never) && cx.dead.is_none() && !cx.is_left() && cx.errors.messages().is_empty() {
        cx.lost.get_or_insert(expr.location());
    }
    val
}

fn lower_any(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    match expr {
        Expr::Array(array) => lower_array(cx, &array.elems, List::Array),
        Expr::Assign(assign) => place::lower_assign(cx, assign),
        Expr::Try(question) => outcome::lower_try(cx, question),
        Expr::Async(_) | Expr::Await(_) | Expr::TryBlock(_) | Expr::Yield(_) => cx.reject(
            Kind::ControlFlow,
            expr,
            "this kind of control flow has no derivative",
            "handle it outside of the function",
        ),
        Expr::Binary(binary) => ops::lower_binary(cx, binary),
        Expr::Block(block) => {
            if let Some(label) = &block.label {
                let node = std::ptr::from_ref(&label.name).addr();
                cx.labelled_block(node, &label.name, |cx, value| {
                    stmt::lower_block_to(cx, &block.block, stmt::Dest::Return(value));
                })
            } else {
                let val = stmt::lower_block(cx, &block.block);
                in_parens(val)
            }
        }
        Expr::Break(exit) => {
            let val = exit.expr.as_ref().map_or(Val::Unit, |expr| lower(cx, expr));
            cx.then(val, expr, |cx, val| cx.exit_break(exit.label.as_ref(), val))
        }
        Expr::Call(call) => call::lower(cx, call, true),
        Expr::Cast(cast) => {
            let val = lower(cx, &cast.expr);
            ops::cast(cx, val, &cast.ty)
        }
        Expr::Closure(closure) => closure::define(cx, closure),
        Expr::Const(_) => code::opaque(cx, expr),
        Expr::Struct(literal) => own_type::lower_literal(cx, literal, expr),
        Expr::Continue(exit) => cx.exit_continue(exit.label.as_ref()),
        Expr::Field(field) => {
            let base = lower_place(cx, &field.base);
            match &field.member {
                syn::Member::Unnamed(index) => place::field(cx, base, index.index as usize, expr),
                syn::Member::Named(name) => place::named_field(cx, base, name, expr),
            }
        }
        Expr::ForLoop(for_loop) => iter::lower_for(cx, for_loop),
        Expr::Group(group) => {
            let val = lower_place(cx, &group.expr);
            in_parens(val)
        }
        Expr::If(branch) => flow::lower_if(cx, branch, stmt::Dest::Value),
        Expr::Index(index) => {
            let base = lower_place(cx, &index.expr);
            cx.then(base, &index.expr, |cx, base| {
                let at = match array::index(cx, &base, &index.index) {
                    Some(at) => at,
                    None => lower(cx, &index.index),
                };
                if !cx.is_left() {
                    return place::index(cx, base, at, expr);
                }
                cx.then(at, &index.index, |cx, at| {
                    let place = place::index(cx, base, at, expr);
                    cx.rvalue(place)
                })
            })
        }
        Expr::Infer(_) | Expr::Verbatim(_) => {
            cx.reject(Kind::Expression, expr, "this is not an expression", "write a value here")
        }
        Expr::Let(_) => cx.reject(
            Kind::Expression,
            expr,
            "`let` inside a condition of several parts is not supported",
            "nest the conditions: `if let … { if … { } }`",
        ),
        Expr::Lit(lit) => lower_literal(cx, lit),
        Expr::Loop(infinite) => flow::lower_loop(cx, infinite),
        Expr::Macro(call) => macros::lower(cx, &call.mac, expr, true),
        Expr::Match(branch) => matching::lower_match(cx, branch, stmt::Dest::Value),
        Expr::MethodCall(call) => method::lower(cx, call),
        Expr::Paren(paren) => {
            let val = lower_place(cx, &paren.expr);
            in_parens(val)
        }
        Expr::Path(path) => lower_path(cx, path),
        Expr::Range(range) => {
            cx.refuse_exits(range.start.iter().chain(&range.end).map(|end| &**end));
            let from = range.start.as_ref().map(|end| lower(cx, end));
            let to = range.end.as_ref().map(|end| lower(cx, end));
            let inclusive = matches!(range.limits, syn::RangeLimits::Closed(_));
            Val::Range(Box::new(RangeVal { from, to, inclusive }))
        }
        Expr::RawAddr(_) => cx.reject(
            Kind::Reference,
            expr,
            "raw pointers are not followed",
            "use a reference: `&x`, `&mut x`",
        ),
        Expr::Reference(reference) => {
            let is_mutable = reference.mutability.is_some();
            let to = if is_mutable {
                matrix_geometry::written(cx, &reference.expr)
            } else {
                lower_place(cx, &reference.expr)
            };
            place::borrow(cx, to, is_mutable, reference)
        }
        Expr::Repeat(repeat) => lower_repeat(cx, repeat),
        Expr::Return(exit) => {
            let val = match &exit.expr {
                Some(expr) if iter::given::returns_option(cx) => {
                    stmt::lower_tail(cx, expr, stmt::Dest::Option)
                }
                Some(expr) if outcome::may_fail(cx) => outcome::payload(cx, expr, Leaving::Whole),
                Some(expr) => lower(cx, expr),
                None => Val::Unit,
            };
            let result = cx.result_ty.clone();
            let ty = cx.type_of(&val);
            cx.types.unify(&result, &ty);
            let val = constant::returned(cx, val, &result);
            cx.then(val, expr, Lower::exit_return)
        }
        Expr::Tuple(tuple) => match tuple.elems.len() {
            0 => Val::Unit,
            _ => {
                let elems: Vec<&Expr> = tuple.elems.iter().collect();
                cx.operands(&elems, &|cx, elem| lower(cx, elem), |_, of| Val::Tuple(of))
            }
        },
        Expr::Unary(unary) => ops::lower_unary(cx, unary),
        Expr::Unsafe(_) => cx.reject(
            Kind::Expression,
            expr,
            "unsafe code is not followed",
            "write it with safe operations, or move constant parts into a function of their own",
        ),
        Expr::While(while_loop) => flow::lower_while(cx, while_loop),
        _ => cx.reject(
            Kind::Expression,
            expr,
            "this kind of expression is not supported",
            "write it with the expressions that the page of supported Rust lists",
        ),
    }
}

/// Code keeps the user's parentheses; everything else needs none.
pub(crate) fn in_parens(val: Val) -> Val {
    match val {
        Val::Code(code) if !is_atom(&code.tokens) => {
            let tokens = code.tokens;
            Val::Code(CodeVal { tokens: quote!((#tokens)), ..code })
        }
        val => val,
    }
}

fn is_atom(tokens: &TokenStream) -> bool {
    let mut trees = tokens.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) => group.delimiter() == Delimiter::Parenthesis,
        (Some(_), None) | (None, _) => true,
        (Some(_), Some(_)) => false,
    }
}

/// Tokens without parentheses around all of them.
pub(crate) fn without_parens(tokens: TokenStream) -> TokenStream {
    let mut trees = tokens.clone().into_iter();
    if let (Some(TokenTree::Group(group)), None) = (trees.next(), trees.next())
        && group.delimiter() == Delimiter::Parenthesis
        && !group.stream().is_empty()
        && !group
            .stream()
            .into_iter()
            .any(|tree| matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ','))
    {
        return without_parens(group.stream());
    }
    tokens
}

pub(crate) fn lower_literal(cx: &mut Lower<'_>, expr: &syn::ExprLit) -> Val {
    let float = |cx: &Lower<'_>, suffix: &str| match suffix {
        "f32" => Type::Float(Float::F32),
        "f64" => Type::F64,
        _ => cx.types.fresh(Origin::Float),
    };
    match &expr.lit {
        syn::Lit::Float(lit) => {
            let value = lit.base10_parse().unwrap_or(0.0);
            Val::Scalar(Operand::Lit(Lit { text: lit.to_string(), value }), float(cx, lit.suffix()))
        }
        syn::Lit::Int(lit) => {
            // Large literals lose digits in `value`, which nobody reads of integers.
            let value = lit.base10_digits().parse().unwrap_or(0.0);
            let operand = Operand::Lit(Lit { text: lit.to_string(), value });
            match lit.suffix() {
                suffix @ ("f32" | "f64") => Val::Scalar(operand, float(cx, suffix)),
                _ => Val::Scalar(operand, Type::Int),
            }
        }
        syn::Lit::Bool(lit) => Val::bool(lit.value),
        syn::Lit::Byte(_) => {
            Val::Code(CodeVal { tokens: expr.to_token_stream(), ty: Type::Int, cheap: true, typed: true })
        }
        _ => {
            Val::Code(CodeVal { tokens: expr.to_token_stream(), ty: Type::Opaque, cheap: true, typed: true })
        }
    }
}

fn lower_path(cx: &mut Lower<'_>, path: &syn::ExprPath) -> Val {
    if path.qself.is_none()
        && let Some(ident) = path.path.get_ident()
        && let Some(id) = cx.lookup(ident)
    {
        let val = cx.read(id);
        return match val {
            Val::Scalar(..) | Val::Tuple(_) | Val::Uninit if cx.local(id).mutable => {
                Val::Local(super::value::LocalPath { local: id, path: Vec::new() })
            }
            val => val,
        };
    }
    constant_path(cx, path)
}

/// A path that is no local variable: a constant, a function, a variant.
fn constant_path(cx: &mut Lower<'_>, path: &syn::ExprPath) -> Val {
    let segments: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let last = segments.last().map_or("", String::as_str);
    let of = |name: &str| segments.iter().rev().skip(1).any(|segment| segment == name);
    let is_constant = last.starts_with(char::is_uppercase);
    let known = path.path.get_ident().and_then(|ident| cx.constant_type(ident));
    let ty = if let Some(ty) = known {
        ty
    } else if !is_constant {
        return Val::Function(path.clone());
    } else if of("f64") {
        if last == "DIGITS" || last.ends_with("_EXP") || last.ends_with("DIGITS") || last == "RADIX" {
            Type::Int
        } else {
            Type::F64
        }
    } else if of("f32") {
        Type::Float(Float::F32)
    } else if segments.len() > 1 && is_int_name(&segments[segments.len() - 2]) {
        Type::Int
    } else if last != "AXES" && matrix::glam::associated(&path.path).is_some() {
        cx.types.matrix(Type::F64, matrix::Form::Glam)
    } else {
        cx.type_at(path, Origin::Constant)
    };
    Val::Code(CodeVal { tokens: path.to_token_stream(), ty, cheap: true, typed: true })
}

/// What elements are listed for.
#[derive(Clone, Copy)]
pub(crate) enum List {
    Array,
    Vec,
}

/// `[a, b]` and `vec![a, b]`.
pub(crate) fn lower_array<'a>(
    cx: &mut Lower<'_>,
    elems: impl IntoIterator<Item = &'a Expr>,
    list: List,
) -> Val {
    let elems: Vec<&Expr> = elems.into_iter().collect();
    let is_left = elems.first().is_some_and(|first| constant::is_left_as_it_is(cx, *first));
    let changes = elems.iter().any(|elem| constant::may_change(cx, elem));
    let settled = |cx: &mut Lower<'_>, elem: &'a Expr| match lower(cx, elem) {
        Val::Code(code) if code.cheap && !changes => Val::Code(code),
        val => cx.settle(val),
    };
    cx.operands(&elems, &settled, |cx, vals| {
        let is_constant = vals.iter().all(|val| constant::stays_constant(cx, val));
        if is_left && is_constant {
            return constant::listed(cx, vals, list);
        }
        let vals: Vec<Val> = vals.into_iter().map(|val| cx.settle(val)).collect();
        let of = cx.types.fresh(Origin::Constant);
        let tys: Vec<Type> = vals.iter().map(|val| cx.variable_type(val)).collect();
        // All are of one type, which one of them may tell.
        let (opaque, known): (Vec<&Type>, Vec<&Type>) = tys.iter().partition(|ty| cx.types.is_opaque(ty));
        for ty in known.into_iter().chain(opaque) {
            cx.types.unify(&of, ty);
        }
        let len = vals.len().to_string();
        let made = vals.into_iter().map(|val| elem(cx, val)).collect();
        let (ty, init) = match list {
            List::Array => (Type::Array(Box::new(of.clone()), len), Init::Array(made)),
            List::Vec => (Type::vec(of.clone()), Init::Vec(made)),
        };
        let made = cx.push_alloc("values", ty, init);
        match elems.first().filter(|_| is_constant) {
            Some(first) => constant::makes_sequence(cx, *first, &of, made),
            None => made,
        }
    })
}

/// `[v; N]`
fn lower_repeat(cx: &mut Lower<'_>, repeat: &syn::ExprRepeat) -> Val {
    let val = lower(cx, &repeat.expr);
    cx.then(val, &repeat.expr, |cx, val| {
        let val = cx.settle(val);
        let of = cx.variable_type(&val);
        let is_constant = constant::stays_constant(cx, &val);
        if is_constant && constant::is_left_as_it_is(cx, repeat) {
            let (value, len) = (cx.as_code(val).tokens, &repeat.len);
            return constant::made(cx, quote!([#value; #len]));
        }
        let value = elem(cx, val);
        let len = crate::ir::Code::new(repeat.len.to_token_stream(), true);
        let ty = Type::Array(Box::new(of.clone()), repeat.len.to_token_stream().to_string());
        let made = cx.push_alloc("values", ty, Init::ArrayRepeat { value, len });
        if is_constant { constant::makes_sequence(cx, repeat, &of, made) } else { made }
    })
}

/// A value as an element of an aggregate under construction.
pub(crate) fn elem(cx: &mut Lower<'_>, val: Val) -> Elem {
    let val = option::stored(cx, val);
    match cx.settle(val) {
        Val::Scalar(operand, _) => Elem::Scalar(operand),
        Val::Memory(memory) => Elem::Memory(cx.taken_by_code(memory).place),
        Val::Tuple(of) => {
            let ty = Type::Tuple(of.iter().map(|val| cx.type_of(val)).collect());
            let elems = of.into_iter().map(|val| elem(cx, val)).collect();
            match cx.push_alloc("pair", ty, Init::Tuple(elems)) {
                Val::Memory(memory) => Elem::Memory(memory.place),
                _ => Elem::Scalar(Operand::float(0.0)),
            }
        }
        Val::Cell(var, _) => Elem::Scalar(Operand::Var(var)),
        Val::Ref { to, mutable } if cx.is_constant(&to) => {
            let code = cx.as_code(Val::Ref { to, mutable });
            match cx.settle(Val::Code(code)) {
                Val::Scalar(operand, _) => Elem::Scalar(operand),
                _ => Elem::Scalar(Operand::float(0.0)),
            }
        }
        Val::Never | Val::Uninit => Elem::Scalar(Operand::float(0.0)),
        Val::Ref { .. } => {
            let span = cx.span;
            cx.reject_at(
                Kind::Reference,
                span,
                "a reference is stored in an array, `Vec` or tuple",
                "store the values themselves",
            );
            Elem::Scalar(Operand::float(0.0))
        }
        Val::Closure(_) => {
            let span = cx.span;
            cx.reject_at(
                Kind::Closure,
                span,
                "a closure or an iterator is stored",
                "bind it with `let` and call it, or make it a function with `#[grad]`",
            );
            Elem::Scalar(Operand::float(0.0))
        }
        Val::Unit | Val::Code(_) | Val::Local(_) | Val::Range(_) | Val::Function(_) => {
            let span = cx.span;
            cx.reject_at(
                Kind::Expression,
                span,
                "something that is not a number is stored with numbers",
                "store numbers, or arrays, `Vec`s and tuples of them",
            );
            Elem::Scalar(Operand::float(0.0))
        }
    }
}

impl Lower<'_> {
    /// Goes one level deeper; `false` if that is too deep.
    pub(crate) fn enter(&mut self, at: &dyn ToTokens) -> bool {
        if self.depth >= super::DEPTH {
            if !self.too_deep {
                self.too_deep = true;
                self.reject(
                    Kind::TooDeep,
                    at,
                    "this is nested too deeply",
                    "name intermediate results with `let`, or move a part into a function of its own",
                );
            }
            return false;
        }
        self.depth += 1;
        true
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// The statement that does what pending code does, for its effect only.
    pub(crate) fn discard(&mut self, val: Val) {
        if let Val::Code(code) = val
            && !code.cheap
        {
            let tokens = &code.tokens;
            self.push_act(quote!(#tokens;), tokens);
        }
    }
}
