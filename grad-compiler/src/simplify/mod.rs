//! Rewrites that leave every value as it is, bit for bit.
//!
//! Needs: a verified `Func`. Guarantees: the same values, the same effects in the same order, and the same panics.

mod assign;
mod carry;
mod merge;
mod rows;
mod share;

use assign::assign;
use carry::carry;
use merge::merge;
use rows::rows;
pub use share::share;

use crate::ir::{Block, Func, Var};

/// The rewrites of derivative code: the variables from number `primal_vars` on are the derivative's own.
pub fn derivative(func: &mut Func, reverse: &mut Block, bars: &[Var], primal_vars: usize) {
    let is_new = |var: Var| var.index() >= primal_vars;
    let mut body = std::mem::take(&mut func.body);
    for block in [&mut body, reverse] {
        assign(block);
        merge(block, &is_new);
        rows(func, block, &|var| bars.contains(&var));
        carry(func, block, &|var| bars.contains(&var));
    }
    func.body = body;
}
