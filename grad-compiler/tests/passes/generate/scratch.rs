//! Scratch in front of a loop: each pass overwrites it, or does not, all of it, or a part, before it reads it, or behind.

use super::growth::{at, vec_of, when};
use super::{FLOAT, Gen};
use grad_compiler::ir::{
    Arg, ArgKind, Call, Callee, Elem, For, Init, Op, Operand, Passed, Place, Proj, Stmt, Ty, Var,
};
use proc_macro2::Span;

impl Gen {
    /// A sum of terms that go through scratch.
    pub(super) fn scratch_sum(&mut self, stmts: &mut Vec<Stmt>) -> Var {
        let root = self.var("scratch", vec_of(FLOAT));
        let value = if self.rng.chance(50) { Operand::float(0.5) } else { self.some_float() };
        let init = Init::VecRepeat { value: Elem::Scalar(value), len: Operand::int(4) };
        stmts.push(Stmt::Alloc { var: root, init });
        if self.rng.chance(50) {
            let value = self.some_float();
            let place = self.any_of_four(root);
            stmts.push(Stmt::Store { place, value });
        }
        let sum = self.carried_sum(Operand::float(0.0));
        let factor = self.some_float();
        self.counted(stmts, vec![sum], |cx, stmts, index, carried| {
            let param = carried[0].param;
            let mut term = if cx.rng.chance(15) { cx.load_of_four(stmts, root) } else { cx.compute(stmts) };
            let in_arm = cx.rng.chance(20).then(|| cx.condition(stmts));
            let (block, ()) = cx.scope(|cx, stmts| cx.overwrite(stmts, root, index));
            match in_arm {
                Some(Operand::Var(condition)) => stmts.push(when(condition, block)),
                _ => stmts.extend(block.stmts),
            }
            let write = cx.rng.below(4);
            let other = |cx: &mut Gen, stmts: &mut Vec<Stmt>, now: usize| {
                if write == now {
                    let value = cx.some_float();
                    stmts.push(Stmt::Store { place: cx.any_of_four(root), value });
                }
            };
            other(cx, stmts, 0);
            for _ in 0..2 {
                let loaded = cx.load_of_four(stmts, root);
                let product = cx.prim(stmts, "mul", vec![loaded.into(), factor.clone()]);
                let wave = cx.prim(stmts, "sin", vec![product.into()]);
                term = cx.prim(stmts, "add", vec![term.into(), wave.into()]);
            }
            other(cx, stmts, 1);
            carried[0].next = cx.prim(stmts, "add", vec![param.into(), term.into()]).into();
        });
        let sum = *self.floats.last().unwrap();
        if self.rng.chance(75) {
            return sum;
        }
        let left = self.load_of_four(stmts, root);
        self.prim(stmts, "add", vec![sum.into(), left.into()])
    }

    fn any_of_four(&mut self, root: Var) -> Place {
        at(root, vec![Proj::Index(Operand::int(self.rng.below(4)))])
    }

    fn load_of_four(&mut self, stmts: &mut Vec<Stmt>, root: Var) -> Var {
        let place = self.any_of_four(root);
        self.float(stmts, Op::Load(place))
    }

    /// A number of elements from 1 to 4, which may be another in each pass.
    fn how_many(&mut self, stmts: &mut Vec<Stmt>, index: Var) -> Operand {
        match self.rng.below(4) {
            0 => Operand::Var(self.code(stmts, "few", Ty::Int, &format!("4 - __grad_v{} % 4", index.0))),
            1 => Operand::int(3),
            _ => Operand::int(4),
        }
    }

    fn overwrite(&mut self, stmts: &mut Vec<Stmt>, root: Var, index: Var) {
        let x = self.memory[0].root;
        let value = Operand::Var(self.compute(stmts));
        let arg = |kind| Arg { kind, span: Span::call_site() };
        let lent = ArgKind::Memory { place: root.into(), passed: Passed::Exclusive };
        let called = |cx: &mut Gen, callee: &str, args: Vec<Arg>| {
            let result = Some(cx.var("called", FLOAT));
            Stmt::Call(Call::of(Callee::Function(callee.parse().unwrap()), args, result, Span::call_site()))
        };
        match self.rng.below(8) {
            0 => stmts.push(Stmt::Fill { place: root.into(), value }),
            1 => stmts.push(Stmt::CopyFrom { to: root.into(), from: x.into() }),
            2 => {
                let place = self.any_of_four(root);
                stmts.push(Stmt::Store { place, value });
            }
            3 if self.calls => {
                stmts.push(called(self, "scale", vec![arg(lent), arg(ArgKind::Scalar(value))]));
            }
            4 | 5 if self.calls => {
                let to = Some(self.how_many(stmts, index));
                let path = vec![Proj::Slice { from: Some(Operand::int(0)), to, inclusive: false }];
                let from = ArgKind::Memory { place: at(x, path), passed: Passed::Shared };
                let args = vec![arg(from), arg(lent), arg(ArgKind::Scalar(value))];
                stmts.push(called(self, "pour", args));
            }
            _ => {
                let hi = self.how_many(stmts, index);
                let element = self.var("c", Ty::Int);
                let early = self.rng.chance(15);
                let late = self.rng.chance(30);
                let (body, ()) = self.scope(|cx, stmts| {
                    let own = at(root, vec![Proj::Index(element.into())]);
                    let mut value = value;
                    if early {
                        let old = cx.load_of_four(stmts, root);
                        value = cx.prim(stmts, "mul", vec![old.into(), value]).into();
                    }
                    let read = cx.float(stmts, Op::Load(at(x, vec![Proj::Index(element.into())])));
                    let product = cx.prim(stmts, "mul", vec![read.into(), value]);
                    stmts.push(Stmt::Store { place: own.clone(), value: product.into() });
                    if late {
                        let again = cx.float(stmts, Op::Load(own.clone()));
                        let wave = cx.prim(stmts, "sin", vec![again.into()]);
                        stmts.push(Stmt::Store { place: own, value: wave.into() });
                    }
                });
                let (lo, carried) = (Operand::int(0), Vec::new());
                let (inclusive, reversed, until) = (false, self.rng.chance(20), None);
                stmts.push(Stmt::For(For {
                    index: element,
                    lo,
                    hi,
                    inclusive,
                    reversed,
                    carried,
                    body,
                    until,
                }));
            }
        }
    }
}
