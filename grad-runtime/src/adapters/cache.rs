//! What was evaluated last?

use std::cell::RefCell;

use crate::{Objective, Scalar};

/// An objective that is asked through `&self`, and remembers value and gradient of the last point.
#[derive(Debug)]
pub(super) struct Cache<O: Objective> {
    inner: RefCell<Inner<O>>,
}

#[derive(Debug)]
struct Inner<O: Objective> {
    objective: O,
    x: Vec<O::Scalar>,
    gradient: Vec<O::Scalar>,
    value: O::Scalar,
    evaluations: usize,
}

impl<O: Objective> Cache<O> {
    pub(super) fn new(objective: O) -> Self {
        let inner = Inner {
            objective,
            x: Vec::new(),
            gradient: Vec::new(),
            value: O::Scalar::default(),
            evaluations: 0,
        };
        Cache { inner: RefCell::new(inner) }
    }

    pub(super) fn value(&self, x: &[O::Scalar]) -> O::Scalar {
        self.at(x, |inner| inner.value)
    }

    pub(super) fn gradient(&self, x: &[O::Scalar]) -> Vec<O::Scalar> {
        self.at(x, |inner| inner.gradient.clone())
    }

    #[cfg(feature = "basin")]
    pub(super) fn value_and_grad_into(&self, x: &[O::Scalar], gradient: &mut Vec<O::Scalar>) -> O::Scalar {
        self.at(x, |inner| {
            gradient.clone_from(&inner.gradient);
            inner.value
        })
    }

    pub(super) fn evaluations(&self) -> usize {
        self.inner.borrow().evaluations
    }

    pub(super) fn into_objective(self) -> O {
        self.inner.into_inner().objective
    }

    #[cfg(feature = "basin")]
    pub(super) fn ask<R>(&self, question: impl FnOnce(&mut O) -> R) -> R {
        question(&mut self.inner.borrow_mut().objective)
    }

    fn at<R>(&self, x: &[O::Scalar], answer: impl FnOnce(&Inner<O>) -> R) -> R {
        let mut inner = self.inner.borrow_mut();
        let inner = &mut *inner;
        // To the bit: the value at −0 may differ from that at 0.
        let same = inner.x.len() == x.len()
            && inner.x.iter().zip(x).all(|(a, b)| a.to_f64().to_bits() == b.to_f64().to_bits());
        if inner.evaluations == 0 || !same {
            inner.x.clear();
            inner.x.extend_from_slice(x);
            inner.gradient.resize(x.len(), O::Scalar::default());
            inner.value = inner.objective.value_and_grad_into(x, &mut inner.gradient);
            inner.evaluations += 1;
        }
        answer(inner)
    }
}
