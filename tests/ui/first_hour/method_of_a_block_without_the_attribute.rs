use grad::grad;

struct Spring {
    stiffness: f64,
}

impl Spring {
    #[grad]
    fn energy(&self, x: f64) -> f64 { // here
        self.stiffness * x * x
    }
}

fn main() {
    let spring = Spring { stiffness: 1.0 };
    spring.energy(1.0);
}
