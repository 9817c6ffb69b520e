//! What a transform says that it did: which variables of the derivative stand for which of the primal. Claims, for
//! `check` to compare with the code; nothing else reads them.

use crate::ir::{Operand, Stmt, Var};

/// The claims of reverse mode.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The cotangent of a value where its definition is mirrored: complete.
    pub complete: Vec<(Var, Operand)>,
    /// The same, computed in front of a loop that is reversed while it runs.
    pub ahead: Vec<(Var, Operand)>,
    /// What a region, by its number, found for a value from outside of it.
    pub partial: Vec<(u32, Var, Operand)>,
    pub terms: Vec<Term>,
    /// The cotangent memory of a root.
    pub memory: Vec<(Var, Var)>,
    /// The variable under which the mirror image of a call names its pullback.
    pub calls: Vec<(Site, Var)>,
}

/// One contribution to the cotangent of a value.
#[derive(Clone, Debug)]
pub struct Term {
    /// The statement that reads the value.
    pub site: Site,
    /// The region it reads it in. Regions are numbered in the order in which they begin.
    pub region: u32,
    pub of: Var,
    pub term: Operand,
}

/// A statement of the primal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Site(usize);

impl Site {
    /// Valid as long as the function it is in stays where it is.
    pub fn of(stmt: &Stmt) -> Site {
        Site(std::ptr::from_ref(stmt) as usize)
    }
}

/// The claims of forward mode.
#[derive(Clone, Debug, Default)]
pub struct TangentTrace {
    /// The tangent of a value.
    pub values: Vec<(Var, Operand)>,
    /// The tangent memory of a root.
    pub memory: Vec<(Var, Var)>,
}
