//! Pictures of a descent: curves of the values, and the path over a contour map.
//!
//! A picture is an SVG or a PNG, as the name of its file ends. Text in a PNG is set in Ubuntu Light, which comes with
//! the crate `epaint_default_fonts` under the Ubuntu font licence.
//!
//! ```
//! use grad_runtime::descent::{GradientDescent, History, plot};
//! use grad_runtime::from_fn;
//!
//! let bowl = |x: f64, y: f64| x * x + 5.0 * y * y;
//! let mut objective = from_fn(|p: &[f64]| (bowl(p[0], p[1]), [2.0 * p[0], 10.0 * p[1]]));
//! let mut plain = History::new().with_points();
//! GradientDescent::new(0.05).minimize_with(&mut objective, vec![3.0, 1.0], &mut plain)?;
//! let mut heavy = History::new().with_points();
//! GradientDescent::new(0.05).momentum(0.8).minimize_with(&mut objective, vec![3.0, 1.0], &mut heavy)?;
//!
//! let folder = std::env::temp_dir();
//! let histories = [("plain", &plain), ("momentum", &heavy)];
//! plot::values(folder.join("values.svg"), "a bowl", &histories)?;
//! plot::paths(folder.join("paths.png"), "a bowl", bowl, &histories)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod contour;
mod curves;
mod error;
mod picture;

pub use contour::{contour_lines, paths};
pub use curves::{curves, values};
pub use error::PlotError;
pub use picture::set_font;
