//! What a loop hands on without a derivative, computed again along its mirror image: in random loops that hand on powers,
//! sums, pairs and what elements make of them, with overwrites, `continue`, inner loops and no passes.

use super::generate::Rng;
use super::interp::{Derivative, Program, eval, eval_reversed, eval_split, no_functions};
use super::sweeps::derivative_with;
use grad_compiler::analysis::{self, Facts, Rewrite, Rewrites};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::interp::Datum;
use grad_compiler::ir::Func;
use grad_compiler::ir::print::print_block;
use grad_compiler::lower::lower;
use grad_compiler::transform::Mode;

fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.below(of.len())]
}

/// `x`, `y` and `s` are differentiated, `k` and `t` are constants.
fn source(rng: &mut Rng) -> String {
    let mut body = String::new();
    for _ in 0..[1, 1, 1, 2, 3][rng.below(5)] {
        body += one(
            rng,
            &[
                "y[i] = p * x[i];",
                "y[i] += p * x[i];",
                "s += x[i] * p;",
                "y[i] += (p + q) * x[i] * x[i];",
                "s += x[i] * p * y[i];",
                "s += x[i].sin() * (p - q);",
                "y[i] = y[i] * p + s;",
                "if i % 3 == 1 { continue; }",
                "if p > 0.6 { y[i] = q * x[i]; }",
                "for j in 0..2 { y[i] += x[j] * r; r *= p; }",
                "y[i / 2] *= q;",
                "s = s * p + x[i];",
                "s += x[n - 1 - i] * r;",
            ],
        );
    }
    let steps: Vec<&str> = (0..[1, 1, 1, 2, 3][rng.below(5)])
        .map(|_| {
            one(
                rng,
                &[
                    "p *= t;",
                    "p *= 0.75;",
                    "p *= t; r = t * r;",
                    "p = t * p;",
                    "q = p + 0.5 * q;",
                    "let next = 0.5 * (p + q); p = q; q = next;",
                    "r = r * k[i] + 0.25;",
                    "r = if i == 2 { 0.5 } else { r * t };",
                    "q = (q * 0.3).exp() * 0.5;",
                    "p -= 0.125;",
                    "r = p * q;",
                ],
            )
        })
        .collect();
    let steps = steps.concat();
    let body = if rng.below(2) == 0 { format!("{body} {steps}") } else { format!("{steps} {body}") };
    let range = one(rng, &["0..n", "1..n", "(0..n).rev()", "0..=n - 1", "0..7"]);
    let all = format!("for i in {range} {{ {body} }}");
    let all = match rng.below(3) {
        0 => format!("for m in 0..2 {{ q = q + 0.1 * k[m]; {all} }}"),
        _ => all,
    };
    format!(
        "fn f(x: &[f64], y: &mut [f64], k: &[f64], t: f64) -> f64 {{
            let n = x.len();
            let (mut p, mut q, mut r) = (1.0, 0.75, 0.5);
            let mut s = 0.25;
            {all}
            s * s + p * x[0] + q + r
        }}"
    )
}

fn lowered(source: &str) -> Func {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut errors = Errors::new();
    let args =
        Args { wrt: Some(["x", "y"].map(|name| syn::parse_str(name).unwrap()).to_vec()), ..Args::default() };
    let func = lower(&mut errors, &item, &args.of_function(&item.sig));
    let messages: String = errors.messages().iter().map(|message| format!("{message}\n")).collect();
    assert!(errors.is_empty(), "{source}\n{messages}");
    func
}

fn gradient(program: &Program, derivative: &Derivative, mode: Mode, args: &[Datum]) -> (f64, Vec<f64>) {
    let run = if mode == Mode::Joint { eval_reversed } else { eval_split };
    let buffers = args.iter().enumerate().map(|(k, arg)| {
        let mut buffer = arg.zeros();
        let mut weight = 0.5;
        buffer.for_each_float(&mut |value| {
            *value = if k == 1 { weight } else { 0.0 };
            weight = 0.75 - weight * 0.5;
        });
        buffer
    });
    let (value, _, bars) = run(program, derivative, args.to_vec(), &Datum::Float(1.0), buffers.collect());
    (value.float().expect("a number"), bars.iter().flat_map(Datum::all_floats).collect())
}

#[test]
fn what_is_computed_again_along_is_what_was_handed_on() {
    let program = no_functions();
    let (mut along, mut fours) = (0, 0);
    for seed in 0..150 {
        let mut rng = Rng::new(seed);
        let source = source(&mut rng);
        let func = lowered(&source);
        let rewrites = Rewrites::default().with_little();
        let facts = Facts { rewrites, ..analysis::analyse(&func) };
        for mode in [Mode::Joint, Mode::Split] {
            let plan = grad_compiler::transform::reverse(&func, &facts, mode).plan.to_string();
            along += usize::from(plan.contains("from pass to pass"));
        }
        for len in [7, 19] {
            let mut numbers =
                |len: usize| Datum::List((0..len).map(|_| Datum::Float(rng.between(-1.0, 1.0))).collect());
            let given = vec![numbers(len), numbers(len), numbers(len), Datum::Float(0.9)];
            let (value, _) = eval(&program, &func, given.clone());
            for mode in [Mode::Joint, Mode::Split] {
                let plain = derivative_with(&func, mode, Rewrites::none(), false).unwrap();
                let (_, expected) = gradient(&program, &plain, mode, &given);
                if expected.iter().any(|bar| bar.is_nan() || bar.abs() >= 1e6) {
                    continue;
                }
                let all = Rewrites::default().with_little();
                for rewrites in [
                    all,
                    Rewrites::only(Rewrite::Along).with_little(),
                    Rewrites::both(Rewrite::Along, Rewrite::Fours).with_little(),
                ] {
                    let derivative = derivative_with(&func, mode, rewrites, false).unwrap();
                    let (found, bars) = gradient(&program, &derivative, mode, &given);
                    let text = print_block(&derivative.func, &derivative.reverse);
                    fours += usize::from(text.contains("fours_by"));
                    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-10 * (1.0 + b.abs());
                    let same = found.to_bits() == value.float().unwrap().to_bits();
                    assert!(
                        same && bars.len() == expected.len() && bars.iter().zip(&expected).all(near),
                        "seed {seed}, {mode:?}: {bars:?} is not {expected:?}\n{source}\n{text}"
                    );
                }
            }
        }
    }
    assert!(along > 100 && fours > 5, "{along} loops, {fours} in fours");
}
