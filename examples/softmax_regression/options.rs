//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;

/// The λ for which the optimum is known.
pub const LAMBDA: f64 = 1e-3;

pub const HELP: &str = "\
Reads handwritten digits by softmax regression: L-BFGS along the gradient that #[grad] generates. Fails if the known
optimum is missed.

Usage: cargo run --release --example softmax_regression -- [OPTIONS]

Options:
  --lambda X       how strongly large weights are held back; above 0 [default: 0.001]
  --tolerance X    converged where no coordinate of the gradient is larger [default: 1e-8]
  --memory N       steps that L-BFGS remembers, at least 1 [default: 20]
  --out FILE       picture to write, SVG [default: target/softmax_regression.svg]
  --data FILE      gzipped table of images [default: examples/data/digits.csv.gz]
  -h, --help       print this";

pub struct Options {
    pub lambda: f64,
    pub tolerance: f64,
    pub memory: usize,
    pub out: PathBuf,
    pub data: PathBuf,
    pub help: bool,
}

impl Options {
    pub fn parse() -> Result<Options, lexopt::Error> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut options = Options {
            lambda: LAMBDA,
            tolerance: 1e-8,
            memory: 20,
            out: root.join("target/softmax_regression.svg"),
            data: root.join("examples/data/digits.csv.gz"),
            help: false,
        };
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Long("lambda") => options.lambda = args.value()?.parse_with(positive)?,
                Long("tolerance") => options.tolerance = args.value()?.parse_with(positive)?,
                Long("memory") => options.memory = args.value()?.parse()?,
                Long("out") => options.out = args.value()?.into(),
                Long("data") => options.data = args.value()?.into(),
                Long("help") | Short('h') => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(options)
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|&x| x > 0.0 && x.is_finite());
    number.ok_or_else(|| "a number above 0 is wanted".to_owned())
}
