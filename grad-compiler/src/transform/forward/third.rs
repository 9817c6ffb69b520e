//! Forward mode over the second derivative: the tangent of the product with the Hessian, and so the third derivative.

use super::Cx;
use crate::analysis::Facts;
use crate::ir::{Block, Func, Param, Stmt, Value, Var};
use crate::transform::{ParamCotangent, Second, TangentTrace, Third, Width};
use proc_macro2::Span;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Both sweeps of a second derivative as one function of the arguments, the direction and the buffers.
pub(in crate::transform) fn all_of(second: &Second) -> Func {
    let mut whole = second.reversed.func.clone();
    let cotangents = second.reversed.cotangents.iter().chain(&second.cotangents);
    let mut given: Vec<Var> = second.params.iter().copied().flatten().collect();
    let mut values = Vec::new();
    for cotangent in cotangents {
        match cotangent {
            ParamCotangent::Constant => {}
            ParamCotangent::Value(operand) => values.push(Value::Scalar(operand.clone())),
            ParamCotangent::Slot(var) => given.push(*var),
        }
    }
    for var in given {
        whole.params.push(Param { var, wrt: true, shared: false, position: whole.params.len() });
    }
    whole.body.stmts.extend(second.reversed.reverse.stmts.clone());
    whole.result = Value::Tuple(values);
    whole
}

/// Where a second derivative calls a function whose second derivative it needs: there is no third.
pub(in crate::transform) fn first_call(block: &Block) -> Option<Span> {
    block.stmts.iter().find_map(|stmt| match stmt {
        Stmt::ForwardCall(forward) => Some(forward.call.span),
        Stmt::TangentCall(tangent) => Some(tangent.call.span),
        Stmt::Branch(branch) => branch.arms.iter().find_map(|arm| first_call(&arm.block)),
        Stmt::For(stmt) => first_call(&stmt.body),
        Stmt::While(stmt) => first_call(&stmt.condition).or_else(|| first_call(&stmt.body)),
        _ => None,
    })
}

/// Forward mode of a second derivative, with respect to the arguments and to the direction.
pub(in crate::transform) fn forward_over_second(second: &Second, whole: &Func, facts: &Facts) -> Third {
    let mut cx = Cx {
        primal: whole,
        width: Width::One,
        layout: &facts.layout,
        activity: &facts.activity,
        out: Func { body: Block::default(), ..whole.clone() },
        dots: BTreeMap::new(),
        roots: BTreeMap::new(),
        absent: BTreeSet::new(),
        trace: TangentTrace::default(),
        missing: RefCell::default(),
        stmts: Vec::new(),
    };
    let dots = cx.params();
    let dot_of: BTreeMap<Var, Option<Var>> = whole.params.iter().map(|param| param.var).zip(dots).collect();
    let body = cx.block(&whole.body);
    cx.stmts = body.stmts;
    let mut tangents = |cotangents: &[ParamCotangent]| -> Vec<ParamCotangent> {
        let tangent = |cotangent: &ParamCotangent| match cotangent {
            ParamCotangent::Constant => ParamCotangent::Constant,
            ParamCotangent::Value(operand) => ParamCotangent::Value(cx.dot_or_zero(operand)),
            ParamCotangent::Slot(var) => dot_of[var].map_or(ParamCotangent::Constant, ParamCotangent::Slot),
        };
        cotangents.iter().map(tangent).collect()
    };
    let (bars, products) = (tangents(&second.reversed.cotangents), tangents(&second.cotangents));
    let of = |var: Var| dot_of.get(&var).copied().flatten();
    let params = second.reversed.func.params.clone();
    let missing = cx.missing.into_inner();
    let mut func = cx.out;
    func.body = Block { stmts: cx.stmts };
    Third {
        moves: params.iter().map(|param| of(param.var)).collect(),
        turns: second.params.iter().map(|dot| dot.and_then(of)).collect(),
        func: Func { params, ..func },
        directions: second.params.clone(),
        bars: [second.reversed.cotangents.clone(), second.cotangents.clone()],
        bar_dots: [bars, products],
        missing,
    }
}
