//! Operators of types of one's own: several of one kind, by value and by reference, of numbers on either side; every derivative
//! against differences.

#![deny(warnings)]
#![allow(
    clippy::assign_op_pattern,
    clippy::needless_range_loop,
    clippy::op_ref,
    clippy::pedantic,
    clippy::type_complexity
)]

use grad::{Differentiable, grad};
use points::{Derivatives, direction, of_point};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, Sub, SubAssign};

#[path = "support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "support/points.rs"]
mod points;

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct V2 {
    pub x: f64,
    pub y: f64,
}

#[grad(second)]
impl Add for V2 {
    type Output = V2;

    fn add(self, other: V2) -> V2 {
        V2 { x: self.x + other.x, y: self.y + other.y }
    }
}

#[grad(second)]
impl Add<&V2> for &V2 {
    type Output = V2;

    fn add(self, other: &V2) -> V2 {
        *self + *other
    }
}

#[grad(second)]
impl<'a> Sub<&'a V2> for V2 {
    type Output = V2;

    fn sub(mut self, other: &'a V2) -> V2 {
        self.x -= other.x;
        self.y -= other.y;
        self
    }
}

#[grad(second)]
impl Sub for V2 {
    type Output = Self;

    fn sub(self, V2 { x, y }: Self) -> Self::Output {
        Self { x: self.x - x, y: self.y - y }
    }
}

#[grad(second)]
impl Mul<f64> for V2 {
    type Output = V2;

    fn mul(self, by: f64) -> V2 {
        V2 { x: self.x * by, y: self.y * by }
    }
}

#[grad(second)]
impl Mul<V2> for f64 {
    type Output = V2;

    fn mul(self, v: V2) -> V2 {
        v * self
    }
}

/// The inner product.
#[grad(second)]
impl Mul for V2 {
    type Output = f64;

    fn mul(self, other: V2) -> f64 {
        self.x * other.x + self.y * other.y
    }
}

#[grad(second)]
impl Mul<V2> for usize {
    type Output = V2;

    fn mul(self, v: V2) -> V2 {
        v * self as f64
    }
}

#[grad(second)]
impl Div<f64> for V2 {
    type Output = V2;

    fn div(self, by: f64) -> V2 {
        self * (1.0 / by)
    }
}

/// Where the second is 0, nothing.
#[grad(second)]
impl Rem for V2 {
    type Output = V2;

    fn rem(self, other: V2) -> V2 {
        if other.x == 0.0 {
            return self;
        }
        V2 { x: self.x * other.y, y: other.x.sin() }
    }
}

#[grad(second)]
impl Neg for V2 {
    type Output = V2;

    fn neg(self) -> V2 {
        V2 { x: -self.x, y: -self.y }
    }
}

#[grad(second)]
impl Neg for &V2 {
    type Output = V2;

    fn neg(self) -> V2 {
        -*self
    }
}

#[grad(second)]
impl AddAssign for V2 {
    fn add_assign(&mut self, other: V2) {
        self.x += other.x;
        self.y += other.y;
    }
}

#[grad(second)]
impl SubAssign<&V2> for V2 {
    fn sub_assign(&mut self, other: &V2) {
        *self = *self - other;
    }
}

#[grad(second)]
impl MulAssign<f64> for V2 {
    fn mul_assign(&mut self, by: f64) {
        self.x *= by;
        self.y *= by;
    }
}

#[grad(second)]
impl DivAssign<f64> for V2 {
    fn div_assign(&mut self, by: f64) {
        *self *= 1.0 / by;
    }
}

#[grad(wrt(self), second)]
impl V2 {
    pub fn norm(&self) -> f64 {
        (*self * *self).sqrt()
    }

    pub fn unit(self) -> V2 {
        self / self.norm()
    }
}

/// Not `Copy`, over an array.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Matrix(pub [[f64; 2]; 2]);

#[grad(second)]
impl Mul<V2> for &Matrix {
    type Output = V2;

    fn mul(self, v: V2) -> V2 {
        V2 { x: self.0[0][0] * v.x + self.0[0][1] * v.y, y: self.0[1][0] * v.x + self.0[1][1] * v.y }
    }
}

#[grad(second)]
impl Mul for Matrix {
    type Output = Matrix;

    fn mul(self, other: Matrix) -> Matrix {
        let mut product = [[0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    product[i][j] += self.0[i][k] * other.0[k][j];
                }
            }
        }
        Matrix(product)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct Body {
    pub pos: V2,
    pub vel: V2,
    pub mass: f64,
}

#[grad(wrt(v), second)]
fn straight(v: V2) -> f64 {
    let s = v + v * 0.5;
    let d = (s - &v) * v.x;
    let e = 2.0 * d + -s / v.y;
    e * d + s.norm() + (3 * e).x + (e % d).unit() * v
}

#[grad(wrt(v), second)]
fn references(v: &V2) -> f64 {
    let s = v + v;
    let t = &s + v;
    (-v * 3.0 - s).norm() + t * *v + (&-t + &(*v * 0.3)).y
}

#[grad(wrt(p), second)]
fn of_fields(p: &[Body; 2], g: f64) -> f64 {
    let d = p[0].pos - p[1].pos;
    let r = d.norm();
    // Nothing else tells what `vel` is.
    let v: V2 = (p[0].vel - p[1].vel) * 0.5;
    -g * p[0].mass * p[1].mass / r + v * v + (p[0].pos * p[0].mass + p[1].pos * p[1].mass).unit() * v
}

#[grad(wrt(bodies), second)]
fn in_loops(bodies: &[Body], dt: f64) -> f64 {
    let down = V2 { x: 0.0, y: -9.81 };
    let mut sum = V2 { x: 0.0, y: 0.0 };
    let mut energy = 0.0;
    for i in 0..bodies.len() {
        let b = &bodies[i];
        sum += b.pos * b.mass;
        let next = b.pos + b.vel * dt + 0.5 * dt * dt * down;
        sum = sum + next;
        if b.mass > 1.5 {
            sum += -b.vel;
        } else {
            sum -= &(b.vel % next);
        }
        energy += b.mass * (b.vel * b.vel) - b.mass * (down * next);
        let mut k = 0;
        while k < 2 {
            sum *= 1.1;
            k += 1;
        }
    }
    sum /= 3.0;
    sum.norm() + energy
}

/// One step of symplectic Euler, and what is left of it.
#[grad(wrt(bodies), second)]
fn on_parts(bodies: &[Body], dt: f64) -> f64 {
    let mut all = bodies.to_vec();
    for step in 0..3 {
        for i in 0..all.len() {
            let mut force = V2 { x: 0.0, y: 0.0 };
            for j in 0..all.len() {
                if i != j {
                    let d = all[j].pos - all[i].pos;
                    force += d * (all[j].mass / (d * d + 0.1));
                }
            }
            all[i].vel += force * dt;
            all[i].vel *= 0.99;
        }
        for b in all.iter_mut() {
            b.pos += b.vel * dt;
            if step == 1 {
                b.pos = b.pos - b.vel;
            }
        }
    }
    let mut e = 0.0;
    for b in &all {
        e += b.mass * (b.vel * b.vel) + b.pos.x;
    }
    e
}

#[grad(wrt(vs), second)]
fn in_closures(vs: &[V2]) -> f64 {
    let middle = |a: V2, b: V2| (a + b) * 0.5;
    let zero = V2 { x: 0.0, y: 0.0 };
    let sum = vs.iter().fold(zero, |sum, v| sum + *v);
    let length: f64 = vs.windows(2).map(|w| (w[1] - w[0]).norm()).sum();
    let center = sum / vs.len() as f64;
    let mut spread = 0.0;
    for v in vs {
        let d = *v - center;
        spread += d * d;
    }
    length + spread + middle(vs[0], center).norm()
}

#[grad(wrt(m), second)]
fn of_matrices(m: &Matrix, v: V2) -> f64 {
    let square: Matrix = m.clone() * m.clone();
    let w: V2 = m * (&square * v);
    let cube = square * m.clone();
    w * w + (&cube * w).x
}

/// An own function between operators.
#[grad(wrt(v), second)]
fn turned(v: V2, angle: f64) -> V2 {
    V2 { x: v.x * angle.cos() - v.y * angle.sin(), y: v.x * angle.sin() + v.y * angle.cos() }
}

#[grad(wrt(v), second)]
fn of_results(v: V2) -> f64 {
    let best = if v.x > 0.0 { turned(v, 0.3) - v } else { v + v };
    let w = match best.y > 0.0 {
        true => -best,
        false => turned(best, 1.0) * best.x,
    };
    let sum: V2 = turned(v, 0.1) + turned(w, 0.2);
    sum * (w - v) + (turned(w, 0.4) * 2.0).norm()
}

fn v() -> V2 {
    V2 { x: 0.7, y: -1.3 }
}

fn bodies() -> [Body; 2] {
    [
        Body { pos: v(), vel: V2 { x: 0.2, y: 0.4 }, mass: 1.2 },
        Body { pos: V2 { x: -0.4, y: 0.5 }, vel: V2 { x: 1.0, y: -0.3 }, mass: 2.1 },
    ]
}

#[test]
fn in_straight_lines() {
    check!(straight, val v());
    check!(references, ref v());
    check!(of_fields, ref bodies(), 1.5);
    check!(of_results, val v());
    check!(of_results, val V2 { x: -0.7, y: 0.4 });
    check!(of_matrices, ref Matrix([[0.5, -0.3], [0.8, 1.1]]), v());
}

#[test]
fn in_loops_arms_and_closures() {
    check!(in_loops, ref bodies().to_vec(), 0.1);
    check!(on_parts, ref bodies().to_vec(), 0.05);
    check!(in_closures, ref vec![v(), V2 { x: 1.0, y: 0.5 }, V2 { x: -0.2, y: 0.9 }]);
}

/// f32, of which there are operators beside those of f64.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct Pair<const N: usize> {
    of: [f32; N],
}

#[grad]
impl<const N: usize> Mul<f32> for Pair<N> {
    type Output = Pair<N>;

    fn mul(self, by: f32) -> Pair<N> {
        let mut of = self.of;
        for x in of.iter_mut() {
            *x *= by;
        }
        Pair { of }
    }
}

#[grad(wrt(p, k))]
fn scaled(p: Pair<2>, k: f32) -> f32 {
    let q = p * k * 2.0;
    q.of[0] * q.of[1]
}

/// What is a vector, and no number, other methods of the block tell.
#[derive(Clone, Copy, Debug, Differentiable)]
pub struct Motion {
    pub at: V2,
    pub speed: V2,
    pub mass: f64,
}

pub struct Steps {
    pub k: f64,
    pub h: f64,
    pub count: usize,
}

#[grad(wrt(s, d))]
impl Steps {
    fn energy(&self, s: &Motion) -> f64 {
        let kinetic = 0.5 * s.mass * (s.speed.x * s.speed.x + s.speed.y * s.speed.y);
        kinetic + 0.5 * self.k * (s.at.x * s.at.x + s.at.y * s.at.y)
    }

    fn slope(&self, s: &Motion) -> Motion {
        Motion { at: s.speed, speed: -self.k / s.mass * s.at, mass: 0.0 }
    }

    fn along(s: &Motion, d: &Motion, h: f64) -> Motion {
        Motion { at: s.at + h * d.at, speed: s.speed + h * d.speed, mass: s.mass + h * d.mass }
    }

    fn end(&self, s: Motion) -> Motion {
        let mut s = s;
        for _ in 0..self.count {
            let k1 = self.slope(&s);
            let k2 = self.slope(&Self::along(&s, &k1, 0.5 * self.h));
            s = Motion {
                at: s.at + (k1.at + k2.at) * (0.5 * self.h),
                speed: s.speed + 0.5 * self.h * (k1.speed + k2.speed),
                ..s
            };
        }
        s
    }

    fn miss(&self, s: Motion) -> f64 {
        let end = self.end(s);
        let way = end.at - s.at;
        way.x * way.y + self.energy(&end)
    }
}

#[grad(wrt(s))]
fn misses(s: &Motion, steps: &Steps) -> f64 {
    steps.miss(*s)
}

#[test]
fn methods_tell_each_other_of_types() {
    let start = Motion { at: v(), speed: V2 { x: 0.3, y: -0.2 }, mass: 1.4 };
    check!(misses, ref start, &Steps { k: 1.3, h: 0.1, count: 3 }; first_only);
}

#[test]
fn blocks_with_generics() {
    let (gradient, k) = scaled::grad(Pair { of: [3.0, 5.0] }, 0.5);
    assert_eq!(gradient.of, [5.0, 3.0]);
    assert_eq!(k, 8.0 * 0.5 * 15.0);
}

/// An operator that is not differentiated is no obstacle where nothing goes through it.
impl Add<f64> for V2 {
    type Output = V2;

    fn add(self, by: f64) -> V2 {
        V2 { x: self.x + by, y: self.y + by }
    }
}

#[grad(wrt(v))]
fn beside_a_constant(v: V2, w: V2) -> f64 {
    let shifted = w + 1.0;
    v * shifted
}

#[test]
fn operators_of_constants() {
    assert_eq!(beside_a_constant::grad(v(), v()), V2Tangent { x: 1.7, y: 1.0 - 1.3 });
}

/// A function that calls itself, of a type of one's own.
#[grad(wrt(v), second)]
fn halved(v: V2, times: usize) -> f64 {
    if times == 0 { v * v } else { halved(v * 0.5, times - 1) + v.x }
}

#[test]
fn recursion() {
    check!(halved, val v(), 3);
}

#[grad(second)]
impl Sum for V2 {
    fn sum<I: Iterator<Item = V2>>(iter: I) -> V2 {
        iter.fold(V2 { x: 0.5, y: 0.0 }, |a, b| a + b * a.x)
    }
}

/// Another function than that of values.
#[grad(second)]
impl<'a> Sum<&'a V2> for V2 {
    fn sum<I>(iter: I) -> Self
    where
        I: Iterator<Item = &'a V2>,
    {
        let mut sum = V2 { x: 0.0, y: 1.0 };
        for v in iter {
            sum = sum * v.y + *v;
        }
        sum
    }
}

#[grad(wrt(vs), second)]
fn summed(vs: &[V2], n: usize) -> f64 {
    let values: V2 = vs.iter().map(|v| *v * (v.x * 0.5)).sum();
    let references = vs.iter().sum::<V2>();
    let chosen: V2 = vs.iter().copied().filter(|v| v.x > 0.5).sum();
    let numbers: f64 = vs.iter().map(|v| v.x * v.y).sum();
    let nothing: V2 = vs[..0].iter().skip(1).sum();
    let mut s = numbers + nothing.y;
    for k in 0..n {
        let part: V2 = vs[k..].iter().map(|v| vs[..k].iter().copied().sum::<V2>() + *v * s).sum();
        if part.x > 40.0 {
            continue;
        }
        s += part.x * 0.1;
    }
    values.x * references.y + chosen.x * chosen.y + s
}

#[test]
fn sums() {
    let vs = vec![v(), V2 { x: 0.4, y: 0.9 }, V2 { x: 1.1, y: -0.3 }];
    check!(summed, ref vs, 3);
}
