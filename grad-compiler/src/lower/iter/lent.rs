//! Are the items of an iterator `&mut`, so that a method called of one may change what is there?

use super::pipe::{By, Cut, Pipe};

impl Pipe {
    /// Whether the items are `&mut`, or may be.
    pub(super) fn lends_to_change(&self) -> bool {
        match self {
            Pipe::Elements { by, .. } => *by == By::Mut,
            Pipe::Pieces { cut, .. } => matches!(cut, Cut::ChunksMut | Cut::ChunksExactMut),
            Pipe::Repeat(_) | Pipe::Once(_) => true,
            Pipe::Range { .. }
            | Pipe::Steps { .. }
            | Pipe::StepsBack { .. }
            | Pipe::Constants { .. }
            | Pipe::Empty
            | Pipe::Copied(_) => false,
            Pipe::Zip(a, b) | Pipe::Chain(a, b, _) => a.lends_to_change() || b.lends_to_change(),
            // What a closure gives may be what it was given.
            Pipe::Map(of, fun)
            | Pipe::FilterMap(of, fun)
            | Pipe::FlatMap(of, fun, _)
            | Pipe::MapWhile(of, fun, _)
            | Pipe::Scan(of, _, fun) => fun.lends(of.lends_to_change()),
            Pipe::Inspect(of, _)
            | Pipe::Enumerate(of)
            | Pipe::Rev(of, _)
            | Pipe::Skip(of, _)
            | Pipe::Take(of, _)
            | Pipe::StepBy(of, _)
            | Pipe::Cycle(of, _)
            | Pipe::Filter(of, _)
            | Pipe::TakeWhile(of, _)
            | Pipe::SkipWhile(of, _) => of.lends_to_change(),
        }
    }
}
