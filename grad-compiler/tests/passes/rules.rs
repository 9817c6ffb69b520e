//! Every row of the rule table against differences, and what it says of kinks.

use super::interp::{eval, eval_prim, no_functions};
use super::ridders::ridders;
use expect_test::{expect, expect_file};
use grad_compiler::interp::Datum;
use grad_compiler::ir::verify::verify;
use grad_compiler::ir::{Block, Float, Func, Op, Operand, Param, Prim, Stmt, Ty, Value, Var};
use grad_compiler::rules::{self, Builder, Form, Kind, Row, Without};
use proc_macro2::Span;
use std::fmt::Write as _;

const FLOAT: Ty = Ty::Float(Float::F64);

/// An integer literal in the place of an integer, else a float.
fn literal(kind: Kind, value: f64) -> Operand {
    match kind {
        Kind::Integer => Operand::Lit(grad_compiler::ir::Lit { text: format!("{value}"), value }),
        Kind::Float | Kind::Hint => Operand::float(value),
    }
}

fn empty() -> Func {
    Func::empty("f", Ty::Unit)
}

fn param(func: &mut Func, name: &str, ty: Ty) -> Var {
    let var = func.new_var(name, ty, Span::call_site());
    func.params.push(Param::independent(var, func.params.len()));
    var
}

/// The function that returns the partials of a primitive (or what its pullback sends, where there is a seed), with the
/// arguments of `literals` written as literals.
fn partials_func(row: &Row, point: &[f64], literals: &[bool], seed: bool) -> (Func, Vec<bool>) {
    let prim = Prim(row.name);
    let mut func = empty();
    let mut args = Vec::new();
    for k in 0..point.len() {
        let ty = if row.kinds[k] == Kind::Integer { Ty::Int } else { FLOAT };
        let var = param(&mut func, row.params[k], ty);
        args.push(if literals[k] { literal(row.kinds[k], point[k]) } else { Operand::Var(var) });
    }
    let y = Operand::Var(func.new_var("y", FLOAT, Span::call_site()));
    let y_bar = Operand::Var(param(&mut func, "y_bar", FLOAT));
    let mut stmts = vec![Stmt::Let { var: y.var().unwrap(), op: Op::Prim(prim, args.clone()) }];
    let wanted: Vec<bool> = literals.iter().map(|literal| !literal).collect();
    let mut b = Builder::new(&mut func, &mut stmts, FLOAT, Span::call_site());
    let partials = if seed {
        rules::pullback(prim, &args, &y, &y_bar, &wanted, &mut b)
    } else {
        rules::partials(prim, &args, &y, &wanted, &mut b)
    };
    assert_eq!(partials.len(), point.len(), "{} has one partial per argument", row.name);
    let exists = partials.iter().map(Option::is_some).collect();
    let values = partials.into_iter().map(|partial| Value::Scalar(partial.unwrap_or(Operand::float(0.0))));
    func.result = Value::Tuple(values.collect());
    func.result_ty = Ty::Unknown;
    func.body.stmts = stmts;
    verify(&func).unwrap_or_else(|errors| panic!("{}: {errors:?}", row.name));
    (func, exists)
}

#[allow(clippy::cast_possible_truncation)]
fn eval_partials(row: &Row, point: &[f64], literals: &[bool], seed: Option<f64>) -> Vec<f64> {
    let (func, _) = partials_func(row, point, literals, seed.is_some());
    let mut args: Vec<Datum> = point
        .iter()
        .zip(row.kinds)
        .map(|(value, kind)| match kind {
            Kind::Integer => Datum::Int(*value as i128),
            Kind::Float | Kind::Hint => Datum::Float(*value),
        })
        .collect();
    args.push(Datum::Float(seed.unwrap_or(1.0)));
    let (result, _) = eval(&no_functions(), &func, args);
    result.list().unwrap().iter().map(|item| item.float().unwrap()).collect()
}

/// The value of a primitive, where its hints follow from the arguments.
fn value(row: &Row, point: &[f64]) -> f64 {
    let mut point = point.to_vec();
    for k in 0..point.len() {
        if row.kinds[k] == Kind::Hint {
            point[k] = point[0].powf(point[1]);
        }
    }
    eval_prim(row.name, &point)
}

/// Every choice of arguments to write as literals; the order of a derivative always is one.
fn choices_of_literals(row: &Row) -> Vec<Vec<bool>> {
    (0..1 << row.params.len())
        .map(|bits: usize| (0..row.params.len()).map(|k| bits >> k & 1 == 1).collect::<Vec<bool>>())
        .filter(|literals| {
            let order = row.params.iter().position(|name| *name == "k");
            order.is_none_or(|k| literals[k]) && !literals.iter().all(|literal| *literal)
        })
        .collect()
}

#[test]
fn every_row_agrees_with_differences() {
    for row in rules::rows() {
        let points = (row.points)();
        assert!(!points.is_empty(), "{} is checked somewhere", row.name);
        for point in points {
            assert_eq!(point.len(), row.params.len(), "a point of {}", row.name);
            for literals in choices_of_literals(row) {
                let partials = eval_partials(row, &point, &literals, None);
                for k in (0..point.len()).filter(|k| row.kinds[*k] == Kind::Float && !literals[*k]) {
                    let step = if point[k] == 0.0 { 0.1 } else { 0.1 * point[k].abs().min(1.0) };
                    let (slope, error) = ridders(step, |h| {
                        let mut moved = point.clone();
                        moved[k] += h;
                        value(row, &moved)
                    });
                    let scale = slope.abs().max(1.0);
                    assert!(error < 1e-8 * scale, "{} {point:?}: choose a better point, ± {error}", row.name);
                    assert!(
                        (partials[k] - slope).abs() <= 1e-8 * scale,
                        "∂{}/∂{} at {point:?}, literals {literals:?}: the row says {}, differences {slope} ± {error}",
                        row.name,
                        row.params[k],
                        partials[k],
                    );
                }
            }
        }
    }
}

#[test]
fn a_pullback_is_the_cotangent_times_the_partials() {
    for row in rules::rows() {
        for point in (row.points)() {
            for literals in choices_of_literals(row) {
                let partials = eval_partials(row, &point, &literals, None);
                let sent = eval_partials(row, &point, &literals, Some(-1.75));
                for (partial, sent) in partials.iter().zip(sent) {
                    let product = -1.75 * partial;
                    assert!(
                        (product - sent).abs() <= 1e-15 * product.abs() * 4.0,
                        "{} {point:?}: {product} {sent}",
                        row.name
                    );
                }
            }
        }
    }
}

#[test]
fn a_variable_that_stands_twice_gets_the_sum() {
    let mut func = empty();
    let x = Operand::Var(param(&mut func, "x", FLOAT));
    let y_bar = Operand::Var(param(&mut func, "y_bar", FLOAT));
    let mut stmts = Vec::new();
    let mut b = Builder::new(&mut func, &mut stmts, FLOAT, Span::call_site());
    let args = [x.clone(), x.clone()];
    let sent = rules::pullback(rules::lookup("mul", 2).unwrap(), &args, &x, &y_bar, &[true, true], &mut b);
    assert!(sent[0].is_some() && sent[1].is_none());
    let text = grad_compiler::ir::print::print_block(&func, &Block { stmts });
    expect![[r#"
        let t = mul(2.0, y_bar)
        let t_1 = mul(t, x)
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_partial_of_zero_is_absent() {
    for (name, arity) in [("floor", 1), ("ceil", 1), ("round", 1), ("trunc", 1), ("signum", 1)] {
        let prim = rules::lookup(name, arity).unwrap();
        let (_, exists) = partials_func(rules::row(prim), &[0.5], &[false], false);
        assert_eq!(exists, [false], "{name}");
    }
    let powi = rules::row(rules::lookup("powi", 2).unwrap());
    assert_eq!(partials_func(powi, &[0.5, 0.0], &[false, true], false).1, [false, false]);
    assert_eq!(partials_func(powi, &[0.5, 2.0], &[false, true], false).1, [true, false]);
}

/// correctness at kinks, poles and edges: the value is a policy, not a difference.
#[test]
fn kinks_are_as_documented() {
    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    // Primitive, arguments, one partial per argument.
    let cases: &[(&str, &[f64], &[f64])] = &[
        ("abs", &[0.0], &[0.0]),
        ("abs", &[-0.0], &[0.0]),
        ("abs", &[NAN], &[NAN]),
        ("max", &[1.0, 1.0], &[0.5, 0.5]),
        ("min", &[1.0, 1.0], &[0.5, 0.5]),
        ("max", &[0.0, -0.0], &[0.5, 0.5]),
        ("max", &[1.0, NAN], &[1.0, 0.0]),
        ("max", &[NAN, 1.0], &[0.0, 1.0]),
        ("max", &[NAN, NAN], &[NAN, NAN]),
        ("min", &[1.0, NAN], &[1.0, 0.0]),
        ("min", &[NAN, 1.0], &[0.0, 1.0]),
        ("min", &[INF, INF], &[0.5, 0.5]),
        ("clamp", &[-1.0, -1.0, 1.0], &[0.0, 1.0, 0.0]),
        ("clamp", &[1.0, -1.0, 1.0], &[0.0, 0.0, 1.0]),
        ("clamp", &[1.0, 1.0, 1.0], &[0.0, 1.0, 0.0]),
        ("clamp", &[NAN, -1.0, 1.0], &[NAN, 0.0, 0.0]),
        ("sqrt", &[0.0], &[INF]),
        ("sqrt", &[-1.0], &[NAN]),
        ("cbrt", &[0.0], &[INF]),
        ("asin", &[1.0], &[INF]),
        ("asin", &[1.5], &[NAN]),
        ("acos", &[-1.0], &[-INF]),
        ("acos", &[-1.5], &[NAN]),
        ("acosh", &[1.0], &[INF]),
        ("acosh", &[0.5], &[NAN]),
        ("acosh", &[-2.0], &[NAN]),
        ("atanh", &[1.0], &[INF]),
        ("atanh", &[-1.0], &[INF]),
        ("atanh", &[2.0], &[NAN]),
        ("ln", &[0.0], &[INF]),
        ("ln", &[-0.0], &[INF]),
        ("ln", &[-1.0], &[NAN]),
        ("ln_1p", &[-1.0], &[INF]),
        ("ln_1p", &[-2.0], &[NAN]),
        ("log2", &[0.0], &[INF]),
        ("log2", &[-1.0], &[NAN]),
        ("log10", &[0.0], &[INF]),
        ("log10", &[-1.0], &[NAN]),
        ("recip", &[0.0], &[-INF]),
        ("powf", &[0.0, 0.0], &[0.0, 0.0]),
        ("powf", &[0.0, 1.0], &[1.0, 0.0]),
        ("powf", &[0.0, 2.0], &[0.0, 0.0]),
        ("powf", &[0.0, 0.5], &[INF, 0.0]),
        ("powf", &[0.0, 1.5], &[0.0, 0.0]),
        ("powf", &[0.0, -1.0], &[-INF, NAN]),
        ("powf", &[-2.0, 2.0], &[-4.0, NAN]),
        ("powf", &[-2.0, 3.0], &[12.0, NAN]),
        ("powf", &[2.0, 0.0], &[0.0, std::f64::consts::LN_2]),
        ("powf", &[1e-200, 2.0], &[2e-200, 0.0]),
        ("powi", &[0.0, 0.0], &[0.0, 0.0]),
        ("powi", &[0.0, 1.0], &[1.0, 0.0]),
        ("powi", &[0.0, 2.0], &[0.0, 0.0]),
        ("powi", &[0.0, -1.0], &[-INF, 0.0]),
        ("powi", &[INF, 0.0], &[0.0, 0.0]),
        ("atan2", &[0.0, 0.0], &[0.0, 0.0]),
        ("atan2", &[0.0, 1e-200], &[1e200, 0.0]),
        ("atan2", &[0.0, 1e200], &[1e-200, 0.0]),
        ("hypot", &[0.0, 0.0], &[0.0, 0.0]),
        ("hypot", &[0.0, 2.0], &[0.0, 1.0]),
        ("signum", &[0.0], &[0.0]),
        ("floor", &[2.0], &[0.0]),
        ("ceil", &[2.0], &[0.0]),
        ("round", &[2.5], &[0.0]),
        ("trunc", &[2.0], &[0.0]),
        ("fract", &[2.0], &[1.0]),
        ("rem", &[7.0, 3.0], &[1.0, -2.0]),
        ("rem", &[6.0, 3.0], &[1.0, -2.0]),
        ("rem_euclid", &[-7.0, 3.0], &[1.0, 3.0]),
        ("copysign", &[0.0, -1.0], &[0.0, 0.0]),
        ("copysign", &[2.0, -1.0], &[-1.0, 0.0]),
    ];
    let mut wrong = String::new();
    for (name, point, expected) in cases {
        let row = rules::row(Prim(rules::lookup(name, point.len()).expect("a primitive").0));
        let mut ways = vec![vec![false; point.len()]];
        if *name == "powf" || *name == "powi" {
            // The exponent as a literal gives the same.
            ways.push(vec![false, true]);
        }
        for literals in ways {
            let partials = eval_partials(row, point, &literals, None);
            for k in (0..point.len()).filter(|k| !literals[*k]) {
                let (found, expected) = (partials[k], expected[k]);
                let equal = found == expected
                    || (found.is_nan() && expected.is_nan())
                    || (found - expected).abs() <= 1e-15 * expected.abs();
                if !equal {
                    writeln!(
                        wrong,
                        "∂{name}/∂{} at {point:?} ({literals:?}): {found}, not {expected}",
                        row.params[k]
                    )
                    .unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_tie_with_a_literal_is_a_clamp() {
    for (name, point, literals, expected) in [
        ("max", [0.0, 0.0], [false, true], 0.0),
        ("max", [2.0, 0.0], [false, true], 1.0),
        ("max", [-2.0, 0.0], [false, true], 0.0),
        ("max", [f64::NAN, 0.0], [false, true], 0.0),
        ("max", [0.0, 0.0], [true, false], 0.0),
        ("max", [0.0, 2.0], [true, false], 1.0),
        ("min", [1.0, 1.0], [false, true], 0.0),
        ("min", [0.5, 1.0], [false, true], 1.0),
    ] {
        let row = rules::row(rules::lookup(name, 2).unwrap());
        let partials = eval_partials(row, &point, &literals, None);
        let k = literals.iter().position(|literal| !literal).unwrap();
        assert_eq!(partials[k], expected, "{name} {point:?} {literals:?}");
    }
}

#[test]
fn every_method_of_floats_has_a_row() {
    let one = "sqrt cbrt exp exp2 exp_m1 ln ln_1p log2 log10 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh \
        abs signum recip to_radians to_degrees floor ceil round round_ties_even trunc fract neg";
    let two = "powi powf log atan2 copysign max midpoint min hypot rem_euclid div_euclid add sub mul div rem";
    for (names, arity) in [(one, 1), (two, 2), ("clamp mul_add", 3)] {
        for name in names.split_whitespace() {
            assert!(rules::lookup(name, arity).is_some(), "{name}");
            assert!(rules::lookup(name, arity + 1).is_none(), "{name}");
        }
    }
    for row in rules::rows().iter().filter(|row| row.form == Form::Runtime) {
        assert!(rules::lookup(row.name, row.params.len()).is_none(), "users cannot write {}", row.name);
    }
}

/// What the reverse sweep needs of the primal: this decides what is recorded.
#[test]
fn reads_of_every_row() {
    let mut text = String::new();
    for row in rules::rows() {
        let mut func = empty();
        let args: Vec<Operand> = (0..row.params.len())
            .map(|k| {
                if row.params[k] == "k" {
                    return literal(Kind::Integer, 1.0);
                }
                let ty = if row.kinds[k] == Kind::Integer { Ty::Int } else { FLOAT };
                Operand::Var(param(&mut func, row.params[k], ty))
            })
            .collect();
        write!(text, "{}({}):", row.name, row.params.join(", ")).unwrap();
        for k in (0..args.len()).filter(|k| row.kinds[*k] == Kind::Float) {
            let wanted: Vec<bool> = (0..args.len()).map(|j| j == k).collect();
            let reads = rules::reads(Prim(row.name), &args, &wanted);
            let mut names: Vec<&str> =
                (0..args.len()).filter(|j| reads.args[*j]).map(|j| row.params[j]).collect();
            names.extend(reads.result.then_some("result"));
            write!(text, " [{}]", names.join(" ")).unwrap();
        }
        text.push('\n');
    }
    expect_file!["reads.txt"].assert_eq(&text);
}

#[test]
fn the_page_of_supported_functions_is_up_to_date() {
    let mut page = String::from(
        "# Supported functions\n\n\
         Generated from the rule table (`grad-compiler/src/rules/table.rs`); `UPDATE_EXPECT=1 cargo test -p grad-compiler` writes it.\n\n\
         A partial is written with the names of the arguments; a name after `=` is the result. `0.0` means that no derivative\n\
         goes through that argument. Exponents that are literals get shorter formulas of the same value.\n\n",
    );
    for (title, runtime) in
        [("Operators and methods of `f64` and `f32`", false), ("What the derivatives use beside these", true)]
    {
        writeln!(
            page,
            "## {title}\n\n| function | partials | remarks; values where there is no derivative |\n| --- | --- | --- |"
        )
        .unwrap();
        for row in rules::rows().iter().filter(|row| (row.form == Form::Runtime) == runtime) {
            let partials: Vec<String> = row
                .params
                .iter()
                .zip(row.kinds)
                .zip(row.formulas)
                .filter(|((_, kind), _)| **kind == Kind::Float)
                .map(|((name, _), formula)| format!("∂{name}: `{formula}`"))
                .collect();
            writeln!(
                page,
                "| `{}` | {} | {} |",
                written(row),
                partials.join("<br>"),
                row.note.replace('|', "\\|")
            )
            .unwrap();
        }
        page.push('\n');
    }
    let page = format!("{}\n", page.trim_end());
    expect_file!["../../../docs/supported-functions.md"].assert_eq(&page);
}

/// As the user writes it, and the name of its result where a formula has it.
fn written(row: &Row) -> String {
    let params = row.params;
    let call = match row.form {
        Form::Infix => format!("{} {} {}", params[0], rules::spelling(Prim(row.name)), params[1]),
        Form::Prefix => format!("{}{}", rules::spelling(Prim(row.name)), params[0]),
        Form::Method => format!("{}.{}({})", params[0], row.name, params[1..].join(", ")),
        Form::Runtime => format!("{}({})", row.name, params.join(", ")),
    };
    row.result.map_or(call.clone(), |y| format!("{call} = {y}"))
}

/// The emitter writes a method of a type parameter by its name in the runtime's trait.
#[test]
fn every_method_is_one_of_generic_floats() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../grad-runtime/src/private/generic.rs");
    let text = std::fs::read_to_string(path).unwrap();
    for row in rules::rows() {
        let is_method = matches!(row.form, Form::Method | Form::Runtime);
        let is_there = text.contains(&format!("__grad_{} = ", row.name));
        assert_eq!(is_there, is_method, "{}", row.name);
    }
}

#[test]
fn a_term_that_is_absent_leaves_the_others() {
    let without =
        |name: &str, absent: &[bool]| rules::without(rules::lookup(name, absent.len()).unwrap(), absent);
    for (name, of_first, of_second, of_both) in [
        ("add", Without::Argument(1), Without::Argument(0), Without::Zero),
        ("sub", Without::Negated(1), Without::Argument(0), Without::Zero),
        ("mul", Without::Zero, Without::Zero, Without::Zero),
        ("div", Without::Zero, Without::Unknown, Without::Zero),
        ("max", Without::Unknown, Without::Unknown, Without::Unknown),
    ] {
        let found = [[true, false], [false, true], [true, true]].map(|absent| without(name, &absent));
        assert_eq!(found, [of_first, of_second, of_both], "{name}");
        assert_eq!(without(name, &[false, false]), Without::Unknown, "{name}");
    }
    assert_eq!(without("neg", &[true]), Without::Zero);
    assert_eq!(without("sin", &[true]), Without::Unknown);
}
