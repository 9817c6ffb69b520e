//! A trait with the name of an operator's is not the operator

use grad::{Differentiable, grad};

trait Add {
    fn add(self, other: Self) -> Self;
}

#[derive(Clone, Copy, Differentiable)]
struct V2 {
    x: f64,
}

#[grad]
impl Add for V2 {
    fn add(self, other: V2) -> V2 {
        V2 { x: self.x * other.x }
    }
}

fn main() {
    let v = V2 { x: 1.0 };
    println!("{}", v.add(v).x);
}
