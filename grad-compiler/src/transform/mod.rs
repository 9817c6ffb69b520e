//! Derivatives: IR to IR.
//!
//! Needs: a verified `Func` and the `Facts` of the same `Func`, without problems.
//! Guarantees: the forward sweep computes the primal's values with the primal's operations in the primal's order;
//! whatever the reverse sweep reads is in scope where it reads it.

mod reverse;

use crate::analysis::Facts;
use crate::ir::{Block, Func, Operand, Value, Var};

/// Whether both sweeps live in one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One function: the seed is known from the start, so that loops can be reversed while they run.
    Joint,
    /// A forward sweep, and a reverse sweep that a closure runs later.
    Split,
}

/// A function in reverse mode.
#[derive(Clone, Debug)]
pub struct Reversed {
    /// The primal's variables under the same numbers, and new ones. The body is the forward sweep.
    pub func: Func,
    pub reverse: Block,
    /// The variables that hold the cotangent of the result; `None` where it has none.
    pub seed: Option<Value>,
    /// One per parameter.
    pub cotangents: Vec<ParamCotangent>,
    /// The roots of cotangent memory.
    pub bars: Vec<Var>,
}

/// Where the cotangent of a parameter is after the reverse sweep.
#[derive(Clone, Debug)]
pub enum ParamCotangent {
    /// The parameter is a constant.
    Constant,
    /// Of a scalar, or a scalar behind `&`.
    Value(Operand),
    /// Accumulated into the caller's buffer, which this variable stands for.
    Slot(Var),
}

/// Reverse mode.
pub fn reverse(primal: &Func, facts: &Facts, mode: Mode) -> Reversed {
    reverse::reverse(primal, facts, mode)
}
