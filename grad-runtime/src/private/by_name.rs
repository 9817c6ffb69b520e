//! The value of every primitive, by its name: for who runs the language between the compiler's passes without rustc.

use super::Real;

/// What generated code computes for a primitive; an integer argument comes as a float. `None` where there is none of that name for
/// so many arguments.
#[allow(clippy::cast_possible_truncation)]
pub fn primitive(name: &str, args: &[f64]) -> Option<f64> {
    Some(match (name, args) {
        ("add", &[x, y]) => x + y,
        ("sub", &[x, y]) => x - y,
        ("mul", &[x, y]) => x * y,
        ("div", &[x, y]) => x / y,
        ("rem", &[x, y]) => x % y,
        ("neg", &[x]) => -x,
        ("powi", &[x, n]) => x.powi(n as i32),
        ("powi_nth", &[x, n, k]) => x.powi_nth(n as i32, k as i32),
        ("powf_ln", &[x, p, k, y]) => x.powf_ln(p, k as i32, y),
        (_, &[x]) => return unary(name, x),
        (_, &[x, y]) => return binary(name, x, y),
        (_, &[x, y, z]) => match name {
            "clamp" => x.clamp(y, z),
            "clamp_x" => x.clamp_x(y, z),
            "clamp_lo" => x.clamp_lo(y, z),
            "clamp_hi" => x.clamp_hi(y, z),
            "mul_add" => x.mul_add(y, z),
            "powf_dx" => x.powf_dx(y, z),
            _ => return None,
        },
        _ => return None,
    })
}

macro_rules! by_name {
    ($name:ident, $args:tt: $($method:ident)*) => {
        match $name {
            $(stringify!($method) => Some(by_name!(@call $args $method)),)*
            _ => None,
        }
    };
    (@call ($x:ident $(, $y:ident)?) $method:ident) => { $x.$method($($y)?) };
}

fn unary(name: &str, x: f64) -> Option<f64> {
    by_name!(name, (x): abs signum to_radians to_degrees floor ceil round round_ties_even trunc fract recip sqrt cbrt
        exp exp2 exp_m1 ln ln_1p log2 log10 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
        sign recip_positive)
}

fn binary(name: &str, x: f64, y: f64) -> Option<f64> {
    by_name!(name, (x, y): copysign max midpoint min rem_euclid div_euclid powf log atan2 hypot
        max_weight min_weight above below div_or_zero over_norm2)
}
