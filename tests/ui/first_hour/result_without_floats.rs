use grad::grad;

#[grad]
fn f(x: f64) -> i32 { // here
    x as i32
}

#[grad]
fn g(x: &[f64], scale: f64) -> usize { // here
    (x[0] * scale) as usize
}

fn main() {
    f::grad(1.0);
    g::grad_into(&[1.0], 2.0, &mut [0.0], &mut 0.0);
}
