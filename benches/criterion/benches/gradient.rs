//! `cargo bench -p grad-criterion-benches --bench gradient`: every variant of every problem, by criterion.
//!
//! One group a problem, named as in the table of [`problems`]; its members are `primal`, `grad` (generated), `hand`
//! and the runtime libraries. `cargo bench -p grad-criterion-benches --bench gradient -- gmm` measures one group. Times are short, so that the
//! whole takes some minutes; for ratios on a noisy machine take `cargo bench -p grad-benches --bench ratios`, which interleaves the
//! variants.

// The functions are written as people write them.
#![allow(clippy::needless_range_loop)]

use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};

#[path = "../../benches/problems/mod.rs"]
mod problems;

fn gradients(criterion: &mut Criterion) {
    for mut problem in problems::all() {
        problem.check();
        let mut group = criterion.benchmark_group(problem.name);
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(20)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(1));
        for variant in &mut problem.variants {
            group.bench_function(variant.name, |bencher| {
                bencher.iter_custom(|times| {
                    let start = Instant::now();
                    variant.run(times);
                    start.elapsed()
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, gradients);
criterion_main!(benches);
