//! Curves, instruments, links and priors.

use crate::support::{near, slope};
use grad::{Differentiable, grad};
use std::collections::BTreeMap;
trait YieldCurve {
    fn discount(&self, t: f64) -> f64;
    fn zero_rate(&self, t: f64) -> f64;
    fn forward(&self, t1: f64, t2: f64) -> f64;
}
#[derive(Clone, Debug, Differentiable)]
struct NelsonSiegel {
    beta0: f64,
    beta1: f64,
    beta2: f64,
    tau: f64,
}
#[grad(wrt(self, t, t1, t2))]
impl YieldCurve for NelsonSiegel {
    fn zero_rate(&self, t: f64) -> f64 {
        if t.abs() < 1e-12 {
            return self.beta0 + self.beta1;
        }
        let x = t / self.tau;
        let f = (1.0 - (-x).exp()) / x;
        self.beta0 + self.beta1 * f + self.beta2 * (f - (-x).exp())
    }
    fn discount(&self, t: f64) -> f64 {
        (-self.zero_rate(t) * t).exp()
    }
    fn forward(&self, t1: f64, t2: f64) -> f64 {
        (self.discount(t1) / self.discount(t2) - 1.0) / (t2 - t1)
    }
}
#[derive(Clone, Debug, Differentiable)]
struct PiecewiseLinear {
    times: Vec<f64>,
    rates: Vec<f64>,
}
#[grad(wrt(self))]
impl YieldCurve for PiecewiseLinear {
    fn zero_rate(&self, t: f64) -> f64 {
        let n = self.times.len();
        if t <= self.times[0] {
            return self.rates[0];
        }
        if t >= self.times[n - 1] {
            return *self.rates.last().unwrap();
        }
        let i = match self.times.iter().position(|&x| x > t) {
            Some(i) => i,
            None => n - 1,
        };
        let w = (t - self.times[i - 1]) / (self.times[i] - self.times[i - 1]);
        self.rates[i - 1] + w * (self.rates[i] - self.rates[i - 1])
    }
    fn discount(&self, t: f64) -> f64 {
        f64::exp(-self.zero_rate(t) * t)
    }
    fn forward(&self, t1: f64, t2: f64) -> f64 {
        -(self.discount(t2) / self.discount(t1)).ln() / (t2 - t1)
    }
}
trait Instrument {
    type Market;
    fn npv(&self, market: &Self::Market) -> Result<f64, String>;
}
struct Swap {
    fixed: f64,
    notional: f64,
    schedule: Vec<(f64, f64)>,
    payer: bool,
}
#[grad(wrt(market))]
impl Instrument for Swap {
    type Market = NelsonSiegel;
    fn npv(&self, market: &NelsonSiegel) -> Result<f64, String> {
        let (start, end) = match (self.schedule.first(), self.schedule.last()) {
            (Some(a), Some(b)) => (a.0, b.1),
            _ => return Err("empty schedule".to_string()),
        };
        let annuity: f64 = self.schedule.iter().map(|&(s, e)| (e - s) * market.discount(e)).sum();
        let floating = market.discount(start) - market.discount(end);
        let sign = if self.payer { 1.0 } else { -1.0 };
        Ok(sign * self.notional * (floating - self.fixed * annuity))
    }
}
struct Portfolio {
    swaps: Vec<Swap>,
    weights: BTreeMap<usize, f64>,
}
#[grad(wrt(market))]
impl Instrument for Portfolio {
    type Market = NelsonSiegel;
    fn npv(&self, market: &Self::Market) -> Result<f64, String> {
        let mut total = 0.0;
        for (i, s) in self.swaps.iter().enumerate() {
            let w = self.weights.get(&i).ok_or_else(|| format!("no weight for {i}"))?;
            total += w * s.npv(market)?;
        }
        if !total.is_finite() {
            return Err(String::from("not finite"));
        }
        Ok(total)
    }
}
trait LinkFunction {
    fn link(&self, mu: f64) -> f64;
    fn inverse(&self, eta: f64) -> f64;
    fn deviance(&self, y: &[f64], eta: &[f64]) -> f64;
}
struct Logit;
#[grad(wrt(mu, eta))]
impl LinkFunction for Logit {
    fn link(&self, mu: f64) -> f64 {
        (mu / (1. - mu)).ln()
    }
    fn inverse(&self, eta: f64) -> f64 {
        if eta >= 0. {
            1. / (1. + (-eta).exp())
        } else {
            let e = eta.exp();
            e / (1. + e)
        }
    }
    fn deviance(&self, y: &[f64], eta: &[f64]) -> f64 {
        y.iter()
            .zip(eta)
            .map(|(&y, &e)| {
                let mu = self.inverse(e).clamp(1e-9, 1.0 - 1e-9);
                -2.0 * (y * mu.ln() + (1.0 - y) * (1.0 - mu).ln())
            })
            .sum::<f64>()
    }
}
trait Prior {
    fn log_prob(&self, theta: &[f64]) -> f64;
}
enum AnyPrior {
    Normal { mu: f64, sd: f64 },
    Flat,
    Laplace(f64),
    Product(Vec<AnyPrior>),
}
#[grad(wrt(theta))]
impl Prior for AnyPrior {
    fn log_prob(&self, theta: &[f64]) -> f64 {
        match self {
            AnyPrior::Flat => 0.0,
            AnyPrior::Normal { mu, sd } => theta.iter().map(|t| -0.5 * ((t - mu) / sd).powi(2)).sum(),
            AnyPrior::Laplace(b) => -theta.iter().map(|t| t.abs() / b).sum::<f64>(),
            AnyPrior::Product(all) => all.iter().map(|p| p.log_prob(theta)).sum(),
        }
    }
}
#[test]
fn curves() {
    let ns = NelsonSiegel { beta0: 0.03, beta1: -0.01, beta2: 0.02, tau: 1.5 };
    let (g, _, _) = ns.forward_grad(1.0, 2.0);
    near(g.tau, slope(|t| NelsonSiegel { tau: t, ..ns.clone() }.forward(1.0, 2.0), 1.5));
    let pl = PiecewiseLinear { times: vec![1.0, 2.0, 3.0], rates: vec![0.01, 0.02, 0.025] };
    near(pl.discount_grad(1.5).rates[1], -1.5 * 0.5 * pl.discount(1.5));
    let sw = Swap { fixed: 0.02, notional: 100.0, schedule: vec![(0.0, 1.0), (1.0, 2.0)], payer: true };
    let p = Portfolio { swaps: vec![sw], weights: [(0, 2.0)].into_iter().collect() };
    near(
        p.npv_grad(&ns).unwrap().beta0,
        slope(|t| p.npv(&NelsonSiegel { beta0: t, ..ns.clone() }).unwrap(), 0.03),
    );
    near(
        Logit.deviance_grad(&[1.0, 0.0], &[0.3, -0.2])[0],
        slope(|t| Logit.deviance(&[1.0, 0.0], &[t, -0.2]), 0.3),
    );
    let pr = AnyPrior::Product(vec![AnyPrior::Normal { mu: 0.1, sd: 2.0 }, AnyPrior::Laplace(0.5)]);
    near(pr.log_prob_grad(&[0.3])[0], slope(|t| pr.log_prob(&[t]), 0.3));
}
