//! Cost functions in the form of argmin: the trait of another crate, whose gradient is one line.

use crate::support::check;
use grad::grad;

mod argmin {
    #[derive(Debug)]
    pub struct Error(pub String);
    pub trait CostFunction {
        type Param;
        type Output;
        fn cost(&self, p: &Self::Param) -> Result<Self::Output, Error>;
    }
    pub trait Gradient {
        type Param;
        type Gradient;
        fn gradient(&self, p: &Self::Param) -> Result<Self::Gradient, Error>;
    }
}
use argmin::{CostFunction, Error, Gradient};

struct Rosenbrock {
    a: f64,
    b: f64,
}
#[grad]
impl CostFunction for Rosenbrock {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, p: &Self::Param) -> Result<Self::Output, Error> {
        Ok(p.windows(2).map(|w| (self.a - w[0]).powi(2) + self.b * (w[1] - w[0].powi(2)).powi(2)).sum())
    }
}
impl Gradient for Rosenbrock {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;
    fn gradient(&self, p: &Self::Param) -> Result<Self::Gradient, Error> {
        self.cost_grad(p)
    }
}

struct Gamma<'a> {
    data: &'a [f64],
}
#[grad]
impl CostFunction for Gamma<'_> {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, param: &Vec<f64>) -> Result<f64, Error> {
        let (shape, scale) = (param[0], param[1]);
        if shape <= 0.0 || scale <= 0.0 {
            return Ok(f64::INFINITY);
        }
        if param.len() != 2 {
            return Err(Error(format!("expected 2 parameters, got {}", param.len())));
        }
        let n = self.data.len() as f64;
        let mut ll = 0.0;
        for &x in self.data.iter() {
            ll += (shape - 1.0) * x.ln() - x / scale;
        }
        Ok(n * shape * scale.ln() - ll)
    }
}

trait Loss {
    fn point(&self, r: f64) -> f64;
    fn total(&self, rs: &[f64]) -> f64 {
        rs.iter().map(|r| self.point(*r)).sum()
    }
}
struct Huber {
    delta: f64,
}
#[grad(wrt(r, rs))]
impl Loss for Huber {
    fn point(&self, r: f64) -> f64 {
        if r.abs() <= self.delta { 0.5 * r * r } else { self.delta * (r.abs() - 0.5 * self.delta) }
    }
    fn total(&self, rs: &[f64]) -> f64 {
        rs.iter().map(|r| self.point(*r)).sum()
    }
}

#[test]
fn cost_functions() {
    let p = vec![-1.2, 1.0, 0.7];
    let r = Rosenbrock { a: 1.0, b: 100.0 };
    check("rosenbrock", |x| r.cost(&x.to_vec()).unwrap(), &r.gradient(&p).unwrap(), &p);
    let data = [0.5, 1.2, 2.2];
    let g = Gamma { data: &data };
    let p = vec![1.3, 0.8];
    check("gamma", |x| g.cost(&x.to_vec()).unwrap(), &g.cost_grad(&p).unwrap(), &p);
    assert_eq!(g.cost_grad(&vec![-1.0, 1.0]).unwrap(), vec![0.0, 0.0]);
}

#[test]
fn losses() {
    let h = Huber { delta: 1.0 };
    check("huber", |f| h.total(f), &h.total_grad(&[0.3, -2.0, 1.5]), &[0.3, -2.0, 1.5]);
}
