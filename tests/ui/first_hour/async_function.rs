use grad::grad;

#[grad]
async fn f(x: f64) -> f64 { // here
    x * x
}

fn main() {}
