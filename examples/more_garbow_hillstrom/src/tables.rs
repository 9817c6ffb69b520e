//! The tables of the book and of the README: each by one command, and checked by a test.

use std::fmt::Write;

use crate::problems::{self, Problem};
use crate::runs::{self, GRADIENT_TOLERANCE, Outcome, Run, Solver};
use crate::{bounded, rivals, scipy};

/// Makes a table.
pub type Made = fn() -> String;

/// A table by its name, which stands in the pages above it, and how it is made.
pub const ALL: [(&str, Made); 4] =
    [("original", original), ("large", large), ("bounded", of_bounded), ("honesty", honesty)];

/// Who is counted, in the words of the pages.
fn name(solver: &Solver) -> String {
    solver.name.strip_prefix("grad ").map_or_else(
        || solver.name.replace("More-Thuente", "Moré–Thuente").replace("Hager-Zhang", "Hager–Zhang"),
        |own| {
            let own = match own {
                "L-BFGS" => "Lbfgs",
                "BFGS" => "Bfgs",
                "Levenberg-Marquardt" => "LevenbergMarquardt",
                "Newton-CG" => "NewtonCg",
                "conjugate gradient" => "ConjugateGradient",
                "steepest descent" => "SteepestDescent",
                own => own,
            };
            format!("`{own}`")
        },
    )
}

fn count(runs: &[Run], of: impl Fn(&Run) -> bool) -> usize {
    runs.iter().filter(|run| of(run)).count()
}

fn row(text: &mut String, cells: &[String]) {
    writeln!(text, "| {} |", cells.join(" | ")).expect("a string takes all");
}

fn head(columns: &[&str]) -> String {
    let rule = format!("| --- |{}\n", " --: |".repeat(columns.len() - 1));
    format!("| {} |\n{rule}", columns.join(" | "))
}

/// 22872 as 22,872.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

const SCALES: [f64; 3] = [1.0, 10.0, 100.0];

/// A row of the first table.
pub fn original_row(solver: &Solver) -> String {
    let problems = problems::all();
    let runs = SCALES.map(|scale| -> Vec<Run> {
        problems.iter().map(|p| (solver.run)(p, p.scaled_start(scale))).collect()
    });
    let mut cells = vec![name(solver)];
    for runs in &runs {
        let at = count(runs, |run| matches!(run.outcome, Outcome::Global | Outcome::Local));
        cells.push(at.to_string());
        cells.push(format!("{} / {}", count(runs, |run| run.claims && !run.lies()), count(runs, Run::lies)));
        cells.push(grouped(runs.iter().map(|run| run.evaluations).sum()));
    }
    let mut text = String::new();
    row(&mut text, &cells);
    text
}

/// The 35 problems from three starts each.
pub fn original() -> String {
    let mut text = head(&[
        "method",
        "×1: at a minimum",
        "says so, and is / is not",
        "evaluations",
        "×10",
        "",
        "",
        "×100",
        "",
        "",
    ]);
    for solver in runs::solvers().iter().chain(&rivals::solvers()) {
        text.push_str(&original_row(solver));
    }
    for (name, counts) in scipy::ORIGINAL {
        let mut cells = vec![format!("{name} (recorded)")];
        for (at, right, wrong, evaluations) in counts {
            cells.extend([at.to_string(), format!("{right} / {wrong}"), grouped(evaluations)]);
        }
        row(&mut text, &cells);
    }
    text
}

/// The problems of many variables.
fn large() -> String {
    let problems = problems::large();
    let mut text = head(&["method", "says converged, and is", "says so, and is not", "evaluations"]);
    for solver in runs::solvers_for_many_variables().iter().chain(&rivals::solvers()) {
        if solver.keeps_a_matrix {
            continue;
        }
        let runs: Vec<Run> = problems.iter().map(|p| (solver.run)(p, p.start.clone())).collect();
        let right = count(&runs, |run| run.claims && !run.lies());
        let evaluations = runs.iter().map(|run| run.evaluations).sum();
        row(
            &mut text,
            &[name(solver), right.to_string(), count(&runs, Run::lies).to_string(), grouped(evaluations)],
        );
    }
    for (name, [right, wrong, evaluations]) in scipy::LARGE {
        let cells = [right.to_string(), wrong.to_string(), grouped(evaluations)];
        row(&mut text, &[vec![format!("{name} (recorded)")], cells.to_vec()].concat());
    }
    text
}

/// Those with bounds.
fn of_bounded() -> String {
    type Method = fn(&bounded::Bounded) -> bounded::Run;
    let methods: [(&str, Method); 3] = [
        ("`LbfgsB`", bounded::Bounded::lbfgsb),
        ("`ProjectedGradient`", bounded::Bounded::projected_gradient),
        ("basin, L-BFGS-B", rivals::basin_lbfgsb),
    ];
    let problems = bounded::all();
    let mut text = head(&["method", "says converged, and is", "says so, and is not", "evaluations"]);
    for (name, method) in methods {
        let runs: Vec<_> = problems.iter().map(method).collect();
        let holds = |run: &bounded::Run| run.gradient_norm <= GRADIENT_TOLERANCE;
        let right = runs.iter().filter(|run| run.claims && holds(run)).count();
        let wrong = runs.iter().filter(|run| run.claims && !holds(run)).count();
        let evaluations = runs.iter().map(|run| run.evaluations).sum();
        row(&mut text, &[name.to_owned(), right.to_string(), wrong.to_string(), grouped(evaluations)]);
    }
    let scipy = problems.iter().map(|bounded| bounded.scipy).sum();
    row(
        &mut text,
        &[
            "SciPy, L-BFGS-B (recorded)".to_owned(),
            problems.len().to_string(),
            "0".to_owned(),
            grouped(scipy),
        ],
    );
    text
}

/// A row of the last table.
pub fn honesty_row(solver: &Solver) -> String {
    let runs: Vec<Run> = problems::fooling().iter().map(|p| (solver.run)(p, p.start.clone())).collect();
    let most = runs.iter().map(|run| run.evaluations).max().unwrap_or(0);
    let cells = [
        name(solver),
        count(&runs, |run| run.claims && !run.lies()).to_string(),
        count(&runs, Run::lies).to_string(),
        count(&runs, |run| !run.value.is_finite()).to_string(),
        grouped(runs.iter().map(|run| run.evaluations).sum()),
        grouped(most),
    ];
    let mut text = String::new();
    row(&mut text, &cells);
    text
}

/// The methods for any smooth function, without those that need residuals or second derivatives.
pub fn for_any_function(solver: &Solver) -> bool {
    !matches!(solver.name, "grad Levenberg-Marquardt" | "grad Dogleg" | "grad Newton-CG")
}

/// Objectives built to fool.
fn honesty() -> String {
    let mut text = head(&[
        "method",
        "says converged, and is",
        "says so, and is not",
        "returns what is not finite",
        "evaluations",
        "most for one",
    ]);
    for solver in runs::solvers().iter().chain(&rivals::solvers()).filter(|s| for_any_function(s)) {
        text.push_str(&honesty_row(solver));
    }
    text
}

/// How many problems the tables are about, for the sentences beside them.
pub fn sizes() -> [usize; 4] {
    let all: [fn() -> Vec<Problem>; 2] = [problems::all, problems::large];
    [all[0]().len(), all[1]().len(), bounded::all().len(), problems::fooling().len()]
}
