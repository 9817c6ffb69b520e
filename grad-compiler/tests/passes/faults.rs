//! The completeness check finds what it is for: with an arm of the analysis removed, or a part of a transform broken,
//! every derivative that comes out wrong is reported, none in silence.

use super::check::{annotated, losses};
use super::generate::{Generated, Rng, generate};
use super::interp::{
    Derivative, Program, Target, eval, eval_reversed, eval_split, eval_tangents, no_functions,
};
use super::ridders::ridders;
use super::sweeps::{derivative, derivative_with, helpers};
use grad_compiler::analysis::{self, Facts, Rewrites};
use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::fault;
use grad_compiler::interp::Datum;
use grad_compiler::ir::print::{print, print_block};
use grad_compiler::ir::{Func, Param, Ty};
use grad_compiler::transform::{self, Mode, Reversed, Seeded, Tangents, Width};
use grad_compiler::{lower, simplify};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The forms of a derivative that are broken.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Joint,
    Split,
    Tangents,
    Seeded,
}

const FORMS: [Form; 4] = [Form::Joint, Form::Split, Form::Tangents, Form::Seeded];

#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
enum Made {
    Reversed(Reversed),
    Tangents(Tangents),
    Seeded(Reversed, Option<Seeded>),
}

fn make(func: &Func, facts: &Facts, form: Form) -> Made {
    match form {
        Form::Joint => Made::Reversed(transform::reverse(func, facts, Mode::Joint)),
        Form::Split => Made::Reversed(transform::reverse(func, facts, Mode::Split)),
        Form::Tangents => Made::Tangents(transform::forward(func, facts, Width::One)),
        Form::Seeded => {
            let split = transform::reverse(func, facts, Mode::Split);
            let seeded = transform::seeded(&split);
            Made::Seeded(split, seeded)
        }
    }
}

fn is_reported(func: &Func, made: &Made) -> bool {
    let losses = losses(func, |check| match made {
        Made::Reversed(reversed) => check.reverse(reversed),
        Made::Tangents(tangents) => check.forward(tangents),
        Made::Seeded(_, None) => {}
        Made::Seeded(split, Some(seeded)) => check.seeded(split, seeded),
    });
    !losses.is_empty()
}

fn text(made: &Made) -> String {
    match made {
        Made::Reversed(Reversed { func, reverse, cotangents, .. }) => {
            format!("{}\n{}\n{cotangents:?}", print(func), print_block(func, reverse))
        }
        Made::Tangents(tangents) => format!("{}\n{:?}", print(&tangents.func), tangents.result),
        Made::Seeded(_, None) => String::new(),
        Made::Seeded(_, Some(Seeded { func, reverse, rows, .. })) => {
            format!("{}\n{rows:?}", print_block(func, reverse))
        }
    }
}

/// A function with a point, and what its derivatives are there.
struct Case {
    name: String,
    func: Func,
    args: Vec<Datum>,
    /// The numbers and the text of each form; no numbers where the interpreter does not know the function's code.
    expected: Vec<(Option<Vec<f64>>, String)>,
}

impl Case {
    fn new(program: &Program, name: String, func: Func, args: Option<Vec<Datum>>) -> Option<Case> {
        let knows_args = args.is_some();
        let mut case = Case { name, func, args: args.unwrap_or_default(), expected: Vec::new() };
        let facts = analysis::analyse(&case.func);
        let mut expected = Vec::new();
        for form in FORMS {
            let made = catch_unwind(AssertUnwindSafe(|| make(&case.func, &facts, form))).ok()?;
            let numbers = if knows_args { run(program, &case, &made, form) } else { None };
            let numbers = numbers.filter(|numbers| numbers.iter().all(|x| x.is_finite()));
            expected.push((numbers, text(&made)));
        }
        drop(facts);
        case.expected = expected;
        Some(case)
    }
}

/// Weights in the shape of what they are for.
fn weighted(datum: &Datum) -> Datum {
    let mut weights = [0.75, -1.25, 0.5, 1.5, -0.5].iter().cycle();
    let mut weighted = datum.zeros();
    weighted.for_each_float(&mut |value| *value = *weights.next().unwrap());
    weighted
}

fn is_written(func: &Func, var: grad_compiler::ir::Var) -> bool {
    matches!(func.ty(var), Ty::Ref { mutable: true, .. })
}

/// The numbers of a derivative at the function's point; `None` where they cannot be had.
fn run(program: &Program, case: &Case, made: &Made, form: Form) -> Option<Vec<f64>> {
    let Case { func, args, .. } = case;
    let ran = catch_unwind(AssertUnwindSafe(|| {
        Some(match made {
            Made::Reversed(Reversed { func: out, reverse, seed, cotangents, .. }) => {
                let derivative = Derivative {
                    func: out.clone(),
                    reverse: reverse.clone(),
                    seed: seed.clone(),
                    cotangents: cotangents.iter().map(Target::of).collect(),
                };
                sweeps(program, case, &derivative, form)?
            }
            Made::Tangents(tangents) => {
                let dots = directions(args);
                let (_, dot, _, after) = eval_tangents(program, tangents, args.clone(), dots);
                let written = func.params.iter().zip(after).filter(|(param, _)| is_written(func, param.var));
                flat(std::iter::once(dot).chain(written.map(|(_, datum)| datum)).collect())
            }
            Made::Seeded(_, None) => Vec::new(),
            Made::Seeded(_, Some(Seeded { func: out, reverse, rows, .. })) => {
                let derivative = Derivative {
                    func: out.clone(),
                    reverse: reverse.clone(),
                    seed: None,
                    cotangents: rows.iter().flatten().map(Target::of).collect(),
                };
                let buffers = rows.iter().flat_map(|_| args.iter().map(Datum::zeros)).collect();
                flat(eval_reversed(program, &derivative, args.clone(), &Datum::Unit, buffers).2)
            }
        })
    }));
    ran.ok().flatten()
}

fn flat(data: Vec<Datum>) -> Vec<f64> {
    data.iter().flat_map(Datum::all_floats).collect()
}

/// The cotangents of a function's arguments; `None` where they cannot be had.
fn sweeps(program: &Program, case: &Case, derivative: &Derivative, form: Form) -> Option<Vec<f64>> {
    let Case { func, args, .. } = case;
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let (result, after) = eval(program, func, args.clone());
        let buffer = |(param, (arg, after)): (&Param, (&Datum, &Datum))| {
            if is_written(func, param.var) { weighted(after) } else { arg.zeros() }
        };
        let buffers = func.params.iter().zip(args.iter().zip(&after)).map(buffer).collect();
        let eval = if form == Form::Joint { eval_reversed } else { eval_split };
        flat(eval(program, derivative, args.clone(), &weighted(&result), buffers).2)
    }));
    ran.ok()
}

fn agree(found: &[f64], wanted: &[f64], near: f64) -> bool {
    let scale = 1.0 + wanted.iter().map(|x| x.abs()).fold(0.0, f64::max);
    found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= near * scale)
}

/// Directions for arguments.
fn directions(args: &[Datum]) -> Vec<Datum> {
    let mut rng = Rng::new(2000);
    let dot = |arg: &Datum| {
        let mut dot = arg.zeros();
        dot.for_each_float(&mut |value| *value = rng.between(-1.0, 1.0));
        dot
    };
    args.iter().map(dot).collect()
}

/// The forms of one derivative against each other and against differences: how many comparisons were made, and how many
/// could not be.
fn forms_agree(program: &Program, case: &Case) -> Result<(usize, usize), String> {
    let Case { name, func, args, expected } = case;
    let numbers = |form: Form| expected[FORMS.iter().position(|it| *it == form).unwrap()].0.as_ref();
    let Some(joint) = numbers(Form::Joint) else { return Ok((0, 0)) };
    let holds = |name: &str| func.vars.iter().any(|var| format!("{:?}", var.ty).contains(name));
    let near = if holds("F32") { 1e-5 } else { 1e-9 };
    let mut compared = 0;
    let mut compare = |what: &str, found: &[f64], wanted: &[f64]| {
        compared += 1;
        let text = || format!("{name}: {what}: {found:?} is not {wanted:?}\n{}", print(func));
        if agree(found, wanted, near) { Ok(()) } else { Err(text()) }
    };
    compare("split", numbers(Form::Split).ok_or_else(|| format!("{name}: there is no split form"))?, joint)?;
    for (form, mode, again) in [
        (Form::Joint, Mode::Joint, false),
        (Form::Joint, Mode::Joint, true),
        (Form::Split, Mode::Split, false),
    ] {
        let rewritten = match derivative_with(func, mode, Rewrites::default(), again) {
            Err(error) if again && error == "no loop can run again" => continue,
            rewritten => rewritten?,
        };
        let Some(rewritten) = sweeps(program, case, &rewritten, form) else {
            return Err(format!("{name}: rewritten, it does not run\n{}", print(&rewritten.func)));
        };
        compare("rewritten", &rewritten, joint)?;
    }
    let (result, after) = eval(program, func, args.clone());
    let is_left = || func.params.iter().map(|param| is_written(func, param.var));
    let written = is_left().zip(&after).filter(|(is_left, _)| *is_left);
    let of_results: Vec<&Datum> = std::iter::once(&result).chain(written.map(|(_, datum)| datum)).collect();
    let weights: Vec<f64> = of_results.iter().flat_map(|datum| weighted(datum).all_floats()).collect();
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut missing = usize::from(numbers(Form::Seeded).is_none());
    if let Some(rows) = numbers(Form::Seeded).filter(|rows| !rows.is_empty() && !is_left().any(|it| it)) {
        let sums: Vec<f64> = (0..joint.len())
            .map(|k| {
                product(&rows.iter().skip(k).step_by(joint.len()).copied().collect::<Vec<_>>(), &weights)
            })
            .collect();
        compare("seeded", &sums, joint)?;
    }
    // A constant has no cotangent; its tangent would be lost, too.
    let dots: Vec<Datum> = directions(args)
        .into_iter()
        .zip(&func.params)
        .map(|(dot, param)| if param.wrt { dot } else { dot.zeros() })
        .collect();
    let flat: Vec<f64> = dots
        .iter()
        .zip(&func.params)
        .filter(|(_, param)| param.wrt)
        .flat_map(|(dot, _)| dot.all_floats())
        .collect();
    let slope = product(joint, &flat);
    // What is moved is used up for the interpreter, though it may be a number, if only rustc knows.
    if flat.len() != joint.len() || holds("Unknown") {
        return Ok((compared, missing));
    }
    match numbers(Form::Tangents).filter(|tangents| tangents.len() == weights.len()) {
        Some(tangents) => compare("tangents", &[product(tangents, &weights)], &[slope])?,
        None => missing += 1,
    }
    let moved = |h: f64| {
        let mut args = args.clone();
        for (arg, dot) in args.iter_mut().zip(&dots) {
            let mut dot = dot.all_floats().into_iter();
            arg.for_each_float(&mut |value| *value += h * dot.next().unwrap());
        }
        let (result, after) = eval(program, func, args);
        let written = is_left().zip(&after).filter(|(is_left, _)| *is_left);
        let of_results = std::iter::once(&result).chain(written.map(|(_, datum)| datum));
        product(&of_results.flat_map(Datum::all_floats).collect::<Vec<_>>(), &weights)
    };
    let (difference, error) = ridders(1e-3, moved);
    if !holds("F32") && error <= 1e-7 * (1.0 + difference.abs()) {
        compared += 1;
        if (difference - slope).abs() > 1e-6 * (1.0 + slope.abs()) + 10.0 * error {
            return Err(format!("{name}: {slope}, differences say {difference} ± {error}\n{}", print(func)));
        }
    }
    Ok((compared, missing))
}

/// What became of the derivatives that were made with a fault.
#[derive(Default, Debug)]
struct Count {
    reported: usize,
    right: usize,
    /// Other code, whose numbers cannot be had.
    undecided: Vec<String>,
    lost: Vec<String>,
}

/// A function, and which of its forms pass the place of a fault.
type Passing<'a> = (&'a Case, [bool; FORMS.len()]);

/// Plants a fault in the making of those forms of one function that pass it.
fn plant(
    program: &Program,
    (case, passing): Passing<'_>,
    name: &'static str,
    at: Option<usize>,
    count: &mut Count,
) -> usize {
    let func = &case.func;
    let mut passed = 0;
    for ((form, passes), (expected, expected_text)) in FORMS.iter().zip(passing).zip(&case.expected) {
        // The form of single results is made of the split form.
        if !passes || (*form == Form::Seeded) != name.starts_with("seeded") {
            continue;
        }
        let (made, times) = fault::with(name, at, || {
            catch_unwind(AssertUnwindSafe(|| make(func, &analysis::analyse(func), *form)))
        });
        passed = passed.max(times);
        if times == 0 {
            continue;
        }
        // A panic in the compiler is an error as well.
        let Ok(made) = made else {
            count.reported += 1;
            continue;
        };
        if is_reported(func, &made) {
            count.reported += 1;
            continue;
        }
        let found = text(&made);
        if found == *expected_text {
            count.right += 1;
            continue;
        }
        let what = || format!("{}: {name} at {at:?}, {form:?}\n{}\n{found}", case.name, print(func));
        match (run(program, case, &made, *form), expected) {
            (_, None) => count.undecided.push(what()),
            (Some(numbers), Some(expected)) if agree(&numbers, expected, 1e-9) => count.right += 1,
            (numbers, Some(expected)) => {
                count.lost.push(format!("{numbers:?} is not {expected:?} in {}", what()));
            }
        }
    }
    passed
}

/// The functions that pass each place.
fn passed_places(cases: &[Case]) -> BTreeMap<&'static str, Vec<Passing<'_>>> {
    let mut places: BTreeMap<&'static str, Vec<Passing<'_>>> = BTreeMap::new();
    for case in cases {
        let mut passed: BTreeMap<&'static str, [bool; FORMS.len()]> = BTreeMap::new();
        for (k, form) in FORMS.iter().enumerate() {
            for name in fault::names(|| drop(make(&case.func, &analysis::analyse(&case.func), *form))) {
                passed.entry(name).or_default()[k] = true;
            }
        }
        for (name, forms) in passed {
            places.entry(name).or_default().push((case, forms));
        }
    }
    places
}

/// Plants all faults in all functions, `most` functions a fault.
fn plant_all(program: &Program, cases: &[Case], most: usize) -> BTreeMap<&'static str, Count> {
    let places = passed_places(cases);
    let mut counts: BTreeMap<&'static str, Count> = BTreeMap::new();
    for (name, cases) in places {
        let count = counts.entry(name).or_default();
        let every = cases.len().div_ceil(most).max(1);
        for case in cases.into_iter().step_by(every) {
            let passed = plant(program, case, name, None, count);
            // One place alone is harder to see than all of them. Where there is one, that was it.
            if passed > 1 {
                for at in BTreeSet::from([0, 1, passed / 2, passed - 1]) {
                    plant(program, case, name, Some(at), count);
                }
            }
        }
    }
    counts
}

#[track_caller]
fn check_counts(counts: &BTreeMap<&'static str, Count>) {
    for (name, Count { reported, right, undecided, lost, .. }) in counts {
        println!(
            "{name}: {reported} reported, {right} right, {} undecided, {} lost in silence",
            undecided.len(),
            lost.len()
        );
    }
    let mut lost: Vec<&String> = counts.values().flat_map(|count| &count.lost).collect();
    lost.sort_by_key(|text| text.len());
    assert!(lost.is_empty(), "{} are lost in silence; {}", lost.len(), lost[0]);
    let planted: usize = counts.values().map(|count| count.reported + count.right).sum();
    let undecided: usize = counts.values().map(|count| count.undecided.len()).sum();
    assert!(undecided * 100 <= planted, "{undecided} are undecided, {planted} are not");
}

fn random_cases(program: &Program) -> Vec<Case> {
    let mut cases = Vec::new();
    for (seed, size) in (0..10).flat_map(|seed| [6, 12, 25].map(move |size| (seed, size))) {
        let Generated { func, args } = generate(seed * 64 + size as u64, size, true);
        let case = Case::new(program, format!("seed {seed}, size {size}"), func, Some(args));
        cases.extend(case.filter(|case| case.expected.iter().all(|(numbers, _)| numbers.is_some())));
    }
    cases
}

/// A point for a function of the zoo, where its types are known.
fn some_arg(rng: &mut Rng, ty: &Ty) -> Option<Datum> {
    let list = |rng: &mut Rng, n: usize, of: &Ty| {
        Some(Datum::List((0..n).map(|_| some_arg(rng, of)).collect::<Option<_>>()?))
    };
    match ty {
        Ty::Float(_) => Some(Datum::Float(rng.between(0.2, 1.4))),
        Ty::Int => Some(Datum::Int(2)),
        Ty::Bool => Some(Datum::Bool(true)),
        Ty::Array(of, len) => list(rng, len.trim().parse().ok()?, of),
        Ty::Slice(of) | Ty::Vec(of) => list(rng, 4, of),
        Ty::Tuple(of) => Some(Datum::List(of.iter().map(|ty| some_arg(rng, ty)).collect::<Option<_>>()?)),
        Ty::Ref { to, .. } => some_arg(rng, to),
        Ty::Unit | Ty::Lanes(_) | Ty::Pullback | Ty::Tape(_) | Ty::Opaque | Ty::Unknown => None,
    }
}

/// The functions of the zoo, as the passes before the analysis leave them.
fn zoo() -> Vec<(String, Func)> {
    let mut found = Vec::new();
    for folder in ["tests/zoo", "tests/in_the_wild.rs", "tests/jacobians.rs"] {
        for (name, function, args) in annotated(folder) {
            let args = Args { order: 1, checkpoint: None, ..args };
            let mut errors = Errors::new();
            let func = lower::lower(&mut errors, &function, &args);
            if errors.is_empty() {
                found.push((name, simplify::primal(&func, analysis::Rewrites::default())));
            }
        }
    }
    for source in OWN {
        let item: syn::ItemFn = syn::parse_str(source).unwrap();
        let func = lower::lower(&mut Errors::new(), &item, &Args::default());
        found.push((source.to_owned(), simplify::primal(&func, analysis::Rewrites::default())));
    }
    found
}

/// What a small change to a transform would get wrong in no function of the zoo.
const OWN: [&str; 7] = [
    // Two elements that may be one.
    "fn f(x: &[f64], k: usize) -> (f64, f64) { (x[k] * x[2], x[2].sin() + x[k] * x[k]) }",
    // An index that only looks like that of rows.
    "fn f(x: &[f64], d: usize) -> f64 {
        let (mut y, mut s) = ([0.0; 8], 0.0);
        for j in 0..3 { for i in 0..d { let v = (x[i] * x[j]).sin(); y[j + d + i] = v; s += v * v * x[0]; } }
        s + y[3]
    }",
    // A counter that goes down, and one by three.
    "fn f(x: &[f64], n: usize) -> f64 {
        let (mut k, mut l, mut s) = (3, 0, 1.0);
        for _ in 0..n { s = s * x[k] + x[l].sin(); k -= 1; l += 3; }
        s
    }",
    // A factor that is computed behind the loop.
    "fn f(x: &[f64], n: usize) -> f64 {
        let mut s = 0.0;
        for v in x { s += v.sin(); }
        let k = n as f64 * 0.5 + 1.0;
        s * k.sqrt()
    }",
    "fn f(x: &[f64]) -> f64 {
        let mut s = 0.0;
        for v in x { s += v.sin(); }
        let c = 0.5_f32;
        s * (c as f64)
    }",
    // A result that was computed before.
    "fn f(x: f64) -> (f64, f64) { let a = x.sin(); (a * x, x.sin()) }",
    // Elements that a pattern binds.
    "fn f(x: &[f64]) -> f64 { match x { [a, .., b] => a * b.sin(), _ => 0.0 } }",
];

/// Without a fault, their forms agree, as far as their types are known and the interpreter knows what they do.
fn zoo_cases() -> (Program, Vec<Case>) {
    let functions = zoo();
    let mut program = no_functions();
    for (_, func) in &functions {
        let facts = analysis::analyse(func);
        let tangents = transform::forward(func, &facts, Width::One);
        if let Ok(split) = derivative(func, Mode::Split) {
            program.tangents.insert(func.name.clone(), tangents);
            program.derivatives.insert(func.name.clone(), split);
            program.primals.insert(func.name.clone(), func.clone());
        }
    }
    let mut cases = Vec::new();
    let (mut compared, mut missing) = (0, 0);
    for (k, (name, func)) in functions.into_iter().enumerate() {
        if !analysis::analyse(&func).activity.problems.is_empty() {
            continue;
        }
        let mut rng = Rng::new(k as u64);
        let args = func.params.iter().map(|param| some_arg(&mut rng, func.ty(param.var))).collect();
        let case = Case::new(&program, name.clone(), func, args);
        let case = case.unwrap_or_else(|| panic!("{name}: a transform panics"));
        let (more, without) = forms_agree(&program, &case).unwrap_or_else(|error| panic!("{error}"));
        compared += more;
        missing += without;
        assert!(more > 0 || !OWN.contains(&case.name.as_str()), "it does not run: {}", case.name);
        cases.push(case);
    }

    // What does not run any more is not compared.
    assert!(compared > 4300 && missing <= 30, "{compared} comparisons, {missing} are missing");
    (program, cases)
}

/// The places in the source where a fault may be planted.
fn all_places() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut dirs = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, before) in text.match_indices("planted(\"") {
                let rest = &text[at + before.len()..];
                found.insert(rest[..rest.find('"').unwrap()].to_owned());
            }
        }
    }
    found
}

#[test]
fn random_programs_lose_nothing_in_silence() {
    let program = helpers();
    let counts = plant_all(&program, &random_cases(&program), usize::MAX);
    check_counts(&counts);
}

#[test]
fn functions_of_the_zoo_lose_nothing_in_silence() {
    let (program, cases) = zoo_cases();
    let counts = plant_all(&program, &cases, 6);
    check_counts(&counts);
    // Every fault was planted in something, here or in a random program.
    let random = random_cases(&helpers());
    let random = passed_places(&random);
    let is_missing =
        |name: &String| !counts.contains_key(name.as_str()) && !random.contains_key(name.as_str());
    let missing: Vec<String> = all_places().into_iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:?} are passed by no function");
    assert!(counts.len() > 80 && cases.len() > 300, "{} faults, {} functions", counts.len(), cases.len());
}
