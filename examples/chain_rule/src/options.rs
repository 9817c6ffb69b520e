//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;

use crate::generated::Mode;
use crate::topic::Topic;

pub const HELP: &str = "\
Shows the chain rule at work: the factors by hand, with their numbers, and beside them the code that #[grad] writes,
with the value of each of its lines. Writes a page on which one goes through it step by step.

Usage: cargo run --release -p chain_rule -- [TOPIC] [OPTIONS]

Topics (all, if none is named):
  neuron          one variable: sigmoid(wx + b)
  paths           several variables: z(u(x, y), v(x, y))
  network         backpropagation through two layers of one neuron each

Options:
  --at N,N,…      the point (needs a topic): w,b,x | x,y | w1,b1,w2,b2,x,wanted
  --forward       show the code of forward mode, along the first variable, instead of reverse mode's
  --out DIR       where chain_rule.html and chain_rule.svg are written [default: target]
  -h, --help      print this";

pub struct Options {
    pub topic: Option<Topic>,
    pub at: Option<Vec<f64>>,
    /// Of the code to show.
    pub mode: Mode,
    pub out: PathBuf,
    pub help: bool,
}

impl Options {
    pub fn parse() -> Result<Options, lexopt::Error> {
        let mut options = Options {
            topic: None,
            at: None,
            mode: Mode::Reverse,
            out: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target")),
            help: false,
        };
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Value(word) if options.topic.is_none() => options.topic = Some(word.parse_with(topic)?),
                Long("at") => options.at = Some(args.value()?.parse_with(numbers)?),
                Long("forward") => options.mode = Mode::Forward,
                Long("out") => options.out = args.value()?.into(),
                Long("help") | Short('h') => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        if let Some(at) = &options.at {
            let topic = options.topic.ok_or("--at needs a topic")?;
            let (found, expected) = (at.len(), topic.point().len());
            if found != expected {
                return Err(format!("{} needs {expected} numbers, --at has {found}", topic.name()).into());
            }
        }
        Ok(options)
    }
}

fn topic(word: &str) -> Result<Topic, String> {
    let topic = Topic::ALL.into_iter().find(|topic| topic.name() == word);
    topic.ok_or_else(|| "the topics are neuron, paths and network".to_owned())
}

fn numbers(text: &str) -> Result<Vec<f64>, String> {
    let number = |text: &str| {
        let number = text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        number.ok_or_else(|| format!("`{text}` is not a finite number"))
    };
    text.split(',').map(number).collect()
}
