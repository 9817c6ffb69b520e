//! What the IR means: an interpreter, for tests.
//!
//! Memory is a tree of values; a view is a path into the tree of its root. A call copies memory in and, for `&mut`
//! arguments, out again, which is what `&mut` means where nothing aliases. What is wrong panics.

use super::code::{eval_code, literal_text, matches_pattern};
pub(super) use super::datum::Datum;
use super::datum::{is_moved, tape_zero, zeros_of};
use super::places::Slot;
use super::prims::eval_prim;
use crate::ir::{
    ArgKind, Block, Branch, Call, Carried, Cotangent, Elem, Float, Func, Init, Op, Operand, Passed, Place,
    ReverseCall, Selector, Stmt, TangentCall, Ty, Value, Var, ViewKind,
};
use crate::transform::{ParamCotangent, Second, Tangents};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a forward sweep leaves for the reverse sweep: its variables.
#[derive(Debug, PartialEq)]
pub(super) struct Saved {
    callee: String,
    vars: Vec<Slot>,
}

/// A derivative, as `transform` makes it.
#[derive(Clone, Debug)]
pub(super) struct Derivative {
    pub(super) func: Func,
    pub(super) reverse: Block,
    pub(super) seed: Option<Value>,
    pub(super) cotangents: Vec<Target>,
}

/// Where the cotangent of a parameter is in the end.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Constant,
    Value(Operand),
    Slot(Var),
}

impl Target {
    pub(super) fn of(cotangent: &ParamCotangent) -> Target {
        match cotangent {
            ParamCotangent::Constant => Target::Constant,
            ParamCotangent::Value(operand) => Target::Value(operand.clone()),
            ParamCotangent::Slot(var) => Target::Slot(*var),
        }
    }
}

/// The functions that may be called, by the last word of their paths.
#[derive(Default)]
pub(super) struct Program {
    pub(super) primals: BTreeMap<String, Func>,
    /// In split mode.
    pub(super) derivatives: BTreeMap<String, Derivative>,
    pub(super) tangents: BTreeMap<String, Tangents>,
}

/// Runs a function: its result, and its arguments afterwards.
pub(super) fn eval(program: &Program, func: &Func, args: Vec<Datum>) -> (Datum, Vec<Datum>) {
    let mut machine = Machine::new(program, func);
    machine.bind_params(args);
    machine.block(&func.body);
    let result = machine.value(&func.result);
    (result, machine.params())
}

/// Runs a function in forward mode: its result and the tangent of it, its arguments and their tangents afterwards.
pub(super) fn eval_tangents(
    program: &Program,
    tangents: &Tangents,
    args: Vec<Datum>,
    dots: Vec<Datum>,
) -> (Datum, Datum, Vec<Datum>, Vec<Datum>) {
    let mut machine = Machine::new(program, &tangents.func);
    machine.bind_params(args);
    for (var, dot) in tangents.params.iter().zip(dots) {
        if let Some(var) = var {
            machine.vars[var.index()] = Slot::Here(dot);
        }
    }
    machine.block(&tangents.func.body);
    let (result, dot) = (machine.value(&tangents.func.result), machine.value(&tangents.result));
    let params = machine.params();
    let dots = tangents.params.iter().map(|var| match var.map(|var| &machine.vars[var.index()]) {
        Some(Slot::Here(datum)) => datum.clone(),
        Some(Slot::Empty | Slot::View(_)) | None => Datum::Unit,
    });
    (result, dot, params, dots.collect())
}

/// Runs a second derivative: the gradient and its tangent, one entry per parameter. `buffers` are the cotangents of the
/// parameters before, and the tangents of those are 0.
pub(super) fn eval_second(
    program: &Program,
    second: &Second,
    args: Vec<Datum>,
    dots: Vec<Datum>,
    buffers: Vec<Datum>,
) -> (Vec<Datum>, Vec<Datum>) {
    let targets =
        |cotangents: &[ParamCotangent]| -> Vec<Target> { cotangents.iter().map(Target::of).collect() };
    let (bars, bar_dots) = (targets(&second.reversed.cotangents), targets(&second.cotangents));
    let mut machine = Machine::new(program, &second.reversed.func);
    machine.bind_params(args);
    for (var, dot) in second.params.iter().zip(dots) {
        if let Some(var) = var {
            machine.vars[var.index()] = Slot::Here(dot);
        }
    }
    machine.bind_slots(&bar_dots, buffers.iter().map(Datum::zeros).collect());
    machine.bind_slots(&bars, buffers);
    machine.block(&second.reversed.func.body);
    machine.block(&second.reversed.reverse);
    (machine.cotangents(&bars), machine.cotangents(&bar_dots))
}

/// Runs both sweeps in one scope: the result, the arguments afterwards, one cotangent per parameter. `buffers` are the
/// cotangents of the parameters before, added to.
pub(super) fn eval_reversed(
    program: &Program,
    derivative: &Derivative,
    args: Vec<Datum>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> (Datum, Vec<Datum>, Vec<Datum>) {
    let mut machine = Machine::new(program, &derivative.func);
    machine.bind_params(args);
    if let Some(to) = &derivative.seed {
        machine.bind_seed(to, seed);
    }
    machine.bind_slots(&derivative.cotangents, buffers);
    machine.block(&derivative.func.body);
    let result = machine.value(&derivative.func.result);
    machine.block(&derivative.reverse);
    let params = machine.params();
    let cotangents = machine.cotangents(&derivative.cotangents);
    (result, params, cotangents)
}

/// Runs the sweeps apart, as a caller does: the reverse sweep sees no more of `&mut` parameters than what was recorded.
pub(super) fn eval_split(
    program: &Program,
    derivative: &Derivative,
    args: Vec<Datum>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> (Datum, Vec<Datum>, Vec<Datum>) {
    let (result, params, saved) = forward(program, derivative, args);
    let cotangents = reverse(program, derivative, &saved, None, seed, buffers);
    (result, params, cotangents)
}

fn forward(program: &Program, derivative: &Derivative, args: Vec<Datum>) -> (Datum, Vec<Datum>, Saved) {
    let func = &derivative.func;
    let mut machine = Machine::new(program, func);
    machine.bind_params(args);
    machine.block(&func.body);
    let result = machine.value(&func.result);
    let params = machine.params();
    for param in &func.params {
        if matches!(func.ty(param.var), Ty::Ref { mutable: true, .. })
            && let Slot::Here(datum) = &mut machine.vars[param.var.index()]
        {
            // The caller has it back and may have changed it.
            datum.for_each_float(&mut |value| *value = f64::NAN);
        }
    }
    let saved = Saved { callee: func.name.clone(), vars: machine.vars };
    (result, params, saved)
}

fn reverse(
    program: &Program,
    derivative: &Derivative,
    saved: &Saved,
    args: Option<Vec<Option<Datum>>>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> Vec<Datum> {
    let mut machine = Machine::new(program, &derivative.func);
    machine.vars.clone_from(&saved.vars);
    for (param, arg) in derivative.func.params.iter().zip(args.unwrap_or_default()) {
        if let Some(arg) = arg {
            machine.vars[param.var.index()] = Slot::Here(arg);
        }
    }
    if let Some(to) = &derivative.seed {
        machine.bind_seed(to, seed);
    }
    machine.bind_slots(&derivative.cotangents, buffers);
    machine.block(&derivative.reverse);
    machine.cotangents(&derivative.cotangents)
}

/// One activation of a function.
pub(super) struct Machine<'p> {
    program: &'p Program,
    pub(super) func: &'p Func,
    pub(super) vars: Vec<Slot>,
    /// Passes of loops that may still be made: a test does not hang.
    fuel: usize,
}

impl<'p> Machine<'p> {
    fn new(program: &'p Program, func: &'p Func) -> Machine<'p> {
        Machine { program, func, vars: vec![Slot::Empty; func.vars.len()], fuel: 100_000 }
    }

    fn bind_params(&mut self, args: Vec<Datum>) {
        assert_eq!(self.func.params.len(), args.len(), "number of arguments of {}", self.func.name);
        for (param, arg) in self.func.params.iter().zip(args) {
            self.set(param.var, arg);
        }
    }

    fn params(&self) -> Vec<Datum> {
        let left = |var: Var| match &self.vars[var.index()] {
            Slot::Empty => Datum::Unit,
            Slot::Here(_) | Slot::View(_) => self.get(var),
        };
        self.func.params.iter().map(|param| left(param.var)).collect()
    }

    fn bind_seed(&mut self, to: &Value, seed: &Datum) {
        match to {
            Value::Unit | Value::Scalar(Operand::Lit(_)) => {}
            Value::Scalar(Operand::Var(var)) => self.set(*var, seed.clone()),
            Value::Memory(place) => {
                assert!(place.path.is_empty(), "the seed is a whole variable");
                self.set(place.root, seed.clone());
            }
            Value::Tuple(values) => {
                for (value, seed) in values.iter().zip(seed.list()) {
                    self.bind_seed(value, seed);
                }
            }
        }
    }

    fn bind_slots(&mut self, targets: &[Target], buffers: Vec<Datum>) {
        for (target, buffer) in targets.iter().zip(buffers) {
            if let Target::Slot(var) = target {
                self.set(*var, buffer);
            }
        }
    }

    fn cotangents(&self, targets: &[Target]) -> Vec<Datum> {
        let cotangent = |target: &Target| match target {
            Target::Constant => Datum::Unit,
            Target::Value(operand) => self.operand_float(operand),
            Target::Slot(var) => self.get(*var),
        };
        targets.iter().map(cotangent).collect()
    }

    /// The content of a variable.
    pub(super) fn get(&self, var: Var) -> Datum {
        match &self.vars[var.index()] {
            Slot::Empty => panic!("{} ({var:?}) is read before it is set", self.func.vars[var.index()].name),
            Slot::Here(datum) => datum.clone(),
            Slot::View(location) => self.read(location),
        }
    }

    fn set(&mut self, var: Var, datum: Datum) {
        let datum = match (self.func.ty(var), &datum) {
            #[allow(clippy::cast_possible_truncation)]
            (Ty::Float(Float::F32), Datum::Float(value)) => Datum::Float(f64::from(*value as f32)),
            (Ty::Int, Datum::Float(_)) | (Ty::Float(_), Datum::Int(_)) => {
                panic!(
                    "{} is set to {:?} and is {:?}",
                    self.func.vars[var.index()].name,
                    datum,
                    self.func.ty(var)
                )
            }
            _ => datum,
        };
        self.vars[var.index()] = Slot::Here(datum);
    }

    pub(super) fn bind(&mut self, var: Var, datum: Datum) {
        self.set(var, datum);
    }

    pub(super) fn operand(&self, operand: &Operand) -> Datum {
        match operand {
            Operand::Var(var) => self.get(*var),
            Operand::Lit(lit) => literal_text(&lit.text),
        }
    }

    /// A literal float may be written without a point nowhere, but `0` may be meant as a float by a transform.
    fn operand_float(&self, operand: &Operand) -> Datum {
        match self.operand(operand) {
            Datum::Int(value) => Datum::Float(value as f64),
            datum => datum,
        }
    }

    fn elem(&mut self, elem: &Elem) -> Datum {
        match elem {
            Elem::Scalar(operand) => self.operand(operand),
            Elem::Memory(place) => self.take_place(place),
        }
    }

    /// Moved, or copied: what is moved is not there any more.
    fn take_place(&mut self, place: &Place) -> Datum {
        let datum = self.read_place(place);
        let slot = &mut self.vars[place.root.index()];
        if place.path.is_empty() && is_moved(self.func.ty(place.root)) && matches!(slot, Slot::Here(_)) {
            *slot = Slot::Empty;
        }
        datum
    }

    fn value(&self, value: &Value) -> Datum {
        match value {
            Value::Unit => Datum::Unit,
            Value::Scalar(operand) => self.operand(operand),
            Value::Memory(place) => self.read_place(place),
            Value::Tuple(values) => Datum::List(values.iter().map(|value| self.value(value)).collect()),
        }
    }

    fn block(&mut self, block: &'p Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &'p Stmt) {
        match stmt {
            Stmt::Let { var, op } => {
                let datum = self.op(op);
                self.set(*var, datum);
            }
            Stmt::Alloc { var, init } => {
                let datum = self.init(init);
                self.set(*var, datum);
            }
            Stmt::View { var, place, kind: ViewKind::Row } if !self.exists(place) => {
                self.vars[var.index()] = Slot::Here(Datum::List(Vec::new()));
            }
            Stmt::View { var, place, kind: _ } => {
                let at = self.locate(place);
                self.read(&at);
                self.vars[var.index()] = Slot::View(at);
            }
            Stmt::Store { place, value } => {
                let value = self.operand(value);
                let at = self.locate(place);
                self.write(&at, value);
            }
            Stmt::Assign { place, init } => {
                let datum = self.init(init);
                // What was moved away comes back.
                if place.path.is_empty() && matches!(self.vars[place.root.index()], Slot::Empty) {
                    return self.set(place.root, datum);
                }
                let at = self.locate(place);
                self.write(&at, datum);
            }
            Stmt::Push { vec, value } => {
                let datum = self.elem(value);
                let at = self.locate(vec);
                self.node_mut(&at).list_mut().push(datum);
            }
            Stmt::Swap { a, b } => {
                let (a, b) = (self.locate(a), self.locate(b));
                let (old_a, old_b) = (self.read(&a), self.read(&b));
                self.write(&a, old_b);
                self.write(&b, old_a);
            }
            Stmt::Fill { place, value } => {
                let value = self.operand(value);
                self.update(place, |datum| datum.list_mut().fill(value));
            }
            Stmt::CopyFrom { to, from } => {
                let from = self.read_place(from);
                self.update(to, |datum| {
                    assert_eq!(datum.list().len(), from.list().len(), "copy_from_slice");
                    *datum = from;
                });
            }
            Stmt::Branch(branch) => self.branch(branch),
            Stmt::For(for_) => {
                let (lo, hi) = (self.operand(&for_.lo).int(), self.operand(&for_.hi).int());
                let hi = hi + i128::from(for_.inclusive);
                let indices: Vec<i128> =
                    if for_.reversed { (lo..hi).rev().collect() } else { (lo..hi).collect() };
                self.enter(&for_.carried);
                for index in indices {
                    self.set(for_.index, Datum::Int(index));
                    self.block(&for_.body);
                    if self.end_of_pass(&for_.carried, for_.until.as_ref()) {
                        break;
                    }
                }
                self.leave(&for_.carried);
            }
            Stmt::While(while_) => {
                self.enter(&while_.carried);
                loop {
                    self.block(&while_.condition);
                    if !self.operand(&while_.test).bool() {
                        break;
                    }
                    self.block(&while_.body);
                    if self.end_of_pass(&while_.carried, while_.until.as_ref()) {
                        break;
                    }
                }
                self.leave(&while_.carried);
            }
            Stmt::Call(call) => self.call(call),
            Stmt::Effect { code: _, writes } => {
                // Messages and assertions do nothing here; a change of an opaque variable leaves it opaque.
                for var in writes {
                    self.set(*var, Datum::Opaque);
                }
            }
            Stmt::Accumulate { place, value } => {
                let value = self.operand_float(value);
                self.update(place, |datum| datum.add(&value));
            }
            Stmt::AccumulateAll { to, from } => {
                let from = self.read_place(from);
                self.update(to, |datum| datum.add(&from));
            }
            Stmt::Clear { place } => {
                self.update(place, |datum| datum.for_each_float(&mut |value| *value = 0.0));
            }
            Stmt::Grow { tape, by } => {
                let by = self.operand(by).index();
                let zero = tape_zero(self.func.ty(*tape));
                self.update(&Place::from(*tape), |datum| {
                    let len = datum.list().len() + by;
                    datum.list_mut().resize(len, zero);
                });
            }
            Stmt::Truncate { tape, len } => {
                let len = self.operand(len).index();
                self.update(&Place::from(*tape), |datum| datum.list_mut().truncate(len));
            }
            Stmt::ForwardCall(forward_call) => {
                let callee = self.derivative(&forward_call.call.name());
                let args = forward_call.call.args.iter().map(|arg| self.arg(&arg.kind)).collect();
                let (result, after, saved) = forward(self.program, callee, args);
                self.finish_call(&forward_call.call, result, after);
                self.set(forward_call.pullback, Datum::Pullback(Rc::new(saved)));
            }
            Stmt::ReverseCall(call) => self.reverse_call(call),
            Stmt::TangentCall(call) => self.tangent_call(call),
        }
    }

    fn op(&mut self, op: &Op) -> Datum {
        match op {
            // A variable of the type `f32` rounds what it is set to.
            Op::Copy(operand) | Op::Cast(operand, _) => self.operand(operand),
            Op::Prim(prim, operands) => {
                let args: Vec<f64> = operands
                    .iter()
                    .map(|operand| match self.operand(operand) {
                        Datum::Int(value) => value as f64,
                        datum => datum.float(),
                    })
                    .collect();
                Datum::Float(eval_prim(prim.0, &args))
            }
            Op::Load(place) => self.read_place(place),
            Op::Len(place) => Datum::Int(self.len(&self.locate(place)) as i128),
            Op::Code(code) => eval_code(self, code),
            Op::Pop(tape) => self.pop(*tape),
        }
    }

    fn pop(&mut self, tape: Var) -> Datum {
        let at = self.locate(&Place::from(tape));
        self.node_mut(&at).list_mut().pop().expect("a pop has a push")
    }

    fn init(&mut self, init: &Init) -> Datum {
        match init {
            Init::Record { .. } => unreachable!("a type of the user's, which rustc knows"),
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) => {
                Datum::List(elems.iter().map(|elem| self.elem(elem)).collect())
            }
            Init::ArrayRepeat { value, len } => {
                let len = eval_code(self, len).index();
                Datum::List(vec![self.elem(value); len])
            }
            Init::VecRepeat { value, len } => Datum::List(vec![self.elem(value); self.operand(len).index()]),
            Init::Empty { capacity: _ } | Init::Tape(_) => Datum::List(Vec::new()),
            Init::Move(place) => self.take_place(place),
            Init::Clone(place) | Init::ToVec(place) | Init::Keep(place) | Init::Again(place) => {
                self.read_place(place)
            }
            Init::Code(code) | Init::Point(code) => eval_code(self, code),
            Init::ZerosLike(place) | Init::LanesLike(place) => self.read_place(place).zeros(),
            Init::Zeros(ty) => zeros_of(ty),
            Init::Pop(tape) => self.pop(*tape),
        }
    }

    fn branch(&mut self, branch: &'p Branch) {
        let arm = match &branch.on {
            Selector::If(operand) => usize::from(!self.operand(operand).bool()),
            Selector::Tag(operand) => self.operand(operand).index().min(branch.arms.len() - 1),
            Selector::Match(code) => {
                let scrutinee = eval_code(self, code);
                let patterns =
                    branch.arms.iter().map(|arm| arm.pattern.as_ref().expect("a match has patterns"));
                let found =
                    patterns.enumerate().find(|(_, pattern)| matches_pattern(self, pattern, &scrutinee));
                found.expect("a match is exhaustive").0
            }
        };
        let arm = &branch.arms[arm];
        self.block(&arm.block);
        let yields: Vec<Datum> = arm.yields.iter().map(|elem| self.elem(elem)).collect();
        for (result, datum) in branch.results.iter().zip(yields) {
            self.set(*result, datum);
        }
    }

    fn enter(&mut self, carried: &[Carried]) {
        for carried in carried {
            let init = self.operand(&carried.init);
            self.set(carried.param, init);
        }
    }

    /// Whether the loop is left.
    fn end_of_pass(&mut self, carried: &[Carried], until: Option<&Operand>) -> bool {
        self.fuel = self.fuel.checked_sub(1).expect("the loops of a test are short");
        let next: Vec<Datum> = carried.iter().map(|carried| self.operand(&carried.next)).collect();
        for (carried, datum) in carried.iter().zip(next) {
            self.set(carried.param, datum);
        }
        until.is_some_and(|until| self.operand(until).bool())
    }

    fn leave(&mut self, carried: &[Carried]) {
        for carried in carried {
            let datum = self.get(carried.param);
            self.set(carried.result, datum);
        }
    }

    fn arg(&mut self, kind: &ArgKind) -> Datum {
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

    fn call(&mut self, call: &Call) {
        let callee = self.program.primals.get(&call.name()).expect("a callee is in the program");
        let args = call.args.iter().map(|arg| self.arg(&arg.kind)).collect();
        let (result, after) = eval(self.program, callee, args);
        self.finish_call(call, result, after);
    }

    fn tangent_call(&mut self, TangentCall { call, tangents, result }: &TangentCall) {
        let callee = self.program.tangents.get(&call.name()).expect("a callee is in the program");
        let args: Vec<Datum> = call.args.iter().map(|arg| self.arg(&arg.kind)).collect();
        let dots = tangents.iter().zip(&args).map(|(dot, arg)| match dot {
            Some(dot) => self.arg(&dot.kind),
            None => arg.zeros(),
        });
        let dots = dots.collect();
        let (value, dot, after, dots) = eval_tangents(self.program, callee, args, dots);
        self.finish_call(call, value, after);
        for (arg, datum) in tangents.iter().zip(dots) {
            match arg.as_ref().map(|arg| &arg.kind) {
                Some(ArgKind::ScalarMut { after, .. }) => self.set(*after, datum),
                Some(ArgKind::Memory { place, passed: Passed::Exclusive }) => {
                    let at = self.locate(place);
                    self.write(&at, datum);
                }
                _ => {}
            }
        }
        if let Some(var) = result {
            self.set(*var, dot);
        }
    }

    /// Copies out what the callee left.
    fn finish_call(&mut self, call: &Call, result: Datum, after: Vec<Datum>) {
        for (arg, datum) in call.args.iter().zip(after) {
            match &arg.kind {
                ArgKind::ScalarMut { after, .. } => self.set(*after, datum),
                ArgKind::Memory { place, passed } if passed.writes() => {
                    let at = self.locate(place);
                    self.write(&at, datum);
                }
                ArgKind::Scalar(_)
                | ArgKind::ScalarRef(_)
                | ArgKind::Memory { .. }
                | ArgKind::Kept(_)
                | ArgKind::Code { .. } => {}
            }
        }
        if let Some(var) = call.result {
            self.set(var, result);
        }
    }

    fn derivative(&self, name: &str) -> &'p Derivative {
        self.program.derivatives.get(name).expect("the derivative of a callee is in the program")
    }

    fn reverse_call(&mut self, call: &ReverseCall) {
        let Datum::Pullback(saved) = self.get(call.pullback) else { panic!("a pullback is called") };
        let callee = self.derivative(&saved.callee);
        let args = call.args.iter().map(|arg| match &arg.kind {
            ArgKind::Memory { passed, .. } if !passed.is_passed_again() => None,
            ArgKind::ScalarMut { .. } => None,
            ArgKind::Scalar(_)
            | ArgKind::ScalarRef(_)
            | ArgKind::Memory { .. }
            | ArgKind::Kept(_)
            | ArgKind::Code { .. } => Some(self.arg_again(&arg.kind)),
        });
        let args: Vec<Option<Datum>> = args.collect();
        let seed = call.seed.as_ref().map_or(Datum::Unit, |seed| self.value(seed));
        // A slot that is not wanted still needs a place to go; its shape does not matter to who ignores it.
        let buffers =
            call.cotangents.iter().zip(&callee.func.params).map(|(cotangent, param)| match cotangent {
                Cotangent::Slot(place) => self.read_place(place),
                Cotangent::InOut { after, .. } => self.operand_float(after),
                Cotangent::None | Cotangent::Value(_) => match &saved.vars[param.var.index()] {
                    Slot::Here(datum) => datum.zeros(),
                    Slot::Empty | Slot::View(_) => Datum::Unit,
                },
            });
        let buffers = buffers.collect();
        let results = reverse(self.program, callee, &saved, Some(args), &seed, buffers);
        for (cotangent, datum) in call.cotangents.iter().zip(results) {
            match cotangent {
                Cotangent::None => {}
                Cotangent::Value(var) | Cotangent::InOut { before: var, .. } => {
                    let datum = if datum == Datum::Unit { Datum::Float(0.0) } else { datum };
                    self.set(*var, datum);
                }
                Cotangent::Slot(place) => {
                    let at = self.locate(place);
                    if datum != Datum::Unit {
                        self.write(&at, datum);
                    }
                }
            }
        }
    }

    fn arg_again(&self, kind: &ArgKind) -> Datum {
        match kind {
            ArgKind::Scalar(operand)
            | ArgKind::ScalarRef(operand)
            | ArgKind::ScalarMut { before: operand, .. } => self.operand(operand),
            ArgKind::Memory { place, .. } => self.read_place(place),
            ArgKind::Kept(var) => self.read_place(&(*var).into()),
            ArgKind::Code { code, .. } => super::code::eval_tokens(self, code),
        }
    }
}

impl Call {
    /// The last word of the path.
    fn name(&self) -> String {
        self.callee.to_string().rsplit("::").next().unwrap_or_default().trim().to_owned()
    }
}
