//! Partials of powers, specialised by literal exponents.

use super::formula::Expr;

/// ∂(xⁿ)/∂x = n·xⁿ⁻¹ for an integer `n`; no formula multiplies 0 by an infinite power.
pub(super) fn powi_dx<'f>(x: Expr<'f>, n: Expr<'f>, y: Expr<'f>) -> Option<Expr<'f>> {
    let Some(value) = n.literal() else {
        return Some(x.powi_nth(n, x.int(1)));
    };
    // Exponents are `i32`; the cast is exact for every literal that compiles.
    #[allow(clippy::cast_possible_truncation)]
    let exponent = value as i64;
    match exponent {
        0 => None,
        1 => Some(x.float(1.0)),
        2 => Some(2.0 * x),
        3 => Some(3.0 * (x * x)),
        4 => Some(4.0 * (x * x * x)),
        -1 => Some(-(y * y)),
        _ if exponent == i64::from(i32::MIN) => Some(x.powi_nth(n, x.int(1))),
        _ => Some(value * x.powi(x.int(exponent - 1))),
    }
}

/// ∂(xᵖ)/∂x = p·xᵖ⁻¹, infinite at 0 for p < 1, by the runtime for a computed exponent.
pub(super) fn powf_dx<'f>(x: Expr<'f>, p: Expr<'f>, y: Expr<'f>) -> Option<Expr<'f>> {
    match p.literal() {
        Some(0.0) => None,
        Some(1.0) => Some(x.float(1.0)),
        Some(2.0) => Some(2.0 * x),
        Some(3.0) => Some(3.0 * (x * x)),
        Some(0.5) => Some(0.5 / y),
        Some(1.5) => Some(1.5 * x.sqrt()),
        Some(-1.0) => Some(-(y * y)),
        Some(_) | None => Some(x.powf_dx(p, y)),
    }
}

/// ∂(xᵖ)/∂p = xᵖ·ln x, by the runtime where x may be 0.
pub(super) fn powf_dp<'f>(x: Expr<'f>, p: Expr<'f>, y: Expr<'f>) -> Expr<'f> {
    match x.literal() {
        Some(base) if base > 0.0 => x.ln() * y,
        Some(_) | None => x.powf_ln(p, x.int(1), y),
    }
}

/// ∂ᵏ⁺¹(xⁿ)/∂xᵏ⁺¹, where this is the k-th: the next in the chain.
pub(super) fn powi_next<'f>(x: Expr<'f>, n: Expr<'f>, k: Expr<'f>) -> Expr<'f> {
    x.powi_nth(n, next(k))
}

/// ∂(xᵖ lnᵏx)/∂x = p·xᵖ⁻¹ lnᵏx + k·xᵖ⁻¹ lnᵏ⁻¹x
pub(super) fn powf_ln_dx<'f>(x: Expr<'f>, p: Expr<'f>, k: Expr<'f>) -> Expr<'f> {
    let q = x.powf(p - 1.0);
    let value = k.literal().expect("the power of the logarithm is a literal");
    let fewer = if value == 1.0 { q } else { x.powf_ln(p - 1.0, previous(k), q) };
    p * x.powf_ln(p - 1.0, k, q) + value * fewer
}

/// ∂(xᵖ lnᵏx)/∂p = xᵖ lnᵏ⁺¹x
pub(super) fn powf_ln_dp<'f>(x: Expr<'f>, p: Expr<'f>, k: Expr<'f>, y: Expr<'f>) -> Expr<'f> {
    x.powf_ln(p, next(k), y)
}

/// ∂(p·xᵖ⁻¹)/∂x = p·(p-1)·xᵖ⁻²
pub(super) fn powf_dx_dx<'f>(x: Expr<'f>, p: Expr<'f>) -> Expr<'f> {
    p * x.powf_dx(p - 1.0, x.powf(p - 1.0))
}

/// ∂(p·xᵖ⁻¹)/∂p = xᵖ⁻¹ + p·xᵖ⁻¹·ln x
pub(super) fn powf_dx_dp<'f>(x: Expr<'f>, p: Expr<'f>) -> Expr<'f> {
    let q = x.powf(p - 1.0);
    q + p * x.powf_ln(p - 1.0, x.int(1), q)
}

#[allow(clippy::cast_possible_truncation)]
fn next(k: Expr) -> Expr {
    k.int(k.literal().expect("an order is a literal") as i64 + 1)
}

#[allow(clippy::cast_possible_truncation)]
fn previous(k: Expr) -> Expr {
    k.int(k.literal().expect("an order is a literal") as i64 - 1)
}
