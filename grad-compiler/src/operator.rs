//! Which operators may types of the user's have?
//!
//! `lower` finds them in expressions, `expand` in blocks, and `emit` writes their calls: by the traits of the standard library.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::BinOp;

/// An operator that types of the user's may have, and its trait.
#[derive(Debug, PartialEq, Eq)]
pub struct Operator {
    /// Of the trait, and of the type that stands for the operator in the runtime.
    pub name: &'static str,
    pub method: &'static str,
    pub operands: usize,
    /// The first operand is changed.
    pub assigns: bool,
}

impl Operator {
    const ALL: [Operator; 15] = [
        Operator { name: "Add", method: "add", operands: 2, assigns: false },
        Operator { name: "Sub", method: "sub", operands: 2, assigns: false },
        Operator { name: "Mul", method: "mul", operands: 2, assigns: false },
        Operator { name: "Div", method: "div", operands: 2, assigns: false },
        Operator { name: "Rem", method: "rem", operands: 2, assigns: false },
        Operator { name: "Neg", method: "neg", operands: 1, assigns: false },
        Operator { name: "AddAssign", method: "add_assign", operands: 2, assigns: true },
        Operator { name: "SubAssign", method: "sub_assign", operands: 2, assigns: true },
        Operator { name: "MulAssign", method: "mul_assign", operands: 2, assigns: true },
        Operator { name: "DivAssign", method: "div_assign", operands: 2, assigns: true },
        Operator { name: "RemAssign", method: "rem_assign", operands: 2, assigns: true },
        // Of a place: the second operand says which.
        Operator { name: "Index", method: "index", operands: 2, assigns: false },
        Operator { name: "IndexMut", method: "index_mut", operands: 2, assigns: true },
        // `Sum` of items, and of references to them: all that there are, in a `Vec`.
        Operator { name: "SumOfItems", method: "sum", operands: 1, assigns: false },
        Operator { name: "SumOfReferences", method: "sum", operands: 1, assigns: false },
    ];

    /// By the name of its trait.
    pub fn of_trait(name: &str) -> Option<&'static Operator> {
        const ALL: &[Operator] = &Operator::ALL;
        ALL.iter().find(|operator| operator.name == name)
    }

    /// By the name of its method.
    pub fn of_method(name: &str) -> Option<&'static Operator> {
        const ALL: &[Operator] = &Operator::ALL;
        ALL.iter().find(|operator| operator.method == name && !operator.is_of_place() && !operator.is_sum())
    }

    /// Whether it is one of a place of its first operand: derivatives take an element out, and put one in.
    pub fn is_of_place(&self) -> bool {
        matches!(self.name, "Index" | "IndexMut")
    }

    /// Whether it is a sum of many.
    pub fn is_sum(&self) -> bool {
        matches!(self.name, "SumOfItems" | "SumOfReferences")
    }

    /// The operator of which it assigns the result.
    pub fn without_assignment(&self) -> Option<&'static Operator> {
        Operator::of_trait(self.name.strip_suffix("Assign")?)
    }

    /// Of an expression, if it is one.
    pub fn of(op: &BinOp) -> Option<&'static Operator> {
        Operator::of_trait(match op {
            BinOp::Add(_) => "Add",
            BinOp::Sub(_) => "Sub",
            BinOp::Mul(_) => "Mul",
            BinOp::Div(_) => "Div",
            BinOp::Rem(_) => "Rem",
            BinOp::AddAssign(_) => "AddAssign",
            BinOp::SubAssign(_) => "SubAssign",
            BinOp::MulAssign(_) => "MulAssign",
            BinOp::DivAssign(_) => "DivAssign",
            BinOp::RemAssign(_) => "RemAssign",
            _ => return None,
        })
    }

    /// Between which it stands where it has two operands, and changes neither.
    pub fn symbol(&self, span: Span) -> Option<BinOp> {
        Some(match self.name {
            "Add" => BinOp::Add(syn::Token![+](span)),
            "Sub" => BinOp::Sub(syn::Token![-](span)),
            "Mul" => BinOp::Mul(syn::Token![*](span)),
            "Div" => BinOp::Div(syn::Token![/](span)),
            "Rem" => BinOp::Rem(syn::Token![%](span)),
            _ => return None,
        })
    }

    /// The function that it stands for: `::core::ops::Add::add`
    pub fn function(&self, span: Span) -> TokenStream {
        match self.name {
            "Index" => quote_spanned!(span=> __grad_runtime::element),
            "IndexMut" => quote_spanned!(span=> __grad_runtime::set_element),
            "SumOfItems" => quote_spanned!(span=> __grad_runtime::sum_of_items),
            "SumOfReferences" => quote_spanned!(span=> __grad_runtime::sum_of_references),
            _ => self.method(span),
        }
    }

    /// The method, by the path of its trait.
    pub fn method(&self, span: Span) -> TokenStream {
        let (name, method) = (Ident::new(self.name, span), Ident::new(self.method, span));
        quote_spanned!(span=> ::core::ops::#name::#method)
    }
}
