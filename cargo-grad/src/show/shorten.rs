//! Generated code in few words: short paths, methods in place of functions of traits.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, parse_quote};

/// Writes paths and calls as a person would.
pub(super) struct Shorten;

impl VisitMut for Shorten {
    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        // A callee is named by way of a type that is the callee if its caller compiles.
        while let syn::Type::Path(path) = &*ty
            && path.path.segments.iter().any(|segment| segment.ident == "Callee")
            && let Some(of) = &path.qself
        {
            *ty = syn::Type::clone(&of.ty);
        }
        visit_mut::visit_type_mut(self, ty);
        let syn::Type::Path(path) = &mut *ty else { return };
        // The path of the trait is shorter than it was.
        let last = path.path.segments.len() - 1;
        let is_tangent = path.path.segments[last].ident == "Tangent";
        let Some(of) = &mut path.qself else { return };
        of.position = last;
        // As the derive calls it.
        if is_tangent
            && let syn::Type::Path(of) = &*of.ty
            && let Some(name) = of.path.get_ident()
        {
            let name = Ident::new(&format!("{name}Tangent"), name.span());
            *ty = parse_quote!(#name);
        }
    }

    /// What the compiler calls `self`, which a free function has not.
    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        if let Some(rest) = ident.to_string().strip_prefix("__self") {
            *ident = Ident::new(&format!("this{rest}"), ident.span());
        }
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.is_some() {
            let keep = match path.segments.iter().rev().nth(1) {
                // `f64::INFINITY`, `Real::sign`, `mem::take`
                Some(before)
                    if !matches!(
                        before.ident.to_string().as_str(),
                        "primitive" | "vec" | "__private" | "option" | "boxed" | "ops"
                    ) =>
                {
                    2
                }
                _ => 1,
            };
            let skip = path.segments.len() - keep.min(path.segments.len());
            path.segments = path.segments.iter().skip(skip).cloned().collect();
            path.leading_colon = None;
        }
        if path.segments.len() == 2 && path.segments[0].ident == "Option"
            || path.segments.len() == 2
                && matches!(path.segments[0].ident.to_string().as_str(), "std" | "core")
        {
            path.segments = path.segments.iter().skip(1).cloned().collect();
        }
    }

    /// What finds the methods of parts, which are not shown.
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain(|stmt| !is_of_parts(stmt));
        let markers: Vec<(Ident, Expr)> = block.stmts.iter().filter_map(marker_of_part).collect();
        block.stmts.retain(|stmt| marker_of_part(stmt).is_none());
        for (name, marker) in markers {
            Named { name, marker }.visit_block_mut(block);
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        while let Some(part) = part(expr) {
            *expr = part;
        }
        visit_mut::visit_expr_mut(self, expr);
        // `<f as FirstDerivative>::FORMS.forward(…)`
        if let Expr::MethodCall(call) = &*expr
            && let Expr::Path(receiver) = &*call.receiver
            && let Some(of) = &receiver.qself
        {
            let (of, method, turbofish, args) = (&of.ty, &call.method, &call.turbofish, &call.args);
            *expr = parse_quote!(#of::#method #turbofish (#args));
        }
        if let Expr::Path(path) = expr
            && let Some(of) = &mut path.qself
        {
            of.position = path.path.segments.len() - 1;
        }
        while let Some(inner) = led_to(expr) {
            *expr = inner;
        }
        let Expr::Call(call) = &*expr else { return };
        let Expr::Path(function) = &*call.func else { return };
        let name = function.path.to_token_stream().to_string().replace(' ', "");
        let Some(first) = call.args.first() else { return };
        let rest: Vec<&Expr> = call.args.iter().skip(1).collect();
        match name.as_str() {
            "Iterator::rev" => *expr = parse_quote!((#first).rev()),
            "Clone::clone" => {
                let receiver = match first {
                    Expr::Reference(reference) => &*reference.expr,
                    first => first,
                };
                *expr = parse_quote!(#receiver.clone());
            }
            name => {
                let of_number =
                    ["Real::", "GenericFloat::__grad_"].iter().find_map(|of| name.strip_prefix(of));
                if let Some(method) = of_number {
                    let method = Ident::new(method, Span::call_site());
                    *expr = parse_quote!(#first.#method(#(#rest),*));
                }
            }
        }
    }
}

/// `use ::grad::__private::{PartOf as _, …};`: of what is imported for its methods alone, generated code has nothing else.
fn is_of_parts(stmt: &syn::Stmt) -> bool {
    let syn::Stmt::Item(syn::Item::Use(item)) = stmt else { return false };
    let mut tree = &item.tree;
    while let syn::UseTree::Path(path) = tree {
        if path.ident == "__private" {
            return true;
        }
        tree = &path.tree;
    }
    false
}

/// `let activity = activity_in(Active, …);`: what the type of a part says of an argument is not shown.
fn marker_of_part(stmt: &syn::Stmt) -> Option<(Ident, Expr)> {
    let syn::Stmt::Local(syn::Local { pat: syn::Pat::Ident(pat), init: Some(init), .. }) = stmt else {
        return None;
    };
    let Expr::Call(call) = &*init.expr else { return None };
    let Expr::Path(function) = &*call.func else { return None };
    let is_marker = function.path.segments.last()?.ident == "activity_in";
    is_marker.then(|| Some((pat.ident.clone(), call.args.first()?.clone())))?
}

/// Writes a marker where its name stands.
struct Named {
    name: Ident,
    marker: Expr,
}

impl VisitMut for Named {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if matches!(expr, Expr::Path(path) if path.path.is_ident(&self.name)) {
            *expr = self.marker.clone();
        }
    }
}

/// What is asked of a part that is an argument, `argument(&mut x).slot()`, without the question.
fn asked(call: &syn::ExprMethodCall) -> Option<Expr> {
    let Expr::Call(of) = &*call.receiver else { return None };
    let Expr::Path(function) = &*of.func else { return None };
    if function.path.segments.last()?.ident != "argument" {
        return None;
    }
    let part = of.args.first()?;
    Some(match call.method.to_string().as_str() {
        "slot" | "dot" => parse_quote!(Some(#part)),
        "dot_owned" => {
            let part = without_references(part);
            parse_quote!(Some(#part.clone()))
        }
        "merge" => {
            let returned = &call.args;
            parse_quote!(merge(#part, #returned))
        }
        "again" => parse_quote!(again(#part)),
        _ => return None,
    })
}

/// A part of a tangent, without the question whether it is that of a constant.
fn part(expr: &Expr) -> Option<Expr> {
    let is_part = |call: &syn::ExprMethodCall| call.method.to_string().starts_with("__grad_part");
    match expr {
        Expr::MethodCall(call) if is_part(call) => Some((*call.receiver).clone()),
        Expr::MethodCall(call) if asked(call).is_some() => asked(call),
        Expr::MethodCall(call) if call.method == "__grad_accumulate" => {
            let (to, from) = (without_references(&call.receiver), &call.args);
            Some(parse_quote!(accumulate(&mut #to, #from)))
        }
        Expr::Unary(syn::ExprUnary { op: syn::UnOp::Deref(_), expr, .. }) => match &**expr {
            Expr::MethodCall(call) if is_part(call) => Some((*call.receiver).clone()),
            _ => None,
        },
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else { return None };
            let lent = without_references(call.args.first()?);
            let part = &part(lent).unwrap_or_else(|| lent.clone());
            match function.path.segments.last()?.ident.to_string().as_str() {
                "read_part" => Some(part.clone()),
                "retaken" => {
                    let kept = call.args.first()?;
                    Some(parse_quote!(again(#kept)))
                }
                "copy_part" | "copy_part_n" => Some(parse_quote!(#part.clone())),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A receiver is lent by its method.
fn without_references(expr: &Expr) -> &Expr {
    match expr {
        Expr::Reference(reference) => without_references(&reference.expr),
        Expr::Paren(inner) => without_references(&inner.expr),
        expr => expr,
    }
}

/// What the derivatives of a method are found by, without the questions on the way: `x.value_with_grad()`.
fn led_to(expr: &Expr) -> Option<Expr> {
    let Expr::Call(call) = expr else { return None };
    let Expr::Path(function) = &*call.func else { return None };
    let first = call.args.first()?;
    match function.path.segments.last()?.ident.to_string().as_str() {
        "first_forms" | "of_receiver" => Some(first.clone()),
        "receiver" => Some(without_references(first).clone()),
        _ => None,
    }
}
