//! How is a file compiled as if it were a user's crate?

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the repository is: the tools run there, so that paths in messages are the same everywhere.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// `cargo`, `rustc` or `clippy-driver`, without the flags of the build that runs the test.
pub fn tool(name: &str) -> Command {
    let mut command = Command::new(std::env::var_os(name.to_uppercase()).unwrap_or_else(|| name.into()));
    command.current_dir(ROOT).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// The library, compiled by the compiler that runs here.
pub struct Library {
    /// The file with its types, beside those of its dependencies.
    metadata: PathBuf,
}

impl Library {
    /// Built where the test was built, so that what it depends on is built only once.
    pub fn build() -> Library {
        let test = std::env::current_exe().expect("a test has a path");
        let target = test.ancestors().nth(3).expect("target/profile/deps/test");
        let output = tool("cargo")
            .args([
                "build",
                "--offline",
                "--quiet",
                "--lib",
                // As it is there for this test.
                "--profile",
                "test",
                "--package",
                "grad-rs",
                // With the features that the macro has there, which this one asks for.
                "--package",
                env!("CARGO_PKG_NAME"),
                "--message-format",
                "json",
            ])
            .env("CARGO_TARGET_DIR", target)
            .output()
            .expect("cargo can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let output = String::from_utf8(output.stdout).expect("JSON is text");
        let artifact = output.lines().rfind(|line| line.contains("libgrad-")).expect("it is an artifact");
        let is_metadata = |file: &&str| {
            file.contains("libgrad-") && Path::new(file).extension().is_some_and(|e| e == "rmeta")
        };
        let file = artifact.split('"').rfind(is_metadata).expect("its metadata are a file");
        Library { metadata: PathBuf::from(file) }
    }

    /// The command that compiles a file of the repository as a crate with one dependency, which it calls `grad` or else.
    pub fn user(&self, mut tool: Command, file: &str, edition: &str, grad: &str) -> Command {
        tool.args(["--edition", edition, "--color", "never"])
            .arg("--out-dir")
            .arg(self.scratch())
            .arg("-L")
            .arg(format!("dependency={}", self.folder().display()))
            .arg("--extern")
            .arg(format!("{grad}={}", self.metadata.display()))
            .arg(file);
        tool
    }

    fn folder(&self) -> &Path {
        self.metadata.parent().expect("a file is in a folder")
    }

    /// Where what is compiled goes, which nobody looks at.
    fn scratch(&self) -> PathBuf {
        let folder = self.folder().join("../../tmp/compilers");
        std::fs::create_dir_all(&folder).expect("the target folder can be written to");
        folder
    }
}
