//! The interpreter, for tests: what it cannot run fails them.

use grad_compiler::interp::{self, Datum};
use grad_compiler::ir::Func;
use grad_compiler::transform::{HigherOrder, Tangents};

pub(super) use grad_compiler::interp::{Derivative, Program, Target};

fn run<T>(result: interp::Run<T>) -> T {
    result.unwrap_or_else(|why| panic!("{why}"))
}

pub(super) fn eval(program: &Program, func: &Func, args: Vec<Datum>) -> (Datum, Vec<Datum>) {
    run(interp::eval(program, func, args))
}

/// A program without functions that could be called.
pub(super) fn no_functions() -> Program {
    Program::new(grad_runtime::__private::primitive)
}

pub(super) fn eval_prim(name: &str, args: &[f64]) -> f64 {
    run(no_functions().primitive(name, args))
}

pub(super) fn eval_tangents(
    program: &Program,
    tangents: &Tangents,
    args: Vec<Datum>,
    dots: Vec<Datum>,
) -> (Datum, Datum, Vec<Datum>, Vec<Datum>) {
    run(interp::eval_tangents(program, tangents, args, dots))
}

pub(super) fn eval_second(
    program: &Program,
    second: &HigherOrder,
    args: Vec<Datum>,
    dots: Vec<Datum>,
    buffers: Vec<Datum>,
) -> (Vec<Datum>, Vec<Datum>) {
    run(interp::eval_second(program, second, args, dots, buffers))
}

pub(super) fn eval_order(
    program: &Program,
    derivative: &HigherOrder,
    args: Vec<Datum>,
    directions: Vec<Vec<Datum>>,
    buffers: Vec<Datum>,
) -> Vec<Vec<Datum>> {
    run(interp::eval_order(program, derivative, args, directions, buffers))
}

pub(super) fn eval_reversed(
    program: &Program,
    derivative: &Derivative,
    args: Vec<Datum>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> (Datum, Vec<Datum>, Vec<Datum>) {
    run(interp::eval_reversed(program, derivative, args, seed, buffers))
}

pub(super) fn eval_split(
    program: &Program,
    derivative: &Derivative,
    args: Vec<Datum>,
    seed: &Datum,
    buffers: Vec<Datum>,
) -> (Datum, Vec<Datum>, Vec<Datum>) {
    run(interp::eval_split(program, derivative, args, seed, buffers))
}
