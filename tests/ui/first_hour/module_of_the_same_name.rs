use grad::grad;

mod energy {
    pub const SCALE: f64 = 2.0;
}

#[grad]
fn energy(x: f64) -> f64 { // here
    energy::SCALE * x
}

fn main() {
    energy::grad(1.0);
}
