#[grad::grad]
fn deep(x: f64) -> f64 {
    fn deeper(y: f64) -> f64 {
        y
    }
    deeper(1.0) * x
}
