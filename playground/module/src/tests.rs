//! What the page is told.

use super::answer;
use serde_json::Value;

fn asked(request: &str) -> Value {
    let answer = answer(request);
    serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

fn view(view: &str, text: &str) -> Value {
    asked(&format!("look {view}\n{text}"))
}

fn look(text: &str) -> Value {
    view("gradient", text)
}

/// The piece of the text that a place is.
fn piece(text: &str, at: &Value) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let end = |k: usize| usize::try_from(at[k].as_u64().unwrap()).unwrap();
    String::from_utf16(&units[end(0)..end(1)]).unwrap()
}

const PRODUCT: &str =
    "#[grad]\nfn f(x: f64, y: f64) -> f64 {\n    let z = x * y;\n    (z + x.sin()).exp()\n}\n";

#[test]
fn a_line_of_the_gradient_stands_for_an_expression() {
    let answer = look(PRODUCT);
    let gradient = &answer["shown"];
    let text = gradient["text"].as_str().unwrap();
    let mirrored = |start: &str| -> Vec<String> {
        let line = text.lines().position(|line| line.trim().starts_with(start)).unwrap();
        gradient["lines"][line].as_array().unwrap().iter().map(|at| piece(PRODUCT, at)).collect()
    };
    assert_eq!(mirrored("let z ="), ["let z = x * y;"]);
    assert_eq!(mirrored("let sin_x ="), ["x.sin()"]);
    assert_eq!(mirrored("let add_z ="), ["z + x.sin()"]);
    assert_eq!(mirrored("let add_z_bar ="), ["(z + x.sin()).exp()"]);
    assert_eq!(mirrored("let cos_x ="), ["x.sin()"]);
    assert_eq!(mirrored("let y_bar ="), ["let z = x * y;"]);
}

#[test]
fn a_line_of_the_ir_and_of_the_plan_stands_for_an_expression() {
    let mirrored = |name: &str, text: &str, start: &str| -> Vec<Vec<String>> {
        let shown = &view(name, text)["shown"];
        let lines = shown["text"].as_str().unwrap().lines().enumerate();
        let lines = lines.filter(|(_, line)| line.trim().starts_with(start));
        lines
            .map(|(line, _)| {
                shown["lines"][line].as_array().unwrap().iter().map(|at| piece(text, at)).collect()
            })
            .collect()
    };
    assert_eq!(mirrored("ir", PRODUCT, "let sin_x ="), vec![["x.sin()"]; 3]);
    assert_eq!(mirrored("ir", PRODUCT, "let add_z_bar ="), vec![["(z + x.sin()).exp()"]; 2]);
    assert_eq!(mirrored("ir", PRODUCT, "// joint"), vec![Vec::<String>::new(); 2]);
    let text = "#[grad]\nfn f(x: &[f64]) -> f64 {\n    let mut p = 1.0;\n    for i in 0..x.len() {\n        let e = p.exp();\n        p = e * x[i];\n    }\n    p\n}\n";
    let plan = mirrored("plan", text, "e:");
    assert!(!plan.is_empty() && plan.iter().all(|line| line == &["let e = p.exp();"]), "{plan:?}");
}

#[test]
fn every_view_is_there() {
    for (name, word) in [
        ("gradient", "fn f_vjp"),
        ("forward", "z_dot"),
        ("second", "x_bar_dot"),
        ("ir", "mul(x, y)"),
        ("plan", "joint"),
    ] {
        let answer = view(name, PRODUCT);
        assert_eq!(answer["errors"].as_array().unwrap().len(), 0);
        assert_eq!(answer["name"], "f");
        assert!(answer["shown"]["text"].as_str().unwrap().contains(word), "{name}");
    }
    let answer = view("active", PRODUCT);
    let rows = answer["shown"]["rows"].as_array().unwrap();
    let states: Vec<_> = rows.iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert!(!states.is_empty() && states.iter().all(|state| *state == "active"), "{states:?}");
    // A tuple has no Hessian, and the page says so.
    let pair = view("second", "fn f(x: f64) -> (f64, f64) { (x, x * x) }");
    assert!(pair["shown"]["absent"].as_str().unwrap().contains("Hessian"));
}

#[test]
fn an_error_is_at_its_characters() {
    // Characters of one, two and four bytes in front of it, on its line.
    let text = "fn f(x: f64) -> f64 {\n    /* é 𝄞 */ let z = x.gamma();\n    z\n}\n";
    let answer = look(text);
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["code"], "GRAD0023");
    assert_eq!(piece(text, &errors[0]["at"][0]), "gamma");
    assert!(!errors[0]["help"].as_str().unwrap().is_empty());
}

#[test]
fn what_is_no_rust_is_an_error_at_its_place() {
    for (text, at) in [("fn f(x: f64) -> f64 { x + / 2.0 }", "/"), ("fn f( -> f64 { 1.0 }", "(")] {
        let answer = look(text);
        let error = &answer["errors"][0];
        assert_eq!(error["code"], "");
        assert!(piece(text, &error["at"][0]).starts_with(&at[..1]), "{text}: {error}");
    }
    for text in ["", "(", "\"", "fn f(x: f64) -> f64 { x )", "struct S;", "é", "#"] {
        assert_eq!(look(text)["errors"].as_array().unwrap().len(), 1, "{text}");
    }
}

#[test]
fn garbage_has_an_answer() {
    let mut state = 1_u64;
    let words = [
        "fn", "(", ")", "{", "}", "x", "+", "\"", "'", "1e9", "//", "\n", "#", "é", "!", "<", ">", "let",
        "=", ";",
    ];
    for length in [10, 300, 3000] {
        for _ in 0..20 {
            let mut text = String::new();
            for _ in 0..length {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text += words[usize::try_from(state >> 33).unwrap() % words.len()];
                text += " ";
            }
            look(&text);
        }
    }
    asked("what\never");
    asked("");
}

#[test]
fn the_trace_has_the_values_and_the_gradient() {
    let answer = asked(&format!("trace\n2.0, 0.5\n{PRODUCT}"));
    let (x, y) = (2.0_f64, 0.5_f64);
    let result = (x * y + x.sin()).exp();
    let number = |value: &Value| -> f64 { value.as_str().unwrap().parse().unwrap() };
    let near = |value: &Value, expected: f64| {
        assert!((number(value) - expected).abs() < 1e-4, "{value} is not {expected}");
    };
    near(&answer["result"], result);
    near(&answer["gradient"][0], result * (y + x.cos()));
    near(&answer["gradient"][1], result * x);
    let nodes = answer["nodes"].as_array().unwrap();
    let node = |name: &str| nodes.iter().find(|node| node["name"] == name).unwrap();
    near(&node("z")["value"], 1.0);
    near(&node("z")["bar"], result);
    near(&node("x")["bar"], result * (y + x.cos()));
    // x is used twice, and its cotangent is a sum of two.
    assert_eq!(node("x")["terms"].as_array().unwrap().len(), 2, "{answer:#}");
    assert_eq!(node("add_z")["from"].as_array().unwrap().len(), 2);
    let kinds: Vec<_> =
        answer["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "turn").count(), 1);
    assert_eq!(kinds.iter().filter(|kind| **kind == "forward").count(), 4);
}

#[test]
fn long_loops_are_folded() {
    let text = "#[grad(wrt(x))]\nfn f(x: f64, n: usize) -> f64 {\n    let mut y = x;\n    for _ in 0..n {\n        y = y.sin() * x;\n    }\n    y\n}\n";
    let short = asked(&format!("trace\n0.8, 3\n{text}"));
    let long = asked(&format!("trace\n0.8, 500\n{text}"));
    let folds = |answer: &Value| {
        answer["steps"].as_array().unwrap().iter().filter(|step| step["kind"] == "folded").count()
    };
    assert_eq!((folds(&short), folds(&long)), (0, 2), "{long:#}");
    assert!(long["steps"].as_array().unwrap().len() < 150);
    assert_eq!(long["stopped"], "");
}

#[test]
fn what_cannot_be_run_is_named_and_stepped_over() {
    let text =
        "#[grad]\nfn f(x: f64) -> f64 {\n    let c = somewhere::far(3);\n    let z = x * x;\n    z * c\n}\n";
    let answer = asked(&format!("trace\n3.0\n{text}"));
    let steps = answer["steps"].as_array().unwrap();
    let skipped: Vec<_> = steps.iter().filter(|step| step["kind"] == "skipped").collect();
    assert!(skipped[0]["text"].as_str().unwrap().contains("`far`"), "{answer:#}");
    let z = steps.iter().find(|step| step["name"] == "z").unwrap();
    assert_eq!(z["value"], "9.0");
}

#[test]
fn points_are_evaluated() {
    let text = "fn f(x: f64, y: f64) -> f64 { x * x * y }";
    let ask = |what: &str| asked(&format!("evaluate {what}\n2.0, 3.0;1, 1\n{text}"));
    assert_eq!(ask("value")["rows"], serde_json::json!([[12.0], [1.0]]));
    assert_eq!(ask("gradient")["rows"][0], serde_json::json!({"value": [12.0], "gradient": [12.0, 4.0]}));
    assert_eq!(ask("hessian")["rows"][0]["hessian"], serde_json::json!([[6.0, 4.0], [4.0, 0.0]]));
    let wrong = asked(&format!("evaluate value\n2.0\n{text}"));
    assert!(wrong["failed"].as_str().unwrap().contains("2 parameters"), "{wrong}");
}

#[test]
fn a_function_calls_another_one_in_the_file() {
    let text = "#[grad]\nfn g(x: f64) -> f64 { x * x }\n#[grad]\nfn f(x: f64) -> f64 { g(x) + g(2.0 * x) }";
    let answer = asked(&format!("evaluate gradient\n3.0\n{text}"));
    assert_eq!(answer["rows"][0], serde_json::json!({"value": [45.0], "gradient": [30.0]}));
    let trace = asked(&format!("trace\n3.0\n{text}"));
    assert_eq!(trace["result"], "45.0");
}

const SPRINGS: &str = "\
#[derive(Clone, Differentiable)]
struct Spring { stiffness: f64, length: f64 }

#[grad(wrt(self, x))]
impl Spring {
    fn energy(&self, x: f64) -> f64 {
        let stretch = x - self.length;
        0.5 * self.stiffness * stretch * stretch
    }
}

#[grad(wrt(springs, x))]
fn total(springs: &[Spring; 2], x: f64) -> f64 {
    let stiffer = Spring { length: springs[0].length, stiffness: 2.0 * springs[0].stiffness };
    stiffer.energy(x) + springs[1].energy(1.0 - x)
}
";

#[test]
fn a_type_with_a_method_is_followed() {
    let points = "[Spring { stiffness: 3, length: 0.5 }, Spring { length: 0.25, stiffness: 1.5 }], 2.0";
    let answer = asked(&format!("evaluate gradient\n{points}\n{SPRINGS}"));
    // 0.5 · 6 · 1.5² + 0.5 · 1.5 · 1.25²; by the first spring 2 · 0.5 · 1.5² and −6 · 1.5, by the second (its length first)
    // −1.5 · (−1.25) and 0.5 · 1.25², by x 6 · 1.5 − 1.5 · (−1.25)
    assert_eq!(
        answer["rows"][0],
        serde_json::json!({"value": [7.921_875], "gradient": [2.25, -9.0, 1.875, 0.781_25, 10.875]}),
        "{answer:#}"
    );
    let seen = look(SPRINGS);
    assert_eq!(seen["name"], "total");
    assert_eq!(seen["functions"], serde_json::json!(["Spring::energy", "total"]));
    let start = seen["arguments"].as_str().unwrap();
    assert!(start.starts_with("[Spring { stiffness: 0.7, length: 1.3 }, Spring {"), "{start}");
    let trace = asked(&format!("trace\n{start}\n{SPRINGS}"));
    assert_eq!(trace["stopped"], "");
    assert!(trace["steps"].as_array().unwrap().iter().all(|step| step["kind"] != "skipped"), "{trace:#}");
    // The method by itself.
    let method = asked(&format!("look gradient Spring::energy\n{SPRINGS}"));
    assert!(method["shown"]["text"].as_str().unwrap().contains("this_bar.length += "), "{method:#}");
    let trace =
        asked(&format!("trace Spring::energy\nSpring {{ stiffness: 3.0, length: 0.5 }}, 2\n{SPRINGS}"));
    assert_eq!(trace["result"], "3.375");
    assert_eq!(trace["gradient"], serde_json::json!(["Spring { stiffness: 1.125, length: -4.5 }", "4.5"]));
    for (wrong, why) in [
        ("[Spring { stiffness: 3.0 }, Spring { length: 1.0, stiffness: 1.0 }], 2.0", "`length`"),
        ("[Coil { stiffness: 3.0 }], 2.0", "`Spring` is wanted"),
        ("[Spring { stiffness: 3.0", "missing"),
    ] {
        let failed = asked(&format!("trace\n{wrong}\n{SPRINGS}"))["failed"].to_string();
        assert!(failed.contains(why), "{wrong}: {failed}");
    }
}

#[test]
fn the_call_is_one_of_rust() {
    let call =
        |args: &str, text: &str| asked(&format!("call\n{args}\n{text}"))["call"].as_str().unwrap().to_owned();
    assert_eq!(call("0.5, 1", "fn f(w: &[f64; 2]) -> f64 { w[0] * w[1] }"), "f::value_and_grad(&[0.5, 1.0])");
    assert_eq!(
        call("[1, 2], 3, (4, 5)", "fn f(v: Vec<f64>, n: usize, t: (f64, f64)) -> f64 { v[n] * t.0 }"),
        "f::value_and_grad(vec![1.0, 2.0], 3, (4.0, 5.0))"
    );
    let spring = "Spring { stiffness: 3, length: 0.5 }";
    assert_eq!(
        call(&format!("[{spring}, {spring}], 2"), SPRINGS),
        "total::value_and_grad(&[Spring { stiffness: 3.0, length: 0.5 }, Spring { stiffness: 3.0, length: 0.5 }], 2.0)"
    );
    let method = asked(&format!("call Spring::energy\n{spring}, 2\n{SPRINGS}"));
    assert_eq!(method["call"], "Spring { stiffness: 3.0, length: 0.5 }.energy_value_and_grad(2.0)");
}

#[test]
fn integers_and_conditions_are_steps_of_their_own() {
    let text = "#[grad(wrt(x))]\nfn f(x: f64, n: usize) -> f64 {\n    let m = 2 * n + 1;\n    if x < 1.0 && n % 2 == 1 { x * m as f64 } else { x }\n}\n";
    let answer = asked(&format!("trace\n0.5, 3\n{text}"));
    let steps = answer["steps"].as_array().unwrap();
    let step = |name: &str| steps.iter().find(|step| step["name"] == name).unwrap();
    assert_eq!((&step("m")["text"], &step("m")["value"]), (&"2 * n + 1".into(), &"7".into()));
    assert_eq!(
        (&step("cond")["text"], &step("cond")["value"]),
        (&"x < 1.0 && n % 2 == 1".into(), &"true".into())
    );
    assert_eq!(answer["gradient"][0], "7.0");
}

const VECTORS: &str = "\
#[derive(Clone, Copy, Differentiable)]
struct V { x: f64, y: f64 }

#[grad]
impl std::ops::Add for V {
    type Output = V;
    fn add(self, other: V) -> V { V { x: self.x + other.x, y: self.y + other.y } }
}

#[grad]
impl std::ops::Mul<f64> for V {
    type Output = V;
    fn mul(self, k: f64) -> V { V { x: self.x * k, y: self.y * k } }
}

#[grad]
impl std::ops::Mul<&V> for &V {
    type Output = f64;
    fn mul(self, other: &V) -> f64 { self.x * other.x + self.y * other.y }
}

#[grad]
fn f(k: f64, x: f64) -> f64 {
    let v = V { x, y: 2.0 };
    let w = v * k + v;
    &w * &v
}
";

#[test]
fn operators_of_a_type_are_followed() {
    // (k + 1) · (x² + 4)
    let answer = asked(&format!("evaluate gradient\n3.0, 0.5\n{VECTORS}"));
    assert_eq!(
        answer["rows"][0],
        serde_json::json!({"value": [17.0], "gradient": [4.25, 4.0]}),
        "{answer:#}"
    );
    let trace = asked(&format!("trace\n3.0, 0.5\n{VECTORS}"));
    assert_eq!((&trace["stopped"], &trace["result"]), (&"".into(), &"17.0".into()), "{trace:#}");
    assert!(trace["steps"].as_array().unwrap().iter().all(|step| step["kind"] != "skipped"), "{trace:#}");
    assert_eq!(trace["gradient"], serde_json::json!(["4.25", "4.0"]));
}

#[test]
fn functions_that_are_generic_over_their_floats_are_followed() {
    let text = "#[grad]\nfn square<T: Float>(x: T) -> T {\n    x * x + T::one()\n}\n#[grad]\nfn f<T: Float>(x: T) -> T {\n    let two = T::from(2.0).unwrap();\n    square(x.sin()) * two\n}\n";
    let trace = asked(&format!("trace\n0.5\n{text}"));
    assert_eq!(trace["stopped"], "", "{trace:#}");
    assert!(trace["steps"].as_array().unwrap().iter().all(|step| step["kind"] != "skipped"), "{trace:#}");
    let slope: f64 = trace["gradient"][0].as_str().unwrap().parse().unwrap();
    assert!((slope - 4.0 * 0.5_f64.sin() * 0.5_f64.cos()).abs() < 1e-4, "{trace:#}");
}

#[test]
fn constants_are_those_of_the_file() {
    let text = "use std::f64::consts::{PI, TAU as TURN};\nconst E: f64 = 2.0 * HALF;\nconst HALF: f64 = 0.5;\n#[grad]\nfn f(x: f64) -> f64 {\n    const K: f64 = 3.0;\n    let y = E * x * x + K * (PI / PI) + TURN / std::f64::consts::TAU;\n    y\n}\n";
    let trace = asked(&format!("trace\n2.0\n{text}"));
    assert_eq!((&trace["result"], &trace["gradient"][0]), (&"8.0".into(), &"4.0".into()), "{trace:#}");
    for unknown in ["", "const ONE: f64 = 1.0 + TWO;\nconst TWO: f64 = ONE - 1.0;\n"] {
        let trace =
            asked(&format!("trace\n2.0\n{unknown}#[grad]\nfn f(x: f64) -> f64 {{\n    x * ONE\n}}\n"));
        assert!(trace["steps"].as_array().unwrap().iter().any(|step| step["kind"] == "skipped"), "{trace:#}");
    }
}
