//! What is known of the parts of a type.

use super::{Proj, Ty};

impl Ty {
    /// The type of a part of memory, as far as it is known.
    #[must_use]
    pub fn part(&self, path: &[Proj]) -> Ty {
        let mut ty = self.peeled().clone();
        for proj in path {
            ty = match (proj, ty) {
                (Proj::Index(_), Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of)) => of.peeled().clone(),
                (Proj::Slice { .. }, Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of)) => Ty::Slice(of),
                (Proj::Field(k), Ty::Tuple(of)) if *k < of.len() => of[*k].peeled().clone(),
                (Proj::Deref, ty) => ty,
                (
                    Proj::Index(_)
                    | Proj::Slice { .. }
                    | Proj::Field(_)
                    | Proj::Named(_)
                    | Proj::Some
                    | Proj::Variant(..)
                    | Proj::Boxed,
                    _,
                ) => Ty::Unknown,
            };
        }
        ty
    }

    /// Whether there is something in it of which nothing is known.
    pub fn is_partly_unknown(&self) -> bool {
        match self {
            Ty::Unknown => true,
            Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of) => of.is_partly_unknown(),
            Ty::Tuple(of) => of.iter().any(Ty::is_partly_unknown),
            Ty::Ref { to, .. } => to.is_partly_unknown(),
            Ty::Opaque | Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit | Ty::Pullback => false,
        }
    }

    /// Whether there is something in it that the compiler does not look into.
    pub fn hides(&self) -> bool {
        match self {
            Ty::Opaque | Ty::Unknown => true,
            Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of) => of.hides(),
            Ty::Tuple(of) => of.iter().any(Ty::hides),
            Ty::Ref { to, .. } => to.hides(),
            Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit | Ty::Pullback => false,
        }
    }
}
