//! Curves of numbers by iteration or epoch.

use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;

use super::PlotError;
use super::picture::{Picture, color, write};
use crate::descent::History;

/// The values of one or more descents by iteration, or of trainings by epoch, each with its name: on a logarithmic
/// scale if all are positive and they span more than a factor of ten. Values that are not finite, or beyond 10¹⁰⁰, are
/// left out.
pub fn values(path: impl AsRef<Path>, title: &str, histories: &[(&str, &History)]) -> Result<(), PlotError> {
    let series: Vec<_> = histories
        .iter()
        .map(|(name, history)| {
            (*name, history.rows().iter().map(|row| (row.number as f64, row.value)).collect::<Vec<_>>())
        })
        .collect();
    let series: Vec<_> = series.iter().map(|(name, points)| (*name, &points[..])).collect();
    curves(path, title, "value", &series)
}

/// Any curves of points (x, y), each with its name, on the scale of [`values`]; `label` is what y is.
pub fn curves(
    path: impl AsRef<Path>,
    title: &str,
    label: &str,
    series: &[(&str, &[(f64, f64)])],
) -> Result<(), PlotError> {
    let series: Vec<(&str, Vec<(f64, f64)>)> = series
        .iter()
        .map(|(name, points)| {
            let shown = |&(x, y): &(f64, f64)| x.abs() <= LARGEST && y.abs() <= LARGEST;
            (*name, points.iter().copied().filter(shown).collect())
        })
        .collect();
    let points = || series.iter().flat_map(|(_, points)| points);
    let Some(x) = span(points().map(|p| p.0)) else { return Err(PlotError::Empty) };
    let Some(y) = span(points().map(|p| p.1)) else { return Err(PlotError::Empty) };
    write(path.as_ref(), &Curves { title, label, series: &series, x, y })
}

/// Axes for larger numbers are no use, and their labels take for ever.
const LARGEST: f64 = 1e100;
/// What is smaller, beside the largest, is drawn at the lower edge.
const DEEPEST: f64 = 1e-25;

/// The least and the largest, if there are any.
fn span(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.fold(None, |span, x| {
        let (least, largest) = span.unwrap_or((x, x));
        Some((x.min(least), x.max(largest)))
    })
}

struct Curves<'a> {
    title: &'a str,
    label: &'a str,
    series: &'a [(&'a str, Vec<(f64, f64)>)],
    x: (f64, f64),
    y: (f64, f64),
}

impl Picture for Curves<'_> {
    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let (least, largest) = self.y;
        if least > 0.0 && largest / least > 10.0 {
            self.draw_on(area, (0.8 * least.max(DEEPEST * largest)..1.25 * largest).log_scale())
        } else {
            // A range must not be empty, nor so narrow that its labels cannot be counted.
            let size = least.abs().max(largest.abs());
            let margin = (0.05 * (largest - least)).max(if size > 1e-100 { 1e-3 * size } else { 1.0 });
            self.draw_on(area, least - margin..largest + margin)
        }
    }
}

impl Curves<'_> {
    fn draw_on<B, Y>(
        &self,
        area: &DrawingArea<B, Shift>,
        y: Y,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>>
    where
        B: DrawingBackend,
        Y: AsRangedCoord<Value = f64>,
        Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let (first, last) = self.x;
        let last = if last > first { last } else { first + 1.0 };
        let mut chart = ChartBuilder::on(area)
            .caption(self.title, ("sans-serif", 20))
            .margin(15)
            .x_label_area_size(35)
            .y_label_area_size(70)
            .build_cartesian_2d(first..last, y)?;
        chart
            .configure_mesh()
            .y_desc(self.label)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| axis_label(*y))
            .light_line_style(BLACK.mix(0.06))
            .draw()?;
        let floor = if self.y.0 > 0.0 { DEEPEST * self.y.1 } else { self.y.0 };
        for (k, (name, points)) in self.series.iter().enumerate() {
            let style = color(k).stroke_width(2);
            chart
                .draw_series(LineSeries::new(points.iter().map(|&(x, y)| (x, y.max(floor))), style))?
                .label(*name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.9))
            .border_style(BLACK.mix(0.3))
            .label_font(("sans-serif", 15))
            .draw()
    }
}

/// Three digits, in the notation that is shorter to read.
pub(super) fn axis_label(y: f64) -> String {
    let size = y.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if (1e-2..1e5).contains(&size) {
        let digits = if size >= 100.0 {
            0
        } else if size >= 1.0 {
            2
        } else {
            3
        };
        let text = format!("{y:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{y:.0e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_short() {
        let labels = [0.0, 1.0, 0.25, 12.5, 1e-7, -340.0, 1e9].map(axis_label);
        assert_eq!(labels, ["0", "1", "0.25", "12.5", "1e-7", "-340", "1e9"]);
    }
}
