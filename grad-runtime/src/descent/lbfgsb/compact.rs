//! The matrix of L-BFGS, written as a multiple of the identity and a product of thin matrices.

use crate::Scalar;
use crate::descent::DescentError;
use crate::descent::Point;
use crate::descent::checks::room;
use crate::descent::vector::{difference, dot};

/// B = θ·I − W·M·Wᵀ with W = (Y, θ·S) and
///
/// ```text
/// M⁻¹ = ( −D      Lᵀ     )        D = diag(sᵢᵀyᵢ),  L = sᵢᵀyⱼ for i > j
///       (  L   θ·SᵀS )
/// ```
///
/// from the last pairs s = x₊ − x and y = ∇f(x₊) − ∇f(x). Byrd, Nocedal and Schnabel, *Representations of quasi-Newton
/// matrices and their use in limited memory methods*, Math. Programming 63, 1994, (3.5).
#[derive(Clone, Debug)]
pub(super) struct Compact<S> {
    dim: usize,
    memory: usize,
    /// sᵢ and yᵢ, one after the other, in a ring with one slot more than pairs, for a pair that is not taken.
    steps: Vec<S>,
    changes: Vec<S>,
    /// sᵢᵀyⱼ and sᵢᵀsⱼ by slot.
    sy: Vec<f64>,
    ss: Vec<f64>,
    pub(super) theta: f64,
    /// Slots from the oldest pair to the newest.
    order: Vec<usize>,
    next: usize,
    /// M⁻¹, and its factors.
    inverse: Vec<f64>,
    middle: Factors,
}

impl<S: Scalar> Compact<S> {
    pub(super) fn new(memory: usize) -> Self {
        let (steps, changes) = (Vec::new(), Vec::new());
        let (sy, ss, inverse) = (Vec::new(), Vec::new(), Vec::new());
        let (order, middle) = (Vec::new(), Factors::default());
        Compact { dim: 0, memory, steps, changes, sy, ss, theta: 1.0, order, next: 0, inverse, middle }
    }

    pub(super) fn start(&mut self, dim: usize) -> Result<(), DescentError> {
        let slots = self.memory.checked_add(1);
        let numbers = slots.and_then(|slots| slots.checked_mul(dim));
        let square = slots.and_then(|slots| slots.checked_mul(slots));
        let fourfold = square.and_then(|square| square.checked_mul(4));
        self.dim = dim;
        (self.steps, self.changes) = (room(numbers)?, room(numbers)?);
        (self.sy, self.ss) = (room(square)?, room(square)?);
        (self.inverse, self.middle) = (room(fourfold)?, Factors::with_room(fourfold)?);
        self.order = Vec::with_capacity(self.memory + 1);
        self.reset();
        Ok(())
    }

    /// B = I.
    pub(super) fn reset(&mut self) {
        self.order.clear();
        (self.next, self.theta) = (0, 1.0);
    }

    /// The most columns that W may have.
    pub(super) fn memory_columns(&self) -> usize {
        2 * self.memory
    }

    /// 2k for k pairs: the columns of W.
    pub(super) fn columns(&self) -> usize {
        2 * self.order.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Learns from a step, unless there is no positive curvature along it.
    pub(super) fn update(&mut self, current: &Point<S>, next: &Point<S>) {
        let (slots, dim) = (self.memory + 1, self.dim);
        let range = self.next * dim..(self.next + 1) * dim;
        let (s, y) = (&mut self.steps[range.clone()], &mut self.changes[range]);
        difference(s, &next.x, &current.x);
        difference(y, &next.gradient, &current.gradient);
        let (sy, yy) = (dot(s, y), dot(y, y));
        // False for NaN, and where yᵀy overflows.
        if !(sy > S::EPSILON * yy && sy.is_normal() && yy.is_normal()) {
            return;
        }
        if self.order.len() == self.memory {
            self.order.remove(0);
        }
        let new = self.next;
        self.order.push(new);
        self.theta = yy / sy;
        for &old in &self.order {
            let (s, y) = (self.pair(new).0, self.pair(new).1);
            let (s_old, y_old) = self.pair(old);
            let (forth, back, steps) = (dot(s, y_old), dot(s_old, y), dot(s, s_old));
            self.sy[new * slots + old] = forth;
            self.sy[old * slots + new] = back;
            self.ss[new * slots + old] = steps;
            self.ss[old * slots + new] = steps;
        }
        self.next = (self.next + 1) % slots;
    }

    fn pair(&self, slot: usize) -> (&[S], &[S]) {
        let range = slot * self.dim..(slot + 1) * self.dim;
        (&self.steps[range.clone()], &self.changes[range])
    }

    /// Factors M⁻¹ of the pairs as they are; whether it is regular.
    pub(super) fn factor(&mut self) -> bool {
        let (k, slots) = (self.order.len(), self.memory + 1);
        let n = 2 * k;
        self.inverse[..n * n].fill(0.0);
        for (i, &a) in self.order.iter().enumerate() {
            for (j, &b) in self.order.iter().enumerate() {
                if i == j {
                    self.inverse[i * n + i] = -self.sy[a * slots + a];
                }
                if i > j {
                    self.inverse[(k + i) * n + j] = self.sy[a * slots + b];
                    self.inverse[j * n + k + i] = self.sy[a * slots + b];
                }
                self.inverse[(k + i) * n + k + j] = self.theta * self.ss[a * slots + b];
            }
        }
        self.middle.factor(&self.inverse[..n * n], n)
    }

    /// v ← M·v
    pub(super) fn multiply_middle(&self, v: &mut [f64]) {
        self.middle.solve(v);
    }

    /// Row i of W.
    pub(super) fn row(&self, i: usize, row: &mut [f64]) {
        let k = self.order.len();
        for (a, &slot) in self.order.iter().enumerate() {
            row[a] = self.changes[slot * self.dim + i].to_f64();
            row[k + a] = self.theta * self.steps[slot * self.dim + i].to_f64();
        }
    }

    /// p ← Wᵀ·d
    pub(super) fn transposed_into(&self, d: &[f64], p: &mut [f64]) {
        let k = self.order.len();
        for (a, &slot) in self.order.iter().enumerate() {
            let (s, y) = self.pair(slot);
            let product = |v: &[S]| v.iter().zip(d).map(|(v, d)| v.to_f64() * d).sum::<f64>();
            (p[a], p[k + a]) = (product(y), self.theta * product(s));
        }
    }

    /// Writes the v for which −(r + W·v/θ)/θ minimises the model over the coordinates in `free`:
    /// (M⁻¹ − `WᵀW`/θ)·v = Wᵀ·r, both over `free`. Whether there is one.
    pub(super) fn subspace(
        &self,
        free: &[usize],
        r: &[f64],
        v: &mut [f64],
        row: &mut [f64],
        factors: &mut Factors,
        square: &mut [f64],
    ) -> bool {
        let n = self.columns();
        let square = &mut square[..n * n];
        square.copy_from_slice(&self.inverse[..n * n]);
        v.fill(0.0);
        for &i in free {
            self.row(i, row);
            for a in 0..n {
                v[a] += row[a] * r[i];
                let scaled = row[a] / self.theta;
                for b in 0..n {
                    square[a * n + b] -= scaled * row[b];
                }
            }
        }
        if !factors.factor(square, n) {
            return false;
        }
        factors.solve(v);
        true
    }
}

/// LU factors of a small matrix, with the row of the largest pivot first.
#[derive(Clone, Debug, Default)]
pub(super) struct Factors {
    n: usize,
    lu: Vec<f64>,
    /// With which row each was exchanged.
    pivots: Vec<usize>,
}

impl Factors {
    pub(super) fn with_room(numbers: Option<usize>) -> Result<Self, DescentError> {
        let lu: Vec<f64> = room(numbers)?;
        let n = lu.len().isqrt();
        Ok(Factors { n: 0, lu, pivots: vec![0; n] })
    }

    /// Whether the matrix is regular.
    pub(super) fn factor(&mut self, matrix: &[f64], n: usize) -> bool {
        self.n = n;
        let lu = &mut self.lu[..n * n];
        lu.copy_from_slice(matrix);
        for k in 0..n {
            let largest =
                (k..n).fold(k, |best, i| if lu[i * n + k].abs() > lu[best * n + k].abs() { i } else { best });
            let pivot = lu[largest * n + k];
            if pivot == 0.0 || !pivot.is_finite() {
                return false;
            }
            self.pivots[k] = largest;
            if largest != k {
                for j in 0..n {
                    lu.swap(k * n + j, largest * n + j);
                }
            }
            for i in k + 1..n {
                let factor = lu[i * n + k] / pivot;
                lu[i * n + k] = factor;
                for j in k + 1..n {
                    lu[i * n + j] -= factor * lu[k * n + j];
                }
            }
        }
        true
    }

    /// v ← A⁻¹·v
    pub(super) fn solve(&self, v: &mut [f64]) {
        let n = self.n;
        for (k, &pivot) in self.pivots[..n].iter().enumerate() {
            v.swap(k, pivot);
        }
        for i in 0..n {
            let sum: f64 = (0..i).map(|j| self.lu[i * n + j] * v[j]).sum();
            v[i] -= sum;
        }
        for i in (0..n).rev() {
            let sum: f64 = (i + 1..n).map(|j| self.lu[i * n + j] * v[j]).sum();
            v[i] = (v[i] - sum) / self.lu[i * n + i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B from the BFGS formula, as a matrix: B₊ = B − (B·s)(B·s)ᵀ/sᵀBs + y·yᵀ/sᵀy, from θ·I of the newest pair.
    fn dense(pairs: &[([f64; 3], [f64; 3])]) -> [[f64; 3]; 3] {
        let inner = |a: &[f64; 3], b: &[f64; 3]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (s, y) = pairs.last().expect("there is a pair");
        let mut matrix = [[0.0; 3]; 3];
        for (i, row) in matrix.iter_mut().enumerate() {
            row[i] = inner(y, y) / inner(s, y);
        }
        for (s, y) in pairs {
            let bs = matrix.map(|row| inner(&row, s));
            let (sbs, sy) = (inner(s, &bs), inner(s, y));
            for i in 0..3 {
                for j in 0..3 {
                    matrix[i][j] += y[i] * y[j] / sy - bs[i] * bs[j] / sbs;
                }
            }
        }
        matrix
    }

    #[test]
    fn the_compact_matrix_is_that_of_the_last_pairs() {
        let all = [
            ([1.0, 0.5, -0.25], [1.5, 1.0, -0.25]),
            ([0.5, 1.5, -0.75], [0.5, 2.5, -2.25]),
            ([-1.0, 0.25, 2.0], [-3.0, 0.5, 1.0]),
            ([0.1, -0.2, 0.3], [0.4, -0.1, 0.9]),
        ];
        let mut compact = Compact::<f64>::new(2);
        compact.start(3).unwrap();
        for k in 0..all.len() {
            let (s, y) = all[k];
            let origin = Point::new(vec![0.0; 3]);
            compact.update(&origin, &Point { gradient: y.to_vec(), ..Point::new(s.to_vec()) });
            // Flat along the step: skipped.
            compact.update(&origin, &Point::new(s.to_vec()));
            assert!(compact.factor());
            let b = dense(&all[(k + 1).saturating_sub(2)..=k]);
            let d = [0.3, -1.2, 0.7];
            let n = compact.columns();
            let (mut p, mut row) = (vec![0.0; n], vec![0.0; n]);
            compact.transposed_into(&d, &mut p);
            compact.multiply_middle(&mut p);
            for i in 0..3 {
                compact.row(i, &mut row);
                let found = compact.theta * d[i] - row.iter().zip(&p).map(|(w, p)| w * p).sum::<f64>();
                let expected: f64 = b[i].iter().zip(&d).map(|(b, d)| b * d).sum();
                assert!((found - expected).abs() < 1e-12, "{k} {i}: {found} {expected}");
            }
            // The minimum over the first and the last coordinate: B·d = −r there.
            let (free, r) = ([0, 2], [0.5, 9.0, -0.8]);
            let mut v = vec![0.0; n];
            let mut factors = Factors::with_room(Some(36)).unwrap();
            assert!(compact.subspace(&free, &r, &mut v, &mut row, &mut factors, &mut [0.0; 36]));
            let mut step = [0.0; 3];
            for i in free {
                compact.row(i, &mut row);
                let wv: f64 = row.iter().zip(&v).map(|(w, v)| w * v).sum();
                step[i] = -(r[i] + wv / compact.theta) / compact.theta;
            }
            for i in free {
                let product: f64 = b[i].iter().zip(&step).map(|(b, d)| b * d).sum();
                assert!((product + r[i]).abs() < 1e-12, "{k} {i}: {product}");
            }
        }
    }
}
