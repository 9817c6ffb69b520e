//! Meets the demands of the reverse sweep: computes a value again where that is cheap and what it reads is still
//! there, and records it otherwise.
//!
//! Recording: a value of a branch arm becomes a result of the branch; a value of a counted loop goes into a buffer
//! indexed by the pass; a value of a `while` goes on a tape.

use super::memory::has_static_shape;
use super::{Counted, Cx, Frame, FrameKind, Means, Mode, code, placeholder_value, scalar, text};
use crate::analysis::{AccessKind, Condition, Def, Pos, RegionId, RegionKind, Rewrite};
use crate::ir::{Elem, For, Init, Lit, Op, Operand, Place, Proj, Room, Stmt, Ty, Var, ViewKind};
use crate::rules::{self, Cost};
use proc_macro2::Span;

/// How many operations are done again for one value, at most, along one path.
pub(super) const RECOMPUTE_DEPTH: usize = 8;

/// Up to how many passes a buffer is an array on the stack.
const STACK_BUFFER: f64 = 64.0;

impl<'a> Cx<'a> {
    /// The statements that restore every demanded value of the innermost region, in order.
    pub(super) fn meet_demands(&mut self) -> Vec<Stmt> {
        let mut restored = Vec::new();
        // Last defined first: computing a value again demands values defined before it.
        while let Some(((_, var), name)) = self.frame().demands.pop_last() {
            self.frame().known.insert(var, name.into());
            let counted = self.count_back(var, name);
            let counted = counted.or_else(|| self.count_back_through(var, name));
            let stmt = if let Some(stmt) = counted.or_else(|| self.count_back_over(var, name)) {
                self.decide_value(var, Means::CountedBack);
                stmt
            } else if self.is_recomputable(var, 0) {
                self.decide_value(var, Means::Again);
                self.recompute(var, name)
            } else if let Some(place) = self.mirror_in_memory(var) {
                self.decide_value(var, Means::ReadBack);
                Stmt::Let { var: name, op: Op::Load(self.need_place(&place)) }
            } else if let Some(place) = self.kept_element(var) {
                self.decide_value(var, Means::Element);
                Stmt::Let { var: name, op: Op::Load(place) }
            } else {
                match self.record(var, name) {
                    Some(stmt) => stmt,
                    None => continue,
                }
            };
            restored.push(stmt);
        }
        restored.reverse();
        restored
    }

    // --- computing again ---

    pub(super) fn is_recomputable(&self, var: Var, depth: usize) -> bool {
        if depth > RECOMPUTE_DEPTH {
            return false;
        }
        match self.def(var) {
            Def::Let(op) => match op {
                _ if !self.rewrites.may(Rewrite::Recompute) => false,
                Op::Copy(operand) | Op::Cast(operand, _) => self.is_free(operand, depth),
                Op::Prim(prim, args) => {
                    rules::cost(*prim) == Cost::Cheap && args.iter().all(|arg| self.is_free(arg, depth))
                }
                Op::Load(place) => self.is_still_there(place, var, false) && self.path_is_free(place, depth),
                Op::Len(place) => self.is_still_there(place, var, true) && self.path_is_free(place, depth),
                Op::Code(code) => self.is_repeatable(code, var, depth),
                Op::Pop(_) => false,
            },
            Def::View(place, ViewKind::Shared) => self.path_is_free(place, depth),
            Def::Bound(branch, _) => self.is_matched_again(var, branch, depth),
            Def::BranchResult => self.is_chosen_again(var, depth),
            Def::View(..)
            | Def::Param
            | Def::Alloc(_)
            | Def::CarriedParam(_)
            | Def::CarriedResult
            | Def::LoopIndex
            | Def::CallResult
            | Def::Undefined => false,
        }
    }

    /// Whether reading the operand in the reverse sweep costs no recording in this region.
    pub(super) fn is_free(&self, operand: &Operand, depth: usize) -> bool {
        let Operand::Var(var) = operand else { return true };
        let frame = self.frames.last().expect("a function is a region");
        if matches!(self.def(*var), Def::Param) || self.home(*var) != frame.region {
            return true;
        }
        frame.known.contains_key(var)
            || frame.demands.contains_key(&(self.pos(*var), *var))
            || (frame.direct && self.is_nameable(*var))
            || self.is_recomputable(*var, depth + 1)
    }

    fn path_is_free(&self, place: &Place, depth: usize) -> bool {
        let (_, path) = self.layout.resolve(place);
        path.iter().all(|proj| match proj {
            Proj::Index(index) => self.is_free(index, depth),
            Proj::Slice { from, to, .. } => {
                [from, to].into_iter().flatten().all(|end| self.is_free(end, depth))
            }
            Proj::Field(_) | Proj::Named(_) | Proj::Some | Proj::Variant(..) | Proj::Boxed | Proj::Deref => {
                true
            }
        })
    }

    fn recompute(&mut self, var: Var, name: Var) -> Stmt {
        match self.def(var) {
            Def::View(place, kind) => {
                let place = self.need_place(place);
                Stmt::View { var: name, place, kind }
            }
            Def::Let(op) => {
                let op = match op {
                    Op::Copy(operand) => Op::Copy(self.need_operand(operand)),
                    Op::Cast(operand, to) => Op::Cast(self.need_operand(operand), *to),
                    Op::Prim(prim, args) => {
                        Op::Prim(*prim, args.iter().map(|arg| self.need_operand(arg)).collect())
                    }
                    Op::Load(place) => Op::Load(self.need_place(place)),
                    Op::Len(place) => Op::Len(self.need_place(place)),
                    Op::Code(code) => Op::Code(self.need_code(code)),
                    Op::Pop(_) => unreachable!("not computed again"),
                };
                Stmt::Let { var: name, op }
            }
            Def::Bound(branch, arm) => {
                Stmt::Let { var: name, op: Op::Code(self.match_again(var, branch, arm)) }
            }
            Def::BranchResult => Stmt::Let { var: name, op: Op::Code(self.choose_again(var)) },
            _ => unreachable!("not computed again"),
        }
    }

    // --- what memory still holds ---

    /// Whether the memory that `place` is in can be named in the reverse sweep of this region.
    fn is_accessible(&self, root: Var) -> bool {
        match self.def(root) {
            Def::Param => {
                self.mode == Mode::Joint || !matches!(self.primal.ty(root), Ty::Ref { mutable: true, .. })
            }
            _ => self.layout.within(self.direct_region(), self.home(root)),
        }
    }

    /// The same, for what the passes of a loop that runs again read.
    pub(super) fn is_readable_later(&self, root: Var) -> bool {
        self.is_accessible(root)
    }

    /// Whether the place read at the definition of `var` has the same content (or only length) in the reverse sweep.
    fn is_still_there(&self, place: &Place, var: Var, only_length: bool) -> bool {
        let (root, _) = self.layout.resolve(place);
        self.rewrites.holds(Condition::IsAccessible, self.is_accessible(root))
            && self.is_unchanged(root, self.pos(var), self.home(var), only_length, None)
    }

    /// Whether an argument that a call at this point reads is the same in the reverse sweep. Conservative: nothing in
    /// the same scope may change the memory at all.
    pub(super) fn is_same_later(&self, place: &Place) -> bool {
        let (root, _) = self.layout.resolve(place);
        let region = self.region();
        let start = self.layout.pos[root.index()];
        let written_once =
            self.layout.accesses[root.index()].iter().filter(|a| a.kind != AccessKind::Read).count() == 0;
        self.rewrites.may(Rewrite::PassAgain)
            && self.is_accessible(root)
            && (written_once || self.is_unchanged(root, self.current.max(start), region, false, None))
    }

    /// Whether no access after position `after` in `region` changes the root before the reverse sweep runs.
    pub(super) fn is_unchanged(
        &self,
        root: Var,
        after: u32,
        region: RegionId,
        only_length: bool,
        except: Option<u32>,
    ) -> bool {
        let direct = self.direct_region();
        let scope = *self.layout.region(direct);
        let loops: Vec<_> = self
            .layout
            .loops_around(region, direct)
            .into_iter()
            .filter(|inner| !self.layout.within(self.home(root), *inner))
            .map(|inner| *self.layout.region(inner))
            .collect();
        self.layout.accesses[root.index()].iter().filter(|access| Some(access.pos) != except).all(|access| {
            let changes = match access.kind {
                AccessKind::Read => false,
                AccessKind::Write => !only_length,
                AccessKind::Reshape | AccessKind::Move => {
                    !only_length || !self.rewrites.ignores(Condition::LengthUnchanged)
                }
            };
            // What is returned is returned after the reverse sweep, where both sweeps are in one scope.
            let returned = self.mode == Mode::Joint
                && access.pos >= self.layout.region(crate::analysis::TOP).end
                && access.kind == AccessKind::Move;
            let later = access.pos > after && access.pos <= scope.end;
            let again = loops.iter().any(|inner| inner.start <= access.pos && access.pos <= inner.end);
            let later = later && !self.rewrites.ignores(Condition::UnchangedLater);
            let again = again && !self.rewrites.ignores(Condition::UnchangedInLoop);
            !changes || returned || !(later || again)
        })
    }

    /// Where memory holds the value until the reverse sweep: it was stored there, once in each pass of the loops around,
    /// each time to another element, and nothing else writes there.
    fn mirror_in_memory(&self, var: Var) -> Option<Place> {
        let region = self.region();
        self.layout.stores.get(var.index())?.iter().find_map(|(pos, stored_in, place)| {
            let (root, path) = self.layout.resolve(place);
            let own = self.has_own_element(&path, root, region);
            let stays = self.is_unchanged(root, *pos, region, false, Some(*pos));
            let known = self.path_is_known_before(&path, var);
            let lasting = self.rewrites.may(Rewrite::ReadBack)
                && *stored_in == region
                && self.is_accessible(root)
                && self.rewrites.holds(Condition::StoredInOwnElement, own)
                && self.rewrites.holds(Condition::StoredLast, stays)
                && self.path_is_free(place, 0)
                && self.rewrites.holds(Condition::IndexKnownBefore, known);
            lasting.then(|| (*place).clone())
        })
    }

    /// Whether every index of the path is defined before `var`, so that it is restored before it.
    fn path_is_known_before(&self, path: &[Proj], var: Var) -> bool {
        let before = |operand: &Operand| {
            operand.var().is_none_or(|at| self.home(at) != self.home(var) || self.pos(at) < self.pos(var))
        };
        path.iter().all(|proj| match proj {
            Proj::Index(index) => before(index),
            Proj::Slice { from, to, .. } => [from, to].into_iter().flatten().all(before),
            Proj::Field(_) | Proj::Named(_) | Proj::Some | Proj::Variant(..) | Proj::Boxed | Proj::Deref => {
                true
            }
        })
    }

    // --- recording ---

    /// Records `var`; the statement that gives it its name in the reverse sweep again, if one is needed.
    fn record(&mut self, var: Var, name: Var) -> Option<Stmt> {
        let region = self.region();
        let is_number = matches!(self.ty(var), Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool);
        match self.kind_of(region) {
            // No number can stand for a constant of a type that only rustc knows where it was not reached.
            RegionKind::Arm | RegionKind::For if !is_number || self.is_beside_tapes() => {
                let tape = self.tape_in(var, self.frames.len() - 1);
                self.frame().tail.push(Stmt::Push { vec: tape.into(), value: scalar(var) });
                Some(Stmt::Let { var: name, op: Op::Pop(tape) })
            }
            RegionKind::Top => unreachable!("the values of the top level have names in the reverse sweep"),
            RegionKind::Arm => {
                self.decide_value(var, Means::Yield);
                let outer = self.yield_out(var, var.into());
                let outer = self.need(outer);
                Some(Stmt::Let { var: name, op: Op::Copy(outer) })
            }
            RegionKind::For if !self.may_be_left_early() => {
                let (forward, reverse) = self.buffer(var);
                self.frame().tail.push(Stmt::Store { place: forward, value: var.into() });
                Some(Stmt::Let { var: name, op: Op::Load(reverse) })
            }
            RegionKind::For | RegionKind::While => {
                self.decide_value(var, Means::Tape);
                let tape = self.tape(var);
                self.frame().tail.push(Stmt::Push { vec: tape.into(), value: scalar(var) });
                Some(Stmt::Let { var: name, op: Op::Pop(tape) })
            }
        }
    }

    /// Whether the loop may make far fewer passes than its range has numbers, of which there may be more than any memory has room
    /// for: `for i in 0.. { … break; … }`.
    fn may_be_left_early(&mut self) -> bool {
        let counted = self.counted();
        let stmt = counted.stmt;
        stmt.until.is_some()
            && counted.block.is_none()
            && literal_passes(stmt).is_none_or(|n| n > STACK_BUFFER)
    }

    /// Makes a value of this arm a result of its branch.
    pub(super) fn yield_out(&mut self, like: Var, value: Operand) -> Var {
        let outer = self.new_like(like);
        let parent = self.layout.region(self.region()).parent.expect("an arm has a parent");
        self.adopt(outer, parent);
        let FrameKind::Arm { yields } = &mut self.frame().kind else { unreachable!("an arm") };
        yields.push((outer, value));
        outer
    }

    /// A new tape for values like `var`.
    pub(super) fn tape(&mut self, var: Var) -> Var {
        self.tape_with(var, Room::Any)
    }

    fn tape_with(&mut self, var: Var, room: Room) -> Var {
        let kind = if matches!(room, Room::One) { "slot" } else { "tape" };
        let name = format!("{}_{kind}", self.name(var));
        let ty = Ty::Tape(Box::new(self.ty(var)));
        let tape = self.out.new_var(name, ty, Span::call_site());
        self.adopt(tape, crate::analysis::TOP);
        let stmt = Stmt::Alloc { var: tape, init: Init::Tape(room.clone()) };
        match room {
            Room::Any | Room::One => self.tapes.push(stmt),
            Room::For(_) => self.counted().before.push(stmt),
        }
        tape
    }

    /// The same for what the region at `depth` pushes once: with as much room as is known to be needed.
    pub(super) fn tape_in(&mut self, var: Var, depth: usize) -> Var {
        let runs_once = self.runs_once(depth);
        let room = match () {
            () if !self.rewrites.may(Rewrite::Room) => Room::Any,
            () if runs_once => Room::One,
            () => match self.one_a_pass() {
                Some(stmt) if depth == self.frames.len() - 1 => Room::For(self.passes_before(stmt)),
                Some(_) | None => Room::Any,
            },
        };
        let means = if matches!(room, Room::One) { Means::Slot } else { Means::Tape };
        self.decide_value(var, means);
        self.tape_with(var, room)
    }

    /// The innermost region, if it is a loop that runs once in a call and makes all of its passes: its tapes are made for it.
    fn one_a_pass(&self) -> Option<&'a For> {
        let depth = self.frames.len() - 1;
        match self.frames[depth].kind {
            // Left early, it may make far fewer passes.
            FrameKind::For(Counted { stmt, .. }) if stmt.until.is_none() && self.is_whole_run(depth) => {
                Some(stmt)
            }
            FrameKind::For(_) | FrameKind::Plain | FrameKind::Arm { .. } | FrameKind::While => None,
        }
    }

    /// Whether nothing but arms is around the region at `depth`, up to where both sweeps are in one scope: it runs once
    /// before it is mirrored.
    fn runs_once(&self, depth: usize) -> bool {
        let mut frames = self.frames[..=depth].iter().rev().take_while(|frame| !frame.direct);
        frames.all(|frame| matches!(frame.kind, FrameKind::Arm { .. }))
    }

    /// Whether a loop, at `depth`, runs once in a call, and its mirror image is in the same scope.
    pub(super) fn is_whole_run(&self, depth: usize) -> bool {
        let once = |frame: &Frame| matches!(self.kind_of(frame.region), RegionKind::Top | RegionKind::Arm);
        self.frames[..depth].iter().all(|frame| frame.direct && once(frame))
    }

    /// Where a copy of memory that is kept many times, each time until its pass has been reversed, is put when it has: a loop
    /// that is reversed where it runs goes on with the memory of the passes before.
    pub(super) fn spare_for(&mut self, of: &Place, copy: Var) -> Option<Var> {
        let is_loop =
            |frame: &Frame| matches!(self.kind_of(frame.region), RegionKind::For | RegionKind::While);
        let comes_back = self.frames.iter().any(|frame| frame.direct && is_loop(frame));
        let is_vec = matches!(self.place_ty(of), Ty::Vec(_) | Ty::Slice(_));
        let may = comes_back && is_vec && !self.frame().direct && self.rewrites.may(Rewrite::Refill);
        may.then(|| {
            let name = format!("{}_spare", self.name(copy));
            let spare = self.out.new_var(name, Ty::Tape(Box::new(self.ty(copy))), Span::call_site());
            self.adopt(spare, crate::analysis::TOP);
            self.tapes.push(Stmt::Alloc { var: spare, init: Init::Tape(Room::Any) });
            spare
        })
    }

    /// Keeps memory, or a pullback, for the reverse sweep of its region: its name there.
    pub(super) fn keep(&mut self, var: Var) -> Var {
        if self.frame().direct {
            return var;
        }
        let tape = self.tape_in(var, self.frames.len() - 1);
        let name = self.new_like(var);
        self.frame().tail.push(Stmt::Push { vec: tape.into(), value: Elem::Memory(var.into()) });
        self.frame().prologue.push(Stmt::Alloc { var: name, init: Init::Pop(tape) });
        name
    }

    /// A loop reads the elements of an array that a pass of a loop around it has for itself: the array is kept whole, once
    /// a pass, in place of its elements one by one.
    fn kept_element(&mut self, var: Var) -> Option<Place> {
        let Def::Let(Op::Load(place)) = self.def(var) else { return None };
        let (root, _) = self.layout.resolve(place);
        let is_read_in_loop = !self.layout.loops_around(self.home(var), self.home(root)).is_empty();
        if is_read_in_loop { self.kept_place(place, self.pos(var), self.home(var)) } else { None }
    }

    /// A place in an array as it is at a position of a region, in the array that is kept whole for the reverse sweep.
    pub(super) fn kept_place(&mut self, place: &Place, at: Pos, region: RegionId) -> Option<Place> {
        let (root, path) = self.layout.resolve(place);
        let home = self.home(root);
        let lasting = matches!(self.primal.ty(root), Ty::Array(..))
            && has_static_shape(self.primal.ty(root))
            && !self.is_accessible(root)
            && self
                .rewrites
                .holds(Condition::ArrayIsUnchanged, self.is_unchanged(root, at, region, false, None))
            && self.rewrites.may(Rewrite::KeepWhole)
            && self.path_is_free(place, 0);
        let depth = self.frames.iter().rposition(|frame| frame.region == home && !frame.direct)?;
        if !lasting {
            return None;
        }
        let kept = match self.kept.get(&root) {
            Some(kept) => *kept,
            None => {
                let (tape, kept) = (self.tape_in(root, depth), self.new_like(root));
                let frame = &mut self.frames[depth];
                frame.tail.push(Stmt::Push { vec: tape.into(), value: Elem::Memory(root.into()) });
                frame.prologue.push(Stmt::Alloc { var: kept, init: Init::Pop(tape) });
                self.kept.insert(root, kept);
                kept
            }
        };
        Some(Place { root: kept, path: self.need_path(&path) })
    }

    fn counted(&mut self) -> &mut Counted<'a> {
        let FrameKind::For(counted) = &mut self.frame().kind else { unreachable!("a counted loop") };
        counted
    }

    /// Keeps a copy of numbers for the reverse sweep of this pass, behind the copies of the passes before: its place there.
    pub(super) fn copy_to_tape(
        &mut self,
        of: &Place,
        forward: &mut Vec<Stmt>,
        done_with: &mut Vec<Stmt>,
    ) -> Option<Place> {
        let (Ty::Vec(number) | Ty::Slice(number)) = self.place_ty(of) else { return None };
        if !number.is_float() || self.frame().direct || !self.rewrites.may(Rewrite::Copies) {
            return None;
        }
        self.decide(self.current, "seen".to_owned(), super::How::Value(Means::Frame));
        let tape = self.out.new_var("seen_tape", Ty::Tape(number.clone()), Span::call_site());
        self.adopt(tape, crate::analysis::TOP);
        let room = self.room_for_copies(of);
        let stmt = Stmt::Alloc { var: tape, init: Init::Tape(room.clone()) };
        match room {
            Room::Any | Room::One => self.tapes.push(stmt),
            Room::For(_) => self.counted().before.push(stmt),
        }
        let len = self.new_int("len");
        let back = self.out.new_var("seen", Ty::Slice(number.clone()), Span::call_site());
        forward.push(Stmt::Extend { tape, from: of.clone() });
        let count = self.length_again(of, forward);
        let (start, start_stmt) = self.int("base", &format!("{} - {}", text(&len.into()), text(&count)));
        self.push(Stmt::Let { var: len, op: Op::Len(tape.into()) });
        self.push(start_stmt);
        self.push(Stmt::View { var: back, place: tail_of(tape, start), kind: ViewKind::Shared });
        done_with.push(Stmt::Truncate { tape, len: start.into() });
        Some(back.into())
    }

    /// For as many copies as a loop makes passes, where that and how long they are is known in front of it.
    fn room_for_copies(&mut self, of: &Place) -> Room {
        let (root, home) = (of.root, self.home(of.root));
        let is_outside =
            of.path.is_empty() && home != self.region() && self.layout.root[root.index()] == root;
        match self.one_a_pass().filter(|_| is_outside && self.rewrites.may(Rewrite::Room)) {
            None => Room::Any,
            Some(stmt) => {
                let passes = self.passes_before(stmt);
                let len = self.new_int("len");
                let times = format!("__grad_runtime::times({}, {})", text(&passes), text(&len.into()));
                let (room, times) = self.int("room", &times);
                self.counted().before.extend([Stmt::Let { var: len, op: Op::Len(of.clone()) }, times]);
                Room::For(room.into())
            }
        }
    }

    /// How long a place is at the statement at hand, in the reverse sweep: it says so itself, if nothing makes it longer or
    /// shorter; else the length is recorded.
    fn length_again(&mut self, of: &Place, forward: &mut Vec<Stmt>) -> Operand {
        let (root, _) = self.layout.resolve(of);
        let after = self.current.max(self.layout.pos[root.index()]);
        let stays = self.rewrites.may(Rewrite::Recompute)
            && self.is_accessible(root)
            && self.is_unchanged(root, after, self.region(), true, None)
            && self.path_is_free(of, 0);
        if !stays {
            let recorded = self.new_int("len");
            forward.push(Stmt::Let { var: recorded, op: Op::Len(of.clone()) });
            self.adopt(recorded, self.region());
            return self.need(recorded);
        }
        let again = self.new_int("len");
        let of = self.need_place(of);
        self.push(Stmt::Let { var: again, op: Op::Len(of) });
        again.into()
    }

    /// The place for `var` in a buffer of one element a pass: in the forward and in the reverse sweep.
    fn buffer(&mut self, var: Var) -> (Place, Place) {
        let ty = self.ty(var);
        let (forward, reverse) = self.pass();
        let stmt = self.counted().stmt;
        let in_blocks = self.counted().block.is_some();
        let depth = self.frames.len() - 2;
        let parent = &self.frames[depth];
        let whole_run = self.is_whole_run(depth + 1);
        let name = format!("{}_tape", self.name(var));
        let passes = literal_passes(stmt).filter(|_| !in_blocks);
        if parent.direct && (whole_run || passes.is_some_and(|n| n <= STACK_BUFFER)) {
            let region = parent.region;
            let value = scalar(placeholder_value(&ty));
            let (ty, init) = match passes {
                Some(n) if n <= STACK_BUFFER => {
                    let len = format!("{n}");
                    self.decide_value(var, Means::Stack);
                    (Ty::Array(Box::new(ty), len.clone()), Init::ArrayRepeat { value, len: code(&len) })
                }
                _ => {
                    self.decide_value(var, Means::Buffer);
                    let len = self.passes_before(stmt);
                    let init = if self.rewrites.may(Rewrite::Room) {
                        Init::Buffer { value, len, on_stack: self.mode == Mode::Joint }
                    } else {
                        Init::VecRepeat { value, len }
                    };
                    (Ty::Vec(Box::new(ty)), init)
                }
            };
            let buffer = self.out.new_var(name, ty, Span::call_site());
            self.adopt(buffer, region);
            self.counted().before.push(Stmt::Alloc { var: buffer, init });
            return (element(buffer, forward), element(buffer, reverse));
        }
        // In arms alone, it runs once, too: an array on the stack, in front of everything, is there for both sweeps.
        let in_arms = self.runs_once(depth);
        if let Some(n) = passes.filter(|n| *n <= STACK_BUFFER && in_arms && self.rewrites.may(Rewrite::Room))
        {
            self.decide_value(var, Means::Stack);
            let (value, len) = (scalar(placeholder_value(&ty)), format!("{n}"));
            let init = Init::ArrayRepeat { value, len: code(&len) };
            let buffer = self.out.new_var(name, Ty::Array(Box::new(ty), len), Span::call_site());
            self.adopt(buffer, crate::analysis::TOP);
            self.tapes.push(Stmt::Alloc { var: buffer, init });
            return (element(buffer, forward), element(buffer, reverse));
        }
        self.decide_value(var, Means::Frame);
        self.framed_buffer(var, stmt, forward, reverse)
    }

    /// A buffer that is a frame of a tape: the loop runs many times, the tape's memory stays.
    fn framed_buffer(
        &mut self,
        var: Var,
        stmt: &'a For,
        forward: Operand,
        reverse: Operand,
    ) -> (Place, Place) {
        let ty = Ty::Slice(Box::new(self.ty(var)));
        let tape = self.tape(var);
        let passes = self.passes_before(stmt);
        // Forward: the tape grows by a frame.
        let base = self.new_int("base");
        let frame = self.out.new_var(format!("{}_frame", self.name(var)), ty.clone(), Span::call_site());
        self.counted().before.extend([
            Stmt::Let { var: base, op: Op::Len(tape.into()) },
            Stmt::Grow { tape, by: passes.clone() },
            Stmt::View { var: frame, place: tail_of(tape, base), kind: ViewKind::Materialized },
        ]);
        // Reverse: the frame is the end of the tape, and goes.
        let passes = self.passes_again(stmt);
        let len = self.new_int("len");
        let (start, start_stmt) = self.int("base", &format!("{} - {}", text(&len.into()), text(&passes)));
        let back = self.out.new_var(format!("{}_frame", self.name(var)), ty, Span::call_site());
        let counted = self.counted();
        counted.before_mirror.extend([
            Stmt::Let { var: len, op: Op::Len(tape.into()) },
            start_stmt,
            Stmt::View { var: back, place: tail_of(tape, start), kind: ViewKind::Shared },
        ]);
        counted.after_mirror.push(Stmt::Truncate { tape, len: start.into() });
        (element(frame, forward), element(back, reverse))
    }

    /// Whether each pass of the loop puts other things on tapes that are made for it: then a number goes there, too, as all of
    /// that will be one thing. A few passes have room on the stack.
    fn is_beside_tapes(&self) -> bool {
        let Some(stmt) = self.one_a_pass() else { return false };
        let frame = self.frames.last().expect("a function is a region");
        self.rewrites.may(Rewrite::Record)
            && self.rewrites.may(Rewrite::Room)
            && literal_passes(stmt).is_none_or(|n| n > STACK_BUFFER)
            && frame.tail.iter().any(|stmt| matches!(stmt, Stmt::Push { .. }))
    }

    /// The number of passes a loop can make, as a value in front of it.
    fn passes_before(&mut self, stmt: &'a For) -> Operand {
        if let Some(passes) = &self.counted().block {
            return passes.clone();
        }
        if let Some(passes) = self.counted().passes {
            return passes.into();
        }
        if let Some(n) = literal_passes(stmt) {
            return Operand::Lit(Lit { text: format!("{n}"), value: n });
        }
        if is_zero(&stmt.lo) && !stmt.inclusive && self.is_usize(&stmt.hi) {
            return stmt.hi.clone();
        }
        let (passes, count) = self.int("passes", &count_of_passes(stmt, &stmt.lo, &stmt.hi));
        self.counted().before.push(count);
        self.counted().passes = Some(passes);
        passes.into()
    }

    /// The same in front of the mirror loop.
    fn passes_again(&mut self, stmt: &'a For) -> Operand {
        if let Some(n) = literal_passes(stmt) {
            return Operand::Lit(Lit { text: format!("{n}"), value: n });
        }
        let (lo, hi) = (self.need_operand(&stmt.lo), self.need_operand(&stmt.hi));
        if is_zero(&stmt.lo) && !stmt.inclusive && self.is_usize(&stmt.hi) {
            return hi;
        }
        let (passes, count) = self.int("passes", &count_of_passes(stmt, &lo, &hi));
        self.counted().before_mirror.push(count);
        passes.into()
    }

    /// The number of this pass, from 0, in the forward and in the reverse sweep.
    fn pass(&mut self) -> (Operand, Operand) {
        if let Some(pass) = &self.counted().pass {
            return pass.clone();
        }
        let (stmt, mirror) = (self.counted().stmt, self.counted().index);
        let pass = if is_zero(&stmt.lo) && self.is_usize(&stmt.hi) {
            (Operand::Var(stmt.index), Operand::Var(mirror))
        } else {
            let lo = self.need_operand(&stmt.lo);
            let (forward, count) = self.int("pass", &number_of_pass(&stmt.index.into(), &stmt.lo));
            self.frame().tail.push(count);
            let (reverse, count) = self.int("pass", &number_of_pass(&mirror.into(), &lo));
            self.counted().opening.push(count);
            (forward.into(), reverse.into())
        };
        self.counted().pass = Some(pass.clone());
        pass
    }
}

pub(super) fn count_of_passes(stmt: &For, lo: &Operand, hi: &Operand) -> String {
    let function = if stmt.inclusive { "trips_inclusive" } else { "trips" };
    format!("__grad_runtime::{function}({}, {})", text(lo), text(hi))
}

pub(super) fn number_of_pass(index: &Operand, lo: &Operand) -> String {
    format!("__grad_runtime::trips({}, {})", text(lo), text(index))
}

pub(super) fn is_zero(operand: &Operand) -> bool {
    matches!(operand, Operand::Lit(lit) if lit.value == 0.0)
}

/// The number of passes, where the bounds are literals.
pub(super) fn literal_passes(stmt: &For) -> Option<f64> {
    let (Operand::Lit(lo), Operand::Lit(hi)) = (&stmt.lo, &stmt.hi) else { return None };
    Some((hi.value - lo.value + if stmt.inclusive { 1.0 } else { 0.0 }).max(0.0))
}

fn element(buffer: Var, pass: Operand) -> Place {
    Place { root: buffer, path: vec![Proj::Index(pass)] }
}

fn tail_of(tape: Var, base: Var) -> Place {
    let slice = Proj::Slice { from: Some(base.into()), to: None, inclusive: false };
    Place { root: tape, path: vec![slice] }
}
