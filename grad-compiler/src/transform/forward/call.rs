//! Calls: the callee gives its value and the tangent of it; in a second derivative, a pullback of both.

use super::Cx;
use crate::fault::planted;
use crate::ir::{
    Arg, ArgKind, Call, CallTangents, Cotangent, ForwardCall, Passed, ReverseCall, ReverseTangents, Stmt,
    TangentCall, Ty, Var,
};

impl Cx<'_> {
    pub(super) fn call(&mut self, call: &Call) {
        let result_active = call.result.is_some_and(|result| self.is_active(result));
        let (tangents, after) = self.arg_tangents(&call.args);
        let writes = |arg: &Arg| {
            matches!(arg.kind, ArgKind::ScalarMut { .. } | ArgKind::Memory { passed: Passed::Exclusive, .. })
        };
        if !(result_active || tangents.iter().flatten().any(writes)) || tangents.iter().all(Option::is_none) {
            return self.push(Stmt::Call(call.clone()));
        }
        let result = call
            .result
            .filter(|_| result_active && !planted("forward: result of a call lost"))
            .map(|result| self.result_tangent(result));
        self.define_after(after);
        self.push(Stmt::TangentCall(TangentCall { call: call.clone(), tangents, result }));
    }

    /// The tangents of arguments, and those that numbers behind `&mut` have after the call.
    fn arg_tangents(&mut self, args: &[Arg]) -> (Vec<Option<Arg>>, Vec<(Var, Var)>) {
        let mut defined = Vec::new();
        let mut tangents = Vec::new();
        for arg in args {
            let kind = match &arg.kind {
                ArgKind::Scalar(operand) => self.dot(operand).map(ArgKind::Scalar),
                ArgKind::ScalarRef(operand) => self.dot(operand).map(ArgKind::ScalarRef),
                ArgKind::ScalarMut { before, after } => {
                    let active = self.is_active(*after) || self.dot(before).is_some();
                    active.then(|| {
                        let dot = self.new_dot(*after, self.primal.ty(*after).clone());
                        defined.push((*after, dot));
                        ArgKind::ScalarMut { before: self.dot_or_zero(before), after: dot }
                    })
                }
                ArgKind::Memory { place, passed } => {
                    let passed = if passed.writes() { Passed::Exclusive } else { *passed };
                    self.dot_place(place).map(|place| ArgKind::Memory { place, passed })
                }
                ArgKind::Kept(_) | ArgKind::Code { .. } => None,
            };
            let kind = kind.filter(|_| !planted("forward: argument skipped"));
            tangents.push(kind.map(|kind| Arg { kind, span: arg.span }));
        }
        (tangents, defined)
    }

    fn result_tangent(&mut self, result: Var) -> Var {
        let ty = self.primal.ty(result).clone();
        let dot = self.new_dot(result, ty.clone());
        if ty.is_memory() {
            self.set_root(result, dot);
        } else {
            self.set_dot(result, dot.into());
            self.absent.insert(dot);
        }
        dot
    }

    fn define_after(&mut self, defined: Vec<(Var, Var)>) {
        for (after, dot) in defined {
            self.set_dot(after, dot.into());
            self.absent.insert(dot);
        }
    }

    /// The forward sweep of a call: its tangent, and a pullback of tangents, too.
    pub(super) fn forward_call(&mut self, forward: &ForwardCall) {
        if !forward.active.contains(&true) {
            return self.push(Stmt::ForwardCall(forward.clone()));
        }
        let result_active = forward.call.result.is_some_and(|result| self.is_active(result));
        let (args, after) = self.arg_tangents(&forward.call.args);
        let result = forward.call.result.filter(|_| result_active).map(|result| self.result_tangent(result));
        self.define_after(after);
        let tangents = Some(CallTangents { args, result });
        self.push(Stmt::ForwardCall(ForwardCall { tangents, ..forward.clone() }));
    }

    pub(super) fn reverse_call(&mut self, reverse: &ReverseCall) {
        let again = |cx: &Self, arg: &Arg| {
            let kind = match &arg.kind {
                ArgKind::Scalar(operand) => cx.dot(operand).map(ArgKind::Scalar),
                ArgKind::ScalarRef(operand) => cx.dot(operand).map(ArgKind::ScalarRef),
                ArgKind::Memory { place, passed } if passed.is_passed_again() => {
                    cx.dot_place(place).map(|place| ArgKind::Memory { place, passed: *passed })
                }
                ArgKind::Kept(var) => cx.roots.get(var).copied().map(ArgKind::Kept),
                // Gone, as the argument itself.
                ArgKind::ScalarMut { .. } | ArgKind::Memory { .. } | ArgKind::Code { .. } => None,
            };
            kind.map(|kind| Arg { kind, span: arg.span })
        };
        let args = reverse.args.iter().map(|arg| again(self, arg)).collect();
        let seed = reverse.seed.as_ref().map(|seed| self.value(seed, &Ty::Unknown));
        let mut after = Vec::new();
        let cotangents = reverse.cotangents.iter().map(|cotangent| match cotangent {
            Cotangent::None => Cotangent::None,
            Cotangent::Value(var) => {
                let dot = self.new_dot(*var, self.primal.ty(*var).clone());
                after.push((*var, dot));
                Cotangent::Value(dot)
            }
            Cotangent::Slot(place) => self.dot_place(place).map_or(Cotangent::None, Cotangent::Slot),
            Cotangent::InOut { after: seed, before } => {
                let dot = self.new_dot(*before, self.primal.ty(*before).clone());
                after.push((*before, dot));
                Cotangent::InOut { after: self.dot_or_zero(seed), before: dot }
            }
        });
        let cotangents = cotangents.collect();
        self.define_after(after);
        let tangents = Some(ReverseTangents { args, seed, cotangents });
        self.push(Stmt::ReverseCall(ReverseCall { tangents, ..reverse.clone() }));
    }
}
