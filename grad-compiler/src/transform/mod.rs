//! Derivatives: IR to IR.
//!
//! Needs: a verified `Func` and the `Facts` of the same `Func`, without problems.
//! Guarantees: the forward sweep computes the primal's values with the primal's operations in the primal's order;
//! whatever the reverse sweep reads is in scope where it reads it.

mod forward;
mod plan;
mod reverse;
mod seeded;
mod trace;

pub use plan::Plan;
pub use seeded::{Seeded, seeded};
pub use trace::{Site, TangentTrace, Term, Trace};

pub use crate::analysis::Overwrites;

use crate::analysis::Facts;
use crate::ir::{Block, Code, Func, Operand, Proj, Ty, Value, Var};
use proc_macro2::Span;

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
    pub plan: Plan,
    pub trace: Trace,
    /// It is right if callees do what is assumed of them here.
    pub assumes: Vec<Overwrites>,
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

/// A function in forward mode.
#[derive(Clone, Debug)]
pub struct Tangents {
    /// The primal's variables under the same numbers, and new ones.
    pub func: Func,
    /// One per parameter: the variable that holds its tangent, where it has one.
    pub params: Vec<Option<Var>>,
    /// The tangent of the result.
    pub result: Value,
    pub trace: TangentTrace,
}

/// How many tangents forward mode carries along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One.
    One,
    /// As many as the caller says, side by side.
    Lanes,
}

/// Forward mode.
pub fn forward(primal: &Func, facts: &Facts, width: Width) -> Tangents {
    forward::forward(primal, facts, width)
}

/// A function in reverse mode, in forward mode: everything has a tangent, the cotangents, too.
#[derive(Clone, Debug)]
pub struct Second {
    /// The two sweeps, with tangents. Of a joint form, the seed is 1.
    pub reversed: Reversed,
    /// One per parameter: the variable that holds its tangent, where it has one.
    pub params: Vec<Option<Var>>,
    /// The tangent of the result.
    pub result: Value,
    /// The variables that hold the tangent of the seed.
    pub seed: Option<Value>,
    /// The tangents of the cotangents, each where its cotangent is.
    pub cotangents: Vec<ParamCotangent>,
    /// Variables without a tangent that should have one.
    pub missing: Vec<Var>,
}

/// Both sweeps as one function, of which forward mode wants the facts.
pub fn both_sweeps(reversed: &Reversed, mode: Mode) -> Func {
    forward::both_sweeps(reversed, mode)
}

/// Forward mode over reverse mode.
pub fn forward_over_reverse(
    reversed: &Reversed,
    whole: &Func,
    facts: &Facts,
    mode: Mode,
    width: Width,
) -> Second {
    forward::forward_over_reverse(reversed, whole, facts, mode, width)
}

/// The second derivative along a direction, in forward mode: the tangent of the gradient and of its product with the
/// Hessian.
#[derive(Clone, Debug)]
pub struct Third {
    /// All of it in one body; the parameters are those of the function.
    pub func: Func,
    /// One per parameter each: the direction of the Hessian, the tangent of the argument, the tangent of the direction.
    pub directions: Vec<Option<Var>>,
    pub moves: Vec<Option<Var>>,
    pub turns: Vec<Option<Var>>,
    /// The gradient, and the product with the Hessian.
    pub bars: [Vec<ParamCotangent>; 2],
    /// The tangents of both.
    pub bar_dots: [Vec<ParamCotangent>; 2],
    /// Variables without a tangent that should have one.
    pub missing: Vec<Var>,
}

/// All of a second derivative as one function, of which forward mode wants the facts.
///
/// # Errors
/// Where it calls something: what that has ends with the second derivative.
pub fn all_of(second: &Second) -> Result<Func, Span> {
    let sweeps = [&second.reversed.func.body, &second.reversed.reverse];
    match sweeps.into_iter().find_map(forward::first_call) {
        Some(call) => Err(call),
        None => Ok(forward::all_of(second)),
    }
}

/// Forward mode over the second derivative.
pub fn forward_over_second(second: &Second, whole: &Func, facts: &Facts) -> Third {
    forward::forward_over_second(second, whole, facts)
}

/// The type of a part of memory, as far as it is known.
fn part_ty(root: &Ty, path: &[Proj]) -> Ty {
    let mut ty = root.peeled().clone();
    for proj in path {
        ty = match (proj, ty) {
            (Proj::Index(_), Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of)) => of.peeled().clone(),
            (Proj::Slice { .. }, Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of)) => Ty::Slice(of),
            (Proj::Field(k), Ty::Tuple(of)) if *k < of.len() => of[*k].peeled().clone(),
            (Proj::Deref, ty) => ty,
            (Proj::Index(_) | Proj::Slice { .. } | Proj::Field(_) | Proj::Named(_), _) => Ty::Unknown,
        };
    }
    ty
}

/// Integer arithmetic as code, from text over [`text`]s of operands.
fn code(text: &str) -> Code {
    Code::new(text.parse().expect("written here, and valid"), true)
}

/// Whether a number is not 0, in a [`code`].
fn flows(func: &Func, operand: &Operand) -> String {
    let text = text(operand);
    if func.is_generic() { format!("__grad_runtime::flows({text})") } else { format!("{text} != 0.0") }
}

/// Whether a number is 0, in a [`code`].
fn flows_not(func: &Func, operand: &Operand) -> String {
    let text = text(operand);
    if func.is_generic() { format!("!__grad_runtime::flows({text})") } else { format!("{text} == 0.0") }
}

/// How an operand is written in a [`code`].
fn text(operand: &Operand) -> String {
    match operand {
        Operand::Var(var) => crate::ir::placeholder(*var, Span::call_site()).to_string(),
        Operand::Lit(lit) => lit.text.clone(),
    }
}

/// Reverse mode.
pub fn reverse(primal: &Func, facts: &Facts, mode: Mode) -> Reversed {
    reverse::reverse(primal, facts, mode)
}
