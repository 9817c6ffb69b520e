//! Results by another name: `type Fit<T> = Result<T, FitError>`, where the function ends with `Ok(…)` or `Err(…)`.

use crate::args::Args;
use crate::shape::{Failing, Shape, ungrouped};
use proc_macro2::Span;
use quote::quote_spanned;
use syn::{Block, Expr, GenericArgument, ItemFn, PathArguments, ReturnType, Stmt, Type};

/// Writes the result out, with the error that the alias has.
pub(crate) fn rewrite(function: &mut ItemFn, args: &Args) {
    let ReturnType::Type(_, ty) = &mut function.sig.output else { return };
    if Failing::of(ty).is_some() || !matches!(Shape::of(ty), Shape::Named(_)) || !ends(&function.block) {
        return;
    }
    let Some(of) = argument(ty) else { return };
    let (s, krate) = (Span::mixed_site(), &args.krate);
    let written = quote_spanned!(s=> Result<#of, <#ty as #krate::__private::IsResult>::Error>);
    **ty = syn::parse_quote!(#written);
}

/// The first argument of a type: what there is where the function does not fail.
fn argument(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

/// Whether what a block ends with says that it may fail.
fn ends(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(Expr::Return(returned), _)) => returned.expr.as_deref().is_some_and(says),
        Some(Stmt::Expr(expr, None)) => says(expr),
        _ => false,
    }
}

fn says(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Ok") || path.path.is_ident("Err"))
        }
        Expr::Paren(paren) => says(&paren.expr),
        Expr::Block(block) => ends(&block.block),
        Expr::If(choice) => {
            ends(&choice.then_branch) || choice.else_branch.as_ref().is_some_and(|(_, other)| says(other))
        }
        Expr::Match(choice) => choice.arms.iter().any(|arm| says(&arm.body)),
        _ => false,
    }
}
