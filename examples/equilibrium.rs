//! An equilibrium in several variables as a differentiable function, by the implicit function theorem.
//!
//! A ladder of conductors that are not linear: a current g (u + u³) flows through a conductor with the voltage u across
//! it. The voltages of the nodes are those at which as much flows in as out. They are found by Newton's method. How they
//! depend on the conductors is found by one linear system, that of the adjoint: for all conductors at once.

use grad::{check_gradient, grad};

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

fn main() {
    let source = 2.0;
    println!("conductances {CONDUCTANCES:?}\nvoltages     {:.6?}", voltages(&CONDUCTANCES, source));
    let (value, gradient) = mismatch::value_and_grad(&CONDUCTANCES, source, &WANTED);
    println!("mismatch     {value:.6}\ngradient     {gradient:.6?}");
    let check = check_gradient(&mut mismatch::objective(source, &WANTED), &CONDUCTANCES, 1e-6);
    println!("{check}");
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
