//! Logistic regression on several machines: each process has its share of the rows, and MPI adds the gradients up.
//!
//! ```sh
//! cargo build --release --features mpi --example distributed
//! mpirun -np 2 target/release/examples/distributed
//! ```
//!
//! Every process also fits all rows on its own, to compare: the program fails if the two differ by more than 1e-12.

#[path = "pages/only_help.rs"]
mod only_help;

use std::error::Error;

use grad::descent::mpi::traits::{Communicator, CommunicatorCollectives};
use grad::descent::{
    Adam, BatchObjective, GradientDescent, Random, Training, batches, distributed, full_batch, mpi, share,
};
use grad::grad;

const ROWS: usize = 20_000;
const FEATURES: usize = 16;

/// The features, and the sign that is to be predicted.
type Row = ([f64; FEATURES], f64);

/// The mean of ln(1 + exp(−y w·x)) over the rows (x, y) of a batch.
#[grad(wrt(w))]
fn loss(w: &[f64; FEATURES], rows: &[Row], batch: &[usize]) -> f64 {
    let mut sum = 0.0;
    for &k in batch {
        let (features, sign) = &rows[k];
        let mut margin = 0.0;
        for j in 0..FEATURES {
            margin += w[j] * features[j];
        }
        sum += (-sign * margin).exp().ln_1p();
    }
    sum / batch.len() as f64
}

/// Rows around the origin; the sign is that of a noisy linear function.
fn make_rows() -> Vec<Row> {
    let mut random = Random::new(1);
    let mut row = || {
        let features: [f64; FEATURES] = std::array::from_fn(|_| random.normal());
        let score = features.iter().zip(1..).map(|(x, j)| x / f64::from(j)).sum::<f64>();
        (features, (score + random.normal()).signum())
    };
    (0..ROWS).map(|_| row()).collect()
}

/// The loss over the rows that are here, which begin with number `first` of all.
fn objective(rows: &[Row], first: usize) -> impl BatchObjective<Scalar = f64> {
    let mut here = Vec::new();
    batches(ROWS, move |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
        let w: &[f64; FEATURES] = w.try_into().expect("the start has a coordinate for each feature");
        let gradient: &mut [f64; FEATURES] = gradient.try_into().expect("as long as the point");
        here.clear();
        here.extend(batch.iter().map(|row| row - first));
        loss::grad_into(w, rows, &here, gradient)
    })
}

/// A hundred steps over all rows, then three epochs of small batches.
fn fit(mut objective: impl BatchObjective<Scalar = f64>) -> Result<(f64, Vec<f64>), Box<dyn Error>> {
    let steps = GradientDescent::new(1.0).max_iterations(100);
    let begun = steps.minimize(&mut full_batch(&mut objective), vec![0.0; FEATURES])?;
    let report = Adam::new(1e-3).train(&mut objective, begun.x, &Training::new(3, 500).seed(7), |_| ())?;
    Ok((report.value, report.x))
}

const HELP: &str = "\
Logistic regression with the rows of the data spread over the processes of MPI, compared with one process that has them all.

Usage: cargo build --release --features mpi --example distributed
       mpirun -np 2 target/release/examples/distributed";

fn main() -> Result<(), Box<dyn Error>> {
    if only_help::only_help(HELP)? {
        return Ok(());
    }
    let universe = mpi::initialize().ok_or("MPI was initialised before")?;
    let world = universe.world();
    let rows = make_rows();
    let (value, w) = {
        // As if only these had been loaded.
        let mine = share(&world, ROWS);
        fit(distributed(objective(&rows[mine.clone()], mine.start), &world))?
    };
    let (value_alone, w_alone) = fit(objective(&rows, 0))?;

    let difference =
        w.iter().zip(&w_alone).map(|(a, b)| (a - b).abs()).fold((value - value_alone).abs(), f64::max);
    if world.rank() == 0 {
        println!("{} process(es): loss {value:.15}, first weight {:.15}", world.size(), w[0]);
        println!("on its own: loss {value_alone:.15}, first weight {:.15}", w_alone[0]);
        println!("largest difference: {difference:.1e}");
    }
    // Nobody leaves before all have compared.
    world.barrier();
    if difference <= 1e-12 { Ok(()) } else { Err(format!("{difference} is more than 1e-12").into()) }
}
