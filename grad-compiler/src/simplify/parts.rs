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
//! them. A loop over lo..n, and one with a counter that goes up by one in each pass (`p`, which is counted back from what it
//! was in the end), counts its passes from 0:
//!
//! ```text
//!                                        let passes = trips(lo, n);
//!                                        let x_part = &x[lo..lo + passes];
//!                                        let l_part = &l[p - passes..p];
//! for i in lo..n {                       for pass in 0..passes {
//!     let q = p - trips(i, n);               let i = lo + pass;
//!     t += l[q] * x[i];          →           t += l_part[pass] * x_part[pass];
//! }                                      }
//! ```
//!
//! Without a pass, nothing need be there: then the parts are those of no elements at the start.

use super::Cx;
use crate::analysis::{Condition, Views};
use crate::ir::visit::Access;
use crate::ir::{
    Block, Code, For, Func, Op, Operand, Place, Proj, Stmt, Ty, Var, ViewKind, counted_back, placeholder,
};
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
    let literal = |operand: &Operand| matches!(operand, Operand::Lit(_));
    let from_zero = matches!(&stmt.lo, Operand::Lit(lit) if lit.value == 0.0);
    // A number of passes that is written down is no reason to count.
    let is_known = !from_zero && literal(&stmt.lo) && literal(&stmt.hi);
    if stmt.inclusive || stmt.reversed || stmt.until.is_some() || is_known {
        return Vec::new();
    }
    let mut defined = Vec::new();
    stmt.body.stmts.iter().for_each(|inner| inner.for_each_define_within(&mut |var| defined.push(var)));
    let mut found = Vec::new();
    let by_index = Steps { at: stmt.index, end: None };
    for steps in std::iter::once(by_index).chain(counters(stmt, &defined)) {
        for (root, uses) in uses(views, stmt, steps.at) {
            let (Ty::Slice(of) | Ty::Vec(of)) = func.ty(root).peeled() else { continue };
            if !defined.contains(&root)
                && cx.rewrites.holds(Condition::InEachPass, uses.in_each_pass)
                && !uses.otherwise
            {
                found.push((root, of.clone(), uses.changes, steps));
            }
        }
    }
    if is_over_arrays(func, stmt) {
        found.retain(|(.., steps)| from_zero && steps.end.is_none());
    }
    if found.is_empty() {
        return Vec::new();
    }
    let mut stmts = Vec::new();
    let in_place = from_zero && found.iter().all(|(.., steps)| steps.end.is_none());
    let pass = if in_place { stmt.index } else { count_passes(func, stmt, &mut stmts) };
    let mut parts = Vec::new();
    let mut known: BTreeMap<Var, (Option<Operand>, Operand)> = BTreeMap::new();
    for (root, of, changes, steps) in found {
        let kind = if changes { ViewKind::Materialized } else { ViewKind::Shared };
        let name = format!("{}_part", func.vars[root.index()].name.trim_end_matches("_bar"));
        let part = func.new_var(name, Ty::Slice(of), Span::call_site());
        let (from, to) = match known.get(&steps.at) {
            Some(ends) => ends.clone(),
            None if in_place => (None, stmt.hi.clone()),
            None => ends(func, stmt, steps, &mut stmts),
        };
        known.insert(steps.at, (from.clone(), to.clone()));
        let slice = Proj::Slice { from, to: Some(to), inclusive: false };
        parts.push(Stmt::View { var: part, place: Place { root, path: vec![slice] }, kind });
        stmt.body.stmts.iter_mut().for_each(|inner| rename(inner, root, steps.at, pass, part));
    }
    if !in_place {
        let index =
            format!("__grad_runtime::index({}, {}, {})", text(&stmt.lo), text(&stmt.hi), text(&pass.into()));
        stmt.body.stmts.insert(0, Stmt::Let { var: stmt.index, op: Op::Code(code(&index)) });
        (stmt.index, stmt.lo, stmt.hi) = (pass, Operand::int(0), passes_of(&stmts));
    }
    stmts.extend(parts);
    stmts
}

/// Whether the loop is over the elements of an array: rustc knows how many passes there can be, and writes them out.
fn is_over_arrays(func: &Func, stmt: &For) -> bool {
    let mut found = false;
    stmt.body.for_each_stmt(&mut |inner| {
        inner.for_each_place(&mut |place, _| {
            found |= matches!(func.ty(place.root).peeled(), Ty::Array(..))
                && place.path.contains(&Proj::Index(stmt.index.into()));
        });
    });
    found
}

/// An index that goes up by one in each pass: that of the loop, or a counter, with what it is in the end.
#[derive(Clone, Copy)]
struct Steps {
    at: Var,
    end: Option<Var>,
}

/// The counters of a loop that are counted back from what they were in the end.
fn counters(stmt: &For, defined: &[Var]) -> Vec<Steps> {
    let mut counters = Vec::new();
    for inner in &stmt.body.stmts {
        let Stmt::Let { var, op: Op::Code(counted) } = inner else { continue };
        let end = counted.reads.iter().copied().find(|end| {
            let back = counted_back(&(*end).into(), &stmt.index.into(), &stmt.hi);
            !defined.contains(end)
                && *end != stmt.index
                && code(&back).tokens.to_string() == counted.tokens.to_string()
        });
        if end.is_some() {
            counters.push(Steps { at: *var, end });
        }
    }
    counters
}

/// `let passes = trips(lo, hi);`, and the index of a loop over so many.
fn count_passes(func: &mut Func, stmt: &For, stmts: &mut Vec<Stmt>) -> Var {
    let passes = func.new_var("passes", Ty::Int, Span::call_site());
    let count = format!("__grad_runtime::trips({}, {})", text(&stmt.lo), text(&stmt.hi));
    stmts.push(Stmt::Let { var: passes, op: Op::Code(code(&count)) });
    func.new_var("pass", Ty::Int, Span::call_site())
}

fn passes_of(stmts: &[Stmt]) -> Operand {
    let Some(Stmt::Let { var, .. }) = stmts.first() else { unreachable!("counted first") };
    (*var).into()
}

/// The first and the last element of a part.
fn ends(func: &mut Func, stmt: &For, steps: Steps, stmts: &mut Vec<Stmt>) -> (Option<Operand>, Operand) {
    let passes = text(&passes_of(stmts));
    let first = match steps.end {
        None => text(&stmt.lo),
        Some(end) => format!("__grad_runtime::down({}, {passes})", text(&end.into())),
    };
    let mut int = |name: &str, value: String| {
        let var = func.new_var(name, Ty::Int, Span::call_site());
        stmts.push(Stmt::Let { var, op: Op::Code(code(&value)) });
        Operand::Var(var)
    };
    let from = int("from", format!("__grad_runtime::first_of({passes}, {first})"));
    let to = int("to", format!("{} + {passes}", text(&from)));
    (Some(from), to)
}

fn text(operand: &Operand) -> String {
    match operand {
        Operand::Var(var) => placeholder(*var, Span::call_site()).to_string(),
        Operand::Lit(lit) => lit.text.clone(),
    }
}

fn code(text: &str) -> Code {
    Code::new(text.parse().expect("generated integer arithmetic is valid tokens"), true)
}

/// What a loop does with a variable that stands for memory, by an index.
#[derive(Default)]
struct Uses {
    /// Each pass touches its element, whatever else happens.
    in_each_pass: bool,
    changes: bool,
    /// It is also used otherwise than by elements with the number of the pass, and that is not reading beside reading.
    otherwise: bool,
}

fn uses<'a>(views: &Views, stmt: &'a For, index: Var) -> BTreeMap<Var, Uses> {
    let is_own = |place: &Place| place.path.first() == Some(&Proj::Index(index.into()));
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
fn rename(stmt: &mut Stmt, root: Var, index: Var, pass: Var, part: Var) {
    stmt.for_each_place_mut(&mut |place| {
        if place.root == root && place.path.first() == Some(&Proj::Index(index.into())) {
            place.root = part;
            place.path[0] = Proj::Index(pass.into());
        }
    });
    stmt.for_each_block_mut(&mut |block| {
        block.stmts.iter_mut().for_each(|inner| rename(inner, root, index, pass, part));
    });
}
