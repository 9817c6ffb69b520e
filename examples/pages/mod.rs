//! Pages and pictures of the examples: the look of the playground, and curves without a library. Whoever shows something
//! includes this file.

#![allow(dead_code, unreachable_pub, reason = "no example uses all of it")]

use std::fmt::Write as _;

pub const STYLE: &str = include_str!("../../playground/page/page.css");

/// What the pictures add to it.
const PICTURES: &str = "\
.wide-page { display: block; max-width: 1080px; } .wide-page section { margin: 0 0 34px; } .wide-page h2 { margin: 0 0 4px; } .wide-page p { max-width: 62em; margin: 4px 0 12px; }
.wide-page a { color: var(--meadow-ink); } figure { margin: 0; } figure svg, figure img { display: block; max-width: 100%; height: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 18px; }
.card { background: var(--paper); border: 1px solid var(--rule); border-radius: 12px; padding: 14px 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(62px, 1fr)); gap: 12px; list-style: none; padding: 0; margin: 0; } .tiles li { text-align: center; font-size: 14px; } .tiles svg { width: 100%; height: auto; border-radius: 8px; }";

/// The colours of a picture, on light paper and on dark.
const COLORS: &str = "\
:root { --ground: #fbfaf5; --paper: #ffffff; --ink: #2b2a25; --faint: #6b675c; --rule: #ddd8c8; --meadow-ink: #2f6f48; --bar: #b3341f; --dot: #1a5fc0; --rock: #c9a083; }
@media (prefers-color-scheme: dark) { :root { --ground: #171a17; --paper: #1e221e; --ink: #e6e3d6; --faint: #a7a396; --rule: #3a3f38; --meadow-ink: #9fd3ac; --bar: #ff9d84; --dot: #8fbcff; --rock: #a98365; } }";

/// A page: a heading over mountains, and what is under it.
pub fn page(title: &str, lead: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>\n{STYLE}{PICTURES}\n</style>\n</head>\n<body>\n<header>\n  \
         <svg class=\"ridge\" viewBox=\"0 0 1200 90\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\n    \
         <path class=\"far\" d=\"M0 90V58l90-22 70 18 110-40 90 34 120-26 130 38 90-20 120 26 110-46 130 40 70-14 70 20v24z\"/>\n    \
         <path class=\"near\" d=\"M0 90V76l130-18 110 16 150-28 120 26 170-16 130 20 160-34 120 30 110-8v26z\"/>\n  </svg>\n  \
         <div class=\"head\"><h1>{title}</h1><p>{lead}</p></div>\n</header>\n<main class=\"wide-page\">\n{body}</main>\n</body>\n</html>\n"
    )
}

/// An SVG file that brings its colours.
pub fn picture(width: f64, height: f64, label: &str, content: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"{label}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"14\">\n<style>\n{COLORS}\n</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"12\" fill=\"var(--paper)\"/>\n{content}</svg>\n"
    )
}

/// The same within a page, which has the colours.
pub fn inline(width: f64, height: f64, label: &str, content: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\" font-size=\"14\">\n{content}</svg>\n"
    )
}

/// A curve, its name, and its colour.
pub struct Curve<'a> {
    pub name: &'a str,
    pub color: &'a str,
    pub points: Vec<(f64, f64)>,
}

/// Curves over one axis.
pub struct Chart<'a> {
    pub title: &'a str,
    pub x: &'a str,
    /// In decades.
    pub is_log: bool,
    /// The ends of the vertical axis, and what is written at it.
    pub y: (f64, f64),
    pub ticks: &'a [f64],
    pub curves: Vec<Curve<'a>>,
}

impl Chart<'_> {
    pub const WIDTH: f64 = 480.0;
    pub const HEIGHT: f64 = 290.0;

    /// Its elements, for an SVG of this size.
    pub fn draw(&self) -> String {
        const LEFT: f64 = 58.0;
        const RIGHT: f64 = 464.0;
        const TOP: f64 = 46.0;
        const BOTTOM: f64 = 240.0;
        let last =
            self.curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).fold(0.0, f64::max);
        let first =
            self.curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).fold(last, f64::min);
        let scale = |y: f64| if self.is_log { y.max(f64::MIN_POSITIVE).log10() } else { y };
        let (low, high) = (scale(self.y.0), scale(self.y.1));
        let at = |(x, y): (f64, f64)| {
            let (across, up) = ((x - first) / (last - first).max(1e-9), (scale(y) - low) / (high - low));
            (LEFT + across * (RIGHT - LEFT), BOTTOM - up.clamp(-0.02, 1.02) * (BOTTOM - TOP))
        };
        let mut svg = format!(
            "<text x=\"16\" y=\"26\" font-weight=\"600\" fill=\"var(--ink)\">{}</text>\n",
            self.title
        );
        for tick in self.ticks.iter().filter(|tick| (self.y.0..=self.y.1).contains(*tick)) {
            let (_, y) = at((first, *tick));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"var(--rule)\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" \
                 font-size=\"13\" fill=\"var(--faint)\">{tick}</text>",
                LEFT - 8.0,
                y + 4.5
            );
        }
        let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];
        let step = step.into_iter().find(|step| (last - first) / step <= 7.0).unwrap_or(1000.0);
        let mut x = (first / step).ceil() * step;
        while x <= last {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\" font-size=\"13\" fill=\"var(--faint)\">{x}</text>",
                at((x, self.y.0)).0,
                BOTTOM + 20.0
            );
            x += step;
        }
        let _ = writeln!(
            svg,
            "<text x=\"{RIGHT}\" y=\"{}\" text-anchor=\"end\" font-size=\"13\" fill=\"var(--faint)\">{}</text>",
            BOTTOM + 40.0,
            self.x
        );
        let mut beside = LEFT;
        for curve in &self.curves {
            let points: Vec<String> =
                curve.points.iter().map(|point| at(*point)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let color = curve.color;
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.2\" stroke-linejoin=\"round\"/>\n\
                 <path d=\"M{beside} {y}h18\" stroke=\"{color}\" stroke-width=\"3\"/><text x=\"{}\" y=\"{}\" fill=\"var(--ink)\">{}</text>",
                points.join(" "),
                beside + 24.0,
                BOTTOM + 41.0,
                curve.name,
                y = BOTTOM + 36.0
            );
            beside += 44.0 + 8.2 * curve.name.len() as f64;
        }
        svg
    }
}

/// Eight squares in a row, each with its colour and how strong it is.
pub fn pixels(ink: &[f64], color: impl Fn(f64) -> (&'static str, f64)) -> String {
    let side = 8;
    let mut svg = format!("<rect width=\"{side}\" height=\"{side}\" fill=\"var(--ground)\"/>");
    for (k, ink) in ink.iter().enumerate() {
        let (color, strength) = color(*ink);
        if strength > 0.004 {
            let _ = write!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"1.02\" height=\"1.02\" fill=\"{color}\" fill-opacity=\"{strength:.2}\"/>",
                k % side,
                k / side
            );
        }
    }
    svg
}

/// An arrow from one place to another.
pub fn arrow((x1, y1): (f64, f64), (x2, y2): (f64, f64), color: &str) -> String {
    let (dx, dy) = (x2 - x1, y2 - y1);
    let size = dx.hypot(dy);
    if size < 0.5 {
        return String::new();
    }
    let (dx, dy) = (dx / size, dy / size);
    let tip = size.min(7.0);
    format!(
        "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}M{:.1} {:.1}L{x2:.1} {y2:.1}L{:.1} {:.1}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\n",
        x2 - tip * dx - 0.6 * tip * dy,
        y2 - tip * dy + 0.6 * tip * dx,
        x2 - tip * dx + 0.6 * tip * dy,
        y2 - tip * dy - 0.6 * tip * dx
    )
}

/// Writes a file, into a directory that is made.
pub fn write(path: &std::path::Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make the directory `{}`: {error}", folder.display()))?;
    }
    std::fs::write(path, text).map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}

/// The command line of an example that only writes one picture: where to, or nothing where help was asked for.
pub fn out(help: &str, default: &str) -> Result<Option<std::path::PathBuf>, String> {
    let mut out = default.into();
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("-h" | "--help") => {
                println!("{help}");
                return Ok(None);
            }
            Some("--out") => out = args.next().ok_or("--out needs a file")?.into(),
            Some(arg) if arg.starts_with("--out=") => out = arg["--out=".len()..].into(),
            _ => {
                return Err(format!(
                    "unexpected argument `{}`\nhelp: --help lists the options",
                    arg.to_string_lossy()
                ));
            }
        }
    }
    Ok(Some(out))
}
