//! Functions of matrices: the tests are in `tests/`.
