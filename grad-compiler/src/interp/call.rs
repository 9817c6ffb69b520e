//! Calls of annotated functions, and of their sweeps.

use super::code::eval_code;
use super::datum::Datum;
use super::places::Slot;
use super::sweeps::{Derivative, Program, eval, eval_tangents, reverse};
use super::{Machine, Run, unknown};
use crate::ir::{ArgKind, Call, CallTangents, Cotangent, Passed, ReverseCall, TangentCall};

impl<'p> Machine<'p> {
    pub(super) fn arg(&mut self, kind: &ArgKind) -> Run<Datum> {
        match kind {
            ArgKind::Scalar(operand)
            | ArgKind::ScalarRef(operand)
            | ArgKind::ScalarMut { before: operand, .. } => self.operand(operand),
            ArgKind::Memory { place, passed } => match passed {
                Passed::Moved => self.take_place(place),
                Passed::Shared | Passed::Exclusive | Passed::Lent => self.read_place(place),
            },
            ArgKind::Kept(var) => self.read_place(&(*var).into()),
            ArgKind::Code { code, .. } => eval_code(self, code),
        }
    }

    pub(super) fn call(&mut self, call: &Call) -> Run<()> {
        let args: Vec<Datum> = call.args.iter().map(|arg| self.arg(&arg.kind)).collect::<Run<_>>()?;
        let callee = Program::called(&self.program.primals, call, &args)?;
        let (result, after) = eval(self.program, callee, args)?;
        self.finish_call(call, result, after)
    }

    pub(super) fn tangent_call(&mut self, TangentCall { call, tangents }: &TangentCall) -> Run<()> {
        let [CallTangents { args: tangents, result }] = &tangents[..] else {
            return unknown("a call in a derivative above the second".to_owned());
        };
        let args: Vec<Datum> = call.args.iter().map(|arg| self.arg(&arg.kind)).collect::<Run<_>>()?;
        let callee = Program::called(&self.program.tangents, call, &args)?;
        let dots = tangents.iter().zip(&args).map(|(dot, arg)| match dot {
            Some(dot) => self.arg(&dot.kind),
            None => Ok(arg.zeros()),
        });
        let dots = dots.collect::<Run<_>>()?;
        let (value, dot, after, dots) = eval_tangents(self.program, callee, args, dots)?;
        self.finish_call(call, value, after)?;
        for (arg, datum) in tangents.iter().zip(dots) {
            match arg.as_ref().map(|arg| &arg.kind) {
                Some(ArgKind::ScalarMut { after, .. }) => self.set(*after, datum)?,
                Some(ArgKind::Memory { place, passed: Passed::Exclusive }) => {
                    let at = self.locate(place)?;
                    self.write(&at, datum)?;
                }
                _ => {}
            }
        }
        match result {
            Some(var) => self.set(*var, dot),
            None => Ok(()),
        }
    }

    /// Copies out what the callee left.
    pub(super) fn finish_call(&mut self, call: &Call, result: Datum, after: Vec<Datum>) -> Run<()> {
        for (arg, datum) in call.args.iter().zip(after) {
            match &arg.kind {
                ArgKind::ScalarMut { after, .. } => self.set(*after, datum)?,
                ArgKind::Memory { place, passed } if passed.writes() => {
                    let at = self.locate(place)?;
                    self.write(&at, datum)?;
                }
                ArgKind::Scalar(_)
                | ArgKind::ScalarRef(_)
                | ArgKind::Memory { .. }
                | ArgKind::Kept(_)
                | ArgKind::Code { .. } => {}
            }
        }
        match call.result {
            Some(var) => self.set(var, result),
            None => Ok(()),
        }
    }

    pub(super) fn derivative(&self, name: &str) -> Run<&'p Derivative> {
        match self.program.derivatives.get(name) {
            Some(derivative) => Ok(derivative),
            None => unknown(format!("the function `{name}`")),
        }
    }

    pub(super) fn reverse_call(&mut self, call: &ReverseCall) -> Run<()> {
        let Datum::Pullback(saved) = self.get(call.pullback)? else {
            return unknown("a pullback of nothing");
        };
        let callee = self.derivative(&saved.callee)?;
        let args = call.args.iter().map(|arg| match &arg.kind {
            ArgKind::Memory { passed, .. } if !passed.is_passed_again() => Ok(None),
            ArgKind::ScalarMut { .. } => Ok(None),
            ArgKind::Scalar(_)
            | ArgKind::ScalarRef(_)
            | ArgKind::Memory { .. }
            | ArgKind::Kept(_)
            | ArgKind::Code { .. } => self.arg_again(&arg.kind).map(Some),
        });
        let args: Vec<Option<Datum>> = args.collect::<Run<_>>()?;
        let seed = match &call.seed {
            Some(seed) => self.value(seed)?,
            None => Datum::Unit,
        };
        // A slot that is not wanted still needs a place to go; its shape does not matter to who ignores it.
        let buffers =
            call.cotangents.iter().zip(&callee.func.params).map(|(cotangent, param)| match cotangent {
                Cotangent::Slot(place) => self.read_place(place),
                Cotangent::InOut { after, .. } => self.operand_float(after),
                Cotangent::None | Cotangent::Value(_) => Ok(match &saved.vars[param.var.index()] {
                    Slot::Here(datum) => datum.zeros(),
                    Slot::Empty | Slot::View(_) => Datum::Unit,
                }),
            });
        let buffers = buffers.collect::<Run<_>>()?;
        let results = reverse(self.program, callee, &saved, Some(args), &seed, buffers)?;
        for (cotangent, datum) in call.cotangents.iter().zip(results) {
            match cotangent {
                Cotangent::None => {}
                Cotangent::Value(var) | Cotangent::InOut { before: var, .. } => {
                    let datum = if datum == Datum::Unit { Datum::Float(0.0) } else { datum };
                    self.set(*var, datum)?;
                }
                Cotangent::Slot(place) => {
                    let at = self.locate(place)?;
                    if datum != Datum::Unit {
                        self.write(&at, datum)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn arg_again(&self, kind: &ArgKind) -> Run<Datum> {
        match kind {
            ArgKind::Scalar(operand)
            | ArgKind::ScalarRef(operand)
            | ArgKind::ScalarMut { before: operand, .. } => self.operand(operand),
            ArgKind::Memory { place, .. } => self.read_place(place),
            ArgKind::Kept(var) => self.read_place(&(*var).into()),
            ArgKind::Code { code, .. } => eval_code(self, code),
        }
    }
}
