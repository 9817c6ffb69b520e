//! Loops of whose passes one decides: a running minimum or maximum, `if x > largest { largest = x }`.
//!
//! What such a loop results in comes from one pass, the last that chose what it had computed over what came from the passes
//! before. Those have no part in it, nor have those behind. So the reverse sweep needs that pass alone, and runs it again.
//! Where a minimum is of two equal numbers, it takes a half of each, and several passes share; then all passes from the first
//! of them to the last run again. The carried value is the same in all of these but the first.

use super::layout::{AccessKind, Def, Layout, RegionId};
use super::{Condition, Rewrites};
use crate::ir::visit::Item;
use crate::ir::{ArgKind, Block, Carried, Elem, For, Op, Operand, Selector, Stmt, Var};
use crate::rules;

/// How a pass decides.
#[derive(Clone)]
pub enum Choice {
    /// Between the carried value and this one, by a primitive that results in one of them: the lesser or the greater.
    Between { other: Operand, lesser: bool },
    /// By a condition: whether the carried value stays where it is true.
    By { condition: Var, stays: bool },
}

/// If the loop is such a one: its carried value, and how its passes decide.
pub fn winner<'a>(
    layout: &Layout<'a>,
    region: RegionId,
    stmt: &'a For,
    rewrites: Rewrites,
) -> Option<(&'a Carried, Choice)> {
    let [carried] = &stmt.carried[..] else { return None };
    let choice = choice(layout, region, carried)?;
    let used = layout.uses[carried.param.index()].len();
    let plain = stmt.until.is_none() && !stmt.reversed;
    (plain
        && rewrites.holds(Condition::UsedInChoiceOnly, used == 1)
        && writes_nothing(layout, region)
        && may_run_again(&stmt.body))
    .then_some((carried, choice))
}

fn choice(layout: &Layout, region: RegionId, carried: &Carried) -> Option<Choice> {
    let next = carried.next.var()?;
    let param = Operand::Var(carried.param);
    match layout.def[next.index()] {
        _ if layout.home[next.index()] != region => None,
        Def::Let(Op::Prim(prim, args)) if rules::chooses(*prim) => {
            let [one, other] = &args[..] else { return None };
            let other = match (*one == param, *other == param) {
                (true, false) => other,
                (false, true) => one,
                _ => return None,
            };
            Some(Choice::Between { other: other.clone(), lesser: rules::chooses_lesser(*prim) })
        }
        Def::BranchResult => {
            let branch = layout.branches.iter().find(|site| site.branch.results.contains(&next))?.branch;
            let at = branch.results.iter().position(|result| *result == next)?;
            let Selector::If(Operand::Var(condition)) = branch.on else { return None };
            let is_param = |arm: &crate::ir::Arm| matches!(&arm.yields[at], Elem::Scalar(x) if *x == param);
            let stays: Vec<bool> = branch.arms.iter().map(is_param).collect();
            (stays[0] != stays[1] && layout.home[condition.index()] == region)
                .then_some(Choice::By { condition, stays: stays[0] })
        }
        _ => None,
    }
}

/// Whether all memory from outside is only read.
fn writes_nothing(layout: &Layout, region: RegionId) -> bool {
    let around = *layout.region(region);
    layout.accesses.iter().enumerate().all(|(root, accesses)| {
        layout.within(layout.home[root], region)
            || accesses.iter().all(|access| {
                access.kind == AccessKind::Read || access.pos < around.start || access.pos > around.end
            })
    })
}

/// Whether nobody notices that a pass runs twice.
fn may_run_again(body: &Block) -> bool {
    let mut may = true;
    body.for_each_stmt(&mut |stmt| {
        may &= !matches!(stmt, Stmt::Effect { .. });
        if let Stmt::Call(call) = stmt {
            may &= call.suffix.is_none();
            may &= !call.args.iter().any(|arg| matches!(arg.kind, ArgKind::Code { exclusive: true, .. }));
        }
        stmt.walk(&mut |item| match item {
            Item::Code(code) => may &= code.cheap && !code.acts && !code.leaves,
            Item::Pattern(pattern) => may &= pattern.guard.iter().all(|guard| guard.cheap && !guard.acts),
            Item::Operand(_)
            | Item::Place(..)
            | Item::Var(..)
            | Item::Enter
            | Item::Bind(_)
            | Item::Block(_)
            | Item::Leave
            | Item::Define(_) => {}
        });
    });
    may
}
