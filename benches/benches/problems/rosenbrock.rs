//! Rosenbrock's function (1960): of two scalars, where a call costs a few nanoseconds; and of a slice, the sum over
//! neighbours.

use std::rc::Rc;

use grad::grad;

use super::tapes::{self, Number};
use super::{Formula, Kind, Problem, Variant};
use grad_benches::data::Source;

#[grad]
fn rosenbrock(x: f64, y: f64) -> f64 {
    let a = 1.0 - x;
    let b = y - x * x;
    a * a + 100.0 * b * b
}

#[grad]
fn chained_rosenbrock(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() - 1 {
        let a = 1.0 - x[i];
        let b = x[i + 1] - x[i] * x[i];
        sum += a * a + 100.0 * b * b;
    }
    sum
}

fn rosenbrock_by_hand(x: f64, y: f64) -> (f64, (f64, f64)) {
    let a = 1.0 - x;
    let b = y - x * x;
    let y_bar = 200.0 * b;
    let x_bar = -2.0 * (a + x * y_bar);
    (a * a + 100.0 * b * b, (x_bar, y_bar))
}

fn chained_by_hand(x: &[f64], x_bar: &mut [f64]) -> f64 {
    let last = x.len() - 1;
    let x_bar = &mut x_bar[..=last];
    let mut sum = 0.0;
    // What the term before adds to x̄ᵢ: every element is then written once, and never read.
    let mut from_left = 0.0;
    for i in 0..last {
        let a = 1.0 - x[i];
        let b = x[i + 1] - x[i] * x[i];
        sum += a * a + 100.0 * b * b;
        let b_bar = 200.0 * b;
        x_bar[i] = from_left - 2.0 * (a + x[i] * b_bar);
        from_left = b_bar;
    }
    x_bar[last] = from_left;
    sum
}

struct Chained;

impl Formula for Chained {
    fn value<T: Number>(&self, x: &[T]) -> T {
        tapes::sum(x.windows(2).map(|pair| {
            let a = pair[0] - 1.0;
            let b = pair[1] - pair[0] * pair[0];
            a * a + b * b * 100.0
        }))
    }
}

pub(super) fn problem_2() -> Problem {
    let (x, y) = (0.5, 2.0);
    let pair = |&(x, y): &(f64, f64)| vec![x, y];
    let mut variants = vec![
        Variant::primal(move || rosenbrock(x, y)),
        Variant::new(
            "grad",
            Kind::Generated,
            (0.0, 0.0),
            move |gradient| {
                let value;
                (value, *gradient) = rosenbrock::value_and_grad(x, y);
                value
            },
            pair,
        ),
        Variant::new(
            "hand",
            Kind::Hand,
            (0.0, 0.0),
            move |gradient| {
                let value;
                (value, *gradient) = rosenbrock_by_hand(x, y);
                value
            },
            pair,
        ),
    ];
    let formula = Rc::new(Chained);
    variants.extend(tapes::reverse_variants(&formula, &[x, y]));
    variants.extend(tapes::forward_variants(&formula, [x, y]));
    Problem { name: "rosenbrock_2", variants }
}

pub(super) fn problem_100() -> Problem {
    const N: usize = 100;
    let start: [f64; N] = Source::new(1).array(-1.5, 1.5);
    let x: Rc<[f64]> = Rc::new(start);
    let (for_primal, for_grad, for_hand) = (Rc::clone(&x), Rc::clone(&x), Rc::clone(&x));
    let mut variants = vec![
        Variant::primal(move || chained_rosenbrock(&for_primal)),
        Variant::new(
            "grad",
            Kind::Generated,
            vec![0.0; N],
            move |x_bar| chained_rosenbrock::grad_into(&for_grad, x_bar),
            Clone::clone,
        ),
        Variant::new(
            "hand",
            Kind::Hand,
            vec![0.0; N],
            move |x_bar| chained_by_hand(&for_hand, x_bar),
            Clone::clone,
        ),
    ];
    let formula = Rc::new(Chained);
    variants.extend(tapes::reverse_variants(&formula, &x));
    variants.extend(tapes::forward_variants(&formula, start));
    Problem { name: "rosenbrock_100", variants }
}
