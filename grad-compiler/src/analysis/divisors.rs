//! The values by which a reverse sweep divides more than once.
//!
//! Of `x / y` and `√x = y`, cotangents are divided by `y`. Where that happens twice, or in the passes of a loop that `y` is not
//! from, they are multiplied by its reciprocal, which is computed once: a division takes as long as some four products. That
//! rounds once more. It is the function that says so, not a form of its derivative: all forms give the same bits.

use super::Activity;
use crate::ir::{Block, Float, Func, Op, Operand, Stmt, Ty, Var};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// How often cotangents are divided by a value.
type Counts = BTreeMap<Var, usize>;

/// What cotangents are divided by more than once, in one run of the function.
pub(super) fn divisors(func: &Func, activity: &Activity) -> BTreeSet<Var> {
    let counts = Counter { func, activity }.block(&func.body);
    counts.into_iter().filter_map(|(var, count)| (count > 1).then_some(var)).collect()
}

struct Counter<'a> {
    func: &'a Func,
    activity: &'a Activity,
}

impl Counter<'_> {
    fn block(&self, block: &Block) -> Counts {
        let mut counts = Counts::new();
        for stmt in &block.stmts {
            for (var, count) in self.stmt(stmt) {
                *counts.entry(var).or_default() += count;
            }
        }
        counts
    }

    fn stmt(&self, stmt: &Stmt) -> Counts {
        match stmt {
            Stmt::Let { var, op } => self.divided_by(*var, op).into_iter().map(|by| (by, 1)).collect(),
            Stmt::For(inner) => Self::passes(stmt, self.block(&inner.body)),
            Stmt::While(inner) => Self::passes(stmt, self.block(&inner.body)),
            Stmt::Branch(branch) => {
                // One of the arms runs.
                let mut most = Counts::new();
                for arm in &branch.arms {
                    for (var, count) in self.block(&arm.block) {
                        let most = most.entry(var).or_default();
                        *most = count.max(*most);
                    }
                }
                most
            }
            _ => Counts::new(),
        }
    }

    /// What is from outside of a loop is divided by in each pass.
    fn passes(stmt: &Stmt, mut counts: Counts) -> Counts {
        let mut inside = BTreeSet::new();
        stmt.for_each_define_within(&mut |var| {
            inside.insert(var);
        });
        for (var, count) in &mut counts {
            if !inside.contains(var) {
                *count *= 2;
            }
        }
        counts
    }

    fn divided_by(&self, result: Var, op: &Op) -> BTreeSet<Var> {
        let Op::Prim(prim, args) = op else { return BTreeSet::new() };
        if !self.activity.is_active(result) || rules::cost(*prim) != rules::Cost::Costly {
            return BTreeSet::new();
        }
        let wanted: Vec<bool> = args.iter().map(|arg| self.activity.operand_is_active(arg)).collect();
        let by = rules::divisors(*prim, args, &wanted);
        let vars = by.into_iter().filter_map(|by| by.unwrap_or(Operand::Var(result)).var());
        // Of a generic number, the literal 1 is more than a literal.
        vars.filter(|var| matches!(self.func.ty(*var), Ty::Float(Float::F32 | Float::F64))).collect()
    }
}
