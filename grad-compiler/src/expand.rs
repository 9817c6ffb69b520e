//! The pass list: from the tokens of an item to those of the item and its derivatives.

pub(crate) mod border;
mod custom;
mod variants;

use crate::analysis::{Obstacle, Rewrites};
use crate::args::{Args, JacobianMode};
use crate::diag::{Code, Errors};
use crate::emit::Derivatives;
use crate::ir::{Func, Operand, Ty, Value};
use crate::transform::{self, Mode, Reversed, Second, Seeded, Tangents, Third, Width};
use crate::{analysis, emit, lower, simplify};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{ItemFn, Type};

/// What `#[grad(args)]` on an item expands to. The item itself comes first, token for token. Never panics.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    border::guarded(&args, &item, || expansion(args.clone(), item.clone()))
}

/// The same, for tests that look for panics.
#[allow(clippy::needless_pass_by_value, reason = "the form of a macro")]
pub fn expansion(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, args);
    let is_readable = lower::size::prescan(&mut errors, &item);
    if !is_readable {
        return with_errors(&item, errors, None);
    }
    let function = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            not_a_function(&mut errors, &item, &error);
            return with_errors(&item, errors, None);
        }
    };
    let function = if args.has_rule() { custom::without_body(function) } else { function };
    jacobian_mode(&mut errors, &function, &args);
    let stubs = stubs(&function, &args);
    let variants = variants::of(&mut errors, &function);
    let derivatives: TokenStream =
        variants.iter().filter_map(|variant| derive(&mut errors, variant, &args)).collect();
    if errors.is_empty() { quote!(#item #derivatives) } else { with_errors(&item, errors, stubs.as_ref()) }
}

/// A mode is chosen for a Jacobian that can be computed in it.
fn jacobian_mode(errors: &mut Errors, function: &ItemFn, args: &Args) {
    let Some(mode) = args.jacobian else { return };
    match (mode, emit::has_jacobian(function, args)) {
        (_, [false, _]) => errors.push_at(
            Code::JacobianMode,
            &function.sig.ident,
            "`jacobian = …` on a function without a Jacobian",
            "remove it: the derivatives of one float are `grad`; a Jacobian is of an array, a tuple or a `Vec` that is \
             returned, or of the one `&mut` parameter of a function that returns nothing",
        ),
        (JacobianMode::Forward, [true, false]) => errors.push_at(
            Code::JacobianMode,
            &function.sig.ident,
            "`jacobian = forward` on a function that changes a constant",
            "remove it: by columns the function runs once for each column, and what is behind `&mut` would change each time",
        ),
        _ => {}
    }
}

/// The passes between a function and its derivatives.
fn derive(errors: &mut Errors, function: &ItemFn, args: &Args) -> Option<TokenStream> {
    if args.has_rule() {
        return custom::derive(errors, function, args);
    }
    let passes = passes(errors, function, args)?;
    Some(emit::emit(function, args, &passes.derivatives()))
}

/// What the passes make of a function, for those who want to see it.
#[derive(Clone, Debug)]
pub struct Passes {
    pub primal: Func,
    pub joint: Reversed,
    pub split: Reversed,
    /// A reverse sweep for each of a few results.
    pub seeded: Option<Seeded>,
    pub tangents: Tangents,
    /// The same with several tangents side by side.
    pub lanes: Tangents,
    /// Joint and split, for `#[grad(second)]`.
    pub second: Option<[Second; 2]>,
    /// The same along several directions side by side.
    pub second_lanes: Option<[Second; 2]>,
    /// For `#[grad(third)]`.
    pub third: Option<Third>,
}

impl Passes {
    /// What the last pass prints.
    pub fn derivatives(&self) -> Derivatives<'_> {
        Derivatives {
            joint: &self.joint,
            split: &self.split,
            seeded: self.seeded.as_ref(),
            tangents: &self.tangents,
            lanes: &self.lanes,
            second: self.second.as_ref().map(|[joint, split]| [joint, split]),
            second_lanes: self.second_lanes.as_ref().map(|[joint, split]| [joint, split]),
            third: self.third.as_ref(),
        }
    }
}

/// Runs all passes but the last.
pub fn passes(errors: &mut Errors, function: &ItemFn, args: &Args) -> Option<Passes> {
    let primal = lower::lower(errors, function, args);
    if args.third {
        check_third(errors, function, &primal);
    }
    if !errors.is_empty() {
        return None;
    }
    let primal = simplify::share(&primal, Rewrites::default());
    let mut facts = analysis::analyse(&primal);
    for problem in &facts.activity.problems {
        if let Some(method) = &problem.method {
            errors.push_at(
                Code::UnknownMethod,
                method,
                format!("the method `{method}` of arrays and `Vec`s is not supported for differentiated values"),
                "write it with indices and loops; or order the indices, `order.sort_by(|&i, &j| x[i].total_cmp(&x[j]))`, and index with them",
            );
            continue;
        }
        // Intermediate results have names that the user does not know.
        let is_written = mentions(&function.block.to_token_stream(), &problem.name)
            || mentions(&function.sig.inputs.to_token_stream(), &problem.name);
        let value = if is_written {
            format!("`{}`, which is differentiated,", problem.name)
        } else {
            "a differentiated value".into()
        };
        let (what, help) = if problem.changes {
            (
                format!("{value} gets lost in this code, which the compiler does not look into"),
                "keep it in a variable, an array or a `Vec`; or, if the result does not depend on this, stop differentiation with `let c = grad::constant(…);`",
            )
        } else {
            (
                format!("{value} is read by this code, which the compiler does not look into"),
                "compute it with scalars, arrays, slices, `Vec`s and tuples; or stop differentiation with `let c = grad::constant(…);`",
            )
        };
        errors.push_at(Code::OpaqueActive, &problem.code, what, help);
    }
    if let syn::ReturnType::Type(_, ty) = &function.sig.output {
        check_result(errors, &primal.result, ty, &primal, &facts);
    }
    if let Some(word) = &args.checkpoint {
        match analysis::checkpoints(&primal, &facts.layout, &facts.activity) {
            Ok(loops) => facts.checkpoints = loops,
            Err(obstacle) => nothing_to_checkpoint(errors, word, obstacle),
        }
    }
    if !errors.is_empty() {
        return None;
    }
    // From here on nothing can fail.
    let [joint, split] = [Mode::Joint, Mode::Split].map(|mode| {
        let mut reversed = transform::reverse(&primal, &facts, mode);
        let Reversed { func, reverse, bars, .. } = &mut reversed;
        simplify::derivative(func, reverse, bars, primal.vars.len(), facts.rewrites);
        reversed
    });
    let [tangents, lanes] =
        [Width::One, Width::Lanes].map(|width| transform::forward(&primal, &facts, width));
    // Blocks that run again run for all rows.
    let seeded = if facts.checkpoints.is_empty() { transform::seeded(&split) } else { None };
    let second = |width| {
        [(&joint, Mode::Joint), (&split, Mode::Split)].map(|(reversed, mode)| {
            let whole = transform::both_sweeps(reversed, mode);
            let facts = analysis::analyse(&whole);
            transform::forward_over_reverse(reversed, &whole, &facts, mode, width)
        })
    };
    let [second, second_lanes] = [Width::One, Width::Lanes].map(|width| args.second.then(|| second(width)));
    let third = match &second {
        Some([joint, _]) if args.third => Some(third(errors, joint)?),
        _ => None,
    };
    Some(Passes {
        joint,
        split,
        seeded,
        tangents,
        lanes,
        second,
        second_lanes,
        third,
        primal: primal.clone(),
    })
}

/// Third derivatives are those of one number, and run again.
fn check_third(errors: &mut Errors, function: &ItemFn, primal: &Func) {
    if !matches!(primal.result_ty, Ty::Float(_)) {
        errors.push_at(
            Code::Third,
            &function.sig.ident,
            "`third` on a function that does not return one number",
            "leave `third` out, or return one number",
        );
    }
    let changed =
        primal.params.iter().filter(|param| matches!(primal.ty(param.var), Ty::Ref { mutable: true, .. }));
    for input in changed.filter_map(|param| function.sig.inputs.iter().nth(param.position)) {
        errors.push_at(
            Code::Third,
            input,
            "`third` on a function that changes what is behind this `&mut`",
            "leave `third` out, or return what is changed",
        );
    }
}

/// The third derivative of what calls no annotated functions.
fn third(errors: &mut Errors, second: &Second) -> Option<Third> {
    match transform::all_of(second) {
        Ok(whole) => Some(transform::forward_over_second(second, &whole, &analysis::analyse(&whole))),
        Err(call) => {
            errors.push(
                Code::Third,
                call,
                "a function with `third` calls a function, whose derivatives end with the second",
                "write the body of the called function here, or leave `third` out",
            );
            None
        }
    }
}

/// `checkpoint` without a loop that can run again.
fn nothing_to_checkpoint(errors: &mut Errors, word: &Ident, obstacle: Option<Obstacle>) {
    let (what, help) = match obstacle {
        None => (
            "`checkpoint` on a function without a counted loop to run again",
            "remove it; or write the long loop as `for k in 0..n`, outside of branches and other loops, and not behind an early `return`",
        ),
        Some(Obstacle::Exit) => (
            "`checkpoint` on a loop that may end early",
            "remove it; or write the loop without `break` and `return`, so that the number of its passes is known before it starts",
        ),
        Some(Obstacle::Effect) => (
            "`checkpoint` on a loop that uses or changes something the compiler does not look into",
            "remove it; or keep what the passes read and change in numbers, arrays and `Vec`s: the passes run twice",
        ),
        Some(Obstacle::Unknown) => (
            "`checkpoint` on a loop with code that may not give the same value twice",
            "remove it; or compute what is constant in front of the loop, or in a function with `#[grad]`: the passes run twice",
        ),
        Some(Obstacle::Type) => (
            "`checkpoint` on a loop with memory that changes and cannot be copied",
            "remove it; or keep what changes in numbers, arrays and `Vec`s of numbers, copied from `&mut` in front of the loop",
        ),
    };
    errors.push_at(Code::Checkpoint, word, what, help);
}

/// A part of the result that is of a type of the user's holds no differentiated value.
fn check_result(errors: &mut Errors, value: &Value, ty: &Type, primal: &Func, facts: &analysis::Facts<'_>) {
    match (value, ty) {
        (value, Type::Group(group)) => check_result(errors, value, &group.elem, primal, facts),
        (value, Type::Paren(paren)) => check_result(errors, value, &paren.elem, primal, facts),
        (Value::Tuple(of), Type::Tuple(types)) => {
            for (value, ty) in of.iter().zip(&types.elems) {
                check_result(errors, value, ty, primal, facts);
            }
        }
        (Value::Scalar(Operand::Var(var)), ty)
            if matches!(primal.ty(*var), Ty::Opaque)
                && facts.activity.varied(*var)
                && !holds_constants(ty) =>
        {
            errors.push_at(
                Code::ResultType,
                ty,
                "a differentiated value is returned in a type that the compiler does not look into",
                "return floats, arrays, `Vec`s and tuples of them",
            );
        }
        _ => {}
    }
}

/// Types of the standard library that hold no floats, such as `Option<usize>`.
fn holds_constants(ty: &Type) -> bool {
    const CONSTANTS: &[&str] = &[
        "bool", "char", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
        "usize", "str", "String", "Option", "Result", "Ordering", "Duration", "Instant", "std", "core",
        "cmp", "option", "result", "string", "time",
    ];
    fn all(tokens: TokenStream) -> bool {
        tokens.into_iter().all(|tree| match tree {
            TokenTree::Ident(ident) => CONSTANTS.iter().any(|name| ident == name),
            TokenTree::Group(group) => all(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => true,
        })
    }
    all(ty.to_token_stream())
}

/// The item, and in place of its derivatives what is wrong with it.
fn with_errors(item: &TokenStream, errors: Errors, stubs: Option<&TokenStream>) -> TokenStream {
    let errors = errors.finish();
    quote!(#item #errors #stubs)
}

/// Functions that fail, so that calls of the derivatives give no errors of their own. Only where the signature is one
/// that they can have.
fn stubs(function: &ItemFn, args: &Args) -> Option<TokenStream> {
    let signature = &function.sig;
    let has_receiver = signature.inputs.iter().any(|input| matches!(input, syn::FnArg::Receiver(_)));
    let mentions = |word: &str| mentions(&signature.to_token_stream(), word);
    let plain = !has_receiver && signature.variadic.is_none() && !mentions("impl") && !mentions("cfg");
    plain.then(|| emit::emit_stubs(function, args))
}

/// Whether the word stands in the tokens, other than as the name of a method or a field.
fn mentions(tokens: &TokenStream, word: &str) -> bool {
    let mut after_dot = false;
    tokens.clone().into_iter().any(|tree| {
        let is_part = std::mem::replace(
            &mut after_dot,
            matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '.'),
        );
        match tree {
            TokenTree::Ident(ident) => ident == word && !is_part,
            TokenTree::Group(group) => mentions(&group.stream(), word),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        }
    })
}

fn not_a_function(errors: &mut Errors, item: &TokenStream, error: &syn::Error) {
    let is_function =
        item.clone().into_iter().any(|tree| matches!(tree, TokenTree::Ident(ident) if ident == "fn"));
    if is_function {
        errors.push(
            Code::Expression,
            error.span(),
            format!("syntax that is not known here: {error}"),
            "write it in another way",
        );
    } else {
        let keyword = item.clone().into_iter().find(|tree| {
            matches!(tree, TokenTree::Ident(ident) if matches!(
                ident.to_string().as_str(),
                "struct" | "enum" | "impl" | "trait" | "mod" | "const" | "static" | "type" | "union" | "macro_rules" | "use"
            ))
        });
        let at = keyword.map_or_else(|| item.clone(), TokenTree::into_token_stream);
        errors.push_at(
            Code::NotAFunction,
            at,
            "`#[grad]` goes on a function",
            "move the attribute to the function to differentiate",
        );
    }
}
