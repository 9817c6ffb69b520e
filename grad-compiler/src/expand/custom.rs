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
    if args.second {
        errors.push_at(
            Code::RuleSecond,
            &function.sig.ident,
            "`second` and a rule of your own: the rule says nothing about second derivatives",
            "remove `second`; or remove the rule, and let the body be differentiated",
        );
    }
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

/// Floats behind `&mut`.
fn is_output(func: &Func, param: &Param) -> bool {
    let ty = &func.vars[param.var.index()].ty;
    matches!(ty, Ty::Ref { mutable: true, .. }) && ty.holds_floats()
}
