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
    assert!(README.contains("\ncargo test --workspace\n"));
    assert!(ci.contains("\ncargo test --workspace\n"));
    assert!(README.contains("\ncargo run --release --example digits\n"));
    assert!(ci.contains("--example digits"));
}
