//! Calls: the callee gives its value and the tangents of it; in a higher derivative, a pullback of all of them.
//!
//! With each order the lists of tangents double: those there are, the tangents of the arguments, and the tangents of each
//! list there is.

use super::Cx;
use crate::fault::planted;
use crate::ir::{
    Arg, ArgKind, Call, CallTangents, Cotangent, ForwardCall, Passed, ReverseCall, ReverseTangents, Stmt,
    TangentCall, Ty, Value, Var,
};

/// The tangents that numbers behind `&mut` have after a call.
type After = Vec<(Var, Var)>;

impl Cx<'_> {
    pub(super) fn call(&mut self, call: &Call) {
        let result_active = call.result.is_some_and(|result| self.is_active(result));
        let (tangents, after) = self.arg_tangents(call.args.iter().map(Some));
        let writes = |arg: &Arg| {
            matches!(arg.kind, ArgKind::ScalarMut { .. } | ArgKind::Memory { passed: Passed::Exclusive, .. })
        };
        if !(result_active || tangents.iter().flatten().any(writes)) || tangents.iter().all(Option::is_none) {
            return self.push(Stmt::Call(call.clone()));
        }
        let result = call.result.filter(|_| !planted("forward: result of a call lost"));
        let result = self.result_tangent(result);
        self.define_after(after);
        let tangents = vec![CallTangents { args: tangents, result }];
        self.push(Stmt::TangentCall(TangentCall { call: call.clone(), tangents }));
    }

    /// A call in forward mode, in forward mode.
    pub(super) fn tangent_call(&mut self, call: &TangentCall) {
        let tangents = self.doubled(&call.call, &call.tangents);
        self.push(Stmt::TangentCall(TangentCall { tangents, ..call.clone() }));
    }

    /// The forward sweep of a call: its tangents, and a pullback of tangents, too.
    pub(super) fn forward_call(&mut self, forward: &ForwardCall) {
        if !forward.active.contains(&true) {
            return self.push(Stmt::ForwardCall(forward.clone()));
        }
        let tangents = self.doubled(&forward.call, &forward.tangents);
        self.push(Stmt::ForwardCall(ForwardCall { tangents, ..forward.clone() }));
    }

    /// The lists of tangents of a call, and the tangents of all of them.
    fn doubled(&mut self, call: &Call, tangents: &[CallTangents]) -> Vec<CallTangents> {
        let mut all = tangents.to_vec();
        // What comes out is there for nobody before the call.
        let mut defined = Vec::new();
        let args = call.args.iter().map(Some).collect();
        let lists = tangents.iter().map(|list| (list.args.iter().map(Option::as_ref).collect(), list.result));
        let lists: Vec<(Vec<Option<&Arg>>, Option<Var>)> =
            std::iter::once((args, call.result)).chain(lists).collect();
        for (args, result) in lists {
            let (args, after) = self.arg_tangents(args.into_iter());
            defined.extend(after);
            all.push(CallTangents { args, result });
        }
        for list in &mut all[tangents.len()..] {
            list.result = self.result_tangent(list.result);
        }
        self.define_after(defined);
        all
    }

    /// The tangents of arguments, and those that numbers behind `&mut` have after the call.
    fn arg_tangents<'a>(&mut self, args: impl Iterator<Item = Option<&'a Arg>>) -> (Vec<Option<Arg>>, After) {
        let mut defined = Vec::new();
        let mut tangents = Vec::new();
        for arg in args {
            let kind = arg.and_then(|arg| match &arg.kind {
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
                    self.dot_part(place).map(|place| ArgKind::Memory { place, passed })
                }
                ArgKind::Kept(_) | ArgKind::Code { .. } => None,
            });
            let kind = kind.filter(|_| !planted("forward: argument skipped"));
            tangents.push(arg.zip(kind).map(|(arg, kind)| Arg { kind, span: arg.span }));
        }
        (tangents, defined)
    }

    /// The tangent of a result that is active.
    fn result_tangent(&mut self, result: Option<Var>) -> Option<Var> {
        let result = result.filter(|result| self.is_active(*result))?;
        let ty = self.primal.ty(result).clone();
        let dot = self.new_dot(result, ty.clone());
        if ty.is_memory() {
            self.set_root(result, dot);
        } else {
            self.set_dot(result, dot.into());
            self.absent.insert(dot);
        }
        Some(dot)
    }

    fn define_after(&mut self, defined: After) {
        for (after, dot) in defined {
            self.set_dot(after, dot.into());
            self.absent.insert(dot);
        }
    }

    pub(super) fn reverse_call(&mut self, reverse: &ReverseCall) {
        let mut after = Vec::new();
        let args = reverse.args.iter().map(Some).collect();
        let new = self.reverse_tangents(args, reverse.seed.as_ref(), &reverse.cotangents, &mut after);
        let mut tangents = reverse.tangents.clone();
        tangents.push(new);
        for list in &reverse.tangents {
            let args = list.args.iter().map(Option::as_ref).collect();
            tangents.push(self.reverse_tangents(args, list.seed.as_ref(), &list.cotangents, &mut after));
        }
        self.define_after(after);
        self.push(Stmt::ReverseCall(ReverseCall { tangents, ..reverse.clone() }));
    }

    /// The tangents of what a pullback takes and gives.
    fn reverse_tangents(
        &mut self,
        args: Vec<Option<&Arg>>,
        seed: Option<&Value>,
        cotangents: &[Cotangent],
        after: &mut After,
    ) -> ReverseTangents {
        let again = |cx: &Self, arg: &Arg| {
            let kind = match &arg.kind {
                ArgKind::Scalar(operand) => cx.dot(operand).map(ArgKind::Scalar),
                ArgKind::ScalarRef(operand) => cx.dot(operand).map(ArgKind::ScalarRef),
                ArgKind::Memory { place, passed } if passed.is_passed_again() => {
                    cx.dot_part(place).map(|place| ArgKind::Memory { place, passed: *passed })
                }
                ArgKind::Kept(var) => cx.roots.get(var).copied().map(ArgKind::Kept),
                // Gone, as the argument itself.
                ArgKind::ScalarMut { .. } | ArgKind::Memory { .. } | ArgKind::Code { .. } => None,
            };
            kind.map(|kind| Arg { kind, span: arg.span })
        };
        let args = args.into_iter().map(|arg| again(self, arg?)).collect();
        let seed = seed.map(|seed| self.value(seed, &Ty::Unknown));
        let cotangents = cotangents.iter().map(|cotangent| match cotangent {
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
        ReverseTangents { args, seed, cotangents }
    }
}
