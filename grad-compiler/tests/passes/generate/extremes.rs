//! Running minima and maxima, with ties, and with what keeps one pass from being all that counts.

use super::growth::at;
use super::{FLOAT, Gen};
use grad_compiler::ir::{Arm, Block, Branch, Elem, Op, Operand, Place, Proj, Selector, Stmt, Ty, Var};

impl Gen {
    /// `for i in .. { best = best.max(..) }`, or with `if`.
    pub(super) fn extreme(&mut self, stmts: &mut Vec<Stmt>) {
        let memory = self.memory[self.rng.below(2)].root;
        let init = if self.rng.chance(50) { Operand::float(-9.0) } else { self.some_float() };
        let mut best = self.carried_sum(init);
        best.next = best.param.into();
        let by_prim = self.rng.chance(60);
        let reads_best = self.rng.chance(20);
        let writes = self.rng.chance(20);
        self.counted(stmts, vec![best], |cx, stmts, index, carried| {
            let param = carried[0].param;
            let place = |at_index| at(memory, vec![Proj::Index(at_index)]);
            // The same element twice is a tie.
            let index = if cx.rng.chance(50) { index.into() } else { cx.index_of_pass(stmts, index) };
            let mut value = cx.float(stmts, Op::Load(place(index)));
            if cx.rng.chance(70) {
                value = cx.prim(stmts, "sin", vec![value.into()]);
            }
            if reads_best {
                let product = cx.prim(stmts, "mul", vec![value.into(), param.into()]);
                value = cx.prim(stmts, "sin", vec![product.into()]);
            }
            if writes {
                let to = cx.memory[1].root;
                let place = Place { root: to, path: vec![Proj::Index(Operand::int(cx.rng.below(4)))] };
                stmts.push(Stmt::Store { place, value: value.into() });
            }
            carried[0].next = if by_prim {
                let name = ["max", "min"][cx.rng.below(2)];
                cx.prim(stmts, name, vec![param.into(), value.into()]).into()
            } else {
                cx.chosen_by_if(stmts, param, value).into()
            };
        });
        let best = *self.floats.last().unwrap();
        if self.rng.chance(50) {
            // What the passes have read is not there any more.
            let square = self.prim(stmts, "mul", vec![best.into(), best.into()]);
            let place = at(self.memory[1].root, vec![Proj::Index(Operand::int(self.rng.below(4)))]);
            stmts.push(Stmt::Store { place, value: square.into() });
        }
        self.store_somewhere(stmts, best);
    }

    fn chosen_by_if(&mut self, stmts: &mut Vec<Stmt>, param: Var, value: Var) -> Var {
        let greater =
            self.code(stmts, "greater", Ty::Bool, &format!("__grad_v{} > __grad_v{}", value.0, param.0));
        let chosen = self.var("best", FLOAT);
        let arm =
            |var: Var| Arm { pattern: None, block: Block::default(), yields: vec![Elem::Scalar(var.into())] };
        let mut arms = vec![arm(value), arm(param)];
        if self.rng.chance(30) {
            arms.reverse();
        }
        stmts.push(Stmt::Branch(Branch { on: Selector::If(greater.into()), arms, results: vec![chosen] }));
        self.floats.push(chosen);
        chosen
    }
}
