//! The tool as a process, and what it is sent when things go wrong.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use gradbench::workloads;
use serde_json::{Value, json};

struct Session {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Session {
    fn start(args: &[&str]) -> Session {
        let mut process = Command::new(env!("CARGO_BIN_EXE_gradbench"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the tool starts");
        let to = process.stdin.take().expect("it reads");
        let from = BufReader::new(process.stdout.take().expect("it writes"));
        Session { process, to, from }
    }

    /// The answer to a line, which comes before another line is sent.
    fn ask(&mut self, line: &[u8]) -> Value {
        self.to.write_all(line).expect("the tool reads");
        self.to.write_all(b"\n").expect("the tool reads");
        self.to.flush().expect("the tool reads");
        let mut answer = String::new();
        self.from.read_line(&mut answer).expect("the tool answers");
        serde_json::from_str(&answer).expect("an answer is JSON")
    }

    fn send(&mut self, message: &Value) -> Value {
        self.ask(message.to_string().as_bytes())
    }

    fn evaluate(&mut self, module: &str, function: &str, input: Value) -> Value {
        let answer = self.send(&json!({
            "id": 77, "kind": "evaluate", "module": module, "function": function, "input": input,
        }));
        assert_eq!(answer["id"], 77);
        answer
    }

    fn end(mut self) {
        drop(self.to);
        assert!(self.process.wait().expect("the tool ends").success());
    }
}

#[test]
fn a_session_as_the_suite_has_it() {
    let mut session = Session::start(&[]);
    assert_eq!(
        session.send(&json!({ "id": 0, "kind": "start", "eval": "llsq" })),
        json!({ "id": 0, "tool": "grad" })
    );
    assert_eq!(
        session.send(&json!({ "id": 1, "kind": "define", "module": "llsq" })),
        json!({ "id": 1, "success": true })
    );
    let mut input = workloads::llsq(16, 8);
    input["min_runs"] = json!(5);
    input["min_seconds"] = json!(0.01);
    let answer = session.evaluate("llsq", "gradient", input);
    assert_eq!(answer["success"], true);
    assert_eq!(answer["output"].as_array().expect("a gradient").len(), 8);
    let timings = answer["timings"].as_array().expect("timings");
    let runs: Vec<u64> = timings
        .iter()
        .filter(|timing| timing["name"] == "evaluate")
        .map(|timing| timing["nanoseconds"].as_u64().expect("nanoseconds"))
        .collect();
    assert!(runs.len() >= 5 && runs.iter().sum::<u64>() >= 10_000_000, "{} runs", runs.len());
    assert_eq!(
        session.send(&json!({ "id": 3, "kind": "analysis", "of": 77, "valid": true })),
        json!({ "id": 3 })
    );
    session.end();
}

#[test]
fn without_minima_a_function_runs_once() {
    let mut session = Session::start(&[]);
    let answer = session.evaluate("hello", "double", json!(3.0));
    assert_eq!(answer["output"], 6.0);
    let evaluations =
        answer["timings"].as_array().expect("timings").iter().filter(|t| t["name"] == "evaluate");
    assert_eq!(evaluations.count(), 1);
    session.end();
}

#[test]
fn all_evaluations_are_defined_and_others_are_not() {
    let mut session = Session::start(&[]);
    let names =
        ["ba", "det", "gmm", "hello", "ht", "kmeans", "llsq", "lse", "lstm", "ode", "particle", "saddle"];
    // Twice: a second definition changes nothing.
    for (id, module) in names.iter().chain(&names).enumerate() {
        let answer = session.send(&json!({ "id": id, "kind": "define", "module": module }));
        assert_eq!(answer, json!({ "id": id, "success": true }));
    }
    for module in [json!("fft"), json!(""), json!(null), json!(7)] {
        let answer = session.send(&json!({ "id": "x", "kind": "define", "module": module }));
        assert_eq!((&answer["id"], &answer["success"]), (&json!("x"), &json!(false)));
        assert!(answer["error"].is_string());
    }
    session.end();
}

#[test]
fn what_is_no_message_is_an_error_and_the_session_goes_on() {
    let mut session = Session::start(&[]);
    let deep = "[".repeat(100_000);
    let long = format!("{{\"id\": 5, \"kind\": \"{}\"}}", "x".repeat(1_000_000));
    let lines: [&[u8]; 9] = [
        b"{",
        b"nonsense",
        b"[]",
        b"1",
        b"null",
        b"\"text\"",
        b"{\"id\": 1}x",
        b"\xff\xfe{}",
        deep.as_bytes(),
    ];
    for line in lines {
        let answer = session.ask(line);
        assert_eq!((&answer["id"], &answer["success"]), (&Value::Null, &json!(false)), "{answer}");
    }
    for message in [json!({}), json!({ "kind": "start" }), json!({ "id": 4 }), json!({ "id": 4, "kind": 4 })]
    {
        assert_eq!(session.send(&message)["success"], false);
    }
    // Unknown kinds are answered with nothing but the id, however long they are.
    assert_eq!(session.ask(long.as_bytes()), json!({ "id": 5 }));
    assert_eq!(session.send(&json!({ "id": [1, 2], "kind": "praise" })), json!({ "id": [1, 2] }));
    // Empty lines are no messages, and get no answer.
    session.to.write_all(b"\n  \n").expect("the tool reads");
    assert_eq!(session.send(&json!({ "id": 6, "kind": "start" }))["tool"], "grad");
    session.end();
}

/// `input` with another value in a field, which `/` separates from those it is in.
fn with(input: &Value, field: &str, value: Value) -> Value {
    let mut input = input.clone();
    *field.split('/').fold(&mut input, |value, name| &mut value[name]) = value;
    input
}

#[test]
fn what_cannot_be_evaluated_is_an_error_and_the_session_goes_on() {
    let mut session = Session::start(&[]);
    let (gmm, lstm, ba) = (workloads::gmm(2, 3, 4), workloads::lstm(2, 4, 2), workloads::ba(2, 2, 4));
    let (ht, ht_simple) = (workloads::ht(20, 4, true), workloads::ht(20, 4, false));
    let wrong = [
        ("fft", "primal", json!({})),
        ("llsq", "hessian", workloads::llsq(4, 2)),
        ("llsq", "gradient", json!({ "n": 4 })),
        ("llsq", "gradient", json!({ "x": [1.0, "two"], "n": 4 })),
        ("llsq", "gradient", json!({ "x": [1.0], "n": -1 })),
        ("llsq", "primal", json!({ "x": [1.0, 2.0], "n": 1 })),
        ("llsq", "primal", with(&workloads::llsq(4, 2), "min_runs", json!(-1))),
        ("llsq", "primal", with(&workloads::llsq(4, 2), "min_seconds", json!("long"))),
        ("hello", "square", json!("1")),
        ("hello", "square", json!(1e200)),
        ("lse", "primal", json!({ "x": [] })),
        ("det", "primal", json!({ "A": [1.0, 2.0, 3.0], "ell": 2 })),
        ("det", "gradient", json!({ "A": [], "ell": 4_000_000_000_u64 })),
        ("ode", "gradient", json!({ "x": [], "s": 3 })),
        ("ode", "primal", json!({ "x": [1.0], "s": 0.5 })),
        ("gmm", "jacobian", with(&gmm, "k", json!(4))),
        ("gmm", "jacobian", with(&gmm, "d", json!(0))),
        ("gmm", "jacobian", with(&gmm, "d", json!(1_u64 << 40))),
        ("gmm", "objective", with(&gmm, "mu", json!([[1.0, 2.0], [1.0], [1.0, 2.0]]))),
        ("gmm", "objective", with(&gmm, "l", json!([[1.0, 2.0], [1.0], [1.0]]))),
        ("lstm", "jacobian", with(&lstm, "sequence", json!([[1.0, 0.0]]))),
        ("lstm", "jacobian", with(&lstm, "state", json!([[1.0, 0.0]]))),
        ("lstm", "objective", with(&lstm, "extra_params", json!([[], [], []]))),
        ("lstm", "objective", with(&lstm, "main_params", json!([[1.0]]))),
        ("ba", "jacobian", with(&ba, "p", json!(0))),
        ("ba", "objective", with(&ba, "n", json!(u64::MAX))),
        ("ba", "objective", with(&ba, "cam", json!([1.0, 2.0]))),
        ("kmeans", "dir", json!({ "points": [], "centroids": [] })),
        ("kmeans", "dir", json!({ "points": [[1.0]], "centroids": [[1.0, 2.0]] })),
        // The second centroid is nobody's.
        ("kmeans", "dir", json!({ "points": [[1.0]], "centroids": [[1.5], [3.0]] })),
        ("ht", "jacobian", with(&ht, "theta", json!([1.0]))),
        ("ht", "jacobian", with(&ht, "data/correspondences", json!([0, 1, 2, 4_000_000]))),
        ("ht", "objective", with(&ht, "us", json!([[0.5, 0.5]]))),
        ("ht", "objective", with(&ht, "data/model/parents", json!(vec![30; 22]))),
        ("ht", "objective", with(&ht_simple, "data/correspondences", json!([0, 1, 2, 20]))),
        ("ht", "objective", with(&ht_simple, "data/model/weights", json!([[1.0]]))),
        ("particle", "rx", workloads::particle()),
        ("saddle", "rr", json!({ "start": [1.0] })),
    ];
    for (module, function, input) in wrong {
        let answer = session.evaluate(module, function, input);
        assert_eq!(answer["success"], false, "{module} {function}: {answer}");
        let error = answer["error"].as_str().expect("what is wrong");
        assert!(!error.contains("panicked"), "{module} {function}: {error}");
    }
    assert_eq!(session.send(&json!({ "id": 1, "kind": "evaluate", "module": "hello" }))["success"], false);
    assert_eq!(session.evaluate("hello", "square", json!(4))["output"], 16.0);
    session.end();
}

#[test]
fn options_are_known() {
    let mut session = Session::start(&["--multithreaded"]);
    assert_eq!(session.evaluate("hello", "square", json!(4.0))["output"], 16.0);
    session.end();
    let run = |args: &[&str]| {
        let tool = Command::new(env!("CARGO_BIN_EXE_gradbench")).args(args).stdin(Stdio::null()).output();
        tool.expect("the tool starts")
    };
    assert!(String::from_utf8_lossy(&run(&["--help"]).stdout).contains("--multithreaded"));
    assert_eq!(run(&["--quick"]).status.code(), Some(2));
}
