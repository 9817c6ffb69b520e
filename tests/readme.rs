//! The README shows what is in the repository.

const README: &str = include_str!("../README.md");

#[test]
fn the_program_in_the_readme_is_the_example() {
    let example = include_str!("../examples/rosenbrock.rs");
    let program = &example[example.find("use grad").expect("the example uses the crate")..];
    // Its command line is nothing for a README.
    let program = without(program, "const HELP", "\";\n\n");
    let program = without(&program, "    if only_help", "    }\n");
    assert!(README.contains(&program), "README.md and examples/rosenbrock.rs differ:\n{program}");
    assert!(program.lines().count() < 25, "the example has grown");
}

#[test]
fn ci_runs_the_commands_of_the_readme() {
    let ci = include_str!("../.ci/run");
    assert!(README.contains("\ncargo test --workspace --features libm\n"));
    assert!(ci.contains("\ncargo test --workspace --features libm\n"));
    assert!(README.contains("`cargo run -p playground`"));
    assert!(ci.contains("\n    cargo run --quiet -p playground -- "));
    for (run, least) in [("--example ", "digits"), ("-p ", "mountain")] {
        let examples: Vec<&str> = README
            .split(&format!("cargo run --release {run}"))
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
            .collect();
        assert!(examples.contains(&least), "{examples:?}");
        for example in examples {
            let command = format!("cargo run --release --quiet {run}{example}");
            assert!(ci.contains(&command), "{example}");
        }
    }
}

#[test]
fn ci_runs_the_commands_of_cargo_grad() {
    let ci = include_str!("../.ci/run");
    let commands: Vec<&str> =
        README.split("`cargo grad ").skip(1).filter_map(|rest| rest.split([' ', '`']).next()).collect();
    assert_eq!(commands, ["show", "list", "explain"]);
    for command in commands {
        assert!(ci.contains(&format!("cargo run --quiet -p cargo-grad -- {command} ")), "{command}");
    }
}

/// The text without what begins and ends so.
fn without(text: &str, begins: &str, ends: &str) -> String {
    let from = text.find(begins).expect("it begins somewhere");
    let to = from + text[from..].find(ends).expect("it ends somewhere") + ends.len();
    [&text[..from], &text[to..]].concat()
}

/// Whoever runs the digits builds what they use, and nothing for the benches and tests of others.
#[test]
fn the_second_command_builds_little() {
    let manifest = include_str!("../Cargo.toml");
    let needs = manifest.split("\n[dev-dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let mut needs: Vec<&str> = needs
        .expect("there are some")
        .lines()
        .filter_map(|line| line.split([' ', '.']).next().filter(|name| !name.is_empty() && *name != "#"))
        .collect();
    needs.sort_unstable();
    assert_eq!(
        needs,
        ["allocation-counter", "base64", "flate2", "grad-runtime", "lexopt", "num-traits", "plotters"]
    );
}

#[test]
fn the_benches_that_are_named_exist() {
    let pages = [README, include_str!("../CONTRIBUTING.md"), include_str!("../docs/performance.md")].concat();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for rest in pages.split("cargo bench ").skip(1) {
        // The package of this one has no other.
        let file = if rest.starts_with("-p gradbench`") {
            root.join("gradbench/benches/evals.rs")
        } else {
            let (package, rest) = rest
                .strip_prefix("-p ")
                .and_then(|rest| rest.split_once(" --bench "))
                .expect("it names a package");
            let folder = if package == "grad-criterion-benches" {
                "benches/criterion/benches"
            } else {
                "benches/benches"
            };
            let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            root.join(folder).join(name).with_extension("rs")
        };
        assert!(file.is_file(), "{}", file.display());
        count += 1;
    }
    assert!(count >= 4, "{count}");
}
