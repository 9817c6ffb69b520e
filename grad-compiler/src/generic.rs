//! Which type parameters stand for floats?
//!
//! A macro sees the names of bounds only. `Float` (of num-traits), `RealField` (of nalgebra) and `Real` (of grad, and of
//! num-traits) say it; of a trait of the user's own, the attribute does: `#[grad(scalar(T))]`.

use proc_macro2::Ident;
use syn::{GenericParam, Generics, Type, TypeParamBound, WherePredicate};

/// Traits of the methods of floats that are behind those of floats: what is called by its path.
const METHODS: [&str; 1] = ["ComplexField"];

/// Traits that floats alone have.
const BOUNDS: [&str; 5] = ["Float", "FloatCore", "NdFloat", "RealField", "Real"];

/// The type parameters that stand for floats: by a bound, or because they are declared to.
pub fn scalars(generics: &Generics, declared: &[Ident]) -> Vec<Ident> {
    let params = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(param),
        GenericParam::Const(_) | GenericParam::Lifetime(_) => None,
    });
    let is_scalar = |param: &&syn::TypeParam| {
        declared.contains(&param.ident)
            || param.bounds.iter().any(is_float)
            || bounds_elsewhere(generics, &param.ident).any(is_float)
    };
    params.filter(is_scalar).map(|param| param.ident.clone()).collect()
}

/// What the where clause says of a type parameter.
fn bounds_elsewhere<'a>(
    generics: &'a Generics,
    param: &'a Ident,
) -> impl Iterator<Item = &'a TypeParamBound> + use<'a> {
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    predicates
        .filter_map(move |predicate| match predicate {
            WherePredicate::Type(predicate) if is_named(&predicate.bounded_ty, param) => {
                Some(&predicate.bounds)
            }
            _ => None,
        })
        .flatten()
}

/// The traits by which a function may call methods of these type parameters: their bounds, and what is behind those.
pub(crate) fn method_traits(generics: &Generics, scalars: &[Ident]) -> Vec<String> {
    let mut names = bounds(generics, scalars);
    if !names.is_empty() {
        names.extend(BOUNDS.iter().chain(&METHODS).map(ToString::to_string));
    }
    names
}

/// The names of all bounds on these type parameters.
pub(crate) fn bounds(generics: &Generics, scalars: &[Ident]) -> Vec<String> {
    let mut names = Vec::new();
    for param in generics.type_params().filter(|param| scalars.contains(&param.ident)) {
        for bound in param.bounds.iter().chain(bounds_elsewhere(generics, &param.ident)) {
            if let Some(name) = name_of(bound) {
                names.push(name.to_string());
            }
        }
    }
    names
}

/// Which of these type parameters have the bound of grad alone: `Real`, and no trait of floats beside it.
pub(crate) fn of_grad(generics: &Generics, scalars: &[Ident]) -> Vec<u32> {
    let is_of_grad = |scalar: &Ident| {
        let own = std::slice::from_ref(scalar);
        let names = bounds(generics, own);
        names.iter().any(|name| name == "Real")
            && !names.iter().any(|name| name != "Real" && BOUNDS.contains(&name.as_str()))
    };
    (0..).zip(scalars).filter(|(_, scalar)| is_of_grad(scalar)).map(|(at, _)| at).collect()
}

fn is_named(ty: &Type, param: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(param))
}

fn is_float(bound: &TypeParamBound) -> bool {
    name_of(bound).is_some_and(|bound| BOUNDS.iter().any(|name| bound == name))
}

fn name_of(bound: &TypeParamBound) -> Option<&Ident> {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}
