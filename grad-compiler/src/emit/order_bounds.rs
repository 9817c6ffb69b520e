//! What a derivative above the first order asks of type parameters.

use super::items::{Cx, at_site};
use super::{Tokens, site};
use crate::function::stands_for_function;
use crate::transform::Width;
use quote::quote_spanned;

impl Cx<'_> {
    /// The where clause of a derivative of this order, with so many lanes.
    pub(super) fn where_clause_of_order(&self, order: usize, width: Width) -> Tokens {
        let mut bounds = self.bounds_of(width);
        if order > 1 {
            bounds.extend(self.bounds_of_functions(width));
        }
        self.where_with(bounds)
    }

    /// What a second derivative asks of parameters that are functions, and of types of which a trait is known.
    fn bounds_of_functions(&self, width: Width) -> Vec<Tokens> {
        let (s, krate, lanes) = (site(), self.krate(), &self.lanes);
        let twice = self.args.functions.iter().map(|function| {
            let (of, twice) = (at_site(&function.of), &function.twice);
            quote_spanned!(s=> #of: #twice)
        });
        let params = self.sig.item.sig.generics.type_params();
        let params = params.filter(|param| width == Width::Lanes && stands_for_function(param));
        let tangents = params.map(|param| {
            let of = at_site(&param.ident);
            quote_spanned! {s=>
                <<#of as #krate::Differentiable>::Tangent as #krate::__private::LanesLike<#lanes>>::Lanes:
                    #krate::__private::Blank + #krate::__private::Clear
            }
        });
        twice.chain(tangents).collect()
    }
}
