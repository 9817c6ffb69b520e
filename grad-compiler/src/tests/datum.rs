//! Values of the interpreter.

use super::interp::Saved;
use crate::ir::Ty;
use std::rc::Rc;

/// A value, or the content of memory.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
    Float(f64),
    Int(i128),
    Bool(bool),
    Unit,
    /// An array, a slice, a `Vec`, a tuple, a tape.
    List(Vec<Datum>),
    Pullback(Rc<Saved>),
    /// What the interpreter does not look into.
    Opaque,
}

impl Datum {
    pub(super) fn float(&self) -> f64 {
        match self {
            Datum::Float(value) => *value,
            other => panic!("{other:?} is no float"),
        }
    }

    pub(super) fn int(&self) -> i128 {
        match self {
            Datum::Int(value) => *value,
            other => panic!("{other:?} is no integer"),
        }
    }

    pub(super) fn bool(&self) -> bool {
        match self {
            Datum::Bool(value) => *value,
            other => panic!("{other:?} is no boolean"),
        }
    }

    pub(super) fn index(&self) -> usize {
        usize::try_from(self.int()).unwrap()
    }

    pub(super) fn list(&self) -> &Vec<Datum> {
        match self {
            Datum::List(items) => items,
            other => panic!("{other:?} is no aggregate"),
        }
    }

    pub(super) fn list_mut(&mut self) -> &mut Vec<Datum> {
        match self {
            Datum::List(items) => items,
            other => panic!("{other:?} is no aggregate"),
        }
    }

    /// Zeros in this shape.
    pub(super) fn zeros(&self) -> Datum {
        match self {
            Datum::Float(_) => Datum::Float(0.0),
            Datum::List(items) => Datum::List(items.iter().map(Datum::zeros).collect()),
            Datum::Int(_) | Datum::Bool(_) | Datum::Unit | Datum::Pullback(_) | Datum::Opaque => Datum::Unit,
        }
    }

    /// Every float, in order.
    pub(super) fn for_each_float(&mut self, f: &mut dyn FnMut(&mut f64)) {
        match self {
            Datum::Float(value) => f(value),
            Datum::List(items) => items.iter_mut().for_each(|item| item.for_each_float(f)),
            Datum::Int(_) | Datum::Bool(_) | Datum::Unit | Datum::Pullback(_) | Datum::Opaque => {}
        }
    }

    pub(super) fn all_floats(&self) -> Vec<f64> {
        let mut all = Vec::new();
        self.clone().for_each_float(&mut |value| all.push(*value));
        all
    }

    pub(super) fn add(&mut self, other: &Datum) {
        match (self, other) {
            (Datum::Float(to), Datum::Float(from)) => *to += from,
            (Datum::List(to), Datum::List(from)) => {
                assert_eq!(to.len(), from.len(), "cotangents of different shape are added");
                to.iter_mut().zip(from).for_each(|(to, from)| to.add(from));
            }
            (_, Datum::Unit) | (Datum::Unit, _) => {}
            (to, from) => panic!("{from:?} is added to {to:?}"),
        }
    }
}

/// Zeros of a type whose shape is in the type.
pub(super) fn zeros_of(ty: &Ty) -> Datum {
    match ty {
        // The interpreter runs one lane.
        Ty::Float(_) | Ty::Lanes(_) => Datum::Float(0.0),
        Ty::Array(of, len) => {
            Datum::List(vec![zeros_of(of); len.parse().expect("a test knows the lengths of arrays")])
        }
        Ty::Tuple(of) => Datum::List(of.iter().map(zeros_of).collect()),
        Ty::Slice(_) | Ty::Vec(_) | Ty::Tape(_) => Datum::List(Vec::new()),
        Ty::Ref { to, .. } => zeros_of(to),
        Ty::Int | Ty::Bool | Ty::Unit | Ty::Pullback | Ty::Opaque | Ty::Unknown => Datum::Unit,
    }
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
pub(super) fn tape_zero(tape: &Ty) -> Datum {
    match tape.peeled() {
        Ty::Tape(of) | Ty::Vec(of) => match &**of {
            Ty::Float(_) => Datum::Float(f64::NAN),
            Ty::Int => Datum::Int(i128::MIN),
            Ty::Bool => Datum::Bool(false),
            _ => Datum::Opaque,
        },
        other => panic!("{other:?} grows"),
    }
}
