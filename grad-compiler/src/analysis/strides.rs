//! Whether an index is another one in each pass of a loop.
//!
//! Needs: the body of a verified loop. Guarantees: two passes never have the same value of an index that moves. It does if it
//! is the loop's own, or that plus or minus what is the same in all passes: `i - 1`, `n - i`, `k * d + i`.

use crate::ir::{Code, For, Op, Stmt, Var, placeholder_index};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

/// The integers that a loop's body computes, by code.
pub(super) struct Strides<'a> {
    index: Var,
    codes: BTreeMap<Var, &'a Code>,
    /// Everything that a pass has for itself: what is not among it is the same in all passes.
    own: &'a BTreeSet<Var>,
}

impl<'a> Strides<'a> {
    pub(super) fn of(stmt: &'a For, own: &'a BTreeSet<Var>) -> Strides<'a> {
        let codes = stmt.body.stmts.iter().filter_map(|inner| match inner {
            Stmt::Let { var, op: Op::Code(code) } => Some((*var, code)),
            _ => None,
        });
        Strides { index: stmt.index, codes: codes.collect(), own }
    }

    /// Whether the index is another one in each pass.
    pub(super) fn moves(&self, var: Var) -> bool {
        var == self.index || self.codes.get(&var).is_some_and(|code| self.is_moved(&code.tokens))
    }

    /// A sum, one of whose terms moves, and the others stay.
    fn is_moved(&self, sum: &TokenStream) -> bool {
        let mut moving = 0;
        let trees: Vec<TokenTree> = sum.clone().into_iter().collect();
        let terms = trees
            .split(|tree| matches!(tree, TokenTree::Punct(punct) if matches!(punct.as_char(), '+' | '-')));
        for term in terms {
            match term {
                [] => return false,
                [TokenTree::Ident(ident)] if placeholder_index(ident).is_some_and(|var| self.moves(var)) => {
                    moving += 1;
                }
                _ if term.iter().all(|tree| self.stays(tree)) => {}
                _ => return false,
            }
        }
        moving == 1
    }

    /// Of arithmetic that reads nothing of the body.
    fn stays(&self, tree: &TokenTree) -> bool {
        match tree {
            TokenTree::Literal(_) => true,
            TokenTree::Ident(ident) => placeholder_index(ident).is_some_and(|var| !self.own.contains(&var)),
            TokenTree::Punct(punct) => matches!(punct.as_char(), '+' | '-' | '*'),
            TokenTree::Group(group) => group.stream().into_iter().all(|tree| self.stays(&tree)),
        }
    }
}
