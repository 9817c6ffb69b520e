//! What is shown: a function, its derivative by hand, and its derivative by `#[grad]`.

use std::error::Error;
use std::io::Write;

use crate::derivation::{Derivation, number, pad};
use crate::generated::Generated;
use crate::{by_hand, functions};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Neuron,
    Paths,
    Network,
}

impl Topic {
    pub const ALL: [Topic; 3] = [Topic::Neuron, Topic::Paths, Topic::Network];

    /// Of the function, and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Topic::Neuron => "neuron",
            Topic::Paths => "paths",
            Topic::Network => "network",
        }
    }

    /// Where it is looked at, if the user does not say.
    pub fn point(self) -> &'static [f64] {
        match self {
            Topic::Neuron => &[0.5, -1.0, 3.0],
            Topic::Paths => &[2.0, 0.5],
            Topic::Network => &[0.8, -0.2, -1.5, 0.4, 2.0, 1.0],
        }
    }

    /// By hand, and as `#[grad]` has it: value, then gradient.
    fn both(self, point: &[f64]) -> Option<(Derivation, Vec<f64>)> {
        Some(match self {
            Topic::Neuron => {
                let &[w, b, x] = point.first_chunk()?;
                let (value, (dw, db)) = functions::neuron::value_and_grad(w, b, x);
                (by_hand::neuron(&[w, b, x]), vec![value, dw, db])
            }
            Topic::Paths => {
                let &[x, y] = point.first_chunk()?;
                let (value, (dx, dy)) = functions::paths::value_and_grad(x, y);
                (by_hand::paths(&[x, y]), vec![value, dx, dy])
            }
            Topic::Network => {
                let &[w1, b1, w2, b2, x, wanted] = point.first_chunk()?;
                let (value, (dw1, db1, dw2, db2)) =
                    functions::network::value_and_grad(w1, b1, w2, b2, x, wanted);
                (by_hand::network(&[w1, b1, w2, b2, x, wanted]), vec![value, dw1, db1, dw2, db2])
            }
        })
    }

    /// Prints all of it, and fails where hand, generated code and result disagree.
    pub fn show(self, point: &[f64], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        let (derivation, result) = self.both(point).ok_or("the point has too few numbers")?;
        derivation.print(out)?;
        if !result.iter().all(|x| x.is_finite()) {
            return Err("a number is too large for f64 at this point; take smaller ones".into());
        }

        let generated = Generated::run(self.name(), point)?;
        writeln!(out, "what #[grad] writes, with the value of each line at this point")?;
        generated.print(out)?;

        writeln!(out, "\n  {}{:>14}{:>14}{:>14}", pad("", 8), "by hand", "#[grad]", "difference")?;
        for ((name, hand), computed) in derivation.gradient.iter().zip(&result[1..]) {
            let difference = (hand - computed).abs();
            writeln!(
                out,
                "  {}{:>14}{:>14}{difference:>14.1e}",
                pad(name, 8),
                number(*hand),
                number(*computed)
            )?;
            if difference > 1e-13 * hand.abs().max(1.0) {
                return Err(format!("{name} is {hand} by hand, but {computed} by #[grad]").into());
            }
        }
        // Not only close: the code shown is the code that ran.
        if generated.results.iter().map(|x| x.to_bits()).ne(result.iter().map(|x| x.to_bits())) {
            return Err(format!("the code shown gives {:?}, not {result:?}", generated.results).into());
        }
        writeln!(out)?;
        if self == Topic::Network {
            descend(point, &result, out)?;
        }
        Ok(())
    }
}

/// What the gradient of the network is for.
fn descend(point: &[f64], result: &[f64], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let &[mut w1, mut b1, mut w2, mut b2, x, wanted] = point.first_chunk().ok_or("six numbers are wanted")?;
    const STEP_SIZE: f64 = 0.5;
    writeln!(out, "one step against the gradient, of {STEP_SIZE} times it, makes the network less wrong:")?;
    for (weight, slope) in [&mut w1, &mut b1, &mut w2, &mut b2].into_iter().zip(&result[1..]) {
        *weight -= STEP_SIZE * slope;
    }
    let after = functions::network(w1, b1, w2, b2, x, wanted);
    writeln!(out, "  L = {} before, {} after\n", number(result[0]), number(after))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_code_and_result_agree_at_many_points() {
        for topic in Topic::ALL {
            for scale in [1.0, -0.3, 2.5, 0.0] {
                let point: Vec<f64> = topic.point().iter().map(|x| scale * x).collect();
                let mut text = Vec::new();
                topic.show(&point, &mut text).unwrap_or_else(|error| panic!("{topic:?}, {scale}: {error}"));
                let text = String::from_utf8(text).unwrap();
                assert!(text.contains(&format!("fn {}_vjp", topic.name())), "{text}");
            }
        }
    }

    #[test]
    fn numbers_that_are_too_large_are_an_error() {
        let error = Topic::Paths.show(&[1e200, 1e200], &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("too large"), "{error}");
    }
}
