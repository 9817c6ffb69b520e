//! Does a callee put what is differentiated into a constant? By its types, it does not: where a call is not followed, the
//! derivative has to ask for that.

use super::carriers::Carriers;
use super::loss::Loss;
use super::uses::read_by;
use crate::ir::{ArgKind, Block, Stmt};

/// Calls in a reverse mode that do not ask.
pub(super) fn losses(primal: &Carriers, forward: &Block) -> Vec<Loss> {
    let mut losses = Vec::new();
    let is_varied = |kind: &ArgKind| {
        read_by(kind)
            .is_some_and(|var| primal.root.get(var.index()).is_some_and(|root| primal.varied[root.index()]))
    };
    forward.for_each_stmt(&mut |stmt| {
        let Stmt::Call(call) = stmt else { return };
        if !call.args.iter().any(|arg| is_varied(&arg.kind)) {
            return;
        }
        for arg in &call.args {
            if let ArgKind::Code { code, exclusive, checked } = &arg.kind
                && !code.reads.is_empty()
                && (*exclusive || !checked)
            {
                losses.push(Loss::of_argument(arg.span));
            }
        }
    });
    losses
}
