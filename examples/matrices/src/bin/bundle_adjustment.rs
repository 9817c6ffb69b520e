//! Bundle adjustment: where cameras stood, how they were turned, and where points are, of what the cameras saw of these.
//!
//! It shows isometries and vectors of nalgebra in a struct of one's own, residuals that are a plain function of it, and
//! Levenberg–Marquardt, with the struct as its point. A step is one of coordinates without constraints: the rotation of a camera is the vector
//! along its axis, as long as its angle.
//!
//! `cargo run --release -p matrix_examples --features nalgebra --bin bundle_adjustment -- --help`

use std::error::Error;
use std::process::ExitCode;

use grad::descent::{LevenbergMarquardt, Random, Report};
use grad::{Differentiable, grad};
use lexopt::prelude::*;
use nalgebra::{DVector, Isometry3, Point3, Vector2, Vector3, Vector6};

const HELP: &str = "\
Finds a synthetic scene, its cameras and its points, from what the cameras saw, with noise.

Usage: cargo run --release -p matrix_examples --features nalgebra --bin bundle_adjustment -- [OPTIONS]

Options:
  --cameras N   so many cameras [default: 5]
  --points N    so many points [default: 30]
  --noise X     the noise of each coordinate of what is seen, in pixels [default: 0.5]
  --seed N      for the scene and the noise [default: 1]
  -h, --help    print this";

/// The focal length of all cameras, in pixels.
const FOCAL: f64 = 800.0;

/// All that is looked for. The first camera is where one begins to count.
#[derive(Clone, Debug, Differentiable)]
struct Scene {
    /// Of each other camera its rotation, and its translation behind that.
    cameras: Vec<Vector6<f64>>,
    points: Vec<Vector3<f64>>,
}

/// A camera saw a point here.
struct Sight {
    camera: usize,
    point: usize,
    at: Vector2<f64>,
}

/// Where a camera sees a point.
#[grad]
fn seen(camera: &Vector6<f64>, point: &Vector3<f64>) -> Vector2<f64> {
    let turn: Vector3<f64> = camera.fixed_rows::<3>(0).into();
    let shift: Vector3<f64> = camera.fixed_rows::<3>(3).into();
    let p = Isometry3::new(shift, turn) * Point3::from(*point);
    Vector2::new(p.x, p.y) * (FOCAL / p.z)
}

/// How far each sight is from where it should be, in pixels.
#[grad(wrt(scene))]
fn misfits(scene: &Scene, sights: &[Sight]) -> DVector<f64> {
    let mut r = DVector::zeros(2 * sights.len());
    for (k, sight) in sights.iter().enumerate() {
        let p = scene.points[sight.point];
        let at = if sight.camera == 0 {
            Vector2::new(p.x, p.y) * (FOCAL / p.z)
        } else {
            seen(&scene.cameras[sight.camera - 1], &p)
        };
        r[2 * k] = at.x - sight.at.x;
        r[2 * k + 1] = at.y - sight.at.y;
    }
    r
}

struct Options {
    cameras: usize,
    points: usize,
    noise: f64,
    seed: u64,
}

impl Options {
    /// `None` where help is asked for.
    fn parse(mut args: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
        let mut options = Options { cameras: 5, points: 30, noise: 0.5, seed: 1 };
        while let Some(arg) = args.next()? {
            match arg {
                Long("cameras") => options.cameras = args.value()?.parse_with(|text| at_least(text, 2))?,
                Long("points") => options.points = args.value()?.parse_with(|text| at_least(text, 8))?,
                Long("noise") => options.noise = args.value()?.parse()?,
                Long("seed") => options.seed = args.value()?.parse()?,
                Long("help") | Short('h') => return Ok(None),
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn at_least(text: &str, least: usize) -> Result<usize, String> {
    let number = text.parse::<usize>().ok().filter(|&x| x >= least);
    number.ok_or_else(|| format!("a number of at least {least} is wanted"))
}

/// Numbers around 0, up to so far.
fn somewhere(random: &mut Random, far: f64) -> f64 {
    far * (2.0 * (random.next_u64() as f64 / u64::MAX as f64) - 1.0)
}

/// A scene: points in a box before the first camera, the others to its sides.
fn scene(options: &Options, random: &mut Random) -> Scene {
    let mut around = |far: f64| Vector3::from_fn(|_, _| somewhere(random, far));
    let points = (0..options.points).map(|_| around(1.0) + Vector3::new(0.0, 0.0, 5.0)).collect();
    let cameras = (1..options.cameras).map(|k| {
        let side = if k % 2 == 0 { 0.3 } else { -0.3 } * k as f64;
        let (turn, shift) = (around(0.1), around(0.1));
        Vector6::new(turn.x, turn.y - 0.1 * side, turn.z, shift.x + side, shift.y, shift.z)
    });
    Scene { cameras: cameras.collect(), points }
}

/// The root of the mean of the squares, in pixels.
fn error(scene: &Scene, sights: &[Sight]) -> f64 {
    let r = misfits(scene, sights);
    (r.norm_squared() / r.len() as f64).sqrt()
}

struct Found {
    before: f64,
    after: f64,
    report: Report<f64, Scene>,
}

fn adjust(options: &Options) -> Result<Found, Box<dyn Error>> {
    let mut random = Random::new(options.seed);
    let truth = scene(options, &mut random);
    let nothing =
        || (0..options.cameras).flat_map(|camera| (0..options.points).map(move |point| (camera, point)));
    let mut sights: Vec<Sight> =
        nothing().map(|(camera, point)| Sight { camera, point, at: Vector2::zeros() }).collect();
    let exact = misfits(&truth, &sights);
    for (k, sight) in sights.iter_mut().enumerate() {
        let noise = Vector2::from_fn(|_, _| somewhere(&mut random, options.noise * 3.0_f64.sqrt()));
        sight.at = Vector2::new(exact[2 * k], exact[2 * k + 1]) + noise;
    }
    // From what one might have guessed.
    let mut start = truth;
    start.cameras.iter_mut().flatten().for_each(|x| *x += somewhere(&mut random, 0.05));
    start.points.iter_mut().flatten().for_each(|x| *x += somewhere(&mut random, 0.2));
    let before = error(&start, &sights);
    let fit = LevenbergMarquardt::default().fit(&mut misfits::residuals(&sights), start)?;
    Ok(Found { before, after: error(&fit.report.x, &sights), report: fit.report })
}

fn run() -> Result<String, Box<dyn Error>> {
    let Some(options) = Options::parse(lexopt::Parser::from_env()).map_err(matrix_examples::usage)? else {
        return Ok(HELP.to_owned());
    };
    let found = adjust(&options)?;
    let scene = &found.report.x;
    let counts = format!(
        "{} cameras, {} points, {} residuals of {} variables",
        options.cameras,
        options.points,
        2 * options.cameras * options.points,
        6 * scene.cameras.len() + 3 * scene.points.len(),
    );
    Ok(format!(
        "{counts}\n{}\n\nerror per coordinate: {:.2} pixels before, {:.3} after, noise {}",
        found.report, found.before, found.after, options.noise
    ))
}

fn main() -> ExitCode {
    matrix_examples::finish(run())
}

#[test]
fn what_is_left_is_noise() {
    let options = Options { cameras: 3, points: 12, noise: 0.5, seed: 3 };
    let found = adjust(&options).expect("residuals that are finite");
    assert!(found.before > 10.0 && found.after < options.noise, "{} {}", found.before, found.after);
    assert!(found.report.termination.converged(), "{}", found.report);
}

#[test]
fn options_that_do_not_exist_are_refused() {
    for args in [&["--no-such-option"][..], &["--points", "3"], &["rest"]] {
        assert!(Options::parse(lexopt::Parser::from_args(args)).is_err(), "{args:?}");
    }
    assert!(matches!(Options::parse(lexopt::Parser::from_args(["--help"])), Ok(None)));
}
