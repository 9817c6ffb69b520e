//! `gmm`: the log-posterior of a mixture of Gaussians, with a Wishart prior on the inverse covariances.
//!
//! A component k has the weight softmax(alpha)ₖ, the mean muₖ and the inverse covariance `QᵀQ`, where Q is lower triangular: exp(qₖ)
//! on the diagonal and lₖ below it, by columns.

use std::f64::consts::{LN_2, PI};

use grad::grad;
use grad_benches::given::kernels::lse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Prepared, evaluation, flat, has_length, read, unknown};
use crate::parts::{self, Threads};

#[grad]
fn squared_norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum()
}

/// out = Q v.
#[grad]
fn triangular_times(diagonal: &[f64], below: &[f64], v: &[f64], out: &mut [f64]) {
    for i in 0..v.len() {
        out[i] = diagonal[i] * v[i];
    }
    let mut p = 0;
    for i in 0..v.len() {
        for j in i + 1..v.len() {
            out[j] += below[p] * v[i];
            p += 1;
        }
    }
}

/// Σ ln Σₖ exp(alphaₖ + Σ qₖ − ½ |Q (x − muₖ)|²) over points `x` of `d` numbers each.
#[grad(wrt(alpha, mu, q, l))]
pub fn sum_over_points(alpha: &[f64], mu: &[f64], q: &[f64], l: &[f64], x: &[f64], d: usize) -> f64 {
    let k = alpha.len();
    let below = d * (d - 1) / 2;
    let diagonals: Vec<f64> = q.iter().map(|q| q.exp()).collect();
    let mut centered = vec![0.0; d];
    let mut scaled = vec![0.0; d];
    let mut terms = vec![0.0; k];
    let mut total = 0.0;
    for point in x.chunks_exact(d) {
        for j in 0..k {
            for c in 0..d {
                centered[c] = point[c] - mu[j * d + c];
            }
            triangular_times(
                &diagonals[j * d..(j + 1) * d],
                &l[j * below..(j + 1) * below],
                &centered,
                &mut scaled,
            );
            terms[j] = alpha[j] + q[j * d..(j + 1) * d].iter().sum::<f64>() - 0.5 * squared_norm(&scaled);
        }
        total += lse(&terms);
    }
    total
}

/// The logarithm of the Wishart density for each component, up to what does not depend on it.
#[grad(wrt(q, l))]
pub fn log_prior(q: &[f64], l: &[f64], gamma: f64, m: usize) -> f64 {
    let squares: f64 = q.iter().map(|q| (2.0 * q).exp()).sum::<f64>() + squared_norm(l);
    m as f64 * q.iter().sum::<f64>() - 0.5 * gamma * gamma * squares
}

/// ln Γ(x) for x > 0: Stirling's series, after x is shifted above 10.
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 10.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * PI).ln() + series - shift
}

/// The constant of the Wishart density of `d` dimensions, with d + m + 1 degrees of freedom.
fn log_wishart_constant(d: usize, gamma: f64, m: usize) -> f64 {
    let freedom = (d + m + 1) as f64;
    let d_f = d as f64;
    let multivariate: f64 = (0..d).map(|j| ln_gamma(0.5 * (freedom - j as f64))).sum();
    freedom * d_f * (gamma.ln() - 0.5 * LN_2) - 0.25 * d_f * (d_f - 1.0) * PI.ln() - multivariate
}

#[derive(Deserialize)]
struct Rows {
    d: usize,
    k: usize,
    n: usize,
    alpha: Vec<f64>,
    mu: Vec<Vec<f64>>,
    q: Vec<Vec<f64>>,
    l: Vec<Vec<f64>>,
    x: Vec<Vec<f64>>,
    gamma: f64,
    m: usize,
}

/// The mixture, with all matrices by rows.
pub struct Input {
    pub d: usize,
    pub alpha: Vec<f64>,
    pub mu: Vec<f64>,
    pub q: Vec<f64>,
    pub l: Vec<f64>,
    pub x: Vec<f64>,
    pub gamma: f64,
    pub m: usize,
}

impl Rows {
    fn checked(self) -> Result<Input, String> {
        let Rows { d, k, n, alpha, mu, q, l, x, gamma, m } = self;
        if d == 0 || k == 0 {
            return Err("there are no dimensions, or no components".to_owned());
        }
        has_length("alpha", &alpha, k)?;
        has_length("mu", &mu, k)?;
        has_length("q", &q, k)?;
        has_length("l", &l, k)?;
        has_length("x", &x, n)?;
        // A row of `mu` is there, so that this cannot overflow once its length is right.
        let (mu, q) = (flat("mu", &mu, d)?, flat("q", &q, d)?);
        Ok(Input { d, alpha, mu, q, l: flat("l", &l, d * (d - 1) / 2)?, x: flat("x", &x, d)?, gamma, m })
    }
}

/// The value, and the gradient with respect to alpha, mu, q and l, one after the other.
pub fn value_and_gradient(input: &Input, threads: Threads) -> (f64, Vec<f64>) {
    let Input { d, alpha, mu, q, l, x, gamma, m } = input;
    let n = x.len() / d;
    let dim = alpha.len() + mu.len() + q.len() + l.len();
    let (over_points, mut gradient) = parts::sum(n, dim, threads, |range, gradient| {
        let [alpha_bar, mu_bar, q_bar, l_bar] = split(input, gradient);
        let points = &x[range.start * d..range.end * d];
        sum_over_points::vjp_add(alpha, mu, q, l, points, *d, 1.0, alpha_bar, mu_bar, q_bar, l_bar)
    });
    let [alpha_bar, _, q_bar, l_bar] = split(input, &mut gradient);
    let weights = lse::vjp_add(alpha, -(n as f64), alpha_bar);
    let prior = log_prior::vjp_add(q, l, *gamma, *m, 1.0, q_bar, l_bar);
    (total(input, over_points, weights, prior), gradient)
}

pub fn value(input: &Input, threads: Threads) -> f64 {
    let Input { d, alpha, mu, q, l, x, gamma, m } = input;
    let (over_points, _) = parts::sum(x.len() / d, 0, threads, |range, _| {
        sum_over_points(alpha, mu, q, l, &x[range.start * d..range.end * d], *d)
    });
    total(input, over_points, lse(alpha), log_prior(q, l, *gamma, *m))
}

fn total(input: &Input, over_points: f64, weights: f64, prior: f64) -> f64 {
    let n = (input.x.len() / input.d) as f64;
    let constant = -0.5 * n * input.d as f64 * (2.0 * PI).ln();
    let priors = input.alpha.len() as f64 * log_wishart_constant(input.d, input.gamma, input.m);
    constant + over_points - n * weights + prior + priors
}

/// The parts of the gradient that belong to alpha, mu, q and l.
fn split<'a>(input: &Input, gradient: &'a mut [f64]) -> [&'a mut [f64]; 4] {
    let mut rest = gradient;
    [input.alpha.len(), input.mu.len(), input.q.len(), input.l.len()]
        .map(|length| rest.split_off_mut(..length).expect("the gradient is as long as its parts"))
}

pub(super) fn prepare(function: &str, input: &Value, threads: Threads) -> Prepared {
    let input = read::<Rows>(input)?.checked()?;
    match function {
        "objective" => Ok(evaluation(input, move |input| value(input, threads), |y| (*y).into())),
        "jacobian" => {
            let (d, k) = (input.d, input.alpha.len());
            Ok(evaluation(
                input,
                move |input| value_and_gradient(input, threads).1,
                move |gradient| {
                    let (alpha, rest) = gradient.split_at(k);
                    let (mu, rest) = rest.split_at(k * d);
                    let (q, l) = rest.split_at(k * d);
                    let below = d * (d - 1) / 2;
                    // In one dimension there is nothing below the diagonal.
                    let l: Vec<&[f64]> = (0..k).map(|j| &l[j * below..(j + 1) * below]).collect();
                    let rows = |all: &[f64]| Value::from(all.chunks(d).collect::<Vec<_>>());
                    json!({ "alpha": alpha, "mu": rows(mu), "q": rows(q), "l": l })
                },
            ))
        }
        _ => Err(unknown("gmm", function)),
    }
}
