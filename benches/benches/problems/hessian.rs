//! Hessians: of Rosenbrock's function of 10 numbers, and of the logistic loss with respect to its 11 parameters.

use std::rc::Rc;

use grad::grad;
use nalgebra::SVector;
use num_dual::{Derivative, Dual2SVec64, DualNum, DualSVec, DualSVec64};

use super::directions::generic as generic_loss;
use super::logistic::{Data, log_loss};
use super::{Kind, Problem, Variant};
use grad_benches::data::Source;

const N: usize = 10;

#[grad(second)]
fn rosenbrock(x: &[f64; N]) -> f64 {
    let mut sum = 0.0;
    for i in 1..N {
        let a = 1.0 - x[i - 1];
        let b = x[i] - x[i - 1] * x[i - 1];
        sum += a * a + 100.0 * b * b;
    }
    sum
}

fn rosenbrock_by_hand(x: &[f64; N]) -> (f64, [[f64; N]; N]) {
    let (mut sum, mut h) = (0.0, [[0.0; N]; N]);
    for i in 1..N {
        let a = 1.0 - x[i - 1];
        let b = x[i] - x[i - 1] * x[i - 1];
        sum += a * a + 100.0 * b * b;
        h[i - 1][i - 1] += 2.0 + 800.0 * x[i - 1] * x[i - 1] - 400.0 * b;
        h[i][i] = 200.0;
        h[i - 1][i] = -400.0 * x[i - 1];
        h[i][i - 1] = -400.0 * x[i - 1];
    }
    (sum, h)
}

fn generic<T: DualNum<Primitive = f64> + Copy>(x: &[T]) -> T {
    let terms = x.windows(2).map(|pair| {
        let a = -pair[0] + 1.0;
        let b = pair[1] - pair[0] * pair[0];
        a * a + b * b * 100.0
    });
    terms.reduce(|sum, term| sum + term).expect("there are terms")
}

/// Value and Hessian by dual numbers of dual numbers: the second part of each part.
fn nested<const M: usize>(
    x: [f64; M],
    f: impl Fn(&[DualSVec<DualSVec64<M>, M>]) -> DualSVec<DualSVec64<M>, M>,
) -> (f64, [[f64; M]; M]) {
    let units = |k: usize| -> SVector<f64, M> { SVector::from_fn(|i, _| if i == k { 1.0 } else { 0.0 }) };
    let numbers: [DualSVec<DualSVec64<M>, M>; M] = std::array::from_fn(|k| {
        let inner = DualSVec64::new(x[k], Derivative::some(units(k)));
        let outer: SVector<DualSVec64<M>, M> = units(k).map(DualSVec64::from_re);
        DualSVec::new(inner, Derivative::some(outer))
    });
    let y = f(&numbers);
    let rows = y.eps.unwrap_generic(nalgebra::Const::<M>, nalgebra::U1);
    let row = |i: usize| rows[i].eps.unwrap_generic(nalgebra::Const::<M>, nalgebra::U1).into();
    (y.re.re, std::array::from_fn(row))
}

fn variant<const M: usize>(
    name: &'static str,
    kind: Kind,
    evaluate: impl Fn() -> (f64, [[f64; M]; M]) + 'static,
) -> Variant {
    Variant::new(
        name,
        kind,
        [[0.0; M]; M],
        move |hessian| {
            let value;
            (value, *hessian) = evaluate();
            value
        },
        |hessian| hessian.as_flattened().to_vec(),
    )
}

fn of_rosenbrock() -> Problem {
    let x: [f64; N] = Source::new(7).array(-1.5, 1.5);
    let variants = vec![
        Variant::primal(move || rosenbrock(&x)),
        // The others give the value, too.
        variant("hessian", Kind::Generated, move || (rosenbrock(&x), rosenbrock::hessian(&x))),
        variant("hand", Kind::Hand, move || rosenbrock_by_hand(&x)),
        variant("num-dual", Kind::Forward, move || {
            let f = |x: SVector<Dual2SVec64<N>, N>| generic(x.as_slice());
            let (value, _, hessian) = num_dual::hessian(f, &SVector::from(x));
            (value, hessian.into())
        }),
        variant("nested duals", Kind::Forward, move || nested(x, generic)),
    ];
    Problem { name: "hessian_rosenbrock_10", variants }
}

const PARAMETERS: usize = 11;

fn loss_by_hand(data: &Data) -> (f64, [[f64; PARAMETERS]; PARAMETERS]) {
    let scale = 1.0 / data.xs.len() as f64;
    let (mut sum, mut h) = (0.0, [[0.0; PARAMETERS]; PARAMETERS]);
    for (x, label) in data.xs.iter().zip(&data.labels) {
        let mut z = data.bias;
        for (w, x) in data.w.iter().zip(x) {
            z += w * x;
        }
        let e = (-z.abs()).exp();
        sum += z.max(0.0) + e.ln_1p() - label * z;
        let weight = e / ((1.0 + e) * (1.0 + e)) * scale;
        let mut row = [1.0; PARAMETERS];
        row[..10].copy_from_slice(x);
        for i in 0..PARAMETERS {
            let by_i = weight * row[i];
            for j in 0..PARAMETERS {
                h[i][j] += by_i * row[j];
            }
        }
    }
    (sum * scale, h)
}

fn of_loss() -> Problem {
    let data = Rc::new(Data::new());
    let [primal, ours, hand, dual, twice] = [(); 5].map(|()| Rc::clone(&data));
    let value = |data: &Data| log_loss(&data.w, data.bias, &data.xs, &data.labels);
    let parameters: [f64; PARAMETERS] = std::array::from_fn(|i| data.w.get(i).copied().unwrap_or(data.bias));
    let variants = vec![
        Variant::primal(move || value(&primal)),
        variant("hessian", Kind::Generated, move || {
            let Data { w, bias, xs, labels } = &*ours;
            let ((ww, wb), (bw, bb)) = log_loss::hessian(w, *bias, xs, labels);
            let mut h = [[0.0; PARAMETERS]; PARAMETERS];
            for i in 0..10 {
                h[i][..10].copy_from_slice(&ww[i]);
                h[i][10] = wb[i];
            }
            h[10][..10].copy_from_slice(&bw);
            h[10][10] = bb;
            (value(&ours), h)
        }),
        variant("hand", Kind::Hand, move || loss_by_hand(&hand)),
        variant("num-dual", Kind::Forward, move || {
            let f = |x: SVector<Dual2SVec64<PARAMETERS>, PARAMETERS>| {
                generic_loss(&dual, &x.as_slice()[..10], x[10])
            };
            let (value, _, hessian) = num_dual::hessian(f, &SVector::from(parameters));
            (value, hessian.into())
        }),
        variant("nested duals", Kind::Forward, move || {
            nested(parameters, |x| generic_loss(&twice, &x[..10], x[10]))
        }),
    ];
    Problem { name: "hessian_logistic", variants }
}

pub(super) fn problems() -> Vec<Problem> {
    vec![of_rosenbrock(), of_loss()]
}
