//! Strips: a loop that adds to sums and to elements of cotangent memory runs in strips of some passes, and what would tie its
//! passes together is put by until the strip is over.
//!
//! ```text
//! for i in 0..n {                        for each strip of 0..n, from `start` on:
//!     …                                      for q in 0..len {
//!     sum += term;                               …                       (of i = start + q)
//!     x_bar[i] += a;                 →           terms[q] = term;
//!     x_bar[i + 1] += b;                         x_bar_part[q] += a;
//! }                                              put_by[q] = b;
//!                                            }
//!                                            for q in 0..len { x_bar_part[q + 1] += put_by[q]; }
//!                                            for q in 0..len { sum += terms[q]; }
//!                                        for i in the passes that are left { as before }
//! ```
//!
//! A sum has to be added up in its order, so a loop with a sum in it is no loop over vectors; nor is one that adds to elements
//! that other passes add to. The first loop of a strip is. Sums are the same, bit for bit; the terms of a cotangent come in
//! another order. Strips are made where all elements are there, so a pass that panics is one of those that are left; where there
//! are few passes, all are left.

mod write;

use super::Cx;
use crate::analysis::{Condition, Touches};
use crate::ir::{
    Block, Carried, Code, Float, For, Func, Op, Operand, Place, Prim, Proj, Stmt, Ty, Var, ViewKind,
    placeholder_index,
};
use crate::rules;
use proc_macro2::TokenTree;
use std::collections::{BTreeMap, BTreeSet};

/// As in the runtime.
const STRIP: usize = 32;

/// With less arithmetic than so many operations for each value that is put by, vectors do not make up for that.
const WORTH: usize = 4;

/// An inner loop of so many passes is unrolled.
const FEW: usize = 4;

/// Runs the loops of a block, and of the blocks nested in it, in strips.
pub(super) fn strips(cx: &mut Cx, func: &mut Func, block: &mut Block) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| strips(cx, func, inner));
        match stmt {
            Stmt::For(stmt) => match Strips::of(cx, func, &stmt) {
                Some(found) => cx.strips.extend(found.write(func, stmt, &mut stmts)),
                None => stmts.push(Stmt::For(stmt)),
            },
            stmt => stmts.push(stmt),
        }
    }
    block.stmts = stmts;
}

/// A place of the body, by what it is in one pass.
#[derive(Clone)]
enum Where {
    /// The element `offset` behind that of the pass, of memory from outside, and a part of that.
    Own { root: Var, offset: usize, rest: Vec<Proj> },
    /// The same in all passes.
    Steady(Place),
}

/// What a loop does that can run in strips.
struct Strips {
    /// Of each sum, the primitive that adds to it, with the number of the argument that is the term.
    sums: Vec<(Prim, usize, Operand)>,
    /// Which offset of memory is added to at once: everything else is put by.
    at_once: BTreeMap<Var, usize>,
    /// How many elements behind that of the last pass there have to be, of all memory that has some for each pass.
    ahead: BTreeMap<Var, usize>,
    /// Views of elements of the pass: root, offset, and how many elements behind that of the pass there have to be.
    views: BTreeMap<Var, (Var, usize, usize)>,
    /// Integers of the body that are the number of the pass plus something.
    offsets: BTreeMap<Var, usize>,
}

impl Strips {
    fn of(cx: &Cx, func: &Func, stmt: &For) -> Option<Strips> {
        let from_zero = matches!(&stmt.lo, Operand::Lit(lit) if lit.value == 0.0);
        let few =
            matches!(&stmt.hi, Operand::Lit(lit) if lit.value < STRIP as f64 && !cx.rewrites.of_little());
        if !from_zero || few || stmt.inclusive || stmt.reversed || stmt.until.is_some() {
            return None;
        }
        let mut found = Strips {
            sums: Vec::new(),
            at_once: BTreeMap::new(),
            ahead: BTreeMap::new(),
            views: BTreeMap::new(),
            offsets: BTreeMap::from([(stmt.index, 0)]),
        };
        let body = Body::of(stmt);
        for c in &stmt.carried {
            found.sums.push(body.term(cx, func, c)?);
        }
        let touches = Touches::of(&stmt.body, &cx.views, cx.rewrites);
        let mut work = 0;
        found.block(&body, func, &stmt.body, 1, &mut work)?;
        found.places(cx, func, &body, &touches, &stmt.body)?;
        let mut put_by = found.sums.len();
        found.each_addition(&body, &stmt.body, &mut |_, _, at_once| put_by += usize::from(!at_once));
        let is_worth_it = work >= WORTH * put_by.max(2) || cx.rewrites.of_little();
        (is_worth_it && put_by > 0 && !found.at_once.is_empty()).then_some(found)
    }

    /// Whether the statements may be part of a strip. Counts the arithmetic.
    fn block(
        &mut self,
        body: &Body,
        func: &Func,
        block: &Block,
        times: usize,
        work: &mut usize,
    ) -> Option<()> {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { op: Op::Prim(prim, args), .. } => {
                    *work += times;
                    rules::is_vector(*prim, args).then_some(())?;
                }
                Stmt::Let { op: Op::Copy(_) | Op::Load(_) | Op::Cast(..), .. } => {}
                Stmt::Let { var, op: Op::Code(code) } => {
                    (code.cheap && !code.acts && *func.ty(*var) == Ty::Int).then_some(())?;
                    if let Some(offset) = self.plus(code) {
                        self.offsets.insert(*var, offset);
                    }
                }
                Stmt::View { var, place, kind: ViewKind::Shared } => {
                    let [Proj::Slice { from: Some(from), to: Some(to), inclusive }] = &place.path[..] else {
                        return None;
                    };
                    let (from, to) = (self.offset(from)?, self.offset(to)?);
                    let ahead = to.checked_sub(usize::from(!inclusive))?;
                    (!body.own.contains(&place.root)).then_some(())?;
                    self.views.insert(*var, (place.root, from, ahead));
                    self.needs(place.root, ahead);
                }
                Stmt::Accumulate { .. } => {}
                Stmt::For(inner) => {
                    let (Operand::Lit(lo), Operand::Lit(hi)) = (&inner.lo, &inner.hi) else { return None };
                    let few = lo.value == 0.0 && hi.value <= FEW as f64 && inner.until.is_none();
                    few.then_some(())?;
                    self.block(body, func, &inner.body, times * FEW, work)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// What is read and added to, and whether at once.
    fn places(&mut self, cx: &Cx, func: &Func, body: &Body, touches: &Touches, block: &Block) -> Option<()> {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { op: Op::Load(place), .. } => {
                    let found = self.find(body, place)?;
                    if let Where::Own { root, offset, rest } = &found {
                        let read = touches.only_reads(cx.views.root(*root));
                        (read && is_of_floats(func, *root, rest)).then_some(())?;
                        self.needs(*root, *offset);
                    }
                }
                Stmt::Accumulate { place, value } => {
                    let found = self.find(body, place)?;
                    let float = value.var().is_some_and(|var| is_float(func.ty(var)));
                    let root = match &found {
                        Where::Own { root, rest, .. } if is_of_floats(func, *root, rest) => *root,
                        Where::Own { .. } => return None,
                        Where::Steady(place) => place.root,
                    };
                    let added = touches.only_adds(cx.views.root(root));
                    (float && added && cx.is_cotangent(cx.views.root(root))).then_some(())?;
                    if let Where::Own { root, offset, .. } = &found {
                        self.needs(*root, *offset);
                        let named = self
                            .at_once
                            .keys()
                            .any(|other| other != root && cx.views.root(*other) == cx.views.root(*root));
                        (!named).then_some(())?;
                        self.at_once.entry(*root).or_insert(*offset);
                    }
                }
                Stmt::For(inner) => self.places(cx, func, body, touches, &inner.body)?,
                _ => {}
            }
        }
        Some(())
    }

    fn needs(&mut self, root: Var, ahead: usize) {
        let most = self.ahead.entry(root).or_default();
        *most = (*most).max(ahead);
    }

    /// `i`, `i + 2`
    fn offset(&self, operand: &Operand) -> Option<usize> {
        self.offsets.get(&operand.var()?).copied()
    }

    fn plus(&self, code: &Code) -> Option<usize> {
        match &code.tokens.clone().into_iter().collect::<Vec<_>>()[..] {
            [TokenTree::Ident(i), TokenTree::Punct(plus), TokenTree::Literal(by)]
                if plus.as_char() == '+' =>
            {
                let by = by.to_string();
                let by: usize = by.trim_end_matches("usize").trim_end_matches('_').parse().ok()?;
                Some(self.offset(&placeholder_index(i)?.into())? + by).filter(|offset| *offset <= STRIP)
            }
            _ => None,
        }
    }

    fn find(&self, body: &Body, place: &Place) -> Option<Where> {
        let is_steady = |proj: &Proj| match proj {
            Proj::Index(Operand::Lit(_)) | Proj::Field(_) | Proj::Named(_) | Proj::Deref => true,
            Proj::Index(Operand::Var(var)) => !body.own.contains(var) || body.few.contains(var),
            Proj::Some | Proj::Variant(..) | Proj::Boxed | Proj::Slice { .. } => false,
        };
        if let Some((root, from, _)) = self.views.get(&place.root) {
            let [Proj::Index(Operand::Lit(at)), rest @ ..] = &place.path[..] else { return None };
            let offset = from + at.text.parse::<usize>().ok()?;
            return rest.iter().all(is_steady).then(|| Where::Own {
                root: *root,
                offset,
                rest: rest.to_vec(),
            });
        }
        if body.own.contains(&place.root) {
            return None;
        }
        match &place.path[..] {
            // As the cotangent of a view is spelt, from its root.
            [
                Proj::Slice { from: Some(from), to: Some(to), inclusive },
                Proj::Index(Operand::Lit(at)),
                rest @ ..,
            ] => {
                let at: usize = at.text.parse().ok()?;
                let (from, to) = (self.offset(from)?, self.offset(to)?);
                let within = from + at < to + usize::from(*inclusive);
                (within && rest.iter().all(is_steady)).then(|| Where::Own {
                    root: place.root,
                    offset: from + at,
                    rest: rest.to_vec(),
                })
            }
            [Proj::Index(at), rest @ ..] if self.offset(at).is_some() => rest
                .iter()
                .all(is_steady)
                .then_some(Where::Own { root: place.root, offset: self.offset(at)?, rest: rest.to_vec() }),
            path => path.iter().all(is_steady).then(|| Where::Steady(place.clone())),
        }
    }

    /// Every addition to memory, and whether it stays where it is.
    fn each_addition(&self, body: &Body, block: &Block, f: &mut dyn FnMut(&Where, &Operand, bool)) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Accumulate { place, value } => {
                    if let Some(found) = self.find(body, place) {
                        f(&found, value, self.is_at_once(&found));
                    }
                }
                Stmt::For(inner) => self.each_addition(body, &inner.body, f),
                _ => {}
            }
        }
    }

    fn is_at_once(&self, found: &Where) -> bool {
        match found {
            Where::Own { root, offset, .. } => self.at_once.get(root) == Some(offset),
            Where::Steady(_) => false,
        }
    }
}

/// What the passes of a loop have for themselves.
struct Body<'a> {
    own: BTreeSet<Var>,
    /// The indices of inner loops of few passes.
    few: BTreeSet<Var>,
    /// How often each variable is read.
    reads: BTreeMap<Var, usize>,
    stmt: &'a For,
}

impl<'a> Body<'a> {
    fn of(stmt: &'a For) -> Body<'a> {
        let mut body =
            Body { own: BTreeSet::from([stmt.index]), few: BTreeSet::new(), reads: BTreeMap::new(), stmt };
        body.own.extend(stmt.carried.iter().map(|c| c.param));
        stmt.body.stmts.iter().for_each(|inner| {
            inner.for_each_define_within(&mut |var| {
                body.own.insert(var);
            });
        });
        stmt.body.for_each_stmt(&mut |inner| {
            if let Stmt::For(inner) = inner {
                body.few.insert(inner.index);
            }
        });
        stmt.body.for_each_read(&mut |var| *body.reads.entry(var).or_default() += 1);
        for c in &stmt.carried {
            c.next.var().into_iter().for_each(|var| *body.reads.entry(var).or_default() += 1);
        }
        body
    }

    /// What a pass adds to a carried value, if it does nothing else with it.
    fn term(&self, cx: &Cx, func: &Func, c: &Carried) -> Option<(Prim, usize, Operand)> {
        let next = c.next.var()?;
        let (prim, args) = self.stmt.body.stmts.iter().find_map(|inner| match inner {
            Stmt::Let { var, op: Op::Prim(prim, args) } if *var == next => Some((*prim, args)),
            _ => None,
        })?;
        let [one, other] = &args[..] else { return None };
        let is_sum =
            |k: usize, sum: &Operand| sum.var() == Some(c.param) && rules::adds_unchanged(prim, args, k);
        let term = match (is_sum(0, one), is_sum(1, other)) {
            (true, _) => 1,
            (false, true) => 0,
            (false, false) => return None,
        };
        let once = [c.param, next].iter().all(|var| self.reads.get(var) == Some(&1));
        (cx.rewrites.holds(Condition::SumsUsedOnce, once) && is_float(func.ty(c.param)))
            .then(|| (prim, term, args[term].clone()))
    }
}

fn is_float(ty: &Ty) -> bool {
    matches!(ty, Ty::Float(Float::F32 | Float::F64))
}

/// Whether the memory has an element for each index, and the part of it is a number that is there if the element is.
fn is_of_floats(func: &Func, root: Var, rest: &[Proj]) -> bool {
    let (Ty::Slice(of) | Ty::Vec(of)) = func.ty(root).peeled() else { return false };
    let mut ty = &**of;
    for proj in rest {
        ty = match (proj, ty) {
            (Proj::Index(_), Ty::Array(of, _)) => of,
            (Proj::Field(k), Ty::Tuple(of)) if *k < of.len() => &of[*k],
            _ => return false,
        };
    }
    is_float(ty)
}
