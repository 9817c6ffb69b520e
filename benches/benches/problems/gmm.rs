//! The log-likelihood of a Gaussian mixture with a Wishart prior, up to a constant: the objective `gmm` of `ADBench`
//! (Šrajer, Kukelova and Fitzgibbon 2018), with respect to the weights, the means and the inverse Cholesky factors.

use std::rc::Rc;

use grad::grad;

use super::tapes::{self, Number};
use super::{Formula, Kind, Problem, Variant};
use grad_benches::data::Source;

const POINTS: usize = 1000;
const D: usize = 10;
const K: usize = 25;
/// Numbers in one factor: the logarithms of its diagonal, then the columns below the diagonal.
const FACTOR: usize = D * (D + 1) / 2;

/// ln Σ eˣ, without overflow.
#[grad]
fn log_sum_exp(x: &[f64]) -> f64 {
    let mut largest = x[0];
    for &x in x {
        largest = largest.max(x);
    }
    let mut sum = 0.0;
    for &x in x {
        sum += (x - largest).exp();
    }
    sum.ln() + largest
}

#[grad(wrt(alphas, means, factors))]
fn log_likelihood<const D: usize, const K: usize>(
    alphas: &[f64; K],
    means: &[[f64; D]; K],
    factors: &[f64],
    points: &[[f64; D]],
    wishart_gamma: f64,
    wishart_m: f64,
) -> f64 {
    let size = D * (D + 1) / 2;
    let mut log_determinants = [0.0; K];
    let mut diagonals = [[0.0; D]; K];
    let mut prior = 0.0;
    for k in 0..K {
        for i in 0..D {
            let q = factors[k * size + i];
            log_determinants[k] += q;
            diagonals[k][i] = q.exp();
        }
        let mut squares = 0.0;
        for i in 0..D {
            squares += diagonals[k][i] * diagonals[k][i];
        }
        for i in D..size {
            squares += factors[k * size + i] * factors[k * size + i];
        }
        prior += 0.5 * wishart_gamma * wishart_gamma * squares - wishart_m * log_determinants[k];
    }

    let mut likelihood = 0.0;
    for point in points {
        let mut terms = [0.0; K];
        for k in 0..K {
            let lower = &factors[k * size + D..(k + 1) * size];
            let mut centered = [0.0; D];
            let mut product = [0.0; D];
            for i in 0..D {
                centered[i] = point[i] - means[k][i];
                product[i] = diagonals[k][i] * centered[i];
            }
            let mut p = 0;
            for i in 0..D {
                for j in i + 1..D {
                    product[j] += lower[p] * centered[i];
                    p += 1;
                }
            }
            let mut distance = 0.0;
            for i in 0..D {
                distance += product[i] * product[i];
            }
            terms[k] = alphas[k] + log_determinants[k] - 0.5 * distance;
        }
        likelihood += log_sum_exp(&terms);
    }
    likelihood - points.len() as f64 * log_sum_exp(alphas) + prior
}

/// As `log_sum_exp`; writes its gradient, the softmax.
fn log_sum_exp_by_hand(x: &[f64; K], softmax: &mut [f64; K]) -> f64 {
    let largest = x.iter().fold(x[0], |largest, &x| largest.max(x));
    let mut sum = 0.0;
    for k in 0..K {
        softmax[k] = (x[k] - largest).exp();
        sum += softmax[k];
    }
    let scale = 1.0 / sum;
    for weight in softmax {
        *weight *= scale;
    }
    sum.ln() + largest
}

#[expect(clippy::too_many_arguments, reason = "those of the generated gradient")]
fn by_hand(
    alphas: &[f64; K],
    means: &[[f64; D]; K],
    factors: &[f64],
    points: &[[f64; D]],
    wishart_gamma: f64,
    wishart_m: f64,
    alphas_bar: &mut [f64; K],
    means_bar: &mut [[f64; D]; K],
    factors_bar: &mut [f64],
) -> f64 {
    let factors = &factors[..K * FACTOR];
    let factors_bar = &mut factors_bar[..K * FACTOR];
    let mut log_determinants = [0.0; K];
    let mut diagonals = [[0.0; D]; K];
    let mut prior = 0.0;
    for k in 0..K {
        let factor = &factors[k * FACTOR..(k + 1) * FACTOR];
        let factor_bar = &mut factors_bar[k * FACTOR..(k + 1) * FACTOR];
        for i in 0..D {
            log_determinants[k] += factor[i];
            diagonals[k][i] = factor[i].exp();
        }
        let mut squares = 0.0;
        for i in 0..D {
            squares += diagonals[k][i] * diagonals[k][i];
        }
        for i in D..FACTOR {
            squares += factor[i] * factor[i];
            factor_bar[i] = wishart_gamma * wishart_gamma * factor[i];
        }
        prior += 0.5 * wishart_gamma * wishart_gamma * squares - wishart_m * log_determinants[k];
    }

    let mut softmax = [0.0; K];
    let alphas_sum = log_sum_exp_by_hand(alphas, &mut softmax);
    for k in 0..K {
        alphas_bar[k] = -(points.len() as f64) * softmax[k];
    }
    *means_bar = [[0.0; D]; K];
    let mut diagonals_bar = [[0.0; D]; K];
    let mut log_determinants_bar = [-wishart_m; K];
    let mut likelihood = 0.0;
    let mut products = [[0.0; D]; K];
    let mut terms = [0.0; K];
    for point in points {
        for k in 0..K {
            let lower = &factors[k * FACTOR + D..(k + 1) * FACTOR];
            let product = &mut products[k];
            let mut centered = [0.0; D];
            for i in 0..D {
                centered[i] = point[i] - means[k][i];
                product[i] = diagonals[k][i] * centered[i];
            }
            let mut p = 0;
            for i in 0..D {
                for j in i + 1..D {
                    product[j] += lower[p] * centered[i];
                    p += 1;
                }
            }
            let mut distance = 0.0;
            for i in 0..D {
                distance += product[i] * product[i];
            }
            terms[k] = alphas[k] + log_determinants[k] - 0.5 * distance;
        }
        likelihood += log_sum_exp_by_hand(&terms, &mut softmax);
        for k in 0..K {
            let term_bar = softmax[k];
            alphas_bar[k] += term_bar;
            log_determinants_bar[k] += term_bar;
            let lower = &factors[k * FACTOR + D..(k + 1) * FACTOR];
            let lower_bar = &mut factors_bar[k * FACTOR + D..(k + 1) * FACTOR];
            let mut product_bar = [0.0; D];
            for i in 0..D {
                product_bar[i] = -term_bar * products[k][i];
            }
            let mut p = 0;
            for i in 0..D {
                let centered = point[i] - means[k][i];
                diagonals_bar[k][i] += centered * product_bar[i];
                let mut centered_bar = diagonals[k][i] * product_bar[i];
                for j in i + 1..D {
                    lower_bar[p] += centered * product_bar[j];
                    centered_bar += lower[p] * product_bar[j];
                    p += 1;
                }
                means_bar[k][i] -= centered_bar;
            }
        }
    }
    for k in 0..K {
        for i in 0..D {
            let diagonal_bar = diagonals_bar[k][i] + wishart_gamma * wishart_gamma * diagonals[k][i];
            factors_bar[k * FACTOR + i] = log_determinants_bar[k] + diagonal_bar * diagonals[k][i];
        }
    }
    likelihood - points.len() as f64 * alphas_sum + prior
}

struct Data {
    alphas: [f64; K],
    means: [[f64; D]; K],
    factors: Vec<f64>,
    points: Vec<[f64; D]>,
    wishart_gamma: f64,
    wishart_m: f64,
}

/// The cotangents of the parameters, in their order.
struct Gradient {
    alphas: [f64; K],
    means: [[f64; D]; K],
    factors: Vec<f64>,
}

impl Formula for Data {
    fn value<T: Number>(&self, parameters: &[T]) -> T {
        let (alphas, rest) = parameters.split_at(K);
        let (means, factors) = rest.split_at(K * D);
        let factors = || factors.chunks(FACTOR).map(|factor| factor.split_at(D));
        let log_determinants: Vec<T> = factors().map(|(logs, _)| tapes::sum(logs.iter().copied())).collect();
        let diagonals: Vec<T> = factors().flat_map(|(logs, _)| logs.iter().map(|q| q.exp())).collect();
        let squares = diagonals.iter().chain(factors().flat_map(|(_, lower)| lower)).map(|&q| q * q);
        let prior = tapes::sum(squares) * (0.5 * self.wishart_gamma * self.wishart_gamma)
            - tapes::sum(log_determinants.iter().copied()) * self.wishart_m;

        let likelihood = tapes::sum(self.points.iter().map(|point| {
            let mut terms = Vec::with_capacity(K);
            for (k, (_, lower)) in factors().enumerate() {
                let centered: [T; D] = std::array::from_fn(|i| -means[k * D + i] + point[i]);
                let mut product: [T; D] = std::array::from_fn(|i| diagonals[k * D + i] * centered[i]);
                let mut lower = lower.iter();
                for i in 0..D {
                    for (product, &l) in product[i + 1..].iter_mut().zip(&mut lower) {
                        *product = *product + l * centered[i];
                    }
                }
                let distance = tapes::sum(product.iter().map(|&p| p * p));
                terms.push(alphas[k] + log_determinants[k] - distance * 0.5);
            }
            tapes::log_sum_exp(&terms)
        }));
        likelihood - tapes::log_sum_exp(alphas) * self.points.len() as f64 + prior
    }
}

pub(super) fn problem() -> Problem {
    let mut source = Source::new(4);
    let data = Rc::new(Data {
        alphas: source.array(-1.0, 1.0),
        means: std::array::from_fn(|_| source.array(-1.0, 1.0)),
        factors: source.vec(K * FACTOR, -0.5, 0.5),
        points: (0..POINTS).map(|_| source.array(-2.0, 2.0)).collect(),
        wishart_gamma: 1.0,
        wishart_m: 0.0,
    });
    let parameters = [data.alphas.as_slice(), data.means.as_flattened(), &data.factors].concat();

    let zero = || Gradient { alphas: [0.0; K], means: [[0.0; D]; K], factors: vec![0.0; K * FACTOR] };
    let flatten = |g: &Gradient| [g.alphas.as_slice(), g.means.as_flattened(), &g.factors].concat();
    let (for_primal, for_grad, for_hand) = (Rc::clone(&data), Rc::clone(&data), Rc::clone(&data));
    let mut variants = vec![
        Variant::primal(move || {
            let Data { alphas, means, factors, points, wishart_gamma, wishart_m } = &*for_primal;
            log_likelihood(alphas, means, factors, points, *wishart_gamma, *wishart_m)
        }),
        Variant::new(
            "grad",
            Kind::Generated,
            zero(),
            move |g| {
                let Data { alphas, means, factors, points, wishart_gamma: gamma, wishart_m: m } = &*for_grad;
                let Gradient { alphas: alphas_bar, means: means_bar, factors: factors_bar } = g;
                log_likelihood::grad_into(
                    alphas,
                    means,
                    factors,
                    points,
                    *gamma,
                    *m,
                    alphas_bar,
                    means_bar,
                    factors_bar,
                )
            },
            flatten,
        ),
        Variant::new(
            "hand",
            Kind::Hand,
            zero(),
            move |g| {
                let Data { alphas, means, factors, points, wishart_gamma: gamma, wishart_m: m } = &*for_hand;
                let Gradient { alphas: alphas_bar, means: means_bar, factors: factors_bar } = g;
                by_hand(alphas, means, factors, points, *gamma, *m, alphas_bar, means_bar, factors_bar)
            },
            flatten,
        ),
    ];
    variants.extend(tapes::reverse_variants(&data, &parameters));
    Problem { name: "gmm_d10_k25_n1000", variants }
}
