//! Which part of an array does a reference in a variable refer to, that is assigned another one?
//!
//! `w = &w[1..]`, `best = row`: a variable walks along an array. What it refers to is a place of which the indices and the ends of
//! ranges change, and nothing else: a [`Walk`]. These are integers, which branches join and loops carry as they do with any others.

use super::Lower;
use super::env::{Join, LocalId, Yield};
use super::iter::add;
use super::types::{Type, lower_type};
use super::value::{Memory, Val};
use crate::ir::{Carried, Op, Operand, Place, Proj, Stmt, Var, ViewKind};
use proc_macro2::Span;

/// A reference to a part of an array: no two ranges follow each other, and those of slices have both ends.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    place: Place,
    ty: Type,
}

impl Walk {
    /// A value that is one.
    pub(super) fn of(val: &Val) -> Option<Walk> {
        let memory = part(val)?;
        let path = &memory.place.path;
        let is_closed =
            |proj: &Proj| matches!(proj, Proj::Slice { from: Some(_), to: Some(_), inclusive: false });
        let is_slice = |proj: &Proj| matches!(proj, Proj::Slice { .. });
        let (last, before) = path.split_last().map_or((None, &[][..]), |(last, before)| (Some(last), before));
        let is_one = !before.iter().any(is_slice)
            && match memory.ty {
                Type::Slice(_) => last.is_some_and(is_closed),
                _ => !last.is_some_and(is_slice),
            };
        is_one.then(|| Walk { place: memory.place.clone(), ty: memory.ty.clone() })
    }

    /// The indices and ends.
    fn ends(&self) -> Vec<Operand> {
        ends(&self.place)
    }

    /// The same with others.
    fn with(&self, ends: Vec<Operand>) -> Val {
        let (mut place, mut ends) = (self.place.clone(), ends.into_iter());
        place.for_each_operand_mut(&mut |end| {
            if let Some(other) = ends.next() {
                *end = other;
            }
        });
        Val::reference(false, Val::memory(place, self.ty.clone()))
    }

    /// The same with what stands for the ends at the start of a pass.
    pub(super) fn parameters(&self, cx: &mut Lower<'_>, id: LocalId) -> Val {
        let node = cx.local(id).node;
        let ends = self.ends().into_iter().enumerate().map(|(at, end)| {
            if node.is_some_and(|node| !moves(cx, node, at)) {
                return end;
            }
            let param = version(cx, id, self, at);
            cx.loop_params.insert(param);
            Operand::Var(param)
        });
        let ends = ends.collect();
        self.with(ends)
    }

    /// What a loop carries: `before` it, from the `start` of a pass to where it is `now`. `None`: of two arrays, or of one that is
    /// not known before the loop.
    pub(super) fn carry(
        cx: &mut Lower<'_>,
        id: LocalId,
        [before, start, now]: [&Val; 3],
        carried: &mut Vec<Carried>,
    ) -> Option<Val> {
        let to = Walk::of(now)?;
        if matches!(before, Val::Uninit | Val::Never) {
            let ends = to.ends().into_iter().enumerate().map(|(at, next)| {
                let (param, result) = (version(cx, id, &to, at), version(cx, id, &to, at));
                carried.push(Carried { param, init: Operand::int(0), next, result });
                Operand::Var(result)
            });
            let ends = ends.collect();
            return Some(to.with(ends));
        }
        let (from, pass) = (Walk::of(before)?, Walk::of(start)?);
        if !are_alike(&from.place, &to.place) || !are_alike(&pass.place, &to.place) {
            return None;
        }
        let mut is_known = true;
        let mut after = from.ends();
        for (at, next) in to.ends().into_iter().enumerate() {
            let (init, param) = (&from.ends()[at], &pass.ends()[at]);
            match param {
                param if *param == next => {
                    let [param, init] = [param, init].map(|end| Val::Scalar(end.clone(), Type::Int));
                    cx.substitute(&param, &init);
                }
                Operand::Var(param) if Operand::Var(*param) != *init => {
                    let result = version(cx, id, &to, at);
                    carried.push(Carried { param: *param, init: init.clone(), next, result });
                    after[at] = Operand::Var(result);
                }
                // The next run knows that it changes.
                _ => is_known &= want(cx, id, Some(at)),
            }
        }
        is_known.then(|| from.with(after))
    }

    /// What stands for this one at the start of a pass is the other.
    pub(super) fn substitute(&self, cx: &mut Lower<'_>, by: &Walk) {
        for (param, by) in self.ends().into_iter().zip(by.ends()) {
            cx.substitute(&Val::Scalar(param, Type::Int), &Val::Scalar(by, Type::Int));
        }
    }
}

fn ends(place: &Place) -> Vec<Operand> {
    let mut ends = Vec::new();
    place.clone().for_each_operand_mut(&mut |end| ends.push(end.clone()));
    ends
}

/// Whether two places differ in indices and ends only.
fn are_alike(a: &Place, b: &Place) -> bool {
    let is_alike = |(a, b): (&Proj, &Proj)| match (a, b) {
        (Proj::Index(_), Proj::Index(_)) => true,
        (
            Proj::Slice { from: Some(_), to: Some(_), inclusive: false },
            Proj::Slice { from: Some(_), to: Some(_), inclusive: false },
        ) => true,
        (a, b) => a == b,
    };
    a.root == b.root && a.path.len() == b.path.len() && a.path.iter().zip(&b.path).all(is_alike)
}

/// Whether loops change one index or end of what a variable refers to.
fn moves(cx: &Lower<'_>, node: usize, at: usize) -> bool {
    cx.hints.walking.get(&node).is_some_and(|moves| moves.contains(&at))
}

/// Asks that the next run say of this local which part it refers to, and that loops carry one index or end. Whether it does not
/// do so already.
fn want(cx: &mut Lower<'_>, id: LocalId, end: Option<usize>) -> bool {
    let Some(node) = cx.local(id).node else { return false };
    let known = cx.hints.walking.get(&node).cloned();
    let is_known = known.as_ref().is_some_and(|known| end.is_none_or(|at| known.contains(&at)));
    cx.walking.entry(node).or_insert(known.unwrap_or_default()).extend(end);
    !is_known
}

/// Another version of one index or end of what a local refers to.
fn version(cx: &mut Lower<'_>, id: LocalId, walk: &Walk, at: usize) -> Var {
    let local = cx.local(id);
    let (name, span) = (named(&local.name, walk, at), local.span);
    let var = cx.new_named_var(&name, Type::Int, span);
    cx.lengths.insert(var);
    var
}

/// What an index or end is called.
fn named(name: &str, walk: &Walk, at: usize) -> String {
    let is_slice = matches!(walk.ty, Type::Slice(_));
    let behind = walk.ends().len() - at;
    let end = match behind {
        1 if is_slice => "end",
        2 if is_slice => "start",
        _ => "at",
    };
    format!("{name}_{end}")
}

/// What a shared reference refers to, if it is in memory and no number.
fn part(val: &Val) -> Option<&Memory> {
    let Val::Ref { mutable: false, to } = val else { return None };
    match &**to {
        Val::Memory(memory) => match memory.ty {
            Type::Array(..) | Type::Slice(_) | Type::Vec(_) | Type::Tuple(_) | Type::Record(_) => {
                Some(memory)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether all of these refer to parts of one array, whose indices are integers.
pub(super) fn are_of_one_place(cx: &mut Lower<'_>, vals: &[&Val]) -> bool {
    let (made, places) = cx.block(|cx| {
        let places = vals.iter().map(|val| Some(Walk::of(&walking(cx, (*val).clone()))?.place));
        places.collect::<Option<Vec<_>>>()
    });
    drop(made);
    let Some([first, others @ ..]) = places.as_deref() else { return false };
    let is_int = |end: &Operand| match end {
        Operand::Var(var) => matches!(cx.types.resolve(&cx.var_types[var.index()]), Type::Int),
        Operand::Lit(_) => true,
    };
    others.iter().all(|place| are_alike(first, place))
        && places.iter().flatten().all(|place| ends(place).iter().all(is_int))
}

/// A reference to a part as one place of an array. That ranges are in order, and indices in them, has been seen.
pub(super) fn walking(cx: &mut Lower<'_>, val: Val) -> Val {
    let memory = match val {
        Val::Tuple(of) => return Val::Tuple(of.into_iter().map(|val| walking(cx, val)).collect()),
        val => match part(&val) {
            Some(memory) => memory.clone(),
            None => return val,
        },
    };
    let Place { root, path } = cx.viewed(&memory.place);
    let mut place = Place::from(root);
    let mut range: Option<(Operand, Option<Operand>)> = None;
    for proj in path {
        let (start, end) = range.take().unwrap_or((Operand::int(0), None));
        match proj {
            Proj::Slice { from, to, inclusive } => {
                let end = match to {
                    Some(to) => {
                        let to = add(cx, &start, &to);
                        Some(if inclusive { add(cx, &to, &Operand::int(1)) } else { to })
                    }
                    None => end,
                };
                let start = match from {
                    Some(from) => add(cx, &start, &from),
                    None => start,
                };
                range = Some((start, end));
            }
            Proj::Index(at) => place.path.push(Proj::Index(add(cx, &start, &at))),
            proj => place.path.push(proj),
        }
    }
    if matches!(memory.ty, Type::Slice(_)) {
        let (start, end) = range.unwrap_or((Operand::int(0), None));
        let end = match end {
            Some(end) => end,
            None => cx.push_let("end", Type::Int, Op::Len(place.clone())),
        };
        cx.mark_usize(&start);
        cx.mark_usize(&end);
        place.path.push(Proj::Slice { from: Some(start), to: Some(end), inclusive: false });
    }
    Val::reference(false, Val::memory(place, memory.ty))
}

/// What a variable is declared with, if it is one that walks.
pub(super) fn declared(cx: &mut Lower<'_>, val: Val, node: usize, written: Option<&syn::Type>) -> Val {
    if !cx.hints.walking.contains_key(&node) {
        return val;
    }
    let val = if is_slice(cx, written) { as_slice(val) } else { val };
    walking(cx, val)
}

/// What is assigned to a variable, if it is one that walks.
pub(super) fn assigned(cx: &mut Lower<'_>, id: LocalId, val: Val) -> Val {
    if !cx.local(id).node.is_some_and(|node| cx.hints.walking.contains_key(&node)) {
        return val;
    }
    let val = as_declared(cx, id, val);
    walking(cx, val)
}

/// What a local refers to: a slice, if it was one before, or is declared as one. `let mut w: &[f64] = &list;`
pub(super) fn as_declared(cx: &Lower<'_>, id: LocalId, val: Val) -> Val {
    let local = cx.local(id);
    let was_slice = part(&local.val).is_some_and(|memory| matches!(memory.ty, Type::Slice(_)));
    if was_slice || is_slice(cx, local.annotation.as_ref()) { as_slice(val) } else { val }
}

fn is_slice(cx: &Lower<'_>, written: Option<&syn::Type>) -> bool {
    let ty = written.map(|ty| lower_type(&cx.types, ty));
    matches!(ty, Some(Type::Ref { mutable: false, to }) if matches!(*to, Type::Slice(_)))
}

fn as_slice(val: Val) -> Val {
    match part(&val).cloned() {
        Some(Memory { place, ty: Type::Array(of, _) | Type::Vec(of), .. }) => {
            Val::reference(false, Val::memory(place, Type::Slice(of)))
        }
        _ => val,
    }
}

/// Whether a local that refers to parts, `before` a loop and `now`, may walk from the one to the other: in the next run.
pub(super) fn may_walk(cx: &mut Lower<'_>, id: LocalId, before: &Val, now: &Val) -> bool {
    let [before, now] = [before, now].map(|val| as_declared(cx, id, val.clone()));
    let may = match before {
        Val::Uninit | Val::Never => are_of_one_place(cx, &[&now]),
        before => are_of_one_place(cx, &[&before, &now]),
    };
    may && want(cx, id, None)
}

/// One index or end of what a reference refers to.
pub(super) fn end(cx: &mut Lower<'_>, val: Val, at: usize) -> Operand {
    // A part of what is no more than a part itself: the user's own panic.
    if let (Some(memory), None, 0) = (part(&val), Walk::of(&val), at) {
        let (ty, place) = (Type::reference(false, memory.ty.clone()), memory.place.clone());
        let var = cx.new_var("part", ty);
        cx.push(Stmt::View { var, place, kind: ViewKind::Shared });
    }
    let val = walking(cx, val);
    Walk::of(&val).and_then(|walk| walk.ends().into_iter().nth(at)).unwrap_or_else(|| Operand::int(0))
}

/// What the arms of a branch refer to, all of them in one array.
pub(super) fn join(
    cx: &mut Lower<'_>,
    name: &str,
    span: Span,
    vals: &[Option<Val>],
    joins: &mut Vec<Join>,
) -> Option<Val> {
    let first = vals.iter().flatten().find(|val| part(val).is_some()).cloned()?;
    let (_, walk) = cx.block(|cx| Walk::of(&walking(cx, first)));
    let walk = walk?;
    let known =
        vals.iter().map(|val| Walk::of(val.as_ref()?).filter(|known| are_alike(&known.place, &walk.place)));
    let known: Option<Vec<Walk>> = known.collect();
    let ends = (0..walk.ends().len()).map(|at| {
        // Where it is the same in all of them, it is that.
        if let Some([first, others @ ..]) = known.as_deref()
            && others.iter().all(|walk| walk.ends()[at] == first.ends()[at])
        {
            return first.ends()[at].clone();
        }
        let result = cx.new_var(&named(name, &walk, at), Type::Int);
        cx.vars[result.index()].span = span;
        cx.lengths.insert(result);
        let yields = vals.iter().map(|val| match val {
            Some(val) if part(val).is_some() => Yield::End(val.clone(), at),
            _ => Yield::Dummy,
        });
        joins.push(Join { result, yields: yields.collect(), ty: Type::Int });
        Operand::Var(result)
    });
    let ends = ends.collect();
    Some(walk.with(ends))
}
