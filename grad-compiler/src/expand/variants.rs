//! The variants of a function that `#[cfg]` inside of it gives.
//!
//! A macro sees code before its conditions are evaluated. So a function with conditions in it is
//! differentiated once for every combination of them, each behind the condition that makes it the one that exists.

use crate::diag::{Code, Errors};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, ItemFn, Meta, Stmt, Token};

/// More conditions would make too many combinations.
const MOST: usize = 4;

/// Every variant, without conditions inside, behind one of its own if there are several.
pub(super) fn of(errors: &mut Errors, function: &ItemFn) -> Vec<ItemFn> {
    let mut conditions = Conditions { found: Vec::new(), keep: None, left: Vec::new() };
    let mut whole = function.clone();
    // The conditions on the function itself are not inside of it.
    whole.attrs.clear();
    conditions.visit_item_fn_mut(&mut whole);
    let found = conditions.found;
    for attr in conditions.left {
        errors.push_at(
            Code::TooManyCfgs,
            attr,
            "a condition on a part of the function that cannot be left out here",
            "put `#[cfg]` on statements, parameters and match arms",
        );
    }
    if found.is_empty() {
        return vec![function.clone()];
    }
    if found.len() > MOST {
        errors.push_at(
            Code::TooManyCfgs,
            &function.sig.ident,
            format!("{} different conditions in one function", found.len()),
            "put the conditional code into functions of their own",
        );
        return Vec::new();
    }
    let combinations = 0..1_usize << found.len();
    combinations
        .map(|combination| {
            let holds = |k: usize| combination >> k & 1 == 1;
            let keep = found.iter().enumerate().map(|(k, (text, _))| (text.clone(), holds(k))).collect();
            let mut variant = function.clone();
            let attrs = std::mem::take(&mut variant.attrs);
            Conditions { found: Vec::new(), keep: Some(keep), left: Vec::new() }
                .visit_item_fn_mut(&mut variant);
            let conditions = found.iter().enumerate().map(|(k, (_, condition))| {
                if holds(k) { condition.clone() } else { quote!(not(#condition)) }
            });
            variant.attrs = attrs;
            variant.attrs.push(syn::parse_quote!(#[cfg(all(#(#conditions),*))]));
            variant
        })
        .collect()
}

/// Finds conditions, or decides them.
struct Conditions {
    found: Vec<(String, TokenStream)>,
    /// Which hold; `None` while they are looked for.
    keep: Option<Vec<(String, bool)>>,
    /// Attributes in places that are not looked at.
    left: Vec<Attribute>,
}

impl Conditions {
    /// Whether what bears these attributes stays; takes the conditions off it.
    fn stays(&mut self, attrs: &mut Vec<Attribute>) -> bool {
        let mut stays = true;
        attrs.retain(|attr| {
            if !attr.path().is_ident("cfg") {
                return true;
            }
            let Ok(condition) = attr.parse_args::<Meta>() else { return true };
            match &self.keep {
                Some(keep) => stays &= holds(&condition, keep),
                None => collect_options(&condition, &mut self.found),
            }
            false
        });
        stays
    }
}

/// The options (`debug_assertions`, `feature = "a"`) that a condition is made of, each once.
fn collect_options(condition: &Meta, found: &mut Vec<(String, TokenStream)>) {
    if let Some(parts) = parts(condition) {
        for part in &parts {
            collect_options(part, found);
        }
        return;
    }
    let text = condition.to_token_stream().to_string();
    if found.iter().all(|(other, _)| *other != text) {
        found.push((text, condition.to_token_stream()));
    }
}

/// Whether a condition holds, given which options do.
fn holds(condition: &Meta, options: &[(String, bool)]) -> bool {
    match parts(condition) {
        Some(parts) if condition.path().is_ident("all") => parts.iter().all(|part| holds(part, options)),
        Some(parts) if condition.path().is_ident("any") => parts.iter().any(|part| holds(part, options)),
        Some(parts) => !parts.iter().any(|part| holds(part, options)),
        None => {
            let text = condition.to_token_stream().to_string();
            options.iter().any(|(other, holds)| *other == text && *holds)
        }
    }
}

/// The parts of `all(..)`, `any(..)`, `not(..)`.
fn parts(condition: &Meta) -> Option<Vec<Meta>> {
    let Meta::List(list) = condition else { return None };
    let combined = ["all", "any", "not"].iter().any(|word| list.path.is_ident(word));
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    combined.then(|| parts.into_iter().collect())
}

impl VisitMut for Conditions {
    fn visit_signature_mut(&mut self, signature: &mut syn::Signature) {
        let inputs = std::mem::take(&mut signature.inputs);
        signature.inputs = inputs
            .into_iter()
            .filter_map(|mut input| {
                let attrs = match &mut input {
                    FnArg::Receiver(receiver) => &mut receiver.attrs,
                    FnArg::Typed(typed) => &mut typed.attrs,
                };
                self.stays(attrs).then_some(input)
            })
            .collect();
        visit_mut::visit_signature_mut(self, signature);
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        let stmts = std::mem::take(&mut block.stmts);
        block.stmts = stmts
            .into_iter()
            .filter_map(|mut stmt| {
                let stays = match &mut stmt {
                    Stmt::Local(local) => self.stays(&mut local.attrs),
                    Stmt::Macro(stmt) => self.stays(&mut stmt.attrs),
                    Stmt::Expr(expr, _) => expr_attrs(expr).is_none_or(|attrs| self.stays(attrs)),
                    // A local item is the user's affair.
                    Stmt::Item(_) => return Some(stmt),
                };
                stays.then_some(stmt)
            })
            .collect();
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_match_mut(&mut self, expr: &mut syn::ExprMatch) {
        let arms = std::mem::take(&mut expr.arms);
        expr.arms =
            arms.into_iter().filter_map(|mut arm| self.stays(&mut arm.attrs).then_some(arm)).collect();
        visit_mut::visit_expr_match_mut(self, expr);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_attribute_mut(&mut self, attr: &mut Attribute) {
        if self.keep.is_none() && (attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")) {
            self.left.push(attr.clone());
        }
    }
}

/// The attributes of an expression that stands as a statement.
fn expr_attrs(expr: &mut syn::Expr) -> Option<&mut Vec<Attribute>> {
    use syn::Expr;
    macro_rules! attrs {
        ($($variant:ident)*) => {
            match expr {
                $(Expr::$variant(expr) => Some(&mut expr.attrs),)*
                _ => None,
            }
        };
    }
    attrs! {
        Array Assign Async Await Binary Block Break Call Cast Closure Const Continue Field ForLoop Group If Index Infer
        Let Lit Loop Macro Match MethodCall Paren Path Range Reference Repeat Return Struct Try TryBlock Tuple Unary
        Unsafe While Yield
    }
}
