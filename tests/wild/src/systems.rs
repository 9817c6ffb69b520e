//! Right-hand sides of differential equations, and controllers that roll them out.

use crate::support::{near, slope};
use grad::grad;
type State = Vec<f64>;
trait System<V> {
    fn system(&self, t: f64, y: &V, dy: &mut V);
    fn solout(&mut self, _t: f64, _y: &V, _dy: &V) -> bool {
        false
    }
}
struct ThreeBody {
    mu: f64,
}
#[grad(wrt(y, dy))]
impl System<State> for ThreeBody {
    fn system(&self, _t: f64, y: &State, dy: &mut State) {
        let d = ((y[0] + self.mu).powi(2) + y[1].powi(2) + y[2].powi(2)).sqrt();
        let r = ((y[0] - 1.0 + self.mu).powi(2) + y[1].powi(2) + y[2].powi(2)).sqrt();
        dy[0] = y[3];
        dy[1] = y[4];
        dy[2] = y[5];
        dy[3] = y[0] + 2.0 * y[4]
            - (1.0 - self.mu) * (y[0] + self.mu) / d.powi(3)
            - self.mu * (y[0] - 1.0 + self.mu) / r.powi(3);
        dy[4] = -2.0 * y[3] + y[1] - (1.0 - self.mu) * y[1] / d.powi(3) - self.mu * y[1] / r.powi(3);
        dy[5] = -(1.0 - self.mu) * y[2] / d.powi(3) - self.mu * y[2] / r.powi(3);
    }
}
trait Rhs {
    const DIM: usize;
    type Params;
    fn rhs(&self, t: f64, x: &[f64], p: &Self::Params, out: &mut [f64]);
}
struct Sir;
struct Rates {
    beta: f64,
    gamma: f64,
}
#[grad(wrt(x))]
impl Rhs for Sir {
    const DIM: usize = 3;
    type Params = Rates;
    fn rhs(&self, _: f64, x: &[f64], p: &Rates, out: &mut [f64]) {
        debug_assert_eq!(x.len(), Self::DIM);
        let n: f64 = x.iter().sum();
        let infect = p.beta * x[0] * x[1] / n;
        let recover = p.gamma * x[1];
        out[0] = -infect;
        out[1] = infect - recover;
        out[2] = recover;
    }
}
trait Dynamics<const N: usize> {
    fn f(&self, x: &[f64; N], u: f64) -> [f64; N];
    fn step(&self, x: &[f64; N], u: f64, dt: f64) -> [f64; N];
}
struct CartPole {
    m: f64,
    mc: f64,
    l: f64,
    g: f64,
}
#[grad(wrt(x, u))]
impl Dynamics<4> for CartPole {
    fn f(&self, x: &[f64; 4], u: f64) -> [f64; 4] {
        let [_, v, th, om] = *x;
        let (s, c) = th.sin_cos();
        let total = self.m + self.mc;
        let temp = (u + self.m * self.l * om * om * s) / total;
        let alpha = (self.g * s - c * temp) / (self.l * (4.0 / 3.0 - self.m * c * c / total));
        [v, temp - self.m * self.l * alpha * c / total, om, alpha]
    }
    fn step(&self, x: &[f64; 4], u: f64, dt: f64) -> [f64; 4] {
        let k1 = self.f(x, u);
        let mid: [f64; 4] = std::array::from_fn(|i| x[i] + 0.5 * dt * k1[i]);
        let k2 = self.f(&mid, u);
        let mut next = *x;
        for i in 0..4 {
            next[i] += dt * k2[i];
        }
        next
    }
}
trait Stage {
    fn cost(&self, x: &[f64; 4], u: f64) -> f64;
    fn rollout(&self, x0: [f64; 4], us: &[f64], plant: &CartPole) -> f64;
}
struct Quadratic {
    q: [f64; 4],
    r: f64,
    goal: [f64; 4],
    dt: f64,
}
#[grad(wrt(x, u, us))]
impl Stage for Quadratic {
    fn cost(&self, x: &[f64; 4], u: f64) -> f64 {
        x.iter().zip(&self.goal).zip(&self.q).map(|((x, g), q)| q * (x - g).powi(2)).sum::<f64>()
            + self.r * u * u
    }
    fn rollout(&self, x0: [f64; 4], us: &[f64], plant: &CartPole) -> f64 {
        let mut x = x0;
        let mut total = 0.0;
        for &u in us {
            total += self.cost(&x, u);
            x = plant.step(&x, u, self.dt);
        }
        total + 10.0 * self.cost(&x, 0.0)
    }
}
#[test]
fn right_hand_sides() {
    let s = ThreeBody { mu: 0.012 };
    let y = vec![0.9, 0.1, 0.05, 0.0, 0.3, 0.1];
    let mut dy = vec![0.0; 6];
    let mut seed = vec![1.0; 6];
    let mut g = vec![0.0; 6];
    s.system_vjp_add(0.0, &y, &mut dy, &mut g, &mut seed);
    near(
        g[0],
        slope(
            |t| {
                let mut y = y.clone();
                y[0] = t;
                let mut dy = vec![0.0; 6];
                s.system(0.0, &y, &mut dy);
                dy.iter().sum()
            },
            0.9,
        ),
    );
    let c = CartPole { m: 0.1, mc: 1.0, l: 0.5, g: 9.8 };
    let q = Quadratic { q: [1.0, 0.1, 5.0, 0.1], r: 0.01, goal: [0.0; 4], dt: 0.02 };
    let us = [0.1, -0.3, 0.5];
    near(
        q.rollout_grad([0.1, 0.0, 0.2, 0.0], &us, &c)[1],
        slope(
            |t| {
                let mut us = us;
                us[1] = t;
                q.rollout([0.1, 0.0, 0.2, 0.0], &us, &c)
            },
            us[1],
        ),
    );
}
