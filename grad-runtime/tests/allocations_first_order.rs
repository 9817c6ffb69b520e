//! No first-order method and no training allocates once it has started.

use grad_runtime::__private::{Ask, NoProducts, objective};
use grad_runtime::Objective;
use grad_runtime::descent::{
    AdaGrad, Adam, AdamW, AmsGrad, DescentError, GradientDescent, Lion, NAdam, RAdam, RmsProp, Schedule,
    Stopping, Training, Walk, batches, full_batch,
    rules::{Chain, Groups, OnPlateau},
};

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

type Rule = fn() -> Result<Chain<f64>, DescentError>;

/// Every first-order method.
const RULES: [(&str, Rule); 15] = [
    ("gradient descent", || GradientDescent::new(1e-4).rule()),
    ("momentum", || GradientDescent::new(1e-4).momentum(0.9).rule()),
    ("nesterov", || GradientDescent::new(1e-4).nesterov(0.9).rule()),
    ("adagrad", || AdaGrad::new(1e-4).rule()),
    ("rmsprop", || RmsProp::new(1e-4).centred().momentum(0.5).rule()),
    ("adam", || Adam::new(Schedule::cosine(1e-4, 2000).warm_up(10)).rule()),
    ("adamw", || AdamW::new(Schedule::one_cycle(1e-4, 2000)).clip_norm(0.1).rule()),
    ("nadam", || NAdam::new(1e-4).weight_decay(0.1).rule()),
    ("radam", || RAdam::new(1e-4).weight_decay(0.1).rule()),
    ("amsgrad", || AmsGrad::new(Schedule::inverse_time(1e-4, 1e-3)).weight_decay(0.1).rule()),
    ("lion", || Lion::new(Schedule::step(1e-4, 10, 0.99)).clip_value(0.1).rule()),
    ("groups", || {
        let (adam, heavy) = (Adam::new(1e-4).rule()?, GradientDescent::new(1e-4).momentum(0.9).rule()?);
        Ok(Chain::new().then(Groups::new().with(0..2, adam).with(2..5, heavy)))
    }),
    ("on plateau", || Adam::new(OnPlateau::new(1e-4).patience(2)).rule()),
    ("closure", || Adam::new(Schedule::by(|t| 1e-4 / (t + 1) as f64)).rule()),
    ("exponential", || Adam::new(Schedule::exponential(1e-4, 0.999)).rule()),
];

#[test]
fn no_first_order_method_allocates_once_it_has_started() {
    for (name, rule) in RULES {
        let walk = |iterations| {
            allocations(|| {
                let mut bowl = objective(|x: &[f64], ask: Ask<'_, [f64], NoProducts>| {
                    if let Ask::Gradient(x_bar) = ask {
                        x_bar.iter_mut().zip(x).for_each(|(bar, x)| *bar = 2.0 * x);
                    }
                    x.iter().map(|x| x * x).sum::<f64>()
                });
                let stopping = Stopping { max_iterations: iterations, ..Stopping::default() };
                let report = Walk::new(&mut bowl, rule().unwrap(), stopping, vec![1.0; 50]).unwrap().run();
                assert_eq!(report.iterations, iterations, "{name}: {report}");
            })
        };
        assert_eq!(walk(1000), walk(1), "{name}");

        let train = |epochs| {
            allocations(|| {
                let mut objective = batches(20, |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
                    gradient.fill(w[0] - batch[0] as f64);
                    0.0
                });
                let training = Training::new(epochs, 3).early_stopping(1000, 0.0);
                training.run(&mut objective, &mut rule().unwrap(), vec![0.0; 5], |epoch| epoch.x[0]).unwrap();
            })
        };
        assert_eq!(train(100), train(1), "{name}");
    }
}

#[test]
fn the_mean_over_all_samples_is_computed_without_allocating() {
    let mut mean = full_batch(batches(20, |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
        gradient.fill(w[0]);
        batch.len() as f64
    }));
    let (x, mut gradient) = ([1.0; 7], [0.0; 7]);
    mean.value(&x);
    let count = allocations(|| {
        assert_eq!(mean.value_and_grad_into(&x, &mut gradient), mean.value(&x));
    });
    assert_eq!(count, 0);
}
