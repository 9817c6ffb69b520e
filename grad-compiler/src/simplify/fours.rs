//! Fours: a loop inside of another that does nothing but sum up cotangents, and work on the element of the pass, makes four
//! passes at a time, of which each adds to a sum of its own.
//!
//! ```text
//!                                        let mut sums = [0.0; 4];
//!                                        for four in 0..n / 4 {
//!                                            let x_four = &x[4 * four..4 * four + 4];
//! for i in 0..n {                            for k in 0..4 { sums[k] += a * x_four[k]; }
//!     sum += a * x[i];           →       }
//! }                                      sum += (sums[0] + sums[1]) + (sums[2] + sums[3]);
//!                                        for i in the passes that are left { as before }
//! ```
//!
//! One sum is one chain of additions, each of which waits for the one before; four are a vector. The terms of a cotangent come
//! in another order, and no primal value does. Where there are few passes, all are left. Of loops that are in no other, the
//! terms stay in order, as those of the blocks of a checkpoint do.
//!
//! What a mirror loop computes again from pass to pass by multiplying, `power *= t`, is one chain, too: four powers side by
//! side are multiplied by the fourth power of `t`. They are rounded differently, and so is the cotangent; if that power is
//! very large or very small, no fours are made.
//!
//! One of the last rewrites: what it makes is not looked at again.

use super::writing::{another, calculated, code, text};
use crate::analysis::{Condition, Rewrite, Rewrites, Views};
use crate::ir::{
    Block, Carried, Elem, Float, For, Func, Init, Op, Operand, Place, Prim, Proj, Stmt, Ty, Var, ViewKind,
};
use crate::rules;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};

/// As in the runtime.
const LEAST: f64 = 16.0;

/// Rewrites the loops of a derivative: the variables from number `primal_vars` on are its own. `in_loop`: it is called in
/// loops.
pub fn fours(func: &mut Func, reverse: &mut Block, primal_vars: usize, rewrites: Rewrites, in_loop: bool) {
    if !rewrites.may(Rewrite::Fours) {
        return;
    }
    let mut body = std::mem::take(&mut func.body);
    let cx = Cx { views: Views::of(&[&body, reverse]), primal_vars, rewrites };
    for block in [&mut body, reverse] {
        inside(&cx, func, block, in_loop);
    }
    func.body = body;
}

struct Cx {
    views: Views,
    primal_vars: usize,
    rewrites: Rewrites,
}

/// What a loop hands on.
enum HandsOn {
    /// A sum, to which each pass adds this.
    Sum(Operand),
    /// What each pass multiplies by this.
    Power(Operand),
}

fn inside(cx: &Cx, func: &mut Func, block: &mut Block, in_loop: bool) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        let is_loop = matches!(stmt, Stmt::For(_) | Stmt::While(_));
        stmt.for_each_block_mut(&mut |inner| inside(cx, func, inner, in_loop || is_loop));
        match stmt {
            Stmt::For(stmt) if in_loop => match terms(cx, func, &stmt) {
                Some((handed_on, roots)) => write(func, stmt, &handed_on, &roots, &mut stmts),
                None => stmts.push(Stmt::For(stmt)),
            },
            stmt => stmts.push(stmt),
        }
    }
    block.stmts = stmts;
}

/// What memory has an element for each pass, and whether it is changed.
type Roots = BTreeMap<Var, bool>;

/// If the loop is such a one: what it hands on, and the memory that it is over.
fn terms(cx: &Cx, func: &Func, stmt: &For) -> Option<(Vec<HandsOn>, Roots)> {
    let from_zero = matches!(&stmt.lo, Operand::Lit(lit) if lit.value == 0.0);
    let few = matches!(&stmt.hi, Operand::Lit(lit) if lit.value < LEAST);
    if !from_zero || few || stmt.inclusive || stmt.reversed || stmt.until.is_some() || stmt.carried.is_empty()
    {
        return None;
    }
    let mut own = BTreeSet::from([stmt.index]);
    own.extend(stmt.carried.iter().map(|c| c.param));
    stmt.body.stmts.iter().for_each(|inner| {
        inner.for_each_define_within(&mut |var| {
            own.insert(var);
        })
    });
    let handed_on = |c: &Carried| match term(cx, func, stmt, c) {
        Some(term) => Some(HandsOn::Sum(term)),
        None => factor(cx, func, stmt, c, &own).map(HandsOn::Power),
    };
    let handed_on = stmt.carried.iter().map(handed_on).collect::<Option<Vec<_>>>()?;
    let mut roots = Roots::new();
    let mut steady = Vec::new();
    let mut place = |place: &Place, changes: bool| match &place.path[..] {
        [Proj::Index(index)] if *index == stmt.index.into() => {
            let of_floats =
                matches!(func.ty(place.root).peeled(), Ty::Slice(of) | Ty::Vec(of) if is_float(of));
            *roots.entry(place.root).or_default() |= changes;
            of_floats && !own.contains(&place.root)
        }
        path => {
            steady.push(place.root);
            let is_own = |operand: &Operand| operand.var().is_some_and(|var| own.contains(&var));
            let stays = path.iter().all(|proj| {
                !matches!(proj, Proj::Index(index) if is_own(index)) && !matches!(proj, Proj::Slice { .. })
            });
            !changes && stays && !own.contains(&place.root)
        }
    };
    for inner in &stmt.body.stmts {
        let may = match inner {
            Stmt::Let { op: Op::Prim(prim, args), .. } => rules::is_vector(*prim, args),
            Stmt::Let { op: Op::Copy(_) | Op::Cast(..), .. } => true,
            Stmt::Let { op: Op::Load(from), .. } => place(from, false),
            Stmt::Let { var, op: Op::Code(code) } => code.cheap && !code.acts && *func.ty(*var) == Ty::Int,
            Stmt::Accumulate { place: to, .. }
            | Stmt::Store { place: to, .. }
            | Stmt::Clear { place: to } => place(to, true),
            _ => false,
        };
        may.then_some(())?;
    }
    // What is changed has one name in the loop.
    let apart = roots.iter().filter(|(_, changes)| **changes).all(|(root, _)| {
        let others = roots.keys().filter(|other| *other != root).chain(&steady);
        others.into_iter().all(|other| cx.views.root(*other) != cx.views.root(*root))
    });
    (apart && !roots.is_empty()).then_some((handed_on, roots))
}

/// What a pass adds to a cotangent, if it does nothing else with it.
fn term(cx: &Cx, func: &Func, stmt: &For, c: &Carried) -> Option<Operand> {
    let (prim, args, other) = step(stmt, c)?;
    // `sum - term` is no sum of terms.
    let adds = (0..2).all(|k| rules::adds_unchanged(prim, args, k));
    let once = is_read_once(stmt, c.param) && is_read_once(stmt, c.next.var()?);
    let is_cotangent = func.vars[c.param.index()].derivative && is_float(func.ty(c.param));
    (adds && is_cotangent && cx.rewrites.holds(Condition::SumsUsedOnce, once)).then(|| other.clone())
}

/// What a pass multiplies by what the derivative, and not the primal, hands on, if it is the same in each pass.
fn factor(cx: &Cx, func: &Func, stmt: &For, c: &Carried, own: &BTreeSet<Var>) -> Option<Operand> {
    let (prim, _, other) = step(stmt, c)?;
    let is_again = c.param.index() >= cx.primal_vars && is_float(func.ty(c.param));
    let steady = other.var().is_none_or(|var| !own.contains(&var) && is_float(func.ty(var)));
    let once = is_read_once(stmt, c.next.var()?);
    (rules::multiplies(prim) && is_again && steady && once).then(|| other.clone())
}

/// The operation that makes what is handed on from what was, and its other operand.
fn step<'a>(stmt: &'a For, c: &Carried) -> Option<(Prim, &'a [Operand], &'a Operand)> {
    let next = c.next.var()?;
    let (prim, args) = stmt.body.stmts.iter().find_map(|inner| match inner {
        Stmt::Let { var, op: Op::Prim(prim, args) } if *var == next => Some((*prim, args)),
        _ => None,
    })?;
    let [one, other] = &args[..] else { return None };
    let param = Operand::Var(c.param);
    match () {
        () if *one == param => Some((prim, args, other)),
        () if *other == param => Some((prim, args, one)),
        () => None,
    }
}

/// In a pass, and at its end.
fn is_read_once(stmt: &For, var: Var) -> bool {
    let mut reads = stmt.carried.iter().filter(|c| c.next == var.into()).count();
    stmt.body.for_each_read(&mut |read| reads += usize::from(read == var));
    reads == 1
}

fn is_float(ty: &Ty) -> bool {
    matches!(ty, Ty::Float(Float::F32 | Float::F64))
}

/// The loop over fours, and that over what is left.
fn write(func: &mut Func, mut stmt: For, handed_on: &[HandsOn], roots: &Roots, out: &mut Vec<Stmt>) {
    let mut fours = None;
    // Of each sum, and of each power with what four passes multiply it by: four of them.
    let mut sides = Vec::new();
    for (c, of) in stmt.carried.iter().zip(handed_on) {
        match of {
            HandsOn::Sum(_) => sides.push((zeros(func, func.ty(c.param).clone(), out), None)),
            HandsOn::Power(factor) => {
                let (powers, fourth) = first_powers(func, c, factor, out);
                let at_most =
                    fours.as_ref().map_or_else(|| text(&stmt.hi), |fours| format!("{} * 4", text(fours)));
                let by = format!("__grad_runtime::fours_by({at_most}, {})", text(&fourth));
                fours = Some(calculated(func, out, "fours", &by));
                sides.push((powers, Some(fourth)));
            }
        }
    }
    if sides.iter().any(|(_, power)| power.is_none()) {
        let at_most = fours.as_ref().map_or_else(|| text(&stmt.hi), |fours| format!("{} * 4", text(fours)));
        fours = Some(calculated(func, out, "fours", &format!("__grad_runtime::fours({at_most})")));
    }
    let fours = fours.expect("a loop that hands something on");
    let [four, k] = ["four", "k"].map(|name| func.new_var(name, Ty::Int, Span::call_site()));
    let mut strip = Vec::new();
    let at = calculated(func, &mut strip, "at", &format!("{} * 4", text(&four.into())));
    let end = calculated(func, &mut strip, "end", &format!("{} + 4", text(&at)));
    // Passes have their variables under names of their own.
    let mut inner = stmt.body.stmts.clone();
    let is_next = |stmt: &For, var: Var| stmt.carried.iter().any(|c| c.next == var.into());
    inner.retain(|inner| !matches!(inner, Stmt::Let { var, .. } if is_next(&stmt, *var)));
    let mut names = BTreeMap::new();
    inner.iter().for_each(|inner| {
        inner.for_each_define_within(&mut |var| {
            names.entry(var).or_insert(var);
        })
    });
    let powers = stmt.carried.iter().zip(&sides).filter(|(_, (_, fourth))| fourth.is_some());
    names.extend(powers.map(|(c, _)| (c.param, c.param)));
    names.values_mut().for_each(|var| *var = another(func, *var));
    for (root, changes) in roots {
        let kind = if *changes { ViewKind::Materialized } else { ViewKind::Shared };
        let name = format!(
            "{}_four",
            func.vars[root.index()].name.trim_end_matches("_part").trim_end_matches("_bar")
        );
        let part = func.new_var(name, Ty::Slice(Box::new(of(func, *root))), Span::call_site());
        let slice = Proj::Slice { from: Some(at.clone()), to: Some(end.clone()), inclusive: false };
        strip.push(Stmt::View { var: part, place: Place { root: *root, path: vec![slice] }, kind });
        for inner in &mut inner {
            inner.for_each_place_mut(&mut |place| {
                if place.root == *root && place.path.first() == Some(&Proj::Index(stmt.index.into())) {
                    *place = Place { root: part, path: vec![Proj::Index(k.into())] };
                }
            });
        }
    }
    let own = another(func, stmt.index);
    names.insert(stmt.index, own);
    let mut passes = Vec::new();
    let pass = format!("{} + {}", text(&at), text(&k.into()));
    passes.push(Stmt::Let { var: own, op: Op::Code(code(&pass)) });
    let name = |var: Var| names.get(&var).copied().unwrap_or(var);
    let mut inner = Block { stmts: inner };
    inner.map_vars(&mut |var| name(var));
    let mut ends = Vec::new();
    for ((c, of), (side, fourth)) in stmt.carried.iter().zip(handed_on).zip(&sides) {
        let place = element(*side, k.into());
        match (of, fourth) {
            (HandsOn::Power(_), Some(fourth)) => {
                let (power, ty) = (name(c.param), func.ty(c.param).clone());
                passes.push(Stmt::Let { var: power, op: Op::Load(place.clone()) });
                let value =
                    rules::Builder::new(func, &mut ends, ty, Span::call_site()).mul(&power.into(), fourth);
                ends.push(Stmt::Store { place, value });
            }
            (HandsOn::Sum(term) | HandsOn::Power(term), _) => {
                let value = term.var().map_or_else(|| term.clone(), |var| name(var).into());
                ends.push(Stmt::Accumulate { place, value });
            }
        }
    }
    passes.append(&mut inner.stmts);
    passes.append(&mut ends);
    strip.push(Stmt::For(counted(k, Operand::int(4), passes)));
    out.push(Stmt::For(counted(four, fours.clone(), strip)));
    for (c, (side, fourth)) in stmt.carried.iter_mut().zip(&sides) {
        c.init = match fourth {
            None => summed_up(func, *side, &c.init, out),
            Some(_) => first(func, *side, out),
        };
    }
    stmt.lo = calculated(func, out, "start", &format!("{} * 4", text(&fours)));
    out.push(Stmt::For(stmt));
}

/// `[init, init * t, init * t * t, init * t * t * t]`, and what comes next by what is first.
fn first_powers(func: &mut Func, c: &Carried, t: &Operand, out: &mut Vec<Stmt>) -> (Var, Operand) {
    let ty = func.ty(c.param).clone();
    let mut builder = rules::Builder::new(func, out, ty.clone(), Span::call_site());
    let second = builder.mul(&c.init, t);
    let third = builder.mul(&second, t);
    let last = builder.mul(&third, t);
    let square = builder.mul(t, t);
    let fourth = builder.mul(&square, &square);
    let var = func.new_var("powers", Ty::Array(Box::new(ty), "4".to_owned()), Span::call_site());
    let elements = [c.init.clone(), second, third, last].map(Elem::Scalar);
    out.push(Stmt::Alloc { var, init: Init::Array(elements.to_vec()) });
    (var, fourth)
}

/// `powers[0]`
fn first(func: &mut Func, powers: Var, out: &mut Vec<Stmt>) -> Operand {
    let ty = of(func, powers);
    let var = func.new_var("power", ty, Span::call_site());
    out.push(Stmt::Let { var, op: Op::Load(element(powers, Operand::int(0))) });
    var.into()
}

/// `init + ((sums[0] + sums[1]) + (sums[2] + sums[3]))`
fn summed_up(func: &mut Func, sums: Var, init: &Operand, out: &mut Vec<Stmt>) -> Operand {
    let ty = of(func, sums);
    let [a, b, c, d] = [0, 1, 2, 3].map(|k| {
        let var = func.new_derivative("sum".to_owned(), ty.clone(), Span::call_site());
        out.push(Stmt::Let { var, op: Op::Load(element(sums, Operand::int(k))) });
        Operand::Var(var)
    });
    let mut builder = rules::Builder::new(func, out, ty, Span::call_site());
    let (first, second) = (builder.add(&a, &b), builder.add(&c, &d));
    let sum = builder.add(&first, &second);
    builder.add(init, &sum)
}

fn counted(index: Var, passes: Operand, stmts: Vec<Stmt>) -> For {
    For {
        index,
        lo: Operand::int(0),
        hi: passes,
        inclusive: false,
        reversed: false,
        carried: Vec::new(),
        body: Block { stmts },
        until: None,
    }
}

fn zeros(func: &mut Func, of: Ty, out: &mut Vec<Stmt>) -> Var {
    let len = code("4");
    let ty = Ty::Array(Box::new(of), len.tokens.to_string());
    let var = func.new_derivative("sums".to_owned(), ty, Span::call_site());
    out.push(Stmt::Alloc { var, init: Init::ArrayRepeat { value: Elem::Scalar(Operand::float(0.0)), len } });
    var
}

fn of(func: &Func, root: Var) -> Ty {
    match func.ty(root).peeled() {
        Ty::Slice(of) | Ty::Vec(of) | Ty::Array(of, _) => (**of).clone(),
        _ => unreachable!("memory of floats"),
    }
}

fn element(root: Var, at: Operand) -> Place {
    Place { root, path: vec![Proj::Index(at)] }
}
