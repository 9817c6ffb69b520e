//! Counts how many evaluations each method needs for the 35 problems of Moré, Garbow and Hillstrom, and whether what
//! it says is true.
//!
//! `cargo run --release -p more_garbow_hillstrom -- --help`

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use more_garbow_hillstrom::bounded::{self, Bounded};
use more_garbow_hillstrom::runs::GRADIENT_TOLERANCE;
use more_garbow_hillstrom::{problems, rivals, runs, table, tables};

const HELP: &str = "\
The 35 problems of Moré, Garbow and Hillstrom: evaluations, minima reached, truth of what is reported.

Usage: cargo run --release -p more_garbow_hillstrom -- [--scale S] [--each] [--table T]

  --scale S   multiply all starts by S (the paper: 1, 10, 100); default 1
  --each      every problem, not the totals alone
  --large     instead of the 35, problems of 50 to 10,000 variables from the literature of CUTEst
  --bounded   problems of many variables with bounds
  --table T   a table of the book as it stands there: original, large, bounded, honesty
  --only M    the methods whose name contains M

The methods of argmin, basin and liblbfgs run on the same problems.";

/// Which problems.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    Original,
    Large,
    Bounded,
}

struct Options {
    scale: f64,
    each: bool,
    set: Set,
    only: String,
    table: Option<String>,
    help: bool,
}

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
    let options = options().map_err(|e| format!("{e}\nhelp: --help lists the options"))?;
    let mut out = io::stdout().lock();
    if options.help {
        writeln!(out, "{HELP}")?;
        return Ok(());
    }
    if let Some(name) = &options.table {
        let known = tables::ALL.into_iter().find(|(known, _)| known == name);
        let (_, table) =
            known.ok_or_else(|| format!("there is no table `{name}`\nhelp: --help lists them"))?;
        write!(out, "{}", table())?;
        return Ok(());
    }
    if options.set == Set::Bounded {
        return write_bounded(&mut out);
    }
    let large = options.set == Set::Large;
    let problems = if large { problems::large() } else { problems::all() };
    let mut solvers = if large { runs::solvers_for_many_variables() } else { runs::solvers() };
    solvers.extend(rivals::solvers());
    if large {
        solvers.retain(|solver| !solver.keeps_a_matrix);
    }
    solvers.retain(|solver| solver.name.contains(&options.only));
    let mut table = table::Table::new(&problems);
    for solver in &solvers {
        table.add(
            solver.name,
            problems.iter().map(|p| (solver.run)(p, p.scaled_start(options.scale))).collect(),
        );
    }
    if options.each {
        writeln!(out, "{}", table.each())?;
    }
    writeln!(out, "{}", table.totals())?;
    Ok(())
}

/// Evaluations, with `-` where a method does not say that it has converged, or it is not true.
fn write_bounded(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    type Method = fn(&Bounded) -> bounded::Run;
    let methods: [(&str, Method); 3] = [
        ("grad L-BFGS-B", Bounded::lbfgsb),
        ("grad projected", Bounded::projected_gradient),
        ("basin L-BFGS-B", rivals::basin_lbfgsb),
    ];
    write!(out, "{:15}  {:>14}", "", "scipy L-BFGS-B")?;
    for (name, _) in methods {
        write!(out, "  {name:>14}")?;
    }
    writeln!(out)?;
    let (mut totals, mut scipys) = ([0; 3], 0);
    for problem in bounded::all() {
        write!(out, "{:15}  {:>14}", problem.problem.name, problem.scipy)?;
        scipys += problem.scipy;
        for ((_, method), total) in methods.into_iter().zip(&mut totals) {
            let run = method(&problem);
            let holds = run.claims && run.gradient_norm <= GRADIENT_TOLERANCE;
            *total += run.evaluations;
            write!(out, "  {:>14}", format!("{}{}", if holds { "" } else { "- " }, run.evaluations))?;
        }
        writeln!(out)?;
    }
    write!(out, "{:15}  {scipys:>14}", "total")?;
    for total in totals {
        write!(out, "  {total:>14}")?;
    }
    writeln!(out)?;
    Ok(())
}

fn options() -> Result<Options, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options {
        scale: 1.0,
        each: false,
        set: Set::Original,
        only: String::new(),
        table: None,
        help: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("scale") => options.scale = parser.value()?.parse()?,
            Long("each") => options.each = true,
            Long("large") => options.set = Set::Large,
            Long("bounded") => options.set = Set::Bounded,
            Long("table") => options.table = Some(parser.value()?.parse()?),
            Long("only") => options.only = parser.value()?.parse()?,
            Short('h') | Long("help") => options.help = true,
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(options)
}
