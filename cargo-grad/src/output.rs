//! Where the text goes: to a pipe as it is, to a terminal in colour and a page at a time.

use crate::options::Options;
use crate::style::Style;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::{Command, Stdio};

pub(crate) struct Output {
    pub(crate) style: Style,
    pages: bool,
}

impl Output {
    pub(crate) fn new(options: &Options) -> Output {
        let is_terminal = io::stdout().is_terminal();
        Output { style: style(options, is_terminal), pages: options.pager && is_terminal }
    }

    /// How errors are printed.
    pub(crate) fn for_errors(options: &Options) -> Style {
        style(options, io::stderr().is_terminal())
    }

    pub(crate) fn print(&self, text: &str) -> Result<(), String> {
        if self.pages && paged(text) {
            return Ok(());
        }
        match io::stdout().lock().write_all(text.trim_end().as_bytes()).and_then(|()| writeln!(io::stdout()))
        {
            // Whoever reads it has seen enough.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("error: {error}")),
            _ => Ok(()),
        }
    }
}

fn style(options: &Options, is_terminal: bool) -> Style {
    let wanted = || is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    Style { colours: options.color.unwrap_or_else(wanted) }
}

/// Hands the text to the pager, if there is one. It ends at once where all of it fits.
fn paged(text: &str) -> bool {
    let pager = std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
    let mut words = pager.split_whitespace();
    let Some(program) = words.next() else { return false };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Quit if it is one screen, keep colours, leave the text there: as git has it.
        command.env("LESS", "FRX");
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // Whoever leaves the pager has seen enough.
        let _ = stdin.write_all(text.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}
