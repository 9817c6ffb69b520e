//! Parts of tangents that may be those of constants.
//!
//! A field that is a constant of its type has the tangent `()`, which only rustc sees. So what is read of a field of a tangent, or
//! added to one, is written in a way that does for both: [`PartOf`](https://docs.rs/grad-runtime) of the runtime. What is *stored* in a
//! tangent, and what is read of a cotangent because its value was overwritten, is written as it is everywhere: there, a
//! constant would lose something, and rustc says that the types do not match.

use super::body::Emitter;
use super::items::Cx;
use super::place::Access;
use super::{Tokens, site};
use crate::ir::{Place, Proj, Ty, Var};
use quote::quote_spanned;

impl Emitter<'_> {
    /// Whether a place is in a field of a tangent or a cotangent, whatever views lead to it.
    fn is_part(&self, place: &Place) -> bool {
        let places = || std::iter::once(place).chain(self.views_of(place.root));
        places().any(|place| self.func.vars[place.root.index()].derivative)
            && places().any(|place| place.path.iter().any(Proj::is_field))
    }

    /// The places that a view looks at, one in the other.
    fn views_of(&self, view: Var) -> impl Iterator<Item = &Place> {
        let of = |view: Var| self.facts.views[view.index()].map(|(of, _)| of);
        std::iter::successors(of(view), move |place| of(place.root))
    }

    /// A place that is read or added to, as an expression.
    pub(super) fn part(&self, place: &Place, access: Access) -> Tokens {
        let is_part = self.is_part(place);
        let place = self.resolve(place);
        if !is_part {
            return self.spell(&place);
        }
        let last = place.path.iter().rposition(Proj::is_field);
        if last.is_some() {
            self.written.part();
        }
        self.spell_with(&place, last.map(|at| (at, access)))
    }

    /// A reference to it, to be kept.
    pub(super) fn part_reference(&self, place: &Place, access: Access) -> Tokens {
        let s = site();
        let resolved = self.resolve(place);
        if !self.is_part(place) || !resolved.path.iter().any(Proj::is_field) {
            return match access {
                Access::Shared => self.reference(place, access),
                Access::Exclusive => self.reborrow(place),
            };
        }
        let out = self.part(place, access);
        match access {
            Access::Shared => quote_spanned!(s=> &#out),
            Access::Exclusive => quote_spanned!(s=> &mut #out),
        }
    }

    /// What moves as a part of a direction says.
    fn direction_of(&self, place: &Place) -> Option<Place> {
        let root = self.func.vars[place.root.index()].direction_of?;
        self.is_part(place).then(|| Place { root, path: place.path.clone() })
    }

    /// A copy of a part of a direction, that of a constant zeros in the shape of what is copied beside it.
    pub(super) fn copy_part(&self, place: &Place) -> Option<Tokens> {
        let s = site();
        let of = self.direction_of(place)?;
        let (krate, of) = (self.krate, self.reference(&of, Access::Shared));
        let part = self.part_reference(place, Access::Shared);
        Some(match &self.lanes {
            Some(lanes) => quote_spanned!(s=> #krate::__private::copy_part_n::<#lanes, _, _>(#part, #of)),
            None => quote_spanned!(s=> #krate::__private::copy_part(#part, #of)),
        })
    }

    /// Adds to a part of a cotangent.
    pub(super) fn accumulate_part(&self, to: &Place, from: &Place) -> Option<Tokens> {
        if !self.is_part(to) {
            return None;
        }
        let (to, from) = (self.part(to, Access::Exclusive), self.reference(from, Access::Shared));
        self.written.part();
        Some(quote_spanned!(site()=> (#to).__grad_accumulate(#from);))
    }

    /// The number in a part of a direction, that of a constant 0.
    pub(super) fn read_part(&self, var: Var, place: &Place) -> Option<Tokens> {
        let float = match self.func.ty(var) {
            Ty::Float(float) => self.float_ty(*float),
            Ty::Lanes(float) => {
                let (krate, float, lanes) = (self.krate, self.float_ty(*float), &self.lanes);
                quote_spanned!(site()=> #krate::__private::Lanes<#float, #lanes>)
            }
            _ => return None,
        };
        self.direction_of(place)?;
        let (krate, part) = (self.krate, self.part_reference(place, Access::Shared));
        Some(quote_spanned!(site()=> #krate::__private::read_part::<#float, _>(#part)))
    }
}

impl Cx<'_> {
    /// What finds parts, if there are some in what has been written.
    pub(super) fn parts(&self) -> Tokens {
        if !self.written.has_parts() {
            return Tokens::new();
        }
        let (s, krate) = (site(), self.krate());
        quote_spanned! {s=>
            #[allow(unused_imports)]
            use #krate::__private::{AddToPart as _, PartOf as _, PartOfMut as _, KeptAsItIs as _, KeptBehind as _, ZerosBeside as _, ZerosOf as _};
        }
    }
}
