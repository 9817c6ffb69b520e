//! The mirror image of each statement.

use super::{
    Because, Counted, Cx, Frame, FrameKind, How, Site, Zero, code, placeholder_value, scalar, spelt, text,
};
use crate::analysis::{Def, Pos, RegionId};
use crate::fault::planted;
use crate::ir::{Arm, Block, Branch, Carried, Elem, For, Op, Operand, Place, Selector, Stmt, Ty, Var, While};
use crate::rules;
use std::collections::BTreeMap;

impl<'a> Cx<'a> {
    /// Reverses a block of the innermost region: returns its forward sweep, and appends its mirror image to the
    /// region's reverse sweep.
    pub(super) fn mirror_block(&mut self, block: &'a Block) -> Vec<Stmt> {
        let end_bars = self.frame().bars.clone();
        let mut groups = Vec::new();
        for (k, stmt) in block.stmts.iter().enumerate().rev() {
            let pos = self.layout.position(stmt);
            groups.push((pos, self.mirror_stmt(stmt, &block.stmts[k + 1..], &end_bars)));
        }
        let mut forward = Vec::new();
        for (pos, group) in groups.into_iter().rev() {
            forward.extend(self.in_front.remove(&pos).unwrap_or_default());
            for stmt in group {
                forward.extend(self.with_copies(stmt, pos));
            }
        }
        forward
    }

    fn mirror_stmt(
        &mut self,
        stmt: &'a Stmt,
        rest: &'a [Stmt],
        end_bars: &BTreeMap<Var, Operand>,
    ) -> Vec<Stmt> {
        self.current = self.layout.position(stmt);
        let span = match stmt {
            Stmt::Let { var, .. } => self.out.vars[var.index()].span,
            _ => self.span,
        };
        let outer =
            (std::mem::replace(&mut self.site, Site::of(stmt)), std::mem::replace(&mut self.span, span));
        let forward = self.mirror_parts(stmt, rest, end_bars);
        (self.site, self.span) = outer;
        forward
    }

    fn mirror_parts(
        &mut self,
        stmt: &'a Stmt,
        rest: &'a [Stmt],
        end_bars: &BTreeMap<Var, Operand>,
    ) -> Vec<Stmt> {
        match stmt {
            Stmt::Let { var, op } => self.mirror_let(*var, op),
            Stmt::Alloc { var, init } => {
                if let Some(bar) = self.bar_roots.get(var).copied() {
                    self.mirror_init(init, &Place::from(bar), true);
                }
            }
            Stmt::Store { place, value } => self.mirror_store(place, value, stmt),
            Stmt::Assign { place, init } => return self.mirror_assign(place, init, stmt),
            Stmt::Push { vec, value } => self.mirror_push(vec, value),
            Stmt::Swap { a, b } => {
                let either = self.activity.is_active(a.root) || self.activity.is_active(b.root);
                if either && !planted("reverse: swap lost") {
                    let (a, b) = (self.bar_place(a), self.bar_place(b));
                    self.push(Stmt::Swap { a, b });
                }
            }
            Stmt::Fill { place, value } => {
                if self.activity.is_active(place.root) {
                    let bar = self.bar_place(place);
                    if self.activity.operand_is_active(value) && !planted("reverse: fill lost") {
                        self.mirror_fill(&Elem::Scalar(value.clone()), &bar);
                    }
                    self.push(Stmt::Clear { place: bar });
                }
            }
            Stmt::CopyFrom { to, from } => self.mirror_copy_from(to, from),
            Stmt::Branch(branch) => {
                let pos = self.layout.position(stmt);
                let reversed = self.reverse_in_arms(branch, pos, rest, end_bars);
                if !matches!(reversed, Err(Because::Cheap)) {
                    self.decide(pos, "branch".to_owned(), when(&reversed));
                }
                return reversed.unwrap_or_else(|_| vec![self.mirror_branch(branch, pos)]);
            }
            Stmt::For(inner) => {
                let pos = self.layout.position(stmt);
                let fused = self.fuse(inner, pos, rest, end_bars);
                let subject = format!("loop over `{}`", self.name(inner.index));
                let mut how = when(&fused);
                let forward = match fused {
                    Ok(fused) => fused,
                    Err(_) if self.checkpoints.contains(&pos) => self.mirror_blocks(inner, pos),
                    Err(_) => match self.mirror_winner(inner, pos) {
                        Some(forward) => {
                            how = How::Winner;
                            forward
                        }
                        None => self.mirror_for(inner, pos),
                    },
                };
                self.decide(pos, subject, how);
                return forward;
            }
            Stmt::While(inner) => {
                let pos = self.layout.position(stmt);
                self.decide(pos, "loop with a condition".to_owned(), How::Later(Because::Condition));
                return vec![self.mirror_while(inner, pos)];
            }
            Stmt::Call(call) => {
                if !self.is_followed(call) {
                    return self.mirror_call(call);
                }
                let both = self.call_at_once(call, rest, end_bars);
                let subject = format!("call of `{}`", spelt(call.callee.tokens()));
                self.decide(self.current, subject, when(&both));
                return both.unwrap_or_else(|_| self.mirror_call(call));
            }
            // A view is resolved where it is used; an effect happens once.
            Stmt::View { .. } | Stmt::Effect { .. } => {}
            Stmt::Accumulate { .. }
            | Stmt::AccumulateAll { .. }
            | Stmt::Clear { .. }
            | Stmt::Grow { .. }
            | Stmt::Extend { .. }
            | Stmt::Truncate { .. }
            | Stmt::ForwardCall(_)
            | Stmt::ReverseCall(_)
            | Stmt::TangentCall(_) => unreachable!("only in derivative code"),
        }
        vec![stmt.clone()]
    }

    fn mirror_let(&mut self, var: Var, op: &Op) {
        match op {
            Op::Load(place) => self.mirror_load(var, place),
            Op::Copy(operand) => {
                if let Some(bar) = self.take_bar(var).filter(|_| !planted("reverse: copy lost")) {
                    self.accumulate_operand(operand, bar);
                }
            }
            Op::Cast(operand, _) => {
                if let (Some(bar), Operand::Var(from)) = (self.take_bar(var), operand) {
                    let Ty::Float(to) = self.ty(*from) else { return };
                    let back = self.new_bar(*from, Ty::Float(to));
                    let zero = self.zero_of(&bar);
                    self.set_zero(&back.into(), zero);
                    self.push(Stmt::Let { var: back, op: Op::Cast(bar, to) });
                    if !planted("reverse: cast lost") {
                        self.accumulate(*from, back.into());
                    }
                }
            }
            Op::Prim(prim, args) => {
                let Some(bar) = self.take_bar(var) else { return };
                let wanted: Vec<bool> = args
                    .iter()
                    .map(|arg| {
                        self.activity.operand_is_active(arg) && !planted("reverse: operand not wanted")
                    })
                    .collect();
                if !wanted.contains(&true) {
                    return;
                }
                let reads = rules::reads(*prim, args, &wanted);
                let names: Vec<Operand> = args
                    .iter()
                    .zip(&reads.args)
                    .map(|(arg, read)| if *read { self.need_operand(arg) } else { arg.clone() })
                    .collect();
                let result = if reads.result { self.need(var) } else { var.into() };
                let known = self.known_parts(*prim, args, &wanted);
                let reciprocals = self.reciprocals(args, &names, var, &result);
                let ty = self.ty(var);
                let nonlinear = reads.result || reads.args.contains(&true);
                let zero = self.zero_of(&bar);
                let guarded = nonlinear
                    && match zero {
                        Zero::Never => false,
                        Zero::Memory => rules::cost(*prim) == rules::Cost::Costly,
                        Zero::Branch => true,
                    };
                let build = |b: &mut rules::Builder| {
                    (b.known, b.reciprocals) = (known, reciprocals);
                    rules::pullback(*prim, &names, &result, &bar, &wanted, b)
                };
                let terms =
                    if guarded { self.terms_unless_zero(ty, &bar, build) } else { self.formula(ty, build) };
                for term in terms.iter().flatten() {
                    self.set_zero(term, zero);
                    if let (Operand::Var(term), true) = (term, rules::chooses(*prim)) {
                        self.chosen.insert(*term, bar.clone());
                    }
                }
                for (arg, term) in args.iter().zip(terms) {
                    if let Some(term) = term {
                        self.accumulate_operand(arg, term);
                    }
                }
            }
            Op::Len(_) | Op::Code(_) | Op::Pop(_) => {}
        }
    }

    // --- branches ---

    fn mirror_branch(&mut self, branch: &'a Branch, pos: Pos) -> Stmt {
        let bars: Vec<Option<Operand>> = branch.results.iter().map(|var| self.take_bar(*var)).collect();
        let mut forward = Vec::new();
        let mut frames = Vec::new();
        for (k, arm) in branch.arms.iter().enumerate() {
            self.open(self.layout.child(pos, k), false, FrameKind::Arm { yields: Vec::new() });
            for ((result, elem), bar) in branch.results.iter().zip(&arm.yields).zip(&bars) {
                match elem {
                    Elem::Scalar(operand) => {
                        if let (Some(bar), false) = (bar, planted("reverse: yield lost")) {
                            self.accumulate_operand(operand, bar.clone());
                        }
                    }
                    Elem::Memory(place) => {
                        if let Some(bar) = self
                            .bar_roots
                            .get(result)
                            .copied()
                            .filter(|_| !planted("reverse: yielded memory lost"))
                        {
                            self.give(place, &bar.into(), true);
                        }
                    }
                }
            }
            forward.push(self.mirror_block(&arm.block));
            frames.push(self.close());
        }
        self.push_branch_mirror(branch, &mut frames);
        let ends = self.layout.ends(branch).to_vec();
        Stmt::Branch(self.forward_branch(branch, forward, frames, &ends))
    }

    fn push_branch_mirror(&mut self, branch: &'a Branch, frames: &mut [Frame<'a>]) {
        let region = self.region();
        let blocks: Vec<Vec<Stmt>> =
            frames.iter_mut().map(|frame| std::mem::take(&mut frame.reverse)).collect();
        let out = self.handed_out(frames, &blocks);
        let mut tag = None;
        let is_empty = out.results.is_empty() && blocks.iter().all(Vec::is_empty);
        let arms = blocks
            .into_iter()
            .enumerate()
            .map(|(k, stmts)| Arm { pattern: None, block: Block { stmts }, yields: out.yields(k) })
            .collect();
        if !is_empty {
            let on = match &branch.on {
                Selector::If(condition) => Selector::If(self.need_operand(condition)),
                Selector::Tag(number) => Selector::Tag(self.need_operand(number)),
                Selector::Match(_) => {
                    let number = self.new_int("arm");
                    self.adopt(number, region);
                    tag = Some(number);
                    Selector::Tag(self.need(number))
                }
            };
            self.push(Stmt::Branch(Branch { on, arms, results: out.results.clone() }));
        }
        self.take_in(out);
        if let Some(number) = tag {
            for (k, frame) in frames.iter_mut().enumerate() {
                let FrameKind::Arm { yields } = &mut frame.kind else { unreachable!("an arm") };
                // Every arm yields its own number.
                yields.push((number, Operand::int(k)));
            }
        }
    }

    /// The forward sweep of a branch: what its arms did, and what they hand out for the reverse sweep.
    fn forward_branch(
        &mut self,
        branch: &Branch,
        forward: Vec<Vec<Stmt>>,
        frames: Vec<Frame>,
        ends: &[Pos],
    ) -> Branch {
        let mut results = branch.results.clone();
        let mut handed_out: Vec<Vec<(Var, Operand)>> = Vec::new();
        let mut tails = Vec::new();
        for frame in frames {
            let FrameKind::Arm { yields } = frame.kind else { unreachable!("an arm") };
            handed_out.push(yields);
            tails.push(frame.tail);
        }
        let mut new: Vec<Var> = handed_out.iter().flatten().map(|(var, _)| *var).collect();
        new.sort_unstable();
        new.dedup();
        results.extend(&new);
        let arms = branch
            .arms
            .iter()
            .zip(forward)
            .zip(tails)
            .zip(&handed_out)
            .zip(ends)
            .map(|((((arm, mut stmts), tail), own), end)| {
                stmts.extend(tail);
                let mut yields = arm.yields.clone();
                yields.iter_mut().for_each(|elem| self.copy_in_elem(elem, *end, &mut stmts));
                for var in &new {
                    let value = own.iter().find(|(name, _)| name == var).map(|(_, value)| value.clone());
                    // Another arm's value: never read when this arm ran.
                    yields.push(scalar(value.unwrap_or_else(|| placeholder_value(self.out.ty(*var)))));
                }
                Arm { pattern: arm.pattern.clone(), block: Block { stmts }, yields }
            })
            .collect();
        Branch { on: branch.on.clone(), arms, results }
    }

    // --- loops ---

    pub(super) fn mirror_for(&mut self, stmt: &'a For, pos: Pos) -> Vec<Stmt> {
        let region = self.layout.child(pos, 0);
        let parent = self.region();
        let index = self.new_like(stmt.index);
        let bars: Vec<Operand> = self.loop_bars(&stmt.carried);
        self.open(
            region,
            false,
            FrameKind::For(Counted {
                stmt,
                index,
                pass: None,
                block: None,
                passes: None,
                before: Vec::new(),
                before_mirror: Vec::new(),
                after_mirror: Vec::new(),
                opening: Vec::new(),
            }),
        );
        self.frame().known.insert(stmt.index, index.into());
        let counter = stmt.until.as_ref().map(|_| self.count_passes(parent));
        if let Some((counter, _)) = &counter {
            self.run_by_number(stmt, counter.param, index);
        }
        let inside = self.enter_carried(&stmt.carried, &bars);
        let forward = self.mirror_block(&stmt.body);
        let (mut carried, copies, arrived) = self.leave_carried(&stmt.carried, &inside, &bars);
        let exports = self.exports(region);
        let elements = self.element_exports();
        let handed_on: Vec<Carried> = carried
            .iter()
            .chain(exports.iter().map(|export| &export.carried))
            .chain(elements.iter().flat_map(|element| [&element.sum].into_iter().chain(&element.reached)))
            .cloned()
            .collect();
        let along = self.close_along(stmt, &handed_on);
        let forwards = along.is_some();
        let mut frame = along.unwrap_or_else(|| self.close());
        carried.append(&mut frame.counters);
        let FrameKind::For(counted) = frame.kind else { unreachable!("a counted loop") };
        // The mirror loop.
        for stmt in copies.into_iter().chain(counted.before_mirror) {
            self.push(stmt);
        }
        let (range_lo, range_hi, inclusive, reversed, mirror_index) = match &counter {
            None => {
                let (lo, hi) = (self.need_operand(&stmt.lo), self.need_operand(&stmt.hi));
                (lo, hi, stmt.inclusive, stmt.reversed == forwards, index)
            }
            Some((_, count)) => {
                let number = counted.pass.as_ref().expect("counted").1.var().expect("a variable");
                (Operand::int(0), self.need(*count), false, true, number)
            }
        };
        carried.extend(exports.iter().map(|export| export.carried.clone()));
        for element in &elements {
            carried.push(element.sum.clone());
            carried.extend(element.reached.clone());
        }
        self.start_exports(&exports, &mut carried);
        if !carried.is_empty() || !frame.reverse.is_empty() {
            self.push(Stmt::For(For {
                index: mirror_index,
                lo: range_lo,
                hi: range_hi,
                inclusive,
                reversed,
                carried,
                body: Block { stmts: std::mem::take(&mut frame.reverse) },
                until: None,
            }));
        }
        for stmt in counted.after_mirror {
            self.push(stmt);
        }
        self.finish_exports(exports, true);
        self.finish_carried(&stmt.carried, arrived);
        self.finish_elements(stmt, elements);
        // The forward sweep.
        let mut body = forward;
        body.extend(frame.tail);
        let mut again = For { body: Block { stmts: body }, ..stmt.clone() };
        again.carried.extend(counter.map(|(counter, _)| counter));
        let mut stmts = counted.before;
        stmts.push(Stmt::For(again));
        stmts
    }

    fn mirror_while(&mut self, stmt: &'a While, pos: Pos) -> Stmt {
        let region = self.layout.child(pos, 0);
        let parent = self.region();
        let bars: Vec<Operand> = self.loop_bars(&stmt.carried);
        self.open(region, false, FrameKind::While);
        let (counter, count) = self.count_passes(parent);
        let inside = self.enter_carried(&stmt.carried, &bars);
        let body = self.mirror_block(&stmt.body);
        let condition = self.mirror_block(&stmt.condition);
        let (mut carried, copies, arrived) = self.leave_carried(&stmt.carried, &inside, &bars);
        let exports = self.exports(region);
        let mut frame = self.close();
        carried.append(&mut frame.counters);
        for stmt in copies {
            self.push(stmt);
        }
        let hi = self.need(count);
        carried.extend(exports.iter().map(|export| export.carried.clone()));
        self.start_exports(&exports, &mut carried);
        let index = self.new_int("pass");
        if !carried.is_empty() || !frame.reverse.is_empty() {
            self.push(Stmt::For(For {
                index,
                lo: Operand::int(0),
                hi,
                inclusive: false,
                reversed: true,
                carried,
                body: Block { stmts: std::mem::take(&mut frame.reverse) },
                until: None,
            }));
        }
        self.finish_exports(exports, true);
        self.finish_carried(&stmt.carried, arrived);
        let mut body = body;
        body.extend(frame.tail);
        let mut again =
            While { condition: Block { stmts: condition }, body: Block { stmts: body }, ..stmt.clone() };
        again.carried.push(counter);
        Stmt::While(again)
    }

    /// A count of the passes made, as a carried value of the forward loop: and its name after the loop.
    fn count_passes(&mut self, parent: RegionId) -> (Carried, Var) {
        let zero = Operand::Lit(crate::ir::Lit { text: "0_usize".to_owned(), value: 0.0 });
        let [param, result] = [0; 2].map(|_| self.new_int("passes"));
        let (next, count) = self.int("passes", &format!("{} + 1", text(&param.into())));
        self.frame().tail.push(count);
        self.adopt(result, parent);
        (Carried { param, init: zero, next: next.into(), result }, result)
    }

    /// The mirror of a loop that may end early runs over the number of the pass; the index follows from it.
    fn run_by_number(&mut self, stmt: &'a For, counter: Var, index: Var) {
        let number = self.new_int("pass");
        let (lo, hi) = (self.need_operand(&stmt.lo), self.need_operand(&stmt.hi));
        let at = index_of_pass(stmt, &lo, &hi, &text(&number.into()));
        let FrameKind::For(counted) = &mut self.frame().kind else { unreachable!("a counted loop") };
        counted.pass = Some((counter.into(), number.into()));
        counted.opening.push(Stmt::Let { var: index, op: Op::Code(code(&at)) });
    }

    // --- cotangents of carried values ---

    /// The cotangents of the loop's results: where the mirror loop starts from.
    pub(super) fn loop_bars(&mut self, carried: &[Carried]) -> Vec<Operand> {
        let zero = || planted("reverse: loop starts from nothing").then(|| Operand::float(0.0));
        carried.iter().map(|c| self.take_bar_or_zero(c.result)).map(|bar| zero().unwrap_or(bar)).collect()
    }

    /// The cotangents at the end of a pass, inside the mirror loop.
    pub(super) fn enter_carried(&mut self, carried: &[Carried], bars: &[Operand]) -> Vec<Option<Var>> {
        carried
            .iter()
            .zip(bars)
            .map(|(c, init)| {
                if !self.activity.is_active(c.param) && !self.activity.is_active(c.result) {
                    return None;
                }
                let bar = self.new_bar(c.param, self.ty(c.param));
                let zero = if *init == Operand::float(0.0) { Zero::Memory } else { self.zero_of(init) };
                self.set_zero(&bar.into(), zero);
                if self.is_chosen_anew(c) {
                    self.entered.insert(bar, init.clone());
                }
                if !planted("reverse: pass starts from nothing") {
                    self.accumulate_operand(&c.next, bar.into());
                }
                Some(bar)
            })
            .collect()
    }

    /// Whether each pass chooses the value from that before and others, and uses it for nothing else.
    fn is_chosen_anew(&self, c: &Carried) -> bool {
        let Some(Def::Let(Op::Prim(prim, args))) = c.next.var().map(|next| self.def(next)) else {
            return false;
        };
        rules::chooses(*prim)
            && args.contains(&Operand::Var(c.param))
            && self.layout.uses[c.param.index()].len() == 1
    }

    /// The carried values of the mirror loop, and what arrives at the beginning of each of the primal's. One that no pass
    /// changes is a plain copy in front of the loop.
    pub(super) fn leave_carried(
        &mut self,
        carried: &[Carried],
        inside: &[Option<Var>],
        bars: &[Operand],
    ) -> (Vec<Carried>, Vec<Stmt>, Vec<Option<Operand>>) {
        let (mut kept, mut copies, mut arrived) = (Vec::new(), Vec::new(), Vec::new());
        for ((c, bar), init) in carried.iter().zip(inside).zip(bars) {
            let Some(bar) = *bar else {
                arrived.push(None);
                continue;
            };
            let next = self.take_bar_or_zero(c.param);
            let next = if planted("reverse: carry lost") { Operand::float(0.0) } else { next };
            if next == Operand::Var(bar) {
                copies.push(Stmt::Let { var: bar, op: Op::Copy(init.clone()) });
                arrived.push((*init != Operand::float(0.0)).then(|| init.clone()));
            } else {
                let result = self.new_bar(c.param, self.ty(c.param));
                let zero = self.zero_of(&bar.into());
                self.set_zero(&result.into(), zero);
                kept.push(Carried { param: bar, init: init.clone(), next, result });
                arrived.push(Some(result.into()));
            }
        }
        (kept, copies, arrived)
    }

    /// After the mirror loop: what arrived goes to the values before the loop.
    pub(super) fn finish_carried(&mut self, carried: &[Carried], arrived: Vec<Option<Operand>>) {
        for (c, arrived) in carried.iter().zip(arrived) {
            if let (Some(arrived), false) = (arrived, planted("reverse: what arrives is lost")) {
                self.accumulate_operand(&c.init, arrived);
            }
        }
    }
}

/// What the plan says of something that was, or could not be, reversed where it runs.
fn when(reversed: &Result<Vec<Stmt>, Because>) -> How {
    match reversed {
        Ok(_) => How::AtOnce,
        Err(because) => How::Later(because.clone()),
    }
}

/// The index in the pass of the given number.
pub(super) fn index_of_pass(stmt: &For, lo: &Operand, hi: &Operand, number: &str) -> String {
    let function = match (stmt.reversed, stmt.inclusive) {
        (false, _) => "index",
        (true, false) => "index_reversed",
        (true, true) => "index_reversed_inclusive",
    };
    format!("__grad_runtime::{function}({}, {}, {number})", text(lo), text(hi))
}
