//! What generated code asks of tangents, beside what everybody may: hidden traits of the runtime, field by field.

use super::implementations::{Generics, Of, comma_after, nothing};
use super::item::{Field, Item};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Member, Visibility};

impl Item<'_> {
    pub(super) fn hidden(&self) -> TokenStream {
        [
            self.likeness(Of::Point),
            self.likeness(Of::Tangent),
            self.likeness(Of::Lanes),
            self.linear(Of::Tangent),
            self.linear(Of::Lanes),
            self.inner(),
            self.each_lane(),
            self.passing(Of::Point),
            self.passing(Of::Tangent),
            self.passing(Of::Lanes),
            self.entries(),
            self.followed(),
            self.without_tangents(),
            self.named_fields(),
            self.of_the_derive(),
        ]
        .into_iter()
        .collect()
    }

    /// Tangents of fields by their names, for `wrt(self.k)`.
    fn named_fields(&self) -> TokenStream {
        if self.is_enum() {
            return TokenStream::new();
        }
        let is_private = matches!(self.input.vis, Visibility::Inherited);
        let named = |field: &&Field<'_>| {
            let is_as_public = is_private
                || field.vis.to_token_stream().to_string() == self.input.vis.to_token_stream().to_string();
            matches!(field.member, Member::Named(_)) && (field.tangent.is_some() || is_as_public)
        };
        let of_field = |of: Of, field: &Field<'_>| {
            let (krate, member) = (&self.krate, &field.member);
            let Member::Named(ident) = member else { return TokenStream::new() };
            let name = ident.to_string();
            let name = name.trim_start_matches("r#");
            let hash = quote!({ #krate::__private::in_variant(#name) });
            let ty = self.ty(field, of);
            let is_asked = field.is_generic || of == Of::Lanes;
            let asked = |of: &Field<'_>| {
                if is_asked && std::ptr::eq(of, field) {
                    quote!(#ty: ::core::clone::Clone)
                } else {
                    TokenStream::new()
                }
            };
            self.implement(
                of,
                of == Of::Lanes,
                &TokenStream::new(),
                &quote!(#krate::__private::FieldOf<#hash>),
                &asked,
                &quote! {
                    type Of = #ty;
                    #[inline]
                    fn field(&self) -> &#ty { &self.#member }
                    #[inline]
                    fn field_mut(&mut self) -> &mut #ty { &mut self.#member }
                },
            )
        };
        let fields: Vec<&Field<'_>> = self.fields().filter(named).collect();
        let all = [Of::Tangent, Of::Lanes].into_iter();
        all.flat_map(|of| fields.iter().map(move |field| of_field(of, field))).collect()
    }

    /// A type that only chooses, or holds constants: its tangent is nothing, and a field of it a constant.
    fn without_tangents(&self) -> TokenStream {
        let nothing = |field: &Field<'_>| {
            field.is_constant || field.tangent.as_ref().is_some_and(|of| of.to_string() == "()")
        };
        if !self.fields().all(nothing) || !self.input.generics.params.is_empty() {
            return TokenStream::new();
        }
        let krate = &self.krate;
        let tangent = self.itself(Of::Tangent);
        let itself = quote!(#krate::__private::NoTangent);
        let lanes = self.implement(
            Of::Lanes,
            true,
            &TokenStream::new(),
            &itself,
            &|_| TokenStream::new(),
            &TokenStream::new(),
        );
        quote! {
            #[automatically_derived]
            impl #itself for #tangent {}
            #lanes
        }
    }

    /// Zeros and lanes of the same shape.
    fn likeness(&self, of: Of) -> TokenStream {
        let krate = &self.krate;
        let (tangent, lanes) = (self.itself(Of::Tangent), self.itself(Of::Lanes));
        let none = TokenStream::new();
        let like_lanes = |field: &Field<'_>| {
            let lanes = self.ty(field, Of::Lanes);
            quote!(#lanes: #krate::__private::ZerosLike<Zeros = #lanes> + #krate::__private::LanesLike<__N, Lanes = #lanes>)
        };
        let (zeros, lanes_like) = match of {
            Of::Point | Of::Tangent => {
                let zero = |field: &Field<'_>, a: &Ident| {
                    let ty = self.ty(field, of);
                    quote!(<#ty as #krate::Differentiable>::zero_tangent(#a))
                };
                let zeros =
                    self.implement(of, false, &none, &quote!(#krate::__private::ZerosLike), &nothing, &{
                        let zeros = self.made(of, Of::Tangent, &zero);
                        quote! {
                            type Zeros = #tangent;
                            #[inline]
                            fn __grad_zeros_like(&self) -> #tangent { #zeros }
                        }
                    });
                let lanes_like = self.made(of, Of::Lanes, &|field, a| {
                    let (tangent, zero) = (self.tangent_of(field), zero(field, a));
                    quote!(<#tangent as #krate::__private::LanesLike<__N>>::__grad_lanes_like(&#zero))
                });
                (zeros, lanes_like)
            }
            Of::Lanes => {
                let zeros =
                    self.implement(of, true, &none, &quote!(#krate::__private::ZerosLike), &like_lanes, &{
                        let zeros = self.made(of, of, &|field, a| {
                            let ty = self.ty(field, of);
                            quote!(<#ty as #krate::__private::ZerosLike>::__grad_zeros_like(#a))
                        });
                        quote! {
                            type Zeros = #lanes;
                            #[inline]
                            fn __grad_zeros_like(&self) -> #lanes { #zeros }
                        }
                    });
                let lanes_like = self.made(of, of, &|field, a| {
                    let ty = self.ty(field, of);
                    quote!(<#ty as #krate::__private::LanesLike<__N>>::__grad_lanes_like(#a))
                });
                (zeros, lanes_like)
            }
        };
        let asked = |field: &Field<'_>| if of == Of::Lanes { like_lanes(field) } else { TokenStream::new() };
        let body = quote! {
            type Lanes = #lanes;
            #[inline]
            fn __grad_lanes_like(&self) -> #lanes { #lanes_like }
        };
        let lanes_like =
            self.implement(of, true, &none, &quote!(#krate::__private::LanesLike<__N>), &asked, &body);
        quote!(#zeros #lanes_like)
    }

    /// Sums and multiples, in place.
    fn linear(&self, of: Of) -> TokenStream {
        let krate = &self.krate;
        let this = self.itself(of);
        let ask = |bound: &dyn Fn(&TokenStream) -> TokenStream, field: &Field<'_>| {
            let ty = self.ty(field, of);
            let bound = bound(&ty);
            quote!(#ty: #bound)
        };
        let accumulated = |ty: &TokenStream| quote!(#krate::__private::Accumulate<#ty>);
        let sum = |other: &TokenStream| {
            self.paired(
                [(&quote!(self), of), (other, of)],
                &|field, a, b| {
                    let ty = self.ty(field, of);
                    quote!(<#ty as #krate::__private::Accumulate<#ty>>::__grad_accumulate(#a, #b);)
                },
                &|parts| quote!(#(#parts)*),
                &self.other_variant(),
            )
        };
        let none = TokenStream::new();
        let (added, merged) = (sum(&quote!(from)), sum(&quote!(&cotangent)));
        let accumulate = self.implement(
            of,
            false,
            &none,
            &quote!(#krate::__private::Accumulate<#this>),
            &|field| ask(&accumulated, field),
            &quote!(#[inline] fn __grad_accumulate(&mut self, from: &#this) { #added }),
        );
        let merge = self.implement(
            of,
            false,
            &none,
            &quote!(#krate::__private::Merge<#this>),
            &|field| ask(&accumulated, field),
            &quote!(#[inline] fn __grad_merge(&mut self, cotangent: #this) { #merged }),
        );
        let clear = self.folded(
            of,
            &|field, a| {
                let ty = self.ty(field, of);
                quote!(<#ty as #krate::__private::Clear>::__grad_clear(#a);)
            },
            &|parts| quote!(#(#parts)*),
        );
        let clear = self.implement(
            of,
            false,
            &none,
            &quote!(#krate::__private::Clear),
            &|field| ask(&|_| quote!(#krate::__private::Clear), field),
            &quote!(#[inline] fn __grad_clear(&mut self) { #clear }),
        );
        let scale = self.folded(
            of,
            &|field, a| {
                let ty = self.ty(field, of);
                quote!(<#ty as #krate::__private::Scale<__By>>::__grad_scale(#a, by);)
            },
            &|parts| quote!(#(#parts)*),
        );
        // Asked of every field: a type has multiples by the numbers that all of its parts have multiples by.
        let each = self.fields().map(|field| {
            let ty = self.ty(field, of);
            quote!(#ty: #krate::__private::Scale<__By>,)
        });
        let Generics { params, arguments, predicates } = self.generics(of, false, &nothing);
        let (name, by, comma) = (self.name(of), self.used("by"), comma_after(&params));
        let scale = quote! {
            #[automatically_derived]
            impl<#params #comma __By: ::core::marker::Copy> #krate::__private::Scale<__By> for #name #arguments
            where
                #(#predicates,)*
                #(#each)*
            {
                #[inline]
                fn __grad_scale(&mut self, #by: __By) { #scale }
            }
        };
        quote!(#accumulate #merge #clear #scale)
    }

    /// The type has the derive.
    fn of_the_derive(&self) -> TokenStream {
        let (krate, this) = (&self.krate, self.itself(Of::Point));
        self.implement(
            Of::Point,
            false,
            &TokenStream::new(),
            &quote!(#krate::__private::Checked),
            &nothing,
            &quote! {
                type It = #this;
                #[inline]
                fn checked(self) -> #this { self }
            },
        )
    }

    /// A tangent of a type of the user's is followed, whatever is in it.
    fn followed(&self) -> TokenStream {
        let (krate, none) = (&self.krate, TokenStream::new());
        let implemented =
            self.implement(Of::Tangent, false, &none, &quote!(#krate::__private::Followed), &nothing, &none);
        // It is not what to write where something else has no tangent.
        quote!(#[diagnostic::do_not_recommend] #implemented)
    }

    fn inner(&self) -> TokenStream {
        let (krate, this) = (&self.krate, self.itself(Of::Tangent));
        let bound = |field: &Field<'_>| {
            let ty = self.ty(field, Of::Tangent);
            quote!(#ty: #krate::__private::Inner<#ty>)
        };
        let inner = self.paired(
            [(&quote!(self), Of::Tangent), (&quote!(other), Of::Tangent)],
            &|field, a, b| {
                let ty = self.ty(field, Of::Tangent);
                quote!(<#ty as #krate::__private::Inner<#ty>>::__grad_inner(#a, #b))
            },
            &|parts| quote!(0.0 #(+ #parts)*),
            &self.other_variant(),
        );
        self.implement(
            Of::Tangent,
            false,
            &TokenStream::new(),
            &quote!(#krate::__private::Inner<#this>),
            &bound,
            &quote!(#[inline] fn __grad_inner(&self, other: &#this) -> f64 { #inner }),
        )
    }

    fn each_lane(&self) -> TokenStream {
        let (krate, one) = (&self.krate, self.itself(Of::Tangent));
        let this = |field: &Field<'_>| {
            let ty = self.ty(field, Of::Lanes);
            quote!(<#ty as #krate::__private::EachLane>)
        };
        let bound = |field: &Field<'_>| {
            let (ty, one) = (self.ty(field, Of::Lanes), self.ty(field, Of::Tangent));
            quote!(#ty: #krate::__private::EachLane<One = #one>)
        };
        let count = if self.is_enum() {
            quote!(::core::option::Option::None)
        } else {
            let counts = self.fields().map(|field| {
                let this = this(field);
                quote!(#this::COUNT)
            });
            quote!(#krate::__private::add_counts(&[#(#counts),*]))
        };
        let lane = self.made(Of::Lanes, Of::Tangent, &|field, a| {
            let this = this(field);
            quote!(#this::lane(#a, lane))
        });
        let set_lane = self.paired(
            [(&quote!(self), Of::Lanes), (&quote!(one), Of::Tangent)],
            &|field, a, b| {
                let this = this(field);
                quote!(#this::set_lane(#a, lane, #b);)
            },
            &|parts| quote!(#(#parts)*),
            &self.other_variant(),
        );
        let set_entry = self.folded(
            Of::Lanes,
            &|field, a| {
                let this = this(field);
                quote!(before += #this::set_entry(#a, at.wrapping_sub(before), lane, value);)
            },
            &|parts| if parts.is_empty() { quote!(0) } else { quote!(let mut before = 0; #(#parts)* before) },
        );
        let [lane_name, at, value] = ["lane", "at", "value"].map(|name| self.used(name));
        self.implement(
            Of::Lanes,
            true,
            &TokenStream::new(),
            &quote!(#krate::__private::EachLane),
            &bound,
            &quote! {
                type One = #one;
                const COUNT: ::core::option::Option<usize> = #count;
                #[inline]
                fn lane(&self, #lane_name: usize) -> #one { #lane }
                #[inline]
                fn set_lane(&mut self, #lane_name: usize, one: &#one) { #set_lane }
                #[inline]
                fn set_entry(&mut self, #at: usize, #lane_name: usize, #value: f64) -> usize { #set_entry }
            },
        )
    }

    /// What a pullback takes in its place, and what is kept of it.
    fn passing(&self, of: Of) -> TokenStream {
        let krate = &self.krate;
        let none = TokenStream::new();
        let again = self.implement(
            of,
            of == Of::Lanes,
            &none,
            &quote!(#krate::__private::Again),
            &nothing,
            &quote! {
                type Again = #krate::__private::Gone;
                #[inline]
                fn __grad_again(&self) -> #krate::__private::Gone { #krate::__private::Gone }
            },
        );
        let this = self.itself(of);
        let Generics { params, predicates, .. } = self.generics(of, false, &nothing);
        let comma = comma_after(&params);
        // A copy can be kept of what can be copied: said of a parameter, since of the type itself it may be false.
        quote! {
            #again
            #[automatically_derived]
            impl<#params #comma __Kept> #krate::__private::Keep<__Kept> for #this
            where
                #(#predicates,)*
                __Kept: ::core::clone::Clone + #krate::__private::Is<#this>,
            {
                #[inline]
                fn __grad_keep(x: &__Kept) -> #this {
                    #krate::__private::Is::itself(::core::clone::Clone::clone(x))
                }
            }
        }
    }

    /// The tangent of an enum as a row of floats: those of the variant that is there, of which the type does not tell how many
    /// they are.
    fn entries_of_variants(
        &self,
        this: &dyn Fn(&Field<'_>) -> TokenStream,
        bound: &dyn Fn(&Field<'_>) -> TokenStream,
    ) -> TokenStream {
        let krate = &self.krate;
        let steps = |then: &dyn Fn(&TokenStream, &Ident) -> TokenStream| {
            self.folded(
                Of::Tangent,
                &|field, a| {
                    let this = this(field);
                    let then = then(&this, a);
                    quote! {
                        let count = #this::count(#a);
                        if rest < count { return #then; }
                        rest -= count;
                    }
                },
                &|parts| quote!(#(#parts)*),
            )
        };
        let count = self.folded(
            Of::Tangent,
            &|field, a| {
                let this = this(field);
                quote!(+ #this::count(#a))
            },
            &|parts| quote!(0 #(#parts)*),
        );
        let entry = steps(&|this, a| quote!(#this::entry(#a, rest)));
        let set_entry = steps(&|this, a| quote!(#this::set_entry(#a, rest, value)));
        self.implement(
            Of::Tangent,
            false,
            &TokenStream::new(),
            &quote!(#krate::__private::Entries),
            bound,
            &quote! {
                type Rows<__G> = #krate::__private::vec::Vec<__G>;
                const COUNT: ::core::option::Option<usize> = ::core::option::Option::None;
                #[inline]
                fn count(&self) -> usize { #count }
                #[inline]
                fn entry(&self, at: usize) -> f64 {
                    let mut rest = at;
                    #entry
                    #krate::__private::no_entry(rest)
                }
                #[inline]
                fn set_entry(&mut self, at: usize, value: f64) {
                    let mut rest = at;
                    #set_entry
                    #krate::__private::no_entry(rest)
                }
                #[inline]
                fn rows<__G>(&self, row: &mut impl ::core::ops::FnMut() -> __G) -> Self::Rows<__G> {
                    (0..self.count()).map(|_| row()).collect()
                }
                #[inline]
                fn count_rows<__G>(rows: &Self::Rows<__G>) -> usize { rows.len() }
                #[inline]
                fn row<__G>(rows: &mut Self::Rows<__G>, at: usize) -> &mut __G { &mut rows[at] }
            },
        )
    }

    /// A tangent as a row of floats.
    fn entries(&self) -> TokenStream {
        let krate = &self.krate;
        let this = |field: &Field<'_>| {
            let ty = self.ty(field, Of::Tangent);
            quote!(<#ty as #krate::__private::Entries>)
        };
        let bound = |field: &Field<'_>| {
            let ty = self.ty(field, Of::Tangent);
            quote!(#ty: #krate::__private::Entries + ::core::clone::Clone)
        };
        let fields: Vec<&Field<'_>> = self.fields().collect();
        // The rows of a type that holds itself would be of an endless type.
        if (self.is_enum() || self.holds_itself()) && !fields.is_empty() {
            return self.entries_of_variants(&this, &bound);
        }
        let rows = fields.iter().rev().fold(quote!(()), |rest, field| {
            let this = this(field);
            quote!((#this::Rows<__G>, #rest))
        });
        let make = fields.iter().rev().fold(quote!(()), |rest, field| {
            let (this, member) = (this(field), &field.member);
            quote!({ let first = #this::rows(&self.#member, row); (first, #rest) })
        });
        let counts = fields.iter().map(|field| {
            let this = this(field);
            quote!(#this::COUNT)
        });
        let count = fields.iter().map(|field| {
            let (this, member) = (this(field), &field.member);
            quote!(#this::count(&self.#member))
        });
        // The path of a field in the pairs of `Rows`.
        let nested = |at: usize| {
            let tails = std::iter::repeat_n(quote!(.1), at);
            quote!(#(#tails)*.0)
        };
        let count_rows = fields.iter().enumerate().map(|(at, field)| {
            let (this, path) = (this(field), nested(at));
            quote!(#this::count_rows::<__G>(&rows #path))
        });
        let find = |then: &dyn Fn(usize, &Field<'_>) -> TokenStream,
                    count: &dyn Fn(usize, &Field<'_>) -> TokenStream| {
            let steps = fields.iter().enumerate().map(|(at, field)| {
                let (count, then) = (count(at, field), then(at, field));
                quote! {
                    let count = #count;
                    if rest < count { return #then; }
                    rest -= count;
                }
            });
            quote!(let mut rest = at; #(#steps)* #krate::__private::no_entry(rest))
        };
        let no_entry = quote!(#krate::__private::no_entry(at));
        let is_empty = fields.is_empty();
        let counted = |_: usize, field: &Field<'_>| {
            let (this, member) = (this(field), &field.member);
            quote!(#this::count(&self.#member))
        };
        let entry = if is_empty {
            no_entry.clone()
        } else {
            find(
                &|_, field| {
                    let (this, member) = (this(field), &field.member);
                    quote!(#this::entry(&self.#member, rest))
                },
                &counted,
            )
        };
        let set_entry = if is_empty {
            no_entry.clone()
        } else {
            find(
                &|_, field| {
                    let (this, member) = (this(field), &field.member);
                    quote!(#this::set_entry(&mut self.#member, rest, value))
                },
                &counted,
            )
        };
        let row_of = if is_empty {
            no_entry
        } else {
            find(
                &|at, field| {
                    let (this, path) = (this(field), nested(at));
                    quote!(#this::row(&mut rows #path, rest))
                },
                &|at, field| {
                    let (this, path) = (this(field), nested(at));
                    quote!(#this::count_rows::<__G>(&rows #path))
                },
            )
        };
        let make = if is_empty { TokenStream::new() } else { make };
        let [row, rows_name, value] = ["row", "rows", "value"].map(|name| self.used(name));
        self.implement(
            Of::Tangent,
            false,
            &TokenStream::new(),
            &quote!(#krate::__private::Entries),
            &bound,
            &quote! {
                type Rows<__G> = #rows;
                const COUNT: ::core::option::Option<usize> = #krate::__private::add_counts(&[#(#counts),*]);
                #[inline]
                fn count(&self) -> usize { 0 #(+ #count)* }
                #[inline]
                fn entry(&self, at: usize) -> f64 { #entry }
                #[inline]
                fn set_entry(&mut self, at: usize, #value: f64) { #set_entry }
                #[inline]
                fn rows<__G>(&self, #row: &mut impl ::core::ops::FnMut() -> __G) -> Self::Rows<__G> { #make }
                #[inline]
                fn count_rows<__G>(#rows_name: &Self::Rows<__G>) -> usize { 0 #(+ #count_rows)* }
                #[inline]
                fn row<__G>(#rows_name: &mut Self::Rows<__G>, at: usize) -> &mut __G { #row_of }
            },
        )
    }
}
