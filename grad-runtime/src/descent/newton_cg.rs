//! Newton's method without the Hessian: conjugate gradients inside of a trust region.

use super::preconditioner::Preconditioning;
use super::settings::descent_settings;
use super::vector::{add_scaled, dot, negate, norm};
use super::{
    DescentError, Evaluator, Method, Point, Preconditioner, Random, RuleState, Stopping, Termination,
};
use crate::{HessianProduct, Objective, Scalar};

/// Newton–CG in a trust region, for smooth functions of many variables whose Hessian products are cheap.
///
/// ```text
/// x₊ = x + p        p minimises m(p) = gᵀp + ½·pᵀ·∇²f(x)·p  over  ‖p‖₂ ≤ Δ, nearly
/// ```
///
/// by Steihaug's conjugate gradients: they end where the residual is at most min(½, √‖g‖)·‖g‖, at the edge of the region,
/// or along a direction of negative curvature, which is followed to the edge. Each needs one product of the Hessian and
/// a vector ([`HessianProduct`]). The step is taken if f falls by more than 0.15 of what the model promises. Δ = 1 at the
/// start; below a quarter of the promise it becomes ‖p‖/4, above three quarters, at the edge, 2·Δ. Where both falls are
/// within the rounding of f, the step is taken if the gradient gets smaller.
///
/// Where the gradient is small, conjugate gradients for a random right side look for negative curvature once, with up to 50
/// products. Where there is some, it has not converged: [`Termination::Saddle`].
///
/// Steihaug, *The conjugate gradient method and trust regions in large scale optimization*, SIAM J. Numer. Anal. 20,
/// 1983; Nocedal and Wright, *Numerical Optimization*, 2006, algorithms 4.1 and 7.2; the last rule follows Conn, Gould
/// and Toint, *Trust-Region Methods*, 2000, section 17.4.2. The constants are those of `scipy`'s `trust-ncg`.
///
/// ```
/// use grad_runtime::descent::NewtonCg;
/// use grad_runtime::{from_fn, with_hessian_product};
///
/// let bowl = from_fn(|x: &[f64]| (x[0].powi(4) + x[1] * x[1], [4.0 * x[0].powi(3), 2.0 * x[1]]));
/// let mut bowl = with_hessian_product(bowl, |x: &[f64], v: &[f64], product: &mut [f64]| {
///     product.copy_from_slice(&[12.0 * x[0] * x[0] * v[0], 2.0 * v[1]]);
/// });
/// let report = NewtonCg::default().minimize(&mut bowl, vec![3.0, -1.0])?;
/// assert!(report.termination.converged());
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NewtonCg {
    preconditioner: Option<Preconditioner>,
    first_radius: f64,
    stopping: Stopping,
}

/// To look for negative curvature.
const MOST_PRODUCTS: usize = 50;

/// The least part of the promised reduction for a step to be taken.
const ACCEPT: f64 = 0.15;

impl Default for NewtonCg {
    fn default() -> Self {
        NewtonCg { preconditioner: None, first_radius: 1.0, stopping: Stopping::default() }
    }
}

impl NewtonCg {
    /// The radius at the start; above 0. Default 1.
    #[must_use]
    pub fn first_radius(self, first_radius: f64) -> Self {
        NewtonCg { first_radius, ..self }
    }

    /// What is known of the inverse Hessian, for the inner conjugate gradients. The trust region is then that of the variables
    /// in which M is the identity, √(pᵀM⁻¹p) ≤ Δ. Default: nothing.
    ///
    /// Conn, Gould and Toint, *Trust-Region Methods*, 2000, algorithm 7.5.1.
    ///
    /// ```
    /// use grad_runtime::descent::{NewtonCg, Preconditioner};
    /// use grad_runtime::{from_fn, with_hessian_product};
    ///
    /// let a = |k: usize| 10.0_f64.powi(k as i32);
    /// let bowl = from_fn(move |x: &[f64]| {
    ///     let terms = || x.iter().enumerate();
    ///     (terms().map(|(k, x)| a(k) * x * x).sum(), terms().map(|(k, x)| 2.0 * a(k) * x).collect::<Vec<_>>())
    /// });
    /// let mut bowl = with_hessian_product(bowl, move |_: &[f64], v: &[f64], product: &mut [f64]| {
    ///     (0..v.len()).for_each(|k| product[k] = 2.0 * a(k) * v[k]);
    /// });
    /// let known = Preconditioner::diagonal((0..7).map(|k| 0.5 / a(k)).collect());
    /// let method = NewtonCg::default().first_radius(1e4).preconditioner(known);
    /// let report = method.minimize(&mut bowl, vec![1.0; 7])?;
    /// assert_eq!(report.iterations, 1);
    /// # Ok::<(), grad_runtime::descent::DescentError>(())
    /// ```
    #[must_use]
    pub fn preconditioner(self, preconditioner: Preconditioner) -> Self {
        NewtonCg { preconditioner: Some(preconditioner), ..self }
    }

    fn method<S: Scalar>(&self) -> Result<NewtonCgState<S>, DescentError> {
        let value = self.first_radius;
        if !(value > 0.0 && value.is_finite()) {
            let expected = "finite and above 0";
            return Err(DescentError::InvalidSetting { name: "first_radius", value, expected });
        }
        Ok(NewtonCgState {
            first_radius: value,
            radius: value,
            step: Vec::new(),
            residual: Vec::new(),
            direction: Vec::new(),
            product: Vec::new(),
            preconditioning: Preconditioning::new(self.preconditioner.as_ref())?,
            preconditioned: Vec::new(),
            length: 0.0,
        })
    }
}

descent_settings!(NewtonCg, NewtonCgState<O::Scalar>, HessianProduct);
descent_settings!(@resume NewtonCg, NewtonCgState<O::Scalar>, HessianProduct);

/// [`NewtonCg`] under way.
#[derive(Clone, Debug)]
pub struct NewtonCgState<S> {
    first_radius: f64,
    radius: f64,
    step: Vec<S>,
    /// ∇m(p) = g + ∇²f·p
    residual: Vec<S>,
    direction: Vec<S>,
    product: Vec<S>,
    preconditioning: Preconditioning,
    /// M·(g + ∇²f·p), with a preconditioner.
    preconditioned: Vec<S>,
    /// Of the step, as the trust region measures it.
    length: f64,
}

impl<O: HessianProduct> Method<O> for NewtonCgState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        let zeros = || vec![O::Scalar::default(); start.len()];
        self.radius = self.first_radius;
        (self.step, self.residual, self.direction, self.product) = (zeros(), zeros(), zeros(), zeros());
        self.preconditioning.start(start.len())?;
        self.preconditioned = if self.preconditioning.is_some() { zeros() } else { Vec::new() };
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<O::Scalar>,
        next: &mut Point<O::Scalar>,
    ) -> Result<f64, Termination> {
        let value = current.value.to_f64();
        let rounding = 10.0 * O::Scalar::EPSILON * value.abs();
        loop {
            self.solve(evaluator, current)?;
            let length = self.length;
            // m(p) = ½·pᵀ(g + ∇m(p)), negative.
            let promised = -0.5 * (dot(&self.step, &current.gradient) + dot(&self.step, &self.residual));
            let mut moved = false;
            for ((next, &x), &p) in next.x.iter_mut().zip(&current.x).zip(&self.step) {
                *next = x + p;
                moved |= *next != x;
            }
            if !moved || !length.is_finite() {
                return Err(Termination::NoProgress);
            }

            let finite = evaluator.evaluate(next)?;
            let fall = value - next.value.to_f64();
            let radius = self.radius;
            if finite && fall.abs() <= rounding && promised <= rounding {
                return if next.gradient_norm < current.gradient_norm {
                    Ok(radius)
                } else {
                    Err(Termination::NoProgress)
                };
            }
            // NaN and −∞ where the trial is not finite: no step.
            let ratio = if finite { fall / promised } else { f64::NEG_INFINITY };
            if ratio > 0.75 && length >= 0.99 * self.radius {
                self.radius *= 2.0;
            } else if ratio < 0.25 || ratio.is_nan() {
                self.radius = 0.25 * length;
            }
            if ratio > ACCEPT {
                return Ok(radius);
            }
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<O::Scalar>) {
        state.setting("first_radius", self.first_radius);
        self.preconditioning.settings(state);
        state.number("radius", &mut self.radius);
    }

    /// Whether conjugate gradients for a right side without structure meet negative curvature: in as many products as there
    /// are variables, or in 50 if these are fewer, they nearly always do if there is any.
    fn is_saddle(&mut self, evaluator: &mut Evaluator<O>, at: &Point<O::Scalar>) -> bool {
        let NewtonCgState { residual, direction, product, .. } = self;
        let mut random = Random::new(0);
        for (r, d) in residual.iter_mut().zip(&mut *direction) {
            *r = O::Scalar::from_f64(random.uniform() - 0.5);
            *d = -*r;
        }
        let mut square = dot(residual, residual);
        let enough = 1e-16 * square;
        for _ in 0..direction.len().min(MOST_PRODUCTS) {
            if evaluator.check_budget().is_err() {
                return false;
            }
            evaluator.hessian_product(&at.x, direction, product);
            let curvature = dot(direction, product);
            // Below what may be rounding.
            if curvature < -O::Scalar::EPSILON.sqrt() * norm(direction) * norm(product) {
                return true;
            }
            let alpha = square / curvature;
            add_scaled(residual, alpha, product);
            let next_square = dot(residual, residual);
            // Also where the curvature is 0 or not a number.
            if next_square <= enough || !next_square.is_finite() {
                return false;
            }
            let beta = O::Scalar::from_f64(next_square / square);
            for (d, &r) in direction.iter_mut().zip(&*residual) {
                *d = beta * *d - r;
            }
            square = next_square;
        }
        false
    }
}

impl<S: Scalar> NewtonCgState<S> {
    /// The step, its length and ∇m there.
    fn solve<O>(&mut self, evaluator: &mut Evaluator<O>, at: &Point<S>) -> Result<(), Termination>
    where
        O: HessianProduct + Objective<Scalar = S>,
    {
        if self.preconditioning.is_some() {
            return self.solve_preconditioned(evaluator, at);
        }
        self.solve_plain(evaluator, at)?;
        self.length = norm(&self.step);
        Ok(())
    }

    /// The same in the variables in which M is the identity, without going there: lengths follow from recurrences, M⁻¹ is not
    /// needed.
    fn solve_preconditioned<O>(
        &mut self,
        evaluator: &mut Evaluator<O>,
        at: &Point<S>,
    ) -> Result<(), Termination>
    where
        O: HessianProduct + Objective<Scalar = S>,
    {
        let NewtonCgState { radius, step, residual, direction, product, preconditioning, .. } = self;
        let (z, length) = (&mut self.preconditioned, &mut self.length);
        step.fill(S::default());
        residual.copy_from_slice(&at.gradient);
        preconditioning.apply(&at.x, residual, z);
        let mut square = dot(residual, z);
        if !(square > 0.0 && square.is_finite()) {
            // M is not positive definite.
            z.copy_from_slice(residual);
            square = dot(residual, residual);
        }
        negate(direction, z);
        let size = norm(residual);
        let enough = size * size.sqrt().min(0.5);
        // pᵀM⁻¹p, pᵀM⁻¹d, dᵀM⁻¹d
        let (mut pp, mut pd, mut dd) = (0.0, 0.0, square);
        for _ in 0..2 * step.len() + 10 {
            evaluator.check_budget()?;
            evaluator.hessian_product(&at.x, direction, product);
            let curvature = dot(direction, product);
            if curvature.is_nan() {
                return Err(Termination::NotFinite);
            }
            let alpha = square / curvature;
            let ahead = pp + 2.0 * alpha * pd + alpha * alpha * dd;
            // Also where the lengths are no numbers.
            if !(curvature > 0.0 && ahead < *radius * *radius) {
                let tau = to_edge_by(pp, pd, dd, *radius);
                add_scaled(step, tau, direction);
                add_scaled(residual, tau, product);
                *length = *radius;
                return Ok(());
            }
            add_scaled(step, alpha, direction);
            add_scaled(residual, alpha, product);
            *length = ahead.sqrt();
            if norm(residual) <= enough {
                return Ok(());
            }
            preconditioning.apply(&at.x, residual, z);
            let next_square = dot(residual, z);
            if !(next_square > 0.0 && next_square.is_finite()) {
                return Ok(());
            }
            let beta = next_square / square;
            for (d, &z) in direction.iter_mut().zip(&*z) {
                *d = S::from_f64(beta) * *d - z;
            }
            (pp, pd, dd) = (ahead, beta * (pd + alpha * dd), next_square + beta * beta * dd);
            square = next_square;
        }
        Ok(())
    }

    fn solve_plain<O>(&mut self, evaluator: &mut Evaluator<O>, at: &Point<S>) -> Result<(), Termination>
    where
        O: HessianProduct + Objective<Scalar = S>,
    {
        let NewtonCgState { radius, step, residual, direction, product, .. } = self;
        step.fill(S::default());
        residual.copy_from_slice(&at.gradient);
        for (d, &g) in direction.iter_mut().zip(&at.gradient) {
            *d = -g;
        }
        let mut square = dot(residual, residual);
        let size = square.sqrt();
        let enough = size * size.sqrt().min(0.5);
        // Exact arithmetic needs n products; rounding may need more.
        for _ in 0..2 * step.len() + 10 {
            evaluator.check_budget()?;
            evaluator.hessian_product(&at.x, direction, product);
            let curvature = dot(direction, product);
            if curvature.is_nan() {
                return Err(Termination::NotFinite);
            }
            let alpha = square / curvature;
            let inside = curvature > 0.0 && {
                // ‖p + α·d‖
                let ahead = dot(step, step)
                    + 2.0 * alpha * dot(step, direction)
                    + alpha * alpha * dot(direction, direction);
                ahead.sqrt() < *radius
            };
            if !inside {
                let tau = to_edge(step, direction, *radius);
                add_scaled(step, tau, direction);
                add_scaled(residual, tau, product);
                return Ok(());
            }
            add_scaled(step, alpha, direction);
            add_scaled(residual, alpha, product);
            let next_square = dot(residual, residual);
            if next_square.sqrt() <= enough {
                return Ok(());
            }
            let beta = S::from_f64(next_square / square);
            for (d, &r) in direction.iter_mut().zip(&*residual) {
                *d = beta * *d - r;
            }
            square = next_square;
        }
        Ok(())
    }
}

/// τ ≥ 0 with ‖p + τ·d‖ = Δ.
fn to_edge<S: Scalar>(p: &[S], d: &[S], radius: f64) -> f64 {
    to_edge_by(dot(p, p), dot(p, d), dot(d, d), radius)
}

/// The same, of the products ⟨p, p⟩, ⟨p, d⟩, ⟨d, d⟩.
fn to_edge_by(pp: f64, pd: f64, dd: f64, radius: f64) -> f64 {
    let room = (radius * radius - pp).max(0.0);
    let root = (pd * pd + dd * room).sqrt();
    // The form that does not subtract numbers of one size.
    if pd > 0.0 { room / (pd + root) } else { (root - pd) / dd }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_is_met_from_inside_and_from_the_edge() {
        assert_eq!(to_edge(&[0.0, 0.0], &[3.0, 4.0], 10.0), 2.0);
        let tau = to_edge(&[1.0, 0.0], &[1.0, 1.0], 5.0);
        assert!(((1.0 + tau).hypot(tau) - 5.0).abs() < 1e-14);
        let tau = to_edge(&[1.0, 0.0], &[-1.0, 1.0], 5.0);
        assert!(((1.0 - tau).hypot(tau) - 5.0).abs() < 1e-14);
        assert_eq!(to_edge(&[5.0, 0.0], &[1.0, 0.0], 5.0), 0.0);
    }
}
