//! Arrays of ndarray: their names, and what their methods do.

use super::Element;
use proc_macro2::{Ident, Span, TokenStream};
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, Expr, FnArg, GenericArgument, PathArguments, Signature, Type, TypePath,
    parse_quote_spanned,
};

/// Methods that give a view of the array's own numbers.
pub fn is_view_of(method: &str) -> bool {
    matches!(method, "column" | "diag" | "row" | "slice" | "t")
}

/// Methods that make of each element another: those of a float.
pub fn is_elementwise(name: &str, arguments: usize) -> bool {
    match arguments {
        0 => matches!(
            name,
            "abs"
                | "acos"
                | "acosh"
                | "asin"
                | "asinh"
                | "atan"
                | "atanh"
                | "cbrt"
                | "cos"
                | "cosh"
                | "exp"
                | "exp2"
                | "exp_m1"
                | "ln"
                | "ln_1p"
                | "log10"
                | "log2"
                | "recip"
                | "sin"
                | "sinh"
                | "sqrt"
                | "tan"
                | "tanh"
                | "to_degrees"
                | "to_radians"
        ),
        1 => matches!(name, "powf" | "powi"),
        _ => false,
    }
}

/// Methods that no sequence and no matrix of another library has.
pub fn is_only_of_arrays(name: &str) -> bool {
    matches!(
        name,
        "axis_iter"
            | "axis_iter_mut"
            | "fold_axis"
            | "index_axis"
            | "index_axis_mut"
            | "indexed_iter"
            | "insert_axis"
            | "into_shape_with_order"
            | "map_axis"
            | "mapv"
            | "mapv_inplace"
            | "mapv_into"
            | "mean_axis"
            | "outer_iter"
            | "outer_iter_mut"
            | "slice_mut"
            | "std_axis"
            | "sum_axis"
            | "var_axis"
            | "zip_mut_with"
    )
}

/// Methods that ask for the shape: constants.
pub fn is_of_shape(name: &str, arguments: usize) -> bool {
    matches!(
        (name, arguments),
        (
            "dim"
                | "is_empty"
                | "is_square"
                | "is_standard_layout"
                | "len"
                | "ncols"
                | "ndim"
                | "nrows"
                | "raw_dim"
                | "shape",
            0
        ) | ("len_of", 1)
    )
}

/// How many axes the result of a method with a row has, of arrays with so many: none is a number.
pub fn axes(method: &str, of: Option<usize>, argument: Option<usize>) -> Option<usize> {
    match method {
        "sum" | "mean" | "std" | "var" => Some(0),
        "row" | "column" | "diag" => Some(1),
        "t" => of,
        "sum_axis" | "mean_axis" => of?.checked_sub(1),
        "dot" => (of? + argument?).checked_sub(2),
        _ => None,
    }
}

/// The number in `Axis(1)`.
pub fn axis(expr: &Expr) -> Option<usize> {
    let Expr::Call(call) = expr else { return None };
    let (Expr::Path(path), [Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. })]) =
        (&*call.func, &call.args.iter().cloned().collect::<Vec<_>>()[..])
    else {
        return None;
    };
    (path.path.segments.last()?.ident == "Axis").then(|| number.base10_parse().ok())?
}

/// The parts of `s![1.., i]`, if there is neither a step nor a new axis.
pub fn slice_parts(slice: &Expr) -> Option<Vec<Expr>> {
    let Expr::Macro(slice) = slice else { return None };
    if slice.mac.path.segments.last()?.ident != "s" {
        return None;
    }
    let parts = slice.mac.parse_body_with(Punctuated::<Expr, syn::Token![,]>::parse_terminated);
    let parts: Vec<Expr> = parts.ok()?.into_iter().collect();
    let is_new = |part: &Expr| matches!(part, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "NewAxis"));
    (!parts.iter().any(is_new)).then_some(parts)
}

/// What the name of a type tells of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// How many axes it has, if that is known.
    pub axes: Option<usize>,
    /// It looks at the numbers of another: `ArrayView2`, `ArrayRef2`.
    pub is_view: bool,
}

/// A type of that name.
pub fn named(name: &str) -> Option<Named> {
    let axes = name.strip_prefix("Array")?;
    let (is_view, axes) = match axes.strip_prefix("View").or_else(|| axes.strip_prefix("Ref")) {
        Some(axes) => (true, axes),
        None => (false, axes),
    };
    let axes = match axes {
        "D" => None,
        "1" => Some(1),
        "2" => Some(2),
        "3" => Some(3),
        "4" => Some(4),
        "5" => Some(5),
        "6" => Some(6),
        _ => return None,
    };
    Some(Named { axes, is_view })
}

/// Whether a type is a view of an array.
pub fn is_view(ty: &TypePath) -> bool {
    ty.path
        .segments
        .last()
        .is_some_and(|last| named(&last.ident.to_string()).is_some_and(|named| named.is_view))
}

/// The floats, of a type of such a name.
pub(super) fn element(
    arguments: &AngleBracketedGenericArguments,
    is_float: impl Fn(&Type) -> bool,
) -> Option<&Type> {
    let mut types =
        arguments.args.iter().filter(|argument| !matches!(argument, GenericArgument::Lifetime(_)));
    match (types.next(), types.next()) {
        (Some(GenericArgument::Type(element)), None) => is_float(element).then_some(element),
        _ => None,
    }
}

/// Replaces views among parameters by references to what they look at: `x: ArrayView2<f64>` by `x: &ArrayRef2<f64>`, and
/// `x: ArrayViewMut2<f64>` by `x: &mut ArrayRef2<f64>`. So a worker takes an array, a view, and a part of either.
pub fn lend_views(signature: &mut Signature, krate: &TokenStream, scalars: &[Ident]) {
    let is_scalar = |ty: &Type| matches!(ty, Type::Path(of) if of.path.get_ident().is_some_and(|of| scalars.contains(of)));
    let is_float = |ty: &Type| super::is_float(ty) || is_scalar(ty);
    for input in &mut signature.inputs {
        let FnArg::Typed(input) = input else { continue };
        let Type::Path(written) = &*input.ty else { continue };
        let Some(last) = written.path.segments.last() else { continue };
        let name = last.ident.to_string();
        let mutable = name.starts_with("ArrayViewMut");
        let mut view = written.clone();
        if let Some(last) = view.path.segments.last_mut().filter(|_| mutable) {
            last.ident = Ident::new(&name.replacen("ViewMut", "View", 1), last.ident.span());
        }
        let element = super::element_where(&view, is_float).filter(|_| is_view(&view));
        let Some(Element::Written(element)) = element else { continue };
        let lifetime = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments.args.iter().find_map(|argument| match argument {
                    GenericArgument::Lifetime(lifetime) => Some(lifetime.clone()),
                    _ => None,
                })
            }
            _ => None,
        };
        let span = last.ident.span().resolved_at(Span::mixed_site());
        let of = Ident::new(&name.replace(if mutable { "ViewMut" } else { "View" }, "Ref"), span);
        let mutability = mutable.then(|| syn::Token![mut](span));
        *input.ty =
            parse_quote_spanned!(span=> &#lifetime #mutability #krate::__private::ndarray::#of<#element>);
    }
}

/// Makes views of them again.
pub fn unlend_views(signature: &mut Signature) {
    for input in &mut signature.inputs {
        let FnArg::Typed(input) = input else { continue };
        let view = if is_lent_mut(&input.ty) { "ViewMut" } else { "View" };
        let Some(Type::Path(of)) = lent(&input.ty) else { continue };
        let mut of = of.clone();
        if let Some(last) = of.path.segments.last_mut() {
            last.ident = Ident::new(&last.ident.to_string().replace("Ref", view), last.ident.span());
        }
        *input.ty = Type::Path(of);
    }
}

/// What a parameter refers to that was a view of what is only read.
pub fn lent_view(ty: &Type) -> Option<&Type> {
    lent(ty).filter(|_| !is_lent_mut(ty))
}

/// Whether a parameter was a view of what is changed.
pub fn is_lent_mut(ty: &Type) -> bool {
    lent(ty).is_some() && matches!(ty, Type::Reference(reference) if reference.mutability.is_some())
}

fn lent(ty: &Type) -> Option<&Type> {
    let Type::Reference(reference) = ty else { return None };
    let Type::Path(path) = &*reference.elem else { return None };
    let is_ours = path.path.segments.iter().any(|segment| segment.ident == "__private");
    (is_ours && super::element_where(path, |_| true).is_some()).then_some(&*reference.elem)
}
