use grad::grad;

#[grad]
struct Spring { // here
    stiffness: f64,
}

fn main() {}
