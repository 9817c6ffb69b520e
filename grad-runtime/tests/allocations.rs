//! No loop allocates once it has started.

use std::ops::ControlFlow;

use grad_runtime::__private::{Ask, NoProducts, objective, objective_of};
use grad_runtime::descent::{
    Bfgs, ConjugateGradient, GaussNewton, GradientDescent, HagerZhang, Lbfgs, LbfgsB, LevenbergMarquardt,
    NewtonCg, ProjectedGradient, SteepestDescent, Training, batches,
};
use grad_runtime::{HessianProduct, Objective, Residuals};

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn a_walk_of_many_steps_allocates_as_often_as_one_of_few() {
    let walk = |iterations| {
        allocations(|| {
            let mut bowl = objective(|x: &[f64], ask: Ask<'_, [f64], NoProducts>| {
                if let Ask::Gradient(x_bar) = ask {
                    x_bar.iter_mut().zip(x).for_each(|(bar, x)| *bar = 2.0 * x);
                }
                x.iter().map(|x| x * x).sum::<f64>()
            });
            let descent = GradientDescent::new(1e-4).momentum(0.9).max_iterations(iterations);
            assert_eq!(descent.minimize(&mut bowl, vec![1.0; 50]).unwrap().iterations, iterations);
        })
    };
    assert_eq!(walk(1000), walk(1));
}

#[test]
fn a_training_of_many_epochs_allocates_as_often_as_one_of_few() {
    let train = |epochs| {
        allocations(|| {
            let mut objective = batches(20, |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
                gradient.fill(w[0] - batch[0] as f64);
                0.0
            });
            let training = Training::new(epochs, 3);
            let descent = GradientDescent::new(1e-4);
            descent.train(&mut objective, vec![0.0; 5], &training, |_| ControlFlow::Continue(())).unwrap();
        })
    };
    assert_eq!(train(100), train(1));
}

#[test]
fn an_objective_over_nested_parameters_copies_without_allocating() {
    let mut nested = objective_of(
        Some((0.0, vec![[0.0; 2]; 3])),
        |x: &(f64, Vec<[f64; 2]>), ask: Ask<'_, (f64, Vec<[f64; 2]>), NoProducts>| {
            if let Ask::Gradient(x_bar) = ask {
                x_bar.0 = 1.0;
                x_bar.1[2][1] = 2.0;
            }
            x.0 + 2.0 * x.1[2][1]
        },
    );
    let (x, mut gradient) = ([1.0; 7], [0.0; 7]);
    let count = allocations(|| assert_eq!(nested.value_and_grad_into(&x, &mut gradient), 3.0));
    assert_eq!((count, gradient), (0, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0]));
}

/// Each method: many iterations allocate as often as few.
#[test]
fn no_method_allocates_per_iteration() {
    /// Rosenbrock's valleys side by side: no method gets through them in a few steps.
    fn valleys(x: &[f64], gradient: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (x, g) in x.chunks(2).zip(gradient.chunks_mut(2)) {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g.copy_from_slice(&[-2.0 * a - 400.0 * x[0] * b, 200.0 * b]);
            sum += a * a + 100.0 * b * b;
        }
        sum
    }

    struct Valleys;
    impl Objective for Valleys {
        type Scalar = f64;

        fn dim(&self) -> Option<usize> {
            Some(20)
        }

        fn value(&mut self, x: &[f64]) -> f64 {
            valleys(x, &mut [0.0; 20])
        }

        fn value_and_grad_into(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
            valleys(x, gradient)
        }
    }
    impl HessianProduct for Valleys {
        fn hessian_product_into(&mut self, x: &[f64], v: &[f64], product: &mut [f64]) {
            for ((x, v), p) in x.chunks(2).zip(v.chunks(2)).zip(product.chunks_mut(2)) {
                let (a, b) = (2.0 - 400.0 * (x[1] - 3.0 * x[0] * x[0]), -400.0 * x[0]);
                p.copy_from_slice(&[a * v[0] + b * v[1], b * v[0] + 200.0 * v[1]]);
            }
        }
    }
    impl Residuals for Valleys {
        type Scalar = f64;

        fn dim(&self) -> Option<usize> {
            Some(20)
        }

        fn count(&self) -> usize {
            20
        }

        fn residuals_into(&mut self, x: &[f64], r: &mut [f64]) {
            for (x, r) in x.chunks(2).zip(r.chunks_mut(2)) {
                r.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]);
            }
        }

        fn jacobian_into(&mut self, x: &[f64], jacobian: &mut [f64]) {
            jacobian.fill(0.0);
            for k in (0..20).step_by(2) {
                jacobian[20 * k + k] = -20.0 * x[k];
                jacobian[20 * k + k + 1] = 10.0;
                jacobian[20 * (k + 1) + k] = -1.0;
            }
        }
    }

    fn start() -> Vec<f64> {
        (0..20).map(|k| if k % 2 == 0 { -1.2 } else { 1.0 } + 0.01 * f64::from(k)).collect()
    }
    macro_rules! check {
        ($($method:expr),* $(,)?) => {$(
            let run = |iterations| {
                allocations(|| {
                    let method = $method.max_iterations(iterations).gradient_tolerance(0.0);
                    let report = method.minimize(&mut Valleys, start()).unwrap();
                    assert_eq!(report.iterations, iterations, "{}: {report}", stringify!($method));
                })
            };
            assert_eq!(run(12), run(1), "{}", stringify!($method));
        )*};
    }
    check!(
        SteepestDescent::default(),
        ConjugateGradient::default(),
        ConjugateGradient::default().line_search(HagerZhang::default()),
        Lbfgs::default(),
        Bfgs::default(),
        NewtonCg::default(),
        ProjectedGradient::new(vec![-2.0; 20], vec![2.0; 20]),
        LbfgsB::new(vec![-2.0; 20], vec![2.0; 20]),
        LevenbergMarquardt::default().first_radius(1e-4),
        GaussNewton::default(),
    );
}
