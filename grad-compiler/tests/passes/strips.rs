//! Loops that run in strips, on random sums over elements, neighbours, rows and elements that are the same in all passes:
//! the value is the function's bit for bit, and the gradient that of the form without any rewrite.

use super::generate::Rng;
use super::interp::{Derivative, eval, eval_reversed, eval_split};
use super::sweeps::derivative_with;
use grad_compiler::analysis::{Condition, Rewrite, Rewrites};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::interp::Datum;
use grad_compiler::ir::Func;
use grad_compiler::ir::print::{print, print_block};
use grad_compiler::lower::lower;
use grad_compiler::transform::Mode;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A term of a sum: elements times elements, in inner loops, behind views, beside those that are the same in all passes.
fn source(rng: &mut Rng) -> String {
    let atoms = [
        "x[i]", "x[i + 1]", "x[i + 2]", "y[i]", "y[i + 1]", "y[3]", "z[0]", "w[0]", "w[1]", "p[i][0]",
        "p[1][2]", "r", "0.5", "s",
    ];
    let mut body = String::new();
    let mut lines = |text: &str| writeln!(body, "{text}").expect("a string");
    lines("let w = &x[i..i + 2];");
    lines("let mut r = 0.25;");
    if rng.below(2) == 0 {
        let inner = ["p[i][k] * z[k]", "p[i][k] * p[i + 1][k]", "p[2][k] - p[i][k]", "z[k] * x[i]"];
        lines(&format!("for k in 0..3 {{ r += {}; }}", inner[rng.below(inner.len())]));
    }
    lines("let s = r * 1.5 + 0.125;");
    let mut terms = Vec::new();
    for _ in 0..=rng.below(3) {
        let mut term = atoms[rng.below(atoms.len())].to_owned();
        for _ in 0..=rng.below(3) {
            let operation = [" * ", " + ", " - "][rng.below(3)];
            term = format!("({term}{operation}{})", atoms[rng.below(atoms.len())]);
        }
        terms.push(match rng.below(5) {
            0 => format!("{term}.powi(2)"),
            1 => format!("1.0 / (2.0 + {term} * {term})"),
            _ => term,
        });
    }
    for term in &terms {
        lines(&match rng.below(4) {
            0 => format!("one -= {term};"),
            1 => format!("other += {term};"),
            _ => format!("one += {term};"),
        });
    }
    // A sum that is read is no sum.
    if rng.below(6) == 0 {
        lines("other += one * 0.5;");
    }
    let ahead = 2 + rng.below(2);
    format!(
        "fn f(x: &[f64], y: &[f64], z: &[f64; 3], p: &[[f64; 3]]) -> f64 {{
            let mut one = 0.0;
            let mut other = 1.0;
            for i in 0..x.len() - {ahead} {{ {body} }}
            one * 0.75 + other
        }}"
    )
}

fn lowered(source: &str) -> Func {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut errors = Errors::new();
    let func = lower(&mut errors, &item, &Args::default());
    let messages: String = errors.messages().iter().map(|message| format!("{message}\n")).collect();
    assert!(errors.is_empty(), "{source}\n{messages}");
    func
}

fn numbers(rng: &mut Rng, len: usize) -> Datum {
    Datum::List((0..len).map(|_| Datum::Float(rng.between(-1.0, 1.0))).collect())
}

/// Memory as long as the loop needs it, or longer.
fn args(rng: &mut Rng, len: usize) -> Vec<Datum> {
    let more = len + rng.below(3);
    let p = (0..len).map(|_| numbers(rng, 3)).collect();
    vec![numbers(rng, len), numbers(rng, more), numbers(rng, 3), Datum::List(p)]
}

fn text(derivative: &Derivative) -> String {
    format!("{}\n{}", print(&derivative.func), print_block(&derivative.func, &derivative.reverse))
}

fn gradient(derivative: &Derivative, mode: Mode, args: &[Datum]) -> (f64, Vec<f64>) {
    let run = if mode == Mode::Joint { eval_reversed } else { eval_split };
    let buffers = args.iter().map(Datum::zeros).collect();
    let (value, _, bars) =
        run(&super::interp::no_functions(), derivative, args.to_vec(), &Datum::Float(1.0), buffers);
    (value.float().expect("a number"), bars.iter().flat_map(Datum::all_floats).collect())
}

/// Whether there are strips, and whether all is as without them.
fn check(func: &Func, given: &[Datum], mode: Mode, rewrites: Rewrites) -> Result<bool, String> {
    let (value, _) = eval(&super::interp::no_functions(), func, given.to_vec());
    let value = value.float().expect("a number");
    let plain = derivative_with(func, mode, Rewrites::none(), false)?;
    let derivative = derivative_with(func, mode, rewrites.with_little(), false)?;
    let dump = || text(&derivative);
    let run = || gradient(&derivative, mode, given);
    let (found, bars) = catch_unwind(AssertUnwindSafe(run)).map_err(|_| format!("it panics\n{}", dump()))?;
    if found.to_bits() != value.to_bits() {
        return Err(format!("the value is {found} and not {value}\n{}", dump()));
    }
    let (_, expected) = gradient(&plain, mode, given);
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-11 * (1.0 + b.abs());
    if bars.len() != expected.len() || !bars.iter().zip(&expected).all(near) {
        return Err(format!("{bars:?} is not {expected:?}\n{}", dump()));
    }
    Ok(dump().contains("in_strips"))
}

#[test]
fn sums_in_strips_are_the_sums() {
    let mut stripped = 0;
    for seed in 0..60 {
        let mut rng = Rng::new(seed);
        let source = source(&mut rng);
        let func = lowered(&source);
        for len in [4, 6, 36, 70] {
            let given = args(&mut rng, len);
            for mode in [Mode::Joint, Mode::Split] {
                // `Fuse` makes the loops; alone, so that no other rewrite hides what this one does.
                for rewrites in [Rewrites::default(), Rewrites::both(Rewrite::Fuse, Rewrite::Strips)] {
                    match check(&func, &given, mode, rewrites) {
                        Ok(has_strips) => stripped += usize::from(has_strips),
                        Err(error) => panic!("seed {seed}, {len} elements, {mode:?}: {error}\n{source}"),
                    }
                }
            }
        }
    }
    assert!(stripped > 150, "{stripped} derivatives had strips");
}

#[test]
fn a_sum_that_a_pass_reads_is_missed_where_it_is_put_by() {
    let rewrites = Rewrites::without(Condition::SumsUsedOnce);
    let told = (0..60).any(|seed| {
        let mut rng = Rng::new(seed);
        let func = lowered(&source(&mut rng));
        let given = args(&mut rng, 36);
        check(&func, &given, Mode::Joint, rewrites).is_err()
    });
    assert!(told, "nobody notices");
}
