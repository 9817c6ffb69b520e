//! `grad::function!`: second derivatives and Jacobians of closures, against differences.

use super::{Line, POINTS};
use grad::descent::{Lbfgs, LevenbergMarquardt, NewtonCg};
use grad::{Differentiable, HessianProduct, Objective, Residuals, grad};

fn differences(gradient: impl Fn(&[f64]) -> Vec<f64>, at: &[f64]) -> Vec<Vec<f64>> {
    let h = 1e-5;
    let moved = |i: usize, by: f64| {
        let mut x = at.to_vec();
        x[i] += by;
        gradient(&x)
    };
    let row = |i| {
        let (up, down) = (moved(i, h), moved(i, -h));
        up.iter().zip(&down).map(|(up, down)| (up - down) / (2.0 * h)).collect()
    };
    (0..at.len()).map(row).collect()
}

#[track_caller]
fn same(found: &[Vec<f64>], wanted: &[Vec<f64>]) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6 * (1.0 + wanted.abs()), "{found} {wanted}");
        }
    }
}

#[grad(second)]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[test]
fn hessians_are_those_of_the_closure() {
    let (data, scale, names) = (vec![1.0, -2.0, 0.5], 1.5, ["a", "b"]);
    let f = grad::function!(
        #[grad(second)]
        |w: &[f64]| -> f64 {
            let mut s = 0.0;
            for (i, d) in data.iter().enumerate() {
                if i == 1 {
                    continue;
                }
                let mut t = w[i % w.len()] * d;
                t = t.sin() + t * w[0];
                s += t * scale;
            }
            if w[0] > 10.0 {
                return w[1];
            }
            s + cube(w[1]) * names.len() as f64 + w.iter().map(|w| w.exp() * scale).sum::<f64>()
        }
    );
    let at = [0.3, 0.4, -0.2];
    let hessian = f.hessian(&at);
    same(&hessian, &differences(|w| f.grad(w), &at));
    let v = [0.5, -1.0, 2.0];
    let (gradient, product) = f.hvp(&at, &v);
    assert_eq!(gradient, f.grad(&at));
    let wanted: Vec<f64> = hessian.iter().map(|row| row.iter().zip(&v).map(|(h, v)| h * v).sum()).collect();
    same(std::slice::from_ref(&product), &[wanted]);
    let mut f = f;
    let mut into = [7.0; 3];
    f.hessian_product_into(&at, &v, &mut into);
    assert_eq!(product, into);
}

#[test]
fn of_numbers_and_of_several_parameters() {
    let k = 1.5;
    let f = grad::function!(
        #[grad(second)]
        |x: f64| k * x * x * x.sin()
    );
    same(&[vec![f.hessian(0.7)]], &differences(|x| vec![f.grad(x[0])], &[0.7]));
    let f = grad::function!(
        #[grad(second)]
        |x: f64, w: [f64; 2], v: Vec<f64>, n: usize| -> f64 {
            (0..n).map(|i| k * x * w[i % 2] * v[i % v.len()].powi(3)).sum::<f64>() + x.exp() * w[1]
        }
    );
    let ((xx, xw, xv), (wx, _, wv), (vx, vw, vv)) = f.hessian(0.7, [0.2, -0.4], vec![0.3, 0.9, 1.1], 5);
    let gradient = |at: &[f64]| {
        let (x, w, v) = f.grad(at[0], [at[1], at[2]], at[3..].to_vec(), 5);
        [vec![x], w.to_vec(), v].concat()
    };
    let wanted = differences(gradient, &[0.7, 0.2, -0.4, 0.3, 0.9, 1.1]);
    same(&[[vec![xx], xw.to_vec(), xv].concat()], &wanted[..1]);
    same(&[vec![wx[0]], wv[0].clone()], &[wanted[1][..1].to_vec(), wanted[1][3..].to_vec()]);
    let rows: Vec<Vec<f64>> = (0..3).map(|i| [vec![vx[i]], vw[i].to_vec(), vv[i].clone()].concat()).collect();
    same(&rows, &wanted[3..]);
    let (_, (x, w, v)) = f.hvp(0.7, [0.2, -0.4], vec![0.3, 0.9, 1.1], 5, 1.0, [0.0; 2], vec![0.0; 3]);
    same(&[[vec![x], w.to_vec(), v].concat()], &wanted[..1]);
    let f = grad::function!(
        #[grad(second, wrt(y))]
        |x: f64, y: f64| x * y * y * k
    );
    assert_eq!((f.hessian(2.0, 3.0), f.hvp(2.0, 3.0, 0.5)), (6.0, (18.0, 3.0)));
    let one = 1.0_f32;
    assert_eq!(
        grad::function!(
            #[grad(second)]
            |x: f32| x * x * one
        )
        .hessian(3.0),
        2.0
    );
}

#[test]
fn methods_of_newtons_kind_take_it() {
    let points = POINTS;
    let mut fit = grad::function!(
        #[grad(second)]
        |w: &[f64]| points.iter().map(|p| (w[0] * p.x + w[1] - p.y).powi(2)).sum()
    );
    let best = NewtonCg::default().minimize(&mut fit, vec![0.0, 0.0]).unwrap();
    assert!((best.x[0] - 2.0).abs() < 1e-6 && (best.x[1] - 1.0).abs() < 1e-6);
    let mut fit = grad::function!(
        #[grad(second)]
        |slope: f64, offset: [f64; 1]| -> Result<f64, String> {
            if slope > 1e3 {
                return Err("steep".to_owned());
            }
            Ok(points.iter().map(|p| (slope * p.x + offset[0] - p.y).powi(2)).sum())
        }
    );
    assert_eq!(fit.hessian(0.0, [0.0]).unwrap(), ((10.0, [6.0]), ([6.0], [[6.0]])));
    assert_eq!(fit.hvp(2e3, [0.0], 1.0, [0.0]).unwrap_err(), "steep");
    assert_eq!(fit.hessian(2e3, [0.0]).unwrap_err(), "steep");
    let (slope, offset) = NewtonCg::default().minimize(&mut fit, (0.0, [0.0])).unwrap().x;
    assert!((slope - 2.0).abs() < 1e-6 && (offset[0] - 1.0).abs() < 1e-6);
    let mut product = [0.0; 2];
    fit.hessian_product_into(&[2e3, 0.0], &[1.0, 0.0], &mut product);
    assert!(product[0].is_nan());
    let start = Line { slope: 0.1, offset: 0.2 };
    let mut fit = grad::function!(
        #[grad(second)]
        |line: &Line| points.iter().map(|p| (line.slope * p.x + line.offset - p.y).powi(2)).sum()
    );
    let (_, product) = fit.hvp(&start, &Differentiable::zero_tangent(&start));
    assert_eq!((product.slope, product.offset), (0.0, 0.0));
    let best = NewtonCg::default().minimize(&mut fit, start).unwrap().x;
    assert!((best.slope - 2.0).abs() < 1e-6 && (best.offset - 1.0).abs() < 1e-6);
}

fn objective_of(xs: Vec<f64>) -> impl HessianProduct<Scalar = f64> {
    grad::function!(
        #[grad(second)]
        move |w: &[f64]| xs.iter().map(|x| (w[0] - x).powi(4)).sum()
    )
}

#[test]
fn it_is_returned() {
    let mut f = objective_of(vec![1.0, 2.0]);
    let mut product = [0.0];
    f.hessian_product_into(&[0.0], &[1.0], &mut product);
    assert_eq!((f.value(&[0.0]), product[0]), (17.0, 60.0));
}

#[test]
fn results_that_are_no_number_have_jacobians() {
    let (xs, k) = (vec![0.5, 1.0, 1.5, 2.5], 1.5);
    let f = grad::function!(|w: &[f64], b: f64| -> Vec<f64> {
        let mut out = Vec::new();
        for (i, x) in xs.iter().enumerate() {
            if i == 2 {
                continue;
            }
            let a = w[0] * x + b * w[1].sin();
            out.push(a * a * k + b * b);
        }
        out
    });
    let at = [0.3, 0.4, -0.7];
    let value = |at: &[f64]| f.call(&at[..2], at[2]);
    let columns = differences(value, &at);
    let (found, (of_w, of_b)) = f.value_and_jacobian(&at[..2], at[2]);
    assert_eq!((found, f.jacobian(&at[..2], at[2])), (value(&at), (of_w.clone(), of_b.clone())));
    let by_column: Vec<Vec<f64>> =
        vec![of_w.iter().map(|row| row[0]).collect(), of_w.iter().map(|row| row[1]).collect(), of_b];
    same(&by_column, &columns);
    let (value, dot) = f.jvp(&at[..2], at[2], &[1.0, 0.5], 2.0);
    assert_eq!(value, f.call(&at[..2], at[2]));
    let wanted: Vec<f64> =
        (0..3).map(|i| columns[0][i] + 0.5 * columns[1][i] + 2.0 * columns[2][i]).collect();
    same(&[dot], &[wanted]);
    let (mut w_bar, mut b_bar) = ([10.0, 20.0], 30.0);
    f.vjp_add(&at[..2], at[2], vec![1.0, 0.0, -1.0], &mut w_bar, &mut b_bar);
    let wanted = [0, 1, 2].map(|j| columns[j][0] - columns[j][2] + 10.0 * (j + 1) as f64);
    same(&[vec![w_bar[0], w_bar[1], b_bar]], &[wanted.to_vec()]);
}

#[test]
fn jacobians_of_arrays_and_tuples_in_either_mode() {
    let k = 2.0;
    let f = grad::function!(|x: f64, y: f64| -> [f64; 2] { [k * x * y, x - y * y] });
    assert_eq!(f.jacobian(2.0, 3.0), ([6.0, 1.0], [4.0, -6.0]));
    // Many columns and few rows.
    let f = grad::function!(|w: &[f64], x: f64| -> (f64, [f64; 1]) {
        (w.iter().map(|w| w * w * x).sum::<f64>() * k, [w[0] * w[1] * x])
    });
    let w: Vec<f64> = (0..20).map(|i| f64::from(i) * 0.1 + 0.2).collect();
    let (value, (of_w, of_x)) = f.value_and_jacobian(&w, 3.0);
    assert_eq!(value, f.call(&w, 3.0));
    let (first, [second]) = &of_w;
    let wanted: Vec<f64> = w.iter().map(|w| 4.0 * w * 3.0).collect();
    same(std::slice::from_ref(first), &[wanted]);
    assert_eq!(second[..3], [w[1] * 3.0, w[0] * 3.0, 0.0]);
    assert_eq!(of_x.1, [w[0] * w[1]]);
    for by_rows in [true, false] {
        let found = if by_rows {
            grad::function!(
                #[grad(jacobian = reverse)]
                |w: &[f64]| -> Vec<f64> { w.iter().map(|w| w * w * k).collect() }
            )
            .jacobian(&w[..3])
        } else {
            grad::function!(
                #[grad(jacobian = forward)]
                |w: &[f64]| -> Vec<f64> { w.iter().map(|w| w * w * k).collect() }
            )
            .jacobian(&w[..3])
        };
        let wanted: Vec<Vec<f64>> =
            (0..3).map(|i| (0..3).map(|j| if i == j { 4.0 * w[i] } else { 0.0 }).collect()).collect();
        same(&found, &wanted);
    }
    let f = grad::function!(
        #[grad(wrt(x))]
        |x: [f64; 2], n: usize, names: Vec<String>| -> Vec<f64> { vec![x[0] * x[1] * names.len() as f64; n] }
    );
    let names = vec![String::new(); 3];
    assert_eq!(f.jacobian([2.0, 5.0], 2, names.clone()), [[15.0, 6.0]; 2]);
    assert!(f.jacobian([2.0, 5.0], 0, names).is_empty());
}

#[test]
fn a_closure_of_types_of_the_user_has_tangents() {
    let k = 2.0;
    let f = grad::function!(|line: &Line, x: f64| -> Line {
        Line { slope: line.slope * x * k, offset: line.offset * line.slope }
    });
    let line = Line { slope: 2.0, offset: 3.0 };
    let mut dot = line.zero_tangent();
    dot.slope = 1.0;
    let (value, found) = f.jvp(&line, 5.0, &dot, 1.0);
    assert_eq!((value, found.slope, found.offset), (f.call(&line, 5.0), 14.0, 3.0));
    let (mut bar, mut x_bar) = (line.zero_tangent(), 1.0);
    f.vjp_add(&line, 5.0, dot, &mut bar, &mut x_bar);
    assert_eq!((bar.slope, bar.offset, x_bar), (10.0, 0.0, 5.0));
}

#[test]
fn residuals_written_in_place() {
    let xs = [0.0, 1.0, 2.0, 3.0];
    let ys: Vec<f64> = xs.iter().map(|x| 2.0 * f64::exp(-0.7 * x)).collect();
    let mut fit = grad::function!(|w: &[f64]| -> Vec<f64> {
        xs.iter().zip(&ys).map(|(x, y)| w[0] * (w[1] * x).exp() - y).collect()
    });
    let best = LevenbergMarquardt::default().minimize(&mut fit, vec![1.0, 0.0]).unwrap();
    assert!((best.x[0] - 2.0).abs() < 1e-6 && (best.x[1] + 0.7).abs() < 1e-6);
    assert_eq!(fit.call(&best.x).len(), 4);
    let mut fit = grad::function!(|scale: f64, rate: [f64; 1]| -> Result<[f64; 4], String> {
        if rate[0] > 5.0 {
            return Err(format!("fast: {}", xs.len()));
        }
        Ok(std::array::from_fn(|i| scale * (rate[0] * xs[i]).exp() - ys[i]))
    });
    assert!(fit.jacobian(1.0, [6.0]).is_err() && fit.jvp(1.0, [6.0], 1.0, [0.0]).is_err());
    let (mut scale, mut rate) = (1.0, [2.0]);
    assert!(fit.vjp_add(1.0, [6.0], [1.0; 4], &mut scale, &mut rate).is_err());
    assert_eq!((scale, rate), (1.0, [2.0]));
    let best = LevenbergMarquardt::default().minimize(&mut fit, (1.0, [0.0])).unwrap().x;
    assert!((best.0 - 2.0).abs() < 1e-6 && (best.1[0] + 0.7).abs() < 1e-6);
    let error = LevenbergMarquardt::default().minimize(&mut fit, (1.0, [6.0])).unwrap_err();
    assert!(error.to_string().contains("fast: 4"), "{error}");
    let start = Line { slope: 0.0, offset: 0.0 };
    let mut fit = grad::function!(|line: &Line| -> Vec<f64> {
        POINTS.iter().map(|p| line.slope * p.x + line.offset - p.y).collect()
    });
    let best = LevenbergMarquardt::default().minimize(&mut fit, start).unwrap().x;
    assert!((best.slope - 2.0).abs() < 1e-9 && (best.offset - 1.0).abs() < 1e-9);

    fn owned(xs: Vec<f64>) -> impl Residuals<Scalar = f64> {
        grad::function!(move |w: &[f64]| -> Vec<f64> { xs.iter().map(|x| w[0] - x).collect() })
    }
    let best = LevenbergMarquardt::default().minimize(&mut owned(vec![1.0, 2.0]), vec![0.0]).unwrap();
    assert!((best.x[0] - 1.5).abs() < 1e-9);
}

#[test]
fn parameters_have_any_names() {
    let k = 1.0;
    macro_rules! fitted {
        ($($name:ident)*) => {$(
            let mut f = grad::function!(#[grad(second)] |$name: &[f64]| $name.iter().map(|x| (x - k).powi(2)).sum());
            assert!((NewtonCg::default().minimize(&mut f, vec![0.0]).unwrap().x[0] - k).abs() < 1e-9);
            let mut f = grad::function!(|$name: &[f64], z: f64| -> f64 { ($name[0] - k).powi(2) + z * z });
            let best = Lbfgs::default().minimize(&mut f, (vec![0.0], 1.0)).unwrap().x;
            assert!((best.0[0] - k).abs() < 1e-6 && best.1.abs() < 1e-6);
            let mut f = grad::function!(|$name: &[f64]| -> Vec<f64> { $name.iter().map(|x| x - k).collect() });
            assert!((LevenbergMarquardt::default().minimize(&mut f, vec![0.0]).unwrap().x[0] - k).abs() < 1e-9);
        )*};
    }
    fitted! { function kept x v gradient product answer wanted ask point into jacobian value seed self_ out at }
}

#[grad(wrt(ask))]
fn asked(ask: &[f64], wanted: f64) -> f64 {
    (ask[0] - wanted).powi(2)
}

#[grad(wrt(wanted))]
fn wants(wanted: &[f64], into: f64, ask: f64) -> [f64; 1] {
    [wanted[0] - into * ask]
}

#[grad(wrt(x))]
fn over(x: f64, wanted: f64, ask: f64) -> [f64; 1] {
    [x - wanted * ask]
}

#[test]
fn parameters_of_functions_have_any_names() {
    assert_eq!(asked::objective(2.0).value(&[1.0]), 1.0);
    let fit = LevenbergMarquardt::default();
    assert!((fit.minimize(&mut wants::residuals(2.0, 3.0), vec![0.0]).unwrap().x[0] - 6.0).abs() < 1e-9);
    assert!((fit.minimize(&mut over::residuals(2.0, 3.0), 0.0).unwrap().x - 6.0).abs() < 1e-9);
}

type Number = f64;

/// Of an alias nobody knows what it is: a constant, beside what is differentiated.
#[grad(wrt(y))]
fn beside(y: f64, k: Number) -> [f64; 2] {
    if y > 3.0 { [k, k] } else { [k, y * k] }
}

#[test]
fn constants_stand_beside_what_is_differentiated() {
    assert_eq!((beside::jacobian(2.0, 1.5), beside::jacobian(4.0, 1.5)), ([0.0, 1.5], [0.0; 2]));
    assert_eq!(beside::jvp(2.0, 1.5, 2.0), ([1.5, 3.0], [0.0, 3.0]));
    let (k, xs) = (1.5, vec![1.0, 2.0]);
    let f = grad::function!(|y: f64| -> [f64; 2] { [k, y] });
    assert_eq!((f.jacobian(2.0), f.jvp(2.0, 1.0)), ([0.0, 1.0], ([1.5, 2.0], [0.0, 1.0])));
    let f = grad::function!(|y: f64| -> (f64, f64) { (y, k) });
    assert_eq!(f.jacobian(2.0), (1.0, 0.0));
    let f = grad::function!(|y: f64| -> Vec<f64> { vec![y * k, k, xs[0]] });
    assert_eq!(f.jacobian(2.0), [1.5, 0.0, 0.0]);
    let f = grad::function!(|y: f64| -> Vec<f64> {
        let mut v = vec![y];
        v.push(k);
        v[0] *= k;
        v
    });
    assert_eq!(f.jacobian(2.0), [1.5, 0.0]);
    let f = grad::function!(|y: f64| -> (f64, Vec<Vec<f64>>) { (y * y, vec![xs.clone(), vec![y, k]]) });
    assert_eq!(f.jacobian(2.0), (4.0, vec![vec![0.0, 0.0], vec![1.0, 0.0]]));
    let mut bar = 1.0;
    f.vjp_add(2.0, (1.0, vec![vec![1.0; 2]; 2]), &mut bar);
    assert_eq!(bar, 6.0);
}
