//! Which expression of the primal each line of the IR and of the plan stands for.
//!
//! Both name variables, and every variable knows what it was made for. A line stands for what its first variable does.

use crate::json;
use crate::mirror::Wholes;
use crate::place;
use grad_compiler::expand::Passes;
use grad_compiler::ir::{Func, print};
use proc_macro2::Span;
use std::collections::HashMap;

/// The text and, for every line of it, the places in the source.
pub(crate) fn printed(text: &str, passes: &Passes, wholes: &Wholes) -> String {
    let [primal, joint, split] = [&passes.primal, &passes.joint.func, &passes.split.func].map(places);
    let mut here = &primal;
    let lines = text.lines().map(|line| {
        match line.trim_start_matches("// ").split([':', ' ']).next() {
            Some("joint") if line.starts_with("//") => here = &joint,
            Some("split") if line.starts_with("//") => here = &split,
            _ => {}
        }
        let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let range = words.filter_map(|word| here.get(word)).find_map(|span| wholes.at(*span));
        place::all(if line.starts_with("//") { None } else { range })
    });
    json::object([("text", json::string(text)), ("lines", json::list(lines.collect::<Vec<_>>()))])
}

/// Where each variable comes from, by the name that is printed.
fn places(func: &Func) -> HashMap<String, Span> {
    print::names(func).into_iter().zip(func.vars.iter().map(|info| info.span)).collect()
}
