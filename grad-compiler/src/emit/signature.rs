//! The user's signature, taken apart: what each parameter is to a derivative.
//!
//! Reads types only, so that it also serves a function whose body has errors.

use super::cotangent_types::ungrouped;
use super::site;
use crate::args::{Args, spoken};
use crate::shape::{Failing, Failure, Shape, Typed};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{FnArg, ItemFn, Pat, ReturnType, Type};

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `f64`
    Scalar,
    /// `&f64`
    ScalarRef,
    /// `&mut f64`
    ScalarMut,
    /// An array, slice, `Vec` or tuple with floats.
    Aggregate(Passing),
    /// Holds no floats that the compiler can see.
    Constant(Passing),
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    /// By value, and there afterwards.
    Copied,
    /// By value, of a type that may or may not be `Copy`.
    Opaque,
    /// By value, and gone afterwards.
    Moved,
    Shared,
    Exclusive,
}

pub(super) struct Param<'a> {
    /// The user's name; made up where the user has a pattern.
    pub(super) hint: String,
    pub(super) span: proc_macro2::Span,
    pub(super) ty: Typed<'a>,
    pub(super) kind: Kind,
    /// Differentiated with respect to: its place in the gradient.
    pub(super) wrt: Option<usize>,
}

pub(super) struct Signature<'a> {
    pub(super) item: &'a ItemFn,
    pub(super) params: Vec<Param<'a>>,
    /// `None` for `()`. Where the function may fail, what it returns if it does not.
    pub(super) result: Option<Typed<'a>>,
    /// What is around the result, and around each answer of a derivative.
    pub(super) failing: Option<Failing<'a>>,
}

impl Kind {
    fn of(ty: Typed<'_>) -> Kind {
        if let Shape::Ref { mutable, to } = ty.shape() {
            let passing = if mutable { Passing::Exclusive } else { Passing::Shared };
            return match (ty.at(to).shape().is_float(), mutable) {
                (true, false) => Kind::ScalarRef,
                (true, true) => Kind::ScalarMut,
                (false, _) if ty.holds_floats() => Kind::Aggregate(passing),
                (false, _) => Kind::Constant(passing),
            };
        }
        let aggregate =
            matches!(ty.shape(), Shape::Array(..) | Shape::Tuple(_) | Shape::Unit | Shape::Vec(_));
        match (ty.shape().is_float(), ty.holds_floats()) {
            (true, _) => Kind::Scalar,
            (false, true) => Kind::Aggregate(Passing::Moved),
            (false, false) if aggregate => Kind::Constant(Passing::Moved),
            (false, false) if is_copy(ungrouped(ty.ty)) => Kind::Constant(Passing::Copied),
            (false, false) => Kind::Constant(Passing::Opaque),
        }
    }

    /// A pullback takes the argument again.
    pub(super) fn is_passed_again(self) -> bool {
        match self {
            Kind::Scalar | Kind::ScalarRef => true,
            Kind::ScalarMut => false,
            Kind::Aggregate(passing) | Kind::Constant(passing) => match passing {
                Passing::Copied | Passing::Opaque | Passing::Shared => true,
                Passing::Moved | Passing::Exclusive => false,
            },
        }
    }

    /// A pullback takes `Gone` in place of the argument: a caller that does not know the argument's type leaves it to
    /// the type what to pass.
    pub(super) fn is_gone(self) -> bool {
        !self.is_passed_again()
    }

    /// Its cotangent is a number that the pullback returns.
    pub(super) fn is_returned(self) -> bool {
        matches!(self, Kind::Scalar | Kind::ScalarRef)
    }

    /// The argument is a shared reference.
    pub(super) fn is_behind_reference(self) -> bool {
        matches!(self, Kind::ScalarRef | Kind::Aggregate(Passing::Shared) | Kind::Constant(Passing::Shared))
    }

    /// Written by the function: its cotangent goes in and comes out.
    pub(super) fn is_output(self) -> bool {
        matches!(self, Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive))
    }
}

/// A type that is known to be `Copy`: numbers and their kin, functions, pointers.
fn is_copy(ty: &Type) -> bool {
    const COPY: &[&str] = &[
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize",
    ];
    match ty {
        Type::FnPtr(_) | Type::Ptr(_) | Type::Never(_) => true,
        Type::Path(path) => path.path.get_ident().is_some_and(|ident| COPY.iter().any(|name| ident == name)),
        _ => false,
    }
}

impl Param<'_> {
    /// What the names of its tangents and cotangents begin with.
    pub(super) fn stem(&self) -> &str {
        spoken(&self.hint).trim_start_matches("r#")
    }

    /// May take part in the derivative: a caller chooses whether it does.
    pub(super) fn is_differentiable(&self) -> bool {
        self.wrt.is_some() || self.kind.is_output()
    }
}

impl<'a> Signature<'a> {
    pub(super) fn new(item: &'a ItemFn, args: &'a Args) -> Signature<'a> {
        let mut params = Vec::new();
        for (k, input) in item.sig.inputs.iter().enumerate() {
            // A `self` parameter has been reported.
            let FnArg::Typed(input) = input else { continue };
            let (hint, span) = match &*input.pat {
                Pat::Ident(pat) => (pat.ident.to_string(), pat.ident.span()),
                pat => (format!("arg{k}"), syn::spanned::Spanned::span(pat)),
            };
            let is_named = args.follows(&hint);
            let ty = Typed::of_param(&input.ty, is_named, args);
            params.push(Param { hint, span, ty, kind: Kind::of(ty), wrt: None });
        }
        let mut next = 0;
        match &args.wrt {
            Some(names) => {
                for name in names {
                    let named =
                        params.iter_mut().find(|param| *name == param.hint && !param.kind.is_output());
                    if let Some(param) = named {
                        param.wrt = Some(next);
                        next += 1;
                    }
                }
            }
            None => {
                for param in &mut params {
                    if param.ty.holds_floats() && !param.kind.is_output() {
                        param.wrt = Some(next);
                        next += 1;
                    }
                }
            }
        }
        // The cotangent of a function is that of what it captures: callers ask for it.
        for param in &mut params {
            if param.wrt.is_none() && args.is_function(&param.hint) {
                param.wrt = Some(next);
                next += 1;
            }
        }
        let (result, failing) = match &item.sig.output {
            ReturnType::Default => (None, None),
            ReturnType::Type(_, ty) => {
                let failing = Failing::of(ty).filter(|_| !args.has_rule());
                let result = match ungrouped(failing.map_or(&**ty, |failing| failing.of)) {
                    Type::Tuple(tuple) if tuple.elems.is_empty() => None,
                    ty => Some(Typed::of_result(ty, args)),
                };
                (result, failing)
            }
        };
        Signature { item, params, result, failing }
    }

    /// For users: what a function that is passed captures, is constant.
    pub(super) fn with_constant_functions(mut self, args: &Args) -> Self {
        for param in &mut self.params {
            if args.is_function(&param.hint) {
                param.wrt = None;
            }
        }
        self
    }

    /// Differentiates with respect to parameters that hold floats only: others have been reported, and so have those that nobody
    /// names and that may hold more.
    pub(super) fn keep_floats(&mut self, is_named: bool) {
        for param in self.params.iter_mut().filter(|param| !is_named && param.ty.hides()) {
            param.wrt = None;
            if let Kind::Aggregate(passing) = param.kind {
                param.kind = Kind::Constant(passing);
            }
        }
        let mut wrt: Vec<_> = self.params.iter_mut().filter(|param| param.wrt.is_some()).collect();
        wrt.sort_by_key(|param| param.wrt);
        let mut next = 0;
        for param in wrt {
            param.wrt = param.ty.holds_floats().then_some(next);
            next += usize::from(param.wrt.is_some());
        }
    }

    pub(super) fn name(&self) -> &'a Ident {
        &self.item.sig.ident
    }

    /// The parameters of the gradient, in its order.
    pub(super) fn wrt(&self) -> Vec<&Param<'a>> {
        let mut wrt: Vec<_> = self.params.iter().filter(|param| param.wrt.is_some()).collect();
        wrt.sort_by_key(|param| param.wrt);
        wrt
    }

    pub(super) fn has_float_result(&self) -> bool {
        self.result.is_some_and(|ty| ty.shape().is_float())
    }

    /// Whether there is a `&mut` parameter with a cotangent.
    pub(super) fn has_outputs(&self) -> bool {
        self.params.iter().any(|param| param.kind.is_output())
    }

    /// One number that depends on something: it has a gradient.
    pub(super) fn has_gradient(&self) -> bool {
        self.has_float_result() && self.params.iter().any(|param| param.wrt.is_some())
    }

    pub(super) fn result_holds_floats(&self) -> bool {
        self.result.is_some_and(Typed::holds_floats)
    }

    /// The type of an answer: of a function that may fail, in what it returns.
    pub(super) fn answer_ty(&self, ty: &TokenStream) -> TokenStream {
        self.failing.map_or_else(|| ty.clone(), |failing| failing.around(ty))
    }

    /// `-> (R, G)`, left out for `()`.
    pub(super) fn returns(&self, ty: Option<TokenStream>) -> TokenStream {
        let s = site();
        match (ty, self.failing) {
            (None, None) => TokenStream::new(),
            (ty, _) => {
                let ty = self.answer_ty(&ty.unwrap_or_else(|| quote_spanned!(s=> ())));
                quote_spanned!(s=> -> #ty)
            }
        }
    }

    /// The answer where nothing failed.
    pub(super) fn answer(&self, value: &TokenStream) -> TokenStream {
        let s = site();
        let value =
            if value.is_empty() && self.failing.is_some() { quote_spanned!(s=> ()) } else { value.clone() };
        match self.failing.map(|failing| failing.kind) {
            None => value,
            Some(Failure::Nothing) => quote_spanned!(s=> ::core::option::Option::Some(#value)),
            Some(Failure::Error) => quote_spanned!(s=> ::core::result::Result::Ok(#value)),
        }
    }

    /// What is behind a call of a derivative of the function's own.
    pub(super) fn question(&self) -> TokenStream {
        self.failing.map_or_else(TokenStream::new, |_| quote_spanned!(site()=> ?))
    }

    pub(super) fn result_ty(&self) -> TokenStream {
        self.result.map_or_else(|| quote_spanned!(site()=> ()), |ty| ty.to_token_stream())
    }
}

/// The function with a result that can be written with all its derivatives: no reference, which would need a lifetime.
pub(super) fn with_plain_result(item: &ItemFn, krate: &TokenStream) -> ItemFn {
    let mut item = item.clone();
    if let ReturnType::Type(_, ty) = &mut item.sig.output {
        if let Type::Reference(reference) = ungrouped(ty) {
            **ty = match ungrouped(&reference.elem) {
                Type::Slice(slice) => {
                    let of = &slice.elem;
                    let vec = crate::shape::vec(krate);
                    syn::parse_quote!(#vec<#of>)
                }
                of => of.clone(),
            };
        }
        let text = ty.to_token_stream().to_string();
        if text.contains(['&', '!', '\'']) || text == "str" || text.starts_with("dyn ") {
            item.sig.output = ReturnType::Default;
        }
    }
    item
}
