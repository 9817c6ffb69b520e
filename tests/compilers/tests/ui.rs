//! Mistakes and what is said about them, one file each in `tests/ui`.
//!
//! What is ours is the same with every compiler: how many errors there are, where, with which number, in which words and
//! with what help. What rustc adds is compared only with the compiler the texts were written down with, which
//! `tests/ui/compiler.txt` names.
//!
//! After a change of a message: `UPDATE_EXPECT=1 cargo test -p compilers`, then read `git diff`.

use compilers::library::{Library, ROOT, tool};
use compilers::messages::{Message, messages, ours, written};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `tests/ui/topic/mistake.rs`, from the root.
fn fixtures() -> Vec<String> {
    let mut found = Vec::new();
    for topic in std::fs::read_dir(Path::new(ROOT).join("tests/ui")).expect("the folder is there") {
        let topic = topic.expect("it can be listed").path();
        let Ok(files) = std::fs::read_dir(&topic) else { continue };
        for file in files {
            let path = file.expect("it can be listed").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let path = path.strip_prefix(ROOT).expect("it is below the root");
                found.push(path.to_str().expect("names are plain").replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// What rustc says about a fixture: of some mistakes only when it makes code.
fn compile(fixture: &str, library: &Library) -> Vec<Message> {
    let output = library
        .user(tool("rustc"), fixture, "2024", "grad")
        .args(["--crate-type=bin", "--emit=obj", "-Awarnings", "--diagnostic-width=140"])
        .output()
        .expect("rustc can be run");
    assert!(!output.status.success(), "{fixture} compiles");
    let text = String::from_utf8(output.stderr).expect("messages are text");
    let found = messages(&text, fixture);
    assert!(!found.is_empty(), "{fixture}:\n{text}");
    found
}

fn version() -> String {
    let output = tool("rustc").arg("--version").output().expect("rustc can be run");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The sentences that rustc takes from `#[diagnostic::on_unimplemented]` on our traits.
fn sentences() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join("grad-runtime/src")];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).expect("it can be listed") {
            let path = file.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(path).expect("it is text");
            for attribute in text.split("#[diagnostic::on_unimplemented(").skip(1) {
                // In a macro it is indented.
                let lines = attribute.lines().take_while(|line| line.trim() != ")]");
                let attribute = lines.collect::<Vec<_>>().join("\n");
                for sentence in attribute.split('"').skip(1).step_by(2) {
                    // Before the first type.
                    found.push(sentence.split('{').next().unwrap_or_default().to_owned());
                }
            }
        }
    }
    assert!(found.len() > 20, "{found:?}");
    found
}

#[test]
fn mistakes_get_a_message_that_helps() {
    let (library, sentences, fixtures) = (Library::build(), sentences(), fixtures());
    assert!(fixtures.len() > 55, "{} fixtures", fixtures.len());
    let (compiler, is_update) =
        (Path::new(ROOT).join("tests/ui/compiler.txt"), std::env::var_os("UPDATE_EXPECT").is_some());
    if is_update {
        std::fs::write(&compiler, version() + "\n").expect("it can be written");
    }
    let is_recorded = std::fs::read_to_string(&compiler).is_ok_and(|text| text.trim() == version());
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(fixture) = fixtures.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = compile(fixture, &library);
            let file = Path::new(ROOT).join(fixture).with_extension("stderr");
            if is_update {
                std::fs::write(&file, written(&found)).expect("it can be written");
                continue;
            }
            let expected = std::fs::read_to_string(&file).unwrap_or_default();
            let (text, wanted) = (written(&found), messages(&expected, fixture));
            let (found, wanted) = (ours(&found, &sentences), ours(&wanted, &sentences));
            if found != wanted {
                let difference = format!("{fixture}: {wanted:#?} is expected, {found:#?} is said\n{text}");
                failures.lock().expect("nobody panics with it").push(difference);
            } else if is_recorded && text != expected {
                let difference = format!("{fixture}:\n{expected}\nis expected, said is\n\n{text}");
                failures.lock().expect("nobody panics with it").push(difference);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().expect("nobody panics with it");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    if !is_recorded {
        println!("compared what is ours: the whole texts are those of another compiler than {}", version());
    }
}
