//! Cotangents ahead of time: what the cotangent of a value will be, in front of the statement that makes the value.
//!
//! It is known there if everything behind is linear in the value, with factors from before. Then the statement can be
//! reversed where it runs: a loop that only sums up (`fuse`), the arms of a branch and calls (`at_once`).

use super::Cx;
use crate::analysis::{AccessKind, Condition, Def, Pos};
use crate::fault::planted;
use crate::ir::{Op, Operand, Stmt, Ty, Var};
use crate::rules;
use std::collections::BTreeMap;

impl<'a> Cx<'a> {
    /// The cotangent of `var`, computed in front of the statement at `pos`, if that is possible.
    pub(super) fn bar_ahead(
        &mut self,
        var: Var,
        pos: Pos,
        rest: &'a [Stmt],
        end_bars: &BTreeMap<Var, Operand>,
        ahead: &mut Vec<Stmt>,
    ) -> Option<Operand> {
        // What the end of the block contributes is known, but for a sum, `(s, s)`, that is made there.
        if let Some(Operand::Var(bar)) = end_bars.get(&var)
            && self.frame().reverse.iter().any(|stmt| matches!(stmt, Stmt::Let { var, .. } if var == bar))
        {
            return None;
        }
        let mut sum = end_bars.get(&var).cloned().filter(|_| !planted("fuse: end of the block forgotten"));
        let ty = self.ty(var);
        let end = self.layout.region(self.region()).end;
        for used in self.layout.uses[var.index()].clone() {
            if used == end {
                continue;
            }
            let stmt = rest.iter().find(|stmt| self.layout.position(stmt) == used)?;
            let term = match stmt {
                Stmt::Let { var: y, .. } if !self.activity.is_active(*y) => continue,
                Stmt::Let { var: y, op: Op::Copy(_) } => self.bar_ahead(*y, pos, rest, end_bars, ahead)?,
                Stmt::Let { var: y, op: Op::Prim(prim, args) } => {
                    let wanted: Vec<bool> = args.iter().map(|arg| *arg == Operand::Var(var)).collect();
                    let reads = rules::reads(*prim, args, &wanted);
                    if !self.rewrites.holds(Condition::BarIsKnownAhead, !reads.result) {
                        return None;
                    }
                    let mut names = args.clone();
                    for (name, read) in names.iter_mut().zip(&reads.args) {
                        if *read {
                            *name = self.value_ahead(name, pos, 0, ahead)?;
                        }
                    }
                    let y_bar = self.bar_ahead(*y, pos, rest, end_bars, ahead)?;
                    let result = Operand::Var(*y);
                    let reciprocals = self.reciprocals(args, &names, *y, &result);
                    let mut b =
                        rules::Builder::new(&mut self.out, ahead, ty.clone(), proc_macro2::Span::call_site());
                    b.reciprocals = reciprocals;
                    let terms = rules::pullback(*prim, &names, &result, &y_bar, &wanted, &mut b);
                    match terms.into_iter().flatten().next() {
                        Some(term) => term,
                        None => continue,
                    }
                }
                Stmt::For(later) => {
                    let c = later.carried.iter().find(|c| c.init == Operand::Var(var))?;
                    if !self.activity.is_active(c.result) && !self.activity.is_active(c.param) {
                        continue;
                    }
                    let sums = self.sums_of(c);
                    if !self.rewrites.holds(Condition::LaterOnlyAdds, sums.is_some()) {
                        return None;
                    }
                    let bar = self.bar_ahead(c.result, pos, rest, end_bars, ahead)?;
                    let sums = sums.into_iter().flatten();
                    self.trace.ahead.extend(sums.map(|sum| (sum, bar.clone())));
                    bar
                }
                _ => return None,
            };
            // One variable in two places of one statement was counted at the first.
            let counted = self.layout.uses[var.index()].iter().filter(|pos| **pos == used).count();
            if counted > 1 {
                return None;
            }
            if planted("fuse: use behind the loop forgotten") {
                continue;
            }
            sum = Some(self.sum_ahead(sum, term, &ty, ahead));
        }
        self.trace.ahead.extend(sum.clone().map(|sum| (var, sum)));
        sum
    }

    /// A value that a factor reads, in front of the statement at `pos`: it is defined there, or can be computed there.
    fn value_ahead(
        &mut self,
        value: &Operand,
        pos: Pos,
        depth: usize,
        ahead: &mut Vec<Stmt>,
    ) -> Option<Operand> {
        let Operand::Var(var) = *value else { return Some(value.clone()) };
        if self.pos(var) < pos || matches!(self.def(var), Def::Param) {
            return Some(var.into());
        }
        let Def::Let(op) = self.def(var) else { return None };
        if depth > 8 || self.home(var) != self.region() || self.activity.varied(var) {
            return None;
        }
        let op = match op {
            Op::Copy(from) => Op::Copy(self.value_ahead(from, pos, depth + 1, ahead)?),
            Op::Cast(from, to) => Op::Cast(self.value_ahead(from, pos, depth + 1, ahead)?, *to),
            Op::Prim(prim, args) => {
                let args: Option<Vec<Operand>> =
                    args.iter().map(|arg| self.value_ahead(arg, pos, depth + 1, ahead)).collect();
                Op::Prim(*prim, args?)
            }
            Op::Len(place)
                if place.path.is_empty()
                    && matches!(self.def(place.root), Def::Param)
                    && self.layout.accesses[place.root.index()]
                        .iter()
                        .all(|access| access.kind == AccessKind::Read) =>
            {
                Op::Len(place.clone())
            }
            Op::Code(code)
                if code.cheap && code.reads.iter().all(|read| self.layout.is_steady(self.primal, *read)) =>
            {
                let mut names = BTreeMap::new();
                for read in &code.reads {
                    names.insert(*read, self.value_ahead(&(*read).into(), pos, depth + 1, ahead)?);
                }
                Op::Code(code.with_operands(|read| names[&read].clone()))
            }
            Op::Load(_) | Op::Len(_) | Op::Code(_) | Op::Pop(_) => return None,
        };
        let name = self.new_like(var);
        ahead.push(Stmt::Let { var: name, op });
        Some(name.into())
    }

    fn sum_ahead(&mut self, sum: Option<Operand>, term: Operand, ty: &Ty, ahead: &mut Vec<Stmt>) -> Operand {
        match sum {
            None => term,
            Some(sum) => {
                let span = proc_macro2::Span::call_site();
                rules::Builder::new(&mut self.out, ahead, ty.clone(), span).add(&sum, &term)
            }
        }
    }
}
