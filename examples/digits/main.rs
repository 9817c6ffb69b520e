//! A neural network learns handwritten digits, through the gradient that `#[grad]` generates.
//!
//! `cargo run --release --example digits -- --help`

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

mod data;
mod network;
mod options;
mod picture;

use std::error::Error;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

use grad::descent::{GradientDescent, Random, Training, TrainingReport, batches};
use indicatif::{ProgressBar, ProgressStyle};

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

    let mut history = Vec::new();
    let report = train(&options, &training, &test, &mut history, &mut out)?;

    writeln!(out, "\n{report}")?;
    let accuracy = accuracy(&report.x, &test);
    writeln!(out, "test accuracy {accuracy:.4}, {:.0} samples per second", report.samples_per_second())?;
    picture::draw(&options.out, &history, &test, &report.x)
        .map_err(|e| format!("cannot write the picture `{}`: {e}", options.out.display()))?;
    writeln!(out, "picture: {}", options.out.display())?;
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
    history: &mut Vec<Point>,
    out: &mut impl Write,
) -> Result<TrainingReport<f64>, Box<dyn Error>> {
    let mut objective = batches(training.len(), |weights: &[f64], batch: &[usize], gradient: &mut [f64]| {
        network::loss::grad_into(weights, &training.images, &training.labels, batch, gradient)
    });
    let start = network::random_weights(&mut Random::new(options.seed));
    let bar = ProgressBar::new(options.epochs as u64)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} epochs, {eta} left")?);
    let mut written = Ok(());

    let report = GradientDescent::new(options.rate).momentum(options.momentum).train(
        &mut objective,
        start,
        &Training::new(options.epochs, options.batch).seed(options.seed),
        |epoch| {
            let point = Point {
                loss: epoch.mean_value,
                training_accuracy: accuracy(epoch.x, training),
                test_accuracy: accuracy(epoch.x, test),
            };
            written = bar.suspend(|| {
                writeln!(
                    out,
                    "epoch {:>3}: loss {:.5}, accuracy {:.4} training, {:.4} test",
                    epoch.number, point.loss, point.training_accuracy, point.test_accuracy
                )
            });
            history.push(point);
            bar.inc(1);
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    )?;
    bar.finish_and_clear();
    written?;
    Ok(report)
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
