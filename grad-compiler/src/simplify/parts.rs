//! Parts: a mirror loop over 0..n that touches element i of memory in pass i gets the n elements as a slice of their own.
//!
//! ```text
//!                                        let x_part = &x[..n];
//! for i in 0..n {                        for i in 0..n {
//!     y_bar[i] += t * x[i];      →           y_part[i] += t * x_part[i];
//! }                                      }
//! ```
//!
//! That all elements are there is found out once, and the loop becomes vectors. They are there: the forward sweep has been at
//! them.

use super::Cx;
use crate::analysis::{Condition, Views};
use crate::ir::visit::Access;
use crate::ir::{Block, For, Func, Operand, Place, Proj, Stmt, Ty, Var, ViewKind};
use proc_macro2::Span;
use std::collections::BTreeMap;

/// Borrows the parts that loops are over, in a block and in the blocks nested in it. `views` are those of the whole derivative.
pub(super) fn parts(cx: &Cx, views: &Views, func: &mut Func, block: &mut Block) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| parts(cx, views, func, inner));
        if let Stmt::For(stmt) = &mut stmt
            && cx.is_new(stmt.index)
            && !cx.strips.contains(&stmt.index)
        {
            stmts.extend(borrowed(cx, views, func, stmt));
        }
        stmts.push(stmt);
    }
    block.stmts = stmts;
}

/// The parts in front of a loop, which is changed to be over them.
fn borrowed(cx: &Cx, views: &Views, func: &mut Func, stmt: &mut For) -> Vec<Stmt> {
    let from_zero = matches!(&stmt.lo, Operand::Lit(lit) if lit.value == 0.0);
    if !from_zero || stmt.inclusive || stmt.reversed || stmt.until.is_some() {
        return Vec::new();
    }
    let mut defined = Vec::new();
    stmt.body.stmts.iter().for_each(|inner| inner.for_each_define_within(&mut |var| defined.push(var)));
    let mut borrowed = Vec::new();
    for (root, uses) in uses(views, stmt) {
        let (Ty::Slice(of) | Ty::Vec(of)) = func.ty(root).peeled() else { continue };
        if defined.contains(&root)
            || !cx.rewrites.holds(Condition::InEachPass, uses.in_each_pass)
            || uses.otherwise
        {
            continue;
        }
        let kind = if uses.changes { ViewKind::Materialized } else { ViewKind::Shared };
        let name = format!("{}_part", func.vars[root.index()].name.trim_end_matches("_bar"));
        let part = func.new_var(name, Ty::Slice(of.clone()), Span::call_site());
        let slice = Proj::Slice { from: None, to: Some(stmt.hi.clone()), inclusive: false };
        borrowed.push(Stmt::View { var: part, place: Place { root, path: vec![slice] }, kind });
        let index = stmt.index;
        stmt.body.stmts.iter_mut().for_each(|inner| rename(inner, root, index, part));
    }
    borrowed
}

/// What a loop does with a variable that stands for memory.
#[derive(Default)]
struct Uses {
    /// Each pass touches its element, whatever else happens.
    in_each_pass: bool,
    changes: bool,
    /// It is also used otherwise than by elements with the number of the pass, and that is not reading beside reading.
    otherwise: bool,
}

fn uses<'a>(views: &Views, stmt: &'a For) -> BTreeMap<Var, Uses> {
    let is_own = |place: &Place| place.path.first() == Some(&Proj::Index(stmt.index.into()));
    let mut all: BTreeMap<Var, Uses> = BTreeMap::new();
    let mut places: Vec<(&'a Place, Access)> = Vec::new();
    let mut whole = Vec::new();
    stmt.body.for_each_stmt(&mut |inner| {
        inner.for_each_place(&mut |place, access| places.push((place, access)));
        views.for_each_whole(inner, &mut |root, access| whole.push((root, access)));
    });
    for inner in &stmt.body.stmts {
        if !matches!(inner, Stmt::Branch(_) | Stmt::For(_) | Stmt::While(_)) {
            inner.for_each_place(&mut |place, access| {
                if is_own(place) && access != Access::Borrow {
                    all.entry(place.root).or_default().in_each_pass = true;
                }
            });
        }
    }
    for (place, _) in places.iter().filter(|(place, _)| is_own(place)) {
        all.entry(place.root).or_default();
    }
    for (var, uses) in &mut all {
        let root = views.root(*var);
        let of_it = || places.iter().filter(|(place, _)| views.root(place.root) == root);
        let by_others = of_it().any(|(place, _)| place.root != *var || !is_own(place));
        let written = of_it().any(|(_, access)| matches!(access, Access::Write | Access::Update));
        let borrowed = of_it().any(|(_, access)| *access == Access::Borrow);
        let named = whole.iter().filter(|(other, _)| *other == root);
        uses.changes = written;
        uses.otherwise = if written {
            by_others || named.count() > 0
        } else {
            borrowed || named.clone().any(|(_, access)| *access != Access::Read)
        };
    }
    all
}

/// The elements by the name of the part.
fn rename(stmt: &mut Stmt, root: Var, index: Var, part: Var) {
    stmt.for_each_place_mut(&mut |place| {
        if place.root == root && place.path.first() == Some(&Proj::Index(index.into())) {
            place.root = part;
        }
    });
    stmt.for_each_block_mut(&mut |block| {
        block.stmts.iter_mut().for_each(|inner| rename(inner, root, index, part));
    });
}
