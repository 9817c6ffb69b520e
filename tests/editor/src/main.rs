//! What an editor shows of an annotated function: completion, hovering, the way to a definition. Run by `.ci/run`:
//!
//! ```text
//! cargo run -p editor
//! ```
//!
//! It says so where there is no rust-analyzer (`rustup component add rust-analyzer`).

mod client;

use client::Client;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

const LIBRARY: &str = "\
use grad::grad;

/// How high the ground is.
#[grad]
pub fn height(x: f64, y: f64) -> f64 {
    x * x + y.sin()
}

pub fn walk() -> (f64, (f64, f64)) {
    height::value_and_grad(1.0, 2.0)
}
";

fn main() -> ExitCode {
    let mut version = Command::new("rust-analyzer");
    let version = version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !version.is_ok_and(|status| status.success()) {
        println!("skipped: there is no rust-analyzer here (rustup component add rust-analyzer)");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize();
    let root = root.map_err(|error| error.to_string())?;
    let folder = root.join("target/editor");
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        path.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))
    };
    let manifest = format!(
        "[package]\nname = \"seen\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\ngrad-rs = {{ path = \"{}\" }}\n",
        root.display()
    );
    write("Cargo.toml", &manifest)?;
    write("src/lib.rs", LIBRARY)?;
    let lock = root.join("Cargo.lock");
    std::fs::copy(&lock, folder.join("Cargo.lock"))
        .map_err(|error| format!("{}: {error}", lock.display()))?;
    let mut editor = Editor::open(&folder)?;
    editor.completes()?;
    editor.tells_of_the_function()?;
    editor.tells_of_the_gradient()?;
    editor.leads_to_the_function()
}

struct Editor {
    client: Client,
    uri: String,
    version: u64,
}

impl Editor {
    fn open(folder: &Path) -> Result<Editor, String> {
        let mut client = Client::start(&folder.to_string_lossy())?;
        let uri = format!("file://{}/src/lib.rs", folder.display());
        client.tell(
            "textDocument/didOpen",
            &json!({"textDocument": {"uri": uri, "languageId": "rust", "version": 1, "text": LIBRARY}}),
        )?;
        Ok(Editor { client, uri, version: 1 })
    }

    fn set(&mut self, text: &str) -> Result<(), String> {
        self.version += 1;
        self.client.tell(
            "textDocument/didChange",
            &json!({"textDocument": {"uri": self.uri, "version": self.version}, "contentChanges": [{"text": text}]}),
        )
    }

    /// Asks at the place behind a piece of the text, so many characters further.
    fn at(&mut self, method: &str, text: &str, piece: &str, further: usize) -> Result<Value, String> {
        let offset = text.find(piece).ok_or_else(|| format!("`{piece}` is not there"))? + further;
        let line = text[..offset].matches('\n').count();
        let character = offset - text[..offset].rfind('\n').map_or(0, |end| end + 1);
        let position = json!({"line": line, "character": character});
        self.client.ask(method, &json!({"textDocument": {"uri": self.uri}, "position": position}))
    }

    /// `height::` is completed by what is public, with nothing else before what every type has.
    fn completes(&mut self) -> Result<(), String> {
        let text = LIBRARY.replace("    height::value_and_grad(1.0, 2.0)", "    let _ = height::;");
        self.set(&text)?;
        let found = self.at("textDocument/completion", &text, "= height::;", "= height::".len())?;
        self.set(LIBRARY)?;
        let mut items: Vec<(String, String)> = found["items"]
            .as_array()
            .or_else(|| found.as_array())
            .into_iter()
            .flatten()
            .map(|item| {
                let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
                (text("sortText"), text("label"))
            })
            .collect();
        items.sort();
        let labels: Vec<&str> =
            items.iter().map(|(_, label)| label.split(['(', '…']).next().unwrap_or_default()).collect();
        println!("completion of `height::`: {}", labels.join(", "));
        for wanted in ["grad", "value_and_grad", "vjp", "jvp", "objective"] {
            if !labels.contains(&wanted) {
                return Err(format!("`{wanted}` is not completed"));
            }
        }
        if let Some(hidden) = labels.iter().find(|label| label.starts_with('_')) {
            return Err(format!("`{hidden}` is completed, which is nobody's business"));
        }
        if labels.first() != Some(&"grad") {
            return Err("`grad` is not the first".to_owned());
        }
        // What every type has comes last.
        let at = |name: &str| labels.iter().position(|label| *label == name);
        let last = ["grad", "value_and_grad", "vjp", "jvp"].into_iter().filter_map(at).max();
        if last.is_none_or(|last| at("into").is_some_and(|into| into < last)) {
            return Err("what every type has comes before the derivatives".to_owned());
        }
        Ok(())
    }

    fn hover(&mut self, piece: &str, further: usize) -> Result<String, String> {
        let found = self.at("textDocument/hover", LIBRARY, piece, further)?;
        Ok(found["contents"]["value"].as_str().unwrap_or_default().to_owned())
    }

    /// The name of the function shows the function, with the line about it.
    fn tells_of_the_function(&mut self) -> Result<(), String> {
        let text = self.hover("fn height", 4)?;
        println!("\nhovering over `height`:\n{text}");
        let blocks = text.matches("```rust").count();
        if !text.contains("pub fn height(x: f64, y: f64) -> f64") || !text.contains("How high the ground is.")
        {
            return Err("hovering over the name does not show the function".to_owned());
        }
        // The function, and the type of the same name that has its derivatives, where it is declared and where it has them.
        if blocks > 6 {
            return Err(format!("hovering over the name shows {blocks} blocks of code"));
        }
        Ok(())
    }

    /// A derivative shows its signature, the shapes in it, and a line.
    fn tells_of_the_gradient(&mut self) -> Result<(), String> {
        let text = self.hover("value_and_grad", 3)?;
        println!("\nhovering over `value_and_grad`:\n{text}");
        if !text.contains("fn value_and_grad(x: f64, y: f64) -> (f64, (f64, f64))") {
            return Err("hovering over the derivative does not show its signature".to_owned());
        }
        let said = text.rsplit("---").next().unwrap_or_default().trim();
        if said.len() < 20 || said.contains("```") {
            return Err("hovering over the derivative says nothing about it".to_owned());
        }
        Ok(())
    }

    /// The definition of a derivative is the user's function.
    fn leads_to_the_function(&mut self) -> Result<(), String> {
        let found = self.at("textDocument/definition", LIBRARY, "value_and_grad", 3)?;
        let places = found.as_array().cloned().unwrap_or_else(|| vec![found]);
        let lines: Vec<u64> = places
            .iter()
            .filter_map(|place| {
                let range = place.get("targetSelectionRange").or_else(|| place.get("range"))?;
                range["start"]["line"].as_u64()
            })
            .collect();
        println!("\nthe definition of `value_and_grad` is in line {lines:?}, counted from 0: {places:#?}");
        let name = LIBRARY.lines().position(|line| line.contains("fn height")).unwrap_or_default() as u64;
        let uris = places.iter().all(|place| place["uri"] == *self.uri || place["targetUri"] == *self.uri);
        if uris && !lines.is_empty() && lines.iter().all(|line| (name - 1..=name).contains(line)) {
            Ok(())
        } else {
            Err("the definition of the derivative is not the function".to_owned())
        }
    }
}
