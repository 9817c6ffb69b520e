//! Derivatives of derivatives are ordinary uses of the passes. Reverse mode of forward mode gives the same products with
//! the Hessian as forward mode of reverse mode; forward mode of these agrees with differences of them.

use super::generate::{Generated, Rng, generate};
use super::interp::{Program, eval, eval_reversed, eval_second};
use super::ridders::ridders;
use super::sweeps::derivative;
use crate::analysis;
use crate::interp::Datum;
use crate::ir::print::print;
use crate::ir::{Func, Operand, Param, Value, Var};
use crate::transform::{self, Mode, ParamCotangent, Second, Third, Width};
use std::panic::{AssertUnwindSafe, catch_unwind};

enum Outcome {
    Checked,
    Skipped,
}

fn second(func: &Func) -> Second {
    let reversed = transform::reverse(func, &analysis::analyse(func), Mode::Joint);
    let whole = transform::both_sweeps(&reversed, Mode::Joint);
    let facts = analysis::analyse(&whole);
    transform::forward_over_reverse(&reversed, &whole, &facts, Mode::Joint, Width::One)
}

/// A direction for all arguments.
fn direction(args: &[Datum], seed: u64) -> Vec<Datum> {
    let mut rng = Rng::new(seed);
    let dot = |arg: &Datum| {
        let mut dot = arg.zeros();
        dot.for_each_float(&mut |value| *value = rng.between(-1.0, 1.0));
        dot
    };
    args.iter().map(dot).collect()
}

fn zeros(data: &[Datum]) -> Vec<Datum> {
    data.iter().map(Datum::zeros).collect()
}

fn flat(data: &[Datum]) -> Vec<f64> {
    data.iter().flat_map(Datum::all_floats).collect()
}

fn moved(data: &[Datum], along: &[Datum], by: f64) -> Vec<Datum> {
    let mut data = data.to_vec();
    for (x, dot) in data.iter_mut().zip(along) {
        let mut dots = dot.all_floats().into_iter();
        x.for_each_float(&mut |value| *value += by * dots.next().unwrap());
    }
    data
}

/// The derivative along a direction, as a function of the arguments and of the direction; and which of the arguments have
/// one.
fn along(func: &Func) -> (Func, Vec<bool>) {
    let tangents = transform::forward(func, &analysis::analyse(func), Width::One);
    let mut whole = tangents.func;
    let has_dot = tangents.params.iter().map(Option::is_some).collect();
    for var in tangents.params.into_iter().flatten() {
        whole.params.push(Param { var, wrt: true, shared: false, position: whole.params.len() });
    }
    whole.result = tangents.result;
    (whole, has_dot)
}

fn agree(found: &[f64], wanted: &[f64]) -> bool {
    let scale = 1.0 + wanted.iter().map(|x| x.abs()).fold(0.0, f64::max);
    found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= 1e-9 * scale)
}

/// Reverse mode of v ↦ ∇f·v: its gradient with respect to the arguments is H v, with respect to v it is ∇f.
fn check_reverse_over_forward(generated: &Generated) -> Result<Outcome, String> {
    let Generated { func, args } = generated;
    let (whole, has_dot) = along(func);
    let program = Program::default();
    let dots = direction(args, 4000);
    let (gradient, products) = eval_second(&program, &second(func), args.clone(), dots.clone(), zeros(args));
    if flat(&gradient).iter().chain(&flat(&products)).any(|x| !x.is_finite()) {
        return Ok(Outcome::Skipped);
    }
    let reversed = derivative(&whole, Mode::Joint)?;
    let given = |data: &[Datum]| -> Vec<Datum> {
        data.iter().zip(&has_dot).filter(|(_, has_dot)| **has_dot).map(|(datum, _)| datum.clone()).collect()
    };
    let both: Vec<Datum> = args.iter().cloned().chain(given(&dots)).collect();
    let ran = catch_unwind(AssertUnwindSafe(|| {
        eval_reversed(&program, &reversed, both.clone(), &Datum::Float(1.0), zeros(&both)).2
    }));
    let dump = || format!("{}\n-- along --\n{}", print(func), print(&whole));
    let Ok(cotangents) = ran else { return Err(format!("reverse mode panics\n{}", dump())) };
    let (by_args, by_dots) = cotangents.split_at(args.len());
    if !agree(&flat(by_args), &flat(&products)) {
        return Err(format!("H v is {products:?} and {by_args:?}\n{}", dump()));
    }
    if !agree(&flat(by_dots), &flat(&given(&gradient))) {
        return Err(format!("∇f is {gradient:?} and {by_dots:?}\n{}", dump()));
    }
    Ok(Outcome::Checked)
}

/// What a third derivative computes: the gradient, the product, and the tangents of both.
fn eval_third(third: &Third, args: &[Datum], inputs: [&[Datum]; 3]) -> [Vec<f64>; 4] {
    let mut func = third.func.clone();
    let mut data = args.to_vec();
    let mut values = Vec::new();
    let mut give = |var: Var, datum: Datum, params: &mut Vec<Param>| {
        params.push(Param { var, wrt: true, shared: false, position: params.len() });
        data.push(datum);
    };
    let mut params = func.params.clone();
    for (vars, given) in [&third.directions, &third.moves, &third.turns].into_iter().zip(inputs) {
        for (var, datum) in vars.iter().zip(given) {
            if let Some(var) = var {
                give(*var, datum.clone(), &mut params);
            }
        }
    }
    let groups = || third.bars.iter().chain(&third.bar_dots);
    for (cotangent, arg) in groups().flat_map(|group| group.iter().zip(args)) {
        match cotangent {
            ParamCotangent::Constant => {}
            ParamCotangent::Value(operand) => values.push(Value::Scalar(operand.clone())),
            ParamCotangent::Slot(var) => give(*var, arg.zeros(), &mut params),
        }
    }
    // One value more, so that there is a tuple in any case.
    values.push(Value::Scalar(Operand::float(0.0)));
    func.params = params;
    func.result = Value::Tuple(values);
    let (result, after) = eval(&Program::default(), &func, data);
    let mut numbers = result.all_floats().into_iter();
    let mut memory =
        after.iter().zip(&func.params).map(|(datum, param)| (param.var, datum)).collect::<Vec<_>>();
    let mut read = |group: &Vec<ParamCotangent>| -> Vec<f64> {
        let mut floats = Vec::new();
        for (cotangent, arg) in group.iter().zip(args) {
            match cotangent {
                ParamCotangent::Constant => floats.extend(arg.zeros().all_floats()),
                ParamCotangent::Value(_) => floats.extend(numbers.next()),
                ParamCotangent::Slot(var) => {
                    let at = memory.iter().position(|(of, _)| of == var).expect("it was given");
                    floats.extend(memory.swap_remove(at).1.all_floats());
                }
            }
        }
        floats
    };
    let [a, b] = &third.bars;
    let [c, d] = &third.bar_dots;
    [read(a), read(b), read(c), read(d)]
}

/// The tangents of gradient and product are their differences along the arguments' and the direction's tangents.
fn check_third(generated: &Generated) -> Result<Outcome, String> {
    let Generated { func, args } = generated;
    let second = second(func);
    let whole = transform::all_of(&second).expect("the program calls nothing");
    let third = transform::forward_over_second(&second, &whole, &analysis::analyse(&whole));
    let [v, moves, turns] = [5000, 6000, 7000].map(|seed| direction(args, seed));
    let dump = || format!("{}\n-- third --\n{}", print(func), print(&third.func));
    let ran = catch_unwind(AssertUnwindSafe(|| eval_third(&third, args, [&v, &moves, &turns])));
    let Ok([gradient, product, gradient_dot, product_dot]) = ran else {
        return Err(format!("the third derivative panics\n{}", dump()));
    };
    let at = |h: f64| {
        let (args, v) = (moved(args, &moves, h), moved(&v, &turns, h));
        let (gradient, product) = eval_second(&Program::default(), &second, args.clone(), v, zeros(&args));
        [flat(&gradient), flat(&product)].concat()
    };
    let here = at(0.0);
    if here.iter().any(|x| !x.is_finite()) {
        return Ok(Outcome::Skipped);
    }
    if !agree(&[gradient, product].concat(), &here) {
        return Err(format!("gradient and product are not {here:?}\n{}", dump()));
    }
    let mut outcome = Outcome::Skipped;
    for (k, found) in [gradient_dot, product_dot].concat().into_iter().enumerate() {
        let estimates = [1e-2, 1e-3, 1e-5].map(|step| ridders(step, |h| at(h)[k]));
        let good = |(value, error): &&(f64, f64)| error.is_finite() && *error <= 1e-7 * (1.0 + value.abs());
        if estimates.iter().find(good).is_none() {
            continue;
        }
        let agrees =
            |(value, error): &(f64, f64)| (found - value).abs() <= 1e-5 * (1.0 + value.abs()) + 10.0 * error;
        if !estimates.iter().any(agrees) {
            return Err(format!("number {k} is {found}, differences say {estimates:?}\n{}", dump()));
        }
        outcome = Outcome::Checked;
    }
    Ok(outcome)
}

fn check_all(check: impl Fn(&Generated) -> Result<Outcome, String>, seeds: u64, at_least: usize) {
    let (mut checked, mut failures) = (0, Vec::new());
    for size in [3, 6, 12, 25] {
        for seed in 0..seeds {
            match check(&generate(seed * 64 + size as u64, size, false)) {
                Ok(Outcome::Checked) => checked += 1,
                Ok(Outcome::Skipped) => {}
                Err(error) => failures.push(format!("seed {seed}, size {size}: {error}")),
            }
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} programs fail; {}", failures.len(), failures[0]);
    assert!(checked >= at_least, "{checked} programs were checked");
}

#[test]
fn reverse_over_forward_is_forward_over_reverse() {
    check_all(check_reverse_over_forward, 100, 100);
}

#[test]
fn third_derivatives_of_random_programs_agree_with_differences() {
    check_all(check_third, 12, 20);
}
