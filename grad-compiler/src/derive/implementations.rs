//! What the derive writes: the type of tangents, a hidden one for tangents side by side, and their traits.
//!
//! Every implementation goes over the fields once. Patterns and literals are braced, `S { 0: x }`, which tuple structs and
//! unit structs take as well, so that one form serves all.

use super::item::{Field, Item, Style, Variant, mentions, site};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, WherePredicate};

/// Which of the three types is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Point,
    Tangent,
    Lanes,
}

/// The parts of an `impl` of a generic type.
pub(super) struct Generics {
    pub(super) params: TokenStream,
    pub(super) arguments: TokenStream,
    pub(super) predicates: Vec<TokenStream>,
}

impl Item<'_> {
    pub(super) fn implementations(&self) -> TokenStream {
        let (tangent, lanes) = (self.definition(Of::Tangent), self.definition(Of::Lanes));
        let implementations = [
            self.differentiable(Of::Point),
            self.differentiable(Of::Tangent),
            self.standard(Of::Tangent),
            self.standard(Of::Lanes),
            self.blank(Of::Tangent),
            self.blank(Of::Lanes),
            self.unread(Of::Point),
            self.unread(Of::Tangent),
            self.unread(Of::Lanes),
            self.hidden(),
            self.variants(),
        ];
        let check = self.check();
        quote! {
            #check
            #tangent
            const _: () = {
                #lanes
                #(#implementations)*
            };
        }
    }

    pub(super) fn is_enum(&self) -> bool {
        self.variants.iter().any(|variant| variant.name.is_some())
    }

    /// Whether it is in a field of its own, in a `Vec` or a `Box`.
    pub(super) fn holds_itself(&self) -> bool {
        let name = self.input.ident.to_string();
        self.fields().any(|field| mentions(field.ty.to_token_stream(), &name))
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &Field<'_>> {
        self.variants.iter().flat_map(|variant| &variant.fields).filter(|field| !field.is_constant)
    }

    pub(super) fn name(&self, of: Of) -> Ident {
        match of {
            Of::Point => self.input.ident.clone(),
            Of::Tangent => self.tangent.clone(),
            Of::Lanes => format_ident!("{}Lanes", self.tangent, span = site()),
        }
    }

    /// `<Vec<f64> as Differentiable>::Tangent`
    pub(super) fn tangent_of(&self, field: &Field<'_>) -> TokenStream {
        if let Some(tangent) = &field.tangent {
            return tangent.clone();
        }
        let (krate, ty) = (&self.krate, self.checked(field));
        quote!(<#ty as #krate::Differentiable>::Tangent)
    }

    /// The type of a field by way of the constant that asks for its derive: where that lacks, it is said there, once.
    fn checked(&self, field: &Field<'_>) -> TokenStream {
        let ty = field.ty;
        if field.is_generic || field.tangent.is_some() {
            return ty.to_token_stream();
        }
        let (krate, asked) = (&self.krate, self.name_of_check());
        quote!(<#ty as #krate::__private::Callee<{ #asked }>>::It)
    }

    fn name_of_check(&self) -> Ident {
        format_ident!("__GRAD_{}", self.tangent.to_string().to_uppercase(), span = site())
    }

    /// The constant: 0, if all fields have tangents.
    fn check(&self) -> TokenStream {
        let asked: Vec<_> = self
            .fields()
            .filter(|field| !field.is_generic && field.tangent.is_none())
            .map(|field| field.ty)
            .collect();
        if asked.is_empty() {
            return TokenStream::new();
        }
        let (krate, name) = (&self.krate, self.name_of_check());
        quote! {
            #[doc(hidden)]
            const #name: usize = {
                const fn has_tangents<T: #krate::Differentiable>() -> usize {
                    0
                }
                0 #(+ has_tangents::<#asked>())*
            };
        }
    }

    pub(super) fn ty(&self, field: &Field<'_>, of: Of) -> TokenStream {
        if field.is_constant && of != Of::Point {
            return quote!(());
        }
        let (krate, tangent) = (&self.krate, self.tangent_of(field));
        match of {
            Of::Point => self.checked(field),
            Of::Tangent => tangent,
            Of::Lanes => quote!(<#tangent as #krate::__private::LanesLike<__N>>::Lanes),
        }
    }

    /// The generic parameters of one of the types, with what is asked of those fields whose types are generic, and where
    /// another parameter comes before them.
    pub(super) fn generics(
        &self,
        of: Of,
        lanes: bool,
        asked: &dyn Fn(&Field<'_>) -> TokenStream,
    ) -> Generics {
        let all: Vec<&GenericParam> = match of {
            Of::Point => self.input.generics.params.iter().collect(),
            Of::Tangent | Of::Lanes => self.generics.clone(),
        };
        let mut params = Vec::new();
        let mut arguments = Vec::new();
        for param in &all {
            let mut param = (*param).clone();
            match &mut param {
                GenericParam::Lifetime(param) => {
                    param.attrs.clear();
                    arguments.push(param.lifetime.to_token_stream());
                }
                GenericParam::Type(param) => {
                    param.attrs.clear();
                    param.default = None;
                    arguments.push(param.ident.to_token_stream());
                }
                GenericParam::Const(param) => {
                    param.attrs.clear();
                    param.default = None;
                    arguments.push(param.ident.to_token_stream());
                }
            }
            params.push(param.to_token_stream());
        }
        if of == Of::Lanes {
            arguments.push(quote!(__N));
        }
        if of == Of::Lanes || lanes {
            params.push(quote!(const __N: usize));
        }
        let mut predicates = self.users_predicates(&all);
        let krate = &self.krate;
        let generic: Vec<&Field<'_>> = self.fields().filter(|field| field.is_generic).collect();
        for field in &generic {
            let ty = field.ty;
            predicates.push(quote!(#ty: #krate::Differentiable));
        }
        if of == Of::Lanes || lanes {
            for field in &generic {
                let tangent = self.tangent_of(field);
                predicates.push(quote!(#tangent: #krate::__private::LanesLike<__N>));
            }
        }
        predicates.extend(generic.into_iter().map(asked).filter(|asked| !asked.is_empty()));
        Generics { params: quote!(#(#params),*), arguments: quote!(<#(#arguments),*>), predicates }
    }

    /// The user's own `where`, as far as it speaks of parameters that are there.
    fn users_predicates(&self, params: &[&GenericParam]) -> Vec<TokenStream> {
        let Some(clause) = &self.input.generics.where_clause else { return Vec::new() };
        let gone: Vec<String> = self
            .input
            .generics
            .params
            .iter()
            .filter(|param| !params.iter().any(|kept| kept == param))
            .map(super::item::name_of)
            .collect();
        let is_kept = |predicate: &&WherePredicate| {
            !gone.iter().any(|name| super::item::mentions(predicate.to_token_stream(), name))
        };
        clause.predicates.iter().filter(is_kept).map(ToTokens::to_token_stream).collect()
    }

    /// `impl trait for type { body }`
    pub(super) fn implement(
        &self,
        of: Of,
        lanes: bool,
        before: &TokenStream,
        interface: &TokenStream,
        asked: &dyn Fn(&Field<'_>) -> TokenStream,
        body: &TokenStream,
    ) -> TokenStream {
        let Generics { params, arguments, predicates } = self.generics(of, lanes, asked);
        let name = self.name(of);
        quote! {
            #[automatically_derived]
            impl<#params #before> #interface for #name #arguments where #(#predicates,)* {
                #body
            }
        }
    }

    /// The type with its generic arguments.
    pub(super) fn itself(&self, of: Of) -> TokenStream {
        let (name, arguments) = (self.name(of), self.generics(of, false, &nothing).arguments);
        quote!(#name #arguments)
    }

    fn definition(&self, of: Of) -> TokenStream {
        let Generics { params, predicates, .. } = self.generics(of, false, &nothing);
        let (vis, name) = (&self.input.vis, self.name(of));
        let fields = |variant: &Variant<'_>| {
            let fields = variant.fields.iter().map(|field| {
                let ty = self.ty(field, of);
                // Those of a variant have no visibility of their own.
                let vis = field.vis;
                let member = &field.member;
                let doc = format!("For `{}`.", member.to_token_stream());
                match variant.style {
                    Style::Braced => quote!(#[doc = #doc] #vis #member: #ty),
                    Style::Tuple | Style::Unit => quote!(#[doc = #doc] #vis #ty),
                }
            });
            match variant.style {
                Style::Braced => quote!({ #(#fields,)* }),
                Style::Tuple => quote!(( #(#fields,)* )),
                Style::Unit => TokenStream::new(),
            }
        };
        let doc = format!(
            "A tangent or a cotangent of [`{}`]: the same fields, `()` where there are no floats.",
            self.input.ident
        );
        let shown = if of == Of::Lanes { quote!(#[doc(hidden)]) } else { quote!(#[doc = #doc]) };
        let clause = if predicates.is_empty() { TokenStream::new() } else { quote!(where #(#predicates,)*) };
        if self.is_enum() {
            let variants = self.variants.iter().map(|variant| {
                let (name, fields) = (variant.name, fields(variant));
                let doc = format!("For `{}`.", name.to_token_stream());
                quote!(#[doc = #doc] #name #fields)
            });
            return quote!(#shown #vis enum #name<#params> #clause { #(#variants,)* });
        }
        let variant = &self.variants[0];
        let fields = fields(variant);
        match variant.style {
            Style::Braced => quote!(#shown #vis struct #name<#params> #clause #fields),
            Style::Tuple | Style::Unit => quote!(#shown #vis struct #name<#params> #fields #clause;),
        }
    }

    /// `S::Variant { k: a0, name: _ }`
    pub(super) fn pattern(&self, of: Of, variant: &Variant<'_>, prefix: &str) -> TokenStream {
        let path = self.path(of, variant);
        let fields = variant.fields.iter().enumerate().map(|(at, field)| {
            let member = &field.member;
            if field.is_constant {
                quote!(#member: _)
            } else {
                let name = bound(prefix, at);
                quote!(#member: #name)
            }
        });
        quote!(#path { #(#fields),* })
    }

    pub(super) fn path(&self, of: Of, variant: &Variant<'_>) -> TokenStream {
        let name = self.name(of);
        match variant.name {
            Some(variant) => quote!(#name::#variant),
            None => quote!(#name),
        }
    }

    /// `match self { … }` with a value of one of the types: field by field.
    pub(super) fn made(
        &self,
        from: Of,
        to: Of,
        each: &dyn Fn(&Field<'_>, &Ident) -> TokenStream,
    ) -> TokenStream {
        let arms = self.variants.iter().map(|variant| {
            let (pattern, path) = (self.pattern(from, variant, "a"), self.path(to, variant));
            let fields = variant.fields.iter().enumerate().map(|(at, field)| {
                let member = &field.member;
                let value = if field.is_constant { quote!(()) } else { each(field, &bound("a", at)) };
                quote!(#member: #value)
            });
            quote!(#pattern => #path { #(#fields),* })
        });
        quote!(match self { #(#arms,)* })
    }

    /// `match self { … }`: the parts of each variant put together.
    pub(super) fn folded(
        &self,
        from: Of,
        each: &dyn Fn(&Field<'_>, &Ident) -> TokenStream,
        all: &dyn Fn(Vec<TokenStream>) -> TokenStream,
    ) -> TokenStream {
        let arms = self.variants.iter().map(|variant| {
            let pattern = self.pattern(from, variant, "a");
            let all = all(parts(variant, |at, field| each(field, &bound("a", at))));
            quote!(#pattern => { #all })
        });
        quote!(match self { #(#arms,)* })
    }

    /// The same of two values, which must be of one variant.
    pub(super) fn paired(
        &self,
        [(left, a), (right, b)]: [(&TokenStream, Of); 2],
        each: &dyn Fn(&Field<'_>, &Ident, &Ident) -> TokenStream,
        all: &dyn Fn(Vec<TokenStream>) -> TokenStream,
        otherwise: &TokenStream,
    ) -> TokenStream {
        let arms = self.variants.iter().map(|variant| {
            let (one, other) = (self.pattern(a, variant, "a"), self.pattern(b, variant, "b"));
            let all = all(parts(variant, |at, field| each(field, &bound("a", at), &bound("b", at))));
            quote!((#one, #other) => { #all })
        });
        let otherwise = (self.variants.len() > 1).then(|| quote!(_ => #otherwise,));
        quote!(match (#left, #right) { #(#arms,)* #otherwise })
    }

    pub(super) fn other_variant(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::__private::other_variant())
    }

    /// A name where it is used, `_` elsewhere.
    pub(super) fn used(&self, name: &str) -> TokenStream {
        if self.fields().next().is_some() { format_ident!("{name}").to_token_stream() } else { quote!(_) }
    }

    fn differentiable(&self, of: Of) -> TokenStream {
        let krate = &self.krate;
        let tangent = self.itself(Of::Tangent);
        let this = |field: &Field<'_>| {
            let ty = self.ty(field, of);
            quote!(<#ty as #krate::Differentiable>)
        };
        let zero = self.made(of, Of::Tangent, &|field, a| {
            let this = this(field);
            quote!(#this::zero_tangent(#a))
        });
        let two = |left: &str, right: &str, a, b| {
            [(format_ident!("{left}").to_token_stream(), a), (format_ident!("{right}").to_token_stream(), b)]
        };
        let [left, right] = &two("self", "tangent", of, Of::Tangent);
        let add_scaled = self.paired(
            [(&left.0, left.1), (&right.0, right.1)],
            &|field, a, b| {
                let this = this(field);
                quote!(#this::add_scaled(#a, scale, #b);)
            },
            &|parts| quote!(#(#parts)*),
            &self.other_variant(),
        );
        let [left, right] = &two("a", "b", Of::Tangent, Of::Tangent);
        let inner = self.paired(
            [(&left.0, left.1), (&right.0, right.1)],
            &|field, a, b| {
                let this = this(field);
                quote!(#this::inner(#a, #b))
            },
            &|parts| quote!(0.0 #(+ #parts)*),
            &self.other_variant(),
        );
        let dim = self.folded(
            of,
            &|field, a| {
                let this = this(field);
                quote!(#this::dim(#a))
            },
            &|parts| quote!(0 #(+ #parts)*),
        );
        let counted = |parts: Vec<TokenStream>| {
            if parts.is_empty() { quote!(0) } else { quote!(let mut done = 0; #(#parts)* done) }
        };
        let flatten = self.folded(
            of,
            &|field, a| {
                let this = this(field);
                quote!(done += #this::flatten_into(#a, &mut flat[done..]);)
            },
            &counted,
        );
        let unflatten = self.folded(
            of,
            &|field, a| {
                let this = this(field);
                quote!(done += #this::unflatten_from(#a, &flat[done..]);)
            },
            &counted,
        );
        let (scale, flat) = (self.used("scale"), self.used("flat"));
        let asked = |field: &Field<'_>| match of {
            // A tangent of a tangent is a tangent.
            Of::Tangent | Of::Lanes => TokenStream::new(),
            Of::Point => {
                let tangent = self.tangent_of(field);
                quote!(#tangent: ::core::clone::Clone)
            }
        };
        self.implement(
            of,
            false,
            &TokenStream::new(),
            &quote!(#krate::Differentiable),
            &asked,
            &quote! {
                type Tangent = #tangent;
                fn zero_tangent(&self) -> Self::Tangent { #zero }
                fn add_scaled(&mut self, #scale: f64, tangent: &Self::Tangent) { #add_scaled }
                fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 { #inner }
                fn dim(&self) -> usize { #dim }
                fn flatten_into<__S: #krate::Scalar>(&self, #flat: &mut [__S]) -> usize { #flatten }
                fn unflatten_from<__S: #krate::Scalar>(&mut self, #flat: &[__S]) -> usize { #unflatten }
            },
        )
    }

    /// `Clone`, and for tangents `Debug` and `PartialEq`.
    fn standard(&self, of: Of) -> TokenStream {
        let none = TokenStream::new();
        let asked = |bound: TokenStream| {
            move |field: &Field<'_>| {
                let ty = self.ty(field, of);
                quote!(#ty: #bound)
            }
        };
        let clone = self.made(of, of, &|_, a| quote!(::core::clone::Clone::clone(#a)));
        let clone = self.implement(
            of,
            false,
            &none,
            &quote!(::core::clone::Clone),
            &asked(quote!(::core::clone::Clone)),
            &quote!(fn clone(&self) -> Self { #clone }),
        );
        if of == Of::Lanes {
            return clone;
        }
        let equal = self.paired(
            [(&quote!(self), of), (&quote!(other), of)],
            &|_, a, b| quote!(#a == #b),
            &|parts| if parts.is_empty() { quote!(true) } else { quote!(#(#parts)&&*) },
            &quote!(false),
        );
        let equal = self.implement(
            of,
            false,
            &none,
            &quote!(::core::cmp::PartialEq),
            &asked(quote!(::core::cmp::PartialEq)),
            &quote!(fn eq(&self, other: &Self) -> bool { #equal }),
        );
        let shown = self.shown();
        let debug = self.implement(
            of,
            false,
            &none,
            &quote!(::core::fmt::Debug),
            &asked(quote!(::core::fmt::Debug)),
            &quote!(fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { #shown }),
        );
        quote!(#clone #equal #debug)
    }

    /// As `#[derive(Debug)]` shows it.
    fn shown(&self) -> TokenStream {
        let arms = self.variants.iter().map(|variant| {
            let pattern = self.pattern(Of::Tangent, variant, "a");
            let name = variant.name.unwrap_or(&self.tangent).to_string();
            let value = |at: usize, field: &Field<'_>| {
                if field.is_constant { quote!(&()) } else { bound("a", at).to_token_stream() }
            };
            let fields = variant.fields.iter().enumerate();
            let shown = match variant.style {
                Style::Braced => {
                    let fields = fields.map(|(at, field)| {
                        let (name, value) = (field.member.to_token_stream().to_string(), value(at, field));
                        quote!(.field(#name, #value))
                    });
                    quote!(f.debug_struct(#name)#(#fields)*.finish())
                }
                Style::Tuple => {
                    let fields = fields.map(|(at, field)| {
                        let value = value(at, field);
                        quote!(.field(#value))
                    });
                    quote!(f.debug_tuple(#name)#(#fields)*.finish())
                }
                Style::Unit => quote!(f.write_str(#name)),
            };
            quote!(#pattern => #shown)
        });
        quote!(match self { #(#arms,)* })
    }

    /// An `impl` that there is only where some of the fields have a trait: whether they do, rustc finds out where it is used. (A
    /// bound on a type without parameters would have to hold, if it were not for all lifetimes.)
    fn implement_where<'f>(
        &self,
        of: Of,
        interface: &TokenStream,
        fields: impl Iterator<Item = &'f Field<'f>>,
        body: &TokenStream,
    ) -> TokenStream {
        let Generics { params, arguments, mut predicates } = self.generics(of, false, &nothing);
        predicates.extend(fields.map(|field| {
            let ty = self.own_ty(field, of);
            quote!(for<'__all> #ty: #interface)
        }));
        let name = self.name(of);
        quote! {
            #[automatically_derived]
            impl<#params> #interface for #name #arguments where #(#predicates,)* {
                #body
            }
        }
    }

    /// The type of a field in one of the three types, as it stands there.
    fn own_ty(&self, field: &Field<'_>, of: Of) -> TokenStream {
        if of == Of::Point { field.ty.to_token_stream() } else { self.ty(field, of) }
    }

    /// A value that nobody reads, where there is one for all parts.
    fn unread(&self, of: Of) -> TokenStream {
        let krate = &self.krate;
        let Some(variant) = self.variants.first() else { return TokenStream::new() };
        let path = self.path(of, variant);
        let members = variant.fields.iter().map(|field| &field.member);
        let interface = quote!(#krate::__private::Unread);
        let body = quote! {
            fn __grad_unread() -> Self { #path { #(#members: #interface::__grad_unread()),* } }
        };
        self.implement_where(of, &interface, variant.fields.iter(), &body)
    }

    /// A tangent without lengths: `Default`.
    fn blank(&self, of: Of) -> TokenStream {
        let krate = &self.krate;
        let none = TokenStream::new();
        let Some(variant) = self.variants.first() else { return none };
        let bound = |field: &Field<'_>| {
            let ty = self.ty(field, of);
            quote!(#ty: #krate::__private::Blank)
        };
        let path = self.path(of, variant);
        let fields = variant.fields.iter().map(|field| {
            let (member, ty) = (&field.member, self.ty(field, of));
            quote!(#member: <#ty as #krate::__private::Blank>::__grad_blank())
        });
        let blank = self.implement(
            of,
            false,
            &none,
            &quote!(#krate::__private::Blank),
            &bound,
            &quote!(fn __grad_blank() -> Self { #path { #(#fields),* } }),
        );
        if self.is_enum() || of == Of::Lanes {
            return blank;
        }
        let default = self.implement(
            of,
            false,
            &none,
            &quote!(::core::default::Default),
            &bound,
            &quote!(fn default() -> Self { #krate::__private::Blank::__grad_blank() }),
        );
        quote!(#blank #default)
    }
}

pub(super) fn nothing(_: &Field<'_>) -> TokenStream {
    TokenStream::new()
}

pub(super) fn comma_after(params: &TokenStream) -> TokenStream {
    if params.is_empty() { TokenStream::new() } else { quote!(,) }
}

/// The name that a pattern gives to a field.
fn bound(prefix: &str, at: usize) -> Ident {
    format_ident!("{prefix}{at}")
}

fn parts(variant: &Variant<'_>, mut each: impl FnMut(usize, &Field<'_>) -> TokenStream) -> Vec<TokenStream> {
    let fields = variant.fields.iter().enumerate().filter(|(_, field)| !field.is_constant);
    fields.map(|(at, field)| each(at, field)).collect()
}
