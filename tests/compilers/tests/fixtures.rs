//! The derivatives of users' crates, `tests/fixtures`, pass clippy with every lint turned up. That they compile without a
//! warning in all editions, and do what they should, is what their own tests say.

use compilers::library::{Library, ROOT, tool};
use std::path::Path;

/// Each with its edition, and what the library is called there.
const CRATES: [(&str, &str, &str); 7] = [
    ("bare-metal", "2024", "grad"),
    ("edition-2018", "2018", "grad"),
    ("edition-2021", "2021", "grad"),
    ("edition-2024", "2024", "grad"),
    ("pedantic", "2024", "grad"),
    ("private-primal", "2024", "grad"),
    ("renamed", "2024", "autodiff"),
];

#[test]
fn all_of_them_are_looked_at() {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(Path::new(ROOT).join("tests/fixtures")).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if let Ok(manifest) = std::fs::read_to_string(path.join("Cargo.toml")) {
            let edition = manifest.split("edition = \"").nth(1).and_then(|rest| rest.split('"').next());
            let name = path.file_name().expect("a folder has a name").to_string_lossy().into_owned();
            assert!(!manifest.contains("[lints"), "{name}: lints in the source are those of every tool");
            found.push((name, edition.expect("it has an edition").to_owned()));
        }
    }
    found.sort();
    assert_eq!(found, CRATES.map(|(name, edition, _)| (name.to_owned(), edition.to_owned())));
}

#[test]
fn derivatives_pass_clippy() {
    let installed = tool("clippy-driver").arg("--version").output().is_ok_and(|o| o.status.success());
    if !installed {
        println!("skipped: there is no clippy");
        return;
    }
    let library = Library::build();
    for (name, edition, grad) in CRATES {
        let file = format!("tests/fixtures/{name}/src/lib.rs");
        for what in [&["--crate-type", "lib"][..], &["--test"]] {
            let mut command = library.user(tool("clippy-driver"), &file, edition, grad);
            let output = command.args(["--emit", "metadata"]).args(what).output().expect("clippy can be run");
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && text.is_empty(), "{command:?}\n{text}");
        }
    }
}
