//! Costly operations of floats on values from outside of a loop leave it: they are computed once, and both sweeps name them,
//! where the reverse sweep would read a record of every pass.
//!
//! They cannot panic, so a loop without a pass does not mind. Only what stands in every pass leaves: what an arm computes may
//! be infinite where the arm is not taken. Cheap operations stay; rustc moves those, and no sweep records them.

use crate::analysis::{Condition, Rewrite, Rewrites};
use crate::hash::HashSet;
use crate::ir::{Block, Func, Op, Stmt, Var};
use crate::rules::{Cost, cost};

/// The function with invariant operations in front of its loops.
pub(super) fn hoist(func: &mut Func, rewrites: Rewrites) {
    if rewrites.may(Rewrite::Hoist) {
        block(&mut func.body, rewrites);
    }
}

fn block(of: &mut Block, rewrites: Rewrites) {
    let mut stmts = Vec::with_capacity(of.stmts.len());
    for mut stmt in std::mem::take(&mut of.stmts) {
        // Inner loops first: what leaves one may leave those around it, too.
        stmt.for_each_block_mut(&mut |inner| block(inner, rewrites));
        let mut inside = HashSet::default();
        stmt.for_each_define_within(&mut |var| {
            inside.insert(var);
        });
        match &mut stmt {
            Stmt::For(inner) => leave(&mut inner.body, inside, &mut stmts, rewrites),
            Stmt::While(inner) => leave(&mut inner.body, inside, &mut stmts, rewrites),
            _ => {}
        }
        stmts.push(stmt);
    }
    of.stmts = stmts;
}

/// Moves what can leave the body of a loop in front of it.
fn leave(body: &mut Block, mut inside: HashSet<Var>, before: &mut Vec<Stmt>, rewrites: Rewrites) {
    body.stmts.retain(|stmt| {
        let Stmt::Let { var, op: Op::Prim(prim, args) } = stmt else { return true };
        let outside = args.iter().all(|arg| arg.var().is_none_or(|arg| !inside.contains(&arg)));
        let leaves = cost(*prim) == Cost::Costly && rewrites.holds(Condition::OperandsAreOutside, outside);
        if leaves {
            inside.remove(var);
            before.push(stmt.clone());
        }
        !leaves
    });
}
