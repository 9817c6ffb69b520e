//! Objectives, constraints and regularisers, as optimisers ask for them.

use crate::support::{near, slope};
use grad::grad;
use std::collections::HashMap;
use std::f64::consts::PI;
use std::sync::Arc;
#[derive(Debug)]
enum Error {
    Dim(usize),
    Other(Box<dyn std::error::Error>),
}
trait CostFunction {
    type Param;
    type Output;
    fn cost(&self, p: &Self::Param) -> Result<Self::Output, Error>;
}
trait Problem {
    fn dim(&self) -> usize;
    fn bounds(&self) -> Vec<(f64, f64)>;
    fn evaluate(&self, x: &[f64]) -> f64;
    fn name(&self) -> &'static str {
        "problem"
    }
}
#[derive(Default)]
struct Ackley {
    n: usize,
}
#[grad]
impl Problem for Ackley {
    fn dim(&self) -> usize {
        self.n
    }
    fn bounds(&self) -> Vec<(f64, f64)> {
        vec![(-32.768, 32.768); self.n]
    }
    fn evaluate(&self, x: &[f64]) -> f64 {
        let n = self.dim() as f64;
        let s1: f64 = x.iter().map(|v| v * v).sum();
        let s2: f64 = x.iter().map(|v| (2.0 * PI * v).cos()).sum();
        -20.0 * (-0.2 * (s1 / n).sqrt()).exp() - (s2 / n).exp() + 20.0 + std::f64::consts::E
    }
}
struct Griewank;
#[grad]
impl Problem for Griewank {
    fn dim(&self) -> usize {
        2
    }
    fn bounds(&self) -> Vec<(f64, f64)> {
        vec![]
    }
    fn evaluate(&self, x: &[f64]) -> f64 {
        let mut sum = 0.0;
        let mut prod = 1.0;
        for (i, xi) in x.iter().enumerate() {
            sum += xi * xi / 4000.0;
            prod *= (xi / ((i + 1) as f64).sqrt()).cos();
        }
        sum - prod + 1.0
    }
}
struct Levy;
#[grad]
impl Problem for Levy {
    fn dim(&self) -> usize {
        2
    }
    fn bounds(&self) -> Vec<(f64, f64)> {
        vec![]
    }
    fn evaluate(&self, x: &[f64]) -> f64 {
        let w: Vec<f64> = x.iter().map(|x| 1.0 + (x - 1.0) / 4.0).collect();
        let n = w.len();
        let first = (PI * w[0]).sin().powi(2);
        let last = (w[n - 1] - 1.0).powi(2) * (1.0 + (2.0 * PI * w[n - 1]).sin().powi(2));
        let mid: f64 = w[..n - 1]
            .iter()
            .map(|wi| (wi - 1.0).powi(2) * (1.0 + 10.0 * (PI * wi + 1.0).sin().powi(2)))
            .sum();
        first + mid + last
    }
}
struct Calibration {
    market: Arc<Vec<Quote>>,
    weights: HashMap<String, f64>,
    curve: fn(f64) -> f64,
}
#[derive(Clone)]
struct Quote {
    ticker: String,
    strike: f64,
    expiry: f64,
    price: f64,
}
#[grad(wrt(p))]
impl CostFunction for Calibration {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, p: &Self::Param) -> Result<Self::Output, Error> {
        if p.len() != 2 {
            return Err(Error::Dim(p.len()));
        }
        let (a, b) = (p[0], p[1]);
        let mut sse = 0.0;
        for q in self.market.iter() {
            let w = self.weights.get(&q.ticker).copied().unwrap_or(1.0);
            let df = (self.curve)(q.expiry);
            let model = df * (a * q.strike.sqrt() + b * q.expiry).max(0.0);
            sse += w * (model - q.price).powi(2);
        }
        Ok(sse.sqrt())
    }
}
trait LeastSquares {
    type P;
    fn residuals(&self, p: &Self::P) -> Option<Vec<f64>>;
}
struct ExpFit<'a> {
    xs: &'a [f64],
    ys: &'a [f64],
}
#[grad(wrt(p))]
impl<'a> LeastSquares for ExpFit<'a> {
    type P = [f64; 3];
    fn residuals(&self, p: &Self::P) -> Option<Vec<f64>> {
        let [a, b, c] = p;
        if *b < 0.0 {
            return None;
        }
        Some(self.xs.iter().zip(self.ys).map(|(x, y)| a * (-b * x).exp() + c - y).collect())
    }
}
trait Objective {
    fn f(&mut self, x: &[f64]) -> f64;
}
struct Counted {
    calls: u64,
    a: f64,
    history: Vec<f64>,
}
#[grad(wrt(x))]
impl Objective for Counted {
    fn f(&mut self, x: &[f64]) -> f64 {
        self.calls += 1;
        let v = self.a * x.iter().map(|x| x.powi(4) - x * x).sum::<f64>();
        v
    }
}
trait Constraint {
    fn violation(&self, x: &[f64]) -> f64;
}
struct Ball {
    center: [f64; 2],
    radius: f64,
}
#[grad(wrt(x))]
impl Constraint for Ball {
    fn violation(&self, x: &[f64]) -> f64 {
        let [cx, cy] = self.center;
        ((x[0] - cx).hypot(x[1] - cy) - self.radius).max(0.)
    }
}
struct All(Vec<Ball>);
#[grad(wrt(x))]
impl Constraint for All {
    fn violation(&self, x: &[f64]) -> f64 {
        self.0.iter().map(|b| b.violation(x)).fold(0.0, |a, b| a + b * b)
    }
}
trait Regularizer {
    fn penalty(&self, w: &[f64]) -> f64;
}
struct ElasticNet {
    l1_ratio: f64,
    alpha: f64,
}
#[grad]
impl Regularizer for ElasticNet {
    fn penalty(&self, w: &[f64]) -> f64 {
        let l1: f64 = w.iter().map(|w| w.abs()).sum();
        let l2 = w.iter().map(|w| w * w).sum::<f64>();
        self.alpha * (self.l1_ratio * l1 + 0.5 * (1. - self.l1_ratio) * l2)
    }
}
#[test]
fn objectives() {
    let x = [0.3, -0.7];
    for p in [&Ackley { n: 2 } as &dyn Problem, &Griewank, &Levy] {
        let _ = p.evaluate(&x);
    }
    near(Levy.evaluate_grad(&x)[0], slope(|t| Levy.evaluate(&[t, x[1]]), x[0]));
    near(Griewank.evaluate_grad(&x)[1], slope(|t| Griewank.evaluate(&[x[0], t]), x[1]));
    near(Ackley { n: 2 }.evaluate_grad(&x)[1], slope(|t| Ackley { n: 2 }.evaluate(&[x[0], t]), x[1]));
    let c = Calibration {
        market: Arc::new(vec![Quote { ticker: "a".into(), strike: 1.0, expiry: 2.0, price: 0.5 }]),
        weights: HashMap::new(),
        curve: |t| (-0.05 * t).exp(),
    };
    near(c.cost_grad(&vec![0.4, 0.1]).unwrap()[1], slope(|t| c.cost(&vec![0.4, t]).unwrap(), 0.1));
    let e = ExpFit { xs: &[0.0, 1.0], ys: &[1.0, 0.4] };
    let jacobian = e.residuals_jacobian(&[1.0, 0.5, 0.1]).unwrap();
    near(jacobian[1][0], (-0.5f64).exp());
    near(jacobian[1][2], 1.0);
    let mut c = Counted { calls: 0, a: 1.0, history: vec![] };
    near(c.f_grad(&x)[0], 4.0 * x[0].powi(3) - 2.0 * x[0]);
    assert_eq!(c.calls, 1);
    let all = All(vec![Ball { center: [0.0, 0.0], radius: 0.1 }]);
    near(all.violation_grad(&x)[0], slope(|t| all.violation(&[t, x[1]]), x[0]));
}
