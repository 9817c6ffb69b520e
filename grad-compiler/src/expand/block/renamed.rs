//! What `self` and `Self` mean in a function that is no method: a parameter, and the type by its name.

use crate::args::RECEIVER;
use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprPath, ImplItem, Path, PathArguments, Signature, Type, TypePath};

#[derive(Clone)]
pub(in crate::expand) struct Renamed<'a> {
    pub(in crate::expand) of: &'a Type,
    pub(in crate::expand) of_trait: Option<&'a Path>,
    /// Of the block: what associated types are.
    pub(in crate::expand) items: &'a [ImplItem],
}

impl Renamed<'_> {
    pub(in crate::expand) fn signature(&self, signature: &mut Signature) {
        self.clone().visit_signature_mut(signature);
    }

    pub(in crate::expand) fn body(&self, body: &mut Block) {
        self.clone().visit_block_mut(body);
    }

    /// `Self::Param`, written out.
    fn associated(&self, path: &TypePath) -> Option<Type> {
        let mut segments = path.path.segments.iter();
        let (Some(first), Some(name), None) = (segments.next(), segments.next(), segments.next()) else {
            return None;
        };
        if path.qself.is_some() || first.ident != "Self" || !name.arguments.is_none() {
            return None;
        }
        let of_block = self.items.iter().find_map(|item| match item {
            ImplItem::Type(item) if item.ident == name.ident => Some(item.ty.clone()),
            _ => None,
        });
        if let Some(mut ty) = of_block {
            self.clone().visit_type_mut(&mut ty);
            return Some(ty);
        }
        let (of, of_trait) = (self.of, self.of_trait?);
        Some(syn::parse_quote!(<#of as #of_trait>::#name))
    }

    /// `self.position()` as `(&self.position)`, where that is what the method says.
    fn part(&self, expr: &Expr) -> Option<Expr> {
        let Expr::MethodCall(call) = expr else { return None };
        let is_self = |expr: &Expr| matches!(expr, Expr::Path(path) if path.path.is_ident("self"));
        if !is_self(&call.receiver) || !call.args.is_empty() {
            return None;
        }
        let method = self.items.iter().find_map(|item| match item {
            ImplItem::Fn(method) if method.sig.ident == call.method => Some(method),
            _ => None,
        })?;
        let [syn::Stmt::Expr(Expr::Reference(reference), None)] = &method.block.stmts[..] else {
            return None;
        };
        let mut place = &*reference.expr;
        while let Expr::Field(field) = place {
            place = &field.base;
        }
        let is_part = reference.mutability.is_none() && is_self(place) && !is_self(&reference.expr);
        let part = syn::parse_quote!((#reference));
        is_part.then_some(part)
    }

    /// The path of the type, as one in an expression.
    fn spelt(&self) -> Option<Path> {
        let Type::Path(TypePath { qself: None, path, .. }) = crate::shape::ungrouped(self.of) else {
            return None;
        };
        let mut path = path.clone();
        for segment in &mut path.segments {
            if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                arguments.colon2_token.get_or_insert_default();
            }
        }
        Some(path)
    }

    fn path(&self, path: &mut Path) {
        if path.leading_colon.is_some() || path.segments.first().is_none_or(|first| first.ident != "Self") {
            return;
        }
        let Some(mut whole) = self.spelt() else { return };
        let span = path.segments[0].ident.span();
        for segment in &mut whole.segments {
            segment.ident.set_span(span);
        }
        whole.segments.extend(path.segments.iter().skip(1).cloned());
        *path = whole;
    }

    fn tokens(&self, tokens: TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let is_path = |at: usize| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == proc_macro2::Spacing::Joint);
        let mut out = TokenStream::new();
        for (at, tree) in trees.iter().enumerate() {
            match tree {
                TokenTree::Ident(ident) if ident == "self" && !is_path(at + 1) => {
                    out.extend([TokenTree::Ident(Ident::new(RECEIVER, ident.span()))]);
                }
                TokenTree::Ident(ident) if ident == "Self" => match self.spelt() {
                    Some(path) => out.extend(path.into_token_stream()),
                    None => {
                        let of = self.of;
                        out.extend(quote!(<#of>));
                    }
                },
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.tokens(group.stream()));
                    inner.set_span(group.span());
                    out.extend([TokenTree::Group(inner)]);
                }
                TokenTree::Literal(literal) => out.extend([TokenTree::Literal(of_format(literal))]),
                tree => out.extend([tree.clone()]),
            }
        }
        out
    }
}

impl VisitMut for Renamed<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty {
            if path.qself.is_none() && path.path.is_ident("Self") {
                *ty = self.of.clone();
                return;
            }
            if let Some(written) = self.associated(path) {
                *ty = written;
                return;
            }
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Some(part) = self.part(expr) {
            *expr = part;
        }
        if let Expr::Path(ExprPath { qself: None, path, .. }) = expr
            && let Some(ident) = path.get_ident()
            && ident == "self"
        {
            let this = Ident::new(RECEIVER, ident.span());
            *path = this.into();
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        self.path(path);
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
        call.tokens = self.tokens(std::mem::take(&mut call.tokens));
    }

    // Items of the body know nothing of either.
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// `"{self}"` of a message, with the parameter in place of `self`.
fn of_format(literal: &Literal) -> Literal {
    let text = literal.to_string();
    if !["{self}", "{self:"].iter().any(|part| text.contains(part)) {
        return literal.clone();
    }
    let text =
        text.replace("{{self", "{{\u{0}").replace("{self", &format!("{{{RECEIVER}")).replace('\u{0}', "self");
    let Ok(mut named) = text.parse::<Literal>() else { return literal.clone() };
    named.set_span(literal.span());
    named
}
