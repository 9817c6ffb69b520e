//! Calls: the forward sweep of the callee gives its value and a pullback; the mirror image runs the pullback.

use super::{Cx, Mode, code, scalar};
use crate::analysis::{Condition, Def, Escape, Rewrite};
use crate::fault::planted;
use crate::ir::{
    Arg, ArgKind, Arm, Block, Branch, Call, Code, Cotangent, Elem, ForwardCall, Init, Op, Operand, Passed,
    Place, ReverseCall, Selector, Stmt, Ty, Value, Var,
};
use proc_macro2::Span;

impl Cx<'_> {
    pub(super) fn mirror_call(&mut self, call: &Call) -> Vec<Stmt> {
        let seed = self.call_seed(call);
        let written = call.args.iter().any(|arg| self.writes_active(arg));
        let active: Vec<bool> = call.args.iter().map(|arg| self.is_active_arg(arg)).collect();
        let is_followed =
            (seed.is_some() || written) && active.contains(&true) && !planted("reverse: call lost");
        let escape = self.activity.escape(self.current);
        if !is_followed && escape != Some(Escape::Borrow) {
            let mut call = call.clone();
            for arg in &mut call.args {
                if let ArgKind::Code { checked, .. } = &mut arg.kind {
                    *checked = escape.is_some();
                }
            }
            return vec![Stmt::Call(call)];
        }
        let pullback = self.out.new_var("pullback", Ty::Pullback, call.span);
        if !is_followed {
            // For the callee's types: they say that nothing differentiated is written where nobody follows it.
            let active = vec![false; active.len()];
            let call = call.clone();
            return vec![Stmt::ForwardCall(ForwardCall { call, active, pullback, tangents: Vec::new() })];
        }
        let mut forward = Vec::new();
        let mut after = Vec::new();
        let mut args = Vec::new();
        let mut cotangents = Vec::new();
        let (mut finish, mut done_with) = (Vec::new(), Vec::new());
        let mut used: Vec<Place> = Vec::new();
        for (arg, active) in call.args.iter().zip(&active) {
            let kind = self.arg_again(arg, &mut forward, &mut after, &mut done_with);
            args.push(Arg { kind, span: arg.span });
            let cotangent = if *active && !planted("reverse: argument skipped") {
                self.cotangent(arg, &mut forward, &mut used, &mut finish)
            } else {
                Cotangent::None
            };
            cotangents.push(cotangent);
        }
        let kept = self.keep(pullback);
        let seed = match call.result {
            None => None,
            Some(result) => {
                let seed = seed.filter(|_| !planted("reverse: seed of a call lost"));
                seed.or_else(|| self.no_seed(result, &mut after))
            }
        };
        self.trace.calls.push((self.site, kept));
        let may_skip = !written && finish.is_empty();
        let flows = seed.as_ref().filter(|_| may_skip).and_then(|seed| self.is_chosen(seed));
        let reverse = Stmt::ReverseCall(ReverseCall {
            pullback: kept,
            args,
            seed,
            cotangents: cotangents.clone(),
            span: call.span,
            of_gradient: call.callee.is_gradient(),
            tangents: Vec::new(),
        });
        match flows {
            Some(flows) => cotangents = self.if_flows(flows, reverse, cotangents),
            None => self.push(reverse),
        }
        for stmt in finish {
            if planted("reverse: second part of a call lost") {
                continue;
            }
            self.push(stmt);
        }
        done_with.into_iter().for_each(|stmt| self.push(stmt));
        self.take_cotangents(call, cotangents);
        forward.push(Stmt::ForwardCall(ForwardCall {
            call: call.clone(),
            active,
            pullback,
            tangents: Vec::new(),
        }));
        forward.extend(after);
        forward
    }

    /// Where the value with this cotangent may not have been chosen: whether it was. A cotangent that is 0 because that of the
    /// choice is 0, too, flows as any other.
    fn is_chosen(&mut self, seed: &Value) -> Option<Var> {
        let Value::Scalar(Operand::Var(bar)) = seed else { return None };
        let mut of_choice = self.chosen.get(bar).filter(|_| self.rewrites.may(Rewrite::Skip))?;
        // In a loop that chooses again and again, a pass behind the choice that stays finds 0: what counts is where it starts.
        while let Some(outer) = of_choice.var().and_then(|bar| self.entered.get(&bar)) {
            of_choice = outer;
        }
        let question = match of_choice {
            Operand::Var(_) => {
                let (bar, of_choice) = (
                    super::super::flows(&self.out, &(*bar).into()),
                    super::super::flows_not(&self.out, of_choice),
                );
                format!("{bar} || {of_choice}")
            }
            Operand::Lit(_) => super::super::flows(&self.out, &(*bar).into()),
        };
        let var = self.out.new_var("flows", Ty::Bool, Span::call_site());
        self.push(Stmt::Let { var, op: Op::Code(code(&question).asking(vec![*bar])) });
        Some(var)
    }

    /// `if flows { reverse }`, and what it returns is 0 otherwise.
    fn if_flows(&mut self, flows: Var, reverse: Stmt, cotangents: Vec<Cotangent>) -> Vec<Cotangent> {
        let (mut results, mut given, mut zeros) = (Vec::new(), Vec::new(), Vec::new());
        let outside = cotangents.into_iter().map(|cotangent| match cotangent {
            Cotangent::Value(inside) => {
                let result = self.new_like(inside);
                results.push(result);
                given.push(scalar(inside));
                zeros.push(scalar(Operand::float(0.0)));
                Cotangent::Value(result)
            }
            Cotangent::None | Cotangent::Slot(_) | Cotangent::InOut { .. } => cotangent,
        });
        let outside = outside.collect();
        let arm = |stmts, yields| Arm { pattern: None, block: Block { stmts }, yields };
        let arms = vec![arm(vec![reverse], given), arm(Vec::new(), zeros)];
        self.push(Stmt::Branch(Branch { on: Selector::If(flows.into()), arms, results }));
        outside
    }

    /// Adds the cotangents that a pullback returns to those of its arguments.
    pub(super) fn take_cotangents(&mut self, call: &Call, cotangents: Vec<Cotangent>) {
        for (arg, cotangent) in call.args.iter().zip(cotangents) {
            match (&arg.kind, cotangent) {
                (ArgKind::Scalar(x) | ArgKind::ScalarRef(x), Cotangent::Value(bar))
                    if !planted("reverse: number from a call lost") =>
                {
                    self.accumulate_operand(x, bar.into());
                }
                (ArgKind::Memory { place, .. }, Cotangent::Value(bar)) => {
                    self.add_to_place(place, bar.into())
                }
                (ArgKind::ScalarMut { before, .. }, Cotangent::InOut { before: bar, .. })
                    if !planted("reverse: lent number lost") =>
                {
                    self.accumulate_operand(before, bar.into());
                }
                _ => {}
            }
        }
    }

    /// The cotangent of the call's result, if it has one.
    fn call_seed(&mut self, call: &Call) -> Option<Value> {
        let result = call.result?;
        if !self.activity.is_active(result) {
            return None;
        }
        if self.primal.ty(result).is_memory() {
            return self.bar_roots.get(&result).map(|bar| Value::Memory(Place::from(*bar)));
        }
        self.take_bar(result).map(Value::Scalar)
    }

    /// A seed for a result that nobody differentiates, of a call that has other effects: in the shape that the result has
    /// then; `None` where its type says it.
    fn no_seed(&mut self, result: Var, after: &mut Vec<Stmt>) -> Option<Value> {
        let ty = self.primal.ty(result);
        if !ty.is_memory() {
            return ty.is_float().then(|| Value::Scalar(Operand::float(0.0)));
        }
        let zeros = self.new_bar(result, ty.peeled().clone());
        after.push(Stmt::Alloc { var: zeros, init: Init::ZerosLike(result.into()) });
        Some(Value::Memory(self.keep(zeros).into()))
    }

    fn writes_active(&self, arg: &Arg) -> bool {
        match &arg.kind {
            ArgKind::Memory { place, passed } => passed.writes() && self.is_active_part(place),
            ArgKind::ScalarMut { after, .. } => self.activity.is_active(*after),
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) => false,
            ArgKind::Kept(_) | ArgKind::Code { .. } => false,
        }
    }

    pub(super) fn is_active_arg(&self, arg: &Arg) -> bool {
        match &arg.kind {
            ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => {
                self.activity.operand_is_active(operand)
            }
            ArgKind::ScalarMut { before, after } => {
                self.activity.is_active(*after) || self.activity.operand_is_active(before)
            }
            ArgKind::Memory { place, .. } => self.is_active_part(place),
            ArgKind::Kept(_) | ArgKind::Code { .. } => false,
        }
    }

    /// The argument again, for the reverse sweep: what the callee saw, even if it was overwritten since.
    fn arg_again(
        &mut self,
        arg: &Arg,
        forward: &mut Vec<Stmt>,
        after: &mut Vec<Stmt>,
        done_with: &mut Vec<Stmt>,
    ) -> ArgKind {
        match &arg.kind {
            ArgKind::Scalar(operand) => ArgKind::Scalar(self.need_operand(operand)),
            ArgKind::ScalarRef(operand) => ArgKind::ScalarRef(self.need_operand(operand)),
            // Moved away, if it is no reference, number or the like: its type and the callee's parameter decide.
            ArgKind::Code { code, exclusive: false, .. }
                if !self.is_lent(code) && (self.may_be_moved(code) || self.changes_later(code)) =>
            {
                let again = self.out.new_var("again", Ty::Unknown, arg.span);
                forward.push(Stmt::Alloc { var: again, init: Init::Code(code.retaken()) });
                ArgKind::Scalar(self.keep(again).into())
            }
            // What is behind a reference, as the callee saw it.
            ArgKind::Code { code, exclusive: false, .. } if self.changes_later(code) => {
                let seen = self.out.new_var("seen", Ty::Unknown, arg.span);
                forward.push(Stmt::Alloc { var: seen, init: Init::Code(code.seen(arg.span)) });
                ArgKind::Memory { place: self.keep(seen).into(), passed: Passed::Shared }
            }
            // The callee's parameter may be `&` or `&mut`. If it is `&`, the callee leaves what it found. A pullback that runs later
            // keeps no more than it needs.
            ArgKind::Code { code, exclusive: true, checked }
                if self.mode == Mode::Joint && !self.changes_later(code) && !self.is_reborrowed(code) =>
            {
                self.constant_again(&code.behind_shared().retaken(), false, *checked)
            }
            ArgKind::Code { code, exclusive: true, .. } => {
                let left = self.out.new_var("left", Ty::Unknown, arg.span);
                after.push(Stmt::Alloc { var: left, init: Init::Code(code.left(arg.span)) });
                ArgKind::Kept(self.keep(left))
            }
            ArgKind::Code { code, exclusive, checked } => self.constant_again(code, *exclusive, *checked),
            ArgKind::Memory { place, passed: Passed::Shared } => {
                if self.is_same_later(place) {
                    return ArgKind::Memory { place: self.need_place(place), passed: Passed::Shared };
                }
                let kept = self.kept_place(place, self.current, self.region());
                if let Some(place) = kept.or_else(|| self.copy_to_tape(place, forward, done_with)) {
                    return ArgKind::Memory { place, passed: Passed::Shared };
                }
                let copy = self.out.new_var("seen", Ty::Unknown, arg.span);
                let spare = self.spare_for(place, copy);
                let init = match spare {
                    Some(spare) => Init::Refill { of: place.clone(), spare },
                    None => self.copy_of(place, place),
                };
                forward.push(Stmt::Alloc { var: copy, init });
                let kept = self.keep(copy);
                if let Some(spare) = spare {
                    done_with.push(Stmt::Push { vec: spare.into(), value: Elem::Memory(kept.into()) });
                }
                ArgKind::Memory { place: kept.into(), passed: Passed::Shared }
            }
            // If the callee may not write, it leaves what it found.
            ArgKind::Memory { place, passed: Passed::Lent } => {
                if self.is_same_later(place) {
                    return ArgKind::Memory { place: self.need_place(place), passed: Passed::Lent };
                }
                let copy = self.out.new_var("left", Ty::Unknown, arg.span);
                after.push(Stmt::Alloc { var: copy, init: Init::Keep(place.clone()) });
                ArgKind::Kept(self.keep(copy))
            }
            // Moved away, if it is not a number after all: its type decides.
            ArgKind::Memory { place, passed: Passed::Moved } if self.place_ty(place) == Ty::Unknown => {
                let again = self.out.new_var("again", Ty::Unknown, arg.span);
                forward.push(Stmt::Alloc { var: again, init: Init::Again(place.clone()) });
                ArgKind::Scalar(self.keep(again).into())
            }
            // Not passed again.
            ArgKind::ScalarMut { .. } | ArgKind::Memory { .. } | ArgKind::Kept(_) => arg.kind.clone(),
        }
    }

    /// A constant that stays where it is.
    pub(super) fn constant_again(&mut self, code: &Code, exclusive: bool, checked: bool) -> ArgKind {
        let is_part = code.is_copied() && !exclusive;
        let code = self.need_code(code);
        ArgKind::Code { code: if is_part { code.retaken() } else { code }, exclusive, checked }
    }

    /// Whether a constant is something owned, as far as is seen here: what a call gave, a parameter by value.
    pub(super) fn may_be_moved(&self, code: &Code) -> bool {
        code.variable().is_some_and(|var| self.may_be_owned(var))
    }

    fn may_be_owned(&self, var: Var) -> bool {
        match self.def(var) {
            Def::Let(Op::Code(made)) => !made.cheap && !made.is_reference(),
            Def::Let(Op::Copy(Operand::Var(of))) => self.may_be_owned(*of),
            Def::Param => self.primal.params.iter().any(|param| param.var == var && !param.shared),
            Def::BranchResult => self.is_owned_in_all_arms(var),
            Def::Let(_)
            | Def::Alloc(_)
            | Def::View(..)
            | Def::CarriedParam(_)
            | Def::CarriedResult
            | Def::LoopIndex
            | Def::CallResult
            | Def::Bound(..)
            | Def::Undefined => false,
        }
    }

    fn is_owned_in_all_arms(&self, var: Var) -> bool {
        let mut owned = false;
        self.primal.for_each_stmt(&mut |stmt| {
            let Stmt::Branch(branch) = stmt else { return };
            let Some(at) = branch.results.iter().position(|result| *result == var) else { return };
            owned = branch.arms.iter().all(|arm| match &arm.yields[at] {
                Elem::Scalar(Operand::Var(of)) => self.may_be_owned(*of),
                Elem::Scalar(Operand::Lit(_)) | Elem::Memory(_) => false,
            });
        });
        owned
    }

    /// An owned copy of `what`, which has the shape of the primal place `like`.
    fn copy_of(&self, like: &Place, what: &Place) -> Init {
        match self.place_ty(like) {
            Ty::Slice(_) => Init::ToVec(what.clone()),
            _ => Init::Clone(what.clone()),
        }
    }

    /// Where the cotangent of an active argument goes. Two slots in one root would borrow it twice, unless it can be split between
    /// them: the second is added afterwards.
    fn cotangent(
        &mut self,
        arg: &Arg,
        forward: &mut Vec<Stmt>,
        used: &mut Vec<Place>,
        finish: &mut Vec<Stmt>,
    ) -> Cotangent {
        match &arg.kind {
            ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => match operand {
                Operand::Var(var) => Cotangent::Value(self.new_bar(*var, self.ty(*var))),
                Operand::Lit(_) => Cotangent::None,
            },
            ArgKind::ScalarMut { before, after } => {
                let seed = self.take_bar_or_zero(*after);
                let bar = self.new_bar(*after, self.ty(*after));
                let _ = before;
                Cotangent::InOut { after: seed, before: bar }
            }
            // The cotangent of a number behind `&` is returned.
            ArgKind::Memory { place, passed: Passed::Shared } if self.place_ty(place).is_float() => {
                Cotangent::Value(self.new_bar(place.root, self.place_ty(place)))
            }
            ArgKind::Memory { place, passed: Passed::Moved } if self.starts_cotangent(place) => {
                // Gone afterwards: its shape is kept from before.
                let (root, _) = self.layout.resolve(place);
                let zeros = self.new_bar(root, self.primal.ty(root).peeled().clone());
                forward.push(Stmt::Alloc { var: zeros, init: Init::ZerosLike(place.clone()) });
                let bar = self.keep(zeros);
                self.bar_roots.insert(root, bar);
                used.push(bar.into());
                Cotangent::Slot(bar.into())
            }
            ArgKind::Memory { place, passed } => {
                let bar = self.bar_place(place);
                let meets = |other: &Place| {
                    let beside = self.rewrites.may(Rewrite::Split) && other.is_beside(&bar);
                    other.root == bar.root && !self.rewrites.holds(Condition::InHalves, beside)
                };
                if !used.iter().any(meets) {
                    used.push(bar.clone());
                    return Cotangent::Slot(bar);
                }
                let part = self.new_bar(place.root, Ty::Unknown);
                let init =
                    if passed.writes() { self.copy_of(place, &bar) } else { Init::ZerosLike(bar.clone()) };
                self.push(Stmt::Alloc { var: part, init });
                // What the callee leaves takes the place of what it found, and may have another length.
                if passed.writes() && !matches!(self.place_ty(place), Ty::Slice(_)) {
                    finish.push(Stmt::Swap { a: bar, b: part.into() });
                    return Cotangent::Slot(part.into());
                }
                if passed.writes() {
                    finish.push(Stmt::Clear { place: bar.clone() });
                }
                finish.push(Stmt::AccumulateAll { to: bar, from: part.into() });
                Cotangent::Slot(part.into())
            }
            ArgKind::Kept(_) | ArgKind::Code { .. } => Cotangent::None,
        }
    }
}
