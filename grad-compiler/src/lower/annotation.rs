//! Which type do the user's tokens name?

use super::types::{Origin, Type, Types};
use crate::ir::Float;
use crate::matrix::{Element, Form};
use crate::shape::{Shape, Typed, Wrapper};
use quote::ToTokens;

/// Reads a type of the user's. Everything that holds nothing the compiler follows is opaque.
pub(crate) fn lower_type(types: &Types, ty: &syn::Type) -> Type {
    lower_typed(
        types,
        Typed {
            ty,
            own: false,
            matrices: false,
            krate: &types.krate,
            scalars: &types.scalars,
            options: true,
        },
    )
}

/// Reads the type of a value that is followed: types of the user's in it are followed, too.
pub(crate) fn lower_followed(types: &Types, ty: &syn::Type) -> Type {
    lower_typed(
        types,
        Typed { ty, own: true, matrices: false, krate: &types.krate, scalars: &types.scalars, options: true },
    )
}

/// Reads a type of the signature.
pub(crate) fn lower_typed(types: &Types, ty: Typed<'_>) -> Type {
    let lowered = lower_inner(types, ty);
    if follows(types, &lowered) { lowered } else { Type::Opaque }
}

/// Whether anything in `ty` is a number, boolean or not known yet.
fn follows(types: &Types, ty: &Type) -> bool {
    match types.resolve(ty) {
        Type::Float(_) | Type::Int | Type::Bool | Type::Var(_) | Type::Unit => true,
        Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) | Type::Option(of) => {
            follows(types, &of)
        }
        Type::Tuple(of) | Type::Fields(of) => of.iter().any(|ty| follows(types, ty)),
        Type::Record(_) | Type::Matrix(..) => true,
        Type::Ref { to, .. } => follows(types, &to),
        Type::Opaque => false,
    }
}

fn lower_inner(types: &Types, ty: Typed<'_>) -> Type {
    let inner = |of| lower_inner(types, ty.at(of));
    match ty.shape() {
        Shape::Ref { mutable, to } => Type::reference(mutable, inner(to)),
        Shape::Array(of, len) => Type::Array(Box::new(inner(of)), len.to_token_stream().to_string()),
        Shape::Slice(of) => Type::slice(inner(of)),
        Shape::Vec(of) => Type::vec(inner(of)),
        Shape::Tuple(tuple) => Type::Tuple(tuple.elems.iter().map(inner).collect()),
        Shape::F32 => Type::Float(Float::F32),
        Shape::F64 => Type::F64,
        Shape::Scalar(at) => Type::Float(Float::Param(at)),
        Shape::Int => Type::Int,
        Shape::Bool => Type::Bool,
        Shape::Unit => Type::Unit,
        Shape::Infer => types.fresh(Origin::Constant),
        Shape::Named(path) if ty.own => types.record(path),
        // Of floats: others are constants, whatever is done with them.
        Shape::Wrapped(Wrapper::Option, of) if ty.is_optional() => Type::option(inner(of)),
        Shape::Matrix(path, Element::Written(of)) => types.matrix(inner(of), Form::of(path)),
        Shape::Matrix(path, Element::F64) => types.matrix(Type::F64, Form::of(path)),
        Shape::Named(_) | Shape::Wrapped(..) | Shape::WithoutFloats | Shape::Other => Type::Opaque,
    }
}
