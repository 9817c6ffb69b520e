//! Forward mode over reverse mode: every value and every cotangent gets a tangent.
//!
//! Both sweeps are one function to forward mode, which is taken apart again at the turn.

use super::Cx;
use crate::analysis::Facts;
use crate::ir::{Block, Func, Op, Operand, Param, Place, Stmt, Value, Var};
use crate::transform::{Mode, ParamCotangent, Reversed, Second, TangentTrace, Width};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Forward mode of a function in reverse mode: the second derivative along a direction.
pub(in crate::transform) fn forward_over_reverse(
    reversed: &Reversed,
    whole: &Func,
    facts: &Facts,
    mode: Mode,
    width: Width,
) -> Second {
    let mut cx = Cx {
        primal: whole,
        width,
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
    let turn = whole.body.stmts.len() - reversed.reverse.stmts.len();
    let (forward, reverse) = whole.body.stmts.split_at(turn);
    for stmt in forward {
        cx.stmt(stmt);
    }
    let result = cx.value(&reversed.func.result, &reversed.func.result_ty);
    let body = Block { stmts: std::mem::take(&mut cx.stmts) };
    for stmt in reverse {
        cx.stmt(stmt);
    }
    let cotangents = reversed
        .cotangents
        .iter()
        .map(|cotangent| match cotangent {
            ParamCotangent::Constant => ParamCotangent::Constant,
            ParamCotangent::Value(operand) => ParamCotangent::Value(cx.dot_or_zero(operand)),
            ParamCotangent::Slot(var) => dot_of[var].map_or(ParamCotangent::Constant, ParamCotangent::Slot),
        })
        .collect();
    let reverse = Block { stmts: std::mem::take(&mut cx.stmts) };
    let seed = reversed
        .seed
        .as_ref()
        .filter(|_| mode == Mode::Split)
        .map(|seed| map_value(seed, &|var| dot_of.get(&var).copied().flatten()));
    let missing = std::mem::take(&mut *cx.missing.borrow_mut());
    let params = reversed.func.params.iter().map(|param| dot_of[&param.var]).collect();
    let func = Func {
        params: reversed.func.params.clone(),
        result: reversed.func.result.clone(),
        result_ty: reversed.func.result_ty.clone(),
        body,
        ..cx.out
    };
    let reversed = Reversed { func, reverse, ..reversed.clone() };
    Second { reversed, params, result, seed, cotangents, missing }
}

/// Both sweeps as one function of the arguments, the seeds and the cotangents' buffers.
pub(in crate::transform) fn both_sweeps(reversed: &Reversed, mode: Mode) -> Func {
    let mut whole = reversed.func.clone();
    let mut stmts = Vec::new();
    let mut params = whole.params.clone();
    let given = |var: Var, params: &mut Vec<Param>| {
        params.push(Param { var, wrt: true, shared: false, position: params.len() });
    };
    if let Some(seed) = &reversed.seed {
        seed.for_each_read(&mut |var| match mode {
            // The seed of a gradient.
            Mode::Joint => stmts.push(Stmt::Let { var, op: Op::Copy(Operand::float(1.0)) }),
            Mode::Split => given(var, &mut params),
        });
    }
    let mut values = vec![whole.result.clone()];
    for cotangent in &reversed.cotangents {
        match cotangent {
            ParamCotangent::Constant => {}
            ParamCotangent::Value(operand) => values.push(Value::Scalar(operand.clone())),
            ParamCotangent::Slot(var) => given(*var, &mut params),
        }
    }
    stmts.extend(std::mem::take(&mut whole.body.stmts));
    stmts.extend(reversed.reverse.stmts.clone());
    whole.params = params;
    whole.body = Block { stmts };
    whole.result = Value::Tuple(values);
    whole
}

/// The same tree of other variables.
fn map_value(value: &Value, to: &impl Fn(Var) -> Option<Var>) -> Value {
    match value {
        Value::Scalar(Operand::Var(var)) => to(*var).map_or(Value::Unit, |var| Value::Scalar(var.into())),
        Value::Memory(place) => {
            to(place.root).map_or(Value::Unit, |root| Value::Memory(Place { root, path: place.path.clone() }))
        }
        Value::Tuple(values) => Value::Tuple(values.iter().map(|value| map_value(value, to)).collect()),
        Value::Unit | Value::Scalar(Operand::Lit(_)) => Value::Unit,
    }
}
