//! What the tokens of a type say: one level of it, with the types inside.
//!
//! The one reader of types: `lower` gives the function's variables their types by it, `emit` the derivatives' parameters,
//! `derive` the fields of tangents. A macro sees tokens only, so a name means what it means in the prelude.

use crate::args::Args;
use crate::matrix;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{Expr, GenericArgument, PathArguments, Type, TypePath};

/// One level of a type.
#[derive(Clone, Copy)]
pub enum Shape<'a> {
    F32,
    F64,
    /// A type parameter that stands for a float: its place among those.
    Scalar(u32),
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
    /// A matrix of another library, of these floats.
    Matrix(&'a TypePath, matrix::Element<'a>),
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

/// How a function may end without a result: `Option<of>`, `Result<of, E>`.
#[derive(Clone, Copy)]
pub struct Failing<'a> {
    whole: &'a TypePath,
    /// What it returns where it does not fail.
    pub of: &'a Type,
    pub kind: Failure,
}

/// What a function returns in place of its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// `None`
    Nothing,
    /// `Err(error)`
    Error,
}

impl<'a> Failing<'a> {
    /// Reads the type of a result. `Result` may be the standard one or an alias of it with fewer parameters, as crates have
    /// them: `io::Result<f64>`.
    pub fn of(ty: &'a Type) -> Option<Failing<'a>> {
        let Type::Path(whole) = ungrouped(ty) else { return None };
        let last = whole.path.segments.last().filter(|_| whole.qself.is_none())?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        let Some(GenericArgument::Type(of)) = arguments.args.first() else { return None };
        let kind = match (last.ident.to_string().as_str(), arguments.args.len()) {
            ("Option", 1) => Failure::Nothing,
            ("Result", 1 | 2) => Failure::Error,
            _ => return None,
        };
        Some(Failing { whole, of, kind })
    }

    /// The same around something else.
    pub fn around(self, of: &TokenStream) -> TokenStream {
        // A type that nobody wrote, for lints.
        let here = |tree: TokenTree| {
            let mut tree = tree;
            tree.set_span(tree.span().resolved_at(Span::mixed_site()));
            tree
        };
        let mut whole = self.whole.clone();
        let arguments = whole.path.segments.last_mut().map(|last| std::mem::take(&mut last.arguments));
        let others = match arguments {
            Some(PathArguments::AngleBracketed(arguments)) => arguments.args.into_iter().skip(1).collect(),
            _ => Vec::new(),
        };
        let path: TokenStream = whole.to_token_stream().into_iter().map(here).collect();
        quote_spanned!(Span::mixed_site()=> #path<#of #(, #others)*>)
    }

    /// What comes with a failure borrows from an argument, and does not say from which.
    pub fn is_borrowed(self) -> bool {
        struct Find(bool);
        impl<'a> syn::visit::Visit<'a> for Find {
            fn visit_type_reference(&mut self, reference: &'a syn::TypeReference) {
                self.0 |= reference.lifetime.is_none();
                syn::visit::visit_type_reference(self, reference);
            }
            fn visit_lifetime(&mut self, lifetime: &'a syn::Lifetime) {
                self.0 |= lifetime.ident == "_";
            }
        }
        let mut find = Find(false);
        if let Some(PathArguments::AngleBracketed(arguments)) =
            self.whole.path.segments.last().map(|last| &last.arguments)
        {
            for argument in arguments.args.iter().skip(1) {
                syn::visit::Visit::visit_generic_argument(&mut find, argument);
            }
        }
        find.0
    }
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
        matches!(self, Shape::F32 | Shape::F64 | Shape::Scalar(_))
    }
}

/// A type of a signature, with what is done about types of the user's in it.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    pub ty: &'a Type,
    /// Types of the user's are followed, and have the tangents of their derive. Otherwise they are constants.
    pub own: bool,
    /// Matrices are followed, too. Otherwise they are memory of floats that nothing is asked of.
    pub matrices: bool,
    /// The path of the facade.
    pub krate: &'a TokenStream,
    /// The type parameters that stand for floats.
    pub scalars: &'a [Ident],
    /// `Option`s of floats are followed. Those of a constant are whole: `None` is of any type.
    pub options: bool,
}

impl<'a> Typed<'a> {
    /// A type in which types of the user's are constants.
    pub fn plain(ty: &'a Type, args: &'a Args) -> Typed<'a> {
        Typed { ty, own: false, matrices: false, krate: &args.krate, scalars: &args.scalars, options: true }
    }

    /// The type of a parameter: what is to be differentiated with respect to is followed.
    pub fn of_param(ty: &'a Type, is_named: bool, args: &'a Args) -> Typed<'a> {
        let is_output = matches!(Shape::of(ty), Shape::Ref { mutable: true, .. });
        let options = is_named || is_output || args.wrt.is_none();
        Typed { own: is_named, matrices: is_named || args.wrt.is_none(), options, ..Typed::plain(ty, args) }
    }

    /// The type of a result: beside floats, types of the user's are constants unless something that is followed is returned in
    /// them; alone they are what is returned.
    pub fn of_result(ty: &'a Type, args: &'a Args) -> Typed<'a> {
        let plain = Typed { matrices: true, ..Typed::plain(ty, args) };
        let followed = Typed { own: true, ..plain };
        if plain.holds_floats() && !args.follows_results { plain } else { followed }
    }

    /// A part of it.
    #[must_use]
    pub fn at(self, ty: &'a Type) -> Typed<'a> {
        Typed { ty, ..self }
    }

    pub fn shape(self) -> Shape<'a> {
        match Shape::of(self.ty) {
            Shape::Named(path) if self.scalars.is_empty() => Shape::Named(path),
            Shape::Named(path) => match (self.scalar(path), self.matrix_of_scalars(path)) {
                (Some(at), _) => Shape::Scalar(at),
                (None, Some(of)) => Shape::Matrix(path, of),
                (None, None) => Shape::Named(path),
            },
            shape => shape,
        }
    }

    /// The element of a matrix of a type parameter's floats.
    fn matrix_of_scalars(self, path: &'a TypePath) -> Option<matrix::Element<'a>> {
        matrix::element_where(path, |of| match ungrouped(of) {
            Type::Path(of) => self.scalar(of).is_some(),
            _ => false,
        })
    }

    fn scalar(self, path: &TypePath) -> Option<u32> {
        let name = path.path.get_ident()?;
        let at = self.scalars.iter().position(|scalar| scalar == name)?;
        u32::try_from(at).ok()
    }

    /// A `Vec`, by the path that the facade has it under: a crate without the standard library has no other that is sure.
    pub fn vec(self) -> TokenStream {
        vec(self.krate)
    }

    /// Every type in it, itself first: what references lead to, elements, parts of tuples. Not what another type is around.
    pub fn parts(self) -> Vec<Typed<'a>> {
        let mut all = vec![self];
        self.collect_parts(&mut all, false);
        all
    }

    /// `is_owned`: nothing in it is borrowed, as is known.
    fn collect_parts(self, all: &mut Vec<Typed<'a>>, is_owned: bool) {
        let mut part = |ty, is_owned| {
            all.push(self.at(ty));
            self.at(ty).collect_parts(all, is_owned);
        };
        match self.shape() {
            Shape::Ref { to: of, .. } | Shape::Array(of, _) | Shape::Slice(of) | Shape::Vec(of) => {
                part(of, is_owned);
            }
            Shape::Wrapped(Wrapper::Option, of)
                if self.options && (is_owned || self.at(of).borrows_nothing()) =>
            {
                part(of, true);
            }
            Shape::Tuple(tuple) => tuple.elems.iter().for_each(|of| part(of, is_owned)),
            Shape::F32
            | Shape::F64
            | Shape::Scalar(_)
            | Shape::Int
            | Shape::Bool
            | Shape::Unit
            | Shape::Wrapped(..)
            | Shape::WithoutFloats
            | Shape::Matrix(..)
            | Shape::Named(_)
            | Shape::Infer
            | Shape::Other => {}
        }
    }

    /// Whether there is a float to be found in it.
    pub fn holds_floats(self) -> bool {
        self.parts().into_iter().any(|part| part.shape().is_float() || part.is_own())
    }

    /// Whether a type of which rustc alone knows what it holds is in it.
    pub fn hides(self) -> bool {
        self.parts().into_iter().any(|part| matches!(part.shape(), Shape::Named(_)) && !part.is_own())
    }

    /// Whether everybody sees that it can be cloned.
    pub fn is_cloned(self) -> bool {
        let is_open =
            |part: Typed<'_>| matches!(part.shape(), Shape::Named(_) | Shape::Wrapped(..) | Shape::Other);
        !self.parts().into_iter().any(is_open)
    }

    /// An `Option` of floats of its own: one that is followed.
    pub fn is_optional(self) -> bool {
        let Shape::Wrapped(Wrapper::Option, of) = self.shape() else { return false };
        self.options && self.at(of).borrows_nothing() && self.at(of).holds_floats()
    }

    /// Whether there is no reference in it to be seen.
    pub fn borrows_nothing(self) -> bool {
        match self.shape() {
            Shape::Ref { .. } => false,
            Shape::Array(of, _) | Shape::Slice(of) | Shape::Vec(of) | Shape::Wrapped(_, of) => {
                self.at(of).borrows_nothing()
            }
            Shape::Tuple(tuple) => tuple.elems.iter().all(|of| self.at(of).borrows_nothing()),
            Shape::F32
            | Shape::F64
            | Shape::Scalar(_)
            | Shape::Int
            | Shape::Bool
            | Shape::Unit
            | Shape::WithoutFloats
            | Shape::Named(_)
            | Shape::Matrix(..)
            | Shape::Infer
            | Shape::Other => true,
        }
    }

    /// Whether a followed type of the user's, or a matrix, is in it.
    pub fn names_own(self) -> bool {
        self.parts().into_iter().any(Typed::is_own)
    }

    /// Whether a followed type of the user's is in it.
    pub fn names_users(self) -> bool {
        self.parts().into_iter().any(|part| part.own && matches!(part.shape(), Shape::Named(_)))
    }

    /// Whether it is a type of the user's, or a matrix, that is followed.
    pub fn is_followed(self) -> bool {
        match self.shape() {
            Shape::Matrix(..) => self.matrices,
            _ => self.own,
        }
    }

    /// A followed type of the user's, or a matrix: what is in it, its tangents' traits know.
    fn is_own(self) -> bool {
        match self.shape() {
            Shape::Named(_) => self.own,
            Shape::Matrix(..) => true,
            _ => false,
        }
    }
}

/// The type as generated code names it: a followed type of the user's by way of the constant that says whether it can be
/// differentiated.
impl ToTokens for Typed<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        if self.own || self.matrices && self.names_own() {
            let mut ty = self.ty.clone();
            let (own, matrices) = (self.own, self.matrices);
            ByWay { krate: self.krate, own, matrices, scalars: self.scalars }.visit_type_mut(&mut ty);
            ty.to_tokens(tokens);
        } else {
            self.ty.to_tokens(tokens);
        }
    }
}

struct ByWay<'a> {
    krate: &'a TokenStream,
    own: bool,
    matrices: bool,
    scalars: &'a [Ident],
}

impl VisitMut for ByWay<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let typed = Typed {
            ty,
            own: false,
            matrices: false,
            krate: self.krate,
            scalars: self.scalars,
            options: true,
        };
        let path = match typed.shape() {
            Shape::Named(path) if self.own => Some(path),
            Shape::Matrix(path, _) if self.matrices => Some(path),
            _ => None,
        };
        match path.map(|path| named(path, self.krate)) {
            Some(named) => *ty = Type::Verbatim(named),
            None => syn::visit_mut::visit_type_mut(self, ty),
        }
    }
}

/// How generated code names `Vec`.
pub fn vec(krate: &TokenStream) -> TokenStream {
    let s = proc_macro2::Span::mixed_site();
    quote::quote_spanned!(s=> #krate::__private::vec::Vec)
}

/// Whether a constant can name a type: it knows nothing of generic parameters, lifetimes among them.
pub fn is_in_constants(path: &TypePath) -> bool {
    if matrix::array::is_view(path) {
        return false;
    }
    let is_known = |argument: &GenericArgument| match argument {
        GenericArgument::Type(ty) => matches!(Shape::of(ty), Shape::F32 | Shape::F64),
        GenericArgument::Const(Expr::Lit(_)) => true,
        _ => false,
    };
    path.path.segments.iter().all(|segment| match &segment.arguments {
        PathArguments::None => true,
        PathArguments::AngleBracketed(arguments) => {
            matrix::element(path).is_some() && arguments.args.iter().all(is_known)
        }
        PathArguments::Parenthesized(_) => false,
    })
}

/// How generated code names a followed type of the user's, or a matrix.
pub fn named(path: &TypePath, krate: &TokenStream) -> TokenStream {
    if !is_in_constants(path) || path.path.is_ident("Self") {
        return path.to_token_stream();
    }
    let s = Span::mixed_site();
    quote_spanned!(s=> <#path as #krate::__private::Callee<{ <Self as #krate::__private::Types>::TYPES }>>::It)
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
    if let Some(element) = matrix::element(ty) {
        return Shape::Matrix(ty, element);
    }
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
