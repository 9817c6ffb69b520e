//! Several mistakes in one function

use grad::grad;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

/// Three mistakes, three errors, at once.
#[grad(wrt(x, v), fast)]
fn f(x: f64, v: &[f64], text: &str) -> f64 {
    let a = square!(x);
    let b = x.next_up();
    let c = v.iter().by_ref().take(3).sum::<f64>();
    a + b * c + text.len() as f64
}

fn main() {}
