//! Common sub-expressions: a value that is computed again from the same operands is the value computed before.
//!
//! Before differentiation this is worth more than after: one load has one cotangent, added to memory once. What is read of an
//! array that is written out is what was written there: its cotangent needs no memory.

use crate::analysis::{AccessKind, Condition, Layout, Pos, Rewrite, Rewrites, layout, may_overlap};
use crate::hash::HashMap;
use crate::ir::{Block, Code, Elem, Func, Init, Op, Operand, Place, Proj, Stmt, Ty, Value, Var};

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
        known: vec![HashMap::default()],
        arrays: HashMap::default(),
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
    /// The elements of arrays that are written out, and where: of those of which they are numbers.
    arrays: HashMap<Var, (Vec<Elem>, Pos)>,
}

impl Share<'_> {
    fn block(&mut self, block: &Block) -> Block {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        for stmt in &block.stmts {
            if let Stmt::Alloc { var, init: Init::Array(elems) } = stmt {
                self.arrays.insert(*var, (elems.clone(), self.layout.position(stmt)));
            }
            if let Stmt::Let { var, op: op @ Op::Load(place) } = stmt
                && let Some((element, computed)) = self.element(place)
                && self.func.ty(element) == self.func.ty(*var)
                && self.still_holds(op, computed, self.layout.position(stmt))
            {
                self.same_as[var.index()] = self.same_as[element.index()];
                continue;
            }
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
            self.known.push(HashMap::default());
            shared.push(self.block(block));
            self.known.pop();
        }
        let mut shared = shared.into_iter();
        let mut stmt = stmt.clone();
        stmt.for_each_block_mut(&mut |block| *block = shared.next().expect("one for each"));
        stmt
    }

    /// What an element of an array was written as, and where.
    fn element(&self, place: &Place) -> Option<(Var, Pos)> {
        let (root, path) = self.layout.resolve(place);
        let (elems, at) = self.arrays.get(&root)?;
        let [Proj::Index(Operand::Lit(index))] = &path[..] else { return None };
        match elems.get(index.text.parse::<usize>().ok()?)? {
            Elem::Scalar(Operand::Var(var)) => Some((*var, *at)),
            Elem::Scalar(Operand::Lit(_)) | Elem::Memory(_) => None,
        }
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
