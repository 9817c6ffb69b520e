//! What is wrong with a function, with the line it is in.

use crate::package::Function;
use crate::show::Obstacle;
use crate::style::Style;
use grad_compiler::diag::Message;

pub(crate) fn obstacle(obstacle: &Obstacle, function: &Function, style: Style) -> String {
    match obstacle {
        Obstacle::Text(text) => format!("{}: {text}", style.error("error")),
        Obstacle::Errors(messages) => {
            let messages: Vec<String> = messages.iter().map(|it| message(it, function, style)).collect();
            messages.join("\n\n")
        }
    }
}

/// Its line, from 1; that of the function's name where the compiler knows of none.
pub(crate) fn line(message: &Message, function: &Function) -> usize {
    let (start, end) = message.place();
    if start.start() == end.end() { function.line() } else { start.start().line }
}

fn message(message: &Message, function: &Function, style: Style) -> String {
    let (start, end) = message.place();
    let (start, end) = (start.start(), end.end());
    let headline = style.bold(&format!(": {}: {}", message.code, message.what));
    let mut out = format!("{}{headline}\n", style.error("error"));
    let number = line(message, function).to_string();
    let space = " ".repeat(number.len());
    if start == end {
        out += &format!("{space}{} {}\n", style.margin("-->"), function.place());
    } else {
        let text = function.source.lines().nth(start.line - 1).unwrap_or_default();
        let last = if end.line == start.line { end.column } else { text.trim_end().chars().count() };
        let marks = "^".repeat(last.saturating_sub(start.column).max(1));
        let bar = style.margin("|");
        out += &format!(
            "{space}{} {}:{}:{}\n",
            style.margin("-->"),
            function.file,
            start.line,
            start.column + 1
        );
        out += &format!("{space} {bar}\n{} {bar} {text}\n", style.margin(&number));
        out += &format!("{space} {bar} {}{}\n", " ".repeat(start.column), style.error(&marks));
    }
    out + &format!("{space} {} help: {}", style.margin("="), style.prose(&message.help))
}
