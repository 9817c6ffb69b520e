//! A derivative goes where its function goes: through globs, re-exports and new names.

use grad::grad;

mod functions {
    pub mod deep {
        use grad::grad;

        #[grad]
        pub fn square(x: f64) -> f64 {
            x * x
        }

        #[grad]
        pub fn cube(x: f64) -> f64 {
            x * square(x)
        }
    }

    pub use deep::square as second_power;
    pub use deep::*;
}

mod prelude {
    pub use crate::pass::module_tree::functions::{cube, second_power};
}

use prelude::*;

#[grad]
fn sum(x: f64) -> f64 {
    use functions::square as q;
    cube(x) + second_power(x) + q(x) + functions::deep::square(x)
}

pub(super) fn main() {
    assert_eq!(sum::grad(2.0), 12.0 + 3.0 * 4.0);
    assert_eq!(functions::cube::grad(1.0), 3.0);
    assert_eq!(second_power::value_and_grad(3.0), (9.0, 6.0));
}
