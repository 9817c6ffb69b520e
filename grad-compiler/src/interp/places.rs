//! The memory of the interpreter: parts of it, read and written.

use super::datum::{Datum, outside};
use super::{Machine, Run, Stop, unknown};
use crate::ir::{Operand, Place, Proj, Var};

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
    pub(super) fn locate(&self, place: &Place) -> Run<Location> {
        let mut at = match &self.vars[place.root.index()] {
            Slot::View(location) => location.clone(),
            Slot::Here(_) => Location { root: place.root, path: Vec::new(), range: None },
            Slot::Empty => return self.is_not_set(place.root),
        };
        for proj in &place.path {
            match proj {
                Proj::Deref | Proj::Boxed => {}
                Proj::Field(field) => at.path.push(*field),
                // A list of one, or of none.
                Proj::Some => {
                    let len = self.len(&at)?;
                    at = at.item(0, len)?;
                }
                Proj::Named(name) | Proj::Variant(name) => {
                    let field = self.node(&at)?.field(name)?;
                    at.path.push(field);
                }
                Proj::Index(operand) => {
                    let index = self.operand(operand)?.size()?;
                    let len = self.len(&at)?;
                    at = at.item(index, len)?;
                }
                Proj::Slice { from, to, inclusive } => {
                    let len = self.len(&at)?;
                    let (from, to) = self.ends(from.as_ref(), to.as_ref(), *inclusive, len)?;
                    if from > to || to > len {
                        return Err(Stop::Panics(format!("range {from}..{to} of {len}")));
                    }
                    let start = at.range.map_or(0, |(start, _)| start);
                    at.range = Some((start + from, start + to));
                }
            }
        }
        Ok(at)
    }

    fn ends(
        &self,
        from: Option<&Operand>,
        to: Option<&Operand>,
        inclusive: bool,
        len: usize,
    ) -> Run<(usize, usize)> {
        let from = match from {
            Some(from) => self.operand(from)?.size()?,
            None => 0,
        };
        let to = match to {
            Some(to) => self.operand(to)?.size()? + usize::from(inclusive),
            None => len,
        };
        Ok((from, to))
    }

    /// Whether every index and range of the path is within bounds.
    pub(super) fn exists(&self, place: &Place) -> Run<bool> {
        let mut part = Place::from(place.root);
        for proj in &place.path {
            let inside = match proj {
                Proj::Deref | Proj::Boxed | Proj::Field(_) | Proj::Named(_) => true,
                Proj::Variant(name) => self.node(&self.locate(&part)?)?.field(name).is_ok(),
                Proj::Some => self.len(&self.locate(&part)?)? == 1,
                Proj::Index(operand) => self.operand(operand)?.size()? < self.len(&self.locate(&part)?)?,
                Proj::Slice { from, to, inclusive } => {
                    let len = self.len(&self.locate(&part)?)?;
                    let (from, to) = self.ends(from.as_ref(), to.as_ref(), *inclusive, len)?;
                    from <= to && to <= len
                }
            };
            if !inside {
                return Ok(false);
            }
            part.path.push(proj.clone());
        }
        Ok(true)
    }

    pub(super) fn len(&self, at: &Location) -> Run<usize> {
        match at.range {
            Some((from, to)) => Ok(to - from),
            None => Ok(self.node(at)?.list()?.len()),
        }
    }

    /// The tree a location is in, without its range.
    fn node(&self, at: &Location) -> Run<&Datum> {
        let Slot::Here(root) = &self.vars[at.root.index()] else { return self.is_not_set(at.root) };
        at.path.iter().try_fold(root, |node, index| node.part(*index))
    }

    pub(super) fn node_mut(&mut self, at: &Location) -> Run<&mut Datum> {
        let name = &self.func.vars[at.root.index()].name;
        let Slot::Here(root) = &mut self.vars[at.root.index()] else {
            return unknown(format!("`{name}` is used before it is set"));
        };
        at.path.iter().try_fold(root, |node, index| node.part_mut(*index))
    }

    pub(super) fn read(&self, at: &Location) -> Run<Datum> {
        let node = self.node(at)?;
        match at.range {
            None => Ok(node.clone()),
            Some((from, to)) => {
                let items = node.list()?;
                let part = items.get(from..to).ok_or_else(|| outside(to, items.len()))?;
                Ok(Datum::List(part.to_vec()))
            }
        }
    }

    pub(super) fn write(&mut self, at: &Location, datum: Datum) -> Run<()> {
        let node = self.node_mut(at)?;
        match at.range {
            None => *node = datum,
            Some((from, to)) => {
                let (items, new) = (node.list_mut()?, datum.list()?);
                let len = items.len();
                let part = items.get_mut(from..to).ok_or_else(|| outside(to, len))?;
                if part.len() != new.len() {
                    return Err(Stop::Panics(format!("{} numbers go where {} are", new.len(), part.len())));
                }
                part.clone_from_slice(new);
            }
        }
        Ok(())
    }

    pub(super) fn read_place(&self, place: &Place) -> Run<Datum> {
        self.read(&self.locate(place)?)
    }

    pub(super) fn update(&mut self, place: &Place, change: impl FnOnce(&mut Datum) -> Run<()>) -> Run<()> {
        let at = self.locate(place)?;
        let mut datum = self.read(&at)?;
        change(&mut datum)?;
        self.write(&at, datum)
    }
}

impl Location {
    pub(super) fn root(&self) -> Var {
        self.root
    }

    fn item(mut self, index: usize, len: usize) -> Run<Location> {
        if index >= len {
            return Err(outside(index, len));
        }
        let from = self.range.take().map_or(0, |(from, _)| from);
        self.path.push(from + index);
        Ok(self)
    }
}
