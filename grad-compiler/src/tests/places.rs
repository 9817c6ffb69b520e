//! The memory of the interpreter: parts of it, read and written.

use super::datum::Datum;
use super::interp::Machine;
use crate::ir::{Place, Proj, Var};

/// What a variable holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Slot {
    Empty,
    Here(Datum),
    View(Location),
}

/// A part of the memory of a root: first the indices, then perhaps a range.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Location {
    root: Var,
    path: Vec<usize>,
    range: Option<(usize, usize)>,
}

impl Machine<'_> {
    pub(super) fn locate(&self, place: &Place) -> Location {
        let mut at = match &self.vars[place.root.index()] {
            Slot::View(location) => location.clone(),
            Slot::Here(_) => Location { root: place.root, path: Vec::new(), range: None },
            Slot::Empty => panic!("{} is used before it is set", self.func.vars[place.root.index()].name),
        };
        for proj in &place.path {
            match proj {
                Proj::Deref => {}
                Proj::Field(field) => at.path.push(*field),
                Proj::Named(_) => unreachable!("a type of the user's, which rustc knows"),
                Proj::Index(operand) => {
                    let index = self.operand(operand).index();
                    at = at.item(index);
                }
                Proj::Slice { from, to, inclusive } => {
                    let len = self.len(&at);
                    let from = from.as_ref().map_or(0, |from| self.operand(from).index());
                    let to = to.as_ref().map_or(len, |to| self.operand(to).index() + usize::from(*inclusive));
                    assert!(from <= to && to <= len, "range {from}..{to} of {len}");
                    let start = at.range.map_or(0, |(start, _)| start);
                    at.range = Some((start + from, start + to));
                }
            }
        }
        at
    }

    /// Whether every index and range of the path is within bounds.
    pub(super) fn exists(&self, place: &Place) -> bool {
        let mut part = Place::from(place.root);
        place.path.iter().all(|proj| {
            let within = self.read_place(&part);
            let inside = match proj {
                Proj::Deref | Proj::Field(_) | Proj::Named(_) => true,
                Proj::Index(operand) => self.operand(operand).index() < within.list().len(),
                Proj::Slice { from, to, inclusive } => {
                    let len = within.list().len();
                    let from = from.as_ref().map_or(0, |from| self.operand(from).index());
                    let to = to.as_ref().map_or(len, |to| self.operand(to).index() + usize::from(*inclusive));
                    from <= to && to <= len
                }
            };
            part.path.push(proj.clone());
            inside
        })
    }

    pub(super) fn len(&self, at: &Location) -> usize {
        at.range.map_or_else(|| self.node(at).list().len(), |(from, to)| to - from)
    }

    /// The tree a location is in, without its range.
    fn node(&self, at: &Location) -> &Datum {
        let Slot::Here(root) = &self.vars[at.root.index()] else { panic!("a location starts at a root") };
        at.path.iter().fold(root, |node, index| &node.list()[*index])
    }

    pub(super) fn node_mut(&mut self, at: &Location) -> &mut Datum {
        let Slot::Here(root) = &mut self.vars[at.root.index()] else { panic!("a location starts at a root") };
        at.path.iter().fold(root, |node, index| &mut node.list_mut()[*index])
    }

    pub(super) fn read(&self, at: &Location) -> Datum {
        match at.range {
            None => self.node(at).clone(),
            Some((from, to)) => Datum::List(self.node(at).list()[from..to].to_vec()),
        }
    }

    pub(super) fn write(&mut self, at: &Location, datum: Datum) {
        match at.range {
            None => *self.node_mut(at) = datum,
            Some((from, to)) => {
                self.node_mut(at).list_mut()[from..to].clone_from_slice(datum.list());
            }
        }
    }

    pub(super) fn read_place(&self, place: &Place) -> Datum {
        self.read(&self.locate(place))
    }

    pub(super) fn update(&mut self, place: &Place, change: impl FnOnce(&mut Datum)) {
        let at = self.locate(place);
        let mut datum = self.read(&at);
        change(&mut datum);
        self.write(&at, datum);
    }
}

impl Location {
    fn item(mut self, index: usize) -> Location {
        match self.range.take() {
            None => self.path.push(index),
            Some((from, to)) => {
                assert!(from + index < to, "index {index} of {}", to - from);
                self.path.push(from + index);
            }
        }
        self
    }
}
