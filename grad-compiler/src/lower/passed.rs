//! A closure that is passed to a function: what stands for it there.
//!
//! The function is another one, whose macro does not see the closure, and this one does not see the function. So the closure
//! becomes an item of its own: a struct with what it captures, which has tangents, and a function of that, of the constants
//! among it and of the closure's parameters, with derivatives. The struct has a trait of the runtime that calls them. What is
//! captured is copied once for each call: a reverse sweep borrows nothing.

mod captured;
pub(crate) mod free;
mod item;
mod twice;

use self::captured::Surrounds;
use super::closure::{Closure, Function};
use super::env::LocalId;
use super::value::{Memory, Val};
use super::{Kind, Lower, expr};
use crate::args::Args;
use crate::function::{CAPTURED, CLOSURE, input_of, is_output};
use crate::ir::{Code, Elem, Float, Init, Op, Proj, StandsFor, Ty};
use crate::local_items;
use crate::shape::{Shape, ungrouped};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::rc::Rc;
use syn::visit::{self, Visit};
use syn::{Expr, ExprClosure, Pat, ReturnType, Type};

/// What an item is made of, beside the function that it is for.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// The function's name, and those of its type.
    name: String,
    args: Args,
    generics: syn::Generics,
    /// The conditions under which it is there.
    cfgs: Vec<syn::Attribute>,
}

impl Surroundings {
    /// Path to the facade crate.
    pub(super) fn krate(&self) -> &TokenStream {
        &self.args.krate
    }

    /// It is a closure, of which some parameters stand for what it captures.
    pub(super) fn captures(&self) -> bool {
        !self.args.captured.is_empty()
    }

    pub(crate) fn of(item: &syn::ItemFn, args: &Args) -> Surroundings {
        let of = args.method.as_ref().map(|method| method.of.to_token_stream().to_string());
        let words = of.unwrap_or_default() + &item.sig.ident.to_string();
        let name = words.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
        let cfgs = item.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
        Surroundings { name, args: args.clone(), generics: item.sig.generics.clone(), cfgs }
    }
}

/// Something that a closure captures.
struct Captured {
    name: Ident,
    /// The type of the field, and that of the variable in the closure's function.
    field: TokenStream,
    variable: TokenStream,
    /// From the field to the variable.
    kind: Captures,
    elem: Elem,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Captures {
    /// A number that may be differentiated.
    Number,
    /// Memory of such, behind a reference.
    Memory,
    /// A constant that is copied.
    Constant,
    /// A constant behind a reference.
    Behind,
}

impl Captures {
    fn is_constant(self) -> bool {
        match self {
            Captures::Constant | Captures::Behind => true,
            Captures::Number | Captures::Memory => false,
        }
    }
}

/// A parameter of the closure.
struct Parameter<'a> {
    pat: &'a Pat,
    ty: Type,
    input: TokenStream,
    is_constant: bool,
}

/// What is passed in the place of a closure: memory of the type that is made for it. `None` of what is no closure.
pub(super) fn lower(cx: &mut Lower<'_>, val: &Val) -> Option<Val> {
    match val {
        Val::Closure(closure) => match &**closure {
            Closure::Function(function) => Some(object(cx, function).unwrap_or(Val::Never)),
            Closure::Iterator(..) | Closure::Cursor(_) | Closure::Optional(_) | Closure::Window(_) => None,
        },
        Val::Ref { to, .. } => lower(cx, to),
        Val::Function(path) => match of_block(cx, path) {
            Some(function) => Some(object(cx, &function).unwrap_or(Val::Never)),
            None => by_path(cx, path),
        },
        _ => None,
    }
}

/// A function of the same block, `Self::rate`, as the closure that calls it: what it takes is known.
fn of_block(cx: &Lower<'_>, path: &syn::ExprPath) -> Option<Function> {
    let [.., of, function] = path.path.segments.iter().collect::<Vec<_>>()[..] else { return None };
    if path.qself.is_some() || !cx.types.neighbours.is_of(&of.ident) {
        return None;
    }
    let (inputs, output) = cx.types.neighbours.signature(&function.ident.to_string())?;
    let s = function.ident.span().resolved_at(Span::mixed_site());
    let names: Vec<_> = (0..inputs.len()).map(|at| format_ident!("input_{at}", span = s)).collect();
    let closure: ExprClosure =
        syn::parse_quote_spanned!(s=> |#(#names: #inputs),*| -> #output { #path(#(#names),*) });
    Some(super::closure::made(closure))
}

/// What stands for a function that is named: the function, with two forms of its derivative. How many inputs it has, and of which
/// types, rustc sees.
fn by_path(cx: &mut Lower<'_>, path: &syn::ExprPath) -> Option<Val> {
    let is_plain = |segment: &syn::PathSegment| segment.arguments.is_none();
    let is_local = path.path.get_ident().is_some_and(|name| cx.plain_functions.contains(&name.to_string()));
    if path.qself.is_some()
        || is_local
        || !path.path.segments.iter().all(is_plain)
        || super::callee::is_associated(path)
    {
        return None;
    }
    let tokens = path.to_token_stream();
    if cx.surroundings.as_ref().is_some_and(|surroundings| surroundings.args.order > 1) {
        let name = tokens.to_string().replace(' ', "");
        return Some(cx.reject(
            Kind::FunctionParameter,
            path,
            &format!("`{name}` is passed by its path, and has no second derivatives there"),
            &format!("write a closure that calls it: `|x: f64| {name}(x)`"),
        ));
    }
    let stands_for = crate::function::by_path(&tokens);
    let ty = cx.types.record(&stands_for);
    let init = Init::Code(Code::new(stands_for, false));
    let val = cx.push_alloc("function", ty, init);
    if let Val::Memory(memory) = &val {
        cx.function_objects.insert(memory.place.root, StandsFor::Path(tokens));
    }
    Some(val)
}

fn object(cx: &mut Lower<'_>, function: &Function) -> Option<Val> {
    let surroundings = Rc::clone(cx.surroundings.as_ref()?);
    let closure = function.syntax();
    if function.changes() {
        cx.reject(
            Kind::FunctionParameter,
            closure,
            "a closure that changes what it captures is passed to a function",
            "let it return what it computes",
        );
        return None;
    }
    if !surroundings.args.scalars.is_empty() {
        cx.reject(
            Kind::FunctionParameter,
            closure,
            "a closure is passed on in a function that is generic over its floats",
            "write the function for `f64`",
        );
        return None;
    }
    let parameters = parameters(cx, closure, &surroundings.args)?;
    let output = output(closure, default_float(cx));
    if !is_output(&output, &surroundings.args) {
        cx.reject(
            Kind::FunctionParameter,
            closure,
            "what this closure returns cannot be differentiated",
            "let it return floats, arrays, `Vec`s or tuples of them, or a type of your own",
        );
        return None;
    }
    let Surrounds { captured, closures } = captured::all(cx, function)?;
    let at = cx.made_items.len();
    let name = format_ident!("{CLOSURE}{}_{at}", surroundings.name, span = Span::mixed_site());
    let called = closures.iter().map(|(_, closure)| closure);
    let items = local_items::of_code(&cx.items, quote!(#closure #(#called)*));
    let item =
        item::item(&surroundings, &name, closure, &items, &parameters, &output, (&captured, &closures));
    cx.made_items.push(item);
    let path = syn::Path::from(name);
    let members = captured.iter().map(|one| Proj::Named(one.name.to_string())).collect();
    let elems = captured.into_iter().map(|one| one.elem).collect();
    let ty = cx.types.record(&path);
    let val = cx.push_alloc("closure", ty, Init::Record { path: path.to_token_stream(), members, elems });
    if let Val::Memory(memory) = &val {
        cx.function_objects.insert(memory.place.root, StandsFor::Function { inputs: parameters.len() });
    }
    Some(val)
}

/// What a number is where nothing says it.
fn default_float(cx: &Lower<'_>) -> Type {
    let is = |float| cx.var_types.iter().any(|ty| floats(&cx.types.to_ir(ty)).contains(&float));
    if is(Float::F32) && !is(Float::F64) { syn::parse_quote!(f32) } else { syn::parse_quote!(f64) }
}

fn floats(ty: &Ty) -> Vec<Float> {
    match ty {
        Ty::Float(float) | Ty::Lanes(float) => vec![*float],
        Ty::Array(of, _) | Ty::Slice(of) | Ty::Vec(of) | Ty::Tape(of) | Ty::Ref { to: of, .. } => floats(of),
        Ty::Tuple(of) => of.iter().flat_map(floats).collect(),
        Ty::Int | Ty::Bool | Ty::Unit | Ty::Pullback | Ty::Opaque | Ty::Unknown => Vec::new(),
    }
}

fn parameters<'a>(cx: &mut Lower<'_>, closure: &'a ExprClosure, args: &Args) -> Option<Vec<Parameter<'a>>> {
    let float = default_float(cx);
    let mut parameters = Vec::new();
    for pat in &closure.inputs {
        let (pat, ty) = match pat {
            Pat::Type(typed) => (&*typed.pat, (*typed.ty).clone()),
            Pat::Reference(_) => (pat, syn::parse_quote!(&#float)),
            pat => (pat, used_as(pat, &closure.body, &float)),
        };
        let Some(input) = input_of(&ty, args) else {
            cx.reject(
                Kind::FunctionParameter,
                &ty,
                "a closure that is passed to a function cannot take this",
                "let it take floats, arrays, `Vec`s, tuples of them, types of your own, or shared references to these",
            );
            return None;
        };
        parameters.push(Parameter { pat, ty, input: input.tokens, is_constant: input.is_constant });
    }
    if parameters.is_empty() || parameters.len() > crate::function::INPUTS {
        cx.reject(
            Kind::FunctionParameter,
            closure,
            &format!(
                "a closure that is passed to a function has from 1 to {} parameters",
                crate::function::INPUTS
            ),
            "pass several numbers as one array or slice",
        );
        return None;
    }
    Some(parameters)
}

/// The type of a parameter that says none, by what is done with it.
fn used_as(pat: &Pat, body: &Expr, float: &Type) -> Type {
    struct Uses<'n> {
        name: &'n Ident,
        referred_to: bool,
        sequence: bool,
    }
    impl Uses<'_> {
        fn is_it(&self, expr: &Expr) -> bool {
            matches!(expr, Expr::Path(path) if path.path.is_ident(self.name))
        }
    }
    impl<'ast> Visit<'ast> for Uses<'_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => {
                    self.referred_to |= self.is_it(&unary.expr);
                }
                Expr::Index(index) => self.sequence |= self.is_it(&index.expr),
                Expr::ForLoop(stmt) => self.sequence |= self.is_it(&stmt.expr),
                Expr::MethodCall(call) if self.is_it(&call.receiver) => {
                    self.sequence |= super::method::is_sequence_method(&call.method.to_string());
                }
                _ => {}
            }
            visit::visit_expr(self, expr);
        }
    }
    let Pat::Ident(pat) = pat else { return float.clone() };
    let mut uses = Uses { name: &pat.ident, referred_to: false, sequence: false };
    uses.visit_expr(body);
    match uses {
        Uses { sequence: true, .. } => syn::parse_quote!(&[#float]),
        Uses { referred_to: true, .. } => syn::parse_quote!(&#float),
        Uses { .. } => float.clone(),
    }
}

/// What the closure returns: it says so, or its last expression looks like it; a number otherwise.
fn output(closure: &ExprClosure, float: Type) -> Type {
    if let ReturnType::Type(_, ty) = &closure.output {
        return (**ty).clone();
    }
    of_tail(&closure.body, &float).unwrap_or(float)
}

fn of_tail(expr: &Expr, float: &Type) -> Option<Type> {
    match expr {
        Expr::Paren(paren) => of_tail(&paren.expr, float),
        Expr::Group(group) => of_tail(&group.expr, float),
        Expr::Block(block) => match block.block.stmts.last() {
            Some(syn::Stmt::Expr(expr, None)) => of_tail(expr, float),
            Some(syn::Stmt::Macro(call)) if call.semi_token.is_none() && call.mac.path.is_ident("vec") => {
                Some(syn::parse_quote!(Vec<#float>))
            }
            _ => None,
        },
        Expr::Macro(call) if call.mac.path.is_ident("vec") => Some(syn::parse_quote!(Vec<#float>)),
        Expr::Array(array) => {
            let of =
                array.elems.first().and_then(|first| of_tail(first, float)).unwrap_or_else(|| float.clone());
            let len = array.elems.len();
            Some(syn::parse_quote!([#of; #len]))
        }
        Expr::Tuple(tuple) => {
            let of = tuple.elems.iter().map(|elem| of_tail(elem, float).unwrap_or_else(|| float.clone()));
            Some(syn::parse_quote!((#(#of,)*)))
        }
        Expr::Struct(literal) => {
            let path = &literal.path;
            Some(syn::parse_quote!(#path))
        }
        Expr::MethodCall(call) if call.method == "to_vec" => Some(syn::parse_quote!(Vec<#float>)),
        Expr::MethodCall(call) if call.method == "collect" => Some(syn::parse_quote!(Vec<#float>)),
        _ => None,
    }
}

fn one(cx: &mut Lower<'_>, closure: &ExprClosure, name: &Ident, id: LocalId) -> Option<Captured> {
    let val = cx.read(id);
    let declared = cx.declared.get(&id).or(cx.local(id).annotation.as_ref()).cloned();
    // The type of what is captured twice, nobody has written.
    let declared = declared.filter(|ty| !matches!(ty, Type::Path(path) if path.path.is_ident(CAPTURED)));
    // A number behind a reference is read here; the closure sees the reference.
    let is_reference = matches!(val, Val::Ref { .. });
    let val = cx.rvalue(val);
    let inner = val.clone().peeled();
    match &inner {
        Val::Closure(_) | Val::Function(_) | Val::Range(_) => {
            captured::refuse(cx, name);
            return None;
        }
        Val::Memory(memory) if cx.functions.contains_key(&cx.viewed(&memory.place).root) => {
            cx.reject(
                Kind::FunctionParameter,
                name,
                &format!("`{name}`, a parameter that is a function, is used in a closure that is passed on"),
                "pass the parameter itself on, or write a loop in place of one of the two functions",
            );
            return None;
        }
        _ => {}
    }
    if let Some(one) = followed(cx, name, is_reference, &inner) {
        return Some(one);
    }
    constant(cx, closure, name, val, declared)
}

/// How a closure has what it captures: as it is, or behind a reference.
fn behind(ty: &TokenStream, is_reference: bool) -> (TokenStream, Captures) {
    if is_reference { (quote!(&#ty), Captures::Memory) } else { (ty.clone(), Captures::Number) }
}

/// What may carry a derivative.
fn followed(cx: &mut Lower<'_>, name: &Ident, is_reference: bool, inner: &Val) -> Option<Captured> {
    let captured = |field: TokenStream, variable, kind, elem| Captured {
        name: name.clone(),
        field,
        variable,
        kind,
        elem,
    };
    match inner {
        Val::Scalar(operand, ty) if cx.types.is_float(ty) => {
            let ty = spelled(cx, &cx.types.to_ir(ty))?;
            let settled = cx.settle(Val::Scalar(operand.clone(), cx.type_of(inner)));
            let elem = expr::elem(cx, settled);
            let (variable, kind) = behind(&ty, is_reference);
            Some(captured(ty, variable, kind, elem))
        }
        Val::Tuple(of) if !of.is_empty() && of.iter().all(|part| cx.holds_floats(part)) => {
            let ty = spelled(cx, &cx.types.to_ir(&cx.type_of(inner)))?;
            let is_copied = !is_reference && cx.types.is_copy(&cx.type_of(inner));
            let elem = expr::elem(cx, inner.clone());
            let (variable, kind) = behind(&ty, !is_copied);
            Some(captured(ty, variable, kind, elem))
        }
        Val::Memory(memory) if cx.types.is_float(&memory.ty) => {
            let ty = spelled(cx, &cx.types.to_ir(&memory.ty))?;
            let load = cx.push_let("captured", memory.ty.clone(), Op::Load(memory.place.clone()));
            let (variable, kind) = behind(&ty, is_reference);
            Some(captured(ty, variable, kind, Elem::Scalar(load)))
        }
        Val::Memory(memory) => {
            let ir = cx.types.to_ir(&memory.ty);
            let root = cx.viewed(&memory.place).root;
            if !ir.holds_floats() || cx.inactive.contains(&root) {
                return None;
            }
            let whole = spelled(cx, &ir)?;
            let (field, owned, init) = match (&ir, cx.types.element(&memory.ty)) {
                (Ty::Slice(of), Some(element)) => {
                    let of = spelled(cx, of)?;
                    (quote!(Vec<#of>), super::types::Type::vec(element), Init::ToVec(memory.place.clone()))
                }
                _ => (whole.clone(), memory.ty.clone(), Init::Clone(memory.place.clone())),
            };
            let Val::Memory(Memory { place, .. }) = cx.push_alloc("captured", owned, init) else {
                return None;
            };
            // What is copied by being read may be passed on by value.
            let is_copied =
                !is_reference && matches!(ir, Ty::Array(..) | Ty::Tuple(_)) && cx.types.is_copy(&memory.ty);
            let (variable, kind) = behind(&whole, !is_copied);
            Some(captured(field, variable, kind, Elem::Memory(place)))
        }
        _ => None,
    }
}

/// What carries none, or is of a type that the user has written.
fn constant(
    cx: &mut Lower<'_>,
    closure: &ExprClosure,
    name: &Ident,
    val: Val,
    declared: Option<Type>,
) -> Option<Captured> {
    let inner = val.clone().peeled();
    let own = match (&inner, &declared) {
        (Val::Memory(memory), Some(declared)) if !cx.inactive.contains(&cx.viewed(&memory.place).root) => {
            // A type of the user's that is followed.
            let ty = ungrouped(declared);
            let ty = match ty {
                Type::Reference(reference) => (*reference.elem).clone(),
                ty => ty.clone(),
            };
            Some((memory.clone(), ty))
        }
        _ => None,
    };
    if let Some((memory, ty)) = own {
        let (field, owned, init) = match &ty {
            Type::Slice(slice) => {
                let (of, element) = (&slice.elem, cx.types.element(&memory.ty)?);
                let vec = super::types::Type::vec(element);
                (quote!(__grad_runtime::vec::Vec<#of>), vec, Init::ToVec(memory.place))
            }
            _ => (ty.to_token_stream(), memory.ty.clone(), Init::Clone(memory.place)),
        };
        let copy = cx.push_alloc("captured", owned, init);
        let Val::Memory(Memory { place, .. }) = copy else { return None };
        return Some(Captured {
            name: name.clone(),
            field,
            variable: quote!(&#ty),
            kind: Captures::Memory,
            elem: Elem::Memory(place),
        });
    }
    let ty = declared.or_else(|| known(cx, &val)).or_else(|| {
        let is_index = cx.types.is_int(&cx.type_of(&val)) && is_index(closure, name);
        is_index.then(|| syn::parse_quote!(usize))
    });
    let Some(ty) = ty.filter(|ty| !matches!(ty, Type::Infer(_))) else {
        let help = if cx.types.is_int(&cx.type_of(&val)) {
            format!("write it, in front of the closure: `let {name}: usize = {name};`")
        } else {
            format!(
                "write it where it is bound, `let {name}: Vec<f64> = …`, or in front of the closure: `let {name}: f64 = {name};`"
            )
        };
        cx.reject(
            Kind::FunctionParameter,
            name,
            &format!("of which type `{name}` is, which a closure captures that is passed to a function, cannot be seen"),
            &help,
        );
        return None;
    };
    let s = name.span().resolved_at(Span::mixed_site());
    let code = cx.as_code(val);
    let tokens = expr::without_parens(code.tokens);
    let (field, variable, kind, tokens) = match ungrouped(&ty) {
        Type::Reference(reference) => {
            let of = &reference.elem;
            (
                quote_spanned!(s=> <#of as __grad_runtime::borrow::ToOwned>::Owned),
                quote_spanned!(s=> &#of),
                Captures::Behind,
                quote_spanned!(s=> __grad_runtime::borrow::ToOwned::to_owned(#tokens)),
            )
        }
        of if is_copied(of) => (of.to_token_stream(), of.to_token_stream(), Captures::Constant, tokens),
        of => (
            of.to_token_stream(),
            quote_spanned!(s=> &#of),
            Captures::Behind,
            quote_spanned!(s=> ::core::clone::Clone::clone(&#tokens)),
        ),
    };
    let op = Op::Code(Code::new(tokens, false));
    let operand = cx.push_let("captured", super::types::Type::Opaque, op);
    Some(Captured { name: name.clone(), field, variable, kind, elem: Elem::Scalar(operand) })
}

/// Whether a variable is an index in the body of a closure.
fn is_index(closure: &ExprClosure, name: &Ident) -> bool {
    struct Find<'n>(&'n Ident, bool);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
            let mut words = Vec::new();
            free::mentioned(index.index.to_token_stream(), &mut words);
            self.1 |= words.contains(self.0);
            visit::visit_expr_index(self, index);
        }
    }
    let mut find = Find(name, false);
    find.visit_expr(&closure.body);
    find.1
}

fn is_copied(ty: &Type) -> bool {
    match Shape::of(ty) {
        Shape::Int | Shape::Bool | Shape::F32 | Shape::F64 => true,
        _ => matches!(ty, Type::Path(path) if path.path.is_ident("char")),
    }
}

/// The type of a constant that nobody has written.
fn known(cx: &mut Lower<'_>, val: &Val) -> Option<Type> {
    let ty = cx.type_of(val);
    match (val, cx.types.to_ir(&ty)) {
        (_, Ty::Bool) => Some(syn::parse_quote!(bool)),
        (Val::Scalar(operand, _), Ty::Int) if cx.is_usize(operand) => Some(syn::parse_quote!(usize)),
        (Val::Code(code), Ty::Int) if cx.is_usize_code(&Code::new(code.tokens.clone(), true)) => {
            Some(syn::parse_quote!(usize))
        }
        (_, ir) => {
            let ty = spelled(cx, &ir)?;
            syn::parse2(ty).ok()
        }
    }
}

/// A type as it is written, if it is known.
fn spelled(cx: &Lower<'_>, ty: &Ty) -> Option<TokenStream> {
    Some(match ty {
        Ty::Float(Float::F32) => quote!(::core::primitive::f32),
        Ty::Float(Float::F64) => quote!(::core::primitive::f64),
        Ty::Float(Float::Inferred) => default_float(cx).to_token_stream(),
        Ty::Array(of, len) => {
            let (of, len) = (spelled(cx, of)?, len.parse::<TokenStream>().ok()?);
            quote!([#of; #len])
        }
        Ty::Slice(of) => {
            let of = spelled(cx, of)?;
            quote!([#of])
        }
        Ty::Vec(of) => {
            let of = spelled(cx, of)?;
            quote!(Vec<#of>)
        }
        Ty::Tuple(of) => {
            let of = of.iter().map(|ty| spelled(cx, ty)).collect::<Option<Vec<_>>>()?;
            quote!((#(#of,)*))
        }
        Ty::Bool => quote!(bool),
        Ty::Ref { mutable: false, to } => {
            let to = spelled(cx, to)?;
            quote!(&#to)
        }
        Ty::Float(Float::Param(_))
        | Ty::Ref { .. }
        | Ty::Lanes(_)
        | Ty::Int
        | Ty::Unit
        | Ty::Pullback
        | Ty::Tape(_)
        | Ty::Opaque
        | Ty::Unknown => return None,
    })
}
