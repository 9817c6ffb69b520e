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
