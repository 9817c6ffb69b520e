//! Rewrites that leave every value as it is, bit for bit.
//!
//! Needs: a verified `Func`. Guarantees: the same values, the same effects in the same order, and the same panics.

mod alone;
mod assign;
mod carry;
mod elements;
mod fours;
mod fresh;
mod hoist;
mod lines;
mod merge;
mod parts;
mod reciprocals;
mod records;
mod rows;
mod share;
mod strips;
mod turn;
mod uniform;
mod writing;

pub use alone::alone;
use assign::assign;
use carry::carry;
pub use elements::elements;
pub use fours::fours;
pub use fresh::fresh;
use hoist::hoist;
use lines::lines;
use merge::merge;
use parts::parts;
pub use reciprocals::reciprocals;
pub use records::records;
use rows::rows;
use share::share;
use strips::strips;
use turn::turn;
pub use uniform::uniform;

use crate::analysis::{Additions, Rewrite, Rewrites, Views};
use crate::ir::{Block, Func, Var};
use std::collections::BTreeSet;

/// The rewrites of a function before it is differentiated.
pub fn primal(func: &Func, rewrites: Rewrites) -> Func {
    let mut by_elements = func.clone();
    lines(&mut by_elements, rewrites);
    let mut shared = share(&by_elements, rewrites);
    hoist(&mut shared, rewrites);
    shared
}

/// What the rewrites of derivative code look at.
struct Cx<'a> {
    /// Of the whole derivative, as it was before.
    views: Views,
    /// The roots of cotangent memory.
    bars: &'a [Var],
    /// The variables from this number on are the derivative's own.
    primal_vars: usize,
    rewrites: Rewrites,
    additions: Additions,
    /// The indices of loops over strips: these have parts of their own.
    strips: BTreeSet<Var>,
}

impl Cx<'_> {
    fn is_new(&self, var: Var) -> bool {
        var.index() >= self.primal_vars
    }

    fn is_cotangent(&self, var: Var) -> bool {
        self.bars.contains(&var)
    }
}

/// The rewrites of derivative code: the variables from number `primal_vars` on are the derivative's own. `additions` of loops
/// that are in no other.
pub fn derivative(
    func: &mut Func,
    reverse: &mut Block,
    bars: &[Var],
    primal_vars: usize,
    rewrites: Rewrites,
    additions: Additions,
) {
    let mut body = std::mem::take(&mut func.body);
    if rewrites.may(Rewrite::Reciprocal) {
        reciprocals(func, [&mut body, reverse], primal_vars);
    }
    let views = Views::of(&[&body, reverse]);
    let mut cx = Cx { views, bars, primal_vars, rewrites, additions, strips: BTreeSet::new() };
    for block in [&mut body, &mut *reverse] {
        if rewrites.may(Rewrite::Assign) {
            assign(&cx, block);
        }
        if rewrites.may(Rewrite::Merge) {
            merge(&cx, block);
        }
        if rewrites.may(Rewrite::Turn) {
            turn(&cx, block);
        }
        if rewrites.may(Rewrite::Rows) {
            rows(&cx, func, block);
        }
    }
    if rewrites.may(Rewrite::Strips) {
        cx.views = Views::of(&[&body, reverse]);
        for block in [&mut body, &mut *reverse] {
            strips(&mut cx, func, block);
        }
    }
    for block in [&mut body, &mut *reverse] {
        if rewrites.may(Rewrite::Carry) {
            carry(&cx, func, block);
        }
    }
    if rewrites.may(Rewrite::Parts) {
        let views = Views::of(&[&body, reverse]);
        for block in [&mut body, reverse] {
            parts(&cx, &views, func, block);
        }
    }
    func.body = body;
}
