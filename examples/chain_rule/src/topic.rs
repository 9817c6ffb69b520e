//! What is shown: a function, its derivative by hand, and its derivative by `#[grad]`.

use std::error::Error;
use std::io::Write;

use crate::derivation::{Derivation, number, pad};
use crate::generated::{Generated, Mode};
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

    fn sides(self, point: &[f64]) -> Option<Sides> {
        Some(match self {
            Topic::Neuron => {
                let &[w, b, x] = point.first_chunk()?;
                let (value, (dw, db)) = functions::neuron::value_and_grad(w, b, x);
                let along = |w_dot, b_dot| functions::neuron::jvp(w, b, x, w_dot, b_dot).1;
                Sides {
                    hand: by_hand::neuron(&[w, b, x]),
                    reverse: vec![value, dw, db],
                    forward: vec![along(1.0, 0.0), along(0.0, 1.0)],
                }
            }
            Topic::Paths => {
                let &[x, y] = point.first_chunk()?;
                let (value, (dx, dy)) = functions::paths::value_and_grad(x, y);
                let along = |x_dot, y_dot| functions::paths::jvp(x, y, x_dot, y_dot).1;
                Sides {
                    hand: by_hand::paths(&[x, y]),
                    reverse: vec![value, dx, dy],
                    forward: vec![along(1.0, 0.0), along(0.0, 1.0)],
                }
            }
            Topic::Network => {
                let &[w1, b1, w2, b2, x, wanted] = point.first_chunk()?;
                let (value, (dw1, db1, dw2, db2)) =
                    functions::network::value_and_grad(w1, b1, w2, b2, x, wanted);
                let along = |[w1_dot, b1_dot, w2_dot, b2_dot]: [f64; 4]| {
                    functions::network::jvp(w1, b1, w2, b2, x, wanted, w1_dot, b1_dot, w2_dot, b2_dot).1
                };
                Sides {
                    hand: by_hand::network(&[w1, b1, w2, b2, x, wanted]),
                    reverse: vec![value, dw1, db1, dw2, db2],
                    forward: (0..4).map(|k| along(unit(k))).collect(),
                }
            }
        })
    }

    /// Prints all of it, and fails where hand, generated code and results disagree.
    pub fn show(self, point: &[f64], mode: Mode, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        let Sides { hand, reverse, forward } = self.sides(point).ok_or("the point has too few numbers")?;
        hand.print(out)?;
        if !reverse.iter().chain(&forward).all(|x| x.is_finite()) {
            return Err("a number is too large for f64 at this point; take smaller ones".into());
        }

        // What follows the point: tangents along the first variable, or the seed.
        let (heading, rest, results) = match mode {
            Mode::Forward => {
                let mut tangents = vec![0.0; forward.len()];
                tangents[0] = 1.0;
                ("forward mode, along the first variable", tangents, vec![reverse[0], forward[0]])
            }
            Mode::Reverse => ("reverse mode, with the seed 1", vec![1.0], reverse.clone()),
        };
        let arguments: Vec<f64> = point.iter().copied().chain(rest).collect();
        let generated = Generated::run(self.name(), mode, &arguments)?;
        writeln!(out, "what #[grad] writes, with the value of each line: {heading}")?;
        generated.print(out)?;

        writeln!(out, "\n  {}{:>14}{:>14}{:>14}", pad("", 8), "by hand", "reverse mode", "forward mode")?;
        for ((name, hand), (&cotangent, &tangent)) in
            hand.gradient.iter().zip(reverse[1..].iter().zip(&forward))
        {
            let [a, b, c] = [*hand, cotangent, tangent].map(number);
            writeln!(out, "  {}{a:>14}{b:>14}{c:>14}", pad(name, 8))?;
            for (mode, computed) in [("reverse", cotangent), ("forward", tangent)] {
                if (hand - computed).abs() > 1e-13 * hand.abs().max(1.0) {
                    return Err(format!("{name} is {hand} by hand, but {computed} in {mode} mode").into());
                }
            }
        }
        // Not only close: the code shown is the code that ran.
        if generated.results.iter().map(|x| x.to_bits()).ne(results.iter().map(|x| x.to_bits())) {
            return Err(format!("the code shown gives {:?}, not {results:?}", generated.results).into());
        }
        writeln!(out)?;
        if self == Topic::Network {
            descend(point, &reverse, out)?;
        }
        Ok(())
    }
}

/// The same derivatives three times.
struct Sides {
    hand: Derivation,
    /// The value, and the gradient that `value_and_grad` returns.
    reverse: Vec<f64>,
    /// The derivative along each variable, from `jvp`.
    forward: Vec<f64>,
}

fn unit<const N: usize>(k: usize) -> [f64; N] {
    std::array::from_fn(|i| if i == k { 1.0 } else { 0.0 })
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
                for (mode, suffix) in [(Mode::Reverse, "vjp"), (Mode::Forward, "jvp")] {
                    let mut text = Vec::new();
                    topic
                        .show(&point, mode, &mut text)
                        .unwrap_or_else(|error| panic!("{topic:?}, {mode:?}, {scale}: {error}"));
                    let text = String::from_utf8(text).unwrap();
                    assert!(text.contains(&format!("fn {}_{suffix}", topic.name())), "{text}");
                }
            }
        }
    }

    #[test]
    fn numbers_that_are_too_large_are_an_error() {
        let error = Topic::Paths.show(&[1e200, 1e200], Mode::Reverse, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("too large"), "{error}");
    }
}
