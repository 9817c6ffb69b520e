//! Derivatives of functions of a point of a type of one's own, against differences of the function, and against each other.

use super::differences;
use grad::Differentiable;

/// Value, gradient by every way, tangents in both widths, and products of the Hessian, of a function of a point `P`.
pub(super) struct Derivatives<'a, P: Differentiable> {
    pub(super) value: &'a dyn Fn(&P) -> f64,
    /// All that give a gradient: its name, the value beside it, and the gradient.
    pub(super) gradients: Vec<(&'static str, f64, P::Tangent)>,
    /// Value and tangent along a direction.
    pub(super) jvp: &'a dyn Fn(&P, &P::Tangent) -> (f64, f64),
    /// The same along two directions side by side.
    pub(super) jvp_n: &'a dyn Fn(&P, [&P::Tangent; 2]) -> (f64, [f64; 2]),
    pub(super) grad: &'a dyn Fn(&P) -> P::Tangent,
    /// Gradient and product with a direction.
    pub(super) hvp: Option<&'a dyn Fn(&P, &P::Tangent) -> (P::Tangent, P::Tangent)>,
}

fn close(what: &str, found: f64, wanted: f64, scale: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance * (1.0 + scale.abs()), "{what}: {found} instead of {wanted}");
}

/// A direction with numbers that are not each other's.
pub(super) fn direction<P: Differentiable>(x: &P, seed: f64) -> P::Tangent {
    let mut tangent = x.zero_tangent();
    let flat: Vec<f64> = (0..x.dim()).map(|k| (seed + 1.7 * k as f64).sin() + 0.1).collect();
    tangent.unflatten_from(&flat);
    tangent
}

impl<P: Differentiable + Clone> Derivatives<'_, P> {
    #[track_caller]
    pub(super) fn check(&self, name: &str, x: &P) {
        let flat = x.flatten::<f64>();
        let at = |flat: &[f64]| {
            let mut x = x.clone();
            x.unflatten_from(flat);
            x
        };
        let value = (self.value)(x);
        let gradient = (self.grad)(x).flatten::<f64>();
        assert_eq!(gradient.len(), flat.len(), "{name}: as many partials as floats");
        for k in 0..flat.len() {
            let along = |step: f64| {
                let mut flat = flat.clone();
                flat[k] = step;
                (self.value)(&at(&flat))
            };
            let estimate = differences::derivative(along, flat[k], f64::EPSILON);
            close(&format!("{name}: ∂{k}"), gradient[k], estimate.value, estimate.value, 1e-6);
        }
        for (way, found, by_way) in &self.gradients {
            assert_eq!(found.to_bits(), value.to_bits(), "{name}: value of {way}");
            for (k, (found, wanted)) in by_way.flatten::<f64>().iter().zip(&gradient).enumerate() {
                close(&format!("{name}: ∂{k} of {way}"), *found, *wanted, *wanted, 1e-12);
            }
        }
        let directions = [direction(x, 0.3), direction(x, 2.0)];
        let products = directions.each_ref().map(|v| {
            let (found, tangent) = (self.jvp)(x, v);
            assert_eq!(found.to_bits(), value.to_bits(), "{name}: value of jvp");
            let v = v.flatten::<f64>();
            let wanted: f64 = gradient.iter().zip(&v).map(|(g, v)| g * v).sum();
            let scale: f64 = gradient.iter().zip(&v).map(|(g, v)| (g * v).abs()).sum();
            close(&format!("{name}: jvp"), tangent, wanted, scale, 1e-12);
            tangent
        });
        let (found, lanes) = (self.jvp_n)(x, directions.each_ref());
        assert_eq!(found.to_bits(), value.to_bits(), "{name}: value of jvp_n");
        assert_eq!(lanes, products, "{name}: jvp_n");
        let Some(hvp) = self.hvp else { return };
        for v in &directions {
            let (again, product) = hvp(x, v);
            let (again, product) = (again.flatten::<f64>(), product.flatten::<f64>());
            let v = v.flatten::<f64>();
            for k in 0..flat.len() {
                close(&format!("{name}: ∂{k} of hvp"), again[k], gradient[k], gradient[k], 1e-12);
                let along = |t: f64| {
                    let flat: Vec<f64> = flat.iter().zip(&v).map(|(x, v)| x + t * v).collect();
                    (self.grad)(&at(&flat)).flatten::<f64>()[k]
                };
                let estimate = differences::derivative(along, 0.0, f64::EPSILON);
                close(&format!("{name}: H v, {k}"), product[k], estimate.value, estimate.value, 1e-5);
            }
        }
    }
}

/// Tells the closures in `derivatives` what their point is.
pub(super) fn of_point<'a, P: Differentiable>(_: &P, derivatives: Derivatives<'a, P>) -> Derivatives<'a, P> {
    derivatives
}

macro_rules! pass {
    (ref $x:expr) => {
        &$x
    };
    (val $x:expr) => {
        ::core::clone::Clone::clone(&$x)
    };
}

/// `check!(f, ref point, constants…)`: the point is the first parameter, by reference or by value.
macro_rules! check {
    ($f:ident, $how:ident $point:expr $(, $constant:expr)*; first_only) => {
        check!(@ $f, $how $point $(, $constant)*; None)
    };
    ($f:ident, $how:ident $point:expr $(, $constant:expr)*) => {
        check!(@ $f, $how $point $(, $constant)*; Some(&|x, v| $f::hvp(pass!($how *x) $(, $constant)*, pass!($how *v))))
    };
    (@ $f:ident, $how:ident $point:expr $(, $constant:expr)*; $hvp:expr) => {{
        let point = $point;
        let zero = || Differentiable::zero_tangent(&point);
        let mut gradients = Vec::new();
        let (value, gradient) = $f::value_and_grad(pass!($how point) $(, $constant)*);
        gradients.push(("value_and_grad", value, gradient));
        let (value, pullback) = $f::vjp(pass!($how point) $(, $constant)*);
        gradients.push(("vjp", value, pullback(1.0)));
        let mut buffer = zero();
        let value = $f::vjp_add(pass!($how point) $(, $constant)*, 1.0, &mut buffer);
        gradients.push(("vjp_add", value, buffer));
        // What is there is overwritten.
        let mut buffer = direction(&point, 5.0);
        let value = $f::grad_into(pass!($how point) $(, $constant)*, &mut buffer);
        gradients.push(("grad_into", value, buffer));
        of_point(&point, Derivatives {
            value: &|x| $f(pass!($how *x) $(, $constant)*),
            gradients,
            jvp: &|x, v| $f::jvp(pass!($how *x) $(, $constant)*, pass!($how *v)),
            jvp_n: &|x, [v, w]| {
                use grad::__private::EachLane;
                let mut lanes = grad::__private::lanes_like::<_, 2>(v);
                lanes.set_lane(0, v);
                lanes.set_lane(1, w);
                let (value, lanes) = $f::jvp_n::<2>(pass!($how *x) $(, $constant)*, pass!($how lanes));
                (value, lanes.0)
            },
            grad: &|x| $f::grad(pass!($how *x) $(, $constant)*),
            hvp: $hvp,
        })
        .check(stringify!($f), &point);
    }};
}
