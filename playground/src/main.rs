//! Builds the page on which one watches a gradient being made, and serves it on this machine; or writes it into a folder.

mod build;
mod errors;
mod options;
mod serve;
mod site;

use options::{HELP, Options};
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match Options::parse(lexopt::Parser::from_env()) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}\n\n{HELP}");
            return ExitCode::FAILURE;
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    if options.help {
        println!("{HELP}");
        return Ok(());
    }
    let site = site::Site::of(&build::module()?)?;
    match &options.out {
        Some(folder) => {
            site.write(folder)?;
            println!("wrote {}", folder.join("index.html").display());
            Ok(())
        }
        None => serve::serve(&site, options.port),
    }
}
