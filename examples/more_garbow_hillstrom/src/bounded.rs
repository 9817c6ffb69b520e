//! Problems of many variables with bounds.

use grad::Objective;
use grad::descent::{DescentError, LbfgsB, ProjectedGradient, Report};

use crate::problems::{self, Problem};
use crate::runs::{Counted, GRADIENT_TOLERANCE, MAX_EVALUATIONS};

/// One of the problems of many variables, with the same bounds for each.
pub struct Bounded {
    pub problem: Problem,
    pub lower: f64,
    pub upper: f64,
    /// What `scipy` 1.17.1 needs and finds with the same functions in JAX: `minimize(method='L-BFGS-B',
    /// options=dict(maxcor=10, gtol=1e-6, ftol=0))`.
    pub scipy: usize,
    pub value: f64,
}

/// Name, bounds, evaluations and value of `scipy`.
const ALL: [(&str, f64, f64, usize, f64); 13] = [
    ("SROSENBR 10000", -2.0, 0.8, 4, 200.0),
    ("GENROSE 500", -0.5, 0.9, 2019, 407.782_178_313),
    ("WOODS 4000", -3.0, 0.5, 8, 19_078.000_549_3),
    ("POWELLSG 10000", 0.1, 10.0, 10, 3025.25),
    ("BDQRTIC 1000", 0.3, 2.0, 14, 5_039.425_414_51),
    ("TRIDIA 1000", 0.01, 2.0, 28, 50.046_457_721_8),
    ("PENALTY1 1000", 0.02, 2000.0, 2, 0.032_104),
    ("EDENSCH 2000", 0.0, 1.5, 20, 12_004.112_911),
    ("ENGVAL1 5000", -1.0, 0.6, 6, 5_590.492_8),
    ("DIXMAANE 3000", 0.1, 3.0, 2, 16.213_791_666_7),
    ("CRAGGLVY 5000", 0.5, 1.5, 47, 1_926.759_714_84),
    ("LIARWHD 5000", 1.2, 5.0, 7, 201.758_042_506),
    ("FLETCHCR 1000", -0.2, 0.5, 4156, 56_127.916_966_5),
];

/// All of them.
///
/// # Panics
/// If a name is none of a problem.
pub fn all() -> Vec<Bounded> {
    let mut problems = problems::large();
    ALL.into_iter()
        .map(|(name, lower, upper, scipy, value)| {
            let at = problems.iter().position(|p| p.name == name).expect("it is one of the problems");
            Bounded { problem: problems.swap_remove(at), lower, upper, scipy, value }
        })
        .collect()
}

/// What came out.
pub struct Run {
    pub evaluations: usize,
    /// Whether the method says that it has converged.
    pub claims: bool,
    /// ‖P(x − ∇f(x)) − x‖∞, evaluated again.
    pub gradient_norm: f64,
    pub value: f64,
}

impl Bounded {
    pub fn lbfgsb(&self) -> Run {
        let (lower, upper) = self.bounds();
        let method = LbfgsB::new(lower, upper)
            .gradient_tolerance(GRADIENT_TOLERANCE)
            .max_iterations(MAX_EVALUATIONS)
            .max_evaluations(MAX_EVALUATIONS);
        self.run(|counted, start| method.minimize(counted, start))
    }

    pub fn projected_gradient(&self) -> Run {
        let (lower, upper) = self.bounds();
        let method = ProjectedGradient::new(lower, upper)
            .gradient_tolerance(GRADIENT_TOLERANCE)
            .max_iterations(MAX_EVALUATIONS)
            .max_evaluations(MAX_EVALUATIONS);
        self.run(|counted, start| method.minimize(counted, start))
    }

    fn run(
        &self,
        minimize: impl FnOnce(&mut Counted<'_>, Vec<f64>) -> Result<Report<f64>, DescentError>,
    ) -> Run {
        let mut counted = Counted::new(&self.problem);
        let report = minimize(&mut counted, self.start()).expect("the start is finite");
        self.judge(&report.x, counted.evaluations(), report.termination.converged())
    }

    /// One bound for each coordinate.
    pub fn bounds(&self) -> (Vec<f64>, Vec<f64>) {
        let n = self.problem.start.len();
        (vec![self.lower; n], vec![self.upper; n])
    }

    /// The problem's, between the bounds.
    pub fn start(&self) -> Vec<f64> {
        self.problem.start.iter().map(|x| x.clamp(self.lower, self.upper)).collect()
    }

    pub fn judge(&self, x: &[f64], evaluations: usize, claims: bool) -> Run {
        let mut gradient = vec![0.0; x.len()];
        let value = Counted::new(&self.problem).value_and_grad_into(x, &mut gradient);
        let gradient_norm = x.iter().zip(&gradient).fold(0.0, |norm: f64, (x, g)| {
            let step = if x - g < self.lower {
                self.lower - x
            } else if x - g > self.upper {
                self.upper - x
            } else {
                *g
            };
            norm.max(step.abs())
        });
        Run { evaluations, claims, gradient_norm, value }
    }
}
