//! Over nalgebra's `RealField`.

use grad::grad;
use nalgebra as na;
use nalgebra::RealField;

/// Not `Copy`: clones everywhere.
#[grad(second)]
pub fn huber<T: RealField>(residual: T, delta: T) -> T {
    let half: T = na::convert(0.5);
    let size = residual.clone().abs();
    if size <= delta { half * residual.clone() * residual } else { delta.clone() * (size - half * delta) }
}

#[grad(second)]
pub fn cauchy<T: RealField + Copy>(residual: T, scale: T) -> T {
    let z = residual / scale;
    scale * scale * (T::one() + z * z).ln() * na::convert::<f64, T>(0.5)
}

#[grad(second)]
pub fn black_scholes<T: RealField + Copy>(spot: T, strike: T, rate: T, vol: T, time: T) -> T {
    let half = na::convert::<_, T>(0.5);
    let d1 = ((spot / strike).ln() + (rate + half * vol * vol) * time) / (vol * time.sqrt());
    let d2 = d1 - vol * time.sqrt();
    spot * logistic_cdf(d1) - strike * (-rate * time).exp() * logistic_cdf(d2)
}

/// An approximation of the normal distribution.
#[grad(second)]
pub fn logistic_cdf<T>(x: T) -> T
where
    T: RealField + Copy,
{
    let a: T = na::convert(0.07056);
    let b: T = na::convert(1.5976);
    T::one() / (T::one() + (-(b * x + a * x.powi(3))).exp())
}

#[grad]
pub fn spherical_to_cartesian<T: RealField + Copy>(r: T, theta: T, phi: T) -> [T; 3] {
    let (sin_theta, cos_theta) = theta.sin_cos();
    let (sin_phi, cos_phi) = phi.sin_cos();
    [r * sin_theta * cos_phi, r * sin_theta * sin_phi, r * cos_theta]
}

#[grad(second)]
pub fn wrapped_angle_cost<T: RealField + Copy>(angles: &[T], target: T) -> T {
    let mut cost = T::zero();
    for &angle in angles {
        let mut d = angle - target;
        while d > T::pi() {
            d -= T::two_pi();
        }
        cost += d * d;
    }
    cost
}
