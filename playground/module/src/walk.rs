//! Values, gradients and Hessians of the function at points, for who walks on it. The interpreter computes them.

use crate::file::File;
use crate::run::{derivative, program, start};
use crate::{json, value};
use grad_compiler::expand::Passes;
use grad_compiler::interp::{Datum, Program, Run, eval, eval_reversed, eval_second};

/// `what` is `value`, `gradient` or `hessian`, and a name; points are separated by semicolons. Of each point: the value, the
/// gradient in one row, the Hessian in rows.
pub(crate) fn evaluate(text: &str, what: &str, name: &str, points: &str) -> String {
    let failed = |why: &str| json::object([("failed", json::string(why))]);
    let Ok(read) = File::read(text, name) else { return failed("the function has an error") };
    let Ok((_, _, passes)) = read.function().derived(what == "hessian") else {
        return failed("the function has an error");
    };
    let program = program(&read);
    let mut rows = Vec::new();
    for point in points.split(';') {
        let args = match value::arguments(point, &passes.primal, &read) {
            Ok(args) => args,
            Err(why) => return failed(&why),
        };
        let row = match what {
            "value" => eval(&program, &passes.primal, args).map(|(result, _)| value::floats(&result)),
            "gradient" => gradient(&program, &passes, args),
            _ => hessian(&program, &passes, args),
        };
        match row {
            Ok(row) => rows.push(row),
            Err(why) => return failed(&why.to_string()),
        }
    }
    json::object([("rows", json::list(rows))])
}

fn gradient(program: &Program, passes: &Passes, args: Vec<Datum>) -> Run<String> {
    let (seed, buffers) = start(program, passes, &args)?;
    let (result, _, cotangents) = eval_reversed(program, &derivative(&passes.joint), args, &seed, buffers)?;
    let all = cotangents.iter().flat_map(Datum::all_floats).map(value::float);
    Ok(json::object([("value", value::floats(&result)), ("gradient", json::list(all))]))
}

/// Column by column: the gradient along one direction after the other.
fn hessian(program: &Program, passes: &Passes, args: Vec<Datum>) -> Run<String> {
    let Some((second, _)) = passes.higher.first().and_then(|second| second.joint.as_ref()) else {
        return Err(grad_compiler::interp::Stop::Unknown("a second derivative of this function".to_owned()));
    };
    let differentiated = |k: usize| passes.primal.params[k].wrt;
    let zeros: Vec<Datum> = args.iter().map(Datum::zeros).collect();
    let mut columns = Vec::new();
    for (k, arg) in zeros.iter().enumerate().filter(|(k, _)| differentiated(*k)) {
        for number in 0..arg.all_floats().len() {
            let mut dots = zeros.clone();
            let mut at = 0;
            dots[k].for_each_float(&mut |dot| {
                *dot = if at == number { 1.0 } else { 0.0 };
                at += 1;
            });
            let (_, bar_dots) = eval_second(program, second, args.clone(), dots, zeros.clone())?;
            columns.push(json::list(bar_dots.iter().flat_map(Datum::all_floats).map(value::float)));
        }
    }
    let first = gradient(program, passes, args)?;
    Ok(json::object([("first", first), ("hessian", json::list(columns))]))
}
