//! Random programs for `#[grad]`, written as source, compiled, and compared with dual numbers.

pub mod batch;
pub mod constructs;
mod driver;
pub mod generate;
pub mod minimise;
pub mod program;
mod random;
pub mod types;
mod witness;
