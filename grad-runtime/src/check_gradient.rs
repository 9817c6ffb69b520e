//! Is a gradient right? Coordinate by coordinate, against differences.

use std::fmt;

use crate::{Objective, Scalar};

/// Compares the gradient of an objective at `x` with extrapolated central differences.
///
/// Each partial derivative is estimated by Ridders' method: central differences at shrinking distances,
/// extrapolated to distance zero, with an estimate of the error (Ridders, *Accurate computation of F′(x) and
/// F′(x)F″(x)*, 1982; Press et al., *Numerical Recipes*, §5.7). Where the estimate is too bad to judge by, as
/// beside a kink, the verdict is [`Verdict::Unclear`], never agreement.
///
/// `tolerance` is the relative difference that is accepted, `1e-6` say, beyond the error of the estimate.
///
/// ```
/// use grad_runtime::{check_gradient, from_fn};
///
/// let mut wrong = from_fn(|x: &[f64]| (x[0].sin() + x[1].powi(2), [x[0].cos(), x[1]]));
/// let check = check_gradient(&mut wrong, &[0.5, 2.0], 1e-6);
/// assert!(!check.agrees());
/// assert_eq!(check.wrong().map(|c| c.coordinate).collect::<Vec<_>>(), [1]);
/// ```
///
/// # Panics
/// If the objective has another dimension than `x`.
pub fn check_gradient<O: Objective>(objective: &mut O, x: &[O::Scalar], tolerance: f64) -> GradientCheck {
    if let Some(dim) = objective.dim() {
        assert!(dim == x.len(), "the point has {} coordinates, the objective {dim}", x.len());
    }
    let mut gradient = vec![O::Scalar::default(); x.len()];
    objective.value_and_grad_into(x, &mut gradient);
    let mut point = x.to_vec();
    let coordinates = gradient
        .iter()
        .enumerate()
        .map(|(coordinate, analytic)| {
            let analytic = analytic.to_f64();
            let (estimate, verdict) = judge(objective, &mut point, coordinate, analytic, tolerance);
            CheckedCoordinate {
                coordinate,
                analytic,
                numeric: estimate.slope,
                error: estimate.error,
                verdict,
            }
        })
        .collect();
    GradientCheck { coordinates }
}

/// What [`check_gradient`] found. Its `Display` is a table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GradientCheck {
    /// One entry per coordinate.
    pub coordinates: Vec<CheckedCoordinate>,
}

/// One coordinate of a [`GradientCheck`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CheckedCoordinate {
    /// Which.
    pub coordinate: usize,
    /// The partial derivative that the objective returned.
    pub analytic: f64,
    /// The estimate by differences.
    pub numeric: f64,
    /// The estimated error of the estimate.
    pub error: f64,
    /// How they compare.
    pub verdict: Verdict,
}

/// How a partial derivative compares with its estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Equal within the tolerance and the error of the estimate.
    Agrees,
    /// Not equal.
    Differs,
    /// The estimate is not good enough to judge by: a kink, a jump, noise, values that are not finite.
    Unclear,
}

impl GradientCheck {
    /// Whether every coordinate agrees: an unclear one does not.
    pub fn agrees(&self) -> bool {
        self.coordinates.iter().all(|c| c.verdict == Verdict::Agrees)
    }

    /// The coordinates that differ.
    pub fn wrong(&self) -> impl Iterator<Item = &CheckedCoordinate> {
        self.coordinates.iter().filter(|c| c.verdict == Verdict::Differs)
    }
}

impl fmt::Display for GradientCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>10} {:>15} {:>15} {:>9}  verdict", "coordinate", "gradient", "differences", "error")?;
        for c in &self.coordinates {
            let verdict = match c.verdict {
                Verdict::Agrees => "agrees",
                Verdict::Differs => "DIFFERS",
                Verdict::Unclear => "unclear",
            };
            write!(
                f,
                "\n{:>10} {:>15.8e} {:>15.8e} {:>9.1e}  {verdict}",
                c.coordinate, c.analytic, c.numeric, c.error
            )?;
        }
        Ok(())
    }
}

/// Estimates at three scales, as long as they do not agree with `analytic`: a function that wiggles within the
/// first distances can have a false slope there. Two good estimates that contradict each other judge nothing.
fn judge<O: Objective>(
    objective: &mut O,
    x: &mut [O::Scalar],
    k: usize,
    analytic: f64,
    tolerance: f64,
) -> (Estimate, Verdict) {
    let widest = 0.1 * x[k].to_f64().abs().max(0.1);
    let mut best: Option<(Estimate, Verdict)> = None;
    for scale in [1.0, 1e-2, 1e-4] {
        let estimate = difference(objective, x, k, widest * scale);
        let verdict = estimate.verdict(analytic, tolerance);
        best = match best {
            _ if verdict == Verdict::Agrees => return (estimate, verdict),
            Some((other, Verdict::Differs)) if verdict == Verdict::Differs => {
                let apart = (other.slope - estimate.slope).abs();
                let verdict =
                    if apart <= tolerance * estimate.scale(analytic) + 4.0 * (other.error + estimate.error) {
                        Verdict::Differs
                    } else {
                        Verdict::Unclear
                    };
                let better = if other.error <= estimate.error { other } else { estimate };
                return (better, verdict);
            }
            Some((_, Verdict::Unclear)) | None => Some((estimate, verdict)),
            kept => kept,
        };
    }
    best.expect("there are three scales")
}

/// A slope with its error; NaN where there is none.
#[derive(Clone, Copy)]
struct Estimate {
    slope: f64,
    error: f64,
    /// Slopes far below this are as good as zero: small beside the values of the function.
    floor: f64,
    /// The slopes to the two sides do not approach each other.
    kink: bool,
}

impl Estimate {
    /// What differences are relative to.
    fn scale(&self, analytic: f64) -> f64 {
        analytic.abs().max(self.slope.abs()).max(self.floor)
    }

    fn verdict(&self, analytic: f64, tolerance: f64) -> Verdict {
        if !analytic.is_finite() && self.slope.is_finite() && !self.kink {
            return Verdict::Differs;
        }
        let scale = self.scale(analytic);
        let trusted = self.error <= 1e-3 * scale;
        if self.kink || !trusted {
            Verdict::Unclear
        } else if (analytic - self.slope).abs() <= tolerance * scale + 4.0 * self.error {
            Verdict::Agrees
        } else {
            Verdict::Differs
        }
    }
}

/// Rows of the extrapolation table.
const ROWS: usize = 12;
/// Each distance is this much smaller than the one before.
const SHRINK: f64 = 1.6;

/// ∂f/∂xₖ, by Ridders' method, from a first distance. `x` is as before when it returns.
fn difference<O: Objective>(objective: &mut O, x: &mut [O::Scalar], k: usize, mut distance: f64) -> Estimate {
    let start = x[k];
    let here = objective.value(x).to_f64();
    let mut at = |to: O::Scalar| {
        x[k] = to;
        objective.value(x).to_f64()
    };
    let nothing = Estimate { slope: f64::NAN, error: f64::INFINITY, floor: 0.0, kink: false };
    let mut best = nothing;
    let mut row: [f64; ROWS] = [0.0; ROWS];
    let mut rows = 0;
    // |right slope − left slope|, at the first distance and at the last.
    let mut gaps: Option<(f64, f64)> = None;

    for _ in 0..ROWS {
        // What was really added, after rounding.
        let (right, left) =
            (O::Scalar::from_f64(start.to_f64() + distance), O::Scalar::from_f64(start.to_f64() - distance));
        let (above, below) = (right.to_f64() - start.to_f64(), start.to_f64() - left.to_f64());
        distance /= SHRINK;
        if above <= 0.0 || below <= 0.0 {
            break;
        }
        let (f_right, f_left) = (at(right), at(left));
        let central = (f_right - f_left) / (above + below);
        if !central.is_finite() {
            // Outside of the domain, or overflow: closer, with a new table.
            rows = 0;
            gaps = None;
            best = nothing;
            continue;
        }
        best.floor = best.floor.max(1e-6 * f_right.abs().max(f_left.abs()) / start.to_f64().abs().max(0.1));
        let gap = ((f_right - here) / above - (here - f_left) / below).abs();
        gaps = Some((gaps.map_or(gap, |(first, _)| first), gap));

        // Neville: row[j] becomes the value extrapolated over the last j + 1 distances.
        let before = row;
        row[0] = central;
        let mut factor = 1.0;
        for j in 1..=rows {
            factor *= SHRINK * SHRINK;
            row[j] = (row[j - 1] * factor - before[j - 1]) / (factor - 1.0);
            let error = (row[j] - row[j - 1]).abs().max((row[j] - before[j - 1]).abs());
            if error <= best.error {
                best.slope = row[j];
                best.error = error;
            }
        }
        // Rounding has taken over: smaller distances only make it worse.
        if rows > 0 && (row[rows] - before[rows - 1]).abs() >= 2.0 * best.error && rows > 4 {
            break;
        }
        rows += 1;
    }
    x[k] = start;

    // The rounding of the values themselves, which equal neighbours in the table may hide.
    best.error += 4.0 * O::Scalar::EPSILON * best.slope.abs();
    if let Some((first, last)) = gaps {
        // A smooth function's gap shrinks with the distance; that of a kink stays.
        best.kink = rows > 3 && last > 0.5 * first && last > 1e-3 * best.slope.abs().max(best.floor);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_fn;

    fn verdict(x: f64, f: impl Fn(f64) -> (f64, f64)) -> Verdict {
        let mut objective = from_fn(|x: &[f64]| {
            let (value, slope) = f(x[0]);
            (value, [slope])
        });
        check_gradient(&mut objective, &[x], 1e-7).coordinates[0].verdict
    }

    #[test]
    fn right_gradients_agree() {
        assert_eq!(verdict(0.7, |x| (x.sin(), x.cos())), Verdict::Agrees);
        assert_eq!(verdict(0.0, |x| (x.sin(), x.cos())), Verdict::Agrees);
        assert_eq!(verdict(-30.0, |x| (x.exp(), x.exp())), Verdict::Agrees);
        assert_eq!(verdict(1e6, |x| (x * x, 2.0 * x)), Verdict::Agrees);
        assert_eq!(verdict(1.0, |_| (3.0, 0.0)), Verdict::Agrees);
        assert_eq!(verdict(0.0, |x| (x * x, 0.0)), Verdict::Agrees);
        assert_eq!(verdict(0.0, |x| (x.cos(), -x.sin())), Verdict::Agrees);
        assert_eq!(verdict(3.0, |x| (1e6 + (x - 3.0).powi(2), 0.0)), Verdict::Agrees);
    }

    #[test]
    fn small_mistakes_differ() {
        assert_eq!(verdict(0.7, |x| (x.sin(), x.cos() * (1.0 + 1e-5))), Verdict::Differs);
        assert_eq!(verdict(2.0, |x| (x * x, x)), Verdict::Differs);
        assert_eq!(verdict(-30.0, |x| (x.exp(), 0.0)), Verdict::Differs);
        assert_eq!(verdict(2.0, |x| (x * x, f64::NAN)), Verdict::Differs);
        assert_eq!(verdict(1.0, |_| (3.0, 1e-3)), Verdict::Differs);
    }

    #[test]
    fn kinks_jumps_and_edges_are_unclear_and_not_judged() {
        assert_eq!(verdict(0.0, |x| (x.abs(), 0.0)), Verdict::Unclear);
        assert_eq!(verdict(0.0, |x| (x.max(0.0), 1.0)), Verdict::Unclear);
        assert_eq!(verdict(0.0, |x| (x.signum(), 0.0)), Verdict::Unclear);
        assert_eq!(verdict(0.0, |x| (x.sqrt(), f64::INFINITY)), Verdict::Unclear);
    }

    #[test]
    fn beside_a_singularity_the_distances_shrink_into_the_domain() {
        assert_eq!(verdict(1e-3, |x| (x.ln(), 1.0 / x)), Verdict::Agrees);
    }

    #[test]
    fn a_function_that_wiggles_fast_is_looked_at_closely() {
        for k in 0..100 {
            let x = f64::from(k) * 0.0371;
            assert_ne!(verdict(x, |x| ((1e4 * x).sin(), 1e4 * (1e4 * x).cos())), Verdict::Differs, "{x}");
        }
    }

    #[test]
    fn single_precision_is_judged_by_its_own_rounding() {
        let mut objective = from_fn(|x: &[f32]| (x[0].exp() * x[1], [x[0].exp() * x[1], x[0].exp()]));
        let check = check_gradient(&mut objective, &[0.5, 3.0], 1e-3);
        assert!(check.agrees(), "{check}");
    }

    #[test]
    fn the_report_is_a_table() {
        let mut objective = from_fn(|x: &[f64]| (x[0] * x[1], [x[1], 0.0]));
        let table = check_gradient(&mut objective, &[2.0, 3.0], 1e-6).to_string();
        assert_eq!(table.lines().count(), 3);
        assert!(table.lines().nth(1).is_some_and(|line| line.ends_with("agrees")), "{table}");
        assert!(table.lines().nth(2).is_some_and(|line| line.ends_with("DIFFERS")), "{table}");
    }
}
