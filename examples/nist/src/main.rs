//! Fits NIST's nonlinear regressions and says how many digits are right.
//!
//! `cargo run --release -p nist -- --help`

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use nist::{data, runs, table};

const HELP: &str = "\
The 27 nonlinear regressions of NIST's Statistical Reference Datasets, each from both starts, by Levenberg-Marquardt
with its defaults: digits of the worst parameter (11 are certified), evaluations, truth of what is reported.

Usage: cargo run --release -p nist -- [--each] [--table]

  --each      every run, not the totals alone
  --table     the table of the book: this method and the dogleg";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough.
        Err(error)
            if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    use lexopt::prelude::*;
    let mut each = false;
    let mut out = io::stdout().lock();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("each") => each = true,
            Long("table") => {
                write!(out, "{}", table::table(&data::all()))?;
                return Ok(());
            }
            Short('h') | Long("help") => {
                writeln!(out, "{HELP}")?;
                return Ok(());
            }
            _ => return Err(format!("{}\nhelp: --help lists the options", argument.unexpected()).into()),
        }
    }
    let sets = data::all();
    let mut all = Vec::new();
    if each {
        writeln!(out, "set       start  digits   cosine  residuals  Jacobians  ended")?;
    }
    for set in &sets {
        for (k, start) in set.starts.iter().enumerate() {
            let run = runs::levenberg_marquardt(set, start);
            if each {
                writeln!(
                    out,
                    "{:10}{:>5}{:>8.1}  {:.1e}{:>10}{:>11}  {}",
                    set.name,
                    k + 1,
                    run.digits,
                    run.cosine,
                    run.evaluations,
                    run.jacobians,
                    run.ended
                )?;
            }
            all.push(run);
        }
    }
    let count = |f: &dyn Fn(&runs::Run) -> bool| all.iter().filter(|run| f(run)).count();
    let fewest = all.iter().filter(|run| run.claims).map(|run| run.digits).fold(f64::INFINITY, f64::min);
    writeln!(out, "runs                              {:>6}", all.len())?;
    writeln!(out, "at least 4 digits                 {:>6}", count(&|run| run.digits >= 4.0))?;
    writeln!(out, "at least 6 digits                 {:>6}", count(&|run| run.digits >= 6.0))?;
    writeln!(out, "says converged                    {:>6}", count(&|run| run.claims))?;
    writeln!(out, "  of these, fewest digits         {fewest:>6.1}")?;
    writeln!(out, "  of these, fewer than 6 digits   {:>6}", count(&|run| run.claims && run.digits < 6.0))?;
    writeln!(
        out,
        "evaluations of the residuals      {:>6}",
        all.iter().map(|run| run.evaluations).sum::<usize>()
    )?;
    writeln!(
        out,
        "evaluations of the Jacobian       {:>6}",
        all.iter().map(|run| run.jacobians).sum::<usize>()
    )?;
    Ok(())
}
