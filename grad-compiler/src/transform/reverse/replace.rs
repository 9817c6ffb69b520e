//! The mirror images of what replaces memory as a whole, or makes it longer.

use super::memory::has_static_shape;
use super::{Cx, placeholder_value, scalar};
use crate::fault::planted;
use crate::ir::{Elem, Float, Init, Op, Operand, Place, Stmt, Ty, Var, ViewKind};

impl Cx<'_> {
    pub(super) fn mirror_assign(&mut self, place: &Place, init: &Init, stmt: &Stmt) -> Vec<Stmt> {
        if !self.activity.is_active(place.root) {
            return vec![stmt.clone()];
        }
        let ty = self.place_ty(place);
        let bar = self.bar_place(place);
        if ty == Ty::Opaque && !self.is_active_part(place) {
            self.push(Stmt::Clear { place: bar });
            return vec![stmt.clone()];
        }
        let content = self.new_bar(place.root, ty.clone());
        if has_static_shape(&ty) {
            self.push(Stmt::Alloc { var: content, init: Init::Clone(bar.clone()) });
            self.push(Stmt::Clear { place: bar });
            self.mirror_content(init, content);
            return vec![stmt.clone()];
        }
        // The old content may have had another length.
        let (before, zeros) = match &ty {
            Ty::Vec(of) if of.is_float() => {
                let len = self.new_int("len");
                self.adopt(len, self.region());
                let again = self.need(len);
                let zeros = Init::VecRepeat { value: scalar(placeholder_value(of)), len: again };
                (Stmt::Let { var: len, op: Op::Len(place.clone()) }, zeros)
            }
            _ => {
                let old = self.new_bar(place.root, ty.clone());
                let kept = self.keep(old);
                (Stmt::Alloc { var: old, init: Init::ZerosLike(place.clone()) }, Init::Move(kept.into()))
            }
        };
        let is_owned = bar.path.is_empty() && !matches!(self.ty(bar.root), Ty::Ref { .. });
        if is_owned {
            self.push(Stmt::Alloc { var: content, init: Init::Move(bar.clone()) });
            self.push(Stmt::Assign { place: bar, init: zeros });
        } else {
            // A part cannot be moved out of the whole, nor out of a buffer of the caller's.
            self.push(Stmt::Alloc { var: content, init: zeros });
            self.push(Stmt::Swap { a: bar, b: content.into() });
        }
        self.mirror_content(init, content);
        vec![before, stmt.clone()]
    }

    fn mirror_content(&mut self, init: &Init, content: Var) {
        if !planted("reverse: assignment lost") {
            self.mirror_init(init, &content.into(), true);
        }
    }

    /// The type of a place, as far as it is known.
    pub(super) fn place_ty(&self, place: &Place) -> Ty {
        let (root, path) = self.layout.resolve(place);
        self.primal.ty(root).part(&path)
    }

    /// Whether a part of memory is active: one without floats, as far as the compiler sees, is not because others are.
    pub(super) fn is_active_part(&self, place: &Place) -> bool {
        let root = self.layout.root[place.root.index()];
        let holds_floats = self.place_ty(place).holds_floats() || !self.primal.ty(root).holds_floats();
        self.activity.is_active(place.root) && (holds_floats || self.activity.hides_varied(root))
    }

    pub(super) fn mirror_push(&mut self, vec: &Place, value: &Elem) {
        if !self.activity.is_active(vec.root) {
            return;
        }
        let bar = self.bar_place(vec);
        let bar = if bar.path.is_empty() { bar.root } else { self.bar_view(vec, bar) };
        match value {
            Elem::Scalar(operand) => {
                let last = match operand {
                    Operand::Var(var) => self.new_bar(*var, self.ty(*var)),
                    Operand::Lit(_) => self.new_bar(vec.root, Ty::Float(Float::Inferred)),
                };
                self.push(Stmt::Let { var: last, op: Op::Pop(bar) });
                if planted("reverse: pushed number lost") {
                    return;
                }
                self.accumulate_operand(operand, last.into());
            }
            Elem::Memory(place) => {
                let last = self.new_bar(place.root, self.place_ty(place));
                self.push(Stmt::Alloc { var: last, init: Init::Pop(bar) });
                if planted("reverse: pushed memory lost") {
                    return;
                }
                self.give(place, &last.into(), true);
            }
        }
    }

    /// A part of cotangent memory as a variable.
    fn bar_view(&mut self, of: &Place, bar: Place) -> Var {
        let ty = Ty::Ref { mutable: true, to: Box::new(self.place_ty(of).peeled().clone()) };
        let view = self.new_bar(of.root, ty);
        self.push(Stmt::View { var: view, place: bar, kind: ViewKind::Exclusive });
        view
    }

    pub(super) fn mirror_copy_from(&mut self, to: &Place, from: &Place) {
        if !self.activity.is_active(to.root) {
            return;
        }
        let bar = self.bar_place(to);
        if !self.activity.is_active(from.root) || planted("reverse: copy of memory lost") {
            return self.push(Stmt::Clear { place: bar });
        }
        let into = self.bar_place(from);
        if into.root == bar.root {
            let copy = self.new_bar(to.root, Ty::Unknown);
            self.push(Stmt::Alloc { var: copy, init: Init::ToVec(bar.clone()) });
            self.push(Stmt::Clear { place: bar });
            self.push(Stmt::AccumulateAll { to: into, from: copy.into() });
        } else {
            self.push(Stmt::AccumulateAll { to: into, from: bar.clone() });
            self.push(Stmt::Clear { place: bar });
        }
    }
}
