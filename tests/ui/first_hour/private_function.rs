use grad::grad;

mod model {
    use grad::grad;

    #[grad]
    fn f(x: f64) -> f64 {
        x * x
    }
}

fn main() {
    model::f::grad(1.0); // here
}
