use grad::grad;

#[grad] // here
fn even(x: f64, n: usize) -> f64 {
    if n == 0 { x } else { x * odd(x, n - 1) }
}

#[grad] // here
fn odd(x: f64, n: usize) -> f64 {
    if n == 0 { 1.0 } else { x.sin() * even(x, n - 1) }
}

fn main() {
    even::grad(1.0, 3);
}
