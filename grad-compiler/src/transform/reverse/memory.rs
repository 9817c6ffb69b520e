//! Cotangents of memory: every active root has memory of the same shape that collects the cotangents of its
//! elements, declared where the reverse sweep of the root's home region begins.

use super::{Cx, FrameKind, Promoted, Zero, placeholder_value, scalar};
use crate::analysis::{AccessKind, Condition, Def, RegionId, RegionKind, Rewrite};
use crate::fault::planted;
use crate::ir::{Elem, Init, Op, Operand, Place, Proj, Stmt, Ty, Var};
use proc_macro2::Span;

impl Cx<'_> {
    /// The place of the cotangent of `place`. Declares its root's memory where it is not there yet.
    pub(super) fn bar_place(&mut self, place: &Place) -> Place {
        let (root, path) = self.layout.resolve(place);
        let bar = self.bar_root(root);
        let other = |(_, other): &(&Var, &Var)| **other != bar && self.ty(**other) == self.ty(bar);
        let bar = match self.bar_roots.iter().find(other) {
            Some((_, other)) if planted("reverse: wrong memory") => *other,
            _ => bar,
        };
        let mut path = self.need_path(&path);
        if matches!(self.ty(bar), Ty::Ref { to, .. } if to.is_float()) {
            path = vec![Proj::Deref];
        } else {
            path.retain(|proj| *proj != Proj::Deref);
        }
        Place { root: bar, path }
    }

    /// The memory for the cotangent of a root.
    fn bar_root(&mut self, root: Var) -> Var {
        if let Some(bar) = self.bar_roots.get(&root) {
            return *bar;
        }
        let bar = self.new_bar(root, self.primal.ty(root).peeled().clone());
        self.bar_roots.insert(root, bar);
        let home = self.home(root);
        let depth =
            self.frames.iter().rposition(|frame| frame.region == home).expect("memory is used in its region");
        let init = self.zeros(root, depth);
        self.frames[depth].prologue.push(Stmt::Alloc { var: bar, init });
        bar
    }

    /// Zeros in the shape that `root` has at the end of its home region, or when it is moved away before.
    fn zeros(&mut self, root: Var, depth: usize) -> Init {
        let ty = self.primal.ty(root).peeled().clone();
        if has_static_shape(&ty) {
            return Init::Zeros(ty);
        }
        let left = self.layout.leaves(root);
        let frame = &self.frames[depth];
        let (home, direct) = (frame.region, frame.direct);
        if direct && left.is_none() {
            return Init::ZerosLike(root.into());
        }
        match &ty {
            Ty::Vec(of) if of.is_float() => {
                let len = self.out.new_var("len", Ty::Int, Span::call_site());
                self.take_down(left, depth, vec![Stmt::Let { var: len, op: Op::Len(root.into()) }]);
                self.adopt(len, home);
                let len = self.need(len);
                Init::VecRepeat { value: scalar(placeholder_value(of)), len }
            }
            // No integer says what the shape is: zeros of that shape are kept.
            _ => {
                let zeros = self.new_bar(root, ty);
                let mut stmts = vec![Stmt::Alloc { var: zeros, init: Init::ZerosLike(root.into()) }];
                let init = if direct {
                    Init::Move(zeros.into())
                } else {
                    let tape = self.tape_in(zeros, depth);
                    stmts.push(Stmt::Push { vec: tape.into(), value: Elem::Memory(zeros.into()) });
                    Init::Pop(tape)
                };
                self.take_down(left, depth, stmts);
                init
            }
        }
    }

    /// Whether `place` is all of a root of this region, and nothing has asked for its cotangent yet: what is given to it
    /// now is where its cotangent starts. A part, also one behind a reference, belongs to a root that has others.
    pub(super) fn starts_cotangent(&self, place: &Place) -> bool {
        let (root, path) = self.layout.resolve(place);
        path.is_empty() && !self.bar_roots.contains_key(&root) && self.home(root) == self.region()
    }

    /// The memory at `place` was moved (or copied) to where the cotangent is `from`: adds that to its cotangent. Where it
    /// was moved whole and nothing happened to it afterwards, `from` becomes its cotangent; `whole` says that `from` may
    /// be moved, too.
    pub(super) fn give(&mut self, place: &Place, from: &Place, whole: bool) {
        if !self.activity.is_active(place.root) {
            return;
        }
        if self.starts_cotangent(place) {
            let (root, _) = self.layout.resolve(place);
            let bar = self.new_bar(root, self.primal.ty(root).peeled().clone());
            self.bar_roots.insert(root, bar);
            let init = if whole { Init::Move(from.clone()) } else { Init::Clone(from.clone()) };
            self.push(Stmt::Alloc { var: bar, init });
            return;
        }
        let to = self.bar_place(place);
        if !planted("reverse: moved memory lost") {
            self.push(Stmt::AccumulateAll { to, from: from.clone() });
        }
    }

    /// Adds `from[..]` to the cotangent of an element that an aggregate was made from.
    pub(super) fn give_elem(&mut self, elem: &Elem, from: &Place) {
        match elem {
            Elem::Scalar(Operand::Var(var)) if self.activity.is_active(*var) => {
                let bar = self.load_bar(*var, from.clone());
                if !planted("reverse: element lost") {
                    self.accumulate(*var, bar);
                }
            }
            Elem::Scalar(_) => {}
            Elem::Memory(place) => self.give(place, from, false),
        }
    }

    /// `let v_bar = place;`
    pub(super) fn load_bar(&mut self, of: Var, place: Place) -> Operand {
        let ty = self.ty(of);
        let bar = self.new_bar(of, ty);
        self.push(Stmt::Let { var: bar, op: Op::Load(place) });
        self.set_zero(&bar.into(), Zero::Memory);
        bar.into()
    }

    // --- loads ---

    /// The mirror image of `let var = place;`
    pub(super) fn mirror_load(&mut self, var: Var, place: &Place) {
        let Some(bar) = self.take_bar(var) else { return };
        if !self.activity.is_active(place.root) || self.stays.contains(&var) {
            return;
        }
        if !planted("reverse: load lost") {
            self.add_to_place(place, bar);
        }
    }

    /// Adds to the cotangent of a scalar in memory, or behind a shared reference.
    pub(super) fn add_to_place(&mut self, place: &Place, bar: Operand) {
        let (root, path) = self.layout.resolve(place);
        let shared_scalar = matches!(self.primal.ty(root), Ty::Ref { mutable: false, to } if to.is_float());
        if shared_scalar && matches!(self.def(root), Def::Param) {
            return self.accumulate(root, bar);
        }
        self.add_to_element(root, path, bar, Operand::bool(true));
    }

    /// Adds to the cotangent of one element. In a loop that always reads the same element and never writes the root,
    /// the sum is kept in a value until the loop is done.
    pub(super) fn add_to_element(&mut self, root: Var, path: Vec<Proj>, term: Operand, reached: Operand) {
        if self.is_promotable(root, &path) {
            let known = self.frame().promoted.iter().position(|p| p.root == root && p.path == path);
            match known {
                Some(k) => {
                    let before = self.frame().promoted[k].sum.clone();
                    let sum = if planted("reverse: second read of an element lost") {
                        before
                    } else {
                        self.sum(&before, &term)
                    };
                    let known = self.frame().promoted[k].reached.clone();
                    let always = Operand::bool(true);
                    let either = if known == always || reached == always {
                        always
                    } else {
                        let either = self.out.new_var("reached", Ty::Bool, Span::call_site());
                        let or =
                            super::code(&format!("{} || {}", super::text(&known), super::text(&reached)));
                        self.push(Stmt::Let { var: either, op: Op::Code(or) });
                        either.into()
                    };
                    let element = &mut self.frame().promoted[k];
                    element.sum = sum;
                    element.reached = either;
                }
                None => self.frame().promoted.push(Promoted { root, path, sum: term, reached }),
            }
            return;
        }
        let place = self.bar_place(&Place { root, path });
        let accumulate = Stmt::Accumulate { place, value: term };
        if reached == Operand::bool(true) {
            self.push(accumulate);
        } else {
            self.push(Stmt::Branch(crate::ir::Branch {
                on: crate::ir::Selector::If(reached),
                arms: vec![arm(vec![accumulate]), arm(Vec::new())],
                results: Vec::new(),
            }));
        }
    }

    fn is_promotable(&self, root: Var, path: &[Proj]) -> bool {
        let frame = self.frames.last().expect("a function is a region");
        let region = frame.region;
        let inner = *self.layout.region(region);
        let in_loop = match &frame.kind {
            FrameKind::For(_) => true,
            FrameKind::Plain => inner.kind == RegionKind::For,
            FrameKind::Arm { .. } | FrameKind::While => false,
        };
        let same_in_every_pass = path.iter().all(|proj| self.is_outside(proj, region));
        let only_read = self.layout.accesses[root.index()].iter().all(|access| {
            access.kind == AccessKind::Read || access.pos < inner.start || access.pos > inner.end
        });
        self.rewrites.may(Rewrite::Promote)
            && in_loop
            && !self.layout.within(self.home(root), region)
            && same_in_every_pass
            && self.rewrites.holds(Condition::ElementIsReadOnly, only_read)
    }

    fn is_outside(&self, proj: &Proj, region: RegionId) -> bool {
        let outside =
            |operand: &Operand| operand.var().is_none_or(|var| !self.layout.within(self.home(var), region));
        match proj {
            Proj::Index(index) => outside(index),
            Proj::Slice { from, to, .. } => [from, to].into_iter().flatten().all(outside),
            // Whether it is there is known inside.
            Proj::Some | Proj::Variant(_) => false,
            Proj::Field(_) | Proj::Named(_) | Proj::Boxed | Proj::Deref => true,
        }
    }

    // --- stores ---

    /// The mirror image of `place = value;`: the cotangent goes to the value, and what was overwritten had none.
    pub(super) fn mirror_store(&mut self, place: &Place, value: &Operand, stmt: &Stmt) {
        if !self.activity.is_active(place.root) || !self.primal.may_be_float(value) {
            return;
        }
        let bar = self.bar_place(place);
        if let Operand::Var(var) = value
            && self.activity.is_active(*var)
        {
            let value_bar = self.load_bar(*var, bar.clone());
            if let Some(before) = self.is_increment(place, *var, stmt) {
                // place += e: ē += bar, and bar stays where it is.
                self.stays.insert(before);
            } else if !self.is_first_content(place, stmt) {
                self.push(Stmt::Clear { place: bar });
            }
            if !planted("reverse: stored value lost") {
                self.accumulate(*var, value_bar);
            }
        } else if !self.is_first_content(place, stmt) {
            self.push(Stmt::Clear { place: bar });
        }
    }

    /// For `place += e`, as `before = place; sum = before + e; place = sum`: `before`.
    fn is_increment(&self, place: &Place, sum: Var, stmt: &Stmt) -> Option<Var> {
        if !self.rewrites.may(Rewrite::Stay) {
            return None;
        }
        let Def::Let(Op::Prim(prim, args)) = self.def(sum) else { return None };
        let (root, path) = self.layout.resolve(place);
        let stored = self.layout.position(stmt);
        let used_once = |var: Var| self.layout.uses[var.index()].len() == 1;
        args.iter().enumerate().find_map(|(k, arg)| {
            let before = arg.var()?;
            let Def::Let(Op::Load(from)) = self.def(before) else { return None };
            let same_place = self.layout.resolve(from) == (root, path.clone());
            let same_block = self.home(before) == self.region() && self.home(sum) == self.region();
            let untouched = self.layout.accesses[root.index()].iter().all(|access| {
                access.kind == AccessKind::Read || access.pos <= self.pos(before) || access.pos >= stored
            });
            (self.rewrites.holds(Condition::SameElement, same_place)
                && self.rewrites.holds(Condition::SameBlock, same_block)
                && self.rewrites.holds(Condition::UntouchedBetween, untouched)
                && self.rewrites.holds(Condition::ElementUsedOnce, used_once(before))
                && self.rewrites.holds(Condition::SumUsedOnce, used_once(sum))
                && self
                    .rewrites
                    .holds(Condition::AddsUnchanged, crate::rules::adds_unchanged(*prim, args, k)))
            .then_some(before)
        })
    }

    /// Whether nobody asks for the cotangent of what the store overwrites: the memory is local, was made of constants, and is not
    /// touched before this store, which writes each element once.
    fn is_first_content(&self, place: &Place, stmt: &Stmt) -> bool {
        let (root, path) = self.layout.resolve(place);
        let Def::Alloc(init) = self.def(root) else { return false };
        let constant = match init {
            Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } => match value {
                Elem::Scalar(operand) => !self.activity.operand_is_active(operand),
                Elem::Memory(place) => !self.activity.is_active(place.root),
            },
            _ => false,
        };
        let pos = self.layout.position(stmt);
        let Some(this) = self.layout.accesses[root.index()].iter().find(|access| access.pos == pos) else {
            return false;
        };
        let own = self.has_own_element(&path, root, this.region);
        let outermost =
            self.layout.loops_around(this.region, self.home(root)).last().map(|l| self.layout.region(*l).end);
        let end = outermost.unwrap_or(pos);
        let first =
            self.layout.accesses[root.index()].iter().all(|access| access.pos == pos || access.pos > end);
        self.rewrites.may(Rewrite::LeaveDirty)
            && self.rewrites.holds(Condition::MadeOfConstants, constant)
            && self.rewrites.holds(Condition::EachElementOnce, own)
            && self.rewrites.holds(Condition::UntouchedBefore, first)
    }

    /// The mirror image of new memory: its cotangent goes to what it was made from.
    pub(super) fn mirror_init(&mut self, init: &Init, bar: &Place, whole: bool) {
        match init {
            Init::Array(elems) | Init::Vec(elems) => {
                for (k, elem) in elems.iter().enumerate() {
                    self.give_elem(elem, &step(bar, Proj::Index(Operand::int(k))));
                }
            }
            Init::Tuple(elems) => {
                for (k, elem) in elems.iter().enumerate() {
                    self.give_elem(elem, &step(bar, Proj::Field(k)));
                }
            }
            Init::Record { members, elems, .. } => {
                for (member, elem) in members.iter().zip(elems) {
                    self.give_elem(elem, &step(bar, member.clone()));
                }
            }
            Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } | Init::Buffer { value, .. } => {
                self.mirror_repeat(value, bar)
            }
            Init::Move(place) => self.give(place, bar, whole),
            Init::Clone(place)
            | Init::ToVec(place)
            | Init::Refill { of: place, spare: _ }
            | Init::Keep(place)
            | Init::Again(place) => {
                if self.activity.is_active(place.root) {
                    let to = self.bar_place(place);
                    if !planted("reverse: cloned memory lost") {
                        self.push(Stmt::AccumulateAll { to, from: bar.clone() });
                    }
                }
            }
            Init::Empty { .. } | Init::Code(_) | Init::Point(_) => {}
            Init::ZerosLike(_)
            | Init::LanesLike(_)
            | Init::Zeros(_)
            | Init::Tape(_)
            | Init::Pop(_)
            | Init::Part(_) => {}
        }
    }

    /// Every element was one value: it gets the sum.
    fn mirror_repeat(&mut self, value: &Elem, bar: &Place) {
        let active = match value {
            Elem::Scalar(operand) => self.activity.operand_is_active(operand),
            Elem::Memory(place) => self.activity.is_active(place.root),
        };
        if active && !planted("reverse: repeated element lost") {
            self.mirror_fill(value, bar);
        }
    }

    /// Adds up the elements of `bar` into the cotangent of the one value they all came from.
    pub(super) fn mirror_fill(&mut self, value: &Elem, bar: &Place) {
        let n = self.new_int("n");
        self.push(Stmt::Let { var: n, op: Op::Len(bar.clone()) });
        let k = self.new_int("k");
        let element = step(bar, Proj::Index(k.into()));
        match value {
            Elem::Scalar(Operand::Var(var)) => {
                let ty = self.ty(*var);
                let [param, term, next, result] = [0; 4].map(|_| self.new_bar(*var, ty.clone()));
                let mut body = vec![Stmt::Let { var: term, op: Op::Load(element) }];
                let mut add = Vec::new();
                let sum = crate::rules::Builder::new(&mut self.out, &mut add, ty, Span::call_site())
                    .add(&param.into(), &term.into());
                body.append(&mut add);
                let _ = next;
                let carried =
                    vec![crate::ir::Carried { param, init: Operand::float(0.0), next: sum, result }];
                self.push(counted(k, n, carried, body));
                self.accumulate(*var, result.into());
            }
            Elem::Scalar(Operand::Lit(_)) => {}
            Elem::Memory(place) => {
                let to = self.bar_place(place);
                self.push(counted(k, n, Vec::new(), vec![Stmt::AccumulateAll { to, from: element }]));
            }
        }
    }
}

fn counted(index: Var, n: Var, carried: Vec<crate::ir::Carried>, stmts: Vec<Stmt>) -> Stmt {
    Stmt::For(crate::ir::For {
        index,
        lo: Operand::int(0),
        hi: n.into(),
        inclusive: false,
        reversed: false,
        carried,
        body: crate::ir::Block { stmts },
        until: None,
    })
}

pub(super) fn arm(stmts: Vec<Stmt>) -> crate::ir::Arm {
    crate::ir::Arm { pattern: None, block: crate::ir::Block { stmts }, yields: Vec::new() }
}

pub(super) fn step(place: &Place, proj: Proj) -> Place {
    let mut place = place.clone();
    place.path.push(proj);
    place
}

/// The type says how many floats there are.
pub(super) fn has_static_shape(ty: &Ty) -> bool {
    match ty {
        Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit => true,
        Ty::Array(of, _) => has_static_shape(of),
        Ty::Tuple(of) => of.iter().all(has_static_shape),
        Ty::Slice(_)
        | Ty::Vec(_)
        | Ty::Ref { .. }
        | Ty::Pullback
        | Ty::Tape(_)
        | Ty::Opaque
        | Ty::Unknown => false,
    }
}
