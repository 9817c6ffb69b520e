//! Where tokens are in the text that was typed, in the units in which a page counts.

use crate::json;
use proc_macro2::{LineColumn, Span, TokenStream};

/// A part of the text, from and to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Range {
    pub(crate) fn json(self) -> String {
        format!("[{},{}]", self.from, self.to)
    }
}

/// The text, by lines.
pub(crate) struct Source<'t> {
    lines: Vec<&'t str>,
    /// Where each line starts, in units of UTF-16.
    starts: Vec<usize>,
    /// What `proc_macro2` calls it: tokens that a pass made have places in other texts.
    file: Option<String>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str, tokens: &TokenStream) -> Source<'t> {
        let lines: Vec<&str> = text.split('\n').collect();
        let starts = lines.iter().scan(0, |next, line| {
            let start = *next;
            *next += width(line) + 1;
            Some(start)
        });
        let file = tokens.clone().into_iter().next().map(|first| first.span().file());
        Source { starts: starts.collect(), lines, file }
    }

    /// From one token to another, where both are of this text.
    pub(crate) fn between(&self, start: Span, end: Span) -> Option<Range> {
        let is_here = |span: Span| Some(span.file()) == self.file && span.byte_range().end > 0;
        if !is_here(start) || !is_here(end) {
            return None;
        }
        let range = Range { from: self.offset(start.start())?, to: self.offset(end.end())? };
        (range.from < range.to).then_some(range)
    }

    pub(crate) fn of(&self, span: Span) -> Option<Range> {
        self.between(span, span)
    }

    pub(crate) fn offset(&self, at: LineColumn) -> Option<usize> {
        let line = at.line.checked_sub(1)?;
        let before = self.lines.get(line)?.chars().take(at.column);
        Some(self.starts[line] + before.map(char::len_utf16).sum::<usize>())
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Range {
        let last = self.lines.len() - 1;
        Range { from: 0, to: self.starts[last] + width(self.lines[last]) }
    }
}

fn width(line: &str) -> usize {
    line.chars().map(char::len_utf16).sum()
}

/// Places as a page reads them.
pub(crate) fn all(ranges: impl IntoIterator<Item = Range>) -> String {
    json::list(ranges.into_iter().map(Range::json))
}
