//! Is a differentiated value returned in a type that hides it?

use super::carriers::Carriers;
use crate::diag::{Code, Errors};
use crate::ir::{Operand, Ty, Value};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ItemFn, ReturnType, Type};

/// A part of the result that is of a type of the user's holds no differentiated value.
pub(super) fn refuse(errors: &mut Errors, primal: &Carriers, function: &ItemFn) {
    if let ReturnType::Type(_, ty) = &function.sig.output {
        part(errors, &primal.func.result, ty, primal);
    }
}

fn part(errors: &mut Errors, value: &Value, ty: &Type, primal: &Carriers) {
    match (value, ty) {
        (value, Type::Group(group)) => part(errors, value, &group.elem, primal),
        (value, Type::Paren(paren)) => part(errors, value, &paren.elem, primal),
        (Value::Tuple(of), Type::Tuple(types)) => {
            for (value, ty) in of.iter().zip(&types.elems) {
                part(errors, value, ty, primal);
            }
        }
        (Value::Scalar(Operand::Var(var)), ty)
            if matches!(primal.func.ty(*var), Ty::Opaque)
                && primal.varied[var.index()]
                && !holds_constants(ty) =>
        {
            errors.push_at(
                Code::ResultType,
                ty,
                "a differentiated value is returned in a type that the compiler does not look into",
                "return floats, arrays, `Vec`s and tuples of them",
            );
        }
        _ => {}
    }
}

/// Types of the standard library that hold no floats, such as `Option<usize>`.
fn holds_constants(ty: &Type) -> bool {
    const CONSTANTS: &[&str] = &[
        "bool", "char", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
        "usize", "str", "String", "Option", "Result", "Ordering", "Duration", "Instant", "std", "core",
        "cmp", "option", "result", "string", "time",
    ];
    fn all(tokens: TokenStream) -> bool {
        tokens.into_iter().all(|tree| match tree {
            TokenTree::Ident(ident) => CONSTANTS.iter().any(|name| ident == name),
            TokenTree::Group(group) => all(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => true,
        })
    }
    all(ty.to_token_stream())
}
