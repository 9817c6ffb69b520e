//! A pullback that runs the function again: what stands between its sweeps is not kept, but made anew.
//!
//! A closure must not keep what is borrowed from an argument that it is given again: a table that a search in a constant found,
//! one of two that an `if` chose. Where that cannot be reached from the arguments by itself, both sweeps run in the closure.

use super::{Reversed, Value, code, text};
use crate::analysis;
use crate::ir::{Block, Code, Func, Init, Operand, Place, StandsFor, Stmt, Ty, Var};
use std::collections::BTreeMap;

/// In place of a split form that keeps what may be borrowed: the primal, and a reverse sweep that is the joint form.
pub fn again(primal: &Func, split: &Reversed, joint: &Reversed) -> Option<Reversed> {
    let keeps = analysis::keeps_what_is_borrowed(&split.func, &split.reverse);
    (keeps && analysis::may_run_again(primal)).then(|| run_again(primal, joint))
}

fn run_again(primal: &Func, joint: &Reversed) -> Reversed {
    let mut reversed = joint.clone();
    let Reversed { func, reverse, plan, .. } = &mut reversed;
    // The variables of the run that counts; those of the other are the joint form's.
    let mut body = primal.body.clone();
    let mut names = BTreeMap::new();
    let is_param = |var: Var| primal.params.iter().any(|param| param.var == var);
    let mut renamed = |var: Var| {
        if is_param(var) {
            return var;
        }
        *names.entry(var).or_insert_with(|| {
            let info = &primal.vars[var.index()];
            let copy = func.new_var(info.name.clone(), info.ty.clone(), info.span);
            func.vars[copy.index()] = info.clone();
            copy
        })
    };
    body.map_vars(&mut renamed);
    let mut result = primal.result.clone();
    result.map_vars(&mut renamed);
    let of_copy = |(var, function): (&Var, &StandsFor)| Some((*names.get(var)?, function.clone()));
    func.functions.extend(primal.functions.iter().filter_map(of_copy));

    let mut joint = std::mem::replace(&mut func.body, body);
    once(&mut joint);
    let mut opening = if stay(&mut joint) { vec![reached()] } else { Vec::new() };
    let mut found = BTreeMap::new();
    for param in &primal.params {
        if analysis::is_kept_for_again(primal.ty(param.var)) {
            let (kept, again) = keep(func, param.var);
            opening.push(Stmt::Alloc { var: again, init: Init::Move(kept.into()) });
            found.insert(param.var, again);
        }
    }
    let mut to = |var: Var| found.get(&var).copied().unwrap_or(var);
    joint.map_vars(&mut to);
    reverse.map_vars(&mut to);
    same(&result, &func.result, &mut joint.stmts);
    func.result = result;
    opening.append(&mut joint.stmts);
    opening.append(&mut reverse.stmts);
    reverse.stmts = opening;
    plan.runs_again = true;
    reversed
}

/// A copy of an argument that a pullback is not given again as it was: in front of all, and in the pullback.
fn keep(func: &mut Func, param: Var) -> (Var, Var) {
    let info = func.vars[param.index()].clone();
    let place = Place::from(param);
    let (ty, init) = match info.ty.peeled() {
        Ty::Slice(of) => (Ty::Vec(of.clone()), Init::ToVec(place)),
        ty => (ty.clone(), Init::Clone(place)),
    };
    let kept = func.new_var(format!("{}_kept", info.name), ty.clone(), info.span);
    let again = func.new_var(info.name, ty, info.span);
    func.body.stmts.insert(0, Stmt::Alloc { var: kept, init });
    (kept, again)
}

/// What happens once has happened.
fn once(block: &mut Block) {
    block.stmts.retain(|stmt| !analysis::happens_once(stmt));
    for stmt in &mut block.stmts {
        stmt.for_each_block_mut(&mut once);
    }
}

fn reached() -> Stmt {
    Stmt::Effect { code: code("use __grad_runtime::Reached as _;"), writes: Vec::new() }
}

/// What may leave the function did not. Whether there is any.
fn stay(block: &mut Block) -> bool {
    let mut some = false;
    let mut staying = |code: &mut Code| {
        if let Some(staying) = code.leaves.then(|| code.staying()).flatten() {
            *code = staying;
            some = true;
        }
    };
    block.for_each_code_mut(&mut staying);
    some
}

/// That the numbers of a result are the same again.
fn same(before: &Value, now: &Value, stmts: &mut Vec<Stmt>) {
    match (before, now) {
        (Value::Scalar(Operand::Var(before)), Value::Scalar(Operand::Var(now))) if before != now => {
            let [before, now] = [before, now].map(|var| text(&(*var).into()));
            let code = code(&format!("__grad_runtime::same_again({before}, {now})"));
            stmts.push(Stmt::Effect { code, writes: Vec::new() });
        }
        (Value::Tuple(before), Value::Tuple(now)) => {
            before.iter().zip(now).for_each(|(before, now)| same(before, now, stmts));
        }
        _ => {}
    }
}
