//! `cargo run -p grad-fuzz -- --help`

use grad_fuzz::batch::{Outcome, Workshop};
use grad_fuzz::constructs;
use grad_fuzz::generate::generate;
use grad_fuzz::minimise::minimise;
use grad_fuzz::program::Program;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
Random programs for #[grad]: each is compiled, and all of its derivatives are compared with
each other and with dual numbers that run the same source.

    cargo run -p grad-fuzz -- [OPTIONS]

    --seed S        which programs (1)
    --programs N    how many (200)
    --from K        begin with program K of the seed (0)
    --batch N       how many are compiled together (50)
    --release       with optimisation
    --minimise      make the first of what fails in the same way smaller
    --show K        print program K of the seed, and do nothing else
    --keep DIR      write what fails into files there
    --help          this text

It ends with 1 if a program fails: if it does not compile though nothing is refused, if a
derivative is wrong or panics.
";

struct Options {
    seed: u64,
    programs: u64,
    from: u64,
    batch: usize,
    release: bool,
    minimise: bool,
    show: Option<u64>,
    keep: Option<PathBuf>,
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::{Long, ValueExt};
    let mut options = Options {
        seed: 1,
        programs: 200,
        from: 0,
        batch: 50,
        release: false,
        minimise: false,
        show: None,
        keep: None,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("programs") => options.programs = parser.value()?.parse()?,
            Long("from") => options.from = parser.value()?.parse()?,
            Long("batch") => options.batch = parser.value()?.parse::<usize>()?.max(1),
            Long("release") => options.release = true,
            Long("minimise") => options.minimise = true,
            Long("show") => options.show = Some(parser.value()?.parse()?),
            Long("keep") => options.keep = Some(parser.value()?.into()),
            Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}; `--help` lists the options");
            return ExitCode::from(2);
        }
    };
    if let Some(k) = options.show {
        println!("{}", pretty(&generate(options.seed, k)));
        return ExitCode::SUCCESS;
    }
    match run(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn pretty(program: &Program) -> String {
    syn::parse_str(&program.source)
        .map_or_else(|_| program.source.clone(), |file| prettyplease::unparse(&file))
}

/// From so many on, the time to compile the macro with optimisation comes back.
const MANY: u64 = 1000;

/// Programs, by seed and number, that fail and that nobody has mended.
const KNOWN: &[(u64, u64)] = &[];

/// What became of all programs.
#[derive(Default)]
struct Tally {
    right: u64,
    skipped: BTreeMap<String, u64>,
    refused: BTreeMap<String, Vec<u64>>,
    failed: BTreeMap<String, Vec<u64>>,
    invalid: Vec<(u64, String)>,
    constructs: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn count(&mut self, k: u64, program: &Program, outcome: &Outcome) {
        for construct in &program.constructs {
            *self.constructs.entry(construct).or_default() += 1;
        }
        match outcome {
            Outcome::Right => self.right += 1,
            Outcome::Skipped(why) => *self.skipped.entry(why.clone()).or_default() += 1,
            Outcome::Refused(numbers) => {
                let mut numbers = numbers.clone();
                numbers.sort();
                numbers.dedup();
                self.refused.entry(numbers.join(", ")).or_default().push(k);
            }
            Outcome::Invalid(why) => self.invalid.push((k, why.clone())),
            failure => self.failed.entry(failure.kind()).or_default().push(k),
        }
    }

    fn print(&self, programs: u64, cpu: Option<f64>) {
        let skipped: u64 = self.skipped.values().sum();
        let all = |which: &BTreeMap<String, Vec<u64>>| which.values().map(Vec::len).sum::<usize>();
        println!(
            "\n{programs} programs: {} right, {} skipped, {} refused, {} failed, {} invalid",
            self.right,
            skipped,
            all(&self.refused),
            all(&self.failed),
            self.invalid.len()
        );
        if let Some(cpu) = cpu {
            println!("{:.2} CPU seconds a program", cpu / programs.max(1) as f64);
        }
        for (why, count) in &self.skipped {
            println!("  skipped: {why}: {count}");
        }
        for (numbers, which) in &self.refused {
            println!("  refused: {numbers}: {} ({:?} …)", which.len(), which[0]);
        }
        for (kind, which) in &self.failed {
            println!("  failed: {kind}: {} ({which:?})", which.len());
        }
        for (k, why) in &self.invalid {
            println!("  invalid: {k}: {}", why.lines().next().unwrap_or_default());
        }
        let accepted = programs - all(&self.refused) as u64;
        println!("accepted: {:.1} %", 100.0 * accepted as f64 / programs.max(1) as f64);
        println!("constructs, in how many programs:");
        let mut line = String::new();
        for construct in constructs::ALL {
            let count = self.constructs.get(construct).copied().unwrap_or(0);
            let entry = format!("{construct}: {count}");
            if line.len() + entry.len() > 110 {
                println!("  {line}");
                line.clear();
            }
            if !line.is_empty() {
                line += "; ";
            }
            line += &entry;
        }
        println!("  {line}");
    }
}

fn run(options: &Options) -> Result<usize, std::io::Error> {
    let workshop = Workshop::open(options.release, options.programs >= MANY)?;
    let mut tally = Tally::default();
    let mut failures = 0;
    let mut seen = BTreeSet::new();
    let last = options.from + options.programs;
    let mut next = options.from;
    while next < last {
        let numbers: Vec<u64> = (next..last.min(next + options.batch as u64)).collect();
        next += numbers.len() as u64;
        let programs: Vec<Program> = numbers.iter().map(|k| generate(options.seed, *k)).collect();
        let outcomes = workshop.outcomes(&programs)?;
        for ((k, program), outcome) in numbers.iter().zip(&programs).zip(&outcomes) {
            tally.count(*k, program, outcome);
            let is_known = KNOWN.contains(&(options.seed, *k));
            if is_known && !outcome.is_failure() {
                println!(
                    "program {k} of seed {} does not fail any more: it is known no longer",
                    options.seed
                );
                failures += 1;
            }
            if outcome.is_failure() && !is_known {
                failures += 1;
                let minimise = options.minimise && seen.insert(signature(outcome));
                report(options, &workshop, *k, program, outcome, minimise)?;
            }
        }
        eprintln!(
            "{} of {} programs, {failures} failed that are not known to",
            next - options.from,
            options.programs
        );
    }
    tally.print(options.programs, cpu_seconds());
    Ok(failures)
}

fn report(
    options: &Options,
    workshop: &Workshop,
    k: u64,
    program: &Program,
    outcome: &Outcome,
    minimise_it: bool,
) -> Result<(), std::io::Error> {
    let (mut program, mut outcome) = (program.clone(), outcome.clone());
    if minimise_it {
        (program, outcome) = minimise(workshop, &program, &outcome)?;
    }
    let text = format!(
        "// --seed {} --from {k}: {}\n// {outcome:?}\n// called with {:?} at {:?}\n{}",
        options.seed,
        outcome.kind(),
        program.args,
        program.start,
        pretty(&program)
    );
    println!("\n{text}");
    if let Some(folder) = &options.keep {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(format!("seed{}_{k}.rs", options.seed)), text)?;
    }
    Ok(())
}

/// What failures of one cause have in common, most of the time: the message without names, numbers and places.
fn signature(outcome: &Outcome) -> String {
    let text = match outcome {
        Outcome::Broken(error) => error.clone(),
        Outcome::Noise(errors) => errors.join("; "),
        Outcome::Panics(message) | Outcome::Warns(message) => message.clone(),
        Outcome::Wrong(what) => what.split_whitespace().take(3).collect(),
        other => other.kind(),
    };
    let text = text.split(" (at ").next().unwrap_or_default();
    // Every other part is between backticks.
    let words = text.split('`').step_by(2).collect::<String>();
    words.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// What this process and those that it waited for have used, where the system tells.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let ticks: Vec<f64> =
        after_name.split_whitespace().skip(11).take(4).filter_map(|n| n.parse().ok()).collect();
    Some(ticks.iter().sum::<f64>() / 100.0)
}
