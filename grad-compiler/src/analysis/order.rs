//! Whether the passes of a loop may run in any order.
//!
//! Needs: a loop of derivative code. Guarantees: in another order, each pass reads what it read before, and what the loop
//! leaves is the same but for the order in which terms were added, where that may change.

use super::effects::{Effects, Views};
use super::strides::Strides;
use super::{Condition, Rewrites};
use crate::ir::{Carried, For, Op, Operand, Prim, Proj, Stmt, Var};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// Whether terms may be added in another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Additions {
    InOrder,
    Any,
}

/// Of memory from outside, nothing is changed, or there is only added to it, or each pass touches its own element; and what
/// is carried from one pass to the next are sums that nobody looks at in between.
pub fn may_run_in_any_order(stmt: &For, views: &Views, rewrites: Rewrites, additions: Additions) -> bool {
    let effects = Effects::of(&stmt.body, views, rewrites);
    let mut own = BTreeSet::new();
    own.insert(stmt.index);
    own.extend(stmt.carried.iter().map(|c| c.param));
    stmt.body.stmts.iter().for_each(|inner| {
        inner.for_each_define_within(&mut |var| {
            own.insert(var);
        });
    });
    let strides = Strides::of(stmt, &own);
    let moves = |proj: &Proj| {
        let Proj::Index(Operand::Var(var)) = proj else { return false };
        own.contains(var) && rewrites.holds(Condition::AnotherInEachPass, strides.moves(*var))
    };
    let is_its_own = |path: &Vec<Proj>| path.iter().position(moves);
    let free = effects.roots.iter().filter(|(root, _)| !own.contains(root)).all(|(_, touched)| {
        let leading = touched.paths.first().map_or(&[][..], |path| &path[..]);
        let depth = touched.paths.first().and_then(is_its_own);
        let element_by_element = depth.is_some_and(|depth| {
            let mut paths = touched.paths.iter();
            let alike = paths.all(|path| path.get(..=depth) == Some(&leading[..=depth]));
            let steady = leading[..depth].iter().all(|proj| is_steady(proj, &own));
            rewrites.holds(Condition::OwnInAnyOrder, alike)
                && rewrites.holds(Condition::PartIsOutside, steady)
        });
        touched.only_reads()
            || (touched.only_adds() && additions == Additions::Any)
            || element_by_element
            || rewrites.ignores(Condition::OwnInAnyOrder)
    });
    let sums = Sums::of(stmt);
    stmt.until.is_none()
        && !effects.calls
        && free
        && (stmt.carried.is_empty() || additions == Additions::Any)
        && stmt.carried.iter().all(|c| rewrites.holds(Condition::CarriesOnlySums, sums.is_one(c)))
}

fn is_steady(proj: &Proj, own: &BTreeSet<Var>) -> bool {
    let outside = |operand: &Operand| operand.var().is_none_or(|var| !own.contains(&var));
    match proj {
        Proj::Index(operand) => outside(operand),
        Proj::Slice { from, to, .. } => [from, to].into_iter().flatten().all(outside),
        Proj::Field(_) | Proj::Named(_) | Proj::Some | Proj::Variant(..) | Proj::Boxed | Proj::Deref => true,
    }
}

/// What a loop's body needs to be known by to find its sums.
struct Sums<'a> {
    /// How often each variable is read, in the body and at the end of a pass.
    reads: BTreeMap<Var, usize>,
    /// Sums and differences, directly in the body or in loops that are.
    terms: BTreeMap<Var, (Prim, &'a [Operand])>,
    /// The results of loops directly in the body.
    inner: BTreeMap<Var, &'a Carried>,
}

impl<'a> Sums<'a> {
    fn of(stmt: &'a For) -> Sums<'a> {
        let mut sums = Sums { reads: BTreeMap::new(), terms: BTreeMap::new(), inner: BTreeMap::new() };
        stmt.body.for_each_read(&mut |var| *sums.reads.entry(var).or_default() += 1);
        for c in &stmt.carried {
            c.next.var().into_iter().for_each(|var| *sums.reads.entry(var).or_default() += 1);
        }
        sums.collect(&stmt.body.stmts);
        sums
    }

    fn collect(&mut self, stmts: &'a [Stmt]) {
        for stmt in stmts {
            match stmt {
                Stmt::Let { var, op: Op::Prim(prim, args) } => {
                    self.terms.insert(*var, (*prim, args));
                }
                Stmt::For(inner) => {
                    self.inner.extend(inner.carried.iter().map(|c| (c.result, c)));
                    self.collect(&inner.body.stmts);
                }
                _ => {}
            }
        }
    }

    /// Whether each pass only adds to the carried value, and nobody else reads it, nor what it becomes.
    fn is_one(&self, c: &Carried) -> bool {
        self.adds_to(&c.next, c.param)
    }

    fn adds_to(&self, sum: &Operand, start: Var) -> bool {
        let Operand::Var(sum) = sum else { return false };
        if self.reads.get(sum) != Some(&1) {
            return false;
        }
        if *sum == start {
            return true;
        }
        if let Some((prim, args)) = self.terms.get(sum) {
            let mut args_of = args.iter().enumerate();
            return args_of.any(|(k, arg)| {
                arg.var().is_some() && rules::adds_unchanged(*prim, args, k) && self.adds_to(arg, start)
            });
        }
        let Some(c) = self.inner.get(sum) else { return false };
        self.adds_to(&c.init, start) && self.is_one(c)
    }
}
