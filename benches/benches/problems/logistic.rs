//! Logistic regression: the mean log-loss of 100 rows with 10 features, with respect to the weights and the bias.

use std::rc::Rc;

use grad::grad;

use super::tapes::{self, Number};
use super::{Formula, Kind, Problem, Variant};
use grad_benches::data::Source;

const ROWS: usize = 100;
const FEATURES: usize = 10;

/// ln (1 + eᶻ), without overflow.
#[grad(second)]
fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

#[grad(second, wrt(w, bias))]
pub(super) fn log_loss(w: &[f64], bias: f64, xs: &[[f64; FEATURES]], labels: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (x, label) in xs.iter().zip(labels) {
        let mut z = bias;
        for j in 0..FEATURES {
            z += w[j] * x[j];
        }
        sum += softplus(z) - label * z;
    }
    sum / xs.len() as f64
}

fn by_hand(
    w: &[f64],
    bias: f64,
    xs: &[[f64; FEATURES]],
    labels: &[f64],
    w_bar: &mut [f64],
    bias_bar: &mut f64,
) -> f64 {
    let scale = 1.0 / xs.len() as f64;
    let w: &[f64; FEATURES] = w.try_into().expect("a weight for each feature");
    let w_bar: &mut [f64; FEATURES] = w_bar.try_into().expect("a weight for each feature");
    let mut w_sum = [0.0; FEATURES];
    let mut bias_sum = 0.0;
    let mut sum = 0.0;
    for (x, label) in xs.iter().zip(labels) {
        let mut z = bias;
        for j in 0..FEATURES {
            z += w[j] * x[j];
        }
        let e = (-z.abs()).exp();
        sum += z.max(0.0) + e.ln_1p() - label * z;
        let sigmoid = if z > 0.0 { 1.0 } else { e } / (1.0 + e);
        let z_bar = (sigmoid - label) * scale;
        bias_sum += z_bar;
        for j in 0..FEATURES {
            w_sum[j] += z_bar * x[j];
        }
    }
    *w_bar = w_sum;
    *bias_bar = bias_sum;
    sum / xs.len() as f64
}

pub(super) struct Data {
    pub(super) w: Vec<f64>,
    pub(super) bias: f64,
    pub(super) xs: Vec<[f64; FEATURES]>,
    pub(super) labels: Vec<f64>,
}

impl Data {
    pub(super) fn new() -> Data {
        let mut source = Source::new(2);
        Data {
            w: source.vec(FEATURES, -1.0, 1.0),
            bias: 0.25,
            xs: (0..ROWS).map(|_| source.array(-2.0, 2.0)).collect(),
            labels: (0..ROWS).map(|_| source.uniform(0.0, 2.0).floor()).collect(),
        }
    }
}

impl Formula for Data {
    fn value<T: Number>(&self, parameters: &[T]) -> T {
        let (bias, w) = parameters.split_last().expect("the bias is the last");
        let losses = self.xs.iter().zip(&self.labels).map(|(x, &label)| {
            let z = tapes::sum(w.iter().zip(x).map(|(&w, &x)| w * x)) + *bias;
            z.softplus() - z * label
        });
        tapes::sum(losses) * (1.0 / self.xs.len() as f64)
    }
}

pub(super) fn problem() -> Problem {
    let data = Rc::new(Data::new());
    let flatten = |(w_bar, bias_bar): &(Vec<f64>, f64)| [w_bar.as_slice(), &[*bias_bar]].concat();
    let parameters = [data.w.as_slice(), &[data.bias]].concat();

    let (for_primal, for_grad, for_hand) = (Rc::clone(&data), Rc::clone(&data), Rc::clone(&data));
    let mut variants = vec![
        Variant::primal(move || {
            let Data { w, bias, xs, labels } = &*for_primal;
            log_loss(w, *bias, xs, labels)
        }),
        Variant::new(
            "grad",
            Kind::Generated,
            (vec![0.0; FEATURES], 0.0),
            move |(w_bar, bias_bar)| {
                let Data { w, bias, xs, labels } = &*for_grad;
                log_loss::grad_into(w, *bias, xs, labels, w_bar, bias_bar)
            },
            flatten,
        ),
        Variant::new(
            "hand",
            Kind::Hand,
            (vec![0.0; FEATURES], 0.0),
            move |(w_bar, bias_bar)| {
                let Data { w, bias, xs, labels } = &*for_hand;
                by_hand(w, *bias, xs, labels, w_bar, bias_bar)
            },
            flatten,
        ),
    ];
    variants.extend(tapes::reverse_variants(&data, &parameters));
    let parameters: [f64; FEATURES + 1] = parameters.try_into().expect("the weights and the bias");
    variants.extend(tapes::forward_variants(&data, parameters));
    Problem { name: "logistic_100x10", variants }
}
