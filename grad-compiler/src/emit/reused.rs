//! Memory that the function has done with: the cotangent of it lies there.
//!
//! A `Vec` that a function makes has a cotangent of its length. Where the reverse sweep asks nothing of the `Vec` but how long it
//! is, that is the `Vec` itself, with zeros in it.

use super::body::Emitter;
use super::{Tokens, site};
use crate::ir::visit::Item;
use crate::ir::{Block, Float, Init, Op, Place, Stmt, Ty, Value, Var};
use quote::quote_spanned;
use std::collections::BTreeMap;

impl Emitter<'_> {
    /// Finds the cotangents that are made in the outermost block of the reverse sweep, and lie where their memory was.
    pub(super) fn reuse(&mut self, body: &Block, reverse: &Block, results: &[&Value]) {
        let mut reused = BTreeMap::new();
        for stmt in &reverse.stmts {
            let Stmt::Alloc { var: bar, init: Init::ZerosLike(Place { root, path }) } = stmt else {
                continue;
            };
            let is_float = |ty: &Ty| matches!(ty, Ty::Float(Float::F32 | Float::F64));
            let is_vec = |var: Var| matches!(self.func.ty(var), Ty::Vec(of) if is_float(of));
            let is_own = body.stmts.iter().any(|stmt| matches!(stmt, Stmt::Alloc { var, .. } if var == root));
            let mut returned = false;
            for result in results {
                result.for_each_read(&mut |var| returned |= self.resolve_root(var) == *root);
            }
            // The one mention is that of the cotangent.
            if path.is_empty()
                && is_own
                && is_vec(*root)
                && is_vec(*bar)
                && !returned
                && self.mentions(reverse, *root) == 1
            {
                reused.insert(*root, *bar);
            }
        }
        self.reused = reused;
    }

    /// How often a block asks for more of memory than how long it is.
    fn mentions(&self, block: &Block, root: Var) -> usize {
        let mut found = 0;
        let mut see = |var: Var| found += usize::from(self.resolve_root(var) == root);
        block.for_each_stmt(&mut |stmt| {
            if matches!(stmt, Stmt::Let { op: Op::Len(place), .. } if *place == Place::from(root)) {
                return;
            }
            stmt.walk(&mut |item| match item {
                Item::Var(var, _) => see(*var),
                Item::Place(place, _) => see(place.root),
                Item::Operand(operand) => operand.var().into_iter().for_each(&mut see),
                Item::Code(code) => code.reads.iter().copied().for_each(&mut see),
                Item::Pattern(pattern) => {
                    pattern.guard.iter().flat_map(|guard| &guard.reads).copied().for_each(&mut see);
                }
                Item::Enter | Item::Bind(_) | Item::Block(_) | Item::Leave | Item::Define(_) => {}
            });
        });
        found
    }

    /// Such a cotangent.
    pub(super) fn reused_for(&mut self, var: Var, init: &Init) -> Option<Tokens> {
        let Init::ZerosLike(place) = init else { return None };
        let root = self.reused.get(&place.root).filter(|bar| **bar == var).map(|_| place.root)?;
        let (krate, root) = (self.krate, self.name(root).clone());
        let cleared = quote_spanned!(site()=> #krate::__private::cleared(#root));
        Some(self.bind(var, &cleared))
    }

    /// The memory that says how long another was.
    pub(super) fn long_as(&self, place: &Place) -> Option<Tokens> {
        let bar = self.reused.get(&place.root).filter(|_| place.path.is_empty())?;
        self.names[self.class(*bar).index()].as_ref().map(|name| quote_spanned!(site()=> #name))
    }
}
