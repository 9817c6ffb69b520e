//! Looks for the lowest of many minima, which no method that follows a gradient can promise: the particle swarm of the crate
//! argmin gets the objective through the adapter and finds the valley, and L-BFGS goes to its bottom.
//!
//! `cargo run --release -p global`

#[path = "../../pages/only_help.rs"]
mod only_help;

use std::error::Error;

use argmin::core::{Executor, State};
use argmin::solver::particleswarm::ParticleSwarm;
use grad::adapters::ArgminProblem;
use grad::descent::Lbfgs;
use grad::grad;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Rastrigin's function: a minimum at every point of whole numbers or near it, the lowest at 0.
#[grad]
fn rastrigin(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for x in x {
        sum += x * x + 10.0 * (1.0 - (2.0 * std::f64::consts::PI * x).cos());
    }
    sum
}

const DIM: usize = 4;

const HELP: &str = "\
Many minima: the particle swarm of argmin looks for the lowest valley of Rastrigin's function, and L-BFGS goes to its bottom.

Usage: cargo run --release -p global";

fn main() -> Result<(), Box<dyn Error>> {
    if only_help::only_help(HELP)? {
        return Ok(());
    }
    let start = vec![3.2, -4.1, 2.3, 1.2];
    let alone = Lbfgs::default().minimize(&mut rastrigin::objective(), start)?;
    println!("L-BFGS alone: value {:.6} at {:.4?}", alone.value, alone.x);
    let (swarm, report) = solve(1)?;
    println!("the swarm: value {swarm:.6}");
    println!("L-BFGS from there, at {:?}:\n{report}", report.x);
    Ok(())
}

/// The value that the swarm finds, and what L-BFGS makes of it.
fn solve(seed: u64) -> Result<(f64, grad::descent::Report<f64>), Box<dyn Error>> {
    let within = (vec![-5.0; DIM], vec![5.0; DIM]);
    let swarm = ParticleSwarm::new(within, 60).with_rng_generator(StdRng::seed_from_u64(seed));
    let problem = ArgminProblem::new(rastrigin::objective());
    let result = Executor::new(problem, swarm).configure(|state| state.max_iters(500)).run()?;
    let best = result.state.get_best_param().ok_or("the swarm has found nothing")?;
    let (place, value) = (best.position.clone(), best.cost);
    let report = Lbfgs::default().minimize(&mut rastrigin::objective(), place)?;
    // What came out is judged from outside.
    if !report.termination.converged() || report.value > value || rastrigin(&report.x) != report.value {
        return Err(format!("that is no bottom: {report}").into());
    }
    Ok((value, report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_swarm_finds_the_lowest_valley_from_most_seeds_and_lbfgs_its_bottom() {
        let lowest = (0..10).filter(|&seed| solve(seed).unwrap().1.value < 1e-12).count();
        assert!(lowest >= 7, "{lowest}");
        // From where L-BFGS alone stays in the next one.
        let alone = Lbfgs::default().minimize(&mut rastrigin::objective(), vec![3.2; DIM]).unwrap();
        assert!(alone.termination.converged() && alone.value > 1.0);
    }
}
