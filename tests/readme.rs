//! The README shows what is in the repository.

const README: &str = include_str!("../README.md");

#[test]
fn the_program_in_the_readme_is_the_example() {
    let example = include_str!("../examples/rosenbrock.rs");
    let program = &example[example.find("use grad").expect("the example uses the crate")..];
    assert!(README.contains(program), "README.md and examples/rosenbrock.rs differ");
    assert!(example.lines().count() < 30, "the example has grown");
}

#[test]
fn ci_runs_the_commands_of_the_readme() {
    let ci = include_str!("../.ci/run");
    assert!(README.contains("\ncargo test --workspace --features libm\n"));
    assert!(ci.contains("\ncargo test --workspace --features libm\n"));
    let examples: Vec<&str> = README
        .split("cargo run --release --example ")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
        .collect();
    assert!(examples.contains(&"digits") && examples.contains(&"mountain"), "{examples:?}");
    for example in examples {
        let command = format!("cargo run --release --quiet --example {example}");
        assert!(ci.contains(&command), "{example}");
    }
}

#[test]
fn the_benches_that_are_named_exist() {
    let pages = [README, include_str!("../CONTRIBUTING.md"), include_str!("../docs/performance.md")].concat();
    let names = pages.split("cargo bench ").skip(1).map(|rest| {
        let name = rest.strip_prefix("-p grad-benches --bench ").expect("all benches are in one package");
        name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
    });
    let benches = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/benches");
    let mut count = 0;
    for name in names {
        assert!(benches.join(name).with_extension("rs").is_file(), "{name}");
        count += 1;
    }
    assert!(count >= 4, "{count}");
}
