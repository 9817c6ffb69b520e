//! Rows: a loop that touches one row of nested or flat cotangent memory gets that row as a slice of its own.
//!
//! `for j { w_bar[i][j] += … }` looks `w_bar[i]` up in every pass, because a store through one `Vec` might change where
//! another one points. With `let w_row = &mut w_bar[i];` in front of the loop it is looked up once, and the loop
//! vectorises. A row that does not exist becomes an empty slice: the loop that would have touched it
//! makes no pass then, or panics as before.

use super::Cx;
use crate::analysis::Condition;
use crate::ir::{Block, Func, Place, Proj, Stmt, Ty, Var, ViewKind};
use proc_macro2::Span;
use std::collections::BTreeMap;

/// Hoists the rows of cotangent memory.
pub(super) fn rows(cx: &Cx, func: &mut Func, block: &mut Block) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| rows(cx, func, inner));
        if matches!(stmt, Stmt::For(_) | Stmt::While(_)) {
            stmts.extend(hoisted(cx, func, &mut stmt));
        }
        stmts.push(stmt);
    }
    block.stmts = stmts;
}

/// The rows in front of a loop, and the loop over them.
fn hoisted(cx: &Cx, func: &mut Func, stmt: &mut Stmt) -> Vec<Stmt> {
    let mut defined = Vec::new();
    stmt.for_each_define_within(&mut |var| defined.push(var));
    let mut places: BTreeMap<Var, Vec<Place>> = BTreeMap::new();
    collect(stmt, &mut |place| places.entry(place.root).or_default().push(place.clone()));
    let mut views = Vec::new();
    for (root, places) in places {
        let Some(first) = places.iter().find_map(|place| place.path.first()).cloned() else { continue };
        let same = places.iter().all(|place| place.path.first() == Some(&first));
        let below = places.iter().all(|place| place.path.len() > 1);
        if !cx.is_cotangent(root) || defined.contains(&root) || !below {
            continue;
        }
        if !cx.rewrites.holds(Condition::OneRow, same) || named_otherwise(cx, stmt, root) {
            continue;
        }
        let mut invariant = true;
        Place { root, path: vec![first.clone()] }.for_each_operand(&mut |operand| {
            invariant &= operand.var().is_none_or(|var| !defined.contains(&var));
        });
        let Some(ty) = row_ty(func.ty(root), &first) else { continue };
        if !cx.rewrites.holds(Condition::RowIsOutside, invariant) {
            continue;
        }
        let name = format!("{}_row", func.vars[root.index()].name.trim_end_matches("_bar"));
        let row = func.new_var(name, ty, Span::call_site());
        views.push(Stmt::View { var: row, place: Place { root, path: vec![first] }, kind: ViewKind::Row });
        replace(stmt, root, row);
    }
    views
}

/// Whether the loop shortens the memory as a whole, or names a view of it: where its rows are may change then.
fn named_otherwise(cx: &Cx, stmt: &Stmt, root: Var) -> bool {
    let mut otherwise = false;
    cx.views.for_each_whole(stmt, &mut |var, _| otherwise |= var == root);
    stmt.for_each_place(&mut |place, _| otherwise |= place.root != root && cx.views.root(place.root) == root);
    stmt.for_each_block(&mut |block| {
        otherwise |= block.stmts.iter().any(|inner| named_otherwise(cx, inner, root));
    });
    otherwise
}

/// The type of a row, where it is a slice that is found through memory, or a part of one.
fn row_ty(ty: &Ty, step: &Proj) -> Option<Ty> {
    let (Ty::Slice(of) | Ty::Vec(of) | Ty::Array(of, _)) = ty.peeled() else { return None };
    match (step, of.peeled()) {
        (Proj::Slice { .. }, _) => Some(Ty::Slice(of.clone())),
        (Proj::Index(_), Ty::Vec(inner) | Ty::Slice(inner)) => Some(Ty::Slice(inner.clone())),
        _ => None,
    }
}

/// Every place a loop names, in its nested blocks, too.
fn collect(stmt: &Stmt, f: &mut dyn FnMut(&Place)) {
    stmt.for_each_place(&mut |place, _| f(place));
    stmt.for_each_block(&mut |block| block.stmts.iter().for_each(|inner| collect(inner, f)));
}

/// Replaces the first step of every place in `root`.
fn replace(stmt: &mut Stmt, root: Var, row: Var) {
    stmt.for_each_place_mut(&mut |place| {
        if place.root == root {
            place.root = row;
            place.path.remove(0);
        }
    });
    stmt.for_each_block_mut(&mut |block| block.stmts.iter_mut().for_each(|inner| replace(inner, root, row)));
}
