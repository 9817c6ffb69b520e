//! The 27 nonlinear regressions of NIST's Statistical Reference Datasets: models as functions with `#[grad]`, data with
//! certified solutions, and what is true of a method that has run on one.

pub mod data;
pub mod models;
pub mod runs;
pub mod table;
