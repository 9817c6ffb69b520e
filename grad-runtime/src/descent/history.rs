//! What happened on the way?

use std::fmt::Write as _;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use super::{Epoch, Iteration, Observer};
use crate::Scalar;

/// Records a descent or a training, one row an iteration or an epoch, for tables and pictures.
///
/// ```
/// use grad_runtime::descent::{GradientDescent, History};
/// use grad_runtime::from_fn;
///
/// let mut history = History::new();
/// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
/// let report = GradientDescent::new(0.25).minimize_with(&mut bowl, vec![8.0], &mut history)?;
/// assert_eq!(history.rows().len(), report.iterations + 1);
/// assert!(history.to_csv().starts_with("number,value,gradient_norm,step_size,evaluations,seconds\n0,64,16,0,1,"));
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    rows: Vec<HistoryRow>,
    points: bool,
}

/// One row of a [`History`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HistoryRow {
    /// Of the iteration, from 0; of the epoch, from 1.
    pub number: usize,
    /// f(x); of an epoch, the mean value.
    pub value: f64,
    /// The measure of the first-order test; none of an epoch.
    pub gradient_norm: Option<f64>,
    /// The step size α of the last step.
    pub step_size: f64,
    /// Evaluations of the objective so far; of an epoch, steps.
    pub evaluations: usize,
    /// Since the start; of an epoch, those it took.
    pub seconds: f64,
    /// What else is known, by the names of [`History::push_epoch`]: an evaluation, an accuracy.
    pub measures: Vec<(String, f64)>,
    /// The point, if [`History::with_points`] asks for it.
    pub x: Vec<f64>,
}

impl History {
    /// No rows yet.
    pub fn new() -> Self {
        History::default()
    }

    /// Records the points as well: for a picture of the path.
    #[must_use]
    pub fn with_points(self) -> Self {
        History { points: true, ..self }
    }

    /// The rows so far.
    pub fn rows(&self) -> &[HistoryRow] {
        &self.rows
    }

    /// Adds an epoch, with measures of the caller's by name: the same names for all epochs.
    pub fn push_epoch<S: Scalar>(&mut self, epoch: &Epoch<'_, S>, measures: &[(&str, f64)]) {
        self.rows.push(HistoryRow {
            number: epoch.number,
            value: epoch.mean_value,
            gradient_norm: None,
            step_size: epoch.step_size,
            evaluations: epoch.iterations,
            seconds: epoch.time.as_secs_f64(),
            measures: measures.iter().map(|&(name, value)| (name.to_owned(), value)).collect(),
            x: self.point(epoch.x),
        });
    }

    fn point<S: Scalar>(&self, x: &[S]) -> Vec<f64> {
        if self.points { x.iter().map(|x| x.to_f64()).collect() } else { Vec::new() }
    }

    /// The columns that some row has, in their order, each with its values.
    fn columns(&self) -> Vec<(String, Vec<Option<f64>>)> {
        type Column = fn(&HistoryRow) -> Option<f64>;
        let fixed: [(&str, Column); 6] = [
            ("number", |row| Some(row.number as f64)),
            ("value", |row| Some(row.value)),
            ("gradient_norm", |row| row.gradient_norm),
            ("step_size", |row| Some(row.step_size)),
            ("evaluations", |row| Some(row.evaluations as f64)),
            ("seconds", |row| Some(row.seconds)),
        ];
        let mut columns: Vec<(String, Vec<Option<f64>>)> = Vec::new();
        for (name, of) in fixed {
            columns.push((name.to_owned(), self.rows.iter().map(of).collect()));
        }
        columns.retain(|(name, values)| name != "gradient_norm" || values.iter().any(Option::is_some));
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.rows.iter().flat_map(|row| &row.measures) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        for name in names {
            let of = |row: &HistoryRow| row.measures.iter().find(|(n, _)| n == name).map(|(_, value)| *value);
            columns.push((name.to_owned(), self.rows.iter().map(of).collect()));
        }
        for k in 0..self.rows.iter().map(|row| row.x.len()).max().unwrap_or(0) {
            columns.push((format!("x{k}"), self.rows.iter().map(|row| row.x.get(k).copied()).collect()));
        }
        columns
    }

    /// A table with a line of names; a field is empty where there is no number. Numbers have all their digits.
    pub fn to_csv(&self) -> String {
        let columns = self.columns();
        let mut csv = String::new();
        for (k, (name, _)) in columns.iter().enumerate() {
            csv.push_str(if k == 0 { "" } else { "," });
            // RFC 4180.
            if name.contains([',', '"', '\n', '\r']) {
                write!(csv, "\"{}\"", name.replace('"', "\"\"")).expect("a String takes everything");
            } else {
                csv.push_str(name);
            }
        }
        for row in 0..self.rows.len() {
            csv.push('\n');
            for (k, (_, values)) in columns.iter().enumerate() {
                csv.push_str(if k == 0 { "" } else { "," });
                if let Some(value) = values[row] {
                    write!(csv, "{}", Number(value)).expect("a String takes everything");
                }
            }
        }
        csv.push('\n');
        csv
    }

    /// An array of objects, one a row; what is not a finite number is `null`.
    pub fn to_json(&self) -> String {
        let columns = self.columns();
        let mut json = String::from("[");
        for row in 0..self.rows.len() {
            json.push_str(if row == 0 { "\n  {" } else { ",\n  {" });
            for (k, (name, values)) in columns.iter().enumerate() {
                json.push_str(if k == 0 { "" } else { ", " });
                push_json_string(&mut json, name);
                match values[row] {
                    Some(value) if value.is_finite() => write!(json, ": {}", Number(value)),
                    _ => write!(json, ": null"),
                }
                .expect("a String takes everything");
            }
            json.push('}');
        }
        json.push_str("\n]\n");
        json
    }

    /// Writes [`to_csv`](Self::to_csv) to a file.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, self.to_csv())
    }

    /// Writes [`to_json`](Self::to_json) to a file.
    pub fn write_json(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, self.to_json())
    }
}

/// The shortest digits that are read as the same number, with an exponent where that is shorter to read.
struct Number(f64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || (1e-4..1e16).contains(&size) || !size.is_finite() {
            write!(f, "{}", self.0)
        } else {
            write!(f, "{:e}", self.0)
        }
    }
}

fn push_json_string(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                json.push('\\');
                json.push(c);
            }
            c if c < ' ' => write!(json, "\\u{:04x}", u32::from(c)).expect("a String takes everything"),
            c => json.push(c),
        }
    }
    json.push('"');
}

impl<S: Scalar> Observer<S> for &mut History {
    fn observe(&mut self, iteration: &Iteration<'_, S>) -> ControlFlow<()> {
        let x = self.point(iteration.x);
        self.rows.push(HistoryRow {
            number: iteration.number,
            value: iteration.value.to_f64(),
            gradient_norm: Some(iteration.gradient_norm),
            step_size: iteration.step_size,
            evaluations: iteration.evaluations.values,
            seconds: iteration.time.as_secs_f64(),
            measures: Vec::new(),
            x,
        });
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn history() -> History {
        let mut history = History::new().with_points();
        for (number, mean_value) in [(1, 0.5), (2, 1e-7)] {
            let x = [0.1, -3.0];
            let time = Duration::from_millis(1500);
            let epoch = Epoch {
                number,
                x: &x,
                mean_value,
                samples: 10,
                step_size: 0.01,
                iterations: 3 * number,
                skipped: 0,
                time,
            };
            let accuracy = if number == 1 { f64::NAN } else { 0.75 };
            history.push_epoch(&epoch, &[("accuracy, \"test\"", accuracy)]);
        }
        history
    }

    #[test]
    fn a_table_has_a_column_for_all_that_is_known() {
        let expected = "number,value,step_size,evaluations,seconds,\"accuracy, \"\"test\"\"\",x0,x1\n\
                        1,0.5,0.01,3,1.5,NaN,0.1,-3\n\
                        2,1e-7,0.01,6,1.5,0.75,0.1,-3\n";
        assert_eq!(history().to_csv(), expected);
        assert_eq!(History::new().to_csv(), "number,value,step_size,evaluations,seconds\n");
    }

    #[test]
    fn json_has_null_where_there_is_no_number() {
        let expected = "[\n  {\"number\": 1, \"value\": 0.5, \"step_size\": 0.01, \"evaluations\": 3, \
                        \"seconds\": 1.5, \"accuracy, \\\"test\\\"\": null, \"x0\": 0.1, \"x1\": -3},\n  \
                        {\"number\": 2, \"value\": 1e-7, \"step_size\": 0.01, \"evaluations\": 6, \
                        \"seconds\": 1.5, \"accuracy, \\\"test\\\"\": 0.75, \"x0\": 0.1, \"x1\": -3}\n]\n";
        assert_eq!(history().to_json(), expected);
        assert_eq!(History::new().to_json(), "[\n]\n");
    }

    #[test]
    fn numbers_are_read_back_as_they_were() {
        for x in [0.1, 1e-300, -1.5e300, 123_456_789.123_456_7, f64::MIN_POSITIVE, 1e16, 1e-4, -0.0] {
            let read: f64 = Number(x).to_string().parse().unwrap();
            assert_eq!(read.to_bits(), x.to_bits());
        }
    }
}
