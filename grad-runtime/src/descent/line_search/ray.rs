//! The function along the direction.

use std::mem;

use crate::descent::bounds::Bounds;
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
    bounds: Option<&'a Bounds<O::Scalar>>,
    /// The last step that is within the bounds.
    longest: f64,
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
        bounds: Option<&'a Bounds<O::Scalar>>,
    ) -> Self {
        let slope = dot(&from.gradient, direction);
        let start = Probe { step: 0.0, value: from.value.to_f64(), slope };
        let remembered = next.is_finite();
        let longest = bounds.map_or(f64::INFINITY, |bounds| longest(from, direction, bounds));
        let best = None;
        Ray {
            evaluator,
            from,
            direction,
            next,
            kept,
            bounds,
            longest,
            start,
            best,
            probed: false,
            remembered,
        }
    }

    /// The last step that is within the bounds: infinite if there is none.
    pub(super) fn longest(&self) -> f64 {
        self.longest
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
        let bounds = self.bounds;
        let line = self.from.x.iter().zip(self.direction).enumerate().map(|(i, (&x, &p))| {
            let ahead = x + alpha * p;
            // The longest step meets a bound to rounding.
            bounds.map_or(ahead, |bounds| bounds.clamp(i, ahead))
        });
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

fn longest<S: Scalar>(from: &Point<S>, direction: &[S], bounds: &Bounds<S>) -> f64 {
    let mut longest = f64::INFINITY;
    for (i, (&x, &p)) in from.x.iter().zip(direction).enumerate() {
        let (x, p) = (x.to_f64(), p.to_f64());
        let room = if p < 0.0 { bounds.lower[i].to_f64() - x } else { bounds.upper[i].to_f64() - x };
        if p != 0.0 {
            longest = longest.min(room / p);
        }
    }
    longest
}
