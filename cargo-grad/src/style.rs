//! Colours.

/// Whether there are any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) colours: bool,
}

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
    "self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
];

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colours && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn error(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn margin(self, text: &str) -> String {
        self.paint("1;34", text)
    }

    /// Beside what matters.
    pub(crate) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// What stands between backticks keeps them, for those who see no colours.
    pub(crate) fn prose(self, text: &str) -> String {
        let parts = text.split('`').enumerate();
        parts
            .map(
                |(k, part)| if k % 2 == 1 { self.paint("36", &format!("`{part}`")) } else { part.to_owned() },
            )
            .collect()
    }

    /// Rust, and what looks like it.
    pub(crate) fn code(self, text: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len() * 2);
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let word = |is_part: fn(char) -> bool| rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (len, code) = if rest.starts_with("//") {
                (rest.find('\n').unwrap_or(rest.len()), "2")
            } else if first == '"' {
                (string(rest), "32")
            } else if first.is_ascii_digit() {
                (number(rest), "33")
            } else if first.is_alphabetic() || first == '_' {
                let len = word(|c| c.is_alphanumeric() || c == '_');
                let code = match &rest[..len] {
                    name if KEYWORDS.contains(&name) => "35",
                    name if name.starts_with(char::is_uppercase) => "36",
                    "f32" | "f64" | "usize" | "bool" => "36",
                    _ if rest[len..].starts_with('(') => "34",
                    _ => "",
                };
                (len, code)
            } else {
                (first.len_utf8(), "")
            };
            out += &if code.is_empty() { rest[..len].to_owned() } else { self.paint(code, &rest[..len]) };
            rest = &rest[len..];
        }
        out
    }
}

/// The length of the literal that begins here.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `1.0e-3_f64`, but of `0..n` the 0.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut len = 1;
    while let Some(byte) = bytes.get(len) {
        let is_part = match byte {
            b'.' => bytes.get(len + 1).is_some_and(u8::is_ascii_digit),
            b'-' | b'+' => bytes[len - 1] == b'e' && bytes.get(len + 1).is_some_and(u8::is_ascii_digit),
            byte => byte.is_ascii_alphanumeric() || *byte == b'_',
        };
        if !is_part {
            break;
        }
        len += 1;
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text without what a terminal takes for colours.
    fn plain(text: &str) -> String {
        text.split('\x1b')
            .enumerate()
            .map(|(k, part)| if k == 0 { part } else { part.split_once('m').unwrap().1 })
            .collect()
    }

    #[test]
    fn colours_leave_the_text_as_it_is() {
        let text = "// of `f`\nlet x_1: f64 = 1.5e-3 - g(&y[0..n]) * Vec::new(\"a \\\" b\"); // é 'a\n\"open";
        let coloured = Style { colours: true }.code(text);
        assert_eq!(plain(&coloured), text);
        for part in
            ["\x1b[35mlet\x1b[0m", "\x1b[33m1.5e-3\x1b[0m", "\x1b[34mg\x1b[0m(", "\x1b[33m0\x1b[0m..n"]
        {
            assert!(coloured.contains(part), "{part}: {coloured}");
        }
        assert_eq!(Style { colours: false }.code(text), text);
    }
}
