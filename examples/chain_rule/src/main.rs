//! The chain rule, factor by factor, beside the code that `#[grad]` writes.
//!
//! `cargo run --release -p chain_rule -- --help`

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

mod by_hand;
mod derivation;
mod functions;
mod generated;
mod options;
mod page;
/// Prints generated code; a program of its own, too.
#[allow(dead_code)]
#[path = "../../../grad-compiler/examples/show.rs"]
mod show;
mod topic;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use options::{HELP, Options};
use topic::Topic;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let options = Options::parse().map_err(|e| format!("{e}\nhelp: --help lists the topics and options"))?;
    let mut out = io::stdout().lock();
    if options.help {
        writeln!(out, "{HELP}")?;
        return Ok(());
    }
    for topic in Topic::ALL {
        if options.topic.is_none_or(|wanted| wanted == topic) {
            topic.show(options.at.as_deref().unwrap_or(topic.point()), options.mode, &mut out)?;
        }
    }
    let page = page::write(|topic| match &options.at {
        Some(at) if options.topic == Some(topic) => at.clone(),
        _ => topic.point().to_vec(),
    })?;
    std::fs::create_dir_all(&options.out)
        .map_err(|e| format!("cannot make the directory `{}`: {e}", options.out.display()))?;
    for (name, what, text) in [
        ("chain_rule.svg", "the graph of z(u(x, y), v(x, y))", page::picture(Topic::Paths)?),
        ("chain_rule.html", "all of it to step through", page),
    ] {
        let path = options.out.join(name);
        std::fs::write(&path, text).map_err(|e| format!("cannot write `{}`: {e}", path.display()))?;
        writeln!(out, "{what}: {}", path.display())?;
    }
    Ok(())
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
