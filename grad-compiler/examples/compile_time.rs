//! What annotations cost whoever compiles them, as ratios of one run.
//!
//! ```text
//! cargo run --release -p grad-compiler --example compile_time
//! ```
//!
//! A crate of 64 functions of the tests, each with `#[grad]`, beside the same crate without: `cargo check` of all of it, and
//! after an edit of one function, with the macro compiled as `cargo` does by itself and optimised. Then the macro alone: an
//! expansion of the digits network, in times of what `syn` needs to parse and print it.

use grad_compiler::expand;
use proc_macro2::TokenStream;
use quote::ToTokens;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use syn::{Attribute, File, Item, Meta};

const FUNCTIONS: usize = 64;
/// The middle one of so many counts.
const TIMES: usize = 3;

/// What is promised.
const WHOLE: f64 = 10.0;
const EDIT: f64 = 15.0;
const EXPANSION: f64 = 15.0;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    if let Some(arg) = std::env::args().nth(1) {
        return Err(format!("unexpected argument `{arg}`: there are no options").into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let annotated = functions(&root)?;
    println!("{FUNCTIONS} functions, `cargo check` in seconds:\n");
    println!(
        "{:<22}{:>9}{:>11}{:>9}{:>14}{:>11}{:>9}",
        "the macro is compiled", "plain", "annotated", "ratio", "an edit plain", "annotated", "ratio"
    );
    for (title, level, is_promised) in [("as cargo does", 0, false), ("with opt-level = 2", 2, true)] {
        let plain = Crate::new(&root, "plain", level, &without(&annotated))?.measure()?;
        let with = Crate::new(&root, "annotated", level, &annotated)?.measure()?;
        let ratio = |of: fn(&Measured) -> Duration| of(&with).as_secs_f64() / of(&plain).as_secs_f64();
        let (whole, edit) = (ratio(|measured| measured.whole), ratio(|measured| measured.edit));
        println!(
            "{title:<22}{:>9.2}{:>11.2}{whole:>9.1}{:>14.2}{:>11.2}{edit:>9.1}{}",
            plain.whole.as_secs_f64(),
            with.whole.as_secs_f64(),
            plain.edit.as_secs_f64(),
            with.edit.as_secs_f64(),
            if is_promised { format!("   at most {WHOLE} and {EDIT} are promised") } else { String::new() }
        );
    }
    let ratio = expansion(&root)?;
    println!(
        "\nan expansion of the digits network: {ratio:.1} times parsing and printing it; at most {EXPANSION} is promised"
    );
    Ok(())
}

/// The first functions of the tests, with what stands beside them, as a file. Second derivatives are left out: most do not
/// ask for them.
fn functions(root: &Path) -> Outcome<File> {
    let mut file: File = syn::parse_str("#![allow(dead_code, unused_imports)] use grad::grad;")?;
    let mut count = 0;
    for name in ["straight", "loops"] {
        let path = root.join(format!("tests/zoo/{name}.rs"));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut items = Vec::new();
        for item in syn::parse_file(&text)?.items {
            match item {
                Item::Fn(mut function) => {
                    let Some(at) = function.attrs.iter().position(is_grad) else { continue };
                    let is_plain = match &function.attrs[at].meta {
                        Meta::List(list) => list.tokens.to_string() == "second",
                        _ => true,
                    };
                    if is_plain && count < FUNCTIONS {
                        function.attrs[at] = syn::parse_quote!(#[grad]);
                        items.push(Item::Fn(function));
                        count += 1;
                    }
                }
                Item::Const(_) | Item::Static(_) => items.push(item),
                _ => {}
            }
        }
        let module = quote::format_ident!("{name}");
        file.items.push(syn::parse_quote!(mod #module { use grad::grad; #(#items)* }));
    }
    if count == FUNCTIONS {
        Ok(file)
    } else {
        Err(format!("the tests have {count} functions that fit").into())
    }
}

fn is_grad(attr: &Attribute) -> bool {
    attr.path().is_ident("grad")
}

/// The same without annotations.
fn without(file: &File) -> File {
    let mut file = file.clone();
    for item in &mut file.items {
        let Item::Mod(module) = item else { continue };
        for item in module.content.iter_mut().flat_map(|(_, items)| items) {
            if let Item::Fn(function) = item {
                function.attrs.retain(|attr| !is_grad(attr));
            }
        }
    }
    file
}

/// A crate of its own, in the directory of targets.
struct Crate {
    folder: PathBuf,
    target: PathBuf,
    name: String,
    text: String,
}

struct Measured {
    whole: Duration,
    edit: Duration,
}

impl Crate {
    fn new(root: &Path, name: &str, level: u8, file: &File) -> Outcome<Crate> {
        let all = root.join("target/compile_time");
        let (folder, target) = (all.join(name), all.join(format!("target-{level}")));
        std::fs::create_dir_all(folder.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             grad-rs = {{ path = \"{}\" }}\n\n[profile.dev.build-override]\nopt-level = {level}\n",
            root.display()
        );
        std::fs::write(folder.join("Cargo.toml"), manifest)?;
        // What has been fetched for the workspace is enough.
        std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Crate { folder, target, name: name.to_owned(), text: file.to_token_stream().to_string() })
    }

    fn cargo(&self, args: &[&str]) -> Outcome<Duration> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let start = Instant::now();
        let output = Command::new(cargo)
            .args(args)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .output()?;
        let time = start.elapsed();
        if output.status.success() {
            return Ok(time);
        }
        Err(format!("cargo {}:\n{}", args.join(" "), String::from_utf8_lossy(&output.stderr)).into())
    }

    /// One function more or less: the one that is there is edited, so that all others stay as they are.
    fn write(&self, number: usize) -> Outcome<()> {
        let edited = format!("const EDIT: f64 = {number}.0;");
        let attribute = if self.name == "plain" { "" } else { "#[grad]" };
        let text = format!(
            "{}\n{edited}\n{attribute} fn edited(x: f64) -> f64 {{ x.sin() * {number}.0 + EDIT }}\n",
            self.text
        );
        Ok(std::fs::write(self.folder.join("src/lib.rs"), text)?)
    }

    fn measure(&self) -> Outcome<Measured> {
        self.write(0)?;
        self.cargo(&["check", "--quiet"])?;
        let mut whole = Vec::new();
        let mut edit = Vec::new();
        for number in 1..=TIMES {
            self.cargo(&["clean", "--quiet", "--package", &self.name])?;
            whole.push(self.cargo(&["check", "--quiet"])?);
            self.write(number)?;
            edit.push(self.cargo(&["check", "--quiet"])?);
        }
        whole.sort();
        edit.sort();
        Ok(Measured { whole: whole[TIMES / 2], edit: edit[TIMES / 2] })
    }
}

/// The time of an expansion of all functions of the digits network, in times of parsing and printing them.
fn expansion(root: &Path) -> Outcome<f64> {
    const PASSES: usize = 40;
    let text = std::fs::read_to_string(root.join("examples/digits/network.rs"))?;
    let mut functions = Vec::new();
    for item in syn::parse_file(&text)?.items {
        let Item::Fn(mut function) = item else { continue };
        let Some(at) = function.attrs.iter().position(is_grad) else { continue };
        let attr = function.attrs.remove(at);
        let args = attr.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
        functions.push((args, function.to_token_stream()));
    }
    let best = |work: &dyn Fn(&TokenStream, &TokenStream) -> usize| {
        let once = |_| {
            let start = Instant::now();
            let sum: usize = functions.iter().map(|(args, item)| work(args, item)).sum();
            assert!(sum > 0, "something comes of it");
            start.elapsed()
        };
        (0..PASSES).map(once).min().unwrap_or_default().as_secs_f64()
    };
    let parsed = best(&|_, item| {
        let function = syn::parse2::<syn::ItemFn>(item.clone()).expect("it is a function");
        function.to_token_stream().to_string().len()
    });
    let expanded = best(&|args, item| expand::expand(args.clone(), item.clone()).to_string().len());
    Ok(expanded / parsed)
}
