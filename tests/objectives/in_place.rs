//! `grad::function!`: closures with gradients, against differences of themselves.

#[path = "in_place/second.rs"]
mod second;

use grad::descent::{GradientDescent, Lbfgs};
use grad::{Differentiable, Objective, grad};
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

#[track_caller]
fn check(value: impl Fn(&[f64]) -> f64, gradient: &[f64], at: &[f64]) {
    assert_eq!(gradient.len(), at.len());
    for (i, found) in gradient.iter().enumerate() {
        let h = 1e-5;
        let moved = |by: f64| {
            let mut x = at.to_vec();
            x[i] += by;
            value(&x)
        };
        let wanted = (moved(h) - moved(-h)) / (2.0 * h);
        assert!((wanted - found).abs() < 1e-7 * (1.0 + wanted.abs()), "{i}: {wanted} {found}");
    }
}

#[grad]
fn square(x: f64) -> f64 {
    x * x
}

#[grad(wrt(w))]
fn model(w: &[f64], x: f64) -> f64 {
    w[0] + w[1] * x.sin()
}

#[grad]
fn midpoints(f: impl Fn(f64) -> f64, b: f64, n: usize) -> f64 {
    let h = b / n as f64;
    (0..n).map(|i| h * f(h * (i as f64 + 0.5))).sum()
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Line {
    slope: f64,
    offset: f64,
}

#[grad(wrt(self))]
impl Line {
    fn at(&self, x: f64) -> f64 {
        self.slope * x + self.offset
    }
}

#[grad(dyn, wrt(x))]
trait Potential {
    fn energy(&self, x: &[f64]) -> f64;
}

struct Harmonic(f64);

#[grad(wrt(x))]
impl Potential for Harmonic {
    fn energy(&self, x: &[f64]) -> f64 {
        self.0 * x.iter().map(|x| x * x).sum::<f64>()
    }
}

#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

const POINTS: [Point; 3] = [Point { x: 0.0, y: 1.0 }, Point { x: 1.0, y: 3.0 }, Point { x: 2.0, y: 5.0 }];

struct Fit {
    points: Vec<Point>,
    ridge: f64,
}

impl Fit {
    const SCALE: f64 = 0.5;

    fn weight(&self, i: usize) -> f64 {
        1.0 + self.points[i].y.abs()
    }

    fn misfit(&self) -> impl Objective<Scalar = f64> + use<'_> {
        grad::function!(|w: &[f64]| -> f64 {
            let mut sum = self.ridge * square(w[1]) * Self::SCALE + Self::bent(w[0]);
            for (i, point) in self.points.iter().enumerate() {
                sum += self.weight(i) * (model(w, point.x) - point.y).powi(2);
            }
            sum
        })
    }
}

#[grad]
impl Fit {
    fn bent(x: f64) -> f64 {
        x * x.sin()
    }
}

#[test]
fn data_of_any_type_are_captured() {
    let table: HashMap<&str, f64> = [("a", 2.0)].into();
    let shared = Rc::new(vec![1.0, 2.0, 3.0]);
    let weigh = |i: usize| 1.0 + i as f64;
    let mut own = [1.0, 2.0];
    let lent = &mut own;
    let option: Option<f64> = Some(0.5);
    let tuple = (2.0, [3.0, 4.0]);
    let terms: Vec<Box<dyn Potential>> = vec![Box::new(Harmonic(0.5)), Box::new(Harmonic(0.25))];
    let f = grad::function!(|w: &[f64]| -> f64 {
        let mut s = table["a"] * w[0] + lent[1] * w[1];
        for (i, v) in shared.iter().enumerate() {
            s += weigh(i) * v * w[i % 2].powi(2);
        }
        if let Some(o) = option {
            s += o * w[0].exp();
        }
        let (a, [b, c]) = tuple;
        s += terms.iter().map(|term| term.energy(w)).sum::<f64>();
        s + a * b * w[0] * c * tuple.0 * tuple.1[1]
    });
    check(|w| f.call(w), &f.grad(&[0.3, 0.4]), &[0.3, 0.4]);
    let mut buffer = [7.0; 2];
    assert_eq!(f.grad_into(&[0.3, 0.4], &mut buffer), f.call(&[0.3, 0.4]));
    assert_eq!(buffer, f.grad(&[0.3, 0.4])[..]);
    lent[1] = 5.0;
    assert_eq!(own[1], 5.0);
}

#[test]
fn names_mean_what_they_mean_in_the_closure() {
    let (x, xs, w_bar) = (7.0, [1.0, 2.0], 3.0);
    let f = grad::function!(|w: &[f64]| -> f64 {
        let before = x * w[0] * w_bar;
        let x = w[0] * w[1];
        let sum: f64 = xs.iter().map(|x| x * w[1]).sum();
        let xs = [x, before];
        sum + xs[0] * xs[1]
    });
    check(|w| f.call(w), &f.grad(&[0.3, 0.4]), &[0.3, 0.4]);
    assert_eq!((x, xs), (7.0, [1.0, 2.0]));
    let f = grad::function!(|&[x, y]: &[f64; 2], (z,): (f64,)| x * y * z);
    assert_eq!(f.grad(&[1.0, 2.0], (3.0,)), ([6.0, 3.0], (2.0,)));
}

#[test]
fn memory_that_changes_between_closures_is_read_when_they_run() {
    let mut data = [1.0, 2.0];
    for round in 0..3 {
        data[0] += f64::from(round);
        let f = grad::function!(|w: &[f64]| -> f64 {
            let mut s = 0.0;
            for (i, d) in data.iter().enumerate() {
                if i % 2 == 1 {
                    continue;
                }
                let mut t = w[i] * d;
                t *= t;
                s += t + f64::from(round) * w[1];
            }
            s
        });
        assert_eq!(f.grad(&[0.5, 0.4]), [data[0] * data[0], f64::from(round)]);
    }
    let (scale, calls) = (Cell::new(1.0), Cell::new(0));
    let f = grad::function!(|w: &[f64]| -> f64 {
        calls.set(calls.get() + 1);
        w[0] * w[0] * scale.get()
    });
    assert_eq!(f.grad(&[3.0]), [6.0]);
    scale.set(2.0);
    assert_eq!(f.grad(&[3.0]), [12.0]);
    assert_eq!(calls.get(), 2);
}

#[test]
fn an_objective_is_returned_from_a_function() {
    let fit = Fit { points: POINTS.to_vec(), ridge: 0.01 };
    let at = [0.3, 0.7];
    let mut gradient = [0.0; 2];
    let value = fit.misfit().value_and_grad_into(&at, &mut gradient);
    assert_eq!(value, fit.misfit().value(&at));
    check(|w| fit.misfit().value(w), &gradient, &at);

    fn owned(xs: Vec<f64>) -> impl Objective<Scalar = f64> {
        let k = 2.0;
        grad::function!(move |w: &[f64]| -> f64 { xs.iter().map(|x| (w[0] - k * x).powi(2)).sum() })
    }
    let best = Lbfgs::default().minimize(&mut owned(vec![1.0, 2.0]), vec![0.0]).unwrap();
    assert!((best.x[0] - 3.0).abs() < 1e-6);

    fn generic<T: AsRef<[f64]>>(data: &T, w: &[f64]) -> Vec<f64> {
        grad::function!(|w: &[f64]| -> f64 { data.as_ref().iter().zip(w).map(|(d, w)| d * w * w).sum() })
            .grad(w)
    }
    assert_eq!(generic(&vec![1.0, 2.0], &[3.0, 4.0]), [6.0, 16.0]);
}

#[test]
fn points_are_of_any_shape() {
    let start = Line { slope: 0.1, offset: 0.2 };
    let points = POINTS;
    let mut fit = grad::function!(|line: &Line| points.iter().map(|p| (line.at(p.x) - p.y).powi(2)).sum());
    let best = Lbfgs::default().minimize(&mut fit, start.clone()).unwrap().x;
    assert!((best.slope - 2.0).abs() < 1e-5 && (best.offset - 1.0).abs() < 1e-5);

    let mut fit = grad::function!(|line: &Line, bend: f64, v: Vec<f64>| -> f64 {
        points.iter().map(|p| (line.at(p.x) + bend * p.x * p.x - p.y).powi(2)).sum::<f64>()
            + v[0] * v[0] * bend.exp()
    });
    let (value, (line, bend, v)) = fit.value_and_grad(&start, 0.3, vec![0.4]);
    assert_eq!(value, fit.call(&start, 0.3, vec![0.4]));
    check(
        |w| fit.call(&Line { slope: w[0], offset: w[1] }, w[2], vec![w[3]]),
        &[line.slope, line.offset, bend, v[0]],
        &[0.1, 0.2, 0.3, 0.4],
    );
    let (line, bend, _) = Lbfgs::default().minimize(&mut fit, (start, 0.3, vec![0.4])).unwrap().x;
    assert!((line.slope - 2.0).abs() < 1e-4 && bend.abs() < 1e-4);

    let k = 3.0;
    let f = grad::function!(
        #[grad(wrt(y))]
        |x: f64, y: f64, n: usize| x * y.powi(2) * k + n as f64
    );
    assert_eq!(f.grad(2.0, 5.0, 1), 60.0);
    let k = 2.0_f32;
    assert_eq!(grad::function!(|x: f32| x * x * k).grad(3.0), 12.0);
}

#[test]
fn a_closure_may_fail() {
    let limit = 2.0;
    let mut f = grad::function!(|x: &[f64; 2]| -> Result<f64, String> {
        if x[0] > limit {
            return Err(format!("beyond {limit}"));
        }
        let y: f64 = "3".parse().map_err(|_| String::new())?;
        Ok(x[0] * x[1] * y)
    });
    assert_eq!(f.grad(&[1.0, 2.0]).unwrap(), [6.0, 3.0]);
    assert_eq!(f.value_and_grad(&[3.0, 2.0]).unwrap_err(), "beyond 2");
    let report = GradientDescent::new(0.01).max_iterations(3).minimize(&mut f, [1.0, 0.5]).unwrap();
    assert!(report.value < 1.5);
    let error = GradientDescent::new(0.01).minimize(&mut f, [3.0, 0.5]).unwrap_err();
    assert!(error.to_string().contains("beyond 2"), "{error}");
}

#[test]
fn it_is_left_early_and_passes_functions_on() {
    let k = 3.0;
    let f = grad::function!(|x: f64| {
        let scaled = square(x) * k;
        k * square(x) + scaled * k - (square(x) - k).powi(2)
    });
    check(|x| f.call(x[0]), &[f.grad(0.7)], &[0.7]);
    let (lo, names) = (0.1, ["a", "b"]);
    let f = grad::function!(|w: [f64; 3]| -> f64 {
        assert!(w.len() == names.len() + 1, "{lo}");
        let t = vec![lo; w.len()];
        if w[0] < lo {
            return w[1] * t[1];
        }
        let g = |i: usize| w[i] * lo;
        let mut v = w;
        v[1] = g(0) * g(2);
        v.iter().map(|v| v.max(lo)).sum::<f64>() * names.len() as f64
    });
    for at in [[0.3, 0.4, 0.9], [0.03, 0.4, 0.9]] {
        check(|w| f.call([w[0], w[1], w[2]]), &f.grad(at), &at);
    }
    let k = 1.5;
    let f = grad::function!(|b: f64, q: f64| -> f64 {
        let k: f64 = k;
        midpoints(|x| q * x * x * k, b, 4) + midpoints(self::square, b, 3)
    });
    let (b, q) = f.grad(2.0, 0.7);
    check(|w| f.call(w[0], w[1]), &[b, q], &[2.0, 0.7]);
}
