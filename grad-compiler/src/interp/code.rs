//! What the user's tokens mean, as far as it is known: integers, comparisons, logic, casts, constants.

use super::datum::Datum;
use super::sweeps::{Program, eval};
use super::{Machine, Run, Stop, unknown};
use crate::hash::HashMap;
use crate::ir::{Code, Pattern, placeholder_index};
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;
use syn::parse::Parser as _;
use syn::{BinOp, Expr, Lit, Member, Pat, RangeLimits, Type, UnOp};

pub(super) fn eval_code(machine: &Machine, code: &Code) -> Run<Datum> {
    let expr = machine.program.parsed.expr(&code.tokens)?;
    eval_expr(machine, &expr)
}

/// Expressions by their text.
#[derive(Default)]
pub(super) struct Parsed(RefCell<HashMap<String, Rc<Expr>>>);

impl Parsed {
    fn expr(&self, tokens: &TokenStream) -> Run<Rc<Expr>> {
        let text = tokens.to_string();
        if let Some(expr) = self.0.borrow().get(&text) {
            return Ok(Rc::clone(expr));
        }
        match syn::parse2(tokens.clone()) {
            Ok(expr) => {
                let expr = Rc::new(expr);
                self.0.borrow_mut().insert(text, Rc::clone(&expr));
                Ok(expr)
            }
            Err(error) => unknown(format!("`{text}`, which is no expression: {error}")),
        }
    }
}

/// Whether the pattern and its guard accept the value; binds its variables.
pub(super) fn matches_pattern(machine: &mut Machine, pattern: &Pattern, value: &Datum) -> Run<bool> {
    let tokens = &pattern.tokens;
    let Ok(pat) = Pat::parse_multi_with_leading_vert.parse2(tokens.clone()) else {
        return unknown(format!("the pattern `{tokens}`"));
    };
    Ok(accepts(machine, &pat, value)?
        && match &pattern.guard {
            Some(guard) => eval_code(machine, guard)?.bool()?,
            None => true,
        })
}

fn accepts(machine: &mut Machine, pat: &Pat, value: &Datum) -> Run<bool> {
    Ok(match pat {
        Pat::Wild(_) => true,
        Pat::Lit(lit) => {
            if *value == Datum::Opaque {
                return unknown("a value that nothing is known of");
            }
            *value == literal(&lit.lit)
        }
        Pat::Or(or) => {
            for case in &or.cases {
                if accepts(machine, case, value)? {
                    return Ok(true);
                }
            }
            false
        }
        Pat::Paren(paren) => accepts(machine, &paren.pat, value)?,
        Pat::Tuple(tuple) => {
            for (pat, item) in tuple.elems.iter().zip(value.list()?) {
                if !accepts(machine, pat, item)? {
                    return Ok(false);
                }
            }
            true
        }
        Pat::Range(range) => {
            let end = |end: &Option<Box<Expr>>| match end {
                Some(end) => eval_expr(machine, end)?.int().map(Some),
                None => Ok(None),
            };
            let (lo, hi, value) = (end(&range.start)?, end(&range.end)?, value.int()?);
            let below = match range.limits {
                RangeLimits::HalfOpen(_) => hi.is_none_or(|hi| value < hi),
                RangeLimits::Closed(_) => hi.is_none_or(|hi| value <= hi),
            };
            lo.is_none_or(|lo| lo <= value) && below
        }
        Pat::Ident(ident) => {
            let Some(var) = placeholder_index(&ident.ident) else {
                return unknown(format!("the pattern `{}`", ident.ident));
            };
            if let Some((_, inner)) = &ident.subpat
                && !accepts(machine, inner, value)?
            {
                return Ok(false);
            }
            machine.set(var, value.clone())?;
            true
        }
        other => return unknown(format!("the pattern `{}`", other.to_token_stream())),
    })
}

/// The value of a literal of the IR, which may be negative.
pub(super) fn literal_text(text: &str) -> Run<Datum> {
    // As most are written.
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.parse().map_or(Datum::Opaque, Datum::Int));
    }
    if text.contains('.') && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Ok(text.parse().map_or(Datum::Opaque, Datum::Float));
    }
    let digits = text.trim_start_matches('-').trim_start();
    let Ok(lit) = syn::parse_str(digits) else { return unknown(format!("the literal `{text}`")) };
    Ok(match literal(&lit) {
        Datum::Float(value) if text.starts_with('-') => Datum::Float(-value),
        Datum::Int(value) if text.starts_with('-') => Datum::Int(-value),
        value => value,
    })
}

fn literal(lit: &Lit) -> Datum {
    match lit {
        Lit::Int(int) if int.suffix().starts_with('f') => {
            int.base10_parse().map_or(Datum::Opaque, Datum::Float)
        }
        Lit::Int(int) => int.base10_parse().map_or(Datum::Opaque, Datum::Int),
        Lit::Float(float) => float.base10_parse().map_or(Datum::Opaque, Datum::Float),
        Lit::Bool(bool) => Datum::Bool(bool.value),
        _ => Datum::Opaque,
    }
}

fn eval_expr(machine: &Machine, expr: &Expr) -> Run<Datum> {
    let all = |exprs: &syn::punctuated::Punctuated<Expr, syn::Token![,]>| -> Run<Vec<Datum>> {
        exprs.iter().map(|expr| eval_expr(machine, expr)).collect()
    };
    match expr {
        Expr::Lit(lit) => Ok(literal(&lit.lit)),
        Expr::Paren(paren) => eval_expr(machine, &paren.expr),
        Expr::Group(group) => eval_expr(machine, &group.expr),
        Expr::Reference(reference) => eval_expr(machine, &reference.expr),
        Expr::Path(path) => match path.path.segments.last() {
            Some(last) => match placeholder_index(&last.ident) {
                Some(var) => machine.get(var),
                // A word alone is the user's.
                None if path.path.segments.len() == 1 => {
                    match machine.program.constants.get(&last.ident.to_string()) {
                        Some(constant) => eval_expr(machine, constant),
                        None => Ok(Datum::Opaque),
                    }
                }
                None => Ok(constant(&last.ident.to_string())),
            },
            None => Ok(Datum::Opaque),
        },
        Expr::Unary(unary) => match (unary.op, eval_expr(machine, &unary.expr)?) {
            (UnOp::Deref(_), value) => Ok(value),
            (UnOp::Not(_), Datum::Bool(value)) => Ok(Datum::Bool(!value)),
            (UnOp::Neg(_), Datum::Int(value)) => Ok(Datum::Int(-value)),
            (UnOp::Neg(_), Datum::Float(value)) => Ok(Datum::Float(-value)),
            (_, value) => unknown(format!("an operator on {value:?}")),
        },
        Expr::Binary(binary) => {
            let left = eval_expr(machine, &binary.left)?;
            match (&binary.op, &left) {
                (BinOp::And(_), Datum::Bool(false)) | (BinOp::Or(_), Datum::Bool(true)) => Ok(left),
                (op, _) => eval_binary(op, &left, &eval_expr(machine, &binary.right)?),
            }
        }
        Expr::Cast(cast) => eval_cast(&eval_expr(machine, &cast.expr)?, &cast.ty),
        Expr::Tuple(tuple) => all(&tuple.elems).map(Datum::List),
        Expr::Array(array) => all(&array.elems).map(Datum::List),
        Expr::Index(index) => {
            let at = eval_expr(machine, &index.index)?.size()?;
            let of = eval_expr(machine, &index.expr)?;
            let items = of.list()?;
            let item = items.get(at).cloned();
            item.ok_or_else(|| Stop::Panics(format!("index {at} of {}", items.len())))
        }
        Expr::Field(field) => match &field.member {
            Member::Unnamed(index) => {
                let of = eval_expr(machine, &field.base)?;
                Ok(of.list()?.get(index.index as usize).cloned().unwrap_or(Datum::Opaque))
            }
            Member::Named(name) => match eval_expr(machine, &field.base)? {
                of @ Datum::Record { .. } => of.part(of.field(&name.to_string())?).cloned(),
                _ => Ok(Datum::Opaque),
            },
        },
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else {
                return unknown(format!("the call `{}`", call.to_token_stream()));
            };
            let name = function.path.segments.last().map(|last| last.ident.to_string());
            let args = all(&call.args)?;
            // A function of a type; of others only the runtime's are called where code is constant.
            let of_type = if function.path.segments.len() > 1 {
                Program::of_type(&machine.program.primals, &function.to_token_stream())
            } else {
                None
            };
            match of_type {
                Some(callee) => Ok(eval(machine.program, callee, args)?.0),
                None => eval_call(&name.unwrap_or_default(), &args),
            }
        }
        Expr::MethodCall(call) => {
            let receiver = eval_expr(machine, &call.receiver)?;
            if let Some(callee) =
                Program::of_method(&machine.program.primals, &call.method.to_string(), &receiver)
            {
                let args = [receiver].into_iter().chain(all(&call.args)?).collect();
                return Ok(eval(machine.program, callee, args)?.0);
            }
            eval_method(machine, &call.method.to_string(), &receiver, &all(&call.args)?)
        }
        Expr::If(branch) => match (eval_expr(machine, &branch.cond)?.bool()?, &branch.else_branch) {
            (true, _) => eval_block(machine, &branch.then_branch),
            (false, Some((_, other))) => eval_expr(machine, other),
            (false, None) => Ok(Datum::Unit),
        },
        Expr::Block(block) => eval_block(machine, &block.block),
        Expr::Range(range) => {
            let (Some(lo), Some(hi)) = (&range.start, &range.end) else {
                return unknown("a range without an end");
            };
            let (lo, hi) = (eval_expr(machine, lo)?.int()?, eval_expr(machine, hi)?.int()?);
            let hi = hi + i128::from(matches!(range.limits, RangeLimits::Closed(_)));
            if hi - lo > MOST_ITEMS {
                return unknown("a range of so many numbers");
            }
            Ok(Datum::List((lo..hi).map(Datum::Int).collect()))
        }
        other => unknown(format!("`{}`", other.to_token_stream())),
    }
}

/// A longer list than this is no small example any more.
const MOST_ITEMS: i128 = 1_000_000;

/// A block of one expression.
fn eval_block(machine: &Machine, block: &syn::Block) -> Run<Datum> {
    match block.stmts.as_slice() {
        [syn::Stmt::Expr(value, None)] => eval_expr(machine, value),
        _ => unknown(format!("`{}`", block.to_token_stream())),
    }
}

/// Whether a statement is a panic, `panic!(…)`.
pub(super) fn panics(tokens: &TokenStream) -> bool {
    let known = ["panic", "unreachable", "todo", "unimplemented"];
    match syn::parse2::<syn::Stmt>(tokens.clone()) {
        Ok(syn::Stmt::Macro(call)) => known.iter().any(|name| call.mac.path.is_ident(name)),
        _ => false,
    }
}

/// Functions of the runtime that generated code calls for integers.
fn eval_call(name: &str, args: &[Datum]) -> Run<Datum> {
    let int = |value: i128| Ok(Datum::Int(value));
    match (name, args) {
        ("times", [Datum::Int(passes), Datum::Int(len)]) => int(passes * len),
        ("greatest", [Datum::Int(_)]) => int(i128::from(i64::MAX)),
        ("trips", [Datum::Int(lo), Datum::Int(hi)]) => int((hi - lo).max(0)),
        ("index", [Datum::Int(lo), Datum::Int(_), Datum::Int(pass)]) => int(lo + pass),
        ("index_reversed", [Datum::Int(_), Datum::Int(hi), Datum::Int(pass)]) => int(hi - 1 - pass),
        ("index_reversed_inclusive", [Datum::Int(_), Datum::Int(hi), Datum::Int(pass)]) => int(hi - pass),
        ("trips_inclusive", [Datum::Int(lo), Datum::Int(hi)]) => int((hi - lo + 1).max(0)),
        ("first_of", [Datum::Int(passes), Datum::Int(first)]) => int(if *passes == 0 { 0 } else { *first }),
        ("is_same", [Datum::Float(a), Datum::Float(b)]) => Ok(Datum::Bool(a == b)),
        (
            "stays",
            [Datum::Bool(numbers), Datum::Float(less), Datum::Float(more), Datum::Float(a), Datum::Float(b)],
        ) => Ok(Datum::Bool(if *numbers { less.partial_cmp(more) != Some(Ordering::Less) } else { a == b })),
        (
            "has_it",
            [Datum::Bool(numbers), Datum::Float(less), Datum::Float(more), Datum::Float(a), Datum::Float(b)],
        ) => Ok(Datum::Bool(if *numbers { less <= more } else { a == b })),
        ("down", [Datum::Int(counter), Datum::Int(by)]) => int(counter - by),
        ("up", [Datum::Int(counter), Datum::Int(by)]) => int(counter + by),
        ("bounded", [Datum::Int(passes), Datum::Int(len), Datum::Int(ahead)]) => {
            int((*passes).min((len - ahead).max(0)))
        }
        // Of however few: what is right of many is right of these.
        ("in_strips", [Datum::Int(passes)]) => int(*passes),
        ("fours" | "fours_by", [Datum::Int(passes), ..]) => int(passes / 4),
        ("strips", [Datum::Int(passes)]) => int((passes + 31) / 32),
        ("strip_len", [Datum::Int(passes), Datum::Int(start)]) => int((passes - start).min(32)),
        ("block_len", [Datum::Int(passes)]) => int(block_len(*passes)),
        ("blocks", [Datum::Int(passes)]) => int((passes + block_len(*passes) - 1) / block_len(*passes)),
        ("block_start", [Datum::Int(passes), Datum::Int(block)]) => int(block * block_len(*passes)),
        ("block_passes", [Datum::Int(passes), Datum::Int(block)]) => {
            int(block_len(*passes).min(passes - block * block_len(*passes)))
        }
        ("identity" | "constant" | "convert", [value]) => Ok(value.clone()),
        (name, []) if number(name).is_some() => Ok(constant(name)),
        // Where such a conversion may fail, the number is what would be there.
        (name, [Datum::Int(value)]) if name.starts_with("from") => Ok(Datum::Float(*value as f64)),
        (name, [Datum::Float(value)]) if name.starts_with("from") => Ok(Datum::Float(*value)),
        (name, _) => unknown(format!("the function `{name}`")),
    }
}

/// The smallest number with a square of `passes` at least, and 1 at least.
fn block_len(passes: i128) -> i128 {
    (1..=passes.max(1)).find(|len| len * len >= passes).unwrap_or(1)
}

fn constant(name: &str) -> Datum {
    number(name).map_or(Datum::Opaque, Datum::Float)
}

/// The numbers that have names: constants of the standard library, and the functions of a type parameter that are numbers.
fn number(name: &str) -> Option<f64> {
    use std::f64::consts;
    Some(match name.to_ascii_uppercase().as_str() {
        "ZERO" => 0.0,
        "NEG_ZERO" => -0.0,
        "ONE" => 1.0,
        "PI" => consts::PI,
        "TAU" | "TWO_PI" => consts::TAU,
        "E" => consts::E,
        "FRAC_1_PI" => consts::FRAC_1_PI,
        "FRAC_1_SQRT_2" => consts::FRAC_1_SQRT_2,
        "FRAC_2_PI" => consts::FRAC_2_PI,
        "FRAC_2_SQRT_PI" => consts::FRAC_2_SQRT_PI,
        "FRAC_PI_2" => consts::FRAC_PI_2,
        "FRAC_PI_3" => consts::FRAC_PI_3,
        "FRAC_PI_4" => consts::FRAC_PI_4,
        "FRAC_PI_6" => consts::FRAC_PI_6,
        "FRAC_PI_8" => consts::FRAC_PI_8,
        "LN_10" => consts::LN_10,
        "LN_2" => consts::LN_2,
        "LOG10_2" => consts::LOG10_2,
        "LOG10_E" => consts::LOG10_E,
        "LOG2_10" => consts::LOG2_10,
        "LOG2_E" => consts::LOG2_E,
        "SQRT_2" => consts::SQRT_2,
        "EPSILON" => f64::EPSILON,
        "INFINITY" => f64::INFINITY,
        "NEG_INFINITY" => f64::NEG_INFINITY,
        "MAX" | "MAX_VALUE" => f64::MAX,
        "MIN" | "MIN_VALUE" => f64::MIN,
        "MIN_POSITIVE" | "MIN_POSITIVE_VALUE" => f64::MIN_POSITIVE,
        "NAN" => f64::NAN,
        _ => return None,
    })
}

fn eval_binary(op: &BinOp, left: &Datum, right: &Datum) -> Run<Datum> {
    use std::cmp::Ordering;
    let ordering = match (left, right) {
        (Datum::Float(x), Datum::Float(y)) => x.partial_cmp(y),
        (Datum::Int(x), Datum::Int(y)) => Some(x.cmp(y)),
        (Datum::Bool(x), Datum::Bool(y)) => Some(x.cmp(y)),
        (Datum::Opaque, _) | (_, Datum::Opaque) => return unknown("a value that nothing is known of"),
        (x, y) => return unknown(format!("an operator between {x:?} and {y:?}")),
    };
    let compared = match op {
        BinOp::Lt(_) => Some(ordering.is_some_and(Ordering::is_lt)),
        BinOp::Le(_) => Some(ordering.is_some_and(Ordering::is_le)),
        BinOp::Gt(_) => Some(ordering.is_some_and(Ordering::is_gt)),
        BinOp::Ge(_) => Some(ordering.is_some_and(Ordering::is_ge)),
        BinOp::Eq(_) => Some(left == right),
        BinOp::Ne(_) => Some(left != right),
        _ => None,
    };
    if let Some(compared) = compared {
        return Ok(Datum::Bool(compared));
    }
    match (left, right) {
        (Datum::Int(x), Datum::Int(y)) => {
            let shift = u32::try_from(*y).ok();
            let value = match op {
                BinOp::Add(_) => x.checked_add(*y),
                BinOp::Sub(_) => x.checked_sub(*y),
                BinOp::Mul(_) => x.checked_mul(*y),
                BinOp::Div(_) => x.checked_div(*y),
                BinOp::Rem(_) => x.checked_rem(*y),
                BinOp::Shl(_) => shift.and_then(|shift| x.checked_shl(shift)),
                BinOp::Shr(_) => shift.and_then(|shift| x.checked_shr(shift)),
                BinOp::BitAnd(_) => Some(x & y),
                BinOp::BitXor(_) => Some(x ^ y),
                BinOp::BitOr(_) => Some(x | y),
                _ => return unknown("an operator between integers"),
            };
            value.map(Datum::Int).ok_or_else(|| Stop::Panics("arithmetic of integers overflows".to_owned()))
        }
        (Datum::Bool(x), Datum::Bool(y)) => match op {
            BinOp::And(_) | BinOp::BitAnd(_) => Ok(Datum::Bool(x & y)),
            BinOp::Or(_) | BinOp::BitOr(_) => Ok(Datum::Bool(x | y)),
            BinOp::BitXor(_) => Ok(Datum::Bool(x ^ y)),
            _ => unknown("an operator between booleans"),
        },
        (Datum::Float(x), Datum::Float(y)) => match op {
            BinOp::Add(_) => Ok(Datum::Float(x + y)),
            BinOp::Sub(_) => Ok(Datum::Float(x - y)),
            BinOp::Mul(_) => Ok(Datum::Float(x * y)),
            BinOp::Div(_) => Ok(Datum::Float(x / y)),
            _ => unknown("an operator between floats"),
        },
        _ => unknown("an operator"),
    }
}

/// A cast of an integer keeps its value: examples stay in range.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn eval_cast(value: &Datum, ty: &Type) -> Run<Datum> {
    let name = match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        _ => "_".to_owned(),
    };
    let to_float = name.starts_with('f');
    Ok(match value {
        Datum::Int(value) if to_float => Datum::Float(*value as f64),
        Datum::Int(value) => Datum::Int(*value),
        Datum::Bool(value) => Datum::Int(i128::from(*value)),
        Datum::Float(value) if name == "f32" => Datum::Float(f64::from(*value as f32)),
        Datum::Float(value) if to_float => Datum::Float(*value),
        Datum::Float(value) if name.starts_with('u') => Datum::Int(i128::from(*value as u64)),
        Datum::Float(value) => Datum::Int(i128::from(*value as i64)),
        other => return unknown(format!("a cast of {other:?}")),
    })
}

fn eval_method(machine: &Machine, name: &str, receiver: &Datum, args: &[Datum]) -> Run<Datum> {
    let int = |value: Option<i128>| {
        value.map(Datum::Int).ok_or_else(|| Stop::Panics("arithmetic of integers overflows".to_owned()))
    };
    match (name, receiver, args) {
        ("len", Datum::List(items), []) => Ok(Datum::Int(items.len() as i128)),
        ("is_empty", Datum::List(items), []) => Ok(Datum::Bool(items.is_empty())),
        ("min", Datum::Int(x), [Datum::Int(y)]) => int(Some(*x.min(y))),
        ("max", Datum::Int(x), [Datum::Int(y)]) => int(Some(*x.max(y))),
        ("abs", Datum::Int(x), []) => int(x.checked_abs()),
        ("abs_diff", Datum::Int(x), [Datum::Int(y)]) => int(x.checked_sub(*y).and_then(i128::checked_abs)),
        ("saturating_sub", Datum::Int(x), [Datum::Int(y)]) => int(x.checked_sub(*y).map(|x| x.max(0))),
        ("wrapping_add", Datum::Int(x), [Datum::Int(y)]) => int(x.checked_add(*y)),
        ("rem_euclid", Datum::Int(x), [Datum::Int(y)]) => int(x.checked_rem_euclid(*y)),
        ("div_ceil", Datum::Int(x), [Datum::Int(y)]) => int((x + y - 1).checked_div(*y)),
        ("is_nan", Datum::Float(x), []) => Ok(Datum::Bool(x.is_nan())),
        ("is_finite", Datum::Float(x), []) => Ok(Datum::Bool(x.is_finite())),
        ("clone" | "to_owned", value, []) => Ok(value.clone()),
        // A conversion that does not fail here.
        ("unwrap" | "expect", value @ Datum::Float(_), _) => Ok(value.clone()),
        (_, Datum::Float(x), args) => {
            let mut all = vec![*x];
            for arg in args {
                all.push(match arg {
                    Datum::Int(value) => *value as f64,
                    other => other.float()?,
                });
            }
            machine.program.primitive(name, &all).map(Datum::Float)
        }
        (_, Datum::Opaque, _) => unknown("a value that nothing is known of"),
        (name, _, _) => unknown(format!("the method `{name}`")),
    }
}
