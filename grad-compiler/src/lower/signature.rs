//! The function as a whole: its kind, its parameters and its result.

use super::outcome::Leaving;
use super::passed::Surroundings;
use super::stmt::{self, Dest};
use super::types::{Type, lower_typed};
use super::value::Val;
use super::{Kind, Lower, option, pattern, size, undecided};
use crate::args::{Args, spoken};
use crate::ir::{Block, Func, Operand, Param, Proj, StandsFor, Value, Var};
use crate::matrix::array;
use crate::object::{UNNAMED, is_decided};
use crate::shape::{Failing, Shape, Typed};
use quote::{ToTokens, quote};
use std::rc::Rc;
use syn::spanned::Spanned;
use syn::{FnArg, ItemFn, Pat};

impl Lower<'_> {
    pub(crate) fn function(&mut self, item: &ItemFn, args: &Args) -> Func {
        self.span = item.sig.ident.span();
        self.surroundings = Some(Rc::new(Surroundings::of(item, args)));
        check_kind(self, item, args);
        size::check_names(self, &item.to_token_stream());
        undecided::check(self, item, args);
        let params = lower_params(self, item, args);
        let result_ty = lower_result(self, item, args, &params);
        self.result_ty = result_ty.clone();
        let node = std::ptr::from_ref(&item.sig).addr();
        let val = self.returning(node, Some(&result_ty), |cx, value| {
            cx.result_ty = result_ty.clone();
            cx.result_local = Some(value);
            if cx.failure.is_some() {
                cx.outcomes.insert(value, Leaving::Whole);
            }
            super::inner_items::refuse(cx, item);
            stmt::lower_block_to(cx, &item.block, Dest::Return(value));
            None
        });
        if let syn::ReturnType::Type(_, ty) = &item.sig.output {
            let ty = failing(ty, args).map_or(&**ty, |failing| failing.of);
            self.follows_results |= followed_beside_floats(self, &val, Typed::of_result(ty, args));
        }
        let result = result_value(self, val, &result_ty);
        let mut stmts = self.item_stmts();
        stmts.extend(self.blocks.pop().expect("the body's block"));
        self.blocks.push(Vec::new());
        let func = Func {
            name: item.sig.ident.to_string(),
            params,
            vars: std::mem::take(&mut self.vars),
            body: Block { stmts },
            result,
            result_ty: self.types.to_ir(&result_ty),
            scalars: args.scalars.clone(),
            items: std::mem::take(&mut self.made_items),
            functions: std::mem::take(&mut self.function_objects),
        };
        self.resolve(func)
    }
}

fn check_kind(cx: &mut Lower<'_>, item: &ItemFn, args: &Args) {
    let sig = &item.sig;
    let help = "move the numerical part into a plain function and put the attribute there";
    if let Some(token) = &sig.asyncness {
        cx.reject(Kind::FunctionKind, token, "an `async` function has no derivative", help);
    }
    match &sig.safety {
        syn::Safety::Default => {}
        safety => {
            cx.reject(Kind::FunctionKind, safety, "an `unsafe` function has no derivative", help);
        }
    }
    if let Some(abi) = &sig.abi {
        cx.reject(Kind::FunctionKind, abi, "an `extern` function has no derivative", help);
    }
    if let Some(variadic) = &sig.variadic {
        cx.reject(Kind::FunctionKind, variadic, "a variadic function has no derivative", help);
    }
    for param in &sig.generics.params {
        if let syn::GenericParam::Type(param) = param
            && !args.scalars.contains(&param.ident)
            && !crate::function::stands_for_function(param)
            && !is_decided(param, sig, args)
        {
            if param.ident.to_string().starts_with(UNNAMED) {
                reject_unnamed(cx, &param.bounds);
                continue;
            }
            cx.reject(
                Kind::GenericParameter,
                param,
                &format!("nothing says that `{}` is a float", param.ident),
                &format!(
                    "bound it by `Float` of num-traits, `RealField` of nalgebra or `grad::Real`; where a trait of your own \
                     says it: `#[grad(scalar({}))]`; if it is no number, name what is differentiated: `#[grad(wrt(…))]`",
                    param.ident
                ),
            );
        }
    }
    for name in &args.scalar {
        if !sig.generics.type_params().any(|param| param.ident == *name) {
            cx.reject(
                Kind::UnknownParameter,
                name,
                &format!("there is no type parameter `{name}`"),
                "name a type parameter of this function",
            );
        }
    }
}

fn reject_unnamed(cx: &mut Lower<'_>, at: &dyn ToTokens) {
    cx.reject(
        Kind::GenericParameter,
        at,
        "an `impl Trait` parameter that is no function",
        "if it is a constant, or a reference to a type with tangents, name what is differentiated: `#[grad(wrt(…))]`; \
         otherwise write the function for `f64`, or for a type parameter that is a float",
    );
}

/// Whether there may be floats in a type that is not looked into.
fn hides(shape: Shape<'_>) -> bool {
    match shape {
        // Followed, or of unknown type.
        Shape::Named(_) | Shape::Wrapped(..) | Shape::Matrix(..) | Shape::Infer | Shape::Other => true,
        Shape::F32 | Shape::F64 | Shape::Scalar(_) | Shape::Int | Shape::Bool | Shape::Unit => false,
        Shape::Array(..) | Shape::Slice(_) | Shape::Vec(_) | Shape::Tuple(_) | Shape::Ref { .. } => false,
        Shape::WithoutFloats => false,
    }
}

fn lower_params(cx: &mut Lower<'_>, item: &ItemFn, args: &Args) -> Vec<Param> {
    let mut params = Vec::new();
    let mut named = Vec::new();
    for (position, input) in item.sig.inputs.iter().enumerate() {
        let typed = match input {
            FnArg::Receiver(receiver) => {
                cx.reject(
                    Kind::Method,
                    receiver,
                    "the attribute is on a method of a block that does not have it",
                    "put `#[grad]` on the `impl` block, too",
                );
                let name = proc_macro2::Ident::new("self", receiver.self_token.span);
                cx.declare(&name, Val::Never, false);
                continue;
            }
            FnArg::Typed(typed) => typed,
        };
        let (name, span, mutable) = match &*typed.pat {
            Pat::Ident(ident) => (ident.ident.to_string(), ident.ident.span(), ident.mutability.is_some()),
            pat => (format!("arg{position}"), pat.span(), false),
        };
        let is_hidden = matches!(*typed.ty, syn::Type::ImplTrait(_));
        if is_hidden {
            reject_unnamed(cx, &typed.ty);
        }
        let is_named = args.follows(&name);
        let ty = lower_typed(&cx.types, Typed::of_param(&typed.ty, is_named, args));
        let ir_ty = cx.types.to_ir(&ty);
        let holds_floats = ir_ty.holds_floats();
        if holds_floats && !is_plain(&ty, true) {
            cx.reject(
                Kind::ParameterType,
                &typed.ty,
                "floats in this form cannot be differentiated",
                "pass the floats as a scalar, an array, a slice, a `Vec`, or a tuple of these",
            );
        }
        let var = cx.new_named_var(&name, ty.clone(), span);
        let is_view = array::is_lent_mut(&typed.ty);
        if is_view {
            cx.lent_views.insert(var);
        }
        let mutable = mutable && !is_view;
        cx.vars[var.index()].mutable = mutable;
        let wrt = match &args.wrt {
            None => holds_floats,
            Some(names) => {
                if is_named && !holds_floats {
                    cx.reject(
                        Kind::WrtConstant,
                        &typed.ty,
                        &format!(
                            "`{}` is to be differentiated with respect to, and its type holds no floats",
                            spoken(&name)
                        ),
                        "name a parameter of floats, or write its type out where it hides behind an alias",
                    );
                }
                named.extend(names.iter().find(|wanted| **wanted == name).cloned());
                // What a function writes for its caller is part of its result.
                is_named || (holds_floats && matches!(ty, Type::Ref { mutable: true, .. }))
            }
        };
        if !wrt {
            cx.inactive.insert(var);
        }
        if let Some(function) = args.functions.iter().find(|function| function.position == position) {
            let output = lower_typed(&cx.types, Typed::of_result(&function.output, args));
            cx.functions.insert(var, output);
            cx.function_objects.insert(var, StandsFor::Function { inputs: function.inputs });
        }
        if matches!(&*typed.ty, syn::Type::Path(path) if path.path.is_ident("usize")) {
            cx.mark_usize(&Operand::Var(var));
        }
        let shared = matches!(&*typed.ty, syn::Type::Reference(reference) if reference.mutability.is_none());
        if shared {
            cx.shared.insert(var);
        }
        if is_exclusive(&typed.ty) && matches!(ty, Type::Opaque) {
            cx.vars[var.index()].exclusive = true;
        }
        let parts = Typed::of_param(&typed.ty, is_named, args).parts();
        let hides = parts.iter().any(|part| hides(part.shape()));
        params.push(Param { var, wrt, shared, hides, position });
        // What was reported gives no further errors.
        let val = if is_hidden { Val::Never } else { param_value(cx, var, &ty) };
        match &*typed.pat {
            Pat::Ident(ident) if ident.subpat.is_none() => {
                let node = std::ptr::from_ref(ident).addr();
                let val = match val {
                    Val::Scalar(_, ty) if cx.hints.cells.contains(&node) => Val::Cell(var, ty),
                    // A constant that may become something else: a variable of its own, which has a derivative then.
                    val @ Val::Memory(_) if mutable && !wrt && holds_floats => {
                        cx.vars[var.index()].mutable = false;
                        super::place::own(cx, val, &name, span, true)
                    }
                    val => super::walk::declared(cx, val, node, None),
                };
                let id = cx.declare(&ident.ident, val, mutable);
                cx.declared.insert(id, (*typed.ty).clone());
                cx.locals[id.0].node = Some(node);
            }
            pat => pattern::bind(cx, pat, val),
        }
    }
    for wanted in args.wrt.iter().flatten() {
        if !named.contains(wanted) && !params.iter().any(|param| *wanted == cx.vars[param.var.index()].name) {
            cx.reject(
                Kind::UnknownParameter,
                wanted,
                &format!("there is no parameter `{}`", spoken(&wanted.to_string())),
                "name a parameter of this function",
            );
        }
    }
    if args.wrt.is_none() && !is_undecided(cx) && !params.iter().any(|param| param.wrt) {
        cx.reject(
            Kind::NothingToDifferentiate,
            &item.sig.ident,
            "no parameter holds floats",
            if args.method.as_ref().is_some_and(|method| method.receiver.is_some()) {
                "pass floats, or arrays, slices, `Vec`s or tuples of them; differentiate with respect to the fields of `self`: `#[grad(wrt(self))]`"
            } else {
                "pass floats, or arrays, slices, `Vec`s or tuples of them; name a type of your own that holds them: `#[grad(wrt(p))]`"
            },
        );
    }
    params
}

/// Whether it has been said that a parameter may hold floats: a type parameter, or the type of a block that was not read.
fn is_undecided(cx: &Lower<'_>) -> bool {
    let errors = cx.errors.messages();
    errors
        .iter()
        .any(|message| matches!(message.code, Kind::GenericParameter | Kind::Undecided | Kind::Method))
}

fn is_exclusive(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Group(group) => is_exclusive(&group.elem),
        syn::Type::Paren(paren) => is_exclusive(&paren.elem),
        syn::Type::Reference(reference) => reference.mutability.is_some(),
        _ => false,
    }
}

/// Whether the floats in a type are where the derivative can put their cotangents.
fn is_plain(ty: &Type, outermost: bool) -> bool {
    match ty {
        Type::Ref { mutable, to } => (outermost || !mutable) && is_plain(to, false),
        Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) | Type::Option(of) => {
            is_plain(of, false)
        }
        Type::Tuple(of) | Type::Fields(of) => of.iter().all(|ty| is_plain(ty, false)),
        Type::Record(_) | Type::Matrix(..) => true,
        Type::Var(_) | Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Opaque => true,
    }
}

/// A parameter as a value.
fn param_value(cx: &Lower<'_>, var: Var, ty: &Type) -> Val {
    match ty {
        Type::Float(_) | Type::Int | Type::Bool | Type::Opaque | Type::Var(_) | Type::Unit => {
            Val::Scalar(Operand::Var(var), ty.clone())
        }
        Type::Array(..)
        | Type::Slice(_)
        | Type::Vec(_)
        | Type::Seq(_)
        | Type::Option(_)
        | Type::Tuple(_)
        | Type::Fields(_)
        | Type::Matrix(..)
        | Type::Record(_) => Val::memory(var, ty.clone()),
        Type::Ref { mutable, to } => {
            let mut mutable = *mutable;
            let mut to = to;
            while let Type::Ref { mutable: inner, to: deeper } = &**to {
                mutable &= inner;
                to = deeper;
            }
            let place = crate::ir::Place::from(var);
            let place = if cx.types.is_scalar(to) { cx.project(&place, Proj::Deref) } else { place };
            if matches!(**to, Type::Opaque) {
                return Val::Scalar(Operand::Var(var), Type::Opaque);
            }
            Val::reference(mutable, Val::memory(place, (**to).clone()))
        }
    }
}

fn lower_result(cx: &mut Lower<'_>, item: &ItemFn, args: &Args, params: &[Param]) -> Type {
    let writes = params.iter().any(|param| {
        let ty = cx.var_types[param.var.index()].clone();
        matches!(ty, Type::Ref { mutable: true, .. }) && cx.types.to_ir(&ty).holds_floats()
    });
    let (ty, at) = match &item.sig.output {
        syn::ReturnType::Default => (Type::Unit, item.sig.ident.to_token_stream()),
        syn::ReturnType::Type(_, ty) => {
            let failing = failing(ty, args);
            cx.failure = failing.map(|failing| failing.kind);
            cx.failing = failing.map(|failing| failing.around(&quote!(_)).to_string());
            if failing.is_some_and(Failing::is_borrowed) {
                cx.reject(
                    Kind::ResultType,
                    ty,
                    "the error borrows from an argument",
                    "return an error that owns what it says, a `String`, or name the lifetime: `Result<f64, &'static str>`",
                );
            }
            let of = failing.map_or(&**ty, |failing| failing.of);
            (lower_typed(&cx.types, Typed::of_result(of, args)), ty.to_token_stream())
        }
    };
    let holds_floats = cx.types.to_ir(&ty).holds_floats();
    let is_reference = matches!(ty, Type::Ref { .. });
    if is_reference || matches!(ty, Type::Opaque) {
        cx.reject(
            Kind::ResultType,
            &at,
            "a result of this type cannot be differentiated",
            "return floats, arrays, `Vec`s and tuples of them, or nothing",
        );
    } else if !holds_floats && !writes && !is_undecided(cx) {
        cx.reject(
            Kind::NoResult,
            &at,
            "the function neither returns floats nor writes them through a `&mut` parameter",
            "return the number that you want the gradient of, or remove the attribute",
        );
    }
    ty
}

/// How the function may fail. A rule of the user's own cannot.
fn failing<'a>(ty: &'a syn::Type, args: &Args) -> Option<Failing<'a>> {
    Failing::of(ty).filter(|_| !args.has_rule())
}

/// Whether something that is followed is returned in a type of the user's, beside floats.
fn followed_beside_floats(cx: &Lower<'_>, val: &Val, ty: Typed<'_>) -> bool {
    match (ty.shape(), val) {
        (Shape::Tuple(tuple), Val::Tuple(of)) => {
            of.iter().zip(&tuple.elems).any(|(val, part)| followed_beside_floats(cx, val, ty.at(part)))
        }
        (Shape::Named(_), val) if !ty.own => match val {
            Val::Memory(_) | Val::Ref { .. } => true,
            Val::Scalar(Operand::Var(var), ty) => {
                cx.call_results.contains(var) || cx.types.is_float(ty) && !cx.is_inactive(*var)
            }
            _ => false,
        },
        _ => false,
    }
}

/// What the function returns.
fn result_value(cx: &mut Lower<'_>, val: Val, ty: &Type) -> Value {
    // A value where nothing is returned is left for rustc to report.
    if matches!(cx.types.resolve(ty), Type::Unit) {
        return Value::Unit;
    }
    match cx.settle(val) {
        Val::Scalar(operand, _) => Value::Scalar(operand),
        Val::Cell(var, _) => Value::Scalar(Operand::Var(var)),
        Val::Memory(memory) => {
            if cx.types.is_scalar(&memory.ty) && memory.place.path.is_empty() {
                return Value::Scalar(Operand::Var(memory.place.root));
            }
            Value::Memory(memory.place)
        }
        Val::Tuple(of) => {
            let types = match cx.types.resolve(ty) {
                Type::Tuple(types) => types,
                _ => of.iter().map(|val| cx.type_of(val)).collect(),
            };
            Value::Tuple(of.into_iter().zip(&types).map(|(val, ty)| result_value(cx, val, ty)).collect())
        }
        Val::Ref { to, .. } => result_value(cx, *to, ty),
        val @ Val::Closure(_) => match option::stored(cx, val) {
            // Of the function's type it has been said already.
            Val::Closure(_) if !cx.errors.is_empty() => nothing(cx, ty),
            Val::Closure(_) => {
                let span = cx.span;
                cx.reject_at(
                    Kind::ResultType,
                    span,
                    "a closure, an iterator, or an `Option` of a reference is returned",
                    "return floats, arrays, `Vec`s and tuples of them, or nothing",
                );
                nothing(cx, ty)
            }
            val => result_value(cx, val, ty),
        },
        // Nothing comes here: a result of no meaning in the form of the type.
        Val::Never
        | Val::Uninit
        | Val::Unit
        | Val::Code(_)
        | Val::Local(_)
        | Val::Range(_)
        | Val::Function(_) => nothing(cx, ty),
    }
}

fn nothing(cx: &Lower<'_>, ty: &Type) -> Value {
    match cx.types.resolve(ty) {
        Type::Tuple(of) => Value::Tuple(of.iter().map(|ty| nothing(cx, ty)).collect()),
        Type::Unit => Value::Unit,
        ty => Value::Scalar(cx.dummy(&ty).unwrap_or_else(|| Operand::float(0.0))),
    }
}
