//! What a primitive makes of terms that are structurally zero.

use crate::ir::Prim;

/// The result of a primitive, some of whose arguments are absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Nothing of it is known.
    Unknown,
    /// Absent as well.
    Zero,
    /// The other argument.
    Argument(usize),
    /// The other argument, with the other sign.
    Negated(usize),
}

/// `absent`: for each argument, whether it is a cotangent that is not there. No more than the arithmetic of pullbacks.
pub fn without(prim: Prim, absent: &[bool]) -> Without {
    match (prim.0, absent) {
        ("add" | "sub", [true, true])
        | ("mul", [true, _] | [_, true])
        | ("div", [true, _])
        | ("neg", [true]) => Without::Zero,
        ("add", [true, false]) => Without::Argument(1),
        ("add" | "sub", [false, true]) => Without::Argument(0),
        ("sub", [true, false]) => Without::Negated(1),
        _ => Without::Unknown,
    }
}

/// −x
pub fn negation() -> Prim {
    Prim("neg")
}
