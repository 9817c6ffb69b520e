//! What is written while a descent runs?

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::{Iteration, Observer};
use crate::Scalar;

/// A line for each iteration, or for every so many, to the standard error or any other writer: an [`Observer`]. A heading
/// comes first, and again every 20 lines. What cannot be written is left out; the descent goes on.
///
/// ```
/// use grad_runtime::descent::{Lbfgs, Log};
/// use grad_runtime::from_fn;
///
/// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
/// let mut lines = Vec::new();
/// Lbfgs::default().minimize_with(&mut bowl, vec![8.0], Log::to(&mut lines))?;
/// let text = String::from_utf8(lines).expect("text");
/// assert!(text.starts_with("iteration           value   gradient       step       move  evaluations    seconds\n"));
/// assert!(text.lines().nth(1).is_some_and(|line| line.contains("6.40000000e1")));
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Log<W> {
    out: W,
    every: usize,
    lines: usize,
}

/// Lines under one heading.
const PAGE: usize = 20;

impl Log<io::Stderr> {
    /// To the standard error.
    pub fn stderr() -> Self {
        Log::to(io::stderr())
    }
}

impl<W: Write> Log<W> {
    /// To a writer.
    pub fn to(out: W) -> Self {
        Log { out, every: 1, lines: 0 }
    }

    /// Only every so many iterations; 0 counts as 1.
    #[must_use]
    pub fn every(self, iterations: usize) -> Self {
        Log { every: iterations.max(1), ..self }
    }

    fn write<S: Scalar>(&mut self, at: &Iteration<'_, S>) -> io::Result<()> {
        if self.lines.is_multiple_of(PAGE) {
            writeln!(
                self.out,
                "{:>9}{:>16}{:>11}{:>11}{:>11}{:>13}{:>11}",
                "iteration", "value", "gradient", "step", "move", "evaluations", "seconds"
            )?;
        }
        self.lines += 1;
        writeln!(
            self.out,
            "{:>9}{:>16.8e}{:>11.3e}{:>11.3e}{:>11.3e}{:>13}{:>11.3}",
            at.number,
            at.value.to_f64(),
            at.gradient_norm,
            at.step_size,
            at.step_norm,
            at.evaluations.values,
            at.time.as_secs_f64()
        )
    }
}

impl<S: Scalar, W: Write> Observer<S> for Log<W> {
    fn observe(&mut self, iteration: &Iteration<'_, S>) -> ControlFlow<()> {
        if iteration.number.is_multiple_of(self.every) {
            let _ = self.write(iteration);
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::GradientDescent;
    use crate::from_fn;

    #[test]
    fn every_so_many_iterations_are_a_line_and_headings_return() {
        let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
        let descent = GradientDescent::new(0.01).max_iterations(100);
        let mut lines = Vec::new();
        descent.minimize_with(&mut bowl, vec![8.0], Log::to(&mut lines).every(4)).unwrap();
        let text = String::from_utf8(lines).unwrap();
        let (headings, rows): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.contains("iteration"));
        assert_eq!((headings.len(), rows.len()), (2, 26));
        assert!(rows[25].trim_start().starts_with("100 "), "{}", rows[25]);
        // All columns are as wide as their heading.
        assert!(text.lines().all(|line| line.chars().count() == headings[0].chars().count()));
    }
}
