//! `impl` blocks: each method is made a function of its own, with a parameter for `self`, and goes through the passes as one.

mod answers;
mod element;
pub(super) mod renamed;
mod summed;

use super::{expand_function, lifetimes, with_errors};
use crate::args::{Args, Method, OPERAND, RECEIVER, Taken};
use crate::diag::{Code, Errors};
use crate::neighbours::Neighbours;
use crate::operator::Operator;
use crate::shape::{Failing, Shape, Typed, ungrouped};
use crate::sibling::{LeftOut, Sibling};
use crate::trait_method::ANY_METHOD;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use renamed::Renamed;
use std::collections::BTreeMap;
use std::rc::Rc;
use syn::{
    Attribute, FnArg, ImplItem, ImplItemFn, ItemFn, ItemImpl, Receiver, ReceiverKind, ReturnType, Signature,
    Type, Visibility,
};

/// What an annotated block expands to.
pub(super) fn expand(errors: Errors, args: &Args, block: ItemImpl) -> TokenStream {
    let mut block = Block::read(errors, args, block);
    block.check();
    let item = block.item.to_token_stream();
    let mut derivatives = TokenStream::new();
    if block.errors.is_empty() {
        for (function, args) in block.functions() {
            derivatives.extend(expand_function(&mut block.errors, &function, &args));
        }
        block.unknown_names();
    }
    let errors = block.errors;
    if errors.is_empty() {
        quote!(#item #derivatives)
    } else {
        with_errors(&item, errors, Some(&derivatives))
    }
}

/// Every method of an annotated block that gets derivatives, as a function of its own.
pub(super) fn methods(errors: &mut Errors, args: &Args, block: ItemImpl) -> Vec<(ItemFn, Args)> {
    let mut block = Block::read(std::mem::take(errors), args, block);
    block.check();
    let functions = if block.errors.is_empty() { block.functions() } else { Vec::new() };
    *errors = block.errors;
    functions
}

/// A block without what only this macro reads, for the case that nothing comes of it.
pub(super) fn without_attributes(item: &TokenStream) -> TokenStream {
    match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(block) => Block::read(Errors::new(), &Args::default(), block).item.into_token_stream(),
        Err(_) => super::promises::without_attributes(item),
    }
}

/// Whether an item of a block has an attribute of its own that asks for derivatives.
fn is_chosen(own: Option<&Args>) -> bool {
    own.is_some_and(|own| own.skip.is_none())
}

struct Block {
    errors: Errors,
    args: Args,
    /// As it is written, without the attributes on methods.
    item: ItemImpl,
    /// What they say, for each item of the block.
    own: Vec<Option<Args>>,
    siblings: Rc<BTreeMap<String, Sibling>>,
    /// Nothing is derived but what returns types of the user's: the attribute is there for that.
    of_own_types: bool,
}

impl Block {
    fn read(mut errors: Errors, args: &Args, mut item: ItemImpl) -> Block {
        let own = item.items.iter_mut().map(|item| match item {
            ImplItem::Fn(function) => own_args(&mut errors, args, &mut function.attrs),
            _ => None,
        });
        let own = own.collect();
        let mut block =
            Block { errors, args: args.clone(), item, own, siblings: Rc::default(), of_own_types: false };
        let is_derived = block.methods().any(|(function, own)| block.is_derived(function, own));
        block.of_own_types = !is_derived;
        let siblings = block.methods().map(|(function, own)| {
            let exclusive =
                function.sig.receiver().is_some_and(|of| taken(of) == Some((Taken::Exclusive, false)));
            let (has_derivatives, answers) = (block.is_derived(function, own), block.answers(function));
            let left_out = match own {
                Some(Args { skip: Some(_), .. }) => LeftOut::Skipped,
                _ if block.own.iter().any(|own| is_chosen(own.as_ref())) => LeftOut::NotChosen,
                _ => LeftOut::WithoutFloats,
            };
            let sibling = Sibling { exclusive, has_derivatives, left_out, answers };
            (function.sig.ident.to_string(), sibling)
        });
        let mut siblings: BTreeMap<String, Sibling> = siblings.collect();
        // What a macro in the block makes, nobody sees.
        if block
            .item
            .items
            .iter()
            .any(|item| !matches!(item, ImplItem::Fn(_) | ImplItem::Const(_) | ImplItem::Type(_)))
        {
            let left_out = LeftOut::WithoutFloats;
            let sibling = Sibling { exclusive: false, has_derivatives: false, left_out, answers: false };
            siblings.insert(ANY_METHOD.to_owned(), sibling);
        }
        block.siblings = Rc::new(siblings);
        block
    }

    fn methods(&self) -> impl Iterator<Item = (&ImplItemFn, Option<&Args>)> {
        self.item.items.iter().zip(&self.own).filter_map(|(item, own)| match item {
            ImplItem::Fn(function) => Some((function, own.as_ref())),
            _ => None,
        })
    }

    /// Whether derivatives of a method have a place, and those of the block's own arguments a meaning.
    fn check(&mut self) {
        self.written_fields();
        let of = &self.item.self_ty;
        let is_generic = self.item.generics.type_params().any(|param| is_ident(of, &param.ident));
        let help = "write the function as a free one, with `#[grad]`, and call it from the method";
        if is_generic {
            self.errors.push_at(
                Code::Method,
                of,
                "derivatives of a method are methods of its type, and this block is for many types",
                help,
            );
        } else if !matches!(Shape::of(of), Shape::Named(_) | Shape::Matrix(..)) && self.operator().is_none() {
            self.errors.push_at(
                Code::Method,
                of,
                "derivatives of a method are methods of its type, and this type is not one of your own",
                help,
            );
        }
        if let Some(word) = &self.args.skip {
            self.errors.push_at(
                Code::NotYetArgument,
                word,
                "`skip` on a whole block",
                "put `#[grad(skip)]` on the method to leave out, or remove the attribute",
            );
        }
        let derived = self.methods().filter(|(function, own)| self.is_derived(function, *own)).count();
        if let Some(name) = self.args.name.clone().filter(|_| derived > 1) {
            self.errors.push_at(
                Code::AttributeSyntax,
                &name,
                "`name` on a block of several methods with derivatives",
                "put `#[grad(name = …)]` on the method",
            );
        }
        if derived == 0 && self.errors.is_empty() {
            self.errors.push_at(
                Code::NothingToDifferentiate,
                of,
                "no method of this block returns or writes floats that depend on parameters of floats",
                "name what to differentiate with respect to: `#[grad(wrt(self))]`",
            );
        }
    }

    /// The names in `wrt` of the block that no method has.
    fn unknown_names(&mut self) {
        let unknown: Vec<Ident> = self
            .args
            .wrt
            .iter()
            .flatten()
            .filter(|name| !self.methods().any(|(function, _)| has_parameter(&function.sig, name)))
            .cloned()
            .collect();
        for name in unknown {
            self.errors.push_at(
                Code::UnknownParameter,
                &name,
                format!("no method of this block has a parameter `{name}`"),
                "name a parameter of a method",
            );
        }
    }

    /// Fields of `self` that are named where it is no constant, or an operand.
    fn written_fields(&mut self) {
        let is_operator = self.operator().is_some();
        let written = self.methods().filter_map(|(function, own)| {
            let args = self.args_of(function, own);
            let chosen = args.chosen.into_iter().find(|chosen| !chosen.path.is_empty())?;
            let taken = function.sig.receiver().and_then(taken);
            (is_operator || matches!(taken, Some((Taken::Exclusive, _)))).then_some(chosen)
        });
        if let Some(chosen) = written.collect::<Vec<_>>().into_iter().next() {
            self.errors.push_at(
                Code::NotYetArgument,
                &chosen.param,
                if is_operator { "a field of an operand" } else { "a field of `self` that is changed" },
                "name `self`: its cotangent has the field",
            );
        }
    }

    /// Whether a method gets derivatives.
    fn is_derived(&self, function: &ImplItemFn, own: Option<&Args>) -> bool {
        if own.is_some_and(|own| own.skip.is_some()) {
            return false;
        }
        if self.own.iter().any(|own| is_chosen(own.as_ref())) {
            return own.is_some();
        }
        if self.operator().is_some_and(|of| of.is_of_place() || of.is_sum()) {
            return true;
        }
        // A reference into the type itself.
        if matches!(&function.sig.output, ReturnType::Type(_, ty) if matches!(Shape::of(ty), Shape::Ref { .. }))
        {
            return false;
        }
        let mut args = self.args_of(function, None);
        let generics = [&self.item.generics, &function.sig.generics];
        args.scalars =
            generics.into_iter().flat_map(|of| crate::generic::scalars(of, &args.scalar)).collect();
        // Whether a type of the user's has tangents, the arguments tell: with respect to one, it has.
        let tells = self.args.wrt.is_some() || self.operator().is_some() || self.of_own_types;
        let mut sig = function.sig.clone();
        self.renamed().signature(&mut sig);
        let mut is_active = false;
        let mut is_result = match &sig.output {
            ReturnType::Default => false,
            ReturnType::Type(_, ty) => {
                let ty = Failing::of(ty).map_or(&**ty, |failing| failing.of);
                Typed::plain(ty, &args).holds_floats()
                    || (tells && Typed::of_result(ty, &args).holds_floats())
            }
        };
        for input in &sig.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    let is_named = names(&args, RECEIVER);
                    is_active |= is_named;
                    is_result |= is_named && matches!(taken(receiver), Some((Taken::Exclusive, _)));
                }
                FnArg::Typed(typed) => {
                    let is_named = parameter_name(typed).is_some_and(|name| names(&args, &name.to_string()));
                    let holds = Typed::of_param(&typed.ty, is_named, &args).holds_floats();
                    is_active |= holds && (is_named || args.wrt.is_none());
                    is_result |= holds && matches!(Shape::of(&typed.ty), Shape::Ref { mutable: true, .. });
                }
            }
        }
        is_active && is_result
    }

    /// The arguments for a method: its own, or those of the block that concern it.
    fn args_of(&self, function: &ImplItemFn, own: Option<&Args>) -> Args {
        let mut args = own.unwrap_or(&self.args).clone();
        if own.is_none()
            && let Some(wrt) = &mut args.wrt
        {
            wrt.retain(|name| has_parameter(&function.sig, name));
            args.chosen.retain(|chosen| has_parameter(&function.sig, &chosen.param));
            // A function without `self` that makes values of the type.
            if wrt.is_empty() && function.sig.receiver().is_none() {
                args.wrt = None;
            }
        }
        if self.operator().is_some() && args.wrt.is_none() {
            args.wrt = Some(self.operands(function));
        }
        let chosen = args.chosen.iter_mut().map(|chosen| &mut chosen.param);
        for name in args.wrt.iter_mut().flatten().chain(chosen).filter(|name| **name == "self") {
            *name = Ident::new(RECEIVER, name.span());
        }
        args
    }

    /// The operator that the block is of.
    fn operator(&self) -> Option<&'static Operator> {
        let (of_trait, _) = self.item.trait_.as_ref()?;
        if let Some(sum) = summed::operator(of_trait) {
            return Some(sum);
        }
        Operator::of_trait(&of_trait.segments.last()?.ident.to_string())
    }

    /// The operands that may hold floats: what an operator is differentiated with respect to.
    fn operands(&self, function: &ImplItemFn) -> Vec<Ident> {
        let holds = |ty: &Type| Typed::of_param(ty, true, &self.args).holds_floats();
        let mut operands = Vec::new();
        for input in &function.sig.inputs {
            match input {
                FnArg::Receiver(receiver) if holds(&self.item.self_ty) => {
                    operands.push(Ident::new(RECEIVER, receiver.self_token.span));
                }
                FnArg::Typed(typed) if holds(&typed.ty) => {
                    operands.push(operand_name(typed));
                }
                FnArg::Receiver(_) | FnArg::Typed(_) => {}
            }
        }
        operands
    }

    /// Every method that gets derivatives, as a function, with the arguments of its attribute.
    fn functions(&mut self) -> Vec<(ItemFn, Args)> {
        lifetimes::name_of_block(&mut self.item);
        let mut functions = Vec::new();
        let mut errors = Vec::new();
        for (method, own) in self.methods().filter(|(function, own)| self.is_derived(function, *own)) {
            match self.function(method, self.args_of(method, own)) {
                Ok(function) => functions.push(function),
                Err(receiver) => errors.push(receiver.clone()),
            }
        }
        for receiver in errors {
            self.errors.push_at(
                Code::Method,
                receiver,
                "`self` in this form cannot be differentiated",
                "take `&self`, `&mut self` or `self`",
            );
        }
        let told = functions.iter().map(|(function, _)| function);
        let told = Rc::new(Neighbours::of(&self.item.self_ty, told, &crate::lower::is_of_vectors));
        for method in functions.iter_mut().filter_map(|(_, args)| args.method.as_mut()) {
            method.neighbours = Rc::clone(&told);
        }
        functions
    }

    fn renamed(&self) -> Renamed<'_> {
        Renamed {
            of: &self.item.self_ty,
            of_trait: self.item.trait_.as_ref().map(|(path, _)| path),
            items: &self.item.items,
        }
    }

    /// A method as a function; the receiver, where it cannot be one.
    fn function<'b>(&self, method: &'b ImplItemFn, mut args: Args) -> Result<(ItemFn, Args), &'b Receiver> {
        let of = &self.item.self_ty;
        let mut sig = method.sig.clone();
        let mut body = method.block.clone();
        let is_of_place = self.operator().is_some_and(Operator::is_of_place);
        if is_of_place {
            args.wrt = Some(element::by_value(&mut sig, &mut body));
        }
        let sum = self.operator().filter(|of| of.is_sum());
        if let Some(sum) = sum {
            args.wrt = Some(summed::of_items(sum, (of, &args.krate), &mut sig, &mut body));
        }
        let renamed = self.renamed();
        renamed.signature(&mut sig);
        renamed.body(&mut body);
        let name = &method.sig.ident;
        let path = match (&self.item.trait_, sum) {
            (Some(_), Some(sum)) => summed::function(sum, of),
            (Some((of_trait, _)), None) => quote!(<#of as #of_trait>::#name),
            (None, _) => quote!(<#of>::#name),
        };
        let mut receiver = None;
        let mut by_value = (is_of_place || sum.is_some()).then(|| path.clone());
        if let Some(written) = method.sig.receiver() {
            let Some((how, is_value)) = taken(written) else { return Err(written) };
            let this = Ident::new(RECEIVER, written.self_token.span);
            let lifetime = match &written.kind {
                ReceiverKind::Reference(_, lifetime, _) => lifetime.as_ref(),
                _ => None,
            };
            let mutability = (how == Taken::Exclusive).then(|| quote!(mut));
            let is_operand = self.operator().is_some() && is_value;
            sig.inputs[0] = if is_operand {
                let mutability = written.mutability;
                syn::parse_quote!(#mutability #this: #of)
            } else {
                syn::parse_quote!(#this: &#lifetime #mutability #of)
            };
            receiver = Some(how);
            if is_value && !is_operand {
                // Nobody wrote it: lints look there.
                let span = written.self_token.span.resolved_at(Span::mixed_site());
                let mutability = written.mutability;
                let copy = quote_spanned!(span=> let #mutability #this = (#this).clone(););
                body.stmts.insert(0, syn::parse_quote!(#copy));
                by_value = Some(path.clone());
            }
        }
        if self.operator().is_some()
            && let Some(FnArg::Typed(typed)) = sig.inputs.get_mut(1)
            && parameter_name(typed).is_none()
        {
            let (operand, pat) = (operand_name(typed), typed.pat.clone());
            body.stmts.insert(0, syn::parse_quote!(let #pat = #operand;));
            *typed.pat = syn::parse_quote!(#operand);
        }
        let primal = if by_value.is_some() { quote!(__grad_primal) } else { path };
        let generics = &self.item.generics;
        let own = std::mem::take(&mut sig.generics);
        let all = generics.params.iter().chain(&own.params).cloned();
        let (lifetimes, others): (Vec<_>, Vec<_>) =
            all.partition(|param| matches!(param, syn::GenericParam::Lifetime(_)));
        sig.generics.params = lifetimes.into_iter().chain(others).collect();
        let predicates = [&generics.where_clause, &own.where_clause]
            .into_iter()
            .flatten()
            .flat_map(|clause| &clause.predicates);
        let predicates: Vec<_> = predicates.cloned().collect();
        if !predicates.is_empty() {
            sig.generics.make_where_clause().predicates.extend(predicates);
        }
        args.method = Some(Method {
            primal,
            of: of.clone(),
            generics: generics.clone(),
            of_trait: self.item.trait_.as_ref().map(|(path, _)| path.clone()),
            receiver,
            by_value,
            operator: self.operator().map(|of| {
                let second = sig.inputs.get(usize::from(!of.is_sum())).and_then(|input| match input {
                    FnArg::Typed(typed) => Some(typed.ty.clone()),
                    FnArg::Receiver(_) => None,
                });
                (of, second)
            }),
            siblings: Rc::clone(&self.siblings),
            neighbours: Rc::default(),
        });
        let is_of_trait = self.item.trait_.is_some();
        let vis =
            if is_of_trait { Visibility::Public(syn::token::Pub::default()) } else { method.vis.clone() };
        let conditions = self.item.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
        let attrs = conditions.chain(&method.attrs).cloned().collect();
        Ok((ItemFn { attrs, vis, modifiers: method.modifiers.clone(), sig, block: Box::new(body) }, args))
    }
}

/// What the attribute of a method says, which is taken off it.
pub(super) fn own_args(errors: &mut Errors, block: &Args, attrs: &mut Vec<Attribute>) -> Option<Args> {
    let mut own = None;
    attrs.retain(|attr| {
        if attr.path().segments.last().is_none_or(|last| last.ident != "grad") {
            return true;
        }
        let tokens = match &attr.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            syn::Meta::Path(_) | syn::Meta::NameValue(_) => TokenStream::new(),
        };
        let args = Args { krate: block.krate.clone(), scalar: block.scalar.clone(), ..Args::default() };
        own = Some(args.read(errors, tokens));
        false
    });
    own
}

/// How a receiver is taken by derivatives, and whether the method takes it by value; `None` of `Box<Self>` and its kin.
pub(super) fn taken(receiver: &Receiver) -> Option<(Taken, bool)> {
    let of_reference = |mutable: bool| if mutable { Taken::Exclusive } else { Taken::Shared };
    match &receiver.kind {
        ReceiverKind::Value => Some((Taken::Shared, true)),
        ReceiverKind::Reference(_, _, mutability) => Some((of_reference(mutability.is_some()), false)),
        ReceiverKind::Typed(_, ty) => match ungrouped(ty) {
            Type::Reference(reference) if is_self(&reference.elem) => {
                Some((of_reference(reference.mutability.is_some()), false))
            }
            ty if is_self(ty) => Some((Taken::Shared, true)),
            _ => None,
        },
        _ => None,
    }
}

fn is_self(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if path.path.is_ident("Self"))
}

fn is_ident(ty: &Type, ident: &Ident) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if path.path.is_ident(ident))
}

pub(super) fn names(args: &Args, name: &str) -> bool {
    args.wrt.iter().flatten().any(|wanted| wanted == name)
}

pub(super) fn has_parameter(signature: &Signature, name: &Ident) -> bool {
    signature.inputs.iter().any(|input| match input {
        FnArg::Receiver(_) => name == "self",
        FnArg::Typed(typed) => parameter_name(typed).is_some_and(|own| own == name),
    })
}

/// The name of the second operand.
fn operand_name(typed: &syn::PatType) -> Ident {
    parameter_name(typed).cloned().unwrap_or_else(|| {
        Ident::new(OPERAND, syn::spanned::Spanned::span(&typed.pat).resolved_at(Span::mixed_site()))
    })
}

pub(super) fn parameter_name(typed: &syn::PatType) -> Option<&Ident> {
    match &*typed.pat {
        syn::Pat::Ident(pat) => Some(&pat.ident),
        _ => None,
    }
}
