//! Uniform cotangents: of an array whose sum is all that is asked for, every element has the cotangent of the sum.
//!
//! ```text
//! let (sum, pullback) = y.sum_with_grad()…      let sum = y.sum();
//! let mut y_bar = zeros_like(&y);
//! pullback(&y, sum_bar, Some(&mut y_bar));
//! for k in 0..n {                          →    for k in 0..n {
//!     … y_bar[nth(k)] …                             … sum_bar …
//! ```
//!
//! No memory is needed for it, nor the time to write and to read that.

use super::elements::{element_at, written};
use super::writing::code;
use crate::analysis::{Rewrite, Rewrites};
use crate::ir::{
    ArgKind, Block, Call, Cotangent, For, ForwardCall, Func, Init, OfArray, Op, Operand, Place, ReverseCall,
    Stmt, Value, Var,
};
use std::collections::BTreeMap;

/// Takes the cotangent of the sum where that of an element is asked for.
pub fn uniform(func: &mut Func, reverse: &mut Block, rewrites: Rewrites) {
    if !rewrites.may(Rewrite::Parts) {
        return;
    }
    let mut body = std::mem::take(&mut func.body);
    let mut sums = BTreeMap::new();
    let mut mentions: BTreeMap<Var, usize> = BTreeMap::new();
    for block in [&body, &*reverse] {
        block.for_each_stmt(&mut |stmt| sums.extend(sum(func, stmt)));
        block.for_each_read(&mut |var| *mentions.entry(var).or_default() += 1);
    }
    let mut cx = Cx { sums, mentions, uniform: Vec::new() };
    for block in [&mut body, &mut *reverse] {
        cx.block(block);
    }
    for block in [&mut body, reverse] {
        plain(block, &cx);
    }
    func.body = body;
}

/// The sum of an array, and what it is called on, by the pullback.
fn sum(func: &Func, stmt: &Stmt) -> Option<(Var, (Var, Place))> {
    let Stmt::ForwardCall(ForwardCall { call, pullback, tangents, .. }) = stmt else { return None };
    let Call { args, suffix: None, result: Some(result), .. } = call else { return None };
    let is_sum = func.vars[result.index()].of_array == Some(OfArray::Sum) && tangents.is_empty();
    match &args[..] {
        [of] if is_sum => match &of.kind {
            ArgKind::Memory { place, passed } if !passed.writes() => {
                Some((*pullback, (*result, place.clone())))
            }
            _ => None,
        },
        _ => None,
    }
}

struct Cx {
    /// By the pullbacks.
    sums: BTreeMap<Var, (Var, Place)>,
    mentions: BTreeMap<Var, usize>,
    /// The pullbacks that nobody calls any more.
    uniform: Vec<Var>,
}

impl Cx {
    fn block(&mut self, block: &mut Block) {
        for at in 0..block.stmts.len() {
            block.stmts[at].for_each_block_mut(&mut |inner| self.block(inner));
        }
        let mut at = 0;
        while at < block.stmts.len() {
            match self.found(&block.stmts, at) {
                Some(found) => {
                    let Stmt::For(over) = &mut block.stmts[found.over] else { return };
                    found.put_into(over);
                    self.uniform.push(found.pullback);
                    block.stmts.remove(at);
                    block.stmts.remove(found.made);
                    at = at.saturating_sub(2);
                }
                None => at += 1,
            }
        }
    }

    /// The cotangent that the call there makes uniform, if it is all that is asked of it.
    fn found(&self, stmts: &[Stmt], at: usize) -> Option<Found> {
        let Stmt::ReverseCall(ReverseCall { pullback, seed, cotangents, tangents, .. }) = &stmts[at] else {
            return None;
        };
        let (Some(Value::Scalar(seed)), [Cotangent::Slot(bar)], true) =
            (seed, &cotangents[..], tangents.is_empty())
        else {
            return None;
        };
        let is_sum = self.sums.contains_key(pullback) && self.mentions.get(pullback) == Some(&1);
        let made = stmts[..at].iter().position(
            |stmt| matches!(stmt, Stmt::Alloc { var, init: Init::ZerosLike(_) } if Place::from(*var) == *bar),
        )?;
        let names = |stmt: &Stmt| {
            let mut count = 0;
            stmt.for_each_read(&mut |var| count += usize::from(var == bar.root));
            count
        };
        let over = at + 1 + stmts[at + 1..].iter().position(|stmt| names(stmt) > 0)?;
        let Stmt::For(loop_over) = &stmts[over] else { return None };
        // The call, and its elements in the loop.
        let all = self.mentions.get(&bar.root).copied().unwrap_or_default();
        let is_all = elements(loop_over, bar)? + 1 == all;
        (is_sum && is_all).then(|| Found {
            bar: bar.clone(),
            seed: seed.clone(),
            pullback: *pullback,
            made,
            over,
        })
    }
}

/// How often a loop names the elements of its passes, if each is looked at before it is cleared.
fn elements(over: &For, bar: &Place) -> Option<usize> {
    let own = |place: &Place| {
        element_at(place).is_some_and(|(of, number)| of == *bar && *number == Operand::from(over.index))
    };
    let (mut count, mut is_cleared) = (0, false);
    for stmt in &over.body.stmts {
        match stmt {
            Stmt::Let { op: Op::Load(place), .. } if own(place) && !is_cleared => count += 1,
            Stmt::Clear { place } if own(place) => {
                count += 1;
                is_cleared = true;
            }
            _ => {}
        }
    }
    (count > 0).then_some(count)
}

struct Found {
    bar: Place,
    seed: Operand,
    pullback: Var,
    /// Where it is made, and the loop that reads it.
    made: usize,
    over: usize,
}

impl Found {
    fn put_into(&self, over: &mut For) {
        let own = |place: &Place| place.root == self.bar.root;
        over.body.stmts.retain(|stmt| !matches!(stmt, Stmt::Clear { place } if own(place)));
        for stmt in &mut over.body.stmts {
            if let Stmt::Let { op, .. } = stmt
                && matches!(op, Op::Load(place) if own(place))
            {
                *op = Op::Copy(self.seed.clone());
            }
        }
    }
}

/// The sums themselves, of which nobody calls the pullback.
fn plain(block: &mut Block, cx: &Cx) {
    for stmt in &mut block.stmts {
        stmt.for_each_block_mut(&mut |inner| plain(inner, cx));
        let Stmt::ForwardCall(forward) = stmt else { continue };
        if cx.uniform.contains(&forward.pullback)
            && let Some((sum, of)) = cx.sums.get(&forward.pullback)
        {
            let call = code(&format!("{}.sum()", written(of))).once().stopping();
            *stmt = Stmt::Let { var: *sum, op: Op::Code(call) };
        }
    }
}
