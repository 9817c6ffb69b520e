//! Calls of functions: primitives by path, closures, annotated functions, and functions of constants, which are
//! left alone.

use super::called::Called;
use super::callee::{is_associated, is_constructor, is_known_function, path_names};
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{
    Kind, Lower, argument, array_joined, array_made, boxed, closure, code, constant, ended, exchange, expr,
    generic, glam, hook, imports, iter, matrix, matrix_made, method, of_integers, option, own_method,
    own_operator, own_type, passed, place, ring, whole, window,
};
use crate::function::VALUE;
use crate::ir::{Arg, ArgKind, Call, Callee, ELEMENTS, Init, Op, Operand, Passed, Place, Proj, Stmt};
use crate::operator::Operator;
use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::Expr;
use syn::spanned::Spanned;

/// An argument of a call.
pub(super) struct Argument {
    pub(super) val: Val,
    pub(super) span: Span,
    /// Not spelt `&mut …`: if it is a `&mut` reference nevertheless, the parameter may be `&`.
    pub(super) by_name: bool,
}

/// `function(arguments)`. `used`: the result is wanted.
pub(crate) fn lower(cx: &mut Lower<'_>, call: &syn::ExprCall, used: bool) -> Val {
    if let Some(val) = iter::lower_call(cx, call) {
        return val;
    }
    if let Expr::Path(path) = super::flow::bare(&call.func) {
        if let Some(factored) = matrix::factored(cx, call) {
            return expr::lower(cx, &factored[0]);
        }
        if hook::is_hook(path, call.args.len()) {
            return hook::lower(cx, path, call);
        }
        if let Some(val) = generic::lower_call(cx, path, call) {
            return val;
        }
        if let Some(val) = lower_known(cx, path, call)
            .or_else(|| array_made::construct(cx, path, call))
            .or_else(|| array_made::of_function(cx, path, call))
            .or_else(|| array_joined::lower(cx, path, call))
            .or_else(|| glam::construct(cx, path, call))
            .or_else(|| matrix_made::construct(cx, path, call))
            .or_else(|| boxed::lower_new(cx, path, call))
        {
            return val;
        }
    }
    let function = function_value(cx, &call.func);
    if let Val::Function(path) = &function
        && is_constructor(path)
    {
        let is_some = option::is_some(path) && call.args.len() == 1;
        let is_followed = (is_some || own_type::is_constructor(path))
            && call.args.iter().any(|arg| own_type::is_followed(cx, arg));
        if !is_followed {
            return code::opaque_function(cx, call);
        }
        let args: Vec<&Expr> = call.args.iter().collect();
        if is_some {
            return cx.operands(&args, &own_type::settled, |cx, mut vals| {
                vals.pop().map_or(Val::Never, |val| option::some(cx, val))
            });
        }
        return cx.operands(&args, &own_type::settled, |cx, vals| own_type::construct(cx, &path.path, vals));
    }
    let args: Vec<&Expr> = call.args.iter().collect();
    cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
        let args = args.iter().zip(vals).map(|(arg, val)| {
            let by_name = !matches!(super::flow::bare(arg), Expr::Reference(_));
            Argument { val: whole::settled(cx, val), span: arg.location(), by_name }
        });
        let args = args.collect();
        apply_value(cx, function, args, call, used)
    })
}

/// Calls what an expression denotes with values.
pub(crate) fn apply(cx: &mut Lower<'_>, function: &Expr, args: Vec<(Val, Span)>) -> Val {
    let val = function_value(cx, function);
    if let Val::Function(path) = &val {
        let vals: Vec<Val> = args.iter().map(|(val, _)| val.clone()).collect();
        if let Some(val) = known_function(cx, path, vals) {
            return val;
        }
    }
    let args = args.into_iter().map(|(val, span)| Argument { val, span, by_name: true }).collect();
    let val = apply_value(cx, val, args, function, true);
    match cx.rvalue(val) {
        val @ Val::Code(CodeVal { cheap: false, .. }) => cx.settle(val),
        val => val,
    }
}

fn function_value(cx: &mut Lower<'_>, function: &Expr) -> Val {
    let function = super::flow::bare(function);
    if let Expr::Path(path) = function
        && path.path.get_ident().is_none_or(|ident| cx.lookup(ident).is_none())
    {
        return Val::Function(path.clone());
    }
    let val = expr::lower_place(cx, function);
    place::peel_place(cx, val)
}

/// Calls a value. `node` is where the call stands: what it returns may be learnt later.
fn apply_value<T: ToTokens>(
    cx: &mut Lower<'_>,
    function: Val,
    args: Vec<Argument>,
    node: &T,
    used: bool,
) -> Val {
    match function {
        Val::Closure(closure) => {
            let args = args.into_iter().map(|arg| arg.val).collect();
            let val = closure::call(cx, &closure, args, node);
            expr::in_parens(val)
        }
        Val::Function(path) => {
            let vals: Vec<Val> = args.iter().map(|arg| arg.val.clone()).collect();
            match known_function(cx, &path, vals) {
                Some(val) => val,
                None => apply_path(cx, &path, args, node, used),
            }
        }
        Val::Memory(memory) if function_param(cx, &memory).is_some() => {
            call_parameter(cx, memory, args, node, used)
        }
        Val::Never => Val::Never,
        // What was stored in a way that is not followed has been reported.
        Val::Memory(_) if !cx.errors.is_empty() => Val::Never,
        function if cx.is_constant(&function) || matches!(function, Val::Scalar(..) | Val::Cell(..)) => {
            let is_constant = |arg: &Argument| match &arg.val {
                Val::Scalar(Operand::Var(var), _) => cx.is_inactive(*var),
                val => cx.is_constant(val),
            };
            if !args.iter().all(is_constant) {
                return cx.reject(
                    Kind::Callee,
                    node,
                    "a function that is not named is called with differentiated values",
                    "call a function with `#[grad]` by its path, or a closure bound with `let`; a parameter may be `impl Fn(…) -> …`",
                );
            }
            // `(config.rate)(x)`: without the brackets, another call.
            let function = Val::Code(cx.as_code(function));
            let function = expr::in_parens(function);
            let function = cx.as_code(function).tokens;
            constant_call(cx, &function, args, node)
        }
        // What was stored in a way that is not followed has been reported.
        _ if !cx.errors.is_empty() => Val::Never,
        _ => cx.reject(
            Kind::Callee,
            node,
            "this cannot be called",
            "call a function by its path, or a closure",
        ),
    }
}

/// A call of constants only: left alone.
fn constant_call<T>(cx: &mut Lower<'_>, function: &dyn ToTokens, args: Vec<Argument>, node: &T) -> Val {
    let args: Vec<_> = args.into_iter().map(|arg| expr::without_parens(cx.as_code(arg.val).tokens)).collect();
    let ty = cx.type_at(node, Origin::Constant);
    let suffix = cx.suffix_of(node);
    Val::Code(CodeVal { tokens: quote!(#function(#(#args),*)#suffix), ty, cheap: false, typed: false })
}

/// `grad::constant(1.1)` is of the type of its argument, which the variable that it was bound to may have told.
fn typed_constant<T>(
    cx: &mut Lower<'_>,
    path: &syn::ExprPath,
    mut args: Vec<Argument>,
    node: &T,
) -> Vec<Argument> {
    let is_constant = path.path.segments.last().is_some_and(|last| last.ident == "constant");
    if let (true, [Argument { val: Val::Scalar(Operand::Lit(lit), ty), .. }]) = (is_constant, &mut args[..])
        && cx.types.is_float(ty)
        && let result = cx.type_at(node, Origin::Constant)
        && let Type::Float(float) = cx.types.resolve(&result)
    {
        *lit = lit.clone().typed(float);
    }
    args
}

fn apply_path<T: ToTokens>(
    cx: &mut Lower<'_>,
    path: &syn::ExprPath,
    args: Vec<Argument>,
    node: &T,
    used: bool,
) -> Val {
    let args = of_integers::arguments(cx, path, args);
    if args.iter().all(|arg| cx.is_constant(&arg.val)) {
        let args = typed_constant(cx, path, args, node);
        return constant_call(cx, path, args, node);
    }
    let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    if let [.., _, last] = names.as_slice()
        && matches!(
            last.as_str(),
            "grad_into" | "vjp" | "vjp_add" | "jacobian" | "value_and_jacobian" | "hessian"
        )
    {
        return cx.reject(
            Kind::Nested,
            node,
            &format!("the derivative of `{last}` is not supported"),
            "call `grad`, `value_and_grad` or `jvp` of a function with `#[grad(second)]`, or `hvp` of one with `#[grad(order = 3)]`",
        );
    }
    if let ([.., "constant"], [Argument { val, .. }]) =
        (names.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), args.as_slice())
    {
        let mut path = path.clone();
        if let Some(last) = path.path.segments.last_mut() {
            last.arguments = syn::PathArguments::None;
        }
        return stop(cx, &path, val.clone());
    }
    if let [.., of, method] = names.as_slice()
        && let Some(of) =
            Operator::of_trait(of).filter(|of| of.method == method && !of.assigns && !of.is_of_place())
        && of.operands == args.len()
        && path.qself.is_none()
    {
        return own_operator::by_path(cx, of, path, args, node);
    }
    // Of functions elsewhere rustc says whether they have derivatives.
    if let [name] = names.as_slice()
        && cx.plain_functions.contains(name)
    {
        return cx.reject(
            Kind::OpaqueActive,
            path,
            &format!("`{name}` is called with a differentiated value, and has no derivative"),
            &format!("put `#[grad]` on `fn {name}`, too; inside of a function it works as outside"),
        );
    }
    let callee = match is_associated(path) {
        true if own_method::is_known(path) => {
            let name = path_names(path).join("::");
            return cx.reject(
                Kind::OpaqueActive,
                node,
                &format!("`{name}` belongs to a type that is not yours, so it has no derivative, and is called with differentiated values"),
                "compute with scalars, arrays, slices, `Vec`s and tuples, or with types of your own",
            );
        }
        true => {
            if let [.., of, function] = path.path.segments.iter().collect::<Vec<_>>()[..]
                && path.qself.is_none()
                && cx.types.neighbours.is_of(&of.ident)
            {
                let ty = cx.type_at(node, Origin::Call);
                if !own_method::asks_of_block(cx, &function.ident, &ty) {
                    return Val::Never;
                }
            }
            Callee::Associated(path.to_token_stream())
        }
        false => Callee::Function(imports::in_full(cx, path).to_token_stream()),
    };
    apply_callee(cx, callee, path.span(), args, node, used)
}

/// What a parameter that is a function returns.
fn function_param(cx: &Lower<'_>, memory: &Memory) -> Option<Type> {
    let place = cx.viewed(&memory.place);
    let output = cx.functions.get(&place.root)?;
    place.path.is_empty().then(|| output.clone())
}

/// Calls a parameter that is a function: what stands for it is an argument, with a cotangent of its own.
fn call_parameter<T>(cx: &mut Lower<'_>, function: Memory, args: Vec<Argument>, node: &T, used: bool) -> Val {
    let span = cx.span;
    if let Some(output) = function_param(cx, &function) {
        let ty = cx.type_at(node, Origin::Call);
        cx.types.unify(&ty, &output);
    }
    let of = Argument { val: Val::reference(false, Val::Memory(function)), span, by_name: false };
    let args = std::iter::once(of).chain(args).collect();
    let callee = Callee::Parameter(proc_macro2::Ident::new(VALUE, span).to_token_stream());
    apply_callee(cx, callee, span, args, node, used)
}

/// Calls what has derivatives.
pub(super) fn apply_callee<T>(
    cx: &mut Lower<'_>,
    callee: Callee,
    span: Span,
    mut args: Vec<Argument>,
    node: &T,
    used: bool,
) -> Val {
    let parts = window::passed(cx, node, &mut args);
    for (at, arg) in args.iter().enumerate() {
        if let Val::Ref { to, mutable: true } = &arg.val {
            let to = place::peel_place(cx, (**to).clone());
            let others = args.iter().enumerate().filter(|(other, _)| *other != at);
            constant::changed(cx, &to, others.map(|(_, arg)| &arg.val));
        }
    }
    let errors = cx.errors.messages().len();
    let mut after = Vec::new();
    let mut lowered = Vec::new();
    let mut finish = Vec::new();
    for Argument { val, span, by_name } in args {
        let ty = argument::memory_type(&val);
        if let Val::Ref { mutable: true, to } = &val {
            cx.lend(to);
        }
        // What is wrong with an argument is reported where it is written.
        let outer = std::mem::replace(&mut cx.span, span);
        let val = match passed::lower(cx, &val) {
            Some(object) => Val::reference(false, object),
            None => val,
        };
        let kind = cx.argument(val, &mut after);
        ring::check_argument(cx, &kind);
        cx.span = outer;
        let kind = match kind {
            ArgKind::Memory { place, passed: Passed::Exclusive } if by_name => {
                ArgKind::Memory { place, passed: Passed::Lent }
            }
            kind => kind,
        };
        let kind = argument::apart(cx, kind, ty, &lowered, &mut finish);
        lowered.push(Arg { kind, span });
    }
    if cx.errors.messages().len() != errors {
        return Val::Never;
    }
    let ty = cx.type_at(node, Origin::Call);
    let unit = matches!(cx.types.resolve(&ty), Type::Unit);
    let result = (used && !unit).then(|| cx.new_var(&callee.name(), ty.clone()));
    let suffix = cx.suffix_of(node).map(|tokens| crate::ir::Code::new(tokens, false));
    let is_whole = result.is_some() && suffix.is_none() && !matches!(callee, Callee::Parameter(_));
    let call = Call { callee, args: lowered, suffix, selects: false, result, span };
    if is_whole && cx.gives_option(node) {
        return match Called::unchanging(cx, call, ty) {
            Some(called) => ended::as_option(cx, called),
            None => Val::Never,
        };
    }
    cx.push(Stmt::Call(call));
    finish.into_iter().for_each(|stmt| cx.push(stmt));
    for (path, val) in after {
        cx.write_component(&path, val);
    }
    for (window, copy) in parts {
        window::write(cx, &window, &copy);
    }
    match result {
        None => Val::Unit,
        Some(var) => cx.call_result(var, ty),
    }
}

/// `grad::constant(val)`: the value, from which no derivative goes back.
fn stop(cx: &mut Lower<'_>, path: &syn::ExprPath, val: Val) -> Val {
    let stopped = |cx: &mut Lower<'_>, val: Val| {
        let tokens = expr::without_parens(cx.as_code(val).tokens);
        // Beside the function of the runtime, and beside no other of this name.
        crate::ir::Code::new(quote!(#path::__grad_value(#tokens)), true).stopping()
    };
    match cx.settle(val) {
        Val::Tuple(of) => Val::Tuple(of.into_iter().map(|val| stop(cx, path, val)).collect()),
        Val::Scalar(operand, ty) => {
            let code = stopped(cx, Val::Scalar(operand, ty.clone()));
            Val::Scalar(cx.push_let("constant", ty.clone(), Op::Code(code)), ty)
        }
        Val::Ref { to, mutable: false } => match *to {
            // A field of what a shared reference leads to is found again from the arguments.
            Val::Memory(memory) if is_found_again(cx, &memory) => {
                let code = stopped(cx, Val::reference(false, Val::Memory(memory)));
                let var = cx.push_let("constant", Type::Opaque, Op::Code(code));
                Val::Scalar(var, Type::Opaque)
            }
            // A field: a pullback keeps no borrow of the arguments, so that it is copied.
            Val::Memory(memory) if is_field(&cx.viewed(&memory.place)) => {
                let copy = stop(cx, path, Val::Memory(memory));
                Val::reference(false, copy)
            }
            Val::Memory(memory) if !cx.types.is_scalar(&memory.ty) => {
                let code = stopped(cx, Val::reference(false, Val::Memory(memory.clone())));
                let ty = Type::reference(false, memory.ty.clone());
                match cx.push_alloc("constant", ty, Init::Code(code)) {
                    Val::Memory(copy) => Val::reference(false, Val::Memory(Memory { ty: memory.ty, ..copy })),
                    val => val,
                }
            }
            to => {
                let to = cx.rvalue(to);
                let to = stop(cx, path, to);
                Val::reference(false, to)
            }
        },
        Val::Memory(memory) => {
            let ty = memory.ty.clone();
            // What is moved into the constant may be read again by the reverse sweep.
            let copy = cx.push_alloc("copy", ty.clone(), Init::Clone(memory.place));
            let code = stopped(cx, copy);
            cx.push_alloc("constant", ty, Init::Code(code))
        }
        val => val,
    }
}

fn is_found_again(cx: &Lower<'_>, memory: &Memory) -> bool {
    let place = cx.viewed(&memory.place);
    let is_name = |proj: &Proj| matches!(proj, Proj::Named(name) if name != ELEMENTS);
    cx.shared.contains(&place.root)
        && !place.path.is_empty()
        && place.path.iter().all(is_name)
        && !cx.types.is_scalar(&memory.ty)
        && !matches!(cx.types.peel(&memory.ty), Type::Matrix(..))
}

fn is_field(place: &Place) -> bool {
    place.path.iter().any(|proj| matches!(proj, Proj::Named(_) | Proj::Some | Proj::Variant(_) | Proj::Boxed))
}

impl Lower<'_> {
    /// The place seen through the names of its parts.
    pub(crate) fn viewed(&self, place: &Place) -> Place {
        match self.views.get(&place.root) {
            Some(of) => Place { root: of.root, path: [&of.path[..], &place.path].concat() },
            None => place.clone(),
        }
    }

    /// The result of a call as a value.
    pub(crate) fn call_result(&mut self, var: crate::ir::Var, ty: Type) -> Val {
        self.call_results.insert(var);
        match self.types.resolve(&ty) {
            Type::Float(_) | Type::Int | Type::Bool | Type::Opaque => Val::Scalar(Operand::Var(var), ty),
            Type::Var(_) if self.types.is_float(&ty) => Val::Scalar(Operand::Var(var), ty),
            _ => Val::fresh(var, ty),
        }
    }
}

/// Functions that are known by their path.
fn lower_known(cx: &mut Lower<'_>, path: &syn::ExprPath, call: &syn::ExprCall) -> Option<Val> {
    let names = path_names(path);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if let [only] = names.as_slice()
        && (cx.lookup(&path.path.segments[0].ident).is_some() || !matches!(*only, "drop" | "Some"))
    {
        return None;
    }
    let args: Vec<&Expr> = call.args.iter().collect();
    if matches!(names.as_slice(), [.., "mem" | "Vec", _] | ["drop"]) && cx.refuse_exits(call.args.iter()) {
        return Some(Val::Never);
    }
    match (names.as_slice(), args.as_slice()) {
        ([.., "mem", "swap"], [a, b])
            if reference_variable(cx, a).is_some() || reference_variable(cx, b).is_some() =>
        {
            match (reference_variable(cx, a), reference_variable(cx, b)) {
                // The names are swapped, not what they refer to.
                (Some(a), Some(b)) => {
                    let (old_a, old_b) = (cx.read(a), cx.read(b));
                    cx.write(a, old_b);
                    cx.write(b, old_a);
                }
                _ => {
                    cx.reject(
                        Kind::Reference,
                        call,
                        "a reference is swapped with something whose target is not known",
                        "swap the values, or name the references with `let`",
                    );
                }
            }
            Some(Val::Unit)
        }
        ([.., "mem", "replace" | "take"], [to, ..]) if reference_variable(cx, to).is_some() => {
            Some(cx.reject(
                Kind::Reference,
                call,
                "a reference is replaced by another",
                "give each reference a name of its own",
            ))
        }
        ([.., "mem", "take"], [to]) => {
            let to = expr::lower_place(cx, to);
            Some(exchange::take(cx, to, call))
        }
        ([.., "mem", "swap"], [a, b]) => {
            let a = expr::lower_place(cx, a);
            let b = expr::lower_place(cx, b);
            exchange::swap(cx, a, b, call);
            Some(Val::Unit)
        }
        ([.., "mem", "replace"], [to, val]) => {
            let to = expr::lower_place(cx, to);
            if exchange::is_replaced_constant(cx, &to, val) {
                return Some(code::left(cx, &Expr::Call(call.clone())));
            }
            let val = expr::lower(cx, val);
            Some(exchange::replace(cx, to, val, &call.args[0]))
        }
        (["drop"], [arg]) => {
            expr::lower_place(cx, arg);
            Some(Val::Unit)
        }
        (["Vec", "new"] | [.., "vec", "Vec", "new"], []) => Some(empty_vec(cx, call, path, None)),
        (["Vec", "with_capacity"] | [.., "vec", "Vec", "with_capacity"], [capacity]) => {
            let capacity = expr::lower(cx, capacity);
            let capacity = cx.as_int(capacity);
            Some(empty_vec(cx, call, path, Some(capacity)))
        }
        (["Vec", "from"], [arg]) => {
            let val = expr::lower_place(cx, arg);
            Some(method::to_vec(cx, val, call))
        }
        _ => {
            if !is_known_function(cx, &names, args.len()) {
                return None;
            }
            Some(cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
                known_function(cx, path, vals).unwrap_or(Val::Never)
            }))
        }
    }
}

/// A function that is known by its path, applied to values.
fn known_function(cx: &mut Lower<'_>, path: &syn::ExprPath, args: Vec<Val>) -> Option<Val> {
    let names = path_names(path);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if !is_known_function(cx, &names, args.len()) {
        return None;
    }
    let float = names.len().checked_sub(2).and_then(|at| names.get(at)).copied().unwrap_or("");
    if !matches!(float, "f64" | "f32") && !cx.has_float_methods(float) {
        return args.into_iter().next();
    }
    let ty = cx.float_of_path(float);
    let name = *names.last()?;
    if name == "from" {
        return Some(float_from(cx, args.into_iter().next()?, ty, path));
    }
    for arg in args.iter().take(1) {
        let arg_ty = cx.type_of(arg);
        cx.types.unify(&ty, &cx.types.peel(&arg_ty));
    }
    method::float_method(cx, name, args, path)
}

/// `f64::from(val)`: of an integer, a boolean, or the other float type.
fn float_from(cx: &mut Lower<'_>, val: Val, to: Type, path: &syn::ExprPath) -> Val {
    let from = cx.type_of(&val);
    let from = cx.types.peel(&from);
    if let (true, Type::Float(float)) = (cx.types.is_float(&from), &to) {
        let float = *float;
        if cx.types.resolve(&from) == to {
            return val.peeled();
        }
        let (operand, _) = cx.as_float(val);
        let operand = cx.push_let("cast", to.clone(), Op::Cast(operand, float));
        return Val::Scalar(operand, to);
    }
    if cx.types.is_unresolved(&from) && !cx.is_constant(&val) && !cx.types.is_field(&from) {
        // Of the narrower float type, most likely: integers are converted with `as`.
        if let Type::Float(float) = &to {
            let float = *float;
            let (operand, _) = cx.as_float(val);
            let operand = cx.push_let("cast", to.clone(), Op::Cast(operand, float));
            return Val::Scalar(operand, to);
        }
    }
    let val = super::ops::number_to_cast(cx, val, path);
    let code = cx.as_code(val);
    let tokens = expr::without_parens(code.tokens);
    Val::Code(CodeVal { tokens: quote!(#path(#tokens)), ty: to, cheap: code.cheap, typed: true })
}

fn empty_vec(
    cx: &mut Lower<'_>,
    call: &syn::ExprCall,
    path: &syn::ExprPath,
    capacity: Option<Operand>,
) -> Val {
    let of = cx.type_at(call, Origin::Constant);
    // `Vec::<f64>::new()`
    for segment in &path.path.segments {
        if let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
            && let Some(syn::GenericArgument::Type(ty)) = arguments.args.first()
        {
            let ty = super::types::lower_type(&cx.types, ty);
            cx.types.unify(&of, &ty);
        }
    }
    if constant::is_left_as_it_is(cx, call) {
        return code::left(cx, &Expr::Call(call.clone()));
    }
    let made = cx.push_alloc("values", Type::vec(of.clone()), Init::Empty { capacity });
    constant::makes_sequence(cx, call, &of, made)
}

/// The local that `&mut name` names, if it holds a reference itself.
fn reference_variable(cx: &Lower<'_>, arg: &Expr) -> Option<super::env::LocalId> {
    let Expr::Reference(reference) = super::flow::bare(arg) else { return None };
    let Expr::Path(path) = super::flow::bare(&reference.expr) else { return None };
    let id = cx.lookup(path.path.get_ident()?)?;
    matches!(cx.local(id).val, Val::Ref { .. } | Val::Closure(_)).then_some(id)
}
