fn main() {}

#[grad::grad]
fn of_the_example(x: f64) -> f64 {
    x.exp()
}
