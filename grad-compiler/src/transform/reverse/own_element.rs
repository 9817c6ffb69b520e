//! Whether each pass of the loops around has an element of its own.

use super::Cx;
use crate::analysis::{Def, RegionId};
use crate::ir::{Code, For, Op, Operand, Proj, Stmt, Ty, Var, placeholder_index};
use proc_macro2::TokenTree;

impl Cx<'_> {
    /// Whether the path has, for every loop around `region` that the root outlives, that loop's index as a step of its own.
    pub(super) fn has_own_element(&self, path: &[Proj], root: Var, region: RegionId) -> bool {
        let home = self.home(root);
        let loops = self.layout.loops_around(region, home);
        if let ([one, other], [Proj::Index(Operand::Var(index))]) = (&loops[..], path)
            && (self.is_row_by_row(*index, *one, *other) || self.is_row_by_row(*index, *other, *one))
        {
            return true;
        }
        loops.iter().all(|inner| {
            let Some(index) = self.layout.index.get(inner) else { return false };
            // An offset that moves with the loop may lead two indices to one element.
            let steady = path.iter().all(|proj| match proj {
                Proj::Slice { from: Some(Operand::Var(from)), .. } => {
                    !self.layout.within(self.home(*from), *inner)
                }
                Proj::Slice { .. }
                | Proj::Index(_)
                | Proj::Field(_)
                | Proj::Named(_)
                | Proj::Some
                | Proj::Variant(..)
                | Proj::Boxed
                | Proj::Deref => true,
            });
            steady && path.iter().any(|proj| matches!(proj, Proj::Index(Operand::Var(var)) if var == index))
        })
    }

    /// Whether the index is that of rows, one behind the other: `j * d + i`, where `i` runs over `0..d` in each pass of the loop
    /// over `j`, and `d` is from outside of both.
    fn is_row_by_row(&self, index: Var, rows: RegionId, columns: RegionId) -> bool {
        let Def::Let(Op::Code(Code { tokens, .. })) = self.def(index) else { return false };
        let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let [
            TokenTree::Ident(j),
            TokenTree::Punct(times),
            TokenTree::Ident(d),
            TokenTree::Punct(plus),
            TokenTree::Ident(i),
        ] = &trees[..]
        else {
            return false;
        };
        let [Some(j), Some(d), Some(i)] = [j, d, i].map(placeholder_index) else { return false };
        let is_index = |region: RegionId, var: Var| self.layout.index.get(&region) == Some(&var);
        let mut is_whole_row = false;
        self.primal.for_each_stmt(&mut |stmt| {
            let Stmt::For(For {
                index, lo: Operand::Lit(lo), hi: Operand::Var(hi), inclusive: false, ..
            }) = stmt
            else {
                return;
            };
            is_whole_row |= *index == i && *hi == d && lo.value == 0.0;
        });
        let is_outside = [rows, columns].iter().all(|region| !self.layout.within(self.home(d), *region));
        times.as_char() == '*'
            && plus.as_char() == '+'
            && is_index(rows, j)
            && is_index(columns, i)
            && is_whole_row
            && is_outside
            && *self.primal.ty(d) == Ty::Int
    }
}
