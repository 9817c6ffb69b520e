//! `cargo bench -p grad-benches --bench ratios`: how the generated gradients compare, as a Markdown table from one run.
//!
//! The variants of a problem take turns in slices of about 2 ms, for some seconds, and each counts with its fastest
//! slice. A busy neighbour or a change of the clock then hits all variants alike, or a slice that does not
//! count: ratios repeat to a few per cent on machines where averages are off by a factor of two.
//!
//! ```text
//! cargo bench -p grad-benches --bench ratios                           all problems, 5 seconds each
//! cargo bench -p grad-benches --bench ratios -- gmm --seconds 20       those whose name contains `gmm`
//! cargo bench -p grad-benches --bench ratios -- --once gmm_d10_k25_n1000 grad 10
//! ```
//!
//! Without `--bench`, which cargo adds, nothing is measured: all gradients are compared with each other, and that is
//! what `cargo test` runs.
//!
//! # Instructions in place of time
//!
//! Where time is too noisy to tell two forms of a gradient apart, count instructions. `--once PROBLEM VARIANT TIMES`
//! evaluates one variant and nothing else, so that the difference between two counts is that of the evaluations:
//!
//! ```text
//! cargo bench -p grad-benches --bench ratios --no-run            prints the path of the binary
//! for times in 10 110; do
//!     valgrind --tool=callgrind --callgrind-out-file=target/callgrind.$times \
//!         target/release/deps/ratios-HASH --once rosenbrock_100 grad $times 2>&1 | grep refs
//! done                                                      (second - first) / 100 is one evaluation
//! callgrind_annotate target/callgrind.110                   where they are
//! ```
//!
//! With `CARGO_PROFILE_BENCH_DEBUG=line-tables-only` in the environment of the build, the annotation is by lines.

// The functions are written as people write them.
#![allow(clippy::needless_range_loop)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use problems::{Kind, Problem, Variant};

mod problems;

/// What the command line asks for.
enum Task {
    Check,
    Measure { filter: String, budget: Duration },
    Once { problem: String, variant: String, times: u64 },
}

fn main() -> ExitCode {
    let task = match parse(std::env::args().skip(1)) {
        Ok(task) => task,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    };
    match task {
        Task::Check => problems::all().iter_mut().for_each(Problem::check),
        Task::Measure { filter, budget } => measure(&filter, budget),
        Task::Once { problem, variant, times } => {
            let mut problems = problems::all();
            let found = problems
                .iter_mut()
                .filter(|p| p.name == problem)
                .flat_map(|p| &mut p.variants)
                .find(|v| v.name == variant);
            let Some(found) = found else {
                eprintln!("there is no variant `{variant}` of a problem `{problem}`");
                return ExitCode::FAILURE;
            };
            found.run(times);
        }
    }
    ExitCode::SUCCESS
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut measure = false;
    let (mut filter, mut budget) = (String::new(), Duration::from_secs(5));
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bench" => measure = true,
            "--seconds" => {
                let seconds = args.next().and_then(|seconds| seconds.parse().ok());
                let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                budget = seconds.ok_or("`--seconds` takes a number of seconds")?;
            }
            "--once" => {
                let (problem, variant, times) = (args.next(), args.next(), args.next());
                let times = times.and_then(|times| times.parse().ok());
                let (Some(problem), Some(variant), Some(times)) = (problem, variant, times) else {
                    return Err("`--once` takes a problem, a variant and how many times".to_owned());
                };
                return Ok(Task::Once { problem, variant, times });
            }
            // The test harness has options of its own, which `cargo test` passes on.
            option if option.starts_with('-') => {}
            name => name.clone_into(&mut filter),
        }
    }
    Ok(if measure { Task::Measure { filter, budget } } else { Task::Check })
}

fn measure(filter: &str, budget: Duration) {
    let mut times = Vec::new();
    for mut problem in problems::all() {
        if problem.name.contains(filter) {
            problem.check();
            times.push((problem.name, interleave(&mut problem.variants, budget)));
        }
    }

    println!(
        "| problem | primal | grad/primal | grad/hand | best tape/grad | best tape | best forward/grad |"
    );
    println!("| --- | --: | --: | --: | --: | --- | --: |");
    for (problem, times) in &times {
        let best = |kind| {
            let of_kind = times.iter().filter(|time| time.kind == kind);
            of_kind.min_by(|a, b| a.seconds.total_cmp(&b.seconds))
        };
        let of = |kind| best(kind).map_or(f64::NAN, |time| time.seconds);
        let grad = of(Kind::Generated);
        println!(
            "| {problem} | {} | {:.2} | {:.2} | {} | {} | {} |",
            readable(of(Kind::Primal)),
            grad / of(Kind::Primal),
            grad / of(Kind::Hand),
            best(Kind::ReverseTape).map_or("–".to_owned(), |time| format!("{:.1}", time.seconds / grad)),
            best(Kind::ReverseTape).map_or("–", |time| time.name),
            best(Kind::Forward).map_or("–".to_owned(), |time| format!("{:.1}", time.seconds / grad)),
        );
    }
    println!();
    for (problem, times) in &times {
        let times: Vec<_> =
            times.iter().map(|time| format!("{} {}", time.name, readable(time.seconds))).collect();
        println!("{problem}: {}", times.join(", "));
    }
}

/// The least time that one evaluation of a variant took.
struct Time {
    name: &'static str,
    kind: Kind,
    seconds: f64,
}

const SLICE: Duration = Duration::from_millis(2);

/// Lets the variants take turns for the whole of `budget`, and at least thrice. A variant that has had more than its
/// share of the time, as one evaluation of it is long, waits for the others.
fn interleave(variants: &mut [Variant], budget: Duration) -> Vec<Time> {
    let share = 1.0 / variants.len() as f64;
    let mut turns: Vec<_> = variants
        .iter_mut()
        .map(|variant| {
            let times = evaluations_per_slice(variant);
            Turns { variant, times, least: f64::INFINITY, spent: 0.0 }
        })
        .collect();
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < 3 || start.elapsed() < budget {
        for turn in &mut turns {
            if rounds < 3 || turn.spent <= share * start.elapsed().as_secs_f64() {
                let seconds = seconds(turn.variant, turn.times);
                turn.least = turn.least.min(seconds);
                turn.spent += seconds * turn.times as f64;
            }
        }
        rounds += 1;
    }
    turns
        .iter()
        .map(|turn| Time { name: turn.variant.name, kind: turn.variant.kind, seconds: turn.least })
        .collect()
}

struct Turns<'a> {
    variant: &'a mut Variant,
    /// Evaluations in one slice.
    times: u64,
    /// Least seconds of one evaluation.
    least: f64,
    /// Seconds so far.
    spent: f64,
}

/// How often a variant fits in a slice, found by doubling, which also warms it up.
fn evaluations_per_slice(variant: &mut Variant) -> u64 {
    let mut times = 1;
    loop {
        let elapsed = seconds(variant, times) * times as f64;
        if elapsed >= SLICE.as_secs_f64() / 2.0 {
            return times;
        }
        times *= 2;
    }
}

/// Seconds of one evaluation, as the mean of `times`.
fn seconds(variant: &mut Variant, times: u64) -> f64 {
    let start = Instant::now();
    variant.run(times);
    start.elapsed().as_secs_f64() / times as f64
}

fn readable(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.1} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.2} µs", s * 1e6),
        s => format!("{:.2} ms", s * 1e3),
    }
}
