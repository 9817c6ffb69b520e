//! No loop allocates once it has started.

use std::ops::ControlFlow;

use grad_runtime::__private::{objective, objective_of};
use grad_runtime::Objective;
use grad_runtime::descent::{GradientDescent, Training, batches};

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn a_walk_of_many_steps_allocates_as_often_as_one_of_few() {
    let walk = |iterations| {
        allocations(|| {
            let mut bowl = objective(|x: &[f64], x_bar: Option<&mut [f64]>| {
                if let Some(x_bar) = x_bar {
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
        (0.0, vec![[0.0; 2]; 3]),
        |x: &(f64, Vec<[f64; 2]>), x_bar: Option<&mut (f64, Vec<[f64; 2]>)>| {
            if let Some(x_bar) = x_bar {
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
