//! How does one variable of a derivative get into another? Its data flow, over its definitions.

use super::carriers::{number, roots};
use super::uses::{Of, uses};
use crate::ir::{Block, Branch, Carried, Func, Op, Operand, ReverseCall, Stmt, Var};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// The data flow of derivative code. A copy and a view are the variable that they are a copy or a view of.
pub(super) struct Flow<'d> {
    same: Vec<Var>,
    /// What gets into a variable, once for each statement by which it does.
    into: Vec<Vec<Var>>,
    /// The same without calls: what one statement moves.
    moved: Vec<Vec<Var>>,
    /// How often.
    times: BTreeMap<(Var, Var), usize>,
    pub def: Vec<Def<'d>>,
    pub pullbacks: BTreeMap<Var, &'d ReverseCall>,
    /// Variables that depend on none of the seeds: values of the primal.
    dead: Vec<bool>,
}

/// A set of variables.
pub(super) struct Nodes(Vec<bool>);

impl Nodes {
    pub(super) fn new(vars: usize) -> Nodes {
        Nodes(vec![false; vars])
    }

    pub(super) fn insert(&mut self, var: Var) {
        self.0[var.index()] = true;
    }

    pub(super) fn contains(&self, var: Var) -> bool {
        self.0[var.index()]
    }
}

/// How a variable comes to be, as far as sums want to know.
#[derive(Clone, Copy)]
pub(super) enum Def<'d> {
    Op(&'d Op),
    Result(&'d Branch, usize),
    /// After the loop.
    Carried(&'d Carried),
    /// At the start of a pass.
    Entered(&'d Carried),
    Other,
}

/// `seeds`: where the derivative starts from.
pub(super) fn flow<'d>(func: &Func, blocks: &[&'d Block], seeds: &[Var]) -> Flow<'d> {
    let n = func.vars.len();
    let mut flow = Flow {
        same: roots(func, blocks),
        into: vec![Vec::new(); n],
        moved: vec![Vec::new(); n],
        times: BTreeMap::new(),
        def: vec![Def::Other; n],
        pullbacks: BTreeMap::new(),
        dead: vec![true; n],
    };
    for block in blocks {
        block.for_each_stmt(&mut |stmt| flow.define(stmt));
    }
    for k in 0..n {
        flow.same[k] = flow.first(number(k));
    }
    let mut next: Vec<Vec<Var>> = vec![Vec::new(); n];
    for block in blocks {
        block.for_each_stmt(&mut |stmt| {
            let is_call = matches!(stmt, Stmt::ReverseCall(_) | Stmt::TangentCall(_) | Stmt::ForwardCall(_));
            uses(Of::Derivative, func, stmt, &mut |one| {
                let from = flow.node(one.from);
                for to in one.to {
                    let to = flow.node(*to);
                    next[from.index()].push(to);
                    flow.into[to.index()].push(from);
                    if !is_call {
                        flow.moved[to.index()].push(from);
                        *flow.times.entry((from, to)).or_default() += 1;
                    }
                }
            });
        });
    }
    let mut left: Vec<Var> = seeds.iter().map(|seed| flow.node(*seed)).collect();
    while let Some(var) = left.pop() {
        if std::mem::replace(&mut flow.dead[var.index()], false) {
            left.extend(&next[var.index()]);
        }
    }
    flow
}

impl<'d> Flow<'d> {
    fn define(&mut self, stmt: &'d Stmt) {
        match stmt {
            Stmt::Let { var, op } => {
                self.def[var.index()] = Def::Op(op);
                if let Op::Copy(Operand::Var(from)) = op {
                    self.same[var.index()] = *from;
                }
            }
            Stmt::Branch(branch) => {
                for (k, var) in branch.results.iter().enumerate() {
                    self.def[var.index()] = Def::Result(branch, k);
                }
            }
            Stmt::For(stmt) => self.define_carried(&stmt.carried),
            Stmt::While(stmt) => self.define_carried(&stmt.carried),
            Stmt::ReverseCall(call) => {
                self.pullbacks.insert(call.pullback, call);
            }
            _ => {}
        }
    }

    fn define_carried(&mut self, carried: &'d [Carried]) {
        for c in carried {
            self.def[c.param.index()] = Def::Entered(c);
            self.def[c.result.index()] = Def::Carried(c);
        }
    }

    fn first(&self, var: Var) -> Var {
        let mut var = var;
        // A variable that is given a name twice is no copy of itself.
        for _ in 0..self.same.len() {
            let next = self.same[var.index()];
            if next == var {
                break;
            }
            var = next;
        }
        var
    }

    pub(super) fn node(&self, var: Var) -> Var {
        self.same[var.index()]
    }

    pub(super) fn node_of(&self, operand: &Operand) -> Option<Var> {
        operand.var().map(|var| self.node(var))
    }

    /// How often one variable gets into another, directly and not through a call.
    pub(super) fn count(&self, from: Var, to: Var) -> usize {
        self.times.get(&(from, to)).copied().unwrap_or(0)
    }

    /// How often one variable is added to another.
    pub(super) fn times(&self, from: Var, to: Var) -> usize {
        let doubles = match self.def[to.index()] {
            Def::Op(Op::Prim(prim, args)) => {
                let is_from = |arg: &Operand| self.node_of(arg) == Some(from);
                args.iter().position(is_from).is_some_and(|k| rules::doubles(*prim, args, k))
            }
            _ => false,
        };
        self.count(from, to) * if doubles { 2 } else { 1 }
    }

    /// What is moved into a variable.
    pub(super) fn moved(&self, var: Var) -> &[Var] {
        &self.moved[var.index()]
    }

    pub(super) fn into(&self, var: Var) -> &[Var] {
        &self.into[var.index()]
    }

    /// Everything that gets into a variable, and the variable itself. The search goes on from what `passes` holds for.
    pub(super) fn reaching(&self, to: Var, passes: &dyn Fn(Var) -> bool) -> BTreeSet<Var> {
        self.all_reaching(to, &|var| !self.dead[var.index()], passes)
    }

    /// The same, of what `is_meant`, whether or not it depends on a seed.
    pub(super) fn all_reaching(
        &self,
        to: Var,
        is_meant: &dyn Fn(Var) -> bool,
        passes: &dyn Fn(Var) -> bool,
    ) -> BTreeSet<Var> {
        let mut found = BTreeSet::from([to]);
        let mut left = vec![to];
        while let Some(var) = left.pop() {
            for from in &self.into[var.index()] {
                if is_meant(*from) && found.insert(*from) && passes(*from) {
                    left.push(*from);
                }
            }
        }
        found
    }
}
