//! Values of the interpreter.

use super::{Run, Saved, Stop, unknown};
use crate::ir::Ty;
use std::rc::Rc;

/// A value, or the content of memory.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    Float(f64),
    Int(i128),
    Bool(bool),
    Unit,
    /// An array, a slice, a `Vec`, a tuple, a tape.
    List(Vec<Datum>),
    /// A value of a type of the user's with named fields: the last word of the type's path, and the fields as they are written.
    Record {
        of: String,
        fields: Vec<(String, Datum)>,
    },
    Pullback(Rc<Saved>),
    /// What the interpreter does not look into.
    Opaque,
}

impl Datum {
    pub fn float(&self) -> Run<f64> {
        match self {
            Datum::Float(value) => Ok(*value),
            other => other.is_no("float"),
        }
    }

    pub fn int(&self) -> Run<i128> {
        match self {
            Datum::Int(value) => Ok(*value),
            other => other.is_no("integer"),
        }
    }

    pub fn bool(&self) -> Run<bool> {
        match self {
            Datum::Bool(value) => Ok(*value),
            other => other.is_no("boolean"),
        }
    }

    /// An index, a length.
    pub fn size(&self) -> Run<usize> {
        let value = self.int()?;
        usize::try_from(value).map_err(|_| Stop::Panics(format!("{value} is no index")))
    }

    pub fn list(&self) -> Run<&Vec<Datum>> {
        match self {
            Datum::List(items) => Ok(items),
            other => other.is_no("aggregate"),
        }
    }

    pub(super) fn list_mut(&mut self) -> Run<&mut Vec<Datum>> {
        match self {
            Datum::List(items) => Ok(items),
            other => other.is_no("aggregate"),
        }
    }

    /// The part with this number: of a record, of its fields as they are written.
    pub(super) fn part(&self, number: usize) -> Run<&Datum> {
        if let Datum::Record { fields, .. } = self {
            return fields
                .get(number)
                .map_or_else(|| self.is_no("aggregate of so many fields"), |(_, field)| Ok(field));
        }
        let items = self.list()?;
        items.get(number).ok_or_else(|| outside(number, items.len()))
    }

    pub(super) fn part_mut(&mut self, number: usize) -> Run<&mut Datum> {
        match self {
            Datum::Record { fields, .. } => match fields.get_mut(number) {
                Some((_, field)) => Ok(field),
                None => unknown(format!("the field with the number {number}")),
            },
            other => {
                let items = other.list_mut()?;
                let len = items.len();
                items.get_mut(number).ok_or_else(|| outside(number, len))
            }
        }
    }

    /// Which part of it a field of this name is.
    pub(super) fn field(&self, name: &str) -> Run<usize> {
        match self {
            Datum::Record { of, fields } => {
                let found = fields.iter().position(|(field, _)| field == name);
                found.map_or_else(|| unknown(format!("the field `{name}` of `{of}`")), Ok)
            }
            other => other.is_no("value with named fields"),
        }
    }

    fn is_no<T>(&self, what: &str) -> Run<T> {
        match self {
            Datum::Opaque => unknown("a value that nothing is known of"),
            other => unknown(format!("{other:?} is no {what}")),
        }
    }

    /// Zeros in this shape.
    pub fn zeros(&self) -> Datum {
        match self {
            Datum::Float(_) => Datum::Float(0.0),
            Datum::List(items) => Datum::List(items.iter().map(Datum::zeros).collect()),
            Datum::Record { of, fields } => {
                let fields = fields.iter().map(|(name, field)| (name.clone(), field.zeros()));
                Datum::Record { of: of.clone(), fields: fields.collect() }
            }
            Datum::Int(_) | Datum::Bool(_) | Datum::Unit | Datum::Pullback(_) | Datum::Opaque => Datum::Unit,
        }
    }

    /// Every float, in order.
    pub fn for_each_float(&mut self, f: &mut dyn FnMut(&mut f64)) {
        match self {
            Datum::Float(value) => f(value),
            Datum::List(items) => items.iter_mut().for_each(|item| item.for_each_float(f)),
            Datum::Record { fields, .. } => fields.iter_mut().for_each(|(_, field)| field.for_each_float(f)),
            Datum::Int(_) | Datum::Bool(_) | Datum::Unit | Datum::Pullback(_) | Datum::Opaque => {}
        }
    }

    pub fn all_floats(&self) -> Vec<f64> {
        let mut all = Vec::new();
        self.clone().for_each_float(&mut |value| all.push(*value));
        all
    }

    pub(super) fn add(&mut self, other: &Datum) -> Run<()> {
        match (self, other) {
            (Datum::Float(to), Datum::Float(from)) => *to += from,
            (Datum::List(to), Datum::List(from)) => {
                if to.len() != from.len() {
                    return unknown("cotangents of different shape are added");
                }
                for (to, from) in to.iter_mut().zip(from) {
                    to.add(from)?;
                }
            }
            (Datum::Record { of: to_type, fields: to }, Datum::Record { of: from_type, fields: from })
                if to_type == from_type =>
            {
                for (name, from) in from {
                    match to.iter_mut().find(|(other, _)| other == name) {
                        Some((_, to)) => to.add(from)?,
                        None => return unknown(format!("a field `{name}` of `{from_type}`")),
                    }
                }
            }
            (_, Datum::Unit) | (Datum::Unit, _) => {}
            (to, from) => return unknown(format!("{from:?} is added to {to:?}")),
        }
        Ok(())
    }
}

pub(super) fn outside(index: usize, len: usize) -> Stop {
    Stop::Panics(format!("index {index} of {len}"))
}

/// Zeros of a type whose shape is in the type.
pub(super) fn zeros_of(ty: &Ty) -> Run<Datum> {
    Ok(match ty {
        // The interpreter runs one lane.
        Ty::Float(_) | Ty::Lanes(_) => Datum::Float(0.0),
        Ty::Array(of, len) => {
            let Ok(len) = len.parse() else { return unknown(format!("the length `{len}` of an array")) };
            Datum::List(vec![zeros_of(of)?; len])
        }
        Ty::Tuple(of) => Datum::List(of.iter().map(zeros_of).collect::<Run<_>>()?),
        Ty::Slice(_) | Ty::Vec(_) | Ty::Tape(_) => Datum::List(Vec::new()),
        Ty::Ref { to, .. } => zeros_of(to)?,
        Ty::Int | Ty::Bool | Ty::Unit | Ty::Pullback | Ty::Opaque | Ty::Unknown => Datum::Unit,
    })
}

/// Whether a variable of this type is gone when it was moved.
pub(super) fn is_moved(ty: &Ty) -> bool {
    match ty {
        Ty::Vec(_) | Ty::Pullback | Ty::Tape(_) => true,
        Ty::Array(of, _) => is_moved(of),
        Ty::Tuple(of) => of.iter().any(is_moved),
        Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit => false,
        Ty::Slice(_) | Ty::Ref { .. } | Ty::Opaque | Ty::Unknown => false,
    }
}

/// What a new element of a tape holds: nothing that may be used.
pub(super) fn tape_zero(tape: &Ty) -> Run<Datum> {
    match tape.peeled() {
        Ty::Tape(of) | Ty::Vec(of) => Ok(match &**of {
            Ty::Float(_) => Datum::Float(f64::NAN),
            Ty::Int => Datum::Int(i128::MIN),
            Ty::Bool => Datum::Bool(false),
            _ => Datum::Opaque,
        }),
        other => unknown(format!("{other:?} grows")),
    }
}
