//! Logistic regression on the breast-cancer data of Wisconsin, with L-BFGS and the gradient that `#[grad]` generates.
//!
//! `cargo run --release --example breast_cancer -- --help`

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

mod data;
mod model;
mod options;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use grad::descent::{GradientDescent, Lbfgs, Report};

use data::{FEATURES, Tumours, feature};
use model::{Counts, WEIGHTS, loss};
use options::{HELP, LAMBDA, Options};

/// The minimum of the loss for the default λ, computed by scipy's L-BFGS-B. It is strictly convex: there is no other.
const OPTIMUM: f64 = 0.099_790_194_6;
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
    let (training, test) = Tumours::load(&options.data)?;
    writeln!(
        out,
        "{WEIGHTS} weights, {} tumours for training, {} for the test, λ = {}",
        training.len(),
        test.len(),
        options.lambda
    )?;

    let mut objective = loss::objective(&training.rows, &training.labels, options.lambda);
    let start = vec![0.0; WEIGHTS];
    let report =
        Lbfgs::default().gradient_tolerance(options.tolerance).minimize(&mut objective, start.clone())?;
    writeln!(out, "\nL-BFGS\n{report}")?;
    let plain = momentum().gradient_tolerance(options.tolerance).minimize(&mut objective, start)?;
    writeln!(out, "\ngradient descent, step size 0.25, momentum 0.9\n{plain}")?;

    describe(&report, &training, &test, &mut out)?;
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

/// Step size and momentum are chosen for these data, by trying.
fn momentum() -> GradientDescent {
    GradientDescent::new(0.25).momentum(0.9)
}

/// What has been learnt.
fn describe(
    report: &Report<f64>,
    training: &Tumours,
    test: &Tumours,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let weights: &[f64; WEIGHTS] = report.x.first_chunk().ok_or("the report has too few weights")?;
    writeln!(out)?;
    for (name, tumours) in [("training", training), ("test", test)] {
        let counts = Counts::of(weights, tumours);
        writeln!(
            out,
            "{name:<9} accuracy {:.4}: {} right, {} malignant missed, {} false alarms",
            counts.accuracy(),
            counts.right,
            counts.missed,
            counts.alarms
        )?;
    }
    let mut order: Vec<usize> = (0..FEATURES).collect();
    order.sort_by(|&a, &b| weights[b].abs().total_cmp(&weights[a].abs()));
    writeln!(out, "\nwhat speaks most for benign (+) and for malignant (−), per standard deviation:")?;
    for &k in &order[..6] {
        writeln!(out, "{:>+9.4}  {}", weights[k], feature(k))?;
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

    fn tumours() -> (Tumours, Tumours) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/breast_cancer.csv.gz");
        Tumours::load(path.as_ref()).unwrap()
    }

    #[test]
    fn the_known_optimum_is_reached() {
        let (training, test) = tumours();
        let mut objective = loss::objective(&training.rows, &training.labels, LAMBDA);
        let report =
            Lbfgs::default().gradient_tolerance(1e-8).minimize(&mut objective, vec![0.0; WEIGHTS]).unwrap();
        assert!(report.termination.converged(), "{report}");
        assert!((report.value - OPTIMUM).abs() < OPTIMUM_IS_KNOWN_TO, "{report}");
        let weights = report.x.first_chunk().unwrap();
        assert_eq!(Counts::of(weights, &training).right, 393);
        assert_eq!(Counts::of(weights, &test).right, 165);
    }

    /// The tutorial says: about 30 iterations, and about 300.
    #[test]
    fn gradient_descent_takes_ten_times_as_many_steps() {
        let (training, _) = tumours();
        let mut objective = loss::objective(&training.rows, &training.labels, LAMBDA);
        let start = vec![0.0; WEIGHTS];
        let quasi_newton =
            Lbfgs::default().gradient_tolerance(1e-8).minimize(&mut objective, start.clone()).unwrap();
        let plain = momentum().gradient_tolerance(1e-8).minimize(&mut objective, start).unwrap();
        assert!(quasi_newton.termination.converged() && plain.termination.converged());
        assert!((25..=35).contains(&quasi_newton.iterations), "{quasi_newton}");
        assert!((275..=325).contains(&plain.iterations), "{plain}");
        assert!((plain.value - OPTIMUM).abs() < OPTIMUM_IS_KNOWN_TO, "{plain}");
    }

    #[test]
    fn the_gradient_agrees_with_differences() {
        let (training, _) = tumours();
        let point: Vec<f64> = (0..WEIGHTS).map(|k| 0.1 * (k as f64).sin()).collect();
        let mut objective = loss::objective(&training.rows[..40], &training.labels[..40], LAMBDA);
        let check = check_gradient(&mut objective, &point, 1e-6);
        assert!(check.agrees(), "{check}");
    }
}
