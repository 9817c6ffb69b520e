//! Methods of annotated traits: what the trait promises of one, and an `impl` gives.
//!
//! The macro on the trait and that on the `impl` do not see each other. Both spell the method as a trait of the runtime: by a
//! number that stands for its name and the trait's, by whether `self` is differentiated, and by its inputs.

use crate::args::Args;
use crate::function::{INPUTS, input_of, is_output};
use crate::matrix::array;
use crate::shape::{Shape, ungrouped};
use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::Type;

/// A parameter beside the receiver.
pub(crate) struct Taken<'a> {
    pub(crate) ty: &'a Type,
    pub(crate) is_active: bool,
}

/// A method that a trait promises the derivatives of.
pub(crate) struct Promised {
    /// The inputs, as the runtime calls them.
    pub(crate) inputs: Vec<TokenStream>,
    /// Which of them are differentiated.
    pub(crate) active: Vec<bool>,
    /// Whether `self` is differentiated, as the runtime calls it.
    pub(crate) receiver: TokenStream,
    /// The generic arguments of the trait of the runtime: the number, the receiver, the inputs.
    arguments: TokenStream,
    number: Literal,
}

impl Promised {
    /// `None` of a method that the runtime has no trait for.
    pub(crate) fn new(
        [of_trait, name]: [&Ident; 2],
        self_is_active: bool,
        taken: &[Taken<'_>],
        output: &Type,
        args: &Args,
    ) -> Option<Promised> {
        let s = Span::mixed_site();
        let krate = &args.krate;
        if taken.len() > INPUTS || !is_output(output, args) || names_self(output.to_token_stream()) {
            return None;
        }
        let inputs: Vec<TokenStream> =
            taken.iter().map(|taken| input(taken, args)).collect::<Option<Vec<_>>>()?;
        let receiver = Ident::new(if self_is_active { "ActiveSelf" } else { "ConstantSelf" }, s);
        let receiver = quote_spanned!(s=> #krate::__private::#receiver);
        let number = Literal::u64_unsuffixed(number(&format!("{of_trait}::{name}")));
        let arguments = quote_spanned!(s=> #number, #receiver #(, #inputs)*);
        let active = taken.iter().map(|taken| taken.is_active).collect();
        Some(Promised { inputs, active, receiver, arguments, number })
    }

    /// The trait of the runtime, without what the method returns.
    pub(crate) fn interface(&self, krate: &TokenStream) -> TokenStream {
        let s = Span::mixed_site();
        let (name, arguments) =
            (format_ident!("TraitMethod{}", self.inputs.len(), span = s), &self.arguments);
        quote_spanned!(s=> #krate::__private::#name<#arguments>)
    }

    /// The same for second derivatives.
    pub(crate) fn twice(&self, krate: &TokenStream) -> TokenStream {
        let s = Span::mixed_site();
        let (name, arguments) =
            (format_ident!("TraitMethodTwice{}", self.inputs.len(), span = s), &self.arguments);
        quote_spanned!(s=> #krate::__private::#name<#arguments>)
    }

    /// The first with what it returns.
    pub(crate) fn interface_returning(&self, output: &Type, krate: &TokenStream) -> TokenStream {
        let s = Span::mixed_site();
        let (name, arguments) =
            (format_ident!("TraitMethod{}", self.inputs.len(), span = s), &self.arguments);
        quote_spanned!(s=> #krate::__private::#name<#arguments, Output = #output>)
    }

    /// The trait of the runtime that objects have, and what bears their derivatives.
    pub(crate) fn of_objects(&self, output: &Type, krate: &TokenStream) -> [TokenStream; 2] {
        let s = Span::mixed_site();
        let count = self.inputs.len();
        let [interface, bearer] =
            ["ObjectMethod", "OfObject"].map(|stem| format_ident!("{stem}{count}", span = s));
        let (number, inputs) = (&self.number, &self.inputs);
        [
            quote_spanned!(s=> #krate::__private::#interface<#number, #(#inputs,)* #output>),
            quote_spanned!(s=> #krate::__private::#bearer<#number, #(#inputs,)* #output>),
        ]
    }

    /// What bears the derivatives, for functions that are generic over the trait.
    pub(crate) fn bearer(&self, krate: &TokenStream) -> TokenStream {
        let s = Span::mixed_site();
        let (name, arguments) = (format_ident!("OfTrait{}", self.inputs.len(), span = s), &self.arguments);
        quote_spanned!(s=> #krate::__private::#name<Self, #arguments>)
    }
}

/// An input; a constant is one by value that can be copied, or whatever is behind a reference.
fn input(taken: &Taken<'_>, args: &Args) -> Option<TokenStream> {
    let s = Span::mixed_site();
    let krate = &args.krate;
    // Derivatives take views in another form than the method does.
    if names_self(taken.ty.to_token_stream()) || is_view(taken.ty) {
        return None;
    }
    if taken.is_active {
        return input_of(taken.ty, args).filter(|input| !input.is_constant).map(|input| input.tokens);
    }
    let named = |name: &str, of: &Type| {
        let name = Ident::new(name, s);
        quote_spanned!(s=> #krate::__private::#name<#of>)
    };
    match Shape::of(taken.ty) {
        shape if shape.is_float() => Some(named("KnownNumber", ungrouped(taken.ty))),
        Shape::Int | Shape::Bool => Some(named("Known", ungrouped(taken.ty))),
        Shape::Ref { mutable: false, to } if Shape::of(to).is_float() => Some(named("KnownSharedNumber", to)),
        Shape::Ref { mutable: false, to } if !borrows(to) => Some(named("KnownShared", to)),
        _ => None,
    }
}

fn is_view(ty: &Type) -> bool {
    let of = match ungrouped(ty) {
        Type::Reference(reference) => ungrouped(&reference.elem),
        ty => ty,
    };
    array::lent_view(ty).is_some()
        || array::is_lent_mut(ty)
        || matches!(of, Type::Path(path) if array::is_view(path))
}

/// Whether there is a lifetime in a type, written or not, as far as the tokens tell.
fn borrows(ty: &Type) -> bool {
    struct Find(bool);
    impl<'a> syn::visit::Visit<'a> for Find {
        fn visit_type_reference(&mut self, _: &'a syn::TypeReference) {
            self.0 = true;
        }
        fn visit_lifetime(&mut self, _: &'a syn::Lifetime) {
            self.0 = true;
        }
        fn visit_type_impl_trait(&mut self, _: &'a syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    syn::visit::Visit::visit_type(&mut find, ty);
    find.0
}

/// A supertrait cannot name types of its trait.
fn names_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => word == "Self",
        TokenTree::Group(group) => names_self(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// In the place of the names of methods that a macro in a block makes.
pub(crate) const ANY_METHOD: &str = "!";

/// The number of a method's name.
pub(crate) fn number_of(method: &str) -> Literal {
    if method == ANY_METHOD {
        return Literal::u64_unsuffixed(u64::MAX);
    }
    Literal::u64_unsuffixed(number(method.trim_start_matches("r#")))
}

/// A number for a name: FNV-1a.
fn number(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
