//! The function along the direction.

use std::mem;

use crate::descent::vector::dot;
use crate::descent::{Evaluator, Point, Termination};
use crate::{Objective, Scalar};

/// A point of the ray: α, φ(α), φ′(α).
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    pub(super) step: f64,
    pub(super) value: f64,
    pub(super) slope: f64,
}

impl Probe {
    pub(super) fn is_finite(&self) -> bool {
        self.value.is_finite() && self.slope.is_finite()
    }
}

/// φ(α) = f(x + α·p) for α ≥ 0. The point last probed is in `next`.
pub(super) struct Ray<'a, O: Objective> {
    evaluator: &'a mut Evaluator<O>,
    from: &'a Point<O::Scalar>,
    direction: &'a [O::Scalar],
    next: &'a mut Point<O::Scalar>,
    kept: &'a mut Point<O::Scalar>,
    start: Probe,
    /// The lowest probe that is below the start, and whether it is in `next` (or in `kept`).
    best: Option<(Probe, bool)>,
    /// Whether `next` holds a probe of this ray.
    probed: bool,
    /// Whether `next` holds another point that is known: as a rule the one that the last step came from, to which a
    /// step at the limit of the digits may lead back.
    remembered: bool,
}

impl<'a, O: Objective> Ray<'a, O> {
    pub(super) fn new(
        evaluator: &'a mut Evaluator<O>,
        from: &'a Point<O::Scalar>,
        direction: &'a [O::Scalar],
        next: &'a mut Point<O::Scalar>,
        kept: &'a mut Point<O::Scalar>,
    ) -> Self {
        let slope = dot(&from.gradient, direction);
        let start = Probe { step: 0.0, value: from.value.to_f64(), slope };
        let remembered = next.is_finite();
        Ray { evaluator, from, direction, next, kept, start, best: None, probed: false, remembered }
    }

    /// At α = 0.
    pub(super) fn start(&self) -> Probe {
        self.start
    }

    /// By how much two values may differ through rounding alone.
    pub(super) fn rounding(&self) -> f64 {
        O::Scalar::EPSILON * self.start.value.abs()
    }

    /// Evaluates at α; `None` if that is, to all digits, the start or a point that is known already: nothing is
    /// evaluated twice. The value is NaN if anything there is not finite.
    pub(super) fn probe(&mut self, step: f64) -> Result<Option<Probe>, Termination> {
        if let Some((_, in_next @ true)) = &mut self.best {
            mem::swap(self.next, self.kept);
            (*in_next, self.probed, self.remembered) = (false, false, false);
        }
        let alpha = O::Scalar::from_f64(step);
        let line = self.from.x.iter().zip(self.direction).map(|(&x, &p)| x + alpha * p);
        // All of these comparisons end at the first difference.
        if self.probed && line.clone().eq(self.next.x.iter().copied()) {
            return Ok(None);
        }
        let again = self.remembered && line.clone().eq(self.next.x.iter().copied());
        self.remembered = false;
        if !again {
            self.next.x.iter_mut().zip(line).for_each(|(next, x)| *next = x);
            self.next.gradient_norm = f64::NAN;
        }
        if self.next.x == self.from.x || (self.best.is_some() && self.next.x == self.kept.x) {
            return Ok(None);
        }
        self.probed = true;
        if !again && !self.evaluator.evaluate(self.next)? {
            return Ok(Some(Probe { step, value: f64::NAN, slope: f64::NAN }));
        }
        let value = self.next.value.to_f64();
        let probe = Probe { step, value, slope: dot(&self.next.gradient, self.direction) };
        if value < self.best.map_or(self.start.value, |(best, _)| best.value) {
            self.best = Some((probe, true));
        }
        Ok(Some(probe))
    }

    /// The best probe, if there was one below the start, and its point in `next`.
    pub(super) fn settle_for_best(&mut self) -> Option<Probe> {
        let (best, in_next) = self.best?;
        if !in_next {
            mem::swap(self.next, self.kept);
            self.best = Some((best, true));
        }
        Some(best)
    }
}
