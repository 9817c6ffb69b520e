//! The command line.

use crate::show::What;
use lexopt::prelude::*;
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
The derivatives that #[grad] writes

usage: cargo grad show [FILE] FUNCTION [--jvp | --second | --all | --ir | --plan]
       cargo grad list [TEXT]
       cargo grad explain [NUMBER..]

show      prints the gradient of a function as code
  FUNCTION   its name, with modules in front where several have that name: `model::energy`
  FILE       a file of Rust; without it, the function is looked for in the package at hand
  --jvp      forward mode: value and derivative along a direction
  --second   the gradient, and the Hessian times a direction
  --all      all that the macro writes, as it writes it
  --ir       the function in the language of the compiler, and its derivatives
  --plan     when loops, branches and calls are reversed, and where the reverse sweep has values from

list      prints all functions with #[grad]: what they are differentiated by, which functions there
          are beside them, what a gradient allocates
  TEXT       only of functions whose path or file contains it

explain   prints the page of an error, like GRAD0025; without a number, what errors there are

options
  -p, --package NAME      this package of the workspace
  --manifest-path FILE    the package or workspace of this Cargo.toml
  --color WHEN            always, never, or auto: if it is printed to a terminal
  --no-pager              print at once; otherwise what is longer than the terminal goes through $PAGER, or less
  -h, --help              print this
  -V, --version           print the version
";

pub(crate) enum Command {
    Help,
    Version,
    Show { file: Option<PathBuf>, function: String, what: What },
    List(Option<String>),
    Explain(Vec<String>),
}

pub(crate) struct Options {
    pub(crate) command: Command,
    pub(crate) package: Option<String>,
    pub(crate) manifest: Option<PathBuf>,
    /// `None`: if it is printed to a terminal.
    pub(crate) color: Option<bool>,
    pub(crate) pager: bool,
}

impl Options {
    pub(crate) fn parse() -> Result<Options, lexopt::Error> {
        let mut options =
            Options { command: Command::Help, package: None, manifest: None, color: None, pager: true };
        let (mut words, mut whats) = (Vec::new(), Vec::new());
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Short('h') | Long("help") => return Ok(options),
                Short('V') | Long("version") => return Ok(Options { command: Command::Version, ..options }),
                Short('p') | Long("package") => options.package = Some(parser.value()?.string()?),
                Long("manifest-path") => options.manifest = Some(parser.value()?.into()),
                Long("no-pager") => options.pager = false,
                Long("color") => {
                    options.color = match parser.value()?.string()?.as_str() {
                        "always" => Some(true),
                        "never" => Some(false),
                        "auto" => None,
                        other => {
                            return Err(format!("`--color {other}`: there are always, never and auto").into());
                        }
                    }
                }
                Long("jvp") => whats.push(What::Jvp),
                Long("second") => whats.push(What::Second),
                Long("all") => whats.push(What::All),
                Long("ir") => whats.push(What::Ir),
                Long("plan") => whats.push(What::Plan),
                // Cargo says what it was called with.
                Value(word) if words.is_empty() && word == "grad" => {}
                Value(word) => words.push(word.string()?),
                other => return Err(other.unexpected()),
            }
        }
        options.command = command(words, &whats)?;
        Ok(options)
    }
}

fn command(words: Vec<String>, whats: &[What]) -> Result<Command, lexopt::Error> {
    let mut words = words.into_iter();
    let Some(command) = words.next() else { return Ok(Command::Help) };
    if command != "show" && !whats.is_empty() {
        return Err("`--jvp`, `--second`, `--all`, `--ir` and `--plan` belong to `show`".into());
    }
    let rest: Vec<String> = words.collect();
    match (command.as_str(), &rest[..]) {
        ("show", [function]) => {
            Ok(Command::Show { file: None, function: function.clone(), what: what(whats)? })
        }
        ("show", [file, function]) => Ok(Command::Show {
            file: Some(PathBuf::from(file)),
            function: function.clone(),
            what: what(whats)?,
        }),
        ("show", []) => Err("`show` takes the name of a function".into()),
        ("show", _) => Err("`show` takes one function, with a file in front of it or not".into()),
        ("list", []) => Ok(Command::List(None)),
        ("list", [text]) => Ok(Command::List(Some(text.clone()))),
        ("list", _) => Err("`list` takes one text to look for".into()),
        ("explain", _) => Ok(Command::Explain(rest)),
        (other, _) => Err(format!("there is no command `{other}`, but `show`, `list` and `explain`").into()),
    }
}

fn what(whats: &[What]) -> Result<What, lexopt::Error> {
    match whats {
        [] => Ok(What::Vjp),
        [what] => Ok(*what),
        _ => Err("one of `--jvp`, `--second`, `--all`, `--ir` and `--plan`, please".into()),
    }
}
