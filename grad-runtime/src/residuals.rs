//! Residuals, whose squares are to be summed and minimised.

use alloc::format;
use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::objective::{set, without_shape};
use crate::starts_at::{InShape, OfResiduals, StartsAt};
use crate::{Differentiable, Failure, Fallible, Scalar};

/// Residuals r: ℝⁿ → ℝᵐ with their Jacobian, for least squares.
///
/// [`from_residuals`] makes them of two closures; a type of your own can implement it.
pub trait Residuals {
    /// `f32` or `f64`.
    type Scalar: Scalar;

    /// The number n of coordinates, or `None` if points of any length will do.
    fn dim(&self) -> Option<usize>;

    /// The number m of residuals; 0 if it is not known before [`start`](Self::start).
    fn count(&self) -> usize;

    /// Told where a descent starts, before anything is evaluated. Default: nothing happens.
    fn start(&mut self, x: &[Self::Scalar]) {
        let _ = x;
    }

    /// Writes r(x), m numbers.
    fn residuals_into(&mut self, x: &[Self::Scalar], residuals: &mut [Self::Scalar]);

    /// Writes (not adds) the Jacobian, m·n numbers, row by row: row i is ∇rᵢ(x).
    fn jacobian_into(&mut self, x: &[Self::Scalar], jacobian: &mut [Self::Scalar]);

    /// Why the last evaluation failed, if it did, see [`Objective::failure`](crate::Objective::failure).
    fn failure(&mut self) -> Option<Failure> {
        None
    }
}

impl<R: Residuals + ?Sized> Residuals for &mut R {
    type Scalar = R::Scalar;

    fn dim(&self) -> Option<usize> {
        (**self).dim()
    }

    fn count(&self) -> usize {
        (**self).count()
    }

    fn start(&mut self, x: &[R::Scalar]) {
        (**self).start(x);
    }

    fn residuals_into(&mut self, x: &[R::Scalar], residuals: &mut [R::Scalar]) {
        (**self).residuals_into(x, residuals);
    }

    fn jacobian_into(&mut self, x: &[R::Scalar], jacobian: &mut [R::Scalar]) {
        (**self).jacobian_into(x, jacobian);
    }

    fn failure(&mut self) -> Option<Failure> {
        (**self).failure()
    }
}

/// Residuals made of two closures: the first writes the `count` residuals at a point, the second their Jacobian, row
/// by row. Each may return a `Result<(), _>` instead of nothing: a point where it is an error is not accepted.
///
/// ```
/// use grad_runtime::{Residuals, from_residuals};
///
/// // A line through three points.
/// let mut line = from_residuals(
///     3,
///     |x: &[f64], r: &mut [f64]| (0..3).for_each(|i| r[i] = x[0] + x[1] * i as f64 - [1.0, 3.0, 4.0][i]),
///     |_: &[f64], jacobian: &mut [f64]| jacobian.copy_from_slice(&[1.0, 0.0, 1.0, 1.0, 1.0, 2.0]),
/// );
/// let mut r = [0.0; 3];
/// line.residuals_into(&[1.0, 2.0], &mut r);
/// assert_eq!(r, [0.0, 0.0, 1.0]);
/// ```
pub fn from_residuals<S, A, F, B, J>(
    count: usize,
    residuals_into: F,
    jacobian_into: J,
) -> FromResiduals<S, F, J>
where
    S: Scalar,
    A: Fallible<()>,
    F: FnMut(&[S], &mut [S]) -> A,
    B: Fallible<()>,
    J: FnMut(&[S], &mut [S]) -> B,
{
    FromResiduals { count, residuals_into, jacobian_into, failure: None, scalar: PhantomData }
}

/// See [`from_residuals`].
#[derive(Clone, Debug)]
pub struct FromResiduals<S, F, J> {
    count: usize,
    residuals_into: F,
    jacobian_into: J,
    failure: Option<Failure>,
    scalar: PhantomData<fn() -> S>,
}

impl<S, A, F, B, J> Residuals for FromResiduals<S, F, J>
where
    S: Scalar,
    A: Fallible<()>,
    F: FnMut(&[S], &mut [S]) -> A,
    B: Fallible<()>,
    J: FnMut(&[S], &mut [S]) -> B,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn count(&self) -> usize {
        self.count
    }

    fn residuals_into(&mut self, x: &[S], residuals: &mut [S]) {
        self.failure = (self.residuals_into)(x, residuals).into_result().err();
    }

    fn jacobian_into(&mut self, x: &[S], jacobian: &mut [S]) {
        self.failure = (self.jacobian_into)(x, jacobian).into_result().err();
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}

/// What the closure of residuals is asked for at a point: of generated ones, see [`FlatResiduals`] and [`ShapedResiduals`].
#[derive(Debug)]
pub enum Wanted<'a, S> {
    /// The residuals, however many they are.
    Residuals(&'a mut Vec<S>),
    /// The Jacobian, row by row, written (not added).
    Jacobian(&'a mut [S]),
}

/// What residuals over a slice keep from one evaluation to the next: what the function returned at a point, and how many numbers
/// that is.
#[derive(Clone, Debug)]
pub struct KeptResiduals<S> {
    /// The point, and the residuals there; the point may have been left since.
    at: Vec<S>,
    residuals: Vec<S>,
    is_known: bool,
    failure: Option<Failure>,
}

impl<S: Scalar> Default for KeptResiduals<S> {
    fn default() -> Self {
        KeptResiduals { at: Vec::new(), residuals: Vec::new(), is_known: false, failure: None }
    }
}

impl<S: Scalar> KeptResiduals<S> {
    /// How many residuals there are; 0 before there were any.
    pub fn count(&self) -> usize {
        self.residuals.len()
    }

    /// Evaluates the function at a point, unless that was done last.
    pub fn start<R: Fallible<()>>(&mut self, x: &[S], function: impl FnOnce(Wanted<'_, S>) -> R) {
        if self.is_known && self.at == x {
            return;
        }
        self.at.clear();
        self.at.extend_from_slice(x);
        self.failure = function(Wanted::Residuals(&mut self.residuals)).into_result().err();
        self.is_known = self.failure.is_none();
    }

    /// The residuals at a point.
    pub fn residuals_into<R: Fallible<()>>(
        &mut self,
        x: &[S],
        residuals: &mut [S],
        function: impl FnOnce(Wanted<'_, S>) -> R,
    ) {
        self.start(x, function);
        if !self.is_known {
            return;
        }
        if self.residuals.len() == residuals.len() {
            residuals.copy_from_slice(&self.residuals);
        } else {
            let (now, before) = (self.residuals.len(), residuals.len());
            self.failure = Some(Failure::new(format!("{now} residuals, and {before} at the start")));
            self.is_known = false;
        }
    }

    /// Their Jacobian.
    pub fn jacobian_into<R: Fallible<()>>(
        &mut self,
        jacobian: &mut [S],
        function: impl FnOnce(Wanted<'_, S>) -> R,
    ) {
        self.failure = function(Wanted::Jacobian(jacobian)).into_result().err();
    }

    /// Why the last evaluation failed.
    pub fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}

/// The same of residuals over parameters of a shape, with room for a point.
#[derive(Clone, Debug)]
pub struct KeptShapedResiduals<S, P> {
    point: Option<P>,
    last: KeptResiduals<S>,
}

impl<S: Scalar, P: Differentiable> KeptShapedResiduals<S, P> {
    /// With the shape of an example, if there is one.
    pub fn new(point: Option<P>) -> Self {
        KeptShapedResiduals { point, last: KeptResiduals::default() }
    }

    /// The number of coordinates, if the shape is known.
    pub fn dim(&self) -> Option<usize> {
        self.point.as_ref().map(P::dim)
    }

    /// How many residuals there are; 0 before there were any.
    pub fn count(&self) -> usize {
        self.last.count()
    }

    /// What the closure says of the parameters at a flat point.
    fn asked<R: Fallible<()>>(
        point: &mut Option<P>,
        x: &[S],
        wanted: Wanted<'_, S>,
        function: impl FnOnce(&P, Wanted<'_, S>) -> R,
    ) -> Result<(), Failure> {
        let point = point.as_mut().ok_or_else(without_shape)?;
        set(point, x);
        function(point, wanted).into_result()
    }

    /// Evaluates the function at a flat point, unless that was done last.
    pub fn start<R: Fallible<()>>(&mut self, x: &[S], function: impl FnOnce(&P, Wanted<'_, S>) -> R) {
        let KeptShapedResiduals { point, last } = self;
        last.start(x, |wanted| Self::asked(point, x, wanted, function));
    }

    /// The residuals at a flat point.
    pub fn residuals_into<R: Fallible<()>>(
        &mut self,
        x: &[S],
        residuals: &mut [S],
        function: impl FnOnce(&P, Wanted<'_, S>) -> R,
    ) {
        let KeptShapedResiduals { point, last } = self;
        last.residuals_into(x, residuals, |wanted| Self::asked(point, x, wanted, function));
    }

    /// Their Jacobian.
    pub fn jacobian_into<R: Fallible<()>>(
        &mut self,
        x: &[S],
        jacobian: &mut [S],
        function: impl FnOnce(&P, Wanted<'_, S>) -> R,
    ) {
        let KeptShapedResiduals { point, last } = self;
        last.jacobian_into(jacobian, |wanted| Self::asked(point, x, wanted, function));
    }

    /// Why the last evaluation failed.
    pub fn failure(&mut self) -> Option<Failure> {
        self.last.failure()
    }

    /// The floats of a start, of which the shape is kept.
    pub fn flat_start(&mut self, start: P) -> Vec<S> {
        let flat = start.flatten();
        *self = KeptShapedResiduals::new(Some(start));
        flat
    }

    /// The parameters at a flat point.
    ///
    /// # Panics
    /// If the point has another number of coordinates, or there was no start.
    pub fn point(&self, x: &[S]) -> P
    where
        P: Clone,
    {
        let mut point = self.point.clone().expect("a descent that has ended had a start");
        set(&mut point, x);
        point
    }
}

/// Residuals that are functions of a slice: the closure gets the point and what is wanted, a [`Wanted`].
#[derive(Clone, Debug)]
pub struct FlatResiduals<S, F> {
    function: F,
    kept: KeptResiduals<S>,
}

impl<S: Scalar, R: Fallible<()>, F: FnMut(&[S], Wanted<'_, S>) -> R> FlatResiduals<S, F> {
    pub(crate) fn new(function: F) -> Self {
        FlatResiduals { function, kept: KeptResiduals::default() }
    }
}

impl<S: Scalar, R: Fallible<()>, F: FnMut(&[S], Wanted<'_, S>) -> R> Residuals for FlatResiduals<S, F> {
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn count(&self) -> usize {
        self.kept.count()
    }

    fn start(&mut self, x: &[S]) {
        self.kept.start(x, |wanted| (self.function)(x, wanted));
    }

    fn residuals_into(&mut self, x: &[S], residuals: &mut [S]) {
        self.kept.residuals_into(x, residuals, |wanted| (self.function)(x, wanted));
    }

    fn jacobian_into(&mut self, x: &[S], jacobian: &mut [S]) {
        self.kept.jacobian_into(jacobian, |wanted| (self.function)(x, wanted));
    }

    fn failure(&mut self) -> Option<Failure> {
        self.kept.failure()
    }
}

/// Residuals that are functions of parameters of any shape `P`, for methods a flat point; a descent starts from parameters, see
/// [`StartsAt`]. `f::residuals(constants…)` of a function of several parameters or of a struct is one.
#[derive(Clone, Debug)]
pub struct ShapedResiduals<S, P, F> {
    function: F,
    kept: KeptShapedResiduals<S, P>,
}

impl<S, P, R, F> ShapedResiduals<S, P, F>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<()>,
    F: FnMut(&P, Wanted<'_, S>) -> R,
{
    pub(crate) fn new(point: Option<P>, function: F) -> Self {
        ShapedResiduals { function, kept: KeptShapedResiduals::new(point) }
    }

    /// Takes the lengths that are not in the type from an example: the start of the descent, usually.
    #[must_use]
    pub fn shaped_like(self, example: &P) -> Self
    where
        P: Clone,
    {
        ShapedResiduals::new(Some(example.clone()), self.function)
    }
}

impl<S, P, R, F> Residuals for ShapedResiduals<S, P, F>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<()>,
    F: FnMut(&P, Wanted<'_, S>) -> R,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        self.kept.dim()
    }

    fn count(&self) -> usize {
        self.kept.count()
    }

    fn start(&mut self, x: &[S]) {
        self.kept.start(x, &mut self.function);
    }

    fn residuals_into(&mut self, x: &[S], residuals: &mut [S]) {
        self.kept.residuals_into(x, residuals, &mut self.function);
    }

    fn jacobian_into(&mut self, x: &[S], jacobian: &mut [S]) {
        self.kept.jacobian_into(x, jacobian, &mut self.function);
    }

    fn failure(&mut self) -> Option<Failure> {
        self.kept.failure()
    }
}

impl<S, P, R, F> StartsAt<S, P, OfResiduals<InShape>> for ShapedResiduals<S, P, F>
where
    S: Scalar,
    P: Differentiable + Clone,
    R: Fallible<()>,
    F: FnMut(&P, Wanted<'_, S>) -> R,
{
    fn flat_start(&mut self, start: P) -> Vec<S> {
        self.kept.flat_start(start)
    }

    fn point(&self, x: Vec<S>) -> P {
        self.kept.point(&x)
    }
}
