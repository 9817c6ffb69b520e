//! What all first-order methods have in common, and how trainings end.

use std::ops::ControlFlow;

use grad_runtime::descent::{
    AdaGrad, Adam, AdamW, AfterEpoch, AmsGrad, BatchObjective, DescentError, Epoch, Evaluation, FirstOrder,
    GradientDescent, Iteration, Lion, NAdam, RAdam, Report, RmsProp, Schedule, Stopping, Termination,
    Training, UpdateRule, Walk, batches, full_batch, rules::Chain,
};
use grad_runtime::{Objective, Scalar, from_fn};

/// The methods with a step size for the bowl, by name.
fn rules<S: Scalar>() -> Vec<(&'static str, Chain<S>)> {
    let fall = |step_size| Schedule::exponential(step_size, 0.99);
    let rules = [
        ("gradient descent", GradientDescent::new(0.04).rule()),
        ("momentum", GradientDescent::new(0.02).momentum(0.8).rule()),
        ("nesterov", GradientDescent::new(0.02).nesterov(0.8).rule()),
        ("adagrad", AdaGrad::new(0.5).rule()),
        ("rmsprop", RmsProp::new(fall(0.05)).rule()),
        ("centred rmsprop", RmsProp::new(fall(0.05)).centred().momentum(0.5).rule()),
        ("adam", Adam::new(0.1).rule()),
        ("adamw", AdamW::new(0.1).weight_decay(0.0).rule()),
        ("amsgrad", AmsGrad::new(0.1).rule()),
        ("nadam", NAdam::new(0.1).rule()),
        ("radam", RAdam::new(0.1).rule()),
        ("lion", Lion::new(fall(0.05)).rule()),
        ("clipped", GradientDescent::new(0.04).clip_norm(1.0).clip_value(5.0).rule()),
    ];
    rules.into_iter().map(|(name, rule)| (name, rule.unwrap())).collect()
}

/// x² + 10 (y − 1)², sloping as `sign` says.
fn bowl<S: Scalar>(sign: f64) -> impl Objective<Scalar = S> {
    from_fn(move |p: &[S]| {
        let (x, y) = (p[0].to_f64(), p[1].to_f64() - 1.0);
        let gradient = [2.0 * x, 20.0 * y].map(|g| S::from_f64(sign * g));
        (S::from_f64(sign * (x * x + 10.0 * y * y)), gradient)
    })
}

fn start<S: Scalar>() -> Vec<S> {
    vec![S::from_f64(2.0), S::from_f64(-1.0)]
}

fn minimize<S: Scalar>(rule: Chain<S>, tolerance: f64) -> Report<S> {
    let stopping = Stopping { gradient_tolerance: tolerance, max_iterations: 3000, ..Stopping::default() };
    Walk::new(bowl(1.0), rule, stopping, start()).unwrap().run()
}

#[test]
fn every_method_finds_the_bottom_of_a_bowl() {
    for (name, rule) in rules::<f64>() {
        let report = minimize(rule, 1e-4);
        assert!(report.termination.converged(), "{name}: {report}");
        assert!(report.x[0].abs() < 1e-4 && (report.x[1] - 1.0).abs() < 1e-5, "{name}: {:?}", report.x);
        assert_eq!(report.evaluations, report.iterations + 1, "{name}");
    }
    for (name, rule) in rules::<f32>() {
        let report = minimize(rule, 1e-3);
        assert!(report.termination.converged(), "{name} in single precision: {report}");
    }
}

#[test]
fn every_ascent_retraces_the_descent_of_the_negated_function_bit_for_bit() {
    for ((name, down), (_, up)) in rules::<f64>().into_iter().zip(rules::<f64>()) {
        let stopping = Stopping { max_iterations: 200, ..Stopping::default() };
        let mut down = Walk::down(bowl(1.0), FirstOrder::new(down), stopping.clone(), start()).unwrap();
        let mut up = Walk::up(bowl(-1.0), FirstOrder::new(up), stopping, start()).unwrap();
        for _ in 0..200 {
            assert_eq!(down.step(), up.step(), "{name}");
            assert!(down.x().iter().zip(up.x()).all(|(a, b)| a.to_bits() == b.to_bits()), "{name}");
            assert_eq!(down.value(), -up.value(), "{name}");
        }
    }
}

#[test]
fn single_precision_walks_beside_double() {
    for ((name, mut double), (_, mut single)) in rules::<f64>().into_iter().zip(rules::<f32>()) {
        double.start(2);
        single.start(2);
        // The same gradients for both, so that differences do not grow by themselves.
        for k in 1..100 {
            let gradient = [(0.7 * f64::from(k)).sin(), 3.0 * (0.3 * f64::from(k)).cos()];
            let x = [1.0 / f64::from(k), -0.5];
            let (mut step, mut step32) = ([0.0; 2], [0.0_f32; 2]);
            double.step_into(&x, &gradient, &mut step);
            single.step_into(&x.map(f32::from_f64), &gradient.map(f32::from_f64), &mut step32);
            for (step, step32) in step.into_iter().zip(step32) {
                let difference = (step - f64::from(step32)).abs();
                assert!(difference < 2e-5 * step.abs().max(0.01), "{name}: {step} and {step32} in step {k}");
            }
        }
    }
}

#[test]
fn settings_have_loops_of_their_own() {
    let down = Adam::new(0.1).minimize(&mut bowl(1.0), start::<f64>()).unwrap();
    let up = Adam::new(0.1).maximize(&mut bowl(-1.0), start::<f64>()).unwrap();
    assert!(down.termination.converged() && down.x == up.x && down.value == -up.value);
    let mut walk = Lion::new(0.1).walk(bowl::<f64>(1.0), start()).unwrap();
    assert!(walk.step().is_continue() && (walk.x()[0] - 1.9).abs() < 1e-15);
}

#[test]
fn a_schedule_shows_in_the_iterations() {
    let schedule = Schedule::step(0.04, 2, 0.5).warm_up(1);
    let mut step_sizes = Vec::new();
    let descent = GradientDescent::new(schedule).momentum(0.5).max_iterations(6);
    let watch = |iteration: &Iteration<'_, f64>| {
        step_sizes.push(iteration.step_size);
        ControlFlow::Continue(())
    };
    descent.minimize_with(&mut bowl(1.0), start(), watch).unwrap();
    assert_eq!(step_sizes, [0.0, 0.02, 0.04, 0.04, 0.02, 0.02, 0.01]);
}

#[test]
fn settings_that_make_no_sense_are_named() {
    fn name<T>(rule: Result<T, DescentError>) -> &'static str {
        match rule.map(|_| ()) {
            Err(DescentError::InvalidSetting { name, .. }) => name,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(name(Adam::new(-1.0).rule::<f64>()), "step_size");
    assert_eq!(name(Adam::new(f64::NAN).rule::<f64>()), "step_size");
    assert_eq!(name(Adam::new(0.1).beta1(1.0).rule::<f64>()), "beta1");
    assert_eq!(name(AmsGrad::new(0.1).beta2(-0.1).rule::<f64>()), "beta2");
    assert_eq!(name(AdamW::new(0.1).epsilon(-1e-8).rule::<f64>()), "epsilon");
    assert_eq!(name(AdaGrad::new(0.1).epsilon(f64::INFINITY).rule::<f64>()), "epsilon");
    assert_eq!(name(AdamW::new(0.1).weight_decay(-1.0).rule::<f64>()), "weight_decay");
    assert_eq!(name(RmsProp::new(0.1).rho(1.0).rule::<f64>()), "rho");
    assert_eq!(name(RmsProp::new(0.1).momentum(f64::NAN).rule::<f64>()), "momentum");
    assert_eq!(name(Lion::new(0.1).beta2(2.0).rule::<f64>()), "beta2");
    assert_eq!(name(GradientDescent::new(0.1).clip_norm(0.0).rule::<f64>()), "clip_norm");
    assert_eq!(name(GradientDescent::new(0.1).clip_value(-1.0).rule::<f64>()), "clip_value");
    assert_eq!(name(GradientDescent::new(Schedule::cosine(0.1, 0)).rule::<f64>()), "steps");
    let early = Training::new(1, 1).early_stopping(0, 0.0);
    assert_eq!(name(Adam::new(0.1).train(&mut line(1.0), vec![0.0; 2], &early, |_| ())), "patience");
    let early = Training::new(1, 1).early_stopping(1, f64::NAN);
    assert_eq!(name(Adam::new(0.1).train(&mut line(1.0), vec![0.0; 2], &early, |_| ())), "improvement");
}

/// The mean of (w₀ + w₁ t − t²)²/2 over a few t, sloping as `sign` says.
fn line(sign: f64) -> impl BatchObjective<Scalar = f64> {
    batches(9, move |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
        gradient.fill(0.0);
        let (mut sum, scale) = (0.0, sign / batch.len() as f64);
        for &k in batch {
            let t = k as f64 / 9.0;
            let error = w[0] + w[1] * t - t * t;
            sum += 0.5 * error * error * scale;
            gradient[0] += error * scale;
            gradient[1] += error * t * scale;
        }
        sum
    })
}

#[test]
fn training_uphill_retraces_training_downhill_bit_for_bit() {
    let training = Training::new(8, 4).seed(2).early_stopping(100, 0.0);
    for ((name, mut down), (_, mut up)) in rules::<f64>().into_iter().zip(rules::<f64>()) {
        let (mut means, mut means_up) = (Vec::new(), Vec::new());
        let down = training.run(&mut line(1.0), &mut down, start(), |epoch| means.push(epoch.mean_value));
        let uphill = training.clone().maximize();
        let up = uphill.run(&mut line(-1.0), &mut up, start(), |epoch| means_up.push(-epoch.mean_value));
        let (down, up) = (down.unwrap(), up.unwrap());
        assert_eq!(means, means_up, "{name}");
        assert_eq!((down.x, down.value, down.gradient_norm), (up.x, -up.value, up.gradient_norm), "{name}");
        assert_eq!(down.best_epoch, up.best_epoch);
        assert_eq!(down.best_evaluation, up.best_evaluation.map(|value| -value));
        assert_eq!(down.termination, up.termination);
    }
}

#[test]
fn early_stopping_waits_and_keeps_the_best_point() {
    let evaluations = [5.0, 3.0, 4.0, 2.999, f64::NAN, 3.5, 3.5, 0.0];
    let mut points = Vec::new();
    let train = |improvement: f64, points: &mut Vec<Vec<f64>>| {
        points.clear();
        let training = Training::new(8, 3).early_stopping(3, improvement);
        Adam::new(0.1)
            .train(&mut line(1.0), start(), &training, |epoch| {
                points.push(epoch.x.to_vec());
                evaluations[epoch.number - 1]
            })
            .unwrap()
    };
    let report = train(0.0, &mut points);
    assert_eq!((report.termination, report.epochs), (Termination::EarlyStopped, 7));
    assert_eq!((report.best_epoch, report.best_evaluation), (Some(4), Some(2.999)));
    assert_eq!(report.x, points[3], "the point of the fourth epoch, not the last");
    let last_line = "the point is that of epoch 4, with the evaluation 2.999000";
    assert_eq!(report.to_string().lines().last(), Some(last_line));
    let all: Vec<usize> = (0..9).collect();
    let value = line(1.0).value_and_grad_batch_into(&report.x, &all, &mut [0.0; 2]);
    assert_eq!(report.value, value);

    // A thousandth is not enough of an improvement to go on, but the point is the best all the same.
    let report = train(0.01, &mut points);
    assert_eq!((report.termination, report.epochs), (Termination::EarlyStopped, 5));
    assert_eq!((report.best_epoch, report.x), (Some(4), points[3].clone()));
}

#[test]
fn small_improvements_add_up_and_nan_is_none() {
    let train = |evaluations: &[f64], improvement: f64| {
        let training = Training::new(evaluations.len(), 3).early_stopping(3, improvement);
        let evaluate = |epoch: &Epoch<'_, f64>| evaluations[epoch.number - 1];
        Adam::new(0.1).train(&mut line(1.0), start(), &training, evaluate).unwrap()
    };
    // Each is 0.6 % better, every second one enough for 1 %.
    let creeping: Vec<f64> = (0..12).map(|k| 0.994_f64.powi(k)).collect();
    let report = train(&creeping, 0.01);
    assert_eq!((report.termination, report.best_epoch), (Termination::EpochsDone, Some(12)));
    let report = train(&[f64::NAN; 9], 0.01);
    assert_eq!((report.termination, report.epochs), (Termination::EarlyStopped, 3));
    assert_eq!((report.best_epoch, report.best_evaluation), (None, None));
    assert_eq!(train(&[f64::NAN, 1.0, -5.0, -5.2], 0.0).best_evaluation, Some(-5.2));
}

#[test]
fn the_best_point_is_kept_however_the_training_ends() {
    let train = |epochs: usize, stop: usize| {
        let mut points = Vec::new();
        let training = Training::new(epochs, 3).early_stopping(100, 0.0);
        let report = Adam::new(0.1).train(&mut line(1.0), start(), &training, |epoch| {
            points.push(epoch.x.to_vec());
            let distance = (epoch.number as f64 - 2.0).abs();
            (distance, if epoch.number == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        });
        let report = report.unwrap();
        assert_eq!((report.best_epoch, &report.x), (Some(2), &points[1]));
        report.termination
    };
    assert_eq!(train(4, 9), Termination::EpochsDone);
    assert_eq!(train(4, 3), Termination::Stopped);
}

#[test]
fn epochs_without_evaluation_do_not_count() {
    let training = Training::new(20, 3).early_stopping(2, 0.0);
    let report = Adam::new(0.1)
        .train(&mut line(1.0), start(), &training, |epoch| {
            (epoch.number % 5 == 0).then_some(epoch.number as f64)
        })
        .unwrap();
    assert_eq!((report.termination, report.epochs), (Termination::EarlyStopped, 15));
    assert_eq!(report.best_epoch, Some(5));
    assert_eq!(().outcome(), (Evaluation::MeanValue, ControlFlow::Continue(())));
}

#[test]
fn without_an_evaluation_the_mean_value_decides() {
    let mut means = Vec::new();
    let training = Training::new(500, 3).early_stopping(5, 0.0);
    let report = GradientDescent::new(0.5)
        .momentum(0.9)
        .train(&mut line(1.0), start(), &training, |epoch| means.push(epoch.mean_value))
        .unwrap();
    let best = report.best_epoch.unwrap();
    assert_eq!(report.termination, Termination::EarlyStopped);
    assert_eq!((report.epochs, report.best_evaluation), (best + 5, Some(means[best - 1])));
    assert!(means.iter().all(|&mean| mean >= means[best - 1]));
}

#[test]
fn the_mean_over_all_samples_is_an_objective() {
    let report = Adam::new(0.1).minimize(&mut full_batch(line(1.0)), start()).unwrap();
    assert!(report.termination.converged(), "{report}");
    // The least-squares line through t² at k/9: slope 8/9, and the mean is met.
    assert!((report.x[1] - 8.0 / 9.0).abs() < 1e-4, "{:?}", report.x);
    let mut objective = full_batch(line(1.0));
    let (value, mut gradient) = (objective.value(&report.x), [0.0; 2]);
    assert_eq!(objective.value_and_grad_into(&report.x, &mut gradient), value);
}
