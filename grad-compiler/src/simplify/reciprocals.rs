//! A reciprocal is computed once: in front of all that multiplies by it, also out of loops and arms.
//!
//! It cannot panic, and has the same bits in each place. Cotangents of several values meet their common divisor so, and the
//! rows of a Jacobian.

use crate::ir::{Block, Func, Op, Stmt, Var, VarInfo};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// The reciprocals of a value in a block and in the blocks nested in it.
#[derive(Default)]
struct Reciprocals {
    /// The statement of the block that has the first of them.
    first: usize,
    /// How many are computed in one run of the block; two where a loop computes some.
    count: usize,
    /// What they are called.
    names: BTreeSet<Var>,
}

type Found = BTreeMap<Var, Reciprocals>;

/// Whether a variable is a reciprocal of the derivative's own.
type Own<'a> = &'a dyn Fn(Var) -> bool;

/// In both sweeps of a derivative, whose own variables are those from number `primal_vars` on: the second knows what the first
/// has computed.
pub fn reciprocals(func: &mut Func, sweeps: [&mut Block; 2], primal_vars: usize) {
    let mut known = BTreeMap::new();
    for sweep in sweeps {
        known = in_block(func, sweep, primal_vars, &known);
    }
}

/// In a block and in the blocks nested in it. What is known behind it: the reciprocals of some values, by their names.
fn in_block(
    func: &mut Func,
    block: &mut Block,
    primal_vars: usize,
    known: &BTreeMap<Var, Var>,
) -> BTreeMap<Var, Var> {
    let mut found = Found::new();
    let own = |var: Var| var.index() >= primal_vars && func.vars[var.index()].reciprocal;
    for (at, stmt) in block.stmts.iter().enumerate() {
        for (of, here) in in_statement(stmt, &own) {
            let all = found.entry(of).or_insert(Reciprocals { first: at, ..Reciprocals::default() });
            all.count += here.count;
            all.names.extend(here.names);
        }
    }
    let mut known = known.clone();
    let mut in_front: BTreeMap<usize, Vec<Stmt>> = BTreeMap::new();
    let mut same_as = BTreeMap::new();
    for (of, found) in found {
        let var = match known.get(&of) {
            Some(var) => *var,
            None if found.count < 2 => continue,
            None => {
                let VarInfo { name, ty, span, .. } = func.vars[of.index()].clone();
                let var = func.new_var(format!("recip_{name}"), ty, span);
                func.vars[var.index()].reciprocal = true;
                let op = rules::reciprocal(&of.into());
                in_front.entry(found.first).or_default().push(Stmt::Let { var, op });
                known.insert(of, var);
                var
            }
        };
        same_as.extend(found.names.into_iter().map(|name| (name, var)));
    }
    let stmts = std::mem::take(&mut block.stmts);
    for (at, mut stmt) in stmts.into_iter().enumerate() {
        block.stmts.extend(in_front.remove(&at).unwrap_or_default());
        if is_one_of(&stmt, &same_as) {
            continue;
        }
        if !same_as.is_empty() {
            leave_out(&mut stmt, &same_as);
            stmt.map_vars(&mut |var| same_as.get(&var).copied().unwrap_or(var));
        }
        stmt.for_each_block_mut(&mut |inner| {
            in_block(func, inner, primal_vars, &BTreeMap::new());
        });
        block.stmts.push(stmt);
    }
    known
}

/// `let r = 1.0 / x;`: what it is called, and of what it is.
fn reciprocal(stmt: &Stmt, own: Own) -> Option<(Var, Var)> {
    let Stmt::Let { var, op: Op::Prim(_, args) } = stmt else { return None };
    let of = args.last()?.var()?;
    own(*var).then_some((*var, of))
}

/// Those of values from outside of the statement.
fn in_statement(stmt: &Stmt, own: Own) -> Found {
    if let Some((var, of)) = reciprocal(stmt, own) {
        return Found::from([(of, Reciprocals { first: 0, count: 1, names: BTreeSet::from([var]) })]);
    }
    let is_loop = matches!(stmt, Stmt::For(_) | Stmt::While(_));
    let mut found = Found::new();
    stmt.for_each_block(&mut |block| {
        let mut here = BTreeMap::<Var, usize>::new();
        for stmt in &block.stmts {
            for (of, inner) in in_statement(stmt, own) {
                *here.entry(of).or_default() += inner.count;
                found.entry(of).or_default().names.extend(inner.names);
            }
        }
        for (of, count) in here {
            let most = &mut found.entry(of).or_default().count;
            *most = count.max(*most);
        }
    });
    if !found.is_empty() {
        stmt.for_each_define_within(&mut |var| {
            found.remove(&var);
        });
    }
    if is_loop {
        found.values_mut().for_each(|found| found.count *= 2);
    }
    found
}

fn is_one_of(stmt: &Stmt, names: &BTreeMap<Var, Var>) -> bool {
    matches!(stmt, Stmt::Let { var, .. } if names.contains_key(var))
}

/// Takes the definitions out of nested blocks.
fn leave_out(stmt: &mut Stmt, names: &BTreeMap<Var, Var>) {
    stmt.for_each_block_mut(&mut |block| {
        block.stmts.retain(|stmt| !is_one_of(stmt, names));
        block.stmts.iter_mut().for_each(|stmt| leave_out(stmt, names));
    });
}
