//! Random programs as Rust: what is emitted compiles without a warning, and computes what the interpreter does.

use super::generate::{Generated, generate};
use super::interp::{eval_reversed, eval_split};
use super::sweeps::{derivative, helpers};
use grad_compiler::args::Args;
use grad_compiler::emit::Derivatives;
use grad_compiler::interp::Datum;
use grad_compiler::ir::{Func, Ty};
use grad_compiler::transform::{self, Mode, Width};
use grad_compiler::{analysis, emit};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const PROGRAMS: u64 = 25;
const WEIGHTS: [f64; 5] = [0.75, -1.25, 0.5, 1.5, -0.5];

/// A type as Rust.
fn spelt(ty: &Ty) -> String {
    match ty {
        Ty::Float(_) => "f64".to_owned(),
        Ty::Int => "usize".to_owned(),
        Ty::Slice(of) => format!("[{}]", spelt(of)),
        Ty::Vec(of) => format!("Vec<{}>", spelt(of)),
        Ty::Ref { mutable, to } => format!("&{}{}", if *mutable { "mut " } else { "" }, spelt(to)),
        ty => panic!("no parameter of a random program has the type {ty:?}"),
    }
}

/// The function with its derivatives, as items.
fn items(func: &Func, name: &str) -> String {
    let params: Vec<String> = func
        .params
        .iter()
        .map(|param| format!("{}: {}", func.vars[param.var.index()].name, spelt(func.ty(param.var))))
        .collect();
    let signature = format!("pub fn {name}({}) -> f64", params.join(", "));
    let item = emit::inside::emit_function(func, &signature.parse().unwrap());
    let item: syn::ItemFn = syn::parse2(item.clone()).unwrap_or_else(|error| panic!("{error}: {item}"));
    let facts = analysis::analyse(func);
    let joint = transform::reverse(func, &facts, Mode::Joint);
    let split = transform::reverse(func, &facts, Mode::Split);
    let [tangents, lanes] = [Width::One, Width::Lanes].map(|width| transform::forward(func, &facts, width));
    let derivatives = Derivatives {
        joint: &joint,
        trusting: None,
        overwritten: &[],
        given: None,
        split: &split,
        seeded: None,
        tangents: &tangents,
        lanes: &lanes,
        higher: &[],
    };
    let derivatives = emit::emit(&item, &Args::default(), &derivatives);
    let file = quote::quote!(#item #derivatives);
    let file: syn::File = syn::parse2(file.clone()).unwrap_or_else(|error| panic!("{error}: {file}"));
    prettyplease::unparse(&file)
}

fn literal(datum: &Datum) -> String {
    match datum {
        Datum::Float(value) => format!("{value:?}_f64"),
        Datum::Int(value) => format!("{value}_usize"),
        Datum::Unit => "()".to_owned(),
        Datum::List(list) => format!("vec![{}]", list.iter().map(literal).collect::<Vec<_>>().join(", ")),
        datum => panic!("no argument of a random program is {datum:?}"),
    }
}

/// `main` of one program: prints the cotangents that both forms compute.
fn calls(name: &str, args: &[Datum], buffers: &[Datum]) -> String {
    let args: Vec<String> = args.iter().map(literal).collect();
    let buffers: Vec<String> = buffers.iter().map(literal).collect();
    format!(
        "{{
            use grad::__private::{{Active, Constant, Gone}};
            let (p, q, x, idx) = ({p}, {q}, {x}, {idx});
            {{
                let (mut a, mut rows, mut s) = ({a}, {rows}, {s});
                let (mut p_bar, mut q_bar, mut x_bar) = (0.0, 0.0, vec![0.0; x.len()]);
                let (mut a_bar, mut rows_bar, mut s_bar) = ({a_bar}, {rows_bar}, {s_bar});
                {name}::vjp_add(p, q, &x, &mut a, &mut rows, &mut s, &idx, 1.0,
                    &mut p_bar, &mut q_bar, &mut x_bar, &mut a_bar, &mut rows_bar, &mut s_bar);
                println!(\"{name} joint {{:?}}\", (p_bar, q_bar, x_bar, a_bar, rows_bar, s_bar));
            }}
            {{
                let (mut a, mut rows, mut s) = ({a}, {rows}, {s});
                let mut x_bar = vec![0.0; x.len()];
                let (mut a_bar, mut rows_bar, mut s_bar) = ({a_bar}, {rows_bar}, {s_bar});
                let (_, pullback) = <{name} as grad::__private::FirstDerivative>::FORMS.forward(p, q, &x, &mut a, &mut rows, &mut s, &idx,
                    Active, Active, Active, Active, Active, Active, Constant);
                let (p_bar, q_bar, ..) = pullback(p, q, &x, Gone, Gone, Gone, &idx, 1.0, None, None, Some(&mut x_bar), Some(&mut a_bar),
                    Some(&mut rows_bar), Some(&mut s_bar), None);
                println!(\"{name} split {{:?}}\", (p_bar, q_bar, x_bar, a_bar, rows_bar, s_bar));
            }}
            {{
                let (mut a, mut rows, mut s) = ({a}, {rows}, {s});
                let (_, pullback) = <{name} as grad::__private::FirstDerivative>::FORMS.forward(p, q, &x, &mut a, &mut rows, &mut s, &idx,
                    Constant, Constant, Constant, Constant, Constant, Constant, Constant);
                pullback(p, q, &x, Gone, Gone, Gone, &idx, 1.0, None, None, None, None, None, None, None);
            }}
        }}\n",
        p = args[0], q = args[1], x = args[2], a = args[3], rows = args[4], s = args[5], idx = args[6],
        a_bar = buffers[3], rows_bar = buffers[4], s_bar = buffers[5],
    )
}

fn buffers(func: &Func, args: &[Datum]) -> Vec<Datum> {
    let mut weights = WEIGHTS.iter().cycle();
    let zeros = func.params.iter().zip(args).map(|(param, arg)| {
        let mut buffer = arg.zeros();
        if matches!(func.ty(param.var), Ty::Ref { mutable: true, .. }) {
            buffer.for_each_float(&mut |value| *value = *weights.next().unwrap());
        }
        buffer
    });
    zeros.collect()
}

/// Runs rustc, which must be content.
fn rustc(dir: &Path, args: &[&str]) {
    let output =
        Command::new("rustc").current_dir(dir).args(["--edition", "2024"]).args(args).output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The floats of all that is printed behind a word.
fn floats(line: &str) -> Vec<f64> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')))
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().unwrap())
        .collect()
}

#[test]
fn emitted_random_programs_compile_and_agree_with_the_interpreter() {
    let program = helpers();
    let mut source =
        String::from("#![allow(non_camel_case_types, unused, unused_comparisons, unreachable_patterns)]\n");
    for func in program.primals.values() {
        source.push_str(&items(func, &func.name));
    }
    let mut main = String::new();
    let mut expected = Vec::new();
    for seed in 0..PROGRAMS {
        let name = format!("random_{seed}");
        let Generated { func, args } = generate(seed + 7000, 4 + usize::try_from(seed % 20).unwrap(), true);
        let buffers = buffers(&func, &args);
        source.push_str(&items(&func, &name));
        main.push_str(&calls(&name, &args, &buffers));
        for mode in [Mode::Joint, Mode::Split] {
            let derivative = derivative(&func, mode).unwrap();
            let run = if mode == Mode::Joint { eval_reversed } else { eval_split };
            let (_, _, cotangents) =
                run(&program, &derivative, args.clone(), &Datum::Float(1.0), buffers.clone());
            let floats: Vec<f64> = cotangents.iter().flat_map(Datum::all_floats).collect();
            expected
                .push((format!("{name} {}", if mode == Mode::Joint { "joint" } else { "split" }), floats));
        }
    }
    let _ = write!(source, "fn main() {{\n{main}}}\n");
    let dir = std::env::temp_dir().join(format!("grad-emitted-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("main.rs"), source).unwrap();
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../grad-runtime/src/lib.rs");
    rustc(&dir, &["--crate-name", "grad", "--crate-type", "rlib", "--cap-lints", "allow", runtime]);
    rustc(&dir, &["--extern", "grad=libgrad.rlib", "main.rs"]);
    let output = Command::new(dir.join("main")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).unwrap();
    for (name, expected) in expected {
        let line = output.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap();
        let found = floats(line);
        assert_eq!(found.len(), expected.len(), "{name}: {line}");
        for (found, expected) in found.iter().zip(&expected) {
            let close = (found - expected).abs() <= 1e-12 * (1.0 + expected.abs());
            assert!(
                close || found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan(),
                "{name}: {found}, not {expected}\n{}",
                dir.display()
            );
        }
    }
    std::fs::remove_dir_all(&dir).unwrap();
}
