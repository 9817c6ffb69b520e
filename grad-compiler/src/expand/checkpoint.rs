//! What is in the way of `checkpoint`?

use crate::analysis::Obstacle;
use crate::diag::{Code, Errors};
use proc_macro2::Ident;

/// `checkpoint` without a loop that can run again.
pub(super) fn nothing_to_run_again(errors: &mut Errors, word: &Ident, obstacle: Option<Obstacle>) {
    let (what, help) = match obstacle {
        None => (
            "`checkpoint` on a function without a counted loop to run again",
            "remove it; or write the long loop as `for k in 0..n`, outside of branches and other loops, and not behind an early `return`",
        ),
        Some(Obstacle::Exit) => (
            "`checkpoint` on a loop that may end early",
            "remove it; or write the loop without `break`, `return` and `?`, so that the number of its passes is known before it starts",
        ),
        Some(Obstacle::Effect) => (
            "`checkpoint` on a loop that uses or changes something the compiler does not look into",
            "remove it; or keep what the passes read and change in numbers, arrays and `Vec`s: the passes run twice",
        ),
        Some(Obstacle::Unknown) => (
            "`checkpoint` on a loop with code that may not give the same value twice",
            "remove it; or compute what is constant in front of the loop, or in a function with `#[grad]`: the passes run twice",
        ),
        Some(Obstacle::Type) => (
            "`checkpoint` on a loop with memory that changes and cannot be copied",
            "remove it; or keep what changes in numbers, arrays and `Vec`s of numbers, copied from `&mut` in front of the loop",
        ),
    };
    errors.push_at(Code::Checkpoint, word, what, help);
}
