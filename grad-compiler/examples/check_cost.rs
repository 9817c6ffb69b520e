//! What the completeness check costs: its share of the time of an expansion.
//!
//! ```text
//! cargo run --release -p grad-compiler --example check_cost -- FILE.rs…
//! ```

use grad_compiler::args::Args;
use grad_compiler::check::Check;
use grad_compiler::diag::Errors;
use grad_compiler::transform::{self, Mode, Width};
use grad_compiler::{analysis, expand, lower, simplify};
use proc_macro2::TokenStream;
use quote::ToTokens;
use std::time::{Duration, Instant};
use syn::{Attribute, Item, ItemFn};

const TIMES: u32 = 20;

fn main() {
    let (mut whole, mut check, mut count) = (Duration::ZERO, Duration::ZERO, 0);
    for file in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&file).expect("a file");
        for item in syn::parse_file(&text).expect("a file of Rust").items {
            let Item::Fn(mut function) = item else { continue };
            let Some(at) = function.attrs.iter().position(is_grad) else { continue };
            let attr = function.attrs.remove(at);
            let tokens = attr.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
            if let Some(time) = time_of_check(&function, &tokens) {
                let start = Instant::now();
                for _ in 0..TIMES {
                    expand::expand(tokens.clone(), function.to_token_stream());
                }
                (whole, check, count) = (whole + start.elapsed(), check + time, count + 1);
            }
        }
    }
    let share = 100.0 * check.as_secs_f64() / whole.as_secs_f64();
    println!(
        "{count} functions: {:?} each, of which the check takes {:?}: {share:.1} %",
        whole / (TIMES * count.max(1)),
        check / (TIMES * count.max(1))
    );
}

fn is_grad(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == "grad")
}

/// All that the check does in an expansion.
fn time_of_check(function: &ItemFn, tokens: &TokenStream) -> Option<Duration> {
    let mut errors = Errors::new();
    let args = Args::parse(&mut errors, tokens.clone());
    if args.has_rule() {
        return None;
    }
    let primal = simplify::primal(&lower::lower(&mut errors, function, &args), analysis::Rewrites::default());
    let facts = analysis::analyse(&primal);
    if !errors.is_empty() || !facts.activity.problems.is_empty() {
        return None;
    }
    let reversed = [Mode::Joint, Mode::Split].map(|mode| transform::reverse(&primal, &facts, mode));
    let tangents = [Width::One, Width::Lanes].map(|width| transform::forward(&primal, &facts, width));
    let rewritten = [0, 1].map(|k| {
        let mut reversed = reversed[k].clone();
        let (bars, rewrites) = (reversed.bars.clone(), facts.rewrites);
        let (func, reverse) = (&mut reversed.func, &mut reversed.reverse);
        simplify::derivative(func, reverse, &bars, primal.vars.len(), rewrites, facts.additions);
        reversed
    });
    let split = &rewritten[1];
    let seeded = transform::seeded(split);
    let start = Instant::now();
    for _ in 0..TIMES {
        let mut check = Check::new(&primal);
        check.refuse(&mut errors, function, &|_, _| false);
        reversed.iter().for_each(|reversed| check.reverse(reversed));
        rewritten.iter().for_each(|reversed| check.rewritten(reversed));
        tangents.iter().for_each(|tangents| check.forward(tangents));
        if let Some(seeded) = &seeded {
            check.seeded(split, seeded);
        }
        check.report(&mut errors);
    }
    Some(start.elapsed())
}
