//! Zeros in the shape of memory in which there is something that the compiler does not look into.
//!
//! Of a `Vec<(Kind, f64)>` the cotangent is a `Vec<((), f64)>`. A type of the user's that is a constant need not implement anything, so
//! zeros are made around it; of a constant that is a number after all, it is 0.

use super::body::Emitter;
use super::place::Access;
use super::{Tokens, site};
use crate::ir::{Place, Ty};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};

impl Emitter<'_> {
    /// Zeros, or lanes of them, in the shape of a place.
    pub(super) fn zeros_beside(&self, place: &Place, lanes: Option<&Ident>) -> Tokens {
        let like = self.part_reference(place, Access::Shared);
        // Of memory without floats the type itself says what it has.
        let holds_floats = self.func.ty(self.resolve(place).root).holds_floats();
        self.zeros_of(&if holds_floats { self.place_ty(place) } else { Ty::Unknown }, &like, lanes)
    }

    /// The same of a type, which that has to which `like` refers.
    fn zeros_of(&self, ty: &Ty, like: &Tokens, lanes: Option<&Ident>) -> Tokens {
        let (s, krate) = (site(), self.krate);
        let all = |like: &Tokens| match lanes {
            Some(lanes) => quote_spanned!(s=> #krate::__private::lanes_like::<_, #lanes>(#like)),
            None => quote_spanned!(s=> #krate::__private::zeros_like(#like)),
        };
        if !has_constants(ty) {
            return all(like);
        }
        let element = Ident::new("element", s);
        let each = |of: &Ty| self.zeros_of(of, &element.to_token_stream(), lanes);
        match ty.peeled() {
            Ty::Opaque => {
                self.written.part();
                let beside = match lanes {
                    Some(lanes) => quote_spanned!(s=> BesideN::<#lanes, _>),
                    None => quote_spanned!(s=> Beside),
                };
                quote_spanned!(s=> (&&#krate::__private::#beside(#like)).__grad_zeros())
            }
            Ty::Tuple(of) => {
                let parts = of.iter().enumerate().map(|(at, of)| {
                    let at = proc_macro2::Literal::usize_unsuffixed(at);
                    self.zeros_of(of, &quote_spanned!(s=> &(#like).#at), lanes)
                });
                quote_spanned!(s=> (#(#parts,)*))
            }
            Ty::Array(of, _) => {
                let each = each(of);
                quote_spanned!(s=> (#like).each_ref().map(|#element| #each))
            }
            Ty::Slice(of) | Ty::Vec(of) => {
                let each = each(of);
                quote_spanned!(s=> #krate::__private::zeros_like_each(#like, |#element| #each))
            }
            Ty::Float(_)
            | Ty::Lanes(_)
            | Ty::Int
            | Ty::Bool
            | Ty::Unit
            | Ty::Ref { .. }
            | Ty::Pullback
            | Ty::Tape(_)
            | Ty::Unknown => all(like),
        }
    }
}

/// Whether there is a constant beside floats, of a type that only rustc knows.
fn has_constants(ty: &Ty) -> bool {
    ty.hides() && !ty.is_partly_unknown()
}
