//! What is the mean of the points on the way?

use std::ops::ControlFlow;

use super::checks::fraction;
use super::{DescentError, Iteration, Observer};
use crate::Scalar;

/// A mean of the points of a descent or a training, which is often better than the last one where steps are noisy.
///
/// ```text
/// equal:        m₊ = m + (x − m)/(k + 1)        after k points
/// exponential:  m₊ = δ·m + (1 − δ)·x
/// ```
///
/// with m = x at the first point. Izmailov et al., *Averaging weights leads to wider optima and better generalization*,
/// 2018 (SWA); Polyak and Juditsky, *Acceleration of stochastic approximation by averaging*, 1992; in the form of
/// `PyTorch`'s `AveragedModel`. It is an [`Observer`] of a descent; in a training, tell it the point after each epoch, from
/// the epoch on from which it is to count:
///
/// ```
/// use grad_runtime::descent::{Average, GradientDescent, Training, batches};
///
/// let samples = [1.0, 2.0, 3.0, 6.0];
/// let mut fit = batches(samples.len(), |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
///     gradient[0] = w[0] - samples[batch[0]];
///     0.5 * gradient[0] * gradient[0]
/// });
/// let mut mean = Average::equal();
/// let report = GradientDescent::new(0.1).train(&mut fit, vec![0.0], &Training::new(200, 1).seed(1), |epoch| {
///     if epoch.number > 20 {
///         mean.update(epoch.x);
///     }
/// })?;
/// assert!((mean.x()[0] - 3.0).abs() < (report.x[0] - 3.0).abs());
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Average<S> {
    /// δ, if it is exponential.
    decay: Option<f64>,
    mean: Vec<S>,
    points: usize,
}

impl<S: Scalar> Average<S> {
    /// Every point counts the same.
    pub fn equal() -> Self {
        Average { decay: None, mean: Vec::new(), points: 0 }
    }

    /// Each point counts δ times as much as the next, 0 ≤ δ < 1.
    pub fn exponential(decay: f64) -> Result<Self, DescentError> {
        fraction("decay", decay)?;
        Ok(Average { decay: Some(decay), ..Average::equal() })
    }

    /// Takes a point into the mean.
    ///
    /// # Panics
    /// If it has another length than the first.
    pub fn update(&mut self, x: &[S]) {
        if self.points == 0 {
            self.mean.clear();
            self.mean.extend_from_slice(x);
        }
        assert!(x.len() == self.mean.len(), "points of {} and {} coordinates", self.mean.len(), x.len());
        let rest = self.decay.map_or(1.0 / (self.points as f64 + 1.0), |decay| 1.0 - decay);
        if self.points > 0 {
            let rest = S::from_f64(rest);
            for (mean, &x) in self.mean.iter_mut().zip(x) {
                *mean += rest * (x - *mean);
            }
        }
        self.points += 1;
    }

    /// The mean; empty before the first point.
    pub fn x(&self) -> &[S] {
        &self.mean
    }

    /// How many points it is made of.
    pub fn points(&self) -> usize {
        self.points
    }
}

impl<S: Scalar> Observer<S> for &mut Average<S> {
    fn observe(&mut self, iteration: &Iteration<'_, S>) -> ControlFlow<()> {
        self.update(iteration.x);
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::GradientDescent;
    use crate::from_fn;

    #[test]
    fn the_means_are_those_of_their_sums() {
        let points: Vec<[f64; 2]> = (0..9).map(|k| [f64::from(k).sin(), f64::from(k * k)]).collect();
        let (mut equal, mut exponential) = (Average::equal(), Average::exponential(0.8).unwrap());
        for (k, point) in points.iter().enumerate() {
            equal.update(point);
            exponential.update(point);
            for i in 0..2 {
                let sum: f64 = points[..=k].iter().map(|point| point[i]).sum();
                assert!((equal.x()[i] - sum / (k + 1) as f64).abs() < 1e-14);
                // δᵏ·x₀ + (1 − δ)·Σ δᵏ⁻ʲ·xⱼ
                let weight = |j: usize| 0.8_f64.powf((k - j) as f64) * if j == 0 { 1.0 } else { 0.2 };
                let sum: f64 = (0..=k).map(|j| weight(j) * points[j][i]).sum();
                assert!((exponential.x()[i] - sum).abs() < 1e-13);
            }
        }
        assert_eq!(equal.points(), 9);
        assert!(Average::<f64>::exponential(1.0).is_err() && Average::<f64>::exponential(f64::NAN).is_err());
    }

    #[test]
    fn it_watches_a_descent() {
        let mut mean = Average::equal();
        let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
        // 8, 4, 2, 1
        let descent = GradientDescent::new(0.25).max_iterations(3);
        descent.minimize_with(&mut bowl, vec![8.0], &mut mean).unwrap();
        assert_eq!((mean.x(), mean.points()), (&[3.75][..], 4));
    }
}
