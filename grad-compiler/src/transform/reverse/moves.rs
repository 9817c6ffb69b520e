//! Memory that is moved away.
//!
//! The cotangent of moved memory has the shape that the memory had when it went. Memory that leaves for good is gone when
//! the reverse sweep begins, so that shape is taken down in front of the move. Memory that leaves in some runs only, or
//! comes back with another content, stays where it is in the forward sweep, and a copy of it goes.

use super::Cx;
use crate::analysis::Pos;
use crate::ir::{ArgKind, Elem, Init, Passed, Place, Stmt, Ty};

impl Cx<'_> {
    /// Puts what takes down the shape of memory of the frame at `depth` where the memory is still there: at the end of the
    /// region, or in front of the statement that moves it away.
    pub(super) fn take_down(&mut self, left: Option<Pos>, depth: usize, stmts: Vec<Stmt>) {
        match left {
            Some(pos) => self.in_front.entry(pos).or_default().extend(stmts),
            None => self.frames[depth].tail.extend(stmts),
        }
    }

    /// What goes in front of the end of the innermost region.
    pub(super) fn rest_in_front(&mut self) -> Vec<Stmt> {
        let region = *self.layout.region(self.region());
        // Where the region starts is the statement that it is of, which has its place in the region around.
        let mut inner = self.in_front.split_off(&(region.start + 1));
        let mut later = inner.split_off(&region.end);
        inner.extend(later.remove(&region.end).map(|stmts| (region.end, stmts)));
        self.in_front.append(&mut later);
        inner.into_values().flatten().collect()
    }

    /// Whether the memory is moved at `pos`, and there must be something left of it.
    fn stays_behind(&self, place: &Place, pos: Pos) -> bool {
        let (root, path) = self.layout.resolve(place);
        path.is_empty()
            && self.activity.is_active(root)
            && !matches!(self.primal.ty(root), Ty::Ref { .. })
            && self.layout.leaves_for_now(root, pos)
    }

    /// The statement of the forward sweep, with what it needs in front of it.
    pub(super) fn with_copies(&mut self, mut stmt: Stmt, pos: Pos) -> Vec<Stmt> {
        let mut before = Vec::new();
        match &mut stmt {
            Stmt::Alloc { init, .. } | Stmt::Assign { init, .. } => self.copy_in_init(init, pos, &mut before),
            Stmt::Push { value, .. } => self.copy_in_elem(value, pos, &mut before),
            Stmt::Call(call) => {
                for arg in &mut call.args {
                    if let ArgKind::Memory { place, passed: Passed::Moved } = &mut arg.kind {
                        self.copy_in_place(place, pos, &mut before);
                    }
                }
            }
            Stmt::ForwardCall(forward) => {
                for arg in &mut forward.call.args {
                    if let ArgKind::Memory { place, passed: Passed::Moved } = &mut arg.kind {
                        self.copy_in_place(place, pos, &mut before);
                    }
                }
            }
            Stmt::Let { .. }
            | Stmt::View { .. }
            | Stmt::Store { .. }
            | Stmt::Swap { .. }
            | Stmt::Fill { .. }
            | Stmt::CopyFrom { .. }
            | Stmt::Branch(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::Effect { .. }
            | Stmt::Accumulate { .. }
            | Stmt::AccumulateAll { .. }
            | Stmt::Clear { .. }
            | Stmt::Grow { .. }
            | Stmt::Extend { .. }
            | Stmt::Truncate { .. }
            | Stmt::ReverseCall(_)
            | Stmt::TangentCall(_) => {}
        }
        before.push(stmt);
        before
    }

    fn copy_in_init(&mut self, init: &mut Init, pos: Pos, before: &mut Vec<Stmt>) {
        match init {
            Init::Array(elems) | Init::Vec(elems) | Init::Tuple(elems) | Init::Record { elems, .. } => {
                elems.iter_mut().for_each(|elem| self.copy_in_elem(elem, pos, before));
            }
            Init::Move(place) if self.stays_behind(place, pos) => *init = Init::Clone(place.clone()),
            Init::ArrayRepeat { .. }
            | Init::VecRepeat { .. }
            | Init::Buffer { .. }
            | Init::Empty { .. }
            | Init::Move(_)
            | Init::Clone(_)
            | Init::ToVec(_)
            | Init::Refill { .. }
            | Init::Keep(_)
            | Init::Again(_)
            | Init::Code(_)
            | Init::Point(_)
            | Init::ZerosLike(_)
            | Init::LanesLike(_)
            | Init::Zeros(_)
            | Init::Tape(_)
            | Init::Pop(_)
            | Init::Part(_) => {}
        }
    }

    pub(super) fn copy_in_elem(&mut self, elem: &mut Elem, pos: Pos, before: &mut Vec<Stmt>) {
        if let Elem::Memory(place) = elem {
            self.copy_in_place(place, pos, before);
        }
    }

    fn copy_in_place(&mut self, place: &mut Place, pos: Pos, before: &mut Vec<Stmt>) {
        if self.stays_behind(place, pos) {
            let (root, _) = self.layout.resolve(place);
            let copy = self.new_like(root);
            before.push(Stmt::Alloc { var: copy, init: Init::Clone(place.clone()) });
            *place = copy.into();
        }
    }
}
