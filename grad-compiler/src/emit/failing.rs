//! Where may a failure leave half of a gradient in the caller's buffers?
//!
//! `f::vjp_add` adds to buffers that hold something already, and leaves them alone where the function fails. A reverse sweep
//! that begins when the forward sweep is through has nothing to take back; but a loop or a call that is reversed where it
//! runs adds to them before it is known how the function ends. Then the sums go to memory of their own first.

use super::cotangent_types::is_slice;
use super::items::{Cx, Names, Workers};
use super::{Tokens, site};
use crate::ir::visit::Item;
use crate::ir::{Block, Stmt, Var};
use crate::transform::{ParamCotangent, Reversed};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use std::collections::BTreeSet;

/// Whether the joint form may fail behind a sum into one of its slots.
pub(super) fn leaves_sums(joint: &Reversed) -> bool {
    let slots = joint.cotangents.iter().filter_map(|cotangent| match cotangent {
        ParamCotangent::Slot(var) => Some(*var),
        ParamCotangent::Constant | ParamCotangent::Value(_) => None,
    });
    let mut find = Find { slots: slots.collect(), pullbacks: BTreeSet::new(), sums: false, found: false };
    find.block(&joint.func.body);
    find.found
}

struct Find {
    slots: BTreeSet<Var>,
    /// Of calls that may leave the function.
    pullbacks: BTreeSet<Var>,
    /// Something was added to a slot at this point.
    sums: bool,
    found: bool,
}

impl Find {
    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::ForwardCall(forward) if forward.call.leaves() => {
                self.pullbacks.insert(forward.pullback);
            }
            // Both are one call, which may fail behind a sum of its own.
            Stmt::ReverseCall(reverse) => self.found |= self.pullbacks.contains(&reverse.pullback),
            _ => {}
        }
        let is_loop = matches!(stmt, Stmt::For(_) | Stmt::While(_));
        loop {
            let known = (self.sums, self.pullbacks.len());
            stmt.walk(&mut |item| match item {
                Item::Block(block) => self.block(block),
                Item::Place(place, _) => self.sums |= self.slots.contains(&place.root),
                Item::Var(var, _) => self.sums |= self.slots.contains(var),
                Item::Code(code) => self.found |= self.sums && code.leaves,
                Item::Operand(_)
                | Item::Enter
                | Item::Leave
                | Item::Bind(_)
                | Item::Pattern(_)
                | Item::Define(_) => {}
            });
            // What a pass adds is there when the next one fails.
            if !is_loop || known == (self.sums, self.pullbacks.len()) {
                break;
            }
        }
    }
}

impl Cx<'_> {
    /// For `f::vjp_add`: memory for the sums, and what adds them to the buffers afterwards; the joint form gets the former under
    /// the names of the buffers.
    pub(super) fn kept_apart(&self, names: &Names, workers: &Workers) -> (Tokens, Tokens, Vec<Ident>) {
        let s = site();
        let krate = self.krate();
        let mut namer = names.namer(&[]);
        let (mut before, mut after) = (Tokens::new(), Tokens::new());
        let mut sums = Vec::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            let (name, bar) = (&names.params[k], &names.bars[k]);
            let sum = namer.fresh(&format!("{}_sum", param.hint.trim_start_matches("r#")), param.span);
            if workers.slots[k] && param.kind.is_output() {
                let (copy, back) = if is_slice(param.ty) {
                    (quote_spanned!(s=> #bar.to_vec()), quote_spanned!(s=> #bar.clone_from_slice(&#sum);))
                } else {
                    (
                        quote_spanned!(s=> ::core::clone::Clone::clone(&*#bar)),
                        quote_spanned!(s=> *#bar = #sum;),
                    )
                };
                before.extend(quote_spanned!(s=> let mut #sum = #copy;));
                after.extend(back);
            } else if workers.slots[k] {
                let x = if param.kind.is_behind_reference() {
                    name.to_token_stream()
                } else {
                    quote_spanned!(s=> &#name)
                };
                before.extend(quote_spanned!(s=> let mut #sum = #krate::__private::zeros_like(#x);));
                after.extend(quote_spanned!(s=> #krate::__private::accumulate(#bar, &#sum);));
            }
            sums.push(sum);
        }
        (before, after, sums)
    }
}
