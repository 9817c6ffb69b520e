//! The Jacobian of hand tracking: a finger's angles move that finger's bones only.

use serde_json::Value;

use crate::evals::ht::{BONES, Belongs, Input, POSE, SMALL_ANGLE, product, read, turn};

type Matrix = [[f64; 4]; 4];

/// Columns of the Jacobian: two for the coordinates in triangles, then the pose.
const COLUMNS: usize = 2 + POSE;

/// A hand to be tracked, in its complicated form.
pub struct HandByHand(Input);

impl HandByHand {
    /// # Errors
    /// If it is none.
    pub fn read(input: &Value) -> Result<Self, String> {
        read(input).map(HandByHand)
    }
}

/// The derivative of a turn about x, then z, by one of the angles.
fn turn_by(x: f64, z: f64, by_x: bool) -> Matrix {
    let (sx, cx) = x.sin_cos();
    let (sz, cz) = z.sin_cos();
    if by_x {
        [[0.0, sz * sx, sz * cx, 0.0], [0.0, -cz * sx, -cz * cx, 0.0], [0.0, cx, -sx, 0.0], [0.0; 4]]
    } else {
        [[-sz, -cz * cx, cz * sx, 0.0], [cz, -sz * cx, sz * sx, 0.0], [0.0; 4], [0.0; 4]]
    }
}

/// The rotation about v by |v|, and its derivatives by the three numbers of v.
fn rotation(v: [f64; 3]) -> ([[f64; 3]; 3], [[[f64; 3]; 3]; 3]) {
    let angle = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    if angle < SMALL_ANGLE {
        return ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [[[0.0; 3]; 3]; 3]);
    }
    let axis = v.map(|x| x / angle);
    let (s, c) = angle.sin_cos();
    let cross = |axis: [f64; 3]| {
        let [x, y, z] = axis;
        [[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]]
    };
    let skew = cross(axis);
    let mut turned = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..3 {
            let one = if i == j { 1.0 } else { 0.0 };
            turned[i][j] = axis[i] * axis[j] * (1.0 - c) + one * c + skew[i][j] * s;
        }
    }
    let mut by = [[[0.0; 3]; 3]; 3];
    for (k, by) in by.iter_mut().enumerate() {
        let mut axis_dot = axis.map(|x| -x * axis[k] / angle);
        axis_dot[k] += 1.0 / angle;
        let (s_dot, c_dot) = (c * axis[k], -s * axis[k]);
        let skew_dot = cross(axis_dot);
        for i in 0..3 {
            for j in 0..3 {
                let one = if i == j { 1.0 } else { 0.0 };
                by[i][j] = (axis_dot[i] * axis[j] + axis[i] * axis_dot[j]) * (1.0 - c)
                    - axis[i] * axis[j] * c_dot
                    + one * c_dot
                    + skew_dot[i][j] * s
                    + skew[i][j] * s_dot;
            }
        }
    }
    (turned, by)
}

/// What takes points along with a bone, and the derivatives of it by the angles of its finger that come before it.
struct Bone {
    finger: usize,
    transform: Matrix,
    by: [Matrix; 4],
    angles: usize,
}

fn bones(input: &Input) -> Vec<Bone> {
    let pose = &input.pose;
    let mut absolutes: Vec<(Matrix, [Matrix; 4], usize)> = Vec::with_capacity(BONES);
    for bone in 0..BONES {
        let (mut relative, mut by, mut own) = (input.relatives[bone], [[[0.0; 4]; 4]; 4], 0..0);
        if bone >= 2 && (bone - 2) % 4 < 3 {
            let first = 6 + 4 * ((bone - 2) / 4);
            let at = (bone - 2) % 4;
            let (x, z) = if at == 0 { (pose[first], pose[first + 1]) } else { (pose[first + at + 1], 0.0) };
            own = if at == 0 { 0..2 } else { at + 1..at + 2 };
            for k in own.clone() {
                by[k] = product(&relative, &turn_by(x, z, k != 1));
            }
            relative = product(&relative, &turn(x, z));
        }
        let Some(parent) = input.parents[bone] else {
            absolutes.push((relative, by, 0));
            continue;
        };
        let (above, above_by, angles) = &absolutes[parent];
        // The wrist is before all fingers: no angle of theirs moves it.
        for k in 0..*angles {
            by[k] = product(&above_by[k], &relative);
        }
        for k in own.clone() {
            by[k] = product(above, &by[k]);
        }
        let angles = own.end.max(*angles);
        absolutes.push((product(above, &relative), by, angles));
    }
    let bone = |(bone, (absolute, by, angles)): (usize, (Matrix, [Matrix; 4], usize))| {
        let inverse = &input.inverses[bone];
        let mut of_inverse = [[[0.0; 4]; 4]; 4];
        for k in 0..angles {
            of_inverse[k] = product(&by[k], inverse);
        }
        let finger = bone.saturating_sub(2) / 4;
        Bone { finger, transform: product(&absolute, inverse), by: of_inverse, angles }
    };
    absolutes.into_iter().enumerate().map(bone).collect()
}

/// The first three numbers of a matrix times a point.
fn times(matrix: &Matrix, x: &[f64; 4]) -> [f64; 3] {
    std::array::from_fn(|i| (0..4).map(|j| matrix[i][j] * x[j]).sum())
}

/// A vertex before the hand is turned and moved, and its derivatives by all twenty angles.
struct Vertex {
    at: [f64; 3],
    by: [[f64; 3]; 20],
}

/// Rows of 28.
///
/// # Panics
/// In the simple form.
#[must_use]
pub fn jacobian_of_hand(HandByHand(input): &HandByHand) -> Vec<[f64; COLUMNS]> {
    let Belongs::ToTriangles(triangles, us) = &input.belongs else {
        panic!("the simple form has no triangles")
    };
    let bones = bones(input);
    let vertex = |(x, weights): (&[f64; 4], &Vec<(usize, f64)>)| {
        let mut vertex = Vertex { at: [0.0; 3], by: [[0.0; 3]; 20] };
        for (bone, weight) in weights {
            let Bone { finger, transform, by, angles } = &bones[*bone];
            let p = times(transform, x);
            (0..3).for_each(|i| vertex.at[i] += weight * p[i]);
            for k in 0..*angles {
                let p = times(&by[k], x);
                (0..3).for_each(|i| vertex.by[4 * finger + k][i] += weight * p[i]);
            }
        }
        if input.is_mirrored {
            vertex.at[0] = -vertex.at[0];
            vertex.by.iter_mut().for_each(|by| by[0] = -by[0]);
        }
        vertex
    };
    let vertices: Vec<Vertex> = input.at_rest.iter().zip(&input.weights).map(vertex).collect();
    let (turned, turned_by) = rotation([input.pose[0], input.pose[1], input.pose[2]]);
    let rotated = |by: &[[f64; 3]; 3], p: &[f64; 3]| -> [f64; 3] {
        std::array::from_fn(|i| by[i][0] * p[0] + by[i][1] * p[1] + by[i][2] * p[2])
    };
    let mut rows = vec![[0.0; COLUMNS]; 3 * triangles.len()];
    for ((rows, corners), [u, v]) in rows.chunks_exact_mut(3).zip(triangles).zip(us) {
        let [a, b, c] = corners.map(|corner| &vertices[corner]);
        let weighted = |a: f64, b: f64, c: f64| u * a + v * b + (1.0 - u - v) * c;
        let at = std::array::from_fn(|i| weighted(a.at[i], b.at[i], c.at[i]));
        let mut column = |k: usize, by: [f64; 3]| (0..3).for_each(|i| rows[i][k] = -by[i]);
        column(0, rotated(&turned, &std::array::from_fn(|i| a.at[i] - c.at[i])));
        column(1, rotated(&turned, &std::array::from_fn(|i| b.at[i] - c.at[i])));
        for k in 0..3 {
            column(2 + k, rotated(&turned_by[k], &at));
            column(5 + k, std::array::from_fn(|i| if i == k { 1.0 } else { 0.0 }));
        }
        for k in 0..20 {
            let by = std::array::from_fn(|i| weighted(a.by[k][i], b.by[k][i], c.by[k][i]));
            column(8 + k, rotated(&turned, &by));
        }
    }
    rows
}
