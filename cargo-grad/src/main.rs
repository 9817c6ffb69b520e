//! `cargo grad`: the derivatives of your functions as code, what an error means, and which functions have derivatives.

mod allocations;
mod explain;
mod list;
mod options;
mod output;
mod package;
mod report;
mod show;
mod style;

use options::{Command, HELP, Options};
use output::Output;
use std::process::ExitCode;

/// The parser and the compiler are recursive, and a main thread may have little room.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    let work = std::thread::Builder::new().stack_size(STACK).spawn(run);
    let ended = work.map(std::thread::JoinHandle::join);
    match ended {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(message))) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
        Ok(Err(_)) => {
            eprintln!(
                "error: the compiler of `#[grad]` panicked\n  = help: please report this, with the function"
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: there is no thread to be had: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let options = Options::parse()
        .map_err(|error| format!("error: {error}\n  = help: `cargo grad --help` lists all"))?;
    let output = Output::new(&options);
    let text = match &options.command {
        Command::Help => HELP.to_owned(),
        Command::Version => format!("cargo-grad {}\n", env!("CARGO_PKG_VERSION")),
        Command::Explain(numbers) => explain::explain(numbers, output.style)?,
        Command::List(filter) => list::list(&options, filter.as_deref(), output.style)?,
        Command::Show { file, function, what } => {
            let functions = package::functions(&options, file.as_deref())?;
            let function = functions.find(function)?;
            let text = match &function.method {
                Some(args) => show::show_with(&function.item, args.clone(), *what),
                None => show::show(&function.item, *what),
            };
            let text =
                text.map_err(|obstacle| report::obstacle(&obstacle, function, Output::for_errors(&options)))?;
            let place = format!("// {}, {}\n", function.path, function.place());
            output.style.code(&format!("{place}{text}"))
        }
    };
    output.print(&text)
}
