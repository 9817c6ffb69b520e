//! A network of 16 inputs, 16 hidden units with tanh, and one output: the mean squared error over 32 samples, with
//! respect to all weights and biases.

use std::rc::Rc;

use grad::grad;

use super::tapes::{self, Number};
use super::{Formula, Kind, Problem, Variant};
use grad_benches::data::Source;

const SAMPLES: usize = 32;
const INPUTS: usize = 16;
const HIDDEN: usize = 16;

#[grad(wrt(w1, b1, w2, b2))]
fn loss(
    w1: &[[f64; INPUTS]; HIDDEN],
    b1: &[f64; HIDDEN],
    w2: &[f64; HIDDEN],
    b2: f64,
    xs: &[[f64; INPUTS]],
    ys: &[f64],
) -> f64 {
    let mut sum = 0.0;
    for (x, y) in xs.iter().zip(ys) {
        let mut output = b2;
        for h in 0..HIDDEN {
            let mut z = b1[h];
            for i in 0..INPUTS {
                z += w1[h][i] * x[i];
            }
            output += w2[h] * z.tanh();
        }
        let error = output - y;
        sum += error * error;
    }
    sum / xs.len() as f64
}

/// The cotangents of the parameters, in their order.
struct Gradient {
    w1: [[f64; INPUTS]; HIDDEN],
    b1: [f64; HIDDEN],
    w2: [f64; HIDDEN],
    b2: f64,
}

#[expect(clippy::too_many_arguments, reason = "those of the generated gradient")]
fn by_hand(
    w1: &[[f64; INPUTS]; HIDDEN],
    b1: &[f64; HIDDEN],
    w2: &[f64; HIDDEN],
    b2: f64,
    xs: &[[f64; INPUTS]],
    ys: &[f64],
    w1_bar: &mut [[f64; INPUTS]; HIDDEN],
    b1_bar: &mut [f64; HIDDEN],
    w2_bar: &mut [f64; HIDDEN],
    b2_bar: &mut f64,
) -> f64 {
    *w1_bar = [[0.0; INPUTS]; HIDDEN];
    *b1_bar = [0.0; HIDDEN];
    *w2_bar = [0.0; HIDDEN];
    let scale = 1.0 / xs.len() as f64;
    let mut b2_sum = 0.0;
    let mut sum = 0.0;
    let mut hidden = [0.0; HIDDEN];
    for (x, y) in xs.iter().zip(ys) {
        let mut output = b2;
        for h in 0..HIDDEN {
            let mut z = b1[h];
            for i in 0..INPUTS {
                z += w1[h][i] * x[i];
            }
            hidden[h] = z.tanh();
            output += w2[h] * hidden[h];
        }
        let error = output - y;
        sum += error * error;
        let output_bar = 2.0 * scale * error;
        b2_sum += output_bar;
        for h in 0..HIDDEN {
            w2_bar[h] += output_bar * hidden[h];
            let z_bar = output_bar * w2[h] * (1.0 - hidden[h] * hidden[h]);
            b1_bar[h] += z_bar;
            for i in 0..INPUTS {
                w1_bar[h][i] += z_bar * x[i];
            }
        }
    }
    *b2_bar = b2_sum;
    sum / xs.len() as f64
}

struct Data {
    w1: [[f64; INPUTS]; HIDDEN],
    b1: [f64; HIDDEN],
    w2: [f64; HIDDEN],
    b2: f64,
    xs: Vec<[f64; INPUTS]>,
    ys: Vec<f64>,
}

fn flatten(w1: &[[f64; INPUTS]; HIDDEN], b1: &[f64; HIDDEN], w2: &[f64; HIDDEN], b2: f64) -> Vec<f64> {
    [w1.as_flattened(), b1, w2, &[b2]].concat()
}

impl Formula for Data {
    fn value<T: Number>(&self, parameters: &[T]) -> T {
        let (w1, rest) = parameters.split_at(HIDDEN * INPUTS);
        let (b1, rest) = rest.split_at(HIDDEN);
        let (w2, b2) = rest.split_at(HIDDEN);
        let losses = self.xs.iter().zip(&self.ys).map(|(x, &y)| {
            let outputs = w1.chunks(INPUTS).zip(b1).zip(w2).map(|((w1, &b1), &w2)| {
                let z = tapes::sum(w1.iter().zip(x).map(|(&w, &x)| w * x)) + b1;
                w2 * z.tanh()
            });
            let error = tapes::sum(outputs) + b2[0] - y;
            error * error
        });
        tapes::sum(losses) * (1.0 / self.xs.len() as f64)
    }
}

pub(super) fn problem() -> Problem {
    let mut source = Source::new(3);
    let data = Rc::new(Data {
        w1: std::array::from_fn(|_| source.array(-0.4, 0.4)),
        b1: source.array(-0.1, 0.1),
        w2: source.array(-0.5, 0.5),
        b2: 0.1,
        xs: (0..SAMPLES).map(|_| source.array(-1.0, 1.0)).collect(),
        ys: source.vec(SAMPLES, -1.0, 1.0),
    });
    let parameters = flatten(&data.w1, &data.b1, &data.w2, data.b2);

    let zero = || Gradient { w1: [[0.0; INPUTS]; HIDDEN], b1: [0.0; HIDDEN], w2: [0.0; HIDDEN], b2: 0.0 };
    let flatten = |g: &Gradient| flatten(&g.w1, &g.b1, &g.w2, g.b2);
    let (for_primal, for_grad, for_hand) = (Rc::clone(&data), Rc::clone(&data), Rc::clone(&data));
    let mut variants = vec![
        Variant::primal(move || {
            let Data { w1, b1, w2, b2, xs, ys } = &*for_primal;
            loss(w1, b1, w2, *b2, xs, ys)
        }),
        Variant::new(
            "grad",
            Kind::Generated,
            zero(),
            move |g| {
                let Data { w1, b1, w2, b2, xs, ys } = &*for_grad;
                loss::grad_into(w1, b1, w2, *b2, xs, ys, &mut g.w1, &mut g.b1, &mut g.w2, &mut g.b2)
            },
            flatten,
        ),
        Variant::new(
            "hand",
            Kind::Hand,
            zero(),
            move |g| {
                let Data { w1, b1, w2, b2, xs, ys } = &*for_hand;
                by_hand(w1, b1, w2, *b2, xs, ys, &mut g.w1, &mut g.b1, &mut g.w2, &mut g.b2)
            },
            flatten,
        ),
    ];
    variants.extend(tapes::reverse_variants(&data, &parameters));
    Problem { name: "mlp_16_16_1", variants }
}
