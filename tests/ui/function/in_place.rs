//! What a closure in `grad::function!` may not be

use grad::grad;

#[grad(wrt(x))]
fn scaled(x: f64, k: f64) -> f64 {
    x * k
}

fn untouched(x: f64) -> f64 {
    x
}

fn main() {
    let mut calls = 0;
    let mut scratch = vec![0.0; 2];
    let data = vec![1.0];
    let counted = grad::function!(|x: f64| -> f64 {
        calls += 1;
        x * x
    });
    counted.grad(1.0);
    let _ = grad::function!(|x: f64| -> f64 {
        scratch[0] = x;
        let lent = &mut scratch;
        lent[0] * x
    });
    let _ = grad::function!(|x, y: f64| -> f64 { x * y });
    let _ = grad::function!(|x: &mut [f64]| -> f64 { x[0] * x[0] });
    let _ = grad::function!(|x: f64| -> bool { x > 0.0 });
    let _ = grad::function!(|n: usize| -> f64 { n as f64 });
    let _ = grad::function!(untouched(data[0]));
    let _ = grad::function!(untouched);
    let _ = grad::function!(#[grad(third)] |x: f64| -> f64 { x });
    let _ = grad::function!(#[grad(jacobian = forward)] |x: f64| -> f64 { x });
    let _ = grad::function!(|x: &[f64]| -> &f64 { &x[0] });
    let twice = grad::function!(#[grad(second)] |x: f64| -> f64 { scaled(x, 2.0) * untouched(x) });
    twice.hessian(1.0);
    let short = grad::function!(#[grad(second)] |x: f64| -> f64 { scaled(x, 2.0) });
    short.hessian(1.0);
    let first = grad::function!(|x: f64| -> f64 { x * x });
    first.hessian(1.0);
    let _ = grad::function!(async |x: f64| -> f64 { x });
    let _ = grad::function!(|x: f64| -> f64 {
        #[cfg(unix)]
        let x = 2.0 * x;
        x * x
    });
    let _ = grad::function!(|x: f64| -> f64 { scaled(data[0], x) });
    let _ = grad::function!(|x: f64| -> f64 { untouched(x) });
}
