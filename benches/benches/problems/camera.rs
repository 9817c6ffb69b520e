//! The Jacobian of bundle adjustment: the error of a point's image in a camera with radial distortion, 2 numbers with
//! respect to 15 (11 of the camera, 3 of the point, 1 weight), for 64 observations one after the other.

use std::rc::Rc;

use grad::grad;
use nalgebra::SVector;
use num_dual::{DualNum, DualSVec64};

use super::{Kind, Problem, Variant};
use grad_benches::data::Source;

const OBSERVATIONS: usize = 64;

/// Rotates `x` about the axis `r` by the angle `|r|`.
#[grad]
fn rotated(r: [f64; 3], x: [f64; 3]) -> [f64; 3] {
    let theta2 = r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
    if theta2 == 0.0 {
        return [
            x[0] + r[1] * x[2] - r[2] * x[1],
            x[1] + r[2] * x[0] - r[0] * x[2],
            x[2] + r[0] * x[1] - r[1] * x[0],
        ];
    }
    let theta = theta2.sqrt();
    let (s, c) = theta.sin_cos();
    let (kx, ky, kz) = (r[0] / theta, r[1] / theta, r[2] / theta);
    let along = (kx * x[0] + ky * x[1] + kz * x[2]) * (1.0 - c);
    [
        x[0] * c + (ky * x[2] - kz * x[1]) * s + kx * along,
        x[1] * c + (kz * x[0] - kx * x[2]) * s + ky * along,
        x[2] * c + (kx * x[1] - ky * x[0]) * s + kz * along,
    ]
}

/// `camera`: rotation, centre, focal length, principal point, two coefficients of distortion.
#[grad(wrt(camera, point, weight))]
fn reprojection(camera: &[f64; 11], point: &[f64; 3], weight: f64, seen: [f64; 2]) -> [f64; 2] {
    let x = [point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]];
    let p = rotated([camera[0], camera[1], camera[2]], x);
    let (u, v) = (p[0] / p[2], p[1] / p[2]);
    let r2 = u * u + v * v;
    let scale = camera[6] * (1.0 + r2 * (camera[9] + r2 * camera[10]));
    [weight * (scale * u + camera[7] - seen[0]), weight * (scale * v + camera[8] - seen[1])]
}

type Blocks = ([[f64; 11]; 2], [[f64; 3]; 2], [f64; 2]);

/// One forward sweep, and one reverse sweep a row in which the zeros of the other row are left out.
fn by_hand(camera: &[f64; 11], point: &[f64; 3], weight: f64, seen: [f64; 2]) -> ([f64; 2], Blocks) {
    let [r0, r1, r2, c0, c1, c2, focal, x0, y0, k1, k2] = *camera;
    let (dx, dy, dz) = (point[0] - c0, point[1] - c1, point[2] - c2);
    let theta2 = r0 * r0 + r1 * r1 + r2 * r2;
    let (px, py, pz);
    let (mut kx, mut ky, mut kz, mut inverse, mut s, mut c, mut along, mut q) =
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    let is_turned = theta2 != 0.0;
    let (mut nx, mut ny, mut nz) = (r1 * dz - r2 * dy, r2 * dx - r0 * dz, r0 * dy - r1 * dx);
    if is_turned {
        let theta = theta2.sqrt();
        (s, c) = theta.sin_cos();
        inverse = 1.0 / theta;
        (kx, ky, kz) = (r0 * inverse, r1 * inverse, r2 * inverse);
        (nx, ny, nz) = (nx * inverse, ny * inverse, nz * inverse);
        q = kx * dx + ky * dy + kz * dz;
        along = q * (1.0 - c);
        (px, py, pz) =
            (dx * c + nx * s + kx * along, dy * c + ny * s + ky * along, dz * c + nz * s + kz * along);
    } else {
        (px, py, pz) = (dx + nx, dy + ny, dz + nz);
    }
    let by_z = 1.0 / pz;
    let (u, v) = (px * by_z, py * by_z);
    let rr = u * u + v * v;
    let distortion = 1.0 + rr * (k1 + rr * k2);
    let scale = focal * distortion;
    let (e0, e1) = (scale * u + x0 - seen[0], scale * v + y0 - seen[1]);
    let mut blocks: Blocks = ([[0.0; 11]; 2], [[0.0; 3]; 2], [e0, e1]);
    let slope = focal * (k1 + 2.0 * rr * k2);
    for (row, at) in [u, v].into_iter().enumerate() {
        let scale_bar = weight * at;
        let distortion_bar = scale_bar * focal;
        let rr_bar = 2.0 * scale_bar * slope;
        let (mut u_bar, mut v_bar) = (u * rr_bar, v * rr_bar);
        if row == 0 {
            u_bar += weight * scale;
        } else {
            v_bar += weight * scale;
        }
        let (ax, ay) = (u_bar * by_z, v_bar * by_z);
        let az = -(u * ax + v * ay);
        let (rotation, moved);
        if is_turned {
            let ka = kx * ax + ky * ay + kz * az;
            let w = (1.0 - c) * ka;
            moved = [
                c * ax + s * (ay * kz - az * ky) + kx * w,
                c * ay + s * (az * kx - ax * kz) + ky * w,
                c * az + s * (ax * ky - ay * kx) + kz * w,
            ];
            let kb = [
                s * (dy * az - dz * ay) + along * ax + dx * w,
                s * (dz * ax - dx * az) + along * ay + dy * w,
                s * (dx * ay - dy * ax) + along * az + dz * w,
            ];
            let c_bar = ax * dx + ay * dy + az * dz - q * ka;
            let s_bar = ax * nx + ay * ny + az * nz;
            let theta_bar = c * s_bar - s * c_bar - (kb[0] * kx + kb[1] * ky + kb[2] * kz) * inverse;
            rotation = [
                kb[0] * inverse + kx * theta_bar,
                kb[1] * inverse + ky * theta_bar,
                kb[2] * inverse + kz * theta_bar,
            ];
        } else {
            rotation = [dy * az - dz * ay, dz * ax - dx * az, dx * ay - dy * ax];
            moved = [ax + az * r1 - ay * r2, ay + ax * r2 - az * r0, az + ay * r0 - ax * r1];
        }
        let k1_bar = distortion_bar * rr;
        let principal = if row == 0 { [weight, 0.0] } else { [0.0, weight] };
        blocks.0[row] = [
            rotation[0],
            rotation[1],
            rotation[2],
            -moved[0],
            -moved[1],
            -moved[2],
            scale_bar * distortion,
            principal[0],
            principal[1],
            k1_bar,
            k1_bar * rr,
        ];
        blocks.1[row] = moved;
    }
    ([weight * e0, weight * e1], blocks)
}

struct Observation {
    camera: [f64; 11],
    point: [f64; 3],
    weight: f64,
    seen: [f64; 2],
}

/// The same over any number type: its parameters in a row.
fn generic<T: DualNum<Primitive = f64> + Copy>(x: &[T; 15], seen: [f64; 2]) -> [T; 2] {
    let theta2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
    let theta = theta2.sqrt();
    let (s, c) = (theta.sin(), theta.cos());
    let k = [x[0] / theta, x[1] / theta, x[2] / theta];
    let d = [x[11] - x[3], x[12] - x[4], x[13] - x[5]];
    let along = (k[0] * d[0] + k[1] * d[1] + k[2] * d[2]) * (-c + 1.0);
    let px = d[0] * c + (k[1] * d[2] - k[2] * d[1]) * s + k[0] * along;
    let py = d[1] * c + (k[2] * d[0] - k[0] * d[2]) * s + k[1] * along;
    let pz = d[2] * c + (k[0] * d[1] - k[1] * d[0]) * s + k[2] * along;
    let (u, v) = (px / pz, py / pz);
    let r2 = u * u + v * v;
    let scale = x[6] * (r2 * (x[9] + r2 * x[10]) + 1.0);
    [x[14] * (scale * u + x[7] + -seen[0]), x[14] * (scale * v + x[8] + -seen[1])]
}

/// Values and blocks of all observations.
type Buffers = Vec<([f64; 2], Blocks)>;

fn flatten(all: &Buffers) -> Vec<f64> {
    all.iter()
        .flat_map(|(_, (camera, point, weight))| {
            (0..2).flat_map(|row| camera[row].iter().chain(&point[row]).chain([&weight[row]]).copied())
        })
        .collect()
}

fn variant(
    name: &'static str,
    kind: Kind,
    observations: &Rc<Vec<Observation>>,
    evaluate: impl Fn(&Observation) -> ([f64; 2], Blocks) + 'static,
) -> Variant {
    let observations = Rc::clone(observations);
    let buffers: Buffers = vec![([0.0; 2], ([[0.0; 11]; 2], [[0.0; 3]; 2], [0.0; 2])); OBSERVATIONS];
    Variant::new(
        name,
        kind,
        buffers,
        move |buffers| {
            let mut sum = 0.0;
            for (buffer, observation) in buffers.iter_mut().zip(observations.iter()) {
                *buffer = evaluate(observation);
                sum += buffer.0[0] + buffer.0[1];
            }
            sum
        },
        flatten,
    )
}

pub(super) fn problem() -> Problem {
    let mut source = Source::new(11);
    let observations: Rc<Vec<Observation>> = Rc::new(
        (0..OBSERVATIONS)
            .map(|_| {
                let mut camera: [f64; 11] = source.array(-0.3, 0.3);
                camera[6] = source.uniform(300.0, 500.0);
                let point = [source.uniform(-1.0, 1.0), source.uniform(-1.0, 1.0), source.uniform(4.0, 6.0)];
                Observation {
                    camera,
                    point,
                    weight: source.uniform(0.5, 1.5),
                    seen: source.array(-100.0, 100.0),
                }
            })
            .collect(),
    );
    let for_primal = Rc::clone(&observations);
    let variants = vec![
        Variant::primal(move || {
            let image = |o: &Observation| reprojection(&o.camera, &o.point, o.weight, o.seen);
            for_primal.iter().map(image).map(|[x, y]| x + y).fold(0.0, |sum, x| sum + x)
        }),
        variant("grad", Kind::Generated, &observations, |o| {
            reprojection::value_and_jacobian(&o.camera, &o.point, o.weight, o.seen)
        }),
        variant("hand", Kind::Hand, &observations, |o| by_hand(&o.camera, &o.point, o.weight, o.seen)),
        variant("num-dual", Kind::Forward, &observations, |o| {
            let x: [f64; 15] = std::array::from_fn(|i| match i {
                0..11 => o.camera[i],
                11..14 => o.point[i - 11],
                _ => o.weight,
            });
            let f = |x: SVector<DualSVec64<15>, 15>| SVector::from(generic(&x.into(), o.seen));
            let (value, by) = num_dual::jacobian(f, &SVector::from(x));
            let mut blocks: Blocks = ([[0.0; 11]; 2], [[0.0; 3]; 2], [0.0; 2]);
            for row in 0..2 {
                for (column, to) in
                    blocks.0[row].iter_mut().chain(&mut blocks.1[row]).chain([&mut blocks.2[row]]).enumerate()
                {
                    *to = by[(row, column)];
                }
            }
            (value.into(), blocks)
        }),
    ];
    Problem { name: "camera_2x15", variants }
}
