//! What the programs of the fuzzer run with: dual numbers that stand in for floats, and the comparison of all derivatives
//! of a function with each other and with those.

pub mod case;
mod dual;
mod flat;
mod nested;
mod number;
pub mod stand_in;

pub use case::{Case, Rounding, Verdict, check_all};
pub use flat::{Duals, Numbers, Observe, Observed, Outcome, Results, Seeded, ThreeRows, floats};
pub use nested::{Point, gradient, gradient_of_two, inner};
pub use number::{Cast, D32, D64, cast, inside, kink_met, outside};
