//! Is the reverse sweep of one result complete? It is the sweep of all results with the seeds of the others left out: what
//! depends on its own seed must be there as it was.

use super::carriers::{Carriers, roots};
use super::loss::Loss;
use super::uses::{Of, leaves, uses};
use crate::ir::{Block, Func, Init, Op, Operand, Proj, Stmt, Value, Var};
use crate::transform::{ParamCotangent, Reversed, Seeded};
use std::collections::{BTreeMap, BTreeSet};

/// What is lost.
pub(super) fn losses(primal: &Carriers, split: &Reversed, seeded: &Seeded) -> Vec<Loss> {
    let Some(seed) = &split.seed else { return Vec::new() };
    let row_moves = Moves::of(&seeded.func, &seeded.reverse, &[], None);
    let mut lost = Vec::new();
    for (row, (names, cotangents)) in seeded.names.iter().zip(&seeded.rows).enumerate() {
        let (seeds, own) = start(seed, row);
        let moves = Moves::of(&split.func, &split.reverse, &seeds, Some(row));
        let alive = moves.from(own);
        let name = |var: Var| names.get(&var).copied().unwrap_or(var);
        let is_there = |((from, to), count): (&(Var, Var), &usize)| {
            let found = row_moves.count.get(&(name(*from), name(*to))).copied().unwrap_or(0);
            !alive.contains(from) || found >= *count
        };
        let complete = moves.count.iter().all(is_there);
        for (k, param) in primal.func.params.iter().enumerate() {
            let handed_out = match (&split.cotangents[k], &cotangents[k]) {
                (ParamCotangent::Value(Operand::Var(var)), ParamCotangent::Value(operand)) => {
                    !alive.contains(var) || operand.var() == Some(name(*var))
                }
                (ParamCotangent::Slot(var), ParamCotangent::Slot(slot)) => *slot == name(*var),
                (ParamCotangent::Slot(var), _) => !alive.contains(var),
                _ => true,
            };
            if !(handed_out && complete) {
                lost.push(Loss::of_sum(primal.func, param.var));
            }
        }
    }
    lost
}

/// Memory that holds the seeds, and the variable that holds that of one row.
fn start(seed: &Value, row: usize) -> (Vec<Var>, Vec<Var>) {
    match seed {
        Value::Tuple(values) => {
            let mut own = Vec::new();
            values.get(row).into_iter().for_each(|value| leaves(value, &mut |var| own.push(var)));
            (Vec::new(), own)
        }
        value => {
            let mut memory = Vec::new();
            leaves(value, &mut |var| memory.push(var));
            (memory.clone(), memory)
        }
    }
}

/// What gets where in a block, and by how many statements.
struct Moves {
    count: BTreeMap<(Var, Var), usize>,
}

impl Moves {
    /// `row`: an element of the memory of the seeds with another number is none of it.
    fn of(func: &Func, block: &Block, seeds: &[Var], row: Option<usize>) -> Moves {
        let root = roots(func, &[block]);
        let mut memory: BTreeSet<Var> = seeds.iter().copied().collect();
        block.for_each_stmt(&mut |stmt| {
            if let Stmt::Alloc { var, init: Init::Move(place) } = stmt
                && place.path.is_empty()
                && memory.contains(&place.root)
            {
                memory.insert(*var);
            }
        });
        // A seed that is loaded is a number in the code of its row.
        let loaded = |stmt: &Stmt| match stmt {
            Stmt::Let { op: Op::Load(place), .. } if memory.contains(&place.root) => match &place.path[..] {
                [Proj::Index(Operand::Lit(lit))] => Some(lit.value),
                _ => None,
            },
            _ => None,
        };
        let is_move = |stmt: &Stmt| matches!(stmt, Stmt::Alloc { var, .. } if memory.contains(var));
        let mut count = BTreeMap::new();
        block.for_each_stmt(&mut |stmt| {
            let element = loaded(stmt);
            if row.is_some_and(|row| element.is_some_and(|element| element != row as f64)) {
                return;
            }
            let weight = usize::from(element.is_none() && !is_move(stmt));
            uses(Of::Derivative, func, stmt, &mut |one| {
                for to in one.to {
                    *count.entry((root[one.from.index()], root[to.index()])).or_default() += weight;
                }
            });
        });
        Moves { count }
    }

    /// All that depends on the variables.
    fn from(&self, vars: Vec<Var>) -> BTreeSet<Var> {
        let mut next: BTreeMap<Var, Vec<Var>> = BTreeMap::new();
        for (from, to) in self.count.keys() {
            next.entry(*from).or_default().push(*to);
        }
        let mut found: BTreeSet<Var> = vars.iter().copied().collect();
        let mut left = vars;
        while let Some(var) = left.pop() {
            for to in next.get(&var).into_iter().flatten() {
                if found.insert(*to) {
                    left.push(*to);
                }
            }
        }
        found
    }
}
