//! The page: the map with walkers in motion, and one to choose. One file that needs nothing else, not even a network.

use crate::map::{self, pixel};
use crate::script;
use crate::walks::{FLAT, Track};
use serde_json::{Value, json};

/// What stands around the map and the numbers.
const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("../../../playground/page/page.css");
const DRAW: &str = include_str!("../../../playground/page/draw.js");

/// The page of these walks.
pub fn write(tracks: &[Track], steps: usize) -> Result<String, Box<dyn std::error::Error>> {
    let walkers: Vec<Value> = tracks.iter().map(walker).collect();
    let ([left, top], [right, bottom]) = (pixel([-map::EDGE, map::EDGE]), pixel([map::EDGE, -map::EDGE]));
    let data = json!({
        "walkers": walkers,
        "steps": steps,
        "flat": FLAT,
        "edge": map::EDGE,
        "frame": [left, top, right - left, bottom - top],
        "scale": map::scale().map(|(level, color)| json!([level, color])).collect::<Vec<_>>(),
    });
    Ok(TEMPLATE
        .replace("/* style */", STYLE)
        .replace("<!-- map -->", &map::ground()?)
        .replace("/* draw */", &DRAW.replacen("\"use strict\";\n", "", 1))
        .replace("/* gradient */", &script::gradient()?)
        .replace("/* data */", &data.to_string().replace("</", "<\\/")))
}

/// Who walks, and where this program has seen them: the page computes the same.
fn walker(track: &Track) -> Value {
    let Track { walker, footprints, .. } = track;
    json!({
        "name": walker.name,
        "color": walker.color,
        "rate": walker.step_size,
        "up": walker.uphill,
        "start": walker.start,
        "seen": footprints.iter().map(|print| json!([print.point[0], print.point[1], print.height])).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{options, walks};

    #[test]
    fn the_page_needs_nothing_else() {
        let tracks: Vec<Track> =
            walks::cast(options::START).iter().map(|walker| walks::walk(walker, 5).unwrap()).collect();
        let page = write(&tracks, 5).unwrap();
        for place in ["/* ", "<!-- ", "src=", "https://"] {
            let found = page.matches(place).count();
            // A comment of the style sheet may stay.
            assert!(found == 0 || place == "/* " && !page.contains("/* data */"), "{place}: {found}");
        }
    }
}
