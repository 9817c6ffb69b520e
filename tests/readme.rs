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
