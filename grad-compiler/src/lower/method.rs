//! Method calls: of floats, of arrays, slices and `Vec`s, of integers and other constants.

use super::expr::{self, elem, lower_place};
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{
    Kind, Lower, array, called, code, constant, ended, generic, handled, iter, macros, matrix, matrix_parts,
    ops, option, outcome, own_method, place, rearrange, selection, unknown, unseen, window, zip,
};
use crate::ir::{Code, Init, Op, Operand, Prim, Proj, Stmt};
use crate::{outcomes, rules};
use quote::{ToTokens, quote};
use syn::{Expr, ExprMethodCall};

/// A chain of calls is walked in a loop: it may be thousands long.
pub(crate) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Val {
    let mut calls = vec![call];
    while let Expr::MethodCall(inner) = super::flow::bare(&calls[calls.len() - 1].receiver) {
        calls.push(inner);
    }
    let factored = match super::flow::bare(&calls[calls.len() - 1].receiver) {
        Expr::Call(made) => matrix::factored(cx, made),
        _ => None,
    };
    if let Some(Expr::MethodCall(inner)) = factored.as_ref().map(|kept| &kept[0]) {
        calls.push(inner);
    }
    // The innermost part that is an iterator chain, or the innermost receiver.
    let mut base = None;
    let mut applied = calls.len();
    for (at, call) in calls.iter().enumerate() {
        // A method of floats ends no chain of iterators, `.sum::<f64>().sqrt()`, and `map` is one of arrays, too.
        if has_rule(call)
            || call.method == "map" && option::tells(call, &calls[..at]) && iter::is_place(cx, &call.receiver)
        {
            continue;
        }
        if let Some(val) = cx.at(*call, |cx| iter::lower_method(cx, call)) {
            base = Some(expr::in_parens(val));
            applied = at;
            break;
        }
    }
    if base.is_none()
        && let Some((val, at)) = zip::lower(cx, &calls)
    {
        (base, applied) = (Some(expr::in_parens(val)), at);
    }
    let inner = calls[calls.len() - 1];
    if base.is_none()
        && let Some(val) = generic::lower_unwrapped(cx, inner).or_else(|| macros::lower_unwrapped(cx, inner))
    {
        base = Some(val);
        applied -= 1;
    }
    let val = match (base, handled::unwrapped(cx, &calls)) {
        (Some(val), _) => val,
        (None, Some((callee, count))) => {
            let mut behind = calls[calls.len() - count..].to_vec();
            behind.reverse();
            let suffix = called::written(cx, &behind);
            let (val, is_done) = called::lower_call(cx, callee, suffix);
            applied -= if is_done { count } else { 0 };
            expr::in_parens(val)
        }
        (None, None) => match handled::count(cx, &calls) {
            Some(count) => {
                applied -= count;
                handled::lower(cx, &calls[applied..])
            }
            None => ended::receiver(cx, inner),
        },
    };
    cx.then(val, &inner.receiver, |cx, val| lower_chain(cx, val, &calls[..applied]))
}

/// The calls behind a receiver, outermost first.
fn lower_chain(cx: &mut Lower<'_>, mut val: Val, calls: &[&ExprMethodCall]) -> Val {
    let mut done = 0;
    for (at, call) in calls.iter().enumerate().rev() {
        if done > 0 {
            done -= 1;
            continue;
        }
        if cx.is_left() {
            return cx.then(val, *call, |cx, val| lower_chain(cx, val, &calls[..=at]));
        }
        let behind = at.checked_sub(1).and_then(|at| calls.get(at));
        let once = |val| (val, 1);
        let found = iter::of_constant(cx, call, &val).map(|val| (val, 0));
        let converted = found.or_else(|| generic::lower_method(cx, call, &val, behind));
        if let Some(taken) =
            converted.or_else(|| iter::of_slice(cx, call, &val, behind).map(once)).or_else(|| {
                matrix_parts::change(cx, call, &val, behind, &calls[..at.saturating_sub(1)]).map(once)
            })
        {
            (val, done) = taken;
            continue;
        }
        if let Some(count) = outcomes::handling(&calls[..=at])
            && let Some(handled) = handled::lower_constant(cx, &calls[at + 1 - count..=at], &val)
        {
            (val, done) = (handled, count - 1);
            continue;
        }
        // What handles the failure of a method goes with it, if it is one of the user's.
        if let Some(count) = outcomes::handling(&calls[..at]) {
            let handling = &calls[at - count..at];
            let lowered = handled::lower_method(cx, handling, call, |cx| {
                cx.at(*call, |cx| lower_one(cx, call, val, &calls[..at]))
            });
            (val, done) = match lowered {
                handled::Handled::Here(val) => (val, count),
                handled::Handled::Other(val) => (val, 0),
            };
            continue;
        }
        // So does what takes its result out.
        let Some(count) = outcomes::taking(&calls[..at]) else {
            val = cx.at(*call, |cx| lower_one(cx, call, val, &calls[..at]));
            continue;
        };
        let mut behind = calls[at - count..at].to_vec();
        behind.reverse();
        let suffix = called::written(cx, &behind);
        let outer = cx.suffix.replace((std::ptr::from_ref(*call).addr(), suffix));
        val = cx.at(*call, |cx| lower_one(cx, call, val, &calls[..at]));
        done = if cx.suffix.is_none() { count } else { 0 };
        cx.suffix = outer;
    }
    val
}

/// One of them; `outer` are those behind it, outermost first.
pub(super) fn lower_one(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    receiver: Val,
    outer: &[&ExprMethodCall],
) -> Val {
    let exclusive = own_method::may_change(cx, &receiver);
    let receiver = place::peel_place(cx, receiver);
    let name = call.method.to_string();
    if matches!(receiver, Val::Never) {
        for arg in &call.args {
            expr::lower(cx, arg);
        }
        return Val::Never;
    }
    if let Some(val) = option::method(cx, call, &receiver, outer) {
        return val;
    }
    if let Some(window) = window::of(&receiver) {
        return window::lower_method(cx, call, window, outer);
    }
    let ty = cx.type_of(&receiver);
    let ty = cx.types.peel(&ty);
    unknown::check_read(cx, call, &receiver);
    if let Some(val) = unknown::number_method(cx, call, &receiver) {
        return val;
    }
    if cx.types.is_unresolved(&ty)
        && !cx.is_constant(&receiver)
        && !matches!(receiver, Val::Scalar(..))
        && is_sequence_method(&name)
        && may_be_of_sequences(call)
    {
        // The result of a call: what is done with it tells what it is.
        cx.types.element(&ty);
    }
    let ty = cx.type_of(&receiver);
    let ty = array::told(cx, &receiver, &ty, &name);
    if cx.types.is_float(&ty) {
        return lower_float(cx, call, receiver, &name);
    }
    if matrix::element(cx, &ty).is_some() {
        return match matrix::settled(cx, call, receiver) {
            Val::Memory(memory) => matrix::lower_method(cx, call, memory),
            receiver => lower_constant(cx, call, receiver, &name),
        };
    }
    if own_method::is_one(cx, call, &receiver, &ty) {
        return own_method::lower(cx, call, receiver, exclusive);
    }
    if cx.refuse_exits(call.args.iter()) {
        return Val::Never;
    }
    match receiver {
        Val::Memory(memory) if cx.types.is_opaque(&ty) && cx.is_unseen_part(&memory) => {
            unseen::method(cx, call, memory, exclusive)
        }
        Val::Memory(memory) if !cx.types.is_scalar(&ty) => lower_memory(cx, call, memory, &name),
        Val::Tuple(of) if matches!(name.as_str(), "clone" | "to_owned") => {
            let of = of.into_iter().map(|val| cx.rvalue(val)).collect();
            Val::Tuple(of)
        }
        Val::Local(path)
            if matches!(cx.component(&path), Val::Tuple(_))
                && matches!(name.as_str(), "clone" | "to_owned") =>
        {
            cx.read_component(&path)
        }
        // Its ends are values of their own already.
        Val::Range(_) if name == "clone" && call.args.is_empty() => receiver,
        Val::Local(path) if matches!(cx.component(&path), Val::Range(_)) && name == "clone" => {
            cx.read_component(&path)
        }
        Val::Tuple(_) | Val::Closure(_) | Val::Unit | Val::Uninit | Val::Ref { .. } => cx.reject(
            Kind::UnknownMethod,
            &call.method,
            &format!("`{name}` is not supported here"),
            "write it with arithmetic, indices and loops",
        ),
        receiver => lower_constant(cx, call, receiver, &name),
    }
}

pub(super) fn is_sequence_method(name: &str) -> bool {
    matches!(
        name,
        "len"
            | "to_vec"
            | "swap"
            | "fill"
            | "copy_from_slice"
            | "split_at"
            | "split_at_mut"
            | "push"
            | "is_empty"
            | "first"
            | "last"
            | "as_slice"
            | "iter"
            | "iter_mut"
    )
}

/// Whether a call has as many arguments as the method of sequences with its name, if there is one: with others it is one of
/// the user's.
pub(super) fn may_be_of_sequences(call: &ExprMethodCall) -> bool {
    let count = match call.method.to_string().as_str() {
        "len" | "to_vec" | "is_empty" | "first" | "last" | "as_slice" | "iter" | "iter_mut" => 0,
        "fill" | "copy_from_slice" | "split_at" | "split_at_mut" | "push" => 1,
        "swap" => 2,
        // A key of a map is lent, an index is not.
        "get" | "get_mut" => return !matches!(call.args.first(), Some(Expr::Reference(_))),
        _ => return true,
    };
    call.args.len() == count
}

fn lower_float(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: Val, name: &str) -> Val {
    let receiver = cx.rvalue(receiver);
    let args: Vec<&Expr> = call.args.iter().collect();
    cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, args| {
        apply_float(cx, call, [vec![receiver], args].concat(), name)
    })
}

fn apply_float(cx: &mut Lower<'_>, call: &ExprMethodCall, args: Vec<Val>, name: &str) -> Val {
    let constant = args.iter().all(|arg| match arg {
        Val::Scalar(Operand::Var(var), _) => cx.is_inactive(*var),
        arg => cx.is_constant(arg),
    });
    let receiver = args[0].clone();
    let result = float_method(cx, name, args, call);
    result.unwrap_or_else(|| {
        if constant {
            return code::opaque_call(cx, call, receiver);
        }
        let what = format!("the method `{name}` has no derivative rule");
        let help = "compute it with methods that have one; or, if no derivative goes through it, from a constant: `grad::constant(x)`";
        if is_without_rule(name) {
            cx.reject(Kind::UnknownMethod, &call.method, &what, help)
        } else {
            // Of what is misspelt, rustc knows how it is spelt.
            cx.reject_after_rustc(Kind::UnknownMethod, &call.method, &what, help)
        }
    })
}

/// Whether floats have a method of that name, of those without a rule.
fn is_without_rule(name: &str) -> bool {
    name.starts_with("to_")
        || matches!(
            name,
            "next_up"
                | "next_down"
                | "maximum"
                | "minimum"
                | "gamma"
                | "ln_gamma"
                | "erf"
                | "erfc"
                | "midpoint"
                | "classify"
                | "clone"
                | "partial_cmp"
                | "total_cmp"
        )
}

fn has_rule(call: &ExprMethodCall) -> bool {
    row(&call.method.to_string(), call.args.len() + 1).is_some()
}

/// Whether a method has the name of one of floats: all of them only read.
pub(crate) fn is_of_floats(call: &ExprMethodCall) -> bool {
    has_rule(call) || is_float_test(&call.method.to_string())
}

/// The row of the rule table that a method of numbers asks for first: `sin_cos` asks for two.
pub(super) fn row(name: &str, arity: usize) -> Option<Prim> {
    rules::lookup(if name == "sin_cos" { "sin" } else { name }, arity)
}

/// Questions about a float: constants, whatever is asked.
pub(crate) fn is_float_test(name: &str) -> bool {
    matches!(
        name,
        "is_nan"
            | "is_finite"
            | "is_infinite"
            | "is_normal"
            | "is_subnormal"
            | "is_sign_negative"
            | "is_sign_positive"
            | "total_cmp"
            | "partial_cmp"
            | "eq"
            | "ne"
            | "lt"
            | "le"
            | "gt"
            | "ge"
    )
}

/// A method of floats, applied to the receiver and the other arguments.
pub(crate) fn float_method<T: ToTokens>(
    cx: &mut Lower<'_>,
    name: &str,
    mut args: Vec<Val>,
    node: &T,
) -> Option<Val> {
    if is_float_test(name) {
        let ty = match name {
            "total_cmp" | "partial_cmp" => Type::Opaque,
            _ => Type::Bool,
        };
        let receiver = args.remove(0);
        // A literal has no type to call a method of.
        let (operand, float) = cx.as_float(receiver);
        let float = if matches!(cx.types.resolve(&float), Type::Float(_)) { float } else { Type::F64 };
        let operand = match operand {
            Operand::Lit(_) => cx.push_let("value", float, Op::Copy(operand)),
            operand @ Operand::Var(_) => operand,
        };
        let receiver = cx.operand_tokens(&operand);
        let args: Vec<_> = args.into_iter().map(|arg| expr::without_parens(cx.as_code(arg).tokens)).collect();
        let method = syn::Ident::new(name, cx.span);
        let tokens = quote!(#receiver.#method(#(#args),*));
        return Some(Val::Code(CodeVal { tokens, ty, cheap: true, typed: true }));
    }
    match (name, args.len()) {
        ("sin_cos", 1) => {
            let (operand, ty) = cx.as_float(args.remove(0));
            let arg = || Val::Scalar(operand.clone(), ty.clone());
            let sin = ops::prim(cx, "sin", vec![arg()])?;
            let cos = ops::prim(cx, "cos", vec![arg()])?;
            Some(Val::Tuple(vec![sin, cos]))
        }
        ("clone" | "to_owned" | "borrow" | "as_ref", 1) => args.pop(),
        ("into", 1) => {
            // To the other float type, or the same.
            let (operand, _) = cx.as_float(args.pop()?);
            let ty = cx.type_at(node, Origin::Float);
            match cx.types.resolve(&ty) {
                Type::Float(float) => {
                    let operand = cx.push_let("cast", ty.clone(), Op::Cast(operand, float));
                    Some(Val::Scalar(operand, ty))
                }
                _ => Some(Val::Scalar(operand, ty)),
            }
        }
        ("clamp", 3) if rules::lookup("clamp", 3).is_none() => {
            let high = args.pop()?;
            let low = args.pop()?;
            let val = ops::prim(cx, "max", vec![args.pop()?, low])?;
            ops::prim(cx, "min", vec![val, high])
        }
        _ => ops::prim(cx, name, args),
    }
}

/// The length of a sequence in memory.
pub(crate) fn len(cx: &mut Lower<'_>, val: Val) -> Operand {
    match place::peel_place(cx, val) {
        Val::Memory(memory) => {
            // An array's length is in its type.
            if let Type::Array(_, len) = cx.types.peel(&memory.ty)
                && len.parse::<usize>().is_ok()
            {
                return Operand::Lit(crate::ir::Lit { value: len.parse().unwrap_or(0.0), text: len });
            }
            cx.types.element(&memory.ty);
            let hint = format!("{}_len", cx.vars[memory.place.root.index()].name);
            cx.push_let(&hint, Type::Int, Op::Len(memory.place))
        }
        Val::Never => Operand::int(0),
        val => {
            let code = cx.as_code(val);
            let tokens = code.tokens;
            let val = cx.int_code(quote!(#tokens.len()));
            let len = cx.as_int(val);
            cx.mark_usize(&len);
            len
        }
    }
}

fn lower_memory(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: Memory, name: &str) -> Val {
    let whole = Val::Memory(memory.clone());
    let args: Vec<&Expr> = call.args.iter().collect();
    match (name, args.as_slice()) {
        ("len", []) => Val::Scalar(iter::bound(len(cx, whole)), Type::Int),
        ("is_empty", []) => {
            let len = len(cx, whole);
            let len = cx.operand_tokens(&len);
            cx.bool_code(quote!(#len == 0))
        }
        ("to_vec" | "into_vec", []) => to_vec(cx, whole, call),
        ("clone" | "to_owned", []) => clone(cx, memory),
        (
            "as_slice" | "as_mut_slice" | "as_ref" | "as_mut" | "borrow" | "borrow_mut" | "by_ref" | "deref",
            [],
        ) => Val::reference(name.contains("mut"), whole),
        ("swap", [i, j]) => {
            let i = expr::lower(cx, i);
            let i = cx.as_int(i);
            let j = expr::lower(cx, j);
            let j = cx.as_int(j);
            cx.types.element(&memory.ty);
            let a = cx.project(&memory.place, Proj::Index(i));
            let b = cx.project(&memory.place, Proj::Index(j));
            cx.push(Stmt::Swap { a, b });
            Val::Unit
        }
        ("fill", [value]) => {
            let value = expr::lower(cx, value);
            let ty = cx.type_of(&value);
            if let Some(of) = cx.types.element(&memory.ty) {
                cx.types.unify(&of, &ty);
            }
            let (value, _) = cx.as_scalar(value);
            cx.push(Stmt::Fill { place: memory.place, value });
            Val::Unit
        }
        ("copy_from_slice" | "clone_from_slice" | "clone_from", [from]) => {
            let from = lower_place(cx, from);
            match place::peel_place(cx, from) {
                Val::Memory(from) => {
                    cx.types.unify(&memory.ty, &from.ty);
                    if name == "clone_from" {
                        cx.push(Stmt::Assign { place: memory.place, init: Init::Clone(from.place) });
                    } else {
                        cx.push(Stmt::CopyFrom { to: memory.place, from: from.place });
                    }
                    Val::Unit
                }
                Val::Never => Val::Never,
                from => {
                    // Constants of a kind the compiler does not look into: named first.
                    let code = cx.as_code(from);
                    let tokens = code.tokens;
                    let ty = Type::reference(
                        false,
                        Type::slice(cx.types.element(&memory.ty).unwrap_or(Type::Opaque)),
                    );
                    let from = cx.push_alloc("values", ty, Init::Code(Code::new(tokens, code.cheap)));
                    if let Val::Memory(from) = from {
                        cx.push(Stmt::CopyFrom { to: memory.place, from: from.place });
                    }
                    Val::Unit
                }
            }
        }
        ("split_at" | "split_at_mut", [at]) => rearrange::split_at(cx, &memory, at, name == "split_at_mut"),
        ("push", [value]) => {
            let value = expr::lower(cx, value);
            let value = cx.settle(value);
            let ty = cx.variable_type(&value);
            if let Some(of) = cx.types.element(&memory.ty) {
                cx.types.unify(&of, &ty);
            }
            let value = elem(cx, value);
            cx.push(Stmt::Push { vec: memory.place, value });
            Val::Unit
        }
        ("extend_from_slice", [from]) => rearrange::extend(cx, call, &memory, from),
        ("reserve" | "shrink_to_fit", _) => {
            // The size of the allocation, which nothing here depends on.
            Val::Unit
        }
        ("first" | "last", []) => reject(cx, call, "index instead: `x[0]`, `x[x.len() - 1]`"),
        ("unwrap" | "expect", _) => reject(cx, call, "handle the constant part outside of the function"),
        _ => {
            let ty = Val::Memory(memory.clone());
            if cx.holds_floats(&ty) {
                if let Some(val) =
                    rearrange::lower(cx, call, &memory).or_else(|| selection::lower(cx, call, &memory))
                {
                    return val;
                }
                if is_question(name) {
                    let val = code::opaque_call(cx, call, whole);
                    if name == "partition_point" {
                        let ty = cx.type_of(&val);
                        cx.types.unify(&ty, &Type::Int);
                    }
                    return val;
                }
                // Of constants, it is the user's own call. What is constant is known when all is lowered.
                if is_mutating(name)
                    && let Val::Code(code) = code::opaque_call(cx, call, whole)
                {
                    let tokens = &code.tokens;
                    let code = Code::new(quote!(#tokens;), false).calling(call.method.clone());
                    cx.push(Stmt::Effect { code, writes: vec![memory.place.root] });
                    return Val::Unit;
                }
                return reject(
                    cx,
                    call,
                    "write it with indices and loops; or, if no derivative goes through it, call it on `grad::constant(..)`",
                );
            }
            // Numbers that nothing differentiates through: the user's own call.
            let val = code::opaque_call(cx, call, whole);
            if is_taking(name) {
                let val = cx.settle(val);
                // Says what the call changed; there is nothing left to do.
                let code = Code::new(proc_macro2::TokenStream::new(), false);
                cx.push(Stmt::Effect { code, writes: vec![memory.place.root] });
                return val;
            }
            if let (true, Val::Code(code)) = (is_mutating(name), &val) {
                let tokens = &code.tokens;
                cx.push_effect(quote!(#tokens;), vec![memory.place.root]);
                return Val::Unit;
            }
            val
        }
    }
}

/// Methods that tell something about memory, and whose answer is no float.
fn is_question(name: &str) -> bool {
    name.starts_with("is_sorted")
        || name.starts_with("binary_search")
        || matches!(
            name,
            "capacity"
                | "contains"
                | "contains_key"
                | "starts_with"
                | "ends_with"
                | "eq"
                | "ne"
                | "partition_point"
        )
}

/// Methods of sequences that change them and return nothing.
fn is_mutating(name: &str) -> bool {
    name.starts_with("sort")
        || name.starts_with("dedup")
        || matches!(
            name,
            "reverse"
                | "rotate_left"
                | "rotate_right"
                | "clear"
                | "truncate"
                | "resize"
                | "insert"
                | "retain"
                | "retain_mut"
                | "extend"
        )
}

/// Methods of sequences that change them and return something.
fn is_taking(name: &str) -> bool {
    matches!(name, "pop" | "remove" | "swap_remove" | "pop_if" | "split_off" | "drain")
}

fn reject(cx: &mut Lower<'_>, call: &ExprMethodCall, help: &str) -> Val {
    let name = &call.method;
    if outcome::is_of_outcomes(call) {
        return cx.reject(
            Kind::UnknownMethod,
            name,
            &format!("`{name}` of what may have failed is not followed here"),
            "take the result out first: `match g(x) { Some(y) => …, None => … }`, `if let Ok(y) = g(x)`, `g(x)?`",
        );
    }
    cx.reject(
        Kind::UnknownMethod,
        name,
        &format!("the method `{name}` of arrays and `Vec`s is not supported"),
        help,
    )
}

pub(crate) fn to_vec<T: ToTokens>(cx: &mut Lower<'_>, val: Val, at: &T) -> Val {
    match place::peel_place(cx, val) {
        Val::Memory(memory) => {
            let of = cx.types.element(&memory.ty).unwrap_or_else(|| cx.unknown_constant());
            cx.push_alloc("values", Type::vec(of), Init::ToVec(memory.place))
        }
        Val::Never => Val::Never,
        val if cx.is_constant(&val) || matches!(val, Val::Scalar(..)) => {
            let tokens = cx.as_code(val).tokens;
            let ty = cx.type_at(at, Origin::Constant);
            Val::Code(CodeVal { tokens: quote!(#tokens.to_vec()), ty, cheap: false, typed: true })
        }
        _ => {
            cx.reject(Kind::Expression, at, "this cannot be copied into a `Vec`", "copy an array or a slice")
        }
    }
}

fn clone(cx: &mut Lower<'_>, memory: Memory) -> Val {
    if let Type::Slice(of) = cx.types.resolve(&memory.ty) {
        // `to_owned` of a slice.
        return cx.push_alloc("values", Type::Vec(of), Init::ToVec(memory.place));
    }
    cx.push_alloc("copy", memory.ty, Init::Clone(memory.place))
}

/// A method of an integer or another constant.
fn lower_constant(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: Val, name: &str) -> Val {
    let ty = cx.type_of(&receiver);
    let ty = cx.types.peel(&ty);
    if cx.types.is_int(&ty) || cx.types.is_bool(&ty) {
        let result = if cx.types.is_int(&ty) { int_method(name) } else { None };
        if name == "clone" {
            return cx.rvalue(receiver);
        }
        let mut code = cx.as_code(receiver);
        if let Some(result) = result {
            let args: Vec<CodeVal> = call
                .args
                .iter()
                .map(|arg| {
                    let val = expr::lower(cx, arg);
                    cx.as_code(val)
                })
                .collect();
            let method = &call.method;
            let tokens = &code.tokens;
            let inner = args.iter().map(|arg| expr::without_parens(arg.tokens.clone()));
            return Val::Code(CodeVal {
                tokens: quote!(#tokens.#method(#(#inner),*)),
                ty: result,
                cheap: code.cheap && args.iter().all(|arg| arg.cheap),
                typed: true,
            });
        }
        code.cheap = false;
        return code::opaque_call(cx, call, Val::Code(code));
    }
    if matches!(name, "push" | "fill" | "copy_from_slice" | "clone_from_slice" | "extend_from_slice") {
        constant::is_sequence(cx, &receiver);
        let vals: Vec<Val> = call.args.iter().flat_map(|arg| constant::handed_on(cx, arg)).collect();
        constant::changed(cx, &receiver, &vals);
    }
    // `cfg.rate.sin()`: a float after all, if there is such a rule and nothing else is known.
    code::opaque_call(cx, call, receiver)
}

/// The type that a cheap method of integers gives.
fn int_method(name: &str) -> Option<Type> {
    Some(match name {
        "min" | "max" | "pow" | "abs" | "abs_diff" | "rem_euclid" | "div_euclid" | "signum" | "clamp"
        | "div_ceil" | "next_multiple_of" | "isqrt" | "ilog2" | "ilog10" | "ilog" | "count_ones"
        | "count_zeros" | "leading_zeros" | "trailing_zeros" | "unsigned_abs" | "next_power_of_two"
        | "midpoint" | "swap_bytes" | "reverse_bits" | "rotate_left" | "rotate_right" => Type::Int,
        "is_power_of_two" | "is_positive" | "is_negative" | "is_multiple_of" => Type::Bool,
        name if name.starts_with("wrapping_") || name.starts_with("saturating_") => Type::Int,
        _ => return None,
    })
}
