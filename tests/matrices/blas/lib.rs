//! Nothing: see `benches/arrays.rs`.
