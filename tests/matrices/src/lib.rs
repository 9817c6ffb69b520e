//! Functions of matrices: the tests are in `tests/`, and here the page of the book.

#![cfg(all(doctest, feature = "nalgebra"))]

#[doc = include_str!("../../../docs/matrices.md")]
struct Matrices;
