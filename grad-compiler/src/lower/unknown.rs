//! What is done with a value whose type only rustc knows?
//!
//! The protocol is docs/unknown-types.md. Here is the side of `lower`: a value that may be a tuple is taken apart where
//! somebody wants its parts, whatever form it has.


use super::value::{CodeVal, Memory, Val};
use super::{Kind, Lower};
use crate::ir::Proj;
use quote::{ToTokens, quote};

/// A value as the `arity` parts of a tuple, whether it was written as one or not: an element that was copied, the result
/// of a call, a constant.
pub(crate) fn parts(cx: &mut Lower<'_>, val: Val, arity: usize, at: &dyn ToTokens) -> Vec<Val> {
    match cx.settle(val) {
        Val::Tuple(of) if of.len() == arity => of,
        Val::Memory(memory) if cx.types.tuple(&memory.ty, arity).is_some() => cx.fields(&memory, arity),
        val @ (Val::Scalar(..) | Val::Cell(..)) if cx.is_constant(&val) => {
            let whole = cx.as_code(val);
            (0..arity)
                .map(|field| {
                    let (tokens, field) = (&whole.tokens, syn::Index::from(field));
                    let ty = cx.unknown_constant();
                    Val::Code(CodeVal { tokens: quote!(#tokens.#field), ty, cheap: true, typed: true })
                })
                .collect()
        }
        // What was reported.
        Val::Never => vec![Val::Never; arity],
        _ => {
            cx.reject(
                Kind::UnknownType,
                &at.to_token_stream(),
                "these items are not known to be tuples",
                "write the tuple: `.map(|(a, b)| (a, b))`",
            );
            vec![Val::Never; arity]
        }
    }
}

impl Lower<'_> {
    /// The fields of a tuple in memory, each as a place.
    pub(crate) fn fields(&mut self, memory: &Memory, arity: usize) -> Vec<Val> {
        (0..arity)
            .map(|field| {
                let ty = self.types.field(&memory.ty, field).unwrap_or_else(|| self.unknown_constant());
                match self.part(self.project(&memory.place, Proj::Field(field)), ty) {
                    // A part of a temporary: nothing else names it.
                    Val::Memory(part) => Val::Memory(Memory { fresh: memory.fresh, ..part }),
                    part => part,
                }
            })
            .collect()
    }

    /// Memory that a callee may write floats to, whatever is known of its type so far.
    pub(crate) fn lend(&self, val: &Val) {
        match val {
            Val::Memory(memory) => self.types.lend(&memory.ty),
            Val::Local(path) => self.lend(&self.component(path)),
            Val::Ref { to, .. } => self.lend(to),
            Val::Tuple(of) => of.iter().for_each(|val| self.lend(val)),
            // What is not in memory is the business of the argument's own kind.
            Val::Scalar(..)
            | Val::Code(_)
            | Val::Cell(..)
            | Val::Unit
            | Val::Never
            | Val::Uninit
            | Val::Range(_)
            | Val::Closure(_)
            | Val::Function(_) => {}
        }
    }
}
