use grad::grad;

#[derive(Clone, grad::Differentiable)]
struct Spring {
    stiffness: f64,
}

#[grad(wrt(s))]
fn f(s: &Spring, x: f64) -> f64 {
    s.stifness * x // here
}

fn main() {
    f::grad(&Spring { stiffness: 1.0 }, 1.0);
}
