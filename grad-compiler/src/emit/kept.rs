//! Constants that a pullback keeps by their names.
//!
//! A pullback is cloned, and a constant of a type of the user's need not be `Clone`: the runtime's `Keeping` puts such a one behind a
//! reference that counts. What is done with it in the reverse sweep, it does of itself, through the reference.

use super::body::Emitter;
use super::{Tokens, site};
use crate::ir::{Block, Op, Stmt, Ty};
use quote::quote_spanned;

impl Emitter<'_> {
    /// What stands between the sweeps.
    pub(super) fn kept_constants(&self, forward: &Block) -> Tokens {
        let (s, krate) = (site(), self.krate);
        let mut out = Tokens::new();
        for stmt in &forward.stmts {
            let Stmt::Let { var, op: Op::Code(code) } = stmt else { continue };
            let info = &self.func.vars[var.index()];
            let is_read = self.facts.read_in_reverse[var.index()];
            // What is cheap is a number, a path, a field of what is kept.
            if is_read && info.ty == Ty::Opaque && !info.mutable && !code.cheap && !code.is_reference() {
                let name = self.name(*var);
                self.written.part();
                out.extend(quote_spanned! {s=>
                    let #name = (&&#krate::__private::Keeping::of(#name)).kept();
                });
            }
        }
        out
    }
}
