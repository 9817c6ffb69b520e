//! `cargo bench -p gradbench`: what the evaluations cost, at the sizes that decide their scores in the suite.
//!
//! For each evaluation and size, a line of a Markdown table: the time of its function, of what it asks for by `#[grad]`, and of
//! the same by hand; and the last two as multiples of the function. All three take turns in one process, by the clock, as the suite
//! times them (outputs are allocated within); the table has the medians.
//!
//! ```text
//! RUSTFLAGS="-C target-cpu=native" cargo bench -p gradbench                 all of them, 3 seconds each
//! RUSTFLAGS="-C target-cpu=native" cargo bench -p gradbench -- gmm --seconds 20
//! cargo bench -p gradbench -- --multithreaded
//! ```
//!
//! Without `--bench`, which cargo adds, one is measured for a moment, to see that it can be: that is what `cargo test` runs.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use grad_benches::{further, given};
use gradbench::parts::Threads;
use gradbench::workloads;
use gradbench::{by_hand, evals};
use serde_json::Value;

/// An evaluation of one size.
struct Workload {
    name: String,
    eval: &'static str,
    function: &'static str,
    derivative: &'static str,
    input: Value,
    /// The derivative by hand; an allocation for it is part of the time, as it is of the generated one.
    by_hand: Option<Box<dyn FnMut()>>,
}

struct Task {
    filter: String,
    threads: Threads,
    budget: Duration,
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)).and_then(|task| measure(&task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut task = Task { filter: String::new(), threads: Threads::One, budget: Duration::from_secs(3) };
    // The test harness has options of its own, which `cargo test` passes on.
    let (mut is_bench, mut unknown) = (false, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bench" => is_bench = true,
            "--multithreaded" => task.threads = Threads::All,
            "--seconds" => {
                let seconds = args.next().and_then(|seconds| seconds.parse().ok());
                let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                task.budget = seconds.ok_or("`--seconds` takes a number of seconds")?;
            }
            option if option.starts_with('-') => unknown = Some(format!("there is no option `{option}`")),
            name => name.clone_into(&mut task.filter),
        }
    }
    if !is_bench {
        return Ok(Task { filter: "llsq n=16".to_owned(), budget: Duration::ZERO, ..task });
    }
    unknown.map_or(Ok(task), Err)
}

fn measure(task: &Task) -> Result<(), String> {
    let mut workloads = workloads();
    workloads.retain(|workload| workload.name.contains(&task.filter));
    if workloads.is_empty() {
        return Err(format!("there is no evaluation whose name contains `{}`", task.filter));
    }
    println!(
        "| evaluation | function | `#[grad]` | by hand | `#[grad]` / function | by hand / function | `#[grad]` / by hand |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: |");
    for mut workload in workloads {
        let [mut function, mut derivative] = [workload.function, workload.derivative].map(|name| {
            let eval = evals::ALL
                .iter()
                .find(|eval| eval.name == workload.eval)
                .expect("an evaluation of the suite");
            (eval.prepare)(name, &workload.input, task.threads).expect("a function with its input")
        });
        let mut times: [Vec<f64>; 3] = Default::default();
        let start = Instant::now();
        while times[0].is_empty() || (start.elapsed() < task.budget && times[0].len() < 10_000) {
            times[0].push(time(|| function.run()));
            times[1].push(time(|| derivative.run()));
            if let Some(by_hand) = &mut workload.by_hand {
                times[2].push(time(by_hand));
            }
        }
        black_box((function.output(), derivative.output()));
        let [function, derivative, by_hand] = times.map(median);
        let shown =
            |time: f64| if time.is_nan() { "–".to_owned() } else { format!("{:.4} ms", 1e3 * time) };
        let ratio = |ratio: f64| if ratio.is_nan() { "–".to_owned() } else { format!("{ratio:.2}") };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            workload.name,
            shown(function),
            shown(derivative),
            shown(by_hand),
            ratio(derivative / function),
            ratio(by_hand / function),
            ratio(derivative / by_hand),
        );
    }
    Ok(())
}

fn time(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

/// NaN of nothing.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().expect("a number")],
    }
}

fn workloads() -> Vec<Workload> {
    let mut all = Vec::new();
    all.extend([16, 1024, 16_392].map(|n| llsq(n, 128)));
    all.extend([10_000, 1_280_000].map(lse));
    all.extend([7, 10].map(det));
    all.extend([(1000, 10), (10_000, 100)].map(|(n, s)| ode(n, s)));
    all.extend([(2, 5), (10, 25), (64, 100)].map(|(d, k)| gmm(d, k, 1000)));
    all.extend([(2, 1024), (4, 4096)].map(|(l, c)| lstm(l, c)));
    all.push(ba(49, 7776, 31_843));
    all.extend([(544, 200), (10_000, 6400)].map(|(vertices, c)| ht(vertices, c)));
    all.extend([(10, 1000), (100, 10_000)].map(|(k, n)| kmeans(k, n, 8)));
    // There is no function but the derivative: in the first column is the slowest combination of modes, in the second the fastest.
    let nested = |eval, input, by_hand: fn()| Workload {
        name: format!("{eval}, ff and rr"),
        eval,
        function: "ff",
        derivative: "rr",
        input,
        by_hand: Some(Box::new(by_hand)),
    };
    all.push(nested("particle", workloads::particle(), || {
        black_box(by_hand::particle(black_box(0.0)));
    }));
    all.push(nested("saddle", workloads::saddle(), || {
        black_box(by_hand::saddle(black_box([1.0, 1.0])));
    }));
    all
}

fn llsq(n: usize, m: usize) -> Workload {
    let input = workloads::llsq(n, m);
    let x = numbers(&input["x"]);
    let t: Vec<f64> = (0..n).map(|i| -1.0 + 2.0 * i as f64 / (n - 1) as f64).collect();
    let signs: Vec<f64> = t.iter().map(|t| t.signum()).collect();
    let by_hand = move || {
        let mut gradient = vec![0.0; x.len()];
        further::by_hand::least_squares(black_box(&x), &t, &signs, &mut gradient);
        black_box(gradient);
    };
    Workload {
        name: format!("llsq n={n} m={m}"),
        eval: "llsq",
        function: "primal",
        derivative: "gradient",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}

fn lse(n: usize) -> Workload {
    let input = workloads::lse(n);
    let x = numbers(&input["x"]);
    let by_hand = move || {
        let mut gradient = vec![0.0; x.len()];
        further::by_hand::log_sum_exp(black_box(&x), &mut gradient);
        black_box(gradient);
    };
    Workload {
        name: format!("lse n={n}"),
        eval: "lse",
        function: "primal",
        derivative: "gradient",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}

fn det(ell: usize) -> Workload {
    let input = workloads::det(ell);
    let a = numbers(&input["A"]);
    let by_hand = move || {
        let mut gradient = vec![0.0; a.len()];
        given::by_hand::det(black_box(&a), ell, &mut gradient);
        black_box(gradient);
    };
    Workload {
        name: format!("det {ell}"),
        eval: "det",
        function: "primal",
        derivative: "gradient",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}

fn ode(n: usize, s: usize) -> Workload {
    let input = workloads::ode(n, s);
    let x = numbers(&input["x"]);
    let by_hand = move || {
        let mut gradient = vec![0.0; x.len()];
        given::by_hand::ode(black_box(&x), s, &mut gradient);
        black_box(gradient);
    };
    Workload {
        name: format!("ode n={n} s={s}"),
        eval: "ode",
        function: "primal",
        derivative: "gradient",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}

fn gmm(d: usize, k: usize, n: usize) -> Workload {
    let input = workloads::gmm(d, k, n);
    let [alpha, mu, q, l, x] = ["alpha", "mu", "q", "l", "x"].map(|field| numbers(&input[field]));
    // The prior has the other sign there, which costs the same.
    let by_hand = move || {
        let [mut alpha_bar, mut mu_bar, mut q_bar, mut l_bar] =
            [&alpha, &mu, &q, &l].map(|of| vec![0.0; of.len()]);
        let alpha = black_box(&alpha);
        given::by_hand::gmm(
            alpha,
            &mu,
            &q,
            &l,
            &x,
            d,
            1.0,
            0,
            &mut alpha_bar,
            &mut mu_bar,
            &mut q_bar,
            &mut l_bar,
        );
        black_box((alpha_bar, mu_bar, q_bar, l_bar));
    };
    Workload {
        name: format!("gmm d={d} k={k} n={n}"),
        eval: "gmm",
        function: "objective",
        derivative: "jacobian",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}

fn lstm(l: usize, c: usize) -> Workload {
    let input = workloads::lstm(l, c, 14);
    let [main, extra, state, sequence] =
        ["main_params", "extra_params", "state", "sequence"].map(|field| numbers(&input[field]));
    let by_hand = move || {
        let [mut main_bar, mut extra_bar] = [&main, &extra].map(|of| vec![0.0; of.len()]);
        given::by_hand::lstm(black_box(&main), &extra, &state, &sequence, &mut main_bar, &mut extra_bar);
        black_box((main_bar, extra_bar));
    };
    Workload {
        name: format!("lstm l={l} c={c}"),
        eval: "lstm",
        function: "objective",
        derivative: "jacobian",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}

fn ba(n: usize, m: usize, p: usize) -> Workload {
    let input = workloads::ba(n, m, p);
    let number = |value: &Value| value.as_f64().expect("a number");
    let array = |field: &str| numbers(&input[field]);
    let camera: [f64; 11] = array("cam").try_into().expect("eleven numbers");
    let point: [f64; 3] = array("x").try_into().expect("three numbers");
    let feature: [f64; 2] = array("feat").try_into().expect("two numbers");
    let weight = number(&input["w"]);
    let (cameras, points, weights) = (vec![camera; n], vec![point; m], vec![weight; p]);
    // Blocks alone, without the sparse matrix: that takes its time in both.
    let by_hand = move || {
        let mut rows = vec![[[0.0; 15]; 2]; p];
        for (i, (row, weight)) in rows.iter_mut().zip(&weights).enumerate() {
            given::by_hand::ba(&cameras[i % n], &points[i % m], *weight, black_box(&feature), row);
        }
        black_box(rows);
    };
    Workload {
        name: format!("ba n={n} m={m} p={p}"),
        eval: "ba",
        function: "objective",
        derivative: "jacobian",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}

fn ht(vertices: usize, c: usize) -> Workload {
    let input = workloads::ht(vertices, c, true);
    let hand = by_hand::HandByHand::read(&input).expect("a hand");
    let by_hand = move || {
        black_box(by_hand::jacobian_of_hand(black_box(&hand)));
    };
    Workload {
        name: format!("ht vertices={vertices} c={c}"),
        eval: "ht",
        function: "objective",
        derivative: "jacobian",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}

fn kmeans(k: usize, n: usize, d: usize) -> Workload {
    let input = workloads::kmeans(k, n, d);
    let [points, centroids] = ["points", "centroids"].map(|field| numbers(&input[field]));
    let by_hand = move || {
        black_box(by_hand::newton_step(black_box(&points), &centroids, d));
    };
    Workload {
        name: format!("kmeans k={k} n={n} d={d}"),
        eval: "kmeans",
        function: "cost",
        derivative: "dir",
        input,
        by_hand: Some(Box::new(by_hand)),
    }
}
