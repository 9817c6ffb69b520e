//! `Index` and `IndexMut`, whose derivatives take an element out by value, and put one in.

use crate::args::RECEIVER;
use proc_macro2::{Ident, Span};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ReturnType, Signature, Stmt, Type};

/// The parameter that an element is put in by.
const VALUE: &str = "__value";

/// The function that takes out or puts in what the method refers to; what it is differentiated with respect to.
pub(super) fn by_value(signature: &mut Signature, body: &mut Block) -> Vec<Ident> {
    let span = signature.ident.span().resolved_at(Span::mixed_site());
    let mut wrt = vec![Ident::new(RECEIVER, span)];
    let ReturnType::Type(_, returned) = &mut signature.output else { return wrt };
    let Type::Reference(reference) = crate::shape::ungrouped(returned) else { return wrt };
    let (mut of, is_written) = (reference.elem.clone(), reference.mutability.is_some());
    // The block of `Index` says what that is; mostly it is a number.
    if is_written
        && matches!(&*of, Type::Path(path) if path.path.segments.first().is_some_and(|first| first.ident == "Self"))
    {
        *of = syn::parse_quote!(f64);
    }
    let value = is_written.then(|| Ident::new(VALUE, span));
    let mut leaves = Leaves { value: value.clone() };
    leaves.visit_block_mut(body);
    leaves.block(body);
    if let Some(value) = value {
        signature.output = ReturnType::Default;
        signature.inputs.push(syn::parse_quote!(#value: #of));
        wrt.push(value);
    } else {
        **returned = *of;
    }
    wrt
}

/// What the function ends with.
struct Leaves {
    /// What is put in; without it, what is there is taken out.
    value: Option<Ident>,
}

impl Leaves {
    fn block(&self, block: &mut Block) {
        if let Some(Stmt::Expr(tail, None)) = block.stmts.last_mut() {
            self.leaf(tail);
        }
    }

    fn leaf(&self, expr: &mut Expr) {
        match expr {
            Expr::Block(block) => self.block(&mut block.block),
            Expr::Paren(paren) => self.leaf(&mut paren.expr),
            Expr::Group(group) => self.leaf(&mut group.expr),
            Expr::If(branch) => {
                self.block(&mut branch.then_branch);
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.leaf(otherwise);
                }
            }
            Expr::Match(branch) => branch.arms.iter_mut().for_each(|arm| self.leaf(&mut arm.body)),
            // They do not come back.
            Expr::Macro(_) | Expr::Return(_) => {}
            expr => {
                let place: Expr = match &*expr {
                    Expr::Reference(reference) => (*reference.expr).clone(),
                    expr => syn::parse_quote!((*#expr)),
                };
                *expr = match &self.value {
                    Some(value) => syn::parse_quote!({ #place = #value; }),
                    None => syn::parse_quote!((#place).clone()),
                };
            }
        }
    }
}

impl VisitMut for Leaves {
    fn visit_expr_return_mut(&mut self, exit: &mut syn::ExprReturn) {
        if let Some(expr) = &mut exit.expr {
            self.leaf(expr);
        }
        visit_mut::visit_expr_return_mut(self, exit);
    }

    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
