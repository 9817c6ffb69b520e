//! What goes into a checkpoint, and back out of it.

use super::{Checkpoint, CheckpointError};
use crate::Scalar;
use crate::descent::RuleState;

/// The name of the words of a random generator, the only counts of any size.
pub(super) const RANDOM: &str = "random";

/// Collects.
pub(super) struct Save {
    checkpoint: Checkpoint,
    unknown: bool,
}

impl Save {
    pub(super) fn new(scalar: u8) -> Self {
        let (settings, counts, numbers, vectors) = Default::default();
        Save { checkpoint: Checkpoint { scalar, settings, counts, numbers, vectors }, unknown: false }
    }

    pub(super) fn finish(self) -> Result<Checkpoint, CheckpointError> {
        if self.unknown { Err(CheckpointError::UnknownRule) } else { Ok(self.checkpoint) }
    }
}

impl<S: Scalar> RuleState<S> for Save {
    fn setting(&mut self, name: &'static str, value: f64) {
        self.checkpoint.settings.push((name.to_owned(), value));
    }

    fn vector(&mut self, name: &'static str, values: &mut [S]) {
        self.checkpoint.vectors.push((name.to_owned(), values.iter().map(|x| x.to_f64()).collect()));
    }

    fn count(&mut self, name: &'static str, count: &mut u64) {
        self.checkpoint.counts.push((name.to_owned(), *count));
    }

    fn number(&mut self, name: &'static str, number: &mut f64) {
        self.checkpoint.numbers.push((name.to_owned(), *number));
    }

    fn unknown(&mut self) {
        self.unknown = true;
    }
}

/// Puts back, and keeps the first thing that does not fit.
pub(super) struct Restore<'a> {
    settings: std::slice::Iter<'a, (String, f64)>,
    counts: std::slice::Iter<'a, (String, u64)>,
    numbers: std::slice::Iter<'a, (String, f64)>,
    vectors: std::slice::Iter<'a, (String, Vec<f64>)>,
    error: Option<CheckpointError>,
}

impl<'a> Restore<'a> {
    pub(super) fn new(checkpoint: &'a Checkpoint) -> Self {
        Restore {
            settings: checkpoint.settings.iter(),
            counts: checkpoint.counts.iter(),
            numbers: checkpoint.numbers.iter(),
            vectors: checkpoint.vectors.iter(),
            error: None,
        }
    }

    pub(super) fn finish(mut self) -> Result<(), CheckpointError> {
        if let Some((name, saved)) = self.settings.next() {
            self.wrong(CheckpointError::OtherSetting {
                name: name.clone(),
                saved: Some(*saved),
                found: None,
            });
        }
        let left = self.counts.len() + self.numbers.len() + self.vectors.len();
        if left > 0 {
            self.wrong(CheckpointError::Damaged);
        }
        self.error.map_or(Ok(()), Err)
    }

    fn wrong(&mut self, error: CheckpointError) {
        self.error.get_or_insert(error);
    }
}

impl<S: Scalar> RuleState<S> for Restore<'_> {
    fn setting(&mut self, name: &'static str, value: f64) {
        match self.settings.next() {
            Some((saved_name, saved)) if saved_name == name => {
                if saved.to_bits() != value.to_bits() {
                    let (saved, found) = (Some(*saved), Some(value));
                    self.wrong(CheckpointError::OtherSetting { name: name.to_owned(), saved, found });
                }
            }
            _ => self.wrong(CheckpointError::OtherSetting {
                name: name.to_owned(),
                saved: None,
                found: Some(value),
            }),
        }
    }

    fn vector(&mut self, name: &'static str, values: &mut [S]) {
        match self.vectors.next() {
            Some((saved_name, saved)) if saved_name == name => {
                if saved.len() == values.len() {
                    values.iter_mut().zip(saved).for_each(|(x, &saved)| *x = S::from_f64(saved));
                } else {
                    let (saved, found) = (saved.len(), values.len());
                    self.wrong(CheckpointError::OtherLength { name, saved, found });
                }
            }
            _ => self.wrong(CheckpointError::OtherRule),
        }
    }

    fn count(&mut self, name: &'static str, count: &mut u64) {
        match self.counts.next() {
            // No count of steps is that large: it would only overflow.
            Some((saved_name, saved)) if saved_name == name && name != RANDOM && *saved > 1 << 53 => {
                self.wrong(CheckpointError::Damaged);
            }
            Some((saved_name, saved)) if saved_name == name => *count = *saved,
            _ => self.wrong(CheckpointError::OtherRule),
        }
    }

    fn number(&mut self, name: &'static str, number: &mut f64) {
        match self.numbers.next() {
            Some((saved_name, saved)) if saved_name == name => *number = *saved,
            _ => self.wrong(CheckpointError::OtherRule),
        }
    }

    fn unknown(&mut self) {
        self.wrong(CheckpointError::UnknownRule);
    }
}
