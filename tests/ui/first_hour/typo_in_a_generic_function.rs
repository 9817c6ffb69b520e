use grad::grad;

use grad::Real;

#[grad]
fn f<T: Real>(stiffness: T, x: T) -> T {
    stifness * x * x // here
}

fn main() {
    f::grad(1.0, 1.0);
}
