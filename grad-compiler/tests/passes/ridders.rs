//! Central differences, extrapolated to a step of 0, that know how good they are.

/// The derivative of `f` at 0 and an estimate of its error (Ridders 1982; Press et al., *Numerical Recipes*, §5.7).
pub(super) fn ridders(step: f64, mut f: impl FnMut(f64) -> f64) -> (f64, f64) {
    const SHRINK: f64 = 1.4;
    const ROUNDS: usize = 12;
    let mut h = step;
    let mut difference = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    let mut previous = vec![difference(h)];
    let (mut best, mut error) = (previous[0], f64::INFINITY);
    for _ in 1..ROUNDS {
        h /= SHRINK;
        let mut row = vec![difference(h)];
        let mut power = SHRINK * SHRINK;
        for k in 0..previous.len() {
            row.push((row[k] * power - previous[k]) / (power - 1.0));
            power *= SHRINK * SHRINK;
            let estimate = (row[k + 1] - row[k]).abs().max((row[k + 1] - previous[k]).abs());
            if estimate <= error {
                (best, error) = (row[k + 1], estimate);
            }
        }
        let worse = (row[row.len() - 1] - previous[previous.len() - 1]).abs() >= 2.0 * error;
        previous = row;
        if worse {
            break;
        }
    }
    // Where f does not depend on the argument at all, or is linear, the estimate may be 0: rounding is not.
    (best, error + 1e-14 * best.abs())
}

#[test]
fn differences_estimate_their_error() {
    let (slope, error) = ridders(0.1, |h| (1.0 + h).exp());
    assert!((slope - 1.0_f64.exp()).abs() <= 10.0 * error && error < 1e-10, "{slope} ± {error}");
    // A kink within the steps is noticed; one at the point itself is not, as differences give the mean of both sides.
    let (_, error) = ridders(0.1, |h| (h + 1e-3).abs());
    assert!(error > 1e-3, "{error}");
}
