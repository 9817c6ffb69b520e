//! Functions to be minimised or maximised.

use crate::{Differentiable, Scalar};

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
}

/// An objective with products of its Hessian, for the methods of Newton's kind.
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

/// An objective made of a closure that returns value and gradient.
///
/// ```
/// use grad_runtime::{Objective, from_fn};
///
/// let mut parabola = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
/// let mut gradient = [0.0];
/// assert_eq!(parabola.value_and_grad_into(&[3.0], &mut gradient), 9.0);
/// assert_eq!(gradient, [6.0]);
/// ```
pub fn from_fn<S, G, F>(value_and_gradient: F) -> FromFn<S, F>
where
    S: Scalar,
    G: AsRef<[S]>,
    F: FnMut(&[S]) -> (S, G),
{
    FromFn { value_and_gradient, scalar: std::marker::PhantomData }
}

/// See [`from_fn`].
#[derive(Clone, Debug)]
pub struct FromFn<S, F> {
    value_and_gradient: F,
    scalar: std::marker::PhantomData<fn() -> S>,
}

impl<S, G, F> Objective for FromFn<S, F>
where
    S: Scalar,
    G: AsRef<[S]>,
    F: FnMut(&[S]) -> (S, G),
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn value(&mut self, x: &[S]) -> S {
        (self.value_and_gradient)(x).0
    }

    fn value_and_grad_into(&mut self, x: &[S], into: &mut [S]) -> S {
        let (value, gradient) = (self.value_and_gradient)(x);
        let gradient = gradient.as_ref();
        assert!(
            gradient.len() == into.len(),
            "the closure returned a gradient of {} coordinates at a point of {}",
            gradient.len(),
            into.len()
        );
        into.copy_from_slice(gradient);
        value
    }
}

/// An objective over a slice: the closure gets the point and, where the gradient is wanted, its buffer.
#[derive(Clone, Debug)]
pub struct Flat<S, F> {
    function: F,
    scalar: std::marker::PhantomData<fn() -> S>,
}

impl<S: Scalar, F: FnMut(&[S], Option<&mut [S]>) -> S> Flat<S, F> {
    pub(crate) fn new(function: F) -> Self {
        Flat { function, scalar: std::marker::PhantomData }
    }
}

impl<S: Scalar, F: FnMut(&[S], Option<&mut [S]>) -> S> Objective for Flat<S, F> {
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn value(&mut self, x: &[S]) -> S {
        (self.function)(x, None)
    }

    fn value_and_grad_into(&mut self, x: &[S], gradient: &mut [S]) -> S {
        (self.function)(x, Some(gradient))
    }
}

/// An objective over parameters of any shape `P`, seen as a flat point.
///
/// Where the shape is not in the type (a `Vec` of rows), [`shaped_like`](Shaped::shaped_like) gives it;
/// [`unflatten`](Shaped::unflatten) turns a flat point into parameters.
#[derive(Clone, Debug)]
pub struct Shaped<S, P: Differentiable, F> {
    function: F,
    point: P,
    cotangent: P::Tangent,
    scalar: std::marker::PhantomData<fn() -> S>,
}

impl<S, P, F> Shaped<S, P, F>
where
    S: Scalar,
    P: Differentiable,
    F: FnMut(&P, Option<&mut P::Tangent>) -> S,
{
    pub(crate) fn new(point: P, function: F) -> Self {
        let cotangent = point.zero_tangent();
        Shaped { function, point, cotangent, scalar: std::marker::PhantomData }
    }

    /// Takes the lengths that are not in the type from an example: the start of the descent, usually.
    #[must_use]
    pub fn shaped_like(self, example: &P) -> Self
    where
        P: Clone,
    {
        Shaped::new(example.clone(), self.function)
    }

    /// The parameters at a flat point.
    ///
    /// # Panics
    /// If the point has another number of coordinates.
    pub fn unflatten(&self, x: &[S]) -> P
    where
        P: Clone,
    {
        let mut point = self.point.clone();
        set(&mut point, x);
        point
    }
}

impl<S, P, F> Objective for Shaped<S, P, F>
where
    S: Scalar,
    P: Differentiable,
    F: FnMut(&P, Option<&mut P::Tangent>) -> S,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        Some(self.point.dim())
    }

    fn value(&mut self, x: &[S]) -> S {
        set(&mut self.point, x);
        (self.function)(&self.point, None)
    }

    fn value_and_grad_into(&mut self, x: &[S], gradient: &mut [S]) -> S {
        set(&mut self.point, x);
        let value = (self.function)(&self.point, Some(&mut self.cotangent));
        self.cotangent.flatten_into(gradient);
        value
    }
}

fn set<S: Scalar, P: Differentiable>(point: &mut P, x: &[S]) {
    assert!(
        point.dim() == x.len(),
        "a point of {} coordinates for parameters of {}: see `shaped_like`",
        x.len(),
        point.dim()
    );
    point.unflatten_from(x);
}
