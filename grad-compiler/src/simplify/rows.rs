//! Rows: a loop that touches one row of nested or flat cotangent memory gets that row as a slice of its own.
//!
//! `for j { w_bar[i][j] += … }` looks `w_bar[i]` up in every pass, because a store through one `Vec` might change where
//! another one points. With `let w_row = &mut w_bar[i];` in front of the loop it is looked up once, and the loop
//! vectorises. A row that does not exist becomes an empty slice: the loop that would have touched it
//! makes no pass then, or panics as before.

use crate::ir::{Block, Func, Place, Proj, Stmt, Ty, Var, ViewKind};
use proc_macro2::Span;
use std::collections::BTreeMap;

/// Hoists the rows of all memory that `is_cotangent` holds for.
pub(super) fn rows(func: &mut Func, block: &mut Block, is_cotangent: &dyn Fn(Var) -> bool) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| rows(func, inner, is_cotangent));
        if matches!(stmt, Stmt::For(_) | Stmt::While(_)) {
            stmts.extend(hoisted(func, &mut stmt, is_cotangent));
        }
        stmts.push(stmt);
    }
    block.stmts = stmts;
}

/// The rows in front of a loop, and the loop over them.
fn hoisted(func: &mut Func, stmt: &mut Stmt, is_cotangent: &dyn Fn(Var) -> bool) -> Vec<Stmt> {
    let mut defined = Vec::new();
    stmt.for_each_define_within(&mut |var| defined.push(var));
    let mut places: BTreeMap<Var, Vec<Place>> = BTreeMap::new();
    collect(stmt, &mut |place| places.entry(place.root).or_default().push(place.clone()));
    let mut views = Vec::new();
    for (root, places) in places {
        let Some(first) = places.iter().find_map(|place| place.path.first()).cloned() else { continue };
        let same = places.iter().all(|place| place.path.first() == Some(&first) && place.path.len() > 1);
        if !is_cotangent(root) || defined.contains(&root) || !same {
            continue;
        }
        let mut invariant = true;
        Place { root, path: vec![first.clone()] }.for_each_operand(&mut |operand| {
            invariant &= operand.var().is_none_or(|var| !defined.contains(&var));
        });
        let Some(ty) = row_ty(func.ty(root), &first) else { continue };
        if !invariant {
            continue;
        }
        let name = format!("{}_row", func.vars[root.index()].name.trim_end_matches("_bar"));
        let row = func.new_var(name, ty, Span::call_site());
        views.push(Stmt::View { var: row, place: Place { root, path: vec![first] }, kind: ViewKind::Row });
        replace(stmt, root, row);
    }
    views
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
