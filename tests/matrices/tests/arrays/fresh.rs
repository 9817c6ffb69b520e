//! Cotangents that a pullback is the first to put something into, and those of sums, which are one number: beside everything that
//! may come before, behind and instead.

use super::points::{Derivatives, direction, of_point};
use super::{matrix, vector};
use core::ops::{Add, Mul};
use grad::{Differentiable, grad};
use ndarray::{Array1, Array2, Axis};

/// A matrix, one of its shape, and a row.
#[derive(Clone, Debug, Differentiable)]
pub struct Three {
    a: Array2<f64>,
    c: Array2<f64>,
    row: Array1<f64>,
}

/// An operand of one's own: the operator of an array with it is one's own, too.
#[derive(Clone, Debug, Differentiable)]
pub struct Shift {
    by: f64,
    scale: f64,
}

#[grad(second)]
impl Add<&Shift> for Array1<f64> {
    type Output = Array1<f64>;
    fn add(self, shift: &Shift) -> Array1<f64> {
        self.mapv(|x| x + shift.by * x * x)
    }
}

#[grad(second)]
impl Mul<&Shift> for &Array1<f64> {
    type Output = Array1<f64>;
    fn mul(self, shift: &Shift) -> Array1<f64> {
        self.mapv(|x| x * shift.scale)
    }
}

#[grad(second)]
fn helper(y: &Array2<f64>, k: f64) -> f64 {
    (y * k).mapv(f64::sin).sum()
}

macro_rules! of_three {
    ($($(#[$doc:meta])* $name:ident($a:ident, $c:ident, $row:ident) $body:block)*) => {
        $(
            $(#[$doc])*
            #[grad(second, wrt(p))]
            fn $name(p: &Three) -> f64 {
                let ($a, $c, $row): (&Array2<f64>, &Array2<f64>, &Array1<f64>) = (&p.a, &p.c, &p.row);
                $body
            }
        )*

        #[test]
        fn first_and_others() {
            for (m, n) in [(3, 2), (1, 3), (2, 1)] {
                let three = Three { a: matrix(m, n, 0.4), c: matrix(m, n, 1.3), row: vector(n, 0.7) };
                $(check!($name, ref three.clone());)*
            }
        }
    };
}

of_three! {
    /// A row that is repeated by what it is added to, and given away.
    repeated(a, c, row) {
        let wide = row.clone() + a;
        let narrow: Array2<f64> = row.clone().insert_axis(Axis(0));
        let other = narrow.clone() - c;
        let third = narrow * a;
        (wide * &other).sum() + (third.mapv(|x| x * x)).sum() + other[[0, 0]]
    }
    given_away_and_asked_for(a, c, row) {
        let y = a.dot(&c.t());
        let z = y.clone() + 1.0;
        let s = z + &y;
        let first = y[[0, 0]] * s.sum();
        first + (s - &y).mapv(|x| x * x).sum() + helper(&y, 0.3) + row.sum()
    }
    products(a, c, row) {
        let y = a * c;
        let z = y * row;
        let w = z / (c + 2.0);
        let u = w.dot(&a.t());
        let v = u.dot(&(a * 0.5)) - c;
        v.dot(row).sum() + (&v * &v).sum() * 0.1
    }
    twice(a, c, row) {
        let y = a + c;
        let z = &y * &y;
        let w = &z + &z;
        (w + &z).dot(row).sum() + y.sum() * y.sum()
    }
    in_arms(a, c, row) {
        let y = a * row;
        let mut total = 0.0;
        for i in 0..4 {
            let z = &y + c;
            if i == 1 {
                continue;
            }
            total += if i > 2 { z.sum() * y[[0, 0]] } else { (z * 0.3).mapv(f64::exp).sum() };
            if total > 1e6 {
                break;
            }
        }
        let last = if total > 0.0 { y + c } else { y - c };
        total + last.mapv(|x| x.cos()).sum()
    }
    assigned(a, c, row) {
        let mut y = a + c;
        y = y * row;
        y = y + a;
        let z = y;
        y = z * c;
        y += a;
        y.mapv(|x| x * x).sum()
    }
    sums(a, c, row) {
        let y = a.mapv(|x| x * x + 0.2);
        let z = c.mapv(f64::sin);
        let w = y.mapv(f64::ln);
        let t = a.t().mapv(|x| x * 0.7);
        let mut overwritten = c.mapv(|x| x * x);
        let before = overwritten.sum();
        overwritten.mapv_inplace(|x| x * before);
        let mut n = 0.0;
        for r in a.rows() {
            let e = r.mapv(|x| (x - row[0]).exp());
            n += e.sum().ln() * r.sum();
            let e = e.mapv_into(|x| x * x);
            n += e.sum() / e.len() as f64;
        }
        y.sum() * z.sum() + w.sum() * y[[0, 0]] + t.sum() * t.sum() + overwritten.sum() + n
    }
    sums_in_arms(a, c, row) {
        let y = a.mapv(|x| x * x);
        let s = if row[0] > 0.0 { y.sum() } else { 1.0 };
        let mut total = s * s;
        for i in 0..3 {
            let z = c.mapv(|x| x * i as f64);
            if i == 1 {
                total += z.sum() * y.sum();
                continue;
            }
            total *= z.sum() + 2.0;
        }
        total
    }
    of_lists(a, c, row) {
        let mut list = vec![a.clone(), c.clone()];
        list.push(a + c);
        let pair = [row.mapv(|x| x * x), row.clone()];
        let mut total = list[1].exp().sum() + pair[0].mapv(f64::sin).sum();
        for (k, m) in list.iter().enumerate() {
            total += m.mapv(|x| x * x).sum() * m.fold(0.2, |y, &x| y * 0.5 + x);
            total += list[2 - k].map(|x| x * 0.3).sum();
        }
        for v in &pair {
            total += v.mapv(|x| x * total).sum();
        }
        total
    }
    own_operators(a, c, row) {
        let shift = Shift { by: a[[0, 0]], scale: c[[0, 0]] };
        let y = row.clone() * 2.0;
        let z = y + &shift;
        let w = &z * &shift;
        let v = (w + row) + &shift;
        v.sum() * v[0] + (v * row).sum()
    }
}

#[grad]
fn of_a_slice(v: &[Array1<f64>]) -> f64 {
    let mut total = v[0].fold(0.1, |y, &x| y * 0.5 + x * x);
    for m in v {
        total += m.mapv(|x| x * x).sum();
    }
    total + v.iter().map(|m| m.mapv(f64::sin).sum()).sum::<f64>()
}

#[test]
fn lists_of_arrays() {
    let v = [vector(2, 0.3), vector(3, 0.9)];
    let (value, bars) = of_a_slice::value_and_grad(&v);
    assert_eq!(value, of_a_slice(&v));
    for (k, bar) in bars.iter().enumerate() {
        for at in 0..bar.len() {
            let moved = |step: f64| {
                let mut moved = v.clone();
                moved[k][at] += step;
                of_a_slice(&moved)
            };
            assert!((bar[at] - (moved(1e-6) - moved(-1e-6)) / 2e-6).abs() < 1e-8);
        }
    }
}

/// Nothing, along one axis or both.
#[test]
fn of_nothing() {
    for (m, n) in [(0, 0), (0, 2), (2, 0)] {
        let three = Three { a: Array2::zeros((m, n)), c: Array2::ones((m, n)), row: Array1::ones(n) };
        for of in [given_away_and_asked_for_of_nothing::grad(&three), sums_of_nothing::grad(&three)] {
            assert_eq!((of.a.dim(), of.c.dim(), of.row.dim()), ((m, n), (m, n), n));
        }
    }
}

#[grad(wrt(p))]
fn given_away_and_asked_for_of_nothing(p: &Three) -> f64 {
    let y: Array2<f64> = p.row.clone() + &p.a;
    let z = y * &p.c;
    let w: Array2<f64> = z - &p.row;
    (w + 1.0).sum()
}

#[grad(wrt(p))]
fn sums_of_nothing(p: &Three) -> f64 {
    p.a.mapv(|x| x * x).sum() + p.c.mapv(f64::exp).sum() * p.row.mapv(f64::ln).sum()
}
