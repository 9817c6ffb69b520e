//! Loops of random programs, each made so that some rewrite is tempted.

use super::growth::{at, stepped, vec_of, when};
use super::{FLOAT, Gen, Memory, Shape};
use grad_compiler::ir::{Carried, Elem, For, Init, Op, Operand, Place, Proj, Stmt, Ty, Var};

impl Gen {
    /// What is from outside of a loop cannot be moved away in it.
    pub(super) fn enter_loop(&mut self) -> (usize, usize) {
        self.loops += 1;
        (self.loops - 1, std::mem::replace(&mut self.grown_in_loop, self.grown.len()))
    }

    pub(super) fn leave_loop(&mut self, outside: (usize, usize)) {
        (self.loops, self.grown_in_loop) = outside;
    }

    /// A loop over one of few ranges, so that neighbours have the same.
    pub(super) fn counted(
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

    pub(super) fn loops_side_by_side(&mut self, stmts: &mut Vec<Stmt>) {
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
                    let loaded = if cx.rng.chance(40) {
                        cx.load_within(stmts, row, index, len)
                    } else {
                        cx.load_or_zero(stmts, row, len)
                    };
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
                        let from = Some(match cx.rng.below(3) {
                            // The same element in every pass.
                            2 => cx.code(stmts, "from", Ty::Int, &format!("2 - __grad_v{}", index.0)).into(),
                            from => Operand::int(from),
                        });
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
    pub(super) fn index_of_pass(&mut self, stmts: &mut Vec<Stmt>, index: Var) -> Operand {
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
    pub(super) fn extend(&mut self, stmts: &mut Vec<Stmt>) {
        let (to, from) = (self.some_grown(), self.some_grown());
        if to == from {
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
    pub(super) fn code_of_few(&mut self, stmts: &mut Vec<Stmt>, len: Var) -> Var {
        self.code(stmts, "few", Ty::Int, &format!("__grad_v{} % 5", len.0))
    }

    /// Reads x[i] and x[i + 1], of four.
    pub(super) fn neighbours(&mut self, stmts: &mut Vec<Stmt>) {
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

    pub(super) fn carried_sum(&mut self, init: Operand) -> Carried {
        Carried {
            param: self.var("acc", FLOAT),
            init,
            next: Operand::float(0.0),
            result: self.var("acc", FLOAT),
        }
    }

    /// `let mut v = vec![c; 4]; for i in 0..n { v[..] = ..; }`, and a look at it.
    pub(super) fn first_content(&mut self, stmts: &mut Vec<Stmt>) {
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
    pub(super) fn pointer(&mut self, stmts: &mut Vec<Stmt>) {
        if self.depth < 2 && self.rng.chance(40) {
            return self.pointer_through_a_nest(stmts);
        }
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

    /// A counter that an inner loop counts on, or begins anew.
    fn pointer_through_a_nest(&mut self, stmts: &mut Vec<Stmt>) {
        let mut pointer = || Carried {
            param: self.var("p", Ty::Int),
            init: Operand::int(0),
            next: Operand::int(0),
            result: self.var("p", Ty::Int),
        };
        let (outer, mut own) = (pointer(), pointer());
        let sum = self.carried_sum(Operand::float(0.5));
        let memory = self.some_memory(false);
        let long = self.var("long", vec_of(FLOAT));
        let (value, len) = (Elem::Scalar(self.some_float()), Operand::int(17));
        stmts.push(Stmt::Alloc { var: long, init: Init::VecRepeat { value, len } });
        self.counted(stmts, vec![outer, sum], |cx, stmts, index, carried| {
            let param = carried[0].param;
            let place = cx.element(stmts, &memory);
            let loaded = cx.float(stmts, Op::Load(place));
            let at_start = cx.float(stmts, Op::Load(at(long, vec![Proj::Index(param.into())])));
            let mut inner_sum = cx.carried_sum(loaded.into());
            own.init = if cx.rng.chance(60) { param.into() } else { Operand::int(1) };
            let (hi, step) = if cx.rng.chance(50) { (Operand::int(2), 2) } else { (index.into(), 1) };
            let inner_index = cx.var("i", Ty::Int);
            let outside = cx.enter_loop();
            let (body, ()) = cx.scope(|cx, stmts| {
                let factor = cx.float(stmts, Op::Load(at(long, vec![Proj::Index(own.param.into())])));
                let product = cx.prim(stmts, "mul", vec![factor.into(), inner_sum.param.into()]);
                let product = cx.prim(stmts, "mul", vec![product.into(), at_start.into()]);
                inner_sum.next = cx.prim(stmts, "sin", vec![product.into()]).into();
                let next = format!("__grad_v{} + {step}", own.param.0);
                own.next = cx.code(stmts, "p", Ty::Int, &next).into();
            });
            cx.leave_loop(outside);
            carried[0].next = own.result.into();
            carried[1].next =
                cx.prim(stmts, "add", vec![inner_sum.result.into(), carried[1].param.into()]).into();
            let (lo, carried) = (Operand::int(0), vec![own, inner_sum]);
            let inner = For {
                index: inner_index,
                lo,
                hi,
                inclusive: false,
                reversed: false,
                carried,
                body,
                until: None,
            };
            let at = stmts.len() - 1;
            stmts.insert(at, Stmt::For(inner));
        });
    }

    /// Row by row of the rows of a fixed length, in a nest.
    pub(super) fn sum_rows(&mut self, stmts: &mut Vec<Stmt>) {
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
    pub(super) fn sum_up(&mut self, stmts: &mut Vec<Stmt>) {
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
    pub(super) fn again_and_again(&mut self, stmts: &mut Vec<Stmt>) {
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
    pub(super) fn array_in_a_pass(&mut self, stmts: &mut Vec<Stmt>) {
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
