//! Mirror loops run forwards, where the order of their passes does not matter: downwards, they seldom become vectors.
//!
//! The terms of a cotangent are added in the order in which the primal ran, then; everything else is as it was, bit for bit.

use super::Cx;
use crate::analysis::may_run_in_any_order;
use crate::ir::{Block, Stmt};

/// Turns the loops in a block and in the blocks nested in it. Only mirror loops: a loop of the user's may panic, and in which
/// pass is not ours to change.
pub(super) fn turn(cx: &Cx, block: &mut Block) {
    for stmt in &mut block.stmts {
        stmt.for_each_block_mut(&mut |inner| turn(cx, inner));
        if let Stmt::For(stmt) = stmt
            && stmt.reversed
            && cx.is_new(stmt.index)
            && may_run_in_any_order(stmt, &cx.views, cx.rewrites)
        {
            stmt.reversed = false;
        }
    }
}
