//! Programs compiled and run together: a crate of many modules, from which those that do not compile are taken out.

use crate::driver::{inner_derivatives, structs};
use crate::program::Program;
use crate::witness;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// What became of a program.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    Right,
    Skipped(String),
    /// Numbered errors, and nothing else.
    Refused(Vec<String>),
    /// A numbered error, and others that follow from it.
    Noise(Vec<String>),
    /// An error of rustc in what `#[grad]` wrote.
    Broken(String),
    Wrong(String),
    /// rustc warns of generated code.
    Warns(String),
    Panics(String),
    Hangs,
    /// rustc does not take the program without `#[grad]`, or it panics: the generator's fault.
    Invalid(String),
}

impl Outcome {
    pub fn is_failure(&self) -> bool {
        match self {
            Outcome::Noise(_)
            | Outcome::Broken(_)
            | Outcome::Warns(_)
            | Outcome::Wrong(_)
            | Outcome::Panics(_)
            | Outcome::Hangs => true,
            Outcome::Right | Outcome::Skipped(_) | Outcome::Refused(_) | Outcome::Invalid(_) => false,
        }
    }

    /// The kind of a failure, which a smaller program must have, too.
    pub fn kind(&self) -> String {
        match self {
            Outcome::Right => "right".into(),
            Outcome::Skipped(_) => "skipped".into(),
            Outcome::Refused(_) => "refused".into(),
            Outcome::Noise(_) => "a refusal with other errors".into(),
            Outcome::Broken(error) => {
                // The message's number, or the message without the place.
                let message = error.split(" (at ").next().unwrap_or_default();
                format!("does not compile: {}", message.split(':').next().unwrap_or_default())
            }
            Outcome::Wrong(_) => "wrong".into(),
            Outcome::Warns(_) => "warns".into(),
            Outcome::Panics(_) => "the derivative panics".into(),
            Outcome::Hangs => "does not end".into(),
            Outcome::Invalid(_) => "invalid".into(),
        }
    }
}

/// The workspace.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Where programs are written, and how the package `grad-fuzz-programs` is built of them.
pub struct Workshop {
    folder: PathBuf,
    target: PathBuf,
    /// How cargo calls it, and the folder of what it builds.
    profile: (&'static str, &'static str),
    /// What is else in the profile.
    settings: Vec<String>,
    /// One fuzzer at a time.
    _lock: File,
}

/// Longer than any program takes.
const PATIENCE: Duration = Duration::from_mins(1);

impl Workshop {
    /// Where many programs are to come, the macro is compiled with optimisation, which takes longer once.
    pub fn open(release: bool, many: bool) -> Result<Workshop, Error> {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| Path::new(ROOT).join("target"), PathBuf::from)
            .join("fuzz/target");
        let (profile, name) =
            if release { (("release", "release"), "release") } else { (("dev", "debug"), "dev") };
        let mut settings = vec![
            format!("profile.{name}.build-override.opt-level={}", u8::from(many)),
            format!("profile.{name}.debug=0"),
        ];
        if release {
            settings.push("profile.release.opt-level=2".to_owned());
        }
        Workshop::at(target, profile, settings)
    }

    /// For a few programs of a test: with the macro as it is there for that test.
    pub fn beside_the_test() -> Result<Workshop, Error> {
        let test = std::env::current_exe()?;
        let target = test.ancestors().nth(3).expect("target/profile/deps/test").to_owned();
        Workshop::at(target, ("test", "debug"), Vec::new())
    }

    fn at(
        target: PathBuf,
        profile: (&'static str, &'static str),
        settings: Vec<String>,
    ) -> Result<Workshop, Error> {
        let folder = target.join("programs");
        fs::create_dir_all(&folder)?;
        // Paths in messages are whole ones.
        let folder = folder.canonicalize()?;
        let lock = File::create(folder.join("lock"))?;
        if lock.try_lock().is_err() {
            eprintln!("waiting for another fuzzer in {}", folder.display());
            lock.lock()?;
        }
        Ok(Workshop { folder, target, profile, settings, _lock: lock })
    }

    /// What becomes of each program.
    pub fn outcomes(&self, programs: &[Program]) -> Result<Vec<Outcome>, Error> {
        self.outcomes_if(programs, true)
    }

    /// The same; those that compile may be left alone.
    pub fn outcomes_if(&self, programs: &[Program], run: bool) -> Result<Vec<Outcome>, Error> {
        let mut outcomes: BTreeMap<usize, Outcome> = BTreeMap::new();
        let mut waiting: Vec<usize> = Vec::new();
        for (k, program) in programs.iter().enumerate() {
            match self.write(k, program) {
                Ok(()) => waiting.push(k),
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    outcomes.insert(k, Outcome::Invalid(error.to_string()));
                }
                Err(error) => return Err(error),
            }
        }
        self.compile_and_run(&waiting, run, &mut outcomes)?;
        Ok(outcomes.into_values().collect())
    }

    fn write(&self, k: usize, program: &Program) -> Result<(), Error> {
        let invalid =
            |error: syn::Error| Error::new(ErrorKind::InvalidData, format!("{error}\n{}", program.source));
        let mut witness = witness::over_duals(&program.source).map_err(invalid)?;
        let mut plain = witness::plain(&program.source).map_err(invalid)?;
        for inner in &program.inner {
            witness += &inner_derivatives(inner, true);
            plain += &inner_derivatives(inner, false);
        }
        // What rustc warns of in the program itself it says of the plain one, too.
        let module = |text: &str| format!("#![warn(warnings)]\nuse grad::grad;\n{text}");
        let mut text = format!(
            "use grad_fuzz_runtime::*;\n#[path = \"s{k}.rs\"]\npub mod source;\n#[path = \"w{k}.rs\"]\npub mod witness;\n\
             #[path = \"q{k}.rs\"]\nmod plain;\n"
        );
        if program.checkpoint {
            text += &format!("#[path = \"c{k}.rs\"]\npub mod checkpointed;\n");
            fs::write(self.file('c', k), module(&with_checkpoint(&program.source)))?;
        }
        if program.structs {
            text += &(structs("source") + &structs("witness"));
            if program.checkpoint {
                text += &structs("checkpointed");
            }
        }
        text += &program.driver();
        fs::write(self.file('p', k), text)?;
        fs::write(self.file('s', k), module(&program.source))?;
        fs::write(self.file('q', k), module(&plain))?;
        let witness = format!("#![allow(warnings)]\nuse grad_fuzz_runtime::stand_in as grad;\n{witness}");
        fs::write(self.file('w', k), witness)
    }

    /// The file that names the programs.
    fn list(&self) -> PathBuf {
        self.folder.join("list.rs")
    }

    fn file(&self, letter: char, k: usize) -> PathBuf {
        self.folder.join(format!("{letter}{k}.rs"))
    }

    fn compile_and_run(
        &self,
        programs: &[usize],
        run: bool,
        outcomes: &mut BTreeMap<usize, Outcome>,
    ) -> Result<(), Error> {
        let mut waiting = programs.to_vec();
        while !waiting.is_empty() {
            let module = |k: &usize| format!("#[path = r\"{}\"]\nmod p{k};\n", self.file('p', *k).display());
            let modules: String = waiting.iter().map(module).collect();
            let list: String = waiting.iter().map(|k| format!("({k}, p{k}::run), ")).collect();
            fs::write(
                self.list(),
                format!("{modules}fn main() {{ grad_fuzz_runtime::check_all(&[{list}]); }}\n"),
            )?;
            let (built, messages) = self.build(run)?;
            if built {
                if run {
                    self.run(&waiting, outcomes)?;
                } else {
                    outcomes.extend(waiting.into_iter().map(|k| (k, Outcome::Right)));
                }
                // Worse than a warning is what a program does.
                for (k, warning) in self.warnings_by_program(&messages) {
                    if outcomes.get(&k) == Some(&Outcome::Right) {
                        outcomes.insert(k, Outcome::Warns(warning));
                    }
                }
                return Ok(());
            }
            let found = self.errors_by_program(&messages);
            let before = waiting.len();
            waiting.retain(|k| !found.contains_key(k));
            if waiting.len() < before {
                outcomes.extend(found.into_iter().map(|(k, errors)| (k, judged(&errors))));
            } else if before == 1 {
                outcomes.insert(waiting[0], Outcome::Broken(format!("unattributed: {messages}")));
                return Ok(());
            } else {
                // An error that does not say where: look for it by halves.
                let (left, right) = waiting.split_at(before / 2);
                self.compile_and_run(left, run, outcomes)?;
                return self.compile_and_run(right, run, outcomes);
            }
        }
        Ok(())
    }

    fn build(&self, run: bool) -> Result<(bool, String), Error> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args([
            if run { "build" } else { "check" },
            "--offline",
            "--quiet",
            "--package",
            "grad-fuzz-programs",
            "--message-format",
            "short",
            "--profile",
            self.profile.0,
        ]);
        cargo
            .args(self.settings.iter().flat_map(|setting| ["--config", setting]))
            .current_dir(ROOT)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TARGET_DIR", &self.target)
            .env("GRAD_FUZZ_PROGRAMS", self.list());
        // What `cargo run` sets for us is not for the programs.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_MANIFEST_DIR").env("CARGO_TERM_COLOR", "never");
        let output = cargo.output()?;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    fn run(&self, programs: &[usize], outcomes: &mut BTreeMap<usize, Outcome>) -> Result<(), Error> {
        let binary = self.target.join(self.profile.1).join("grad-fuzz-programs");
        let mut from = 0;
        while let Some(first) = programs.iter().find(|k| **k >= from) {
            let mut child = Command::new(&binary)
                .arg(first.to_string())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .stdin(Stdio::null())
                .spawn()?;
            let stdout = child.stdout.take().expect("it is piped");
            let (send, lines) = mpsc::channel();
            let reader = std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    if send.send(line).is_err() {
                        break;
                    }
                }
            });
            let mut current = None;
            loop {
                match lines.recv_timeout(PATIENCE) {
                    Ok(line) => {
                        if let Some(k) = line.strip_prefix("begin ") {
                            current = k.parse::<usize>().ok();
                        } else if let Some((k, outcome)) = line.strip_prefix("end ").and_then(told) {
                            outcomes.insert(k, outcome);
                            current = None;
                        }
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        child.kill()?;
                        break;
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                }
            }
            let status = child.wait()?;
            reader.join().expect("the reader does not panic");
            let Some(k) = current else {
                if status.success() {
                    return Ok(());
                }
                let last = *programs.last().expect("there is a first one");
                return Err(Error::other(format!("the programs ended with {status} after {last}")));
            };
            let outcome = if status.code().is_none() && !killed_by_us(status) {
                Outcome::Panics(format!("the process ended with {status}"))
            } else {
                Outcome::Hangs
            };
            outcomes.insert(k, outcome);
            from = k + 1;
        }
        Ok(())
    }

    /// The letter and the number of the file that a message is about, and what stands after its name.
    fn placed<'a>(&self, line: &'a str) -> Option<(char, usize, &'a str)> {
        let (file, rest) = line.split_once(".rs:")?;
        let name = Path::new(file).strip_prefix(&self.folder).ok()?.to_str()?;
        let letter = name.chars().next()?;
        Some((letter, name[letter.len_utf8()..].parse().ok()?, rest))
    }

    /// Errors of rustc, by the program whose file they are in: the file's letter and the message.
    fn errors_by_program(&self, messages: &str) -> BTreeMap<usize, Vec<(char, String)>> {
        let mut found: BTreeMap<usize, Vec<(char, String)>> = BTreeMap::new();
        for line in messages.lines() {
            let Some((letter, k, rest)) = self.placed(line) else { continue };
            let Some(at) = rest.find(": error") else { continue };
            let message = rest[at + ": error".len()..].trim_start_matches(':').trim();
            found.entry(k).or_default().push((letter, format!("{message} (at {})", &rest[..at])));
        }
        found
    }

    /// Warnings that the program has more often with the macro than without.
    fn warnings_by_program(&self, messages: &str) -> BTreeMap<usize, String> {
        let mut counts: BTreeMap<(usize, &str), isize> = BTreeMap::new();
        for line in messages.lines() {
            let Some((letter, k, rest)) = self.placed(line) else { continue };
            let Some((_, message)) = rest.split_once(": warning: ") else { continue };
            // Nobody calls the plain one, so that what it has is not said to be unused.
            if message.contains(" never ") {
                continue;
            }
            let by = match letter {
                's' => 1,
                'q' => -1,
                _ => 0,
            };
            *counts.entry((k, message)).or_default() += by;
        }
        let more = counts.into_iter().filter(|(_, count)| *count > 0);
        more.map(|((k, message), _)| (k, message.to_owned())).collect()
    }
}

#[cfg(unix)]
fn killed_by_us(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(9)
}

#[cfg(not(unix))]
fn killed_by_us(_: std::process::ExitStatus) -> bool {
    true
}

/// The source with `checkpoint` on its last function, the root.
fn with_checkpoint(source: &str) -> String {
    let at = source.rfind("#[grad").expect("the root has the attribute") + "#[grad".len();
    let (before, after) = source.split_at(at);
    match after.strip_prefix('(') {
        Some(arguments) => format!("{before}(checkpoint, {arguments}"),
        None => format!("{before}(checkpoint){after}"),
    }
}

/// `12 wrong …`
fn told(line: &str) -> Option<(usize, Outcome)> {
    let (k, verdict) = line.split_once(' ')?;
    let (word, rest) = verdict.split_once(' ').unwrap_or((verdict, ""));
    let outcome = match word {
        "right" => Outcome::Right,
        "skipped" if rest.contains("panics") => Outcome::Invalid(rest.to_owned()),
        "skipped" => Outcome::Skipped(rest.to_owned()),
        "wrong" => Outcome::Wrong(rest.to_owned()),
        "panic" => Outcome::Panics(rest.to_owned()),
        _ => return None,
    };
    Some((k.parse().ok()?, outcome))
}

fn judged(errors: &[(char, String)]) -> Outcome {
    if let Some((_, error)) = errors.iter().find(|(letter, _)| matches!(letter, 'w' | 'q')) {
        return Outcome::Invalid(error.clone());
    }
    let (mut refusals, mut others) = (Vec::new(), Vec::new());
    for (letter, error) in errors {
        // The compiler's own mistakes are none of the program's.
        let is_own = error.contains("GRAD0050") || error.contains("GRAD0051");
        if let Some(at) = error.find("GRAD0").filter(|_| !is_own) {
            refusals.push(error[at..at + "GRAD0000".len()].to_owned());
        } else if error.contains("depends on an independent variable") {
            refusals.push("E0277, a constant parameter".to_owned());
        } else if error.contains("is not used, and its derivative needs a cotangent") {
            refusals.push("E0277, an unused result".to_owned());
        } else if error.contains("a function without derivatives of order") {
            refusals.push("E0277, an order that a callee has not".to_owned());
        } else {
            others.push(format!("{}{error}", if *letter == 'p' { "in the driver: " } else { "" }));
        }
    }
    match (refusals.is_empty(), others.first()) {
        (false, None) => Outcome::Refused(refusals),
        (false, Some(_)) => Outcome::Noise(others),
        (true, Some(first)) => Outcome::Broken(first.clone()),
        (true, None) => Outcome::Broken("no message".into()),
    }
}
