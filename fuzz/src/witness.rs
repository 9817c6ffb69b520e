//! The same source over dual numbers: `f64` becomes `D64`, `f32` `D32`, literals and casts become calls, `#[grad]` goes.
//!
//! Nothing else changes, so that what the witness computes is what the program says, without the macro.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, BinOp, Expr, File, Ident, Item, Lit, Macro, Path, Stmt, Token, UnOp, parse_quote};

/// The end of the names of functions that are rules for others: there is nothing for them to do here.
pub(crate) const RULE: &str = "_rule";

pub(crate) fn over_duals(source: &str) -> Result<String, syn::Error> {
    let mut file: File = syn::parse_str(source)?;
    OverDuals.visit_file_mut(&mut file);
    Ok(prettyplease::unparse(&file))
}

/// The same source without the macro, over plain floats: what rustc says about it is not about `#[grad]`.
pub(crate) fn plain(source: &str) -> Result<String, syn::Error> {
    let mut file: File = syn::parse_str(source)?;
    Plain.visit_file_mut(&mut file);
    Ok(prettyplease::unparse(&file))
}

/// Without `#[grad]`, and without what the derive would make.
fn undifferentiated(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| !is_grad(attribute));
    for attribute in attributes {
        let list = Punctuated::<Path, Token![,]>::parse_terminated;
        if attribute.path().is_ident("derive")
            && let Ok(traits) = attribute.parse_args_with(list)
        {
            let kept = traits
                .iter()
                .filter(|it| it.segments.last().is_some_and(|last| last.ident != "Differentiable"));
            *attribute = parse_quote!(#[derive(#(#kept),*)]);
        }
    }
}

struct Plain;

impl VisitMut for Plain {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        undifferentiated(attributes);
    }
}

struct OverDuals;

fn is_grad(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "grad")
}

fn is_rule(item: &Item) -> bool {
    matches!(item, Item::Fn(item) if item.sig.ident.to_string().ends_with(RULE))
}

/// `std::f64::consts::PI`, also with `core` in front.
fn constant_of_std(path: &Path) -> Option<bool> {
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["std" | "core", "f64", "consts", _] => Some(false),
        ["std" | "core", "f32", "consts", _] => Some(true),
        _ => None,
    }
}

fn literal(value: impl ToTokens, single: bool) -> Expr {
    if single {
        parse_quote!(::grad_fuzz_runtime::D32::lit(#value))
    } else {
        parse_quote!(::grad_fuzz_runtime::D64::lit(#value))
    }
}

/// Floats of single precision are those with the suffix, or with an exponent: that is how the generator writes them.
fn float_literal(expr: &Expr) -> Option<Expr> {
    let (negative, inner) = match expr {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => (true, &*unary.expr),
        other => (false, other),
    };
    let Expr::Lit(found) = inner else { return None };
    let Lit::Float(float) = &found.lit else { return None };
    let single = float.suffix() == "f32" || float.suffix().is_empty() && float.to_string().contains('e');
    Some(if negative { literal(quote::quote!(-#float), single) } else { literal(float, single) })
}

fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
    )
}

impl VisitMut for OverDuals {
    fn visit_file_mut(&mut self, file: &mut File) {
        file.items.retain(|item| !is_rule(item));
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !is_rule(item));
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_fn_mut(&mut self, item: &mut syn::ItemFn) {
        if let Some(syn::GenericParam::Type(float)) = item.sig.generics.params.first()
            && float.ident == "T"
        {
            // A function that is generic over floats, for the one kind that there is here.
            item.sig.generics.params.clear();
        }
        // Literals are calls, which patterns of a `const fn` do not mind, but its operators do.
        item.sig.constness = None;
        visit_mut::visit_item_fn_mut(self, item);
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        undifferentiated(attributes);
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Item(Item::Use(item)) = stmt
            && let Some(constant) = used_constant(item)
        {
            *stmt = constant;
            return;
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first_mut()
        {
            let dual = match first.ident.to_string().as_str() {
                "f64" => Some("D64"),
                "f32" => Some("D32"),
                "T" => Some("D64"),
                _ => None,
            };
            if let Some(dual) = dual {
                let dual = Ident::new(dual, Span::call_site());
                let rest: Vec<_> = path.segments.iter().skip(1).cloned().collect();
                let mut whole: Path = parse_quote!(::grad_fuzz_runtime::#dual);
                whole.segments.extend(rest);
                *path = whole;
            }
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Some(dual) = float_literal(expr) {
            *expr = dual;
            return;
        }
        if let Expr::Path(path) = expr
            && let Some(single) = constant_of_std(&path.path)
        {
            *expr = literal(&*path, single);
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Binary(binary) = expr
            && is_assignment(&binary.op)
        {
            // Of floats, the right side comes first; of other types it does not.
            let (left, op, right) = (&binary.left, &binary.op, &binary.right);
            *expr = parse_quote!({ let right_side = #right; #left #op right_side; });
            return;
        }
        if let Expr::Cast(cast) = expr {
            let (value, ty) = (&cast.expr, &cast.ty);
            *expr = parse_quote!(::grad_fuzz_runtime::cast::<#ty, _>(#value));
        }
    }

    fn visit_pat_mut(&mut self, pat: &mut syn::Pat) {
        // Patterns have no floats in them, but integers that must stay literals.
        if let syn::Pat::Guard(guarded) = pat {
            self.visit_expr_mut(&mut guarded.guard);
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        // The type of a `let` is part of its pattern.
        if let syn::Pat::Type(typed) = &mut local.pat {
            self.visit_type_mut(&mut typed.ty);
        }
        if let Some(init) = &mut local.init {
            self.visit_local_init_mut(init);
        }
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        for input in &mut closure.inputs {
            if let syn::Pat::Type(typed) = input {
                self.visit_type_mut(&mut typed.ty);
            }
        }
        self.visit_return_type_mut(&mut closure.output);
        self.visit_expr_mut(&mut closure.body);
    }

    fn visit_macro_mut(&mut self, item: &mut Macro) {
        let name = item.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if name == "matches" {
            return;
        }
        let repeated = |input: syn::parse::ParseStream| -> syn::Result<(Expr, Expr)> {
            let value = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((value, input.parse()?))
        };
        if let Ok((mut value, mut count)) = repeated.parse2(item.tokens.clone()) {
            self.visit_expr_mut(&mut value);
            self.visit_expr_mut(&mut count);
            item.tokens = quote::quote!(#value; #count);
            return;
        }
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(mut parts) = list.parse2(item.tokens.clone()) {
            for part in &mut parts {
                self.visit_expr_mut(part);
            }
            item.tokens = parts.to_token_stream();
        }
    }
}

/// `use std::f64::consts::PI as P;` becomes a constant of that name.
fn used_constant(item: &syn::ItemUse) -> Option<Stmt> {
    let text = item.tree.to_token_stream().to_string();
    let path = text.replace("std :: f64 :: consts :: ", "");
    let (constant, name) = path.split_once(" as ")?;
    let (constant, name) = (Ident::new(constant, Span::call_site()), Ident::new(name, Span::call_site()));
    let tokens: TokenStream = quote::quote! {
        const #name: ::grad_fuzz_runtime::D64 = ::grad_fuzz_runtime::D64::lit(::std::f64::consts::#constant);
    };
    syn::parse2(tokens).ok()
}
