//! The page: how the loss fell, what the network has learned, and what it gets wrong. And the same, short, as a picture.

use std::fmt::Write as _;
use std::path::Path;

use crate::data::{Digits, PIXELS};
use crate::network::{self, HIDDEN};
use crate::pages::{self, Chart, Curve, inline, pixels};

/// What the curves show of one epoch.
pub struct Point {
    pub epoch: usize,
    pub loss: f64,
    pub training_accuracy: f64,
    pub test_accuracy: f64,
}

/// Writes the page, and beside it a picture of the same name.
pub fn draw(path: &Path, history: &[Point], test: &Digits, weights: &[f64]) -> Result<(), String> {
    let wrong = wrong(test, weights);
    pages::write(path, &page(history, test, weights, &wrong))?;
    pages::write(&path.with_extension("svg"), &picture(history, test, weights, &wrong))
}

/// The images that are read as another digit.
fn wrong(test: &Digits, weights: &[f64]) -> Vec<usize> {
    (0..test.len()).filter(|&k| network::predict(weights, &test.images[k]) != test.labels[k]).collect()
}

fn page(history: &[Point], test: &Digits, weights: &[f64], wrong: &[usize]) -> String {
    let mut body = String::from("<section><h2>How it learned</h2>\n<p>");
    if let (Some(first), Some(last)) = (history.first(), history.last()) {
        let _ = write!(
            body,
            "After {} passes over the training images the loss is {:.4}; it was {:.3} after the first. Of the images that the network \
             has never seen it reads {:.1} % right.",
            last.epoch,
            last.loss,
            first.loss,
            100.0 * last.test_accuracy
        );
    }
    body.push_str("</p>\n<div class=\"charts\">\n");
    for chart in [loss(history), accuracy(history)] {
        let svg = inline(Chart::WIDTH, Chart::HEIGHT, chart.title, &chart.draw());
        let _ = writeln!(body, "<figure class=\"card\">{svg}</figure>");
    }
    body.push_str(
        "</div></section>\n<section><h2>What the hidden units look for</h2>\n<p>Each picture is a unit of the hidden layer: ink at a \
         green pixel excites it, ink at a red one holds it back. Nobody drew them; they are where the gradient led.</p>\n<ul class=\"tiles\">\n",
    );
    let largest = weights[..PIXELS * HIDDEN].iter().fold(1e-12, |largest: f64, w| largest.max(w.abs()));
    for unit in 0..HIDDEN {
        let _ = writeln!(
            body,
            "<li>{}</li>",
            inline(8.0, 8.0, &format!("weights of unit {}", unit + 1), &unit_pixels(weights, unit, largest))
        );
    }
    let _ = writeln!(
        body,
        "</ul></section>\n<section><h2>What it gets wrong</h2>\n<p>{} of the {} test images: what it reads, and in brackets what is written.</p>\n<ul class=\"tiles\">",
        wrong.len(),
        test.len()
    );
    for &k in wrong {
        body.push_str(&tile(test, weights, k));
    }
    body.push_str("</ul></section>\n<section><h2>And what it gets right</h2>\n<ul class=\"tiles\">\n");
    for k in (0..test.len()).filter(|k| !wrong.contains(k)).take(20) {
        body.push_str(&tile(test, weights, k));
    }
    body.push_str("</ul></section>\n");
    pages::page(
        "Reading digits",
        "A network of 64 pixels, 32 hidden units and 10 answers learns to read handwritten digits, along the gradient that <code>#[grad]</code> generates.",
        &body,
    )
}

fn unit_pixels(weights: &[f64], unit: usize, largest: f64) -> String {
    let ink: Vec<f64> = (0..PIXELS).map(|pixel| weights[pixel * HIDDEN + unit]).collect();
    pixels(&ink, |w| {
        (if w > 0.0 { "var(--meadow-ink)" } else { "var(--bar)" }, (w.abs() / largest).sqrt().min(1.0))
    })
}

fn tile(test: &Digits, weights: &[f64], k: usize) -> String {
    let (read, label) = (network::predict(weights, &test.images[k]), test.labels[k]);
    let text = if read == label {
        format!("{read}")
    } else {
        format!("<span class=\"bad\">{read}</span> ({label})")
    };
    let what = format!("an image of the digit {label}, read as {read}");
    format!(
        "<li>{}{text}</li>\n",
        inline(8.0, 8.0, &what, &pixels(&test.images[k], |ink| ("var(--ink)", ink)))
    )
}

/// Both curves, some units, and the first images that are read wrong.
fn picture(history: &[Point], test: &Digits, weights: &[f64], wrong: &[usize]) -> String {
    let mut svg = format!(
        "<g>{}</g><g transform=\"translate({} 0)\">{}</g>\n",
        loss(history).draw(),
        Chart::WIDTH,
        accuracy(history).draw()
    );
    let caption = |svg: &mut String, y: f64, text: &str| {
        let _ =
            writeln!(svg, "<text x=\"16\" y=\"{y}\" font-weight=\"600\" fill=\"var(--ink)\">{text}</text>");
    };
    caption(&mut svg, 318.0, "what hidden units look for");
    caption(&mut svg, 432.0, "what is read wrong, and in brackets what is written");
    let largest = weights[..PIXELS * HIDDEN].iter().fold(1e-12, |largest: f64, w| largest.max(w.abs()));
    for (place, unit) in (0..HIDDEN.min(12)).enumerate() {
        let x = 16.0 + 78.0 * place as f64;
        let _ = writeln!(
            svg,
            "<g transform=\"translate({x} 330) scale(8.5)\">{}</g>",
            unit_pixels(weights, unit, largest)
        );
    }
    for (place, &k) in wrong.iter().take(12).enumerate() {
        let x = 16.0 + 78.0 * place as f64;
        let pixels = pixels(&test.images[k], |ink| ("var(--ink)", ink));
        let _ = writeln!(
            svg,
            "<g transform=\"translate({x} 444) scale(8.5)\">{pixels}</g><text x=\"{}\" y=\"532\" text-anchor=\"middle\" fill=\"var(--ink)\">{} ({})</text>",
            x + 34.0,
            network::predict(weights, &test.images[k]),
            test.labels[k]
        );
    }
    pages::picture(
        2.0 * Chart::WIDTH,
        550.0,
        "How the network learned, what it looks for, and what it reads wrong",
        &svg,
    )
}

fn loss(history: &[Point]) -> Chart<'static> {
    let points = points(history, |point| point.loss);
    let lowest = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min).max(1e-12);
    let highest = points.iter().map(|point| point.1).fold(lowest, f64::max);
    Chart {
        title: "loss on the training images",
        x: "epoch",
        is_log: true,
        y: (0.8 * lowest, 1.25 * highest),
        ticks: &[1e-6, 1e-5, 1e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0],
        curves: vec![Curve { name: "loss", color: "var(--meadow-ink)", points }],
    }
}

fn accuracy(history: &[Point]) -> Chart<'static> {
    let lowest =
        history.iter().map(|point| point.test_accuracy.min(point.training_accuracy)).fold(0.9, f64::min);
    Chart {
        title: "share of images read right",
        x: "epoch",
        is_log: false,
        y: (lowest, 1.0),
        ticks: &[0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0],
        curves: vec![
            Curve {
                name: "training",
                color: "var(--dot)",
                points: points(history, |point| point.training_accuracy),
            },
            Curve { name: "test", color: "var(--bar)", points: points(history, |point| point.test_accuracy) },
        ],
    }
}

fn points(history: &[Point], of: fn(&Point) -> f64) -> Vec<(f64, f64)> {
    history.iter().map(|point| (point.epoch as f64, of(point))).collect()
}
