//! A tool of `GradBench` (<https://gradben.ch>): one JSON message a line on the standard input, one answer a line on the
//! standard output.

use std::io::{self, BufRead, ErrorKind, Write};
use std::process::ExitCode;

use gradbench::parts::Threads;
use gradbench::protocol::Tool;

const HELP: &str = "\
Answers the evaluations of GradBench: reads one JSON message a line, writes one answer a line.

Usage: gradbench [--multithreaded]

  --multithreaded  sums over points and observations on all cores; the answers are the same, bit for bit
  --help           prints this
";

fn main() -> ExitCode {
    let threads = match options() {
        Ok(Some(threads)) => threads,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match answer_all(Tool::new(threads)) {
        // Who asked has gone: there is nobody to tell.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

/// `None` if help is asked for.
fn options() -> Result<Option<Threads>, lexopt::Error> {
    let mut threads = Threads::One;
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            lexopt::Arg::Long("multithreaded") => threads = Threads::All,
            lexopt::Arg::Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(threads))
}

fn answer_all(tool: Tool) -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if !line.trim_ascii().is_empty() {
            serde_json::to_writer(&mut output, &tool.answer(&line))?;
            output.write_all(b"\n")?;
            output.flush()?;
        }
        line.clear();
    }
    Ok(())
}
