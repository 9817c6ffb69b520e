//! Is every contribution to the cotangent of a value in its sum? A sum is followed from its end to its terms: through
//! additions, through loops that go on adding, through the arms of branches.

use super::flow::{Def, Flow};
use crate::ir::{Branch, Op, Operand, Var};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// What a sum must have in it.
#[derive(Default)]
pub(super) struct Wanted {
    /// How often each variable is to be found.
    terms: BTreeMap<Var, usize>,
    arms: Vec<HandedOut>,
}

/// What the arms of a branch hand out: some of its arms, and the sums in them.
pub(super) struct HandedOut {
    pub arms: Vec<(usize, Var)>,
    /// How many arms the branch has.
    pub of: usize,
}

impl HandedOut {
    /// What is the same in all arms may be handed on without a branch.
    fn common(&self) -> Option<Var> {
        let (_, first) = *self.arms.first()?;
        (self.arms.len() == self.of && self.arms.iter().all(|(_, node)| *node == first)).then_some(first)
    }
}

impl Wanted {
    pub(super) fn term(&mut self, node: Var) {
        *self.terms.entry(node).or_default() += 1;
    }

    pub(super) fn arms(&mut self, arms: HandedOut) {
        self.arms.push(arms);
    }
}

/// Whether everything wanted is in the sum that ends with `end`.
pub(super) fn is_complete(flow: &Flow, end: Var, mut wanted: Wanted) -> bool {
    let stops: Vec<Var> = wanted.arms.iter().filter_map(HandedOut::common).collect();
    let mut seen: BTreeMap<Var, usize> = BTreeMap::new();
    let mut left = vec![end];
    let mut entered = BTreeSet::new();
    while let Some(node) = left.pop() {
        if wanted.terms.contains_key(&node) || stops.contains(&node) {
            *seen.entry(node).or_default() += 1;
            continue;
        }
        let mut follow = |operand: &Operand| left.extend(flow.node_of(operand));
        match flow.def[node.index()] {
            Def::Op(Op::Prim(prim, args)) => {
                for (k, arg) in args.iter().enumerate() {
                    let times = match () {
                        () if rules::adds_unchanged(*prim, args, k) => 1,
                        () if rules::doubles(*prim, args, k) => 2,
                        () => 0,
                    };
                    (0..times).for_each(|_| follow(arg));
                }
            }
            Def::Carried(carried) if entered.insert(carried.result) => {
                // Each pass adds to what those before it made.
                wanted.term(flow.node(carried.param));
                follow(&carried.init);
                follow(&carried.next);
            }
            Def::Result(branch, k) => {
                if let Some(at) = wanted.arms.iter().position(|out| hands_out(flow, branch, k, &out.arms)) {
                    wanted.arms.remove(at);
                }
            }
            Def::Op(_) | Def::Carried(_) | Def::Entered(_) | Def::Other => {}
        }
    }
    for arms in &wanted.arms {
        match arms.common() {
            Some(node) => *wanted.terms.entry(node).or_default() += 1,
            None => return false,
        }
    }
    wanted.terms.iter().all(|(node, count)| seen.get(node).is_some_and(|seen| seen >= count))
}

/// Whether a result of a branch is what these arms hand out.
fn hands_out(flow: &Flow, branch: &Branch, result: usize, arms: &[(usize, Var)]) -> bool {
    arms.iter().all(|(arm, node)| {
        branch.arms.get(*arm).is_some_and(|arm| match &arm.yields[result] {
            crate::ir::Elem::Scalar(operand) => flow.node_of(operand) == Some(*node),
            crate::ir::Elem::Memory(_) => false,
        })
    })
}
