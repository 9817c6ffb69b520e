//! Which loops can run again, block by block, in place of a record of all their passes.
//!
//! A loop that runs again must do again what it did: whatever the compiler does not look into has to be arithmetic of
//! values that stay what they are, and what the passes change has to be memory that can be copied.

use super::{AccessKind, Activity, Def, Layout, Pos};
use crate::ir::visit::Item;
use crate::ir::{ArgKind, Block, Code, For, Func, Stmt, Ty, Var};
use std::collections::BTreeSet;

/// Why a loop cannot run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It may end early.
    Exit,
    /// It changes something the compiler does not look into, or reads something that changes.
    Effect,
    /// It evaluates code that may not give the same value twice.
    Unknown,
    /// It uses memory that changes, of a type that cannot be copied.
    Type,
}

/// The outermost counted loops that can run again, by their positions; in place of none, what is in the way of the
/// first one that matters for the derivative, if there is such a loop.
pub fn checkpoints(
    func: &Func,
    layout: &Layout<'_>,
    activity: &Activity,
) -> Result<BTreeSet<Pos>, Option<Obstacle>> {
    let mut loops = BTreeSet::new();
    let mut first = None;
    for stmt in &func.body.stmts {
        let Stmt::For(inner) = stmt else { continue };
        let pos = layout.position(stmt);
        if !matters(inner, pos, layout, activity) {
            continue;
        }
        match obstacle(func, inner, pos, layout) {
            None => {
                loops.insert(pos);
            }
            Some(obstacle) => first = first.or(Some(obstacle)),
        }
    }
    if loops.is_empty() { Err(first) } else { Ok(loops) }
}

/// Whether a derivative flows from pass to pass, or into outer memory.
fn matters(stmt: &For, pos: Pos, layout: &Layout<'_>, activity: &Activity) -> bool {
    let region = *layout.region(layout.child(pos, 0));
    let writes = |accesses: &Vec<super::Access>| {
        accesses.iter().any(|access| {
            access.kind != AccessKind::Read && region.start <= access.pos && access.pos <= region.end
        })
    };
    let roots = || (0..).map(Var).zip(&layout.accesses);
    stmt.carried.iter().any(|c| activity.is_active(c.param) || activity.is_active(c.result))
        || roots().any(|(root, accesses)| activity.is_active(root) && writes(accesses))
}

fn obstacle(func: &Func, stmt: &For, pos: Pos, layout: &Layout<'_>) -> Option<Obstacle> {
    if stmt.until.is_some() {
        return Some(Obstacle::Exit);
    }
    if !stmt.carried.iter().all(|c| is_number(func.ty(c.param))) {
        return Some(Obstacle::Effect);
    }
    let mut found = None;
    block_obstacle(func, &stmt.body, layout, &mut found);
    if found.is_some() {
        return found;
    }
    let region = layout.child(pos, 0);
    let mut outer = BTreeSet::new();
    stmt.body.for_each_read(&mut |var| {
        if !layout.within(layout.home[var.index()], region) {
            outer.insert(layout.root[var.index()]);
        }
    });
    outer.into_iter().find_map(|var| outer_obstacle(func, var, layout))
}

/// What is defined in front of the loop is there in the reverse sweep, or is copied.
fn outer_obstacle(func: &Func, var: Var, layout: &Layout<'_>) -> Option<Obstacle> {
    let ty = func.ty(var);
    if is_number(ty) {
        return None;
    }
    let is_param = matches!(layout.def[var.index()], Def::Param);
    if !ty.is_memory() {
        let same = is_param && layout.is_steady(func, var);
        return (!same).then_some(Obstacle::Effect);
    }
    let exclusive = matches!(ty, Ty::Ref { mutable: true, .. });
    let changes = layout.accesses[var.index()].iter().any(|access| access.kind != AccessKind::Read);
    ((exclusive || changes) && !is_copied(ty.peeled())).then_some(Obstacle::Type)
}

fn block_obstacle(func: &Func, block: &Block, layout: &Layout<'_>, found: &mut Option<Obstacle>) {
    block.for_each_stmt(&mut |stmt| {
        match stmt {
            Stmt::Effect { code, writes } => {
                if code.leaves {
                    found.get_or_insert(Obstacle::Exit);
                }
                if code.acts || !writes.is_empty() {
                    found.get_or_insert(Obstacle::Effect);
                }
                return;
            }
            Stmt::Call(call) if call.leaves() => {
                found.get_or_insert(Obstacle::Exit);
            }
            Stmt::Call(call) => {
                let passes_code = call.args.iter().any(
                    |arg| matches!(&arg.kind, ArgKind::Code { code, .. } if !is_repeatable(func, code, layout)),
                );
                if passes_code {
                    found.get_or_insert(Obstacle::Effect);
                }
            }
            _ => {}
        }
        stmt.walk(&mut |item| {
            if matches!(item, Item::Code(code) if code.leaves) {
                found.get_or_insert(Obstacle::Exit);
            }
            let repeatable = match item {
                Item::Code(code) => is_repeatable(func, code, layout),
                Item::Pattern(pattern) => {
                    pattern.guard.as_ref().is_none_or(|guard| is_repeatable(func, guard, layout))
                }
                _ => true,
            };
            if !repeatable {
                found.get_or_insert(Obstacle::Unknown);
            }
        });
    });
}

/// Whether the code gives the same value in every run of the same pass.
fn is_repeatable(func: &Func, code: &Code, layout: &Layout<'_>) -> bool {
    code.cheap && !code.acts && code.reads.iter().all(|var| layout.is_steady(func, *var))
}

fn is_number(ty: &Ty) -> bool {
    matches!(ty, Ty::Float(_) | Ty::Int | Ty::Bool)
}

/// Whether the compiler can copy it and put it back.
pub(super) fn is_copied(ty: &Ty) -> bool {
    let holds_numbers = |ty: &Ty| is_number(ty) || is_copied(ty);
    match ty {
        Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) => holds_numbers(of),
        Ty::Tuple(of) => of.iter().all(holds_numbers),
        _ => false,
    }
}
