//! A constant that is changed after a call is kept as it was, which asks for a copy.

use grad::grad;
pub struct Count { k: f64, log: Vec<f64> }
impl Count { fn add(&mut self, x: f64) { self.k += x; self.log.push(x); } }
#[grad(wrt(x))]
fn scaled(c: &Count, x: f64) -> f64 { let mut s = c.k * x * x; for &l in &c.log { s += (l * x).sin(); } s }
#[grad(wrt(x))]
fn changed(x: f64, n: usize) -> f64 {
    let mut c = Count { k: 0.5, log: vec![0.2] };
    let mut s = x;
    for i in 0..n {
        s = scaled(&c, s);
        c.add(i as f64);
    }
    s
}
fn main() {}
