//! Reversing a loop of whose passes one decides: a running minimum or maximum.
//!
//! The forward sweep records which pass it was. The reverse sweep runs that pass again and reverses it at once, or the few
//! passes that share, last first. Between numbers, one pass is the rule, and what it chose against has no part in it: then
//! nobody needs to compare the two again, and so the pass need not compute the value again that won.

use super::checkpoint::another;
use super::record::is_zero;
use super::{Cx, FrameKind, code, scalar, text};
use crate::analysis::{Choice, Condition, Def, Pos, RegionId, Rewrite, winner};
use crate::ir::{
    Arm, Block, Branch, Carried, Elem, For, Lit, Op, Operand, Selector, Stmt, Ty, Var, ViewKind,
};
use crate::rules;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What the forward sweep says of the passes that decided.
struct Decided {
    /// The first of them, and that behind the last.
    from: Var,
    to: Var,
    /// The carried value at the start of the first, where the choice is by a condition. A minimum of two numbers was another
    /// one there than in the end, or is the first of all: what counts is the same of that with which the loop starts.
    start: Option<Var>,
}

impl<'a> Cx<'a> {
    /// The forward sweep of such a loop, if it is one and its passes can run again.
    pub(super) fn mirror_winner(&mut self, stmt: &'a For, pos: Pos) -> Option<Vec<Stmt>> {
        let region = self.layout.child(pos, 0);
        let (carried, choice) = winner(self.layout, region, stmt, self.rewrites)?;
        let outer = self.outer_reads(stmt, region)?;
        let is_asked_for = self.frame().bars.contains_key(&carried.result);
        if !self.rewrites.may(Rewrite::Winner) || !self.activity.is_active(carried.param) || !is_asked_for {
            return None;
        }
        let parent = self.region();
        let by_condition = matches!(choice, Choice::By { .. });
        let decided = Decided {
            from: self.new_int("first"),
            to: self.new_int("end"),
            start: by_condition.then(|| self.new_like(carried.param)),
        };
        for var in [decided.from, decided.to].into_iter().chain(decided.start) {
            self.adopt(var, parent);
        }
        let bars: Vec<Operand> = self.loop_bars(&stmt.carried);
        let (lo, hi) = (self.need_operand(&stmt.lo), self.need_operand(&stmt.hi));
        self.open(region, true, FrameKind::Plain);
        let inside = self.enter_carried(&stmt.carried, &bars);
        let mut again = self.mirror_block(&stmt.body);
        let (mut mirrored, copies, arrived) = self.leave_carried(&stmt.carried, &inside, &bars);
        let exports = self.exports(region);
        let elements = self.element_exports();
        let mut frame = self.close();
        mirrored.append(&mut frame.counters);
        mirrored.extend(exports.iter().map(|export| export.carried.clone()));
        mirrored.extend(elements.iter().flat_map(super::exports::ElementExport::carried));
        self.start_exports(&exports, &mut mirrored);
        // The passes that decided.
        let names: BTreeMap<Var, Operand> = outer.into_iter().map(|var| (var, self.need(var))).collect();
        let [mut from, mut to, end] = [decided.from, decided.to, carried.result].map(|var| self.need(var));
        let start = match decided.start {
            Some(start) => self.need(start),
            None => self.need_operand(&carried.init),
        };
        let mut in_front = Vec::new();
        if let Choice::Between { other, .. } = &choice {
            let is_number = self.out.new_var("is_number", Ty::Bool, Span::call_site());
            let same = format!("__grad_runtime::is_same({0}, {0})", text(&end));
            in_front.push(Stmt::Let { var: is_number, op: Op::Code(code(&same)) });
            let passes = super::record::count_of_passes(stmt, &lo, &hi);
            [from, to] = self.all_if_none(is_number, [from, to], &passes, &mut in_front);
            in_front.extend(self.decides_alone(
                is_number,
                carried,
                other,
                [&from, &to, &start, &end],
                &mut frame.reverse,
            ));
        }
        let pass = self.new_int("pass");
        let at = super::mirror::index_of_pass(stmt, &lo, &hi, &text(&pass.into()));
        let is_first = self.out.new_var("is_first", Ty::Bool, Span::call_site());
        let first = code(&format!("{} == {}", text(&pass.into()), text(&from)));
        let arm = |yielded| Arm { pattern: None, block: Block::default(), yields: vec![scalar(yielded)] };
        let mut body = vec![
            Stmt::Let { var: stmt.index, op: Op::Code(code(&at)) },
            Stmt::Let { var: is_first, op: Op::Code(first) },
            Stmt::Branch(Branch {
                on: Selector::If(is_first.into()),
                arms: vec![arm(start), arm(end)],
                results: vec![carried.param],
            }),
        ];
        body.append(&mut again);
        body.append(&mut frame.tail);
        let mut body = Block { stmts: body };
        body.map_vars(&mut |var| names.get(&var).and_then(Operand::var).unwrap_or(var));
        body.stmts.append(&mut frame.reverse);
        for stmt in copies.into_iter().chain(in_front) {
            self.push(stmt);
        }
        self.push(Stmt::For(For {
            index: pass,
            lo: from,
            hi: to,
            inclusive: false,
            reversed: true,
            carried: mirrored,
            body,
            until: None,
        }));
        self.finish_exports(exports, true);
        self.finish_carried(&stmt.carried, arrived);
        self.finish_elements(stmt, elements);
        Some(self.decide_passes(stmt, carried, &choice, &decided))
    }

    /// The passes that decided: all of them, if they left no number.
    fn all_if_none(
        &mut self,
        is_number: Var,
        decided: [Operand; 2],
        passes: &str,
        stmts: &mut Vec<Stmt>,
    ) -> [Operand; 2] {
        let [from, to] = ["first", "end"].map(|name| self.new_int(name));
        let (all, count) = self.int("passes", passes);
        let zero = Operand::Lit(Lit { text: "0_usize".to_owned(), value: 0.0 });
        let arm = |stmts, yields: Vec<Elem>| Arm { pattern: None, block: Block { stmts }, yields };
        stmts.push(Stmt::Branch(Branch {
            on: Selector::If(is_number.into()),
            arms: vec![
                arm(Vec::new(), decided.into_iter().map(scalar).collect()),
                arm(vec![count], vec![scalar(zero), scalar(all)]),
            ],
            results: vec![from, to],
        }));
        [from.into(), to.into()]
    }

    /// Has the mirror image of a pass ask whether the pass decides alone, where it would weigh what it chose between. The
    /// statement that finds it out.
    fn decides_alone(
        &mut self,
        is_number: Var,
        carried: &Carried,
        other: &Operand,
        [from, to, start, end]: [&Operand; 4],
        reverse: &mut Vec<Stmt>,
    ) -> Option<Stmt> {
        let weighs = |stmt: &Stmt| {
            let Stmt::Let { var, op: Op::Prim(prim, args) } = stmt else { return None };
            let param = Operand::Var(carried.param);
            let (first, second) = (args.first()?, args.get(1)?);
            let of_both = (*first == param && second == other) || (first == other && *second == param);
            // All of it is the other's.
            let weight = if *first == param { 0.0 } else { 1.0 };
            (rules::weighs(*prim) && of_both).then_some((*var, weight))
        };
        if !self.rewrites.may(Rewrite::Alone) {
            return None;
        }
        let alone = self.out.new_var("alone", Ty::Bool, Span::call_site());
        let mut asked = false;
        for stmt in reverse {
            let Some((result, weight)) = weighs(stmt) else { continue };
            let weighed = self.new_like(result);
            let mut weigh = stmt.clone();
            weigh.map_vars(&mut |var| if var == result { weighed } else { var });
            let arms = vec![
                Arm { pattern: None, block: Block::default(), yields: vec![scalar(Operand::float(weight))] },
                Arm { pattern: None, block: Block { stmts: vec![weigh] }, yields: vec![scalar(weighed)] },
            ];
            *stmt = Stmt::Branch(Branch { on: Selector::If(alone.into()), arms, results: vec![result] });
            asked = true;
        }
        if !asked {
            return None;
        }
        self.alone.push(alone);
        let [from, to, start, end] = [from, to, start, end].map(text);
        let won = format!(
            "{} && {to} == {from} + 1 && !__grad_runtime::is_same({start}, {end})",
            text(&is_number.into())
        );
        Some(Stmt::Let { var: alone, op: Op::Code(code(&won)) })
    }

    /// What the passes read from outside, if it is the same when they run again, and has a name then.
    fn outer_reads(&self, stmt: &'a For, region: RegionId) -> Option<Vec<Var>> {
        let mut outer = BTreeSet::new();
        stmt.body.for_each_read(&mut |var| {
            if !self.layout.within(self.home(var), region) {
                outer.insert(var);
            }
        });
        let start = self.layout.region(region).start;
        let (mut named, mut all) = (Vec::new(), true);
        for var in outer {
            match (self.primal.ty(var), self.def(var)) {
                (Ty::Float(_) | Ty::Int | Ty::Bool, _) => named.push(var),
                (Ty::Opaque, _) if self.is_readable(var, true, 0) => named.push(var),
                (Ty::Opaque, _) => all = false,
                (_, Def::View(_, ViewKind::Shared)) => named.push(var),
                (_, Def::View(..)) => all = false,
                _ => {}
            }
            if self.primal.ty(var).is_memory() {
                let root = self.layout.root[var.index()];
                let unchanged = self.is_unchanged(root, start, region, false, None);
                all &= self.rewrites.holds(Condition::ReadsTheSameAgain, unchanged)
                    && self.is_readable_later(root);
            }
        }
        all.then_some(named)
    }

    /// The user's loop, which finds out which passes decide. A minimum that starts from a number is one in each pass: what
    /// counts in a pass is told by what it chooses between, without waiting for the choice.
    fn decide_passes(
        &mut self,
        stmt: &'a For,
        carried: &Carried,
        choice: &Choice,
        decided: &Decided,
    ) -> Vec<Stmt> {
        // The passes that run again have the names of the primal.
        let mut forward = Block { stmts: vec![Stmt::For(stmt.clone())] };
        let mut own = BTreeMap::new();
        let mut inside = vec![stmt.index, carried.param];
        stmt.body.stmts.iter().for_each(|stmt| stmt.for_each_define_within(&mut |var| inside.push(var)));
        for var in inside {
            own.entry(var).or_insert_with(|| another(&mut self.out, var));
        }
        let to = |var: Var| own.get(&var).copied().unwrap_or(var);
        forward.map_vars(&mut |var| to(var));
        let Some(Stmt::For(mut forward)) = forward.stmts.pop() else { unreachable!("the loop") };
        let name = |operand: &Operand| operand.var().map_or_else(|| operand.clone(), |var| to(var).into());
        let (param, next) = (Operand::Var(to(carried.param)), name(&carried.next));
        let mut stmts = Vec::new();
        let pass = if is_zero(&stmt.lo) && self.is_usize(&stmt.hi) {
            Operand::Var(to(stmt.index))
        } else {
            let number = super::record::number_of_pass(&to(stmt.index).into(), &stmt.lo);
            let (pass, count) = self.int("pass", &number);
            stmts.push(count);
            pass.into()
        };
        let [from, next_from] = [0; 2].map(|_| self.new_int("first"));
        let [end, next_end] = [0; 2].map(|_| self.new_int("end"));
        let (behind, count) = self.int("end", &format!("{} + 1", text(&pass)));
        stmts.push(count);
        let arm = |yields| Arm { pattern: None, block: Block::default(), yields };
        let carry = |param: Var, init, next: Var, result| Carried { param, init, next: next.into(), result };
        let zero = || Operand::Lit(Lit { text: "0_usize".to_owned(), value: 0.0 });
        let mut before = Vec::new();
        let mut carries =
            vec![carry(from, zero(), next_from, decided.from), carry(end, zero(), next_end, decided.to)];
        match choice {
            Choice::Between { other, lesser } => {
                let other = name(other);
                let [numbers, stays, has_it] = ["numbers", "stays", "has_it"]
                    .map(|name| self.out.new_var(name, Ty::Bool, Span::call_site()));
                let init = text(&carried.init);
                let is_number = code(&format!("__grad_runtime::is_same({init}, {init})"));
                before.push(Stmt::Let { var: numbers, op: Op::Code(is_number) });
                let [less, more] = if *lesser { [&other, &param] } else { [&param, &other] };
                let ask = |var, what: &str, a: &Operand, b: &Operand| {
                    let [numbers, less, more, a, b] = [&numbers.into(), less, more, a, b].map(text);
                    let question = format!("__grad_runtime::{what}({numbers}, {less}, {more}, {a}, {b})");
                    Stmt::Let { var, op: Op::Code(code(&question)) }
                };
                stmts.push(ask(stays, "stays", &next, &param));
                // It is the last so far if it has what counts, be it at a tie, where the pass shares with those before.
                stmts.push(ask(has_it, "has_it", &other, &next));
                stmts.push(Stmt::Branch(Branch {
                    on: Selector::If(has_it.into()),
                    arms: vec![arm(vec![scalar(behind)]), arm(vec![scalar(end)])],
                    results: vec![next_end],
                }));
                stmts.push(Stmt::Branch(Branch {
                    on: Selector::If(stays.into()),
                    arms: vec![arm(vec![scalar(from)]), arm(vec![scalar(pass)])],
                    results: vec![next_from],
                }));
            }
            Choice::By { condition, stays } => {
                let [start, next_start] = [0; 2].map(|_| self.new_like(carried.param));
                let wins = vec![scalar(pass), scalar(behind), scalar(param)];
                let loses = vec![scalar(from), scalar(end), scalar(start)];
                let mut arms = vec![arm(wins), arm(loses)];
                if *stays {
                    arms.reverse();
                }
                let results = vec![next_from, next_end, next_start];
                let result = decided.start.expect("a choice by a condition has it");
                carries.push(carry(start, carried.init.clone(), next_start, result));
                stmts.push(Stmt::Branch(Branch { on: Selector::If(to(*condition).into()), arms, results }));
            }
        }
        forward.body.stmts.append(&mut stmts);
        forward.carried.append(&mut carries);
        before.push(Stmt::For(forward));
        before
    }
}
