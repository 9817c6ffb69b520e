//! What is known of the inverse Hessian beforehand?

use std::fmt;
use std::sync::Arc;

use super::{DescentError, RuleState};
use crate::Scalar;

/// M ≈ (∇²f)⁻¹, symmetric and positive definite: what is known of the curvature, so that it need not be learnt. Where
/// gᵀ·M·g is not positive, −g takes the place of −M·g.
///
/// | method | M is | setting |
/// | --- | --- | --- |
/// | [`Bfgs`](super::Bfgs) | the first H | [`initial_inverse_hessian`](super::Bfgs::initial_inverse_hessian) |
/// | [`Lbfgs`](super::Lbfgs) | the first H, and up to a factor that behind all pairs | [`initial_inverse_hessian`](super::Lbfgs::initial_inverse_hessian) |
/// | [`ConjugateGradient`](super::ConjugateGradient) | in every direction | [`preconditioner`](super::ConjugateGradient::preconditioner) |
/// | [`NewtonCg`](super::NewtonCg) | that of the inner conjugate gradients | [`preconditioner`](super::NewtonCg::preconditioner) |
///
/// Units: those of x² / f, coordinate by coordinate.
#[derive(Clone, Debug, PartialEq)]
pub struct Preconditioner(Kind);

#[derive(Clone)]
enum Kind {
    Diagonal(Vec<f64>),
    /// Row by row.
    Matrix(Vec<f64>),
    Function(Arc<Function>),
}

/// Point, vector, and where the product goes.
type Function = dyn Fn(&[f64], &[f64], &mut [f64]) + Send + Sync;

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Diagonal(diagonal) => f.debug_tuple("Diagonal").field(diagonal).finish(),
            Kind::Matrix(matrix) => f.debug_tuple("Matrix").field(matrix).finish(),
            Kind::Function(_) => f.write_str("Function"),
        }
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Kind::Diagonal(a), Kind::Diagonal(b)) | (Kind::Matrix(a), Kind::Matrix(b)) => a == b,
            // The same closure: what it does cannot be compared.
            (Kind::Function(a), Kind::Function(b)) => Arc::ptr_eq(a, b),
            (Kind::Diagonal(_) | Kind::Matrix(_) | Kind::Function(_), _) => false,
        }
    }
}

impl Preconditioner {
    /// The diagonal matrix of these numbers, one for each coordinate, all finite and above 0: the inverse of the Hessian's
    /// diagonal, for one.
    pub fn diagonal(diagonal: Vec<f64>) -> Self {
        Preconditioner(Kind::Diagonal(diagonal))
    }

    /// A matrix of n² finite numbers, row by row, symmetric to the last bit.
    pub fn matrix(matrix: Vec<f64>) -> Self {
        Preconditioner(Kind::Matrix(matrix))
    }

    /// A closure that gets the point x and a vector g, and writes M(x)·g to its last argument; all three are of one length.
    pub fn function(function: impl Fn(&[f64], &[f64], &mut [f64]) + Send + Sync + 'static) -> Self {
        Preconditioner(Kind::Function(Arc::new(function)))
    }

    pub(super) fn check(&self) -> Result<(), DescentError> {
        let (numbers, expected, sound): (&[f64], _, fn(f64) -> bool) = match &self.0 {
            Kind::Diagonal(diagonal) => (diagonal, "finite and above 0", |m| m > 0.0 && m.is_finite()),
            Kind::Matrix(matrix) => (matrix, "finite and symmetric", f64::is_finite),
            Kind::Function(_) => return Ok(()),
        };
        match numbers.iter().find(|m| !sound(**m)) {
            Some(&value) => Err(DescentError::InvalidSetting {
                name: "an element of the preconditioner",
                value,
                expected,
            }),
            None => Ok(()),
        }
    }

    /// Whether it fits a point of so many coordinates.
    fn fits(&self, dim: usize) -> Result<(), DescentError> {
        let (expected, found) = match &self.0 {
            Kind::Diagonal(diagonal) => (Some(dim), diagonal.len()),
            Kind::Matrix(matrix) => (dim.checked_mul(dim), matrix.len()),
            Kind::Function(_) => return Ok(()),
        };
        if expected != Some(found) {
            let expected = expected.unwrap_or(usize::MAX);
            return Err(DescentError::WrongPreconditioner { expected, found });
        }
        if let Kind::Matrix(matrix) = &self.0 {
            for (i, row) in matrix.chunks_exact(dim.max(1)).enumerate() {
                if let Some(j) = (0..i).find(|&j| row[j] != matrix[j * dim + i]) {
                    let (name, expected) = ("an element of the preconditioner", "finite and symmetric");
                    return Err(DescentError::InvalidSetting { name, value: row[j], expected });
                }
            }
        }
        Ok(())
    }
}

/// A preconditioner, or none, with room for work.
#[derive(Clone, Debug, Default)]
pub(super) struct Preconditioning {
    preconditioner: Option<Preconditioner>,
    x: Vec<f64>,
    vector: Vec<f64>,
    product: Vec<f64>,
}

impl Preconditioning {
    pub(super) fn new(preconditioner: Option<&Preconditioner>) -> Result<Self, DescentError> {
        preconditioner.map_or(Ok(()), Preconditioner::check)?;
        Ok(Preconditioning { preconditioner: preconditioner.cloned(), ..Preconditioning::default() })
    }

    pub(super) fn is_some(&self) -> bool {
        self.preconditioner.is_some()
    }

    /// Makes room.
    pub(super) fn start(&mut self, dim: usize) -> Result<(), DescentError> {
        if let Some(preconditioner) = &self.preconditioner {
            preconditioner.fits(dim)?;
            for work in [&mut self.x, &mut self.vector, &mut self.product] {
                *work = vec![0.0; dim];
            }
        }
        Ok(())
    }

    /// z ← M(x)·v; whether there is an M.
    pub(super) fn apply<S: Scalar>(&mut self, x: &[S], v: &[S], z: &mut [S]) -> bool {
        let Preconditioning { preconditioner: Some(Preconditioner(kind)), x: at, vector, product } = self
        else {
            return false;
        };
        match kind {
            Kind::Diagonal(diagonal) => {
                for ((z, &v), m) in z.iter_mut().zip(v).zip(diagonal) {
                    *z = S::from_f64(*m * v.to_f64());
                }
            }
            Kind::Matrix(matrix) => {
                vector.iter_mut().zip(v).for_each(|(to, v)| *to = v.to_f64());
                for (z, row) in z.iter_mut().zip(matrix.chunks_exact(vector.len())) {
                    *z = S::from_f64(super::vector::dot(row, vector));
                }
            }
            Kind::Function(function) => {
                at.iter_mut().zip(x).for_each(|(to, x)| *to = x.to_f64());
                vector.iter_mut().zip(v).for_each(|(to, v)| *to = v.to_f64());
                function(at, vector, product);
                z.iter_mut().zip(&*product).for_each(|(z, &m)| *z = S::from_f64(m));
            }
        }
        true
    }

    /// For a checkpoint to compare: which kind, and a sum over the bits of its numbers.
    pub(super) fn settings<S>(&self, state: &mut dyn RuleState<S>) {
        let (kind, numbers): (f64, &[f64]) = match &self.preconditioner {
            None => (0.0, &[]),
            Some(Preconditioner(Kind::Diagonal(diagonal))) => (1.0, diagonal),
            Some(Preconditioner(Kind::Matrix(matrix))) => (2.0, matrix),
            Some(Preconditioner(Kind::Function(_))) => (3.0, &[]),
        };
        // FNV-1a by words; as many bits as are exact in `f64`.
        let sum = numbers
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |sum, m| (sum ^ m.to_bits()).wrapping_mul(0x0100_0000_01b3));
        state.setting("preconditioner", kind);
        state.setting("preconditioner (checksum)", (sum >> 12) as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_is_that_of_the_matrix() {
        let x = [1.0, 2.0];
        let product = |preconditioner: Preconditioner| {
            let mut with = Preconditioning::new(Some(&preconditioner)).unwrap();
            with.start(2).unwrap();
            let mut z = [0.0; 2];
            assert!(with.is_some() && with.apply(&x, &[3.0, -1.0], &mut z));
            z
        };
        assert_eq!(product(Preconditioner::diagonal(vec![2.0, 0.5])), [6.0, -0.5]);
        assert_eq!(product(Preconditioner::matrix(vec![2.0, 1.0, 1.0, 3.0])), [5.0, 0.0]);
        let by_point = |x: &[f64], v: &[f64], z: &mut [f64]| (0..2).for_each(|k| z[k] = x[k] * v[k]);
        assert_eq!(product(Preconditioner::function(by_point)), [3.0, -2.0]);
        let (mut none, mut z) = (Preconditioning::new(None).unwrap(), [7.0]);
        none.start(1).unwrap();
        assert!(!none.apply(&[1.0], &[1.0], &mut z) && z == [7.0]);
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        for (preconditioner, value) in [
            (Preconditioner::diagonal(vec![1.0, 0.0]), 0.0),
            (Preconditioner::diagonal(vec![1.0, -2.0]), -2.0),
            (Preconditioner::diagonal(vec![f64::INFINITY, 1.0]), f64::INFINITY),
            (Preconditioner::matrix(vec![1.0, 0.0, 0.0, f64::NEG_INFINITY]), f64::NEG_INFINITY),
            (Preconditioner::matrix(vec![1.0, 0.5, 0.25, 1.0]), 0.25),
        ] {
            let started = Preconditioning::new(Some(&preconditioner)).and_then(|mut with| with.start(2));
            match started.unwrap_err() {
                DescentError::InvalidSetting { value: found, .. } => assert_eq!(found, value),
                error => panic!("{error}"),
            }
        }
        for (preconditioner, expected, found) in
            [(Preconditioner::diagonal(vec![1.0; 2]), 3, 2), (Preconditioner::matrix(vec![0.0; 4]), 9, 4)]
        {
            let mut with = Preconditioning::new(Some(&preconditioner)).unwrap();
            let error = with.start(3).unwrap_err();
            assert_eq!(error, DescentError::WrongPreconditioner { expected, found });
            assert!(error.to_string().contains("preconditioner"));
        }
    }
}
