//! `kmeans`: squared distances of points to the nearest of the centroids, and the step of Newton's method.

use grad::grad;
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, flat, read, unknown};
use crate::parts::{self, Threads};

#[grad(second)]
fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// `d` numbers for each point, and for each centroid.
#[grad(second, wrt(centroids))]
pub fn cost(centroids: &[f64], points: &[f64], d: usize) -> f64 {
    let mut total = 0.0;
    for point in points.chunks_exact(d) {
        let mut nearest = f64::INFINITY;
        for centroid in centroids.chunks_exact(d) {
            nearest = nearest.min(squared_distance(point, centroid));
        }
        total += nearest;
    }
    total
}

/// The gradient divided by the diagonal of the Hessian. Each coordinate of a centroid is a parabola of its own, so that there is
/// nothing beside that diagonal, and it is the Hessian times (1, …, 1).
fn newton_step(Input { points, centroids, d }: &Input, threads: Threads) -> Vec<f64> {
    let n = points.len() / d;
    let ones = vec![1.0; centroids.len()];
    let (_, sums) = parts::sum(n, 2 * centroids.len(), threads, |range, sums| {
        let points = &points[range.start * d..range.end * d];
        let (gradient, diagonal) = cost::hvp(centroids, points, *d, &ones);
        for (sum, x) in sums.iter_mut().zip(gradient.iter().chain(&diagonal)) {
            *sum += x;
        }
        0.0
    });
    let (gradient, diagonal) = sums.split_at(centroids.len());
    gradient.iter().zip(diagonal).map(|(g, h)| g / h).collect()
}

#[derive(Deserialize)]
struct Rows {
    points: Vec<Vec<f64>>,
    centroids: Vec<Vec<f64>>,
}

struct Input {
    points: Vec<f64>,
    centroids: Vec<f64>,
    d: usize,
}

impl Rows {
    fn checked(&self) -> Result<Input, String> {
        let d = self.points.first().map_or(0, Vec::len);
        if d == 0 || self.centroids.is_empty() {
            return Err("there are no points, or no centroids".to_owned());
        }
        Ok(Input {
            points: flat("points", &self.points, d)?,
            centroids: flat("centroids", &self.centroids, d)?,
            d,
        })
    }
}

pub(super) fn prepare(function: &str, input: &Value, threads: Threads) -> Prepared {
    let input = read::<Rows>(input)?.checked()?;
    let d = input.d;
    match function {
        "cost" => Ok(evaluation(
            input,
            |Input { points, centroids, d }| cost(centroids, points, *d),
            |y| (*y).into(),
        )),
        "dir" => Ok(evaluation(
            input,
            move |input| newton_step(input, threads),
            move |step| step.chunks(d).collect::<Vec<_>>().into(),
        )),
        _ => Err(unknown("kmeans", function)),
    }
}
