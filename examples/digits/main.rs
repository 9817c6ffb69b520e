//! A neural network learns handwritten digits, through the gradient that `#[grad]` generates.
//!
//! `cargo run --release --example digits -- --help`

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

mod compare;
mod data;
mod method;
mod network;
mod options;
#[path = "../pages/mod.rs"]
mod pages;
mod picture;

use std::error::Error;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

use grad::descent::{BatchObjective, History, Progress, Random, Schedule, Training, TrainingReport, batches};

use data::Digits;
use options::{HELP, Options};
use picture::Point;

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
        "{} weights, {} training images, {} test images, seed {}",
        network::WEIGHTS,
        training.len(),
        test.len(),
        options.seed
    )?;

    if options.compare {
        return compare::run(&options, &training, &test, &mut out);
    }

    let mut history = Vec::new();
    let report = train(&options, &training, &test, &mut history, &mut out)?;

    writeln!(out, "\n{report}")?;
    let accuracy = accuracy(&report.x, &test);
    writeln!(out, "test accuracy {accuracy:.4}, {:.0} samples per second", report.samples_per_second())?;
    picture::draw(&options.out, &history, &test, &report.x)?;
    writeln!(out, "page: {}", options.out.display())?;
    if accuracy >= options.require_accuracy {
        Ok(())
    } else {
        Err(format!("the test accuracy {accuracy:.4} is below {}", options.require_accuracy).into())
    }
}

fn train(
    options: &Options,
    training: &Digits,
    test: &Digits,
    points: &mut Vec<Point>,
    out: &mut impl Write,
) -> Result<TrainingReport<f64>, Box<dyn Error>> {
    let start = network::random_weights(&mut Random::new(options.seed));
    let mut rule = (options.method.rule)(Schedule::constant(options.rate.unwrap_or(options.method.rate)))?;
    let mut how = Training::new(options.epochs, options.batch).seed(options.seed);
    if let Some(file) = &options.checkpoint {
        how = how.checkpoint(file);
    }
    let (progress, mut history) = (Progress::epochs(options.epochs), History::new());
    let mut written = Ok(());

    let report = how.run(&mut objective(training), &mut rule, start, |epoch| {
        let point = Point {
            epoch: epoch.number,
            loss: epoch.mean_value,
            training_accuracy: accuracy(epoch.x, training),
            test_accuracy: accuracy(epoch.x, test),
        };
        written = progress.suspend(|| {
            writeln!(
                out,
                "epoch {:>3}: loss {:.5}, accuracy {:.4} training, {:.4} test",
                epoch.number, point.loss, point.training_accuracy, point.test_accuracy
            )
        });
        let accuracies =
            [("training_accuracy", point.training_accuracy), ("test_accuracy", point.test_accuracy)];
        history.push_epoch(epoch, &accuracies);
        points.push(point);
        progress.epoch(epoch);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    if let Some(file) = &options.history {
        let json = file.extension().is_some_and(|ending| ending == "json");
        let written = if json { history.write_json(file) } else { history.write_csv(file) };
        written.map_err(|e| format!("cannot write `{}`: {e}", file.display()))?;
    }
    Ok(report)
}

/// The loss over batches of the training images.
fn objective(training: &Digits) -> impl BatchObjective<Scalar = f64> {
    batches(training.len(), |weights: &[f64], batch: &[usize], gradient: &mut [f64]| {
        network::loss::grad_into(weights, &training.images, &training.labels, batch, gradient)
    })
}

fn accuracy(weights: &[f64], digits: &Digits) -> f64 {
    let right = digits
        .images
        .iter()
        .zip(&digits.labels)
        .filter(|&(image, &label)| network::predict(weights, image) == label);
    right.count() as f64 / digits.len() as f64
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
