//! The runtime libraries that the generated gradients are compared with.
//!
//! Reverse mode: [`reverse`] and [`easy_ml`], both of which append one node per operation to a tape. Forward mode:
//! [`num_dual`], with all directions in one pass on stack vectors, and [`autodiff`], with one pass per direction; only
//! where the parameters are few, as their cost grows with the number of parameters.
//!
//! They are called to their advantage: a tape is cleared and used again, so that it allocates only once; products
//! with constants are operations with constants; sums start with their first term; a maximum that cancels in the
//! gradient is taken of plain values, and `softplus` is a branch in place of a maximum and an absolute value.
//!
//! Tensor libraries (candle, burn) are not here: the smallest configuration of `candle-core` brings more than 150 crates into
//! the development tree, for two of the six problems, at sizes where it would measure only its dispatch.

use std::ops::{Add, Mul, Neg, Sub};
use std::rc::Rc;

use easy_ml::differentiation::{Record, WengertList};
use num_dual::DualNum;

use super::{Formula, Kind, Variant};

/// What the formulas of the problems are made of.
pub(crate) trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    /// The value without its derivatives.
    fn real(self) -> f64;
    /// eˣ
    fn exp(self) -> Self;
    /// ln x
    fn ln(self) -> Self;
    /// ln (1 + x)
    fn ln_1p(self) -> Self;
    /// tanh x
    fn tanh(self) -> Self;

    /// ln (1 + eˣ), without overflow.
    fn softplus(self) -> Self {
        if self.real() > 0.0 { self + (-self).exp().ln_1p() } else { self.exp().ln_1p() }
    }
}

/// The sum of a nonempty sequence.
pub(crate) fn sum<T: Number>(mut terms: impl Iterator<Item = T>) -> T {
    let first = terms.next().expect("the sequence has a first term");
    terms.fold(first, |sum, term| sum + term)
}

/// ln Σ eˣ
pub(crate) fn log_sum_exp<T: Number>(x: &[T]) -> T {
    // The shift cancels in value and gradient, so its own derivative need not be recorded.
    let shift = x.iter().fold(f64::NEG_INFINITY, |largest, x| largest.max(x.real()));
    sum(x.iter().map(|&x| (x - shift).exp())).ln() + shift
}

impl Number for reverse::Var<'_> {
    fn real(self) -> f64 {
        self.val()
    }
    fn exp(self) -> Self {
        reverse::Var::exp(&self)
    }
    fn ln(self) -> Self {
        reverse::Var::ln(&self)
    }
    fn ln_1p(self) -> Self {
        reverse::Var::ln_1p(&self)
    }
    fn tanh(self) -> Self {
        reverse::Var::tanh(&self)
    }
}

impl Number for Record<'_, f64> {
    fn real(self) -> f64 {
        self.number
    }
    fn exp(self) -> Self {
        easy_ml::numeric::extra::Exp::exp(self)
    }
    fn ln(self) -> Self {
        easy_ml::numeric::extra::Ln::ln(self)
    }
    fn ln_1p(self) -> Self {
        on_its_tape(self, self.unary(f64::ln_1p, |x| 1.0 / (1.0 + x)))
    }
    fn tanh(self) -> Self {
        // Both closures are called with the same number: one tanh is enough.
        let tanh = self.number.tanh();
        on_its_tape(self, self.unary(|_| tanh, |_| 1.0 - tanh * tanh))
    }
}

/// `result` of an operation on `record`, for the life of the tape: `Record::unary` returns it for that of the record.
fn on_its_tape<'a>(record: Record<'a, f64>, result: Record<'_, f64>) -> Record<'a, f64> {
    Record::from_existing((result.number, result.index), record.history())
}

impl Number for autodiff::F1 {
    fn real(self) -> f64 {
        self.value()
    }
    fn exp(self) -> Self {
        autodiff::Float::exp(self)
    }
    fn ln(self) -> Self {
        autodiff::Float::ln(self)
    }
    fn ln_1p(self) -> Self {
        autodiff::Float::ln_1p(self)
    }
    fn tanh(self) -> Self {
        autodiff::Float::tanh(self)
    }
}

impl<const N: usize> Number for num_dual::DualSVec64<N> {
    fn real(self) -> f64 {
        self.re
    }
    fn exp(self) -> Self {
        DualNum::exp(&self)
    }
    fn ln(self) -> Self {
        DualNum::ln(&self)
    }
    fn ln_1p(self) -> Self {
        DualNum::ln_1p(&self)
    }
    fn tanh(self) -> Self {
        DualNum::tanh(&self)
    }
}

/// The variants by reverse tapes.
pub(crate) fn reverse_variants<P: Formula + 'static>(formula: &Rc<P>, x: &[f64]) -> [Variant; 2] {
    let reverse = {
        let (formula, x, tape) = (Rc::clone(formula), x.to_vec(), reverse::Tape::new());
        Variant::new(
            "reverse",
            Kind::ReverseTape,
            vec![0.0; x.len()],
            move |gradient| {
                use reverse::Gradient;
                tape.clear();
                let x = tape.add_vars(&x);
                let value = formula.value(&x);
                gradient.copy_from_slice(&value.grad().wrt(&x));
                value.val()
            },
            Clone::clone,
        )
    };
    let easy_ml = {
        let (formula, x, tape) = (Rc::clone(formula), x.to_vec(), WengertList::new());
        Variant::new(
            "easy-ml",
            Kind::ReverseTape,
            vec![0.0; x.len()],
            move |gradient| {
                tape.clear();
                let x: Vec<_> = x.iter().map(|&x| tape.variable(x)).collect();
                let value = formula.value(&x);
                let derivatives = value.derivatives();
                for (g, x) in gradient.iter_mut().zip(&x) {
                    *g = derivatives.at(x);
                }
                value.number
            },
            Clone::clone,
        )
    };
    [reverse, easy_ml]
}

/// The variants by dual numbers.
pub(crate) fn forward_variants<const N: usize, P: Formula + 'static>(
    formula: &Rc<P>,
    x: [f64; N],
) -> [Variant; 2] {
    let num_dual = {
        let (formula, x) = (Rc::clone(formula), nalgebra::SVector::from(x));
        Variant::new(
            "num-dual",
            Kind::Forward,
            vec![0.0; N],
            move |gradient| {
                let formula = |x: nalgebra::SVector<num_dual::DualSVec64<N>, N>| formula.value(x.as_slice());
                let (value, computed) = num_dual::gradient(formula, &x);
                gradient.copy_from_slice(computed.as_slice());
                value
            },
            Clone::clone,
        )
    };
    let autodiff = {
        let formula = Rc::clone(formula);
        Variant::new(
            "autodiff",
            Kind::Forward,
            vec![0.0; N],
            move |gradient| {
                let mut x = x.map(autodiff::F1::cst);
                let mut value = 0.0;
                for (i, g) in gradient.iter_mut().enumerate() {
                    x[i].dx = 1.0;
                    let result = formula.value(&x);
                    (value, *g) = (result.value(), result.deriv());
                    x[i].dx = 0.0;
                }
                value
            },
            Clone::clone,
        )
    };
    [num_dual, autodiff]
}
