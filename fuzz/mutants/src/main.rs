//! `cargo run -p grad-mutants -- --help`

mod equivalent;
mod schemata;
mod sites;
mod tree;
mod trial;

use schemata::Mutant;
use sites::{ON, Site};
use std::collections::BTreeSet;
use std::io::Error;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tree::Tree;
use trial::{Suite, Verdict};

const HELP: &str = "\
Small changes to the compiler: which of them do its tests notice?

    cargo run -p grad-mutants -- [OPTIONS]

    --seed S        which changes (1)
    --mutants N     how many (200)
    --only A,B      of these, only some, by what is printed in front of them
    --below NAME    only those in files whose path begins like this, as `analysis/activity`
    --longest T     leave out tests that take longer than so many seconds (30)
    --without T,U   leave out tests with these words in their names
    --jobs J        how many at the same time (1)
    --list          print them, and do nothing else
    --help          this text

The compiler is copied, and all changes are made in one copy, each of which is on when its
number is in the environment. Then the compiler's tests run once for each, until one fails.
It ends with 1 if a change survives that is not known to make no difference.
";

struct Options {
    seed: u64,
    mutants: usize,
    only: Option<BTreeSet<String>>,
    below: String,
    longest: f64,
    without: Vec<String>,
    jobs: usize,
    list: bool,
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::{Long, ValueExt};
    let mut options = Options {
        seed: 1,
        mutants: 200,
        only: None,
        below: String::new(),
        longest: 30.0,
        without: Vec::new(),
        jobs: 1,
        list: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("mutants") => options.mutants = parser.value()?.parse()?,
            Long("only") => {
                options.only = Some(parser.value()?.string()?.split(',').map(str::to_owned).collect());
            }
            Long("below") => options.below = parser.value()?.string()?,
            Long("longest") => options.longest = parser.value()?.parse()?,
            Long("without") => {
                options.without = parser.value()?.string()?.split(',').map(str::to_owned).collect();
            }
            Long("jobs") => options.jobs = parser.value()?.parse::<usize>()?.max(1),
            Long("list") => options.list = true,
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
    match run(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// A number that depends on the seed and on what a change is, but not on what else there is: the same changes are
/// chosen after something else in the source was changed.
fn lot(seed: u64, site: &Site) -> u64 {
    let text = format!("{} {} {}", site.file, site.what, site.nth);
    let mut z = text.bytes().fold(0xCBF2_9CE4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    // The end of `SplitMix64`.
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The changes: number 1 breaks everything, to see that the tests run on what was changed.
fn sample(tree: &Tree, options: &Options) -> Result<Vec<Mutant>, Error> {
    let mut sites = tree.sites()?;
    let fatal = sites.iter().find(|site| site.what.starts_with("analyse: ")).cloned();
    let fatal = Site {
        before: format!(" if {ON} {{ unreachable!(\"a test\") }}"),
        what: "analyse: panics".to_owned(),
        ..fatal.ok_or_else(|| Error::other("there is no function `analyse`"))?
    };
    sites.retain(|site| site.file.starts_with(&options.below));
    let all = sites.len();
    // That rustc refused them before.
    let noted = std::fs::read_to_string(tree.refusals()).unwrap_or_default();
    let mut noted: BTreeSet<String> = noted.lines().map(str::to_owned).collect();
    sites.retain(|site| !noted.contains(&name(site)));
    sites.sort_by_key(|site| lot(options.seed, site));
    let mut left = sites.into_iter().zip(2..).map(|(site, number)| Mutant { number, site });
    let mut mutants = vec![Mutant { number: 1, site: fatal }];
    mutants.extend(left.by_ref().take(options.mutants));
    loop {
        let bad = tree.refused(&mutants)?;
        if bad.is_empty() {
            break;
        }
        let bad_ones = mutants.iter().filter(|it| bad.contains(&it.number));
        noted.extend(bad_ones.map(|it| name(&it.site)));
        std::fs::write(tree.refusals(), noted.iter().map(|name| format!("{name}\n")).collect::<String>())?;
        mutants.retain(|it| !bad.contains(&it.number));
        mutants.extend(left.by_ref().take(bad.len()));
    }
    println!("{} of {all} changes; rustc refuses {} others", mutants.len() - 1, noted.len());
    Ok(mutants)
}

/// What a change is called, as long as nothing that it is in is changed.
fn name(site: &Site) -> String {
    format!("{:06x}", lot(0, site) >> 40)
}

fn describe(mutant: &Mutant) -> String {
    format!("{} {}:{}: {}", name(&mutant.site), mutant.site.file, mutant.site.line, mutant.site.what)
}

/// How many survive for no known reason.
fn run(options: &Options) -> Result<usize, Error> {
    let tree = Tree::copy()?;
    let mut mutants = sample(&tree, options)?;
    if options.list {
        mutants.iter().for_each(|mutant| println!("{}", describe(mutant)));
        return Ok(0);
    }
    let mut programs = tree.build()?;
    // Those that notice soonest come first.
    let order = ["docs", "passes", "scrambled", "zoo"];
    programs.sort_by_key(|tests| order.iter().position(|name| *name == tests.name));
    let suite = Suite::new(&tree, programs, options.longest, &options.without)?;
    println!("without a change, {} tests take {:.0?}", suite.tests, suite.time);
    if suite.verdict(1)? == Verdict::Survived {
        return Err(Error::other("the tests do not run on what is changed"));
    }
    mutants.remove(0);
    if let Some(only) = &options.only {
        mutants.retain(|mutant| only.contains(&name(&mutant.site)));
    }
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let work = || -> Result<(), Error> {
            while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                let start = Instant::now();
                let verdict = suite.verdict(mutant.number)?;
                println!("{}\n    {} ({:.1?})", describe(mutant), told(mutant, &verdict), start.elapsed());
                found.lock().expect("nobody panics").push((mutant, verdict));
            }
            Ok(())
        };
        let workers: Vec<_> = (0..options.jobs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("nobody panics"))
    })?;
    let found = found.into_inner().expect("nobody panics");
    let survivors: Vec<&Mutant> = found
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Survived)
        .map(|(mutant, _)| *mutant)
        .collect();
    let (same, left): (Vec<&Mutant>, Vec<&Mutant>) =
        survivors.into_iter().partition(|mutant| equivalent::why(&mutant.site).is_some());
    let timed_out = found.iter().filter(|(_, verdict)| matches!(verdict, Verdict::TimedOut(_))).count();
    println!(
        "\n{} changes: {} caught, {timed_out} of them for they do not end, {} make no difference, {} survive",
        found.len(),
        found.len() - same.len() - left.len(),
        same.len(),
        left.len()
    );
    left.iter().for_each(|mutant| println!("  {}", describe(mutant)));
    Ok(left.len())
}

fn told(mutant: &Mutant, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Caught(by) => format!("caught by {by}"),
        Verdict::TimedOut(which) => format!("{which} does not end"),
        Verdict::Survived => match equivalent::why(&mutant.site) {
            Some(why) => format!("makes no difference: {why}"),
            None => "SURVIVES".to_owned(),
        },
    }
}
