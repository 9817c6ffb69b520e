//! A pullback that runs the function again: what stands between its sweeps is not kept, but made anew.
//!
//! A closure must not keep what is borrowed from an argument that it is given again: a table that a search in a constant found,
//! one of two that an `if` chose. Where that cannot be reached from the arguments by itself, both sweeps run in the closure.

use super::{Reversed, Value, code, text};
use crate::analysis;
use crate::ir::{Block, Code, Func, Operand, Stmt, Var};
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

    let mut joint = std::mem::replace(&mut func.body, body);
    let is_left = stay(&mut joint);
    let mut stmts = joint.stmts;
    if is_left {
        let code = code("use __grad_runtime::Reached as _;");
        stmts.insert(0, Stmt::Effect { code, writes: Vec::new() });
    }
    same(&result, &func.result, &mut stmts);
    func.result = result;
    stmts.append(&mut reverse.stmts);
    reverse.stmts = stmts;
    plan.runs_again = true;
    reversed
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
