//! Adjacent mirror loops over the same range become one: what the first wrote is still in a register for the second.

use crate::ir::visit::Access;
use crate::ir::{Block, For, Operand, Place, Proj, Stmt, Var};
use std::collections::BTreeMap;

/// Merges loops in a block and in the blocks nested in it. Only loops whose index satisfies `is_mirror`: a loop of
/// the user's may panic, and when it does is not ours to change.
pub(super) fn merge(block: &mut Block, is_mirror: &dyn Fn(Var) -> bool) {
    let mut stmts: Vec<Stmt> = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| merge(inner, is_mirror));
        if let Stmt::For(second) = &mut stmt
            && let Some(at) = partner(&stmts, second, is_mirror)
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
fn partner(stmts: &[Stmt], second: &For, is_mirror: &dyn Fn(Var) -> bool) -> Option<usize> {
    let at = stmts.iter().rposition(|stmt| !matches!(stmt, Stmt::Let { op: crate::ir::Op::Prim(..), .. }))?;
    let Stmt::For(first) = &stmts[at] else { return None };
    let same_range = first.lo == second.lo
        && first.hi == second.hi
        && first.inclusive == second.inclusive
        && first.reversed == second.reversed
        && first.until.is_none()
        && second.until.is_none();
    let mirrors = is_mirror(first.index) && is_mirror(second.index);
    (same_range
        && mirrors
        && is_independent(first, second, &stmts[at + 1..])
        && is_elementwise(first, second))
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

/// What a loop does to one root.
#[derive(Default)]
struct Touched {
    reads: bool,
    adds: bool,
    writes: bool,
    paths: Vec<Vec<Proj>>,
}

/// Memory that both touch, and one changes, is touched in pass k of both only at its element k, or only added to.
fn is_elementwise(first: &For, second: &For) -> bool {
    let (one, other) = (touched(first), touched(second));
    one.iter().all(|(root, a)| {
        let Some(b) = other.get(root) else { return true };
        let only_adds = |t: &Touched| t.adds && !t.reads && !t.writes;
        let only_reads = |t: &Touched| t.reads && !t.adds && !t.writes;
        if (only_adds(a) && only_adds(b)) || (only_reads(a) && only_reads(b)) {
            return true;
        }
        let depth = a.paths.first().and_then(|path| path.iter().position(|proj| is_index(proj, first.index)));
        let Some(depth) = depth else { return false };
        let own = |paths: &[Vec<Proj>], index: Var| {
            paths.iter().all(|path| path.get(depth).is_some_and(|proj| is_index(proj, index)))
        };
        let alike =
            a.paths.iter().chain(&b.paths).all(|path| path[..depth.min(path.len())] == a.paths[0][..depth]);
        alike && own(&a.paths, first.index) && own(&b.paths, second.index)
    })
}

fn is_index(proj: &Proj, index: Var) -> bool {
    matches!(proj, Proj::Index(Operand::Var(var)) if *var == index)
}

fn touched(stmt: &For) -> BTreeMap<Var, Touched> {
    let mut table = BTreeMap::new();
    stmt.body.for_each_stmt(&mut |inner| {
        let adds = matches!(inner, Stmt::Accumulate { .. });
        inner.for_each_place(&mut |place: &Place, access| {
            let entry: &mut Touched = table.entry(place.root).or_default();
            match access {
                Access::Read => entry.reads = true,
                Access::Update if adds => entry.adds = true,
                Access::Write | Access::Update | Access::Borrow => entry.writes = true,
            }
            entry.paths.push(place.path.clone());
        });
    });
    table
}
