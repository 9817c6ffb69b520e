//! The pages of the error index.

use crate::style::Style;
use grad_compiler::diag::{BY_RUSTC, Code};

/// As wide as is easy to read.
const WIDTH: usize = 96;

pub(crate) fn explain(numbers: &[String], style: Style) -> Result<String, String> {
    if numbers.is_empty() {
        let ours = Code::ALL.iter().map(|code| (code.to_string(), code.title()));
        let rows = ours.chain(BY_RUSTC.iter().map(|said| (said.code.to_owned(), said.title)));
        return Ok(rows
            .map(|(code, title)| format!("{:<8}  {}\n", style.bold(&code), style.prose(title)))
            .collect());
    }
    let pages: Result<Vec<String>, String> = numbers.iter().map(|it| Ok(page(&find(it)?, style))).collect();
    Ok(pages?.join("\n"))
}

/// The page of `GRAD0025`, `grad25`, `25`, `E0573`.
fn find(number: &str) -> Result<String, String> {
    let of_rustc = BY_RUSTC.iter().find(|said| said.code.eq_ignore_ascii_case(number));
    if let Some(said) = of_rustc {
        return Ok(said.page());
    }
    let digits =
        number.get(..4).filter(|start| start.eq_ignore_ascii_case("grad")).map_or(number, |_| &number[4..]);
    let wanted = digits.parse::<u16>().ok().map(|digits| format!("GRAD{digits:04}"));
    let found = Code::ALL.iter().find(|code| Some(code.to_string()) == wanted);
    found.map(|code| code.page()).ok_or_else(|| {
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
