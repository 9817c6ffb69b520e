//! A condition that a loop asks for in each pass, though it is the same in all of them, is asked for in front of the loop, if
//! the transform says that it is worth a loop of its own.
//!
//! ```text
//!                                        if alone {
//! for pass in (first..end).rev() {           for pass in (first..end).rev() {
//!     let y = g(x);                              let y = g(x);
//!     let w = if alone {                         let w = 0.0;
//!         0.0                    →               …
//!     } else {                               }
//!         best.min_weight(y)             } else {
//!     };                                     …
//!     …                                  }
//! }
//! ```
//!
//! What only the other arm has read, rustc finds to be dead. It does not make two loops of one by itself where there is much in
//! it. Of loops inside of each other, one is written twice at most, and the code does not grow by more than that.

use crate::ir::{Arm, Block, Branch, Elem, For, Func, Op, Operand, Selector, Stmt, Var};
use std::collections::BTreeMap;

/// Asks for the conditions of `alone` in front of loops.
pub fn alone(func: &mut Func, reverse: &mut Block, alone: &[Var]) {
    if alone.is_empty() {
        return;
    }
    let mut body = std::mem::take(&mut func.body);
    for block in [&mut body, reverse] {
        split(func, block, alone);
    }
    func.body = body;
}

fn split(func: &mut Func, block: &mut Block, alone: &[Var]) {
    for stmt in &mut block.stmts {
        match stmt {
            Stmt::For(inner) => match asked(inner, alone) {
                Some(condition) => *stmt = twice(func, inner, condition),
                None => split(func, &mut inner.body, alone),
            },
            stmt => stmt.for_each_block_mut(&mut |inner| split(func, inner, alone)),
        }
    }
}

/// The condition that a pass asks for.
fn asked(stmt: &For, alone: &[Var]) -> Option<Var> {
    stmt.body.stmts.iter().find_map(|inner| match inner {
        Stmt::Branch(Branch { on: Selector::If(Operand::Var(condition)), .. }) => {
            Some(*condition).filter(|condition| alone.contains(condition))
        }
        _ => None,
    })
}

fn twice(func: &mut Func, stmt: &For, condition: Var) -> Stmt {
    let results: Vec<Var> = stmt.carried.iter().map(|c| c.result).collect();
    let arms = [0, 1].map(|arm| {
        let mut own = copy(func, stmt);
        take(&mut own.body, condition, arm);
        let yields = own.carried.iter().map(|c| Elem::Scalar(c.result.into())).collect();
        Arm { pattern: None, block: Block { stmts: vec![Stmt::For(own)] }, yields }
    });
    Stmt::Branch(Branch { on: Selector::If(condition.into()), arms: arms.into(), results })
}

/// The loop with names of its own.
fn copy(func: &mut Func, stmt: &For) -> For {
    let mut names = BTreeMap::new();
    let of = Stmt::For(stmt.clone());
    let mut name = |var: Var| {
        names.entry(var).or_insert_with(|| {
            func.vars.push(func.vars[var.index()].clone());
            Var(u32::try_from(func.vars.len() - 1).expect("fewer than 2³² variables"))
        });
    };
    of.for_each_define_within(&mut name);
    name(stmt.index);
    stmt.carried.iter().for_each(|c| [c.param, c.result].into_iter().for_each(&mut name));
    let mut own = Block { stmts: vec![of] };
    own.map_vars(&mut |var| names.get(&var).copied().unwrap_or(var));
    match own.stmts.pop() {
        Some(Stmt::For(own)) => own,
        _ => unreachable!("the loop"),
    }
}

/// In place of each branch on the condition, its arm.
fn take(body: &mut Block, condition: Var, arm: usize) {
    let mut stmts = Vec::with_capacity(body.stmts.len());
    for stmt in std::mem::take(&mut body.stmts) {
        match stmt {
            Stmt::Branch(mut branch) if matches!(&branch.on, Selector::If(on) if *on == condition.into()) => {
                let taken = branch.arms.swap_remove(arm);
                stmts.extend(taken.block.stmts);
                stmts.extend(branch.results.into_iter().zip(taken.yields).map(
                    |(var, yielded)| match yielded {
                        Elem::Scalar(value) => Stmt::Let { var, op: Op::Copy(value) },
                        Elem::Memory(_) => unreachable!("the part that a number has is a number"),
                    },
                ));
            }
            stmt => stmts.push(stmt),
        }
    }
    body.stmts = stmts;
}
