//! The table of the book.

use std::fmt::Write;

use crate::data::Set;
use crate::runs::{self, Run};

/// Both methods on all sets, from both starts, in the form of the book.
pub fn table(sets: &[Set]) -> String {
    let methods: [fn(&Set, &[f64]) -> Run; 2] = [runs::levenberg_marquardt, runs::dogleg];
    let all = methods.map(|method| -> Vec<Run> {
        sets.iter().flat_map(|set| set.starts.iter().map(move |start| method(set, start))).collect()
    });
    let count =
        |of: fn(&Run) -> bool| all.each_ref().map(|runs| runs.iter().filter(|r| of(r)).count().to_string());
    let fewest = all.each_ref().map(|runs| {
        let claimed = runs.iter().filter(|run| run.claims).map(|run| run.digits);
        format!("{:.1}", claimed.fold(f64::INFINITY, f64::min))
    });
    let sum =
        |of: fn(&Run) -> usize| all.each_ref().map(|runs| runs.iter().map(of).sum::<usize>().to_string());
    let mut text =
        String::from("| 54 runs, defaults | `LevenbergMarquardt` | `Dogleg` |\n| --- | --: | --: |\n");
    for (what, [one, other]) in [
        ("at least 4 digits of the worst parameter are right", count(|run| run.digits >= 4.0)),
        ("at least 6 digits", count(|run| run.digits >= 6.0)),
        ("says converged", count(|run| run.claims)),
        ("of these, the fewest digits", fewest),
        ("evaluations of the residuals", sum(|run| run.evaluations)),
        ("evaluations of the Jacobian", sum(|run| run.jacobians)),
    ] {
        writeln!(text, "| {what} | {one} | {other} |").expect("a string takes all");
    }
    text
}
