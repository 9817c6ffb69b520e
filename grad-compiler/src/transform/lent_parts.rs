//! Parts of constant arrays that a pullback keeps: it must not borrow from an argument that it is given again, and keeps a copy.
//!
//! Only rustc knows whether a method of this name gives a view. Where it does, `part(…).owned()` is a copy that is laid out in the same way.

use super::{Reversed, code, text};
use crate::ir::{Func, Init, Stmt, Ty, Var};
use std::collections::BTreeSet;

/// Copies the parts that are kept, where they are made.
pub fn owned_parts(mut split: Reversed) -> Reversed {
    let kept = kept(&split);
    if !kept.is_empty() {
        let mut body = std::mem::take(&mut split.func.body);
        own(&mut split.func, &mut body.stmts, &kept);
        split.func.body = body;
    }
    split
}

/// The part that a statement makes of a constant, if it does.
fn part_of(stmt: &Stmt) -> Option<Var> {
    let Stmt::Call(call) = stmt else { return None };
    call.lends_part().then_some(call.result)?
}

/// Those that the reverse sweep reads, or that are recorded for it.
fn kept(split: &Reversed) -> BTreeSet<Var> {
    let mut parts = BTreeSet::new();
    split.func.for_each_stmt(&mut |stmt| parts.extend(part_of(stmt)));
    if parts.is_empty() {
        return parts;
    }
    let mut kept = BTreeSet::new();
    split.reverse.for_each_read(&mut |var| {
        kept.insert(var);
    });
    split.func.for_each_stmt(&mut |stmt| match stmt {
        // In a copy, in a record, in a list.
        Stmt::Push { .. }
        | Stmt::Alloc {
            init: Init::Clone(_) | Init::Move(_) | Init::Keep(_) | Init::Refill { .. }, ..
        }
        | Stmt::Alloc {
            init: Init::Array(_) | Init::Vec(_) | Init::Tuple(_) | Init::Record { .. }, ..
        } => {
            stmt.for_each_own_read(&mut |var| {
                kept.insert(var);
            });
        }
        _ => {}
    });
    parts.retain(|part| kept.contains(part));
    parts
}

fn own(func: &mut Func, stmts: &mut Vec<Stmt>, kept: &BTreeSet<Var>) {
    let mut at = 0;
    while let Some(stmt) = stmts.get_mut(at) {
        stmt.for_each_block_mut(&mut |block| own(func, &mut block.stmts, kept));
        at += 1;
        let Some(part) = part_of(stmt).filter(|part| kept.contains(part)) else { continue };
        let Stmt::Call(call) = stmt else { continue };
        let view = func.new_var("view", Ty::Unknown, call.span);
        call.result = Some(view);
        let owned = code(&format!("__grad_runtime::part({}).owned()", text(&view.into())));
        stmts.insert(at, Stmt::Alloc { var: part, init: Init::Code(owned) });
        at += 1;
    }
}
