//! Random programs of the IR, from seeds: gradients of the interpreted derivative against differences.
//!
//! Programs have scalars, arrays with indices that coincide, overwrites, views, branches on active values, counted
//! and conditional loops with carried values, nested, and calls. Where the differences do not agree with
//! themselves (a kink or a jump near by) a program is skipped, never passed.

use super::generate::{Generated, Rng, generate};
use super::interp::{Program, eval, eval_reversed, eval_second, eval_split, eval_tangents};
use super::ridders::ridders;
use super::sweeps::{check_verified, checkpointed, derivative, derivative_of, helpers, next};
use grad_compiler::analysis;
use grad_compiler::interp::Datum;
use grad_compiler::ir::Func;
use grad_compiler::ir::print::{print, print_block};
use grad_compiler::transform::{self, Mode, Width};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The value of a program that a gradient is taken of: its result and what it leaves in `&mut` parameters, weighted.
fn objective(program: &Program, func: &Func, args: &[Datum], weights: &[f64]) -> f64 {
    let (result, after) = eval(program, func, args.to_vec());
    let mut total = result.float().unwrap();
    let mut weights = weights.iter().cycle();
    for (param, datum) in func.params.iter().zip(after) {
        if is_written(func, param.var) {
            total += datum.all_floats().iter().zip(&mut weights).map(|(x, w)| x * w).sum::<f64>();
        }
    }
    total
}

fn is_written(func: &Func, var: grad_compiler::ir::Var) -> bool {
    matches!(func.ty(var), grad_compiler::ir::Ty::Ref { mutable: true, .. })
}

/// The buffers of cotangents before the reverse sweep: the weights of what is written, else zeros.
fn buffers(func: &Func, args: &[Datum], weights: &[f64]) -> Vec<Datum> {
    let mut weights = weights.iter().cycle();
    func.params
        .iter()
        .zip(args)
        .map(|(param, arg)| {
            let mut buffer = arg.zeros();
            if is_written(func, param.var) {
                buffer.for_each_float(&mut |value| *value = *weights.next().unwrap());
            }
            buffer
        })
        .collect()
}

/// What became of a program.
enum Outcome {
    Checked,
    Skipped,
}

fn check(program: &Program, generated: &Generated, mode: Mode, directions: usize) -> Result<Outcome, String> {
    let Generated { func, args } = generated;
    check_verified(func, &[], &[])?;
    let derivative = catch_unwind(|| derivative(func, mode))
        .map_err(|_| format!("the transformation panics\n{}", print(func)))??;
    let weights = [0.75, -1.25, 0.5, 1.5, -0.5];
    let (value, after) = eval(program, func, args.clone());
    if !value.float().unwrap().is_finite() {
        return Ok(Outcome::Skipped);
    }
    let run = if mode == Mode::Joint { eval_reversed } else { eval_split };
    let ran = catch_unwind(AssertUnwindSafe(|| {
        run(program, &derivative, args.clone(), &Datum::Float(1.0), buffers(func, args, &weights))
    }));
    let dump = || {
        format!(
            "{}\n-- {mode:?} --\n{}\n{}",
            print(func),
            print(&derivative.func),
            print_block(&derivative.func, &derivative.reverse)
        )
    };
    let Ok((again, after_again, cotangents)) = ran else {
        return Err(format!("the derivative panics\n{}", dump()));
    };
    if again.float().unwrap().to_bits() != value.float().unwrap().to_bits() {
        return Err(format!(
            "the value is {} and not {}\n{}",
            again.float().unwrap(),
            value.float().unwrap(),
            dump()
        ));
    }
    for ((before, now), param) in after.iter().zip(&after_again).zip(&func.params) {
        let bits = |datum: &Datum| datum.all_floats().into_iter().map(f64::to_bits).collect::<Vec<_>>();
        if mode == Mode::Split && bits(before) != bits(now) {
            return Err(format!("{} is left different\n{}", func.vars[param.var.index()].name, dump()));
        }
    }
    let mut outcome = Outcome::Skipped;
    for direction in 0..directions {
        let mut rng = Rng::new(1000 + direction as u64);
        let towards: Vec<Vec<f64>> = args
            .iter()
            .map(|arg| arg.all_floats().iter().map(|_| rng.between(-1.0, 1.0)).collect())
            .collect();
        let slope: f64 = towards
            .iter()
            .zip(&cotangents)
            .map(|(towards, cotangent)| {
                let floats = cotangent.all_floats();
                assert!(
                    floats.len() == towards.len() || floats.is_empty(),
                    "a cotangent has the shape of its argument"
                );
                towards.iter().zip(floats).map(|(t, c)| t * c).sum::<f64>()
            })
            .sum();
        let moved = |h: f64| {
            let mut args = args.clone();
            for (arg, towards) in args.iter_mut().zip(&towards) {
                let mut towards = towards.iter();
                arg.for_each_float(&mut |value| *value += h * towards.next().unwrap());
            }
            objective(program, func, &args, &weights)
        };
        for step in [1e-2, 1e-3, 1e-5] {
            let (expected, error) = ridders(step, moved);
            let scale = 1.0 + expected.abs();
            if error.is_nan() || error > 1e-7 * scale {
                continue;
            }
            if (slope - expected).abs() <= 1e-6 * scale {
                outcome = Outcome::Checked;
                break;
            }
            // A jump close by can fool one step; all steps agree on what is right.
            if [1e-2, 1e-3, 1e-4, 1e-5].iter().any(|step| {
                let (other, error) = ridders(*step, moved);
                (slope - other).abs() <= 1e-5 * scale + 10.0 * error
            }) {
                continue;
            }
            return Err(format!(
                "direction {direction}: the derivative is {slope}, differences say {expected} ± {error}\n\
                 cotangents {cotangents:?}\n{}",
                dump()
            ));
        }
    }
    Ok(outcome)
}

fn check_seeds(seeds: std::ops::Range<u64>, sizes: &[usize], mode: Mode) {
    let program = helpers();
    let (mut checked, mut skipped, mut failures) = (0, 0, Vec::new());
    for size in sizes {
        for seed in seeds.clone() {
            let generated = generate(seed * 64 + *size as u64, *size, true);
            match check(&program, &generated, mode, 2) {
                Ok(Outcome::Checked) => checked += 1,
                Ok(Outcome::Skipped) => skipped += 1,
                Err(error) => failures.push(format!("seed {seed}, size {size}: {error}")),
            }
        }
    }
    // The shortest program that fails tells most.
    failures.sort_by_key(String::len);
    assert!(
        failures.is_empty(),
        "{} of {} programs fail; {}",
        failures.len(),
        checked + skipped,
        failures[0]
    );
    assert!(skipped * 4 < checked, "too many programs are skipped: {skipped}, checked: {checked}");
}

/// Small programs first: the first that fails is short.
#[test]
fn gradients_of_random_programs_agree_with_differences() {
    check_seeds(0..150, &[3, 6, 12, 25], Mode::Joint);
}

#[test]
fn pullbacks_of_random_programs_agree_with_differences() {
    check_seeds(0..150, &[3, 6, 12, 25], Mode::Split);
}

/// ⟨x̄, ẋ⟩ = ⟨ȳ, ẏ⟩ for the cotangents of the reverse sweep, which agree with differences.
fn check_tangents(program: &Program, generated: &Generated) -> Result<Outcome, String> {
    let Generated { func, args } = generated;
    let weights = [0.75, -1.25, 0.5, 1.5, -0.5];
    let reverse = derivative(func, Mode::Split)?;
    let [tangents, lanes] =
        [Width::One, Width::Lanes].map(|width| transform::forward(func, &analysis::analyse(func), width));
    for tangents in [&tangents, &lanes] {
        let given: Vec<_> = tangents.params.iter().flatten().copied().collect();
        check_verified(&tangents.func, &given, &[])?;
    }
    let dump = || format!("{}\n-- tangents --\n{}", print(func), print(&tangents.func));
    let (value, _, cotangents) =
        eval_split(program, &reverse, args.clone(), &Datum::Float(1.0), buffers(func, args, &weights));
    if cotangents.iter().flat_map(Datum::all_floats).chain([value.float().unwrap()]).any(|x| !x.is_finite()) {
        return Ok(Outcome::Skipped);
    }
    for direction in 0..2 {
        let mut rng = Rng::new(2000 + direction);
        let dots: Vec<Datum> = args
            .iter()
            .map(|arg| {
                let mut dot = arg.zeros();
                dot.for_each_float(&mut |value| *value = rng.between(-1.0, 1.0));
                dot
            })
            .collect();
        let ran =
            catch_unwind(AssertUnwindSafe(|| eval_tangents(program, &tangents, args.clone(), dots.clone())));
        let Ok((again, dot, _, after)) = ran else { return Err(format!("forward mode panics\n{}", dump())) };
        if again.float().unwrap().to_bits() != value.float().unwrap().to_bits() {
            return Err(format!("the value is {again:?} and not {value:?}\n{}", dump()));
        }
        let terms = |a: Vec<f64>, b: Vec<f64>| a.into_iter().zip(b).map(|(a, b)| a * b).collect::<Vec<_>>();
        let mut reverse_terms = Vec::new();
        for (dot, cotangent) in dots.iter().zip(&cotangents) {
            reverse_terms.extend(terms(dot.all_floats(), cotangent.all_floats()));
        }
        let mut forward_terms = vec![dot.float().unwrap()];
        let mut weights = weights.iter().cycle();
        for (param, after) in func.params.iter().zip(&after) {
            if is_written(func, param.var) {
                forward_terms.extend(after.all_floats().iter().zip(&mut weights).map(|(x, w)| x * w));
            }
        }
        let sum = |terms: &[f64]| terms.iter().sum::<f64>();
        let scale = 1.0 + reverse_terms.iter().chain(&forward_terms).map(|x| x.abs()).sum::<f64>();
        if (sum(&reverse_terms) - sum(&forward_terms)).abs() > 1e-9 * scale {
            return Err(format!("{forward_terms:?} is not {reverse_terms:?}\n{}", dump()));
        }
    }
    Ok(Outcome::Checked)
}

#[test]
fn tangents_of_random_programs_agree_with_their_cotangents() {
    let program = helpers();
    let (mut checked, mut failures) = (0, Vec::new());
    for size in [3, 6, 12, 25] {
        for seed in 0..150 {
            match check_tangents(&program, &generate(seed * 64 + size as u64, size, true)) {
                Ok(Outcome::Checked) => checked += 1,
                Ok(Outcome::Skipped) => {}
                Err(error) => failures.push(format!("seed {seed}, size {size}: {error}")),
            }
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} programs fail; {}", failures.len(), failures[0]);
    assert!(checked > 400, "{checked} programs were checked");
}

/// The product of the Hessian with a direction is the difference of gradients along it.
fn check_second(generated: &Generated) -> Result<Outcome, String> {
    let Generated { func, args } = generated;
    let program = helpers();
    let weights = [0.75, -1.25, 0.5, 1.5, -0.5];
    let facts = analysis::analyse(func);
    let reversed = transform::reverse(func, &facts, Mode::Joint);
    let second = next(reversed.lists());
    let dump = || {
        let reversed = &second.sweeps;
        format!(
            "{}\n-- second --\n{}\n{}",
            print(func),
            print(&reversed.func),
            print_block(&reversed.func, &reversed.reverse)
        )
    };
    let mut rng = Rng::new(3000);
    let dots: Vec<Datum> = args
        .iter()
        .map(|arg| {
            let mut dot = arg.zeros();
            dot.for_each_float(&mut |value| *value = rng.between(-1.0, 1.0));
            dot
        })
        .collect();
    let flat = |data: &[Datum]| data.iter().flat_map(Datum::all_floats).collect::<Vec<f64>>();
    let ran = catch_unwind(AssertUnwindSafe(|| {
        eval_second(&program, &second, args.clone(), dots.clone(), buffers(func, args, &weights))
    }));
    let Ok((gradient, products)) = ran else {
        return Err(format!("the second derivative panics\n{}", dump()));
    };
    let derivative = derivative(func, Mode::Joint)?;
    let at = |h: f64| {
        let mut moved = args.clone();
        for (arg, dot) in moved.iter_mut().zip(&dots) {
            let mut dots = dot.all_floats().into_iter();
            arg.for_each_float(&mut |value| *value += h * dots.next().unwrap());
        }
        let buffers = buffers(func, &moved, &weights);
        flat(&eval_reversed(&program, &derivative, moved, &Datum::Float(1.0), buffers).2)
    };
    let here = at(0.0);
    if here.iter().any(|x| !x.is_finite()) {
        return Ok(Outcome::Skipped);
    }
    if flat(&gradient).iter().zip(&here).any(|(a, b)| (a - b).abs() > 1e-9 * (1.0 + b.abs())) {
        return Err(format!("the gradient is {gradient:?} and not {here:?}\n{}", dump()));
    }
    let mut outcome = Outcome::Skipped;
    for (k, product) in flat(&products).into_iter().enumerate() {
        let estimates = [1e-2, 1e-3, 1e-5].map(|step| ridders(step, |h| at(h)[k]));
        let good = |(value, error): &&(f64, f64)| error.is_finite() && *error <= 1e-7 * (1.0 + value.abs());
        if estimates.iter().find(good).is_none() {
            continue;
        }
        let agrees = |(value, error): &(f64, f64)| {
            (product - value).abs() <= 1e-5 * (1.0 + value.abs()) + 10.0 * error
        };
        if !estimates.iter().any(agrees) {
            return Err(format!("number {k} is {product}, differences say {estimates:?}\n{}", dump()));
        }
        outcome = Outcome::Checked;
    }
    Ok(outcome)
}

#[test]
fn second_derivatives_of_random_programs_agree_with_differences() {
    let (mut checked, mut failures) = (0, Vec::new());
    for size in [3, 6, 12, 25] {
        for seed in 0..40 {
            match check_second(&generate(seed * 64 + size as u64, size, false)) {
                Ok(Outcome::Checked) => checked += 1,
                Ok(Outcome::Skipped) => {}
                Err(error) => failures.push(format!("seed {seed}, size {size}: {error}")),
            }
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} programs fail; {}", failures.len(), failures[0]);
    assert!(checked > 100, "{checked} programs were checked");
}

/// Loops that run again give the same derivative, bit for bit: in both forms, and in forward mode over reverse mode.
fn check_checkpoints(program: &Program, generated: &Generated, calls: bool) -> Result<Outcome, String> {
    let Generated { func, args } = generated;
    let Some(facts) = checkpointed(func) else { return Ok(Outcome::Skipped) };
    let plain_facts = analysis::analyse(func);
    let weights = [0.75, -1.25, 0.5, 1.5, -0.5];
    let bits =
        |data: &[Datum]| -> Vec<u64> { data.iter().flat_map(Datum::all_floats).map(f64::to_bits).collect() };
    for mode in [Mode::Joint, Mode::Split] {
        let run = if mode == Mode::Joint { eval_reversed } else { eval_split };
        let again = derivative_of(func, &facts, mode)?;
        let plain = derivative_of(func, &plain_facts, mode)?;
        let dump = || {
            format!(
                "{}\n-- {mode:?} --\n{}\n{}",
                print(func),
                print(&again.func),
                print_block(&again.func, &again.reverse)
            )
        };
        let [again, plain] = [&again, &plain].map(|derivative| {
            catch_unwind(AssertUnwindSafe(|| {
                let buffers = buffers(func, args, &weights);
                let (value, after, cotangents) =
                    run(program, derivative, args.clone(), &Datum::Float(1.0), buffers);
                [bits(&[value]), bits(&after), bits(&cotangents)]
            }))
        });
        let Ok(plain) = plain else { return Ok(Outcome::Skipped) };
        let Ok(again) = again else { return Err(format!("the derivative panics\n{}", dump())) };
        if again != plain {
            return Err(format!("{again:?} is not {plain:?}\n{}", dump()));
        }
    }
    // Second derivatives of calls are not interpreted.
    if calls {
        return Ok(Outcome::Checked);
    }
    let [again, plain] = [&facts, &plain_facts].map(|facts| {
        let reversed = transform::reverse(func, facts, Mode::Joint);
        let second = next(reversed.lists());
        let dots = args.iter().map(|arg| {
            let mut dot = arg.zeros();
            dot.for_each_float(&mut |value| *value = 0.625);
            dot
        });
        let buffers = buffers(func, args, &weights);
        let (gradient, products) = eval_second(program, &second, args.clone(), dots.collect(), buffers);
        [bits(&gradient), bits(&products)]
    });
    if again != plain {
        return Err(format!("the product with the Hessian is {again:?} and not {plain:?}\n{}", print(func)));
    }
    Ok(Outcome::Checked)
}

#[test]
fn loops_of_random_programs_that_run_again_give_the_same_derivatives() {
    let program = helpers();
    let (mut checked, mut failures) = (0, Vec::new());
    for (size, calls) in [3, 6, 12, 25].into_iter().flat_map(|size| [(size, false), (size, true)]) {
        for seed in 0..300 {
            match check_checkpoints(&program, &generate(seed * 64 + size as u64, size, calls), calls) {
                Ok(Outcome::Checked) => checked += 1,
                Ok(Outcome::Skipped) => {}
                Err(error) => failures.push(format!("seed {seed}, size {size}: {error}")),
            }
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} programs fail; {}", failures.len(), failures[0]);
    assert!(checked > 300, "{checked} programs were checked");
}
