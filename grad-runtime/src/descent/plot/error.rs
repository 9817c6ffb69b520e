//! Why is there no picture?

use std::fmt;
use std::path::{Path, PathBuf};

/// A picture that could not be drawn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PlotError {
    /// The file ends neither in `.svg` nor in `.png`.
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// There is nothing to show, or nothing that is finite.
    Empty,
    /// A path is not one of two variables: record it [`with_points`](crate::descent::History::with_points), of a
    /// function of two variables.
    NotTwoVariables {
        /// Coordinates of the first point.
        found: usize,
    },
    /// The picture cannot be drawn or written.
    Draw {
        /// The file.
        path: PathBuf,
        /// What the crate `plotters` says.
        message: String,
    },
}

impl PlotError {
    pub(super) fn draw(path: &Path, error: &dyn fmt::Display) -> Self {
        PlotError::Draw { path: path.to_owned(), message: error.to_string() }
    }
}

impl fmt::Display for PlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlotError::UnknownFormat { path } => {
                write!(f, "`{}` is no name of a picture: let it end in `.svg` or `.png`", path.display())
            }
            PlotError::Empty => write!(f, "there is nothing to show"),
            PlotError::NotTwoVariables { found } => {
                write!(f, "the points have {found} coordinates: a map shows two, recorded with `with_points`")
            }
            PlotError::Draw { path, message } => {
                write!(f, "cannot draw the picture `{}`: {message}", path.display())
            }
        }
    }
}

impl std::error::Error for PlotError {}
