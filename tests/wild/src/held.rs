//! Items of collections that a type holds as data, asked for and taken out.

use crate::support::{at, check};
use grad::{Differentiable, grad};

struct Table {
    xs: Vec<f64>,
    rows: Vec<Vec<f64>>,
}

#[grad(wrt(p))]
impl Table {
    fn ends(&self, p: f64) -> f64 {
        let first = self.xs.first().unwrap();
        let last = self.xs.last().expect("data");
        (first * p).sin() + p.powf(*last) - last * p + first
    }

    fn extremes(&self, p: f64) -> f64 {
        let most = self.xs.iter().max_by(|a, b| a.total_cmp(b)).unwrap();
        most * p * p + self.xs.iter().next().unwrap_or(&0.0) * p.exp() + self.rows.first().unwrap()[1] * p
    }

    fn guarded(&self, p: &[f64]) -> Option<f64> {
        let first = self.xs.first()?;
        let second = self.xs.get(1)?;
        let row = self.rows.get(1)?;
        Some(first * p[0] * p[1] + *second * p[0] + second / p[1] + row[0] * p[0])
    }

    fn said(&self, p: f64) -> Result<f64, String> {
        let last = self.xs.last().ok_or("no data")?;
        let worst = self.xs.iter().min_by(|a, b| a.total_cmp(b)).ok_or_else(|| "no data".to_owned())?;
        let mut sum = 0.0;
        for _ in 0..3 {
            sum = sum * last + worst * p;
        }
        Ok(sum)
    }
}

#[test]
fn items_of_constants_may_be_references() {
    let table = Table { xs: vec![1.5, 0.4, 2.2], rows: vec![vec![1.0, 0.3], vec![0.7]] };
    check("ends", |p| table.ends(p[0]), &[table.ends_grad(0.8)], &[0.8]);
    check("extremes", |p| table.extremes(p[0]), &[table.extremes_grad(0.8)], &[0.8]);
    check("guarded", |p| table.guarded(p).unwrap(), &table.guarded_grad(&[0.8, 1.3]).unwrap(), &[0.8, 1.3]);
    check("said", |p| table.said(p[0]).unwrap(), &[table.said_grad(0.8).unwrap()], &[0.8]);
    let (value, dot) = table.ends_jvp(0.8, 1.0);
    assert_eq!((value, dot), (table.ends(0.8), table.ends_grad(0.8)));
    let empty = Table { xs: Vec::new(), rows: Vec::new() };
    assert_eq!((empty.guarded_grad(&[1.0, 1.0]), empty.said_grad(1.0)), (None, Err("no data".to_owned())));
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Place {
    x: f64,
    y: f64,
}

#[derive(Clone, Debug, Differentiable)]
struct Bead {
    place: Place,
    weights: Vec<f64>,
}

/// Parts are lent by methods.
#[grad(wrt(self))]
impl Bead {
    fn place(&self) -> &Place {
        &self.place
    }

    fn weights(&self) -> &[f64] {
        &self.weights
    }

    fn weights_mut(&mut self) -> &mut Vec<f64> {
        &mut self.weights
    }

    fn x(&self) -> &f64 {
        &self.place.x
    }

    fn energy(&self) -> f64 {
        let sum: f64 = self.weights().iter().map(|w| w * self.place().y).sum();
        self.place().x * self.weights()[0] + sum + *self.x() * self.x() + self.weights().len() as f64
    }
}

#[grad]
impl From<[f64; 2]> for Place {
    fn from(a: [f64; 2]) -> Place {
        Place { x: a[0], y: a[1] * a[0] }
    }
}

#[grad]
impl From<(f64, f64)> for Bead {
    fn from((x, y): (f64, f64)) -> Self {
        Bead { place: Place::from([x, y]), weights: vec![x, y * x] }
    }
}

#[grad]
fn converted(a: [f64; 2]) -> f64 {
    let bead = Bead::from((a[0], a[1]));
    let place = Place::from(a);
    bead.energy() * place.x + place.y
}

#[test]
fn parts_that_methods_lend_and_conversions() {
    let mut bead = Bead { place: Place { x: 1.0, y: 2.0 }, weights: vec![3.0] };
    bead.weights_mut().push(4.0);
    let gradient = bead.energy_grad();
    let found = [gradient.place.x, gradient.place.y, gradient.weights[0], gradient.weights[1]];
    check("energy", |x| at(&bead, x).energy(), &found, &[1.0, 2.0, 3.0, 4.0]);
    check("converted", |x| converted([x[0], x[1]]), &converted::grad([0.8, 1.3]), &[0.8, 1.3]);
}
