//! Views among the parameters: derivatives take by reference what a view refers to, and users have a view.
//!
//! What is changed is lent in both: `&mut m`, of an array or of a view. What is kept, as by the pullback that `vjp` returns, is taken by reference from users, too.

use super::items::Cx;
use super::{Tokens, site};
use crate::matrix::array;
use crate::shape::Typed;
use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use quote::{ToTokens, quote_spanned};

impl Cx<'_> {
    /// The parameters of a function that users call: of what it takes by reference where they have a view, the view will do.
    pub(super) fn public_params(&self, names: &[Ident]) -> Tokens {
        let s = site();
        let tys = self.sig.params.iter().map(|param| Self::public_ty(param.ty));
        quote_spanned!(s=> #(#names: #tys),*)
    }

    /// The type of one of them.
    pub(super) fn public_ty(ty: Typed<'_>) -> Tokens {
        match array::lent_view(ty.ty) {
            Some(of) => quote_spanned!(site()=> impl ::core::borrow::Borrow<#of>),
            None => ty.to_token_stream(),
        }
    }

    /// What one of them is then, if it was a view and is read.
    pub(super) fn lent_view(pattern: &Tokens, ty: Typed<'_>) -> Option<Tokens> {
        let of = array::lent_view(ty.ty)?;
        let is_read = pattern.to_string() != "_";
        is_read
            .then(|| quote_spanned!(site()=> let #pattern: &#of = ::core::borrow::Borrow::borrow(&#pattern);))
    }

    /// What they are then.
    pub(super) fn lent_views(&self, names: &[Ident]) -> Tokens {
        let params = self.sig.params.iter().zip(names);
        params.filter_map(|(param, name)| Self::lent_view(&name.to_token_stream(), param.ty)).collect()
    }

    /// Arguments as the user's function takes them: views, of what its derivatives take by reference.
    pub(super) fn as_written(&self, args: &[Tokens]) -> Vec<Tokens> {
        let s = site();
        let args = self.sig.params.iter().zip(args);
        args.map(|(param, arg)| match array::lent_view(param.ty.ty) {
            Some(_) => quote_spanned!(s=> #arg.view()),
            None if array::is_lent_mut(param.ty.ty) => {
                let krate = self.krate();
                quote_spanned!(s=> #krate::__private::ndarray::view_mut(#arg))
            }
            None => arg.clone(),
        })
        .collect()
    }

    /// A function that users call, with [`public_params`](Self::public_params).
    pub(super) fn direct(&self, docs: &[String], name: &str, generics: &Tokens, rest: &Tokens) -> Tokens {
        let views = self.lent_views(&self.names().params);
        if views.is_empty() {
            return self.function(docs, name, generics, rest);
        }
        let mut trees: Vec<TokenTree> = rest.clone().into_iter().collect();
        if let Some(TokenTree::Group(body)) = trees.pop() {
            let content = body.stream();
            trees.push(TokenTree::Group(Group::new(
                Delimiter::Brace,
                quote_spanned!(site()=> #views #content),
            )));
        }
        self.function(docs, name, generics, &trees.into_iter().collect())
    }
}
