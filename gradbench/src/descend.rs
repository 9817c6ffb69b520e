//! The descent of `particle` and `saddle`, whose schedule the suite prescribes: the step size doubles after ten good steps and
//! is halved after a bad one.

const TOLERANCE: f64 = 1e-5;
const FIRST_STEP: f64 = 1e-5;

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Where `value` is least, from `start` on: until the gradient or a step is shorter than 1e-5.
pub fn descend<const N: usize>(
    value: impl Fn(&[f64; N]) -> f64,
    gradient: impl Fn(&[f64; N]) -> [f64; N],
    start: [f64; N],
) -> [f64; N] {
    let (mut x, mut fx, mut gx) = (start, value(&start), gradient(&start));
    let (mut eta, mut good) = (FIRST_STEP, 0);
    while norm(&gx) > TOLERANCE {
        if good == 10 {
            (eta, good) = (2.0 * eta, 0);
            continue;
        }
        let next: [f64; N] = std::array::from_fn(|i| x[i] - eta * gx[i]);
        if norm(&std::array::from_fn::<f64, N, _>(|i| next[i] - x[i])) <= TOLERANCE {
            break;
        }
        let f_next = value(&next);
        if f_next < fx {
            (x, fx, gx, good) = (next, f_next, gradient(&next), good + 1);
        } else {
            (eta, good) = (0.5 * eta, 0);
        }
    }
    x
}
