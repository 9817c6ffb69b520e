//! Reversing branches and calls where they run.
//!
//! If the cotangents of what a branch results in are known in front of it, each arm is reversed at its own end: nothing of it
//! is handed out for later, and what it adds to the cotangents of outer values are further results of the branch. If
//! the cotangent of what a call returns is known in front of it, the callee runs in its joint form: nothing of the call is
//! recorded, and a loop of the callee that only sums up is reversed while it runs.
//!
//! As for loops (`fuse`), memory from outside may only be read, there and behind: its cotangents are added to earlier than
//! the mirror image would.

use super::{Because, Cx, FrameKind};
use crate::analysis::{AccessKind, Condition, Pos, Rewrite};
use crate::fault::planted;
use crate::ir::{
    Arg, ArgKind, Arm, Block, Branch, Call, Cotangent, Elem, ForwardCall, Operand, Passed, ReverseCall, Stmt,
    Ty, Value, Var,
};
use std::collections::BTreeMap;

impl<'a> Cx<'a> {
    /// The forward sweep of a branch with the reverse sweeps of its arms inside, where that is legal and saves something.
    pub(super) fn reverse_in_arms(
        &mut self,
        branch: &'a Branch,
        pos: Pos,
        rest: &'a [Stmt],
        end_bars: &BTreeMap<Var, Operand>,
    ) -> Result<Vec<Stmt>, Because> {
        if !records(branch) {
            return Err(Because::Cheap);
        }
        self.may_be_at_once(Rewrite::InArms)?;
        let regions: Vec<_> = (0..branch.arms.len()).map(|k| self.layout.child(pos, k)).collect();
        let scratch: Option<Vec<_>> = regions.iter().map(|region| self.keeps_outer_memory(*region)).collect();
        let moves =
            branch.arms.iter().flat_map(|arm| &arm.yields).any(|elem| matches!(elem, Elem::Memory(_)));
        if moves {
            return Err(Because::Moves);
        }
        let Some(scratch) = scratch else { return Err(Because::Writes) };
        let is_active = |var: &&Var| self.activity.is_active(**var);
        let active: Vec<Var> = branch.results.iter().filter(is_active).copied().collect();
        let mut ahead = Vec::new();
        let mut bars = BTreeMap::new();
        let claims = self.trace.ahead.len();
        for result in &active {
            if let Some(bar) = self.bar_ahead(*result, pos, rest, end_bars, &mut ahead) {
                bars.insert(*result, bar);
            }
        }
        let extents = regions.iter().map(|region| self.extent(*region));
        let extent = extents.reduce(|first, last| *first.start()..=*last.end());
        let extent = extent.unwrap_or(pos..=pos);
        if bars.len() < active.len() || !self.declare_bars(pos, extent) {
            self.trace.ahead.truncate(claims);
            let not_known = active.into_iter().find(|result| !bars.contains_key(result));
            return Err(self.not_known(not_known));
        }
        let mut stmts = ahead;
        // From here on it is done.
        self.decide_scratch(pos, scratch.into_iter().flatten().collect());
        for result in &active {
            self.frame().bars.remove(result);
        }
        let mut frames = Vec::new();
        let mut blocks = Vec::new();
        for (arm, region) in branch.arms.iter().zip(regions) {
            self.open(region, true, FrameKind::Plain);
            for (result, elem) in branch.results.iter().zip(&arm.yields) {
                if let (Some(bar), Elem::Scalar(operand), false) =
                    (bars.get(result), elem, planted("reverse: yield lost"))
                {
                    self.accumulate_operand(operand, bar.clone());
                }
            }
            let mut block = self.mirror_block(&arm.block);
            let mut frame = self.close();
            block.append(&mut frame.tail);
            block.append(&mut frame.reverse);
            blocks.push(block);
            frames.push(frame);
        }
        let out = self.handed_out(&frames, &blocks);
        let arms = branch.arms.iter().zip(blocks).enumerate().map(|(k, (arm, stmts))| {
            let mut yields = arm.yields.clone();
            yields.extend(out.yields(k));
            Arm { pattern: arm.pattern.clone(), block: Block { stmts }, yields }
        });
        let arms = arms.collect();
        let results = branch.results.iter().chain(&out.results).copied().collect();
        stmts.push(Stmt::Branch(Branch { on: branch.on.clone(), arms, results }));
        self.take_in(out);
        Ok(stmts)
    }

    /// Both sweeps of a call, one behind the other, where that is legal.
    pub(super) fn call_at_once(
        &mut self,
        call: &'a Call,
        rest: &'a [Stmt],
        end_bars: &BTreeMap<Var, Operand>,
    ) -> Result<Vec<Stmt>, Because> {
        self.may_be_at_once(Rewrite::AtOnce)?;
        let result = call.result.filter(|result| self.primal.ty(*result).is_float());
        let Some(result) = result.filter(|_| call.args.iter().all(|arg| self.is_plain(arg))) else {
            return Err(Because::Moves);
        };
        if !self.rewrites.holds(Condition::OnlyReadsOuterMemory, self.reads_for_good(call)) {
            return Err(Because::Writes);
        }
        let pos = self.current;
        let claims = self.trace.ahead.len();
        let mut stmts = Vec::new();
        let bar = self.bar_ahead(result, pos, rest, end_bars, &mut stmts);
        let declared = bar.is_some() && self.declare_bars(pos, pos..=pos);
        let Some(bar) = bar.clone().filter(|_| declared) else {
            self.trace.ahead.truncate(claims);
            return Err(self.not_known(bar.is_none().then_some(result)));
        };
        // From here on it is done.
        self.frame().bars.remove(&result);
        let active: Vec<bool> = call.args.iter().map(|arg| self.is_active_arg(arg)).collect();
        let mut cotangents = Vec::new();
        for (arg, active) in call.args.iter().zip(&active) {
            let cotangent = match &arg.kind {
                _ if !active || planted("reverse: argument skipped") => Cotangent::None,
                ArgKind::Scalar(Operand::Var(var)) | ArgKind::ScalarRef(Operand::Var(var)) => {
                    Cotangent::Value(self.new_bar(*var, self.ty(*var)))
                }
                ArgKind::Memory { place, .. } if self.place_ty(place).is_float() => {
                    Cotangent::Value(self.new_bar(place.root, self.place_ty(place)))
                }
                ArgKind::Memory { place, .. } => Cotangent::Slot(self.bar_place(place)),
                ArgKind::Scalar(Operand::Lit(_))
                | ArgKind::ScalarRef(Operand::Lit(_))
                | ArgKind::ScalarMut { .. }
                | ArgKind::Kept(_)
                | ArgKind::Code { .. } => Cotangent::None,
            };
            cotangents.push(cotangent);
        }
        let pullback = self.out.new_var("pullback", Ty::Pullback, call.span);
        self.trace.calls.push((self.site, pullback));
        let seed = (!planted("reverse: seed of a call lost")).then_some(Value::Scalar(bar));
        let seed = Some(seed.unwrap_or(Value::Scalar(Operand::float(0.0))));
        let args = call.args.iter().map(|arg| self.arg_at_once(arg)).collect();
        stmts.push(Stmt::ForwardCall(ForwardCall {
            call: call.clone(),
            active,
            pullback,
            tangents: Vec::new(),
        }));
        stmts.push(Stmt::ReverseCall(ReverseCall {
            pullback,
            args,
            seed,
            cotangents: cotangents.clone(),
            span: call.span,
            of_gradient: call.callee.is_gradient(),
            tangents: Vec::new(),
        }));
        self.take_cotangents(call, cotangents);
        Ok(stmts)
    }

    /// Whether the call has a cotangent at all.
    pub(super) fn is_followed(&self, call: &Call) -> bool {
        call.result.is_none_or(|result| self.activity.is_active(result))
            && self.activity.escape(self.current).is_none()
            && call.args.iter().any(|arg| self.is_active_arg(arg))
    }

    /// The argument again: nothing has changed since.
    fn arg_at_once(&mut self, arg: &Arg) -> Arg {
        let kind = match &arg.kind {
            ArgKind::Code { code, exclusive, checked } => self.constant_again(code, *exclusive, *checked),
            ArgKind::Scalar(_)
            | ArgKind::ScalarRef(_)
            | ArgKind::ScalarMut { .. }
            | ArgKind::Memory { .. }
            | ArgKind::Kept(_) => arg.kind.clone(),
        };
        Arg { kind, span: arg.span }
    }

    /// Whether an argument is only read by the callee, and the compiler knows what kind of thing it is.
    fn is_plain(&self, arg: &Arg) -> bool {
        match &arg.kind {
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) => true,
            ArgKind::Memory { place, passed } => {
                *passed == Passed::Shared && self.place_ty(place) != Ty::Unknown
            }
            // What may be moved into the callee is not there for its pullback.
            ArgKind::Code { code, exclusive, .. } => !exclusive && !self.may_be_moved(code),
            ArgKind::ScalarMut { .. } | ArgKind::Kept(_) => false,
        }
    }

    /// No active memory that the call reads is written behind it, and its cotangents have one place each.
    fn reads_for_good(&self, call: &Call) -> bool {
        let mut roots = Vec::new();
        call.args.iter().all(|arg| {
            let ArgKind::Memory { place, .. } = &arg.kind else { return true };
            if !self.activity.is_active(place.root) {
                return true;
            }
            let (root, _) = self.layout.resolve(place);
            let again = roots.contains(&root) && !self.place_ty(place).is_float();
            roots.push(root);
            let accesses = &self.layout.accesses[root.index()];
            !again
                && accesses.iter().all(|access| access.kind == AccessKind::Read || access.pos < self.current)
        })
    }
}

/// Whether the mirror image of an arm would need tapes: for what else it reads, a result more of the branch costs no more
/// than the cotangents would.
fn records(branch: &Branch) -> bool {
    let mut records = false;
    for arm in &branch.arms {
        arm.block.for_each_stmt(&mut |stmt| {
            records |= matches!(stmt, Stmt::For(_) | Stmt::While(_) | Stmt::Call(_));
        });
    }
    records
}
