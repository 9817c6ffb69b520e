//! Fields that are constants of their types: what is read of them is read as it is, in all modes, and loses nothing.

use crate::points::{Derivatives, direction, of_point};
use grad::{Differentiable, grad};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Differentiable)]
struct Model {
    slope: f64,
    w: Vec<f64>,
    #[grad(constant)]
    rate: f64,
    #[grad(constant)]
    none: f64,
    #[grad(constant)]
    pairs: Vec<(f64, [f64; 2])>,
    #[grad(constant)]
    grid: [f64; 3],
    #[grad(constant)]
    data: &'static [[f64; 2]],
    #[grad(constant)]
    extra: Option<f64>,
    #[grad(constant)]
    single: f32,
    order: Vec<usize>,
    #[grad(constant)]
    known: BTreeMap<usize, f64>,
}

fn model() -> Model {
    Model {
        slope: 1.3,
        w: vec![0.4, -0.2, 0.9],
        rate: 0.7,
        none: 0.0,
        pairs: vec![(1.0, [2.0, 3.0]), (0.5, [1.0, -1.0])],
        grid: [0.1, 0.2, 0.3],
        data: &[[1.0, 2.0], [0.3, 0.2], [-1.0, 0.4]],
        extra: Some(0.5),
        single: 0.25,
        order: vec![2, 0],
        known: BTreeMap::from([(1, 2.0)]),
    }
}

/// Where a derivative of the constant would be infinite, there is none.
#[grad(wrt(m), second)]
fn numbers(m: &Model) -> f64 {
    let Model { slope, rate, grid: [first, _, last], .. } = m;
    let mut s = m.none.sqrt() + slope * rate * m.w[m.order[0]] + (m.slope * m.slope).powf(m.rate);
    while s < 40.0 {
        s *= 1.5 + m.rate * m.rate * slope * first;
    }
    let chosen = if *slope > 0.0 { m.extra.unwrap_or(2.0) } else { m.rate };
    s * last
        + chosen * slope
        + f64::from({
            let single: f32 = m.single;
            single
        }) * slope
}

/// Elements, rows and parts of tuples, by index, iterated over, and in copies.
#[grad(wrt(m), second)]
fn elements(m: &Model) -> f64 {
    let mut s = 0.0;
    for (p, [q, _]) in &m.pairs {
        s += (m.slope * p - q).powi(2) * m.pairs[0].1[1];
    }
    for d in m.data {
        s += (m.slope * d[0] + m.w[0] - d[1]).sin();
    }
    let mut grid = m.grid;
    grid[1] *= m.slope;
    let row = &m.data[1];
    let last = m.data[2];
    let products = m.w.iter().zip(&m.grid).zip(m.data).map(|((w, g), d)| w * g + d[0] * w);
    products.sum::<f64>() * row[0] + s * last[1] + grid.iter().map(|g| g * g).sum::<f64>()
}

/// A copy of the whole, and a type with a constant in a type with constants.
#[grad(wrt(models), second)]
fn copies(models: &[Model]) -> f64 {
    let mut own = models[0].clone();
    own.slope *= models[1].rate * models[1].slope;
    let remade = Model { slope: own.slope * own.slope, w: vec![own.slope], ..own.clone() };
    models.iter().map(|m| m.rate * m.slope).sum::<f64>() * own.rate + remade.w[0] * remade.rate * remade.slope
}

#[derive(Clone, Debug, Differentiable)]
struct Filter<T> {
    gain: T,
    #[grad(constant)]
    dt: T,
}

#[grad(wrt(self, x), second)]
impl<T: grad::Real> Filter<T> {
    fn step(&self, x: T) -> T {
        x + self.dt * (self.gain * x).sin() / (self.dt + self.gain)
    }
}

#[grad(wrt(filter), second)]
fn filtered(filter: &Filter<f64>) -> f64 {
    let mut x = filter.dt;
    for _ in 0..3 {
        x = filter.step(x);
    }
    x
}

/// Data that is borrowed: by a name of the lifetime, and without one.
#[derive(Clone, Debug, Differentiable)]
struct Fit<'a> {
    slope: f64,
    #[grad(constant)]
    data: &'a [[f64; 2]],
}

trait Loss {
    fn loss(&self) -> f64;
}

#[grad(wrt(self), second)]
impl Loss for Fit<'_> {
    fn loss(&self) -> f64 {
        self.data.iter().map(|[x, y]| (self.slope * x - y).powi(2)).sum()
    }
}

#[grad(wrt(self, s), second)]
impl<'a> Fit<'a> {
    fn stepped(&self, n: usize) -> f64 {
        let mut s = 1.0;
        for k in 0..n {
            s *= self.step(s) + self.data[k][0];
        }
        s
    }

    fn step(&self, s: f64) -> f64 {
        (s * self.slope).sin() * self.data[0][1]
    }
}

#[grad(wrt(fit), second)]
fn borrowing<'a>(fit: &Fit<'a>, n: usize) -> f64 {
    fit.stepped(n) * fit.loss()
}

#[grad(wrt(fit), second)]
fn anonymous(fit: &Fit<'_>, n: usize) -> f64 {
    borrowing(fit, n) + borrowing(fit, 1)
}

/// What has no tangents, and cannot be cloned.
struct Table {
    tolerance: f64,
    rows: Vec<Vec<f64>>,
}

#[grad(wrt(x), second)]
impl Table {
    fn at(&self, x: f64) -> f64 {
        self.rows[1][0] * x.sin() + self.tolerance
    }
}

#[derive(Differentiable)]
struct Tabled {
    slope: f64,
    #[grad(constant)]
    table: Table,
    #[grad(constant)]
    names: BTreeMap<usize, Vec<usize>>,
    #[grad(constant)]
    points: Vec<[f64; 2]>,
}

#[grad(wrt(slope, points), second)]
fn misfit(slope: f64, points: &[[f64; 2]]) -> f64 {
    points.iter().map(|p| (slope * p[0] - p[1]).powi(2)).sum()
}

/// Constants that are passed on are lent, not copied.
#[grad(wrt(self), second)]
impl Tabled {
    fn handed_on(&self, n: usize) -> f64 {
        let mut s = misfit(self.slope, grad::constant(&self.points));
        let names = grad::constant(&self.names);
        for k in 0..n {
            if names.get(&k).is_some_and(|of| of.contains(&k)) {
                continue;
            }
            s = grad::constant(&self.table).at(s * self.slope) * grad::constant(self.table.tolerance);
        }
        let rows = &grad::constant(&self.table).rows;
        s + rows.iter().map(|row| row[0] * self.slope * grad::constant(&self.points)[0][1]).sum::<f64>()
    }
}

#[test]
fn constants_are_passed_on() {
    let tabled = |slope| Tabled {
        slope,
        table: Table { tolerance: 0.3, rows: vec![vec![0.1], vec![0.7]] },
        names: BTreeMap::from([(1, vec![0, 1])]),
        points: vec![[1.0, 2.0], [0.3, -0.5]],
    };
    let at = |slope: f64| tabled(slope).handed_on(3);
    let (value, gradient) = tabled(0.8).handed_on_value_and_grad(3);
    let wanted = crate::differences::derivative(at, 0.8, f64::EPSILON).value;
    assert_eq!(value.to_bits(), at(0.8).to_bits());
    assert!((gradient.slope - wanted).abs() < 1e-7, "{} instead of {wanted}", gradient.slope);
    let of = tabled(0.8);
    let (_, pullback) = of.handed_on_vjp(3);
    assert_eq!(pullback(1.0).slope, gradient.slope);
    let along = of.zero_tangent();
    let direction = TabledTangent { slope: 1.0, ..along };
    assert!((of.handed_on_jvp(3, &direction).1 - gradient.slope).abs() < 1e-14);
    let (_, product) = of.handed_on_hvp(3, &direction);
    let slope = |slope: f64| tabled(slope).handed_on_grad(3).slope;
    let wanted = crate::differences::derivative(slope, 0.8, f64::EPSILON).value;
    assert!((product.slope - wanted).abs() < 1e-6, "{} instead of {wanted}", product.slope);
}

#[test]
fn constants_are_borrowed() {
    let data = model().data.to_vec();
    let fit = Fit { slope: 0.8, data: &data };
    check!(borrowing, ref fit.clone(), 3);
    check!(anonymous, ref fit, 3);
}

#[test]
fn constants_are_read() {
    check!(numbers, ref model());
    check!(elements, ref model());
    check!(copies, ref vec![model(), Model { slope: 0.6, extra: None, ..model() }]);
    check!(filtered, ref Filter { gain: 0.8, dt: 0.1 });
    assert_eq!(numbers::jvp(&model(), &model().zero_tangent()).1, 0.0);
}

/// Constants are stored in them, in a loop and in an arm, before and after they are read.
#[grad(wrt(m), second)]
fn set_again(m: &Model, c: f64) -> f64 {
    let mut own = m.clone();
    let mut s = own.rate * own.slope;
    for k in 0..3 {
        own.rate = 0.5 + c * k as f64;
        if own.slope > 0.0 {
            own.none = c;
        }
        s += own.rate * own.slope * s.sin() + own.none * own.w[k];
        own.slope *= own.rate;
    }
    own.rate = 0.25;
    s * own.slope + own.rate
}

/// So are elements of them, of a copy and of what the caller has.
#[grad(wrt(m), second)]
fn elements_set(m: &mut Model, c: f64) -> f64 {
    let mut s = m.grid[1] * m.slope;
    m.grid[1] = 2.0 * c;
    for k in 0..3 {
        s += m.grid[k] * m.slope * m.grid[1] * m.w[0] * s.cos();
        m.grid[k] = 0.1 * k as f64;
        m.pairs[0].1[1] = grad::constant(m.grid[1] + m.pairs[0].0);
        m.w[0] = s * m.pairs[0].1[1];
    }
    m.rate = c;
    s * m.rate + m.w[0] * m.pairs[0].1[1]
}

#[grad(wrt(m), second)]
fn elements_of_a_copy(m: &Model, c: f64) -> f64 {
    let mut own = m.clone();
    own.grid[0] = 1.5;
    let s = own.grid[0] * own.slope;
    own.grid[0] = c;
    elements_set(&mut own, c) * own.grid[0] * own.slope + s * own.rate
}

#[grad(wrt(m), second)]
fn of_integers(m: &Model) -> f64 {
    let mut s = m.slope;
    for k in 0..usize::min(m.order[0], m.w.len()) {
        if m.known.contains_key(&k) {
            s += m.rate * s;
        }
        s *= m.w[usize::max(k, m.order[1])] + s.sin();
        s += match m.order[0].saturating_sub(k) {
            0 => m.slope,
            1..=2 => m.slope * m.w[m.order[0].pow(1).min(m.order[1].max(1)) % 2],
            _ => 0.5,
        };
    }
    s
}

#[test]
fn constants_are_stored() {
    check!(set_again, ref model(), 0.3);
    check!(elements_of_a_copy, ref model(), 0.3);
}

#[test]
fn integers_are_compared_by_path() {
    check!(of_integers, ref model());
}

#[grad(second)]
fn weighed(x: f64, y: &[f64]) -> f64 {
    x * y[0] * y[0] + y[1] * x.sin()
}

/// Slices of fields are lent, and the fields changed afterwards: what a pullback needs of them is kept.
#[grad(wrt(m), second)]
fn in_place(m: &mut Model) -> f64 {
    let mut s = m.slope;
    for i in 0..2 {
        s += weighed(s, &m.w[i..]) * 0.3;
        if s > 0.4 {
            m.w[i] *= s;
            s += weighed(0.3, &m.w[..2]);
        }
        m.slope += s;
        let named = &m.w[..2];
        s += weighed(s, named) * named[0]
            + m.w.windows(2).fold(0.0, |sum, pair| sum + weighed(0.1, pair) * pair[1]);
        m.w[1] *= 0.5 + s;
    }
    s * m.w[0]
}

#[grad(wrt(m), second)]
fn of_slices(m: &Model) -> f64 {
    let mut own = m.clone();
    in_place(&mut own) * own.w[1] + own.slope
}

#[test]
fn slices_of_fields_are_lent() {
    check!(of_slices, ref model());
}
