//! Models, networks, kernels, filters.

use crate::support::{at, check, flat};
use grad::{Differentiable, Real, grad};

#[derive(Clone, Debug, Differentiable)]
struct Regularizer {
    l1: Option<f64>,
    l2: Option<f64>,
}
#[derive(Clone, Debug, Differentiable)]
struct Model {
    weights: Vec<f64>,
    bias: f64,
    reg: Regularizer,
}
#[grad(wrt(self))]
impl Model {
    fn predict(&self, x: &[f64]) -> f64 {
        self.weights.iter().zip(x.iter()).map(|(w, x)| w * x).sum::<f64>() + self.bias
    }
    fn loss(&self, xs: &[Vec<f64>], ys: &[f64]) -> f64 {
        let n = xs.len() as f64;
        let mse = xs.iter().zip(ys).map(|(x, y)| (self.predict(x) - y).powi(2)).sum::<f64>() / n;
        let l2 = self.reg.l2.map_or(0.0, |l| l * self.weights.iter().map(|w| w * w).sum::<f64>());
        let l1 = match self.reg.l1 {
            Some(l) => l * self.weights.iter().map(|w| w.abs()).sum::<f64>(),
            None => 0.0,
        };
        mse + l1 + l2
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Kalman {
    x: f64,
    p: f64,
    q: f64,
    r: f64,
}
#[grad(wrt(self, z))]
impl Kalman {
    fn predict(&mut self) {
        self.p += self.q;
    }
    fn update(&mut self, z: f64) -> f64 {
        let innovation = z - self.x;
        let s = self.p + self.r;
        let k = self.p / s;
        self.x += k * innovation;
        self.p *= 1.0 - k;
        -0.5 * (innovation * innovation / s + s.ln())
    }
}
#[grad(wrt(q, r))]
fn log_likelihood(q: f64, r: f64, zs: &[f64]) -> f64 {
    let mut kf = Kalman { x: zs[0], p: 1.0, q, r };
    let mut ll = 0.0;
    for z in &zs[1..] {
        kf.predict();
        ll += kf.update(*z);
    }
    ll
}

#[derive(Clone, Debug, Differentiable)]
struct Dense {
    w: Vec<Vec<f64>>,
    b: Vec<f64>,
    #[grad(constant)]
    activation: Activation,
}
#[derive(Clone, Copy, Debug)]
enum Activation {
    Relu,
    Tanh,
    Linear,
}
#[grad(wrt(x))]
impl Activation {
    fn apply(self, x: f64) -> f64 {
        match self {
            Activation::Relu => x.max(0.0),
            Activation::Tanh => x.tanh(),
            Activation::Linear => x,
        }
    }
}
#[grad(wrt(self, input))]
impl Dense {
    fn forward(&self, input: &[f64]) -> Vec<f64> {
        self.w
            .iter()
            .zip(self.b.iter())
            .map(|(row, b)| {
                let z = row.iter().zip(input).map(|(w, x)| w * x).sum::<f64>() + b;
                grad::constant(self.activation).apply(z)
            })
            .collect()
    }
}
#[derive(Clone, Debug, Differentiable)]
struct Mlp {
    layers: Vec<Dense>,
}
#[grad(wrt(self))]
impl Mlp {
    fn forward(&self, input: &[f64]) -> Vec<f64> {
        self.layers.iter().fold(input.to_vec(), |x, layer| layer.forward(&x))
    }
    fn loss(&self, batch: &[(Vec<f64>, usize)]) -> f64 {
        let mut total = 0.0;
        for (x, label) in batch {
            let logits = self.forward(x);
            let max = logits.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
            let lse = logits.iter().map(|l| (l - max).exp()).sum::<f64>().ln() + max;
            total += lse - logits[*label];
        }
        total / batch.len() as f64
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Matrix {
    data: Vec<f64>,
    rows: usize,
    cols: usize,
}
#[grad(wrt(self, x))]
impl Matrix {
    fn at(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.cols + j]
    }
    fn mul_vec(&self, x: &[f64]) -> Vec<f64> {
        assert_eq!(self.cols, x.len(), "dimension mismatch");
        (0..self.rows).map(|i| (0..self.cols).map(|j| self.at(i, j) * x[j]).sum()).collect()
    }
    fn frobenius(&self) -> f64 {
        self.data.iter().map(|v| v * v).sum::<f64>().sqrt()
    }
}

trait Kernel<T> {
    fn eval(&self, a: &[T], b: &[T]) -> T;
}
#[derive(Clone, Differentiable)]
struct Rbf<T> {
    log_length: T,
    log_var: T,
}
#[grad(wrt(self))]
impl<T: Real> Kernel<T> for Rbf<T> {
    fn eval(&self, a: &[T], b: &[T]) -> T {
        let l2 = (T::from_f64(2.0) * self.log_length).exp();
        let d2: T = a.iter().zip(b.iter()).map(|(&x, &y)| (x - y) * (x - y)).sum();
        self.log_var.exp() * (-d2 / (T::from_f64(2.0) * l2)).exp()
    }
}
#[grad(wrt(kernel))]
fn log_marginal<T: Real>(kernel: &Rbf<T>, noise: T, xs: &[[T; 1]], ys: &[T]) -> T {
    let n = xs.len();
    let mut l = vec![vec![T::zero(); n]; n];
    for i in 0..n {
        for j in 0..=i {
            let mut s = kernel.eval(&xs[i], &xs[j]);
            if i == j {
                s += noise;
            }
            for k in 0..j {
                s -= l[i][k] * l[j][k];
            }
            if i == j {
                l[i][j] = s.sqrt();
            } else {
                l[i][j] = s / l[j][j];
            }
        }
    }
    let mut z = vec![T::zero(); n];
    let mut out = T::zero();
    for i in 0..n {
        let mut s = ys[i];
        for k in 0..i {
            s -= l[i][k] * z[k];
        }
        z[i] = s / l[i][i];
        out -= T::from_f64(0.5) * z[i] * z[i] + l[i][i].ln();
    }
    out
}

#[derive(Clone, Debug, Differentiable)]
struct Gru {
    wz: [f64; 2],
    wh: [f64; 2],
    h: f64,
}
#[grad(wrt(self, x))]
impl Gru {
    fn step(&mut self, x: f64) {
        let z = 1.0 / (1.0 + (-(self.wz[0] * x + self.wz[1] * self.h)).exp());
        let cand = (self.wh[0] * x + self.wh[1] * self.h).tanh();
        self.h = (1.0 - z) * self.h + z * cand;
    }
    fn reset(&mut self) {
        self.h = 0.0;
    }
}
#[grad(wrt(cell))]
fn sequence_loss(cell: &Gru, xs: &[f64], target: f64) -> f64 {
    let mut cell = cell.clone();
    cell.reset();
    for &x in xs {
        cell.step(x);
    }
    (cell.h - target).powi(2)
}

#[grad(wrt(w))]
fn perceptron(w: &[f32], x: &[f32], bias_index: Option<usize>) -> f32 {
    let mut s = bias_index.map(|i| w[i]).unwrap_or(0.0);
    let mut i = 0;
    while i < x.len() {
        s += w[i] * x[i];
        i += 1;
    }
    1.0 / (1.0 + (-s).exp())
}

#[derive(Clone, Debug, Differentiable)]
struct Node {
    value: f64,
    children: Vec<Node>,
}
#[grad(wrt(node))]
fn tree_sum(node: &Node, decay: f64) -> f64 {
    let mut s = node.value * node.value;
    for c in &node.children {
        s += decay * tree_sum(c, decay);
    }
    s
}

#[test]
fn models() {
    let m = Model { weights: vec![0.4, -0.7], bias: 0.2, reg: Regularizer { l1: None, l2: Some(0.1) } };
    let (xs, ys) = (vec![vec![1.0, 2.0], vec![0.5, -1.0], vec![2.0, 0.3]], [1.0, 0.0, 0.5]);
    check("model", |f| at(&m, f).loss(&xs, &ys), &flat(&m.loss_grad(&xs, &ys)), &flat(&m));
    let n = Mlp {
        layers: vec![
            Dense {
                w: vec![vec![0.3, -0.2], vec![0.5, 0.8], vec![-0.4, 0.1]],
                b: vec![0.1, -0.1, 0.2],
                activation: Activation::Tanh,
            },
            Dense {
                w: vec![vec![0.3, -0.2, 0.9], vec![0.5, 0.8, -0.6]],
                b: vec![0.1, -0.1],
                activation: Activation::Linear,
            },
        ],
    };
    let batch = vec![(vec![1.0, 0.5], 0), (vec![-0.3, 0.8], 1)];
    check("mlp", |f| at(&n, f).loss(&batch), &flat(&n.loss_grad(&batch)), &flat(&n));
    let mat = Matrix { data: vec![1.0, 2.0, 3.0, 4.0], rows: 2, cols: 2 };
    check("frobenius", |f| at(&mat, f).frobenius(), &flat(&mat.frobenius_grad()), &flat(&mat));
}

#[test]
fn filters() {
    let zs = [0.3, 0.5, 0.2, 0.9];
    let (a, b) = log_likelihood::grad(0.2, 0.5, &zs);
    check("kalman", |x| log_likelihood(x[0], x[1], &zs), &[a, b], &[0.2, 0.5]);
    let k = Rbf { log_length: 0.2, log_var: -0.1 };
    let (xs, ys) = ([[0.0], [0.7], [1.5]], [0.3, -0.2, 0.6]);
    check(
        "gp",
        |f| log_marginal(&at(&k, f), 0.1, &xs, &ys),
        &flat(&log_marginal::grad(&k, 0.1, &xs, &ys)),
        &flat(&k),
    );
    let g = Gru { wz: [0.3, -0.5], wh: [0.8, 0.4], h: 0.2 };
    check(
        "gru",
        |f| sequence_loss(&at(&g, f), &[0.3, 0.9, -0.4], 0.5),
        &flat(&sequence_loss::grad(&g, &[0.3, 0.9, -0.4], 0.5)),
        &flat(&g),
    );
    let w = perceptron::grad(&[0.3, -0.2], &[1.0, 2.0], Some(1));
    assert!((w[1] / w[0] - 3.0).abs() < 1e-5);
    let t = Node {
        value: 0.4,
        children: vec![
            Node { value: 1.2, children: vec![] },
            Node { value: -0.3, children: vec![Node { value: 0.8, children: vec![] }] },
        ],
    };
    check("tree", |f| tree_sum(&at(&t, f), 0.7), &flat(&tree_sum::grad(&t, 0.7)), &flat(&t));
}
