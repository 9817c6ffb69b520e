//! The pages of the error index.

use crate::style::Style;
use grad_compiler::diag::Code;

/// As wide as is easy to read.
const WIDTH: usize = 96;

pub(crate) fn explain(numbers: &[String], style: Style) -> Result<String, String> {
    if numbers.is_empty() {
        let rows = Code::ALL
            .iter()
            .map(|code| format!("{}  {}\n", style.bold(&code.to_string()), style.prose(code.title())));
        return Ok(rows.collect());
    }
    let pages: Result<Vec<String>, String> =
        numbers.iter().map(|number| Ok(page(&code(number)?.page(), style))).collect();
    Ok(pages?.join("\n"))
}

/// `GRAD0025`, `grad25`, `25`
fn code(number: &str) -> Result<Code, String> {
    let digits =
        number.get(..4).filter(|start| start.eq_ignore_ascii_case("grad")).map_or(number, |_| &number[4..]);
    let wanted = digits.parse::<u16>().ok().map(|digits| format!("GRAD{digits:04}"));
    let found = Code::ALL.iter().find(|code| Some(code.to_string()) == wanted);
    found.copied().ok_or_else(|| {
        let rustc = if number.starts_with('E') {
            format!("; `rustc --explain {number}` has rustc's")
        } else {
            String::new()
        };
        format!("error: there is no error `{number}`\n  = help: `cargo grad explain` lists all{rustc}")
    })
}

/// A page of Markdown on a terminal.
fn page(markdown: &str, style: Style) -> String {
    let mut out = String::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            for line in lines.by_ref().take_while(|line| *line != "```") {
                out += &format!("    {}\n", style.code(line));
            }
        } else if let Some(title) = line.strip_prefix("## ") {
            out += &format!("{}\n", style.bold(title));
        } else {
            let text = wrapped(line);
            out += &match text.strip_prefix("**Instead:**") {
                Some(rest) => format!("{}{}\n", style.bold("Instead:"), style.prose(rest)),
                None => format!("{}\n", style.prose(&text)),
            };
        }
    }
    out
}

/// In lines of at most [`WIDTH`], as far as words are not longer.
fn wrapped(text: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for word in text.split_whitespace() {
        let len = word.chars().count();
        if column > 0 && column + 1 + len > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out += word;
        column += len;
    }
    out
}
