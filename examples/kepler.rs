//! Kepler's equation E − e sin E = M, solved for E by Newton's method, and differentiated by the implicit function theorem:
//! the iterations are not differentiated, the equation is.

use grad::grad;

/// What the solution makes zero.
#[grad]
fn residual(anomaly: f64, eccentricity: f64, mean: f64) -> f64 {
    anomaly - eccentricity * anomaly.sin() - mean
}

/// The eccentric anomaly E of a planet, for an eccentricity 0 ≤ e < 1 and a mean anomaly M: where it is on its ellipse, at
/// a time proportional to M.
#[grad(vjp = anomaly_vjp, jvp = anomaly_jvp)]
fn anomaly(eccentricity: f64, mean: f64) -> f64 {
    // M + e sin M is near the solution on ellipses that are nearly circles; π converges on all.
    let mut anomaly = if eccentricity < 0.8 {
        mean + eccentricity * mean.sin()
    } else {
        mean + std::f64::consts::PI - mean.rem_euclid(std::f64::consts::TAU)
    };
    for _ in 0..50 {
        // The slope is the tangent of the residual along its first argument.
        let (value, slope) = residual::jvp(anomaly, eccentricity, mean, 1.0, 0.0, 0.0);
        let step = value / slope;
        anomaly -= step;
        if step.abs() <= 1e-15 * anomaly.abs().max(1.0) {
            break;
        }
    }
    anomaly
}

/// `F(E, e, M) = 0` moves with its arguments: `F_E dE + F_e de + F_M dM = 0`.
fn anomaly_vjp(eccentricity: f64, mean: f64) -> (f64, impl FnOnce(f64) -> (f64, f64)) {
    let anomaly = anomaly(eccentricity, mean);
    (anomaly, move |anomaly_bar| {
        let (by_anomaly, by_eccentricity, by_mean) = residual::grad(anomaly, eccentricity, mean);
        let scale = -anomaly_bar / by_anomaly;
        (scale * by_eccentricity, scale * by_mean)
    })
}

/// The same equation for tangents.
fn anomaly_jvp(eccentricity: f64, mean: f64, eccentricity_dot: f64, mean_dot: f64) -> (f64, f64) {
    let anomaly = anomaly(eccentricity, mean);
    let (_, by_anomaly) = residual::jvp(anomaly, eccentricity, mean, 1.0, 0.0, 0.0);
    let (_, by_others) = residual::jvp(anomaly, eccentricity, mean, 0.0, eccentricity_dot, mean_dot);
    (anomaly, -by_others / by_anomaly)
}

/// The distance from the sun, for a semi-major axis of 1: a function that calls the solver.
#[grad]
fn distance(eccentricity: f64, mean: f64) -> f64 {
    1.0 - eccentricity * anomaly(eccentricity, mean).cos()
}

/// The central difference of f at x.
fn difference(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let h = 1e-5;
    (f(x + h) - f(x - h)) / (2.0 * h)
}

/// The largest difference between the derivatives and central differences, over some orbits.
fn compare(print: bool) -> f64 {
    let mut largest = 0.0_f64;
    for eccentricity in [0.0167, 0.2056, 0.6, 0.9] {
        for mean in [0.3, 1.5, 2.8, 5.0] {
            let (value, (by_eccentricity, by_mean)) = anomaly::value_and_grad(eccentricity, mean);
            let (r_by_eccentricity, r_by_mean) = distance::grad(eccentricity, mean);
            let differences = [
                by_eccentricity - difference(|e| anomaly(e, mean), eccentricity),
                by_mean - difference(|m| anomaly(eccentricity, m), mean),
                r_by_eccentricity - difference(|e| distance(e, mean), eccentricity),
                r_by_mean - difference(|m| distance(eccentricity, m), mean),
            ];
            let worst = differences.iter().fold(0.0_f64, |worst, d| worst.max(d.abs()));
            largest = largest.max(worst);
            if print {
                println!(
                    "{eccentricity:7.4} {mean:5.2} {value:11.8} {by_eccentricity:12.8} {by_mean:12.8} {worst:9.1e}"
                );
            }
        }
    }
    largest
}

fn main() {
    println!("      e     M           E        dE/de        dE/dM  differences");
    let largest = compare(true);
    println!("largest difference to central differences: {largest:.1e}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        let largest = compare(false);
        assert!(largest < 1e-7, "{largest:e}");
    }

    /// dE/dM = 1/(1 − e cos E), dE/de = sin E/(1 − e cos E)
    #[test]
    fn derivatives_agree_with_the_formula() {
        for (eccentricity, mean) in [(0.2, 1.0), (0.7, 3.0), (0.95, 0.1)] {
            let (anomaly, (by_eccentricity, by_mean)) = anomaly::value_and_grad(eccentricity, mean);
            assert!(residual(anomaly, eccentricity, mean).abs() < 1e-15);
            let slope = 1.0 / (1.0 - eccentricity * anomaly.cos());
            assert!((by_mean - slope).abs() <= 1e-14 * slope);
            assert!((by_eccentricity - slope * anomaly.sin()).abs() <= 1e-14 * slope);
            let (_, along) = anomaly::jvp(eccentricity, mean, 2.0, -1.0);
            assert!((along - (2.0 * by_eccentricity - by_mean)).abs() <= 1e-13 * slope);
        }
    }
}
