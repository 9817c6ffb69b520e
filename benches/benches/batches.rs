//! How much sooner the gradient of a batch is there on two threads than on one: `parallel_batches` beside `batches`.
//!
//! `RUSTFLAGS="-C target-cpu=native" cargo bench -p grad-benches --features rayon --bench batches`, on a machine with two cores
//! that nothing else needs.

use std::hint::black_box;
use std::ops::Range;
use std::time::Instant;

use grad::descent::{BatchObjective, batches, parallel_batches};
use grad_benches::data::Source;
use grad_benches::further::kernels::network;
use rayon::ThreadPoolBuilder;

const PIXELS: usize = 32;
const UNITS: usize = 64;
const CLASSES: usize = 10;
const SAMPLES: usize = 4096;
/// Weights and biases of the first layer, then those of the second.
const ENDS: [usize; 4] = [
    UNITS * PIXELS,
    UNITS * (PIXELS + 1),
    UNITS * (PIXELS + 1) + CLASSES * UNITS,
    UNITS * (PIXELS + 1) + CLASSES * (UNITS + 1),
];
const DIM: usize = ENDS[3];

struct Images {
    pixels: Vec<f64>,
    labels: Vec<usize>,
}

impl Images {
    /// The mean loss over some images and its gradient.
    fn value_and_grad(&self, x: &[f64], batch: &[usize], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let parts = [0..ENDS[0], ENDS[0]..ENDS[1], ENDS[1]..ENDS[2], ENDS[2]..ENDS[3]];
        let [w1, b1, w2, b2] = parts.map(|part: Range<usize>| &x[part]);
        let (w1_bar, rest) = gradient.split_at_mut(w1.len());
        let (b1_bar, rest) = rest.split_at_mut(b1.len());
        let (w2_bar, b2_bar) = rest.split_at_mut(w2.len());
        let share = 1.0 / batch.len() as f64;
        let mut loss = 0.0;
        for &k in batch {
            let image = &self.pixels[k * PIXELS..(k + 1) * PIXELS];
            let label = &self.labels[k..=k];
            loss += network::vjp_add(w1, b1, w2, b2, image, label, share, w1_bar, b1_bar, w2_bar, b2_bar);
        }
        loss * share
    }
}

/// The shortest of a few times, in milliseconds.
fn shortest(turns: &[f64]) -> f64 {
    turns.iter().copied().fold(f64::INFINITY, f64::min)
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn main() {
    let mut source = Source::new(7);
    let x = source.vec(DIM, -0.3, 0.3);
    let images = Images {
        pixels: source.vec(SAMPLES * PIXELS, 0.0, 1.0),
        labels: (0..SAMPLES).map(|k| (k * 7) % CLASSES).collect(),
    };
    let of = |x: &[f64], batch: &[usize], gradient: &mut [f64]| images.value_and_grad(x, batch, gradient);
    let (mut alone, mut shared) = (batches(SAMPLES, of), parallel_batches(SAMPLES, of));
    let pool = ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
    let (mut gradient, mut again) = (vec![0.0; DIM], vec![0.0; DIM]);
    println!("samples   one thread    two threads   speed-up   median of the turns");
    for length in [64, 128, 256, 512, 1024, 2048, 4096] {
        let batch: Vec<usize> = (0..length).map(|k| (k * 1031) % SAMPLES).collect();
        let (mut first, mut second, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..101 {
            let start = Instant::now();
            let value = black_box(alone.value_and_grad_batch_into(&x, &batch, &mut gradient));
            first.push(start.elapsed().as_secs_f64() * 1e3);
            let start = Instant::now();
            let value_again = pool.install(|| shared.value_and_grad_batch_into(&x, &batch, &mut again));
            second.push(start.elapsed().as_secs_f64() * 1e3);
            assert!((value - value_again).abs() < 1e-12 * value, "{value} and {value_again}");
            ratios.push(first[first.len() - 1] / second[second.len() - 1]);
        }
        let apart = gradient.iter().zip(&again).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart < 1e-12, "the gradients are {apart} apart");
        let (first, second) = (shortest(&first), shortest(&second));
        println!(
            "{length:>7} {first:>9.3} ms {second:>11.3} ms {:>10.2} {:>21.2}",
            first / second,
            median(ratios)
        );
    }
}
