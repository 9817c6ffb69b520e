//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;

/// The λ for which the optimum is known.
pub const LAMBDA: f64 = 1e-3;

pub const HELP: &str = "\
Reads handwritten digits by softmax regression in arrays of ndarray: L-BFGS along the gradient that #[grad] generates, to the
known optimum. With --hidden, by a network with a layer between.

Usage: cargo run --release -p softmax_ndarray --features ndarray -- [OPTIONS]

Options:
  --hidden N       a network with so many units between pixels and scores
  --iterations N   at most so many steps [default: 1000; with --hidden 100]
  --seed N         for the first weights of a network [default: 1]
  --time           only how long a loss takes, and its gradient
  --data FILE      gzipped table of images [default: examples/data/digits.csv.gz]
  -h, --help       print this";

pub struct Options {
    pub hidden: Option<usize>,
    pub iterations: Option<usize>,
    pub seed: u64,
    pub time: bool,
    pub data: PathBuf,
    pub help: bool,
}

impl Options {
    pub fn parse() -> Result<Options, lexopt::Error> {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let mut options = Options {
            hidden: None,
            iterations: None,
            seed: 1,
            time: false,
            data: root.join("examples/data/digits.csv.gz"),
            help: false,
        };
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Long("hidden") => options.hidden = Some(args.value()?.parse_with(positive)?),
                Long("iterations") => options.iterations = Some(args.value()?.parse_with(positive)?),
                Long("seed") => options.seed = args.value()?.parse()?,
                Long("time") => options.time = true,
                Long("data") => options.data = args.value()?.into(),
                Long("help") | Short('h') => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(options)
    }
}

fn positive(text: &str) -> Result<usize, String> {
    let number = text.parse::<usize>().ok().filter(|&x| x > 0);
    number.ok_or_else(|| "a number above 0 is wanted".to_owned())
}
