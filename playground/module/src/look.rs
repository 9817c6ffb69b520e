//! Everything that becomes of a function.

use crate::file::{self, File};
use crate::place::{Range, Source};
use crate::{json, mirror, named, show, value};
use grad_compiler::args::Args;
use grad_compiler::expand::Passes;
use grad_compiler::{analysis, emit};
use syn::ItemFn;

/// One view of a function of a file of Rust, as the page shows it: who types waits for what is seen only.
pub(crate) fn look(text: &str, view: &str, name: &str) -> String {
    let read = match File::read(text, name) {
        Ok(read) => read,
        Err(errors) => {
            return json::object([
                ("functions", json::list([])),
                ("name", json::string("")),
                ("errors", json::list(errors)),
            ]);
        }
    };
    let names = read.functions.iter().map(|function| json::string(&function.name()));
    let (names, name) = (json::list(names), json::string(&read.function().name()));
    match read.function().derived(view == "second") {
        Err(errors) => {
            let errors = json::list(file::messages(&read.source, errors));
            json::object([("functions", names), ("name", name), ("errors", errors)])
        }
        Ok((bare, args, passes)) => json::object([
            ("functions", names),
            ("name", name),
            ("errors", json::list([])),
            ("arguments", json::string(&samples(&read, &passes))),
            ("shown", shown(&read.source, view, &bare, &args, &passes)),
        ]),
    }
}

/// Arguments to start from.
fn samples(read: &File, passes: &Passes) -> String {
    let primal = &passes.primal;
    let types = value::written(read, primal);
    let samples = primal.params.iter().enumerate();
    let samples = samples.map(|(k, param)| value::sample(types[k], primal.ty(param.var), k, &read.types));
    samples.collect::<Vec<_>>().join(", ")
}

fn shown(source: &Source, view: &str, function: &ItemFn, args: &Args, passes: &Passes) -> String {
    let name = function.sig.ident.to_string();
    // A line for each step of the trace.
    let args = &Args { step_by_step: true, ..args.clone() };
    let worker = |of: &str, suffix: &str, without: &str| {
        let file = syn::parse2::<syn::File>(emit::emit(function, args, &passes.derivatives()));
        let file = file.map_err(|error| error.to_string());
        match file.and_then(|file| show::readable(file, of, &format!("{name}_{suffix}"))) {
            Ok(worker) => mirror::printed(&worker, source, &mirror::Wholes::new(function, source)),
            Err(_) => json::object([("absent", json::string(without))]),
        }
    };
    let text = |text: &str| named::printed(text, passes, &mirror::Wholes::new(function, source));
    match view {
        "forward" => worker("jvp", "jvp", "There is no forward mode of this function."),
        "second" => {
            worker("joint_2", "hvp", "The function does not return one number, so that it has no Hessian.")
        }
        "ir" => text(&show::dump(passes)),
        "plan" => text(&format!(
            "// joint: both sweeps in one function\n{}\n// split: the reverse sweep is a closure, called later\n{}",
            passes.joint.plan, passes.split.plan
        )),
        "active" => json::object([("rows", active(source, passes))]),
        _ => worker("joint", "vjp", "There is no gradient of this result."),
    }
}

/// Which variables depend on what is differentiated, and which of them matter.
fn active(source: &Source, passes: &Passes) -> String {
    let facts = analysis::analyse(&passes.primal);
    let mut rows: Vec<(Range, String)> = Vec::new();
    for (k, info) in passes.primal.vars.iter().enumerate() {
        let var = grad_compiler::ir::Var(u32::try_from(k).unwrap_or(u32::MAX));
        let Some(range) = source.of(info.span) else { continue };
        let state = match (facts.activity.varied(var), facts.activity.is_active(var)) {
            (_, true) => "active",
            (true, false) => "varied",
            (false, false) => "constant",
        };
        rows.push((
            range,
            json::object([
                ("name", json::string(&info.name)),
                ("at", range.json()),
                ("state", json::string(state)),
            ]),
        ));
    }
    rows.sort();
    rows.dedup();
    json::list(rows.into_iter().map(|(_, row)| row))
}
