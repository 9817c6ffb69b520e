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
//! One of the last rewrites: what it makes is not looked at again.

use super::writing::{another, calculated, code, text};
use crate::analysis::{Condition, Rewrite, Rewrites, Views};
use crate::ir::{
    Block, Carried, Elem, Float, For, Func, Init, Op, Operand, Place, Proj, Stmt, Ty, Var, ViewKind,
};
use crate::rules;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};

/// As in the runtime.
const LEAST: f64 = 16.0;

/// Rewrites the loops of a derivative.
pub fn fours(func: &mut Func, reverse: &mut Block, rewrites: Rewrites) {
    if !rewrites.may(Rewrite::Fours) {
        return;
    }
    let mut body = std::mem::take(&mut func.body);
    let views = Views::of(&[&body, reverse]);
    for block in [&mut body, reverse] {
        inside(&views, rewrites, func, block, false);
    }
    func.body = body;
}

fn inside(views: &Views, rewrites: Rewrites, func: &mut Func, block: &mut Block, in_loop: bool) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        let is_loop = matches!(stmt, Stmt::For(_) | Stmt::While(_));
        stmt.for_each_block_mut(&mut |inner| inside(views, rewrites, func, inner, in_loop || is_loop));
        match stmt {
            Stmt::For(stmt) if in_loop => match terms(views, rewrites, func, &stmt) {
                Some((terms, roots)) => write(func, stmt, &terms, &roots, &mut stmts),
                None => stmts.push(Stmt::For(stmt)),
            },
            stmt => stmts.push(stmt),
        }
    }
    block.stmts = stmts;
}

/// What memory has an element for each pass, and whether it is changed.
type Roots = BTreeMap<Var, bool>;

/// If the loop is such a one: the term of each sum, and the memory that it is over.
fn terms(views: &Views, rewrites: Rewrites, func: &Func, stmt: &For) -> Option<(Vec<Operand>, Roots)> {
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
    let terms = stmt.carried.iter().map(|c| term(rewrites, func, stmt, c)).collect::<Option<Vec<_>>>()?;
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
            Stmt::Accumulate { place: to, .. } | Stmt::Store { place: to, .. } => place(to, true),
            _ => false,
        };
        may.then_some(())?;
    }
    // What is changed has one name in the loop.
    let apart = roots.iter().filter(|(_, changes)| **changes).all(|(root, _)| {
        let others = roots.keys().filter(|other| *other != root).chain(&steady);
        others.into_iter().all(|other| views.root(*other) != views.root(*root))
    });
    (apart && !roots.is_empty()).then_some((terms, roots))
}

/// What a pass adds to a cotangent, if it does nothing else with it.
fn term(rewrites: Rewrites, func: &Func, stmt: &For, c: &Carried) -> Option<Operand> {
    let next = c.next.var()?;
    let (prim, args) = stmt.body.stmts.iter().find_map(|inner| match inner {
        Stmt::Let { var, op: Op::Prim(prim, args) } if *var == next => Some((*prim, args)),
        _ => None,
    })?;
    let [one, other] = &args[..] else { return None };
    let param = Operand::Var(c.param);
    let (at, term) = match () {
        () if *one == param => (0, other),
        () if *other == param => (1, one),
        () => return None,
    };
    // `sum - term` is no sum of terms.
    let adds = (0..2).all(|k| rules::adds_unchanged(prim, args, k)) && rules::adds_unchanged(prim, args, at);
    let mut reads: BTreeMap<Var, usize> = BTreeMap::new();
    stmt.body.for_each_read(&mut |var| *reads.entry(var).or_default() += 1);
    stmt.carried.iter().filter_map(|c| c.next.var()).for_each(|var| *reads.entry(var).or_default() += 1);
    let once = [c.param, next].iter().all(|var| reads.get(var) == Some(&1));
    let is_cotangent = func.vars[c.param.index()].derivative && is_float(func.ty(c.param));
    (adds && is_cotangent && rewrites.holds(Condition::SumsUsedOnce, once)).then(|| term.clone())
}

fn is_float(ty: &Ty) -> bool {
    matches!(ty, Ty::Float(Float::F32 | Float::F64))
}

/// The loop over fours, and that over what is left.
fn write(func: &mut Func, mut stmt: For, terms: &[Operand], roots: &Roots, out: &mut Vec<Stmt>) {
    let fours = calculated(func, out, "fours", &format!("__grad_runtime::fours({})", text(&stmt.hi)));
    let sums: Vec<Var> = stmt.carried.iter().map(|c| zeros(func, func.ty(c.param).clone(), out)).collect();
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
    passes.append(&mut inner.stmts);
    for (sum, term) in sums.iter().zip(terms) {
        let value = term.var().map_or_else(|| term.clone(), |var| name(var).into());
        passes.push(Stmt::Accumulate { place: element(*sum, k.into()), value });
    }
    strip.push(Stmt::For(counted(k, Operand::int(4), passes)));
    out.push(Stmt::For(counted(four, fours.clone(), strip)));
    for (c, sum) in stmt.carried.iter_mut().zip(&sums) {
        c.init = summed_up(func, *sum, &c.init, out);
    }
    stmt.lo = calculated(func, out, "start", &format!("{} * 4", text(&fours)));
    out.push(Stmt::For(stmt));
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
