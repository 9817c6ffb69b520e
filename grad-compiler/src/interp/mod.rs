//! What the IR means: an interpreter.
//!
//! Memory is a tree of values; a view is a path into the tree of its root. A call copies memory in and, for `&mut`
//! arguments, out again, which is what `&mut` means where nothing aliases. What cannot be run is an error that names it;
//! where somebody [looks on](Event), it is stepped over, and what it would have set is unknown.

mod call;
mod code;
mod datum;
mod places;
mod sweeps;

use crate::ir::visit::Access;
use crate::ir::{
    Block, Branch, Carried, Elem, Float, Func, Init, Op, Operand, Place, Proj, Selector, Stmt, Ty, Value,
    Var, ViewKind,
};
use code::{eval_code, literal_text, matches_pattern};
pub use datum::Datum;
use datum::{is_moved, tape_zero, zeros_of};
use places::Slot;
use proc_macro2::TokenStream;
use std::fmt;
use std::rc::Rc;
pub use sweeps::{
    Derivative, Program, Saved, Target, eval, eval_order, eval_reversed, eval_second, eval_split,
    eval_tangents, watch,
};

/// Why a statement has no value.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// Nobody here knows what this does.
    Unknown(String),
    /// The function would panic.
    Panics(String),
    /// Loops have made all the passes that they were given.
    Passes,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Unknown(what) => write!(f, "the interpreter does not know {what}"),
            Stop::Panics(why) => write!(f, "the function would panic: {why}"),
            Stop::Passes => f.write_str("the loops are too long for the interpreter"),
        }
    }
}

pub type Run<T> = Result<T, Stop>;

fn unknown<T>(what: impl Into<String>) -> Run<T> {
    Err(Stop::Unknown(what.into()))
}

/// What happens while a function runs, for who looks on. Calls are one event.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// The statement has set a variable.
    Set { stmt: &'e Stmt, var: Var, value: &'e Datum },
    /// The statement has changed memory: the variable, or what it is a view of, is this now.
    Changed { stmt: &'e Stmt, var: Var, value: &'e Datum },
    /// A variable is another one's value from here on: what a branch yields, what a loop carries.
    Joined { var: Var, from: Option<Var>, value: &'e Datum },
    /// A loop begins a pass.
    Pass { stmt: &'e Stmt, number: usize },
    /// The statement was stepped over.
    Skipped { stmt: &'e Stmt, why: &'e Stop },
    /// The reverse sweep begins.
    Reverse,
}

/// More would fill the memory of a page.
const MOST_ELEMENTS: usize = 1_000_000;

/// One activation of a function.
struct Machine<'p> {
    program: &'p Program,
    func: &'p Func,
    vars: Vec<Slot>,
    /// Passes of loops that may still be made: nobody waits for ever.
    fuel: usize,
    observer: Option<&'p mut dyn FnMut(Event<'_>)>,
}

impl<'p> Machine<'p> {
    fn new(program: &'p Program, func: &'p Func) -> Machine<'p> {
        Machine { program, func, vars: vec![Slot::Empty; func.vars.len()], fuel: 100_000, observer: None }
    }

    fn bind_params(&mut self, args: Vec<Datum>) -> Run<()> {
        if self.func.params.len() != args.len() {
            return unknown(format!("`{}` of {} arguments", self.func.name, args.len()));
        }
        for (param, arg) in self.func.params.iter().zip(args) {
            self.set(param.var, arg)?;
        }
        Ok(())
    }

    fn params(&self) -> Run<Vec<Datum>> {
        let left = |var: Var| match &self.vars[var.index()] {
            Slot::Empty => Ok(Datum::Unit),
            Slot::Here(_) | Slot::View(_) => self.get(var),
        };
        self.func.params.iter().map(|param| left(param.var)).collect()
    }

    fn bind_seed(&mut self, to: &Value, seed: &Datum) -> Run<()> {
        match to {
            Value::Unit | Value::Scalar(Operand::Lit(_)) => Ok(()),
            Value::Scalar(Operand::Var(var)) => self.set(*var, seed.clone()),
            Value::Memory(place) if place.path.is_empty() => self.set(place.root, seed.clone()),
            Value::Memory(_) => unknown("a seed of a part of memory"),
            Value::Tuple(values) => {
                for (value, seed) in values.iter().zip(seed.list()?) {
                    self.bind_seed(value, seed)?;
                }
                Ok(())
            }
        }
    }

    fn bind_slots(&mut self, targets: &[Target], buffers: Vec<Datum>) -> Run<()> {
        for (target, buffer) in targets.iter().zip(buffers) {
            if let Target::Slot(var) = target {
                self.set(*var, buffer)?;
            }
        }
        Ok(())
    }

    fn cotangents(&self, targets: &[Target]) -> Run<Vec<Datum>> {
        let cotangent = |target: &Target| match target {
            Target::Constant => Ok(Datum::Unit),
            Target::Value(operand) => self.operand_float(operand),
            Target::Slot(var) => self.get(*var),
        };
        targets.iter().map(cotangent).collect()
    }

    /// The content of a variable.
    fn get(&self, var: Var) -> Run<Datum> {
        match &self.vars[var.index()] {
            Slot::Empty => self.is_not_set(var),
            Slot::Here(datum) => Ok(datum.clone()),
            Slot::View(location) => self.read(location),
        }
    }

    fn is_not_set<T>(&self, var: Var) -> Run<T> {
        unknown(format!("`{}` before it is set", self.func.vars[var.index()].name))
    }

    fn set(&mut self, var: Var, datum: Datum) -> Run<()> {
        let datum = match (self.func.ty(var), &datum) {
            #[allow(clippy::cast_possible_truncation)]
            (Ty::Float(Float::F32), Datum::Float(value)) => Datum::Float(f64::from(*value as f32)),
            (Ty::Int, Datum::Float(_)) | (Ty::Float(_), Datum::Int(_)) => {
                let name = &self.func.vars[var.index()].name;
                return unknown(format!("`{name}`, set to {datum:?}, which is {:?}", self.func.ty(var)));
            }
            _ => datum,
        };
        self.vars[var.index()] = Slot::Here(datum);
        Ok(())
    }

    fn operand(&self, operand: &Operand) -> Run<Datum> {
        match operand {
            Operand::Var(var) => self.get(*var),
            Operand::Lit(lit) => literal_text(&lit.text),
        }
    }

    /// A literal float may be written without a point nowhere, but `0` may be meant as a float by a transform.
    fn operand_float(&self, operand: &Operand) -> Run<Datum> {
        Ok(match self.operand(operand)? {
            Datum::Int(value) => Datum::Float(value as f64),
            datum => datum,
        })
    }

    fn elem(&mut self, elem: &Elem) -> Run<Datum> {
        match elem {
            Elem::Scalar(operand) => self.operand(operand),
            Elem::Memory(place) => self.take_place(place),
        }
    }

    /// Moved, or copied: what is moved is not there any more.
    fn take_place(&mut self, place: &Place) -> Run<Datum> {
        let datum = self.read_place(place)?;
        let slot = &mut self.vars[place.root.index()];
        if place.path.is_empty() && is_moved(self.func.ty(place.root)) && matches!(slot, Slot::Here(_)) {
            *slot = Slot::Empty;
        }
        Ok(datum)
    }

    fn value(&self, value: &Value) -> Run<Datum> {
        match value {
            Value::Unit => Ok(Datum::Unit),
            Value::Scalar(operand) => self.operand(operand),
            Value::Memory(place) => self.read_place(place),
            Value::Tuple(values) => {
                values.iter().map(|value| self.value(value)).collect::<Run<_>>().map(Datum::List)
            }
        }
    }

    fn block(&mut self, block: &'p Block) -> Run<()> {
        for stmt in &block.stmts {
            match self.stmt(stmt) {
                Ok(()) => self.tell(stmt),
                Err(why @ Stop::Unknown(_)) if self.observer.is_some() => self.step_over(stmt, &why),
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    /// Says what a statement has done.
    fn tell(&mut self, stmt: &'p Stmt) {
        let Some(observer) = &mut self.observer else { return };
        let var = match stmt {
            Stmt::Let { var, .. } | Stmt::Alloc { var, .. } => Some(*var),
            Stmt::Call(call) => call.result,
            Stmt::ForwardCall(forward) => forward.call.result,
            _ => None,
        };
        if let Some(var) = var
            && let Slot::Here(value) = &self.vars[var.index()]
        {
            observer(Event::Set { stmt, var, value });
        }
        let changed = match stmt {
            Stmt::Store { place, .. }
            | Stmt::Assign { place, .. }
            | Stmt::Fill { place, .. }
            | Stmt::Accumulate { place, .. } => Some(place),
            Stmt::Push { vec: place, .. }
            | Stmt::CopyFrom { to: place, .. }
            | Stmt::AccumulateAll { to: place, .. } => Some(place),
            _ => None,
        };
        if let Some(place) = changed {
            let part = match &self.vars[place.root.index()] {
                Slot::Here(value) => Some((place.root, value)),
                Slot::View(at) => match &self.vars[at.root().index()] {
                    Slot::Here(value) => Some((at.root(), value)),
                    Slot::View(_) | Slot::Empty => None,
                },
                Slot::Empty => None,
            };
            if let Some((var, value)) = part {
                observer(Event::Changed { stmt, var, value });
            }
        }
    }

    /// What a statement would have done is unknown.
    fn step_over(&mut self, stmt: &'p Stmt, why: &Stop) {
        let mut touched = Vec::new();
        touched_within(stmt, &mut touched);
        for var in touched {
            let root = match &self.vars[var.index()] {
                Slot::View(at) => at.root(),
                Slot::Here(_) | Slot::Empty => var,
            };
            self.vars[root.index()] = Slot::Here(Datum::Opaque);
        }
        if let Some(observer) = &mut self.observer {
            observer(Event::Skipped { stmt, why });
        }
    }

    fn stmt(&mut self, stmt: &'p Stmt) -> Run<()> {
        match stmt {
            Stmt::Let { var, op } => {
                let datum = self.op(op)?;
                self.set(*var, datum)?;
            }
            Stmt::Alloc { var, init } => {
                let datum = self.init(init)?;
                self.set(*var, datum)?;
            }
            Stmt::View { var, place, kind: ViewKind::Row } if !self.exists(place)? => {
                self.vars[var.index()] = Slot::Here(Datum::List(Vec::new()));
            }
            Stmt::View { var, place, kind: _ } => {
                let at = self.locate(place)?;
                self.read(&at)?;
                self.vars[var.index()] = Slot::View(at);
            }
            Stmt::Store { place, value } => {
                let value = self.operand(value)?;
                let at = self.locate(place)?;
                self.write(&at, value)?;
            }
            Stmt::Assign { place, init } => {
                let datum = self.init(init)?;
                // What was moved away comes back.
                if place.path.is_empty() && matches!(self.vars[place.root.index()], Slot::Empty) {
                    return self.set(place.root, datum);
                }
                let at = self.locate(place)?;
                self.write(&at, datum)?;
            }
            Stmt::Push { vec, value } => {
                let datum = self.elem(value)?;
                let at = self.locate(vec)?;
                self.node_mut(&at)?.list_mut()?.push(datum);
            }
            Stmt::Swap { a, b } => {
                let (a, b) = (self.locate(a)?, self.locate(b)?);
                let (old_a, old_b) = (self.read(&a)?, self.read(&b)?);
                self.write(&a, old_b)?;
                self.write(&b, old_a)?;
            }
            Stmt::Fill { place, value } => {
                let value = self.operand(value)?;
                self.update(place, |datum| {
                    datum.list_mut()?.fill(value);
                    Ok(())
                })?;
            }
            Stmt::CopyFrom { to, from } => {
                let from = self.read_place(from)?;
                self.update(to, |datum| {
                    if datum.list()?.len() != from.list()?.len() {
                        return Err(Stop::Panics("slices of different lengths are copied".to_owned()));
                    }
                    *datum = from;
                    Ok(())
                })?;
            }
            Stmt::Branch(branch) => self.branch(branch)?,
            Stmt::For(for_) => {
                let (lo, hi) = (self.operand(&for_.lo)?.int()?, self.operand(&for_.hi)?.int()?);
                let hi = hi + i128::from(for_.inclusive);
                let passes = (hi - lo).max(0);
                self.enter(&for_.carried)?;
                for pass in 0..passes {
                    self.begin_pass(stmt, pass)?;
                    let index = if for_.reversed { hi - 1 - pass } else { lo + pass };
                    self.set(for_.index, Datum::Int(index))?;
                    self.block(&for_.body)?;
                    if self.end_of_pass(&for_.carried, for_.until.as_ref())? {
                        break;
                    }
                }
                self.leave(&for_.carried)?;
            }
            Stmt::While(while_) => {
                self.enter(&while_.carried)?;
                for pass in 0.. {
                    self.begin_pass(stmt, pass)?;
                    self.block(&while_.condition)?;
                    if !self.operand(&while_.test)?.bool()? {
                        break;
                    }
                    self.block(&while_.body)?;
                    if self.end_of_pass(&while_.carried, while_.until.as_ref())? {
                        break;
                    }
                }
                self.leave(&while_.carried)?;
            }
            Stmt::Call(call) => self.call(call)?,
            Stmt::Effect { code, writes } => {
                if code::panics(&code.tokens) {
                    return Err(Stop::Panics(code.tokens.to_string()));
                }
                // Messages and assertions do nothing here; a change of an opaque variable leaves it opaque.
                for var in writes {
                    self.set(*var, Datum::Opaque)?;
                }
            }
            Stmt::Accumulate { place, value } => {
                let value = self.operand_float(value)?;
                self.update(place, |datum| datum.add(&value))?;
            }
            Stmt::AccumulateAll { to, from } => {
                let from = self.read_place(from)?;
                self.update(to, |datum| datum.add(&from))?;
            }
            Stmt::Clear { place } => {
                self.update(place, |datum| {
                    datum.for_each_float(&mut |value| *value = 0.0);
                    Ok(())
                })?;
            }
            Stmt::Grow { tape, by } => {
                let by = self.operand(by)?.size()?;
                let zero = tape_zero(self.func.ty(*tape))?;
                self.update(&Place::from(*tape), |datum| {
                    let len = datum.list()?.len() + by;
                    datum.list_mut()?.resize(len, zero);
                    Ok(())
                })?;
            }
            Stmt::Extend { tape, from } => {
                let from = self.read_place(from)?;
                self.update(&Place::from(*tape), |datum| {
                    datum.list_mut()?.extend_from_slice(from.list()?);
                    Ok(())
                })?;
            }
            Stmt::Truncate { tape, len } => {
                let len = self.operand(len)?.size()?;
                self.update(&Place::from(*tape), |datum| {
                    datum.list_mut()?.truncate(len);
                    Ok(())
                })?;
            }
            Stmt::ForwardCall(forward_call) => {
                let args: Vec<Datum> =
                    forward_call.call.args.iter().map(|arg| self.arg(&arg.kind)).collect::<Run<_>>()?;
                let callee = Program::called(&self.program.derivatives, &forward_call.call, &args)?;
                let (result, after, saved) = sweeps::forward(self.program, callee, args)?;
                self.finish_call(&forward_call.call, result, after)?;
                self.set(forward_call.pullback, Datum::Pullback(Rc::new(saved)))?;
            }
            Stmt::ReverseCall(call) => self.reverse_call(call)?,
            Stmt::TangentCall(call) => self.tangent_call(call)?,
        }
        Ok(())
    }

    fn op(&mut self, op: &Op) -> Run<Datum> {
        match op {
            // A variable of the type `f32` rounds what it is set to.
            Op::Copy(operand) | Op::Cast(operand, _) => self.operand(operand),
            Op::Prim(prim, operands) => {
                let args: Vec<f64> = operands
                    .iter()
                    .map(|operand| match self.operand(operand)? {
                        Datum::Int(value) => Ok(value as f64),
                        datum => datum.float(),
                    })
                    .collect::<Run<_>>()?;
                self.program.primitive(prim.0, &args).map(Datum::Float)
            }
            Op::Load(place) => self.read_place(place),
            Op::Len(place) => Ok(Datum::Int(self.len(&self.locate(place)?)? as i128)),
            Op::Code(code) => eval_code(self, code),
            Op::Pop(tape) => self.pop(*tape),
        }
    }

    fn pop(&mut self, tape: Var) -> Run<Datum> {
        let at = self.locate(&Place::from(tape))?;
        let last = self.node_mut(&at)?.list_mut()?.pop();
        last.ok_or_else(|| Stop::Unknown("an element of an empty tape".to_owned()))
    }

    fn init(&mut self, init: &Init) -> Run<Datum> {
        match init {
            Init::Record { path, members, elems } => self.record(path, members, elems),
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) => {
                elems.iter().map(|elem| self.elem(elem)).collect::<Run<_>>().map(Datum::List)
            }
            Init::ArrayRepeat { value, len } => {
                let len = eval_code(self, len)?;
                self.repeat(value, &len)
            }
            Init::VecRepeat { value, len } | Init::Buffer { value, len, on_stack: _ } => {
                let len = self.operand(len)?;
                self.repeat(value, &len)
            }
            Init::Empty { capacity: _ } | Init::Tape(_) => Ok(Datum::List(Vec::new())),
            Init::Move(place) => self.take_place(place),
            Init::Refill { of, spare } => {
                let at = self.locate(&Place::from(*spare))?;
                self.node_mut(&at)?.list_mut()?.pop();
                self.read_place(of)
            }
            Init::Clone(place)
            | Init::ToVec(place)
            | Init::Keep(place)
            | Init::Again(place)
            | Init::Part(place) => self.read_place(place),
            Init::Code(code) | Init::Point(code) => eval_code(self, code),
            Init::ZerosLike(place) | Init::LanesLike(place) => Ok(self.read_place(place)?.zeros()),
            Init::Zeros(ty) => zeros_of(ty),
            Init::Pop(tape) => self.pop(*tape),
        }
    }

    /// A literal of a type of the user's.
    fn record(&mut self, path: &TokenStream, members: &[Proj], elems: &[Elem]) -> Run<Datum> {
        let (mut fields, mut items) = (Vec::new(), vec![None; elems.len()]);
        for (member, elem) in members.iter().zip(elems) {
            let datum = self.elem(elem)?;
            match member {
                Proj::Named(name) | Proj::Variant(name) => fields.push((name.clone(), datum)),
                Proj::Field(field) if *field < items.len() => items[*field] = Some(datum),
                Proj::Field(_)
                | Proj::Some
                | Proj::Boxed
                | Proj::Index(_)
                | Proj::Slice { .. }
                | Proj::Deref => {
                    return unknown(format!("the type `{path}`, which rustc knows"));
                }
            }
        }
        if fields.len() == elems.len() {
            return Ok(Datum::Record { of: last_word(path), fields });
        }
        let items: Option<Vec<Datum>> = items.into_iter().collect();
        items.map_or_else(|| unknown(format!("all of a `{path}`")), |items| Ok(Datum::List(items)))
    }

    fn repeat(&mut self, value: &Elem, len: &Datum) -> Run<Datum> {
        let len = len.size()?;
        if len > MOST_ELEMENTS {
            return unknown(format!("an array of {len} elements"));
        }
        Ok(Datum::List(vec![self.elem(value)?; len]))
    }

    fn branch(&mut self, branch: &'p Branch) -> Run<()> {
        let arm = match &branch.on {
            Selector::If(operand) => usize::from(!self.operand(operand)?.bool()?),
            Selector::Tag(operand) => self.operand(operand)?.size()?.min(branch.arms.len() - 1),
            Selector::Match(code) => {
                let scrutinee = eval_code(self, code)?;
                let mut found = None;
                for (k, arm) in branch.arms.iter().enumerate() {
                    if let Some(pattern) = &arm.pattern
                        && matches_pattern(self, pattern, &scrutinee)?
                    {
                        found = Some(k);
                        break;
                    }
                }
                let Some(found) = found else { return unknown("a match without an arm for its value") };
                found
            }
        };
        let arm = &branch.arms[arm];
        self.block(&arm.block)?;
        let yields: Vec<Datum> = arm.yields.iter().map(|elem| self.elem(elem)).collect::<Run<_>>()?;
        for ((result, datum), elem) in branch.results.iter().zip(yields).zip(&arm.yields) {
            let from = match elem {
                Elem::Scalar(operand) => operand.var(),
                Elem::Memory(place) => Some(place.root),
            };
            self.join(*result, from, datum)?;
        }
        Ok(())
    }

    /// Sets a variable to what another one is.
    fn join(&mut self, var: Var, from: Option<Var>, datum: Datum) -> Run<()> {
        if let Some(observer) = &mut self.observer {
            observer(Event::Joined { var, from, value: &datum });
        }
        self.set(var, datum)
    }

    fn enter(&mut self, carried: &[Carried]) -> Run<()> {
        for carried in carried {
            let init = self.operand(&carried.init)?;
            self.join(carried.param, carried.init.var(), init)?;
        }
        Ok(())
    }

    fn begin_pass(&mut self, stmt: &'p Stmt, pass: i128) -> Run<()> {
        self.fuel = self.fuel.checked_sub(1).ok_or(Stop::Passes)?;
        if let Some(observer) = &mut self.observer {
            observer(Event::Pass { stmt, number: usize::try_from(pass).unwrap_or(usize::MAX) });
        }
        Ok(())
    }

    /// Whether the loop is left.
    fn end_of_pass(&mut self, carried: &[Carried], until: Option<&Operand>) -> Run<bool> {
        let next: Vec<Datum> =
            carried.iter().map(|carried| self.operand(&carried.next)).collect::<Run<_>>()?;
        for (carried, datum) in carried.iter().zip(next) {
            self.join(carried.param, carried.next.var(), datum)?;
        }
        match until {
            Some(until) => self.operand(until)?.bool(),
            None => Ok(false),
        }
    }

    fn leave(&mut self, carried: &[Carried]) -> Run<()> {
        for carried in carried {
            let datum = self.get(carried.param)?;
            self.join(carried.result, Some(carried.param), datum)?;
        }
        Ok(())
    }
}

/// The name of a type that a path leads to.
fn last_word(path: &TokenStream) -> String {
    let text = path.to_string();
    let path = text.split('<').next().unwrap_or_default().trim_end_matches([':', ' ']);
    path.rsplit("::").next().unwrap_or_default().trim().to_owned()
}

/// Every variable that the statement, or one within it, defines or writes.
fn touched_within(stmt: &Stmt, touched: &mut Vec<Var>) {
    stmt.for_each_define_within(&mut |var| touched.push(var));
    stmt.for_each_place(&mut |place, access| {
        if !matches!(access, Access::Read) {
            touched.push(place.root);
        }
    });
    stmt.for_each_block(&mut |block| block.stmts.iter().for_each(|stmt| touched_within(stmt, touched)));
}
