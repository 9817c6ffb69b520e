//! Automatic differentiation of plain Rust functions at compile time.
