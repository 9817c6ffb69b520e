//! Bessel functions of integer order.

super::with_slope! {
    /// The Bessel function of the first kind J₀(x).
    ///
    /// The derivative is −J₁(x).
    fn j0(x) = libm::j0(x), j0_rules: -libm::j1(x), curvature_j(0, x);

    /// The Bessel function of the first kind J₁(x).
    ///
    /// The derivative is (J₀(x) − J₂(x))/2.
    fn j1(x) = libm::j1(x), j1_rules: slope_j(1, x), curvature_j(1, x);

    /// The Bessel function of the first kind Jₙ(x).
    ///
    /// The derivative is (Jₙ₋₁(x) − Jₙ₊₁(x))/2.
    fn jn([n: i32] x) = libm::jn(n, x), jn_rules: slope_j(n, x), curvature_j(n, x);

    /// The Bessel function of the second kind Y₀(x), for x > 0.
    ///
    /// The derivative is −Y₁(x): ∞ at 0.
    fn y0(x) = libm::y0(x), y0_rules: slope_y(0, x), curvature_y(0, x);

    /// The Bessel function of the second kind Y₁(x), for x > 0.
    ///
    /// The derivative is (Y₀(x) − Y₂(x))/2: ∞ at 0.
    fn y1(x) = libm::y1(x), y1_rules: slope_y(1, x), curvature_y(1, x);

    /// The Bessel function of the second kind Yₙ(x), for x > 0.
    ///
    /// The derivative is (Yₙ₋₁(x) − Yₙ₊₁(x))/2; at 0 it is ∞, for odd n < 0 −∞.
    fn yn([n: i32] x) = libm::yn(n, x), yn_rules: slope_y(n, x), curvature_y(n, x);
}

/// Abramowitz and Stegun, 9.1.27.
fn slope_j(n: i32, x: f64) -> f64 {
    0.5 * (libm::jn(n.saturating_sub(1), x) - libm::jn(n.saturating_add(1), x))
}

fn slope_y(n: i32, x: f64) -> f64 {
    if x == 0.0 {
        // Both of them are infinite.
        return if n < 0 && n % 2 != 0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    0.5 * (libm::yn(n.saturating_sub(1), x) - libm::yn(n.saturating_add(1), x))
}

/// The same twice.
fn curvature_j(n: i32, x: f64) -> f64 {
    0.25 * (libm::jn(n.saturating_sub(2), x) - 2.0 * libm::jn(n, x) + libm::jn(n.saturating_add(2), x))
}

fn curvature_y(n: i32, x: f64) -> f64 {
    if x == 0.0 {
        return -slope_y(n, x);
    }
    0.25 * (libm::yn(n.saturating_sub(2), x) - 2.0 * libm::yn(n, x) + libm::yn(n.saturating_add(2), x))
}
