//! Functions to be minimised or maximised.

use alloc::vec::Vec;
use core::convert::Infallible;

use crate::starts_at::{InShape, OfObjective, StartsAt};
use crate::{Differentiable, Failure, Fallible, Scalar};

/// A scalar function of a flat point, with its gradient.
///
/// `f::objective(constants…)` of an annotated function is one, [`from_fn`] makes one of a closure, and a type
/// of your own can implement it. The methods take `&mut self` so that an objective may keep work space: none
/// needs to allocate.
pub trait Objective {
    /// `f32` or `f64`.
    type Scalar: Scalar;

    /// The number of coordinates, or `None` if points of any length will do (a function of a slice).
    fn dim(&self) -> Option<usize>;

    /// f(x).
    fn value(&mut self, x: &[Self::Scalar]) -> Self::Scalar;

    /// f(x), with ∇f(x) written (not added) to `gradient`, which is as long as `x`.
    fn value_and_grad_into(&mut self, x: &[Self::Scalar], gradient: &mut [Self::Scalar]) -> Self::Scalar;

    /// Why the last evaluation failed, if it did; then what it returned and wrote does not matter. Asked once after each
    /// evaluation: an objective that can fail keeps its error until then.
    ///
    /// A descent treats a point where the objective fails like one where it is not finite: it is never accepted, and a
    /// line search tries a shorter step.
    fn failure(&mut self) -> Option<Failure> {
        None
    }
}

impl<O: Objective + ?Sized> Objective for &mut O {
    type Scalar = O::Scalar;

    fn dim(&self) -> Option<usize> {
        (**self).dim()
    }

    fn value(&mut self, x: &[O::Scalar]) -> O::Scalar {
        (**self).value(x)
    }

    fn value_and_grad_into(&mut self, x: &[O::Scalar], gradient: &mut [O::Scalar]) -> O::Scalar {
        (**self).value_and_grad_into(x, gradient)
    }

    fn failure(&mut self) -> Option<Failure> {
        (**self).failure()
    }
}

/// An objective with products of its Hessian, for the methods of Newton's kind.
///
/// `f::objective(constants…)` of a function with `#[grad(second)]` is one, [`with_hessian_product`] makes one of a closure, and
/// a type of your own can implement it.
#[diagnostic::on_unimplemented(
    message = "an objective without products of its Hessian is given to a method that needs them",
    label = "the method needs products of this objective's Hessian",
    note = "write `#[grad(second)]` on the function whose `objective` this is, or give the products by `grad::with_hessian_product(..)`"
)]
pub trait HessianProduct: Objective {
    /// Writes (not adds) ∇²f(x)·v to `product`; all three are of one length.
    fn hessian_product_into(&mut self, x: &[Self::Scalar], v: &[Self::Scalar], product: &mut [Self::Scalar]);
}

impl<O: HessianProduct + ?Sized> HessianProduct for &mut O {
    fn hessian_product_into(&mut self, x: &[O::Scalar], v: &[O::Scalar], product: &mut [O::Scalar]) {
        (**self).hessian_product_into(x, v, product);
    }
}

/// An objective with a closure that writes ∇²f(x)·v: `(x, v, product)`.
///
/// ```
/// use grad_runtime::{HessianProduct, from_fn, with_hessian_product};
///
/// let cube = from_fn(|x: &[f64]| (x[0].powi(3), [3.0 * x[0] * x[0]]));
/// let mut cube = with_hessian_product(cube, |x: &[f64], v: &[f64], product: &mut [f64]| product[0] = 6.0 * x[0] * v[0]);
/// let mut product = [0.0];
/// cube.hessian_product_into(&[2.0], &[0.5], &mut product);
/// assert_eq!(product, [6.0]);
/// ```
pub fn with_hessian_product<O, F>(objective: O, hessian_product_into: F) -> WithHessianProduct<O, F>
where
    O: Objective,
    F: FnMut(&[O::Scalar], &[O::Scalar], &mut [O::Scalar]),
{
    WithHessianProduct { objective, hessian_product_into }
}

/// See [`with_hessian_product`].
#[derive(Clone, Debug)]
pub struct WithHessianProduct<O, F> {
    objective: O,
    hessian_product_into: F,
}

impl<O: Objective, F> Objective for WithHessianProduct<O, F> {
    type Scalar = O::Scalar;

    fn dim(&self) -> Option<usize> {
        self.objective.dim()
    }

    fn value(&mut self, x: &[O::Scalar]) -> O::Scalar {
        self.objective.value(x)
    }

    fn value_and_grad_into(&mut self, x: &[O::Scalar], gradient: &mut [O::Scalar]) -> O::Scalar {
        self.objective.value_and_grad_into(x, gradient)
    }

    fn failure(&mut self) -> Option<Failure> {
        self.objective.failure()
    }
}

impl<O, F> HessianProduct for WithHessianProduct<O, F>
where
    O: Objective,
    F: FnMut(&[O::Scalar], &[O::Scalar], &mut [O::Scalar]),
{
    fn hessian_product_into(&mut self, x: &[O::Scalar], v: &[O::Scalar], product: &mut [O::Scalar]) {
        (self.hessian_product_into)(x, v, product);
    }
}

impl<O, F, S, X> StartsAt<S, X, OfObjective<InShape>> for WithHessianProduct<O, F>
where
    O: StartsAt<S, X, OfObjective<InShape>>,
    S: Scalar,
{
    fn flat_start(&mut self, start: X) -> Vec<S> {
        self.objective.flat_start(start)
    }

    fn point(&self, x: Vec<S>) -> X {
        self.objective.point(x)
    }
}

/// An objective made of a closure that returns value and gradient, or a `Result` of them.
///
/// ```
/// use grad_runtime::{Objective, from_fn};
///
/// let mut parabola = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
/// let mut gradient = [0.0];
/// assert_eq!(parabola.value_and_grad_into(&[3.0], &mut gradient), 9.0);
/// assert_eq!(gradient, [6.0]);
/// ```
///
/// One that can fail: a descent shortens the steps that lead there.
///
/// ```
/// use grad_runtime::descent::Lbfgs;
/// use grad_runtime::from_fn;
///
/// let mut root = from_fn(|x: &[f64]| {
///     if x[0] < 0.0 { Err("no root of a negative number") } else { Ok((x[0] - x[0].sqrt(), [1.0 - 0.5 / x[0].sqrt()])) }
/// });
/// let report = Lbfgs::default().minimize(&mut root, vec![3.0])?;
/// assert!((report.x[0] - 0.25).abs() < 1e-6);
/// let error = Lbfgs::default().minimize(&mut root, vec![-1.0]).unwrap_err();
/// assert!(error.to_string().contains("no root of a negative number"));
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
pub fn from_fn<S, G, R, F>(value_and_gradient: F) -> FromFn<S, G, F>
where
    S: Scalar,
    G: AsRef<[S]>,
    R: Fallible<(S, G)>,
    F: FnMut(&[S]) -> R,
{
    FromFn { value_and_gradient, failure: None, types: core::marker::PhantomData }
}

/// See [`from_fn`].
#[derive(Clone, Debug)]
pub struct FromFn<S, G, F> {
    value_and_gradient: F,
    failure: Option<Failure>,
    types: core::marker::PhantomData<fn() -> (S, G)>,
}

impl<S, G, R, F> Objective for FromFn<S, G, F>
where
    S: Scalar,
    G: AsRef<[S]>,
    R: Fallible<(S, G)>,
    F: FnMut(&[S]) -> R,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn value(&mut self, x: &[S]) -> S {
        let result = (self.value_and_gradient)(x).into_result();
        number_or(&mut self.failure, result.map(|(value, _)| value))
    }

    fn value_and_grad_into(&mut self, x: &[S], into: &mut [S]) -> S {
        let result = (self.value_and_gradient)(x).into_result().map(|(value, gradient)| {
            let gradient = gradient.as_ref();
            assert!(
                gradient.len() == into.len(),
                "the closure returned a gradient of {} coordinates at a point of {}",
                gradient.len(),
                into.len()
            );
            into.copy_from_slice(gradient);
            value
        });
        number_or(&mut self.failure, result)
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}

/// The number, or NaN with the failure kept.
pub(crate) fn number_or<S: Scalar>(kept: &mut Option<Failure>, result: Result<S, Failure>) -> S {
    result.unwrap_or_else(|failure| {
        *kept = Some(failure);
        S::from_f64(f64::NAN)
    })
}

/// What the closure of an objective is asked for at a point, besides the value: of a generated one, see
/// [`Flat`] and [`Shaped`].
///
/// `K` is `()` where products of the Hessian are known, and a type without values where they are not: then nobody can ask.
#[derive(Debug)]
pub enum Ask<'a, T: ?Sized, K> {
    /// Nothing.
    Value,
    /// The gradient, written (not added) to the buffer.
    Gradient(&'a mut T),
    /// The product of the Hessian with the first, written to the second; what is returned as the value does not matter.
    Product(&'a T, &'a mut T, K),
}

/// An objective over a slice: the closure gets the point and what is asked for, an [`Ask`].
///
/// With `K = ()`, as of functions with `#[grad(second)]`, it has products of its Hessian.
#[derive(Clone, Debug)]
pub struct Flat<S, F, K = Infallible> {
    function: F,
    failure: Option<Failure>,
    types: core::marker::PhantomData<fn() -> (S, K)>,
}

impl<S: Scalar, K, R: Fallible<S>, F: FnMut(&[S], Ask<'_, [S], K>) -> R> Flat<S, F, K> {
    pub(crate) fn new(function: F) -> Self {
        Flat { function, failure: None, types: core::marker::PhantomData }
    }
}

impl<S: Scalar, K, R: Fallible<S>, F: FnMut(&[S], Ask<'_, [S], K>) -> R> Objective for Flat<S, F, K> {
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn value(&mut self, x: &[S]) -> S {
        let result = (self.function)(x, Ask::Value).into_result();
        number_or(&mut self.failure, result)
    }

    fn value_and_grad_into(&mut self, x: &[S], gradient: &mut [S]) -> S {
        let result = (self.function)(x, Ask::Gradient(gradient)).into_result();
        number_or(&mut self.failure, result)
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}

impl<S: Scalar, R: Fallible<S>, F: FnMut(&[S], Ask<'_, [S], ()>) -> R> HessianProduct for Flat<S, F, ()> {
    fn hessian_product_into(&mut self, x: &[S], v: &[S], product: &mut [S]) {
        if (self.function)(x, Ask::Product(v, product, ())).into_result().is_err() {
            product.fill(S::from_f64(f64::NAN));
        }
    }
}

/// An objective over parameters of any shape `P`, for methods a flat point.
///
/// A descent starts from parameters, and has their lengths from there, [`StartsAt`]; with flat points, where the shape is not in
/// the type (a `Vec` of rows, a struct), [`shaped_like`](Shaped::shaped_like) gives it, and [`unflatten`](Shaped::unflatten)
/// turns a flat point into parameters. With `K = ()`, as of functions with `#[grad(second)]`, it has products of its Hessian.
///
/// `f::objective(constants…)` of a function of several parameters or of a struct is one, [`from_fn_of`] makes one of a closure.
#[derive(Clone, Debug)]
pub struct Shaped<S, P: Differentiable, F, K = Infallible> {
    function: F,
    kept: KeptShape<P, P::Tangent>,
    types: core::marker::PhantomData<fn() -> (S, K)>,
}

/// Room for a point and its cotangents, in a shape.
#[derive(Clone, Debug)]
struct Space<P, T> {
    point: P,
    cotangent: T,
    /// Of products.
    direction: T,
}

impl<P: Differentiable> Space<P, P::Tangent> {
    fn of(point: P) -> Self {
        Space { cotangent: point.zero_tangent(), direction: point.zero_tangent(), point }
    }

    fn at<'a, S: Scalar>(space: &'a mut Option<Self>, x: &[S]) -> Result<&'a mut Self, Failure> {
        let space = space.as_mut().ok_or_else(without_shape)?;
        set(&mut space.point, x);
        Ok(space)
    }
}

/// What an objective over parameters of a shape keeps from one evaluation to the next: the room for a point, and why it failed.
#[derive(Clone, Debug)]
pub struct KeptShape<P, T> {
    space: Option<Space<P, T>>,
    failure: Option<Failure>,
}

impl<P: Differentiable> KeptShape<P, P::Tangent> {
    /// With the shape of an example, if there is one.
    pub fn new(point: Option<P>) -> Self {
        KeptShape { space: point.map(Space::of), failure: None }
    }

    /// The number of coordinates, if the shape is known.
    pub fn dim(&self) -> Option<usize> {
        self.space.as_ref().map(|space| space.point.dim())
    }

    /// The value at a flat point.
    pub fn value<S: Scalar, R: Fallible<S>>(&mut self, x: &[S], value: impl FnOnce(&P) -> R) -> S {
        let result = Space::at(&mut self.space, x).and_then(|space| value(&space.point).into_result());
        number_or(&mut self.failure, result)
    }

    /// The value at a flat point, and the flat gradient: `gradient` is written by the closure, in the shape of the parameters.
    pub fn value_and_grad_into<S: Scalar, R: Fallible<S>>(
        &mut self,
        x: &[S],
        gradient: &mut [S],
        value_and_grad_into: impl FnOnce(&P, &mut P::Tangent) -> R,
    ) -> S {
        let result = Space::at(&mut self.space, x).and_then(|space| {
            let value = value_and_grad_into(&space.point, &mut space.cotangent).into_result();
            space.cotangent.flatten_into(gradient);
            value
        });
        number_or(&mut self.failure, result)
    }

    /// The product of the Hessian with a flat direction: written by the closure, in the shape of the parameters.
    pub fn product_into<S: Scalar, R: Fallible<S>>(
        &mut self,
        x: &[S],
        v: &[S],
        product: &mut [S],
        product_into: impl FnOnce(&P, &P::Tangent, &mut P::Tangent) -> R,
    ) {
        let done = Space::at(&mut self.space, x).and_then(|space| {
            space.direction.unflatten_from(v);
            let done = product_into(&space.point, &space.direction, &mut space.cotangent).into_result();
            space.cotangent.flatten_into(product);
            done
        });
        if done.is_err() {
            product.fill(S::from_f64(f64::NAN));
        }
    }

    /// Why the last evaluation failed.
    pub fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// The floats of a start, of which the shape is kept.
    pub fn flat_start<S: Scalar>(&mut self, start: P) -> Vec<S> {
        let flat = start.flatten();
        self.space = Some(Space::of(start));
        flat
    }

    /// The parameters at a flat point.
    ///
    /// # Panics
    /// If the point has another number of coordinates, or the shape is not known.
    pub fn unflatten<S: Scalar>(&self, x: &[S]) -> P
    where
        P: Clone,
    {
        let space = self
            .space
            .as_ref()
            .expect("the shape of the parameters is known from a start, or by `shaped_like`");
        let mut point = space.point.clone();
        set(&mut point, x);
        point
    }
}

impl<S, P, K, R, F> Shaped<S, P, F, K>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<S>,
    F: FnMut(&P, Ask<'_, P::Tangent, K>) -> R,
{
    pub(crate) fn new(point: Option<P>, function: F) -> Self {
        Shaped { function, kept: KeptShape::new(point), types: core::marker::PhantomData }
    }

    /// Takes the lengths that are not in the type from an example: the start of the descent, usually.
    #[must_use]
    pub fn shaped_like(self, example: &P) -> Self
    where
        P: Clone,
    {
        Shaped::new(Some(example.clone()), self.function)
    }

    /// The parameters at a flat point.
    ///
    /// # Panics
    /// If the point has another number of coordinates, or the shape is not known.
    pub fn unflatten(&self, x: &[S]) -> P
    where
        P: Clone,
    {
        self.kept.unflatten(x)
    }
}

impl<S, P, K, R, F> Objective for Shaped<S, P, F, K>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<S>,
    F: FnMut(&P, Ask<'_, P::Tangent, K>) -> R,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        self.kept.dim()
    }

    fn value(&mut self, x: &[S]) -> S {
        self.kept.value(x, |point| (self.function)(point, Ask::Value))
    }

    fn value_and_grad_into(&mut self, x: &[S], gradient: &mut [S]) -> S {
        self.kept.value_and_grad_into(x, gradient, |point, gradient| {
            (self.function)(point, Ask::Gradient(gradient))
        })
    }

    fn failure(&mut self) -> Option<Failure> {
        self.kept.failure()
    }
}

impl<S, P, R, F> HessianProduct for Shaped<S, P, F, ()>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<S>,
    F: FnMut(&P, Ask<'_, P::Tangent, ()>) -> R,
{
    fn hessian_product_into(&mut self, x: &[S], v: &[S], product: &mut [S]) {
        self.kept.product_into(x, v, product, |point, direction, product| {
            (self.function)(point, Ask::Product(direction, product, ()))
        });
    }
}

impl<S, P, K, R, F> StartsAt<S, P, OfObjective<InShape>> for Shaped<S, P, F, K>
where
    S: Scalar,
    P: Differentiable + Clone,
    R: Fallible<S>,
    F: FnMut(&P, Ask<'_, P::Tangent, K>) -> R,
{
    fn flat_start(&mut self, start: P) -> Vec<S> {
        self.kept.flat_start(start)
    }

    fn point(&self, x: Vec<S>) -> P {
        self.unflatten(&x)
    }
}

/// An objective over parameters of any shape, made of a closure that returns value and gradient, or a `Result` of them.
///
/// ```
/// use grad_runtime::descent::Lbfgs;
/// use grad_runtime::from_fn_of;
///
/// // Σ(wᵢ − b)² + (b − 3)², of a `Vec` and a number.
/// let mut objective = from_fn_of(|(w, b): &(Vec<f64>, f64)| {
///     let r: Vec<f64> = w.iter().map(|w| w - b).collect();
///     let value = r.iter().map(|r| r * r).sum::<f64>() + (b - 3.0) * (b - 3.0);
///     let of_b = 2.0 * (b - 3.0) - 2.0 * r.iter().sum::<f64>();
///     (value, (r.iter().map(|r| 2.0 * r).collect(), of_b))
/// });
/// let report = Lbfgs::default().minimize(&mut objective, (vec![0.0; 2], 1.0))?;
/// let (w, b) = report.x;
/// assert!((w[1] - 3.0).abs() < 1e-5 && (b - 3.0).abs() < 1e-5);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[allow(clippy::type_complexity, reason = "a closure has no name")]
pub fn from_fn_of<S, P, R, F>(
    mut value_and_gradient: F,
) -> Shaped<S, P, impl FnMut(&P, Ask<'_, P::Tangent, Infallible>) -> Result<S, Failure>>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<(S, P::Tangent)>,
    F: FnMut(&P) -> R,
{
    Shaped::new(None, move |x: &P, ask: Ask<'_, P::Tangent, Infallible>| {
        let (value, gradient) = value_and_gradient(x).into_result()?;
        match ask {
            Ask::Value => {}
            Ask::Gradient(into) => *into = gradient,
            Ask::Product(_, _, never) => match never {},
        }
        Ok(value)
    })
}

/// Where a flat point comes before the shape of the parameters is known.
pub(crate) fn without_shape() -> Failure {
    Failure::new(
        "the shape of the parameters is not known: start from the parameters, or give an example to `shaped_like`",
    )
}

pub(crate) fn set<S: Scalar, P: Differentiable>(point: &mut P, x: &[S]) {
    assert!(
        point.dim() == x.len(),
        "a point of {} coordinates for parameters of {}: see `shaped_like`",
        x.len(),
        point.dim()
    );
    point.unflatten_from(x);
}
