//! `ht`: hand tracking. How far measured points are from a hand whose pose has 26 parameters: its vertices follow the bones they
//! hang on (linear blend skinning), then the whole hand is turned and moved. In the complicated form a point lies within a
//! triangle, at the coordinates u of its own; the Jacobian with respect to all u has two entries in a row, and is written as
//! two columns, in front of those of the pose.

use grad::{Lanes, grad};
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, flat, has_length, unknown};
use crate::parts::Threads;

/// Parameters of a pose: rotation (an axis, as long as the angle), translation, and four angles for each of five fingers.
pub(crate) const POSE: usize = 26;
/// The hand's bones: forearm, wrist, and four for each finger.
pub(crate) const BONES: usize = 22;
/// Below this angle the hand is not turned.
pub(crate) const SMALL_ANGLE: f64 = 1e-4;

#[grad]
pub(crate) fn product(a: &[[f64; 4]; 4], b: &[[f64; 4]; 4]) -> [[f64; 4]; 4] {
    let mut c = [[0.0; 4]; 4];
    for i in 0..4 {
        for j in 0..4 {
            for k in 0..4 {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    c
}

/// Turns about the x axis, then about the z axis.
#[grad]
pub(crate) fn turn(x: f64, z: f64) -> [[f64; 4]; 4] {
    let (sx, cx) = x.sin_cos();
    let (sz, cz) = z.sin_cos();
    [[cz, -sz * cx, sz * sx, 0.0], [sz, cz * cx, -cz * sx, 0.0], [0.0, sx, cx, 0.0], [0.0, 0.0, 0.0, 1.0]]
}

/// The rotation by the angle |v| about the axis v.
#[grad]
fn rotation(v: &[f64; 3]) -> [[f64; 3]; 3] {
    let angle = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    if angle < SMALL_ANGLE {
        return [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    }
    let (x, y, z) = (v[0] / angle, v[1] / angle, v[2] / angle);
    let (s, c) = angle.sin_cos();
    [
        [x * x + (1.0 - x * x) * c, x * y * (1.0 - c) - z * s, x * z * (1.0 - c) + y * s],
        [x * y * (1.0 - c) + z * s, y * y + (1.0 - y * y) * c, y * z * (1.0 - c) - x * s],
        [x * z * (1.0 - c) - y * s, z * y * (1.0 - c) + x * s, z * z + (1.0 - z * z) * c],
    ]
}

/// For each bone, what takes a point of the hand at rest along with it.
#[grad(wrt(pose))]
fn bone_transforms(
    pose: &[f64; POSE],
    parents: &[Option<usize>],
    relatives: &[[[f64; 4]; 4]],
    inverses: &[[[f64; 4]; 4]],
) -> Vec<[[f64; 4]; 4]> {
    let mut absolutes = vec![[[0.0; 4]; 4]; relatives.len()];
    for bone in 0..relatives.len() {
        let mut relative = relatives[bone];
        // The first three bones of a finger bend; the first of them also spreads.
        if bone >= 2 && (bone - 2) % 4 < 3 {
            let first = 6 + 4 * ((bone - 2) / 4);
            let turned = match (bone - 2) % 4 {
                0 => turn(pose[first], pose[first + 1]),
                1 => turn(pose[first + 2], 0.0),
                _ => turn(pose[first + 3], 0.0),
            };
            relative = product(&relative, &turned);
        }
        absolutes[bone] = match parents[bone] {
            Some(parent) => product(&absolutes[parent], &relative),
            None => relative,
        };
    }
    absolutes.iter().zip(inverses).map(|(absolute, inverse)| product(absolute, inverse)).collect()
}

/// Where the vertices are in a pose. A vertex hangs on bones, each with a weight.
#[grad(wrt(pose))]
fn vertices(
    pose: &[f64; POSE],
    parents: &[Option<usize>],
    relatives: &[[[f64; 4]; 4]],
    inverses: &[[[f64; 4]; 4]],
    at_rest: &[[f64; 4]],
    weights: &[Vec<(usize, f64)>],
    is_mirrored: bool,
) -> Vec<[f64; 3]> {
    let transforms = bone_transforms(pose, parents, relatives, inverses);
    let turned = rotation(&[pose[0], pose[1], pose[2]]);
    let mut moved = vec![[0.0; 3]; at_rest.len()];
    for v in 0..at_rest.len() {
        let mut p = [0.0; 3];
        for &(bone, weight) in &weights[v] {
            for i in 0..3 {
                for j in 0..4 {
                    p[i] += weight * transforms[bone][i][j] * at_rest[v][j];
                }
            }
        }
        if is_mirrored {
            p[0] = -p[0];
        }
        for i in 0..3 {
            moved[v][i] = pose[3 + i] + turned[i][0] * p[0] + turned[i][1] * p[1] + turned[i][2] * p[2];
        }
    }
    moved
}

/// The simple form: a point belongs to a vertex. Three errors for each point.
#[grad(wrt(pose))]
#[allow(clippy::too_many_arguments)]
fn errors_at_vertices(
    pose: &[f64; POSE],
    parents: &[Option<usize>],
    relatives: &[[[f64; 4]; 4]],
    inverses: &[[[f64; 4]; 4]],
    at_rest: &[[f64; 4]],
    weights: &[Vec<(usize, f64)>],
    is_mirrored: bool,
    points: &[[f64; 3]],
    belongs_to: &[usize],
) -> Vec<f64> {
    let moved = vertices(pose, parents, relatives, inverses, at_rest, weights, is_mirrored);
    let mut errors = Vec::with_capacity(3 * points.len());
    for (point, &vertex) in points.iter().zip(belongs_to) {
        for i in 0..3 {
            errors.push(point[i] - moved[vertex][i]);
        }
    }
    errors
}

/// The complicated form: a point belongs to a triangle, and lies at `us` in it.
#[grad(wrt(pose, us))]
#[allow(clippy::too_many_arguments)]
fn errors_in_triangles(
    pose: &[f64; POSE],
    us: &[[f64; 2]],
    parents: &[Option<usize>],
    relatives: &[[[f64; 4]; 4]],
    inverses: &[[[f64; 4]; 4]],
    at_rest: &[[f64; 4]],
    weights: &[Vec<(usize, f64)>],
    is_mirrored: bool,
    points: &[[f64; 3]],
    belongs_to: &[[usize; 3]],
) -> Vec<f64> {
    let moved = vertices(pose, parents, relatives, inverses, at_rest, weights, is_mirrored);
    let mut errors = Vec::with_capacity(3 * points.len());
    for k in 0..points.len() {
        let [a, b, c] = belongs_to[k];
        let [u, v] = us[k];
        for i in 0..3 {
            errors.push(points[k][i] - (u * moved[a][i] + v * moved[b][i] + (1.0 - u - v) * moved[c][i]));
        }
    }
    errors
}

#[derive(Deserialize)]
struct Model {
    bone_names: Vec<String>,
    parents: Vec<i64>,
    base_relatives: Vec<[[f64; 4]; 4]>,
    inverse_base_absolutes: Vec<[[f64; 4]; 4]>,
    base_positions: Vec<[f64; 4]>,
    /// For each vertex, a weight for each bone.
    weights: Vec<Vec<f64>>,
    triangles: Vec<[usize; 3]>,
    is_mirrored: bool,
}

#[derive(Deserialize)]
struct Data {
    model: Model,
    correspondences: Vec<usize>,
    points: Vec<[f64; 3]>,
}

#[derive(Deserialize)]
struct Tracking {
    theta: Vec<f64>,
    data: Data,
    #[serde(default)]
    us: Vec<[f64; 2]>,
}

/// What each point belongs to.
pub(crate) enum Belongs {
    ToVertices(Vec<usize>),
    ToTriangles(Vec<[usize; 3]>, Vec<[f64; 2]>),
}

pub(crate) struct Input {
    pub(crate) pose: [f64; POSE],
    pub(crate) parents: Vec<Option<usize>>,
    pub(crate) relatives: Vec<[[f64; 4]; 4]>,
    pub(crate) inverses: Vec<[[f64; 4]; 4]>,
    pub(crate) at_rest: Vec<[f64; 4]>,
    pub(crate) weights: Vec<Vec<(usize, f64)>>,
    pub(crate) is_mirrored: bool,
    points: Vec<[f64; 3]>,
    pub(crate) belongs: Belongs,
}

/// The input of the suite.
pub(crate) fn read(input: &Value) -> Result<Input, String> {
    super::read::<Tracking>(input)?.checked()
}

impl Tracking {
    fn checked(self) -> Result<Input, String> {
        let Tracking { theta, data: Data { model, correspondences, points }, us } = self;
        let pose = theta.try_into().map_err(|_| format!("`theta` has {POSE} entries"))?;
        has_length("bone_names", &model.bone_names, BONES)?;
        has_length("parents", &model.parents, BONES)?;
        has_length("base_relatives", &model.base_relatives, BONES)?;
        has_length("inverse_base_absolutes", &model.inverse_base_absolutes, BONES)?;
        has_length("weights", &model.weights, model.base_positions.len())?;
        has_length("points", &points, correspondences.len())?;
        flat("weights", &model.weights, BONES)?;
        let parent = |(bone, parent): (usize, &i64)| match usize::try_from(*parent) {
            Err(_) => Ok(None),
            Ok(parent) if parent < bone => Ok(Some(parent)),
            Ok(_) => Err(format!("the parent of bone {bone} comes after it")),
        };
        let vertices = model.base_positions.len();
        let is_vertex = |vertex: &usize| *vertex < vertices;
        let belongs = if us.is_empty() {
            if !correspondences.iter().all(is_vertex) {
                return Err("a point belongs to a vertex that is not there".to_owned());
            }
            Belongs::ToVertices(correspondences)
        } else {
            has_length("us", &us, points.len())?;
            let triangle =
                |k: &usize| model.triangles.get(*k).filter(|corners| corners.iter().all(is_vertex));
            let triangles = correspondences.iter().map(|k| triangle(k).copied()).collect::<Option<Vec<_>>>();
            Belongs::ToTriangles(triangles.ok_or("a point belongs to a triangle that is not there")?, us)
        };
        let hangs_on =
            |weights: &Vec<f64>| weights.iter().copied().enumerate().filter(|(_, w)| *w != 0.0).collect();
        Ok(Input {
            pose,
            parents: model.parents.iter().enumerate().map(parent).collect::<Result<_, _>>()?,
            relatives: model.base_relatives,
            inverses: model.inverse_base_absolutes,
            at_rest: model.base_positions,
            weights: model.weights.iter().map(hangs_on).collect(),
            is_mirrored: model.is_mirrored,
            points,
            belongs,
        })
    }
}

fn errors(input: &Input) -> Vec<f64> {
    let Input { pose, parents, relatives, inverses, at_rest, weights, is_mirrored, points, belongs } = input;
    match belongs {
        Belongs::ToVertices(to) => {
            errors_at_vertices(pose, parents, relatives, inverses, at_rest, weights, *is_mirrored, points, to)
        }
        Belongs::ToTriangles(to, us) => errors_in_triangles(
            pose,
            us,
            parents,
            relatives,
            inverses,
            at_rest,
            weights,
            *is_mirrored,
            points,
            to,
        ),
    }
}

/// A row for each error.
enum Jacobian {
    OfPose(Vec<Lanes<f64, POSE>>),
    OfAll(Vec<Lanes<f64, { 2 + POSE }>>),
}

fn jacobian(input: &Input) -> Jacobian {
    let Input { pose, parents, relatives, inverses, at_rest, weights, is_mirrored, points, belongs } = input;
    match belongs {
        Belongs::ToVertices(to) => {
            let directions = std::array::from_fn(Lanes::<f64, POSE>::unit);
            let (_, rows) = errors_at_vertices::jvp_n(
                pose,
                parents,
                relatives,
                inverses,
                at_rest,
                weights,
                *is_mirrored,
                points,
                to,
                &directions,
            );
            Jacobian::OfPose(rows)
        }
        Belongs::ToTriangles(to, us) => {
            let unit = Lanes::<f64, { 2 + POSE }>::unit;
            let directions = std::array::from_fn(|k| unit(2 + k));
            // No error depends on the coordinates of two points: all first coordinates share a column, and all second ones.
            let of_us = vec![[unit(0), unit(1)]; us.len()];
            let (_, rows) = errors_in_triangles::jvp_n(
                pose,
                us,
                parents,
                relatives,
                inverses,
                at_rest,
                weights,
                *is_mirrored,
                points,
                to,
                &directions,
                &of_us,
            );
            Jacobian::OfAll(rows)
        }
    }
}

pub(super) fn prepare(function: &str, input: &Value, _: Threads) -> Prepared {
    let input = read(input)?;
    match function {
        "objective" => Ok(evaluation(input, errors, |errors| errors.clone().into())),
        "jacobian" => Ok(evaluation(input, jacobian, |jacobian| match jacobian {
            Jacobian::OfPose(rows) => rows.iter().map(|row| row.0.to_vec()).collect::<Vec<_>>().into(),
            Jacobian::OfAll(rows) => rows.iter().map(|row| row.0.to_vec()).collect::<Vec<_>>().into(),
        })),
        _ => Err(unknown("ht", function)),
    }
}
