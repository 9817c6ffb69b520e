//! Whole crates of users, in `tests/fixtures/`: all editions, renamed dependencies, every lint.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where this test was built: the fixtures' dependencies are the same, so that they are built only once.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    test.ancestors().nth(3).expect("target/profile/deps/test").to_path_buf()
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(args)
        .arg("--offline")
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/Cargo.toml"))
        .env("CARGO_TARGET_DIR", target())
        .env_remove("RUSTFLAGS");
    command
}

#[track_caller]
fn succeeds(mut command: Command) {
    let output = command.output().expect("cargo can be run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn fixtures_compile_without_a_warning_and_their_tests_pass() {
    succeeds(cargo(&["test", "--workspace"]));
}

#[test]
fn derivatives_pass_clippy() {
    let installed =
        Command::new("cargo").args(["clippy", "--version"]).output().is_ok_and(|o| o.status.success());
    if !installed {
        println!("skipped: there is no clippy");
        return;
    }
    succeeds(cargo(&["clippy", "--workspace", "--all-targets"]));
}
