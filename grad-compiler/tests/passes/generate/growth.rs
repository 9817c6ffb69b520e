//! Random programs whose memory grows, shrinks and moves: what rewrites and shapes of the reverse sweep may trip over.

use super::{FLOAT, Gen, Generated};
use grad_compiler::interp::Datum;
use grad_compiler::ir::{
    Arg, ArgKind, Arm, Block, Branch, Call, Callee, Elem, Init, Op, Operand, Passed, Place, Proj, Selector,
    Stmt, Ty, Var,
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

pub(super) fn vec_of(ty: Ty) -> Ty {
    Ty::Vec(Box::new(ty))
}

pub(super) fn at(root: Var, path: Vec<Proj>) -> Place {
    Place { root, path }
}

pub(super) fn stepped(place: &Place, proj: Proj) -> Place {
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
        if self.rng.chance(60) {
            let last = self.scratch_sum(stmts);
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
            91..96 if nested => self.again_and_again(stmts),
            96..100 if nested => self.extreme(stmts),
            _ => self.read_some(stmts),
        }
    }

    // --- places ---

    pub(super) fn some_grown(&mut self) -> Grown {
        self.grown[self.rng.below(self.grown.len())]
    }

    /// A row of numbers in such memory, with its length; `None` where there is no such row.
    pub(super) fn flat(&mut self, stmts: &mut Vec<Stmt>, grown: Grown) -> Option<(Place, Var)> {
        let place = match grown.kind {
            Kind::Flat => Place::from(grown.root),
            Kind::Pair => at(grown.root, vec![Proj::Field(self.rng.below(2))]),
            Kind::Rows => return None,
        };
        let len = self.let_(stmts, "len", Ty::Int, Op::Len(place.clone()));
        Some((place, len))
    }

    /// Does something with a row of numbers: where it is one of rows, only if there are rows.
    pub(super) fn with_row(
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
    pub(super) fn index_within(&mut self, stmts: &mut Vec<Stmt>, len: Var) -> Operand {
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

    pub(super) fn load_or_zero(&mut self, stmts: &mut Vec<Stmt>, place: &Place, len: Var) -> Var {
        let some = self.code(stmts, "some", Ty::Bool, &format!("__grad_v{} > 0", len.0));
        let loaded = self.scope(|cx, stmts| {
            let index = cx.index_within(stmts, len);
            cx.float(stmts, Op::Load(stepped(place, Proj::Index(index))))
        });
        self.loaded_or_half(stmts, some, loaded)
    }

    /// The element with the number of the pass, as far as there are so many.
    pub(super) fn load_within(&mut self, stmts: &mut Vec<Stmt>, place: &Place, index: Var, len: Var) -> Var {
        let some = self.code(stmts, "some", Ty::Bool, &format!("__grad_v{} < __grad_v{}", index.0, len.0));
        let loaded =
            self.scope(|cx, stmts| cx.float(stmts, Op::Load(stepped(place, Proj::Index(index.into())))));
        self.loaded_or_half(stmts, some, loaded)
    }

    fn loaded_or_half(&mut self, stmts: &mut Vec<Stmt>, some: Var, (block, loaded): (Block, Var)) -> Var {
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
    pub(super) fn store_somewhere(&mut self, stmts: &mut Vec<Stmt>, value: Var) {
        let memory = self.some_memory(true);
        let place = self.element(stmts, &memory);
        stmts.push(Stmt::Store { place, value: value.into() });
    }

    /// Changes an element, if there is one: overwrites it, or adds to it in place.
    pub(super) fn change(&mut self, stmts: &mut Vec<Stmt>, place: &Place) {
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

    pub(super) fn push_some(&mut self, stmts: &mut Vec<Stmt>) {
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
        let callee = Callee::Function(callee.parse().unwrap());
        let call = Call::of(callee, args, Some(result), Span::call_site());
        stmts.push(Stmt::Call(call));
        self.floats.push(result);
    }
}

/// `if condition { block }`
pub(super) fn when(condition: Var, block: Block) -> Stmt {
    Stmt::Branch(Branch {
        on: Selector::If(condition.into()),
        arms: vec![
            Arm { pattern: None, block, yields: Vec::new() },
            Arm { pattern: None, block: Block::default(), yields: Vec::new() },
        ],
        results: Vec::new(),
    })
}
