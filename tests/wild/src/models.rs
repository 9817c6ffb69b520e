//! Kernels, distributions, layers, activations and losses.

use crate::support::{near, slope};
use grad::{Differentiable, grad};
trait Kernel {
    fn eval(&self, a: &[f64], b: &[f64]) -> f64;
}
#[derive(Clone, Debug, Differentiable)]
struct SquaredExp {
    ls: f64,
    ampl: f64,
}
#[grad(wrt(self, a, b))]
impl Kernel for SquaredExp {
    fn eval(&self, a: &[f64], b: &[f64]) -> f64 {
        let d2: f64 = a.iter().zip(b.iter()).map(|(x, y)| (x - y).powi(2)).sum();
        self.ampl * (-d2 / (2.0 * self.ls * self.ls)).exp()
    }
}
#[derive(Clone, Debug, Differentiable)]
struct Matern52 {
    ls: f64,
}
#[grad(wrt(self, a, b))]
impl Kernel for Matern52 {
    fn eval(&self, a: &[f64], b: &[f64]) -> f64 {
        assert_eq!(a.len(), b.len(), "inputs must have equal length");
        let r = a.iter().zip(b).fold(0f64, |acc, (x, y)| acc + (x - y) * (x - y)).sqrt();
        let s = 5f64.sqrt() * r / self.ls;
        (1. + s + s * s / 3.) * f64::exp(-s)
    }
}
#[derive(Clone, Debug, Differentiable)]
struct SumKernel<A, B> {
    a: A,
    b: B,
}
#[grad(wrt(self, a, b))]
impl Kernel for SumKernel<SquaredExp, Matern52> {
    fn eval(&self, a: &[f64], b: &[f64]) -> f64 {
        self.a.eval(a, b) + self.b.eval(a, b)
    }
}

trait Continuous<K, T> {
    fn pdf(&self, x: K) -> T;
    fn ln_pdf(&self, x: K) -> T;
}
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Normal {
    mean: f64,
    std_dev: f64,
}
const LN_2PI: f64 = 1.837877066409345483560659472811235279;
#[grad(wrt(self, x))]
impl Continuous<f64, f64> for Normal {
    fn pdf(&self, x: f64) -> f64 {
        let d = (x - self.mean) / self.std_dev;
        (-0.5 * d * d).exp() / (2.5066282746310002 * self.std_dev)
    }
    fn ln_pdf(&self, x: f64) -> f64 {
        let d = (x - self.mean) / self.std_dev;
        (-0.5 * d * d) - 0.5 * LN_2PI - self.std_dev.ln()
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Laplace {
    location: f64,
    scale: f64,
}
#[grad(wrt(self, x))]
impl Continuous<f64, f64> for Laplace {
    fn pdf(&self, x: f64) -> f64 {
        (-(x - self.location).abs() / self.scale).exp() / (2.0 * self.scale)
    }
    fn ln_pdf(&self, x: f64) -> f64 {
        if self.scale <= 0.0 {
            f64::NAN
        } else {
            -((x - self.location).abs()) / self.scale - (2.0 * self.scale).ln()
        }
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Uniform {
    min: f64,
    max: f64,
}
#[grad(wrt(self, x))]
impl Continuous<f64, f64> for Uniform {
    fn pdf(&self, x: f64) -> f64 {
        if x < self.min || x > self.max { 0.0 } else { 1.0 / (self.max - self.min) }
    }
    fn ln_pdf(&self, x: f64) -> f64 {
        if !(self.min..=self.max).contains(&x) { f64::NEG_INFINITY } else { -(self.max - self.min).ln() }
    }
}
trait LogLikelihood {
    type Data;
    fn loglik(&self, data: &Self::Data) -> f64;
}
#[derive(Clone, Debug, Differentiable)]
struct Mixture {
    weights: Vec<f64>,
    parts: Vec<Normal>,
}
#[grad(wrt(self))]
impl LogLikelihood for Mixture {
    type Data = Vec<f64>;
    fn loglik(&self, data: &Self::Data) -> f64 {
        let total: f64 = self.weights.iter().sum();
        data.iter()
            .map(|&x| {
                self.weights
                    .iter()
                    .zip(self.parts.iter())
                    .map(|(w, n)| w / total * n.pdf(x))
                    .sum::<f64>()
                    .ln()
            })
            .sum()
    }
}
trait Module {
    type Input;
    type Output;
    fn forward(&self, input: &Self::Input) -> Self::Output;
}
#[derive(Clone, Debug, Differentiable)]
struct Linear {
    weight: Vec<Vec<f32>>,
    bias: Option<Vec<f32>>,
}
#[grad(wrt(self, input))]
impl Module for Linear {
    type Input = Vec<f32>;
    type Output = Vec<f32>;
    fn forward(&self, input: &Vec<f32>) -> Vec<f32> {
        let mut out: Vec<f32> =
            self.weight.iter().map(|row| row.iter().zip(input).map(|(w, x)| w * x).sum()).collect();
        if let Some(bias) = &self.bias {
            for (o, b) in out.iter_mut().zip(bias) {
                *o += *b;
            }
        }
        out
    }
}
#[derive(Clone, Debug, Differentiable)]
struct LayerNorm {
    gamma: Vec<f32>,
    beta: Vec<f32>,
    #[grad(constant)]
    eps: f32,
}
#[grad(wrt(self, input))]
impl Module for LayerNorm {
    type Input = Vec<f32>;
    type Output = Vec<f32>;
    fn forward(&self, input: &Vec<f32>) -> Vec<f32> {
        let n = input.len() as f32;
        let mean = input.iter().sum::<f32>() / n;
        let var = input.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
        let inv = 1.0 / (var + self.eps).sqrt();
        input
            .iter()
            .zip(self.gamma.iter().zip(&self.beta))
            .map(|(x, (g, b))| (x - mean) * inv * g + b)
            .collect()
    }
}
#[derive(Clone, Copy, Debug, Differentiable)]
enum Act {
    Relu,
    Tanh,
    Gelu,
    Leaky(f64),
    Swish { beta: f64 },
}
trait Activation {
    fn apply(&self, x: f64) -> f64;
}
#[grad(wrt(self, x))]
impl Activation for Act {
    fn apply(&self, x: f64) -> f64 {
        match *self {
            Act::Relu => x.max(0.0),
            Act::Tanh => x.tanh(),
            Act::Gelu => 0.5 * x * (1.0 + (0.7978845608 * (x + 0.044715 * x.powi(3))).tanh()),
            Act::Leaky(a) => {
                if x > 0.0 {
                    x
                } else {
                    a * x
                }
            }
            Act::Swish { beta } => x / (1.0 + (-beta * x).exp()),
        }
    }
}
trait Loss {
    fn loss(&self, pred: &[f64], target: &[f64]) -> f64;
}
struct Mse;
struct Huber {
    delta: f64,
}
struct CrossEntropy {
    label_smoothing: f64,
}
#[grad(wrt(pred))]
impl Loss for Mse {
    fn loss(&self, pred: &[f64], target: &[f64]) -> f64 {
        pred.iter().zip(target).map(|(p, t)| (p - t).powi(2)).sum::<f64>() / pred.len() as f64
    }
}
#[grad(wrt(pred))]
impl Loss for Huber {
    fn loss(&self, pred: &[f64], target: &[f64]) -> f64 {
        let mut s = 0.0;
        for i in 0..pred.len() {
            let e = (pred[i] - target[i]).abs();
            s += if e <= self.delta { 0.5 * e * e } else { self.delta * (e - 0.5 * self.delta) };
        }
        s
    }
}
#[grad(wrt(pred))]
impl Loss for CrossEntropy {
    fn loss(&self, pred: &[f64], target: &[f64]) -> f64 {
        let max = pred.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
        let log_z = pred.iter().map(|p| (p - max).exp()).sum::<f64>().ln() + max;
        let k = pred.len() as f64;
        target
            .iter()
            .zip(pred)
            .map(|(t, p)| {
                let t = t * (1.0 - self.label_smoothing) + self.label_smoothing / k;
                -t * (p - log_z)
            })
            .sum()
    }
}
trait Robust {
    fn rho(&self, s: f64) -> f64;
    fn weight(&self, s: f64) -> f64 {
        let _ = s;
        1.0
    }
}
struct Cauchy(f64);
#[grad]
impl Robust for Cauchy {
    fn rho(&self, s: f64) -> f64 {
        let c2 = self.0.powi(2);
        c2 * (s / c2).ln_1p()
    }
}
#[test]
fn models() {
    let k = SumKernel { a: SquaredExp { ls: 0.7, ampl: 1.2 }, b: Matern52 { ls: 1.1 } };
    let (a, b) = ([0.1, 0.5], [0.4, -0.2]);
    let g = k.eval_grad(&a, &b);
    near(
        g.0.b.ls,
        slope(
            |t| {
                let mut k = k.clone();
                k.b.ls = t;
                k.eval(&a, &b)
            },
            1.1,
        ),
    );
    near(g.1[0], slope(|t| k.eval(&[t, 0.5], &b), 0.1));
    let m = Mixture {
        weights: vec![1.0, 2.0],
        parts: vec![Normal { mean: 0.0, std_dev: 1.0 }, Normal { mean: 2.0, std_dev: 0.5 }],
    };
    let d = vec![0.1, 1.8, 2.2];
    let g = m.loglik_grad(&d);
    near(
        g.parts[1].std_dev,
        slope(
            |t| {
                let mut m = m.clone();
                m.parts[1].std_dev = t;
                m.loglik(&d)
            },
            0.5,
        ),
    );
    near(Act::Swish { beta: 1.5 }.apply_grad(0.3).1, slope(|x| Act::Swish { beta: 1.5 }.apply(x), 0.3));
    near(
        CrossEntropy { label_smoothing: 0.1 }.loss_grad(&[0.1, 0.2, 0.3], &[0.0, 1.0, 0.0])[0],
        slope(|t| CrossEntropy { label_smoothing: 0.1 }.loss(&[t, 0.2, 0.3], &[0.0, 1.0, 0.0]), 0.1),
    );
    near(Cauchy(0.7).rho_grad(0.3), slope(|t| Cauchy(0.7).rho(t), 0.3));
    let linear = Linear { weight: vec![vec![2.0, -1.0]], bias: Some(vec![0.5]) };
    let x = vec![1.0, 3.0];
    let (_, pullback) = linear.forward_vjp(&x);
    let (layer, input) = pullback(vec![1.0]);
    assert_eq!((layer.weight, layer.bias, input), (vec![vec![1.0, 3.0]], Some(vec![1.0]), vec![2.0, -1.0]));
}
