//! Neighbours: a loop over i that adds to the cotangents of x[i] and of x[i + 1] passes each element on in a variable.
//!
//! ```text
//! for i in lo..hi {                      let mut c = x_bar[lo];
//!     x_bar[i + 1] += a;                 for i in lo..hi {
//!     x_bar[i] += b;             →           x_bar[i] = c + b;
//! }                                          c = x_bar[i + 1] + a;
//!                                        }
//!                                        x_bar[hi] = c;
//! ```
//!
//! What a pass stores the next one loads: a chain through memory, which is the slowest thing such a loop does. The sums
//! are the same ones in the same order. A loop without passes touches nothing, before as after.

use super::Cx;
use crate::analysis::Condition;
use crate::ir::{
    Arm, Block, Branch, Carried, Code, Elem, For, Func, Op, Operand, Place, Proj, Selector, Stmt, Ty, Var,
    placeholder, placeholder_index,
};
use crate::rules::Builder;
use proc_macro2::{Span, TokenTree};

/// Carries the elements of cotangent memory.
pub(super) fn carry(cx: &Cx, func: &mut Func, block: &mut Block) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| carry(cx, func, inner));
        match stmt {
            Stmt::For(stmt) => match neighbours(cx, &stmt) {
                Some(found) => stmts.extend(carried(func, stmt, &found)),
                None => stmts.push(Stmt::For(stmt)),
            },
            stmt => stmts.push(stmt),
        }
    }
    block.stmts = stmts;
}

/// The two statements, by their places in the body.
struct Neighbours {
    root: Var,
    /// `x_bar[i] += …`
    here: usize,
    /// `x_bar[i + 1] += …`
    next: usize,
}

fn neighbours(cx: &Cx, stmt: &For) -> Option<Neighbours> {
    if stmt.inclusive || stmt.until.is_some() {
        return None;
    }
    let increments: Vec<(usize, Var, Var)> = stmt
        .body
        .stmts
        .iter()
        .enumerate()
        .filter_map(|(k, stmt)| match stmt {
            Stmt::Accumulate { place: Place { root, path }, .. } => match &path[..] {
                [Proj::Index(Operand::Var(index))] => Some((k, *root, *index)),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let (here, root, _) =
        *increments.iter().find(|(_, root, index)| *index == stmt.index && cx.is_cotangent(*root))?;
    let is_next = |var: Var| {
        stmt.body.stmts.iter().any(|inner| {
            matches!(inner, Stmt::Let { var: defined, op: Op::Code(code) } if *defined == var && is_plus_one(code, stmt.index))
        })
    };
    let (next, ..) = *increments.iter().find(|(k, other, index)| {
        *other == root && *k != here && cx.rewrites.holds(Condition::NextIsPlusOne, is_next(*index))
    })?;
    let others = stmt.body.stmts.iter().enumerate().filter(|(k, _)| *k != here && *k != next);
    let alone = !others.map(|(_, inner)| inner).any(|inner| cx.views.mentions(inner, root));
    cx.rewrites.holds(Condition::OnlyNeighbours, alone).then_some(Neighbours { root, here, next })
}

/// `i + 1`
fn is_plus_one(code: &Code, index: Var) -> bool {
    match &code.tokens.clone().into_iter().collect::<Vec<_>>()[..] {
        [TokenTree::Ident(i), TokenTree::Punct(plus), TokenTree::Literal(one)] => {
            placeholder_index(i) == Some(index)
                && plus.as_char() == '+'
                && one.to_string().trim_end_matches("_usize").trim_end_matches("usize") == "1"
        }
        _ => false,
    }
}

fn carried(func: &mut Func, mut stmt: For, found: &Neighbours) -> Vec<Stmt> {
    let Neighbours { root, here, next } = *found;
    let ty = match func.ty(root).peeled() {
        Ty::Slice(of) | Ty::Vec(of) | Ty::Array(of, _) => of.peeled().clone(),
        _ => return vec![Stmt::For(stmt)],
    };
    let name = func.vars[root.index()].name.clone();
    let span = Span::call_site();
    let element = |index: &Operand| Place { root, path: vec![Proj::Index(index.clone())] };
    // Upwards, x[i] is done with in its pass and x[i + 1] passed on; downwards it is the other way round.
    let (first, last, done, passed) =
        if stmt.reversed { (&stmt.hi, &stmt.lo, next, here) } else { (&stmt.lo, &stmt.hi, here, next) };
    let (first, last) = (element(first), element(last));
    let [init, before, param, result, old] = [0; 5].map(|_| func.new_var(name.clone(), ty.clone(), span));
    let runs = func.new_var("runs", Ty::Bool, span);
    let spelt = |operand: &Operand| match operand {
        Operand::Var(var) => placeholder(*var, span).to_string(),
        Operand::Lit(lit) => lit.text.clone(),
    };
    let condition = format!("{} < {}", spelt(&stmt.lo), spelt(&stmt.hi)).parse().expect("a comparison");
    let condition = Stmt::Let { var: runs, op: Op::Code(Code::new(condition, true)) };
    let branch = |stmts: Vec<Stmt>, yields: Vec<Elem>, otherwise: Vec<Elem>, results: Vec<Var>| {
        Stmt::Branch(Branch {
            on: Selector::If(runs.into()),
            arms: vec![
                Arm { pattern: None, block: Block { stmts }, yields },
                Arm { pattern: None, block: Block::default(), yields: otherwise },
            ],
            results,
        })
    };
    let load = branch(
        vec![Stmt::Let { var: init, op: Op::Load(first) }],
        vec![Elem::Scalar(init.into())],
        vec![Elem::Scalar(Operand::float(0.0))],
        vec![before],
    );
    let store =
        branch(vec![Stmt::Store { place: last, value: result.into() }], Vec::new(), Vec::new(), Vec::new());

    let mut body = Vec::with_capacity(stmt.body.stmts.len() + 2);
    let mut next = Operand::Var(param);
    for (k, inner) in std::mem::take(&mut stmt.body.stmts).into_iter().enumerate() {
        match inner {
            Stmt::Accumulate { place, value: term } if k == done => {
                let value = Builder::new(func, &mut body, ty.clone(), span).add(&param.into(), &term);
                body.push(Stmt::Store { place, value });
            }
            Stmt::Accumulate { place, value: term } if k == passed => {
                body.push(Stmt::Let { var: old, op: Op::Load(place) });
                next = Builder::new(func, &mut body, ty.clone(), span).add(&old.into(), &term);
            }
            inner => body.push(inner),
        }
    }
    stmt.body.stmts = body;
    stmt.carried.push(Carried { param, init: before.into(), next, result });
    vec![condition, load, Stmt::For(stmt), store]
}
