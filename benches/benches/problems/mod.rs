//! The problems that the benchmarks measure: `gradient.rs` with criterion, `ratios.rs` as a table.
//!
//! | file | problem | gradient with respect to |
//! | --- | --- | --- |
//! | `rosenbrock.rs` | Rosenbrock's function, n = 2 (two scalars) and n = 100 (a slice) | all |
//! | `camera.rs` | image of a point in a camera with radial distortion, 64 observations | 15 numbers (a Jacobian of 2 rows) |
//! | `logistic.rs` | logistic regression, 100 rows of 10 features, mean log-loss | 11 numbers |
//! | `mlp.rs` | network 16-16-1, tanh, mean squared error over 32 samples | 289 numbers |
//! | `ode.rs` | Lotka-Volterra by 1000 explicit Euler steps, squared distance of the final state | 4 numbers |
//! | `gmm.rs` | log-likelihood of a Gaussian mixture, d = 10, k = 25, n = 1000 | 1650 numbers |
//! | `directions.rs` | derivatives of the logistic loss along 1, 4, 8, 16 directions | 11 numbers, forward mode |
//! | `hessian.rs` | Hessians of Rosenbrock's function, n = 10, and of the logistic loss | 10 and 11 numbers |
//!
//! Each file holds its problem in three forms: the primal, as an ordinary user would write it, under `#[grad]`; a
//! gradient `by_hand` of the same signature and buffers as the generated `grad_into`; and a [`Formula`] for the
//! [number types](tapes) of the runtime libraries. None of them gets an advantage by how it is called: inputs are
//! the same memory, buffers live across calls, and every call is behind the same `black_box`es.
//!
//! [`Problem::check`] compares all gradients of a problem; both benchmarks call it before they measure.

use std::fmt;
use std::hint::black_box;

mod camera;
mod directions;
mod gmm;
mod hessian;
mod logistic;
mod mlp;
mod ode;
mod rosenbrock;
pub(crate) mod tapes;

/// What a variant is: the ratio table is made from these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// The user's function, without a gradient.
    Primal,
    /// The gradient that `#[grad]` generates.
    Generated,
    /// The gradient written by hand.
    Hand,
    /// A library that records a tape of operations at run time, and reads it backwards.
    ReverseTape,
    /// A library of dual numbers.
    Forward,
}

/// One way to evaluate a problem.
pub(crate) struct Variant {
    /// As it appears in the reports.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) kind: Kind,
    evaluate: Box<dyn Evaluate>,
}

impl Variant {
    /// A variant that evaluates by `call`, which fills `buffers` with the gradient and returns the value; `flatten`
    /// puts the buffers in a row.
    pub(crate) fn new<B: 'static>(
        name: &'static str,
        kind: Kind,
        buffers: B,
        call: impl FnMut(&mut B) -> f64 + 'static,
        flatten: impl Fn(&B) -> Vec<f64> + 'static,
    ) -> Self {
        Variant { name, kind, evaluate: Box::new(Buffered { buffers, call, flatten }) }
    }

    /// The primal: a variant without a gradient.
    pub(crate) fn primal(mut call: impl FnMut() -> f64 + 'static) -> Self {
        Variant::new("primal", Kind::Primal, (), move |()| call(), |()| Vec::new())
    }

    /// Evaluates `times` times.
    pub(crate) fn run(&mut self, times: u64) {
        self.evaluate.run(times);
    }
}

/// A problem of a fixed size with all its variants, on fixed data.
pub(crate) struct Problem {
    /// As it appears in the reports.
    pub(crate) name: &'static str,
    /// The primal is the first.
    pub(crate) variants: Vec<Variant>,
}

impl Problem {
    /// Compares the values and gradients of all variants with those by hand.
    ///
    /// # Panics
    ///
    /// If a value, or any component of a gradient, is off by more than 1e-9 of the largest component.
    pub(crate) fn check(&mut self) {
        let by_hand = self.variants.iter_mut().find(|variant| variant.kind == Kind::Hand);
        let (value, gradient) =
            by_hand.expect("every problem has a gradient by hand").evaluate.value_and_gradient();
        let scale = gradient.iter().fold(0.0, |largest: f64, g| largest.max(g.abs()));
        assert!(
            value.is_finite() && scale.is_finite() && scale > 0.0,
            "{}: not a problem to measure",
            self.name
        );
        for variant in &mut self.variants {
            let (other_value, other) = variant.evaluate.value_and_gradient();
            let disagreement = (other_value - value).abs();
            assert!(
                disagreement <= 1e-9 * value.abs(),
                "{}/{}: value is off by {disagreement:e}",
                self.name,
                variant
            );
            if variant.kind == Kind::Primal {
                continue;
            }
            assert_eq!(other.len(), gradient.len(), "{}/{}: length of the gradient", self.name, variant);
            for (i, (a, b)) in other.iter().zip(&gradient).enumerate() {
                let disagreement = (a - b).abs();
                assert!(
                    disagreement <= 1e-9 * scale,
                    "{}/{variant}: component {i} is {a:e}, by hand {b:e}; off by {disagreement:e}",
                    self.name,
                );
            }
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All problems: gradients, smallest first, then forward mode and Hessians.
pub(crate) fn all() -> Vec<Problem> {
    let mut all = vec![
        rosenbrock::problem_2(),
        camera::problem(),
        rosenbrock::problem_100(),
        logistic::problem(),
        mlp::problem(),
        ode::problem(),
        gmm::problem(),
    ];
    all.extend(directions::problems());
    all.extend(hessian::problems());
    all
}

trait Evaluate {
    fn run(&mut self, times: u64);
    fn value_and_gradient(&mut self) -> (f64, Vec<f64>);
}

struct Buffered<B, F, G> {
    buffers: B,
    call: F,
    flatten: G,
}

impl<B, F: FnMut(&mut B) -> f64, G: Fn(&B) -> Vec<f64>> Evaluate for Buffered<B, F, G> {
    fn run(&mut self, times: u64) {
        for _ in 0..times {
            // The boxes also stand for the inputs: they are memory that the boxed reference might lead to.
            black_box((self.call)(black_box(&mut self.buffers)));
        }
    }

    fn value_and_gradient(&mut self) -> (f64, Vec<f64>) {
        let value = (self.call)(&mut self.buffers);
        (value, (self.flatten)(&self.buffers))
    }
}

/// A problem as a formula over any number type, on its parameters in a row: what the runtime libraries need.
pub(crate) trait Formula {
    /// The value at `x`.
    fn value<T: tapes::Number>(&self, x: &[T]) -> T;
}
