//! What a type is of that no use has told.

use super::types::{Type, Types};

/// What a type variable becomes if no use tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A field of a type of the user's own: may hold floats, or be an integer.
    Field,
    /// The result of a call: may hold floats.
    Call,
    /// An expression of constants.
    Constant,
    /// A constant that was lent to be changed, or is one of several values of a variable: may hold floats.
    Lent,
    /// A float literal, or an operand of float arithmetic.
    Float,
}

impl Origin {
    /// What is known of both, if two variables are one: the higher.
    pub(super) fn rank(self) -> u8 {
        match self {
            Origin::Constant => 0,
            Origin::Field => 1,
            Origin::Call => 2,
            Origin::Lent => 3,
            Origin::Float => 4,
        }
    }
}

impl Types {
    /// Of a type that nothing has told yet, as the result of a call of a followed function is.
    pub(crate) fn is_result(&self, ty: &Type) -> bool {
        self.is_field(ty) || matches!(self.resolve(ty), Type::Var(var) if self.origin(var) == Origin::Call)
    }

    /// Of a type that nothing has told yet, and a field of a type of the user's own.
    pub(crate) fn is_field(&self, ty: &Type) -> bool {
        matches!(self.resolve(ty), Type::Var(var) if self.origin(var) == Origin::Field)
    }
}
