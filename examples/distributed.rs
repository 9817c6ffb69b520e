//! Logistic regression on several machines: each process has its share of the rows, and MPI adds the gradients up.
//!
//! ```sh
//! cargo build --release --features mpi --example distributed
//! mpirun -np 2 target/release/examples/distributed
//! ```
//!
//! Every process also fits all rows on its own, to compare: the program fails if the two differ by more than 1e-12.

use std::error::Error;

use grad::descent::mpi::traits::{Communicator, CommunicatorCollectives};
use grad::descent::{
    Adam, BatchObjective, GradientDescent, Random, Training, batches, distributed, full_batch, mpi, share,
};
use grad::grad;

const ROWS: usize = 20_000;
const FEATURES: usize = 16;

type Row = [f64; FEATURES];

/// The mean of ln(1 + exp(−y w·x)) over the rows of a batch, which are counted from `first`.
#[grad(wrt(w))]
fn loss(w: &[f64; FEATURES], rows: &[Row], signs: &[f64], first: usize, batch: &[usize]) -> f64 {
    let mut sum = 0.0;
    for &k in batch {
        let row = &rows[k - first];
        let mut margin = 0.0;
        for j in 0..FEATURES {
            margin += w[j] * row[j];
        }
        sum += (-signs[k - first] * margin).exp().ln_1p();
    }
    sum / batch.len() as f64
}

/// Rows around the origin; the sign is that of a noisy linear function.
fn make_rows() -> (Vec<Row>, Vec<f64>) {
    let mut random = Random::new(1);
    let rows: Vec<Row> = (0..ROWS).map(|_| std::array::from_fn(|_| random.normal())).collect();
    let signs = rows.iter().map(|row| {
        (row.iter().zip(1..).map(|(x, j)| x / f64::from(j)).sum::<f64>() + random.normal()).signum()
    });
    let signs = signs.collect();
    (rows, signs)
}

/// The loss over the rows from `first` on.
fn objective<'a>(
    rows: &'a [Row],
    signs: &'a [f64],
    first: usize,
) -> impl BatchObjective<Scalar = f64> + use<'a> {
    batches(ROWS, move |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
        let w: &[f64; FEATURES] = w.try_into().expect("the start has a coordinate for each feature");
        let gradient: &mut [f64; FEATURES] = gradient.try_into().expect("as long as the point");
        loss::grad_into(w, rows, signs, first, batch, gradient)
    })
}

/// A hundred steps over all rows, then three epochs of small batches.
fn fit(mut objective: impl BatchObjective<Scalar = f64>) -> Result<(f64, Vec<f64>), Box<dyn Error>> {
    let steps = GradientDescent::new(1.0).max_iterations(100);
    let begun = steps.minimize(&mut full_batch(&mut objective), vec![0.0; FEATURES])?;
    let report = Adam::new(1e-3).train(&mut objective, begun.x, &Training::new(3, 500).seed(7), |_| ())?;
    Ok((report.value, report.x))
}

fn main() -> Result<(), Box<dyn Error>> {
    let universe = mpi::initialize().ok_or("MPI was initialised before")?;
    let world = universe.world();
    let (rows, signs) = make_rows();
    let (value, w) = {
        // As if only these had been loaded.
        let mine = share(&world, ROWS);
        let objective = objective(&rows[mine.clone()], &signs[mine.clone()], mine.start);
        fit(distributed(objective, &world))?
    };
    let (value_alone, w_alone) = fit(objective(&rows, &signs, 0))?;

    let difference =
        w.iter().zip(&w_alone).map(|(a, b)| (a - b).abs()).fold((value - value_alone).abs(), f64::max);
    if world.rank() == 0 {
        println!("{} processes: loss {value:.15}, first weight {:.15}", world.size(), w[0]);
        println!("one process: loss {value_alone:.15}, first weight {:.15}", w_alone[0]);
        println!("largest difference: {difference:.1e}");
    }
    // Nobody leaves before all have compared.
    world.barrier();
    if difference <= 1e-12 { Ok(()) } else { Err(format!("{difference} is more than 1e-12").into()) }
}
