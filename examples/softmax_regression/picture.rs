//! The picture: what speaks for each digit.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::data::{CLASSES, Digits, PIXELS};
use crate::model::predict;

const WIDTH: u32 = 900;
const HEIGHT: u32 = 470;
/// Heights of the heading and of a row of pictures.
const HEADING: i32 = 50;
const ROW: i32 = 145;
/// Pictures in a row.
const COLUMNS: usize = 5;
/// Pixels of the pictures have this side.
const PIXEL: i32 = 14;
const SMALL_PIXEL: i32 = 6;
/// The first test images that are shown.
const SHOWN: usize = 15;

/// Writes an SVG: for each digit the pixels whose ink speaks for it (blue) and against it (red), and the first test
/// images with the digits read; errors in red.
pub fn draw(path: &Path, weights: &[f64], test: &Digits) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let root = SVGBackend::new(path, (WIDTH, HEIGHT)).into_drawing_area();
    root.fill(&WHITE)?;
    let heading = "where ink speaks for a digit (blue), and against it (red)";
    root.draw(&Text::new(heading, (20, 18), ("sans-serif", 19).into_font()))?;

    let largest = weights[..PIXELS * CLASSES].iter().fold(0.0, |largest: f64, w| largest.max(w.abs()));
    for class in 0..CLASSES {
        let (row, column) = (i32::try_from(class / COLUMNS)?, i32::try_from(class % COLUMNS)?);
        let (x, y) = (50 + column * 172, HEADING + row * ROW);
        root.draw(&Text::new(class.to_string(), (x - 22, y), ("sans-serif", 22).into_font()))?;
        let color = |pixel: usize| {
            let weight = weights[pixel * CLASSES + class];
            let strength = if largest > 0.0 { (weight.abs() / largest).sqrt() } else { 0.0 };
            let color = if weight > 0.0 { RGBColor(20, 80, 190) } else { RGBColor(200, 40, 30) };
            color.mix(strength)
        };
        draw_pixels(&root, (x, y), PIXEL, color)?;
    }
    for (k, image) in test.images.iter().take(SHOWN).enumerate() {
        let (x, y) = (28 + 57 * i32::try_from(k)?, HEADING + 2 * ROW + 30);
        draw_pixels(&root, (x, y), SMALL_PIXEL, |pixel| BLACK.mix(image[pixel]))?;
        let (read, label) = (predict(weights, image), test.labels[k]);
        let (text, color) =
            if read == label { (read.to_string(), BLACK) } else { (format!("{read} (is {label})"), RED) };
        let font = ("sans-serif", 15).into_font().color(&color);
        root.draw(&Text::new(text, (x, y + 8 * SMALL_PIXEL + 6), font))?;
    }
    root.present()?;
    Ok(())
}

/// Eight by eight squares, and a frame.
fn draw_pixels(
    root: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    (x, y): (i32, i32),
    side: i32,
    color: impl Fn(usize) -> RGBAColor,
) -> Result<(), Box<dyn Error>> {
    for pixel in 0..PIXELS {
        let (row, column) = (i32::try_from(pixel / 8)?, i32::try_from(pixel % 8)?);
        let corner = (x + column * side, y + row * side);
        root.draw(&Rectangle::new([corner, (corner.0 + side, corner.1 + side)], color(pixel).filled()))?;
    }
    root.draw(&Rectangle::new([(x, y), (x + 8 * side, y + 8 * side)], BLACK.mix(0.3)))?;
    Ok(())
}
