//! What do arms give that nobody asks for?
//!
//! Where only some arms give something, the others make a value of its type to give (`nothing.rs`). If what comes behind the branch
//! reads none of it, as where it is only asked whether there is something, rustc could not tell the type.

use crate::ir::{Block, Func, Stmt, Var};
use std::collections::BTreeSet;

/// Results of branches that are not read, and are `made` in some arm, are given no more.
pub(super) fn drop(func: &mut Func, made: &BTreeSet<Var>) {
    if made.is_empty() {
        return;
    }
    loop {
        let reads = reads(func);
        let mut is_changed = false;
        let mut body = std::mem::take(&mut func.body);
        results(&mut body, made, &reads, &mut is_changed);
        func.body = body;
        if !is_changed {
            break;
        }
    }
    let reads = reads(func);
    let is_read = |stmt: &Stmt| !matches!(stmt, Stmt::Alloc { var, .. } if made.contains(var) && reads[var.index()] == 0);
    retain(&mut func.body, &is_read);
}

/// How often each variable is read.
fn reads(func: &Func) -> Vec<usize> {
    let mut reads = vec![0; func.vars.len()];
    func.body.for_each_read(&mut |var| reads[var.index()] += 1);
    func.result.for_each_read(&mut |var| reads[var.index()] += 1);
    reads
}

fn results(block: &mut Block, made: &BTreeSet<Var>, reads: &[usize], is_changed: &mut bool) {
    for stmt in &mut block.stmts {
        if let Stmt::Branch(branch) = stmt {
            for at in (0..branch.results.len()).rev() {
                let is_made = branch.arms.iter().any(|arm| {
                    let mut is_made = false;
                    arm.yields[at]
                        .walk(&mut |item| item.for_each_read(&mut |var| is_made |= made.contains(&var)));
                    is_made
                });
                if is_made && reads[branch.results[at].index()] == 0 {
                    branch.results.remove(at);
                    branch.arms.iter_mut().for_each(|arm| {
                        arm.yields.remove(at);
                    });
                    *is_changed = true;
                }
            }
        }
        stmt.for_each_block_mut(&mut |inner| results(inner, made, reads, is_changed));
    }
}

fn retain(block: &mut Block, keep: &dyn Fn(&Stmt) -> bool) {
    block.stmts.retain(keep);
    block.stmts.iter_mut().for_each(|stmt| stmt.for_each_block_mut(&mut |inner| retain(inner, keep)));
}
