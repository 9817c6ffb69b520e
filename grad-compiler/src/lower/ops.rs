//! Operators and casts: float arithmetic becomes primitives, everything else stays the user's tokens.

use super::expr::{self, lower};
use super::location::Located;
use super::types::{Origin, Type, is_int_name, lower_type};
use super::value::{CodeVal, Val};
use super::{Kind, Lower, own_operator, place};
use crate::ir::{Float, Lit, Op, Operand, Selector, Stmt};
use crate::operator::Operator;
use crate::rules;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Expr};

/// A chain of operators to the left, `a + b + c`, is walked in a loop: it may be thousands long.
pub(crate) fn lower_binary(cx: &mut Lower<'_>, binary: &syn::ExprBinary) -> Val {
    if is_compound(&binary.op) {
        return place::lower_compound(cx, binary);
    }
    let mut spine = vec![binary];
    let mut first: &Expr = &binary.left;
    while let Expr::Binary(left) = first
        && !is_compound(&left.op)
    {
        spine.push(left);
        first = &left.left;
    }
    spine.reverse();
    let val = lower(cx, first);
    lower_spine(cx, val, &spine)
}

/// The operators behind an operand, innermost first.
fn lower_spine(cx: &mut Lower<'_>, mut val: Val, spine: &[&syn::ExprBinary]) -> Val {
    for (at, binary) in spine.iter().enumerate() {
        if cx.is_left() {
            return cx.then(val, &binary.left, |cx, val| lower_spine(cx, val, &spine[at..]));
        }
        val = match &binary.op {
            BinOp::And(_) | BinOp::Or(_) => short_circuit(cx, &binary.op, val, &binary.right),
            op => {
                // Only what was read before the right side runs is fixed.
                let left = cx.rvalue(val);
                let since = cx.taken();
                let left = cx.take(left, op);
                let right = lower(cx, &binary.right);
                cx.end_taken(since);
                if cx.is_left() {
                    let left = cx.settle(left);
                    return cx.then(right, &binary.right, |cx, right| {
                        let val = binary_at(cx, op, left, right, binary);
                        lower_spine(cx, val, &spine[at + 1..])
                    });
                }
                binary_at(cx, op, left, right, binary)
            }
        };
    }
    val
}

fn is_compound(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

/// The name of the primitive that an arithmetic operator is for floats.
fn primitive(op: &BinOp) -> Option<&'static str> {
    Some(match op {
        BinOp::Add(_) | BinOp::AddAssign(_) => "add",
        BinOp::Sub(_) | BinOp::SubAssign(_) => "sub",
        BinOp::Mul(_) | BinOp::MulAssign(_) => "mul",
        BinOp::Div(_) | BinOp::DivAssign(_) => "div",
        BinOp::Rem(_) | BinOp::RemAssign(_) => "rem",
        _ => return None,
    })
}

fn is_comparison(op: &BinOp) -> bool {
    matches!(op, BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_))
}

fn is_shift(op: &BinOp) -> bool {
    matches!(op, BinOp::Shl(_) | BinOp::Shr(_) | BinOp::ShlAssign(_) | BinOp::ShrAssign(_))
}

/// The operator without the assignment.
fn plain(op: &BinOp) -> BinOp {
    match op {
        BinOp::AddAssign(token) => BinOp::Add(syn::Token![+](token.spans[0])),
        BinOp::SubAssign(token) => BinOp::Sub(syn::Token![-](token.spans[0])),
        BinOp::MulAssign(token) => BinOp::Mul(syn::Token![*](token.spans[0])),
        BinOp::DivAssign(token) => BinOp::Div(syn::Token![/](token.spans[0])),
        BinOp::RemAssign(token) => BinOp::Rem(syn::Token![%](token.spans[0])),
        BinOp::BitXorAssign(token) => BinOp::BitXor(syn::Token![^](token.spans[0])),
        BinOp::BitAndAssign(token) => BinOp::BitAnd(syn::Token![&](token.spans[0])),
        BinOp::BitOrAssign(token) => BinOp::BitOr(syn::Token![|](token.spans[0])),
        BinOp::ShlAssign(token) => BinOp::Shl(syn::Token![<<]([token.spans[0], token.spans[1]])),
        BinOp::ShrAssign(token) => BinOp::Shr(syn::Token![>>]([token.spans[0], token.spans[1]])),
        op => *op,
    }
}

/// `left op right`, also for the operator of a compound assignment.
pub(crate) fn binary(cx: &mut Lower<'_>, op: &BinOp, left: Val, right: Val, at: &dyn ToTokens) -> Val {
    let op = plain(op);
    let types = [cx.type_of(&left), cx.type_of(&right)];
    let [l, r] = types.map(|ty| cx.types.peel(&ty));
    if matches!(left, Val::Never) || matches!(right, Val::Never) {
        return Val::Never;
    }
    if is_comparison(&op) {
        return compare(cx, &op, left, right);
    }
    if let Some(name) = primitive(&op) {
        // What a closure captures may be a number: if it is none, rustc says so.
        let captures = cx.surroundings.as_ref().is_some_and(|surroundings| surroundings.captures());
        let may_be = |ty: &Type| cx.types.is_unresolved(ty) || captures && cx.types.is_opaque(ty);
        let unknown = may_be(&l) && may_be(&r);
        let float = cx.types.is_float(&l) || cx.types.is_float(&r);
        let constant = cx.is_constant(&left) && cx.is_constant(&right);
        // A constant of a type of the user's may be in it.
        let other = constant && cx.types.has_records() && (cx.types.is_opaque(&l) || cx.types.is_opaque(&r));
        if (float && !other) || (unknown && !constant) {
            if !can_be_float(cx, &l) || !can_be_float(cx, &r) {
                return cx.reject_after_rustc(
                    Kind::Expression,
                    &at.to_token_stream(),
                    "arithmetic of a float with something that is not a float",
                    "write `n as f64` for an integer; of arrays, `Vec`s and tuples, write it for the numbers inside",
                );
            }
            let width = |ty: &Type| match cx.types.resolve(ty) {
                Type::Float(float @ (Float::F32 | Float::F64)) => Some(float),
                _ => None,
            };
            if let (Some(one), Some(other)) = (width(&l), width(&r))
                && one != other
            {
                return cx.reject_after_rustc(
                    Kind::Expression,
                    &at.to_token_stream(),
                    "arithmetic of an `f64` with an `f32`",
                    "convert one of them: `f64::from(x)`, `x as f32`",
                );
            }
            return prim(cx, name, vec![left, right]).unwrap_or(Val::Never);
        }
    }
    if !is_shift(&op) {
        if cx.types.is_int(&l) || cx.types.is_bool(&l) {
            cx.types.unify(&l, &r);
        } else if cx.types.is_int(&r) || cx.types.is_bool(&r) {
            cx.types.unify(&r, &l);
        }
    }
    let memory = |val: &Val| matches!(val.clone().peeled(), Val::Memory(_) | Val::Tuple(_) | Val::Closure(_));
    if memory(&left) || memory(&right) {
        return cx.reject(
            Kind::Expression,
            &at.to_token_stream(),
            "arithmetic of whole arrays, slices, `Vec`s and tuples is not supported",
            "write it for the numbers inside, in a loop or a function with `#[grad]`; where an operand is of a type of your own, say so: `let v: V = …`",
        );
    }
    // An operator of types of the user's: a call of theirs.
    let is_own = cx.types.has_records() && !(cx.types.is_scalar(&l) && cx.types.is_scalar(&r));
    let ty = if is_own && (cx.types.is_scalar(&l) || cx.types.is_scalar(&r)) {
        cx.unknown_constant()
    } else if cx.types.is_scalar(&l) || cx.types.is_opaque(&l) {
        l
    } else if cx.types.is_scalar(&r) {
        r
    } else {
        cx.unknown_constant()
    };
    let left = scalar_code(cx, left);
    let right = scalar_code(cx, right);
    let typed = left.typed || (right.typed && !is_shift(&op));
    let cheap = left.cheap && right.cheap && !is_own;
    Val::Code(CodeVal { tokens: joined(left.tokens, &op, right.tokens), ty, cheap, typed })
}

fn binary_at(cx: &mut Lower<'_>, op: &BinOp, left: Val, right: Val, node: &syn::ExprBinary) -> Val {
    if let Some(of) = Operator::of(op) {
        let operands = [(&left, node.left.location()), (&right, node.right.location())];
        let is_lent = [&node.left, &node.right].into_iter().any(|operand| is_lent(operand));
        if let Some(val) = own_operator::lower(cx, of, &operands, node, op.span(), is_lent) {
            return val;
        }
    }
    match binary(cx, op, left, right, node) {
        // An operator of two constants of unknown type: a later use may tell.
        Val::Code(code) if cx.types.is_unresolved(&code.ty) => {
            let ty = cx.type_at(node, Origin::Constant);
            cx.types.unify(&ty, &code.ty);
            Val::Code(CodeVal { ty, ..code })
        }
        val => val,
    }
}

/// `&x`
pub(super) fn is_lent(operand: &Expr) -> bool {
    matches!(super::flow::bare(operand), Expr::Reference(_))
}

/// Numbers as such, without the references they may be behind.
fn scalar_code(cx: &mut Lower<'_>, val: Val) -> CodeVal {
    let ty = cx.type_of(&val);
    let peeled = cx.types.peel(&ty);
    let val = if cx.types.is_scalar(&peeled) { val.peeled() } else { val };
    cx.as_code(val)
}

fn can_be_float(cx: &Lower<'_>, ty: &Type) -> bool {
    cx.types.is_float(ty) || cx.types.is_unresolved(ty) || cx.types.is_opaque(ty)
}

fn compare(cx: &mut Lower<'_>, op: &BinOp, left: Val, right: Val) -> Val {
    // References are compared by what is behind them.
    let [l, r] = [&left, &right].map(|val| cx.types.peel(&cx.type_of(val)));
    cx.types.unify(&l, &r);
    let [left, right] = [left, right].map(|val| {
        let val = element(cx, val);
        scalar_code(cx, val)
    });
    let cheap = left.cheap && right.cheap;
    Val::Code(CodeVal { tokens: joined(left.tokens, op, right.tokens), ty: Type::Bool, cheap, typed: true })
}

/// An element of a type that only rustc knows: by its place, where its name is that of a reference.
fn element(cx: &Lower<'_>, val: Val) -> Val {
    match val {
        Val::Memory(memory) if memory.place.path.is_empty() && cx.types.is_unresolved(&memory.ty) => {
            Val::memory(cx.viewed(&memory.place), memory.ty)
        }
        val => val,
    }
}

/// `left op right`. Chains of operators are long: nothing is copied.
fn joined(mut left: TokenStream, op: &BinOp, right: TokenStream) -> TokenStream {
    op.to_tokens(&mut left);
    left.extend(right);
    left
}

/// `a && b`, `a || b`: the right side runs only if it must.
fn short_circuit(cx: &mut Lower<'_>, op: &BinOp, left: Val, right: &Expr) -> Val {
    let ty = cx.type_of(&left);
    cx.types.unify(&ty, &Type::Bool);
    let (block, code) = {
        cx.begin_log();
        let (block, code) = cx.block(|cx| {
            let val = lower(cx, right);
            let ty = cx.type_of(&val);
            cx.types.unify(&ty, &Type::Bool);
            cx.as_code(val)
        });
        let changed = cx.roll_back();
        if !changed.is_empty() {
            cx.reject(
                Kind::Expression,
                right,
                "a variable is assigned on the right of `&&` or `||`",
                "use `if` statements",
            );
        }
        (block, code)
    };
    // Arithmetic of floats cannot fail: it may run even if its result is not needed.
    let harmless = |stmt: &Stmt| {
        matches!(stmt, Stmt::Let { op: Op::Prim(..) | Op::Copy(_) | Op::Cast(..) | Op::Len(_), .. })
    };
    if block.stmts.iter().all(harmless) {
        cx.splice(block);
        let left = cx.as_code(left);
        let cheap = left.cheap && code.cheap;
        let tokens = joined(left.tokens, op, code.tokens);
        return Val::Code(CodeVal { tokens, ty: Type::Bool, cheap, typed: true });
    }
    let cond = cx.as_bool(left);
    let is_and = matches!(op, BinOp::And(_));
    let evaluate = move |cx: &mut Lower<'_>| {
        cx.splice(block);
        Val::Code(code)
    };
    if is_and {
        cx.branch(cond, evaluate, |_| Val::bool(false))
    } else {
        let mut arms = cx.arms();
        cx.begin_arm();
        cx.end_arm(&mut arms, None, Val::bool(true));
        cx.begin_arm();
        let val = evaluate(cx);
        cx.end_arm(&mut arms, None, val);
        cx.end_branch(Selector::If(cond), arms)
    }
}

/// A primitive of the rule table, if there is one of this name.
pub(crate) fn prim(cx: &mut Lower<'_>, name: &str, args: Vec<Val>) -> Option<Val> {
    let prim = rules::lookup(name, args.len())?;
    let mut operands = Vec::new();
    let mut ty: Option<Type> = None;
    for (at, arg) in args.into_iter().enumerate() {
        if rules::takes_integer(prim, at) {
            operands.push(cx.as_int(arg));
            continue;
        }
        let (operand, arg_ty) = cx.as_float(arg);
        match &ty {
            Some(ty) => cx.types.unify(ty, &arg_ty),
            None => ty = Some(arg_ty),
        }
        operands.push(operand);
    }
    let ty = ty.unwrap_or_else(|| cx.types.fresh(Origin::Float));
    Some(cx.push_prim(prim, operands, ty))
}

pub(crate) fn lower_unary(cx: &mut Lower<'_>, unary: &syn::ExprUnary) -> Val {
    match &unary.op {
        syn::UnOp::Deref(_) => {
            let val = expr::lower_place(cx, &unary.expr);
            place::deref(cx, val, unary)
        }
        syn::UnOp::Not(_) => {
            let val = lower(cx, &unary.expr);
            if matches!(val, Val::Never) {
                return val;
            }
            let code = scalar_code(cx, val);
            let tokens = &code.tokens;
            Val::Code(CodeVal { tokens: quote!(!#tokens), ..code })
        }
        syn::UnOp::Neg(minus) => {
            let val = lower(cx, &unary.expr);
            if let Some(of) = Operator::of_trait("Neg")
                && let Some(val) = own_operator::lower(
                    cx,
                    of,
                    &[(&val, unary.expr.location())],
                    unary,
                    minus.span(),
                    is_lent(&unary.expr),
                )
            {
                return val;
            }
            negate(cx, val)
        }
        _ => cx.reject(
            Kind::Expression,
            unary,
            "this operator is not supported",
            "write it with another operator",
        ),
    }
}

pub(super) fn negate(cx: &mut Lower<'_>, val: Val) -> Val {
    if let Val::Scalar(Operand::Lit(lit), ty) = &val
        && !lit.text.starts_with('-')
    {
        let lit = Lit { text: format!("-{}", lit.text), value: -lit.value };
        return Val::Scalar(Operand::Lit(lit), ty.clone());
    }
    if matches!(val, Val::Never) {
        return val;
    }
    let ty = cx.type_of(&val);
    let ty = cx.types.peel(&ty);
    if cx.types.is_float(&ty) || (cx.types.is_unresolved(&ty) && !cx.is_constant(&val)) {
        return prim(cx, "neg", vec![val]).unwrap_or(Val::Never);
    }
    let code = scalar_code(cx, val);
    let tokens = &code.tokens;
    Val::Code(CodeVal { tokens: quote!(-#tokens), ..code })
}

/// `value as ty`
pub(crate) fn cast(cx: &mut Lower<'_>, val: Val, target: &syn::Type) -> Val {
    if matches!(val, Val::Never) {
        return val;
    }
    let to = lower_type(&cx.types, target);
    let from = cx.type_of(&val);
    if let (Type::Float(float), true) = (&to, cx.types.is_float(&from)) {
        if let Val::Scalar(Operand::Lit(_), ty) = &val
            && cx.types.is_float(ty)
            && !matches!(cx.types.resolve(ty), Type::Float(_))
        {
            // A literal has the type it is cast to, unless that is the narrower one: rounding twice may differ.
            if *float == Float::F64 {
                cx.types.unify(ty, &to);
                return val;
            }
        }
        let float = *float;
        let (operand, _) = cx.as_float(val);
        let operand = cx.push_let("cast", to.clone(), Op::Cast(operand, float));
        return Val::Scalar(operand, to);
    }
    if let (Val::Scalar(Operand::Lit(lit), Type::Int), Type::Float(float)) = (&val, &to)
        && let Ok(value) = lit.text.trim_end_matches("_usize").parse::<u32>()
    {
        let suffix = if *float == Float::F32 { "f32" } else { "f64" };
        let exact = *float == Float::F64 || value < 1 << 24;
        if exact {
            let lit = Lit { text: format!("{value}.0_{suffix}"), value: f64::from(value) };
            return Val::Scalar(Operand::Lit(lit), to);
        }
    }
    let val = number_to_cast(cx, val, target);
    let code = cx.as_code(val);
    let tokens = &code.tokens;
    let ty = match target {
        syn::Type::Path(path)
            if path.path.get_ident().is_some_and(|ident| is_int_name(&ident.to_string())) =>
        {
            Type::Int
        }
        _ => to,
    };
    let from_float = cx.types.is_float(&cx.types.peel(&from));
    let val = Val::Code(CodeVal { tokens: quote!(#tokens as #target), ty, cheap: code.cheap, typed: true });
    // What is no float any more is a constant from here on: nothing later mixes with what it was made from.
    if from_float { cx.settle(val) } else { val }
}

/// A field of a type of the user's own is an integer where it is cast, most likely, and rustc says so where it is none. The field
/// itself stays what it is, unknown: the number is read anew, for this conversion alone.
fn field_to_cast(cx: &mut Lower<'_>, val: Val) -> Val {
    let read = match val.peeled() {
        Val::Memory(memory) => Op::Load(memory.place),
        val => Op::Copy(cx.as_scalar(val).0),
    };
    let number = Val::Scalar(cx.push_let("whole", Type::Int, read), Type::Int);
    let (tokens, span) = (cx.as_code(number).tokens, cx.span);
    let tokens = quote_spanned!(span=> __grad_runtime::whole(#tokens));
    Val::Code(CodeVal { tokens, ty: Type::Int, cheap: true, typed: true })
}

/// A number to be made a float: what it was computed from is left behind.
pub(crate) fn number_to_cast(cx: &mut Lower<'_>, val: Val, at: &dyn ToTokens) -> Val {
    let ty = cx.type_of(&val);
    let ty = cx.types.peel(&ty);
    if cx.types.is_unresolved(&ty) && !cx.is_constant(&val) {
        if cx.types.is_field(&ty) {
            return field_to_cast(cx, val);
        }
        return cx.reject(
            Kind::UnknownType,
            &at.to_token_stream(),
            "what this call returns is not known, so neither is its conversion",
            "annotate the type: `let n: usize = …;`, `let y: f32 = …;`",
        );
    }
    match &val {
        Val::Code(code) if !cx.types.is_float(&code.ty) => {
            let reads = crate::ir::Code::new(code.tokens.clone(), true).reads;
            if reads.iter().any(|var| !cx.is_inactive(*var)) { cx.settle(val) } else { val }
        }
        _ => val,
    }
}
