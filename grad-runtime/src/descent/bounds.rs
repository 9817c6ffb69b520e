//! Bounds l ≤ x ≤ u.

use super::{DescentError, Point};
use crate::Scalar;

/// One lower and one upper bound for each coordinate; infinite where there is none.
#[derive(Clone, Debug)]
pub(crate) struct Bounds<S> {
    pub(crate) lower: Vec<S>,
    pub(crate) upper: Vec<S>,
}

impl<S: Scalar> Bounds<S> {
    pub(crate) fn new(lower: &[f64], upper: &[f64]) -> Result<Self, DescentError> {
        for (&lower, &upper) in lower.iter().zip(upper) {
            // Also false for NaN, and for a bound that leaves no number.
            if !(lower <= upper && lower < f64::INFINITY && upper > f64::NEG_INFINITY) {
                let expected = "at most the upper bound";
                return Err(DescentError::InvalidSetting { name: "lower", value: lower, expected });
            }
        }
        let scalars = |bounds: &[f64]| bounds.iter().map(|&x| S::from_f64(x)).collect();
        Ok(Bounds { lower: scalars(lower), upper: scalars(upper) })
    }

    /// Whether there are as many as coordinates; moves the start between them.
    pub(crate) fn start(&self, start: &mut [S]) -> Result<(), DescentError> {
        for (name, bounds) in [("lower", &self.lower), ("upper", &self.upper)] {
            if bounds.len() != start.len() {
                let (expected, found) = (start.len(), bounds.len());
                return Err(DescentError::WrongBounds { name, expected, found });
            }
        }
        for (i, x) in start.iter_mut().enumerate() {
            *x = self.clamp(i, *x);
        }
        Ok(())
    }

    /// Whether no coordinate is without a lower or an upper bound.
    pub(crate) fn are_on_all_sides(&self) -> bool {
        self.lower.iter().chain(&self.upper).all(|bound| bound.is_finite())
    }

    /// The nearest value of coordinate i.
    pub(crate) fn clamp(&self, i: usize, x: S) -> S {
        if x < self.lower[i] {
            self.lower[i]
        } else if x > self.upper[i] {
            self.upper[i]
        } else {
            x
        }
    }

    /// ‖P(x − ∇f(x)) − x‖∞
    pub(crate) fn projected_gradient_norm(&self, point: &Point<S>) -> f64 {
        let mut norm: f64 = 0.0;
        for (i, (&x, &g)) in point.x.iter().zip(&point.gradient).enumerate() {
            // By hand where no bound is near: (x − g) − x rounds.
            let step = if x - g < self.lower[i] {
                self.lower[i] - x
            } else if x - g > self.upper[i] {
                self.upper[i] - x
            } else {
                g
            };
            norm = norm.max(step.to_f64().abs());
        }
        norm
    }
}
