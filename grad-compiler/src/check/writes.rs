//! Is everything that is overwritten followed? Where the primal overwrites memory that may carry a derivative, forward mode
//! must overwrite its tangent, and reverse mode take what was overwritten out of its cotangent: as often as the primal
//! does it, be it with a constant.

use super::carriers::Carriers;
use super::flow::Flow;
use super::uses::{carries, is_lent};
use crate::ir::{ArgKind, Block, Cotangent, Elem, Init, Op, Operand, Place, Stmt, Var};
use std::collections::BTreeMap;

/// The roots of active memory that are overwritten more often than `made` says, with the numbers by which nobody asks.
pub(super) fn missing(
    primal: &Carriers,
    made: &BTreeMap<Var, usize>,
    is_spared: &dyn Fn(&Stmt, &Place) -> bool,
) -> Vec<Var> {
    let mut writes: BTreeMap<Var, usize> = BTreeMap::new();
    primal.func.for_each_stmt(&mut |stmt| {
        if let Stmt::Store { value, .. } | Stmt::Fill { value, .. } = stmt
            && !may_carry(primal, value)
        {
            return;
        }
        overwritten(stmt, &mut |place, by_call| {
            let root = primal.root[place.root.index()];
            let is_active = primal.varied[root.index()] && primal.needed[root.index()];
            let part = primal.func.ty(root).part(&primal.whole_path(place).1);
            let holds = by_call || (carries(&part) && !primal.is_closed(root, &part));
            if is_active && holds && !is_spared(stmt, place) {
                *writes.entry(root).or_default() += 1;
            }
        });
    });
    writes.retain(|root, count| made.get(root).copied().unwrap_or(0) < *count);
    writes.into_keys().collect()
}

/// Integers and booleans go into places that hold no floats, whatever is known of them.
fn may_carry(primal: &Carriers, value: &Operand) -> bool {
    match value {
        Operand::Var(var) => carries(primal.func.ty(*var)),
        Operand::Lit(lit) => !lit.is_constant(),
    }
}

/// What a statement of the primal overwrites; the flag says whether a callee may do it.
fn overwritten<'s>(stmt: &'s Stmt, f: &mut dyn FnMut(&'s Place, bool)) {
    match stmt {
        Stmt::Store { place, .. }
        | Stmt::Assign { place, .. }
        | Stmt::Fill { place, .. }
        | Stmt::CopyFrom { to: place, .. }
        | Stmt::Push { vec: place, .. } => f(place, false),
        Stmt::Swap { a, b } => {
            f(a, false);
            f(b, false);
        }
        Stmt::Call(call) => {
            for arg in &call.args {
                if let ArgKind::Memory { place, passed } = &arg.kind
                    && passed.writes()
                {
                    f(place, true);
                }
            }
        }
        _ => {}
    }
}

/// How often forward mode overwrites each variable.
pub(super) fn of_tangents(flow: &Flow, block: &Block) -> BTreeMap<Var, usize> {
    let mut count = Count { flow, found: BTreeMap::new() };
    block.for_each_stmt(&mut |stmt| {
        overwritten(stmt, &mut |place, by_call| {
            if !by_call {
                count.one(place.root);
            }
        });
        match stmt {
            Stmt::Clear { place } => count.one(place.root),
            Stmt::TangentCall(call) => {
                for tangent in call.tangents.iter().flat_map(|tangents| &tangents.args).flatten() {
                    if let ArgKind::Memory { place, passed } = &tangent.kind
                        && passed.writes()
                    {
                        count.one(place.root);
                    }
                }
            }
            _ => {}
        }
    });
    count.found
}

/// How often reverse mode takes something out of each variable.
pub(super) fn of_cotangents(flow: &Flow, blocks: &[&Block]) -> BTreeMap<Var, usize> {
    let mut count = Count { flow, found: BTreeMap::new() };
    for block in blocks {
        block.for_each_stmt(&mut |stmt| match stmt {
            Stmt::Clear { place } | Stmt::Assign { place, .. } => count.one(place.root),
            Stmt::Let { op: Op::Pop(of), .. } | Stmt::Alloc { init: Init::Pop(of), .. } => count.one(*of),
            Stmt::Swap { a, b } => {
                count.one(a.root);
                count.one(b.root);
            }
            Stmt::ReverseCall(call) => {
                for (arg, cotangent) in call.args.iter().zip(&call.cotangents) {
                    if let (true, Cotangent::Slot(place)) = (is_lent(&arg.kind), cotangent) {
                        count.one(place.root);
                    }
                }
            }
            _ => {}
        });
    }
    count.found
}

struct Count<'c> {
    flow: &'c Flow<'c>,
    found: BTreeMap<Var, usize>,
}

impl Count<'_> {
    fn one(&mut self, var: Var) {
        *self.found.entry(self.flow.node(var)).or_default() += 1;
    }
}

/// New memory of constants: the cotangent of what its first write overwrites is nobody's.
pub(super) fn made_of_constants(primal: &Carriers) -> Vec<Var> {
    let mut roots = Vec::new();
    primal.func.for_each_stmt(&mut |stmt| {
        if let Stmt::Alloc { var, init: Init::ArrayRepeat { value, .. } | Init::VecRepeat { value, .. } } =
            stmt
        {
            let varied = match value {
                Elem::Scalar(Operand::Var(var)) => primal.varied[var.index()],
                Elem::Scalar(Operand::Lit(_)) => false,
                Elem::Memory(place) => primal.varied[primal.root[place.root.index()].index()],
            };
            if !varied {
                roots.push(*var);
            }
        }
    });
    roots
}
