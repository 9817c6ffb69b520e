//! The fields of variants, as places that code can read and write where it knows the variant: `shape[InVariant::<…>]`.

use super::implementations::{Of, nothing};
use super::item::{Field, Item, Variant};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

impl Item<'_> {
    /// An `Index` for each field of each variant, of values, tangents and tangents side by side.
    pub(super) fn variants(&self) -> TokenStream {
        if !self.is_enum() {
            return TokenStream::new();
        }
        let fields =
            self.variants.iter().flat_map(|variant| variant.fields.iter().map(move |of| (variant, of)));
        let fields = fields.flat_map(|(variant, field)| {
            [Of::Point, Of::Tangent, Of::Lanes].map(|of| self.index_of(of, variant, field))
        });
        fields.collect()
    }

    fn index_of(&self, of: Of, variant: &Variant<'_>, field: &Field<'_>) -> TokenStream {
        let (krate, path, member, ty) =
            (&self.krate, self.path(of, variant), &field.member, self.ty(field, of));
        let name = format!("{}.{}", variant.name.to_token_stream(), member.to_token_stream());
        let name = Literal::string(&name);
        let index = quote!(#krate::__private::InVariant<{ #krate::__private::in_variant(#name) }>);
        let otherwise = self.other_variant();
        let otherwise = (self.variants.len() > 1).then(|| quote!(_ => #otherwise,));
        let found = quote!(match self { #path { #member: part, .. } => part, #otherwise });
        let implement = |interface: &TokenStream, body: &TokenStream| {
            self.implement(of, false, &TokenStream::new(), interface, &nothing, body)
        };
        let shared = implement(
            &quote!(::core::ops::Index<#index>),
            &quote! {
                type Output = #ty;
                #[track_caller]
                fn index(&self, _: #index) -> &Self::Output { #found }
            },
        );
        let exclusive = implement(
            &quote!(::core::ops::IndexMut<#index>),
            &quote!(#[track_caller] fn index_mut(&mut self, _: #index) -> &mut Self::Output { #found }),
        );
        quote!(#shared #exclusive)
    }
}
