//! Numbers of a type parameter: the functions by which people make them, and convert them.
//!
//! `T::zero()` and `T::from(2.0).unwrap()` are constants, and known to be numbers of the type `T`. A conversion of a
//! differentiated number is a cast: `T::from(x).unwrap()`, `x.to_f64().unwrap()`, `nalgebra::convert(x)`.

use super::callee::path_names;
use super::types::{Origin, Type};
use super::value::{CodeVal, Val};
use super::{Kind, Lower, expr};
use crate::ir::{Float, Op};
use quote::{ToTokens, quote};
use syn::{Expr, ExprCall, ExprMethodCall, ExprPath};

/// The functions without arguments of num-traits, nalgebra and grad that are numbers.
const CONSTANTS: &[&str] = &[
    "zero",
    "one",
    "epsilon",
    "infinity",
    "neg_infinity",
    "nan",
    "neg_zero",
    "min_value",
    "max_value",
    "min_positive_value",
    "pi",
    "two_pi",
    "frac_pi_2",
    "frac_pi_3",
    "frac_pi_4",
    "frac_pi_6",
    "frac_pi_8",
    "frac_1_pi",
    "frac_2_pi",
    "frac_2_sqrt_pi",
    "e",
    "log2_e",
    "log10_e",
    "ln_2",
    "ln_10",
    "E",
    "PI",
    "TAU",
    "FRAC_1_PI",
    "FRAC_1_SQRT_2",
    "FRAC_2_PI",
    "FRAC_2_SQRT_PI",
    "FRAC_PI_2",
    "FRAC_PI_3",
    "FRAC_PI_4",
    "FRAC_PI_6",
    "FRAC_PI_8",
    "LN_10",
    "LN_2",
    "LOG10_E",
    "LOG10_2",
    "LOG2_10",
    "LOG2_E",
    "SQRT_2",
];

/// To what a function converts.
enum Target {
    /// The type parameter in its path.
    Param(u32),
    /// What the context asks for.
    Inferred,
}

/// How a conversion gives the number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    AsItIs,
    /// In an `Option`.
    Wrapped,
}

/// The type parameter that a path begins with, and the names of what is behind it.
fn split<'n>(cx: &Lower<'_>, names: &[&'n str]) -> Option<(u32, &'n str)> {
    let [of, name] = *names else { return None };
    let at = cx.types.scalars.iter().position(|scalar| scalar == of)?;
    Some((u32::try_from(at).ok()?, name))
}

/// What a path converts to, and how it gives it.
fn conversion(cx: &Lower<'_>, path: &ExprPath) -> Option<(Target, Given)> {
    if !cx.is_generic() {
        return None;
    }
    let names = path_names(path);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // `<T as From<f64>>::from` has the trait between.
    let is_from = path.qself.is_some() && names.contains(&"From");
    let outer: Vec<&str> = match &names[..] {
        [of, .., name] if path.qself.is_some() => vec![of, name],
        all => all.to_vec(),
    };
    if let Some((at, name)) = split(cx, &outer) {
        let is_number = name
            .strip_prefix("from_")
            .is_some_and(|of| matches!(of, "f32" | "f64") || super::types::is_int_name(of));
        return match name {
            "from" if is_from => Some((Target::Param(at), Given::AsItIs)),
            "from" => Some((Target::Param(at), Given::Wrapped)),
            _ if is_number && cx.types.scalars_of_grad.contains(&at) => {
                Some((Target::Param(at), Given::AsItIs))
            }
            _ if is_number => Some((Target::Param(at), Given::Wrapped)),
            _ => None,
        };
    }
    match &names[..] {
        [.., "NumCast", "from"] | [.., "num_traits", "cast"] => Some((Target::Inferred, Given::Wrapped)),
        [.., "nalgebra" | "na" | "simba", "convert"] => Some((Target::Inferred, Given::AsItIs)),
        _ => None,
    }
}

/// A call that makes a number of a type parameter; `None` of others.
pub(super) fn lower_call(cx: &mut Lower<'_>, path: &ExprPath, call: &ExprCall) -> Option<Val> {
    if !cx.is_generic() {
        return None;
    }
    if call.args.is_empty() {
        let names = path_names(path);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (at, name) = split(cx, &names)?;
        let ty = Type::Float(Float::Param(at));
        let tokens = quote!(#call);
        let constant = CodeVal { tokens, ty, cheap: true, typed: true };
        return CONSTANTS.contains(&name).then_some(Val::Code(constant));
    }
    let (target, given) = conversion(cx, path)?;
    let [arg] = call.args.iter().collect::<Vec<_>>()[..] else { return None };
    if given == Given::Wrapped {
        // What is in an option is followed where it is taken out at once; a constant may stay there.
        let val = expr::lower(cx, arg);
        if cx.is_constant(&val) {
            let arg = expr::without_parens(cx.as_code(val).tokens);
            let ty = cx.type_at(call, Origin::Constant);
            return Some(Val::Code(CodeVal { tokens: quote!(#path(#arg)), ty, cheap: true, typed: false }));
        }
        return Some(cx.reject(
            Kind::UnknownMethod,
            call,
            "a differentiated number is converted, and not taken out of the `Option` at once",
            "write `.unwrap()` behind it: `T::from(x).unwrap()`; a float can always be converted",
        ));
    }
    Some(convert(cx, arg, &target, call, &|arg| quote!(#path(#arg))))
}

/// `T::from(x).unwrap()`, in front of what else is called.
pub(super) fn lower_unwrapped(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Option<Val> {
    let Expr::Call(inner) = super::flow::bare(&call.receiver) else { return None };
    let Expr::Path(path) = super::flow::bare(&inner.func) else { return None };
    let (target, Given::Wrapped) = conversion(cx, path)? else { return None };
    let [arg] = inner.args.iter().collect::<Vec<_>>()[..] else { return None };
    if !is_unwrap(call) {
        return None;
    }
    let (method, rest) = (&call.method, &call.args);
    Some(convert(cx, arg, &target, call, &|arg| quote!(#path(#arg).#method(#rest))))
}

/// `x.to_f64().unwrap()` of a number of a type parameter: the number, and what was taken of the calls behind it.
pub(super) fn lower_method(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    receiver: &Val,
    behind: Option<&&ExprMethodCall>,
) -> Option<(Val, usize)> {
    if !cx.is_generic() || !call.args.is_empty() {
        return None;
    }
    let to = match call.method.to_string().as_str() {
        "to_f64" => Type::F64,
        "to_f32" => Type::Float(Float::F32),
        _ => return None,
    };
    let from = cx.type_of(receiver);
    let from = cx.types.peel(&from);
    if !cx.types.is_float(&from) || cx.is_constant(receiver) {
        return None;
    }
    let is_given = matches!(cx.types.resolve(&from), Type::Float(Float::Param(at)) if cx.types.scalars_of_grad.contains(&at));
    let taken = usize::from(behind.is_some_and(|behind| is_unwrap(behind)));
    if !is_given && taken == 0 {
        return None;
    }
    Some((cast(cx, receiver.clone(), to), taken))
}

fn is_unwrap(call: &ExprMethodCall) -> bool {
    matches!(
        (call.method.to_string().as_str(), call.args.len()),
        ("unwrap" | "unwrap_unchecked", 0) | ("expect", 1)
    )
}

/// A constant as the user writes it, anything else cast.
fn convert<T: ToTokens>(
    cx: &mut Lower<'_>,
    arg: &Expr,
    target: &Target,
    node: &T,
    written: &dyn Fn(&proc_macro2::TokenStream) -> proc_macro2::TokenStream,
) -> Val {
    let val = expr::lower(cx, arg);
    let ty = match target {
        Target::Param(at) => Type::Float(Float::Param(*at)),
        Target::Inferred => cx.type_at(node, Origin::Float),
    };
    if matches!(val, Val::Never) {
        return val;
    }
    if cx.is_constant(&val) {
        let code = cx.as_code(val);
        let arg = expr::without_parens(code.tokens);
        return Val::Code(CodeVal { tokens: written(&arg), ty, cheap: code.cheap, typed: true });
    }
    cast(cx, val, ty)
}

fn cast(cx: &mut Lower<'_>, val: Val, ty: Type) -> Val {
    let (operand, from) = cx.as_float(val);
    match cx.types.resolve(&ty) {
        to if to == cx.types.resolve(&from) => Val::Scalar(operand, ty),
        Type::Float(float) => {
            let operand = cx.push_let("cast", ty.clone(), Op::Cast(operand, float));
            Val::Scalar(operand, ty)
        }
        // Nothing says yet to what.
        _ => {
            let operand = cx.push_let("cast", ty.clone(), Op::Cast(operand, Float::Inferred));
            Val::Scalar(operand, ty)
        }
    }
}

impl Lower<'_> {
    /// There are type parameters that stand for floats.
    pub(super) fn is_generic(&self) -> bool {
        !self.types.scalars.is_empty()
    }

    /// Whether a name in a path is that of a float, or of a trait that has the methods of floats: `T::sin`, `Float::sin`.
    pub(super) fn has_float_methods(&self, name: &str) -> bool {
        self.types.scalars.iter().any(|scalar| scalar == name)
            || self.is_generic() && self.types.bounds.iter().any(|bound| bound == name)
    }

    /// The type by which a path names a float: `f64::sin`, `T::sin`; a trait leaves it to the argument.
    pub(super) fn float_of_path(&self, name: &str) -> Type {
        match name {
            "f64" => Type::F64,
            "f32" => Type::Float(Float::F32),
            name => match self.types.scalars.iter().position(|scalar| scalar == name) {
                Some(at) => Type::Float(Float::Param(u32::try_from(at).unwrap_or_default())),
                None => self.types.fresh(Origin::Float),
            },
        }
    }
}
