//! The forms of a derivative that generated code calls: their names, and how they are called.
//!
//! They are methods of a type without a name outside of its block, so that nobody meets them beside `f::grad`. The type is
//! found through a trait of the runtime, with the order of the derivative: `<f as Derivative<2>>::FORMS.forward_2(…)`. A
//! function without derivatives of that order does not have the trait, and rustc says so at its name, in our words, once.

use super::compiles;
use super::items::Cx;
use super::nested::Nested;
use super::{Tokens, site};
use crate::ir::Callee;
use crate::matrix::rows;
use crate::operator::Operator;
use crate::transform::Width;
use proc_macro2::{Ident, Literal, Span, TokenTree};
use quote::quote_spanned;

/// What does a part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Both sweeps in one function; of which order, and how many tangents go side by side along the last direction.
    Joint(usize, Width),
    /// The same of the first order, if callees overwrite what they are lent, and if not.
    Trusting,
    Plain,
    /// The same for callers, which do not see the signature.
    AtOnce,
    /// The forward sweep, which returns the reverse sweep; of which order, and the width of the last direction.
    Forward(usize, Width),
    /// The same of the first order with all cotangents, and where one argument is a constant.
    OfAll,
    Given,
    /// Forward mode, for callers: a tangent may be absent.
    Tangent(Width),
    /// The Jacobian by rows.
    Rows,
    /// The value, the gradient and their derivatives along directions, in the form of the gradient.
    Gradients(usize, Width),
}

impl Form {
    pub(super) const JOINT: Form = Form::Joint(1, Width::One);
    pub(super) const FORWARD: Form = Form::Forward(1, Width::One);

    fn name(self) -> String {
        let of_order = |name: &str, order: usize, width| {
            let order = if order == 1 { String::new() } else { format!("_{order}") };
            let lanes = if width == Width::Lanes { "_n" } else { "" };
            format!("{name}{order}{lanes}")
        };
        match self {
            Form::Joint(order, width) => of_order("joint", order, width),
            Form::Trusting => "joint_trusting".to_owned(),
            Form::Plain => "joint_plain".to_owned(),
            Form::AtOnce => "at_once".to_owned(),
            Form::Forward(order, width) => of_order("forward", order, width),
            Form::OfAll => "forward_of_all".to_owned(),
            Form::Given => "forward_given".to_owned(),
            Form::Tangent(width) => of_order("tangent", 1, width),
            Form::Rows => "rows".to_owned(),
            Form::Gradients(order, width) => of_order("gradients", order, width),
        }
    }

    /// Of which order the derivative is.
    fn order(self) -> usize {
        match self {
            Form::Trusting
            | Form::Plain
            | Form::AtOnce
            | Form::OfAll
            | Form::Given
            | Form::Tangent(_)
            | Form::Rows => 1,
            Form::Joint(order, _) | Form::Forward(order, _) | Form::Gradients(order, _) => order,
        }
    }

    /// The name of its method.
    pub(super) fn method(self) -> Ident {
        Ident::new(&self.name(), site())
    }

    /// The name of the method for a derivative that is called.
    pub(super) fn method_of(self, nested: Nested) -> Ident {
        method_of(self, Some(nested), site())
    }
}

fn method_of(form: Form, nested: Option<Nested>, span: Span) -> Ident {
    match nested {
        Some(nested) => Ident::new(&format!("{}_of_{}", form.name(), nested.name()), span),
        None => Ident::new(&form.name(), span),
    }
}

/// The trait that has the forms of an order.
fn provider(krate: &Tokens, nested: bool, order: usize, span: Span) -> Tokens {
    let literal = Literal::usize_unsuffixed(order);
    match (nested, order) {
        (false, 1) => quote_spanned!(span=> #krate::__private::FirstDerivative),
        (false, _) => quote_spanned!(span=> #krate::__private::Derivative<#literal>),
        (true, _) => quote_spanned!(span=> #krate::__private::NestedDerivative<#literal>),
    }
}

impl Cx<'_> {
    /// A form of this function: `<f as FirstDerivative>::FORMS.joint`
    pub(super) fn own(&self, form: Form) -> Tokens {
        let s = site();
        let (bear, method) = (self.bear(), form.method());
        if self.in_place {
            return quote_spanned!(s=> self.#method);
        }
        let provider = provider(self.krate(), false, form.order(), s);
        quote_spanned!(s=> <#bear as #provider>::FORMS.#method)
    }

    /// A function that users call: `f::jvp`
    pub(super) fn public(&self, name: &str) -> Tokens {
        let s = site();
        let (bear, name) = (self.bear(), Ident::new(name, s));
        quote_spanned!(s=> #bear::#name)
    }

    /// A function that users call, where another one of them calls it: `Self::jvp_n::<4>`.
    pub(super) fn beside(&self, name: &str, generics: &Tokens) -> Tokens {
        let s = site();
        let name = Ident::new(name, s);
        if self.in_place { quote_spanned!(s=> self.#name) } else { quote_spanned!(s=> Self::#name #generics) }
    }

    /// The type of the forms, and that the function has them in these orders; or why not.
    pub(super) fn forms(&self, forms: &Tokens, provided: &[Provided]) -> Tokens {
        let s = site();
        let (vis, bear, krate) = (self.vis(), self.bear(), self.krate());
        let cfgs = self.attrs("cfg");
        let name = Ident::new("__GradForms", s);
        let impls = provided.iter().map(|Provided { nested, order, missing }| {
            let provider = provider(krate, *nested, *order, s);
            let overwrites = (!nested && *order == 1).then(|| self.overwrites());
            match missing {
                None => quote_spanned! {s=>
                    impl #provider for #bear {
                        type Forms = #name;
                        const FORMS: #name = #name;
                        #overwrites
                    }
                },
                Some(missing) => {
                    let missing = Ident::new(missing, s);
                    let missing = quote_spanned!(s=> #krate::__private::#missing);
                    // The `for` makes rustc wait for a call.
                    quote_spanned! {s=>
                        impl #provider for #bear where for<'__grad> &'__grad #bear: #missing {
                            type Forms = <&'static #bear as #missing>::Forms;
                            const FORMS: Self::Forms = <&'static #bear as #missing>::FORMS;
                        }
                    }
                }
            }
        });
        let compiles = self.compiles(&name);
        let (allow, takes) = (self.allowed(), self.takes());
        let types = self.types(&name);
        let beside = self.beside.borrow().clone();
        quote_spanned! {s=>
            #(#cfgs)*
            const _: () = {
                #[doc(hidden)]
                #vis struct #name;

                #(#impls)*

                #compiles
                #types

                #[automatically_derived]
                #allow
                impl #name {
                    #takes
                    #forms
                }
                #beside
            };
        }
    }
}

/// That a function has the forms of an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Provided {
    /// Those of its derivatives.
    pub(super) nested: bool,
    pub(super) order: usize,
    /// Why it has not, after all: a trait of the runtime that nothing has.
    pub(super) missing: Option<&'static str>,
}

impl Provided {
    pub(super) fn order(order: usize) -> Provided {
        Provided { nested: false, order, missing: None }
    }

    pub(super) fn nested(order: usize) -> Provided {
        Provided { nested: true, ..Provided::order(order) }
    }
}

/// Whether it is a derivative of a function that is called.
pub(super) fn is_nested(callee: &Callee) -> bool {
    callee.of_function().is_some_and(|name| Nested::named(&name).is_some())
}

/// The constant of a type that leads from a function of the type to its derivatives. Where there is none, rustc names it.
pub(super) fn way_of_path(function: &Ident) -> Ident {
    let name = function.to_string();
    Ident::new(&format!("{}_WITH_GRAD", name.trim_start_matches("r#")), function.span())
}

/// The method that leads from a method to its derivatives. Where there is none, rustc names it.
pub(super) fn way_of_method(method: &Ident) -> Ident {
    let name = method.to_string();
    Ident::new(&format!("{}_with_grad", name.trim_start_matches("r#")), method.span())
}

/// Whether a method with so many arguments, the receiver among them, has the name of one that matrices have a row for.
pub(super) fn has_row(method: &Ident, arguments: usize) -> bool {
    let method = method.to_string();
    arguments.checked_sub(1).is_some_and(|others| rows::is_method(&method, others))
}

/// The same of the tokens of a callee.
pub(super) fn is_row(method: &Tokens, arguments: usize) -> bool {
    match method.clone().into_iter().next() {
        Some(TokenTree::Ident(method)) => has_row(&method, arguments),
        _ => false,
    }
}

/// A callee where it is called.
pub(super) struct Called<'a> {
    pub(super) callee: &'a Callee,
    /// Its arguments: what it is a method of, and the operands of an operator, are among them.
    pub(super) args: &'a [Tokens],
    /// What its derivatives are named by the way of, a constant.
    pub(super) by_way: &'a Tokens,
    /// What it is lent, if it is called by its path.
    pub(super) lent: Option<&'a Tokens>,
}

impl Called<'_> {
    /// A value of the type that bears the derivatives, and the generic arguments; `None` of a function, whose path is one of
    /// that type.
    fn bearer(&self, krate: &Tokens, span: Span) -> Option<(Tokens, Option<Tokens>)> {
        let (mut written, list) = generics_of(self.callee.tokens());
        match (self.callee, written.pop()) {
            (Callee::Associated(_), Some(TokenTree::Ident(last))) => {
                let (path, way) = (written.into_iter().collect::<Tokens>(), way_of_path(&last));
                Some((quote_spanned!(span=> #path #way), list))
            }
            (Callee::Method(_), Some(TokenTree::Ident(last))) => {
                let (receiver, way) = (self.args.first(), way_of_method(&last));
                let (by_way, here) = (self.by_way, quote_spanned!(span=> (#receiver)));
                if has_row(&last, self.args.len()) {
                    let operand = match self.args.get(1) {
                        Some(arg) => quote_spanned!(span=> (#arg)),
                        None => quote_spanned!(span=> ()),
                    };
                    // Of which type it is a method, rustc sees: of one of the user's, or of one that the runtime knows.
                    let bearer = quote_spanned! {span=> {
                        use #krate::__private::{MatrixMethods as _, OnOperands as _};
                        #krate::__private::receiver::<{ #by_way }, _>(&#here).#way().on_operands(&#here, &#operand)
                    }};
                    return Some((bearer, list));
                }
                let bearer = quote_spanned! {span=>
                    #krate::__private::of_receiver::<{ #by_way }, _, _, _>(
                        #krate::__private::receiver::<{ #by_way }, _>(&#here).#way(),
                        &#here,
                    )
                };
                Some((bearer, list))
            }
            (Callee::Parameter(_), Some(TokenTree::Ident(last))) => {
                let (receiver, way, by_way) = (self.args.first(), way_of_method(&last), self.by_way);
                let here = quote_spanned!(span=> (#receiver));
                Some((
                    quote_spanned!(span=> #krate::__private::receiver::<{ #by_way }, _>(&#here).#way()),
                    list,
                ))
            }
            (Callee::Operator { of_trait, .. }, _) => {
                let by_way = self.by_way;
                // The types of two say what is called.
                let operands =
                    self.args.iter().take(2).map(
                        |arg| quote_spanned!(span=> #krate::__private::receiver::<{ #by_way }, _>(&(#arg))),
                    );
                let operands: Vec<Tokens> = operands.collect();
                if Operator::of_trait(of_trait).is_some_and(Operator::is_sum) {
                    let name = Ident::new(of_trait, span);
                    let of = quote_spanned!(span=> #krate::__private::operators::#name);
                    return Some((
                        quote_spanned!(span=> #krate::__private::of_sum::<#of, _>(#(#operands),*)),
                        None,
                    ));
                }
                Some((of_operator(of_trait, krate, operands.into_iter(), span), None))
            }
            _ => None,
        }
    }

    /// What has the forms of the first derivative.
    pub(super) fn first(&self, krate: &Tokens, span: Span) -> Option<Tokens> {
        let (bearer, _) = self.bearer(krate, span)?;
        Some(provided(krate, 1, self.by_way, &bearer, span))
    }
}

/// What bears the derivatives of an operator, or of what a library makes of its operands, from references to these.
pub(super) fn of_operator(
    name: &str,
    krate: &Tokens,
    operands: impl ExactSizeIterator<Item = Tokens>,
    span: Span,
) -> Tokens {
    let name = Ident::new(name, span);
    let nothing = (operands.len() == 1).then(|| quote_spanned!(span=> &()));
    let operands = operands.chain(nothing);
    quote_spanned! {span=>
        #krate::__private::of_operator::<#krate::__private::operators::#name, _, _>(#(#operands),*)
    }
}

/// The forms of an order, from a value of the type that bears the derivatives.
fn provided(krate: &Tokens, order: usize, by_way: &Tokens, bearer: &Tokens, span: Span) -> Tokens {
    let literal = Literal::usize_unsuffixed(order);
    match order {
        1 => quote_spanned!(span=> #krate::__private::first_forms::<{ #by_way }, _>(#bearer)),
        _ => quote_spanned!(span=> #krate::__private::forms::<#literal, { #by_way }, _>(#bearer)),
    }
}

/// A form of a callee: `m::helper::<3>` becomes `<m::helper as FirstDerivative>::FORMS.forward::<3, _>`, with one `_` for each
/// of its markers; `m::helper::grad` becomes `<m::helper as NestedDerivative<2>>::FORMS.forward_of_grad`. Of a method, and of a
/// function of a type, the receiver or the type leads to a value of the type that bears the derivatives.
pub(super) fn of_callee(
    krate: &Tokens,
    called: &Called<'_>,
    form: Form,
    markers: usize,
    span: Span,
) -> Tokens {
    let with_markers = |list: Tokens| {
        let markers = (0..markers).map(|_| quote_spanned!(span=> _));
        quote_spanned!(span=> ::<#list #(#markers),*>)
    };
    if let Some((bearer, list)) = called.bearer(krate, span) {
        let method = method_of(form, None, span);
        let forms = provided(krate, form.order(), called.by_way, &bearer, span);
        let generics = list.map(with_markers);
        return quote_spanned!(span=> #forms.#method #generics);
    }
    let (mut path, list) = generics_of(called.callee.tokens());
    let generics = list.map(with_markers);
    let mut nested = None;
    if let [.., before, TokenTree::Ident(last)] = &path[..]
        && is_punct(Some(before), ':')
        && let Some(of) = Nested::named(last)
    {
        nested = Some(of);
        path.truncate(path.len() - 3);
    }
    // Of the first order there is none of the gradient alone.
    if nested == Some(Nested::Grad) && form.order() == 1 {
        nested = Some(Nested::ValueAndGrad);
    }
    let (method, order) =
        (method_of(form, nested, span), form.order() + nested.map_or(0, Nested::directions));
    let provider = provider(krate, nested.is_some(), order, span);
    let callee = compiles::by_way_of(called.by_way, &path.into_iter().collect(), krate, span);
    let Some(lent) = called.lent else {
        return quote_spanned!(span=> <#callee as #provider>::FORMS.#method #generics);
    };
    quote_spanned!(span=> <#callee as #provider>::FORMS.__grad_on(#lent).#method #generics)
}

fn is_punct(tree: Option<&TokenTree>, c: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

/// A path without the generics at its end, and these, with a comma behind them.
pub(super) fn generics_of(callee: &Tokens) -> (Vec<TokenTree>, Option<Tokens>) {
    let mut path: Vec<TokenTree> = callee.clone().into_iter().collect();
    if !is_punct(path.last(), '>') {
        return (path, None);
    }
    let mut depth = 0;
    let open = path.iter().rposition(|tree| {
        depth += i32::from(is_punct(Some(tree), '>')) - i32::from(is_punct(Some(tree), '<'));
        depth == 0
    });
    let Some(open) = open.filter(|open| *open >= 2) else { return (path, None) };
    let mut list: Tokens = path[open + 1..path.len() - 1].iter().cloned().collect();
    if !is_punct(path[..path.len() - 1].last(), ',') && path.len() - 1 > open + 1 {
        list.extend(quote_spanned!(site()=> ,));
    }
    path.truncate(open - 2);
    (path, Some(list))
}
