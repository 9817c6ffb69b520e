//! Random programs whose memory grows, shrinks and moves: what rewrites and shapes of the reverse sweep may trip over.

use super::super::datum::Datum;
use super::{FLOAT, Gen, Generated, Memory, Shape};
use crate::ir::{
    Arg, ArgKind, Arm, Block, Branch, Call, Carried, Elem, For, Init, Op, Operand, Passed, Place, Proj,
    Selector, Stmt, Ty, Var,
};
use proc_macro2::Span;

/// Memory of which nobody knows how long it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grown {
    root: Var,
    kind: Kind,
}

impl Grown {
    pub(super) fn root(self) -> Var {
        self.root
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Flat,
    Rows,
    /// `(Vec<f64>, Vec<f64>)`
    Pair,
}

fn vec_of(ty: Ty) -> Ty {
    Ty::Vec(Box::new(ty))
}

fn at(root: Var, path: Vec<Proj>) -> Place {
    Place { root, path }
}

fn stepped(place: &Place, proj: Proj) -> Place {
    let mut place = place.clone();
    place.path.push(proj);
    place
}

/// A program of about `size` statements over what [`super::generate`] has, and an owned `Vec`, a `&mut Vec` and rows of any
/// lengths behind `&mut`. Where `linear`, it returns a sum, whose cotangents are known from the start.
pub(in super::super) fn generate_growing(seed: u64, size: usize, calls: bool) -> Generated {
    let mut cx = Gen::new(seed, size, calls);
    let mut args = cx.standard_params();
    let exclusive = |to| Ty::Ref { mutable: true, to: Box::new(to) };
    let own = cx.param("own", vec_of(FLOAT), true);
    let grows = cx.param("grows", exclusive(vec_of(FLOAT)), true);
    let jagged = cx.param("jagged", exclusive(vec_of(vec_of(FLOAT))), true);
    cx.grown = vec![
        Grown { root: own, kind: Kind::Flat },
        Grown { root: grows, kind: Kind::Flat },
        Grown { root: jagged, kind: Kind::Rows },
    ];
    let mut stmts = cx.first_stmts();
    let n = cx.let_(&mut stmts, "n", Ty::Int, Op::Len(Place::from(cx.memory[0].root)));
    cx.trips = Some(n);
    while cx.budget > 0 {
        if cx.rng.chance(60) {
            cx.growth(&mut stmts);
        } else {
            cx.stmt(&mut stmts);
        }
    }
    let result = if cx.rng.chance(50) { cx.linear(&mut stmts) } else { cx.mix(&mut stmts) };
    args.push(cx.numbers(3));
    args.push(cx.numbers(2));
    let (a, b) = (cx.rng.below(3), cx.rng.below(4));
    args.push(Datum::List(vec![cx.numbers(a), cx.numbers(b)]));
    cx.finish(stmts, result, args)
}

impl Gen {
    /// A sum of some floats, and of what is in some memory.
    fn linear(&mut self, stmts: &mut Vec<Stmt>) -> Var {
        let mut sum = self.prim(stmts, "add", vec![Operand::float(0.0), self.floats[0].into()]);
        for _ in 0..3 {
            let x = self.some_float();
            let scaled = self.prim(stmts, "mul", vec![x, Operand::float(0.75)]);
            sum = self.prim(stmts, "add", vec![sum.into(), scaled.into()]);
        }
        for _ in 0..2 {
            let last = self.last_sum(stmts);
            sum = self.prim(stmts, "add", vec![sum.into(), last.into()]);
        }
        for grown in self.grown.clone() {
            if let Some((place, len)) = self.flat(stmts, grown) {
                let load = self.load_or_zero(stmts, &place, len);
                sum = self.prim(stmts, "add", vec![sum.into(), load.into()]);
            }
        }
        sum
    }

    /// A sum of which the rest of the function is linear, or nearly.
    fn last_sum(&mut self, stmts: &mut Vec<Stmt>) -> Var {
        let memory = self.some_memory(false);
        let mut sums = vec![self.carried_sum(Operand::float(0.0))];
        let two = self.rng.chance(30);
        if two {
            sums.insert(0, self.carried_sum(Operand::float(0.5)));
        }
        let one_term = |cx: &mut Gen, stmts: &mut Vec<Stmt>| {
            let place = cx.element(stmts, &memory);
            let loaded = cx.float(stmts, Op::Load(place));
            let square = cx.prim(stmts, "mul", vec![loaded.into(), loaded.into()]);
            cx.prim(stmts, "sin", vec![square.into()])
        };
        self.counted(stmts, sums, |cx, stmts, _, carried| {
            let term = one_term(cx, stmts);
            let next = cx.prim(stmts, "add", vec![carried[0].param.into(), term.into()]);
            carried[0].next = next.into();
            if let Some(other) = carried.get_mut(1) {
                // The sums up to here, summed up.
                other.next = cx.prim(stmts, "add", vec![other.param.into(), next.into()]).into();
            }
        });
        let mut last = *self.floats.last().unwrap();
        if two {
            let first = self.floats[self.floats.len() - 2];
            last = self.prim(stmts, "add", vec![first.into(), last.into()]);
        }
        match self.rng.below(4) {
            0 => self.prim(stmts, "mul", vec![last.into(), Operand::float(-0.5)]),
            1 => self.prim(stmts, "tanh", vec![last.into()]),
            2 => {
                let name = ["add", "mul"][self.rng.below(2)];
                let sum = self.carried_sum(last.into());
                self.counted(stmts, vec![sum], |cx, stmts, _, carried| {
                    let term = one_term(cx, stmts);
                    let next = cx.prim(stmts, name, vec![carried[0].param.into(), term.into()]);
                    carried[0].next = next.into();
                });
                *self.floats.last().unwrap()
            }
            _ => last,
        }
    }

    pub(super) fn growth(&mut self, stmts: &mut Vec<Stmt>) {
        self.budget = self.budget.saturating_sub(1);
        let nested = self.depth < 3;
        match self.rng.below(100) {
            0..18 if nested => self.loops_side_by_side(stmts),
            18..25 => self.push_some(stmts),
            25..32 => self.replace(stmts),
            32..40 => self.make(stmts),
            40..47 => self.move_away(stmts),
            47..52 => self.take(stmts),
            52..56 => self.swap_whole(stmts),
            56..61 if nested => self.extend(stmts),
            61..66 if nested => self.neighbours(stmts),
            66..74 if nested => self.first_content(stmts),
            74..78 if nested => self.pointer(stmts),
            78..81 if nested => self.sum_rows(stmts),
            81..85 if nested => self.sum_up(stmts),
            85..88 if nested => self.array_in_a_pass(stmts),
            88..91 if self.calls => self.give(stmts),
            91..100 if nested => self.again_and_again(stmts),
            _ => self.read_some(stmts),
        }
    }

    // --- places ---

    fn some_grown(&mut self) -> Grown {
        self.grown[self.rng.below(self.grown.len())]
    }

    /// A row of numbers in such memory, with its length; `None` where there is no such row.
    fn flat(&mut self, stmts: &mut Vec<Stmt>, grown: Grown) -> Option<(Place, Var)> {
        let place = match grown.kind {
            Kind::Flat => Place::from(grown.root),
            Kind::Pair => at(grown.root, vec![Proj::Field(self.rng.below(2))]),
            Kind::Rows => return None,
        };
        let len = self.let_(stmts, "len", Ty::Int, Op::Len(place.clone()));
        Some((place, len))
    }

    /// Does something with a row of numbers: where it is one of rows, only if there are rows.
    fn with_row(
        &mut self,
        stmts: &mut Vec<Stmt>,
        grown: Grown,
        make: impl FnOnce(&mut Gen, &mut Vec<Stmt>, &Place),
    ) {
        if grown.kind != Kind::Rows {
            let place = self.flat(stmts, grown).expect("no rows").0;
            return make(self, stmts, &place);
        }
        let len = self.let_(stmts, "rows", Ty::Int, Op::Len(grown.root.into()));
        let some = self.code(stmts, "some", Ty::Bool, &format!("__grad_v{} > 0", len.0));
        let (block, ()) = self.scope(|cx, stmts| {
            let index = cx.index_within(stmts, len);
            make(cx, stmts, &at(grown.root, vec![Proj::Index(index)]));
        });
        stmts.push(when(some, block));
    }

    /// An index below a length that is not 0.
    fn index_within(&mut self, stmts: &mut Vec<Stmt>, len: Var) -> Operand {
        let len = len.0;
        let text = if self.ints.is_empty() || self.rng.chance(20) {
            format!("{} % __grad_v{len}", self.rng.below(3))
        } else {
            let int = self.ints[self.rng.below(self.ints.len())].0;
            match self.rng.below(4) {
                0 => format!("__grad_v{int} % __grad_v{len}"),
                1 => format!("(__grad_v{int} + 1) % __grad_v{len}"),
                2 => format!("(__grad_v{int} * 2 + 1) % __grad_v{len}"),
                _ => format!("__grad_v{len} - 1"),
            }
        };
        Operand::Var(self.code(stmts, "i", Ty::Int, &text))
    }

    fn load_or_zero(&mut self, stmts: &mut Vec<Stmt>, place: &Place, len: Var) -> Var {
        let some = self.code(stmts, "some", Ty::Bool, &format!("__grad_v{} > 0", len.0));
        let (block, loaded) = self.scope(|cx, stmts| {
            let index = cx.index_within(stmts, len);
            cx.float(stmts, Op::Load(stepped(place, Proj::Index(index))))
        });
        let result = self.var("r", FLOAT);
        stmts.push(Stmt::Branch(Branch {
            on: Selector::If(some.into()),
            arms: vec![
                Arm { pattern: None, block, yields: vec![Elem::Scalar(loaded.into())] },
                Arm {
                    pattern: None,
                    block: Block::default(),
                    yields: vec![Elem::Scalar(Operand::float(0.5))],
                },
            ],
            results: vec![result],
        }));
        self.floats.push(result);
        result
    }

    fn read_some(&mut self, stmts: &mut Vec<Stmt>) {
        let grown = self.some_grown();
        match self.flat(stmts, grown) {
            Some((place, len)) => _ = self.load_or_zero(stmts, &place, len),
            None => self.with_row(stmts, grown, |cx, stmts, row| {
                let len = cx.let_(stmts, "len", Ty::Int, Op::Len(row.clone()));
                let loaded = cx.load_or_zero(stmts, row, len);
                cx.store_somewhere(stmts, loaded);
            }),
        }
    }

    /// Into memory of a fixed length, so that it matters.
    fn store_somewhere(&mut self, stmts: &mut Vec<Stmt>, value: Var) {
        let memory = self.some_memory(true);
        let place = self.element(stmts, &memory);
        stmts.push(Stmt::Store { place, value: value.into() });
    }

    /// Changes an element, if there is one: overwrites it, or adds to it in place.
    fn change(&mut self, stmts: &mut Vec<Stmt>, place: &Place) {
        let len = self.let_(stmts, "len", Ty::Int, Op::Len(place.clone()));
        let some = self.code(stmts, "some", Ty::Bool, &format!("__grad_v{} > 0", len.0));
        let value = self.compute(stmts);
        let (block, ()) = self.scope(|cx, stmts| {
            let element = stepped(place, Proj::Index(cx.index_within(stmts, len)));
            if cx.rng.chance(50) {
                let old = cx.float(stmts, Op::Load(element.clone()));
                if cx.rng.chance(20) {
                    cx.store_somewhere(stmts, old);
                }
                let name = ["add", "add", "sub", "mul"][cx.rng.below(4)];
                if cx.rng.chance(20) {
                    let other = stepped(place, Proj::Index(cx.index_within(stmts, len)));
                    let value = cx.some_float();
                    stmts.push(Stmt::Store { place: other, value });
                }
                let new = cx.prim(stmts, name, vec![old.into(), value.into()]);
                let element = if cx.rng.chance(20) {
                    stepped(place, Proj::Index(cx.index_within(stmts, len)))
                } else {
                    element
                };
                stmts.push(Stmt::Store { place: element, value: new.into() });
                if cx.rng.chance(20) {
                    cx.store_somewhere(stmts, new);
                }
            } else {
                stmts.push(Stmt::Store { place: element, value: value.into() });
            }
        });
        stmts.push(when(some, block));
    }

    // --- lengths ---

    fn push_some(&mut self, stmts: &mut Vec<Stmt>) {
        let grown = self.some_grown();
        let value = self.compute(stmts);
        if grown.kind == Kind::Rows && self.rng.chance(30) {
            let row = self.new_flat(stmts);
            return stmts.push(Stmt::Push { vec: grown.root.into(), value: Elem::Memory(row.into()) });
        }
        self.with_row(stmts, grown, |_, stmts, row| {
            stmts.push(Stmt::Push { vec: row.clone(), value: Elem::Scalar(value.into()) });
        });
    }

    /// What a new `Vec` of numbers is made of.
    fn flat_init(&mut self, stmts: &mut Vec<Stmt>) -> Init {
        match self.rng.below(6) {
            0 => Init::Empty { capacity: None },
            1 | 2 => {
                let n = self.rng.below(3) + 1;
                Init::Vec((0..n).map(|_| Elem::Scalar(self.some_float())).collect())
            }
            3 => {
                let value = Elem::Scalar(self.some_float());
                let len = self.index(stmts, 4);
                Init::VecRepeat { value, len }
            }
            _ => {
                let flats: Vec<Grown> =
                    self.grown.iter().copied().filter(|grown| grown.kind == Kind::Flat).collect();
                if flats.is_empty() {
                    return Init::Empty { capacity: None };
                }
                Init::Clone(flats[self.rng.below(flats.len())].root.into())
            }
        }
    }

    fn new_flat(&mut self, stmts: &mut Vec<Stmt>) -> Var {
        let init = self.flat_init(stmts);
        let root = self.var("u", vec_of(FLOAT));
        stmts.push(Stmt::Alloc { var: root, init });
        root
    }

    fn make(&mut self, stmts: &mut Vec<Stmt>) {
        let kind = [Kind::Flat, Kind::Flat, Kind::Rows, Kind::Pair][self.rng.below(4)];
        let (ty, init) = match kind {
            Kind::Flat => (vec_of(FLOAT), self.flat_init(stmts)),
            Kind::Rows => {
                let rows =
                    (0..self.rng.below(3)).map(|_| Elem::Memory(self.new_flat(stmts).into())).collect();
                (vec_of(vec_of(FLOAT)), Init::Vec(rows))
            }
            Kind::Pair => {
                let parts = (0..2).map(|_| Elem::Memory(self.new_flat(stmts).into())).collect();
                (Ty::Tuple(vec![vec_of(FLOAT); 2]), Init::Tuple(parts))
            }
        };
        let root = self.var("made", ty);
        stmts.push(Stmt::Alloc { var: root, init });
        self.grown.push(Grown { root, kind });
    }

    /// `u = ..;`, `rows[i] = ..;`, `pair.0 = ..;`
    fn replace(&mut self, stmts: &mut Vec<Stmt>) {
        let grown = self.some_grown();
        if grown.kind == Kind::Rows && self.rng.chance(25) {
            let rows = (0..self.rng.below(3)).map(|_| Elem::Memory(self.new_flat(stmts).into())).collect();
            return stmts.push(Stmt::Assign { place: grown.root.into(), init: Init::Vec(rows) });
        }
        self.with_row(stmts, grown, |cx, stmts, row| {
            let init = cx.flat_init(stmts);
            // A clone of itself is none that anybody would write.
            if matches!(&init, Init::Clone(from) if from.root == row.root) {
                return;
            }
            stmts.push(Stmt::Assign { place: row.clone(), init });
        });
    }

    fn swap_whole(&mut self, stmts: &mut Vec<Stmt>) {
        let flats: Vec<Grown> = self.grown.iter().copied().filter(|grown| grown.kind == Kind::Flat).collect();
        let (a, b) = (flats.first().copied(), flats.last().copied());
        match (a, b) {
            (Some(a), Some(b)) if a != b => stmts.push(Stmt::Swap { a: a.root.into(), b: b.root.into() }),
            _ => self.push_some(stmts),
        }
    }

    /// An owned local of this depth or, in an arm, of any: that is gone from here on.
    fn movable(&mut self) -> Option<Grown> {
        let from = if self.loops > 0 { self.grown_in_loop } else { 1 };
        let choice: Vec<Grown> = self
            .grown
            .iter()
            .skip(from)
            .copied()
            .filter(|grown| !matches!(self.func.ty(grown.root), Ty::Ref { .. }))
            .collect();
        (!choice.is_empty()).then(|| choice[self.rng.below(choice.len())])
    }

    fn move_away(&mut self, stmts: &mut Vec<Stmt>) {
        let Some(grown) = self.movable() else { return self.push_some(stmts) };
        self.grown.retain(|other| *other != grown);
        self.gone.push(grown.root);
        let ty = self.func.ty(grown.root).clone();
        let rows = self.grown.iter().copied().find(|other| other.kind == Kind::Rows);
        match (self.rng.below(3), rows) {
            (0, Some(rows)) if grown.kind == Kind::Flat => {
                stmts.push(Stmt::Push { vec: rows.root.into(), value: Elem::Memory(grown.root.into()) });
            }
            (1, _) => {
                // Where nobody looks.
                let ty = Ty::Tuple(vec![ty, Ty::Int]);
                let elems = vec![Elem::Memory(grown.root.into()), Elem::Scalar(Operand::int(1))];
                let var = self.var("kept", ty);
                stmts.push(Stmt::Alloc { var, init: Init::Tuple(elems) });
            }
            _ => {
                let var = self.var("moved", ty);
                stmts.push(Stmt::Alloc { var, init: Init::Move(grown.root.into()) });
                if self.rng.chance(70) {
                    self.grown.push(Grown { root: var, kind: grown.kind });
                }
            }
        }
    }

    /// `std::mem::take(&mut u)`
    fn take(&mut self, stmts: &mut Vec<Stmt>) {
        let grown = self.some_grown();
        let ty = self.func.ty(grown.root).clone();
        if grown.kind == Kind::Pair || matches!(ty, Ty::Ref { .. }) {
            return self.push_some(stmts);
        }
        let taken = self.var("taken", ty);
        stmts.push(Stmt::Alloc { var: taken, init: Init::Move(grown.root.into()) });
        stmts.push(Stmt::Assign { place: grown.root.into(), init: Init::Empty { capacity: None } });
        let rows = self.grown.iter().copied().find(|other| other.kind == Kind::Rows && *other != grown);
        match rows {
            Some(rows) if grown.kind == Kind::Flat && self.rng.chance(60) => {
                stmts.push(Stmt::Push { vec: rows.root.into(), value: Elem::Memory(taken.into()) });
            }
            _ => self.grown.push(Grown { root: taken, kind: grown.kind }),
        }
    }

    /// Passes a `Vec` on by value, or lends it to be changed.
    fn give(&mut self, stmts: &mut Vec<Stmt>) {
        let arg = |kind| Arg { kind, span: Span::call_site() };
        let x = Operand::Var(self.some_float_var());
        let result = self.var("called", FLOAT);
        let (callee, args) = match self.movable().filter(|grown| grown.kind == Kind::Flat) {
            Some(grown) if self.rng.chance(50) => {
                self.grown.retain(|other| *other != grown);
                self.gone.push(grown.root);
                (
                    "eat",
                    vec![
                        arg(ArgKind::Memory { place: grown.root.into(), passed: Passed::Moved }),
                        arg(ArgKind::Scalar(x)),
                    ],
                )
            }
            _ => {
                let grown = self.some_grown();
                let Some((place, _)) = self.flat(stmts, grown) else { return };
                (
                    "feed",
                    vec![arg(ArgKind::Memory { place, passed: Passed::Exclusive }), arg(ArgKind::Scalar(x))],
                )
            }
        };
        let call =
            Call { callee: callee.parse().unwrap(), args, result: Some(result), span: Span::call_site() };
        stmts.push(Stmt::Call(call));
        self.floats.push(result);
    }

    // --- loops ---

    /// What is from outside of a loop cannot be moved away in it.
    pub(super) fn enter_loop(&mut self) -> (usize, usize) {
        self.loops += 1;
        (self.loops - 1, std::mem::replace(&mut self.grown_in_loop, self.grown.len()))
    }

    pub(super) fn leave_loop(&mut self, outside: (usize, usize)) {
        (self.loops, self.grown_in_loop) = outside;
    }

    /// A loop over one of few ranges, so that neighbours have the same.
    fn counted(
        &mut self,
        stmts: &mut Vec<Stmt>,
        mut carried: Vec<Carried>,
        make: impl FnOnce(&mut Gen, &mut Vec<Stmt>, Var, &mut [Carried]),
    ) {
        let index = self.var("i", Ty::Int);
        let hi = match (self.rng.below(4), self.trips) {
            _ if self.short => Operand::int(3),
            (_, Some(n)) if self.passes_are_trips => n.into(),
            (0, _) => Operand::int(3),
            (1, _) if !self.ints.is_empty() => self.index(stmts, 4),
            (_, Some(n)) => n.into(),
            (_, None) => Operand::int(2),
        };
        let outside = self.enter_loop();
        let (body, ()) = self.scope(|cx, stmts| {
            cx.ints.push(index);
            make(cx, stmts, index, &mut carried);
        });
        self.leave_loop(outside);
        let lo = Operand::int(usize::from(self.rng.chance(10)));
        let reversed = self.rng.chance(10);
        self.floats.extend(carried.iter().filter(|c| *self.func.ty(c.result) == FLOAT).map(|c| c.result));
        stmts.push(Stmt::For(For { index, lo, hi, inclusive: false, reversed, carried, body, until: None }));
    }

    fn loops_side_by_side(&mut self, stmts: &mut Vec<Stmt>) {
        let (one, other) = (self.some_grown(), self.some_grown());
        self.short = self.rng.chance(25);
        for _ in 0..self.rng.below(2) + 2 {
            let grown = if self.rng.chance(60) { one } else { other };
            let kinds = if self.short { 5..6 } else { 0..8 };
            let kind = kinds.start + self.rng.below(kinds.len());
            self.counted(stmts, Vec::new(), |cx, stmts, index, _| match kind {
                0..3 => {
                    let value = cx.compute(stmts);
                    let condition = cx.rng.chance(30).then(|| cx.condition(stmts));
                    let (block, ()) = cx.scope(|cx, stmts| {
                        cx.with_row(stmts, grown, |_, stmts, row| {
                            stmts.push(Stmt::Push { vec: row.clone(), value: Elem::Scalar(value.into()) });
                        });
                    });
                    match condition {
                        Some(Operand::Var(condition)) => stmts.push(when(condition, block)),
                        _ => stmts.extend(block.stmts),
                    }
                }
                3 => cx.with_row(stmts, grown, Gen::change),
                4 => cx.with_row(stmts, grown, |cx, stmts, row| {
                    let len = cx.let_(stmts, "len", Ty::Int, Op::Len(row.clone()));
                    let loaded = cx.load_or_zero(stmts, row, len);
                    let memory = cx.memory[1].root;
                    let product = cx.prim(stmts, "mul", vec![loaded.into(), cx.floats[0].into()]);
                    let place = at(memory, vec![Proj::Index(cx.index_of_pass(stmts, index))]);
                    stmts.push(Stmt::Store { place, value: product.into() });
                }),
                _ => {
                    // Element by element, in memory of a fixed length: the next loop may be merged with it.
                    let memory = cx.memory[1].root;
                    let mut own = at(memory, vec![Proj::Index(index.into())]);
                    if cx.short {
                        let from = Some(Operand::int(cx.rng.below(2)));
                        own.path.insert(0, Proj::Slice { from, to: None, inclusive: false });
                    }
                    let elsewhere = at(memory, vec![Proj::Index(cx.index_of_pass(stmts, index))]);
                    let from = if cx.rng.chance(60) { own.clone() } else { elsewhere };
                    let old = cx.float(stmts, Op::Load(from));
                    let value = cx.some_float();
                    let name = ["add", "mul", "sub"][cx.rng.below(3)];
                    let new = cx.prim(stmts, name, vec![old.into(), value]);
                    let new = cx.prim(stmts, "sin", vec![new.into()]);
                    stmts.push(Stmt::Store { place: own, value: new.into() });
                }
            });
        }
        self.short = false;
    }

    /// The index itself, or another below 4.
    fn index_of_pass(&mut self, stmts: &mut Vec<Stmt>, index: Var) -> Operand {
        let index = index.0;
        let text = match self.rng.below(5) {
            0 => format!("__grad_v{index} % 4"),
            1 => format!("(__grad_v{index} + 1) % 4"),
            2 => format!("3 - __grad_v{index} % 4"),
            _ => format!("(__grad_v{index} * 2) % 4"),
        };
        Operand::Var(self.code(stmts, "i", Ty::Int, &text))
    }

    /// `for i in 0..from.len() { to.push(from[i]) }`
    fn extend(&mut self, stmts: &mut Vec<Stmt>) {
        let (to, from) = (self.some_grown(), self.some_grown());
        if to.root == from.root {
            return self.push_some(stmts);
        }
        let Some((from, _)) = self.flat(stmts, from) else { return };
        let len = self.let_(stmts, "len", Ty::Int, Op::Len(from.clone()));
        let few = self.code_of_few(stmts, len);
        let trips = self.trips.replace(few);
        self.counted(stmts, Vec::new(), |cx, stmts, _, _| {
            let value = cx.load_or_zero(stmts, &from, len);
            cx.with_row(stmts, to, |_, stmts, row| {
                stmts.push(Stmt::Push { vec: row.clone(), value: Elem::Scalar(value.into()) });
            });
        });
        self.trips = trips;
    }

    /// At most 4, so that programs stay short.
    fn code_of_few(&mut self, stmts: &mut Vec<Stmt>, len: Var) -> Var {
        self.code(stmts, "few", Ty::Int, &format!("__grad_v{} % 5", len.0))
    }

    /// Reads x[i] and x[i + 1], of four.
    fn neighbours(&mut self, stmts: &mut Vec<Stmt>) {
        let flats: Vec<Memory> =
            self.memory.iter().filter(|memory| memory.shape == Shape::Flat(4)).cloned().collect();
        let Some(memory) = flats.get(self.rng.below(flats.len().max(1))).cloned() else { return };
        let carried = vec![self.carried_sum(Operand::float(0.0))];
        let by = 1 + usize::from(self.rng.chance(20));
        let trips = self.trips.take();
        let (hi, reversed) = (Operand::int(4 - by), self.rng.chance(30));
        let index = self.var("i", Ty::Int);
        let mut carried = carried;
        let (body, ()) = self.scope(|cx, stmts| {
            cx.ints.push(index);
            let next = cx.code(stmts, "i", Ty::Int, &format!("__grad_v{}+{by}", index.0));
            let a = cx.float(stmts, Op::Load(at(memory.root, vec![Proj::Index(index.into())])));
            let b = cx.float(stmts, Op::Load(at(memory.root, vec![Proj::Index(next.into())])));
            let mut term = cx.prim(stmts, "mul", vec![a.into(), b.into()]);
            if cx.rng.chance(25) {
                let extra = cx.element(stmts, &memory);
                let extra = cx.float(stmts, Op::Load(extra));
                term = cx.prim(stmts, "mul", vec![term.into(), extra.into()]);
            }
            if cx.rng.chance(25) && memory.writable {
                let place = at(memory.root, vec![Proj::Index(index.into())]);
                stmts.push(Stmt::Store { place, value: term.into() });
            }
            carried[0].next = cx.prim(stmts, "add", vec![carried[0].param.into(), term.into()]).into();
        });
        self.trips = trips;
        self.floats.push(carried[0].result);
        let lo = Operand::int(0);
        stmts.push(Stmt::For(For { index, lo, hi, inclusive: false, reversed, carried, body, until: None }));
    }

    fn carried_sum(&mut self, init: Operand) -> Carried {
        Carried {
            param: self.var("acc", FLOAT),
            init,
            next: Operand::float(0.0),
            result: self.var("acc", FLOAT),
        }
    }

    /// `let mut v = vec![c; 4]; for i in 0..n { v[..] = ..; }`, and a look at it.
    fn first_content(&mut self, stmts: &mut Vec<Stmt>) {
        let value = if self.rng.chance(70) { Operand::float(0.0) } else { self.some_float() };
        let root = self.var("v", vec_of(FLOAT));
        let init = Init::VecRepeat { value: Elem::Scalar(value), len: Operand::int(4) };
        stmts.push(Stmt::Alloc { var: root, init });
        let second = at(root, vec![Proj::Index(Operand::int(1))]);
        if self.rng.chance(20) {
            let value = self.some_float();
            stmts.push(Stmt::Store { place: second.clone(), value });
        }
        self.counted(stmts, Vec::new(), |cx, stmts, index, _| {
            let at_index = if cx.rng.chance(60) { index.into() } else { cx.index_of_pass(stmts, index) };
            let mut value = cx.compute(stmts);
            if cx.rng.chance(40) {
                value = cx.prim(stmts, "sin", vec![value.into()]);
            }
            if cx.rng.chance(20) {
                let first = at(root, vec![Proj::Index(Operand::int(0))]);
                cx.float(stmts, Op::Load(first));
            }
            stmts.push(Stmt::Store { place: at(root, vec![Proj::Index(at_index)]), value: value.into() });
            if cx.rng.chance(50) {
                let square = cx.prim(stmts, "mul", vec![value.into(), value.into()]);
                cx.store_somewhere(stmts, square);
            }
        });
        let [a, b] =
            [0, 1].map(|k| self.float(stmts, Op::Load(at(root, vec![Proj::Index(Operand::int(k))]))));
        let product = self.prim(stmts, "mul", vec![a.into(), b.into()]);
        self.store_somewhere(stmts, product);
        if self.rng.chance(30) {
            stmts.push(Stmt::Store { place: second, value: Operand::float(0.5) });
        }
        if self.rng.chance(40) {
            self.memory.push(Memory { root, shape: Shape::Flat(4), writable: true });
        }
    }

    /// A carried index: `p += d;`
    fn pointer(&mut self, stmts: &mut Vec<Stmt>) {
        let pointer = Carried {
            param: self.var("p", Ty::Int),
            init: Operand::int(0),
            next: Operand::int(0),
            result: self.var("p", Ty::Int),
        };
        let sum = self.carried_sum(Operand::float(0.25));
        let memory = self.some_memory(false);
        let long = self.var("long", vec_of(FLOAT));
        let (value, len) = (Elem::Scalar(self.some_float()), Operand::int(9));
        stmts.push(Stmt::Alloc { var: long, init: Init::VecRepeat { value, len } });
        self.counted(stmts, vec![pointer, sum], |cx, stmts, index, carried| {
            let param = carried[0].param;
            cx.ints.push(param);
            let step = if cx.rng.chance(50) {
                Operand::int(2)
            } else {
                let of = if cx.rng.chance(50) { index } else { param };
                let step = cx.code(stmts, "d", Ty::Int, &format!("1 + __grad_v{} % 2", of.0));
                cx.ints.push(step);
                Operand::Var(step)
            };
            let own = cx.float(stmts, Op::Load(at(long, vec![Proj::Index(param.into())])));
            let place = cx.element(stmts, &memory);
            let loaded = cx.float(stmts, Op::Load(place));
            let loaded = cx.prim(stmts, "mul", vec![loaded.into(), own.into()]);
            let product = cx.prim(stmts, "mul", vec![loaded.into(), carried[1].param.into()]);
            let wave = cx.prim(stmts, "sin", vec![product.into()]);
            carried[1].next = wave.into();
            let text = match &step {
                Operand::Lit(lit) => format!("__grad_v{} + {}", param.0, lit.text),
                Operand::Var(var) => format!("__grad_v{} + __grad_v{}", param.0, var.0),
            };
            carried[0].next = cx.code(stmts, "p", Ty::Int, &text).into();
        });
    }

    /// Row by row of the rows of a fixed length, in a nest.
    fn sum_rows(&mut self, stmts: &mut Vec<Stmt>) {
        let Some(memory) = self.memory.iter().find(|memory| matches!(memory.shape, Shape::Rows(..))).cloned()
        else {
            return;
        };
        let factor = self.some_float();
        let outer = self.var("i", Ty::Int);
        let (body, ()) = self.scope(|cx, stmts| {
            cx.ints.push(outer);
            let row = cx.index(stmts, 2);
            let inner = cx.var("j", Ty::Int);
            let sum = cx.carried_sum(Operand::float(0.0));
            let mut carried = vec![sum];
            let (body, ()) = cx.scope(|cx, stmts| {
                cx.ints.push(inner);
                let path = vec![Proj::Index(row.clone()), Proj::Index(inner.into())];
                let loaded = cx.float(stmts, Op::Load(at(memory.root, path)));
                let mut term = cx.prim(stmts, "mul", vec![loaded.into(), factor.clone()]);
                if cx.rng.chance(40) {
                    let place = cx.element(stmts, &memory);
                    let other = cx.float(stmts, Op::Load(place));
                    term = cx.prim(stmts, "mul", vec![term.into(), other.into()]);
                }
                carried[0].next = cx.prim(stmts, "add", vec![carried[0].param.into(), term.into()]).into();
            });
            cx.floats.push(carried[0].result);
            let (lo, hi) = (Operand::int(0), Operand::int(3));
            stmts.push(Stmt::For(For {
                index: inner,
                lo,
                hi,
                inclusive: false,
                reversed: false,
                carried,
                body,
                until: None,
            }));
            let last = *cx.floats.last().unwrap();
            let wave = cx.prim(stmts, "sin", vec![last.into()]);
            cx.store_somewhere(stmts, wave);
        });
        let (lo, hi) = (Operand::int(0), Operand::int(2));
        stmts.push(Stmt::For(For {
            index: outer,
            lo,
            hi,
            inclusive: false,
            reversed: false,
            carried: Vec::new(),
            body,
            until: None,
        }));
    }

    /// `s += ..;`, and what may become of a sum.
    fn sum_up(&mut self, stmts: &mut Vec<Stmt>) {
        let init = self.some_float();
        let sum = self.carried_sum(init);
        self.counted(stmts, vec![sum], |cx, stmts, _, carried| {
            cx.floats.push(carried[0].param);
            let mut term = cx.compute(stmts);
            if cx.rng.chance(60) {
                let memory = cx.some_memory(false);
                let place = cx.element(stmts, &memory);
                let loaded = cx.float(stmts, Op::Load(place));
                term = cx.prim(stmts, "mul", vec![term.into(), loaded.into()]);
            }
            let next = cx.prim(stmts, "add", vec![carried[0].param.into(), term.into()]);
            carried[0].next = next.into();
            if cx.rng.chance(15) {
                cx.store_somewhere(stmts, next);
            }
        });
        let last = *self.floats.last().unwrap();
        if self.rng.chance(50) {
            let name = ["mul", "add", "exp"][self.rng.below(3)];
            let args = if name == "exp" {
                let squashed = self.prim(stmts, "tanh", vec![last.into()]);
                vec![squashed.into()]
            } else {
                vec![last.into(), self.some_float()]
            };
            self.prim(stmts, name, args);
        }
    }

    /// One element, read in front of a loop, and read and written in it; or one that is there only if there are passes.
    fn again_and_again(&mut self, stmts: &mut Vec<Stmt>) {
        if self.rng.chance(40) {
            let root = self.var("v", vec_of(FLOAT));
            let (value, len) = (Elem::Scalar(self.some_float()), self.index(stmts, 4));
            stmts.push(Stmt::Alloc { var: root, init: Init::VecRepeat { value, len } });
            let place = Place::from(root);
            let few = self.let_(stmts, "len", Ty::Int, Op::Len(place.clone()));
            let trips = self.trips.replace(few);
            let sum = self.carried_sum(Operand::float(0.25));
            self.passes_are_trips = true;
            self.counted(stmts, vec![sum], |cx, stmts, _, carried| {
                let first = cx.float(stmts, Op::Load(stepped(&place, Proj::Index(Operand::int(0)))));
                let product = cx.prim(stmts, "mul", vec![first.into(), carried[0].param.into()]);
                carried[0].next = cx.prim(stmts, "sin", vec![product.into()]).into();
            });
            self.passes_are_trips = false;
            self.trips = trips;
            let last = *self.floats.last().unwrap();
            return self.store_somewhere(stmts, last);
        }
        let memory = self.memory[1].root;
        let place = at(memory, vec![Proj::Index(Operand::int(self.rng.below(3)))]);
        let old = self.float(stmts, Op::Load(place.clone()));
        let increments = self.rng.chance(40);
        if !increments {
            let square = self.prim(stmts, "mul", vec![old.into(), old.into()]);
            self.store_somewhere(stmts, square);
        }
        self.counted(stmts, Vec::new(), |cx, stmts, _, _| {
            let mut base = old;
            if cx.rng.chance(50) && !increments {
                let value = cx.compute(stmts);
                stmts.push(Stmt::Store { place: place.clone(), value: value.into() });
                let read = cx.float(stmts, Op::Load(place.clone()));
                let square = cx.prim(stmts, "mul", vec![read.into(), read.into()]);
                return cx.store_somewhere(stmts, square);
            }
            if !increments {
                base = cx.float(stmts, Op::Load(place.clone()));
                let other = cx.index(stmts, 4);
                let value = cx.some_float();
                stmts.push(Stmt::Store { place: at(memory, vec![Proj::Index(other)]), value });
            }
            let term = cx.compute(stmts);
            let new = cx.prim(stmts, "add", vec![base.into(), term.into()]);
            stmts.push(Stmt::Store { place: place.clone(), value: new.into() });
        });
        if self.rng.chance(50) {
            // Read, changed perhaps under another index, and overwritten by a constant.
            let read = self.float(stmts, Op::Load(place.clone()));
            let square = self.prim(stmts, "mul", vec![read.into(), read.into()]);
            let other = self.index(stmts, 4);
            stmts.push(Stmt::Store { place: at(memory, vec![Proj::Index(other)]), value: square.into() });
            stmts.push(Stmt::Store { place, value: Operand::float(0.5) });
        }
    }

    /// An array that each pass has for itself, read in a loop in it.
    fn array_in_a_pass(&mut self, stmts: &mut Vec<Stmt>) {
        let sum = self.carried_sum(Operand::float(0.5));
        self.counted(stmts, vec![sum], |cx, stmts, _, carried| {
            let param = carried[0].param;
            cx.floats.push(param);
            let elems = (0..3).map(|_| Elem::Scalar(cx.compute(stmts).into())).collect();
            let array = cx.var("a", Ty::Array(Box::new(FLOAT), "3".to_owned()));
            stmts.push(Stmt::Alloc { var: array, init: Init::Array(elems) });
            let inner = cx.carried_sum(param.into());
            let memory = Memory { root: array, shape: Shape::Flat(3), writable: true };
            cx.counted(stmts, vec![inner], |cx, stmts, _, carried| {
                let place = cx.element(stmts, &memory);
                let loaded = cx.float(stmts, Op::Load(place));
                let product = cx.prim(stmts, "mul", vec![loaded.into(), carried[0].param.into()]);
                carried[0].next = cx.prim(stmts, "sin", vec![product.into()]).into();
            });
            carried[0].next = (*cx.floats.last().unwrap()).into();
            if cx.rng.chance(40) {
                let value = cx.some_float();
                let place = cx.element(stmts, &memory);
                stmts.push(Stmt::Store { place, value });
            }
        });
    }
}

/// `if condition { block }`
fn when(condition: Var, block: Block) -> Stmt {
    Stmt::Branch(Branch {
        on: Selector::If(condition.into()),
        arms: vec![
            Arm { pattern: None, block, yields: Vec::new() },
            Arm { pattern: None, block: Block::default(), yields: Vec::new() },
        ],
        results: Vec::new(),
    })
}
