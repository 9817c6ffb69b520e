//! Evaluations that fail.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

use crate::Scalar;

/// The error of an objective that could not be evaluated, as it was returned.
///
/// ```
/// use grad_runtime::Failure;
///
/// let failure = Failure::new("x".parse::<f64>().unwrap_err());
/// assert_eq!(failure.to_string(), "invalid float literal");
/// assert!(failure.downcast_ref::<std::num::ParseFloatError>().is_some());
/// ```
#[derive(Clone)]
pub struct Failure(Arc<dyn Error + Send + Sync>);

impl Failure {
    /// Of any error, or of a text.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Failure(Arc::from(error.into()))
    }

    /// The error, if it is of this type.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// The same failure of the same evaluation: errors cannot be compared in general.
impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What the closure of an objective may return: the number itself, or a `Result` or an `Option` of it.
pub trait Fallible<T> {
    /// Either.
    fn into_result(self) -> Result<T, Failure>;
}

impl<S: Scalar> Fallible<S> for S {
    fn into_result(self) -> Result<S, Failure> {
        Ok(self)
    }
}

impl<S, G> Fallible<(S, G)> for (S, G) {
    fn into_result(self) -> Result<(S, G), Failure> {
        Ok(self)
    }
}

impl Fallible<()> for () {
    fn into_result(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> Fallible<T> for Result<T, E> {
    fn into_result(self) -> Result<T, Failure> {
        self.map_err(Failure::new)
    }
}

impl<T> Fallible<T> for Option<T> {
    fn into_result(self) -> Result<T, Failure> {
        self.ok_or_else(|| Failure::new("the objective returned `None`"))
    }
}
