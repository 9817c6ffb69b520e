//! The functions of the package at hand.

use crate::options::Options;
use crate::show;
use grad_compiler::args::Args;
use proc_macro2::TokenStream;
use serde_json::Value;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use syn::visit::{self, Visit};
use syn::{ItemFn, ItemImpl, ItemMod, Meta};

/// A function, and where it is.
pub(crate) struct Function {
    /// `package::module::function`
    pub(crate) path: String,
    /// As it is named in messages.
    pub(crate) file: String,
    pub(crate) source: Rc<str>,
    pub(crate) item: ItemFn,
    /// The arguments of its `#[grad]`, if it has one.
    pub(crate) annotation: Option<TokenStream>,
    /// What the attribute of its block says of it, if it is a method: `item` is that as a function.
    pub(crate) method: Option<Args>,
}

impl Function {
    /// The line of its name, from 1.
    pub(crate) fn line(&self) -> usize {
        self.item.sig.ident.span().start().line
    }

    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line())
    }

    fn listed(functions: &[&Function]) -> String {
        functions.iter().map(|it| format!("\n            {}  {}", it.path, it.place())).collect()
    }
}

pub(crate) struct Functions {
    pub(crate) all: Vec<Function>,
    /// Where they were looked for.
    of: String,
}

/// Of one file, or of all targets of the package.
pub(crate) fn functions(options: &Options, file: Option<&Path>) -> Result<Functions, String> {
    let mut reader = Reader::default();
    let of = match file {
        Some(file) => {
            reader.follows = false;
            reader.read(file, Path::new(""), Vec::new()).map_err(|problem| format!("error: {problem}"))?;
            file.display().to_string()
        }
        None => {
            let targets = targets(options)?;
            let mut packages: Vec<&str> = targets.iter().map(|target| target.package.as_str()).collect();
            packages.dedup();
            for target in &targets {
                let folder = target.root.parent().unwrap_or(Path::new(""));
                if let Err(problem) = reader.read(&target.root, folder, vec![target.name.clone()]) {
                    reader.problems.push(problem);
                }
            }
            format!("package {}", packages.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "))
        }
    };
    for problem in &reader.problems {
        eprintln!("warning: {problem}");
    }
    Ok(Functions { all: reader.functions, of })
}

impl Functions {
    /// The function of this name, or of this path from the right: one with `#[grad]`, if one of them has it.
    pub(crate) fn find(&self, wanted: &str) -> Result<&Function, String> {
        let is_wanted = |function: &&Function| {
            function.path.strip_suffix(wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
        };
        let mut found: Vec<&Function> = self.all.iter().filter(is_wanted).collect();
        if found.iter().any(|function| function.annotation.is_some()) {
            found.retain(|function| function.annotation.is_some());
        }
        match found[..] {
            [function] => Ok(function),
            [] => {
                let similar: Vec<&Function> =
                    self.all.iter().filter(|it| is_similar(&it.path, wanted)).collect();
                let help = match similar[..] {
                    [] => "`cargo grad list` shows the functions with `#[grad]`, `-p` takes another package"
                        .to_owned(),
                    _ => format!("there is{}", Function::listed(&similar)),
                };
                Err(format!("error: no function `{wanted}` in {}\n  = help: {help}", self.of))
            }
            _ => Err(format!(
                "error: {} functions are called `{wanted}`\n  = help: put modules in front of the name, or the file:{}",
                found.len(),
                Function::listed(&found)
            )),
        }
    }
}

/// Whether the last part of the path is what somebody may have meant.
fn is_similar(path: &str, wanted: &str) -> bool {
    let [name, wanted] = [path, wanted].map(|it| it.rsplit("::").next().unwrap_or(it).to_lowercase());
    name == wanted
        || wanted.len() > 2 && name.contains(&wanted)
        || distance(&name, &wanted) <= 1 + wanted.len() / 5
}

/// How many letters are to be changed, put in or left out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// What is compiled as a crate of its own.
struct Target {
    package: String,
    name: String,
    root: PathBuf,
}

/// Those of the package in this folder, or of all where the folder is that of a workspace.
fn targets(options: &Options) -> Result<Vec<Target>, String> {
    let metadata = metadata(options)?;
    let here = match &options.manifest {
        Some(manifest) => manifest.parent().map(Path::to_path_buf).unwrap_or_default(),
        None => std::env::current_dir().map_err(|error| format!("error: {error}"))?,
    };
    // Cargo resolves links, too.
    let here = here.canonicalize().unwrap_or(here);
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_here = |package: &Value| {
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
        here.starts_with(folder).then(|| folder.components().count())
    };
    let nearest = packages.iter().filter_map(is_here).max();
    let chosen: Vec<&Value> = match &options.package {
        Some(name) => packages.iter().filter(|package| package["name"] == name.as_str()).collect(),
        None if nearest.is_some() => packages.iter().filter(|package| is_here(package) == nearest).collect(),
        None => packages.iter().collect(),
    };
    if let ([], Some(name)) = (&chosen[..], &options.package) {
        let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
        return Err(format!("error: no package `{name}`\n  = help: there is {}", names.join(", ")));
    }
    let mut targets = Vec::new();
    for package in chosen {
        for target in package["targets"].as_array().into_iter().flatten() {
            let (Some(name), Some(root)) = (target["name"].as_str(), target["src_path"].as_str()) else {
                continue;
            };
            let package = package["name"].as_str().unwrap_or_default().to_owned();
            targets.push(Target { package, name: name.replace('-', "_"), root: PathBuf::from(root) });
        }
    }
    Ok(targets)
}

/// What cargo knows of the package or workspace; nothing is built or downloaded.
fn metadata(options: &Options) -> Result<Value, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    if let Some(manifest) = &options.manifest {
        command.arg("--manifest-path").arg(manifest);
    }
    let output = command.output().map_err(|error| format!("error: cargo cannot be run: {error}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let help = "  = help: name a file: `cargo grad show FILE FUNCTION`";
        return Err(format!("{}\n{help}", words.trim_end()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("error: what cargo says: {error}"))
}

/// Reads files, and the files of their modules.
struct Reader {
    functions: Vec<Function>,
    problems: Vec<String>,
    seen: HashSet<PathBuf>,
    /// Goes on to the files of modules.
    follows: bool,
    file: PathBuf,
    shown: String,
    source: Rc<str>,
    /// Where the files of the current module's modules are.
    folder: PathBuf,
    path: Vec<String>,
    /// How many of the modules around are in this file.
    inline: usize,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader {
            functions: Vec::new(),
            problems: Vec::new(),
            seen: HashSet::new(),
            follows: true,
            file: PathBuf::new(),
            shown: String::new(),
            source: "".into(),
            folder: PathBuf::new(),
            path: Vec::new(),
            inline: 0,
        }
    }
}

impl Reader {
    fn read(&mut self, file: &Path, folder: &Path, path: Vec<String>) -> Result<(), String> {
        if !self.seen.insert(file.canonicalize().unwrap_or_else(|_| file.to_path_buf())) {
            // Another target has it, too.
            return Ok(());
        }
        let shown = relative(file);
        let source = std::fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
        let items = syn::parse_file(&source).map_err(|error| {
            let start = error.span().start();
            format!("{shown}:{}:{}: {error}", start.line, start.column + 1)
        })?;
        let around = (
            std::mem::replace(&mut self.file, file.to_path_buf()),
            std::mem::replace(&mut self.shown, shown),
            std::mem::replace(&mut self.source, source.into()),
            std::mem::replace(&mut self.folder, folder.to_path_buf()),
            std::mem::replace(&mut self.path, path),
            std::mem::take(&mut self.inline),
        );
        self.visit_file(&items);
        (self.file, self.shown, self.source, self.folder, self.path, self.inline) = around;
        Ok(())
    }

    /// The file of a module without a body, and where the files of its modules are.
    fn file_of(&self, module: &ItemMod) -> Option<(PathBuf, PathBuf)> {
        let name = module.ident.to_string();
        let name = name.trim_start_matches("r#");
        let said = module.attrs.iter().flat_map(show::conditional).find_map(|meta| match meta {
            Meta::NameValue(it) if it.path.is_ident("path") => match it.value {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) => Some(path.value()),
                _ => None,
            },
            _ => None,
        });
        if let Some(said) = said {
            let from = if self.inline > 0 { &self.folder } else { self.file.parent()? };
            let file = from.join(said);
            let folder = file.parent()?.to_path_buf();
            return Some((file, folder));
        }
        let folder = self.folder.join(name);
        let files = [self.folder.join(format!("{name}.rs")), folder.join("mod.rs")];
        // One that is not there is behind a condition.
        files.into_iter().find(|file| file.is_file()).map(|file| (file, folder))
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let name = module.ident.to_string();
        if module.content.is_some() {
            let folder = self.folder.join(name.trim_start_matches("r#"));
            let folder = std::mem::replace(&mut self.folder, folder);
            self.path.push(name);
            self.inline += 1;
            visit::visit_item_mod(self, module);
            self.inline -= 1;
            self.path.pop();
            self.folder = folder;
        } else if self.follows
            && let Some((file, folder)) = self.file_of(module)
        {
            let path = self.path.iter().cloned().chain([name]).collect();
            if let Err(problem) = self.read(&file, &folder, path) {
                self.problems.push(problem);
            }
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.path.push(function.sig.ident.to_string());
        self.functions.push(Function {
            path: self.path.join("::"),
            file: self.shown.clone(),
            source: Rc::clone(&self.source),
            annotation: show::annotation(function),
            item: function.clone(),
            method: None,
        });
        visit::visit_item_fn(self, function);
        self.path.pop();
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        if let Some(of) = show::type_name(block) {
            self.path.push(of);
            match show::methods(block) {
                Ok(methods) => {
                    for (item, args) in methods {
                        let path = [&self.path[..], &[item.sig.ident.to_string()]].concat().join("::");
                        self.functions.push(Function {
                            path,
                            file: self.shown.clone(),
                            source: Rc::clone(&self.source),
                            annotation: Some(TokenStream::new()),
                            item,
                            method: Some(args),
                        });
                    }
                }
                Err(obstacle) => self.problems.push(format!("{}: {obstacle}", self.shown)),
            }
            self.path.pop();
        }
        visit::visit_item_impl(self, block);
    }
}

/// From here, if it is below.
fn relative(file: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let below = here.ok().and_then(|here| file.strip_prefix(here).ok().map(Path::to_path_buf));
    below.unwrap_or_else(|| file.to_path_buf()).display().to_string()
}
