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

use crate::ir::{
    Arm, Block, Branch, Carried, Code, Elem, For, Func, Op, Operand, Place, Prim, Proj, Selector, Stmt, Ty,
    Var, placeholder, placeholder_index,
};
use proc_macro2::{Span, TokenTree};
use quote::quote;

/// Carries the elements of all memory that `is_cotangent` holds for.
pub(super) fn carry(func: &mut Func, block: &mut Block, is_cotangent: &dyn Fn(Var) -> bool) {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in std::mem::take(&mut block.stmts) {
        stmt.for_each_block_mut(&mut |inner| carry(func, inner, is_cotangent));
        match stmt {
            Stmt::For(stmt) => match neighbours(&stmt, is_cotangent) {
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

fn neighbours(stmt: &For, is_cotangent: &dyn Fn(Var) -> bool) -> Option<Neighbours> {
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
        *increments.iter().find(|(_, root, index)| *index == stmt.index && is_cotangent(*root))?;
    let is_next = |var: Var| {
        stmt.body.stmts.iter().any(|inner| {
            matches!(inner, Stmt::Let { var: defined, op: Op::Code(code) } if *defined == var && is_plus_one(code, stmt.index))
        })
    };
    let (next, ..) = *increments.iter().find(|(_, other, index)| *other == root && is_next(*index))?;
    // Nothing else looks at the memory.
    let (mut all, mut own) = (0, 0);
    count(&stmt.body, root, &mut all);
    for k in [here, next] {
        count(&Block { stmts: vec![stmt.body.stmts[k].clone()] }, root, &mut own);
    }
    (all == own).then_some(Neighbours { root, here, next })
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

/// How often a variable is named, in nested blocks, too.
fn count(block: &Block, var: Var, mentions: &mut usize) {
    for stmt in &block.stmts {
        stmt.for_each_place(&mut |place, _| *mentions += usize::from(place.root == var));
        stmt.for_each_read(&mut |read| *mentions += usize::from(read == var));
        stmt.for_each_block(&mut |inner| count(inner, var, mentions));
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
    let [init, before, param, result, value, old, sum] =
        [0; 7].map(|_| func.new_var(name.clone(), ty.clone(), span));
    let runs = func.new_var("runs", Ty::Bool, span);
    let spelt = |operand: &Operand| match operand {
        Operand::Var(var) => {
            let var = placeholder(*var, span);
            quote!(#var)
        }
        Operand::Lit(lit) => lit.text.parse().expect("the text of a literal is one"),
    };
    let (lo, hi) = (spelt(&stmt.lo), spelt(&stmt.hi));
    let condition = Stmt::Let { var: runs, op: Op::Code(Code::new(quote!(#lo < #hi), true)) };
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
    for (k, inner) in std::mem::take(&mut stmt.body.stmts).into_iter().enumerate() {
        match inner {
            Stmt::Accumulate { place, value: term } if k == done => {
                let op = Op::Prim(Prim("add"), vec![param.into(), term]);
                body.extend([Stmt::Let { var: value, op }, Stmt::Store { place, value: value.into() }]);
            }
            Stmt::Accumulate { place, value: term } if k == passed => {
                let op = Op::Prim(Prim("add"), vec![old.into(), term]);
                body.extend([Stmt::Let { var: old, op: Op::Load(place) }, Stmt::Let { var: sum, op }]);
            }
            inner => body.push(inner),
        }
    }
    stmt.body.stmts = body;
    stmt.carried.push(Carried { param, init: before.into(), next: sum.into(), result });
    vec![condition, load, Stmt::For(stmt), store]
}
