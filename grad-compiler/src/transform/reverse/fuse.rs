//! Reversing a loop while it runs.
//!
//! A loop that only adds to outer values (`s += e`) can be reversed pass by pass, in the forward sweep, if the cotangent of
//! `s` is known before the loop starts: then nothing of a pass is recorded. It is known if everything behind the
//! loop is linear in `s` with factors from before the loop.

use super::{Because, Cx, FrameKind};
use crate::analysis::{AccessKind, Condition, Def, Pos, RegionId, Rewrite, Scratch, scratch};
use crate::fault::planted;
use crate::ir::{Block, Carried, Elem, For, Init, Op, Operand, Stmt, Ty, Var};
use crate::rules;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

impl<'a> Cx<'a> {
    /// The forward sweep of a loop with its reverse sweep inside, where that is legal.
    pub(super) fn fuse(
        &mut self,
        stmt: &'a For,
        pos: Pos,
        rest: &'a [Stmt],
        end_bars: &BTreeMap<Var, Operand>,
    ) -> Result<Vec<Stmt>, Because> {
        let region = self.layout.child(pos, 0);
        self.may_be_at_once(Rewrite::Fuse)?;
        let Some(scratch) = self.keeps_outer_memory(region) else { return Err(Because::Writes) };
        let active: Vec<&Carried> = stmt
            .carried
            .iter()
            .filter(|c| self.activity.is_active(c.param) || self.activity.is_active(c.result))
            .collect();
        if let Some(other) =
            active.iter().find(|c| !self.rewrites.holds(Condition::OnlyAdds, self.only_adds(c)))
        {
            return Err(Because::NoSum(self.name(other.param).to_owned()));
        }
        // The cotangents of the sums, in front of the loop.
        let mut ahead = Vec::new();
        let mut sum_bars = Vec::new();
        let claims = self.trace.ahead.len();
        let mut not_known = None;
        for c in &active {
            let bar = self.bar_ahead(c.result, pos, rest, end_bars, &mut ahead);
            if bar.is_none() {
                not_known = not_known.or(Some(c.result));
            }
            sum_bars.extend(bar);
        }
        if sum_bars.len() < active.len() || !self.declare_bars(pos, self.extent(region)) {
            self.trace.ahead.truncate(claims);
            return Err(self.not_known(not_known));
        }
        let mut before = ahead;
        // From here on it is done.
        self.decide_scratch(pos, scratch);
        for c in &active {
            self.frame().bars.remove(&c.result);
        }
        self.open(region, true, FrameKind::Plain);
        for (c, bar) in active.iter().zip(&sum_bars) {
            if !planted("fuse: sum lost") {
                self.accumulate_operand(&c.next, bar.clone());
            }
        }
        let mut body = self.mirror_block(&stmt.body);
        for c in &active {
            self.take_bar(c.param);
        }
        let exports = self.exports(region);
        let elements = self.element_exports();
        let frame = self.close();
        body.extend(frame.tail);
        body.extend(frame.reverse);
        let mut fused = For { body: Block { stmts: body }, ..stmt.clone() };
        fused.carried.extend(exports.iter().map(|export| export.carried.clone()));
        fused.carried.extend(elements.iter().flat_map(super::exports::ElementExport::carried));
        before.push(Stmt::For(fused));
        // In the reverse sweep the sums only go on to where they came from.
        for (c, bar) in active.iter().zip(sum_bars) {
            if !planted("fuse: what arrives is lost") {
                self.accumulate_operand(&c.init, bar);
            }
        }
        self.finish_exports(exports, false);
        self.finish_elements(stmt, elements);
        Ok(before)
    }

    /// The cotangent of a value is not known ahead, or that of memory cannot be declared there.
    pub(super) fn not_known(&self, var: Option<Var>) -> Because {
        var.map_or(Because::Writes, |var| Because::NotKnown(self.name(var).to_owned()))
    }

    /// No active memory from outside is written in the region or, once it was read there, behind it: the order of its
    /// cotangents does not matter then. Scratch may be written: which memory it is, and who overwrites it.
    pub(super) fn keeps_outer_memory(&self, region: RegionId) -> Option<Vec<(Var, Scratch)>> {
        let inner = *self.layout.region(region);
        let mut written = Vec::new();
        for (k, accesses) in self.layout.accesses.iter().enumerate() {
            let root = Var(u32::try_from(k).expect("fewer than 2³² variables"));
            let touched = accesses.iter().any(|access| inner.start <= access.pos && access.pos <= inner.end);
            let is_kept = !touched
                || self.layout.within(self.home(root), region)
                || !self.activity.is_active(root)
                || accesses.iter().all(|access| access.kind == AccessKind::Read || access.pos < inner.start);
            if is_kept {
                continue;
            }
            match self.scratch(region, root) {
                Some(by) => written.push((root, by)),
                None if self.rewrites.ignores(Condition::OnlyReadsOuterMemory) => {}
                None => return None,
            }
        }
        Some(written)
    }

    /// Whether memory from outside is scratch of a region.
    fn scratch(&self, region: RegionId, root: Var) -> Option<Scratch> {
        let may = self.rewrites.may(Rewrite::Scratch);
        let found = scratch(self.layout, region, root, self.rewrites).filter(|_| may)?;
        match found {
            Scratch::If(_) if !self.trusts_callees => None,
            Scratch::Here | Scratch::If(_) => Some(found),
        }
    }

    pub(super) fn extent(&self, region: RegionId) -> RangeInclusive<Pos> {
        let region = self.layout.region(region);
        region.start..=region.end
    }

    /// Declares the cotangent memory of the outer roots that are touched between two positions, in front of the statement at
    /// `pos`, if that is possible.
    pub(super) fn declare_bars(&mut self, pos: Pos, extent: RangeInclusive<Pos>) -> bool {
        let here = self.region();
        let declares = |stmt: &Stmt, bar: Var| matches!(stmt, Stmt::Alloc { var, .. } if *var == bar);
        let prologue = &self.frames.last().expect("a function is a region").prologue;
        let is_declared = |bar: Var| {
            prologue.iter().chain(self.in_front.values().flatten()).any(|stmt| declares(stmt, bar))
        };
        let roots: Vec<Var> = (0..self.layout.accesses.len())
            .map(|k| Var(u32::try_from(k).expect("fewer than 2³² variables")))
            .filter(|root| {
                let touched =
                    self.layout.accesses[root.index()].iter().any(|access| extent.contains(&access.pos));
                // Buffers that the caller gave are there.
                let given = matches!(self.def(*root), Def::Param)
                    && self
                        .bar_roots
                        .get(root)
                        .is_some_and(|bar| matches!(self.out.ty(*bar), Ty::Ref { .. }));
                touched && !given && self.home(*root) == here && self.activity.is_active(*root)
            })
            .collect();
        // First look: nothing may have moved when it turns out not to be possible.
        let is_movable = |root: &Var| self.bar_roots.get(root).is_none_or(|bar| is_declared(*bar));
        if !roots.iter().all(is_movable) {
            return false;
        }
        for root in roots {
            // What was declared for the reverse sweep, or in front of a later statement, moves here.
            let stmt = if let Some(bar) = self.bar_roots.get(&root).copied() {
                let frame = self.frames.last_mut().expect("a function is a region");
                let places = std::iter::once(&mut frame.prologue).chain(self.in_front.values_mut());
                let take = |stmts: &mut Vec<Stmt>| {
                    let at = stmts.iter().position(|stmt| declares(stmt, bar))?;
                    Some(stmts.remove(at))
                };
                places.into_iter().find_map(take).expect("it is declared")
            } else {
                let bar = self.new_bar(root, self.primal.ty(root).peeled().clone());
                self.bar_roots.insert(root, bar);
                Stmt::Alloc { var: bar, init: Init::ZerosLike(root.into()) }
            };
            self.in_front.entry(pos).or_default().push(stmt);
        }
        true
    }

    /// Whether each pass only adds to the carried value, and reads it for nothing else.
    fn only_adds(&self, c: &Carried) -> bool {
        self.sums_of(c).is_some()
    }

    /// If so: the sums on the way through a pass.
    pub(super) fn sums_of(&self, c: &Carried) -> Option<Vec<Var>> {
        let mut links = Vec::new();
        let site = self.layout.carried.iter().find(|(other, ..)| other.param == c.param);
        let (_, _, end) = site.expect("every carried value has a site");
        // The new sum is a link, too: whoever else reads it sends a cotangent to all the passes before.
        let adds = self.link(&c.next, c.param, *end, &mut links)
            && links.iter().all(|(var, _)| {
                let mut uses = self.layout.uses[var.index()].clone();
                for (other, pos) in &links {
                    if other == var
                        && let Some(k) = uses.iter().position(|used| used == pos)
                    {
                        uses.remove(k);
                    }
                }
                let used_once = uses.is_empty() || planted("fuse: reads of the sum forgotten");
                self.rewrites.holds(Condition::SumsUsedOnce, used_once)
            });
        adds.then(|| links.into_iter().map(|(var, _)| var).collect())
    }

    /// Whether `sum` is `start` plus something. Collects the variables on the way, with where each is used.
    fn adds_to(&self, sum: &Operand, start: Var, links: &mut Vec<(Var, Pos)>) -> bool {
        let Operand::Var(sum) = sum else { return false };
        if *sum == start {
            return true;
        }
        match self.def(*sum) {
            Def::Let(Op::Copy(from)) => self.link(from, start, self.pos(*sum), links),
            Def::Let(Op::Prim(prim, args)) => args.iter().enumerate().any(|(k, arg)| {
                let unchanged = rules::adds_unchanged(*prim, args, k) || planted("fuse: anything is a sum");
                let one = arg.var().is_some() && unchanged;
                one && self.link(arg, start, self.pos(*sum), links)
            }),
            Def::BranchResult => self.branch_adds_to(*sum, start, links),
            Def::CarriedResult => self.loop_adds_to(*sum, start, links),
            _ => false,
        }
    }

    fn link(&self, from: &Operand, start: Var, pos: Pos, links: &mut Vec<(Var, Pos)>) -> bool {
        let length = links.len();
        if let Operand::Var(var) = from {
            links.push((*var, pos));
        }
        let ok = self.adds_to(from, start, links);
        if !ok {
            links.truncate(length);
        }
        ok
    }

    fn branch_adds_to(&self, sum: Var, start: Var, links: &mut Vec<(Var, Pos)>) -> bool {
        let Some(site) = self.layout.branches.iter().find(|site| site.branch.results.contains(&sum)) else {
            return false;
        };
        let k = site.branch.results.iter().position(|var| *var == sum).expect("found by it");
        site.branch.arms.iter().zip(&site.ends).all(|(arm, end)| match &arm.yields[k] {
            Elem::Scalar(operand) => self.link(operand, start, *end, links),
            Elem::Memory(_) => false,
        })
    }

    fn loop_adds_to(&self, sum: Var, start: Var, links: &mut Vec<(Var, Pos)>) -> bool {
        let Some((c, init, next)) = self.layout.carried.iter().find(|(c, ..)| c.result == sum) else {
            return false;
        };
        self.link(&c.next, c.param, *next, links) && self.link(&c.init, start, *init, links)
    }
}
