//! The completeness check finds what it is for: with an arm of the analysis removed, or a part of a transform broken,
//! every derivative that comes out wrong is reported, none in silence.

use super::check::losses;
use super::datum::Datum;
use super::generate::{Generated, Rng, generate};
use super::interp::{Derivative, Program, Target, eval_reversed, eval_split, eval_tangents};
use super::sweeps::helpers;
use crate::analysis::{self, Facts};
use crate::fault;
use crate::ir::print::{print, print_block};
use crate::ir::{Func, Ty};
use crate::transform::{self, Mode, Reversed, Tangents, Width};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

const WEIGHTS: [f64; 5] = [0.75, -1.25, 0.5, 1.5, -0.5];

/// A program with all that is needed to know a right derivative from a wrong one.
pub(super) struct Case {
    generated: Generated,
    expected: Vec<Vec<f64>>,
}

/// The forms of a derivative that are broken.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Joint,
    Split,
    Tangents,
}

const FORMS: [Form; 3] = [Form::Joint, Form::Split, Form::Tangents];

enum Made {
    Reversed(Reversed),
    Tangents(Tangents),
}

fn make(func: &Func, facts: &Facts, form: Form) -> Made {
    match form {
        Form::Joint => Made::Reversed(transform::reverse(func, facts, Mode::Joint)),
        Form::Split => Made::Reversed(transform::reverse(func, facts, Mode::Split)),
        Form::Tangents => Made::Tangents(transform::forward(func, facts, Width::One)),
    }
}

fn is_reported(func: &Func, made: &Made) -> bool {
    let losses = losses(func, |check| match made {
        Made::Reversed(reversed) => check.reverse(reversed),
        Made::Tangents(tangents) => check.forward(tangents),
    });
    !losses.is_empty()
}

/// The numbers of a derivative at the program's point; `None` where they cannot be had.
fn run(program: &Program, generated: &Generated, made: &Made, form: Form) -> Option<Vec<f64>> {
    let Generated { func, args } = generated;
    let ran = catch_unwind(AssertUnwindSafe(|| match made {
        Made::Reversed(Reversed { func: out, reverse, seed, cotangents, .. }) => {
            let derivative = Derivative {
                func: out.clone(),
                reverse: reverse.clone(),
                seed: seed.clone(),
                cotangents: cotangents.iter().map(Target::of).collect(),
            };
            let mut weights = WEIGHTS.iter().cycle();
            let buffers = func.params.iter().zip(args).map(|(param, arg)| {
                let mut buffer = arg.zeros();
                if matches!(func.ty(param.var), Ty::Ref { mutable: true, .. }) {
                    buffer.for_each_float(&mut |value| *value = *weights.next().unwrap());
                }
                buffer
            });
            let buffers = buffers.collect();
            let eval = if form == Form::Joint { eval_reversed } else { eval_split };
            let (_, _, cotangents) = eval(program, &derivative, args.clone(), &Datum::Float(1.0), buffers);
            cotangents.iter().flat_map(Datum::all_floats).collect()
        }
        Made::Tangents(tangents) => {
            let mut rng = Rng::new(2000);
            let dots = args.iter().map(|arg| {
                let mut dot = arg.zeros();
                dot.for_each_float(&mut |value| *value = rng.between(-1.0, 1.0));
                dot
            });
            let (_, dot, _, after) = eval_tangents(program, tangents, args.clone(), dots.collect());
            let written = func
                .params
                .iter()
                .zip(&after)
                .filter(|(param, _)| matches!(func.ty(param.var), Ty::Ref { mutable: true, .. }));
            let floats = written.flat_map(|(_, datum)| datum.all_floats());
            std::iter::once(dot.float()).chain(floats).collect::<Vec<f64>>()
        }
    }));
    ran.ok()
}

fn agree(found: &[f64], wanted: &[f64]) -> bool {
    let scale = 1.0 + wanted.iter().map(|x| x.abs()).fold(0.0, f64::max);
    found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= 1e-9 * scale)
}

/// Programs whose derivatives are finite. That these are right, `random.rs` says.
fn cases(program: &Program, seeds: std::ops::Range<u64>, sizes: &[usize]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (seed, size) in seeds.flat_map(|seed| sizes.iter().map(move |size| (seed, *size))) {
        let generated = generate(seed * 64 + size as u64, size, true);
        let facts = analysis::analyse(&generated.func);
        let expected: Option<Vec<Vec<f64>>> = FORMS
            .iter()
            .map(|form| run(program, &generated, &make(&generated.func, &facts, *form), *form))
            .collect();
        if let Some(expected) = expected
            && expected.iter().flatten().all(|x| x.is_finite())
        {
            cases.push(Case { generated, expected });
        }
    }
    cases
}

/// What became of the derivatives that were made with a fault.
#[derive(Default, Debug)]
struct Count {
    reported: usize,
    right: usize,
    failures: Vec<String>,
}

/// Plants the fault in the making of one form of one program.
fn plant(program: &Program, case: &Case, name: &'static str, at: Option<usize>, count: &mut Count) -> usize {
    let func = &case.generated.func;
    let mut passed = 0;
    for (form, expected) in FORMS.iter().zip(&case.expected) {
        let (made, times) = fault::with(name, at, || {
            catch_unwind(AssertUnwindSafe(|| make(func, &analysis::analyse(func), *form)))
        });
        passed = passed.max(times);
        if times == 0 {
            continue;
        }
        // A panic in the compiler is an error as well.
        let Ok(made) = made else {
            count.reported += 1;
            continue;
        };
        if is_reported(func, &made) {
            count.reported += 1;
            continue;
        }
        match run(program, &case.generated, &made, *form) {
            Some(found) if agree(&found, expected) => count.right += 1,
            found => count.failures.push(format!(
                "{name} at {at:?}, {form:?}: {found:?} is not {expected:?}, and nothing is reported\n{}\n{}",
                print(func),
                match &made {
                    Made::Reversed(reversed) =>
                        print(&reversed.func) + "\n" + &print_block(&reversed.func, &reversed.reverse),
                    Made::Tangents(tangents) => print(&tangents.func),
                }
            )),
        }
    }
    passed
}

/// The places of faults that the making of derivatives of these programs passes.
fn places(cases: &[Case]) -> Vec<&'static str> {
    fault::names(|| {
        for case in cases {
            let func = &case.generated.func;
            for form in FORMS {
                make(func, &analysis::analyse(func), form);
            }
        }
    })
}

#[test]
fn every_wrong_derivative_of_a_broken_compiler_is_reported() {
    let program = helpers();
    let cases = cases(&program, 0..14, &[6, 12, 25]);
    let mut counts: BTreeMap<&'static str, Count> = BTreeMap::new();
    for name in places(&cases) {
        let count = counts.entry(name).or_default();
        for case in &cases {
            let passed = plant(&program, case, name, None, count);
            // One place alone is harder to see than all of them.
            for at in [0, 1, 2, passed / 2, passed.saturating_sub(1)] {
                if at < passed {
                    plant(&program, case, name, Some(at), count);
                }
            }
        }
    }
    for (name, Count { reported, right, failures }) in &counts {
        eprintln!("{name}: {reported} reported, {right} right, {} lost in silence", failures.len());
    }
    let mut failures: Vec<&String> = counts.values().flat_map(|count| &count.failures).collect();
    failures.sort_by_key(|failure| failure.len());
    assert!(failures.is_empty(), "{} are lost in silence; {}", failures.len(), failures[0]);
}
