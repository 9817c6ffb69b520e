//! GRAD0020: items in a body

use grad::grad;

#[grad]
fn static_item(x: f64) -> f64 {
    static K: f64 = 2.0;
    x * K
}

#[grad]
fn macro_definition(x: f64) -> f64 {
    macro_rules! square {
        ($x:expr) => {
            $x * $x
        };
    }
    x * square!(2.0)
}

fn main() {}
