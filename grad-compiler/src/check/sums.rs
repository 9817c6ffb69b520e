//! Is every contribution to the cotangent of a value in its sum? A sum is followed from its end to its terms: through
//! additions, through loops that go on adding, through the arms of branches.

use super::flow::{Def, Flow};
use crate::ir::{Branch, Carried, Elem, Op, Operand, Var};
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
    let mut gather = Gather { flow, wanted: &mut wanted, stops, entered: BTreeSet::new(), is_sum: true };
    let seen = gather.terms(end);
    if !gather.is_sum {
        return false;
    }
    for arms in &wanted.arms {
        match arms.common() {
            Some(node) => *wanted.terms.entry(node).or_default() += 1,
            None => return false,
        }
    }
    wanted.terms.iter().all(|(node, count)| seen.get(node).is_some_and(|seen| seen >= count))
}

/// How often each of the wanted is in a sum.
type Seen = BTreeMap<Var, usize>;

struct Gather<'a, 'f> {
    flow: &'a Flow<'f>,
    wanted: &'a mut Wanted,
    stops: Vec<Var>,
    entered: BTreeSet<Var>,
    /// No loop forgets what the passes before made.
    is_sum: bool,
}

impl Gather<'_, '_> {
    fn terms(&mut self, end: Var) -> Seen {
        let mut seen = Seen::new();
        let mut left = vec![end];
        let flow = self.flow;
        while let Some(node) = left.pop() {
            if self.wanted.terms.contains_key(&node) || self.stops.contains(&node) {
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
                Def::Carried(carried) if self.entered.insert(carried.result) => {
                    follow(&carried.init);
                    self.passes(carried, &mut seen);
                }
                Def::Result(branch, k) => {
                    let out = |out: &HandedOut| hands_out(flow, branch, k, &out.arms);
                    match self.wanted.arms.iter().position(out) {
                        Some(at) => {
                            self.wanted.arms.remove(at);
                        }
                        None => self.arms(branch, k, &mut seen),
                    }
                }
                Def::Op(_) | Def::Carried(_) | Def::Entered(_) | Def::Other => {}
            }
        }
        seen
    }

    /// Each pass adds to what those before it made.
    fn passes(&mut self, carried: &Carried, seen: &mut Seen) {
        let param = self.flow.node(carried.param);
        self.wanted.term(param);
        let mut of_pass = self.flow.node_of(&carried.next).map_or_else(Seen::new, |next| self.terms(next));
        self.is_sum &= of_pass.remove(&param).is_some();
        self.wanted.terms.remove(&param);
        add(seen, of_pass);
    }

    /// The same sum in all arms: whichever is taken, it is made.
    fn arms(&mut self, branch: &Branch, k: usize, seen: &mut Seen) {
        let mut of_arms = branch.arms.iter().map(|arm| match &arm.yields[k] {
            Elem::Scalar(operand) => self.flow.node_of(operand).map(|node| self.terms(node)),
            Elem::Memory(_) => None,
        });
        if let Some(Some(first)) = of_arms.next()
            && of_arms.all(|other| other.as_ref() == Some(&first))
        {
            add(seen, first);
        }
    }
}

fn add(seen: &mut Seen, more: Seen) {
    for (node, times) in more {
        *seen.entry(node).or_default() += times;
    }
}

/// Whether a result of a branch is what these arms hand out.
fn hands_out(flow: &Flow, branch: &Branch, result: usize, arms: &[(usize, Var)]) -> bool {
    arms.iter().all(|(arm, node)| {
        branch.arms.get(*arm).is_some_and(|arm| match &arm.yields[result] {
            Elem::Scalar(operand) => flow.node_of(operand) == Some(*node),
            Elem::Memory(_) => false,
        })
    })
}
