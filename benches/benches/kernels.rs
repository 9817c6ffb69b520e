//! `cargo bench -p grad-benches --bench kernels`: what gradients cost on kernels as people write them.
//!
//! For each kernel and size, a line of a Markdown table: the time of the function; value and gradient by hand, and by
//! `#[grad]`, as multiples of it; and what a call of these two allocates. The three take turns in one process, in slices
//! of about 1 ms, by the processor time of the thread; each turn gives two ratios, and the table has their medians. A busy
//! neighbour or a change of the clock then hits all three alike.
//!
//! ```text
//! cargo bench -p grad-benches --bench kernels                         all kernels, 3 seconds each
//! cargo bench -p grad-benches --bench kernels -- gmm --seconds 20     those whose name contains `gmm`
//! cargo bench -p grad-benches --bench kernels -- --growth             rows of sizes, to see whether a ratio grows
//! cargo bench -p grad-benches --bench kernels -- --once "ode n=300 s=100" grad 10
//! ```
//!
//! Code for the processor at hand, with its widest vectors, is what `RUSTFLAGS="-C target-cpu=native"` in the environment
//! makes of all three; without it, they are built for every processor of the architecture. `--profile dev` behind `bench`
//! measures code that is not optimised.
//!
//! `--once KERNEL FORM TIMES` evaluates one form (`function`, `hand` or `grad`) and nothing else, to count instructions in
//! place of time:
//!
//! ```text
//! cargo bench -p grad-benches --bench kernels --no-run       prints the path of the binary
//! for times in 10 110; do
//!     valgrind --tool=callgrind --callgrind-out-file=target/callgrind.$times \
//!         target/release/deps/kernels-HASH --once "ode n=300 s=100" grad $times 2>&1 | grep refs
//! done                                                       (second - first) / 100 is one evaluation
//! ```
//!
//! (Without `target-cpu=native`: valgrind does not know the newest instructions.)
//!
//! Without `--bench`, which cargo adds, one kernel is measured for a moment, to see that it can be: that is what `cargo test`
//! runs. The gradients are compared with each other and with differences by the tests of the library.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use grad_benches::kernel::{Form, Kernel};
use grad_benches::measured;

/// What the command line asks for.
enum Task {
    Measure { filter: String, growth: bool, budget: Duration },
    Once { kernel: String, form: Form, times: u64 },
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)).and_then(perform) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut measure = false;
    let (mut filter, mut growth, mut budget) = (String::new(), false, Duration::from_secs(3));
    // The test harness has options of its own, which `cargo test` passes on.
    let mut unknown = None;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bench" => measure = true,
            "--growth" => growth = true,
            "--seconds" => {
                let seconds = args.next().and_then(|seconds| seconds.parse().ok());
                let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                budget = seconds.ok_or("`--seconds` takes a number of seconds")?;
            }
            "--once" => {
                let kernel = args.next();
                let form =
                    args.next().and_then(|name| Form::ALL.into_iter().find(|form| form.name() == name));
                let times = args.next().and_then(|times| times.parse().ok());
                let (Some(kernel), Some(form), Some(times)) = (kernel, form, times) else {
                    return Err(
                        "`--once` takes a kernel, one of `function`, `hand` and `grad`, and how many times"
                            .to_owned(),
                    );
                };
                return Ok(Task::Once { kernel, form, times });
            }
            option if option.starts_with('-') => unknown = Some(format!("there is no option `{option}`")),
            name => name.clone_into(&mut filter),
        }
    }
    if !measure {
        return Ok(Task::Measure { filter: "rosenbrock".to_owned(), growth: false, budget: Duration::ZERO });
    }
    unknown.map_or(Ok(Task::Measure { filter, growth, budget }), Err)
}

fn perform(task: Task) -> Result<(), String> {
    match task {
        Task::Measure { filter, growth, budget } => {
            let mut kernels = if growth { measured::growing() } else { measured::all() };
            kernels.retain(|kernel| kernel.name.contains(&filter));
            if kernels.is_empty() {
                return Err(format!("there is no kernel whose name contains `{filter}`"));
            }
            measure(&mut kernels, &allocations(&filter, growth)?, budget);
        }
        Task::Once { kernel, form, times } => {
            let mut kernels = measured::all().into_iter().chain(measured::growing());
            let found = kernels.find(|found| found.name == kernel);
            found.ok_or_else(|| format!("there is no kernel `{kernel}`"))?.run(form, times);
        }
    }
    Ok(())
}

fn measure(kernels: &mut [Kernel], allocations: &[Allocations], budget: Duration) {
    println!(
        "| kernel | function | by hand | `#[grad]` | `#[grad]` / by hand | allocates by hand | allocates `#[grad]` |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: |");
    let mut spread: f64 = 0.0;
    for kernel in kernels {
        kernel.check();
        let [function, hand, grad, grad_by_hand] = interleave(kernel, budget);
        let of = |form: Form| {
            let mut of_kernel = allocations.iter().filter(|a| a.kernel == kernel.name);
            of_kernel
                .find(|a| a.form == form.name())
                .map_or("?".to_owned(), |a| readable_memory(a.number, a.bytes))
        };
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {} | {} |",
            kernel.name,
            readable(function.median),
            hand.median,
            grad.median,
            grad_by_hand.median,
            of(Form::Hand),
            of(Form::Grad),
        );
        spread = spread.max(hand.spread()).max(grad.spread());
    }
    println!();
    println!(
        "In no row is the middle half of the ratios further than {:.0} % from the median.",
        100.0 * spread
    );
}

/// What was found in the turns.
struct Quartiles {
    low: f64,
    median: f64,
    high: f64,
}

impl Quartiles {
    fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        let last = numbers.len() - 1;
        Quartiles { low: numbers[last / 4], median: numbers[last / 2], high: numbers[last - last / 4] }
    }

    fn spread(&self) -> f64 {
        (self.high - self.median).max(self.median - self.low) / self.median
    }
}

const SLICE: f64 = 1e-3;

/// Lets the forms take turns for the whole of `budget`, and at least five times: the seconds of the function, those by hand
/// and of `#[grad]` as multiples of them, and `#[grad]` as a multiple of by hand.
fn interleave(kernel: &mut Kernel, budget: Duration) -> [Quartiles; 4] {
    let times = Form::ALL.map(|form| evaluations_per_slice(kernel, form));
    let mut found = [const { Vec::new() }; 4];
    let start = processor_time();
    let mut turns = 0;
    while turns < 5 || processor_time() - start < budget.as_secs_f64() {
        let mut turn = [0.0; 3];
        // Each form is the first in a third of the turns.
        for form in (0..3).map(|k| (k + turns) % 3) {
            turn[form] = seconds(kernel, Form::ALL[form], times[form]);
        }
        let [function, hand, grad] = turn;
        for (found, number) in found.iter_mut().zip([function, hand / function, grad / function, grad / hand])
        {
            found.push(number);
        }
        turns += 1;
    }
    found.map(Quartiles::of)
}

/// How often a form fits in a slice, found by doubling, which also warms it up.
fn evaluations_per_slice(kernel: &mut Kernel, form: Form) -> u64 {
    let mut times = 1;
    while seconds(kernel, form, times) * (times as f64) < SLICE / 2.0 {
        times *= 2;
    }
    times
}

/// Seconds of one evaluation, as the mean of `times`.
fn seconds(kernel: &mut Kernel, form: Form, times: u64) -> f64 {
    let start = processor_time();
    kernel.run(form, times);
    (processor_time() - start) / times as f64
}

/// The seconds that this thread had a processor, where the system tells them finely enough.
fn processor_time() -> f64 {
    #[cfg(unix)]
    if let Ok(time) = cpu_time::ThreadTime::try_now() {
        return time.as_duration().as_secs_f64();
    }
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// What a call of a form allocates.
struct Allocations {
    kernel: String,
    form: String,
    number: u64,
    /// At most at one time.
    bytes: u64,
}

/// Asks the program beside this one.
fn allocations(filter: &str, growth: bool) -> Result<Vec<Allocations>, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_allocations"));
    command.arg(filter).args(growth.then_some("--growth"));
    let output = command.output().map_err(|error| format!("the allocations cannot be counted: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "the allocations cannot be counted: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[kernel, form, number, bytes] = &fields[..] else { return None };
        let (number, bytes) = (number.parse().ok()?, bytes.parse().ok()?);
        Some(Allocations { kernel: kernel.to_owned(), form: form.to_owned(), number, bytes })
    });
    lines.collect::<Option<_>>().ok_or_else(|| format!("these are no allocations: {text}"))
}

fn readable(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.1} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.2} µs", s * 1e6),
        s => format!("{:.2} ms", s * 1e3),
    }
}

fn readable_memory(number: u64, bytes: u64) -> String {
    match bytes {
        0 => format!("{number}"),
        b if b < 10_000 => format!("{number}, {b} B"),
        b if b < 10_000_000 => format!("{number}, {} kB", b / 1000),
        b => format!("{number}, {} MB", b / 1_000_000),
    }
}
