//! The map: bands of equal height, the tracks of the walkers, and what the colours mean.

use std::fmt::Write as _;

use contour::{ContourBuilder, Error};

pub use crate::landscape::EDGE;
use crate::landscape::height;
use crate::walks::Track;

/// Size of the whole picture, in pixels.
pub const WIDTH: f64 = 920.0;
pub const HEIGHT: f64 = 640.0;
/// The map in it.
const LEFT: f64 = 66.0;
const TOP: f64 = 52.0;
const SIDE: f64 = 530.0;
/// Pictures have no larger coordinates.
const FAR: f64 = 1000.0;
/// Points of the grid along each side, whose heights decide on the lines.
const GRID: usize = 101;

/// A line wherever the height is one of these, and the colour of the ground above it: from meadows to snow.
const BANDS: [(f64, &str); 17] = [
    (f64::NEG_INFINITY, "#5fa777"),
    (-0.2, "#74b585"),
    (-0.1, "#8bc391"),
    (0.0, "#a2cf9c"),
    (0.1, "#b7d9a5"),
    (0.2, "#cbe2ae"),
    (0.3, "#dce8b4"),
    (0.45, "#e9ebb8"),
    (0.6, "#f1e8b4"),
    (0.75, "#f2dea5"),
    (0.9, "#eed195"),
    (1.0, "#e7c388"),
    (1.5, "#ddb47f"),
    (2.5, "#d2a67b"),
    (4.0, "#c9a083"),
    (6.5, "#cfb4a2"),
    (10.0, "#e4d7cf"),
];

/// The whole picture, an SVG element.
pub fn draw(tracks: &[Track]) -> Result<String, Box<dyn std::error::Error>> {
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg id=\"map\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"13\" fill=\"#333\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"32\" font-size=\"19\" font-weight=\"600\">Walking down a mountain by its slope</text>\n\
         <clipPath id=\"frame\"><rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\"/></clipPath>"
    )?;
    draw_ground(&mut svg)?;
    draw_axes(&mut svg)?;
    draw_tracks(&mut svg, tracks)?;
    draw_legend(&mut svg, tracks)?;
    draw_scale(&mut svg)?;
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// The ground and the axes, for a page that draws the rest.
pub fn ground() -> Result<String, Box<dyn std::error::Error>> {
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg id=\"map\" viewBox=\"0 {} {} {}\" font-size=\"14\" tabindex=\"0\" role=\"application\" \
         aria-label=\"Map of the heights. A click, or the arrow keys, choose where your walker starts; the table has all numbers.\">\n\
         <clipPath id=\"frame\"><rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\"/></clipPath>\n<g class=\"ground\">",
        TOP - 12.0,
        LEFT + SIDE + 12.0,
        SIDE + 64.0
    )?;
    draw_ground(&mut svg)?;
    svg.push_str("</g>\n<g class=\"axes\">");
    draw_axes(&mut svg)?;
    svg.push_str("</g>\n</svg>\n");
    // The page says the colours of lines and letters, for light and for dark.
    Ok(svg.replace("stroke=\"#333\"", "class=\"rule\"").replace("<text ", "<text class=\"axis\" "))
}

/// The colours of the ground, from the lowest; the height from which on each is used.
pub fn scale() -> impl Iterator<Item = (Option<f64>, &'static str)> {
    BANDS.iter().map(|&(level, color)| (level.is_finite().then_some(level), color))
}

/// Where a point of the landscape is in the picture. What is very far away is brought nearer, in the same direction.
pub fn pixel([x, y]: [f64; 2]) -> [f64; 2] {
    let near = (FAR / x.abs().max(y.abs())).min(1.0);
    let along = |x: f64| SIDE * (near * x + EDGE) / (2.0 * EDGE);
    [LEFT + along(x), TOP + SIDE - along(y)]
}

/// Whether the map shows the point.
pub fn shows([x, y]: [f64; 2]) -> bool {
    x.abs() <= EDGE && y.abs() <= EDGE
}

/// For each level, the closed lines around all ground above it.
fn contours(levels: &[f64]) -> Result<Vec<contour::Contour>, Error> {
    let step = 2.0 * EDGE / (GRID - 1) as f64;
    let at = |k: usize| step * k as f64 - EDGE;
    let heights: Vec<f64> = (0..GRID * GRID).map(|k| height(&[at(k % GRID), at(k / GRID)])).collect();
    // The builder sets the values into the middle of cells.
    let origin = -EDGE - 0.5 * step;
    ContourBuilder::new(GRID, GRID, true)
        .x_step(step)
        .y_step(step)
        .x_origin(origin)
        .y_origin(origin)
        .contours(&heights, levels)
}

fn draw_ground(svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let (_, lowest) = BANDS[0];
    writeln!(
        svg,
        "<g clip-path=\"url(#frame)\" stroke=\"#5b4a32\" stroke-opacity=\".45\" stroke-width=\".7\">\n\
         <rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"{lowest}\"/>"
    )?;
    let levels: Vec<f64> = BANDS[1..].iter().map(|&(level, _)| level).collect();
    for (contour, (_, color)) in contours(&levels)?.iter().zip(&BANDS[1..]) {
        write!(svg, "<path fill=\"{color}\" fill-rule=\"evenodd\" d=\"")?;
        for polygon in contour.geometry() {
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                for (k, point) in ring.coords().enumerate() {
                    let [x, y] = pixel([point.x, point.y]);
                    write!(svg, "{}{x:.1} {y:.1}", if k == 0 { 'M' } else { 'L' })?;
                }
                svg.push('Z');
            }
        }
        svg.push_str("\"/>\n");
    }
    svg.push_str("</g>\n");
    Ok(())
}

fn draw_axes(svg: &mut String) -> std::fmt::Result {
    let (right, bottom) = (LEFT + SIDE, TOP + SIDE);
    writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" stroke=\"#333\"/>"
    )?;
    for tick in -3..=3 {
        let [x, y] = pixel([f64::from(tick), f64::from(tick)]);
        let label = tick.to_string().replace('-', "\u{2212}");
        writeln!(
            svg,
            "<path stroke=\"#333\" d=\"M{x} {bottom}v5M{LEFT} {y}h-5\"/>\
             <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label}</text>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
            bottom + 19.0,
            LEFT - 9.0,
            y + 4.5
        )?;
    }
    let middle = f64::midpoint(TOP, bottom);
    writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">east x</text>\
         <text transform=\"translate(22 {middle}) rotate(-90)\" text-anchor=\"middle\">north y</text>",
        f64::midpoint(LEFT, right),
        bottom + 40.0
    )
}

fn draw_tracks(svg: &mut String, tracks: &[Track]) -> std::fmt::Result {
    svg.push_str("<g id=\"tracks\" clip-path=\"url(#frame)\" fill=\"none\">\n");
    // The first walkers come to lie on top.
    for track in tracks.iter().rev() {
        let color = track.walker.color;
        let points: Vec<[f64; 2]> = track.footprints.iter().map(|print| pixel(print.point)).collect();
        write!(svg, "<g class=\"track\" stroke-linejoin=\"round\">")?;
        for (line, width) in [("#fff", 4.4), (color, 2.2)] {
            write!(
                svg,
                "<polyline stroke=\"{line}\" stroke-width=\"{width}\" stroke-opacity=\".85\" points=\""
            )?;
            for [x, y] in &points {
                write!(svg, "{x:.1},{y:.1} ")?;
            }
            svg.push_str("\"/>");
        }
        svg.push_str("<g class=\"dots\">");
        for [x, y] in &points {
            write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\" fill=\"{color}\"/>")?;
        }
        svg.push_str("</g></g>\n");
    }
    for track in tracks {
        if let (Some(first), Some(last)) = (track.footprints.first(), track.footprints.last()) {
            let ([x, y], [u, v]) = (pixel(first.point), pixel(last.point));
            writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\" fill=\"#fff\" stroke=\"#222\" stroke-width=\"2\"/>\
                 <circle class=\"end\" cx=\"{u:.1}\" cy=\"{v:.1}\" r=\"6\" fill=\"{}\" stroke=\"#fff\" stroke-width=\"1.6\"/>",
                track.walker.color
            )?;
        }
    }
    svg.push_str("</g>\n");
    Ok(())
}

fn draw_legend(svg: &mut String, tracks: &[Track]) -> std::fmt::Result {
    let x = LEFT + SIDE + 24.0;
    let mut y = TOP + 8.0;
    for track in tracks {
        let Track { walker, footprints, report } = track;
        let (direction, wrong) = if walker.uphill { ("uphill", "down") } else { ("downhill", "up") };
        // Behind the colon is the reason, behind a semicolon advice: the table has them.
        let ending = report.termination.to_string();
        let verdict = escape(ending.split(':').next().unwrap_or(&ending));
        writeln!(
            svg,
            "<g class=\"legend\"><path stroke=\"{0}\" stroke-width=\"3\" d=\"M{x} {y}h22\"/>\
             <circle cx=\"{1}\" cy=\"{y}\" r=\"3.6\" fill=\"{0}\"/>\
             <text x=\"{2}\" y=\"{3}\" font-weight=\"600\">{4}: \u{3b1} = {5}, {direction}</text>\
             <text x=\"{2}\" y=\"{6}\" font-size=\"12\" fill=\"#555\">{7} steps, {10} of them {wrong}; height {8}</text>\
             <text x=\"{2}\" y=\"{9}\" font-size=\"12\" fill=\"#555\">{verdict}</text></g>",
            walker.color,
            x + 11.0,
            x + 30.0,
            y + 4.5,
            escape(&walker.name),
            walker.step_size,
            y + 21.0,
            report.iterations,
            footprints.last().map_or_else(String::new, |last| short(last.height)),
            y + 37.0,
            track.wrong_steps(),
        )?;
        y += 62.0;
    }
    writeln!(
        svg,
        "<circle cx=\"{}\" cy=\"{y}\" r=\"6\" fill=\"#fff\" stroke=\"#222\" stroke-width=\"2\"/>\
         <text x=\"{}\" y=\"{}\">start</text>",
        x + 11.0,
        x + 30.0,
        y + 4.5
    )
}

/// The colours of the heights.
fn draw_scale(svg: &mut String) -> std::fmt::Result {
    let (x, y, step) = (LEFT + SIDE + 24.0, TOP + SIDE - 24.0, 15.0);
    writeln!(svg, "<text x=\"{x}\" y=\"{}\">height h(x, y)</text>", y - 10.0)?;
    for (k, (level, color)) in BANDS.iter().enumerate() {
        let left = x + step * k as f64;
        writeln!(svg, "<rect x=\"{left}\" y=\"{y}\" width=\"{step}\" height=\"14\" fill=\"{color}\"/>")?;
        if k % 4 == 3 {
            writeln!(
                svg,
                "<path stroke=\"#333\" d=\"M{left} {y}v18\"/>\
                 <text x=\"{left}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\">{level}</text>",
                y + 30.0
            )?;
        }
    }
    Ok(())
}

/// A height as one writes it on a map.
pub fn short(height: f64) -> String {
    if height.abs() < 1e4 { format!("{height:.3}") } else { format!("{height:.1e}") }
}

/// As text of XML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{options, walks};

    #[test]
    fn the_lines_are_where_the_height_is_the_level() {
        let levels = [-0.1, 0.45, 1.5];
        for (contour, level) in contours(&levels).unwrap().iter().zip(levels) {
            let rings = contour
                .geometry()
                .iter()
                .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
            let inside = rings.flat_map(|ring| &ring.0).filter(|p| shows([p.x, p.y]));
            let mut points = 0;
            for point in inside {
                let at_edge = (point.x.abs() - EDGE).abs() < 0.05 || (point.y.abs() - EDGE).abs() < 0.05;
                let height = height(&[point.x, point.y]);
                assert!(at_edge || (height - level).abs() < 5e-3, "{point:?}: {height} instead of {level}");
                points += 1;
            }
            assert!(points > 50, "level {level} has {points} points");
        }
    }

    /// `UPDATE_EXPECT=1` writes it anew.
    #[test]
    fn the_picture_in_the_book_is_the_map() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mountain.svg");
        let tracks: Vec<Track> = walks::cast(options::START)
            .iter()
            .map(|walker| walks::walk(walker, options::STEPS).unwrap())
            .collect();
        let map = draw(&tracks).unwrap();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(path, &map).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap() == map,
            "run this with UPDATE_EXPECT=1, and look at {path}"
        );
    }

    #[test]
    fn the_corners_of_the_map_are_its_corners() {
        assert_eq!(pixel([-EDGE, -EDGE]), [LEFT, TOP + SIDE]);
        assert_eq!(pixel([EDGE, EDGE]), [LEFT + SIDE, TOP]);
        assert!(shows([0.0, EDGE]) && !shows([0.0, 1.01 * EDGE]));
    }
}
