//! Counters (`p += 1` in every pass) are not recorded: the mirror loop counts back. So do counters that go through a nest of
//! loops: a pass of the outer loop takes back what all passes of the inner one added.

use super::record::count_of_passes;
use super::{Counted, Cx, FrameKind, code, text};
use crate::analysis::{Condition, Def, Rewrite};
use crate::ir::{Carried, Code, For, Lit, Op, Operand, Stmt, Var, counted_back, placeholder_index};
use proc_macro2::TokenTree;

impl<'a> Cx<'a> {
    /// A counter (`p += 1` in every pass) is not recorded: the mirror loop counts back.
    pub(super) fn count_back(&mut self, var: Var, name: Var) -> Option<Stmt> {
        let Def::CarriedParam(c) = self.def(var) else { return None };
        let Operand::Var(next) = c.next else { return None };
        let Def::Let(Op::Code(step)) = self.def(next) else { return None };
        let (inverse, by) = counter_step(step, var)?;
        let steady = !by.var().is_some_and(|by| self.layout.within(self.home(by), self.region()));
        if self.frame().direct
            || !self.rewrites.may(Rewrite::CountBack)
            || !self.rewrites.holds(Condition::StepIsOutside, steady)
        {
            return None;
        }
        let init = self.need(c.result);
        if let Some(op) = self.counted_from_behind(&init, inverse, &by) {
            return Some(Stmt::Let { var: name, op });
        }
        let by = self.need_operand(&by);
        let after = self.new_like(var);
        let result = self.new_like(var);
        self.frame().counters.push(Carried { param: after, init, next: name.into(), result });
        let before = format!("{} {inverse} {}", text(&after.into()), text(&by));
        Some(Stmt::Let { var: name, op: Op::Code(code(&before)) })
    }

    /// Of a counted loop, what the counter was in a pass follows from what it was in the end: the mirror loop has nothing to
    /// hand on then, and may make its passes in any order.
    fn counted_from_behind(&mut self, end: &Operand, inverse: char, by: &Operand) -> Option<Op> {
        let Operand::Lit(by) = by else { return None };
        let by: usize = by.text.parse().ok()?;
        let FrameKind::For(Counted { stmt, index, block: None, .. }) = &self.frame().kind else {
            return None;
        };
        let (stmt, index) = (*stmt, Operand::Var(*index));
        if stmt.until.is_some() {
            return None;
        }
        if by == 1 && inverse == '-' && !stmt.reversed && !stmt.inclusive {
            let hi = self.need_operand(&stmt.hi);
            return Some(Op::Code(code(&counted_back(end, &index, &hi))));
        }
        let left = if stmt.reversed {
            let lo = self.need_operand(&stmt.lo);
            format!("__grad_runtime::trips_inclusive({}, {})", text(&lo), text(&index))
        } else {
            let hi = self.need_operand(&stmt.hi);
            count_of_passes(stmt, &index, &hi)
        };
        let left = if by == 1 { left } else { format!("{left} * {by}") };
        let function = if inverse == '-' { "down" } else { "up" };
        Some(Op::Code(code(&format!("__grad_runtime::{function}({}, {left})", text(end)))))
    }

    /// The value of a counter at the end of a pass, where an inner loop has counted on: the mirror loop starts a pass with it.
    pub(super) fn count_back_through(&mut self, var: Var, name: Var) -> Option<Stmt> {
        let (c, inner, step) = self.counted_by_inner(|c| c.next == Operand::Var(var))?;
        let init = self.need(c.result);
        let (before, stmt) = self.in_front_of_inner(c, inner, step, name);
        let result = self.new_like(var);
        self.frame().counters.push(Carried { param: name, init, next: before.into(), result });
        Some(stmt)
    }

    /// The same at the start of the pass.
    pub(super) fn count_back_over(&mut self, var: Var, name: Var) -> Option<Stmt> {
        let (c, inner, step) = self.counted_by_inner(|c| c.param == var)?;
        let after = self.need(c.next.var()?).var()?;
        let (before, stmt) = self.in_front_of_inner(c, inner, step, after);
        let Stmt::Let { op, .. } = stmt else { unreachable!("a `let` of {before:?}") };
        Some(Stmt::Let { var: name, op })
    }

    /// `let before = after - passes of the inner loop * step;`
    fn in_front_of_inner(
        &mut self,
        c: &Carried,
        inner: &'a For,
        step: (char, usize),
        after: Var,
    ) -> (Var, Stmt) {
        let (lo, hi) = (self.need_operand(&inner.lo), self.need_operand(&inner.hi));
        let before = self.new_like(c.param);
        let function = if step.0 == '-' { "down" } else { "up" };
        let passes = count_of_passes(inner, &lo, &hi);
        let by = if step.1 == 1 { passes } else { format!("{passes} * {}", step.1) };
        let counted = format!("__grad_runtime::{function}({}, {by})", text(&after.into()));
        (before, Stmt::Let { var: before, op: Op::Code(code(&counted)) })
    }

    /// A counter of the loop at hand that an inner loop alone counts on, in every pass by a number: the inner loop, and the
    /// operator that undoes a pass of it.
    fn counted_by_inner(
        &self,
        which: impl Fn(&Carried) -> bool,
    ) -> Option<(&'a Carried, &'a For, (char, usize))> {
        if self.frame_is_direct() || !self.rewrites.may(Rewrite::CountBack) {
            return None;
        }
        let region = self.region();
        let of_here = |c: &&'a Carried| self.home(c.param) == region && which(c);
        let c = self.layout.carried.iter().map(|(c, ..)| *c).find(of_here)?;
        let result = c.next.var()?;
        let through = |inner: &&'a For| inner.carried.iter().any(|c| c.result == result);
        let inner = self.layout.loops.iter().copied().find(through)?;
        let own = inner.carried.iter().find(|c| c.result == result)?;
        let goes_through = own.init == Operand::Var(c.param) && inner.until.is_none();
        let Def::Let(Op::Code(step)) = self.def(own.next.var()?) else { return None };
        let (inverse, Operand::Lit(by)) = counter_step(step, own.param)? else { return None };
        let by = by.text.parse().ok()?;
        self.rewrites.holds(Condition::OnlyInnerCounts, goes_through).then_some((c, inner, (inverse, by)))
    }

    fn frame_is_direct(&self) -> bool {
        self.frames.last().is_none_or(|frame| frame.direct)
    }
}

/// For code of the form `counter + by` or `counter - by`: the operator that undoes it, and `by`.
fn counter_step(step: &Code, counter: Var) -> Option<(char, Operand)> {
    let trees: Vec<TokenTree> = step.tokens.clone().into_iter().collect();
    let [TokenTree::Ident(from), TokenTree::Punct(sign), by] = trees.as_slice() else { return None };
    let by = match by {
        TokenTree::Ident(ident) => Operand::Var(placeholder_index(ident)?),
        TokenTree::Literal(literal) => Operand::Lit(Lit {
            text: literal.to_string(),
            value: literal.to_string().parse().unwrap_or(f64::NAN),
        }),
        TokenTree::Group(_) | TokenTree::Punct(_) => return None,
    };
    let inverse = match sign.as_char() {
        '+' => '-',
        '-' => '+',
        _ => return None,
    };
    (placeholder_index(from) == Some(counter)).then_some((inverse, by))
}
