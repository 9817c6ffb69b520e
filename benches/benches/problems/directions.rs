//! Derivatives of the logistic loss along 1, 4, 8 and 16 directions of its 11 parameters, in one run of the function.

use std::rc::Rc;

use grad::{Lanes, grad};
use num_dual::{Derivative, DualNum, DualSVec64};

use super::logistic::Data;
use super::{Kind, Problem, Variant};

/// The loss as it is written over any number type below: `ln (1 + eᶻ)` by branches.
#[grad(wrt(w, bias))]
fn log_loss(w: &[f64], bias: f64, xs: &[[f64; 10]], labels: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (x, &label) in xs.iter().zip(labels) {
        let mut z = bias;
        for j in 0..10 {
            z += w[j] * x[j];
        }
        let softplus = if z > 0.0 { z + (-z).exp().ln_1p() } else { z.exp().ln_1p() };
        sum += softplus - z * label;
    }
    sum * (1.0 / xs.len() as f64)
}

/// Directions of the weights and of the bias.
struct Directions<const N: usize> {
    w: Vec<[f64; N]>,
    bias: [f64; N],
}

fn by_hand<const N: usize>(data: &Data, directions: &Directions<N>) -> (f64, [f64; N]) {
    let scale = 1.0 / data.xs.len() as f64;
    let (mut sum, mut dots) = (0.0, [0.0; N]);
    for (x, label) in data.xs.iter().zip(&data.labels) {
        let (mut z, mut z_dot) = (data.bias, directions.bias);
        for ((w, x), w_dot) in data.w.iter().zip(x).zip(&directions.w) {
            z += w * x;
            for k in 0..N {
                z_dot[k] += x * w_dot[k];
            }
        }
        let e = (-z.abs()).exp();
        sum += z.max(0.0) + e.ln_1p() - label * z;
        let sigmoid = if z > 0.0 { 1.0 } else { e } / (1.0 + e);
        for k in 0..N {
            dots[k] += (sigmoid - label) * z_dot[k];
        }
    }
    (sum * scale, dots.map(|dot| dot * scale))
}

/// The loss over any number type.
pub(super) fn generic<T: DualNum<Primitive = f64> + Copy>(data: &Data, w: &[T], bias: T) -> T {
    let losses = data.xs.iter().zip(&data.labels).map(|(x, &label)| {
        let mut z = bias;
        for (&w, &x) in w.iter().zip(x) {
            z += w * x;
        }
        let softplus = if z.re() > 0.0 { z + (-z).exp().ln_1p() } else { z.exp().ln_1p() };
        softplus - z * label
    });
    losses.reduce(|sum, loss| sum + loss).expect("there are rows") * (1.0 / data.xs.len() as f64)
}

fn variant<const N: usize>(
    name: &'static str,
    kind: Kind,
    evaluate: impl Fn() -> (f64, [f64; N]) + 'static,
) -> Variant {
    Variant::new(
        name,
        kind,
        [0.0; N],
        move |dots| {
            let value;
            (value, *dots) = evaluate();
            value
        },
        |dots| dots.to_vec(),
    )
}

fn problem<const N: usize>(name: &'static str, data: &Rc<Data>) -> Problem {
    let direction = |i: usize| std::array::from_fn(|k| ((i + 3 * k) as f64).sin());
    let directions =
        Rc::new(Directions { w: (0..data.w.len()).map(direction).collect(), bias: direction(data.w.len()) });
    let (primal, hand) = (Rc::clone(data), (Rc::clone(data), Rc::clone(&directions)));
    let (lanes, dual) = (Rc::clone(data), Rc::clone(data));
    let w_dot: Vec<Lanes<f64, N>> = directions.w.iter().map(|dots| Lanes(*dots)).collect();
    let bias_dot = Lanes(directions.bias);
    let mut variants = vec![
        Variant::primal(move || log_loss(&primal.w, primal.bias, &primal.xs, &primal.labels)),
        variant("jvp_n", Kind::Generated, move || {
            let Data { w, bias, xs, labels } = &*lanes;
            let (value, dots) = log_loss::jvp_n(w, *bias, xs, labels, &w_dot, bias_dot);
            (value, dots.0)
        }),
        variant("hand", Kind::Hand, move || by_hand(&hand.0, &hand.1)),
        variant("num-dual", Kind::Forward, move || {
            let number = |x: f64, dots: &[f64; N]| DualSVec64::<N>::new(x, Derivative::some((*dots).into()));
            let w: [DualSVec64<N>; 10] = std::array::from_fn(|i| number(dual.w[i], &directions.w[i]));
            let loss = generic(&dual, &w, number(dual.bias, &directions.bias));
            (loss.re, loss.eps.0.map_or([0.0; N], Into::into))
        }),
    ];
    if N == 1 {
        let data = Rc::clone(data);
        let w_dot: Vec<f64> = (0..data.w.len()).map(|i| (i as f64).sin()).collect();
        let bias_dot = (data.w.len() as f64).sin();
        variants.push(variant("jvp", Kind::Generated, move || {
            let Data { w, bias, xs, labels } = &*data;
            let (value, dot) = log_loss::jvp(w, *bias, xs, labels, &w_dot, bias_dot);
            (value, [dot; N])
        }));
    }
    Problem { name, variants }
}

pub(super) fn problems() -> Vec<Problem> {
    let data = Rc::new(Data::new());
    vec![
        problem::<1>("jvp_1", &data),
        problem::<4>("jvp_4", &data),
        problem::<8>("jvp_8", &data),
        problem::<16>("jvp_16", &data),
    ]
}
