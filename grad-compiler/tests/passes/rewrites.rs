//! Rewrites of the derivative, and the shapes that the reverse sweep chooses, against the form without any: on random programs
//! with pushes, replaced rows, moved memory, swaps, aliasing indices, early exits and loops without a pass.
//!
//! The form without any is compared with differences. And every condition that a rewrite asks for is left out once: some
//! program must tell then, or nothing here would notice if it were wrong.

use super::generate::{Generated, Rng, generate, generate_growing};
use super::interp::{Derivative, Program, eval, eval_reversed, eval_second, eval_split};
use super::ridders::ridders;
use super::sweeps::{derivative_with, helpers, second_with};
use grad_compiler::analysis::{Condition, Rewrite, Rewrites};
use grad_compiler::interp::Datum;
use grad_compiler::ir::print::{print, print_block};
use grad_compiler::ir::{Func, Stmt, Ty, Var};
use grad_compiler::transform::Mode;
use std::panic::{AssertUnwindSafe, catch_unwind};

const WEIGHTS: [f64; 5] = [0.75, -1.25, 0.5, 1.5, -0.5];

fn program_of(seed: u64) -> Generated {
    let size = [3, 6, 12, 20][usize::try_from(seed % 4).unwrap()];
    let calls = seed.is_multiple_of(3);
    if seed % 5 == 4 { generate(seed, size, calls) } else { generate_growing(seed, size, calls) }
}

fn is_written(func: &Func, var: Var) -> bool {
    matches!(func.ty(var), Ty::Ref { mutable: true, .. })
}

/// The cotangents of what is left in `&mut` parameters, in its shape; zeros for all others.
fn buffers(func: &Func, args: &[Datum], after: &[Datum]) -> Vec<Datum> {
    let mut weights = WEIGHTS.iter().cycle();
    func.params
        .iter()
        .zip(args.iter().zip(after))
        .map(|(param, (arg, after))| {
            if !is_written(func, param.var) {
                return arg.zeros();
            }
            let mut buffer = after.zeros();
            buffer.for_each_float(&mut |value| *value = *weights.next().unwrap());
            buffer
        })
        .collect()
}

/// A program, what it computes, and its gradient in a form without rewrites.
struct Case {
    seed: u64,
    generated: Generated,
    value: f64,
    after: Vec<Datum>,
    /// Joint and split.
    plain: [Vec<Datum>; 2],
}

const MODES: [Mode; 2] = [Mode::Joint, Mode::Split];

fn gradient(
    program: &Program,
    case: &Generated,
    after: &[Datum],
    of: &Derivative,
    mode: Mode,
) -> (f64, Vec<Datum>) {
    let run = if mode == Mode::Joint { eval_reversed } else { eval_split };
    let given = buffers(&case.func, &case.args, after);
    let (value, _, cotangents) = run(program, of, case.args.clone(), &Datum::Float(1.0), given);
    (value.float().unwrap(), cotangents)
}

impl Case {
    /// `None` where the program has no gradient of moderate size.
    fn new(program: &Program, seed: u64) -> Result<Option<Case>, String> {
        let generated = program_of(seed);
        let run = || eval(program, &generated.func, generated.args.clone());
        let (value, after) = catch_unwind(AssertUnwindSafe(run))
            .map_err(|_| format!("the program panics\n{}", print(&generated.func)))?;
        let moderate = |data: &[Datum]| data.iter().flat_map(Datum::all_floats).all(|x| x.abs() < 1e6);
        if !moderate(std::slice::from_ref(&value)) || !moderate(&after) {
            return Ok(None);
        }
        let mut case =
            Case { seed, generated, value: value.float().unwrap(), after, plain: [Vec::new(), Vec::new()] };
        for (k, mode) in MODES.into_iter().enumerate() {
            case.plain[k] = case.gradient(program, mode, Rewrites::none(), false)?;
            if !moderate(&case.plain[k]) {
                return Ok(None);
            }
        }
        Ok(Some(case))
    }

    /// The gradient, where the value beside it is the function's bit for bit.
    fn gradient(
        &self,
        program: &Program,
        mode: Mode,
        rewrites: Rewrites,
        again: bool,
    ) -> Result<Vec<Datum>, String> {
        let func = &self.generated.func;
        let derivative = catch_unwind(AssertUnwindSafe(|| derivative_with(func, mode, rewrites, again)))
            .map_err(|_| format!("the transformation panics\n{}", print(func)))??;
        let run = || gradient(program, &self.generated, &self.after, &derivative, mode);
        let dump = || self.dump(&derivative, mode);
        let (value, cotangents) =
            catch_unwind(AssertUnwindSafe(run)).map_err(|_| format!("the derivative panics\n{}", dump()))?;
        if value.to_bits() != self.value.to_bits() {
            return Err(format!("the value is {value} and not {}\n{}", self.value, dump()));
        }
        Ok(cotangents)
    }

    fn dump(&self, derivative: &Derivative, mode: Mode) -> String {
        format!(
            "{}\n-- {mode:?} --\n{}\n{}",
            print(&self.generated.func),
            print(&derivative.func),
            print_block(&derivative.func, &derivative.reverse)
        )
    }

    /// Whether a set of rewrites gives the gradient that the plain form gives.
    fn agrees(&self, program: &Program, rewrites: Rewrites, again: bool) -> Result<(), String> {
        for (mode, plain) in MODES.into_iter().zip(&self.plain) {
            let found = match self.gradient(program, mode, rewrites, again) {
                Err(error) if again && error == "no loop can run again" => return Ok(()),
                found => found?,
            };
            let scale =
                1.0 + plain.iter().flat_map(Datum::all_floats).fold(0.0, |max: f64, x| max.max(x.abs()));
            for (k, (found, plain)) in found.iter().zip(plain).enumerate() {
                let (found, plain) = (found.all_floats(), plain.all_floats());
                let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * scale;
                if found.len() != plain.len() || !found.iter().zip(&plain).all(near) {
                    let derivative = derivative_with(&self.generated.func, mode, rewrites, again)?;
                    let dump = self.dump(&derivative, mode);
                    return Err(format!("argument {k}: {found:?} is not {plain:?}\n{dump}"));
                }
            }
        }
        Ok(())
    }

    /// Whether differences along two directions agree with the plain form; `None` where they do not agree with themselves.
    fn differences(&self, program: &Program) -> Result<Option<()>, String> {
        let Generated { func, args } = &self.generated;
        let objective = |args: &[Datum]| {
            let (result, after) = eval(program, func, args.to_vec());
            let mut weights = WEIGHTS.iter().cycle();
            let written = func.params.iter().zip(&after).filter(|(param, _)| is_written(func, param.var));
            let floats = written.flat_map(|(_, datum)| datum.all_floats()).collect::<Vec<_>>();
            result.float().unwrap() + floats.iter().map(|x| x * weights.next().unwrap()).sum::<f64>()
        };
        let mut checked = None;
        for direction in 0..2 {
            let mut rng = Rng::new(1000 + direction);
            let towards: Vec<Datum> = args
                .iter()
                .map(|arg| {
                    let mut towards = arg.zeros();
                    towards.for_each_float(&mut |value| *value = rng.between(-1.0, 1.0));
                    towards
                })
                .collect();
            let moved = |h: f64| {
                let mut args = args.clone();
                for (arg, towards) in args.iter_mut().zip(&towards) {
                    let mut towards = towards.all_floats().into_iter();
                    arg.for_each_float(&mut |value| *value += h * towards.next().unwrap());
                }
                objective(&args)
            };
            let products = |(towards, cotangent): (&Datum, &Datum)| {
                let pairs = towards.all_floats().into_iter().zip(cotangent.all_floats());
                pairs.map(|(t, c)| t * c).sum::<f64>()
            };
            let slope: f64 = towards.iter().zip(&self.plain[0]).map(products).sum();
            let estimates = [1e-2, 1e-3, 1e-4, 1e-5].map(|step| ridders(step, moved));
            let scale = 1.0 + estimates.iter().fold(0.0, |max: f64, (value, _)| max.max(value.abs()));
            let sure = estimates.iter().filter(|(_, error)| *error <= 1e-7 * scale);
            if sure.clone().count() == 0 {
                continue;
            }
            if estimates.iter().any(|(value, error)| (slope - value).abs() <= 1e-5 * scale + 10.0 * error) {
                checked = Some(());
                continue;
            }
            let derivative = derivative_with(func, Mode::Joint, Rewrites::none(), false)?;
            let dump = self.dump(&derivative, Mode::Joint);
            return Err(format!("the derivative is {slope}, differences say {estimates:?}\n{dump}"));
        }
        Ok(checked)
    }
}

/// Runs over `count` programs, or as many as `GRAD_PROGRAMS` says, and tells which failed: the shortest tells most.
fn over_programs(count: u64, check: impl Fn(&Program, &Case) -> Result<bool, String>) {
    let asked = std::env::var("GRAD_PROGRAMS").ok().and_then(|count| count.parse().ok());
    let seeds = 0..asked.unwrap_or(count);
    let program = helpers();
    let (mut checked, mut failures) = (0_u64, Vec::new());
    let all = seeds.end - seeds.start;
    for seed in seeds {
        let outcome =
            Case::new(&program, seed).and_then(|case| case.map_or(Ok(false), |case| check(&program, &case)));
        match outcome {
            Ok(true) => checked += 1,
            Ok(false) => {}
            Err(error) => failures.push(format!("seed {seed}: {error}")),
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} of {all} programs fail; {}", failures.len(), failures[0]);
    assert!(checked * 4 > all * 3, "{checked} of {all} programs were checked");
}

#[test]
fn the_form_without_rewrites_agrees_with_differences() {
    over_programs(200, |program, case| Ok(case.differences(program)?.is_some()));
}

#[test]
fn all_rewrites_together_change_no_gradient() {
    over_programs(300, |program, case| {
        case.agrees(program, Rewrites::default(), false)?;
        case.agrees(program, Rewrites::default(), true)?;
        case.agrees(program, Rewrites::none(), true)?;
        Ok(true)
    });
}

/// The gradient and its product with the Hessian along a direction, from forward mode over the rewritten reverse mode.
fn second(program: &Program, case: &Case, rewrites: Rewrites) -> Result<Vec<Datum>, String> {
    let Generated { func, args } = &case.generated;
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let second = second_with(func, rewrites);
        let dots = args.iter().map(|arg| {
            let mut dot = arg.zeros();
            dot.for_each_float(&mut |value| *value = 0.625);
            dot
        });
        let buffers = buffers(func, args, &case.after);
        let (gradient, products) = eval_second(program, &second, args.clone(), dots.collect(), buffers);
        [gradient, products].concat()
    }));
    ran.map_err(|_| format!("the second derivative panics\n{}", print(func)))
}

#[test]
fn all_rewrites_together_change_no_second_derivative() {
    over_programs(150, |program, case| {
        // Second derivatives of calls are not interpreted.
        let mut calls = false;
        case.generated.func.for_each_stmt(&mut |stmt| calls |= matches!(stmt, Stmt::Call(_)));
        if calls {
            return Ok(true);
        }
        let plain = second(program, case, Rewrites::none())?;
        let found = second(program, case, Rewrites::default())?;
        for (found, plain) in found.iter().zip(&plain) {
            let (found, plain) = (found.all_floats(), plain.all_floats());
            let scale = 1.0 + plain.iter().fold(0.0, |max: f64, x| max.max(x.abs()));
            let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-8 * scale || scale > 1e8 || scale.is_nan();
            if found.len() != plain.len() || !found.iter().zip(&plain).all(near) {
                return Err(format!("{found:?} is not {plain:?}\n{}", print(&case.generated.func)));
            }
        }
        Ok(true)
    });
}

#[test]
fn no_rewrite_alone_changes_a_gradient() {
    over_programs(60, |program, case| {
        for rewrite in Rewrite::ALL {
            case.agrees(program, Rewrites::only(rewrite), false)
                .map_err(|error| format!("{rewrite:?}: {error}"))?;
        }
        Ok(true)
    });
}

/// How many programs a condition that is left out is given.
const PATIENCE: u64 = 2000;

/// The program that told of each condition before, asked first: looking for them again would be most of the time. Where the
/// generator has changed so that one tells no more, the search goes on; `GRAD_SHOW=1` shows what it finds.
const TELLING: &[(Condition, u64)] = &[
    (Condition::NothingChangedSince, 0),
    (Condition::NothingChangesInLoop, 5),
    (Condition::OperandsAreOutside, 0),
    (Condition::NothingBetween, 22),
    (Condition::SameRange, 1),
    (Condition::NoResultsRead, 25),
    (Condition::OwnElements, 2),
    (Condition::SamePart, 22),
    (Condition::OwnInFirst, 53),
    (Condition::OwnInSecond, 2),
    (Condition::LengthsAreEffects, 70),
    (Condition::OwnInAnyOrder, 1),
    (Condition::AnotherInEachPass, 77),
    (Condition::PartIsOutside, 137),
    (Condition::CarriesOnlySums, 187),
    (Condition::OneRow, 155),
    (Condition::RowIsOutside, 2),
    (Condition::NextIsPlusOne, 51),
    (Condition::OnlyNeighbours, 115),
    (Condition::InEachPass, 1211),
    (Condition::OnlyReadsOuterMemory, 0),
    (Condition::OnlyAdds, 13),
    (Condition::LaterOnlyAdds, 13),
    (Condition::SumsUsedOnce, 21),
    (Condition::BarIsKnownAhead, 0),
    (Condition::OverwrittenFirst, 136),
    (Condition::SteadyElements, 240),
    (Condition::OtherWritesWithin, 155),
    (Condition::NotReadBehind, 671),
    (Condition::CalleeOverwrites, 183),
    (Condition::UsedInChoiceOnly, 200),
    (Condition::ReadsTheSameAgain, 20),
    (Condition::ElementIsReadOnly, 5),
    (Condition::ElementWasReached, 2),
    (Condition::SameElement, 10),
    (Condition::SameBlock, 423),
    (Condition::UntouchedBetween, 1211),
    (Condition::ElementUsedOnce, 807),
    (Condition::SumUsedOnce, 398),
    (Condition::AddsUnchanged, 20),
    (Condition::MadeOfConstants, 115),
    (Condition::EachElementOnce, 336),
    (Condition::UntouchedBefore, 41),
    (Condition::UnchangedLater, 2),
    (Condition::UnchangedInLoop, 25),
    (Condition::LengthUnchanged, 43),
    (Condition::IsAccessible, 0),
    (Condition::StoredInOwnElement, 187),
    (Condition::StoredLast, 83),
    (Condition::IndexKnownBefore, 59),
    (Condition::StepIsOutside, 78),
    (Condition::OnlyInnerCounts, 691),
    (Condition::ArrayIsUnchanged, 398),
    (Condition::InStep, 5367),
    (Condition::ComputedOnTheWay, 14),
    (Condition::InHalves, 207),
];

#[test]
fn every_condition_is_missed_when_it_is_left_out() {
    let program = helpers();
    let mut missed: Vec<(Condition, Option<u64>)> =
        Condition::ALL.into_iter().map(|condition| (condition, None)).collect();
    let tells = |case: &Case, condition| case.agrees(&program, Rewrites::without(condition), false).is_err();
    for (condition, found) in &mut missed {
        let Some((_, seed)) = TELLING.iter().find(|(told, _)| told == condition) else { continue };
        let Ok(Some(case)) = Case::new(&program, *seed) else { continue };
        *found = tells(&case, *condition).then_some(*seed);
    }
    for seed in 0..PATIENCE {
        if missed.iter().all(|(_, found)| found.is_some()) {
            break;
        }
        let Ok(Some(case)) = Case::new(&program, seed) else { continue };
        for (condition, found) in missed.iter_mut().filter(|(_, found)| found.is_none()) {
            if tells(&case, *condition) {
                *found = Some(case.seed);
            }
        }
    }
    if std::env::var_os("GRAD_SHOW").is_some() {
        missed.iter().for_each(|(condition, found)| println!("{condition:?}: {found:?}"));
    }
    let unnoticed: Vec<Condition> =
        missed.iter().filter(|(_, found)| found.is_none()).map(|(condition, _)| *condition).collect();
    assert!(unnoticed.is_empty(), "nobody notices if these conditions do not hold: {unnoticed:?}");
}
