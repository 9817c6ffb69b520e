//! Fresh cotangents: what a library's pullback is the first to add to, it makes itself.
//!
//! ```text
//! let mut y_bar = zeros_like(&y);               let mut y_bar = fresh(&y);
//! pullback(.., Some(&mut y_bar));           →   pullback(.., Some(&mut y_bar));
//! ```
//!
//! Of an array that is one without elements, which costs nothing; the pullback puts its part in that place, and need not add it to
//! zeros. Of everything else it is zeros, and so it is of arrays where the operation is one that somebody else has written.

use super::elements::written;
use super::writing::{code, text};
use crate::ir::{
    ArgKind, Block, Callee, Cotangent, ForwardCall, Func, Init, Passed, Place, Proj, Stmt, Ty, Var,
};

/// Has them made by who adds first.
pub fn fresh(func: &mut Func, reverse: &mut Block) {
    let mut body = std::mem::take(&mut func.body);
    let mut operations = Vec::new();
    let is_of_array = |var: Var| func.vars[var.index()].of_array.is_some();
    for block in [&body, &*reverse] {
        block.for_each_stmt(&mut |stmt| {
            if let Stmt::ForwardCall(forward) = stmt
                && forward.call.result.is_some_and(is_of_array)
            {
                operations.push(forward.clone());
            }
        });
    }
    if operations.is_empty() {
        func.body = body;
        return;
    }
    let cx = Cx { func, operations };
    let behind = std::mem::take(&mut reverse.stmts);
    cx.block(&mut body, &behind);
    reverse.stmts = behind;
    cx.block(reverse, &[]);
    func.body = body;
}

struct Cx<'a> {
    func: &'a Func,
    /// Those of arrays.
    operations: Vec<ForwardCall>,
}

impl Cx<'_> {
    /// `behind`: what runs after the block, and may name what is in it.
    fn block(&self, block: &mut Block, behind: &[Stmt]) {
        for at in 0..block.stmts.len() {
            let (before, after) = block.stmts.split_at_mut(at + 1);
            let Some(stmt) = before.last_mut() else { continue };
            stmt.for_each_block_mut(&mut |inner| self.block(inner, &[]));
            let Stmt::Alloc { var, init: Init::ZerosLike(of) } = stmt else { continue };
            let first = after.iter().chain(behind).find(|stmt| mentions(stmt, *var) > 0);
            let operation = first.and_then(|first| self.added_to(first, *var));
            let made = operation.and_then(|operation| self.made(operation, of, after));
            if let Some(made) = made {
                *stmt = Stmt::Alloc { var: *var, init: Init::Code(code(&made).once().stopping()) };
            }
        }
    }

    /// The operation whose pullback adds to all of this memory, and does nothing else with it.
    fn added_to(&self, stmt: &Stmt, bar: Var) -> Option<&ForwardCall> {
        let Stmt::ReverseCall(call) = stmt else { return None };
        let whole = Place::from(bar);
        let is_added_to =
            |cotangent: &Cotangent| matches!(cotangent, Cotangent::Slot(slot) if *slot == whole);
        let once = call.tangents.is_empty() && mentions(stmt, bar) == 1;
        let is_one = once && call.cotangents.iter().any(is_added_to);
        self.operations.iter().find(|of| is_one && of.pullback == call.pullback)
    }

    /// How it is made, in front of the statements `after`.
    fn made(&self, operation: &ForwardCall, of: &Place, after: &[Stmt]) -> Option<String> {
        let of = self.borrowed(of)?;
        let call = &operation.call;
        match &call.callee {
            // An array's own methods are no one else's.
            Callee::Method(_) => Some(format!("__grad_runtime::fresh({of})")),
            // Operators may be, of which one operand is an array.
            Callee::Operator { of_trait, .. } if call.args.len() == 2 => {
                let at = after.iter().position(|stmt| {
                    matches!(stmt, Stmt::ForwardCall(forward) if forward.pullback == operation.pullback)
                })?;
                let is_made_here = |var: Var| {
                    let mut made = false;
                    after[..at].iter().for_each(|stmt| stmt.for_each_define(&mut |of| made |= of == var));
                    made
                };
                if call.args.iter().filter_map(|arg| named(&arg.kind)).any(is_made_here) {
                    return None;
                }
                let operands: Option<Vec<String>> =
                    call.args.iter().map(|arg| self.operand(&arg.kind)).collect();
                let operands = operands?.join(", ");
                Some(format!(
                    "{{ use __grad_runtime::{{FreshOfAny as _, FreshOfKnown as _}}; \
                     (&__grad_runtime::of_operands::<__grad_runtime::operators::{of_trait}, _, _>({operands})).fresh({of}) }}"
                ))
            }
            Callee::Operator { .. } | Callee::Function(_) | Callee::Associated(_) | Callee::Parameter(_) => {
                None
            }
        }
    }

    /// A reference to memory.
    fn borrowed(&self, place: &Place) -> Option<String> {
        let is_reference = matches!(self.func.ty(place.root), Ty::Ref { .. });
        if place.path.is_empty() && is_reference {
            Some(format!("&*{}", written(place)))
        } else {
            place.path.iter().all(is_field).then(|| format!("&{}", written(place)))
        }
    }

    /// A reference to an operand, as it is passed.
    fn operand(&self, kind: &ArgKind) -> Option<String> {
        match kind {
            ArgKind::Scalar(operand) => Some(format!("&{}", text(operand))),
            ArgKind::ScalarRef(operand) => Some(format!("&&{}", text(operand))),
            ArgKind::Memory { place, passed: Passed::Moved } => {
                let is_own = !matches!(self.func.ty(place.root), Ty::Ref { .. });
                self.borrowed(place).filter(|_| is_own)
            }
            ArgKind::Memory { place, passed: Passed::Shared } => Some(format!("&{}", self.borrowed(place)?)),
            ArgKind::Memory { .. } | ArgKind::ScalarMut { .. } | ArgKind::Kept(_) | ArgKind::Code { .. } => {
                None
            }
        }
    }
}

/// The variables in an operand.
fn named(kind: &ArgKind) -> Option<Var> {
    match kind {
        ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => operand.var(),
        ArgKind::Memory { place, .. } => Some(place.root),
        ArgKind::ScalarMut { .. } | ArgKind::Kept(_) | ArgKind::Code { .. } => None,
    }
}

fn is_field(step: &Proj) -> bool {
    matches!(step, Proj::Named(_) | Proj::Field(_))
}

/// How often a statement names a variable, with all that is nested in it.
fn mentions(stmt: &Stmt, var: Var) -> usize {
    let mut count = 0;
    stmt.for_each_read(&mut |read| count += usize::from(read == var));
    count
}
