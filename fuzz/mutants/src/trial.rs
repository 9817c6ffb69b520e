//! Runs the tests with one change on.

use crate::tree::{Tests, Tree};
use std::io::{BufRead as _, BufReader, Error};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What the tests say of a change.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Verdict {
    /// By the test that failed first, or by a program that died.
    Caught(String),
    TimedOut(String),
    Survived,
}

/// Tests that read the compiler's source, in which the changes are.
const LEFT_OUT: [&str; 1] = ["architecture::"];

/// A test that searches when something is wrong, and fails in the end.
const LAST: &str = "every_condition_is_missed_when_it_is_left_out";

/// No change may take more memory: kilobytes.
const MEMORY: usize = 3_000_000;

/// What all tests of a program may take: seconds.
const LONGEST: u64 = 900;

/// Seconds that tests take which run in one go: first those that take less than the first of these.
const SOON: [f64; 5] = [0.1, 0.5, 2.0, 5.0, f64::INFINITY];

/// Tests of one program.
struct Group {
    tests: Tests,
    names: Vec<String>,
}

/// All tests, in the order in which they run.
pub(crate) struct Suite<'t> {
    tree: &'t Tree,
    groups: Vec<Group>,
    /// How long they take without a change, one after the other.
    pub(crate) time: Duration,
    pub(crate) tests: usize,
}

impl Suite<'_> {
    /// Runs all tests on the compiler as it is, and notes how long they take.
    pub(crate) fn new<'t>(
        tree: &'t Tree,
        programs: Vec<Tests>,
        longest: f64,
        without: &[String],
    ) -> Result<Suite<'t>, Error> {
        let begin = Instant::now();
        let mut timed = Vec::new();
        for tests in programs {
            let mut last = Instant::now();
            let mut names: Vec<(String, f64)> = Vec::new();
            let skipped = LEFT_OUT.into_iter().chain(without.iter().map(String::as_str));
            let skipped = skipped.flat_map(|name| ["--skip", name]);
            let args = skipped.chain(["--test-threads=1"]).map(str::to_owned).collect();
            let verdict = run(tree, &tests, args, 0, LONGEST, &mut |name| {
                let took = last.elapsed().as_secs_f64();
                // It comes last.
                names.push((name.to_owned(), if name.ends_with(LAST) { took.max(longest) } else { took }));
                last = Instant::now();
            })?;
            if verdict != Verdict::Survived {
                return Err(Error::other(format!("without a change: {verdict:?}")));
            }
            timed.push((tests, names));
        }
        let mut suite = Suite { tree, groups: Vec::new(), time: begin.elapsed(), tests: 0 };
        let mut from = 0.0;
        for to in SOON {
            for (tests, names) in &timed {
                let names = names.iter().filter(|(_, took)| from <= *took && *took < to && *took <= longest);
                let names: Vec<String> = names.map(|(name, _)| name.clone()).collect();
                suite.tests += names.len();
                if !names.is_empty() {
                    suite.groups.push(Group { tests: tests.clone(), names });
                }
            }
            from = to;
        }
        Ok(suite)
    }

    /// Runs tests until one of them fails.
    pub(crate) fn verdict(&self, mutant: usize) -> Result<Verdict, Error> {
        let most = self.time.as_secs() * 2 + 20;
        for group in &self.groups {
            let args = std::iter::once("--exact".to_owned()).chain(group.names.iter().cloned()).collect();
            let verdict = run(self.tree, &group.tests, args, mutant, most.min(LONGEST), &mut |_| {})?;
            if verdict != Verdict::Survived {
                return Ok(verdict);
            }
        }
        Ok(Verdict::Survived)
    }
}

fn command(tests: &Tests, most: u64) -> Command {
    if !cfg!(unix) {
        return Command::new(&tests.program);
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {MEMORY} -t {most}; exec \"$0\" \"$@\"")]).arg(&tests.program);
    shell
}

/// Whether the system ended a program that took too long.
#[cfg(unix)]
fn is_over(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    // `SIGXCPU`, or what comes a second later.
    matches!(status.signal(), Some(24 | 9))
}

#[cfg(not(unix))]
fn is_over(_: ExitStatus) -> bool {
    false
}

/// Runs some of a program's tests until one of them fails; `passed` is told of the others. `most`: how long they may take, in
/// seconds of a processor, where those can be limited.
fn run(
    tree: &Tree,
    tests: &Tests,
    args: Vec<String>,
    mutant: usize,
    most: u64,
    passed: &mut dyn FnMut(&str),
) -> Result<Verdict, Error> {
    let mut child = command(tests, most)
        .args(args)
        .current_dir(tree.compiler())
        .env("GRAD_MUTANT", mutant.to_string())
        .env("CARGO_MANIFEST_DIR", tree.compiler())
        .env("TMPDIR", tree.scratch())
        .env_remove("UPDATE_EXPECT")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    // On a machine that does other things they take longer.
    let end = Instant::now() + Duration::from_secs(most) * 20;
    let output = BufReader::new(child.stdout.take().expect("it is piped"));
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let verdict = loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                let Some((name, result)) =
                    line.strip_prefix("test ").and_then(|line| line.split_once(" ... "))
                else {
                    continue;
                };
                if result == "FAILED" {
                    break Verdict::Caught(format!("{}: {name}", tests.name));
                }
                passed(name);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => break Verdict::TimedOut(tests.name.clone()),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status = child.wait()?;
                if status.success() {
                    return Ok(Verdict::Survived);
                }
                if is_over(status) {
                    break Verdict::TimedOut(tests.name.clone());
                }
                break Verdict::Caught(format!("{}: the program ends with an error", tests.name));
            }
        }
    };
    // It may have ended.
    let _ = child.kill();
    child.wait()?;
    Ok(verdict)
}
