//! Mirror loops run forwards, where the order of their passes does not matter: downwards, they seldom become vectors.
//!
//! Inside of a loop, the terms of a cotangent are added in the order in which the primal ran, then; everything else is as it
//! was, bit for bit. A loop that is in no other adds in the order that it has: so do the blocks of a checkpoint, whose
//! gradient is the same to the last bit.

use super::Cx;
use crate::analysis::{Additions, may_run_in_any_order};
use crate::ir::{Block, Stmt};

/// Turns the loops in a block and in the blocks nested in it. Only mirror loops: a loop of the user's may panic, and in which
/// pass is not ours to change.
pub(super) fn turn(cx: &Cx, block: &mut Block) {
    turn_in(cx, block, cx.additions);
}

fn turn_in(cx: &Cx, block: &mut Block, additions: Additions) {
    for stmt in &mut block.stmts {
        let inside = if matches!(stmt, Stmt::For(_) | Stmt::While(_)) { Additions::Any } else { additions };
        stmt.for_each_block_mut(&mut |inner| turn_in(cx, inner, inside));
        if let Stmt::For(stmt) = stmt
            && stmt.reversed
            && cx.is_new(stmt.index)
            && may_run_in_any_order(stmt, &cx.views, cx.rewrites, additions)
        {
            stmt.reversed = false;
        }
    }
}
