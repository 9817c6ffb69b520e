//! Why can a checkpoint not be read or written?

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A checkpoint that cannot be read, written, or gone on from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file cannot be opened, read, written or renamed.
    File {
        /// Which.
        path: PathBuf,
        /// What kind of error.
        kind: io::ErrorKind,
        /// What the system says.
        message: String,
    },
    /// The file is no checkpoint.
    Foreign,
    /// The file is a checkpoint of another version of the format.
    OtherVersion {
        /// Its version.
        found: u32,
    },
    /// The end of the file is missing.
    Truncated,
    /// The file goes on after its end, or is larger than any checkpoint.
    TooLong,
    /// The content is not what was written.
    Damaged,
    /// `f32` was saved and `f64` is trained, or the other way round.
    OtherScalar,
    /// A setting is not what it was when the training was saved.
    OtherSetting {
        /// Its name.
        name: String,
        /// What it was, if there was one.
        saved: Option<f64>,
        /// What it is, if there is one.
        found: Option<f64>,
    },
    /// A vector has another length than when the training was saved.
    OtherLength {
        /// What it holds.
        name: &'static str,
        /// Its length then.
        saved: usize,
        /// Its length now.
        found: usize,
    },
    /// The training that was saved had another start.
    OtherStart,
    /// The rule, or method, remembers other things than the one that was saved.
    OtherRule,
    /// A rule does not implement [`UpdateRule::state`](crate::descent::UpdateRule::state), or a method
    /// [`Method::state`](crate::descent::Method::state).
    UnknownRule,
}

impl CheckpointError {
    pub(super) fn file(path: &Path, error: &io::Error) -> Self {
        CheckpointError::File { path: path.to_owned(), kind: error.kind(), message: error.to_string() }
    }

    /// Whether there is no such file.
    pub fn is_not_found(&self) -> bool {
        matches!(self, CheckpointError::File { kind: io::ErrorKind::NotFound, .. })
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::File { path, message, .. } => {
                write!(f, "cannot use the checkpoint `{}`: {message}", path.display())
            }
            CheckpointError::Foreign => write!(f, "the file is no checkpoint"),
            CheckpointError::OtherVersion { found } => write!(
                f,
                "the checkpoint has version {found} of the format, and this is version {}: go on with the version of the library that wrote it",
                super::file::VERSION
            ),
            CheckpointError::Truncated => write!(f, "the end of the checkpoint is missing"),
            CheckpointError::TooLong => write!(f, "the file is longer than its checkpoint"),
            CheckpointError::Damaged => write!(f, "the checkpoint is damaged"),
            CheckpointError::OtherScalar => write!(f, "the checkpoint has numbers of another type"),
            CheckpointError::OtherSetting { name, saved: Some(saved), found: Some(found) } => {
                write!(f, "`{name}` is {found}, but was {saved} when the training was saved")
            }
            CheckpointError::OtherSetting { name, saved: Some(saved), .. } => {
                write!(f, "`{name}` was {saved} when the training was saved, and is no setting of this one")
            }
            CheckpointError::OtherSetting { name, .. } => {
                write!(f, "`{name}` was no setting of the training that was saved")
            }
            CheckpointError::OtherLength { name, saved, found } => {
                write!(f, "`{name}` has {found} coordinates, but had {saved} when the training was saved")
            }
            CheckpointError::OtherStart => write!(
                f,
                "the training that was saved had another start: give it that one, or remove the checkpoint to begin again"
            ),
            CheckpointError::OtherRule => {
                write!(f, "the method or update rule remembers other things than the one that was saved")
            }
            CheckpointError::UnknownRule => {
                write!(f, "the method or an update rule cannot be saved: it does not implement `state`")
            }
        }
    }
}

impl std::error::Error for CheckpointError {}
