//! The command line of an example without options.

use std::error::Error;

/// Whether help was asked for, and printed. Anything else on the command line is an error.
#[allow(unreachable_pub, reason = "included by programs")]
pub fn only_help(help: &str) -> Result<bool, Box<dyn Error>> {
    match std::env::args_os().nth(1) {
        None => Ok(false),
        Some(arg) if arg == "-h" || arg == "--help" => {
            println!("{help}");
            Ok(true)
        }
        Some(arg) => {
            Err(format!("unexpected argument `{}`: --help says what this does", arg.display()).into())
        }
    }
}

/// The same, where the errors of the program are others: what is unexpected ends it.
#[allow(dead_code, unreachable_pub, reason = "included by programs, of which few need it")]
pub fn only_help_or_end(help: &str) -> bool {
    only_help(help).unwrap_or_else(|error| {
        eprintln!("Error: {error}");
        std::process::exit(1);
    })
}
