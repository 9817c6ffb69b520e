//! Derivatives of derivatives are ordinary uses of the passes. Reverse mode of forward mode gives the same products with
//! the Hessian as forward mode of reverse mode; each further order agrees with differences of the one before.

use super::generate::{Generated, Rng, generate};
use super::interp::{eval_order, eval_reversed, eval_second, no_functions};
use super::ridders::ridders;
use super::sweeps::{derivative, next};
use grad_compiler::analysis;
use grad_compiler::interp::Datum;
use grad_compiler::ir::print::{print, print_block};
use grad_compiler::ir::{Func, Param};
use grad_compiler::transform::{self, HigherOrder, Mode, Width};
use std::panic::{AssertUnwindSafe, catch_unwind};

enum Outcome {
    Checked,
    Skipped,
}

/// Derivatives from the second order to the highest.
fn orders(func: &Func, highest: usize) -> Vec<HigherOrder> {
    let first = transform::reverse(func, &analysis::analyse(func), Mode::Joint);
    let mut orders = vec![next(first.lists())];
    while let Some(last) = orders.last().filter(|last| last.lists().order() < highest) {
        orders.push(next(last.lists()));
    }
    orders
}

fn second(func: &Func) -> HigherOrder {
    orders(func, 2).remove(0)
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
        whole.params.push(Param::independent(var, whole.params.len()));
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
    let program = no_functions();
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

/// The new lists of each order are the differences of those of the order before, along the arguments' tangents and those of
/// the directions.
fn check_orders(generated: &Generated, highest: usize) -> Result<Outcome, String> {
    let Generated { func, args } = generated;
    let orders = orders(func, highest);
    let program = no_functions();
    let all: Vec<Vec<Datum>> = (1..1_u64 << (highest - 1)).map(|list| direction(args, 5000 + list)).collect();
    let mut outcome = Outcome::Skipped;
    for (before, derivative) in orders.iter().zip(&orders[1..]) {
        let order = derivative.lists().order();
        let count = before.along.len();
        let (directions, moves, turns) = (&all[..count], &all[count], &all[count + 1..=2 * count]);
        let dump = || {
            let sweeps = &derivative.sweeps;
            let reverse = print_block(&sweeps.func, &sweeps.reverse);
            format!("{}\n-- order {order} --\n{}\n{reverse}", print(func), print(&sweeps.func))
        };
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let directions = all[..=2 * count].to_vec();
            eval_order(&program, derivative, args.clone(), directions, zeros(args))
        }));
        let Ok(lists) = ran else { return Err(format!("order {order} panics\n{}", dump())) };
        let at = |h: f64| -> Vec<f64> {
            let directions =
                directions.iter().zip(turns).map(|(dots, turns)| moved(dots, turns, h)).collect();
            let args = moved(args, moves, h);
            let buffers = zeros(&args);
            eval_order(&program, before, args, directions, buffers)
                .iter()
                .flat_map(|list| flat(list))
                .collect()
        };
        let here = at(0.0);
        if here.iter().any(|x| !x.is_finite()) {
            return Ok(outcome);
        }
        let (old, new) = lists.split_at(count + 1);
        if !agree(&old.iter().flat_map(|list| flat(list)).collect::<Vec<_>>(), &here) {
            return Err(format!("the lists of the order before are not {here:?}\n{}", dump()));
        }
        for (k, found) in new.iter().flat_map(|list| flat(list)).enumerate() {
            let estimates = [1e-2, 1e-3, 1e-5].map(|step| ridders(step, |h| at(h)[k]));
            let good =
                |(value, error): &&(f64, f64)| error.is_finite() && *error <= 1e-7 * (1.0 + value.abs());
            if estimates.iter().find(good).is_none() {
                continue;
            }
            let agrees = |(value, error): &(f64, f64)| {
                (found - value).abs() <= 1e-5 * (1.0 + value.abs()) + 10.0 * error
            };
            if !estimates.iter().any(agrees) {
                return Err(format!("number {k} is {found}, differences say {estimates:?}\n{}", dump()));
            }
            if order == highest {
                outcome = Outcome::Checked;
            }
        }
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
fn derivatives_of_order_three_agree_with_differences_of_the_second() {
    check_all(|generated| check_orders(generated, 3), 12, 20);
}

#[test]
fn derivatives_of_order_five_agree_with_differences_order_by_order() {
    check_all(|generated| check_orders(generated, 5), 2, 3);
}
