//! The mountain: an ordinary function; `#[grad]` writes its slope.

use grad::grad;

/// A summit amid a round valley, and higher mountains all around. Two passes divide the valley in two; its western
/// part is the deeper one.
#[grad]
pub fn height(p: &[f64; 2]) -> f64 {
    let [x, y] = *p;
    let ring = (x * x + y * y) / 4.0 - 1.0;
    let passes = y + 0.3 * x;
    ring * ring + 0.2 * passes * passes + 0.12 * x
}

/// The map shows the square from −`EDGE` to `EDGE`, east and north.
pub const EDGE: f64 = 3.2;
