//! The chain rule as one writes it on paper: values, partials, products.

use std::io::{self, Write};

/// One line: a name, what it is, the numbers put in, and what comes out.
pub struct Line {
    name: &'static str,
    formula: &'static str,
    numbers: String,
    pub value: f64,
}

/// A value or a partial: a formula and its value.
pub fn line(name: &'static str, formula: &'static str, value: f64) -> Line {
    Line { name, formula, numbers: String::new(), value }
}

/// A product of the chain rule.
pub fn product(name: &'static str, formula: &'static str, factors: &[f64]) -> Line {
    Line { name, formula, numbers: joined(factors, " · "), value: factors.iter().product() }
}

/// A sum over the paths.
pub fn sum(name: &'static str, formula: &'static str, terms: &[f64]) -> Line {
    Line { name, formula, numbers: joined(terms, " + "), value: terms.iter().sum() }
}

/// A function at a point, differentiated by hand.
pub struct Derivation {
    pub title: &'static str,
    pub inputs: Vec<(&'static str, f64)>,
    /// In the order of computation.
    pub values: Vec<Line>,
    pub partials: Vec<Line>,
    /// From the result back to the inputs.
    pub products: Vec<Line>,
    /// The cotangents of the independent variables.
    pub gradient: Vec<(&'static str, f64)>,
}

impl Derivation {
    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}\n{}\n", self.title, "═".repeat(columns(self.title)))?;
        let inputs: Vec<String> =
            self.inputs.iter().map(|(name, value)| format!("{name} = {}", number(*value))).collect();
        writeln!(out, "at {}\n", inputs.join(", "))?;
        for (heading, lines) in [
            ("forward sweep: values, from the inputs to the result", &self.values),
            ("partials: how each piece alone grows with what goes into it", &self.partials),
            ("reverse sweep: products, from the result back to the inputs", &self.products),
        ] {
            writeln!(out, "{heading}")?;
            for Line { name, formula, numbers, value } in lines {
                write!(out, "  {} = {}", pad(name, 7), pad(formula, 24))?;
                if !numbers.is_empty() {
                    write!(out, " = {}", pad(numbers, 26))?;
                }
                writeln!(out, " = {}", number(*value))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

fn joined(numbers: &[f64], between: &str) -> String {
    let texts: Vec<String> =
        numbers.iter().map(|&x| if x < 0.0 { format!("({})", number(x)) } else { number(x) }).collect();
    texts.join(between)
}

/// Six decimals, fewer for short numbers.
pub fn number(x: f64) -> String {
    if x != 0.0 && !(1e-4..1e7).contains(&x.abs()) {
        return format!("{x:.5e}");
    }
    let text = format!("{x:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How wide the text is in a terminal: the bar over a letter takes no room.
fn columns(text: &str) -> usize {
    text.chars().filter(|&c| c != '\u{304}').count()
}

pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}
