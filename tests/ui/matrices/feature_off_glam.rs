//! Without the feature a vector of glam is a type without tangents: which feature that is, its name tells.

use grad::grad;

pub struct DVec2 {
    pub x: f64,
    pub y: f64,
}

#[grad]
fn total(v: &DVec2) -> f64 {
    v.x * v.y
}

fn main() {}
