//! The compiler, compiled for the browser.

use std::path::Path;
use std::process::{Command, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";

/// The bytes of the module.
pub(crate) fn module() -> Result<Vec<u8>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tool = |variable: &str, name: &str| {
        let mut command = Command::new(std::env::var(variable).unwrap_or_else(|_| name.to_owned()));
        command.current_dir(&root).stderr(Stdio::inherit());
        command
    };
    // Said before cargo says it, at length, of every dependency.
    let libraries = tool("RUSTC", "rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error| format!("rustc cannot be run: {error}"))?;
    let libraries = String::from_utf8_lossy(&libraries.stdout).trim().to_owned();
    if libraries.is_empty() || !Path::new(&libraries).is_dir() {
        return Err(format!(
            "this compiler has no standard library for WebAssembly\n  = help: `rustup target add {TARGET}`"
        ));
    }
    eprintln!("building the compiler for the browser: a minute or two, the first time");
    let output = tool("CARGO", "cargo")
        .args(["rustc", "--package", "playground-module", "--lib", "--crate-type", "cdylib"])
        .args(["--target", TARGET, "--profile", "playground"])
        .args(["--message-format", "json-render-diagnostics"])
        // Numbers of functions take five bytes each otherwise: a tenth of the module.
        .args(["--", "-C", "link-arg=--compress-relocations"])
        .output()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    if !output.status.success() {
        return Err("the compiler could not be built for the browser: see above".to_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let path = messages
        .split('"')
        .rfind(|word| Path::new(word).extension().is_some_and(|extension| extension == "wasm"))
        .ok_or("cargo built no module")?;
    // As JSON, a path of Windows has two of each backslash.
    let path = path.replace("\\\\", "\\");
    std::fs::read(&path).map_err(|error| format!("{path}: {error}"))
}
