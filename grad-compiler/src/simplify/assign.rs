//! Assigned, not cleared and then added to: `x_bar[i] = 0.0; … x_bar[i] += t;` is `x_bar[i] = t;`.
//!
//! The one rewrite that may change a bit: `0.0 + t` is `0.0` for a t of `-0.0`. A cotangent's zero has no
//! sign that means anything, and the sum is of cotangents, never of primal values.

use super::Cx;
use crate::analysis::Condition;
use crate::ir::{Block, Op, Place, Proj, Stmt};

/// In a block and in the blocks nested in it.
pub(super) fn assign(cx: &Cx, block: &mut Block) {
    for stmt in &mut block.stmts {
        stmt.for_each_block_mut(&mut |inner| assign(cx, inner));
    }
    let mut k = 0;
    while k < block.stmts.len() {
        // In a field that is a constant of its type nothing can be stored: it is cleared, and added to, in vain. What was taken
        // out before it was cleared is none.
        if let Stmt::Clear { place } = &block.stmts[k]
            && (!place.path.iter().any(Proj::is_field) || is_taken_out(place, &block.stmts[..k]))
            && let Some(at) = first_contribution(cx, place, &block.stmts[k + 1..])
        {
            let Stmt::Accumulate { place, value } = block.stmts[k + 1 + at].clone() else {
                unreachable!("found as one")
            };
            block.stmts[k + 1 + at] = Stmt::Store { place, value };
            block.stmts.remove(k);
            continue;
        }
        k += 1;
    }
}

/// Whether the last thing that was done with the place was to take its cotangent out.
fn is_taken_out(place: &Place, before: &[Stmt]) -> bool {
    !place.path.last().is_some_and(Proj::is_field)
        && before
            .last()
            .is_some_and(|stmt| matches!(stmt, Stmt::Let { op: Op::Load(taken), .. } if taken == place))
}

/// The statement that adds to `place`, if nothing before it touches that memory: what shortens it takes the last element.
fn first_contribution(cx: &Cx, place: &Place, rest: &[Stmt]) -> Option<usize> {
    for (k, stmt) in rest.iter().enumerate() {
        if let Stmt::Accumulate { place: to, .. } = stmt
            && to == place
        {
            return Some(k);
        }
        if !cx.rewrites.holds(Condition::NothingBetween, !cx.views.touches(stmt, place)) {
            return None;
        }
    }
    None
}
