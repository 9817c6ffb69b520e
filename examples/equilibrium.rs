//! An equilibrium in several variables as a differentiable function, by the implicit function theorem.
//!
//! A ladder of conductors that are not linear: a current g (u + u³) flows through a conductor with the voltage u across
//! it. The voltages of the nodes are those at which as much flows in as out. They are found by Newton's method. How they
//! depend on the conductors is found by one linear system, that of the adjoint: for all conductors at once.

#[path = "pages/mod.rs"]
mod pages;

use grad::{check_gradient, grad};
use std::process::ExitCode;

#[grad]
fn current(conductance: f64, voltage: f64) -> f64 {
    conductance * (voltage + voltage.powi(3))
}

/// What flows into each node and not out of it: source, conductor, node, conductor, …, node, conductor, ground.
#[grad]
fn excess(v: &[f64], g: &[f64], source: f64) -> Vec<f64> {
    let mut excess = vec![0.0; v.len()];
    for k in 0..v.len() {
        let before = if k == 0 { source } else { v[k - 1] };
        let behind = if k + 1 == v.len() { 0.0 } else { v[k + 1] };
        excess[k] = current(g[k], before - v[k]) - current(g[k + 1], v[k] - behind);
    }
    excess
}

/// The voltages of the nodes.
#[grad(vjp = voltages_vjp, jvp = voltages_jvp)]
fn voltages(g: &[f64], source: f64) -> Vec<f64> {
    let mut v = vec![0.0; g.len() - 1];
    for _ in 0..100 {
        let step = solve(jacobian(&v, g, source), excess(&v, g, source));
        v.iter_mut().zip(&step).for_each(|(v, step)| *v -= step);
        if step.iter().all(|step| step.abs() <= 1e-15 * source.abs()) {
            break;
        }
    }
    v
}

// F(v, g, s) = 0, so that F_v dv = −(F_g dg + F_s ds). Of a cotangent v̄: with F_vᵀ λ = v̄, those of g and s are −F_gᵀ λ
// and −F_sᵀ λ, a product with the Jacobian that `excess::vjp` gives.
#[expect(clippy::type_complexity, reason = "the shape of a rule")]
fn voltages_vjp(g: &[f64], source: f64) -> (Vec<f64>, impl FnOnce(Vec<f64>) -> (Vec<f64>, f64) + use<>) {
    let v = voltages(g, source);
    let (equilibrium, g) = (v.clone(), g.to_vec());
    (v, move |v_bar| {
        let lambda = solve(transposed(&jacobian(&equilibrium, &g, source)), v_bar);
        let (_, pullback) = excess::vjp(&equilibrium, &g, source);
        let (_, g_bar, source_bar) = pullback(lambda.iter().map(|lambda| -lambda).collect());
        (g_bar, source_bar)
    })
}

/// The same equation for tangents.
fn voltages_jvp(g: &[f64], source: f64, g_dot: &[f64], source_dot: f64) -> (Vec<f64>, Vec<f64>) {
    let v = voltages(g, source);
    let (_, excess_dot) = excess::jvp(&v, g, source, &vec![0.0; v.len()], g_dot, source_dot);
    let v_dot = solve(jacobian(&v, g, source), excess_dot.iter().map(|dot| -dot).collect());
    (v, v_dot)
}

/// `F_v`, column by column.
fn jacobian(v: &[f64], g: &[f64], source: f64) -> Vec<Vec<f64>> {
    let columns: Vec<Vec<f64>> = (0..v.len())
        .map(|k| {
            let mut direction = vec![0.0; v.len()];
            direction[k] = 1.0;
            excess::jvp(v, g, source, &direction, &vec![0.0; g.len()], 0.0).1
        })
        .collect();
    transposed(&columns)
}

fn transposed(a: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..a.len()).map(|i| a.iter().map(|row| row[i]).collect()).collect()
}

/// The solution x of a x = b, by Gaussian elimination with partial pivoting.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap_or(k);
        a.swap(k, pivot);
        b.swap(k, pivot);
        let (upper, lower) = a.split_at_mut(k + 1);
        for (i, row) in lower.iter_mut().enumerate() {
            let factor = row[k] / upper[k][k];
            row[k..].iter_mut().zip(&upper[k][k..]).for_each(|(a, top)| *a -= factor * top);
            b[k + 1 + i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    b
}

/// How far the voltages are from those that are wanted.
#[grad(wrt(g))]
fn mismatch(g: &[f64], source: f64, wanted: &[f64]) -> f64 {
    let v = voltages(g, source);
    let mut sum = 0.0;
    for k in 0..v.len() {
        sum += (v[k] - wanted[k]).powi(2);
    }
    sum
}

const CONDUCTANCES: [f64; 5] = [1.0, 0.5, 2.0, 0.8, 1.5];
const WANTED: [f64; 4] = [1.6, 1.2, 0.8, 0.4];

const SOURCE: f64 = 2.0;

/// The ladder: the voltage of each node and the one that is wanted, and at each conductor which way to turn it.
fn picture(gradient: &[f64]) -> String {
    let v = voltages(&CONDUCTANCES, SOURCE);
    let all = |inner: &[f64]| -> Vec<f64> { [&[SOURCE], inner, &[0.0]].concat() };
    let pixel = |k: f64, volt: f64| (70.0 + 128.0 * k, 290.0 - 110.0 * volt);
    let mut svg = String::from(
        "<text x=\"20\" y=\"32\" font-size=\"17\" font-weight=\"600\" fill=\"var(--ink)\">Which conductor to change, so that the voltages are \
         those that are wanted</text>\n",
    );
    for volt in [0.0, 0.5, 1.0, 1.5, 2.0] {
        let (x, y) = pixel(0.0, volt);
        svg += &format!(
            "<path d=\"M{x} {y}H710\" stroke=\"var(--rule)\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-size=\"13\" fill=\"var(--faint)\">{volt}</text>\n",
            x - 12.0,
            y + 5.0
        );
    }
    for (volts, color, dashes) in [(all(&v), "var(--meadow-ink)", ""), (all(&WANTED), "var(--dot)", "6 5")] {
        let points: Vec<(f64, f64)> =
            volts.iter().enumerate().map(|(k, volt)| pixel(k as f64, *volt)).collect();
        let line: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        svg += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.2\" stroke-dasharray=\"{dashes}\"/>\n",
            line.join(" ")
        );
        for (x, y) in points {
            svg += &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"{color}\"/>\n");
        }
    }
    let largest = gradient.iter().fold(1e-12, |largest: f64, g| largest.max(g.abs()));
    for (k, (g, slope)) in CONDUCTANCES.iter().zip(gradient).enumerate() {
        let x = 70.0 + 128.0 * (k as f64 + 0.5);
        svg += &format!(
            "<rect x=\"{}\" y=\"332\" width=\"52\" height=\"20\" rx=\"4\" fill=\"var(--ground)\" stroke=\"var(--ink)\"/>\
             <text x=\"{x}\" y=\"347\" text-anchor=\"middle\" font-size=\"13\" fill=\"var(--ink)\">{g}</text>\n\
             <path d=\"M{} 342h38M{} 342h38\" stroke=\"var(--ink)\"/>\n",
            x - 26.0,
            x - 64.0,
            x + 26.0
        );
        // Against the slope.
        svg += &pages::arrow((x, 425.0), (x, 425.0 + 50.0 * slope / largest), "var(--bar)");
        svg += &format!(
            "<text x=\"{x}\" y=\"498\" text-anchor=\"middle\" font-size=\"13\" fill=\"var(--faint)\">{slope:+.4}</text>\n"
        );
    }
    for (x, color, text) in [
        (20.0, "var(--meadow-ink)", "voltage of each node"),
        (230.0, "var(--dot)", "voltage that is wanted"),
        (450.0, "var(--bar)", "conductor: up to make it larger"),
    ] {
        svg += &format!(
            "<path d=\"M{x} 528h20\" stroke=\"{color}\" stroke-width=\"3\"/><text x=\"{}\" y=\"533\" fill=\"var(--ink)\">{text}</text>\n",
            x + 28.0
        );
    }
    pages::picture(760.0, 550.0, "A ladder of conductors: voltages, those wanted, and the gradient", &svg)
}

const HELP: &str = "\
Finds the equilibrium of a ladder of conductors that are not linear by Newton's method, and how it depends on all conductors at
once by the implicit function theorem. The picture shows the voltages, those that are wanted, and which way to change each conductor.

Usage: cargo run --release --example equilibrium -- [OPTIONS]

Options:
  --out FILE   picture to write, SVG [default: target/equilibrium.svg]
  -h, --help   print this";

fn main() -> ExitCode {
    let run = || {
        let Some(out) = pages::out(HELP, concat!(env!("CARGO_MANIFEST_DIR"), "/target/equilibrium.svg"))?
        else {
            return Ok(());
        };
        println!(
            "Current flows from a source of {SOURCE} volts through five conductors to the ground. Which of them should be larger,"
        );
        println!(
            "so that the four nodes between them have the voltages that are wanted? One linear system answers for all.\n"
        );
        println!("the conductors                 {CONDUCTANCES:?}");
        println!("the voltages between them      {:.6?}", voltages(&CONDUCTANCES, SOURCE));
        println!("the voltages that are wanted   {WANTED:?}");
        let (value, gradient) = mismatch::value_and_grad(&CONDUCTANCES, SOURCE, &WANTED);
        println!("the sum of squared differences {value:.6}");
        println!("its gradient by the conductors {gradient:.6?}\n");
        let check = check_gradient(&mut mismatch::objective(SOURCE, &WANTED), &CONDUCTANCES, 1e-6);
        println!("{check}");
        pages::write(&out, &picture(&gradient))?;
        println!("the ladder: {}", out.display());
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
    fn the_gradient_agrees_with_differences() {
        for source in [0.1, 2.0, 10.0] {
            let check = check_gradient(&mut mismatch::objective(source, &WANTED), &CONDUCTANCES, 1e-6);
            assert!(check.agrees(), "{check}");
        }
    }

    #[test]
    fn nothing_is_left_over_at_the_equilibrium() {
        let v = voltages(&CONDUCTANCES, 2.0);
        let left = excess(&v, &CONDUCTANCES, 2.0);
        assert!(left.iter().all(|left| left.abs() < 1e-14), "{left:?}");
    }

    /// ⟨v̄, J ġ⟩ = ⟨Jᵀ v̄, ġ⟩
    #[test]
    fn both_modes_agree() {
        let g_dot = [0.3, -1.0, 0.7, 0.2, -0.4];
        let v_bar = [1.0, -2.0, 0.5, 0.25];
        let (_, v_dot) = voltages::jvp(&CONDUCTANCES, 2.0, &g_dot, 0.5);
        let (g_bar, source_bar) = voltages::vjp(&CONDUCTANCES, 2.0).1(v_bar.to_vec());
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let (forward, reverse) = (dot(&v_bar, &v_dot), dot(&g_bar, &g_dot) + source_bar * 0.5);
        assert!((forward - reverse).abs() < 1e-13 * forward.abs().max(1.0), "{forward} {reverse}");
    }

    #[test]
    fn elimination_pivots() {
        let x = solve(
            vec![vec![0.0, 2.0, 1.0], vec![1.0, -1.0, 0.0], vec![3.0, 0.0, -2.0]],
            vec![7.0, -1.0, -3.0],
        );
        let wanted = [1.0, 2.0, 3.0];
        assert!(x.iter().zip(wanted).all(|(x, wanted)| (x - wanted).abs() < 1e-14), "{x:?}");
    }
}
