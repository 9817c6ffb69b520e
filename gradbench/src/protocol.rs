//! What evaluations and tools say to each other: JSON messages, one a line.
//!
//! | message, besides `id` and `kind` | answer, besides the same `id` |
//! | --- | --- |
//! | `start` | `tool` |
//! | `define`: `module` | `success`, or `error` |
//! | `evaluate`: `module`, `function`, `input` | `success` and `output`, `timings`; or `error` |
//! | `analysis`, and all others | nothing |
//!
//! Where `input` has `min_runs` or `min_seconds`, the function is run again until there are as many runs and they took as long.
//! Each run has its own entry `evaluate` in `timings`, in nanoseconds; reading the input is `prepare`, and not part of it.
//!
//! Nothing that is sent ends the tool: what cannot be read or computed is an `error` in the answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::evals::{self, Eval, Evaluation};
use crate::parts::Threads;

/// The tool: it answers messages, and remembers nothing between them.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    threads: Threads,
}

impl Tool {
    pub fn new(threads: Threads) -> Tool {
        Tool { threads }
    }

    /// The answer to a line. A line that is no message gets an answer with `"id": null`.
    pub fn answer(self, line: &[u8]) -> Value {
        let message: Map<String, Value> = match serde_json::from_slice(line) {
            Ok(message) => message,
            Err(error) => return failure(&Value::Null, &format!("this is no message: {error}")),
        };
        let Some(id) = message.get("id") else {
            return failure(&Value::Null, "the message has no `id`");
        };
        match message.get("kind").and_then(Value::as_str) {
            None => failure(id, "the message has no `kind`"),
            Some("start") => json!({ "id": id, "tool": "grad" }),
            Some("define") => match module(&message) {
                Ok(_) => json!({ "id": id, "success": true }),
                Err(error) => failure(id, &error),
            },
            Some("evaluate") => match self.evaluate(&message) {
                Ok((output, timings)) => {
                    json!({ "id": id, "success": true, "output": output, "timings": timings })
                }
                Err(error) => failure(id, &error),
            },
            Some(_) => json!({ "id": id }),
        }
    }

    fn evaluate(self, message: &Map<String, Value>) -> Result<(Value, Vec<Value>), String> {
        let eval = module(message)?;
        let function = text(message, "function")?;
        let input = message.get("input").ok_or("the message has no `input`")?;
        let (runs, seconds) = least(input)?;
        // Inputs are checked before they are used. This is for what a check forgets.
        let work = AssertUnwindSafe(|| {
            let start = Instant::now();
            let mut evaluation = (eval.prepare)(function, input, self.threads)?;
            let mut timings = vec![timing("prepare", start.elapsed())];
            repeat(&mut *evaluation, runs, seconds, |time| timings.push(timing("evaluate", time)));
            let output = evaluation.output();
            if has_null(&output) {
                return Err("the result is not finite".to_owned());
            }
            Ok((output, timings))
        });
        catch_unwind(work).unwrap_or_else(|_| Err(format!("`{function}` panicked")))
    }
}

/// Runs until both minima are met, at least once.
fn repeat(evaluation: &mut dyn Evaluation, runs: u64, seconds: f64, mut took: impl FnMut(Duration)) {
    let (mut done, mut total) = (0, 0.0);
    while done < runs || total < seconds {
        let start = Instant::now();
        evaluation.run();
        let time = start.elapsed();
        took(time);
        (done, total) = (done + 1, total + time.as_secs_f64());
    }
}

/// The least number of runs, and of seconds, that the input asks for.
fn least(input: &Value) -> Result<(u64, f64), String> {
    let runs = match input.get("min_runs") {
        None => 1,
        Some(runs) => runs.as_u64().ok_or("`min_runs` is a whole number")?,
    };
    let seconds = match input.get("min_seconds") {
        None => 0.0,
        Some(seconds) => seconds.as_f64().ok_or("`min_seconds` is a number")?,
    };
    Ok((runs.max(1), seconds))
}

fn module(message: &Map<String, Value>) -> Result<&'static Eval, String> {
    let name = text(message, "module")?;
    evals::ALL
        .iter()
        .find(|eval| eval.name == name)
        .ok_or_else(|| format!("there is no evaluation `{name}` here"))
}

fn text<'a>(message: &'a Map<String, Value>, field: &str) -> Result<&'a str, String> {
    message.get(field).and_then(Value::as_str).ok_or_else(|| format!("the message has no `{field}`"))
}

fn failure(id: &Value, error: &str) -> Value {
    json!({ "id": id, "success": false, "error": error })
}

fn timing(name: &str, time: Duration) -> Value {
    json!({ "name": name, "nanoseconds": u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) })
}

/// JSON has no word for numbers that are not finite: they are `null`.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(values) => values.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
