//! What does the next step of a rule, or of a method, depend on?

/// A rule (or a [`Method`](super::Method)) shows its settings and its memory to one of these, in a fixed order: to be saved, or to be replaced by
/// what was saved. One description serves both directions.
pub trait RuleState<S> {
    /// A setting: saved, and compared when it is read again.
    fn setting(&mut self, name: &'static str, value: f64);

    /// One number for each coordinate.
    fn vector(&mut self, name: &'static str, values: &mut [S]);

    /// A count of steps.
    fn count(&mut self, name: &'static str, count: &mut u64);

    /// Any other number.
    fn number(&mut self, name: &'static str, number: &mut f64);

    /// The rule does not say what it remembers: it can be neither saved nor resumed.
    fn unknown(&mut self);
}
