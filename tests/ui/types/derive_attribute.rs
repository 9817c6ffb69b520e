//! GRAD0044: what `#[grad(..)]` does not say inside of a derive

use grad::Differentiable;

#[derive(Differentiable)]
#[grad(wrt(k))]
struct Spring {
    #[grad(fixed)]
    k: f64,
    #[grad]
    rest: f64,
}

#[derive(Differentiable)]
enum Shape {
    #[grad(constant)]
    Circle(f64),
}

fn main() {
    let spring = Spring { k: 1.0, rest: 2.0 };
    println!("{}", spring.k + spring.rest);
    let Shape::Circle(radius) = Shape::Circle(1.0);
    println!("{radius}");
}
