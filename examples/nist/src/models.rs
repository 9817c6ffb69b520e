//! The models, as NIST's pages of the sets write them down.

use std::f64::consts::PI;

use grad::{Residuals, grad};

/// The residuals at b, of the data x and y, to the last argument.
type ResidualsInto<T> = fn(&[f64], &[Vec<f64>], &[f64], &mut [f64]) -> T;

/// A model ŷ = f(b, x), with the residuals f(b, xᵢ) − yᵢ of its data and their Jacobian.
pub struct Model {
    names: &'static [&'static str],
    residuals: ResidualsInto<()>,
    /// With the rows of the Jacobian.
    jacobian: ResidualsInto<Vec<Vec<f64>>>,
}

/// The model of a set.
pub fn of(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.names.contains(&name))
}

/// The residuals of a model and its data.
pub struct Fit<'a> {
    pub model: &'a Model,
    pub parameters: usize,
    pub x: &'a [Vec<f64>],
    pub y: &'a [f64],
    /// How often the residuals were computed, and the Jacobian.
    pub evaluations: usize,
    pub jacobians: usize,
}

impl Residuals for Fit<'_> {
    type Scalar = f64;

    fn dim(&self) -> Option<usize> {
        Some(self.parameters)
    }

    fn count(&self) -> usize {
        self.y.len()
    }

    fn residuals_into(&mut self, b: &[f64], residuals: &mut [f64]) {
        self.evaluations += 1;
        (self.model.residuals)(b, self.x, self.y, residuals);
    }

    fn jacobian_into(&mut self, b: &[f64], jacobian: &mut [f64]) {
        self.jacobians += 1;
        let mut residuals = vec![0.0; self.y.len()];
        let rows = (self.model.jacobian)(b, self.x, self.y, &mut residuals);
        for (to, row) in jacobian.chunks_exact_mut(b.len()).zip(rows) {
            to.copy_from_slice(&row);
        }
    }
}

/// A module for each model: its formula, the residuals, and what differentiates them.
macro_rules! models {
    ($($module:ident of $($name:literal)+ : $formula:item)*) => {
        $(mod $module {
            use super::*;

            #[grad(wrt(b))]
            $formula

            #[grad(wrt(b))]
            fn residuals(b: &[f64], x: &[Vec<f64>], y: &[f64], out: &mut [f64]) {
                for i in 0..out.len() {
                    out[i] = model(b, &x[i]) - y[i];
                }
            }

            pub(super) const MODEL: Model = Model {
                names: &[$($name),+],
                residuals,
                jacobian: |b, x, y, out| residuals::jacobian(b, x, y, out),
            };
        })*

        const MODELS: &[Model] = &[$($module::MODEL),*];
    };
}

models! {
    bennett of "Bennett5": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] * (b[1] + x[0]).powf(-1.0 / b[2])
    }

    box_bod of "BoxBOD" "Misra1a": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] * (1.0 - (-b[1] * x[0]).exp())
    }

    chwirut of "Chwirut1" "Chwirut2": fn model(b: &[f64], x: &[f64]) -> f64 {
        (-b[0] * x[0]).exp() / (b[1] + b[2] * x[0])
    }

    dan_wood of "DanWood": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] * x[0].powf(b[1])
    }

    enso of "ENSO": fn model(b: &[f64], x: &[f64]) -> f64 {
        let turn = 2.0 * PI * x[0];
        b[0] + b[1] * (turn / 12.0).cos()
            + b[2] * (turn / 12.0).sin()
            + b[4] * (turn / b[3]).cos()
            + b[5] * (turn / b[3]).sin()
            + b[7] * (turn / b[6]).cos()
            + b[8] * (turn / b[6]).sin()
    }

    eckerle of "Eckerle4": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] / b[1] * (-0.5 * ((x[0] - b[2]) / b[1]).powi(2)).exp()
    }

    gauss of "Gauss1" "Gauss2" "Gauss3": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] * (-b[1] * x[0]).exp()
            + b[2] * (-((x[0] - b[3]) / b[4]).powi(2)).exp()
            + b[5] * (-((x[0] - b[6]) / b[7]).powi(2)).exp()
    }

    cubic_over_cubic of "Hahn1" "Thurber": fn model(b: &[f64], x: &[f64]) -> f64 {
        let x = x[0];
        (b[0] + b[1] * x + b[2] * x.powi(2) + b[3] * x.powi(3))
            / (1.0 + b[4] * x + b[5] * x.powi(2) + b[6] * x.powi(3))
    }

    kirby of "Kirby2": fn model(b: &[f64], x: &[f64]) -> f64 {
        let x = x[0];
        (b[0] + b[1] * x + b[2] * x.powi(2)) / (1.0 + b[3] * x + b[4] * x.powi(2))
    }

    lanczos of "Lanczos1" "Lanczos2" "Lanczos3": fn model(b: &[f64], x: &[f64]) -> f64 {
        let x = x[0];
        b[0] * (-b[1] * x).exp() + b[2] * (-b[3] * x).exp() + b[4] * (-b[5] * x).exp()
    }

    mgh09 of "MGH09": fn model(b: &[f64], x: &[f64]) -> f64 {
        let x = x[0];
        b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3])
    }

    mgh10 of "MGH10": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] * (b[1] / (x[0] + b[2])).exp()
    }

    mgh17 of "MGH17": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] + b[1] * (-x[0] * b[3]).exp() + b[2] * (-x[0] * b[4]).exp()
    }

    misra1b of "Misra1b": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] * (1.0 - (1.0 + b[1] * x[0] / 2.0).powi(-2))
    }

    misra1c of "Misra1c": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] * (1.0 - (1.0 + 2.0 * b[1] * x[0]).powf(-0.5))
    }

    misra1d of "Misra1d": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] * b[1] * x[0] / (1.0 + b[1] * x[0])
    }

    // Of the logarithm of the observation, which `data::all` takes.
    nelson of "Nelson": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] - b[1] * x[0] * (-b[2] * x[1]).exp()
    }

    rat42 of "Rat42": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] / (1.0 + (b[1] - b[2] * x[0]).exp())
    }

    rat43 of "Rat43": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] / (1.0 + (b[1] - b[2] * x[0]).exp()).powf(1.0 / b[3])
    }

    roszman of "Roszman1": fn model(b: &[f64], x: &[f64]) -> f64 {
        b[0] - b[1] * x[0] - (b[2] / (x[0] - b[3])).atan() / PI
    }
}
