//! Does a primitive with one variable in two places pass on both parts? They are one term, by the rules: it is to have
//! as many operations on the cotangent, or the tangent, as the rules give it.

use super::flow::{Def, Flow};
use crate::ir::{Block, Float, Func, Op, Operand, Stmt, Ty, Value, Var};
use crate::rules;
use proc_macro2::Span;
use std::collections::BTreeSet;

/// Whether the variable is an operand more than once, each time with a partial.
pub(super) fn is_twice(op: &Op, var: Var) -> bool {
    let Op::Prim(prim, args) = op else { return false };
    let partials = rules::has_partial(*prim, args);
    args.iter().zip(partials).filter(|(arg, partial)| *partial && arg.var() == Some(var)).count() > 1
}

/// How many operations a term for `var` takes in reverse mode.
pub(super) fn backwards(op: &Op, var: Var) -> usize {
    let Op::Prim(prim, args) = op else { return 0 };
    let mut scratch = Scratch::new(args);
    let wanted: Vec<bool> = args.iter().map(|arg| arg.var() == Some(var)).collect();
    let bar = scratch.new_var();
    let stmts = scratch.build(|args, y, b| {
        rules::pullback(*prim, args, y, &bar.into(), &wanted, b);
    });
    // Factors are known otherwise: what counts is what is done to the cotangent.
    let mut alive = BTreeSet::from([bar]);
    for stmt in &stmts {
        if let Stmt::Let { var, op } = stmt {
            let mut lives = false;
            op.for_each_read(&mut |read| lives |= alive.contains(&read));
            if lives {
                alive.insert(*var);
            }
        }
    }
    alive.len() - 1
}

/// How many operations the tangent takes, with those that only its factors take.
pub(super) fn forwards(op: &Op, has_dot: &dyn Fn(&Operand) -> bool) -> usize {
    let Op::Prim(prim, args) = op else { return 0 };
    let mut scratch = Scratch::new(args);
    let dot = scratch.new_var();
    let dots: Vec<Option<Operand>> = args.iter().map(|arg| has_dot(arg).then(|| dot.into())).collect();
    scratch
        .build(|args, y, b| {
            rules::pushforward(*prim, args, y, &dots, b);
        })
        .len()
}

/// The operations between a variable and what it is made of.
pub(super) fn operations(flow: &Flow, made: &BTreeSet<Var>, claims: &BTreeSet<Var>, end: Var) -> usize {
    let is_operation = |var: &&Var| matches!(flow.def[var.index()], Def::Op(Op::Prim(..)));
    made.iter().filter(|var| **var == end || !claims.contains(var)).filter(is_operation).count()
}

/// A function of nothing but some operands.
struct Scratch {
    func: Func,
    args: Vec<Operand>,
    y: Operand,
}

impl Scratch {
    fn new(args: &[Operand]) -> Scratch {
        let func = Func {
            name: String::new(),
            params: Vec::new(),
            vars: Vec::new(),
            body: Block::default(),
            result: Value::Unit,
            result_ty: Ty::Unit,
        };
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

    fn build(&mut self, build: impl FnOnce(&[Operand], &Operand, &mut rules::Builder)) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        let (ty, span) = (Ty::Float(Float::F64), Span::call_site());
        build(&self.args, &self.y, &mut rules::Builder::new(&mut self.func, &mut stmts, ty, span));
        stmts
    }
}
