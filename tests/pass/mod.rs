//! Odd but legal: a file is what would be a program of its own.

mod caller_in_the_mode_of_a_rule;
mod module_tree;
mod places;
mod types_of_derivatives;

#[test]
fn odd_programs_do_what_they_say() {
    caller_in_the_mode_of_a_rule::main();
    module_tree::main();
    places::main();
    types_of_derivatives::main();
}
