//! `wrt(self.k)`: the cotangents of fields of `self`.

use crate::differences;
use grad::{Differentiable, grad};

#[derive(Clone, Debug, Differentiable)]
struct Layer {
    w: Vec<f64>,
    bias: f64,
}

#[derive(Clone, Debug, Differentiable)]
struct Model {
    k: f64,
    rest: Vec<f64>,
    layer: Layer,
    r#type: f64,
    #[grad(constant)]
    data: Vec<f64>,
}

fn model(k: f64) -> Model {
    let layer = Layer { w: vec![0.3, -0.4], bias: 0.1 };
    Model { k, rest: vec![0.2, 0.5], layer, r#type: 2.0, data: vec![1.0, 2.0] }
}

#[derive(Debug, PartialEq)]
struct Negative;

trait Loss {
    fn loss(&self, x: f64) -> f64;
}

/// Fields through other methods of the block, which are differentiated with respect to all of it.
#[grad]
impl Model {
    #[grad(wrt(self.k, x), second)]
    fn energy(&self, x: &[f64]) -> f64 {
        let mut s = 0.0;
        for ((a, b), d) in x.iter().zip(&self.rest).zip(&self.data) {
            s += self.k * (a - b).powi(2) * d;
        }
        s * self.half(x[0]) + self.data[0]
    }

    #[grad(wrt(self, x), second)]
    fn half(&self, x: f64) -> f64 {
        self.k * 0.5 * x.sin() + self.layer.w[0] * x * self.r#type
    }

    #[grad(wrt(self.layer.w, x, self.rest, self.r#type))]
    fn checked(&self, x: f64) -> Result<f64, Negative> {
        if x < 0.0 {
            return Err(Negative);
        }
        let products = self.layer.w.iter().zip(&self.rest).map(|(a, b)| a * b * x);
        Ok(products.sum::<f64>() * self.r#type + self.layer.bias)
    }

    #[grad(wrt(self.rest))]
    fn forces(&self, x: &[f64]) -> Vec<f64> {
        x.iter().zip(&self.rest).map(|(a, b)| self.k * (a - b)).collect()
    }
}

#[grad(wrt(self.k, x))]
impl Loss for Model {
    fn loss(&self, x: f64) -> f64 {
        self.k.powi(2) * x
    }
}

/// Generic over its floats.
#[derive(Clone, Debug, Differentiable)]
struct Filter<T> {
    gain: T,
    offset: T,
}

#[grad(wrt(self.gain))]
impl<T: grad::Real> Filter<T> {
    fn step(&self, x: T) -> T {
        (self.gain * x).sin() + self.offset
    }
}

/// For callers, all of it is differentiated.
#[grad(wrt(m))]
fn of_all(m: &Model, x: &[f64]) -> f64 {
    m.energy(x) * m.k
}

#[test]
fn fields_are_named() {
    let (m, x) = (model(1.5), [0.7, 0.9]);
    let at = |f: &dyn Fn(f64) -> f64, x: f64| differences::derivative(f, x, f64::EPSILON).value;
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6 * (1.0 + b.abs()), "{a} instead of {b}");
    let (value, (dk, dx)) = m.energy_value_and_grad(&x);
    assert_eq!(value.to_bits(), m.energy(&x).to_bits());
    close(dk, at(&|k| model(k).energy(&x), 1.5));
    close(dx[1], at(&|x1| m.energy(&[0.7, x1]), 0.9));
    assert_eq!(m.energy_grad(&x), (dk, dx.clone()));
    let (_, pullback) = m.energy_vjp(&x);
    assert_eq!(pullback(1.0), (dk, dx.clone()));
    close(m.energy_jvp(&x, 1.0, &[0.0, 2.0]).1, dk + 2.0 * dx[1]);
    let (mut k_bar, mut x_bar) = (7.0, [9.0, 9.0]);
    m.energy_grad_into(&x, &mut k_bar, &mut x_bar);
    assert_eq!((k_bar, x_bar.to_vec()), (dk, dx.clone()));
    m.energy_vjp_add(&x, 2.0, &mut k_bar, &mut x_bar);
    close(k_bar, 3.0 * dk);
    close(x_bar[0], 3.0 * dx[0]);
    let (gradient, product) = m.energy_hvp(&x, 1.0, &[0.0, 0.0]);
    assert_eq!(gradient, (dk, dx));
    close(product.0, at(&|k| model(k).energy_grad(&x).0, 1.5));
    close(product.1[0], at(&|k| model(k).energy_grad(&x).1[0], 1.5));

    let (w, dx, rest, of_type) = m.checked_grad(2.0).unwrap();
    assert_eq!((w, rest), (vec![0.8, 2.0], vec![1.2, -1.6]));
    close(dx, 2.0 * (0.3 * 0.2 - 0.4 * 0.5));
    close(of_type, dx);
    assert_eq!(m.checked_grad(-1.0), Err(Negative));
    let (_, along) = m.checked_jvp(2.0, vec![1.0, 0.0], vec![0.0; 2], 0.0, 1.0).unwrap();
    close(along, 0.8 + dx);
    assert_eq!(m.forces_vjp(&x).1(vec![1.0, 2.0]), [-1.5, -3.0]);
    assert_eq!(m.loss_grad(2.0), (6.0, 2.25));
    close(Filter { gain: 0.5, offset: 1.0 }.step_grad(2.0), 2.0 * 1.0_f64.cos());
    let all = of_all::grad(&m, &x);
    close(all.k, at(&|k| of_all(&model(k), &x), 1.5));
    assert!(all.layer.w[0] != 0.0 && all.rest[0] != 0.0);
}
