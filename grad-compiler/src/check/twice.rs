//! Does a primitive with one variable in two places pass on both parts? They are one term, by the rules: it is to have
//! as many operations on the cotangent, or the tangent, as the rules give it.

use super::flow::{Def, Flow, Nodes};
use crate::ir::{Float, Func, Op, Operand, Stmt, Ty, Var};
use crate::rules;
use proc_macro2::Span;
use std::collections::BTreeSet;

/// Whether the variable is an operand more than once, each time with a partial.
pub(super) fn is_twice(op: &Op, var: Var) -> bool {
    let Op::Prim(prim, args) = op else { return false };
    if args.iter().filter(|arg| arg.var() == Some(var)).count() < 2 {
        return false;
    }
    let partials = rules::has_partial(*prim, args);
    args.iter().zip(partials).filter(|(arg, partial)| *partial && arg.var() == Some(var)).count() > 1
}

/// The operations on the cotangent that a term for `var` takes.
pub(super) fn backwards(op: &Op, var: Var) -> Vec<String> {
    let Op::Prim(prim, args) = op else { return Vec::new() };
    let mut scratch = Scratch::new(args);
    let wanted: Vec<bool> = args.iter().map(|arg| arg.var() == Some(var)).collect();
    let bar = scratch.new_var();
    let stmts = scratch.build(|args, y, b| {
        rules::pullback(*prim, args, y, &bar.into(), &wanted, b);
    });
    // Factors are known otherwise: what counts is what is done to the cotangent.
    let mut alive = BTreeSet::from([bar]);
    let mut operations = Vec::new();
    for (var, op) in &stmts {
        let mut lives = false;
        op.for_each_read(&mut |read| lives |= alive.contains(&read));
        if lives {
            alive.insert(*var);
            operations.extend(signature(op));
        }
    }
    operations
}

/// The operations that the tangent takes, with those that only its factors take.
pub(super) fn forwards(op: &Op, has_dot: &dyn Fn(&Operand) -> bool) -> Vec<String> {
    let Op::Prim(prim, args) = op else { return Vec::new() };
    let mut scratch = Scratch::new(args);
    let dot = scratch.new_var();
    let dots: Vec<Option<Operand>> = args.iter().map(|arg| has_dot(arg).then(|| dot.into())).collect();
    let stmts = scratch.build(|args, y, b| {
        rules::pushforward(*prim, args, y, &dots, b);
    });
    stmts.iter().filter_map(|(_, op)| signature(op)).collect()
}

/// Whether all these operations are between `end` and what it is made of.
pub(super) fn is_made_by(
    flow: &Flow,
    made: &BTreeSet<Var>,
    claims: &Nodes,
    end: Var,
    mut operations: Vec<String>,
) -> bool {
    for var in made.iter().filter(|var| **var == end || !claims.contains(**var)) {
        if let Def::Op(op) = flow.def[var.index()]
            && let Some(found) = signature(op)
            && let Some(at) = operations.iter().position(|other| *other == found)
        {
            operations.swap_remove(at);
        }
    }
    operations.is_empty()
}

/// A primitive with the literals among its operands.
fn signature(op: &Op) -> Option<String> {
    let Op::Prim(prim, args) = op else { return None };
    let literal = |arg: &Operand| match arg {
        Operand::Lit(lit) => lit.text.clone(),
        Operand::Var(_) => "_".to_owned(),
    };
    Some(format!("{} {}", prim.0, args.iter().map(literal).collect::<Vec<_>>().join(" ")))
}

/// A function of nothing but some operands.
struct Scratch {
    func: Func,
    args: Vec<Operand>,
    y: Operand,
}

impl Scratch {
    fn new(args: &[Operand]) -> Scratch {
        let func = Func::empty("", Ty::Unit);
        let mut scratch = Scratch { func, args: Vec::new(), y: Operand::float(0.0) };
        for (k, arg) in args.iter().enumerate() {
            let first = args.iter().position(|other| other == arg).unwrap_or(k);
            let own = match arg {
                Operand::Var(_) if first < k => scratch.args[first].clone(),
                Operand::Var(_) => scratch.new_var().into(),
                Operand::Lit(_) => arg.clone(),
            };
            scratch.args.push(own);
        }
        scratch.y = scratch.new_var().into();
        scratch
    }

    fn new_var(&mut self) -> Var {
        self.func.new_var("x", Ty::Float(Float::F64), Span::call_site())
    }

    fn build(&mut self, build: impl FnOnce(&[Operand], &Operand, &mut rules::Builder)) -> Vec<(Var, Op)> {
        let mut stmts = Vec::new();
        let (ty, span) = (Ty::Float(Float::F64), Span::call_site());
        build(&self.args, &self.y, &mut rules::Builder::new(&mut self.func, &mut stmts, ty, span));
        let lets = stmts.into_iter().filter_map(|stmt| match stmt {
            Stmt::Let { var, op } => Some((var, op)),
            _ => None,
        });
        lets.collect()
    }
}
