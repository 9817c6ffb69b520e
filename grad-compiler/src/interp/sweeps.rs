//! Functions and their derivatives, run from the start to the end.

use super::code::Parsed;
use super::datum::Datum;
use super::places::Slot;
use super::{Event, Machine, Run, unknown};
use crate::ir::{ArgKind, Block, Call, Callee, Func, Operand, Passed, Ty, Value, Var};
use crate::transform::{HigherOrder, ParamCotangent, Tangents};
use proc_macro2::TokenStream;
use std::collections::BTreeMap;

/// What a forward sweep leaves for the reverse sweep: its variables.
#[derive(Debug, PartialEq)]
pub struct Saved {
    pub(super) callee: String,
    pub(super) vars: Vec<Slot>,
}

/// A derivative, as `transform` makes it.
#[derive(Clone, Debug)]
pub struct Derivative {
    pub func: Func,
    pub reverse: Block,
    pub seed: Option<Value>,
    pub cotangents: Vec<Target>,
}

/// Where the cotangent of a parameter is in the end.
#[derive(Clone, Debug)]
pub enum Target {
    Constant,
    Value(Operand),
    Slot(Var),
}

impl Target {
    pub fn of(cotangent: &ParamCotangent) -> Target {
        match cotangent {
            ParamCotangent::Constant => Target::Constant,
            ParamCotangent::Value(operand) => Target::Value(operand.clone()),
            ParamCotangent::Slot(var) => Target::Slot(*var),
        }
    }
}

/// The functions that may be called, by the last word of their paths; those of a type by the type's name, too: `Spring::energy`; and
/// those of [operators](Program::operator).
pub struct Program {
    pub primals: BTreeMap<String, Func>,
    /// In split mode.
    pub derivatives: BTreeMap<String, Derivative>,
    pub tangents: BTreeMap<String, Tangents>,
    /// The value of a primitive by its name: `grad_runtime::__private::primitive`, on which this crate does not depend.
    primitive: fn(&str, &[f64]) -> Option<f64>,
    /// Constants that code names by one word.
    pub constants: BTreeMap<String, syn::Expr>,
    /// What has been read of the user's tokens: a loop, and a difference, evaluates the same again and again.
    pub(super) parsed: Parsed,
}

impl Program {
    /// One without functions.
    pub fn new(primitive: fn(&str, &[f64]) -> Option<f64>) -> Program {
        Program {
            primals: BTreeMap::new(),
            derivatives: BTreeMap::new(),
            tangents: BTreeMap::new(),
            primitive,
            constants: BTreeMap::new(),
            parsed: Parsed::default(),
        }
    }

    /// The value of a primitive. An integer argument comes as a float.
    pub fn primitive(&self, name: &str, args: &[f64]) -> Run<f64> {
        let found = (self.primitive)(name, args);
        found.map_or_else(|| unknown(format!("`{name}` of {} arguments", args.len())), Ok)
    }

    /// What a call in the IR calls.
    pub(super) fn called<'p, T>(
        functions: &'p BTreeMap<String, T>,
        call: &Call,
        args: &[Datum],
    ) -> Run<&'p T> {
        let callee = &call.callee;
        let found = match (callee, args) {
            (Callee::Method(_), [receiver, ..]) => Program::of_method(functions, &callee.name(), receiver),
            (Callee::Method(_), []) => None,
            (Callee::Operator { of_trait, .. }, _) => Program::of_operator(functions, of_trait, call, args),
            // What is passed for it is in another function.
            (Callee::Parameter(_), _) => None,
            (Callee::Function(path) | Callee::Associated(path), _) => Program::of_path(functions, path),
        };
        found.map_or_else(|| unknown(format!("the function `{}`", callee.name())), Ok)
    }

    /// What the function of an operator is called by here: there may be several of one kind, which the types of the operands tell
    /// apart, `Mul(&Vec2, f64)`.
    pub fn operator(of_trait: &str, operands: &[String]) -> String {
        format!("{of_trait}({})", operands.join(", "))
    }

    fn of_operator<'p, T>(
        functions: &'p BTreeMap<String, T>,
        of_trait: &str,
        call: &Call,
        args: &[Datum],
    ) -> Option<&'p T> {
        let operands = call.args.iter().zip(args).map(|(arg, datum)| {
            let is_lent = match &arg.kind {
                ArgKind::ScalarRef(_) => true,
                ArgKind::Memory { passed, .. } => matches!(passed, Passed::Shared | Passed::Lent),
                ArgKind::Scalar(_) | ArgKind::ScalarMut { .. } | ArgKind::Kept(_) | ArgKind::Code { .. } => {
                    false
                }
            };
            let of = match datum {
                Datum::Record { of, .. } => of,
                Datum::Float(_) => "f64",
                Datum::Int(_) => "usize",
                Datum::Bool(_) | Datum::Unit | Datum::List(_) | Datum::Pullback(_) | Datum::Opaque => {
                    return None;
                }
            };
            Some(format!("{}{of}", if is_lent { "&" } else { "" }))
        });
        functions.get(&Program::operator(of_trait, &operands.collect::<Option<Vec<_>>>()?))
    }

    /// The method of this name, of the type of the receiver.
    pub(super) fn of_method<'p, T>(
        functions: &'p BTreeMap<String, T>,
        name: &str,
        receiver: &Datum,
    ) -> Option<&'p T> {
        let Datum::Record { of, .. } = receiver else { return None };
        functions.get(&format!("{of}::{name}"))
    }

    /// The function at this path, of which the last words are known.
    fn of_path<'p, T>(functions: &'p BTreeMap<String, T>, path: &TokenStream) -> Option<&'p T> {
        let last = words(path).pop()?;
        Program::of_type(functions, path).or_else(|| functions.get(&last))
    }

    /// The same of a type.
    pub(super) fn of_type<'p, T>(functions: &'p BTreeMap<String, T>, path: &TokenStream) -> Option<&'p T> {
        match &words(path)[..] {
            [.., of, name] => functions.get(&format!("{of}::{name}")),
            [_] | [] => None,
        }
    }
}

/// The words of a path.
fn words(path: &TokenStream) -> Vec<String> {
    path.to_string().split("::").map(|word| word.replace(['<', '>'], "").trim().to_owned()).collect()
}

/// Runs a function: its result, and its arguments afterwards.
pub fn eval(program: &Program, func: &Func, args: Vec<Datum>) -> Run<(Datum, Vec<Datum>)> {
    let mut machine = Machine::new(program, func);
    machine.bind_params(args)?;
    machine.block(&func.body)?;
    let result = machine.value(&func.result)?;
    Ok((result, machine.params()?))
}

/// Runs a function in forward mode: its result and the tangent of it, its arguments and their tangents afterwards.
pub fn eval_tangents(
    program: &Program,
    tangents: &Tangents,
    args: Vec<Datum>,
    dots: Vec<Datum>,
) -> Run<(Datum, Datum, Vec<Datum>, Vec<Datum>)> {
    let mut machine = Machine::new(program, &tangents.func);
    machine.bind_params(args)?;
    for (var, dot) in tangents.params.iter().zip(dots) {
        if let Some(var) = var {
            machine.vars[var.index()] = Slot::Here(dot);
        }
    }
    machine.block(&tangents.func.body)?;
    let (result, dot) = (machine.value(&tangents.func.result)?, machine.value(&tangents.result)?);
    let params = machine.params()?;
    let dots = tangents.params.iter().map(|var| match var.map(|var| &machine.vars[var.index()]) {
        Some(Slot::Here(datum)) => datum.clone(),
        Some(Slot::Empty | Slot::View(_)) | None => Datum::Unit,
    });
    Ok((result, dot, params, dots.collect()))
}

/// Runs a second derivative: the gradient and its tangent, one entry per parameter. `buffers` are the cotangents of the
/// parameters before, and the tangents of those are 0.
pub fn eval_second(
    program: &Program,
    second: &HigherOrder,
    args: Vec<Datum>,
    dots: Vec<Datum>,
    buffers: Vec<Datum>,
) -> Run<(Vec<Datum>, Vec<Datum>)> {
    let mut lists = eval_order(program, second, args, vec![dots], buffers)?;
    let products = lists.pop().expect("a second derivative has two lists");
    Ok((lists.pop().expect("a second derivative has two lists"), products))
}

/// Runs the joint form of a derivative of any order: its lists of cotangents, each with one entry per parameter.
/// `directions` are the lists of tangents from the first on. `buffers` are the cotangents of the parameters before.
pub fn eval_order(
    program: &Program,
    derivative: &HigherOrder,
    args: Vec<Datum>,
    directions: Vec<Vec<Datum>>,
    buffers: Vec<Datum>,
) -> Run<Vec<Vec<Datum>>> {
    let lists = derivative.lists();
    let targets = lists.cotangents().into_iter().map(|list| list.iter().map(Target::of).collect());
    let targets: Vec<Vec<Target>> = targets.collect();
    let mut machine = Machine::new(program, &derivative.sweeps.func);
    machine.bind_params(args)?;
    for (along, dots) in derivative.along.iter().zip(directions) {
        for (var, dot) in along.params.iter().zip(dots) {
            if let Some(var) = var {
                machine.vars[var.index()] = Slot::Here(dot);
            }
        }
    }
    for list in &targets[1..] {
        machine.bind_slots(list, buffers.iter().map(Datum::zeros).collect())?;
    }
    machine.bind_slots(&targets[0], buffers)?;
    machine.block(&derivative.sweeps.func.body)?;
    machine.block(&derivative.sweeps.reverse)?;
    targets.iter().map(|list| machine.cotangents(list)).collect()
}

/// Runs both sweeps in one scope: the result, the arguments afterwards, one cotangent per parameter. `buffers` are the
/// cotangents of the parameters before, added to.
pub fn eval_reversed(
    program: &Program,
    derivative: &Derivative,
    args: Vec<Datum>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> Run<(Datum, Vec<Datum>, Vec<Datum>)> {
    both_sweeps(Machine::new(program, &derivative.func), derivative, args, seed, buffers)
}

/// The same, with somebody who looks on. What cannot be run is stepped over.
pub fn watch(
    program: &Program,
    derivative: &Derivative,
    args: Vec<Datum>,
    seed: &Datum,
    buffers: Vec<Datum>,
    observer: &mut dyn FnMut(Event<'_>),
) -> Run<(Datum, Vec<Datum>, Vec<Datum>)> {
    let mut machine = Machine::new(program, &derivative.func);
    machine.observer = Some(observer);
    both_sweeps(machine, derivative, args, seed, buffers)
}

fn both_sweeps<'p>(
    mut machine: Machine<'p>,
    derivative: &'p Derivative,
    args: Vec<Datum>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> Run<(Datum, Vec<Datum>, Vec<Datum>)> {
    machine.bind_params(args)?;
    if let Some(to) = &derivative.seed {
        machine.bind_seed(to, seed)?;
    }
    machine.bind_slots(&derivative.cotangents, buffers)?;
    machine.block(&derivative.func.body)?;
    let result = machine.value(&derivative.func.result)?;
    if let Some(observer) = &mut machine.observer {
        observer(Event::Reverse);
    }
    machine.block(&derivative.reverse)?;
    let params = machine.params()?;
    let cotangents = machine.cotangents(&derivative.cotangents)?;
    Ok((result, params, cotangents))
}

/// Runs the sweeps apart, as a caller does: the reverse sweep sees no more of `&mut` parameters than what was recorded.
pub fn eval_split(
    program: &Program,
    derivative: &Derivative,
    args: Vec<Datum>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> Run<(Datum, Vec<Datum>, Vec<Datum>)> {
    let (result, params, saved) = forward(program, derivative, args)?;
    let cotangents = reverse(program, derivative, &saved, None, seed, buffers)?;
    Ok((result, params, cotangents))
}

pub(super) fn forward(
    program: &Program,
    derivative: &Derivative,
    args: Vec<Datum>,
) -> Run<(Datum, Vec<Datum>, Saved)> {
    let func = &derivative.func;
    let mut machine = Machine::new(program, func);
    machine.bind_params(args)?;
    machine.block(&func.body)?;
    let result = machine.value(&func.result)?;
    let params = machine.params()?;
    for param in &func.params {
        if matches!(func.ty(param.var), Ty::Ref { mutable: true, .. })
            && let Slot::Here(datum) = &mut machine.vars[param.var.index()]
        {
            // The caller has it back and may have changed it.
            datum.for_each_float(&mut |value| *value = f64::NAN);
        }
    }
    let saved = Saved { callee: func.name.clone(), vars: machine.vars };
    Ok((result, params, saved))
}

pub(super) fn reverse(
    program: &Program,
    derivative: &Derivative,
    saved: &Saved,
    args: Option<Vec<Option<Datum>>>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> Run<Vec<Datum>> {
    let mut machine = Machine::new(program, &derivative.func);
    machine.vars.clone_from(&saved.vars);
    for (param, arg) in derivative.func.params.iter().zip(args.unwrap_or_default()) {
        if let Some(arg) = arg {
            machine.vars[param.var.index()] = Slot::Here(arg);
        }
    }
    if let Some(to) = &derivative.seed {
        machine.bind_seed(to, seed)?;
    }
    machine.bind_slots(&derivative.cotangents, buffers)?;
    machine.block(&derivative.reverse)?;
    machine.cotangents(&derivative.cotangents)
}
