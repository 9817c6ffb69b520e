//! Parts of tangents that may be those of constants.
//!
//! A field that is a constant of its type has the tangent `()`, which only rustc sees. So what is read of a field of a tangent, or
//! added to one, is written in a way that does for both: [`PartOf`](https://docs.rs/grad-runtime) of the runtime. What is *stored* in a
//! tangent, and what is read of a cotangent because its value was overwritten, is written as it is everywhere: there, a
//! constant would lose something, and rustc says that the types do not match.

use super::body::Emitter;
use super::items::Cx;
use super::own_types::spelt;
use super::place::Access;
use super::{Tokens, site};
use crate::ir::{Passed, Place, Proj, Ty, Var};
use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote_spanned};

impl Emitter<'_> {
    /// Whether a place is in a field of a tangent or a cotangent, whatever views lead to it.
    fn is_part(&self, place: &Place) -> bool {
        self.facts.is_part(self.func, place)
    }

    /// Whether an argument of a call may be nothing: a part of a tangent, or what was made in the shape of one.
    pub(super) fn may_be_nothing(&self, place: &Place) -> bool {
        self.is_part(place) || self.facts.like_parts[self.resolve(place).root.index()]
    }

    /// The place of a cotangent of an argument, if it has one.
    pub(super) fn slot_of_part(&self, place: &Place) -> Option<Tokens> {
        let lent = self.lent_part(place, Access::Exclusive)?;
        Some(self.asked(&lent, "slot"))
    }

    /// What a pullback returned, added there.
    pub(super) fn merge_part(&self, place: &Place, returned: &Ident) -> Option<Tokens> {
        let lent = self.lent_part(place, Access::Exclusive)?;
        let krate = self.krate;
        Some(quote_spanned!(site()=> #krate::__private::argument(#lent).merge(#returned);))
    }

    /// The tangent of an argument, if it has one.
    pub(super) fn dot_of_part(&self, place: &Place, passed: Passed) -> Option<Tokens> {
        let lent = self.lent_part(place, Access::Shared)?;
        match passed {
            Passed::Shared => Some(self.asked(&lent, "dot")),
            Passed::Moved => Some(self.asked(&lent, "dot_owned")),
            Passed::Exclusive | Passed::Lent => None,
        }
    }

    /// What a pullback takes again for an argument.
    pub(super) fn again(&self, place: &Place) -> Tokens {
        let (s, krate) = (site(), self.krate);
        if self.is_part(place)
            && let Some(lent) = self.lent_part(place, Access::Shared)
        {
            return self.asked(&lent, "again");
        }
        let lent = self.reference(place, Access::Shared);
        // Whether it is a constant of the callee, which takes it again, the callee alone knows.
        let form = if self.is_own_field(place) { "retaken" } else { "again" };
        let form = Ident::new(form, s);
        quote_spanned!(s=> #krate::__private::#form(#lent))
    }

    /// What the type of a part says of an argument.
    pub(super) fn asked(&self, lent: &Tokens, question: &str) -> Tokens {
        let (krate, question) = (self.krate, Ident::new(question, site()));
        quote_spanned!(site()=> #krate::__private::argument(#lent).#question())
    }

    fn lent_part(&self, place: &Place, access: Access) -> Option<Tokens> {
        let s = site();
        if !self.may_be_nothing(place) {
            return None;
        }
        self.written.part();
        let lent = match access {
            Access::Shared => self.part_reference(place, access),
            Access::Exclusive if self.is_part(place) => self.part_reference(place, access),
            Access::Exclusive => self.reborrow(place),
        };
        Some(quote_spanned!(s=> #lent))
    }

    /// Whether a value is in a field of one of the user's types.
    fn is_own_field(&self, place: &Place) -> bool {
        let place = self.resolve(place);
        let places = || std::iter::once(&place).chain(self.facts.views_of(place.root));
        !self.func.vars[self.resolve_root(place.root).index()].derivative
            && places().any(|place| place.path.iter().any(Proj::is_field))
    }

    /// The marker of an argument in a field: whether it is differentiated, the type of the field's tangent says.
    pub(super) fn marker_of_field(&mut self, place: &Place, s: Span, before: &mut Tokens) -> Option<Ident> {
        if !self.is_own_field(place) {
            return None;
        }
        self.written.part();
        let mut path = place.path.clone();
        let mut root = place.root;
        for of in self.facts.views_of(place.root) {
            path.splice(0..0, of.path.iter().cloned());
            root = of.root;
        }
        let krate = self.krate;
        let whole = match self.markers.get(&root) {
            Some(marker) => {
                self.used_markers.borrow_mut().insert(marker.to_string());
                marker.to_token_stream()
            }
            None => quote_spanned!(s=> #krate::__private::Active),
        };
        let tangent = Ident::new("tangent", s);
        let steps = kind_of_part(&path, s, krate);
        let of = self.reference(&root.into(), Access::Shared);
        let name = self.namer.fresh("activity", s);
        before.extend(quote_spanned! {s=>
            let #name = #krate::__private::activity_in(
                #whole,
                #of,
                |#tangent| #krate::__private::argument(&#tangent #steps).activity(),
            );
        });
        Some(name)
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

/// The steps to a part of a tangent, that may be nothing from its last field on.
pub(super) fn kind_of_part(path: &[Proj], s: Span, krate: &Tokens) -> Tokens {
    let fields = path.iter().rposition(Proj::is_field).map_or(0, |at| at + 1);
    let (before, behind) = (spelt(&path[..fields], s, krate), spelt(&path[fields..], s, krate));
    if behind.is_empty() { before } else { quote_spanned!(s=> #before.__grad_part() #behind) }
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
