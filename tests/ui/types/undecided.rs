//! GRAD0045: a parameter of which nothing is said

use grad::grad;

struct Spring {
    k: f64,
}

type State = [f64; 3];

#[grad]
fn energy(spring: &Spring, x: f64) -> f64 {
    0.5 * spring.k * x * x
}

#[grad]
fn length(state: &State) -> f64 {
    state.iter().map(|x| x * x).sum()
}

#[grad]
fn boxed(x: f64, scale: Box<f64>) -> f64 {
    x * scale.sqrt()
}

#[grad(second)]
fn square(spring: &Spring) -> f64 {
    spring.k * spring.k
}

fn main() {
    println!("{} {}", energy(&Spring { k: 1.0 }, 2.0), length(&[1.0, 2.0, 3.0]));
    // What uses them is not to blame.
    let (value, gradient) = length::value_and_grad(&[1.0, 2.0, 3.0]);
    println!("{} {} {}", value, gradient[0], length::grad(&[1.0, 2.0, 3.0])[1]);
    println!("{}", square::grad(&Spring { k: 1.0 }).k);
    let (gradient, product) = square::hvp(&Spring { k: 1.0 }, 0.5);
    println!("{} {} {}", gradient.k, product.k, square::hessian(&Spring { k: 1.0 }).k);
    let _ = square::hvp_n::<4>(&Spring { k: 1.0 }, [0.5; 4]);
}
