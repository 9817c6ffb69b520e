//! What the methods of a block tell each other of the types of the user's.
//!
//! A macro sees of `State` the name alone. That `r` in it is a vector, and no number, one method tells, which reads `s.r.x`; another,
//! which computes `s.r + h * d.r`, does not. And what `self.derivative(&s)` returns, the method next to it says.

use crate::shape::{Failing, Shape, ungrouped};
use proc_macro2::Ident;
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, GenericParam, ItemFn, Pat, ReturnType, Type};

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    /// The type that the block is for, by its name.
    of: String,
    /// What a function of the block returns, if that is a number, or a type of the user's that is known to have fields.
    results: BTreeMap<String, Type>,
    /// Fields that are of types of the user's, by the spelling of the type that they are in.
    parts: BTreeMap<String, BTreeSet<String>>,
    /// What the functions of the block take and return, those that return something.
    signatures: BTreeMap<String, (Vec<Type>, Type)>,
}

impl Neighbours {
    /// From the functions of a block. `is_of_vectors`: whether a method has the name of one that vectors have, and numbers have not.
    pub(crate) fn of<'a>(
        of: &Type,
        functions: impl Iterator<Item = &'a ItemFn> + Clone,
        is_of_vectors: &dyn Fn(&syn::ExprMethodCall) -> bool,
    ) -> Neighbours {
        let returned = functions.clone().filter_map(|function| {
            let ReturnType::Type(_, ty) = &function.sig.output else { return None };
            let is_generic =
                function.sig.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_)));
            let is_plain = !is_generic && Failing::of(ty).is_none();
            is_plain.then(|| (function.sig.ident.to_string(), (**ty).clone()))
        });
        let returned: BTreeMap<String, Type> = returned.collect();
        let signatures = functions.clone().filter_map(|function| {
            let name = function.sig.ident.to_string();
            let inputs = function.sig.inputs.iter().map(|input| match input {
                FnArg::Typed(typed) => Some((*typed.ty).clone()),
                FnArg::Receiver(_) => None,
            });
            Some((name.clone(), (inputs.collect::<Option<_>>()?, returned.get(&name)?.clone())))
        });
        let signatures = signatures.collect();
        let mut seen = Seen::new(&returned, is_of_vectors);
        for function in functions {
            seen.function(function);
        }
        seen.structs.extend(named(of));
        let Seen { parts, structs, .. } = seen.settled();
        let is_known = |ty: &Type| match Shape::of(ty) {
            Shape::F32 | Shape::F64 => true,
            Shape::Named(path) => structs.contains(&path.to_token_stream().to_string()),
            _ => false,
        };
        let results =
            returned.iter().filter(|(_, ty)| is_known(ty)).map(|(name, ty)| (name.clone(), ty.clone()));
        let of = match ungrouped(of) {
            Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        Neighbours { of: of.unwrap_or_default(), results: results.collect(), parts, signatures }
    }

    /// Whether the block is one of the type of this name.
    pub(crate) fn is_of(&self, name: &Ident) -> bool {
        *name == self.of
    }

    /// What a function of the block returns.
    pub(crate) fn result(&self, function: &str) -> Option<&Type> {
        self.results.get(function)
    }

    /// The types that a function of the block takes, and the one that it returns.
    pub(crate) fn signature(&self, function: &str) -> Option<&(Vec<Type>, Type)> {
        self.signatures.get(function)
    }

    /// The fields of a type that are of types of the user's.
    pub(crate) fn parts(&self, of: &str) -> impl Iterator<Item = &String> {
        self.parts.get(of).into_iter().flatten()
    }
}

/// What is seen in the functions.
struct Seen<'a> {
    returned: &'a BTreeMap<String, Type>,
    is_of_vectors: &'a dyn Fn(&syn::ExprMethodCall) -> bool,
    /// The variables of a function whose types are said, by the spelling of the type; `None` of a name that has two.
    variables: BTreeMap<String, Option<String>>,
    parts: BTreeMap<String, BTreeSet<String>>,
    structs: BTreeSet<String>,
    /// Fields that are of one type: of which type each is a field, and its name.
    same: Vec<[Part; 2]>,
    /// Fields of which another function says the type.
    typed: Vec<(Part, String)>,
}

/// A field: of which type it is one, by its spelling, and its name.
type Part = (String, String);

impl<'a> Seen<'a> {
    fn new(
        returned: &'a BTreeMap<String, Type>,
        is_of_vectors: &'a dyn Fn(&syn::ExprMethodCall) -> bool,
    ) -> Seen<'a> {
        let (variables, parts, structs, same, typed) = Default::default();
        Seen { returned, is_of_vectors, variables, parts, structs, same, typed }
    }

    /// What follows from all that was seen.
    fn settled(mut self) -> Seen<'a> {
        for ((of, name), ty) in std::mem::take(&mut self.typed) {
            if self.structs.contains(&ty) {
                self.parts.entry(of).or_default().insert(name);
            }
        }
        let is_part = |parts: &BTreeMap<String, BTreeSet<String>>, (of, name): &Part| {
            parts.get(of).is_some_and(|names| names.contains(name))
        };
        loop {
            let more = self.same.iter().find_map(|[one, other]| {
                match (is_part(&self.parts, one), is_part(&self.parts, other)) {
                    (true, false) => Some(other.clone()),
                    (false, true) => Some(one.clone()),
                    (true, true) | (false, false) => None,
                }
            });
            let Some((of, name)) = more else { return self };
            self.parts.entry(of).or_default().insert(name);
        }
    }

    /// `base.name`, where the type of the base is known.
    fn part(&self, expr: &Expr) -> Option<Part> {
        match expr {
            Expr::Paren(paren) => self.part(&paren.expr),
            Expr::Field(field) => match &field.member {
                syn::Member::Named(name) => Some((self.type_of(&field.base)?, name.to_string())),
                syn::Member::Unnamed(_) => None,
            },
            _ => None,
        }
    }

    fn function(&mut self, function: &ItemFn) {
        self.variables.clear();
        for input in &function.sig.inputs {
            if let FnArg::Typed(typed) = input
                && let Pat::Ident(pat) = &*typed.pat
            {
                self.bind(&pat.ident.to_string(), named(&typed.ty));
            }
        }
        self.visit_block(&function.block);
    }

    fn bind(&mut self, name: &str, ty: Option<String>) {
        let known = self.variables.entry(name.to_owned()).or_insert_with(|| ty.clone());
        if *known != ty {
            *known = None;
        }
    }

    /// The type of an expression, by its spelling.
    fn type_of(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Paren(paren) => self.type_of(&paren.expr),
            Expr::Group(group) => self.type_of(&group.expr),
            Expr::Reference(reference) => self.type_of(&reference.expr),
            Expr::Path(path) => self.variables.get(&path.path.get_ident()?.to_string())?.clone(),
            Expr::Struct(literal) => Some(literal.path.to_token_stream().to_string()),
            Expr::MethodCall(call) if matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident(crate::args::RECEIVER)) => {
                named(self.returned.get(&call.method.to_string())?)
            }
            Expr::MethodCall(call) if call.method == "clone" && call.args.is_empty() => {
                self.type_of(&call.receiver)
            }
            _ => None,
        }
    }

    /// `base.name` is of a type of the user's.
    fn is_part(&mut self, part: &Expr) {
        if let Some((of, name)) = self.part(part) {
            self.parts.entry(of).or_default().insert(name);
        }
    }
}

impl<'ast> Visit<'ast> for Seen<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        match &local.pat {
            Pat::Type(typed) => {
                if let Pat::Ident(pat) = &*typed.pat {
                    self.bind(&pat.ident.to_string(), named(&typed.ty));
                }
            }
            Pat::Ident(pat) => {
                let ty = local.init.as_ref().and_then(|init| self.type_of(&init.expr));
                self.bind(&pat.ident.to_string(), ty);
            }
            pat => self.visit_pat(pat),
        }
    }

    /// A name that is bound in a pattern: nothing says what it is.
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        self.bind(&pat.ident.to_string(), None);
    }

    fn visit_expr_struct(&mut self, literal: &'ast syn::ExprStruct) {
        let of = literal.path.to_token_stream().to_string();
        for field in &literal.fields {
            let syn::Member::Named(name) = &field.member else { continue };
            let part = (of.clone(), name.to_string());
            if let Some(other) = self.part(&field.expr) {
                self.same.push([part, other]);
            } else if let Some(ty) = self.type_of(&field.expr) {
                self.typed.push((part, ty));
            }
        }
        self.structs.insert(of);
        visit::visit_expr_struct(self, literal);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func {
            // `V(x, y)`, `V::new(x, y)`
            let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            let is_type =
                |name: Option<String>| name.is_some_and(|name| name.starts_with(char::is_uppercase));
            let (last, before) = (names.next(), names.next());
            if is_type(last) {
                self.structs.insert(path.to_token_stream().to_string());
            } else if is_type(before) {
                let mut of = path.path.clone();
                of.segments.pop();
                of.segments.pop_punct();
                self.structs.insert(of.to_token_stream().to_string());
            }
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if matches!(field.member, syn::Member::Named(_)) {
            if let Some(of) = self.type_of(&field.base) {
                self.structs.insert(of);
            }
            self.is_part(&field.base);
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if (self.is_of_vectors)(call) {
            self.is_part(&call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// How a type of the user's is spelt, behind references.
fn named(ty: &Type) -> Option<String> {
    match ungrouped(ty) {
        Type::Reference(reference) => named(&reference.elem),
        ty => match Shape::of(ty) {
            Shape::Named(path) => Some(path.to_token_stream().to_string()),
            _ => None,
        },
    }
}
