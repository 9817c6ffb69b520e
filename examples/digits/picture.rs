//! The picture: how the loss fell, and what the network reads.

use std::error::Error;
use std::path::Path;

use grad::descent::plot::set_font;
use plotters::prelude::*;

use crate::data::Digits;
use crate::network;

const WIDTH: u32 = 900;
const HEIGHT: u32 = 560;
const CURVES: i32 = 340;
const COLUMNS: usize = 15;
const SHOWN: usize = 2 * COLUMNS;

/// What the curves show of one epoch.
pub struct Point {
    pub epoch: usize,
    pub loss: f64,
    pub training_accuracy: f64,
    pub test_accuracy: f64,
}

/// Writes an SVG: loss and accuracy by epoch, and the first test images with the digits read; errors in red.
pub fn draw(path: &Path, history: &[Point], test: &Digits, weights: &[f64]) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    set_font();
    let root = SVGBackend::new(path, (WIDTH, HEIGHT)).into_drawing_area();
    root.fill(&WHITE)?;
    let (curves, images) = root.split_vertically(CURVES);
    let (left, right) = curves.split_horizontally(WIDTH / 2);

    draw_loss(&left, history)?;
    draw_accuracy(&right, history)?;
    for (k, area) in images.margin(10, 10, 20, 20).split_evenly((SHOWN / COLUMNS, COLUMNS)).iter().enumerate()
    {
        draw_digit(area, &test.images[k], network::predict(weights, &test.images[k]), test.labels[k])?;
    }
    root.present()?;
    Ok(())
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn draw_loss(area: &Area<'_>, history: &[Point]) -> Result<(), Box<dyn Error>> {
    let lowest = history.iter().map(|p| p.loss).fold(f64::INFINITY, f64::min).max(1e-12);
    let highest = history.iter().map(|p| p.loss).fold(lowest, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption("loss on the training images", ("sans-serif", 16))
        .margin(15)
        .x_label_area_size(35)
        .y_label_area_size(55)
        .build_cartesian_2d(1.0..last(history), (0.8 * lowest..1.2 * highest).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .light_line_style(BLACK.mix(0.06))
        .draw()?;
    chart.draw_series(LineSeries::new(points(history, |p| p.loss), BLUE.stroke_width(2)))?;
    Ok(())
}

fn draw_accuracy(area: &Area<'_>, history: &[Point]) -> Result<(), Box<dyn Error>> {
    let lowest = history.iter().map(|p| p.test_accuracy.min(p.training_accuracy)).fold(0.9, f64::min);
    let mut chart = ChartBuilder::on(area)
        .caption("accuracy", ("sans-serif", 16))
        .margin(15)
        .x_label_area_size(35)
        .y_label_area_size(55)
        .build_cartesian_2d(1.0..last(history), lowest..1.0)?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .light_line_style(BLACK.mix(0.06))
        .draw()?;
    let training: fn(&Point) -> f64 = |p| p.training_accuracy;
    let test: fn(&Point) -> f64 = |p| p.test_accuracy;
    for (name, color, of) in [("training", BLUE, training), ("test", RED, test)] {
        chart
            .draw_series(LineSeries::new(points(history, of), color.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    Ok(())
}

fn draw_digit(area: &Area<'_>, image: &[f64], read: usize, label: usize) -> Result<(), Box<dyn Error>> {
    const PIXEL: i32 = 6;
    for (k, &ink) in image.iter().enumerate() {
        let (row, column) = (i32::try_from(k / 8)?, i32::try_from(k % 8)?);
        let corner = (column * PIXEL, row * PIXEL);
        let opposite = (corner.0 + PIXEL, corner.1 + PIXEL);
        area.draw(&Rectangle::new([corner, opposite], BLACK.mix(0.05 + 0.95 * ink).filled()))?;
    }
    let (text, color) =
        if read == label { (read.to_string(), BLACK) } else { (format!("{read} (is {label})"), RED) };
    area.draw(&Text::new(text, (0, 8 * PIXEL + 5), ("sans-serif", 15).into_font().color(&color)))?;
    Ok(())
}

fn points(history: &[Point], of: fn(&Point) -> f64) -> impl Iterator<Item = (f64, f64)> {
    history.iter().map(move |point| (point.epoch as f64, of(point)))
}

/// The end of the epoch axis, which must not be empty.
fn last(history: &[Point]) -> f64 {
    history.last().map_or(2, |point| point.epoch.max(2)) as f64
}
