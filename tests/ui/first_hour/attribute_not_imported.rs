use grad::grad;

mod model {
    #[grad] // here
    pub fn f(x: f64) -> f64 {
        x * x
    }
}

fn main() {
    model::f(1.0);
}
