//! A package as users have it, for the tests of `cargo-grad`.

mod model;
#[path = "../odd/place.rs"]
mod elsewhere;
#[cfg(feature = "not-written-yet")]
mod absent;

use grad::grad;

#[grad]
pub fn square(x: f64) -> f64 {
    x * x
}

/// Without the attribute.
pub fn cube(x: f64) -> f64 {
    x * x * x
}

#[grad]
pub fn in_one_of_two_ways(x: f64) -> f64 {
    #[cfg(feature = "grad")]
    let y = x.sin();
    #[cfg(not(feature = "grad"))]
    let y = x.cos();
    y * y
}

mod inline {
    mod below;

    #[grad::grad(vjp = rule)]
    pub fn with_a_rule(x: f64) -> f64 {
        x
    }

    fn rule(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
        (x, |seed| seed)
    }

    #[grad::grad]
    fn energy(x: f64) -> f64 {
        x + 1.0
    }
}

#[grad]
pub fn fill(x: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = x[i].sin();
    }
}

#[grad]
pub fn with_scratch(x: &[f64]) -> f64 {
    let mut scratch = vec![0.0; x.len()];
    let mut sum = 0.0;
    for k in 0..3 {
        fill(x, &mut scratch);
        sum += scratch[k] * scratch[k];
    }
    sum
}
