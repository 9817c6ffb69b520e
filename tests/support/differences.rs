//! Central differences with an error estimate: Ridders' extrapolation, the independent witness of every gradient.
//!
//! C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)·F″(x)", Advances in Engineering Software 4 (1982).

/// A derivative and how far off it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

const NO_ESTIMATE: Estimate = Estimate { value: f64::NAN, error: f64::INFINITY };

/// The step shrinks by this factor from row to row of the tableau.
const SHRINK: f64 = 1.4;
const ROWS: usize = 10;

/// f′(x), by the best of a few initial steps; the error is infinite where `f` is not finite around `x`.
///
/// `epsilon` is the relative rounding error of one evaluation of `f`.
pub(crate) fn derivative(f: impl Fn(f64) -> f64, x: f64, epsilon: f64) -> Estimate {
    // Rounding noise of single precision drowns small steps.
    best(f, x, epsilon, if epsilon > 1e-10 { &[0.2, 0.05] } else { &[0.1, 0.02, 2e-3] })
}

/// As [`derivative`], from small steps only: less precise, but `f` need not be smooth far around `x`.
pub(crate) fn derivative_near(f: impl Fn(f64) -> f64, x: f64, epsilon: f64) -> Estimate {
    best(f, x, epsilon, if epsilon > 1e-10 { &[0.05] } else { &[2e-3] })
}

fn best(f: impl Fn(f64) -> f64, x: f64, epsilon: f64, steps: &[f64]) -> Estimate {
    let scale = x.abs().max(0.1);
    steps
        .iter()
        .map(|step| ridders(&f, x, step * scale, epsilon))
        .min_by(|a, b| a.error.total_cmp(&b.error))
        .unwrap_or(NO_ESTIMATE)
}

fn ridders(f: &impl Fn(f64) -> f64, x: f64, first_step: f64, epsilon: f64) -> Estimate {
    let mut best = NO_ESTIMATE;
    let mut previous: Vec<f64> = Vec::new();
    let mut step = first_step;
    for _ in 0..ROWS {
        let (above, below) = (f(x + step), f(x - step));
        let central = (above - below) / (2.0 * step);
        if !central.is_finite() {
            // Outside the domain: start again with a smaller step.
            previous.clear();
            step /= SHRINK;
            continue;
        }
        let noise = epsilon * above.abs().max(below.abs()) / step;
        let mut row = vec![central];
        let mut factor = SHRINK * SHRINK;
        for (order, old) in previous.iter().enumerate() {
            let lower = row[order];
            let value = (lower * factor - old) / (factor - 1.0);
            factor *= SHRINK * SHRINK;
            let error = (value - lower).abs().max((value - old).abs()).max(noise);
            if error < best.error {
                best = Estimate { value, error };
            }
            row.push(value);
        }
        // Higher orders no longer help once the last one is much worse than the best.
        if let (Some(last), Some(old)) = (row.last(), previous.last())
            && row.len() > 2
            && (last - old).abs() > 2.0 * best.error.max(noise)
        {
            break;
        }
        previous = row;
        step /= SHRINK;
    }
    best
}

#[test]
fn ridders_knows_how_good_it_is() {
    for x in [-1.3_f64, 0.2, 2.0] {
        let exact = x.exp() * x.sin() + x.exp() * x.cos();
        let found = derivative(|x| x.exp() * x.sin(), x, f64::EPSILON);
        assert!((found.value - exact).abs() <= 1e-11 * exact.abs(), "{found:?} instead of {exact}");
        assert!((found.value - exact).abs() <= 10.0 * found.error, "{found:?} instead of {exact}");
    }
}

#[test]
fn a_jump_has_no_estimate() {
    let at_jump = derivative(|x: f64| if x > 1.0 { 2.0 } else { 1.0 }, 1.0, f64::EPSILON);
    assert!(at_jump.error > 1e-3, "{at_jump:?}");
}
