//! The file of a picture, and what all pictures look like.

use std::path::Path;
use std::sync::Once;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use super::PlotError;

pub(super) const SIZE: (u32, u32) = (900, 560);

/// Colours for the histories: those of Okabe and Ito, *Color universal design*, 2008, which most eyes tell apart, but
/// for the yellow, which white paper swallows; and five more.
const COLORS: [RGBColor; 12] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(136, 34, 85),
    RGBColor(128, 128, 0),
    RGBColor(70, 40, 180),
    RGBColor(150, 150, 150),
    RGBColor(0, 90, 50),
];

pub(super) fn color(k: usize) -> RGBColor {
    COLORS[k % COLORS.len()]
}

/// Something that is drawn, on whatever.
pub(super) trait Picture {
    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>>;
}

pub(super) fn write(path: &Path, picture: &impl Picture) -> Result<(), PlotError> {
    set_font();
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if ending.eq_ignore_ascii_case("svg") {
        draw(path, picture, SVGBackend::new(path, SIZE))
    } else if ending.eq_ignore_ascii_case("png") {
        draw(path, picture, BitMapBackend::new(path, SIZE))
    } else {
        Err(PlotError::UnknownFormat { path: path.to_owned() })
    }
}

fn draw<B: DrawingBackend>(path: &Path, picture: &impl Picture, backend: B) -> Result<(), PlotError> {
    let area = backend.into_drawing_area();
    area.fill(&WHITE)
        .and_then(|()| picture.draw(&area))
        .and_then(|()| area.present())
        .map_err(|error| PlotError::draw(path, &error))
}

/// Gives `plotters`, which has no font of its own in this configuration, one for all families: to be called before
/// text is drawn in a picture of your own. The functions of this module do.
pub fn set_font() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let font = epaint_default_fonts::UBUNTU_LIGHT;
        for family in ["sans-serif", "serif", "monospace"] {
            assert!(register_font(family, FontStyle::Normal, font).is_ok(), "the font is whole");
        }
    });
}
