//! Paths over a map with lines of equal value.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::PlotError;
use super::curves::axis_label;
use super::picture::{Picture, color, write};
use crate::descent::History;

/// The paths of descents of a function of two variables, each with its name, over a map of its values: lines of equal
/// value, from green valleys to brown heights, with about the same area between them. A circle is a start, a dot each
/// further point. The map shows the paths from start to end; of one that runs away, only the beginning.
///
/// The histories are recorded [`with_points`](History::with_points).
pub fn paths(
    path: impl AsRef<Path>,
    title: &str,
    f: impl Fn(f64, f64) -> f64,
    histories: &[(&str, &History)],
) -> Result<(), PlotError> {
    let mut paths: Vec<(&str, Vec<(f64, f64)>)> = Vec::new();
    let mut in_view = Vec::new();
    for (name, history) in histories {
        let mut points = Vec::new();
        for row in history.rows() {
            let [x, y] = row.x[..] else { return Err(PlotError::NotTwoVariables { found: row.x.len() }) };
            points.push((x, y));
        }
        let values: Vec<f64> = history.rows().iter().map(|row| row.value).collect();
        in_view.extend(&points[..before_it_runs_away(&points, &values)]);
        paths.push((name, points));
    }
    let Some(window) = Window::around(&in_view) else { return Err(PlotError::Empty) };
    let grid = Grid::sample(window, f);
    let levels = grid.levels();
    write(path.as_ref(), &Map { title, paths: &paths, grid: &grid, levels: &levels })
}

/// The lines on which a function has one of the values `levels`, over a rectangle, as pieces of straight lines: by
/// marching squares on a grid of 160 by 160. For pictures of your own.
pub fn contour_lines(
    f: impl Fn(f64, f64) -> f64,
    x: std::ops::Range<f64>,
    y: std::ops::Range<f64>,
    levels: &[f64],
) -> Vec<(f64, [(f64, f64); 2])> {
    let grid = Grid::sample(Window { x: (x.start, x.end), y: (y.start, y.end) }, f);
    levels.iter().flat_map(|&level| grid.line(level).into_iter().map(move |piece| (level, piece))).collect()
}

#[derive(Clone, Copy, Debug)]
struct Window {
    x: (f64, f64),
    y: (f64, f64),
}

impl Window {
    /// Around the points.
    fn around(points: &[(f64, f64)]) -> Option<Window> {
        let &start = points.first()?;
        let (mut x, mut y) = ((start.0, start.0), (start.1, start.1));
        for p in points {
            x = (x.0.min(p.0), x.1.max(p.0));
            y = (y.0.min(p.1), y.1.max(p.1));
        }
        // No thin strip: at least a third as wide as the other side, and a margin.
        let size = start.0.abs().max(start.1.abs()).max(1.0);
        let side = (x.1 - x.0).max(y.1 - y.0).max(1e-6 * size);
        let widen = |(low, high): (f64, f64)| {
            let half = (0.5 * (high - low)).max(side / 6.0) * 1.2;
            let middle = f64::midpoint(low, high);
            (middle - half, middle + half)
        };
        let window = Window { x: widen(x), y: widen(y) };
        (window.x.0.is_finite() && window.x.1.is_finite() && window.y.0.is_finite() && window.y.1.is_finite())
            .then_some(window)
    }
}

/// How many points there are before the steps are more than twenty times as long as the first, after they have grown
/// five times in a row, or with values that change a thousand times as much as with the first (and ten times as much as
/// they are).
fn before_it_runs_away(points: &[(f64, f64)], values: &[f64]) -> usize {
    let step = |k: usize| (points[k].0 - points[k - 1].0).hypot(points[k].1 - points[k - 1].1);
    let change = |k: usize| (values[k] - values[0]).abs();
    let mut growing = 0;
    for k in 2..points.len() {
        growing = if step(k) > step(k - 1) { growing + 1 } else { 0 };
        let wild = growing >= 5 || change(k) > 1000.0 * change(1).max(0.01 * values[0].abs());
        if wild && step(k) > 20.0 * step(1) || !step(k).is_finite() {
            return k;
        }
    }
    points.len()
}

/// Cells of the map, along each side.
const CELLS: usize = 160;
/// Lines of equal value.
const LINES: usize = 14;

/// The values of a function at the corners of cells, row by row.
struct Grid {
    window: Window,
    values: Vec<f64>,
}

impl Grid {
    fn sample(window: Window, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut grid = Grid { window, values: Vec::with_capacity((CELLS + 1) * (CELLS + 1)) };
        for row in 0..=CELLS {
            for column in 0..=CELLS {
                let (x, y) = grid.corner(row, column);
                grid.values.push(f(x, y));
            }
        }
        grid
    }

    fn corner(&self, row: usize, column: usize) -> (f64, f64) {
        let at = |(low, high): (f64, f64), k: usize| low + (high - low) * k as f64 / CELLS as f64;
        (at(self.window.x, column), at(self.window.y, row))
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        self.values[row * (CELLS + 1) + column]
    }

    /// Levels that have about the same area between them, so that valleys and slopes both show.
    fn levels(&self) -> Vec<f64> {
        let mut sorted: Vec<f64> = self.values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let mut levels: Vec<f64> = (1..=LINES)
            .filter_map(|k| sorted.get(sorted.len() * (2 * k - 1) / (2 * LINES)).copied())
            .collect();
        // Closer at the bottom, where descents end.
        if let [first, second, ..] = sorted[..]
            && second >= first
            && let Some(&lowest) = levels.first()
        {
            levels.extend([0.5, 0.2, 0.05].map(|t| first + (lowest - first) * t));
        }
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    }

    /// Marching squares: where the line crosses each cell. A cell with a corner that is not finite has none.
    fn line(&self, level: f64) -> Vec<[(f64, f64); 2]> {
        let mut pieces = Vec::new();
        for row in 0..CELLS {
            for column in 0..CELLS {
                // Round the cell, from the lower left.
                let corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)];
                let values = corners.map(|(row, column)| self.value(row, column) - level);
                if !values.iter().all(|value| value.is_finite()) {
                    continue;
                }
                let mut crossings = [(0.0, 0.0); 4];
                let mut count = 0;
                for k in 0..4 {
                    let (a, b) = (values[k], values[(k + 1) % 4]);
                    if (a < 0.0) != (b < 0.0) {
                        let (from, to) = (corners[k], corners[(k + 1) % 4]);
                        let (p, q) = (self.corner(from.0, from.1), self.corner(to.0, to.1));
                        let t = a / (a - b);
                        crossings[count] = (p.0 + t * (q.0 - p.0), p.1 + t * (q.1 - p.1));
                        count += 1;
                    }
                }
                match count {
                    2 => pieces.push([crossings[0], crossings[1]]),
                    4 => {
                        // A saddle: the mean of the corners tells which corners the lines cut off.
                        let inside = values.iter().sum::<f64>() < 0.0;
                        let [a, b, c, d] = crossings;
                        if inside == (values[0] < 0.0) {
                            pieces.extend([[a, b], [c, d]]);
                        } else {
                            pieces.extend([[a, d], [b, c]]);
                        }
                    }
                    _ => {}
                }
            }
        }
        pieces
    }
}

struct Map<'a> {
    title: &'a str,
    paths: &'a [(&'a str, Vec<(f64, f64)>)],
    grid: &'a Grid,
    levels: &'a [f64],
}

impl Picture for Map<'_> {
    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let Window { x, y } = self.grid.window;
        let mut chart = ChartBuilder::on(area)
            .caption(self.title, ("sans-serif", 20))
            .margin(15)
            .x_label_area_size(35)
            .y_label_area_size(60)
            .build_cartesian_2d(x.0..x.1, y.0..y.1)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_label_formatter(&|x| axis_label(*x))
            .y_label_formatter(&|y| axis_label(*y))
            .draw()?;
        for (k, &level) in self.levels.iter().enumerate() {
            // From green valleys to brown heights.
            let t = k as f64 / self.levels.len().max(2) as f64;
            let style = HSLColor(0.33 - 0.26 * t, 0.55, 0.62 - 0.22 * t).stroke_width(1);
            chart
                .draw_series(self.grid.line(level).into_iter().map(|piece| PathElement::new(piece, style)))?;
        }
        for (k, (name, points)) in self.paths.iter().enumerate() {
            let color = color(k);
            // Lines may leave the map once; what is far outside would only overflow the picture's coordinates.
            let inside = |p: &&(f64, f64)| {
                let (wide, high) = (x.1 - x.0, y.1 - y.0);
                (x.0 - wide..=x.1 + wide).contains(&p.0) && (y.0 - high..=y.1 + high).contains(&p.1)
            };
            let shown: Vec<(f64, f64)> = points.iter().take_while(inside).copied().collect();
            chart
                .draw_series(LineSeries::new(shown.iter().copied(), color.stroke_width(2)))?
                .label(*name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
            let dots = shown.iter().skip(1).map(|&p| Circle::new(p, 2, color.filled()));
            chart.draw_series(dots)?;
            chart.draw_series(shown.iter().take(1).map(|&p| Circle::new(p, 5, color.stroke_width(2))))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_circle_are_on_the_circle() {
        let pieces = contour_lines(|x, y| x * x + y * y, -2.0..2.0, -2.0..2.0, &[1.0, 2.0]);
        let mut length = 0.0;
        for (level, [p, q]) in &pieces {
            for point in [p, q] {
                assert!((point.0 * point.0 + point.1 * point.1 - level).abs() < 1e-3, "{point:?}");
            }
            length += (p.0 - q.0).hypot(p.1 - q.1);
        }
        let circumference = std::f64::consts::TAU * (1.0 + 2.0_f64.sqrt());
        assert!((length - circumference).abs() < 1e-2, "{length}");
    }

    #[test]
    fn the_lines_of_a_saddle_do_not_cross_and_holes_have_none() {
        let pieces = contour_lines(|x, y| x * y, -1.01..1.0, -1.02..1.0, &[0.0]);
        assert!(pieces.iter().all(|(_, piece)| piece.iter().all(|(x, y)| (x * y).abs() < 1e-4)));
        assert!(contour_lines(|_, _| f64::NAN, 0.0..1.0, 0.0..1.0, &[0.0]).is_empty());
        assert!(contour_lines(|_, _| 1.0, 0.0..1.0, 0.0..1.0, &[0.0, 1.0]).is_empty());
    }

    #[test]
    fn what_ran_away_does_not_decide_on_the_view() {
        let view = |f: fn(i32) -> f64, points: i32, value: fn(f64) -> f64| {
            let points: Vec<(f64, f64)> = (0..points).map(|k| (f(k), 1.0)).collect();
            let values: Vec<f64> = points.iter().map(|p| value(p.0)).collect();
            before_it_runs_away(&points, &values)
        };
        assert!(view(|k| 1.0 - 2.1_f64.powi(k), 60, |x| x * x) < 10);
        assert_eq!(view(|k| [0.0, 1.0, -300.0, 1e9][usize::try_from(k).unwrap()], 4, |x| x.powi(4)), 2);
        assert_eq!(view(|k| f64::from(k) * 1e-4, 100_000, |x| (x - 20.0).powi(2)), 100_000, "slow");
        assert_eq!(
            view(|k| [0.0, 1e-3, 5.0, 5.5][usize::try_from(k).unwrap()], 4, |x| (x - 5.5).powi(2)),
            4,
            "one large step"
        );
        let window = Window::around(&[(1.0, 1.0), (0.0, 1.0)]).unwrap();
        assert!(window.x.0 < 0.0 && window.x.1 > 1.0 && window.y.0 < 0.9 && window.y.1 > 1.1);
    }
}
