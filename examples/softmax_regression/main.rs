//! Softmax regression on handwritten digits, with L-BFGS and the gradient that `#[grad]` generates.
//!
//! `cargo run --release --example softmax_regression -- --help`

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

#[path = "../digits/data.rs"]
mod data;
mod model;
mod options;
mod picture;

use std::error::Error;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

use grad::descent::{Iteration, Lbfgs};

use data::Digits;
use model::{WEIGHTS, loss, norm, right};
use options::{HELP, LAMBDA, Options};

/// The minimum of the loss for the default λ, computed by scipy's L-BFGS-B. It is strictly convex in the weights, and
/// convex: there is no lower one.
const OPTIMUM: f64 = 0.232_496_254_6;
const OPTIMUM_IS_KNOWN_TO: f64 = 1e-9;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let options = Options::parse().map_err(|e| format!("{e}\nhelp: --help lists the options"))?;
    let mut out = io::stdout().lock();
    if options.help {
        writeln!(out, "{HELP}")?;
        return Ok(());
    }
    let (training, test) = Digits::load(&options.data)?;
    writeln!(
        out,
        "{WEIGHTS} weights, {} images for training, {} for the test, λ = {}\n",
        training.len(),
        test.len(),
        options.lambda
    )?;

    let mut objective = loss::objective(&training.images, &training.labels, options.lambda);
    let mut written = writeln!(out, "iteration  evaluations            loss    gradient");
    let mut print = |iteration: &Iteration<'_, f64>| {
        if iteration.number.is_multiple_of(25) && written.is_ok() {
            written = writeln!(
                out,
                "{:>9}{:>13}{:>16.10}{:>12.2e}",
                iteration.number, iteration.evaluations.values, iteration.value, iteration.gradient_norm
            );
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let report = Lbfgs::default()
        .memory(options.memory)
        .gradient_tolerance(options.tolerance)
        .minimize_with(&mut objective, vec![0.0; WEIGHTS], &mut print)?;
    written?;
    writeln!(out, "\n{report}\n")?;

    for (name, digits) in [("training", &training), ("test", &test)] {
        let right = right(&report.x, digits);
        writeln!(
            out,
            "{name:<9} accuracy {:.4}: {right} of {} right",
            right as f64 / digits.len() as f64,
            digits.len()
        )?;
    }
    writeln!(out, "norm of the weights {:.4}", norm(&report.x))?;
    picture::draw(&options.out, &report.x, &test)
        .map_err(|e| format!("cannot write the picture `{}`: {e}", options.out.display()))?;
    writeln!(out, "picture: {}", options.out.display())?;
    if !report.termination.converged() {
        return Err("L-BFGS has not converged".into());
    }
    if options.lambda == LAMBDA {
        let difference = report.value - OPTIMUM;
        writeln!(
            out,
            "\nloss {:.12}, the known optimum {OPTIMUM}, difference {difference:.1e}",
            report.value
        )?;
        if difference.abs() > OPTIMUM_IS_KNOWN_TO {
            return Err(format!(
                "the loss {} is not the known optimum {OPTIMUM}\nhelp: the smaller --tolerance is, the closer",
                report.value
            )
            .into());
        }
    }
    Ok(())
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use grad::check_gradient;

    fn digits() -> (Digits, Digits) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/digits.csv.gz");
        Digits::load(path.as_ref()).unwrap()
    }

    /// scipy's L-BFGS-B, which remembers 10 steps, needs 183 evaluations to a gradient of 1e-6.
    #[test]
    fn the_known_optimum_is_reached_with_few_evaluations() {
        let (training, test) = digits();
        let mut objective = loss::objective(&training.images, &training.labels, LAMBDA);
        let mut evaluations = None;
        let mut watch = |iteration: &Iteration<'_, f64>| {
            if iteration.gradient_norm <= 1e-6 {
                evaluations.get_or_insert(iteration.evaluations.values);
            }
            ControlFlow::Continue(())
        };
        let report = Lbfgs::default()
            .memory(10)
            .gradient_tolerance(1e-8)
            .minimize_with(&mut objective, vec![0.0; WEIGHTS], &mut watch)
            .unwrap();
        assert!(report.termination.converged(), "{report}");
        assert!((report.value - OPTIMUM).abs() < OPTIMUM_IS_KNOWN_TO, "{report}");
        assert!((norm(&report.x) - 15.3896).abs() < 1e-4, "{}", norm(&report.x));
        assert_eq!(right(&report.x, &training), 1243);
        assert_eq!(right(&report.x, &test), 495);
        assert!(evaluations.is_some_and(|evaluations| evaluations <= 190), "{evaluations:?}");
    }

    #[test]
    fn without_weights_all_digits_are_equally_likely() {
        let (training, _) = digits();
        let value = loss(&[0.0; WEIGHTS], &training.images, &training.labels, LAMBDA);
        assert!((value - 10.0_f64.ln()).abs() < 1e-12, "{value}");
    }

    #[test]
    fn the_gradient_agrees_with_differences() {
        let (training, _) = digits();
        let point: Vec<f64> = (0..WEIGHTS).map(|k| 0.1 * (k as f64).sin()).collect();
        let mut objective = loss::objective(&training.images[..5], &training.labels[..5], LAMBDA);
        let check = check_gradient(&mut objective, &point, 1e-6);
        assert!(check.agrees(), "{check}");
    }
}
