//! Kepler's equation E − e sin E = M, solved for E by Newton's method, and differentiated by the implicit function theorem:
//! the iterations are not differentiated, the equation is.

#[path = "pages/mod.rs"]
mod pages;

use grad::grad;
use std::f64::consts::TAU;
use std::process::ExitCode;

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

/// Where the planet is, with the sun at the origin.
#[grad]
fn place(eccentricity: f64, mean: f64) -> [f64; 2] {
    let anomaly = anomaly(eccentricity, mean);
    [anomaly.cos() - eccentricity, (1.0 - eccentricity * eccentricity).sqrt() * anomaly.sin()]
}

/// The orbit, the planet at equal times, how it moves, and how the place depends on the eccentricity.
fn picture() -> String {
    const ECCENTRICITY: f64 = 0.6;
    const TIMES: u32 = 24;
    let pixel = |[x, y]: [f64; 2]| (470.0 + 250.0 * x, 290.0 - 250.0 * y);
    let ahead =
        |at: [f64; 2], by: [f64; 2], scale: f64| pixel([at[0] + scale * by[0], at[1] + scale * by[1]]);
    let path: Vec<String> = (0..=360)
        .map(|k| pixel(place(ECCENTRICITY, TAU * f64::from(k) / 360.0)))
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let mut svg = format!(
        "<text x=\"20\" y=\"32\" font-size=\"17\" font-weight=\"600\" fill=\"var(--ink)\">A planet at {TIMES} equal times, on an \
         orbit of eccentricity {ECCENTRICITY}</text>\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"var(--rule)\" stroke-width=\"2\"/>\n",
        path.join(" ")
    );
    let (x, y) = pixel([0.0, 0.0]);
    svg += &format!(
        "<circle cx=\"{x}\" cy=\"{y}\" r=\"11\" fill=\"#e0a800\"/><text x=\"{}\" y=\"{}\" fill=\"var(--ink)\">sun</text>\n",
        x + 16.0,
        y + 5.0
    );
    for k in 0..TIMES {
        let mean = TAU * f64::from(k) / f64::from(TIMES);
        let (at, by_time) = place::jvp(ECCENTRICITY, mean, 0.0, 1.0);
        let (_, by_eccentricity) = place::jvp(ECCENTRICITY, mean, 1.0, 0.0);
        svg += &pages::arrow(pixel(at), ahead(at, by_time, 0.16), "var(--meadow-ink)");
        svg += &pages::arrow(pixel(at), ahead(at, by_eccentricity, 0.1), "var(--bar)");
        let (x, y) = pixel(at);
        svg += &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"var(--ink)\"/>\n");
    }
    for (row, color, text) in [
        (0.0, "var(--meadow-ink)", "by the time: how the planet moves, fastest near the sun"),
        (1.0, "var(--bar)", "by the eccentricity: where the same moment would be on a longer ellipse"),
    ] {
        let y = 544.0 + 24.0 * row;
        svg += &pages::arrow((20.0, y), (48.0, y), color);
        svg += &format!("<text x=\"58\" y=\"{}\" fill=\"var(--ink)\">derivative {text}</text>\n", y + 5.0);
    }
    pages::picture(760.0, 590.0, "A planet at equal times on its ellipse, with derivatives as arrows", &svg)
}

const HELP: &str = "\
Solves Kepler's equation by Newton's method, differentiates the solution by the implicit function theorem, and compares with
differences. The picture shows the place of a planet at equal times, and how it changes with the time and with the eccentricity.

Usage: cargo run --release --example kepler -- [OPTIONS]

Options:
  --out FILE   picture to write, SVG [default: target/kepler.svg]
  -h, --help   print this";

fn main() -> ExitCode {
    let run = || {
        let Some(out) = pages::out(HELP, concat!(env!("CARGO_MANIFEST_DIR"), "/target/kepler.svg"))? else {
            return Ok(());
        };
        println!(
            "Where is a planet at a given time? E solves E − e sin E = M; its derivatives come from the equation,"
        );
        println!("not from the iterations that solved it.\n");
        println!(
            "eccentricity e, time M, solution E, its derivatives, and how far differences are from all derivatives:\n"
        );
        println!("      e     M           E        dE/de        dE/dM  differences");
        let largest = compare(true);
        println!("\nlargest difference to central differences: {largest:.1e}");
        pages::write(&out, &picture())?;
        println!("the orbit: {}", out.display());
        Ok::<(), String>(())
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planet_moves_along_its_orbit() {
        for mean in [0.4, 2.0, 4.4] {
            let (at, by) = place::jvp(0.6, mean, 0.3, 1.0);
            let h = 1e-6;
            let (before, after) = (place(0.6 - 0.3 * h, mean - h), place(0.6 + 0.3 * h, mean + h));
            for k in 0..2 {
                assert!((by[k] - (after[k] - before[k]) / (2.0 * h)).abs() < 1e-7, "{at:?}: {by:?}");
            }
        }
        assert_eq!(picture().matches("<circle").count(), 25);
    }

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
