//! What a compiler says about a file, in a form that can be compared: with that of another day, and with that of another
//! compiler. The tests of this package run rustc and clippy on the crates of users in `tests/ui` and `tests/fixtures`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// One error: its headline and what follows, up to the next blank line.
pub struct Message {
    lines: Vec<Line>,
}

/// A line of rustc's output: at a line of the source, or beside it, or below.
struct Line {
    /// The number in the margin.
    number: Option<String>,
    /// Has a margin.
    is_inside: bool,
    text: String,
}

impl Line {
    /// One of the lines before the place. Ours has a ` = help: …` there, which looks like one in the margin.
    fn of_headline(line: &str) -> Line {
        Line { number: None, is_inside: false, text: line.trim_end().to_owned() }
    }

    fn new(line: &str) -> Line {
        let unindented = line.trim_start();
        let text = unindented.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = &unindented[..unindented.len() - text.len()];
        let (starts, of) = (text.trim_start(), text.trim_start().split(' ').next().unwrap_or_default());
        let is_inside = matches!(of, "|" | "-->" | ":::" | "=" | "..." | "-" | "+" | "~")
            || starts.starts_with('|')
            || !number.is_empty();
        Line {
            number: (is_inside && !number.is_empty()).then(|| number.to_owned()),
            is_inside,
            text: if is_inside { starts.trim_end().to_owned() } else { line.trim_end().to_owned() },
        }
    }

    /// The file, line and column of `--> file:line:column`.
    fn place(&self) -> Option<(&str, usize, usize)> {
        let place = self.text.strip_prefix("--> ").or_else(|| self.text.strip_prefix("::: "))?;
        let mut parts = place.rsplitn(3, ':');
        let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        Some((file, line.parse().ok()?, column.parse().ok()?))
    }
}

/// The errors in what rustc printed. Warnings and the sum at the end are left out, as is what is shown of other files than
/// the user's: whether their source is there, and on which line, is no matter.
pub fn messages(output: &str, user: &str) -> Vec<Message> {
    let blocks = output.split("\n\n").map(str::trim_end).filter(|block| {
        block.starts_with("error") && !block.starts_with("error: aborting due to") && !block.trim().is_empty()
    });
    blocks
        .map(|block| {
            let mut lines: Vec<Line> = Vec::new();
            let (mut is_headline, mut is_elsewhere) = (true, false);
            // Where rustc has put the whole of a long type is not for us to say.
            let long =
                |text: &&str| text.contains(".long-type-") || text.contains("consider using `--verbose`");
            for text in block.lines().filter(|text| !long(text)) {
                let mut line = Line::new(text);
                is_headline &= line.place().is_none();
                if is_headline {
                    lines.push(Line::of_headline(text));
                    continue;
                }
                if let Some((file, ..)) = line.place() {
                    is_elsewhere = file != user;
                    if is_elsewhere {
                        // Where things stand in the standard library is not for us to say.
                        if !file.contains("/library/") {
                            line.text = format!("--> {file}");
                            lines.push(line);
                        }
                        continue;
                    }
                }
                // Where the source is not there, what stands beside it is a note.
                if is_elsewhere && line.text == "= note: the failure occurred here" {
                    continue;
                }
                let is_shown = line.is_inside && !line.text.starts_with('=');
                if !is_shown {
                    is_elsewhere = false;
                }
                if !is_elsewhere {
                    lines.push(line);
                }
            }
            Message { lines }
        })
        .collect()
}

/// As it is written down: the margin is as wide as its numbers are.
pub fn written(messages: &[Message]) -> String {
    let mut out = String::new();
    for message in messages {
        let width =
            message.lines.iter().filter_map(|line| line.number.as_ref()).map(String::len).max().unwrap_or(1);
        if !out.is_empty() {
            out.push('\n');
        }
        for Line { number, is_inside, text } in &message.lines {
            let number = number.as_deref().unwrap_or_default();
            let line = match text.as_str() {
                text if !is_inside => text.to_owned(),
                text if text == "..." || text.starts_with("... ") => text.to_owned(),
                text if text.starts_with("--> ") || text.starts_with("::: ") => {
                    format!("{:width$}{text}", "")
                }
                text => format!("{number:>width$} {text}"),
            };
            writeln!(out, "{}", line.trim_end()).expect("a string grows");
        }
    }
    out
}

/// What of a message does not depend on the compiler.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ours {
    /// Line and column; the column is rustc's affair where the message is, as it is of a bound that does not hold.
    place: (usize, usize),
    /// Our numbers and sentences, wherever they stand.
    texts: BTreeSet<String>,
}

/// The same of every error, by place. `sentences` are those that rustc takes from our traits.
pub fn ours(messages: &[Message], sentences: &[String]) -> Vec<Ours> {
    let mut all: Vec<Ours> = messages
        .iter()
        .map(|message| {
            let place = message.lines.iter().find_map(Line::place);
            let (_, line, column) = place.unwrap_or_default();
            let mut texts = BTreeSet::new();
            // A headline with a number is ours, with all of its lines.
            let is_ours = message.lines[0].text.starts_with("error: GRAD");
            if is_ours {
                let headline = message.lines.iter().take_while(|line| line.place().is_none());
                texts.extend(headline.map(|line| line.text.trim().to_owned()));
            }
            for line in &message.lines {
                texts.extend(sentences.iter().filter(|sentence| line.text.contains(*sentence)).cloned());
            }
            Ours { place: (line, if is_ours { column } else { 0 }), texts }
        })
        .collect();
    all.sort();
    all
}
