//! Calls of helpers, of one memory or of two parts of one.

use super::growth::at;
use super::{FLOAT, Gen};
use grad_compiler::ir::{Arg, ArgKind, Call, Callee, Operand, Passed, Place, Proj, Stmt, Var};
use proc_macro2::Span;

impl Gen {
    /// Calls one of the helpers of `sweeps`.
    pub(super) fn call(&mut self, stmts: &mut Vec<Stmt>) {
        let arg = |kind| Arg { kind, span: Span::call_site() };
        let shared = |place| ArgKind::Memory { place, passed: Passed::Shared };
        let result = self.var("called", FLOAT);
        let x = Operand::Var(self.some_float_var());
        let (callee, args) = match self.rng.below(6) {
            0 => ("blend", vec![arg(ArgKind::Scalar(x)), arg(ArgKind::Scalar(self.some_float()))]),
            1 => {
                let Some((place, _)) = self.row(stmts, false) else { return };
                (
                    "weigh",
                    vec![arg(ArgKind::Memory { place, passed: Passed::Shared }), arg(ArgKind::Scalar(x))],
                )
            }
            2 => {
                let Some((place, _)) = self.row(stmts, true) else { return };
                (
                    "scale",
                    vec![arg(ArgKind::Memory { place, passed: Passed::Exclusive }), arg(ArgKind::Scalar(x))],
                )
            }
            3 => {
                let (one, other) = self.parts();
                ("mingle", vec![arg(shared(one)), arg(shared(other)), arg(ArgKind::Scalar(x))])
            }
            4 => {
                let (from, to) = self.halves(self.memory[1].root);
                let to = ArgKind::Memory { place: to, passed: Passed::Exclusive };
                ("pour", vec![arg(shared(from)), arg(to), arg(ArgKind::Scalar(x))])
            }
            _ => {
                let after = self.var("bumped", FLOAT);
                self.floats.push(after);
                ("bump", vec![arg(ArgKind::ScalarMut { before: x, after })])
            }
        };
        let callee = Callee::Function(callee.parse().unwrap());
        let call = Call::of(callee, args, Some(result), Span::call_site());
        stmts.push(Stmt::Call(call));
        self.floats.push(result);
    }

    /// What is in front of an index of four numbers, and as many or more behind it.
    fn halves(&mut self, root: Var) -> (Place, Place) {
        let middle = || Some(Operand::int(2));
        let half = |from, to| at(root, vec![Proj::Slice { from, to, inclusive: false }]);
        let (front, back) = (half(None, middle()), half(middle(), None));
        if self.rng.chance(50) { (front, back) } else { (back, front) }
    }

    /// Two parts of four numbers, which may be halves, or meet.
    fn parts(&mut self) -> (Place, Place) {
        let root = self.memory[self.rng.below(2)].root;
        let (one, other) = self.halves(root);
        match self.rng.below(4) {
            0 => (one.clone(), one),
            1 => (root.into(), other),
            _ => (one, other),
        }
    }
}
