//! Methods that tell something of the parameters, and have no derivatives: guards, intervals, choices.

use crate::support::{at, check, flat};
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

#[grad(wrt(circle))]
fn hit(circle: &Circle, x: f64) -> Option<Hit> {
    circle.hit(x)
}

/// The nearest of what is hit, if anything is.
#[grad(wrt(circles))]
fn nearest(circles: &[Circle], x: f64) -> f64 {
    let mut best: Option<Hit> = None;
    for circle in circles {
        if let Some(h) = hit(circle, x) {
            if best.as_ref().map_or(true, |b| h.t < b.t) {
                best = Some(h);
            }
        }
    }
    match best {
        Some(h) => h.t * h.slope,
        None => 0.0,
    }
}

#[grad(wrt(circles))]
fn changes(circles: &[Circle], x: f64) -> f64 {
    let mut last: Option<Hit> = None;
    let mut sum = 0.0;
    for circle in circles {
        let Some(h) = hit(circle, x) else {
            last = None;
            continue;
        };
        if let Some(l) = last {
            sum += (h.t - l.t) * l.slope;
        }
        last = Some(h);
    }
    last.map_or(sum, |h| sum + h.t)
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// A constant `Option` beside one that is followed.
#[grad(wrt(circles))]
fn sides(circles: &[Circle], x: f64) -> f64 {
    let mut side: Option<Side> = None;
    let mut widest: Option<Circle> = None;
    for circle in circles {
        if circle.c > x {
            side = Some(Side::Right);
            widest = Some(Circle { r: 2.0 * circle.r, ..*circle });
        } else if side.is_none() {
            side = Some(Side::Left);
        }
    }
    let k = if side == Some(Side::Right) { 2.0 } else { 1.0 };
    match &widest {
        Some(circle) => k * circle.r * circle.c,
        None => k * circles[0].r,
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Levels {
    at: [f64; 3],
    m: f64,
}

/// Nothing tells of what the elements are but rustc.
#[grad(wrt(levels))]
fn above(levels: &Levels) -> f64 {
    levels.at.iter().cloned().filter(|z| *z > levels.m).count() as f64 * levels.m
}

#[test]
fn elements_of_unknown_types_are_compared() {
    let levels = Levels { at: [0.1, 0.9, 1.7], m: 0.5 };
    assert_eq!(above::grad(&levels), LevelsTangent { at: [0.0; 3], m: 2.0 });
}

#[test]
fn options_of_ones_own_types_as_variables() {
    let circles = [(1.3, 0.4), (1.1, 0.7), (0.2, 3.0), (1.5, 0.1)].map(|(r, c)| Circle { r, c });
    type Function = fn(&[Circle], f64) -> f64;
    type Gradient = fn(&[Circle], f64) -> Vec<CircleTangent>;
    let all: [(&str, Function, Gradient); 3] = [
        ("nearest", nearest, nearest::grad),
        ("changes", changes, changes::grad),
        ("sides", sides, sides::grad),
    ];
    for (name, f, gradient) in all {
        for x in [0.3, 1.2, 9.0] {
            let found: Vec<f64> = gradient(&circles, x).iter().flat_map(|of| [of.r, of.c]).collect();
            check(name, |flat| f(&at(&circles, flat), x), &found, &flat(&circles));
        }
    }
}
