//! The benchmarks are in `benches`; there is nothing here for others.
