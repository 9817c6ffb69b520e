//! The evaluations: a module each.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::parts::Threads;

pub mod ba;
pub mod det;
pub mod gmm;
pub mod hello;
pub mod ht;
pub mod kmeans;
pub mod llsq;
pub mod lse;
pub mod lstm;
pub mod ode;
pub mod particle;
pub mod saddle;

/// An evaluation of the suite.
pub struct Eval {
    /// The suite's word for it.
    pub name: &'static str,
    /// Reads the input of one of its functions; an error if it has no such function, or the input is not what it takes.
    pub prepare: fn(&str, &Value, Threads) -> Prepared,
}

/// A function with its input, or what is wrong with them.
pub type Prepared = Result<Box<dyn Evaluation>, String>;

/// All of them, in alphabetical order.
pub const ALL: [Eval; 12] = [
    Eval { name: "ba", prepare: ba::prepare },
    Eval { name: "det", prepare: det::prepare },
    Eval { name: "gmm", prepare: gmm::prepare },
    Eval { name: "hello", prepare: hello::prepare },
    Eval { name: "ht", prepare: ht::prepare },
    Eval { name: "kmeans", prepare: kmeans::prepare },
    Eval { name: "llsq", prepare: llsq::prepare },
    Eval { name: "lse", prepare: lse::prepare },
    Eval { name: "lstm", prepare: lstm::prepare },
    Eval { name: "ode", prepare: ode::prepare },
    Eval { name: "particle", prepare: particle::prepare },
    Eval { name: "saddle", prepare: saddle::prepare },
];

/// A function with its input.
pub trait Evaluation {
    /// Computes the function; this is what is timed.
    fn run(&mut self);

    /// What the last run computed, as the suite writes it.
    ///
    /// # Panics
    ///
    /// If there was no run.
    fn output(&self) -> Value;
}

struct Of<I, T, F, O> {
    input: I,
    function: F,
    result: Option<T>,
    output: O,
}

impl<I, T, F: Fn(&I) -> T, O: Fn(&T) -> Value> Evaluation for Of<I, T, F, O> {
    fn run(&mut self) {
        self.result = Some((self.function)(std::hint::black_box(&self.input)));
    }

    fn output(&self) -> Value {
        (self.output)(self.result.as_ref().expect("a function runs before its result is asked for"))
    }
}

/// `function` of `input`, whose result `output` writes.
fn evaluation<I: 'static, T: 'static>(
    input: I,
    function: impl Fn(&I) -> T + 'static,
    output: impl Fn(&T) -> Value + 'static,
) -> Box<dyn Evaluation> {
    Box::new(Of { input, function, result: None, output })
}

fn read<T: DeserializeOwned>(input: &Value) -> Result<T, String> {
    T::deserialize(input).map_err(|error| format!("`input`: {error}"))
}

fn unknown(eval: &str, function: &str) -> String {
    format!("the evaluation `{eval}` has no function `{function}` here")
}

/// The rows of a matrix one after the other, `columns` numbers each.
fn flat(name: &str, rows: &[Vec<f64>], columns: usize) -> Result<Vec<f64>, String> {
    match rows.iter().find(|row| row.len() != columns) {
        Some(row) => Err(format!("`{name}` has a row of {} numbers, not {columns}", row.len())),
        None => Ok(rows.concat()),
    }
}

fn has_length<T>(name: &str, values: &[T], length: usize) -> Result<(), String> {
    if values.len() == length {
        Ok(())
    } else {
        Err(format!("`{name}` has {} entries, not {length}", values.len()))
    }
}
