//! Mistakes and what is said about them, one file each in `ui/`; odd but legal programs in `pass/`.
//!
//! After a change of a message: `TRYBUILD=overwrite cargo test --test ui`, then read `git diff`.

use grad_compiler::diag::Code;
use std::path::Path;

#[test]
fn mistakes_get_a_message_that_helps() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*/*.rs");
    cases.pass("tests/pass/*.rs");
}

#[test]
fn every_error_has_a_fixture() {
    let mut texts = String::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    for topic in std::fs::read_dir(folder).expect("the folder is there") {
        for file in std::fs::read_dir(topic.expect("it can be listed").path()).expect("topics are folders") {
            let path = file.expect("it can be listed").path();
            if path.extension().is_some_and(|extension| extension == "stderr") {
                texts += &std::fs::read_to_string(path).expect("it is text");
            }
        }
    }
    let missing: Vec<String> = Code::ALL
        .iter()
        .map(ToString::to_string)
        .filter(|code| !texts.contains(&format!("error: {code}:")))
        .collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}
