//! The values of a run as a picture: each below those that it is made of. Values flow down, cotangents flow up.
//!
//! The page of the playground, that of the chain rule and the book show the same picture: the pages light its parts step by
//! step, the book has it whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// More are no picture any more.
const MOST: usize = 60;

/// From one layer, and from one place in it, to the next.
const DOWN: f64 = 92.0;
const ACROSS: f64 = 168.0;
/// A box.
const WIDE: f64 = 150.0;
const TALL: f64 = 52.0;
const MARGIN: f64 = 10.0;

/// A value, as the picture shows it.
pub(crate) struct Shown<'a> {
    pub(crate) name: &'a str,
    pub(crate) formula: &'a str,
    pub(crate) value: &'a str,
    /// How the result changes with it, and the terms of that sum.
    pub(crate) bar: Option<&'a str>,
    pub(crate) terms: &'a [String],
    pub(crate) from: &'a BTreeSet<usize>,
}

/// Colours and all for a picture that stands alone, such as in the book, on light paper and on dark.
const STYLE: &str = "\
<style>
  :root { --ground: #fbfaf5; --ink: #2b2a25; --down: #2f6f48; --up: #b3341f; }
  @media (prefers-color-scheme: dark) { :root { --ground: #1e221e; --ink: #e6e3d6; --down: #9fd3ac; --up: #ff9d84; } }
  text { fill: var(--ink); } rect { fill: var(--ground); stroke: var(--down); stroke-width: 1.5; }
  .number { fill: var(--down); } .bar-number { fill: var(--up); } .edge { fill: none; stroke: var(--down); stroke-width: 1.6; }
  .edge.up { stroke: var(--up); } .tip.down path { fill: var(--down); } .tip.up path { fill: var(--up); }
</style>";

/// The picture, an SVG element; one that `stands` alone brings its colours.
pub(crate) fn draw(all: &[Shown], stands: bool) -> String {
    let nodes = &all[..all.len().min(MOST)];
    let layout = layout(nodes);
    let (width, height) = (layout.width, layout.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"'DejaVu Sans Mono', ui-monospace, Menlo, Consolas, monospace\" font-size=\"13\" role=\"img\" \
         aria-label=\"A graph of {} values. Values flow down, cotangents flow up.\">\n{}<defs>",
        nodes.len(),
        if stands { STYLE } else { "" }
    );
    for kind in ["down", "up"] {
        let _ = write!(
            svg,
            "<marker id=\"arrow-{kind}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto-start-reverse\" class=\"tip {kind}\"><path d=\"M0 0 8 4 0 8z\"/></marker>"
        );
    }
    svg.push_str("</defs>\n");
    for (k, node) in nodes.iter().enumerate() {
        for &from in node.from.iter().filter(|from| **from < nodes.len()) {
            layout.edge(&mut svg, from, k);
        }
    }
    for (k, (node, place)) in nodes.iter().zip(&layout.boxes).enumerate() {
        boxed(&mut svg, k, node, *place);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Where everything is.
struct Layout {
    /// The middle of each box.
    boxes: Vec<(f64, f64)>,
    /// Where an edge goes past the layers between its ends.
    bends: BTreeMap<(usize, usize), Vec<(f64, f64)>>,
    width: f64,
    height: f64,
}

/// What takes room in a layer: a box, or an edge that goes past.
#[derive(Clone, Copy)]
enum Item {
    Box(usize),
    Edge(usize, usize),
}

impl Item {
    fn room(self) -> f64 {
        match self {
            Item::Box(_) => ACROSS,
            Item::Edge(..) => ACROSS / 5.0,
        }
    }
}

/// One layer below the lowest of what it is made of; what is given stands right above its first use.
fn depths(nodes: &[Shown]) -> Vec<usize> {
    let mut depths: Vec<usize> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let above = node.from.iter().filter_map(|from| depths.get(*from)).max();
        depths.push(above.map_or(0, |depth| depth + 1));
    }
    for k in 0..nodes.len() {
        let uses =
            nodes.iter().zip(&depths).filter(|(node, _)| node.from.contains(&k)).map(|(_, depth)| *depth);
        if nodes[k].from.is_empty()
            && let Some(first) = uses.min()
        {
            depths[k] = first.saturating_sub(1);
        }
    }
    depths
}

/// Within its layer everything is near the mean of what it is joined to.
fn layout(nodes: &[Shown]) -> Layout {
    let depths = depths(nodes);
    let mut layers = vec![Vec::new(); depths.iter().max().map_or(0, |depth| depth + 1)];
    for (k, node) in nodes.iter().enumerate() {
        layers[depths[k]].push(Item::Box(k));
        for &from in node.from.iter().filter(|from| **from < nodes.len()) {
            for layer in layers.iter_mut().take(depths[k]).skip(depths[from] + 1) {
                layer.push(Item::Edge(from, k));
            }
        }
    }
    let width = layers.iter().map(|layer| room(layer)).fold(0.0, f64::max) + 2.0 * MARGIN;
    let mut layout = Layout {
        boxes: vec![(width / 2.0, 0.0); nodes.len()],
        bends: BTreeMap::new(),
        width,
        height: layers.len() as f64 * DOWN - DOWN + TALL + 2.0 * MARGIN,
    };
    // Down by what is above, up by what is below, and down again.
    for (round, way) in [true, false, true].into_iter().enumerate() {
        let order: Vec<usize> =
            if way { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for depth in order {
            let mut layer = std::mem::take(&mut layers[depth]);
            layer.sort_by(|a, b| {
                let wish = |item: &Item| layout.wish(nodes, *item, way, round > 0);
                wish(a).total_cmp(&wish(b))
            });
            layout.place(&layer, depth);
            layers[depth] = layer;
        }
    }
    layout
}

fn room(layer: &[Item]) -> f64 {
    layer.iter().map(|item| item.room()).sum()
}

impl Layout {
    fn wish(&self, nodes: &[Shown], item: Item, down: bool, stays: bool) -> f64 {
        let mean = |of: &mut dyn Iterator<Item = usize>| {
            let all: Vec<f64> = of.filter_map(|k| self.boxes.get(k)).map(|(x, _)| *x).collect();
            (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
        };
        let (k, wish) = match item {
            Item::Edge(from, to) => return self.boxes[if down { from } else { to }].0,
            Item::Box(k) if down => (k, mean(&mut nodes[k].from.iter().copied())),
            Item::Box(k) => {
                let below = &mut (0..nodes.len()).filter(|other| nodes[*other].from.contains(&k));
                (k, mean(below))
            }
        };
        // What hangs on nothing stays where it is, and begins at the side.
        wish.unwrap_or(if stays { self.boxes[k].0 } else { k as f64 })
    }

    fn place(&mut self, layer: &[Item], depth: usize) {
        let mut x = (self.width - room(layer)) / 2.0;
        let y = MARGIN + depth as f64 * DOWN + TALL / 2.0;
        for item in layer {
            let middle = (x + item.room() / 2.0, y);
            match *item {
                Item::Box(k) => self.boxes[k] = middle,
                Item::Edge(from, to) => {
                    let bends = self.bends.entry((from, to)).or_default();
                    bends.retain(|(_, other)| *other != y);
                    bends.push(middle);
                    bends.sort_by(|(_, a), (_, b)| a.total_cmp(b));
                }
            }
            x += item.room();
        }
    }

    /// Two lines: the value on its way down, and the cotangent on its way back.
    fn edge(&self, svg: &mut String, from: usize, to: usize) {
        let ((x1, y1), (x2, y2)) = (self.boxes[from], self.boxes[to]);
        let mut points = vec![(x1, y1 + TALL / 2.0)];
        for (x, y) in self.bends.get(&(from, to)).into_iter().flatten() {
            points.extend([(*x, y - TALL / 2.0), (*x, y + TALL / 2.0)]);
        }
        points.push((x2, y2 - TALL / 2.0 - 2.0));
        for (kind, shift, end) in [("down", -5.0, "marker-end"), ("up", 5.0, "marker-start")] {
            let _ = write!(svg, "<path d=\"M{:.1} {}", points[0].0 + shift, points[0].1);
            for pair in points.windows(2) {
                let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
                let (x1, x2, bend) = (x1 + shift, x2 + shift, ((y2 - y1) / 2.0).min(40.0));
                let _ = write!(svg, "C{x1:.1} {} {x2:.1} {} {x2:.1} {y2}", y1 + bend, y2 - bend);
            }
            let _ = writeln!(
                svg,
                "\" class=\"edge {kind}\" {end}=\"url(#arrow-{kind})\" data-edge=\"{from} {to}\"/>"
            );
        }
    }
}

fn boxed(svg: &mut String, k: usize, node: &Shown, (x, y): (f64, f64)) {
    let sum = node.terms.join(" + ");
    let is_sum = node.terms.len() > 1;
    let title = match node.bar {
        Some(bar) if is_sum => format!("\nhow the result changes with it: {sum} = {bar}"),
        Some(bar) => format!("\nhow the result changes with it: {bar}"),
        None => String::new(),
    };
    let room = 16_usize.saturating_sub(node.value.chars().count().min(9)).max(3);
    let _ = write!(
        svg,
        "<g class=\"node\" data-node=\"{k}\" transform=\"translate({:.1} {})\"><title>{} = {} = {}{}</title>\
         <rect width=\"{WIDE}\" height=\"{TALL}\" rx=\"9\"/><text x=\"10\" y=\"21\" class=\"name\">{}</text>\
         <text x=\"{}\" y=\"21\" class=\"number\" text-anchor=\"end\">{}</text>",
        x - WIDE / 2.0,
        y - TALL / 2.0,
        escaped(node.name),
        escaped(node.formula),
        escaped(node.value),
        escaped(&title),
        escaped(&short(node.name, room)),
        WIDE - 10.0,
        escaped(&short(node.value, 9))
    );
    if let Some(bar) = node.bar {
        let text = match is_sum {
            true if sum.chars().count() < 14 => sum,
            true => format!("Σ {bar}"),
            false => bar.to_owned(),
        };
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"42\" class=\"bar-number\" text-anchor=\"end\">{}</text>",
            WIDE - 10.0,
            escaped(&short(&text, 17))
        );
    }
    svg.push_str("</g>\n");
}

fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
