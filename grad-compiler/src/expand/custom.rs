//! A function with rules of the user's own: only its signature is read.

use crate::args::Args;
use crate::diag::{Code, Errors};
use crate::ir::{Func, Param, Ty};
use crate::{emit, lower};
use proc_macro2::TokenStream;
use syn::ItemFn;

/// The function as its derivatives see it: its body may be anything.
pub(super) fn without_body(function: ItemFn) -> ItemFn {
    ItemFn { block: syn::parse_quote!({ ::core::panic!() }), ..function }
}

/// Checks the signature, and makes the derivatives of the rules.
pub(super) fn derive(errors: &mut Errors, function: &ItemFn, args: &Args) -> Option<TokenStream> {
    let primal = lower::lower(errors, function, args);
    if args.vjp.is_some() {
        let outputs = primal.params.iter().filter(|param| is_output(&primal, param));
        for input in outputs.filter_map(|param| function.sig.inputs.iter().nth(param.position)) {
            errors.push_at(
                Code::RuleOutput,
                input,
                "a rule for reverse mode does not know the cotangent of what the function writes through this parameter",
                "return what is written, and write it in a function that calls this one",
            );
        }
    }
    check_second(errors, function, args, &primal);
    if let Some(word) = &args.checkpoint {
        errors.push_at(
            Code::Checkpoint,
            word,
            "`checkpoint` and a rule of your own: there is no loop to run again",
            "remove `checkpoint`; or remove the rule, and let the body be differentiated",
        );
    }
    errors.is_empty().then(|| emit::emit_custom(function, args))
}

/// Whether the rules say enough for second derivatives, if they are wanted.
fn check_second(errors: &mut Errors, function: &ItemFn, args: &Args, primal: &Func) {
    if args.order > 2 {
        errors.push_at(
            Code::Third,
            &function.sig.ident,
            "derivatives above the second and a rule of your own: those of a rule end with the second",
            "leave `third` or `order = …` out; or remove the rules, and let the body be differentiated",
        );
        return;
    }
    let Some(rule) = &args.hvp else {
        if args.order == 2 {
            errors.push_at(
                Code::RuleSecond,
                &function.sig.ident,
                "`second` and a rule of your own: the rule says nothing about second derivatives",
                "give a rule for them, too: `hvp = rule`, of the shape of `f::hvp`; or remove `second`",
            );
        }
        return;
    };
    if args.vjp.is_none() || args.jvp.is_none() {
        errors.push_at(
            Code::RuleSecond,
            rule,
            "a rule for second derivatives stands beside those for first derivatives in both modes",
            "give `vjp = rule` and `jvp = rule` as well",
        );
    }
    if !matches!(primal.result_ty, Ty::Float(_)) {
        errors.push_at(
            Code::RuleSecond,
            rule,
            "a rule for second derivatives is for functions that return one number",
            "remove it; or return one number, and give the function a rule for each of them",
        );
    }
    let changed = primal.params.iter().filter(|param| is_mutable(primal, param) && !is_output(primal, param));
    for input in changed.filter_map(|param| function.sig.inputs.iter().nth(param.position)) {
        errors.push_at(
            Code::RuleSecond,
            input,
            "a rule for second derivatives runs where this constant has been changed already",
            "return what is changed; or remove `hvp = …`",
        );
    }
}

/// Behind `&mut`.
fn is_mutable(func: &Func, param: &Param) -> bool {
    matches!(func.ty(param.var), Ty::Ref { mutable: true, .. })
}

/// Floats behind `&mut`.
fn is_output(func: &Func, param: &Param) -> bool {
    is_mutable(func, param) && func.ty(param.var).holds_floats()
}
