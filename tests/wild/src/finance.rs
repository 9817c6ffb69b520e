//! Curves, options, books, risk.

use crate::support::{at, check, flat};
use grad::{Differentiable, grad};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct NelsonSiegel {
    beta0: f64,
    beta1: f64,
    beta2: f64,
    tau: f64,
}
#[derive(Clone, Copy)]
struct BondQuote {
    coupon: f64,
    years: usize,
    price: f64,
}
#[grad(wrt(self))]
impl NelsonSiegel {
    pub fn yield_at(&self, t: f64) -> f64 {
        let x = t / self.tau;
        let decay = (1.0 - (-x).exp()) / x;
        self.beta0 + self.beta1 * decay + self.beta2 * (decay - (-x).exp())
    }
    pub fn discount(&self, t: f64) -> f64 {
        (-self.yield_at(t) * t).exp()
    }
    fn price(&self, bond: &BondQuote) -> f64 {
        let coupons: f64 = (1..=bond.years).map(|k| bond.coupon * self.discount(k as f64)).sum();
        coupons + 100.0 * self.discount(bond.years as f64)
    }
    fn fit_error(&self, quotes: &[BondQuote]) -> f64 {
        quotes
            .iter()
            .map(|q| {
                let d = self.price(q) - q.price;
                d * d
            })
            .sum::<f64>()
            .sqrt()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum OptionType {
    Call,
    Put,
}
struct Contract {
    strike: f64,
    expiry: f64,
    kind: OptionType,
}
#[grad]
fn norm_cdf(x: f64) -> f64 {
    0.5 * (1.0 + (0.7978845608 * (x + 0.044715 * x * x * x)).tanh())
}
#[grad(wrt(spot, vol, rate))]
impl Contract {
    fn price(&self, spot: f64, vol: f64, rate: f64) -> Result<f64, String> {
        if self.expiry <= 0.0 {
            return Err("expired".to_string());
        }
        let sqrt_t = self.expiry.sqrt();
        let d1 = ((spot / self.strike).ln() + (rate + vol.powi(2) / 2.0) * self.expiry) / (vol * sqrt_t);
        let d2 = d1 - vol * sqrt_t;
        let df = (-rate * self.expiry).exp();
        Ok(match self.kind {
            OptionType::Call => spot * norm_cdf(d1) - self.strike * df * norm_cdf(d2),
            OptionType::Put => self.strike * df * norm_cdf(-d2) - spot * norm_cdf(-d1),
        })
    }
}
#[grad(wrt(vol))]
fn book(contracts: &[Contract], spot: f64, vol: f64) -> Result<f64, String> {
    let mut total = 0.0;
    for c in contracts {
        total += c.price(spot, vol, 0.02)?;
    }
    Ok(total)
}

#[derive(Debug, PartialEq)]
enum ModelError {
    Empty,
    Negative(f64),
}
impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
#[grad]
fn checked_log(x: f64) -> Result<f64, ModelError> {
    if x > 0.0 { Ok(x.ln()) } else { Err(ModelError::Negative(x)) }
}
#[grad(wrt(p))]
fn entropy(p: &[f64]) -> Result<f64, ModelError> {
    if p.is_empty() {
        return Err(ModelError::Empty);
    }
    let mut h = 0.0;
    for &pi in p {
        h -= pi * checked_log(pi)?;
    }
    Ok(h)
}

#[grad(wrt(returns))]
fn cvar(returns: &[f64], alpha: f64) -> f64 {
    let mut sorted = returns.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let k = ((1.0 - alpha) * sorted.len() as f64).ceil() as usize;
    -sorted.iter().take(k).sum::<f64>() / k as f64
}

struct Market {
    rates: HashMap<String, f64>,
    curve: BTreeMap<u32, f64>,
    shared: Arc<Vec<f64>>,
}
#[grad(wrt(notional))]
impl Market {
    fn value(&self, notional: f64, ccy: &str) -> Option<f64> {
        let fx = *self.rates.get(ccy)?;
        let mut v = 0.0;
        for (year, rate) in &self.curve {
            v += notional * fx * (-rate * *year as f64).exp();
        }
        Some(v + notional * notional * self.shared[0])
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Buy,
    Sell,
}
struct Order {
    side: Side,
    qty: f64,
    limit: f64,
}
#[grad(wrt(impact))]
fn slippage(orders: &[Order], impact: &[f64; 2]) -> f64 {
    let cost = |q: f64| impact[0] * q + impact[1] * q.powf(1.5);
    orders
        .iter()
        .filter(|o| o.qty > 0.0)
        .map(|o| {
            let s = if matches!(o.side, Side::Buy) { 1.0 } else { -0.5 };
            s * o.limit * cost(o.qty)
        })
        .sum::<f64>()
}

#[test]
fn prices() {
    let cs = [
        Contract { strike: 100.0, expiry: 0.5, kind: OptionType::Call },
        Contract { strike: 95.0, expiry: 1.0, kind: OptionType::Put },
    ];
    let v = book::grad(&cs, 98.0, 0.3).unwrap();
    check("book", |x| book(&cs, 98.0, x[0]).unwrap(), &[v], &[0.3]);
    let r = [0.01, -0.03, 0.02, -0.05, 0.004];
    check("cvar", |x| cvar(x, 0.6), &cvar::grad(&r, 0.6), &r);
    let p = [0.2, 0.3, 0.5];
    check("entropy", |x| entropy(x).unwrap(), &entropy::grad(&p).unwrap(), &p);
    assert_eq!(entropy::grad(&[0.2, -0.1]), Err(ModelError::Negative(-0.1)));
}

#[test]
fn curves() {
    let ns = NelsonSiegel { beta0: 0.04, beta1: -0.02, beta2: 0.01, tau: 1.8 };
    let q =
        [BondQuote { coupon: 3.0, years: 2, price: 99.0 }, BondQuote { coupon: 4.0, years: 5, price: 101.0 }];
    check("nelson siegel", |f| at(&ns, f).fit_error(&q), &flat(&ns.fit_error_grad(&q)), &flat(&ns));
}

#[test]
fn markets() {
    let m = Market {
        rates: [("eur".to_string(), 1.1)].into(),
        curve: [(1, 0.02), (2, 0.03)].into(),
        shared: Arc::new(vec![0.1]),
    };
    check("market", |f| m.value(f[0], "eur").unwrap(), &[m.value_grad(3.0, "eur").unwrap()], &[3.0]);
    assert!(m.value_grad(3.0, "usd").is_none());
    let os = [
        Order { side: Side::Buy, qty: 2.0, limit: 10.0 },
        Order { side: Side::Sell, qty: 1.5, limit: 9.0 },
        Order { side: Side::Buy, qty: -1.0, limit: 9.0 },
    ];
    check("slippage", |f| slippage(&os, &[f[0], f[1]]), &slippage::grad(&os, &[0.1, 0.2]), &[0.1, 0.2]);
}
