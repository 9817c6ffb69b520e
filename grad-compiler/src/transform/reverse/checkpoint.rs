//! Reversing a loop block by block.
//!
//! The forward sweep of a long loop records nothing but where each block of √n passes starts. The reverse sweep takes the
//! blocks backwards: it puts back what the block started from, runs its passes again, recording them now, and then runs
//! their mirror images. The operations, and their order, are those of a loop that is recorded as a whole.

use super::memory::has_static_shape;
use super::{Counted, Cx, FrameKind, Mode, code, scalar, text};
use crate::analysis::{AccessKind, Def, Pos, RegionId, TOP};
use crate::ir::{
    Arm, Block, Branch, Carried, Elem, For, Init, Lit, Op, Operand, Place, Room, Selector, Stmt, Ty, Var,
};
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What a block starts from.
#[derive(Default)]
struct Starts {
    /// In front of the loop.
    before: Vec<Stmt>,
    /// At the start of a block in the forward sweep.
    record: Vec<Stmt>,
    /// At the start of a block in the reverse sweep.
    restore: Vec<Stmt>,
    /// The carried values there.
    values: Vec<Operand>,
    /// Memory from outside of the loop, and what stands for it in a block that runs again.
    names: BTreeMap<Var, Var>,
}

/// The counters of the blocks.
struct Counters {
    /// The number of passes, in front of the loop.
    passes: Var,
    /// The number of the block, the pass it starts at, and the number of its passes.
    block: Var,
    start: Var,
    len: Var,
    /// The number of the pass within the block, when it runs again and in its mirror image.
    again: Var,
    mirror: Var,
}

/// What the passes of a block do when they run again, and in their mirror image.
struct PassesAgain<'a> {
    forward: Vec<Stmt>,
    /// At the end of a pass: recording.
    tail: Vec<Stmt>,
    counted: Counted<'a>,
    mirror: Vec<Stmt>,
    carried: Vec<Carried>,
}

impl<'a> Cx<'a> {
    pub(super) fn mirror_blocks(&mut self, stmt: &'a For, pos: Pos) -> Vec<Stmt> {
        let region = self.layout.child(pos, 0);
        let counters = Counters {
            passes: self.new_int("passes"),
            block: self.new_int("block"),
            start: self.new_int("start"),
            len: self.new_int("len"),
            again: self.new_int("pass"),
            mirror: self.new_int("pass"),
        };
        self.adopt(counters.passes, TOP);
        let index = self.new_like(stmt.index);
        let tapes = std::mem::take(&mut self.tapes);
        let bars: Vec<Operand> = self.loop_bars(&stmt.carried);
        let opening = vec![self.index_in_block(stmt, index, &counters, counters.mirror)];
        self.open(
            region,
            false,
            FrameKind::For(Counted {
                stmt,
                index,
                pass: Some((counters.again.into(), counters.mirror.into())),
                block: Some(counters.len.into()),
                passes: None,
                before: Vec::new(),
                before_mirror: Vec::new(),
                after_mirror: Vec::new(),
                opening,
            }),
        );
        self.frame().known.insert(stmt.index, index.into());
        let inside = self.enter_carried(&stmt.carried, &bars);
        let forward = self.mirror_block(&stmt.body);
        let (mut carried, copies, arrived) = self.leave_carried(&stmt.carried, &inside, &bars);
        let exports = self.exports(region);
        let elements = self.element_exports();
        let mut frame = self.close();
        let tapes = std::mem::replace(&mut self.tapes, tapes);
        let has_tapes = !tapes.is_empty();
        carried.append(&mut frame.counters);
        carried.extend(exports.iter().map(|export| export.carried.clone()));
        carried.extend(elements.iter().flat_map(super::exports::ElementExport::carried));
        self.start_exports(&exports, &mut carried);
        let FrameKind::For(counted) = frame.kind else { unreachable!("a counted loop") };
        for stmt in copies.into_iter().chain(tapes) {
            self.push(stmt);
        }
        let records = has_tapes || !counted.before.is_empty() || !frame.tail.is_empty();
        let forward = if records {
            let again = PassesAgain { forward, tail: frame.tail, counted, mirror: frame.reverse, carried };
            self.reverse_blocks(stmt, region, &counters, again)
        } else {
            self.reverse_at_once(stmt, &counters, carried, frame.reverse)
        };
        self.finish_exports(exports, true);
        self.finish_carried(&stmt.carried, arrived);
        self.finish_elements(stmt, elements);
        forward
    }

    /// A loop that records nothing: its mirror image runs in one go.
    fn reverse_at_once(
        &mut self,
        stmt: &For,
        counters: &Counters,
        carried: Vec<Carried>,
        mirror: Vec<Stmt>,
    ) -> Vec<Stmt> {
        if carried.is_empty() && mirror.is_empty() {
            return vec![Stmt::For(stmt.clone())];
        }
        let start = Operand::Lit(Lit { text: "0_usize".to_owned(), value: 0.0 });
        self.push(Stmt::Let { var: counters.start, op: Op::Copy(start) });
        self.push(Stmt::Let { var: counters.len, op: Op::Copy(counters.passes.into()) });
        self.push(Stmt::For(For { carried, ..passes_of_block(counters.mirror, counters, true, mirror) }));
        vec![count(stmt, counters), Stmt::For(stmt.clone())]
    }

    /// The reverse sweep, block by block: returns the forward sweep.
    fn reverse_blocks(
        &mut self,
        stmt: &'a For,
        region: RegionId,
        counters: &Counters,
        passes: PassesAgain<'a>,
    ) -> Vec<Stmt> {
        let PassesAgain { mut forward, tail, counted, mirror, mut carried } = passes;
        let mut starts = self.starts(stmt, region);
        drop_effects(&mut forward);
        forward.insert(0, self.index_in_block(stmt, stmt.index, counters, counters.again));
        forward.extend(tail);
        let blocks = self.carry_through_blocks(&mut carried);
        let again = For {
            carried: self.carry_again(stmt, &starts),
            ..passes_of_block(counters.again, counters, false, forward)
        };
        let mirror = For { carried, ..passes_of_block(counters.mirror, counters, true, mirror) };
        let mut body = std::mem::take(&mut starts.restore);
        body.extend(bounds(counters));
        body.extend(counted.before);
        body.push(Stmt::For(again));
        body.extend(counted.before_mirror);
        body.push(Stmt::For(mirror));
        body.extend(counted.after_mirror);
        let mut body = Block { stmts: body };
        body.map_vars(&mut |var| starts.names.get(&var).copied().unwrap_or(var));
        let count = self.int("blocks", &format!("__grad_runtime::blocks({})", text(&counters.passes.into())));
        self.push(count.1);
        self.push(Stmt::For(For {
            index: counters.block,
            lo: Operand::int(0),
            hi: count.0.into(),
            inclusive: false,
            reversed: true,
            carried: blocks,
            body,
            until: None,
        }));
        self.forward_in_blocks(stmt, counters, starts)
    }

    /// `let index = …;` of a pass of a block.
    fn index_in_block(&mut self, stmt: &For, index: Var, counters: &Counters, pass: Var) -> Stmt {
        let number = format!("{} + {}", text(&counters.start.into()), text(&pass.into()));
        let (lo, hi) = (self.need_operand(&stmt.lo), self.need_operand(&stmt.hi));
        let at = super::mirror::index_of_pass(stmt, &lo, &hi, &number);
        Stmt::Let { var: index, op: Op::Code(code(&at)) }
    }

    /// The cotangents go on from block to block as they go from pass to pass.
    fn carry_through_blocks(&mut self, carried: &mut [Carried]) -> Vec<Carried> {
        carried
            .iter_mut()
            .map(|c| {
                let [param, next] = [0; 2].map(|_| self.new_like(c.param));
                Carried {
                    param,
                    init: std::mem::replace(&mut c.init, param.into()),
                    next: next.into(),
                    result: std::mem::replace(&mut c.result, next),
                }
            })
            .collect()
    }

    /// The carried values of the passes that run again: nobody reads their results.
    fn carry_again(&mut self, stmt: &For, starts: &Starts) -> Vec<Carried> {
        stmt.carried
            .iter()
            .zip(&starts.values)
            .map(|(c, start)| Carried { init: start.clone(), result: self.new_like(c.param), ..c.clone() })
            .collect()
    }

    /// The user's loop, and at each pass that starts a block a record of where it starts from.
    fn forward_in_blocks(&mut self, stmt: &For, counters: &Counters, starts: Starts) -> Vec<Stmt> {
        // The passes that run again have the names of the primal.
        let mut own = BTreeMap::new();
        let mut rename = |out: &mut crate::ir::Func, var: Var| {
            own.entry(var).or_insert_with(|| another(out, var));
        };
        rename(&mut self.out, stmt.index);
        for c in &stmt.carried {
            rename(&mut self.out, c.param);
        }
        for inner in &stmt.body.stmts {
            inner.for_each_define_within(&mut |var| rename(&mut self.out, var));
        }
        let to = |var: Var| own.get(&var).copied().unwrap_or(var);
        let mut record = Block { stmts: starts.record };
        record.map_vars(&mut |var| to(var));
        let mut body = stmt.body.clone();
        body.map_vars(&mut |var| to(var));
        let mut carried = stmt.carried.clone();
        for c in &mut carried {
            c.param = to(c.param);
            if let Operand::Var(next) = &mut c.next {
                *next = to(*next);
            }
        }
        // How many passes of the block are left.
        let [left, fewer, next, result] = [0; 4].map(|_| self.new_int("left"));
        let len = self.new_int("per_block");
        let starts_here = self.out.new_var("starts", Ty::Bool, Span::call_site());
        let (passes, name) = (text(&counters.passes.into()), text(&left.into()));
        let full = self.int("left", &format!("{} - 1", text(&len.into())));
        record.stmts.push(full.1);
        let less = Stmt::Let { var: fewer, op: Op::Code(code(&format!("{name} - 1"))) };
        let arms = vec![
            Arm { pattern: None, block: record, yields: vec![scalar(full.0)] },
            Arm { pattern: None, block: Block { stmts: vec![less] }, yields: vec![scalar(fewer)] },
        ];
        let mut stmts = vec![
            Stmt::Let { var: starts_here, op: Op::Code(code(&format!("{name} == 0"))) },
            Stmt::Branch(Branch { on: Selector::If(starts_here.into()), arms, results: vec![next] }),
        ];
        stmts.append(&mut body.stmts);
        let zero = Operand::Lit(Lit { text: "0_usize".to_owned(), value: 0.0 });
        carried.push(Carried { param: left, init: zero, next: next.into(), result });
        let mut before = vec![
            count(stmt, counters),
            Stmt::Let { var: len, op: Op::Code(code(&format!("__grad_runtime::block_len({passes})"))) },
        ];
        before.extend(starts.before);
        before.push(Stmt::For(For { index: to(stmt.index), carried, body: Block { stmts }, ..stmt.clone() }));
        before
    }

    // --- what a block starts from ---

    fn starts(&mut self, stmt: &'a For, region: RegionId) -> Starts {
        let mut starts = Starts::default();
        for c in &stmt.carried {
            let tape = self.starts_of(c.param, self.ty(c.param), &mut starts);
            let start = self.new_like(c.param);
            starts.record.push(Stmt::Push { vec: tape.into(), value: scalar(c.param) });
            starts.restore.push(Stmt::Let { var: start, op: Op::Pop(tape) });
            starts.values.push(start.into());
        }
        let mut outer = BTreeSet::new();
        stmt.body.for_each_read(&mut |var| {
            if self.primal.ty(var).is_memory() && !self.layout.within(self.layout.home[var.index()], region) {
                outer.insert(var);
            }
        });
        let roots: BTreeSet<Var> = outer.iter().map(|var| self.layout.root[var.index()]).collect();
        for root in roots {
            self.start_of_memory(root, region, &mut starts);
        }
        for view in outer {
            let Def::View(place, kind) = self.def(view) else { continue };
            let (root, path) = self.layout.resolve(place);
            let place = Place { root, path: self.need_path(&path) };
            let again = another(&mut self.out, view);
            starts.restore.push(Stmt::View { var: again, place, kind });
            starts.names.insert(view, again);
        }
        starts
    }

    /// A tape with one entry a block.
    fn starts_of(&mut self, of: Var, ty: Ty, starts: &mut Starts) -> Var {
        let name = format!("{}_starts", self.name(of));
        let tape = self.out.new_var(name, Ty::Tape(Box::new(ty)), Span::call_site());
        self.adopt(tape, TOP);
        starts.before.push(Stmt::Alloc { var: tape, init: Init::Tape(Room::Any) });
        tape
    }

    /// Memory that the passes change is copied at the start of every block; what only changes later is copied once.
    fn start_of_memory(&mut self, root: Var, region: RegionId, starts: &mut Starts) {
        let inner = *self.layout.region(region);
        let changes = self.layout.accesses[root.index()].iter().any(|access| {
            access.kind != AccessKind::Read && inner.start <= access.pos && access.pos <= inner.end
        });
        let there = match self.def(root) {
            Def::Param => {
                self.mode == Mode::Joint || !matches!(self.primal.ty(root), Ty::Ref { mutable: true, .. })
            }
            _ => true,
        };
        if !changes && there && self.is_unchanged(root, inner.start, TOP, false, None) {
            return;
        }
        let (ty, init) = match self.primal.ty(root).peeled().clone() {
            Ty::Slice(of) => (Ty::Vec(of), Init::ToVec(root.into())),
            ty => (ty, Init::Clone(root.into())),
        };
        let copy = self.new_like(root);
        self.out.vars[copy.index()].ty = ty.clone();
        if !changes {
            starts.before.push(Stmt::Alloc { var: copy, init });
            starts.names.insert(root, copy);
            return;
        }
        let tape = self.starts_of(root, ty, starts);
        let again = another(&mut self.out, copy);
        self.out.vars[again.index()].mutable = true;
        // Arrays of numbers are copied by being pushed.
        if has_static_shape(self.primal.ty(root)) {
            starts.record.push(Stmt::Push { vec: tape.into(), value: Elem::Memory(root.into()) });
        } else {
            starts.record.extend([
                Stmt::Alloc { var: copy, init },
                Stmt::Push { vec: tape.into(), value: Elem::Memory(copy.into()) },
            ]);
        }
        starts.restore.push(Stmt::Alloc { var: again, init: Init::Pop(tape) });
        starts.names.insert(root, again);
    }
}

/// `let passes = …;` in front of the loop.
fn count(stmt: &For, counters: &Counters) -> Stmt {
    let count = super::record::count_of_passes(stmt, &stmt.lo, &stmt.hi);
    Stmt::Let { var: counters.passes, op: Op::Code(code(&count)) }
}

/// Where a block of the reverse sweep starts, and how long it is.
fn bounds(counters: &Counters) -> [Stmt; 2] {
    let (passes, block) = (text(&counters.passes.into()), text(&counters.block.into()));
    [(counters.start, "block_start"), (counters.len, "block_passes")].map(|(var, function)| {
        let value = code(&format!("__grad_runtime::{function}({passes}, {block})"));
        Stmt::Let { var, op: Op::Code(value) }
    })
}

fn passes_of_block(index: Var, counters: &Counters, reversed: bool, stmts: Vec<Stmt>) -> For {
    For {
        index,
        lo: Operand::int(0),
        hi: counters.len.into(),
        inclusive: false,
        reversed,
        carried: Vec::new(),
        body: Block { stmts },
        until: None,
    }
}

/// A variable that differs in nothing but its number.
pub(super) fn another(out: &mut crate::ir::Func, var: Var) -> Var {
    let info = out.vars[var.index()].clone();
    out.vars.push(info);
    Var(u32::try_from(out.vars.len() - 1).expect("fewer than 2³² variables"))
}

/// An effect happened when the passes ran first. One that does not come back gives the end of its arm its meaning.
fn drop_effects(stmts: &mut Vec<Stmt>) {
    stmts.retain(|stmt| !matches!(stmt, Stmt::Effect { code, .. } if !code.diverges()));
    for stmt in stmts {
        stmt.for_each_block_mut(&mut |block| drop_effects(&mut block.stmts));
    }
}
