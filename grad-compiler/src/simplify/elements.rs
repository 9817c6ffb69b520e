//! Elements: a loop over all elements of an array by their numbers gets them as a slice of their own.
//!
//! ```text
//!                                        let all = elements(&a);
//!                                        let a_all = &all[..n];
//! for k in 0..n {                        for k in 0..n {
//!     y[nth(&y, k)] = a[nth(&a, k)]; →       y_all[k] = a_all[k];
//! }                                      }
//!                                        y_elements.put_back();
//! ```
//!
//! The same of elements by other numbers, of an array of which nothing else is named there.
//!
//! A library looks up where an element is, and whether it is there, each time. Of an array that is laid out in another way the slice is a
//! copy, which is put back if it was changed.

use super::writing::{code, text};
use crate::analysis::{Rewrite, Rewrites};
use crate::ir::visit::Access;
use crate::ir::{Block, ELEMENTS, For, Func, Init, Op, Operand, Place, Proj, Stmt, Ty, Var, ViewKind};
use proc_macro2::Span;
use std::collections::BTreeSet;

/// Takes them out in front of loops. The last of all rewrites but of records: nobody asks any more what memory an element is in.
/// `absent`: slots of cotangents may have nothing behind them.
pub fn elements(func: &mut Func, reverse: &mut Block, absent: bool, rewrites: Rewrites) {
    if !rewrites.may(Rewrite::Parts) {
        return;
    }
    let mut body = std::mem::take(&mut func.body);
    let own = func.params.iter().map(|param| param.var).collect();
    let mut known = Known { named: BTreeSet::new(), own, absent };
    for block in [&body, &*reverse] {
        block.for_each_stmt(&mut |stmt| {
            if let Stmt::View { var, place, .. } = stmt {
                known.named.extend([*var, place.root]);
            }
            stmt.for_each_define_within(&mut |var| {
                known.own.insert(var);
            });
        });
    }
    for block in [&mut body, reverse] {
        within(func, block, &known);
        others(func, block);
    }
    func.body = body;
}

/// What is known of memory in a whole derivative.
struct Known {
    /// It has another name somewhere, or is one.
    named: BTreeSet<Var>,
    /// What is made here, and arguments: all else are the slots of cotangents, which are references.
    own: BTreeSet<Var>,
    /// Slots may have nothing behind them.
    absent: bool,
}

fn within(func: &mut Func, block: &mut Block, known: &Known) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| within(func, inner, known));
        let mut behind = Vec::new();
        if let Stmt::For(over) = &mut stmt {
            (stmts, behind) = taken_out(func, over, known, stmts);
        }
        stmts.push(stmt);
        stmts.extend(behind);
    }
    block.stmts = stmts;
}

/// What is left.
fn others(func: &mut Func, block: &mut Block) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| others(func, inner));
        looked_up(func, &mut stmt, &mut stmts);
        stmts.push(stmt);
    }
    block.stmts = stmts;
}

/// Where an element is, in front of what names it, wherever elements have not become a slice.
fn looked_up(func: &mut Func, stmt: &mut Stmt, before: &mut Vec<Stmt>) {
    let mut known: Vec<(Place, Var)> = Vec::new();
    stmt.for_each_place_mut(&mut |place| {
        let Some(at) = place.path.iter().position(|step| *step == Proj::Named(ELEMENTS.to_owned())) else {
            return;
        };
        let Some(Proj::Index(k)) = place.path.get(at + 1) else { return };
        let one = Place { root: place.root, path: place.path[..at + 2].to_vec() };
        let there = match known.iter().find(|(other, _)| *other == one) {
            Some((_, there)) => *there,
            None => {
                let there = func.new_var("at", Ty::Opaque, Span::call_site());
                let of = written(&Place { root: place.root, path: place.path[..at].to_vec() });
                let nth = code(&format!("__grad_runtime::nth(&{of}, {})", text(k)));
                before.push(Stmt::Let { var: there, op: Op::Code(nth) });
                known.push((one, there));
                there
            }
        };
        place.path.splice(at..at + 2, [Proj::Index(there.into())]);
    });
}

/// An array of which a loop is over the elements.
struct Array {
    place: Place,
    changes: bool,
    element: Ty,
    /// By other numbers than that of the loop.
    others: bool,
}

impl Array {
    /// The number of the element that is there.
    fn number(&self, place: &Place) -> Option<Operand> {
        let (of, number) = element_at(place)?;
        (of == self.place).then(|| number.clone())
    }
}

/// The array whose element is there, and the number of that.
pub(super) fn element_at(place: &Place) -> Option<(Place, &Operand)> {
    let [path @ .., Proj::Named(elements), Proj::Index(number)] = &place.path[..] else { return None };
    (elements == ELEMENTS).then(|| (Place { root: place.root, path: path.to_vec() }, number))
}

/// What is in front of a loop, after what is there already, and what is behind it.
fn taken_out(
    func: &mut Func,
    over: &mut For,
    known: &Known,
    mut before: Vec<Stmt>,
) -> (Vec<Stmt>, Vec<Stmt>) {
    let mut behind = Vec::new();
    let is_from_zero = matches!(&over.lo, Operand::Lit(lit) if lit.value == 0.0);
    if !is_from_zero || over.inclusive {
        return (before, behind);
    }
    let arrays = arrays(func, over, known);
    let there = |array: &Array| known.own.contains(&array.place.root) || !known.absent;
    // Cotangents may come from anywhere.
    if let Some(first) = arrays.iter().find(|array| there(array)) {
        let from_anywhere = |array: &Array| {
            let root = array.place.root;
            func.vars[root.index()].derivative || !known.own.contains(&root)
        };
        let others = arrays.iter().filter(|other| there(other) && from_anywhere(other));
        for other in others.filter(|other| other.place != first.place) {
            let check = format!(
                "__grad_runtime::ndarray::of_one_shape(&{}, &{});",
                written(&first.place),
                written(&other.place)
            );
            before.push(Stmt::Effect { code: code(&check), writes: Vec::new() });
        }
    }
    for array in arrays {
        let name = func.vars[array.place.root.index()].name.clone();
        let held = func.new_var(format!("{name}_elements"), Ty::Unknown, Span::call_site());
        let all = func.new_var(
            format!("{}_all", name.trim_end_matches("_bar")),
            Ty::Slice(Box::new(array.element.clone())),
            Span::call_site(),
        );
        let is_own = known.own.contains(&array.place.root);
        let function = match (array.changes, !is_own && known.absent) {
            (true, true) => "elements_of_slot",
            (true, false) => "elements_mut",
            (false, _) => "elements",
        };
        func.vars[held.index()].mutable = array.changes;
        let kind = if array.changes { ViewKind::Materialized } else { ViewKind::Shared };
        let whole = if is_own {
            let whole = func.new_var(format!("{name}_whole"), Ty::Unknown, Span::call_site());
            before.push(Stmt::View { var: whole, place: array.place.clone(), kind });
            text(&whole.into())
        } else {
            in_slot(&array)
        };
        let count =
            if function == "elements_of_slot" { format!(", {}", text(&over.hi)) } else { String::new() };
        let call = format!("__grad_runtime::ndarray::{function}({whole}{count})");
        before.push(Stmt::Alloc { var: held, init: Init::Code(code(&call)) });
        let to = (!array.others).then(|| over.hi.clone());
        let slice = Proj::Slice { from: None, to, inclusive: false };
        before.push(Stmt::View { var: all, place: Place { root: held, path: vec![slice] }, kind });
        over.body.stmts.iter_mut().for_each(|stmt| rename(stmt, &array, all));
        if array.changes {
            let put_back = code(&format!("{}.put_back();", text(&held.into())));
            behind.push(Stmt::Effect { code: put_back, writes: Vec::new() });
        }
    }
    (before, behind)
}

/// The arrays of which nothing but elements by their numbers is named; of those that are only read, elements may be by their indices, too.
fn arrays(func: &Func, over: &For, known: &Known) -> Vec<Array> {
    let mut defined = BTreeSet::new();
    over.body.stmts.iter().for_each(|stmt| {
        stmt.for_each_define_within(&mut |var| {
            defined.insert(var);
        });
    });
    let mut places: Vec<(Place, Access)> = Vec::new();
    let mut mentions = Vec::new();
    over.body.for_each_stmt(&mut |stmt| {
        stmt.for_each_place(&mut |place, access| places.push((place.clone(), access)));
        stmt.for_each_own_read(&mut |var| mentions.push(var));
    });
    let mut found: Vec<Array> = Vec::new();
    for (place, _) in &places {
        let Some((of, _)) = element_at(place) else { continue };
        let is_field = |step: &Proj| matches!(step, Proj::Named(_) | Proj::Field(_));
        let is_new = found.iter().all(|array| array.place != of);
        if !is_new
            || !of.path.iter().all(is_field)
            || defined.contains(&of.root)
            || known.named.contains(&of.root)
        {
            continue;
        }
        let of_root = || places.iter().filter(|(other, _)| other.root == of.root);
        let numbers =
            || of_root().filter_map(|(other, _)| element_at(other)).filter(|(other, _)| *other == of);
        let changes = of_root().any(|(_, access)| !matches!(access, Access::Read));
        // In code it may be changed, or be seen while it is.
        let is_in_places = mentions.iter().filter(|var| **var == of.root).count() == of_root().count();
        let is_alone = numbers().count() == of_root().count();
        let Some(element) = element(func, over, &of) else { continue };
        if is_in_places && (is_alone || !changes) {
            let others = numbers().any(|(_, number)| *number != over.index.into());
            found.push(Array { place: of, changes, element, others });
        }
    }
    found
}

/// The type of an element, as it is loaded or stored there.
fn element(func: &Func, over: &For, of: &Place) -> Option<Ty> {
    let is_one = |place: &Place| element_at(place).is_some_and(|(array, _)| array == *of);
    let mut ty = None;
    over.body.for_each_stmt(&mut |stmt| match stmt {
        Stmt::Let { var, op: Op::Load(from) } if is_one(from) => ty = Some(func.ty(*var).clone()),
        Stmt::Store { place: to, value: Operand::Var(value) }
        | Stmt::Accumulate { place: to, value: Operand::Var(value) }
            if is_one(to) =>
        {
            ty = Some(func.ty(*value).clone());
        }
        _ => {}
    });
    ty
}

/// Of a slot, which is a reference: it may not be there, and then there is something else behind it.
fn in_slot(array: &Array) -> String {
    let reborrow = if array.place.path.is_empty() { "*" } else { "" };
    format!("&{}{reborrow}{}", if array.changes { "mut " } else { "" }, written(&array.place))
}

/// Memory, its fields and its elements, as they are written in a [`code`].
pub(super) fn written(place: &Place) -> String {
    place.path.iter().fold(text(&place.root.into()), |of, step| match step {
        Proj::Named(name) => format!("{of}.{name}"),
        Proj::Field(at) => format!("{of}.{at}"),
        Proj::Index(at) => format!("{of}[{}]", text(at)),
        _ => of,
    })
}

fn rename(stmt: &mut Stmt, array: &Array, all: Var) {
    stmt.for_each_place_mut(&mut |place| {
        if let Some(number) = array.number(place) {
            *place = Place { root: all, path: vec![Proj::Index(number)] };
        }
    });
    stmt.for_each_block_mut(&mut |block| {
        block.stmts.iter_mut().for_each(|stmt| rename(stmt, array, all));
    });
}
