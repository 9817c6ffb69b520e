//! What the tokens of a type say: one level of it, with the types inside.
//!
//! The one reader of types: `lower` gives the function's variables their types by it, `emit` the derivatives' parameters,
//! `derive` the fields of tangents. A macro sees tokens only, so a name means what it means in the prelude.

use syn::{Expr, GenericArgument, PathArguments, Type, TypePath};

/// One level of a type.
#[derive(Clone, Copy)]
pub enum Shape<'a> {
    F32,
    F64,
    Int,
    Bool,
    /// `()`
    Unit,
    Array(&'a Type, &'a Expr),
    Slice(&'a Type),
    Vec(&'a Type),
    Tuple(&'a syn::TypeTuple),
    Ref {
        mutable: bool,
        to: &'a Type,
    },
    /// Another type around one.
    Wrapped(Wrapper, &'a Type),
    /// Known to hold no floats: `char`, `str`, `String`.
    WithoutFloats,
    /// A path to a type of the user's: what it holds, rustc knows.
    Named(&'a TypePath),
    /// `_`
    Infer,
    /// Anything else: functions, pointers, `dyn Trait`, projections.
    Other,
}

/// A type of the standard library around another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapper {
    Option,
    Box,
}

impl Shape<'_> {
    /// Reads a type. Groups that macros and parentheses leave around it are looked through.
    pub fn of(ty: &Type) -> Shape<'_> {
        match ungrouped(ty) {
            Type::Reference(reference) => {
                Shape::Ref { mutable: reference.mutability.is_some(), to: &reference.elem }
            }
            Type::Array(array) => Shape::Array(&array.elem, &array.len),
            Type::Slice(slice) => Shape::Slice(&slice.elem),
            Type::Tuple(tuple) if tuple.elems.is_empty() => Shape::Unit,
            Type::Tuple(tuple) => Shape::Tuple(tuple),
            Type::Infer(_) => Shape::Infer,
            Type::Path(path) => of_path(path),
            _ => Shape::Other,
        }
    }

    pub fn is_float(self) -> bool {
        matches!(self, Shape::F32 | Shape::F64)
    }
}

/// Looks through the groups that macros and parentheses leave around a type.
pub fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

/// Whether `name` is that of a primitive integer type.
pub fn is_int_name(name: &str) -> bool {
    matches!(
        name,
        "usize" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32" | "i64" | "i128"
    )
}

fn of_path(ty: &TypePath) -> Shape<'_> {
    let TypePath { qself: None, path, .. } = ty else { return Shape::Other };
    let Some(last) = path.segments.last() else { return Shape::Other };
    // `core::primitive::f64`, `std::vec::Vec<f64>`: a path to the same thing.
    let first = &path.segments[0].ident;
    if path.segments.len() > 1 && !["std", "core", "alloc"].iter().any(|name| first == name) {
        return Shape::Named(ty);
    }
    let name = last.ident.to_string();
    match (name.as_str(), &last.arguments) {
        ("f32", PathArguments::None) => Shape::F32,
        ("f64", PathArguments::None) => Shape::F64,
        ("bool", PathArguments::None) => Shape::Bool,
        ("char" | "str" | "String", PathArguments::None) => Shape::WithoutFloats,
        (name, PathArguments::None) if is_int_name(name) => Shape::Int,
        ("Vec" | "Option" | "Box", PathArguments::AngleBracketed(arguments)) => {
            match (arguments.args.first(), arguments.args.len()) {
                (Some(GenericArgument::Type(of)), 1) => match name.as_str() {
                    "Vec" => Shape::Vec(of),
                    "Option" => Shape::Wrapped(Wrapper::Option, of),
                    _ => Shape::Wrapped(Wrapper::Box, of),
                },
                _ => Shape::Named(ty),
            }
        }
        _ => Shape::Named(ty),
    }
}
