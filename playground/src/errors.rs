//! The page of all errors, from the book: what each means, with a function that gives it.

use std::fmt::Write as _;

/// The book's page in HTML. It has headings, paragraphs, lists, code, and emphasis.
pub(crate) fn page(markdown: &str) -> String {
    let mut body = String::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
        } else if let Some(title) = line.strip_prefix("## ") {
            let id = title.split(':').next().unwrap_or(title);
            let _ = writeln!(body, "<h2 id=\"{}\">{}</h2>", escaped(id), inline(title));
        } else if let Some(title) = line.strip_prefix("# ") {
            let _ = writeln!(body, "<h1>{}</h1>", inline(title));
        } else if line.starts_with("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            let _ = writeln!(body, "<pre>{}</pre>", escaped(&code.join("\n")));
        } else {
            let (tag, mut text) = match line.strip_prefix("* ") {
                Some(item) => ("li", item.to_owned()),
                None => ("p", line.to_owned()),
            };
            while let Some(next) = lines.next_if(|next| {
                !next.trim().is_empty() && !next.starts_with("* ") && !next.starts_with("```")
            }) {
                let _ = write!(text, " {}", next.trim());
            }
            let _ = writeln!(body, "<{tag}>{}</{tag}>", inline(&text));
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">\
         <title>Errors of #[grad]</title><link rel=\"stylesheet\" href=\"page.css\"></head>\n\
         <body class=\"book\"><p><a href=\"index.html\">The playground</a></p>\n{body}</body></html>\n"
    )
}

/// A line with code and emphasis in it.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for (k, part) in text.split('`').enumerate() {
        let part = escaped(part);
        if k % 2 == 1 {
            let _ = write!(out, "<code>{part}</code>");
            continue;
        }
        for (k, part) in part.split("**").enumerate() {
            let _ = if k % 2 == 1 { write!(out, "<strong>{part}</strong>") } else { write!(out, "{part}") };
        }
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_error_of_the_book_can_be_linked_to() {
        let book = include_str!("../../docs/errors.md");
        let page = super::page(book);
        let numbers: Vec<&str> =
            book.lines().filter_map(|line| line.strip_prefix("## ")?.split(':').next()).collect();
        assert!(numbers.len() > 20);
        for number in numbers {
            assert!(page.contains(&format!("<h2 id=\"{number}\">")), "{number}");
        }
        assert_eq!(page.matches("<pre>").count(), book.matches("```").count() / 2);
        assert!(page.contains("<code>wrt(a, b)</code>") && !page.contains("```"));
    }
}
