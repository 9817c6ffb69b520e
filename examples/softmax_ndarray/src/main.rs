//! Softmax regression and a network on handwritten digits, in arrays of ndarray, with L-BFGS and the gradients that `#[grad]`
//! generates.
//!
//! `cargo run --release -p softmax_ndarray --features ndarray -- --help`

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

#[path = "../../digits/data.rs"]
mod data;
mod model;
mod options;

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use grad::descent::{Lbfgs, Random};
use ndarray::Array2;

use data::{CLASSES, Digits, PIXELS};
use model::{Dense, Network, network_loss, right, softmax_loss};
use options::{HELP, LAMBDA, Options};

/// The minimum of the loss of softmax regression, as in the example `softmax_regression`.
const OPTIMUM: f64 = 0.232_496_254_6;
const OPTIMUM_IS_KNOWN_TO: f64 = 1e-9;

/// Images in the rows of a matrix, with their labels.
struct Samples {
    images: Array2<f64>,
    labels: Vec<usize>,
}

impl Samples {
    fn of(digits: Digits) -> Samples {
        let images =
            Array2::from_shape_fn((digits.len(), PIXELS), |(image, pixel)| digits.images[image][pixel]);
        Samples { images, labels: digits.labels }
    }
}

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

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn run() -> Result<(), Box<dyn Error>> {
    let options = Options::parse().map_err(|e| format!("{e}\nhelp: --help lists the options"))?;
    if options.help {
        writeln!(io::stdout(), "{HELP}")?;
        return Ok(());
    }
    let (training, test) = Digits::load(&options.data)?;
    let (training, test) = (Samples::of(training), Samples::of(test));
    match options.hidden {
        None => regression(&options, &training, &test),
        Some(units) => network(&options, units, &training, &test),
    }
}

fn regression(options: &Options, training: &Samples, test: &Samples) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let (images, labels) = (&training.images, &training.labels[..]);
    let start = Dense::zeros(PIXELS, CLASSES);
    if options.time {
        return time(
            &mut out,
            &mut || keep(softmax_loss(&start, images.view(), labels, LAMBDA)),
            &mut || keep(softmax_loss::value_and_grad(&start, images.view(), labels, LAMBDA)),
        );
    }
    let view = images.view();
    let report = Lbfgs::default()
        .memory(20)
        .gradient_tolerance(1e-8)
        .max_iterations(options.iterations.unwrap_or(1000))
        .minimize(&mut softmax_loss::objective(&view, labels, LAMBDA), start)?;
    writeln!(out, "{report}\n")?;
    for (name, samples) in [("training", training), ("test", test)] {
        let right = right(&report.x.scores(&samples.images), &samples.labels);
        writeln!(out, "{name:<9} {right} of {} right", samples.labels.len())?;
    }
    let difference = report.value - OPTIMUM;
    writeln!(out, "\nloss {:.12}, the known optimum {OPTIMUM}, difference {difference:.1e}", report.value)?;
    if difference.abs() > OPTIMUM_IS_KNOWN_TO {
        return Err(format!("the loss {} is not the known optimum {OPTIMUM}", report.value).into());
    }
    Ok(())
}

fn network(
    options: &Options,
    units: usize,
    training: &Samples,
    test: &Samples,
) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let (images, labels) = (&training.images, &training.labels[..]);
    let start = Network::new([PIXELS, units, CLASSES], &mut Random::new(options.seed));
    if options.time {
        return time(
            &mut out,
            &mut || keep(network_loss(&start, images.view(), labels, LAMBDA)),
            &mut || keep(network_loss::value_and_grad(&start, images.view(), labels, LAMBDA)),
        );
    }
    let view = images.view();
    let report = Lbfgs::default()
        .max_iterations(options.iterations.unwrap_or(100))
        .minimize(&mut network_loss::objective(&view, labels, LAMBDA), start)?;
    writeln!(out, "{report}\n")?;
    for (name, samples) in [("training", training), ("test", test)] {
        let right = right(&report.x.scores(&samples.images), &samples.labels);
        writeln!(out, "{name:<9} {right} of {} right", samples.labels.len())?;
    }
    Ok(())
}

/// Uses a result.
fn keep<T>(result: T) {
    let _ = black_box(result);
}

/// The median of many turns, one call of each in a turn.
fn time(
    out: &mut dyn Write,
    loss: &mut dyn FnMut(),
    gradient: &mut dyn FnMut(),
) -> Result<(), Box<dyn Error>> {
    let once = |call: &mut dyn FnMut()| {
        let start = Instant::now();
        call();
        start.elapsed()
    };
    let mut times: Vec<[Duration; 2]> = (0..51).map(|_| [once(loss), once(gradient)]).collect();
    let mut median = |at: usize| {
        times.sort_by_key(|turn| turn[at]);
        times[times.len() / 2][at].as_secs_f64()
    };
    let [loss, gradient] = [median(0), median(1)];
    writeln!(
        out,
        "loss {:.3} ms, with its gradient {:.3} ms: {:.2} times",
        loss * 1e3,
        gradient * 1e3,
        gradient / loss
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use grad::Differentiable;

    #[test]
    fn the_loss_falls_as_the_gradient_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/digits.csv.gz");
        let (training, _) = Digits::load(path.as_ref()).unwrap();
        let samples = Samples::of(training);
        let images = samples.images.slice_axis(ndarray::Axis(0), ndarray::Slice::new(0, Some(5), 1));
        let network = Network::new([PIXELS, 4, CLASSES], &mut Random::new(3));
        let labels = &samples.labels[..5];
        let bar = network_loss::grad(&network, images, labels, LAMBDA);
        let at = |step: f64| {
            let mut moved = network.clone();
            moved.add_scaled(step, &bar);
            network_loss(&moved, images, labels, LAMBDA)
        };
        let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        let squares: f64 = bar.flatten::<f64>().iter().map(|x| x * x).sum();
        assert!((slope - squares).abs() < 1e-6 * squares, "{slope} instead of {squares}");
    }
}
