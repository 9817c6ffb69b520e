//! One page with all pictures: runs the examples that draw, and puts what they drew on a page.
//!
//! `cargo run --example gallery -- --help`

#[path = "../pages/mod.rs"]
mod pages;

use base64::prelude::{BASE64_STANDARD, Engine};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

const HELP: &str = "\
Runs the examples that draw something, and makes a page with all their pictures. The first time this builds them, which takes
some minutes.

Usage: cargo run --example gallery -- [OPTIONS]

Options:
  --out DIR    where the pages and pictures are written [default: target/gallery]
  -h, --help   print this";

/// An example: how it is run, what it draws, and the page that one opens.
struct Piece {
    title: &'static str,
    about: &'static str,
    /// Of `cargo run`, in front of the options.
    run: &'static [&'static str],
    /// Its options: `DIR` is where the pages are.
    options: &'static [&'static str],
    picture: &'static str,
    page: Option<&'static str>,
}

const PIECES: [Piece; 7] = [
    Piece {
        title: "A walk down a mountain",
        about: "Gradient descent in fog: step sizes too small, right, too large and far too large, and a climber. On the page there is a walker of your own.",
        run: &["-p", "mountain"],
        options: &["--out", "DIR"],
        picture: "mountain.svg",
        page: Some("mountain.html"),
    },
    Piece {
        title: "The chain rule",
        about: "Values flow down, how the result changes with each flows up; where a value is used twice, what comes back is added. The page goes through it step by step, beside the generated code.",
        run: &["-p", "chain_rule"],
        options: &["--out", "DIR"],
        picture: "chain_rule.svg",
        page: Some("chain_rule.html"),
    },
    Piece {
        title: "Reading digits",
        about: "A network of two layers learns to read handwritten digits by stochastic gradient descent: how the loss falls, what its hidden units look for, what it gets wrong.",
        run: &["--example", "digits"],
        options: &["--out", "DIR/digits.html"],
        picture: "digits.svg",
        page: Some("digits.html"),
    },
    Piece {
        title: "Methods compared",
        about: "The same network, from the same start: the loss by epoch, for every first-order method and for L-BFGS.",
        run: &["--example", "digits"],
        options: &["--compare", "--epochs", "20", "--out", "DIR/digits.html"],
        picture: "digits-compare.svg",
        page: None,
    },
    Piece {
        title: "What speaks for a digit",
        about: "Softmax regression, brought to its known optimum by L-BFGS: the pixels whose ink speaks for each digit, and against it.",
        run: &["--example", "softmax_regression"],
        options: &["--out", "DIR/softmax_regression.svg"],
        picture: "softmax_regression.svg",
        page: None,
    },
    Piece {
        title: "A planet on its ellipse",
        about: "Kepler's equation is solved by Newton's method, and differentiated by the implicit function theorem: how the place changes with the time, and with the eccentricity.",
        run: &["--example", "kepler"],
        options: &["--out", "DIR/kepler.svg"],
        picture: "kepler.svg",
        page: None,
    },
    Piece {
        title: "An equilibrium",
        about: "Voltages on a ladder of conductors, found by Newton's method; one linear system tells for all conductors at once which way to change them.",
        run: &["--example", "equilibrium"],
        options: &["--out", "DIR/equilibrium.svg"],
        picture: "equilibrium.svg",
        page: None,
    },
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let Some(out) = pages::out(HELP, concat!(env!("CARGO_MANIFEST_DIR"), "/target/gallery"))? else {
        return Ok(());
    };
    std::fs::create_dir_all(&out)
        .map_err(|error| format!("cannot make the directory `{}`: {error}", out.display()))?;
    let out = out.canonicalize().map_err(|error| format!("{}: {error}", out.display()))?;
    for piece in &PIECES {
        piece.draw(&out)?;
    }
    let index = out.join("index.html");
    pages::write(&index, &page(&out)?)?;
    println!("the gallery: {}", index.display());
    Ok(())
}

impl Piece {
    fn draw(&self, out: &Path) -> Result<(), String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let options = self.options.iter().map(|option| option.replace("DIR", &out.to_string_lossy()));
        println!("drawing: {}", self.title);
        let status = Command::new(cargo)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["run", "--release", "--quiet"])
            .args(self.run)
            .arg("--")
            .args(options)
            .stdout(Stdio::null())
            .status()
            .map_err(|error| format!("cargo cannot be run: {error}"))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("`cargo run --release {}` failed: see above", self.run.join(" ")))
        }
    }

    fn figure(&self, out: &Path) -> Result<String, String> {
        let path = out.join(self.picture);
        let svg = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut figure = format!("<section><h2>{}</h2>\n<p>{}", self.title, self.about);
        if let Some(page) = self.page {
            let _ = write!(figure, " <a href=\"{page}\">Open the page</a>.");
        }
        let _ = writeln!(
            figure,
            "</p>\n<figure class=\"card\"><img alt=\"{}\" src=\"data:image/svg+xml;base64,{}\"></figure>\n</section>",
            self.title,
            BASE64_STANDARD.encode(&svg)
        );
        Ok(figure)
    }
}

fn page(out: &Path) -> Result<String, String> {
    let body = PIECES.iter().map(|piece| piece.figure(out)).collect::<Result<String, _>>()?;
    Ok(pages::page(
        "Pictures of gradients",
        "Everything here was computed by functions whose gradients <code>#[grad]</code> wrote when they were compiled.",
        &body,
    ))
}
