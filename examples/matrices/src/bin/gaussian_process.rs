//! Regression by a Gaussian process: how long, how high and how noisy the process is that observations are most likely of.
//!
//! It shows a matrix that is filled element by element, its factorisation by Cholesky and what is solved with that, and L-BFGS along the
//! gradient of the likelihood, which goes back through all of them.
//!
//! `cargo run --release -p matrix_examples --features nalgebra --bin gaussian_process -- --help`

use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;

use grad::descent::{Lbfgs, Random, Report};
use grad::{Differentiable, grad};
use lexopt::prelude::*;
use nalgebra::{Cholesky, DMatrix, DVector};

const HELP: &str = "\
Fits a Gaussian process to noisy observations of a curve by its marginal likelihood, and says what it expects between them.

Usage: cargo run --release -p matrix_examples --features nalgebra --bin gaussian_process -- [OPTIONS]

Options:
  --observations N   so many observations [default: 40]
  --noise X          their noise [default: 0.1]
  --seed N           for the observations [default: 1]
  -h, --help         print this";

/// A process, by the logarithms of what it is described by.
#[derive(Clone, Debug, Differentiable)]
struct Process {
    /// How far apart observations have to be to tell little of each other.
    length: f64,
    height: f64,
    noise: f64,
}

#[grad(wrt(self))]
impl Process {
    /// The covariance of what is observed here and there.
    fn covariance(&self, x: f64, z: f64) -> f64 {
        let d = (x - z) / self.length.exp();
        (2.0 * self.height - 0.5 * d * d).exp()
    }
}

/// The negative logarithm of the marginal likelihood.
#[grad(wrt(process))]
fn unlikelihood(process: &Process, x: &[f64], y: &DVector<f64>) -> f64 {
    let n = x.len();
    let mut k = DMatrix::zeros(n, n);
    for i in 0..n {
        for j in 0..i {
            let c = process.covariance(x[i], x[j]);
            k[(i, j)] = c;
            k[(j, i)] = c;
        }
        k[(i, i)] = process.covariance(x[i], x[i]) + (2.0 * process.noise).exp();
    }
    let factors = Cholesky::new(k).expect("noise makes it positive definite");
    0.5 * (y.dot(&factors.solve(y)) + factors.ln_determinant() + n as f64 * (2.0 * std::f64::consts::PI).ln())
}

/// What is expected at a place, of what was observed.
fn expected(process: &Process, x: &[f64], y: &DVector<f64>, at: f64) -> f64 {
    let noise = (2.0 * process.noise).exp();
    let k = DMatrix::from_fn(x.len(), x.len(), |i, j| {
        process.covariance(x[i], x[j]) + if i == j { noise } else { 0.0 }
    });
    let to = DVector::from_fn(x.len(), |i, _| process.covariance(at, x[i]));
    Cholesky::new(k).map_or(f64::NAN, |factors| to.dot(&factors.solve(y)))
}

struct Options {
    observations: usize,
    noise: f64,
    seed: u64,
}

impl Options {
    /// `None` where help is asked for.
    fn parse(mut args: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
        let mut options = Options { observations: 40, noise: 0.1, seed: 1 };
        while let Some(arg) = args.next()? {
            match arg {
                Long("observations") => options.observations = args.value()?.parse_with(some)?,
                Long("noise") => options.noise = args.value()?.parse()?,
                Long("seed") => options.seed = args.value()?.parse()?,
                Long("help") | Short('h') => return Ok(None),
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn some(text: &str) -> Result<usize, String> {
    let number = text.parse::<usize>().ok().filter(|&x| x > 3);
    number.ok_or_else(|| "a number above 3 is wanted".to_owned())
}

/// What is observed.
fn curve(x: f64) -> f64 {
    x.sin() + 0.3 * (2.5 * x).cos()
}

struct Fitted {
    x: Vec<f64>,
    y: DVector<f64>,
    report: Report<f64, Process>,
}

fn fit(options: &Options) -> Result<Fitted, Box<dyn Error>> {
    let mut random = Random::new(options.seed);
    let mut uniform = || random.next_u64() as f64 / u64::MAX as f64;
    let x: Vec<f64> = (0..options.observations).map(|_| 10.0 * uniform()).collect();
    // Sums of many are as good as normal.
    let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    let y = DVector::from_iterator(x.len(), x.iter().map(|x| curve(*x) + options.noise * normal()));
    let start = Process { length: 0.0, height: 0.0, noise: -1.0 };
    let report = Lbfgs::default().minimize(&mut unlikelihood::objective(&x, &y), start)?;
    Ok(Fitted { x, y, report })
}

fn run() -> Result<String, Box<dyn Error>> {
    let Some(options) = Options::parse(lexopt::Parser::from_env()).map_err(matrix_examples::usage)? else {
        return Ok(HELP.to_owned());
    };
    let Fitted { x, y, report } = fit(&options)?;
    let process = &report.x;
    let [length, height, noise] = [process.length, process.height, process.noise].map(f64::exp);
    let mut text = format!(
        "{report}\n\nlength {length:.3}, height {height:.3}, noise {noise:.3}\n\n  x   expected   curve\n"
    );
    for at in 1..10 {
        let at = f64::from(at);
        writeln!(text, "{at:3.0} {:10.3} {:7.3}", expected(process, &x, &y, at), curve(at))?;
    }
    Ok(text.trim_end().to_owned())
}

fn main() -> ExitCode {
    matrix_examples::finish(run())
}

#[test]
fn the_curve_is_found() {
    let options = Options { observations: 30, noise: 0.05, seed: 2 };
    let Fitted { x, y, report } = fit(&options).expect("a likelihood that is finite");
    assert!(report.termination.converged(), "{report}");
    assert!((report.x.noise.exp() / options.noise - 1.0).abs() < 0.5, "{:?}", report.x);
    for at in [2.0, 4.0, 6.0] {
        assert!((expected(&report.x, &x, &y, at) - curve(at)).abs() < 0.2, "at {at}");
    }
}

#[test]
fn options_that_do_not_exist_are_refused() {
    for args in [&["--no-such-option"][..], &["--observations", "3"], &["rest"]] {
        assert!(Options::parse(lexopt::Parser::from_args(args)).is_err(), "{args:?}");
    }
    assert!(matches!(Options::parse(lexopt::Parser::from_args(["--help"])), Ok(None)));
}
