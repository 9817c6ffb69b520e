//! The page: the map with the walks in motion. One file that needs nothing else, not even a network.

use std::fmt::Write as _;

use crate::map::{escape, pixel, shows};
use crate::walks::Track;

/// What stands around the map and the numbers.
const TEMPLATE: &str = include_str!("page.html");

/// The page around the map `svg`.
pub fn write(tracks: &[Track], svg: &str) -> String {
    TEMPLATE.replace("<!-- map -->", svg).replace("/* tracks */", &numbers(tracks))
}

/// The tracks as a list of JavaScript: per footprint the pixel, the point, the height, the slope.
fn numbers(tracks: &[Track]) -> String {
    let mut js = String::from("[");
    for Track { walker, footprints, report } in tracks {
        let _ = write!(
            js,
            "\n  {{name: \"{}\", color: \"{}\", rate: {}, up: {}, end: \"{}\", steps: [",
            escape(&walker.name),
            walker.color,
            walker.step_size,
            walker.uphill,
            escape(&report.termination.to_string())
        );
        for print in footprints {
            let ([u, v], [x, y]) = (pixel(print.point), print.point);
            let _ = write!(
                js,
                "[{u:.1},{v:.1},{x:.5e},{y:.5e},{:.5e},{:.5e},{}],",
                print.height,
                print.slope(),
                u8::from(shows(print.point))
            );
        }
        js.push_str("]},");
    }
    js.push_str("\n]");
    js
}
