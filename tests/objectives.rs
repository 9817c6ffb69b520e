//! Objectives and residuals over several parameters, structs, and parameters of any shape.

use grad::descent::{
    Adam, DescentError, Dogleg, GaussNewton, GradientDescent, Lbfgs, LevenbergMarquardt, NewtonCg,
};
use grad::{Differentiable, HessianProduct, Objective, Residuals, check_gradient, grad};

#[path = "objectives/in_place.rs"]
mod in_place;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer {
    weights: Vec<Vec<f64>>,
    biases: Vec<f64>,
    name: String,
}

#[grad(second, wrt(self, x))]
impl Layer {
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let rows = self.weights.iter().zip(&self.biases);
        rows.map(|(row, bias)| (row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + bias).tanh()).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Network {
    layers: Vec<Layer>,
    scale: f64,
}

#[grad(second, wrt(self))]
impl Network {
    fn predict(&self, x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        for layer in &self.layers {
            a = layer.forward(&a);
        }
        self.scale * a[0]
    }

    fn loss(&self, xs: &[[f64; 2]], ys: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (x, y) in xs.iter().zip(ys) {
            let r = self.predict(x) - y;
            sum += r * r;
        }
        sum
    }

    fn errors(&self, xs: &[[f64; 2]], ys: &[f64]) -> Vec<f64> {
        let mut r = Vec::new();
        for (x, y) in xs.iter().zip(ys) {
            r.push(self.predict(x) - y);
        }
        r
    }
}

const XS: [[f64; 2]; 5] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.5, 0.2]];
const YS: [f64; 5] = [0.1, 0.9, 0.8, -0.1, 0.4];

fn network() -> Network {
    let layer = |inputs: usize, outputs: usize| Layer {
        weights: (0..outputs)
            .map(|row| (0..inputs).map(|k| ((7 * row + 3 * k + inputs) as f64).sin()).collect())
            .collect(),
        biases: (0..outputs).map(|row| 0.1 * row as f64).collect(),
        name: format!("{inputs} to {outputs}"),
    };
    Network { layers: vec![layer(2, 3), layer(3, 1)], scale: 1.5 }
}

#[test]
fn a_struct_is_the_point_of_every_method() {
    let start = network();
    let mut objective = Network::loss_objective(&XS, &YS);
    let reports = [
        Lbfgs::default().max_iterations(1000).minimize(&mut objective, start.clone()).unwrap(),
        Adam::new(0.03).max_iterations(20_000).minimize(&mut objective, start.clone()).unwrap(),
        GradientDescent::new(0.05)
            .momentum(0.9)
            .max_iterations(20_000)
            .minimize(&mut objective, start.clone())
            .unwrap(),
    ];
    for report in reports {
        assert!(report.value < 1e-6, "{report}");
        assert_eq!(report.value, report.x.loss(&XS, &YS));
        assert_eq!(report.x.layers[1].name, "3 to 1");
    }
    let report = NewtonCg::default().minimize(&mut objective, start.clone()).unwrap();
    assert!(report.value < 0.1 * start.loss(&XS, &YS) && report.hessian_products > 0, "{report}");
}

#[test]
fn a_flat_start_walks_through_the_same_points() {
    let start = network();
    let mut objective = Network::loss_objective(&XS, &YS).shaped_like(&start);
    let in_shape = Lbfgs::default().minimize(&mut objective, start.clone()).unwrap();
    let flat = Lbfgs::default().minimize(&mut objective, start.flatten()).unwrap();
    assert_eq!(in_shape.x.flatten::<f64>(), flat.x);
    assert_eq!(objective.unflatten(&flat.x), in_shape.x);
    assert_eq!(in_shape.evaluations, flat.evaluations);
    // An ascent of −f is the same descent.
    let mut negative = grad::from_fn_of(|network: &Network| {
        let (value, mut gradient) = network.loss_value_and_grad(&XS, &YS);
        let mut flat = gradient.flatten();
        flat.iter_mut().for_each(|g: &mut f64| *g = -*g);
        gradient.unflatten_from(&flat);
        (-value, gradient)
    });
    let up = Lbfgs::default().maximize(&mut negative, start).unwrap();
    assert_eq!(up.x, in_shape.x);
}

#[test]
fn gradients_and_products_over_a_struct_agree_with_differences() {
    let start = network();
    let x: Vec<f64> = start.flatten();
    let mut objective = Network::loss_objective(&XS, &YS).shaped_like(&start);
    let check = check_gradient(&mut objective, &x, 1e-6);
    assert!(check.agrees(), "{check}");
    let v: Vec<f64> = (0..x.len()).map(|k| (k as f64).cos()).collect();
    let gradient = |objective: &mut dyn Objective<Scalar = f64>, h: f64| {
        let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + h * v).collect();
        let mut gradient = vec![0.0; x.len()];
        objective.value_and_grad_into(&moved, &mut gradient);
        gradient
    };
    let (low, high) = (gradient(&mut objective, -1e-5), gradient(&mut objective, 1e-5));
    let mut product = vec![0.0; x.len()];
    objective.hessian_product_into(&x, &v, &mut product);
    for k in 0..x.len() {
        assert!((product[k] - (high[k] - low[k]) / 2e-5).abs() < 1e-7, "{k}: {}", product[k]);
    }
}

/// Every form that a parameter has.
#[allow(
    clippy::too_many_arguments,
    clippy::trivially_copy_pass_by_ref,
    clippy::ptr_arg,
    clippy::needless_pass_by_value
)]
#[grad(second)]
fn all_forms(
    a: f64,
    b: &f64,
    c: [f64; 2],
    d: &[f64; 2],
    e: &[f64],
    f: &Vec<f64>,
    g: Vec<f64>,
    n: usize,
) -> f64 {
    let mut sum = (a - 1.0).powi(2) + (b - a).powi(2) + (c[0] * c[1] - 2.0).powi(2) + (c[0] - 1.0).powi(2);
    sum += (d[0] - b).powi(2) + (d[1] - n as f64).powi(2);
    for ((e, f), g) in e.iter().zip(f).zip(&g) {
        sum += (e - f).powi(2) + (f - g).powi(2) + (g - a).powi(2);
    }
    sum
}

#[grad(wrt(b, a))]
fn swapped(a: &[[f64; 2]], b: (f64, f64)) -> f64 {
    let mut sum = (b.0 - 4.0).powi(2) + (b.1 - b.0).powi(2);
    for row in a {
        sum += (row[0] - b.0).powi(2) + (row[1] - row[0] * b.1).powi(2);
    }
    sum
}

#[test]
fn several_parameters_are_a_tuple_in_their_order() {
    type Point = (f64, f64, [f64; 2], [f64; 2], Vec<f64>, Vec<f64>, Vec<f64>);
    let start: Point = (0.0, 0.5, [1.5; 2], [0.0; 2], vec![0.0; 2], vec![1.0; 2], vec![2.0; 2]);
    let mut objective = all_forms::objective(3).shaped_like(&start);
    let check = check_gradient(&mut objective, &start.flatten::<f64>(), 1e-6);
    assert!(check.agrees(), "{check}");
    for report in [
        Lbfgs::default().gradient_tolerance(1e-9).minimize(&mut objective, start.clone()).unwrap(),
        NewtonCg::default().gradient_tolerance(1e-9).minimize(&mut objective, start.clone()).unwrap(),
    ] {
        assert!(report.termination.converged(), "{report}");
        let (a, b, c, d, e, f, g) = report.x;
        let wanted: Point = (1.0, 1.0, [1.0, 2.0], [1.0, 3.0], vec![1.0; 2], vec![1.0; 2], vec![1.0; 2]);
        let error: f64 = (a, b, c, d, e, f, g)
            .flatten::<f64>()
            .iter()
            .zip(wanted.flatten::<f64>())
            .map(|(x, wanted)| (x - wanted).abs())
            .fold(0.0, f64::max);
        assert!(error < 1e-6, "{error}");
    }
    // In the order of `wrt`, not of the parameters.
    let report =
        Lbfgs::default().minimize(&mut swapped::objective(), ((0.0, 1.0), vec![[0.0; 2]; 2])).unwrap();
    let ((b0, b1), a) = report.x;
    assert!(
        (b0 - 4.0).abs() < 1e-4 && (b1 - 4.0).abs() < 1e-4 && (a[1][1] - 16.0).abs() < 1e-3,
        "{b0} {b1} {a:?}"
    );
}

#[grad]
fn single(x: f32, y: &[f32]) -> f32 {
    let mut sum = (x - 2.0) * (x - 2.0);
    for y in y {
        sum += (y - x) * (y - x);
    }
    sum
}

#[test]
fn f32_stays_f32() {
    let report = Lbfgs::default().minimize(&mut single::objective(), (0.0, vec![1.0; 2])).unwrap();
    let (x, y): (f32, Vec<f32>) = report.x;
    assert!((x - 2.0).abs() < 1e-3 && (y[1] - 2.0).abs() < 1e-3);
}

struct Data {
    xs: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Line {
    slope: f64,
    offset: f64,
}

#[grad(wrt(line, bend))]
impl Data {
    /// By value, beside a number, with data in `self`, and able to fail.
    fn misfit(&self, line: Line, bend: f64) -> Result<f64, String> {
        if line.slope > 50.0 {
            return Err(format!("too steep: {}", line.slope));
        }
        let mut sum = 0.0;
        for x in &self.xs {
            let r = line.slope * x + line.offset + bend * x * x - (1.0 + 2.0 * x + 3.0 * x * x);
            sum += r * r;
        }
        Ok(sum)
    }

    fn misfits(&self, line: Line, bend: f64) -> Result<Vec<f64>, String> {
        if line.slope > 50.0 {
            return Err(format!("too steep: {}", line.slope));
        }
        let mut r = Vec::new();
        for x in &self.xs {
            r.push(line.slope * x + line.offset + bend * x * x - (1.0 + 2.0 * x + 3.0 * x * x));
        }
        Ok(r)
    }
}

#[test]
fn a_method_whose_self_is_data_has_it_as_a_constant() {
    let data = Data { xs: vec![-1.0, 0.0, 0.5, 1.0, 2.0] };
    let start = (Line { slope: 0.0, offset: 0.0 }, 0.0);
    let report = Lbfgs::default().minimize(&mut data.misfit_objective(), start).unwrap();
    let (line, bend) = report.x;
    assert!((line.slope - 2.0).abs() < 1e-4 && (line.offset - 1.0).abs() < 1e-4 && (bend - 3.0).abs() < 1e-4);
    let fit = LevenbergMarquardt::default().fit(&mut data.misfits_residuals(), start).unwrap();
    let (line, bend) = fit.report.x;
    assert!((line.slope - 2.0).abs() < 1e-8 && (line.offset - 1.0).abs() < 1e-8 && (bend - 3.0).abs() < 1e-8);
    assert_eq!((fit.residuals.len(), fit.degrees_of_freedom), (5, 2));
    assert!(fit.to_string().contains("x[2] = 3.000000e0"), "{fit}");

    let steep = (Line { slope: 60.0, offset: 0.0 }, 0.0);
    for error in [
        Lbfgs::default().minimize(&mut data.misfit_objective(), steep).unwrap_err(),
        LevenbergMarquardt::default().minimize(&mut data.misfits_residuals(), steep).unwrap_err(),
    ] {
        assert!(matches!(error, DescentError::Objective(_)), "{error}");
        assert!(error.to_string().contains("too steep: 60"), "{error}");
    }
}

#[test]
fn without_a_shape_a_flat_start_is_an_error() {
    let error = Lbfgs::default().minimize(&mut Network::loss_objective(&XS, &YS), vec![0.0; 3]).unwrap_err();
    assert!(error.to_string().contains("the shape of the parameters is not known"), "{error}");
    let error =
        Dogleg::default().minimize(&mut Network::errors_residuals(&XS, &YS), vec![0.0; 3]).unwrap_err();
    assert!(error.to_string().contains("the shape of the parameters is not known"), "{error}");
    let mut objective = Network::loss_objective(&XS, &YS).shaped_like(&network());
    let error = Lbfgs::default().minimize(&mut objective, vec![0.0; 3]).unwrap_err();
    assert_eq!(error, DescentError::WrongDimension { expected: 14, found: 3 });
}

/// Residuals of a slice, without a copy of it.
#[grad(wrt(p))]
fn decay(p: &[f64], ts: &[f64], ys: &[f64]) -> Vec<f64> {
    ts.iter().zip(ys).map(|(t, y)| p[0] * (-p[1] * t).exp() - y).collect()
}

/// Two numbers a point, and an array of them.
#[grad(wrt(center, radius))]
fn circle(center: [f64; 2], radius: f64, points: &[[f64; 2]; 4]) -> [[f64; 2]; 4] {
    let mut r = [[0.0; 2]; 4];
    for k in 0..4 {
        let (x, y) = (points[k][0] - center[0], points[k][1] - center[1]);
        let length = (x * x + y * y).sqrt();
        r[k] = [x - radius * x / length, y - radius * y / length];
    }
    r
}

/// By rows: more parameters than residuals.
#[grad(wrt(w, b))]
fn plane(w: &[f64], b: f64, x: &[f64]) -> [f64; 2] {
    let mut sum = b;
    for (w, x) in w.iter().zip(x) {
        sum += w * x;
    }
    [sum - 1.0, 0.1 * b]
}

fn differences<R: Residuals<Scalar = f64>>(residuals: &mut R, x: &[f64]) {
    residuals.start(x);
    let (m, n) = (residuals.count(), x.len());
    let mut jacobian = vec![f64::NAN; m * n];
    residuals.jacobian_into(x, &mut jacobian);
    assert!(residuals.failure().is_none());
    let h = 1e-6;
    for k in 0..n {
        let mut at = |h: f64| {
            let mut moved = x.to_vec();
            moved[k] += h;
            let mut r = vec![0.0; m];
            residuals.residuals_into(&moved, &mut r);
            r
        };
        let (low, high) = (at(-h), at(h));
        for i in 0..m {
            let difference = (high[i] - low[i]) / (2.0 * h);
            assert!(
                (difference - jacobian[i * n + k]).abs() < 1e-7,
                "{i}, {k}: {difference}, {}",
                jacobian[i * n + k]
            );
        }
    }
}

#[test]
fn jacobians_of_residuals_agree_with_differences() {
    let (ts, ys) = ([0.0, 1.0, 2.5], [2.0, 1.0, 0.4]);
    differences(&mut decay::residuals(&ts, &ys), &[1.5, 0.3]);
    let points = [[1.0, 0.2], [0.1, 2.0], [-1.3, 0.0], [0.3, -1.0]];
    differences(&mut circle::residuals(&points), &[0.1, 0.2, 1.5]);
    let x = [0.5; 9];
    let start = (vec![0.1; 9], 0.3);
    differences(&mut plane::residuals(&x).shaped_like(&start), &start.flatten::<f64>());
    let network = network();
    let mut errors = Network::errors_residuals(&XS, &YS).shaped_like(&network);
    differences(&mut errors, &network.flatten::<f64>());
    let data = Data { xs: vec![-1.0, 0.5] };
    let start = (Line { slope: 0.5, offset: 0.25 }, 2.0);
    differences(&mut data.misfits_residuals().shaped_like(&start), &start.flatten::<f64>());
}

#[test]
fn least_squares_in_one_call() {
    let (ts, ys) = ([0.0, 1.0, 2.0], [2.0, 1.0, 0.5]);
    let x: Vec<f64> =
        GaussNewton::default().minimize(&mut decay::residuals(&ts, &ys), vec![1.0, 0.1]).unwrap().x;
    assert!((x[0] - 2.0).abs() < 1e-7 && (x[1] - 2.0_f64.ln()).abs() < 1e-7, "{x:?}");
    let points = [[3.0, 1.0], [1.0, 3.0], [-1.0, 1.0], [1.0, -1.0]];
    let report =
        LevenbergMarquardt::default().minimize(&mut circle::residuals(&points), ([0.5, 0.5], 1.0)).unwrap();
    let (center, radius) = report.x;
    assert!((center[0] - 1.0).abs() < 1e-6 && (center[1] - 1.0).abs() < 1e-6 && (radius - 2.0).abs() < 1e-6);
    let mut errors = Network::errors_residuals(&XS, &YS);
    let report = LevenbergMarquardt::default().minimize(&mut errors, network()).unwrap();
    assert!(report.value < 1e-10, "{report}");
}

/// As many residuals as there are numbers above 0.
#[grad]
fn those_above(x: &[f64]) -> Vec<f64> {
    let mut r = Vec::new();
    for x in x {
        if *x > 0.0 {
            r.push(x - 5.0);
        }
    }
    r
}

#[test]
fn another_number_of_residuals_than_at_the_start_is_a_failure() {
    let mut residuals = those_above::residuals();
    residuals.start(&[1.0, 2.0]);
    let mut r = [0.0; 2];
    residuals.residuals_into(&[1.0, 2.0], &mut r);
    assert_eq!((r, residuals.failure()), ([-4.0, -3.0], None));
    residuals.residuals_into(&[1.0, -2.0], &mut r);
    assert_eq!(residuals.failure().unwrap().to_string(), "1 residuals, and 2 at the start");
}

/// The minimum is at x = (2, −1), a = 3.
#[grad(second, wrt(x, a))]
fn in_another_order(a: f64, x: &[f64]) -> f64 {
    let (p, q) = (x[0] - 2.0, x[1] + 1.0 + 0.5 * x[0] * (a - 3.0));
    p * p + 3.0 * q * q + (a - 3.0) * (a - 3.0) * (1.0 + p * p)
}

#[test]
fn products_of_an_objective_follow_the_order_of_the_gradient() {
    let start = (vec![0.5, 0.5], 1.0);
    let report = NewtonCg::default()
        .gradient_tolerance(1e-9)
        .minimize(&mut in_another_order::objective(), start)
        .unwrap();
    assert!(report.termination.converged() && report.hessian_products > 0, "{report}");
    let (x, a) = report.x;
    assert!((x[0] - 2.0).abs() + (x[1] + 1.0).abs() + (a - 3.0).abs() < 1e-8, "{x:?} {a}");
}
