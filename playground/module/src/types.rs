//! Types of the file with named fields: what people type for them, and what they may start from.

use std::collections::BTreeMap;
use syn::{Fields, GenericArgument, Item, PathArguments, Type};

/// The fields of each type, as they are written.
#[derive(Default)]
pub(crate) struct Types(BTreeMap<String, Vec<(String, Type)>>);

impl Types {
    pub(crate) fn of(items: &[Item]) -> Types {
        let mut types = Types::default();
        types.add(items);
        types
    }

    fn add(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Struct(item) => {
                    if let Fields::Named(fields) = &item.fields {
                        let fields = fields.named.iter();
                        let fields = fields
                            .filter_map(|field| Some((field.ident.as_ref()?.to_string(), field.ty.clone())));
                        self.0.insert(item.ident.to_string(), fields.collect());
                    }
                }
                Item::Mod(module) => module.content.iter().for_each(|(_, items)| self.add(items)),
                _ => {}
            }
        }
    }

    pub(crate) fn fields(&self, ty: &Type) -> Option<(String, &[(String, Type)])> {
        let name = name(ty)?;
        let fields = self.0.get(&name)?;
        Some((name, fields))
    }
}

/// The last word of the path of a type.
pub(crate) fn name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Type::Reference(reference) => name(&reference.elem),
        Type::Paren(paren) => name(&paren.elem),
        Type::Group(group) => name(&group.elem),
        _ => None,
    }
}

/// What is in a row: an array, a slice, a `Vec`; behind references or not.
pub(crate) fn element(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) => element(&reference.elem),
        Type::Paren(paren) => element(&paren.elem),
        Type::Group(group) => element(&group.elem),
        Type::Array(array) => Some(&array.elem),
        Type::Slice(slice) => Some(&slice.elem),
        Type::Path(path) => {
            let last = path.path.segments.last().filter(|last| last.ident == "Vec")?;
            match &last.arguments {
                PathArguments::AngleBracketed(arguments) => {
                    arguments.args.iter().find_map(|argument| match argument {
                        GenericArgument::Type(ty) => Some(ty),
                        _ => None,
                    })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether it is `f64` or `f32`.
pub(crate) fn is_float(ty: &Type) -> bool {
    name(ty).is_some_and(|name| name == "f64" || name == "f32")
}
