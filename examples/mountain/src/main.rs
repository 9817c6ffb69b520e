//! Walks down a mountain in fog, with step sizes too small, right and too large; and up again.
//!
//! `cargo run --release -p mountain -- --help`

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

mod landscape;
mod map;
mod options;
mod page;
mod script;
mod table;
mod walks;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use options::{HELP, Options};
use walks::{Track, Walker};

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
    let options = Options::parse().map_err(|e| format!("{e}\nhelp: --help lists the options"))?;
    let mut out = io::stdout().lock();
    if options.help {
        writeln!(out, "{HELP}")?;
        return Ok(());
    }
    let tracks: Vec<Track> = walkers(&options)
        .iter()
        .map(|walker| walks::walk(walker, options.steps))
        .collect::<Result<_, _>>()?;
    for track in &tracks {
        table::print(&mut out, track, options.all)?;
    }

    let svg = map::draw(&tracks)?;
    std::fs::create_dir_all(&options.out)
        .map_err(|e| format!("cannot make the directory `{}`: {e}", options.out.display()))?;
    writeln!(out)?;
    for (name, what, text) in [
        ("mountain.svg", "map", &svg),
        ("mountain.html", "walkers in motion", &page::write(&tracks, options.steps)?),
    ] {
        let path = options.out.join(name);
        std::fs::write(&path, text).map_err(|e| format!("cannot write `{}`: {e}", path.display()))?;
        writeln!(out, "{what}: {}", path.display())?;
    }
    Ok(())
}

/// The five of the story, or the one whom the user describes.
fn walkers(options: &Options) -> Vec<Walker> {
    match options.step_size {
        None => walks::cast(options.start),
        Some(step_size) => vec![Walker {
            name: "yours".to_owned(),
            step_size,
            uphill: options.uphill,
            start: options.start,
            color: "#1a6fdf",
        }],
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
