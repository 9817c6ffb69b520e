//! Completeness: no derivative is lost in silence.
//!
//! Needs: a verified primal, and what the transforms made of it. Guarantees: every use of a value that may carry a
//! derivative has its contribution in the derivative, or was refused, or makes an error here. What may carry one is
//! found out anew (`carriers`): the check knows nothing of `analysis`, and believes nothing that a transform says.
//!
//! It follows data, not order or numbers: that a term is there, not that it is the right one.

mod carriers;
mod flow;
mod forward;
mod kept;
mod lent;
mod loss;
mod opaque;
mod plain;
mod result_type;
mod reverse;
mod seeded;
mod sums;
mod twice;
mod uses;
mod writes;

pub use kept::kept;
pub use loss::Loss;
pub(crate) use opaque::mentions;
pub use opaque::{Known, method, method_of_matrix, opaque};
pub use plain::plain;

use crate::diag::Errors;
use crate::ir::Func;
use crate::transform::{Reversed, Seeded, Tangents};
use carriers::Carriers;
use syn::ItemFn;

/// What there is to be found in the derivatives of a function, and what was not.
pub struct Check<'a> {
    carriers: Carriers<'a>,
    losses: Vec<Loss>,
}

impl<'a> Check<'a> {
    pub fn new(primal: &'a Func) -> Check<'a> {
        Check { carriers: carriers::carriers(primal, &carriers::results(primal)), losses: Vec::new() }
    }

    /// Refuses what no transform can follow: what goes through code that the compiler does not look into, and what is
    /// returned in a type of that kind.
    pub fn refuse(&self, errors: &mut Errors, function: &ItemFn, known: Known<'_>) {
        result_type::refuse(errors, &self.carriers, function);
        if errors.is_empty() {
            opaque::refuse(errors, &self.carriers, function, known);
        }
    }

    /// Both sweeps, of either form. The function is that with which the check began, where it was.
    pub fn reverse(&mut self, reversed: &Reversed) {
        self.losses.extend(reverse::losses(&self.carriers, reversed, reverse::Stage::Made));
        self.losses.extend(lent::losses(&self.carriers, &reversed.func.body));
    }

    /// The same after rewrites, which may have made one statement of two.
    pub fn rewritten(&mut self, reversed: &Reversed) {
        self.losses.extend(reverse::losses(&self.carriers, reversed, reverse::Stage::Rewritten));
    }

    pub fn forward(&mut self, tangents: &Tangents) {
        self.losses.extend(forward::losses(&self.carriers, tangents));
    }

    /// The reverse sweeps of single results, which are made of that of all.
    pub fn seeded(&mut self, split: &Reversed, seeded: &Seeded) {
        self.losses.extend(seeded::losses(&self.carriers, split, seeded));
    }

    /// What was found so far.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// One error: all that is lost behind the first loss is lost by it.
    pub fn report(&self, errors: &mut Errors) {
        let first = self.losses.iter().find(|loss| loss.is_first).or(self.losses.first());
        if let Some(loss) = first {
            loss.report(errors);
        }
    }
}
