//! A helper without `#[grad]` on the way of the derivative

use grad::grad;

fn helper(x: f64) -> f64 {
    x * x
}

mod other {
    pub fn helper(x: &[f64], k: f64) -> f64 {
        x[0] * k
    }
}

#[grad]
fn f(x: f64) -> f64 {
    helper(x) + 1.0
}

#[grad]
fn g(v: &[f64]) -> f64 {
    other::helper(v, 2.0)
}

/// The derivatives of this one are not those of what is imported.
#[grad]
fn squared(x: f64) -> f64 {
    x * x * x
}

mod plain {
    pub fn squared(x: f64) -> f64 {
        x * x
    }
}

#[grad]
fn h(x: f64) -> f64 {
    use plain::squared;
    squared(x) + self::squared(x)
}

fn main() {}
