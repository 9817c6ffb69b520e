//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;

pub const HELP: &str = "\
Walks down a mountain, and up again: gradient descent with step sizes too small, right, too large and far too large,
along the gradient that #[grad] generates. Prints the steps; writes a map (SVG) and a page with the walks in motion.

Usage: cargo run --release -p mountain -- [OPTIONS]

Options:
  --step-size X   one walker with this step size instead of the five
  --uphill        that one walks uphill (needs --step-size)
  --start X,Y     where the walkers who go down start, within 3.2 of the centre [default: -0.4,2.6]
  --steps N       steps that a walker may take [default: 60]
  --all           print every step, not only some of them
  --out DIR       where mountain.svg and mountain.html are written [default: target]
  -h, --help      print this";

/// Where those who go down start, and how many steps a walker may take, if the user does not say.
pub const START: [f64; 2] = [-0.4, 2.6];
pub const STEPS: usize = 60;

pub struct Options {
    pub step_size: Option<f64>,
    pub uphill: bool,
    pub start: [f64; 2],
    pub steps: usize,
    pub all: bool,
    pub out: PathBuf,
    pub help: bool,
}

/// More would make a page that no browser likes.
const MOST_STEPS: usize = 100_000;

impl Options {
    pub fn parse() -> Result<Options, lexopt::Error> {
        let mut options = Options {
            step_size: None,
            uphill: false,
            start: START,
            steps: STEPS,
            all: false,
            out: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target")),
            help: false,
        };
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Long("step-size") => options.step_size = Some(args.value()?.parse()?),
                Long("uphill") => options.uphill = true,
                Long("start") => options.start = args.value()?.parse_with(point)?,
                Long("steps") => options.steps = args.value()?.parse_with(steps)?,
                Long("all") => options.all = true,
                Long("out") => options.out = args.value()?.into(),
                Long("help") | Short('h') => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        if options.uphill && options.step_size.is_none() {
            return Err("--uphill needs --step-size".into());
        }
        Ok(options)
    }
}

fn point(text: &str) -> Result<[f64; 2], String> {
    let (x, y) = text.split_once(',').ok_or("two numbers with a comma between them are wanted")?;
    let number = |text: &str| {
        text.trim().parse::<f64>().ok().filter(|x| x.abs() <= crate::landscape::EDGE).ok_or_else(|| {
            format!("`{text}` is not a number from -{edge} to {edge}", edge = crate::landscape::EDGE)
        })
    };
    Ok([number(x)?, number(y)?])
}

fn steps(text: &str) -> Result<usize, String> {
    let steps = text.parse().ok().filter(|steps| (1..=MOST_STEPS).contains(steps));
    steps.ok_or_else(|| format!("an integer from 1 to {MOST_STEPS} is wanted"))
}
