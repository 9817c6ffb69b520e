//! Derivatives: IR to IR.
//!
//! Needs: a verified `Func` and the `Facts` of the same `Func`, without problems.
//! Guarantees: the forward sweep computes the primal's values with the primal's operations in the primal's order;
//! whatever the reverse sweep reads is in scope where it reads it.

mod again;
mod forward;
mod lent_parts;
mod plan;
mod reverse;
mod seeded;
mod trace;

pub use again::again;
pub use lent_parts::owned_parts;
pub use plan::Plan;
pub use seeded::{Seeded, seeded};
pub use trace::{Site, TangentTrace, Term, Trace};

pub use crate::analysis::Overwrites;

use crate::analysis::Facts;
use crate::ir::{Block, Code, Func, Operand, Value, Var};
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
    /// Conditions that are asked for in a loop and are the same in all of its passes. Where one holds, a pass has much less to
    /// do: it is worth a loop of its own.
    pub alone: Vec<Var>,
    pub plan: Plan,
    pub trace: Trace,
    /// It is right if callees do what is assumed of them here.
    pub assumes: Vec<Overwrites>,
}

/// The split form for callers to whom an argument is a constant.
#[derive(Clone, Debug)]
pub struct Given {
    /// The number of its parameter.
    pub param: usize,
    pub split: Reversed,
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

/// Reverse mode, and forward mode over it as often as the order says: everything has tangents, the cotangents, too.
///
/// What a function has one of, such a derivative has a list of: 2ᵏ⁻¹ of order k. Their numbers are sets of directions, in
/// binary: list 0 is that of reverse mode itself, list `1 << i` holds the tangents along direction i, list `1 << i | 1 << j`
/// those of list `1 << i` along direction j.
#[derive(Clone, Debug)]
pub struct HigherOrder {
    /// List 0, and the bodies of both sweeps with all that is in the other lists. Of a joint form, the seed is 1.
    pub sweeps: Reversed,
    /// The other lists.
    pub along: Vec<Along>,
    /// How many tangents go side by side along the last direction; along the others, one.
    pub width: Width,
    /// Variables without a tangent that should have one.
    pub missing: Vec<Var>,
}

/// The tangents along a set of directions.
#[derive(Clone, Debug)]
pub struct Along {
    /// One per parameter: the variable that holds its tangent, where it has one. Along one direction, that direction.
    pub params: Vec<Option<Var>>,
    /// The tangent of the result.
    pub result: Value,
    /// The variables that hold the tangent of the seed.
    pub seed: Option<Value>,
    /// The tangents of the cotangents, each where its cotangent is.
    pub cotangents: Vec<ParamCotangent>,
}

/// The forms of a derivative above the first, each with one tangent along the last direction and with several.
#[derive(Clone, Debug)]
pub struct Higher {
    pub order: usize,
    /// Of a function that returns one number.
    pub joint: Option<(HigherOrder, Option<HigherOrder>)>,
    pub split: (HigherOrder, Option<HigherOrder>),
}

impl Higher {
    /// The sweeps of all forms.
    pub fn sweeps(&mut self) -> impl Iterator<Item = &mut Reversed> {
        let forms = self.joint.iter_mut().chain([&mut self.split]);
        forms.flat_map(|(one, several)| [Some(one), several.as_mut()]).flatten().map(|form| &mut form.sweeps)
    }
}

/// The lists of a derivative of any order.
#[derive(Clone, Copy, Debug)]
pub struct Lists<'a> {
    pub sweeps: &'a Reversed,
    pub along: &'a [Along],
    pub width: Width,
}

impl Reversed {
    /// Those of the first derivative.
    pub fn lists(&self) -> Lists<'_> {
        Lists { sweeps: self, along: &[], width: Width::One }
    }
}

impl HigherOrder {
    pub fn lists(&self) -> Lists<'_> {
        Lists { sweeps: &self.sweeps, along: &self.along, width: self.width }
    }
}

impl<'a> Lists<'a> {
    pub fn order(self) -> usize {
        self.count().ilog2() as usize + 1
    }

    pub fn count(self) -> usize {
        self.along.len() + 1
    }

    /// How many tangents go side by side in each list.
    pub fn widths(self) -> Vec<Width> {
        widths(self.order(), self.width)
    }

    pub fn results(self) -> Vec<&'a Value> {
        std::iter::once(&self.sweeps.func.result)
            .chain(self.along.iter().map(|along| &along.result))
            .collect()
    }

    pub fn seeds(self) -> Vec<Option<&'a Value>> {
        let along = self.along.iter().map(|along| along.seed.as_ref());
        std::iter::once(self.sweeps.seed.as_ref()).chain(along).collect()
    }

    /// Each with one per parameter.
    pub fn cotangents(self) -> Vec<&'a [ParamCotangent]> {
        let along = self.along.iter().map(|along| &along.cotangents[..]);
        std::iter::once(&self.sweeps.cotangents[..]).chain(along).collect()
    }
}

/// How many tangents go side by side in each list of a derivative: along its last direction as many as `last` says.
pub fn widths(order: usize, last: Width) -> Vec<Width> {
    let count = 1 << (order - 1);
    (0..count).map(|list| if order > 1 && list >= count / 2 { last } else { Width::One }).collect()
}

/// All of a derivative as one function, of which forward mode wants the facts.
pub fn whole(derivative: Lists<'_>, mode: Mode) -> Func {
    forward::whole(derivative, mode)
}

/// The derivative of the next order, from all of one and the facts of that.
pub fn next(derivative: Lists<'_>, whole: &Func, facts: &Facts, width: Width) -> HigherOrder {
    forward::next(derivative, whole, facts, width)
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
