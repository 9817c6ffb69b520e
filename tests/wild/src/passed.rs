//! Solvers, quadratures and integrators over the functions that they are given.

use crate::support::{at, check, flat};
use grad::{Differentiable, grad};

#[grad]
fn newton_raphson<F, G>(f: F, df: G, x0: f64, tol: f64, max_iter: usize) -> f64
where
    F: Fn(f64) -> f64,
    G: Fn(f64) -> f64,
{
    let mut x = x0;
    for _ in 0..max_iter {
        let dx = f(x) / df(x);
        x -= dx;
        if dx.abs() < tol {
            break;
        }
    }
    x
}

/// The rate at which payments are worth what they cost.
#[grad(wrt(flows))]
fn internal_rate(flows: &[f64], guess: f64) -> f64 {
    newton_raphson(
        |rate| flows.iter().enumerate().map(|(t, flow)| flow / (1.0 + rate).powi(t as i32)).sum(),
        |rate| {
            let mut sum = 0.0;
            for (t, flow) in flows.iter().enumerate() {
                sum -= t as f64 * flow / (1.0 + rate).powi(t as i32 + 1);
            }
            sum
        },
        guess,
        1e-13,
        60,
    )
}

/// Five points of Gauss and Legendre.
#[grad]
fn gauss_legendre(f: impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    const NODES: [f64; 5] =
        [-0.906_179_845_938_664, -0.538_469_310_105_683, 0.0, 0.538_469_310_105_683, 0.906_179_845_938_664];
    const WEIGHTS: [f64; 5] = [
        0.236_926_885_056_189,
        0.478_628_670_499_366,
        0.568_888_888_888_889,
        0.478_628_670_499_366,
        0.236_926_885_056_189,
    ];
    let half = 0.5 * (b - a);
    let middle = 0.5 * (a + b);
    NODES.iter().zip(WEIGHTS.iter()).map(|(x, w)| w * f(middle + half * x)).sum::<f64>() * half
}

/// The price of an option, as the mean of what it pays.
#[grad]
fn expected_payoff(spot: f64, strike: f64, volatility: f64, rate: f64) -> f64 {
    let from = ((strike / spot).ln() - rate + 0.5 * volatility * volatility) / volatility;
    let mut sum = 0.0;
    for k in 0..4 {
        let a = from + k as f64;
        sum += gauss_legendre(
            |z| {
                let price = spot * (rate - 0.5 * volatility * volatility + volatility * z).exp();
                let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
                (price - strike).max(0.0) * density
            },
            a,
            a + 1.0,
        );
    }
    (-rate).exp() * sum
}

#[grad]
fn rk4_step<F>(f: &F, t: f64, y: &[f64], h: f64) -> Vec<f64>
where
    F: Fn(f64, &[f64]) -> Vec<f64>,
{
    let k1 = f(t, y);
    let y2: Vec<f64> = y.iter().zip(&k1).map(|(y, k)| y + 0.5 * h * k).collect();
    let k2 = f(t + 0.5 * h, &y2);
    let y3: Vec<f64> = y.iter().zip(&k2).map(|(y, k)| y + 0.5 * h * k).collect();
    let k3 = f(t + 0.5 * h, &y3);
    let y4: Vec<f64> = y.iter().zip(&k3).map(|(y, k)| y + h * k).collect();
    let k4 = f(t + h, &y4);
    (0..y.len()).map(|i| y[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i])).collect()
}

/// Every state, the first among them.
#[grad]
fn integrate<F: Fn(f64, &[f64]) -> Vec<f64>>(f: F, y0: &[f64], end: f64, steps: usize) -> Vec<Vec<f64>> {
    let h = end / steps as f64;
    let mut states = vec![y0.to_vec()];
    for i in 0..steps {
        let next = rk4_step(&f, i as f64 * h, &states[i], h);
        states.push(next);
    }
    states
}

#[derive(Clone, Debug, Differentiable)]
struct LotkaVolterra {
    alpha: f64,
    beta: f64,
    delta: f64,
    gamma: f64,
    start: [f64; 2],
    #[grad(constant)]
    name: &'static str,
}

#[grad(wrt(self))]
impl LotkaVolterra {
    fn misfit(&self, seen: &[[f64; 2]], end: f64) -> f64 {
        let states = integrate(
            |_t, y: &[f64]| {
                vec![
                    self.alpha * y[0] - self.beta * y[0] * y[1],
                    self.delta * y[0] * y[1] - self.gamma * y[1],
                ]
            },
            &self.start,
            end,
            seen.len(),
        );
        let mut sum = 0.0;
        for (y, seen) in states.iter().skip(1).zip(seen) {
            sum += (y[0] - seen[0]).powi(2) + (y[1] - seen[1]).powi(2);
        }
        sum
    }
}

#[grad]
fn golden_section(f: impl Fn(f64) -> f64, lo: f64, hi: f64, steps: usize) -> f64 {
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut a, mut b) = (lo, hi);
    for _ in 0..steps {
        let c = b - ratio * (b - a);
        let d = a + ratio * (b - a);
        if f(c) < f(d) {
            b = d;
        } else {
            a = c;
        }
    }
    f(0.5 * (a + b))
}

/// The least energy along a line.
#[grad]
fn lowest(k: f64, shift: f64) -> f64 {
    golden_section(|x| 0.5 * k * (x - shift).powi(2) + 0.1 * x, -2.0, 3.0, 12)
}

/// The length of a curve in the plane.
#[grad]
fn arc_length<C: Fn(f64) -> (f64, f64)>(curve: C, n: usize) -> f64 {
    let mut length = 0.0;
    let (mut x, mut y) = curve(0.0);
    for i in 1..=n {
        let (u, v) = curve(i as f64 / n as f64);
        length += ((u - x).powi(2) + (v - y).powi(2)).sqrt();
        (x, y) = (u, v);
    }
    length
}

#[grad]
fn ellipse(a: f64, b: f64) -> f64 {
    arc_length(
        |t| {
            let (sin, cos) = (2.0 * std::f64::consts::PI * t).sin_cos();
            (a * cos, b * sin)
        },
        16,
    )
}

#[test]
fn solvers() {
    let flows = [-100.0, 30.0, 42.0, 51.0];
    check("internal rate", |f| internal_rate(f, 0.05), &internal_rate::grad(&flows, 0.05), &flows);
    let (k, shift) = lowest::grad(1.5, 0.4);
    check("lowest", |f| lowest(f[0], f[1]), &[k, shift], &[1.5, 0.4]);
}

#[test]
fn quadratures() {
    let x = [100.0, 105.0, 0.3, 0.02];
    let (a, b, c, d) = expected_payoff::grad(x[0], x[1], x[2], x[3]);
    check("payoff", |f| expected_payoff(f[0], f[1], f[2], f[3]), &[a, b, c, d], &x);
    let (a, b) = ellipse::grad(2.0, 1.0);
    check("ellipse", |f| ellipse(f[0], f[1]), &[a, b], &[2.0, 1.0]);
}

#[test]
fn systems() {
    let model =
        LotkaVolterra { alpha: 1.1, beta: 0.4, delta: 0.1, gamma: 0.4, start: [3.0, 1.0], name: "hares" };
    let seen = [[4.0, 1.1], [5.5, 1.6], [6.0, 3.0], [4.0, 4.5]];
    check(
        "hares",
        |f| at(&model, f).misfit(&seen, 2.0),
        &flat(&model.misfit_grad(&seen, 2.0)),
        &flat(&model),
    );
}

#[derive(Clone, Debug, Differentiable)]
struct Pendulum {
    length: f64,
}

/// Functions of a block by their paths.
#[grad(wrt(self, t, y, x, start))]
impl Pendulum {
    fn rate(t: f64, y: &[f64]) -> Vec<f64> {
        vec![y[1], -y[0].sin() * (1.0 + 0.1 * t)]
    }

    fn swing(&self, start: &[f64]) -> f64 {
        let mut y = start.to_vec();
        for step in 0..5 {
            if step == 3 {
                continue;
            }
            y = midpoint(Self::rate, &y, 0.2);
        }
        self.length * y[0] * y[1]
    }

    fn kepler(x: f64) -> f64 {
        x - 0.3 * x.sin() - 1.0
    }

    fn slope(x: f64) -> f64 {
        1.0 - 0.3 * x.cos()
    }

    fn anomaly(&self, x: f64) -> f64 {
        self.length * newton_raphson(Pendulum::kepler, Self::slope, x, 1e-1, 9)
    }
}

#[grad]
fn midpoint<F: Fn(f64, &[f64]) -> Vec<f64>>(f: F, y: &[f64], h: f64) -> Vec<f64> {
    let k = f(0.0, y);
    let middle: Vec<f64> = y.iter().zip(&k).map(|(y, k)| y + 0.5 * h * k).collect();
    let k = f(0.5 * h, &middle);
    y.iter().zip(&k).map(|(y, k)| y + h * k).collect()
}

#[test]
fn functions_of_a_block_by_their_paths() {
    let pendulum = Pendulum { length: 1.3 };
    let (of_self, of_start) = pendulum.swing_grad(&[0.4, -0.7]);
    check("swing", |y| pendulum.swing(y), &of_start, &[0.4, -0.7]);
    check("length", |l| Pendulum { length: l[0] }.swing(&[0.4, -0.7]), &[of_self.length], &[1.3]);
    let (of_self, of_x) = pendulum.anomaly_grad(0.9);
    check("anomaly", |x| pendulum.anomaly(x[0]), &[of_x], &[0.9]);
    let (value, dot) = pendulum.anomaly_jvp(0.9, &PendulumTangent { length: 1.0 }, 0.0);
    assert_eq!(value, pendulum.anomaly(0.9));
    assert!((dot - of_self.length).abs() < 1e-12);
}
