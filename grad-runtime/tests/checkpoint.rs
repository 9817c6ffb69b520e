//! A training that was interrupted goes on as if it had not been; what is no whole checkpoint is an error.
#![cfg(feature = "serde")]

use std::ops::ControlFlow;
use std::path::PathBuf;

use grad_runtime::descent::rules::{Accumulate, Chain, Groups, OnPlateau};
use grad_runtime::descent::{
    AdaGrad, Adam, AdamW, AmsGrad, Backtracking, BatchObjective, Bfgs, Checkpoint, CheckpointError,
    ConjugateGradient, DescentError, Epoch, Evaluation, FirstOrder, GradientDescent, HagerZhang, Lbfgs,
    LbfgsB, Lion, Method, NAdam, NewtonCg, Preconditioner, RAdam, Random, RmsProp, Schedule, SteepestDescent,
    StrongWolfe, Termination, Training, TrainingReport, TrainingWalk, UpdateRule, Walk, batches, full_batch,
};
use grad_runtime::{HessianProduct, Objective, Scalar, from_fn, with_hessian_product};

const SAMPLES: usize = 11;

/// A little least-squares problem.
fn problem<S: Scalar>() -> impl BatchObjective<Scalar = S> {
    batches(SAMPLES, |w: &[S], batch: &[usize], gradient: &mut [S]| {
        gradient.fill(S::default());
        let (mut sum, scale) = (0.0, 1.0 / batch.len() as f64);
        for &k in batch {
            let t = k as f64 / SAMPLES as f64;
            let error = w[0].to_f64() + w[1].to_f64() * t + w[2].to_f64() * t * t - (3.0 * t).sin();
            sum += 0.5 * error * error * scale;
            for (g, feature) in gradient.iter_mut().zip([1.0, t, t * t]) {
                *g += S::from_f64(error * feature * scale);
            }
        }
        S::from_f64(sum)
    })
}

fn start<S: Scalar>() -> Vec<S> {
    [0.3, -0.2, 0.1].map(S::from_f64).to_vec()
}

type Outcome = (Vec<u64>, u64, u64, Termination, (usize, usize, usize), Option<usize>, Option<u64>);

/// All of a report but the time, as bits.
fn bits<S: Scalar>(report: &TrainingReport<S>) -> Outcome {
    (
        report.x.iter().map(|x| x.to_f64().to_bits()).collect(),
        report.value.to_f64().to_bits(),
        report.gradient_norm.to_bits(),
        report.termination,
        (report.epochs, report.iterations, report.samples),
        report.best_epoch,
        report.best_evaluation.map(f64::to_bits),
    )
}

/// So many steps, or fewer at the end; every second epoch is evaluated.
fn advance<B: BatchObjective, R: UpdateRule<B::Scalar>>(walk: &mut TrainingWalk<B, R>, steps: usize) {
    for _ in 0..steps {
        let epochs = walk.epochs();
        if walk.step().is_break() {
            return;
        }
        if walk.epochs() > epochs {
            let x = walk.x()[0].to_f64();
            let even = walk.epochs().is_multiple_of(2);
            walk.evaluate(if even { Evaluation::Is((x - 0.1).powi(2)) } else { Evaluation::None });
        }
    }
}

#[track_caller]
fn goes_on_as_if_nothing_had_happened<S: Scalar>(rule: impl Fn() -> Chain<S>) {
    let early = Training::new(6, 3).seed(u64::MAX - 4).early_stopping(2, 1e-3);
    for training in [early, Training::new(6, 4).drop_last(true), Training::new(6, 11).maximize()] {
        let finish = |mut walk: TrainingWalk<_, _>| {
            advance(&mut walk, usize::MAX);
            bits(&walk.report())
        };
        let uninterrupted = finish(training.begin(problem(), rule(), start()).unwrap());
        for interruption in 0..26 {
            let mut walk = training.begin(problem(), rule(), start()).unwrap();
            advance(&mut walk, interruption);
            let bytes = walk.checkpoint().unwrap().to_bytes().unwrap();
            let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
            let resumed = training.resume(problem(), rule(), &checkpoint).unwrap();
            assert_eq!(finish(resumed), uninterrupted, "interrupted after {interruption} steps");
        }
    }
}

/// A callback that is not called.
fn never<S>(epoch: &Epoch<'_, S>) {
    panic!("epoch {} was not to be", epoch.number);
}

#[test]
fn every_rule_goes_on_bit_for_bit() {
    goes_on_as_if_nothing_had_happened(|| GradientDescent::new(0.1).rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| GradientDescent::new(0.1).momentum(0.9).rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| GradientDescent::new(0.1).nesterov(0.9).rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| AdaGrad::new(0.1).rule::<f64>().unwrap());
    let rmsprop = RmsProp::new(0.01).momentum(0.5).centred();
    goes_on_as_if_nothing_had_happened(|| rmsprop.rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| Adam::new(0.1).rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| NAdam::new(0.1).rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| RAdam::new(0.1).rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| AmsGrad::new(0.1).weight_decay(0.1).rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| Lion::new(0.1).clip_value(0.5).rule::<f64>().unwrap());
    let adamw = AdamW::new(Schedule::one_cycle(0.1, 20)).clip_norm(0.5);
    goes_on_as_if_nothing_had_happened(|| adamw.rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| adamw.rule::<f32>().unwrap());
    let plateau = Adam::new(OnPlateau::new(0.1).factor(0.5).patience(0).cooldown(1));
    goes_on_as_if_nothing_had_happened(|| plateau.rule::<f64>().unwrap());
    let closure = Schedule::by(|t| 0.1 / (t as f64 + 1.0).sqrt());
    goes_on_as_if_nothing_had_happened(|| Adam::new(closure.clone()).rule::<f64>().unwrap());
    goes_on_as_if_nothing_had_happened(|| {
        Chain::new().then(Accumulate::new(3, Adam::new(0.1).rule::<f64>().unwrap()))
    });
    goes_on_as_if_nothing_had_happened(|| {
        let heavy = GradientDescent::new(0.1).momentum(0.9).rule::<f64>().unwrap();
        Chain::new().then(Groups::new().with(1..3, Adam::new(0.1).rule().unwrap()).with(0..1, heavy))
    });
}

#[test]
fn a_descent_goes_on_bit_for_bit() {
    let valley = || {
        from_fn(|x: &[f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
        })
    };
    for adam in [
        Adam::new(Schedule::step(0.05, 30, 0.9)).max_iterations(100).step_tolerance(1e-9),
        // Overshoots, so that the best point is another one.
        Adam::new(0.5).plateau(12, 1e-3),
    ] {
        let start = vec![-1.2, 1.0];
        let uninterrupted = ended(adam.walk(valley(), start.clone()).unwrap());
        let upwards = ended(adam.walk_up(Negated(valley()), start.clone()).unwrap());
        assert_eq!((&upwards.0, -upwards.1), (&uninterrupted.0, uninterrupted.1));
        for interruption in 0..20 {
            let mut down = adam.walk(valley(), start.clone()).unwrap();
            let mut up = adam.walk_up(Negated(valley()), start.clone()).unwrap();
            for _ in 0..interruption {
                assert!(down.step().is_continue() && up.step().is_continue());
            }
            let checkpoint = |bytes: Vec<u8>| Checkpoint::from_bytes(&bytes).unwrap();
            let down = checkpoint(down.checkpoint().unwrap().to_bytes().unwrap());
            assert_eq!(ended(adam.resume(valley(), &down).unwrap()), uninterrupted, "{interruption}");
            let up = checkpoint(up.checkpoint().unwrap().to_bytes().unwrap());
            assert_eq!(ended(adam.resume(Negated(valley()), &up).unwrap()), upwards, "{interruption}");
        }
    }
    // More iterations, another method, a training.
    let adam = Adam::new(0.05).max_iterations(10);
    let mut walk = adam.walk(valley(), vec![-1.2, 1.0]).unwrap();
    while walk.step().is_continue() {}
    let checkpoint = walk.checkpoint().unwrap();
    let more = adam.max_iterations(20);
    assert_eq!(
        ended(more.resume(valley(), &checkpoint).unwrap()),
        ended(more.walk(valley(), vec![-1.2, 1.0]).unwrap())
    );
    let other = Lion::new(0.05).resume(valley(), &checkpoint).map(|_| ()).unwrap_err();
    assert!(matches!(other, DescentError::Checkpoint(CheckpointError::OtherSetting { .. })), "{other}");
    let training = Checkpoint::from_bytes(&sample()).unwrap();
    assert!(Adam::new(0.1).resume(full_batch(problem::<f64>()), &training).is_err());
}

/// How a descent ends, but for the time.
fn ended<O: Objective<Scalar = f64>>(
    walk: Walk<O, FirstOrder<Chain<f64>>>,
) -> (Vec<u64>, f64, f64, usize, usize, Termination) {
    let report = walk.run();
    let bits = report.x.iter().map(|x| x.to_bits()).collect();
    (bits, report.value, report.gradient_norm, report.iterations, report.evaluations, report.termination)
}

/// −f.
struct Negated<O>(O);

impl<O: Objective> Objective for Negated<O> {
    type Scalar = O::Scalar;

    fn dim(&self) -> Option<usize> {
        self.0.dim()
    }

    fn value(&mut self, x: &[O::Scalar]) -> O::Scalar {
        -self.0.value(x)
    }

    fn value_and_grad_into(&mut self, x: &[O::Scalar], gradient: &mut [O::Scalar]) -> O::Scalar {
        let value = self.0.value_and_grad_into(x, gradient);
        gradient.iter_mut().for_each(|g| *g = -*g);
        -value
    }
}

/// A folder of a test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("grad-checkpoint-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("training.checkpoint")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_training_with_a_file_takes_it_up_again() {
    let folder = Folder::new("file");
    let adam = Adam::new(Schedule::cosine(0.1, 30));
    let training = Training::new(7, 4).seed(3).early_stopping(100, 0.0);
    let evaluate = |w: &[f64]| (w[1] - 1.0).abs();
    let whole =
        adam.train(&mut problem(), start(), &training, |epoch| evaluate(epoch.x)).map(|r| bits(&r)).unwrap();

    let saved = training.clone().checkpoint(folder.file());
    let mut epochs = Vec::new();
    // Interrupted after every second epoch.
    let report = loop {
        let mut here = 0;
        let report = adam.train(&mut problem(), start(), &saved, |epoch| {
            epochs.push(epoch.number);
            here += 1;
            (evaluate(epoch.x), if here == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        });
        let report = report.unwrap();
        if report.termination != Termination::Stopped {
            break report;
        }
    };
    assert_eq!(bits(&report), whole);
    assert_eq!(epochs, [1, 2, 3, 4, 5, 6, 7]);
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["training.checkpoint"], "no temporary file is left");

    // Once more, and nothing is left to do; then more epochs.
    let again = adam.train(&mut problem(), start::<f64>(), &saved, never).unwrap();
    assert!(
        again.time.abs_diff(report.time) < std::time::Duration::from_nanos(2),
        "the time is saved as well"
    );
    assert_eq!(bits(&again), whole);
    let more = Training::new(9, 4).seed(3).early_stopping(100, 0.0);
    let whole = adam.train(&mut problem(), start(), &more, |epoch| evaluate(epoch.x)).unwrap();
    let more = more.checkpoint(folder.file());
    let resumed = adam.train(&mut problem(), start(), &more, |epoch| evaluate(epoch.x)).unwrap();
    assert_eq!(bits(&resumed), bits(&whole));
}

fn sample() -> Vec<u8> {
    let training = Training::new(6, 3);
    let mut walk = training.begin(problem(), Adam::new(0.1).rule::<f64>().unwrap(), start()).unwrap();
    for _ in 0..5 {
        assert!(walk.step().is_continue());
    }
    walk.checkpoint().unwrap().to_bytes().unwrap()
}

/// What reading costs at most, in bytes.
fn most_allocated<T>(work: impl FnOnce() -> T) -> u64 {
    allocation_counter::measure(|| drop(work())).bytes_max
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = sample();
    for length in 0..bytes.len() {
        assert_eq!(Checkpoint::from_bytes(&bytes[..length]), Err(CheckpointError::Truncated), "{length}");
    }
    assert!(Checkpoint::from_bytes(&bytes).is_ok());
}

#[test]
fn every_flipped_bit_is_an_error() {
    let mut bytes = sample();
    for k in 0..8 * bytes.len() {
        bytes[k / 8] ^= 1 << (k % 8);
        assert!(Checkpoint::from_bytes(&bytes).is_err(), "bit {k}");
        bytes[k / 8] ^= 1 << (k % 8);
    }
}

/// With a header that is right.
fn packed(content: &[u8]) -> Vec<u8> {
    let mut bytes = sample()[..8].to_vec();
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(crc32fast::hash(content).to_le_bytes());
    bytes.extend((content.len() as u64).to_le_bytes());
    bytes.extend(content);
    bytes
}

#[test]
fn random_bytes_are_errors_that_cost_little() {
    let mut random = Random::new(5);
    let training = Training::new(6, 3);
    for round in 0..2000 {
        let content: Vec<u8> = (0..random.below(200)).map(|_| random.next_u64().to_le_bytes()[7]).collect();
        assert!(Checkpoint::from_bytes(&content).is_err());
        // Lengths that promise much, behind a header that is right.
        let mut content = content;
        if round % 2 == 0 {
            content.insert(0, 8);
            content.insert(1, 0);
            content.insert(2, 0xff);
            content.insert(3, 0xff);
            content.insert(4, 0xff);
            content.insert(5, 0x7f);
        }
        let bytes = packed(&content);
        let used = most_allocated(|| {
            if let Ok(checkpoint) = Checkpoint::from_bytes(&bytes) {
                let rule = Adam::new(0.1).rule::<f64>().unwrap();
                assert!(training.resume(problem(), rule, &checkpoint).is_err());
            }
        });
        assert!(used < 3 << 20, "{used} bytes for {}", bytes.len());
    }
}

#[test]
fn content_that_was_changed_is_an_error_or_a_training_that_does_not_panic() {
    // Behind a header that is right: what a file of another program, or an ill-meant one, may say.
    let good = sample();
    let mut random = Random::new(6);
    for _ in 0..3000 {
        let mut content = good[24..].to_vec();
        for _ in 0..=random.below(3) {
            let k = random.below(content.len());
            content[k] = random.next_u64().to_le_bytes()[7];
        }
        let Ok(checkpoint) = Checkpoint::from_bytes(&packed(&content)) else { continue };
        let rule = Adam::new(0.1).rule::<f64>().unwrap();
        if let Ok(mut walk) = Training::new(6, 3).resume(problem(), rule, &checkpoint) {
            for _ in 0..30 {
                let _ = walk.step();
            }
            walk.report();
        }
    }
}

#[test]
fn files_that_are_something_else_are_told_apart() {
    let folder = Folder::new("else");
    let read = |bytes: &[u8]| {
        std::fs::write(folder.file(), bytes).unwrap();
        let mut result = None;
        let used = most_allocated(|| result = Some(Checkpoint::read(folder.file())));
        assert!(used < 1 << 20, "{used} bytes");
        result.unwrap().map(|_| ()).unwrap_err()
    };
    let bytes = sample();
    assert_eq!(read(&[]), CheckpointError::Truncated);
    assert_eq!(read(&bytes[..20]), CheckpointError::Truncated);
    assert_eq!(read(&bytes[..bytes.len() - 1]), CheckpointError::Truncated);
    assert_eq!(read(b"{ \"some\": \"json, and enough of it\" }"), CheckpointError::Foreign);
    assert_eq!(read(&vec![0; 1 << 22]), CheckpointError::Foreign);
    assert_eq!(read(&[bytes.clone(), vec![0; 1 << 22]].concat()), CheckpointError::TooLong);
    let mut future = bytes.clone();
    future[8] = 2;
    assert_eq!(read(&future), CheckpointError::OtherVersion { found: 2 });
    let mut huge = bytes.clone();
    huge[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(read(&huge), CheckpointError::TooLong);
    huge[16..24].copy_from_slice(&(1_u64 << 31).to_le_bytes());
    assert_eq!(read(&huge), CheckpointError::Truncated);

    std::fs::write(folder.file(), &bytes).unwrap();
    assert!(Checkpoint::read(folder.file()).is_ok());
    let missing = Checkpoint::read(folder.0.join("nothing")).unwrap_err();
    assert!(missing.is_not_found() && missing.to_string().contains("nothing"), "{missing}");
    assert!(matches!(Checkpoint::read(&folder.0), Err(CheckpointError::File { .. })), "a folder is no file");
}

#[test]
fn a_training_with_a_damaged_file_does_not_begin_again() {
    let folder = Folder::new("damaged");
    std::fs::write(folder.file(), &sample()[..100]).unwrap();
    let training = Training::new(6, 3).checkpoint(folder.file());
    let error = Adam::new(0.1).train(&mut problem(), start::<f64>(), &training, |_| ()).unwrap_err();
    assert_eq!(error, DescentError::Checkpoint(CheckpointError::Truncated));
}

#[test]
fn what_is_not_as_it_was_is_named() {
    let checkpoint = Checkpoint::from_bytes(&sample()).unwrap();
    let error = |training: Training, rule: Chain<f64>| match training
        .resume(problem(), rule, &checkpoint)
        .map(|_| ())
    {
        Err(DescentError::Checkpoint(error)) => error,
        other => panic!("{other:?}"),
    };
    let training = || Training::new(6, 3);
    let adam = || Adam::new(0.1).rule().unwrap();
    let setting =
        |name: &str, saved, found| CheckpointError::OtherSetting { name: name.into(), saved, found };
    let batch_size = error(Training::new(6, 4), adam());
    assert_eq!(batch_size, setting("batch_size", Some(3.0), Some(4.0)));
    assert_eq!(batch_size.to_string(), "`batch_size` is 4, but was 3 when the training was saved");
    assert_eq!(error(training().seed(1), adam()), setting("seed (lower half)", Some(0.0), Some(1.0)));
    assert_eq!(error(training(), Adam::new(0.2).rule().unwrap()), setting("step_size", Some(0.1), Some(0.2)));
    assert_eq!(
        error(training(), Adam::new(0.1).beta2(0.9).rule().unwrap()),
        setting("adam_beta2", Some(0.999), Some(0.9))
    );
    assert_eq!(
        error(training(), AmsGrad::new(0.1).rule().unwrap()),
        setting("amsgrad_beta1", None, Some(0.9))
    );
    let scheduled = Adam::new(Schedule::cosine(0.1, 100)).rule().unwrap();
    assert_eq!(error(training(), scheduled), setting("cosine_steps", None, Some(100.0)));

    let single = training().resume(problem(), Adam::new(0.1).rule::<f32>().unwrap(), &checkpoint);
    assert_eq!(single.map(|_| ()).unwrap_err(), DescentError::Checkpoint(CheckpointError::OtherScalar));

    let folder = Folder::new("start");
    checkpoint.write(folder.file()).unwrap();
    let elsewhere =
        Adam::new(0.1).train(&mut problem(), vec![0.0; 3], &training().checkpoint(folder.file()), |_| ());
    assert_eq!(elsewhere.unwrap_err(), DescentError::Checkpoint(CheckpointError::OtherStart));
}

#[test]
fn a_rule_that_does_not_tell_its_state_is_refused() {
    struct Plain;
    impl UpdateRule<f64> for Plain {
        fn start(&mut self, _: usize) {}
        fn step_into(&mut self, _: &[f64], gradient: &[f64], step: &mut [f64]) {
            step.iter_mut().zip(gradient).for_each(|(step, g)| *step = -0.1 * g);
        }
    }
    let mut walk = Training::new(1, 3).begin(problem(), Plain, start()).unwrap();
    assert_eq!(walk.checkpoint().unwrap_err(), CheckpointError::UnknownRule);
}

#[test]
fn a_place_that_cannot_be_written_to_is_told_before_or_ends_the_training() {
    let folder = Folder::new("place");
    let nowhere = folder.0.join("not/there");
    let training = Training::new(6, 3).checkpoint(&nowhere);
    let error = Adam::new(0.1).train(&mut problem(), start::<f64>(), &training, never);
    assert!(matches!(error, Err(DescentError::Checkpoint(CheckpointError::File { .. }))), "{error:?}");

    let lost = folder.0.join("lost");
    std::fs::create_dir(&lost).unwrap();
    let training = Training::new(6, 3).checkpoint(lost.join("file"));
    let report = Adam::new(0.1)
        .train(&mut problem(), start::<f64>(), &training, |epoch| {
            if epoch.number == 2 {
                std::fs::remove_dir_all(&lost).unwrap();
            }
        })
        .unwrap();
    assert_eq!((report.termination, report.epochs), (Termination::NotSaved, 2));
    assert!(report.to_string().contains("lost"), "the report names the file: {report}");
    assert!(report.not_saved.is_some_and(|error| error.is_not_found()));
}

/// A chain of valleys.
fn chain<S: Scalar>() -> impl HessianProduct<Scalar = S> {
    let f = from_fn(|x: &[S]| {
        let x: Vec<f64> = x.iter().map(|x| x.to_f64()).collect();
        let (mut value, mut gradient) = (0.0, vec![0.0; x.len()]);
        for i in 1..x.len() {
            let (a, b) = (1.0 - x[i - 1], x[i] - x[i - 1] * x[i - 1]);
            value += a * a + 100.0 * b * b;
            gradient[i - 1] += -2.0 * a - 400.0 * x[i - 1] * b;
            gradient[i] += 200.0 * b;
        }
        (S::from_f64(value), gradient.into_iter().map(S::from_f64).collect::<Vec<_>>())
    });
    with_hessian_product(f, |x: &[S], v: &[S], product: &mut [S]| {
        let (x, v) = (|i: usize| x[i].to_f64(), |i: usize| v[i].to_f64());
        product.fill(S::default());
        for i in 1..product.len() {
            let b = x(i) - x(i - 1) * x(i - 1);
            let b_dot = v(i) - 2.0 * x(i - 1) * v(i - 1);
            product[i - 1] += S::from_f64(2.0 * v(i - 1) - 400.0 * (v(i - 1) * b + x(i - 1) * b_dot));
            product[i] += S::from_f64(200.0 * b_dot);
        }
    })
}

/// Stops the method after each number of steps, goes on from what was saved, and compares all that is known at the end.
macro_rules! second_order_methods_go_on {
    ($($name:literal, $method:expr;)*) => {$({
        let method = $method;
        fn run<S: Scalar>() -> Vec<S> {
            [-1.2, 1.0, 0.5, -0.7, 1.3].map(S::from_f64).to_vec()
        }
        macro_rules! of {
            ($scalar:ty) => {
                let uninterrupted = finished(method.walk(chain::<$scalar>(), run()).unwrap());
                let upwards = finished(method.walk_up(Negated(chain::<$scalar>()), run()).unwrap());
                assert_eq!(upwards.0, uninterrupted.0, "{}", $name);
                for interruption in 0..40 {
                    let mut walk = method.walk(chain::<$scalar>(), run()).unwrap();
                    // What has ended goes on as well, but then tries once more.
                    if (0..interruption).any(|_| walk.step().is_break()) {
                        break;
                    }
                    let bytes = walk.checkpoint().unwrap().to_bytes().unwrap();
                    let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
                    let resumed = finished(method.resume(chain::<$scalar>(), &checkpoint).unwrap());
                    assert_eq!(resumed, uninterrupted, "{} after {interruption}", $name);
                    // A second interruption, at once.
                    let mut walk = method.resume(chain::<$scalar>(), &checkpoint).unwrap();
                    assert_eq!(walk.checkpoint().unwrap().to_bytes().unwrap(), bytes, "{}", $name);
                    let mut up = method.walk_up(Negated(chain::<$scalar>()), run()).unwrap();
                    for _ in 0..interruption {
                        let _ = up.step();
                    }
                    let up = up.checkpoint().unwrap();
                    assert_eq!(finished(method.resume(Negated(chain::<$scalar>()), &up).unwrap()), upwards);
                }
            };
        }
        of!(f64);
        of!(f32);
    })*};
}

/// All of a report but the time, as bits.
fn finished<O: Objective, M: Method<O>>(walk: Walk<O, M>) -> (Vec<u64>, u64, u64, [usize; 4], Termination) {
    let report = walk.run();
    let bits = |x: O::Scalar| x.to_f64().to_bits();
    (
        report.x.iter().map(|x| bits(*x)).collect(),
        report.value.to_f64().abs().to_bits(),
        report.gradient_norm.to_bits(),
        [report.iterations, report.evaluations, report.gradient_evaluations, report.hessian_products],
        report.termination,
    )
}

impl<O: HessianProduct> HessianProduct for Negated<O> {
    fn hessian_product_into(&mut self, x: &[O::Scalar], v: &[O::Scalar], product: &mut [O::Scalar]) {
        self.0.hessian_product_into(x, v, product);
        product.iter_mut().for_each(|p| *p = -*p);
    }
}

#[test]
fn quasi_newton_methods_and_their_kin_go_on_bit_for_bit() {
    let known = || Preconditioner::diagonal(vec![1e-3, 2e-3, 1e-3, 3e-3, 5e-3]);
    second_order_methods_go_on! {
        "L-BFGS", Lbfgs::default();
        "L-BFGS, short memory", Lbfgs::default().memory(2).line_search(HagerZhang::default());
        "L-BFGS, known curvature", Lbfgs::default().initial_inverse_hessian(known()).max_evaluations(30);
        "BFGS", Bfgs::default();
        "BFGS, known curvature", Bfgs::default().line_search(Backtracking::default()).initial_inverse_hessian(known());
        "CG", ConjugateGradient::default();
        "CG, known curvature", ConjugateGradient::default().preconditioner(known());
        "steepest descent", SteepestDescent::default().max_iterations(300);
        "Newton-CG", NewtonCg::default();
        "Newton-CG, known curvature", NewtonCg::default().preconditioner(known());
    }
}

#[test]
fn what_was_saved_by_another_quasi_newton_method_is_an_error() {
    let f = || chain::<f64>();
    let start = || vec![-1.2, 1.0, 0.5];
    let mut walk = Lbfgs::default().walk(f(), start()).unwrap();
    for _ in 0..5 {
        assert!(walk.step().is_continue());
    }
    let checkpoint = walk.checkpoint().unwrap();
    let error = |result: Result<(), DescentError>| match result.unwrap_err() {
        DescentError::Checkpoint(error) => error,
        error => panic!("{error}"),
    };
    let setting = |result, expected: &str| match error(result) {
        CheckpointError::OtherSetting { name, .. } => assert_eq!(name, expected),
        error => panic!("{error}"),
    };
    setting(Lbfgs::default().memory(5).resume(f(), &checkpoint).map(|_| ()), "memory");
    setting(
        Lbfgs::default()
            .line_search(StrongWolfe { curvature: 0.8, ..StrongWolfe::default() })
            .resume(f(), &checkpoint)
            .map(|_| ()),
        "strong_wolfe.curvature",
    );
    setting(
        Lbfgs::default()
            .initial_inverse_hessian(Preconditioner::diagonal(vec![1.0; 3]))
            .resume(f(), &checkpoint)
            .map(|_| ()),
        "preconditioner",
    );
    setting(Bfgs::default().resume(f(), &checkpoint).map(|_| ()), "preconditioner");
    assert_eq!(
        error(Lbfgs::default().resume(chain::<f32>(), &checkpoint).map(|_| ())),
        CheckpointError::OtherScalar
    );
    // Of another matrix of the same kind.
    let with = |m: f64| Bfgs::default().initial_inverse_hessian(Preconditioner::diagonal(vec![m; 3]));
    let checkpoint = with(1.0).walk(f(), start()).unwrap().checkpoint().unwrap();
    setting(with(2.0).resume(f(), &checkpoint).map(|_| ()), "preconditioner (checksum)");
    assert!(with(1.0).resume(f(), &checkpoint).is_ok());
    // One that cannot be saved says so.
    let mut walk = LbfgsB::new(vec![-2.0; 3], vec![2.0; 3]).walk(f(), start()).unwrap();
    assert_eq!(walk.checkpoint().unwrap_err(), CheckpointError::UnknownRule);
}
