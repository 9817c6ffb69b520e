//! What the user's tokens mean, as far as tests need it: integers, comparisons, logic, casts, constants.

use super::datum::Datum;
use super::interp::Machine;
use super::prims::eval_prim;
use crate::ir::{Code, Pattern, placeholder_index};
use proc_macro2::TokenStream;
use syn::parse::Parser as _;
use syn::{BinOp, Expr, Lit, Member, Pat, RangeLimits, Type, UnOp};

pub(super) fn eval_code(machine: &mut Machine, code: &Code) -> Datum {
    eval_tokens(machine, code)
}

pub(super) fn eval_tokens(machine: &Machine, code: &Code) -> Datum {
    eval_expr(machine, &parse(&code.tokens))
}

fn parse(tokens: &TokenStream) -> Expr {
    syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("`{tokens}` is no expression: {error}"))
}

/// Whether the pattern and its guard accept the value; binds its variables.
pub(super) fn matches_pattern(machine: &mut Machine, pattern: &Pattern, value: &Datum) -> bool {
    let pat = Pat::parse_multi_with_leading_vert.parse2(pattern.tokens.clone()).unwrap();
    accepts(machine, &pat, value)
        && pattern.guard.as_ref().is_none_or(|guard| eval_code(machine, guard).bool())
}

fn accepts(machine: &mut Machine, pat: &Pat, value: &Datum) -> bool {
    match pat {
        Pat::Wild(_) => true,
        Pat::Lit(lit) => *value == literal(&lit.lit),
        Pat::Or(or) => or.cases.iter().any(|case| accepts(machine, case, value)),
        Pat::Paren(paren) => accepts(machine, &paren.pat, value),
        Pat::Tuple(tuple) => {
            let items = value.list().clone();
            tuple.elems.iter().zip(&items).all(|(pat, item)| accepts(machine, pat, item))
        }
        Pat::Range(range) => {
            let end = |end: &Option<Box<Expr>>| end.as_ref().map(|end| eval_expr(machine, end).int());
            let (lo, hi, value) = (end(&range.start), end(&range.end), value.int());
            let below = match range.limits {
                RangeLimits::HalfOpen(_) => hi.is_none_or(|hi| value < hi),
                RangeLimits::Closed(_) => hi.is_none_or(|hi| value <= hi),
            };
            lo.is_none_or(|lo| lo <= value) && below
        }
        Pat::Ident(ident) => {
            let var = placeholder_index(&ident.ident).expect("a pattern of a test binds placeholders");
            if let Some((_, inner)) = &ident.subpat
                && !accepts(machine, inner, value)
            {
                return false;
            }
            machine.bind(var, value.clone());
            true
        }
        other => panic!("pattern {other:?}"),
    }
}

/// The value of a literal of the IR, which may be negative.
pub(super) fn literal_text(text: &str) -> Datum {
    let digits = text.trim_start_matches('-').trim_start();
    let lit = syn::parse_str(digits).unwrap_or_else(|error| panic!("`{text}` is no literal: {error}"));
    match literal(&lit) {
        Datum::Float(value) if text.starts_with('-') => Datum::Float(-value),
        Datum::Int(value) if text.starts_with('-') => Datum::Int(-value),
        value => value,
    }
}

fn literal(lit: &Lit) -> Datum {
    match lit {
        Lit::Int(int) if int.suffix().starts_with('f') => Datum::Float(int.base10_parse().unwrap()),
        Lit::Int(int) => Datum::Int(int.base10_parse().unwrap()),
        Lit::Float(float) => Datum::Float(float.base10_parse().unwrap()),
        Lit::Bool(bool) => Datum::Bool(bool.value),
        _ => Datum::Opaque,
    }
}

fn eval_expr(machine: &Machine, expr: &Expr) -> Datum {
    match expr {
        Expr::Lit(lit) => literal(&lit.lit),
        Expr::Paren(paren) => eval_expr(machine, &paren.expr),
        Expr::Group(group) => eval_expr(machine, &group.expr),
        Expr::Reference(reference) => eval_expr(machine, &reference.expr),
        Expr::Path(path) => {
            let last = &path.path.segments.last().unwrap().ident;
            match placeholder_index(last) {
                Some(var) => machine.get(var),
                None => constant(&last.to_string()),
            }
        }
        Expr::Unary(unary) => match (unary.op, eval_expr(machine, &unary.expr)) {
            (UnOp::Deref(_), value) => value,
            (UnOp::Not(_), Datum::Bool(value)) => Datum::Bool(!value),
            (UnOp::Neg(_), Datum::Int(value)) => Datum::Int(-value),
            (UnOp::Neg(_), Datum::Float(value)) => Datum::Float(-value),
            (_, value) => panic!("operator on {value:?}"),
        },
        Expr::Binary(binary) => {
            let left = eval_expr(machine, &binary.left);
            match (&binary.op, &left) {
                (BinOp::And(_), Datum::Bool(false)) | (BinOp::Or(_), Datum::Bool(true)) => left,
                (op, _) => eval_binary(op, &left, &eval_expr(machine, &binary.right)),
            }
        }
        Expr::Cast(cast) => eval_cast(&eval_expr(machine, &cast.expr), &cast.ty),
        Expr::Tuple(tuple) => Datum::List(tuple.elems.iter().map(|elem| eval_expr(machine, elem)).collect()),
        Expr::Array(array) => Datum::List(array.elems.iter().map(|elem| eval_expr(machine, elem)).collect()),
        Expr::Index(index) => {
            let at = eval_expr(machine, &index.index).index();
            eval_expr(machine, &index.expr).list()[at].clone()
        }
        Expr::Field(field) => match &field.member {
            Member::Unnamed(index) => eval_expr(machine, &field.base).list()[index.index as usize].clone(),
            Member::Named(_) => Datum::Opaque,
        },
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else { panic!("a call of {:?}", call.func) };
            let name = function.path.segments.last().unwrap().ident.to_string();
            let args: Vec<Datum> = call.args.iter().map(|arg| eval_expr(machine, arg)).collect();
            eval_call(&name, &args)
        }
        Expr::MethodCall(call) => {
            let receiver = eval_expr(machine, &call.receiver);
            let args: Vec<Datum> = call.args.iter().map(|arg| eval_expr(machine, arg)).collect();
            eval_method(&call.method.to_string(), &receiver, &args)
        }
        Expr::If(branch) => {
            let block = if eval_expr(machine, &branch.cond).bool() {
                return eval_block(machine, &branch.then_branch);
            } else {
                &branch.else_branch.as_ref().unwrap().1
            };
            eval_expr(machine, block)
        }
        Expr::Block(block) => eval_block(machine, &block.block),
        Expr::Range(range) => {
            let end = |end: &Option<Box<Expr>>| eval_expr(machine, end.as_ref().unwrap()).int();
            let (lo, hi) = (end(&range.start), end(&range.end));
            let hi = hi + i128::from(matches!(range.limits, RangeLimits::Closed(_)));
            Datum::List((lo..hi).map(Datum::Int).collect())
        }
        other => panic!("the interpreter does not know {other:?}"),
    }
}

/// A block of one expression.
fn eval_block(machine: &Machine, block: &syn::Block) -> Datum {
    match block.stmts.as_slice() {
        [syn::Stmt::Expr(value, None)] => eval_expr(machine, value),
        other => panic!("the interpreter does not know {other:?}"),
    }
}

/// Functions of the runtime that generated code calls for integers.
fn eval_call(name: &str, args: &[Datum]) -> Datum {
    match (name, args) {
        ("is_same", [Datum::Float(a), Datum::Float(b)]) => Datum::Bool(a == b),
        ("trips", [Datum::Int(lo), Datum::Int(hi)]) => Datum::Int((hi - lo).max(0)),
        ("index", [Datum::Int(lo), Datum::Int(_), Datum::Int(pass)]) => Datum::Int(lo + pass),
        ("index_reversed", [Datum::Int(_), Datum::Int(hi), Datum::Int(pass)]) => Datum::Int(hi - 1 - pass),
        ("index_reversed_inclusive", [Datum::Int(_), Datum::Int(hi), Datum::Int(pass)]) => {
            Datum::Int(hi - pass)
        }
        ("trips_inclusive", [Datum::Int(lo), Datum::Int(hi)]) => Datum::Int((hi - lo + 1).max(0)),
        ("down", [Datum::Int(counter), Datum::Int(by)]) => Datum::Int(counter - by),
        ("up", [Datum::Int(counter), Datum::Int(by)]) => Datum::Int(counter + by),
        ("block_len", [Datum::Int(passes)]) => Datum::Int(block_len(*passes)),
        ("blocks", [Datum::Int(passes)]) => {
            Datum::Int((passes + block_len(*passes) - 1) / block_len(*passes))
        }
        ("block_start", [Datum::Int(passes), Datum::Int(block)]) => Datum::Int(block * block_len(*passes)),
        ("block_passes", [Datum::Int(passes), Datum::Int(block)]) => {
            Datum::Int(block_len(*passes).min(passes - block * block_len(*passes)))
        }
        ("identity", [value]) => value.clone(),
        ("from", [Datum::Int(value)]) => Datum::Float(*value as f64),
        (name, args) => panic!("the interpreter does not know `{name}` of {args:?}"),
    }
}

/// The smallest number with a square of `passes` at least, and 1 at least.
fn block_len(passes: i128) -> i128 {
    (1..=passes.max(1)).find(|len| len * len >= passes).expect("there is one")
}

fn constant(name: &str) -> Datum {
    Datum::Float(match name {
        "PI" => std::f64::consts::PI,
        "TAU" => std::f64::consts::TAU,
        "E" => std::f64::consts::E,
        "EPSILON" => f64::EPSILON,
        "INFINITY" => f64::INFINITY,
        "NEG_INFINITY" => f64::NEG_INFINITY,
        "MAX" => f64::MAX,
        "NAN" => f64::NAN,
        _ => return Datum::Opaque,
    })
}

fn eval_binary(op: &BinOp, left: &Datum, right: &Datum) -> Datum {
    let ordering = match (left, right) {
        (Datum::Float(x), Datum::Float(y)) => x.partial_cmp(y),
        (Datum::Int(x), Datum::Int(y)) => Some(x.cmp(y)),
        (Datum::Bool(x), Datum::Bool(y)) => Some(x.cmp(y)),
        (x, y) => panic!("operator between {x:?} and {y:?}"),
    };
    match (op, left, right) {
        (BinOp::Lt(_), _, _) => Datum::Bool(ordering.is_some_and(std::cmp::Ordering::is_lt)),
        (BinOp::Le(_), _, _) => Datum::Bool(ordering.is_some_and(std::cmp::Ordering::is_le)),
        (BinOp::Gt(_), _, _) => Datum::Bool(ordering.is_some_and(std::cmp::Ordering::is_gt)),
        (BinOp::Ge(_), _, _) => Datum::Bool(ordering.is_some_and(std::cmp::Ordering::is_ge)),
        (BinOp::Eq(_), _, _) => Datum::Bool(ordering.is_some_and(std::cmp::Ordering::is_eq)),
        (BinOp::Ne(_), _, _) => Datum::Bool(!ordering.is_some_and(std::cmp::Ordering::is_eq)),
        (BinOp::Add(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x + y),
        (BinOp::Sub(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x - y),
        (BinOp::Mul(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x * y),
        (BinOp::Div(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x / y),
        (BinOp::Rem(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x % y),
        (BinOp::Shl(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x << y),
        (BinOp::Shr(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x >> y),
        (BinOp::BitAnd(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x & y),
        (BinOp::BitXor(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x ^ y),
        (BinOp::BitOr(_), Datum::Int(x), Datum::Int(y)) => Datum::Int(x | y),
        (BinOp::And(_) | BinOp::BitAnd(_), Datum::Bool(x), Datum::Bool(y)) => Datum::Bool(x & y),
        (BinOp::Or(_) | BinOp::BitOr(_), Datum::Bool(x), Datum::Bool(y)) => Datum::Bool(x | y),
        (BinOp::Add(_), Datum::Float(x), Datum::Float(y)) => Datum::Float(x + y),
        (BinOp::Sub(_), Datum::Float(x), Datum::Float(y)) => Datum::Float(x - y),
        (BinOp::Mul(_), Datum::Float(x), Datum::Float(y)) => Datum::Float(x * y),
        (BinOp::Div(_), Datum::Float(x), Datum::Float(y)) => Datum::Float(x / y),
        (op, x, y) => panic!("operator {op:?} between {x:?} and {y:?}"),
    }
}

/// A cast of an integer keeps its value: tests stay in range.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn eval_cast(value: &Datum, ty: &Type) -> Datum {
    let name = match ty {
        Type::Path(path) => path.path.segments.last().unwrap().ident.to_string(),
        _ => "_".to_owned(),
    };
    let to_float = name.starts_with('f');
    match value {
        Datum::Int(value) if to_float => Datum::Float(*value as f64),
        Datum::Int(value) => Datum::Int(*value),
        Datum::Bool(value) => Datum::Int(i128::from(*value)),
        Datum::Float(value) if name == "f32" => Datum::Float(f64::from(*value as f32)),
        Datum::Float(value) if to_float => Datum::Float(*value),
        Datum::Float(value) if name.starts_with('u') => Datum::Int(i128::from(*value as u64)),
        Datum::Float(value) => Datum::Int(i128::from(*value as i64)),
        other => panic!("cast of {other:?}"),
    }
}

fn eval_method(name: &str, receiver: &Datum, args: &[Datum]) -> Datum {
    match (name, receiver, args) {
        ("len", Datum::List(items), []) => Datum::Int(items.len() as i128),
        ("is_empty", Datum::List(items), []) => Datum::Bool(items.is_empty()),
        ("min", Datum::Int(x), [Datum::Int(y)]) => Datum::Int(*x.min(y)),
        ("max", Datum::Int(x), [Datum::Int(y)]) => Datum::Int(*x.max(y)),
        ("abs", Datum::Int(x), []) => Datum::Int(x.abs()),
        ("abs_diff", Datum::Int(x), [Datum::Int(y)]) => Datum::Int((x - y).abs()),
        ("saturating_sub", Datum::Int(x), [Datum::Int(y)]) => Datum::Int((x - y).max(0)),
        ("wrapping_add", Datum::Int(x), [Datum::Int(y)]) => Datum::Int(x + y),
        ("rem_euclid", Datum::Int(x), [Datum::Int(y)]) => Datum::Int(x.rem_euclid(*y)),
        ("div_ceil", Datum::Int(x), [Datum::Int(y)]) => Datum::Int((x + y - 1) / y),
        ("is_nan", Datum::Float(x), []) => Datum::Bool(x.is_nan()),
        ("is_finite", Datum::Float(x), []) => Datum::Bool(x.is_finite()),
        ("clone" | "to_owned", value, []) => value.clone(),
        (_, Datum::Float(x), args) => {
            let mut all = vec![*x];
            all.extend(args.iter().map(|arg| match arg {
                Datum::Int(value) => *value as f64,
                other => other.float(),
            }));
            Datum::Float(eval_prim(name, &all))
        }
        (name, receiver, args) => panic!("`{name}` of {receiver:?}, {args:?}"),
    }
}
