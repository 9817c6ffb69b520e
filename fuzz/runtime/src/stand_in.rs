//! What the crate `grad` is to the witness: the two functions that programs call.

use crate::number::{D32, D64};

pub trait Stopped {
    fn stopped(self) -> Self;
}

impl Stopped for D64 {
    fn stopped(self) -> Self {
        D64::stopped(self)
    }
}
impl Stopped for D32 {
    fn stopped(self) -> Self {
        D32::stopped(self)
    }
}
impl<T: Stopped, const N: usize> Stopped for [T; N] {
    fn stopped(self) -> Self {
        self.map(T::stopped)
    }
}

/// Differentiation stops here.
pub fn constant<T: Stopped>(x: T) -> T {
    x.stopped()
}

/// Hooks of the programs return the cotangent they get, so that they change nothing.
pub fn with_cotangent<T>(x: T, _: impl Fn(T) -> T) -> T {
    x
}

/// Those of `grad::functions` that programs call: the value is theirs, the derivative that of the formula.
pub mod functions {
    use crate::number::D64;
    use grad::functions as theirs;

    pub fn sigmoid(x: D64) -> D64 {
        (D64::lit(1.0) / (D64::lit(1.0) + (-x).exp())).with_value(theirs::sigmoid(x.value()))
    }

    pub fn log_sigmoid(x: D64) -> D64 {
        (-(D64::lit(1.0) + (-x).exp()).ln()).with_value(theirs::log_sigmoid(x.value()))
    }

    pub fn softplus(x: D64) -> D64 {
        (D64::lit(1.0) + x.exp()).ln().with_value(theirs::softplus(x.value()))
    }

    pub fn relu(x: D64) -> D64 {
        x.kink(x.value() == 0.0);
        if x.value() > 0.0 { x } else { D64::lit(0.0) }.with_value(theirs::relu(x.value()))
    }

    pub fn sinc(x: D64) -> D64 {
        // The quotient cancels near by.
        x.kink(x.value().abs() < 0.01);
        (x.sin() / x).with_value(theirs::sinc(x.value()))
    }

    pub fn xlogy(x: D64, y: D64) -> D64 {
        (x * y.ln()).with_value(theirs::xlogy(x.value(), y.value()))
    }

    pub fn logsumexp(x: &[D64]) -> D64 {
        let plain: Vec<f64> = x.iter().map(|x| x.value()).collect();
        x.iter().map(|x| x.exp()).sum::<D64>().ln().with_value(theirs::logsumexp(&plain))
    }
}
