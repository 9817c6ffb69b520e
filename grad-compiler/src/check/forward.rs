//! Is a function in forward mode complete? The tangent of whatever a statement of the primal makes must be made of the
//! tangents of all that it reads and that may carry a derivative; and what is written into memory must be written into
//! its tangent as often.

use super::carriers::{Carriers, Read, pairs};
use super::flow::{Def, Flow, Nodes, flow};
use super::loss::Loss;
use super::twice;
use super::uses::{Way, carries, is_unit, read_by};
use super::writes;
use crate::ir::{ArgKind, Block, CallTangents, Carried, Elem, Operand, Stmt, TangentCall, Ty, Value, Var};
use crate::transform::{Site, Tangents};
use std::collections::BTreeMap;

/// What is lost.
pub(super) fn losses(primal: &Carriers, tangents: &Tangents) -> Vec<Loss> {
    let seeds: Vec<Var> = tangents.params.iter().flatten().copied().collect();
    let flow = flow(&tangents.func, &[&tangents.func.body], &seeds);
    let mut cx = Cx {
        primal,
        flow: &flow,
        dots: BTreeMap::new(),
        nodes: Nodes::new(tangents.func.vars.len()),
        calls: calls(primal, tangents),
        losses: Vec::new(),
    };
    cx.claims(tangents);
    for read in primal.active() {
        cx.read(read);
    }
    cx.memory();
    cx.writes(tangents);
    cx.results(tangents);
    cx.losses
}

/// The calls of the primal, each with what became of it: they are in the same order.
fn calls<'t>(primal: &Carriers, tangents: &'t Tangents) -> BTreeMap<Site, &'t TangentCall> {
    fn all<'s>(block: &'s Block, found: &mut Vec<&'s Stmt>) {
        block.for_each_stmt(&mut |stmt| {
            if matches!(stmt, Stmt::Call(_) | Stmt::TangentCall(_)) {
                found.push(stmt);
            }
        });
    }
    let (mut before, mut after) = (Vec::new(), Vec::new());
    all(&primal.func.body, &mut before);
    all(&tangents.func.body, &mut after);
    let pairs = before.into_iter().zip(after).filter_map(|(call, made)| match made {
        Stmt::TangentCall(made) => Some((Site::of(call), made)),
        _ => None,
    });
    pairs.collect()
}

struct Cx<'c, 'a> {
    primal: &'c Carriers<'a>,
    flow: &'c Flow<'c>,
    /// The tangent of every value and of every root, as the transform says.
    dots: BTreeMap<Var, Var>,
    nodes: Nodes,
    calls: BTreeMap<Site, &'c TangentCall>,
    losses: Vec<Loss>,
}

impl Cx<'_, '_> {
    fn claims(&mut self, tangents: &Tangents) {
        for (var, operand) in &tangents.trace.values {
            self.dots.extend(self.flow.node_of(operand).map(|node| (*var, node)));
        }
        for (root, dot) in &tangents.trace.memory {
            self.dots.insert(self.primal.root[root.index()], self.flow.node(*dot));
        }
        // What is given is what counts, whatever was said.
        for (param, dot) in self.primal.func.params.iter().zip(&tangents.params) {
            match dot {
                Some(dot) => self.dots.insert(param.var, self.flow.node(*dot)),
                None => self.dots.remove(&param.var),
            };
        }
        self.dots.values().for_each(|dot| self.nodes.insert(*dot));
    }

    fn read(&mut self, read: &Read) {
        for to in read.to.iter().filter(|to| self.primal.needed[to.index()]) {
            if !self.is_followed(read, *to) {
                let is_first = self.dots.contains_key(&read.from);
                self.losses.push(Loss::of(self.primal.func, read, *to, is_first));
            }
        }
    }

    fn is_followed(&self, read: &Read, to: Var) -> bool {
        let (Some(from_dot), Some(to_dot)) = (self.dots.get(&read.from), self.dots.get(&to)) else {
            return false;
        };
        let is = |operand: &Operand| self.flow.node_of(operand) == Some(*from_dot);
        match (read.stmt, read.way) {
            (_, Way::Code(_)) => false,
            (_, Way::Argument(k, _)) => self.is_passed(read, k, *from_dot, *to_dot),
            (Stmt::Branch(_), _) => match (self.flow.def[to_dot.index()], read.inside) {
                (Def::Result(branch, result), Some(arm)) => match &branch.arms[arm].yields[result] {
                    Elem::Scalar(operand) => is(operand),
                    Elem::Memory(place) => self.flow.node(place.root) == *from_dot,
                },
                _ => false,
            },
            (Stmt::For(_) | Stmt::While(_), _) => match self.flow.def[to_dot.index()] {
                Def::Carried(Carried { init, next, .. }) | Def::Entered(Carried { init, next, .. }) => {
                    is(if read.inside.is_some() { next } else { init })
                }
                _ => false,
            },
            // Counted all together.
            _ if self.primal.func.ty(to).is_memory() => true,
            (Stmt::Let { op, .. }, _) if twice::is_twice(op, read.from) => {
                let is_new = |var: Var| var.index() >= self.primal.func.vars.len();
                let reaching = self.flow.all_reaching(*to_dot, &is_new, &|var| !self.nodes.contains(var));
                let has_dot = |arg: &Operand| arg.var().is_some_and(|arg| self.dots.contains_key(&arg));
                from_dot != to_dot
                    && reaching.contains(from_dot)
                    && twice::is_made_by(
                        self.flow,
                        &reaching,
                        &self.nodes,
                        *to_dot,
                        twice::forwards(op, &has_dot),
                    )
            }
            (_, Way::Partial(k)) if from_dot == to_dot => is_unit(read.stmt, k),
            (_, way) if from_dot == to_dot => matches!(way, Way::Whole),
            _ => {
                let reaching = self.flow.reaching(*to_dot, &|var| !self.nodes.contains(var));
                reaching.contains(from_dot)
            }
        }
    }

    /// Whether the tangent is an argument of the call in forward mode, and the other one what comes out of it.
    fn is_passed(&self, read: &Read, k: usize, from_dot: Var, to_dot: Var) -> bool {
        let Some(call) = self.calls.get(&read.site()) else { return false };
        let [CallTangents { args: tangents, result }] = &call.tangents[..] else { return false };
        let given = tangents.get(k).and_then(|tangent| read_by(&tangent.as_ref()?.kind));
        let comes_out = result.is_some_and(|result| self.flow.node(result) == to_dot)
            || tangents.iter().flatten().any(|tangent| match &tangent.kind {
                ArgKind::ScalarMut { after, .. } => self.flow.node(*after) == to_dot,
                ArgKind::Memory { place, .. } => self.flow.node(place.root) == to_dot,
                _ => false,
            });
        given.is_some_and(|given| self.flow.node(given) == from_dot) && comes_out
    }

    /// What is written into memory, by statements of all kinds but calls and branches.
    fn memory(&mut self) {
        let mut writes: BTreeMap<(Var, Var), Vec<(&Read, Var)>> = BTreeMap::new();
        for read in self.primal.active() {
            if matches!(read.way, Way::Argument(..) | Way::Code(_)) || matches!(read.stmt, Stmt::Branch(_)) {
                continue;
            }
            for to in &read.to {
                if !self.primal.needed[to.index()] || !self.primal.func.ty(*to).is_memory() {
                    continue;
                }
                if let (Some(from_dot), Some(to_dot)) = (self.dots.get(&read.from), self.dots.get(to)) {
                    writes.entry((*from_dot, *to_dot)).or_default().push((read, *to));
                }
            }
        }
        for ((from_dot, to_dot), reads) in writes {
            let made = self.flow.count(from_dot, to_dot);
            for (read, to) in reads.into_iter().skip(made) {
                self.losses.push(Loss::of(self.primal.func, read, to, true));
            }
        }
    }

    fn writes(&mut self, tangents: &Tangents) {
        let made = writes::of_tangents(self.flow, &tangents.func.body);
        let made: BTreeMap<Var, usize> =
            self.dots.iter().filter_map(|(var, dot)| Some((*var, *made.get(dot)?))).collect();
        for root in writes::missing(self.primal, &made, &|_, _| false) {
            self.losses.push(Loss::of_write(self.primal.func, root));
        }
    }

    fn results(&mut self, tangents: &Tangents) {
        let mut lost = Vec::new();
        pairs(&self.primal.func.result, &tangents.result, &mut |value, dot| {
            let var = match value {
                Value::Scalar(Operand::Var(var)) => *var,
                Value::Memory(place) => self.primal.root[place.root.index()],
                _ => return,
            };
            let made = match dot {
                Value::Scalar(operand) => self.flow.node_of(operand),
                Value::Memory(place) => Some(self.flow.node(place.root)),
                Value::Unit | Value::Tuple(_) => None,
            };
            let ty = self.primal.func.ty(var);
            if self.primal.varied[var.index()]
                && carries(ty)
                && !matches!(ty, Ty::Opaque)
                && (made.is_none() || made != self.dots.get(&var).copied())
            {
                lost.push(var);
            }
        });
        for var in lost {
            self.losses.push(Loss::of_result(self.primal.func, var));
        }
    }
}
