//! Items of collections that a type holds as data, asked for and taken out.

use crate::support::check;
use grad::grad;

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
