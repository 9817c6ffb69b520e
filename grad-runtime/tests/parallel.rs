//! The gradient of a batch does not depend on the number of threads, not in a bit.
#![cfg(feature = "rayon")]

use std::collections::BTreeSet;
use std::sync::Mutex;

use grad_runtime::descent::{Adam, BatchObjective, Random, Training, batches, parallel_batches};

const SAMPLES: usize = 3001;
const DIM: usize = 2500;

/// A value and a gradient whose sums round: sparse, so that the test is quick.
fn value_and_grad(x: &[f64], batch: &[usize], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let mut sum = 0.0;
    for &k in batch {
        for j in 0..5 {
            let at = (k * 31 + j * 977) % DIM;
            let error = x[at] - 1.0 / (k as f64 + 0.3);
            gradient[at] += error / batch.len() as f64;
            sum += 0.5 * error * error / batch.len() as f64;
        }
    }
    sum
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn one_two_and_four_threads_give_the_same_bits() {
    let mut random = Random::new(1);
    let start: Vec<f64> = (0..DIM).map(|_| random.normal()).collect();
    let train = |threads| {
        let start = start.clone();
        with_threads(threads, move || {
            let mut objective = parallel_batches(SAMPLES, value_and_grad);
            Adam::new(0.01).train(&mut objective, start, &Training::new(2, 500), |_| ()).unwrap()
        })
    };
    let one = train(1);
    for threads in [2, 4] {
        let more = train(threads);
        assert_eq!(one.value.to_bits(), more.value.to_bits());
        assert_eq!(one.gradient_norm.to_bits(), more.gradient_norm.to_bits());
        assert!(one.x.iter().zip(&more.x).all(|(a, b)| a.to_bits() == b.to_bits()), "{threads} threads");
    }
}

#[test]
fn the_parts_are_the_batch_and_their_mean_is_its_mean() {
    let mut random = Random::new(2);
    let x: Vec<f64> = (0..DIM).map(|_| random.normal()).collect();
    let mut whole = batches(SAMPLES, value_and_grad);
    for length in [1, 7, 8, 9, 63, 64, 65, 500, 513, 3001] {
        let mut batch: Vec<usize> = (0..SAMPLES).collect();
        random.shuffle(&mut batch);
        batch.truncate(length);
        let seen = Mutex::new(Vec::new());
        let mut parallel = parallel_batches(SAMPLES, |x: &[f64], part: &[usize], gradient: &mut [f64]| {
            seen.lock().unwrap().push(part.to_vec());
            value_and_grad(x, part, gradient)
        });
        let (mut gradient, mut expected) = (vec![f64::NAN; DIM], vec![0.0; DIM]);
        let value = parallel.value_and_grad_batch_into(&x, &batch, &mut gradient);
        let expected_value = whole.value_and_grad_batch_into(&x, &batch, &mut expected);
        assert!((value - expected_value).abs() < 1e-14 * expected_value, "{length}");
        assert!(gradient.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15), "{length}");
        let parts = seen.into_inner().unwrap();
        assert!(parts.len() <= 64 && parts.iter().filter(|part| part.len() < 8).count() <= 1);
        let sorted = |samples: &[usize]| samples.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(parts.concat().len(), length);
        assert_eq!(sorted(&parts.concat()), sorted(&batch));
    }
}

#[test]
fn nothing_to_differentiate_and_few_samples_are_no_trouble() {
    let mut constant = parallel_batches(100, |_: &[f64], batch: &[usize], _: &mut [f64]| batch.len() as f64);
    let all: Vec<usize> = (0..100).collect();
    let value = constant.value_and_grad_batch_into(&[], &all, &mut []);
    // Twelve parts of 8 and one of 4.
    assert!((value - (0.96 * 8.0 + 0.04 * 4.0)).abs() < 1e-12, "{value}");
    let mut single = constant.shortest_part(0);
    assert!((single.value_and_grad_batch_into(&[], &all[..5], &mut []) - 1.0).abs() < 1e-15);
}

#[test]
fn nothing_is_allocated_once_the_longest_batch_was_seen() {
    let all: Vec<usize> = (0..SAMPLES).collect();
    // On one thread, so that the counter, which is the thread's own, sees all of it.
    let counts = with_threads(1, || {
        let mut objective = parallel_batches(SAMPLES, value_and_grad);
        let (x, mut gradient) = (vec![0.5; DIM], vec![0.0; DIM]);
        [&all[..], &all[..], &all[..500]].map(|batch| {
            let count = || {
                objective.value_and_grad_batch_into(&x, batch, &mut gradient);
            };
            allocation_counter::measure(count).count_total
        })
    });
    assert!(counts[0] > 0 && counts[1..] == [0, 0], "{counts:?}");
}

#[test]
fn the_first_failure_of_a_batch_is_the_same_for_any_number_of_threads() {
    for threads in [1, 2, 4] {
        let failure = with_threads(threads, || {
            let mut objective =
                parallel_batches(SAMPLES, |x: &[f64], part: &[usize], gradient: &mut [f64]| {
                    match part.iter().find(|k| *k % 700 == 699) {
                        Some(k) => Err(format!("sample {k}")),
                        None => Ok(value_and_grad(x, part, gradient)),
                    }
                });
            let (x, mut gradient) = (vec![0.0; DIM], vec![0.0; DIM]);
            let all: Vec<usize> = (0..SAMPLES).collect();
            assert!(objective.value_and_grad_batch_into(&x, &all, &mut gradient).is_nan());
            let failure = objective.failure();
            assert!(objective.failure().is_none());
            assert!(objective.value_and_grad_batch_into(&x, &all[..600], &mut gradient).is_finite());
            assert!(objective.failure().is_none());
            failure
        });
        assert_eq!(failure.expect("it failed").to_string(), "sample 699");
    }
}
