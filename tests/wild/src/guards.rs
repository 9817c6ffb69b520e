//! Methods that tell something of the parameters, and have no derivatives: guards, intervals, choices.

use crate::support::check;
use grad::{Differentiable, grad};

#[derive(Debug, PartialEq)]
enum SplineError {
    Length(usize),
    Negative,
}

#[derive(Clone, Differentiable)]
struct Spline {
    c: Vec<f64>,
    #[grad(constant)]
    knots: Vec<f64>,
}

#[grad(wrt(x))]
impl Spline {
    fn validate(&self, x: &[f64]) -> Result<(), SplineError> {
        if x.len() != self.c.len() {
            return Err(SplineError::Length(x.len()));
        }
        if x.iter().any(|v| *v < 0.0) { Err(SplineError::Negative) } else { Ok(()) }
    }

    fn assert_range(&self, x: &[f64]) {
        assert!(x[0] < 100.0, "too large");
    }

    fn segment(&self, x: f64) -> usize {
        self.knots.partition_point(|k| *k <= x)
    }

    /// Of the name of a method of iterators.
    fn find(&self, x: f64) -> Option<usize> {
        self.knots.iter().position(|k| *k > x)
    }

    fn inside(x: &[f64]) -> bool {
        x[0] < 50.0
    }

    fn guarded(&self, x: &[f64]) -> Result<f64, SplineError> {
        self.validate(x)?;
        self.assert_range(x);
        let k = self.segment(x[0]);
        let mut sum = 0.0;
        for i in 0..x.len() {
            let j = self.segment(x[i] * 0.5);
            if j > 2 {
                continue;
            }
            sum += self.c[j] * x[i] * x[k];
        }
        if !Self::inside(x) {
            return Ok(f64::INFINITY);
        }
        Ok(sum * x[0])
    }

    /// What is asked about is overwritten afterwards.
    fn overwritten(&self, x: &[f64]) -> Option<f64> {
        let k = self.find(x[0])?;
        let mut y = x.to_vec();
        let mut sum = 0.0;
        for _ in 0..2 {
            let j = self.find(y[0])?;
            y[0] *= 0.9 * y[1];
            sum += y[0] * self.c[j];
        }
        Some(sum * x[k])
    }

    fn matched(&self, x: &[f64]) -> f64 {
        match self.find(x[0]) {
            Some(k) if k < 2 => self.c[k] * x[0],
            Some(_) => x[1] * x[1],
            None => 0.0,
        }
    }

    fn handled(&self, x: &[f64]) -> f64 {
        if let Err(SplineError::Negative) = self.validate(x) {
            return x[0] * 3.0;
        }
        if self.validate(x).is_err() {
            return 0.0;
        }
        let Some(k) = self.find(x[0]) else { return x[1] };
        x[k].powi(3)
    }
}

/// The same with respect to `self`.
#[grad(wrt(self, at))]
impl Spline {
    fn allows(&self, at: f64) -> Result<(), String> {
        if self.c[0] < 0.0 || at.is_nan() { Err("not allowed".into()) } else { Ok(()) }
    }

    fn bucket(&self, at: f64) -> usize {
        usize::from(at > self.c[0])
    }

    fn value(&self, at: f64) -> Result<f64, String> {
        self.allows(at)?;
        Ok(self.c[self.bucket(at)] * at)
    }
}

#[test]
fn methods_that_only_tell() {
    let spline = Spline { c: vec![1.0, 2.0, 3.0], knots: vec![0.5, 1.5, 2.5] };
    for x in [[0.3, 0.8, 1.2], [1.1, 2.1, 0.4], [2.4, 0.1, 0.2]] {
        check("guarded", |x| spline.guarded(x).unwrap(), &spline.guarded_grad(&x).unwrap(), &x);
        check("overwritten", |x| spline.overwritten(x).unwrap(), &spline.overwritten_grad(&x).unwrap(), &x);
        check("matched", |x| spline.matched(x), &spline.matched_grad(&x), &x);
        check("handled", |x| spline.handled(x), &spline.handled_grad(&x), &x);
        let (value, dot) = spline.overwritten_jvp(&x, &[0.0, 1.0, 0.0]).unwrap();
        assert_eq!(Some(value), spline.overwritten(&x));
        assert!((dot - spline.overwritten_grad(&x).unwrap()[1]).abs() < 1e-12);
    }
    assert_eq!(spline.guarded_grad(&[1.0]), Err(SplineError::Length(1)));
    assert_eq!(spline.guarded_grad(&[-1.0, 1.0, 1.0]), Err(SplineError::Negative));
    assert_eq!(spline.handled_grad(&[-1.0, 1.0, 1.0]), [3.0, 0.0, 0.0]);
    let too_large = std::panic::catch_unwind(|| spline.guarded_grad(&[200.0, 1.0, 1.0]).is_ok());
    assert!(too_large.is_err(), "what only asserts runs, too");
    let (of_self, at) = spline.value_grad(1.5).unwrap();
    assert_eq!((of_self.c, at), (vec![0.0, 1.5, 0.0], 2.0));
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Hit {
    t: f64,
    slope: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Circle {
    r: f64,
    c: f64,
}

#[grad(wrt(self))]
impl Circle {
    fn hit(&self, x: f64) -> Option<Hit> {
        let d = self.r * self.r - (x - self.c) * (x - self.c);
        if d < 0.0 {
            return None;
        }
        let t = d.sqrt();
        Some(Hit { t, slope: t / self.r })
    }
}

#[grad]
fn root(x: f64) -> Result<f64, String> {
    if x < 0.0 { Err("negative".into()) } else { Ok(x.sqrt()) }
}

#[grad]
fn log(x: f64) -> Option<f64> {
    if x < 0.0 { None } else { Some(x.ln()) }
}

/// What calls may not give, left out.
#[grad(wrt(circle))]
fn traced(circle: &Circle, xs: &[f64]) -> f64 {
    let hits: Vec<Hit> = xs.iter().filter_map(|x| circle.hit(*x)).collect();
    let nearest = xs.iter().filter_map(|x| circle.hit(*x)).map(|h| h.t).fold(f64::INFINITY, f64::min);
    nearest + hits.windows(2).map(|w| w[0].t * w[1].slope).sum::<f64>()
}

#[grad]
fn left_out(xs: &[f64]) -> f64 {
    let good: Vec<f64> = xs.iter().filter_map(|&x| log(x)).collect();
    let roots = xs.iter().filter_map(|x| root(*x).ok()).map(|x| x * 2.0).fold(0.0, |a, b| a * 0.5 + b);
    let first = xs.iter().find_map(|x| log(*x)).unwrap_or(0.0);
    roots * first
        + good.windows(2).map(|w| w[0] * w[1]).sum::<f64>()
        + xs.iter().map_while(|x| log(*x)).sum::<f64>()
}

#[test]
fn what_calls_do_not_give_is_left_out() {
    let circle = Circle { r: 1.3, c: 0.4 };
    for xs in [[0.1, 2.5, 1.2, -0.6], [5.0, 6.0, 0.3, 0.8], [5.0, 6.0, 7.0, 8.0]] {
        if xs[2] < 2.0 {
            let gradient = traced::grad(&circle, &xs);
            let at = |x: &[f64]| traced(&Circle { r: x[0], c: x[1] }, &xs);
            check("traced", at, &[gradient.r, gradient.c], &[1.3, 0.4]);
        }
        check("left out", left_out, &left_out::grad(&xs), &xs);
        let (value, dot) = left_out::jvp(&xs, &[1.0, 0.0, 0.0, 0.0]);
        assert_eq!(value, left_out(&xs));
        assert!((dot - left_out::grad(&xs)[0]).abs() < 1e-12);
    }
    assert_eq!(traced::grad(&circle, &[9.0]), CircleTangent { r: 0.0, c: 0.0 });
}
