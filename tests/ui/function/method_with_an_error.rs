//! GRAD0019: a method with a mistake, of which its second derivatives say nothing more
#![allow(dead_code)]
use grad::{Differentiable, grad};

#[derive(Clone, Differentiable)]
struct Spring {
    k: f64,
}

#[grad(wrt(self, x), second)]
impl Spring {
    fn step(&mut self, x: f64) -> f64 {
        self.k += unsafe { x };
        self.k * x
    }
}

fn main() {
    let mut spring = Spring { k: 1.0 };
    let _ = spring.step_value_and_grad(2.0);
}
