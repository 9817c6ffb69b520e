//! The table in `tests/ui/first_hour/README.md` is true: it has every fixture of the folder, how many errors each gives, and a
//! rating that goes with that. What the errors say is compared by `ui.rs`.

use compilers::library::{Library, ROOT, tool};
use compilers::messages::messages;
use std::path::Path;

const FOLDER: &str = "tests/ui/first_hour";

/// The rows: fixture, errors, rating.
fn table(text: &str) -> Vec<(String, usize, usize)> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let name = cells[0].split('`').nth(1).expect("a fixture").to_owned();
        let number = |cell: &str| cell.parse().unwrap_or_else(|_| panic!("{row}"));
        (name, number(cells[1]), number(cells[2]))
    })
    .collect()
}

/// How many errors rustc finds in the functions as they are without the attribute.
fn of_rustc(source: &str) -> usize {
    let lines = source.lines().filter(|line| !line.contains("grad"));
    let file = std::env::temp_dir().join(format!("first_hour_{}.rs", std::process::id()));
    std::fs::write(&file, lines.collect::<Vec<_>>().join("\n")).expect("there is room");
    let output = tool("rustc")
        .args(["--crate-type=bin", "--edition=2024", "--emit=metadata", "-Awarnings", "-o", "/dev/null"])
        .arg(&file)
        .output()
        .expect("rustc can be run");
    std::fs::remove_file(&file).expect("it was written");
    let text = String::from_utf8_lossy(&output.stderr);
    messages(&text, &file.display().to_string()).len()
}

#[test]
fn the_table_of_mistakes_is_true() {
    let folder = Path::new(ROOT).join(FOLDER);
    let rows = table(&std::fs::read_to_string(folder.join("README.md")).expect("the table is there"));
    let mut fixtures: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .filter_map(|file| Some(file.ok()?.file_name().to_str()?.strip_suffix(".rs")?.to_owned()))
        .collect();
    fixtures.sort();
    let mut named: Vec<String> = rows.iter().map(|(name, ..)| name.clone()).collect();
    named.sort();
    assert_eq!(named, fixtures);

    let library = Library::build();
    let mut wrong = Vec::new();
    for (name, errors, rating) in rows {
        let file = format!("{FOLDER}/{name}.rs");
        let output = library
            .user(tool("rustc"), &file, "2024", "grad")
            .args(["--crate-type=bin", "--emit=obj", "-Awarnings"])
            .output()
            .expect("rustc can be run");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let found = messages(&text, &file).len();
        if found != errors {
            wrong.push(format!("{name}: {found} errors"));
        }
        let source = std::fs::read_to_string(Path::new(ROOT).join(&file)).expect("the fixture is there");
        let here: Vec<usize> = source
            .lines()
            .enumerate()
            .filter(|(_, line)| line.ends_with("// here"))
            .map(|(k, _)| k + 1)
            .collect();
        let line = here.first().unwrap_or_else(|| panic!("{name} marks no line"));
        let first = text.lines().find_map(|line| line.trim_start().strip_prefix(&format!("--> {file}:")));
        let is_here = first.is_some_and(|at| at.starts_with(&format!("{line}:")));
        let most = match errors {
            // One for each mistake.
            errors if errors == here.len() && is_here => 3,
            // As many as there are in a file without us.
            errors if is_here && rating == 3 && errors == of_rustc(&source) => 3,
            1 | 2 => 2,
            _ => 1,
        };
        if rating > most {
            wrong.push(format!("{name}: {rating} is too good: {found} errors, the first at {first:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
