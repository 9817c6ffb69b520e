//! What NIST certifies.

use crate::models::{self, Model};

/// A data set with its solution.
pub struct Set {
    pub name: &'static str,
    pub model: &'static Model,
    /// Both, from far away and from near.
    pub starts: [Vec<f64>; 2],
    /// The parameters to eleven digits, and their standard deviations.
    pub certified: Vec<f64>,
    pub deviations: Vec<f64>,
    /// The sum of the squares of the residuals at the solution.
    pub sum_of_squares: f64,
    /// One row an observation.
    pub x: Vec<Vec<f64>>,
    pub y: Vec<f64>,
}

impl Set {
    /// The digits of the worst parameter: −log₁₀ of its relative error, at most 11, which is all that is certified.
    pub fn digits(&self, b: &[f64]) -> f64 {
        b.iter().zip(&self.certified).map(|(&b, &c)| digits(b, c)).fold(11.0, f64::min)
    }
}

/// −log₁₀ of the relative error, at least 0 and at most 11.
pub fn digits(found: f64, certified: f64) -> f64 {
    let error = ((found - certified) / certified).abs();
    if error.is_nan() { 0.0 } else { -error.log10().clamp(-11.0, 0.0) }
}

/// All 27, in the alphabet's order.
///
/// # Panics
/// If the file is not as its `README.md` says.
pub fn all() -> Vec<Set> {
    let mut lines = include_str!("../data/nist.txt").lines().filter(|line| !line.starts_with('#'));
    let mut sets = Vec::new();
    while let Some(line) = lines.next() {
        let mut head = line.strip_prefix("set ").expect("a set begins").split(' ');
        let name = head.next().expect("a set has a name");
        let mut number = || head.next().expect("four numbers follow");
        let (parameters, observations) = (count(number()), count(number()));
        let (_, sum_of_squares) = (number(), float(number()));
        let mut columns: [Vec<f64>; 4] = Default::default();
        for line in lines.by_ref().take(parameters) {
            let numbers = line.strip_prefix("b ").expect("a parameter").split(' ');
            columns.iter_mut().zip(numbers).for_each(|(column, number)| column.push(float(number)));
        }
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for line in lines.by_ref().take(observations) {
            let mut numbers = line.split(' ').map(float);
            y.push(numbers.next().expect("an observation"));
            x.push(numbers.collect());
        }
        if name == "Nelson" {
            // Its model is one of log y.
            y.iter_mut().for_each(|y: &mut f64| *y = y.ln());
        }
        let [first, second, certified, deviations] = columns;
        let model = models::of(name).expect("there is a model for each set");
        let starts = [first, second];
        sets.push(Set { name, model, starts, certified, deviations, sum_of_squares, x, y });
    }
    sets
}

fn count(word: &str) -> usize {
    word.parse().expect("a whole number")
}

fn float(word: &str) -> f64 {
    word.parse().expect("a number")
}
