//! The calibration of a camera: a lens, generic over its floats, and poses of a board, found together from photographs of the
//! board's corners. Levenberg–Marquardt from residuals, whose point is a struct and a `Vec` of structs.

#[path = "pages/only_help.rs"]
mod only_help;

use grad::descent::{LevenbergMarquardt, Random};
use grad::{Differentiable, Real, grad};
use std::error::Error;

/// A lens: the focal length in pixels, the centre of the picture, and how far off rays are that come in at an angle.
#[derive(Clone, Debug, Differentiable)]
struct Camera<T> {
    focal: T,
    centre: [T; 2],
    distortion: [T; 2],
}

/// Where the board is: turned about an axis by the length of this vector, then moved.
#[derive(Clone, Debug, Differentiable)]
struct Pose<T> {
    turn: [T; 3],
    shift: [T; 3],
}

#[grad(wrt(self, point))]
impl<T: Real> Camera<T> {
    /// From the frame of the camera to pixels.
    fn project(&self, point: [T; 3]) -> [T; 2] {
        let (x, y) = (point[0] / point[2], point[1] / point[2]);
        let r2 = x * x + y * y;
        let scale = self.focal * (T::one() + r2 * (self.distortion[0] + r2 * self.distortion[1]));
        [self.centre[0] + scale * x, self.centre[1] + scale * y]
    }
}

#[grad(wrt(self))]
impl<T: Real> Pose<T> {
    /// From the board to the frame of the camera, by the formula of Rodrigues.
    fn apply(&self, corner: [T; 2]) -> [T; 3] {
        let [a, b, c] = self.turn;
        let angle2 = a * a + b * b + c * c;
        // Nothing is divided by where the board is not turned.
        let (sinc, versine) = if angle2 < T::from_f64(1e-12) {
            (T::one(), T::from_f64(0.5))
        } else {
            let angle = angle2.sqrt();
            (angle.sin() / angle, (T::one() - angle.cos()) / angle2)
        };
        let [x, y] = corner;
        let along = versine * (a * x + b * y);
        let cos = T::one() - versine * angle2;
        [
            cos * x - sinc * c * y + along * a + self.shift[0],
            cos * y + sinc * c * x + along * b + self.shift[1],
            sinc * (a * y - b * x) + along * c + self.shift[2],
        ]
    }
}

/// How far each corner of each photograph is from where it was seen, in pixels.
#[grad(wrt(camera, poses))]
fn errors<T: Real>(camera: &Camera<T>, poses: &[Pose<T>], board: &[[T; 2]], seen: &[Vec<[T; 2]>]) -> Vec<T> {
    let mut errors = Vec::with_capacity(2 * poses.len() * board.len());
    for (pose, seen) in poses.iter().zip(seen) {
        for (corner, seen) in board.iter().zip(seen) {
            let at = camera.project(pose.apply(*corner));
            errors.push(at[0] - seen[0]);
            errors.push(at[1] - seen[1]);
        }
    }
    errors
}

/// The corners of a board, in metres.
fn board() -> Vec<[f64; 2]> {
    (0..48).map(|k| [0.04 * f64::from(k % 8) - 0.14, 0.04 * f64::from(k / 8) - 0.10]).collect()
}

/// Where a photograph shows the corners.
type Pixels = Vec<[f64; 2]>;

/// The true camera, where the board was, and where its corners are seen: a tenth of a pixel off.
fn photographs(board: &[[f64; 2]]) -> (Camera<f64>, Vec<Pose<f64>>, Vec<Pixels>) {
    let camera = Camera { focal: 812.0, centre: [331.0, 236.0], distortion: [-0.21, 0.08] };
    let mut random = Random::new(7);
    let mut around = |middle: f64, by: f64| middle + by * (2.0 * random.uniform() - 1.0);
    let poses: Vec<Pose<f64>> = (0..8)
        .map(|_| Pose {
            turn: [around(0.0, 0.6), around(0.0, 0.6), around(0.0, 0.3)],
            shift: [around(0.0, 0.05), around(0.0, 0.05), around(0.5, 0.1)],
        })
        .collect();
    let seen = poses.iter().map(|pose| {
        let mut corner =
            |corner: &[f64; 2]| camera.project(pose.apply(*corner)).map(|pixel| around(pixel, 0.1));
        board.iter().map(&mut corner).collect()
    });
    let seen = seen.collect();
    (camera, poses, seen)
}

const HELP: &str = "\
The calibration of a camera from photographs of a board: the lens and where the board was, by Levenberg-Marquardt.

Usage: cargo run --release --example camera";

fn main() -> Result<(), Box<dyn Error>> {
    if only_help::only_help(HELP)? {
        return Ok(());
    }
    let board = board();
    let (truth, poses, seen) = photographs(&board);
    // What a data sheet says, and the board held straight in front of the camera.
    let camera = Camera { focal: 700.0, centre: [320.0, 240.0], distortion: [0.0, 0.0] };
    let straight = Pose { turn: [0.0; 3], shift: [0.0, 0.0, 0.5] };
    let start = (camera, vec![straight; poses.len()]);
    println!("{} numbers, {} residuals", start.dim(), 2 * board.len() * poses.len());

    let report = LevenbergMarquardt::default().minimize(&mut errors::residuals(&board, &seen), start)?;
    let (found, _) = &report.x;
    println!("\n{report}\n\nfound {found:?}\ntruth {truth:?}");
    let rms = (2.0 * report.value / (board.len() * poses.len()) as f64).sqrt();
    println!("a corner is {rms:.3} pixels off, in the mean");
    assert!(rms < 0.1 && (found.focal - truth.focal).abs() < 2.0, "the camera has not been found");
    Ok(())
}
