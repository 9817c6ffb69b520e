//! What has one run of lowering learnt of types? A later use may tell what an earlier place needs, so a function is lowered
//! again with what is known.

use super::types::{Fields, Origin, Type, Types};
use crate::matrix::Form;
use std::collections::BTreeMap;

/// What one run of lowering learnt of a type, for the next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
    Float,
    Lent,
    Exact(Type),
    Array(Box<Option<Known>>, String),
    Slice(Box<Option<Known>>),
    Vec(Box<Option<Known>>),
    Option(Box<Option<Known>>),
    Seq(Box<Option<Known>>),
    Tuple(Vec<Option<Known>>),
    Fields(Vec<Option<Known>>),
    Record(Vec<(String, Option<Known>)>),
    Matrix(Box<Option<Known>>, Form),
    Ref(bool, Box<Option<Known>>),
}

impl Types {
    /// What an earlier run has learnt of types of the user's.
    pub(crate) fn remember(&self, known: &BTreeMap<String, Option<Known>>) {
        for (name, known) in known {
            let record = match self.recall(known.as_ref(), Origin::Call) {
                Type::Record(record) => record,
                alias => {
                    let record = self.new_record(Vec::new());
                    self.records.borrow_mut()[record.0 as usize] = Fields::Is(alias);
                    record
                }
            };
            self.named.borrow_mut().insert(name.clone(), record);
        }
    }

    /// What is known of the types of the user's.
    pub(crate) fn records(&self) -> BTreeMap<String, Option<Known>> {
        let named = self.named.borrow();
        named.iter().map(|(name, record)| (name.clone(), self.snapshot(&Type::Record(*record)))).collect()
    }

    /// Everything that is known of `ty`; `None` inside for what is not.
    pub(crate) fn snapshot(&self, ty: &Type) -> Option<Known> {
        let all = |of: &[Type]| of.iter().map(|ty| self.snapshot(ty)).collect();
        let boxed = |of: &Type| Box::new(self.snapshot(of));
        Some(match self.resolve(ty) {
            Type::Var(var) => match self.origin(var) {
                Origin::Field | Origin::Call | Origin::Constant => return None,
                Origin::Lent => Known::Lent,
                Origin::Float => Known::Float,
            },
            Type::Float(float) => Known::Exact(Type::Float(float)),
            ty @ (Type::Int | Type::Bool | Type::Unit | Type::Opaque) => Known::Exact(ty),
            Type::Array(of, len) => Known::Array(boxed(&of), len),
            Type::Slice(of) => Known::Slice(boxed(&of)),
            Type::Vec(of) => Known::Vec(boxed(&of)),
            Type::Option(of) => Known::Option(boxed(&of)),
            Type::Seq(of) => Known::Seq(boxed(&of)),
            Type::Matrix(of, form) => Known::Matrix(boxed(&of), form),
            Type::Tuple(of) => Known::Tuple(all(&of)),
            Type::Fields(of) => Known::Fields(all(&of)),
            Type::Record(record) => {
                let (record, fields) = self.fields_of(record);
                // One that holds itself is not looked into again.
                if self.within.borrow().contains(&record) {
                    return None;
                }
                self.within.borrow_mut().push(record);
                let of = fields.iter().map(|(name, ty)| (name.clone(), self.snapshot(ty))).collect();
                self.within.borrow_mut().pop();
                Known::Record(of)
            }
            Type::Ref { mutable, to } => Known::Ref(mutable, boxed(&to)),
        })
    }

    /// A type from what an earlier run knew of it.
    pub(crate) fn recall(&self, known: Option<&Known>, origin: Origin) -> Type {
        let all = |of: &[Option<Known>]| of.iter().map(|known| self.recall(known.as_ref(), origin)).collect();
        let boxed = |of: &Option<Known>| Box::new(self.recall(of.as_ref(), origin));
        match known {
            None => self.fresh(origin),
            Some(Known::Float) => self.fresh(Origin::Float),
            Some(Known::Lent) => self.fresh(Origin::Lent),
            Some(Known::Exact(ty)) => ty.clone(),
            Some(Known::Array(of, len)) => Type::Array(boxed(of), len.clone()),
            Some(Known::Slice(of)) => Type::Slice(boxed(of)),
            Some(Known::Vec(of)) => Type::Vec(boxed(of)),
            Some(Known::Option(of)) => Type::Option(boxed(of)),
            // Still to be unified with something better.
            Some(Known::Seq(of)) => {
                let var = self.fresh(origin);
                self.unify(&var, &Type::Seq(boxed(of)));
                var
            }
            Some(Known::Fields(of)) => {
                let var = self.fresh(origin);
                self.unify(&var, &Type::Fields(all(of)));
                var
            }
            Some(Known::Record(of)) => {
                let origin = if origin == Origin::Call { Origin::Field } else { origin };
                let of = of.iter().map(|(name, known)| (name.clone(), self.recall(known.as_ref(), origin)));
                Type::Record(self.new_record(of.collect()))
            }
            // Its form may become known.
            Some(Known::Matrix(of, form)) => {
                let var = self.fresh(Origin::Call);
                self.unify(&var, &self.matrix(self.recall(of.as_ref().as_ref(), origin), *form));
                var
            }
            Some(Known::Tuple(of)) => Type::Tuple(all(of)),
            Some(Known::Ref(mutable, to)) => Type::Ref { mutable: *mutable, to: boxed(to) },
        }
    }
}
