//! What the programs share: the end of each.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

/// Writes what a program says, or what went wrong.
pub fn finish(said: Result<String, Box<dyn Error>>) -> ExitCode {
    match said {
        // Whoever reads our output may have seen enough.
        Ok(text) => match writeln!(io::stdout(), "{text}") {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failure(&error.to_string()),
            _ => ExitCode::SUCCESS,
        },
        Err(error) => failure(&error.to_string()),
    }
}

fn failure(error: &str) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}

/// An error of the command line, and how to learn more.
pub fn usage(error: lexopt::Error) -> Box<dyn Error> {
    format!("{error}\nhelp: --help lists the options").into()
}
