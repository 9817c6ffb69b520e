//! What lowering makes of iterator chains.

use crate::args::Args;
use crate::diag::Errors;
use crate::ir::print::print;
use crate::ir::verify::verify_primal;
use crate::lower::lower;

/// Lowers the only function of `source`; what it gives, or the errors.
fn lowered(source: &str) -> String {
    let item: syn::ItemFn = syn::parse_str(source).expect("the source is a function");
    let mut errors = Errors::new();
    let func = lower(&mut errors, &item, &Args::default());
    if !errors.is_empty() {
        return errors.messages().iter().map(|message| format!("{message}\n")).collect();
    }
    if let Err(problems) = verify_primal(&func) {
        return format!("{}\nnot well formed:\n{}", print(&func), problems.join("\n"));
    }
    print(&func)
}

#[test]
fn show() {
    for file in std::fs::read_to_string("/tmp/iter-show.rs").unwrap_or_default().split("//---") {
        println!("{}\n=>\n{}\n", file.trim(), lowered(file));
    }
}
