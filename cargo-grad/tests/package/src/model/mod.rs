mod spring;

/// Under a condition, and in need of memory.
#[cfg_attr(feature = "grad", grad::grad(wrt(w), second))]
pub fn energy(w: &[f64], x: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut y = x[0];
    while y < 100.0 {
        y *= w[0];
        sum += y;
    }
    sum * spring::tension(w)
}
