//! The items of sequences in memory: elements, and pieces of slices.

use super::number;
use super::pipe::{By, Cut};
use crate::ir::{Operand, Proj};
use crate::lower::Lower;
use crate::lower::types::Type;
use crate::lower::value::{Memory, Val};

pub(super) fn element(cx: &mut Lower<'_>, of: &Memory, by: By, at: &Operand) -> Val {
    let element = cx.element(of, at.clone());
    match by {
        By::Value => element,
        By::Mut => Val::reference(true, element),
        // A number behind a shared reference does not change while it is borrowed: it is read once.
        By::Ref => {
            let element = match element {
                Val::Memory(memory) if cx.types.is_scalar(&memory.ty) => cx.rvalue(Val::Memory(memory)),
                element => element,
            };
            Val::reference(false, element)
        }
    }
}

pub(super) fn piece(
    cx: &mut Lower<'_>,
    of: &Memory,
    cut: Cut,
    size: &Operand,
    len: &Operand,
    at: &Operand,
) -> Val {
    let from = match cut {
        Cut::Windows => at.clone(),
        _ => number::mul(cx, at, size),
    };
    let to = number::add(cx, &from, size);
    let to = match cut {
        // The last one may be shorter.
        Cut::Chunks | Cut::ChunksMut => number::min(cx, &to, len),
        _ => to,
    };
    let proj = Proj::Slice { from: Some(from), to: Some(to), inclusive: false };
    let of_element = cx.types.element(&of.ty).unwrap_or_else(|| cx.unknown_constant());
    let place = cx.project(&of.place, proj);
    let mutable = matches!(cut, Cut::ChunksMut | Cut::ChunksExactMut);
    Val::reference(mutable, Val::memory(place, Type::slice(of_element)))
}
