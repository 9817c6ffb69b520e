//! The counts side by side.

use std::fmt::Write;

use crate::problems::Problem;
use crate::runs::{Outcome, Run};

pub struct Table<'p> {
    problems: &'p [Problem],
    columns: Vec<(&'static str, Vec<Run>)>,
}

impl<'p> Table<'p> {
    pub fn new(problems: &'p [Problem]) -> Self {
        Table { problems, columns: Vec::new() }
    }

    pub fn add(&mut self, name: &'static str, runs: Vec<Run>) {
        self.columns.push((name, runs));
    }

    /// Every run: the outcome, `*` where convergence is claimed, the evaluations.
    pub fn each(&self) -> String {
        let mut text = String::new();
        for (k, (name, _)) in self.columns.iter().enumerate() {
            writeln!(text, "[{}] {name}", letter(k)).expect("a string takes all");
        }
        write!(text, "\n{:30}", "").expect("a string takes all");
        for k in 0..self.columns.len() {
            write!(text, "{:>9}", format!("[{}]", letter(k))).expect("a string takes all");
        }
        text.push('\n');
        for (row, problem) in self.problems.iter().enumerate() {
            write!(text, "{:>2} {:27}", problem.number, problem.name).expect("a string takes all");
            for (_, runs) in &self.columns {
                let run = &runs[row];
                let claim = if run.claims { "*" } else { " " };
                let cell = format!("{}{claim}{:>6}", mark(run.outcome), run.evaluations);
                write!(text, "{cell:>9}").expect("a string takes all");
            }
            text.push('\n');
        }
        text.push_str("\nWithout convergence:\n");
        for (name, runs) in &self.columns {
            for (problem, run) in self.problems.iter().zip(runs).filter(|(_, run)| !run.claims) {
                let Run { value, gradient_norm, ended, .. } = run;
                let ended = ended.lines().next().unwrap_or_default();
                writeln!(
                    text,
                    "{name}, {}: f {value:.6e}, gradient {gradient_norm:.1e}: {ended}",
                    problem.name
                )
                .expect("a string takes all");
            }
        }
        text
    }

    /// One line a method.
    pub fn totals(&self) -> String {
        let mut text = String::from(
            "                               at minimum            stationary          says converged    \n\
             method                     global   other  elsewhere    failed  right   wrong  evaluations  gradients  distinct  median\n",
        );
        for (name, runs) in &self.columns {
            let count = |f: &dyn Fn(&Run) -> bool| runs.iter().filter(|run| f(run)).count();
            let sum = |f: fn(&Run) -> usize| runs.iter().map(f).sum::<usize>();
            let mut good: Vec<usize> =
                runs.iter().filter(|run| run.outcome == Outcome::Global).map(|run| run.evaluations).collect();
            good.sort_unstable();
            writeln!(
                text,
                "{name:27}{:>6}{:>8}{:>11}{:>10}{:>7}{:>8}{:>13}{:>11}{:>10}{:>8}",
                count(&|run| run.outcome == Outcome::Global),
                count(&|run| run.outcome == Outcome::Local),
                count(&|run| run.outcome == Outcome::Stationary),
                count(&|run| run.outcome == Outcome::Failed),
                count(&|run| run.claims && !run.lies()),
                count(&Run::lies),
                sum(|run| run.evaluations),
                sum(|run| run.gradients),
                sum(|run| run.distinct),
                good.get(good.len() / 2).copied().unwrap_or(0),
            )
            .expect("a string takes all");
        }
        text
    }
}

fn letter(k: usize) -> char {
    char::from(b'a' + u8::try_from(k).expect("a few methods"))
}

fn mark(outcome: Outcome) -> char {
    match outcome {
        Outcome::Global => 'G',
        Outcome::Local => 'L',
        Outcome::Stationary => 'S',
        Outcome::Failed => '-',
    }
}
