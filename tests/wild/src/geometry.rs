//! Poses, rotations, rays, splines, controls.

use crate::support::{at, check, flat};
use crate::vector::Vec3;
use grad::{Differentiable, Real, grad};

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Pose2 {
    x: f64,
    y: f64,
    theta: f64,
}
#[grad(wrt(self, other))]
impl Pose2 {
    fn between(&self, other: &Pose2) -> Pose2 {
        let (s, c) = self.theta.sin_cos();
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        Pose2 { x: c * dx + s * dy, y: -s * dx + c * dy, theta: wrap(other.theta - self.theta) }
    }
}
#[grad]
fn wrap(a: f64) -> f64 {
    a - std::f64::consts::TAU * ((a + std::f64::consts::PI) / std::f64::consts::TAU).floor()
}
struct Edge {
    from: usize,
    to: usize,
    measured: Pose2,
    info: [f64; 3],
}
#[grad(wrt(poses))]
fn graph_error(poses: &[Pose2], edges: &[Edge]) -> f64 {
    edges.iter().fold(0.0, |acc, e| {
        let rel = poses[e.from].between(&poses[e.to]);
        let r = [rel.x - e.measured.x, rel.y - e.measured.y, wrap(rel.theta - e.measured.theta)];
        acc + r.iter().zip(e.info.iter()).map(|(r, w)| w * r * r).sum::<f64>()
    })
}

#[grad]
fn smoothstep<T: Real>(edge0: T, edge1: T, x: T) -> T {
    let t = ((x - edge0) / (edge1 - edge0)).max(T::zero()).min(T::one());
    t * t * (T::from_f64(3.0) - T::from_f64(2.0) * t)
}

#[grad(wrt(points))]
fn nearest(points: &[[f64; 2]], query: [f64; 2]) -> f64 {
    let mut best: Option<(usize, f64)> = None;
    for (i, p) in points.iter().enumerate() {
        let d = (p[0] - query[0]).powi(2) + (p[1] - query[1]).powi(2);
        if best.map_or(true, |(_, b)| d < b) {
            best = Some((i, d));
        }
    }
    let (i, d) = best.unwrap();
    d.sqrt() + points[i][0]
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Ray {
    origin: Vec3,
    direction: Vec3,
}
#[derive(Clone, Copy, Debug, Differentiable)]
struct Sphere {
    center: Vec3,
    radius: f64,
}
#[grad(wrt(self, ray))]
impl Sphere {
    fn hit(&self, ray: &Ray) -> Option<f64> {
        let oc = ray.origin - self.center;
        let a = ray.direction.dot(&ray.direction);
        let half_b = oc.dot(&ray.direction);
        let c = oc.dot(&oc) - self.radius * self.radius;
        let disc = half_b * half_b - a * c;
        if disc < 0.0 {
            return None;
        }
        let t = (-half_b - disc.sqrt()) / a;
        if t > 0.0 { Some(t) } else { None }
    }
}
#[grad(wrt(spheres))]
fn depth(spheres: &[Sphere], ray: &Ray) -> f64 {
    let mut nearest = None;
    for s in spheres {
        if let Some(t) = s.hit(ray) {
            if nearest.is_none() || t < nearest.unwrap() {
                nearest = Some(t);
            }
        }
    }
    nearest.unwrap_or(100.0)
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Quat {
    w: f64,
    v: [f64; 3],
}
#[grad(wrt(self, o, p))]
impl Quat {
    fn mul(self, o: Quat) -> Quat {
        let [x1, y1, z1] = self.v;
        let [x2, y2, z2] = o.v;
        Quat {
            w: self.w * o.w - x1 * x2 - y1 * y2 - z1 * z2,
            v: [
                self.w * x2 + o.w * x1 + y1 * z2 - z1 * y2,
                self.w * y2 + o.w * y1 + z1 * x2 - x1 * z2,
                self.w * z2 + o.w * z1 + x1 * y2 - y1 * x2,
            ],
        }
    }
    fn conj(self) -> Quat {
        Quat { w: self.w, v: self.v.map(|c| -c) }
    }
    fn rotate(self, p: [f64; 3]) -> [f64; 3] {
        self.mul(Quat { w: 0.0, v: p }).mul(self.conj()).v
    }
}
#[grad(wrt(q))]
fn alignment(q: &Quat, from: &[[f64; 3]], to: &[[f64; 3]]) -> f64 {
    let mut err = 0.0;
    for (a, b) in from.iter().zip(to) {
        let r = q.rotate(*a);
        for k in 0..3 {
            err += (r[k] - b[k]).powi(2);
        }
    }
    err
}

#[derive(Clone, Debug, Differentiable)]
struct Spline {
    #[grad(constant)]
    knots: Vec<f64>,
    values: Vec<f64>,
    slopes: Vec<f64>,
}
#[grad(wrt(self))]
impl Spline {
    fn eval(&self, x: f64) -> f64 {
        let knots = grad::constant(&self.knots);
        let i = match knots.binary_search_by(|k| k.partial_cmp(&x).unwrap()) {
            Ok(i) => i.min(knots.len() - 2),
            Err(i) => i.saturating_sub(1).min(knots.len() - 2),
        };
        let h = knots[i + 1] - knots[i];
        let t = (x - knots[i]) / h;
        let (t2, t3) = (t * t, t * t * t);
        (2.0 * t3 - 3.0 * t2 + 1.0) * self.values[i]
            + (t3 - 2.0 * t2 + t) * h * self.slopes[i]
            + (-2.0 * t3 + 3.0 * t2) * self.values[i + 1]
            + (t3 - t2) * h * self.slopes[i + 1]
    }
    fn misfit(&self, data: &[(f64, f64)]) -> f64 {
        data.iter().map(|&(x, y)| (self.eval(x) - y).powi(2)).sum()
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Residuals {
    position: [f64; 2],
    heading: f64,
}
#[grad(wrt(self))]
impl Residuals {
    fn weighted(&self, w: &[f64; 3]) -> f64 {
        w[0] * self.position[0].powi(2) + w[1] * self.position[1].powi(2) + w[2] * self.heading.powi(2)
    }
}
#[derive(Clone, Debug, Differentiable)]
struct Bicycle {
    x: f64,
    y: f64,
    yaw: f64,
    v: f64,
}
#[grad(wrt(self, steer, accel, reference))]
impl Bicycle {
    fn advance(&self, steer: f64, accel: f64, dt: f64) -> Bicycle {
        Bicycle {
            x: self.x + self.v * self.yaw.cos() * dt,
            y: self.y + self.v * self.yaw.sin() * dt,
            yaw: self.yaw + self.v / 2.5 * steer.tan() * dt,
            v: self.v + accel * dt,
        }
    }
    fn residuals(&self, reference: &Bicycle) -> Residuals {
        Residuals {
            position: [self.x - reference.x, self.y - reference.y],
            heading: self.yaw - reference.yaw,
        }
    }
}
#[grad(wrt(controls))]
fn mpc_cost(start: &Bicycle, controls: &[(f64, f64)], reference: &[Bicycle]) -> f64 {
    let mut state = start.clone();
    let mut cost = 0.0;
    for (k, &(steer, accel)) in controls.iter().enumerate() {
        state = state.advance(steer, accel, 0.1);
        cost += state.residuals(&reference[k]).weighted(&[1.0, 2.0, 0.5])
            + 0.01 * (steer * steer + accel * accel);
    }
    cost
}

#[grad]
fn safe_sqrt(x: f64) -> Result<f64, String> {
    if x < 0.0 { Err(format!("{x} < 0")) } else { Ok(x.sqrt()) }
}
#[grad(wrt(xs))]
fn geometric(xs: &[f64]) -> Result<f64, String> {
    let roots = xs.iter().map(|x| safe_sqrt(*x)).collect::<Result<Vec<f64>, String>>()?;
    Ok(roots.iter().product::<f64>().powf(1.0 / roots.len() as f64))
}

struct Fir;
impl Fir {
    const TAPS: [f64; 3] = [0.25, 0.5, 0.25];
}
#[grad(wrt(x))]
impl Fir {
    fn filter(x: &[f64]) -> Vec<f64> {
        x.windows(Self::TAPS.len())
            .map(|w| w.iter().zip(Self::TAPS.iter()).map(|(a, b)| a * b).sum())
            .collect()
    }
    fn power(x: &[f64]) -> f64 {
        Self::filter(x).iter().map(|y| y * y).sum::<f64>() / x.len() as f64
    }
}

#[test]
fn geometry() {
    let poses = vec![
        Pose2 { x: 0.0, y: 0.0, theta: 0.1 },
        Pose2 { x: 1.0, y: 0.2, theta: 0.4 },
        Pose2 { x: 1.8, y: 0.9, theta: 1.0 },
    ];
    let edges = [
        Edge { from: 0, to: 1, measured: Pose2 { x: 1.1, y: 0.0, theta: 0.35 }, info: [1.0, 2.0, 3.0] },
        Edge { from: 1, to: 2, measured: Pose2 { x: 0.9, y: 0.3, theta: 0.5 }, info: [1.0, 1.0, 2.0] },
    ];
    check(
        "graph",
        |f| graph_error(&at(&poses, f), &edges),
        &flat(&graph_error::grad(&poses, &edges)),
        &flat(&poses),
    );
    let pts = [[0.3, 0.4], [1.0, -0.5], [0.9, 0.9]];
    let g = nearest::grad(&pts, [0.8, 0.7]);
    check(
        "nearest",
        |f| nearest(&[[f[0], f[1]], [f[2], f[3]], [f[4], f[5]]], [0.8, 0.7]),
        &g.concat(),
        &pts.concat(),
    );
    let spheres = vec![
        Sphere { center: Vec3::new(0.0, 0.1, 5.0), radius: 1.0 },
        Sphere { center: Vec3::new(0.2, 0.0, 3.0), radius: 0.7 },
    ];
    let ray = Ray { origin: Vec3::ZERO, direction: Vec3::new(0.02, 0.03, 1.0) };
    check("depth", |f| depth(&at(&spheres, f), &ray), &flat(&depth::grad(&spheres, &ray)), &flat(&spheres));
    let (a, b, c) = smoothstep::grad(0.1, 0.9, 0.4);
    check("smoothstep", |x| smoothstep(x[0], x[1], x[2]), &[a, b, c], &[0.1, 0.9, 0.4]);
}

#[test]
fn rotations_and_splines() {
    let q = Quat { w: 0.8, v: [0.1, -0.4, 0.3] };
    let (from, to) = ([[1.0, 0.2, 0.3], [0.0, 1.0, -0.5]], [[0.9, 0.1, 0.5], [0.3, 1.0, 0.0]]);
    check("quat", |f| alignment(&at(&q, f), &from, &to), &flat(&alignment::grad(&q, &from, &to)), &flat(&q));
    let sp =
        Spline { knots: vec![0.0, 1.0, 2.5], values: vec![0.3, 0.9, -0.2], slopes: vec![0.1, -0.3, 0.2] };
    let d = [(0.3, 0.5), (1.2, 0.7), (2.4, 0.0)];
    check("spline", |f| at(&sp, f).misfit(&d), &flat(&sp.misfit_grad(&d)), &flat(&sp));
    let start = Bicycle { x: 0.0, y: 0.0, yaw: 0.1, v: 2.0 };
    let refs =
        vec![Bicycle { x: 0.3, y: 0.1, yaw: 0.1, v: 2.0 }, Bicycle { x: 0.6, y: 0.1, yaw: 0.0, v: 2.0 }];
    let c = [(0.1, 0.2), (-0.1, 0.3)];
    check(
        "mpc",
        |f| mpc_cost(&start, &[(f[0], f[1]), (f[2], f[3])], &refs),
        &mpc_cost::grad(&start, &c, &refs).iter().flat_map(|(a, b)| [*a, *b]).collect::<Vec<_>>(),
        &[0.1, 0.2, -0.1, 0.3],
    );
    check(
        "geometric",
        |f| geometric(f).unwrap(),
        &geometric::grad(&[1.2, 3.0, 0.7]).unwrap(),
        &[1.2, 3.0, 0.7],
    );
    assert!(geometric::grad(&[1.0, -1.0]).is_err());
    check("fir", Fir::power, &Fir::power_grad(&[0.3, 0.8, -0.2, 0.5]), &[0.3, 0.8, -0.2, 0.5]);
}
