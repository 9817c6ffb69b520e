//! What a loop hands on from pass to pass without a derivative (`power *= t`) need not be recorded where the mirror loop may
//! make its passes in any order: it runs in the order of the primal then, and hands on the same, computed again.
//!
//! That is one chain of operations, and what is recorded in memory that is there anyway is read in vectors. So it is done where
//! each call would have memory of its own for it, and only of powers, of which four are computed side by side (`fours`).
//!
//! Which is so is found out by trying: the mirror loop is finished in this way, looked at, and finished in the usual way if
//! it will not do.

use super::{Counted, Cx, Frame, FrameKind, Means, Mode};
use crate::analysis::{Additions, Def, RegionKind, Rewrite, Views, may_run_in_any_order};
use crate::ir::{Block, Carried, For, Op, Operand, Proj, Stmt, Ty, Var, ViewKind};
use crate::rules;
use std::collections::BTreeSet;

impl<'a> Cx<'a> {
    /// Ends the region of a counted loop whose mirror image runs in the order of the primal, and hands on what the primal
    /// did; `None`, with nothing done, where that is of no use or not possible. `carried` is what the mirror loop hands on
    /// in any case.
    pub(super) fn close_along(&mut self, stmt: &'a For, carried: &[Carried]) -> Option<Frame<'a>> {
        let FrameKind::For(Counted { block: None, index, .. }) = self.frame().kind else { return None };
        if stmt.until.is_some() || self.frame().direct || !self.rewrites.may(Rewrite::Along) {
            return None;
        }
        let along = self.demanded_along(stmt);
        if along.is_empty() || !self.is_worth_it(&along) {
            return None;
        }
        let frames = self.frames.clone();
        let (kept, in_front) = (self.kept.clone(), self.in_front.clone());
        let (tapes, decisions) = (self.tapes.len(), self.plan.decisions.len());
        let frame = self.hand_on(&along).filter(|frame| {
            let all = carried.iter().chain(&frame.counters);
            let sums = all
                .filter(|c| along.iter().all(|along| frame.known.get(&along.param) != Some(&c.param.into())));
            self.may_run_along(stmt, index, sums.cloned().collect(), frame)
        });
        if frame.is_none() {
            (self.frames, self.kept, self.in_front) = (frames, kept, in_front);
            self.tapes.truncate(tapes);
            self.plan.decisions.truncate(decisions);
        }
        frame
    }

    /// The numbers without a derivative that passes hand on and the reverse sweep reads, with what these are computed from.
    fn demanded_along(&self, stmt: &'a For) -> Vec<&'a Carried> {
        let region = self.region();
        let mut along: Vec<&Carried> = Vec::new();
        let mut seen = BTreeSet::new();
        let demands = &self.frames.last().expect("a function is a region").demands;
        let mut left: Vec<Var> = demands.keys().map(|(_, var)| *var).collect();
        while let Some(var) = left.pop() {
            if self.home(var) != region || !seen.insert(var) {
                continue;
            }
            let mut read = |operand: &Operand| left.extend(operand.var());
            match self.def(var) {
                Def::CarriedParam(c) => {
                    let is_one = stmt.carried.iter().any(|own| own.param == c.param);
                    if is_one && matches!(self.ty(var), Ty::Float(_)) {
                        along.push(c);
                        read(&c.next);
                    }
                }
                Def::Let(Op::Copy(from) | Op::Cast(from, _)) => read(from),
                Def::Let(Op::Prim(_, args)) => args.iter().for_each(read),
                Def::Let(Op::Load(place)) => {
                    let (_, path) = self.layout.resolve(place);
                    path.iter().for_each(|proj| {
                        if let Proj::Index(index) = proj {
                            read(index)
                        }
                    });
                }
                Def::Let(Op::Code(code)) => left.extend(&code.reads),
                _ => {}
            }
        }
        along
    }

    fn is_worth_it(&self, along: &[&Carried]) -> bool {
        let is_power = |c: &&Carried| match c.next.var().map(|next| self.def(next)) {
            Some(Def::Let(Op::Prim(prim, args))) => {
                let is_own = |arg: &&Operand| arg.var().is_some_and(|arg| self.home(arg) == self.region());
                rules::multiplies(*prim)
                    && args.contains(&c.param.into())
                    && args.iter().filter(is_own).count() == 1
            }
            _ => false,
        };
        let depth = self.frames.len() - 1;
        let own_memory = self.mode == Mode::Split && self.is_whole_run(depth);
        self.rewrites.of_little() || (own_memory && along.iter().all(is_power))
    }

    /// Meets the demands of the region with values that are handed on; `None` where a pass cannot compute them.
    fn hand_on(&mut self, along: &[&'a Carried]) -> Option<Frame<'a>> {
        for c in along {
            let name = self.need(c.param);
            let key = (self.pos(c.param), c.param);
            self.frame().demands.remove(&key);
            self.frame().known.insert(c.param, name);
        }
        let known = |cx: &Self, next: &Operand| {
            next.var().is_none_or(|next| cx.is_free(&next.into(), 0) && !cx.is_recorded(next))
        };
        if !along.iter().all(|c| known(self, &c.next)) {
            return None;
        }
        for c in along {
            let param = self.need(c.param).var()?;
            let (init, next) = (self.need_operand(&c.init), self.need_operand(&c.next));
            let result = self.new_like(c.param);
            self.decide_value(c.param, Means::Along);
            self.frame().counters.push(Carried { param, init, next, result });
        }
        Some(self.close())
    }

    /// Whether it is demanded, and will be recorded.
    fn is_recorded(&self, var: Var) -> bool {
        let frame = self.frames.last().expect("a function is a region");
        self.home(var) == frame.region && !frame.known.contains_key(&var) && !self.is_recomputable(var, 0)
    }

    /// Whether the mirror loop, but for what it hands on along, may make its passes in any order.
    fn may_run_along(&self, stmt: &For, index: Var, carried: Vec<Carried>, frame: &Frame<'a>) -> bool {
        let in_loop =
            |frame: &Frame| matches!(self.kind_of(frame.region), RegionKind::For | RegionKind::While);
        let additions = if self.frames.iter().any(in_loop) { Additions::Any } else { self.additions };
        let body = Block { stmts: frame.reverse.clone() };
        let mut named = Vec::new();
        self.primal.body.for_each_stmt(&mut |stmt| {
            if let Stmt::View { .. } = stmt {
                named.push(stmt.clone());
            }
        });
        // Parts of memory may have got other names in the reverse sweeps around.
        for frame in self.frames.iter().chain([frame]) {
            let demands = frame.demands.iter().map(|((_, var), name)| (*var, *name));
            let known = frame.known.iter().filter_map(|(var, name)| Some((*var, name.var()?)));
            for (var, name) in demands.chain(known).filter(|(var, name)| var != name) {
                if let Def::View(place, _) = self.def(var) {
                    named.push(Stmt::View { var: name, place: place.clone(), kind: ViewKind::Shared });
                }
            }
        }
        let named = Block { stmts: named };
        let around: Vec<Block> =
            self.frames.iter().map(|frame| Block { stmts: frame.reverse.clone() }).collect();
        let blocks: Vec<&Block> = [&named, &body].into_iter().chain(&around).collect();
        let views = Views::of(&blocks);
        let mirror = For { index, reversed: true, carried, body, until: None, ..stmt.clone() };
        may_run_in_any_order(&mirror, &views, self.rewrites, additions)
    }
}
