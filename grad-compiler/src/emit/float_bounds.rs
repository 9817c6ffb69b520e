//! What generated code asks of a type parameter that stands for a float: more where the function has matrices of it, whose rows
//! are for the floats of their library.

use super::items::Cx;
use super::{Tokens, site};
use crate::{generic, matrix};
use proc_macro2::Ident;
use quote::quote_spanned;
use syn::visit::{self, Visit};

impl Cx<'_> {
    /// The traits of the runtime that it must have.
    pub(super) fn float_bound(&self, scalar: &Ident) -> Tokens {
        let s = site();
        let krate = self.krate();
        let libraries = self.libraries_of(scalar);
        let of_matrices =
            libraries.matrices.then(|| quote_spanned!(s=> + #krate::__private::FloatOfMatrices));
        let of_arrays = libraries.arrays.then(|| quote_spanned!(s=> + #krate::__private::FloatOfArrays));
        quote_spanned!(s=> #krate::__private::GenericFloat #of_matrices #of_arrays)
    }

    /// The libraries of which the function may have matrices of this float. A bound of theirs says that its methods are known.
    pub(super) fn libraries_of(&self, scalar: &Ident) -> Libraries {
        let function = self.sig.item;
        let mut found = Libraries::default();
        found.visit_item_fn(function);
        let bounds = generic::bounds(&function.sig.generics, std::slice::from_ref(scalar));
        let has = |names: &[&str]| bounds.iter().any(|bound| names.contains(&bound.as_str()));
        Libraries {
            matrices: found.matrices && has(&["RealField"]),
            arrays: found.arrays && has(&["Float", "NdFloat"]),
        }
    }
}

/// Whether there are matrices of nalgebra, and arrays of ndarray, by their names.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Libraries {
    pub(super) matrices: bool,
    pub(super) arrays: bool,
}

impl<'ast> Visit<'ast> for Libraries {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        for segment in &path.segments {
            let name = segment.ident.to_string();
            self.arrays |= matrix::array::named(&name).is_some() || matches!(name.as_str(), "array" | "Zip");
            self.matrices |= matrix::Dimensions::of(&name).is_some()
                || matches!(name.as_str(), "vector" | "matrix" | "dvector" | "dmatrix");
        }
        visit::visit_path(self, path);
    }
}
