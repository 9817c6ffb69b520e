//! A copy of the workspace below `target`, with changes in the compiler.

use crate::schemata::{Mutant, Places, SWITCH, write};
use crate::sites::{Site, sites};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The workspace.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What is changed, below the compiler's `src`.
const FOLDERS: [&str; 4] = ["analysis", "rules", "simplify", "transform"];

pub(crate) struct Tree {
    folder: PathBuf,
    target: PathBuf,
    /// The files that are changed, below `src`, with their texts.
    texts: BTreeMap<String, String>,
    /// One at a time.
    _lock: File,
}

/// A program with tests.
#[derive(Clone)]
pub(crate) struct Tests {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
}

impl Tree {
    pub(crate) fn copy() -> Result<Tree, Error> {
        let root = Path::new(ROOT).canonicalize()?;
        let own = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let folder = own.join("mutants/tree");
        fs::create_dir_all(&folder)?;
        let lock = File::create(own.join("mutants/lock"))?;
        lock.lock()?;
        let source = root.join("grad-compiler/src");
        let changed: Vec<PathBuf> =
            FOLDERS.iter().chain(&["lib.rs", "mutant.rs"]).map(|name| source.join(name)).collect();
        copy(&root, &folder, &|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.') && name != "target" && !changed.iter().any(|own| own == path)
        })?;
        let mut tree =
            Tree { folder, target: own.join("mutants/target"), texts: BTreeMap::new(), _lock: lock };
        for name in FOLDERS {
            tree.read(&source, &source.join(name))?;
        }
        let lib = fs::read_to_string(source.join("lib.rs"))?;
        let lib = lib.replace("pub mod matrix;", "pub mod matrix;\nmod mutant;");
        renew(&tree.compiler().join("src/lib.rs"), &lib)?;
        renew(&tree.compiler().join("src/mutant.rs"), SWITCH)?;
        Ok(tree)
    }

    pub(crate) fn compiler(&self) -> PathBuf {
        self.folder.join("grad-compiler")
    }

    /// Where tests may leave files.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.target.join("tmp")
    }

    fn read(&mut self, source: &Path, folder: &Path) -> Result<(), Error> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.read(source, &path)?;
            } else if path.extension().is_some_and(|it| it == "rs") {
                let below = path.strip_prefix(source).expect("it is there");
                let below = below.to_string_lossy().replace('\\', "/");
                self.texts.insert(below, fs::read_to_string(&path)?);
            }
        }
        Ok(())
    }

    /// Where it is noted what rustc refused.
    pub(crate) fn refusals(&self) -> PathBuf {
        self.target.join("refused.txt")
    }

    /// All that can be changed.
    pub(crate) fn sites(&self) -> Result<Vec<Site>, Error> {
        let mut found = Vec::new();
        for (file, text) in &self.texts {
            found.extend(sites(file, text).map_err(|error| Error::other(format!("{file}: {error}")))?);
        }
        Ok(found)
    }

    /// Writes the changes into the copy, and asks rustc which of them it refuses.
    pub(crate) fn refused(&self, mutants: &[Mutant]) -> Result<BTreeSet<usize>, Error> {
        let mut written: BTreeMap<&str, (String, Places)> = BTreeMap::new();
        for (file, text) in &self.texts {
            let here: Vec<&Mutant> = mutants.iter().filter(|it| it.site.file == *file).collect();
            let (changed, places) = write(text, &here);
            let path = self.compiler().join("src").join(file);
            fs::create_dir_all(path.parent().expect("a folder"))?;
            renew(&path, &changed)?;
            written.insert(file, (changed, places));
        }
        let output = self
            .cargo("check", &["--lib", "--features", "testing", "--message-format=short"])
            .stderr(Stdio::piped())
            .output()?;
        let messages = String::from_utf8_lossy(&output.stderr);
        let mut refused = BTreeSet::new();
        for message in messages.lines().filter(|line| line.contains(": error")) {
            let mut parts = message.split(':');
            let (Some(path), Some(line), Some(column)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let path = path.replace('\\', "/");
            let Some((text, places)) = path.split_once("src/").and_then(|(_, file)| written.get(file)) else {
                continue;
            };
            let (Ok(line), Ok(column)) = (line.parse::<usize>(), column.parse::<usize>()) else { continue };
            refused.extend(culprit(text, places, line, column));
        }
        if !output.status.success() && refused.is_empty() {
            return Err(Error::other(messages.into_owned()));
        }
        Ok(refused)
    }

    /// Builds the tests.
    pub(crate) fn build(&self) -> Result<Vec<Tests>, Error> {
        let output = self.cargo("test", &["--tests", "--no-run"]).stderr(Stdio::piped()).output()?;
        let messages = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(Error::other(messages.into_owned()));
        }
        if self.scratch().exists() {
            fs::remove_dir_all(self.scratch())?;
        }
        fs::create_dir_all(self.scratch())?;
        let mut found = Vec::new();
        for line in messages.lines() {
            let Some((source, program)) =
                line.trim().strip_prefix("Executable ").and_then(|rest| rest.split_once(" ("))
            else {
                continue;
            };
            let source = source.trim_end_matches("/main.rs").trim_end_matches(".rs");
            let name = source.rsplit('/').next().unwrap_or(source).to_owned();
            found.push(Tests { name, program: self.folder.join(program.trim_end_matches(')')) });
        }
        Ok(found)
    }

    fn cargo(&self, command: &str, args: &[&str]) -> Command {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let mut command_line = Command::new(cargo);
        command_line
            .args([command, "-p", "grad-compiler"])
            .args(args)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_TEST_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "1")
            .env("RUSTFLAGS", "--cap-lints=allow")
            .stdin(Stdio::null());
        command_line
    }
}

/// The change at fault for an error: the innermost one that contains it, or the last one before.
fn culprit(text: &str, places: &Places, line: usize, column: usize) -> Option<usize> {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let inside = text[start..].char_indices().nth(column - 1).map_or(0, |(at, _)| at);
    let at = start + inside;
    let innermost = places.iter().filter(|(_, range)| range.contains(&at)).min_by_key(|(_, it)| it.len());
    let nearest = || places.iter().filter(|(_, it)| it.start < at).max_by_key(|(_, it)| it.start);
    innermost.or_else(nearest).map(|(number, _)| *number)
}

/// Copies what has changed, and leaves alone what is not wanted.
fn copy(from: &Path, to: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> Result<(), Error> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if !is_wanted(&from) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&from, &to, is_wanted)?;
        } else if entry.file_type()?.is_file() {
            let bytes = fs::read(&from)?;
            if !fs::read(&to).is_ok_and(|old| old == bytes) {
                fs::write(&to, bytes)?;
            }
        }
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        let there = from.join(entry.file_name());
        if !is_wanted(&there) || there.exists() {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a file unless it says the same already.
fn renew(path: &Path, text: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text)
}
