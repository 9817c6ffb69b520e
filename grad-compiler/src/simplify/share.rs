//! Common sub-expressions: a value that is computed again from the same operands is the value computed before.
//!
//! Before differentiation this is worth more than after: one load has one cotangent, added to memory once.

use crate::analysis::{AccessKind, Condition, Layout, Pos, Rewrite, Rewrites, layout, may_overlap};
use crate::ir::{Block, Code, Func, Op, Operand, Stmt, Ty, Value, Var};
use std::collections::HashMap;

/// The function without repeated computations.
pub(super) fn share(func: &Func, rewrites: Rewrites) -> Func {
    if !rewrites.may(Rewrite::Share) {
        return func.clone();
    }
    let layout = layout(func);
    let mut cx = Share {
        func,
        layout: &layout,
        rewrites,
        same_as: (0..func.vars.len())
            .map(|k| Var(u32::try_from(k).expect("fewer than 2³² variables")))
            .collect(),
        known: vec![HashMap::new()],
    };
    let body = cx.block(&func.body);
    let same_as = cx.same_as;
    let mut shared = Func { body, ..func.clone() };
    shared.body.map_vars(&mut |var| same_as[var.index()]);
    rename(&mut shared.result, &same_as);
    shared
}

fn rename(value: &mut Value, same_as: &[Var]) {
    match value {
        Value::Unit => {}
        Value::Scalar(operand) => {
            if let Operand::Var(var) = operand {
                *var = same_as[var.index()];
            }
        }
        Value::Memory(place) => place.for_each_operand_mut(&mut |operand| {
            if let Operand::Var(var) = operand {
                *var = same_as[var.index()];
            }
        }),
        Value::Tuple(values) => values.iter_mut().for_each(|value| rename(value, same_as)),
    }
}

struct Share<'a> {
    func: &'a Func,
    layout: &'a Layout<'a>,
    rewrites: Rewrites,
    same_as: Vec<Var>,
    /// What was computed, by its text: one table per block around the statement at hand.
    known: Vec<HashMap<String, (Var, Pos)>>,
}

impl Share<'_> {
    fn block(&mut self, block: &Block) -> Block {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        for stmt in &block.stmts {
            if let Stmt::Let { var, op } = stmt
                && let Some(text) = self.text(*var, op)
            {
                let pos = self.layout.position(stmt);
                if let Some((first, computed)) = self.lookup(&text)
                    && self.still_holds(op, computed, pos)
                {
                    self.same_as[var.index()] = first;
                    continue;
                }
                self.known.last_mut().expect("inside a block").insert(text, (*var, pos));
            }
            stmts.push(self.nested(stmt));
        }
        Block { stmts }
    }

    /// The statement with its nested blocks shared. What they compute is known only in them.
    fn nested(&mut self, stmt: &Stmt) -> Stmt {
        let mut blocks = Vec::new();
        stmt.for_each_block(&mut |block| blocks.push(block));
        let mut shared = Vec::new();
        for block in blocks {
            self.known.push(HashMap::new());
            shared.push(self.block(block));
            self.known.pop();
        }
        let mut shared = shared.into_iter();
        let mut stmt = stmt.clone();
        stmt.for_each_block_mut(&mut |block| *block = shared.next().expect("one for each"));
        stmt
    }

    fn lookup(&self, text: &str) -> Option<(Var, Pos)> {
        self.known.iter().rev().find_map(|table| table.get(text).copied())
    }

    /// What is computed, as text over the variables that stand for others; `None` where it must be computed anew.
    fn text(&self, var: Var, op: &Op) -> Option<String> {
        let mut stmt = Stmt::Let { var, op: op.clone() };
        stmt.map_vars(&mut |var| self.same_as[var.index()]);
        let Stmt::Let { op, .. } = &stmt else { unreachable!("a let stays one") };
        match op {
            Op::Prim(..) | Op::Cast(..) | Op::Load(_) | Op::Len(_) => Some(format!("{op:?}")),
            // What reads nothing may be of another type where it stands again: `None`.
            Op::Code(code)
                if code.reads.is_empty() && matches!(self.func.ty(var), Ty::Opaque | Ty::Unknown) =>
            {
                None
            }
            Op::Code(code) if code.cheap && self.reads_are_steady(code) => {
                Some(format!("{:?}{}", self.func.ty(var), code.tokens))
            }
            Op::Code(_) | Op::Copy(_) | Op::Pop(_) => None,
        }
    }

    fn reads_are_steady(&self, code: &Code) -> bool {
        code.reads.iter().all(|read| self.layout.is_steady(self.func, *read))
    }

    /// Whether memory read at position `then` has the same content at `now`.
    fn still_holds(&self, op: &Op, then: Pos, now: Pos) -> bool {
        let place = match op {
            Op::Load(place) | Op::Len(place) => place,
            Op::Prim(..) | Op::Cast(..) | Op::Code(_) | Op::Copy(_) | Op::Pop(_) => return true,
        };
        let (root, path) = self.layout.resolve(place);
        let only_length = matches!(op, Op::Len(_));
        // A loop around the second read but not the first runs the writes in it before the second read, too.
        let mut last = now;
        for region in &self.layout.regions {
            let around =
                region.parent.is_some() && region.start <= now && now <= region.end && then < region.start;
            if around && !self.rewrites.ignores(Condition::NothingChangesInLoop) {
                last = last.max(region.end);
            }
        }
        let unchanged = self.layout.accesses[root.index()].iter().all(|access| {
            let changes = match access.kind {
                AccessKind::Read => false,
                AccessKind::Write => {
                    !only_length && access.path.as_ref().is_none_or(|written| may_overlap(written, &path))
                }
                AccessKind::Reshape | AccessKind::Move => true,
            };
            !changes || access.pos <= then || access.pos > last
        });
        self.rewrites.holds(Condition::NothingChangedSince, unchanged)
    }
}
