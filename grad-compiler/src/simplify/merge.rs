//! Adjacent mirror loops over the same range become one: what the first wrote is still in a register for the second.
//!
//! Where both add to a cotangent, its terms are the same ones in another order; everything else is as it was, bit for bit.

use super::Cx;
use crate::analysis::{Condition, may_run_in_turn};
use crate::ir::{Block, For, Op, Operand, Stmt, Var};

/// Merges loops in a block and in the blocks nested in it. Only mirror loops: a loop of the user's may panic, and when it
/// does is not ours to change.
pub(super) fn merge(cx: &Cx, block: &mut Block) {
    let mut stmts: Vec<Stmt> = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| merge(cx, inner));
        if let Stmt::For(second) = &mut stmt
            && let Some(at) = partner(cx, &stmts, second)
        {
            let Stmt::For(first) = &mut stmts[at] else { unreachable!("found as a loop") };
            let mut body = std::mem::take(&mut second.body);
            let index = first.index;
            body.map_vars(&mut |var| if var == second.index { index } else { var });
            first.body.stmts.extend(body.stmts);
            first.carried.append(&mut second.carried);
            for carried in &mut first.carried {
                if carried.next == Operand::Var(second.index) {
                    carried.next = index.into();
                }
            }
            // What stood between the loops does not read the first: it goes in front.
            let joined = stmts.remove(at);
            stmts.push(joined);
            continue;
        }
        stmts.push(stmt);
    }
    block.stmts = stmts;
}

/// The loop in front of `second` that it can be merged with.
fn partner(cx: &Cx, stmts: &[Stmt], second: &For) -> Option<usize> {
    let at = stmts.iter().rposition(|stmt| !matches!(stmt, Stmt::Let { op: Op::Prim(..), .. }))?;
    let Stmt::For(first) = &stmts[at] else { return None };
    let same_range = first.lo == second.lo
        && first.hi == second.hi
        && first.inclusive == second.inclusive
        && first.reversed == second.reversed;
    let mirrors = cx.is_new(first.index) && cx.is_new(second.index);
    let complete = first.until.is_none() && second.until.is_none();
    let independent = is_independent(first, second, &stmts[at + 1..]);
    (mirrors
        && complete
        && cx.rewrites.holds(Condition::SameRange, same_range)
        && cx.rewrites.holds(Condition::NoResultsRead, independent)
        && may_run_in_turn(first, second, &cx.views, cx.rewrites))
    .then_some(at)
}

/// Neither the second loop nor what stands between the two reads a result of the first.
fn is_independent(first: &For, second: &For, between: &[Stmt]) -> bool {
    let results: Vec<Var> = first.carried.iter().map(|c| c.result).collect();
    let mut independent = true;
    let mut check = |var: Var| independent &= !results.contains(&var);
    between.iter().for_each(|stmt| stmt.for_each_read(&mut check));
    second.body.for_each_read(&mut check);
    for carried in &second.carried {
        carried.init.var().into_iter().chain(carried.next.var()).for_each(&mut check);
    }
    independent
}
