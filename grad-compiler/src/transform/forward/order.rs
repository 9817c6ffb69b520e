//! The next order of a derivative: forward mode over all of it, so that every value and every cotangent gets a tangent.
//!
//! All of a derivative is one function to forward mode, of the arguments, the directions, the seeds and the cotangents'
//! buffers. It is taken apart again at the turn between the sweeps. What the tangents are of says what they are: those of
//! the arguments are a new direction, those of a direction are its tangents along the new one, and so on. So the lists of
//! a derivative double with each order, and nothing has to be known of any order in particular.

use super::Cx;
use crate::analysis::Facts;
use crate::ir::{Block, Func, Op, Operand, Param, Place, Stmt, Value, Var};
use crate::transform::{Along, HigherOrder, Lists, Mode, ParamCotangent, Reversed, TangentTrace, Width};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// All of a derivative as one function.
pub(in crate::transform) fn whole(derivative: Lists<'_>, mode: Mode) -> Func {
    let Lists { sweeps, along, .. } = derivative;
    let mut whole = sweeps.func.clone();
    let mut stmts = Vec::new();
    let mut given: Vec<Var> = along.iter().flat_map(|along| &along.params).flatten().copied().collect();
    match (&sweeps.seed, mode) {
        (None, _) => {}
        // The seed of a gradient.
        (Some(seed), Mode::Joint) => seed.for_each_read(&mut |var| {
            stmts.push(Stmt::Let { var, op: Op::Copy(Operand::float(1.0)) });
        }),
        (Some(seed), Mode::Split) => seed.for_each_read(&mut |var| given.push(var)),
    }
    for seed in along.iter().filter_map(|along| along.seed.as_ref()) {
        seed.for_each_read(&mut |var| given.push(var));
    }
    let mut values = vec![whole.result.clone()];
    values.extend(along.iter().map(|along| along.result.clone()));
    for cotangent in derivative.cotangents().into_iter().flatten() {
        match cotangent {
            ParamCotangent::Constant => {}
            ParamCotangent::Value(operand) => values.push(Value::Scalar(operand.clone())),
            ParamCotangent::Slot(var) => given.push(*var),
        }
    }
    for var in given {
        whole.params.push(Param::independent(var, whole.params.len()));
    }
    stmts.extend(std::mem::take(&mut whole.body.stmts));
    stmts.extend(sweeps.reverse.stmts.clone());
    whole.body = Block { stmts };
    whole.result = Value::Tuple(values);
    whole
}

/// Forward mode over a derivative, of which `whole` is all and `facts` are of that.
pub(in crate::transform) fn next(
    derivative: Lists<'_>,
    whole: &Func,
    facts: &Facts,
    width: Width,
) -> HigherOrder {
    let Lists { sweeps, along, .. } = derivative;
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
    let dot = |var: Var| dot_of.get(&var).copied().flatten();
    let (forward, reverse) = whole.body.stmts.split_at(whole.body.stmts.len() - sweeps.reverse.stmts.len());
    for stmt in forward {
        cx.stmt(stmt);
    }
    let ty = &sweeps.func.result_ty;
    let results: Vec<Value> = derivative.results().into_iter().map(|result| cx.value(result, ty)).collect();
    let body = Block { stmts: std::mem::take(&mut cx.stmts) };
    for stmt in reverse {
        cx.stmt(stmt);
    }
    let mut tangent = |cotangent: &ParamCotangent| match cotangent {
        ParamCotangent::Constant => ParamCotangent::Constant,
        ParamCotangent::Value(operand) => ParamCotangent::Value(cx.dot_or_zero(operand)),
        ParamCotangent::Slot(var) => dot(*var).map_or(ParamCotangent::Constant, ParamCotangent::Slot),
    };
    let cotangents = derivative.cotangents();
    let cotangents: Vec<Vec<ParamCotangent>> =
        cotangents.into_iter().map(|list| list.iter().map(&mut tangent).collect()).collect();
    let reverse = Block { stmts: std::mem::take(&mut cx.stmts) };
    let missing = std::mem::take(&mut *cx.missing.borrow_mut());
    let params = sweeps.func.params.clone();
    let of_params = params.iter().map(|param| dot(param.var)).collect();
    let of_directions = along.iter().map(|along| along.params.iter().map(|var| var.and_then(dot)).collect());
    let of_params: Vec<Vec<Option<Var>>> = std::iter::once(of_params).chain(of_directions).collect();
    // A seed that is the number 1 has no tangent.
    let seed =
        |seed: Option<&Value>| seed.filter(|seed| is_given(seed, &dot_of)).map(|seed| map_value(seed, &dot));
    let seeds = derivative.seeds().into_iter().map(seed);
    let new = of_params.into_iter().zip(results).zip(seeds).zip(cotangents);
    let new = new.map(|(((params, result), seed), cotangents)| Along { params, result, seed, cotangents });
    let along = along.iter().cloned().chain(new).collect();
    let (result, result_ty) = (sweeps.func.result.clone(), sweeps.func.result_ty.clone());
    let sweeps = Reversed {
        func: Func { params, body, result, result_ty, ..cx.out },
        reverse,
        seed: sweeps.seed.clone().filter(|seed| is_given(seed, &dot_of)),
        ..sweeps.clone()
    };
    HigherOrder { sweeps, along, width, missing }
}

/// Whether a caller gives the seed.
fn is_given(seed: &Value, params: &BTreeMap<Var, Option<Var>>) -> bool {
    let mut given = false;
    seed.for_each_read(&mut |var| given |= params.contains_key(&var));
    given
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
