//! Kernels as people write them, each with its gradient by hand: what `cargo bench -p grad-benches --bench kernels`
//! measures. The older problems, in the forms that the compiler likes best, are in `benches/problems/`.
//!
//! | kernel | is | gradient with respect to |
//! | --- | --- | --- |
//! | `gmm` | log posterior of a Gaussian mixture: k components of dimension d, n points | weights, means, factors of the covariances |
//! | `camera` | weighted reprojection errors of points in cameras with radial distortion | 15 numbers for each two errors (a Jacobian) |
//! | `lstm` | mean log-likelihood of a sequence under l layers of b cells | weights and biases |
//! | `ode` | last component of a system of n equations after s steps of Runge-Kutta | n coefficients |
//! | `kmeans` | squared distances of n points to the nearest of k centroids | centroids |
//! | `det` | determinant by expansion along the rows, a recursion | n² entries |
//! | `least_squares` | squared errors of a polynomial at n points | coefficients |
//! | `log_sum_exp` | ln Σ exp xᵢ | all n |
//! | `network` | mean cross-entropy of a network 32-64-10 over a batch | weights and biases |
//! | `rosenbrock` | Rosenbrock's function, summed over neighbours | all n |
//! | `logistic` | mean logistic loss over n flat rows | weights and bias |
//! | `lennard_jones` | energy of all pairs of n particles | positions |
//!
//! The first six were given, with their gradients by hand ([`given`], kept as they came); [`further`] has the other six. Those by
//! hand are safe Rust, compute the value in the order in which the function does, and allocate what they need
//! themselves; how they come to the gradient is free.

// The functions are written as people write them.
#![allow(clippy::needless_range_loop)]

pub mod data;
pub mod kernel;
pub mod measured;

/// Kernels and gradients that were given: neither their text nor their layout is ours.
#[rustfmt::skip]
#[allow(dead_code, clippy::pedantic, clippy::too_many_arguments)]
pub mod given {
    pub mod by_hand;
    pub mod kernels;
}

/// Kernels of our own, in the same spirit.
pub mod further {
    pub mod by_hand;
    pub mod kernels;
}
