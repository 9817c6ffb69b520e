//! `ba`: bundle adjustment. Weighted reprojection errors of points in cameras with radial distortion, and how far the weights are
//! from 1; their sparse Jacobian. The suite gives one observation, which the tool repeats and may not know to be the same.

use grad::grad;
use grad_benches::given::kernels::ba as reprojection_error;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Prepared, evaluation, read, unknown};
use crate::parts::{self, Threads};

#[grad]
pub fn weight_error(weight: f64) -> f64 {
    1.0 - weight * weight
}

/// Numbers of a camera: rotation, centre, focal length, principal point, radial distortion.
const CAMERA: usize = 11;
/// Numbers in a row of the Jacobian that an observation's errors depend on: camera, point, weight.
const ROW: usize = CAMERA + 3 + 1;
/// More of anything would not fit into memory.
const MOST: usize = 50_000_000;

#[derive(Deserialize)]
struct Repeated {
    n: usize,
    m: usize,
    p: usize,
    cam: [f64; CAMERA],
    x: [f64; 3],
    w: f64,
    feat: [f64; 2],
}

struct Observation {
    camera: usize,
    point: usize,
    feature: [f64; 2],
}

struct Input {
    cameras: Vec<[f64; CAMERA]>,
    points: Vec<[f64; 3]>,
    weights: Vec<f64>,
    observations: Vec<Observation>,
}

impl Repeated {
    fn repeat(&self) -> Result<Input, String> {
        let &Repeated { n, m, p, cam, x, w, feat } = self;
        if [n, m, p].iter().any(|count| *count == 0 || *count > MOST) {
            return Err(format!("`n`, `m` and `p` are from 1 to {MOST}"));
        }
        let observation = |i| Observation { camera: i % n, point: i % m, feature: feat };
        Ok(Input {
            cameras: vec![cam; n],
            points: vec![x; m],
            weights: vec![w; p],
            observations: (0..p).map(observation).collect(),
        })
    }
}

struct Errors {
    reprojection: Vec<[f64; 2]>,
    weight: Vec<f64>,
}

fn errors(input: &Input, threads: Threads) -> Errors {
    let Input { cameras, points, weights, observations } = input;
    let reprojection = parts::map(observations.len(), threads, |i| {
        let Observation { camera, point, feature } = &observations[i];
        reprojection_error(&cameras[*camera], &points[*point], weights[i], feature)
    });
    Errors { reprojection, weight: weights.iter().map(|w| weight_error(*w)).collect() }
}

/// Compressed sparse rows: the entries of row i are those from `rows[i]` to before `rows[i + 1]`.
struct Sparse {
    rows: Vec<usize>,
    cols: Vec<usize>,
    vals: Vec<f64>,
}

/// Two rows for each observation, then one for each weight; the columns are those of the cameras, points and weights.
fn jacobian(input: &Input, threads: Threads) -> Sparse {
    let Input { cameras, points, weights, observations } = input;
    let (of_points, of_weights) = (CAMERA * cameras.len(), CAMERA * cameras.len() + 3 * points.len());
    let blocks = parts::map(observations.len(), threads, |i| {
        let Observation { camera, point, feature } = &observations[i];
        reprojection_error::jacobian(&cameras[*camera], &points[*point], weights[i], feature)
    });
    let entries = observations.len() * (2 * ROW + 1);
    let mut rows = Vec::with_capacity(3 * observations.len() + 1);
    let (mut cols, mut vals) = (Vec::with_capacity(entries), Vec::with_capacity(entries));
    rows.push(0);
    for (i, (Observation { camera, point, .. }, (by_camera, by_point, by_weight))) in
        observations.iter().zip(&blocks).enumerate()
    {
        for row in 0..2 {
            cols.extend(CAMERA * camera..CAMERA * (camera + 1));
            cols.extend(of_points + 3 * point..of_points + 3 * (point + 1));
            cols.push(of_weights + i);
            vals.extend(by_camera[row]);
            vals.extend(by_point[row]);
            vals.push(by_weight[row]);
            rows.push(vals.len());
        }
    }
    for (i, weight) in weights.iter().enumerate() {
        cols.push(of_weights + i);
        vals.push(weight_error::grad(*weight));
        rows.push(vals.len());
    }
    Sparse { rows, cols, vals }
}

/// What the suite compares: the first thirty entries and the last.
fn ends<T: Copy>(all: &[T]) -> Vec<T> {
    all.iter().take(2 * ROW).chain(all.last()).copied().collect()
}

pub(super) fn prepare(function: &str, input: &Value, threads: Threads) -> Prepared {
    let input = read::<Repeated>(input)?.repeat()?;
    match function {
        "objective" => Ok(evaluation(
            input,
            move |input| errors(input, threads),
            |Errors { reprojection, weight }| {
                json!({
                    "reproj_error": { "elements": reprojection[0], "repeated": reprojection.len() },
                    "w_err": { "element": weight[0], "repeated": weight.len() },
                })
            },
        )),
        "jacobian" => Ok(evaluation(
            input,
            move |input| jacobian(input, threads),
            |Sparse { rows, cols, vals }| json!({ "rows": ends(rows), "cols": ends(cols), "vals": ends(vals) }),
        )),
        _ => Err(unknown("ba", function)),
    }
}
