//! Places: how memory is spelt.

use super::body::Emitter;
use super::{Tokens, site};
use crate::ir::{OfArray, Place, Proj, Ty, Var, ViewKind};
use proc_macro2::Literal;
use quote::{ToTokens, quote_spanned};

/// `&` or `&mut`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Shared,
    Exclusive,
}

impl Emitter<'_> {
    /// The type of what is found at a place.
    pub(super) fn place_ty(&self, place: &Place) -> Ty {
        let mut ty = self.func.ty(place.root).clone();
        for proj in &place.path {
            let inner = ty.peeled().clone();
            ty = match (proj, inner) {
                (Proj::Index(_), Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of)) => *of,
                (Proj::Field(k), Ty::Tuple(of)) => of.get(*k).cloned().unwrap_or(Ty::Unknown),
                (Proj::Slice { .. }, Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of)) => Ty::Slice(of),
                (Proj::Deref, inner) => inner,
                _ => Ty::Unknown,
            };
        }
        ty
    }

    /// Whether it is made by `to_owned` of an array.
    pub(super) fn is_copy_of_array(&self, var: Var) -> bool {
        self.func.vars[var.index()].of_array == Some(OfArray::Copy)
    }

    /// As the array's own method copies it, without gaps.
    pub(super) fn to_owned(&self, array: &Place) -> Tokens {
        let array = self.place(array);
        quote_spanned!(site()=> #array.to_owned())
    }

    /// A sequence that is a part of other memory.
    pub(super) fn is_part_of_sequence(&self, place: &Place) -> bool {
        let place = self.resolve(place);
        !place.path.is_empty() && matches!(self.place_ty(&place).peeled(), Ty::Slice(_) | Ty::Vec(_))
    }

    /// A view that is not kept in a variable.
    pub(super) fn is_spelt_out(&self, view: Var) -> bool {
        match self.facts.views[view.index()] {
            None | Some((_, ViewKind::Shared | ViewKind::Row)) => false,
            Some((_, ViewKind::Exclusive)) => true,
            // Behind a slot that may be absent, only a slice can stand in for what is not there.
            Some((place, ViewKind::Materialized)) => {
                self.marker_of(place.root).is_some()
                    && !(self.slots.contains_key(&place.root)
                        && matches!(place.path[..], [Proj::Slice { .. }])
                        && matches!(self.func.ty(place.root).peeled(), Ty::Slice(_) | Ty::Vec(_)))
            }
        }
    }

    pub(super) fn resolve(&self, place: &Place) -> Place {
        self.facts.spelt_from_root(place, &|view| self.is_spelt_out(view), &|place| self.place_ty(place))
    }

    /// The place as an expression: `x[i].0`, `*p`.
    pub(super) fn place(&self, place: &Place) -> Tokens {
        let place = self.resolve(place);
        self.spell(&place)
    }

    pub(super) fn spell(&self, place: &Place) -> Tokens {
        self.spell_with(place, None)
    }

    /// The same; what it is at the given step may be nothing.
    pub(super) fn spell_with(&self, place: &Place, part: Option<(usize, Access)>) -> Tokens {
        self.spell_steps(self.name(place.root).to_token_stream(), &place.path, part)
    }

    /// What some steps lead to.
    pub(super) fn spell_from(&self, whole: Tokens, path: &[Proj]) -> Tokens {
        self.spell_steps(whole, path, None)
    }

    fn spell_steps(&self, whole: Tokens, path: &[Proj], part: Option<(usize, Access)>) -> Tokens {
        let s = site();
        let mut out = whole;
        for (k, proj) in path.iter().enumerate() {
            out = match proj {
                Proj::Index(index) => {
                    let index = self.inner(index);
                    quote_spanned!(s=> #out[#index])
                }
                Proj::Field(field) => {
                    let field = Literal::usize_unsuffixed(*field);
                    quote_spanned!(s=> #out.#field)
                }
                Proj::Named(field) => {
                    let field = crate::ir::field_name(field, s);
                    quote_spanned!(s=> #out.#field)
                }
                Proj::Some => {
                    let krate = self.krate;
                    quote_spanned!(s=> #out[#krate::__private::Inside])
                }
                Proj::Variant(name) => {
                    let krate = self.krate;
                    let name = Literal::string(name);
                    quote_spanned!(s=> #out[#krate::__private::InVariant::<{ #krate::__private::in_variant(#name) }>])
                }
                Proj::Slice { from, to, inclusive } => {
                    let from = from.as_ref().map(|from| self.operand(from));
                    let to = to.as_ref().map(|to| self.operand(to));
                    if *inclusive {
                        quote_spanned!(s=> #out[#from..=#to])
                    } else {
                        quote_spanned!(s=> #out[#from..#to])
                    }
                }
                Proj::Deref if k + 1 == path.len() => quote_spanned!(s=> *#out),
                Proj::Boxed if k + 1 == path.len() => quote_spanned!(s=> *#out),
                Proj::Deref | Proj::Boxed => quote_spanned!(s=> (*#out)),
            };
            let Some((_, access)) = part.filter(|(at, _)| *at == k) else { continue };
            out = match access {
                Access::Shared => quote_spanned!(s=> #out.__grad_part()),
                Access::Exclusive => quote_spanned!(s=> #out.__grad_part_mut()),
            };
            // Other steps go through the reference by themselves.
            out = match path.get(k + 1) {
                None => quote_spanned!(s=> *#out),
                Some(Proj::Deref | Proj::Boxed) => quote_spanned!(s=> (*#out)),
                Some(_) => out,
            };
        }
        out
    }

    /// A place whose whole content is meant: behind a reference, `*r`.
    pub(super) fn content(&self, place: &Place) -> Tokens {
        let place = self.resolve(place);
        let out = self.spell(&place);
        if matches!(self.place_ty(&place), Ty::Ref { .. }) { quote_spanned!(site()=> *#out) } else { out }
    }

    /// A reference to the place, for an argument whose type is known to be a reference.
    pub(super) fn reference(&self, place: &Place, access: Access) -> Tokens {
        let s = site();
        let mut place = self.resolve(place);
        if place.path.last() == Some(&Proj::Deref) {
            place.path.pop();
            return self.spell(&place);
        }
        let out = self.spell(&place);
        let is_reference = matches!(self.place_ty(&place), Ty::Ref { .. })
            || (place.path.is_empty() && self.facts.views[place.root.index()].is_some());
        match (is_reference, access) {
            // A reference inside of something is copied or reborrowed; a variable is passed as it is.
            (true, Access::Exclusive) if !place.path.is_empty() => quote_spanned!(s=> &mut *#out),
            (true, _) => out,
            (false, Access::Shared) => quote_spanned!(s=> &#out),
            (false, Access::Exclusive) => quote_spanned!(s=> &mut #out),
        }
    }

    /// `&mut` of the place where nothing but a reborrow will do: inside `Some(…)`.
    pub(super) fn reborrow(&self, place: &Place) -> Tokens {
        let s = site();
        let place = self.resolve(place);
        let out = self.spell(&place);
        let is_reference = matches!(self.place_ty(&place), Ty::Ref { .. })
            || (place.path.is_empty() && self.facts.views[place.root.index()].is_some());
        if is_reference { quote_spanned!(s=> &mut *#out) } else { quote_spanned!(s=> &mut #out) }
    }
}
